#!/usr/bin/env python3
"""Second, independent verifier of Steward audit packs: Python 3 standard library and verify.py beside it.

    verify_pack.py PACK.zip [--key PUBLIC_KEY ...] [--checkpoint FILE ...]

Written from the format in the package comment of sms/conformity/pack, not from its code, so that nobody need trust one
program. PUBLIC_KEY is the line steward/<id>+<hash>+<base64>, or a file with it; without one the key in the pack is
used, which says nothing of who signed it. FILE is a checkpoint kept outside the system. Prints one JSON object; ends
with 0 when the pack holds, 3 when it does not, 2 when called wrongly.
"""
import argparse, base64, csv, hashlib, io, json, math, os, re, struct, sys, zipfile, zlib

import verify
from verify import need

ALWAYS = ["manifest.note", "manifest.txt", "pack.json", "log/log.gz", "log/proofs.jsonl", "log/log.pub", "conformity.json", "index.html"]
NAME = re.compile(r"[A-Za-z0-9._/-]+")
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z", re.A)
PLAIN = re.compile(r"[a-z_]{1,30}")  # stands in a table as it stands in JSON
SMALLEST = 60  # registers up to this size are in the pack whole


class Fault(Exception):
    def __init__(self, kind, file="", leaf=-1):
        self.found = dict(kind=kind, file=file, leaf=leaf)


def instant(text):
    """Microseconds since 1970 of an RFC 3339 time in UTC."""
    m = RFC3339.fullmatch(text)
    need(m)
    return verify.micros(m[1] + "." + (m[2] or "").ljust(6, "0") + "Z")


def sha(raw):
    return hashlib.sha256(raw).hexdigest()


class Pack:
    def __init__(self, path, keys, outside):
        self.path, self.keys, self.outside = path, keys, outside
        self.zip = self.raw = None
        self.out = dict(kind="", file="", leaf=-1, files=0, records=0, proofs=0, rows=0)

    # The container: two programs must not find different files in it.

    def open(self):
        with open(self.path, "rb") as f:
            self.raw = f.read()
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(self.raw))
        except (zipfile.BadZipFile, ValueError, struct.error, OverflowError, NotImplementedError, UnicodeDecodeError, OSError):
            raise Fault("not_a_pack")
        seen = set()
        for f in self.zip.infolist():
            name = f.orig_filename
            if not NAME.fullmatch(name) or name.startswith(("/", "..")) or os.path.normpath(name) != name:
                raise Fault("layout")
            if name in seen:
                raise Fault("layout", name)
            seen.add(name)
        for name in ALWAYS:
            if name not in seen:
                raise Fault("not_a_pack", name)
        self.layout()

    def layout(self):
        """Byte for byte, the zip is what these files make: no gap, no comment, no time, no mark (APPNOTE.TXT 6.3.10)."""
        at, directory, most = 0, [], 0xFFFFFFFF
        expect = lambda raw, *name: None if self.raw[at:at + len(raw)] == raw else self.fail("layout", *name)
        for f in self.zip.infolist():
            name, begins, how = f.orig_filename.encode(), at, f.compress_type
            if how not in (0, 8):
                raise Fault("layout", f.orig_filename)
            expect(struct.pack("<IHHHIIIIHH", 0x04034B50, 20, 8, how, 0, 0, 0, 0, len(name), 0) + name, f.orig_filename)
            at += 30 + len(name) + f.compress_size
            wide = max(f.compress_size, f.file_size) >= most
            trail = struct.pack("<IIQQ" if wide else "<IIII", 0x08074B50, f.CRC, f.compress_size, f.file_size)
            expect(trail, f.orig_filename)
            at += len(trail)
            sizes, extra = (f.compress_size, f.file_size), b""
            if wide or begins >= most:
                sizes, extra = (most, most), struct.pack("<HHQQQ", 1, 24, f.file_size, f.compress_size, begins)
            directory.append(struct.pack("<IHHHHIIIIHHHHHII", 0x02014B50, 20, 45 if wide else 20, 8, how, 0, f.CRC, *sizes, len(name), len(extra), 0, 0, 0, 0, min(begins, most)) + name + extra)
        n, size, end = len(directory), sum(map(len, directory)), at
        if n >= 0xFFFF or size >= most or at >= most:
            directory.append(struct.pack("<IQHHIIQQQQIIQI", 0x06064B50, 44, 45, 45, 0, 0, n, n, size, at, 0x07064B50, 0, at + size, 1))
            n, size, end = 0xFFFF, most, most
        directory.append(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, n, n, size, end, 0))
        whole = b"".join(directory)
        expect(whole)
        if at + len(whole) != len(self.raw):
            raise Fault("layout")

    @staticmethod
    def fail(*found):
        raise Fault(*found)

    def read(self, name):
        """A file's content; unlike zipfile it insists on the end of what is packed (RFC 1951) and on its length."""
        if name not in self.zip.NameToInfo:
            raise Fault("file_missing", name)
        f = self.zip.NameToInfo[name]
        begins = f.header_offset + 30 + len(name)
        raw = self.raw[begins:begins + f.compress_size]
        if f.compress_type == 8:
            try:
                packed = zlib.decompressobj(-15)
                raw = packed.decompress(raw) + packed.flush()
            except zlib.error:
                raise Fault("file_altered", name)
            if not packed.eof or packed.unused_data:
                raise Fault("file_altered", name)
        if len(raw) != f.file_size or zlib.crc32(raw) != f.CRC:
            raise Fault("file_altered", name)
        return raw

    # Who signed what.

    def signature(self):
        if not self.keys:
            try:
                self.keys = [verify.read_key(self.read("log/log.pub").decode())]
            except ValueError:
                raise Fault("not_a_pack", "log/log.pub")
        self.statement = self.signed_lines(self.read("manifest.note"))
        self.manifest = self.read("manifest.txt")
        s = self.statement
        if len(s) != 4 or not s[0].startswith("built ") or not s[1].startswith("log "):
            raise Fault("bad_statement", "manifest.note")
        if s[3] != "sha256 " + sha(self.manifest):
            raise Fault("manifest_altered", "manifest.txt")

    def signed_lines(self, raw):
        name, ours = "manifest.note", []
        try:
            text = raw.decode()
            body, _, block = text.rpartition("\n\n")
            body += "\n"
            need(text.endswith("\n") and block and len(raw) <= 1_000_000 and not re.search(r"[\x00-\x09\x0b-\x1f]", text))
            for line in block[:-1].split("\n"):
                dash, signer, data = line.split(" ")
                sig = verify.b64(data)
                need(dash == "\u2014" and len(sig) > 4 and signer and "+" not in signer)
                for key in self.keys:
                    if (signer, sig[:4]) == key[:2]:
                        if not verify.signed(key[2], body.encode(), sig[4:]):
                            raise Fault("bad_signature", name)
                        ours.append(signer)
            if not ours:
                raise Fault("other_key", name)
            lines = body[:-1].split("\n")
            need(len(lines) > 1 and lines[0] in ours and lines[1] == "audit-pack")
            return lines[2:]
        except ValueError:
            raise Fault("bad_statement", name)

    def listed(self):
        names, last = {"manifest.txt", "manifest.note"}, ""
        try:
            lines = self.manifest.decode().split("\n")
            need(lines.pop() == "")
        except ValueError:
            raise Fault("bad_statement", "manifest.txt")
        here = set(self.zip.namelist())
        for line in lines:
            digest, two, name = line.partition("  ")
            if not two or name <= last:
                raise Fault("bad_statement", "manifest.txt")
            last = name
            names.add(name)
            if name not in here:
                raise Fault("file_missing", name)
            if sha(self.read(name)) != digest:
                raise Fault("file_altered", name)
            self.out["files"] += 1
        for f in self.zip.infolist():
            if f.filename not in names:
                raise Fault("file_unlisted", f.filename)
        if self.statement[2] != "files %d" % self.out["files"]:
            raise Fault("bad_statement", "manifest.note")

    # The log, and what the pack says it is of.

    def log(self):
        self.bundle = self.read("log/log.gz")
        try:
            found = verify.check(io.BytesIO(self.bundle), self.keys, self.outside)
        except verify.Fault as f:
            raise Fault(f.found["kind"], "log/log.gz", f.found["leaf"])
        self.root, self.leaves = found["root"], found["leaf"]
        newest, window = None, 0
        a = self.about = self.json("pack.json", "not_a_pack")
        try:
            need(a["pack"] == "steward-audit-pack" and a["v"] == 1)
            self.start, self.end = instant(a["from"]), instant(a["to"])
            for shape, v in verify.lines(io.BytesIO(self.bundle)):
                if shape == "pending":
                    raise Fault("log_differs", "pack.json")
                if shape == "checkpoint":
                    newest, _ = verify.read_note(v["note"], self.keys)
                    if newest[2] <= self.start - verify.SKEW:
                        window = newest[0]
            if (a["leaves"], a["root"]) != (self.leaves, self.root) or not newest or newest[0] != self.leaves or a["system"] not in [k[0] for k in self.keys]:
                raise Fault("log_differs", "pack.json")
        except (ValueError, KeyError, TypeError):
            raise Fault("not_a_pack", "pack.json")
        if self.statement[1] != "log %d %s" % (a["leaves"], a["root"]) or self.statement[0] != "built " + a["built"]:
            raise Fault("log_differs", "manifest.note")
        self.window = window

    def json(self, name, kind):
        try:
            return json.loads(self.read(name))
        except ValueError:
            raise Fault(kind, name)

    # What the pages say, against the log.

    def walk(self):
        a = self.about
        if a["window"] != self.window:
            raise Fault("window_differs", "pack.json")
        self.says = {}  # fields of each record all of whose events are there
        self.records, self.touched, self.proved, withheld = {}, {}, [], 0
        for r in a["records"]:
            if r["id"] in self.records:
                raise Fault("record_incomplete", "pack.json")
            self.records[r["id"]] = dict(about=r, events=[], places=[], gone=[])
        for shape, v in verify.lines(io.BytesIO(self.bundle)):
            if shape == "checkpoint":
                continue
            if "head" not in v:
                withheld += v["leaf"] >= self.window
                continue
            h = v["head"]
            if v["leaf"] >= self.window and self.start <= verify.micros(h["occurred_at"]) <= self.end:
                self.touched.setdefault(h["process"], set()).add(h["record"])
            r = self.records.get(h["record"])
            if not r:
                continue
            if r["about"]["process"] != h["process"]:
                raise Fault("record_altered", "pack.json", v["leaf"])
            self.proved.append((v["leaf"], v["hash"]))
            r["places"].append(dict(n=h["n"], leaf=v["leaf"]))
            if shape == "bodiless":
                r["gone"].append(h["n"])
                continue
            body = base64.b64decode(v["body64"]) if "body64" in v else v["body"].encode()
            r["events"].append((h["n"], verify.micros(h["occurred_at"]), body))
        if withheld != a["withheld"] or a["whole"] and withheld:
            raise Fault("window_differs", "log/log.gz")

    def record(self, r):
        about = r["about"]
        name = "records/%s/%s.json" % (about["process"], about["ref"])
        numbers = sorted([p["n"] for p in r["places"]] + about.get("withheld", []))
        if not numbers or numbers != list(range(1, about["events"] + 1)) or r["gone"] != about.get("bodiless", []):
            raise Fault("record_incomplete", name)
        f = self.json(name, "record_altered")
        try:
            want = dict(process=about["process"], ref=about["ref"], id=about["id"], as_of=self.about["to"], events=r["places"], **fold(r["events"], self.end))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            raise Fault("record_altered", name)
        if f != want:
            raise Fault("record_altered", name)
        if not r["gone"] and not about.get("withheld") and any(at <= self.end for _, at, _ in r["events"]):
            self.says[about["id"]] = want["set"]
        self.out["records"] += 1

    def proofs(self):
        name = "log/proofs.jsonl"
        lines = self.read(name).split(b"\n")
        for n, (leaf, leaf_hash) in enumerate(self.proved):
            try:
                p = json.loads(lines[n])
                need(p["leaf"] == leaf and p["hash"] == leaf_hash and n < len(lines) - 1)
                need(rooted(leaf, self.leaves, verify.b64(leaf_hash), [verify.b64(h) for h in p["path"]]) == verify.b64(self.root))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError):
                raise Fault("proof_wrong", name, leaf)
            self.out["proofs"] += 1
        if len(lines) != len(self.proved) + 1 or lines[-1]:
            raise Fault("proof_wrong", name)

    def registers(self):
        listed = set()
        for about in self.about["registers"]:
            if about["process"] in listed:
                raise Fault("register_incomplete", "pack.json")
            listed.add(about["process"])
            self.register(about)
        if set(self.touched) - listed:
            raise Fault("register_incomplete", "pack.json")

    def register(self, about):
        process = about["process"]
        name = "registers/%s.json" % process
        table = "registers/%s.csv" % process
        touched, seen, drawn, ranks = self.touched.get(process, set()), set(), set(), []
        try:
            sheet = list(csv.reader(io.StringIO(self.read(table).decode(), newline=""), strict=True))
        except (ValueError, csv.Error):
            raise Fault("register_altered", table)
        if not sheet or sheet[0][:4] != ["ref", "id", "touched", "drawn"]:
            raise Fault("register_altered", table)
        columns = {c: i for i, c in enumerate(sheet[0])}
        rows = self.json(name, "register_incomplete")
        for at, r in enumerate(rows, 1):
            self.out["rows"] += 1
            if r["id"] in seen or r["touched"] != (r["id"] in touched):
                raise Fault("register_incomplete", name)
            seen.add(r["id"])
            if r["page"] != (r["id"] in self.records) or r["drawn"] and not r["page"]:
                raise Fault("sample_wrong", name)
            if r["drawn"]:
                drawn.add(r["id"])
            yes = lambda b: "true" if b else "false"
            line = sheet[at] if at < len(sheet) else []
            if len(line) != len(columns) or line[:4] != [r["ref"], r["id"], yes(r["touched"]), yes(r["drawn"])]:
                raise Fault("register_altered", table)
            says = self.says.get(r["id"], {})
            for field, value in r["fields"].items():
                text = yes(value) if type(value) is bool else str(value)
                plain = type(value) is bool or type(value) is int and 0 <= value < 10**15 or type(value) is str and PLAIN.fullmatch(value)
                if plain and field in columns and line[columns[field]] != text:
                    raise Fault("register_altered", table)
            for field, value in r["fields"].items():
                if field in says and (says[field] != value or type(says[field]) is not type(value)):
                    raise Fault("register_altered", name)
            ranks.append((hashlib.sha256("\n".join([self.about["seed"], process, r["id"]]).encode()).digest(), r["id"]))
        if len(sheet) != len(rows) + 1:
            raise Fault("register_altered", table)
        if touched - seen or (len(rows), len(touched), len(drawn)) != (about["population"], about["touched"], about["sample"]):
            raise Fault("register_incomplete", name)
        n = len(rows)
        want = n if n <= SMALLEST else max(SMALLEST, math.isqrt(n - 1) + 1)
        if about["sample"] != want:
            raise Fault("register_incomplete", name)
        if {i for _, i in sorted(ranks)[:want]} != drawn:
            raise Fault("sample_wrong", name)

    def check(self):
        self.open()
        self.signature()
        self.listed()
        self.log()
        self.walk()
        for r in self.about["records"]:
            self.record(self.records[r["id"]])
        self.proofs()
        self.registers()
        return self.out


def fold(events, end):
    """What the events make of a record as of an instant."""
    out = dict(set={}, lines={}, versions={})

    def put(m, key, new):
        if new is None:
            m.pop(key, None)
        else:
            m[key] = new
    for n, at, raw in sorted(events, key=lambda e: (e[0] != 1, e[1], e[0])):
        if n != 1 and at > end:
            continue
        b = json.loads(raw)
        for name, pair in b.get("set", {}).items():
            put(out["set"], name, pair[1])
        for kind, changes in b.get("lines", {}).items():
            m = out["lines"].setdefault(kind, {})
            for line, pair in changes.items():
                put(m, line, pair[1])
            if not m:
                del out["lines"][kind]
        version = b.get("version", {})
        if version:
            m = out["versions"].setdefault(str(version.get("number", 1)), {})
            for name, pair in version.items():
                if name != "number":
                    put(m, name, pair[1])
    return out


def rooted(leaf, size, at, path):
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    first, last = leaf, size - 1
    for step in path:
        need(last > 0 and len(step) == 32)
        if first & 1 or first == last:
            at = hashlib.sha256(b"\1" + step + at).digest()
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            at = hashlib.sha256(b"\1" + at + step).digest()
        first, last = first >> 1, last >> 1
    need(last == 0)
    return at


def run(path, keys, outside):
    try:
        return Pack(path, [verify.read_key(k) for k in keys], outside).check()
    except Fault as f:
        return f.found


def main():
    a = argparse.ArgumentParser(usage="verify_pack.py PACK.zip [--key PUBLIC_KEY ...] [--checkpoint FILE ...]")
    a.add_argument("pack")
    a.add_argument("--key", action="append", default=[])
    a.add_argument("--checkpoint", action="append", default=[])
    o = a.parse_args()
    read = lambda p: open(p, encoding="utf-8", newline="").read()
    found = run(o.pack, [read(k) if os.path.exists(k) else k for k in o.key], [read(c) for c in o.checkpoint])
    caveats = []
    if not found["kind"] and not o.checkpoint:
        caveats.append("without a checkpoint kept outside, replacement of the whole log cannot be excluded")
    if not o.key:
        caveats.append("the key in the pack itself was used: who signed it is not known")
    print(json.dumps(dict(found, caveats=caveats)))
    return 3 if found["kind"] else 0


if __name__ == "__main__":
    sys.exit(main())

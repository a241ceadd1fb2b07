#!/usr/bin/env python3
"""Second, independent verifier of Steward log bundles: Python 3 standard library only.

    verify.py BUNDLE --key PUBLIC_KEY [--key ...] [--checkpoint FILE ...]

Written from the format in the package comment of kernel/ledger, not from its code, so that nobody need trust one
program. PUBLIC_KEY is the line steward/<id>+<hash>+<base64>, or a file with it; FILE is a checkpoint kept outside the
system. Prints one JSON object; ends with 0 when the log holds, 3 when it does not, 2 when called wrongly.
"""
import argparse, base64, gzip, hashlib, json, os, re, sys, zlib
from datetime import datetime

SKEW = 300_000_000  # microseconds that an event may lie outside the checkpoints around it
SHAPES = {frozenset(k.split()): v for k, v in {
    "checkpoint note": "checkpoint", "body hash head leaf": "whole", "body64 hash head leaf": "whole",
    "hash head leaf": "bodiless", "hash leaf": "hash", "hash leaf lost": "lost",
    "body head pending": "pending", "body64 head pending": "pending"}.items()}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.A)

# Ed25519 (RFC 8032, 5.1); points in extended coordinates X, Y, Z, T.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, p):
    q = (0, 1, 1, 0)
    while n:
        q, p, n = add(p, q) if n & 1 else q, add(p, p), n >> 1
    return q

def point(raw):
    """The point of these 32 bytes (5.1.3), None where there is none."""
    sign, y = divmod(int.from_bytes(raw, "little"), 1 << 255)
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - xx) % P or y >= P or (sign and not x):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P
BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def signed(public, message, sig):
    a, s = point(public), int.from_bytes(sig[32:], "little")
    if len(sig) != 64 or a is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(sig[:32] + public + message).digest(), "little") % L
    x, y, z, _ = add(times(s, BASE), times(h, (P - a[0], a[1], 1, P - a[3])))
    z = pow(z, -1, P)
    return (y * z % P | (x * z % P & 1) << 255).to_bytes(32, "little") == sig[:32]

class Fault(Exception):
    def __init__(self, kind, leaf=0, checkpoint=0, outside=0, line=0):
        self.found = dict(kind=kind, leaf=leaf, checkpoint=checkpoint, outside=outside, line=line)

def need(ok):
    if not ok:
        raise ValueError("not in form")

def b64(text):
    raw = base64.b64decode(text, validate=True)
    need(base64.b64encode(raw).decode() == text)
    return raw

def micros(text):
    need(TIME.fullmatch(text))
    d = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ") - datetime(1970, 1, 1)
    return (d.days * 86400 + d.seconds) * 1_000_000 + d.microseconds

def read_key(text):
    name, short, data = text.strip().split("+", 2)
    raw = b64(data)
    need(raw[:1] == b"\1" and len(raw) == 33 and hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == short)
    return name, bytes.fromhex(short), raw[1:]

def read_note(text, keys):
    """((size, root, time), None) of a checkpoint signed with one of the keys, or (None, kind of fault)."""
    try:
        body, _, block = text.rpartition("\n\n")
        body, ours = body + "\n", []
        need(text.endswith("\n") and block and not re.search(r"[\x00-\x09\x0b-\x1f]", text))
        for line in block[:-1].split("\n"):
            dash, name, data = line.split(" ")
            raw = b64(data)
            need(dash == "\u2014" and len(raw) > 4 and name and "+" not in name)
            for key in keys:
                if (name, raw[:4]) == key[:2]:
                    if not signed(key[2], body.encode(), raw[4:]):
                        return None, "bad_signature"
                    ours.append(name)
        if not ours:
            return None, "other_key"
        m = re.fullmatch(r"(\S+)\n(0|[1-9][0-9]{0,18})\n(\S{44})\ntime (\S+)\n", body)
        need(m and m[1] in ours)
        return (int(m[2]), b64(m[3]), micros(m[4])), None
    except ValueError:
        return None, "bad_checkpoint"

def canonical(v):  # keys are ASCII here: their order by code points is that by UTF-16 code units
    return json.dumps(v, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

of = lambda kind: lambda x: need(type(x) is kind and x is not False)
typed = lambda v, kinds: [kinds[k](x) for k, x in v.items()]
INT, STR, ID = of(int), of(str), lambda x: need(x is None or UUID.fullmatch(x))
HEAD = dict(actor=ID, at=micros, body_sha256=lambda x: need(re.fullmatch(r"[0-9a-f]{64}", x)), cause=INT, command=STR, door=STR, for_actor=ID, n=INT, occurred_at=micros,
            process=STR, reason=STR, record=ID, revision=INT, seq=INT, v=lambda x: need(x == 1))
LINE = dict(body=STR, body64=b64, checkpoint=INT, hash=lambda x: need(len(b64(x)) == 32), leaf=INT, lost=of(bool),
            head=lambda h: (need(h.keys() == HEAD.keys()), typed(h, HEAD)), note=STR, pending=of(bool))

def lines(path):
    """(shape, object) of each line; Fault where the form of a bundle is left."""
    no, count, ended = 0, dict(checkpoints=0, leaves=0, pending=0), False
    try:
        with gzip.open(path, "rb") as f:
            for no, line in enumerate(f, 1):
                v = json.loads(line)
                need(not ended and canonical(v) + b"\n" == line and (no > 1 or v == {"bundle": "steward-log", "v": 1}))
                if "end" in v:
                    need(v == dict(count, end=True))
                    ended = True
                elif no > 1:
                    shape = SHAPES[frozenset(v)]
                    typed(v, LINE)
                    count[{"checkpoint": "checkpoints", "pending": "pending"}.get(shape, "leaves")] += 1
                    need(shape == "pending" or not count["pending"])
                    yield shape, v
        no += not ended
        need(ended)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, zlib.error):
        raise Fault("bundle_malformed", line=no)

class Log:
    """One pass over a log: the tree as the roots of its complete subtrees, largest first (RFC 6962, 2.1)."""
    def __init__(self, keys, outside):
        self.size, self.roots, self.keys = 0, [], keys
        self.ahead, self.newest, self.seen = [], (0, b"", -2**62), 0
        self.last, self.outside, self.vouched = None, [], 0
        for no, text in enumerate(outside, 1):
            c, kind = read_note(text, keys)
            if kind:
                raise Fault(kind, outside=no)
            self.outside.append((c, no))
        self.outside.sort(key=lambda o: o[0][0])

    def push(self, leaf):
        n = self.size
        while n & 1:
            leaf, n = hashlib.sha256(b"\1" + self.roots.pop() + leaf).digest(), n >> 1
        self.roots.append(leaf)
        self.size += 1

    def root(self):
        r = self.roots[-1] if self.roots else hashlib.sha256().digest()
        for left in reversed(self.roots[:-1]):
            r = hashlib.sha256(b"\1" + left + r).digest()
        return r

    def checkpoint(self, size, text):
        c, kind = read_note(text, self.keys)
        old = self.newest
        if c and (c[0] != size or c[0] < old[0] or c[2] < old[2] or (c[0], c[2]) == (old[0], old[2])):
            kind = "replayed"
        elif c:
            self.newest = c
        self.seen += 1
        self.ahead.append((self.seen, size, c, kind))

    def settle(self):
        """Judge the checkpoints all of whose leaves were read."""
        while self.ahead and self.ahead[0][1] <= self.size:
            no, size, c, kind = self.ahead.pop(0)
            kind = kind or (size < self.size and "bad_checkpoint") or (c[1] != self.root() and "root_mismatch")
            if kind:
                raise Fault(kind, self.last[0] if self.last else 0, checkpoint=no)
            self.last = c
        while self.outside and self.outside[0][0][0] <= self.size:
            c, no = self.outside.pop(0)
            if c[1] != self.root():
                raise Fault("replaced", self.vouched, outside=no)
            self.vouched = c[0]

def check(path, keys, outside):
    log, last_n, unseen = Log(keys, outside), {}, 0
    for shape, v in lines(path):
        if shape == "checkpoint":
            log.checkpoint(v["checkpoint"], v["note"])
            continue
        log.settle()
        h, leaf = v.get("head"), log.size
        early = h and log.last and micros(h["at"]) < log.last[2] - SKEW
        if shape == "pending" and early:
            raise Fault("event_unlogged", leaf)
        if shape == "pending":
            continue
        if v["leaf"] != leaf:
            raise Fault("leaf_missing" if v["leaf"] > leaf else "leaf_order", min(leaf, v["leaf"]))
        log.push(b64(v["hash"]))
        if shape == "lost":
            raise Fault("event_missing", leaf)
        if shape == "hash":
            unseen += 1
            continue
        if shape == "whole":
            body = b64(v["body64"]) if "body64" in v else v["body"].encode()
            if hashlib.sha256(body).hexdigest() != h["body_sha256"]:
                raise Fault("altered", leaf)
        if hashlib.sha256(b"\0" + canonical(h)).digest() != b64(v["hash"]):
            raise Fault("altered", leaf)
        gap = h["n"] - last_n.get(h["record"], 0) - 1
        if not 0 <= gap <= unseen:  # a leaf of which only the hash is kept explains one missing number
            raise Fault("record_order", leaf)
        unseen, last_n[h["record"]] = unseen - gap, h["n"]
        if early or (log.ahead and not log.ahead[0][3] and micros(h["at"]) > log.ahead[0][2][2] + SKEW):
            raise Fault("back_dated", leaf)
    log.settle()
    if log.ahead:
        no, _, _, kind = log.ahead[0]
        raise Fault(kind, log.last[0] if log.last else 0, no) if kind else Fault("truncated", log.size, no)
    if log.outside:
        raise Fault("truncated", log.size, outside=log.outside[0][1])
    return dict(kind="", leaf=log.size, checkpoint=log.seen, root=base64.b64encode(log.root()).decode())

def verify(path, keys, outside):
    try:
        return check(path, [read_key(k) for k in keys], outside)
    except Fault as f:
        return f.found

def main():
    a = argparse.ArgumentParser(usage="verify.py BUNDLE --key PUBLIC_KEY [--checkpoint FILE ...]")
    a.add_argument("bundle")
    a.add_argument("--key", action="append", required=True)
    a.add_argument("--checkpoint", action="append", default=[])
    o = a.parse_args()
    read = lambda p: open(p, encoding="utf-8", newline="").read()
    found = verify(o.bundle, [read(k) if os.path.exists(k) else k for k in o.key], [read(c) for c in o.checkpoint])
    if not found["kind"] and not o.checkpoint:
        found["caveat"] = "without a checkpoint kept outside, replacement of the whole log cannot be excluded"
    print(json.dumps(found))
    return 3 if found["kind"] else 0

if __name__ == "__main__":
    sys.exit(main())

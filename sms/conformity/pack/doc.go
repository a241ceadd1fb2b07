// Package pack makes and proves audit packs (ISO/IEC 20000-1:2018, 9.2, 9.3, 7.5.3): a zip that an
// auditor opens offline in any browser, with the state of every requirement, the documents, the
// registers and the records of a period, and with proofs that nothing in it was altered.
//
// In: a system, the conformity engine, a period, and whoever builds it, whose scope bounds what is
// in it. Out: one file. Into [Verify] goes the file alone, with the public key and the checkpoints
// that were kept outside; what comes out is the first thing that does not hold.
//
// Start at [Build], whose list of sections is the table of contents; then include.go for what gets
// a page of its own, history.go for the log, fold.go for how a record follows from its events, and
// verify.go for the other side.
//
// Always true: what a page says of a record follows from the events in the pack, not from a row; no
// field that is personal data is in it in the clear, only as ciphertext in the events, so that
// erasure holds for packs that were given away; gaps stand before what conforms.
//
// # Format
//
// Everything below can be checked by a program written in another language from this comment and
// that of kernel/ledger (e2e/verifier/verify_pack.py is one). Files, by their names in the zip:
//
//	index.html ...            pages; they need no script and nothing from outside
//	pack.json                 what the pack is of: see [About]
//	conformity.json           the state of every requirement
//	records/P/REF.json        a record as of the instant: see [Folded]
//	registers/P.json          the register of process P: see [Row]
//	registers/P.csv           the same as a table
//	files/SHA256.EXT          a file that was attached to a record in the pack
//	log/log.gz                the log, as a bundle of kernel/ledger
//	log/proofs.jsonl          an inclusion proof of each event of a record in the pack
//	log/log.pub               the public key; compare it with the one you got another way
//	manifest.txt              SHA-256 and name of every other file but the next, as sha256sum prints them, by name
//	manifest.note             a statement (kernel/ledger) of the kind "audit-pack" signed with the key of the log
//
// The zip holds no other files, none twice, and no file has a name that leads out of it. The lines of
// the statement are "built TIME", "log LEAVES ROOT", "files N", "sha256 HEX": the last two of
// manifest.txt, the second the newest checkpoint of log/log.gz, which covers all its leaves.
//
// Times in pack.json are in UTC with at most six digits of a second.
//
// The log is whole: every leaf is there, at least as its hash, so that its root can be worked out
// and compared with any checkpoint that was ever signed. Of the leaves from "window" on, which is
// the size of the newest checkpoint signed at least [Skew] before the period begins (0 where there
// is none), the header is there too, but for "withheld" ones, of which whoever built the pack may
// not know. Of each record in the pack (pack.json, "records") all events are there, numbered from 1
// to "events" without a gap, but for the numbers in "withheld"; and each has a line in
// log/proofs.jsonl, in the order of leaves:
//
//	{"hash":BASE64,"leaf":INT,"path":[BASE64,...]}
//
// where path proves (RFC 6962, 2.1.1) that the hash is that leaf of the tree of all leaves.
//
// A record's "set", "lines" and "versions" follow from its events: those whose occurred_at is not
// later than the instant, and in any case the first; the first before all others, then by
// occurred_at, then by n. Each event's body may have the parts "set" {name: [old, new]}, "lines"
// {kind: {id: [old, new]}} and "version" {name: [old, new], "number": INT}; the new value takes the
// old one's place, null takes it away; without a number the version is 1.
//
// A register's rows and the lines of its table are the same records in the same order; of a record all
// of whose events can be read, a field of its row that its "set" has too is equal to it. In the table,
// words of small letters and underscores, whole numbers without a sign, true and false stand as they
// stand in JSON.
//
// A register lists every record of its process that existed at the instant and was touched in the
// period ("touched": an event of it occurred in the period) or was not closed at the instant. All of
// them are in the pack where there are at most 60; of N more, the sample is the max(60, ceil(sqrt N))
// with the smallest SHA-256 of seed, line feed, process, line feed, id. Others are in it where a
// requirement rests on them.
package pack

// Package ledger is the pure part of the tamper-evident log of a Steward system (ISO/IEC
// 20000-1:2018, 7.5.3: documented information is protected against unintended alteration and loss
// of integrity; 9.2 and 9.3 rest on it): canonical bytes, leaves, one Merkle tree, signed
// checkpoints, and the verifier that says where a log stops holding. It reads no database and no
// clock; the store hands it values and keeps what it returns.
//
// In: events of the history, in the order of their leaves; hashes stored earlier; a signing key.
// Out: leaf and tree hashes to store, signed checkpoints, proofs, bundles, a [Report].
// Start at [Entry], then [Append], then [SignCheckpoint], then [Verify].
// Always true: bytes that are hashed are never produced by a general JSON encoder, and every
// format below can be checked by a program written in another language from this comment alone
// (e2e/verifier/verify.py is one).
//
// # Canonical JSON
//
// RFC 8785, restricted: numbers are integers n with |n| < 2^53 and no sign before zero; every other
// quantity is a string. Keys are unique and ascend by UTF-16 code units. No space between tokens.
// Strings are UTF-8 with exactly these escapes: \" \\ \b \t \n \f \r, and \u00xx in lower case for
// the remaining characters below U+0020. Nesting is at most [MaxDepth].
//
// # Leaf
//
// The data of a leaf is one header:
//
//	{"actor":ID,"at":TIME,"body_sha256":HEX,"cause":INT,"command":TEXT,"door":TEXT,"for_actor":ID,"n":INT,"occurred_at":TIME,"process":TEXT,"reason":TEXT,"record":ID,"revision":INT,"seq":INT,"v":1}
//
// The header is canonical JSON with all fifteen keys and nothing after it. ID is a lower case UUID
// of 36 characters, or null for none. TIME is UTC with six digits of fraction:
// "2026-11-25T08:00:00.000000Z". HEX is the SHA-256 of the event's body, of the very bytes that are
// stored, in 64 lower case digits. So a header stays provable when its body was disposed of or
// erased: who shows it and the hash of the body that is gone shows all that the leaf commits to.
// "v" is the version of this encoding; a change of it is a new number, never a new meaning of an
// old one.
//
// seq is part of the data. It is the database's own number of the event, "cause" points at it, and
// both a move between engines and a backup keep it; therefore renumbering is a change like any
// other. The leaf number is not part of it: the tree fixes that.
//
// The leaf hash is SHA-256(0x00 || data), a node SHA-256(0x01 || left || right), the root of no
// leaves SHA-256 of nothing: the tree of RFC 6962, section 2.1. Stored hashes are numbered as in
// golang.org/x/mod/sumdb/tlog.
//
// # Checkpoint
//
// A signed note (golang.org/x/mod/sumdb/note, algorithm Ed25519; C2SP tlog-checkpoint) of four
// lines: origin, number of leaves, root in standard base64, time.
//
//	steward/3f1c9a
//	20852163
//	CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//	time 2026-11-25T08:00:00.000000Z
//
//	— steward/3f1c9a Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
//
// The key is named after the origin. Other signatures (witnesses) may follow and are ignored here.
//
// # Statement
//
// What else the key of the log vouches for, such as the list of files of an audit pack: a note whose
// first line is the origin and whose second names the kind, beginning with a small letter. So no
// statement can be taken for a checkpoint, nor the other way round.
//
// # Bundle
//
// A gzip file of lines, each a canonical JSON object ending in a line feed (see [WriteBundle]):
//
//	{"bundle":"steward-log","v":1}
//	{"checkpoint":SIZE,"note":TEXT}
//	{"body":TEXT,"hash":BASE64,"head":HEADER,"leaf":INT}
//	{"hash":BASE64,"head":HEADER,"leaf":INT}       the body is archived or was disposed of; the header holds
//	{"hash":BASE64,"leaf":INT}                     nothing but the hash is kept or was exported
//	{"hash":BASE64,"leaf":INT,"lost":true}         a leaf whose event is not there
//	{"body":TEXT,"head":HEADER,"pending":true}     an event that has no leaf yet
//	{"checkpoints":INT,"end":true,"leaves":INT,"pending":INT}
//
// HEADER is the header; "hash" is the stored leaf hash. A body that is not UTF-8 stands under
// "body64" in base64. A body that does not hash to its header's body_sha256 was altered. Leaves ascend from 0. A checkpoint line stands before the leaves it adds, that is
// directly after the leaves of the checkpoint before it, so that a reader needs no second pass.
// Pending events follow the last leaf, then comes the end line and nothing after it.
//
// A line must be exactly the bytes this format gives to its content; readers refuse any other, so
// that two readers cannot understand one line differently.
package ledger

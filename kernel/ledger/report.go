package ledger

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Kind says in which way the log does not hold. The words are stable.
type Kind string

const (
	Altered         Kind = "altered"          // the event does not hash to its leaf
	LeafMissing     Kind = "leaf_missing"     // leaf numbers jump
	LeafOrder       Kind = "leaf_order"       // a leaf number comes again or goes back
	EventMissing    Kind = "event_missing"    // a leaf whose event is not there
	EventUnlogged   Kind = "event_unlogged"   // an event older than the last checkpoint that has no leaf
	RecordOrder     Kind = "record_order"     // n does not ascend by one within a record
	TreeAltered     Kind = "tree_altered"     // a stored tree hash is not that of the leaves
	RootMismatch    Kind = "root_mismatch"    // the leaves are not those the checkpoint was signed for
	BadSignature    Kind = "bad_signature"    // text or signature of a checkpoint was altered
	OtherKey        Kind = "other_key"        // a checkpoint is not signed with a key of this log
	BadCheckpoint   Kind = "bad_checkpoint"   // not the text of a checkpoint, or at the wrong place
	Replayed        Kind = "replayed"         // a signed checkpoint that is not later than the one before it
	BackDated       Kind = "back_dated"       // an event's time is outside its checkpoints' times
	Truncated       Kind = "truncated"        // fewer leaves than a checkpoint was signed for
	Replaced        Kind = "replaced"         // not the log that an outside checkpoint was signed for
	BundleMalformed Kind = "bundle_malformed" // the file is cut or not in the form of a bundle
)

// A Fault is the first position that does not hold.
type Fault struct {
	Kind Kind
	// Leaf is the first leaf at which it shows. Where only a checkpoint tells (its root covers a
	// stretch), the leaves from Leaf to Until-1 are in question.
	Leaf, Until int64
	// Vouched: the leaves before this number are under a checkpoint that held. From there to Leaf
	// nothing was found, but the cause may lie there: a leaf taken out of the last stretch, with all
	// later ones moved up, shows as a log that is too short.
	Vouched    int64
	Seq        int64    // of the event, 0 where unknown
	Record     [16]byte // of the event, zero where unknown
	Checkpoint int      // 1 for the first stored checkpoint, 0 where none is concerned
	Outside    int      // likewise, of Options.Outside in the order given
	Line       int      // of a malformed bundle
	Detail     string   // English, for the log and the terminal
}

func (f *Fault) Error() string {
	where := fmt.Sprintf("leaf %d", f.Leaf)
	if f.Until > f.Leaf+1 {
		where = fmt.Sprintf("leaves %d to %d", f.Leaf, f.Until-1)
	}
	if f.Seq != 0 {
		where += fmt.Sprintf(" (event %d)", f.Seq)
	}
	if f.Checkpoint != 0 {
		where += fmt.Sprintf(", checkpoint %d", f.Checkpoint)
	}
	if f.Outside != 0 {
		where += fmt.Sprintf(", outside checkpoint %d", f.Outside)
	}
	if f.Line != 0 {
		where = fmt.Sprintf("line %d", f.Line)
	}
	if f.Line == 0 && f.Vouched < f.Leaf && (f.Kind == Truncated || f.Kind == RecordOrder) {
		return fmt.Sprintf("%s: %s: %s (the cause may lie as far back as leaf %d, up to which the checkpoints vouch)", where, f.Kind, f.Detail, f.Vouched)
	}
	return where + ": " + string(f.Kind) + ": " + f.Detail
}

// DefaultSkew is how far an event's time may lie outside the times of the checkpoints around its
// leaf: clocks of nodes differ, and a transaction takes time to commit (kernel.md, 10).
const DefaultSkew = 5 * time.Minute

// Options say what a log is checked against.
type Options struct {
	Keys    []note.Verifier // public keys of the log; at least one, several where the key was changed
	Outside []string        // checkpoints (signed notes) that were kept outside the system
	Skew    time.Duration   // 0: DefaultSkew
	Workers int             // goroutines that hash; 0: 2
}

// A Report says how far a log was read and the first position that does not hold.
type Report struct {
	Fault *Fault // nil: the log holds, within the caveats

	Leaves      int64 // read, up to the fault
	Whole       int64 // of these, events whose bytes were hashed
	Bodiless    int64 // of these, events whose body is gone: their header and its hash were checked
	HashOnly    int64 // of these, leaves of which only the hash is kept
	Checkpoints int   // good ones
	Outside     int   // good ones of Options.Outside
	Pending     int64 // events that have no leaf yet
	Root        tlog.Hash
	Last        Checkpoint // the last good stored checkpoint; zero where there is none

	// Caveats are what this verification cannot know, in English sentences.
	Caveats []string
}

// Holds says whether nothing was found.
func (r *Report) Holds() bool { return r.Fault == nil }

func (r *Report) caveats(outsideSize int64, outside int) {
	add := func(form string, args ...any) { r.Caveats = append(r.Caveats, fmt.Sprintf(form, args...)) }
	if outside == 0 {
		add("No checkpoint kept outside the system was given: that the whole log was replaced, or its tail cut, by someone who holds the signing key or restored an older copy cannot be excluded.")
	} else if outsideSize < r.Leaves {
		add("The outside checkpoints vouch for the leaves before %d; those from there on rest on the system's own checkpoints.", outsideSize)
	}
	if r.Last.Size < r.Leaves {
		add("%d leaves after the last checkpoint (of %d leaves) are not signed for yet.", r.Leaves-r.Last.Size, r.Last.Size)
	}
	if r.Bodiless > 0 {
		add("%d events have no body any more (archived or disposed of): what is shown of them holds, what their bodies said is not there.", r.Bodiless)
	}
	if r.HashOnly > 0 {
		add("%d events are not kept (archived or not exported): their hashes hold, what is shown of them is not proved.", r.HashOnly)
	}
	if r.Pending > 0 {
		add("%d events have no leaf yet; they are provable after the next checkpoint.", r.Pending)
	}
}

package conformity

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Run is the keeping of one day's results. It carries their hash, so that its event commits the log
// to every one of them: a result cannot be altered afterwards without the log showing it.
type Run struct {
	record.Header
	Day        record.Date `field:"required,index"`
	Hash       record.Text `field:"required,len=64"` // SHA-256 of the day's rows, as digest writes them
	Leaves     record.Int  `field:""`                // of the log when it was worked out
	Conforms   record.Int  `field:""`                // how many requirements were in each state
	Attested   record.Int  `field:""`
	Vacuous    record.Int  `field:""`
	Stale      record.Int  `field:""`
	Partial    record.Int  `field:""`
	Gap        record.Int  `field:""`
	NoEvidence record.Int  `field:""`
}

// Runs is the process. Only Steward itself makes one.
var Runs = process.Declare(process.Spec[Run]{
	Name: "conformity_run", Prefix: "CRN", Clause: "9.1",
	Doc:    "The keeping of a day's conformity results, with their hash.",
	States: []lifecycle.State{{Name: "kept", Phase: lifecycle.Done}},
	Unique: []string{"day"},
	Grants: access.Table{access.ProcessOwner: "read export", access.Management: "read export", access.Auditor: "read export"},
	Decide: func(r *Run, f *lifecycle.Facts) []lifecycle.Refusal {
		if b, ok := f.Before.(*Run); ok {
			if b.Day != r.Day || b.Hash != r.Hash || b.Leaves != r.Leaves || b.Title != r.Title {
				return lifecycle.Refuse("hash", "fixed", "what was kept of a day is never changed")
			}
			return nil
		}
		if !f.Actor.System {
			return lifecycle.Refuse("", "not_permitted", "Steward keeps the results of a day by itself")
		}
		return nil
	},
})

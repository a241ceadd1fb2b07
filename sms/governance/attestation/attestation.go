// Package attestation is signed statements, for the few requirements that no record of the work can
// decide (ISO/IEC 20000-1:2018, 5.1 f, j and l): that requirements are part of how the business is
// run, that people are steered and backed, that other managers are helped to lead.
//
// In: top management writes what it did, and links the records that show it. Out: a verdict that is
// called attested, not conforms, until the day the statement ends.
//
// Start at [Attestation].
// Always true: only top management signs, and only about requirements that the catalogue leaves to a
// statement; a statement names records that show it, and ends; what was signed does not change.
package attestation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Attestation is one statement about one requirement.
type Attestation struct {
	record.Header
	Requirement record.Text    `field:"required,index,len=20"` // of the catalogue, such as 5.1-06
	Statement   record.Prose   `field:"required,search"`       // what was done, when, by whom
	Until       record.Date    `field:"required,index"`        // the last day on which it stands
	SignedAt    record.Instant `field:"stamp,index"`
	SignedBy    record.ID      `field:"stamp,ref=user"`
	SignedAs    record.Text    `field:"stamp,len=60"` // the role held on that day
	Hash        record.Text    `field:"stamp,len=64"` // SHA-256, in hex, of what was signed
	WithdrawnAt record.Instant `field:"stamp"`
}

// The states.
const (
	Draft     = "draft"
	Signed    = "signed"
	Withdrawn = "withdrawn"
)

// ShownBy is the kind of link to the records that show what is stated.
const ShownBy = "shown_by"

// Process is the declaration.
var Process = process.Declare(process.Spec[Attestation]{
	Name: "attestation", Prefix: "ATT", Clause: "5.1", Stated: true,
	Doc:    "Statements signed by top management about what no record of the work can decide; they end.",
	States: []lifecycle.State{{Name: Draft, Phase: lifecycle.Draft}, {Name: Signed, Phase: lifecycle.Open}, {Name: Withdrawn, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Attestation]{
		{Name: "sign", From: []string{Draft}, To: Signed, Guard: maySign, Then: sign},
		{Name: "withdraw", From: []string{Draft, Signed}, To: Withdrawn, Guard: withWords, Then: func(a *Attestation, f *lifecycle.Facts) { a.WithdrawnAt = record.At(f.Now) }},
	},
	Links: []process.LinkKind{{Name: ShownBy, Inverse: "shows"}},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:withdraw",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read", access.Auditor: "read internal export", access.Approver: "read comment",
	},
	Load: func(ctx context.Context, r process.Reader, a *Attestation, f *lifecycle.Facts) (any, error) {
		if f.Transition != "sign" {
			return 0, nil
		}
		ends, err := r.Links(ctx, a.ID, ShownBy)
		return len(ends), err
	},
	Decide: decide,
	Timer:  over,
})

func decide(a *Attestation, f *lifecycle.Facts) []lifecycle.Refusal {
	before, _ := f.Before.(*Attestation)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if r, ok := catalogue.ByID(string(a.Requirement)); a.Requirement != "" && (!ok || !r.Attested) {
		refuse("requirement", "decided_by_records", "a statement shows nothing where records decide; statements are taken on: "+strings.Join(open(), ", "))
	}
	if before != nil && before.SignedAt != 0 && !f.Replay && (a.Requirement != before.Requirement || a.Statement != before.Statement || a.Until != before.Until || a.Title != before.Title) {
		refuse("statement", "fixed", "what was signed stays: withdraw it and sign another")
	}
	ends := time.Time{}
	if a.State == Signed {
		ends = after(a.Until, f.Zone)
	}
	a.DueAt = 0
	if !ends.IsZero() {
		a.DueAt = record.At(ends)
	}
	if f.Verb == "timer" && !ends.After(f.Now) {
		ends = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "over", At: ends})
	return out
}

func over(a *Attestation, _ string, f *lifecycle.Facts) {
	if a.State == Signed {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{a.SignedBy, a.Owner}, Topic: "attestation_over", Text: "A statement has ended, and is to be renewed: " + string(a.Title)})
	}
}

// open are the requirements that the catalogue leaves to a statement.
func open() []string {
	var out []string
	for _, r := range catalogue.All() {
		if r.Attested {
			out = append(out, r.ID)
		}
	}
	return out
}

// after is the instant at which a last day is over.
func after(d record.Date, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{} // blank: whatever else is stored was read as a date
	}
	return t.AddDate(0, 0, 1)
}

func maySign(a *Attestation, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Replay {
		return nil
	}
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if !f.Actor.Has(access.Management) {
		refuse("signed_by", "not_authorised", "top management signs, a person in the role manager")
	}
	if shown, _ := f.Data.(int); shown == 0 {
		refuse(ShownBy, "required", "link the records that show it (shown_by): a statement alone shows nothing")
	}
	if end := after(a.Until, f.Zone); !end.After(f.Now) {
		refuse("until", "past", "give a day from today on")
	}
	return out
}

func sign(a *Attestation, f *lifecycle.Facts) {
	a.SignedAt, a.SignedBy, a.SignedAs = record.At(f.Now), f.Actor.ID, access.Management
	a.Hash = hash(a)
}

// hash is over what was signed, each part on a line of its own with its length, so that no two
// statements read the same.
func hash(a *Attestation) record.Text {
	h := sha256.New()
	for _, s := range []string{string(a.Title), string(a.Requirement), string(a.Statement), string(a.Until)} {
		fmt.Fprintf(h, "%d\n%s\n", len(s), s)
	}
	return record.Text(hex.EncodeToString(h.Sum(nil)))
}

func withWords(_ *Attestation, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

package document

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Acknowledgement is one person's word that one version of a document was read and understood. It
// pins the version, so that what was acknowledged stays known whatever comes after. The reporter is
// the one who is asked; Steward asks, nobody else does.
type Acknowledgement struct {
	record.Header
	Document       record.ID      `field:"required,ref=document,index"`
	Version        record.Int     `field:"required,index"`
	VersionID      record.Text    `field:"required,len=36"`
	AskedAt        record.Instant `field:"stamp"`
	Due            record.Instant `field:""`
	AcknowledgedAt record.Instant `field:"stamp,index"`
	Remark         record.Text    `field:"len=500"`
}

// The states of an acknowledgement.
const (
	Asked        = "asked"
	Acknowledged = "acknowledged"
	Lapsed       = "lapsed" // a newer version, or the end of the document, took its place
)

// Acknowledgements is the process. The share that has acknowledged version 3 of DOC-1 is the count
// of `document = "DOC-1" and version = 3 and state = "acknowledged"` in the count of
// `document = "DOC-1" and version = 3 and state != "lapsed"`.
var Acknowledgements = process.Declare(process.Spec[Acknowledgement]{
	Name: "acknowledgement", Prefix: "ACK", Clause: "7.5", Shared: true,
	Doc: "Who has read which version of a document, of those who must know it.",
	States: []lifecycle.State{{Name: Asked, Phase: lifecycle.Open}, {Name: Acknowledged, Phase: lifecycle.Done},
		{Name: Lapsed, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Acknowledgement]{
		{Name: "acknowledge", From: []string{Asked}, To: Acknowledged, Guard: ownWord, Then: func(a *Acknowledgement, f *lifecycle.Facts) {
			a.AcknowledgedAt = record.At(f.Now)
		}},
		{Name: "lapse", From: []string{Asked}, To: Lapsed, Guard: bySteward},
	},
	Grants: access.Table{
		access.ProcessOwner: "read comment export do:acknowledge", access.Management: "read export do:acknowledge",
		access.Auditor: "read export do:acknowledge", access.Agent: "read:own do:acknowledge", access.Approver: "read:own do:acknowledge",
		access.Requester: "read:own do:acknowledge", access.CustomerManager: "read:own do:acknowledge",
	},
	Decide: func(a *Acknowledgement, f *lifecycle.Facts) []lifecycle.Refusal {
		before, _ := f.Before.(*Acknowledgement)
		if before == nil {
			if !f.Actor.System && !f.Replay {
				return lifecycle.Refuse("", "made_by_steward", "mark a line of the document's distribution as must_know: Steward asks when a version is approved")
			}
			a.AskedAt = record.At(f.Now)
			f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{a.Reporter}, Topic: "acknowledge", Text: string(a.Title)})
		} else if a.Document != before.Document || a.Version != before.Version || a.VersionID != before.VersionID || a.Reporter != before.Reporter {
			return lifecycle.Refuse("", "fixed", "what was asked of whom stays as it is")
		}
		a.DueAt = 0
		if a.State == Asked {
			a.DueAt = a.Due
		}
		return nil
	},
})

func ownWord(a *Acknowledgement, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Actor.ID != a.Reporter {
		return lifecycle.Refuse("reporter", "not_yours", "only the one who was asked can acknowledge")
	}
	return nil
}

func bySteward(_ *Acknowledgement, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System {
		return lifecycle.Refuse("", "by_steward", "it lapses when a newer version is approved or the document is withdrawn")
	}
	return nil
}

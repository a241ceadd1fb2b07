// Package sample is the drawing of records for an audit (ISO/IEC 20000-1:2018, 9.2): so many records
// of a process and a period, drawn by chance that anybody can repeat, and what the auditor found of
// each.
//
// In: an auditor says what to draw from. Out: the drawn records as rows with a verdict each; an audit
// counts them as what was looked at; a finding is linked where one was made.
//
// Start at [Sample], then draw.go for how records are drawn.
// Always true: who draws sees no more than before, for the population is what they may see; the same
// seed and population draw the same records; what was drawn does not change; nobody draws from, or
// judges, what they run; an auditor from outside touches only their own samples.
package sample

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Sample is one drawing.
type Sample struct {
	record.Header
	Audit     record.ID    `field:"ref=audit,index"`
	Process   record.Text  `field:"required,index,len=60"` // whose records, as the registry names it
	Filter    record.Prose `field:"len=2000"`              // which of them; blank is all
	DateField record.Text  `field:"len=60,default=\"created_at\""`
	From      record.Date  `field:"required"` // the period, both days in it
	To        record.Date  `field:"required"`
	Size      record.Int   `field:"required,min=1,max=500"` // how many are to be drawn
	ByMonth   record.Bool  `field:""`                       // each month of the period with its share
	Seed      record.Text  `field:"len=64"`                 // blank: made by chance when it is drawn
	Summary   record.Prose `field:"search"`                 // what the sample shows

	SeedGiven  record.Bool    `field:"stamp"` // the seed was chosen, not made
	DrawnAt    record.Instant `field:"stamp,index"`
	DrawnBy    record.ID      `field:"stamp,ref=user"`
	AsOf       record.Instant `field:"stamp"`         // the population as it was then
	Query      record.Prose   `field:"stamp"`         // the whole filter of the population
	Population record.Count   `field:"stamp"`         // how many it holds
	Hash       record.Text    `field:"stamp,len=64"`  // SHA-256, in hex, over its sorted ids
	Algorithm  record.Text    `field:"stamp,len=120"` // how was drawn
	Judged     record.Count   `field:"stamp"`         // of the drawn, those with a verdict
	Findings   record.Count   `field:"stamp"`         // of them, those with a finding

	RepeatedAt record.Instant `field:"stamp"`
	Repeated   record.Choice  `field:"stamp,choice=same|differs"` // whether drawing it again drew the same
	RepeatWhy  record.Text    `field:"stamp,len=500"`

	Items []Item `lines:"max=500"`
}

// Item is one drawn record, with what the auditor found of it.
type Item struct {
	record.Line
	Record   record.ID      `field:"stamp,ref=*"`
	Month    record.Text    `field:"stamp,len=7"` // of the period, when drawn by month
	Verdict  record.Choice  `field:"choice=ok|finding|not_applicable"`
	Note     record.Prose   `field:"len=4000"`
	Finding  record.ID      `field:"ref=finding"`
	JudgedAt record.Instant `field:"stamp"`
	JudgedBy record.ID      `field:"stamp,ref=user"`
}

// The states.
const (
	Draft     = "draft"
	Drawn     = "drawn"
	Closed    = "closed"
	Discarded = "discarded"
)

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Sample]{
	Name: "sample", Prefix: "SAM", Clause: "9.2",
	Doc: "Records drawn for an audit: population, seed, what was drawn, and what was found of each.",
	States: []lifecycle.State{{Name: Draft, Phase: lifecycle.Draft}, {Name: Drawn, Phase: lifecycle.Open}, {Name: Closed, Phase: lifecycle.Done},
		{Name: Discarded, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Sample]{
		{Name: "draw", From: in(Draft), To: Drawn, Guard: mayDraw, Then: take},
		{Name: "repeat", From: in(Drawn, Closed), Guard: drawnAgain, Then: compare},
		{Name: "close", From: in(Drawn), To: Closed, Needs: func(s *Sample) []any { return []any{&s.Summary} }, Guard: allJudged},
		{Name: "reopen", From: in(Closed), To: Drawn, Guard: withWords},
		{Name: "discard", From: in(Draft, Drawn), To: Discarded, Guard: withWords}, // it stays on record that it was drawn
	},
	Grants: access.Table{
		access.ProcessOwner: "read comment export", access.Management: "read comment export",
		access.Auditor:         "read create update comment internal link attach export do:*",
		access.ExternalAuditor: "create update do:*",
		access.Agent:           "read",
	},
	Load:   load,
	Decide: decide,
})

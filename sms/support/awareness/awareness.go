// Package awareness is awareness (ISO/IEC 20000-1:2018, 7.3): people who work for the organization
// know the policy, the objectives, the services their work touches, what they contribute, and what
// follows when requirements are not kept.
//
// In: process owners publish modules; publishing asks everybody it is for to confirm. Out:
// confirmations are the evidence; shares are worked out from who is here.
//
// Start at [Module] and [Confirmation].
// Always true: people confirm in their own name only; a confirmation is of one edition of a module.
package awareness

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Module is something that people are to know.
type Module struct {
	record.Header
	Topic       record.Choice  `field:"required,index,choice=policy|objectives|services|contribution|nonconformity"`
	Text        record.Prose   `field:"required,search"`
	About       record.ID      `field:"ref=*"` // the policy, objective or service
	Edition     record.Count   `field:"stamp"`
	PublishedAt record.Instant `field:"stamp"`
}

// Modules is the declaration.
var Modules = process.Declare(process.Spec[Module]{
	Name: "awareness", Prefix: "AWR", Resource: "awareness-modules", Clause: "7.3", Stated: true, Config: true,
	Doc:    "What people who work for the organization are to know; publishing asks each of them to confirm.",
	States: []lifecycle.State{{Name: "draft", Phase: lifecycle.Draft}, {Name: "published", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Module]{
		{Name: "publish", From: []string{"draft", "published"}, To: "", Then: publish},
		{Name: "retire", From: []string{"draft", "published"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "published"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read comment export", access.Agent: "read", access.Auditor: "read export", access.Approver: "read",
	},
	Load: func(ctx context.Context, r process.Reader, m *Module, f *lifecycle.Facts) (any, error) {
		if f.Transition != "publish" {
			return nil, nil
		}
		return r.All(ctx, "user")
	},
})

// publish asks everybody of the provider who is here.
func publish(m *Module, f *lifecycle.Facts) {
	m.State, m.Phase = "published", record.Choice(lifecycle.Open)
	m.Edition++
	m.PublishedAt = record.At(f.Now)
	all, _ := f.Data.([]record.Record)
	for _, r := range all {
		u, ok := r.(*people.User)
		if !ok || !u.Active() || !u.Customer.IsZero() || u.Kind == "service" {
			continue
		}
		set := map[string]json.RawMessage{}
		for k, v := range map[string]any{"title": string(m.Title), "module": m.ID.String(), "assignee": u.ID.String(), "edition": m.Edition} {
			set[k], _ = json.Marshal(v) // text and numbers
		}
		f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "awareness_confirmation", Verb: "create", Set: set})
	}
}

// Confirmation is one person's word that they know a module. The assignee is who is asked.
type Confirmation struct {
	record.Header
	Module      record.ID      `field:"required,ref=awareness,index"`
	Edition     record.Int     `field:"required,min=1,max=1000000"`
	ConfirmedAt record.Instant `field:"stamp"`
}

// Confirmations is the declaration.
var Confirmations = process.Declare(process.Spec[Confirmation]{
	Name: "awareness_confirmation", Prefix: "AWC", Clause: "7.3",
	Doc:    "Words of people that they know what they are to know.",
	States: []lifecycle.State{{Name: "asked", Phase: lifecycle.Open}, {Name: "confirmed", Phase: lifecycle.Done}, {Name: "dropped", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Confirmation]{
		{Name: "confirm", From: []string{"asked"}, To: "confirmed", Guard: func(c *Confirmation, f *lifecycle.Facts) []lifecycle.Refusal {
			if !f.Actor.System && !f.Replay && c.Assignee != f.Actor.ID {
				return lifecycle.Refuse("assignee", "not_yours", "only the person who was asked confirms")
			}
			return nil
		}, Then: func(c *Confirmation, f *lifecycle.Facts) { c.ConfirmedAt = record.At(f.Now) }},
		{Name: "drop", From: []string{"asked"}, To: "dropped"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create export do:*", access.Management: "read export do:confirm", access.Agent: "read:own do:confirm", access.Auditor: "read export do:confirm", access.Approver: "read:own do:confirm",
	},
	Decide: func(c *Confirmation, f *lifecycle.Facts) []lifecycle.Refusal {
		if f.Before == nil && !c.Assignee.IsZero() {
			f.Out.Grants = append(f.Out.Grants, lifecycle.Grant{To: c.Assignee, Why: "asked"})
			f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{c.Assignee}, Topic: "awareness_asked", Text: "Please confirm that you know: " + string(c.Title)})
		}
		return nil
	},
})

// threshold is the share of people, in percent, who must know; due is how long confirming may take.
// Defaults of this product.
const (
	threshold = 95
	due       = 90 * 24 * time.Hour
)

// Checks decide 7.3.
var Checks = []check.Check{
	known("7.3-01", "policy", false), known("7.3-02", "objectives", false), known("7.3-03", "services", false), known("7.3-04", "contribution", true), known("7.3-05", "nonconformity", true),
}

// known asks that of those who are here enough have confirmed the newest edition of each module on
// the topic, within ninety days of its publication; ages says that a confirmation itself grows old.
func known(requirement, topic string, ages bool) check.Check {
	reads := []check.Read{check.Set("awareness"), check.Set("awareness_confirmation"), check.Set("user")}
	return check.Single(requirement, 1, func(f *check.Facts) []catalogue.Member {
		here := map[record.ID]bool{}
		for _, k := range f.Set("user") {
			if u, ok := k.Record.(*people.User); ok && u.Active() && u.Customer.IsZero() && u.Kind != "service" && u.Name != "admin" {
				here[u.ID] = true
			}
		}
		var out []catalogue.Member
		for _, k := range f.Set("awareness") {
			m := k.Record.(*Module)
			if string(m.Topic) != topic || m.State != "published" {
				continue
			}
			said, newest := 0, time.Time{}
			for _, c := range f.Set("awareness_confirmation") {
				x := c.Record.(*Confirmation)
				if x.Module != m.ID || x.Edition.N != int64(m.Edition) || x.ConfirmedAt == 0 || !here[x.Assignee] {
					continue
				}
				said++
				if t := x.ConfirmedAt.Time(); t.After(newest) {
					newest = t
				}
			}
			limit := f.Threshold
			if limit == 0 {
				limit = threshold
			}
			words := fmt.Sprintf("%d of %d people have confirmed edition %d", said, len(here), m.Edition)
			verdict := catalogue.Always(catalogue.Conforms, words)
			if said*100 < limit*len(here) || len(here) == 0 {
				verdict = catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: words + "; there is time until " + m.PublishedAt.Time().Add(due).Format(time.DateOnly)},
					catalogue.Segment{From: m.PublishedAt.Time().Add(due), State: catalogue.Gap, Reason: words + fmt.Sprintf("; %d %% are needed", limit)})
			} else if ages {
				verdict = catalogue.FreshUntil(m.PublishedAt.Time(), f.Interval.Period, "edition")
			}
			out = append(out, check.Found("awareness", k, m.PublishedAt.Time(), verdict, "remind those who have not confirmed, or publish it again"))
		}
		if len(out) == 0 {
			out = append(out, check.Missing("awareness", "module on "+topic, "nothing is published on: "+topic, "publish a module on "+topic))
		}
		return out
	}, reads...)
}

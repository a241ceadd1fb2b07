// Package notice is what those who use services, and the public, are told about a disturbance or a
// planned work (ISO/IEC 20000-1:2018, 7.4 and 8.6.1): a notice has a headline and texts of its own,
// written to be read outside, so that nothing of an incident is shown that was not meant to be.
//
// In: agents write and publish it, often beside a major incident. Out: the status page, its history
// and its feed, and the portal of the customers concerned.
//
// Start at [Notice], then [Process].
// Always true: what is not published is shown to nobody outside; the incident behind a notice is
// never shown with it; a notice that names a customer is that customer's alone.
package notice

import (
	"cmp"
	"slices"
	"strings"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Notice is one disturbance or planned work as it is told outside. Its title is the headline. With a
// customer in its header it is for that customer only; else for all who use one of its services.
type Notice struct {
	record.Header
	Kind        record.Choice  `field:"required,choice=disturbance|outage|maintenance"` // a service works badly, not at all, or is worked on as planned
	Incident    record.ID      `field:"ref=incident"`                                   // where it comes from; never shown outside
	BeganAt     record.Instant `field:"sort"`
	EndedAt     record.Instant `field:"sort"`
	PublishedAt record.Instant `field:"stamp"`
	Services    []Affected     `lines:"max=100"`
	Headlines   []Headline     `lines:"max=4"`
	Updates     []Update       `lines:"max=200"`
}

// Affected is a service that the notice is about.
type Affected struct {
	record.Line
	Service record.ID `field:"required,ref=service"`
}

// Headline is the title in another language.
type Headline struct {
	record.Line
	Language record.Choice `field:"required,choice=en|de|fr|es"`
	Headline record.Text   `field:"required,len=200"`
}

// Update is what was said at an instant. Without a language it is for readers of every language that
// has no text of its own.
type Update struct {
	record.Line
	At       record.Instant `field:""` // blank: when it was written down
	Language record.Choice  `field:"choice=en|de|fr|es"`
	Text     record.Prose   `field:"required,len=4000"`
}

// The states.
const (
	Draft     = "draft"
	Published = "published"
	Ended     = "ended"
	Withdrawn = "withdrawn"
)

// Shown is the filter of what may be seen outside.
const Shown = `state in ("published", "ended")`

// Process is the declaration.
var Process = process.Declare(process.Spec[Notice]{
	Name: "service_notice", Prefix: "SNO", Clause: "8.6.1", Shared: true,
	Doc: "What is told outside about disturbances and planned work of services: the status page and the portals show what is published here, and nothing else of it.",
	States: []lifecycle.State{{Name: Draft, Phase: lifecycle.Draft}, {Name: Published, Phase: lifecycle.Open},
		{Name: Ended, Phase: lifecycle.Done}, {Name: Withdrawn, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Notice]{
		{Name: "publish", From: []string{Draft}, To: Published, Guard: complete, Then: published},
		{Name: "end", From: []string{Published}, To: Ended, Then: ended},
		{Name: "reopen", From: []string{Ended}, To: Published, Then: func(n *Notice, _ *lifecycle.Facts) { n.EndedAt = 0 }},
		{Name: "withdraw", From: []string{Draft, Published, Ended}, To: Withdrawn},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Agent:        "read create update comment internal link attach export do:*",
		access.Management:   "read export", access.Auditor: "read internal export", access.Approver: "read",
	},
	Decide: decide,
})

// complete: nothing goes out that says neither what it is about nor what is the matter.
func complete(n *Notice, _ *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	if len(n.Services) == 0 {
		out = append(out, lifecycle.Refusal{Field: "services", Reason: "required", Mend: "name the services that are concerned"})
	}
	if len(n.Updates) == 0 {
		out = append(out, lifecycle.Refusal{Field: "updates", Reason: "required", Mend: "write what those concerned are to read"})
	}
	return out
}

func published(n *Notice, f *lifecycle.Facts) {
	n.PublishedAt = record.At(f.Now)
	if n.BeganAt == 0 {
		n.BeganAt = n.PublishedAt
	}
}

func ended(n *Notice, f *lifecycle.Facts) {
	if n.EndedAt == 0 {
		n.EndedAt = record.At(f.Now)
	}
}

func decide(n *Notice, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	seen := map[record.ID]bool{}
	for _, s := range n.Services {
		if seen[s.Service] {
			refuse("services["+s.ID.String()+"].service", "twice", "name each service once")
		}
		seen[s.Service] = true
	}
	tongues := map[record.Choice]bool{}
	for _, h := range n.Headlines {
		if tongues[h.Language] {
			refuse("headlines["+h.ID.String()+"].language", "twice", "give one headline a language")
		}
		tongues[h.Language] = true
	}
	for i := range n.Updates {
		u := &n.Updates[i]
		if u.At == 0 {
			u.At = record.At(f.Now)
		}
		if u.At > record.At(f.Now) {
			refuse("updates["+u.ID.String()+"].at", "future", "what is said is said by now; leave it blank")
		}
		if strings.TrimSpace(string(u.Text)) == "" {
			refuse("updates["+u.ID.String()+"].text", "required", "write something, or take the line away")
		}
	}
	if n.EndedAt != 0 && n.BeganAt != 0 && n.EndedAt < n.BeganAt {
		refuse("ended_at", "before_begin", "it ends after it began")
	}
	if n.State == Published || n.State == Ended {
		out = append(out, complete(n, f)...)
		if n.BeganAt == 0 {
			refuse("began_at", "required", "say since when")
		}
	}
	if n.State == Ended && n.EndedAt == 0 {
		refuse("ended_at", "required", "say until when, or reopen it")
	}
	return out
}

// Says is the headline and what was said, newest first, for a reader of lang: a text in that
// language, and where there is none the one for everybody, and else in English or whatever there is.
func (n *Notice) Says(lang string) (string, []Update) {
	headline := string(n.Title)
	for _, h := range n.Headlines {
		if string(h.Language) == lang {
			headline = string(h.Headline)
		}
	}
	for _, want := range []record.Choice{record.Choice(lang), "", "en"} {
		if out := n.in(want); len(out) > 0 {
			return headline, out
		}
	}
	return headline, newestFirst(n.Updates)
}

// in are the updates of one language.
func (n *Notice) in(lang record.Choice) []Update {
	var out []Update
	for _, u := range n.Updates {
		if u.Language == lang {
			out = append(out, u)
		}
	}
	return newestFirst(out)
}

func newestFirst(in []Update) []Update {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b Update) int { return cmp.Compare(b.At, a.At) })
	return out
}

// About reports whether the notice is about the service.
func (n *Notice) About(service record.ID) bool {
	for _, s := range n.Services {
		if s.Service == service {
			return true
		}
	}
	return false
}

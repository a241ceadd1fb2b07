// Package knowledge is knowledge (ISO/IEC 20000-1:2018, 7.6): what those who run the SMS and the
// services need to know, in articles that are written by some, checked by others, found by search,
// and reviewed.
//
// In: agents write down what helped; problems and known errors leave workarounds. Out: articles for
// agents and, where they are public, for customers.
//
// Start at [Article].
// Always true: a published article was approved by somebody who did not write it; what many find
// unhelpful is reviewed.
package knowledge

import (
	"fmt"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Article is one piece of knowledge.
type Article struct {
	record.Header
	Audience    record.Choice  `field:"identity,required,index,choice=agents|everyone|customers"`
	Service     record.ID      `field:"identity,ref=service,index"`
	ReviewEvery record.Period  `field:"identity"`
	ReviewedAt  record.Instant `field:"identity,stamp"`
	Helpful     record.Count   `field:"identity,stamp"`
	Unhelpful   record.Count   `field:"identity,stamp"`
	Body        record.Prose   `field:"search"`
	Symptoms    record.Prose   `field:"search"`
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Article]{
	Name: "knowledge_article", Prefix: "KNO", Clause: "7.6", Versioned: true, Shared: true,
	Doc:    "Articles: what helps, for whom, of which service.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "in_review", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Article]{
		{Name: "helped", Then: func(a *Article, _ *lifecycle.Facts) { a.Helpful++ }, From: []string{"active", "in_review"}},
		{Name: "did_not_help", Then: func(a *Article, _ *lifecycle.Facts) { a.Unhelpful++ }, From: []string{"active", "in_review"}},
		{Name: "question", From: []string{"active"}, To: "in_review"},
		{Name: "review", From: []string{"active", "in_review"}, To: "", Then: func(a *Article, f *lifecycle.Facts) {
			a.State, a.ReviewedAt, a.Helpful, a.Unhelpful = "active", record.At(f.Now), 0, 0
		}},
		{Name: "retire", From: []string{"active", "in_review"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Links: []process.LinkKind{{Name: "helps_with", Inverse: "helped_by"}},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Agent:        "read create update comment internal link attach export approve do:helped do:did_not_help do:question do:review",
		access.Management:   "read comment export approve", access.Auditor: "read internal export", access.Approver: "read comment approve",
	},
})

const inUse = `phase != "void"`

func used(a *Article) bool { return a.Phase != record.Choice(lifecycle.Void) }

// unhelpful is the share of answers, in percent, from which an article is to be reviewed, when there
// are at least five. A default of this product.
const unhelpful, enough = 50, 5

// Checks decide 7.6.
var Checks = []check.Check{
	check.Each(Process, check.Of[Article]{Requirement: "7.6-01", Version: 1, Where: inUse, Member: used, Reads: []check.Read{check.Versions(), check.Set("service"), check.Set("knowledge_article")}, Once: everyService, Decide: reviewed, Mend: "review it, or retire it"}),
	check.Each(Process, check.Of[Article]{Requirement: "7.6-02", Version: 1, Where: inUse, Member: used, Decide: usable, Mend: "say for whom it is and of which service; review what does not help"}),
}

func everyService(f *check.Facts) []catalogue.Member {
	have := map[record.ID]bool{}
	for _, k := range f.Set("knowledge_article") {
		if a := k.Record.(*Article); used(a) && f.InForce(k, f.At) != nil {
			have[a.Service] = true
		}
	}
	var out []catalogue.Member
	for _, k := range f.Set("service") {
		if h := k.Record.Head(); h.State == "live" && !have[h.ID] {
			m := check.Found("service", k, h.CreatedAt.Time(), check.Gap("no article helps with it"), "write an article on the service and have it approved")
			m.Required = true
			out = append(out, m)
		}
	}
	return out
}

func reviewed(a *Article, f *check.Facts) catalogue.Timeline {
	newest := a.ReviewedAt.Time()
	published := false
	for _, c := range f.Versions(a.ID) {
		if c.Version.Status != record.VersionApproved {
			continue
		}
		published = true
		if t := c.Version.DecidedAt.Time(); t.After(newest) {
			newest = t
		}
	}
	if !published {
		return catalogue.Always(catalogue.Vacuous, "it is not published yet")
	}
	every := f.Interval.Period
	if p, err := catalogue.ParsePeriod(string(a.ReviewEvery)); err == nil && !p.IsZero() && a.ReviewEvery != "" {
		every = p
	}
	return catalogue.FreshUntil(newest, every, "review")
}

func usable(a *Article, _ *check.Facts) catalogue.Timeline {
	if all := a.Helpful + a.Unhelpful; all >= enough && a.Unhelpful*100 >= unhelpful*all && a.State != "in_review" {
		return check.Gap(fmt.Sprintf("%d of %d found it unhelpful, and nobody reviews it", a.Unhelpful, all))
	}
	return check.Fields(Process, a, "audience", "service")
}

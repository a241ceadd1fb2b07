package sample

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// known is what a decision needs besides the sample.
type known struct {
	missing    bool   // there is no such process
	wrong      string // what is wrong with the filter
	query      string
	seed       string // made by chance
	population []candidate
	runs       bool               // the actor owns or does the process that is drawn from
	own        map[record.ID]bool // of the drawn records, those that are the actor's own work
}

// asking is what the kernel's reader answers about processes besides their records.
type asking interface {
	Gates(process string) (gates []string, known bool)
	CheckFilter(ctx context.Context, process, filter string) error
}

// field is the field by which the period goes.
func (s *Sample) field() string {
	if s.DateField == "" {
		return "created_at"
	}
	return string(s.DateField)
}

// load reads the population when it is drawn or drawn again, as the one who acts sees it.
func load(ctx context.Context, r process.Reader, s *Sample, f *lifecycle.Facts) (any, error) {
	k := &known{own: map[record.ID]bool{}}
	if s.Process == "" {
		return k, nil
	}
	ask, ok := r.(asking)
	if !ok {
		return nil, errors.New("sample: this reader checks no filters")
	}
	if _, there := ask.Gates(string(s.Process)); !there {
		k.missing = true
		return k, nil
	}
	field := s.field()
	for _, form := range []func(string, *Sample, *time.Location) string{instants, days} { // whichever the field holds
		k.query, k.wrong = form(field, s, f.Zone), ""
		if text := strings.TrimSpace(string(s.Filter)); text != "" {
			k.query = "(" + text + ") and " + k.query
		}
		err := ask.CheckFilter(ctx, string(s.Process), k.query)
		if err == nil {
			break
		}
		var bad *fault.Error
		if !errors.As(err, &bad) {
			return nil, err
		}
		k.wrong = bad.Detail
	}
	if k.wrong != "" {
		return k, nil
	}
	if f.Transition == "draw" || f.Asked("items") {
		if err := k.impartial(ctx, r, s, f); err != nil {
			return nil, err
		}
	}
	if f.Transition != "draw" && f.Transition != "repeat" {
		return k, nil
	}
	at := f.Now
	query := k.query
	if f.Transition == "repeat" {
		at, query = s.AsOf.Time(), string(s.Query)
	} else {
		b := make([]byte, 16)
		_, _ = rand.Read(b) // never fails
		k.seed = hex.EncodeToString(b)
	}
	err := r.Each(ctx, f.Actor, string(s.Process), query, at, []string{"id", field}, func(rec record.Record, cell func(string) record.Cell) error {
		c := candidate{id: rec.Head().ID}
		if s.ByMonth {
			c.month = monthOf(cell(field), f.Zone)
		}
		k.population = append(k.population, c)
		return nil
	})
	return k, err
}

// instants is the filter for the days of the sample over a field that holds instants.
func instants(field string, s *Sample, zone *time.Location) string {
	from, err1 := time.ParseInLocation(time.DateOnly, string(s.From), zone)
	to, err2 := time.ParseInLocation(time.DateOnly, string(s.To), zone)
	if err1 != nil || err2 != nil {
		return field + " is not blank" // a period that is missing is refused as a required field
	}
	return fmt.Sprintf(`%s >= "%s" and %s < "%s"`, field, from.UTC().Format(time.RFC3339), field, to.AddDate(0, 0, 1).UTC().Format(time.RFC3339))
}

// days is the same over a field that holds days.
func days(field string, s *Sample, _ *time.Location) string {
	return fmt.Sprintf(`%s >= "%s" and %s <= "%s"`, field, s.From, field, s.To)
}

// monthOf is the organisation's month of the field by which the period goes.
func monthOf(cell record.Cell, zone *time.Location) string {
	switch c := cell.(type) {
	case *record.Instant:
		return c.Time().In(zone).Format("2006-01")
	case *record.Text: // a day
		return string(*c)[:min(7, len(*c))]
	}
	return ""
}

// impartial finds what of the sample is the actor's own work.
func (k *known) impartial(ctx context.Context, r process.Reader, s *Sample, f *lifecycle.Facts) error {
	described, err := r.All(ctx, "process")
	if err != nil {
		return err
	}
	for _, d := range described {
		n, ok := d.(interface{ Runs() string })
		if h := d.Head(); ok && n.Runs() == string(s.Process) && (h.Owner == f.Actor.ID || h.Assignee == f.Actor.ID) && !f.Actor.ID.IsZero() {
			k.runs = true
		}
	}
	if !f.Asked("items") {
		return nil
	}
	before, _ := f.Before.(*Sample)
	for i := range s.Items {
		it := &s.Items[i]
		if before != nil && i < len(before.Items) && before.Items[i].Verdict == it.Verdict {
			continue
		}
		rec, err := r.Get(ctx, string(s.Process), it.Record)
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		for _, id := range []record.ID{rec.Head().Owner, rec.Head().Assignee, rec.Head().CreatedBy} {
			k.own[it.Record] = k.own[it.Record] || id == f.Actor.ID && !id.IsZero()
		}
	}
	return nil
}

func decide(s *Sample, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Sample)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if before != nil && f.Actor.External && before.CreatedBy != f.Actor.ID {
		refuse("", "not_yours", "an auditor from outside works on their own samples only")
	}
	switch {
	case k.missing:
		refuse("process", "unknown_choice", "give the name of a process, such as incident")
	case k.wrong != "":
		refuse("filter", "bad_query", k.wrong)
	}
	if s.From != "" && s.To != "" && s.To < s.From {
		refuse("to", "before_start", "give a day from the beginning of the period on")
	}
	if before != nil && before.DrawnAt != 0 && !f.Replay {
		for field, same := range map[string]bool{"process": s.Process == before.Process, "filter": s.Filter == before.Filter, "date_field": s.DateField == before.DateField,
			"from": s.From == before.From, "to": s.To == before.To, "size": s.Size == before.Size, "by_month": s.ByMonth == before.ByMonth, "seed": s.Seed == before.Seed} {
			if !same {
				refuse(field, "fixed", "it was drawn: discard it and draw another")
			}
		}
	}
	if f.Transition != "draw" && !f.Replay {
		out = append(out, judged(s, before, k, f)...)
	}
	s.Judged, s.Findings = 0, 0
	for _, it := range s.Items {
		if it.Verdict != "" {
			s.Judged++
		}
		if it.Verdict == "finding" {
			s.Findings++
		}
	}
	return out
}

// judged holds what was drawn, and stamps new verdicts.
func judged(s, before *Sample, k *known, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	was := map[record.ID]*Item{}
	if before != nil {
		for i := range before.Items {
			was[before.Items[i].ID] = &before.Items[i]
		}
	}
	for i := range s.Items {
		it := &s.Items[i]
		at := "items[" + it.ID.String() + "]"
		old := was[it.ID]
		delete(was, it.ID)
		if old == nil {
			out = append(out, lifecycle.Refusal{Field: at, Reason: "drawn_only", Mend: "records come into a sample by the step draw, never by hand"})
			continue
		}
		if it.Verdict == old.Verdict && it.Note == old.Note && it.Finding == old.Finding {
			continue
		}
		if s.State != Drawn {
			out = append(out, lifecycle.Refusal{Field: at, Reason: "fixed", Mend: "reopen the sample first"})
		}
		if k.runs || k.own[it.Record] {
			out = append(out, lifecycle.Refusal{Field: at + ".verdict", Reason: "own_work", Mend: "let somebody judge it who did not do it, and does not run it"})
		}
		if it.Verdict == "finding" && it.Note == "" && it.Finding.IsZero() {
			out = append(out, lifecycle.Refusal{Field: at + ".note", Reason: "required", Mend: "say what was found, or name the finding"})
		}
		it.JudgedAt, it.JudgedBy = record.At(f.Now), f.Actor.ID
		if it.Verdict == "" {
			it.JudgedAt, it.JudgedBy = 0, record.ID{}
		}
	}
	if len(was) > 0 {
		out = append(out, lifecycle.Refusal{Field: "items", Reason: "fixed", Mend: "what was drawn stays; say that a record is not_applicable"})
	}
	return out
}

func mayDraw(s *Sample, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	if k.runs {
		return lifecycle.Refuse("process", "own_work", "you run it: nobody audits their own work")
	}
	if !k.missing && k.wrong == "" && len(k.population) == 0 {
		return lifecycle.Refuse("filter", "nothing_there", "no record of that process and period is there, or none that you may see")
	}
	return nil
}

// take draws, and keeps from what and how.
func take(s *Sample, f *lifecycle.Facts) {
	k := f.Data.(*known)
	s.DrawnAt, s.DrawnBy, s.AsOf = record.At(f.Now), f.Actor.ID, record.At(f.Now)
	s.SeedGiven = s.Seed != ""
	if !s.SeedGiven {
		s.Seed = record.Text(k.seed)
	}
	s.Query, s.Population, s.Hash, s.Algorithm = record.Prose(k.query), record.Count(len(k.population)), record.Text(fingerprint(k.population)), plainly
	if s.ByMonth {
		s.Algorithm = byMonth
	}
	s.Items = nil
	for i, c := range draw(string(s.Seed), k.population, int(s.Size.N), bool(s.ByMonth)) {
		it := Item{Record: c.id, Month: record.Text(c.month)}
		it.ID, it.Pos = record.NewID(f.Now), record.Count(i)
		s.Items = append(s.Items, it)
	}
}

func drawnAgain(s *Sample, _ *lifecycle.Facts) []lifecycle.Refusal {
	if s.DrawnAt == 0 {
		return lifecycle.Refuse("", "not_drawn", "draw it first")
	}
	return nil
}

// compare says whether drawing again draws the same, and if not, where it parts.
func compare(s *Sample, f *lifecycle.Facts) {
	k := f.Data.(*known)
	s.RepeatedAt, s.Repeated, s.RepeatWhy = record.At(f.Now), "same", ""
	if h := fingerprint(k.population); h != string(s.Hash) {
		s.Repeated = "differs"
		s.RepeatWhy = record.Text(fmt.Sprintf("the population of that instant is now %d records, and was %d: records came on record later, or you may see others than who drew it", len(k.population), s.Population))
		return
	}
	again := draw(string(s.Seed), k.population, int(s.Size.N), bool(s.ByMonth))
	for i, c := range again {
		if i >= len(s.Items) || s.Items[i].Record != c.id {
			s.Repeated, s.RepeatWhy = "differs", "the population is the same, and other records are drawn from it"
			return
		}
	}
	if len(again) != len(s.Items) {
		s.Repeated, s.RepeatWhy = "differs", "the population is the same, and another number is drawn from it"
	}
}

func allJudged(s *Sample, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	for _, it := range s.Items {
		if it.Verdict == "" && !f.Replay {
			out = append(out, lifecycle.Refusal{Field: "items[" + it.ID.String() + "].verdict", Reason: "required", Mend: "say what was found of every drawn record"})
		}
	}
	return out
}

func withWords(_ *Sample, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

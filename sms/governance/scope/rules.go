package scope

import (
	"context"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/governance/rhythm"
)

// known is what a decision about a scope needs besides the scope.
type known struct {
	retired map[record.ID]string // services that ended, by name
	other   string               // another scope that is in force, or will be; "" for none
}

// load reads only for the commands that bring a statement into force.
func load(ctx context.Context, r process.Reader, s *Scope, f *lifecycle.Facts) (any, error) {
	k := &known{retired: map[record.ID]string{}}
	if f.Verb != "version_approve" && f.Transition != "reactivate" {
		return k, nil
	}
	services, err := r.All(ctx, "service")
	if err != nil {
		return nil, err
	}
	for _, x := range services {
		if h := x.Head(); h.Phase == record.Choice(lifecycle.Void) {
			k.retired[h.ID] = string(h.Title)
		}
	}
	all, err := r.All(ctx, "scope")
	if err != nil {
		return nil, err
	}
	today := record.Day(f.Now.In(f.Zone))
	for _, x := range all {
		h := x.Head()
		if h.ID == s.ID || h.State != Active {
			continue
		}
		vs, err := r.Versions(ctx, "scope", h.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range vs {
			if v := c.Version; v.Status == record.VersionApproved && (v.EffectiveTo == "" || today < v.EffectiveTo) {
				k.other = string(h.Title)
			}
		}
	}
	return k, nil
}

// alone: one scope is in force and no second.
func alone(_ *Scope, f *lifecycle.Facts) []lifecycle.Refusal {
	if k := f.Data.(*known); k.other != "" {
		return lifecycle.Refuse("state", "another_in_force", "retire "+k.other+" first: one scope is in force at a time")
	}
	return nil
}

func decide(s *Scope, f *lifecycle.Facts) []lifecycle.Refusal {
	before, _ := f.Before.(*Scope)
	var looked *rhythm.Reviewed
	if before != nil {
		looked = &before.Reviewed
	}
	var out []lifecycle.Refusal
	switch f.Verb {
	case "create", "version", "version_update", "version_submit":
		if !f.Replay {
			out = contradictions(s)
		}
	case "version_approve":
		s.Look(f)
	}
	return append(out, s.Keep(s.Head(), looked, s.State == Active, f)...)
}

// contradictions are what no draft may say either.
func contradictions(s *Scope) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	seen := map[record.ID]bool{}
	for _, c := range s.Services {
		if seen[c.Service] {
			out = append(out, lifecycle.Refusal{Field: "services[" + c.ID.String() + "].service", Reason: "twice", Mend: "name a service once"})
		}
		seen[c.Service] = true
	}
	for _, e := range s.Exclusions {
		at := "exclusions[" + e.ID.String() + "].service"
		switch {
		case e.Kind == "service" && e.Service.IsZero():
			out = append(out, lifecycle.Refusal{Field: at, Reason: "required", Mend: "say which service is left out"})
		case e.Kind != "service" && !e.Service.IsZero():
			out = append(out, lifecycle.Refusal{Field: at, Reason: "not_a_service", Mend: "only an exclusion of kind service names one"})
		case !e.Service.IsZero() && seen[e.Service]:
			out = append(out, lifecycle.Refusal{Field: at, Reason: "covered_too", Mend: "a service is covered or left out, not both"})
		}
		if strings.TrimSpace(string(e.Justification)) == "" {
			out = append(out, lifecycle.Refusal{Field: "exclusions[" + e.ID.String() + "].justification", Reason: "required", Mend: "say why it is left out"})
		}
	}
	return out
}

// complete guards the approval: a statement in force says everything that part 3 looks for in one.
func complete(s *Scope, _ *record.Version, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	out := alone(s, f)
	why := s.Reasons()
	ask := func(field string, given bool, mend string) {
		if !given && why[field].Reason == "" {
			out = append(out, lifecycle.Refusal{Field: field, Reason: "required", Mend: mend + ", or why not (blanks." + field + ")"})
		}
	}
	ask("units", s.Units != "", "say which units of the organization belong to it")
	ask("customers", s.Customers != "", "say for whom the services are")
	ask("technology", s.Technology != "", "say with what the services are delivered")
	ask("locations", len(s.Locations) > 0, "name the places from which they are delivered")
	ask("parties", len(s.Parties) > 0, "name other parties that run a part of them")
	must := func(field string, given bool, mend string) {
		if !given {
			out = append(out, lifecycle.Refusal{Field: field, Reason: "required", Mend: mend})
		}
	}
	must("organization", s.Organization != "", "name the organization that manages and delivers the services")
	must("statement", s.Statement != "", "state the scope in a sentence")
	must("services", len(s.Services) > 0, "name the services that it covers")
	if s.Statement != "" && s.Organization != "" && !s.names() {
		out = append(out, lifecycle.Refusal{Field: "statement", Reason: "other_organization", Mend: "name the organization in it as it is written in its own field"})
	}
	for _, c := range s.Services {
		if name := k.retired[c.Service]; name != "" {
			out = append(out, lifecycle.Refusal{Field: "services[" + c.ID.String() + "].service", Reason: "retired", Mend: name + " has ended: take it out"})
		}
	}
	for _, p := range s.Parties {
		if bool(p.Whole) && s.Covers(p.Service) {
			out = append(out, lifecycle.Refusal{Field: "parties[" + p.ID.String() + "].whole", Reason: "run_by_others", Mend: "a service that another party runs from end to end is not ours to claim: leave it out, or say which part is run here"})
		}
	}
	return out
}

// names reports whether the statement names the organization.
func (s *Scope) names() bool {
	fold := func(x string) string { return strings.Join(strings.Fields(strings.ToLower(x)), " ") }
	return strings.Contains(fold(string(s.Statement)), fold(string(s.Organization)))
}

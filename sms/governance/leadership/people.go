package leadership

import (
	"strings"
	"time"

	"steward/kernel/people"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/governance/attestation"
	"steward/sms/governance/authority"
	"steward/sms/governance/risk"
	"steward/sms/improvement/improvement"
	"steward/sms/support/communication"
)

var byPeople = []check.Check{
	check.Single("5.1-03", 1, authorised, append([]check.Read{check.Set("risk_criteria"), check.Set("approval_policy")}, authority.Reads...)...),
	attestation.Attested("5.1-06", 1, func(e check.End) bool { return e.Process == "process" || e.Process == "document" }, "the processes of the SMS, or documents of the business, that show it", nil),
	check.Single("5.1-08", 1, told, check.Set("communication"), check.Set(check.Users)),
	attestation.Attested("5.1-10", 1, nil, "records that show it", supported, check.Set("improvement"), check.Set("nonconformity")),
	check.Single("5.1-11", 1, promoted, check.Set("improvement"), check.Set(check.Users)),
	attestation.Attested("5.1-12", 1, nil, "records that show it", signed, check.Set("sms_role"), check.Set("appointment")),
}

// decisions are what somebody must have the authority to decide.
var decisions = []struct {
	name  record.Choice
	title string
}{
	{"change_approval", "approval of changes"}, {"risk_acceptance", "acceptance of risks"}, {"policy_approval", "approval of policies"},
	{"release_approval", "approval of releases"}, {"contract_approval", "approval of contracts"},
}

// authorised: somebody holds a role that may decide each kind of thing; and whom the criteria for
// risks and the policies of approval in force ask for is there too.
func authorised(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, d := range decisions {
		holders := authority.Holders(f, func(r *authority.Role) bool {
			for _, a := range r.Authorities {
				if a.Decides == d.name {
					return true
				}
			}
			return false
		})
		out = append(out, authority.Held(d.title, holders, string(d.name), "give a role the authority for it ("+string(d.name)+"), and have top management appoint somebody to it"))
	}
	roles := map[string]bool{}
	for _, u := range f.Staff() {
		for _, r := range u.RolesOn(f.Day(f.At)) {
			roles[r] = true
		}
	}
	vacant := func(set string, named func(record.Record) []string) {
		for _, k := range f.Set(set) {
			c := f.InForce(k, f.At)
			if c == nil || k.Record.Head().State != "active" {
				continue
			}
			verdict := check.Holds()
			var nobody []string
			for _, r := range named(c.Record) {
				if !roles[r] {
					nobody = append(nobody, r)
				}
			}
			if len(nobody) > 0 {
				verdict = check.Gap("nobody holds the role it asks for: " + strings.Join(nobody, ", "))
			}
			out = append(out, check.Found(set, k, c.Version.DecidedAt.Time(), verdict, "give somebody the role, or approve a version that asks for another"))
		}
	}
	vacant("risk_criteria", func(r record.Record) (names []string) {
		for _, a := range r.(*risk.Criteria).Authorities {
			names = append(names, string(a.Role))
		}
		return names
	})
	vacant("approval_policy", func(r record.Record) (names []string) {
		for _, s := range r.(*people.ApprovalPolicy).Stages {
			if s.Who == "role" {
				names = append(names, string(s.Role))
			}
		}
		return names
	})
	return out
}

// told: within the interval somebody of top management told people why the SMS matters.
func told(f *check.Facts) []catalogue.Member {
	m := check.Newest(f, "communication", "communication of top management on why the SMS matters", "have top management send one of topic sms_importance", func(r record.Record) time.Time {
		l := r.(*communication.Line)
		newest := time.Time{}
		for _, s := range l.Sent {
			if t := s.At.Time(); l.Topic == "sms_importance" && t.After(newest) && f.Top(s.By, t) {
				newest = t
			}
		}
		return newest
	})
	return []catalogue.Member{m}
}

// promoted: within the interval somebody of top management approved an improvement.
func promoted(f *check.Facts) []catalogue.Member {
	return []catalogue.Member{check.Newest(f, "improvement", "improvement that top management approved", "have top management decide on an improvement", func(r record.Record) time.Time {
		if i := r.(*improvement.Improvement); i.Phase != void && f.Top(i.ApprovedBy, i.ApprovedAt.Time()) {
			return i.ApprovedAt.Time()
		}
		return time.Time{}
	})}
}

// supported: each improvement and nonconformity that is being worked on has somebody who is here.
func supported(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, set := range []string{"improvement", "nonconformity"} {
		for _, k := range f.Set(set) {
			h := k.Record.Head()
			if h.Phase == "open" && h.State != improvement.Proposed && !f.Here(h.Owner) {
				out = append(out, check.Found(set, k, h.UpdatedAt.Time(), check.Gap("nobody who is here carries it"), "name who carries it out"))
			}
		}
	}
	return out
}

// signed: process owners were appointed, each by top management.
func signed(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	roles := authority.InForce(f)
	for _, k := range f.Set("appointment") {
		a := k.Record.(*authority.Appointment)
		if r := roles[a.Role]; r == nil || r.Kind != "process_owner" || a.State != authority.Accepted && a.State != authority.Appointed {
			continue
		}
		verdict := check.Holds()
		if !authority.ByTop(f, a) {
			verdict = check.Gap("top management did not make this appointment")
		}
		out = append(out, check.Found("appointment", k, a.AppointedAt.Time(), verdict, "end it, and have top management appoint the owner"))
	}
	if len(out) == 0 {
		out = append(out, check.Missing("appointment", "process owners", "top management appointed no process owner", "have top management appoint the owners of processes"))
	}
	return out
}

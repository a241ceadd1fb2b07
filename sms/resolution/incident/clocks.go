package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/agreement/calendars"
	"steward/sms/agreement/level"
)

type jsonRaw = json.RawMessage

func quote(s string) jsonRaw { return record.AppendString(nil, s) }

// promise finds what was agreed. A clock that runs keeps the versions it is pinned to while the
// same customer and service are concerned; only retargeting takes those in force now.
func (k *known) promise(ctx context.Context, r process.Reader, i *Incident, f *lifecycle.Facts, day record.Date) error {
	if i.Customer.IsZero() && k.reporter != nil {
		i.Customer = k.reporter.Head().Customer
	}
	if f.Verb == "retarget" {
		day = record.Day(f.Now.In(f.Zone))
	} else {
		for _, c := range f.Clocks {
			if !strings.HasPrefix(c.Key, pinKey(i)) || c.Agreement.IsZero() {
				continue
			}
			var err error
			if k.terms, err = level.Pinned(ctx, r, c.Agreement, c.AgreementVersion); err != nil {
				return err
			}
			if k.terms.Agreement == nil {
				break
			}
			if k.hours, err = calendars.Version(ctx, r, c.Calendar, c.CalendarVersion); err != nil {
				return err
			}
			k.hoursV = &record.Version{ID: c.CalendarVersion}
			return nil
		}
	}
	var err error
	if k.terms, err = level.For(ctx, r, i.Customer, i.Service, day); err != nil || k.terms.Agreement == nil {
		return err
	}
	k.hours, k.hoursV, err = calendars.InForce(ctx, r, k.terms.Agreement.Calendar, day)
	return err
}

func pinKey(i *Incident) string { return i.Customer.String() + "/" + i.Service.String() + "/" }

// clocks are the promises for the incident as it stands: response until somebody of ours answers
// or begins, resolution until service is restored. Both pause while it waits.
func clocks(i *Incident, f *lifecycle.Facts) []lifecycle.ClockSpec {
	k := f.Data.(*known)
	if k.terms.Agreement == nil || k.hours == nil || !i.Priority.Set {
		return nil
	}
	var out []lifecycle.ClockSpec
	for _, kind := range []string{"response", "resolution"} {
		line, target, ok := k.terms.Target(kind, i.Priority.N)
		if !ok {
			continue
		}
		s := lifecycle.ClockSpec{Kind: kind, Key: pinKey(i) + fmt.Sprint(i.Priority.N), Target: target, From: i.OpenedAt.Time(),
			Line: line.ID, Agreement: k.terms.Agreement.ID, AgreementVersion: k.terms.Version.ID,
			Calendar: k.terms.Agreement.Calendar, CalendarVersion: k.hoursV.ID, Hours: k.hours}
		if kind == "response" {
			s.Ended = i.FirstResponseAt.Time()
		}
		out = append(out, s)
	}
	return out
}

// timer is what time causes: warning, breach with escalation, closing by itself, and the reminders
// of a major incident.
func timer(i *Incident, key string, f *lifecycle.Facts) {
	tell := func(topic, text string, more ...lifecycle.Notice) {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{i.Assignee, i.Owner}, Team: i.Team, Topic: topic, Text: text})
		f.Out.Notices = append(f.Out.Notices, more...)
	}
	switch {
	case strings.HasPrefix(key, "clock:") && strings.HasSuffix(key, ":warned"):
		tell("sla_warning", fmt.Sprintf("Three quarters of the time for %s are used: %s", strings.Split(key, ":")[1], i.Title))
	case strings.HasPrefix(key, "clock:") && strings.HasSuffix(key, ":breached"):
		i.EscalatedAt = record.At(f.Now)
		i.EscalationLevel++
		tell("sla_breached", fmt.Sprintf("Late for %s: %s", strings.Split(key, ":")[1], i.Title),
			lifecycle.Notice{Role: "process_owner", Topic: "sla_breached", Text: "Late: " + string(i.Title)})
	case key == "close":
		if i.State != Resolved {
			return
		}
		if bool(i.Major) && i.MajorReviewedAt == 0 {
			tell("review_missing", "This major incident waits for its review before it can close: "+string(i.Title))
			return
		}
		f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "incident", Record: i.ID, Verb: "transition", Name: "close", Reason: "no answer in time after it was resolved"})
	case key == "major_update":
		if bool(i.Major) && (i.Phase == "open" || i.Phase == "waiting") {
			tell("update_due", "Those affected wait for the next update: "+string(i.Title), lifecycle.Notice{To: []record.ID{i.MajorLead}, Topic: "update_due", Text: "The next update is due: " + string(i.Title)})
		}
	}
}

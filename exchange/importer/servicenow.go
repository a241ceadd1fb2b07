package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"steward/exchange/servicenow"
	"steward/exchange/table"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
)

// servicenow takes the audit log of ServiceNow incidents: one incident with one event for each of
// its snapshots, at the snapshot's own time.
func (in *intake) servicenow(ctx context.Context, r io.Reader) error {
	p := in.sys.Registry.Process("incident")
	if p == nil {
		return errors.New("this Steward keeps no incidents")
	}
	t, err := table.Open(r, in.opt.Name, table.Options{Encoding: in.opt.Encoding})
	if err != nil {
		return err
	}
	defer t.Close()
	l, err := servicenow.Open(t, servicenow.Options{Zone: in.opt.Zone, Columns: in.opt.Columns}, func(x servicenow.Problem) {
		if x.Dropped {
			in.report.refuse(Refused{Line: x.Line, Column: x.Header, Reason: x.Reason, Mend: x.Mend})
			return
		}
		in.odd(x)
	})
	if err != nil {
		return err
	}
	var held []*servicenow.Incident
	work := func() error {
		if err := in.replayIncidents(ctx, p, held); err != nil {
			return err
		}
		held = held[:0]
		return in.flush(ctx)
	}
	for {
		i, err := l.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		held = append(held, &i)
		if len(held) == batch {
			if err := work(); err != nil {
				return err
			}
		}
	}
	if err := work(); err != nil {
		return err
	}
	in.agreement(l.Summary())
	in.tell(true)
	return nil
}

// odd counts what is kept but reported, by its reason.
func (in *intake) odd(x servicenow.Problem) {
	if in.oddities == nil {
		in.oddities = map[string]int{}
		in.oddFirst = map[string]string{}
	}
	in.oddities[x.Reason]++
	if in.oddities[x.Reason] == 1 {
		in.oddFirst[x.Reason] = x.Error()
	}
}

// agreement says how far the log's own counters agree with what its rows show, since Steward
// counts from the rows.
func (in *intake) agreement(s servicenow.Summary) {
	say := func(name string, a servicenow.Agreement) {
		in.report.Notes = append(in.report.Notes, fmt.Sprintf("%s: the log's own count agrees with its rows in %d incidents, says more in %d, less in %d",
			name, a.Agree, a.DeclaredMore, a.SeenMore))
	}
	say("reassignments", s.Reassignments)
	say("reopenings", s.Reopens)
	say("modifications", s.SysMods)
	for reason, n := range in.oddities {
		in.report.Notes = append(in.report.Notes, fmt.Sprintf("%s: %d times; the first: %s", reason, n, in.oddFirst[reason]))
	}
}

// replayIncidents plans a chunk of incidents after making the people and teams they name.
func (in *intake) replayIncidents(ctx context.Context, p *process.Process, held []*servicenow.Incident) error {
	keys := make([]string, len(held))
	for i, x := range held {
		keys[i] = x.Number
	}
	known, err := in.sys.Known(ctx, in.sourceName(), keys)
	if err != nil {
		return err
	}
	var take []*servicenow.Incident
	from := map[string]int{}
	for _, x := range held {
		old := known[x.Number]
		if old == nil {
			take = append(take, x)
			continue
		}
		n, ok := prefix(string(old.Digest), x)
		switch {
		case !ok:
			in.report.refuse(Refused{Line: x.Snapshots[0].Line, Column: "number", Reason: "history_differs", Mend: x.Number + " was imported with other rows; what was taken is never rewritten"})
		case n == len(x.Snapshots):
			in.report.Unchanged++
		default:
			from[x.Number] = n
			take = append(take, x)
		}
	}
	if err := in.people(ctx, take); err != nil {
		return err
	}
	for _, x := range take {
		past := &system.Past{Source: in.sourceName(), Key: x.Number, Digest: digest(x, len(x.Snapshots)), Record: record.NewID(in.sys.Now())}
		start := from[x.Number]
		if start > 0 {
			past.Record = known[x.Number].Record
		}
		for k := start; k < len(x.Snapshots); k++ {
			past.Commands = append(past.Commands, in.step(p, x, k, past.Record))
		}
		if err := in.take(ctx, &planned{past: past, line: x.Snapshots[0].Line, rows: len(x.Snapshots)}); err != nil {
			return err
		}
	}
	return nil
}

// digest is how many snapshots were taken, and a hash of them.
func digest(x *servicenow.Incident, n int) string {
	h := sha256.New()
	var b []byte
	for _, s := range x.Snapshots[:n] {
		b = b[:0]
		for _, v := range []string{s.SourceState, s.UpdatedBy, s.Group, s.Assignee, s.Caller, s.ContactType, s.Location, s.Category,
			s.Subcategory, s.Symptom, s.CI, s.ProblemID, s.RFC, s.Vendor, s.CausedBy} {
			b = append(append(b, v...), 0)
		}
		for _, n := range []int64{s.At.Unix(), int64(s.Impact), int64(s.Urgency), int64(s.Priority), int64(s.ReassignmentCount), int64(s.ReopenCount), int64(s.SysModCount)} {
			b = append(strconv.AppendInt(b, n, 10), 0)
		}
		_, _ = h.Write(b)
	}
	return strconv.Itoa(n) + ":" + hex.EncodeToString(h.Sum(nil)[:16])
}

// prefix reports how many snapshots were taken earlier, if they are still the first ones.
func prefix(d string, x *servicenow.Incident) (int, bool) {
	count, _, ok := strings.Cut(d, ":")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n > len(x.Snapshots) {
		return 0, false
	}
	return n, digest(x, n) == d
}

// people makes the users and teams that the incidents name and that are not here yet.
func (in *intake) people(ctx context.Context, xs []*servicenow.Incident) error {
	var past []*system.Past
	want := func(name, title string) error {
		if title == "" {
			return nil
		}
		key := name + "\x00" + title
		if _, ok := in.refs[key]; ok {
			return nil
		}
		set := map[string]json.RawMessage{"title": record.AppendString(nil, title), "external_source": record.AppendString(nil, in.sourceName()),
			"external_id": record.AppendString(nil, title)}
		text := title
		if name == "user" {
			text = slug(title)
			set["name"] = record.AppendString(nil, text)
		}
		id, err := in.sys.Lookup(ctx, in.actor, name, text)
		if err != nil {
			return err
		}
		if id.IsZero() {
			id = record.NewID(in.sys.Now())
			past = append(past, &system.Past{Record: id, Commands: []lifecycle.Command{{Process: name, Verb: "create", ID: id, Door: "import", Set: set}}})
		}
		in.refs[key] = id
		return nil
	}
	for _, x := range xs {
		for _, n := range []string{x.Caller, x.OpenedBy, x.ResolvedBy} {
			if err := want("user", n); err != nil {
				return err
			}
		}
		for _, s := range x.Snapshots {
			for _, n := range []string{s.Caller, s.Assignee, s.UpdatedBy} {
				if err := want("user", n); err != nil {
					return err
				}
			}
			if err := want("team", s.Group); err != nil {
				return err
			}
		}
	}
	if len(past) == 0 || in.opt.DryRun {
		return nil
	}
	if err := in.sys.Replay(ctx, in.actor, past); err != nil {
		return err
	}
	for _, p := range past {
		if p.Err != nil {
			return fmt.Errorf("make the people of the log: %w", p.Err)
		}
	}
	return nil
}

func slug(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 127)
	}), "-"))
}

var waitReasons = map[servicenow.PendingReason]string{servicenow.AwaitingUserInfo: "customer", servicenow.AwaitingVendor: "supplier",
	servicenow.AwaitingProblem: "problem", servicenow.AwaitingEvidence: "evidence"}

// step is the command for snapshot k: the first makes the incident, each further one is one event
// with everything that differs from the snapshot before it.
func (in *intake) step(p *process.Process, x *servicenow.Incident, k int, id record.ID) lifecycle.Command {
	s := &x.Snapshots[k]
	set := map[string]json.RawMessage{}
	text := func(name, v string) {
		if v == "" {
			set[name] = json.RawMessage("null")
			return
		}
		set[name] = record.AppendString(nil, v)
	}
	number := func(name string, n int) {
		if n > 0 {
			set[name] = strconv.AppendInt(nil, int64(n), 10)
		}
	}
	ref := func(name, process, v string) {
		i := in.refs[process+"\x00"+v]
		if in.opt.DryRun {
			i = record.ID{} // people are made only by the real run
		}
		set[name] = i.AppendJSON(nil)
	}
	who := in.refs["user\x00"+s.UpdatedBy]
	var was servicenow.Snapshot
	c := lifecycle.Command{Process: p.Name, Record: id, Door: "import", OccurredAt: s.At, Set: set, For: who}
	if k == 0 {
		c.Verb, c.ID = "create", id
		if !x.OpenedAt.IsZero() && x.OpenedAt.Before(s.At) {
			c.OccurredAt = x.OpenedAt
		}
		text("external_source", in.sourceName())
		text("external_id", x.Number)
		c.For = in.refs["user\x00"+x.OpenedBy]
		if s.State != servicenow.New {
			text("state", string(s.State))
		}
	} else {
		was = x.Snapshots[k-1]
		c.Verb = "update"
		if s.State != was.State {
			if t := stepTo(p, string(was.State), string(s.State)); t != "" {
				c.Verb, c.Name = "transition", t
			} else {
				text("state", string(s.State))
			}
		}
	}
	if k == 0 || s.Category != was.Category || s.Subcategory != was.Subcategory || s.Symptom != was.Symptom {
		text("title", title(s, x.Number))
		text("category", s.Category)
	}
	if d := describe(s); k == 0 || d != describe(&was) {
		text("description", d)
	}
	if k == 0 || s.Caller != was.Caller {
		ref("reporter", "user", s.Caller)
	}
	if k == 0 || s.ContactType != was.ContactType {
		text("channel", channel(s.ContactType))
	}
	if k == 0 && s.Group != "" || k > 0 && s.Group != was.Group {
		ref("team", "team", s.Group)
	}
	if k == 0 && s.Assignee != "" || k > 0 && s.Assignee != was.Assignee {
		ref("assignee", "user", s.Assignee)
	}
	if s.Impact != was.Impact || s.Urgency != was.Urgency || s.Priority != was.Priority {
		number("impact", s.Impact)
		number("urgency", s.Urgency)
		number("priority", s.Priority)
	}
	if s.State == servicenow.Pending {
		if r := waitReasons[s.Pending]; r != "" {
			text("wait_reason", r)
		}
	} else if was.State == servicenow.Pending {
		text("wait_reason", "")
	}
	in.ends(x, k, text, ref, set)
	return c
}

// ends tells resolution and closing at the snapshot that last entered that state; the log repeats
// their final values on every row, also on early ones.
func (in *intake) ends(x *servicenow.Incident, k int, text func(string, string), ref func(string, string, string), set map[string]json.RawMessage) {
	entered := func(st servicenow.State) bool {
		if x.Snapshots[k].State != st || k > 0 && x.Snapshots[k-1].State == st {
			return false
		}
		last := -1
		for j := range x.Snapshots {
			if x.Snapshots[j].State == st && (j == 0 || x.Snapshots[j-1].State != st) {
				last = j
			}
		}
		return last == k
	}
	at := func(name string, t time.Time) {
		if !t.IsZero() {
			i := record.At(t)
			set[name] = i.AppendJSON(nil)
		}
	}
	if entered(servicenow.Resolved) {
		at("resolved_at", x.ResolvedAt)
		text("resolution_code", x.ClosedCode)
		if x.ResolvedBy != "" {
			ref("resolved_by", "user", x.ResolvedBy)
		}
	}
	if entered(servicenow.Closed) {
		at("closed_at", x.ClosedAt)
		text("resolution_code", x.ClosedCode)
	}
}

// stepTo is the declared transition between two states, if there is one.
func stepTo(p *process.Process, from, to string) string {
	for i := range p.Transitions {
		if t := &p.Transitions[i]; t.To == to && t.Name != "merge" && t.Leaves(from) {
			return t.Name
		}
	}
	return ""
}

func title(s *servicenow.Snapshot, number string) string {
	var parts []string
	for _, x := range []string{s.Category, s.Subcategory, s.Symptom} {
		if x != "" {
			parts = append(parts, x)
		}
	}
	if len(parts) == 0 {
		return number
	}
	return strings.Join(parts, ", ")
}

func describe(s *servicenow.Snapshot) string {
	var b strings.Builder
	for _, x := range [][2]string{{"Location", s.Location}, {"Configuration item", s.CI}, {"Problem", s.ProblemID}, {"Change", s.RFC}, {"Supplier", s.Vendor}, {"Caused by", s.CausedBy}} {
		if x[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", x[0], x[1])
		}
	}
	return strings.TrimSpace(b.String())
}

func channel(s string) string {
	switch strings.ToLower(s) {
	case "phone":
		return "phone"
	case "email", "e-mail":
		return "email"
	case "self service", "self-service", "web":
		return "portal"
	case "direct opening":
		return "walk_in"
	case "ivr", "":
		return "other"
	}
	return "other"
}

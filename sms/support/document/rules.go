package document

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// known is what a decision about a document needs to know besides the document.
type known struct {
	versions []process.Content
	users    []record.Record
	teams    []record.Record
	day      record.Date
	editing  bool                    // the command at hand edits the draft: what is stored of it is out of date
	asked    []*Acknowledgement      // open ones, of any version
	said     map[record.ID]bool      // who was asked about the live version and is, or has answered
	tasks    map[record.ID]*openTask // of reviews and checks that are not done
}

type openTask struct{ free bool } // nothing must be done before it

// crowd is how many acknowledgements one command asks for, and how many it lets lapse, at most.
const crowd = 2000

func load(ctx context.Context, r process.Reader, d *Document, f *lifecycle.Facts) (any, error) {
	k := &known{day: record.Day(f.Now.In(f.Zone)), editing: f.Verb == "version_update", tasks: map[record.ID]*openTask{}}
	var err error
	if f.Before != nil {
		if k.versions, err = r.Versions(ctx, "document", d.ID); err != nil {
			return nil, err
		}
	}
	if k.users, err = r.All(ctx, "user"); err != nil {
		return nil, err
	}
	if k.teams, err = r.All(ctx, "team"); err != nil {
		return nil, err
	}
	if f.Verb == "version_approve" || f.Transition == "withdraw" || f.Transition == "distribute" {
		if err := k.loadAsked(ctx, r, d); err != nil {
			return nil, err
		}
	}
	for _, id := range []record.ID{d.ReviewTask, d.CheckTask} {
		t, err := r.Get(ctx, "task", id)
		if err != nil {
			return nil, err
		}
		if t == nil || t.Head().Phase == "done" || t.Head().Phase == "void" {
			continue
		}
		after, err := r.Links(ctx, id, "after")
		if err != nil {
			return nil, err
		}
		k.tasks[id] = &openTask{free: len(after) == 0}
	}
	return k, nil
}

func (k *known) loadAsked(ctx context.Context, r process.Reader, d *Document) error {
	about := `document = "` + d.ID.String() + `"`
	open, err := r.Find(ctx, "acknowledgement", about+` and state = "asked"`, crowd+1)
	if err != nil {
		return err
	}
	for _, a := range open {
		k.asked = append(k.asked, a.(*Acknowledgement))
	}
	c := k.live(nil)
	if c == nil {
		return nil
	}
	k.said = map[record.ID]bool{}
	said, err := r.Find(ctx, "acknowledgement", about+` and version = `+strconv.Itoa(int(c.Version.Number))+` and state != "lapsed"`, 10*crowd)
	for _, a := range said {
		k.said[a.Head().Reporter] = true
	}
	return err
}

// all are the versions, with the one that is being approved as it will be.
func (k *known) all(d *Document) []process.Content {
	out := append([]process.Content(nil), k.versions...)
	for i, c := range out {
		if d != nil && d.approving != nil && c.Version.ID == d.approving.ID {
			out[i] = process.Content{Version: d.approving, Record: d}
		}
	}
	return out
}

// inForce is the version in force today; nil when there is none. d carries one being approved.
func (k *known) inForce(d *Document) *process.Content {
	all := k.all(d)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Version.InForce(k.day) {
			return &all[i]
		}
	}
	return nil
}

// live is the newest approved version that has not ended: in force, or to be.
func (k *known) live(d *Document) *process.Content {
	all := k.all(d)
	for i := len(all) - 1; i >= 0; i-- {
		v := all[i].Version
		if v.Status == record.VersionApproved && (v.EffectiveTo == "" || k.day < v.EffectiveTo) {
			return &all[i]
		}
	}
	return nil
}

// underReview is the version that waits for approval; nil when there is none.
func (k *known) underReview() *process.Content {
	for i := range k.versions {
		if k.versions[i].Version.Status == record.VersionReview {
			return &k.versions[i]
		}
	}
	return nil
}

func (k *known) user(id record.ID) *people.User {
	for _, u := range k.users {
		if u.Head().ID == id {
			return u.(*people.User)
		}
	}
	return nil
}

func (k *known) team(id record.ID) *people.Team {
	for _, t := range k.teams {
		if t.Head().ID == id {
			return t.(*people.Team)
		}
	}
	return nil
}

// decide holds what is always true of a document and derives what follows from it.
func decide(d *Document, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Document)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if before == nil {
		begin(d, f)
	}
	if strings.HasPrefix(f.Verb, "version") && d.State != Active {
		refuse("state", "not_active", "reinstate the document before its versions go on")
	}
	if f.Verb == "detach" && d.filed(k) {
		refuse("file", "in_use", "a version that was approved rests on a file: make a new version with another one")
	}
	for _, kept := range []string{"readers", "reviews"} {
		if f.Asked(kept) && !f.Replay {
			refuse(kept, "read_only", "leave it out: Steward keeps it")
		}
	}
	out = append(out, whole(d)...)
	out = append(out, fits(d, k)...)
	keepReaders(d, before, k, f)
	remind(d, before, k, f)
	return out
}

// begin gives a new document what most of them have; each stands on the record and can be changed.
func begin(d *Document, f *lifecycle.Facts) {
	if d.Classification == "" {
		d.Classification = Internal
	}
	if d.Kind == "external" {
		d.External = true
	}
	if d.Owner.IsZero() && !f.Actor.System {
		d.Owner = f.Actor.ID
	}
	if d.ReviewInterval == "" {
		d.ReviewInterval = "P12M"
	}
	if d.CurrencyInterval == "" && d.External {
		d.CurrencyInterval = "P12M"
	}
	if !d.LeadDays.Set {
		d.LeadDays = record.N(30)
	}
	if !d.AcknowledgeDays.Set {
		d.AcknowledgeDays = record.N(14)
	}
}

// filed reports whether a version that was approved names a file.
func (d *Document) filed(k *known) bool {
	for _, c := range k.versions {
		if c.Version.Status == record.VersionApproved && c.Record.(*Document).File != "" {
			return true
		}
	}
	return false
}

// whole holds what the document's own fields must say together.
func whole(d *Document) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if d.Kind == "external" && !bool(d.External) {
		refuse("external", "required", "a document of kind external comes from outside: say so")
	}
	if bool(d.External) {
		for _, x := range []struct {
			field string
			blank bool
			mend  string
		}{{"source", d.Source == "", "say who issues it"}, {"source_version", d.SourceVersion == "", "say which version is held here"},
			{"owner", d.Owner.IsZero(), "say who sees to it that it is current"},
			{"currency_interval", d.CurrencyInterval == "", "say how often it is compared with its source"}} {
			if x.blank {
				refuse(x.field, "required", x.mend)
			}
		}
	}
	for field, p := range map[string]record.Period{"review_interval": d.ReviewInterval, "currency_interval": d.CurrencyInterval, "retention": d.Retention} {
		if p == "" {
			continue
		}
		if x, err := catalogue.ParsePeriod(string(p)); err != nil || x.IsZero() {
			refuse(field, "not_a_period", "give an ISO 8601 period of more than nothing, such as P12M")
		}
	}
	if d.ReviewInterval == "" {
		refuse("review_interval", "required", "say how often it is reviewed, such as P12M")
	}
	if bool(d.LegalHold) && d.HoldReason == "" {
		refuse("hold_reason", "required", "say why it must not be disposed of")
	}
	if s := strings.ToLower(string(d.File)); s != "" {
		if b, err := hex.DecodeString(s); err != nil || len(b) != 32 {
			refuse("file", "not_a_hash", "give the sha256 of an attachment of this document")
		}
	}
	seen := map[Recipient]bool{}
	for _, r := range d.Distribution {
		at := "distribution[" + r.ID.String() + "]"
		n := 0
		for _, there := range []bool{!r.Team.IsZero(), r.Role != "", !r.Customer.IsZero(), !r.User.IsZero()} {
			if there {
				n++
			}
		}
		if n != 1 {
			refuse(at, "one_only", "give exactly one of team, role, customer or user")
		}
		switch {
		case !r.Customer.IsZero() && d.Classification != Public:
			refuse(at+".customer", "not_public", "only a public document goes to customers: classify it as public, or take the line away")
		case !r.Customer.IsZero() && !d.Customer.IsZero() && r.Customer != d.Customer:
			refuse(at+".customer", "another_customer", "the document belongs to a customer and goes to that one only")
		case r.Role != "" && d.Classification == Restricted:
			refuse(at+".role", "names_only", "a restricted document goes to persons and teams")
		}
		same := Recipient{Team: r.Team, Role: r.Role, Customer: r.Customer, User: r.User}
		if seen[same] {
			refuse(at, "twice", "one line for each")
		}
		seen[same] = true
	}
	return out
}

// fits holds what the document says against what is known of people: everybody named on it belongs
// to the provider, but for those whom a public document is distributed to.
func fits(d *Document, k *known) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	ours := func(field string, id record.ID) {
		if u := k.user(id); u != nil && !u.Customer.IsZero() {
			out = append(out, lifecycle.Refusal{Field: field, Reason: "not_for_customers", Mend: "name somebody of the provider"})
		}
	}
	ours("owner", d.Owner)
	ours("reporter", d.Reporter)
	ours("approver", d.Approver)
	seen := map[record.ID]bool{}
	for _, r := range d.Reviewers {
		at := "reviewers[" + r.ID.String() + "].user"
		ours(at, r.User)
		if seen[r.User] {
			out = append(out, lifecycle.Refusal{Field: at, Reason: "twice", Mend: "a reviewer is named once"})
		}
		seen[r.User] = true
	}
	for _, r := range d.Distribution {
		at := "distribution[" + r.ID.String() + "]"
		ours(at+".user", r.User)
		t := k.team(r.Team)
		if t == nil || d.Classification == Public {
			continue
		}
		for _, id := range t.MemberIDs() {
			if u := k.user(id); u != nil && !u.Customer.IsZero() {
				out = append(out, lifecycle.Refusal{Field: at + ".team", Reason: "not_for_customers", Mend: "the team has a member who is a customer's: name a team of the provider"})
				break
			}
		}
	}
	return out
}

// after is the day p after a day; blank when p is none.
func after(day record.Date, p record.Period) record.Date {
	t, err := time.Parse(time.DateOnly, string(day))
	x, perr := catalogue.ParsePeriod(string(p))
	if err != nil || perr != nil {
		return ""
	}
	return record.Day(x.After(t))
}

// begins is the instant at which a day begins in zone; the zero time for a blank one.
func begins(day record.Date, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

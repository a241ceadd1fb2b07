package people

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// ApprovalPolicy says who must approve at a gate of a process, stage after stage. Of the policies in
// force today the one with the smallest order is taken whose filter finds the record.
type ApprovalPolicy struct {
	record.Header
	Process record.Text  `field:"required,len=60"`
	Gate    record.Text  `field:"required,len=60"`
	When    record.Prose `field:"len=4000"` // a filter over the record; blank is always
	Order   record.Int   `field:"min=0,max=1000000,default=100"`
	Purpose record.Prose `field:"search"`
	Stages  []Stage      `lines:"max=20"`
}

// Stage is one step: all its voters are asked at once.
type Stage struct {
	record.Line
	Who    record.Choice   `field:"required,choice=user|role|team|owner|team_lead|service_owner|customer"`
	User   record.ID       `field:"ref=user"`
	Role   record.Text     `field:"len=60"`
	Team   record.ID       `field:"ref=team"` // of team_lead too; blank is the record's own team
	Quorum record.Text     `field:"len=10,default=\"all\""`
	Due    record.Duration `field:""` // blank is five days
	// What follows when it is due: others are told and it lapses when as long again has passed, or it
	// lapses at once.
	OnLate           record.Choice `field:"choice=escalate|lapse,default=\"escalate\""`
	Delegable        record.Bool   `field:""` // a delegate may answer for a voter
	RequesterMayVote record.Bool   `field:""` // together with others, never alone
}

// Gated is which gate of which process it is about, for which records.
func (p *ApprovalPolicy) Gated() (process, gate, when string) {
	return string(p.Process), string(p.Gate), string(p.When)
}

// Rank is its place among the policies of the same gate.
func (p *ApprovalPolicy) Rank() int64 { return p.Order.N }

// Ask are its stages.
func (p *ApprovalPolicy) Ask() []lifecycle.Stage {
	out := make([]lifecycle.Stage, len(p.Stages))
	for i, s := range p.Stages {
		out[i] = lifecycle.Stage{Who: string(s.Who), User: s.User, Role: string(s.Role), Team: s.Team, Quorum: string(s.Quorum), Due: s.Due.Go(),
			OnLate: string(s.OnLate), Delegable: bool(s.Delegable), RequesterMayVote: bool(s.RequesterMayVote)}
	}
	return out
}

// policyFacts is what is known of what a policy names.
type policyFacts struct {
	process bool            // there is such a process
	gates   []string        // that it has
	filter  string          // what is wrong with the filter
	roles   map[string]bool // that somebody can hold
}

// Policies is the process.
var Policies = process.Declare(process.Spec[ApprovalPolicy]{
	Name: "approval_policy", Prefix: "APO", Resource: "approval-policies", Clause: "5.3", Stated: true, Versioned: true, Config: true,
	Doc:    "Who must approve what at the gates of processes, in versions.",
	States: active, Lifecycle: ending[ApprovalPolicy](),
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link export approve do:*", access.Management: "read comment export approve",
		access.Auditor: "read export", access.Agent: "read", access.Approver: "read",
	},
	Load:   loadPolicy,
	Decide: decidePolicy,
})

func loadPolicy(ctx context.Context, r process.Reader, p *ApprovalPolicy, _ *lifecycle.Facts) (any, error) {
	k := &policyFacts{roles: map[string]bool{}}
	for _, n := range access.Roles {
		k.roles[n] = true
	}
	all, err := r.All(ctx, "role")
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if role, ok := x.(*Role); ok && role.State == "active" {
			k.roles[string(role.Name)] = true
		}
	}
	if p.Process == "" {
		return k, nil
	}
	look, ok := r.(gates)
	if !ok {
		return nil, errors.New("people: this reader knows no gates")
	}
	k.gates, k.process = look.Gates(string(p.Process))
	var e *fault.Error
	if err = look.CheckFilter(ctx, string(p.Process), string(p.When)); errors.As(err, &e) {
		k.filter, err = e.Detail, nil
	}
	return k, err
}

// gates is what a policy's rules ask of the kernel besides records.
type gates interface {
	Gates(process string) (names []string, known bool)
	CheckFilter(ctx context.Context, process, filter string) error
}

func decidePolicy(p *ApprovalPolicy, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*policyFacts)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if !p.Order.Set {
		p.Order = record.N(100)
	}
	switch {
	case p.Process == "":
	case !k.process:
		refuse("process", "unknown_process", "name a process such as risk")
	case p.Gate != "" && !slices.Contains(k.gates, string(p.Gate)):
		refuse("gate", "unknown_gate", "the gates stand in the schema of "+string(p.Process))
	}
	if k.filter != "" {
		refuse("when", "not_a_filter", k.filter)
	}
	if len(p.Stages) == 0 {
		refuse("stages", "required", "say who is asked")
	}
	for i := range p.Stages {
		s := &p.Stages[i]
		at := "stages[" + s.ID.String() + "]."
		s.Quorum, s.OnLate = orText(s.Quorum, "all"), record.Choice(orText(record.Text(s.OnLate), "escalate"))
		if !s.Due.Set || s.Due.Seconds == 0 {
			s.Due = record.Seconds(5 * 24 * time.Hour)
		}
		if n, err := strconv.Atoi(string(s.Quorum)); (err != nil || n < 1) && s.Quorum != "all" && s.Quorum != "any" && s.Quorum != "majority" {
			refuse(at+"quorum", "unknown_quorum", "say all, any, majority or how many")
		}
		switch {
		case s.Who == "user" && s.User.IsZero():
			refuse(at+"user", "required", "say who")
		case s.Who == "team" && s.Team.IsZero():
			refuse(at+"team", "required", "say which team; team_lead without one is the lead of the record's")
		case s.Who == "role" && !k.roles[string(s.Role)]:
			refuse(at+"role", "unknown_choice", "name a built-in role or one of your own")
		}
	}
	return out
}

func orText(t, def record.Text) record.Text {
	if t == "" {
		return def
	}
	return t
}

// Delegation lets one user answer approvals for another, from an instant to another. It is one hop:
// a delegate's own delegates do not come into it.
type Delegation struct {
	record.Header
	From   record.ID      `field:"ref=user,index"` // who is stood for; blank is who makes it
	To     record.ID      `field:"required,ref=user,index"`
	Starts record.Instant `field:""` // blank is at once
	Ends   record.Instant `field:"required"`
	Reason record.Text    `field:"len=500"`
}

// Delegates is who stands for whom, from when, and until when (exclusive).
func (d *Delegation) Delegates() (from, to record.ID, starts, ends record.Instant) {
	return d.From, d.To, d.Starts, d.Ends
}

// delegationFacts are the accounts at both ends.
type delegationFacts struct{ from, to *User }

// Delegations is the process.
var Delegations = process.Declare(process.Spec[Delegation]{
	Name: "delegation", Prefix: "DLG", Clause: "5.3",
	Doc:    "Who answers approvals for whom while they are away.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "ended", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Delegation]{
		{Name: "end", From: []string{"active"}, To: "ended"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update export do:*", access.Management: "read create update export do:*",
		access.Agent: "read create update do:*", access.Approver: "read create update do:*", access.Auditor: "read create update export do:*",
		access.Requester: "read:own create update do:*", access.CustomerManager: "read:own create update do:*",
	},
	Load: func(ctx context.Context, r process.Reader, d *Delegation, f *lifecycle.Facts) (any, error) {
		if d.From.IsZero() {
			d.From = f.Actor.ID
		}
		k := &delegationFacts{}
		for id, into := range map[record.ID]**User{d.From: &k.from, d.To: &k.to} {
			u, err := r.Get(ctx, "user", id)
			if err != nil {
				return nil, err
			}
			*into, _ = u.(*User)
		}
		return k, nil
	},
	Decide: decideDelegation,
	Timer:  func(*Delegation, string, *lifecycle.Facts) {}, // the kernel then looks at what waits for whom
})

func decideDelegation(d *Delegation, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*delegationFacts)
	now := record.At(f.Now)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	before, _ := f.Before.(*Delegation)
	if before == nil && d.Starts == 0 {
		d.Starts = now
	}
	by := f.Verb == "create" || f.Verb == "update" || f.Verb == "transition" || f.Verb == "undo"
	if by && !f.Replay && !f.Actor.System && f.Actor.ID != d.From && !f.Actor.Has(access.Administrator) {
		refuse("from", "not_yours", "only who is stood for, or an administrator, says who stands for them")
	}
	if before != nil && (before.From != d.From || before.To != d.To) {
		refuse("to", "fixed", "end this delegation and make another")
	}
	if d.To == d.From {
		refuse("to", "itself", "name somebody else")
	}
	switch {
	case k.from == nil:
		refuse("from", "required", "say who is stood for")
	case k.to == nil: // required says it
	case k.from.Customer != k.to.Customer:
		refuse("to", "other_customer", "name somebody of the same organisation")
	case before == nil && !k.to.Active() && !f.Replay:
		refuse("to", "disabled", "name somebody with an active account")
	default:
		d.Customer = k.from.Customer
	}
	if d.Ends != 0 && d.Ends <= d.Starts {
		refuse("ends", "before_start", "give an instant after starts")
	}
	if before != nil && d.Starts != before.Starts && before.Starts <= now && !f.Replay {
		refuse("starts", "begun", "it has begun; end it and make another")
	}
	if d.Title == "" && k.from != nil && k.to != nil {
		d.Title = record.Text(clip(string(k.to.Title)+" for "+string(k.from.Title), 300))
	}
	next := record.Instant(0) // when it next begins or ends
	for _, at := range []record.Instant{d.Starts, d.Ends} {
		if at > now && (next == 0 || at < next) && d.State == "active" {
			next = at
		}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "turn", At: next.Time()})
	if before == nil {
		f.Out.Grants = append(f.Out.Grants, lifecycle.Grant{To: d.To, Why: "delegate"}, lifecycle.Grant{To: d.From, Why: "delegator"})
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{d.To, d.From}, Topic: "delegated", Text: string(d.Title)})
	}
	return out
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

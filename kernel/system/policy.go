package system

import (
	"sort"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// ApprovalPolicy is what the kernel asks of the process "approval_policy": what is asked at which
// gate of which process, for records that match a filter ("" is all).
type ApprovalPolicy interface {
	record.Record
	Gated() (process, gate, when string)
	Rank() int64 // the smallest that fits is taken
	Ask() []lifecycle.Stage
}

// Delegating is what the kernel asks of the process "delegation": who answers for whom, from an
// instant to another.
type Delegating interface {
	record.Record
	Delegates() (from, to record.ID, starts, ends record.Instant)
}

// chosen is the policy that applies to a record at a gate.
type chosen struct {
	version *record.Version
	stages  []lifecycle.Stage
}

// policyFor is the policy in force today whose filter the record matches; nil when there is none.
func (u *unit) policyFor(w *work, gate string) (*chosen, error) {
	p := u.s.Registry.Process("approval_policy")
	if p == nil {
		return nil, nil
	}
	type candidate struct {
		policy ApprovalPolicy
		v      *record.Version
	}
	var fit []candidate
	all, err := u.reader().All(u.ctx, p.Name)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Head().Phase != record.Choice(lifecycle.Open) {
			continue
		}
		rec, v, err := u.reader().InForce(u.ctx, p.Name, r.Head().ID, u.s.Today())
		if err != nil {
			return nil, err
		}
		pol, ok := rec.(ApprovalPolicy)
		if !ok {
			continue
		}
		if name, at, _ := pol.Gated(); name == w.p.Name && at == gate {
			fit = append(fit, candidate{pol, v})
		}
	}
	sort.SliceStable(fit, func(i, j int) bool {
		a, b := fit[i].policy, fit[j].policy
		if a.Rank() != b.Rank() {
			return a.Rank() < b.Rank()
		}
		return a.Head().Num < b.Head().Num
	})
	for _, c := range fit {
		_, _, when := c.policy.Gated()
		ok, err := u.matches(w, when)
		if err != nil {
			return nil, err
		}
		if ok {
			return &chosen{c.v, c.policy.Ask()}, nil
		}
	}
	return nil, nil
}

// pinned is a policy version that a round was opened by, whatever is in force now.
func (u *unit) pinned(version record.ID) (*chosen, error) {
	all, err := u.reader().All(u.ctx, "approval_policy")
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		vs, err := u.reader().Versions(u.ctx, "approval_policy", r.Head().ID)
		if err != nil {
			return nil, err
		}
		for _, c := range vs {
			if pol, ok := c.Record.(ApprovalPolicy); ok && c.Version.ID == version {
				return &chosen{c.Version, pol.Ask()}, nil
			}
		}
	}
	return nil, nil
}

// matches asks the store whether the record, as it stands in this unit, is one that the filter
// finds. What is not stored yet is laid beside the table as a list of the past is.
func (u *unit) matches(w *work, when string) (bool, error) {
	if strings.TrimSpace(when) == "" {
		return true, nil
	}
	custom, err := u.s.CustomFields(u.ctx, w.p.Name)
	if err != nil {
		return false, err
	}
	sc := u.s.self.Scope(w.p.Name, w.p.Shared)
	q := storage.Query{Schema: u.s.Store.Schema(sc, w.p, custom), Env: u.s.env(u.ctx, u.s.self), IDs: []record.ID{w.rec.Head().ID}, Limit: 1, Day: u.s.Today()}
	if q.Filter, err = query.Parse(when); err != nil {
		return false, queryFault(err)
	}
	if q.Order, err = sortOf("id", q.Schema); err != nil {
		return false, err
	}
	if w.dirty {
		u.s.matching.Lock() // each needs two connections at once
		defer u.s.matching.Unlock()
		q.Set = &storage.WoundBack{Until: time.Unix(0, 0)}
		if err := u.s.Store.WindBack(u.ctx, w.p, q.Set, []record.Record{w.rec}); err != nil {
			return false, err
		}
		defer q.Set.Close()
	}
	page, err := u.s.Store.Page(u.ctx, sc, w.p, q)
	if err != nil {
		return false, queryFault(err)
	}
	return len(page.Records) == 1, nil
}

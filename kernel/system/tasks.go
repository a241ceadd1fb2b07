package system

import (
	"sort"

	"steward/kernel/record"
)

// Duty is what the kernel asks of the process "task": under which record it is, and whether that
// record must wait for it.
type Duty interface {
	record.Record
	Under() (parent record.ID, mandatory bool)
}

// openTasks are the refs of mandatory tasks under the record that are not done, as they are in this
// unit: a task that was finished, or made, by an earlier command of the transaction counts so.
func (u *unit) openTasks(w *work) ([]string, error) {
	p := u.s.Registry.Process("task")
	if p == nil {
		return nil, nil
	}
	id := w.rec.Head().ID
	found, err := u.reader().Find(u.ctx, p.Name, `parent = "`+id.String()+`" and mandatory and phase in ("draft", "open", "waiting")`, 5+len(u.works))
	if err != nil {
		return nil, err
	}
	var nums []record.Count
	for _, r := range found {
		if x := u.works[r.Head().ID]; x == nil || !x.dirty {
			nums = append(nums, r.Head().Num)
		}
	}
	for _, x := range u.works {
		d, ok := x.rec.(Duty)
		if !ok || !x.dirty || x.p != p {
			continue
		}
		if parent, must := d.Under(); parent == id && must && !over(x.rec) {
			nums = append(nums, d.Head().Num)
		}
	}
	sort.Slice(nums, func(i, j int) bool { return nums[i] < nums[j] })
	var out []string
	for _, n := range nums {
		switch {
		case len(out) == 5:
			return append(out, "and more"), nil
		case n == 0:
			out = append(out, "one made just now")
		default:
			out = append(out, p.Ref(n))
		}
	}
	return out, nil
}

// Package work is the workspace of agents and process owners: queues, records, forms. What it does
// for one process it does for all, from the declaration; a process with a page of its own replaces
// a part in [own].
//
// In: who is signed in. Out: lists, pages and commands of every process in the registry.
//
// Start at [Routes]. queue*.go is the list, record*.go the page of one record, form.go what is
// filled in.
// Always true: every page works without script; a list is paged by cursor; a count is the length of
// the list behind it.
package work

import (
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/web/page"
)

// Routes of all processes in the registry.
func Routes(s *page.Site) []page.Route {
	out := []page.Route{{Pattern: "GET /{$}", For: page.Provider, Serve: start}, {Pattern: "POST /drafts", For: page.SignedIn, Serve: keepDraft}}
	for _, q := range s.Sys.Registry.All {
		at := "/" + q.Resource
		with := func(f func(*page.Page, *process.Process) error) func(*page.Page) error {
			return func(p *page.Page) error {
				if p.Process(q.Name) == nil {
					return fault.New(fault.NotFound, "There is no page at this address.")
				}
				return f(p, q)
			}
		}
		add := func(method, path string, f func(*page.Page, *process.Process) error) {
			out = append(out, page.Route{Pattern: method + " " + at + path, For: page.Provider, Serve: with(f)})
		}
		queueRoutes(add)
		recordRoutes(add)
		versionRoutes(add)
	}
	return out
}

// start is where the workspace begins: the incidents, or what one may see.
func start(p *page.Page) error {
	if p.Process("incident") != nil {
		p.Redirect("/incidents")
		return nil
	}
	p.Redirect("/cockpit")
	return nil
}

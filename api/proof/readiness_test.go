package proof_test

import "testing"

func TestReadinessCountsEachRequirementOnceAndWhatIsToDoStandsWithItsOwner(t *testing.T) {
	onBoth(t, func(d *desk) {
		inc := d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "ann"})
		var ready struct {
			Ready    bool
			Held, Of int
			Short    int `json:"days_short"`
			Asks     []struct {
				What     string
				Held, Of int
				Fails    []string
			}
		}
		d.get("aud", "/api/v1/conformity/readiness/stage-2", 200, &ready)
		if ready.Ready || ready.Of != 393 || ready.Short != 90 || len(ready.Asks) != 12 { // all but the two that are advice
			d.Errorf("%d of %d, %d days short, %d asks", ready.Held, ready.Of, ready.Short, len(ready.Asks))
		}
		var held, of int
		for _, a := range ready.Asks {
			held, of = held+a.Held, of+a.Of
			if a.Held+len(a.Fails) != a.Of {
				d.Errorf("%+v", a)
			}
		}
		if held != ready.Held || of != ready.Of {
			d.Errorf("%d of %d in parts, %d of %d in all", held, of, ready.Held, ready.Of)
		}
		d.get("aud", "/api/v1/conformity/readiness/stage-3", 404, nil)
		d.get("ann", "/api/v1/conformity/readiness/stage-1", 403, nil)
		var todo struct {
			Items []struct {
				Requirement, Ref, State string
				ID, Owner               *string
			}
		}
		d.get("aud", "/api/v1/conformity/todo", 200, &todo)
		found := false
		for _, x := range todo.Items {
			found = found || x.Requirement == "8.6.1-01" && x.Ref == inc.Ref() && x.ID != nil && x.Owner == nil
		}
		if !found {
			d.Errorf("the incident that lacks a category is not to be done: %+v", todo.Items)
		}
		d.get("ann", "/api/v1/conformity/todo", 403, nil)
	})
}

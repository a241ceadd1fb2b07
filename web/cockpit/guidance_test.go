package cockpit_test

import (
	"net/http"
	"strings"
	"testing"

	"steward/sms/conformity/guidance"
	"steward/web/webtest"
)

func TestGuidanceIsReachedFromEveryClauseAndRequirementAndLeadsToWhatServesIt(t *testing.T) {
	s := webtest.Open(t)
	s.User("boss", "", "administrator")
	b := s.Browser("boss")
	list := b.Get("/cockpit/guidance")
	asked := map[string]bool{}
	for i, c := range guidance.All() {
		at := "/cockpit/guidance/" + c.Number
		if !strings.Contains(list.Body, `href="`+at+`"`) {
			t.Errorf("the list does not lead to %s", at)
		}
		a := b.Get(at)
		if a.Status != http.StatusOK || !a.Has(c.Wants, c.Ten, c.Hundred, c.Thousand, c.Auditor, c.Findings[0]) {
			t.Errorf("%s: %d", at, a.Status)
		}
		for _, name := range c.Processes {
			path := "/" + s.Sys.Registry.Process(name).Resource
			if !strings.Contains(a.Body, `href="`+path+`"`) {
				t.Errorf("%s does not lead to %s", at, path)
			}
			if !asked[path] {
				asked[path] = true
				if x := b.Get(path); x.Status != http.StatusOK {
					t.Errorf("%s leads to %s, which answers %d", at, path, x.Status)
				}
			}
		}
		for _, path := range c.Screens {
			if !strings.Contains(a.Body, `href="`+path+`"`) || b.Get(path).Status != http.StatusOK {
				t.Errorf("%s names the screen %s, which it does not lead to, or which does not answer", at, path)
			}
		}
		if i%8 != 0 { // a page of states is worked out anew: some of them stand for all
			continue
		}
		if !strings.Contains(b.Get("/cockpit/clauses/"+c.Number).Body, `href="`+at+`"`) || !strings.Contains(b.Get("/cockpit/requirements/"+c.Number+"-01").Body, `href="`+at+`"`) {
			t.Errorf("clause or requirement of %s does not lead to its guidance", c.Number)
		}
	}
	if a := b.Get("/cockpit/guidance/8.6"); !a.Has("8.6.1 Incident management", "8.6.3 Problem management") {
		t.Error("the guidance of 8.6 is not that of the clauses beneath it")
	}
	for _, nothing := range []string{"11", "8.99", "all"} {
		if a := b.Get("/cockpit/guidance/" + nothing); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", nothing, a.Status)
		}
	}
}

func TestGuidanceAndPlanAreForThoseWhoSeeConformity(t *testing.T) {
	s := webtest.Open(t)
	s.User("boss", "", "administrator")
	s.User("ann", "", "agent")
	s.User("aud", "", "auditor")
	for _, path := range []string{"/cockpit/guidance", "/cockpit/guidance/4.1", "/cockpit/plan"} {
		if a := s.Browser("ann").Get(path); a.Status != http.StatusForbidden {
			t.Errorf("an agent gets %s: %d", path, a.Status)
		}
		if a := s.Browser("aud").Get(path); a.Status != http.StatusOK {
			t.Errorf("an auditor does not get %s: %d", path, a.Status)
		}
	}
}

func TestThePlanOfAnEmptySystemHasNotBegunAndSaysWhatIsNext(t *testing.T) {
	s := webtest.Open(t)
	s.User("boss", "", "administrator")
	b := s.Browser("boss")
	a := b.Get("/cockpit/plan")
	for _, p := range guidance.Phases() {
		if !a.Has(p.Title, p.Aim, p.Steps[0]) {
			t.Errorf("the plan does not tell phase %s", p.Key)
		}
	}
	if n := strings.Count(a.Text(), "Not begun"); n != 8 {
		t.Errorf("%d of 8 phases have not begun", n)
	}
	if !strings.Contains(a.Body, `href="/cockpit/requirements/4.1-01"`) {
		t.Error("what is next of the first phase is not named")
	}
	if a := b.Get("/cockpit/plan?as_of=2020-01-01"); a.Status != http.StatusOK || !strings.Contains(a.Body, "2020-01-01") {
		t.Errorf("the plan as of a past day: %d", a.Status)
	}
	if a := b.Get("/cockpit/plan?as_of=2999-01-01"); a.Status != http.StatusBadRequest {
		t.Errorf("the plan as of the future: %d", a.Status)
	}
}

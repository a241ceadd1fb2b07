package work_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"steward/web/webtest"
)

func TestAQuickEditOfWhatSomebodyElseChangedIsRefusedWithBothValues(t *testing.T) {
	s, ref := deskOf(t)
	jana, kim := s.Browser("jana"), s.Browser("kim")
	list := jana.Get("/incidents?view=all")
	m := regexp.MustCompile(`name="rev\.` + ref + `" value="(\d+)"`).FindStringSubmatch(list.Body)
	if m == nil {
		t.Fatalf("the list does not say which revision of %s it shows", ref)
	}
	quick := []string{"ref", ref, "rev." + ref, m[1], "act", "field", "field", "category", "stage", "apply"}
	if a := kim.Post("/incidents/bulk", append(quick, "category", "network")...); a.Status != http.StatusOK || !a.Has("changed") {
		t.Fatalf("the first edit: %d %s", a.Status, a.Text())
	}
	a := jana.Post("/incidents/bulk", append(quick, "category", "mail")...)
	if a.Status != http.StatusUnprocessableEntity || !a.Has("in the meantime", "Now there network", "Yours mail") {
		t.Fatalf("the stale edit: %d %s", a.Status, a.Text())
	}
	if a := jana.Get("/incidents/" + ref); a.Has("mail") && !a.Has("network") {
		t.Error("the stale edit was written")
	}
	// The form that was answered is of what stands there now: sent again, it counts.
	m = regexp.MustCompile(`name="rev\.` + ref + `" value="(\d+)"`).FindStringSubmatch(a.Body)
	quick[3] = m[1]
	if a := jana.Post("/incidents/bulk", append(quick, "category", "mail")...); a.Status != http.StatusOK || !a.Has("changed") {
		t.Errorf("sent once more: %d %s", a.Status, a.Text())
	}
}

func TestTheSideOfARecordChangesOneFieldFromTheRevisionThatIsShown(t *testing.T) {
	s, ref := deskOf(t)
	jana, kim := s.Browser("jana"), s.Browser("kim")
	at := "/incidents/" + ref
	m := regexp.MustCompile(`href="(/incidents/bulk\?[^"]*field=impact[^"]*)"`).FindStringSubmatch(jana.Get(at).Body)
	if m == nil {
		t.Fatal("the side column offers no change of the impact")
	}
	form := jana.Get(strings.ReplaceAll(m[1], "&amp;", "&"))
	if form.Status != http.StatusOK || !strings.Contains(form.Body, `name="rev.`+ref+`"`) || !strings.Contains(form.Body, `href="`+at+`"`) {
		t.Fatalf("%d: the form forgets the revision, or the way back: %s", form.Status, form.Body)
	}
	rev := regexp.MustCompile(`name="rev\.` + ref + `" value="(\d+)"`).FindStringSubmatch(form.Body)[1]
	send := func(b *webtest.Browser, value string) webtest.Answer {
		return b.Post("/incidents/bulk", "ref", ref, "rev."+ref, rev, "act", "field", "field", "impact", "from", "record", "stage", "apply", "impact", value)
	}
	if a := send(kim, "2"); a.Path != at {
		t.Errorf("after the change one is at %s: %s", a.Path, a.Text())
	}
	if a := send(jana, "1"); a.Status != http.StatusUnprocessableEntity || !a.Has("Now there", "Yours") {
		t.Errorf("%d %s", a.Status, a.Text())
	}
}

func TestAStepFromAnOldPageShowsWhatSomebodyElseChangedMeanwhile(t *testing.T) {
	s, ref := deskOf(t)
	jana, kim := s.Browser("jana"), s.Browser("kim")
	at := "/incidents/" + ref
	rev := revision.FindStringSubmatch(jana.Get(at + "/do/assign").Body)[1]
	kim.Post("/incidents/bulk", "ref", ref, "act", "field", "field", "assignee", "assignee", "kim", "stage", "apply")
	a := jana.Post(at+"/do/assign", "revision", rev, "assignee", "jana", "comment", "I take it")
	if a.Status != http.StatusPreconditionFailed || !a.Has("Theirs", "Kim") || !strings.Contains(a.Body, "I take it") {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	rev = revision.FindStringSubmatch(a.Body)[1]
	if a := jana.Post(at+"/do/assign", "revision", rev, "assignee", "jana", "comment", "I take it"); a.Path != at || !a.Has("Jana", "I take it") {
		t.Errorf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
}

func TestMoreThanFiveHundredRecordsAreRefusedAtOnceAndSaidSo(t *testing.T) {
	s, ref := deskOf(t)
	jana := s.Browser("jana")
	pairs := []string{"act", "field", "field", "category", "category", "mail", "stage", "apply", "ref", ref}
	for i := range 500 {
		pairs = append(pairs, "ref", fmt.Sprintf("INC-%d", 1000+i))
	}
	a := jana.Post("/incidents/bulk", pairs...)
	if a.Status != http.StatusRequestEntityTooLarge || !a.Has("At most 500 records", "501 are selected", "Nothing was changed") {
		t.Errorf("%d %s", a.Status, a.Text())
	}
	if a := jana.Get("/incidents/" + ref + "/history"); a.Has("Category") {
		t.Error("one of them was changed all the same")
	}
}

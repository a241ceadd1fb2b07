package work_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"steward/web/webtest"
)

// library has a document with a version in force, its author and somebody who approves.
func library(t *testing.T) *webtest.Site {
	s := webtest.Open(t)
	s.User("birgit", "", "process_owner")
	s.User("maren", "", "process_owner")
	return s
}

var revision = regexp.MustCompile(`name="revision" value="(\d+)"`)

func TestAVersionIsWrittenHandedInAndApprovedBySomebodyElse(t *testing.T) {
	s := library(t)
	birgit, maren := s.Browser("birgit"), s.Browser("maren")
	s.Do("document", "", "create", "", "title", "Backup policy", "kind", "policy", "classification", "internal", "owner", "birgit", "body", "We back up every night.",
		"format", "text", "medium", "electronic", "language", "en", "retention", "P6Y", "retention_rule", "tax law", "location", "Steward", "review_interval", "P1Y",
		"distribution", []any{map[string]any{"role": "agent"}})
	at := "/documents/DOC-1/versions"
	edit := birgit.Get(at + "/1/edit")
	if edit.Status != http.StatusOK || !strings.Contains(edit.Body, "We back up every night.") {
		t.Fatalf("%d %s", edit.Status, edit.Text())
	}
	rev := revision.FindStringSubmatch(edit.Body)[1]
	a := birgit.Post(at+"/1", "revision", rev, "body", "We back up every hour.", "change_reason", "customers asked")
	if a.Path != at+"/1" || !a.Has("every hour", "customers asked") {
		t.Fatalf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
	if a := birgit.Post(at+"/1/approve", "effective_from", ""); a.Status == http.StatusOK && a.Has("In force") {
		t.Error("a draft was approved")
	}
	birgit.Post(at + "/1/submit")
	if a := birgit.Post(at + "/1/approve"); !a.Has("somebody") {
		t.Errorf("its author approved it: %s", a.Text())
	}
	if a := birgit.Post(at+"/1", "revision", rev, "body", "changed after it was handed in"); a.Status == http.StatusOK {
		t.Error("what was handed in was changed")
	}
	if a := maren.Post(at+"/1/reject", "reason", ""); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("sent back without a reason: %d", a.Status)
	}
	if a := maren.Post(at + "/1/approve"); a.Status != http.StatusOK || !a.Has("Decided by Maren") {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	draft := birgit.Post(at)
	if draft.Path != at+"/2/edit" {
		t.Fatalf("%d at %s: %s", draft.Status, draft.Path, draft.Text())
	}
	rev = revision.FindStringSubmatch(draft.Body)[1]
	birgit.Post(at+"/2", "revision", rev, "body", "We back up every minute.")
	if a := birgit.Get(at + "/2?with=1"); !strings.Contains(a.Body, "<ins>minute</ins>") || !strings.Contains(a.Body, "<del>hour</del>") {
		t.Errorf("the difference does not show: %s", a.Text())
	}
}

func TestWhatWasTypedOverAColleaguesChangeStaysInTheForm(t *testing.T) {
	s := library(t)
	s.Do("document", "", "create", "", "title", "Backup policy", "kind", "policy", "classification", "internal", "owner", "birgit", "body", "old")
	birgit, maren := s.Browser("birgit"), s.Browser("maren")
	at := "/documents/DOC-1/versions/1"
	rev := revision.FindStringSubmatch(birgit.Get(at + "/edit").Body)[1]
	maren.Post(at, "revision", rev, "summary", "hers")
	a := birgit.Post(at, "revision", rev, "body", "my long text")
	if a.Status != http.StatusPreconditionFailed || !strings.Contains(a.Body, "my long text") || !strings.Contains(a.Body, "hers") {
		t.Fatalf("%d: %s", a.Status, a.Text())
	}
	rev = revision.FindStringSubmatch(a.Body)[1]
	if a := birgit.Post(at, "revision", rev, "body", "my long text"); !a.Has("my long text", "hers") {
		t.Errorf("%d %s", a.Status, a.Text())
	}
}

func TestLinesOfADraftAreAddedChangedAndTakenAwayWithoutScript(t *testing.T) {
	s := library(t)
	s.Do("calendar", "", "create", "", "title", "Office hours", "zone", "Europe/Berlin", "hours", []any{map[string]any{"weekday": 1, "from": "08:00", "to": "17:00"}, map[string]any{"weekday": 2, "from": "08:00", "to": "17:00"}})
	b := s.Browser("birgit")
	at := "/calendars/CAL-1/versions/1"
	form := b.Get(at + "/edit").Body
	rev := revision.FindStringSubmatch(form)[1]
	id := regexp.MustCompile(`name="hours\.(\d)\.id" value="([0-9a-f-]+)"`).FindAllStringSubmatch(form, -1)
	if len(id) != 2 {
		t.Fatalf("%d lines are in the form", len(id))
	}
	a := b.Post(at, "revision", rev, "hours", "1",
		"hours.0.id", id[0][2], "hours.0.weekday", "1", "hours.0.from", "09:00", "hours.0.to", "17:00",
		"hours.1.id", id[1][2], "hours.1.weekday", "", "hours.1.from", "", "hours.1.to", "",
		"hours.2.id", "", "hours.2.weekday", "5", "hours.2.from", "08:00", "hours.2.to", "nonsense")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="nonsense"`) || !strings.Contains(a.Body, "field--err") {
		t.Fatalf("a time that is none was taken, or what was typed is gone: %d %s", a.Status, a.Text())
	}
	a = b.Post(at, "revision", rev, "hours", "1",
		"hours.0.id", id[0][2], "hours.0.weekday", "1", "hours.0.from", "09:00", "hours.0.to", "17:00",
		"hours.1.id", id[1][2], "hours.1.weekday", "", "hours.1.from", "", "hours.1.to", "",
		"hours.2.id", "", "hours.2.weekday", "5", "hours.2.from", "08:00", "hours.2.to", "12:00")
	if !a.Has("09:00", "12:00") || strings.Count(a.Body, "17:00") != 1 {
		t.Errorf("%d %s", a.Status, a.Text())
	}
}

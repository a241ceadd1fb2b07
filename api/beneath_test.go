package api_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"
)

// promise makes a calendar that never rests and an agreement with Acme.
func (w *world) promise() (agreement string) {
	var hours []any
	for d := 1; d <= 7; d++ {
		hours = append(hours, map[string]any{"weekday": d, "from": "00:00", "to": "24:00"})
	}
	cal := w.do("calendar", "create", "", "title", "Always", "zone", "UTC", "hours", hours, "effective_from", "2000-01-01").Ref()
	sla := w.do("agreement", "create", "", "title", "Gold", "customer", w.acme, "calendar", cal, "effective_from", "2000-01-01",
		"targets", []any{map[string]any{"kind": "response", "priority": 3, "duration": "PT1H"}, map[string]any{"kind": "resolution", "priority": 3, "duration": "PT4H"}}).Ref()
	for _, x := range []struct{ p, ref string }{{"calendar", cal}, {"agreement", sla}} {
		w.do(x.p, "version_submit", x.ref)
		w.do(x.p, "version_approve", x.ref)
	}
	return sla
}

func TestClocksTellHowFarAPromiseIsUsedUp(t *testing.T) {
	onBoth(t, func(w *world) {
		sla := w.promise()
		w.incident("ann", "customer", w.acme)
		g := w.call("ann", "GET", "/incidents/INC-1/clocks", nil).is(200)
		if len(g.items()) != 2 {
			t.Fatalf("%s", g.Raw)
		}
		g.want("items.0.kind", "resolution").want("items.0.target", "PT4H").want("items.0.state", "running").want("items.0.elapsed", "PT0S").want("items.0.breached_at", nil).want("items.0.refs.agreement.ref", sla)
		g.text("items.0.due_at")
		g.text("items.0.agreement")
		g.text("items.0.calendar")
		w.call("carl", "GET", "/incidents/INC-1/clocks", nil).is(200).want("items.1.kind", "response")
		w.call("ann", "POST", "/incidents/INC-1/transitions/wait", map[string]any{"wait_reason": "customer"}).is(200)
		w.call("ann", "GET", "/incidents/INC-1/clocks", nil).is(200).want("items.0.state", "paused").want("items.0.due_at", nil)
		w.call("ann", "POST", "/incidents/INC-1/clocks/retarget", map[string]any{"reason": "new agreement"}).is(200)
		w.call("carl", "POST", "/incidents/INC-1/clocks/retarget", nil).is(403)
		if g := w.call("ann", "GET", "/incidents/INC-1", nil); g.at("revision") != 2.0 {
			t.Errorf("clocks moved the revision: %v", g.at("revision"))
		}
	})
}

func TestCommentsAreWrittenEditedAndWithdrawn(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		g := w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "hello", "internal": true}).is(201)
		g.want("internal", true).want("body", "hello").want("author", w.users["ann"])
		at := g.Header.Get("Location")
		w.call("ann", "GET", at, nil).is(200).want("body", "hello")
		w.call("carl", "GET", at, nil).is(404)
		w.call("carl", "GET", "/incidents/INC-1/comments", nil).is(200).want("items", "[]")
		w.call("carl", "POST", "/incidents/INC-1/comments", map[string]any{"body": "x", "internal": true}).is(403)
		w.call("carl", "POST", "/incidents/INC-1/comments", map[string]any{"body": "mine"}).is(201)
		w.call("ann", "PATCH", at, map[string]any{"body": "hello again"}).is(200).want("body", "hello again")
		w.call("olga", "PATCH", at, map[string]any{"body": "no"}).is(403)
		w.call("ann", "DELETE", at, nil).is(204)
		w.call("ann", "GET", at, nil).is(200).want("withdrawn", true).want("body", nil)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": " ", "nonsense": 1}).is(422)
		for _, e := range w.call("carl", "GET", "/incidents/INC-1/history", nil).is(200).items() {
			if strings.Contains(fmt.Sprint(e), "hello") {
				t.Errorf("an internal note is in the customer's history: %v", e)
			}
		}
	})
}

func TestLinksAreMadeSeenFromBothEndsAndEnded(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		w.incident("ann", "customer", w.boreal)
		g := w.call("ann", "POST", "/incidents/INC-2/links", map[string]any{"kind": "child_of", "to": "INC-1", "note": "same cause"}).is(201)
		g.want("kind", "child_of").want("to.ref", "INC-1").want("valid_to", nil).want("note", "same cause")
		w.call("ann", "GET", "/incidents/INC-1", nil).is(200).want("links.0.kind", "parent_of").want("links.0.other.ref", "INC-2").want("revision", 1)
		w.call("carl", "GET", "/incidents/INC-1", nil).is(200).want("links", "[]")
		w.call("carl", "GET", "/incidents/INC-1/links", nil).is(200).want("items", "[]")
		w.call("ann", "POST", "/incidents/INC-1/links", map[string]any{"kind": "child_of", "to": "INC-2"}).is(422).want("errors.0.reason", "cycle")
		w.call("ann", "GET", "/incidents?fields=ref,links&sort=number", nil).is(200).want("items.0.links.0.other.ref", "INC-2").want("items.1.links.0.kind", "child_of")
		w.call("carl", "GET", "/incidents?fields=ref,links", nil).is(200).want("items.0.links", "[]")
		until := w.sys.Now().AddDate(0, 1, 0).Format(time.RFC3339)
		planned := w.call("ann", "POST", "/incidents/INC-2/links", map[string]any{"kind": "related_to", "to": "INC-1", "valid_to": until}).is(201).want("valid_to", until)
		w.call("ann", "POST", "/incidents/INC-2/links", map[string]any{"kind": "related_to", "to": "INC-1"}).is(422).want("errors.0.reason", "already_linked")
		if n := len(w.call("ann", "GET", "/incidents/INC-2/links", nil).items()); n != 2 {
			t.Errorf("%d links: one that ends in a month holds today", n)
		}
		w.call("ann", "DELETE", planned.Header.Get("Location"), nil).is(204)
		w.call("ann", "POST", "/incidents/INC-1/links", map[string]any{"kind": "nonsense", "to": "INC-2"}).is(422).want("errors.0.field", "kind")
		w.call("ann", "POST", "/incidents/INC-1/links", map[string]any{"kind": 5, "to": "INC-2"}).is(422)
		one := g.Header.Get("Location")
		w.call("ann", "GET", one, nil).is(200).want("to.ref", "INC-1")
		w.call("ann", "DELETE", one, nil).is(204)
		w.call("ann", "DELETE", one, nil).is(404)
		w.call("ann", "GET", "/incidents/INC-1/links", nil).is(200).want("items", "[]")
		if w.call("ann", "GET", "/incidents/INC-1/links?all=true", nil).is(200).at("items.0.valid_to") == nil {
			t.Error("the ended link is not in its history")
		}
	})
}

func TestFilesComeBackAsTheyWereAndAreNeverShown(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		var b bytes.Buffer
		mw := multipart.NewWriter(&b)
		part, _ := mw.CreateFormFile("file", "../../ö \"x\"\r\n.html")
		_, _ = part.Write([]byte("<html><script>alert(1)</script>0123456789"))
		_ = mw.Close()
		g := w.call("ann", "POST", "/incidents/INC-1/attachments", b.Bytes(), "Content-Type", mw.FormDataContentType()).is(201)
		if name := g.text("name"); strings.ContainsAny(name, "/\\\"\r\n") {
			t.Errorf("name %q", name)
		}
		at := g.Header.Get("Location")
		f := w.call("ann", "GET", at, nil).is(200)
		if f.Raw != "<html><script>alert(1)</script>0123456789" || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment; filename=\"") || f.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(f.Header.Get("Content-Security-Policy"), "sandbox;") || strings.ContainsAny(f.Header.Get("Content-Disposition"), "\r\n") || f.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", f.Header)
		}
		if part := w.call("ann", "GET", at, nil, "Range", "bytes=31-33").is(206); part.Raw != "012" {
			t.Errorf("range gives %q", part.Raw)
		}
		w.call("carl", "GET", at, nil).is(200)
		w.call("rob", "GET", at, nil).is(404)
		raw := w.call("ann", "POST", "/incidents/INC-1/attachments?name=log.txt&internal=true", "line", "Content-Type", "text/plain").is(201).want("internal", true).want("name", "log.txt")
		w.call("carl", "GET", raw.Header.Get("Location"), nil).is(404)
		w.call("ann", "GET", "/incidents/INC-1/attachments", nil).is(200).want("items.1.name", "log.txt")
		w.call("ann", "POST", "/incidents/INC-1/attachments?name=x", "", "Content-Type", "text/plain").is(422)
		w.call("ann", "POST", "/incidents/INC-1/attachments", "--x--", "Content-Type", "multipart/form-data; boundary=x").is(422)
		w.call("ann", "POST", "/incidents/INC-1/attachments", "broken", "Content-Type", "multipart/form-data; boundary=x").is(400)
		w.call("aud", "POST", "/incidents/INC-1/attachments?name=x", "x", "Content-Type", "text/plain").is(403)
		w.call("ann", "DELETE", at, nil).is(204)
		w.call("ann", "GET", at, nil).is(404)
		w.call("ann", "DELETE", raw.Header.Get("Location"), nil).is(204)
		if h := w.call("carl", "GET", "/incidents/INC-1/history", nil).is(200); strings.Contains(h.Raw, "log.txt") {
			t.Errorf("an internal file is in the customer's history: %s", h.Raw)
		}
		w.call("ann", "GET", "/incidents/INC-1/attachments/nonsense", nil).is(404)
	})
}

func TestAFileThatIsTooLargeLeavesNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann")
		big := bytes.Repeat([]byte("x"), 50<<20+1)
		w.call("ann", "POST", "/incidents/INC-1/attachments?name=x", big, "Content-Type", "application/octet-stream").is(413)
		w.call("ann", "GET", "/incidents/INC-1/attachments", nil).is(200).want("items", "[]")
	})
}

func TestHistoryTellsWhoChangedWhatAndEditsAreUndone(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		w.call("ann", "PATCH", "/incidents/INC-1", map[string]any{"title": "B", "category": "net"}, "If-Match", "*").is(200)
		g := w.call("ann", "GET", "/incidents/INC-1/history", nil).is(200)
		g.want("items.1.command", "update").want("items.1.actor_name", "Ann").want("items.1.changes.set.title", "[Mail is slow B]").want("items.0.command", "create")
		w.call("ann", "GET", "/incidents/INC-1/history?limit=1", nil).is(200).want("next", 1)
		w.call("ann", "GET", "/incidents/INC-1/history?limit=1&after=1", nil).is(200).want("items.0.n", 2)
		w.call("ann", "POST", "/incidents/INC-1/history/2/undo", nil).is(200).want("title", "Mail is slow").want("category", nil)
		w.call("ann", "POST", "/incidents/INC-1/history/2/undo", nil).is(422).want("errors.0.reason", "changed_since")
		w.call("ann", "POST", "/incidents/INC-1/history/99/undo", nil).is(404)
		w.call("ann", "POST", "/incidents/INC-1/history/x/undo", nil).is(404)
		w.call("carl", "POST", "/incidents/INC-1/history/2/undo", nil).is(403)
	})
}

func TestPersonalDataInHistoryIsReadableForThoseWhoMaySeeIt(t *testing.T) {
	onBoth(t, func(w *world) {
		u := w.call("adm", "POST", "/users", map[string]any{"title": "New", "name": "new", "email": "new@example.org", "roles": []any{map[string]any{"role": "agent"}}}).is(201)
		g := w.call("adm", "GET", "/users/new/history", nil).is(200).want("items.0.changes.set.email", "[<nil> new@example.org]")
		if strings.Contains(g.Raw, "sealed") {
			t.Errorf("%s", g.Raw)
		}
		w.call("adm", "POST", "/users/"+u.text("id")+"/erase", map[string]any{"reason": "asked for it"}).is(200).want("email", nil)
		g = w.call("adm", "GET", "/users/new/history", nil).is(200)
		if strings.Contains(g.Raw, "new@example.org") {
			t.Errorf("%s", g.Raw)
		}
		w.call("ann", "POST", "/users/new/erase", map[string]any{"reason": "x"}).is(403)
	})
}

func TestVersionsGoFromDraftToEffectThroughTheDoor(t *testing.T) {
	onBoth(t, func(w *world) {
		hours := []any{map[string]any{"weekday": 1, "from": "08:00", "to": "17:00"}}
		made := w.call("olga", "POST", "/calendars", map[string]any{"title": "Office", "zone": "Europe/Berlin", "hours": hours}).is(201)
		made.want("version.number", 1).want("version.state", "draft").want("hours.0.from", "08:00").want("version.author", w.users["olga"])
		ref := made.text("ref")
		at := "/calendars/" + ref + "/versions"
		w.call("olga", "PATCH", at+"/1", map[string]any{"zone": "UTC"}).is(428)
		v := w.call("olga", "PATCH", at+"/1", map[string]any{"zone": "UTC"}, "If-Match", made.Header.Get("ETag")).is(200).want("zone", "UTC").want("content.zone", "UTC")
		w.call("olga", "PATCH", at+"/1", map[string]any{"zone": "Europe/Paris"}, "If-Match", made.Header.Get("ETag")).is(412).want("current.ref", ref)
		if v.Header.Get("ETag") == made.Header.Get("ETag") {
			t.Error("the ETag stands still when a draft changes")
		}
		w.call("olga", "PATCH", "/calendars/"+ref, map[string]any{"zone": "UTC"}, "If-Match", "*").is(422).want("errors.0.reason", "versioned")
		w.call("olga", "POST", at+"/1/transitions/approve", nil).is(409).want("legal", "[submit]")
		w.call("olga", "POST", at+"/1/transitions/submit", nil).is(200).want("state", "review")
		w.call("olga", "PATCH", at+"/1", map[string]any{"zone": "UTC"}, "If-Match", "*").is(409)
		w.call("olga", "POST", at+"/1/transitions/approve", nil).is(422).want("errors.0.reason", "own_work")
		w.call("ann", "POST", at+"/1/transitions/approve", nil).is(403)
		w.call("app", "POST", at+"/1/transitions/approve", map[string]any{"effective_from": "2001-01-01"}).is(422).want("errors.0.reason", "retroactive")
		w.call("adm", "POST", at+"/1/transitions/approve", map[string]any{"effective_from": "2001-01-01"}).is(200).want("state", "approved").want("retroactive", true).want("approver", w.users["adm"])
		if w.call("ann", "GET", at+"/1", nil).is(200).text("content_hash") == "" {
			t.Error("no hash")
		}
		w.call("ann", "GET", "/calendars?in_force_on=2001-06-01", nil).is(200).want("items.0.ref", ref)
		w.call("ann", "GET", "/calendars?in_force_on=1999-06-01", nil).is(200).want("items", "[]")
		w.call("ann", "GET", "/calendars/"+ref+"?in_force_on=2001-06-01", nil).is(200).want("version.number", 1)
		w.call("ann", "GET", "/calendars/"+ref+"?in_force_on=1999-06-01", nil).is(404)
		two := w.call("olga", "POST", at, map[string]any{"description": "two"}).is(201).want("number", 2).want("description", "two")
		if !strings.HasSuffix(two.Header.Get("Location"), "/versions/2") {
			t.Errorf("Location %s", two.Header.Get("Location"))
		}
		w.call("olga", "POST", at, nil).is(409)
		if n := len(w.call("rita", "GET", at, nil).is(200).items()); n != 1 {
			t.Errorf("a customer's user sees %d versions", n)
		}
		w.call("rita", "GET", at+"/2", nil).is(404)
		if strings.Contains(w.call("rita", "GET", "/calendars/"+ref+"/history", nil).is(200).Raw, "two") {
			t.Error("a draft shows in the customer's history")
		}
		w.call("olga", "POST", at+"/2/transitions/submit", nil).is(200)
		w.call("mia", "POST", at+"/2/transitions/reject", nil).is(422).want("errors.0.field", "reason")
		w.call("mia", "POST", at+"/2/transitions/reject", map[string]any{"reason": "too short"}).is(200).want("state", "rejected")
		w.call("olga", "POST", at+"/2/transitions/nonsense", nil).is(409)
		w.call("olga", "GET", at+"/9", nil).is(404)
		w.call("ann", "POST", "/incidents/INC-1/versions", nil).is(404)
	})
}

func TestLinesAreResourcesOfTheirOwn(t *testing.T) {
	onBoth(t, func(w *world) {
		team := w.call("olga", "POST", "/teams", map[string]any{"title": "Desk", "members": []any{map[string]any{"user": "ann"}}}).is(201)
		at := "/teams/Desk/lines/members"
		one := team.text("members.0.id")
		added := w.call("olga", "POST", at, map[string]any{"user": "mia", "lead": true}).is(201)
		two := added.Header.Get("Location")
		w.call("olga", "GET", at, nil).is(200).want("items.0.id", one).want("items.1.lead", true)
		w.call("olga", "PATCH", two, map[string]any{"lead": false}).is(428)
		w.call("olga", "PATCH", two, map[string]any{"lead": false}, "If-Match", team.Header.Get("ETag")).is(412)
		w.call("olga", "PATCH", two, map[string]any{"lead": false}, "If-Match", added.Header.Get("ETag")).is(200).want("lead", false).want("user", w.users["mia"])
		w.call("olga", "PATCH", "/teams/Desk", map[string]any{"members": []any{map[string]any{"id": one, "lead": true}, map[string]any{"user": "app"}}}, "If-Match", "*").is(200).
			want("members.0.id", one).want("members.0.lead", true).want("members.0.user", w.users["ann"])
		w.call("olga", "GET", two, nil).is(404)
		w.call("olga", "DELETE", at+"/"+one, nil).is(204)
		if n := len(w.call("ann", "GET", at, nil).items()); n != 1 {
			t.Errorf("%d lines", n)
		}
		w.call("olga", "POST", at, map[string]any{"user": "nobody", "nonsense": 1}).is(422)
		w.call("olga", "POST", at, map[string]any{"user": "app"}).is(422).want("errors.0.reason", "twice")
		w.call("ann", "POST", at, map[string]any{"user": "mia"}).is(403)
		w.call("olga", "GET", "/teams/Desk/lines/nonsense", nil).is(404)
		w.call("olga", "DELETE", at+"/"+one, nil).is(404)

		sla := w.promise()
		w.call("olga", "POST", "/agreements/"+sla+"/lines/targets", map[string]any{"kind": "response", "priority": 2, "duration": "PT30M"}).is(422).want("errors.0.reason", "versioned")
		w.call("olga", "POST", "/agreements/"+sla+"/versions", nil).is(201)
		w.call("olga", "POST", "/agreements/"+sla+"/lines/targets", map[string]any{"kind": "response", "priority": 2, "duration": "PT30M"}).is(201).want("duration", "PT30M")
		if n := len(w.call("olga", "GET", "/agreements/"+sla+"/versions/2", nil).is(200).at("targets").([]any)); n != 3 {
			t.Errorf("%d targets in the draft", n)
		}
		if n := len(w.call("olga", "GET", "/agreements/"+sla+"/lines/targets", nil).is(200).items()); n != 2 {
			t.Errorf("%d targets in force", n)
		}
		if n := len(w.call("olga", "GET", "/agreements/"+sla+"/lines/targets?version=2", nil).is(200).items()); n != 3 {
			t.Errorf("%d targets in version 2", n)
		}
	})
}

func TestWatchersAndTheInbox(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		w.call("mia", "PUT", "/incidents/INC-1/watch", nil).is(204)
		w.call("mia", "GET", "/incidents/INC-1/watch", nil).is(200).want("watching", true)
		w.call("rob", "PUT", "/incidents/INC-1/watch", nil).is(404)
		w.call("ann", "POST", "/incidents/INC-1/transitions/resolve", map[string]any{"resolution": "x", "resolution_code": "fixed"}).is(200)
		g := w.call("mia", "GET", "/inbox?unread=true", nil).is(200).want("items.0.topic", "resolved").want("items.0.record.ref", "INC-1").want("items.0.read_at", nil)
		id := g.text("items.0.id")
		w.call("rita", "POST", "/inbox/"+id+"/read", nil).is(404)
		w.call("mia", "POST", "/inbox/"+id+"/read", nil).is(204)
		w.call("mia", "GET", "/inbox?unread=true", nil).is(200).want("items", "[]")
		w.call("mia", "GET", "/inbox", nil).is(200).want("items.0.id", id)
		w.call("mia", "DELETE", "/incidents/INC-1/watch", nil).is(204)
		w.call("mia", "GET", "/incidents/INC-1/watch", nil).is(200).want("watching", false)
	})
}

func TestARecordIsSharedAndNoLonger(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("carl")
		w.call("rita", "GET", "/incidents/INC-1", nil).is(404)
		w.call("ann", "POST", "/incidents/INC-1/grants", map[string]any{"to": "rita"}).is(403)
		w.call("olga", "POST", "/incidents/INC-1/grants", map[string]any{"to": "rita"}).is(200)
		w.call("rita", "GET", "/incidents/INC-1", nil).is(200)
		w.call("olga", "GET", "/incidents/INC-1/grants", nil).is(200).want("items.0.to", w.users["rita"])
		w.call("rita", "GET", "/incidents/INC-1/grants", nil).is(403)
		w.call("olga", "DELETE", "/incidents/INC-1/grants/rita", nil).is(204)
		w.call("rita", "GET", "/incidents/INC-1", nil).is(404)
	})
}

func TestSearchCompletionAndMyWork(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme, "title", "Printer on fire", "assignee", "ann")
		w.call("ann", "GET", "/search?q=fire", nil).is(200).want("items.0.ref", "INC-1").want("items.0.resource", "incidents")
		w.call("rob", "GET", "/search?q=fire", nil).is(200).want("items", "[]")
		w.call("ann", "GET", "/my-work", nil).is(200).want("items.0.ref", "INC-1")
		w.call("olga", "POST", "/teams", map[string]any{"title": "Desk", "members": []any{map[string]any{"user": "ann"}}}).is(201)
		w.incident("olga", "team", "Desk")
		w.incident("olga", "team", "Desk", "assignee", "olga")
		if g := w.call("ann", "GET", "/my-work", nil).is(200); len(g.items()) != 2 || !strings.Contains(g.Raw, "INC-2") {
			t.Errorf("what waits for the team is not her work: %s", g.Raw)
		}
		g := w.call("ann", "GET", "/incidents/complete?filter="+url.QueryEscape("state = ")+"&cursor=8", nil).is(200)
		if !strings.Contains(g.Raw, `in_progress`) {
			t.Errorf("%s", g.Raw)
		}
		w.call("ann", "GET", "/incidents/complete?filter=pri", nil).is(200).want("items.0.text", "priority").want("items.0.from", 0).want("items.0.to", 3)
	})
}

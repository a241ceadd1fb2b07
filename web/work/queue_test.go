package work_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
	"steward/web"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// desk is a system with people and incidents, and its door for browsers.
type desk struct {
	t     *testing.T
	o     *boot.Opened
	door  http.Handler
	token map[string]string
}

func openDesk(t *testing.T, engine string) *desk {
	opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if engine == "postgres" {
		opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
	}
	o, err := boot.Open(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{t: t, o: o, door: web.New(o.System, web.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test"}), token: map[string]string{}}
	d.make("customer", "title", "Acme")
	d.make("team", "title", "Desk")
	d.make("service", "title", "E-mail", "owner", "admin")
	for name, role := range map[string]string{"ann": "agent", "ben": "agent", "aud": "auditor"} {
		u := d.make("user", "title", strings.ToUpper(name[:1])+name[1:], "name", name, "roles", []any{map[string]any{"role": role}})
		if d.token[name], _, err = o.NewSession(context.Background(), u, "test", "test"); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func onDesks(t *testing.T, f func(*desk)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { f(openDesk(t, engine)) })
	}
}

func (d *desk) make(process string, kv ...any) record.ID {
	d.t.Helper()
	set := map[string]json.RawMessage{}
	for i := 0; i+1 < len(kv); i += 2 {
		set[kv[i].(string)], _ = json.Marshal(kv[i+1])
	}
	res, err := d.o.Do(context.Background(), d.o.Self(), lifecycle.Command{Process: process, Verb: "create", Set: set, Door: "test"})
	if err != nil {
		d.t.Fatalf("create %s: %v", process, err)
	}
	return res.Record.Head().ID
}

func (d *desk) incident(title string, kv ...any) {
	d.t.Helper()
	d.make("incident", append([]any{"title", title, "customer", "Acme", "service", "E-mail", "reporter", "ann", "description", "so it is", "category", "mail", "channel", "phone"}, kv...)...)
}

type seen struct {
	*httptest.ResponseRecorder
	Text string
}

func (d *desk) ask(who, method, path string, form url.Values, header ...string) seen {
	d.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: "steward", Value: d.token[who]})
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, r)
	return seen{w, html.UnescapeString(w.Body.String())}
}

func (d *desk) get(who, path string) seen { return d.ask(who, "GET", path, nil) }

var rowRef = regexp.MustCompile(`<tr class="row[^"]*" data-ref="([^"]+)"`)

// refs are the rows of a list, in order.
func (s seen) refs() []string {
	var out []string
	for _, m := range rowRef.FindAllStringSubmatch(s.Body.String(), -1) {
		out = append(out, m[1])
	}
	return out
}

func TestACountIsTheLengthOfTheListBehindIt(t *testing.T) {
	onDesks(t, func(d *desk) {
		for i := range 7 {
			kv := []any{}
			if i%3 == 0 {
				kv = append(kv, "assignee", "ann")
			}
			d.incident(fmt.Sprintf("Mail %d", i), kv...)
		}
		counts := d.get("ann", "/incidents/counts").Text
		for _, view := range []string{"open", "mine", "unassigned", "today", "waiting", "all"} {
			page := d.get("ann", "/incidents?view="+view)
			m := regexp.MustCompile(`id="n-` + view + `"[^>]*>\s*(\d+)`).FindStringSubmatch(counts)
			if page.Code != 200 || m == nil || m[1] != fmt.Sprint(len(page.refs())) {
				t.Errorf("view %s: status %d, %d rows, counted %v", view, page.Code, len(page.refs()), m)
			}
		}
		if n := len(d.get("ann", "/incidents?view=mine").refs()); n != 3 {
			t.Errorf("mine: %d, want 3", n)
		}
	})
}

func TestMoreGoesOnWhereTheListEndedAndShowsEachOnce(t *testing.T) {
	onDesks(t, func(d *desk) {
		for i := range 63 {
			d.incident(fmt.Sprintf("Mail %d", i))
		}
		first := d.get("ann", "/incidents?view=all&sort=title")
		more := regexp.MustCompile(`hx-get="([^"]*cursor=[^"]*)"`).FindStringSubmatch(first.Text)
		if len(first.refs()) != 50 || more == nil {
			t.Fatalf("first page: %d rows, more %v", len(first.refs()), more)
		}
		part := d.ask("ann", "GET", more[1], nil, "HX-Request", "true")
		whole := d.get("ann", more[1])
		if strings.Contains(part.Text, "<html") || !strings.Contains(whole.Text, "<html") {
			t.Error("the part is not a part, or the page is not a page")
		}
		all := map[string]bool{}
		for _, r := range append(first.refs(), part.refs()...) {
			if all[r] {
				t.Errorf("%s stands there twice", r)
			}
			all[r] = true
		}
		if len(all) != 63 || len(whole.refs()) != 13 {
			t.Errorf("%d records in all, %d on the second page without script", len(all), len(whole.refs()))
		}
	})
}

func TestAFilterThatCannotBeReadSaysWhereAndKeepsWhatWasTyped(t *testing.T) {
	d := openDesk(t, "sqlite")
	got := d.get("ann", "/incidents?filter="+url.QueryEscape(`priority <= 2 and statt = "x"`))
	if got.Code != 400 || !strings.Contains(got.Text, `<mark>statt = "x"</mark>`) || !strings.Contains(got.Text, `value="priority <= 2 and statt = "x""`) {
		t.Errorf("%d %s", got.Code, got.Text)
	}
}

func TestAChipTakesItsPartOfTheFilterAway(t *testing.T) {
	d := openDesk(t, "sqlite")
	d.incident("VPN", "assignee", "ann")
	d.incident("Mail")
	got := d.get("ann", "/incidents?view=all&filter="+url.QueryEscape(`title ~ "vpn" and assignee = me`))
	chips := regexp.MustCompile(`class="x" href="([^"]*)" aria-label="Remove filter ([^"]*)"`).FindAllStringSubmatch(got.Text, -1)
	if len(got.refs()) != 1 || len(chips) != 2 || chips[0][2] != "Title contains vpn" {
		t.Fatalf("%v %v", got.refs(), chips)
	}
	if u, _ := url.Parse(chips[0][1]); u.Query().Get("filter") != "assignee = me" {
		t.Errorf("without the first chip: %s", chips[0][1])
	}
}

func TestAConditionFromTheFormIsQuotedAndJoined(t *testing.T) {
	d := openDesk(t, "sqlite")
	got := d.get("ann", "/incidents/filter?view=all&field=title&op=~&value="+url.QueryEscape(`a "b" \ or true`)+"&filter="+url.QueryEscape(`priority = 1 or priority = 2`))
	u, _ := url.Parse(got.Header().Get("Location"))
	if want := `(priority = 1 or priority = 2) and title ~ "a \"b\" \\ or true"`; u.Query().Get("filter") != want {
		t.Errorf("got %s, want %s", u.Query().Get("filter"), want)
	}
}

func TestCompletionOffersFieldsAndNamesOfRecords(t *testing.T) {
	d := openDesk(t, "sqlite")
	var found []struct {
		Text, Value string
		Caret       int
	}
	for before, want := range map[string]string{`prio`: "priority ", `team = de`: `team = "Desk" `, `priority = 1 and team in (`: `priority = 1 and team in ("Desk" `} {
		if err := json.Unmarshal(d.get("ann", "/incidents/complete?before="+url.QueryEscape(before)).Body.Bytes(), &found); err != nil {
			t.Fatal(err)
		}
		ok := false
		for _, f := range found {
			ok = ok || f.Value == want && f.Caret == len(want)
		}
		if !ok {
			t.Errorf("after %q %q is not offered: %+v", before, want, found)
		}
	}
}

func TestASavedViewIsThereForItsOwnerAndForWhomItIsSharedWith(t *testing.T) {
	onDesks(t, func(d *desk) {
		d.incident("VPN")
		form := url.Values{"title": {"Networks"}, "share": {""}, "filter": {`title ~ "vpn"`}, "sort": {"title"}, "cols": {"customer,created_at"}, "back": {"/incidents"}}
		got := d.ask("ann", "POST", "/incidents/views", form)
		at := got.Header().Get("Location")
		if got.Code != 303 || !strings.Contains(at, "view=VIEW-1") {
			t.Fatalf("%d %s", got.Code, at)
		}
		if p := d.get("ann", at); len(p.refs()) != 1 || !strings.Contains(p.Text, "Networks") || !strings.Contains(p.Text, "Created") || strings.Contains(p.Text, "Time left</a>") {
			t.Errorf("the owner's list: %v", p.refs())
		}
		if strings.Contains(d.get("ben", "/incidents").Text, "Networks") {
			t.Error("a personal view stands among somebody else's")
		}
		if got := d.ask("ben", "POST", "/incidents/views", url.Values{"ref": {"VIEW-1"}, "title": {"Mine now"}}); got.Code != 403 {
			t.Errorf("somebody else renames it: %d", got.Code)
		}
		d.ask("ann", "POST", "/incidents/views", url.Values{"ref": {"VIEW-1"}, "title": {"Net"}, "share": {"everyone"}, "back": {at}})
		if !strings.Contains(d.get("ben", "/incidents").Text, "Net") {
			t.Error("a shared view is not among the others'")
		}
		d.ask("ann", "POST", "/incidents/views", url.Values{"ref": {"VIEW-1"}, "do": {"retire"}})
		if strings.Contains(d.get("ben", "/incidents").Text, "VIEW-1") {
			t.Error("a deleted view is still there")
		}
	})
}

func TestColumnsArePersonalAndKeepTheirOrder(t *testing.T) {
	d := openDesk(t, "sqlite")
	d.incident("VPN")
	got := d.ask("ann", "POST", "/incidents/columns", url.Values{"col": {"customer", "team"}, "up": {"team"}, "back": {"/incidents?view=all"}})
	if got.Code != 303 || !strings.Contains(got.Header().Get("Location"), "open=columns") {
		t.Fatalf("%d %s", got.Code, got.Header().Get("Location"))
	}
	heads := func(who string) string {
		page := d.get(who, "/incidents?view=all").Text
		return regexp.MustCompile(`<[^>]*>|\s+`).ReplaceAllString(page[strings.Index(page, "<thead>"):strings.Index(page, "</thead>")], " ")
	}
	if h := heads("ann"); !regexp.MustCompile(`Title\s+Team\s+Customer\s*$`).MatchString(h) {
		t.Errorf("hers: %s", h)
	}
	if h := heads("ben"); !strings.Contains(h, "Time left") {
		t.Errorf("his: %s", h)
	}
}

func TestAnExportIsExactlyTheListAndRunsNoFormula(t *testing.T) {
	onDesks(t, func(d *desk) {
		d.incident("=1+1 A")
		d.incident("B, with \"quotes\"")
		d.incident("other", "category", "voice")
		path := "/incidents/export?view=all&sort=title&cols=customer,created_at&filter=" + url.QueryEscape(`category = "mail"`)
		got := d.get("ann", path)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body.String(), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%v %v", rows, err)
		}
		if strings.Join(rows[0][:4], "|") != "Ref|State|Title|Customer" || rows[1][2] != "'=1+1 A" || rows[2][2] != `B, with "quotes"` || rows[1][3] != "Acme" {
			t.Errorf("%q", rows)
		}
		if _, err := time.Parse(time.RFC3339Nano, rows[1][len(rows[1])-1]); err != nil {
			t.Errorf("an instant without its offset: %v", err)
		}
		if x := d.get("ann", path+"&format=xlsx"); x.Code != 200 || !strings.HasPrefix(x.Body.String(), "PK") {
			t.Errorf("xlsx: %d", x.Code)
		}
	})
}

// hidden are the values that a form carries on.
func hidden(s seen) url.Values {
	out := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(s.Body.String(), -1) {
		out.Add(m[1], html.UnescapeString(m[2]))
	}
	return out
}

func TestABulkEditIsSeenBeforeItHappensAndTakenBackAfterwards(t *testing.T) {
	onDesks(t, func(d *desk) {
		d.incident("one")
		d.incident("two", "assignee", "ben")
		of := func() string {
			return fmt.Sprint(d.get("ann", "/incidents?view=all&sort=title&filter="+url.QueryEscape(`assignee = "ann"`)).refs())
		}
		form := url.Values{"ref": {"INC-1", "INC-2"}, "act": {"assign"}, "assignee": {"ann"}, "stage": {"preview"}}
		got := d.ask("ann", "POST", "/incidents/bulk", form, "HX-Request", "true")
		if got.Code != 200 || !strings.Contains(got.Text, "2 will change") || !strings.Contains(got.Text, "Ben") || of() != "[]" {
			t.Fatalf("preview: %d %s; written: %s", got.Code, got.Text, of())
		}
		next := hidden(got)
		// Somebody is faster on one of them: the other is changed all the same, and it is told.
		if _, err := d.o.Do(context.Background(), d.o.Self(), lifecycle.Command{Process: "incident", Ref: "INC-2", Verb: "update", Door: "test", Set: map[string]json.RawMessage{"title": json.RawMessage(`"2"`)}}); err != nil {
			t.Fatal(err)
		}
		next.Set("stage", "apply")
		got = d.ask("ann", "POST", "/incidents/bulk", next, "HX-Request", "true")
		if !strings.Contains(got.Text, "1 changed, 1 not") || !strings.Contains(got.Text, "in the meantime") || of() != "[INC-1]" {
			t.Fatalf("applied: %s; written: %s", got.Text, of())
		}
		got = d.ask("ann", "POST", "/incidents/bulk/undo", hidden(got), "HX-Request", "true")
		if !strings.Contains(got.Text, "INC-1 as before") || of() != "[]" {
			t.Errorf("undone: %s; written: %s", got.Text, of())
		}
	})
}

func TestAStepThatIsRefusedAsksForWhatIsMissing(t *testing.T) {
	d := openDesk(t, "sqlite")
	d.incident("one", "assignee", "ann")
	form := url.Values{"ref": {"INC-1"}, "act": {"step"}, "step": {"resolve"}, "stage": {"apply"}, "comment": {"typed already"}}
	got := d.ask("ann", "POST", "/incidents/bulk", form)
	if got.Code != 422 || !strings.Contains(got.Text, `name="resolution"`) || !strings.Contains(got.Text, "typed already") {
		t.Errorf("%d %s", got.Code, got.Text)
	}
}

func TestWhoMayOnlyReadIsOfferedNothingToChange(t *testing.T) {
	d := openDesk(t, "sqlite")
	d.incident("one")
	page := d.get("aud", "/incidents?view=all")
	if len(page.refs()) != 1 || strings.Contains(page.Text, `id="bulk"`) || strings.Contains(page.Text, `name="ref" value="INC-1"`) || strings.Contains(page.Text, "/incidents/new") {
		t.Error("the list offers an auditor what an auditor may not do")
	}
	form := url.Values{"ref": {"INC-1"}, "act": {"field"}, "field": {"assignee"}, "assignee": {"ann"}, "stage": {"apply"}}
	if got := d.ask("aud", "POST", "/incidents/bulk", form); got.Code != 422 || len(d.get("aud", "/incidents?view=all&filter="+url.QueryEscape(`assignee is not blank`)).refs()) != 0 {
		t.Errorf("an auditor changed something: %d", got.Code)
	}
}

func TestEveryProcessHasAListThatTeachesWhileItIsEmpty(t *testing.T) {
	d := openDesk(t, "sqlite")
	for _, q := range d.o.Registry.All {
		who := "ann"
		if !strings.Contains(q.Grants["agent"], "read") {
			continue
		}
		got := d.get(who, "/"+q.Resource)
		if got.Code != 200 {
			t.Errorf("/%s: %d", q.Resource, got.Code)
			continue
		}
		if all := d.get(who, "/"+q.Resource+"?view=all"); len(all.refs()) == 0 && !strings.Contains(all.Text, q.Doc) {
			t.Errorf("/%s: an empty list does not say what belongs there", q.Resource)
		}
		for _, col := range []string{"customer", "state"} {
			if g := d.get(who, "/"+q.Resource+"?view=all&group="+col); g.Code != 200 {
				t.Errorf("/%s grouped by %s: %d", q.Resource, col, g.Code)
			}
		}
	}
}

func TestFreshCountsWhatChangedInThisListSinceItWasSeen(t *testing.T) {
	d := openDesk(t, "sqlite")
	d.incident("one")
	since := regexp.MustCompile(`data-since="([^"]*)"`).FindStringSubmatch(d.get("ann", "/incidents?view=all").Text)[1]
	at := "/incidents/fresh?view=all&since=" + url.QueryEscape(since)
	if got := d.get("ann", at); strings.TrimSpace(got.Text) != "" {
		t.Errorf("nothing changed, said: %s", got.Text)
	}
	d.incident("two")
	if got := d.get("ann", at); !strings.Contains(regexp.MustCompile(`\s+`).ReplaceAllString(got.Text, " "), "1 changed") {
		t.Errorf("one came, said: %s", got.Text)
	}
}

package pack_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity/pack"
)

func TestAPack(t *testing.T) {
	overBoth(t, []promise{
		{"a pack holds and says what it cannot show", aPackHoldsAndSaysWhatItCannotShow},
		{"the statement puts every gap stale and attested item before what conforms", theStatementPutsEveryGapStaleAndAttestedItemBeforeWhatConforms},
		{"documents registers samples and measurements of the period are in the pack", documentsRegistersSamplesAndMeasurementsOfThePeriodAreInThePack},
		{"the same state makes the same bytes", theSameStateMakesTheSameBytes},
		{"a named seed draws another sample that holds too", aNamedSeedDrawsAnotherSampleThatHoldsToo},
		{"pages need no script and lead nowhere outside", pagesNeedNoScriptAndLeadNowhereOutside},
		{"restricted records are in it only where that was said", restrictedRecordsAreInItOnlyWhereThatWasSaid},
		{"an internal note is for those who may read internal notes", anInternalNoteIsForThoseWhoMayReadInternalNotes},
		{"who may not take a pack gets none", whoMayNotTakeAPackGetsNone},
		{"no pack holds secrets or what is personal and none what was erased", noPackHoldsSecretsOrWhatIsPersonalAndNoneWhatWasErased}, // erases: the last one
	})
}

func aPackHoldsAndSaysWhatItCannotShow(w *world) {
	kept := w.checkpoint()
	zip, about := w.pack(w.options(w.o.Self()))
	rep := verified(w, zip, w.keys(), kept)
	if !rep.Holds() || len(rep.Caveats) > 0 {
		w.Errorf("with key and checkpoint: %v, %q", rep.Fault, rep.Caveats)
	}
	rep = verified(w, zip, w.keys())
	if !rep.Holds() || len(rep.Caveats) != 1 || !strings.Contains(rep.Caveats[0], "replacement of the whole log cannot be excluded") {
		w.Errorf("without a checkpoint: %v, %q", rep.Fault, rep.Caveats)
	}
	rep = verified(w, zip, nil)
	if !rep.Holds() || len(rep.Caveats) != 2 || !rep.OwnKey {
		w.Errorf("without anything from outside: %v, %q", rep.Fault, rep.Caveats)
	}
	if rep.Log.Leaves != about.Leaves || rep.Records != len(about.Records) || rep.Records < 60 || rep.Proofs < rep.Records || rep.Rows < rep.Records {
		w.Errorf("looked at %d leaves, %d records, %d proofs, %d rows; the pack has %d leaves and %d records", rep.Log.Leaves, rep.Records, rep.Proofs, rep.Rows, about.Leaves, len(about.Records))
	}
	if len(about.Differences) > 0 {
		w.Errorf("records that do not follow from their history: %q", about.Differences)
	}
	second(w, 0, "", file{"pack.zip", zip}, w.o.VerifierKey, kept)
}

func theStatementPutsEveryGapStaleAndAttestedItemBeforeWhatConforms(w *world) {
	zip, _ := w.pack(w.options(w.o.Self()))
	fs := files(w, zip)
	var state struct {
		Items []struct{ Requirement, State, Reason string }
	}
	if err := json.Unmarshal(find(fs, "conformity.json").content, &state); err != nil {
		w.Fatal(err)
	}
	if len(state.Items) != 395 {
		w.Fatalf("%d requirements", len(state.Items))
	}
	cover := string(find(fs, "index.html").content)
	statement, _, found := strings.Cut(cover, `id="clauses"`)
	if !found {
		w.Fatal("the cover has no list of clauses")
	}
	fails, holds := 0, 0
	for _, i := range state.Items {
		named := strings.Contains(statement, "#r"+i.Requirement+`"`)
		switch i.State {
		case "conforms", "vacuous":
			if holds++; named {
				w.Errorf("%s is %s and stands among what is not met", i.Requirement, i.State)
			}
		default:
			if fails++; !named || i.Reason == "" {
				w.Errorf("%s is %s (%q) and does not stand in the statement", i.Requirement, i.State, i.Reason)
			}
		}
	}
	if fails == 0 || holds == 0 {
		w.Fatalf("the world shows too little: %d fail, %d hold", fails, holds)
	}
	if gap, none := strings.Index(statement, `id="g-gap"`), strings.Index(statement, `id="g-no_evidence"`); gap < 0 || none < gap {
		w.Errorf("gaps stand at %d, what nothing shows at %d", gap, none)
	}
}

func documentsRegistersSamplesAndMeasurementsOfThePeriodAreInThePack(w *world) {
	zip, about := w.pack(w.options(w.o.Self()))
	fs := files(w, zip)
	documents := string(find(fs, "documents.html").content)
	in, over, found := strings.Cut(documents, "Overtaken or ended in the period")
	if !found || !strings.Contains(in, w.ref("procedure")) || !strings.Contains(over, w.ref("procedure")) {
		w.Error("the version in force and the one it took the place of do not both stand among the documents")
	}
	page := string(find(fs, "records/document/"+w.ref("procedure")+".html").content)
	for _, text := range []string{"First do this, then that.", "First do that, then this.", "version approve", "Mia"} {
		if !strings.Contains(page, text) {
			w.Errorf("the document's page does not say %q", text)
		}
	}
	var register *pack.RegisterAbout
	for i := range about.Registers {
		if about.Registers[i].Process == "incident" {
			register = &about.Registers[i]
		}
	}
	if register == nil || register.Population != 64 || register.Touched != 63 || register.Sample != 60 {
		w.Fatalf("register of incidents: %+v", register)
	}
	var rows []pack.Row
	if err := json.Unmarshal(find(fs, "registers/incident.json").content, &rows); err != nil || len(rows) != 64 {
		w.Fatal(len(rows), err)
	}
	drawn := 0
	for _, r := range rows {
		html, json := find(fs, "records/incident/"+r.Ref+".html"), find(fs, "records/incident/"+r.Ref+".json")
		if r.Page != (html != nil) || r.Page != (json != nil) {
			w.Errorf("%s: has a page: %t, %t, said is %t", r.Ref, html != nil, json != nil, r.Page)
		}
		if r.Drawn {
			drawn++
		}
	}
	if drawn != 60 {
		w.Errorf("%d drawn", drawn)
	}
	if csv := string(find(fs, "registers/incident.csv").content); strings.Count(csv, "\n") != 65 || !strings.Contains(csv, "slow 62") {
		w.Errorf("the register as CSV has %d lines", strings.Count(csv, "\n"))
	}
	charts := string(find(fs, "measurements.html").content)
	for _, text := range []string{"Happy callers", "<path class=\"l\" d=\"M", "87.5", "93", "the target is 90"} {
		if !strings.Contains(charts, text) {
			w.Errorf("the measurements do not say %q", text)
		}
	}
	if f := fileNamed(fs, "files/"); f == nil || string(f.content) != "what the screen said" {
		w.Error("the file that was attached is not in the pack")
	}
}

func fileNamed(fs []file, prefix string) *file {
	for i := range fs {
		if strings.HasPrefix(fs[i].name, prefix) {
			return &fs[i]
		}
	}
	return nil
}

func theSameStateMakesTheSameBytes(w *world) {
	o := w.options(w.o.Self())
	first, _ := w.pack(o)
	w.now = w.now.Add(time.Minute)
	second, _ := w.pack(o)
	if !bytes.Equal(first, second) {
		w.Fatal("two packs of the same state, built at the same time, differ")
	}
	o.Built = w.now
	third := files(w, func() []byte { z, _ := w.pack(o); return z }())
	for i, f := range files(w, first) {
		same := bytes.Equal(f.content, third[i].content)
		switch f.name {
		case "index.html", "pack.json", "manifest.txt", "manifest.note":
			if same {
				w.Errorf("%s does not say when the pack was built", f.name)
			}
		default:
			if !same || f.name != third[i].name {
				w.Errorf("%s differs though only the time of building does", f.name)
			}
		}
	}
}

func aNamedSeedDrawsAnotherSampleThatHoldsToo(w *world) {
	samples := map[string]bool{}
	for _, seed := range []string{"", "the auditor's dice", "other dice"} {
		o := w.options(w.o.Self())
		o.Seed = seed
		zip, _ := w.pack(o)
		if rep := verified(w, zip, w.keys()); !rep.Holds() {
			w.Errorf("seed %q: %v", seed, rep.Fault)
		}
		var rows []pack.Row
		if err := json.Unmarshal(find(files(w, zip), "registers/incident.json").content, &rows); err != nil {
			w.Fatal(err)
		}
		drawn := ""
		for _, r := range rows {
			if r.Drawn {
				drawn += r.Ref + " "
			}
		}
		samples[drawn] = true
	}
	if len(samples) != 3 {
		w.Errorf("three seeds draw %d samples", len(samples))
	}
}

func pagesNeedNoScriptAndLeadNowhereOutside(w *world) {
	zip, _ := w.pack(w.options(w.o.Self()))
	fs := files(w, zip)
	here := map[string]bool{}
	for _, f := range fs {
		here[f.name] = true
	}
	links := regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	pages := 0
	for _, f := range fs {
		if !strings.HasSuffix(f.name, ".html") {
			continue
		}
		pages++
		text := string(f.content)
		for _, bad := range []string{"<script", "javascript:", "http://", "https://", "style=\"", " onclick", "<iframe", "<form", "{{"} {
			if strings.Contains(text, bad) {
				w.Errorf("%s holds %q", f.name, bad)
			}
		}
		for _, must := range []string{`<html lang="en">`, "<title>", `<meta charset="utf-8"`, `<a class="skip" href="#main">`, `<main id="main"`} {
			if !strings.Contains(text, must) {
				w.Errorf("%s lacks %s", f.name, must)
			}
		}
		if n := strings.Count(text, "<h1"); n != 1 {
			w.Errorf("%s has %d first headings", f.name, n)
		}
		if tables, captions := strings.Count(text, "<table"), strings.Count(text, "<caption"); tables != captions {
			w.Errorf("%s has %d tables and %d captions", f.name, tables, captions)
		}
		for _, m := range links.FindAllStringSubmatch(text, -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			target := resolve(f.name, to)
			if to == "" {
				target = f.name
			}
			if !here[target] {
				w.Errorf("%s leads to %q, which is not in the pack", f.name, m[1])
			} else if anchor != "" && !strings.Contains(string(find(fs, target).content), `id="`+anchor+`"`) {
				w.Errorf("%s leads to %q, and there is no such place", f.name, m[1])
			}
		}
	}
	if pages < 100 {
		w.Errorf("%d pages looked at", pages)
	}
	if cover := string(find(fs, "index.html").content); !strings.Contains(cover, "Nord &amp; Light &lt;b&gt;") {
		w.Error("the name of the organisation does not stand on the cover as text")
	}
}

// resolve is a link's target from the top of the pack.
func resolve(from, to string) string {
	dir := strings.Split(from, "/")
	parts := dir[:len(dir)-1]
	for _, p := range strings.Split(to, "/") {
		if p == ".." && len(parts) > 0 {
			parts = parts[:len(parts)-1]
			continue
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, "/")
}

func whoMayNotTakeAPackGetsNone(w *world) {
	w.user("root", access.Administrator)
	w.make(w.o.Self(), "cora", "user", fields{"title": "Cora", "name": "cora", "customer": w.ref("acme"), "roles": []fields{{"role": access.CustomerManager}}})
	for name, may := range map[string]bool{"ann": false, "olga": false, "cora": false, "mia": true, "audrey": true, "root": true} {
		var b bytes.Buffer
		_, err := pack.Build(ctx, w.o.System, w.e, &b, w.options(w.who(name)))
		switch {
		case may && err != nil:
			w.Errorf("%s: %v", name, err)
		case may:
			if rep := verified(w, b.Bytes(), w.keys()); !rep.Holds() {
				w.Errorf("%s: %v", name, rep.Fault)
			}
		case err == nil || b.Len() > 0:
			w.Errorf("%s got %d bytes: %v", name, b.Len(), err)
		}
	}
	narrow := *w.who("audrey")
	narrow.Narrow = []string{"incident:read"}
	if err := pack.May(&narrow); err == nil {
		w.Error("a token for reading incidents takes a whole pack")
	}
}

// holding are the files of a pack in which a text stands.
func holding(w *world, zip []byte, text string) (in []string) {
	w.Helper()
	for name, content := range opened(w, zip) {
		if strings.Contains(content, text) {
			in = append(in, name)
		}
	}
	return in
}

func restrictedRecordsAreInItOnlyWhereThatWasSaid(w *world) {
	ref := w.ref("crown")
	for _, who := range []*access.Principal{pack.Operator(), w.who("audrey")} {
		zip, about := w.pack(w.options(who))
		if in := holding(w, zip, restricted); in != nil {
			w.Errorf("%s: the restricted text stands in %q", who.Name, in)
		}
		for _, text := range []string{ref + " ", ref + ":", ref + "\"", w.id("crown").String()} {
			if in := holding(w, zip, text); in != nil {
				w.Errorf("%s: %q stands in %q", who.Name, text, in)
			}
		}
		rep := verified(w, zip, w.keys(), w.checkpoint())
		if !rep.Holds() || about.Withheld == 0 || len(rep.Caveats) != 1 || !strings.Contains(rep.Caveats[0], "not for whoever built") {
			w.Errorf("%s: %d withheld, %v, %q", who.Name, about.Withheld, rep.Fault, rep.Caveats)
		}
		second(w, 0, `"kind": ""`, file{"pack.zip", zip}, w.o.VerifierKey)
	}
	zip, _ := w.pack(w.options(w.o.Self()))
	if in := holding(w, zip, restricted); in == nil {
		w.Error("who asked for restricted records as well got none")
	}
}

func anInternalNoteIsForThoseWhoMayReadInternalNotes(w *world) {
	zip, _ := w.pack(w.options(pack.Operator()))
	if in := holding(w, zip, whispered); in == nil {
		w.Error("an administrator's pack lacks the internal note")
	}
	deaf := *w.who("audrey")
	deaf.Grants = map[string]bool{}
	for g := range w.who("audrey").Grants {
		if !strings.HasSuffix(g, ":internal") {
			deaf.Grants[g] = true
		}
	}
	zip, about := w.pack(w.options(&deaf))
	if in := holding(w, zip, whispered); in != nil {
		w.Errorf("the note stands in %q", in)
	}
	if rep := verified(w, zip, w.keys()); !rep.Holds() || about.Withheld == 0 {
		w.Errorf("%d withheld: %v", about.Withheld, rep.Fault)
	}
	second(w, 0, `"kind": ""`, file{"pack.zip", zip}, w.o.VerifierKey)
}

func noPackHoldsSecretsOrWhatIsPersonalAndNoneWhatWasErased(w *world) {
	token, _, err := w.o.NewToken(ctx, w.id("erna"), "for the test", nil, 0)
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	err = w.o.Each(ctx, w.o.Self(), system.ListQuery{Process: "user"}, func(r record.Record, _ *record.Version) error {
		p := w.o.Registry.Process("user")
		for _, f := range p.Shape.Fields {
			if f.Kind == record.KSecret {
				if v := strings.Trim(string(f.Of(r).AppendJSON(nil)), `"`); len(v) > 4 && v != "null" {
					all = append(all, v)
				}
			}
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(w.data, "log.key"))
	if err != nil {
		w.Fatal(err)
	}
	all = append(all, password, token, mailbox, strings.TrimSpace(string(key)))
	look := func(when string) {
		w.Helper()
		for _, who := range []*access.Principal{w.o.Self(), pack.Operator()} {
			zip, _ := w.pack(w.options(who))
			if !verified(w, zip, w.keys()).Holds() {
				w.Errorf("%s: the pack does not hold", when)
			}
			for _, text := range all {
				if in := holding(w, zip, text); in != nil {
					w.Errorf("%s: %q stands in %q", when, text, in)
				}
			}
		}
	}
	look("while she is here")
	before := w.options(w.o.Self())
	w.by(w.o.Self(), w.command("erna", "erase", "", nil))
	look("after she was erased")
	zip, _ := w.pack(before) // as of a day before
	for _, text := range all {
		if in := holding(w, zip, text); in != nil {
			w.Errorf("as of a day before she was erased: %q stands in %q", text, in)
		}
	}
}

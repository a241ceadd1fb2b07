package conformity_test

import (
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity/catalogue"
	"steward/sms/governance/processmap"
)

// library builds controlled documents whose evidence conforms: the items that single checks ask for,
// the description of every process, one from outside, one that people must know, and a live service
// that a continuity plan and an agreement cover.
func library(w *world) {
	w.Helper()
	w.user("olga", access.ProcessOwner)
	w.user("rita", access.ProcessOwner)
	w.user("mia", access.Management)
	for _, item := range []string{"scope", "service_management_policy", "service_management_objectives", "service_management_plan", "change_management_policy",
		"information_security_policy", "continuity_plan", "major_incident_procedure", "continuity_procedure", "retention_schedule"} {
		w.issued(item, fields{"fulfils": item})
	}
	for _, n := range processmap.Named() {
		if n[0] != "change" {
			w.issued("about "+n[0], fields{"kind": "process_description", "describes": n[0]})
		}
	}
	w.makeBy(w.user("olga"), "changing", "process", fields{"title": "Change management", "name": "change", "owner": w.ids["olga"].Ref(), "purpose": "nothing changes unseen"})
	w.approve("changing", 1, w.user("olga"), w.user("mia"), nil)
	w.issued("handbook", fields{"needed": true, "distribution": []fields{{"user": "rita", "must_know": true}, {"role": access.Agent}}})
	w.acknowledged()
	w.opens("rita", "handbook")
	w.issued("standard", fields{"kind": "external", "external": true, "source": "ISO", "source_version": "2018", "location": "shelf 3"})
	w.step(w.user("rita"), "standard", "confirm_current", nil)

	w.make("acme", "customer", fields{"title": "Acme"})
	w.make("mail", "service", fields{"title": "E-mail", "owner": "olga", "customers": []fields{{"customer": w.ids["acme"].Ref()}}})
	w.step(w.user("olga"), "mail", "go_live", nil)
	w.covers("continuity_plan", "mail")
	var hours []fields
	for d := 1; d <= 7; d++ {
		hours = append(hours, fields{"weekday": d, "from": "00:00", "to": "24:00"})
	}
	w.make("always", "calendar", fields{"title": "Always", "zone": "UTC", "effective_from": "2000-01-01", "hours": hours})
	w.approve("always", 1, w.o.Self(), w.o.Self(), nil)
	w.makeBy(w.user("olga"), "gold", "agreement", fields{"title": "Gold", "customer": w.ids["acme"].Ref(), "calendar": w.ids["always"].Ref(),
		"services": []fields{{"service": w.ids["mail"].Ref()}}})
	w.approve("gold", 1, w.user("olga"), w.user("mia"), nil)
}

// shelves builds a library with a document for every item that one can be.
func shelves(w *world) {
	w.Helper()
	library(w)
	for _, item := range w.o.Registry.Process("document").Shape.Field("fulfils").Choices {
		if w.ids[item] == nil {
			w.issued(item, fields{"fulfils": item})
		}
	}
}

// drafted is a document that olga wrote.
func (w *world) drafted(name string, more fields) {
	w.Helper()
	set := fields{"title": name, "kind": "procedure", "owner": "olga", "language": "en", "format": "Markdown", "medium": "electronic",
		"retention": "P30Y", "retention_rule": "thirty years after it is withdrawn", "change_reason": "first issue", "body": "It says how.",
		"distribution": []fields{{"role": access.ProcessOwner}}, "review_interval": "P20Y"}
	if name == "scope" {
		set["review_interval"] = "P12M"
	}
	for k, v := range more {
		set[k] = v
	}
	w.makeBy(w.user("olga"), name, "document", set)
}

// issued is one that rita reviewed and mia approved besides.
func (w *world) issued(name string, more fields) {
	w.Helper()
	w.drafted(name, more)
	w.release(name, 1, true)
}

// release submits a version; reviewed: rita endorses it before mia approves it.
func (w *world) release(name string, number int, reviewed bool) {
	w.Helper()
	c := w.command(name, "version_submit", "", nil)
	c.Number = number
	w.by(w.user("olga"), c)
	if reviewed {
		w.step(w.user("rita"), name, "endorse", nil)
	}
	c.Verb = "version_approve"
	w.by(w.user("mia"), c)
}

// renewed is a next version, on a next day: it takes the place of the last one, until a day if one
// is given.
func (w *world) renewed(name string, reviewed bool, until record.Date) {
	w.Helper()
	w.sleep(24 * time.Hour)
	set := fields{"change_reason": "times change"}
	if until != "" {
		set["effective_to"] = until
	}
	r := w.by(w.user("olga"), w.command(name, "version", "", set))
	w.release(name, int(r.Version.Number), reviewed)
}

// lapses is a next version that ends, and has ended.
func (w *world) lapses(name string) {
	w.Helper()
	w.renewed(name, true, record.Day(w.now.AddDate(0, 0, 3)))
	w.sleep(4 * 24 * time.Hour)
}

func (w *world) withdraw(name string) {
	w.Helper()
	w.step(w.user("olga"), name, "withdraw", fields{"withdrawal_reason": "no longer used"})
}

func (w *world) reinstate(name string) {
	w.Helper()
	w.step(w.user("olga"), name, "reinstate", nil)
}

// gone and back are what most items are moved by.
func gone(name string) mutation {
	return mutation{"the " + name + " is withdrawn", func(w *world) { w.withdraw(name) }, func(w *world) { w.reinstate(name) }}
}

// covers links a document to a service, and remembers the link by the service's name.
func (w *world) covers(name, service string) {
	w.Helper()
	w.ids["cover of "+service] = w.by(w.user("olga"), w.command(name, "link", "covers", fields{"to": w.ids[service].Ref()}))
}

func (w *world) uncover(name, service string) {
	w.Helper()
	c := w.command(name, "unlink", "", nil)
	c.ID = w.ids["cover of "+service].Side.(*storage.Link).ID
	w.by(w.user("olga"), c)
}

// acknowledged has rita acknowledge what she is asked.
func (w *world) acknowledged() {
	w.Helper()
	for _, a := range w.all("acknowledgement", `state = "asked"`) {
		w.ids["ask"] = nil
		got, err := w.o.Get(ctx, w.o.Self(), "acknowledgement", a.Head().ID.String())
		if err != nil {
			w.Fatal(err)
		}
		w.ids["ask"] = got
		w.step(w.user("rita"), "ask", "acknowledge", nil)
	}
}

// looked has rita find suitable what falls due every year, and the one from outside current.
func (w *world) looked() {
	w.Helper()
	w.step(w.user("rita"), "scope", "review", nil)
	w.step(w.user("rita"), "standard", "confirm_current", nil)
}

const month = 30 * 24 * time.Hour

var documentMutations = map[string][]mutation{
	"7.5.1-02": {
		gone("handbook"),
		{"one that is needed is a draft", func(w *world) { w.drafted("needed draft", fields{"needed": true}) }, func(w *world) { w.release("needed draft", 1, true) }},
		{"its version ends", func(w *world) {
			w.lapses("handbook")
			w.acknowledged()
		}, func(w *world) { w.renewed("handbook", true, ""); w.acknowledged() }},
	},
	"7.5.2-01": {
		{"its owner is taken away", func(w *world) { w.update("scope", fields{"owner": nil}) }, func(w *world) { w.update("scope", fields{"owner": "olga"}) }},
	},
	"7.5.2-02": {
		{"its language is emptied", func(w *world) { w.update("scope", fields{"language": nil}) },
			func(w *world) {
				w.update("scope", fields{"blanks": fields{"language": fields{"reason": "it is a drawing"}}})
			}},
		{"the file it names was never attached", func(w *world) { w.issued("plan on file", fields{"file": fileHash}) }, func(w *world) { w.attach("plan on file") }},
	},
	"7.5.2-03": {
		{"a version is approved that nobody reviewed", func(w *world) { w.renewed("scope", false, "") }, func(w *world) { w.renewed("scope", true, "") }},
		{"reviews fall due", func(w *world) { w.sleep(13 * month) }, (*world).looked},
		{"one is approved after its effect", func(w *world) {
			w.drafted("backdated", fields{"effective_from": record.Day(w.now.AddDate(0, 0, -3))})
			c := w.command("backdated", "version_submit", "", nil)
			c.Number = 1
			w.by(w.user("olga"), c)
			w.step(w.user("rita"), "backdated", "endorse", nil)
			c.Verb = "version_approve"
			w.by(w.o.Self(), c) // only Steward itself may
		}, func(w *world) { w.withdraw("backdated") }},
	},
	"7.5.3-01": {
		{"its distribution is emptied", func(w *world) {
			w.update("scope", fields{"distribution": []fields{}, "blanks": fields{"distribution": fields{"reason": "for the drawer"}}})
		}, func(w *world) { w.update("scope", fields{"distribution": []fields{{"role": access.ProcessOwner}}}) }},
		{"the one it is distributed to is disabled", func(w *world) {
			w.user("tom", access.Agent)
			w.update("scope", fields{"distribution": []fields{{"user": "tom"}}})
			w.step(w.o.Self(), "tom", "disable", nil)
		}, func(w *world) { w.step(w.o.Self(), "tom", "enable", nil) }},
		{"the role it is distributed to ends by itself", func(w *world) {
			w.update("scope", fields{"distribution": []fields{{"role": access.Auditor}}})
			w.update("tom", fields{"roles": []fields{{"role": access.Auditor, "to": record.Day(w.now.AddDate(0, 0, 2))}}})
			w.sleep(4 * 24 * time.Hour)
		}, func(w *world) { w.update("scope", fields{"distribution": []fields{{"role": access.ProcessOwner}}}) }},
		{"one on paper does not say where", func(w *world) { w.update("scope", fields{"medium": "both"}) }, func(w *world) { w.update("scope", fields{"location": "shelf 1"}) }},
		{"reviews are overdue", func(w *world) { w.sleep(13 * month) }, (*world).looked},
	},
	"7.5.3-05": {{"Steward itself approves one", func(w *world) {
		w.drafted("leaflet", nil)
		w.approve("leaflet", 1, w.user("olga"), w.o.Self(), nil)
	}, func(w *world) { w.withdraw("leaflet") }}},
	"7.5.3-06": {
		{"its retention rule is emptied", func(w *world) { w.update("scope", fields{"retention_rule": nil}) }, func(w *world) { w.update("scope", fields{"retention_rule": "as before"}) }},
		gone("retention_schedule"),
		{"one is kept past its retention", func(w *world) {
			w.issued("flyer", fields{"retention": "P1M"})
			w.withdraw("flyer")
			w.sleep(3 * month)
		}, func(w *world) { w.step(w.user("olga"), "flyer", "dispose", nil) }},
		{"a hold ends", func(w *world) {
			w.issued("poster", fields{"retention": "P1M", "legal_hold": true, "hold_reason": "case 12"})
			w.withdraw("poster")
			w.sleep(3 * month)
			w.update("poster", fields{"legal_hold": false})
		}, func(w *world) { w.update("poster", fields{"legal_hold": true}) }},
	},
	"7.5.3-07": {
		{"its currency is not confirmed for a year", func(w *world) { w.looked(); w.sleep(13 * month) }, (*world).looked},
		{"another one was never compared", func(w *world) {
			w.issued("law", fields{"kind": "external", "external": true, "source": "parliament", "source_version": "2026"})
		}, func(w *world) { w.step(w.user("rita"), "law", "confirm_current", nil) }},
	},
	"7.5.4-01": {gone("scope"), {"its version ends", func(w *world) { w.lapses("scope") }, func(w *world) { w.renewed("scope", true, "") }}},
	"7.5.4-02": {gone("service_management_policy"), gone("service_management_objectives")},
	"7.5.4-03": {gone("service_management_plan")},
	"7.5.4-04": {gone("change_management_policy"), {"it is said to be something else", func(w *world) {
		w.update("change_management_policy", fields{"fulfils": "ci_types"})
	}, func(w *world) { w.update("change_management_policy", fields{"fulfils": "change_management_policy"}) }}},
	"7.5.4-05": {gone("information_security_policy")},
	"7.5.4-06": {
		gone("continuity_plan"),
		{"the plan no longer covers the service", func(w *world) { w.uncover("continuity_plan", "mail") }, func(w *world) { w.covers("continuity_plan", "mail") }},
		{"another service goes live without one", func(w *world) {
			w.make("print", "service", fields{"title": "Printing", "owner": "olga"})
			w.step(w.user("olga"), "print", "go_live", nil)
		}, func(w *world) {
			w.update("print", fields{"blanks": fields{"covered_by": fields{"reason": "people can wait a week"}, "customers": fields{"reason": "it is our own"}}})
		}},
	},
	"7.5.3-03": {
		{"its distribution is emptied", func(w *world) { w.update("handbook", fields{"distribution": []fields{}}) },
			func(w *world) {
				w.update("handbook", fields{"distribution": []fields{{"user": "rita", "must_know": true}, {"role": access.Agent}}})
			}},
		{"who must know it does not acknowledge it", func(w *world) {
			w.renewed("handbook", true, "")
			w.sleep(15 * 24 * time.Hour)
		}, (*world).acknowledged},
	},
	"7.5.4-07": {
		gone("about incident"),
		{"it is retired from the map of processes", func(w *world) { w.step(w.user("olga"), "changing", "retire", nil) }, func(w *world) {
			w.issued("about change", fields{"kind": "process_description", "describes": "change"})
		}},
		{"a description says of no process that it is its", func(w *world) { w.update("about document", fields{"describes": nil}) }, func(w *world) { w.update("about document", fields{"describes": "document"}) }},
	},
	"7.5.4-10": {
		{"the agreement ends", func(w *world) { w.step(w.user("olga"), "gold", "end", nil) }, func(w *world) { w.step(w.user("olga"), "gold", "reactivate", nil) }},
		{"it gains a customer with whom nothing is agreed", func(w *world) {
			w.make("bolt", "customer", fields{"title": "Bolt"})
			w.update("mail", fields{"customers": []fields{{"customer": w.ids["acme"].Ref()}, {"customer": w.ids["bolt"].Ref()}}})
		}, func(w *world) { w.update("mail", fields{"customers": []fields{{"customer": w.ids["acme"].Ref()}}}) }},
		{"nobody says to whom a service is delivered", func(w *world) {
			w.update("print", fields{"blanks": fields{"customers": nil}})
			w.step(w.user("olga"), "gold", "end", nil)
		},
			func(w *world) {
				w.step(w.user("olga"), "gold", "reactivate", nil)
				w.update("print", fields{"blanks": fields{"customers": fields{"reason": "it is our own"}}})
			}},
	},
	"7.5.4-13": {gone("major_incident_procedure"), gone("continuity_procedure")},
}

// fileHash is the SHA-256 of what attach attaches.
const fileHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func (w *world) attach(name string) {
	w.Helper()
	a, err := w.o.Upload(ctx, strings.NewReader("abc"), "plan.txt")
	if err != nil {
		w.Fatal(err)
	}
	w.now = w.now.Add(time.Second)
	_, err = w.o.Attach(ctx, w.user("olga"), "document", w.id(name).String(), a, "test")
	if err != nil {
		w.Fatal(err)
	}
}

// unprovable are the checks that cannot conform yet, with what keeps each from it, and what moves
// the part of it that can be known.
var unprovable = map[string]exemption{
	"6.1.2-03": {"there is no process of suppliers yet", "no suppliers are on record", []mutation{{"a risk that comes from one is assessed, and closed again", func(w *world) {
		w.user("ann", access.Agent)
		w.makeBy(w.user("olga"), "criteria", "risk_criteria", fields{"title": "Criteria", "acceptance_line": 8, "authorities": []fields{{"role": access.Management, "up_to": 20}}})
		w.approve("criteria", 1, w.user("olga"), w.user("mia"), nil)
		w.hazard("party", "other_party", 2, 2, nil)
	}, func(w *world) { w.ended("party") }}}},
	"5.1-05": {"there is no process of other parties yet", "not kept as records yet", nil},
	"6.3-11": {"plans of other processes are not kept yet", "no other plans", nil},
	"7.5.1-01": {"records that show conformity are not kept for every requirement yet", "have none kept yet", []mutation{gone("capacity_plan"),
		{"agreement and document are both gone", func(w *world) {
			w.withdraw("service_level_agreement")
			w.step(w.user("olga"), "gold", "end", nil)
		}, func(w *world) { w.step(w.user("olga"), "gold", "reactivate", nil) }}}},
	"7.5.3-02": {"backups are not kept as records yet", "backups are not kept", []mutation{{"its distribution is emptied",
		func(w *world) { w.update("ci_types", fields{"distribution": []fields{}}) },
		func(w *world) { w.update("ci_types", fields{"distribution": []fields{{"role": access.ProcessOwner}}}) }}}},
	"7.5.3-04": {"restore tests are not kept as records yet", "no restore test is on record", []mutation{
		{"the file it names was never attached", func(w *world) { w.issued("map on file", fields{"file": fileHash}) }, func(w *world) { w.attach("map on file") }},
		{"one on paper does not say where", func(w *world) { w.update("ci_types", fields{"medium": "paper"}) }, func(w *world) { w.update("ci_types", fields{"location": "shelf 2"}) }}}},
	"7.5.4-08": {"there is no process of service requirements yet", "no service requirements are kept", []mutation{gone("service_requirements")}},
	"7.5.4-09": {"there is no process of service catalogues yet", "no catalogue is kept", []mutation{gone("service_catalogue")}},
	"7.5.4-11": {"there is no process of suppliers yet", "no suppliers are kept", []mutation{gone("supplier_contract")}},
	"7.5.4-12": {"there is no process of suppliers yet", "no suppliers are kept", []mutation{gone("internal_agreement")}},
	"7.5.4-14": {"most requirements whose evidence is records have no records yet", "nothing of that kind is kept yet", nil},
}

// opens is somebody's look at a document, as a door tells of it.
func (w *world) opens(who, name string) {
	w.Helper()
	done, err := w.o.Looking(ctx, w.user(who), system.Sight{Door: "test", What: "record", Process: w.o.Registry.Process("document"), Ref: w.ids[name].Ref()})
	if err != nil {
		w.Fatal(err)
	}
	done(200)
	if err := w.o.FlushLooks(ctx); err != nil {
		w.Fatal(err)
	}
}

// TestWhoOpensADocumentComesOnRecord decides 7.5.3-03 by operation: without a single opening there is
// nothing to show of it, and a look at a list, or one that was refused, is none.
func TestWhoOpensADocumentComesOnRecord(t *testing.T) {
	atOnce(t, func(w *world) {
		w.user("olga", access.ProcessOwner)
		w.user("rita", access.ProcessOwner)
		w.user("mia", access.Management)
		w.issued("retention_schedule", fields{"fulfils": "retention_schedule"})
		before := w.now
		state := func(want catalogue.State) {
			w.Helper()
			if i := w.item("7.5.3-03"); i.State != want {
				w.Errorf("%s, not %s: %s", i.State, want, i.Reason)
			}
		}
		state(catalogue.Gap)
		for ref, status := range map[string]int{"": 200, w.ids["retention_schedule"].Ref(): 404} {
			done, err := w.o.Looking(ctx, w.user("rita"), system.Sight{Door: "test", What: "list", Process: w.o.Registry.Process("document"), Ref: ref})
			if err != nil {
				w.Fatal(err)
			}
			done(status)
		}
		if err := w.o.FlushLooks(ctx); err != nil {
			w.Fatal(err)
		}
		state(catalogue.Gap)
		w.sleep(time.Hour)
		w.opens("rita", "retention_schedule")
		state(catalogue.Conforms)
		if i := w.report(before).Item("7.5.3-03"); i.State != catalogue.Gap {
			w.Errorf("as of before the opening: %s", i.State)
		}
		w.sleep(5 * 366 * 24 * time.Hour)
		if err := w.o.DropLooks(ctx); err != nil {
			w.Fatal(err)
		}
		if ls, err := w.o.Looks(ctx, w.o.Self(), system.LookQuery{}); err != nil || len(ls) != 0 {
			w.Errorf("%d looks are kept for five years (%v)", len(ls), err)
		}
	})
}

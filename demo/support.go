package demo

import (
	"context"
	"fmt"

	"steward/kernel/record"
)

// ability is what a role needs to know.
type ability struct {
	Role, Title, How string
	Level            int
}

// support is resources, competence and knowledge (7.1, 7.2, 7.6). One colleague was never assessed,
// the effect of one course was never judged, and video meetings have neither resources nor an article;
// see gaps.go.
func (l *load) support(ctx context.Context) error {
	user := func(name string) record.ID { return l.ids["user/"+name] }
	var tales []*tale

	for _, r := range []struct{ kind, title, unit, needed, provided, forecast, decision string }{
		{"people", "Agents at the service desk", "persons", "4", "3", "4", "A fourth is looked for; until then the teams take what they solve without the desk."},
		{"technical", "Halls", "halls", "2", "2", "2", "Two, as before; the batteries of the first are exchanged."},
		{"information", "Monitoring of all services", "services", "12", "12", "13", "All are watched; a new one is watched from its first day."},
		{"money", "Budget of the system", "thousand euros", "180", "180", "195", "As asked for; the rise of next year goes into the round of autumn."},
	} {
		t, id := l.tell("resource", r.title, "birgit", 172, "kind", r.kind, "needed_by", "sms", "unit", r.unit, "needed", r.needed, "provided", r.provided, "forecast", r.forecast, "owner", user("birgit"))
		if r.needed != r.provided {
			t.also("task", "Find a fourth person for the desk", "birgit", "kind", "step", "parent", id, "assignee", user("birgit"), "due", record.At(l.now.AddDate(0, 2, 0)).String())
		}
		tales = append(tales, t.ago(165).then("resource", id, "transition", "decide", "maren", "decision", r.decision))
	}
	for _, w := range l.p.ServicesKnown {
		if len(w.Needs) != 3 {
			return fmt.Errorf("demo: %s: needs is unit, number and note", w.Service)
		}
		kind := "technical"
		if w.Needs[0] == "persons" {
			kind = "people"
		}
		n := fmt.Sprint(w.Needs[1])
		t, id := l.tell("resource", fmt.Sprintf("%s: %s", w.Service, w.Needs[0]), "birgit", 171, "kind", kind, "needed_by", "service", "service", l.ids["service/"+w.Service], "what", w.Needs[2], "unit", w.Needs[0], "needed", n, "provided", n)
		tales = append(tales, t.ago(164).then("resource", id, "transition", "decide", "maren", "decision", "Provided as asked for."))
	}

	for _, c := range l.p.Competences {
		t, id := l.tell("competence", c.Title, "birgit", 420, "role", c.Role, "level", c.Level, "how", c.How)
		for _, p := range l.p.People {
			holds := false
			for _, r := range p.Roles {
				holds = holds || r == c.Role
			}
			if !holds || p.Name == "khaled" {
				continue
			}
			assessor := "birgit"
			switch {
			case p.Name == "maren":
				assessor = "thore"
			case p.Name == "birgit" || p.Name == "thore":
				assessor = "maren"
			}
			assess := func(days, level int, evidence string) record.ID {
				a := t.ago(days).also("competence_assessment", c.Title+": "+p.Title, assessor, "person", user(p.Name), "competence", id, "owner", user(assessor))
				t.then("competence_assessment", a, "transition", "assess", assessor, "level", level, "evidence", evidence)
				return a
			}
			course := func(a record.ID, planned, done int, what string) {
				task := t.ago(planned).also("task", what+" ("+p.Title+")", assessor, "kind", "step", "parent", a, "assignee", user(p.Name), "due", record.At(l.now.AddDate(0, 0, -done)).String())
				t.ago(done+2).then("task", task, "update", "", p.Name, "evidence", "certificate of the course").then("task", task, "transition", "complete", p.Name, "outcome", "done")
			}
			switch p.Name {
			case "aylin": // found, trained, and it helped
				a := assess(300, c.Level-1, "asks too soon, and does not write down what helped")
				course(a, 299, 260, "A month beside Tom at the desk")
				t.ago(210).commit().then("competence_assessment", a, "transition", "close", assessor, "effect", "effective", "effect_why", "of thirty matters she solved twenty-six alone, each with notes")
			case "tom": // found and trained; nobody looked whether it helped
				a := assess(220, c.Level-1, "solves much, and misses what was promised to whom")
				course(a, 219, 150, "Course on agreements and promises")
			default:
				assess(160, c.Level, "seen at work for a quarter; "+c.How)
			}
		}
		tales = append(tales, t)
	}

	for i, w := range l.p.ServicesKnown {
		author := l.ownerOf(w.Service)
		t, id := l.tell("knowledge_article", w.Article, author, 300-i*7, "audience", "agents", "service", l.ids["service/"+w.Service], "body", w.Body, "review_every", "P12M", "owner", user(author))
		t.commit().then("knowledge_article", id, "version_submit", "", author).commit().then("knowledge_article", id, "version_approve", "", "maren")
		tales = append(tales, t.ago(80-i).commit().then("knowledge_article", id, "transition", "review", "birgit").because("still helps"))
	}
	return l.happen(ctx, tales)
}

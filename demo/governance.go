package demo

import (
	"context"
	"time"
)

// governance is what the provider does besides the work of the day, in the order in which it leans on
// itself: context, direction, processes, support, planning, assurance, scope, risks. What is left
// undone on purpose is listed in gaps.go, and a test holds that conformity finds just that.
func (l *load) governance(ctx context.Context) error {
	return l.each(ctx,
		func(ctx context.Context) error { return l.happen(ctx, l.context()) },
		l.direct, l.awareness, l.processMap, l.support, l.objectives, l.assurance,
		func(ctx context.Context) error {
			scope, err := l.limits(ctx)
			if err != nil {
				return err
			}
			return scope.end(ctx)
		},
		l.risks, l.inView, l.stated,
		func(ctx context.Context) error { return l.happen(ctx, l.notices()) })
}

// figures is what rests on the incidents, and so is told when they are here.
func (l *load) figures(ctx context.Context) error {
	return l.each(ctx, l.learned, l.serviceMetrics, l.reports, l.reviews)
}

// each carries out one part after the other. A load that is stopped ends between them without an
// error: the next start goes on.
func (l *load) each(ctx context.Context, parts ...func(context.Context) error) error {
	for _, part := range parts {
		if ctx.Err() != nil {
			return nil
		}
		if err := part(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

// notices are what customers were told of disturbances and maintenance.
func (l *load) notices() []*tale {
	var tales []*tale
	told := func(title, kind, service string, days, hours int, texts ...string) {
		t, id := l.tell("service_notice", title, "jana", days, "kind", kind, "services", []line{{"service": l.ids["service/"+service]}},
			"updates", []line{{"text": texts[0]}, {"text": texts[1], "language": "de"}})
		t.commit().then("service_notice", id, "transition", "publish", "jana")
		t.at = t.at.Add(time.Duration(hours) * time.Hour)
		tales = append(tales, t.commit().then("service_notice", id, "transition", "end", "jana"))
	}
	told("Move to new storage", "maintenance", "File storage", 12, 3, "We move to new storage during the night. Short interruptions are possible.", "In der Nacht ziehen wir auf neuen Speicher um. Kurze Unterbrechungen sind möglich.")
	told("Sign-in was slow", "disturbance", "Identity and sign-in", 39, 5, "Signing in took minutes. A faulty node was taken out.", "Die Anmeldung dauerte Minuten. Ein fehlerhafter Knoten wurde herausgenommen.")
	return tales
}

// Package catalogue holds the requirements of ISO/IEC 20000-1:2018 and the algebra of verdicts on
// them: what a check may conclude, how a conclusion changes with time alone, and how the verdicts
// on many records become the state of one requirement.
//
// In: plain values that a check has read (dates, answers, actors). Out: a [Timeline] per member,
// a [Result] per requirement. Nothing here reads a database or a clock.
//
// Start at [Requirement] and catalogue.yaml; then [State], [Timeline], [Aggregate]; then
// families.go, the few parts that most checks are built of:
//
//	check := catalogue.And(
//		catalogue.Filled(catalogue.Answer{Field: "owner", Given: owner != ""}),
//		catalogue.FreshUntil(reviewedAt, twelveMonths, "review"),
//	)
//
// Always true: a timeline says what holds if nothing more happens, so that the passing of time
// needs no recomputation; empty data never reads as conforms; an advisory requirement never
// counts against conformity. The words of the catalogue are a paraphrase and unverified against a
// licensed copy of the standard, which the header of catalogue.yaml says too.
package catalogue

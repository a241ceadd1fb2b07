// Package conformity proves the management system: it asks every check of its population and makes
// of the answers the state of each requirement of ISO/IEC 20000-1:2018, now or as of a past day
// (clauses 9.1 and 9.2 rest on it; an auditor asks about the period, not about today).
//
// In: the catalogue of requirements, the checks that processes declare (package check), the records
// of all processes, settings of intervals ([Setting]). Out: a [Report] with the evidence each state
// rests on; kept results per day, whose hash is an event ([Run]); what one record lacks
// ([Engine.Missing]); the differences between kept and recomputed ([Engine.Restated]).
//
// Start at [Engine.Evaluate], then answer.go for how a population becomes one state, load.go for
// what is read, keep.go for what is kept.
//
// Always true: a requirement without a check, and one whose population is empty, never conforms;
// nothing is read once per member; what is kept of a day and what is worked out again for it differ
// only by events recorded later or by a changed check, and both are named.
package conformity

// Package servicenow reads the audit log of ServiceNow incidents: one row for each snapshot of an
// incident (the public "Incident management process enriched event log", UCI 498, has this form). It
// turns rows into incidents with their history, so that an import can replay them as events (ISO/IEC
// 20000-1:2018, 8.6.1: the record of an incident with the actions taken).
//
// In: a table whose rows of one incident stand together ([Table], such as a table.Reader).
// Out: an [Incident] each time its rows end ([Log.Next]); every [Problem] as it is found; and how
// far the log's own counters agree with its rows ([Log.Summary]).
// Start at [Open], then fields.go for the columns and incident.go for what is compared.
//
// Always true:
//   - A row that cannot be understood is dropped and reported with line, column and reason, all its
//     faults at once; the other rows of its incident stay. Nothing is guessed: `3/4/2016` is the 3rd of
//     April, and a state that is not known is no state.
//   - What is odd but readable is kept and reported too (Dropped is false).
//   - Snapshots keep the order of the log. It is the order of ServiceNow's own counter also where a time
//     goes back; [Incident].Disordered says so.
//   - Memory is one incident, and 8 bytes for each number seen.
//   - resolved_at, resolved_by, closed_at and closed_code carry their last value on every row, also
//     on rows older than it: they are properties of the incident, and must not be replayed from
//     snapshots.
package servicenow

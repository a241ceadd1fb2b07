// Package record is what every record of Steward is made of: an identity, a header, fields of a
// closed set of kinds, lines, and the table of fields ([Shape]) that every door walks.
//
// A process declares a plain Go struct that embeds [Header]. [ShapeOf] reads that struct once, at
// start; afterwards scanning, comparing and encoding go through offsets found there, without
// reflection. Rules use the struct's own fields; doors (API, CLI, store, export) walk Shape.Fields.
//
// Start at [Header], then [Kind] (one row per kind), then [Shape].
// Always true: a field's JSON form is canonical (sorted, no floats), because the very bytes go
// into the history and are hashed there; the zero value of every cell means "blank" except for
// Bool and Count, which are never blank.
package record

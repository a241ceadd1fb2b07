// Package query is the one small language in which lists are asked for: the filter and sort of the
// API, the command line, saved views, checks and reports, and the words of full-text search.
//
//	state in ("new","assigned") and priority <= 2 and opened_at > now - 7d and text ~ "vpn"
//
// In: what a person typed, and the fields they may use ([Schema]), whatever the process.
// Out: SQL for either engine with every value bound ([Fragment]), an order with keyset paging
// ([Order]), sealed cursors ([Sealer]), folded words for the search index ([IndexText]).
// Start at [Parse], then [Compile] for the meaning of each operator, then [ParseSort] and [Sealer].
//
// Always true: no value of a user ever stands in the SQL text; a term is either true or false, so
// "not" and "!=" take in blank fields and a filter with its negation gives every row exactly once;
// Parse(e.String()) equals e; every error is an [*Error] that says where, why and how to mend it
// (errors of the caller's own functions in [Env] and [Schema] are passed through as they are).
//
// The package knows no process, no table and no permission. What a reader may see is the Schema's
// and the scope's business: a Schema must leave out, or mark Sensitive, what its reader may not
// know, and a [Join] must carry the scope of the record it leads to.
package query

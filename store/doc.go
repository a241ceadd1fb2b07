// Package store keeps records on SQLite (embedded, the default) or PostgreSQL. It is the only
// package with SQL; it implements kernel/storage.Store for both engines from one set of tables.
//
// Writing: the kernel asks for statements and hands those of one command to Apply, which carries
// them out in one transaction. On SQLite one goroutine commits waiting commands together, each
// in a savepoint of its own (sqlite.go); on PostgreSQL a command is one round trip (postgres.go).
// Two commands that saw the same record cannot both land: an event's (record, n) is unique.
//
// Reading: every reader of records takes an access.Scope and puts it into the statement
// (scope.go); the zero Scope reads nothing.
//
// Start at [Open], then sql.go for how statements are built, ddl.go for the schema.
package store

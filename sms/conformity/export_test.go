package conformity

import (
	"steward/kernel/process"
	"steward/kernel/record"
)

// Queries is how many statements the last evaluation took for what checks read besides members.
func (e *Engine) Queries() int { return e.now.queries }

// KnownVersions is knownVersions, for its test.
func KnownVersions(vs []process.Content, at record.Instant) []process.Content {
	return knownVersions(vs, at)
}

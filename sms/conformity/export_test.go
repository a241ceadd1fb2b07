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

// SetBlockSize is for tests: with small blocks few records make several. It gives the way back.
func SetBlockSize(n int) func() {
	was := blockSize
	blockSize = n
	return func() { blockSize = was }
}

// Answers are the answers of the last evaluation of now: what was not decided again is the same one.
func (e *Engine) Answers() map[string]any {
	out := map[string]any{}
	for _, a := range e.now.answers {
		out[a.req.ID] = a
	}
	return out
}

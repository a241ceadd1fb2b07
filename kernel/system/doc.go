// Package system is the one road for every write and every read.
//
// Writing ([System.Do]): authorise, load, decide (pure, the process's own functions), then row,
// event, clocks, timers, notices and search index as the statements of one transaction. Nothing
// writes around it. Two commands on one record cannot both be the n-th: the slower one is decided
// again, and refused only if the caller said which revision it had seen.
//
// Reading ([System.Get], [System.List], [System.Count]): always with the caller's scope.
//
// Time enters by the injected clock ([Options.Now]) and by timers (timers.go) alone. The log
// (log.go) gives every committed event its leaf.
//
// Start at do.go, then decide.go.
package system

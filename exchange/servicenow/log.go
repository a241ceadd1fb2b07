package servicenow

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"time"

	"steward/exchange/table"
)

// Table is where rows come from; table.Reader is one. Next answers a *table.RowError for a row that
// was refused, io.EOF at the end, and any other error where the rest cannot be read.
type Table interface {
	Header() []string
	Next() (table.Row, error)
}

var _ Table = (*table.Reader)(nil)

// Options say what the log does not.
type Options struct {
	Zone         *time.Location    // of its times; nil means UTC
	Columns      map[string]string // field to header, where the header differs
	MaxSnapshots int               // of one incident, further rows are dropped; 0 means 10,000
}

// Reasons of a [Problem] for which a row is dropped. A row that the table refused has a reason of
// package table.
const (
	Blank            = "blank" // a value without which the row means nothing
	UnknownState     = "unknown_state"
	BadTime          = "bad_time"
	BadNumber        = "bad_number"
	BadTruth         = "bad_truth"
	BadCode          = "bad_code"
	TooManySnapshots = "too_many_snapshots"
)

// Reasons of a [Problem] that is only reported.
const (
	BackInTime      = "back_in_time"       // older than the snapshot before
	CountFalls      = "count_falls"        // a counter is lower than in the snapshot before
	Reappears       = "reappears"          // rows of the incident do not stand together
	OpenedLater     = "opened_later"       // opened after its first snapshot
	ValueDiffers    = "value_differs"      // a value that should be the same on every row is not
	ActiveDisagrees = "active_disagrees"   // active after closing, or inactive before
	ResolvedElse    = "resolved_elsewhere" // resolved_at is not the time of the last Resolved snapshot
	ClosedElse      = "closed_elsewhere"   // the same of closed_at
)

// Problem is something to be told about the log.
type Problem struct {
	Line     int
	Incident string // number, "" where it is not known
	Column   int    // from 1; 0 when the whole row is meant
	Header   string
	Reason   string
	Mend     string
	Dropped  bool // the row was left out
}

func (p Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d", p.Line)
	if p.Incident != "" {
		b.WriteString(", " + p.Incident)
	}
	if p.Header != "" {
		fmt.Fprintf(&b, ", column %d (%s)", p.Column, p.Header)
	}
	return b.String() + ": " + p.Reason + ": " + p.Mend
}

// Agreement is in how many incidents a counter of the log agrees with its snapshots. All are 0 where
// the log lacks a column that the comparison needs.
type Agreement struct{ Agree, DeclaredMore, SeenMore int }

func (a *Agreement) add(declared, seen int) {
	switch {
	case declared == seen:
		a.Agree++
	case declared > seen:
		a.DeclaredMore++
	default:
		a.SeenMore++
	}
}

// Summary is what was read so far.
type Summary struct {
	Incidents, Snapshots int
	Rows                 int            // records of the file, refused ones too
	Dropped              int            // of them
	Problems             map[string]int // by reason

	Reassignments, Reopens, SysMods Agreement
}

// Log gives the incidents of a log. It is for one goroutine.
type Log struct {
	table  Table
	opt    Options
	at     [fields]int
	report func(Problem)
	sum    Summary
	seed   maphash.Seed
	seen   map[uint64]struct{} // hashes of the numbers of incidents given
	open   *gathering          // the incident whose rows are being read
	done   error
}

// gathering is an incident in the making.
type gathering struct {
	Incident
	rows  int // dropped ones too
	first row // the first that was understood: what must not change is compared with it
}

// Open finds the columns; its error names all that are missing. report gets each problem when it is
// found, which for what concerns a whole incident is before Next gives it; nil drops them, the Summary
// still counts.
func Open(t Table, opt Options, report func(Problem)) (*Log, error) {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	if opt.MaxSnapshots == 0 {
		opt.MaxSnapshots = 10_000
	}
	at, err := columns(t.Header(), opt.Columns)
	if err != nil {
		return nil, err
	}
	return &Log{table: t, opt: opt, at: at, report: report, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}, sum: Summary{Problems: map[string]int{}}}, nil
}

// Next is the next incident that has a snapshot left. Its error is io.EOF at the end; any other is the
// table's, and final: the incident that was being read then is not given, as its end may be missing.
func (l *Log) Next() (Incident, error) {
	for l.done == nil {
		rec, err := l.table.Next()
		var bad *table.RowError
		switch {
		case errors.As(err, &bad):
			l.sum.Rows++
			l.sum.Dropped++
			l.tell(Problem{Line: bad.Line, Column: bad.Column, Header: bad.Header, Reason: bad.Reason, Mend: bad.Mend, Dropped: true})
			continue
		case err == io.EOF:
			l.done = err
			if i, ok := l.finish(); ok {
				return i, nil
			}
			return Incident{}, err
		case err != nil:
			l.done = err
			return Incident{}, err
		}
		l.sum.Rows++
		if i, ok := l.take(rec); ok {
			return i, nil
		}
	}
	return Incident{}, l.done
}

// Summary is what was read so far. Its map must not be changed.
func (l *Log) Summary() Summary { return l.sum }

// take adds a row. ok says that it belongs to another incident than those before, which is complete.
func (l *Log) take(rec table.Row) (done Incident, ok bool) {
	r := row{line: rec.Line, values: rec.Values, log: l}
	number := r.text(fNumber)
	if number == "" {
		l.sum.Dropped++
		p := l.problem(r.line, fNumber, Blank, "say to which incident the row belongs")
		p.Incident, p.Dropped = "", true
		l.tell(p)
		return Incident{}, false
	}
	if l.open != nil && l.open.Number != number {
		done, ok = l.finish()
	}
	if l.open == nil {
		l.begin(number, r.line)
	}
	g := l.open
	g.rows++
	snap := r.snapshot()
	if len(g.Snapshots) >= l.opt.MaxSnapshots {
		r.fault(fNumber, TooManySnapshots, fmt.Sprintf("an incident has no more than %d rows here; raise the limit if it is one incident", l.opt.MaxSnapshots))
	}
	if len(r.faults) > 0 {
		l.sum.Dropped++
		g.Dropped++
		for _, p := range r.faults {
			p.Incident, p.Dropped = number, true
			l.tell(p)
		}
		return done, ok
	}
	if len(g.Snapshots) == 0 {
		g.first = r
	}
	g.Snapshots = append(g.Snapshots, snap)
	l.compare(&r)
	g.last(&r)
	return done, ok
}

func (l *Log) begin(number string, line int) {
	l.open = &gathering{Incident: Incident{Number: number}}
	h := maphash.String(l.seed, number)
	if _, again := l.seen[h]; again {
		l.open.Reappeared = true
		l.tell(l.problem(line, fNumber, Reappears, "rows of this incident stood further up; sort the log by number and time"))
	}
	l.seen[h] = struct{}{}
}

// finish closes the incident being read. ok is false if none of its rows was left.
func (l *Log) finish() (i Incident, ok bool) {
	g := l.open
	l.open = nil
	if g == nil || len(g.Snapshots) == 0 {
		return Incident{}, false
	}
	g.count()
	l.judge(&g.Incident)
	l.sum.Incidents++
	l.sum.Snapshots += len(g.Snapshots)
	if l.at[fReassignments] >= 0 && l.at[fGroup] >= 0 {
		l.sum.Reassignments.add(g.Declared.Reassignments, g.Seen.Reassignments)
	}
	if l.at[fReopens] >= 0 {
		l.sum.Reopens.add(g.Declared.Reopens, g.Seen.Reopens)
	}
	if l.at[fSysMods] >= 0 {
		l.sum.SysMods.add(g.Declared.SysMods, g.Seen.SysMods)
	}
	return g.Incident, true
}

// problem is a problem with field f of a line of the incident being read.
func (l *Log) problem(line int, f field, reason, mend string) Problem {
	p := Problem{Line: line, Reason: reason, Mend: mend}
	if k := l.at[f]; k >= 0 {
		p.Column, p.Header = k+1, l.table.Header()[k]
	}
	if l.open != nil {
		p.Incident = l.open.Number
	}
	return p
}

func (l *Log) tell(p Problem) {
	l.sum.Problems[p.Reason]++
	if l.report != nil {
		l.report(p)
	}
}

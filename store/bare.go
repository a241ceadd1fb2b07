package store

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
	"time"

	"steward/kernel/record"
	"steward/kernel/storage"
)

// What bench compares with: the same rows without Steward around them.

// Bare runs "select all columns from the process's table" with the rest as given and reads every
// value: the raw limit of a page. Ids stand in the text as '...'.
func (s *Store) Bare(ctx context.Context, process, rest string) error {
	b := &builder{d: s.d}
	t := s.tables[process].Record
	b.sql("select ")
	columns(b, "t", t.Cols, false)
	b.sql(" from ", t.Name, " t ")
	return s.bare(ctx, b, rest, len(t.Cols))
}

// BareText is Bare for the rows whose full text has all the words.
func (s *Store) BareText(ctx context.Context, process string, words []string, rest string) error {
	in := "where t.id in (select s.record from search f join search_row s on s.id = f.rowid where f.tokens match '" + strings.Join(words, " ") + "') "
	if s.d == record.Postgres {
		in = "where t.id in (select s.record from search s where s.tokens @@ to_tsquery('simple', '" + strings.Join(words, " & ") + "')) "
	}
	return s.Bare(ctx, process, in+rest)
}

// BareCount counts the rows that where leaves, to limit.
func (s *Store) BareCount(ctx context.Context, process, where string, limit int) error {
	b := &builder{d: s.d}
	b.sql("select count(*) from (select 1 as x from ", s.tables[process].Record.Name, " t ")
	return s.bare(ctx, b, where+" limit "+strconv.Itoa(limit)+") c", 1)
}

func (s *Store) bare(ctx context.Context, b *builder, rest string, width int) error {
	var args []any
	text := uuidText.ReplaceAllStringFunc(rest, func(m string) string {
		id, err := record.ParseID(strings.Trim(m, "'"))
		if err != nil {
			return m
		}
		args = append(args, id.Bind(s.d))
		if s.d == record.Postgres {
			return "$1"
		}
		return "?"
	})
	rows, err := s.read.QueryContext(ctx, b.s.String()+text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	into := make([]any, width)
	raw := make([]sql.RawBytes, width)
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}

var uuidText = regexp.MustCompile(`'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'`)

// RawInserts inserts rows like those of an incident (row, directory, event, two clocks, timer, full
// text) one transaction each from one client for d, and gives how many
// incidents a second that were.
func (s *Store) RawInserts(ctx context.Context, d time.Duration) (float64, error) {
	p := s.reg.Process("incident")
	n := 0
	began := time.Now()
	for time.Since(began) < d {
		now := time.Now()
		r := p.New()
		h := r.Head()
		at := record.At(now)
		h.ID, h.Title, h.State, h.Phase, h.CreatedAt, h.UpdatedAt = record.NewID(now), "raw row", "new", "open", at, at
		if c, ok := p.Shape.Field("opened_at").Of(r).(*record.Instant); ok {
			*c = at
		}
		num := &storage.Num{Process: "incident"}
		dir := &storage.Directory{ID: h.ID, Process: "incident", Title: h.Title, State: h.State, Phase: h.Phase, UpdatedAt: at}
		e := &storage.Event{Record: h.ID, Process: "incident", N: 1, Revision: 1, OccurredAt: at, Command: "create", Body: record.Prose(`{"set":{"title":[null,"raw row"],"state":[null,"new"]}}`)}
		c1 := &storage.Clock{ID: record.NewID(now), Record: h.ID, Process: "incident", Kind: "response", State: "running", StartedAt: at, DueAt: at}
		c2 := &storage.Clock{ID: record.NewID(now), Record: h.ID, Process: "incident", Kind: "resolution", State: "running", StartedAt: at, DueAt: at}
		far := record.At(now.AddDate(10, 0, 0))
		stmts := []storage.Statement{s.Insert(storage.TDirectory, num, storage.Part(dir)), s.Insert(s.tables["incident"].Record, num, record.BaseOf(r)),
			s.Insert(storage.TEvent, nil, storage.Part(e)), s.Insert(storage.TClock, nil, storage.Part(c1)), s.Insert(storage.TClock, nil, storage.Part(c2)),
			s.Insert(storage.TTimer, nil, storage.Part(&storage.Timer{Subject: h.ID, Process: "incident", Key: "clock:response", At: far})),
			s.Insert(storage.TTimer, nil, storage.Part(&storage.Timer{Subject: h.ID, Process: "incident", Key: "clock:resolution", At: far})),
			s.Index(h.ID, "incident", "all", "raw row of the bench", true)}
		if err := s.Apply(ctx, stmts); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// Forget drops what is remembered of sizes, after a bulk load.
func (s *Store) Forget() {
	s.sizes.mu.Lock()
	defer s.sizes.mu.Unlock()
	clear(s.sizes.at)
}

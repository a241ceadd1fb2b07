package store

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Index makes the statement that puts a record's text into the full text of an audience; fresh
// says that there is none yet.
func (s *Store) Index(rec record.ID, process, audience, text string, fresh bool) storage.Statement {
	b := &builder{d: s.d}
	tokens := query.IndexText(text)
	if s.d == record.Postgres {
		b.sql("insert into search (record, process, audience, tokens) values (").arg(&rec).sql(", ").val(process).sql(", ").val(audience)
		b.sql(", to_tsvector('simple', ").val(tokens).sql(")) on conflict (record, audience) do update set tokens = excluded.tokens")
		return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
	}
	// SQLite: one statement with two effects is not to be had, so the row's trigger indexes it.
	b.sql("insert into search_text (record, process, audience, tokens) values (").arg(&rec).sql(", ").val(process).sql(", ").val(audience).sql(", ").val(tokens).sql(")")
	// Late: FTS5 writes what it has gathered at every savepoint, and 64 times a commit is dear.
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1, Late: true}
}

// Search finds records of any process that hold every phrase, newest first. Ranking a common
// word over a million rows costs 0.1 to 0.5 s on every engine, so nothing is ranked here.
func (s *Store) Search(ctx context.Context, scopes []access.Scope, phrases []query.Phrase, limit int) ([]*storage.Directory, error) {
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "r", storage.TDirectory.Cols, false)
	internal := false
	for _, sc := range scopes {
		internal = internal || sc.Internal || sc.Every
	}
	if s.d == record.Postgres {
		b.sql(" from search s join record r on r.id = s.record where s.tokens @@ to_tsquery('simple', ").val(query.TSQuery(phrases)).sql(")")
		if !internal {
			b.sql(" and s.audience = 'all'")
		}
		b.sql(" and ").scopes("r", scopes).sql(" order by s.id desc limit ").val(int64(limit))
	} else {
		b.sql(" from search f join search_row s on s.id = f.rowid join record r on r.id = s.record where f.tokens match ").val(query.FTS5Query(phrases))
		if !internal {
			b.sql(" and s.audience = 'all'")
		}
		b.sql(" and ").scopes("r", scopes).sql(" order by f.rowid desc limit ").val(int64(limit))
	}
	out, err := s.directory(ctx, b)
	if err != nil || len(out) < 2 {
		return out, err
	}
	seen := map[record.ID]bool{}
	once := out[:0]
	for _, d := range out {
		if !seen[d.ID] {
			seen[d.ID] = true
			once = append(once, d)
		}
	}
	return once, nil
}

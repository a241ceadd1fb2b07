// Package pgtest gives tests a PostgreSQL server and a fresh database each, from the binaries that
// are installed on the machine: no container, nothing downloaded, nothing left behind.
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
//	func TestSomething(t *testing.T) {
//		pool, err := pgxpool.New(t.Context(), pgtest.URL(t))
//
// In: pg_ctl's neighbours initdb and postgres, on PATH or where Debian, Homebrew and the
// PostgreSQL project put them. Out: a URL. If STEWARD_TEST_POSTGRES holds the URL of a server whose
// user may create databases, that one is used: test.sh starts one with cmd/pgserve for all
// packages, else each package starts its own at the first call of [URL].
//
// Start at [URL]; then server.go for how a server is started and why it cannot outlive the tests.
//
// Always true: a test never sees another's data; without PostgreSQL a test is skipped loudly, and
// fails where CI is true, so that no engine goes untested unseen.
package pgtest

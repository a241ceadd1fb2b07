#!/usr/bin/env bash
# The one test command: ./test.sh runs what CI runs; see 'usage' for the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
	cat <<'EOF'
usage: ./test.sh [long] [PACKAGE...]

  ./test.sh                  vet, format, all tests on SQLite and PostgreSQL; below 15 minutes on 2 cores
  ./test.sh ./kernel/...     the same for some packages
  ./test.sh long             with the race detector, the fault sweeps and the million-case oracles; hours

On Debian as root it installs what is missing. STEWARD_TEST_POSTGRES=postgres://... uses a server of
yours, whose user may create databases, instead of starting one.
EOF
}

say() { printf 'test.sh: %s\n' "$*" >&2; }

long=
case "${1-}" in
-h | --help) usage && exit 0 ;;
long) long=1 && shift ;;
-*) usage >&2 && exit 2 ;;
esac
[ $# -gt 0 ] || set -- ./...

# --- what must be installed -----------------------------------------------------------------------

has_postgres() {
	[ -n "${STEWARD_TEST_POSTGRES-}" ] || command -v initdb >/dev/null && return 0
	local dir
	for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
		/usr/local/opt/postgresql@*/bin /Applications/Postgres.app/Contents/Versions/*/bin; do
		[ -x "$dir/initdb" ] && return 0
	done
	return 1
}

has_chromium() {
	[ -n "${STEWARD_TEST_CHROMIUM-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome
}

command -v go >/dev/null || {
	say "Go is missing: install the version that go.mod names, from https://go.dev/dl"
	exit 1
}
missing=()
has_postgres || missing+=(postgresql)
command -v python3 >/dev/null || missing+=(python3)
has_chromium >/dev/null || missing+=(chromium) # of the tests in e2e/browser
[ -z "$long" ] || command -v gcc >/dev/null || missing+=(gcc libc6-dev) # the race detector needs cgo
if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		say "installing ${missing[*]}"
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq
		apt-get install -y -qq --no-install-recommends "${missing[@]}"
	else
		say "missing: ${missing[*]} (Debian's names). Install them, on Debian: sudo apt-get install ${missing[*]}"
		exit 1
	fi
fi

# --- one PostgreSQL server for all packages -------------------------------------------------------

work=$(mktemp -d)
server=
finish() {
	exec 8>&- # the server ends when this does, and so it does when this script is killed
	[ -z "$server" ] || wait "$server" || say "the PostgreSQL server ended badly"
	rm -rf "$work"
}
trap finish EXIT

if [ -z "${STEWARD_TEST_POSTGRES-}" ]; then
	go build -o "$work/pgserve" ./store/storetest/pgtest/cmd/pgserve
	mkfifo "$work/hold" "$work/url"
	"$work/pgserve" <"$work/hold" >"$work/url" &
	server=$!
	exec 8>"$work/hold"
	read -r STEWARD_TEST_POSTGRES <"$work/url" || {
		say "PostgreSQL did not start"
		exit 1
	}
	export STEWARD_TEST_POSTGRES
fi

# --- the tests ------------------------------------------------------------------------------------

failed=0
run() { # a step; the rest runs even if it fails, so that one run tells all
	say "$*"
	"$@" 8>&- || failed=1
}

formatted() {
	local unformatted
	unformatted=$(gofmt -l .)
	[ -z "$unformatted" ] || {
		say "not formatted, run 'gofmt -w' on:"
		printf '%s\n' "$unformatted" >&2
		return 1
	}
}

run formatted
run go vet "$@"
if [ -n "$long" ]; then
	export STEWARD_LONG=1
	run go test -race -timeout 4h "$@"
else
	run go test -timeout 12m "$@"
fi
exit "$failed"

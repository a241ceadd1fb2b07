#!/bin/sh
# Fetches what others wrote and browsers run, pinned by version and digest: scripts into js/vendor/,
# licences into dist/. Its results are committed, so that `go build` is all a user needs.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

take() { # package version sha512 file target
	npm pack --silent --pack-destination "$tmp" "$1@$2" >/dev/null
	archive="$tmp/$1-$2.tgz"
	got=$(openssl dgst -sha512 -binary "$archive" | base64 -w0)
	[ "$got" = "$3" ] || { echo "$1@$2 is not what was pinned: $got" >&2; exit 1; }
	tar -xzf "$archive" -C "$tmp" "package/$4"
	cp "$tmp/package/$4" "$5"
}

take htmx.org 2.0.11 Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA== dist/htmx.esm.js js/vendor/htmx.js
take htmx.org 2.0.11 Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA== LICENSE dist/htmx-LICENSE.txt

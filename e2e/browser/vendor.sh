#!/bin/sh
# Fetches what others wrote and the browser tests run inside Chromium, pinned by version and digest,
# into testdata/. Its results are committed, compressed, so that the tests need no network.
set -eu
cd "$(dirname "$0")"
out=$PWD/testdata
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

take() { # package version sha512
	npm pack --silent "$1@$2" >/dev/null
	got=$(openssl dgst -sha512 -binary "$1-$2.tgz" | base64 -w0)
	[ "$got" = "$3" ] || { echo "$1@$2 is not what was pinned: $got" >&2; exit 1; }
	mkdir -p "$1" && tar -xzf "$1-$2.tgz" -C "$1" --strip-components=1
}

# axe-core: accessibility rules. MPL-2.0, unchanged.
take axe-core 4.14.1 FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
gzip -9nc axe-core/axe.min.js >"$out/axe.min.js.gz"
cp axe-core/LICENSE "$out/axe-LICENSE.txt"

# html-validate: the HTML living standard's content models. MIT. It is bundled with the few modules
# that its part for browsers uses, each of the version that package-lock.json pins by digest.
cp "$out/validator/package.json" "$out/validator/package-lock.json" "$out/validator/entry.mjs" .
npm ci --silent --ignore-scripts
npx esbuild entry.mjs --bundle --minify --format=iife --platform=browser --legal-comments=none --metafile=meta.json --outfile=html-validate.js --log-level=warning
gzip -9nc html-validate.js >"$out/html-validate.js.gz"
node -e '
const inputs = Object.keys(JSON.parse(require("fs").readFileSync("meta.json")).inputs);
const names = [...new Set(inputs.map((p) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(p)?.[1]).filter(Boolean))].sort();
console.log(names.join("\n"));' | while read -r name; do
	echo "== $name"
	cat "node_modules/$name"/[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]*
	echo
done >"$out/html-validate-LICENSES.txt"

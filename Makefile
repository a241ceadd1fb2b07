# Shorthands. What CI runs is ./test.sh; nothing here does more than say a command in one word.

.DEFAULT_GOAL := help
.PHONY: help run test long bench lint generate templ js screenshots

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## start Steward with the demo provider on http://127.0.0.1:8080
	go run ./cmd/steward serve --demo

test: ## what CI runs
	./test.sh

long: ## race detector, fault sweeps, million-case oracles (hours)
	./test.sh long

bench: ## all benchmarks, each printing a ratio to a floor of the same run where it has one
	go test -run '^$$' -bench . -benchmem ./...

# Pinned here and not in go.mod: the linter's hundreds of modules are none of ours.
lint: ## golangci-lint as .golangci.yml says (its first build takes minutes)
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

generate: ## rewrite generated files: look at the diff before you commit it
	go generate ./...

templ: ## rewrite *_templ.go after an edit of a .templ file
	go run github.com/a-h/templ/cmd/templ@v0.3.1100 generate -path web
	go run github.com/a-h/templ/cmd/templ@v0.3.1100 generate -path sms/conformity/pack

screenshots: ## rewrite docs/screenshots, the pictures of the README, from the demo in Chromium
	go test ./e2e/browser -count 1 -run '^TestScreenshots$$' -out $(CURDIR)/docs/screenshots

js: ## rewrite web/static/dist/steward.js after an edit in web/static/js
	go run ./web/static/bundle

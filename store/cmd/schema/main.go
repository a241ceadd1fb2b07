// Command schema writes the first migration of both engines from the declared processes. It serves
// until the first release; after that a change is a migration of its own, proposed by
// `go run ./store/cmd/schema -diff` and edited by a person.
package main

import (
	"fmt"
	"os"
	"strings"

	"steward/kernel/record"
	"steward/sms"
	"steward/store"
)

func main() {
	reg := sms.Registry()
	for d, name := range map[record.Dialect]string{record.SQLite: "sqlite", record.Postgres: "postgres"} {
		var b strings.Builder
		b.WriteString("-- Written by `go run ./store/cmd/schema` from the declared processes.\n-- +goose Up\n")
		for _, s := range store.Schema(d, reg) {
			b.WriteString("-- +goose StatementBegin\n" + s + ";\n-- +goose StatementEnd\n")
		}
		path := "store/migrations/" + name + "/00001_steward.sql"
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// Command schema writes the first migration of both engines from the declared processes. It serves
// until the first release; after that a change is a migration of its own, written by
// a person, and a test holds declarations and migrations together.
package main

import (
	"fmt"
	"os"

	"steward/kernel/record"
	"steward/sms"
	"steward/store"
)

func main() {
	reg := sms.Registry()
	for d, name := range map[record.Dialect]string{record.SQLite: "sqlite", record.Postgres: "postgres"} {
		path := "store/migrations/" + name + "/00001_steward.sql"
		if err := os.WriteFile(path, []byte(store.Migration(d, reg)), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

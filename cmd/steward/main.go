// Command steward is the whole service management system in one binary: flags, wiring, run.
package main

import (
	"os"

	"steward/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

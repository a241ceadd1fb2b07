// Command pgserve runs one PostgreSQL server for the tests of all packages: it prints its URL and
// serves until its standard input ends, or until SIGINT or SIGTERM. test.sh uses it; whoever works
// on the store may too:
//
//	go run ./store/storetest/pgtest/cmd/pgserve    # prints postgres://..., ends with Ctrl-C
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"steward/store/storetest/pgtest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pgserve:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := pgtest.Start(ctx)
	if err != nil {
		return err
	}
	fmt.Println(s.URL())
	ended := make(chan struct{})
	go func() { // left behind when a signal comes first: the process ends
		_, _ = io.Copy(io.Discard, os.Stdin) // an error ends the input as well
		close(ended)
	}()
	select {
	case <-ctx.Done():
	case <-ended:
	}
	return s.Stop()
}

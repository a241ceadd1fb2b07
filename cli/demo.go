package cli

import (
	"context"
	"log/slog"

	"steward/boot"
	"steward/demo"
)

// signIn is an account that the demo provider has, to be printed.
type signIn = demo.SignIn

// loadDemo loads the demo provider into an empty system; it gives none for one that is not empty.
// done waits for what goes on loading in the background and ends with ctx.
func loadDemo(ctx context.Context, o *boot.Opened, log *slog.Logger) (accounts []signIn, done func(), err error) {
	l, err := demo.Load(ctx, o, demo.Options{Log: log})
	if err != nil {
		return nil, nil, err
	}
	return l.SignIns, func() {
		if err := l.Wait(); err != nil {
			log.Error("demo", "error", err)
		}
	}, nil
}

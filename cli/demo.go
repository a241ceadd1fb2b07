package cli

import (
	"context"
	"log/slog"

	"steward/boot"
)

// signIn is an account that the demo provider has, to be printed.
type signIn struct{ Name, Role, Password string }

// loadDemo loads the demo provider into an empty system; it gives none for one that is not empty. done
// waits for what goes on loading in the background and ends with ctx. It is nil in a build without it.
var loadDemo func(ctx context.Context, o *boot.Opened, log *slog.Logger) (accounts []signIn, done func(), err error)

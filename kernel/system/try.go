package system

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
)

// Try decides a command as Do would at this moment and writes nothing: what it would leave behind,
// or why it would be refused. The preview of a bulk edit is made of it.
func (s *System) Try(ctx context.Context, actor *access.Principal, cmd lifecycle.Command) (*Result, error) {
	return s.unit(ctx, actor).do(cmd, 0)
}

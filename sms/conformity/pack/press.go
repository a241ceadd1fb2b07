package pack

import (
	"context"
	"io"
	"os"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/system"
	"steward/sms/conformity"
)

// Press makes packs for the doors of a running server: one at a time, since each reads the whole log,
// and into a file first, so that nobody is sent half of one.
type Press struct {
	sys    *system.System
	engine *conformity.Engine
	base   Options
	turn   chan struct{}
}

// NewPress is a press over sys; base is what all its packs have in common.
func NewPress(sys *system.System, e *conformity.Engine, base Options) *Press {
	return &Press{sys, e, base, make(chan struct{}, 1)}
}

// Made is a pack in a file that is gone once it is closed.
type Made struct {
	*os.File
	Name  string // to be saved under
	About *About
}

// Close lets go of the file, and deletes it.
func (m *Made) Close() error {
	err := m.File.Close()
	if e := os.Remove(m.File.Name()); err == nil {
		err = e
	}
	return err
}

// Make builds a pack of a period, given as [Period] reads it, with what by may see and take away.
func (p *Press) Make(ctx context.Context, by *access.Principal, from, to, seed string) (*Made, error) {
	if err := May(by); err != nil {
		return nil, err
	}
	o := p.base
	o.By, o.Seed = by, seed
	var err error
	if o.From, o.To, err = Period(p.engine, p.sys.Zone(), p.sys.Now(), from, to); err != nil {
		return nil, err
	}
	if len(seed) > seedLength {
		return nil, fault.New(fault.BadRequest, "seed: takes at most %d bytes", seedLength)
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	default:
		return nil, fault.New(fault.Unavailable, "another audit pack is being made just now; ask again when it is done")
	}
	f, err := os.CreateTemp("", "steward-audit-pack-*.zip")
	if err != nil {
		return nil, err
	}
	m := &Made{File: f, Name: "audit-pack-" + o.From.In(p.sys.Zone()).Format(time.DateOnly) + "-" + o.To.In(p.sys.Zone()).Format(time.DateOnly) + ".zip"}
	if m.About, err = Build(ctx, p.sys, p.engine, f, o); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = m.Close() // the error that matters is the other
		return nil, err
	}
	return m, nil
}

// seedLength is how long a seed may be.
const seedLength = 200

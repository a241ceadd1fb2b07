package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
)

// Given is one record as a reader of some other format gives it.
type Given struct {
	Key string                     // external_id
	Set map[string]json.RawMessage // fields, and lines by their kind
}

// given takes what a reader gives: new keys are made, known ones brought up to what the source says,
// unchanged ones left alone.
func (in *intake) given(ctx context.Context, r io.Reader) error {
	p := in.sys.Registry.Process(in.opt.Process)
	if p == nil {
		return fmt.Errorf("there is no process %q", in.opt.Process)
	}
	all, err := in.opt.Read(r)
	if err != nil {
		return err
	}
	keys := make([]string, len(all))
	for i, g := range all {
		keys[i] = g.Key
	}
	known, err := in.sys.Known(ctx, in.sourceName(), keys)
	if err != nil {
		return err
	}
	for i, g := range all {
		b, err := json.Marshal(g.Set) // its keys are sorted
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		past := &system.Past{Source: in.sourceName(), Key: g.Key, Digest: hex.EncodeToString(sum[:16]), Record: record.NewID(in.sys.Now())}
		old := known[g.Key]
		if old != nil && string(old.Digest) == past.Digest {
			in.report.Unchanged++
			continue
		}
		set := map[string]json.RawMessage{"external_source": record.AppendString(nil, in.sourceName()), "external_id": record.AppendString(nil, g.Key)}
		for k, v := range g.Set {
			set[k] = v
		}
		past.Commands = []lifecycle.Command{{Process: p.Name, Verb: "create", ID: past.Record, Door: "import", Set: set}}
		if old != nil {
			in.again(p, past, old.Record)
		}
		if err := in.take(ctx, &planned{past: past, line: i + 1, rows: 1}); err != nil {
			return err
		}
	}
	return in.flush(ctx)
}

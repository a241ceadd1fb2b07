package ledger

import (
	"context"
	"iter"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	batchItems = 256
	batchBytes = 1 << 20 // of bodies: a batch is closed when it holds more
	batchAhead = 4       // batches read or hashed before they are checked
)

type batch struct {
	items  []item
	hashes []tlog.Hash
	hashed chan struct{}
}

// hashAhead reads items in one goroutine, hashes events in others, and calls take in the
// order of the items, until it says false. All goroutines have ended when it returns.
func hashAhead(ctx context.Context, items iter.Seq2[item, error], workers int, take func(*item, tlog.Hash) (bool, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	work := make(chan *batch, batchAhead)
	ordered := make(chan *batch, batchAhead)
	var readErr error // written before ordered is closed
	var running sync.WaitGroup
	running.Go(func() {
		defer close(ordered)
		defer close(work)
		readErr = readBatches(ctx, items, work, ordered)
	})
	for range workers {
		running.Go(func() {
			var h Hasher
			for b := range work {
				for i := range b.items {
					switch it := &b.items[i]; {
					case it.kind == leafItem && it.leaf.Held == Whole:
						b.hashes[i] = h.Hash(&it.leaf.Entry)
					case it.kind == leafItem && it.leaf.Held == Bodiless:
						b.hashes[i] = h.HashHeader(&it.leaf.Entry)
					}
				}
				close(b.hashed)
			}
		})
	}
	defer running.Wait()
	defer cancel()
	for b := range ordered {
		<-b.hashed
		for i := range b.items {
			if more, err := take(&b.items[i], b.hashes[i]); err != nil || !more {
				return err
			}
		}
	}
	if readErr != nil {
		return readErr
	}
	return ctx.Err()
}

func readBatches(ctx context.Context, items iter.Seq2[item, error], work, ordered chan<- *batch) error {
	var b *batch
	bytes := 0
	send := func() bool {
		if b == nil {
			return true
		}
		b.hashes = make([]tlog.Hash, len(b.items))
		for _, to := range [...]chan<- *batch{work, ordered} {
			select {
			case to <- b:
			case <-ctx.Done():
				return false
			}
		}
		b, bytes = nil, 0
		return true
	}
	for it, err := range items {
		if err != nil {
			send() // what was read before the error is still checked: a fault in it comes first
			return err
		}
		if b == nil {
			b = &batch{items: make([]item, 0, batchItems), hashed: make(chan struct{})}
		}
		b.items = append(b.items, it)
		bytes += len(it.leaf.Entry.Body)
		if len(b.items) == batchItems || bytes > batchBytes {
			if !send() {
				return ctx.Err()
			}
		}
	}
	send()
	return nil
}

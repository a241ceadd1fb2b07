package secret

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock { return &clock{time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)} }

func fail(t *testing.T, th *Throttle, account, addr string) {
	t.Helper()
	if ok, wait := th.Allow(account, addr); !ok {
		t.Fatalf("%s from %s must wait %v", account, addr, wait)
	}
	th.Fail(account, addr)
}

func TestGuessingGetsSlowerAndSlower(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now, 100)
	for range PairLimit.Free {
		fail(t, th, "anna", "192.0.2.1")
	}
	for want := time.Second; want < PairLimit.Longest; want *= 2 {
		if ok, wait := th.Allow("anna", "192.0.2.1"); ok || wait != want {
			t.Fatalf("allowed %v, wait %v, want %v", ok, wait, want)
		}
		c.t = c.t.Add(want - 1)
		if ok, wait := th.Allow("ANNA ", "192.0.2.1:4711"); ok || wait != 1 {
			t.Fatalf("a moment before: %v %v", ok, wait)
		}
		c.t = c.t.Add(1)
		fail(t, th, "anna", "192.0.2.1")
	}
	if _, wait := th.Allow("anna", "192.0.2.1"); wait > PairLimit.Longest {
		t.Errorf("wait %v", wait)
	}
}

func TestAGuesserKeepsNobodyElseOut(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now, 100_000)
	for i := range 2000 { // from many addresses, all at anna's account
		addr := fmt.Sprintf("198.51.%d.%d", i/250, i%250)
		for range PairLimit.Free {
			fail(t, th, "anna", addr)
		}
	}
	if ok, wait := th.Allow("anna", "192.0.2.1"); !ok {
		t.Errorf("anna must wait %v for what others did", wait)
	}
}

func TestOneAddressCannotTryManyAccounts(t *testing.T) {
	for _, from := range [][2]string{{"192.0.2.1", "192.0.2.1"}, {"2001:db8::1", "2001:db8::ffff:2"}, {"::ffff:192.0.2.1", "192.0.2.1"}} {
		c := newClock()
		th := NewThrottle(c.now, 1000)
		for i := range AddressLimit.Free {
			fail(t, th, fmt.Sprint("user", i), from[0])
		}
		if ok, wait := th.Allow("another", from[1]); ok || wait != time.Second {
			t.Errorf("%v: %v %v", from, ok, wait)
		}
		if ok, _ := th.Allow("another", "203.0.113.9"); !ok {
			t.Error("another address must wait too")
		}
	}
	th := NewThrottle(newClock().now, 1000)
	for i := range AddressLimit.Free {
		fail(t, th, fmt.Sprint("user", i), "2001:db8::1")
	}
	if ok, _ := th.Allow("another", "2001:db8:0:1::1"); !ok {
		t.Error("the neighbour's network must wait too")
	}
}

func TestSuccessForgetsThePairButNotTheAddress(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now, 1000)
	for range PairLimit.Free - 1 {
		fail(t, th, "anna", "192.0.2.1")
	}
	th.Allow("anna", "192.0.2.1")
	th.Succeed("anna", "192.0.2.1")
	for range PairLimit.Free {
		fail(t, th, "anna", "192.0.2.1")
	}
	th = NewThrottle(c.now, 1000)
	for i := range AddressLimit.Free - 1 {
		fail(t, th, fmt.Sprint("user", i), "192.0.2.1")
		if ok, _ := th.Allow("mine", "192.0.2.1"); ok { // a guesser's own account in between
			th.Succeed("mine", "192.0.2.1")
		}
	}
	fail(t, th, "last", "192.0.2.1")
	if ok, _ := th.Allow("another", "192.0.2.1"); ok {
		t.Error("his own account wiped out the guesser's failures")
	}
}

func TestFailuresAreForgivenWithTime(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now, 1000)
	for range PairLimit.Free - 1 {
		fail(t, th, "anna", "192.0.2.1")
	}
	c.t = c.t.Add(PairLimit.Forgive * time.Duration(PairLimit.Free))
	for range PairLimit.Free {
		fail(t, th, "anna", "192.0.2.1")
	}
}

func TestGuessesSentAllAtOnceAreNotAllLetThrough(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now, 1000)
	var mu sync.Mutex
	var all sync.WaitGroup
	allowed := 0
	for range 100 {
		all.Go(func() {
			if ok, _ := th.Allow("anna", "192.0.2.1"); ok {
				mu.Lock()
				allowed++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if allowed != PairLimit.Free {
		t.Errorf("%d of 100 at once allowed, want %d", allowed, PairLimit.Free)
	}
	c.t = c.t.Add(staleOpen + 1) // their connections are gone, nobody answered
	if ok, wait := th.Allow("anna", "192.0.2.1"); !ok {
		t.Errorf("tries without an answer lock for ever: %v", wait)
	}
}

func TestMemoryOfFailuresIsBounded(t *testing.T) {
	c := newClock()
	th := NewThrottle(c.now, 50)
	for i := range 5000 {
		th.Allow(fmt.Sprint("user", i), fmt.Sprintf("10.0.%d.%d", i/250, i%250))
		th.Fail(fmt.Sprint("user", i), fmt.Sprintf("10.0.%d.%d", i/250, i%250))
	}
	for _, s := range []*counters{&th.pairs, &th.addresses} {
		if len(s.byKey) != 50 || s.recent.Len() != 50 {
			t.Errorf("%d keys, %d in the list", len(s.byKey), s.recent.Len())
		}
	}
	if key := pairKey(string(make([]byte, 1<<20)), "x"); len(key) > 300 {
		t.Errorf("key of %d bytes", len(key))
	}
}

func TestAClockSetBackLocksNobodyForLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newClock()
		th := NewThrottle(c.now, 10)
		for range rapid.IntRange(1, 30).Draw(t, "tries") {
			c.t = c.t.Add(time.Duration(rapid.Int64Range(-int64(48*time.Hour), int64(time.Hour)).Draw(t, "step")))
			ok, wait := th.Allow("anna", "192.0.2.1")
			if ok != (wait == 0) || wait < 0 || wait > PairLimit.Longest {
				t.Fatalf("%v %v", ok, wait)
			}
			if ok {
				th.Fail("anna", "192.0.2.1")
			}
		}
	})
}

func BenchmarkThrottle(b *testing.B) {
	th := NewThrottle(time.Now, 10_000)
	for b.Loop() {
		th.Allow("anna", "192.0.2.1")
		th.Succeed("anna", "192.0.2.1")
	}
}

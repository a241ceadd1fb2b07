package secret

import (
	"container/list"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// A Limit is how much guessing is free and what it costs afterwards.
type Limit struct {
	Free    int           // so many failures bring the first wait
	First   time.Duration // the first wait; each failure doubles it
	Longest time.Duration
	Forgive time.Duration // one failure is forgotten after each such time without a new one
}

// PairLimit is for one account from one address, AddressLimit for one address and all accounts:
// many people may share one address, and one guesser tries many accounts.
var (
	PairLimit    = Limit{Free: 5, First: time.Second, Longest: 15 * time.Minute, Forgive: 10 * time.Minute}
	AddressLimit = Limit{Free: 50, First: time.Second, Longest: 15 * time.Minute, Forgive: time.Minute}
)

// Throttle slows down guessing at passwords and codes. What is counted belongs to the address that
// guesses: whoever fails from elsewhere, however often, keeps nobody else out. It holds at most
// the given number of pairs and of addresses and forgets those untouched longest. It is safe for use
// by many goroutines, and of one node; several nodes each allow their share.
type Throttle struct {
	mu               sync.Mutex
	now              func() time.Time
	pairs, addresses counters
}

// NewThrottle counts with the clock now, keeping at most size pairs and size addresses (about
// 300 bytes each).
func NewThrottle(now func() time.Time, size int) *Throttle {
	return &Throttle{now: now, pairs: newCounters(PairLimit, size), addresses: newCounters(AddressLimit, size)}
}

// Allow says whether a try may be made now, and if not, after how long. Each allowed try must be
// followed by Fail or Succeed; until then it counts as failed, so that guesses sent all at once are
// not all let through.
func (t *Throttle) Allow(account, addr string) (ok bool, retryAfter time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	a := t.addresses.at(place(addr), now)
	if wait := a.wait(now, AddressLimit); wait > 0 { // before a pair is made: names made up by one who waits push nobody out
		return false, wait
	}
	p := t.pairs.at(pairKey(account, addr), now)
	if wait := p.wait(now, PairLimit); wait > 0 {
		return false, wait
	}
	for _, c := range [...]*counter{a, p} {
		c.open++
		c.asked = now
	}
	return true, 0
}

// Fail notes that an allowed try was wrong.
func (t *Throttle) Fail(account, addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.pairs.at(pairKey(account, addr), now).fail(now, PairLimit)
	t.addresses.at(place(addr), now).fail(now, AddressLimit)
}

// Succeed notes that an allowed try was right. The pair is forgotten; the address's failures stay,
// or one account of his own would let a guesser wipe them out.
func (t *Throttle) Succeed(account, addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs.drop(pairKey(account, addr))
	if a := t.addresses.at(place(addr), t.now()); a.open > 0 {
		a.open--
	}
}

// place is the address that counts: of IPv6 the first 64 bits, since one subscriber has them all.
func place(addr string) string {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		addr = ap.Addr().String()
	}
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return addr
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	net, _ := ip.Prefix(64) // fails only beyond 128
	return net.String()
}

// pairKey folds case and space as people type them; the names of accounts are at most some hundred
// bytes, whatever is sent.
func pairKey(account, addr string) string {
	account = strings.ToLower(strings.TrimSpace(account))
	return place(addr) + "\x00" + account[:min(len(account), 256)]
}

type counter struct {
	key    string
	failed int
	open   int       // allowed, not yet answered
	asked  time.Time // when it was last allowed
	last   time.Time // when it last failed, moved on by what was forgiven since
	until  time.Time
}

// staleOpen is when a try without an answer is taken to have been lost with its connection.
const staleOpen = time.Minute

func (c *counter) wait(now time.Time, l Limit) time.Duration {
	if wait := c.until.Sub(now); wait > 0 {
		return min(wait, l.Longest) // also when the clock was set back
	}
	if c.open > 0 && c.failed+c.open >= l.Free {
		return l.First // beyond the free ones, one at a time
	}
	return 0
}

func (c *counter) fail(now time.Time, l Limit) {
	c.failed++
	c.last = now
	if c.open > 0 {
		c.open--
	}
	if over := c.failed - l.Free; over >= 0 {
		wait := l.Longest
		if over < 20 { // 2^20 of any First is beyond any Longest
			wait = min(l.First<<over, l.Longest)
		}
		c.until = now.Add(wait)
	}
}

type counters struct {
	limit  Limit
	size   int
	byKey  map[string]*list.Element
	recent *list.List // of *counter, the one touched last in front
}

func newCounters(l Limit, size int) counters {
	return counters{l, max(size, 1), map[string]*list.Element{}, list.New()}
}

// at is the counter of key, with what is forgiven taken off.
func (s *counters) at(key string, now time.Time) *counter {
	e, ok := s.byKey[key]
	if !ok {
		if s.recent.Len() >= s.size {
			oldest := s.recent.Back()
			delete(s.byKey, s.recent.Remove(oldest).(*counter).key)
		}
		e = s.recent.PushFront(&counter{key: key, last: now})
		s.byKey[key] = e
	}
	s.recent.MoveToFront(e)
	c := e.Value.(*counter)
	if now.Sub(c.asked) > staleOpen {
		c.open = 0
	}
	if times := int(now.Sub(c.last) / s.limit.Forgive); times > 0 {
		c.failed = max(0, c.failed-times)
		c.last = c.last.Add(time.Duration(times) * s.limit.Forgive)
	}
	return c
}

func (s *counters) drop(key string) {
	if e, ok := s.byKey[key]; ok {
		s.recent.Remove(e)
		delete(s.byKey, key)
	}
}

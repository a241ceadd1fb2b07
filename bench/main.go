// Command bench measures Steward against raw limits of the same engine on the same machine in the
// same run, and prints ratios: `go run ./bench`. Absolute figures depend on the machine; ratios are
// what to compare.
//
// Start at main, then write.go, read.go, clocks.go.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"steward/api"
	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
)

var (
	size     = flag.Int("n", 1_000_000, "incidents in the large system")
	seconds  = flag.Float64("t", 3, "seconds of each measurement")
	database = flag.String("database", "", "postgres://... of an empty database; by default SQLite in a temporary folder")
	only     = flag.String("only", "", "write, read, asof, conformity or clocks, or several with commas; by default all")
)

func main() {
	profile := flag.String("cpuprofile", "", "write a profile of the processor to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// world is a system under test with its door and the people who ask.
type world struct {
	*boot.Opened
	url      string
	token    string // an administrator's
	agent    *access.Principal
	customer *access.Principal // of a customer with 20 incidents
	close    func()
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "steward-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w, err := begin(ctx, dir)
	if err != nil {
		return err
	}
	defer w.close()
	fmt.Printf("engine %s, %d cores, %s\n", map[record.Dialect]string{record.SQLite: "SQLite", record.Postgres: "PostgreSQL"}[w.Store.Dialect()], runtime.NumCPU(), runtime.Version())
	fmt.Printf("memory idle: %d MB resident\n\n", resident())
	want := func(part string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), part) }
	if want("write") {
		if err := w.writes(ctx); err != nil {
			return err
		}
	}
	if want("clocks") {
		if err := w.clocks(ctx); err != nil {
			return err
		}
	}
	if want("read") || want("asof") || want("conformity") {
		for n := 10_000; ; n *= 10 {
			n = min(n, *size)
			if err := w.fill(ctx, n); err != nil {
				return err
			}
			if want("read") {
				if err := w.reads(ctx, n); err != nil {
					return err
				}
			}
			if want("asof") {
				if err := w.past(ctx, n); err != nil {
					return err
				}
			}
			if want("conformity") {
				if err := w.conformity(ctx, n); err != nil {
					return err
				}
			}
			if n == *size {
				break
			}
		}
	}
	fmt.Printf("memory at the end: %d MB resident\n", resident())
	return nil
}

func begin(ctx context.Context, dir string) (*world, error) {
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	o, err := boot.Open(ctx, boot.Options{Data: dir, Database: *database, Log: quiet})
	if err != nil {
		return nil, err
	}
	w := &world{Opened: o}
	for _, c := range []lifecycle.Command{
		{Process: "customer", Verb: "create", Set: set("title", "Large")}, {Process: "customer", Verb: "create", Set: set("title", "Small")},
		{Process: "service", Verb: "create", Set: set("title", "Mail")},
		{Process: "team", Verb: "create", Set: set("title", "Desk")},
		{Process: "user", Verb: "create", Set: set("title", "Agent", "name", "agent", "roles", []any{map[string]any{"role": "agent"}})},
		{Process: "user", Verb: "create", Set: set("title", "Kim", "name", "kim", "customer", "Small", "roles", []any{map[string]any{"role": "customer_manager"}})},
		{Process: "calendar", Verb: "create", Set: set("title", "Always", "zone", "UTC", "hours", everyHour(), "effective_from", "2000-01-01")},
		{Process: "agreement", Verb: "create", Set: set("title", "Gold", "customer", "Large", "calendar", "Always", "effective_from", "2000-01-01", "targets", targets())},
	} {
		c.Door = "bench"
		if _, err := o.Do(ctx, o.Self(), c); err != nil {
			return nil, err
		}
	}
	for _, name := range [][2]string{{"calendar", "Always"}, {"agreement", "Gold"}} {
		for _, verb := range []string{"version_submit", "version_approve"} {
			if _, err := o.Do(ctx, o.Self(), lifecycle.Command{Process: name[0], Ref: name[1], Verb: verb, Number: 1}); err != nil {
				return nil, err
			}
		}
	}
	user := func(name string) (*access.Principal, error) {
		id, err := o.Resolve(ctx, o.Registry.Process("user"), name)
		if err != nil {
			return nil, err
		}
		return o.Principal(ctx, id)
	}
	if w.agent, err = user("agent"); err != nil {
		return nil, err
	}
	if w.customer, err = user("kim"); err != nil {
		return nil, err
	}
	if w.token, _, err = o.NewToken(ctx, w.agent.ID, "bench", nil, 0); err != nil {
		return nil, err
	}
	o.Start(ctx)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: api.New(o.System, api.Options{Log: quiet}), ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(l) }()
	w.url = "http://" + l.Addr().String()
	w.close = func() { _ = srv.Close(); o.Stop(); _ = o.Close() }
	return w, nil
}

func set(kv ...any) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(kv); i += 2 {
		b, err := json.Marshal(kv[i+1])
		if err != nil {
			panic(err) // literals
		}
		m[kv[i].(string)] = b
	}
	return m
}

func everyHour() []any {
	var out []any
	for d := 1; d <= 7; d++ {
		out = append(out, map[string]any{"weekday": d, "from": "00:00", "to": "24:00"})
	}
	return out
}

func targets() []any {
	var out []any
	for p := 1; p <= 4; p++ {
		out = append(out, map[string]any{"kind": "response", "priority": p, "duration": "PT4H"}, map[string]any{"kind": "resolution", "priority": p, "duration": "PT24H"})
	}
	return out
}

var words = strings.Fields("printer mail vpn slow network login screen error update crash file backup portal phone order label scanner session account certificate disk cable dock sound meeting room")

// fill brings the system to n incidents over 18 months, through the ordinary road; each lives some
// days and has a few events. Twenty of them are the small customer's.
func (w *world) fill(ctx context.Context, n int) error {
	have, err := w.Store.Size(ctx, w.Registry.Process("incident"))
	if err != nil {
		return err
	}
	began := time.Now()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	now := w.Now()
	var past []*system.Past
	var landing chan error
	flush := func() error {
		d, err := w.DecideAll(ctx, w.Self(), past)
		past = nil
		if err != nil {
			return err
		}
		if landing != nil {
			if err := <-landing; err != nil {
				return err
			}
		}
		landing = make(chan error, 1)
		go func(ch chan error) { ch <- d.Land(ctx) }(landing)
		return nil
	}
	for i := int(have); i < n; i++ {
		at := now.Add(-time.Duration(r.Int64N(int64(548 * 24 * time.Hour))))
		customer := "Large"
		if i%(*size/20+1) == 7 || i < 20 {
			customer = "Small"
		}
		id := record.NewID(at)
		title := words[r.IntN(len(words))] + " " + words[r.IntN(len(words))] + " " + strconv.Itoa(i)
		level := 1 + r.IntN(4)
		p := &system.Past{Record: id, Commands: []lifecycle.Command{{Process: "incident", Verb: "create", ID: id, OccurredAt: at, Door: "bench",
			Set: set("title", title, "description", "It is about "+words[r.IntN(len(words))]+" since this morning.", "customer", customer, "service", "Mail",
				"impact", level, "urgency", level, "category", words[i%8], "team", "Desk")}}}
		if end := at.Add(time.Duration(r.Int64N(int64(8 * 24 * time.Hour)))); end.Before(now) {
			p.Commands = append(p.Commands, lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "resolve", OccurredAt: end, Door: "bench",
				Set: set("resolution", "restarted", "resolution_code", "fixed")})
		}
		past = append(past, p)
		if len(past) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := <-landing; err != nil {
		return err
	}
	if _, err := w.SequenceAll(ctx); err != nil {
		return err
	}
	w.Store.Forget()
	if made := n - int(have); made > 0 {
		fmt.Printf("-- %d incidents (%d made in %.0f s, %.0f a second)\n", n, made, time.Since(began).Seconds(), float64(made)/time.Since(began).Seconds())
	}
	return nil
}

// times is a set of measurements.
type times []time.Duration

func (t times) at(share float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	sort.Slice(t, func(i, j int) bool { return t[i] < t[j] })
	return t[min(len(t)-1, int(share*float64(len(t))))]
}

// measure repeats f for the time of a measurement.
func measure(f func() error) (times, error) {
	var out times
	for end := time.Now().Add(time.Duration(*seconds * float64(time.Second))); time.Now().Before(end) || len(out) < 5; {
		t := time.Now()
		if err := f(); err != nil {
			return nil, err
		}
		out = append(out, time.Since(t))
	}
	return out, nil
}

// compare prints ours beside the raw limit.
func compare(name string, ours, raw times) {
	fmt.Printf("%-44s p50 %8s p99 %8s | bare p50 %8s p99 %8s | x%.2f at p50, x%.2f at p99\n", name, short(ours.at(.5)), short(ours.at(.99)), short(raw.at(.5)), short(raw.at(.99)),
		float64(ours.at(.5))/float64(max(raw.at(.5), 1)), float64(ours.at(.99))/float64(max(raw.at(.99), 1)))
}

func short(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

// resident is the memory of this process in MB.
func resident() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(line, "VmRSS:") {
			n, _ := strconv.Atoi(strings.Fields(line)[1])
			return n / 1024
		}
	}
	return 0
}

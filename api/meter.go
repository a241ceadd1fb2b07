package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// meter is what /metrics tells.
type meter struct {
	reg      *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	commands *prometheus.CounterVec
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge
	streams  prometheus.Gauge
	handler  http.Handler
}

func newMeter(s *server) *meter {
	m := &meter{reg: prometheus.NewRegistry()}
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "steward_http_requests_total", Help: "Requests answered."}, []string{"method", "route", "status"})
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "steward_http_request_seconds", Help: "Time until a request was answered.", Buckets: buckets}, []string{"method", "route"})
	m.commands = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "steward_commands_total", Help: "Commands given through this door, by what came of them."}, []string{"process", "verb", "outcome"})
	m.took = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "steward_command_seconds", Help: "Time until a command was durable.", Buckets: buckets}, []string{"process"})
	m.inFlight = prometheus.NewGauge(prometheus.GaugeOpts{Name: "steward_http_requests_in_flight", Help: "Requests being answered."})
	m.streams = prometheus.NewGauge(prometheus.GaugeOpts{Name: "steward_streams_open", Help: "Readers of the live feed."})
	ask := func(f func(context.Context) (float64, error)) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			v, err := f(ctx)
			if err != nil {
				return -1 // not known: the store is away
			}
			return v
		}
	}
	timers := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "steward_timers_due", Help: "Timers that are due and wait, at most 1001 counted; -1 when not known."}, ask(func(ctx context.Context) (float64, error) {
		due, err := s.sys.DueTimers(ctx, s.sys.Now(), 1001)
		return float64(len(due)), err
	}))
	queue := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "steward_log_queue", Help: "Events between the newest and the newest with a leaf in the log; -1 when not known."}, ask(s.logLag))
	m.reg.MustRegister(m.requests, m.seconds, m.commands, m.took, m.inFlight, m.streams, timers, queue,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{})
	return m
}

// logLag is how far the log's sequencer is behind the newest event.
func (s *server) logLag(ctx context.Context) (float64, error) {
	es, err := s.sys.Store.Events(ctx, nil, "t.seq desc", 1)
	if err != nil || len(es) == 0 {
		return 0, err
	}
	var seq record.Count
	leaf := new(storage.Leaf)
	err = s.sys.Store.Rows(ctx, storage.TLeaf, nil, "t.no desc", 1, func() []storage.Part { return []storage.Part{storage.Part(leaf)} },
		func() error { seq = leaf.Seq; return nil })
	return float64(max(0, es[0].Seq-seq)), err
}

// known methods only: a label that callers choose would grow without end.
func (m *meter) request(method, route string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}

func (m *meter) command(process, verb string, err error, took time.Duration) {
	outcome := "done"
	if err != nil {
		outcome = "failed"
		if f := faultOf(err); f != nil {
			outcome = string(f.Kind)
		}
	}
	m.commands.WithLabelValues(process, verb, outcome).Inc()
	m.took.WithLabelValues(process).Observe(took.Seconds())
}

// metrics is for this machine itself, and for administrators and auditors.
func metrics(c *Call) error {
	if !local(c.R) {
		c.W.Header().Set("Cache-Control", "no-store")
		who, err := c.s.bearer(c.R)
		if err != nil {
			return err
		}
		if !who.Has(access.Administrator) && !who.Has(access.Auditor) {
			return fault.New(fault.Denied, "metrics are for administrators and auditors")
		}
	}
	c.s.meter.handler.ServeHTTP(c.W, c.R)
	return nil
}

// healthz says that the process lives; readyz that it can serve.
func healthz(c *Call) error {
	c.W.Header().Set("Cache-Control", "no-store")
	return c.send(http.StatusOK, []byte(`{"status":"ok"}`))
}

func readyz(c *Call) error {
	c.W.Header().Set("Cache-Control", "no-store")
	if c.s.opt.Health != nil {
		ctx, cancel := context.WithTimeout(c.R.Context(), 2*time.Second)
		defer cancel()
		if err := c.s.opt.Health(ctx); err != nil {
			c.s.log.Warn("not ready", "error", err)
			f := fault.New(fault.Unavailable, "not ready to serve")
			f.Retry = 2
			return f
		}
	}
	return c.send(http.StatusOK, []byte(`{"status":"ready"}`))
}

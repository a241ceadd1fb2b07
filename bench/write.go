package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// writes measures incidents made over HTTP (token, validation, history, clocks) against raw
// prepared inserts of the same rows, one transaction each.
func (w *world) writes(ctx context.Context) error {
	raw, err := w.Store.RawInserts(ctx, time.Duration(*seconds*float64(time.Second)))
	if err != nil {
		return err
	}
	fmt.Printf("raw inserts of an incident's rows, one transaction each, one client: %.0f a second\n", raw)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
	for _, n := range []int{1, 8, 32, 64} {
		var made atomic.Int64
		var failed atomic.Value
		var wg sync.WaitGroup
		began := time.Now()
		end := began.Add(time.Duration(*seconds * float64(time.Second)))
		for range n {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for time.Now().Before(end) {
					body := `{"title":"VPN drops every few minutes","description":"The connection breaks off.","customer":"Large","service":"Mail","impact":3,"urgency":2,"category":"vpn"}`
					req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/api/v1/incidents", strings.NewReader(body))
					if err != nil {
						failed.Store(err)
						return
					}
					req.Header.Set("Authorization", "Bearer "+w.token)
					req.Header.Set("Content-Type", "application/json")
					res, err := client.Do(req)
					if err != nil {
						failed.Store(err)
						return
					}
					b, _ := io.ReadAll(res.Body)
					_ = res.Body.Close()
					if res.StatusCode != http.StatusCreated {
						failed.Store(fmt.Errorf("%d %s", res.StatusCode, b))
						return
					}
					made.Add(1)
				}
			}()
		}
		wg.Wait()
		if err, ok := failed.Load().(error); ok {
			return err
		}
		rate := float64(made.Load()) / time.Since(began).Seconds()
		fmt.Printf("incidents over HTTP, %2d clients: %6.0f a second, x%.2f of raw, %d MB resident\n", n, rate, rate/raw, resident())
	}
	fmt.Println()
	return nil
}

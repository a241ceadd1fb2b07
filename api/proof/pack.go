package proof

import (
	"net/http"
	"time"

	"steward/api"
	"steward/sms/conformity/pack"
)

// packs is the route that answers audit packs; whoever calls gets what they may see and take away.
func packs(press *pack.Press) api.Route {
	return api.Route{Method: http.MethodGet, Path: "/api/v1/audit-pack", Long: true, Query: []string{"from", "to", "seed"}, Kind: "application/zip",
		Doc: "An audit pack of a period, signed: from and to are days or times, seed draws the samples.",
		Serve: func(c *api.Call) error {
			q := c.R.URL.Query()
			m, err := press.Make(c.R.Context(), c.Who, q.Get("from"), q.Get("to"), q.Get("seed"))
			if err != nil {
				return err
			}
			defer m.Close()
			h := c.W.Header()
			h.Set("Content-Type", "application/zip")
			h.Set("Content-Disposition", `attachment; filename="`+m.Name+`"`)
			http.ServeContent(c.W, c.R, "", time.Time{}, m)
			return nil
		}}
}

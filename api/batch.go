package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// mostCommands is how many commands a batch takes.
const mostCommands = 1000

type batchCommand struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Body    json.RawMessage `json:"body"`
	IfMatch any             `json:"if_match"`
}

// ready is a command of a batch that was understood, or why it was not.
type ready struct {
	p   *process.Process
	w   *wish
	err error
}

// batch carries out many commands: all or nothing in one transaction, or each on its own. A later
// command names what an earlier one made by its place: "$0" in a path or in a value that refers.
func batch(c *Call) error {
	body, raw, err := c.body(true, batchLimit)
	if err != nil {
		return err
	}
	if err := known(body, "atomic", "commands"); err != nil {
		return err
	}
	atomic := false
	if v, ok := body["atomic"]; ok {
		if err := json.Unmarshal(v, &atomic); err != nil {
			return refuse("atomic", "wrong_type", "give true or false")
		}
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(body["commands"], &parts); err != nil || parts == nil {
		return refuse("commands", "wrong_type", `give a list of {"method", "path", "body"}`)
	}
	if len(parts) == 0 || len(parts) > mostCommands {
		return refuse("commands", "too_many", "give 1 to 1000 commands")
	}
	cmds := make([]batchCommand, len(parts))
	for i, p := range parts {
		dec := json.NewDecoder(strings.NewReader(string(p)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&cmds[i]); err != nil {
			return refuse("commands["+strconv.Itoa(i)+"]", "wrong_type", "known are method, path, body, if_match")
		}
	}
	if atomic {
		ans, err := c.once(raw, answer{status: http.StatusOK}, func(keep ...storage.Statement) (*answer, error) {
			return c.together(cmds, keep)
		})
		if err != nil {
			return err
		}
		return c.answer(ans)
	}
	ans, err := c.singly(cmds, raw)
	if err != nil {
		return err
	}
	return c.answer(ans)
}

// understand turns command i into a wish; ids are what the earlier ones made.
func (c *Call) understand(cmd batchCommand, ids []string) ready {
	path := strings.TrimPrefix(cmd.Path, "/api/v1")
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?#%") {
		return ready{err: refuse("path", "wrong_type", "give a path below /api/v1, such as /incidents, without a query")}
	}
	at := strings.Split(path[1:], "/")
	p := c.s.sys.Registry.Resource(at[0])
	if p == nil {
		return ready{err: fault.New(fault.NotFound, "there is no resource %q", at[0])}
	}
	at = at[1:]
	for i, s := range at {
		if id, ok, err := place(s, ids); err != nil {
			return ready{err: err}
		} else if ok {
			at[i] = id
		}
	}
	method := strings.ToUpper(cmd.Method)
	var st *step
	for i := range steps {
		if steps[i].fits(method, at) && (steps[i].only == nil || steps[i].only(p)) {
			st = &steps[i]
		}
	}
	if st == nil {
		return ready{err: &fault.Error{Kind: methodNotAllowed, Detail: "a batch takes no " + method + " of " + cmd.Path, Position: -1}}
	}
	body := object{}
	if len(cmd.Body) > 0 && string(cmd.Body) != "null" {
		if err := json.Unmarshal(cmd.Body, &body); err != nil {
			return ready{err: refuse("body", "wrong_type", "give an object")}
		}
	}
	if err := places(p, body, ids); err != nil {
		return ready{err: err}
	}
	w, err := wishOf(st, p, at, body)
	if err != nil {
		return ready{err: err}
	}
	rev, ok, err := batchMatch(cmd.IfMatch)
	if err != nil {
		return ready{err: err}
	}
	if w.match && !ok {
		return ready{err: fault.New(fault.NeedMatch, "give if_match with the revision that you have seen, or * to change it whatever it is")}
	}
	w.cmd.IfMatch = rev
	if w.cmd.Verb == "create" {
		w.cmd.ID = record.NewID(c.s.sys.Now())
	}
	return ready{p: p, w: w}
}

// batchMatch reads if_match: an ETag, a revision as a number, or *.
func batchMatch(v any) (int64, bool, error) {
	switch x := v.(type) {
	case nil:
		return 0, false, nil
	case string:
		if n, err := strconv.ParseInt(x, 10, 64); err == nil && n > 0 {
			return n, true, nil
		}
		return revisionOf(x)
	case float64:
		if x >= 1 && x == float64(int64(x)) {
			return int64(x), true, nil
		}
	}
	return 0, false, refuse("if_match", "wrong_type", "give the ETag, the revision, or *")
}

// place reads "$3".
func place(s string, ids []string) (string, bool, error) {
	digits, ok := strings.CutPrefix(s, "$")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return s, false, nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n >= len(ids) {
		return s, false, refuse(s, "unknown_reference", "it names no earlier command of this batch")
	}
	if ids[n] == "" {
		return s, false, refuse(s, "unknown_reference", "the command it names made nothing")
	}
	return ids[n], true, nil
}

// places puts ids where "$3" stands in members that refer to records; text stays as it is.
func places(p *process.Process, body object, ids []string) error {
	for name, raw := range body {
		f := p.Shape.Field(name)
		refers := name == "to" || name == "for" || f != nil && f.Kind == record.KRef
		if refers {
			v, err := placed(raw, ids)
			if err != nil {
				return err
			}
			body[name] = v
			continue
		}
		l := p.Shape.Line(name)
		if l == nil {
			continue
		}
		var list []object
		if json.Unmarshal(raw, &list) != nil {
			continue // the road says what is wrong with it
		}
		for _, o := range list {
			for n, v := range o {
				if g := l.Shape.Field(n); g != nil && g.Kind == record.KRef && n != "id" {
					x, err := placed(v, ids)
					if err != nil {
						return err
					}
					o[n] = x
				}
			}
		}
		v, err := json.Marshal(list)
		if err != nil {
			return err
		}
		body[name] = v
	}
	return nil
}

func placed(raw json.RawMessage, ids []string) (json.RawMessage, error) {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return raw, nil
	}
	id, ok, err := place(s, ids)
	if err != nil || !ok {
		return raw, err
	}
	return record.AppendString(nil, id), nil
}

// together carries out all commands in one transaction, or none.
func (c *Call) together(cmds []batchCommand, keep []storage.Statement) (*answer, error) {
	all := make([]lifecycle.Command, len(cmds))
	wishes := make([]ready, len(cmds))
	var ids []string
	for i := range cmds {
		wishes[i] = c.understand(cmds[i], ids)
		if err := wishes[i].err; err != nil {
			return nil, c.noneOf(len(cmds), i, err)
		}
		all[i] = wishes[i].w.cmd
		switch id := all[i].ID; {
		case all[i].Verb == "create":
			ids = append(ids, id.String())
		default:
			ids = append(ids, all[i].Ref)
		}
	}
	began := time.Now()
	res, bad, err := c.s.sys.DoAll(c.R.Context(), c.Who, all, keep...)
	c.s.meter.command("batch", "atomic", err, time.Since(began))
	if err != nil {
		if bad < 0 || faultOf(err) == nil {
			return nil, err
		}
		return nil, c.noneOf(len(cmds), bad, err)
	}
	b := []byte(`{"results":[`)
	for i, r := range res {
		a, err := c.s.shown(c.R.Context(), c.Who, wishes[i].p, wishes[i].w, r)
		if err != nil {
			return nil, err
		}
		b = appendResult(b, i, a)
	}
	return &answer{status: http.StatusOK, body: append(b, "]}"...)}, nil
}

// withResults is the problem of an atomic batch: the first command that could not be carried out,
// with what became of each.
type withResults struct {
	no      *fault.Error
	results []byte
}

func (w *withResults) Error() string { return w.no.Error() }
func (w *withResults) Unwrap() error { return w.no }

func (c *Call) noneOf(n, bad int, err error) error {
	f := faultOf(err)
	if f == nil {
		return err
	}
	b := []byte{'['}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		if i == bad {
			status, doc := c.s.problemOf(f, nil)
			b = strconv.AppendInt(append(b, `{"status":`...), int64(status), 10)
			b = append(append(append(b, `,"body":`...), doc...), '}')
			continue
		}
		b = append(b, `{"status":424,"body":{"type":"urn:steward:problem:not_carried_out","title":"Not carried out","status":424,"detail":"another command of the batch could not be"}}`...)
	}
	top := *f
	top.Detail = "nothing was carried out: command " + strconv.Itoa(bad) + ": " + f.Detail
	return &withResults{&top, append(b, ']')}
}

func appendResult(b []byte, i int, a *answer) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	b = strconv.AppendInt(append(b, `{"status":`...), int64(a.status), 10)
	if a.location != "" {
		b = record.AppendString(append(b, `,"location":`...), a.location)
	}
	if a.etag != "" {
		b = record.AppendString(append(b, `,"etag":`...), a.etag)
	}
	b = append(b, `,"body":`...)
	if len(a.body) == 0 {
		b = append(b, "null"...)
	} else {
		b = append(b, a.body...)
	}
	return append(b, '}')
}

// singly carries out each command on its own. Under an Idempotency-Key each has a key of its own,
// so that a repeated batch goes on where the first one broke off.
func (c *Call) singly(cmds []batchCommand, raw []byte) (*answer, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	run := func(keep ...storage.Statement) (*answer, error) {
		ctx := context.WithoutCancel(c.R.Context())
		var ids []string
		b := []byte(`{"results":[`)
		for i, cmd := range cmds {
			a, err := c.single(ctx, cmd, ids, i, key, raw)
			if err != nil {
				f := faultOf(err)
				if f == nil {
					return nil, err
				}
				status, doc := c.s.problemOf(f, nil)
				a = &answer{status: status, body: doc}
			}
			ids = append(ids, a.id)
			b = appendResult(b, i, a)
		}
		if len(keep) > 0 {
			if err := c.s.sys.Store.Apply(ctx, keep); err != nil {
				return nil, err
			}
		}
		return &answer{status: http.StatusOK, body: append(b, "]}"...)}, nil
	}
	return c.once(raw, answer{status: http.StatusOK}, run)
}

func (c *Call) single(ctx context.Context, cmd batchCommand, ids []string, i int, key string, raw []byte) (*answer, error) {
	r := c.understand(cmd, ids)
	if r.err != nil {
		return nil, r.err
	}
	if key == "" {
		return c.s.carry(ctx, c.Who, r.p, r.w)
	}
	a, err := c.s.keyed(ctx, c.Who, key+"/"+strconv.Itoa(i), digest([]byte(c.R.URL.Path), raw), r.w.hint(r.p), func(keep ...storage.Statement) (*answer, error) {
		return c.s.carry(ctx, c.Who, r.p, r.w, keep...)
	})
	if err == nil && a.id == "" {
		a.id = idIn(a.body)
	}
	return a, err
}

// idIn is the id of what an answer shows.
func idIn(body []byte) string {
	var x struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(body, &x) // an answer of this package
	return x.ID
}

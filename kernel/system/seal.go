package system

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// seal writes the event's body. Values of fields marked personal stand in it as ciphertext under
// the record's own key, so that destroying the key erases them while every proof still holds.
func (u *unit) seal(w *work, b *body) ([]byte, error) {
	v := u.s.opt.Vault
	if v == nil {
		return b.bytes(), nil
	}
	for _, f := range w.p.Shape.Fields {
		if !f.Personal {
			continue
		}
		for _, part := range []string{"set", "version"} {
			raw, ok := b.parts[part][f.Name]
			if !ok {
				continue
			}
			var pair [2]json.RawMessage
			if err := json.Unmarshal(raw, &pair); err != nil {
				return nil, err
			}
			out := []byte{'['}
			for i, x := range pair {
				if i > 0 {
					out = append(out, ',')
				}
				if string(x) == "null" {
					out = append(out, x...)
					continue
				}
				sealed, keep, err := v.Seal(u.ctx, w.rec.Head().ID, x)
				if err != nil {
					return nil, err
				}
				u.stmts = append(u.stmts, keep...)
				out = append(out, `{"sealed":`...)
				out = record.AppendString(out, base64.StdEncoding.EncodeToString(sealed))
				out = append(out, '}')
			}
			b.parts[part][f.Name] = append(out, ']')
		}
	}
	return b.bytes(), nil
}

// unseal gives the plain value of a sealed one; null when its key is destroyed.
func (s *System) unseal(subject record.ID, v json.RawMessage) json.RawMessage {
	if !sealed(v) || s.opt.Vault == nil {
		return v
	}
	var x struct {
		Sealed string `json:"sealed"`
	}
	if json.Unmarshal(v, &x) != nil {
		return v
	}
	raw, err := base64.StdEncoding.DecodeString(x.Sealed)
	if err != nil {
		return v
	}
	plain, err := s.opt.Vault.Open(context.Background(), subject, raw)
	if err != nil {
		return json.RawMessage("null")
	}
	return plain
}

// erase overwrites the personal fields of a record and destroys the key under which its history
// holds them. Header, hashes and everything that is not personal stay; the log still verifies.
func (u *unit) erase(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "*") {
		return nil, fault.New(fault.Denied, "only an administrator may erase")
	}
	if cmd.Reason == "" {
		return nil, fault.Refuse(lifecycle.Refusal{Field: "reason", Reason: "required", Mend: "say on whose request and why"})
	}
	if u.s.opt.Vault == nil {
		return nil, fault.New(fault.Unavailable, "no vault is configured, so nothing can be erased for good")
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	body := newBody()
	for _, fd := range w.p.Shape.Fields {
		if !fd.Personal {
			continue
		}
		c := fd.Of(w.rec)
		if c.Empty() {
			continue
		}
		c.Clear()
		if t, ok := c.(*record.Text); ok && (fd.Required || fd.NotNull) {
			*t = record.Text("erased " + w.rec.Head().ID.String()[:8])
		}
		body.put("erased", fd.Name, []byte("true"))
	}
	keep, err := u.s.opt.Vault.Destroy(u.ctx, w.rec.Head().ID)
	if err != nil {
		return nil, err
	}
	u.stmts = append(u.stmts, keep...)
	if err := u.write(w, before, cmd, f, body, true, "erase", false); err != nil {
		return nil, err
	}
	return &Result{Process: w.p, Record: w.rec, Version: w.version}, nil
}

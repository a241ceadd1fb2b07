package system

import (
	"context"
	"io"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Blobs keeps files by the SHA-256 of their content.
type Blobs interface {
	// Put keeps what r gives, at most limit bytes, and answers its hash (hex), size and first
	// bytes. A longer one is fault.TooLarge and leaves nothing behind.
	Put(ctx context.Context, r io.Reader, limit int64) (sha256 string, size int64, head []byte, err error)
	// Open gives the content; it fails when what is kept no longer has that hash.
	Open(ctx context.Context, sha256 string) (io.ReadSeekCloser, error)
}

// AttachmentLimit is the largest file taken, in bytes.
const AttachmentLimit = 50 << 20

// Upload keeps a file's content before the command that attaches it.
func (s *System) Upload(ctx context.Context, r io.Reader, name string) (*storage.Attachment, error) {
	if s.opt.Blobs == nil {
		return nil, fault.New(fault.Unavailable, "no place for files is configured")
	}
	sum, size, head, err := s.opt.Blobs.Put(ctx, r, AttachmentLimit)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return nil, fault.Refuse(lifecycle.Refusal{Field: "file", Reason: "empty", Mend: "choose a file with content"})
	}
	return &storage.Attachment{Name: record.Text(fileName(name)), Type: record.Text(http.DetectContentType(head)), Size: record.Count(size), SHA256: record.Text(sum)}, nil
}

// Blob gives an attachment's content.
func (s *System) Blob(ctx context.Context, a *storage.Attachment) (io.ReadSeekCloser, error) {
	return s.opt.Blobs.Open(ctx, string(a.SHA256))
}

// fileName keeps the last element of whatever path came along, without characters that mean
// something to a file system or a header.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "\ufffd"), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`"<>|:*?`, r) {
			return '_'
		}
		return r
	}, name)
	for utf8.RuneCountInString(name) > 200 {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	if name == "" || name == "." || name == ".." || name == "/" {
		return "file"
	}
	return name
}

// Attach is the command that puts an uploaded file on a record. keep is as for [System.Do].
func (s *System) Attach(ctx context.Context, actor *access.Principal, name, ref string, a *storage.Attachment, door string, keep ...storage.Statement) (*Result, error) {
	p := s.Registry.Process(name)
	if p == nil {
		return nil, fault.New(fault.NotFound, "there is no process %s", name)
	}
	return s.transact(ctx, actor, keep, func(u *unit) (*Result, error) {
		cmd := lifecycle.Command{Process: name, Ref: ref, Verb: "attach", Door: door}
		w, err := u.load(p, cmd)
		if err != nil {
			return nil, err
		}
		verb := "attach"
		if bool(a.Internal) && !u.actor.May(name, "internal") || !u.actor.May(name, verb) {
			return nil, fault.New(fault.Denied, "you may not attach files to a %s", name)
		}
		before := u.fork(w)
		f := u.facts(w, cmd, before)
		f.Internal = bool(a.Internal)
		row := *a
		row.ID, row.Record, row.Author, row.At = record.NewID(u.now), w.rec.Head().ID, u.actor.ID, record.At(f.Now)
		u.stmts = append(u.stmts, u.s.Store.Insert(storage.TAttachment, nil, storage.Part(&row)))
		res, err := u.finish(w, before, cmd, f, nil, nil, 0, func(b *body) { attachmentBody(b, &row, "added") })
		if err != nil {
			return nil, err
		}
		res.Side = &row
		return res, nil
	})
}

func attachmentBody(b *body, a *storage.Attachment, what string) {
	b.put("attachment", "id", a.ID.AppendJSON(nil))
	b.put("attachment", "what", record.AppendString(nil, what))
	b.put("attachment", "name", a.Name.AppendJSON(nil))
	b.put("attachment", "sha256", a.SHA256.AppendJSON(nil))
	b.put("attachment", "size", a.Size.AppendJSON(nil))
}

// attach takes an attachment off the record; its content stays for the history.
func (u *unit) attach(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	rec := w.rec.Head().ID
	rows, err := rowsOf[storage.Attachment](u.ctx, u.s, storage.TAttachment, []storage.Cond{storage.Eq("id", &cmd.ID), storage.Eq("record", &rec)}, "", 1)
	if err != nil {
		return nil, err
	}
	if cmd.Verb != "detach" || len(rows) == 0 || bool(rows[0].Removed) || bool(rows[0].Internal) && !u.actor.May(w.p.Name, "internal") {
		return nil, fault.New(fault.NotFound, "there is no such attachment")
	}
	a := rows[0]
	if !u.actor.May(w.p.Name, "attach") || a.Author != u.actor.ID && !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not take this file away")
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Internal = bool(a.Internal)
	a.Removed = true
	u.stmts = append(u.stmts, u.s.Store.Update(storage.TAttachment, []string{"removed"}, []storage.Cond{storage.Eq("id", &a.ID)}, 1, storage.Part(a)))
	return u.finish(w, before, cmd, f, nil, nil, level, func(b *body) { attachmentBody(b, a, "removed") })
}

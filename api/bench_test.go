package api

import (
	"testing"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/resolution/incident"
)

// BenchmarkRecord is one incident as JSON: what a list costs a row beyond the database.
func BenchmarkRecord(b *testing.B) {
	p := incident.Process
	s := &server{faces: map[*process.Process]*face{p: newFace(p)}}
	r := p.New().(*incident.Incident)
	r.Title, r.Description, r.Num, r.Revision = "Mail is slow", "since this morning", 42, 3
	r.Priority, r.Impact, r.Urgency = record.N(2), record.N(2), record.N(2)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = s.appendRecord(buf[:0], p, r, nil, nil)
	}
}

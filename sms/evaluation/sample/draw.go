package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"steward/kernel/record"
)

// How records are drawn. Every record of the population gets a lot, the SHA-256 of
//
//	seed, a zero byte, id
//
// with the id as text (a UUID, small letters); the n smallest lots are drawn. Whoever has seed and ids
// can do it again with any tool. By month, n is shared among the months by their sizes: each gets the
// whole part of n * size / population, and what is left goes to the largest remainders, earlier months
// first; within a month the smallest lots are drawn.
const (
	plainly = "sha256(seed, 0, id), smallest first"
	byMonth = "sha256(seed, 0, id), smallest first, months by their share"
)

// candidate is a record that may be drawn.
type candidate struct {
	id    record.ID
	month string // 2026-03; "" when months do not matter
}

// lot is what decides whether a record is drawn.
func lot(seed, id string) [sha256.Size]byte {
	return sha256.Sum256([]byte(seed + "\x00" + id))
}

// draw takes n of the population, or all when it is smaller, in the order of the ids.
func draw(seed string, population []candidate, n int, months bool) []candidate {
	if !months {
		return inOrder(smallest(seed, population, n))
	}
	strata := map[string][]candidate{}
	var names []string
	for _, c := range population {
		if strata[c.month] == nil {
			names = append(names, c.month)
		}
		strata[c.month] = append(strata[c.month], c)
	}
	slices.Sort(names)
	var out []candidate
	for i, k := range shares(n, names, strata) {
		out = append(out, smallest(seed, strata[names[i]], k)...)
	}
	return inOrder(out)
}

// shares is how many each month gives.
func shares(n int, names []string, strata map[string][]candidate) []int {
	total := 0
	for _, name := range names {
		total += len(strata[name])
	}
	if n > total {
		n = total
	}
	out, rest := make([]int, len(names)), make([]int, len(names))
	left := n
	for i, name := range names {
		out[i], rest[i] = n*len(strata[name])/total, n*len(strata[name])%total
		left -= out[i]
	}
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b] - rest[a] })
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}

func smallest(seed string, population []candidate, n int) []candidate {
	type drawn struct {
		lot [sha256.Size]byte
		c   candidate
	}
	all := make([]drawn, len(population))
	for i, c := range population {
		all[i] = drawn{lot(seed, c.id.String()), c}
	}
	slices.SortFunc(all, func(a, b drawn) int { return bytes.Compare(a.lot[:], b.lot[:]) })
	out := make([]candidate, 0, min(n, len(all)))
	for _, d := range all[:min(n, len(all))] {
		out = append(out, d.c)
	}
	return out
}

func inOrder(cs []candidate) []candidate {
	slices.SortFunc(cs, func(a, b candidate) int { return strings.Compare(a.id.String(), b.id.String()) })
	return cs
}

// fingerprint is the SHA-256 over the sorted ids, each with a line end.
func fingerprint(population []candidate) string {
	ids := make([]string, len(population))
	for i, c := range population {
		ids[i] = c.id.String()
	}
	slices.Sort(ids)
	h := sha256.New()
	for _, id := range ids {
		h.Write([]byte(id + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

package sample

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"steward/kernel/record"
)

// population are n records of several months; what is drawn from it depends on nothing else.
func population(n int) []candidate {
	out := make([]candidate, n)
	for i := range out {
		var id record.ID
		binary.BigEndian.PutUint64(id[:], uint64(i)*0x9E3779B97F4A7C15)
		binary.BigEndian.PutUint64(id[8:], uint64(i))
		out[i] = candidate{id, fmt.Sprintf("2026-%02d", 1+i%7/2)}
	}
	return out
}

// TestDrawingIsWhatTheDocumentationSays draws again by the words of draw.go, with none of its code.
func TestDrawingIsWhatTheDocumentationSays(t *testing.T) {
	all := population(500)
	got := draw("seed", all, 25, false)
	var lots []string
	for _, c := range all {
		sum := sha256.Sum256([]byte("seed\x00" + c.id.String()))
		lots = append(lots, hex.EncodeToString(sum[:])+" "+c.id.String())
	}
	sort.Strings(lots)
	var want, have []string
	for _, l := range lots[:25] {
		_, id, _ := strings.Cut(l, " ")
		want = append(want, id)
	}
	sort.Strings(want)
	for _, c := range got {
		have = append(have, c.id.String())
	}
	if !slices.Equal(want, have) {
		t.Errorf("drawn %v, not %v", have, want)
	}
}

func TestTheOrderOfThePopulationDrawsNothingElse(t *testing.T) {
	all := population(300)
	turned := slices.Clone(all)
	slices.Reverse(turned)
	for _, months := range []bool{false, true} {
		if a, b := draw("s", all, 40, months), draw("s", turned, 40, months); !slices.Equal(a, b) {
			t.Errorf("by month %v: the order of the population decides", months)
		}
	}
	if fingerprint(all) != fingerprint(turned) {
		t.Error("the fingerprint depends on the order")
	}
	if slices.Equal(draw("s", all, 40, false), draw("t", all, 40, false)) {
		t.Error("another seed draws the same")
	}
	if fingerprint(all) == fingerprint(all[1:]) {
		t.Error("a record less has the same fingerprint")
	}
}

func TestEveryMonthGivesItsShare(t *testing.T) {
	all := population(700) // months 1 to 3 with 200 each, month 4 with 100
	per := map[string]int{}
	for _, c := range draw("s", all, 21, true) {
		per[c.month]++
	}
	if per["2026-01"] != 6 || per["2026-02"] != 6 || per["2026-03"] != 6 || per["2026-04"] != 3 {
		t.Errorf("drawn by month: %v", per)
	}
	for _, n := range []int{1, 2, 5, 20, 699, 700, 900} {
		if got := len(draw("s", all, n, true)); got != min(n, 700) {
			t.Errorf("%d were asked for, %d drawn", n, got)
		}
	}
}

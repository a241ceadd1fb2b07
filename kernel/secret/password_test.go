package secret

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

var quick = Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

func passwords(t testing.TB, c Cost, parallel int) *Passwords {
	t.Helper()
	p, err := NewPasswords(c, parallel)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOnlyTheRightPasswordFits(t *testing.T) {
	p := passwords(t, quick, 2)
	rapid.Check(t, func(rt *rapid.T) {
		right := rapid.StringN(0, 40, -1).Draw(rt, "right")
		wrong := rapid.StringN(0, 40, -1).Draw(rt, "wrong")
		hash, err := p.Hash(t.Context(), right)
		if err != nil {
			rt.Fatal(err)
		}
		if ok, renew, err := p.Check(t.Context(), hash, right); !ok || renew || err != nil {
			rt.Fatalf("right: %v %v %v", ok, renew, err)
		}
		if ok, _, _ := p.Check(t.Context(), hash, wrong); ok != (typed(wrong) == typed(right)) {
			rt.Fatalf("%q passes for %q: %v", wrong, right, ok)
		}
		if again, _ := p.Hash(t.Context(), right); again == hash {
			rt.Fatal("the same salt twice")
		}
	})
}

func TestNothingIsCutOff(t *testing.T) {
	p := passwords(t, quick, 1)
	long := strings.Repeat("x", MaxPassword-1)
	hash, err := p.Hash(t.Context(), long+"a")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, _ := p.Check(t.Context(), hash, long+"b"); ok {
		t.Error("the 1,000th character does not count")
	}
	if _, err := p.Hash(t.Context(), strings.Repeat("x", maxPasswordBytes+1)); err == nil {
		t.Error("a password beyond any length was hashed")
	}
}

func TestAccentsCountHoweverTheKeyboardSendsThem(t *testing.T) {
	p := passwords(t, quick, 1)
	hash, _ := p.Hash(t.Context(), "caf\u00e9 au lait")
	if ok, _, err := p.Check(t.Context(), hash, "cafe\u0301 au lait"); !ok || err != nil {
		t.Errorf("%v %v", ok, err)
	}
}

func TestUnknownAccountCostsTheSameWorkAndIsNeverRight(t *testing.T) {
	p := passwords(t, Cost{MemoryKiB: 8 << 10, Passes: 2, Lanes: 1}, 1)
	hash, _ := p.Hash(t.Context(), "right password")
	known, unknown := time.Duration(1<<62), time.Duration(1<<62)
	for range 7 { // the least of several, so that other load does not decide
		start := time.Now()
		p.Check(t.Context(), hash, "wrong password")
		known = min(known, time.Since(start))
		start = time.Now()
		if ok, renew, err := p.Check(t.Context(), "", "wrong password"); ok || renew || err != nil {
			t.Fatalf("unknown account: %v %v %v", ok, renew, err)
		}
		unknown = min(unknown, time.Since(start))
	}
	if unknown < known/2 || unknown > known*2 {
		t.Errorf("known account %v, unknown %v", known, unknown)
	}
}

func TestAHashOfLesserCostIsRenewedOnceThePasswordIsKnown(t *testing.T) {
	hash, _ := passwords(t, quick, 1).Hash(t.Context(), "right password")
	p := passwords(t, Cost{MemoryKiB: 128, Passes: 2, Lanes: 1}, 1)
	if ok, renew, err := p.Check(t.Context(), hash, "right password"); !ok || !renew || err != nil {
		t.Errorf("right: %v %v %v", ok, renew, err)
	}
	if ok, renew, _ := p.Check(t.Context(), hash, "wrong"); ok || renew {
		t.Error("renewed with a wrong password")
	}
}

func TestHashFromElsewhereIsReadAndRubbishIsNot(t *testing.T) {
	p := passwords(t, quick, 1)
	// Made by the reference implementation: argon2 CLI and libargon2's test vector of "password", "somesalt".
	const vector = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, renew, err := p.Check(t.Context(), vector, "password"); !ok || !renew || err != nil {
		t.Errorf("reference vector: %v %v %v", ok, renew, err)
	}
	good, _ := p.Hash(t.Context(), "x")
	for _, bad := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		strings.Replace(vector, "m=65536", "m=4294967295", 1), strings.Replace(vector, "t=2", "t=0", 1), strings.Replace(vector, "t=2", "t=99", 1),
		strings.Replace(vector, "p=1", "p=0", 1), strings.Replace(vector, "p=1", "p=255", 1), strings.Replace(vector, "v=19", "v=16", 1),
		strings.Replace(vector, "m=65536", "m=065536", 1), vector + "=", vector + "$", good[:len(good)-30], "$2y$10$abcdefghijklmnopqrstuv", "$$$$$",
	} {
		if ok, _, err := p.Check(t.Context(), bad, "password"); ok || !errors.Is(err, ErrHash) {
			t.Errorf("%s: %v %v", bad, ok, err)
		}
	}
	for _, c := range []Cost{{}, {MemoryKiB: 7, Passes: 1, Lanes: 1}, {MemoryKiB: 64, Passes: 0, Lanes: 1}, {MemoryKiB: 2 << 20, Passes: 1, Lanes: 1}} {
		if _, err := NewPasswords(c, 1); err == nil {
			t.Errorf("cost %+v accepted", c)
		}
	}
}

func TestNoMoreThanTheGivenNumberAreHashedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := passwords(t, quick, 2)
		p.slots <- struct{}{} // both slots taken by sign-ins that take long
		p.slots <- struct{}{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Hash(ctx, "x"); !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("third: %v", err)
		}
		var queue sync.WaitGroup
		for range maxWaiting + 2 { // those in slots are counted too
			queue.Go(func() { p.Hash(t.Context(), "x") })
		}
		synctest.Wait()
		if _, err := p.Hash(t.Context(), "x"); !errors.Is(err, ErrBusy) {
			t.Errorf("beyond the queue: %v", err)
		}
		<-p.slots
		<-p.slots
		queue.Wait()
		if _, err := p.Hash(t.Context(), "x"); err != nil {
			t.Errorf("when all are done: %v", err)
		}
	})
}

func reasons(refused []Refusal) string {
	var out []string
	for _, r := range refused {
		out = append(out, r.Reason)
		if r.Field != "password" || r.Mend == "" {
			out = append(out, "incomplete")
		}
	}
	return strings.Join(out, " ")
}

func TestPasswordRulesSayAllThatIsWrong(t *testing.T) {
	for _, tc := range []struct{ password, want string }{
		{"", "too_short"}, {"short", "too_short"}, {"ähnlich", "too_short"}, {"gelb4kuh", ""}, {"pferd batterie heftklammer", ""},
		{strings.Repeat("ä€", 500), ""}, {strings.Repeat("ä€", 500) + "x", "too_long"}, {strings.Repeat("x€", maxPasswordBytes), "too_long"},
		{"password", "common"}, {"PassWord", "common"}, {"p@ssw0rd", "common"}, {"P@ssw0rd1!", "common"}, {"Password2026", "common"}, {"summer2026!", "common"}, {"summer in 2026!", ""},
		{"Summer2026", "common"}, {"summer26!", "common"}, {"qwertz123", "common"}, {"12345678", "common"}, {"aaaaaaaaaaaa", "common"}, {"ÄÄÄÄÄÄÄÄ", "common"}, {"dragondragon", "common"},
		{"anna.schmidt", "name"}, {"Schmidt1", "name"}, {"tdimhcs1", "name"}, {"schmidt has a long sentence here", ""}, {"annaanna", "name"}, {"anna2026", "name"},
		{"qwerty", "too_short common"}, {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7", "not_text"}, {"with\x00zero byte", "not_text"},
		{"        x", ""}, {"steward1", "name"},
	} {
		got := reasons(RefusePassword(tc.password, "anna.schmidt@example.org", "Anna Schmidt", "Steward"))
		if got != tc.want {
			t.Errorf("%.40q: %q, want %q", tc.password, got, tc.want)
		}
	}
}

func TestTheRefusedListIsInOneForm(t *testing.T) {
	text, err := os.ReadFile("common.txt")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(words) < 500 {
		t.Errorf("%d words", len(words))
	}
	for i, w := range words {
		if w != strings.ToLower(strings.TrimSpace(w)) || w == "" || i > 0 && w <= words[i-1] {
			t.Errorf("line %d, %q: lower case, sorted, once", i+1, w)
		}
		if len(w) >= MinPassword && reasons(RefusePassword(w)) != "common" {
			t.Errorf("%q is not refused", w)
		}
	}
}

func TestTokensAreFoundByTheirHashOnly(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token, hash := NewToken()
		got, ok := HashToken(token)
		if !ok || !got.Equal(hash) || seen[token] || len(token) != 36 || !strings.HasPrefix(token, TokenPrefix) {
			t.Fatalf("%s: %v", token, ok)
		}
		if strings.Contains(string(hash[:]), token[4:]) {
			t.Fatal("the hash holds the token")
		}
		seen[token] = true
	}
	token, hash := NewToken()
	for _, bad := range []string{"", "stw_", token[4:], token + "a", token[:35], strings.ToUpper(token), token[:35] + "1", " " + token, token + "\n"} {
		if _, ok := HashToken(bad); ok {
			t.Errorf("%q is a token", bad)
		}
	}
	other, otherHash := NewToken()
	if hash.Equal(otherHash) || other == token {
		t.Error("two tokens are equal")
	}
}

func BenchmarkSignIn(b *testing.B) {
	p := passwords(b, DefaultCost, 0)
	hash, _ := p.Hash(b.Context(), "pferd batterie heftklammer")
	for b.Loop() {
		p.Check(b.Context(), hash, "pferd batterie heftklammer")
	}
}

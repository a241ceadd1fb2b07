package pack_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/ledger"
)

// judged is a pack that both verifiers look at.
type judged struct {
	name    string
	zip     []byte
	keys    []string // public keys that came another way
	outside []string
	want    string // kind of fault; "": it holds; "*": any fault
}

// python is the interpreter of the second verifier, "" where there is none, which is told.
func python(t testing.TB) string {
	p, err := exec.LookPath("python3")
	if err != nil {
		t.Log("SKIPPED, THE SECOND VERIFIER WAS NOT RUN: python3 is not in PATH; install it and run again")
		return ""
	}
	return p
}

var verifier = filepath.Join("..", "..", "..", "e2e", "verifier")

// allAtOnce has the second verifier look at every pack, so that Python starts once.
const allAtOnce = `
import json, sys
sys.path.insert(0, sys.argv[1])
import verify_pack
for line in open(sys.argv[2], encoding="utf-8"):
    c = json.loads(line)
    print(json.dumps(verify_pack.run(c["pack"], c["keys"] or [], c["outside"] or [])), flush=True)
`

// judge has both verifiers look at each pack, and holds them to what is wanted and to each other.
func judge(t testing.TB, cases []judged) map[string]int {
	t.Helper()
	kinds := map[string]int{}
	type found struct {
		Kind, File string
		Leaf       int64
	}
	var here []found
	for _, c := range cases {
		var keys []note.Verifier
		for _, k := range c.keys {
			v, err := ledger.NewVerifier(k)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, v)
		}
		f := found{Leaf: -1}
		if x := verified(t, c.zip, keys, c.outside...).Fault; x != nil {
			f = found{string(x.Kind), x.File, x.Leaf}
		}
		here = append(here, f)
		kinds[f.Kind]++
		if c.want == "*" && f.Kind == "" || c.want != "*" && f.Kind != c.want {
			t.Errorf("%s: found %+v, wanted is %q", c.name, f, c.want)
		}
	}
	interpreter := python(t)
	if interpreter == "" {
		return kinds
	}
	dir := t.TempDir()
	var list bytes.Buffer
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprintf("%d.zip", i))
		if err := os.WriteFile(path, c.zip, 0o600); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(map[string]any{"pack": path, "keys": c.keys, "outside": c.outside})
		if err != nil {
			t.Fatal(err)
		}
		list.Write(append(line, '\n'))
	}
	path := filepath.Join(dir, "list")
	if err := os.WriteFile(path, list.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(interpreter, "-B", "-c", allAtOnce, verifier, path)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("the second verifier broke: %v: %s", err, &complaint)
	}
	s := bufio.NewScanner(bytes.NewReader(out))
	n := 0
	for ; s.Scan(); n++ {
		there := found{Leaf: -1}
		if err := json.Unmarshal(s.Bytes(), &there); err != nil {
			t.Fatal(err)
		}
		// Of a zip that is no zip any more, two readers of zips need not say the same; that it is none, they must.
		container := map[string]bool{"not_a_pack": true, "layout": true, "file_altered": true}
		if cases[n].want == "*" && container[here[n].Kind] && container[there.Kind] {
			continue
		}
		if there != here[n] {
			t.Errorf("%s: here %+v, there %+v", cases[n].name, here[n], there)
		}
	}
	if n != len(cases) {
		t.Errorf("the second verifier judged %d packs of %d", n, len(cases))
	}
	return kinds
}

// second runs the second verifier as an auditor does.
func second(t testing.TB, code int, says string, pack file, key string, outside ...string) {
	t.Helper()
	interpreter := python(t)
	if interpreter == "" {
		return
	}
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{"-B", filepath.Join(verifier, "verify_pack.py"), write(pack.name, pack.content)}
	if key != "" {
		args = append(args, "--key", write("log.pub", []byte(key+"\n")))
	}
	for i, o := range outside {
		args = append(args, "--checkpoint", write(fmt.Sprintf("kept %d", i), []byte(o)))
	}
	cmd := exec.Command(interpreter, args...)
	out, _ := cmd.Output() // the code is what is looked at
	if got := cmd.ProcessState.ExitCode(); got != code || !bytes.Contains(out, []byte(says)) {
		t.Errorf("second verifier: code %d, %s; wanted is %d, %s", got, out, code, says)
	}
}

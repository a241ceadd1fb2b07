package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheScriptThatIsServedIsMadeOfTheSourcesAsTheyAre(t *testing.T) {
	want, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../" + target)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("web/static/dist/steward.js is not what web/static/js makes: run make js")
	}
}

package collect

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
)

// With a clock and randomness that are injected and an Ed25519 key, the same
// files make the same bundle, byte for byte: what is redacted, how it is called,
// where frames are cut.
func TestReproducible(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "2026-01-02T15:04:05 app[%d]: request %d from 10.1.%d.%d by user%d@example.com, password=planted-%d took %d ms\n", i, i*7919, i%7, i%250, i%9, i%5, i%97)
	}
	for i := range 12 {
		name := filepath.Join(dir, fmt.Sprintf("%02d.log", i))
		if err := os.WriteFile(name, []byte(text.String()[i*1000:len(text.String())/(12-i)]), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Date(2026, 1, 2, 15, 4, i, 0, time.UTC)
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	build := func(seed byte, at time.Time) []byte {
		j := jobOf(t, recipeOf(t, fmt.Sprintf("{id: one, type: event, files: [%q]}", filepath.Join(dir, "*.log"))))
		j.Label, j.Workers = "host", 1 // with more, which source learns a value first is a matter of timing
		j.clock = func() time.Time { return at }
		j.random = rand.NewChaCha8([32]byte{seed})
		c, err := Run(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var out bytes.Buffer
		if _, err := c.Pack(t.Context(), &out, trust.NewSigner(signer)); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	at := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	want := build(1, at)
	for range 3 {
		if !bytes.Equal(build(1, at), want) {
			t.Error("again: other bytes")
		}
	}
	for _, n := range []int{1, 5} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
			if !bytes.Equal(build(1, at), want) {
				t.Errorf("%d processors: other bytes", n)
			}
		}()
	}
	if bytes.Equal(build(2, at), want) || bytes.Equal(build(1, at.Add(time.Second)), want) {
		t.Error("neither clock nor randomness is the one injected")
	}
}

// A clock that goes back by an hour whenever it is looked at: the bundle is made
// and proven all the same, and its window does not end before it begins.
func TestClockGoesBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a.log", "2026-11-01 one line\n")
	future := write(t, dir+"/b.log", "2026-11-01 another\n")
	late := time.Now().Add(1000 * time.Hour)
	if err := os.Chtimes(future, late, late); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	seen := map[string]bool{}
	for range 3 {
		j := jobOf(t, recipeOf(t, fmt.Sprintf("{id: one, type: event, since: 24h, files: [%q]}", filepath.Join(dir, "*.log"))))
		var mu sync.Mutex
		j.clock = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(-time.Hour)
			return now
		}
		b := runJob(t, j)
		h := b.Head()
		if len(b.text) != 2 || seen[h.BundleID] {
			t.Errorf("bundle %s of %d entries", h.BundleID, len(b.text))
		}
		seen[h.BundleID] = true
		if w := h.Window; !w.Since.Before(w.Until) || w.Until.Sub(w.Since) != 24*time.Hour {
			t.Errorf("window %v", w)
		}
		if h.Created.After(h.Window.Until) {
			t.Errorf("made at %v, with a clock that goes back", h.Created)
		}
	}
}

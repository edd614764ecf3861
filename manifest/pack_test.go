package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// slowly yields to others between reads.
type slowly struct{ io.Reader }

func (s slowly) Read(p []byte) (int, error) {
	for range mrand.IntN(20) {
		runtime.Gosched()
	}
	return s.Reader.Read(p[:min(len(p), 100_000+mrand.IntN(900_000))])
}

// The same input gives the same bytes, whatever the timing and the number of
// workers.
func TestReproducible(t *testing.T) {
	key, signers := testKey(t)
	make := func(workers int, named string) []byte {
		w := newWriter(t, WriterOptions{Name: named, Workers: workers})
		var wg sync.WaitGroup
		for i := range 3 {
			s := source(t, w, fmt.Sprint("s", i), Types()[i/2])
			wg.Go(func() {
				rng := mrand.New(mrand.NewPCG(9, uint64(i)))
				for j := range 16 {
					size := rng.IntN(300_000)
					if j == 13 {
						size = 5 << 20
					}
					// Out of order, colliding, and twice the same.
					path := fmt.Sprintf("d%d/%s.log", rng.IntN(5), strings.Repeat("aB"[rng.IntN(2):][:1], 1+rng.IntN(2)))
					if _, err := s.Add(path, testTime, slowly{bytes.NewReader(text(rng, size))}, nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		return finish(t, w, key, []byte("{}"))
	}
	first := make(1, testName)
	if err := prove(first, signers); err != nil {
		t.Fatal(err)
	}
	if again := make(3, testName); !bytes.Equal(again, first) {
		t.Error("another run with more workers differs")
	}
	if err := prove(make(2, ""), signers); err != nil {
		t.Errorf("name given late: %v", err)
	}
}

// Frames with content in ascending order are copied, not made anew; a bundle
// may have any number of small entries in any order.
func TestManySmallEntriesInAnyOrder(t *testing.T) {
	key, signers := testKey(t)
	for _, order := range []string{"up", "down", "random"} {
		w := newWriter(t, WriterOptions{Name: testName})
		s := source(t, w, "app", Event)
		rng := mrand.New(mrand.NewPCG(8, 8))
		const n = 1500
		for i, j := range rng.Perm(n) {
			switch order {
			case "up":
				j = i
			case "down":
				j = n - i
			}
			add(t, s, fmt.Sprintf("%05d.log", j), text(rng, 6000))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		frames := len(s.items)
		if frames < 2 {
			t.Fatal("too little to test")
		}
		b := open(t, finish(t, w, key, nil), signers)
		if err := b.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.manifest - 1; got > frames+1 {
			t.Errorf("%s: %d frames of small entries became %d", order, frames, got)
		}
		if got := len(contents(t, b)); got != n {
			t.Errorf("%s: %d entries, want %d", order, got, n)
		}
	}
}

func TestAReaderThatFailsLeavesNoTrace(t *testing.T) {
	key, signers := testKey(t)
	gone := errors.New("gone")
	w := newWriter(t, WriterOptions{Name: testName})
	s := source(t, w, "app", Event)
	add(t, s, "a", []byte("first"))
	for _, size := range []int{0, 100, maxSmall + 5, 9 << 20} {
		r := io.MultiReader(bytes.NewReader(make([]byte, size)), failing{gone})
		if _, err := s.Add("dir/b", testTime, r, func(*Entry) { t.Error("done called") }); !errors.Is(err, gone) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	add(t, s, "dir", []byte("the name is free again"))
	e := add(t, s, "c", nil)
	if e.Size != 0 || e.SHA256 != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("%+v", e)
	}
	b := open(t, finish(t, w, key, nil), signers)
	if err := b.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := contents(t, b)
	if len(got) != 3 || string(got["data/app/a"]) != "first" || got["data/app/dir"] == nil {
		t.Errorf("%q", got)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestMisuse(t *testing.T) {
	key, _ := testKey(t)
	w := newWriter(t, WriterOptions{})
	s := source(t, w, "app", Event)
	for _, id := range []string{"app", "APP", "", "a/b", "..", "nul", strings.Repeat("x", 101)} {
		if _, err := w.Source(id, Event); err == nil {
			t.Errorf("source %q accepted", id)
		}
	}
	if _, err := w.Source("x", "sound"); err == nil {
		t.Error("unknown type accepted")
	}
	for _, change := range []func(*Head){
		func(h *Head) { h.Name = "a/b" }, func(h *Head) { h.Name = "" }, func(h *Head) { h.BundleID = "" },
		func(h *Head) { h.Version = 2 }, func(h *Head) { h.Redactions = map[string]int64{"Email": 1} },
	} {
		h := testHead()
		change(&h)
		if _, err := w.Finish(t.Context(), io.Discard, h, nil, key); err == nil {
			t.Errorf("head %+v accepted", h)
		}
	}
	if _, err := w.Finish(t.Context(), io.Discard, testHead(), nil, nil); err == nil {
		t.Error("no key accepted")
	}
	finish(t, w, key, nil)
	if _, err := s.Add("x", testTime, strings.NewReader(""), nil); err == nil {
		t.Error("Add after Finish")
	}
	if _, err := w.Finish(t.Context(), io.Discard, testHead(), nil, key); err == nil {
		t.Error("Finish twice")
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// fullDisk takes so many bytes.
type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return f.left, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	key, _ := testKey(t)
	for _, room := range []int{0, 10, 100_000, 200_000} {
		w := newWriter(t, WriterOptions{Name: testName})
		rng := mrand.New(mrand.NewPCG(1, 1))
		add(t, source(t, w, "app", Event), "a", text(rng, 3<<20))
		if _, err := w.Finish(t.Context(), &fullDisk{room}, testHead(), nil, key); !errors.Is(err, errFull) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
	if _, err := NewWriter(WriterOptions{Scratch: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no scratch folder: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	key, signers := testKey(t)
	w := newWriter(t, WriterOptions{})
	add(t, source(t, w, "app", Event), "a", []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Finish(ctx, io.Discard, testHead(), nil, key); !errors.Is(err, context.Canceled) {
		t.Errorf("Finish: %v", err)
	}
	b := open(t, smallBundle(t, key), signers)
	dir := t.TempDir()
	for name, err := range map[string]error{"Verify": b.Verify(ctx), "CheckFrames": b.CheckFrames(ctx), "Extract": b.Extract(ctx, dir)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestExtract(t *testing.T) {
	key, signers := testKey(t)
	b := open(t, smallBundle(t, key), signers)
	dir := t.TempDir()
	if err := b.Extract(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range contents(t, b) {
		name := filepath.Join(dir, testName, filepath.FromSlash(path))
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", path, err)
		}
		if info, err := os.Stat(name); err != nil || !info.ModTime().Equal(testTime) {
			t.Errorf("%s: time: %v", path, err)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, testName, manifestName)); err != nil || !bytes.Contains(got, []byte(`"frames_sha256"`)) {
		t.Errorf("%s: %v", manifestName, err)
	}
	if err := b.Extract(t.Context(), dir); !errors.Is(err, os.ErrExist) {
		t.Errorf("overwrites: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	// A link in the place of the top directory is not followed.
	other, elsewhere := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(other, testName)); err != nil {
		t.Fatal(err)
	}
	if err := b.Extract(t.Context(), other); err == nil {
		t.Error("extracted through a link")
	}
	if left, _ := os.ReadDir(elsewhere); len(left) > 0 {
		t.Errorf("written through a link: %v", left)
	}
}

func TestScratch(t *testing.T) {
	s, err := NewScratch(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rng := mrand.New(mrand.NewPCG(6, 6))
	want := text(rng, 5*scratchRecord+77)
	for rest := want; len(rest) > 0; {
		n := min(len(rest), 1+rng.IntN(100_000))
		if k, err := s.Write(rest[:n]); k != n || err != nil {
			t.Fatal(k, err)
		}
		rest = rest[n:]
	}
	if s.Size() != int64(len(want)) {
		t.Errorf("size %d", s.Size())
	}
	got, err := io.ReadAll(io.NewSectionReader(s, 0, s.Size()))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("read back: %v", err)
	}
	for range 500 {
		at, n := rng.IntN(len(want)+10), rng.IntN(2*scratchRecord)
		p := make([]byte, n)
		k, err := s.ReadAt(p, int64(at))
		end := min(at+n, len(want))
		if wantN := max(0, end-at); k != wantN || !bytes.Equal(p[:k], want[min(at, end):end]) || (err == nil) != (k == n) {
			t.Fatalf("ReadAt(%d, %d) = %d, %v", n, at, k, err)
		}
	}
}

// A writer makes nothing that no reader takes.
func TestWriterKeepsTheLimits(t *testing.T) {
	key, _ := testKey(t)
	many := testHead()
	for range 17 {
		many.Outcomes = append(many.Outcomes, SourceOutcome{Reason: strings.Repeat("x", 1<<20)})
	}
	for name, c := range map[string]struct {
		head   Head
		report []byte
		want   string
	}{
		"report": {testHead(), make([]byte, maxReport+1), "report.json"},
		"head":   {many, nil, "manifest.json"},
	} {
		w := newWriter(t, WriterOptions{Name: testName})
		if _, err := w.Finish(t.Context(), io.Discard, c.head, c.report, key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

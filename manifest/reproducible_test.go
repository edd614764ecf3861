package manifest

import (
	"bytes"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"runtime"
	"sync"
	"testing"
	readers "testing/iotest"
)

// The same sources give the same bytes, however many frames are made at once,
// in whatever pieces content arrives, and whichever source is faster.
func TestReproducibleInAnyPieces(t *testing.T) {
	rng := mrand.New(mrand.NewPCG(11, 11))
	type file struct {
		path    string
		content []byte
	}
	sources := map[string][]file{}
	for i, kind := range []Type{Event, Configuration, Event} {
		id := fmt.Sprintf("%s-%d", kind, i)
		for j := range 30 {
			size := rng.IntN(400_000)
			if j == 7 {
				size = maxFrame + rng.IntN(maxFrame)
			}
			sources[id] = append(sources[id], file{fmt.Sprintf("%02d.log", (j*7)%30), text(rng, size)})
		}
	}
	build := func(workers int, pieces func(io.Reader) io.Reader, seed uint64) []byte {
		key, _ := fuzzKey(t)
		// Randomness that is injected reaches nothing but the key of the scratch file.
		w := newWriter(t, WriterOptions{Name: testName, Scratch: t.TempDir(), Workers: workers, Rand: mrand.NewChaCha8([32]byte{byte(seed)})})
		var wg sync.WaitGroup
		for id, files := range sources {
			s := source(t, w, id, Type(id[:len(id)-2]))
			wg.Go(func() {
				for _, f := range files {
					if _, err := s.Add(f.path, testTime, pieces(bytes.NewReader(f.content)), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if _, err := w.Sweep(t.Context(), Sweeper{Mark: 1, Overlap: 32, Replace: func(_ int, _ string, b []byte) ([]byte, map[string]int64) {
			return bytes.ReplaceAll(b, []byte("]: request 1"), []byte("]: request redacted-1")), nil
		}}); err != nil {
			t.Fatal(err)
		}
		return finish(t, w, key, []byte("{}"))
	}
	whole := func(r io.Reader) io.Reader { return r }
	want := build(1, whole, 1)
	for name, got := range map[string]func() []byte{
		"again":            func() []byte { return build(1, whole, 1) },
		"other randomness": func() []byte { return build(1, whole, 2) },
		"more workers":     func() []byte { return build(4, whole, 1) },
		"halves":           func() []byte { return build(2, readers.HalfReader, 1) },
		"early ends":       func() []byte { return build(2, readers.DataErrReader, 1) },
		"any pieces": func() []byte {
			return build(3, func(r io.Reader) io.Reader {
				content, err := io.ReadAll(r)
				if err != nil {
					t.Error(err)
				}
				return &pieces{mrand.New(mrand.NewPCG(uint64(len(content)), 3)), content}
			}, 1)
		},
		"one processor": func() []byte {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			return build(0, whole, 1)
		},
		"many processors": func() []byte {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(7))
			return build(0, whole, 1)
		},
	} {
		if !bytes.Equal(got(), want) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

// Bytes of an entry do not depend on what stands beside it in other sources:
// frames are copied unchanged into a derived bundle.
func TestFramesFollowFromTheirSource(t *testing.T) {
	key, signers := fuzzKey(t)
	rng := mrand.New(mrand.NewPCG(12, 12))
	log, other := text(rng, 5<<20), text(rng, 100_000)
	frames := func(beside bool) (sums [][32]byte) {
		w := newWriter(t, WriterOptions{Name: testName, Scratch: t.TempDir()})
		if beside {
			add(t, source(t, w, "a", Alert), "x", other)
			add(t, source(t, w, "z", Event), "y", other)
		}
		s := source(t, w, "m", Event)
		add(t, s, "large", log)
		add(t, s, "small", other)
		b := open(t, finish(t, w, key, nil), signers)
		first := 0
		if beside {
			first = 1
		}
		for _, f := range b.frames[first : first+4] {
			sums = append(sums, f.sum)
		}
		return sums
	}
	if alone, beside := frames(false), frames(true); fmt.Sprint(alone) != fmt.Sprint(beside) {
		t.Error("frames differ")
	}
}

package manifest

import (
	"fmt"
	"io"
	mrand "math/rand/v2"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// repeating gives n bytes of a log. Its block is longer than a frame, so that
// no frame repeats itself.
type repeating struct {
	block []byte
	left  int64
	at    int
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	r.left -= int64(n)
	return n, nil
}

func newRepeating(n int64) *repeating {
	return &repeating{block: text(mrand.New(mrand.NewPCG(1, 2)), 9<<20), left: n}
}

func BenchmarkPack(b *testing.B) {
	key, _ := testKey(b)
	for _, shape := range []struct {
		name  string
		files int
		size  int64
	}{{"one", 1, 256 << 20}, {"many", 4000, 64 << 10}} {
		b.Run(shape.name, func(b *testing.B) {
			total := int64(shape.files) * shape.size
			b.SetBytes(total)
			b.ReportAllocs()
			var size int64
			in := newRepeating(0)
			for b.Loop() {
				w := newWriter(b, WriterOptions{Name: testName, Scratch: b.TempDir()})
				s := source(b, w, "app", Event)
				for i := range shape.files {
					in.left = shape.size
					if _, err := s.Add(fmt.Sprintf("%06d.log", i), testTime, in, nil); err != nil {
						b.Fatal(err)
					}
				}
				r, err := w.Finish(b.Context(), io.Discard, testHead(), nil, key)
				if err != nil {
					b.Fatal(err)
				}
				size = r.Size
				w.Close()
			}
			b.ReportMetric(float64(total)/float64(size), "ratio")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	key, signers := testKey(b)
	w := newWriter(b, WriterOptions{Name: testName})
	const total = 128 << 20
	if _, err := source(b, w, "app", Event).Add("a.log", testTime, newRepeating(total), nil); err != nil {
		b.Fatal(err)
	}
	data := finish(b, w, key, nil)
	bundle := open(b, data, signers)
	b.SetBytes(total)
	b.ReportAllocs()
	for b.Loop() {
		if err := bundle.Verify(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLevel compares encoder levels on frames of 4 MiB.
func BenchmarkLevel(b *testing.B) {
	content, err := io.ReadAll(newRepeating(16 << 20))
	if err != nil {
		b.Fatal(err)
	}
	for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression} {
		b.Run(level.String(), func(b *testing.B) {
			enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(level), zstd.WithWindowSize(maxFrame), zstd.WithSingleSegment(true))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(content)))
			var z []byte
			size := 0
			for b.Loop() {
				size = 0
				for at := 0; at < len(content); at += maxFrame {
					z = enc.EncodeAll(content[at:at+maxFrame], z[:0])
					size += len(z)
				}
			}
			b.ReportMetric(float64(len(content))/float64(size), "ratio")
		})
	}
}

// Memory does not grow with what is packed or read.
func TestMemoryIsFlat(t *testing.T) {
	key, signers := testKey(t)
	peak := func(total int64) uint64 {
		var most uint64
		sample := func() {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		w, err := NewWriter(WriterOptions{Name: testName, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		in := &sampling{r: newRepeating(total), each: sample}
		if _, err := source(t, w, "app", Event).Add("a.log", testTime, in, nil); err != nil {
			t.Fatal(err)
		}
		out, err := NewScratch("")
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if _, err := w.Finish(t.Context(), out, testHead(), nil, key); err != nil {
			t.Fatal(err)
		}
		sample()
		b, err := Open(out, out.Size(), signers, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if err := b.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		sample()
		return most
	}
	little := peak(24 << 20)
	much := peak(96 << 20)
	t.Logf("24 MiB: heap of %d MiB; 96 MiB: %d MiB", little>>20, much>>20)
	if much > little+8<<20 || much > 64<<20 {
		t.Errorf("heap grew from %d to %d MiB", little>>20, much>>20)
	}
}

type sampling struct {
	r    io.Reader
	n    int
	each func()
}

func (s *sampling) Read(p []byte) (int, error) {
	if s.n++; s.n%16 == 0 {
		s.each()
	}
	return s.r.Read(p[:min(len(p), 1<<20)])
}

package manifest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	mrand "math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
)

const testName = "4711_redacted-hostname-7k2mq4xd9wpa_20260102T150405Z"

var testTime = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

func testHead() Head {
	return Head{BundleID: "0193f2c1-0000-7000-8000-000000000000", Name: testName, Organisation: "default", Case: "4711", Host: "h", Created: testTime,
		Tool: Tool{"diagcollect", "test", "1"}, Redactions: map[string]int64{"ipv4": 3}}
}

func testKey(t testing.TB) (*trust.Signer, *trust.AllowedSigners) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	signer := trust.NewSigner(s)
	return signer, allow(t, signer)
}

func allow(t testing.TB, s *trust.Signer) *trust.AllowedSigners {
	t.Helper()
	a, err := trust.ParseAllowedSigners("allowed_signers", strings.NewReader(allowedLine(s)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func allowedLine(s *trust.Signer) string {
	return fmt.Sprintf("%s namespaces=%q %s", s.Principal(), trust.NamespaceManifest, ssh.MarshalAuthorizedKey(s.PublicKey()))
}

func newWriter(t testing.TB, o WriterOptions) *Writer {
	t.Helper()
	w, err := NewWriter(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func source(t testing.TB, w *Writer, id string, kind Type) *SourceWriter {
	t.Helper()
	s, err := w.Source(id, kind)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func add(t testing.TB, s *SourceWriter, path string, content []byte) Entry {
	t.Helper()
	e, err := s.Add(path, testTime, bytes.NewReader(content), nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func finish(t testing.TB, w *Writer, key *trust.Signer, report []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	r, err := w.Finish(t.Context(), &out, testHead(), report, key)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(out.Bytes()); r.SHA256 != hex.EncodeToString(sum[:]) || r.Size != int64(out.Len()) {
		t.Errorf("result %+v does not describe what was written", r)
	}
	return out.Bytes()
}

func open(t testing.TB, data []byte, signers *trust.AllowedSigners) *Bundle {
	t.Helper()
	b, err := Open(bytes.NewReader(data), int64(len(data)), signers, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// text is log-like: it compresses, and its lines differ.
func text(rng *mrand.Rand, size int) []byte {
	b := make([]byte, 0, size+100)
	for len(b) < size {
		b = append(b, "2026-01-02T15:04:05 host daemon["...)
		b = strconv.AppendUint(b, rng.Uint64N(9999), 10)
		b = append(b, "]: request "...)
		b = strconv.AppendUint(b, rng.Uint64(), 16)
		b = append(b, " from the queue took "...)
		b = strconv.AppendUint(b, rng.Uint64N(2000), 10)
		b = append(b, " ms\n"...)
	}
	return b[:size]
}

// contents reads all entries back, by path, and checks each digest and order.
func contents(t testing.TB, b *Bundle) map[string][]byte {
	t.Helper()
	got := map[string][]byte{}
	prev := Entry{}
	for e, err := range b.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > 0 && (e.Type < prev.Type || e.Type == prev.Type && (e.Source < prev.Source || e.Source == prev.Source && e.Path <= prev.Path)) {
			t.Errorf("%s after %s", e.Path, prev.Path)
		}
		prev = e
		r, err := b.Content(e)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != e.SHA256 || int64(len(data)) != e.Size {
			t.Errorf("%s: content does not fit its record", e.Path)
		}
		got[e.Path] = data
	}
	return got
}

func TestRoundTrip(t *testing.T) {
	key, signers := testKey(t)
	sizes := []int{0, 1, 511, 512, 513, 10_000, maxSmall - 1, maxSmall, maxSmall + 1, maxChunk - 1, maxChunk, maxChunk + 1, maxFrame - 1, maxFrame, maxFrame + 1, 2*maxChunk + 7, 3 * maxFrame}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := mrand.New(mrand.NewPCG(seed, 7))
			w := newWriter(t, WriterOptions{Name: []string{testName, ""}[seed%2], Scratch: t.TempDir(), Workers: 1 + int(seed%3)})
			want := map[string][]byte{}
			var mu sync.Mutex
			var wg sync.WaitGroup
			for i := range 1 + rng.IntN(5) {
				kind := Types()[rng.IntN(6)]
				s := source(t, w, fmt.Sprintf("source-%d", i), kind)
				rng := mrand.New(mrand.NewPCG(seed, uint64(i)))
				wg.Go(func() {
					for j := range rng.IntN(20) {
						var content []byte
						switch size := sizes[rng.IntN(len(sizes))]; {
						case rng.IntN(3) > 0:
							content = text(rng, rng.IntN(5000))
						case rng.IntN(2) == 0:
							content = text(rng, size)
						default:
							content = make([]byte, size)
						}
						e, err := s.Add(fmt.Sprintf("%02d/log %d.txt", rng.IntN(20), j), testTime, iotest(rng, content), nil)
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						want[e.Path] = content
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			report := text(rng, rng.IntN(6<<20))
			data := finish(t, w, key, report)
			b := open(t, data, signers)
			if err := b.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := b.CheckFrames(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := contents(t, b); !maps.EqualFunc(got, want, bytes.Equal) {
				t.Errorf("entries differ: got %d, want %d", len(got), len(want))
			}
			if got, err := b.Report(); err != nil || !bytes.Equal(got, report) {
				t.Errorf("report differs: %v", err)
			}
			dir := t.TempDir()
			if err := b.Extract(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// iotest gives content in pieces of any size.
func iotest(rng *mrand.Rand, content []byte) io.Reader {
	return &pieces{rng, content}
}

type pieces struct {
	rng  *mrand.Rand
	left []byte
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[:min(len(p.left), 1+p.rng.IntN(200_000))])
	p.left = p.left[n:]
	if len(p.left) == 0 && p.rng.IntN(2) == 0 {
		return n, io.EOF
	}
	return n, nil
}

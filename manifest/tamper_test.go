package manifest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	mrand "math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/trust"
)

func isRefused(err error) bool { return errors.Is(err, ErrNotAuthentic) }

// prove does all a careful reader does.
func prove(data []byte, signers *trust.AllowedSigners) error {
	b, err := Open(bytes.NewReader(data), int64(len(data)), signers, Limits{})
	if err != nil {
		return err
	}
	defer b.Close()
	return b.Verify(context.Background())
}

func smallBundle(t testing.TB, key *trust.Signer) []byte {
	t.Helper()
	w := newWriter(t, WriterOptions{Name: testName})
	rng := mrand.New(mrand.NewPCG(3, 3))
	add(t, source(t, w, "syslog", Event), "a.log", text(rng, 700))
	add(t, source(t, w, "conf", Configuration), "b.conf", []byte("x = 1\n"))
	return finish(t, w, key, []byte("{}"))
}

func decodeWhole(t testing.TB, data []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	out, err := d.DecodeAll(data, nil)
	if err != nil {
		return nil
	}
	return out
}

// Every bit of the tail, which digests do not cover, and one of every other
// byte. What is accepted must decode to the same bytes, for zstd(1) too.
func TestEveryByteCounts(t *testing.T) {
	key, signers := testKey(t)
	good := smallBundle(t, key)
	want := decodeWhole(t, good)
	b := open(t, good, signers)
	tail := int(b.frames[b.manifest].start)
	accepted := 0
	for i := range good {
		for bit := range 8 {
			if i < tail && bit != i%8 {
				continue
			}
			changed := bytes.Clone(good)
			changed[i] ^= 1 << bit
			err := prove(changed, signers)
			if err == nil {
				accepted++
				if !bytes.Equal(decodeWhole(t, changed), want) {
					t.Errorf("byte %d bit %d: accepted, decodes differently", i, bit)
				}
				if zstd, err := exec.LookPath("zstd"); err == nil {
					cmd := exec.Command(zstd, "-qdc")
					cmd.Stdin = bytes.NewReader(changed)
					if out, err := cmd.Output(); err != nil || !bytes.Equal(out, want) {
						t.Errorf("byte %d bit %d: accepted, zstd decodes it differently: %v", i, bit, err)
					}
				}
			} else if !isRefused(err) {
				t.Errorf("byte %d bit %d: %v", i, bit, err)
			}
			if err == nil && i < tail {
				t.Errorf("byte %d of the signed frames changed: accepted", i)
			}
		}
	}
	t.Logf("%d bytes, tail from %d; %d changes decode identically", len(good), tail, accepted)
}

func TestEveryTruncationIsRefused(t *testing.T) {
	key, signers := testKey(t)
	good := smallBundle(t, key)
	for n := range good {
		if err := prove(good[:n], signers); !isRefused(err) {
			t.Fatalf("cut at %d of %d: %v", n, len(good), err)
		}
	}
	err := prove(good[:len(good)/2], signers)
	if err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("text does not say truncated: %v", err)
	}
}

func TestWhatIsAppendedIsRefused(t *testing.T) {
	key, signers := testKey(t)
	good := smallBundle(t, key)
	enc := mustEncoder(t)
	frame := encodeFrame(enc, nil, []byte("more"))
	skippable := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00evil")
	b := open(t, good, signers)
	table := len(good) - int(seekTableSize(len(b.frames)))
	frames := append([]tableEntry(nil), b.frames...)
	last := frames[len(frames)-1]
	more := append(frames, tableEntry{size: int64(len(frame)), content: 4})
	skip := append(frames, tableEntry{size: int64(len(skippable)), content: 1})
	merged := append([]tableEntry(nil), frames...)
	merged[len(merged)-1].size += int64(len(skippable))
	_ = last
	for name, data := range map[string][]byte{
		"a byte":                              append(bytes.Clone(good), 0),
		"itself":                              append(bytes.Clone(good), good...),
		"a skippable frame":                   append(bytes.Clone(good), skippable...),
		"a frame":                             append(bytes.Clone(good), frame...),
		"its own seek table":                  append(bytes.Clone(good), good[table:]...),
		"a frame, in the table":               appendSeekTable(append(bytes.Clone(good[:table]), frame...), more),
		"a skippable frame, in the table":     appendSeekTable(append(bytes.Clone(good[:table]), skippable...), skip),
		"a skippable frame, in its last":      appendSeekTable(append(bytes.Clone(good[:table]), skippable...), merged),
		"a skippable frame, not in the table": append(append(bytes.Clone(good[:table]), skippable...), good[table:]...),
		"a skippable frame, in front":         append(bytes.Clone(skippable), good...),
	} {
		if err := prove(data, signers); !isRefused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGarbageIsRefused(t *testing.T) {
	_, signers := testKey(t)
	rng := mrand.New(mrand.NewPCG(4, 4))
	for range 2000 {
		data := make([]byte, rng.IntN(300))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		if len(data) > 20 {
			binary.LittleEndian.PutUint32(data[len(data)-4:], seekMagic)
			data[len(data)-5] = 0
			binary.LittleEndian.PutUint32(data[len(data)-9:], uint32(rng.IntN(30)))
		}
		if err := prove(data, signers); !isRefused(err) {
			t.Fatalf("%x: %v", data, err)
		}
	}
}

func TestWrongSignerIsRefused(t *testing.T) {
	key, _ := testKey(t)
	_, others := testKey(t)
	if err := prove(smallBundle(t, key), others); !isRefused(err) {
		t.Errorf("unknown key: %v", err)
	}
}

func TestDiskErrorsAreNoRefusals(t *testing.T) {
	key, signers := testKey(t)
	good := smallBundle(t, key)
	gone := errors.New("disk gone")
	if _, err := Open(&brokenReader{good, len(good) / 2, gone}, int64(len(good)), signers, Limits{}); !errors.Is(err, gone) || isRefused(err) {
		t.Errorf("%v", err)
	}
	b, err := Open(&brokenReader{good, 10, gone}, int64(len(good)), signers, Limits{})
	if err == nil {
		err = b.Verify(context.Background())
	}
	if !errors.Is(err, gone) || isRefused(err) {
		t.Errorf("%v", err)
	}
}

// brokenReader cannot read below a limit.
type brokenReader struct {
	data  []byte
	limit int
	err   error
}

func (b *brokenReader) ReadAt(p []byte, at int64) (int, error) {
	if int(at) < b.limit {
		return 0, b.err
	}
	return bytes.NewReader(b.data).ReadAt(p, at)
}

var _ io.ReaderAt = (*brokenReader)(nil)

package manifest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

// known is a reader that learns: before each read its mark is asked.
type known struct {
	io.Reader
	mark *int
}

func (k known) Mark() int { return *k.mark }

func inUTF16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// replacer hides a value.
func replacer(value, instead string) func(int, string, []byte) ([]byte, map[string]int64) {
	return func(mark int, encoding string, b []byte) ([]byte, map[string]int64) {
		from, to := []byte(value), []byte(instead)
		if encoding == "utf-16le" {
			from, to = inUTF16(value), inUTF16(instead)
			if len(b)%2 != 0 {
				panic("half a character")
			}
			var out []byte
			n := int64(0)
			for i := 0; i < len(b); i += 2 {
				if bytes.HasPrefix(b[i:], from) {
					out = append(out, to...)
					i += len(from) - 2
					n++
				} else {
					out = append(out, b[i:i+2]...)
				}
			}
			if n == 0 {
				return b, nil
			}
			return out, map[string]int64{"password": n}
		}
		n := int64(bytes.Count(b, from))
		if n == 0 {
			return b, nil
		}
		return bytes.ReplaceAll(b, from, to), map[string]int64{"password": n}
	}
}

func TestSweep(t *testing.T) {
	const secret = "hunter-oboe-4471"
	for _, instead := range []string{"gone", "redacted-password-7k2mq4xd9wpa-and-much-longer-than-it-was"} {
		key, signers := testKey(t)
		rng := mrand.New(mrand.NewPCG(5, 5))
		w := newWriter(t, WriterOptions{Name: testName, Workers: 3})
		s := source(t, w, "app", Event)
		mark := 1
		want := map[string][]byte{}
		planted := int64(0)
		put := func(path, encoding string, content []byte) {
			t.Helper()
			e, err := s.Add(path, testTime, known{bytes.NewReader(content), &mark}, func(e *Entry) {
				e.Encoding = encoding
				e.Redactions = map[string]int64{"ipv4": 2}
			})
			if err != nil {
				t.Fatal(err)
			}
			if mark < 5 {
				n := int64(bytes.Count(content, []byte(secret)) + bytes.Count(content, inUTF16(secret)))
				planted += n
				content = bytes.ReplaceAll(content, []byte(secret), []byte(instead))
				content = bytes.ReplaceAll(content, inUTF16(secret), inUTF16(instead))
			}
			want[strings.ReplaceAll(e.Path, secret, instead)] = content
		}
		put("small-clean.log", "", text(rng, 5000))
		put("small.log", "", []byte("a "+secret+" b\nand "+secret))
		put(secret+"/in path.log", "", []byte("clean"))
		put("utf16.log", "utf-16le", inUTF16("x "+secret+" y\r\n"))
		put("clean-large.log", "", text(rng, 9<<20))
		big := text(rng, 13<<20+5)
		copy(big[100:], secret)
		copy(big[6<<20:], secret)
		copy(big[len(big)-len(secret):], secret)
		put("large.log", "", big)
		// No line ends: frames are cut at maxChunk, so it straddles both seams
		// in all ways a value can.
		for i := 1; i < len(secret); i += 3 {
			lines := bytes.Repeat([]byte("0123456789abcdef"), 2*maxChunk/16+1000)
			copy(lines[maxChunk-i:], secret)
			copy(lines[2*maxChunk-len(secret)+i:], secret)
			put(fmt.Sprintf("straddling-%02d.log", i), "", lines)
		}
		wide := inUTF16(strings.Repeat("0123456789abcdef", maxChunk/32))
		wide = append(wide[:maxChunk-6], inUTF16(secret+strings.Repeat("z", 500))...)
		put("straddling-utf16.log", "utf-16le", wide)
		end := bytes.Repeat([]byte("y"), maxChunk+len(secret)-3)
		copy(end[len(end)-len(secret):], secret)
		put("straddling-end.log", "", end)
		mark = 5
		put("late.log", "", []byte("written when "+secret+" was known, so nobody looks"))
		put("late-large.log", "", bytes.Repeat([]byte(secret+"\n"), 1<<17))
		// A frame of small entries is as old as its oldest: what stands in
		// one with older entries is searched again.
		sweeper := Sweeper{Mark: 5, Overlap: 2 * len(secret), Replace: replacer(secret, instead)}
		got, err := w.Sweep(t.Context(), sweeper)
		if err != nil {
			t.Fatal(err)
		}
		if got["password"] != planted+1 { // and one in a path
			t.Errorf("replaced %v, planted %d", got, planted+1)
		}
		if again, err := w.Sweep(t.Context(), sweeper); err != nil || len(again) > 0 {
			t.Errorf("second sweep: %v, %v", again, err)
		}
		b := open(t, finish(t, w, key, nil), signers)
		if err := b.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		have := contents(t, b)
		for path, content := range want {
			if !bytes.Equal(have[path], content) {
				t.Errorf("%s: %d bytes, want %d", path, len(have[path]), len(content))
			}
		}
		if len(have) != len(want) {
			t.Errorf("%d entries, want %d", len(have), len(want))
		}
		sum := int64(0)
		for e, err := range b.Entries() {
			if err != nil {
				t.Fatal(err)
			}
			sum += e.Redactions["password"]
			if e.Redactions["ipv4"] != 2 {
				t.Errorf("%s: older counts are lost: %v", e.Path, e.Redactions)
			}
		}
		if sum != planted+1 {
			t.Errorf("entries count %d, want %d", sum, planted+1)
		}
	}
}

// A value learned in the middle of a file leaves what was read after it
// unsearched, and what was read before searched.
func TestMarksFollowTheFrames(t *testing.T) {
	key, signers := testKey(t)
	w := newWriter(t, WriterOptions{Name: testName})
	mark := 0
	content := bytes.Repeat([]byte("a line with hunter-oboe in it\n"), 10<<20/30)
	r := &learning{r: bytes.NewReader(content), mark: &mark, at: 5 << 20}
	if _, err := source(t, w, "app", Event).Add("x", testTime, r, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Sweep(t.Context(), Sweeper{Mark: 1, Overlap: 20, Replace: replacer("hunter-oboe", "hunter-????")}); err != nil {
		t.Fatal(err)
	}
	got := contents(t, open(t, finish(t, w, key, nil), signers))["data/app/x"]
	last := bytes.LastIndex(got, []byte("hunter-????"))
	first := bytes.Index(got, []byte("hunter-oboe"))
	if first < 5<<20 || last < 5<<20-100 || last > 9<<20 || first < last-1000 {
		t.Errorf("last replaced at %d, first left at %d", last, first)
	}
}

type learning struct {
	r    *bytes.Reader
	mark *int
	at   int64
}

func (l *learning) Mark() int { return *l.mark }

func (l *learning) Read(p []byte) (int, error) {
	read := l.r.Size() - int64(l.r.Len())
	if read < l.at {
		p = p[:min(int64(len(p)), l.at-read)]
	} else {
		*l.mark = 1
	}
	return l.r.Read(p)
}

package redact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

var errFault = errors.New("disk on fire")

// faulty reads a text in pieces; the n-th read goes wrong.
type faulty struct {
	text  []byte
	piece int
	n     int // reads before the fault
	kind  string
	hit   bool
}

func (f *faulty) Read(p []byte) (int, error) {
	p = p[:min(len(p), f.piece)]
	f.n--
	if f.n != 0 {
		if len(f.text) == 0 {
			return 0, io.EOF
		}
		n := copy(p, f.text)
		f.text = f.text[n:]
		return n, nil
	}
	f.hit = true
	switch f.kind {
	case "nothing":
		return 0, nil
	case "short":
		n := copy(p[:1], f.text)
		f.text = f.text[n:]
		return n, nil
	case "early end":
		f.n = 1 // again
		return 0, io.ErrUnexpectedEOF
	case "panic":
		panic("a source that is broken")
	case "too much":
		return len(p) + blockSize*10, nil
	case "with bytes":
		f.n = 1
		return copy(p, f.text), errFault
	}
	f.n = 1
	return 0, errFault
}

// faultText is a text over several blocks with a secret of many lines across
// a border, and a count of what must never come out.
func faultText() (text []byte, secrets []string) {
	var b bytes.Buffer
	for i := 0; b.Len() < 2*blockSize; i++ {
		switch {
		case i%40 == 0:
			s := fmt.Sprintf("Heron%dmossQx%d", i*7919, i)
			secrets = append(secrets, s)
			fmt.Fprintf(&b, "2026-01-02 INFO connected user=app password=%s mode=rw\n", s)
		case i%977 == 0:
			b.WriteString("-----BEGIN PRIVATE KEY-----\n")
			for k := range 60 {
				fmt.Fprintf(&b, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDxyz%06d%04d\n", i, k)
			}
			b.WriteString("-----END PRIVATE KEY-----\n")
		default:
			fmt.Fprintf(&b, "2026-01-02 INFO request %d of [worker-%d] took %d ms\n", i, i%7, i%913)
		}
	}
	return b.Bytes(), append(secrets, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDxyz")
}

func leaks(t *testing.T, out []byte, secrets []string) {
	t.Helper()
	for _, s := range secrets {
		if bytes.Contains(out, []byte(s)) {
			t.Fatalf("%s came out", s)
		}
	}
}

func keyed(t testing.TB) *Session {
	t.Helper()
	s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32), Rand: &zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wholeLines is a text without its last line.
func wholeLines(b []byte) []byte { return b[:bytes.LastIndexByte(b, '\n')+1] }

// Whatever read of the source goes wrong, and however: nothing comes out that
// would not have come out without the fault, and the fault is told.
func TestReadFaults(t *testing.T) {
	before := runtime.NumGoroutine()
	text, secrets := faultText()
	want := redactAllKeyed(t, bytes.NewReader(text))
	for _, enc := range []encoding{utf8Enc, utf16LE} {
		raw, want := text, want
		if enc != utf8Enc {
			raw = enc.encode([]byte("\xff\xfe"), text)
			want = enc.encode([]byte("\xff\xfe"), want)
		}
		for _, kind := range []string{"alone", "with bytes", "early end", "nothing", "short", "panic", "too much"} {
			t.Run(enc.String()+"/"+kind, func(t *testing.T) {
				for n := 1; ; n++ {
					src := &faulty{text: raw, piece: 100_000, n: n, kind: kind}
					st := keyed(t).Stream("x", src)
					out, err := io.ReadAll(st)
					if !src.hit {
						if err != nil || n < 5 {
							t.Fatalf("%d reads: %v", n, err)
						}
						return
					}
					clean := out
					if enc != utf8Enc {
						clean, _ = enc.decode(nil, out)
					}
					leaks(t, clean, secrets)
					switch kind {
					case "nothing", "short":
						if err != nil || !bytes.Equal(out, want) {
							t.Fatalf("read %d: %v", n, err)
						}
						continue
					case "early end":
						if !errors.Is(err, io.ErrUnexpectedEOF) {
							t.Fatalf("read %d: %v", n, err)
						}
					case "panic", "too much":
						if !errors.Is(err, ErrUnreadable) {
							t.Fatalf("read %d: %v", n, err)
						}
					default:
						if !errors.Is(err, errFault) {
							t.Fatalf("read %d: %v", n, err)
						}
					}
					if enc == utf8Enc && !bytes.HasPrefix(want, wholeLines(out)) {
						t.Fatalf("read %d: %s", n, firstDiff(want, out))
					}
					if k, again := st.Read(make([]byte, 10)); k != 0 || !errors.Is(again, err) {
						t.Fatalf("after the fault: %d bytes, %v", k, again)
					}
				}
			})
		}
	}
	settled(t, before)
}

// settled waits until no more goroutines run than did.
func settled(t *testing.T, before int) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}

type faultyWriter struct {
	bytes.Buffer
	n     int
	short bool
	hit   bool
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if w.n--; w.n != 0 {
		return w.Buffer.Write(p)
	}
	w.hit = true
	n, _ := w.Buffer.Write(p[:len(p)/2])
	if w.short {
		return n, nil
	}
	return n, errFault
}

// Whatever write of the output goes wrong: what stands there is the beginning
// of what would have.
func TestWriteFaults(t *testing.T) {
	text, secrets := faultText()
	want := redactAllKeyed(t, bytes.NewReader(text))
	for _, short := range []bool{false, true} {
		for n := 1; ; n++ {
			w := &faultyWriter{n: n, short: short}
			written, err := keyed(t).Stream("x", bytes.NewReader(text)).WriteTo(w)
			if !w.hit {
				if err != nil || !bytes.Equal(w.Bytes(), want) || n < 3 {
					t.Fatalf("%d writes: %v", n, err)
				}
				break
			}
			if short && !errors.Is(err, io.ErrShortWrite) || !short && !errors.Is(err, errFault) {
				t.Fatalf("write %d: %v", n, err)
			}
			if written != int64(w.Len()) || !bytes.HasPrefix(want, w.Bytes()) {
				t.Fatalf("write %d: %d bytes, %d told", n, w.Len(), written)
			}
			leaks(t, w.Bytes(), secrets)
		}
	}
}

// A source that never gives anything does not hold the reader forever.
func TestSourceWithoutProgress(t *testing.T) {
	for _, head := range []string{"", "password=Heron41mossQx9\n", "\xff\xfea\x00"} {
		r := io.MultiReader(strings.NewReader(head), still{})
		out, err := io.ReadAll(session(t).Stream("x", r))
		if !errors.Is(err, io.ErrNoProgress) || bytes.Contains(out, []byte("Heron")) {
			t.Errorf("%q: %q %v", head, out, err)
		}
	}
}

type still struct{}

func (still) Read([]byte) (int, error) { return 0, nil }

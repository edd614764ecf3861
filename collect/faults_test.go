package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mholt/archiver/v4"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

var errFault = errors.New("input/output error")

// fault makes the n-th access to a source go wrong, however it is read.
type fault struct {
	n    int
	kind string
	hit  bool
}

// now reports whether this access is the one.
func (f *fault) now() bool {
	f.n--
	f.hit = f.hit || f.n == 0
	return f.n == 0
}

type faultyReader struct {
	r io.Reader
	f *fault
}

func (r *faultyReader) Read(p []byte) (int, error) {
	p = p[:min(len(p), 6000)]
	if r.f.hit && r.f.kind != "nothing" && r.f.kind != "short" {
		return 0, errFault // it stays broken
	}
	if !r.f.now() {
		return r.r.Read(p)
	}
	switch r.f.kind {
	case "nothing":
		return 0, nil
	case "short":
		return r.r.Read(p[:min(1, len(p))])
	case "early end":
		return 0, io.ErrUnexpectedEOF
	case "with bytes":
		n, _ := r.r.Read(p)
		return n, errFault
	}
	return 0, errFault
}

type faultyReaderAt struct {
	r io.ReaderAt
	f *fault
}

func (r *faultyReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if r.f.kind == "nothing" || r.f.kind == "short" { // not allowed at any place
		return r.r.ReadAt(p, off)
	}
	if r.f.hit || r.f.now() {
		n := 0
		if r.f.kind == "with bytes" {
			n, _ = r.r.ReadAt(p[:len(p)/2], off)
		}
		return n, errFault
	}
	return r.r.ReadAt(p, off)
}

func lz4Of(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	w, err := archiver.Lz4{}.OpenWriter(&out)
	return closed(t, &out, w, err, b)
}

// realSevenZip packs with the stock program: solid and compressed.
func realSevenZip(t *testing.T, name string, b []byte) []byte {
	dir := t.TempDir()
	write(t, filepath.Join(dir, name), string(b))
	write(t, filepath.Join(dir, "z"+name), string(b[:len(b)/2]))
	cmd := exec.Command("7z", "a", "out.7z", name, "z"+name)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out.7z"))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Whatever read of a source goes wrong, in whatever it is packed: the
// outcome tells, what decoded before stays, and no secret comes out.
func TestSourceFaults(t *testing.T) {
	pw := secret(t)
	var b strings.Builder
	for i := range 600 {
		if i%50 == 7 {
			fmt.Fprintf(&b, "connecting with user=app password=%s sslmode=require\n", pw)
			continue
		}
		fmt.Fprintf(&b, "2026-11-01T10:%02d:%02dZ INFO order %d of batch %x created\n", i/60%60, i%60, i*7919, i*i*104729)
	}
	log := []byte(b.String())
	kinds := []struct {
		name string
		b    []byte
	}{
		{"app.log", log}, {"wide.log", utf16le(string(log))},
		{"app.log.gz", gz(t, log)}, {"app.log.bz2", bz(t, log)}, {"app.log.xz", xzOf(t, log, 1<<20)}, {"app.log.zst", zst(t, log)}, {"app.log.lz4", lz4Of(t, log)},
		{"a.tar", tarOf(t, packed{"a.log", log}, packed{"b.log", log})}, {"a.tgz", gz(t, tarOf(t, packed{"a.log", log}, packed{"b.log", log}))},
		{"a.zip", zipOf(t, packed{"a.log", log}, packed{"b.log.gz", gz(t, log)})}, {"a.7z", realSevenZip(t, "a.log", log)},
		{"nest.gz", gz(t, zipOf(t, packed{"a.tar", tarOf(t, packed{"a.log", log})}))},
	}
	before := runtime.NumGoroutine()
	scratch := t.TempDir()
	take := func(name string, b []byte, file bool, f *fault) (*keptEntries, manifest.Outcome, string) {
		t.Helper()
		s, err := redact.NewSession(redact.Options{CaseKey: make([]byte, 32), Rand: noRandom{}})
		if err != nil {
			t.Fatal(err)
		}
		k := &keptEntries{}
		g := &gatherer{ctx: t.Context(), session: s, name: func(s string) string { return s }, store: k, limits: defaultLimits(), scratch: scratch, verdict: &verdict{}}
		in := from(name, b, file)
		if f != nil {
			in.r = &faultyReader{in.r, f}
			if file {
				in.at = &faultyReaderAt{in.at, f}
			}
		}
		if err := g.take(in); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		o, reason := g.final()
		return k, o, reason
	}
	for _, tt := range kinds {
		for _, file := range []bool{true, false} {
			want, o, reason := take(tt.name, tt.b, file, nil)
			if o != manifest.OK {
				t.Fatalf("%s: %s %q", tt.name, o, reason)
			}
			for _, kind := range []string{"alone", "with bytes", "early end", "nothing", "short"} {
				n := 1
				for ; ; n++ {
					f := &fault{n: n, kind: kind}
					got, o, reason := take(tt.name, tt.b, file, f)
					whole := len(got.text) == len(want.text)
					for name, text := range got.text {
						if strings.Contains(strings.ReplaceAll(text, "\x00", ""), pw) {
							t.Fatalf("%s, %s at read %d: the password stands in %s", tt.name, kind, n, name)
						}
						whole = whole && text == want.text[name]
						if lines := text[:strings.LastIndexByte(text, '\n')+1]; !strings.HasPrefix(want.text[name], lines) {
							t.Fatalf("%s, %s at read %d: %s is not the beginning of what it was", tt.name, kind, n, name)
						}
					}
					if !f.hit {
						break
					}
					if (o == manifest.OK) != whole && !(whole && o == manifest.Partial) || o != manifest.OK && reason == "" {
						t.Fatalf("%s, %s at read %d: %s %q, whole %v", tt.name, kind, n, o, reason, whole)
					}
					if (kind == "nothing" || kind == "short") && !whole {
						t.Fatalf("%s, %s at read %d: %s %q", tt.name, kind, n, o, reason)
					}
				}
				if n < 3 && !(file && (kind == "nothing" || kind == "short")) {
					t.Errorf("%s, %s: only %d reads", tt.name, kind, n)
				}
			}
		}
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("scratch space holds %v %v", left, err)
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

type noRandom struct{}

func (noRandom) Read(p []byte) (int, error) { clear(p); return len(p), nil }

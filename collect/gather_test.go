package collect

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
	"github.com/mholt/archiver/v4"
	"github.com/ulikunitz/xz"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// secret makes a password that no scanner of secrets takes for a real one.
func secret(t *testing.T) string {
	t.Helper()
	return "Zq7" + rand.Text()[:10] + "!x"
}

func newSession(t *testing.T) *redact.Session {
	t.Helper()
	s, err := redact.NewSession(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keptEntries is a store in memory.
type keptEntries struct {
	text    map[string]string
	entries map[string]manifest.Entry
}

func (k *keptEntries) add(path string, mtime time.Time, clean io.Reader, done func(*manifest.Entry)) (manifest.Entry, error) {
	e := manifest.Entry{Path: path, ModTime: mtime}
	b, err := io.ReadAll(clean)
	if err != nil {
		return e, err
	}
	e.Size = int64(len(b))
	if done != nil {
		done(&e)
	}
	if k.text == nil {
		k.text, k.entries = map[string]string{}, map[string]manifest.Entry{}
	}
	k.text[path], k.entries[path] = string(b), e
	return e, nil
}

func newGatherer(t *testing.T, change func(*gatherer)) (*gatherer, *keptEntries) {
	t.Helper()
	k := &keptEntries{}
	s := newSession(t)
	g := &gatherer{ctx: t.Context(), session: s, name: s.Path, store: k, limits: defaultLimits(), scratch: t.TempDir(), verdict: &verdict{}}
	if change != nil {
		change(g)
	}
	return g, k
}

// from makes an input of bytes: of a file, or of a stream that is read once.
func from(path string, b []byte, file bool) input {
	in := input{path: path, size: -1, r: bytes.NewReader(b)}
	if file {
		in.size, in.at = int64(len(b)), bytes.NewReader(b)
		in.again = func() (io.Reader, error) { return bytes.NewReader(b), nil }
	}
	return in
}

func gz(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zst(t *testing.T, b []byte) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	return enc.EncodeAll(b, nil)
}

type packed struct {
	name string
	b    []byte
}

func tarOf(t *testing.T, members ...packed) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.b)), Mode: 0o600, Typeflag: tar.TypeReg, ModTime: time.Unix(1_700_000_000, 0)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipOf(t *testing.T, members ...packed) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(m.b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func closed(t *testing.T, out *bytes.Buffer, w io.WriteCloser, err error, b []byte) []byte {
	t.Helper()
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func bz(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	w, err := archiver.Bz2{}.OpenWriter(&out)
	return closed(t, &out, w, err, b)
}

// xzOf compresses with a dictionary of a given size; xz -9 has 64 MiB.
func xzOf(t *testing.T, b []byte, dict int) []byte {
	var out bytes.Buffer
	w, err := xz.WriterConfig{DictCap: dict}.NewWriter(&out)
	return closed(t, &out, w, err, b)
}

// wideWindow compresses so that decoding takes 128 MiB: zstd --long=27.
func wideWindow(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithWindowSize(128<<20))
	if err == nil {
		_, err = w.Write(b[:len(b)/2]) // in two, so that the size is not known
	}
	if err == nil {
		err = w.Flush()
	}
	return closed(t, &out, w, err, b[len(b)/2:])
}

// sevenZipOf writes a 7z of one stored member, after the format's
// description (7zFormat.txt): no stock writer is everywhere.
func sevenZipOf(t *testing.T, name string, b []byte) []byte {
	t.Helper()
	var h bytes.Buffer
	num := func(n uint64) { // the format's variable-length number
		switch {
		case n < 0x80:
			h.WriteByte(byte(n))
		case n < 0x4000:
			h.Write([]byte{byte(0x80 | n>>8), byte(n)})
		default:
			h.WriteByte(0xc0 | byte(n>>16))
			h.Write([]byte{byte(n), byte(n >> 8)})
		}
	}
	h.WriteByte(1) // header
	h.WriteByte(4) // main streams
	h.WriteByte(6) // pack info
	num(0)
	num(1)
	h.WriteByte(9)
	num(uint64(len(b)))
	h.WriteByte(0)
	h.WriteByte(7) // unpack info
	h.WriteByte(0x0b)
	num(1)
	h.WriteByte(0)
	num(1)                // coders
	h.Write([]byte{1, 0}) // copy
	h.WriteByte(0x0c)     // sizes
	num(uint64(len(b)))
	h.WriteByte(0x0a) // digests
	h.WriteByte(1)
	_ = binary.Write(&h, binary.LittleEndian, crc32.ChecksumIEEE(b))
	h.WriteByte(0)
	h.WriteByte(0)
	h.WriteByte(5) // files
	num(1)
	var names bytes.Buffer
	names.WriteByte(0)
	_ = binary.Write(&names, binary.LittleEndian, utf16.Encode([]rune(name+"\x00")))
	h.WriteByte(0x11)
	num(uint64(names.Len()))
	h.Write(names.Bytes())
	h.WriteByte(0)
	h.WriteByte(0)
	var start bytes.Buffer
	for _, v := range []any{uint64(len(b)), uint64(h.Len()), crc32.ChecksumIEEE(h.Bytes())} {
		_ = binary.Write(&start, binary.LittleEndian, v)
	}
	out := bytes.NewBufferString("7z\xbc\xaf\x27\x1c\x00\x04")
	_ = binary.Write(out, binary.LittleEndian, crc32.ChecksumIEEE(start.Bytes()))
	out.Write(start.Bytes())
	out.Write(b)
	out.Write(h.Bytes())
	return out.Bytes()
}

func utf16le(s string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

// One log in every dress comes out plain, hidden, under the right name.
func TestOpens(t *testing.T) {
	pw := secret(t)
	log := []byte("2026-11-01T10:00:00Z INFO start\nconnecting with user=app password=" + pw + " sslmode=require\nharmless line\n")
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"var/log/app.log", log, "var/log/app.log"},
		{"var/log/app.log.gz", gz(t, log), "var/log/app.log"},
		{"var/log/syslog.2.gz", gz(t, log), "var/log/syslog.2"},
		{"var/log/misnamed.log", gz(t, log), "var/log/misnamed.log"},
		{"app.log.bz2", bz(t, log), "app.log"},
		{"app.log.xz", xzOf(t, log, 8<<20), "app.log"},
		{"big.log.xz", xzOf(t, log, 64<<20), "big.log"},
		{"two.bz2", append(bz(t, log[:40]), bz(t, log[40:])...), "two"},
		{"app.log.zst", zst(t, log), "app.log"},
		{"app.log.gz.gz", gz(t, gz(t, log)), "app.log"},
		{"two.gz", append(gz(t, log[:40]), gz(t, log[40:])...), "two"},
		{"old.tar", tarOf(t, packed{"./app.log", log}), "old.tar/app.log"},
		{"old.tar.gz", gz(t, tarOf(t, packed{"app.log", log})), "old.tar.gz/app.log"},
		{"old.tgz", gz(t, tarOf(t, packed{"a/app.log", log})), "old.tgz/a/app.log"},
		{"old.zip", zipOf(t, packed{"app.log", log}), "old.zip/app.log"},
		{"old.7z", sevenZipOf(t, "app.log", log), "old.7z/app.log"},
		{"nest.tar.gz", gz(t, tarOf(t, packed{"x.zip", zipOf(t, packed{"app.log.gz", gz(t, log)})})), "nest.tar.gz/x.zip/app.log"},
		{"up.tar", tarOf(t, packed{"../../etc/app.log", log}), "up.tar/%2E%2E/%2E%2E/etc/app.log"},
		{"win.zip", zipOf(t, packed{`logs\app.log`, log}), "win.zip/logs/app.log"},
		{"wide.log.gz", gz(t, utf16le(string(log))), "wide.log"},
	}
	for _, tt := range tests {
		for _, file := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, file), func(t *testing.T) {
				g, k := newGatherer(t, nil)
				if err := g.take(from(tt.name, tt.b, file)); err != nil {
					t.Fatal(err)
				}
				o, reason := g.final()
				if o != manifest.OK || len(k.text) != 1 {
					t.Fatalf("%s %q, entries %q", o, reason, k.text)
				}
				got, ok := k.text[tt.want]
				if !ok {
					t.Fatalf("entries %q", k.text)
				}
				if strings.HasPrefix(tt.name, "wide") {
					if k.entries[tt.want].Encoding != "utf-16le" || strings.Contains(got, string(utf16le(pw)[2:])) {
						t.Fatal("UTF-16 was not understood")
					}
					got = strings.ReplaceAll(got, "\x00", "")
				}
				if strings.Contains(got, pw) {
					t.Fatalf("the password stands: %s", got)
				}
				if !strings.Contains(got, "harmless line\n") || !strings.Contains(got, " sslmode=require\n") {
					t.Fatalf("lost: %s", got)
				}
			})
		}
	}
}

// What is meant to hurt is withheld; what breaks midway is kept as far as it
// went.
func TestHostileArchives(t *testing.T) {
	log := []byte(strings.Repeat("a line of an ordinary log 0123456789\n", 2000))
	var random [100_000]byte
	// Of other bytes a broken gz may make a text that is binary at its end.
	_, _ = mathrand.NewChaCha8([32]byte{1}).Read(random[:])
	cut := gz(t, bytes.Join([][]byte{log, []byte(fmt.Sprintf("%x\n", random))}, nil))
	whole := gz(t, tarOf(t, packed{"one.log", log}, packed{"two.log", []byte(fmt.Sprintf("%x\n", random))}))
	deep := log
	for range 6 {
		deep = gz(t, deep)
	}
	many := make([]packed, 50)
	for i := range many {
		many[i] = packed{fmt.Sprintf("%d.log", i), []byte("x\n")}
	}
	encrypted := zipOf(t, packed{"a.log", log})
	encrypted[6] |= 1
	central := bytes.LastIndex(encrypted, []byte("PK\x01\x02"))
	encrypted[central+8] |= 1
	tests := []struct {
		name    string
		b       []byte
		limits  func(*limits)
		outcome manifest.Outcome
		reason  string
		entries int
	}{
		{"cut.log.gz", cut[:len(cut)-20_000], nil, manifest.Partial, "unexpected EOF", 1},
		{"cut.tar.gz", whole[:len(whole)-20_000], nil, manifest.Partial, "unexpected EOF", 2},
		{"flip.gz", append(append(bytes.Clone(cut[:len(cut)/2]), 0xff, 0xff, 0xff), cut[len(cut)/2:]...), nil, manifest.Partial, "flip", 1},
		{"binary.gz", gz(t, append(bytes.Clone(log), random[:]...)), nil, manifest.Withheld, "binary content", 0},
		{"deep.gz", deep, nil, manifest.Withheld, "nested deeper than 4", 0},
		{"many.tar", tarOf(t, many...), func(l *limits) { l.members = 10 }, manifest.Withheld, "more than 10 members", 10},
		{"bomb.gz", gz(t, bytes.Repeat([]byte("0 0 0 0\n"), 10<<20)), func(l *limits) { l.ratio = 100 }, manifest.Withheld, "grows more than 100 times", 0},
		{"large.gz", gz(t, bytes.Repeat([]byte("0 0 0 0\n"), 1<<20)), func(l *limits) { l.unpacked = 1 << 20 }, manifest.Withheld, "more than 1 MiB come out of it", 0},
		{"window.zst", wideWindow(t, bytes.Repeat([]byte("a log line\n"), 1<<20)), func(l *limits) { l.memory = 1 << 20 }, manifest.Withheld, "decoding takes more than 1 MiB", 0},
		{"dict.xz", xzOf(t, log, 64<<20), func(l *limits) { l.memory = 1 << 20 }, manifest.Withheld, "decoding takes more than 1 MiB", 0},
		{"locked.zip", encrypted, nil, manifest.Withheld, "encrypted", 0},
		{"torn.zip", zipOf(t, packed{"a.log", log})[:200], nil, manifest.Withheld, "broken zip archive", 0},
		{"torn.7z", sevenZipOf(t, "a.log", log)[:300], nil, manifest.Withheld, "broken 7z archive", 0},
		{"junk.7z", append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), random[:4096]...), nil, manifest.Withheld, "broken 7z archive", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, k := newGatherer(t, func(g *gatherer) {
				if tt.limits != nil {
					tt.limits(&g.limits)
				}
			})
			if err := g.take(from(tt.name, tt.b, true)); err != nil {
				t.Fatal(err)
			}
			o, reason := g.final()
			if o != tt.outcome || !strings.Contains(reason, tt.reason) || reason == "" {
				t.Errorf("%s %q", o, reason)
			}
			if len(k.text) != tt.entries {
				t.Errorf("%d entries", len(k.text))
			}
			if o == manifest.Withheld && len(g.hidden) == 0 {
				t.Error("not listed")
			}
		})
	}
}

// A tail begins at a line start, is no longer than its cap, and has lost no
// value's context to the cut.
func TestCuts(t *testing.T) {
	pw := secret(t)
	key := "-----BEGIN RSA PRIVATE KEY-----\n" + strings.Repeat(strings.Repeat("Ab3+", 16)+"\n", 400) + "-----END RSA PRIVATE KEY-----\n"
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "line %06d of the log with password=%s in it\n", i, pw)
	}
	b.WriteString(key)
	b.WriteString("the last line\n")
	plainLog := b.String()
	for _, tt := range []struct {
		name   string
		b      []byte
		keep   string
		limit  int64
		begins string
		ends   string
	}{
		{"tail", []byte(plainLog), keepTail, 100_000, "line ", "the last line\n"},
		// The cut falls into the key: nothing of it may remain.
		{"within a key", []byte(plainLog), keepTail, 10_000, "", "the last line\n"},
		{"head", []byte(plainLog), keepHead, 100_000, "line 000000", "in it\n"},
		{"wide", utf16le(plainLog), keepTail, 200_000, "\xff\xfel\x00", "e\x00\n\x00"},
	} {
		for _, how := range []string{"file", "stream", "gz", "gz stream", "tar"} {
			t.Run(tt.name+"/"+how, func(t *testing.T) {
				g, k := newGatherer(t, func(g *gatherer) { g.limits.file, g.limits.keep = tt.limit, tt.keep })
				in := from("app.log", tt.b, how == "file")
				name := "app.log"
				switch how {
				case "gz":
					in = from("app.log.gz", gz(t, tt.b), true)
				case "gz stream":
					in = from("app.log.gz", gz(t, tt.b), false)
				case "tar":
					in, name = from("a.tar", tarOf(t, packed{"app.log", tt.b}), false), "a.tar/app.log"
				}
				if err := g.take(in); err != nil {
					t.Fatal(err)
				}
				got := k.text[name]
				if tt.name == "wide" {
					if strings.Contains(got, string(utf16le(pw)[2:])) {
						t.Fatal("the password stands")
					}
				} else if strings.Contains(got, pw) || strings.Contains(got, "Ab3+Ab3+") {
					t.Fatal("a secret stands")
				}
				if !strings.HasPrefix(got, tt.begins) || !strings.HasSuffix(got, tt.ends) {
					t.Errorf("%d bytes: %.60q ... %q", len(got), got, got[max(0, len(got)-60):])
				}
				// Pseudonyms may be longer than what they stand for.
				if len(got) > int(tt.limit)*3/2 || tt.name != "within a key" && len(got) < int(tt.limit)/2 {
					t.Errorf("%d bytes of %d", len(got), tt.limit)
				}
				tr := k.entries[name].Truncated
				if tr == nil || tr.Kept != tt.keep || tr.Cut <= 0 {
					t.Errorf("truncated %+v", tr)
				}
				if o, reason := g.final(); o != manifest.Partial || !strings.Contains(reason, map[string]string{keepTail: "newest", keepHead: "first"}[tt.keep]) {
					t.Errorf("%s %q", o, reason)
				}
			})
		}
	}
}

func TestCutOfOneLongLine(t *testing.T) {
	line := []byte(strings.Repeat("word ", 4<<20))
	for _, file := range []bool{true, false} {
		g, k := newGatherer(t, func(g *gatherer) { g.limits.file = 5 << 20 })
		if err := g.take(from("x.log", line, file)); err != nil {
			t.Fatal(err)
		}
		if n := len(k.text["x.log"]); n > 5<<20 || n < 3<<20 {
			t.Errorf("file %v: %d bytes", file, n)
		}
	}
}

func TestCutReason(t *testing.T) {
	g, _ := newGatherer(t, func(g *gatherer) { g.limits.file = 1 << 20 })
	if err := g.take(from("x.log", bytes.Repeat([]byte("0123456789abcde\n"), 3<<16), true)); err != nil {
		t.Fatal(err)
	}
	if _, reason := g.final(); reason != "x.log: newest 1 MiB of 3 MiB" {
		t.Error(reason)
	}
	if g.cut != 2<<20 {
		t.Error(g.cut)
	}
}

// What is not text is withheld with its reason; binary: keep needs policy too.
func TestBinary(t *testing.T) {
	elf := append([]byte("\x7fELF\x02\x01\x01\x00"), make([]byte, 4096)...)
	g, k := newGatherer(t, nil)
	if err := g.take(from("bin/app", elf, true)); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Withheld || len(k.text) != 0 || !strings.HasPrefix(reason, "bin/app: ") || len(g.hidden) != 1 {
		t.Errorf("%s %q %v", o, reason, g.hidden)
	}
	g, k = newGatherer(t, func(g *gatherer) { g.binary = true })
	if err := g.take(from("bin/app", elf, true)); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.OK || k.text["bin/app"] != string(elf) || k.entries["bin/app"].Encoding != "binary" {
		t.Errorf("%s %q", o, reason)
	}
}

type breaking struct {
	r   io.Reader
	err error
}

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

// Half a log is evidence.
func TestReadErrorKeepsWhatWasRead(t *testing.T) {
	g, k := newGatherer(t, nil)
	r := breaking{strings.NewReader("first line\nsecond line\n"), &os.PathError{Op: "read", Path: "/secret/path", Err: errors.New("input/output error")}}
	if err := g.take(input{path: "x.log", size: 100, r: r}); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Partial || reason != "x.log: input/output error" || k.text["x.log"] != "first line\nsecond line\n" {
		t.Errorf("%s %q %q", o, reason, k.text)
	}
}

type fullDisk struct{}

func (fullDisk) add(string, time.Time, io.Reader, func(*manifest.Entry)) (manifest.Entry, error) {
	return manifest.Entry{}, errors.New("no space left on device")
}

func TestStoreErrorEndsAll(t *testing.T) {
	g, _ := newGatherer(t, func(g *gatherer) { g.store = fullDisk{} })
	if err := g.take(from("x.log", []byte("a\n"), true)); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Fatal(err)
	}
}

func TestInterruptedKeepsWhatIsThere(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	g, k := newGatherer(t, func(g *gatherer) { g.ctx = ctx })
	r := breaking{strings.NewReader("first line\n"), nil}
	stop := readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		cancel(errInterrupted)
		return n, err
	})
	if err := g.take(input{path: "x.log", size: -1, r: stop}); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Partial || !strings.Contains(reason, "interrupted") || k.text["x.log"] != "first line\n" {
		t.Errorf("%s %q %q", o, reason, k.text)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestBudget(t *testing.T) {
	g, k := newGatherer(t, func(g *gatherer) { g.budget = newBudget(1000) })
	line := bytes.Repeat([]byte("0123456789abcde\n"), 50)
	for i := range 3 {
		if err := g.take(from(fmt.Sprintf("%d.log", i), line, true)); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.text["0.log"]) != 800 || len(k.text["1.log"]) != 200 || len(k.text) != 2 {
		t.Errorf("%d %d of %d", len(k.text["0.log"]), len(k.text["1.log"]), len(k.text))
	}
	if o, reason := g.final(); o != manifest.Partial || !strings.Contains(reason, "1.log: cut, the recipe's total of 1000 bytes is reached") || !strings.Contains(reason, "2.log: left out") {
		t.Errorf("%s %q", o, reason)
	}
}

// Memory stays flat whatever a line is long.
func TestHugeLine(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "huge.log")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	chunk := bytes.Repeat([]byte("abcdefgh "), 1<<17)
	for range 100 {
		if _, err := f.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	peak := peakHeap(t, func() {
		g, _ := newGatherer(t, func(g *gatherer) { g.store = discarding{} })
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fi, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if err := g.take(input{path: "huge.log", size: fi.Size(), r: f, at: f}); err != nil {
			t.Fatal(err)
		}
		if o, reason := g.final(); o != manifest.OK {
			t.Fatal(o, reason)
		}
	})
	if peak > 64<<20 {
		t.Errorf("peak of %s", sizeText(int64(peak)))
	}
}

type discarding struct{}

func (discarding) add(path string, _ time.Time, clean io.Reader, done func(*manifest.Entry)) (manifest.Entry, error) {
	n, err := io.Copy(writeOnly{io.Discard}, clean)
	e := manifest.Entry{Path: path, Size: n}
	if err == nil && done != nil {
		done(&e)
	}
	return e, err
}

package manifest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/trust"
)

// forged is a bundle that a key signed although no honest writer made it.
type forged struct {
	frames [][]Entry                              // small entries, by frame
	tar    func(frame int, content []byte) []byte // changes a frame before it is compressed
	bare   func(frame int, z []byte) []byte       // changes a compressed frame
	text   func(string) string                    // changes manifest.json before it is signed
	name   string                                 // default testName
	head   func(*Head)
	last   func([]byte) []byte // changes the last frame
	report string              // default "{}"
}

func mustEncoder(t testing.TB) *zstd.Encoder {
	t.Helper()
	enc, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func small(kind Type, source, path string) Entry {
	return Entry{Path: "data/" + source + "/" + path, Source: source, Type: kind, ModTime: testTime}
}

func (f forged) build(t testing.TB, key *trust.Signer) []byte {
	t.Helper()
	enc := mustEncoder(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var out, text bytes.Buffer
	head := testHead()
	if f.name != "" {
		head.Name = f.name
	}
	if f.head != nil {
		f.head(&head)
	}
	must(complete(&head))
	o := &output{dst: &out, enc: enc, name: head.Name, created: head.Created, sum: sha256.New()}
	var sizes totals
	for _, frame := range f.frames {
		sizes.Entries += int64(len(frame))
		sizes.Bytes += int64(len(frame)) * int64(len("content\n"))
	}
	m, err := newManifestWriter(&text, &head, sizes)
	must(err)
	for i, frame := range f.frames {
		var content []byte
		for _, e := range frame {
			sum := sha256.Sum256([]byte("content\n"))
			e.Size, e.SHA256 = 8, hex.EncodeToString(sum[:])
			content = tarHeader(content, head.Name+"/"+e.Path, e.Size, e.ModTime)
			e.Offset = o.at + int64(len(content))
			content = append(append(content, "content\n"...), make([]byte, blockSize-8)...)
			must(m.entry(&e))
		}
		if f.tar != nil {
			content = f.tar(i, content)
		}
		z := encodeFrame(enc, nil, content)
		if f.bare != nil {
			z = f.bare(i, z)
		}
		must(o.compressed(z, int64(len(content)), sha256.Sum256(z)))
	}
	report := cmp.Or(f.report, "{}")
	must(o.member(reportName, int64(len(report)), strings.NewReader(report)))
	sum := sha256.Sum256([]byte(report))
	must(m.finish(o.frames, reportRef{int64(len(report)), hex.EncodeToString(sum[:])}, hex.EncodeToString(o.sum.Sum(nil))))
	signed := text.String()
	if f.text != nil {
		changed := f.text(signed)
		if changed == signed {
			t.Fatal("nothing changed")
		}
		signed = changed
	}
	sig, err := key.Sign(trust.NamespaceManifest, strings.NewReader(signed))
	must(err)
	must(o.member(manifestName, int64(len(signed)), strings.NewReader(signed)))
	last := lastFrame(head.Name, sig, head.Created)
	if f.last != nil {
		last = f.last(last)
	}
	must(o.frame(last))
	return appendSeekTable(out.Bytes(), o.frames)
}

// header changes a header block and mends its checksum.
func header(change func(block []byte)) func(int, []byte) []byte {
	return func(_ int, content []byte) []byte {
		change(content)
		copy(content[148:156], "        ")
		var sum int64
		for _, c := range content[:blockSize] {
			sum += int64(c)
		}
		octal(content[148:155], sum)
		return content
	}
}

func swap(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

func TestForgedBundles(t *testing.T) {
	key, signers := testKey(t)
	one := [][]Entry{{small(Event, "app", "a.log")}}
	paths := func(paths ...string) [][]Entry {
		var frame []Entry
		for _, p := range paths {
			frame = append(frame, small(Event, "app", p))
		}
		return [][]Entry{frame}
	}
	for _, c := range []struct {
		name string
		ok   bool
		f    forged
	}{
		{"honest", true, forged{frames: one}},
		{"honest, empty", true, forged{}},
		{"honest, two types", true, forged{frames: [][]Entry{{small(Alert, "z", "a")}, {small(Event, "app", "a.log")}}}},
		{"honest, two sources in a frame", true, forged{frames: [][]Entry{{small(Event, "a", "x"), small(Event, "b", "x")}}}},
		{"unknown field", true, forged{frames: one, text: swap(`"version": 1,`, `"version": 1, "news": {"a": [1, {"b": 2}]},`)}},

		{"symbolic link", false, forged{frames: one, tar: header(func(b []byte) { b[156] = '2' })}},
		{"hard link", false, forged{frames: one, tar: header(func(b []byte) { b[156] = '1' })}},
		{"device", false, forged{frames: one, tar: header(func(b []byte) { b[156] = '3' })}},
		{"directory", false, forged{frames: one, tar: header(func(b []byte) { b[156] = '5' })}},
		{"sparse file", false, forged{frames: one, tar: header(func(b []byte) { b[156] = 'S' })}},
		{"unknown type", false, forged{frames: one, tar: header(func(b []byte) { b[156] = 'Z' })}},
		{"other name in tar", false, forged{frames: one, tar: header(func(b []byte) { b[len(testName)] = 'X' })}},
		{"executable", false, forged{frames: one, tar: header(func(b []byte) { b[104] = '7' })}},
		{"owner", false, forged{frames: one, tar: header(func(b []byte) { copy(b[265:], "root") })}},
		{"other time in tar", false, forged{frames: one, tar: header(func(b []byte) { b[146] = '7' })}},
		{"huge size in tar", false, forged{frames: one, tar: header(func(b []byte) { copy(b[124:], "77777777777") })}},
		{"something in the padding", false, forged{frames: one, tar: func(_ int, b []byte) []byte { b[len(b)-1] = 1; return b }}},
		{"other content", false, forged{frames: one, tar: func(_ int, b []byte) []byte { b[blockSize] ^= 1; return b }}},
		{"a hidden member", false, forged{frames: one, tar: func(_ int, b []byte) []byte {
			return append(tarHeader(b, testName+"/data/app/b.log", 0, testTime), nil...)
		}}},
		{"a hidden frame", false, forged{frames: [][]Entry{one[0], nil}, tar: func(i int, b []byte) []byte {
			return append(b, make([]byte, i*blockSize)...)
		}}},
		{"frame cut short", false, forged{frames: one, tar: func(_ int, b []byte) []byte { return b[:len(b)-blockSize] }}},

		{"raw bytes in the frame header", false, forged{frames: one, bare: func(_ int, z []byte) []byte { z[4] |= 0x10; return z }}},
		{"skippable frame inside a frame", false, forged{frames: one, bare: func(_ int, z []byte) []byte {
			return append(z, "\x50\x2a\x4d\x18\x04\x00\x00\x00evil"...)
		}}},
		{"two frames as one", false, forged{frames: one, bare: func(_ int, z []byte) []byte {
			enc := mustEncoder(t)
			b := decodeWhole(t, z)
			return encodeFrame(enc, encodeFrame(enc, nil, b[:blockSize]), b[blockSize:])
		}}},

		{"..", false, forged{frames: paths("../../x")}},
		{"dot", false, forged{frames: paths("./x")}},
		{"absolute", false, forged{frames: paths("/x")}},
		{"drive", false, forged{frames: paths("C:/x")}},
		{"backslash", false, forged{frames: paths(`..\x`)}},
		{"NUL", false, forged{frames: paths("a\x00b")}},
		{"newline", false, forged{frames: paths("a\nb")}},
		{"bidi", false, forged{frames: paths("a\u202eb")}},
		{"reserved", false, forged{frames: paths("NUL")}},
		{"reserved with extension", false, forged{frames: paths("com1.log")}},
		{"trailing dot", false, forged{frames: paths("a.")}},
		{"trailing blank", false, forged{frames: paths("a /b")}},
		{"not NFC", false, forged{frames: paths("e\u0301")}},
		{"empty component", false, forged{frames: paths("a//b")}},
		{"long component", false, forged{frames: paths(strings.Repeat("a", 256))}},
		{"long path", false, forged{frames: paths(strings.Repeat("a/", 520) + "a")}},
		{"same name", false, forged{frames: paths("a", "a")}},
		{"same name in other case", false, forged{frames: paths("A", "a")}},
		{"same name in other case, not ASCII", false, forged{frames: paths("Ä", "ä")}},
		{"same name by folding", false, forged{frames: paths("strasse", "straße")}},
		{"file and directory", false, forged{frames: paths("A/x", "a")}},
		{"out of order", false, forged{frames: paths("b", "a")}},
		{"outside data", false, forged{frames: [][]Entry{{{Path: "report.json", Source: "app", Type: Event, ModTime: testTime}}}}},
		{"in another source", false, forged{frames: [][]Entry{{{Path: "data/other/x", Source: "app", Type: Event, ModTime: testTime}}}}},
		{"source with slash", false, forged{frames: [][]Entry{{small(Event, "a/b", "x")}}}},
		{"source twice, two types", false, forged{frames: [][]Entry{{small(Alert, "app", "x")}, {small(Event, "app", "y")}}}},
		{"source in other case", false, forged{frames: [][]Entry{{small(Event, "APP", "x")}, {small(Event, "app", "y")}}}},
		{"frame across types", false, forged{frames: [][]Entry{{small(Alert, "a", "x"), small(Event, "b", "x")}}}},
		{"unknown data type", false, forged{frames: [][]Entry{{small("sound", "a", "x")}}}},

		{"future version", false, forged{frames: one, text: swap(`"version": 1`, `"version": 2`)}},
		{"version 1.0", false, forged{frames: one, text: swap(`"version": 1`, `"version": 1.0`)}},
		{"duplicate key", false, forged{frames: one, text: swap(`"host":`, `"case": "4712", "host":`)}},
		{"case-variant key", false, forged{frames: one, text: swap(`"host":`, `"Case": "4712", "host":`)}},
		{"key of other letters", false, forged{frames: one, text: swap(`"host":`, `"\u212aase": 1, "host":`)}},
		{"duplicate key in an entry", false, forged{frames: one, text: swap(`"size":8`, `"size":8,"size":8`)}},
		{"duplicate key further down", false, forged{frames: one, text: swap(`"version": 1,`, `"version": 1, "x": [{"a": 1, "a": 2}],`)}},
		{"nested deeply", false, forged{frames: one, text: swap(`"version": 1,`, `"version": 1, "x": `+strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100)+`,`)}},
		{"second value", false, forged{frames: one, text: func(s string) string { return s + "{}" }}},
		{"cut", false, forged{frames: one, text: func(s string) string { return s[:len(s)-10] }}},
		{"no entries", false, forged{frames: one, text: swap(`"entries": [`, `"entriez": [`)}},
		{"null entries", false, forged{text: swap("\"entries\": [\n ]", `"entries": null`)}},
		{"null entry", false, forged{text: swap("\"entries\": [\n ]", `"entries": [null]`)}},
		{"entry that is not there", false, forged{frames: one, text: func(s string) string {
			i := strings.Index(s, `{"path"`)
			line := s[i : i+strings.IndexByte(s[i:], '\n')]
			return s[:i] + line + ",\n" + strings.Replace(line, "a.log", "b.log", 1) + s[i+len(line):]
		}}},
		{"wrong offset", false, forged{frames: one, text: swap(`"offset":512`, `"offset":511`)}},
		{"wrong size", false, forged{frames: one, text: swap(`"size":8`, `"size":9`)}},
		{"negative size", false, forged{frames: one, text: swap(`"size":8`, `"size":-8`)}},
		{"huge size", false, forged{frames: one, text: swap(`"size":8`, `"size":9223372036854775807`)}},
		{"other digest", false, forged{frames: one, text: swap(`"sha256":"`, `"sha256":"0`)}},
		{"wrong totals", false, forged{frames: one, text: swap(`"entries": 1,`, `"entries": 2,`)}},
		{"a frame too few", false, forged{frames: one, text: func(s string) string {
			i := strings.Index(s, `"frames": [`) + len(`"frames": [`) + 1
			return s[:i] + s[i+strings.IndexByte(s[i:], '\n')+1:]
		}}},
		{"other digest of frames", false, forged{frames: one, text: func(s string) string {
			i := strings.Index(s, `"frames_sha256": "`) + len(`"frames_sha256": "`)
			return s[:i] + strings.Repeat("0", 64) + s[i+64:]
		}}},
		{"zero digest of a frame", false, forged{frames: one, text: func(s string) string {
			i := strings.Index(s, `"content":1024,"sha256":"`) + len(`"content":1024,"sha256":"`)
			return s[:i] + strings.Repeat("0", 64) + s[i+64:]
		}}},
		{"other name", false, forged{frames: one, text: swap(testName, "4712"+testName[4:])}},
		{"report at its limit", true, forged{frames: one, report: strings.Repeat(" ", maxReport-2) + "{}"}},
		{"report beyond its limit", false, forged{frames: one, report: strings.Repeat(" ", maxReport-1) + "{}"}},
		{"unknown keys that fill the memory", false, forged{frames: one, text: swap(`"version": 1,`, `"version": 1, `+
			`"a": "`+strings.Repeat("x", maxJSONValue/2)+`", "b": "`+strings.Repeat("x", maxJSONValue/2)+`",`)}},
		{"no bundle id", false, forged{frames: one, text: swap(`"0193f2c1-0000-7000-8000-000000000000"`, `""`)}},

		{"more after the end of archive", false, forged{frames: one, last: func(b []byte) []byte { return append(b, make([]byte, blockSize)...) }}},
		{"a member after the signature", false, forged{frames: one, last: func(b []byte) []byte {
			return append(tarHeader(b[:len(b)-endOfArchive], testName+"/x", 0, testTime), make([]byte, endOfArchive)...)
		}}},
		{"no end of archive", false, forged{frames: one, last: func(b []byte) []byte { return b[:len(b)-endOfArchive] }}},
		{"signature in other lines", false, forged{frames: one, last: func(b []byte) []byte {
			return bytes.Replace(b, []byte("-----BEGIN SSH SIGNATURE-----\n"), []byte("-----BEGIN SSH SIGNATURE-----\r"), 1)
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := c.f.build(t, key)
			err := prove(data, signers)
			if c.ok && err != nil || !c.ok && !isRefused(err) {
				t.Fatalf("%v", err)
			}
			if c.ok {
				return
			}
			t.Log(err)
			// What cannot be proven is not extracted, and what is read one
			// entry at a time is never what was not signed.
			b, err := Open(bytes.NewReader(data), int64(len(data)), signers, Limits{})
			if err != nil {
				return
			}
			defer b.Close()
			dir := t.TempDir()
			if err := b.Extract(t.Context(), dir); !isRefused(err) {
				t.Errorf("extracted: %v", err)
			}
			for e, err := range b.Entries() {
				if err != nil {
					continue
				}
				r, err := b.Content(e)
				if err != nil {
					continue
				}
				if got, err := io.ReadAll(r); err == nil && string(got) != "content\n" {
					t.Errorf("%s: reads %q", e.Path, got)
				}
				r.Close()
			}
		})
	}
}

func TestLimits(t *testing.T) {
	key, signers := testKey(t)
	w := newWriter(t, WriterOptions{Name: testName})
	s := source(t, w, "app", Event)
	for i := range 10 {
		add(t, s, fmt.Sprint(i), make([]byte, 300_000))
	}
	data := finish(t, w, key, nil)
	for _, c := range []struct {
		l  Limits
		ok bool
	}{
		{Limits{}, true},
		{Limits{Members: 13}, true}, {Limits{Members: 12}, false},
		{Limits{Bytes: 4 << 20}, true}, {Limits{Bytes: 3_000_000}, false},
		{Limits{Ratio: 1001}, true}, {Limits{Ratio: 10}, false},
	} {
		b, err := Open(bytes.NewReader(data), int64(len(data)), signers, c.l)
		if err == nil {
			b.Close()
		}
		if c.ok && err != nil || !c.ok && !isRefused(err) {
			t.Errorf("%+v: %v", c.l, err)
		}
	}
}

package manifest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
	"golang.org/x/text/unicode/norm"

	"github.com/diagcollect/diagcollect/trust"
)

// fuzzKey is the same in every process of a fuzzing run.
func fuzzKey(t testing.TB) (*trust.Signer, *trust.AllowedSigners) {
	t.Helper()
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	signer := trust.NewSigner(s)
	return signer, allow(t, signer)
}

// Whatever is done to a bundle, at one place or two: what is accepted decodes
// to the same bytes, for any reader; and an entry that is read alone, without
// proving the rest, is the one that was signed.
func FuzzMutatedBundle(f *testing.F) {
	key, signers := fuzzKey(f)
	good := smallBundle(f, key)
	want := decodeWhole(f, good)
	b := open(f, good, signers)
	entries := entryTexts(f, b)
	// The regions: frames with their heads and checksums, of which the last two
	// are no entries; the seek table with its head, its lines and its end.
	at := []int{0, len(good), len(good) / 2, len(good) - 9, len(good) - 5, len(good) - 4}
	for _, fr := range b.frames {
		at = append(at, int(fr.start), int(fr.start)+4, int(fr.start)+5, int(fr.start)+9, int(fr.start+fr.size)-4, int(fr.start+fr.size)-1)
	}
	table := len(good) - int(seekTableSize(len(b.frames)))
	for k := range b.frames {
		at = append(at, table, table+4, table+8+8*k, table+8+8*k+4)
	}
	for _, k := range at {
		f.Add(uint32(k), uint32(1), []byte{good[k%len(good)] ^ 1}, uint32(0), []byte{})
		f.Add(uint32(k), uint32(0), []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00evil"), uint32(k), []byte("x"))
		f.Add(uint32(k), uint32(100), []byte{}, uint32(len(good)-4), []byte{0xb1, 0xea, 0x92, 0x8f})
	}
	f.Fuzz(func(t *testing.T, at, cut uint32, put []byte, at2 uint32, put2 []byte) {
		from := int(at) % (len(good) + 1)
		to := min(len(good), from+int(cut%4096))
		data := append(append(bytes.Clone(good[:from]), put...), good[to:]...)
		if k := int(at2) % (len(data) + 1); len(put2) > 0 {
			copy(data[k:], put2)
		}
		err := prove(data, signers)
		if err != nil && !isRefused(err) {
			t.Errorf("%v", err)
		}
		if err == nil && !bytes.Equal(decodeWhole(t, data), want) {
			t.Error("accepted, decodes differently")
		}
		some, err := Open(bytes.NewReader(data), int64(len(data)), signers, Limits{})
		if err != nil {
			return
		}
		defer some.Close()
		for e, err := range some.Entries() {
			if err != nil {
				continue
			}
			r, err := some.Content(e)
			if err != nil {
				continue
			}
			text, err := io.ReadAll(r)
			if err == nil && entries[e.Path] != string(text) {
				t.Errorf("entry %s is %q", e.Path, text)
			}
		}
	})
}

func entryTexts(t testing.TB, b *Bundle) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for e, err := range b.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Content(e)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		texts[e.Path] = string(text)
	}
	return texts
}

// Whatever a trusted key signed as manifest.json, reading it ends well.
func FuzzSignedManifest(f *testing.F) {
	key, signers := fuzzKey(f)
	b := open(f, smallBundle(f, key), signers)
	var text bytes.Buffer
	if _, err := text.ReadFrom(b.ManifestJSON()); err != nil {
		f.Fatal(err)
	}
	f.Add(text.String())
	f.Add(strings.Replace(text.String(), `"size":`, `"size":1e3,"x":[{}],"y":`, 1))
	f.Add(`{"version": 1, "entries": [{"path": "data/a/b"}], "frames": []}`)
	f.Add(strings.Replace(text.String(), `"host": "`, `"host": "\\\ud83d\ude00\ud83d`, 1))
	f.Add(`{"a": {"a": {}}, "b": [[[]]], "totals": null}`)
	f.Fuzz(func(t *testing.T, manifest string) {
		m := &manifestReader{}
		if err := m.read(strings.NewReader(manifest)); err == nil {
			if !json.Valid([]byte(manifest)) {
				t.Error("accepted, but no JSON")
			}
			if !utf8.ValidString(manifest) {
				t.Error("accepted, but no UTF-8")
			}
			if err := checkHead(&m.head); err != nil {
				t.Error(err)
			}
		}
		err := prove(resign(t, b, manifest, key), signers)
		if err != nil && !isRefused(err) {
			t.Errorf("%v", err)
		}
	})
}

// resign puts another manifest.json behind the same frames.
func resign(t testing.TB, b *Bundle, manifest string, key *trust.Signer) []byte {
	t.Helper()
	end := b.frames[b.manifest].start
	head := make([]byte, end)
	if err := b.readAt(head, 0); err != nil {
		t.Fatal(err)
	}
	out := bytes.NewBuffer(head)
	o := &output{dst: out, enc: mustEncoder(t), name: testName, created: testTime, sum: noHash{}, size: end, at: b.frames[b.manifest].at}
	o.frames = append(o.frames, b.frames[:b.manifest]...)
	sig, err := key.Sign(trust.NamespaceManifest, strings.NewReader(manifest))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.member(manifestName, int64(len(manifest)), strings.NewReader(manifest)); err != nil {
		t.Fatal(err)
	}
	if err := o.frame(lastFrame(testName, sig, testTime)); err != nil {
		t.Fatal(err)
	}
	return appendSeekTable(out.Bytes(), o.frames)
}

type noHash struct{}

func (noHash) Write(p []byte) (int, error) { return len(p), nil }
func (noHash) Sum(b []byte) []byte         { return b }
func (noHash) Reset()                      {}
func (noHash) Size() int                   { return 0 }
func (noHash) BlockSize() int              { return 1 }

func FuzzSeekTable(f *testing.F) {
	f.Add(appendSeekTable(nil, []tableEntry{{size: 10, content: 20}, {size: 30, content: 40}}), int64(40+8+16+9))
	f.Add([]byte{}, int64(0))
	f.Fuzz(func(t *testing.T, table []byte, size int64) {
		n, err := parseSeekFooter(table)
		if err != nil || n > 1<<20 {
			return
		}
		frames, err := parseSeekTable(table, n, size)
		if err != nil {
			return
		}
		if again := appendSeekTable(nil, frames); !bytes.Equal(again, table) {
			t.Error("table has two forms")
		}
	})
}

// Every path becomes a name that readers accept, and two become two.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"a/b.log", "../../etc/passwd", `C:\x`, "con", "Com1.txt", "a\xff", "e\u0301", "a.", " ", "", "///", "%41%", strings.Repeat("ä/", 500), strings.Repeat("%", 300), strings.Repeat("\u0301", 300)} {
		f.Add(p, strings.ToUpper(p))
	}
	f.Fuzz(func(t *testing.T, p, q string) {
		for _, path := range []string{p, q} {
			name := escapePath(path)
			if err := checkPath("data/s/" + name); err != nil {
				t.Errorf("%q: %v", path, err)
			}
			if c, rest, _ := strings.Cut(path, "/"); rest == "" && c != "" && c != "." && len(escapeRunes(c)) <= writeComponent-4 && norm.NFC.String(escapeRunes(c)) == escapeRunes(c) {
				if got := unescape(name); got != c {
					t.Errorf("%q became %q, which stands for %q", c, name, got)
				}
			}
		}
		writer, reader := newNames(), newNames()
		for _, path := range []string{p, q, p, p + "/x", q + "/x", "x"} {
			name := writer.claimBounded(escapePath(path))
			if err := checkPath("data/s/" + name); err != nil {
				t.Errorf("%q: %v", path, err)
			}
			if err := reader.add(name); err != nil {
				t.Errorf("%q as %q: %v", path, name, err)
			}
		}
	})
}

// Whatever stands where a frame should: what is decoded has the size it must
// have, and any other decoder finds the same in it.
func FuzzFrameBytes(f *testing.F) {
	enc := mustEncoder(f)
	for _, content := range []string{"x", strings.Repeat("line\n", 1000), strings.Repeat("\x00", 70_000), "\x50\x2a\x4d\x18"} {
		f.Add(encodeFrame(enc, nil, []byte(content)), len(content))
	}
	f.Add([]byte("\x50\x2a\x4d\x18\x04\x00\x00\x00evil"), 4)
	f.Fuzz(func(t *testing.T, z []byte, content int) {
		dec, err := newDecoder(false)
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		got, err := decodeFrame(dec, nil, z, content)
		if err == nil && (len(got) != content || !bytes.Equal(decodeWhole(t, z), got)) {
			t.Errorf("%d bytes of %d, or others elsewhere", len(got), content)
		}
	})
}

// Whatever name a signed list gives: what is accepted stays where it belongs,
// under every system's rules.
func FuzzCheckPath(f *testing.F) {
	for _, p := range []string{"data/a/b.log", "data/../x", "/etc/x", `C:\x`, "a/NUL.txt", "a/com¹", "e\u0301", "a\u202eb", "a//b", "a.", strings.Repeat("a/", 600)} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if checkPath(path) != nil {
			return
		}
		if !filepath.IsLocal(path) || filepath.ToSlash(filepath.Clean(path)) != path || strings.ContainsAny(path, "\\:\x00") || !utf8.ValidString(path) {
			t.Errorf("%q accepted", path)
		}
		for c := range strings.SplitSeq(path, "/") {
			if escapeComponent(c) != c && len(c) <= writeComponent && !strings.Contains(c, "%") {
				t.Errorf("%q accepted, the writer would change it to %q", c, escapeComponent(c))
			}
		}
	})
}

// Frames survive, and are never below a thousandth of their content.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("x"), uint16(1))
	f.Add([]byte("\x00"), uint16(65535))
	f.Add([]byte("line\n"), uint16(20000))
	f.Fuzz(func(t *testing.T, unit []byte, times uint16) {
		if len(unit) == 0 || times == 0 || len(unit)*int(times) > maxFrame {
			return
		}
		content := bytes.Repeat(unit, int(times))
		z := encodeFrame(mustEncoder(t), nil, content)
		if len(content) > len(z)*maxRatio {
			t.Errorf("%d bytes in %d", len(content), len(z))
		}
		dec, err := newDecoder(false)
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		if got, err := decodeFrame(dec, nil, z, len(content)); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%v", err)
		}
		if !bytes.Equal(decodeWhole(t, z), content) {
			t.Error("decodes differently elsewhere")
		}
	})
}

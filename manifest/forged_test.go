package manifest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/trust"
)

// forged is a bundle that a key signed although no honest writer made it.
type forged struct {
	frames    [][]Entry                              // small entries, by frame
	body      string                                 // of each entry; default "content\n"
	repeat    int                                    // how often the last frame stands there
	unlisted  int                                    // entries at the end of the last frame that manifest.json does not name
	tar       func(frame int, content []byte) []byte // changes a frame before it is compressed
	bare      func(frame int, z []byte) []byte       // changes a compressed frame
	cut       int                                    // a place where the first frame is cut in two
	joined    bool                                   // report.json stands in the last frame of entries
	text      func(string) string                    // changes manifest.json before it is signed
	member    func([]byte) []byte                    // changes the frame of manifest.json
	name      string                                 // default testName
	head      func(*Head)
	namespace string                                          // default the right one
	sign      func(text string) []byte                        // signs in the place of the key
	sig       func([]byte) []byte                             // changes the signature
	last      func([]byte) []byte                             // changes the last frame
	end       func(frames []tableEntry, bundle []byte) []byte // appends the seek table, or something else
	report    string                                          // default "{}"
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
	body, report := cmp.Or(f.body, "content\n"), cmp.Or(f.report, "{}")
	o := &output{dst: &out, enc: enc, name: head.Name, created: head.Created, sum: sha256.New()}
	var sizes totals
	for i, frame := range f.frames {
		n := len(frame)
		if i == len(f.frames)-1 {
			n -= f.unlisted
		}
		sizes.Entries += int64(n)
		sizes.Bytes += int64(n) * int64(len(body))
	}
	m, err := newManifestWriter(&text, &head, sizes)
	must(err)
	for i, frame := range f.frames {
		var content []byte
		for j, e := range frame {
			sum := sha256.Sum256([]byte(body))
			e.Size, e.SHA256 = int64(len(body)), hex.EncodeToString(sum[:])
			content = tarHeader(content, head.Name+"/"+e.Path, e.Size, e.ModTime)
			e.Offset = o.at + int64(len(content))
			content = append(append(content, body...), make([]byte, padding(e.Size))...)
			if i < len(f.frames)-1 || j < len(frame)-f.unlisted {
				must(m.entry(&e))
			}
		}
		if f.tar != nil {
			content = f.tar(i, content)
		}
		if f.joined && i == len(f.frames)-1 {
			content = append(tarHeader(content, head.Name+"/"+reportName, int64(len(report)), head.Created), report...)
			content = append(content, make([]byte, padding(int64(len(report))))...)
		}
		if f.cut > 0 && i == 0 {
			z := encodeFrame(enc, nil, content[:f.cut])
			must(o.compressed(z, int64(f.cut), sha256.Sum256(z)))
			content = content[f.cut:]
		}
		z := encodeFrame(enc, nil, content)
		if f.bare != nil {
			z = f.bare(i, z)
		}
		must(o.compressed(z, int64(len(content)), sha256.Sum256(z)))
		for n := 1; n < f.repeat && i == len(f.frames)-1; n++ {
			must(o.compressed(z, int64(len(content)), sha256.Sum256(z)))
		}
	}
	if !f.joined {
		must(o.member(reportName, int64(len(report)), strings.NewReader(report)))
	}
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
	sig, err := key.Sign(cmp.Or(f.namespace, trust.NamespaceManifest), strings.NewReader(signed))
	must(err)
	if f.sign != nil {
		sig = f.sign(signed)
	}
	if f.sig != nil {
		sig = f.sig(sig)
	}
	if f.member != nil {
		b := tarHeader(nil, head.Name+"/"+manifestName, int64(len(signed)), head.Created)
		b = append(append(b, signed...), make([]byte, padding(int64(len(signed))))...)
		must(o.frame(f.member(b)))
	} else {
		must(o.member(manifestName, int64(len(signed)), strings.NewReader(signed)))
	}
	last := lastFrame(head.Name, sig, head.Created)
	if f.last != nil {
		last = f.last(last)
	}
	must(o.frame(last))
	if f.end != nil {
		return f.end(o.frames, out.Bytes())
	}
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

// What is too large to be a vector.
func TestForgedLargeBundles(t *testing.T) {
	key, signers := testKey(t)
	one := [][]Entry{{small(Event, "app", "a.log")}}
	for _, c := range []struct {
		name string
		ok   bool
		f    forged
	}{
		{"report at its limit", true, forged{frames: one, report: strings.Repeat(" ", maxReport-2) + "{}"}},
		{"report beyond its limit", false, forged{frames: one, report: strings.Repeat(" ", maxReport-1) + "{}"}},
		{"unknown keys that fill the memory", false, forged{frames: one, text: swap(`"version": 1,`, `"version": 1, `+
			`"a": "`+strings.Repeat("x", maxJSONValue/2)+`", "b": "`+strings.Repeat("x", maxJSONValue/2)+`",`)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := prove(c.f.build(t, key), signers)
			if c.ok && err != nil || !c.ok && !isRefused(err) {
				t.Fatalf("%v", err)
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

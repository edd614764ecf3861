package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func session(t testing.TB) *Session {
	t.Helper()
	s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func redactAll(t testing.TB, s *Session, name string, text []byte) []byte {
	t.Helper()
	out, err := io.ReadAll(s.Stream(name, bytes.NewReader(text)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// firstDiff shows the first lines in which two texts differ.
func firstDiff(a, b []byte) string {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range x {
		if i >= len(y) || !bytes.Equal(x[i], y[i]) {
			line := []byte(nil)
			if i < len(y) {
				line = y[i]
			}
			return fmt.Sprintf("line %d:\n  %.300q\n  %.300q", i+1, x[i], line)
		}
	}
	return "nothing"
}

// sample is a text with something of everything, over more than one block.
func sample() []byte {
	var b bytes.Buffer
	for _, r := range builtins {
		for _, hit := range r.hits {
			hit = strings.NewReplacer("«", "", "»", "", "‹", "", "›", "", "¶", "\n").Replace(hit)
			b.WriteString(hit + "\n\n")
		}
		for _, miss := range r.misses {
			b.WriteString(strings.ReplaceAll(miss, "¶", "\n") + "\n")
		}
	}
	for b.Len() < blockSize-3000 {
		fmt.Fprintf(&b, "2026-01-02 03:04:05 INFO request %d done in %d ms\n", b.Len(), b.Len()%977)
	}
	b.WriteString("private_key: |\n  -----BEGIN PRIVATE KEY-----\n")
	for range 120 { // over the end of the block
		b.WriteString("  MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDxyz0123456789\n")
	}
	b.WriteString("  -----END PRIVATE KEY-----\nend: 1\n")
	return b.Bytes()
}

// pieces reads a text in pieces of sizes that a seed decides.
type pieces struct {
	text []byte
	rng  *rand.Rand
	max  int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 1+p.rng.IntN(p.max))], p.text)
	p.text = p.text[n:]
	return n, nil
}

func TestReadsDoNotMatter(t *testing.T) {
	text := sample()
	want := redactAllKeyed(t, bytes.NewReader(text))
	if bytes.Contains(want, []byte("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDxyz0123456789")) {
		t.Error("a line of the private key is left")
	}
	for _, size := range []int{1, 7, 64, 4096, 100_000} {
		got := redactAllKeyed(t, &pieces{text, rand.New(rand.NewPCG(1, uint64(size))), size})
		if !bytes.Equal(got, want) {
			t.Errorf("read in pieces of up to %d: %s", size, firstDiff(want, got))
		}
	}
	if again := redactAllKeyed(t, bytes.NewReader(want)); !bytes.Equal(again, want) {
		t.Errorf("redacting again changes %s", firstDiff(want, again))
	}
}

// redactAllKeyed redacts in a session of which also the secrets' pseudonyms
// are always the same.
func redactAllKeyed(t testing.TB, r io.Reader) []byte {
	t.Helper()
	return redactNamed(t, "x", r)
}

func redactNamed(t testing.TB, name string, r io.Reader) []byte {
	t.Helper()
	s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32), Rand: &zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(s.Stream(name, r))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type zeros struct{}

func (*zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestEncodings(t *testing.T) {
	text := "\ufeffa päss: ü\r\npassword=«Zürich-88x»\r\nuser \"jsmith\" failed 😀\r\nlast"
	plain := strings.NewReplacer("«", "", "»", "").Replace(text)
	want := string(redactAllKeyed(t, strings.NewReader(plain)))
	if strings.Contains(want, "rich-88x") || !strings.Contains(want, "😀") {
		t.Fatalf("UTF-8: %q", want)
	}
	for e := utf16LE; e <= utf32BE; e++ {
		for _, bom := range []bool{true, false} {
			in, out := plain, want
			if !bom {
				in, out = strings.TrimPrefix(in, "\ufeff"), strings.TrimPrefix(out, "\ufeff")
			}
			raw := e.encode(nil, []byte(in))
			s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32), Rand: &zeros{}})
			if err != nil {
				t.Fatal(err)
			}
			st := s.Stream("x", iotest.OneByteReader(bytes.NewReader(raw)))
			got, err := io.ReadAll(st)
			if err != nil {
				t.Fatalf("%s: %v", e, err)
			}
			if st.Encoding() != e.String() {
				t.Errorf("%s, mark %v: taken for %s", e, bom, st.Encoding())
			}
			if !bytes.Equal(got, e.encode(nil, []byte(out))) {
				back, _ := e.decode(nil, got)
				t.Errorf("%s, mark %v: %q, want %q", e, bom, back, out)
			}
		}
	}
	for _, same := range []string{"caf\xe9 \xff\xfe\x80 end", "a\x00\x00" + strings.Repeat("\x00", 500) + "b\n", "no end", "\r\n\r\n", ""} {
		if got := redactAll(t, session(t), "x", []byte(same)); string(got) != same {
			t.Errorf("%q became %q", same, got)
		}
	}
	// Half a character, and surrogates alone, pass too.
	for _, raw := range []string{"\xff\xfea\x00b\x00c", "\xff\xfea\x00\x00\xd8b\x00\x00\xdc", "\xfe\xff\x00a\xdc\x00\xd8\x00\x00b"} {
		if got := redactAll(t, session(t), "x", []byte(raw)); string(got) != raw {
			t.Errorf("%q became %q", raw, got)
		}
	}
}

func TestBinaryIsRefused(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{3})
	noise := make([]byte, 300_000)
	rng.Read(noise)
	late := append(bytes.Repeat([]byte("password=a-plain-line9\n"), 40_000), noise...)
	for name, text := range map[string][]byte{
		"gzip": []byte("\x1f\x8b\x08\x00abc"), "zip": []byte("PK\x03\x04abc"), "zstd": []byte("\x28\xb5\x2f\xfdabc"), "ELF": []byte("\x7fELF\x02\x01"),
		"sqlite": []byte("SQLite format 3\x00\x10"), "event log": []byte("ElfFile\x00\x00"), "journal": []byte("LPKSHHRH\x00"), "noise": noise, "late": late,
		"utf-32 that is none": []byte("\xff\xfe\x00\x00\x00\x00\x00\x7f"),
	} {
		out, err := io.ReadAll(session(t).Stream(name, bytes.NewReader(text)))
		if !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
		if bytes.Contains(out, []byte("plain-line9")) || bytes.Contains(out, noise[:64]) {
			t.Errorf("%s: leaked before it was refused", name)
		}
	}
}

func TestErrorsComeAfterTheText(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader("one\npassword=hunter-22x\nthree"), iotest.ErrReader(broken))
	out, err := io.ReadAll(session(t).Stream("x", r))
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if s := string(out); !strings.HasPrefix(s, "one\npassword=redacted-password-") || !strings.HasSuffix(s, "\nthree") {
		t.Errorf("text %q", s)
	}
}

// A value that is told to be a secret only where a line of many blocks goes on
// goes whole, or it stays whole for a sweep to find: no half of one is left,
// wherever the line is cut.
func TestKnownAcrossACut(t *testing.T) {
	const size = 16 << 10
	for _, secret := range []string{"Kestrel41mossQx9", "Kestrel 41 moss, Qx9; heron& 77 tern", strings.Repeat("Kestrel41mossQx9-", 200) + "end"} {
		for _, sign := range []string{"_", " ", "\u00e9", "\x00"} {
			bare := strings.Repeat(secret+sign, 6*size/len(secret))
			late := "password=\"" + secret + "\" " + strings.Repeat("x", size/2)
			text := []byte(bare + late + "\n")
			for _, enc := range []encoding{utf8Enc, utf16LE, utf32BE} {
				if sign == "\x00" && enc != utf8Enc {
					continue
				}
				raw := text
				if enc != utf8Enc {
					raw = enc.encode(nil, append([]byte("\ufeff"), text...))
				}
				s := keyed(t)
				st := s.Stream("x", bytes.NewReader(raw))
				st.size = size
				out, err := readAll(st)
				if err != nil {
					t.Fatal(err)
				}
				if enc != utf8Enc {
					if out, err = enc.decode(nil, out); err != nil {
						t.Fatal(err)
					}
				}
				whole := bytes.Count(out, []byte(secret))
				rest := bytes.ReplaceAll(out, []byte(secret), nil)
				if part := regexp.MustCompile(`Kestrel|41|moss|Qx9|heron|77`).FindIndex(rest); part != nil {
					t.Errorf("%.20q, %q, %s: a part is left: %q", secret, sign, enc, rest[max(0, part[0]-60):min(len(rest), part[1]+60)])
				}
				if total := int(st.Counts()[Password]); whole+total != bytes.Count(text, []byte(secret)) {
					t.Errorf("%.20q, %q, %s: %d are left, %d hidden of %d", secret, sign, enc, whole, total, bytes.Count(text, []byte(secret)))
				}
			}
		}
	}
}

// What a block was cut from a long line for is found once, with its own key:
// where the next one begins is no line below that key.
func TestKeyBeforeACut(t *testing.T) {
	const size = 64 << 10
	for _, end := range []string{`"password":`, `"password":"Xq7-`} {
		for n := range 150 { // lengths of an object: where in one the next block begins
			var text strings.Builder
			object := func(i int) string {
				return fmt.Sprintf(`{"id":%07d,"sku":"a%s","note":"Berlin-77","user":"u17","password":"Xq7-%07dz-plum"},`, i, strings.Repeat("7", n), i)
			}
			first := object(0)
			text.WriteString(strings.Repeat(" ", (size-strings.Index(first, end)-len(end))%len(first)))
			objects := 0
			for ; text.Len() < size+size/2; objects++ {
				text.WriteString(object(objects))
			}
			if !strings.HasSuffix(text.String()[:size], end) {
				t.Fatalf("the block ends with %q", text.String()[size-20:size])
			}
			st := keyed(t).Stream("x", strings.NewReader(text.String()))
			st.size = size
			out, err := readAll(st)
			if err != nil {
				t.Fatal(err)
			}
			if hidden := bytes.Count(out, []byte("redacted-password-")); hidden != objects || bytes.Contains(out, []byte("plum")) || bytes.Count(out, []byte("Berlin-77")) != objects {
				t.Fatalf("a block that ends with %s, objects of %d bytes: %d passwords hidden of %d", end, len(first), hidden, objects)
			}
		}
	}
}

// A line without an end must cost no more memory than any other, and hide
// what it holds wherever blocks are cut.
func TestLongLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var b bytes.Buffer
	secrets := 0
	b.WriteString(`{"items":[`)
	for b.Len() < 5*blockSize {
		if rng.IntN(20) == 0 {
			secrets++
			fmt.Fprintf(&b, `{"id":%d,"password":"Xq7-%dz-plum","email":"u%d@mail.example.org"},`, b.Len(), b.Len(), b.Len())
		} else {
			fmt.Fprintf(&b, `{"id":%d,"sku":"a%dc","rev":"%d.%d.%d"},`, b.Len(), b.Len(), rng.IntN(20), rng.IntN(20), rng.IntN(20))
		}
	}
	b.WriteString(`{}]}`)
	s := session(t)
	st := s.Stream("x", bytes.NewReader(b.Bytes()))
	out, err := io.ReadAll(st)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out) {
		t.Error("the text is no JSON any more")
	}
	if bytes.Contains(out, []byte("z-plum")) || bytes.Contains(out, []byte("@mail")) {
		t.Error("a value is left")
	}
	if c := st.Counts(); c[Password] != int64(secrets) || c[Email] != int64(secrets) {
		t.Errorf("counts %v, want %d of each", c, secrets)
	}
	// A value longer than any block.
	long := "x\npassword=\"" + strings.Repeat("Zz9-", 300_000) + "\" next=1\nend\n"
	got := redactAll(t, session(t), "x", []byte(long))
	if bytes.Contains(got, []byte("Zz9-Zz9-")) || !bytes.HasSuffix(got, []byte("\nend\n")) || len(got) > 4096 {
		t.Errorf("%d bytes are left of a long value: %.200q", len(got), got)
	}
	// No place to cut at all.
	endless := bytes.Repeat([]byte("A"), 3*blockSize)
	if got := redactAll(t, session(t), "x", endless); !bytes.Equal(got, endless) {
		t.Errorf("%d bytes without a blank became %d", len(endless), len(got))
	}
}

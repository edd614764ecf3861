package redact

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
)

// revealer knows what a session recorded.
func revealer(s *Session) *Revealer {
	r := NewRevealer()
	for pseudonym, original := range s.Identities() {
		r.Know("k", pseudonym, original)
	}
	return r
}

func computing(key []byte) *Revealer {
	r := NewRevealer()
	r.Compute(key)
	return r
}

func TestRevealGivesBackWhatWasHidden(t *testing.T) {
	text := "10.2.3.4 mailed bob@example.org from 2001:db8::17\r\n\xff\xfe broken \x1b[31mhost=web7.corp.internal\x1b[0m\n" +
		"redacted-email-0123456789ab ip4-00.11.22.33 ip4-0 redacted- redacted-email-\n" +
		strings.Repeat("x", 300) + "\nlast 10.2.3.5"
	s := session(t)
	clean, err := io.ReadAll(s.Stream("", strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(clean, []byte("bob@")) || bytes.Contains(clean, []byte("10.2.3")) {
		t.Fatalf("not redacted: %s", clean)
	}
	unknown := 0
	v := revealer(s).Stream(bytes.NewReader(clean))
	v.Seen = func(_, _ string, _, known bool) {
		if !known {
			unknown++
		}
	}
	got, err := io.ReadAll(v)
	if err != nil || string(got) != text {
		t.Errorf("revealed, it is %q, %v", got, err)
	}
	if unknown != 2 {
		t.Errorf("%d unknown pseudonyms, want 2", unknown)
	}
}

func TestRevealUnderstandsWideText(t *testing.T) {
	for _, enc := range []encoding{utf16LE, utf16BE, utf32LE, utf32BE} {
		s := session(t)
		text := enc.encode(nil, []byte("\ufeffhost=web7.corp.internal 😀 is 10.2.3.4\r\n"+strings.Repeat("padding ", 20_000)+"10.2.3.4"))
		clean, err := io.ReadAll(s.Stream("", bytes.NewReader(text)))
		if err != nil || bytes.Equal(clean, text) {
			t.Fatalf("%s: not redacted, %v", enc, err)
		}
		for _, odd := range []string{"", "\x00"} {
			got, err := io.ReadAll(revealer(s).Stream(iotest.HalfReader(strings.NewReader(string(clean) + odd))))
			if err != nil || string(got) != string(text)+odd {
				t.Errorf("%s: %d bytes revealed, %d hidden, %v", enc, len(got), len(text), err)
			}
		}
	}
	bad := append(utf32LE.encode(nil, []byte("\ufeffabcdefghij")), 0xff, 0xff, 0xff, 0xff)
	if _, err := io.ReadAll(NewRevealer().Stream(bytes.NewReader(bad))); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a code point that is none: %v", err)
	}
}

func TestRevealComputesAddresses(t *testing.T) {
	key := testKey(3)
	p := newPseudonyms(key, nil)
	r, other := computing(key), computing(testKey(4))
	rnd := rand.New(rand.NewPCG(1, 2))
	for k := range 2000 {
		var b [16]byte
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		addr, class := netip.AddrFrom4([4]byte(b[:4])), IPv4
		if k%2 == 1 {
			addr, class = netip.AddrFrom16(b), IPv6
		}
		pseudonym := of(p, class, addr.String())
		got, computed, ok := r.Original(pseudonym)
		if got != addr.String() || !computed || !ok {
			t.Fatalf("%s of %s is computed as %s", pseudonym, addr, got)
		}
		if got, _, _ := other.Original(pseudonym); got == addr.String() {
			t.Fatalf("another key computes %s", got)
		}
	}
	for _, s := range []string{"", "ip4-", "ip4-a3.7f.02", "ip4-a3.7f.02.c9x", "redacted-ipv4-0123456789ab", of(p, Email, "a@b.example"), "10.1.2.3"} {
		if got, _, ok := r.Original(s); ok {
			t.Errorf("%q is computed as %q", s, got)
		}
	}
	// What only looks alike is a part of something longer.
	text := "ship4-a3.7f.02.c9 ip4-a3.7f.02.c9a"
	if got, err := io.ReadAll(r.Stream(strings.NewReader(text))); err != nil || string(got) != text {
		t.Errorf("%q became %q, %v", text, got, err)
	}
	r.Know("k", "ip4-a3.7f.02.c9", "192.0.2.1")
	if got, computed, ok := r.Original("ip4-a3.7f.02.c9"); got != "192.0.2.1" || computed || !ok {
		t.Errorf("what is recorded is %q", got)
	}
}

func TestRevealerIsToldTwice(t *testing.T) {
	r := NewRevealer()
	r.Know("k1", "ip4-a3.7f.02.c9", "192.0.2.1")
	r.Know("k1", "redacted-email-0123456789ab", "Bob@example.org")
	r.Know("k1", "redacted-email-0123456789ab", "bob@example.org")
	r.Know("k2", "redacted-email-0123456789ab", "Bob@example.org")
	if got, _, _ := r.Original("redacted-email-0123456789ab"); got != "Bob@example.org" {
		t.Errorf("two spellings make it %q", got)
	}
	r.Know("k2", "ip4-a3.7f.02.c9", "198.51.100.1")
	r.Know("k2", "ip4-a3.7f.02.c9", "198.51.100.1")
	if got, _, ok := r.Original("ip4-a3.7f.02.c9"); ok {
		t.Errorf("two keys make it %q", got)
	}
}

func TestPseudonymClass(t *testing.T) {
	p := newPseudonyms(testKey(1), nil)
	for _, c := range Classes() {
		if got, ok := PseudonymClass(of(p, c, "x")); !ok || got != c {
			t.Errorf("%s: %q, %v", c, got, ok)
		}
	}
	for _, s := range []string{"", "ip4", "redacted-", "redacted-email-0123456789a", "redacted-email-0123456789abc", " ip4-00.00.00.00"} {
		if c, ok := PseudonymClass(s); ok {
			t.Errorf("%q is a pseudonym of %s", s, c)
		}
	}
}

// A secret that was also taken for a name is not given away with the names.
func TestIdentitiesHoldNoSecret(t *testing.T) {
	s := session(t)
	const secret = "kRz7Qwm2Vt9Lx4Hd"
	text := "login for user=" + secret + " ok\nuser=walter ok\npassword=" + secret + "\n"
	if _, err := io.Copy(io.Discard, s.Stream("", strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, original := range s.Identities() {
		if strings.Contains(original, secret) {
			t.Errorf("%q is told", original)
		}
		found = found || original == "walter"
	}
	if !found {
		t.Error("no identity is told")
	}
}

// Nor is one that is too short, or too common a word, to be looked for elsewhere.
func TestIdentitiesHoldNoShortSecret(t *testing.T) {
	s := session(t)
	var text strings.Builder
	names := []string{"walter", "summer", "kQ7z", "heron", "x17", "ops-admin"}
	for _, name := range names {
		fmt.Fprintf(&text, "user=%s ok\nuser=%s-2 ok\n", name, name)
	}
	for _, name := range names[:5] {
		fmt.Fprintf(&text, "password=%s\n", name)
	}
	text.WriteString("PASSWORD=Ops-Admin\n")
	if _, err := io.Copy(io.Discard, s.Stream("", strings.NewReader(text.String()))); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, original := range s.Identities() {
		told[original] = true
	}
	for _, name := range names {
		if told[name] {
			t.Errorf("%q is told", name)
		}
		if !told[name+"-2"] {
			t.Errorf("%q is not told", name+"-2")
		}
	}
}

func TestGone(t *testing.T) {
	h := gone{seed: maphash.MakeSeed()}
	if h.has([]byte("x")) {
		t.Error("nothing was hidden")
	}
	for i := range 50_000 {
		h.add(fmt.Appendf(nil, "Secret%d", i))
	}
	wrong := 0
	for i := range 50_000 {
		if !h.has(fmt.Appendf(nil, "sEcret%d", i)) {
			t.Fatalf("secret %d is missed", i)
		}
		if h.has(fmt.Appendf(nil, "name%d", i)) {
			wrong++
		}
	}
	if wrong > 200 {
		t.Errorf("%d of 50000 names are taken for secrets", wrong)
	}
}

func TestRevealStopsAtErrors(t *testing.T) {
	fault := errors.New("line cut")
	r := computing(testKey(1))
	got, err := io.ReadAll(r.Stream(io.MultiReader(strings.NewReader("some text, then ip4-a3"), iotest.ErrReader(fault))))
	if !errors.Is(err, fault) || string(got) != "some text, then ip4-a3" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := io.ReadAll(r.Stream(stuck{})); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// However reads come in the text is the same; and what is not known stays.
func FuzzReveal(f *testing.F) {
	f.Add([]byte("at ip4-a3.7f.02.c9, redacted-email-0123456789ab; redacted-private-key-0123456789ab\n"), uint8(3))
	f.Add([]byte("ip6-20a1.0db8.0000.1111.2222.3333.4444.5555-ip6-redacted-redacted-email-0123456789ab"), uint8(1))
	f.Add([]byte("\xff\xfei\x00p\x004\x00-\x00a\x003\x00.\x007\x00f\x00.\x000\x002\x00.\x00c\x009\x00\n"), uint8(7))
	f.Fuzz(func(t *testing.T, text []byte, step uint8) {
		all, err := io.ReadAll(computing(testKey(1)).Stream(bytes.NewReader(text)))
		parts, err2 := io.ReadAll(computing(testKey(1)).Stream(&stepReader{text, int(step)%64 + 1}))
		if !bytes.Equal(all, parts) || fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("%q, %v at once; %q, %v in steps", all, err, parts, err2)
		}
		if same, err := io.ReadAll(NewRevealer().Stream(bytes.NewReader(text))); err == nil && !bytes.Equal(same, text) {
			t.Fatalf("%q became %q with nothing known", text, same)
		}
	})
}

type stepReader struct {
	b []byte
	n int
}

func (s *stepReader) Read(p []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.n)], s.b)
	s.b = s.b[n:]
	return n, nil
}

func BenchmarkReveal(b *testing.B) {
	s := session(b)
	clean, err := io.ReadAll(s.Stream("", strings.NewReader(strings.Repeat("2026-11-01T10:00:00Z worker-7 c.a.o.OrderController - order done for bob@example.org at 10.2.3.4 in 12 ms\n", 10_000))))
	if err != nil {
		b.Fatal(err)
	}
	r := revealer(s)
	b.SetBytes(int64(len(clean)))
	for b.Loop() {
		if _, err := io.Copy(io.Discard, r.Stream(bytes.NewReader(clean))); err != nil {
			b.Fatal(err)
		}
	}
}

package redact

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// published is the grammar as a stranger would write it down.
var published = regexp.MustCompile(`^(?:redacted-(?:password|token|private-key|cookie|card|iban|ssn|email|username|ipv4|ipv6|mac|hostname|phone)-[0-9a-hjkmnp-tv-z]{12}` +
	`|ip4-[0-9a-f]{2}(?:\.[0-9a-f]{2}){3}|ip6-[0-9a-f]{4}(?:\.[0-9a-f]{4}){7})`)

func testKey(fill byte) []byte { return bytes.Repeat([]byte{fill}, 32) }

func of(p *pseudonyms, c Class, value string) string {
	return string(p.appendTo(nil, c, []byte(value)))
}

func TestPseudonymGrammar(t *testing.T) {
	p := newPseudonyms(testKey(1), nil)
	values := []string{"", "x", "bob@example.org", "10.1.2.3", "2001:db8::1", "00:11:22:aa:bb:cc", "+1 415 555 0163",
		strings.Repeat("long ", 100), "\xff\x00\n", "бор@пример.рф", "::ffff:10.1.2.3", "not an address"}
	for _, c := range Classes() {
		for _, v := range values {
			got := of(p, c, v)
			if published.FindString(got) != got {
				t.Errorf("%s %q: %q is not of the grammar", c, v, got)
			}
			for _, around := range [...]string{"%s", "<%s", "%s>", "x%sx", "%s.", "%s-1", "%s%[1]s"} {
				text := fmt.Sprintf(around, got)
				i := strings.Index(text, got)
				if n := pseudonymAt([]byte(text), i); n != len(got) {
					t.Errorf("pseudonymAt(%q, %d) = %d, want %d", text, i, n, len(got))
				}
			}
			for i := 1; i < len(got); i++ {
				if n := pseudonymAt([]byte(got[:i]), 0); n != 0 {
					t.Errorf("pseudonymAt(%q) = %d for a beginning", got[:i], n)
				}
			}
			if again := of(p, c, v); again != got {
				t.Errorf("%s %q: %q, then %q", c, v, got, again)
			}
		}
	}
}

func TestPseudonymAtRefuses(t *testing.T) {
	for _, s := range []string{"", "r", "redacted-", "redacted-email", "redacted-email-", "redacted-email-7k2mq4xd9wp", "redacted-email-7k2mq4xd9wpi", "redacted-email-7K2MQ4XD9WPA",
		"redacted-nothing-7k2mq4xd9wpa", "redacted--7k2mq4xd9wpa", "Redacted-email-7k2mq4xd9wpa", "redacted-private-7k2mq4xd9wpa", "ip4-a3.7f.02", "ip4-a3.7f.02.c", "ip4-A3.7F.02.C9",
		"ip4-10.1.2.3", "ip6-20a1.0db8", "ip5-a3.7f.02.c9", "ipv4-a3.7f.02.c9"} {
		if n := pseudonymAt([]byte(s), 0); n != 0 {
			t.Errorf("pseudonymAt(%q) = %d", s, n)
		}
	}
	if pseudonymAt([]byte("redacted-email-7k2mq4xd9wpa"), -1)+pseudonymAt(nil, 0)+pseudonymAt([]byte("x"), 5) != 0 {
		t.Error("found outside of the text")
	}
}

func TestPseudonymSpellings(t *testing.T) {
	p := newPseudonyms(testKey(2), nil)
	for _, same := range []struct {
		class  Class
		values []string
	}{
		{Email, []string{"bob@example.org", "Bob@Example.ORG"}},
		{Hostname, []string{"web01.example.org", "WEB01.Example.org"}},
		{MAC, []string{"00:1b:2c:aa:bb:cc", "00-1B-2C-AA-BB-CC", "001b.2caa.bbcc"}},
		{Phone, []string{"+1 (415) 555-0163", "+14155550163", "+1.415.555.0163"}},
		{Card, []string{"4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111"}},
		{IPv4, []string{"192.168.1.10", "192.168.001.010"}},
		{IPv6, []string{"2001:db8::8:800:200c:417a", "2001:DB8:0:0:8:800:200C:417A", "2001:0db8:0000:0000:0008:0800:200c:417a"}},
		{IPv6, []string{"::ffff:10.1.2.3", "::FFFF:0a01:0203", "0:0:0:0:0:ffff:10.1.2.3", "10.1.2.3"}},
	} {
		for _, v := range same.values[1:] {
			if a, b := of(p, same.class, same.values[0]), of(p, same.class, v); a != b {
				t.Errorf("%s: %q has %s, %q has %s", same.class, same.values[0], a, v, b)
			}
		}
	}
	for _, differ := range [][2]string{{"bob@example.org", "rob@example.org"}, {"bob@example.org", "bob@example.net"}} {
		if of(p, Email, differ[0]) == of(p, Email, differ[1]) {
			t.Errorf("%v have one pseudonym", differ)
		}
	}
	if of(p, Username, "Bob") == of(p, Username, "bob") || of(p, Password, "Bob") == of(p, Password, "bob") {
		t.Error("letter case is lost where it matters")
	}
	if strings.HasSuffix(of(p, Username, "bob"), of(p, Hostname, "bob")[len("redacted-hostname-"):]) {
		t.Error("one value has the same digits in two classes")
	}
	if a, b := of(p, IPv4, "::ffff:10.1.2.3"), of(p, IPv4, "10.1.2.3"); a != b || !strings.HasPrefix(a, "ip4-") {
		t.Errorf("mapped %s, plain %s", a, b)
	}
}

func TestPseudonymEmailDomains(t *testing.T) {
	p := newPseudonyms(testKey(3), nil)
	group := func(v string) string { return of(p, Email, v)[len("redacted-email-"):][:domainDigits] }
	if group("a@example.org") != group("b@EXAMPLE.org") || group("a@example.org") == group("a@example.net") {
		t.Error("e-mails do not group by their domains")
	}
	if a, b := of(p, Email, "a@example.org"), of(p, Email, "b@example.org"); a == b {
		t.Error("two addresses of a domain have one pseudonym")
	}
}

func TestPseudonymKeys(t *testing.T) {
	same1, same2 := newPseudonyms(testKey(4), nil), newPseudonyms(testKey(4), nil)
	other, random := newPseudonyms(testKey(5), nil), newPseudonyms(nil, nil)
	for _, c := range Classes() {
		v := "10.20.30.40"
		a := of(same1, c, v)
		if b := of(same2, c, v); (a == b) == c.Secret() {
			t.Errorf("%s: %s and %s under one case key", c, a, b)
		}
		if a == of(other, c, v) || a == of(random, c, v) {
			t.Errorf("%s: one pseudonym under two case keys", c)
		}
	}
	// A source of random bytes decides everything that is not the case key's.
	r1 := newPseudonyms(nil, bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	r2 := newPseudonyms(nil, bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if of(r1, Password, "x") != of(r2, Password, "x") || of(r1, Username, "x") != of(r2, Username, "x") {
		t.Error("equal random bytes, different pseudonyms")
	}
	// One that fails makes no guessable key.
	f1 := newPseudonyms(testKey(4), iotest.ErrReader(errors.New("no entropy")))
	f2 := newPseudonyms(testKey(4), iotest.ErrReader(errors.New("no entropy")))
	if of(f1, Password, "x") == of(f2, Password, "x") {
		t.Error("two sessions without random bytes share the key of secrets")
	}
}

// decodeIP reads back what a pseudonym of an address says.
func decodeIP(t *testing.T, pseudonym string) []byte {
	t.Helper()
	var raw []byte
	hex := strings.ReplaceAll(pseudonym[len("ip4-"):], ".", "")
	if _, err := fmt.Sscanf(hex, "%x", &raw); err != nil {
		t.Fatalf("%q: %v", pseudonym, err)
	}
	return raw
}

func commonPrefix(a, b []byte) int {
	for k := range a {
		if x := a[k] ^ b[k]; x != 0 {
			return 8*k + bits.LeadingZeros8(x)
		}
	}
	return 8 * len(a)
}

func TestAddressPseudonymsKeepPrefixes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	p := newPseudonyms(testKey(6), nil)
	for _, size := range []int{4, 16} {
		class := IPv4
		if size == 16 {
			class = IPv6
		}
		var addrs, images [][]byte
		seen := map[string]string{}
		for range 400 {
			a := make([]byte, size)
			if n := len(addrs); n > 0 && rng.IntN(4) > 0 {
				// A neighbour of an earlier one: a prefix of it, then anything.
				copy(a, addrs[rng.IntN(n)])
				keep := rng.IntN(8 * size)
				for bit := keep; bit < 8*size; bit++ {
					if rng.IntN(2) == 0 {
						a[bit/8] ^= 0x80 >> (bit % 8)
					}
				}
			} else {
				for k := range a {
					a[k] = byte(rng.Uint32())
				}
			}
			addr, _ := netip.AddrFromSlice(a)
			if addr.Is4In6() {
				continue
			}
			got := of(p, class, addr.String())
			if before, ok := seen[got]; ok && before != addr.String() {
				t.Fatalf("%s and %s have one pseudonym", before, addr)
			}
			seen[got] = addr.String()
			addrs, images = append(addrs, a), append(images, decodeIP(t, got))
		}
		for i := range addrs {
			for j := range i {
				if before, after := commonPrefix(addrs[i], addrs[j]), commonPrefix(images[i], images[j]); before != after {
					t.Fatalf("%v and %v share %d bits, their pseudonyms %d", addrs[i], addrs[j], before, after)
				}
			}
		}
	}
}

// All 65,536 addresses of a network have different pseudonyms in one network.
func TestAddressPseudonymsAreInjective(t *testing.T) {
	x := newPrefixCipher(testKey(8))
	seen := make([]bool, 1<<16)
	for n := range 1 << 16 {
		a := [4]byte{10, 77, byte(n >> 8), byte(n)}
		x.permute(a[:])
		k := int(a[2])<<8 | int(a[3])
		if seen[k] {
			t.Fatalf("two addresses have the image %v", a)
		}
		seen[k] = true
	}
}

func TestPseudonymsAtOnce(t *testing.T) {
	p := newPseudonyms(testKey(9), nil)
	want := map[string]string{}
	for k := range 200 {
		v := fmt.Sprintf("10.1.%d.%d", k%7, k)
		want[v] = of(newPseudonyms(testKey(9), nil), IPv4, v)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for v, w := range want {
				if got := of(p, IPv4, v); got != w {
					t.Errorf("%s: %s, want %s", v, got, w)
				}
				of(p, Password, v)
			}
		})
	}
	wg.Wait()
	got := map[string]string{}
	for pseudonym, original := range p.identities() {
		got[original] = pseudonym
	}
	if len(got) != len(want) {
		t.Errorf("%d identities recorded, want %d", len(got), len(want))
	}
	for v, w := range want {
		if got[v] != w {
			t.Errorf("%s is recorded as %q, want %q", v, got[v], w)
		}
	}
}

func TestIdentitiesAreBounded(t *testing.T) {
	p := newPseudonyms(nil, nil)
	p.remember(0)
	of(p, Username, "before")
	for range p.identities() {
		t.Fatal("recorded against the wish")
	}
	p.remember(64 << 10)
	for k := range 10_000 {
		of(p, Username, fmt.Sprint("user", k))
		of(p, Password, fmt.Sprint("secret", k))
	}
	n, size := 0, 0
	for pseudonym, original := range p.identities() {
		if !strings.HasPrefix(original, "user") || !strings.HasPrefix(pseudonym, "redacted-username-") {
			t.Fatalf("%q stands for %q", pseudonym, original)
		}
		n, size = n+1, size+len(pseudonym)+len(original)
	}
	if n < 500 || size > 64<<10 || int64(n)+p.unrecorded() != 10_000 {
		t.Errorf("%d identities of %d bytes recorded, %d left out", n, size, p.unrecorded())
	}
	for range p.identities() {
		break // an iterator that is stopped
	}
}

func TestPseudonymAllocations(t *testing.T) {
	p := newPseudonyms(testKey(1), nil)
	dst := make([]byte, 0, 64)
	n := 0
	for _, c := range []Class{IPv4, IPv6, Email, Username, Hostname, MAC, Password, Token} {
		text := map[Class]string{IPv4: "10.2.%d.%d", IPv6: "2001:db8::%x:%x", Email: "u%d@h%d.example.org"}[c]
		if text == "" {
			text = "v%d-%d"
		}
		hit := []byte(fmt.Sprintf(text, 1, 1))
		p.appendTo(dst, c, hit)
		if a := testing.AllocsPerRun(100, func() { p.appendTo(dst, c, hit) }); a != 0 {
			t.Errorf("%s: %v allocations for a value that was just met", c, a)
		}
		var values [300][]byte
		for k := range values {
			values[k] = []byte(fmt.Sprintf(text, k%250, k/2))
		}
		n = 0
		if a := testing.AllocsPerRun(200, func() { p.appendTo(dst, c, values[n%len(values)]); n++ }); a > 1.1 {
			t.Errorf("%s: %v allocations for a new value", c, a)
		}
	}
}

func FuzzPseudonyms(f *testing.F) {
	f.Add([]byte("10.1.2.3"), 0)
	f.Add([]byte("redacted-email-7k2mq4xd9wpa"), 7)
	f.Add([]byte("ip4-a3.7f.02.c9 ip6-20a1.0db8.0000.1111.2222.3333.4444.5555"), 9)
	f.Add([]byte("bob@"), 7)
	p := newPseudonyms(testKey(1), nil)
	f.Fuzz(func(t *testing.T, b []byte, class int) {
		for i := range b {
			n := pseudonymAt(b, i)
			if n < 0 || i+n > len(b) {
				t.Fatalf("pseudonym of %d bytes at %d of %d", n, i, len(b))
			}
			if m := published.Find(b[i:]); len(m) != n {
				t.Fatalf("pseudonymAt says %d, the grammar %d: %q", n, len(m), b[i:])
			}
		}
		all := Classes()
		got := p.appendTo(nil, all[(class&0xffff)%len(all)], b)
		if pseudonymAt(got, 0) != len(got) {
			t.Fatalf("%q is no pseudonym", got)
		}
	})
}

func BenchmarkPseudonymHit(b *testing.B) {
	p := newPseudonyms(testKey(1), nil)
	dst, v := make([]byte, 0, 64), []byte("bob@example.org")
	b.ReportAllocs()
	for b.Loop() {
		p.appendTo(dst, Email, v)
	}
}

func BenchmarkPseudonymMiss(b *testing.B) {
	for _, c := range []Class{Username, Email, IPv4, IPv6} {
		b.Run(string(c), func(b *testing.B) {
			p := newPseudonyms(testKey(1), nil)
			dst := make([]byte, 0, 64)
			v := []byte("10.0.0.0")
			if c == IPv6 {
				v = []byte("2001:db8::1:00000000")
			}
			n := uint32(0)
			b.ReportAllocs()
			for b.Loop() {
				n += 2654435761
				switch c {
				case IPv4:
					a := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
					v = a.AppendTo(v[:0])
				case IPv6:
					a := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 12: byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
					v = a.AppendTo(v[:0])
				default:
					v = fmt.Appendf(v[:0], "u%d@example.org", n)
				}
				p.appendTo(dst, c, v)
			}
		})
	}
}

package redact

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// expand makes a text of a template, its runs random, and returns where the
// marked parts lie: all of the text if nothing is marked.
func expand(rng *rand.Rand, template string) (text string, marked [][2]int) {
	var b strings.Builder
	open := -1
	for _, p := range parseTemplate(template) {
		if p.mark {
			if open < 0 {
				open = b.Len()
			} else {
				marked = append(marked, [2]int{open, b.Len()})
				open = -1
			}
		}
		if p.set == 0 {
			b.WriteString(p.literal)
			continue
		}
		n := p.min
		if p.max > p.min {
			n += rng.IntN(min(p.max-p.min, 8) + 1)
		}
		b.WriteString(randomOf(rng, p.set, n))
	}
	if open >= 0 {
		marked = append(marked, [2]int{open, b.Len()})
	}
	return b.String(), marked
}

// randomOf returns n characters of set, with a letter or digit at both ends,
// and in a long run every kind of letter that the set has.
func randomOf(rng *rand.Rand, set charSet, n int) string {
	var chars []byte
	for c := byte('!'); c < 0x7f; c++ {
		if charSets[c]&set != 0 {
			chars = append(chars, c)
		}
	}
	for {
		b := make([]byte, n)
		var kinds, all charSet
		for _, c := range chars {
			all |= charSets[c]
		}
		for k := range b {
			b[k] = chars[rng.IntN(len(chars))]
			kinds |= charSets[b[k]]
		}
		const letters = setUpper | setLower | setDigit
		if (n < 12 || kinds&letters == all&letters && distinctBytes(b) >= min(5, len(chars))) &&
			(n < 2 || set == setEqual || has(b, n-1, setAlnum) && has(b, 0, setAlnum)) {
			return string(b)
		}
	}
}

// found lists what matchToken hides in text, as a scanner would ask for it:
// at each place, going on behind a match.
func found(text string) (spans [][2]int, rules []ruleID) {
	b := []byte(text)
	for i := 0; i < len(b); i++ {
		start, end, _, rule, ok := matchToken(b, i)
		if ok {
			spans, rules = append(spans, [2]int{start, end}), append(rules, rule)
			i = end - 1
		}
	}
	return spans, rules
}

func TestTokenRules(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	ids := map[string]bool{}
	forms := 0
	for k := range tokenRules {
		r := &tokenRules[k]
		t.Run(r.id, func(t *testing.T) {
			if ids[r.id] || r.id == "" || r.class == "" {
				t.Fatalf("rule %q is there twice, or has no class", r.id)
			}
			ids[r.id] = true
			forms += len(r.forms)
			if len(r.forms) == 0 || len(r.hits) == 0 || len(r.misses) == 0 {
				t.Fatal("a rule needs forms, hits and misses")
			}
			for range 20 {
				for _, hit := range r.hits {
					text, want := expand(rng, hit)
					if got, rules := found(text); fmt.Sprint(got) != fmt.Sprint(want) {
						t.Fatalf("hit %q\n%s\nhides %v (%v), want %v", hit, text, got, rules, want)
					}
				}
				for _, hit := range r.hits { // and at once, where the scanner finds a place to ask at
					text, want := expand(rng, hit)
					got := redactAll(t, session(t), "x", []byte(text+"\n"))
					for _, w := range want {
						if v := text[w[0]:w[1]]; bytes.Contains(got, []byte(v)) {
							t.Fatalf("hit %q\n%s\nleaves %q in %s", hit, text, v, got)
						}
					}
				}
				for _, miss := range r.misses {
					text, _ := expand(rng, miss)
					if got, rules := found(text); got != nil {
						t.Fatalf("miss %q\n%s\nhides %v (%v)", miss, text, got, rules)
					}
				}
				if r.check != nil {
					continue // the form alone does not say it
				}
				for _, form := range r.forms {
					text, want := expand(rng, form)
					if want == nil {
						want = [][2]int{{0, len(text)}}
					}
					if got, rules := found(" " + text + " "); len(got) == 0 || got[0] != [2]int{want[0][0] + 1, want[0][1] + 1} {
						t.Fatalf("form %q\n%s\nhides %v (%v), want %v", form, text, got, rules, want)
					}
					if got := redactAll(t, session(t), "x", []byte("a "+text+" z\n")); bytes.Contains(got, []byte(text[want[0][0]:want[0][1]])) {
						t.Fatalf("form %q\n%s\nstands in %s", form, text, got)
					}
				}
			}
		})
	}
	t.Logf("%d rules, %d forms, %d slots of %d", len(tokenRules), forms, len(tokens.forms), len(tokens.slots))
}

// Vendors are counted by the first word of their rules' ids. What is no
// vendor's but a standard's or many vendors' is not counted.
func TestVendors(t *testing.T) {
	vendors := map[string]bool{}
	for _, rules := range [][]tokenRule{cloudTokens, codeTokens, serviceTokens, platformTokens, paymentTokens} {
		for _, r := range rules {
			switch r.id {
			case "jwt", "paseto", "secret-token-uri", "sk-key", "live-key", "chat-webhook", "openssh-private-key", "extended-private-key", "minisign-secret-key", "age-identity":
			default:
				name, _, _ := strings.Cut(r.id, "-")
				vendors[name] = true
			}
		}
	}
	for _, named := range vendorKeys {
		vendors[named.vendor] = true
	}
	if len(vendors) < 200 {
		t.Errorf("tokens of %d vendors, want 200 and more", len(vendors))
	}
	t.Logf("%d vendors", len(vendors))
}

// Every token is found in the places where texts have tokens.
func TestTokensInPlaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	places := []string{"%s", "a=%s", "a: %s\n", `{"a":"%s"}`, `{\"a\":\"%s\"}`, "'%s'", "`%s`", "(%s)", "<a>%s</a>", "a,%s,b", "x %s.", "?a=%s&b=1", "a%%3D%s", `a\n%s\n`, "\x1b[32m%s\x1b[0m", "[%s]", "a|%s|b", "export A=%s;", "--a=%s --b"}
	for k := range tokenRules {
		r := &tokenRules[k]
		if r.check != nil {
			continue
		}
		text, marked := expand(rng, r.forms[0])
		if marked == nil {
			marked = [][2]int{{0, len(text)}}
		}
		for _, place := range places {
			line := fmt.Sprintf(place, text)
			value := text[marked[0][0]:marked[0][1]]
			if strings.HasPrefix(place, "x ") && strings.HasSuffix(value, ".") {
				continue
			}
			hidden := false
			spans, _ := found(line)
			for _, s := range spans {
				hidden = hidden || strings.Contains(line[s[0]:s[1]], strings.TrimRight(value, "-.,:=$*"))
			}
			if !hidden {
				t.Errorf("%s: not found in %q", r.id, line)
			}
		}
	}
}

// Ordinary text has no tokens, and the gate lets little of it through.
func TestTokensInOrdinaryText(t *testing.T) {
	for _, line := range ordinaryLines {
		if spans, rules := found(line); spans != nil {
			t.Errorf("%q: %v is taken for %v", line, line[spans[0][0]:spans[0][1]], rules)
		}
	}
}

var ordinaryLines = []string{
	"2026-01-02T15:04:05.123456+01:00 web01 systemd[1]: Started session-c2.scope - Session c2 of User root.",
	"kernel: [12345.678901] ata1.00: failed command: READ FPDMA QUEUED",
	"GET /assets/app-5f2c8e1b9d3a47f6.js?v=1.2.3 HTTP/1.1\" 200 5120 \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\"",
	"docker.io/library/nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	"commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
	"request_id=7d9f2c1e-3b4a-4c5d-8e6f-0a1b2c3d4e5f took 12ms",
	"java.lang.IllegalStateException: sk_buff_head_init at com.example.Foo$Bar.baz(Foo.java:123)",
	"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 user@host",
	"pkg_install glib2-2.68.4-11.el9.x86_64 s.example.com mask-sk-learn npm_config_loglevel=warn",
	"sk-SK.UTF-8 key-value store api-server mob-psycho sdk-manager live_migration test_case_one",
	"price $1$2 and $5$ bills; echo $1 $2 ${HOME} $6",
	"{SSHA} scheme, {CRYPT}, ENC(), {0} {1} {name}",
	"eyJ is how JSON begins in base64; see https://example.org/eyJ.html",
	"0x0100 0x0200 0x01000000",
	"sig=11 SIGSEGV, accesskey=none",
	"/var/lib/docker/overlay2/l/ABCDEFGHIJKLMNOPQRSTUVWXYZ:/var/lib/docker/overlay2/l/BCDEFGHIJKLMNOPQRSTUVWXYZA",
}

func FuzzMatchToken(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for k := range tokenRules {
		text, _ := expand(rng, tokenRules[k].hits[0])
		f.Add([]byte(text))
	}
	for _, line := range ordinaryLines {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		for i := range b {
			start, end, class, rule, ok := matchToken(b, i)
			if !ok {
				continue
			}
			if start < i || end <= start || end > len(b) || class == "" || rule < nRules {
				t.Fatalf("at %d of %d: %d to %d, %q, %v", i, len(b), start, end, class, rule)
			}
			if !tokenGate(b[i], b[i+1], b[i+2]) {
				t.Fatal("the gate refuses what matches")
			}
		}
		if !bytes.Equal(b, before) {
			t.Fatal("the text was changed")
		}
	})
}

func BenchmarkTokenGate(b *testing.B) {
	text := []byte(strings.Join(ordinaryLines, "\n"))
	var starts []int
	for i := 0; i+3 < len(text); i++ {
		if has(text, i, setWord) && !has(text, i-1, setWord) {
			starts = append(starts, i)
		}
	}
	passed := 0
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, i := range starts {
			if tokenGate(text[i], text[i+1], text[i+2]) {
				passed++
				matchToken(text, i)
			}
		}
	}
	b.ReportMetric(float64(passed)/float64(b.N)/float64(len(starts)), "passed/word")
}

func BenchmarkMatchToken(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 8))
	text, _ := expand(rng, "ghp_<A36> glpat-<W20> AKIA<U16> xoxb-<D12>-<D13>-<A24> eyJhbGciOiJIUzI1NiJ9.eyJ<W80>.<W43>")
	in := []byte(text)
	b.ReportAllocs()
	for b.Loop() {
		for i := range in {
			matchToken(in, i)
		}
	}
}

// The keys of vendors that have no form of their own are found where the
// vendor is named, and nowhere else.
func TestVendorKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, v := range vendorKeys {
		if len(v.forms) == 0 {
			t.Errorf("%s: no forms", v.vendor)
		}
		for _, form := range v.forms {
			for _, place := range []string{"%s: %s", `{"%s":"%s"}`, "%s.api=%s ok", "the %s key %s is old", "<%s>%s</x>", "%s => '%s',"} {
				key, _ := expand(rng, form)
				if !mixed([]byte(key)) {
					continue
				}
				line := fmt.Sprintf(place, v.vendor, key)
				if got := redactAll(t, session(t), "x", []byte(line)); bytes.Contains(got, []byte(key)) {
					t.Errorf("%s became\n%s", line, got)
				}
				for _, miss := range []string{fmt.Sprintf("%s %s", v.vendor, key), fmt.Sprintf(place, "zzyzx", key), fmt.Sprintf("%s: build of %s", v.vendor, key)} {
					if strings.Contains(place, "key") || strings.Contains(place, ".api=") || v.vendor == "geniekey" {
						continue
					}
					if spans, _ := found(key); spans != nil { // it has another's form
						continue
					}
					if got := redactAll(t, session(t), "x", []byte(miss)); string(got) != miss {
						t.Errorf("%s became\n%s", miss, got)
					}
				}
			}
		}
	}
}

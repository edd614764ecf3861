package redact

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

func TestLiteralsOf(t *testing.T) {
	for pattern, want := range map[string][]string{
		`TCK-\w{6}`:                     {"tck-"},
		`(?i)acme_\w+`:                  {"acme_"},
		`(?:alpha|Beta-one|gamma)=\d+`:  {"alpha=", "beta-one=", "gamma="},
		`x{3}-\w`:                       {"xxx-"},
		`(?:secret){2,}x`:               {"secret"},
		`(ab|cd)(ef|gh)`:                {"abef", "abgh", "cdef", "cdgh"},
		`pass(word)?:`:                  {"password:", "pass:"},
		`[Aa]cme[-_]key`:                {"acme-key", "acme_key"},
		`(?i)kms`:                       {"kms", "km\u017f", "\u212ams", "\u212am\u017f"},
		`(?i)é{3}`:                      nil, // 8 forms of 6 bytes, see below
		`\w+@\w+`:                       nil,
		`ab`:                            nil,
		`(foo)?bar|.`:                   nil,
		`id=(?P<mask>[0-9]+);sig=[a-f]`: {";sig=a", ";sig=b", ";sig=c", ";sig=d", ";sig=e", ";sig=f"},
		`a.*longer-text.*b`:             {"longer-text"},
		`^\[acme\]$`:                    {"[acme]"},
		`(?:foo[01])+`:                  {"foo0", "foo1"},
		"x\uFFFDyyy":                    {"yyy"},
		`[\x00-\x{10FFFF}]foo`:          {"foo"},
	} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		got := literalsOf(tree.Simplify())
		if pattern == `(?i)é{3}` {
			if len(got) != 8 || shortest(got) != 6 {
				t.Errorf("%s: %q", pattern, got)
			}
			continue
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", pattern, got, want)
		}
	}
}

func TestShortestMatch(t *testing.T) {
	for pattern, want := range map[string]int{
		`x*`: 0, `\b`: 0, `(?:a|)`: 0, `^$`: 0, `a|bc`: 1, `[ab]{3}c?`: 3, `(ab)+`: 2, `.`: 1, `(?:x{2}){3}`: 6,
	} {
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if got := shortestMatch(tree); got != want {
			t.Errorf("%s: %d, not %d", pattern, got, want)
		}
	}
}

// Every literal is found wherever it stands, whatever others are looked for.
func TestLiterals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int, set string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = set[rng.IntN(len(set))]
		}
		return string(b)
	}
	for _, least := range []int{3, 4, 5, 6, 7, 12} {
		var texts []string
		for range 40 {
			if s := random(least+rng.IntN(6), "abc-_\x80"); !slices.Contains(texts, s) {
				texts = append(texts, s)
			}
		}
		l := newLiterals(texts)
		for range 200 {
			b := []byte(random(rng.IntN(120), "abcABC-_\x80\r"))
			type hit struct{ text, at int }
			var want, got []hit
			for k, s := range texts {
				for i := 0; i+len(s) <= len(b); i++ {
					if lowered(string(b[i:i+len(s)])) == s {
						want = append(want, hit{k, i})
					}
				}
			}
			l.each(b, func(text, at int) { got = append(got, hit{text, at}) })
			order := func(a, b hit) int { return a.text*1000 + a.at - b.text*1000 - b.at }
			slices.SortFunc(want, order)
			slices.SortFunc(got, order)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Fatalf("literals of %d bytes in %q: %v, not %v", least, b, got, want)
			}
		}
	}
}

func userSession(t testing.TB, rules ...Rule) *Session {
	t.Helper()
	s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32), Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pseudonymOf writes a pseudonym of any class as its class in brackets.
func classesOnly(b []byte) string {
	return regexp.MustCompile(`redacted-([a-z0-9-]+?)-[0-9a-hjkmnp-tv-z]{12}`).ReplaceAllString(string(b), "[$1]")
}

func TestUserRules(t *testing.T) {
	ticket := Rule{ID: "ticket", Class: Token, Pattern: `TCK-(?P<mask>\d{6})`, Match: []string{"TCK-123456"}, Pass: []string{"TCK-12"}}
	with := func(f func(*Rule)) Rule {
		r := ticket
		f(&r)
		return r
	}
	long := strings.Repeat("filling ", 5000)
	for _, c := range []struct {
		about, name string
		rule        Rule
		in, out     string
	}{
		{"plain", "", ticket, "a TCK-123456, TCK-654321 b", "a TCK-[token], TCK-[token] b"},
		{"no group", "", Rule{ID: "x", Class: Hostname, Pattern: `node-[a-z]{3}\b`, Match: []string{"node-abc"}, Pass: []string{"node-a"}}, "at node-xyz up, node-wxyz down", "at [hostname] up, node-wxyz down"},
		{"anchors hold within a line", "", Rule{ID: "x", Class: Token, Pattern: `^serial (?P<mask>\w+)$`, Match: []string{"serial x1"}, Pass: []string{"a serial x1"}}, "serial q77\nserial q78\r\nthe serial q79\nserial q80 x\n", "serial [token]\nserial [token]\r\nthe serial q79\nserial q80 x\n"},
		{"keywords", "", with(func(r *Rule) { r.Keywords = []string{"Billing", "invoice"}; r.Match = []string{"BILLING TCK-123456"} }), "TCK-123456\nbilling: TCK-123457\nINVOICE TCK-123458", "TCK-123456\nbilling: TCK-[token]\nINVOICE TCK-[token]"},
		{"allowed words", "", with(func(r *Rule) { r.Allow = []string{"000000"} }), "TCK-000000 TCK-000001", "TCK-000000 TCK-[token]"},
		{"allowed patterns", "", with(func(r *Rule) { r.Allow = []string{"/9+/"} }), "TCK-999999 TCK-999991", "TCK-999999 TCK-[token]"},
		{"allowed by this rule only", "", with(func(r *Rule) {
			r.Allow = []string{"hunter-77x"}
			r.Pattern = `TCK-(?P<mask>\S+)`
			r.Pass = []string{"TCK"}
		}), "TCK-hunter-77x password=hunter-77x", "TCK-[password] password=[password]"},
		{"path", "/srv/acme/app.log", with(func(r *Rule) { r.Paths = []string{"/srv/acme/**"} }), "TCK-123456", "TCK-[token]"},
		{"end of a path", "/srv/acme/app.log", with(func(r *Rule) { r.Paths = []string{"acme/*.log"} }), "TCK-123456", "TCK-[token]"},
		{"other path", "/srv/acme2/app.log", with(func(r *Rule) { r.Paths = []string{"acme/*.log", "/var/**"} }), "TCK-123456", "TCK-123456"},
		{"no name", "", with(func(r *Rule) { r.Paths = []string{"acme/*.log"} }), "TCK-123456", "TCK-123456"},
		{"number of JSON", "", Rule{ID: "x", Class: Token, Pattern: `"badge": ?(?P<mask>\d+)`, Match: []string{`"badge":1`}, Pass: []string{`badge`}}, `{"badge": 4711, "n": 1}`, `{"badge": "[token]", "n": 1}`},
		{"no literal", "", Rule{ID: "x", Class: Token, Pattern: `[0-9]{3}[A-Z]{3}[0-9]{3}`, Match: []string{`123ABC456`}, Pass: []string{`123abc456`}}, "a 123ABC456\nb 123ABC457\r\n\nc 123ABC458", "a [token]\nb [token]\r\n\nc [token]"},
		{"found bare elsewhere", "", Rule{ID: "x", Class: Password, Pattern: `unlocks with (?P<mask>\S+)`, Match: []string{`unlocks with x`}, Pass: []string{`unlocks`}}, "unlocks with Zeb-7-Quagga\nsaid Zeb-7-Quagga\n", "unlocks with [password]\nsaid [password]\n"},
		{"long line", "", ticket, long + "TCK-123456 " + long + "TCK-654321" + long, long + "TCK-[token] " + long + "TCK-[token]" + long},
		{"long line with anchors", "", Rule{ID: "x", Class: Token, Pattern: `^filling (?P<mask>\w+)|(?P<end>zz)$`, Match: []string{"filling x"}, Pass: []string{"x"}}, long + "zzz " + long + "zz", "filling [token] " + long[16:] + "zzz " + long + "zz"},
		{"value longer than a piece", "", Rule{ID: "x", Class: Token, Pattern: `TCK-(?P<mask>\S+)`, Match: []string{"TCK-1"}, Pass: []string{"TCK-"}}, long + "TCK-" + strings.Repeat("k9", 20000) + " end", long + "TCK-[token] end"},
		{"non-ASCII case", "", Rule{ID: "x", Class: Token, Pattern: `(?i)\btoken (?P<mask>\d+)`, Match: []string{"TOKEN 1"}, Pass: []string{"1"}}, "to\u212aen 77", "to\u212aen [token]"},
	} {
		s := userSession(t, c.rule)
		got := classesOnly(redactAll(t, s, c.name, []byte(c.in)))
		if got != c.out {
			t.Errorf("%s: %.200q, not %.200q", c.about, got, c.out)
		}
		once := redactAll(t, userSession(t, c.rule), c.name, []byte(c.in))
		if twice := redactAll(t, userSession(t, c.rule), c.name, once); !bytes.Equal(once, twice) {
			t.Errorf("%s: redacted again: %.200q became %.200q", c.about, once, twice)
		}
	}
}

// What is redacted already stays, whatever a rule makes of it; what stands
// beside it goes.
func TestUserRulesLeavePseudonyms(t *testing.T) {
	for _, r := range []Rule{
		{ID: "x", Class: Token, Pattern: `[a-z0-9-]{8,}`, Match: []string{"abcdefgh"}, Pass: []string{"a"}},
		{ID: "x", Class: Token, Pattern: `\b(?P<mask>\w+)-\w+`, Match: []string{"a-b"}, Pass: []string{"a"}},
		{ID: "x", Class: Hostname, Pattern: `-(?P<mask>\w{5,})`, Match: []string{"-abcde"}, Pass: []string{"a"}},
		{ID: "x", Class: Token, Pattern: `[0-9a-f]{2}\.[0-9a-f]{2}`, Match: []string{"aa.bb"}, Pass: []string{"a"}},
	} {
		in := "at redacted-token-0123456789ab, ip4-a3.7f.02.c9 and redacted-email-abcdefghjkmn\n"
		if got := redactAll(t, userSession(t, r), "", []byte(in)); string(got) != in {
			t.Errorf("%s: %q", r.Pattern, got)
		}
	}
	r := Rule{ID: "x", Class: Token, Pattern: `acct=(?P<mask>\S+)`, Match: []string{"acct=1"}, Pass: []string{"acct="}}
	got := classesOnly(redactAll(t, userSession(t, r), "", []byte("acct=redacted-email-abcdefghjkmn/778899\n")))
	if got != "acct=[email]/[token]\n" {
		t.Error(got)
	}
}

// A pattern that reads a line to its end from each of many places costs what
// any text may cost; then the text is withheld.
func TestUserRuleWork(t *testing.T) {
	r := Rule{ID: "x", Class: Token, Pattern: `aaa(?:.*b)?`, Match: []string{"aaa"}, Pass: []string{"a"}}
	_, err := io.ReadAll(userSession(t, r).Stream("", bytes.NewReader(bytes.Repeat([]byte{'a'}, 64<<10))))
	if err == nil || !strings.Contains(err.Error(), "made to take long") {
		t.Errorf("%v", err)
	}
}

func TestRuleCounts(t *testing.T) {
	s := userSession(t, Rule{ID: "acme/ticket", Class: Token, Pattern: `TCK-\d{6}`, Match: []string{"TCK-123456"}, Pass: []string{"TCK"}})
	st := s.Stream("", strings.NewReader("TCK-123456 TCK-123457\nmail bo@example.org\npassword=hunter-77x\nbare hunter-77x\n"))
	if _, err := io.Copy(io.Discard, st); err != nil {
		t.Fatal(err)
	}
	want := "map[acme/ticket:2 email:1 field:1 known:1]"
	if got := fmt.Sprint(st.Rules()); got != want {
		t.Errorf("of the stream: %s", got)
	}
	sum := func(m map[string]int64) (n int64) {
		for _, v := range m {
			n += v
		}
		return n
	}
	classes := map[string]int64{}
	for c, n := range st.Counts() {
		classes[string(c)] = n
	}
	if sum(classes) != sum(st.Rules()) {
		t.Errorf("%v and %v do not add up to the same", classes, st.Rules())
	}
}

// A rule finds with its literals what it finds without, whatever the pattern
// and the text; redacting never panics.
func FuzzUserRule(f *testing.F) {
	for pattern, text := range map[string]string{
		`TCK-(?P<mask>\d{6})`: "a TCK-123456\nTCK-1 TCK-654321", `(?i)kelvin|secret`: "\u212aELVIN \u017fecret SECRET", `[ab]c?d*efg(hi|jk)+`: "acdefghi\nbefgjkhi",
		`x{3,5}yz|\bfoo(?:bar)?baz`: "xxxxyz foobaz foobarbaz", `(?:é|ü)+abc$`: "Éabc\nüéabc\r\n", `^(?:a.b|cd[e-g])\s`: "a\xffb \ncdf \n", `(?s)q.r.s`: "q\nr\ns q r s",
		`\pLabcd`: "éabcd", `a(|b)c(d|)efgh`: "acefgh abcdefgh",
	} {
		f.Add(pattern, text)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 4<<10 {
			return
		}
		ok := true
		u := &userRule{name: "x", class: cToken}
		if u.pattern(pattern, func(string, int, string, ...any) { ok = false }); !ok {
			return
		}
		find := func(u userRule) []span {
			s := &Session{rules: gather([]*userRule{&u}), dict: newDictionary()}
			sc := newScanner(s)
			sc.begin("")
			sc.b = []byte(text)
			sc.startWork(len(text))
			s.rules.find(sc)
			sc.settle()
			return slices.Clone(sc.spans)
		}
		slow := *u
		slow.needs = nil
		if a, b := find(*u), find(slow); !slices.Equal(a, b) {
			t.Fatalf("%q (%q) in %q: %v, without literals %v", pattern, u.needs, text, a, b)
		}
	})
}

func absent(n int, long bool) []Rule {
	rng := rand.New(rand.NewPCG(9, 9))
	var rules []Rule
	for k := range n {
		word := make([]byte, 4)
		for i := range word {
			word[i] = "bcdfghjklmnpqrstvwxz"[rng.IntN(20)]
		}
		prefix := string(word) + "_"
		if long {
			prefix += "key_"
		}
		rules = append(rules, Rule{ID: fmt.Sprint("r", k), Class: Token, Pattern: prefix + `(?P<mask>[A-Za-z0-9]{16,})`,
			Match: []string{prefix + "0123456789abcdef"}, Pass: []string{prefix}})
	}
	return rules
}

// benchText is the file that $DIAGCOLLECT_BENCH names, else made up.
func benchText(b *testing.B) []byte {
	name := os.Getenv("DIAGCOLLECT_BENCH")
	if name == "" {
		return logLines(16 << 20)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// BenchmarkAbsentRules redacts with rules of which none occurs.
func BenchmarkAbsentRules(b *testing.B) {
	text := benchText(b)
	for _, n := range []int{0, 10, 200} {
		for _, long := range []bool{true, false} {
			b.Run(fmt.Sprintf("%d/long=%v", n, long), func(b *testing.B) {
				s := userSession(b, absent(n, long)...)
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if _, err := io.Copy(io.Discard, s.Stream("x.log", bytes.NewReader(text))); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkLiterals(b *testing.B) {
	text := benchText(b)
	for _, n := range []int{1, 10, 200} {
		for _, size := range []int{3, 4, 5, 6, 9} {
			b.Run(fmt.Sprintf("%d/bytes=%d", n, size), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(3, 3))
				var texts []string
				for range n {
					w := make([]byte, size)
					for i := range w {
						w[i] = "bcdfghjklmnpqrstvwxz"[rng.IntN(20)]
					}
					if w[size-1] = '_'; !slices.Contains(texts, string(w)) {
						texts = append(texts, string(w))
					}
				}
				l := newLiterals(texts)
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					l.each(text, func(_, at int) {})
				}
			})
		}
	}
}

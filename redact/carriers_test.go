package redact

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path"
	"regexp"
	"strings"
	"testing"
)

// Carriers are pieces of logs and configuration in which made-up values are
// planted, one text file for each corner of the field:
//
//	== NAME | TITLE
//	text with «password» in it
//
// A name between « and » stands for a value that is made when the test runs
// and must be hidden, whole, with all around it left as it is; see plant.
// After a ~ it may be hidden or not; ~=web1 is web1 itself. negatives.txt has
// lines in which nothing may change, quiet.txt texts of several lines in which
// nothing may.
//
//go:embed testdata/carriers/*.txt
var carrierFiles embed.FS

//go:embed testdata/ordinary/*.txt
var ordinaryFiles embed.FS

type carrier struct {
	file, name, title, text string
}

func carriers(t testing.TB) (list []carrier) {
	t.Helper()
	names, err := carrierFiles.ReadDir("testdata/carriers")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if n.Name() == "negatives.txt" || n.Name() == "quiet.txt" {
			continue
		}
		text, err := carrierFiles.ReadFile(path.Join("testdata/carriers", n.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), "\n== ")[1:] {
			head, body, _ := strings.Cut(part, "\n")
			name, title, ok := strings.Cut(head, " | ")
			if !ok || !strings.Contains(body, "«") {
				t.Fatalf("%s: %q has no title or plants nothing", n.Name(), head)
			}
			list = append(list, carrier{n.Name(), name, title, strings.TrimRight(body, "\n") + "\n"})
		}
	}
	return list
}

// plant makes the value that stands for a name between marks.
func plant(t testing.TB, rng *rand.Rand, what string) string {
	t.Helper()
	kind, template, _ := strings.Cut(what, ":")
	some := func(template string) string { text, _ := expand(rng, template); return text }
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	name := func() string {
		return pick("jane", "omar", "lucia", "wei", "piotr", "aisha") + pick(".", "_", "") + pick("novak", "silva", "okoye", "tanaka", "berg")
	}
	if literal, ok := strings.CutPrefix(what, "="); ok {
		return literal
	}
	switch kind {
	case "token", "key":
		if literal, ok := strings.CutPrefix(template, "="); ok {
			return literal
		}
		return some(template)
	case "password":
		for {
			p := pick(some("<A12>"), some("<A6>-<A6>"), some("<A9>_<A4>"), pick("Winter", "Orchid", "Falcon", "Marble")+some("<D4>")+pick("x", "Qz", "!"), some("<c5><D2><C3>"))
			if mixedCase([]byte(p), 0, len(p)) {
				return p
			}
		}
	case "password!":
		return some("<A4>") + pick("#", "@", "&", "=", "?", "^") + some("<A5>") + pick("!", "*", "+", "~") + some("<D2>")
	case "hash":
		return some(pick("$6$<K16>$<K86>", "$2y$10$<K53>", "$5$<K12>$<K43>", "$y$j9T$<K22>$<K43>"))
	case "uuid":
		return some("<h8>-<h4>-4<h3>-a<h3>-<h12>")
	case "basic":
		return base64.StdEncoding.EncodeToString([]byte(name() + ":" + some("<A12>")))
	case "plain":
		return base64.StdEncoding.EncodeToString([]byte("\x00" + name() + "\x00" + some("<A12>")))
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(some("<A14>")))
	case "jwt":
		enc := base64.RawURLEncoding
		return enc.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc.EncodeToString([]byte(`{"sub":"`+some("<h16>")+`","iat":1770112272}`)) + "." + some("<W43>")
	case "email":
		return name() + "@" + pick("example.org", "mail.example.net", "shop.example.co.uk", "corp.internal")
	case "user":
		return name() + some("<D2>")
	case "host":
		return pick("web", "db", "mx") + some("<D2>") + pick("", ".corp.internal", ".example.net")
	case "ipv4":
		return fmt.Sprintf("%s.%d.%d.%d", pick("10", "172", "203", "91"), 16+rng.IntN(15), rng.IntN(256), 1+rng.IntN(254))
	case "ipv6":
		return some(pick("2001:db8:<h4>:1::<h4>", "fe80::<h3>:<h4>:fe<h2>:<h4>", "fd<h2>:<h4>:<h4>:<h1>::<h2>"))
	case "mac":
		return some("52:54:00:<h2>:<h2>:<h2>")
	case "card":
		return withLuhn(rng, pick("4", "51", "2345"), 16)
	case "card4":
		return grouped(withLuhn(rng, "4", 16), " ", 4, 4, 4, 4)
	case "iban":
		return ibanOf(rng, "DE", "<D18>")
	case "iban4":
		return fours(ibanOf(rng, "NL", "<C4><D10>"), " ")
	case "ssn":
		return fmt.Sprintf("%03d-%02d-%04d", 100+rng.IntN(500), 1+rng.IntN(98), 1+rng.IntN(9998))
	case "phone":
		return fmt.Sprintf("+1 415 555 %04d", rng.IntN(10000))
	}
	t.Fatalf("nothing to plant for %q", what)
	return ""
}

const anyPseudonym = `(?:redacted-[a-z0-9-]+-[0-9a-hjkmnp-tv-z]{12}|ip4-[0-9a-f]{2}(?:\.[0-9a-f]{2}){3}|ip6-[0-9a-f]{4}(?:\.[0-9a-f]{4}){7})`

var marks = regexp.MustCompile(`«([^»]*)»`)

// planted fills in a carrier. want matches what must come out, line by line.
func planted(t testing.TB, rng *rand.Rand, template string) (text string, want []*regexp.Regexp, values map[string]string) {
	t.Helper()
	var out strings.Builder
	values = map[string]string{}
	for _, line := range strings.SplitAfter(template, "\n") {
		var pattern strings.Builder
		at := 0
		for _, m := range marks.FindAllStringSubmatchIndex(line, -1) {
			what, may := strings.CutPrefix(line[m[2]:m[3]], "~")
			value := plant(t, rng, what)
			out.WriteString(line[at:m[0]] + value)
			pattern.WriteString(regexp.QuoteMeta(line[at:m[0]]))
			at = m[1]
			switch kind, _, _ := strings.Cut(what, ":"); {
			case may:
				pattern.WriteString("(?:" + anyPseudonym + "|" + regexp.QuoteMeta(value) + ")")
				continue
			case kind == "key":
				pattern.WriteString(`\S*`)
			case kind == "token" || kind == "hash":
				// A vendor's prefix or the name of a scheme may stay.
				n := min(len(value)/4, 24)
				fmt.Fprintf(&pattern, `\S{0,%d}?(?:%s)+\S{0,%d}?`, n, anyPseudonym, n)
			default:
				pattern.WriteString(anyPseudonym)
			}
			values[value] = what
		}
		out.WriteString(line[at:])
		pattern.WriteString(regexp.QuoteMeta(strings.TrimSuffix(line[at:], "\n")))
		if line != "" {
			want = append(want, regexp.MustCompile("^"+pattern.String()+"$"))
		}
	}
	return out.String(), want, values
}

func TestCarriers(t *testing.T) {
	list := carriers(t)
	if len(list) < 120 {
		t.Errorf("%d carriers, want 120 and more", len(list))
	}
	for _, c := range list {
		seed := fnv.New64a()
		seed.Write([]byte(c.title))
		t.Run(strings.TrimSuffix(c.file, ".txt")+"/"+c.title, func(t *testing.T) {
			for round := range uint64(8) {
				text, want, values := planted(t, rand.New(rand.NewPCG(seed.Sum64(), round)), c.text)
				s := session(t)
				got := redactAll(t, s, c.name, []byte(text))
				for value, what := range values {
					if len(value) >= 6 && bytes.Contains(got, []byte(value)) {
						t.Errorf("%s %q is left", what, value)
					}
				}
				before, after := strings.Split(text, "\n"), strings.Split(string(got), "\n")
				if len(before) != len(after) {
					t.Fatalf("%d lines became %d", len(before), len(after))
				}
				for n, w := range want {
					if !w.MatchString(after[n]) {
						t.Errorf("line %d\n  %s\nbecame\n  %s", n+1, before[n], after[n])
					}
				}
				if again := redactAll(t, s, c.name, got); !bytes.Equal(again, got) {
					t.Errorf("redacting again changes %s", firstDiff(got, again))
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

func TestNegatives(t *testing.T) {
	text, err := carrierFiles.ReadFile("testdata/carriers/negatives.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		if line == "\n" || line[0] == '#' {
			continue
		}
		n++
		if got := redactAll(t, session(t), "app.log", []byte(line)); string(got) != line {
			t.Errorf("%s became\n%s", line, got)
		}
	}
	if n < 80 {
		t.Errorf("%d lines, want 80 and more", n)
	}
}

// Ordinary lines of many programs stay byte for byte, alone and among their
// likes.
func TestOrdinary(t *testing.T) {
	n := 0
	names, err := ordinaryFiles.ReadDir("testdata/ordinary")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := ordinaryFiles.ReadFile(path.Join("testdata/ordinary", name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for line := range strings.Lines(string(text)) {
			if line == "\n" || strings.HasPrefix(line, "# ") && all.Len() == 0 {
				continue
			}
			n++
			all.WriteString(line)
			if got := redactAll(t, session(t), "app.log", []byte(line)); string(got) != line {
				t.Errorf("%s became\n%s", line, got)
			}
		}
		if got := redactAll(t, session(t), "app.log", []byte(all.String())); string(got) != all.String() {
			t.Errorf("%s: together: %s", name.Name(), firstDiff([]byte(all.String()), got))
		}
	}
	if n < 400 {
		t.Errorf("%d lines, want 400 and more", n)
	}
}

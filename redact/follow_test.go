package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Texts of several lines that look like secrets over lines and are none stay
// byte for byte, whatever ends their lines.
func TestQuiet(t *testing.T) {
	text, err := carrierFiles.ReadFile("testdata/carriers/quiet.txt")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), "\n== ")[1:]
	if len(parts) < 16 {
		t.Errorf("%d texts, want 16 and more", len(parts))
	}
	for _, part := range parts {
		head, body, _ := strings.Cut(part, "\n")
		name, title, _ := strings.Cut(head, " | ")
		t.Run(title, func(t *testing.T) {
			for _, body := range []string{body + "\n", strings.ReplaceAll(body, "\n", "\r\n")} {
				if got := redactAll(t, session(t), name, []byte(body)); string(got) != body {
					t.Errorf("changed %s", firstDiff([]byte(body), got))
				}
			}
		})
	}
}

// What goes on over many lines is hidden to its end, also where blocks end.
func TestLongValues(t *testing.T) {
	const n = 20_000 // lines: some blocks
	for _, c := range []struct{ head, line, tail string }{
		{"a: 1\npassword: |\n", "  %s\n", "b: 2\n"},
		{"{\n\"tokens\": [\n", "  \"%s\",\n", "  \"\"]\n}\n"},
		{"tokens:\n", "  - %s\n", "b: 2\n"},
		{"secrets:\n", "  k: %s\n", "b: 2\n"},
		{"<tokens>\n", "  <item>%s</item>\n", "</tokens>\n"},
	} {
		var text strings.Builder
		text.WriteString(c.head)
		rng := rand.New(rand.NewPCG(3, 4))
		values := map[string]bool{}
		for range n {
			v := plant(t, rng, "token:<A24>")
			values[v] = true
			fmt.Fprintf(&text, c.line, v)
		}
		text.WriteString(c.tail)
		out := string(redactAll(t, session(t), "x.yaml", []byte(text.String())))
		left := 0
		for _, w := range strings.FieldsFunc(out, func(r rune) bool { return r >= 0x80 || !is(byte(r), chAlnum) }) {
			if values[w] {
				left++
			}
		}
		if left > 0 || !strings.HasPrefix(out, c.head) || !strings.HasSuffix(out, c.tail) {
			t.Errorf("%q: %d of %d are left, it begins %.60q", c.head, left, n, out)
		}
	}
}

// It does not matter where among its lines a block ends.
func TestLinesOverBlocks(t *testing.T) {
	filler := strings.Repeat("2026-01-02 03:04:05 INFO nothing to see here\n", blockSize/45+1)
	for _, c := range carriers(t) {
		if c.file != "lines.txt" && c.file != "structures.txt" || strings.HasSuffix(c.name, ".csv") || c.name == "svn.simple" {
			continue
		}
		t.Run(c.title, func(t *testing.T) {
			text, want, values := planted(t, rand.New(rand.NewPCG(1, 2)), c.text)
			off := 0
			for n := range want {
				off += strings.IndexByte(text[off:], '\n') + 1
				if n > 24 {
					break
				}
				pad := filler[len(filler)-(blockSize-off):]
				out := string(redactAll(t, session(t), c.name, []byte(pad+text+"\n"+filler[:64])))
				for value, what := range values {
					if len(value) >= 6 && strings.Contains(out, value) {
						t.Errorf("%s %q is left when a block ends behind line %d", what, value, n+1)
					}
				}
			}
		})
	}
}

// inBlocks is a text of which each part was a block, redacted.
func inBlocks(s *Session, name string, parts ...string) string {
	var out []byte
	var res resolver
	sc := newScanner(s)
	for i, part := range parts {
		sc.begin(name)
		sc.scan([]byte(part))
		if i == 0 {
			res.start(sc)
		}
		res.resolve(sc)
		sc.settle()
		out = sc.renderFrom(out, []byte(part), 0)
	}
	return string(out)
}

// A value that goes on behind the end of a block, or begins there, is read
// without its key.
func TestKeyBeforeABlock(t *testing.T) {
	s := keyed(t)
	const secret = "Xq7Tz9Lm4Kp2"
	filler := strings.Repeat("# nothing\n", 100)
	for _, text := range []string{
		"\"password\":\n\"%s\"\n",
		"\"tokens\":\n[\"%s\",\n\"x\"\n]\n",
		"? password\n: \n  %s\n",
		"? password\n: %s\n",
		"<Password\n a=\"b\"\n><k>%s</k></Password>\n",
		"<Password\n a=\"b\"\n>\n<k>%s</k>\n</Password>\n",
		"<Password\n value=\"%s\"\n/>\n",
		"<DatabaseAdministratorPassword\n a=\"b\"\n><k>%s</k></DatabaseAdministratorPassword>\n",
	} {
		const tail = "<other>Rq7Tz9Lm4Kp6</other>\n"
		lines := strings.SplitAfter(fmt.Sprintf(text, secret)+tail, "\n")
		for k := range lines {
			for _, before := range []string{"", filler} {
				for end := k; end <= len(lines); end++ {
					out := inBlocks(s, "x", before+strings.Join(lines[:k], ""), strings.Join(lines[k:end], ""), strings.Join(lines[end:], ""))
					if strings.Contains(out, secret) || !strings.HasSuffix(out, tail) {
						t.Fatalf("%q in blocks of %d, %d and %d lines: %q", lines, k, end-k, len(lines)-end, strings.TrimPrefix(out, filler))
					}
				}
			}
		}
	}
}

// No place for a block to end is too much for the lines behind it.
func TestBlocksEndAnywhere(t *testing.T) {
	s := keyed(t)
	for _, c := range carriers(t) {
		text, _, _ := planted(t, rand.New(rand.NewPCG(1, 2)), c.text)
		lines := strings.SplitAfter(text, "\n")
		for k := 1; k < len(lines); k++ {
			inBlocks(s, c.name, strings.Join(lines[:k], ""), lines[k], strings.Join(lines[k+1:], ""))
		}
	}
}

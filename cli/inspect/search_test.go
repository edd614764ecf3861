package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"github.com/diagcollect/diagcollect/manifest"
)

// logLines makes size bytes of lines of very different lengths: some so long
// that frames are cut within them.
func logLines(seed uint64, size int) string {
	rng := mrand.New(mrand.NewPCG(seed, 1))
	words := []string{"error", "ERROR", "Warning", "connection", "timeout", "disk", "sda1", "pan\u017fy", "\u212aelvin", "a.b", "50%", "\xff\xfe", "100 ms", "panic:", "ok", "user=ada", "Überlauf"}
	var b strings.Builder
	for b.Len() < size {
		n := rng.IntN(12)
		if rng.IntN(400) == 0 {
			n = 30_000
		}
		for range n {
			b.WriteString(words[rng.IntN(len(words))])
			b.WriteByte(" \t="[rng.IntN(3)])
		}
		if rng.IntN(5) == 0 {
			b.WriteByte('\r')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// naive finds lines one by one, without any of the engine.
func naive(place, content string, re *regexp.Regexp, around int) []string {
	lines := strings.Split(content, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	show := make([]byte, len(lines))
	for i, line := range lines {
		if re.MatchString(strings.TrimSuffix(line, "\r")) {
			for k := max(0, i-around); k <= min(len(lines)-1, i+around); k++ {
				if show[k] == 0 {
					show[k] = '-'
				}
			}
			show[i] = ':'
		}
	}
	var out []string
	for i, mark := range show {
		if mark != 0 {
			out = append(out, fmt.Sprintf("%s%c%d%c%s", place, mark, i+1, mark, lines[i]))
		}
	}
	return out
}

func run(t testing.TB, s *Search, b *manifest.Bundle) []string {
	t.Helper()
	var out []string
	if err := s.Run(t.Context(), b, func(l *Line) error {
		mark := '-'
		if l.Match {
			mark = ':'
		}
		out = append(out, fmt.Sprintf("%s%c%d%c%s", l.Entry.Path, mark, l.Number, mark, l.Text))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSearchFindsWhatReadingFinds: over frames that end within lines, for all
// kinds of patterns, with and without context.
func TestSearchFindsWhatReadingFinds(t *testing.T) {
	contents := map[string]string{}
	var files []file
	for i, size := range []int{0, 10, 500, 40_000, 9 << 20} {
		path := fmt.Sprintf("f%d.log", i)
		content := logLines(uint64(i), size)
		if i == 2 {
			content = strings.TrimSuffix(content, "\n") + "\nerror at the end without a line end"
		}
		contents["data/app/"+path] = content
		files = append(files, text("app", manifest.Event, path, content))
	}
	b := pack(t, manifest.Head{}, files...).open(t)
	for _, c := range []struct {
		pattern     string
		fold, fixed bool
		context     int
	}{
		{pattern: "error"},
		{pattern: "error", context: 2},
		{pattern: "error", fold: true},
		{pattern: "panic:|timeout=disk"},
		{pattern: "panic:", context: 3},
		{pattern: "a.b", fixed: true},
		{pattern: "A.B", fixed: true, fold: true},
		{pattern: "user=(ada|bob)\\s+ok$"},
		{pattern: "^(error|disk)"},
		{pattern: "pansy", fold: true},
		{pattern: "kelvin", fold: true},
		{pattern: "Kelvin"},
		{pattern: "überlauf", fold: true},
		{pattern: "\\bsda\\d\\b.*100 ms"},
		{pattern: "[0-9]+%"},
		{pattern: "(?i:ERR)or"},
		{pattern: "disk\\n"},
		{pattern: "x*$"},
		{pattern: "no such thing at all"},
		{pattern: "ok (ok )*ok ok(=|\t)"},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			p, err := NewPattern(c.pattern, c.fold, c.fixed)
			if err != nil {
				t.Fatal(err)
			}
			expr := c.pattern
			if c.fixed {
				expr = regexp.QuoteMeta(expr)
			}
			if c.fold {
				expr = "(?i:" + expr + ")"
			}
			re := regexp.MustCompile(expr)
			var want []string
			for _, f := range files {
				if path := "data/" + f.source + "/" + f.path; contents[path] != "" {
					want = append(want, naive(path, contents[path], re, c.context)...)
				}
			}
			got := run(t, &Search{Pattern: p, Context: c.context}, b)
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("line %d of the result is %.100q, want %.100q", i, got[i], want[i])
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%d lines, want %d", len(got), len(want))
			}
		})
	}
	t.Run("the first only", func(t *testing.T) {
		p, err := NewPattern("error", false, false)
		if err != nil {
			t.Fatal(err)
		}
		got := run(t, &Search{Pattern: p, First: true}, b)
		paths := map[string]bool{}
		for _, l := range got {
			path, _, _ := strings.Cut(l, ":")
			if paths[path] {
				t.Errorf("%s twice", path)
			}
			paths[path] = true
		}
		if len(paths) < 4 {
			t.Errorf("found in %d entries only", len(paths))
		}
	})
}

// TestSearchSeesLongLinesWhole: a line longer than what is held is one line, with
// one beginning and one end, is told once, and counts as one.
func TestSearchSeesLongLinesWhole(t *testing.T) {
	long := "b" + strings.Repeat("cdefghé", 2<<20) + "Z"
	content := "before\n" + long + "\r\nafter\n" + long
	b := pack(t, manifest.Head{}, text("app", manifest.Event, "a.log", content)).open(t)
	for _, c := range []struct {
		pattern string
		around  int
		want    string
	}{
		{"^b[c-hé]*Z$", 0, ":2 :4"},
		{"^(b|[c-hé])*Z$", 0, ":2 :4"},
		{"^[c-h]", 0, ""},
		{"[c-hé]{3}$", 0, ""},
		{"\\x{fffd}", 0, ""},
		{"cdefgh", 0, ":2 :4"},
		{"Z", 1, "-1 :2 -3 :4"},
		{"after", 1, "-2 :3 -4"},
		{"before|after", 1, ":1 -2 :3 -4"},
	} {
		p, err := NewPattern(c.pattern, false, false)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range run(t, &Search{Pattern: p, Context: c.around}, b) {
			got = append(got, strings.TrimPrefix(line, "data/app/a.log")[:2])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q, want %q", c.pattern, got, c.want)
		}
	}
}

// TestSearchOfCountlessLines: more lines match than are kept before their turn.
func TestSearchOfCountlessLines(t *testing.T) {
	content := strings.Repeat("\n", 3*mostHits+7) + "end"
	b := pack(t, manifest.Head{}, text("app", manifest.Event, "a.log", content)).open(t)
	for _, expr := range []string{"", "d|$"} {
		p, err := NewPattern(expr, false, false)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := run(t, &Search{Pattern: p}, b), naive("data/app/a.log", content, regexp.MustCompile(expr), 0); !slices.Equal(got, want) {
			t.Errorf("%q: %d lines, want %d", expr, len(got), len(want))
		}
	}
}

func TestSearchReadsUTF16(t *testing.T) {
	content := strings.Repeat("nothing here\r\nÜberlauf in der Tabelle\r\n", 40_000)
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(content)
	if err != nil {
		t.Fatal(err)
	}
	f := text("app", manifest.Event, "w.log", wide)
	f.encoding = "utf-16le"
	b := pack(t, manifest.Head{}, f, text("later", manifest.Event, "x.log", "Überlauf\n")).open(t)
	p, err := NewPattern("überlauf", true, false)
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, &Search{Pattern: p}, b)
	want := append(naive("data/app/w.log", content, regexp.MustCompile("Überlauf"), 0), "data/later/x.log:1:Überlauf")
	if !slices.Equal(got, want) {
		t.Errorf("%d lines, want %d: %.80q", len(got), len(want), got)
	}
}

// TestSearchUsesNothingUnsigned: a changed frame ends the search before its
// lines are told.
func TestSearchUsesNothingUnsigned(t *testing.T) {
	p := pack(t, manifest.Head{}, file{source: "app", kind: manifest.Event, path: "a.log", r: strings.NewReader(logLines(1, 9<<20))})
	data, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	b, err := manifest.Open(bytes.NewReader(data), int64(len(data)), p.signers, manifest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	pattern, err := NewPattern("error", false, false)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = (&Search{Pattern: pattern}).Run(t.Context(), b, func(*Line) error { n++; return nil })
	if !errors.Is(err, manifest.ErrNotAuthentic) {
		t.Errorf("error %v after %d lines", err, n)
	}
	enough := errors.New("enough")
	whole := p.open(t)
	if err := (&Search{Pattern: pattern}).Run(t.Context(), whole, func(*Line) error { return enough }); err != enough {
		t.Errorf("error %v, want that of the caller", err)
	}
}

// FuzzPattern: what the search for literals finds is what the expression finds.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"a|bc", "(?i)k", "x?y", "[ab]c+", "^$", "a{2,3}b", "(a|b)(c|d)e", "\\bfoo", "é", "(?i:s)t", "\\x{212a}", "İ"} {
		f.Add(s, "abc\nxyz k\u212a \u017ft i̇\n", true)
		f.Add(s, "İaab foo\r\nbde\n", false)
	}
	f.Fuzz(func(t *testing.T, expr, content string, fold bool) {
		p, err := NewPattern(expr, fold, false)
		if err != nil || len(expr) > 200 {
			return
		}
		var got, want []string
		p.Lines([]byte(content), func(start, end int) bool { got = append(got, content[start:end]); return true })
		if len(got) > 0 && !p.MayMatch([]byte(content)) {
			t.Errorf("%q may not match, but does", expr)
		}
		for line := range strings.Lines(content) {
			if line = strings.TrimSuffix(line, "\n"); p.Match([]byte(line)) {
				want = append(want, line)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q (fold %v): %q, want %q", expr, fold, got, want)
		}
	})
}

// FuzzSieve: it finds what one finds by looking at each place, with the kernel of
// this processor and without; in texts of any length and at any place.
func FuzzSieve(f *testing.F) {
	f.Add("(?i)k[a-f]{2}x|\\d\\.\\d|ab|abcdefgh", uint64(1))
	f.Add("a|b|c|d|ee|ff|gg|hh|ii|jj", uint64(2))
	f.Add("ab.cd", uint64(3))
	f.Add("[^a]", uint64(4))
	f.Fuzz(func(t *testing.T, expr string, seed uint64) {
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			return
		}
		n := needOf(tree.Simplify())
		shapes, _ := n.best()
		s := newSieve(shapes, n.odd)
		if s == nil {
			return
		}
		rng := mrand.New(mrand.NewPCG(seed, 1))
		text := make([]byte, rng.IntN(300))
		for i := range text {
			text[i] = (expr + "k\u212a.0 \xff")[rng.IntN(len(expr)+8)]
		}
		for rng.IntN(4) > 0 && len(text) > 0 { // things that are there
			at := rng.IntN(len(text))
			for i, c := range shapes[rng.IntN(len(shapes))] {
				for b := range 256 {
					if c.has(byte(b)) && at+i < len(text) {
						text[at+i] = byte(b)
						if rng.IntN(3) == 0 {
							break
						}
					}
				}
			}
		}
		var want []int
		for i := range text {
			if slices.ContainsFunc(s.shapes, func(sh shapeAt) bool { return sh.at(text, i-sh.off) }) {
				want = append(want, i)
			}
		}
		for _, kernel := range []bool{false, fastSieve} {
			s.kernel = kernel
			var got []int
			for f, pos := s.over(text), 0; ; {
				at, _ := f.from(pos)
				if at < 0 {
					break
				}
				got = append(got, at)
				pos = at + 1
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q in %q (kernel %v): %v, want %v", expr, text, kernel, got, want)
			}
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	rng := mrand.New(mrand.NewPCG(3, 4))
	var log bytes.Buffer
	for log.Len() < 64<<20 {
		fmt.Fprintf(&log, "2026-01-02T15:04:05 host daemon[%d]: request %016x from the queue took %d ms\n", rng.IntN(9999), rng.Uint64(), rng.IntN(2000))
	}
	size := int64(log.Len())
	bundle := pack(b, manifest.Head{}, file{source: "app", kind: manifest.Event, path: "a.log", r: io.Reader(&log)}).open(b)
	for name, expr := range map[string]string{"rare": "daemon\\[77\\]: request 00ff", "folded": "(?i)REQUEST 00FF", "none": "no such line", "common": "took 1[0-9]+ ms", "without a literal": "[0-9]{4} [a-f]{5}"} {
		b.Run(name, func(b *testing.B) {
			p, err := NewPattern(expr, false, false)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if err := (&Search{Pattern: p}).Run(b.Context(), bundle, func(*Line) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

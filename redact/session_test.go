package redact

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestFoundEverywhere(t *testing.T) {
	s := session(t)
	if got := string(redactAll(t, s, "b.log", []byte("ERROR upstream rejected tr0ut-Lantern-88 twice\n"))); !strings.Contains(got, "tr0ut-Lantern-88") {
		t.Fatalf("found without any context: %s", got)
	}
	mark := s.Mark()
	st := s.Stream("a.ini", strings.NewReader("before: tr0ut-Lantern-88\n[db]\npassword = tr0ut-Lantern-88\nafter: xtr0ut-Lantern-88x (tr0ut-Lantern-88)\n"))
	out, err := io.ReadAll(st)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(out, []byte("tr0ut-Lantern-88")); n != 0 {
		t.Errorf("%d left in %s", n, out)
	}
	if s.Mark() == mark || s.MaxLearned() < len("tr0ut-Lantern-88") {
		t.Error("nothing was learned")
	}
	old := []byte("ERROR upstream rejected tr0ut-Lantern-88 twice\n")
	got, c := s.Sweep(mark, "utf-8", old)
	if bytes.Contains(got, []byte("tr0ut")) || c[Password] != 1 {
		t.Errorf("swept: %s %v", got, c)
	}
	want := s.Pseudonym(Password, "tr0ut-Lantern-88")
	if !bytes.Contains(got, []byte(want)) || !bytes.Contains(out, []byte(want)) {
		t.Error("one secret has two pseudonyms")
	}
	for e := utf16LE; e <= utf32BE; e++ {
		raw := e.encode(nil, old)
		got, c := s.Sweep(mark, e.String(), raw)
		if back, _ := e.decode(nil, got); bytes.Contains(back, []byte("tr0ut")) || c[Password] != 1 {
			t.Errorf("%s: swept: %s %v", e, back, c)
		}
	}
	if same, c := s.Sweep(s.Mark(), "utf-8", old); &same[0] != &old[0] || c != nil {
		t.Error("a sweep with nothing to look for makes a copy")
	}
	// What is a common word, or short, is removed where it was found only.
	out = redactAll(t, s, "x", []byte("password=welcome\nwelcome back\n{\"password\":\"abc1\"}\nabc1\n"))
	if !bytes.Contains(out, []byte("\nwelcome back\n")) || !bytes.HasSuffix(out, []byte("\nabc1\n")) || s.TooShort() != 2 {
		t.Errorf("%d too short: %s", s.TooShort(), out)
	}
	// An escaped value is known in clear as well.
	out = redactAll(t, s, "x", []byte("{\"password\":\"k\\\"7z-Plum-x\"}\nbare k\"7z-Plum-x end\n"))
	if bytes.Contains(out, []byte("Plum")) {
		t.Errorf("an escaped value is left bare: %s", out)
	}
}

func TestMark(t *testing.T) {
	s := session(t)
	var text bytes.Buffer
	for text.Len() < 6*maxWorkers*blockSize {
		text.WriteString("plain line without anything in it, Zebra-77-crossing aside\n")
	}
	text.WriteString("password=Zebra-77-crossing\n")
	st := s.Stream("x", &text)
	type piece struct {
		mark int
		text []byte
	}
	var all []piece
	buf := make([]byte, 100_000)
	for {
		mark := st.Mark()
		n, err := st.Read(buf)
		all = append(all, piece{mark, bytes.Clone(buf[:n])})
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var joined, swept []byte
	least := s.Mark()
	for _, p := range all {
		joined = append(joined, p.text...)
		least = min(least, p.mark)
	}
	if !bytes.Contains(joined, []byte("Zebra")) {
		t.Fatal("the first blocks knew the secret before it was read")
	}
	swept, _ = s.Sweep(least, "utf-8", joined)
	if bytes.Contains(swept, []byte("Zebra")) {
		t.Error("a sweep from the marks given leaves a secret")
	}
}

func TestOptions(t *testing.T) {
	if _, err := NewSession(Options{Keep: []Class{Email}}); err == nil {
		t.Error("email was kept")
	}
	if _, err := NewSession(Options{Keep: []Class{Token}}); err == nil {
		t.Error("a secret was kept")
	}
	if _, err := NewSession(Options{CaseKey: []byte("short")}); err == nil {
		t.Error("a short case key was taken")
	}
	s, err := NewSession(Options{
		Keep:  []Class{IPv4},
		Known: []Known{{Hostname, "atlas"}, {Username, "jsmith"}, {IPv4, "10.1.2.3"}},
		Rules: []Rule{{ID: "ticket", Class: Token, Pattern: `TCK-(?P<mask>\d{6})`, Match: []string{"TCK-123456"}, Pass: []string{"TCK-12"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := string(redactAll(t, s, "x", []byte("Atlas: jsmith at 10.1.2.3, atlases, TCK-123456 and TCK-654321\nTCK-12\n")))
	for _, gone := range []string{"Atlas:", "jsmith", "123456", "654321"} {
		if strings.Contains(got, gone) {
			t.Errorf("%q is left in %s", gone, got)
		}
	}
	for _, left := range []string{" at 10.1.2.3, atlases, TCK-redacted-token-", "\nTCK-12\n"} {
		if !strings.Contains(got, left) {
			t.Errorf("%q is gone from %s", left, got)
		}
	}
}

func TestCheckRule(t *testing.T) {
	good := Rule{ID: "x", Class: Token, Pattern: `x\d+`, Keywords: []string{"xyz"}, Paths: []string{"/a/**"}, Allow: []string{"x7", "/x8+/"}, Match: []string{"xyz x1"}, Pass: []string{"xyz x"}}
	if faults := CheckRule(good); faults != nil {
		t.Fatal(faults)
	}
	for _, c := range []struct {
		field string
		index int
		about string
		spoil func(*Rule)
	}{
		{"id", -1, "missing", func(r *Rule) { r.ID = "" }},
		{"class", -1, "thing", func(r *Rule) { r.Class = "thing" }},
		{"pattern", -1, "missing", func(r *Rule) { r.Pattern = "" }},
		{"pattern", -1, "empty string", func(r *Rule) { r.Pattern = `x*` }},
		{"pattern", -1, "empty string", func(r *Rule) { r.Pattern = `\b` }},
		{"pattern", -1, "missing closing", func(r *Rule) { r.Pattern = `(` }},
		{"pattern", -1, "steps", func(r *Rule) { r.Pattern = `x(?:\d|abc){999}` }},
		{"match", -1, "at least one", func(r *Rule) { r.Match = nil }},
		{"pass", -1, "at least one", func(r *Rule) { r.Pass = nil }},
		{"match", 1, `"y1"`, func(r *Rule) { r.Match = append(r.Match, "y1") }},
		{"match", 0, "by keywords", func(r *Rule) { r.Match = []string{"x1"} }},
		{"match", 0, "by allow", func(r *Rule) { r.Match = []string{"xyz x88"} }},
		{"match", 0, "mask is empty", func(r *Rule) { r.Pattern, r.Allow = `x\d+(?P<mask>z*)`, nil }},
		{"pass", 0, `"x2"`, func(r *Rule) { r.Pass = []string{"xyz x2"} }},
		{"keywords", 1, "3 bytes", func(r *Rule) { r.Keywords = append(r.Keywords, "no") }},
		{"paths", 0, "wildcards", func(r *Rule) { r.Paths = []string{"/a/[b"} }},
		{"allow", 0, "missing closing", func(r *Rule) { r.Allow = []string{"/(/"} }},
	} {
		r := good
		r.Keywords, r.Match = slices.Clone(r.Keywords), slices.Clone(r.Match)
		c.spoil(&r)
		faults := CheckRule(r)
		if len(faults) != 1 || faults[0].Field != c.field || faults[0].Index != c.index || !strings.Contains(faults[0].Message, c.about) {
			t.Errorf("%s %d %s: %v", c.field, c.index, c.about, faults)
		}
		if _, err := NewSession(Options{Rules: []Rule{r}}); err == nil {
			t.Errorf("%s %d %s: a session takes it", c.field, c.index, c.about)
		}
	}
	if _, err := NewSession(Options{Rules: []Rule{good, good}}); err == nil {
		t.Error("two rules of one id were taken")
	}
	slow := Rule{ID: "x", Class: Token, Pattern: `\d+x`, Match: []string{"1x"}, Pass: []string{"x"}}
	if !slow.Slow() || good.Slow() {
		t.Error("slow rules are not told from others")
	}
	slow.Keywords, slow.Match = []string{"key"}, []string{"key 1x"}
	if slow.Slow() {
		t.Error("keywords do not make a rule quick")
	}
}

func TestTextAndPath(t *testing.T) {
	s := session(t)
	if got := s.Text("open /home/jsmith/x: mysql -pS3cretPw1 failed"); strings.Contains(got, "jsmith") || strings.Contains(got, "S3cretPw1") {
		t.Errorf("text: %s", got)
	}
	for _, p := range []string{"/home/jsmith/logs/10.9.8.7.log", "var/bo@example.org/x", "C/Users/x", "a/b/c", ""} {
		got := s.Path(p)
		if strings.Count(got, "/") != strings.Count(p, "/") {
			t.Errorf("path %s became %s", p, got)
		}
		if strings.Contains(got, "jsmith") || strings.Contains(got, "bo@") {
			t.Errorf("path %s became %s", p, got)
		}
	}
	if len(s.Totals()) == 0 {
		t.Error("texts and paths do not count")
	}
	n := 0
	for p, o := range s.Identities() {
		n++
		if strings.Contains(o, "S3cretPw1") || p == "" {
			t.Errorf("identities hold %s %s", p, o)
		}
	}
	if n == 0 {
		t.Error("no identities")
	}
}

func TestScan(t *testing.T) {
	text := "one\nuser=jsmith from 10.1.2.3\npassword=hunter-22x\nmail bo@example.org\n"
	found, err := Scan("x", strings.NewReader(text), 10)
	if err != nil || len(found) != 2 || found[0].Line != 3 || found[0].Class != Password || found[1].Line != 4 || found[1].Class != Email {
		t.Errorf("%v %v", found, err)
	}
	if found, err = Scan("x", strings.NewReader(text), 1); err != nil || len(found) != 1 {
		t.Errorf("%v %v", found, err)
	}
	clean := redactAll(t, session(t), "x", []byte(text))
	if found, err = Scan("x", bytes.NewReader(clean), 10); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}

func TestStreamsAtOnce(t *testing.T) {
	s := session(t)
	text := sample()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := io.Copy(io.Discard, s.Stream("x", bytes.NewReader(text))); err != nil {
				t.Error(err)
			}
			s.Text("password=xX9-yY8-zZ7")
			s.Sweep(0, "utf-8", text)
		})
	}
	wg.Wait()
}

// A session whose pseudonyms nobody will ask for keeps no originals.
func TestForget(t *testing.T) {
	for _, forget := range []bool{false, true} {
		s, err := NewSession(Options{Forget: forget})
		if err != nil {
			t.Fatal(err)
		}
		redactAll(t, s, "x", []byte("from ada.byron@post.example.net at 203.0.113.9\n"))
		n := 0
		for range s.Identities() {
			n++
		}
		if (n == 0) != forget || s.Unrecorded() != 0 {
			t.Errorf("forget %v: %d identities, %d unrecorded", forget, n, s.Unrecorded())
		}
	}
}

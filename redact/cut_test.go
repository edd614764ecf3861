package redact

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// torn are texts of which something stands at the very end, is torn, or is longer
// than what is looked at.
var torn = []string{
	"1234-PPE-0 : x", ">>> password\nOut[1]: abc'\n", "-t.sho\r(", "jdbc:oracle:\nthin:scott/x", "jkeller (198.51.100.7)> 230 Logged on", "Jan 22 07:54:32 com.example.Indexer started in 12 ms[",
	"a<BU", "<Password\n a=\"b\"\n><k>x</k></Passwo][oauth]\ner", "a,-owner,password\nb,kvossb,x\n", "id,operator,reader\n1,kvossb,x\n", "2026-01-12T23:41:18Z worker failed ", "insert into users (login, password=?", "a: token=x\\\n   ", `{"a":"::set-output name=password]`,
	"Enter passphrase for key '/home/user/.ssh/id_rsa': \n ", "login is jsmith / Xy7!", "login: jsmith / ", "<user", "<host", "<password", "<machine", "name -nAme,0",
}

// examples are the texts that rules are shown with, and the torn ones.
func examples(t *testing.T) []string {
	texts := slices.Clone(torn)
	for _, r := range builtins {
		texts = append(texts, r.hits...)
		texts = append(texts, r.misses...)
	}
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range append(files, "testdata/names.txt") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			texts = append(texts, lines.Text())
		}
	}
	clean := strings.NewReplacer("«", "", "»", "", "‹", "", "›", "", "¶", "\n")
	for i := range texts {
		texts[i] = clean.Replace(texts[i])
	}
	return texts
}

// reader answers with a function that reads a text, and says of which texts that
// is more than the rules can do.
func reader(t *testing.T) func(text []byte) {
	sc := newScanner(session(t))
	return func(text []byte) {
		defer func() {
			if r := recover(); r != nil {
				t.Errorf("%q: %v", text, r)
				sc = newScanner(sc.s)
			}
		}()
		var r resolver
		sc.begin("x")
		sc.scan(text)
		r.start(sc)
		r.resolve(sc)
		sc.settle()
	}
}

// A text may end anywhere, in the midst of what a rule looks at, and begin so.
func TestCutAnywhere(t *testing.T) {
	read := reader(t)
	for _, text := range examples(t) {
		for k := range text {
			read(slices.Clip([]byte(text[:k])))
			read([]byte(text[k:]))
		}
	}
}

// Pieces of texts may stand in one, in any order, with anything between them.
func TestSplices(t *testing.T) {
	const between, noise = "\n \"':=\\,{}[]()*\t@<>/\r", "\"'\\ :=,{}[]()<>@*/\n\t-+%$#;&|.aA0\x00\x80"
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	texts, read := examples(t), reader(t)
	var b []byte
	for range 200_000 {
		b = b[:0]
		for range 1 + random.IntN(5) {
			text := texts[random.IntN(len(texts))]
			from := random.IntN(len(text)+1) * random.IntN(2)
			b = append(b, text[from:from+random.IntN(len(text)-from+1)]...)
			if random.IntN(2) == 0 {
				b = append(b, between[random.IntN(len(between))])
			}
		}
		for n := random.IntN(4); n > 0 && len(b) > 0; n-- {
			b[random.IntN(len(b))] = noise[random.IntN(len(noise))]
		}
		read(b[:len(b):len(b)])
		if t.Failed() {
			return
		}
	}
}

// What stands there may be longer than what a rule looks at, and a line may be
// torn: nothing of the next is lost with it.
func TestLongAndTorn(t *testing.T) {
	blanks := strings.Repeat(" ", 600)
	for _, text := range []string{
		"<td>password</td>" + blanks + "x",
		"update t set password = ?; ['" + strings.Repeat("a", 8160) + "'," + blanks + "['x', 'y']",
		"extracted value ([" + strings.Repeat("a", 17000) + "] : [VARCHAR]) - [y]",
		"ISA*03*who*01*abc\ndef*x",
	} {
		if out := scanned(t, []byte(text)); bytes.Count(out, []byte{'\n'}) != strings.Count(text, "\n") {
			t.Errorf("%.40q became %.40q", text, out)
		}
	}
}

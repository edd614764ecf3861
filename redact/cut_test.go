package redact

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A text may end anywhere, in the midst of what a rule looks at, and begin so.
func TestCutAnywhere(t *testing.T) {
	clean := strings.NewReplacer("«", "", "»", "", "‹", "", "›", "", "¶", "\n")
	texts := []string{
		// What stands there is cut off, torn, or longer than what is looked at.
		"1234-PPE-0 : x", ">>> password\nOut[1]: abc'\n", "-t.sho\r(", "jdbc:oracle:\nthin:scott/x", "jkeller (198.51.100.7)> 230 Logged on", "Jan 22 07:54:32 com.example.Indexer started in 12 ms[",
		"a<BU", "<Password\n a=\"b\"\n><k>x</k></Passwo][oauth]\ner", "a,-owner,password\nb,kvossb,x\n", "id,operator,reader\n1,kvossb,x\n", "2026-01-12T23:41:18Z worker failed ", "insert into users (login, password=?", "a: token=x\\\n   ", `{"a":"::set-output name=password]`,
		"Enter passphrase for key '/home/user/.ssh/id_rsa': \n ", "login is jsmith / Xy7!", "login: jsmith / ", "<user", "<host", "<password", "<machine", "name -nAme,0"}
	for _, r := range builtins {
		texts = append(texts, r.hits...)
		texts = append(texts, r.misses...)
	}
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			texts = append(texts, lines.Text())
		}
	}
	sc := newScanner(session(t))
	try := func(text []byte) {
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
	for _, text := range texts {
		text := []byte(clean.Replace(text))
		for k := range text {
			try(text[:k:k])
			try(text[k:])
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

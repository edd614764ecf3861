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
	texts := []string{"login is jsmith / Xy7!", "login: jsmith / ", "<user", "<host", "<password", "<machine", "name -nAme,0"}
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
		sc.begin("x")
		sc.scan(text)
	}
	for _, text := range texts {
		text := []byte(clean.Replace(text))
		for k := range text {
			try(text[:k:k])
			try(text[k:])
		}
	}
}

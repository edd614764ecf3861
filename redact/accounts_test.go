package redact

import (
	_ "embed"
	"strings"
	"testing"
)

// Ways in which logs, configuration and command lines state the name of an
// account, each line by itself: what stands between « and » has to be hidden,
// what stands between ‹ and › may be, all else stays; ¶ ends a line.
//
//go:embed testdata/names.txt
var names string

func TestNames(t *testing.T) {
	lines := 0
	for line := range strings.Lines(names) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "== ") {
			continue
		}
		lines++
		text, want := example(t, line)
		got := string(redactAll(t, session(t), "x", []byte(text)))
		if !want.MatchString(got) {
			t.Errorf("%s\nbecame\n%s", line, got)
			continue
		}
		if again := string(redactAll(t, session(t), "x", []byte(got))); again != got {
			t.Errorf("%s\nredacted again became\n%s", got, again)
		}
	}
	if lines == 0 {
		t.Error("there are no lines")
	}
}

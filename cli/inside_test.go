package cli

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/diagcollect/diagcollect/cli/inspect"
	"github.com/diagcollect/diagcollect/manifest"
)

// TestGrepOnATerminal shows what is hidden and colours what matched; piped,
// bytes are bytes.
func TestGrepOnATerminal(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	pattern, err := inspect.NewPattern("err.r", false, false)
	if err != nil {
		t.Fatal(err)
	}
	entry := &manifest.Entry{Path: "data/app/a\u202eb.log", Source: "app"}
	line := &inspect.Line{Entry: entry, Number: 7, Text: []byte("\x1b[2J an error\tand \xff\r"), Match: true}
	for terminal, want := range map[bool]string{
		false: "web-1/app/a\u202eb.log:7:\x1b[2J an error\tand \xff\r\n",
		true:  "\x1b[35mweb-1/app/a\\u{202e}b.log\x1b[0m:\x1b[32m7\x1b[0m:\\x1b[2J an \x1b[1;31merror\x1b[0m\tand \\xff\n",
	} {
		var out bytes.Buffer
		p := &program{console: &console{out: &out, outTerminal: terminal}}
		g := &grepping{p: p, o: &opened{label: "web-1"}, out: &results{out: bufio.NewWriter(&out)}}
		g.search.Pattern = pattern
		if err := g.found(line); err != nil {
			t.Fatal(err)
		}
		g.out.out.Flush()
		if out.String() != want {
			t.Errorf("terminal %v: %q, want %q", terminal, out.String(), want)
		}
	}
}

package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"

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

// TestTextAnswer writes a text piece by piece as encoding/json would write it whole.
func TestTextAnswer(t *testing.T) {
	for _, text := range []string{
		"", "plain\n", "ä€😀\"\\\u2028\x00<&>", "\xff\xe4 cut \xf0\x9f\x98", "\xe2\x82",
		strings.Repeat("x", 64<<10-1) + "€", strings.Repeat("😀\xf0", 40_000),
	} {
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(text), "bytes": iotest.OneByteReader(strings.NewReader(text)), "error with data": iotest.DataErrReader(strings.NewReader(text)),
		} {
			var out bytes.Buffer
			p := &program{console: &console{out: &out}}
			a, err := p.newTextAnswer("id", manifest.Entry{Path: "data/x"})
			if err == nil {
				err = a.copy(r)
			}
			if err == nil {
				err = a.finish(3, &jsonError{Code: "c"})
			}
			if err != nil {
				t.Fatal(err)
			}
			whole, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			var want string
			if err := json.Unmarshal(whole, &want); err != nil {
				t.Fatal(err)
			}
			var got struct {
				basicAnswer
				Text string
			}
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%s: %v in %.200q", name, err, out.String())
			}
			if got.Text != want || got.Exit != 3 || got.Error.Code != "c" {
				t.Errorf("%s: %.40q became %.40q", name, text, got.Text)
			}
		}
	}
}

// TestShowOnATerminal shows characters whole, wherever pieces of a long line end.
func TestShowOnATerminal(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("ä", 100_000) + "\x1b[2J\n",
		"x" + strings.Repeat("ä", 100_000),
		"first\n" + strings.Repeat("x€😀", 30_000) + "\nlast",
		"half a character \xe2\x82",
	} {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(text), "bit by bit": iotest.HalfReader(iotest.DataErrReader(strings.NewReader(text)))} {
			var out bytes.Buffer
			if err := copyVisible(&out, r); err != nil {
				t.Fatal(err)
			}
			if want := visibleLines(text); out.String() != want {
				t.Errorf("%.20q, %s: %d bytes, want %d", text, name, out.Len(), len(want))
			}
		}
	}
}

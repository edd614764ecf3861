package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/upload"
)

// TestExitOrder holds the order in which exit codes are told against the one
// that the README publishes.
func TestExitOrder(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`the first in the order ([0-9/, ]+) is told`).FindSubmatch(readme)
	if m == nil {
		t.Fatal("the README tells no order")
	}
	var published []int
	for _, w := range strings.FieldsFunc(string(m[1]), func(r rune) bool { return r == ',' || r == ' ' || r == '/' }) {
		var n int
		if _, err := fmt.Sscan(w, &n); err != nil {
			t.Fatal(err)
		}
		published = append(published, n)
	}
	if !slices.Equal(published, exitOrder[:]) {
		t.Errorf("the README says %v, the program does %v", published, exitOrder)
	}
	for i, a := range exitOrder {
		for _, b := range exitOrder[i:] {
			if got := firstOf(b, a); got != a {
				t.Errorf("%d and %d give %d, want %d", a, b, got, a)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		exit int
		code string
	}{
		{fmt.Errorf("x: %w", manifest.ErrNotAuthentic), exitNotAuthentic, "not-authentic"},
		{fmt.Errorf("x: %w", upload.ErrNotDelivered), exitNotDelivered, "not-delivered"},
		{fmt.Errorf("x: %w", &upload.RefusedError{Problem: upload.Problem{Code: upload.CodeUnknownCase}}), exitRefused, upload.CodeUnknownCase},
		{fmt.Errorf("x: %w", usageError("y")), exitUsage, "usage"},
		{&interrupt{os.Interrupt}, exitInterrupted, "interrupted"},
		{errors.New("x"), exitFailed, "failed"},
	} {
		if p := explain(tt.err); p.exit != tt.exit || p.code != tt.code {
			t.Errorf("%v: exit %d %q, want %d %q", tt.err, p.exit, p.code, tt.exit, tt.code)
		}
	}
	if p := explain(fmt.Errorf("bundle 1: %w", usageError("y").withHint("z"))); p.Error() != "bundle 1: y" || p.hint != "z" {
		t.Errorf("a wrapped problem lost its context or hint: %q %q", p.Error(), p.hint)
	}
}

func TestArrange(t *testing.T) {
	flags := func(more ...cli.Flag) []cli.Flag {
		return append(more, &cli.BoolFlag{Name: "json"}, &cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}})
	}
	app := &cli.App{
		Flags: flags(&cli.StringFlag{Name: "case"}, &cli.StringFlag{Name: "since"}),
		Commands: []*cli.Command{
			{Name: "show", Flags: flags(&cli.StringFlag{Name: "output"})},
			{Name: "spool", Flags: flags(), Subcommands: []*cli.Command{{Name: "list", Flags: flags()}}},
		},
	}
	for _, tt := range []struct{ in, want string }{
		{"--case 1", "--case=1"},
		{"--case=1 --json", "--case=1 --json"},
		{"show a --json b", "show --json -- a b"},
		{"--json show a", "show --json -- a"},
		{"show --output - a", "show --output=- -- a"},
		{"show -- --json", "show -- --json"},
		{"show -v a", "show --verbose -- a"},
		{"spool --json list", "spool list --json"},
		{"show list", "show -- list"},
		{"--help", "--help"},
		{"show --help", "show --help"},

		{"extra", "error"},
		{"--case 1 extra", "error"},
		{"--case", "error"},
		{"--case --json", "error"},
		{"-case 1", "error"},
		{"--nope", "error"},
		{"--since 1d show a", "error"},
		{"spool lst", "error"},
	} {
		got, err := arrange(app, strings.Fields(tt.in))
		text := strings.Join(got, " ")
		if err != nil {
			text = "error"
			if p := explain(err); p.exit != exitUsage {
				t.Errorf("%q: exit %d, want usage", tt.in, p.exit)
			}
		}
		if text != tt.want {
			t.Errorf("%q: got %q, %v; want %q", tt.in, text, err, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"collect", "case", "show", "spool"}
	for word, want := range map[string]string{
		"colect": "collect", "clolect": "collect", "COLLECT": "collect", "cas": "case", "col": "collect",
		"shwo": "show", "zebra": "", "xx": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestParseMoment(t *testing.T) {
	zone := time.FixedZone("X", 2*3600)
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, zone)
	for in, want := range map[string]string{
		"24h":                  "2026-03-09T12:00:00+02:00",
		"2d":                   "2026-03-08T12:00:00+02:00",
		"1w":                   "2026-03-03T12:00:00+02:00",
		"@1770000000":          "2026-02-02T04:40:00+02:00",
		"2026-03-01":           "2026-03-01T00:00:00+02:00",
		"2026-03-01 14:30":     "2026-03-01T14:30:00+02:00",
		"2026-03-01T14:30:05":  "2026-03-01T14:30:05+02:00",
		"2026-03-01T14:30:05Z": "2026-03-01T16:30:05+02:00",
		"yesterday":            "",
		"-5h":                  "",
		"@x":                   "",
		"":                     "",
	} {
		got, err := parseMoment(in, now)
		if text := got.In(zone).Format(time.RFC3339); err != nil && want != "" || err == nil && text != want {
			t.Errorf("%q: %s, %v; want %q", in, text, err, want)
		}
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ünïcode 字":    "plain, ünïcode 字",
		"a\x1b[31mb":          `a\x1b[31mb`,
		"a\nb\tc":             `a\nb\tc`,
		"evil\u202etxt":       `evil\u{202e}txt`,
		"zero\u200bwidth":     `zero\u{200b}width`,
		"bad\xffbyte":         `bad\xffbyte`,
		"c1\u009bx":           `c1\x9bx`,
		"tag\U000e0041":       `tag\u{e0041}`,
		"del\x7f":             `del\x7f`,
		"line\u2028separator": `line\u{2028}separator`,
	} {
		if got := visible(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := visibleLines("a\n\tb\r\n"); got != "a\n\tb\\x0d\n" {
		t.Errorf("lines: %q", got)
	}
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 24_800_000: "24.8 MB", 999_960: "1.0 MB", 312_000_000: "312 MB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1308: "1,308", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestRedactURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:geheim@host/p?sig=geheim": "https://...@host/p",
		"http://host":                        "http://host",
		"host":                               "host",
	} {
		if got := redactURL(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestHelp holds that each command says what it does, has examples that the
// command line understands, and fits a narrow terminal.
func TestHelp(t *testing.T) {
	p := &program{console: &console{}}
	app := p.newApp()
	var walk func(full string, c *cli.Command)
	walk = func(full string, c *cli.Command) {
		for _, width := range []int{helpLeast, 80, helpWidth} {
			text := helpText(full, c, width)
			_, after, _ := strings.Cut(text, "\nDESCRIPTION:\n")
			prose, _, _ := strings.Cut(after, "\nEXAMPLES:\n")
			for line := range strings.Lines(prose) {
				if strings.Contains(strings.TrimSpace(line), " ") && utf8.RuneCountInString(line) > width+1 {
					t.Errorf("%s at %d columns: %q", full, width, line)
				}
			}
			for _, f := range c.Flags {
				if !strings.Contains(text, "   --"+f.Names()[0]) {
					t.Errorf("%s at %d columns does not tell --%s", full, width, f.Names()[0])
				}
			}
		}
		text, examples, ok := strings.Cut(c.Description, examplesMark)
		if c.Usage == "" || !ok || len(strings.TrimSpace(text)) < 40 && full != "diagcollect completion" {
			t.Errorf("%s: %q, %q", full, c.Usage, c.Description)
		}
		for line := range strings.Lines(examples) {
			args := exampleArgs(line)
			if args == nil {
				t.Errorf("%s: no example: %q", full, line)
				continue
			}
			if _, err := arrange(app, args); err != nil {
				t.Errorf("%s: %q: %v", full, line, err)
			}
		}
		for _, s := range c.Subcommands {
			walk(full+" "+s.Name, s)
		}
	}
	walk("diagcollect", &cli.Command{Usage: app.Usage, UsageText: app.UsageText, Description: app.Description, Flags: app.Flags, Subcommands: app.Commands})
}

// exampleArgs are the arguments of diagcollect in a line of shell.
func exampleArgs(line string) []string {
	m := regexp.MustCompile(`(?:^|[ (|])diagcollect( .*)`).FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	args := []string{}
	for _, w := range regexp.MustCompile(` {3,}\S.*|#.*|[|><)].*|'[^']*'|"[^"]*"|\S+`).FindAllString(m[1], -1) {
		switch {
		case strings.HasPrefix(w, "   "), strings.ContainsAny(w[:1], "#|><)"):
			return args
		case strings.ContainsAny(w[:1], `'"`):
			w = w[1 : len(w)-1]
		}
		args = append(args, strings.TrimSuffix(w, ")\""))
	}
	return args
}

// TestCompletion holds that the scripts know every command and flag.
func TestCompletion(t *testing.T) {
	p := &program{console: &console{}, recipes: fstest.MapFS{"examples/one.yaml": {}}}
	app := p.newApp()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script, err := p.completion(app, shell)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range places(app) {
			wants := a.operands()
			if shell == "fish" {
				for _, f := range a.flags {
					wants = append(wants, "-l "+f.Names()[0])
				}
			} else {
				wants = append(wants, a.options()...)
			}
			var of []string
			for line := range strings.Lines(script) {
				if strings.Contains(line, "'__diagcollect_at "+a.path+"'") || strings.HasPrefix(strings.TrimSpace(line), fmt.Sprintf("%q) operands", a.path)) {
					of = append(of, strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \"\n", r) })...)
				}
			}
			for _, w := range wants {
				if !slices.Contains(of, strings.TrimPrefix(w, "-l ")) {
					t.Errorf("%s: %q does not offer %s", shell, a.path, w)
				}
			}
		}
	}
}

// TestInterruptedQuestion holds that Ctrl-C ends a question that nobody answers.
func TestInterruptedQuestion(t *testing.T) {
	silent, answer := io.Pipe()
	defer answer.Close()
	var said bytes.Buffer
	c := &console{in: silent, err: &said}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&interrupt{os.Interrupt})
	yes, err := c.confirm(ctx, "Send?")
	if yes || explain(err).exit != exitInterrupted || said.String() != "Send? [y/N] \n" {
		t.Errorf("%v, %v, %q", yes, err, said.String())
	}
	c = &console{in: strings.NewReader("YES\n"), err: &said}
	if yes, err = c.confirm(t.Context(), "Send?"); !yes || err != nil {
		t.Errorf("%v, %v", yes, err)
	}
}

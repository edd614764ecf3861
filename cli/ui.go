package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Rules of the interface, kept here because everything said to a person
// passes through this file:
//
//   - Standard output carries the result only. All else goes to standard
//     error, each line beginning "diagcollect: ".
//   - error: says what is wrong and names the thing; hint: says what can be
//     done about it. One hint at most.
//   - Colour and bars on a terminal only; NO_COLOR is honoured. Without a
//     terminal: one plain line per source, and one per 30 s of upload.
//   - Whatever comes from logs, recipes, names or servers passes visible
//     before it is shown.
//   - A question's default is No, and without a terminal nobody is asked.

// console is where a command talks to people.
type console struct {
	in      io.Reader
	out     io.Writer
	err     io.Writer
	quiet   bool
	verbose bool
	colour  bool

	inTerminal, outTerminal, errTerminal bool

	mu  sync.Mutex // one line at a time on err
	bar *progressbar.ProgressBar
}

func newConsole(in io.Reader, out, err io.Writer) *console {
	c := &console{in: in, out: out, err: err}
	c.inTerminal, c.outTerminal, c.errTerminal = isTerminal(in), isTerminal(out), isTerminal(err)
	c.colour = c.errTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return c
}

func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// interactive reports whether a question can be asked and answered.
func (c *console) interactive() bool { return c.inTerminal && c.errTerminal }

// say prints one line for people, unless --quiet.
func (c *console) say(format string, args ...any) {
	if c.quiet {
		return
	}
	c.line("diagcollect: " + fmt.Sprintf(format, args...))
}

// detail prints one line for people who asked for more with --verbose.
func (c *console) detail(format string, args ...any) {
	if c.verbose {
		c.line("diagcollect: " + fmt.Sprintf(format, args...))
	}
}

// text prints lines as they are (a summary, a plan), unless --quiet.
func (c *console) text(s string) {
	if c.quiet {
		return
	}
	c.line(strings.TrimSuffix(s, "\n"))
}

func (c *console) warn(format string, args ...any) {
	c.line("diagcollect: " + c.paint("33", "warning:") + " " + fmt.Sprintf(format, args...))
}

func (c *console) problem(p *problem) {
	c.line("diagcollect: " + c.paint("31", "error:") + " " + strings.ReplaceAll(visibleLines(p.Error()), "\n", "\n  "))
	if p.hint != "" {
		c.line("diagcollect: " + c.paint("36", "hint:") + " " + visible(p.hint))
	}
}

func (c *console) line(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bar != nil {
		_ = c.bar.Clear() // a bar that cannot be drawn is no reason to stop
	}
	fmt.Fprintln(c.err, s)
}

func (c *console) paint(code, s string) string {
	if !c.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// confirm asks a yes-or-no question; only y and yes are yes. The end of ctx, as
// by Ctrl-C, ends the wait for an answer.
func (c *console) confirm(ctx context.Context, question string) (bool, error) {
	if f, ok := c.in.(*os.File); ok && c.inTerminal {
		if err := dropTypeahead(f); err != nil {
			return false, fmt.Errorf("terminal: %w", err)
		}
	}
	c.mu.Lock()
	fmt.Fprintf(c.err, "%s [y/N] ", question)
	c.mu.Unlock()
	line, err := c.answered(ctx, func() (string, error) { return readLine(c.in) })
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	a := strings.ToLower(strings.TrimSpace(line))
	return a == "y" || a == "yes", nil
}

// answered waits for what read reads, or for the end of ctx: nothing else wakes
// who waits at a terminal. read goes on waiting then, in a process that ends.
func (c *console) answered(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		fmt.Fprintln(c.err) // what follows begins a line
		return "", context.Cause(ctx)
	}
}

// secret reads a line without showing it when the input is a terminal.
func (c *console) secret(ctx context.Context, prompt string) (string, error) {
	if f, ok := c.in.(*os.File); ok && c.inTerminal {
		state, err := term.GetState(int(f.Fd()))
		if err != nil {
			return "", fmt.Errorf("terminal: %w", err)
		}
		fmt.Fprintf(c.err, "%s: ", prompt)
		line, err := c.answered(ctx, func() (string, error) {
			b, err := term.ReadPassword(int(f.Fd()))
			return string(b), err
		})
		if ctx.Err() != nil {
			return "", errors.Join(err, term.Restore(int(f.Fd()), state)) // what is typed is shown again
		}
		fmt.Fprintln(c.err)
		return line, err
	}
	line, err := readLine(c.in)
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return line, err
}

// readLine reads one line byte by byte, so that what follows it stays unread.
func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < 1<<16 {
		n, err := r.Read(b[:])
		if n == 1 {
			if b[0] == '\n' {
				return string(line), nil
			}
			line = append(line, b[0])
		}
		if err != nil {
			return string(line), err
		}
	}
	return "", errors.New("line too long")
}

// json prints the one JSON value that a command answers with.
func (c *console) json(v any) error {
	w := bufio.NewWriter(c.out)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if c.outTerminal {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(v); err != nil {
		return err
	}
	return w.Flush()
}

// startBar shows a bar on a terminal; elsewhere the returned functions do
// nothing.
func (c *console) startBar(what string, total int64) (set func(int64), done func()) {
	if !c.errTerminal || c.quiet || os.Getenv("TERM") == "dumb" {
		return func(int64) {}, func() {}
	}
	// A bar that is gone at once tells nothing, and its rate is no rate yet.
	began := time.Now()
	const soon = 300 * time.Millisecond
	bar := progressbar.NewOptions64(max(total, 1),
		progressbar.OptionSetWriter(c.err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(24),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionSetRenderBlankState(false),
	)
	bar.StartWithoutRender() // or rates count from the first drawing
	c.mu.Lock()
	c.bar = bar
	c.mu.Unlock()
	set = func(n int64) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if time.Since(began) < soon {
			return
		}
		if n > bar.GetMax64() {
			bar.ChangeMax64(n)
		}
		_ = bar.Set64(n) // a bar that cannot be drawn is no reason to stop
	}
	return set, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		_ = bar.Clear()
		c.bar = nil
	}
}

// visible makes a foreign text safe to show on one line of a terminal:
// control, bidirectional and invalid characters are written as escapes.
func visible(s string) string { return makeVisible(s, false) }

// visibleLines is visible for texts of several lines.
func visibleLines(s string) string { return makeVisible(s, true) }

func makeVisible(s string, lines bool) string {
	clean := true
	for _, r := range s {
		if hidden(r, lines) {
			clean = false
			break
		}
	}
	if clean && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !hidden(r, lines):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		i += n
	}
	return b.String()
}

// hidden reports characters that change how others are shown, or are not
// shown at all: controls, format characters (bidirectional marks, zero-width
// joiners, tags), line and paragraph separators, private and unassigned use.
func hidden(r rune, lines bool) bool {
	if lines && (r == '\n' || r == '\t') {
		return false
	}
	return !unicode.IsPrint(r) && r != ' '
}

// size writes a number of bytes for people: 24.8 MB.
func size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	v, suffix := float64(n), ""
	for _, s := range []string{"kB", "MB", "GB", "TB", "PB"} {
		v, suffix = v/unit, s
		if v < 999.5 {
			break
		}
	}
	if v < 99.95 {
		return fmt.Sprintf("%.1f %s", v, suffix)
	}
	return fmt.Sprintf("%.0f %s", v, suffix)
}

// count writes a number with thousands apart: 1,308.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural is "1 entry" or "37 entries".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

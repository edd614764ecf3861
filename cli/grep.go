package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/cli/inspect"
	"github.com/diagcollect/diagcollect/manifest"
)

func (p *program) grepCommand() *cli.Command {
	return &cli.Command{
		Name:      "grep",
		Usage:     "search the entries of bundles",
		ArgsUsage: "PATTERN BUNDLE|ID|URL...",
		Description: "Prints HOST/SOURCE/PATH:LINE:TEXT of each line that matches, in the order of the bundle;\n" +
			"lines of context have - in place of :. HOST is the bundle's name where two bundles have one\n" +
			"host. PATTERN is a regular expression (RE2). Signatures and digests are checked as show does.\n" +
			"Of a line beyond 4 MiB it prints the piece in which the first match ends.\n" +
			"Exit code 0: found, 1: found nothing, or failed (which is told).\n\nEXAMPLES:\n" +
			"   diagcollect grep -i 'out of memory' 0193f2c1\n" +
			"   diagcollect grep -C 3 --type event 'panic|fatal' *.tar.zst\n" +
			"   diagcollect grep -l --source nginx --since 2d ' 50[0-9] ' bundle.tar.zst",
		Flags: p.withState(append(append([]cli.Flag{
			switchFlag("ignore-case", "upper and lower case are the same", "i"),
			switchFlag("fixed-strings", "PATTERN is a text, no regular expression", "F"),
			askFlag("context", "print `N` lines before and after each, too", "C"),
			switchFlag("files-with-matches", "print only the entries in which something is found", "l"),
			switchFlag("count", "print only how many lines match in each such entry", "c"),
			askFlag("since", "only lines written since `TIME`, as far as they tell; entries older than that are not read"),
		}, entryFlags()...), trustFlags()...)...),
		Action: p.do(p.grep),
	}
}

// grepMatch is one line of grep --json.
type grepMatch struct {
	Host   string `json:"host"`
	Bundle string `json:"bundle_id"`
	Entry  string `json:"entry"`
	Source string `json:"source"`
	Line   int64  `json:"line,omitempty"`
	Text   string `json:"text,omitempty"`
	Match  *bool  `json:"match,omitempty"` // false: context
	Count  int64  `json:"count,omitempty"` // with --count
}

func (p *program) grep(c *cli.Context) error {
	if c.NArg() == 1 {
		return usageError("the bundle is missing").withHint("%s", usageLine(c))
	}
	if err := operands(c, 2, -1, "the pattern"); err != nil {
		return err
	}
	pattern, err := inspect.NewPattern(c.Args().First(), c.Bool("ignore-case"), c.Bool("fixed-strings"))
	if err != nil {
		hint := "-F looks for a text as it is"
		if !utf8.ValidString(c.Args().First()) {
			hint = `\x{fffd} stands for any byte that is no UTF-8`
		}
		return usageError("the pattern: %w", err).withHint("%s", hint)
	}
	g := &grepping{p: p, names: c.Bool("files-with-matches"), count: c.Bool("count")}
	if g.search.Context, err = smallNumber(c, "context"); err != nil {
		return err
	}
	if g.names && g.count {
		return usageError("--files-with-matches and --count are two different answers")
	}
	if g.names || g.count {
		if _, ok := p.typed("context"); ok {
			return usageError("--context prints lines, and --%s none", map[bool]string{true: "files-with-matches", false: "count"}[g.names])
		}
	}
	since, err := moment(c, "since")
	if err != nil {
		return err
	}
	bundles, closeAll, err := p.openBundles(c, 1)
	if err != nil {
		return err
	}
	defer closeAll()
	want, err := wanted(c, bundles)
	if err != nil {
		return err
	}
	g.search.Pattern, g.search.First = pattern, g.names || p.quiet && !p.asJSON
	g.out = p.newResults("matches")
	for _, o := range bundles {
		g.o = o
		g.search.Want = func(e *manifest.Entry) bool { return want(e) && !e.ModTime.Before(since.Truncate(time.Second)) }
		if !since.IsZero() {
			host, err := inspect.HostOf(o.Bundle)
			if err != nil {
				return bundleProblem(o.path, err)
			}
			g.search.Accept = host.Since(since)
		}
		err := g.search.Run(p.ctx, o.Bundle, g.found)
		if err == nil {
			err = g.endEntry()
		}
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			if !p.asJSON {
				err = errors.Join(err, g.out.out.Flush())
			}
			return bundleProblem(o.path, err)
		}
	}
	if !g.any {
		p.code = exitFailed // as grep does, without a word
	}
	if p.asJSON {
		return nil
	}
	return g.out.out.Flush()
}

// smallNumber reads a flag that counts lines.
func smallNumber(c *cli.Context, name string) (int, error) {
	s := c.String(name)
	if s == "" {
		return 0, nil
	}
	var n int
	if _, err := fmt.Sscanf(s+"\n", "%d\n", &n); err != nil || n < 0 || n > 1000 {
		return 0, usageError("--%s %s: give a number from 0 to 1000", name, visible(s))
	}
	return n, nil
}

// grepping prints what is found.
type grepping struct {
	p            *program
	search       inspect.Search
	o            *opened
	out          *results
	names, count bool

	any   bool
	entry manifest.Entry // of the last line; no path: none since the bundle was opened
	told  bool           // something of an entry before it
	hits  int64          // in it
	last  int64          // number of the last line
	place []byte         // of it
	line  []byte
}

func (g *grepping) found(l *inspect.Line) error {
	if l.Match {
		g.any = true
	}
	if g.p.quiet && !g.p.asJSON {
		return errEnough
	}
	if l.Entry.Path != g.entry.Path {
		if err := g.endEntry(); err != nil {
			return err
		}
		g.entry = *l.Entry
		g.place = append(g.place[:0], g.p.paintOut("35", g.p.shown(g.o.place(l.Entry)))...)
		if g.told && g.search.Context > 0 {
			g.separate()
		}
		g.told = true
	} else if g.search.Context > 0 && l.Number > g.last+1 {
		g.separate()
	}
	g.last = l.Number
	g.hits++
	switch {
	case g.names || g.count:
		return nil
	case g.p.asJSON:
		return g.out.add(g.match(l))
	}
	return g.print(l)
}

func (g *grepping) match(l *inspect.Line) grepMatch {
	m := grepMatch{Host: g.o.Head().Host, Bundle: g.o.Head().BundleID, Entry: g.entry.Path, Source: g.entry.Source}
	if l != nil {
		m.Line, m.Text = l.Number, string(bytes.TrimSuffix(l.Text, []byte("\r")))
		if g.search.Context > 0 {
			m.Match = &l.Match
		}
	}
	return m
}

func (g *grepping) separate() {
	if !g.p.asJSON && !g.names && !g.count {
		_, _ = g.out.out.WriteString("--\n") // an error is kept by the writer
	}
}

// endEntry prints what is known once all of an entry was searched.
func (g *grepping) endEntry() error {
	if g.entry.Path == "" {
		return nil
	}
	m := g.match(nil)
	m.Count = g.hits
	g.hits, g.last, g.entry = 0, 0, manifest.Entry{}
	switch {
	case !g.names && !g.count:
		return nil
	case g.p.asJSON:
		if g.names {
			m.Count = 0
		}
		return g.out.add(m)
	case g.names:
		_, err := fmt.Fprintf(g.out.out, "%s\n", g.place)
		return err
	}
	_, err := fmt.Fprintf(g.out.out, "%s:%d\n", g.place, m.Count)
	return err
}

func (g *grepping) print(l *inspect.Line) error {
	sep := byte(':')
	if !l.Match {
		sep = '-'
	}
	b := append(append(g.line[:0], g.place...), sep)
	if !g.p.outTerminal {
		b = append(strconv.AppendInt(b, l.Number, 10), sep)
		b = append(b, l.Text...)
	} else {
		b = append(b, g.p.paintOut("32", fmt.Sprint(l.Number))...)
		b = append(b, sep)
		at := 0
		text := bytes.TrimSuffix(l.Text, []byte("\r"))
		if l.Match {
			for _, s := range g.search.Pattern.Spans(text) {
				b = append(b, visibleTabs(text[at:s[0]])...)
				if s[1] > s[0] {
					b = append(b, g.p.paintOut("1;31", visibleTabs(text[s[0]:s[1]]))...)
				}
				at = s[1]
			}
		}
		b = append(b, visibleTabs(text[at:])...)
	}
	b = append(b, '\n')
	g.line = b
	_, err := g.out.out.Write(b)
	if err == nil && g.p.outTerminal {
		err = g.out.out.Flush() // somebody waits
	}
	return err
}

// visibleTabs is visible, but for tabs, which stand in many logs.
func visibleTabs(b []byte) string { return visibleLines(string(b)) }

// shown makes a name safe for a terminal; piped, bytes are bytes.
func (c *console) shown(s string) string {
	if c.outTerminal {
		return visible(s)
	}
	return s
}

// paintOut is paint for standard output.
func (c *console) paintOut(code, s string) string {
	if !c.outTerminal || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

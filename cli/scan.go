package cli

import (
	"fmt"
	"strconv"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/receive"
)

// scanAnswer is what verify --scan adds to the answer of verify.
type scanAnswer struct {
	Findings   []foundPlace `json:"findings"`
	NotScanned []string     `json:"not_scanned"` // not readable as text
}

// foundPlace says where something sensitive is left, never what.
type foundPlace struct {
	Entry string `json:"entry"`
	Line  int64  `json:"line,omitempty"`
	Class string `json:"class"`
	Rule  string `json:"rule"`
}

func (f foundPlace) String() string {
	at := visible(f.Entry)
	if f.Line > 0 {
		at += ":" + strconv.FormatInt(f.Line, 10)
	}
	return fmt.Sprintf("%s: %s (%s)", at, f.Class, f.Rule)
}

// scan looks through a verified bundle for what redaction would hide today,
// as the receiver does when the bundle arrives.
func (p *program) scan(b *manifest.Bundle, name string, a *scanAnswer) error {
	_, done := p.startBar("scanning", b.Size())
	found, unread, err := receive.Scan(p.ctx, b)
	done()
	if err != nil {
		return bundleProblem(name, err)
	}
	a.Findings, a.NotScanned = []foundPlace{}, append([]string{}, unread...)
	for _, f := range found {
		a.Findings = append(a.Findings, foundPlace{f.Entry, f.Line, string(f.Class), f.Rule})
	}
	if !p.asJSON && !p.quiet {
		for _, f := range a.Findings {
			if _, err := fmt.Fprintln(p.out, f); err != nil {
				return err
			}
		}
	}
	for _, e := range unread {
		p.code = exitIncomplete
		p.say("%s: not readable as text, not scanned", visible(e))
	}
	if n := len(found); n > 0 {
		return refusal("findings", "%s: something sensitive is left in %s", visible(name), plural(int64(n), "place", "places")).
			withHint("diagcollect redact %s --output DIR makes a clean successor", visible(name))
	}
	if p.asJSON || p.quiet {
		return nil
	}
	in := ""
	if len(unread) > 0 {
		in = " in what can be read"
	}
	_, err = fmt.Fprintf(p.out, "scanned: no secret and no e-mail is left%s\n", in)
	return err
}

package receive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// Finding is something sensitive that a bundle still holds: what, and where.
type Finding struct {
	redact.Finding // Line is 0 outside of entries

	// Entry is its path (with what is found in that hidden), "the name of PATH",
	// "manifest.json" or "report.json".
	Entry string
}

type findings []Finding

const (
	maxFindings   = 1000 // after so many nobody looks further
	namedFindings = 20   // told one by one
)

// String says class, entry and line of each, never the value.
func (fs findings) String() string {
	var b strings.Builder
	for i, f := range fs {
		if i == namedFindings {
			fmt.Fprintf(&b, " and %d more", len(fs)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s in %s", f.Class, f.Entry)
		if f.Line > 0 {
			fmt.Fprintf(&b, " line %d", f.Line)
		}
	}
	return "sealed, nobody reads it: " + b.String()
}

// scanned is what of a *manifest.Bundle is scanned.
type scanned interface {
	Entries() iter.Seq2[manifest.Entry, error]
	Content(manifest.Entry) (io.ReadCloser, error)
	Head() *manifest.Head
	ReportJSON() io.Reader
}

// Scan looks through a bundle as a receiver does when it arrives, for secrets
// and beyond that for e-mails, and ends after about 1,000 findings. unread
// are the entries that cannot be read as text, and so were not looked at.
func Scan(ctx context.Context, b *manifest.Bundle) (found []Finding, unread []string, err error) {
	s := &search{ctx: ctx}
	if err := s.run(b); err != nil {
		return nil, nil, err
	}
	return s.found, s.unread, nil
}

// scan is what intake wants to know of a bundle: the secrets in it. What
// cannot be read as text cannot be scanned: it is there only when the
// operator's policy let it be.
func scan(ctx context.Context, b scanned) (findings, error) {
	s := &search{ctx: ctx, secrets: true}
	err := s.run(b)
	return s.found, err
}

// search goes through everything that a reader of a bundle would see: the
// entries, their names, the words of the manifest, the report.
type search struct {
	ctx     context.Context
	secrets bool // nothing else counts
	found   findings
	unread  []string
}

func (s *search) run(b scanned) error {
	if err := s.bundle(b); err != nil {
		return err
	}
	// Where something is may tell what it is.
	var keep []redact.Class
	for _, c := range redact.Classes() {
		if c.Keepable() {
			keep = append(keep, c)
		}
	}
	session, err := redact.NewSession(redact.Options{Keep: keep, Forget: true})
	if err != nil {
		return err
	}
	for i := range s.found {
		s.found[i].Entry = session.Path(s.found[i].Entry)
	}
	for i := range s.unread {
		s.unread[i] = session.Path(s.unread[i])
	}
	return nil
}

func (s *search) bundle(b scanned) error {
	for e, err := range b.Entries() {
		if err != nil {
			return err
		}
		content, err := b.Content(e)
		if err != nil {
			return err
		}
		err = s.look(e.Path, content)
		if errors.Is(err, redact.ErrUnreadable) {
			s.unread, err = append(s.unread, e.Path), nil
		}
		if err := errors.Join(err, content.Close()); err != nil {
			return err
		}
		if len(s.found) >= maxFindings {
			return nil
		}
	}
	if err := s.names(b); err != nil {
		return err
	}
	var texts bytes.Buffer
	head := b.Head()
	fmt.Fprintf(&texts, "%s\n%s\n", head.Name, head.Host)
	for _, r := range head.Recipes {
		fmt.Fprintln(&texts, r.Name)
		for _, d := range r.Decisions {
			fmt.Fprintln(&texts, d)
		}
	}
	for _, o := range head.Outcomes {
		fmt.Fprintln(&texts, o.Reason)
	}
	if err := s.texts("manifest.json", &texts); err != nil {
		return err
	}
	return s.texts("report.json", newJSONTexts("report.json", b.ReportJSON()))
}

// texts looks through texts that stand one to a line, but not in the bundle.
func (s *search) texts(entry string, r io.Reader) error {
	before := len(s.found)
	err := s.look(entry, r)
	for i := range s.found[before:] {
		s.found[before+i].Line = 0
	}
	if errors.Is(err, redact.ErrUnreadable) {
		s.unread, err = append(s.unread, entry), nil
	}
	return err
}

// names looks through the names of the entries.
func (s *search) names(b scanned) error {
	// One name to a line, so that the line tells which.
	names := &search{ctx: s.ctx, secrets: s.secrets}
	lines := newLines(b)
	err := names.look("name", lines)
	lines.stop()
	if errors.Is(err, redact.ErrUnreadable) {
		s.unread, err = append(s.unread, "the names of the entries"), nil
	}
	if err != nil || len(names.found) == 0 {
		return err
	}
	of := make(map[int64][]int) // line to findings
	for i, f := range names.found {
		of[f.Line] = append(of[f.Line], i)
	}
	n := int64(0)
	for e, err := range b.Entries() {
		if err == nil {
			err = context.Cause(s.ctx)
		}
		if err != nil {
			return err
		}
		n++
		for _, i := range of[n] {
			names.found[i].Entry, names.found[i].Line = "the name of "+e.Path, 0
		}
		if delete(of, n); len(of) == 0 {
			break
		}
	}
	s.found = append(s.found, names.found...)
	return nil
}

// look adds what is found in r.
func (s *search) look(entry string, r io.Reader) error {
	list, err := redact.Scan(entry, &contextReader{s.ctx, r}, maxFindings)
	for i, f := range list {
		// A full list may have no room left for the secret after it.
		if !s.secrets || f.Class.Secret() || i == maxFindings-1 {
			s.found = append(s.found, Finding{f, entry})
		}
	}
	if err != nil {
		return fmt.Errorf("scan %s: %w", entry, err)
	}
	return nil
}

// lines reads the entries' paths, one to a line.
type lines struct {
	next func() (manifest.Entry, error, bool)
	stop func()
	rest []byte
}

func newLines(b scanned) *lines {
	l := new(lines)
	l.next, l.stop = iter.Pull2(b.Entries())
	return l
}

func (l *lines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		e, err, ok := l.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, io.EOF
		}
		l.rest = append(append(l.rest[:0], e.Path...), '\n')
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// Limits of a JSON text that is scanned. Nothing deeper is read by
// encoding/json either.
const (
	maxJSONString = 1 << 20
	maxJSONDepth  = 10_000
)

// jsonTexts reads the strings in a JSON text, one to a line, without the keys
// and numbers: {"password": 3} is a count, no password. It holds one string at
// a time. What is no JSON, or beyond the limits, is a verdict.
type jsonTexts struct {
	name    string
	from    *countedReader
	d       *json.Decoder
	objects []bool // of the values around: is it an object?
	key     bool   // the next string is a key
	rest    []byte
}

func newJSONTexts(name string, r io.Reader) *jsonTexts {
	t := &jsonTexts{name: name, from: &countedReader{r: r}}
	t.d = json.NewDecoder(t.from)
	t.from.used = t.d.InputOffset
	return t
}

func (j *jsonTexts) Read(p []byte) (int, error) {
	for len(j.rest) == 0 {
		if err := j.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, j.rest)
	j.rest = j.rest[n:]
	return n, nil
}

// next takes one token.
func (j *jsonTexts) next() error {
	t, err := j.d.Token()
	switch {
	case err == io.EOF && len(j.objects) == 0:
		return io.EOF
	case err == nil:
	case j.from.err != nil && !errors.Is(j.from.err, io.EOF):
		return j.from.err // it says nothing about the text
	case errors.Is(err, io.EOF):
		return no("%s: it ends in the middle", j.name)
	default:
		return no("%s: %v", j.name, err)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' || t == '[' {
			if len(j.objects) == maxJSONDepth {
				return no("%s: nested deeper than %d", j.name, maxJSONDepth)
			}
			j.objects = append(j.objects, t == '{')
			j.key = t == '{'
			return nil
		}
		j.objects = j.objects[:len(j.objects)-1]
	case string:
		if j.key {
			j.key = false
			return nil
		}
		j.rest = append(append(j.rest[:0], t...), '\n')
	}
	j.key = len(j.objects) > 0 && j.objects[len(j.objects)-1]
	return nil
}

// countedReader ends when one token alone would fill the memory, and tells the
// faults of what it reads from those of what stands in it.
type countedReader struct {
	r    io.Reader
	read int64
	used func() int64
	err  error
}

func (c *countedReader) Read(p []byte) (int, error) {
	if c.read-c.used() > maxJSONString {
		return 0, fmt.Errorf("a string has more than %d bytes", maxJSONString)
	}
	n, err := c.r.Read(p[:min(len(p), 64<<10)])
	c.read += int64(n)
	c.err = err
	return n, err
}

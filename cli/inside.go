package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/manifest"
)

// What grep, timeline and diff share: bundles as operands, which entries, and
// answers that are printed while they are found.

// opened is a bundle that was opened, and what its lines are called after.
type opened struct {
	*manifest.Bundle
	path  string
	label string // its host, or its name where two have one host
}

// openBundles opens the operands from the first-th on.
func (p *program) openBundles(c *cli.Context, first int) (list []*opened, closeAll func(), err error) {
	closeAll = func() {
		for _, o := range list {
			o.Close()
		}
	}
	for _, name := range c.Args().Slice()[first:] {
		b, path, err := p.openNamed(c, name)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		list = append(list, &opened{b, path, b.Head().Host})
	}
	for i, o := range list {
		if slices.ContainsFunc(list, func(other *opened) bool { return other != o && other.Head().Host == o.Head().Host }) {
			list[i].label = o.Head().Name
		}
	}
	return list, closeAll, nil
}

// place is where an entry is: host/source/path.
func (o *opened) place(e *manifest.Entry) string {
	return o.label + "/" + strings.TrimPrefix(e.Path, "data/")
}

func entryFlags() []cli.Flag {
	return []cli.Flag{
		askList{&cli.StringSliceFlag{Name: "source", Usage: "only entries of source `ID` (repeatable)"}},
		askList{&cli.StringSliceFlag{Name: "type", Usage: "only entries of data type `TYPE`: event, state, ... (repeatable)"}},
	}
}

func askFlag(name, usage string, aliases ...string) cli.Flag {
	return askString{&cli.StringFlag{Name: name, Usage: usage, Aliases: aliases}}
}

func switchFlag(name, usage string, aliases ...string) cli.Flag {
	f := actFlag(name, usage)
	f.Aliases = aliases
	return f
}

// wanted makes of --source and --type what chooses entries; types are those that
// are meant when neither is given.
func wanted(c *cli.Context, bundles []*opened, types ...manifest.Type) (func(*manifest.Entry) bool, error) {
	sources := c.StringSlice("source")
	for _, s := range sources {
		if !slices.ContainsFunc(bundles, func(o *opened) bool {
			return slices.ContainsFunc(o.Head().Outcomes, func(out manifest.SourceOutcome) bool { return out.Source == s })
		}) {
			var known []string
			for _, o := range bundles {
				for _, out := range o.Head().Outcomes {
					known = append(known, out.Source)
				}
			}
			p := usageError("--source %s: no bundle has such a source", visible(s))
			if near := nearest(s, known); near != "" {
				p = p.withHint("did you mean --source %s", visible(near))
			}
			return nil, p
		}
	}
	if given := c.StringSlice("type"); len(given) > 0 || len(sources) > 0 {
		types = nil
		for _, t := range given {
			if !slices.Contains(manifest.Types(), manifest.Type(t)) {
				return nil, usageError("--type %s is no data type", visible(t)).withHint("data types: %s", strings.Trim(fmt.Sprint(manifest.Types()), "[]"))
			}
			types = append(types, manifest.Type(t))
		}
	}
	return func(e *manifest.Entry) bool {
		return (len(sources) == 0 || slices.Contains(sources, e.Source)) && (len(types) == 0 || slices.Contains(types, e.Type))
	}, nil
}

// moment reads a flag that holds a time.
func moment(c *cli.Context, name string) (time.Time, error) {
	if c.String(name) == "" {
		return time.Time{}, nil
	}
	t, err := parseMoment(c.String(name), time.Now())
	if err != nil {
		return t, usageError("--%s: %w", name, err)
	}
	return t, nil
}

// results is an answer whose items are written while they are found: with --json
// one object, {"schema": 1, NAME: [...], ..., "exit": 0, "error": null}.
type results struct {
	out   *bufio.Writer
	name  string
	count int64
	rest  map[string]any // what stands behind the list
}

func (p *program) newResults(name string) *results {
	r := &results{out: bufio.NewWriterSize(p.out, 64<<10), name: name, rest: map[string]any{}}
	if p.asJSON {
		p.answer = r
	}
	return r
}

func (r *results) add(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if r.count == 0 {
		_, err = fmt.Fprintf(r.out, `{"schema":1,%q:[`, r.name)
	} else {
		err = r.out.WriteByte(',')
	}
	r.count++
	if err == nil {
		_, err = r.out.WriteString("\n" + string(text))
	}
	return err
}

// finish closes the object.
func (r *results) finish(exit int, fault *jsonError) error {
	if r.count == 0 {
		fmt.Fprintf(r.out, `{"schema":1,%q:[`, r.name)
	}
	tail := struct {
		Exit  int        `json:"exit"`
		Error *jsonError `json:"error"`
	}{exit, fault}
	text, err := json.Marshal(tail)
	if err != nil {
		return err
	}
	rest, err := json.Marshal(r.rest)
	if err != nil {
		return err
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(string(rest), "{"), "}")
	if inner != "" {
		inner += ","
	}
	fmt.Fprintf(r.out, "\n],%s%s\n", inner, strings.TrimPrefix(string(text), "{"))
	return r.out.Flush()
}

// textAnswer is an answer with a text of any length, written while it is read:
// {"schema": 1, "bundle_id": ..., "entry": {...}, "text": "...", "exit": 0, "error": null}.
// Bytes that are no UTF-8 become U+FFFD.
type textAnswer struct{ out *bufio.Writer }

func (p *program) newTextAnswer(bundleID string, e manifest.Entry) (*textAnswer, error) {
	head, err := json.Marshal(struct {
		Schema int            `json:"schema"`
		Bundle string         `json:"bundle_id"`
		Entry  manifest.Entry `json:"entry"`
	}{1, bundleID, e})
	if err != nil {
		return nil, err
	}
	a := &textAnswer{bufio.NewWriterSize(p.out, 64<<10)}
	fmt.Fprintf(a.out, `%s,"text":"`, head[:len(head)-1]) // its error is told by Flush
	p.answer = a
	return a, nil
}

// copy adds a text.
func (a *textAnswer) copy(r io.Reader) error {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	return inPieces(r, wholeCharacters, func(piece []byte) error {
		quoted.Reset()
		if err := e.Encode(string(piece)); err != nil {
			return err
		}
		text := bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))
		_, err := a.out.Write(text[1 : len(text)-1])
		return err
	})
}

func (a *textAnswer) finish(exit int, fault *jsonError) error {
	tail, err := json.Marshal(struct {
		Exit  int        `json:"exit"`
		Error *jsonError `json:"error"`
	}{exit, fault})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\",%s\n", tail[1:])
	return a.out.Flush()
}

// errEnough ends a search whose answer is known.
var errEnough = errors.New("enough")

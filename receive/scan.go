package receive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// finding is a secret that slipped into a bundle.
type finding struct {
	redact.Finding
	entry string
}

type findings []finding

const (
	maxFindings   = 1000 // looked for per entry
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
		fmt.Fprintf(&b, "%s in %s", f.Class, f.entry)
		if f.Line > 0 {
			fmt.Fprintf(&b, " line %d", f.Line)
		}
	}
	return "sealed, nobody reads it: " + b.String()
}

// scan looks through everything a reader of the bundle would see: entries,
// their names, the report, the reasons. Only secrets count. What cannot be
// read as text cannot be scanned: it is there only when the operator's policy
// let it be.
func scan(ctx context.Context, b *manifest.Bundle) (findings, error) {
	var found findings
	look := func(entry, name string, r io.Reader, lines bool) error {
		fs, err := redact.Scan(name, &contextReader{ctx, r}, maxFindings)
		if err != nil && !errors.Is(err, redact.ErrUnreadable) {
			return fmt.Errorf("scan %s: %w", entry, err)
		}
		for _, f := range fs {
			if f.Class.Secret() {
				if !lines {
					f.Line = 0
				}
				found = append(found, finding{f, entry})
			}
		}
		return nil
	}
	var texts bytes.Buffer // of one entry's name, of the outcomes, of the report
	for e, err := range b.Entries() {
		if err != nil {
			return nil, err
		}
		content, err := b.Content(e)
		if err != nil {
			return nil, err
		}
		err = look(e.Path, e.Path, content, true)
		if err := errors.Join(err, content.Close()); err != nil {
			return nil, err
		}
		texts.Reset()
		fmt.Fprintln(&texts, e.Path)
		if err := look("the name of "+e.Path, "name", &texts, false); err != nil {
			return nil, err
		}
	}
	texts.Reset()
	for _, o := range b.Head().Outcomes {
		fmt.Fprintln(&texts, o.Reason)
	}
	if err := look("manifest.json", "reasons", &texts, false); err != nil {
		return nil, err
	}
	report, err := b.Report()
	if err != nil {
		return nil, err
	}
	texts.Reset()
	if err := jsonTexts(&texts, report); err != nil {
		return nil, no("report.json: %v", err)
	}
	if err := look("report.json", "report", &texts, false); err != nil {
		return nil, err
	}
	return found, nil
}

// jsonTexts writes the strings in a JSON text, one to a line, without the keys
// and numbers: {"password": 3} is a count, no password.
func jsonTexts(w *bytes.Buffer, text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	var objects []bool // of the values around: is it an object?
	key := false       // the next string is a key
	for {
		t, err := d.Token()
		if err == io.EOF && len(objects) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				objects = append(objects, t == '{')
				key = t == '{'
				continue
			}
			objects = objects[:len(objects)-1]
		case string:
			if key {
				key = false
				continue
			}
			fmt.Fprintln(w, t)
		}
		key = len(objects) > 0 && objects[len(objects)-1]
	}
}

package cli

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/klauspost/compress/zstd"
	"github.com/urfave/cli/v2"
	"golang.org/x/text/encoding/unicode"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/redact"
)

// The self-test: made-up values of every class, in many notations, in files,
// encodings and containers of many kinds, go the way of any file that is
// redacted; then what comes out is searched for them.

// container packs a text as some file holds it.
type container struct {
	name string
	file string
	pack func(w io.Writer, text []byte) error
}

func containers() []container {
	inZip := func(w io.Writer, text []byte) error {
		z := zip.NewWriter(w)
		f, err := z.Create("logs/app.log")
		if err == nil {
			_, err = f.Write(text)
		}
		return errors.Join(err, z.Close())
	}
	return []container{
		{"text", "app.log", func(w io.Writer, text []byte) error { _, err := w.Write(text); return err }},
		{"crlf", "windows.log", func(w io.Writer, text []byte) error {
			_, err := w.Write(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
			return err
		}},
		{"utf-16", "utf16.log", func(w io.Writer, text []byte) error {
			e := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
			out, err := e.Bytes(text)
			if err == nil {
				_, err = w.Write(out)
			}
			return err
		}},
		{"gzip", "app.log.1.gz", func(w io.Writer, text []byte) error {
			z := gzip.NewWriter(w)
			_, err := z.Write(text)
			return errors.Join(err, z.Close())
		}},
		{"zstd", "app.log.2.zst", func(w io.Writer, text []byte) error {
			z, err := zstd.NewWriter(w)
			if err != nil {
				return err
			}
			_, err = z.Write(text)
			return errors.Join(err, z.Close())
		}},
		{"zip", "logs.zip", inZip},
		{"zip in tar.gz", "support.tar.gz", func(w io.Writer, text []byte) error {
			var inner bytes.Buffer
			if err := inZip(&inner, text); err != nil {
				return err
			}
			z := gzip.NewWriter(w)
			t := tar.NewWriter(z)
			err := t.WriteHeader(&tar.Header{Name: "inner.zip", Mode: 0o600, Size: int64(inner.Len())})
			if err == nil {
				_, err = t.Write(inner.Bytes())
			}
			return errors.Join(err, t.Close(), z.Close())
		}},
	}
}

type selfTestAnswer struct {
	basicAnswer
	Passed  bool             `json:"passed"`
	Results []selfTestResult `json:"results"`
}

type selfTestResult struct {
	Class     redact.Class `json:"class"`
	Notation  string       `json:"notation"`
	Container string       `json:"container"`
	Result    string       `json:"result"` // "gone", "kept" (by --keep-class) or "SURVIVED"
}

const (
	canaryGone     = "gone"
	canaryKept     = "kept"
	canarySurvived = "SURVIVED"
)

func (p *program) selfTest(c *cli.Context) (err error) {
	a := &selfTestAnswer{}
	p.answer = a
	job, err := p.selection(c)
	if err != nil {
		return err
	}
	session, err := redact.NewSession(redact.Options{Keep: job.Keep, Rules: addedRules(&job)})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "diagcollect-self-test-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	// Each container has values of its own: none helps to find another's.
	all := containers()
	planted := make([][]redact.Canary, len(all))
	for i, k := range all {
		planted[i] = redact.Canaries()
		if err := k.write(filepath.Join(dir, "in"), planted[i]); err != nil {
			return fmt.Errorf("self-test: %s: %w", k.name, err)
		}
	}
	var lost []error
	out := filepath.Join(dir, "out")
	err = collect.RedactTree(p.ctx, []string{filepath.Join(dir, "in")}, out, collect.RedactOptions{Session: session, Scratch: dir}, func(r collect.Redacted) {
		if worthTelling(r.Outcome) {
			lost = append(lost, fmt.Errorf("self-test: %s: %s%s", filepath.Base(r.Path), r.Outcome, because(r.Reason)))
		}
	})
	if err = errors.Join(append(lost, err)...); err != nil {
		return err
	}
	a.Passed = true
	for i, k := range all {
		text, err := k.read(out, len(planted[i])+1)
		if err != nil {
			return fmt.Errorf("self-test: %s: %w", k.name, err)
		}
		for _, canary := range planted[i] {
			r := selfTestResult{canary.Class, canary.Notation, k.name, canaryGone}
			if canary.Survives(text) {
				if r.Result = canarySurvived; slices.Contains(job.Keep, canary.Class) {
					r.Result = canaryKept
				} else {
					a.Passed = false
				}
			}
			a.Results = append(a.Results, r)
		}
	}
	if !p.asJSON {
		if _, err := io.WriteString(p.out, selfTestTable(a.Results, all)); err != nil {
			return err
		}
	}
	if !a.Passed {
		return &problem{exit: exitFailed, code: "self-test", err: errors.New("self-test: a planted value survived redaction")}
	}
	return nil
}

// control stands between canaries: what comes out must still hold it.
const control = "self-test: this line is to stay as it is"

func (k container) write(dir string, canaries []redact.Canary) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var text bytes.Buffer
	for _, c := range canaries {
		fmt.Fprintf(&text, "%s\n%s\n", control, c.Text)
	}
	fmt.Fprintln(&text, control)
	f, err := os.OpenFile(filepath.Join(dir, k.file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(k.pack(f, text.Bytes()), f.Close())
}

// read is what became of the container's text.
func (k container) read(out string, controls int) ([]byte, error) {
	var found []string
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(out, path)
		stem, _, _ := strings.Cut(k.file, ".gz")
		stem = strings.TrimSuffix(stem, ".zst")
		if first, _, _ := strings.Cut(filepath.ToSlash(rel), "/"); err == nil && !d.IsDir() && (first == k.file || first == stem) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d files came out, not 1", len(found))
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	if k.name == "utf-16" {
		if text, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(text); err != nil {
			return nil, err
		}
	}
	if n := bytes.Count(text, []byte(control)); n != controls {
		return nil, fmt.Errorf("of %d lines that hide nothing %d came out", controls, n)
	}
	return text, nil
}

func selfTestTable(results []selfTestResult, all []container) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "CLASS\tNOTATION")
	for _, k := range all {
		fmt.Fprintf(w, "\t%s", strings.ToUpper(k.name))
	}
	fmt.Fprintln(w)
	rows := len(results) / len(all)
	survived := 0
	for i := range rows {
		fmt.Fprintf(w, "%s\t%s", results[i].Class, results[i].Notation)
		for k := range all {
			r := results[i+k*rows].Result
			if r == canarySurvived {
				survived++
			}
			fmt.Fprintf(w, "\t%s", r)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
	if survived == 0 {
		fmt.Fprintf(&b, "%s of %s planted: none survived\n", plural(int64(rows), "value", "values"), plural(int64(len(all)), "kind of file", "kinds of files"))
	} else {
		fmt.Fprintf(&b, "%s of %s SURVIVED\n", count(int64(survived)), plural(int64(len(results)), "value", "values"))
	}
	return b.String()
}

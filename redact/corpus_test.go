package redact

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestCorpus redacts the tree that $DIAGCOLLECT_CORPUS names into
// $DIAGCOLLECT_CORPUS_OUT, for the score of a labelled corpus, and checks
// that redacting again changes nothing.
func TestCorpus(t *testing.T) {
	in, out := os.Getenv("DIAGCOLLECT_CORPUS"), os.Getenv("DIAGCOLLECT_CORPUS_OUT")
	if in == "" {
		t.Skip("DIAGCOLLECT_CORPUS is not set")
	}
	s, err := NewSession(Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = filepath.WalkDir(in, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		rel, err := filepath.Rel(in, path)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err := io.ReadAll(s.Stream(rel, f))
		if err != nil {
			t.Errorf("%s: %v", rel, err)
			return nil
		}
		again := redactAll(t, s, rel, text)
		if string(again) != string(text) {
			t.Errorf("%s: redacting again changes %s", rel, firstDiff(text, again))
		}
		if out == "" {
			return nil
		}
		dst := filepath.Join(out, rel)
		if err := os.MkdirAll(filepath.Dir(dst), 0o700); err != nil {
			return err
		}
		return os.WriteFile(dst, text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("no files")
	}
}

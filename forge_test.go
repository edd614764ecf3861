package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
)

// forge packs the files of a folder as they are, unredacted, into a bundle
// that the keys of $HOME sign: what an older diagcollect, with fewer rules,
// or a careless tool would have made. Its organisation is default, its one
// source, app, is partial. forge DIR CASE BUNDLE.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge DIR CASE BUNDLE")
	}
	home, err := trust.OpenHome(filepath.Join(ts.Getenv("HOME"), ".config", "diagcollect"))
	ts.Check(err)
	signer, err := home.Signer("")
	ts.Check(err)
	w, err := manifest.NewWriter(manifest.WriterOptions{})
	ts.Check(err)
	defer w.Close()
	src, err := w.Source("app", manifest.Event)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	outcome := manifest.SourceOutcome{Source: "app", Type: manifest.Event, Outcome: manifest.Partial, Reason: "var/log/cut.log: newest 1 MiB", Cut: 4096}
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		e, err := src.Add(filepath.ToSlash(rel), time.Unix(1700000000, 0), f, func(e *manifest.Entry) {
			if strings.HasSuffix(path, "cut.log") {
				e.Truncated = &manifest.Truncation{Cut: 4096, Kept: "tail"}
			}
		})
		outcome.Entries++
		outcome.Bytes += e.Size
		return err
	}))
	id, err := uuid.NewV7()
	ts.Check(err)
	out, err := os.Create(ts.MkAbs(args[2]))
	ts.Check(err)
	defer out.Close()
	_, err = w.Finish(context.Background(), out, manifest.Head{
		BundleID: id.String(), Name: args[1] + "_redacted-hostname-0123456789ab_20260102T150405Z",
		Organisation: "default", Case: args[1], Host: "redacted-hostname-0123456789ab", Created: time.Unix(1767366245, 0),
		Tool: manifest.Tool{Name: "other", Version: "0", Rules: "0"}, PseudonymKey: "aaaaaaaa",
		Recipes:  []manifest.RecipeRef{{Name: "forged", Trust: "flag", Decisions: []string{"kept ipv4: the operator said so"}}},
		Outcomes: []manifest.SourceOutcome{outcome},
	}, []byte(`{"version": 1, "redactions": {"token": 2}, "sources": [], "not_scanned": [{"source": "app", "path": "core.bin", "reason": "binary content"}]}`), signer)
	ts.Check(err)
}

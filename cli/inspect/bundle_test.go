package inspect

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
)

var testTime = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

// file is one entry to be.
type file struct {
	source   string
	kind     manifest.Type
	path     string
	r        io.Reader
	mtime    time.Time
	encoding string
}

func text(source string, kind manifest.Type, path, content string) file {
	return file{source: source, kind: kind, path: path, r: strings.NewReader(content)}
}

// packed is a bundle on disk and whose signature counts.
type packed struct {
	path    string
	signers *trust.AllowedSigners
}

// pack makes a bundle of files, those of one source together.
func pack(t testing.TB, head manifest.Head, files ...file) packed {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	s, err := ssh.NewSignerFromKey(key)
	check(err)
	signer := trust.NewSigner(s)
	signers, err := trust.ParseAllowedSigners("signers", strings.NewReader(fmt.Sprintf("%s namespaces=%q %s",
		signer.Principal(), trust.NamespaceManifest, ssh.MarshalAuthorizedKey(signer.PublicKey()))))
	check(err)
	id, err := uuid.NewV7()
	check(err)
	head.BundleID, head.Organisation, head.Case, head.Created = id.String(), "default", "4711", testTime
	if head.Host == "" {
		head.Host = "web-1"
	}
	head.Name = "4711_" + head.Host + "_20260102T150405Z"
	w, err := manifest.NewWriter(manifest.WriterOptions{Scratch: t.TempDir()})
	check(err)
	defer w.Close()
	sources := map[string]*manifest.SourceWriter{}
	for _, f := range files {
		if sources[f.source] == nil {
			sources[f.source], err = w.Source(f.source, f.kind)
			check(err)
		}
		if f.mtime.IsZero() {
			f.mtime = testTime
		}
		_, err := sources[f.source].Add(f.path, f.mtime, f.r, func(e *manifest.Entry) { e.Encoding = f.encoding })
		check(err)
	}
	p := packed{filepath.Join(t.TempDir(), "b.tar.zst"), signers}
	out, err := os.Create(p.path)
	check(err)
	_, err = w.Finish(t.Context(), out, head, []byte(`{"report":1}`), signer)
	check(err)
	check(out.Close())
	return p
}

func (p packed) open(t testing.TB) *manifest.Bundle {
	t.Helper()
	b, err := manifest.OpenFile(p.path, p.signers, manifest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

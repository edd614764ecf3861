package manifest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// Extract verifies first, then writes the bundle's top directory below dir,
// which must exist. It never overwrites and never leaves dir. Until all is
// written, the directory has another name; what fails leaves nothing behind.
// Files are readable by their owner only.
func (b *Bundle) Extract(ctx context.Context, dir string) (err error) {
	if err := b.Verify(ctx); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	exists := func() error {
		if _, err := root.Lstat(b.top); err == nil {
			return fmt.Errorf("%s: %w", b.top, fs.ErrExist)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := exists(); err != nil {
		return err
	}
	partial, err := NewDrafts(root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, partial.Close()) }()
	top := partial.Name + "/" + b.top
	if err := root.Mkdir(top, 0o700); err != nil {
		return err
	}
	if err := b.extractInto(ctx, root, top); err != nil {
		return err
	}
	if err := exists(); err != nil {
		return err
	}
	return root.Rename(top, b.top)
}

func (b *Bundle) extractInto(ctx context.Context, root *os.Root, partial string) (err error) {
	// A root of its own, so that no name can reach beside it.
	top, err := root.OpenRoot(partial)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, top.Close()) }()
	made := ""
	for e, err := range b.Entries() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if d := path.Dir(e.Path); d != made {
			if err := top.MkdirAll(d, 0o700); err != nil {
				return err
			}
			made = d
		}
		content, err := b.Content(e)
		if err != nil {
			return err
		}
		err = writeNew(top, e.Path, content, e.ModTime)
		content.Close()
		if err != nil {
			return err
		}
	}
	for name, r := range map[string]io.Reader{
		reportName:    b.ReportJSON(),
		manifestName:  b.ManifestJSON(),
		signatureName: bytes.NewReader(b.sig),
	} {
		if err := writeNew(top, name, r, b.head.Created); err != nil {
			return err
		}
	}
	return nil
}

func writeNew(root *os.Root, name string, r io.Reader, mtime time.Time) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return root.Chtimes(name, mtime, mtime)
}

package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/diagcollect/diagcollect/manifest"
)

// maxStalls is after how many files that did not answer a source is given up.
const maxStalls = 3

// files gathers what a source of files found. Each is judged again by its
// open descriptor: between finding and opening anything may have happened.
func (g *gatherer) files(f *finder) error {
	defer func() { f.files = nil }() // large, and not needed any more
	files := &batches{g: g, files: f.files, opener: newOpener(g.ctx, g.limits.timeout, f.files, f.avoid)}
	defer files.close()
	left, leftBytes := 0, int64(0)
	for i := range f.files {
		file := &f.files[i]
		if g.ctx.Err() != nil {
			if cause := context.Cause(g.ctx); !errors.Is(cause, errInterrupted) {
				return cause
			}
			g.note(manifest.Partial, errInterrupted.Error())
			return nil
		}
		if file.max < 0 {
			left++
			leftBytes += max(0, file.size)
			g.unseen(g.name(file.path()), "left out by the recipe's total")
			continue
		}
		t := files.take(i)
		if err := g.opened(file, t.path, &t.opened, t.err); err != nil {
			return err
		}
		files.done(t)
		if rest := len(f.files) - i - 1; g.stalls >= maxStalls && rest > 0 {
			for _, file := range f.files[i+1:] {
				g.cut += max(0, file.size)
				g.unseen(g.name(file.path()), errStalled.Error())
			}
			g.note(manifest.Timeout, fmt.Sprintf("%d more files left out: their file system does not answer", rest))
			break
		}
	}
	if left > 0 {
		g.cut += leftBytes
		g.note(manifest.Partial, fmt.Sprintf("%d of %d files (%s) left out: the recipe's total is %s", left, len(f.files), sizeText(leftBytes), sizeText(g.limits.total)))
	}
	switch {
	case f.matched == 0:
		g.note(manifest.Skipped, "no such file")
	case len(f.files) == 0:
		g.note(manifest.Empty, fmt.Sprintf("nothing changed in the window (%d older)", f.older))
	}
	return nil
}

// file gathers one file as path.
func (g *gatherer) file(f *found, path string, a *avoid) error {
	o, err := within(g.ctx, g.limits.timeout, func() (opened, error) { return f.open(nil, a, nil) }, func(o opened) { o.close() })
	return g.opened(f, path, &o, err)
}

// opened gathers one file as path, up to the size it had when it was opened,
// unless it turned out to be one to avoid. err is why it was not opened.
func (g *gatherer) opened(f *found, path string, o *opened, err error) error {
	defer o.close()
	in := input{path: path, shown: f.path(), mtime: f.mtime, max: f.max}
	switch {
	case err == nil:
	case g.ctx.Err() != nil && !errors.Is(context.Cause(g.ctx), errInterrupted):
		return context.Cause(g.ctx)
	case errors.Is(err, fs.ErrNotExist):
		g.note(manifest.Partial, g.title(in)+": vanished before it was read")
		return nil
	case errors.Is(err, fs.ErrPermission):
		g.list(in, "permission denied")
		g.note(manifest.Denied, g.title(in)+": permission denied")
		return nil
	case errors.Is(err, errStalled), errors.Is(err, errInterrupted):
		g.broken(in, err)
		return nil
	default:
		g.list(in, shortError(err))
		g.note(manifest.Failed, g.title(in)+": "+shortError(err))
		return nil
	}
	if !o.fi.Mode().IsRegular() {
		g.withhold(in, "not a file but "+modeName(o.fi.Mode()))
		return nil
	}
	if o.why != "" {
		g.withhold(in, o.why)
		return nil
	}
	in.mtime = o.fi.ModTime()
	if f.size < 0 || o.from != stored {
		in.size = -1
		read := newAhead(o.f, -1, g.limits.timeout)
		defer read.close()
		in.r = read
		return g.take(in)
	}
	in.size = o.fi.Size()
	in.at = o.f
	in.clean = o.clean
	var read *ahead
	defer func() {
		if read != nil {
			read.close()
		}
	}()
	if in.r = o.whole; o.whole == nil {
		read = newAhead(io.NewSectionReader(o.f, 0, in.size), in.size, g.limits.timeout)
		in.r = read
	}
	in.again = func() (io.Reader, error) {
		if read != nil {
			read.close()
		}
		read = newAhead(io.NewSectionReader(o.f, 0, in.size), in.size, g.limits.timeout)
		return read, nil
	}
	if in.clean != nil {
		if g.told != nil {
			g.told(in.size)
		}
		return g.text(in, &rawReader{ctx: g.ctx, n: in.size})
	}
	return g.take(in)
}

// bundlePath is where a file of this machine stands in a bundle: its absolute
// path without the slash before it; a drive letter is the first component.
func bundlePath(p string) string {
	if driveForm.MatchString(p) {
		p = p[:1] + p[2:]
	}
	return strings.TrimLeft(p, "/")
}

// windowed reports whether the time window says which files of a source are
// read: configuration and state of long ago are those of today.
func windowed(t manifest.Type) bool {
	return t == manifest.Event || t == manifest.Alert || t == manifest.Performance
}

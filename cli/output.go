package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// The plain bundle, for people: where --output says.

// output is where the plain bundle goes: a file, standard output, or nowhere.
type output struct {
	flag   string
	dir    string // the file gets its name when the bundle has one
	file   string
	stdout bool
	taken  bool // file is there already: right only if it is the bundle's copy
	final  string
}

func (o *output) alreadyThere() error {
	return usageError("--output %s: the file is already there", visible(o.file)).withHint("name another file, or a folder")
}

func (p *program) openOutput(flag string, send bool) (*output, error) {
	o := &output{flag: flag}
	switch {
	case flag == "-":
		if p.asJSON {
			return nil, usageError("--output - and --json both want standard output")
		}
		if p.outTerminal {
			return nil, usageError("--output - would write a binary file to the terminal").withHint("redirect it: diagcollect ... --output - > bundle.tar.zst")
		}
		o.stdout = true
	case flag == "" && send:
	case flag == "":
		o.dir = "."
	default:
		fi, err := os.Stat(flag)
		switch {
		case err == nil && fi.IsDir():
			o.dir = flag
		case err == nil:
			o.file, o.taken = flag, true
			return o, nil
		case strings.HasSuffix(flag, "/"):
			return nil, usageError("--output %s: no such folder", visible(flag))
		default:
			dir := filepath.Dir(flag)
			if err := checkFolder("--output ", dir); err != nil {
				return nil, err
			}
			if _, err := os.Stat(dir); err != nil {
				return nil, fileProblem("--output", dir, err)
			}
			o.file = flag
		}
	}
	return o, o.try()
}

// try sees to it that something can be written there, before anything is
// collected for nothing.
func (o *output) try() error {
	dir := o.folder()
	if dir == "" {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fileProblem("--output", dir, err)
	}
	made, err := manifest.NewDrafts(root)
	if err == nil {
		err = made.Close()
	}
	return errors.Join(err, root.Close())
}

func (o *output) wanted() bool { return o.stdout || o.folder() != "" }

// folder is where the file will be; empty where none is wanted.
func (o *output) folder() string {
	if o.file != "" {
		return filepath.Dir(o.file)
	}
	return o.dir
}

// name is what the file of a bundle of that name will be called.
func (o *output) name(bundle string) string {
	return cmp.Or(o.file, filepath.Join(o.dir, bundle))
}

func (o *output) path() *string {
	if o.final == "" {
		return nil
	}
	return &o.final
}

// plainFile is the bundle for people, under a temporary name until it is
// complete.
type plainFile struct {
	io.Writer
	out *output
	tmp *os.File

	root    *os.Root         // the folder it will be in
	partial *manifest.Drafts // in that, for as long as it is not whole

	reading          sync.WaitGroup // see readBack
	view             *view
	unread, unsynced error
}

func (o *output) create(stdout io.Writer) (*plainFile, error) {
	if o.stdout {
		return &plainFile{Writer: stdout, out: o}, nil
	}
	dir := o.folder()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	partial, err := manifest.NewDrafts(root)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	tmp, err := os.OpenFile(filepath.Join(dir, partial.Name, "bundle"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, errors.Join(err, partial.Close(), root.Close())
	}
	return &plainFile{Writer: tmp, out: o, tmp: tmp, root: root, partial: partial}, nil
}

// readBack begins to read the file back, and to flush it to the disk.
func (f *plainFile) readBack(ctx context.Context, signers *trust.AllowedSigners) {
	if f.tmp == nil {
		return
	}
	f.reading.Go(func() {
		fi, err := f.tmp.Stat()
		if err == nil {
			f.view, err = checkPacked(ctx, f.tmp, fi.Size(), signers)
		}
		f.unread = err
	})
	f.reading.Go(func() { f.unsynced = f.tmp.Sync() })
}

// finish waits until the file was read back and gives it its name, replacing
// nothing. A pipe has no view.
func (f *plainFile) finish(name string) (*view, error) {
	if f.tmp == nil {
		return nil, nil
	}
	final := f.out.name(name)
	if abs, err := filepath.Abs(final); err == nil {
		final = abs
	}
	f.reading.Wait()
	if f.unread != nil {
		return nil, fmt.Errorf("reading %s back: %w", final, f.unread)
	}
	if f.unsynced != nil {
		return nil, f.unsynced
	}
	if err := f.tmp.Close(); err != nil {
		return nil, err
	}
	err := placeNew(f.tmp.Name(), final)
	for n := 2; errors.Is(err, os.ErrExist) && f.out.file == "" && n <= 100; n++ { // two within one second
		other := fmt.Sprintf("%s-%d.tar.zst", strings.TrimSuffix(final, ".tar.zst"), n)
		if err = placeNew(f.tmp.Name(), other); err == nil {
			final = other
		}
	}
	if err != nil {
		return nil, err
	}
	f.out.final = final
	return f.view, f.discard()
}

// placeNew gives a file its name without replacing one that appeared in the
// meantime.
func placeNew(tmp, name string) error {
	if err := os.Link(tmp, name); err == nil || errors.Is(err, os.ErrExist) {
		return err
	}
	// No hard links here (FAT, some network file systems).
	if _, err := os.Lstat(name); err == nil {
		return &os.PathError{Op: "create", Path: name, Err: os.ErrExist}
	}
	return os.Rename(tmp, name)
}

func (f *plainFile) discard() error {
	if f.tmp == nil {
		return nil
	}
	f.reading.Wait()
	f.tmp.Close() // it is given up; finish closed it where that mattered
	f.tmp = nil
	return errors.Join(f.partial.Close(), f.root.Close())
}

// plainCopy sees to it that the plain bundle of an item is where --output says,
// as an earlier run of the same command was to leave it.
func (d *delivery) plainCopy(item *upload.Item) (err error) {
	out := d.output
	if !out.wanted() {
		return nil
	}
	if !out.stdout {
		final := out.name(item.Name)
		switch sum, err := fileDigest(final); {
		case err == nil && sum == item.SHA256:
			out.final, err = filepath.Abs(final)
			return err
		case err == nil && out.taken:
			return out.alreadyThere()
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fileProblem("--output", final, err)
		}
	}
	identity, err := d.home.Identity()
	if err != nil {
		return err
	}
	signers, err := d.home.AllowedSigners()
	if err != nil {
		return err
	}
	f, err := os.Open(item.Path())
	if err != nil {
		return err
	}
	defer closeInto(&err, f)
	clear, err := age.Decrypt(f, identity)
	if err != nil {
		return fmt.Errorf("%s: %w", item.Path(), err)
	}
	plain, err := out.create(d.out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.discard()) }()
	if _, err := io.Copy(plain, &withContext{d.ctx, clear}); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	plain.readBack(d.ctx, signers)
	_, err = plain.finish(item.Name)
	return err
}

// withContext ends a reader with its context.
type withContext struct {
	ctx context.Context
	r   io.Reader
}

func (r *withContext) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func fileDigest(name string) (_ string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer closeInto(&err, f)
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

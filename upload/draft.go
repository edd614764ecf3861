package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"
)

// Draft is an item being written. When a write fails, or Commit does, the
// draft is gone and leaves nothing behind.
type Draft struct {
	spool *Spool
	dir   string
	lock  *flock.Flock // held as long as this process lives and writes
	f     *os.File
	hash  hash.Hash
	n     int64
	room  int64
	err   error // why there is no draft any more

	replaces string // bundle id of the item that this draft takes the place of
	plain    string // digest of the .tar.zst inside, where we saw it
}

var errDraftClosed = errors.New("spool: draft is closed")

// Create begins an item: write the .tar.zst.age into the returned writer, then
// Commit it. Until then it is not in the spool, and what a killed process
// left is swept by the next OpenSpool. It fails with ErrSpoolFull.
func (s *Spool) Create() (*Draft, error) { return s.create("") }

func (s *Spool) create(replaces string) (*Draft, error) {
	d := &Draft{spool: s, hash: sha256.New(), replaces: replaces}
	err := s.locked(func() (err error) {
		used, err := s.used(replaces)
		if err != nil {
			return err
		}
		if d.room = s.MaxBytes - used; d.room <= 0 {
			return s.full(used)
		}
		d.dir = s.path(dirTmp, newName())
		if d.lock, err = tryLock(d.dir + ".lock"); err != nil {
			return err
		}
		if err = os.Mkdir(d.dir, 0o700); err == nil {
			d.f, err = os.OpenFile(filepath.Join(d.dir, bundleFile), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("spool: %w", err), os.RemoveAll(d.dir), unlock(d.lock))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (s *Spool) full(used int64) error {
	return fmt.Errorf("%w: %s hold %d of at most %d bytes", ErrSpoolFull, s.path(dirItems), used, s.MaxBytes)
}

// Write appends to the draft.
func (d *Draft) Write(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	if d.n+int64(len(p)) > d.room {
		return 0, d.fail(d.spool.full(d.spool.MaxBytes - d.room + d.n))
	}
	n, err := d.f.Write(p)
	d.hash.Write(p[:n])
	d.n += int64(n)
	if err != nil {
		return n, d.fail(fmt.Errorf("spool: %w", err))
	}
	return n, nil
}

// ReaderAt reads back what was written so far (for the check after packing).
// It is good until Commit or Discard.
func (d *Draft) ReaderAt() (io.ReaderAt, int64) { return d.f, d.n }

// Commit puts the item into the spool, durably: queued with a consent, held
// without, never tried yet. It fills WireSHA256 and WireSize, and Created
// where it is empty. A bundle that the spool has already is refused
// (fs.ErrExist), unless the draft is that bundle, rewrapped: then it takes its
// place.
func (d *Draft) Commit(m Meta) (*Item, error) {
	if d.err != nil {
		return nil, d.err
	}
	m.WireSHA256, m.WireSize = hex.EncodeToString(d.hash.Sum(nil)), d.n
	if m.Created.IsZero() {
		m.Created = d.spool.now()
	}
	if m.State = Held; m.Consent != nil {
		m.State = Queued
	}
	m.Reason, m.UploadURL = "", ""
	m.Tries, m.FirstTry, m.NextTry = 0, time.Time{}, time.Time{}
	i := &Item{Meta: m, spool: d.spool, file: bundleFile}
	if err := d.commit(i); err != nil {
		return nil, d.fail(err)
	}
	d.err = errDraftClosed
	return i, nil
}

func (d *Draft) commit(i *Item) error {
	if err := i.check(); err != nil {
		return err
	}
	if d.plain != "" && d.plain != i.SHA256 {
		return fmt.Errorf("spool: bundle %s: what was rewrapped is another bundle, sha256 %s", i.BundleID, d.plain)
	}
	if c := i.Consent; c != nil && c.Endpoint != i.Endpoint {
		return fmt.Errorf("spool: bundle %s: consent is for %q, but the bundle is encrypted for %q", i.BundleID, c.Endpoint, i.Endpoint)
	}
	if err := errors.Join(d.f.Sync(), d.f.Close()); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return d.spool.locked(func() error {
		used, err := d.spool.used(d.replaces)
		if err != nil {
			return err
		}
		if used > d.spool.MaxBytes {
			return d.spool.full(used - d.n)
		}
		switch _, err := os.Lstat(d.spool.itemDir(i.BundleID)); {
		case err == nil && d.replaces == i.BundleID:
			err = d.replace(i)
			if err != nil {
				return err
			}
		case err == nil:
			return fmt.Errorf("spool: bundle %s: %w", i.BundleID, fs.ErrExist)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("spool: %w", err)
		default:
			if err := d.insert(i); err != nil {
				return fmt.Errorf("spool: %w", err)
			}
		}
		_ = unlock(d.lock) // done; a file that stays is swept
		return nil
	})
}

// insert moves the whole folder into place.
func (d *Draft) insert(i *Item) error {
	b, err := encodeJSON(itemFile{itemVersion, i.file, i.Meta})
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(d.dir, itemJSON), b); err != nil {
		return err
	}
	if err := syncDir(d.dir); err != nil {
		return err
	}
	if err := os.Rename(d.dir, d.spool.itemDir(i.BundleID)); err != nil {
		return err
	}
	return syncDir(d.spool.path(dirItems))
}

// replace moves the file beside the old one; the new item.json, which names
// it, is the switch.
func (d *Draft) replace(i *Item) (err error) {
	l, err := d.spool.lockItem(i.BundleID)
	if err != nil {
		return fmt.Errorf("bundle %s: %w", i.BundleID, err)
	}
	defer func() { err = errors.Join(err, unlock(l)) }()
	old, err := d.spool.read(i.BundleID)
	if err != nil {
		return err
	}
	i.file = "bundle-" + newName() + ".tar.zst.age"
	if err := os.Rename(filepath.Join(d.dir, bundleFile), i.Path()); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if err := d.spool.save(i); err != nil {
		return errors.Join(err, os.Remove(i.Path()))
	}
	return errors.Join(os.Remove(old.Path()), os.Remove(d.dir))
}

// Discard gives the draft up; after Commit it does nothing.
func (d *Draft) Discard() error {
	if d.err != nil { // there is no draft any more
		return nil //nolint:nilerr
	}
	d.err = errDraftClosed
	return d.remove()
}

// fail removes the draft, for the reason err, which it returns.
func (d *Draft) fail(err error) error {
	d.err = err
	return errors.Join(err, d.remove())
}

func (d *Draft) remove() error {
	_ = d.f.Close() // what was written goes: no error of it matters
	return d.spool.locked(func() error {
		return errors.Join(os.RemoveAll(d.dir), unlock(d.lock))
	})
}

// Rewrap begins an item from a bundle that is encrypted for somebody else (at
// path: an item's, or a Record's Kept): it is decrypted with the operator's
// identity and encrypted to recipients, streaming. The draft's Commit wants
// the bundle's Meta with the new endpoint, and refuses another bundle's. When
// path is an item of this spool the new one takes its place.
func (s *Spool) Rewrap(ctx context.Context, path string, identity age.Identity, recipients ...age.Recipient) (*Draft, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("rewrap: %w", err)
	}
	defer f.Close()
	clear, err := age.Decrypt(f, identity)
	if err != nil {
		return nil, fmt.Errorf("rewrap %s: %w", path, err)
	}
	return s.wrap(ctx, path, clear, recipients...)
}

// Wrap begins an item from a plain .tar.zst that was read from path.
func (s *Spool) Wrap(ctx context.Context, path string, plain io.Reader, recipients ...age.Recipient) (*Draft, error) {
	return s.wrap(ctx, path, plain, recipients...)
}

func (s *Spool) wrap(ctx context.Context, path string, plain io.Reader, recipients ...age.Recipient) (_ *Draft, err error) {
	replaces := ""
	if rel, err := filepath.Rel(s.path(dirItems), path); err == nil && validBundleID(filepath.Dir(rel)) {
		replaces = filepath.Dir(rel)
	}
	d, err := s.create(replaces)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Discard())
		}
	}()
	wrapped, err := age.Encrypt(d, recipients...)
	if err != nil {
		return nil, fmt.Errorf("wrap %s: %w", path, err)
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(wrapped, h), &contextReader{ctx, plain}); err != nil {
		return nil, fmt.Errorf("wrap %s: %w", path, err)
	}
	if err := wrapped.Close(); err != nil {
		return nil, fmt.Errorf("wrap %s: %w", path, err)
	}
	d.plain = hex.EncodeToString(h.Sum(nil))
	return d, nil
}

// contextReader stops a copy when ctx ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

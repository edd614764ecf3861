package upload

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// Spool is the operator's encrypted queue and the record of what was sent,
// below one state directory:
//
//	spool/<bundle id>/item.json           Meta, and the name of the file beside it
//	spool/<bundle id>/bundle.tar.zst.age  what will go out
//	sent/<case>/<id>/record.json          a Record; receipt.json and receipt.json.sig
//	                                      as the receiver signed them; the bundle's
//	                                      own copy, where one is kept
//	dropped/<case>/<id>/record.json       what was dropped, and why
//	tmp/                                  drafts, and what is being removed
//	locks/, spool.lock                    locks; they hold nothing
//
// In sent and dropped <id> is the first 8 characters of the bundle id, or
// more of it where those are taken: ids that were made within a minute begin
// alike.
//
// Everything is 0600 below 0700. A file appears whole or not at all, and a
// crash at any point leaves a state from which OpenSpool goes on. Several
// processes may use one spool at once: what alters its structure is done
// under spool.lock, held for moments only; who works on an item holds that
// item's lock, and others get ErrBusy.
type Spool struct {
	// MaxBytes bounds what spool and drafts may take. It may be set before
	// first use.
	MaxBytes int64

	dir   string
	clock func() time.Time // for tests; nil: time.Now
}

func (s *Spool) now() time.Time {
	if s.clock != nil {
		return s.clock().UTC()
	}
	return time.Now().UTC()
}

// DefaultMaxBytes is MaxBytes of a spool that was just opened.
const DefaultMaxBytes = 10 << 30

// Errors of the spool that callers branch on.
var (
	// ErrAmbiguous: the ids of several bundles begin so.
	ErrAmbiguous = errors.New("could be several")

	// ErrSpoolFull: the spool has no room for another bundle. Nothing is
	// dropped to make room.
	ErrSpoolFull = errors.New("spool is full")
	// ErrBusy: another process (or goroutine) works on this item.
	ErrBusy = errors.New("in use by another process")
)

// State of an item in the spool.
type State string

// States of an item.
const (
	Held    State = "held"    // waits for consent
	Queued  State = "queued"  // consented, waits for its turn
	Sending State = "sending" // begun
	Refused State = "refused" // the receiver said no; kept until dropped
)

// Meta describes an item.
type Meta struct {
	BundleID     string    `json:"bundle_id"`
	Case         string    `json:"case"`
	Organisation string    `json:"organisation"`
	Endpoint     string    `json:"endpoint"` // name for which it is wrapped; "" not yet
	IntakeID     string    `json:"intake_id"`
	Name         string    `json:"name"`   // the bundle's file name without .age
	SHA256       string    `json:"sha256"` // of the .tar.zst
	Size         int64     `json:"size"`
	WireSHA256   string    `json:"wire_sha256"`
	WireSize     int64     `json:"wire_size"`
	Entries      int       `json:"entries"`
	Created      time.Time `json:"created"`
	State        State     `json:"state"`
	Reason       string    `json:"reason,omitempty"` // why refused, or why the last try failed
	Tries        int       `json:"tries"`            // failed ones
	FirstTry     time.Time `json:"first_try,omitzero"`
	NextTry      time.Time `json:"next_try,omitzero"`
	UploadURL    string    `json:"upload_url,omitempty"`
	Job          string    `json:"job,omitempty"` // what was asked for, as the maker names it
	Consent      *Consent  `json:"consent,omitempty"`
}

// Consent is for this bundle, this endpoint, this receiver's key.
type Consent struct {
	At         time.Time `json:"at"`
	How        string    `json:"how"` // "prompt" or "flag"
	Endpoint   string    `json:"endpoint"`
	ReceiptKey string    `json:"receipt_key"` // fingerprint
}

// Item is one bundle in the spool.
type Item struct {
	Meta

	spool *Spool
	file  string // name of the .tar.zst.age in the item's folder
}

// Path of the item's .tar.zst.age.
func (i *Item) Path() string { return filepath.Join(i.spool.itemDir(i.BundleID), i.file) }

// itemFile is item.json.
type itemFile struct {
	Version int    `json:"version"`
	File    string `json:"file"`
	Meta
}

const (
	itemVersion = 1
	itemJSON    = "item.json"
	bundleFile  = "bundle.tar.zst.age"
	dirItems    = "spool"
	dirSent     = "sent"
	dirDropped  = "dropped"
	dirTmp      = "tmp"
	dirLocks    = "locks"
)

// OpenSpool opens the state directory, making it (0700) on first use, and
// tidies up after processes that were killed.
func OpenSpool(dir string) (*Spool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	s := &Spool{MaxBytes: DefaultMaxBytes, dir: dir}
	for _, sub := range []string{dirItems, dirSent, dirDropped, dirTmp, dirLocks} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("spool: %w", err)
		}
	}
	if err := s.locked(s.sweep); err != nil {
		return nil, err
	}
	return s, nil
}

// Dir is the state directory.
func (s *Spool) Dir() string { return s.dir }

func (s *Spool) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

func (s *Spool) itemDir(bundleID string) string { return s.path(dirItems, bundleID) }

// locked runs f while no other process changes the spool's structure.
func (s *Spool) locked(f func() error) error {
	l := flock.New(s.path("spool.lock"), flock.SetPermissions(0o600))
	if err := l.Lock(); err != nil {
		return fmt.Errorf("spool: lock: %w", err)
	}
	return errors.Join(f(), l.Close())
}

// lockItem takes the item's lock, or fails with ErrBusy. Under spool.lock.
func (s *Spool) lockItem(bundleID string) (*flock.Flock, error) {
	return tryLock(s.path(dirLocks, bundleID))
}

func tryLock(path string) (*flock.Flock, error) {
	l := flock.New(path, flock.SetPermissions(0o600))
	switch ok, err := l.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("spool: lock: %w", err)
	case !ok:
		return nil, errors.Join(ErrBusy, l.Close())
	}
	return l, nil
}

// unlock gives a lock back and removes its file. Under spool.lock: there
// nobody else can have the file open and believe it to be the lock.
func unlock(l *flock.Flock) error {
	return errors.Join(l.Close(), os.Remove(l.Path()))
}

// hold takes the item's lock and reads the item anew: the caller's copy may be
// older than what another process made of it. The returned function gives
// the lock back.
func (s *Spool) hold(i *Item) (release func() error, err error) {
	var l *flock.Flock
	err = s.locked(func() (err error) {
		if l, err = s.lockItem(i.BundleID); err != nil {
			return err
		}
		now, err := s.read(i.BundleID)
		if err != nil {
			return errors.Join(err, unlock(l))
		}
		*i = *now
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", i.BundleID, err)
	}
	return func() error {
		return s.locked(func() error { return unlock(l) })
	}, nil
}

// read reads one item. Under spool.lock.
func (s *Spool) read(bundleID string) (*Item, error) {
	if !validBundleID(bundleID) {
		return nil, fmt.Errorf("spool: %q is no bundle id", bundleID)
	}
	var f itemFile
	if err := readJSON(filepath.Join(s.itemDir(bundleID), itemJSON), &f); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if f.Version != itemVersion {
		return nil, fmt.Errorf("spool: bundle %s: version %d of item.json is not known here", bundleID, f.Version)
	}
	if f.BundleID != bundleID || filepath.Base(f.File) != f.File {
		return nil, fmt.Errorf("spool: bundle %s: item.json speaks of another", bundleID)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return &Item{Meta: f.Meta, spool: s, file: f.File}, nil
}

// save writes the item's metadata. The caller holds the item.
func (s *Spool) save(i *Item) error {
	b, err := encodeJSON(itemFile{itemVersion, i.file, i.Meta})
	if err == nil {
		err = writeFile(filepath.Join(s.itemDir(i.BundleID), itemJSON), b)
	}
	if err != nil {
		return fmt.Errorf("spool: bundle %s: %w", i.BundleID, err)
	}
	return nil
}

// List yields all items, oldest first. An item that cannot be read does not
// hide the others: they are returned along with the error.
func (s *Spool) List() ([]*Item, error) {
	var items []*Item
	err := s.locked(func() error {
		dirs, err := os.ReadDir(s.path(dirItems))
		if err != nil {
			return fmt.Errorf("spool: %w", err)
		}
		var errs []error
		for _, d := range dirs {
			i, err := s.read(d.Name())
			if err != nil {
				errs = append(errs, err)
				continue
			}
			items = append(items, i)
		}
		return errors.Join(errs...)
	})
	slices.SortFunc(items, func(a, b *Item) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.BundleID, b.BundleID))
	})
	return items, err
}

// Find returns the item whose bundle id begins with id; unique, or an error,
// which wraps fs.ErrNotExist when there is none, ErrAmbiguous when there are more.
func (s *Spool) Find(id string) (*Item, error) {
	items, err := s.List()
	var found []*Item
	for _, i := range items {
		if id != "" && strings.HasPrefix(i.BundleID, strings.ToLower(id)) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, errors.Join(fmt.Errorf("spool: bundle %q: %w", id, fs.ErrNotExist), err)
	}
	ids := make([]string, len(found))
	for n, i := range found {
		ids[n] = i.BundleID
	}
	return nil, fmt.Errorf("spool: bundle %q %w: %s", id, ErrAmbiguous, strings.Join(ids, " or "))
}

// SetConsent records consent and queues the item.
func (s *Spool) SetConsent(i *Item, c Consent) (err error) {
	if c.Endpoint == "" || c.ReceiptKey == "" || c.How == "" || c.At.IsZero() {
		return fmt.Errorf("bundle %s: consent that does not say when, how, for which endpoint and key", i.BundleID)
	}
	release, err := s.hold(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if c.Endpoint != i.Endpoint {
		return fmt.Errorf("bundle %s: consent is for %q, but the bundle is encrypted for %q", i.BundleID, c.Endpoint, i.Endpoint)
	}
	i.Consent, i.State, i.Reason = &c, Queued, ""
	i.Tries, i.FirstTry, i.NextTry = 0, time.Time{}, time.Time{}
	return s.save(i)
}

// used is how much the items and drafts take, without the item except. Under
// spool.lock.
func (s *Spool) used(except string) (int64, error) {
	var sum int64
	for _, sub := range []string{dirItems, dirTmp} {
		err := filepath.WalkDir(s.path(sub), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				if except != "" && d.Name() == except {
					return fs.SkipDir
				}
				return nil
			}
			var fi fs.FileInfo
			if err == nil {
				fi, err = d.Info()
			}
			if errors.Is(err, fs.ErrNotExist) { // an item.json.tmp took its place
				return nil
			} else if err != nil {
				return err
			}
			sum += fi.Size()
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("spool: %w", err)
		}
	}
	return sum, nil
}

// sweep finishes or removes what killed processes left. Under spool.lock.
func (s *Spool) sweep() error {
	if err := s.sweepTmp(); err != nil {
		return fmt.Errorf("spool: sweep: %w", err)
	}
	dirs, err := os.ReadDir(s.path(dirItems))
	if err != nil {
		return fmt.Errorf("spool: sweep: %w", err)
	}
	for _, d := range dirs {
		l, err := s.lockItem(d.Name())
		if errors.Is(err, ErrBusy) {
			continue
		} else if err != nil {
			return err
		}
		if i, err := s.read(d.Name()); err == nil {
			// An item that cannot be read stays as it is; List says so.
			err = s.sweepItem(i)
			if err != nil {
				return errors.Join(fmt.Errorf("spool: sweep: %w", err), unlock(l))
			}
		}
		if err := unlock(l); err != nil {
			return fmt.Errorf("spool: sweep: %w", err)
		}
	}
	return nil
}

func (s *Spool) sweepItem(i *Item) error {
	r, dir, err := s.delivered(i)
	if err != nil {
		return err
	}
	if r != nil { // killed between recording and forgetting
		return s.forget(i, filepath.Join(dir, r.Kept), r.Kept != "")
	}
	files, err := os.ReadDir(s.itemDir(i.BundleID))
	if err != nil {
		return err
	}
	for _, f := range files { // killed while rewrapping or saving
		if n := f.Name(); n != itemJSON && n != i.file {
			if err := os.Remove(filepath.Join(s.itemDir(i.BundleID), n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweepTmp removes drafts that nobody holds.
func (s *Spool) sweepTmp() error {
	names, err := os.ReadDir(s.path(dirTmp))
	if err != nil {
		return err
	}
	for _, n := range names {
		name, isLock := strings.CutSuffix(n.Name(), ".lock")
		if isLock {
			if _, err := os.Lstat(s.path(dirTmp, name)); err == nil {
				continue // goes with its folder
			}
		}
		l, err := tryLock(s.path(dirTmp, name+".lock"))
		if errors.Is(err, ErrBusy) {
			continue
		} else if err != nil {
			return err
		}
		if err := errors.Join(os.RemoveAll(s.path(dirTmp, name)), unlock(l)); err != nil {
			return err
		}
	}
	return nil
}

// forget takes a finished item out of the spool. With keep its bundle is
// moved to kept first. It may be called again after a crash. Under spool.lock.
func (s *Spool) forget(i *Item, kept string, keep bool) error {
	if keep {
		err := os.Rename(i.Path(), kept)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if _, err := os.Stat(kept); err != nil {
			return err
		}
		if err := syncDir(filepath.Dir(kept)); err != nil {
			return err
		}
	}
	gone := s.path(dirTmp, newName())
	if err := os.Rename(s.itemDir(i.BundleID), gone); err != nil {
		return err
	}
	return errors.Join(syncDir(s.path(dirItems)), os.RemoveAll(gone))
}

func newName() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

var caseID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$`)

func validBundleID(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.String() == id
}

// check refuses what cannot be stored or sent: from case, id and name paths
// are made.
func (m *Meta) check() error {
	switch {
	case !validBundleID(m.BundleID):
		return fmt.Errorf("spool: %q is no bundle id", m.BundleID)
	case !caseID.MatchString(m.Case):
		return fmt.Errorf("spool: bundle %s: %q is no case id", m.BundleID, m.Case)
	case m.Name == "" || strings.HasPrefix(m.Name, ".") || strings.ContainsAny(m.Name, `/\:`) || !filepath.IsLocal(m.Name):
		return fmt.Errorf("spool: bundle %s: %q is no file name", m.BundleID, m.Name)
	}
	return nil
}

package upload

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Record is one line of the history: what became of an item.
type Record struct {
	Meta
	Ended    time.Time `json:"ended"`
	Result   string    `json:"result"`            // "delivered", "dropped"
	Receipt  string    `json:"receipt,omitempty"` // path of receipt.json; its .sig lies beside it
	Verified bool      `json:"verified"`
	Kept     string    `json:"kept,omitempty"` // path of the bundle's own copy (embedded receiver only)
}

// Results of a record.
const (
	Delivered = "delivered"
	Dropped   = "dropped"
)

// recordFile is record.json. Paths in it are names in its own folder, so that
// a state directory can be moved.
type recordFile struct {
	Version int `json:"version"`
	Record
}

const (
	recordVersion = 1
	recordJSON    = "record.json"
	receiptJSON   = "receipt.json"
	receiptSig    = "receipt.json.sig"
)

// History yields the records, oldest first. A record that cannot be read does
// not hide the others: they are returned along with the error.
func (s *Spool) History() ([]Record, error) {
	var records []Record
	var errs []error
	for _, base := range []string{dirSent, dirDropped} {
		cases, err := os.ReadDir(s.path(base))
		if err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
		for _, c := range cases {
			dirs, err := os.ReadDir(s.path(base, c.Name()))
			if err != nil {
				errs = append(errs, fmt.Errorf("history: %w", err))
			}
			for _, d := range dirs {
				dir := s.path(base, c.Name(), d.Name())
				r, err := readRecord(dir)
				if err != nil {
					errs = append(errs, fmt.Errorf("history: %w", err))
					continue
				}
				records = append(records, *r.located(dir))
			}
		}
	}
	slices.SortFunc(records, func(a, b Record) int {
		return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.BundleID, b.BundleID))
	})
	return records, errors.Join(errs...)
}

// located gives the record with the paths as seen from outside its folder.
func (r *Record) located(dir string) *Record {
	out := *r
	if r.Receipt != "" {
		out.Receipt = filepath.Join(dir, r.Receipt)
	}
	if r.Kept != "" {
		out.Kept = filepath.Join(dir, r.Kept)
	}
	return &out
}

func readRecord(dir string) (*Record, error) {
	path := filepath.Join(dir, recordJSON)
	var f recordFile
	if err := readJSON(path, &f); err != nil {
		return nil, err
	}
	if f.Version != recordVersion {
		return nil, fmt.Errorf("%s: version %d is not known here", path, f.Version)
	}
	for _, name := range []string{f.Receipt, f.Kept} {
		if name != "" && filepath.Base(name) != name {
			return nil, fmt.Errorf("%s: points out of its folder", path)
		}
	}
	return &f.Record, nil
}

// Drop removes an item; the record of it stays in the history, with i.Reason
// as the caller set it.
func (s *Spool) Drop(i *Item) (err error) {
	reason := i.Reason
	release, err := s.hold(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	i.Reason = reason
	r := &Record{Meta: i.Meta, Ended: s.now(), Result: Dropped}
	err = s.locked(func() error {
		if _, err := s.record(dirDropped, r, nil); err != nil {
			return err
		}
		return s.forget(i, "", false)
	})
	if err != nil {
		return fmt.Errorf("spool: drop bundle %s: %w", i.BundleID, err)
	}
	return nil
}

// deliver records a delivery that was proven by receipt, and takes the item
// out of the spool. The caller holds the item.
func (s *Spool) deliver(i *Item, receipt *SignedText, keep bool) (*Record, error) {
	i.Reason, i.NextTry = "", time.Time{}
	r := &Record{Meta: i.Meta, Ended: s.now(), Result: Delivered, Receipt: receiptJSON, Verified: true}
	if keep {
		r.Kept = i.Name + ".age"
	}
	var dir string
	err := s.locked(func() (err error) {
		if dir, err = s.record(dirSent, r, receipt); err != nil {
			return err
		}
		return s.forget(i, filepath.Join(dir, r.Kept), keep)
	})
	if err != nil {
		return nil, fmt.Errorf("spool: record bundle %s: %w", i.BundleID, err)
	}
	return r.located(dir), nil
}

// record makes the folder of a record, whole or not at all. Under spool.lock.
func (s *Spool) record(base string, r *Record, receipt *SignedText) (dir string, err error) {
	staged := s.path(dirTmp, newName())
	if err := os.Mkdir(staged, 0o700); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(staged))
		}
	}()
	line, err := encodeJSON(recordFile{recordVersion, *r})
	if err != nil {
		return "", err
	}
	files := map[string][]byte{recordJSON: line}
	if receipt != nil {
		files[receiptJSON], files[receiptSig] = []byte(receipt.Text), []byte(receipt.Signature)
	}
	for name, data := range files {
		if err := writeSynced(filepath.Join(staged, name), data); err != nil {
			return "", err
		}
	}
	if err := syncDir(staged); err != nil {
		return "", err
	}
	parent := s.path(base, caseDir(r.Case))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	for name := range recordNames(r.BundleID) {
		dir = filepath.Join(parent, name)
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
	}
	if err := os.Rename(staged, dir); err != nil {
		return "", err
	}
	return dir, errors.Join(syncDir(parent), syncDir(s.path(base)))
}

// delivered finds the record of exactly this item: these wire bytes, which no
// second encryption repeats, at this endpoint. Under spool.lock.
func (s *Spool) delivered(i *Item) (*Record, string, error) {
	for name := range recordNames(i.BundleID) {
		dir := s.path(dirSent, caseDir(i.Case), name)
		r, err := readRecord(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, "", nil
		} else if err != nil {
			continue // History says so
		}
		if r.BundleID == i.BundleID && r.WireSHA256 == i.WireSHA256 && r.Endpoint == i.Endpoint && r.Result == Delivered {
			return r, dir, nil
		}
	}
	return nil, "", nil
}

// recordNames are the names a record's folder may have, in order of liking.
// The case's folder has many: the first 8 characters say when an id was made
// to the minute only, and a bundle may go to several endpoints.
func recordNames(bundleID string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, n := range []int{8, 13, len(bundleID)} {
			if !yield(bundleID[:n]) {
				return
			}
		}
		for n := 2; yield(bundleID + "-" + strconv.Itoa(n)); n++ {
		}
	}
}

// caseDir is the folder of a case: its id, kept off the names that Windows
// reserves.
func caseDir(caseID string) string {
	if !filepath.IsLocal(caseID) {
		return "_" + caseID
	}
	return caseID
}

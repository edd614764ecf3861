package collect

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"
	"github.com/google/uuid"

	"github.com/diagcollect/diagcollect/redact"
)

// Identities are the operator's sealed maps from pseudonyms back to the
// identities they stand for, so that whoever made a bundle can say what it
// means. They hold identities only, never a secret, and stay on this machine:
//
//	<folder>/<case>/<bundle id>.age        of a bundle
//	<folder>/<case>/redact-<key id>.age    of all that was redacted for the case
//	                                       under one pseudonym key without a bundle
//
// Each file, 0600 below 0700, is encrypted with age to the operator's own
// identity, so that `age -d -i age.key FILE` shows it. The first line is a
// JSON object (see [IdentityMap]); each line after it is a pseudonym, a tab
// and the first original met, in which bytes below 0x20, 0x7f and "\" are
// written as \x and two hexadecimal digits. A file has at most 32 MiB of such
// text; what found no place is counted. It appears whole or not at all. After
// a year it is deleted, when the next one is written.
type Identities struct {
	dir string
	id  *age.X25519Identity
}

// IdentityMap is the first line of a map.
type IdentityMap struct {
	Version      int       `json:"version"` // 1
	Case         string    `json:"case"`
	Organisation string    `json:"organisation"`
	PseudonymKey string    `json:"pseudonym_key"`       // as in a manifest
	BundleID     string    `json:"bundle_id,omitempty"` // "": of no bundle
	Created      time.Time `json:"created"`
	LeftOut      int64     `json:"left_out,omitempty"` // at most so many identities found no place
	Count        int       `json:"-"`                  // of identities
}

const (
	identityMapAge   = 365 * 24 * time.Hour
	identityMapBytes = 32 << 20  // of one map
	identityAllBytes = 256 << 20 // of all that are read at once
	identitySuffix   = ".age"
	identityDraft    = ".new-"
)

// OpenIdentities names the folder; it is made when there is something to keep.
func OpenIdentities(dir string, id *age.X25519Identity) *Identities { return &Identities{dir, id} }

func (m IdentityMap) file() string {
	return m.Case + "/" + cmp.Or(m.BundleID, "redact-"+m.PseudonymKey) + identitySuffix
}

// Keep writes what a session knows into a map, adding to one that is there.
// It answers with the map's first line.
func (m *Identities) Keep(head IdentityMap, s *redact.Session) (IdentityMap, error) {
	err := os.MkdirAll(m.dir, 0o700)
	if err == nil {
		err = m.locked(func(root *os.Root) (err error) {
			head, err = m.keep(root, head, s)
			return err
		})
	}
	return head, err
}

// locked runs f on the folder while nobody else changes what is in it.
func (m *Identities) locked(f func(*os.Root) error) (err error) {
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	lock := flock.New(filepath.Join(m.dir, ".lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	return f(root)
}

func (m *Identities) keep(root *os.Root, head IdentityMap, s *redact.Session) (IdentityMap, error) {
	if err := prune(root, time.Now()); err != nil {
		return head, err
	}

	// Twice over the same: what finds place is counted in the first line.
	seed, had := maphash.MakeSeed(), map[uint64]struct{}{}
	old, err := m.read(root, head.file(), func(pseudonym, _ string) bool {
		had[maphash.String(seed, pseudonym)] = struct{}{}
		return true
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return head, err
	}
	var buf []byte
	all := func(each func(line []byte) error) error {
		if old.Version != 0 {
			var fault error
			_, err := m.read(root, head.file(), func(pseudonym, original string) bool {
				buf = appendIdentity(buf[:0], pseudonym, original)
				fault = each(buf)
				return fault == nil
			})
			if err := errors.Join(err, fault); err != nil {
				return err
			}
		}
		for pseudonym, original := range s.Identities() {
			if len(had) > 0 {
				if _, dup := had[maphash.String(seed, pseudonym)]; dup {
					continue
				}
			}
			buf = appendIdentity(buf[:0], pseudonym, original)
			if err := each(buf); err != nil {
				return err
			}
		}
		return nil
	}
	head.Version, head.Created = 1, time.Now().UTC().Truncate(time.Second)
	head.LeftOut = old.LeftOut + s.Unrecorded()
	room := identityMapBytes
	if err := all(func(line []byte) error {
		if room -= len(line); room < 0 {
			head.LeftOut++
		} else {
			head.Count++
		}
		return nil
	}); err != nil {
		return head, err
	}
	return head, m.write(root, &head, func(w *bufio.Writer) error {
		n := 0
		return all(func(line []byte) (err error) {
			if n++; n <= head.Count {
				_, err = w.Write(line)
			}
			return err
		})
	})
}

// write puts a map in its place whole or not at all, durably.
func (m *Identities) write(root *os.Root, head *IdentityMap, body func(*bufio.Writer) error) (err error) {
	if err := root.MkdirAll(head.Case, 0o700); err != nil {
		return err
	}
	first, err := json.Marshal(head)
	if err != nil {
		return err
	}
	draft := head.Case + "/" + identityDraft + uuid.NewString()
	f, err := root.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // closed below where that mattered
			err = errors.Join(err, root.Remove(draft))
		}
	}()
	sealed, err := age.Encrypt(f, m.id.Recipient())
	if err != nil {
		return err
	}
	w := bufio.NewWriter(sealed)
	w.Write(append(first, '\n')) // an error stays until Flush
	if err := body(w); err != nil {
		return err
	}
	if err := errors.Join(w.Flush(), sealed.Close(), f.Sync()); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := root.Rename(draft, head.file()); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // no handle of a directory to flush there
		return nil
	}
	d, err := root.Open(head.Case)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Drop takes back a map that Keep wrote.
func (m *Identities) Drop(head IdentityMap) error {
	return m.locked(func(root *os.Root) error { return root.Remove(head.file()) })
}

// Tell tells a revealer what those maps of a case hold that are wanted, newest
// first. It answers with the maps that were read. A map that cannot be read does not keep it from
// the others: the error tells of all of them, and of what memory had no room
// for.
func (m *Identities) Tell(caseID string, wanted func(IdentityMap) bool, r *redact.Revealer) (maps []IdentityMap, err error) {
	root, err := os.OpenRoot(m.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	files, err := mapsOf(root, caseID)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var errs []error
	told := 0
	for _, fi := range files {
		head, err := m.readIf(root, caseID+"/"+fi.Name(), func(h IdentityMap) func(string, string) bool {
			if h.Case != caseID || !wanted(h) { // another case, where file names ignore case
				return nil
			}
			return func(pseudonym, original string) bool {
				if told += len(pseudonym) + len(original) + 64; told > identityAllBytes {
					return false
				}
				r.Know(h.PseudonymKey, pseudonym, original)
				return true
			}
		})
		switch {
		case errors.Is(err, fs.ErrNotExist): // forgotten meanwhile
		case err != nil:
			errs = append(errs, err)
		case head.Version != 0:
			maps = append(maps, head)
		}
		if told > identityAllBytes {
			errs = append(errs, errors.New("not all identities of the case fit into memory: those of its oldest bundles stay unknown"))
			break
		}
	}
	return maps, errors.Join(errs...)
}

// Forget deletes the maps of a case and answers with their number.
func (m *Identities) Forget(caseID string) (n int, err error) {
	if _, err := os.Stat(m.dir); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	err = m.locked(func(root *os.Root) (err error) {
		n, err = m.forget(root, caseID)
		return err
	})
	return n, err
}

func (m *Identities) forget(root *os.Root, caseID string) (n int, err error) {
	files, err := mapsOf(root, caseID)
	if err != nil {
		return 0, err
	}
	for _, fi := range files {
		name := caseID + "/" + fi.Name()
		head, err := m.readIf(root, name, func(IdentityMap) func(string, string) bool { return nil })
		if err == nil && head.Case != "" && head.Case != caseID {
			continue
		}
		// One that cannot be read is of use to nobody.
		if err := root.Remove(name); err != nil {
			return n, err
		}
		n++
	}
	if err := root.Remove(caseID); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
		return n, err // ErrExist: something else is in it
	}
	return n, nil
}

// mapsOf lists the files of a case's maps.
func mapsOf(root *os.Root, caseID string) ([]fs.FileInfo, error) {
	dir, err := root.Open(caseID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	all, err := dir.Readdir(-1)
	if errors.Is(err, fs.ErrNotExist) { // forgotten meanwhile
		return nil, nil
	}
	return slices.DeleteFunc(all, func(fi fs.FileInfo) bool {
		return !fi.Mode().IsRegular() || !strings.HasSuffix(fi.Name(), identitySuffix)
	}), err
}

// prune deletes maps that are too old and drafts: who wrote them was killed,
// for whoever writes holds the lock.
func prune(root *os.Root, now time.Time) error {
	cases, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, c := range cases {
		if !c.IsDir() {
			continue
		}
		files, err := fs.ReadDir(root.FS(), c.Name())
		if err != nil {
			return err
		}
		for _, f := range files {
			fi, err := f.Info()
			if err != nil {
				return err
			}
			old := now.Sub(fi.ModTime())
			if strings.HasSuffix(f.Name(), identitySuffix) && old > identityMapAge || strings.HasPrefix(f.Name(), identityDraft) {
				if err := root.Remove(c.Name() + "/" + f.Name()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (m *Identities) read(root *os.Root, name string, each func(pseudonym, original string) bool) (IdentityMap, error) {
	return m.readIf(root, name, func(IdentityMap) func(string, string) bool { return each })
}

// readIf reads a map, if what want answers to its first line is not nil; that
// is then called with every identity, until it answers false.
func (m *Identities) readIf(root *os.Root, name string, want func(IdentityMap) func(pseudonym, original string) bool) (head IdentityMap, err error) {
	f, err := root.Open(name)
	if err != nil {
		return head, err
	}
	defer f.Close()
	broken := func(err error) error { return fmt.Errorf("map of identities %s: %w", name, err) }
	clear, err := age.Decrypt(f, m.id)
	if err != nil {
		return head, broken(err)
	}
	lines := bufio.NewReaderSize(clear, 64<<10) // an original has at most 4 KiB, 16 KiB when all of it is escaped
	line, err := lines.ReadSlice('\n')
	if err != nil {
		return head, broken(err)
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return head, broken(err)
	}
	if head.Version != 1 {
		return head, broken(fmt.Errorf("version %d is not understood", head.Version))
	}
	each := want(head)
	if each == nil {
		return IdentityMap{Case: head.Case}, nil
	}
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return head, nil
		}
		if err != nil {
			return head, broken(err)
		}
		pseudonym, original, ok := strings.Cut(string(line[:len(line)-1]), "\t")
		if original, ok = unescapeIdentity(original, ok); !ok {
			return head, broken(errors.New("a line is no pseudonym, tab and original"))
		}
		head.Count++
		if !each(pseudonym, original) {
			return head, nil
		}
	}
}

func appendIdentity(b []byte, pseudonym, original string) []byte {
	b = append(append(b, pseudonym...), '\t')
	for i := range len(original) {
		if c := original[i]; c < 0x20 || c == 0x7f || c == '\\' {
			b = fmt.Appendf(b, `\x%02x`, c)
		} else {
			b = append(b, c)
		}
	}
	return append(b, '\n')
}

func unescapeIdentity(s string, ok bool) (string, bool) {
	if !ok || !strings.Contains(s, `\`) {
		return s, ok
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		c, err := hex.DecodeString(s[min(len(s), i+2):min(len(s), i+4)])
		if err != nil || len(c) != 1 || s[i+1] != 'x' {
			return "", false
		}
		b.WriteByte(c[0])
		i += 3
	}
	return b.String(), true
}

package manifest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Drafts is a folder within another where outputs wait until they are whole
// and get their own names. It is locked as long as this process lives: what a
// killed one left is removed when the next makes its own.
type Drafts struct {
	Name string // below root
	root *os.Root
	lock *os.File
}

const (
	draftsPrefix = ".diagcollect-partial-"
	draftsLock   = "/.lock"
)

// NewDrafts makes a folder, readable by its owner only, directly below root.
func NewDrafts(root *os.Root) (*Drafts, error) {
	if err := sweepDrafts(root); err != nil {
		return nil, err
	}
	for range 100 {
		name := draftsPrefix + rand.Text()
		if err := root.Mkdir(name, 0o700); err != nil {
			var of *fs.PathError
			if errors.As(err, &of) { // whose path tells nobody anything
				err = of.Err
			}
			return nil, fmt.Errorf("nothing can be written into %s: %w", root.Name(), err)
		}
		f, err := lockDrafts(root, name)
		if err != nil {
			return nil, errors.Join(err, root.RemoveAll(name))
		}
		if f != nil {
			return &Drafts{name, root, f}, nil
		}
	}
	return nil, fmt.Errorf("%s: what is made there is removed again", root.Name())
}

// Close removes the folder with what is still in it.
func (d *Drafts) Close() error {
	return errors.Join(d.lock.Close(), d.root.RemoveAll(d.Name))
}

// lockDrafts takes the lock of a folder. It answers nil where somebody else
// has it, or has removed the folder.
func lockDrafts(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name+draftsLock, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	held, err := tryLock(f)
	if err == nil && held {
		_, err = root.Lstat(name + draftsLock)
	}
	if err == nil && held {
		return f, nil
	}
	f.Close() // it is empty
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return nil, err
}

// sweepDrafts removes the folders that nobody holds.
func sweepDrafts(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, draftsPrefix) {
			continue
		}
		if fi, err := root.Lstat(name); err != nil || !fi.IsDir() {
			continue
		}
		f, err := lockDrafts(root, name)
		if err != nil || f == nil { // another's, or not ours to open
			continue
		}
		f.Close()
		if err := root.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

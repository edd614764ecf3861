package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/diagcollect/diagcollect/trust"
)

// Files and folders that a command line or a configuration names, and one rule
// for all of them: what is not there, or is of the wrong kind, is a fault of what
// was written, usage; what cannot be read, or must not be trusted, is a failure.
// An error names the path once.

// checkFile looks at a file before it is read; what names it: "--rules", "recipe".
func checkFile(what, name string) error {
	fi, err := os.Stat(name)
	switch {
	case err != nil:
		return fileProblem(what, name, err)
	case fi.IsDir():
		return fileProblem(what, name, fmt.Errorf("%s is a folder, where a file is wanted", name))
	}
	return nil
}

// fileProblem says what is wrong with a file that was read, or with what is in it.
func fileProblem(what, name string, err error) error {
	var system syscall.Errno
	err = about(name, err)
	if what != "" {
		err = fmt.Errorf("%s: %w", what, err)
	}
	switch {
	case isMissing(err):
		return &problem{exit: exitUsage, code: "not-found", err: err}
	case errors.Is(err, trust.ErrUnsafe), errors.As(err, &system):
		return err
	}
	return usageError("%w", err)
}

// hinted adds a hint to a fault of what was written; a failure tells of itself.
func hinted(err error, hint string) error {
	var p *problem
	if errors.As(err, &p) {
		return p.withHint("%s", hint)
	}
	return err
}

func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// about makes of the system's "open x: no such file" an error that begins with
// the name, as all others do.
func about(name string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) && of.Path == name {
		return fmt.Errorf("%s: %w", name, of.Err)
	}
	return err
}

// checkFolder looks whether dir is a folder or one can be made there; what comes
// before its name, such as "--output ".
func checkFolder(what, dir string) error {
	for at := dir; ; at = filepath.Dir(at) {
		fi, err := os.Stat(at)
		switch {
		case err == nil && fi.IsDir():
			return nil
		case err == nil && at == dir:
			return usageError("%s%s is a file, where a folder is wanted", what, dir)
		case err == nil:
			return usageError("%s%s: %s is a file, where a folder is wanted", what, dir, at)
		case !isMissing(err):
			return fmt.Errorf("%s%w", what, about(at, err))
		case at == filepath.Dir(at):
			return fmt.Errorf("%s%w", what, about(at, err))
		}
	}
}

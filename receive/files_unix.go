//go:build unix

package receive

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// ownerOnly closes a new data directory to others.
func ownerOnly(dir string) error { return os.Chmod(dir, 0o700) }

func writable(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// private says whether a key file is closed to others.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

func syncFolder(d *os.File) error { return d.Sync() }

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

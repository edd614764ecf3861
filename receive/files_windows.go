package receive

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// On Windows the folder's inherited access list decides who may read, and
// folders need no flush.

func ownerOnly(string) error { return nil }

func writable(fs.FileInfo) bool { return false }

func private(fs.FileInfo) bool { return true }

func syncFolder(*os.File) error { return nil }

func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

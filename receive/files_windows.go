package receive

import (
	"io/fs"
	"os"
)

// On Windows the folder's inherited access list decides who may read, and
// folders need no flush.

func ownerOnly(string) error { return nil }

func writable(fs.FileInfo) bool { return false }

func private(fs.FileInfo) bool { return true }

func syncFolder(*os.File) error { return nil }

//go:build unix && !linux

package manifest

import "os"

func unlinkedFile(dir string) (*os.File, error) { return removedFile(dir) }

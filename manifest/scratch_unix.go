//go:build unix

package manifest

import "os"

// removedFile makes a file and takes its name away.
func removedFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, ".diagcollect-scratch-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

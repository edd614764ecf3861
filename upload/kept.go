package upload

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// DropKept deletes the copies that were kept of delivered bundles whose id
// begins with id; their records and receipts stay. It reports whether there
// was one.
func (s *Spool) DropKept(id string) (dropped bool, err error) {
	if id == "" {
		return false, nil
	}
	records, err := s.History()
	if err != nil {
		return false, err
	}
	err = s.locked(func() error {
		for _, r := range records {
			if r.Kept == "" || !strings.HasPrefix(r.BundleID, id) {
				continue
			}
			// The record first: a copy that nothing names is only space.
			dir := filepath.Dir(r.Kept)
			now, err := readRecord(dir)
			if err != nil {
				return err
			}
			now.Kept = ""
			line, err := encodeJSON(recordFile{recordVersion, *now})
			if err != nil {
				return err
			}
			if err := writeFile(filepath.Join(dir, recordJSON), line); err != nil {
				return err
			}
			if err := os.Remove(r.Kept); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			dropped = true
		}
		return nil
	})
	if err != nil {
		return dropped, fmt.Errorf("spool: drop copy of %s: %w", id, err)
	}
	return dropped, nil
}

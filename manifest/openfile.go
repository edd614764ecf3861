package manifest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/trust"
)

// OpenFile opens a .tar.zst or, with identities, a .tar.zst.age. Close it.
func OpenFile(path string, signers *trust.AllowedSigners, l Limits, ids ...age.Identity) (*Bundle, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := openFile(f, signers, l, ids)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

func openFile(f *os.File, signers *trust.AllowedSigners, l Limits, ids []age.Identity) (*Bundle, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return OpenReaderAt(f, info.Size(), signers, l, ids...)
}

const ageMagic = "age-encryption.org/v1\n"

// OpenReaderAt opens what OpenFile does, wherever its size bytes come from.
// Close closes r if it is an io.Closer; after an error it is open still.
func OpenReaderAt(r io.ReaderAt, size int64, signers *trust.AllowedSigners, l Limits, ids ...age.Identity) (*Bundle, error) {
	b, err := openReaderAt(r, size, signers, l, ids)
	if err != nil {
		return nil, err
	}
	b.closer, _ = r.(io.Closer)
	return b, nil
}

func openReaderAt(r io.ReaderAt, size int64, signers *trust.AllowedSigners, l Limits, ids []age.Identity) (*Bundle, error) {
	var start [len(ageMagic)]byte
	if n, err := r.ReadAt(start[:], 0); err != nil && err != io.EOF {
		return nil, err
	} else if string(start[:n]) != ageMagic {
		return Open(r, size, signers, l)
	}
	if len(ids) == 0 {
		return nil, errors.New("encrypted with age, and no identity is given")
	}
	raw := &trackedReader{r: r}
	clear, clearSize, err := age.DecryptReaderAt(raw, size, ids...)
	if err != nil {
		var none *age.NoIdentityMatchError
		if errors.As(err, &none) || raw.failed() != nil {
			return nil, err
		}
		return nil, notAuthentic("%v", err)
	}
	return Open(&ageReader{clear, raw}, clearSize, signers, l)
}

// trackedReader remembers whether the file itself could not be read.
type trackedReader struct {
	r   io.ReaderAt
	mu  sync.Mutex
	err error
}

func (t *trackedReader) ReadAt(p []byte, at int64) (int, error) {
	n, err := t.r.ReadAt(p, at)
	if err != nil && err != io.EOF {
		t.mu.Lock()
		t.err = err
		t.mu.Unlock()
	}
	return n, err
}

func (t *trackedReader) failed() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// ageReader makes refusals of age's errors.
type ageReader struct {
	r   io.ReaderAt
	raw *trackedReader
}

func (a *ageReader) ReadAt(p []byte, at int64) (int, error) {
	n, err := a.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) && a.raw.failed() == nil {
		err = notAuthentic("%v", err)
	}
	return n, err
}

package manifest

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Recognise tells by its beginning whether a file is a bundle, or one that is
// encrypted to what ids answers, which is asked only then. It proves nothing:
// a bundle that was tampered with is recognised, so that it can be refused.
func Recognise(path string, ids func() ([]age.Identity, error)) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	var start [len(ageMagic)]byte
	if n, err := f.ReadAt(start[:], 0); err != nil && err != io.EOF {
		return false, err
	} else if string(start[:n]) != ageMagic {
		return beginsBundle(f), nil
	}
	keys, err := ids()
	if err != nil {
		return false, err
	}
	clear, err := age.Decrypt(f, keys...)
	if err != nil {
		return false, nil //nolint:nilerror // not for us, or not age's
	}
	return beginsBundle(clear), nil
}

// beginsBundle reports whether a stream begins like a bundle's: a frame in
// which the header of an entry, or of a report, stands in its one form. Stock
// tar writes none like it.
func beginsBundle(r io.Reader) bool {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*maxFrame), zstd.WithDecoderLowmem(true))
	if err != nil {
		return false
	}
	defer z.Close()
	b := make([]byte, maxHeader)
	n, _ := io.ReadFull(z, b) // what follows the header may be damaged, or not be there
	h, err := tar.NewReader(bytes.NewReader(b[:n])).Next()
	if err != nil {
		return false
	}
	_, rest, ok := strings.Cut(h.Name, "/")
	return ok && (strings.HasPrefix(rest, "data/") || rest == reportName) &&
		bytes.HasPrefix(b[:n], tarHeader(nil, h.Name, h.Size, h.ModTime))
}

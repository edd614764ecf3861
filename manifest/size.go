package manifest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// Size is the number of bytes of the .tar.zst.
func (b *Bundle) Size() int64 { return b.size }

// Len is the number of entries.
func (b *Bundle) Len() int { return int(b.entries) }

// SHA256 is the hex digest of all bytes of the .tar.zst, what receipts name. It
// reads them, unless Verify did.
func (b *Bundle) SHA256(ctx context.Context) (string, error) {
	b.mu.Lock()
	sum := b.sum
	b.mu.Unlock()
	if sum != "" {
		return sum, nil
	}
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for off := int64(0); off < b.size; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n := min(int64(len(buf)), b.size-off)
		if err := b.readAt(buf[:n], off); err != nil {
			return "", err
		}
		h.Write(buf[:n])
		off += n
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

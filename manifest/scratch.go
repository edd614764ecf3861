package manifest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// store keeps records in an unlinked temporary file, each sealed with
// AES-256-GCM under a key that exists only in memory. The nonce is the
// record's number, which is never used twice under one key.
type store struct {
	f    *os.File
	aead cipher.AEAD

	mu   sync.Mutex
	next uint64 // number of the next record
	end  int64  // of the file
}

// record is where a record lies.
type record struct {
	number uint64
	at     int64
	size   int // of the plaintext; 0: none
	full   int // of what it was compressed from, if it was
}

const sealed = 16 // bytes that sealing adds

func newStore(dir string, random io.Reader) (*store, error) {
	if random == nil {
		random = rand.Reader
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("scratch key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	f, err := unlinkedFile(dir)
	if err != nil {
		return nil, fmt.Errorf("scratch file: %w", err)
	}
	return &store{f: f, aead: aead}, nil
}

func nonce(number uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 4, 12), number)
}

// put seals b in place, which overwrites it, and writes it. b should have room
// for sealed more bytes.
func (s *store) put(b []byte) (record, error) {
	s.mu.Lock()
	r := record{number: s.next, at: s.end, size: len(b)}
	s.next++
	s.end += int64(len(b) + sealed)
	s.mu.Unlock()
	if _, err := s.f.WriteAt(s.aead.Seal(b[:0], nonce(r.number), b, nil), r.at); err != nil {
		return record{}, fmt.Errorf("scratch file: %w", err)
	}
	return r, nil
}

// get reads a record into dst's space, or into new space where that is small.
func (s *store) get(r record, dst []byte) ([]byte, error) {
	if cap(dst) < r.size+sealed {
		dst = make([]byte, r.size+sealed, r.size+r.size/4+sealed)
	}
	dst = dst[:r.size+sealed]
	if _, err := s.f.ReadAt(dst, r.at); err != nil {
		return nil, fmt.Errorf("scratch file: %w", err)
	}
	out, err := s.aead.Open(dst[:0], nonce(r.number), dst, nil)
	if err != nil {
		return nil, fmt.Errorf("scratch file: %w", err)
	}
	return out, nil
}

// drop gives a record's space back, where the system can.
func (s *store) drop(r record) {
	if r.size > 0 {
		punch(s.f, r.at, int64(r.size+sealed))
	}
}

func (s *store) close() error { return s.f.Close() }

// Scratch is an unlinked temporary file encrypted under a key that is held
// only in memory. Written once from start to end, then read anywhere. ReadAt
// may be called at once from several goroutines, but not beside Write.
type Scratch struct {
	store   *store
	records []record // full ones
	last    []byte   // what follows them
	err     error    // of a failed write; sticky

	mu     sync.Mutex
	cached int // index of the record in cache; -1: none
	cache  []byte
}

const scratchRecord = 64 << 10

// NewScratch makes a scratch file in dir ("": os.TempDir()).
func NewScratch(dir string) (*Scratch, error) {
	s, err := newStore(dir, nil)
	if err != nil {
		return nil, err
	}
	return &Scratch{store: s, last: make([]byte, 0, scratchRecord+sealed), cached: -1}, nil
}

func (s *Scratch) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 && s.err == nil {
		n := min(len(p), scratchRecord-len(s.last))
		s.last = append(s.last, p[:n]...)
		p = p[n:]
		if len(s.last) == scratchRecord {
			r, err := s.store.put(s.last)
			if err != nil {
				s.err = err
				break
			}
			s.records = append(s.records, r)
			s.last = s.last[:0]
		}
		written += n
	}
	return written, s.err
}

// ReadAt reads what was written; it may be called at once.
func (s *Scratch) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("scratch file: negative offset")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	read := 0
	for read < len(p) {
		i := int(off / scratchRecord)
		if i > len(s.records) {
			return read, io.EOF
		}
		from := s.last
		if i < len(s.records) {
			if s.cached != i {
				b, err := s.store.get(s.records[i], s.cache)
				if err != nil {
					s.cached = -1
					return read, err
				}
				s.cached, s.cache = i, b
			}
			from = s.cache
		}
		in := int(off % scratchRecord)
		if in >= len(from) {
			return read, io.EOF
		}
		n := copy(p[read:], from[in:])
		read += n
		off += int64(n)
	}
	return read, nil
}

// Size is the number of bytes written.
func (s *Scratch) Size() int64 { return int64(len(s.records))*scratchRecord + int64(len(s.last)) }

// Close gives the space back.
func (s *Scratch) Close() error { return s.store.close() }

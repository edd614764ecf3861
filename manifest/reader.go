package manifest

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/trust"
)

// Limits bound what a reader accepts. Zero fields mean the defaults.
type Limits struct {
	Members int64 // default 1,000,000
	Bytes   int64 // uncompressed, default 64 GiB
	Ratio   int64 // uncompressed to compressed of a frame, default 1,000
}

func (l Limits) filled() Limits {
	l.Members = cmp.Or(l.Members, 1_000_000)
	l.Bytes = cmp.Or(l.Bytes, 64<<30)
	l.Ratio = cmp.Or(l.Ratio, maxRatio)
	return l
}

// Bundle is an opened bundle whose signature held. Methods may be called at
// once.
type Bundle struct {
	r      io.ReaderAt
	closer io.Closer
	size   int64
	limits Limits
	dec    *zstd.Decoder

	mu     sync.Mutex
	spare  []*buffers // not in use
	recent []*buffers // frames just read: their neighbours are likely next
	sum    string     // of the file, once Verify read all of it

	frames   []tableEntry
	manifest int   // index of the frame in which manifest.json begins
	text     int64 // where its content begins in the tar stream
	textSize int64
	sig      []byte
	top      string // the top directory: until the signature holds, a claim
	proof    *trust.Proof
	head     Head
	entries  int64
	report   reportRef
	reportAt int64 // of its header, in the tar stream
	all      string
}

// Open reads the seek table and the tail of a bundle of size bytes and
// verifies its signature against signers. Nothing is answered before that,
// and before the signed manifest was held against the rules of the format:
// names, order, offsets, the place of each entry in the frames.
func Open(r io.ReaderAt, size int64, signers *trust.AllowedSigners, l Limits) (*Bundle, error) {
	b := &Bundle{r: r, size: size, limits: l.filled()}
	var err error
	if b.dec, err = newDecoder(false); err != nil {
		return nil, err
	}
	if err := b.open(signers); err != nil {
		b.dec.Close()
		return nil, err
	}
	return b, nil
}

func (b *Bundle) open(signers *trust.AllowedSigners) error {
	if err := b.readTable(); err != nil {
		return err
	}
	if err := b.readSignature(); err != nil {
		return err
	}
	if err := b.findManifest(); err != nil {
		return err
	}
	var err error
	b.proof, err = signers.Verify(trust.NamespaceManifest, b.sig, b.ManifestJSON())
	if err != nil {
		return err
	}
	return b.readManifest()
}

// readTable reads the seek table.
func (b *Bundle) readTable() error {
	if b.size < seekTableSize(2) {
		return notAuthentic("truncated: %d bytes are no bundle", b.size)
	}
	tail := make([]byte, min(b.size, 64<<10))
	if err := b.readAt(tail, b.size-int64(len(tail))); err != nil {
		return err
	}
	frames, err := parseSeekFooter(tail)
	if err != nil {
		return notAuthentic("%v", err)
	}
	if frames < 2 || frames > b.limits.Members+b.limits.Bytes/maxFrame*2+16 || seekTableSize(int(frames)) > b.size {
		return notAuthentic("seek table: lists %d frames", frames)
	}
	if need := seekTableSize(int(frames)); need > int64(len(tail)) {
		tail = make([]byte, need)
		if err := b.readAt(tail, b.size-need); err != nil {
			return err
		}
	} else {
		tail = tail[int64(len(tail))-need:]
	}
	if b.frames, err = parseSeekTable(tail, frames, b.size); err != nil {
		return notAuthentic("%v", err)
	}
	for i, f := range b.frames {
		if f.content > f.size*b.limits.Ratio {
			return notAuthentic("frame %d: %d bytes in %d, above the ratio allowed", i, f.content, f.size)
		}
	}
	if last := b.frames[len(b.frames)-1]; last.at+last.content > b.limits.Bytes {
		return notAuthentic("%d bytes uncompressed, above the limit of %d", last.at+last.content, b.limits.Bytes)
	}
	return nil
}

// readAt fills p; a file that ends before is not what was signed.
func (b *Bundle) readAt(p []byte, at int64) error {
	n, err := b.r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	if err == io.EOF || err == nil {
		return notAuthentic("truncated: file ends at byte %d", at+int64(n))
	}
	return &readError{err}
}

// readError is one of the file, which says nothing about what is in it.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// buffers is memory for one frame, compressed and not.
type buffers struct {
	z, content []byte
	frame      int // whose content it is, once in recent
}

// take returns the buffers that hold a frame, if it was read just now, or
// others. Frame -1 is held by none.
func (b *Bundle) take(frame int) (buf *buffers, holds bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, r := range b.recent {
		if r.frame == frame {
			b.recent = slices.Delete(b.recent, i, i+1)
			return r, true
		}
	}
	if n := len(b.spare); n > 0 {
		buf = b.spare[n-1]
		b.spare = b.spare[:n-1]
		return buf, false
	}
	return new(buffers), false
}

// give takes buffers back that hold a frame, or -1.
func (b *Bundle) give(buf *buffers, frame int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	most := runtime.GOMAXPROCS(0)
	if frame >= 0 {
		buf.frame = frame
		b.recent = append(b.recent, buf)
		if len(b.recent) <= most {
			return
		}
		buf = b.recent[0]
		b.recent = slices.Delete(b.recent, 0, 1)
	}
	if len(b.spare) <= most {
		b.spare = append(b.spare, buf)
	}
}

// load reads and decodes a frame. Where its digest is known, it is compared
// before decoding; the frames of the tail, which the signature covers through
// their content, get theirs at the first reading, so that later readings see
// the same.
func (b *Bundle) load(i int, buf *buffers) ([]byte, error) {
	f := &b.frames[i]
	if err := b.loadCompressed(i, buf); err != nil {
		return nil, err
	}
	content, err := decodeFrame(b.dec, buf.content, buf.z, int(f.content))
	if err != nil {
		return nil, notAuthentic("frame %d: %v", i, err)
	}
	buf.content = content
	return content, nil
}

func (b *Bundle) loadCompressed(i int, buf *buffers) error {
	f := &b.frames[i]
	if int64(cap(buf.z)) < f.size {
		buf.z = make([]byte, f.size, f.size+f.size/4)
	}
	buf.z = buf.z[:f.size]
	if err := b.readAt(buf.z, f.start); err != nil {
		return err
	}
	sum := sha256.Sum256(buf.z)
	if !f.known {
		f.sum, f.known = sum, true // only while opening
	} else if f.sum != sum {
		return notAuthentic("frame %d (bytes %d to %d): digest differs from the signed one", i, f.start, f.start+f.size)
	}
	return nil
}

// readSignature takes the signature out of the last frame.
func (b *Bundle) readSignature() error {
	last := len(b.frames) - 1
	if b.frames[last].content > 128<<10 {
		return notAuthentic("last frame holds %d bytes, no signature", b.frames[last].content)
	}
	content, err := b.load(last, new(buffers))
	if err != nil {
		return err
	}
	t := tar.NewReader(bytes.NewReader(content))
	h, err := t.Next()
	if err != nil || !strings.HasSuffix(h.Name, "/"+signatureName) || h.Size > 64<<10 {
		return notAuthentic("last frame holds no %s", signatureName)
	}
	b.top = strings.TrimSuffix(h.Name, "/"+signatureName)
	b.sig = make([]byte, h.Size)
	if _, err := io.ReadFull(t, b.sig); err != nil {
		return notAuthentic("%s: truncated", signatureName)
	}
	canonical, err := trust.CanonicalSignature(b.sig)
	if err != nil {
		return err
	}
	if !bytes.Equal(canonical, b.sig) {
		return notAuthentic("%s is not in canonical form", signatureName)
	}
	return nil
}

// findManifest walks back from the last frame to the one with the header of
// manifest.json. What it finds is only believed once the signature holds.
func (b *Bundle) findManifest() error {
	buf := new(buffers)
	end := b.frames[len(b.frames)-1].at
	for i := len(b.frames) - 2; i >= 0; i-- {
		f := b.frames[i]
		if end-f.at > maxManifest {
			break
		}
		if f.content%blockSize != 0 {
			continue // content of the manifest, not its header
		}
		content, err := b.load(i, buf)
		if err != nil {
			return err
		}
		counted := &countingReader{r: bytes.NewReader(content)}
		h, err := tar.NewReader(counted).Next()
		if err != nil || !strings.HasSuffix(h.Name, "/"+manifestName) {
			continue
		}
		if f.at+counted.n+h.Size+padding(h.Size) != end {
			return notAuthentic("%s does not end where its signature begins", manifestName)
		}
		b.manifest, b.text, b.textSize = i, f.at+counted.n, h.Size
		return nil
	}
	return notAuthentic("no %s before its signature", manifestName)
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// readManifest parses what the signature proved and holds it against the seek
// table and the rules.
func (b *Bundle) readManifest() error {
	layout := newLayout(b)
	frames := 0
	m := &manifestReader{
		entry: layout.entry,
		frame: func(f *frameRef) error {
			if frames >= b.manifest {
				return fmt.Errorf("lists more frames than the %d before it", b.manifest)
			}
			t := &b.frames[frames]
			sum, err := hex.DecodeString(f.SHA256)
			if err != nil || !isDigest(f.SHA256) || f.Size != t.size || f.Content != t.content {
				return fmt.Errorf("frame %d: seek table and manifest differ", frames)
			}
			t.sum, t.known = [sha256.Size]byte(sum), true
			frames++
			return nil
		},
	}
	if err := m.read(b.ManifestJSON()); err != nil {
		return refuse(err)
	}
	if frames != b.manifest {
		return notAuthentic("%s: lists %d frames, there are %d before it", manifestName, frames, b.manifest)
	}
	if m.head.Name != b.top {
		return notAuthentic("%s: name differs from that of the top directory", manifestName)
	}
	if m.totals != (totals{layout.count, layout.bytes}) {
		return notAuthentic("%s: totals differ from the entries", manifestName)
	}
	if !isDigest(m.report.SHA256) || !isDigest(m.framesTotal) || m.report.Size < 0 {
		return notAuthentic("%s: malformed digest or size", manifestName)
	}
	if m.report.Size > maxReport {
		return notAuthentic("%s: %d bytes, above the limit of %d", reportName, m.report.Size, maxReport)
	}
	b.head, b.report, b.all, b.entries = m.head, m.report, m.framesTotal, layout.count
	b.reportAt = layout.at
	if err := layout.tail(); err != nil {
		return refuse(err)
	}
	return b.checkTail()
}

// refuse turns what is wrong with a manifest into a refusal; errors of reading
// and an end asked for stay what they are.
func refuse(err error) error {
	var read *readError
	if err == nil || errors.Is(err, ErrNotAuthentic) || errors.As(err, &read) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return notAuthentic("%s: %v", manifestName, err)
}

// Close closes what OpenFile opened.
func (b *Bundle) Close() error {
	b.dec.Close()
	if b.closer != nil {
		return b.closer.Close()
	}
	return nil
}

// Head is the signed head.
func (b *Bundle) Head() *Head { return &b.head }

// Proof says whose signature held.
func (b *Bundle) Proof() *trust.Proof { return b.proof }

// Entries yields the entries in bundle order. After an error it ends.
func (b *Bundle) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		stop := errors.New("stop")
		m := &manifestReader{entry: func(e *Entry) error {
			if !yield(*e, nil) {
				return stop
			}
			return nil
		}}
		if err := m.read(b.ManifestJSON()); err != nil && !errors.Is(err, stop) {
			yield(Entry{}, refuse(err))
		}
	}
}

// Report returns report.json, which has at most 64 MiB.
func (b *Bundle) Report() ([]byte, error) {
	r := b.ReportJSON()
	out := make([]byte, b.report.Size)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, err
	}
	if _, err := r.Read(nil); err != io.EOF { // that is where the digest is compared
		return nil, err
	}
	return out, nil
}

// ReportSize is the size of report.json.
func (b *Bundle) ReportSize() int64 { return b.report.Size }

// ReportJSON streams report.json as Content does an entry.
func (b *Bundle) ReportJSON() io.Reader {
	header := headerSize(b.head.Name+"/"+reportName, b.report.Size)
	return &contentReader{s: b.section(b.reportAt+header, b.report.Size), h: sha256.New(), e: Entry{Path: reportName, SHA256: b.report.SHA256}}
}

// ManifestJSON returns a reader of the exact signed bytes, and Signature the
// armoured SSHSIG over them.
func (b *Bundle) ManifestJSON() io.Reader { return b.section(b.text, b.textSize) }

// Signature returns the armoured SSHSIG.
func (b *Bundle) Signature() []byte { return slices.Clone(b.sig) }

// Content streams one entry. Each frame is checked against its signed digest
// before a byte of it is handed out.
func (b *Bundle) Content(e Entry) (io.ReadCloser, error) {
	if e.Offset < 0 || e.Size < 0 || e.Offset > b.reportAt || e.Size > b.reportAt-e.Offset {
		return nil, notAuthentic("%s: not within the bundle", e.Path)
	}
	return &contentReader{s: b.section(e.Offset, e.Size), h: sha256.New(), e: e}, nil
}

// contentReader holds an entry's digest against its content at its end.
type contentReader struct {
	s *section
	h hash.Hash
	e Entry
}

func (c *contentReader) Read(p []byte) (int, error) {
	n, err := c.s.Read(p)
	c.h.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.h.Sum(nil)) != c.e.SHA256 {
		err = notAuthentic("%s: digest differs from the signed one", c.e.Path)
	}
	return n, err
}

func (c *contentReader) Close() error {
	c.s.close()
	return nil
}

// section reads a part of the tar stream, frame by frame.
func (b *Bundle) section(at, size int64) *section {
	i, _ := slices.BinarySearchFunc(b.frames, at, func(f tableEntry, at int64) int {
		return cmp.Compare(f.at+f.content, at+1)
	})
	return &section{b: b, frame: i, at: at, left: size}
}

type section struct {
	b     *Bundle
	frame int   // the next to load
	at    int64 // in the tar stream
	left  int64
	buf   *buffers
	holds bool // buf holds frame-1
	have  []byte
	err   error
}

func (s *section) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.left == 0 {
		s.close()
		return 0, io.EOF
	}
	if len(s.have) == 0 {
		if s.err = s.load(); s.err != nil {
			s.close()
			return 0, s.err
		}
	}
	n := copy(p, s.have)
	s.have = s.have[n:]
	s.left -= int64(n)
	s.at += int64(n)
	return n, nil
}

func (s *section) load() error {
	if s.frame >= len(s.b.frames) {
		return notAuthentic("truncated: no frame holds byte %d", s.at)
	}
	holds := false
	if s.buf == nil {
		s.buf, holds = s.b.take(s.frame)
	}
	if !holds {
		s.holds = false
		if _, err := s.b.load(s.frame, s.buf); err != nil {
			return err
		}
	}
	s.holds = true
	content := s.buf.content[s.at-s.b.frames[s.frame].at:]
	s.frame++
	s.have = content[:min(s.left, int64(len(content)))]
	return nil
}

func (s *section) close() {
	if s.buf != nil {
		held := -1
		if s.holds {
			held = s.frame - 1
		}
		s.b.give(s.buf, held)
		s.buf, s.have, s.left = nil, nil, 0
		if s.err == nil {
			s.err = io.EOF
		}
	}
}

package collect

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zip"
	"github.com/klauspost/compress/zstd"
	"github.com/mholt/archiver/v4"
	"github.com/therootcompany/xz"

	"github.com/diagcollect/diagcollect/manifest"
)

// This file opens what is compressed or packed. All use of archiver is here.
// What a file is, its first bytes say, never its name.

type format int

const (
	plain format = iota
	gzipped
	bzipped
	xzipped
	zstandard
	lz4ed
	zipArchive
	sevenZip
	tarArchive
)

func (f format) String() string {
	return [...]string{"plain", "gzip", "bzip2", "xz", "zstd", "lz4", "zip", "7z", "tar"}[f]
}

// sniffLen is how many bytes sniff wants to see: the header of a tar member.
const sniffLen = 512

// sniff tells a format by its magic number.
func sniff(b []byte) format {
	has := func(magic string) bool { return bytes.HasPrefix(b, []byte(magic)) }
	switch {
	case has("\x1f\x8b\x08"):
		return gzipped
	case len(b) >= 10 && has("BZh") && b[3] >= '1' && b[3] <= '9' &&
		(string(b[4:10]) == "1AY&SY" || string(b[4:10]) == "\x17\x72\x45\x38\x50\x90"):
		return bzipped
	case has("\xfd7zXZ\x00"):
		return xzipped
	case has("\x28\xb5\x2f\xfd"), len(b) >= 4 && b[0]&0xf0 == 0x50 && string(b[1:4]) == "\x2a\x4d\x18":
		return zstandard
	case has("\x04\x22\x4d\x18"):
		return lz4ed
	case has("PK\x03\x04"), has("PK\x05\x06"):
		return zipArchive
	case has("7z\xbc\xaf\x27\x1c"):
		return sevenZip
	case tarHeader(b):
		return tarArchive
	}
	return plain
}

// tarHeader reports whether b begins with a tar header: not every tar has a
// magic number, but each header has a checksum.
func tarHeader(b []byte) bool {
	if len(b) < 512 || b[0] == 0 {
		return false
	}
	want, err := strconv.ParseInt(strings.Trim(string(b[148:156]), " \x00"), 8, 64)
	if err != nil {
		return false
	}
	var sum int64
	for i, c := range b[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum == want
}

// withoutSuffix is the name a compressed file had before: app.log.gz was
// app.log, syslog.2.gz syslog.2.
func withoutSuffix(p string) string {
	ext := path.Ext(p)
	switch strings.ToLower(ext) {
	case ".gz", ".bz2", ".xz", ".zst", ".zstd", ".lz4", ".gzip", ".bz":
		if rest := strings.TrimSuffix(p, ext); rest != "" && !strings.HasSuffix(rest, "/") {
			return rest
		}
	case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst":
		return strings.TrimSuffix(p, ext) + ".tar"
	}
	return p
}

// walk bounds everything that comes out of one file.
type walk struct {
	members int
	out     int64
}

// bombError says that more comes out of a file than can be meant well.
type bombError struct{ reason string }

func (e *bombError) Error() string { return e.reason }

func isBomb(err error) bool {
	var b *bombError
	return errors.As(err, &b)
}

// bounded is the decoded side of a decoder.
type bounded struct {
	r  io.Reader
	in *counted // encoded bytes; nil: not compared
	w  *walk
	l  limits
	n  int64
}

// smallOutput may come of any ratio: the log of a service that says one thing
// compresses a thousand times.
const smallOutput = 64 << 20

func (b *bounded) Read(p []byte) (n int, err error) {
	// The decoders below were not all written for hostile input.
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("its decoder gave up: %v", p)
		}
	}()
	n, err = b.r.Read(p)
	b.n += int64(n)
	b.w.out += int64(n)
	switch {
	case b.w.out > b.l.unpacked:
		return 0, &bombError{"more than " + sizeText(b.l.unpacked) + " come out of it"}
	case b.in != nil && b.n > smallOutput && b.n/max(1, b.in.n) > b.l.ratio:
		return 0, &bombError{fmt.Sprintf("it grows more than %d times when it is opened", b.l.ratio)}
	}
	return n, err
}

type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// open gathers what is inside of in, whose bytes begin as f.
func (g *gatherer) open(in input, f format) error {
	if in.walk == nil {
		in.walk = &walk{}
	}
	if in.outer == "" {
		in.outer = in.path
	}
	if in.depth >= g.limits.depth {
		g.withhold(in, fmt.Sprintf("%s nested deeper than %d", f, g.limits.depth))
		return nil
	}
	switch f {
	case zipArchive, sevenZip:
		return g.indexed(in, f)
	case tarArchive:
		return g.members(in, f, in.r)
	}
	return g.decompress(in, f)
}

// decompress gathers what one compressed stream holds.
func (g *gatherer) decompress(in input, f format) error {
	r, closer, err := g.decoder(in, f, in.r)
	if err != nil {
		g.withhold(in, fmt.Sprintf("broken %s data: %v", f, err))
		return nil
	}
	defer func() { closer() }()
	inner := input{
		path: withoutSuffix(in.path), outer: in.outer, mtime: in.mtime,
		size: -1, max: in.max, r: r, depth: in.depth + 1, walk: in.walk,
		shown: in.title(), // as it is found on the machine
	}
	if in.again != nil {
		before := in.walk.out
		inner.again = func() (io.Reader, error) {
			closer()
			closer = func() {}
			in.walk.out = before
			encoded, err := in.again()
			if err != nil {
				return nil, err
			}
			var r io.Reader
			r, closer, err = g.decoder(in, f, encoded)
			return r, err
		}
	}
	return g.take(inner)
}

// decoder decodes f. Nested decoders may take half of the memory each.
func (g *gatherer) decoder(in input, f format, r io.Reader) (io.Reader, func(), error) {
	memory := max(1<<20, g.limits.memory>>in.depth)
	encoded := &counted{r: r}
	var (
		dec io.ReadCloser
		err error
	)
	switch f {
	case gzipped:
		dec, err = archiver.Gz{}.OpenReader(encoded)
	case bzipped:
		dec = io.NopCloser(bzip2.NewReader(encoded))
	case xzipped:
		var xr *xz.Reader
		xr, err = xz.NewReader(encoded, uint32(min(memory, 1<<31)))
		dec = io.NopCloser(xr)
	case zstandard:
		dec, err = archiver.Zstd{DecoderOptions: []zstd.DOption{
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(memory)), zstd.WithDecoderMaxMemory(1 << 62),
		}}.OpenReader(encoded)
	case lz4ed:
		dec, err = archiver.Lz4{}.OpenReader(encoded)
	default:
		err = errors.New("no decoder")
	}
	if err != nil {
		return nil, func() {}, err
	}
	return &bounded{r: dec, in: encoded, w: in.walk, l: g.limits}, func() { _ = dec.Close() }, nil
}

// indexed gathers the members of an archive whose index stands at its end:
// one that cannot be read at any place is set aside in scratch space first.
func (g *gatherer) indexed(in input, f format) (err error) {
	at, size := in.at, in.size
	encoded := &counted{}
	if at == nil {
		scratch, err := manifest.NewScratch(g.scratch)
		if err != nil {
			return fmt.Errorf("scratch space: %w", err)
		}
		defer func() { err = errors.Join(err, scratch.Close()) }()
		switch n, err := io.Copy(writeOnly{scratch}, &bounded{r: in.r, w: in.walk, l: g.limits}); {
		case isBomb(err):
			g.withhold(in, err.Error())
			return nil
		case g.ctx.Err() != nil && !errors.Is(context.Cause(g.ctx), errInterrupted):
			return context.Cause(g.ctx)
		case err != nil:
			return fmt.Errorf("scratch space: %w", err)
		default:
			at, size = scratch, n
		}
	}
	index := &indexLimit{at: at, left: maxIndex}
	encoded.n = size
	return g.extract(in, f, io.NewSectionReader(index, 0, size), encoded, func() { index.left = -1 })
}

// maxIndex is how much of an archive may be read before its first member.
const maxIndex = 64 << 20

// indexLimit keeps an archive from filling memory with its index.
type indexLimit struct {
	at   io.ReaderAt
	left int64 // -1: the index is read
}

func (x *indexLimit) ReadAt(p []byte, off int64) (int, error) {
	if x.left >= 0 {
		if int64(len(p)) > x.left {
			return 0, errors.New("its index is too large")
		}
		x.left -= int64(len(p))
	}
	return x.at.ReadAt(p, off)
}

type writeOnly struct{ io.Writer }

// members gathers the members of a tar.
func (g *gatherer) members(in input, f format, r io.Reader) error {
	encoded := &counted{r: r}
	return g.extract(in, f, encoded, encoded, func() {})
}

// errFull ends an archive with too many members.
var errFull = errors.New("too many members")

// extract gathers the members of an archive as entries below its own name.
// The name keeps its suffix, old.tar.gz/app.log, so that it meets no folder
// that stood beside the archive and shows where an entry came from.
func (g *gatherer) extract(in input, f format, r io.Reader, encoded *counted, begun func()) error {
	var fatal error
	before := g.entries
	handle := func(_ context.Context, m archiver.FileInfo) error {
		begun()
		if in.walk.members++; in.walk.members > g.limits.members {
			return errFull
		}
		if g.ctx.Err() != nil {
			return g.ctx.Err()
		}
		if !m.Mode().IsRegular() {
			return nil // folders need no entry, links have no content
		}
		if fatal = g.member(in, m, encoded); fatal != nil {
			return fatal
		}
		return nil
	}
	err := extractAll(g.ctx, f, r, handle)
	switch {
	case fatal != nil:
		return fatal
	case err == nil:
	case errors.Is(err, errFull):
		g.withhold(in, fmt.Sprintf("more than %d members: the others were left out", g.limits.members))
	case g.ctx.Err() != nil:
		if cause := context.Cause(g.ctx); !errors.Is(cause, errInterrupted) {
			return cause
		}
		g.broken(in, errInterrupted)
	case isBomb(err):
		g.withhold(in, err.Error())
	case g.entries == before:
		g.withhold(in, fmt.Sprintf("broken %s archive: %v", f, err))
	default:
		g.broken(in, fmt.Errorf("broken %s archive: %w", f, err))
	}
	return nil
}

// member gathers one member of an archive.
func (g *gatherer) member(in input, m archiver.FileInfo, encoded *counted) error {
	name := memberPath(m.NameInArchive)
	inner := input{
		path: in.outer + "/" + name, mtime: m.ModTime(), size: m.Size(),
		depth: in.depth + 1, walk: in.walk, shown: in.title() + "/" + name,
	}
	if inner.mtime.Unix() <= 0 || inner.mtime.Year() == 1980 && inner.mtime.YearDay() == 1 || inner.mtime.After(time.Now().Add(24*time.Hour)) {
		inner.mtime = in.mtime
	}
	if reason := sealed(m.Header); reason != "" {
		g.withhold(inner, reason)
		return nil
	}
	open := func() (io.Reader, func(), error) {
		rc, err := m.Open()
		if err != nil {
			return nil, func() {}, err
		}
		return &bounded{r: rc, in: encoded, w: in.walk, l: g.limits}, func() { _ = rc.Close() }, nil
	}
	r, done, err := open()
	if err != nil {
		g.withhold(inner, "broken: "+err.Error())
		return nil
	}
	defer func() { done() }()
	inner.r = r
	if _, isTar := m.Header.(*tar.Header); !isTar {
		inner.again = func() (io.Reader, error) {
			done()
			r, again, err := open()
			done = again
			return r, err
		}
	}
	return g.take(inner)
}

// sealed says why a member of a zip cannot be opened.
func sealed(header any) string {
	h, ok := header.(zip.FileHeader)
	switch {
	case !ok:
		return ""
	case h.Flags&1 != 0:
		return "encrypted"
	case h.Method != zip.Store && h.Method != zip.Deflate && h.Method != archiver.ZipMethodBzip2:
		// Their decoders take as much memory as the member asks for.
		return fmt.Sprintf("compression method %d is not opened", h.Method)
	}
	return ""
}

// extractAll hands every member of an archive to handle. A panic of its
// decoder is a broken archive.
func extractAll(ctx context.Context, f format, r io.Reader, handle archiver.FileHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("its decoder gave up: %v", p)
		}
	}()
	switch f {
	case zipArchive:
		return archiver.Zip{}.Extract(ctx, r, handle)
	case sevenZip:
		return archiver.SevenZip{}.Extract(ctx, r, handle)
	case tarArchive:
		return archiver.Tar{}.Extract(ctx, r, handle)
	}
	return errors.New("no such archive")
}

// memberPath makes a relative path, which never leads up, of a member's name.
func memberPath(name string) string {
	var parts []string
	for _, c := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		switch c {
		case ".":
		case "..":
			parts = append(parts, "%2E%2E")
		default:
			parts = append(parts, c)
		}
	}
	if len(parts) == 0 {
		return "unnamed"
	}
	return strings.Join(parts, "/")
}

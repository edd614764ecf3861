package collect

import (
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// This file opens what is compressed or packed. All use of archiver is here; zip
// and 7z are read without it, since what is bounded has to be asked before a
// member is opened.
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
	in      *counted // of the file itself
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

	memory int64 // that its decoder may take, to say so
}

// smallOutput may come of any ratio: the log of a service that says one thing
// compresses a thousand times.
const (
	smallOutput  = 64 << 20
	smallOutputs = 4 * smallOutput // of all members together
)

func (b *bounded) Read(p []byte) (n int, err error) {
	// The decoders below were not all written for hostile input.
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("its decoder gave up: %v", p)
		}
	}()
	n, err = b.r.Read(p)
	if wantsMemory(err) {
		return 0, &bombError{"decoding takes more than " + sizeText(b.memory)}
	}
	b.n += int64(n)
	b.w.out += int64(n)
	switch {
	case b.w.out > b.l.unpacked:
		return 0, &bombError{"more than " + sizeText(b.l.unpacked) + " come out of it"}
	case b.in != nil && b.n > smallOutput && b.n/max(1, b.in.n) > b.l.ratio,
		// Members of an archive may share their bytes.
		b.w.in != nil && b.w.out > smallOutputs && b.w.out/max(1, b.w.in.n) > b.l.ratio:
		return 0, &bombError{fmt.Sprintf("it grows more than %d times when it is opened", b.l.ratio)}
	}
	return n, err
}

// wantsMemory reports whether a decoder gave up because of what it may take.
func wantsMemory(err error) bool {
	return errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, xz.ErrMemlimit)
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

// count counts what is read of r. What is counted first is the file itself.
func (w *walk) count(r io.Reader) *counted {
	c := &counted{r: r}
	if w.in == nil {
		w.in = c
	}
	return c
}

// decoderMemory is what one decoder may take: half of what the one around it
// may.
func (g *gatherer) decoderMemory(in input) int64 { return max(1<<20, g.limits.memory>>in.depth) }

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
		return g.tar(in)
	}
	return g.decompress(in, f)
}

// decompress gathers what one compressed stream holds.
func (g *gatherer) decompress(in input, f format) error {
	r, closer, err := g.decoder(in, f, in.r)
	if wantsMemory(err) {
		g.withhold(in, "decoding takes more than "+sizeText(g.decoderMemory(in)))
		return nil
	}
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

// decoder decodes f.
func (g *gatherer) decoder(in input, f format, r io.Reader) (io.Reader, func(), error) {
	memory := g.decoderMemory(in)
	encoded := in.walk.count(r)
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
	return &bounded{r: dec, in: encoded, w: in.walk, l: g.limits, memory: memory}, func() { _ = dec.Close() }, nil
}

// indexed gathers the members of an archive whose index stands at its end:
// one that cannot be read at any place is set aside in scratch space first.
func (g *gatherer) indexed(in input, f format) (err error) {
	at, size := in.at, in.size
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
	encoded := in.walk.count(nil)
	encoded.n = size
	if f == zipArchive {
		return g.zip(in, at, size, encoded)
	}
	return g.sevenZip(in, io.NewSectionReader(at, 0, size), encoded)
}

// zip gathers the members of a zip.
func (g *gatherer) zip(in input, at io.ReaderAt, size int64, encoded *counted) error {
	index := &indexLimit{at: at, left: 1<<20 + 512*int64(g.limits.members)}
	var r *zip.Reader
	err := guarded(func() (err error) { r, err = zip.NewReader(index, size); return err })
	if err != nil {
		g.withhold(in, fmt.Sprintf("broken zip archive: %v", err))
		return nil
	}
	index.left = -1
	if what := document(r.File); what != "" {
		return g.opaque(in, what)
	}
	r.RegisterDecompressor(zipBzip2, func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) })
	return g.extract(in, zipArchive, encoded, func(handle func(member) error) error {
		for _, f := range r.File {
			m := member{name: f.Name, size: int64(f.UncompressedSize64), mtime: f.Modified, mode: f.Mode(), open: f.Open, again: true}
			switch {
			case f.Flags&1 != 0:
				m.sealed = "encrypted"
			case f.Method != zip.Store && f.Method != zip.Deflate && f.Method != zipBzip2:
				// Their decoders take as much memory as the member asks for.
				m.sealed = fmt.Sprintf("compression method %d is not opened", f.Method)
			}
			if err := handle(m); err != nil {
				return err
			}
		}
		return nil
	})
}

const zipBzip2 = 12

// document names what a zip is that is no archive of files: what stands in
// its members, cut into pieces by markup or compiled, is no text to redact.
func document(files []*zip.File) string {
	for i, f := range files {
		switch f.Name {
		case "[Content_Types].xml":
			return "Office document"
		case "mimetype":
			if i == 0 {
				return "OpenDocument or EPUB document"
			}
		case "META-INF/MANIFEST.MF":
			return "Java archive"
		case "AndroidManifest.xml":
			return "Android package"
		}
	}
	return ""
}

// opaque withholds what is no text, or keeps it as it is where recipe and
// policy both say so.
func (g *gatherer) opaque(in input, what string) error {
	if g.binary && in.again != nil {
		return g.asIs(in)
	}
	g.withhold(in, what)
	return nil
}

// sevenZip gathers the members of a 7z.
func (g *gatherer) sevenZip(in input, r *io.SectionReader, encoded *counted) error {
	var a *sevenZipArchive
	err := guarded(func() (err error) { a, err = open7z(r, g.decoderMemory(in)); return err })
	if err != nil {
		g.withhold(in, fmt.Sprintf("broken 7z archive: %v", err))
		return nil
	}
	s := &solid{a: a, bound: func(r io.Reader) io.Reader { return &bounded{r: &live{g.ctx, r}, in: encoded, w: in.walk, l: g.limits} }}
	return g.extract(in, sevenZip, encoded, func(handle func(member) error) error {
		for i := range a.members {
			f := &a.members[i]
			m := member{
				name: f.name, size: f.size, mtime: f.mtime, mode: f.mode, again: true, counted: true,
				open: func() (io.ReadCloser, error) {
					r, err := s.member(f)
					if err != nil {
						return nil, err
					}
					return io.NopCloser(r), nil
				},
			}
			if f.folder >= 0 {
				m.sealed = a.folders[f.folder].reason
			}
			if err := handle(m); err != nil {
				return err
			}
		}
		return nil
	})
}

// live ends a long way through what is not wanted when ctx ends.
type live struct {
	ctx context.Context
	r   io.Reader
}

func (l *live) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.r.Read(p)
}

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

// tar gathers the members of a tar.
func (g *gatherer) tar(in input) error {
	encoded := in.walk.count(in.r)
	return g.extract(in, tarArchive, encoded, func(handle func(member) error) error {
		return archiver.Tar{}.Extract(g.ctx, encoded, func(_ context.Context, f archiver.FileInfo) error {
			return handle(member{
				name: f.NameInArchive, size: f.Size(), mtime: f.ModTime(), mode: f.Mode(),
				open: func() (io.ReadCloser, error) { return f.Open() },
			})
		})
	})
}

// member is one of an archive.
type member struct {
	name    string
	size    int64
	mtime   time.Time
	mode    fs.FileMode
	sealed  string // why it is not opened
	open    func() (io.ReadCloser, error)
	again   bool // it may be opened more than once
	counted bool // what comes out of it is counted and bounded already
}

// errFull ends an archive with too many members.
var errFull = errors.New("too many members")

// extract gathers the members that each hands over as entries below the
// archive's own name. The name keeps its suffix, old.tar.gz/app.log, so that
// it meets no folder that stood beside the archive and shows where an entry
// came from.
func (g *gatherer) extract(in input, f format, encoded *counted, each func(handle func(member) error) error) error {
	var fatal error
	before := g.entries
	err := guarded(func() error {
		return each(func(m member) error {
			if in.walk.members++; in.walk.members > g.limits.members {
				return errFull
			}
			if g.ctx.Err() != nil {
				return g.ctx.Err()
			}
			if !m.mode.IsRegular() {
				return nil // folders need no entry, links have no content
			}
			err := g.member(in, m, encoded)
			if !isBomb(err) && !errors.Is(err, context.Canceled) {
				fatal = err
			}
			return err
		})
	})
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

// guarded calls f. A panic of a decoder is a broken archive.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("its decoder gave up: %v", p)
		}
	}()
	return f()
}

// member gathers one member of an archive.
func (g *gatherer) member(in input, m member, encoded *counted) error {
	name := memberPath(m.name)
	inner := input{
		path: in.outer + "/" + name, mtime: m.mtime, size: m.size,
		depth: in.depth + 1, walk: in.walk, shown: in.title() + "/" + name,
	}
	if inner.mtime.Unix() <= 0 || inner.mtime.Year() == 1980 && inner.mtime.YearDay() == 1 || inner.mtime.After(time.Now().Add(24*time.Hour)) {
		inner.mtime = in.mtime
	}
	if m.sealed != "" {
		g.withhold(inner, m.sealed)
		return nil
	}
	open := func() (io.Reader, func(), error) {
		rc, err := m.open()
		if err != nil {
			return nil, func() {}, err
		}
		done := func() { _ = rc.Close() }
		if m.counted {
			return rc, done, nil
		}
		return &bounded{r: rc, in: encoded, w: in.walk, l: g.limits}, done, nil
	}
	r, done, err := open()
	if isBomb(err) || errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		g.withhold(inner, "broken: "+err.Error())
		return nil
	}
	defer func() { done() }()
	inner.r = r
	if m.again {
		inner.again = func() (io.Reader, error) {
			done()
			r, again, err := open()
			done = again
			return r, err
		}
	}
	return g.take(inner)
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

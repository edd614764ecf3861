package collect

import (
	"bufio"
	"compress/bzip2"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"time"
	"unicode/utf16"

	"github.com/ulikunitz/xz/lzma"
)

// This file reads 7z archives (7zFormat.txt of the LZMA SDK). The libraries
// for it allocate whatever an archive asks for, dictionaries as well as tables
// of members, so a file of a hundred bytes could end the whole collection.
// Here every table is bounded by the bytes that describe it, and a dictionary
// by what a decoder may take. Encrypted members and rare methods are told, not
// opened.

const (
	max7zHeader  = 8 << 20 // bytes of the table of members
	max7zMembers = 1 << 18
	max7zCoders  = 4
)

// sevenZipArchive is the table of an archive.
type sevenZipArchive struct {
	r       *io.SectionReader
	memory  int64
	packed  []int64 // sizes of the streams, from byte 32 + at on
	at      int64
	folders []folder7z
	members []member7z
}

// folder7z is a run of members that were compressed as one.
type folder7z struct {
	at     int64 // its first stream, as in sevenZipArchive
	packed int64 // bytes of that
	method []byte
	props  []byte
	reason string // why it is not opened
	size   int64
	crc    uint32
	hasCRC bool
}

type member7z struct {
	name   string
	mtime  time.Time
	mode   fs.FileMode
	folder int // -1: empty
	offset int64
	size   int64
	crc    uint32
	hasCRC bool
}

var errBroken7z = errors.New("its table of members makes no sense")

// open7z reads the table. memory is what a decoder may take.
func open7z(r *io.SectionReader, memory int64) (*sevenZipArchive, error) {
	var start [32]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(start[12:]) != binary.LittleEndian.Uint32(start[8:]) {
		return nil, errors.New("its start is damaged")
	}
	at, size, sum := binary.LittleEndian.Uint64(start[12:]), binary.LittleEndian.Uint64(start[20:]), binary.LittleEndian.Uint32(start[28:])
	a := &sevenZipArchive{r: r, memory: memory}
	if size == 0 {
		return a, nil // no members
	}
	if at > uint64(r.Size()) || size > uint64(r.Size())-at || at+32+size > uint64(r.Size()) {
		return nil, io.ErrUnexpectedEOF
	}
	if size > max7zHeader {
		return nil, errors.New("its table of members is too large")
	}
	head := make([]byte, size)
	if _, err := r.ReadAt(head, int64(at)+32); err != nil {
		return nil, err
	}
	// A table may be compressed, by a table of its own.
	for range 4 {
		if crc32.ChecksumIEEE(head) != sum {
			return nil, errors.New("its table of members is damaged")
		}
		h := &table7z{b: head}
		switch h.byte() {
		case id7zHeader:
			h.header(a)
			return a, h.err
		case id7zEncoded:
			h.streams(a)
			if h.err != nil {
				return nil, h.err
			}
			if len(a.folders) != 1 {
				return nil, errBroken7z
			}
			f := a.folders[0]
			if f.size > max7zHeader {
				return nil, errors.New("its table of members is too large")
			}
			d, err := a.decode(0)
			if err != nil {
				return nil, err
			}
			head = make([]byte, f.size)
			if _, err := io.ReadFull(d, head); err != nil {
				return nil, fmt.Errorf("its table of members: %w", err)
			}
			if sum = f.crc; !f.hasCRC {
				sum = crc32.ChecksumIEEE(head)
			}
			*a = sevenZipArchive{r: r, memory: memory}
		default:
			return nil, errBroken7z
		}
	}
	return nil, errBroken7z
}

// method7z is how a folder is compressed.
const (
	copy7z    = "\x00"
	lzma7z    = "\x03\x01\x01"
	lzma27z   = "\x21"
	deflate7z = "\x04\x01\x08"
	bzip27z   = "\x04\x02\x02"
	aes7z     = "\x06\xf1\x07\x01"
)

// decode decodes a folder from its beginning.
func (a *sevenZipArchive) decode(i int) (io.Reader, error) {
	f := a.folders[i]
	if f.reason != "" {
		return nil, errors.New(f.reason)
	}
	in := bufio.NewReaderSize(io.NewSectionReader(a.r, 32+f.at, f.packed), 64<<10)
	dictionary := func(n int64) (int64, error) {
		if n = max(lzma.MinDictCap, min(n, f.size)); n > a.memory {
			return 0, fmt.Errorf("decoding takes %s, more than %s", sizeText(n), sizeText(a.memory))
		}
		return n, nil
	}
	switch string(f.method) {
	case copy7z:
		return in, nil
	case lzma7z:
		if len(f.props) != 5 {
			return nil, errBroken7z
		}
		n, err := dictionary(int64(binary.LittleEndian.Uint32(f.props[1:])))
		if err != nil {
			return nil, err
		}
		head := binary.LittleEndian.AppendUint32([]byte{f.props[0]}, uint32(n))
		head = binary.LittleEndian.AppendUint64(head, uint64(f.size))
		return lzma.ReaderConfig{DictCap: int(n)}.NewReader(&joined7z{head, in})
	case lzma27z:
		if len(f.props) != 1 || f.props[0] > 40 {
			return nil, errBroken7z
		}
		size := int64(1)<<32 - 1
		if p := f.props[0]; p < 40 {
			size = (2 | int64(p&1)) << (p/2 + 11)
		}
		n, err := dictionary(size)
		if err != nil {
			return nil, err
		}
		return lzma.Reader2Config{DictCap: int(n)}.NewReader2(in)
	case deflate7z:
		return flate.NewReader(in), nil
	case bzip27z:
		return bzip2.NewReader(in), nil
	}
	return nil, fmt.Errorf("compression method %x is not opened", f.method)
}

// joined7z puts a header before a stream that is read byte by byte.
type joined7z struct {
	head []byte
	*bufio.Reader
}

func (j *joined7z) Read(p []byte) (int, error) {
	if len(j.head) > 0 {
		n := copy(p, j.head)
		j.head = j.head[n:]
		return n, nil
	}
	return j.Reader.Read(p)
}

func (j *joined7z) ReadByte() (byte, error) {
	if len(j.head) > 0 {
		c := j.head[0]
		j.head = j.head[1:]
		return c, nil
	}
	return j.Reader.ReadByte()
}

// solid reads the members of folders, in order as a rule: what stands before
// one in its folder has to be decoded for it.
type solid struct {
	a      *sevenZipArchive
	bound  func(io.Reader) io.Reader // counts what is decoded
	folder int
	pos    int64
	r      io.Reader
}

// member opens a member. What was opened before ends.
func (s *solid) member(m *member7z) (io.Reader, error) {
	if m.folder < 0 {
		return eof{}, nil
	}
	if s.r == nil || s.folder != m.folder || s.pos > m.offset {
		s.r = nil
		r, err := s.a.decode(m.folder)
		if err != nil {
			return nil, err
		}
		s.r, s.folder, s.pos = s.bound(r), m.folder, 0
	}
	n, err := io.CopyN(io.Discard, s.r, m.offset-s.pos)
	s.pos += n
	if err != nil {
		return nil, noEOF(err)
	}
	return &solidMember{s: s, r: s.r, m: m, left: m.size, sum: crc32.NewIEEE()}, nil
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

type solidMember struct {
	s    *solid
	r    io.Reader
	m    *member7z
	left int64
	sum  hash.Hash32
}

func (m *solidMember) Read(p []byte) (int, error) {
	if m.left == 0 {
		if m.m.hasCRC && m.sum.Sum32() != m.m.crc {
			return 0, errors.New("its checksum does not fit")
		}
		return 0, io.EOF
	}
	if m.s.r != m.r {
		return 0, errors.New("another member was opened")
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.s.pos += int64(n)
	m.left -= int64(n)
	m.sum.Write(p[:n])
	if err != nil && m.left > 0 {
		return n, noEOF(err)
	}
	return n, nil
}

// table7z reads the numbers of a table. After an error all are zero.
type table7z struct {
	b   []byte
	err error
}

func (t *table7z) fail() { t.b, t.err = nil, errBroken7z }

func (t *table7z) byte() byte {
	if len(t.b) == 0 {
		t.fail()
		return 0
	}
	c := t.b[0]
	t.b = t.b[1:]
	return c
}

func (t *table7z) bytes(n int64) []byte {
	if n < 0 || n > int64(len(t.b)) {
		t.fail()
		return nil
	}
	v := t.b[:n]
	t.b = t.b[n:]
	return v
}

// number reads a number: the leading ones of its first byte say how many
// bytes follow.
func (t *table7z) number() int64 {
	first := t.byte()
	var v uint64
	for i, mask := 0, byte(0x80); i < 8; i, mask = i+1, mask>>1 {
		if first&mask == 0 {
			v |= uint64(first&(mask-1)) << (8 * i)
			break
		}
		v |= uint64(t.byte()) << (8 * i)
	}
	if v > 1<<56 {
		t.fail()
		return 0
	}
	return int64(v)
}

// count is a number of things of which each takes a byte of the table at
// least, or none is described at all.
func (t *table7z) count(most int64) int {
	n := t.number()
	if n > most {
		t.fail()
		return 0
	}
	return int(n)
}

func (t *table7z) left() int64 { return int64(len(t.b)) }

func (t *table7z) bits(n int) []bool {
	v := make([]bool, n)
	var c byte
	for i := range v {
		if i%8 == 0 {
			if c = t.byte(); t.err != nil {
				return v
			}
		}
		v[i] = c&(0x80>>(i%8)) != 0
	}
	return v
}

// defined are bits behind a byte that may say that all are set.
func (t *table7z) defined(n int) []bool {
	if t.byte() == 0 {
		return t.bits(n)
	}
	v := make([]bool, n)
	for i := range v {
		v[i] = true
	}
	return v
}

func (t *table7z) uint32() uint32 {
	if v := t.bytes(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// Parts of a table.
const (
	id7zEnd       = 0x00
	id7zHeader    = 0x01
	id7zProps     = 0x02
	id7zStreams   = 0x04
	id7zFiles     = 0x05
	id7zPack      = 0x06
	id7zUnpack    = 0x07
	id7zSubs      = 0x08
	id7zSize      = 0x09
	id7zCRC       = 0x0a
	id7zFolder    = 0x0b
	id7zSizes     = 0x0c
	id7zCounts    = 0x0d
	id7zEmpty     = 0x0e
	id7zEmptyFile = 0x0f
	id7zNames     = 0x11
	id7zTimes     = 0x14
	id7zAttr      = 0x15
	id7zEncoded   = 0x17
	id7zDummy     = 0x19
)

// header reads the table of an archive.
func (t *table7z) header(a *sevenZipArchive) {
	var subs []member7z
	var seen [256]bool
	for t.err == nil {
		id := t.byte()
		if seen[id] { // again and again, a small table could keep us busy for hours
			t.fail()
			return
		}
		seen[id] = true
		switch id {
		case id7zEnd:
			return
		case id7zProps:
			for t.err == nil && t.byte() != id7zEnd {
				t.bytes(t.number())
			}
		case id7zStreams:
			subs = t.streams(a)
		case id7zFiles:
			t.files(a, subs)
		default:
			t.fail()
		}
	}
}

// streams reads where the bytes are, how they are compressed, and what
// members they hold: how many for each folder, with sizes and checksums.
func (t *table7z) streams(a *sevenZipArchive) (subs []member7z) {
	id := t.byte()
	if id == id7zPack {
		t.packs(a)
		id = t.byte()
	}
	if id == id7zUnpack {
		t.folders(a)
		id = t.byte()
	}
	total := len(a.folders)
	counts := make([]int, len(a.folders))
	for i := range counts {
		counts[i] = 1
	}
	if id == id7zSubs {
		id = t.byte()
		if id == id7zCounts {
			total = 0
			for i := range counts {
				counts[i] = t.count(max7zMembers)
				total += counts[i]
				if total > max7zMembers || int64(total) > t.left()+int64(len(counts)) { // each but the first says its size
					t.fail()
					return nil
				}
			}
			id = t.byte()
		}
		if t.err != nil {
			return nil
		}
		subs = make([]member7z, 0, total)
		sized := id == id7zSize
		for i, n := range counts {
			left := a.folders[i].size
			var at int64
			for k := range n {
				m := member7z{folder: i, offset: at, size: left}
				if k < n-1 {
					if !sized {
						t.fail()
						return nil
					}
					m.size = t.number()
				}
				if n == 1 {
					m.crc, m.hasCRC = a.folders[i].crc, a.folders[i].hasCRC
				}
				if left -= m.size; left < 0 || t.err != nil {
					t.fail()
					return nil
				}
				at += m.size
				subs = append(subs, m)
			}
		}
		if sized {
			id = t.byte()
		}
		if id == id7zCRC {
			var without []*member7z
			for i := range subs {
				if !subs[i].hasCRC {
					without = append(without, &subs[i])
				}
			}
			for i, is := range t.defined(len(without)) {
				if is {
					without[i].crc, without[i].hasCRC = t.uint32(), true
				}
			}
			id = t.byte()
		}
		if id != id7zEnd {
			t.fail()
			return nil
		}
		id = t.byte()
	} else {
		for i, f := range a.folders {
			subs = append(subs, member7z{folder: i, size: f.size, crc: f.crc, hasCRC: f.hasCRC})
		}
	}
	if id != id7zEnd {
		t.fail()
	}
	return subs
}

func (t *table7z) packs(a *sevenZipArchive) {
	a.at = t.number()
	n := t.count(min(4*max7zMembers, t.left()))
	id := t.byte()
	if id == id7zSize && t.err == nil {
		a.packed = make([]int64, n)
		for i := range a.packed {
			a.packed[i] = t.number()
		}
		id = t.byte()
	}
	if id == id7zCRC {
		for _, is := range t.defined(n) {
			if is {
				t.uint32()
			}
		}
		id = t.byte()
	}
	// None may lie beyond the archive.
	end := a.at + 32
	for _, n := range a.packed {
		if end += n; end < 0 || end > a.r.Size() {
			t.fail()
			return
		}
	}
	if id != id7zEnd || a.at > a.r.Size() {
		t.fail()
	}
}

func (t *table7z) folders(a *sevenZipArchive) {
	if t.byte() != id7zFolder {
		t.fail()
		return
	}
	n := t.count(min(max7zMembers, t.left()/2))
	if t.byte() != 0 { // described elsewhere: nobody does
		t.fail()
		return
	}
	outs := make([]int, 0, min(n, 1024))
	mains := make([]int, 0, min(n, 1024))
	at, streams := a.at, a.packed
	for range n {
		f, packed, out, main := t.folder()
		if t.err != nil {
			return
		}
		if packed > len(streams) {
			t.fail()
			return
		}
		f.at, f.packed = at, streams[0]
		for _, size := range streams[:packed] {
			at += size
		}
		streams = streams[packed:]
		a.folders, outs, mains = append(a.folders, f), append(outs, out), append(mains, main)
	}
	if t.byte() != id7zSizes {
		t.fail()
		return
	}
	for i := range a.folders {
		for k := range outs[i] {
			if size := t.number(); k == mains[i] {
				a.folders[i].size = size
			}
		}
	}
	id := t.byte()
	if id == id7zCRC {
		for i, is := range t.defined(len(a.folders)) {
			if is {
				a.folders[i].crc, a.folders[i].hasCRC = t.uint32(), true
			}
		}
		id = t.byte()
	}
	if id != id7zEnd {
		t.fail()
	}
}

// folder reads how one folder is compressed. Only what one coder has done is
// opened; of others it says how many streams they take.
func (t *table7z) folder() (f folder7z, packed, outs, main int) {
	coders := t.count(max7zCoders)
	if coders == 0 {
		t.fail()
		return
	}
	ins, locked := 0, false
	for range coders {
		flags := t.byte()
		method := t.bytes(int64(flags & 0xf))
		in, out := 1, 1
		if flags&0x10 != 0 {
			in, out = t.count(8), t.count(8)
		}
		var props []byte
		if flags&0x20 != 0 {
			props = t.bytes(t.number())
		}
		if flags&0xc0 != 0 {
			t.fail()
		}
		ins, outs = ins+in, outs+out
		locked = locked || string(method) == aes7z
		if coders == 1 || f.method == nil || string(f.method) == copy7z {
			f.method, f.props = method, props
		}
	}
	bound := outs - 1
	packed = ins - bound
	if outs == 0 || packed < 1 || t.err != nil {
		t.fail()
		return
	}
	used := make([]bool, outs)
	for range bound {
		t.count(int64(ins) - 1)
		if k := t.count(int64(outs) - 1); t.err == nil {
			used[k] = true
		}
	}
	if packed > 1 {
		for range packed {
			t.count(int64(ins) - 1)
		}
	}
	for main < outs-1 && used[main] {
		main++
	}
	switch {
	case locked:
		f.reason = "encrypted"
	case coders > 1 || packed > 1:
		f.reason = fmt.Sprintf("compression method %x with %d others is not opened", f.method, coders-1)
	}
	return f, packed, outs, main
}

// files reads names, times and kinds of the members.
func (t *table7z) files(a *sevenZipArchive, subs []member7z) {
	n := t.count(min(max7zMembers, t.left()))
	if t.err != nil {
		return
	}
	a.members = make([]member7z, n)
	empty := make([]bool, n)
	var emptyFile []bool
	var seen [256]bool
	for t.err == nil {
		id := t.byte()
		if id == id7zEnd {
			break
		}
		if seen[id] && id != id7zDummy {
			t.fail()
			return
		}
		seen[id] = true
		p := &table7z{b: t.bytes(t.number())}
		if t.err != nil {
			return
		}
		switch id {
		case id7zEmpty:
			empty = p.bits(n)
		case id7zEmptyFile:
			k := 0
			for _, is := range empty {
				if is {
					k++
				}
			}
			emptyFile = p.bits(k)
		case id7zNames:
			p.names(a.members)
		case id7zTimes:
			is := p.defined(n)
			p.byte()
			for i := range is {
				if is[i] {
					if v := p.bytes(8); v != nil { // 100 ns since 1601
						ft := int64(binary.LittleEndian.Uint64(v))
						a.members[i].mtime = time.Unix(ft/1e7-11644473600, ft%1e7*100).UTC()
					}
				}
			}
		case id7zAttr:
			is := p.defined(n)
			p.byte()
			for i := range is {
				if is[i] {
					a.members[i].mode = mode7z(p.uint32())
				}
			}
		}
		if p.err != nil {
			t.fail()
			return
		}
	}
	k, e := 0, 0
	for i := range a.members {
		m := &a.members[i]
		if empty[i] {
			if m.folder = -1; e >= len(emptyFile) || !emptyFile[e] {
				m.mode |= fs.ModeDir
			}
			e++
			continue
		}
		if k >= len(subs) {
			t.fail()
			return
		}
		s := subs[k]
		k++
		m.folder, m.offset, m.size, m.crc, m.hasCRC = s.folder, s.offset, s.size, s.crc, s.hasCRC
	}
}

// names reads names in UTF-16, with a zero behind each.
func (t *table7z) names(members []member7z) {
	if t.byte() != 0 { // they stand elsewhere: nobody does that
		t.fail()
		return
	}
	for i := range members {
		var name []uint16
		for {
			v := t.bytes(2)
			if v == nil || len(name) > 32<<10 {
				t.fail()
				return
			}
			u := binary.LittleEndian.Uint16(v)
			if u == 0 {
				break
			}
			name = append(name, u)
		}
		members[i].name = string(utf16.Decode(name))
	}
}

// mode7z is what the attributes of Windows, with those of Unix in their upper
// half, say of the kind of a member.
func mode7z(attr uint32) (mode fs.FileMode) {
	if attr&0x10 != 0 {
		mode |= fs.ModeDir
	}
	if attr&0x400 != 0 {
		mode |= fs.ModeSymlink
	}
	if attr&0x8000 != 0 {
		switch attr >> 16 & 0xf000 {
		case 0x4000:
			mode |= fs.ModeDir
		case 0x8000, 0:
		case 0xa000:
			mode |= fs.ModeSymlink
		default:
			mode |= fs.ModeIrregular
		}
	}
	return mode
}

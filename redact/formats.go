package redact

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// What is no text is told by how it begins, in as much of it as the first
// block holds, and where no format is known by the bytes that text has not.
// Pieces of text in a dump, a database or a document are no lines of their
// own: what stands before a value is not what shows that it is one.

// magic begins the files of a format.
type magic struct {
	offset int
	bytes  string
	name   string
}

// magics are numbers that no text begins with.
var magics = []magic{
	{0, "\xca\xfe\xba\xbe", "Java class or Mach-O program"}, {0, "\xca\xfe\xd0\x0d", "Java class archive"},
	{0, "\xce\xfa\xed\xfe", "Mach-O program"}, {0, "\xcf\xfa\xed\xfe", "Mach-O program"}, {0, "\xfe\xed\xfa\xce", "Mach-O program"}, {0, "\xfe\xed\xfa\xcf", "Mach-O program"},
	{0, "\x00asm", "WebAssembly module"}, {0, "\x0cLua", "compiled Lua"}, {0, "\x1bLua", "compiled Lua"},
	{0, "\x80\x02}", "Python pickle"}, {0, "\x80\x02]", "Python pickle"}, {0, "\x80\x02(", "Python pickle"}, {0, "\x80\x02c", "Python pickle"},
	{0, "\x80\x03", "Python pickle"}, {0, "\x80\x04\x95", "Python pickle"}, {0, "\x80\x05\x95", "Python pickle"},
	{0, "\xac\xed\x00\x05", "serialised Java objects"}, {0, "\x00\x01\x00\x00\x00\xff\xff\xff\xff", "serialised .NET objects"}, {0, "\x04\x08[", "serialised Ruby objects"}, {0, "\x04\x08{", "serialised Ruby objects"},

	{0, "SQLite format 3\x00", "SQLite database"}, {0, "\x37\x7f\x06\x82", "SQLite write-ahead log"}, {0, "\x37\x7f\x06\x83", "SQLite write-ahead log"}, {0, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "SQLite journal"},
	{0, "\xfebin", "MySQL binary log"}, {0, "\xfe\xfe\x07", "MyISAM index"}, {0, "\xfe\xfe\x08", "MyISAM index"}, {0, "\xfe\x01\x09", "MySQL table definition"}, {0, "\xfe\x01\x0a", "MySQL table definition"},
	{0, "\x00\x01\x00\x00Standard Jet DB", "Access database"}, {0, "\x00\x01\x00\x00Standard ACE DB", "Access database"}, {4, "\xef\xcd\xab\x89", "ESE database"}, {0, "\x01\x0f\x00\x00", "SQL Server file"},
	{0, "\x41\xd8\x01\x00", "WiredTiger file"}, {12, "\x62\x31\x05\x00", "Berkeley DB"}, {12, "\x61\x15\x06\x00", "Berkeley DB"}, {12, "\x00\x05\x31\x62", "Berkeley DB"}, {0, "\xce\x9a\x57\x13", "GDBM file"}, {0, "\xcf\x9a\x57\x13", "GDBM file"},
	{16, "\xde\xc0\xef\xbe", "LMDB file"}, {0, "\x3f\xd7\x6c\x17", "Lucene index"}, {0, "Obj\x01", "Avro data"}, {0, "\x89HDF\r\n\x1a\n", "HDF5 data"}, {0, "\x93NUMPY", "NumPy array"},

	{0, "ElfFile\x00", "Windows event log"}, {0, "\x30\x00\x00\x00LfLe", "Windows event log"}, {0, "L\x00\x00\x00\x01\x14\x02\x00", "Windows shortcut"}, {0, "MAM\x04", "Windows prefetch file"},
	{0, "\x96\xd5", "sysstat data"}, {0, "\xd5\x96", "sysstat data"}, {0, "\xde\x12\x04\x95", "message catalogue"}, {0, "\x95\x04\x12\xde", "message catalogue"},
	{0, "\xd4\xc3\xb2\xa1", "packet capture"}, {0, "\xa1\xb2\xc3\xd4", "packet capture"}, {0, "\x4d\x3c\xb2\xa1", "packet capture"}, {0, "\xa1\xb2\x3c\x4d", "packet capture"}, {0, "\x0a\x0d\x0d\x0a", "packet capture"}, {0, "\x34\xcd\xb2\xa1", "packet capture"},
	{0, "snoop\x00\x00\x00", "packet capture"}, {0, "\x54\x52\x53\x4e\x49\x46\x46\x20", "packet capture"},
	{0, "FLR\x00", "Java flight recording"}, {0, "\x00\x14portable heap dump", "Java heap dump"},

	{0, "\x89PNG\r\n\x1a\n", "PNG image"}, {0, "\xff\xd8\xff", "JPEG image"}, {0, "II*\x00", "TIFF image"}, {0, "MM\x00*", "TIFF image"}, {0, "\x00\x00\x01\x00", "icon"}, {0, "\x8aMNG\r\n", "MNG image"}, {0, "\x00\x00\x00\x0cjP  ", "JPEG image"},
	{0, "\x1a\x45\xdf\xa3", "Matroska media"}, {0, "\xff\xfb", "MP3 media"}, {0, "\x00\x00\x01\xba", "MPEG media"}, {0, "\x00\x00\x01\xb3", "MPEG media"},
	{0, "\x00\x01\x00\x00\x00", "font"}, {0, "OTTO\x00", "font"}, {0, "ttcf\x00", "font"}, {0, "\x01fcp", "font"}, {0, "\x36\x04", "console font"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document"},

	{0, "\xfe\xed\xfe\xed", "Java key store"}, {0, "\xce\xce\xce\xce", "Java key store"}, {0, "\x03\xd9\xa2\x9a", "KeePass database"}, {0, "\x03\xd9\xa2\x9b", "KeePass database"}, {8, "KBXf", "GnuPG key box"}, {0, "LUKS\xba\xbe", "LUKS volume"},
	{0, "\x99\x01", "PGP key ring"}, {0, "\x99\x02", "PGP key ring"}, {0, "\x99\x03", "PGP key ring"}, {0, "\x98\x33\x04", "PGP key ring"}, {0, "\x94\x58\x04", "PGP key ring"}, {0, "\x94\x86\x04", "PGP key ring"},
	{0, "\x95\x01", "PGP key ring"}, {0, "\x95\x02", "PGP key ring"}, {0, "\x95\x03", "PGP key ring"}, {0, "\x95\x05", "PGP key ring"}, {0, "\x95\x07", "PGP key ring"},
	{0, "\x8c\x0d\x04", "PGP message"}, {0, "\x84\x5e\x03", "PGP message"}, {0, "\x00\x05\x16\x00", "AppleDouble file"}, {0, "\x00\x05\x16\x07", "AppleDouble file"}, {0, "\x05\x02\x00\x00", "Kerberos key table"}, {0, "\x05\x04\x00", "Kerberos ticket cache"},

	{0, "\x1f\x8b", "gzip data"}, {0, "\x1f\x9d", "compressed data"}, {0, "\x1f\xa0", "compressed data"}, {0, "\x1f\x1e", "packed data"},
	{0, "PK\x03\x04", "zip archive"}, {0, "PK\x05\x06", "zip archive"}, {0, "PK\x07\x08", "zip archive"},
	{0, "\x28\xb5\x2f\xfd", "zstd data"}, {0, "\x37\xa4\x30\xec", "zstd dictionary"}, {0, "\xfd7zXZ\x00", "xz data"},
	{0, "\x5d\x00\x00\x00", "lzma data"}, {0, "\x5d\x00\x00\x01", "lzma data"}, {0, "\x5d\x00\x00\x02", "lzma data"}, {0, "\x5d\x00\x00\x04", "lzma data"}, {0, "\x5d\x00\x00\x08", "lzma data"}, {0, "\x5d\x00\x00\x10", "lzma data"}, {0, "\x5d\x00\x00\x80", "lzma data"}, {0, "\x5d\x00\x00\x40", "lzma data"}, {0, "\x5d\x00\x00\x20", "lzma data"},
	{0, "\x04\x22\x4d\x18", "lz4 data"}, {0, "\x02\x21\x4c\x18", "lz4 data"}, {0, "\xff\x06\x00\x00sNaPpY", "snappy data"}, {0, "\x89LZO\x00\r\n\x1a\n", "lzop data"}, {0, "\xce\xb2\xcf\x81", "brotli data"},
	{0, "7z\xbc\xaf\x27\x1c", "7z archive"}, {0, "Rar!\x1a\x07", "rar archive"}, {0, "MSCF\x00\x00\x00\x00", "cabinet archive"}, {0, "MSWIM\x00\x00\x00", "Windows image"}, {0, "xar!\x00", "xar archive"},
	{0, "\xed\xab\xee\xdb", "RPM package"},

	{0, "QFI\xfb", "virtual disk"}, {0, "KDMV\x01", "virtual disk"}, {0, "KDMV\x02", "virtual disk"}, {0, "KDMV\x03", "virtual disk"}, {0x40, "\x7f\x10\xda\xbe", "virtual disk"},
	{0, "XFSB\x00", "XFS image"}, {0, "hsqs\x07\x00", "squashfs image"}, {1080, "\x53\xef\x01\x00", "ext file system"}, {1080, "\x53\xef\x02\x00", "ext file system"}, {1080, "\x53\xef\x00\x00", "ext file system"},
}

// wordMagics begin the files of a format and may begin a text: that it is none,
// a byte that text has not must show near the beginning.
var wordMagics = []magic{
	{0, "LPKSHHRH", "systemd journal"}, {0, "regf", "Windows registry hive"}, {0, "SCCA", "Windows prefetch file"}, {4, "SCCA", "Windows prefetch file"},
	{0, "MDMP", "Windows crash dump"}, {0, "PAGEDUMP", "Windows crash dump"}, {0, "PAGEDU64", "Windows crash dump"}, {0, "EMiL", "memory dump"}, {0, "JAVA PROFILE 1.0", "Java heap dump"},
	{0, "PERFILE2", "perf recording"}, {0, "Nettrace", ".NET trace"}, {0, "GIF8", "GIF image"}, {0, "BM", "BMP image"}, {0, "%PDF-", "PDF document"}, {0, "%!PS-Adobe", "PostScript document"}, {0, "{\\rtf", "RTF document"}, {0, "8BPS", "Photoshop image"},
	{0, "OggS", "Ogg media"}, {0, "ID3", "MP3 media"}, {4, "ftyp", "MP4 media"}, {0, "RIFF", "RIFF media"}, {0, "fLaC", "FLAC media"}, {0, "FLV\x01", "Flash media"}, {0, "FORM", "AIFF media"},
	{0, "wOFF", "font"}, {0, "wOF2", "font"}, {0, "BZh", "bzip2 data"}, {0, "LZIP", "lzip data"}, {0, "MSCF", "cabinet archive"}, {0, "!<arch>\n", "ar archive"}, {0, "070701", "cpio archive"}, {0, "070702", "cpio archive"}, {0, "070707", "cpio archive"}, {0, "**ACE**", "ace archive"}, {7, "**ACE**", "ace archive"},
	{0, "REDIS0", "Redis dump"}, {0, "PGDMP", "PostgreSQL dump"}, {0, "PAR1", "Parquet data"}, {0, "ORC", "ORC data"}, {0, "ARROW1", "Arrow data"}, {0, "FEA1", "Arrow data"}, {0, "PACK", "git pack"}, {0, "DIRC", "git index"},
	{0, "conectix", "virtual disk"}, {0, "vhdxfile", "virtual disk"}, {0, "COWD", "virtual disk"}, {0, "age-encryption.org/v1", "age file"}, {0, "Salted__", "OpenSSL file"}, {0, "RHHHKSLP", "systemd catalogue"}, {0, "KSLP", "systemd file"}, {0, "TDB file\n", "TDB file"}, {0, "ViMC", "encrypted file"}, {0, "VimCrypt~", "encrypted file"},
	{0, "dex\n0", "Android program"}, {0, "bplist0", "property list"}, {0, "-rom1fs-", "romfs image"}, {512, "EFI PART", "disk image"}, {32769, "CD001", "ISO image"}, {65600, "_BHRfS_M", "btrfs image"}, {257, "ustar", "tar archive"}, {0, "\x60\xea", "arj archive"}, {0, "\xc7\x71", "cpio archive"}, {0, "\x71\xc7", "cpio archive"},
	{8, "leveldb.", "LevelDB file"}, {9, "leveldb.", "LevelDB file"}, {10, "leveldb.", "LevelDB file"}, {8, "rocksdb.", "RocksDB file"}, {9, "rocksdb.", "RocksDB file"}, {10, "rocksdb.", "RocksDB file"},
}

// binaryFormat names the binary format that a file is of by its first block.
// A text cannot begin like any.
func binaryFormat(b []byte) string {
	if bytes.HasPrefix(b, []byte("\x7fELF")) {
		if len(b) > 18 && (b[16] == 4 && b[17] == 0 || b[16] == 0 && b[17] == 4) {
			return "core dump"
		}
		return "ELF program"
	}
	for _, m := range magics {
		if m.stands(b) {
			return m.name
		}
	}
	if !slices.ContainsFunc(b[:min(len(b), 1024)], oddByte) {
		return ""
	}
	for _, m := range wordMagics {
		if m.stands(b) {
			return m.name
		}
	}
	return ""
}

// binaryShape names the binary format whose numbers make sense in b. What is
// taken for UTF-16 or UTF-32 is not asked: zeros are numbers to all of these.
func binaryShape(b []byte) string {
	if !slices.ContainsFunc(b[:min(len(b), 1024)], oddByte) {
		return ""
	}
	for _, f := range [...]struct {
		is   func([]byte) bool
		name string
	}{
		{isProgram, "Windows program"}, {isDER, "DER data"}, {isLogins, "login records"}, {isPyc, "compiled Python"},
		{isBSON, "BSON data"}, {isPostgresPage, "PostgreSQL file"}, {isInnoDB, "InnoDB file"}, {isKafka, "Kafka log segment"},
		{isBootSector, "disk image"}, {isPGP, "PGP message"}, {isRecordLog, "LevelDB log"},
	} {
		if f.is(b) {
			return f.name
		}
	}
	return ""
}

func (m *magic) stands(b []byte) bool {
	return len(b) >= m.offset+len(m.bytes) && string(b[m.offset:m.offset+len(m.bytes)]) == m.bytes
}

// isProgram: MZ, and where its header says that the other is, that one.
func isProgram(b []byte) bool {
	if len(b) < 64 || b[0] != 'M' || b[1] != 'Z' {
		return false
	}
	at := binary.LittleEndian.Uint32(b[60:])
	if at < 1<<20 && int(at)+4 <= len(b) {
		b = b[at:]
		return string(b[:4]) == "PE\x00\x00" || string(b[:2]) == "NE" || string(b[:2]) == "LE" || string(b[:2]) == "LX"
	}
	return bytes.IndexByte(b[:64], 0) > 0
}

// isDER: a sequence that is as long as it says and begins with a number or
// another sequence, as keys, certificates and PKCS #12 do.
func isDER(b []byte) bool {
	if len(b) < 8 || b[0] != 0x30 {
		return false
	}
	n, head := int(b[1]), 2
	switch {
	case b[1] == 0x81:
		n, head = int(b[2]), 3
	case b[1] == 0x82:
		n, head = int(b[2])<<8|int(b[3]), 4
	case b[1] == 0x83:
		n, head = int(b[2])<<16|int(b[3])<<8|int(b[4]), 5
	case b[1] >= 0x80:
		return b[1] == 0x80 && b[2] == 0x06
	}
	if c := b[head]; c != 0x02 && c != 0x30 && c != 0x06 {
		return false
	}
	return b[1] >= 0x82 || n > 6 && len(b)-head >= n && len(b)-head < n+4
}

// isLogins: utmp, wtmp, btmp and lastlog of Linux are records of 384 and 292
// bytes with names in fields that zeros fill.
func isLogins(b []byte) bool {
	field := func(f []byte) bool { // a name, then zeros only
		n := 0
		for n < len(f) && f[n] > ' ' && f[n] < 0x7f {
			n++
		}
		return len(bytes.Trim(f[n:], "\x00")) == 0
	}
	if len(b) >= 384 && b[0] < 10 && b[1]|b[2]|b[3] == 0 && field(b[8:40]) && field(b[44:76]) && bytes.IndexByte(b[:384], 0) >= 0 && (b[8] != 0 || b[44] != 0) {
		return true
	}
	for k := 0; k+292 <= min(len(b), 292*200); k += 292 {
		r := b[k : k+292]
		if len(bytes.Trim(r, "\x00")) == 0 {
			continue
		}
		return r[3] != 0 && r[4] > ' ' && field(r[4:36]) && r[35] == 0 && r[291] == 0 && field(bytes.TrimLeft(r[36:], " "))
	}
	return false
}

// isPyc: a number of the version, the end of a line, flags.
func isPyc(b []byte) bool {
	return len(b) >= 16 && b[2] == '\r' && b[3] == '\n' && (b[1] == 0x0d || b[1] == 0x0c || b[1] == 0xf2 || b[1] == 0xf3) && b[4] < 4 && b[5]|b[6]|b[7] == 0
}

// isBSON: documents that say how long they are, and a first field.
func isBSON(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n < 12 || n > 48<<20 || b[4] == 0 || b[4] > 0x13 || n <= int64(len(b)) && b[n-1] != 0 {
		return false
	}
	name := bytes.IndexByte(b[5:min(len(b), 5+128)], 0)
	return name > 0 && run(b, 5, chKey) >= 5+name
}

// isPostgresPage: a page of 8 KiB of layout 4, or a segment of the log.
func isPostgresPage(b []byte) bool {
	if len(b) < 24 {
		return false
	}
	lower, upper, special := binary.LittleEndian.Uint16(b[12:]), binary.LittleEndian.Uint16(b[14:]), binary.LittleEndian.Uint16(b[16:])
	if b[18] == 4 && b[19] == 0x20 && lower >= 24 && lower <= upper && upper <= special && special <= 8192 {
		return true
	}
	return b[1] == 0xd1 && b[0] > 0x40 && b[2] < 16 && b[3] == 0 && b[4] != 0 && b[5]|b[6]|b[7] == 0
}

// isInnoDB: a table space begins with page 0 of type 8, of which no other
// stands before.
func isInnoDB(b []byte) bool {
	return len(b) >= 38 && binary.BigEndian.Uint32(b[4:]) == 0 && b[24] == 0 && (b[25] == 8 || b[25] == 5) && binary.BigEndian.Uint64(b[26:]) == 0 && bytes.Equal(b[34:38], b[38:min(len(b), 42)])
}

// isKafka: batches of records, of which the layout is 0, 1 or 2.
func isKafka(b []byte) bool {
	return len(b) >= 61 && b[0]|b[1]|b[2] == 0 && b[8] == 0 && binary.BigEndian.Uint32(b[8:]) > 14 && b[16] <= 2 && binary.BigEndian.Uint32(b[12:]) < 1<<16 && b[21]&0xc0|b[22] < 0x60
}

// isBootSector: a disk without a table of its own format.
func isBootSector(b []byte) bool {
	return len(b) >= 512 && b[510] == 0x55 && b[511] == 0xaa && bytes.IndexByte(b[:512], 0) >= 0
}

// isPGP: a session key for one of the usual kinds of keys.
func isPGP(b []byte) bool {
	return len(b) > 12 && (b[0] == 0x85 && b[3] == 3 || b[0] == 0x84 && b[2] == 3 || b[0] == 0xc1 && (b[2] == 3 || b[3] == 3))
}

// isRecordLog: blocks of records with checksum, length and kind, the first of
// which begins a batch.
func isRecordLog(b []byte) bool {
	if len(b) < 19 || b[6] != 1 && b[6] != 2 {
		return false
	}
	n := int(binary.LittleEndian.Uint16(b[4:]))
	if b[6] == 1 && (n < 12 || n > 32<<10-7 || n+7 < len(b) && n+13 < len(b) && (b[n+13] == 0 || b[n+13] > 4)) {
		return false
	}
	return binary.LittleEndian.Uint64(b[7:])>>40 == 0 && binary.LittleEndian.Uint32(b[15:]) < 1<<20 && b[14] == 0
}

// dense reports whether some window of b holds more control characters than
// any text does. Runs of NUL, as a crash leaves them in a log, do not count,
// nor do single ones between words; nor does UTF-16, or a character
// that stands between the fields of each line.
func dense(b []byte) bool {
	const window = 4096
	for len(b) > 0 {
		w := b[:min(window, len(b))]
		b = b[len(w):]
		if denseWindow(w) {
			return true
		}
	}
	return false
}

func denseWindow(w []byte) bool {
	var kinds uint32
	ctl, nul, runs, n := 0, 0, 0, len(w)
	for i := 0; i < len(w); {
		c := w[i]
		if i+1 < len(w) && w[i+1] == 0 {
			if k := wideAt(w[i:]); k > 0 { // UTF-16, which is scanned as such
				n -= k
				i += k
				continue
			}
		}
		if c == 0 {
			k := i
			for k < len(w) && w[k] == 0 {
				k++
			}
			if k-i >= 16 || k == len(w) || i == 0 {
				n -= k - i
				runs++
			} else {
				nul += k - i
			}
			i = k
			continue
		}
		if oddByte(c) {
			ctl++
			kinds |= 1 << (c & 31)
		}
		i++
	}
	switch different := bits.OnesCount32(kinds); {
	case ctl*25 > n && ctl > 3 && different > 1:
		return true
	case ctl*4 > n && ctl > 8: // more than there is between words
		return true
	case (ctl+nul)*4 > n && nul > 8:
		return true
	case nul+runs >= 4 && different >= 3, different >= 8:
		return true // numbers, not separators
	case runs > 3 && runs > bytes.Count(w, []byte{'\n'}):
		return true // fields that are filled up
	}
	return false
}

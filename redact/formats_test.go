package redact

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// dumped is a line of the kind that stands in dumps and databases too.
const dumped = "connect user=app password=Heron41mossQx9 host=db\n"

// samples are the beginnings of files of formats that are no text, with a
// piece of text in each.
func samples() map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 9))
	le := func(parts ...any) []byte { return joined(binary.LittleEndian, parts) }
	be := func(parts ...any) []byte { return joined(binary.BigEndian, parts) }
	noise := make([]byte, 900)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	at := func(offset int, magic string) []byte {
		return append(append(make([]byte, offset), magic...), make([]byte, 300)...)
	}
	login := make([]byte, 384*3)
	for k := 0; k < len(login); k += 384 {
		copy(login[k:], le(uint32(7), uint32(4711)))
		copy(login[k+8:], "pts/1")
		copy(login[k+44:], "jsmith")
		copy(login[k+76:], "203.0.113.9")
	}
	last := make([]byte, 292*4)
	copy(last[292*2:], le(uint32(1_750_000_000)))
	copy(last[292*2+4:], "pts/0")
	copy(last[292*2+36:], "203.0.113.9")
	program := make([]byte, 512)
	copy(program, "MZ")
	program[60] = 128
	copy(program[128:], "PE\x00\x00")
	page := make([]byte, 8192)
	copy(page, le(uint64(0x16b3748), uint16(0), uint16(0), uint16(40), uint16(8000), uint16(8192), uint16(0x2004)))
	space := make([]byte, 16384)
	copy(space, be(uint32(0xdeadbeef), uint32(0), uint32(0), uint32(0), uint64(77), uint16(8), uint64(0), uint32(12), uint32(12)))
	levelLog := le(uint32(0x9d3f2a11), uint16(14+50*len(dumped)), byte(1), uint64(1), uint32(1), byte(1), byte(3))
	document := []byte("\x02user\x00\x04\x00\x00\x00app\x00\x02password\x00\x0f\x00\x00\x00Heron41mossQx9\x00\x00")
	return map[string][]byte{
		"ELF program": []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00>\x00"), "core dump": []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00>\x00"),
		"Windows program": program, "Mach-O program": le(uint32(0xfeedfacf), uint32(0x1000007)), "Java class or Mach-O program": be(uint32(0xcafebabe), uint32(61)),
		"Windows crash dump": []byte("MDMP\x93\xa7\x00\x00"), "Java heap dump": []byte("JAVA PROFILE 1.0.2\x00\x00\x00\x00\x08"), "Java flight recording": []byte("FLR\x00\x00\x02"), "memory dump": []byte("EMiL\x01\x00\x00\x00"),
		"SQLite database": []byte("SQLite format 3\x00\x10\x00"), "SQLite write-ahead log": be(uint32(0x377f0682), uint32(3007000)), "SQLite journal": []byte("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"),
		"MySQL binary log": []byte("\xfebin\x00\x01"), "MyISAM index": []byte("\xfe\xfe\x07\x01"), "InnoDB file": space, "PostgreSQL file": page, "PostgreSQL dump": []byte("PGDMP\x01\x0e\x00"),
		"Redis dump": []byte("REDIS0011\xfa\x09redis-ver\x057.2.4"), "LevelDB file": append(le(uint32(0x56f9bd1c), uint16(28), byte(1), byte(1), byte(26)), "leveldb.BytewiseComparator\x02\x00"...),
		"RocksDB file": append(le(uint32(0x56f9bd1c), uint16(28), byte(1), byte(1), byte(26)), "rocksdb.BytewiseComparator\x02\x00"...), "LevelDB log": append(levelLog, strings.Repeat(dumped, 30)...),
		"WiredTiger file": le(uint32(120897), uint32(1)), "BSON data": append(le(uint32(len(document)+4)), document...), "Kafka log segment": be(uint64(0), uint32(500), uint32(0), byte(2), uint32(77), uint16(0), uint32(1), uint64(1_750_000_000_000), make([]byte, 40)),
		"Parquet data": []byte("PAR1\x15\x04\x15"), "Avro data": []byte("Obj\x01\x04\x16avro.schema"), "ORC data": []byte("ORC\x82\xf6\x80\x00"), "Arrow data": []byte("ARROW1\x00\x00"), "ESE database": []byte("\x01\x02\x03\x04\xef\xcd\xab\x89"),
		"Windows event log": []byte("ElfFile\x00\x00\x00"), "systemd journal": []byte("LPKSHHRH\x01\x00\x00\x00"), "login records": login, "login records, last": last,
		"sysstat data": le(uint16(0xd596), uint16(0x2175)), "packet capture": le(uint32(0xa1b2c3d4), uint16(2)), "packet capture, next generation": be(uint32(0x0a0d0d0a), uint32(0x1c000000)), "perf recording": []byte("PERFILE2h\x00\x00"),
		"Windows registry hive": []byte("regf\x01\x00\x00\x00"), "Windows shortcut": le(uint32(0x4c), uint32(0x21401)),
		"PNG image": []byte("\x89PNG\r\n\x1a\n"), "JPEG image": []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "GIF image": []byte("GIF89a\x01\x00\x01\x00"), "BMP image": []byte("BM\x36\x00\x0c\x00\x00\x00\x00\x00"), "TIFF image": []byte("II*\x00\x08"), "RIFF media": []byte("RIFF\x24\x00\x00\x00WEBP"),
		"PDF document": append([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), 0, 1, 2), "OLE document": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
		"Python pickle": append([]byte("\x80\x04\x95\x2a\x00\x00\x00\x00\x00\x00\x00}"), "\x8c\x08password"...), "compiled Python": le(uint32(0x0a0d0da7), uint32(0), uint32(1), uint32(2)), "serialised Java objects": []byte("\xac\xed\x00\x05sr\x00\x11java.util.HashMap"),
		"font": []byte("OTTO\x00\x0c"), "font, web": []byte("wOF2OTTO\x00"), "WebAssembly module": []byte("\x00asm\x01"),
		"DER data": be(uint32(0x308204a2), byte(2), byte(1), byte(3)), "DER data, short": append(be(uint32(0x30818702), uint16(0x0100)), noise[:132]...), "Java key store": be(uint32(0xfeedfeed), uint32(2)), "KeePass database": le(uint32(0x9aa2d903), uint32(0xb54bfb67)),
		"PGP key ring": []byte("\x99\x01\x0d\x04"), "PGP message": []byte("\x85\x01\x0c\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "GnuPG key box": []byte("\x00\x00\x00\x20\x01\x01\x00\x02KBXf"), "LUKS volume": []byte("LUKS\xba\xbe\x00\x02"), "age file": append([]byte("age-encryption.org/v1\n-> X25519 "), 0, 1, 2), "OpenSSL file": []byte("Salted__\x01\x02"),
		"ISO image": at(32769, "CD001\x01\x00"), "disk image": at(510, "\x55\xaa"), "disk image, GPT": at(512, "EFI PART"), "virtual disk": []byte("QFI\xfb\x00"), "ext file system": at(1080, "\x53\xef\x01\x00"), "squashfs image": []byte("hsqs\x07\x00\x00"),
		"gzip data": []byte("\x1f\x8b\x08\x00"), "zip archive": []byte("PK\x03\x04"), "zstd data": []byte("\x28\xb5\x2f\xfd"), "xz data": []byte("\xfd7zXZ\x00"), "bzip2 data": []byte("BZh91AY&SY\x01\x02"), "lz4 data": []byte("\x04\x22\x4d\x18"), "lz4 data, old": []byte("\x02\x21\x4c\x18"),
		"lzma data": []byte("\x5d\x00\x00\x80\x00\xff\xff"), "lzip data": []byte("LZIP\x01\x0c"), "snappy data": []byte("\xff\x06\x00\x00sNaPpY"), "compressed data": []byte("\x1f\x9d\x90"), "lzop data": []byte("\x89LZO\x00\r\n\x1a\n"), "brotli data": []byte("\xce\xb2\xcf\x81"), "7z archive": []byte("7z\xbc\xaf\x27\x1c"), "rar archive": []byte("Rar!\x1a\x07\x01\x00"),
		"tar archive": at(257, "ustar\x0000"), "cpio archive": append([]byte("070701"+strings.Repeat("0", 104)+"etc/app.conf\x00\x00"), dumped...), "ar archive": append([]byte("!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n"), 0, 1), "RPM package": []byte("\xed\xab\xee\xdb\x03\x00"), "cabinet archive": []byte("MSCF\x00\x00\x00\x00"),
	}
}

func joined(order binary.AppendByteOrder, parts []any) (b []byte) {
	for _, p := range parts {
		switch v := p.(type) {
		case byte:
			b = append(b, v)
		case uint16:
			b = order.AppendUint16(b, v)
		case uint32:
			b = order.AppendUint32(b, v)
		case uint64:
			b = order.AppendUint64(b, v)
		case []byte:
			b = append(b, v...)
		}
	}
	return b
}

// Nothing of a format that is no text passes, by whatever pieces it is read.
func TestFormatsAreRefused(t *testing.T) {
	for name, head := range samples() {
		want, _, _ := strings.Cut(name, ",")
		text := append(bytes.Clone(head), strings.Repeat(dumped, 20)...)
		if want == "BSON data" || strings.HasPrefix(name, "DER data, short") {
			text = head
		}
		out, err := io.ReadAll(session(t).Stream("x", bytes.NewReader(text)))
		if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		if len(out) > 0 {
			t.Errorf("%s: %d bytes came out", name, len(out))
		}
	}
}

// Texts may begin like a format, hold marks and signs between fields, zeros
// where a machine crashed, noise of a line, all of which is no format.
func TestTextsThatLookLikeFormats(t *testing.T) {
	filler := strings.Repeat("2026-01-02 03:04:05 INFO request done in 12 ms\n", 30)
	for _, text := range []string{
		"MDMP files are written here\n", "BM 1 of 2\n", "ORC: started\n", "PACK done\n", "RIFF chunk\n", "FORM fields\n", "REDIS0 is up\n", "PAR1 and PAR2\n", "BZh is a magic\n", "MZ\n", "GIF89a\n", "ID3 tags\n", "070701 is a number\n",
		"0=ok\n", "M\xfcller \xe4\xf6\xfc\n", "\xef\xbb\xbfa mark\n", "L\n", "SCCA\n", "age-encryption.org/v1 is the header\n", "leveldb.BytewiseComparator\n", "%PDF-1.7 is refused\n", "{\\rtf1}\n", "Salted__ begins\n", "!<arch>\n",
		"8=FIX.4.4\x019=112\x0135=A\x0149=BROKER\x0156=CLIENT\x0134=1\x0152=20260102-03:04:05\x0198=0\x01108=30\x0110=062\x01\n",
		"a" + strings.Repeat("\x00", 5000) + "\nb\n", "one\x00two\x00three\x00four\x00", "\x1b[31mred\x1b[0m\n", "login\x07\x08\x08\n", "page\x0cbreak\n",
		"modem: \x01\x7f garbage\n", "a\x1eb\x1fc\x1dd\n",
	} {
		for _, all := range []string{text + filler, text + filler + text + filler} {
			if out, err := io.ReadAll(session(t).Stream("x", strings.NewReader(all))); err != nil || string(out) != all {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

// Where no format is known, what text does not have says enough: records with
// numbers between pieces of text, fields filled up with zeros.
func TestRecordsAreRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var numbers, filled bytes.Buffer
	numbers.WriteString("HEAD1")
	filled.WriteString("TABLE1")
	for i := range 200 {
		numbers.Write(binary.LittleEndian.AppendUint64(nil, uint64(i)))
		numbers.Write(binary.LittleEndian.AppendUint32(nil, rng.Uint32()))
		numbers.WriteString(dumped + strings.Repeat("text of a record ", 20))
		for _, field := range []string{"jsmith", "Heron41mossQx9", "db.example.org"} {
			filled.WriteString(field + strings.Repeat("\x00", 60-len(field)))
		}
	}
	for name, text := range map[string][]byte{"numbers": numbers.Bytes(), "filled": filled.Bytes()} {
		out, err := io.ReadAll(session(t).Stream("x", bytes.NewReader(text)))
		if !errors.Is(err, ErrUnreadable) || len(out) > 0 {
			t.Errorf("%s: %v, %d bytes came out", name, err, len(out))
		}
	}
}

package collect

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/diagcollect/diagcollect/manifest"
)

// tool runs a program of the system in dir.
func tool(t *testing.T, dir string, argv ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v: %s", argv, err, out)
	}
}

// logTree is a folder of logs as a host has them.
func logTree(t *testing.T, pw string) (dir string, logs map[string]string) {
	t.Helper()
	dir = t.TempDir()
	logs = map[string]string{}
	for i, name := range []string{"app.log", "sub/other.log", "sub/naïve ü.log", "empty.log", "long/" + strings.Repeat("n", 90) + "/" + strings.Repeat("m", 120) + ".log"} {
		var b strings.Builder
		for k := range 300 * i {
			fmt.Fprintf(&b, "2026-11-01T10:%02d:%02dZ INFO request %d of %s\n", k/60%60, k%60, k*7919, name)
		}
		if name != "empty.log" {
			b.WriteString("connecting with user=app password=" + pw + " sslmode=require\n")
		}
		logs[name] = b.String()
		write(t, filepath.Join(dir, name), b.String())
	}
	return dir, logs
}

// What stock programs write, in all their ways, is opened whole, as a file
// and as a stream.
func TestOpensWhatProgramsWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are those of Unix")
	}
	pw := secret(t)
	dir, logs := logTree(t, pw)
	for _, tt := range []struct {
		name string
		argv []string
	}{
		{"lzma2.7z", []string{"7z", "a", "-m0=lzma2", "OUT", "."}},
		{"lzma.7z", []string{"7z", "a", "-m0=lzma", "OUT", "."}},
		{"largest.7z", []string{"7z", "a", "-mx=9", "OUT", "."}},
		{"each.7z", []string{"7z", "a", "-ms=off", "OUT", "."}},
		{"deflate.7z", []string{"7z", "a", "-m0=deflate", "OUT", "."}},
		{"bzip2.7z", []string{"7z", "a", "-m0=bzip2", "OUT", "."}},
		{"copy.7z", []string{"7z", "a", "-m0=copy", "OUT", "."}},
		{"plainheader.7z", []string{"7z", "a", "-mhc=off", "OUT", "."}},
		{"deflate.zip", []string{"7z", "a", "-tzip", "OUT", "."}},
		{"bzip2.zip", []string{"7z", "a", "-tzip", "-mm=bzip2", "OUT", "."}},
		{"stored.zip", []string{"zip", "-q", "-0", "-r", "OUT", "."}},
		{"info.zip", []string{"zip", "-q", "-r", "OUT", "."}},
		{"large.zip", []string{"zip", "-q", "-r", "-fz", "OUT", "."}}, // zip64 though small
		{"streamed.zip", []string{"sh", "-c", "zip -q -r - . | cat >OUT"}},
		{"gnu.tar", []string{"tar", "--format=gnu", "-cf", "OUT", "."}},
		{"pax.tar", []string{"tar", "--format=posix", "-cf", "OUT", "."}},
		{"sparse.tar", []string{"tar", "--format=gnu", "--sparse", "-cf", "OUT", "."}},
		{"sparse-pax.tar", []string{"tar", "--format=posix", "--sparse", "-cf", "OUT", "."}},
		{"a.tar.gz", []string{"tar", "-czf", "OUT", "."}},
		{"a.tar.bz2", []string{"tar", "-cjf", "OUT", "."}},
		{"a.tar.xz", []string{"tar", "-cJf", "OUT", "."}},
		{"a.tar.zst", []string{"tar", "--zstd", "-cf", "OUT", "."}},
		{"best.tar.xz", []string{"sh", "-c", "tar -cf - . | xz -9e >OUT"}},
		{"long.tar.zst", []string{"sh", "-c", "tar -cf - . | zstd -q -19 --long=24 >OUT"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), tt.name)
			for i := range tt.argv {
				tt.argv[i] = strings.ReplaceAll(tt.argv[i], "OUT", out)
			}
			tool(t, dir, tt.argv...)
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range []bool{true, false} {
				g, k := newGatherer(t, nil)
				if err := g.take(from(tt.name, b, file)); err != nil {
					t.Fatal(err)
				}
				if o, reason := g.final(); o != manifest.OK {
					t.Fatalf("%s %q", o, reason)
				}
				for name, log := range logs {
					got, ok := k.text[tt.name+"/"+name]
					if !ok {
						t.Errorf("%s is not there", name)
						continue
					}
					if strings.Contains(got, pw) || strings.Count(got, "\n") != strings.Count(log, "\n") || !strings.HasPrefix(log, got[:strings.LastIndexByte(got[:max(0, len(got)-1)], '\n')+1]) {
						t.Errorf("%s is not what it was", name)
					}
				}
				if len(k.text) != len(logs) {
					t.Errorf("%d entries", len(k.text))
				}
			}
		})
	}
}

// What is sealed, or packed in a way that is not opened, is withheld with a
// reason, and the rest of the archive is taken.
func TestWithheldMembers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are those of Unix")
	}
	pw := secret(t)
	dir, logs := logTree(t, pw)
	for _, tt := range []struct {
		name   string
		argv   []string
		reason string
	}{
		{"aes.zip", []string{"7z", "a", "-tzip", "-ptravel", "-mem=AES256", "OUT", "."}, "encrypted"},
		{"old.zip", []string{"7z", "a", "-tzip", "-ptravel", "-mem=ZipCrypto", "OUT", "."}, "encrypted"},
		{"deflate64.zip", []string{"7z", "a", "-tzip", "-mm=deflate64", "OUT", "."}, "compression method 9 is not opened"},
		{"lzma.zip", []string{"7z", "a", "-tzip", "-mm=lzma", "OUT", "."}, "compression method 14 is not opened"},
		{"ppmd.7z", []string{"7z", "a", "-m0=ppmd", "OUT", "."}, "compression method 030401 is not opened"},
		{"locked.7z", []string{"7z", "a", "-ptravel", "OUT", "."}, "encrypted"},
		{"hidden.7z", []string{"7z", "a", "-ptravel", "-mhe=on", "OUT", "."}, "encrypted"},
		{"old.log.lzma", []string{"sh", "-c", "cat sub/other.log | xz --format=lzma >OUT"}, "lzma data"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), tt.name)
			for i := range tt.argv {
				tt.argv[i] = strings.ReplaceAll(tt.argv[i], "OUT", out)
			}
			tool(t, dir, tt.argv...)
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range []bool{true, false} {
				g, k := newGatherer(t, nil)
				if err := g.take(from(tt.name, b, file)); err != nil {
					t.Fatal(err)
				}
				if o, reason := g.final(); o != manifest.Withheld || !strings.Contains(reason, tt.reason) || len(g.hidden) == 0 {
					t.Errorf("%s %q", o, reason)
				}
				for name, text := range k.text { // what has no bytes, or was stored, is readable
					base := strings.TrimPrefix(name, tt.name+"/")
					if strings.Contains(text, pw) || len(text) > len(logs[base])+100 {
						t.Errorf("%s came out: %.200q", name, text)
					}
				}
			}
		})
	}
}

// Documents that are zip files inside are none to open.
func TestDocumentsAreWithheld(t *testing.T) {
	text := []byte("password=Zq7kettledrum!x9 in <w:t>pass</w:t><w:t>word</w:t>\n")
	for name, tt := range map[string]struct {
		b      []byte
		reason string
	}{
		"a.docx": {zipOf(t, packed{"word/document.xml", text}, packed{"[Content_Types].xml", []byte("<Types/>")}), "Office document"},
		"a.odt":  {zipOf(t, packed{"mimetype", []byte("application/vnd.oasis.opendocument.text")}, packed{"content.xml", text}), "OpenDocument or EPUB document"},
		"a.jar":  {zipOf(t, packed{"META-INF/MANIFEST.MF", []byte("Manifest-Version: 1.0\n")}, packed{"app.properties", text}), "Java archive"},
		"a.apk":  {zipOf(t, packed{"AndroidManifest.xml", text}, packed{"classes.dex", []byte("dex")}), "Android package"},
	} {
		g, k := newGatherer(t, nil)
		if err := g.take(from(name, tt.b, true)); err != nil {
			t.Fatal(err)
		}
		if o, reason := g.final(); o != manifest.Withheld || reason != name+": "+tt.reason || len(k.text) != 0 {
			t.Errorf("%s: %s %q %q", name, o, reason, k.text)
		}
		g, k = newGatherer(t, func(g *gatherer) { g.binary = true })
		if err := g.take(from(name, tt.b, true)); err != nil {
			t.Fatal(err)
		}
		if o, _ := g.final(); o != manifest.OK || k.text[name] != string(tt.b) {
			t.Errorf("%s: not kept where binary files are", name)
		}
	}
}

// sevenZipTable puts a table of members behind a 7z's start.
func sevenZipTable(data, table []byte) []byte {
	start := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	start = binary.LittleEndian.AppendUint64(start, uint64(len(table)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(table))
	out := binary.LittleEndian.AppendUint32([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), crc32.ChecksumIEEE(start))
	return append(append(append(out, start...), data...), table...)
}

// Nothing that an archive says of itself makes its reader take memory that
// its bytes do not warrant.
func TestArchivesThatAskForMemory(t *testing.T) {
	big := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00} // 7z's way to write a large number
	table := func(parts ...[]byte) []byte { return sevenZipTable(make([]byte, 64), bytes.Join(parts, nil)) }
	packs := []byte{4, 6, 0, 1, 9, 64, 0}
	coder := func(method string, props ...byte) []byte {
		return append(append([]byte{1, byte(0x20 | len(method))}, method...), append([]byte{byte(len(props))}, props...)...)
	}
	folder := func(c []byte, size ...byte) []byte {
		return bytes.Join([][]byte{packs, {7, 0x0b, 1, 0}, c, {0x0c}, size, {0, 0}}, nil)
	}
	folders := func(n int) []byte { // of one empty stream each
		count := []byte{0xe0 | byte(n>>24), byte(n), byte(n >> 8), byte(n >> 16)}
		return bytes.Join([][]byte{{4, 6, 0}, count, {9}, make([]byte, n), {0, 7, 0x0b}, count, {0}, bytes.Repeat([]byte{1, 0}, n), {0x0c}, make([]byte, n), {0, 0}}, nil)
	}
	large := []byte{0xf0, 0, 0, 0, 0x80} // 2 GiB
	name := []byte{5, 1, 0x11, 5, 0, 'a', 0, 0, 0, 0, 0}
	many := make([]packed, 15_000)
	for i := range many {
		many[i] = packed{name: fmt.Sprint(i)}
	}
	var overlap bytes.Buffer
	kernel := bytes.Repeat([]byte("0 0 0 0\n"), 1<<20)
	w := zip.NewWriter(&overlap)
	f, err := w.Create("0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(kernel); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	shared := overlap.Bytes()
	at := bytes.LastIndex(shared, []byte("PK\x01\x02"))
	end := bytes.LastIndex(shared, []byte("PK\x05\x06"))
	entry, tail := bytes.Clone(shared[at:end]), bytes.Clone(shared[end:])
	all := bytes.Clone(shared[:at])
	for range 99 {
		all = append(all, entry...)
	}
	binary.LittleEndian.PutUint16(tail[8:], 99)
	binary.LittleEndian.PutUint16(tail[10:], 99)
	binary.LittleEndian.PutUint32(tail[12:], uint32(99*len(entry)))
	all = append(all, tail...)
	for _, tt := range []struct {
		name   string
		b      []byte
		reason string
	}{
		{"folders.7z", table([]byte{1}, packs, []byte{7, 0x0b}, big), "broken 7z archive"},
		{"streams.7z", table([]byte{1, 4, 6, 0}, big), "broken 7z archive"},
		{"files.7z", table([]byte{1}, folder(coder("\x00"), 64), []byte{5}, big), "broken 7z archive"},
		{"coders.7z", table([]byte{1}, packs, []byte{7, 0x0b, 1, 0}, big), "broken 7z archive"},
		{"props.7z", table([]byte{1}, packs, []byte{7, 0x0b, 1, 0, 1, 0x21, 0}, big), "broken 7z archive"},
		{"subs.7z", table([]byte{1}, packs, []byte{7, 0x0b, 1, 0, 1, 1, 0, 0x0c, 64, 0, 8, 0x0d}, big), "broken 7z archive"},
		{"dictionary.7z", table([]byte{1}, folder(coder("\x21", 39), large...), name), "decoding takes 2 GiB, more than 64 MiB"},
		{"dictionary-lzma.7z", table([]byte{1}, folder(coder("\x03\x01\x01", 0x5d, 0xff, 0xff, 0xff, 0xff), large...), name), "decoding takes 2 GiB, more than 64 MiB"},
		{"encoded.7z", table([]byte{0x17}, folder(coder("\x21", 39), large...)[1:]), "its table of members is too large"},
		{"table.7z", sevenZipTable(nil, make([]byte, max7zHeader+1)), "its table of members is too large"},
		{"beyond.7z", table([]byte{1, 4, 6, 0, 1, 9, 0xc0, 0xff, 0xff, 0}), "broken 7z archive"},
		{"all-folders.7z", table([]byte{1}, folders(max7zHeader/4-100), []byte{0}), "broken 7z archive"},
		{"streams-again.7z", table([]byte{1}, folders(200_000), bytes.Repeat([]byte{4, 0}, max7zHeader/8), []byte{0}), "broken 7z archive"},
		{"props-again.7z", table([]byte{1, 5, 0xc4, 0, 0}, bytes.Repeat([]byte{0x0f, 0}, max7zHeader/4), []byte{0, 0}), "broken 7z archive"},
		{"files-again.7z", table([]byte{1}, bytes.Repeat([]byte{5, 0xc1, 0, 0, 0}, max7zHeader/8), []byte{0}), "broken 7z archive"},
		{"many.zip", zipOf(t, many...), "more than 100 members"},
		{"shared.zip", all, "it grows more than 1000 times"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var o manifest.Outcome
			var reason string
			peak := peakHeap(t, func() {
				g, _ := newGatherer(t, func(g *gatherer) { g.store, g.limits.members = discarding{}, 100 })
				if err := g.take(from(tt.name, tt.b, true)); err != nil {
					t.Fatal(err)
				}
				o, reason = g.final()
			})
			if o != manifest.Withheld || !strings.Contains(reason, tt.reason) {
				t.Errorf("%s %q", o, reason)
			}
			if peak > 128<<20 { // they ask for gigabytes
				t.Errorf("peak of %s", sizeText(int64(peak)))
			}
		})
	}
}

// A tar with a hole is as long as its hole says; what is in the hole is none
// of the file's bytes and counts as what comes out.
func TestSparseBomb(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are those of Unix")
	}
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "hole.log"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("first line\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	tool(t, dir, "tar", "--sparse", "-cf", "hole.tar", "hole.log")
	b, err := os.ReadFile(filepath.Join(dir, "hole.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if r := tar.NewReader(bytes.NewReader(b)); r == nil || len(b) > 1<<20 {
		t.Fatalf("%d bytes: the file system has no holes", len(b))
	}
	g, k := newGatherer(t, func(g *gatherer) { g.store = discarding{} })
	if err := g.take(from("hole.tar", b, true)); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Withheld || !strings.Contains(reason, "grows more than 1000 times") {
		t.Errorf("%s %q %q", o, reason, k.text)
	}
}

// What follows a compressed stream, or is missing from it, costs none of what
// decoded before.
func TestTrailingAndMissing(t *testing.T) {
	log := []byte(strings.Repeat("a line of an ordinary log 0123456789\n", 4000))
	for name, whole := range map[string][]byte{
		"a.log.gz": gz(t, log), "a.log.bz2": bz(t, log), "a.log.xz": xzOf(t, log, 1<<20), "a.log.zst": zst(t, log),
	} {
		for what, b := range map[string][]byte{"garbage": append(bytes.Clone(whole), "garbage that is no stream, long enough to be read as a header"...), "cut": whole[:len(whole)-3]} {
			g, k := newGatherer(t, nil)
			if err := g.take(from(name, b, true)); err != nil {
				t.Fatal(err)
			}
			o, reason := g.final()
			if o != manifest.Partial || reason == "" {
				t.Errorf("%s with %s: %s %q", name, what, o, reason)
			}
			if got := k.text["a.log"]; !strings.HasPrefix(string(log), got) || what == "garbage" && len(got) != len(log) {
				t.Errorf("%s with %s: %d bytes of %d", name, what, len(got), len(log))
			}
		}
	}
	// Members of a stream that was appended to.
	g, k := newGatherer(t, nil)
	var many []byte
	for range 200 {
		many = append(many, gz(t, log[:370])...)
	}
	if err := g.take(from("many.gz", many, true)); err != nil {
		t.Fatal(err)
	}
	if o, _ := g.final(); o != manifest.OK || len(k.text["many"]) != 200*370 {
		t.Errorf("%s, %d bytes", o, len(k.text["many"]))
	}
}

// A damaged member is told; its checksum says so where nothing else does.
func TestDamagedSevenZip(t *testing.T) {
	b := sevenZipOf(t, "a.log", []byte(strings.Repeat("a line of a log\n", 100)))
	b[40] ^= 0x02
	g, k := newGatherer(t, nil)
	if err := g.take(from("a.7z", b, true)); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Partial || !strings.Contains(reason, "checksum") || len(k.text) != 1 {
		t.Errorf("%s %q", o, reason)
	}
}

package collect

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// Whatever a file holds, taking it ends with one outcome and no panic, and a
// password that stands in it plainly is in none of its entries.
func FuzzTake(f *testing.F) {
	const pw = "Zq7kettledrum!x9"
	log := []byte("user=app password=" + pw + " end\nnext line\n")
	t := &testing.T{}
	f.Add("app.log", log)
	f.Add("app.log.gz", gz(t, log))
	f.Add("app.log.zst", zst(t, log))
	f.Add("old.tar", tarOf(t, packed{"../a.log", log}))
	f.Add("old.zip", zipOf(t, packed{"a.log", log}, packed{"b.gz", gz(t, log)}))
	f.Add("old.7z", sevenZipOf(t, "a.log", log))
	f.Add("nest.tar.gz", gz(t, tarOf(t, packed{"x.zip", zipOf(t, packed{"a.log", log})})))
	f.Add("wide.log", utf16le(string(log)))
	f.Add("app.log.xz", xzOf(t, log, 1<<20))
	f.Add("app.log.bz2", bz(t, log))
	f.Add("app.log.lz4", lz4Of(t, log))
	f.Add("two.gz", append(gz(t, log), gz(t, log)...))
	f.Add("a.docx", zipOf(t, packed{"[Content_Types].xml", log}, packed{"word/document.xml", log}))
	f.Add("deep.gz", gz(t, gz(t, gz(t, gz(t, log)))))
	session, err := redact.NewSession(redact.Options{})
	if err != nil {
		f.Fatal(err)
	}
	scratch := f.TempDir()
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		for _, file := range []bool{true, false} {
			k := &keptEntries{}
			g := &gatherer{ctx: t.Context(), session: session, name: session.Path, store: k, limits: defaultLimits(), scratch: scratch, verdict: &verdict{}}
			g.limits.file, g.limits.unpacked, g.limits.memory, g.limits.members = 64<<10, 4<<20, 1<<20, 50
			if err := g.take(from(name, b, file)); err != nil {
				t.Fatal(err)
			}
			o, _ := g.final()
			if o == "" || manifest.Worse(o, manifest.OK) == "" {
				t.Fatalf("outcome %q", o)
			}
			total := 0
			for p, text := range k.text {
				if total += len(text); strings.Count(p, "/") > 200 || len(text) > 64<<10 {
					t.Fatalf("%s: %d bytes", p, len(text))
				}
				if strings.Contains(text, "password="+pw+" ") {
					t.Fatalf("%s: it stands", p)
				}
			}
			if len(k.text) > g.limits.members || int64(total) > 2*g.limits.unpacked {
				t.Fatalf("%d entries, %d bytes", len(k.text), total)
			}
		}
		if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
			t.Fatal(left, err)
		}
	})
}

// A table of members is read or refused; what it says is within the archive,
// and its members are read to an end.
func FuzzSevenZip(f *testing.F) {
	t := &testing.T{}
	whole := sevenZipOf(t, "a.log", []byte("one\ntwo\n"))
	f.Add(whole[32:40], whole[40:])
	lzma := []byte{1, 4, 6, 0, 1, 9, 20, 0, 7, 0x0b, 1, 0, 1, 0x21, 0x21, 1, 24, 0x0c, 30, 0, 8, 0x0d, 2, 9, 10, 0x0a, 0, 0x40, 1, 2, 3, 4, 0, 0, 5, 3, 0x0e, 1, 0x20, 0x0f, 1, 0x80, 0x11, 13, 0, 'a', 0, 0, 0, 'b', 0, 0, 0, 'c', 0, 0, 0, 0x15, 6, 0, 0x80, 0, 0x20, 0, 0, 0, 0, 0}
	f.Add(make([]byte, 20), lzma)
	f.Add(make([]byte, 20), append([]byte{0x17}, lzma[2:]...))
	f.Fuzz(func(t *testing.T, data, table []byte) {
		b := sevenZipTable(data, table)
		a, err := open7z(io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))), 1<<20)
		if err != nil {
			return
		}
		if len(a.members) > len(table) || len(a.folders) > len(table) {
			t.Fatalf("%d members, %d folders of %d bytes", len(a.members), len(a.folders), len(table))
		}
		s := &solid{a: a, bound: func(r io.Reader) io.Reader {
			return &bounded{r: io.LimitReader(r, 1<<20), w: &walk{}, l: defaultLimits()}
		}}
		for i := range min(len(a.members), 20) {
			if r, err := s.member(&a.members[i]); err == nil {
				if n, _ := io.Copy(io.Discard, r); n > a.members[i].size {
					t.Fatalf("%d bytes of %d", n, a.members[i].size)
				}
			}
		}
	})
}

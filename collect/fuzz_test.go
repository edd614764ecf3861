package collect

import (
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
			for p, text := range k.text {
				if strings.Contains(text, "password="+pw+" ") {
					t.Fatalf("%s: it stands", p)
				}
			}
		}
		if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
			t.Fatal(left, err)
		}
	})
}

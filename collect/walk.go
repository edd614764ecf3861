package collect

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/diagcollect/diagcollect/manifest"
)

// This file finds files. A pattern's fixed beginning, up to the first
// component with a wildcard, is its root; every later step is taken beneath
// the root by os.Root, so that no link leads out of it.

// root is an opened fixed beginning of a pattern.
type root struct {
	*os.Root
	path string // slash-separated
	real string // with links resolved
}

// found is one file that a pattern names.
type found struct {
	root  *root
	rel   string
	as    string // the name that matched, when it is a link; "": rel
	size  int64  // -1: known only by reading
	mtime time.Time
	max   int64 // granted of the recipe's total; 0: all; -1: nothing
}

// path is the absolute path, slash-separated.
func (f *found) path() string { return join(f.root.path, f.name()) }

// name is the path beneath the root that matched.
func (f *found) name() string {
	if f.as != "" {
		return f.as
	}
	return f.rel
}

func join(dir, rel string) string {
	if rel == "." {
		return dir
	}
	return strings.TrimSuffix(dir, "/") + "/" + rel
}

// maxFound is how many files one source may name.
const maxFound = 1_000_000

// finder walks the patterns of one source.
type finder struct {
	ctx     context.Context
	exclude []string
	avoid   *avoid
	since   time.Time // zero: no window
	every   bool      // also a file that was found under another name

	roots   []*root
	files   []found
	links   []link // that lead out of their root
	seen    map[fileID]bool
	origins map[uint64]origin // by device
	matched int               // with those outside of the window
	older   int
	verdict *verdict
	say     func(string) string // hides what a path tells
}

// link leads out of its root.
type link struct{ path, root string }

// fileID is what makes two paths one file.
type fileID struct{ dev, ino uint64 }

func (f *finder) close() {
	for _, r := range f.roots {
		_ = r.Close() // opened for reading
	}
}

// find walks all patterns. What it cannot look into goes to the verdict.
func (f *finder) find(patterns []string) {
	for _, p := range patterns {
		if f.ctx.Err() != nil {
			return
		}
		if driveForm.MatchString(p) != (runtime.GOOS == "windows") {
			continue // a path of another system
		}
		f.pattern(p)
	}
	for _, l := range f.links {
		if !f.known(l.path) {
			f.verdict.unseen(f.say(l.path), "a link that leads out of "+f.say(l.root))
			f.verdict.note(manifest.Withheld, f.say(l.path)+": a link that leads out of "+f.say(l.root))
		}
	}
	f.seen = nil // large, and not needed any more
	slices.SortFunc(f.files, func(a, b found) int {
		return cmp.Or(strings.Compare(a.root.path, b.root.path), strings.Compare(a.rel, b.rel))
	})
}

// known reports whether what a link leads to was found by another pattern.
func (f *finder) known(p string) bool {
	fi, err := os.Stat(filepath.FromSlash(p))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist) // it leads nowhere
	}
	id, ok := identify(fi)
	return ok && f.seen[id]
}

// fixed splits a pattern into its fixed beginning and the rest.
func fixed(pattern string) (dir string, rest []string) {
	parts := strings.Split(strings.Trim(pattern, "/"), "/")
	n := 0
	for n < len(parts)-1 && !strings.ContainsAny(parts[n], `*?[{\`) {
		n++
	}
	dir = strings.Join(parts[:n], "/")
	switch {
	case driveForm.MatchString(pattern) && n == 0:
		return parts[0] + "/", parts[1:]
	case driveForm.MatchString(pattern):
		if n == 1 {
			dir += "/"
		}
	default:
		dir = "/" + dir
	}
	return dir, parts[n:]
}

func (f *finder) pattern(pattern string) {
	dir, rest := fixed(pattern)
	r := f.root(dir)
	if r == nil {
		return
	}
	if len(rest) == 1 && !strings.ContainsAny(rest[0], `*?[{\`) {
		f.named(r, rest[0])
		return
	}
	f.walk(r, ".", rest)
}

// root opens dir, once.
func (f *finder) root(dir string) *root {
	for _, r := range f.roots {
		if r.path == dir {
			return r
		}
	}
	opened, err := os.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		if fi, serr := os.Stat(filepath.FromSlash(dir)); serr != nil || fi.IsDir() {
			f.trouble(dir, err)
		} // else the pattern goes on below a file: there is nothing
		return nil
	}
	real, err := filepath.EvalSymlinks(filepath.FromSlash(dir))
	if err != nil {
		_ = opened.Close()
		f.trouble(dir, err)
		return nil
	}
	r := &root{Root: opened, path: dir, real: filepath.ToSlash(real)}
	f.roots = append(f.roots, r)
	return r
}

// trouble notes what could not be looked into. What is not there is no
// trouble.
func (f *finder) trouble(p string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist), isNotDir(err):
	case errors.Is(err, fs.ErrPermission):
		f.verdict.unseen(f.say(p), "permission denied")
		f.verdict.note(manifest.Denied, f.say(p)+": permission denied")
	default:
		f.verdict.note(manifest.Failed, f.say(p)+": "+shortError(err))
	}
}

// named takes a path without wildcards; of a folder, everything below it.
func (f *finder) named(r *root, name string) {
	fi, err := r.Stat(name)
	if err == nil && fi.IsDir() {
		f.walk(r, name, []string{"**"})
		return
	}
	f.file(r, name)
}

// walk goes down from dir along the components of a pattern.
func (f *finder) walk(r *root, dir string, rest []string) {
	if f.ctx.Err() != nil || len(f.files) >= maxFound {
		return
	}
	if f.skipDir(r, dir) {
		return
	}
	part := rest[0]
	switch last := len(rest) == 1; {
	case part == "**":
		for _, e := range f.list(r, dir) {
			rel := path.Join(dir, e.Name())
			if e.IsDir() {
				f.walk(r, rel, rest) // ** takes one more folder
			} else if last {
				f.entry(r, rel, e)
			}
		}
		if !last {
			f.walk(r, dir, rest[1:]) // ** takes nothing more
		}
	case !strings.ContainsAny(part, `*?[{\`):
		rel := path.Join(dir, part)
		if last {
			if _, err := r.Lstat(rel); err == nil {
				f.file(r, rel)
			} else {
				f.trouble(join(r.path, rel), err)
			}
		} else if fi, err := r.Stat(rel); err == nil && fi.IsDir() {
			f.walk(r, rel, rest[1:])
		} else if err != nil {
			f.trouble(join(r.path, rel), err)
		}
	default:
		for _, e := range f.list(r, dir) {
			if ok, err := doublestar.Match(part, e.Name()); err != nil || !ok {
				continue
			}
			rel := path.Join(dir, e.Name())
			switch {
			case last && !e.IsDir():
				f.entry(r, rel, e)
			case !last && e.IsDir():
				f.walk(r, rel, rest[1:])
			}
		}
	}
}

// list reads a folder, sorted. It is bounded: a folder may hold anything.
func (f *finder) list(r *root, dir string) []fs.DirEntry {
	d, err := r.Open(dir)
	if err != nil {
		f.trouble(join(r.path, dir), err)
		return nil
	}
	defer d.Close()
	var out []fs.DirEntry
	for len(out) < maxFound && f.ctx.Err() == nil {
		some, err := d.ReadDir(1024)
		out = append(out, some...)
		if err != nil || len(some) == 0 {
			break // a folder of /proc that went away ends so as well
		}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

func (f *finder) excluded(p string) bool {
	for _, x := range f.exclude {
		if ok, err := doublestar.Match(x, p); err == nil && ok {
			return true
		}
	}
	return false
}

// skipDir reports whether nothing below dir is to be read.
func (f *finder) skipDir(r *root, dir string) bool {
	p := join(r.path, dir)
	if f.excluded(p) {
		return true
	}
	if f.avoid.holds(join(r.real, dir)) {
		f.refuse(p, "belongs to this tool")
		return true
	}
	return false
}

func (f *finder) refuse(p, why string) {
	f.verdict.unseen(f.say(p), why)
	f.verdict.note(manifest.Withheld, f.say(p)+": "+why)
}

// file takes one path that matched.
func (f *finder) file(r *root, rel string) {
	f.take(r, rel, func() (fs.FileInfo, error) { return r.Lstat(rel) })
}

// entry takes one that was listed: below a root the list has its status.
func (f *finder) entry(r *root, rel string, e fs.DirEntry) { f.take(r, rel, e.Info) }

func (f *finder) take(r *root, rel string, status func() (fs.FileInfo, error)) {
	p := join(r.path, rel)
	if f.excluded(p) || len(f.files) >= maxFound {
		return
	}
	fi, err := status()
	if err != nil {
		f.trouble(p, err)
		return
	}
	as := ""
	if fi.Mode()&fs.ModeSymlink != 0 {
		to, ok := r.follow(rel)
		if !ok {
			f.links = append(f.links, link{p, r.path})
			return
		}
		if fi, err = r.Lstat(to); err != nil {
			f.trouble(p, err)
			return
		}
		if fi.IsDir() {
			return // its files are found where they are
		}
		as, rel = rel, to
	}
	switch {
	case fi.IsDir():
		return
	case !fi.Mode().IsRegular():
		f.refuse(p, "not a file but "+modeName(fi.Mode()))
		return
	}
	o := f.origin(fi, join(r.real, rel))
	if why := f.avoid.judge(o, join(r.real, rel), fi); why != "" {
		f.refuse(p, why)
		return
	}
	if id, ok := identify(fi); ok {
		if f.seen[id] && !f.every {
			return // the same file under another name
		}
		if f.seen == nil {
			f.seen = map[fileID]bool{}
		}
		f.seen[id] = true
	}
	f.matched++
	size := fi.Size()
	if o != stored {
		size = -1 // and its time says nothing: it is of now
	} else if !f.since.IsZero() && fi.ModTime().Before(f.since) {
		f.older++
		return
	}
	f.files = append(f.files, found{root: r, rel: rel, as: as, size: size, mtime: fi.ModTime()})
}

// origin of a file, asked for once for each file system.
func (f *finder) origin(fi fs.FileInfo, p string) origin {
	id, ok := identify(fi)
	o, known := f.origins[id.dev]
	if !known || !ok {
		var err error
		if o, err = originAt(filepath.FromSlash(p)); err == nil {
			if f.origins == nil {
				f.origins = map[uint64]origin{}
			}
			f.origins[id.dev] = o
		}
	}
	if o == stored && (strings.HasPrefix(p, "/proc/") || strings.HasPrefix(p, "/sys/")) {
		return kernel // what small file systems are mounted there
	}
	return o
}

// follow resolves a link beneath the root; also one written as an absolute
// path, which os.Root refuses. The answer is only a hint: opening it goes
// through the root again.
func (r *root) follow(rel string) (string, bool) {
	p, err := filepath.EvalSymlinks(filepath.FromSlash(join(r.path, rel)))
	if err != nil {
		return "", false
	}
	to, err := filepath.Rel(filepath.FromSlash(r.real), p)
	if err != nil || !filepath.IsLocal(to) {
		return "", false
	}
	return filepath.ToSlash(to), true
}

func modeName(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// origin is what makes the files of a file system. It goes by the file
// system, for that may be mounted in more than its usual place.
type origin int

const (
	stored    origin = iota // someone has written them
	kernel                  // made as they are read, so that their size says nothing
	processes               // so, too: proc(5)
	debugging               // debugfs and tracefs
)

// forbidden reports whether a file is one that no recipe may name: the memory
// and the environment of processes, and what never ends.
func forbidden(o origin, p string) bool {
	if o != processes {
		return o == debugging
	}
	switch path.Base(p) {
	case "environ", "mem", "auxv", "pagemap", "clear_refs", "syscall", "personality",
		"kcore", "kmsg", "kallsyms", "kpagecount", "kpageflags", "kpagecgroup", "sysrq-trigger", "keys", "key-users", "vmcore":
		return true
	}
	return false
}

// avoid is what is never read: our own keys, spool and receiver.
type avoid struct {
	paths []string // slash-separated, with links resolved where there are any
	files []fs.FileInfo
}

func newAvoid(paths []string) *avoid {
	a := &avoid{}
	for _, p := range paths {
		if p == "" {
			continue
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			continue
		}
		a.paths = append(a.paths, filepath.ToSlash(abs))
		if real, err := filepath.EvalSymlinks(abs); err == nil && real != abs {
			a.paths = append(a.paths, filepath.ToSlash(real))
		}
		if fi, err := os.Stat(abs); err == nil && fi.Mode().IsRegular() {
			a.files = append(a.files, fi)
		}
	}
	return a
}

func (a *avoid) holds(p string) bool {
	for _, x := range a.paths {
		if p == x || strings.HasPrefix(p, strings.TrimSuffix(x, "/")+"/") {
			return true
		}
	}
	return false
}

// judge says why a file is never read; "" when it may be.
func (a *avoid) judge(o origin, p string, fi fs.FileInfo) string {
	switch {
	case a.holds(p), a.is(fi):
		return "belongs to this tool"
	case forbidden(o, p):
		return "never read"
	}
	return ""
}

// judgeOpen is judge for an open file that was found as p and is at real ("" if
// nobody can say): what was found may have been replaced, or a folder on the way
// by a link.
func (a *avoid) judgeOpen(f *os.File, p, real string, fi fs.FileInfo) (origin, string) {
	o := originIn(f)
	why := a.judge(o, p, fi)
	if real != "" && why == "" {
		why = a.judge(o, real, fi)
	}
	return o, why
}

// is reports whether a file is one of ours under another name.
func (a *avoid) is(fi fs.FileInfo) bool {
	for _, x := range a.files {
		if os.SameFile(x, fi) {
			return true
		}
	}
	return false
}

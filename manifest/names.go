package manifest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Lengths in bytes. The writer stays below what the reader accepts, so that
// a numbered suffix always has room.
const (
	writeComponent = 200
	writePath      = 800
	readComponent  = 255
	readPath       = 1024
	maxSourceID    = 100
)

// escapePath turns any path into one that the format allows (see "Names").
func escapePath(path string) string {
	var out []string
	for c := range strings.SplitSeq(path, "/") {
		if c != "" && c != "." {
			out = append(out, escapeComponent(c))
		}
	}
	if len(out) == 0 {
		return "unnamed"
	}
	escaped := strings.Join(out, "/")
	if len(escaped) > writePath {
		dirs := strings.Join(out[:len(out)-1], "/")
		escaped = "~" + digest(dirs, 16) + "/" + out[len(out)-1]
	}
	return escaped
}

func escapeComponent(c string) string {
	original := c
	c = norm.NFC.String(escapeRunes(c))
	if last := c[len(c)-1]; last == '.' || last == ' ' {
		c = fmt.Sprintf("%s%%%02X", c[:len(c)-1], last)
	}
	if reserved(c) {
		c = fmt.Sprintf("%%%02X%s", c[0], c[1:])
	}
	if len(c) <= writeComponent {
		return c
	}
	extension := ""
	if i := strings.LastIndexByte(c, '.'); i > 0 && len(c)-i <= 10 && !strings.Contains(c[i:], "%") {
		extension = c[i:]
	}
	cut := writeComponent - len(extension) - 9
	for !utf8.RuneStart(c[cut]) {
		cut--
	}
	return c[:cut] + "~" + digest(original, 8) + extension
}

// escapeRunes percent-escapes, byte by byte, what no name may hold. A percent
// sign stays unless two hexadecimal digits follow it, and a character that
// would combine with an escape before it goes too, so that unescape has one
// answer.
func escapeRunes(s string) string {
	var b strings.Builder
	escaped := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		escaped = r == utf8.RuneError && n == 1 || forbidden(r) || r == '%' && isEscape(s[i:]) ||
			escaped && r >= utf8.RuneSelf && !norm.NFC.PropertiesString(s[i:]).BoundaryBefore()
		if escaped {
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// unescape undoes escapeRunes.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if isEscape(s[i:]) {
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func isEscape(s string) bool {
	return len(s) >= 3 && s[0] == '%' && unhex(s[1]) < 16 && unhex(s[2]) < 16
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// forbidden are the characters that no name holds: controls, invisible format
// characters (among them those that turn the reading direction), line and
// paragraph separators, and what Windows forbids.
func forbidden(r rune) bool {
	return r < 0x20 || strings.ContainsRune(`<>:"\|?*`, r) ||
		r >= 0x7f && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// reserved reports whether Windows takes the name for a device.
func reserved(component string) bool {
	base, _, _ := strings.Cut(component, ".")
	base = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' { // not as Unicode does, whose dotless i has the capital I
			return r - 'a' + 'A'
		}
		return r
	}, strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, isCOM := strings.CutPrefix(base, "COM")
	if !isCOM {
		var isLPT bool
		if port, isLPT = strings.CutPrefix(base, "LPT"); !isLPT {
			return false
		}
	}
	switch port {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

func digest(s string, digits int) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))[:digits]
}

// checkPath holds a name of a bundle to the rules, for readers.
func checkPath(path string) error {
	if path == "" || len(path) > readPath {
		return fmt.Errorf("name of %d bytes", len(path))
	}
	if !utf8.ValidString(path) || !norm.NFC.IsNormalString(path) {
		return fmt.Errorf("name %q is not UTF-8 in NFC", path)
	}
	for c := range strings.SplitSeq(path, "/") {
		switch {
		case c == "" || len(c) > readComponent:
			return fmt.Errorf("name %q has a component of %d bytes", path, len(c))
		case strings.HasSuffix(c, ".") || strings.HasSuffix(c, " "):
			return fmt.Errorf("name %q has a component that ends in a dot or blank", path)
		case reserved(c):
			return fmt.Errorf("name %q is reserved", path)
		case strings.ContainsFunc(c, forbidden):
			return fmt.Errorf("name %q holds a forbidden character", path)
		}
	}
	return nil
}

func checkSourceID(id string) error {
	if len(id) > maxSourceID {
		return fmt.Errorf("source id of %d bytes", len(id))
	}
	if err := checkComponent(id); err != nil {
		return fmt.Errorf("source id: %w", err)
	}
	return nil
}

func checkComponent(name string) error {
	if strings.Contains(name, "/") {
		return fmt.Errorf("name %q holds a slash", name)
	}
	return checkPath(name)
}

// names keeps names apart on systems that ignore case. It keeps hashes, not
// names: a bundle may have very many.
type names struct {
	seed  maphash.Seed
	files map[uint64]struct{}
	dirs  map[uint64]int32 // how many files lie below
	next  map[uint64]int   // where numbering goes on
}

func newNames() *names {
	return &names{maphash.MakeSeed(), make(map[uint64]struct{}), make(map[uint64]int32), make(map[uint64]int)}
}

// fold is the form in which two names must not be equal.
func fold(path string) string {
	for i := range len(path) {
		if path[i] >= utf8.RuneSelf {
			return norm.NFC.String(cases.Fold().String(strings.Map(largeCherokee, path)))
		}
	}
	return strings.ToLower(path)
}

// largeCherokee gives the small letters of Cherokee their large ones, in which
// alone that script is folded. [cases.Fold] folds both, each into the other.
func largeCherokee(r rune) rune {
	switch {
	case 0x13f8 <= r && r <= 0x13fd:
		return r - 0x13f8 + 0x13f0
	case 0xab70 <= r && r <= 0xabbf:
		return r - 0xab70 + 0x13a0
	}
	return r
}

func (n *names) key(path string) uint64 { return maphash.String(n.seed, fold(path)) }

// claimBounded is claim for the writer: where suffixes make a name too long,
// its directories fold into one.
func (n *names) claimBounded(path string) string {
	claimed := n.claim(path)
	if len(claimed) <= writePath+writeComponent/2 {
		return claimed
	}
	n.release(claimed)
	i := strings.LastIndexByte(path, '/')
	return n.claim("~" + digest(path[:i], 16) + path[i:])
}

// claim takes a name, changed by a numbered suffix ("app~2.log") where a file
// or directory has it already.
func (n *names) claim(path string) string {
	done := ""
	for {
		component, rest, more := strings.Cut(path, "/")
		base := n.key(done + component)
		candidate, key := done+component, base
		for i := max(2, n.next[base]); ; i++ {
			_, file := n.files[key]
			if !file && (more || n.dirs[key] == 0) {
				break
			}
			candidate = done + numbered(component, i)
			key = n.key(candidate)
			if !more {
				n.next[base] = i
			}
		}
		if !more {
			n.files[key] = struct{}{}
			n.below(candidate, 1)
			return candidate
		}
		done, path = candidate+"/", rest
	}
}

// release gives a claimed name back.
func (n *names) release(path string) {
	delete(n.files, n.key(path))
	n.below(path, -1)
}

func (n *names) below(path string, count int32) {
	for i := range len(path) {
		if path[i] == '/' {
			key := n.key(path[:i])
			if n.dirs[key] += count; n.dirs[key] == 0 {
				delete(n.dirs, key)
			}
		}
	}
}

var errSameName = errors.New("same name twice where case is ignored")

// add takes a name as it is, or refuses it: for readers.
func (n *names) add(path string) error {
	key := n.key(path)
	if _, file := n.files[key]; file || n.dirs[key] > 0 {
		return errSameName
	}
	for i := range len(path) {
		if path[i] == '/' {
			if _, file := n.files[n.key(path[:i])]; file {
				return errSameName
			}
		}
	}
	n.files[key] = struct{}{}
	n.below(path, 1)
	return nil
}

func numbered(component string, i int) string {
	if dot := strings.LastIndexByte(component, '.'); dot > 0 && len(component)-dot <= 10 {
		return fmt.Sprintf("%s~%d%s", component[:dot], i, component[dot:])
	}
	return fmt.Sprintf("%s~%d", component, i)
}

package redact

import (
	"bytes"
	"encoding/base64"
)

// Texts are written in base64 to be carried: a script for a machine that
// starts, the environment of a job, a configuration. Such a text is opened and
// judged as it would be if it stood there; if there is anything in it, all of
// it goes.

// openedBegins are the first characters of base64 of what texts begin with.
var openedBegins = func() (list []string) {
	for _, w := range []string{"#!/", "#cl", "DB_", "API", "PAS", "pas", "SEC", "sec", "TOK", "tok", "AWS", "exp", "EXP", "use", "USE", "api", "[de", "[cl", "<?x", "---", "mac", "//r", "kin", "{\n ", "{\n\t", "{ \"", "[{\"", "MYS", "POS", "PGP", "RED", "JWT"} {
		b := base64.StdEncoding.EncodeToString([]byte(w))
		list = append(list, b[:4])
	}
	return append(list, "eyJ") // {" and a letter
}()

const (
	minOpened = 20
	maxOpened = 64 << 10
	maxNested = 3 // texts in texts in texts
)

// opened looks at a word at i that may be the base64 of a text.
func (sc *scanner) opened(i int) bool {
	b := sc.b
	if i < sc.openedTo || sc.nested >= maxNested || i > sc.ls && (is(b[i-1], chWord) || b[i-1] == '.' || b[i-1] == '+' || b[i-1] == '/' && i > 1 && is(b[i-2], chAlnum)) {
		return false
	}
	e := i
	for e < len(b) && e-i < maxOpened && (is(b[e], chAlnum) || b[e] == '+' || b[e] == '/' || b[e] == '-' || b[e] == '_') {
		e++
	}
	sc.openedTo = e
	if e-i < minOpened || at(b, e) == '.' && is(at(b, e+1), chAlnum) {
		return false
	}
	sc.charge(e - i)
	enc := base64.RawStdEncoding
	if bytes.IndexByte(b[i:e], '-') >= 0 || bytes.IndexByte(b[i:e], '_') >= 0 {
		enc = base64.RawURLEncoding
	}
	text := make([]byte, enc.DecodedLen(e-i))
	n, err := enc.Decode(text, b[i:e])
	if err != nil && n < 12 || !printable(text[:n]) {
		return false
	}
	w := sc.inner()
	w.nested = sc.nested + 1
	w.begin(sc.name)
	w.scan(text[:n])
	var r resolver
	r.resolve(w)
	sc.charge(w.work)
	found := w.spent()
	for _, sp := range w.spans {
		found = found || sp.class <= cEmail
	}
	if !found {
		return false
	}
	for e < len(b) && b[e] == '=' {
		e++
	}
	sc.emit(i, e, cToken, ruleOpened, 0)
	return true
}

// inner is a scanner for a text that stands in this one in another form.
func (sc *scanner) inner() *scanner {
	if sc.wide == nil {
		sc.wide = newScanner(sc.s)
	}
	return sc.wide
}

// printable reports whether v is text.
func printable(v []byte) bool {
	for _, c := range v {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

package redact

import (
	"bytes"
	"encoding/binary"
)

// A line of a few small words, or of none, and one text behind them that nobody
// would have written but a generator is a directive, or what a tool printed when
// it was asked for a secret: dns cloudflare x, name:x, or x alone. In logs of
// millions of lines hardly one reads like that. One word before it may be the
// name of what everybody may know.

// maxAlone is how long such a line may be.
const maxAlone = 120

// blankIn reports whether one of the twelve bytes before b[e] is a blank: then
// the last word is too short to be looked at, as it is in most lines.
func blankIn(b []byte, e int) bool {
	const ones = 0x0101010101010101
	v, w := binary.LittleEndian.Uint64(b[e-8:e])^ones*' ', binary.LittleEndian.Uint64(b[e-12:e-4])^ones*' '
	return ((v-ones)&^v|(w-ones)&^w)&(ones<<7) != 0
}

// publicWords are words that are said of what anybody may know.
var publicWords = [...]string{"pub", "finger", "accessor", "hash", "sha", "digest", "vector", "nonce", "etag", "uuid", "guid", "sum", "version", "revision", "commit", "serial", "cert", "integrity", "boundary", "id", "ref", "build", "image", "tag", "layer", "pod", "container", "request", "trace", "span", "mac"}

// alone looks at the last word of the line b[s:e].
func (sc *scanner) alone(s, e int) {
	b := sc.b
	for ; e > s; e-- {
		if c := b[e-1]; c > ' ' && c != '"' && c != '\'' && c != ';' && c != ',' && c != ')' {
			break
		}
	}
	k := e
	for k > s && (is(b[k-1], chAlnum) || b[k-1] == '-' || b[k-1] == '_') {
		k--
	}
	v, least, p := b[k:e], 20, k
	switch {
	case len(v) < 12 || len(v) > 64:
		return
	case k == s || b[k-1] <= ' ' || is(b[k-1], chQuote) || b[k-1] == '(':
		for p > s && (is(b[p-1], chQuote) || b[p-1] == '(') {
			p--
		}
	case b[k-1] == ':': // name:x
		least = 12
		if p = runBack(b, k-1, s, chKey); k-p < 4 || sc.telltale(b[p:k-1]) {
			return
		}
	default:
		return
	}
	if len(v) < least || p > s && b[p-1] > ' ' || !generated(v) || len(v) >= 16 && !entropyHigh(v) || bytes.HasPrefix(v, []byte("AAAA")) || bytes.HasPrefix(v, []byte("MI")) {
		return
	}
	words := 0
	for q := run(b, s, chSpace); q < p; words++ {
		n := q
		for ; n < p && b[n] > ' '; n++ {
			if c := b[n]; !is(c, chLower) && c != '_' && c != '-' {
				return
			}
		}
		if words == 3 || sc.telltale(b[q:n]) {
			return
		}
		q = run(b, n, chSpace)
	}
	if words == 1 || words == 0 && least > 12 && sc.rowBeside(s, e, len(v)) || !sc.free(k, e) {
		return
	}
	sc.emit(k, e, cToken, ruleMention, spanLearn)
}

// telltale reports whether w says that what follows is no secret.
func (sc *scanner) telltale(w []byte) bool {
	for _, p := range publicWords {
		if bytes.Contains(w, []byte(p)) {
			return true
		}
	}
	return false
}

// rowBeside reports whether the line above b[s:e] or the one below it is a
// single word, too, as in lists and in encoded texts.
func (sc *scanner) rowBeside(s, e, size int) bool {
	b := sc.b
	if s > 1 {
		above := bytes.TrimSpace(b[lineStart(b, s-1) : s-1])
		if len(above) >= size/2 && firstBlank(above) == len(above) || bytes.HasPrefix(above, []byte("-----")) {
			return true
		}
	}
	if next := nextLine(b, sc.eol(e)); next < len(b) {
		below := bytes.TrimSpace(b[next:lineEnd(b, next)])
		return len(below) >= size/2 && firstBlank(below) == len(below) || bytes.HasPrefix(below, []byte("-----"))
	}
	return false
}

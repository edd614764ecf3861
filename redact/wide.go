package redact

import "bytes"

// Programs append UTF-16 to logs of eight bits a character. Where characters
// and NULs take turns, the characters are scanned as a text of their own; a
// NUL before the first or after the last of a value stays, so that it does
// not matter which of the two comes first in a character.

// wideRun is how many characters in a row with NULs between them are text.
const wideRun = 8

// wideRuns calls f for each run in b, at least wideRun characters at b[start],
// b[start+2] and so on, with those characters.
func (sc *scanner) wideRuns(b []byte, f func(start int, chars []byte)) {
	for i := 1; i < len(b); {
		k := bytes.IndexByte(b[i:], 0)
		if k < 0 {
			return
		}
		if i += k; !wideChar(b[i-1]) {
			i++
			continue
		}
		start := i - 1
		out := sc.narrow[:0]
		out = append(out, b[start])
		for i+1 < len(b) && wideChar(b[i+1]) {
			if b[i] != 0 && (at(b, i+2) != 0 || at(b, i+4) != 0) { // a character beyond Latin-1 may stand among others
				break
			}
			if b[i] != 0 {
				out[len(out)-1] = 0xff
			}
			out = append(out, b[i+1])
			i += 2
		}
		sc.narrow = out
		if len(out) >= wideRun {
			f(start, out)
		}
		i = max(i, start+2)
	}
}

// wideChar reports whether c may be the lower byte of a character in a text.
func wideChar(c byte) bool {
	return c >= ' ' && c != 0x7f || c == '\t' || c == '\n' || c == '\r' || c == 0x1b
}

// narrowed is the characters of a value in a run.
func narrowed(dst, v []byte) []byte {
	for i := 0; i < len(v); i += 2 {
		dst = append(dst, v[i])
	}
	return dst
}

// widened appends the characters of a value as a run.
func widened(dst, v []byte) []byte {
	for i, c := range v {
		if i > 0 {
			dst = append(dst, 0)
		}
		dst = append(dst, c)
	}
	return dst
}

// scanWide scans the runs of the text that was scanned.
func (sc *scanner) scanWide() {
	if !sc.odd || sc.spent() {
		return
	}
	sc.inWide(func(w *scanner) {
		var r resolver
		w.scan(w.b)
		r.resolve(w)
		w.settle()
		sc.chargeFor(w)
	})
}

// inWide calls f for each run with a scanner of which the text is the run's,
// and takes over the spans that it found.
func (sc *scanner) inWide(f func(w *scanner)) {
	n := len(sc.spans)
	sc.wideRuns(sc.b, func(start int, chars []byte) {
		if sc.wide == nil {
			sc.wide = newScanner(sc.s)
		}
		w := sc.wide
		w.nested = sc.nested // it may have been used for a text within the text
		w.begin(sc.name)
		w.b = chars
		f(w)
		for _, sp := range w.spans {
			sp.start, sp.end = start+2*sp.start, start+2*sp.end-1
			sp.flags |= spanWide
			sc.spans = append(sc.spans, sp)
		}
	})
	if len(sc.spans) > n {
		sc.settle()
	}
}

// narrow finds text of eight bits within UTF-16, as programs append it to logs
// that others began: read as UTF-16 it would make letters of Asia, in which no
// rule finds anything.
type narrow struct {
	run  int  // bytes in a row that are characters of ASCII
	ends bool // with an end of a line among them
}

// in reports whether there is such text in b, which goes on where the last b
// ended. Letters of Asia look like short runs of ASCII too; how many in a row
// they never do depends on whether a line ends among them.
func (n *narrow) in(b []byte, last bool) bool {
	for _, c := range b {
		switch {
		case c >= ' ' && c < 0x7f, c == '\t':
			n.run++
		case c == '\n' || c == '\r':
			n.run++
			n.ends = true
		default:
			n.run, n.ends = 0, false
			continue
		}
		if n.run >= 32 || n.run >= 20 && n.ends {
			return true
		}
	}
	return last && n.run >= 16
}

// wideAt is the length of a run of UTF-16 at the beginning of b.
func wideAt(b []byte) int {
	k := 0
	for k+1 < len(b) && wideChar(b[k]) && b[k+1] == 0 {
		k += 2
	}
	if k < 2*wideRun {
		return 0
	}
	return k
}

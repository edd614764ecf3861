package redact

import "bytes"

// csv is a table: which of its columns hold something sensitive.
type csv struct {
	sep     byte
	n       int
	columns [64]keyKind
	starts  [64]uint16 // where they begin, in a table of which blanks part them
	open    bool       // a cell goes on in the next line
	at      int        // its column
	pair    pairs
}

// header reads the first line of the scanner's text as the header of a table. It
// reports whether one of the columns is sensitive.
func (t *csv) header(sc *scanner, line []byte) bool {
	if len(line) > 2048 || len(line) < 5 || bytes.IndexByte(line, '=') >= 0 || bytes.IndexByte(line, '{') >= 0 {
		return false
	}
	for _, sep := range [...]byte{',', '\t', ';', '|'} {
		if bytes.IndexByte(line, sep) < 0 {
			continue
		}
		t.sep, t.n, t.pair = sep, 0, pairs{}
		if !t.heads(sc, line, len(line)) {
			return false
		}
		found, values := false, false
		ok := t.cells(line, func(i, s, e int) {
			name := bytes.TrimSpace(line[s:e])
			t.pair.head(i, name)
			kind := keyNone
			values = values || len(name) > 1 && isTime(name) || sep == '\t' && len(name) == 0
			if len(name) > 1 && len(name) < 40 && run(name, 0, chKey|chSpace) == len(name) && is(name[0], chAlpha) {
				kind = sc.decide(bytes.ReplaceAll(name, []byte(" "), []byte("_")))
			}
			switch kind {
			case keyName, keyPass, keyAuth, keyDSN:
				if kind == keyPass {
					kind = keyPassword
				} else {
					kind = keyNone
				}
			}
			t.columns[i] = kind
			found = found || kind != keyNone
		})
		return ok && (found || t.pair.both()) && !values && t.n >= 2
	}
	return false
}

// heads reports whether the line that ends at end may be a table's head: not if
// the next begins with the same, as names with values do, device x.
func (t *csv) heads(sc *scanner, line []byte, end int) bool {
	next := nextLine(sc.b, end)
	k := bytes.IndexByte(line, t.sep) // 0 in lines that are indented
	return next >= len(sc.b) || k == 0 || !bytes.HasPrefix(sc.b[next:], line[:k+1])
}

// cells calls f with the bounds of each cell, quotes left out. It sets the
// number of columns.
func (t *csv) cells(line []byte, f func(i, s, e int)) bool {
	n, i := 0, 0
	for {
		if n == len(t.columns) {
			return false
		}
		s := i
		if i < len(line) && line[i] == '"' {
			k := i + 1
			for k < len(line) && (line[k] != '"' || k+1 < len(line) && line[k+1] == '"') {
				if line[k] == '"' {
					k++
				}
				k++
			}
			if k >= len(line) {
				return false
			}
			f(n, s+1, k)
			i = k + 1
		} else {
			for i < len(line) && line[i] != t.sep {
				i++
			}
			f(n, s, i)
		}
		n++
		if i >= len(line) {
			break
		}
		if line[i] != t.sep {
			return false
		}
		i++
	}
	t.n = n
	return true
}

// row hides the sensitive cells of a line. A cell in quotes may go on in the
// next lines.
func (t *csv) row(sc *scanner, s, e int) {
	b := sc.b
	n, i := 0, s
	if t.open {
		n = t.at
	} else if total := t.n; !t.cells(b[s:e], func(int, int, int) {}) && !openCell(b[s:e], t.sep) || t.n > total {
		t.n = total
		return
	} else if t.n = total; bytes.IndexByte(b[s:e], t.sep) < 0 && total > 1 {
		return
	}
	for n < t.n && i <= e {
		cs := i
		var ce int
		if t.open || i < e && b[i] == '"' {
			if !t.open {
				cs++
			}
			for i = cs; i < e && (b[i] != '"' || at(b, i+1) == '"' && i+1 < e); i++ {
				if b[i] == '"' {
					i++
				}
			}
			ce = min(i, e)
			t.open, t.at = i >= e, n
			i = ce + 1
		} else {
			for i < e && b[i] != t.sep {
				i++
			}
			ce = i
		}
		t.cell(sc, t.columns[n], cs, ce)
		if t.pair.value > 0 {
			t.pair.cell(sc, t.sep, n, cs, ce)
		}
		if t.open {
			return
		}
		i++
		n++
	}
}

// openCell reports whether a line ends within a cell in quotes.
func openCell(line []byte, sep byte) bool {
	for i := 0; i < len(line); i++ {
		if line[i] == '"' && (i == 0 || line[i-1] == sep) {
			k := stringEnd2(line[i+1:])
			if k < 0 {
				return true
			}
			i += k + 1
		}
	}
	return false
}

// stringEnd2 is where a cell that began with a quote ends, -1 if it does not.
func stringEnd2(line []byte) int {
	for k := 0; k < len(line); k++ {
		if line[k] == '"' {
			if at(line, k+1) != '"' {
				return k
			}
			k++
		}
	}
	return -1
}

func (t *csv) cell(sc *scanner, k keyKind, s, e int) {
	f := field{key: k, quoted: true, start: s, end: s}
	if t.sep == drawnBar {
		s = min(s+2, e)
	}
	for s < e && sc.b[s] == ' ' {
		s++
	}
	for e > s && sc.b[e-1] == ' ' {
		e--
	}
	if k == keyNone || e <= s {
		return
	}
	sc.hide(&f, value{start: s, end: e, quoted: true})
}

// table looks at a cell of a table with bars that has the name of a secret at
// b[i:e]; p is the bar behind it. It may be in the table's head, or in a record
// that has a line for each of its cells.
func (sc *scanner) table(i, e, p int) {
	b := sc.b
	end := sc.eol(e)
	f := field{key: sc.decide(b[i:e]), start: i, end: e, space: true}
	next := nextLine(b, end)
	if next < len(b) && border(b[next:lineEnd(b, next)]) {
		sc.opens = append(sc.opens, opening{end, region{kind: inTable}})
		return
	}
	if p+1 < end && b[p+1] == '|' && sc.leads(sc.ls+run(b[sc.ls:i], 0, chSpace|chQuote)) && bytes.HasSuffix(b[:end], []byte("||")) { // || x || y ||, of wikis
		p++
		end -= 2
	}
	if p >= end || !sc.leads(i) && b[p-1] != '|' || bytes.IndexByte(b[p+1:end], '|') >= 0 || !f.key.secret() {
		return
	}
	s := run(b, p+1, chSpace)
	for end > s && is(b[end-1], chSpace) {
		end--
	}
	if v := b[s:end]; len(v) >= 6 && firstBlank(v) == len(v) && (secretWord(v) || wordsAndNumber(v) || f.key == keyPassword && (hasDigit(v) || hasSign(v))) && !isPath(v) && !placeholder(v) && !dealtWith(v) {
		sc.hideSecret(s, end, cPassword, ruleField)
	}
}

// drawnBar is the first byte of bars that are drawn: no letter begins with it.
const drawnBar = 0xe2

// border reports whether a line is drawn, of dashes, bars and crosses.
func border(line []byte) bool {
	drawn := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '-', '+', '|', ' ', '\t', '=', ':', '\r':
		case drawnBar: // U+2500 to U+257F
			if c := at(line, i+1); c != 0x94 && c != 0x95 || at(line, i+2) < 0x80 {
				return false
			}
			drawn++
			i += 2
		default:
			return false
		}
	}
	return drawn > 2 || bytes.Contains(line, []byte("---"))
}

// bars reads the head of a table with bars.
func (t *csv) bars(sc *scanner, line []byte) bool {
	t.sep, t.n, t.open, t.pair = '|', 0, false, pairs{}
	if bytes.IndexByte(line, '|') < 0 {
		t.sep = drawnBar
	}
	found := false
	ok := t.cells(line, func(i, s, e int) {
		if t.sep == drawnBar && i > 0 {
			s = min(s+2, e)
		}
		name := bytes.TrimSpace(line[s:e])
		t.pair.head(i, name)
		kind := keyNone
		if len(name) > 1 && len(name) < 40 && run(name, 0, chKey|chSpace) == len(name) {
			kind = sc.decide(bytes.ReplaceAll(name, []byte(" "), []byte("_")))
		}
		if kind == keyPass {
			kind = keyPassword
		}
		if !kind.secret() && kind != keyUser || kind == keyAuth {
			kind = keyNone
		}
		t.columns[i] = kind
		found = found || kind != keyNone
	})
	return ok && (found || t.pair.both()) && t.n >= 2
}

// tableLine takes a line of a table with bars.
func (r *resolver) tableLine(sc *scanner, s, e int) bool {
	line := sc.b[s:e]
	if border(line) {
		return true
	}
	if bytes.IndexByte(line, r.csv.sep) < 0 {
		return false
	}
	r.csv.row(sc, s, e)
	r.lines = 0
	return true
}

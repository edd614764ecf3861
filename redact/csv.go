package redact

import "bytes"

// csv is a table: which of its columns hold something sensitive.
type csv struct {
	sep     byte
	n       int
	columns [64]keyKind
}

// header reads the first line of a text as the header of a table. It reports
// whether one of the columns is sensitive.
func (t *csv) header(sc *scanner, line []byte) bool {
	if len(line) > 2048 || len(line) < 5 || bytes.IndexByte(line, '=') >= 0 || bytes.IndexByte(line, '{') >= 0 {
		return false
	}
	for _, sep := range [...]byte{',', '\t', ';', '|'} {
		if bytes.IndexByte(line, sep) < 0 {
			continue
		}
		t.sep, t.n = sep, 0
		found := false
		ok := t.cells(line, func(i, s, e int) {
			name := bytes.TrimSpace(line[s:e])
			kind := keyNone
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
		return ok && found && t.n >= 2
	}
	return false
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

// row hides the sensitive cells of a line.
func (t *csv) row(sc *scanner, s, e int) {
	n := t.n
	if !t.cells(sc.b[s:e], func(int, int, int) {}) || t.n != n {
		t.n = n
		return
	}
	t.cells(sc.b[s:e], func(i, cs, ce int) {
		if k := t.columns[i]; k != keyNone && ce > cs {
			f := field{key: k, quoted: true, start: s + cs, end: s + cs}
			a, z := s+cs, s+ce
			for a < z && sc.b[a] == ' ' {
				a++
			}
			sc.hide(&f, value{start: a, end: z, quoted: true})
		}
	})
}

package redact

import "bytes"

// Secrets of Kubernetes hold base64 under any key: not the key tells what is
// secret, but the kind of the object around it. The kind stands before or
// after the data; how far it is looked for is bounded.
const (
	kindLines = 400
	kindBytes = 64 << 10
)

// secretData looks at the value of "data" or "stringData" at p.
func (sc *scanner) secretData(f *field, p int) {
	b := sc.b
	end := sc.eol(p)
	open := at(b, p) == '{'
	switch {
	case p >= end && f.first, open && run(b, p+1, chSpace) >= end: // the lines below
		if sc.ls >= sc.dataTo && sc.kindOfLines(indentOf(b[sc.ls:])) {
			sc.opens = append(sc.opens, opening{end, region{kind: inData, indent: indentOf(b[sc.ls:])}})
		}
	case open && p >= sc.dataTo:
		sc.dataObject(p, min(end, p+kindBytes))
	}
}

// kindOfLines reports whether one of the lines around the current one, at the
// same indent, says that the object is a Secret.
func (sc *scanner) kindOfLines(indent int) bool {
	b := sc.b
	// says is 1 for the kind Secret, -1 for another or for the object's end.
	says := func(line []byte) int {
		k := indentOf(line)
		rest := line[k:]
		if bytes.HasPrefix(rest, []byte("- ")) {
			if k+2 < indent {
				return -1
			}
			k, rest = k+2, rest[2:]
		}
		switch {
		case len(rest) == 0 || k > indent:
			return 0
		case k < indent || bytes.HasPrefix(rest, []byte("---")):
			return -1
		}
		key := bytes.TrimLeft(rest, `"`)
		if !bytes.HasPrefix(key, []byte("kind")) {
			return 0
		}
		if bytes.HasPrefix(bytes.TrimLeft(key[4:], `": `), []byte("Secret")) && !bytes.Contains(key, []byte("SecretList")) {
			return 1
		}
		return -1
	}
	own := b[sc.ls : sc.ls+indent+4]
	limit := min(len(b), sc.ls+kindBytes)
	pos := lineEnd(b, sc.ls) + 1
	for n := 0; pos < limit && n < kindLines; n++ {
		e := lineEnd(b, pos)
		line := b[pos:e]
		switch says(line) {
		case 1:
			return true
		case -1:
			n = kindLines
		}
		if bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("- ")) && indentOf(line) < indent || bytes.HasPrefix(line, own) { // the next of a list, or of a file
			break
		}
		for e < len(b) && b[e] != '\n' {
			e++
		}
		pos = e + 1
	}
	pos = sc.ls
	for n := 0; pos > 0 && n < kindLines && sc.ls-pos < kindBytes; n++ {
		e := pos - 1
		pos = lineStart(b, e)
		if k := says(bytes.TrimRight(b[pos:e], "\r")); k != 0 {
			return k > 0
		}
		if line := b[pos:e]; bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("- ")) && indentOf(line) < indent || bytes.HasPrefix(line, own) {
			return false
		}
	}
	return false
}

// dataObject hides the values of the object at p, in one line, when what is
// around it says that it belongs to a Secret.
func (sc *scanner) dataObject(p, limit int) {
	b := sc.b
	e := objectEnd(b, p, limit)
	sc.dataTo = e
	if !sc.kindAfter(e, limit) && !sc.kindBefore(p) {
		sc.dataTo += 48 // no object that holds data begins so soon
		return
	}
	for k := p + 1; k < e; k++ {
		if b[k] != '"' {
			continue
		}
		s, n, next := sc.argument(k)
		if n < s || next <= n || next > e {
			return
		}
		if at(b, run(b, next, chSpace)) != ':' && !placeholder(b[s:n]) { // a value
			sc.emit(s, n, cToken, ruleBlock, spanLearn)
		}
		k = next - 1
	}
}

// objectEnd is the end of the object of JSON at p.
func objectEnd(b []byte, p, limit int) int {
	depth := 0
	for k := p; k < limit; k++ {
		switch b[k] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return k
			}
		case '"':
			for k++; k < limit && b[k] != '"'; k++ {
				if b[k] == '\\' {
					k++
				}
			}
		}
	}
	return limit
}

var kindKey = []byte(`"kind"`)

func isSecretKind(v []byte) bool {
	v = bytes.TrimLeft(v[len(kindKey):], ": ")
	return bytes.HasPrefix(v, []byte(`"Secret"`))
}

func (sc *scanner) kindAfter(e, limit int) bool {
	b := sc.b
	depth := 0
	for k := e + 1; k < min(limit, e+4096); k++ {
		switch b[k] {
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return false
			}
		case '"':
			if depth == 0 && bytes.HasPrefix(b[k:], kindKey) {
				return isSecretKind(b[k:])
			}
		}
	}
	return false
}

func (sc *scanner) kindBefore(p int) bool {
	b := sc.b
	depth := 0
	for k := p - 1; k >= max(sc.ls, p-4096); k-- {
		switch b[k] {
		case '}':
			depth++
		case '{':
			if depth--; depth < 0 {
				return false
			}
		case '"':
			if depth == 0 && bytes.HasPrefix(b[k:], kindKey) {
				return isSecretKind(b[k:])
			}
		}
	}
	return false
}

// dataLine hides the value in a line of the data of a Secret.
func (r *resolver) dataLine(sc *scanner, s, e int) bool {
	b := sc.b
	line := b[s:e]
	k := indentOf(line)
	if k <= r.indent {
		return false
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 { // no key
		t := bytes.TrimRight(line, " \t,\"")
		if n := len(t); n > k && !placeholder(t[k:]) {
			sc.emitMore(s+k, s+n, cToken, ruleBlock, true)
		}
		return true
	}
	f := field{key: keySecret, first: true, start: s + k, end: s + k}
	f.quoted = line[k] == '"'
	f.colon = !f.quoted
	v, ok := sc.extent(&f, s+colon+1)
	if !ok || b[v.start] == '|' || b[v.start] == '>' || b[v.start] == '{' {
		return true
	}
	if text := b[v.start:v.end]; !placeholder(text) && !dealtWith(text) && !plainAddress(bytes.TrimRight(line[k:colon], `"'`), text) {
		sc.emit(v.start, v.end, cToken, ruleBlock, spanLearn)
	}
	return true
}

// plainAddress reports whether v, under a key that says so, is an address of the
// web without anything secret in it.
func plainAddress(key, v []byte) bool {
	return (hasSuffixFold(key, "url") || hasSuffixFold(key, "uri") || hasSuffixFold(key, "endpoint") || hasSuffixFold(key, "address")) &&
		(bytes.HasPrefix(v, []byte("https://")) || bytes.HasPrefix(v, []byte("http://"))) && !bytes.ContainsAny(v, "@?#") && bytes.Count(v, []byte("/")) < 5
}

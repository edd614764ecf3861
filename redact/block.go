package redact

import "bytes"

// scalarLine takes a line of a block scalar of YAML.
func (r *resolver) scalarLine(sc *scanner, s, e int) bool {
	b := sc.b
	line := b[s:e]
	k := deep(line)
	if k <= r.indent {
		return false
	}
	text := line[k:]
	switch {
	case bytes.HasPrefix(text, []byte("$ANSIBLE_VAULT;")):
	case bytes.HasPrefix(text, []byte("-----BEGIN")):
		r.marked = true
	case bytes.HasPrefix(text, []byte("-----END")):
		r.marked = false
	case r.marked:
		sc.emitMore(s+k, e, cPrivateKey, rulePEM, r.found)
		r.found = true
	default:
		sc.part(&r.region, s+k, e)
	}
	return true
}

// blockLine takes a line of what stands below the name of a secret in YAML: a
// list, a map, or the value.
func (r *resolver) blockLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if k >= e {
		if r.misses++; r.lines == 0 { // it is not counted
			r.lines--
		}
		return r.misses < 3
	}
	r.misses = 0
	if r.size > 0 { // in a block scalar
		if k-s >= int(r.size) {
			if v, ok := sc.loneWord(&r.region, k, e); ok {
				sc.part(&r.region, v.start, v.end)
			}
			return true
		}
		r.size = 0
	}
	dash := b[k] == '-' && (k+1 >= e || is(b[k+1], chSpace))
	switch {
	case k-s < r.indent || k-s == r.indent && !dash:
		return false
	case b[k] == '#':
		return true
	case r.key == keyWeak && !dash && r.lines == 0:
		return false
	}
	for k+1 < e && b[k] == '-' && is(b[k+1], chSpace) {
		k = run(b, k+1, chSpace)
	}
	if k >= e || b[k] == '#' || b[k] == '-' && k+1 >= e {
		return true
	}
	if n := run2(b, k, b[k]); b[k] == '"' && n == k+3 || b[k] == '\'' && n == k+3 {
		return false
	}
	// A key and its value?
	if ks, ke, p := mapKey(b[:e], k); p > 0 {
		q := run(b, p, chSpace)
		if q < e && (b[q] == '|' || b[q] == '>') {
			r.size = int8(min(k-s+1, 120))
			return true
		}
		f := field{key: r.key, first: true, quoted: ks > k, start: ks, end: ke, colon: ks == k}
		if v, ok := sc.extent(&f, p); ok && !is(b[v.start], 0) && b[v.start] != '{' && b[v.start] != '[' && v.end <= e {
			sc.mapValue(&r.region, ks, ke, v)
		}
		return true
	}
	if !dash && r.lines > 0 {
		return false
	}
	if b[k] == '|' || b[k] == '>' {
		if n := run(b, k+1, chDigit); n < k+3 && run(b, n, chKey|chSpace|chDigit) >= e-1 {
			r.size = int8(min(k-s, 120))
			return true
		}
	}
	f := r.f
	f.start, f.end, f.first, f.colon, f.quoted = k, k, true, false, false
	switch c := b[k]; {
	case c == '"' || c == '\'':
		if sc.openQuote(&f, k) {
			return true
		}
	case c == '[' || c == '{':
		if sc.openItems(&f, k) {
			return true
		}
	case !dash:
		v, ok := sc.loneWord(&r.region, k, e)
		if !ok {
			return false
		}
		sc.hide(&f, v)
		r.kind = inFold
		return true
	}
	if v, ok := sc.extent(&f, k); ok && v.end <= e {
		if text := b[v.start:v.end]; v.quoted || secretWord(text) || r.key == keyPassword && (r.several || listed(text)) || len(text) >= 16 && mixed(text) {
			sc.item(&r.region, 0, 0, v.start, v.end, true)
		}
	}
	return true
}

// mapKey reads a key of a map of YAML at k; p is where its value may begin,
// zero if there is none.
func mapKey(b []byte, k int) (s, e, p int) {
	s, e = k, run(b, k, chKey|chSpace)
	if c := at(b, k); c == '"' || c == '\'' {
		n := bytes.IndexByte(b[k+1:], c)
		if n < 1 {
			return 0, 0, 0
		}
		s, e = k+1, k+1+n
		p = run(b, e+1, chSpace)
	} else {
		for e > s && is(b[e-1], chSpace) {
			e--
		}
		p = run(b, e, chSpace)
	}
	if e <= s || e-s > maxKey || at(b, p) != ':' && at(b, p) != '=' || at(b, p) == ':' && p+1 < len(b) && !is(b[p+1], chSpace) {
		return 0, 0, 0
	}
	return s, e, p + 1
}

// mapValue judges a value of a map of YAML under the key b[ks:ke].
func (sc *scanner) mapValue(o *region, ks, ke int, v value) {
	if !v.quoted && firstBlank(sc.b[v.start:v.end]) < v.end-v.start {
		return
	}
	sc.item(o, ks, ke, v.start, v.end, v.quoted)
}

// sectionLine takes a line of a section that has the name of a secret.
func (r *resolver) sectionLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	switch {
	case k >= e || b[k] == '#' || b[k] == ';':
		return true
	case b[k] == '[':
		return false
	}
	if ks, ke, p := mapKey(b[:e], k); p > 0 {
		f := field{key: r.key, first: true, quoted: ks > k, start: ks, end: ke}
		if v, ok := sc.extent(&f, p); ok && v.end <= e {
			if text := b[v.start:v.end]; equalFold(b[ks:ke], "key") && len(text) >= 32 && run(text, 0, chHex) == len(text) && mixed(text) { // [LinkKey] of BlueZ
				sc.hideSecret(v.start, v.end, cToken, ruleBlock)
				return true
			}
			if c := bytes.IndexByte(b[v.start:v.end], ','); c > 0 && c < v.end-v.start-4 && !v.quoted && r.key == keyPassword { // peer=10.0.0.1,x
				if _, ok := scanIPv4(b, v.start); ok || bytes.IndexByte(b[v.start:v.start+c], '@') > 0 {
					sc.hideSecret(v.start+c+1, v.end, cPassword, ruleBlock)
					return true
				}
			}
			if r.key != keyWeak {
				sc.mapValue(&r.region, ks, ke, v)
			}
		}
	}
	return true
}

// blockScalar notes a YAML block scalar: key: | or key: >-.
func (sc *scanner) blockScalar(f *field, v value) bool {
	b := sc.b
	if !f.first || v.quoted || f.query || b[v.start] != '|' && b[v.start] != '>' {
		return false
	}
	n := v.start + 1
	for n < len(b) && (b[n] == '-' || b[n] == '+' || is(b[n], chDigit)) {
		n++
	}
	if n-v.start > 3 {
		return false
	}
	k := run(b, n, chSpace)
	if k < len(b) && b[k] != '\n' && b[k] != '\r' && b[k] != '#' {
		return false
	}
	if f.key.secret() && !(f.key == keyWeak && hasSuffixFold(b[f.start:f.end], "code")) { // a program
		sc.below(f, sc.eol(k), inScalar)
	}
	return true
}

package redact

import "bytes"

// typePrefix is where a literal begins whose type stands before it:
// []string{"a"}, array ('a'), (string) (len=3) "a".
func typePrefix(b []byte, i int) int {
	k := i
	for n := 0; n < 6 && k < len(b) && k-i < 96; n++ {
		c, d := b[k], at(b, k+1)
		p := k
		switch {
		case c == ' ' || c == '&' || c == '*':
			p++
		case c == '[' && (d == ']' || is(d, chDigit)):
			if p = run(b, k+1, chDigit); at(b, p) != ']' {
				return k
			}
			p++
			if x := at(b, p); !is(x, chAlpha) && x != '*' && x != '[' && x != ')' {
				return k
			}
		case c == '(' && (is(d, chAlpha) || d == '*' || d == '['):
			p++
			for p < len(b) && p-k < 48 && (is(b[p], chKey) || b[p] == '*' || b[p] == '[' || b[p] == ']' || b[p] == '=' || b[p] == ' ' || b[p] == '/') {
				p++
			}
			if at(b, p) != ')' {
				return k
			}
			if p++; !is(at(b, p), chSpace) && at(b, p) != '(' {
				return k
			}
		case c == '(' && is(d, chDigit): // string(12) "x", (0xc000012345)
			if p = run(b, k+1, chAlnum); at(b, p) != ')' {
				return k
			}
			p++
		case c == '(' && d == '(' && hasPrefixFold(b[k+2:], "len="):
			p++
		case is(c, chAlpha):
			p = run(b, k, chKey)
			if c := at(b, p); c != '{' && c != '(' && c != '[' && c != ' ' {
				return i
			}
			switch {
			case at(b, p) == '[' && string(b[k:p]) == "map":
				if p = run(b, p+1, chKey); at(b, p) != ']' {
					return k
				}
				p++
			case !literalType(b[k:p]):
				return i
			case at(b, p) == '{' || at(b, p) == '(' || at(b, p) == ' ' && (at(b, p+1) == '(' || at(b, p+1) == '{'):
			case string(b[k:p]) == "new" && at(b, p) == ' ':
			default:
				return i
			}
		default:
			return k
		}
		k = p
	}
	return k
}

// literalType reports whether v may be the name of a type or of what makes a
// list.
func literalType(v []byte) bool {
	if hasDigit(v) {
		return false
	}
	last := v[bytes.LastIndexByte(v, '.')+1:]
	return len(last) > 0 && is(last[0], chUpper) || typeNames.has(v)
}

var typeNames = setOf("array", "new", "list", "map", "dict", "set", "tuple", "frozenset", "object", "string", "str", "bytes", "list.of", "listof", "setof", "mapof", "arrayof", "mutablelistof", "set.of", "map.of", "arrays.aslist", "make", "vec", "hash", "bool", "byte", "int", "float", "interface", "struct")

// openItems looks at a list or a map at q that does not close in its line.
func (sc *scanner) openItems(f *field, q int) bool {
	b := sc.b
	c := at(b, q)
	if c != '[' && c != '{' && c != '(' || f.key == keyAuth || f.key == keyPin || f.key == keySession {
		return false
	}
	end := sc.eol(q)
	if q < sc.itemsTo { // seen as a part of the one around it
		return true
	}
	if q < sc.itemsBad {
		return false
	}
	depth, closed := sc.items(nil, q, min(end, q+8192))
	sc.charge((closed - q) / 4)
	if depth < 0 {
		sc.itemsBad = closed
		return false
	}
	if depth == 0 {
		if d := at(b, closed); c == '(' || closed == q+2 || c == '{' && !f.quoted && !flowMap(b[q:end]) && !quoteAhead(b, q+1) || !endsAfter(d) && d != '"' && d != '\'' && d != '\\' && d != '.' {
			return false
		}
		o := region{kind: inItems, key: f.key, f: *f}
		o.several = c == '['
		o.number = sc.numberFlags(f)
		if f.key == keyWeak && hasSuffixFold(b[f.start:f.end], "tokens") {
			o.key = keySecret
		}
		sc.items(&o, q, closed)
		sc.itemsTo = closed
		return c == '{' || o.found
	}
	if end-q > 8192 || f.start > sc.ls+1 && is(b[f.start-1], chQuote) && b[f.start-2] == '\\' { // a string in another ends in its line
		sc.itemsBad = closed
		return false
	}
	rest, last := run(b, q+1, chSpace), at(b, end-1)
	switch {
	case rest >= end || quoteAhead(b, rest) || b[rest] == '\\' || b[rest] == '(' || b[rest] == '[' || b[rest] == '{':
	case c != '(' && (f.first && f.colon || rest > q+1 || last == ',' || last == '[' || last == '{'):
	default:
		return false
	}
	o := sc.below(f, end, inItems)
	o.number = sc.numberFlags(f)
	o.several = !f.elsewhere() && lower(b[f.end-1]) == 's'
	o.depth, _ = sc.items(o, q, end)
	sc.itemsTo = end
	return true
}

// quoteAhead reports whether a quote, of whatever level, is the next thing at
// i.
func quoteAhead(b []byte, i int) bool {
	i = run(b, i, chSpace)
	return is(at(b, run2(b, i, '\\')), chQuote)
}

// maxDepth is how deep lists and maps may stand in each other.
const maxDepth = 100

// items reads a line of a list or a map that stands under the name of a
// secret, b[s:e], and hides what looks like one. Without a region it answers
// with the depth alone: zero or less when the brackets close.
func (sc *scanner) items(o *region, s, e int) (depth int8, end int) {
	b := sc.b
	if o != nil {
		depth = o.depth
	}
	ks, ke := 0, 0 // the key of what comes next
	for k := s; k < e; {
		if c := b[k]; c == '(' || c == '[' {
			if p := typePrefix(b[:e], k); p > k && (is(at(b, p), chQuote) || at(b, p) == '{') {
				k = p
			}
		}
		switch c := b[k]; {
		case c == '{' || c == '[' || c == '(':
			if depth++; depth > maxDepth {
				return -1, k
			}
			ks, ke = 0, 0
			k++
		case c == '}' || c == ']' || c == ')':
			if depth--; depth <= 0 {
				return 0, k + 1
			}
			ks, ke = 0, 0
			k++
		case c == ',' || c == ';':
			ks, ke = 0, 0
			k++
		case c == '#' && (k == s || is(b[k-1], chSpace)) || c == '/' && at(b, k+1) == '/':
			return depth, e
		case is(c, chQuote) || c == '\\' && is(at(b, run2(b, k, '\\')), chQuote):
			vs, ve, next := sc.argument(k)
			if next <= ve && ve >= vs && !(next == ve && ve == vs) || next <= k || next > e { // it does not close
				return -1, e
			}
			p := run(b, next, chSpace)
			if at(b, p) == ':' || at(b, p) == '=' {
				ks, ke = vs, ve
				if k = p + 1; at(b, k) == '>' {
					k++
				}
				continue
			}
			if o != nil && ve > vs {
				sc.item(o, ks, ke, vs, ve, true)
			}
			k = max(next, k+1)
		case is(c, chKey) || c == '+' || c == '$' || c == '!' || c == '%' || c == '@' || c == '&' || c == '*' || c == '.':
			n := k + 1
			for n < e && b[n] > ' ' && b[n] != ',' && b[n] != '}' && b[n] != ']' && b[n] != ')' && b[n] != '(' && b[n] != '{' && b[n] != '[' && b[n] != '"' && b[n] != '\'' && (b[n] != ':' || !endsAfter(at(b, n+1)) && !is(at(b, n+1), chQuote)) && (b[n] != '=' || !is(at(b, n+1), chSpace|chQuote) && at(b, n+1) != '>') {
				n++
			}
			p := run(b, n, chSpace)
			if x := at(b, p); (x == ':' || x == '=') && p < e {
				ks, ke = k, n
				if k = p + 1; at(b, k) == '>' {
					k++
				}
				continue
			}
			if o != nil && n > k {
				sc.item(o, ks, ke, k, n, false)
			}
			k = n
		default:
			k++
		}
	}
	return depth, e
}

// run2 is the end of the run of one character that begins at i.
func run2(b []byte, i int, c byte) int {
	for i < len(b) && b[i] == c {
		i++
	}
	return i
}

// item judges a value b[s:e] of a list or a map, in a map under the key
// b[ks:ke].
func (sc *scanner) item(o *region, ks, ke, s, e int, quoted bool) {
	b := sc.b
	f := field{key: o.key, start: s, end: s, quoted: true}
	v := value{start: s, end: e, quoted: quoted}
	text := b[s:e]
	if dealtWith(text) {
		o.found = true
		return
	}
	if k := bytes.Index(text, []byte("://")); k > 0 && quoted && bytes.ContainsAny(text[k:], "@=") { // its own parts tell
		return
	}
	if placeholder(text) || statusWord(text) || !hasDigit(text) && len(text) < 40 && sc.decide(text) != keyNone { // the name of a secret
		return
	}
	if ke > ks {
		k := ks
		switch string(lowerOf(b[ks:ke], sc.lower[:])) {
		case "value", "default", "secure", "result", "plaintext", "plain", "clear", "current", "stringvalue", "s", "string":
			f.start, f.end = ks, ke
			sc.hide(&f, v)
			return
		case "name", "key", "type", "description", "file", "path", "from", "env", "id", "version", "ref", "label", "title", "iv", "format", "encoding", "algorithm", "cipher", "alg", "kind", "image", "url", "host", "mode", "hash_type", "created", "updated", "expires", "message", "error", "_id", "$oid", "oid", "date", "errors", "$ref":
			return
		}
		if kind := sc.decide(b[k:ke]); kind != keyNone && kind != keyWeak { // it is looked at by itself
			return
		}
		if allDigits(b[ks:ke]) { // the index of a list: 0 => 'x'
			ks, ke = 0, 0
		}
	}
	if ke > ks || !quoted || !o.several {
		if !quoted && hasPseudonym(text) && bytes.ContainsAny(text, "<=") && !secretWord(withoutPseudonyms(text)) { // markup behind it, or more of a record
			return
		}
		if !(secretWord(text) && !dashed(text) || isUUID(text) && o.key != keyPassword || hashAndSalt(text) || !quoted && o.several && ke == ks && allDigits(text) && len(text) >= 6 || ke == ks && o.several && o.key == keyPassword && listed(text) || quoted && ke == ks && wordsAndNumber(text) || quoted && len(text) >= 20 && firstBlank(text) == len(text) && entropyHigh(text)) || variable(text, o.key) || isPath(text) || bytes.IndexByte(text, ':') > 0 && ke == ks && !o.several {
			return
		}
		v.quoted = true
	}
	if !quoted && o.number != 0 && allDigits(text) {
		c := cToken
		if o.key == keyPassword {
			c = cPassword
		}
		sc.emit(s, e, c, ruleField, o.number&^spanMore)
		return
	}
	o.found = true
	if ke > ks && quoted && hasDigit(b[ks:ke]) && hashAndSalt(text) { // of Solr: name: hash salt
		sc.userName(ks, ke, ruleUserField)
	}
	sc.hide(&f, v)
}

// listed reports whether a bare word of a list of passwords is one of them.
func listed(v []byte) bool {
	return len(v) >= 6 && (hasDigit(v) || hasSign(v)) && !allDigits(v)
}

func (r *resolver) itemsLine(sc *scanner, s, e int) bool {
	depth, _ := sc.items(&r.region, s, e)
	if r.depth = depth; depth <= 0 {
		r.kind = noRegion
	}
	return true
}

// numberFlags is how the pseudonym of a bare number under a key is to be quoted,
// as the key is: with quotes, and with a backslash before them in a string. In a
// string within strings it needs more of them than there are flags for, and gets
// no quotes at all: spanMore stands for that.
func (sc *scanner) numberFlags(f *field) uint8 {
	b := sc.b
	switch {
	case !f.quoted || f.elsewhere():
		return 0
	case at(b, f.end) == '"':
		return spanQuote
	case at(b, f.end) == '\\' && at(b, f.end+1) == '"':
		return spanQuote | spanEsc
	case at(b, f.end) == '\\':
		return spanMore
	}
	return 0
}

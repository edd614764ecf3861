package redact

import "bytes"

// Programs and people write of passwords and users too. What stands after
// such a word is then a type, a variable, a constant, a call or the rest of a
// sentence, and no value.

// sourceCode reports whether what stands under a key is part of a program.
func (sc *scanner) sourceCode(f *field, v *value, text []byte) bool {
	if f.key == keyName {
		return false
	}
	if hexConstant(text) {
		return true
	}
	if v.quoted {
		return f.compare && !secretWord(text) || !f.element && f.key == keySecret && variable(text, f.key)
	}
	if f.query {
		return false
	}
	if (f.assign || f.compare) && !(secretWord(text) && hasDigit(text) && run(text, 0, chAlnum) == len(text)) {
		return true
	}
	if k := run(text, 0, chAlpha); k > 2 && k+1 < len(text) && text[k] == '-' && is(text[0], chUpper) && is(text[k+1], chUpper) && k+1 < firstBlank(text) && allLetters(text[k+1:firstBlank(text)]) && (firstBlank(text) < len(text) || at(sc.b, v.end) == ' ') { // ConvertTo-SecureString x
		return true
	}
	b := sc.b
	spaced := v.start > 0 && is(b[v.start-1], chSpace)
	switch c := text[0]; c {
	case '*', '&', '[':
		if typeName(text) {
			return true
		}
	case '+', '-', '|', '<', '=', '(':
		if len(text) > 1 && text[1] == '=' || c == '<' && len(text) > 1 && text[1] == '-' {
			return true
		}
		if k := bytes.IndexByte(text, ')'); c == '(' && k > 2 && (text[1] == '*' || identifierPath(text[1:k])) {
			return true
		}
	}
	if variable(text, f.key) {
		return true
	}
	if spaced && f.key.secret() && identifierPath(text) && bytes.IndexByte(text, '.') > 0 {
		return true
	}
	if f.key.secret() && (spaced || endsCall(b, v.end)) && bytes.Equal(text, b[max(f.start, f.end-len(text)):f.end]) && identifierPath(text) { // password = password
		return !f.first || endsCall(b, v.end) || bytes.IndexByte(b[f.start:f.end], '.') > 0
	}
	if k := firstBlank(text); k < len(text) && identifierPath(text[:k]) {
		w := bytes.TrimLeft(text[k:], " \t")
		if len(w) == 0 {
			return false
		}
		switch w[0] {
		case '+', '|', '=', '?', '<':
			return true
		default:
			return bytes.HasPrefix(w, []byte("or ")) || bytes.HasPrefix(w, []byte("and ")) || bytes.HasPrefix(w, []byte("if "))
		}
	}
	return false
}

func endsCall(b []byte, i int) bool { c := at(b, i); return c == ',' || c == ')' }

// hexConstant reports whether v is a number as programs write it, 0x1f, up to
// the size of a machine's word.
func hexConstant(v []byte) bool {
	if len(v) > 0 && v[0] == '-' {
		v = v[1:]
	}
	return len(v) > 2 && len(v) <= 18 && v[0] == '0' && v[1]|0x20 == 'x' && run(v, 2, chHex) == len(v)
}

// typeName reports whether v is a type of Go or an address taken: *T, []byte,
// [32]uint8, &pkg.T{.
func typeName(v []byte) bool {
	i := 0
	for i < len(v) && (v[i] == '*' || v[i] == '&' || v[i] == '[') {
		if v[i] == '[' {
			n := run(v, i+1, chDigit)
			if at(v, n) != ']' {
				return false
			}
			i = n
		}
		i++
	}
	n := run(v, i, chWord)
	for n < len(v) && v[n] == '.' {
		n = run(v, n+1, chWord)
	}
	if n == i || !is(v[i], chAlpha|chUnder) {
		return false
	}
	if v[0] == '[' {
		return n == len(v) || v[n] == '{' || v[n] == '('
	}
	return (n == len(v) || v[n] == '{' || v[n] == '(') && !hasDigit(v[:n])
}

// identifierPath reports whether v is names of variables and members, with
// dots between, and without digits.
func identifierPath(v []byte) bool {
	if len(v) == 0 || !is(v[0], chAlpha) && v[0] != '_' {
		return false
	}
	for i, c := range v {
		switch {
		case c == '.':
			if i+1 == len(v) || v[i-1] == '.' {
				return false
			}
		case !is(c, chAlpha) && c != '_':
			return false
		}
	}
	return true
}

// variable reports whether v is the name of a variable that is named for what
// it holds, as the key is: testPrivateKey, password_ptr, user_data.
func variable(v []byte, kind keyKind) bool {
	joined, digits := false, 0
	for i, c := range v {
		switch {
		case is(c, chUpper):
			joined = joined || i > 0 && is(v[i-1], chLower)
		case is(c, chLower):
		case is(c, chDigit):
			if digits++; digits > 4 || i == 0 {
				return false
			}
		case c == '_' || c == '.':
			joined = true
		default:
			return false
		}
	}
	if len(v) < 3 || len(v) > 40 || !joined && kind.secret() {
		return false
	}
	if digits > 0 && (kind == keyPassword || kind == keyPass || entropyHigh(v)) || len(v) >= 10 && (inWords(v)*2 < len(v) || moreCapitals(v)) { // random, and ends so by chance
		return false
	}
	k := decide(v)
	switch kind {
	case keyUser, keyHost:
		return k == kind && digits == 0
	}
	return k == keySecret || k == keyPassword || k == keyAuth || k == keySession || k == keyCookie
}

// moreCapitals reports whether v has small letters, but more capitals.
func moreCapitals(v []byte) bool {
	lowers, uppers := 0, 0
	for _, c := range v {
		switch {
		case is(c, chLower):
			lowers++
		case is(c, chUpper):
			uppers++
		}
	}
	return lowers > 0 && uppers > lowers
}

// prose reports whether v begins with words of a sentence: a word of letters
// and another after a blank, with no sign of a field between.
func prose(v []byte) bool {
	k := run(v, 0, chAlpha)
	if k == 0 || at(v, k) != ' ' {
		return false
	}
	n := run(v, k+1, chLower)
	if n == k+1 || n < len(v) && v[n] != ' ' && v[n] != '.' && v[n] != ',' {
		return false
	}
	p := run(v, n, chSpace)
	return at(v, p) != '=' && at(v, p) != ':'
}

// mentions reports whether b has the text w, not as a part of a pseudonym.
func mentions(b []byte, w string) bool {
	for from := 0; ; {
		k := bytes.Index(b[from:], []byte(w))
		if k < 0 {
			return false
		}
		k += from
		if s := runBack(b, k, max(0, k-20), chKey); !bytes.Contains(b[s:k], []byte(pseudonymWord[:8])) {
			return true
		}
		from = k + 1
	}
}

// conjunction reports whether v is a word that joins others in a sentence.
func conjunction(v []byte) bool {
	switch string(v) {
	case "and", "or", "the", "a", "an", "is", "of", "to", "if", "which", "may", "but", "with", "for", "in", "via", "on", "option", "flag", "argument", "option.", "isn't", "cannot", "must":
		return true
	}
	return false
}

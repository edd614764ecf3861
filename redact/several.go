package redact

import "bytes"

// severalWords looks for a password of several words that no quotes enclose, where
// what stands around it tells its end: the quote before its key, "pass=a b 1", or
// the next member of the object that was printed, {user=x, pass=a b 1, port=2} and
// {User:x Pass:a b 1 Port:2}.
func (sc *scanner) severalWords(f *field, q int) bool {
	b := sc.b
	if f.key != keyPassword || f.elsewhere() || f.start <= sc.ls || f.end+1 != q || !is(at(b, q), chAlnum) {
		return false
	}
	line := sc.eol(q)
	end := min(line, q+72)
	e := -1
	switch prev := b[f.start-1]; {
	case b[f.end] == '=' && (prev == '"' || prev == '\''):
		if k := bytes.IndexByte(b[q:end], prev); k > 0 {
			e = q + k
		}
	case b[f.end] == '=' && (prev == '{' || prev == '(' || prev == '[' || prev == ' ' && f.start > sc.ls+1 && b[f.start-2] == ','):
		for k := q; k < end && e < 0; k++ {
			if c := b[k]; c == '}' || c == ')' || c == ']' || c == '"' || c == ',' && at(b, run(b, run(b, k+1, chSpace), chWord)) == '=' {
				e = k
			}
		}
	case b[f.end] == ':' && is(b[f.start], chUpper) && (prev == '{' || prev == ' '): // of Go
		for k := q; k < end && e < 0; k++ {
			if b[k] == '}' || b[k] == ' ' && is(at(b, k+1), chUpper) && at(b, run(b, k+1, chWord)) == ':' {
				e = k
			}
		}
		if e > 0 && bytes.IndexByte(b[e:min(line, e+1024)], '}') < 0 {
			e = -1
		}
	}
	if e < 0 || e-q > 64 {
		return false
	}
	if c := b[e]; (c == '}' || c == ')' || c == ']') && e+1 < line && !endsAfter(b[e+1]) && !is(b[e+1], chQuote) {
		return false
	}
	v := b[q:e]
	if n := bytes.Count(v, []byte(" ")); n == 0 || n > 6 || !hasDigit(v) || proseText(v) || bytes.ContainsAny(v, "=\"'`;|<>(){}$\\") || is(v[len(v)-1], chSpace) || placeholder(v) || hasPseudonym(v) || dealtWith(v) || hasDigit(v[:firstBlank(v)]) || bytes.Contains(v, []byte(" -")) || bytes.IndexByte(v, '_') >= 0 {
		return false
	}
	sc.emit(q, e, cPassword, ruleField, spanLearn)
	return true
}

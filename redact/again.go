package redact

import "bytes"

// A text may have been redacted before, in part, or by somebody who wants a
// value to look as if it was. What is a pseudonym from end to end stays; of
// anything else the parts around the pseudonyms go.

// longestPseudonym is one of an IPv6 address.
const longestPseudonym = 43

// nextPseudonym finds the first pseudonym of b that begins in b[i:end], and
// its length; end and 0 if there is none.
func nextPseudonym(b []byte, i, end int) (at, n int) {
	if bytes.IndexByte(b[i:min(len(b), end+len(pseudonymWord))], '-') < 0 {
		return end, 0
	}
	for ; i < end; i++ {
		if c := b[i]; (c == 'r' || c == 'i') && i+1 < len(b) && (b[i+1] == 'e' || b[i+1] == 'p') {
			if n := pseudonymAt(b, i); n > 0 {
				return i, n
			}
		}
	}
	return end, 0
}

// hasPseudonym reports whether v holds a pseudonym.
func hasPseudonym(v []byte) bool {
	_, n := nextPseudonym(v, 0, len(v))
	return n > 0
}

// pseudonymEnds reports whether a pseudonym that is a word ends before i.
func pseudonymEnds(b []byte, i int) bool {
	k := i - pseudonymDigits - 1
	if k < 0 || b[k] != '-' {
		return false
	}
	for _, c := range classes {
		if s := k - len(c) - len(pseudonymWord); pseudonymAt(b, s) == i-s {
			return true
		}
	}
	return false
}

// dealtWith reports whether v is pseudonyms and nothing else that could tell
// anything: no letter and no digit stands around them.
func dealtWith(v []byte) bool {
	found := false
	for i := 0; i < len(v); {
		if v[i] == 'r' || v[i] == 'i' {
			if n := pseudonymAt(v, i); n > 0 {
				i += n
				found = true
				continue
			}
		}
		if is(v[i], chWord) {
			return false
		}
		i++
	}
	return found
}

// withoutPseudonyms is what of v is no pseudonym.
func withoutPseudonyms(v []byte) (rest []byte) {
	for pos := 0; pos < len(v); {
		k, n := nextPseudonym(v, pos, len(v))
		rest = append(rest, v[pos:k]...)
		pos = k + max(n, 1)
	}
	return rest
}

// emitAround notes that what stands in b[start:end] around pseudonyms is to
// be hidden.
func (sc *scanner) emitAround(start, end int, c classID, r ruleID, flags uint8) {
	if k := bytes.IndexByte(sc.b[start:end], '@'); c == cEmail && k > 0 && (dealtWith(sc.b[start:start+k]) || dealtWith(sc.b[start+k:end])) { // name@10.0.0.1 is no address of mail
		return
	}
	for pos := start; pos < end; {
		k, n := nextPseudonym(sc.b, pos, end)
		s, e := pos, k
		for s < e && !is(sc.b[s], chWord) {
			s++
		}
		for e > s && !is(sc.b[e-1], chWord) {
			e--
		}
		if s < e {
			sc.emit(s, e, c, r, flags)
			flags |= spanMore
		}
		pos = k + n
	}
}

// scopeOf reports whether what follows a token in its value says what the
// token is for, or is a remark on it: nothing in it looks like a secret.
func scopeOf(rest []byte) bool {
	if bytes.HasSuffix(rest, []byte("aws4_request")) && !hasPseudonym(rest) && len(rest) < 80 {
		return true
	}
	for i := 0; i < len(rest); {
		if !is(rest[i], chWord) {
			i++
			continue
		}
		n := run(rest, i, chKey)
		if i == 0 || secretWord(rest[i:n]) || pseudonymAt(rest, i) > 0 {
			return false
		}
		i = max(n, i+1)
	}
	return true
}

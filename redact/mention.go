package redact

import "bytes"

// A line that speaks of a password, in whatever words and wherever, and holds
// one text that nobody would have written but a generator, tells the password:
// "Its value is 'g?jJ=7?ktHKC9_Y'", "MOVE 'x' TO WS-PASSWORD". What rules know
// of keys, sentences and programs does not reach there, and need not: the text
// alone is telling enough, once the line has said what it is about.

// speaks are the words that say so.
var speaks = setOf("password", "passwords", "passwd", "passphrase", "passcode", "pwd", "pw", "secret", "credential", "credentials")

// maxMention is how long a line may be that is taken as one statement.
const maxMention = 400

// mentioned looks at the line b[s:e], which speaks of a secret.
func (sc *scanner) mentioned(s, e int) {
	sc.spoke = false
	if e-s > maxMention {
		return
	}
	b := sc.b
	sc.told(s, e)
	last := s
	for _, sp := range sc.spans[sc.lineSpans:] {
		if sp.class < cEmail {
			last = max(last, sp.end)
		}
	}
	if last > s && last < e {
		sc.knowsMore(last, e)
	}
	for i := s; i < e; {
		c := b[i]
		if is(c, chSpace) || c == '\r' {
			i++
			continue
		}
		if is(c, chQuote) {
			if n := bytes.IndexByte(b[i+1:e], c); n > 0 && endsAfter(at(b, i+n+2)) {
				if v := b[i+1 : i+1+n]; firstBlank(v) == n {
					if !sc.named(s, i) {
						sc.ifGenerated(i+1, i+1+n)
					}
					i += n + 2
					continue
				}
			}
			i++
			continue
		}
		n, all := i, uint8(0)
		for n < e && b[n] > ' ' && !is(b[n], chQuote) {
			all |= chars[b[n]]
			n++
		}
		if all&generatedOf == generatedOf {
			from, to := i, n
			for from < to && bytes.IndexByte([]byte("([{<"), b[from]) >= 0 {
				from++
			}
			for to > from && bytes.IndexByte([]byte(")]}>.,;:"), b[to-1]) >= 0 {
				to--
			}
			sc.ifGenerated(from, to)
		}
		n = max(n, i+1)
		i = n
	}
}

// ifGenerated hides b[s:e] if it is generated and no rule found any of it.
func (sc *scanner) ifGenerated(s, e int) {
	if v := sc.b[s:e]; !generated(v) || connectionID(v) {
		return
	}
	if sc.free(s, e) {
		sc.emit(s, e, cPassword, ruleMention, spanLearn)
	}
}

// named reports whether what stands at i has a name of its own in the line that
// begins at s: "id": "x". If that is a secret's, another rule knows.
func (sc *scanner) named(s, i int) bool {
	b := sc.b
	for i > s && is(b[i-1], chSpace) {
		i--
	}
	if i > s && pseudonymEnds(b, i) { // which may have had the sign
		return true
	}
	return i > s+1 && (b[i-1] == ':' || b[i-1] == '=') && (is(b[i-2], chWord) || is(b[i-2], chQuote))
}

// generatedOf are the classes of characters that a generated password has.
const generatedOf = chDigit | chLower | chUpper

// generated reports whether v can be nothing but a password that was made at
// random: letters of both cases and digits, or a digit and signs, in an order
// that no name, number, version, path or expression has.
func generated(v []byte) bool {
	n := len(v)
	if n < 8 || n > 64 {
		return false
	}
	if k := bytes.Index(v, []byte("-0x")); k > 0 && run(v, k+3, chHex) == n { // where something is in memory
		return false
	}
	var digits, lowers, uppers, signs, changes int
	prev := uint8(0)
	for _, c := range v {
		t := chars[c] & (chDigit | chLower | chUpper)
		switch t {
		case chDigit:
			digits++
		case chLower:
			lowers++
		case chUpper:
			uppers++
		default:
			switch c {
			case '!', '?', '*', '^', '~', '#', '$', '%', '&', '+':
				signs++
			case '-', '_', '.', '=', '@': // as words are joined
				continue
			default: // a path, a list, an expression, another script
				return false
			}
		}
		if t != prev {
			changes++
		}
		prev = t
	}
	if digits == 0 || lowers == 0 || uppers == 0 || changes*5 < n*2 || changes < 5 {
		return false
	}
	if k := run(v, 0, chKey|chUnder); k < n && v[k] == '=' && k+1 < n && signs == 0 { // another field
		return false
	}
	return inWords(v)*2 <= n && !placeholder(v) && !hasPseudonym(v) && !codeLike(v) && distinctBytes(v)*2 > n
}

// inWords counts the bytes of v that belong to words of four letters or more,
// written as people write them: small, capitalised or all capitals.
func inWords(v []byte) (count int) {
	for i := 0; i < len(v); {
		e := run(v, i, chUpper)
		if e-i <= 1 {
			e = run(v, e, chLower)
		}
		if e-i >= 4 {
			count += e - i
		}
		i = max(e, i+1)
	}
	return count
}

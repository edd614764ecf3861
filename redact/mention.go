package redact

import "bytes"

// A line that speaks of a password, in whatever words and wherever, and holds
// one text that nobody would have written but a generator, tells the password:
// "Its value is 'g?jJ=7?ktHKC9_Y'", "MOVE 'x' TO WS-PASSWORD". What rules know
// of keys, sentences and programs does not reach there, and need not: the text
// alone is telling enough, once the line has said what it is about.

// speaks are the words that say so.
var speaks = setOf("password", "passwords", "passwd", "passphrase", "passcode", "pwd", "pw", "secret", "credential", "credentials")

// mention notes that the line at sc.ls speaks of a secret.
func (sc *scanner) mention() {
	if n := len(sc.mentions); n == 0 || sc.mentions[n-1] != sc.ls {
		sc.mentions = append(sc.mentions, sc.ls)
	}
}

// maxMention is how long a line may be that is taken as one statement.
const maxMention = 400

// mentioned looks at the lines that speak of a secret of which no rule found
// one.
func (sc *scanner) mentioned() {
	if len(sc.mentions) == 0 {
		return
	}
	sc.settle()
	found, k := len(sc.spans), 0
	sc.cur = len(sc.b)
	for _, s := range sc.mentions {
		e := min(len(sc.b), s+maxMention+1)
		if n := bytes.IndexByte(sc.b[s:e], '\n'); n >= 0 {
			e = s + n
		} else if e < len(sc.b) {
			continue
		}
		for k < found && sc.spans[k].end <= s {
			k++
		}
		told := false
		for i := k; i < found && sc.spans[i].start < e; i++ {
			told = told || sc.spans[i].class < cEmail
		}
		if !told && !bytes.Contains(sc.b[s:e], []byte(pseudonymWord)) {
			sc.generatedIn(s, e)
		}
	}
	sc.mentions = sc.mentions[:0]
	if len(sc.spans) > found {
		sc.settle()
	}
}

// generatedIn hides what is generated in the line b[s:e].
func (sc *scanner) generatedIn(s, e int) {
	b := sc.b
	for i := s; i < e; {
		c := b[i]
		if is(c, chSpace) || c == '\r' {
			i++
			continue
		}
		if is(c, chQuote) {
			if n := bytes.IndexByte(b[i+1:e], c); n > 0 && endsAfter(at(b, i+n+2)) {
				if v := b[i+1 : i+1+n]; firstBlank(v) == n {
					if generated(v) {
						sc.emit(i+1, i+1+n, cPassword, ruleMention, spanLearn)
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
			if generated(b[from:to]) {
				sc.emit(from, to, cPassword, ruleMention, spanLearn)
			}
		}
		n = max(n, i+1)
		i = n
	}
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
			case '-', '_', '.', '=', '@':
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
	return inWords(v)*2 <= n && !placeholder(v) && !dealtWith(v) && !codeLike(v) && distinctBytes(v)*2 > n
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

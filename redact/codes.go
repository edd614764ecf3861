package redact

import "bytes"

// codeKinds are the words before "code" that make it one to log in with.
var codeKinds = setOf("verification", "login", "security", "access", "confirmation", "authentication", "auth", "authorization", "time", "one-time", "onetime", "otp", "mfa", "2fa", "sms", "totp", "activation", "recovery", "backup", "pairing", "your", "passcode", "sign-in", "signin", "unlock", "device", "invite", "reset", "emergency", "scratch", "pin")

// codes looks at a code for one time: Your code is 493021, 493021 is your
// login code, backup codes: ab12-cd34 ef56-gh78.
func (sc *scanner) codes(i, e int) {
	b := sc.b
	word := b[i:e]
	many := lower(b[e-1]) == 's'
	if lower(b[i]) == 'c' && !codeKinds.has(sc.wordBefore(i)) {
		return
	}
	if w := sc.wordBefore(i); len(w) >= 4 && hasPrefixFold(w, "auth") && sc.ofPayment(i) {
		return
	}
	if many {
		if w := sc.wordBefore(i); equalFold(w, "recovery") || equalFold(w, "backup") || equalFold(w, "emergency") || equalFold(w, "scratch") {
			sc.codeList(e)
		}
		return
	}
	if sc.leads(i) && run(b, e, chSpace) > e+4 { // a row of a table
		return
	}
	// Behind it.
	p := e
	for range 4 {
		p = run(b, p, chSpace)
		if c := at(b, p); c == ':' || c == '=' || c == '#' || is(c, chQuote) || c == '<' || c == '>' || c == '*' {
			p++
			continue
		}
		n := run(b, p, chAlpha)
		if w := b[p:n]; n > p && (equalFold(w, "is") || equalFold(w, "was") || equalFold(w, "for") || equalFold(w, "code") || equalFold(w, "login") || equalFold(w, "sms") || equalFold(w, "number")) {
			p = n
			continue
		}
		break
	}
	if p > e && sc.codeAt(p) {
		return
	}
	// Before it: 493021 is your code.
	if lower(b[i]) != 'c' && !equalFold(word, "passcode") {
		return
	}
	low := max(sc.ls, i-48)
	k := bytes.LastIndex(b[low:i], []byte(" is your "))
	if k < 0 {
		return
	}
	n := low + k
	if s := runBack(b, n, low, chDigit); n-s >= 4 && n-s <= 8 && (s == sc.ls || !is(b[s-1], chAlnum)) {
		sc.emitCode(s, n)
	}
}

// codeAt hides the digits at p if they are a code: four to eight of them, or
// groups joined by dashes.
func (sc *scanner) codeAt(p int) bool {
	b := sc.b
	n := run(b, p, chAlnum)
	groups := 1
	for at(b, n) == '-' && is(at(b, n+1), chAlnum) {
		n = run(b, n+1, chAlnum)
		groups++
	}
	v := b[p:n]
	d := at(b, n)
	switch {
	case d == '.' && is(at(b, n+1), chDigit) || d == ':' || d == '/' || d == '_' || d == '%' || d == '-':
		return false
	case allDigits(v) && len(v) >= 4 && len(v) <= 8:
	case groups > 1 && hasDigit(v) && len(v) >= 7 && len(v) <= 40 && (groups > 2 || len(v) == 7 || len(v) == 9 || len(v) == 11):
	default:
		return false
	}
	sc.emitCode(p, n)
	return true
}

// emitCode hides a code. It is too short to be looked for elsewhere.
func (sc *scanner) emitCode(s, e int) {
	skip := sc.skip
	sc.skip = 0
	sc.emit(s, e, cPassword, ruleSentence, sc.bareNumber(s, e))
	sc.skip = max(skip, sc.skip)
}

// codeList hides the codes that follow their name on one line.
func (sc *scanner) codeList(e int) {
	b := sc.b
	end := min(sc.eol(e), e+1024)
	for p := e; p < end; {
		for p < end && !is(b[p], chAlnum) {
			p++
		}
		n := p
		for n < end && (is(b[n], chAlnum) || b[n] == '-') {
			n++
		}
		if v := b[p:n]; len(v) >= 6 && hasDigit(v) && !dealtWith(v) {
			sc.emitCode(p, n)
		} else if len(v) > 0 && !dealtWith(v) {
			return
		}
		p = n
	}
}

// userAndPassword looks at name / password and name:password, the whole value
// of a key that is for both. It reports whether that is what is there.
func (sc *scanner) userAndPassword(s, e int) bool {
	b := sc.b
	n := run(b, s, chKey)
	p := run(b, n, chSpace)
	c := at(b, p)
	if n == s || n-s > 40 || p >= e || c != '/' && c != ':' && c != ',' || !hasLetterByte(b[s:n]) || bytes.Contains(b[s:n], []byte("redacted-token-")) || bytes.Contains(b[s:n], []byte("redacted-password-")) {
		return false
	}
	spaced := p > n
	p = run(b, p+1, chSpace)
	v := b[p:e]
	if v = v[:firstBlank(v)]; len(v) > 1 && (v[len(v)-1] == '.' || v[len(v)-1] == ',' || v[len(v)-1] == ')') {
		v = v[:len(v)-1]
	}
	if len(v) < 4 || bytes.IndexByte(v, '/') >= 0 || !spaced && !hasDigit(v) && !hasSign(v) || allDigits(v) || placeholder(v) || dealtWith(v) || statusWord(v) || statusWord(b[s:n]) || namesField(v) {
		return false
	}
	sc.userName(s, n, ruleUserField)
	if last := len(v) - 1; v[last] != ':' || !allLetters(v[:last]) { // / pass: x is read as what it says
		sc.hideSecret(p, p+len(v), cPassword, ruleField)
	}
	return true
}

// forBoth reports whether a key is for a name and its password: credentials,
// username/password.
func (sc *scanner) forBoth(f *field) bool {
	b := sc.b
	if f.elsewhere() {
		return false
	}
	if c := lower(b[f.end-1]); f.quoted || c != 's' && c != 'n' && (f.start <= sc.ls || b[f.start-1] != '/') {
		return false
	}
	if hasSuffixFold(b[f.start:f.end], "credentials") || hasSuffixFold(b[f.start:f.end], "creds") || equalFold(b[f.start:f.end], "default login") || equalFold(b[f.start:f.end], "login") {
		return true
	}
	if k := f.start; k-1 > sc.ls && b[k-1] == '/' {
		return sc.decide(b[runBack(b, k-1, max(sc.ls, k-20), chWord):k-1]) == keyUser
	}
	return false
}

// ofPayment reports whether the line before i speaks of a card that is charged:
// the code of its authorisation is no secret.
func (sc *scanner) ofPayment(i int) bool {
	said := sc.b[max(sc.ls, i-200):i]
	for _, w := range [...]string{"card", "authorised", "authorized", "payment", "acquirer", "approved", "approval", "captured", "merchant", "terminal", "transaction", "visa", "mastercard", "amex", "charge", "refund", "amount"} {
		if mentions(said, w) {
			return true
		}
	}
	return false
}

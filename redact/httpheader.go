package redact

import "bytes"

// credentials hides what follows the scheme in an Authorization header.
func (sc *scanner) credentials(f *field, v value) {
	b := sc.b
	s := v.start
	e := v.end
	if !v.quoted && !v.list {
		e = sc.eol(s)
	}
	w := run(b, s, chWord|chKey)
	scheme := b[s:min(w, e)]
	if w < e && b[w] == ' ' && knownScheme(scheme) {
		s = run(b, w, chSpace)
		switch string(lowerOf(scheme, sc.lower[:])) {
		case "digest", "aws4-hmac-sha256", "oauth", "hawk", "signature":
			if !v.quoted {
				e = sc.eol(s)
				if k := bytes.IndexAny(b[s:e], "'<"); k >= 0 {
					e = s + k
				}
			}
			sc.parameters(s, e)
			return
		}
		if p := s + firstBlank(b[s:e]); p < e && len(scheme) <= 6 && (equalFold(scheme, "basic") || equalFold(scheme, "digest")) { // Basic user x, of a client that puts it together
			q := run(b, p, chSpace)
			n := q + firstBlank(b[q:e])
			if u, w := b[s:p], b[q:n]; account2(u) && (len(u) < 40 || hasPseudonym(u)) && (!dealtWith(u) || bytes.HasPrefix(u, []byte(pseudonymWord+"username-"))) && len(w) >= 5 && (hasDigit(w) || hasSign(w)) && run(b, n, chSpace) >= e && !dealtWith(w) && !placeholder(w) && !statusWord(u) {
				sc.userName(s, p, ruleUserField)
				sc.hideSecret(q, n, cPassword, ruleAuthHeader)
				return
			}
		}
		if !v.quoted || e > len(b) {
			sub := *f
			sub.first, sub.query = false, false
			e = min(sc.bareEnd(&sub, s, v.list), sc.eol(s))
		}
		for e > s && is(b[e-1], chSpace) {
			e--
		}
		if e <= s || placeholder(b[s:e]) || dealtWith(b[s:e]) {
			return
		}
		if mechanisms.has(b[s:e]) || len(b[s:e]) < 6 && !secretWord(b[s:e]) || statusWord(b[s:e]) || hasPrefixFold(b[s:e], "auth=") { // AUTH=PLAIN AUTH=LOGIN
			return
		}
		if start, end, c, r, ok := matchToken(b, s); ok && start == s && end == e {
			sc.emit(s, e, c.id(), r, 0)
			return
		}
		sc.emit(s, e, cToken, ruleAuthHeader, spanLearn)
		return
	}
	// No scheme: a bare key, or no header at all.
	e = v.end
	if !v.quoted {
		sub := *f
		sub.first = false
		e = sc.bareEnd(&sub, v.start, v.list)
	}
	if text := b[v.start:e]; bytes.Count(text, []byte(":")) == 1 && bytes.IndexByte(text, '/') < 0 && firstBlank(text) == len(text) {
		if k := bytes.IndexByte(text, ':'); k > 1 && k < len(text)-4 && account2(text[:k]) && (secretWord(text[k+1:]) || hasDigit(text[k+1:]) && hasLetterByte(text[k+1:])) {
			sc.pair(v.start, e)
		}
		return
	}
	if hasPrefixFold(b[v.start:e], "key=") { // Firebase
		v.start += len("key=")
	}
	if text := b[v.start:e]; !placeholder(text) && !mechanisms.has(text) && len(text) >= 8 && bytes.IndexByte(text, '(') < 0 && secretWord(text) && (hasDigit(text) || entropyHigh(text)) && !codeLike(text) && (len(text) >= 20 || !hasSign(text) && bytes.IndexByte(text, '-') < 0) && !(f.assign || f.compare) {
		sc.emit(v.start, e, cToken, ruleAuthHeader, spanLearn)
	}
}

// mechanisms are ways to log in, not what one logs in with.
var mechanisms = setOf("mschap", "mschapv2", "ms-chap", "ms-chapv2", "ms-chap-v2", "pap", "chap", "eap", "gtc", "tls", "ttls", "peap", "leap", "fast", "otp", "md5", "plain", "login", "cram-md5", "digest-md5", "scram-sha-1", "scram-sha-256",
	"scram-sha-512", "scram-sha-256-plus", "ntlm", "ntlmv2", "ntlmssp", "gssapi", "gss-spnego", "external", "oauthbearer", "xoauth2", "kerberos5", "hs256", "rs256", "es256", "sha256", "caching_sha2_password", "mysql_native_password", "eap-mschapv2", "eap-tls", "eap-ttls")

func knownScheme(w []byte) bool {
	switch len(w) {
	case 3, 4, 5, 6, 8, 9, 10, 11, 12, 15, 16:
	default:
		return false
	}
	return schemes[string(lowerOf(w, make([]byte, 0, 16)[:min(16, len(w))]))]
}

var schemes = map[string]bool{
	"bearer": true, "basic": true, "token": true, "digest": true, "negotiate": true, "ntlm": true, "apikey": true, "api-key": true,
	"jwt": true, "oauth": true, "hawk": true, "signature": true, "aws4-hmac-sha256": true, "key": true, "splunk": true, "dpop": true,
	"genie": false, "geniekey": true, "bot": true, "sso-key": true, "sharedkey": true, "aws": true, "kerberos": true, "vapid": true,
	"private": true, "mac": true, "client": false, "zoho-oauthtoken": true, "bearer:": true, "access-token": true, "ssws": true,
	"plain": true, "login": true, "xoauth2": true,
}

// parameters hides the quoted values of response, signature and their like.
func (sc *scanner) parameters(s, e int) {
	b := sc.b
	s, e = max(s, sc.paramsTo), min(e, s+4096)
	sc.paramsTo = max(e, sc.paramsTo)
	sc.charge(max(e-s, 0))
	for i := s; i < e; i++ {
		if b[i] != '=' {
			continue
		}
		k := runBack(b, i, s, chKey)
		name := string(lowerOf(b[k:i], sc.lower[:]))
		q := i + 1
		for q < e && (b[q] == '\\' || b[q] == '"') {
			q++
		}
		n := q
		for n < e && b[n] != '"' && b[n] != ',' && b[n] != ' ' && b[n] != '\\' {
			n++
		}
		switch name {
		case "credential": // AWS: its scope stays
			c := q
			for c < n && b[c] != '/' {
				c++
			}
			sc.emit(q, c, cToken, ruleAuthHeader, 0)
		case "response", "signature", "oauth_signature", "oauth_token", "mac", "cnonce", "oauth_consumer_key", "token":
			sc.emit(q, n, cToken, ruleAuthHeader, 0)
		case "username":
			sc.userValue(value{start: q, end: n})
		}
		i = n
	}
}

// cookies hides the values of a Cookie header, or the first of a Set-Cookie
// header: what follows there are attributes.
func (sc *scanner) cookies(f *field, v value) {
	b := sc.b
	e := v.end
	if !v.quoted {
		e = min(sc.eol(v.start), v.start+16<<10)
		if !f.first || !f.colon {
			k := v.start
			if k >= sc.cookieFrom && k < sc.cookieTo && !v.list {
				k = sc.cookieTo
			}
			sc.charge(max(e-k, 0))
			for ; k < e; k++ {
				if b[k] == '"' || b[k] == '\'' && endsAfter(at(b, k+1)) || b[k] == ']' && v.list {
					e = k
				}
			}
			if !v.list {
				sc.cookieFrom, sc.cookieTo = v.start, e
			}
		}
	}
	found := false
	i := v.start
	for i < e {
		i = run(b, i, chSpace)
		n := i
		for n < e && b[n] > ' ' && b[n] != '=' && b[n] != ';' && b[n] != ',' {
			n++
		}
		if n >= e || b[n] != '=' {
			if !found && n > i && f.key == keyCookie && (n == e || b[n] == ';') && secretWord(b[i:n]) && n-i >= 12 {
				sc.emit(i, n, cCookie, ruleCookie, spanLearn)
			}
			break
		}
		s := n + 1
		n = s
		for n < e && b[n] != ';' && b[n] != ' ' && (b[n] != ',' || f.key != keySetCookie) {
			n++
		}
		q, r := s, n
		for q < r && (b[q] == '"' || b[q] == '\\') {
			q++
		}
		for r > q && (b[r-1] == '"' || b[r-1] == '\\' || b[r-1] == ',') {
			r--
		}
		if r-1 > q && r == e && b[r-1] == ']' && bytes.IndexByte(b[q:r], '[') < 0 && bytes.IndexByte(b[sc.ls:f.start], '[') >= 0 { // of what is around it
			r--
		}
		found = found || hasPseudonym(b[q:r])
		if r > q && !placeholder(b[q:r]) {
			flags := uint8(0)
			if secretWord(b[q:r]) && r-q >= 12 {
				flags = spanLearn
			}
			sc.emit(q, r, cCookie, ruleCookie, flags)
			found = true
		}
		if f.key == keySetCookie {
			break
		}
		for n < e && b[n] == ' ' {
			n++
		}
		if n < e && b[n] != ';' && n == r {
			break
		}
		for n < e && (b[n] == ';' || b[n] == ' ') {
			n++
		}
		if n <= i {
			break
		}
		i = n
	}
}

// cookieRow looks at a row of a file of cookies as Netscape had it and curl has:
// domain, whether its subdomains too, path, whether over TLS only, time of end,
// name and value, parted by tabs. The domain ends at e.
func (sc *scanner) cookieRow(e int) bool {
	b := sc.b
	end := sc.eol(e)
	var field [6][]byte
	p := e
	for k := range field {
		if at(b, p) != '\t' || p >= end {
			return false
		}
		n := bytes.IndexByte(b[p+1:end], '\t')
		if n < 0 {
			if k < len(field)-1 {
				return false
			}
			n = end - p - 1
		}
		field[k] = b[p+1 : p+1+n]
		p += 1 + n
	}
	flag := func(v []byte) bool { return equalFold(v, "true") || equalFold(v, "false") }
	if !flag(field[0]) || !flag(field[2]) || len(field[1]) == 0 || field[1][0] != '/' || !allDigits(field[3]) || p != end {
		return false
	}
	if v := field[5]; len(v) > 0 && !placeholder(v) {
		sc.emit(end-len(v), end, cCookie, ruleCookie, spanLearn)
	}
	return true
}

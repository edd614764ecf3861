package redact

import (
	"bytes"
	"strings"
)

// What a file holds is often told by nothing but its name: db_password, master.key,
// initialAdminPassword hold a secret and no more; users.txt, accounts.lst, passwd
// have a line for each account.

// listNames are words in the names of files that list accounts, each with its
// password. Where the value is true the word may stand for a single secret, too.
var listNames = map[string]bool{
	"passwd": true, "passwds": true, "password": true, "passwords": true, "htpasswd": true, "pass": true, "passfile": true, "passwdfile": true, "pwfile": true, "pwd": true, "pw": true, "userpass": true, "passdb": true, "userdb": false,
	"secret": true, "secrets": true, "creds": true, "cred": true, "credentials": true, "credential": true, "auth": true, "authfile": true, "authinfo": true, "userauth": true, "login": true, "logins": true, "psk": true, "psks": true,
	"accounts": false, "account": false, "users": false, "userlist": false, "authusers": false,
}

// namedLayout is how the lines of a text are read whose name ends in base,
// where the name tells it.
func namedLayout(base string) layout {
	if len(base) > maxKey || base == "" {
		return noLayout
	}
	stem, ext := base, ""
	if k := strings.LastIndexByte(base, '.'); k > 0 {
		stem, ext = base[:k], strings.ToLower(base[k+1:])
	}
	single, listed := listNames[ext]
	switch {
	case listed, ext == "token", ext == "cookie": // the whole name tells
		stem = base
	case ext == "", ext == "txt", ext == "lst", ext == "list", ext == "dat", ext == "db", ext == "map":
	case ext == "key":
		return layoutKey
	case ext == "csv" && (stem == "known_tokens" || stem == "basic_auth" || stem == "tokens" || stem == "static_tokens"):
		return layoutTokens
	default:
		return noLayout
	}
	switch k := decide([]byte(stem)); k {
	case keyPassword, keySecret, keyPass:
		single, listed = true, true
	}
	if !listed {
		var words [8]string
		var buf [maxKey]byte
		for _, w := range words[:splitKey([]byte(stem), buf[:], &words)] {
			s, ok := listNames[w]
			single, listed = single || s, listed || ok
		}
	}
	switch {
	case single:
		return layoutSecrets
	case listed:
		return layoutAccounts
	}
	return noLayout
}

// accounts looks at b[s:end], a line of a file that is named for the secrets it
// holds: x, or user:x, or user x, or place user x. Whatever has more to it is
// left to those who know it.
func (sc *scanner) accounts(l layout, s, end int) {
	b := sc.b
	for end > s && (is(b[end-1], chSpace) || b[end-1] == '\r') {
		end--
	}
	if b[s] == '"' && s == sc.ls && l != layoutKey { // "name" "x", of PgBouncer
		us, ue, next := sc.argument(s)
		if ps, pe, after := sc.argument(run(b, next, chSpace)); next > ue && ps > next && pe > ps && after >= end && account2(b[us:ue]) && !dealtWith(b[ps:pe]) {
			sc.accountName(us, ue)
			sc.hideSecret(ps, pe, cPassword, ruleField)
		}
		return
	}
	if s > sc.ls || end-s > 256 || b[s] == '[' || b[s] == '<' || b[s] == '{' || b[s] == '-' || b[s] == '/' && l != layoutKey || b[s] == '"' || b[s] == '\'' {
		return
	}
	var words [4]value
	n := 0
	for p := s; p < end; n++ {
		if n == len(words) {
			return
		}
		k := p
		for k < end && !is(b[k], chSpace) {
			k++
		}
		words[n] = value{start: p, end: k}
		p = run(b, k, chSpace)
	}
	last := words[max(n-1, 0)]
	v := b[last.start:last.end]
	switch {
	case n == 0 || n > 3 || bytes.IndexByte(b[s:end], '=') >= 0 && (n > 1 || sc.assigned(v)):
		return
	case l == layoutKey:
		if n == 1 && len(v) >= 16 && (run(v, 0, chHex) == len(v) || endOf(v, 0, setBase64|setEqual) == len(v) || endOf(v, 0, setAlnum) == len(v)) && hasDigit(v) && !base64Rows(b, end) {
			sc.hideSecret(last.start, last.end, cPrivateKey, ruleField)
		}
		return
	case n == 1:
		if c := bytes.IndexByte(v, ':'); c > 0 && c < len(v)-1 {
			sc.accountFields(l, s, s+c, end)
			return
		}
		if l == layoutSecrets && tellsItself(v) && !base64Rows(b, end) {
			sc.hideSecret(last.start, last.end, cPassword, ruleField)
		}
		return
	}
	for _, w := range words[:n-1] { // a sentence, a listing
		v := b[w.start:w.end]
		if c := v[len(v)-1]; c == ':' || c == ',' || statusWord(v) || allDigits(v) {
			return
		}
	}
	if len(v) < 6 || !tellsItself(v) || !hasLetterByte(v) || bytes.IndexByte(v, ':') >= 0 || terminal(v) {
		return
	}
	if u := words[n-2]; account2(b[u.start:u.end]) {
		sc.accountName(u.start, u.end)
	}
	sc.hideSecret(last.start, last.end, cPassword, ruleField)
}

// accountFields looks at b[s:end], a line user:x or user:x:y, the user being
// b[s:u].
func (sc *scanner) accountFields(l layout, s, u, end int) {
	b := sc.b
	n, name := u+1, u
	for n < end && b[n] != ':' {
		n++
	}
	if at(b, u+1) == '{' { // how it is written
		if k := bytes.IndexByte(b[u:n], '}'); k > 0 {
			u += k
		}
	}
	v := b[u+1 : n]
	if len(v) < 4 || !account2(b[s:name]) && bytes.IndexByte(b[s:name], '@') < 0 || v[0] == '/' || !tellsItself(v) && !(l == layoutSecrets && len(v) >= 8 && allLetters(v) && !statusWord(v)) {
		return
	}
	sc.accountName(s, name)
	sc.hideSecret(u+1, n, cPassword, ruleField)
}

// tellsItself reports whether v, in a place for a secret, is no other thing: a
// path, an address, a time, a plain word or number.
func tellsItself(v []byte) bool {
	if hasPseudonym(v) {
		if v = bytes.Trim(withoutPseudonyms(v), "-._:"); bytes.HasPrefix(v, []byte(pseudonymIP4[:2])) || bytes.HasPrefix(v, []byte(pseudonymWord[:4])) { // a part of one
			return false
		}
	}
	switch {
	case len(v) < 5, isPath(v), placeholder(v), dealtWith(v), allDigits(v), isTime(v), statusWord(v), bytes.Contains(v, []byte("://")), publicKey(v), reference(v):
		return false
	case v[len(v)-1] == ':' || v[len(v)-1] == '/' || v[len(v)-1] == ',' || v[0] == '#':
		return false
	case fileName(v) && !secretWord(v):
		return false
	}
	if _, ok := scanIPv4(v, 0); ok {
		return false
	}
	if c := bytes.IndexByte(v, '@'); c > 0 {
		if _, _, ok := scanEmail(v, c); ok {
			return false
		}
	}
	letters := run(v, 0, chAlpha)
	return hasDigit(v) && hasLetterByte(v) || letters < len(v) && hasSign(v) || letters == len(v) && len(v) >= 16 && (run(v, 0, chUpper) == len(v) || secretWord(v))
}

// assigned reports whether v is name=value rather than a secret that has the
// sign.
func (sc *scanner) assigned(v []byte) bool {
	k := bytes.IndexByte(v, '=')
	return k > 0 && k < len(v)-1 && v[k+1] != '=' && run(v, 0, chKey|chUnder) == k
}

// terminal reports whether v names a line of a terminal, or a device: tty1,
// pts/0, eth0.
func terminal(v []byte) bool {
	k := run(v, 0, chLower)
	return k > 1 && k < 5 && run(v, k, chDigit) == len(v) && len(v) < 7
}

// base64Rows reports whether the line that ends at end is one of several of
// encoded data.
func base64Rows(b []byte, end int) bool {
	next := nextLine(b, end)
	if next >= len(b) {
		return false
	}
	row := bytes.TrimSuffix(b[next:lineEnd(b, next)], []byte{'\r'})
	return len(row) > 40 && endOf(row, 0, setBase64|setEqual) == len(row)
}

// tokenFirst looks at token,user,uid,"groups", of Kubernetes.
func (sc *scanner) tokenFirst(s, end int) {
	n := s
	for n < end && sc.b[n] != ',' {
		n++
	}
	if v := sc.b[s:n]; n < end && len(v) >= 8 && (hasDigit(v) || hasSign(v)) && firstBlank(v) == len(v) {
		sc.hideSecret(s, n, cToken, ruleField)
	}
}

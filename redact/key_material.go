package redact

import (
	"bytes"
	"encoding/base64"
)

// maxInline is the length of the longest private key that is looked for in one
// line.
const maxInline = 16 << 10

// pem looks at BEGIN in -----BEGIN ... PRIVATE KEY-----.
func (sc *scanner) pem(i int) {
	b := sc.b
	if i < 4 || b[i-1] != '-' && b[i-1] != ' ' || b[i-2] != '-' || b[i-3] != '-' || at(b, i+5) != ' ' {
		return
	}
	head := b[i:min(len(b), i+64)]
	of := "PRIVATE KEY"
	k := bytes.Index(head, []byte(of))
	if k < 0 { // of NATS
		of = "NKEY SEED"
		if k = bytes.Index(head, []byte(of)); k < 0 {
			return
		}
	}
	p := i + k + len(of)
	if bytes.HasPrefix(b[p:], []byte(" BLOCK")) {
		p += 6
	}
	for p < len(b) && (b[p] == '-' || b[p] == ' ') {
		p++
	}
	end := sc.eol(p)
	if near := min(end, p+maxInline); near < end {
		end = near
	}
	if k := bytes.Index(b[p:end], []byte("-----END")); k >= 0 {
		sc.body(p, p+k, 0)
		sc.skip = max(sc.skip, p+k)
		return
	}
	if k := bytes.Index(b[p:end], []byte("---- END")); k >= 0 {
		sc.body(p, p+k, 0)
		return
	}
	if end-p >= 16 {
		n := p
		for n < end && (is(b[n], chAlnum) || b[n] == '+' || b[n] == '/' || b[n] == '=' || b[n] == '\\') {
			n++
		}
		if n-p >= 16 {
			sc.body(p, n, 0)
		}
	}
	end = sc.eol(p)
	if n := len(sc.opens); n > 0 && sc.opens[n-1].at == end {
		return
	}
	sc.opens = append(sc.opens, opening{at: end, region: region{kind: inPEM}})
}

// body hides what lies between the marks of a key, without the escaped line
// ends at both sides.
func (sc *scanner) body(s, e int, flags uint8) {
	b := sc.b
	for s < e {
		switch {
		case b[s] == '\\' && s+1 < e && (b[s+1] == 'n' || b[s+1] == 'r' || b[s+1] == '\\'):
			s += 2
			if b[s-1] == '\\' {
				s--
			}
			continue
		case b[s] <= ' ':
			s++
			continue
		}
		break
	}
	for e > s {
		switch {
		case (b[e-1] == 'n' || b[e-1] == 'r') && e-2 >= s && b[e-2] == '\\':
			e -= 2
			continue
		case b[e-1] == '\\' || b[e-1] <= ' ' || b[e-1] == '"' || b[e-1] == '\'':
			e--
			continue
		}
		break
	}
	sc.emit(s, e, cPrivateKey, rulePEM, flags)
}

// base64PEM looks at the base64 form of -----BEGIN.
func (sc *scanner) base64PEM(i, e int) {
	b := sc.b
	for e < len(b) && (is(b[e], chAlnum) || b[e] == '+' || b[e] == '/') {
		e++
	}
	var buf [96]byte
	n := min(e-i, 96) &^ 3
	m, err := base64.RawStdEncoding.Decode(buf[:], b[i:i+n])
	if err != nil || !bytes.Contains(buf[:m], []byte("PRIVATE KEY")) {
		return
	}
	for e < len(b) && b[e] == '=' {
		e++
	}
	sc.emit(i, e, cPrivateKey, rulePEM, 0)
}

// cryptSchemes are the names of hashes in the modular crypt format, without
// those that nobody uses.
var cryptSchemes = setOf("1", "2", "2a", "2b", "2x", "2y", "3", "5", "6", "7", "8", "9", "y", "gy", "p", "h", "s", "apr1", "md5", "sha1", "sm3", "scrypt",
	"argon2i", "argon2id", "argon2d", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512", "pbkdf2_sha256", "bcrypt-sha256", "scram", "s0", "s1", "bcrypt", "bcrypt_sha256")

// crypt looks at a password hash in the modular crypt format; its $ stands
// before i.
func (sc *scanner) crypt(i int) {
	b := sc.b
	if k := run(b, i, chKey); at(b, k) != '$' && at(b, k) != ',' || k-i > 16 || !cryptSchemes.has(b[i:k]) {
		return
	}
	n := i
	dollars, longest, part := 0, 0, 0
	for n < len(b) && n < i+1024 && (is(b[n], chAlnum) || b[n] == '.' || b[n] == '/' || b[n] == '$' || b[n] == '=' || b[n] == ',' || b[n] == '+' || b[n] == '-' || b[n] == '_') {
		if b[n] == '$' {
			dollars++
			part = 0
		} else {
			part++
			longest = max(longest, part)
		}
		n++
	}
	for k := i + 20; k < n; k++ { // what follows in a list
		if b[k] == ',' && bytes.IndexByte(b[k:n], '$') < 0 && bytes.IndexByte(b[k:n], '=') < 0 {
			n = k
		}
	}
	for n > i && b[n-1] == ',' {
		n--
	}
	if dollars < 1 || longest < 16 || n-i < 20 || i-1 < sc.skip {
		return
	}
	if s := run(b[:min(i, sc.ls+128)], sc.ls, chKey); s > sc.ls && s == i-2 && b[s] == ':' && !foldContains(b[sc.ls:s], "passw") && !foldContains(b[sc.ls:s], "hash") { // name:$6$...
		sc.userName(sc.ls, s, ruleUserField)
	}
	sc.emit(i-1, n, cPassword, ruleCrypt, spanLearn)
}

// hashSchemes are the names that LDAP and Dovecot write before a hash.
var hashSchemes = setOf("ssha", "ssha256", "ssha384", "ssha512", "sha", "sha1", "sha256", "sha384", "sha512", "smd5", "md5", "crypt", "pbkdf2", "bcrypt",
	"blf", "argon2", "argon2i", "argon2id", "scram", "cryptpassword", "cram", "pbkdf2_sha256", "x")

// braceHash looks at {SSHA}base64.
func (sc *scanner) braceHash(i, e int) {
	b := sc.b
	k := e
	if at(b, k) == '-' || at(b, k) == '_' {
		k = run(b, k, chKey)
	}
	if at(b, k) != '}' {
		return
	}
	n := k + 1
	for n < len(b) && (is(b[n], chAlnum) || b[n] == '+' || b[n] == '/' || b[n] == '=' || b[n] == '$' || b[n] == '.') {
		n++
	}
	if n-k > 16 {
		sc.emit(i-1, n, cPassword, ruleCrypt, spanLearn)
	}
}

// webKeyBytes bounds how far around its type the parts of a JSON Web Key
// (RFC 7517) are looked for.
const webKeyBytes = 8 << 10

// webKey hides the private parts of the JSON Web Key whose type is the value
// at p: the object that it stands in, on one line or on several.
func (sc *scanner) webKey(f *field, p int) {
	b := sc.b
	if !f.quoted || !is(at(b, p), chQuote) && at(b, p) != '\\' {
		return
	}
	if f.start < sc.webKeyTo {
		return
	}
	low, high := max(sc.webKeyTo, f.start-webKeyBytes), min(len(b), p+webKeyBytes)
	s, depth := f.start, 0
	for ; s > low && depth >= 0; s-- {
		switch b[s-1] {
		case '{':
			depth--
		case '}':
			depth++
		}
	}
	e := p
	for depth = 0; e < high && depth >= 0; e++ {
		switch b[e] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	sc.charge((e - s) / 8)
	sc.webKeyTo = e
	for k := s; k < e; k++ {
		if b[k] != '"' {
			continue
		}
		n := run(b, k+1, chAlpha)
		switch string(b[k+1 : min(n, k+3)]) {
		case "d", "p", "q", "dp", "dq", "qi", "k", "r", "t":
		default:
			continue
		}
		q := n
		for at(b, q) == '\\' {
			q++
		}
		if at(b, q) != '"' {
			continue
		}
		q = run(b, q+1, chSpace)
		if at(b, q) != ':' {
			continue
		}
		vs, ve, next := sc.argument(run(b, q+1, chSpace))
		if v := b[min(vs, e):min(ve, e)]; next > ve && len(v) >= 16 && firstBlank(v) == len(v) && !dealtWith(v) {
			sc.emit(vs, ve, cPrivateKey, ruleField, spanLearn)
		}
	}
}

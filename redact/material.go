package redact

import "bytes"

// Keys in dresses of their own: lists of bytes, words of a mnemonic, long hex
// under a name that ends in key, commands that take a key.

// materialList looks at a value that begins at q and is a list of bytes or of
// the words of a mnemonic.
func (sc *scanner) materialList(f *field, q int) bool {
	b := sc.b
	key := b[f.start:f.end]
	switch c := at(b, q); {
	case (c == '[' || c == '{') && (hasSuffixFold(key, "key") || hasSuffixFold(key, "secret") || hasSuffixFold(key, "seed") || hasSuffixFold(key, "psk")):
		s, e, ok := byteList(b, q)
		if !ok {
			return false
		}
		sc.charge(e - s)
		sc.emit(s, e, cPrivateKey, ruleField, sc.numberFlags(f)&^spanMore)
		return true
	case (is(c, chLower) || is(c, chQuote)) && (hasSuffixFold(key, "mnemonic") || hasSuffixFold(key, "phrase") || hasSuffixFold(key, "words") || hasSuffixFold(key, "seed")):
		if c != at(b, q+1) && is(c, chQuote) {
			q++
		}
		e := mnemonic(b, q)
		if e == q {
			return false
		}
		sc.charge(e - q)
		sc.emit(q, e, cPrivateKey, ruleField, spanLearn)
		return true
	}
	return false
}

// byteList reads a list of eight bytes or more in brackets or braces, decimal
// or hexadecimal, at p. What it returns is between the brackets.
func byteList(b []byte, p int) (s, e int, ok bool) {
	end := b[p] + 2
	s = run(b, p+1, chSpace)
	count := 0
	for k := s; k < len(b) && count < 1024; count++ {
		n := run(b, k, chDigit)
		if b[k] == '0' && at(b, k+1)|0x20 == 'x' {
			if n = run(b, k+2, chHex); n-k > 4 {
				return 0, 0, false
			}
		}
		if n == k || n-k > 4 || n-k == 3 && b[k] > '2' && at(b, k+1) != 'x' {
			return 0, 0, false
		}
		e = n
		k = run(b, n, chSpace)
		switch at(b, k) {
		case ',':
			k = run(b, k+1, chSpace)
		case end:
			return s, e, count >= 7
		default:
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// mnemonic is the end of 12, 15, 18, 21 or 24 words at p, written as those of
// BIP 39 are; p if there are no such.
func mnemonic(b []byte, p int) int {
	count, e := 0, p
	for k := p; count < 25; {
		n := run(b, k, chLower)
		if n-k < 3 || n-k > 8 {
			break
		}
		count++
		e = n
		k = n
		if at(b, k) == ',' {
			k++
		}
		if k = run(b, k, chSpace); k == n {
			break
		}
	}
	if count < 12 || count > 24 || count%3 != 0 || is(at(b, e), chAlnum|chUnder) {
		return p
	}
	return e
}

// notOfHex are words before "key" under which digests stand.
var notOfHex = setOf("cache", "etag", "file", "object", "image", "asset", "content", "query", "map", "group", "dedup", "unique", "block", "chunk", "layer", "build", "request", "trace", "span", "job",
	"task", "partition", "storage", "test", "item", "row", "record", "entry", "event", "message", "page", "template", "fingerprint", "commit", "version", "state", "data", "fold", "bucket", "lookup", "index", "doc", "document")

// hexKey reports whether n hex digits under a name that ends in key are a key:
// as many as ciphers take, and nothing in the name speaks of a digest.
func hexKey(key []byte, n int) bool {
	if equalFold(key, "appid") || hasSuffixFold(key, "routing_key") || hasSuffixFold(key, "routingkey") {
		return n == 32
	}
	if equalFold(key, "ciphertext") {
		return true
	}
	if hasSuffixFold(key, "crumb") {
		return n == 32 || n == 64
	}
	if n%16 != 0 || !hasSuffixFold(key, "key") {
		return false
	}
	e := len(key) - len("key")
	for e > 0 && !is(key[e-1], chAlnum) {
		e--
	}
	if e == 0 {
		return false
	}
	s := e - 1
	for s > 0 && is(key[s-1], chAlnum) && !(is(key[s], chUpper) && is(key[s-1], chLower)) {
		s--
	}
	return !notOfHex.has(key[s:e])
}

// keyOfSection hides the value of key = x where it is long and made at random,
// or where its section says that it is a key: Ceph, Backblaze, [LinkKey].
func (sc *scanner) keyOfSection(f *field, v *value, text []byte) bool {
	b := sc.b
	n := len(text)
	if v.quoted && !f.first && !f.colon && n >= 16 && equalFold(b[f.start:f.end], "key") && mixedCaseDigits(text) && entropyHigh(text) && firstBlank(text) == n && !hasPseudonym(text) && !isPath(text) { // <secure-properties:config key="x"
		for _, w := range [...]string{"secure", "crypt", "cipher", "Cipher", "hmac", "HMAC"} {
			if bytes.Contains(b[max(sc.ls, f.start-64):f.start], []byte(w)) {
				sc.emit(v.start, v.end, cPrivateKey, ruleField, spanLearn)
				return true
			}
		}
	}
	if !f.first || f.colon || f.query || n < 16 || n > 128 || !equalFold(b[f.start:f.end], "key") || b[f.end] != ' ' && b[f.end] != '=' || at(b, run(b, f.end, chSpace)) != '=' || firstBlank(text) < n {
		return false
	}
	if run(text, 0, chHex) == n && n%16 == 0 {
		if ls := lineStart(b, max(sc.ls-1, 0)); (ls == sc.ls || !bytes.Contains(b[ls:sc.ls], []byte("Key]"))) && !sc.inSectionOfKeys() {
			return false
		}
	} else if !mixedCaseDigits(text) || !secretWord(text) || !entropyHigh(text) || isPath(text) || codeLike(text) || reference(text) || publicKey(text) || endOf(text, 0, setBase64|setURL64|setEqual) < n || hasPseudonym(text) || 2*inWords(text) > n {
		return false
	}
	sc.emit(v.start, v.end, cPrivateKey, ruleField, spanLearn)
	return true
}

// keyCommands are words of routers, switches and other programs behind which a
// key stands, perhaps after words that say how it is written.
var keyCommands = setOf("message-digest-key", "authentication-key", "authentication-mode", "pre-shared-key", "wpa-psk", "key-string", "server-key", "community-name", "failover",
	"importprivkey", "sethdseed", "encryptwallet", "sv_setsteamaccount", "check_snmp")

// keyFillers are such words.
var keyFillers = setOf("md5", "hmac-md5", "sha1", "sha-1", "sha256", "hmac-sha1", "hmac-sha-1", "hmac-sha256", "hmac-sha-256", "hmac-sha-384", "hmac-sha-512", "type", "value", "key-id", "key", "ascii", "hex", "simple", "plain",
	"cipher", "cleartext", "clear", "encrypted", "text", "password", "secret", "level", "algorithm", "ascii-text", "hexadecimal", "true")

// keyCommand looks at what stands behind such a word, and reports whether it
// hid it.
func (sc *scanner) keyCommand(i, e int) bool {
	b := sc.b
	if e-i == len("check_snmp") && b[i+5] == '_' {
		if is(at(b, e), chSpace) {
			sc.program(i, e)
			return true
		}
		return sc.nagiosCommand(e)
	}
	if !is(at(b, e), chSpace) || i > sc.ls && b[i-1] != ' ' && b[i-1] != '\t' && b[i-1] != '+' && !(b[i-1] == '-' && e-i == len("community-name")) {
		return false
	}
	end := min(sc.eol(e), e+512)
	fillers := 0
	for p := run(b, e, chSpace); p < end; {
		s, n, next := sc.argument(p)
		v := b[s:n]
		if next <= p || len(v) == 0 {
			return false
		}
		if allDigits(v) && len(v) < 6 || keyFillers.has(v) {
			fillers++
			p = run(b, next, chSpace)
			continue
		}
		if s == p {
			for n > s && (b[n-1] == ';' || b[n-1] == ',') {
				n--
			}
			if n-s > 8 && is(b[s], chDigit) && b[s+1] == ',' { // how it is enciphered
				s += 2
			}
			v = b[s:n]
		}
		rest := run(b, next, chSpace)
		words := 0
		for k := rest; k < end && words < 2; words++ {
			for k < end && b[k] > ' ' {
				k++
			}
			k = run(b, k, chSpace)
		}
		switch {
		case len(v) < 4 || words > 1 || statusWord(v) || placeholder(v) || dealtWith(v) || isPath(v) || v[0] == '-' || v[0] == '<' || v[0] == '=' || v[len(v)-1] == ':' || codeLike(v) || sc.optionOf(v):
			return false
		case s > p && words == 0 && fillers == 0 && len(v) > 7:
		case fillers == 0 && !secretWord(v) && (words > 0 || !hasDigit(v) && !mixed(v)):
			return false
		case fillers > 0 && !hasDigit(v) && !hasSign(v) && (words > 0 || len(v) < 8):
			return false
		case lower(b[i]) == 'f' && !equalFold(b[run(b, e, chSpace):run(b, run(b, e, chSpace), chAlpha)], "key"):
			return false
		}
		c := cPassword
		if len(v) > 48 {
			c = cPrivateKey
		}
		sc.hideSecret(s, n, c, ruleDirective)
		return true
	}
	return false
}

// nagiosCommand looks at check_snmp!community!oid, and its like with the
// community after -C.
func (sc *scanner) nagiosCommand(e int) bool {
	b := sc.b
	e = run(b, e, chKey|chUnder)
	if at(b, e) != '!' {
		return false
	}
	s := e + 1
	end := sc.eol(s)
	if k := bytes.Index(b[s:end], []byte("-C ")); k >= 0 {
		s = run(b, s+k+2, chSpace)
	}
	n := s
	for n < end && b[n] > ' ' && b[n] != '!' {
		n++
	}
	if v := b[s:n]; !secretWord(v) || dealtWith(v) || isPath(v) || v[0] == '-' || v[0] == '.' {
		return false
	}
	sc.hideSecret(s, n, cPassword, ruleDirective)
	return true
}

// inSectionOfKeys reports whether the section of an INI file or of TOML in which
// the line stands is named for what is enciphered or signed: [encryption].
func (sc *scanner) inSectionOfKeys() bool {
	b := sc.b
	for pos, n := sc.ls, 0; pos > 0 && n < 16; n++ {
		e := pos - 1
		pos = lineStart(b, e)
		if line := b[pos:e]; len(line) > 2 && line[0] == '[' {
			return namesKeys(line)
		}
	}
	return false
}

// listOfKeys hides the keys of a list that commas part, as programs keep the
// present one and those before it: APP_KEYS=x,y,z.
func (sc *scanner) listOfKeys(v value) bool {
	b := sc.b
	text := b[v.start:v.end]
	if bytes.IndexByte(text, ',') < 16 || firstBlank(text) < len(text) {
		return false
	}
	parts := 0
	for part := range bytes.SplitSeq(text, []byte{','}) {
		if len(part) < 16 || !secretWord(part) && part[len(part)-1] != '=' && !dealtWith(part) || isPath(part) {
			return false
		}
		parts++
	}
	if parts < 3 {
		return false
	}
	for p := v.start; p < v.end; {
		n := p + bytes.IndexByte(b[p:v.end], ',')
		if n < p {
			n = v.end
		}
		sc.emit(p, n, cToken, ruleField, spanLearn)
		p = n + 1
	}
	return true
}

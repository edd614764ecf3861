package redact

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Keys and separators may be written in escapes: \u0070assword, pass%77ord,
// password&#61;x. The words of keys are few, so an escape is looked at where
// one may begin a key, and all of the key is read then.

// maxEscaped is how long a key may be that is written in escapes.
const maxEscaped = 6 * maxKey

// escapedKey looks at a key in a string in which an escape, of which the
// letter is at i, stands after a backslash.
func (sc *scanner) escapedKey(i int) {
	if i < sc.escTo {
		return
	}
	b := sc.b
	inKey := func(c byte) bool { return is(c, chKey) || c == '\\' || c == ' ' }
	s := i - 1
	for s > sc.ls && i-s < maxEscaped && inKey(b[s-1]) {
		s--
	}
	e := i
	for e < len(b) && e-i < maxEscaped && inKey(b[e]) {
		e++
	}
	sc.charge(e - s)
	sc.escTo = e
	if s == sc.ls || !is(b[s-1], chQuote) || !is(at(b, e), chQuote) {
		return
	}
	q := e
	for e > s && b[e-1] == '\\' {
		e--
	}
	p := run(b, q+1, chSpace)
	switch at(b, p) {
	case ':':
		p++
	case '=':
		if p++; at(b, p) == '>' {
			p++
		}
	default:
		return
	}
	f := field{key: sc.decide(unescapedKey(b[s:e], sc.esc[:0])), start: s, end: e, quoted: true}
	if f.key != keyNone {
		sc.field(f, p)
	}
}

// unescapedKey is a key without its escapes, no longer than a key may be.
func unescapedKey(v, buf []byte) []byte {
	for i := 0; i < len(v) && len(buf) < maxKey; {
		if v[i] == 0x1b {
			if n := ansi(v, i); n > i {
				i = n
				continue
			}
		}
		if v[i] != '\\' {
			buf = append(buf, v[i])
			i++
			continue
		}
		for i < len(v) && v[i] == '\\' {
			i++
		}
		base, n, k := 16, 4, i+1
		switch c := at(v, i); {
		case c == 'u':
		case c == 'x':
			n = 2
		case is(c, chDigit):
			base, n, k = 8, 3, i
		default:
			continue
		}
		r := rune(0)
		for ; n > 0 && k < len(v) && is(v[k], chHex); n-- {
			r = r*rune(base) + hexValue(v[k])
			k++
		}
		if n == 0 && r > 0 {
			buf = utf8.AppendRune(buf, r)
			i = k
		}
	}
	return buf
}

// hexValue is what a hexadecimal digit stands for.
func hexValue(c byte) rune {
	if is(c, chDigit) {
		return rune(c - '0')
	}
	return rune(lower(c)-'a') + 10
}

// percentKey looks at the name of a parameter in which an escape, of which
// the digits are at i, stands after a percent sign.
func (sc *scanner) percentKey(i int) {
	if i < sc.escTo {
		return
	}
	b := sc.b
	escape := func(k int) bool { return b[k] == '%' && is(at(b, k+1), chHex) && is(at(b, k+2), chHex) }
	s := i - 1
	for s > sc.ls && i-s < maxEscaped && (is(b[s-1], chKey) || s-3 >= sc.ls && escape(s-3)) {
		if is(b[s-1], chKey) {
			s--
		} else {
			s -= 3
		}
	}
	if s > sc.ls && b[s-1] == '%' {
		s--
	}
	e := i - 1
	for e < len(b) && e-i < maxEscaped && (is(b[e], chKey) || escape(e)) {
		if b[e] != '%' {
			e++
		} else if d := lower(b[e+2]); b[e+1] == '3' && (d == 'd' || d == 'a') {
			break
		} else {
			e += 3
		}
	}
	sc.charge(e - s)
	sc.escTo = e
	p := e + 1
	if at(b, e) == '%' {
		p = e + 3
	} else if at(b, e) != '=' {
		return
	}
	buf := sc.esc[:0]
	for k := s; k < e; k++ {
		c := b[k]
		if c == '%' && escape(k) {
			c = byte(hexValue(b[k+1])<<4 | hexValue(b[k+2]))
			k += 2
		}
		if buf = append(buf, c); !is(c, chKey) {
			buf = buf[:0] // a separator: the key begins behind it
		}
	}
	sc.esc = buf[:0]
	if len(buf) > maxKey || hasPseudonym(buf) {
		return
	}
	f := field{key: sc.decide(buf), start: s, end: e, query: true, escaped: at(b, e) == '%'}
	if f.key != keyNone && len(buf) > 0 {
		sc.field(f, p)
	}
}

// separatorEntities are what HTML writes for = and :.
var separatorEntities = [...]string{"&#61;", "&#x3d;", "&equals;", "&#58;", "&#x3a;", "&colon;"}

// entitySeparator is the length of the entity for = or : at i.
func entitySeparator(b []byte, i int) int {
	for _, e := range separatorEntities {
		if i >= 0 && i < len(b) && hasPrefixFold(b[i:], e) {
			return len(e)
		}
	}
	return 0
}

// behindEntity looks at what follows an entity that parts a key from its
// value; what follows begins at i.
func (sc *scanner) behindEntity(i int) {
	b := sc.b
	k := bytes.LastIndexByte(b[max(sc.ls, i-8):i], '&')
	if k < 0 {
		return
	}
	e := max(sc.ls, i-8) + k
	if atSign(b, e) == i-e { // bob&#64;example.org
		if start, end, ok := scanEmail(b, e); ok && start >= sc.skip {
			sc.emit(start, end, cEmail, ruleEmail, 0)
		}
		return
	}
	if entitySeparator(b, e) != i-e {
		return
	}
	j := entityBack(b, e, sc.ls)
	if j == sc.ls || !is(b[j-1], chWord) || !keyTail(b, j) {
		return
	}
	f := field{end: j, quoted: j < e}
	f.start = runBack(b, j, max(sc.ls, j-maxKey), chKey)
	if f.key = sc.decide(b[f.start:j]); f.key != keyNone {
		f.query = f.start > sc.ls && (b[f.start-1] == '?' || b[f.start-1] == '&')
		sc.field(f, i)
	}
}

// quoteEscapes are how strings write a quote in themselves without one.
var quoteEscapes = [...]string{`\u0022`, `\u0027`, `\x22`, `\x27`, "%22", "%27", "%2522", "%2527"}

// quoteEscape is the escaped quote at i.
func quoteEscape(b []byte, i int) string {
	if c := at(b, i); c == '\\' || c == '%' {
		for _, e := range quoteEscapes {
			if hasPrefixFold(b[i:], e) {
				return e
			}
		}
	}
	return ""
}

// quoteEscapeBack is where the escaped quote that ends before i begins; i if
// there is none.
func quoteEscapeBack(b []byte, i, low int) int {
	for _, e := range quoteEscapes[:4] {
		if i-len(e) >= low && string(b[i-len(e):i]) == e {
			for i -= len(e); i > low && b[i-1] == '\\'; i-- {
			}
			return i
		}
	}
	return i
}

// joinedKey reads the key that ends at j where colours or escapes stand in
// it.
func (sc *scanner) joinedKey(f *field, j int) {
	b := sc.b
	s := f.start
	for j-s < maxEscaped {
		if k := ansiBack(b, s, sc.ls); k < s {
			s = k
		}
		k := runBack(b, s, max(sc.ls, j-maxEscaped), chKey)
		for k > sc.ls && b[k-1] == '\\' {
			k--
		}
		if k == s {
			break
		}
		s = k
	}
	for k := ansi(b, s); k > s; k = ansi(b, s) {
		s = k
	}
	if s < f.start {
		sc.charge(j - s)
		f.key = sc.decide(unescapedKey(b[s:j], sc.esc[:0]))
		f.start = s
		f.quoted = f.quoted || s > sc.ls && is(b[s-1], chQuote)
	}
}

// plainKey is a key without what cannot be seen in it, in small letters and
// without marks that combine with the letter before them.
func plainKey(key string) string {
	var out strings.Builder
	for i, r := range key {
		if r == utf8.RuneError && key[i] >= 0xc0 { // Latin-1
			if _, n := utf8.DecodeRuneInString(key[i:]); n == 1 {
				r = rune(key[i])
			}
		}
		switch {
		case r == 0xad || r >= 0x200b && r <= 0x200f || r == 0x2060 || r == 0xfeff || r >= 0x300 && r < 0x370:
		default:
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

// foreignPasswords are the words for a password in other languages, but for
// those that end in an English one.
var foreignWordsList = []string{"passwort", "kennwort", "contrasena", "contraseña", "contrasenya", "contrasenia", "motdepasse", "senha", "palavrapasse", "пароль", "гасло", "парола", "лозинка",
	"密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "암호", "hasło", "haslo", "heslo", "wachtwoord", "lösenord", "losenord", "adgangskode", "kodeord", "passord", "lykilorð", "salasana",
	"jelszó", "jelszo", "parola", "parolă", "şifre", "sifre", "κωδικός", "κωδικος", "συνθηματικό", "lozinka", "geslo", "parool", "slaptažodis", "slaptazodis", "fjalëkalimi", "katasandi", "matkhau",
	"mậtkhẩu", "סיסמה", "סיסמא", "كلمةالمرور", "كلمةالسر", "गुप्तशब्द", "पासवर्ड", "รหัสผ่าน", "пароли"}

var foreignPasswords = setOf(foreignWordsList...)

// foreignPhrases are those of two words.
var foreignPhrasesList = []string{"de passe", "palavra passe", "kata sandi", "mật khẩu", "mat khau", "كلمة المرور", "كلمة السر", "clave secreta", "clave acceso", "clé secrète", "cle secrete", "clé api", "clave api", "chave secreta", "chave api", "geheimer schlüssel"}

var foreignPhrases = setOf(foreignPhrasesList...)

// phraseEnds are the second of those two words.
var phraseEnds = func() *wordSet {
	var ends []string
	for _, w := range foreignPhrasesList {
		_, last, _ := strings.Cut(w, " ")
		ends = append(ends, last)
	}
	return setOf(ends...)
}()

// suffixed are those that stand at the end of longer words without a sign
// between: 用户密码.
var suffixed = [...]string{"密码", "密碼", "口令", "パスワード", "비밀번호", "암호", "passwort", "kennwort", "wachtwoord", "lösenord", "heslo", "salasana"}

// foreignKey decides on a key of which the last words are before and last.
func foreignKey(before, last string) keyKind {
	if foreignPasswords.has([]byte(last)) {
		return keyPassword
	}
	if before != "" && phraseEnds.has([]byte(last)) && foreignPhrases.has([]byte(before+" "+last)) {
		return keyPassword
	}
	for _, w := range suffixed {
		if len(last) > len(w) && strings.HasSuffix(last, w) {
			return keyPassword
		}
	}
	return keyNone
}

// foreignTails calls f with all ends and beginnings of foreign keys, in the
// cases they are written in.
func foreignWords(f func(w string)) {
	add := func(w string) {
		f(w)
		f(strings.ToUpper(w))
		r, n := utf8.DecodeRuneInString(w)
		f(string(unicode.ToUpper(r)) + w[n:])
	}
	for _, w := range foreignWordsList {
		add(w)
	}
	for _, w := range foreignUserList {
		add(w)
	}
	for _, w := range foreignPhrasesList {
		_, last, _ := strings.Cut(w, " ")
		add(last)
	}
}

// wideColon looks at a word at i that may be a key with a wide colon behind
// it, as Chinese and Japanese write it.
func (sc *scanner) wideColon(i int) {
	b := sc.b
	e := i
	for e < len(b) && e-i < maxKey && b[e] >= 0x80 && !bytes.HasPrefix(b[e:], []byte("：")) {
		e++
	}
	if e == i || !bytes.HasPrefix(b[e:], []byte("：")) {
		return
	}
	f := field{key: sc.decide(b[i:e]), start: i, end: e, colon: true, first: sc.leads(i)}
	if f.key != keyNone {
		sc.field(f, e+len("："))
	}
}

// wideBegins are what keys before a wide colon begin with, beside the words
// for passwords.
var wideBegins = [...]string{"用户", "登录", "登陆", "数据", "管理", "初始", "默认", "新密", "账号", "帐号", "账户", "ログ", "データ", "管理者", "初期"}

// escapedTwice looks at a percent-escaped percent sign, of which the digits
// are at i, that may begin what was once a = or a :.
func (sc *scanner) escapedTwice(i int) {
	b := sc.b
	p := i
	for at(b, p) == '2' && at(b, p+1) == '5' {
		p += 2
	}
	if at(b, p) == '4' && at(b, p+1) == '0' {
		if start, end, ok := scanEmail(b, i-1); ok && start >= sc.skip {
			sc.emit(start, end, cEmail, ruleEmail, 0)
		}
		return
	}
	if d := lower(at(b, p+1)); at(b, p) != '3' || d != 'd' && d != 'a' {
		return
	}
	j := i - 1
	for k := quoteBefore(b, j, sc.ls); k < j; k = quoteBefore(b, j, sc.ls) {
		j = k
	}
	if j <= sc.ls || !is(b[j-1], chWord) || !keyTail(b, j) {
		return
	}
	f := field{end: j, query: true, escaped: true}
	f.start = runBack(b, j, max(sc.ls, j-maxKey), chKey)
	if f.start > sc.ls && b[f.start-1] == '%' { // %2526password
		k := f.start
		for at(b, k) == '2' && at(b, k+1) == '5' {
			k += 2
		}
		f.start = min(k+2, j-1)
	}
	if f.key = sc.decide(b[f.start:j]); f.key == keyNone {
		return
	}
	p += 2
	for q := quoteEscape(b, p); q != ""; q = quoteEscape(b, p) {
		p += len(q)
	}
	sc.field(f, p)
}

// quoteBefore is where the quote, escaped twice, that ends at j begins.
func quoteBefore(b []byte, j, low int) int {
	if j-5 >= low && b[j-5] == '%' && b[j-4] == '2' && b[j-3] == '5' && b[j-2] == '2' && (b[j-1] == '2' || b[j-1] == '7') {
		return j - 5
	}
	return j
}

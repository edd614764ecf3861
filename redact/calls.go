package redact

import "bytes"

// secretCalls tells, of functions that take a secret, which of their arguments
// it is, counted from one; zero stands for the last that is a string, below it
// for the last of at least so many.
var secretCalls = map[string]int{
	"setpassword": 0, "set_password": 0, "withpassword": 0, "changepassword": 0, "change_password": 0, "changeuserpassword": 2, "updatepassword": 0, "resetpassword": 0, "reset_password": 0,
	"setpassphrase": 0, "setkeypassword": 0, "setkeystorepassword": 0, "settruststorepassword": 0, "setpwd": 0, "setpasswd": 0, "setuserpassword": 0, "setadminpassword": 0, "setdefaultpassword": 0, "setproxypassword": 0,
	"setsecret": 0, "withsecret": 0, "setclientsecret": 0, "withclientsecret": 0, "setsecretkey": 0, "setsigningkey": 0, "setkey": 0, "setencryptionkey": 0, "settoken": 0, "withtoken": 0, "setaccesstoken": 0, "withaccesstoken": 0, "setauthtoken": 0, "setbearertoken": 0, "setapikey": 0, "set_token": 0, "set_secret": 0,
	"unsafeplaintext": 0, "withapikey": 0, "setoauthaccesstoken": 0, "setoauthconsumersecret": 0,
	"password_hash": 1, "crypt": 1, "password_verify": 1, "hashpw": 1, "checkpw": 1, "make_password": 1, "check_password": 1, "generate_password_hash": 1, "check_password_hash": 2, "hash_password": 1, "hashpassword": 1, "verify_password": 0, "checkpassword": 0, "verifypassword": 0,
	"aes_encrypt": 2, "aes_decrypt": 2, "des_encrypt": 2, "des_decrypt": 2, "pgp_sym_encrypt": 2, "pgp_sym_decrypt": 2, "encryptbypassphrase": 1, "decryptbypassphrase": 1,
	"encrypt": 1, "encryptstring": 1, "encryptpassword": 1, "encodepassword": 1, "create_user": -2, "create_superuser": -2, "createuserwithemailandpassword": -2, "signinwithemailandpassword": -2, "signinwithpassword": -2,
	"sp_addlogin": 2, "sp_password": 0, "sp_addlinkedsrvlogin": 5, "sp_setapprole": 2, "sp_addapprole": 2, "sp_addremotelogin": 0,
}

// secretCall looks at the arguments of such a function, or procedure of SQL.
func (sc *scanner) secretCall(i, e int) {
	b := sc.b
	name := lowerOf(b[i:e], sc.lower[:])
	nth, ok := secretCalls[string(name)]
	procedure := bytes.HasPrefix(name, []byte("sp_"))
	old := string(name) == "sp_password"
	sure := name[0] != 'e'
	class := cPassword
	if bytes.HasSuffix(name, []byte("token")) || bytes.HasSuffix(name, []byte("secret")) || bytes.HasSuffix(name, []byte("key")) {
		class = cToken
	}
	p := run(b, e, chSpace)
	if !ok || at(b, p) != '(' && !procedure || p >= len(b) {
		return
	}
	if b[p] == '(' {
		p++
	}
	end := min(sc.eol(p), p+512)
	sc.charge(end - p)
	strs, last := 0, [2]int{}
	for k := 1; p < end; k++ {
		p = run(b, p, chSpace)
		s, t, next, ok := sc.stringArgument(p)
		if ok {
			strs++
			last = [2]int{s, t}
			if k == nth || old && k < 3 {
				sc.calledWith(s, t, class, sure)
				if !old {
					return
				}
			}
			p = run(b, next, chSpace)
		} else {
			n := p
			for depth := 0; n < end && (b[n] != ',' || depth > 0); n++ {
				switch c := b[n]; {
				case c == '(':
					depth++
				case c == ')':
					depth--
				case is(c, chQuote):
					return
				}
				if depth < 0 {
					break
				}
			}
			p = n
		}
		if at(b, p) != ',' {
			break
		}
		p++
	}
	if nth <= 0 && strs > 0 && strs >= -nth && !old {
		sc.calledWith(last[0], last[1], class, sure)
	}
}

// stringArgument reads a string at p as languages write it: 'x', b"x", N'x'.
func (sc *scanner) stringArgument(p int) (s, e, next int, ok bool) {
	b := sc.b
	if c := at(b, p); (c == 'b' || c == 'u' || c == 'r' || c == 'N' || c == '@' || c == '&') && p+1 < len(b) && is(b[p+1], chQuote) {
		p++
	}
	if at(b, p) == '@' && is(at(b, p+1), chAlpha) { // of a procedure: @passwd = 'x'
		if n := run(b, run(b, p+1, chKey), chSpace); at(b, n) == '=' {
			p = run(b, n+1, chSpace)
		}
		if at(b, p) == 'N' {
			p++
		}
	}
	q := run2(b, p, '\\')
	if q >= len(b) || !is(b[q], chQuote) {
		return 0, 0, p, false
	}
	s, e, next = sc.argument(p)
	return s, e, next, next > e && e >= s
}

// calledWith hides the secret that a function was called with.
func (sc *scanner) calledWith(s, e int, c classID, sure bool) {
	v := sc.b[s:e]
	if len(v) < 4 || placeholder(v) && !hasPseudonym(v) || dealtWith(v) || isPath(v) || codeLike(v) {
		return
	}
	if sure && (hasDigit(v) || hasSign(v) || mixed(v)) && !(firstBlank(v) < len(v) && !hasDigit(v)) && !(dashed(v) && !hasDigit(v)) || secretWord(v) && firstBlank(v) == len(v) && (hasSign(v) || mixedCaseDigits(v)) && bytes.IndexByte(v, '/') < 0 {
		sc.hideSecret(s, e, c, ruleField)
	}
}

// pairInBrackets looks at auth=("user", "x") and "auth": ["user", "x"].
func (sc *scanner) pairInBrackets(e int) bool {
	b := sc.b
	p := e
	for p < len(b) && (is(b[p], chQuote|chSpace) || b[p] == '\\') && p-e < 4 {
		p++
	}
	if c := at(b, p); c != '=' && c != ':' {
		return false
	}
	p = run(b, p+1, chSpace)
	if c := at(b, p); c != '(' && c != '[' {
		return false
	}
	us, ue, next, ok := sc.stringArgument(run(b, p+1, chSpace))
	if !ok || ue <= us {
		return false
	}
	if next = run(b, next, chSpace); at(b, next) != ',' {
		return false
	}
	s, n, next, ok := sc.stringArgument(run(b, next+1, chSpace))
	if !ok || n-s < 5 {
		return false
	}
	if c := at(b, run(b, next, chSpace)); c != ')' && c != ']' {
		return false
	}
	if u, v := b[us:ue], b[s:n]; statusWord(u) || firstBlank(u) < len(u) || !hasDigit(v) && !hasSign(v) && !mixed(v) || dashed(v) && !hasDigit(v) || isPath(v) {
		return false
	}
	sc.skip = max(sc.skip, p+1)
	sc.userName(us, ue, ruleUserField)
	sc.hideSecret(s, n, cPassword, ruleField)
	return true
}

// setPassword looks at SET PASSWORD FOR x = 'y' and SET PASSWORD FROM 'x' TO
// 'y', of which the part after the word begins at p.
func (sc *scanner) setPassword(p int) bool {
	b := sc.b
	end := min(sc.eol(p), p+256)
	switch {
	case hasPrefixFold(b[p:end], "for "):
		k := bytes.IndexByte(b[p:end], '=')
		if k < 0 {
			return false
		}
		p = run(b, p+k+1, chSpace)
		if n := run(b, p, chWord); at(b, n) == '(' { // PASSWORD('x')
			p = run(b, n+1, chSpace)
		}
		s, n, _, ok := sc.stringArgument(p)
		if ok {
			sc.hideSecret(s, n, cPassword, ruleSQL)
		}
		return ok
	case hasPrefixFold(b[p:end], "from "):
		s, n, next, ok := sc.stringArgument(run(b, p+5, chSpace))
		if !ok {
			return false
		}
		sc.hideSecret(s, n, cPassword, ruleSQL)
		if p = run(b, next, chSpace); hasPrefixFold(b[p:end], "to ") {
			if s, n, _, ok := sc.stringArgument(run(b, p+3, chSpace)); ok {
				sc.hideSecret(s, n, cPassword, ruleSQL)
			}
		}
		return true
	}
	return false
}

// connectLine looks at connect user/"x"@service, as SQL*Plus takes it.
func (sc *scanner) connectLine(i, e int) {
	b := sc.b
	if at(b, e) != ' ' || !sc.leads(i) && !(i > sc.ls+1 && b[i-2] == '>') {
		return
	}
	s := run(b, e, chSpace)
	u := run(b, s, chKey)
	switch string(lowerOf(b[s:u], sc.lower[:])) { // of RMAN
	case "target", "catalog", "auxiliary":
		s = run(b, u, chSpace)
		u = run(b, s, chKey)
	}
	if u == s || at(b, u) != '/' {
		return
	}
	end := sc.eol(u)
	ps := u + 1
	var pe, next int
	if at(b, ps) == '"' {
		ps, pe, next = sc.argument(ps)
	} else {
		if pe = ps + bytes.IndexByte(b[ps:end], '@'); pe < ps { // on this machine
			if pe = ps + firstBlank(b[ps:end]); pe < end || !hasDigit(b[ps:pe]) && !hasSign(b[ps:pe]) {
				return
			}
		}
		next = pe
	}
	if pe <= ps || next > end || next < end && b[next] != '@' && !is(b[next], chSpace) || bytes.IndexByte(b[ps:pe], '/') >= 0 && b[u+1] != '"' || firstBlank(b[ps:pe]) < pe-ps && b[u+1] != '"' {
		return
	}
	sc.userName(s, u, ruleUserField)
	sc.hideSecret(ps, pe, cPassword, ruleProgram)
}

// quotedIn looks at .password("x") and Secret("x"), of which the word is
// b[i:e].
func (sc *scanner) quotedIn(i, e int) bool {
	b := sc.b
	s, n, next, ok := sc.stringArgument(e + 1)
	if !ok || at(b, next) != ')' || i == sc.ls || b[i-1] != '.' && b[i-1] != '(' && !is(b[i], chUpper) {
		return false
	}
	if v := b[s:n]; !secretWord(v) || !mixedCaseDigits(v) || dealtWith(v) || bytes.IndexByte(v, '/') >= 0 {
		return false
	}
	sc.hideSecret(s, n, cPassword, ruleField)
	return true
}

package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// directives tells of commands and directives, by their first word, what
// their arguments are: u a user, U one that has to look so, s a secret, S one that has to look so, p
// user:password, A the same if it looks so, P the same before @host, h a host,
// # a number, - whatever it is. What is in capitals after a = has to stand
// there. The words must be the first of a line, or follow a prompt.
var directives = map[string][]string{
	"mgmt-user":       {"u - s"},
	"allow":           {"A"},
	"addauth":         {"=digest p"},
	"monitor":         {"- # u s =primary", "- # u s =secondary", "- # u s =master", "- # u s =slave"},
	"radtest":         {"u s - # s"},
	"radclient":       {"- - s"},
	"mgmtuser":        {"=add =username u =password s =secret s", "=add =username u =password s", "=add u s"},
	"netuser":         {"=add u s"},
	"register":        {"==> P", "=node h S", "=admin u S"},
	"update":          {"=node h S", "=admin u S"},
	"set-key":         {"=hex # s", "=hex s"},
	"client_send":     {"== =: u =: s", "== =: =: u =: s"},
	"alias":           {"=set - - s s"},
	"mysql_servers":   {"== /"},
	"pgsql_servers":   {"== /"},
	"oracle_servers":  {"== /"},
	"hidservauth":     {"- s"},
	"oper":            {"u S"},
	"authinfo":        {"=pass s", "=user u", "=simple u s"},
	"set_password":    {"=vnc s", "=spice s"},
	"unlock-keychain": {"~ =-p s"}, "create-keychain": {"~ =-p s"}, "set-keychain-password": {"~ =-o s ~ =-p s", "~ =-p s"}, "set-key-partition-list": {"~ =-k s"},
	"add-generic-password": {"~ =-w s"}, "add-internet-password": {"~ =-w s"},
	"sentinel":   {"=auth-pass - s", "=auth-user - u", "=sentinel-pass s", "=set - ~ =auth-pass s"},
	"sapcontrol": {"- - =-user u s", "- - - - =-user u s"},
}

// commands tells the same of the arguments of programs. There, ~ stands for
// any that come before the next, ^ and + for one that begins so (of the second
// the rest is a secret), K for the name of a secret, and : for an argument of
// which the last part is one.
var commands = map[string][]string{
	"gh": {"=secret =set - ~ =--body s", "=secret =set - ~ =-b s", "=variable =set K ~ =--body s"}, "glab": {"=variable =set K s", "=variable =set K =--value s", "=auth =login ~ =--token s"},
	"drone": {"=secret ~ =--data s", "=orgsecret =add - - s"}, "bw": {"=login - s", "=unlock s"}, "ngrok": {"=config =add-authtoken s", "=authtoken s"},
	"snyk": {"=auth s"}, "codecov": {"~ =-t s"}, "doctl": {"=auth =init ~ =-t s"}, "cargo": {"=login s"}, "gem": {"=push - ~ =-k s"}, "nuget": {"=setapikey s", "=push - s", "=push - ~ =-apikey s"}, "choco": {"=apikey ~ =-k s"}, "vercel": {"~ =-t s"}, "pulumi": {"=config =set ~ =--secret K s"},
	"composer": {"=config ~ ^http-basic. u s", "=config ~ ^bearer. s", "=config ~ ^github-oauth. s", "=config ~ ^gitlab-token. s"},
	"poetry":   {"=config ~ ^http-basic. u s", "=config ~ ^pypi-token. s"}, "rabbitmqctl": {"=authenticate_user u s", "=set_user_tags u", "=delete_user u", "=list_user_permissions u", "=clear_permissions u", "=set_permissions =-p - u", "=set_permissions u", "=clear_password u"},
	"virsh": {"=secret-set-value - s", "=secret-set-value ~ =--base64 s"}, "iscsiadm": {"~ K ~ =-v s", "~ K ~ =--value s"},
	"defaults": {"=write - K =-string s", "=write - K s"}, "mc": {"=config =host =add - - s s", "=admin =user =add - u s"}, "steamcmd": {"~ =+login u s"},
	"netsh": {"=wlan =set ~ +key=", "=wlan =set ~ +keymaterial=", "=ras ~ +password="}, "reg": {"=add ~ =/v K ~ =/d s"}, "reg.exe": {"=add ~ =/v K ~ =/d s"},
	"rasdial": {"- u s"}, "mkstore": {"~ =-createcredential - u s", "~ =-modifycredential - u s", "~ =-createentry - s", "~ =-modifyentry - s"},
	"synouser": {"=--add u S", "=--setpw u S"}, "synoshare": {"=--enc_mount - S", "=--enc_create - S"}, "ejabberdctl": {"=register u - S", "=change_password u - s", "=check_password u - s"}, "prosodyctl": {"=register u - S"},
	"samba-tool": {"=user =create u S", "=user =add u S", "=user =create u", "=user =add u", "=user =delete u", "=user =enable u", "=user =disable u", "=user =setpassword u", "=user =show u", "=user =edit u", "=group =addmembers - u", "=group =removemembers - u"}, "zmprov": {"~ =ca u S", "~ =sp u S", "~ =createaccount u S", "~ =setpassword u S", "~ =ma u =userpassword s"}, "kamctl": {"=add u S", "=passwd u S"}, "opensipsctl": {"=add u S", "=passwd u S"},
	"snmpusm": {"~ =passwd s s"}, "add-user": {"u S"}, "nmcli": {"~ K s"}, "wpa_cli": {"~ =set_network # K s"}, "couchdb": {"=add-admin u s"}, "vncpasswd": {"=-service s"}, "redis-cli": {"~ =auth s", "~ =--pass s"},
	"fndcpass": {"/ - - / - - s", "/ - - / - s", "/ - - / s"}, "dsmadmc": {"~ =register =admin u S", "~ =update =admin u S", "~ =register =node - S", "~ =update =node - S"}, "ipmitool": {"~ =user =set =password # s", "~ =user =set =name # U", "~ =lan =set # =snmp s"}, "userconfig": {"=--add u ~ =-p s", "=--change u ~ =-p s"}, "aaaconfig": {"=--add - ~ =-s s"}, "racadm": {"~ K =-i # s"},
	"kubectl": {"=config =set-credentials u"}, "loginctl": {"=enable-linger u", "=disable-linger u", "=user-status u", "=show-user u", "=terminate-user u", "=kill-user u"}, "getent": {"=passwd u", "=shadow u", "=initgroups u"},
	"occ": {"~ =user:add u", "~ =user:delete u", "~ =user:info u", "~ =user:disable u", "~ =user:enable u", "~ =user:resetpassword u", "~ =user:lastseen u"}, "wp": {"=user =create u", "=user =delete u", "=user =get u", "=user =update u"},
	"doveadm": {"=auth =test u s"}, "esxcli": {"=system =account ~ =-i u ~ =-p s ~ =-c s", "=system =account ~ =-i u ~ =-p s", "=system =account ~ =-i u"}, "ipa": {"=user-add u", "=user-mod u", "=user-del u", "=user-disable u", "=user-enable u", "=user-show u", "=passwd u"}, "networksetup": {"^-set - - # =on u s", "=-setairportnetwork - - s"}, "dscl": {"- =-passwd - s s", "- =-passwd - s"}, "neo4j-admin": {"=set-initial-password s", "=dbms =set-initial-password s"},
	"brconnect": {"~ =-u /"}, "brbackup": {"~ =-u /"}, "brarchive": {"~ =-u /"}, "brrestore": {"~ =-u /"}, "adstpall": {"/"}, "adstrtal": {"/"}, "kafka-configs": {"~ =--entity-type =users ~ =--entity-name U"},
	"openssl": {"=passwd - =-salt - s", "=passwd - s"}, "wrangler": {"=secret =put - s"}, "npm": {"=config =set K s"},
}

// directed looks at what follows such a word.
func (sc *scanner) directed(i, e int) {
	b := sc.b
	if i > sc.ls && is(b[i-1], chWord) || sc.vector(i, e) {
		return
	}
	if i > sc.ls && b[i-1] == '/' {
		sc.slashCommand(i, e)
	}
	if e-i == len("update") && lower(b[i]) == 'u' && (!hasPrefixFold(b[e:], " admin ") && !hasPrefixFold(b[e:], " node ") || !sc.leads(i) && at(b, i-2) != '>') {
		return
	}
	if e-i == len("oper") && (i == sc.ls || b[i-1] != '/') && !(string(b[i:e]) == "OPER" && at(b, e) == ' ' && at(b, e+1) != ' ' && (i < sc.ls+2 || b[i-1] != ' ' || b[i-2] != ' ')) { // a command of IRC, not a word nor the head of a column
		return
	}
	if e-i == len("allow") && hasPrefixFold(b[i:], "allow") && (!is(at(b, e), chSpace) || !sc.leads(i)) {
		return
	}
	if at(b, e) == ':' && e-i == len("authinfo") {
		sc.authInfo(e)
		return
	}
	sc.arguments(directives[string(lowerOf(b[i:e], sc.lower[:]))], e, min(sc.eol(e), e+1024))
}

// authInfo looks at AuthInfo:host "U:name" "P:x", of sendmail.
func (sc *scanner) authInfo(e int) {
	b := sc.b
	for p, end := e, min(sc.eol(e), e+512); p < end; {
		k := bytes.IndexByte(b[p:end], '"')
		if k < 0 {
			return
		}
		s, n, next := sc.argument(p + k)
		if next <= p+k || n-s < 3 {
			return
		}
		switch sep := b[s+1]; {
		case sep != ':' && sep != '=':
		case b[s]|0x20 == 'p':
			sc.hideSecret(s+2, n, cPassword, ruleDirective)
		case b[s]|0x20 == 'u' || b[s]|0x20 == 'i':
			sc.userName(s+2, n, ruleUserField)
		}
		p = next
	}
}

// arguments hides the secrets in the arguments from e to end that the first of
// the forms that they are in tells of.
func (sc *scanner) arguments(forms []string, e, end int) {
	b := sc.b
next:
	for _, form := range forms {
		var found [8]struct {
			s, e int
			kind byte
		}
		n := 0
		p := e
		skip := 0
		for want := range strings.FieldsSeq(form) {
			if want == "~" {
				skip = 24
				continue
			}
		again:
			p = run(b, p, chSpace)
			if p >= end || b[p] == '|' || b[p] == ';' {
				continue next
			}
			s, t, after := sc.argument(p)
			if after <= p || t < s {
				continue next
			}
			v := b[s:t]
			switch k := want[0]; k {
			case '=', '^', '+', 'K':
				if k == '=' && equalFold(v, want[1:]) || (k == '^' || k == '+') && hasPrefixFold(v, want[1:]) || k == 'K' && len(v) > 0 && v[0] != '-' && sc.namesSecret(v) {
					if k == '+' && len(v) == len(want)-1 && is(at(b, t), chQuote) { // key="x"
						found[n].s, found[n].e, after = sc.argument(t)
						found[n].kind = 's'
						n++
					} else if k == '+' {
						found[n].s, found[n].e, found[n].kind = s+len(want)-1, t, 's'
						n++
					}
					skip = 0
					break
				}
				if skip == 0 {
					continue next
				}
				skip--
				p = after
				goto again
			case '#':
				if !allDigits(v) {
					continue next
				}
			case '-':
			case '/': // parts of a value: the last is the secret
				if c := bytes.IndexByte(v, '/'); c > 0 && bytes.Count(v, []byte("/")) == 1 && c+1 < len(v) { // name/x
					found[n].s, found[n].e, found[n].kind = s, s+c, 'u'
					found[n+1].s, found[n+1].e, found[n+1].kind = s+c+1, t, 's'
					n += 2
				} else if c := bytes.LastIndexByte(v, '/'); c > 0 && bytes.Count(v, []byte("/")) >= 3 {
					u := bytes.LastIndexByte(v[:c], '/')
					found[n].s, found[n].e, found[n].kind = s+u+1, s+c, 'u'
					found[n+1].s, found[n+1].e, found[n+1].kind = s+c+1, t, 's'
					n += 2
				}
			default:
				if k == 'S' { // that has to look like one
					if !hasDigit(v) && !hasSign(v) && !(len(v) > 5 && allLetters(v) && !notUser(v) && !statusWord(v) && run(b, after, chSpace) >= sc.eol(s)) {
						continue next
					}
					k = 's'
				}
				if k == 'U' { // that has to look like a name
					if gradeOf(v) == noName {
						continue next
					}
					k = 'u'
				}
				if k == 'h' && run(v, 0, chKey) != len(v) {
					continue next
				}
				if len(v) == 0 || len(v) > 512 || placeholder(v) && !hasPseudonym(v) || k == 's' && (statusWord(v) || isPath(v) || v[0] == '-' && !secretWord(v)) {
					continue next
				}
				if k == 'P' {
					c := bytes.LastIndexByte(v, '@')
					if c < 0 {
						continue next
					}
					t = s + c
				}
				if (k == 'p' || k == 'P' || k == 'A') && bytes.IndexByte(b[s:t], ':') < 1 {
					continue next
				}
				if k == 'A' {
					c := s + bytes.IndexByte(b[s:t], ':')
					if x := b[c+1 : t]; !account2(b[s:c]) || len(x) == 0 && quoteAt(b, t) == 0 || len(x) > 0 && (len(x) < 4 || !hasLetterByte(x) || !hasDigit(x) && !hasSign(x) || bytes.IndexByte(x, '/') >= 0) {
						continue next
					}
					if _, ok := scanIPv6(b, s); ok {
						continue next
					}
					k = 'p'
				}
				found[n].s, found[n].e, found[n].kind = s, t, k
				n++
			}
			p = after
		}
		for _, f := range found[:n] {
			switch f.kind {
			case 'u':
				sc.userName(f.s, f.e, ruleUserField)
			case 'h':
				sc.hostValue(f.s, f.e)
			case 'p', 'P':
				sc.pair(f.s, f.e)
			case 's':
				sc.hideSecret(f.s, f.e, cPassword, ruleDirective)
			}
		}
		return
	}
}

// nagiosMacro looks at $USER3$=x, in which Nagios keeps what its commands are
// not to show.
func (sc *scanner) nagiosMacro(s int) {
	b := sc.b
	if !bytes.HasPrefix(b[s:], []byte("$USER")) {
		return
	}
	n := run(b, s+5, chDigit)
	if n == s+5 || at(b, n) != '$' || at(b, n+1) != '=' {
		return
	}
	if v := b[n+2 : sc.eol(n)]; secretWord(v) && !isPath(v) && firstBlank(v) == len(v) {
		sc.hideSecret(n+2, sc.eol(n), cPassword, ruleDirective)
	}
}

// modem looks at the commands for modems that carry a PIN or a password:
// AT+CPIN="1234".
func (sc *scanner) modem(i, e int) {
	b := sc.b
	if i < 3 || b[i-1] != '+' || b[i-2]|0x20 != 't' || at(b, e) != '=' || at(b, e+1) == '?' {
		return
	}
	end := min(sc.eol(e), e+256)
	var args [8][2]int
	n := 0
	for p := e + 1; p < end && n < len(args); n++ {
		s, t := p, p
		if b[p] == '"' {
			if s, t, p = sc.argument(p); p > end || p <= t {
				return
			}
		} else {
			for t < end && b[t] != ',' && b[t] > ' ' && b[t] != ';' && b[t] != '"' && b[t] != '\\' {
				t++
			}
			p = t
		}
		args[n] = [2]int{s, t}
		if at(b, p) != ',' {
			n++
			break
		}
		p++
	}
	sc.skip = max(sc.skip, e+1) // CPWD is no key
	from, user := n-1, -1
	switch string(lowerOf(b[i:e], sc.lower[:])) {
	case "cpin":
		from = 0
	case "cpwd":
		from = 1
	case "clck":
		from = 2
	case "cgauth", "uauthreq", "qmtconn":
		user = n - 2
	}
	if from < 0 || from >= n {
		return
	}
	if user > 0 {
		sc.userName(args[user][0], args[user][1], ruleUserField)
	}
	for _, a := range args[from:n] {
		if a[1]-a[0] >= 4 {
			sc.emit(a[0], a[1], cPassword, ruleDirective, spanLearn)
		}
	}
}

// bundler looks at BUNDLE_GEMS__EXAMPLE__COM, the credentials that Bundler
// keeps for a host.
func (sc *scanner) bundler(i int) {
	b := sc.b
	e := run(b, i, chUpper|chUnder|chDigit)
	if bytes.HasPrefix(b[e:], []byte("://")) { // BUNDLE_HTTPS://GEMS__EXAMPLE__COM/
		e = run(b, e+3, chUpper|chKey)
		if at(b, e) == '/' {
			e++
		}
	}
	if e-i > 200 || !bytes.HasPrefix(b[i:], []byte("BUNDLE_")) || !bytes.Contains(b[i:e], []byte("__")) {
		return
	}
	p := run(b, e, chQuote)
	if c := at(b, p); c != ':' && c != '=' {
		return
	}
	s, n, _ := sc.argument(run(b, p+1, chSpace))
	if c := bytes.IndexByte(b[s:n], ':'); c > 0 && c < n-s-1 && at(b, s+c+1) != '/' {
		sc.userName(s, s+c, ruleUserField)
		sc.hideSecret(s+c+1, n, cPassword, ruleDirective)
	} else if secretWord(b[s:n]) && n-s >= 16 {
		sc.hideSecret(s, n, cToken, ruleDirective)
	}
}

// sent looks at send "x\r", which scripts for a terminal answer prompts with.
func (sc *scanner) sent(e int) {
	b := sc.b
	if at(b, e) != ' ' {
		return
	}
	p := e + 1
	if bytes.HasPrefix(b[p:], []byte("-- ")) {
		p += 3
	}
	s, n, next := sc.argument(p)
	if s == p || next <= n || n-s < 6 || b[n-2] != '\\' || b[n-1] != 'r' && b[n-1] != 'n' {
		return
	}
	asked := mentions(b[sc.ls:p], "assword") || mentions(b[sc.ls:p], "assphrase")
	if !asked && sc.ls > 1 {
		if above := b[lineStart(b, sc.ls-1):sc.ls]; len(above) < 200 {
			asked = mentions(above, "assword") || mentions(above, "assphrase")
		}
	}
	if v := b[s : n-2]; (secretWord(v) || wordsAndNumber(v)) && firstBlank(v) == len(v) && !isPath(v) || asked && len(v) >= 5 && (firstBlank(v) == len(v) || passphrase(v)) && !statusWord(v) && v[0] != '$' && (hasDigit(v) || hasSign(v) || firstBlank(v) == len(v) && len(v) >= 8) {
		sc.hideSecret(s, n-2, cPassword, ruleDirective)
	}
}

// echoes looks at a command under the name of a password that prints it:
// --password-command "echo x".
func (sc *scanner) echoes(i, e int) {
	b := sc.b
	if i > 2 && b[i-1] == '(' && b[i-2] == '<' && at(b, e) == ' ' && sc.keyedBy(i, "pass", "key", "token", "secret") { // command <(echo x)
		if s, n, _ := sc.argument(run(b, e, chSpace)); n-s >= 6 && b[s] != '-' && b[s] != '$' {
			sc.hideSecret(s, n, cPassword, ruleProgram)
		}
		return
	}
	if i == 0 || !is(b[i-1], chQuote) && b[i-1] != '=' || at(b, e) != ' ' || !sc.keyedBy(i, "password-command", "password_command", "passwordcommand", "passwd-cmd", "password_cmd", "password-cmd", "passwd_cmd", "passwordeval", "pass-cmd", "pass_cmd", "passphrase-command", "passcommand", "askpass") {
		return
	}
	p := run(b, e, chSpace)
	for at(b, p) == '-' && is(at(b, p+1), chLower) {
		p = run(b, run(b, p+1, chLower), chSpace)
	}
	s, n, _ := sc.argument(p)
	if n > s && b[n-1] == '\'' {
		n--
	}
	sc.hideSecret(s, n, cPassword, ruleProgram)
}

// sensitive reports whether the value at p is marked as one in its object, in
// the same line or one of the next: "value": "x", "type": "string",
// "sensitive": true, as Terraform writes.
func (sc *scanner) sensitive(p int) bool {
	b := sc.b
	end := min(len(b), p+512)
	if k := bytes.IndexByte(b[p:end], '}'); k >= 0 {
		end = p + k
	}
	k := bytes.Index(b[p:end], []byte(`"sensitive"`))
	if k < 0 {
		return false
	}
	k = run(b, p+k+len(`"sensitive"`), chSpace)
	return at(b, k) == ':' && bytes.HasPrefix(b[run(b, k+1, chSpace):], []byte("true"))
}

// hereString finds x in command <<< x.
func (sc *scanner) hereString(p, end int) (s, e int, ok bool) {
	k := bytes.Index(sc.b[p:end], []byte("<<<"))
	if k < 0 {
		return 0, 0, false
	}
	s, e, _ = sc.argument(run(sc.b, p+k+3, chSpace))
	return s, e, e > s
}

// saslPlain reports whether v is base64 of a NUL, a name, a NUL and a
// password (RFC 4616).
func saslPlain(v []byte) bool {
	var buf [192]byte
	t := bytes.TrimRight(v, "=")
	if len(t) < 8 || len(t) > 256 {
		return false
	}
	n, err := base64.RawStdEncoding.Decode(buf[:], t)
	return err == nil && bytes.Count(buf[:n], []byte{0}) == 2
}

// ofDovecot looks at sql(user,10.0.0.1): and its like.
func (sc *scanner) ofDovecot(i, e int) {
	b := sc.b
	if at(b, e) != '(' || i == sc.ls || b[i-1] != ' ' {
		return
	}
	n := run(b, e+1, chKey)
	if at(b, n) == '@' {
		return
	}
	if c := at(b, n); n > e+1 && (c == ')' && at(b, n+1) == ':' || c == ',') && sc.keyedBy(i, "auth:", "auth-worker", "worker(", "auth(") {
		sc.userName(e+1, n, ruleUserField)
	}
}

// namesSecret reports whether the last part of a name is that of a secret.
func (sc *scanner) namesSecret(v []byte) bool {
	k := bytes.LastIndexAny(v, `/\:`) + 1
	return keyTail(v, len(v)) && sc.decide(v[k:]).secret() && sc.decide(v[k:]) != keyPass
}

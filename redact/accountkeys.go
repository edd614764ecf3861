package redact

import (
	"bytes"
	"strings"
)

// Keys that tell who did something or whose something is: createdBy, assignee,
// owner; and keys of lists of accounts: valid users, AllowUsers.

// actorKey decides on a key of which the last words are before and last, where
// it is one of these or is a compound that ends in user.
func actorKey(before, last string) keyKind {
	switch last {
	case "by":
		if doing(before) {
			return keyActor
		}
	case "as":
		switch before {
		case "run", "runs", "do", "login", "logon", "act", "become", "execute", "exec":
			return keyActor
		}
	case "owner", "creator", "assignee", "submitter", "requester", "requestor", "initiator", "actor", "reporter", "committer", "uploader", "reviewer", "approver", "author", "operator", "impersonator", "originator", "deviceowner", "caller", "invoker", "runas", "ugi", "nickname", "mailnickname", "requestby":
		return keyActor
	case "sam", "lookup":
		if before == "user" || before == "object" || before == "name" {
			return keyActor
		}
	case "names":
		if before == "user" {
			return keyUsers
		}
	case "users", "usernames", "userlist":
		switch before {
		case "": // in a list only
			return keyUsers
		case "valid", "invalid", "admin", "allow", "allowed", "deny", "denied", "block", "blocked", "trusted", "super", "sudo", "privileged", "ssh", "login", "read", "write", "except", "exclude", "excluded":
			return keyUsers
		}
	case "allowusers", "denyusers", "superusers", "adminusers", "assignees", "reviewers", "approvers":
		return keyUsers
	case "authid", "definer", "authc", "authcid", "authzid":
		return keyUser
	case "who", "alternateid":
		return keyActor
	case "id":
		if before == "principal" || before == "alternate" || before == "name" {
			return keyActor
		}
	case "list":
		if before == "write" || before == "read" {
			return keyUsers
		}
	case "name":
		switch before {
		case "start":
			return keyUser
		case "auth", "actor", "creator", "operator", "initiator", "requester", "requestor", "submitter", "reporter", "assignee", "committer", "uploader", "admin", "administrator":
			return keyActor
		}
	}
	switch {
	case strings.HasSuffix(last, "by") && doing(last[:len(last)-2]):
		return keyActor
	case last == "dbuser" || last == "sqluser" || last == "databaseuser":
		return keyActor
	case strings.HasSuffix(last, "user") && userOf.has([]byte(last[:len(last)-4])):
		return keyUser
	case foreignUsers.has([]byte(last)):
		return keyActor
	}
	return keyNone
}

// actorTails are the ends of these keys, as keyTails has those of others.
var actorTails = []string{
	"owner", "creator", "actor", "originator", "caller", "usersam", "objectsam", "namelookup", "assignee", "submitter", "requester", "requestor", "reporter", "uploader", "reviewer", "approver", "author", "invoker", "runas", "nickname", "users", "usernames", "userlist", "assignees", "reviewers", "approvers",
	"edby", "names", "d_by", "d by", "d-by", "d.by", "t_by", "t by", "tby", "n_by", "n by", "e_by", "run_as", "run as", "do_as", "n_as", "n as", "doas", "execas", "e_as", "e as",
	"authid", "authc", "authcid", "authzid", "definer", "alternateid", "alternate_id", "principalid", "principal_id", "list", "who", "ugi", "nby", "tby", "nas", "eby",
}

// userOf are what stands before user in words that name whose name follows, with
// the last letter of what FortiGate puts before it in CEF: FTNTFGTdstuser.
var userOf = setOf("os", "pg", "src", "source", "dst", "dest", "from", "to", "client", "remote", "ftp", "http", "sys", "unix", "win", "windows", "nt", "ad", "ldap", "logon", "auth", "xauth", "x", "web", "run", "proxy", "eff", "effective", "target", "caller", "subject", "sender", "bind", "smtp", "imap", "jmx", "ssh", "local", "new", "current", "session", "exec", "job", "owner", "domain", "network", "svc", "service", "app", "become", "ansible", "initiating", "requesting", "rmt", "acting", "impersonated", "creator", "unauth", "tdst", "tsrc", "tunauth")

// doing reports whether a word is a participle that by may follow with who did
// it.
func doing(w string) bool {
	if len(w) > 4 && strings.HasSuffix(w, "ed") {
		return !ofThings.has([]byte(w))
	}
	switch w {
	case "set", "run", "made", "sent", "done", "shut", "lastmod", "modify", "create", "update", "written", "given", "taken", "request", "approve", "submit", "assign", "off":
		return true
	}
	return false
}

// ofThings are participles that by is followed with what is no account.
var ofThings = setOf("required", "used", "needed", "wanted", "provided", "caused", "called", "followed", "preceded", "replaced", "superseded", "generated", "powered", "covered", "sorted", "grouped", "ordered", "limited", "indexed", "keyed", "divided", "multiplied", "encoded", "parsed", "supported", "matched", "detected", "discovered", "hosted", "sponsored", "backed", "implemented", "overridden", "inherited", "extended", "filtered", "produced", "consumed", "emitted", "increased", "decreased", "affected", "referenced", "targeted", "issued", "signed", "prefixed", "suffixed", "separated", "delimited", "bounded", "served", "handled", "consolidated", "recommended", "suggested", "enhanced", "obsoleted", "conflicted", "depended", "included", "imported", "exported", "mapped", "loaded", "wrapped", "protected", "masked", "overwritten", "licensed", "certified", "verified", "validated", "guarded", "tied", "bound", "sized", "aligned", "scaled", "offset", "shifted", "rotated", "encrypted", "secured", "measured", "computed", "calculated", "determined", "observed", "estimated", "spawned", "forked", "managed", "controlled", "monitored", "driven", "interrupted", "exceeded", "dropped", "rated", "throttled", "delayed", "preempted", "evicted", "killed", "terminated")

// foreignUserList are words for the name of an account in other languages.
var foreignUserList = []string{"benutzername", "anmeldename", "kontoname", "benutzerkonto", "benutzerkennung", "nutzername", "utilisateur", "identifiant", "usuario", "usuário", "utente", "nomeutente", "gebruikersnaam", "gebruiker", "användarnamn", "brukernavn", "brugernavn", "käyttäjätunnus", "uživatel", "felhasználónév", "utilizator", "użytkownik", "użytkownika", "kullanıcı", "пользователь", "пользователя", "логин", "ユーザー名", "ユーザ名", "用户名", "用户", "使用者名稱", "帐号", "账号", "帳號", "사용자"}

var foreignUsers = setOf(foreignUserList...)

// certainActor reports whether a key names nothing but somebody: created_by,
// and not owner, which may be a team.
func certainActor(key []byte) bool {
	switch lower(at(key, len(key)-1)) { // a column's may be out of sight
	case 'y', 'e', 's', 'i':
		return true
	}
	return hasSuffixFold(key, "creator") || hasSuffixFold(key, "submitter") || hasSuffixFold(key, "requester") || hasSuffixFold(key, "requestor") || hasSuffixFold(key, "initiator") || hasSuffixFold(key, "uploader") || hasSuffixFold(key, "impersonator") || hasSuffixFold(key, "committer") || hasSuffixFold(key, "nickname")
}

// actorValue hides the value of such a key where it looks like the name of an
// account and nothing but another field follows.
func (sc *scanner) actorValue(f *field, v value) {
	b := sc.b
	s, e := v.start, v.end
	if !v.quoted {
		e = s + firstBlank(b[s:e])
		if n := run(b, e, chSpace); is(at(b, e), chSpace) && n < sc.eol(e) && (at(b, n) == '=' || !otherFieldAt(b, n)) {
			return
		}
		for e > s && (b[e-1] == ',' || b[e-1] == ';' || b[e-1] == '.' || b[e-1] == ')') {
			e--
		}
	}
	if bytes.IndexByte(b[s:e], '@') > 0 || bytes.HasPrefix(b[e:], []byte("@")) {
		if _, _, ok := scanEmail(b, s+max(bytes.IndexByte(b[s:e], '@'), 0)); ok {
			sc.userValue(value{start: s, end: e, quoted: v.quoted})
			return
		}
	}
	if k := bytes.IndexByte(b[s:e], '/'); k > 0 && (is(at(b, s+k+1), chDigit) || pseudonymAt(b, s+k+1) > 0) { // x/10.0.0.1
		e = s + k
	} else if k := bytes.IndexByte(b[s:e], '@'); k > 0 && bytes.IndexByte(b[s+k:e], '.') < 0 { // x@host
		e = s + k
	}
	domain := false
	if k := bytes.LastIndexByte(b[s:e], ':'); k > 0 && hasSuffixFold(b[f.start:f.end], "id") { // AROAX:x
		s += k + 1
	}
	if k := bytes.LastIndexByte(b[s:e], '\\'); k > 0 {
		s += k + 1
		domain = true
	}
	name := b[s:e]
	switch g := gradeOf(name); {
	case g == noName || allUpper(name) && hasDigit(name):
		return
	case g == certainName || domain:
	case hasSuffixFold(b[f.start:f.end], "user"): // dbuser, of an application
		return
	case certainActor(b[f.start:f.end]):
	case !(v.quoted || !f.colon || e >= sc.eol(e) || at(b, e+1) == '<') || len(name) < 5 || run(name, 0, chLower|chKey) < len(name) || hasUpper(name): // owner: x
		return
	}
	sc.userName(s, e, ruleUserField)
}

func hasUpper(v []byte) bool {
	for _, c := range v {
		if is(c, chUpper) {
			return true
		}
	}
	return false
}

// otherFieldAt reports whether another field begins at p, or an address, or what
// parts it from others.
func otherFieldAt(b []byte, p int) bool {
	switch c := at(b, p); {
	case c == '<' || c == '(' || c == '|' || c == '[' || c == '{' || c == '#' || c == '-':
		return true
	case is(c, chWord):
		n := run(b, p, chKey)
		return at(b, n) == '=' || at(b, n) == ':'
	case is(c, chQuote):
		return false
	}
	return true
}

// userList hides the names in a list that begins at p: jo, max @group.
func (sc *scanner) userList(p int) {
	b := sc.b
	end := min(sc.eol(p), p+1024)
	var stop byte
	switch c := at(b, p); {
	case c == '[':
		stop = ']'
		p++
	case is(c, chQuote):
		stop = c
		p++
	}
	for n := 0; p < end && n < 64; n++ {
		for p < end && (is(b[p], chSpace|chQuote) && b[p] != stop || b[p] == ',' || b[p] == ';') {
			p++
		}
		if p >= end || b[p] == stop || b[p] == ':' || b[p] == '[' || b[p] == '#' || b[p] == '{' || b[p] == '}' || b[p] == '(' || b[p] == '<' {
			return
		}
		s := p
		for p < end && b[p] > ' ' && b[p] != ',' && b[p] != ';' && b[p] != stop && !is(b[p], chQuote) {
			p++
		}
		if at(b, p) == stop && stop == 0 {
			return
		}
		t := p
		if k := bytes.IndexByte(b[s:t], '@'); k > 0 { // jo@host
			if _, _, ok := scanEmail(b, s+k); ok {
				continue
			}
			t = s + k
		}
		if k := bytes.LastIndexByte(b[s:t], '\\'); k > 0 {
			s += k + 1
		}
		if gradeOf(b[s:t]) > noName {
			sc.userName(s, t, ruleUserField)
		}
	}
}

// ofObject reports whether name, of which the field is f, is that of an account
// that a program has printed: AuthenticatedUser{name='x'}, User(id=4, name=x.
func (sc *scanner) ofObject(f *field) bool {
	b := sc.b
	k := f.start
	for low := max(sc.ls, k-64); k > low; k-- {
		switch c := b[k-1]; {
		case c == '{' || c == '(' || c == '[':
			o := k - 1
			if c == '{' && o > low && b[o-1] == ' ' {
				o--
			}
			w := b[runBack(b, o, max(sc.ls, k-40), chAlnum|chUnder):o]
			if len(w) == 0 && c == '{' { // "user":{"name":"x"
				j := k - 1
				for j > low && (b[j-1] == ':' || b[j-1] == ' ' || is(b[j-1], chQuote) || b[j-1] == '\\' || b[j-1] == '=' || b[j-1] == '>') {
					j--
				}
				switch string(lowerOf(b[runBack(b, j, max(sc.ls, j-24), chWord):j], sc.lower[:])) {
				case "user", "actor", "author", "assignee", "creator", "owner", "reporter", "principal", "current_user", "currentuser":
					return j < k-2
				}
			}
			return len(w) > 3 && (hasSuffixFold(w, "user") || hasSuffixFold(w, "principal") || hasSuffixFold(w, "account") || hasSuffixFold(w, "username")) && is(w[0], chUpper)
		case !is(c, chAlnum|chUnder|chKey) && c != '=' && c != ',' && c != ' ' && c != '\'' && c != '"' && c != ':':
			return false
		}
	}
	return false
}

// ambiguous are keys that name an account where a password stands beside them.
var ambiguous = setOf("account", "acct", "log", "id", "name", "uid", "uname", "usr", "u", "ident", "loginid", "userid", "user_id", "auth_name", "authname")

// fieldBefore looks at the field before that of a password, in a query or an
// object, of which the key alone does not tell: account=x&passwd=y.
func (sc *scanner) fieldBefore(f *field) {
	b := sc.b
	low := max(sc.ls, f.start-96)
	k := f.start
	quote := k > low && is(b[k-1], chQuote)
	if quote {
		k--
		for k > low && is(b[k-1], chSpace) {
			k--
		}
	}
	if k-2 < low || b[k-1] != '&' && b[k-1] != ',' || quote != (b[k-1] == ',') {
		return
	}
	e := k - 1
	if quote {
		if e--; !is(b[e], chQuote) {
			return
		}
	}
	s := runBack(b, e, low, chKey)
	n := s - 1
	if quote && n > low && is(b[n], chQuote) { // "account":"x"
		for n--; n > low && (is(b[n], chSpace) || b[n] == ':'); n-- {
		}
		if !is(b[n], chQuote) {
			return
		}
	} else if quote || n < low || b[n] != '=' {
		return
	}
	least := maybeName
	w := b[runBack(b, n, low, chWord):n]
	if equalFold(w, "name") || equalFold(w, "id") { // of whatever
		least = certainName
	}
	if ambiguous.has(w) && gradeOf(b[s:e]) >= least {
		sc.userPassed(s, e)
	}
}

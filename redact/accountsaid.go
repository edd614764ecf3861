package redact

import "bytes"

// What sentences say of who did something: logged in as x, uploaded by x at,
// Account locked: x.

// nameAt is where a name stands that begins at p, perhaps in quotes or brackets
// and behind a domain, and where what follows it does.
func (sc *scanner) nameAt(p int) (s, e, next int) {
	b := sc.b
	s = p
	var closing byte
	switch c := at(b, s); c {
	case '\'', '"', '`':
		closing = c
	case '[', '<':
		closing = c + 2
	case '(':
		closing = ')'
	}
	if closing != 0 {
		s++
	}
	e = s
	if is(at(b, s), chKey) {
		s, e = behindDomain(b, s)
	}
	next = e
	if closing != 0 {
		if at(b, e) != closing {
			return p, p, p
		}
		next++
	} else {
		for e > s && (b[e-1] == '.' || b[e-1] == '-') {
			e--
		}
		next = e
	}
	return s, e, next
}

// behindDomain is where the name in CORP\x, which begins at p, stands; there need
// be no domain.
func behindDomain(b []byte, p int) (s, e int) {
	s, e = p, run(b, p, chKey)
	if at(b, e) == '\\' {
		for s = e; at(b, s) == '\\'; s++ {
		}
		e = run(b, s, chKey)
	}
	return s, e
}

// ended reports whether a sentence may go on or end at p where a name has ended.
func ended(b []byte, p int) bool {
	switch c := at(b, p); c {
	case '\n', '\r', ',', ';', ')', ']', '"', '\'', '}', '<', '|':
		return true
	case '.', '!', '?':
		return endsAfter(at(b, p+1))
	case ':':
		return is(at(b, p+1), chSpace)
	case ' ':
		n := run(b, p+1, chLower)
		switch string(b[p+1 : n]) {
		case "from", "on", "at", "via", "with", "using", "after", "due", "and", "succeeded", "failed", "was", "has", "by", "through", "ip", "in", "as":
			return true
		}
		return at(b, p+1) == '(' || at(b, p+1) == '[' || at(b, p+1) == '-' || at(b, p+1) == '<' || at(b, p+1) == '|' || at(b, n) == '=' || is(at(b, p+1), chDigit)
	case '\\':
		return at(b, p+1) == 'n' || at(b, p+1) == '"' || at(b, p+1) == 'r'
	}
	return false
}

// saidOf hides the name at p, of which the words before it have told, where it
// looks like one as much as at least, and the sentence ends or goes on behind it.
func (sc *scanner) saidOf(p int, least grade) {
	s, e, next := sc.nameAt(p)
	if e <= s || !ended(sc.b, next) {
		return
	}
	if next > e && least > maybeName { // in quotes or brackets
		least = maybeName
	}
	if gradeOf(sc.b[s:e]) >= least {
		sc.userName(s, e, ruleUserSentence)
	}
}

// persons are what only somebody does: by tells who did it.
var persons = setOf("login", "logon", "logout", "console", "vty", "configured", "uploaded", "requested", "approved", "acknowledged", "submitted", "assigned", "reviewed", "authored", "committed", "merged", "invited", "impersonated", "unlocked", "rejected", "cancelled", "canceled", "attempt", "attempts", "access", "accessed", "posted", "reported", "signed-in", "unassigned", "reassigned", "commented", "shared", "downloaded", "edited", "archived", "unarchived", "escalated", "silenced", "viewed")

// maybePersons are what programs do as well.
var maybePersons = setOf("created", "deleted", "modified", "changed", "updated", "removed", "added", "renamed", "moved", "copied", "locked", "enabled", "disabled", "started", "stopped", "restarted", "triggered", "closed", "opened", "reopened", "resolved", "executed", "run", "set", "reset", "initiated", "performed", "granted", "revoked", "published", "saved", "pushed", "forced", "aborted", "blocked", "banned", "kicked", "paused", "resumed", "scheduled", "ran", "rebooted", "shutdown", "launched", "queued", "invoked", "suspended", "ended", "disconnected", "terminated", "owned", "written", "made", "authorized", "authenticated", "confirmed", "installed", "uninstalled", "deployed", "rolled", "patched", "imported", "exported", "printed", "sent", "received", "opened")

// byWhom looks at by x, the word of which ends at e.
func (sc *scanner) byWhom(i, e int) {
	b := sc.b
	if i < sc.ls+3 || b[i-1] != ' ' || at(b, e) != ' ' || is(at(b, e+1), chDigit) {
		return
	}
	if is(b[i-2], chDigit) { // Change 4 on 2026/01/04 by x@client
		if n := run(b, e+1, chKey); at(b, n) == '@' && n > e+1 && i-5 > sc.ls && (b[i-4] == '/' || b[i-4] == ':') && bytes.Contains(b[max(sc.ls, i-60):i], []byte("Change ")) {
			sc.userName(e+1, n, ruleUserSentence)
		}
		return
	}
	w := sc.wordBefore(i)
	switch {
	case persons.has(w) || sc.onLine(e+1) || bytes.HasSuffix(b[sc.ls:max(sc.ls, i-1-len(w))], []byte(" su for ")):
		sc.saidOf(e+1, maybeName)
	case maybePersons.has(w):
		_, n, next := sc.nameAt(e + 1)
		if equalFold(w, "set") && bytes.HasPrefix(b[next:], []byte(" to ")) { // members of group x set by root to x,y
			for p := next + len(" to "); ; {
				m := run(b, p, chKey)
				if m == p || at(b, m) != ',' && m < sc.eol(m) {
					break
				}
				sc.userName(p, m, ruleUserSentence)
				if p = m + 1; at(b, m) != ',' {
					break
				}
			}
		}
		if n > e+1 {
			sc.saidOf(e+1, certainName)
		}
	}
}

// onLine reports whether the word at p stands before the line of a device that
// somebody works at: x on vty0, x on console.
func (sc *scanner) onLine(p int) bool {
	b := sc.b
	n := run(b, p, chKey)
	return n > p && (bytes.HasPrefix(b[n:], []byte(" on vty")) || bytes.HasPrefix(b[n:], []byte(" on con")) || bytes.HasPrefix(b[n:], []byte(" on pts")))
}

// asWhom looks at as x, where somebody has logged in or programs run.
func (sc *scanner) asWhom(i, e int) {
	b := sc.b
	p := e + 1
	w := sc.wordBefore(i)
	if at(b, p) == '\'' && bytes.Contains(b[max(sc.ls, i-80):i], []byte("uthenticat")) { // Authenticating to x:22 as 'y'
		if s, n, next := sc.argument(p); next > n && gradeOf(b[s:n]) > noName {
			sc.userName(s, n, ruleUserSentence)
		}
		return
	}
	if w == nil {
		if i > sc.ls+2 && b[i-2] == ',' && bytes.Contains(b[max(sc.ls, i-60):i], []byte("authenticated")) {
			sc.saidOf(p, maybeName)
		}
		return
	}
	if k := run(b, sc.ls, chSpace); bytes.HasPrefix(b[k:], []byte("permit ")) && gradeOf(w) > noName { // of doas.conf
		sc.userName(i-1-len(w), i-1, ruleUserSentence)
		return
	}
	least := certainName
	switch string(lowerOf(w, sc.lower[:])) {
	case "in", "on":
		k := i - 1 - len(w)
		before := sc.wordBefore(k)
		switch string(lowerOf(before, sc.lower[:])) {
		case "logged", "log", "logging", "logs", "signed", "sign", "signing":
			least = maybeName
		default:
			return
		}
	case "authenticated", "login", "logon", "authenticate", "authenticating", "connected", "connecting", "connect", "bound", "bind", "impersonate", "session", "logged":
		least = maybeName
	case "console", "vty":
		if !sc.onLine(p) {
			return
		}
		least = maybeName
	case "running", "run", "runs", "ran", "executed", "executing", "started", "launched", "acting", "operating", "mounted":
	default:
		return
	}
	if bytes.HasPrefix(b[p:], []byte("principal ")) || bytes.HasPrefix(b[p:], []byte("account ")) {
		p += firstBlank(b[p:]) + 1
	}
	sc.saidOf(p, least)
}

// statuses are what is said of an account before its name.
var statuses = setOf("locked", "unlocked", "disabled", "enabled", "created", "deleted", "removed", "added", "expired", "logged", "in", "out", "off", "on", "login", "logon", "logout", "signed", "not", "found", "unknown", "authenticated", "registered", "suspended", "activated", "deactivated", "blocked", "banned", "failed", "failure", "failures", "success", "successful", "succeeded", "denied", "rejected", "refused", "joined", "left", "connected", "disconnected", "attempt", "lockout", "updated", "modified", "changed", "reset", "permanently", "temporarily", "for", "user", "from", "by")

// statusOf looks at what is said of an account, and then its name: Account
// locked: x, User logged in: x. The word ends at e.
func (sc *scanner) statusOf(e int) {
	b := sc.b
	p := e
	for n := 0; n < 4; n++ {
		if at(b, p) != ' ' {
			break
		}
		m := run(b, p+1, chAlpha)
		if !statuses.has(b[p+1 : m]) {
			return
		}
		p = m
	}
	if p > e && at(b, p) == ':' && at(b, p+1) == ' ' {
		sc.saidOf(p+2, maybeName)
	}
}

// deeds are what people do that logs name by what they are: operator x
// acknowledged alarm 4.
var deeds = setOf("acknowledged", "acked", "cleared", "logged", "approved", "closed", "opened", "changed", "started", "stopped", "reset", "silenced", "confirmed", "rejected", "deleted", "created", "updated", "signed", "granted", "revoked", "uploaded", "downloaded", "submitted", "requested", "disabled", "enabled", "overrode", "entered", "released", "assigned", "unlocked", "connected", "disconnected", "has", "accepted", "cancelled", "modified", "removed", "added")

// personOf looks at operator x acknowledged and at impersonating x.
func (sc *scanner) personOf(i, e int) {
	b := sc.b
	if at(b, e) != ' ' {
		return
	}
	if b[i]|0x20 == 'i' { // impersonating
		sc.saidOf(e+1, maybeName)
		return
	}
	s, n, next := sc.nameAt(e + 1)
	if n <= s || at(b, next) != ' ' {
		return
	}
	if m := run(b, next+1, chLower); deeds.has(b[next+1:m]) && gradeOf(b[s:n]) > noName && (gradeOf(b[s:n]) == certainName || m < len(b) && b[m] <= ' ') {
		sc.userName(s, n, ruleUserSentence)
	}
}

// greeted looks at Hello x, welcome back and Welcome x.
func (sc *scanner) greeted(e int) {
	b := sc.b
	p := e
	if hasPrefixFold(b[p:], " back") {
		p += len(" back")
	}
	if at(b, p) == ',' {
		p++
	}
	if at(b, p) != ' ' {
		return
	}
	s, n, next := sc.nameAt(p + 1)
	if n <= s {
		return
	}
	least := certainName
	if hasPrefixFold(b[next:], ", welcome") {
		least = maybeName
	}
	if c := at(b, next); (c == ',' || c == '!' || c == '.' || next >= sc.eol(next)) && gradeOf(b[s:n]) >= least {
		sc.userName(s, n, ruleUserSentence)
	}
}

package redact

import "bytes"

// Topics of names of accounts: who did something, and for whom.
const (
	aboutArguments topic = 176 + iota // su - x
	aboutCron                         // cron[4]: (x) REPLACE (x)
	aboutExim                         // P=esmtpsa A=plain:x
	aboutTunnel                       // [x] Peer Connection Initiated
	aboutSquid                        // TCP_MISS/200 512 GET url x
	aboutCells                        // ,USERID,login,...,corp\x,
	aboutVim                          // [vim.event.X] [info] [CORP\x]
	aboutTilde                        // ~x/public_html
	aboutAllowed                      // AllowUsers x y
	aboutPerson                       // operator x acknowledged
	aboutGreeting                     // Hello x, welcome
	aboutARN                          // arn:aws:iam::4:user/x
	aboutLogged                       // x logged in
	aboutComment                      // ACKNOWLEDGE_SVC_PROBLEM;...;x;text
	aboutUserpass                     // userpass/login/x
	aboutSlice                        // User Slice of x
	aboutLocalhost                    // localhost - x [04/Jan/2026
	aboutAlias                        // User_Alias ADMINS = x
	aboutAPIUser                      // object ApiUser "x"
)

// wordsOfNames are the words of these.
var wordsOfNames = map[string]topic{
	"cron": aboutCron, "crond": aboutCron, "crontab": aboutCron, "crontabs": aboutCron, "anacron": aboutCron, "tabs": aboutCron, "mail": aboutCron,
	"esmtpsa": aboutExim, "esmtpa": aboutExim, "asmtp": aboutExim, "initiated": aboutTunnel, "vim": aboutVim,
	"tcp_miss": aboutSquid, "tcp_hit": aboutSquid, "tcp_tunnel": aboutSquid, "tcp_denied": aboutSquid, "tcp_mem_hit": aboutSquid, "tcp_refresh_unmodified": aboutSquid, "tcp_refresh_modified": aboutSquid, "tcp_refresh_hit": aboutSquid, "tcp_refresh_miss": aboutSquid, "tcp_ims_hit": aboutSquid, "tcp_negative_hit": aboutSquid, "tcp_miss_aborted": aboutSquid, "tcp_client_refresh_miss": aboutSquid,
	"userid": aboutCells, "globalprotect": aboutCells, "threat": aboutCells, "traffic": aboutCells,
	"public_html": aboutTilde, "bashrc": aboutTilde, "bash_history": aboutTilde, "authorized_keys": aboutTilde, "ssh": aboutTilde,
	"allowusers": aboutAllowed, "denyusers": aboutAllowed, "allowuser": aboutAllowed, "denyuser": aboutAllowed,
	"operator": aboutPerson, "technician": aboutPerson, "supervisor": aboutPerson, "analyst": aboutPerson, "engineer": aboutPerson, "employee": aboutPerson, "admin": aboutPerson, "impersonating": aboutPerson, "impersonate": aboutPerson,
	"arn": aboutARN, "logged": aboutLogged, "userpass": aboutUserpass, "slice": aboutSlice, "localhost": aboutLocalhost, "user_alias": aboutAlias, "apiuser": aboutAPIUser,
	"acknowledge_svc_problem": aboutComment, "acknowledge_host_problem": aboutComment, "schedule_svc_downtime": aboutComment, "schedule_host_downtime": aboutComment, "add_svc_comment": aboutComment, "add_host_comment": aboutComment, "schedule_host_svc_downtime": aboutComment,
	"hello": aboutGreeting, "welcome": aboutGreeting,
}

// ofNames looks at the word b[i:e], which is about t, one of those.
func (sc *scanner) ofNames(t topic, i, e int) {
	switch t {
	case aboutArguments:
		sc.accountsIn(i, e)
	case aboutCron:
		sc.accountsIn(i, e)
		sc.scheduled(i, e)
	case aboutExim:
		sc.relayed(e)
	case aboutTunnel:
		sc.tunnelPeer(i)
	case aboutSquid:
		sc.proxied(e)
	case aboutCells:
		sc.inCells(i, e)
	case aboutVim:
		sc.vimEvent(e)
	case aboutTilde:
		sc.accountsIn(i, e)
		sc.ofPath(i)
	case aboutAllowed:
		sc.allowed(i, e)
	case aboutPerson:
		sc.personOf(i, e)
	case aboutARN:
		sc.ofARN(e)
	case aboutLogged:
		sc.loggedBefore(i, e)
	case aboutComment:
		sc.commented(e)
	case aboutUserpass:
		sc.ofLogin(i, e)
	case aboutSlice:
		if bytes.HasPrefix(sc.b[e:], []byte(" of ")) && bytes.HasSuffix(sc.b[sc.ls:i], []byte("User ")) {
			sc.saidOf(e+len(" of "), maybeName)
		}
	case aboutLocalhost:
		if n := run(sc.b, min(e+3, len(sc.b)), chKey); bytes.HasPrefix(sc.b[e:], []byte(" - ")) && bytes.HasPrefix(sc.b[n:], []byte(" [")) && is(at(sc.b, n+2), chDigit) { // CUPS
			sc.userName(e+3, n, ruleUserField)
		}
	case aboutAlias:
		if k := bytes.IndexByte(sc.b[e:sc.eol(e)], '='); k > 0 {
			sc.userList(run(sc.b, e+k+1, chSpace))
		}
	case aboutAPIUser:
		if s, n, next := sc.argument(min(e+1, len(sc.b))); at(sc.b, e) == ' ' && next > n && n > s {
			sc.userName(s, n, ruleUserField)
		}
	case aboutGreeting:
		sc.greeted(e)
	}
}

package redact

import "bytes"

// Topics of keys, of numbers of people, of accounts and of other languages.
const (
	aboutKey      topic = 128 + iota // message-digest-key 1 md5 x
	aboutNational                    // national insurance number x
	aboutAccount                     // name@database FATAL:
	aboutValue                       // Its value is 'x'
	aboutForeign                     // Kennwort lautet x
	aboutSegment                     // REF*SY*123456789~
	aboutPlace                       // a secret whose name stands in no key
	aboutNamed                       // Administrator x login failed
	aboutPrinted                     // get-login-password, and below it x
	aboutUsers                       // "RegisteredUsers": {"name": "x"}
	aboutLocal                       // local-user x class manage
	aboutPrivacy                     // privacy aes x
	aboutShare                       // smbd_audit: name|address|
	aboutQuery                       // query?u=name&p=x
	aboutMask                        // ::add-mask::x
	aboutBound                       // binddn = cn=x,dc=y
)

// wordsOfKinds are the words of keys, numbers of people and accounts.
var wordsOfKinds = map[string]topic{
	"message-digest-key": aboutKey, "authentication-mode": aboutKey, "community-name": aboutKey, "failover": aboutKey, "importprivkey": aboutKey, "sethdseed": aboutKey,
	"encryptwallet": aboutKey, "passkey": aboutKey, "get-community": aboutKey, "set-community": aboutKey, "trap-community": aboutKey, "newpass": aboutKey, "ascii": aboutKey, "shared-secret": aboutKey, "pre-shared-secret": aboutKey, "preshared-secret": aboutKey, "preshared-key": aboutKey, "rw-community": aboutKey, "ro-community": aboutKey, "rwa-community": aboutKey, "community-string": aboutKey, "hash-key": aboutKey, "nas-key": aboutKey, "wpa2-psk": aboutKey, "wpa3-psk": aboutKey, "wpa3-sae": aboutKey, "sae-password": aboutKey,
	"auth-pass-phrase-hashed": aboutKey, "privacy-pass-phrase-hashed": aboutKey, "auth-pass-phrase": aboutKey, "privacy-pass-phrase": aboutKey, "priv-pass-phrase": aboutKey, "passphrase-hashed": aboutKey, "plaintext-password": aboutKey, "ciphertext-password": aboutKey, "server-key": aboutKey, "shared-key": aboutKey, "md5-key": aboutKey, "chap-secret": aboutKey, "chap-password": aboutKey, "pap-password": aboutKey, "tunnel-password": aboutKey, "enable-password": aboutKey, "enable-secret": aboutKey, "login-password": aboutKey, "auth-key": aboutKey, "priv-key": aboutKey, "privacy-password": aboutKey, "ppp-password": aboutKey, "peer-secret": aboutKey, "radkey": aboutKey, "sv_setsteamaccount": aboutKey, "check_snmp": aboutKey,
	"binddn": aboutBound, "bind_dn": aboutBound, "bind-dn": aboutBound, "rootdn": aboutBound, "managerdn": aboutBound, "manager_dn": aboutBound, "ldap-login-dn": aboutBound, "ldap_default_bind_dn": aboutBound, "ldapbinddn": aboutBound,
	"privacy": aboutPrivacy, "add-mask": aboutMask, "github-oauth": aboutUsers, "gitlab-oauth": aboutUsers, "gitlab-token": aboutUsers, "jsonpath": aboutPrinted, "smbd_audit": aboutShare, "allow": aboutDirected,
	"insurance": aboutNational, "nino": aboutNational, "dni": aboutNational, "nie": aboutNational, "cpf": aboutNational, "fiscale": aboutNational, "insee": aboutNational, "steuer-id": aboutNational,
	"administrator": aboutNamed, "benutzer": aboutNamed, "benutzers": aboutNamed, "utilisateur": aboutNamed, "usuario": aboutNamed, "utente": aboutNamed, "gebruiker": aboutNamed, "authentication": aboutNamed, "set_id": aboutNamed, "devname": aboutNamed, "duoauthproxy": aboutNamed,
	"fatal": aboutAccount, "statement": aboutAccount, "detail": aboutAccount, "log": aboutAccount, "hint": aboutAccount, "dhcpack": aboutAccount, "dhcprequest": aboutAccount, "dhcpoffer": aboutAccount, "dhcpdiscover": aboutAccount, "sshd": aboutAccount, "ppe": aboutAccount, "pkexec": aboutAccount,
	"imap": aboutAccount, "pop3": aboutAccount, "lmtp": aboutAccount, "lda": aboutAccount, "managesieve": aboutAccount, "doas": aboutAccount, "delete": aboutAccount, "worker": aboutAccount,
	"upload": aboutAccount, "mkdir": aboutAccount, "rename": aboutAccount, "chmod": aboutAccount,
	"icesecretread": aboutPlace, "icesecretwrite": aboutPlace, "s_gwyuid": aboutPlace, "gwyuid": aboutPlace, "gwyupass": aboutPlace, "ommysql": aboutPlace, "ompgsql": aboutPlace, "dbi": aboutPlace, "feed": aboutPlace, "args": aboutPlace,
	"with-decryption": aboutPrinted, "get-secret-value": aboutPrinted, "genkey": aboutPrinted, "genpsk": aboutPrinted, "print-access-token": aboutPrinted, "print-identity-token": aboutPrinted, "get-login-password": aboutPrinted, "pwgen": aboutPrinted, "find-generic-password": aboutPrinted, "find-internet-password": aboutPrinted,
	"registeredusers": aboutUsers, "basic_auth_users": aboutUsers, "userpasswordauth": aboutUsers, "checkpassword_dict": aboutUsers, "auth_users": aboutUsers, "authusers": aboutUsers, "httpusers": aboutUsers, "http_users": aboutUsers, "static_users": aboutUsers, "basicauthusers": aboutUsers, "digest_users": aboutUsers,
	"regionserver": aboutPlace, "local-user": aboutLocal, "there": aboutLocal, "securitytokenvalidationexception": aboutLocal,
	"samlresponse": aboutPlace, "curlopt_userpwd": aboutPlace, "curlopt_proxyuserpwd": aboutPlace, "curlopt_password": aboutPlace, "curlopt_proxypassword": aboutPlace, "curlopt_keypasswd": aboutPlace, "curlopt_sslkeypasswd": aboutPlace, "curlopt_proxy_keypasswd": aboutPlace, "curlopt_tlsauth_password": aboutPlace, "curlopt_xoauth2_bearer": aboutPlace, "userpwd": aboutPlace, "loaded": aboutPlace, "now": aboutPlace, "invite": aboutPlace, "invitation": aboutPlace, "confirm": aboutPlace, "activate": aboutPlace, "magic": aboutPlace, "magic-link": aboutPlace, "unlock": aboutPlace, "recover": aboutPlace, "push": aboutPlace, "cont": aboutPlace, "opc": aboutPlace, "upid": aboutPlace, "auth2": aboutPlace, "securestring": aboutPlace, "cmdargav": aboutPlace, "buildconfigfield": aboutPlace, "resvalue": aboutPlace, "proxyuserpwd": aboutPlace, "azure": aboutPlace, "encoded": aboutPlace, "reset": aboutPlace,
	"value": aboutValue, "ref": aboutSegment, "isa": aboutSegment, "nm1": aboutSegment, "per": aboutSegment, "passwort": aboutForeign, "kennwort": aboutForeign, "contrasena": aboutForeign, "senha": aboutForeign, "wachtwoord": aboutForeign, "passe": aboutForeign,
}

// ofKind looks at the word b[i:e], which is about t, one of those.
func (sc *scanner) ofKind(t topic, i, e int) {
	switch t {
	case aboutKey:
		if is(at(sc.b, e), chSpace) {
			sc.commandedBy(i)
		}
		if lower(sc.b[i]) == 'a' && e-i == len("ascii") {
			sc.afterASCII(i, e)
		} else if !sc.keyCommand(i, e) && (bytes.IndexByte(sc.b[i:e], '-') > 0) {
			sc.deviceWord(i, e, true)
		}
	case aboutNational:
		sc.national(e)
	case aboutAccount:
		sc.accountOf(i, e)
	case aboutValue:
		sc.ofValue(i, e)
	case aboutForeign:
		sc.inLanguage(e)
	case aboutBound:
		p := e
		for p < e+8 && (is(at(sc.b, p), chSpace|chQuote) || at(sc.b, p) == '=' || at(sc.b, p) == ':' || at(sc.b, p) == '[') {
			p++
		}
		if p > e {
			sc.boundAs(p)
		}
	case aboutPrivacy: // of SNMP: privacy des x
		if b := sc.b; is(at(b, e), chSpace) && sc.authenticatedBy(e) {
			sc.deviceWord(i, e, false)
		}
	case aboutNamed:
		if sc.b[i] == 'a' && e-i == len("authentication") && at(sc.b, e) == ' ' {
			sc.commandHere(i)
		}
		if c := sc.b[i]; e-i != len("authentication") || c != 'a' || !is(at(sc.b, e), chSpace) || !sc.authenticatedBy(e) && !equalFold(sc.wordBefore(i), "nhrp") && !sc.redundancy() || !sc.deviceWord(i, e, false) {
			sc.namedBy(i, e)
		}
	case aboutSegment:
		sc.segment(e)
	case aboutPlace:
		sc.placed(i, e)
	case aboutPrinted:
		sc.printed(i, e)
	case aboutUsers:
		sc.usersNamed(e)
	case aboutLocal:
		sc.localAccount(i, e)
	case aboutMask: // of GitHub
		if b := sc.b; bytes.HasPrefix(b[e:], []byte("::")) && i > sc.ls && b[i-1] == ':' {
			sc.hideSecret(e+2, e+2+len(bytes.TrimRight(b[e+2:sc.eol(e)], " \t\"'")), cToken, ruleDirective)
		}
	case aboutQuery:
		switch at(sc.b, e) {
		case '?', '/':
			sc.queried(e)
		case '(':
			sc.communityBefore(i)
		}
	case aboutShare:
		sc.shareAudited(e)
	default:
		sc.ofNames(t, i, e)
	}
}

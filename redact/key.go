package redact

import "strings"

// keyKind is what a key says about its value.
type keyKind uint8

const (
	keyNone     keyKind = iota
	keyPassword         // whatever stands there is a password
	keyPass             // "pass": a password, or a result, or a round
	keySecret           // a token, a key, a shared secret
	keyWeak             // a secret if it looks like one
	keyCookie           // pairs of names and values
	keySetCookie
	keyAuth // a scheme and its credentials
	keyUser
	keyHost
	keyName // its value names the thing that the next value is of
	keySSN
	keyPhone
	keyCard
	keyNew     // the new value of what the line before names
	keyDSN     // may hold user:password forms of its driver
	keySession // the id of a session
	keyPin     // a number that is typed in secret
	keyPairs   // a list of user:password
	keyData    // the values of an object of Kubernetes
	keyValue   // a secret if the object around it says so
	keyResp    // of a login, if it is written like one
	keyIdentity
	keyJWK    // of a JSON Web Key: its private parts are beside it
	keyMAC    // without signs between its digits
	keyActor  // who did something
	keyUsers  // a list of accounts
	keyHosts  // a list of machines
	keyShown  // what something is called: somebody, if the object is his
	keyDevice // a machine, if it is called like one
)

func (k keyKind) secret() bool {
	return k >= keyPassword && k <= keyAuth || k == keySession || k == keyPin
}

// maxKey is the length of the longest key that is looked at.
const maxKey = 80

// decide tells the kind of a key from its words: db.password, DB_PASS,
// adminPassword, X-Api-Key, "Account Name".
func decide(key []byte) keyKind {
	if pseudonymEnds(key, len(key)) { // its digits make a word by chance
		return keyNone
	}
	var words [8]string
	var buf [maxKey]byte
	for _, c := range key {
		if c >= 0x80 {
			if key = []byte(plainKey(string(key))); len(key) == 0 {
				return keyNone
			}
			break
		}
	}
	n := splitKey(key, buf[:], &words)
	if n == 2 && words[0] == "string" && words[1] == "data" {
		return keyData
	}
	if n == 2 && words[0] == "authentication" && words[1] == "string" { // a column of MySQL
		return keyPassword
	}
	if n > 1 && words[n-1] == "keychain" { // where a password is kept
		n--
	}
	if n == 1 && words[0] == "value" {
		return keyValue
	}
	for n > 1 && (qualifier(words[n-1]) || len(words[n-1]) < 3 && is(words[n-1][0], chDigit) && allDigits([]byte(words[n-1]))) {
		n--
	}
	if n == 0 {
		return keyNone
	}
	last, before := trimDigits(words[n-1]), ""
	if n > 1 {
		before = trimDigits(words[n-2])
	}
	if n == 1 && len(words[0]) < len(key)-1 && last == "new" {
		return keyNew
	}
	if k := foreignKey(before, last); k != keyNone {
		return k
	}
	if k := actorKey(before, last); k != keyNone {
		return k
	}
	switch last {
	case "password", "passwords", "passphrases", "passwd", "passphrase", "pwd", "passwort", "passcode", "pswd", "psw", "passw", "kennwort",
		"contrasena", "wachtwoord", "senha", "mdp", "pw", "requirepass", "masterauth", "masterpass",
		"passout", "passin", "passcrypt", "authtok", "rocommunity", "rwcommunity", "credential", "credentials", "creds", "cred", "psk", "passkey", "passwordd", "passwordo":
		if last == "pw" && n == 1 || last == "cred" && n == 1 {
			return keyWeak
		}
		if strings.HasPrefix(last, "cred") {
			return keySecret
		}
		return keyPassword
	case "all", "sys", "system", "dbsnmp", "sysman", "asmsnmp", "pdbadmin": // oracle.install.db.config.starterdb.password.ALL
		if before == "password" {
			return keyPassword
		}
		return keyNone
	case "loginuse": // of cameras
		return keyUser
	case "dbroot": // mailcow
		return keyPassword
	case "resp":
		return keyResp
	case "identity":
		return keyIdentity
	case "bssid", "hwaddr", "macaddress", "macaddr", "macaddresses":
		return keyMAC
	case "address", "addr", "addresses":
		if before == "mac" || before == "hardware" || before == "physical" {
			return keyMAC
		}
		return keyNone
	case "hosts":
		return keyHosts
	case "srcname", "dstname", "devname", "devicename", "agentname", "dvc", "fw":
		return keyDevice
	case "source":
		if before == "data" {
			return keyHost
		}
		return keyNone
	case "pass":
		if n == 1 || before == "test" || before == "first" || before == "second" || before == "render" {
			return keyPass
		}
		switch before {
		case "proxy": // nginx: proxy_pass http://...
			if strings.IndexByte(string(key), '_') < 0 {
				break
			}
			return keyPass
		case "fastcgi", "uwsgi", "scgi", "grpc", "memcached", "full", "high", "low", "band", "all":
			return keyNone
		case "hash": // of a table that is gone through
			if n > 2 && words[n-3] == "full" {
				return keyNone
			}
		}
		return keyPassword
	case "secret", "secrets":
		if before == "existing" || before == "pull" { // of Kubernetes: the name of one
			return keyNone
		}
		return keySecret
	case "token":
		switch before {
		case "next", "page", "continuation", "sync", "cancellation", "cancel", "window", "unexpected", "eof", "end",
			"start", "stop", "syntax", "pad", "unk", "wake", "app", "activity", "sep", "cls", "mask", "bos", "eos", "current":
			if before != "app" {
				return keyNone
			}
		case "elevated", "posture": // of Windows, of NAC
			return keyNone
		case "key":
			if n > 2 && words[n-3] == "public" {
				return keyNone
			}
		}
		return keySecret
	case "key", "keys":
		if (before == "primary" || before == "secondary") && (n == 2 || n == 3 && words[0] != "is") && len(key) == len(before)+len("key") && is(key[0], chAlpha) {
			return keyWeak
		}
		if before == "primary" && n > 2 && words[n-3] == "encryption" || before == "generation" && n > 2 && (words[n-3] == "token" || words[n-3] == "jwt") {
			return keySecret
		}
		return keyKey(before)
	case "salt":
		if before == "ticket" { // of Icinga: what certificates are asked for with
			return keySecret
		}
		return keyWeak
	case "apikey", "accesskey", "secretkey", "skey", "privatekey", "authkey", "sharedkey", "masterkey", "signingkey", "accountkey",
		"encryptionkey", "sshkey", "licensekey", "appkey", "primarykey2", "sessionkey", "hmackey", "authtoken", "accesstoken",
		"refreshtoken", "apitoken", "bottoken", "idtoken", "sastoken", "usertoken", "bearertoken", "servicetoken", "deploytoken",
		"clientsecret", "appsecret", "apisecret", "jwt", "jwtsecret", "sharedsecret", "privkey", "secretaccesskey", "awssecretkey",
		"otp", "totp", "mnemonic", "webhook", "community", "keystring", "authenticator", "dockerconfigjson", "psksecret",
		"csrftoken", "xsrftoken", "csrf", "xsrf", "authenticitytoken", "verifier", "assertion", "ticket", "pat", "dsn":
		switch last {
		case "community":
			switch before {
			case "snmp", "default", "read", "write", "ro", "rw", "trap", "get", "set":
				return keyPassword
			}
			return keyWeak
		case "ticket", "verifier", "pat", "webhook", "authenticator", "csrf", "xsrf", "assertion", "jwt", "otp", "totp":
			return keyWeak
		case "dsn":
			return keyDSN
		}
		return keySecret
	case "phrase", "words", "word":
		switch before {
		case "seed", "recovery", "mnemonic", "backup", "wallet":
			return keySecret
		case "pass":
			return keyPassword
		}
		return keyNone
	case "ciphertext", "appid":
		return keyWeak
	case "kek", "dek", "smbhash", "nthash", "lmhash", "ntpasswordhash", "lmpasswordhash", "unixhash":
		if last[1] == 'e' {
			return keySecret
		}
		return keyPassword
	case "team": // of Honeycomb
		if before == "honeycomb" {
			return keySecret
		}
		return keyNone
	case "headervalue", "httpheadervalue":
		return keyAuth
	case "material", "content":
		if before == "key" && (last == "material" || strings.IndexByte(string(key), ' ') > 0) { // netsh wlan show profile key=clear
			return keyPassword
		}
		return keyNone
	case "clear", "cleartext": // clear-text="x"
		if words[0] == "cleartext" || len(key) > 5 {
			return keyPass
		}
		return keyNone
	case "data":
		if n == 1 {
			return keyData
		}
		return keyNone
	case "ident":
		if before == "auth" { // user:password
			return keyAuth
		}
		return keyNone
	case "pepper":
		return keySecret
	case "mac": // of a private key of PuTTY
		if before == "private" {
			return keySecret
		}
		return keyMAC
	case "kty":
		return keyJWK
	case "secure", "license", "licence":
		return keyWeak
	case "passhash", "snmpcommv", "pskvalue", "userauthcookie", "prelogonuserauthcookie", "snmpcommunity", "secretsalt", "otpkey":
		if last == "secretsalt" || last == "otpkey" || last[0] == 'u' || strings.HasSuffix(last, "cookie") {
			return keySecret
		}
		return keyPassword
	case "pin", "cvv", "cvc", "cvv2":
		if last == "pin" && n == 1 {
			return keyWeak
		}
		if last == "pin" {
			return keyPin
		}
		return keyPassword
	case "codes":
		if before == "recovery" || before == "backup" || before == "scratch" || before == "emergency" {
			return keyPassword
		}
		return keyNone
	case "signature", "sig", "hmac", "code", "nonce", "seed", "hash", "sas":
		switch before {
		case "pin", "alarm", "door", "disarm", "entry", "gate", "lock", "panel", "mfa", "otp", "totp", "sms", "confirmation", "2fa", "twofactor":
			if last == "code" {
				return keyPin
			}
		}
		if last == "seed" && (before == "totp" || before == "otp" || before == "mfa" || before == "2fa" || before == "wallet" || before == "hd" || before == "tpm") {
			return keySecret
		}
		if before == "verification" || before == "recovery" || before == "backup" || before == "security" || before == "access" {
			return keySecret
		}
		return keyWeak
	case "authorization", "authorisation":
		return keyAuth
	case "auth", "authentication", "authinfo", "rpcauth", "basicauth", "httpauth", "userpwd":
		return keyAuth
	case "strings": // of SNMP
		if before == "community" {
			return keyPassword
		}
		return keyNone
	case "bearer", "tokens", "encrypt", "private", "localprivate", "crumb":
		return keyWeak
	case "cookie", "cookies":
		if before == "set" {
			return keySetCookie
		}
		if before == "auth" || before == "session" || before == "erlang" || before == "magic" {
			return keySecret
		}
		return keyCookie
	case "session", "sessionid", "sid", "jsessionid", "phpsessid", "sessid", "sess":
		if last == "sid" && n > 1 && before != "session" && before != "connect" {
			return keyNone
		}
		return keySession
	case "id":
		if before == "session" {
			return keySession
		}
		if before == "secret" { // of Vault, Nomad and Consul
			return keySecret
		}
		if before == "user" || before == "login" {
			return keyUser
		}
		if before == "key" && n > 2 && (words[n-3] == "access" || words[n-3] == "private") {
			return keySecret
		}
		if before == "steuer" {
			return keySSN
		}
		if n == 1 {
			return keyName
		}
		return keyNone
	case "user", "username", "login", "logname", "ruser", "acct", "usr", "loginname", "userid", "uid", "auid", "suid", "euid",
		"bindname", "bindusername", "principal", "account", "uname", "samaccountname", "cuser", "logonname", "rolename", "role", "userprincipalname", "upn",
		"loginuser", "remoteuser", "requser", "authuser", "duser", "suser", "susr", "dusr":
		switch last {
		case "account", "principal", "role", "rolename":
			if n == 1 && last != "principal" {
				return keyNone
			}
			if last == "role" || last == "rolename" || before == "storage" || before == "service" {
				return keyNone
			}
		case "login":
			switch before {
			case "imap", "pop3", "submission", "managesieve", "lmtp": // programs of Dovecot
				return keyNone
			}
		case "uid": // vpc_uid, requestUid: whatever has one
			switch before {
			case "", "user", "owner", "ldap", "login", "posix", "os", "unix", "member", "admin", "auth", "account", "person", "run", "sender", "bind":
			default:
				return keyNone
			}
		}
		return keyUser
	case "name":
		switch before {
		case "account":
			if n > 2 && (words[n-3] == "service" || words[n-3] == "storage") {
				return keyNone
			}
			return keyUser
		case "key": // of Azure
			if n == 2 && len(key) == len("keyName") {
				return keyName
			}
			return keyNone
		case "user", "usr", "login", "logon", "sam", "member", "owner", "author", "principal", "security":
			return keyUser
		case "community", "cmnty": // of SNMP
			return keyWeak
		case "group":
			if n > 2 && words[n-3] == "or" { // user-or-group-name
				return keyUser
			}
			return keyNone
		case "switch", "router", "firewall", "appliance", "filer":
			return keyHost
		case "display":
			if n > 2 && (words[n-3] == "user" || words[n-3] == "account") {
				return keyActor
			}
			return keyShown
		case "device", "endpoint", "vm", "agent":
			return keyDevice
		case "system", "source":
			if n > 2 && (words[n-3] == "client" || words[n-3] == "log") {
				return keyDevice
			}
			return keyNone
		case "bios": // NetBios
			return keyHost
		case "host", "computer", "workstation", "machine", "node", "server", "netbios":
			return keyHost
		case "", "parameter", "option", "variable", "setting", "env", "header", "attribute", "property", "field", "param":
			return keyName
		}
		return keyNone
	case "label": // of CEF: cs1Label=token cs1=x
		if n == 2 && (before == "cs" || before == "string") {
			return keyName
		}
		return keyNone
	case "param", "property", "variable", "field", "header", "parameter", "setting", "attribute":
		return keyName
	case "host", "hostname", "nodename", "rhost", "computer", "workstation", "fqdn", "computername", "workstationname",
		"machinename", "servername", "myhostname", "dhost", "shost", "dvchost", "helo", "ehlo", "peer", "hostnames":
		return keyHost
	case "server":
		return keyHost
	case "node", "machine":
		if n == 2 && (before == "from" || before == "client" || before == "source" || before == "target" && last == "node" || before == "worker" || before == "master") {
			return keyHost
		}
		return keyNone
	case "ssn":
		return keySSN
	case "cpf", "dni", "nie", "nif", "nino", "nir", "insee", "steuerid", "steueridnummer", "idnr", "codicefiscale", "sozialversicherungsnummer":
		return keySSN
	case "fiscale", "fiscal":
		if before == "codice" || before == "numero" {
			return keySSN
		}
		return keyNone
	case "phone", "mobile", "telephone", "tel", "msisdn", "fax", "cell", "phonenumber", "telefon", "telefono", "telefone", "telefoon", "telefax", "mobil", "mobilnummer", "handy", "handynummer", "rufnummer", "telefonnummer", "cellulare":
		return keyPhone
	case "number":
		switch before {
		case "phone", "mobile", "telephone", "fax", "contact", "cell":
			return keyPhone
		case "security", "insurance", "taxpayer":
			return keySSN
		}
		return keyNone
	}
	switch {
	case last == "chpasswd": // a list of pairs, not a password
		return keyPairs
	case last == "1password" || last == "onepassword": // a program
		return keyNone
	case hasAnySuffix(last, "password", "passwd", "passphrase", "passwort"):
		return keyPassword
	case strings.HasSuffix(last, "psk") && len(last) < 12:
		return keyPassword
	case strings.HasSuffix(last, "pwd") || compound(last, "pw") || compound(last, "pass") || compound(last, "pas"):
		return keyPassword
	case hasAnySuffix(last, "secret", "apikey", "secretkey", "accesskey", "privatekey", "authtoken", "accesstoken"), strings.HasPrefix(last, "passwordsalt"), strings.HasSuffix(last, "ionsalt"):
		return keySecret
	case strings.HasSuffix(last, "token") && !strings.HasPrefix(last, "next") && !strings.HasPrefix(last, "page") && !strings.HasPrefix(last, "sync") && !strings.HasPrefix(last, "cancel") && !strings.HasPrefix(last, "con"):
		return keySecret
	case strings.HasSuffix(last, "key") && len(last) > 6 && keyKey(last[:len(last)-3]) == keySecret:
		return keySecret
	case strings.HasPrefix(last, "jsessionid") || strings.HasPrefix(last, "phpsessid") || strings.HasPrefix(last, "aspsessionid") || last == "aspxauth" || last == "aspxformsauth" || last == "aspxroles":
		return keySession
	case strings.HasSuffix(last, "hostname") || last == "pfhost":
		return keyHost
	case strings.HasSuffix(last, "agentname"):
		return keyDevice
	case strings.HasSuffix(last, "username"):
		return keyUser
	case words[0] == "pass" && (n == 2 && (last == "lm" || last == "nt") || n == 3 && words[1] == "ntl"): // of cntlm
		return keyPassword
	case strings.HasSuffix(last, "pass") && len(last) > 6 && !passes.has([]byte(last)):
		return keyPass
	}
	return keyNone
}

// passes are words that end so and have nothing to do with passwords.
var passes = setOf("bypass", "compass", "encompass", "surpass", "trespass", "underpass", "overpass", "multipass", "singlepass", "firstpass", "secondpass", "renderpass", "lowpass", "highpass", "bandpass", "allpass", "prepass", "postpass", "subpass", "nopass", "onepass", "twopass", "midpass", "testpass", "proxypass", "boardingpass", "computepass", "shadowpass", "depthpass", "wrongpass", "badpass", "invalidpass", "expiredpass", "mustpass", "canpass", "allpasses")

// compound reports whether w is a word that names whose password it is, and
// then the suffix: ldappw, rootpass. Other words end so too: cmpw, bypass.
func compound(w, suffix string) bool {
	whose, ok := strings.CutSuffix(w, suffix)
	if !ok || whose == "" {
		return false
	}
	if strings.HasSuffix(whose, "db") {
		return true
	}
	for k := 0; k == 0 || len(whose)-k >= 3; k++ { // srcstorepass
		if whosePassword.has([]byte(whose[k:])) {
			return true
		}
	}
	return false
}

var whosePassword = setOf("root", "user", "admin", "db", "bind", "ldap", "sql", "mysql", "pg", "ftp", "sftp", "smtp", "imap", "pop", "mail", "http", "https", "proxy", "key",
	"store", "keystore", "trust", "truststore", "login", "auth", "account", "wifi", "wlan", "vpn", "enc", "encrypt", "client", "server", "master", "default", "my", "ssh",
	"web", "app", "api", "svc", "service", "cert", "pfx", "host", "guest", "repl", "sa", "remote", "local", "redis", "mongo", "rabbit", "amqp", "mqtt", "kafka", "ora", "oracle",
	"rootpwmod", "private", "secret", "test", "new", "old", "current", "group", "domain", "ad", "email", "cifs", "smb", "snmp", "radius", "rcon", "backup", "zip", "archive", "pem", "p12", "jks", "control", "relay", "share", "wallet", "enable", "sudo", "router", "node", "mgr", "mgmt", "manager", "ipmi", "bmc", "ups", "nas", "sip", "voip", "upload", "write", "view", "site", "jdbc", "zabbix", "tacacs", "camera", "asterisk", "nagios", "sqladmin", "dbadmin", "superuser", "operator")

// keyKey decides on keys that end in "key" by the word before.
func keyKey(before string) keyKind {
	switch before {
	case "serviceprincipal", "mailchimp", "api", "access", "secret", "private", "signing", "sign", "encryption", "encrypt", "enc", "master", "shared",
		"account", "auth", "session", "service", "application", "client", "license", "licence", "deploy", "admin",
		"ssh", "rsa", "hmac", "jwt", "sec", "crypto", "network", "cipher", "symmetric", "subscription", "instrumentation", "consumer", "tunnel",
		"write", "read", "ingest", "ingestion", "integration", "preshared", "recovery", "unseal", "unlock", "function", "webhook", "decryption",
		"wpa", "psk", "wep", "radio", "wifi", "wlan", "wireless", "iface", "mgmt", "management", "authentication", "cookie", "join", "keystore", "truststore", "upgrade", "fernet", "serializer", "digest", "salt", "vault", "keyring", "gossip", "cluster", "activation", "product", "token", "host", "logged", "user", "server",
		"register", "registration", "enrollment", "enrolment", "enroll", "provisioning", "provision", "nwk", "nwks", "apps", "genapp", "kek", "psk2",
		"otp", "misp", "local", "luks", "ntfy", "setup", "internal", "gpg", "pgp", "tls", "ssl", "kms", "data", "app", "project", "storage", "aes", "des", "security", "seal", "root", "erlang",
		"validation", "md5", "stripe", "twilio", "mailgun", "sendgrid", "google", "maps", "openai", "live", "test", "transit", "radius", "tacacs":
		switch before {
		case "host", "data", "user", "server", "token", "storage", "project", "root", "client", "session", "product", "read",
			"write", "app", "service", "security", "test", "application", "function", "ssh", "rsa", "tls", "ssl", "digest", "salt", "cluster", "vault":
			return keyWeak
		}
		return keySecret
	case "reg", "type", "by", "event", "public", "primary", "foreign", "cache", "sort", "partition", "row", "object", "registry", "map", "index", "unique",
		"group", "lookup", "dedup", "idempotency", "trace", "s3", "translation", "composite", "natural", "i18n", "message",
		"recv", "list", "export", "import", "generate", "gen", "fetch", "refresh",
		"config", "hot", "arrow", "locale", "lock", "queue", "hash", "range", "order", "candidate", "surrogate":
		return keyNone
	case "", "parameter", "option", "variable", "setting", "env", "header", "attribute", "property", "field":
		return keyName
	}
	return keyWeak
}

// qualifier reports whether a last word of a key says nothing about what the
// value is: password_hash, new_password2, secretValue.
func qualifier(w string) bool {
	switch w {
	case "value", "text", "string", "str", "plain", "plaintext", "clear", "cleartext", "encrypted", "enc", "hash", "hashed",
		"base64", "b64", "data", "new", "old", "current", "confirm", "confirmation", "confirmed", "again", "repeat", "repeated",
		"verify", "retype", "crypted", "md5", "sha1", "sha2", "sha224", "sha256", "sha384", "sha512", "crypt", "bcrypt", "raw", "prod", "dev", "staging", "secondary",
		"hex", "aes", "sha", "in", "pbkdf2", "argon2", "scrypt", "1", "2", "3", "b", "i", "s", "base", "val", "pem", "override", "temp", "tmp", "backup", "plaintext2":
		return true
	}
	return false
}

// splitKey puts the lower-case words of a key in words and returns their
// number; of a long key the last words count.
func splitKey(key, buf []byte, words *[8]string) int {
	if len(key) > len(buf) {
		key = key[len(key)-len(buf):]
	}
	n, start, w := 0, 0, 0
	flush := func(end int) {
		if end > start {
			if n == len(words) {
				copy(words[:], words[1:])
				n--
			}
			words[n] = string(buf[start:end])
			n++
		}
		start = end
	}
	for i, c := range key {
		switch {
		case is(c, chUpper):
			prevLower := i > 0 && is(key[i-1], chLower|chDigit)
			nextLower := i+1 < len(key) && is(key[i+1], chLower) && i > 0 && is(key[i-1], chUpper) &&
				!(i+2 == len(key) && key[i+1] == 's')
			if prevLower || nextLower {
				flush(w)
			}
			buf[w] = c | 0x20
			w++
		case is(c, chLower|chDigit) || c >= 0x80:
			buf[w] = c
			w++
		default:
			flush(w)
		}
	}
	flush(w)
	return n
}

func trimDigits(w string) string {
	n := len(w)
	for n > 2 && is(w[n-1], chDigit) {
		n--
	}
	return w[:n]
}

func hasAnySuffix(w string, suffixes ...string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(w, s) {
			return true
		}
	}
	return false
}

// keyTails are the ends of keys that are worth a decision. A key of which the
// last four letters are none of these is not looked at.
func keyTails() *gate {
	g := new(gate)
	for _, w := range []string{
		"password", "passwords", "tokens", "base", "passphrase", "passphrases", "passwort", "passcode", "kennwort", "contrasena", "wachtwoord", "senha", "passwd", "pswd",
		"pass", "masterauth", "community", "credential", "credentials", "creds", "cred", "passkey", "passout", "passin",
		"secret", "secrets", "token", "keys", "mnemonic", "webhook", "keystring", "dockerconfigjson", "csrf", "xsrf", "verifier",
		"salt", "assertion", "ticket", "signature", "hmac", "code", "codes", "nonce", "seed", "authorization", "authorisation", "auth",
		"authentication", "authinfo", "bearer", "cookie", "cookies", "session", "sessionid", "sessid", "sess", "user", "username",
		"login", "logname", "acct", "userid", "auid", "suid", "euid", "principal", "account", "uname", "name", "param",
		"property", "variable", "field", "header", "parameter", "setting", "attribute", "host", "hostname", "nodename", "computer",
		"workstation", "fqdn", "node", "server", "machine", "phone", "mobile", "telephone", "msisdn", "cell", "number", "value",
		"text", "string", "plain", "plaintext", "clear", "cleartext", "encrypted", "hash", "hashed", "data", "current", "confirm",
		"confirmation", "confirmed", "again", "repeat", "repeated", "verify", "retype", "crypt", "bcrypt", "prod", "staging",
		"secondary", "totp", "helo", "ehlo", "peer", "hostnames", "upn", "phpsessid", "override", "temp", "backup", "base64", "sha1", "sha256",
		"sha512", "cvv2", "passw", "role", "rolename", "userprincipalname", "content", "material", "authtok", "pepper", "secure", "license", "licence", "saltmain", "-mac", "session_id", "password_in", "bkdf", "phrase", "passlm", "passnt", "ntlmv", "private", "ident", "dbroot", "identity", "bssid", "passwordd", "passwordo", "secretid", "crumb", "strings", "source", "label", "user id", "login id", "secret id", "secret_id", "passwordaes", "rpcauth", "words", "appid", "nino", "insee", "steuerid", "idnr", "fiscale", "fiscal", "sozialversicherungsnummer", "ciphertext", "honeycomb-team", "headervalue", "nthash", "tel.", "telefon", "telefono", "telefoon", "mobil", "handy", "rufnummer", "cellulare", "aspxauth", "aspxroles", "loginpas", "userpas", "loginuse", "d.all", "d.sys", "d.system", "dbsnmp", "asmsnmp", "sysman", "pdbadmin", "hosts", "address", "macaddr", "passhash", "snmpcommv", "pskvalue", "userauthcookie", "secretsalt", "keychain", "otpkey", "nameid", "user_id",
	} {
		if len(w) >= 4 {
			t := w[len(w)-4:]
			g.add((uint32(t[0]) | uint32(t[1])<<8 | uint32(t[2])<<16 | uint32(t[3])<<24) | lowerCase)
		}
	}
	for _, w := range []string{"pwd", "key", "psw", "mdp", "psk", "jwt", "otp", "pin", "cvv", "cvc", "sig", "sas", "sid", "esp", "mac", "api",
		"usr", "uid", "ssn", "cpf", "dni", "nie", "nif", "nir", "tel", "fax", "b64", "new", "old", "md5", "raw", "dev", "enc", "str", "dsn", "pat", "ser", "hex", "sha", "oin", "val", "dvc", "pem", "tmp", "upn", "kty", "kek", "dek"} {
		for c := range 256 {
			g.add(uint32(byte(c)|0x20) | uint32(w[0])<<8 | uint32(w[1])<<16 | uint32(w[2])<<24)
		}
	}
	for _, w := range actorTails {
		if len(w) >= 4 {
			g.add(load4([]byte(w), len(w)-4) | lowerCase)
			continue
		}
		for c := range 256 {
			g.add(load4([]byte(string([]byte{byte(c)})+w), 0) | lowerCase)
		}
	}
	foreignWords(func(w string) {
		if len(w) >= 4 {
			g.add(load4([]byte(w), len(w)-4) | lowerCase)
		}
	})
	return g
}

// keyTail reports whether the key that ends before b[end] may say something.
func keyTail(b []byte, end int) bool {
	c := b[end-1]
	if is(c, chDigit) {
		for end > 1 && is(b[end-1], chDigit) {
			end--
		}
		// base64, md5, sha256 end in digits themselves.
		if !is(b[end-1], chAlpha|chUnder) && b[end-1] != '-' && b[end-1] != '.' {
			return false
		}
		if b[end-1] == '_' || b[end-1] == '-' || b[end-1] == '.' {
			end--
			if end == 0 {
				return false
			}
		}
	}
	if lower(b[end-1]) == 'w' && end > 1 && lower(b[end-2]) == 'p' {
		return true
	}
	var v uint32
	if end >= 4 {
		v = load4(b, end-4)
	} else {
		v = load4(b, 0) << (8 * (4 - end)) // the line begins here
	}
	if gates.tails.has(v | lowerCase) {
		return true
	}
	if end >= 2 && (b[end-2] == '_' || b[end-2] == '.') && is(b[end-1], chLower|chUpper) { // password_b
		return end >= 6 && gates.tails.has(load4(b, end-6)|lowerCase)
	}
	return false
}

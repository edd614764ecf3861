package redact

import "bytes"

// What stands where a value is expected may only say where the value comes
// from: a lookup, a call, a member of a variable, the name of a file.

// lookup reports whether v is such an expression in the brackets of a template:
// %{x}, {env.X}, #{x}, @x.y@.
func lookup(v []byte) bool {
	n := len(v)
	if n < 4 {
		return false
	}
	switch v[0] {
	case '%', '#', '@':
		if v[0] == '@' {
			return v[n-1] == '@' && is(v[1], chAlpha) && run(v, 1, chKey) == n-1 && !hasDigit(v) && bytes.IndexByte(v, '.') > 0
		}
		return v[1] == '{' && v[n-1] == '}'
	case '{':
		if v[n-1] != '}' {
			return false
		}
		k := run(v, 1, chKey)
		dot := bytes.IndexByte(v[:k], '.')
		for k < n && v[k] == '/' { // {file./run/secrets/x}
			k = run(v, k+1, chKey)
		}
		if v[1] == '$' || v[1] == '%' { // Caddy
			k = run(v, 2, chKey)
			return k > 2 && (k == n-1 || v[k] == ':' || v[k] == '%')
		}
		return k == n-1 && dot > 2 && run(v, 1, chLower|chUnder) == dot && (is(at(v, dot+1), chAlpha) || at(v, dot+1) == '/')
	}
	return false
}

// lookupNames are the names of what templates look values up in: ${env:X}.
var lookupNames = setOf("env", "environment", "sys", "system", "file", "vault", "secret", "secrets", "ssm", "sm", "secretsmanager", "consul", "k8s", "java", "ctx", "main", "bundle", "docker", "spring", "lower", "upper", "base64", "param", "parameter", "self", "opt", "cf", "oc", "keystore", "key", "config", "provider", "aws", "gcp", "azure", "kv", "sops", "bitwarden", "op", "dotenv", "var")

// tagged reports whether a tag of YAML says that what follows it is only a
// reference: !Ref X, !GetAtt a.b, !secret x.
func tagged(tag []byte) bool {
	for len(tag) > 0 && tag[0] == '!' {
		tag = tag[1:]
	}
	return referenceTags.has(tag)
}

var referenceTags = setOf("ref", "getatt", "importvalue", "findinmap", "select", "if", "join", "split", "cidr", "env", "env_var", "envvar", "secret", "include", "lookup", "var", "reference", "file", "config", "keyof", "context", "find", "awssecret", "ssm", "keyvault")

// sqlFunctions are functions that statements compare or store passwords with.
var sqlFunctions = setOf("sha", "sha1", "sha2", "sha224", "sha256", "sha384", "sha512", "md5", "crypt", "password", "old_password", "encrypt", "aes_encrypt", "aes_decrypt", "des_encrypt", "concat", "concat_ws", "upper", "lower", "trim", "hash", "hashbytes",
	"encode", "decode", "digest", "nvl", "coalesce", "ifnull", "isnull", "gen_salt", "to_base64", "from_base64", "hex", "unhex", "pgp_sym_encrypt", "pgp_sym_decrypt", "convert", "cast", "substr", "substring", "substring_index", "standard_hash", "pwdencrypt", "pwdcompare", "replace", "left", "right", "uuid", "random", "rand", "now", "nullif", "char", "bcrypt", "scrypt", "hmac", "format", "printf", "sprintf", "file", "env", "getenv", "secret", "lookup", "base64", "base64encode", "base64decode", "b64enc", "b64dec", "quote", "toupper", "tolower", "input", "prompt", "ask", "read", "gensalt")

// expression reports whether v, without quotes, is a part of a program: a call
// whose arguments a sign cut off, a chain of members, a command of PowerShell.
func expression(v []byte) bool {
	i := run(v, 0, chWord)
	switch c := at(v, i); {
	case i == 0:
		if v[0] == '(' { // (Get-X -Y z).Token
			return cmdlet(v[1:])
		}
	case c == '(' && sqlFunctions.has(v[:i]):
		if d := at(v, i+1); is(d, chAlpha|chUnder) || d == '$' || d == ':' || d == '?' || d == '@' || d == ')' || d == '(' || i+1 == len(v) {
			return true
		}
	case c == '[' && at(v, i+1) == ':' && v[len(v)-1] == ']': // params[:password]
		return run(v, i+2, chWord) == len(v)-1
	case c == '-' && cmdlet(v):
		return true
	case c == '!' || c == '?': // token!.trim(), token?.value
		return !hasDigit(v[:i]) && reachedBy(v[i:]) && !endsInNumber(v)
	case c == '.' && !is(v[0], chDigit):
		k, dots := i, 0
		for at(v, k) == '.' && is(at(v, k+1), chAlpha|chUnder) {
			k = run(v, k+1, chWord)
			dots++
		}
		switch {
		case k < len(v) && !hasDigit(v[:k]) && reachedBy(v[k:]):
			return true
		case k == len(v) || v[k] == '[' || v[k] == '(':
			return bags.has(v[:i]) && !is(v[0], chUpper) && !hasDigit(v[:k])
		}
	}
	return false
}

// endsInNumber reports whether v ends in a number, as passwords do and members of
// variables hardly ever: Word!.Word2024.
func endsInNumber(v []byte) bool {
	n := len(v)
	return n > 2 && is(v[n-1], chDigit) && is(v[n-2], chDigit)
}

// reachedBy reports whether v begins with a member of what may be missing: ?.x,
// !!.x.
func reachedBy(v []byte) bool {
	k := 0
	for k < len(v) && k < 2 && (v[k] == '?' || v[k] == '!') {
		k++
	}
	return k > 0 && at(v, k) == '.' && is(at(v, k+1), chAlpha)
}

// bags are variables that programs keep in what came from elsewhere.
var bags = setOf("req", "request", "res", "response", "ctx", "context", "params", "session", "config", "cfg", "conf", "options", "opts", "props", "state", "event", "env", "environ", "secrets", "vault", "inputs", "outputs", "steps", "needs", "matrix", "github", "each", "values", "settings", "args", "argv", "form", "body", "query", "headers", "cookies", "payload", "data", "input", "credentials", "creds", "auth", "user", "account", "module", "path", "count", "random_password", "os", "self", "this", "local", "global", "kwargs", "flags", "attrs", "attributes", "node", "hiera", "pillar", "grains", "lookup", "item", "hostvars")

// cmdlet reports whether v begins with a command of PowerShell: Get-Credential.
func cmdlet(v []byte) bool {
	k := run(v, 0, chAlpha)
	if k < 2 || at(v, k) != '-' || !is(v[0], chUpper) || !is(at(v, k+1), chUpper) || !verbs.has(v[:k]) {
		return false
	}
	n := run(v, k+1, chAlpha)
	return n > k+2 && (n == len(v) || is(v[n], chSpace) || v[n] == ')')
}

var verbs = setOf("get", "read", "new", "import", "convertto", "convertfrom", "invoke", "select", "out", "join", "unprotect", "protect", "set", "start", "request", "find", "resolve", "format", "where", "write", "test")

// keptIn reports whether v is the name of a file in which a key is kept.
func keptIn(v []byte) bool {
	k := bytes.LastIndexByte(v, '.')
	if k < 1 || run(v, 0, chKey) != len(v) {
		return false
	}
	return keyFileEnds.has(v[k+1:])
}

var keyFileEnds = setOf("pem", "key", "crt", "cer", "der", "p12", "pfx", "jks", "jceks", "bcfks", "keystore", "truststore", "gpg", "asc", "kdbx", "ppk", "p8", "pk8", "csr", "keytab", "json", "yaml", "yml", "txt", "conf", "enc", "pub", "age", "sops")

// attributed reports whether v is a name and what is said of it: the options of
// a secret that something else keeps, db-password,type=env,target=X.
func attributed(v []byte) bool {
	k := bytes.IndexByte(v, ',')
	if k < 1 || run(v, 0, chKey) < k && bytes.IndexByte(v[:k], '=') < 0 {
		return false
	}
	n := run(v, k+1, chLower)
	if at(v, n) != '=' {
		return false
	}
	switch string(v[k+1 : n]) {
	case "type", "target", "src", "source", "env", "uid", "gid", "mode", "id", "required":
		return true
	}
	return false
}

// compoundName reports whether v is the name of a secret rather than one, as a
// program would call it: DBPassword, db-password, MYSQL_PASSWORD.
func compoundName(v []byte) bool {
	if len(v) > 48 || run(v, 0, chAlpha|chUnder|chKey) != len(v) || hasDigit(v) {
		return false
	}
	parted := bytes.IndexAny(v, "_-.") > 0
	for i := 1; i < len(v) && !parted; i++ {
		parted = is(v[i], chUpper) && (is(v[i-1], chLower) || i+1 < len(v) && is(v[i+1], chLower))
	}
	return parted && decide(v).secret()
}

// typedNumber reports whether v is a number of the registry of Windows, which
// is a switch: dword:00000001.
func typedNumber(v []byte) bool {
	return len(v) > 6 && (hasPrefixFold(v, "dword:") || hasPrefixFold(v, "qword:")) && run(v, 6, chHex) == len(v)
}

// withheld reports whether a word in brackets at i stands for a value that a
// program did not show: [secure], [hidden].
func withheld(b []byte, i int) bool {
	k := run(b, i+1, chAlpha|chUnder)
	if at(b, k) != ']' || !endsAfter(at(b, k+1)) && !is(at(b, k+1), chQuote) {
		return false
	}
	switch w := b[i+1 : k]; {
	case equalFold(w, "secure"), equalFold(w, "hidden"), equalFold(w, "secret"), equalFold(w, "masked"), equalFold(w, "protected"), equalFold(w, "encrypted"), equalFold(w, "private"), equalFold(w, "sensitive"), equalFold(w, "removed"), equalFold(w, "redacted"), equalFold(w, "filtered"):
		return true
	}
	return false
}

// fieldsIn reports whether v is fields with names of their own, which tell:
// aws_access_key_id=x;aws_secret_access_key=y.
func (sc *scanner) fieldsIn(v []byte) bool {
	k := run(v, 0, chKey)
	n := bytes.IndexByte(v, ';') + 1
	if at(v, k) != '=' || k < 3 || n < k {
		return false
	}
	e := run(v, n, chKey)
	return at(v, e) == '=' && (keyTail(v, k) && sc.decide(v[:k]) != keyNone || keyTail(v, e) && sc.decide(v[n:e]) != keyNone)
}

// statementOf reports whether the line before i is a statement of SQL that
// reads: what follows FROM is a table.
func (sc *scanner) statementOf(i int) bool {
	said := sc.b[max(sc.ls, i-400):i]
	return bytes.Contains(said, []byte("SELECT ")) || bytes.Contains(said, []byte("DELETE ")) || bytes.Contains(said, []byte("REVOKE ")) || bytes.Contains(said, []byte("SHOW "))
}

// publicRelay reports whether v is a server for mail that anybody may use, of a
// provider that everybody knows.
func publicRelay(v []byte) bool {
	k := bytes.LastIndexByte(v, '.')
	if k < 1 {
		return false
	}
	return publicRelays.has(v[bytes.LastIndexByte(v[:k], '.')+1:])
}

var publicRelays = setOf("mailgun.org", "gmail.com", "googlemail.com", "google.com", "sendgrid.net", "office365.com", "outlook.com", "mandrillapp.com", "postmarkapp.com", "mailjet.com", "sparkpostmail.com", "zoho.com", "zoho.eu", "yahoo.com", "yandex.ru", "yandex.com", "sendinblue.com", "brevo.com", "mailtrap.io", "fastmail.com", "gmx.net", "web.de", "icloud.com", "me.com", "smtp2go.com", "elasticemail.com", "qq.com", "163.com", "mailchimp.com")

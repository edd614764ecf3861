package redact

// Statements of SQL, and code, compute what is stored from what was typed:
// SHA2('x', 256), crypt('x', gen_salt('bf')), HASHBYTES('SHA2_256', N'x').

// stores are functions of which the value is what is stored of a secret, or is
// a step towards it.
var stores = setOf("sha", "sha1", "sha2", "sha224", "sha256", "sha384", "sha512", "sha2_256", "sha2_512", "md5", "password", "old_password", "encrypt", "crypt", "bcrypt", "hashbytes", "digest", "hmac", "encode", "convert", "cast", "concat", "hex", "unhex", "to_base64", "lower", "upper",
	"aes_encrypt", "des_encrypt", "pgp_sym_encrypt", "encryptbypassphrase", "encryptbykey", "standard_hash", "ora_hash", "dbms_crypto.hash", "pwdencrypt", "hash", "hashpw", "scrypt", "argon2", "argon2i", "argon2id", "pbkdf2", "ssha", "sm3", "whirlpool", "encode_password", "pgcrypto.crypt", "public.crypt", "extensions.crypt", "utl_raw.cast_to_raw", "rawtohex", "ifnull", "coalesce", "isnull", "nvl", "trim")

// methods are what such functions are told beside the secret.
var methods = setOf("md2", "md4", "md5", "sha", "sha1", "sha-1", "sha224", "sha256", "sha384", "sha512", "sha2_256", "sha2_512", "sha-224", "sha-256", "sha-384", "sha-512", "bf", "des", "xdes", "hex", "base64", "escape", "utf8", "utf-8", "blowfish", "bcrypt", "argon2id")

// expressionEnd is where an expression of SQL at p ends: at a comma or at the
// parenthesis that closes what it stands in.
func (sc *scanner) expressionEnd(p, end int) int {
	b := sc.b
	depth := 0
	for p < end {
		switch c := b[p]; {
		case c == '\'' || c == '"':
			_, e, next := sc.argument(p)
			if next <= e || next > end {
				return end
			}
			p = next
			continue
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return p
			}
		case c == ',' && depth == 0:
			return p
		}
		p++
	}
	return end
}

// storedAs looks at password = SHA2('x', 256), of which the function's name is
// at p.
func (sc *scanner) storedAs(f *field, p int) bool {
	b := sc.b
	n := run(b, p, chKey|chUnder)
	if at(b, n) != '(' || !stores.has(b[p:n]) || f.key != keyPassword && f.key != keyPass && f.key != keySecret && f.key != keyWeak {
		return false
	}
	return sc.computed(p, sc.expressionEnd(p, min(sc.eol(p), p+512)))
}

// computed hides the secret in a call, b[p:end], of such a function: the first
// string in it that names no method.
func (sc *scanner) computed(p, end int) bool {
	b := sc.b
	for p < end {
		n := run(b, p, chKey|chUnder)
		if n == p || n >= end || b[n] != '(' || !stores.has(b[p:n]) {
			return false
		}
		p = n + 1
		for p < end {
			p = run(b, p, chSpace)
			s, e, next, ok := sc.stringArgument(p)
			if n := run(b, p, chKey|chUnder); !ok && at(b, n) == '(' && stores.has(b[p:n]) {
				break
			}
			if !ok { // CONVERT(VARCHAR(64), x, 2)
				if p = sc.expressionEnd(p, end); p >= end || b[p] != ',' {
					return false
				}
				p++
				continue
			}
			if next > end {
				return false
			}
			if v := b[s:e]; len(v) > 0 && !methods.has(v) && !(v[0] == '{' && v[len(v)-1] == '}') { // {SHA}
				if len(v) < 3 || placeholder(v) || dealtWith(v) {
					return false
				}
				sc.hideSecret(s, e, cPassword, ruleSQL)
				return true
			}
			if p = run(b, next, chSpace); at(b, p) != ',' {
				return false
			}
			p++
		}
	}
	return false
}

package redact

import (
	"regexp"
	"strings"
	"testing"
)

var aPseudonym = regexp.MustCompile(`redacted-[a-z-]+-[0-9a-z]{12}`)

// TestPlaced plants a secret at each @ of a line; all of the line but what
// stands there, and but the names of users, has to stay.
func TestPlaced(t *testing.T) {
	password := func() string { return "K" + randomText(9, "abcdefghkmnp") + "7#" + randomText(4, "ABCDEFGH") }
	long := func(n int) func() string {
		return func() string { return "a1F" + randomText(n-3, "0123456789abcdefABCDEF") }
	}
	hexDigits := func(n int) func() string {
		return func() string { return "a1f0" + randomText(n-4, "0123456789abcdef") }
	}
	for _, c := range []struct {
		line string
		make func() string
	}{
		{"smtp_sasl_password_maps = static:kim42:@", password},
		{`AuthInfo:smtp.example.org "U:kim42" "P:@" "M:LOGIN PLAIN"`, password},
		{"mail.example.org:kim42:@", password},
		{"schema.registry.basic.auth.user.info=kim42:@", password},
		{`{"value.converter.basic.auth.user.info":"kim42:@"}`, password},
		{"sentinel auth-pass mymaster @", password},
		{"sentinel sentinel-pass @", password},
		{"user kim42 on >@ ~app:* +get", password},
		{"127.0.0.1:6379> AUTH default @", password},
		{"skey=@", long(40)},
		{"DEBUG [saml2] SAMLResponse=@", long(160)},
		{"peer-id 3,auth-token SESS_ID_AT_@' (status=1)", long(64)},
		{`"actionUrl":"https://shop.example.org/password/reset/@?email=x"`, hexDigits(64)},
		{"<property><name>fs.azure.account.key.example.dfs.core.windows.net</name><value>@==</value></property>", long(86)},
		{" standby 1 authentication md5 key-string @", password},
		{"ipa-server-install -r CORP.EXAMPLE -p @ -a @ --unattended", password},
		{"ncftpput -u kim42 -p @ files.example.org /in a.tgz", password},
		{"rasdial HQ kim42 @ /domain:corp", password},
		{"mkstore -wrl /u01/wallet -createCredential ORCL kim42 @", password},
		{"define service { check_command check_http!-a kim42:@ }", password},
		{"curl -u kim42:'@' https://h.example.org/", func() string { return password() + "|x" }},
		{`run "-u kim42:'@'" https://h.example.org/`, func() string { return password() + "|x" }},
		{"gpg_passphrase = @", func() string { return "two words & " + password() }},
		{"SELECT id FROM users WHERE name='x' AND pass=SHA1('@');", password},
		{"Generated Password [@]", long(32)},
		{"GET /api/export?key=@&format=csv", hexDigits(32)},
	} {
		s, err := NewSession(Options{})
		if err != nil {
			t.Fatal(err)
		}
		line, secrets := c.line, []string(nil)
		for k := strings.Count(line, "@"); k > 0; k-- {
			v := c.make()
			secrets = append(secrets, v)
			line = strings.Replace(line, "@", v, 1)
		}
		got := s.Text(line)
		rest := aPseudonym.ReplaceAllString(got, "") // their letters may be a secret's by chance
		for _, v := range secrets {
			if strings.Contains(rest, v[:8]) || strings.Contains(rest, v[len(v)-3:]) && !strings.Contains(c.line, v[len(v)-3:]) {
				t.Errorf("%q became %q", line, got)
			}
		}
		if first, _, _ := strings.Cut(c.line, " "); !strings.ContainsAny(first, "@:>") && !strings.HasPrefix(got, first) {
			t.Errorf("%q became %q, without its beginning", line, got)
		}
	}
	for _, line := range []string{
		"users on >3 hosts: busy",
		"static: true",
		"static:files:42 served",
		"parse.go:parse:unexpected token",
		"python3 -u x.py",
		"md5 key-string is not set",
		"fs.azure.account.key rotated",
		"GET /cache?key=1047 200",
		"password/reset/ is a page",
		"checksum = SHA1('abc')",
	} {
		s, err := NewSession(Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Text(line); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
}

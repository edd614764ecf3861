package redact

import (
	"bytes"
	"io"
	"testing"
)

// slowUnits make some rule look far ahead or back when they are said over and
// over.
var slowUnits = []string{
	`password="`, `password=\"`, `password='`, `password=(`, `password=f(`, `{"password":{"a":"`, `token: [`, "user \"", `https://a:b`, `https://`, `a@`, `@`, `1.`, `1:`, `::`, `aa:`,
	`-----BEGIN PRIVATE KEY-----`, `<password>`, `"name":"password",`, `Cookie: a=`, `Authorization: Basic `, `IDENTIFIED BY `, `mysql -p `, `curl -u `, `echo x | sudo -S `, `snmp-server host `, `INSERT INTO t (password) VALUES (`,
	`4111 `, `+1 `, `eyJ`, `AKIA`, `$6$`, `{SSHA}`, `%40`, `%3D`, `password%3D`, "\x1b[1m", `\\\\\\`, `password is `, `Login incorrect: [a/b`, `key=`, `.local`, `/home/`, `password=${A:-`, `password=getenv("`, `&quot;`, `password=&quot;`, "passwords: [\"", `a password generated for : `,
	`"data":{`, `"data":{},`, "data:\n", "x --password y ", "user abc on def ", `connect("a", `, `INSERT INTO t VALUES ('a_password',`, "New value: x\n", `chpasswd: ["`, `PlainLoginModule `, `random_password", `, "tokens {\n", "  key: aaaabbbbccccdddd1\n",
	`key cipher AAAABBBB1111CCCC `, `dhcp-1-2-3-`, `AUTH LOGIN `, "AUTH LOGIN\n", `echo a | x --stdin `, `radius-server key `, "- kind: Secret\n  data:\n", "[users]\n", `aws --name a_password `, "NoEcho: true\n",
	`"passwords":["a",`, "\"passwords\": [\n", "password: {a: ", "tokens=[", "password = \"\"\"\n", "password='\n", "password: >\n  x\n", "secrets:\n", "secrets:\n  - ", "password=<<EOF\n", "password=a\\\n", "mysql \\\n -pabc \\\n", "--password \\\n", "<tokens>", "<tokens>\n", "<password><![CDATA[\n", "<password\n", "Private-Lines: 900\n",
	`{"kty":`, `"kty":"x",`, `pass\u0077ord\u0077`, `\u0070`, `%70`, `a%70ssword`, `%2525`, `%253D`, `&#61;`, `password&#61;`, "pass\x1b[0mword=", `;s:1:"`, `"password";s:1:"`, "密码：", "\u5bc6", `https://a:b/`, `:\/\/a:b@`, `%3A%2F%2Fa%3Ab%40`, `your code is `, "backup codes: a1-", `credentials: a/`, "eyJ0", "IyEvYmluL2Jhc2gK", "cGFzc3dvcmQ9", "| password |", "| password |\n---\n", "K 8\npassword\n", `name="password" content="`, "Content-Disposition: form-data; name=\"password\"\n", `"value": "x", "name": "password"`, `a string = "`, "password string = ",
	"::set-output name=password::$x ", "##vso[task.setvariable variable=password]$x ", "AuthenticatedUser{name='", "INSERT INTO t VALUES ('", "mysql -u ", "GetRequest-", "42: password: |\n", "2026-03-03T10:11:12Z password:\n", `{"log":"a password:\n","stream":"x"}` + "\n", "login is a / ", "user=<",
	"CURLOPT_USERPWD,", "password......", `"audit":{"name":"jkeller2",`,
}

// No text may cost much more than another of its length, lines around it and
// what was learned of it included: what is looked at in all of a block grows as
// the block does, and even the worst is not withheld.
func TestNothingIsSlow(t *testing.T) {
	work := func(unit string, n int) float64 {
		s := session(t)
		var used []*scanner
		s.scanners.New = func() any {
			used = append(used, newScanner(s))
			return used[len(used)-1]
		}
		if _, err := io.Copy(io.Discard, s.Stream("x", bytes.NewReader(repeated(unit, n)))); err != nil {
			t.Errorf("%q: %v", unit, err)
		}
		sum := 0
		for _, sc := range used {
			sum += sc.work
		}
		return float64(sum)
	}
	const n = 60 << 10 // four times that is still one block
	for _, unit := range slowUnits {
		once, all := work(unit, n), work(unit, 4*n)
		if all > 4.8*once && all > 16*4*n {
			t.Errorf("%q: %.0f units of work on %d bytes, %.0f on %d", unit, once, n, all, 4*n)
		}
	}
}

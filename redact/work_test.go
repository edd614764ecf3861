package redact

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// fragments make rules look far, each in its way; as every part of the rules'
// own examples may.
var fragments = []string{"$6$", "$2a$10$", "sk-ant-", "4111-", "4111 ", "redacted-", "redacted-email-", "-eyJ", "eyJ", "eyJhbGciOiJIUzI1NiJ9.", "\"", "'", "`", "\\", "\\\\", "\\\"", "{", "[", "(", "<", ">", "</", "=", "@", ":", "::", "a:", "1:", "1.", "1", "12", "A", "a", "aB3", "password", "password=", "password:", "\"password\":", "password=\"", "password='", "-p", "--password ", "token", "key", "Authorization: ", "Bearer ", "Basic ", "Cookie: ", "Set-Cookie: ", "a=b; ", "http://", "http://a:", "://", "a@", "@a.", "a.", ".", "-", "_", "%", "%40", "%3D", "%25", "&", "&amp;", ";", ",", "|", "/", "//", "+", "+49 ", "-----BEGIN", "-----BEGIN PRIVATE KEY-----", "-----END", "\r", "\t", " ", "\x1b[", "\x1b[31m", "\x1b[31", "31m", "ip4-", "ip6-", "AKIA", "ghp_", "xoxb-", "DE89 3704 ", "GB29", "de:ad:", "fe80::", "1:2:", "123-45-", "user=", "user ", "login as ", "for user ", "password for ", "IDENTIFIED BY ", "host=", "host ", ".local", "define('", "define(", "map[", "&{", "map[password:", "<password>", "<password", "<a b=\"", "name=\"password\" ", "value=", "${", "${a:-", "{{", "é", "ß", "\xff", "中", "export ", "set ", "curl -u ", "mysql -p", "0x", "#", "!", "~", "^", "*", "?", "\"name\":\"DB_PASSWORD\",", "\"a\":", "a,", "a,password,", "Digest ", "nonce=\"", "Digest a=b ", "AWS4-HMAC-SHA256 ", "Credential=", "sha256:", "ssh-rsa AAAA", "base64,", "QUJD", "{SSHA}", "u:p@", "@tcp(", "Z", "PRIVATE KEY", "secret ", "passwd", "pwd", "pw", "\": \"", ": ", " :", " =", ":\t", "pw=", "password==", "\":", "]:", ":\\", " = ", "uid=1000(jsmith) gid=1000(jsmith)", "echo a | sudo -S ", "echo a ", "| chpasswd ", "sudo -S ", "INSERT INTO t (password) VALUES (", "machine a password ", "login a ", "LOGIN a b ", "AUTH PLAIN ", "PASS a ", "tokens\":{\"a\":\"", "key=password value=", "getenv(\"", "passwords: [\"", "Initial password created: ", "]\\[", "\\\\h\\s ", "net use ", "rman a/b@c ", "com.internal", "corp.", "db1.internal", "1.2.3.4", "1.2.3.4/", "a[1.2.3.4]", "a/1.2.3.4:", "::1", "a::", "12:34:56:", "host a from b.c port ", "to x ", "as a\\b ", "by ", "user \"a\" ", "role \"a\" ", "FAIL LOGIN ", "key ", "md5 ", "community ", "snmp-server host ", "hostname is ", "CONNECT TO x USER y USING z", " : EAP \"", "jdbc:oracle:thin:", "-keyalg ", "/user:", "password%3D", "%22", "\\u0026", "&quot;", "password=&quot;", "\"passwords\":[\"a\",", "tokens=[", "password: {a: ", "{\"kty\":", "pass\\u0077ord", "\\u0070", "%70", "a%70ss", "%253D", "%2525", "&#61;", ";s:1:\"", "密码：", "http://a:b/", ":\\/\\/a:b@", "%3A%2F%2Fa%3Ab%40", "code is ", "credentials: a/", "IyEvYmluL2Jhc2gK", "cGFzc3dvcmQ9", "| password |", "string = \"", "<tokens>", "<SS N=\"Password\">", "add password a.b "}

// repeated is n bytes of a unit over and over.
func repeated(unit string, n int) []byte { return bytes.Repeat([]byte(unit), n/len(unit)+1)[:n] }

// What is looked at grows as the text does, whatever is said over and over in
// one line of it.
func TestWorkGrowsWithLength(t *testing.T) {
	units := fragments
	clean := strings.NewReplacer("«", "", "»", "", "‹", "", "›", "", "¶", " ")
	for _, r := range builtins {
		for _, hit := range r.hits {
			hit = clean.Replace(hit)
			units = append(units, hit)
			for k := 8; k < len(hit); k += 8 {
				units = append(units, hit[:k], hit[k:])
			}
		}
	}
	sc := newScanner(session(t))
	work := func(unit string, n int) float64 {
		sc.begin("x")
		sc.scan(repeated(unit, n))
		return float64(sc.work)
	}
	const n = 24 << 10
	for _, unit := range units {
		if w := work(unit, n); w > 32*n {
			once, twice := work(unit, 4*n), work(unit, 8*n)
			if twice > 2.4*once || twice > workPerByte*8*n {
				t.Errorf("%q: %.0f units of work on %d bytes, %.0f on %d", unit, once, 4*n, twice, 8*n)
			}
		}
	}
	t.Logf("%d units", len(units))
}

// Real texts do not come near what is too much work.
func TestWorkOfLogs(t *testing.T) {
	sc := newScanner(session(t))
	for _, text := range [][]byte{logLines(1 << 20), bytes.ReplaceAll(logLines(1<<20), []byte{'\n'}, []byte{' '})} {
		sc.begin("x")
		sc.scan(text)
		if perByte := float64(sc.work) / float64(len(text)); perByte > workPerByte/50 {
			t.Errorf("%.1f units of work on each byte", perByte)
		}
	}
}

// A text that is too much work is withheld, not given out unread.
func TestTooMuchWork(t *testing.T) {
	s := session(t)
	s.scanners.New = func() any {
		sc := newScanner(s)
		sc.perByte = 0
		return sc
	}
	text := strings.Repeat("INFO password=\"Kestrel41mossQx9\" ", 4000)
	out, err := readAll(s.Stream("x", strings.NewReader(text)))
	if !errors.Is(err, ErrUnreadable) || len(out) > 0 {
		t.Errorf("%d bytes given out, %v", len(out), err)
	}
	if got := s.Text(text); !strings.HasPrefix(got, "redacted-token-") || strings.Contains(got, "Kestrel") {
		t.Errorf("text became %.80s", got)
	}
}

// Nor is one of which a part is, as it reads without its escapes.
func TestTooMuchWorkInQuotes(t *testing.T) {
	sc := newScanner(session(t))
	sc.inner().perByte = 0
	text := []byte(`{"message":"{\"password\":\"Kestrel41mossQx9\",\"port\":8080}"}`)
	sc.begin("x")
	sc.line(text)
	if got := string(sc.render(text)); !sc.spent() || !strings.HasPrefix(got, "redacted-token-") || strings.Contains(got, "8080") {
		t.Errorf("text became %.80s", got)
	}
}

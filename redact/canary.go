package redact

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
)

// Canary is a made-up value of a class in one notation, for trying out a
// session: no stream of a session that hides the class may let Value pass.
type Canary struct {
	Class    Class
	Notation string
	Text     string // lines that hold Value, without the last line's end
	Value    string
}

// Survives reports whether the value, or half of a long one, stands in text.
func (c Canary) Survives(text []byte) bool {
	if n := len(c.Value); n >= 12 && (bytes.Contains(text, []byte(c.Value[:n/2])) || bytes.Contains(text, []byte(c.Value[n/2:]))) {
		return true
	}
	return bytes.Contains(text, []byte(c.Value))
}

// Canaries makes fresh canaries of every class. No value occurs twice, so that
// none is hidden because of what another notation gave away.
func Canaries() []Canary {
	var list []Canary
	for _, c := range canaryNotations {
		for _, n := range c.notations {
			v := c.make()
			text := strings.ReplaceAll(n.text, "%", v)
			if n.spell != nil {
				text = strings.ReplaceAll(n.text, "%", n.spell(v))
				v = n.spell(v)
			}
			list = append(list, Canary{c.class, n.name, text, v})
		}
	}
	return list
}

type canaryNotation struct {
	name, text string // % stands for the value
	spell      func(string) string
}

var canaryNotations = []struct {
	class     Class
	make      func() string
	notations []canaryNotation
}{
	{Password, func() string { return "Kx" + randomText(10, lowers+digits) + "7Q" }, []canaryNotation{
		{name: "properties", text: "db.password=%"},
		{name: "yaml", text: "database:\n  password: \"%\""},
		{name: "json", text: `{"level":"info","password":"%","n":1}`},
		{name: "json in a string", text: `{"msg":"{\"password\":\"%\"}"}`},
		{name: "xml", text: "<property name=\"password\" value=\"%\"/>"},
		{name: "environment", text: "export PGPASSWORD='%'"},
		{name: "command line", text: "mysql --user app --password=% shop"},
		{name: "url", text: "connecting to postgres://app:%@db-1.example.net:5432/shop"},
		{name: "connection string", text: "Server=db1;Uid=app;Pwd=%;Encrypt=yes"},
		{name: "sql", text: "ALTER USER 'app'@'localhost' IDENTIFIED BY '%';"},
	}},
	{Token, func() string { return "ghp_" + randomText(36, lowers+uppers+digits) }, []canaryNotation{
		{name: "bare", text: "retrying with % now"},
		{name: "json", text: `{"event":"push","via":"%"}`},
		{name: "query", text: "GET /hook?ref=%&page=2 HTTP/1.1"},
	}},
	{Token, func() string { return randomText(32, lowers+uppers+digits) }, []canaryNotation{
		{name: "header", text: "> Authorization: Bearer %"},
		{name: "key", text: "api_key: %"},
	}},
	{PrivateKey, func() string { return base64.StdEncoding.EncodeToString(randomBytes(48)) }, []canaryNotation{
		{name: "lines", text: "-----BEGIN PRIVATE KEY-----\n%\n-----END PRIVATE KEY-----"},
		{name: "json", text: `{"key":"-----BEGIN RSA PRIVATE KEY-----\n%\n-----END RSA PRIVATE KEY-----\n"}`},
		{name: "yaml", text: "tls:\n  key: |\n    -----BEGIN EC PRIVATE KEY-----\n    %\n    -----END EC PRIVATE KEY-----"},
	}},
	{Cookie, func() string { return hex.EncodeToString(randomBytes(16)) }, []canaryNotation{
		{name: "request", text: "Cookie: sessionid=%"},
		{name: "response", text: "Set-Cookie: JSESSIONID=%; Path=/; HttpOnly"},
	}},
	{Card, canaryCard, []canaryNotation{
		{name: "bare", text: "charged card % twice"},
		{name: "groups", text: "card % declined", spell: func(v string) string { return inGroups(v, "-") }},
		{name: "json", text: `{"pan":"%","amount":12}`},
	}},
	{IBAN, canaryIBAN, []canaryNotation{
		{name: "bare", text: "transfer from % failed"},
		{name: "groups", text: "account % closed", spell: func(v string) string { return inGroups(v, " ") }},
		{name: "json", text: `{"iban":"%"}`},
	}},
	{SSN, func() string {
		return fmt.Sprintf("%03d-%02d-%04d", 501+randomInt(150), 11+randomInt(80), 1000+randomInt(8000))
	}, []canaryNotation{
		{name: "key", text: "applicant ssn=% verified"},
		{name: "json", text: `{"ssn":"%"}`},
	}},
	{Email, func() string { return randomText(8, lowers) + "." + randomText(6, lowers) + "@example.org" }, []canaryNotation{
		{name: "bare", text: "mail to % bounced"},
		{name: "angle brackets", text: "from=<%>, size=1200"},
		{name: "query", text: "GET /unsubscribe?email=%&id=5", spell: func(v string) string { return strings.Replace(v, "@", "%40", 1) }},
		{name: "json", text: `{"to":["%"]}`},
	}},
	{Username, func() string { return randomText(7, lowers) }, []canaryNotation{
		{name: "key", text: "login user=% ok"},
		{name: "sentence", text: "sshd[811]: Accepted password for % from 198.51.100.7 port 22 ssh2"},
		{name: "home folder", text: "open /home/%/.ssh/config: no such file"},
	}},
	{IPv4, func() string { return fmt.Sprintf("203.0.%d.%d", 64+randomInt(60), 2+randomInt(250)) }, []canaryNotation{
		{name: "bare", text: "connection from % closed"},
		{name: "port", text: "listening peer %:8443"},
		{name: "network", text: "route %/24 dev eth0"},
		{name: "json", text: `{"client_ip":"%"}`},
	}},
	{IPv6, func() string {
		return fmt.Sprintf("2001:db8:%x::%x", 0x1000+randomInt(0xe000), 0x1000+randomInt(0xe000))
	}, []canaryNotation{
		{name: "bare", text: "connection from % closed"},
		{name: "port", text: "peer [%]:8443 up"},
		{name: "network", text: "inet6 %/64 scope global"},
	}},
	{MAC, func() string {
		b := randomBytes(5)
		return fmt.Sprintf("52:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4])
	}, []canaryNotation{
		{name: "colons", text: "DHCPACK to % via eth0"},
		{name: "dashes", text: "Physical Address: %", spell: func(v string) string { return strings.ToUpper(strings.ReplaceAll(v, ":", "-")) }},
	}},
	{Hostname, func() string { return "web-" + randomText(5, lowers) + fmt.Sprint(10+randomInt(80)) }, []canaryNotation{
		{name: "key", text: "hostname=% up"},
		{name: "syslog", text: "Jan  2 03:04:05 % sshd[1]: started"},
		{name: "inside a network", text: "connect to %:5432 failed", spell: func(v string) string { return v + ".prod.internal" }},
	}},
	{Phone, func() string { return fmt.Sprintf("+1 212 555 %04d", 100+randomInt(99)) }, []canaryNotation{
		{name: "bare", text: "call from % dropped"},
		{name: "key", text: "phone=%", spell: func(v string) string { return strings.NewReplacer("+1 212 ", "(212) ", "555 ", "555-").Replace(v) }},
	}},
}

const (
	lowers = "abcdefghijkmnpqrstuvwxyz"
	uppers = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits = "23456789"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// randomInt is below n, which is small.
func randomInt(n int) int {
	b := randomBytes(4)
	return int((uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])) % uint32(n))
}

func randomText(n int, set string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = set[randomInt(len(set))]
	}
	return string(b)
}

// canaryCard makes a number that the check digit of Luhn ends.
func canaryCard() string {
	v := "4" + randomText(14, digits)
	sum := 0
	for i := range len(v) {
		d := int(v[len(v)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return v + fmt.Sprint((10-sum%10)%10)
}

// canaryIBAN makes a German account number with its check digits (ISO 13616).
func canaryIBAN() string {
	v := randomText(18, digits)
	n, _ := new(big.Int).SetString(v+"131400", 10) // D is 13, E is 14
	return fmt.Sprintf("DE%02d%s", 98-new(big.Int).Mod(n, big.NewInt(97)).Int64(), v)
}

func inGroups(v, sep string) string {
	var parts []string
	for len(v) > 4 {
		parts, v = append(parts, v[:4]), v[4:]
	}
	return strings.Join(append(parts, v), sep)
}

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
)

// plant writes logs that hold one fresh value of every class, in every
// dress in which logs are found: plain, compressed, inside a compressed
// archive, UTF-16, in a file's name, in a program's output and in its error
// text. plant DIR makes DIR, DIR.yaml (a recipe for it) and DIR.secrets (the
// values, one to a line).
func plant(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: plant DIR")
	}
	dir := ts.MkAbs(args[0])
	v := newValues(ts)
	log := v.log()
	ts.Check(os.MkdirAll(filepath.Join(dir, "nested"), 0o755))
	write := func(name string, data []byte) {
		ts.Check(os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	write("app.log", []byte(log))
	write("app.log.1.gz", gzipped(ts, []byte(log)))
	write("nested/old.tar.gz", gzipped(ts, tarred(ts, "var/app.log", []byte(log))))
	write("win.log", append([]byte{0xff, 0xfe}, wide([]byte(log))...))
	write("mail-"+v.email+".log", []byte("nothing in here\n"))

	recipe := fmt.Sprintf(`recipe: 1
name: planted
description: a folder with planted values
collect:
  - {id: app, type: event, files: ["%[1]s/**"]}
  - {id: out, type: state, command: [cat, "%[1]s/app.log"]}
  - {id: err, type: state, command: [ls, "%[1]s/no-file-of-%[2]s"]}
`, dir, v.email)
	ts.Check(os.WriteFile(dir+".yaml", []byte(recipe), 0o600))
	ts.Check(os.WriteFile(dir+".secrets", []byte(strings.Join(v.all(), "\n")+"\n"), 0o600))
}

// values is one made-up value of each class.
type values struct {
	email, password, token, cookie, card, iban, ssn     string
	username, ipv4, ipv6, mac, hostname, phone, keyText string
	keyLines                                            []string
}

func newValues(ts *testscript.TestScript) *values {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	block, err := ssh.MarshalPrivateKey(key, "")
	ts.Check(err)
	v := &values{
		email:    letters(7) + "." + letters(6) + "@" + letters(8) + ".example.net",
		password: letters(4) + "-" + digits(3) + "!" + letters(6),
		token:    "ghp_" + alnum(36),
		cookie:   alnum(32),
		card:     luhn("4" + digits(14)),
		ssn:      fmt.Sprintf("%d-%d-%d", 200+small(400), 10+small(80), 1000+small(8000)),
		username: "u" + letters(8),
		ipv4:     fmt.Sprintf("10.%d.%d.%d", 20+small(200), 20+small(200), 20+small(200)),
		ipv6:     fmt.Sprintf("2001:db8:%x:%x::%x", 0x1000+small(0xe000), 0x1000+small(0xe000), 0x1000+small(0xe000)),
		mac:      fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", small(256), small(256), small(256), small(256), 17+small(200)),
		hostname: letters(9) + ".corp.internal",
		phone:    fmt.Sprintf("+1 415 555 %04d", 100+small(99)),
		keyText:  string(pem.EncodeToMemory(block)),
	}
	bban := "50010517" + digits(10)
	v.iban = fmt.Sprintf("DE%02d%s", 98-mod97(bban+"131400"), bban)
	for line := range strings.Lines(v.keyText) {
		// The first line of an OpenSSH key is the same in all of them.
		if !strings.HasPrefix(line, "-----") && !strings.HasPrefix(line, "b3BlbnNzaC1rZXktdjE") {
			v.keyLines = append(v.keyLines, strings.TrimSpace(line))
		}
	}
	return v
}

func (v *values) all() []string {
	return append([]string{
		v.email, v.password, v.token, v.cookie, v.card, v.iban, v.ssn,
		v.username, v.ipv4, v.ipv6, v.mac, v.hostname, v.phone,
	}, v.keyLines...)
}

func (v *values) log() string {
	return strings.Join([]string{
		"2026-11-01T10:00:00Z INFO mailer: bounced for " + v.email + " (552)",
		"2026-11-01T10:00:01Z DEBUG db: connecting with user=" + v.username + " password=" + v.password + " sslmode=require",
		`2026-11-01T10:00:02Z WARN api: {"level":"warn","access_token":"` + v.token + `","n":3}`,
		"2026-11-01T10:00:03Z TRACE http: < Set-Cookie: sid=" + v.cookie + "; Path=/; HttpOnly",
		"2026-11-01T10:00:04Z INFO pay: card " + v.card + " declined",
		"2026-11-01T10:00:05Z INFO sepa: payout to " + v.iban + " queued",
		"2026-11-01T10:00:06Z INFO hr: ssn " + v.ssn + " checked",
		"2026-11-01T10:00:07Z INFO sshd: Accepted publickey for " + v.username + " from " + v.ipv4 + " port 22 ssh2",
		"2026-11-01T10:00:08Z INFO net: peer " + v.ipv6 + " up, ether " + v.mac,
		"2026-11-01T10:00:09Z INFO net: host=" + v.hostname + " answered",
		"2026-11-01T10:00:10Z INFO crm: called back phone " + v.phone,
		strings.TrimSuffix(v.keyText, "\n"),
		"2026-11-01T10:00:11Z INFO app: build 1.2.3.4567 ready, password changed for 3 accounts",
		"",
	}, "\n")
}

func small(n int64) int64 {
	b, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		panic(err)
	}
	return b.Int64()
}

func from(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[small(int64(len(alphabet)))]
	}
	return string(b)
}

func letters(n int) string { return from("bcdfghjkmnpqrstvwxz", n) }
func digits(n int) string  { return from("123456789", n) }
func alnum(n int) string {
	return from("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789", n)
}

func luhn(s string) string {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return fmt.Sprintf("%s%d", s, (10-sum%10)%10)
}

func mod97(s string) int {
	n := 0
	for _, c := range s {
		n = (n*10 + int(c-'0')) % 97
	}
	return n
}

func gzipped(ts *testscript.TestScript, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	ts.Check(err)
	ts.Check(w.Close())
	return b.Bytes()
}

func tarred(ts *testscript.TestScript, name string, data []byte) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	ts.Check(w.WriteHeader(&tar.Header{Name: name, Size: int64(len(data)), Mode: 0o600}))
	_, err := w.Write(data)
	ts.Check(err)
	ts.Check(w.Close())
	return b.Bytes()
}

package redact

import (
	"regexp"
	"strings"
	"testing"
)

// Names of machines under public domains, in Linux's answer to uname and in
// URLs; and names that look alike.
func TestMachines(t *testing.T) {
	for _, line := range []string{
		"java.net.UnknownHostException: «db-17.prod.rossi.it»: Name or service not known",
		"dial tcp: lookup «k8s-w-3.int.zfs-works.com» on 127.0.0.53:53: no such host",
		"up{instance=\"«build02.ad.lindqvist.se»:9100\",job=\"node\"} 1",
		"//«fs10.eu.rossi.it»/share on /mnt",
		"«gw-09.lindqvist.co.uk». IN A 127.0.0.1",
		"fatal: [«vpn-30.prod.rossi.it»]: UNREACHABLE!",
		"next=https%3A%2F%2F«srv17.rossi.it»%2Fx",
		`{"msg":"no answer\n«db-17.prod.rossi.it»\n","x":"\u0022«srv17.rossi.it»\u0022"}`,
		"Linux «cumulus» 5.10.0-18-amd64 #1 SMP Debian",
		"Linux «06a04d0354dc» 4.0.3 #1 SMP",
		"<Data Name=\"WorkstationName\">«SRV-STO6839»</Data>",
		"GET http://«SRV-FRA12»:8080/x",
		"GET http://web-1:8080/x and http://redis2:6379 and http://consul-server-0:8500",
		"curl https://oauth2.googleapis.com/token https://s3.eu-west-1.amazonaws.com/x",
		"curl https://lh6.googleusercontent.com and ntp1.pool.ntp.org",
		"com.foo.bar2.baz.io and x1.y_2.z.de and log4j2.core.io",
		"import node1.children.at(0) from 'a2.b.de.json'",
		"fixed in util-linux through 2.37.1 can; Linux version 5.4.0-1 (x)",
		"www.example.com repo.example.org v2.example.com",
		"uname: Linux",
	} {
		checkLine(t, line)
	}
}

// Telephone numbers that only their key tells, and addresses in what is
// percent-escaped or netstat's.
func TestNumbersByPlace(t *testing.T) {
	for _, line := range []string{
		"app: x phone: «040 2329 107» and",
		"app: mobile: «(381) 555-0152»",
		"Tel.: «0178-2104423»",
		"Kontakt Telefon: «040 2329 107», Handy: «0171 5550134»",
		"Mobil: an, Handy: aus",
		"contact fax: «+49 40 3344-556»",
		`{"id":7,"phoneNumber":"«0171-5550134»"}`,
		`msg="{\"mobile\":\"«(381) 555-0152»\"}"`,
		`<Data Name="Phone">«040 2329 107»</Data>`,
		"redirect=http%3A%2F%2F«145.97.191.23»%3A80 x",
		"tcp4       0      0  «10.39.144.29».22   «10.1.1.1».51234  ESTABLISHED",
		"phone: 12345 and mobile: yes and tel: n/a 12",
	} {
		checkLine(t, line)
	}
}

// checkLine holds what is hidden of a line to what stands between « and ».
func checkLine(t *testing.T, line string) {
	t.Helper()
	want := "^"
	for k, part := range regexp.MustCompile("«|»").Split(line, -1) {
		if k%2 == 0 {
			want += regexp.QuoteMeta(part)
		} else {
			want += "(?:redacted|ip4|ip6)-[-0-9a-z.]+"
		}
	}
	plain := strings.NewReplacer("«", "", "»", "").Replace(line)
	if got := redactAll(t, session(t), "x.log", []byte(plain+"\n")); !regexp.MustCompile(want + "\n$").Match(got) {
		t.Errorf("%s\n got %swant %s", plain, got, line)
	}
}

// What stands under the name of a secret, or of a host, and is none.
func TestNoSecret(t *testing.T) {
	for _, line := range []string{
		"Server version number: 9.0.77.0 and address number: «9.0.77.1»",
		"<key>CFBundleVersion</key>\n<string>4.2.1.118</string>",
		"<key>Gateway</key>\n<string>«4.2.1.118»</string>",
		"[upgrade] from 4.1.0.412 to 4.2.0.116, route from «10.1.2.3» to «10.1.2.4»",
		"express:router jsonParser  : /login +1ms",
		"com.zaxxer.hikari.HikariDataSource       : HikariPool-1 - Starting...",
		`x="Data Source=«SRV-FRA12»;Initial Catalog=x"`,
		`{"firewall_name":"main","router":"edge"}`,
		`("data-source" => "CrmDS")`,
		"      MAIL_PASSWORD:            <set to the key 'password' in secret 'mail'>  Optional: false",
		"  password: !Sub '{{resolve:secretsmanager:${DbSecret}:SecretString:password}}'",
		"Invalid password for keystore: keystore was tampered with",
		"LoadCredential=dbpass:/etc/credstore/dbpass",
		"GPG_KEY=D38A4490D999C0FB47592F668656493DB0B1A7E7",
		"signingkey = 80FC2DEC5875E575",
		"gpg_key=«hunter-Oboe-4471»",
		"device\tpass\ndevice\tumass9\ndevice\thpt27xx",
		"user\tpass\n«jo42»\t«umass9xK»",
		"  test_connection_code: |\n    import sys\n    timeout = 180\nnext: x",
		"MISSING_KEYS = \"\"\"\ndriver: virtio_net\nfirmware-version:\nbus-info: 0000:00:03.0\n\"\"\"",
		"SHELL=/bin/bash PWD=/+   0",
		".fa-user:before { content: x }",
		`{"service":"zeek","ts":1588317206.563385,"uid":"CEGZksEvPJQxLriXi"}`,
		"Account Name:  DWM-1   Account Domain:  Window Manager",
		"_spotlight       48282   0.0  0.1  4370660  13524   ??  S     2:42PM   0:00.47 /System/Library/x",
		"\tcredentials: 'include',",
		"update_password: on_create",
		"  <settings pass=\"specialize\">",
		"(CONNECT_DATA=(SID=PRD1)(CID=(PROGRAM=JDBC)(HOST=__jdbc__)(USER=«rossettii»))) * x",
		"CREATE LOGIN x WITH SID = 0x6024FEF4C6E3FEB47108C9EA58835AA5",
		"sid=«39f709a965fb7e5fdd2d14f399bdd9cf»; x=1",
		"x tokenUserName=\"NT AUTHORITY\\IUSR\" y",
	} {
		checkLine(t, line)
	}
}

package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// withLuhn returns prefix filled up with random digits to n, the last one the
// check digit.
func withLuhn(rng *rand.Rand, prefix string, n int) string {
	digits := []byte(prefix)
	for len(digits) < n {
		digits = append(digits, '0'+byte(rng.IntN(10)))
	}
	raw := make([]byte, n)
	for d := range byte(10) {
		digits[n-1] = '0' + d
		for k, c := range digits {
			raw[k] = c - '0'
		}
		if luhn(raw) {
			break
		}
	}
	return string(digits)
}

// grouped writes digits in groups of the given lengths.
func grouped(digits, sep string, lengths ...int) string {
	var parts []string
	for _, n := range lengths {
		parts, digits = append(parts, digits[:n]), digits[n:]
	}
	return strings.Join(parts, sep)
}

func TestLuhn(t *testing.T) {
	for text, want := range map[string]bool{"79927398713": true, "79927398710": false, "4111111111111111": true, "4111111111111112": false} {
		var raw []byte
		for _, c := range text {
			raw = append(raw, byte(c-'0'))
		}
		if luhn(raw) != want {
			t.Errorf("luhn(%s) = %v", text, !want)
		}
	}
}

func TestScanCard(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 50 {
		visa, amex, long := withLuhn(rng, "4", 16), withLuhn(rng, "37", 15), withLuhn(rng, "62", 19)
		diners, old := withLuhn(rng, "36", 14), withLuhn(rng, "4", 13)
		mc2, jcb := withLuhn(rng, "2345", 16), withLuhn(rng, "3530", 16)
		wrong := visa[:15] + string('0'+(visa[15]-'0'+1)%10)
		hits := []string{}
		for _, n := range []string{visa, amex, long, diners, old, mc2, jcb} {
			hits = append(hits, "card «"+n+"» ok", "pan=«"+n+"»&cvv=1", `"«`+n+`»",`, "«"+n+"».", "number:«"+n+"»", "(«"+n+"»)", "%B«"+n+"»^DOE/JOHN^2512", ";«"+n+"»=2512101", `\n«`+n+`»\n`, "«"+n+"»,12/27", "/pay/«"+n+"»/x",
				// and where it is a part of something else
				"a"+n, n+"a", "9"+n, n+"9", "0."+n, n+".5", "-"+n+"-1", "id-"+n, n+"-7", "0x"+n, "_"+n, n+"_x", "+"+n, "0,"+n, " -"+n, "17,«"+n+"»,123,x")
		}
		hits = append(hits,
			"«"+grouped(visa, " ", 4, 4, 4, 4)+"» 12/27", "«"+grouped(visa, "-", 4, 4, 4, 4)+"»", "«"+grouped(amex, " ", 4, 6, 5)+"»", "«"+grouped(amex, "-", 4, 6, 5)+"» 1234", "«"+grouped(long, " ", 4, 4, 4, 4, 3)+"»", "«"+grouped(diners, " ", 4, 6, 4)+"»",
			"card: «"+grouped(visa, " ", 4, 4, 4, 4)+"», exp 12/27",
			wrong, grouped(wrong, " ", 4, 4, 4, 4), grouped(visa, " ", 3, 5, 4, 4), grouped(visa, "  ", 4, 4, 4, 4), visa[:4]+" "+visa[4:8]+"-"+visa[8:12]+" "+visa[12:],
			"0000 "+grouped(visa, " ", 4, 4, 4, 4)+" beef", "dead "+grouped(visa, " ", 4, 4, 4, 4), grouped(visa, " ", 4, 4, 4, 4)+" 1234", grouped(visa, "-", 4, 4, 4, 4)+"-12")
		checkScanner(t, scanCard, hits)
	}
	checkScanner(t, scanCard, []string{"1735689600000 1735689600000000 1735689600000000000 20260102150405123", "4444444444444444 0000000000000000",
		"7d9f2c1e-3b4a-4c5d-8e6f-411111111111", "9007199254740993", "4111 1111 1111", "0.4111111111111111"})
}

// ibanOf makes a valid number of a country from a template of its account.
func ibanOf(rng *rand.Rand, country, account string) string {
	text, _ := expand(rng, account)
	sum := 0
	for _, c := range []byte(text + country + "00") {
		sum = mod97(sum, c)
	}
	return fmt.Sprintf("%s%02d%s", country, 98-sum, text)
}

func fours(text, sep string) string {
	var parts []string
	for ; len(text) > 4; text = text[4:] {
		parts = append(parts, text[:4])
	}
	return strings.Join(append(parts, text), sep)
}

func TestScanIBAN(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for country, account := range map[string]string{"DE": "<D18>", "GB": "<C4><D14>", "FR": "<D10><U11><D2>", "NO": "<D11>", "MT": "<C4><D5><U18>", "NL": "<C4><D10>", "LC": "<C4><U24>", "RU": "<D14><U15>", "BE": "<D12>"} {
		for range 20 {
			n := ibanOf(rng, country, account)
			bad := n[:len(n)-1] + string('0'+(n[len(n)-1]-'0'+1)%10)
			if charSets[n[len(n)-1]]&setDigit == 0 {
				bad = n[:2] + "00" + n[4:]
			}
			checkScanner(t, scanIBAN, []string{
				"IBAN: «" + n + "»", "«" + fours(n, " ") + "», BIC", "«" + fours(n, "-") + "»", `"iban":"«` + n + `»"`, "x=«" + n + "»;", "«" + n + "».", `\n«` + n + `»\n`, "iban=«" + fours(n, " ") + "» ok",
				bad, fours(bad, " "), "A" + n, n + "1", n + "A", n[:len(n)-1], "x-" + n, fours(n, "  "), n + "-1",
			})
		}
	}
	checkScanner(t, scanIBAN, []string{"XX00123456789012345", "DE00123456789012345678", "de12", "DE", "", "GB29", "ee20deadbeefdeadbeef0123"})
	if n := ibanLengths[int('D'-'A')*26+int('E'-'A')]; n != 22 {
		t.Errorf("a German number has %d characters", n)
	}
}

func TestScanSSN(t *testing.T) {
	checkScanner(t, scanSSN, []string{
		"ssn «123-45-6789»", "17,Jane,555 0163,«123-45-6789»,2026-02-03", `"«123-45-6789»"`, "ssn=«123-45-6789»,", "(«123-45-6789»).", "«899-99-9999»",
		"000-12-3456 666-12-3456 900-12-3456 987-65-4321 123-00-4567 123-45-0000",
		"1123-45-6789 123-45-67890 a123-45-6789 123-45-6789-1 1-123-45-6789 123-45-6789.5 123/45/6789 123 45 6789 2/123-45-6789 123-45-6789a",
	})
}

func TestScanPhone(t *testing.T) {
	checkScanner(t, scanPhone, []string{
		"call «+14155550163» or «+1 415 555 0163», «+1-415-555-0163», «+1.415.555.0163», «+1 (415) 555-0163».",
		"«+49 30 901820» «+44 20 7946 0958» «+44 (0)20 7946 0958» «+33 1 23 45 67 89» «+4930901820» «+86 138 0013 8000» «+353 1 234 5678»",
		"«(415) 555-0163» «(415)555-0163» «(415) 555.0163»",
		`"phone": "«415-555-0163»" tel:«415-555-0163» fax «415.555.0163» mobile=«4155550163» Phone: «1-415-555-0163» tel:«+14155550163»`,
		"homePhone: «415-555-0163» phone_number=«030 901820123» msisdn=«4915112345678»",
		`\n«+14155550163»\n`,

		"415-555-0163 200-300-4000 4155550163 1-415-555-0163",
		"+0200 +01:00 2026-01-02T15:04:05+02:00 +10 +1234567 +12345678901 1+14155550163 x+14155550163 ++14155550163",
		"+1 115 555 0163 +1 415 055 0163 +28 123 456 789 +999999999999999999",
		"(415) 155-0163 (115) 555-0163 f(415) 555-0163",
		"@@ -1,7 +1,7 @@ +100000000 bytes",
		"smartphone1 2026010215 saxophone 2026-01-02",
	})
}

func TestScanEmail(t *testing.T) {
	scan := func(b []byte, i int) (int, bool) {
		// Asked at the start of an address, for the table's sake.
		for at := i; at < len(b); at++ {
			if start, end, ok := scanEmail(b, at); ok && start == i {
				return end, true
			}
		}
		return 0, false
	}
	checkScanner(t, scan, []string{
		"«bob@example.org» «Bob.Smith+tag@mail.example.co.uk», <«bob@example.org»>; 'bob' '«bob@example.org»' \"«bob@example.org»\"",
		"to=<«bob@example.org»>, from=«bob@example.org». email:«bob@example.org»: refused mailto:«bob@example.org»?subject=x",
		"«o'brien@example.org» b'«bob@example.org»' user='«bob@example.org»'",
		"«bob@пример.рф» «почта@example.org» «bob@xn--e1afmkfd.xn--p1ai» «j.d_x-1@a-b.example.museum»",
		"«\"john doe\"@example.org» <«SRS0=ab12=cd=example.net=bob@example.org»> <«bounce-7-bob=example.net@lists.example.org»> «prvs=0123abcd=bob@example.org»",
		"user=«bob@example.org»&x=1 email=«bob@example.com» smtp.mailfrom=«bob@example.org»",
		`\n«bob@example.org»\n \u003c«bob@example.org»\u003e %3C«bob@example.org»%3E {\"to\":\"«bob@example.org»\"}`,
		"email=«bob%40example.org»&x to «bob\\u0040example.org» «bob&#64;example.org»",
		"«bob@example.org».log «bob@example.com»-2026.log «bob@host.internal» «bob@EXAMPLE.LOCAL»",
		"smtp://«bob@example.org»@smtp.example.org:587/ sip:«bob@example.org» xmpp:«bob@example.org»/res",
		"«svc@project.iam.gserviceaccount.com» «1001@pbx.example.org»",
		"&lt;«bob@example.org»&gt; |«bob@example.org»| [«bob@example.org»](mailto:«bob@example.org»)",
		"--«bob@example.org» ..«bob@example.org»",
		"«bob@example.rs» «bob@example.sh» «bob@example.zip»",

		"user@1000.service getty@tty1.service wg-quick@wg0.service dbus@session.socket openvpn@client.conf serial-getty@ttyS0.service.d/override.conf user-1000@x.slice",
		"icon@2x.png image@3x.webp style@v2.css lodash@4.17.21 @scope/pkg@v1.2.3 pkg@1.2.3-rc.1 left-pad@1.3.0.tgz",
		"nginx@sha256:9f86d0 Object@1a2b3c com.example.Foo@7852e922 root@localhost bob@host @example.org @Override",
		"git@github.com:org/repo.git git@gitlab.example.org:group/project root@web01.example.org:/var/log deploy@web01.example.org:~/x bob@web01.example.org:rel/path",
		"ssh://git@git.example.org/x https://user@example.org/ postgres://app:pw@db.example.org:5432/x ftp://bob@ftp.example.org",
		"a@b.c x@y.1 @.com bob@.com bob@-x.com bob@example. bob@example.o {user}@example.org $@.tmp %s@%s.com bob@@example.org",
		"'root'@'localhost' foo@bar.json foo@bar.baz.yml",
	})
}

func TestEntropyHigh(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	misses := 0
	const tries = 2000
	for range tries {
		for _, form := range []string{"<A24>", "<A32>", "<A40>", "<B43>=", "<W64>", "<W22>", "<L32>", "<B86>=="} {
			text, _ := expand(rng, form)
			if !entropyHigh([]byte(text)) {
				misses++
			}
		}
	}
	if misses > tries*8/50 {
		t.Errorf("%d of %d random texts are taken for ordinary", misses, 8*tries)
	}
	for _, s := range []string{"", "short", "password", "aaaaaaaaaaaaaaaaaaaaaaaa", "1234567890123456789012", "com.example.service.UserAccountFactory2", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3",
		"7d9f2c1e-3b4a-4c5d-8e6f-0a1b2c3d4e5f", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "getHttpServerByIdentifier2", "CONNECTION_TIMEOUT_SECONDS_30", "thisIsAVeryLongCamelCaseIdentifier1",
		"2026-01-02T15:04:05.123456Z", "kube-controller-manager-node01", "application/x-www-form-urlencoded", "ThreadPoolTaskExecutor-17", "https://example.org/path/to/page.html",
		"systemd-networkd-wait-online", "org.apache.kafka.clients.consumer", "AbstractSingletonProxyFactoryBean", "vm-production-eu-west-1a-000017", "abcdefghijklmnopqrstuvwxyz0123", "with space 0123456789 abcDEF"} {
		if entropyHigh([]byte(s)) {
			t.Errorf("%q is taken for random", s)
		}
	}
}

func FuzzScanChecks(f *testing.F) {
	rng := rand.New(rand.NewPCG(17, 18))
	for _, s := range []string{withLuhn(rng, "4", 16), grouped(withLuhn(rng, "37", 15), " ", 4, 6, 5), "%B" + withLuhn(rng, "5", 16) + "^", ibanOf(rng, "DE", "<D18>"), fours(ibanOf(rng, "GB", "<C4><D14>"), " "), "123-45-6789",
		"+1 (415) 555-0163", "(415) 555-0163", "tel:415-555-0163", "phone 00 49 30 901820", "", "+", "(", "4", "DE12", "\\n4", "+44 (0", "+44 (0)20 7946 0958"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for i := 0; i <= len(b); i++ {
			for k, scan := range [...]func([]byte, int) (int, bool){scanCard, scanIBAN, scanSSN, scanPhone} {
				if end, ok := scan(b, i); ok && (end <= i || end > len(b)) {
					name := [...]string{"card", "iban", "ssn", "phone"}[k]
					t.Fatalf("%s: from %d to %d of %d", name, i, end, len(b))
				}
			}
		}
		entropyHigh(b)
	})
}

func FuzzScanEmail(f *testing.F) {
	for _, s := range []string{"bob@example.org", "\"j d\"@example.org", "\\\"j\\\"@example.org", "\\nbob@example.org", "%3cbob%40example.org", "\\u003cbob\\u0040example.org", "git@x.example.org:a/b", "smtp://a@b.org@c.org/", "<SRS0=a=b@example.org>", "x@y.service", "é@é.рф", "'@a.bc", "\"@a.bc", "\\@a.bc", "%@a.bc", "o'b@a.bc", "@"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for at := -1; at <= len(b); at++ {
			start, end, ok := scanEmail(b, at)
			if ok && (start < 0 || start >= at || end <= at+1 || end > len(b)) {
				t.Fatalf("from %d to %d with the sign at %d of %d", start, end, at, len(b))
			}
		}
	})
}

func BenchmarkScanEmail(b *testing.B) {
	text := []byte("from user@1000.service to <bob.smith@mail.example.org>, git@github.com:x/y image@2x.png")
	b.ReportAllocs()
	for b.Loop() {
		for i, c := range text {
			if c == '@' {
				scanEmail(text, i)
			}
		}
	}
}

func BenchmarkScanCard(b *testing.B) {
	rng := rand.New(rand.NewPCG(19, 20))
	text := []byte("1735689600000 " + withLuhn(rng, "4", 16) + " 20260102150405123 " + grouped(withLuhn(rng, "4", 16), " ", 4, 4, 4, 4))
	b.ReportAllocs()
	for b.Loop() {
		for i := range text {
			if has(text, i, setDigit) && !has(text, i-1, setDigit) {
				scanCard(text, i)
			}
		}
	}
}

func BenchmarkEntropyHigh(b *testing.B) {
	rng := rand.New(rand.NewPCG(21, 22))
	text, _ := expand(rng, "<A40>")
	in := []byte(text)
	b.ReportAllocs()
	for b.Loop() {
		entropyHigh(in)
	}
}

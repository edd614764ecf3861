package redact

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// A private key goes whatever a program's source does with its lines.
func TestKeyInPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for _, source := range []string{
		` = "\"-----BEGIN PRIVATE KEY-----\\n"¶ +   "%K\\n"¶ +   "%K\\n"¶ +   "-----END PRIVATE KEY-----\"";`,
		`"-----BEGIN RSA PRIVATE KEY-----\n" +¶"%K  \n"¶	+ "%K\r \n"¶// # /*%K*/¶"%K\\¶-----END RSA PRIVATE KEY-----`,
		`2026-04-26 12:36:01 -----BEGIN PRIVATE KEY-----¶2026-04-26 12:36:01 %K¶2026-04-26 12:36:01 %K¶2026-04-26 12:36:01 -----END PRIVATE KEY-----`,
		` *  -----BEGIN PGP PRIVATE KEY BLOCK-----¶ *¶ *  %K¶ //	%K¶ +"" +" %K"+¶ *  -----END PGP PRIVATE KEY BLOCK-----`,
		`"-----BEGIN EC PRIVATE KEY-----\n" .¶'%K\n' .¶"%K\\\\nAB%K\n"¶"-----END EC PRIVATE KEY-----"`,
	} {
		var keys []string
		for strings.Contains(source, "%K") {
			key, _ := expand(rng, "<B64>")
			keys = append(keys, key)
			source = strings.Replace(source, "%K", key, 1)
		}
		text := strings.ReplaceAll(source, "¶", "\n") + "\nlast line\n"
		got := redactAll(t, session(t), "x.txt", []byte(text))
		for _, key := range keys {
			if bytes.Contains(got, []byte(key[8:24])) {
				t.Errorf("%q stands in\n%s", key, got)
			}
		}
		if !bytes.HasSuffix(got, []byte("\nlast line\n")) {
			t.Errorf("the last line is gone:\n%s", got)
		}
	}
}

// Options of curl in the source of programs, short names of passwords, secure
// strings of PowerShell.
func TestShortStatements(t *testing.T) {
	for _, line := range []string{
		`curl_setopt($ch, CURLOPT_USERPWD, "«kvossberg»:«dipPr10Gg!»");`,
		`curl_easy_setopt(curl, CURLOPT_PASSWORD, "«dipPr10Gg!»");`,
		`c.setopt(c.USERPWD, '«kvossberg»:«dipPr10Gg!»')`,
		`curl_setopt($ch, CURLOPT_USERPWD, 'admin' . ":" . '«dipPr10Gg!»');`,
		`CURLOPT_XOAUTH2_BEARER, "«dipPr10Gg72xQz»"`,
		`curl_setopt($ch, CURLOPT_USERPWD, $credentials);`,
		`curl_setopt($ch, CURLOPT_PASSWORD, getenv("SMTP_PASSWORD"));`,
		"PW:«dipPr10Gg!» ID:master",
		"Wifi Name:master,PW:«dipPr10Gg!»",
		"(ID:master/PW:«dipPr10Gg!»)",
		"Authentication key:«AIhq5Xyb1Gga9Q35»",
		"Activation key : «AIhq5Xyb1Gga9Q35»",
		"Activation key : none, pw: none and pw:reset",
		"ConvertTo-SecureString -AsPlainText -Force -String «dipPr10Gg!»",
		"ConvertTo-SecureString «dipPr10Gg!» -AsPlainText",
		`buildConfigField 'String' , 'API_KEY' , '"«951bc382db9cfee29c68634761dd6e19»"'`,
		`buildConfigField("String", "API_KEY", "\"«951bc382db9cfee29c68634761dd6e19»\"")`,
		`resValue "string", "google_maps_key", "«951bc382db9cfee29c68634761dd6e19»"`,
		`resValue "string", "app_name", "951bc382db9cfee29c68634761dd6e19"`,
		`new NetworkCredential("«bob@corp-x.com»", "«vzihlaquknriqlht»");`,
		`new DirectoryEntry("LDAP://x", "«CORP\bob»", "«Sunflower1»")`,
		"hash *«2470C0C06DEE42FD1618BBB99005ADCA2EC9D1E9» x, *glob and **bold** text",
		"«advorak3»:«sTDQbC8lZF2tc»@«10.1.2.3»:1080",
		"proxy «kvossberg»:«sTDQbC8lZF2tc»@«proxy.kontor.lan»:3128 ok",
		"12:30:45@«10.1.2.3»:8080 and cc:«john82smith@corp-x.net»:2525",
		"ConvertTo-SecureString -String $plain -AsPlainText -Force",
	} {
		checkLine(t, line)
	}
}

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

// A key in a cell of a table is one, too.
func TestKeyInCell(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	key, _ := expand(rng, "<B64>")
	text := "url,username,password,extra,name\nhttps://h,bob,Sunflower12,,x\nhttp://sn,,,\"NoteType:SSH Key\nPrivate Key:-----BEGIN OPENSSH PRIVATE KEY-----\n" + key + "\n-----END OPENSSH PRIVATE KEY-----\",ssh\nhttps://i,eve,Winter9179Qz,,y\n"
	got := redactAll(t, session(t), "export.csv", []byte(text))
	for _, v := range []string{key[8:24], "Sunflower12", "Winter9179Qz"} {
		if bytes.Contains(got, []byte(v)) {
			t.Errorf("%q stands in\n%s", v, got)
		}
	}
}

// Options of curl in the source of programs, short names of passwords, secrets
// that are named for what they are, secure strings of PowerShell.
func TestShortStatements(t *testing.T) {
	for _, line := range []string{
		`crypto isakmp key «VpnPsk123» address 0.0.0.0`,
		` ip ospf message-digest-key 1 md5 «OspfKey1»`,
		` standby 1 authentication «hsrpKey4»`,
		` standby 1 authentication md5 key-string «hsrpKey4»`,
		` ip ospf authentication key-chain ospf-key1`,
		` wpa-psk ascii 0 «wifiKey77»`,
		`pw: «tulpe92»`,
		`user: admin pass: «tulpen2»`,
		`login: «kvossberg» / pass: «tulpen2»`,
		`Password for «kvossberg»: «tulpen22x»`,
		`Password for root: expired 2026`,
		`new password: «N3u#pw» for user «kvossberg»`,
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
		"Parameter 'misp_key' loaded with the value '«lDk55tAwxhc2fhzhNSr9fH2aQC5»'.",
		"[Property ADMINPASSWORD is now = «Silverquay!8206!ixg»]LOG] and [Property OSVERSION is now = 10.0.19045]",
		"Parameter 'http_verify' loaded with the value 'True'.",
		"env APP_KEYS=«Wzo9IipOHtoPGk4nYXsw,IxoEN72kqPzz81sswQxz» X=1,2",
		"new DB('mysqli', '«10.1.2.3»', '«kvossberg»', '«nutm3g^5699»', 'oc')",
		"GET /query?q=CREATE+USER+%22viewer%22+WITH+PASSWORD+%27«OttavioIndigo86»%27 HTTP",
		"GET /query?q=SET+PASSWORD+FOR+%22viewer%22 HTTP",
		"slapd\tslapd/password1\tpassword\t«Goteborg_2025.»",
		"{'genkey': 1, 'otpkey': '«a8392dcee22ee13374fd719830f04a0406cecaa4»'}",
		"[imsi-24] K[«B526859F701658BA39446BCDE361BC47»] OPc[«4D98C6A52D81223A287BAC84809DDBB6»] SQN",
		"COPY AUTH2 «kvossberg» «Quiver8618» KEYS cart:1",
		"<snmpcommv2>«Harvest8002»</snmpcommv2>",
		"kubectl create secret generic tls --from-literal=store='«dylan loves tomoko 2003»'",
		"kubectl create configmap x --from-literal=store=Sunflower12",
		"TSO ALTUSER CRMB01 PASSWORD(«HttZtYWa7») NOEXPIRED; PASSWORD(NOLIMIT)",
		"tabcmd login -s x -u «kvossberg» -p «jolanta.freya10» --no-certcheck",
		"tool -u node -p 8080:80 image",
		"with Local Key «BgwTuT8qKf0e6pNX» and primary key CgxUvU9rLg1f7qOY",
		"https://h/web/invite/«2bb7b4a5594e29e3890bdb5b3ca5daf2» https://h/confirm/order https://h/reset/Mg/«wKf8SjBxWSUPvFqSnWihdV9m»",
		"CLIENT -> SERVER: «bzdZNj14IzRxST41aVkyQA==»",
		"CLIENT -> SERVER: EHLO mail",
		"client in: CONT\t1\t«dG97XnxuYiRvdA==» (previous base64 data",
		"PARAMETERS\t/crm/DB\tSecureString\t«koal4*1472»\t3",
		"CmdAV=username CmdArgAV=secret CmdArgAV=0 CmdArgAV=«Noodle7853» CmdArgAV=<cr>",
		"auth_user_password_keychain: «jasm1ne*9329» and pin_code: «784681»",
		"ConvertTo-SecureString -String $plain -AsPlainText -Force",
	} {
		checkLine(t, line)
	}
}

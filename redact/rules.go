package redact

import (
	"fmt"
	"strings"
)

// ruleID is a rule inside the engine: one of those below, then the tokens of
// tokens*.go in their order, then those that users added to the session.
type ruleID uint16

// The rules that stand for themselves. Those of vendors' tokens are in the
// tables of tokens*.go.
const (
	ruleField ruleID = iota
	ruleFlag
	ruleProgram
	ruleSentence
	ruleBlock
	ruleSQL
	ruleDialog
	ruleAuthHeader
	ruleCookie
	ruleURL
	ruleCrypt
	rulePEM
	ruleKnown
	ruleCard
	ruleIBAN
	ruleSSN
	ruleEmail
	ruleIPv4
	ruleIPv6
	ruleMAC
	rulePhone
	ruleUserField
	ruleUserSentence
	ruleHome
	ruleHostField
	ruleHostBeside
	ruleHostSuffix
	ruleSyslogHost
	ruleVendor
	ruleDirective
	ruleListing
	ruleAzure
	ruleOpened
	ruleMention
	nRules
)

// ruleText is what people are told of a rule.
type ruleText struct {
	name    string
	reason  string // ends a sentence that begins with what was found
	classes []Class
}

var ruleTexts = [nRules]ruleText{
	ruleField:        {"field", "stands as the value under a name that is a secret's", []Class{Password, Token, Cookie}},
	ruleFlag:         {"flag", "is the argument of an option that takes a secret", []Class{Password, Token}},
	ruleProgram:      {"program", "stands where the program that is called takes its secret", []Class{Password, Token}},
	ruleSentence:     {"sentence", "follows words that announce a secret", []Class{Password, Token}},
	ruleBlock:        {"block", "stands in the lines below a name that is a secret's", []Class{Password, Token}},
	ruleSQL:          {"sql", "is the password in a statement of SQL", []Class{Password}},
	ruleDialog:       {"dialog", "is what a client says when it logs in", []Class{Password, Token}},
	ruleAuthHeader:   {"auth-header", "is the credential in a header of HTTP", []Class{Token}},
	ruleCookie:       {"cookie", "is the value of a cookie", []Class{Cookie}},
	ruleURL:          {"url", "stands where a URL or connection string has its login", []Class{Password, Username}},
	ruleCrypt:        {"crypt", "has the form of a password's stored hash", []Class{Password}},
	ruleOpened:       {"base64", "is the base64 of a text that holds a secret", []Class{Token}},
	ruleMention:      {"mention", "looks made at random, in a line that speaks of a secret", []Class{Password}},
	rulePEM:          {"private-key", "stands between the marks of a private key", []Class{PrivateKey}},
	ruleKnown:        {RuleKnown, "is a value that its context gave away elsewhere, or that is this machine's own", []Class{Password, Token, PrivateKey, Cookie, Username, Hostname}},
	ruleCard:         {"card", "is a card number with a right check digit", []Class{Card}},
	ruleIBAN:         {"iban", "is an account number with right check digits", []Class{IBAN}},
	ruleSSN:          {"ssn", "has the form of a social security number or stands where such a number of a person does", []Class{SSN}},
	ruleEmail:        {"email", "has the form of an e-mail address", []Class{Email}},
	ruleIPv4:         {"ipv4", "is an IPv4 address", []Class{IPv4}},
	ruleIPv6:         {"ipv6", "is an IPv6 address", []Class{IPv6}},
	ruleMAC:          {"mac", "has the form of a hardware address", []Class{MAC}},
	rulePhone:        {"phone", "has the form of a telephone number", []Class{Phone}},
	ruleUserField:    {"user-field", "stands as the value under a name that is an account's", []Class{Username}},
	ruleUserSentence: {"user-sentence", "follows words that announce an account", []Class{Username}},
	ruleHome:         {"home", "is the name of a home folder", []Class{Username}},
	ruleHostField:    {"host-field", "stands as the value under a name that is a host's", []Class{Hostname}},
	ruleHostBeside:   {"host-beside", "stands beside an address, or where a host is named", []Class{Hostname}},
	ruleHostSuffix:   {"host-suffix", "ends as the names of hosts within a network do, or is a machine's under a public domain", []Class{Hostname}},
	ruleSyslogHost:   {"syslog-host", "stands where a line of syslog has its host", []Class{Hostname}},
	ruleVendor:       {"vendor-key", "stands as the value under a name that is a vendor's key", []Class{Token}},
	ruleDirective:    {"directive", "is the argument of a device's or tool's directive that takes a secret", []Class{Password, Token}},
	ruleListing:      {"listing", "stands in a column or place that a listing has for accounts or hosts", []Class{Username, Hostname}},
	ruleAzure:        {"azure-secret", "has the form of a secret of Azure", []Class{Token}},
}

// RuleKnown is the rule by which a value that was learned, or known before, is
// found wherever it stands.
const RuleKnown = "known"

// ruleName is what the rule is called in reports.
func (s *Session) ruleName(r ruleID) string {
	if k := int(r) - int(nRules) - len(tokenRules); k >= 0 {
		return s.rules.rules[k].name
	}
	return r.String()
}

// String is the name of a rule that every session has.
func (r ruleID) String() string {
	switch k := int(r) - int(nRules); {
	case k < 0:
		return ruleTexts[r].name
	case k < len(tokenRules):
		return tokenRules[k].id
	}
	return "a user's rule"
}

// RuleInfo is what people are told of a rule.
type RuleInfo struct {
	ID      string   `json:"id"`
	Classes []Class  `json:"classes"`
	Reason  string   `json:"reason"` // ends a sentence that begins with what was found
	BuiltIn bool     `json:"built_in"`
	Hits    []string `json:"hits"`   // texts it finds something in
	Misses  []string `json:"misses"` // texts it leaves
}

// RuleInfos lists the rules of the session, built-in ones first. In their
// examples « and » stand around what is hidden, ‹ and › around what may be, ¶
// for a line end; those of tokens are templates, in which | stands around what
// is hidden and <A36> for 36 letters and digits.
func (s *Session) RuleInfos() []RuleInfo {
	var list []RuleInfo
	for _, r := range builtins {
		t := ruleTexts[r.id]
		list = append(list, RuleInfo{t.name, t.classes, t.reason, true, r.hits, r.misses})
	}
	for _, r := range tokenRules {
		noun := string(r.class)
		switch r.class {
		case Password:
			noun = "stored password"
		case PrivateKey:
			noun = "private key"
		}
		reason := "has the form of a " + noun + ", " + r.id
		list = append(list, RuleInfo{r.id, []Class{r.class}, reason, true, r.hits, r.misses})
	}
	if s.rules != nil {
		for _, u := range s.rules.rules {
			list = append(list, u.info)
		}
	}
	return list
}

// ruleCount is how many rules the session has.
func (s *Session) ruleCount() int { return int(nRules) + len(tokenRules) + s.rules.len() }

// builtin is a rule with its examples. In a hit, what stands between « and »
// is found by the rule, what stands between ‹ and › may be found by another;
// a miss is left as it is. ¶ is a line end.
type builtin struct {
	id     ruleID
	hits   []string
	misses []string
}

// checkBuiltin refuses a table in which a rule has no hits or no misses.
func checkBuiltin(rules []builtin) error {
	for _, r := range rules {
		if len(r.hits) == 0 || len(r.misses) == 0 {
			return fmt.Errorf("rule %q: hits and misses are needed", ruleTexts[r.id].name)
		}
	}
	return nil
}

var builtins = []builtin{
	{ruleField, []string{
		`spring.rabbitmq.password=«Kestrel-41-moss»`,
		`MYSQL_ROOT_PASSWORD: «b1rchTree!99»`,
		`  adminPassword: "«corn flake 77; #x»"  # set by hand`,
		`  password: '«it''s a 5ecret»'`,
		`{"user":{"name":"‹ab›","credentials":{"password":"«x\"y\\z9»"}}}`,
		`{"a":"{\"b\":\"{\\\"apiToken\\\":\\\"«nested77token88»\\\"}\"}"}`,
		`{"pin": «849302», "amount": 12}`,
		`{"password": «12345678»}`,
		`{"passwords":["«first-One1»","«second-Two2»"],"n":1}`,
		`DB_PASSWORD='«p@ss w;rd#1»' ./run.sh --verbose`,
		`$env:ARM_CLIENT_SECRET = "«Zx9~qwerTYuiop1234»"`,
		`variable "db_password" {¶  default = "«terra-Form-99»"¶}`,
		`password = "«toml-v4lue»" # comment`,
		`<password>«xml&amp;Pass1»</password>`,
		`<property name="hibernate.connection.password">«hib3rnate!»</property>`,
		`<property name="password" value="«beanPass9»"/>`,
		`<password><![CDATA[«cd<ata>1»]]></password>`,
		`<Password>¶  «own-line-9»¶</Password>`,
		`<setting name="ApiSecret" serializeAs="String">¶  <value>«set-T1ng-v4l»</value>¶</setting>`,
		`User{id=4, login='‹bo›', password='«s3cr3t-x»', email=‹bo@example.org›}`,
		`{:user=>"‹u1›", :password=>"«rubyHash9»", :ok=>true}`,
		`map[password:«goMap77» retries:3 user:‹u2›]`,
		`&{Addr::8080 Secret:«goPtr99x» Debug:false}`,
		`define("AUTH_SALT", "«W)x{1?Zq 9=salt_value+long»");`,
		`props.setProperty("db.password", "«javaProps1»");`,
		`CEF:0|Vendor|Prod|1.0|100|login|5|suser=‹joe› cs1Label=password cs1=x pwd=«cefPass88» act=ok`,
		`Server=‹sql.example.org›;Database=x;Uid=‹u›;Pwd={«od;bc1»};Encrypt=yes`,
		`host=‹h.example.org› port=5432 user=‹u› password=«libpq1» sslmode=require`,
		`GET /cb?state=9&access_token=«abc.def-123456789»&x=1 HTTP/1.1`,
		`https://example.org/cb#access_token=«frag1234567890»&token_type=bearer`,
		`redirect=https%3A%2F%2Fexample.org%2F%3Ftoken%3D«pctTok3n12345»%26x%3D1`,
		`{"name":"DB_PASSWORD","value":"«ecsTask99»"}`,
		`  - name: API_KEY¶    value: «k8sEnvKey99»`,
		`ParameterKey=DBPassword,ParameterValue=«cfnParam9»`,
		`‹db.example.org›:5432:x:‹joe›:«pgpassPw»`,
		`name,email,password¶x,‹x@example.org›,«csvPw1»¶y,‹y@example.org›,"«csv,Pw2»"`,
		`"key": "value", "auth": "«dXNlcjpwYXNzd29yZA==»"`,
		`~ password = "«before-1x»" -> "«after-2x»"`,
		`password: ${DB_PASSWORD:-«fallback-7»}`,
		`"tokens": {"agent": "«5430140c-55ed-4a4e-a7d7-be4609cc57ae»"}`,
	}, []string{
		`{"password": null, "token": "", "secret": false}`,
		`password_file: /run/secrets/db`,
		`password: ${DB_PASSWORD}`,
		`api_key: {{ .Values.apiKey }}`,
		`secretName: tls-cert`,
		`token_type=bearer expires_in=3600`,
		`max_tokens: 4096`,
		`next_page_token=CAUQAA`,
		`cache key: user:42:profile`,
		`primary_key=id foreign_key=user_id`,
		`public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"`,
		`if (password == null) throw new Error("password required");`,
		`String password = getPassword();`,
		`const token = await getToken(user);`,
		`pass: 12 fail: 0 skip: 3`,
		`--- PASS: TestFoo (0.00s)`,
		`"passwordPolicy": {"minLength": 12}`,
		`Unexpected token } in JSON at position 5`,
		`id=550e8400-e29b-41d4-a716-446655440000`,
		`keyboard=us keymap=de`,
		`~ master_password = (sensitive value)`,
		`checksum/secret: e6c0aff0c2cd5a5bc94debd07c421a4438a2d8e1d89c7e5e1491734b86e5c518`,
		`"CodeSha256": "VG68/dkccJ9fp3ylmCSW6lahc0p0sOSUOGcaKtU4GeY="`,
		`sfdx force:user:password:generate --target-org prod`,
		`keyslot 1 unlocked, cipher aes-xts-plain64, key 512 bits`,
	}},
	{ruleFlag, []string{
		`agent join --token «42271c69bd7e4d2b4d32bef6»`,
		`["--username","‹svc›","--password","«jsonArgPw1»","--x"]`,
		`Connect-Service -Username ‹adm› -Password «psPw!77x»`,
		`keytool -list -keystore k.jks -storepass «ch4ngeit9»`,
		`openssl pkcs12 -export -passout pass:«p12Pass» -in a.pem`,
	}, []string{
		`app --password-file /run/secrets/x --token-ttl 3600`,
		`mkdir -p /var/lib/x`,
		`docker run -p 8080:80 nginx`,
	}},
	{ruleProgram, []string{
		`mysqldump -uroot -p«gluedPw1» shop > x.sql`,
		`sshpass -p «sshPw99» ssh ‹ops›@‹web1›`,
		`curl -su ‹adm›:«curlPw1» https://example.org/`,
		`smbclient //fs/share -U ‹bob›%«smbPw12»`,
		`net use Z: \\fs\share «netUse!1» /user:CORP\‹bob›`,
		`echo '«sudoPw!1»' | sudo -S ls`,
		`echo "‹bob›:«chPw77»" | chpasswd`,
		`htpasswd -cb .htpasswd ‹bob› «htPw!1»`,
		`rman target ‹rm›/«oraPw_77»@PROD`,
	}, []string{
		`mysql -P 3306 -u root`,
		`curl -u : https://example.org/`,
		`docker run -p 8080:80 nginx`,
	}},
	{ruleDirective, []string{
		`mgmt-user ‹admin› root «0123456789abcdef0123»`,
		`BUNDLE_GEMS__EXAMPLE__COM: "‹joe›:«gemPw-77x»"`,
		`addauth digest ‹joe›:«zooPw77x»`,
		`MONITOR ups@host1 1 ‹joe› «upsPw77x» primary`,
		`AT+CPIN="«4711»"`,
		`  client_send = : ‹joe› : «relayPw7»`,
		`hide mysql_servers = localhost/mail/‹exim›/«eximPw77»`,
		`expect -c 'send "«ttyPw77x»\r"'`,
	}, []string{
		`+CPIN: READY`,
		`mgmt-user list`,
		`monitor mode enabled on wlan0`,
		`BUNDLE_PATH: "vendor/bundle"`,
		`BUNDLE_BUILD__NOKOGIRI: "--use-system-libraries"`,
		`send "ls -l\r"`,
		`register => now`,
	}},
	{ruleListing, []string{
		`«jsmith»:x:1001:1001:«Jo Smith»,«Room 3»,,:/home/‹jsmith›:/bin/bash`,
		`«jsmith»:!:19700:0:99999:7:::`,
		`docker:x:998:«jsmith»,«wberg»`,
		`«jsmith»    pts/0        ‹198.51.100.7›      Tue Feb  3 10:11   still logged in`,
		`drwx------  5 «jsmith» «jsmith»  4096 Feb  3 10:11 .config`,
		`«jsmith»      4711  0.3  1.2 912040 98120 ?        Sl   10:11   0:12 /usr/bin/node app.js`,
		`«jsmith»     4711    4700  0 10:11 pts/0    00:00:01 bash`,
		`node      4711 «jsmith»   12u  IPv4  81234      0t0  TCP *:8080 (LISTEN)`,
		`‹198.51.100.7› «db-master-3.example.org» «db-master-3»`,
	}, []string{
		`root:x:0:0:root:/root:/bin/bash`,
		`www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin`,
		`docker:x:998:`,
		`-rw-r----- 1 root adm 1204 Feb  3 10:11 syslog`,
		`root       812  0.0  0.0  17320  7420 ?        Ss   Nov02   0:01 /usr/lib/systemd/systemd-logind`,
		`reboot   system boot  6.8.0-45-generic Tue Feb  3 08:00   still running`,
		`127.0.0.1 localhost`,
		`total 4711 0.3 1.2`,
	}},
	{ruleSentence, []string{
		`bindpw «ldapBind1»`,
		`requirepass «redisConf1»`,
		`machine example.org login ‹joe› password «netrcPw1»`,
		` neighbor ‹198.51.100.1› password 7 «0822455D0A165445»`,
		`crypto isakmp key «vpnSh4red» address ‹198.51.100.7›`,
		`com2sec local default «c0mmun1ty»`,
		`A temporary password is generated for root@localhost: «q!w2e#r4T5y»`,
		`Your new password is «Blue-7-Kite»`,
		`using token «a8f5f167f44f4964e6c998dee827110c» for upload`,
	}, []string{
		`password changed for 3 accounts`,
		`Failed password reset: token expired`,
		`PasswordAuthentication no`,
		`the password must be at least 12 characters`,
		`secret "db-creds" created`,
		`serviceaccount/default token mounted`,
	}},
	{ruleMention, []string{
		`the new root password for the lab boxes is «13ycqlYtDlRv», please do not share it.`,
		`           MOVE '«28s7*VqU»' TO WS-PASSWORD.`,
		`Substituting variable: ${deploy.password} with «WWGy2Ae5z1GlPLhAd9s»`,
		`changing secret from «ytNgj7wUIiT2uWUs0ulM» to «S5QvOVT2CMESJaSBv»`,
	}, []string{
		`Failed password for root from 192.0.2.7x port 22 ssh2: SHA256withRSA`,
		`password hash of request 7d9f2c1e-3b4a-4c5d-8e6f-0a1b2c3d4e5f took 12ms (PBKDF2WithHmacSHA512)`,
		`secret/data/app/Config2025 was read by pod api-7d9f8b6c5d-x2x9k`,
	}},
	{ruleBlock, []string{
		`token: >-¶  «foldedTokenValue12345»¶other: x`,
		`chpasswd:¶  list: |¶    ‹joe›:«cl0udInit9»¶x: 1`,
	}, []string{
		`description: |¶  no secret here¶x: 1`,
		`password: |¶x: 1`,
	}},
	{ruleSQL, []string{
		`CREATE USER '‹app›'@'%' IDENTIFIED BY '«sqlPw1»';`,
		`SET PASSWORD FOR '‹u›'@'localhost' = PASSWORD('«oldMy1»');`,
	}, []string{
		`SELECT password FROM users WHERE id = 1`,
		`CREATE TABLE t (password VARCHAR(64) NOT NULL)`,
	}},
	{ruleDialog, []string{
		`C: a001 LOGIN ‹joe› «imapPw1»`,
		`> PASS «popPass1»`,
		`>>> AUTH PLAIN «AGpvZQBzZWNyZXQxMjM=»`,
		`"AUTH" "«redisMon1»"`,
	}, []string{
		`250-AUTH PLAIN LOGIN`,
		`LOGIN disabled for maintenance`,
		`PASS: 3 checks`,
	}},
	{ruleAuthHeader, []string{
		`Authorization: Basic «YWxhZGRpbjpvcGVuc2VzYW1l»`,
		`authorization: Bearer «mF_9.B5f-4.1JqM7xx»`,
		`{"headers":{"Authorization":["Bearer «zzTokenzz1234»"],"Accept":["*/*"]}}`,
		`Authorization: Digest username="‹Mufasa›", realm="x", uri="/", response="«6629fae49393a05397450978507c4ef1»"`,
	}, []string{
		`Authorization header missing on 3 requests`,
		`WWW-Authenticate: Bearer realm="example"`,
		`Basic authentication is disabled`,
	}},
	{ruleCookie, []string{
		`Cookie: sessionid=«38afes7a8z9q»; csrftoken=«zk2Lq9wE4rT»`,
		`Set-Cookie: JSESSIONID=«A1B2C3D4E5F6A7B8»; Path=/; HttpOnly`,
	}, []string{
		`cookie consent banner shown 5 times`,
		`cookie: enabled, secure: true`,
	}},
	{ruleURL, []string{
		`amqp://‹svc›:«r4bb1t»@‹mq.example.org›:5672/vhost`,
		`redis://:«onlyPass1»@‹cache.example.org›:6379/0`,
		`dsn="‹app›:«goDsn77»@tcp(db1:3306)/shop"`,
		`jdbc:oracle:thin:‹scott›/«t1gerCat»@db1:1521:orcl`,
	}, []string{
		`https://example.org:8443/a@b`,
		`postgres://${USER}:${PASS}@db1/x`,
	}},
	{ruleOpened, []string{
		`userdata: «IyEvYmluL2Jhc2gKZXhwb3J0IERCX1BBU1NXT1JEPWh1bnRlcjJ4OTkK»`,
		`state=«eyJwYXNzd29yZCI6Imh1bnRlcjJ4IiwicG9ydCI6MX0=» ok`,
	}, []string{
		`userdata: IyEvYmluL2Jhc2gKZWNobyBoZWxsbyB3b3JsZAo=`,
		`cursor=eyJwYWdlIjoxMiwic2l6ZSI6MTAwLCJzb3J0IjoiaWQifQ==`,
	}},
	{ruleCrypt, []string{
		`‹joe›:«$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234»`,
		`hash «{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3»`,
	}, []string{
		`costs $5 or $6 a day`,
		`awk '{print $1$2}'`,
	}},
	{rulePEM, []string{
		`"key": "-----BEGIN RSA PRIVATE KEY-----\n«MIIEpAIBAAKCAQEA7abcdefgh»\n-----END RSA PRIVATE KEY-----\n"`,
		`-----BEGIN PRIVATE KEY-----¶«MIIEvQIBADANBgkqhkiG9w0BAQEFAASC»¶«BKcwggSjAgEAAoIBAQ==»¶-----END PRIVATE KEY-----¶next`,
	}, []string{
		`-----BEGIN CERTIFICATE-----¶MIIDXTCCAkWgAwIBAgIJAKL0UG¶-----END CERTIFICATE-----`,
		`-----BEGIN PUBLIC KEY-----¶MFkwEwYHKoZIzj0CAQYI¶-----END PUBLIC KEY-----`,
	}},
	{ruleVendor, []string{
		`algolia: «0123456789abcdef0123456789abcdef»`,
		`"twilio": {"sid": "AC1", "auth": 1}, "deepgram": "«0123456789abcdef0123456789abcdef01234567»"`,
		`the Okta API token «00abCdefGhijklmnopqrstuvwxyz-0123456789ABC» was used`,
		`X-Cisco-Meraki-API-Key: «0123456789abcdef0123456789abcdef01234567»`,
		`Authorization: GenieKey «eb243592-faa2-4ba2-a551-1afdf565c889»`,
		`Authorization: Splunk «B5A79AAD-D822-46CC-80D1-819F80D7BFB0»`,
	}, []string{
		`algolia: index 0123456789abcdef0123456789abcdef built`,
		`heroku release 550e8400-e29b-41d4-a716-446655440000`,
		`twilio: 0123456789abcdef0123456789abcdef01234567`,
		`snyk project 550e8400-e29b-41d4-a716-446655440000 tested`,
	}},
	{ruleAzure, []string{
		`secret is «abC8Q~0123456789abcdefghijKLMNOPqrstu-vw»`,
		`pushed with «` + strings.Repeat("aB3", 17) + `cJQQJ99` + strings.Repeat("Q7", 11) + `AZDO»`,
	}, []string{
		`cp a.txt~ b8Q~ c`,
		`sum ` + strings.Repeat("ab3", 28),
	}},
	{ruleKnown, []string{
		`password=«bare-V4lue-99»¶and then bare: «bare-V4lue-99».`,
	}, []string{
		`the secret of success`,
	}},
	{ruleCard, []string{`card «4111 1111 1111 1111» ok`, `{"ccn":«4111111111111111»,"x":1}`}, []string{`order 1234567812345678 shipped`, `inode 1234567890123456 blocks 8`}},
	{ruleIBAN, []string{`iban «DE89 3704 0044 0532 0130 00» ok`, `account «DE89 3704 0044 0532 0130 00» closed`}, []string{`DE89 3704 0044 0532 0130 01`, `AB12 deployed`}},
	{ruleSSN, []string{`applicant ssn=«219-09-9998» verified`}, []string{`part 000-12-3456`, `2026-01-02`}},
	{ruleEmail, []string{`mail to «bo.x@example.org» bounced`, `GET /u?email=«bo.x%40example.org»&id=5`}, []string{`npm i @types/node@20.1.0 react@18.2.0`, `java.lang.Object@1a2b3c4d`, `Started user@1000.service`}},
	{ruleIPv4, []string{`from «198.51.100.7» port 22`, `«10.0.0.8»/24`}, []string{`version 10.2.3.4 build 77`, `kernel 5.15.0-91-generic`, `listening on 127.0.0.1:80 and 0.0.0.0:81`}},
	{ruleIPv6, []string{`inet6 «2001:db8:1::42»/64 scope global`, `v6(en0:«2001:db8::aa:bb») up`}, []string{`took 00:01:02`, `std::vector<int>`, `[::1]:80`}},
	{ruleMAC, []string{`lease to «52:54:00:12:34:56»`, `mac-address «52ab.00cd.34ef»`}, []string{`at 12:30:45:00`, `00:00:00:00:00:00`}},
	{rulePhone, []string{`call from «+1 212 555 0142»`, `phone=«(212) 555-0142»`}, []string{`offset +12345`, `phone home disabled`}},
	{ruleUserField, []string{`login user=«jsmith» ok`, `<Data Name='TargetUserName'>«jsmith»</Data>`, `	Account Name:		«jsmith»`, `uid=1000(«jsmith») gid=1000(«jsmith»)`,
		`1700000000.123     80 ‹198.51.100.7› TCP_TUNNEL/200 1044 CONNECT api.example.org:443 «jsmith» HIER_DIRECT/‹198.51.100.8› -`, `1,2026/03/11 19:43:27,012301067705,TRAFFIC,end,allow-web,corp\«jsmith»,,ssl`,
		`«jsmith»,‹198.51.100.7›:29310,7869452,2794594,2026-07-27 10:56:03`, `[httpd] ‹198.51.100.7› - «jsmith» [19/May/2026:01:46:09 +0000] "POST /w HTTP/1.1" 204 0`, `# User@Host: «jsmith»[«jsmith»] @  [‹198.51.100.7›]  Id: 61592`, `plain_server authenticator failed for (User) [‹198.51.100.7›]: 535 Incorrect authentication data (set_id=«jsmith»)`,
		`2026-05-10 17:36:10.720 UTC [4641] LOG C-0x55bf7e089496: shop/«jsmith»@‹198.51.100.7›:5432 login attempt`, `[duoauthproxy.lib.log#info] (('‹198.51.100.7›', 32617), «jsmith», 12): Sending request`,
		`2026-09-14 08:46:00,360+0000 http-nio-8080-exec-8 WARN «jsmith» 554x79402x1 1a2b3c ‹198.51.100.7› /rest/auth [c.a.j]`}, []string{`user=root`, `user_id,10.20,7869452,2794594`, `1,2026/03/11 19:43:27,C:\x\y,TRAFFIC`, `1700000000.123     80 198.51 TCP_DENIED/407 3891 GET http://example.org/ - HIER_NONE/- text/html`, `user_count=3 username_max_length=32`, `user: not found`}},
	{ruleUserSentence, []string{`FATAL: password authentication failed for user "«jsmith»"`, `FATAL:  role "«jsmith»" does not exist`, `sshd[1]: Accepted password for «jsmith» from ‹198.51.100.7› port 22 ssh2`, `New session 5 of user «jsmith».`,
		`msg="Administrator «jsmith» login failed from https"`, `2026-12-13 17:01:08 Benutzer «jsmith4» angemeldet`, `Authentication of [«jsmith»] was terminated by realm [file]`, `Authentication for user [«jsmith»] -> [«jsmith»] FAILED with error NT_STATUS_WRONG_PASSWORD`,
		`"message":"Login failed: '«jsmith»' (Remote IP: '‹198.51.100.7›')"`},
		[]string{`session opened for user root(uid=0) by (uid=0)`, `user interface loaded`, `Administrator access required`, `Benutzer angemeldet`, `Authentication of request failed`, ` login local`, `doctl databases user create 6958`, `nothing for user to do`}},
	{ruleHome, []string{`open /home/«jsmith»/.ssh/config: no such file`, `C:\Users\«jsmith»\AppData\Local\Temp\x.log`}, []string{`/home/README.txt`, `C:\Users\Public\x`, `https://example.org/home/page`}},
	{ruleHostField, []string{`hostname=«web-prod16»`, `jdbc:postgresql://«pg-4.example.org»:5432/x`, `mongodb://«m1.example.org»:27017,«m2.example.org»:27017/x`, `Workstation Name:	«mq-stg38»`, `devname="«fw-edge-1»" devid="FG100"`,
		`(CID=(PROGRAM=JDBC Thin Client)(HOST=«web-ber-97»)(USER=‹jsmith›))`, `myhostname = «mx-4.example.org»`, `   Host Name . . . . . . . . . . . . : «DESKTOP-35B9A23»`, `[2026-11-10T02:09:24,801][WARN ][o.e.m.f.FsHealthService  ] [«es-vie-81»] health check took [5s]`,
		`#Fields: date-time,client-hostname,event-id¶2026-01-02T03:04:05Z,«MBX483»,RECEIVE`}, []string{`[2026-02-03T10:11:12,345][INFO ][o.e.n.Node ] [node-1] started`, `DEVNAME=/dev/sda1`, `host: localhost`, `https://example.org/x`, `redis://redis:6379/0`, `postgres://${HOST}/x`, `Server: nginx/1.25.3`, `{"host":"db1"}`}},
	{ruleHostBeside, []string{`reverse of «ns.example.net» [‹198.51.100.7›] failed`, `login from «pc.example.net» port 22`}, []string{`text [198.51]`, `derived from base.Class`}},
	{ruleHostSuffix, []string{`connect to «db-3.prod.internal»:5432 failed`, `ping «nas-1.lan»`}, []string{`config.local.yaml loaded`, `at jdk.internal.reflect.X`}},
	{ruleSyslogHost, []string{`Jan  2 03:04:05 «web-7» sshd[1]: started`, `2026-01-02T03:04:05.123456+00:00 «web-7» systemd[1]: started`, `<34>1 2026-01-02T03:04:05Z «web-7» app 77 ID47 - started`}, []string{`2026-01-02T03:04:05Z INFO starting`, `Jan  2 03:04:05 INFO: starting`}},
}

package redact

import "bytes"

// Names of machines that stand under a public domain, db-17.prod.example.de:
// nothing but their form tells them from the names of services that anybody
// may know. A machine's is of three labels or more, and the first has a number.

// suffixes and countries are the public suffixes under which machines are
// looked for, but for those that are words of programs too: .in, .is, .me, .py.
var suffixes = []string{"com", "net", "org", "edu", "gov", "dev", "cloud"}

var countries = func() (t [1 << 10]bool) {
	for _, c := range []string{"io", "de", "ch", "at", "fr", "it", "es", "pt", "nl", "be", "lu", "dk", "se", "no", "fi", "pl", "cz", "sk", "hu", "ro", "bg", "gr", "tr", "ru", "ua", "uk", "ie", "us", "ca", "mx", "br", "ar", "cl", "au", "nz", "jp", "cn", "kr", "sg", "hk", "tw", "za", "il", "eu", "ai", "co"} {
		t[country(c[0], c[1])] = true
	}
	return t
}()

// country is where countries has two letters.
func country(a, b byte) int { return int(a&31)<<5 | int(b&31) }

// publicDomains are those under which the names are of services for everybody.
var publicDomains = setOf("amazonaws.com", "amazon.com", "cloudfront.net", "awsstatic.com", "azure.com", "azure.net", "windows.net", "microsoft.com", "microsoftonline.com", "windowsupdate.com", "office.com", "office365.com", "live.com", "msecnd.net", "visualstudio.com", "azurewebsites.net", "azureedge.net", "azurecr.io", "trafficmanager.net", "sharepoint.com", "skype.com", "msn.com", "bing.com",
	"google.com", "googleapis.com", "gstatic.com", "googleusercontent.com", "googlevideo.com", "gvt1.com", "gcr.io", "pkg.dev", "firebaseio.com", "youtube.com", "1e100.net", "doubleclick.net", "run.app", "appspot.com", "withgoogle.com", "golang.org", "go.dev",
	"github.com", "githubusercontent.com", "github.io", "gitlab.com", "bitbucket.org", "atlassian.com", "atlassian.net", "docker.com", "docker.io", "quay.io", "ghcr.io", "k8s.io", "kubernetes.io", "jfrog.io", "npmjs.org", "npmjs.com", "yarnpkg.com", "pypi.org", "pythonhosted.org", "rubygems.org", "nuget.org", "maven.org", "crates.io", "packagist.org", "cpan.org", "jsdelivr.net", "unpkg.com",
	"debian.org", "ubuntu.com", "canonical.com", "launchpad.net", "redhat.com", "fedoraproject.org", "centos.org", "rockylinux.org", "almalinux.org", "opensuse.org", "suse.com", "archlinux.org", "alpinelinux.org", "kernel.org", "gnu.org", "freebsd.org", "openbsd.org", "apache.org", "eclipse.org", "mozilla.org", "mozilla.com", "mozilla.net", "w3.org", "ietf.org", "iana.org", "icann.org", "wikipedia.org", "sourceforge.net",
	"cloudflare.com", "cloudflare.net", "akamai.net", "akamaiedge.net", "akamaitechnologies.com", "edgekey.net", "edgesuite.net", "fastly.net", "fastly.com", "cdn77.org", "stackpathcdn.com", "letsencrypt.org", "digicert.com", "sectigo.com", "globalsign.com", "verisign.com", "entrust.net", "ntp.org", "root-servers.net", "gtld-servers.net", "spamhaus.org", "spamcop.net", "sorbs.net", "barracudacentral.org", "opendns.com", "quad9.net",
	"apple.com", "icloud.com", "mzstatic.com", "aaplimg.com", "oracle.com", "oraclecloud.com", "ibm.com", "cisco.com", "webex.com", "vmware.com", "hp.com", "hpe.com", "dell.com", "intel.com", "nvidia.com", "adobe.com", "salesforce.com", "force.com", "sap.com", "servicenow.com", "zoom.us", "slack.com", "slack-edge.com", "facebook.com", "fbcdn.net", "instagram.com", "whatsapp.net", "twitter.com", "x.com", "linkedin.com", "yahoo.com", "yandex.ru", "yandex.net", "baidu.com", "qq.com", "aliyuncs.com", "alibabacloud.com", "dropbox.com",
	"sentry.io", "datadoghq.com", "datadoghq.eu", "newrelic.com", "nr-data.net", "splunk.com", "splunkcloud.com", "elastic.co", "elastic-cloud.com", "found.io", "grafana.com", "grafana.net", "loggly.com", "sumologic.com", "pagerduty.com", "hashicorp.com", "terraform.io", "mongodb.net", "mongodb.com", "snowflakecomputing.com", "databricks.net", "cloud.databricks.com", "confluent.cloud", "stripe.com", "paypal.com", "adyen.com", "twilio.com", "sendgrid.net", "sendgrid.com", "mailgun.org", "mailgun.net", "mandrillapp.com", "sparkpostmail.com", "postmarkapp.com", "okta.com", "oktapreview.com", "auth0.com", "onelogin.com", "duosecurity.com", "heroku.com", "herokuapp.com", "digitalocean.com", "digitaloceanspaces.com", "netlify.com", "vercel.app", "fly.dev", "circleci.com", "travis-ci.com", "codecov.io", "sonarcloud.io", "jetbrains.com", "gradle.org", "jenkins.io", "steamcontent.com", "spotify.com", "ggpht.com", "ytimg.com", "googlesyndication.com", "google-analytics.com", "2mdn.net", "msedge.net", "s-msedge.net", "akadns.net", "akadns6.net", "nsatc.net", "cloudapp.net", "symcb.com", "phicdn.net", "tencent.com", "teamviewer.com", "anydesk.com", "sinaimg.cn", "alicdn.com", "bdstatic.com", "dyndns.org", "archive.org", "stackexchange.com")

// machineUnder looks at a word b[i:e] after a dot that is a public suffix, and
// hides the name that ends with it if it is a machine's.
func (sc *scanner) machineUnder(i, e int) {
	b := sc.b
	if c := at(b, e); is(c, chWord) || c == '-' || c == '(' || c == '[' || c == '.' && is(at(b, e+1), chWord) {
		return
	}
	s := runBack(b, i, max(sc.ls, i-200), chKey)
	for s < i && !is(b[s], chAlnum) {
		s++
	}
	if s >= 3 && b[s-1] == '%' && escapeEnds(b, s+2) { // %2Fdb-17
		s += 2
	}
	if s > 0 && b[s-1] == '\\' { // \ndb-17, \u0022db-17
		if s++; b[s-1] == 'u' {
			s += 4
		}
		if !escapeEnds(b, s) {
			return
		}
	}
	if s < sc.skip || s >= i || s > 0 && (b[s-1] == '%' || b[s-1] == '$' || b[s-1] == '{') {
		return
	}
	name := b[s:e]
	if bytes.IndexByte(name, '_') >= 0 || !hostName(name) {
		return
	}
	first := bytes.IndexByte(name, '.')
	if first < 0 || !numbered(name[:first]) {
		return
	}
	domain := name[first+1:]
	k := bytes.LastIndexByte(domain, '.')
	if k < 0 {
		return
	}
	d := bytes.LastIndexByte(domain[:k], '.') + 1
	if second := domain[d:k]; d > 0 && e-i == 2 && (len(second) == 2 || string(second) == "com" || string(second) == "net" || string(second) == "org" || string(second) == "gov") { // co.uk, com.au
		d = bytes.LastIndexByte(domain[:d-1], '.') + 1
		if d == 0 && bytes.Count(domain, []byte(".")) < 2 {
			return
		}
	} else if len(second) < 2 || !is(second[0], chAlnum) || allDigits(second) { // stty5.18.pl
		return
	}
	if publicDomains.has(lowerOf(domain[d:], sc.lower[:])) {
		return
	}
	sc.emit(s, e, cHostname, ruleHostSuffix, 0)
}

// numbered reports whether a label is like a machine's: letters and a number.
// Hexadecimal is not, 1a2b3c4d, nor a version, nor x86.
func numbered(v []byte) bool {
	n := len(v)
	if n < 3 || n > 40 || !is(v[0], chAlpha) || !hasDigit(v) || notMachines.has(v) {
		return false
	}
	letters := run(v, 0, chAlpha)
	if dash := bytes.IndexByte(v, '-'); letters < 2 && dash < 0 || dash < 0 && run(v, 0, chHex) == n && n > 6 {
		return false
	}
	return v[n-1] != '-' && !bytes.Contains(v, []byte("--"))
}

// machine reports whether a name without a domain is like a machine's, SRV-FRA12,
// and not like that of a service, web-1 or db2.
func machine(v []byte) bool {
	if !numbered(v) || run(v, 0, chAlnum) == len(v) && run(v, 0, chLower|chDigit) == len(v) {
		return false
	}
	n := len(v)
	for n > 0 && is(v[n-1], chDigit) {
		n--
	}
	return len(v)-n >= 2 && bytes.IndexByte(v, '_') < 0
}

// notMachines are words with a number in them that are first labels of names of
// something else.
var notMachines = setOf("utf8", "md5", "sha1", "sha256", "sha512", "base64", "base32", "oauth2", "oauth", "http2", "http3", "ipv4", "ipv6", "ip4", "ip6", "log4j", "log4j2", "log4net", "x509", "h2o", "web3", "web2", "auth0", "pkcs11", "pkcs12", "s3", "ec2", "k8s", "i18n", "l10n", "e2e", "p2p", "b2b", "b2c", "mp3", "mp4", "jdk8", "jdk11", "jdk17", "python3", "py3", "python2", "win32", "win64", "linux64", "amd64", "arm64", "x86-64", "junit4", "junit5", "struts2", "bootstrap4", "vue3", "angular2", "es6", "es2015", "html5", "css3", "ed25519", "curve25519", "utf16", "latin1", "iso8859", "checkip2")

// ofUname looks at the name behind the word Linux b[i:e], as uname -a writes it
// before the release of the kernel: Linux db1 6.1.0-18-amd64 #1 SMP.
func (sc *scanner) ofUname(i, e int) {
	b := sc.b
	s := e + 1
	n := run(b, s, chKey)
	if at(b, e) != ' ' || n == s || at(b, n) != ' ' || !is(at(b, n+1), chDigit) || i > sc.ls && !is(b[i-1], chSpace|chQuote) {
		return
	}
	p := n
	for range 3 {
		d := run(b, p+1, chDigit)
		if d == p+1 || p > n && b[p] != '.' {
			return
		}
		p = d
	}
	if c := at(b, p); c != '-' && c != '.' && c != '+' && !bytes.HasPrefix(b[p:], []byte(" #")) || equalFold(b[s:n], "version") || equalFold(b[s:n], "linux") {
		return
	}
	sc.hostValue(s, n)
}

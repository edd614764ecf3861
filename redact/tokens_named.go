package redact

// vendorKey says how the keys of a vendor are written that nothing but the
// vendor's name before them tells from a digest or an identifier.
type vendorKey struct {
	vendor string // a word of texts
	forms  []string
}

// vendorKeys are asked for where their names stand: algolia: <key>, "Okta API
// token <key>". Vendors whose names begin like words that every log has
// (data, post, message) are left to the names of their keys.
var vendorKeys = []vendorKey{
	{"abuseipdb", []string{"<h80>"}},
	{"adobe", []string{"<h32>"}},
	{"algolia", []string{"<x32>"}},
	{"amplitude", []string{"<h32>"}},
	{"asana", []string{"<h32>"}},
	{"bittrex", []string{"<h32>"}},
	{"bugsnag", []string{"<h32>"}},
	{"cohere", []string{"<A40>"}},
	{"coinbase", []string{"<W64>", "<A32>"}},
	{"deepgram", []string{"<h40>"}},
	{"droneci", []string{"<A32>"}},
	{"etsy", []string{"<L24>"}},
	{"fastly", []string{"<W32>"}},
	{"finicity", []string{"<h32>", "<A20>"}},
	{"finnhub", []string{"<L20>"}},
	{"flickr", []string{"<h32>", "<h16>"}},
	{"freshbooks", []string{"<h64>"}},
	{"giphy", []string{"<A32>"}},
	{"gitter", []string{"<h40>"}},
	{"heroku", []string{"<x8>-<x4>-<x4>-<x4>-<x12>"}},
	{"hetzner", []string{"<A64>"}},
	{"hubspot", []string{"<x8>-<x4>-<x4>-<x4>-<x12>"}},
	{"infura", []string{"<h32>"}},
	{"ipinfo", []string{"<h14>"}},
	{"kraken", []string{"<B86>==", "<B54>="}},
	{"kucoin", []string{"<h24>", "<h8>-<h4>-<h4>-<h4>-<h12>"}},
	{"mattermost", []string{"<L26>"}},
	{"maxmind", []string{"<A6>_<A29>_mmk", "<A16>"}},
	{"meraki", []string{"<h40>"}},
	{"mixpanel", []string{"<h32>"}},
	{"netlify", []string{"<W40-46>"}},
	{"nytimes", []string{"<W32>"}},
	{"okta", []string{"00<W40>"}},
	{"opsgenie", []string{"<h8>-<h4>-<h4>-<h4>-<h12>"}},
	{"geniekey", []string{"<h8>-<h4>-<h4>-<h4>-<h12>"}},
	{"pexels", []string{"<A56>"}},
	{"rapidapi", []string{"<W50>"}},
	{"shodan", []string{"<A32>"}},
	{"snyk", []string{"<h8>-<h4>-<h4>-<h4>-<h12>"}},
	{"splunk", []string{"<x8>-<x4>-<x4>-<x4>-<x12>"}},
	{"squarespace", []string{"<h8>-<h4>-<h4>-<h4>-<h12>"}},
	{"sumologic", []string{"<A64>", "su<A12>"}},
	{"travisci", []string{"<W22>"}},
	{"trello", []string{"<h32>", "<h64>"}},
	{"twilio", []string{"<h32>"}},
	{"twitch", []string{"<L30>"}},
	{"twitter", []string{"<A25>", "<A45>", "<A50>", "<D15-25>-<A20-40>"}},
	{"unsplash", []string{"<W43>"}},
	{"virustotal", []string{"<h64>"}},
	{"vultr", []string{"<U36>"}},
	{"wandb", []string{"<h40>"}},
	{"zendesk", []string{"<A40>"}},
}

// vendorForms are the compiled forms by the vendor's name.
var vendorForms = func() map[string][]tokenForm {
	m := map[string][]tokenForm{}
	for _, v := range vendorKeys {
		for _, text := range v.forms {
			m[v.vendor] = append(m[v.vendor], tokenForm{rule: vendorRule, pieces: parseTemplate(text)})
		}
	}
	return m
}()

var vendorRule = &tokenRule{id: "vendor-key", class: Token, check: func(b []byte, start, end int) bool { return mixed(b[start:end]) }}

// ofVendor are the words that may stand between a vendor's name and its key;
// those that are true name the key, so that no separator is needed.
var ofVendor = map[string]bool{
	"key": true, "token": true, "secret": true, "apikey": true, "bearer": true, "keys": true,
	"api": false, "app": false, "application": false, "access": false, "admin": false, "auth": false, "client": false, "personal": false, "private": false,
	"account": false, "oauth": false, "consumer": false, "write": false, "hec": false, "integration": false, "license": false, "is": false, "the": false, "set": false, "to": false, "login": true, "search": false, "v2": false, "v3": false,
}

// ofTheVendor looks for a key of the vendor that the word b[i:e] names.
func (sc *scanner) ofTheVendor(i, e int) {
	b := sc.b
	forms := vendorForms[string(lowerOf(b[i:e], sc.lower[:]))]
	said := string(b[i:e]) == "GenieKey" || string(b[i:e]) == "Splunk" && i > 0 && b[i-1] == ' ' // schemes of a header
	end := min(len(b), e+40)
	for p := e; p < end; {
		switch c := b[p]; {
		case c == '=' || c == ':' || c == '>' || c == ',' && said:
			said = true
			fallthrough
		case c == ' ' || c == '_' || c == '-' || c == '.' || is(c, chQuote) || c == '\\' || c == '\t' || c == '(' || c == '[':
			p++
			continue
		case !is(c, chAlnum):
			return
		}
		n := run(b, p, chAlnum)
		names, known := ofVendor[string(lowerOf(b[p:n], sc.lower[:]))]
		if known {
			said = said || names
			p = n
			continue
		}
		if said {
			for k := range forms {
				if start, end := forms[k].match(b, p); end > 0 && pseudonymAt(b, start) == 0 && at(b, end) != '-' {
					sc.emit(start, end, cToken, ruleVendor, spanLearn)
					return
				}
			}
		}
		return
	}
}

// inTheMiddle reports whether b[i] begins or goes on with a secret of Azure,
// of which only the middle tells what it is: three characters, a digit and
// Q~ before thirty-odd more, or JQQJ99 after fifty-two. It is asked for long
// words only.
func inTheMiddle(b []byte, i int) bool {
	return i >= 6 && b[i-1] == '~' && b[i-2] == 'Q' || i+84 <= len(b) && b[i+52] == 'J' && string(b[i+52:i+58]) == "JQQJ99"
}

// azureSecret hides what inTheMiddle saw.
func (sc *scanner) azureSecret(i int) {
	b := sc.b
	if i < 6 || b[i-1] != '~' || b[i-2] != 'Q' {
		if e := endOf(b[:min(len(b), i+85)], i, setAlnum); e == i+84 {
			sc.emit(i, e, cToken, ruleAzure, spanLearn)
		}
		return
	}
	const tail = setURL64 | setDot
	s, e := i-6, i
	for e < len(b) && e-i < 36 && (charSets[b[e]]&tail != 0 || b[e] == '~') {
		e++
	}
	for _, c := range b[s : i-3] {
		if charSets[c]&(setWord|setDot) == 0 && c != '~' {
			return
		}
	}
	if n := endOf(b[:e], i, setURL64); n < i+4 || e-i < 31 || e-i > 34 || !has(b, i-3, setDigit) || has(b, s-1, setWord) && !escapeEnds(b, s) || !mixedCase(b, s, e) {
		return
	}
	sc.emit(s, e, cToken, ruleAzure, spanLearn)
}

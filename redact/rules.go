package redact

// The rules that stand for themselves, by id. Those of vendors' tokens are in
// the tables of tokens*.go.
const (
	ruleField        = "field"
	ruleFlag         = "flag"
	ruleProgram      = "program"
	ruleSentence     = "sentence"
	ruleBlock        = "block"
	ruleSQL          = "sql"
	ruleDialog       = "dialog"
	ruleAuthHeader   = "auth-header"
	ruleCookie       = "cookie"
	ruleURL          = "url"
	ruleCrypt        = "crypt"
	rulePEM          = "private-key"
	ruleKnown        = "known"
	ruleCard         = "card"
	ruleIBAN         = "iban"
	ruleSSN          = "ssn"
	ruleEmail        = "email"
	ruleIPv4         = "ipv4"
	ruleIPv6         = "ipv6"
	ruleMAC          = "mac"
	rulePhone        = "phone"
	ruleUserField    = "user-field"
	ruleUserSentence = "user-sentence"
	ruleHome         = "home"
	ruleHostField    = "host-field"
	ruleHostBeside   = "host-beside"
	ruleHostSuffix   = "host-suffix"
	ruleSyslogHost   = "syslog-host"
)

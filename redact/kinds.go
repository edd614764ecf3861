package redact

// Topics of keys, of numbers of people, of accounts and of other languages.
const (
	aboutKey      topic = 128 + iota // message-digest-key 1 md5 x
	aboutNational                    // national insurance number x
	aboutAccount                     // name@database FATAL:
	aboutValue                       // Its value is 'x'
	aboutForeign                     // Kennwort lautet x
	aboutSegment                     // REF*SY*123456789~
	aboutPlace                       // a secret whose name stands in no key
	aboutNamed                       // Administrator x login failed
)

// wordsOfKinds are the words of keys, numbers of people and accounts.
var wordsOfKinds = map[string]topic{
	"message-digest-key": aboutKey, "authentication-mode": aboutKey, "community-name": aboutKey, "failover": aboutKey, "importprivkey": aboutKey, "sethdseed": aboutKey,
	"encryptwallet": aboutKey, "sv_setsteamaccount": aboutKey, "check_snmp": aboutKey,
	"insurance": aboutNational, "nino": aboutNational, "dni": aboutNational, "nie": aboutNational, "cpf": aboutNational, "fiscale": aboutNational, "insee": aboutNational, "steuer-id": aboutNational,
	"administrator": aboutNamed, "benutzer": aboutNamed, "benutzers": aboutNamed, "utilisateur": aboutNamed, "usuario": aboutNamed, "utente": aboutNamed, "gebruiker": aboutNamed, "authentication": aboutNamed, "set_id": aboutNamed, "devname": aboutNamed, "duoauthproxy": aboutNamed,
	"fatal": aboutAccount, "statement": aboutAccount, "detail": aboutAccount, "log": aboutAccount, "hint": aboutAccount, "dhcpack": aboutAccount, "dhcprequest": aboutAccount, "dhcpoffer": aboutAccount,
	"imap": aboutAccount, "pop3": aboutAccount, "lmtp": aboutAccount, "lda": aboutAccount, "managesieve": aboutAccount, "doas": aboutAccount, "delete": aboutAccount, "worker": aboutAccount,
	"upload": aboutAccount, "mkdir": aboutAccount, "rename": aboutAccount, "chmod": aboutAccount,
	"samlresponse": aboutPlace, "azure": aboutPlace, "encoded": aboutPlace, "reset": aboutPlace,
	"value": aboutValue, "ref": aboutSegment, "nm1": aboutSegment, "per": aboutSegment, "passwort": aboutForeign, "kennwort": aboutForeign, "contrasena": aboutForeign, "senha": aboutForeign, "wachtwoord": aboutForeign, "passe": aboutForeign,
}

// ofKind looks at the word b[i:e], which is about t, one of those.
func (sc *scanner) ofKind(t topic, i, e int) {
	switch t {
	case aboutKey:
		sc.keyCommand(i, e)
	case aboutNational:
		sc.national(e)
	case aboutAccount:
		sc.accountOf(i, e)
	case aboutValue:
		sc.ofValue(i, e)
	case aboutForeign:
		sc.inLanguage(e)
	case aboutNamed:
		sc.namedBy(i, e)
	case aboutSegment:
		sc.segment(e)
	case aboutPlace:
		sc.placed(i, e)
	}
}

package redact

// Class is what a rule finds.
type Class string

// Secrets always go, as do e-mails. The other identities go unless kept.
const (
	Password   Class = "password"
	Token      Class = "token"
	PrivateKey Class = "private-key"
	Cookie     Class = "cookie"
	Card       Class = "card"
	IBAN       Class = "iban"
	SSN        Class = "ssn"

	Email    Class = "email"
	Username Class = "username"
	IPv4     Class = "ipv4"
	IPv6     Class = "ipv6"
	MAC      Class = "mac"
	Hostname Class = "hostname"
	Phone    Class = "phone"
)

// classID is a class inside the engine: its place in classes.
type classID uint8

const (
	cPassword classID = iota
	cToken
	cPrivateKey
	cCookie
	cCard
	cIBAN
	cSSN
	cEmail
	cUsername
	cIPv4
	cIPv6
	cMAC
	cHostname
	cPhone
	nClasses

	cNone classID = 255
)

var classes = [nClasses]Class{
	Password, Token, PrivateKey, Cookie, Card, IBAN, SSN,
	Email, Username, IPv4, IPv6, MAC, Hostname, Phone,
}

// Classes lists all classes, secrets first.
func Classes() []Class { return append([]Class(nil), classes[:]...) }

// Secret reports whether the class can never be kept and its pseudonyms are
// forgotten with the session.
func (c Class) Secret() bool { return c.id() < cEmail }

// Keepable reports whether an operator may keep the class: an identity other
// than email.
func (c Class) Keepable() bool { id := c.id(); return id > cEmail && id < nClasses }

func (c Class) id() classID {
	for i, k := range classes {
		if k == c {
			return classID(i)
		}
	}
	return cNone
}

// Counts says how many values of each class were hidden.
type Counts map[Class]int64

// tally counts by class and by rule, without a map.
type tally struct {
	classes [nClasses]int64
	rules   []int64
}

func newTally(s *Session) tally { return tally{rules: make([]int64, s.ruleCount())} }

func (t *tally) reset() {
	t.classes = [nClasses]int64{}
	clear(t.rules)
}

func (t *tally) counts() Counts {
	var c Counts
	for i, n := range t.classes {
		if n != 0 {
			if c == nil {
				c = Counts{}
			}
			c[classes[i]] = n
		}
	}
	return c
}

func (t *tally) byRule(s *Session) map[string]int64 {
	var m map[string]int64
	for i, n := range t.rules {
		if n != 0 {
			if m == nil {
				m = map[string]int64{}
			}
			m[s.ruleName(ruleID(i))] += n
		}
	}
	return m
}

package redact

// Topics of names of accounts: who did something, and for whom.
const (
	aboutArguments topic = 176 + iota // su - x
)

// ofNames looks at the word b[i:e], which is about t, one of those.
func (sc *scanner) ofNames(t topic, i, e int) {
	switch t {
	case aboutArguments:
		sc.accountsIn(i, e)
	}
}

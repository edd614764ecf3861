package manifest

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

// What is folded stays as it is, and the cases of a letter are one: but for
// the dotted and the dotless i, which have no partner in the default folding.
func TestFold(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r)
		once := fold(s)
		if once == s && unicode.SimpleFold(r) == r || !utf8.ValidRune(r) {
			continue
		}
		if fold(once) != once {
			t.Errorf("%U: folded to %q, and then to %q", r, once, fold(once))
		}
		if other := unicode.SimpleFold(r); r != 'ı' && r != 'İ' && fold(string(other)) != once {
			t.Errorf("%q and %q are two names", r, other)
		}
	}
}

package upload

import (
	"crypto/rand"
	"reflect"
	"strings"
	"testing"
)

func newTestKey(t testing.TB, organisation bool) *EnrollmentKey {
	t.Helper()
	k := new(EnrollmentKey)
	rand.Read(k.Secret[:])
	rand.Read(k.CA[:])
	if organisation {
		k.OrganisationSecret = make([]byte, 32)
		rand.Read(k.OrganisationSecret)
	}
	return k
}

func TestEnrollmentKeyRoundTrip(t *testing.T) {
	for i := range 500 {
		k := newTestKey(t, i%2 == 1)
		text := k.String()
		for _, form := range []string{text, "  " + text + "\r\n", strings.ToUpper(text), strings.NewReplacer("0", "O", "1", "l").Replace(text[5:])} {
			if form[0] != ' ' && !strings.HasPrefix(strings.ToLower(form), "dce1-") {
				form = "dce1-" + form
			}
			got, err := ParseEnrollmentKey(form)
			if err != nil {
				t.Fatalf("%v", err)
			}
			if !reflect.DeepEqual(got, k) || got.String() != text {
				t.Fatalf("key changed on its way through text")
			}
		}
	}
}

// One wrong character, or two neighbours swapped, is noticed: always but for
// the 1 in 65536 that a checksum of two bytes lets through.
func TestEnrollmentKeyTypos(t *testing.T) {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	tried, missed := 0, 0
	for range 20 {
		text := newTestKey(t, true).String()
		for i := range text {
			for _, c := range alphabet {
				typo := text[:i] + string(c) + text[i+1:]
				if typo == text {
					continue
				}
				tried++
				if _, err := ParseEnrollmentKey(typo); err == nil {
					if i == 3 { // dce1 is dce1, whatever the alias
						t.Fatalf("prefix %q accepted", typo[:5])
					}
					missed++
				}
			}
			if i+1 < len(text) && text[i] != text[i+1] {
				tried++
				if _, err := ParseEnrollmentKey(text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:]); err == nil {
					missed++
				}
			}
		}
	}
	if missed > tried/5000 {
		t.Errorf("%d of %d typos were not noticed", missed, tried)
	}
}

func TestEnrollmentKeyErrors(t *testing.T) {
	text := newTestKey(t, true).String()
	server, organisation, _ := strings.Cut(text, "#")
	for _, tt := range []struct{ text, want string }{
		{"", `does not begin with "dce1-"`},
		{"dce2-" + server[5:], `does not begin with "dce1-"`},
		{server[:40], "35 characters, want 80: is it complete?"},
		{server + "#", "organisation part: 0 characters"},
		{server + "#" + organisation[1:], "organisation part: 54 characters"},
		{server[:20] + "u" + server[21:], "a character that does not belong there"},
		{server[:20] + "\n" + server[21:], "a character that does not belong there"},
		{server + "#" + organisation[:54] + "z", "the last character is wrong"},
	} {
		_, err := ParseEnrollmentKey(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%d characters: %v, want %q", len(tt.text), err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), text[10:30]) {
			t.Errorf("the error tells the key: %v", err)
		}
	}
}

func FuzzParseEnrollmentKey(f *testing.F) {
	k := new(EnrollmentKey)
	f.Add(k.String())
	k.OrganisationSecret = make([]byte, 32)
	f.Add(k.String())
	f.Add("dce1-")
	f.Add("DCE1-#")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseEnrollmentKey(text)
		if err != nil {
			return
		}
		again, err := ParseEnrollmentKey(k.String())
		if err != nil || !reflect.DeepEqual(k, again) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

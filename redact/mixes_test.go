package redact

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Lines of carriers in any order, run together, cut into each other and
// quoted: nothing in them is a fault of the scanner, and what was redacted
// stays as it is when it is redacted again.
func TestMixes(t *testing.T) {
	var lines []string
	for _, c := range carriers(t) {
		for l := range strings.Lines(c.text) {
			lines = append(lines, strings.TrimSuffix(l, "\n"))
		}
	}
	redacted := func(text []byte) []byte {
		s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32), Rand: &zeros{}})
		if err != nil {
			t.Fatal(err)
		}
		return redactAll(t, s, "x", text)
	}
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 5))
		one := func() string {
			text, _, _ := planted(t, rng, lines[rng.IntN(len(lines))])
			return strings.TrimSuffix(text, "\n")
		}
		var mix bytes.Buffer
		for range 1 + rng.IntN(5) {
			text := one()
			switch rng.IntN(6) {
			case 0:
				text += " " + one()
			case 1:
				k := rng.IntN(len(text) + 1)
				text = text[:k] + one() + text[k:]
			case 2:
				text = fmt.Sprintf(`{"message":%q}`, text)
			}
			mix.WriteString(text + "\n")
		}
		once := redacted(mix.Bytes())
		if again := redacted(once); !bytes.Equal(once, again) {
			t.Errorf("mix %d: redacting again changes %s", seed, firstDiff(once, again))
		}
	}
}

package redact

import (
	"slices"
	"strings"
	"testing"
)

// Whatever the values are, no canary passes, each by itself; and each would
// pass if nothing were hidden.
func TestCanaries(t *testing.T) {
	seen := map[Class]bool{}
	values := map[string]bool{}
	for range 20 {
		for _, c := range Canaries() {
			seen[c.Class] = true
			if !strings.Contains(c.Text, c.Value) || len(c.Value) < 5 {
				t.Fatalf("%s, %s: %q is not in %q", c.Class, c.Notation, c.Value, c.Text)
			}
			if values[c.Value] && c.Class.Secret() {
				t.Errorf("%s, %s: a value came twice", c.Class, c.Notation)
			}
			values[c.Value] = true
			s := session(t)
			out := string(redactAll(t, s, "", []byte("before\n"+c.Text+"\nafter\n")))
			if !c.Survives([]byte(c.Text)) {
				t.Fatalf("%s, %s: is not seen where nothing was hidden", c.Class, c.Notation)
			}
			if c.Survives([]byte(out)) || !strings.HasPrefix(out, "before\n") || !strings.HasSuffix(out, "\nafter\n") {
				t.Errorf("%s, %s: %q", c.Class, c.Notation, out)
			}
			if s.Totals()[c.Class] == 0 {
				t.Errorf("%s, %s: found as %v", c.Class, c.Notation, s.Totals())
			}
		}
	}
	for _, c := range Classes() {
		if !seen[c] {
			t.Errorf("no canary of class %s", c)
		}
	}
	if !slices.ContainsFunc(Canaries(), func(c Canary) bool { return strings.Contains(c.Text, "\n") }) {
		t.Error("no canary has more than one line")
	}
}

package redact

import (
	"fmt"
	"strings"
	"testing"
)

// A long line is read without its escapes in parts: wherever one ends, no half
// of a value is left.
func TestRestatedInParts(t *testing.T) {
	const form = `\u003cpassword\u003eXq7-%07dz-plum\u003c/password\u003e `
	s := keyed(t)
	for n := range len(form) {
		var text strings.Builder
		text.WriteString(strings.Repeat("x", n) + " ")
		for i := 0; text.Len() < maxRestated+8<<10; i++ {
			fmt.Fprintf(&text, form, i)
		}
		if out := inBlocks(s, "x", text.String()); strings.Contains(out, "plum") || strings.Contains(out, "Xq7") {
			k := max(strings.Index(out, "plum"), strings.Index(out, "Xq7"))
			t.Fatalf("behind %d bytes: %q", n, out[max(0, k-80):k])
		}
	}
}

package redact

import (
	"strings"
	"testing"
)

// Texts of several lines that look like secrets over lines and are none stay
// byte for byte, whatever ends their lines.
func TestQuiet(t *testing.T) {
	text, err := carrierFiles.ReadFile("testdata/carriers/quiet.txt")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), "\n== ")[1:]
	if len(parts) < 16 {
		t.Errorf("%d texts, want 16 and more", len(parts))
	}
	for _, part := range parts {
		head, body, _ := strings.Cut(part, "\n")
		name, title, _ := strings.Cut(head, " | ")
		t.Run(title, func(t *testing.T) {
			for _, body := range []string{body + "\n", strings.ReplaceAll(body, "\n", "\r\n")} {
				if got := redactAll(t, session(t), name, []byte(body)); string(got) != body {
					t.Errorf("changed %s", firstDiff([]byte(body), got))
				}
			}
		})
	}
}

package redact

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

func session(t testing.TB) *Session {
	t.Helper()
	s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func redactAll(t testing.TB, s *Session, name string, text []byte) []byte {
	t.Helper()
	out, err := io.ReadAll(s.Stream(name, bytes.NewReader(text)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// firstDiff shows the first lines in which two texts differ.
func firstDiff(a, b []byte) string {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range x {
		if i >= len(y) || !bytes.Equal(x[i], y[i]) {
			line := []byte(nil)
			if i < len(y) {
				line = y[i]
			}
			return fmt.Sprintf("line %d:\n  %.300q\n  %.300q", i+1, x[i], line)
		}
	}
	return "nothing"
}

package redact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
)

// Streams that are redacted side by side give what they give one after
// another: what one teaches is known to the next, and to none before.
func TestAhead(t *testing.T) {
	var texts [][]byte
	for n := range 12 {
		secret, next := fmt.Sprintf("Kestrel%dmossQx9", n), fmt.Sprintf("Kestrel%dmossQx9", n+1)
		texts = append(texts, fmt.Appendf(nil, "a %s b %s\npassword=%s\nhost 10.1.2.%d %s\n", secret, next, secret, n, strings.Repeat("x y z ", n*2000)))
	}
	texts = append(texts, nil, bytes.Repeat([]byte{0, 1, 2, 3}, 5000), utf16LE.encode(nil, []byte("\ufeffpassword=Heron41mossQx9\r\n")), []byte("Heron41mossQx9 Kestrel5mossQx9"))
	type result struct {
		text   string
		counts Counts
		rules  map[string]int64
		enc    string
		bad    bool
	}
	run := func(ahead int) (results []result) {
		s, err := NewSession(Options{CaseKey: make([]byte, 32), Rand: new(zeros)})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(texts); i += max(1, ahead) {
			var streams []*Stream
			for k, text := range texts[i:min(len(texts), i+max(1, ahead))] {
				streams = append(streams, s.Stream(fmt.Sprint("x", i+k, ".log"), bytes.NewReader(text)))
			}
			if ahead > 0 {
				s.Ahead(streams...)
			}
			for _, st := range streams {
				out, err := io.ReadAll(st)
				if err != nil && !errors.Is(err, ErrUnreadable) {
					t.Fatal(err)
				}
				results = append(results, result{string(out), st.Counts(), st.Rules(), st.Encoding(), err != nil})
			}
		}
		return results
	}
	want := run(0)
	if strings.Contains(want[3].text, "Kestrel3m") || !strings.Contains(want[3].text, "Kestrel4m") || !want[13].bad {
		t.Fatal("this tests nothing")
	}
	for _, ahead := range []int{1, 3, 5, len(texts)} {
		for i, got := range run(ahead) {
			w := want[i]
			if got.text != w.text || !maps.Equal(got.counts, w.counts) || !maps.Equal(got.rules, w.rules) || got.enc != w.enc || got.bad != w.bad {
				t.Errorf("%d at once, text %d: %.200q, %v, %v; want %.200q, %v", ahead, i, got.text, got.counts, got.bad, w.text, w.counts)
			}
		}
	}
}

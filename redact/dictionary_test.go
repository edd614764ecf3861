package redact

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Values that all begin alike are each found where they stand bare, and what
// only begins like them stays.
func TestCrowdedBeginnings(t *testing.T) {
	tests := []struct {
		name  string
		value func(i int) string
		miss  string
	}{
		{"a word and a number", func(i int) string { return fmt.Sprintf("summertime%05dQz", i*17) }, "summertime is over, summertime99"},
		{"of two lengths", func(i int) string { return fmt.Sprintf("Kettle%dzQ%s", i, strings.Repeat("x", i%2)) }, "Kettle12 Kettlezq"},
		{"one issuer's", func(i int) string {
			return fmt.Sprintf("Zq0123456789abcdefZq0123456789ghijkl-mnopqrstuvwx-%06dyz", i)
		}, "Zq0123456789abcdefZq0123456789ghijkl-mnopq"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const n = 3000
			s := session(t)
			var text bytes.Buffer
			for i := range n {
				fmt.Fprintf(&text, "password=%s\n", tt.value(i))
			}
			redactAll(t, s, "x", text.Bytes())
			if got := s.Mark(); got < n {
				t.Errorf("%d values of %d were learned", got, n)
			}
			for i := 0; i < n; i += 7 {
				v := tt.value(i)
				if out := string(redactAll(t, s, "x", []byte("seen "+v+" there\n"))); strings.Contains(out, v) {
					t.Fatalf("%q is left", out)
				}
			}
			if out := string(redactAll(t, s, "x", []byte(tt.miss))); out != tt.miss {
				t.Errorf("%q became %q", tt.miss, out)
			}
		})
	}
}

// However many values begin alike, what is looked through at one place is
// bounded; values beyond that are counted and removed only where their
// context shows them.
func TestCrowdsAreBounded(t *testing.T) {
	s := session(t)
	beginning := "Zq7-" + strings.Repeat("abcdefgh0123", 40)
	var text bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&text, "password=%s%04dxY\n", beginning, i)
	}
	out := redactAll(t, s, "x", text.Bytes())
	if bytes.Contains(out, []byte(beginning)) {
		t.Error("a value is left under its key")
	}
	if s.TooShort() == 0 {
		t.Error("nothing was counted as not searched for")
	}
	d := s.dict
	for _, w := range d.table {
		if n, _ := d.chain(w.last, nil); n > maxInRow {
			t.Errorf("%x: %d in a row", w.tag, n)
		}
	}
}

// The dictionary takes so many values, and so many bytes, and no more; what
// comes later is still removed under its key.
func TestDictionaryIsBounded(t *testing.T) {
	for _, size := range []int{16, 4000} {
		d := newDictionary()
		refused := 0
		for i := range maxLearned + 5000 {
			v := fmt.Appendf(nil, "%08xQz", uint32(i)*2654435761)
			v = append(v, bytes.Repeat([]byte("x7"), (size-len(v))/2)...)
			if fit, _ := d.learn(cPassword, v); !fit {
				refused++
			}
			if size > 16 && i > 10_000 {
				break
			}
		}
		if refused < 5000 || len(d.entries) > maxLearned || d.size > maxText || len(d.table) > 1<<18 {
			t.Errorf("values of %d bytes: %d refused, %d learned, %d bytes, %d slots", size, refused, len(d.entries), d.size, len(d.table))
		}
		if len(d.entries) < 2000 {
			t.Errorf("values of %d bytes: only %d learned", size, len(d.entries))
		}
	}
	s := session(t)
	for i := range maxLearned {
		s.dict.learn(cPassword, fmt.Appendf(nil, "%08xQzxx", uint32(i)*2654435761))
	}
	if out := redactAll(t, s, "x", []byte("password=Heron41mossQx9\n")); bytes.Contains(out, []byte("Heron41")) {
		t.Errorf("%q", out)
	}
}

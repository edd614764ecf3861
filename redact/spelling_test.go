package redact

import (
	"strings"
	"testing"
)

// What is known from the start is hidden however it is written.
func TestKnownSpellings(t *testing.T) {
	for _, c := range []struct {
		known Known
		texts []string
		stay  []string
	}{
		{Known{Hostname, "Build-Box.corp.example.com."}, []string{"on build-box.corp.example.com:", "metrics BUILD-BOX_CORP_EXAMPLE_COM.load 1", "build-box-corp-example-com.log"}, []string{"build box"}},
		{Known{Hostname, "warehouse-terminal-07"}, []string{"WAREHOUSE-TERMI<20>", "warehouse-terminal-07"}, []string{"warehouse terminal"}},
		{Known{Username, `CORP\j.smith`}, []string{"by j.smith today", "owner J.Smith"}, []string{"jsmithson"}},
		{Known{Username, "mark"}, []string{"by mark today"}, []string{"Mark the place"}},
		{Known{MAC, "52:54:00:ab:cd:ef"}, []string{"x 52-54-00-AB-CD-EF", "x 525400abcdef", "x 5254.00ab.cdef", "x 525400-abcdef", "x 52:54:00:AB:CD:EF"}, []string{"5254 00ab"}},
		{Known{IPv4, "10.20.30.40"}, []string{"x 10.20.30.40", "x IP-10-20-30-40"}, []string{"10 20 30 40"}},
		{Known{IPv6, "2001:db8::1:2"}, []string{"x 2001:0db8:0000:0000:0000:0000:0001:0002", "x 2001:DB8::1:2"}, []string{"2001 db8"}},
	} {
		s, err := NewSession(Options{Known: []Known{c.known}})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range c.texts {
			if got := string(redactAll(t, s, "x", []byte(text))); got == text || strings.Contains(strings.ToLower(got), strings.ToLower(c.known.Value)) {
				t.Errorf("%v: %s became %s", c.known, text, got)
			}
		}
		for _, text := range c.stay {
			if got := string(redactAll(t, s, "x", []byte(text))); got != text {
				t.Errorf("%v: %s became %s", c.known, text, got)
			}
		}
	}
}

package manifest

import (
	"time"
	"unicode/utf8"
)

// plainEntry reads an entry in the one form that a writer gives it: fields in
// their order, no white space, no escapes. What is in that form means to this
// reader what it means to a JSON decoder, and breaks no rule of readValue; it
// answers false for anything else, which is for them to judge. Manifests have
// very many entries, and those take twenty times as long.
func plainEntry(raw []byte, e *Entry) bool {
	p := plain{left: raw}
	var source, kind, sum, mtime []byte
	var v Entry
	ok := p.word(`{"path":`) && p.text(&v.Path) &&
		p.word(`,"source":`) && p.quoted(&source) &&
		p.word(`,"type":`) && p.quoted(&kind) &&
		p.word(`,"offset":`) && p.number(&v.Offset) &&
		p.word(`,"size":`) && p.number(&v.Size) &&
		p.word(`,"sha256":`) && p.quoted(&sum) &&
		p.word(`,"mtime":`) && p.quoted(&mtime)
	if !ok {
		return false
	}
	if p.word(`,"redactions":{`) && !p.counts(&v.Redactions) {
		return false
	}
	if p.word(`,"truncated":`) {
		v.Truncated = new(Truncation)
		if !(p.word(`{"cut":`) && p.number(&v.Truncated.Cut) && p.word(`,"kept":`) && p.text(&v.Truncated.Kept) && p.word(`}`)) {
			return false
		}
	}
	if p.word(`,"encoding":`) && !p.text(&v.Encoding) {
		return false
	}
	var at stamp
	if !p.word(`}`) || len(p.left) > 0 || at.parse(string(mtime[1:len(mtime)-1])) != nil {
		return false
	}
	v.ModTime = time.Time(at)
	v.Source, v.Type, v.SHA256 = e.Source, e.Type, string(sum[1:len(sum)-1])
	if s := source[1 : len(source)-1]; string(s) != v.Source { // mostly that of the entry before
		v.Source = string(s)
	}
	if k := kind[1 : len(kind)-1]; string(k) != string(v.Type) {
		v.Type = Type(k)
	}
	*e = v
	return true
}

type plain struct{ left []byte }

func (p *plain) word(s string) bool {
	if len(p.left) < len(s) || string(p.left[:len(s)]) != s {
		return false
	}
	p.left = p.left[len(s):]
	return true
}

// quoted takes a string without escapes, with its quotes.
func (p *plain) quoted(to *[]byte) bool {
	b := p.left
	if len(b) == 0 || b[0] != '"' {
		return false
	}
	ascii := true
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			*to, p.left = b[:i+1], b[i+1:]
			return ascii || utf8.Valid(*to)
		case c < ' ' || c == '\\':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return false
}

func (p *plain) text(to *string) bool {
	var b []byte
	if !p.quoted(&b) {
		return false
	}
	*to = string(b[1 : len(b)-1])
	return true
}

// number takes a number that is not negative and has at most 18 digits.
func (p *plain) number(to *int64) bool {
	i, n := 0, int64(0)
	for ; i < len(p.left) && p.left[i] >= '0' && p.left[i] <= '9'; i++ {
		if i == 18 {
			return false
		}
		n = n*10 + int64(p.left[i]-'0')
	}
	if i == 0 || i > 1 && p.left[0] == '0' {
		return false
	}
	*to, p.left = n, p.left[i:]
	return true
}

// counts takes what follows the brace of an object of numbers.
func (p *plain) counts(to *map[string]int64) bool {
	m := map[string]int64{}
	for {
		var key string
		var n int64
		if !p.text(&key) || checkKey(key) != nil || !p.word(":") || !p.number(&n) {
			return false
		}
		if _, twice := m[key]; twice {
			return false
		}
		m[key] = n
		switch {
		case p.word("}"):
			*to = m
			return true
		case !p.word(","):
			return false
		}
	}
}

package redact

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
)

// tokenRule is one vendor's kind of token, or one kind of stored password, as
// data: how it is written, texts in which it must be found and texts in which
// it must not. All are templates, so that nothing that looks like a real token
// stands in the source:
//
//	<A36>     36 characters of set A (see tokenSets)
//	<A36-40>  36 to 40 of them; what follows must not be in the set
//	<A36+>    36 or more
//	|         in a form and in a hit: what is hidden begins or ends here;
//	          without any, all of it is hidden
//
// Everything else stands for itself.
type tokenRule struct {
	id     string
	class  Class
	forms  []string
	hits   []string
	misses []string
	// check says what a template cannot of a match b[start:end]; nil: nothing.
	check func(b []byte, start, end int) bool
}

// tokenSets are the sets of templates.
var tokenSets = map[byte]charSet{
	'D': setDigit,                                              // 0-9
	'C': setUpper,                                              // A-Z
	'c': setLower,                                              // a-z
	'h': setHexLower,                                           // 0-9 a-f
	'H': setHexUpper,                                           // 0-9 A-F
	'x': setHex,                                                // 0-9 a-f A-F
	'U': setDigit | setUpper,                                   // 0-9 A-Z
	'L': setDigit | setLower,                                   // 0-9 a-z
	'A': setAlnum,                                              // 0-9 A-Z a-z
	'V': setWord,                                               // and _
	'W': setURL64,                                              // and _ -
	'S': setURL64 | setDot,                                     // and _ - .
	'B': setBase64,                                             // 0-9 A-Z a-z + /
	'E': setBase64 | setEqual,                                  // and =
	'P': setBase64 | setURL64 | setEqual,                       // base64 of either alphabet
	'Q': setBase64 | setURL64 | setEqual | setPercent,          // and percent-encoded
	'K': setCrypt,                                              // 0-9 A-Z a-z . /
	'G': setCrypt | setBase64 | setEqual | setURL64 | setComma, // parameters and digests of hashes
	'=': setEqual,
	'M': setDigitPair, // third character of the base64 of a number
}

// tokenForm is a compiled form.
type tokenForm struct {
	rule   *tokenRule
	id     ruleID
	prefix string // the literal that it begins with
	pieces []piece
	strict bool // a short prefix: no dash or dot may join it to a word before
	random int  // bytes of its runs at least
}

// piece is a literal or a run of a set. mark is where the hidden part begins
// or ends: before this piece.
type piece struct {
	literal  string
	set      charSet
	min, max int
	mark     bool
}

const endless = 1 << 20

// tokenTable finds the forms for the first three bytes of a word. A word of
// ordinary text is refused by one load from gate; of the others, slots
// tells which forms begin with just these bytes.
type tokenTable struct {
	gate   [1 << gateBits / 64]uint64
	slots  [1 << slotBits]tokenSlot
	groups []tokenGroup
	forms  []tokenForm // of one slot beside each other, longest prefix first
}

type tokenSlot struct {
	first    uint32 // the three bytes, 0 if the slot is empty
	from, to uint16
	group    uint16
}

// tokenGroup has for each of the four bytes behind the first three a bit for
// each value that some form of the slot may have there, modulo 64: "package"
// is told from "packagist_" without a look at either.
type tokenGroup [4]uint64

func (g *tokenGroup) add(f *tokenForm) {
	at := 0
	for _, p := range f.pieces {
		for k := 0; k < len(p.literal); k, at = k+1, at+1 {
			if at >= 3 && at < 7 {
				g[at-3] |= 1 << (p.literal[k] & 63)
			}
		}
		if p.set == 0 {
			continue
		}
		for ; at < 7; at++ { // what follows a run may be anywhere
			if at >= 3 {
				g[at-3] = ^uint64(0)
			}
		}
		return
	}
	for ; at < 7; at++ {
		g[max(at, 3)-3] = ^uint64(0)
	}
}

func (g *tokenGroup) may(b []byte) bool {
	return (g[0]>>(b[3]&63))&(g[1]>>(b[4]&63))&(g[2]>>(b[5]&63))&(g[3]>>(b[6]&63))&1 != 0
}

const (
	gateBits = 16
	slotBits = 12
	gateMix  = 0x9E3779B1 // 2^32 divided by the golden ratio
)

var tokens = newTokenTable(tokenRules)

// ruleTelegram is that of tokens which begin with a number.
var ruleTelegram = tokenRuleNamed("telegram-bot")

func tokenRuleNamed(id string) ruleID {
	k := slices.IndexFunc(tokenRules, func(r tokenRule) bool { return r.id == id })
	if k < 0 {
		panic("redact: no rule of tokens " + id)
	}
	return nRules + ruleID(k)
}

// tokenGate reports whether a token may begin with these three bytes. It is
// for words (see startsToken) and for what may precede one: '$', '{', '*'.
func tokenGate(b0, b1, b2 byte) bool {
	h := (uint32(b0) | uint32(b1)<<8 | uint32(b2)<<16) * gateMix >> (32 - gateBits)
	return tokens.gate[h>>6]>>(h&63)&1 != 0
}

// matchToken finds a token that begins at b[i], and what of it is hidden:
// b[start:end], with i <= start < end. Where the surroundings of a token are
// part of its form, as in AccountKey=..., start is after them.
func matchToken(b []byte, i int) (start, end int, class Class, rule ruleID, ok bool) {
	if i < 0 || i+8 > len(b) || !tokenGate(b[i], b[i+1], b[i+2]) || !startsToken(b, i) {
		return
	}
	for _, f := range tokens.at(b[i : i+8]) {
		if start, end = f.match(b, i); end > 0 {
			return start, end, f.rule.class, f.id, true
		}
	}
	return 0, 0, "", 0, false
}

// at is the forms that may begin with what b begins with, of which seven bytes
// or more are needed.
func (t *tokenTable) at(b []byte) []tokenForm {
	first := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
	for k := first * gateMix >> (32 - slotBits); ; k = (k + 1) % (1 << slotBits) {
		switch s := &t.slots[k]; s.first {
		case first:
			if !t.groups[s.group].may(b) {
				return nil
			}
			return t.forms[s.from:s.to]
		case 0:
			return nil
		}
	}
}

// match returns what the form hides at b[i], end 0 for no match.
func (f *tokenForm) match(b []byte, i int) (start, end int) {
	if len(b)-i < len(f.prefix) || string(b[i:i+len(f.prefix)]) != f.prefix {
		return 0, 0
	}
	if f.strict && i > 0 && (b[i-1] == '-' || b[i-1] == '.') && !escapeEnds(b, i) {
		return 0, 0
	}
	at, marks, last := i, 0, charSet(0)
	start = i
	longest := b[i:i] // the longest run
	for _, p := range f.pieces {
		if p.mark {
			if marks++; marks == 1 {
				start = at
			} else {
				end = at
			}
		}
		if p.set == 0 {
			if len(b)-at < len(p.literal) || string(b[at:at+len(p.literal)]) != p.literal {
				return 0, 0
			}
			at += len(p.literal)
			if p.literal != "" {
				last = 0
			}
			continue
		}
		stop := at
		for stop < len(b) && stop-at < p.max && charSets[b[stop]]&p.set != 0 {
			stop++
		}
		if stop-at < p.min {
			return 0, 0
		}
		if stop-at > len(longest) {
			longest = b[at:stop]
		}
		at, last = stop, p.set
	}
	if marks < 2 {
		end = at
	}
	// Longer than the form allows is another thing, a sentence's dot aside.
	switch {
	case last == 0:
		if has(b, at, setWord) && has(b, at-1, setWord) {
			return 0, 0
		}
	case has(b, at, last|setWord) && (b[at] != '.' || has(b, at+1, last|setWord)):
		return 0, 0
	}
	// A dot or a dash at the end is the sentence's.
	for end > start+1 && last&setDot != 0 && marks < 2 && (b[end-1] == '.' || b[end-1] == '-') {
		end--
	}
	// xxxxxxxx and 00000000 are examples, not tokens.
	if len(longest) >= 12 && distinctBytes(longest) < 5 {
		return 0, 0
	}
	if f.rule.check != nil && !f.rule.check(b, start, end) {
		return 0, 0
	}
	return start, end
}

// newTokenTable compiles rules. It panics on a form that is not well made,
// which the first test of the table would show.
func newTokenTable(rules []tokenRule) *tokenTable {
	byFirst := map[uint32][]tokenForm{}
	var order []uint32
	for k := range rules {
		for _, text := range rules[k].forms {
			f := compileForm(&rules[k], text)
			f.id = nRules + ruleID(k)
			for _, first := range f.firsts() {
				if _, ok := byFirst[first]; !ok {
					order = append(order, first)
				}
				forms := byFirst[first]
				at := len(forms)
				for at > 0 && len(forms[at-1].prefix) < len(f.prefix) {
					at--
				}
				byFirst[first] = append(forms[:at], append([]tokenForm{f}, forms[at:]...)...)
			}
		}
	}
	t := &tokenTable{}
	if len(order)*4 > len(t.slots)*3 {
		panic("redact: too many first bytes of tokens")
	}
	for _, first := range order {
		h := first * gateMix
		t.gate[h>>(32-gateBits)>>6] |= 1 << (h >> (32 - gateBits) & 63)
		k := h >> (32 - slotBits)
		for t.slots[k].first != 0 {
			k = (k + 1) % (1 << slotBits)
		}
		t.slots[k] = tokenSlot{first, uint16(len(t.forms)), uint16(len(t.forms) + len(byFirst[first])), uint16(len(t.groups))}
		var g tokenGroup
		for k := range byFirst[first] {
			g.add(&byFirst[first][k])
		}
		t.groups = append(t.groups, g)
		t.forms = append(t.forms, byFirst[first]...)
	}
	return t
}

// firsts lists the three bytes that texts of the form begin with: those of
// its prefix, or all that its first set allows where the prefix is shorter.
func (f *tokenForm) firsts() []uint32 {
	out := []uint32{0}
	for k := range 3 {
		var next []uint32
		for _, v := range out {
			if k < len(f.prefix) {
				next = append(next, v|uint32(f.prefix[k])<<(8*k))
				continue
			}
			for c := range 256 {
				if charSets[c]&f.pieces[1].set != 0 {
					next = append(next, v|uint32(c)<<(8*k))
				}
			}
		}
		out = next
	}
	return out
}

// compileForm parses a template.
func compileForm(r *tokenRule, text string) tokenForm {
	f := tokenForm{rule: r, pieces: parseTemplate(text)}
	for k, p := range f.pieces {
		if p.set != 0 || k > 1 {
			break
		}
		f.prefix += p.literal
	}
	for _, p := range f.pieces {
		f.random += p.min
	}
	f.strict = len(f.prefix) < 4
	if len(f.prefix) < 1 || f.random == 0 && r.check == nil {
		panic("redact: form of token " + r.id + " has too little to go by: " + text)
	}
	return f
}

func parseTemplate(text string) (pieces []piece) {
	mark := false
	add := func(p piece) {
		p.mark, mark = mark, false
		pieces = append(pieces, p)
	}
	for text != "" {
		switch {
		case text[0] == '|':
			if mark {
				panic("redact: two marks in a template")
			}
			mark, text = true, text[1:]
		case text[0] == '<' && len(text) > 2 && tokenSets[text[1]] != 0 && '0' <= text[2] && text[2] <= '9':
			count, rest, ok := strings.Cut(text[2:], ">")
			if !ok {
				panic("redact: open run in a template: " + text)
			}
			p := piece{set: tokenSets[text[1]]}
			p.min, p.max = parseCount(count)
			add(p)
			text = rest
		default:
			n := strings.IndexAny(text[1:], "<|") + 1
			if n == 0 {
				n = len(text)
			}
			add(piece{literal: text[:n]})
			text = text[n:]
		}
	}
	if mark {
		add(piece{})
	}
	return pieces
}

// parseCount parses 36, 36-40 or 36+.
func parseCount(text string) (low, high int) {
	n := &low
	for _, c := range []byte(text) {
		switch {
		case c == '-':
			n = &high
		case c == '+':
			return low, endless
		case c < '0' || c > '9':
			panic("redact: bad count in a template: " + text)
		default:
			*n = 10**n + int(c-'0')
		}
	}
	if high == 0 {
		high = low
	}
	return low, high
}

// jwtHeader reports whether a match, header.payload and more, begins with the
// JOSE header of RFC 7515 or 7516: base64url of a JSON object with an
// algorithm or a type.
func jwtHeader(b []byte, start, end int) bool {
	match := b[start:end]
	header, rest, _ := bytes.Cut(match, []byte{'.'})
	var text [512]byte
	if n := base64.RawURLEncoding.DecodedLen(len(header)); n > len(text) {
		header = header[:len(text)/3*4]
	}
	n, _ := base64.RawURLEncoding.Decode(text[:], header)
	for _, field := range [...]string{`"alg"`, `"typ"`, `"enc"`, `"kid"`} {
		if bytes.Contains(text[:n], []byte(field)) {
			return true
		}
	}
	return bytes.HasPrefix(rest, []byte("eyJ"))
}

// mixedCase reports whether a match has capitals, small letters and digits.
func mixedCase(b []byte, start, end int) bool {
	var all charSet
	for _, c := range b[start:end] {
		all |= charSets[c]
	}
	return all&setUpper != 0 && all&setLower != 0 && all&setDigit != 0
}

// numberAndBytes reports whether a match is the base64 of a number of twelve
// digits, a colon and random bytes.
func numberAndBytes(b []byte, start, end int) bool {
	var text [48]byte
	n, err := base64.RawStdEncoding.Decode(text[:], b[start:end])
	if err != nil || n < 20 || text[12] != ':' {
		return false
	}
	for _, c := range text[:12] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// plainLogin reports whether a match is the base64 of a NUL, a name, a NUL and
// more, all of it text.
func plainLogin(b []byte, start, end int) bool {
	match := bytes.TrimRight(b[start:end], "=")
	var text [300]byte
	n, err := base64.RawStdEncoding.Decode(text[:], match[:min(len(match), 400)])
	if err != nil || n < 6 || text[0] != 0 {
		return false
	}
	k := bytes.IndexByte(text[1:n], 0) + 1
	if k < 3 || n-k < 4 {
		return false
	}
	for _, c := range text[1:n] {
		if c < ' ' && c != 0 || c == 0x7f {
			return false
		}
	}
	return true
}

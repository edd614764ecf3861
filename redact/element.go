package redact

import "bytes"

// element looks at an XML element that begins at the < before i.
func (sc *scanner) element(i int) {
	b := sc.b
	i, e := tagName(b, i)
	if e-i <= 2 && bytes.HasPrefix(b[e:], []byte(` N="`)) { // <SS N="Password">x</SS>
		s, n, next := sc.argument(e + 3)
		if next > n && n > s && keyTail(b, n) && at(b, next) == '>' {
			if f := (field{key: sc.decide(b[s:n]), start: s, end: n, element: true, quoted: true}); f.key.secret() {
				sc.text(&f, next+1)
			}
		}
		return
	}
	if e-i == len("master") && at(b, e) == '>' && at(b, e+1) == '{' && string(b[i:e]) == "master" { // of Maven
		if n := endOf(b, e+2, setBase64|setEqual); n-e > 24 && at(b, n) == '}' {
			sc.emit(e+2, n, cPassword, ruleField, spanLearn)
		}
		return
	}
	t := e
	for t > i+4 && (b[t-1] == '_' || t < e && is(b[t-1], chDigit)) { // <Password_1_>
		t--
	}
	if e <= i || e-i > maxKey || !keyTail(b[:t], t) {
		return
	}
	kind := sc.decide(b[i:t])
	switch kind {
	case keyNone, keyWeak, keyPass:
		if kind == keyNone {
			return
		}
	}
	k := e
	for k < len(b) && b[k] != '>' && b[k] != '\n' {
		if b[k] == '<' {
			return
		}
		k++
	}
	f := field{key: kind, start: i, end: e, element: true, quoted: true}
	if kind == keyUser && at(b, e) == ' ' && k < len(b) && b[k] == '>' && run(b, e+1, chKey) == k && b[k-1] != '/' { // <User x>
		sc.userName(e+1, k, ruleUserField)
		return
	}
	if kind == keyHost && at(b, e) != '>' && bytes.IndexByte(b[e:k], '=') < 0 { // <VirtualHost *:443>
		return
	}
	if k < len(b) && b[k] == '>' && (kind.secret() || kind == keyUser) && is(at(b, e), chSpace) { // <Password value="x"/>
		if sc.attributeValue(&f, e, k) {
			return
		}
	}
	if at(b, k) == '\n' && k < len(b) && kind.secret() && i-1 == run(b, sc.ls, chSpace) {
		o := sc.below(&f, sc.eol(e), inTag)
		o.size = int8(copy(o.word[:], b[i:e]))
	}
	if k >= len(b) || b[k] != '>' || b[k-1] == '/' {
		return
	}
	sc.text(&f, k+1)
}

// text hides the text of an XML element that begins at p.
func (sc *scanner) text(f *field, p int) { sc.textOf(f, sc.b[f.start:f.end], p) }

// textOf is text for an element of which the name may stand in a text before.
func (sc *scanner) textOf(f *field, name []byte, p int) {
	b := sc.b
	f.element = true
	end := sc.eol(p)
	if p >= end || len(bytes.TrimSpace(b[p:end])) == 0 {
		if k := run(b, sc.ls, chSpace); f.key != keyName && (at(b, k) == '<' || f.start <= sc.ls) { // no placeholder at the end of a line
			o := sc.below(f, end, inElement)
			o.size = int8(copy(o.word[:], name))
		}
		return
	}
	if bytes.HasPrefix(b[p:], []byte("<![CDATA[")) {
		if v, ok := sc.extent(f, p); ok {
			sc.hide(f, v)
		} else if f.key.secret() {
			o := sc.below(f, end, inElement)
			o.marked = true
			sc.part(o, p+len("<![CDATA["), end)
		}
		return
	}
	k := bytes.IndexByte(b[p:end], '<')
	if k < 0 {
		if k := run(b, sc.ls, chSpace); at(b, k) == '<' && f.key.secret() && f.key != keyPass && firstBlank(b[p:end]) == end-p && b[p] != '(' {
			sc.part(sc.below(f, end, inElement), p, end)
		}
		return
	}
	if k == 0 && is(at(b, p+1), chAlpha) { // <Password><Value>x</Value>
		n := run(b, p+1, chKey)
		if w := b[p+1 : n]; (hasSuffixFold(w, "value") || hasSuffixFold(w, "string") || hasSuffixFold(w, "text")) && at(b, n) == '>' && f.key != keyName {
			sc.textOf(f, name, n+1)
		} else if v, ok := sc.extent(f, n+len(" string=")); ok && f.key.secret() && bytes.HasPrefix(b[n:], []byte(` string="`)) { // of ELMAH
			sc.hide(f, v)
		} else if f.key == keyPassword || f.key == keySecret || hasSuffixFold(name, "tokens") {
			o := region{kind: inChildren, key: f.key, f: *f}
			if f.key == keyWeak {
				o.key = keySecret
			}
			o.size = int8(copy(o.word[:], name))
			if p < sc.itemsTo { // seen as a part of the one around it
				return
			}
			e, closed := sc.children(&o, p, min(end, p+8192))
			sc.itemsTo = e
			sc.charge((e - p) / 4)
			if !closed && end < p+8192 {
				sc.opens = append(sc.opens, opening{end, o})
			}
		}
		return
	}
	s, e := p, p+k
	for s < e && is(b[s], chSpace) {
		s++
	}
	for e > s && is(b[e-1], chSpace) {
		e--
	}
	if e > s && at(b, p+k+1) == '/' {
		if f.key == keyName && hasDigit(b[s:e]) && hasSuffixFold(b[sc.ls:max(f.start-1, sc.ls)], "<user>") { // <user><name>x</name>
			sc.userName(s, e, ruleUserField)
			return
		}
		if f.key == keyName {
			sc.namedValue(f, value{start: s, end: e})
			return
		}
		sc.hide(f, value{start: s, end: e, quoted: true})
	}
}

// elementLine takes a line of the text of an XML element.
func (r *resolver) elementLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if rest, ok := bytes.CutPrefix(b[k:e], []byte("<![CDATA[")); ok {
		r.marked = true
		k = run(b, e-len(rest), chSpace)
	} else if at(b, k) == '<' && is(at(b, k+1), chAlpha) && !r.marked { // <Value>x</Value>
		if r.found || r.lines > 1 {
			return false
		}
		r.kind = inChildren
		return r.childLine(sc, s, e)
	}
	n := e - k
	if m := bytes.Index(b[k:e], []byte("]]>")); r.marked && m >= 0 {
		n = m
	} else if m := bytes.IndexByte(b[k:e], '<'); !r.marked && m >= 0 {
		n = m
	}
	t := k + n
	for t > k && is(b[t-1], chSpace) {
		t--
	}
	if at(b, k) == '#' || bytes.HasPrefix(b[k:e], []byte("-----")) { // a remark in a key
		return r.lines < maxQuotedLines
	}
	if ks, ke, p := mapKey(b[:t], k); p > 0 && !r.marked && b[p-1] == '=' && is(b[p-2], chSpace) && ks == k && ke-ks < 24 { // a setting in a section: Hash = x
		if !r.found && r.lines > 8 {
			return false
		}
		sc.mapValue(&r.region, ks, ke, value{start: run(b, p, chSpace), end: t})
		return r.lines < maxQuotedLines
	}
	words := firstBlank(b[k:t]) < t-k && !r.marked
	if words && r.found {
		return false
	}
	if t > k {
		if !r.marked && !r.found && dealtWith(b[k:t]) { // what was hidden may have been a line of words
			return false
		}
		f := field{key: r.key, quoted: true, start: s, end: s}
		if r.found || r.marked {
			sc.part(&r.region, k, t)
		} else {
			sc.hide(&f, value{start: k, end: t, quoted: true})
			r.found = r.key.secret()
		}
	}
	if k+n < e || words {
		return false
	}
	return r.lines < maxQuotedLines
}

// childLine takes a line of the elements within an element that has the name
// of a secret.
func (r *resolver) childLine(sc *scanner, s, e int) bool {
	if _, closed := sc.children(&r.region, s, e); closed {
		r.kind = noRegion
	}
	return true
}

// children hides what looks like a secret in the texts of the elements in
// b[s:e]. It answers with where it came to, and whether the element around
// them ended there.
func (sc *scanner) children(o *region, s, e int) (end int, closed bool) {
	b := sc.b
	ks, ke := 0, 0
	for k := s; k < e; {
		n := bytes.IndexByte(b[k:e], '<')
		if n < 0 {
			return e, false
		}
		t := k + n
		if v := (value{start: run(b, k, chSpace), end: t}); ke > ks && at(b, t+1) == '/' {
			for v.end > v.start && is(b[v.end-1], chSpace) {
				v.end--
			}
			if v.start < v.end {
				sc.item(o, ks, ke, v.start, v.end, true)
			}
		}
		ks, ke = 0, 0
		if at(b, t+1) == '/' {
			if ns, ne := tagName(b, t+2); bytes.Equal(b[ns:min(ne, ns+len(o.word))], o.word[:o.size]) {
				return ne, true
			}
		} else {
			ks, ke = tagName(b, t+1)
		}
		n = bytes.IndexByte(b[t:e], '>')
		if n < 0 {
			return e, false
		}
		if k = t + n + 1; b[k-2] == '/' {
			ks, ke = 0, 0
		}
	}
	return e, false
}

// tagName is the name at i of an element, without the prefix of a name space.
func tagName(b []byte, i int) (s, e int) {
	e = run(b, i, chKey)
	if at(b, e) == ':' {
		i = e + 1
		e = run(b, i, chKey)
	}
	return i, e
}

package redact

import "bytes"

// pairs tells of a table in which one column names what the other is the value
// of: Name and Value, Variable_name and Value. Both are counted from one; zero:
// there is none.
type pairs struct {
	name, value int
	kind        keyKind // of the name in the row that is being read
	key         value
}

var (
	nameHeads = setOf("name", "key", "variable", "setting", "parameter", "option", "property", "param", "attribute", "item", "env", "config", "variable_name", "variable name", "option_name", "setting_name", "config_key", "config key", "meta_key", "parameter_name", "property_name", "propname", "environment variable", "config_name", "setting name", "parameter name")

	valueHeads = setOf("value", "val", "setting", "option_value", "setting_value", "config_value", "meta_value", "variable_value", "parameter_value", "property_value", "propvalue", "current value", "current_value", "values", "content")
)

// head looks at the head of a column.
func (p *pairs) head(i int, name []byte) {
	switch {
	case p.name == 0 && nameHeads.has(name):
		p.name = i + 1
	case p.name > 0 && p.value == 0 && valueHeads.has(name):
		p.value = i + 1
	}
}

// both reports whether a table has the two, and forgets the one alone.
func (p *pairs) both() bool {
	if p.value == 0 {
		p.name = 0
	}
	return p.value > 0
}

// cell looks at a cell b[s:e] of the column i.
func (p *pairs) cell(sc *scanner, sep byte, i, s, e int) {
	b := sc.b
	if sep == drawnBar && i > 0 {
		s = min(s+2, e)
	}
	for s < e && is(b[s], chSpace) {
		s++
	}
	for e > s && (is(b[e-1], chSpace) || b[e-1] == '\r') {
		e--
	}
	switch i + 1 {
	case p.name:
		p.kind, p.key = keyNone, value{start: s, end: e}
		if e > s && keyTail(b, e) {
			if p.kind = sc.columnKind(b[s:e]); p.kind == keyNone && sc.decide(b[s:e]) == keyHost {
				p.kind = keyHost
			}
		}
	case p.value:
		if k := p.kind; k != keyNone && s < e {
			if v := b[s:e]; k == keyHost {
				if hasDigit(v) || bytes.IndexByte(v, '-') > 0 {
					sc.hostValue(s, e)
				}
			} else if k == keyPassword && sep != ' ' && len(v) >= 8 && allLetters(v) && !statusWord(v) && !placeholder(v) && sc.decide(v) == keyNone {
				sc.hideSecret(s, e, cPassword, ruleField)
			} else if k == keyPassword && firstBlank(v) < len(v) && (hasDigit(v) || hasSign(v)) && len(v) < 80 && !proseText(v) && !placeholder(v) && !dealtWith(v) && !isPath(v) {
				sc.hideSecret(s, e, cPassword, ruleField)
			} else {
				sc.record(k, p.key, value{start: s, end: e})
			}
		}
		p.kind = keyNone
	}
}

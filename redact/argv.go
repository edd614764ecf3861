package redact

import (
	"bytes"
	"encoding/hex"
)

// A command line is written in many ways: as a list of JSON, YAML or Python,
// as the arguments that auditd numbers, as the hexadecimal digits of its title.
// Each of them is written out as a shell would take it and is then judged by
// the rules for command lines; what they find is hidden where it stood.

// argument of a vector: where it stands in the line that was written out, and
// where it came from.
type vectorPart struct {
	at, n int
	from  int
	size  int // of what it came from, where that is not the argument itself
}

const (
	maxVector      = 64
	maxVectorBytes = 4096
)

// vector looks at the list of arguments of which the program b[i:e] is one,
// and reports whether there is one.
func (sc *scanner) vector(i, e int) bool {
	b := sc.b
	p, ok := behindElement(b, e)
	if !ok {
		return false
	}
	if i < sc.vectorTo || sc.nested >= maxNested {
		return true
	}
	line, parts := sc.argv[:0], sc.parts[:0]
	line = append(line, b[i:e]...)
	end := sc.eol(e)
	for n := 0; p < end && n < maxVector && len(line) < maxVectorBytes; n++ {
		k := audited(b, p)
		if k > p || is(at(b, k), chQuote) || at(b, k) == '\\' {
			s, t, next := sc.argument(k)
			if next <= t || next > end {
				break
			}
			line, parts = writeOut(line, parts, b, s, t)
			if p, ok = behindElement(b, next-1); !ok {
				break
			}
			continue
		}
		k = run(b, p+1, chDigit) // a2=2D70536563: what has blanks or quotes in it
		if b[p] != 'a' || at(b, k) != '=' {
			break
		}
		t := run(b, k+1, chHex)
		v, err := hex.AppendDecode(nil, b[k+1:t])
		if err != nil || len(v) == 0 || !printable(v) || is(at(b, t), chWord) {
			break
		}
		at := len(line)
		line, _ = writeOut(line, nil, v, 0, len(v))
		parts = append(parts, vectorPart{at: at, n: len(line) - at, from: k + 1, size: t - k - 1})
		p = run(b, t, chSpace)
	}
	sc.vectorTo = p
	sc.argv, sc.parts = line, parts
	w := sc.judge(line)
	for _, sp := range w.spans {
		if sp.class >= cEmail && sp.class != cUsername {
			continue
		}
		for _, a := range parts {
			s, t := max(sp.start, a.at), min(sp.end, a.at+a.n)
			switch {
			case s >= t:
			case a.size > 0:
				sc.emit(a.from, a.from+a.size, cToken, sp.rule, 0)
			default:
				sc.emit(a.from+s-a.at, a.from+t-a.at, sp.class, sp.rule, sp.flags&spanLearn)
			}
		}
	}
	return true
}

// judge scans a text that was made of this one.
func (sc *scanner) judge(text []byte) *scanner {
	w := sc.inner()
	w.nested = sc.nested + 1
	w.begin("")
	w.scan(text)
	w.settle()
	sc.chargeFor(w)
	return w
}

// behindElement is where the next element of a list begins after the one of
// which the quote closes at e, a line's end included.
func behindElement(b []byte, e int) (p int, ok bool) {
	if hasPrefixFold(b[min(e, len(b)):], ".exe") {
		e += len(".exe")
	}
	for e < len(b) && b[e] == '\\' {
		e++
	}
	if e >= len(b) || !is(b[e], chQuote) {
		return e, false
	}
	p = run(b, e+1, chSpace)
	if at(b, p) == ',' {
		return run(b, p+1, chSpace), true
	}
	return p, p > e+1 && at(b, p) == 'a' && is(at(b, p+1), chDigit)
}

// writeOut adds the argument b[s:e] to a command line.
func writeOut(line []byte, parts []vectorPart, b []byte, s, e int) ([]byte, []vectorPart) {
	v := b[s:e]
	quote := byte(0)
	if len(v) == 0 || bytes.IndexByte(v, ' ') >= 0 || bytes.IndexByte(v, '"') >= 0 || bytes.IndexByte(v, ';') >= 0 || bytes.IndexByte(v, '|') >= 0 {
		if quote = '\''; bytes.IndexByte(v, quote) >= 0 {
			quote = '"'
		}
	}
	line = append(line, ' ')
	if quote != 0 {
		line = append(line, quote)
	}
	parts = append(parts, vectorPart{at: len(line), n: e - s, from: s})
	line = append(line, v...)
	if quote != 0 {
		line = append(line, quote)
	}
	return line, parts
}

// processTitle looks at proctitle=6D7973716C002D70536563, the command line of
// a process as auditd writes it: NULs stand between the arguments.
func (sc *scanner) processTitle(e int) {
	b := sc.b
	if at(b, e) != '=' || sc.nested >= maxNested {
		return
	}
	s := e + 1
	n := run(b, s, chHex)
	if n-s < 8 || n-s > 2*maxVectorBytes || is(at(b, n), chWord) {
		return
	}
	line, err := hex.AppendDecode(sc.argv[:0], b[s:n])
	sc.argv = line
	if err != nil {
		return
	}
	for i, c := range line {
		if c == 0 {
			line[i] = ' '
		}
	}
	for _, sp := range sc.judge(line).spans {
		if sp.class < cEmail {
			sc.emit(s, n, sp.class, ruleProgram, 0)
			return
		}
	}
}

// listBelow opens the arguments of a command that follow one to a line:
// "redis-cli",
// "-a",
// or, in YAML, - redis-cli.
func (sc *scanner) listBelow(opts []option, i, e int) bool {
	b := sc.b
	p, quoted := behindElement(b, e)
	if !quoted {
		p = e
		k := run(b, sc.ls, chSpace)
		if s := runBack(b, i, sc.ls, chKey); at(b, k) != '-' || run(b, k+1, chSpace) != s && at(b, i-1) != '/' || k+1 >= s {
			return false
		}
	}
	if run(b, p, chSpace) < sc.eol(p) {
		return false
	}
	sc.opens = append(sc.opens, opening{sc.eol(p), region{kind: inList, indent: deep(b[sc.ls:]), marked: quoted, onward: onward{opts: opts}}})
	return true
}

// listLine takes a line with one argument of a command.
func (r *resolver) listLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if k >= e || r.lines > 200 || k-s < r.indent {
		return false
	}
	if !r.marked {
		if b[k] != '-' || !is(at(b, k+1), chSpace) {
			return false
		}
		k = run(b, k+1, chSpace)
	} else if !is(b[k], chQuote) && b[k] != '\\' {
		return false
	}
	vs, ve, next := sc.argument(k)
	if vs == k && !r.marked {
		for ve = e; ve > vs && is(b[ve-1], chSpace); ve-- {
		}
		next = e
	}
	if ve <= vs || next > e {
		return false
	}
	if o := r.want; o != nil {
		r.want = nil
		sc.optionValue(o, vs, ve)
		return true
	}
	for i := range r.opts {
		o := &r.opts[i]
		if !bytes.HasPrefix(b[vs:ve], []byte(o.flag)) {
			continue
		}
		switch {
		case ve-vs == len(o.flag):
			if o.apart {
				r.want = o
			}
		case o.glued && !(o.flag == "-p" && longP(b[vs:ve])):
			sc.optionValue(o, vs+len(o.flag), ve)
		}
		break
	}
	return true
}

// longP reports whether an option that begins with -p is another one.
func longP(v []byte) bool {
	return string(v) == "-pwd" || string(v) == "-pw" || bytes.HasPrefix(v, []byte("-port")) || bytes.HasPrefix(v, []byte("-pass")) || bytes.HasPrefix(v, []byte("-protocol"))
}

// executed looks at the arguments of whatever program a line of auditd of type
// EXECVE tells.
func (sc *scanner) executed(e int) {
	b := sc.b
	const first = ` a0="`
	end := min(sc.eol(e), e+96)
	if k := bytes.Index(b[e:end], []byte(first)); k >= 0 {
		s := e + k + len(first)
		if n := bytes.IndexByte(b[s:sc.eol(s)], '"'); n > 0 {
			sc.vector(s, s+n)
		}
	}
}

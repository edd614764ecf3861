package redact

import "bytes"

// A log of a database shows a statement with signs for its parameters and tells
// the parameters apart from it: in the same line, in one of the next, or, as
// Entity Framework does, before it. What the statement says a parameter is of
// tells what it is.

// maxBound bounds what is read of a statement and of its parameters.
const maxBound = 8 << 10

// parameterSign reads the sign of a parameter at k: ?, ?1, $1, :1, %s, @p0. Signs
// without a number are zero.
func parameterSign(b []byte, k int) (nth, next int, ok bool) {
	first := k + 1
	switch c := at(b, k); {
	case c == '?' || c == '$' || c == ':' && k > 0 && (b[k-1] == ' ' || b[k-1] == '=' || b[k-1] == '(' || b[k-1] == ','):
	case c == '%' && at(b, k+1) == 's':
		return 0, k + 2, !is(at(b, k+2), chWord)
	case c == '@' && at(b, k+1) == 'p':
		first++
	default:
		return 0, k, false
	}
	for next = first; next < len(b) && is(b[next], chDigit) && next < first+4; next++ {
		nth = 10*nth + int(b[next]-'0')
	}
	if b[k] == '@' { // the first is 0
		nth++
	}
	return nth, next, (next > first || b[k] == '?') && !is(at(b, next), chWord)
}

// signs reads what the parameters of the statement b[s:e] are of. It answers with
// what follows the first of their signs, and the last; zero if nothing is to be
// hidden.
func (t *csv) signs(sc *scanner, s, e int) (first, last int) {
	b := sc.b
	e = min(e, s+maxBound)
	sc.charge((e - s) / 2)
	t.n, t.columns = 0, [len(t.columns)]keyKind{}
	var list csv // the columns that a statement lists before their values
	if k := bytes.IndexByte(b[s:e], '('); k > 0 && bytes.Contains(bytes.ToUpper(b[s:s+k]), []byte("INSERT INTO ")) {
		if p := sc.columnNames(&list, s+k+1, e); p == 0 {
			return 0, 0
		} else if p = min(run(b, p, chSpace), e); hasPrefixFold(b[p:e], "values") {
			s = p
		}
	}
	found, count, item := false, 0, 0
	for k := s; k < e; k++ {
		switch b[k] {
		case '(':
			item = 0
			continue
		case ',':
			item++
			continue
		case '\'':
			if n := bytes.IndexByte(b[k+1:e], '\''); n >= 0 {
				k += n + 1
			}
			continue
		case ';':
			e = k
		}
		nth, next, ok := parameterSign(b, k)
		if !ok {
			continue
		}
		if count++; nth == 0 {
			nth = count
		}
		kind := list.columns[min(item, len(list.columns)-1)]
		if list.n == 0 {
			kind = sc.comparedWith(s, k)
		}
		if kind == keyPass {
			kind = keyPassword
		}
		if nth < len(t.columns) && (kind.secret() && kind != keyAuth && kind != keyWeak || kind == keyUser) {
			t.columns[nth], found = kind, true
			t.n = max(t.n, nth)
		}
		if last, k = next, next-1; first == 0 {
			first = next
		}
	}
	if !found {
		return 0, 0
	}
	return first, last
}

// comparedWith is the kind of the column that is set to, or compared with, what
// is at k: "password" = ?, login LIKE ?.
func (sc *scanner) comparedWith(s, k int) keyKind {
	b := sc.b
	for range 2 {
		for k > s && (is(b[k-1], chSpace|chQuote) || b[k-1] == '=' || b[k-1] == '<' || b[k-1] == '>' || b[k-1] == '!' || b[k-1] == '~' || b[k-1] == '(' || b[k-1] == ']' || b[k-1] == '\\') {
			k--
		}
		n := runBack(b, k, max(s, k-maxKey), chKey)
		if w := b[n:k]; !equalFold(w, "like") && !equalFold(w, "ilike") && !equalFold(w, "lower") && !equalFold(w, "binary") {
			if n == k || !keyTail(b, k) {
				return keyNone
			}
			return sc.decide(w)
		}
		k = n
	}
	return keyNone
}

// statementVerbs begin a statement, or the line of one, that has parameters.
var statementVerbs = [...]string{"insert into ", "update ", "select ", "delete from ", "where ", "set "}

// binds looks at the line of a statement in which a parameter stands, at q, for
// something sensitive, and for where the parameters are told.
func (sc *scanner) binds(q int) {
	if q < sc.boundTo {
		return
	}
	b := sc.b
	s := statementIn(b, sc.ls, q)
	var t csv
	end := sc.eol(q)
	if sc.boundTo = end; s < 0 {
		return
	}
	first, last := t.signs(sc, s, end)
	if first == 0 {
		return
	}
	if at := boundList(b, first, last, end, false); at > 0 {
		sc.parameterValues(&t, at, end)
		return
	}
	before := sc.ls
	for range 2 { // Executed DbCommand (3ms) [Parameters=[@p0='x' ...
		if before == 0 {
			break
		}
		e := before - 1
		before = lineStart(b, e)
		if k := bytes.Index(b[before:e], []byte("[Parameters=[@p")); k >= 0 {
			skip := sc.skip
			sc.skip = 0 // it was passed
			sc.parameterValues(&t, before+k+len("[Parameters=["), e)
			sc.skip = max(skip, sc.skip)
			return
		}
	}
	sc.opens = append(sc.opens, opening{end, region{kind: inBound, indent: s - sc.ls}})
}

// statementIn is where a statement begins in b[s:e], -1 if none does.
func statementIn(b []byte, s, e int) int {
	for k := s; k < e; k++ {
		if k == s || !is(b[k-1], chKey) {
			for _, w := range statementVerbs {
				if lower(b[k]) == w[0] && hasPrefixFold(b[k:e], w) {
					return k
				}
			}
		}
	}
	return -1
}

// boundList is where the first parameter stands that b[p:end] tells, behind a
// statement of which the last sign ends at last or, below it, in a line of its own;
// zero if it tells none.
func boundList(b []byte, p, last, end int, below bool) int {
	for k := p; k+4 < end; k++ {
		if c := b[k] | 0x20; (c == 'p' || c == 'a' || c == 'b') && (hasPrefixFold(b[k:end], "param") || hasPrefixFold(b[k:end], "args") || hasPrefixFold(b[k:end], "bind")) && (k == 0 || !is(b[k-1], chAlpha)) {
			n := run(b, k, chAlpha)
			q := n
			for q < end && (is(b[q], chSpace|chQuote) || b[q] == ':' || b[q] == '=' || b[q] == '\\') && q-n < 6 {
				if q++; (b[q-1] == '=' || b[q-1] == ':') && is(at(b, q), chQuote) {
					break
				}
			}
			if bytes.HasPrefix(b[q:end], []byte("array")) {
				q += len("array")
			}
			from := q
			for q < end && (b[q] == '[' || b[q] == '(' || b[q] == '{') && q-from < 3 {
				q++
			}
			if q > from || at(b, n) == ':' && (at(b, run(b, n+1, chSpace)) == '$' || below) {
				return q
			}
		}
	}
	q, ended := last, false
	for q < end && !below && (b[q] == ')' || b[q] == ';' || b[q] == '"' && !ended || is(b[q], chSpace)) {
		ended = ended || b[q] == ';'
		q++
	}
	if below { // [generated in 0.0001s] ('x', 'y')
		for _, w := range [...]string{" ('", ` ("`, " (u'", " ['", ` ["`, " (1", " (None", "] ("} {
			if k := bytes.Index(b[p:end], []byte(w)); k >= 0 && (b[end-1] == ')' || b[end-1] == ']') {
				q = p + k + bytes.LastIndexAny([]byte(w), "([")
				return q + 1
			}
		}
		if end > p && (b[p] == '(' || b[p] == '[') && (b[end-1] == ')' || b[end-1] == ']') {
			return p + 1
		}
		return 0
	}
	if q < end && q > last && b[q] == '[' {
		return q + 1
	}
	if q < end && ended && (b[q] == '@' || b[q] == '"') {
		return q
	}
	return 0
}

// parameterValues hides what is sensitive of the parameters that begin at p:
// 'x', 3 / "1":"x","2":3 / $1 = 'x' / @p0='x' (Size = 4) / x(String).
func (sc *scanner) parameterValues(t *csv, p, end int) {
	b := sc.b
	end = min(end, p+maxBound)
	sc.charge((end - p) / 2)
	for k := 1; k < len(t.columns); k++ {
		if p = run(b, p, chSpace); p >= end {
			return
		}
		nth, depth := k, 0
		if n, next, ok := parameterLabel(b, p); ok {
			nth, p = n, next
		}
		if at(b, p) == '[' { // of Rails, with the name of the column
			k := bytes.IndexByte(b[p:end], ',')
			if k < 0 {
				return
			}
			depth, p = 1, run(b, p+k+1, chSpace)
		}
		s, e, next, quoted := sc.stringArgument(p)
		if !quoted {
			for s, e = p, p; e < end && b[e] != ',' && b[e] != ')' && b[e] != ']' && b[e] != '}' && b[e] != '('; e++ {
			}
			next = e
			for e > s && is(b[e-1], chSpace) {
				e--
			}
		}
		if c := at(b, run(b, next, chSpace)); e > end || quoted && (c == ':' || c == '=') { // they have names
			return
		}
		if nth < len(t.columns) && t.columns[nth] != keyNone && e > s {
			switch v := b[s:e]; {
			case !quoted && (firstBlank(v) < len(v) || statusWord(v) || equalFold(v, "null") || equalFold(v, "none") || equalFold(v, "nil") || equalFold(v, "true") || equalFold(v, "false")):
			default:
				sc.hide(&field{key: t.columns[nth], quoted: true, start: s, end: s}, value{start: s, end: e, quoted: true})
			}
		}
		if p = behindComma(b, next, end, depth); p == 0 {
			return
		}
	}
}

// parameterLabel reads what tells at p which of the parameters follows: "1": of PHP,
// $1 = of PostgreSQL, @p0= of .NET.
func parameterLabel(b []byte, p int) (nth, next int, ok bool) {
	if nth, next, ok = parameterSign(b, p); !ok {
		k := run(b, p, chQuote)
		for nth, next = 0, k; next < len(b) && is(b[next], chDigit) && next < k+3; next++ {
			nth = 10*nth + int(b[next]-'0')
		}
		if next == k {
			return 0, p, false
		}
		next = run(b, next, chQuote)
	}
	next = run(b, next, chSpace)
	switch {
	case at(b, next) == '=' && at(b, next+1) == '>':
		next += 2
	case at(b, next) == '=' || at(b, next) == ':':
		next++
	default:
		return 0, p, false
	}
	return nth, run(b, next, chSpace), true
}

// boundLine takes a line below a statement that may tell its parameters, all or
// one of them.
func (r *resolver) boundLine(sc *scanner, s, e int) bool {
	b := sc.b
	line := b[s:min(e, s+maxBound)]
	if k := bytes.Index(line, []byte("binding parameter ")); k > 0 { // of Hibernate
		p := s + k + len("binding parameter ")
		nth := 0
		for q := p + 1; q < e && is(b[q], chDigit) && q < p+4; q++ {
			nth = 10*nth + int(b[q]-'0')
		}
		v := s + bytes.LastIndex(line, []byte(" [")) + 2
		if nth > 0 && nth < len(r.csv.columns) && v > p && b[e-1] == ']' && r.csv.columns[nth] != keyNone && e-1 > v {
			sc.hide(&field{key: r.csv.columns[nth], quoted: true, start: v, end: v}, value{start: v, end: e - 1, quoted: true})
		}
		return r.lines < len(r.csv.columns)
	}
	if statementIn(b, s, s+len(line)) >= 0 { // another
		return false
	}
	if p := boundList(b, s, s, s+len(line), true); p > 0 {
		sc.parameterValues(&r.csv, p, s+len(line))
		return false
	}
	return r.lines < 3
}

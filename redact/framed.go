package redact

import "bytes"

// What carries the output of programs puts something of its own before each of
// their lines: a time, the name of a container, the number of the line. Texts
// of several lines, a name and below it its value, are then no longer written as
// their format has them. Around a line that names a secret such lines are read
// once more without what carries them.

// framedRest is how far before its line's end the name of a secret stands at the
// most that has its value below. framedLines and framedText are how many lines
// are read again at once, and of how much text: what goes on beyond the first
// few is read with more. framedBefore is how many lines above are.
const (
	framedRest   = 40
	framedLines  = 14
	framedMore   = 400
	framedText   = 64 << 10
	framedBefore = 4
)

// frame is what carries a line.
type frame uint8

const (
	noFrame     frame = iota
	frameTime         // 2026-01-02T03:04:05Z, of kubectl and of GitHub; perhaps with the stream behind it, as CRI has it
	frameName         // web_1  | , of Docker Compose
	frameJSON         // {"log":"...\n","stream":"stdout"}, of Docker
	frameNumber       // 42: , and what cat -n writes
	frameSyslog       // Jan  2 03:04:05 host name[12]:
	frameSquare       // [2026-01-02 03:04:05]
	frameLogger       // 2026-01-02 03:04:05,678 DEBUG [main] c.e.App - , each line the same behind the time
	frameSign         // what is commented out, quoted or added: #, >, //, +
	frameString       // lines as strings of a list of JSON
)

// framed reads again the lines around b[s:e] that are carried as it is.
func (sc *scanner) framed(s, e int) {
	if sc.nested > 0 || s < sc.framedTo || e-s > framedText {
		return
	}
	b := sc.b
	if e-sc.namedAt > framedRest && b[s] != '{' { // only JSON has more of its own behind the line
		return
	}
	kind, head, tail := frameOf(b[s:e])
	if kind == noFrame || s+tail-sc.namedAt > framedRest {
		return
	}
	var fixed int // from where on the heads of all are the same
	switch kind {
	case frameLogger:
		fixed = min(23, head)
	case frameSyslog:
		fixed = 16
	default:
		fixed = head
	}
	tag := b[s+fixed : s+head]
	same := func(p int) (s, e int, ok bool) {
		k, s, e := frameOf(b[p:lineEnd(b, p)])
		return s, e, k == kind && (len(tag) == 0 || s == head && bytes.Equal(b[p+fixed:p+s], tag))
	}
	from := s
	for range framedBefore {
		p := lineStart(b, max(from-1, 0))
		if p == from || from-p > 4096 {
			break
		}
		if _, _, ok := same(p); !ok {
			break
		}
		from = p
	}
	found := sc.spans[sc.lineSpans:]
	for _, most := range [...]int{framedLines, framedMore} {
		text, places := sc.plain[:0], sc.places[:0]
		lines, end := 0, from
		for p := from; p < len(b) && lines < most && len(text) < framedText; lines++ {
			n := lineEnd(b, p)
			fs, fe, ok := same(p)
			if !ok || n-p > framedText {
				break
			}
			for i := p + fs; i < p+fe; {
				c, w := b[i], 1
				if c == '\\' && (kind == frameJSON || kind == frameString) {
					if c, w = unslashed(b[i : p+fe]); c == '\n' { // the line's own
						c = ' '
					}
				}
				text = append(text, c)
				places = append(places, int32(i-from))
				i += w
			}
			text = append(text, '\n')
			places = append(places, int32(p+fe-from))
			for end = n; end < len(b) && b[end] != '\n'; end++ {
			}
			if p = end + 1; lines < most/2 {
				sc.framedTo = p
			}
		}
		places = append(places, int32(end-from))
		sc.plain, sc.places = text, places
		sc.charge(len(text))
		if lines < 2 || !sc.again(from, found) || lines < most {
			return
		}
	}
}

// frameOf says what carries a line, and where between it the line itself stands.
func frameOf(line []byte) (kind frame, s, e int) {
	e = len(line)
	if e < 3 {
		return noFrame, 0, e
	}
	if bytes.HasPrefix(line, []byte("\xef\xbb\xbf")) { // a byte order mark
		kind, s, e = frameOf(line[3:])
		return kind, s + 3, e + 3
	}
	switch c := line[0]; {
	case is(c, chDigit) && e > 20 && line[4] == '-' && line[10] == 'T' && line[13] == ':' && line[16] == ':':
		k := 19
		if line[k] == '.' {
			k = run(line, k+1, chDigit)
		}
		if at(line, k) == 'Z' {
			k++
		} else if c := at(line, k); (c == '+' || c == '-') && at(line, k+3) == ':' {
			k += 6
		}
		if at(line, k) != ' ' {
			break
		}
		s = k + 1
		if rest := line[s:]; (bytes.HasPrefix(rest, []byte("stdout ")) || bytes.HasPrefix(rest, []byte("stderr "))) && len(rest) > 8 && rest[8] == ' ' {
			s += 9
		}
		return frameTime, s, e
	case is(c, chDigit) && e > 30 && line[4] == '-' && line[10] == ' ' && line[13] == ':' && line[16] == ':':
		k := bytes.LastIndex(line[:min(e, 100)], []byte(" - "))
		for k > 19 && line[k-1] == ' ' { // of a list
			k = bytes.LastIndex(line[:k], []byte(" - "))
		}
		if k > 19 {
			return frameLogger, k + len(" - "), e
		}
	case c == '{':
		const head, tail = `{"log":"`, `","stream":"`
		if k := bytes.LastIndex(line, []byte(tail)); k >= len(head) && bytes.HasPrefix(line, []byte(head)) {
			return frameJSON, len(head), len(bytes.TrimSuffix(line[:k], []byte(`\n`)))
		}
	case c == '[' && e > 21 && is(line[1], chDigit) && line[5] == '-' && line[14] == ':':
		if k := bytes.IndexByte(line[:min(e, 40)], ']'); k > 0 && at(line, k+1) == ' ' {
			return frameSquare, k + 2, e
		}
	case is(c, chUpper) && e > 20 && line[3] == ' ' && line[6] == ' ' && line[9] == ':' && line[12] == ':' && line[15] == ' ':
		if k := bytes.Index(line[16:min(e, 120)], []byte(": ")); k > 0 && bytes.Count(line[16:16+k], []byte(" ")) == 1 {
			return frameSyslog, 16 + k + 2, e
		}
	case c == '#' || c == '>' || c == '+' && line[1] != '+' || c == ';' || c == '/' && line[1] == '/':
		for s = 1; s < e && line[s] == c; s++ {
		}
		if at(line, s) == ' ' && c != '+' {
			s++
		}
		return frameSign, s, e
	}
	k := run(line, 0, chSpace)
	if d := run(line, k, chDigit); d > k && d-k < 7 { // 42: x, 42<tab>x
		switch at(line, d) {
		case ':':
			if s = d + 1; at(line, s) == ' ' {
				s++
			}
			return frameNumber, s, e
		case '\t':
			return frameNumber, d + 1, e
		}
		return noFrame, 0, e
	}
	if c := at(line, k); c == '"' && k > 0 { // a string alone
		n := e
		for n > 0 && (line[n-1] == ',' || is(line[n-1], chSpace) || line[n-1] == '\r') {
			n--
		}
		if n > k+2 && line[n-1] == '"' && !unquoted(line[k+1:n-1], '"') {
			return frameString, k + 1, n - 1
		}
		return noFrame, 0, e
	}
	if n := run(line, 0, chKey); n > 0 && n < 64 {
		if p := run(line, n, chSpace); at(line, p) == '|' && p > n && at(line, p+1) == ' ' {
			return frameName, p + 2, e
		}
	}
	return noFrame, 0, e
}

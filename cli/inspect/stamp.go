package inspect

import (
	"bytes"
	"time"
)

// Clock reads the times at which lines were written. It is for the lines of one
// entry and used by one at a time. These forms are known, at the beginning of a
// line or behind a level, a host or a process in its first 48 bytes:
//
//	2026-01-02T15:04:05.123456+01:00   RFC 3339, RFC 5424, journalctl, containers
//	2026-01-02 15:04:05,123            ISO 8601 as Java, Python, databases write it
//	2026/01/02 15:04:05                nginx, Go; also with dots between
//	20260102T150405Z                   ISO 8601, basic form
//	Jan  2 15:04:05                    syslog, RFC 3164; a year may follow, also 2026 before
//	Jan 2, 2026 3:04:05 PM             java.util.logging
//	02 Jan 2026 15:04:05               Redis, HTTP; also 02-Jan-2026 (Tomcat)
//	[02/Jan/2026:15:04:05 +0100]       Apache, nginx; in the first 256 bytes
//	I0102 15:04:05.123456              klog
//	1767366245.123                     seconds since 1970, or milli-, micro-, nanoseconds
//	audit(1767366245.123:42)           the audit log
//	[12345.678901]                     dmesg: seconds since boot
//	{"time": ...}, time=...            JSON and logfmt, strings and numbers
//	{"__REALTIME_TIMESTAMP": "..."}    journalctl -o json
//	Event[0]: ... Date: ...            wevtutil /f:text
//
// A time without a zone is one of Zone. A year that is missing is that in which
// the time is not after Near.
type Clock struct {
	Zone *time.Location // nil: UTC
	Near time.Time      // when the entry was last changed
	Boot time.Time      // zero: not known, and [12345.678901] no time

	key string // of the last JSON line
}

// searchedHead is how far into a line times are looked for.
const searchedHead = 48

// Time reads the time of a line; rest is what follows it, as far as it is known.
func (c *Clock) Time(line, rest []byte) (time.Time, bool) {
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	if len(line) < 8 {
		return time.Time{}, false
	}
	switch b := line[0]; {
	case b == ' ' || b == '\t':
		return time.Time{}, false // goes on with the line before
	case b == '{':
		return c.inJSON(line)
	case b == '<':
		line = afterPriority(line)
	case b == 'E' && bytes.HasPrefix(line, []byte("Event[")):
		return c.inEvent(rest)
	}
	if t, ok := c.sinceBoot(line); ok {
		return t, true
	}
	if t, ok := c.klog(line); ok {
		return t, true
	}
	if t, ok := epoch(line); ok {
		return t, true
	}
	head := line[:min(len(line), searchedHead)]
	for i := range head {
		if i > 0 && bytes.IndexByte([]byte(" [(=\"|,:\t"), head[i-1]) < 0 {
			continue
		}
		if t, ok := c.at(line[i:]); ok {
			return t, true
		}
		if i > 0 && head[i-1] == '(' && bytes.HasSuffix(head[:i], []byte("audit(")) || head[max(i-1, 0)] == '=' {
			if t, ok := epoch(line[i:]); ok {
				return t, true
			}
		}
	}
	for at := 0; at < min(len(line), 256); {
		i := bytes.IndexByte(line[at:min(len(line), 256)], '[')
		if i < 0 {
			break
		}
		at += i + 1
		if t, ok := c.dayFirst(line[at:]); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

// at reads a date and time that b begins with.
func (c *Clock) at(b []byte) (time.Time, bool) {
	if len(b) < 15 {
		return time.Time{}, false
	}
	switch {
	case '0' <= b[0] && b[0] <= '9':
		if t, ok := c.yearFirst(b); ok {
			return t, true
		}
		return c.dayFirst(b)
	case 'A' <= b[0] && b[0] <= 'Z':
		return c.monthFirst(b)
	}
	return time.Time{}, false
}

func (c *Clock) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// scan reads a text from left to right; once something is missing, it is bad.
type scan struct {
	b   []byte
	bad bool
}

func (s *scan) peek(i int) byte {
	if i < len(s.b) {
		return s.b[i]
	}
	return 0
}

// number reads least to most digits.
func (s *scan) number(least, most int) int {
	n, i := 0, 0
	for ; i < most && isDigit(s.peek(i)); i++ {
		n = n*10 + int(s.b[i]-'0')
	}
	s.bad = s.bad || i < least
	s.b = s.b[i:]
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// one reads one of some characters.
func (s *scan) one(of string) byte {
	c := s.peek(0)
	if c == 0 || bytes.IndexByte([]byte(of), c) < 0 {
		s.bad = true
		return 0
	}
	s.b = s.b[1:]
	return c
}

// maybe reads a character if it is there.
func (s *scan) maybe(of string) bool {
	if c := s.peek(0); c == 0 || bytes.IndexByte([]byte(of), c) < 0 {
		return false
	}
	s.b = s.b[1:]
	return true
}

func (s *scan) month() time.Month {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	if len(s.b) >= 3 {
		if i := bytes.Index([]byte(names), s.b[:3]); i >= 0 && i%3 == 0 {
			s.b = s.b[3:]
			return time.Month(i/3 + 1)
		}
	}
	s.bad = true
	return 0
}

type moment struct {
	year, day, hour, min, sec, nsec int
	month                           time.Month
	zone                            *time.Location
}

// clock reads hours, minutes, seconds, a fraction, AM or PM, and a zone.
func (s *scan) clock(m *moment, sep string) {
	m.hour = s.number(1, 2)
	if sep != "" {
		s.one(sep)
	}
	m.min = s.number(2, 2)
	if sep != "" {
		s.one(sep)
	}
	m.sec = s.number(2, 2)
	if c := s.peek(0); (c == '.' || c == ',') && isDigit(s.peek(1)) {
		s.b = s.b[1:]
		scale := 100_000_000
		for isDigit(s.peek(0)) {
			m.nsec += int(s.b[0]-'0') * scale
			scale /= 10
			s.b = s.b[1:]
		}
	}
	if s.peek(0) == ' ' && (s.peek(1) == 'A' || s.peek(1) == 'P') && s.peek(2) == 'M' {
		if m.hour %= 12; s.peek(1) == 'P' {
			m.hour += 12
		}
		s.b = s.b[3:]
	}
	s.offset(m)
}

// offset reads a zone: Z, UTC, GMT, or hours and minutes.
func (s *scan) offset(m *moment) {
	i := 0
	if s.peek(0) == ' ' {
		i = 1
	}
	b := s.b[i:]
	switch {
	case len(b) > 0 && b[0] == 'Z' && i == 0, bytes.HasPrefix(b, []byte("UTC")), bytes.HasPrefix(b, []byte("GMT")):
		m.zone = time.UTC
	case len(b) >= 3 && (b[0] == '+' || b[0] == '-') && isDigit(b[1]) && isDigit(b[2]):
		o := scan{b: b[1:]}
		seconds := o.number(2, 2) * 3600
		if o.maybe(":") || isDigit(o.peek(0)) {
			seconds += o.number(2, 2) * 60
		} else if i == 1 {
			return // "- 12": a field of its own
		}
		if o.bad || seconds > 18*3600 {
			return
		}
		if b[0] == '-' {
			seconds = -seconds
		}
		m.zone = time.FixedZone("", seconds)
	}
}

func (c *Clock) made(m moment) (time.Time, bool) {
	if m.month < 1 || m.month > 12 || m.day < 1 || m.day > 31 || m.hour > 23 || m.min > 59 || m.sec > 60 {
		return time.Time{}, false
	}
	if m.zone == nil {
		m.zone = c.zone()
	}
	date := func(year int) time.Time {
		return time.Date(year, m.month, m.day, m.hour, m.min, m.sec, m.nsec, m.zone)
	}
	if m.year == 0 { // the last such day that was not after the entry's end
		near := c.Near
		if near.IsZero() {
			return time.Time{}, false
		}
		m.year = near.In(m.zone).Year()
		if next := date(m.year + 1); !next.After(near.Add(36 * time.Hour)) {
			return next, true // its clock went slow over the turn of a year
		}
		if date(m.year).After(near.Add(36 * time.Hour)) {
			m.year--
		}
	}
	if m.year < 1970 || m.year > 2200 {
		return time.Time{}, false
	}
	return date(m.year), true
}

func (c *Clock) yearFirst(b []byte) (time.Time, bool) {
	s := scan{b: b}
	m := moment{year: s.number(4, 4)}
	if sep := s.peek(0); isDigit(sep) { // basic form
		m.month, m.day = time.Month(s.number(2, 2)), s.number(2, 2)
		s.one("T ")
		if s.peek(2) == ':' {
			s.clock(&m, ":")
		} else {
			s.clock(&m, "")
		}
	} else if sep == ' ' {
		s.one(" ")
		if m.month = s.month(); !s.bad {
			s.one(" ")
			s.maybe(" ")
			m.day = s.number(1, 2)
			s.one(" ")
			s.clock(&m, ":")
		}
	} else {
		s.one("-/.")
		m.month = time.Month(s.number(1, 2))
		s.one(string(sep))
		m.day = s.number(1, 2)
		s.one("Tt _-")
		s.clock(&m, ":")
	}
	if s.bad {
		return time.Time{}, false
	}
	return c.made(m)
}

func (c *Clock) dayFirst(b []byte) (time.Time, bool) {
	s := scan{b: b}
	m := moment{day: s.number(1, 2)}
	sep := s.one("/- ")
	m.month = s.month()
	s.one(string(sep))
	m.year = s.number(4, 4)
	s.one(": ")
	s.clock(&m, ":")
	if s.bad {
		return time.Time{}, false
	}
	return c.made(m)
}

func (c *Clock) monthFirst(b []byte) (time.Time, bool) {
	s := scan{b: b}
	m := moment{month: s.month()}
	s.one(" ")
	s.maybe(" ")
	m.day = s.number(1, 2)
	if s.maybe(",") {
		s.one(" ")
		m.year = s.number(4, 4)
		s.maybe(",")
	}
	s.one(" ")
	if !s.bad && m.year == 0 && isDigit(s.peek(3)) && s.peek(4) == ' ' { // Jan 02 2026 15:04:05, as of network devices
		m.year = s.number(4, 4)
		s.one(" ")
	}
	s.clock(&m, ":")
	if m.year == 0 && s.peek(0) == ' ' && isDigit(s.peek(1)) && isDigit(s.peek(4)) && !isDigit(s.peek(5)) && s.peek(5) != ':' {
		y := scan{b: s.b[1:]} // of asctime, dmesg -T, Apache's error log
		if n := y.number(4, 4); !y.bad && n >= 1970 && n <= 2200 {
			m.year = n
		}
	}
	if s.bad {
		return time.Time{}, false
	}
	return c.made(m)
}

func (c *Clock) klog(b []byte) (time.Time, bool) {
	if len(b) < 14 || bytes.IndexByte([]byte("IWEF"), b[0]) < 0 || !isDigit(b[1]) {
		return time.Time{}, false
	}
	s := scan{b: b[1:]}
	m := moment{month: time.Month(s.number(2, 2)), day: s.number(2, 2)}
	s.one(" ")
	s.clock(&m, ":")
	if s.bad {
		return time.Time{}, false
	}
	return c.made(m)
}

func (c *Clock) sinceBoot(b []byte) (time.Time, bool) {
	if b[0] != '[' || c.Boot.IsZero() {
		return time.Time{}, false
	}
	s := scan{b: bytes.TrimLeft(b[1:], " ")}
	sec := s.number(1, 9)
	s.one(".")
	usec := s.number(6, 6)
	s.one("]")
	return c.Boot.Add(time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond), !s.bad
}

// epoch reads a number since 1970; its length tells the unit.
func epoch(b []byte) (time.Time, bool) {
	n := 0
	for n < len(b) && n < 20 && isDigit(b[n]) {
		n++
	}
	if n < 10 || b[0] == '0' {
		return time.Time{}, false
	}
	s := scan{b: b}
	v := int64(s.number(n, n))
	var t time.Time
	switch n {
	case 10:
		t = time.Unix(v, 0)
		if s.peek(0) == '.' && isDigit(s.peek(1)) {
			s.b = s.b[1:]
			scale := time.Second / 10
			for isDigit(s.peek(0)) {
				t = t.Add(time.Duration(s.b[0]-'0') * scale)
				scale /= 10
				s.b = s.b[1:]
			}
		}
	case 13:
		t = time.UnixMilli(v)
	case 16:
		t = time.UnixMicro(v)
	case 19:
		t = time.Unix(0, v)
	default:
		return time.Time{}, false
	}
	switch s.peek(0) {
	case 0, ' ', '\t', ',', ':', ';', '|', ']', ')', '"', '}':
		return t, t.Year() >= 2000 && t.Year() < 2080
	}
	return time.Time{}, false
}

// afterPriority leaves out "<34>" and the version of RFC 5424, or "<6>".
func afterPriority(b []byte) []byte {
	i := bytes.IndexByte(b[:min(len(b), 5)], '>')
	if i < 0 {
		return b
	}
	rest := b[i+1:]
	if bytes.HasPrefix(rest, []byte("1 ")) {
		rest = rest[2:]
	}
	if len(rest) < 8 {
		return b
	}
	return rest
}

// timeKeys are those of JSON logs, the surest first.
var timeKeys = [...]string{
	`"__REALTIME_TIMESTAMP"`, `"@timestamp"`, `"timestamp"`, `"time"`, `"ts"`, `"eventTime"`, `"datetime"`, `"date"`, `"t"`,
}

func (c *Clock) inJSON(line []byte) (time.Time, bool) {
	line = line[:min(len(line), 64<<10)]
	if c.key != "" {
		if t, ok := c.value(line, c.key); ok {
			return t, true
		}
	}
	for _, key := range timeKeys {
		if t, ok := c.value(line, key); ok {
			c.key = key
			return t, true
		}
	}
	return time.Time{}, false
}

func (c *Clock) value(line []byte, key string) (time.Time, bool) {
	i := bytes.Index(line, []byte(key))
	if i < 0 {
		return time.Time{}, false
	}
	b := bytes.TrimLeft(line[i+len(key):], " ")
	if len(b) == 0 || b[0] != ':' {
		return time.Time{}, false
	}
	b = bytes.TrimPrefix(bytes.TrimLeft(b[1:], " "), []byte{'"'})
	if bytes.HasPrefix(b, []byte(`{"$date":"`)) {
		b = b[len(`{"$date":"`):]
	}
	if t, ok := epoch(b); ok {
		return t, true
	}
	return c.at(b)
}

// inEvent finds the date of an event that wevtutil wrote, in the lines below its
// first.
func (c *Clock) inEvent(rest []byte) (time.Time, bool) {
	for range 12 {
		end := lineEnd(rest, 0)
		line := bytes.TrimSpace(rest[:end])
		if bytes.HasPrefix(line, []byte("Event[")) {
			break
		}
		if date, ok := bytes.CutPrefix(line, []byte("Date:")); ok {
			return c.at(bytes.TrimSpace(date))
		}
		if end >= len(rest) {
			break
		}
		rest = rest[end+1:]
	}
	return time.Time{}, false
}

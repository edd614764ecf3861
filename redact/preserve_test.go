package redact

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// oneLine is a line of a generated text: what stands before and after the
// value, which is empty in lines that must stay as they are.
type oneLine struct{ before, value, after, end string }

// linesOf makes a text of lines. eight says that bytes beyond ASCII need not
// be UTF-8.
func linesOf(rng *rand.Rand, eight bool, ends []string) []oneLine {
	value := func() string { return fmt.Sprintf("Heron%dmossQx%d", rng.IntN(1e6), rng.IntN(100)) }
	plain := []string{
		"", " ", "\t", "INFO request 4711 done in 12 ms", "naïve café – ¡olé! 日本語 😀", "\x1b[1;32mOK\x1b[0m \x1b[38;5;208mstep 3\x1b[m of 9",
		"  at com.acme.Order.create(Order.java:42)", "progress 10%\b\b\b11%", "a\x0cpage", "{\"level\":\"info\",\"n\":17}", "<a b=\"c\">d</a>", "key: |", "---", "   ", "\u2028", "\u00a0", "tail \\",
	}
	if eight {
		plain = append(plain, "M\xfcller stra\xdfe", "\xff\xfe in the midst", "cut \xe2\x82", "\x80\x81\x82", "a\xc0\xafb")
	}
	carriers := [][2]string{
		{"db open password=", " mode=rw"}, {"{\"password\":\"", "\",\"n\":1}"}, {"\x1b[31mpassword\x1b[0m=", ""}, {"café password=", " – fin"}, {"\tpassword = \"", "\" # 日本"}, {"<password>", "</password>"}, {"password: ", ""},
	}
	var text []oneLine
	for range 1 + rng.IntN(60) {
		l := oneLine{end: ends[rng.IntN(len(ends))]}
		if rng.IntN(4) == 0 {
			c := carriers[rng.IntN(len(carriers))]
			l.before, l.value, l.after = c[0], value(), c[1]
		} else {
			l.before = plain[rng.IntN(len(plain))]
		}
		text = append(text, l)
	}
	if rng.IntN(2) == 0 {
		text[len(text)-1].end = ""
	}
	return text
}

var hidden = regexp.MustCompile(`redacted-[a-z]+-[a-z0-9]{12}`)

// What is not a value stays byte for byte: line count, line ends of each
// kind, encoding and its mark, the missing end of the last line, bytes that
// are no character, colours.
func TestBytesStay(t *testing.T) {
	lf, crlf, cr := []string{"\n"}, []string{"\r\n"}, []string{"\r"}
	rng := rand.New(rand.NewPCG(11, 12))
	for i := range 400 {
		for e := utf8Enc; e <= utf32BE; e++ {
			ends := [][]string{lf, crlf, cr, {"\n", "\r\n"}, {"\n", "\r\n", "\r"}, {"\n\n", "\r\r\n", "\n\r"}}[rng.IntN(6)]
			text := linesOf(rng, e == utf8Enc, ends)
			var b bytes.Buffer
			mark := rng.IntN(2) == 0
			if mark {
				b.WriteString("\ufeff")
			}
			for _, l := range text {
				b.WriteString(l.before + l.value + l.after + l.end)
			}
			raw := b.Bytes()
			if e != utf8Enc {
				if !mark && bytes.IndexFunc(raw, func(r rune) bool { return r > 0x7f }) >= 0 || len(raw) < 16 {
					continue // nothing but a mark would show what it is
				}
				raw = e.encode(nil, raw)
			}
			st := session(t).Stream("x", bytes.NewReader(raw))
			out, err := io.ReadAll(st)
			if err != nil {
				t.Fatalf("%d: %v: %q", i, err, b.Bytes())
			}
			if st.Encoding() != e.String() {
				t.Fatalf("%d: %s taken for %s: %q", i, e, st.Encoding(), b.Bytes())
			}
			if e != utf8Enc {
				back, err := e.decode(nil, out)
				if err != nil || len(out)%e.unit() != 0 || !bytes.Equal(e.encode(nil, back), out) {
					t.Fatalf("%d: %s: no such text any more: %q", i, e, out)
				}
				out = back
			}
			left := string(out)
			expect := func(part string) {
				t.Helper()
				if !strings.HasPrefix(left, part) {
					t.Fatalf("%d: %s: %q is not there in\n%q, which was\n%q", i, e, part, left, b.String())
				}
				left = left[len(part):]
			}
			if mark {
				expect("\ufeff")
			}
			for _, l := range text {
				expect(l.before)
				if l.value != "" {
					at := hidden.FindStringIndex(left)
					if at == nil || at[0] != 0 {
						t.Fatalf("%d: %s: no pseudonym in\n%q, which was\n%q", i, e, left, b.String())
					}
					left = left[at[1]:]
				}
				expect(l.after + l.end)
			}
			if left != "" {
				t.Fatalf("%d: %s: %q is left over", i, e, left)
			}
		}
	}
}

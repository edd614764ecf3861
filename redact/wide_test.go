package redact

import (
	"errors"
	"fmt"
	"io"

	"bytes"
	"strings"
	"testing"
)

// What was appended in UTF-16 to a log of eight bits is redacted in place.
func TestWideTextInALog(t *testing.T) {
	const secret = "Wren77utf16Zq"
	pad := strings.Repeat("2026-11-22T04:55:01Z info server: request handled ok in 3 ms\n", 120)
	for e := utf16LE; e <= utf16BE; e++ {
		wide := func(text string) string { return string(e.encode(nil, []byte(text))) }
		hidden := wide(secret)
		for _, text := range []string{
			pad + wide("password="+secret+"\n") + pad,
			pad + wide("password="+secret+"\r\n") + pad,
			wide("first line\npassword="+secret+"\nlast line\n") + pad + pad,
			pad + wide(`{"password":"`+secret+`","x":1}`) + "\n" + pad,
			pad + pad + wide("password="+secret),
			pad + wide("bare "+secret+" it is\n") + "password=" + secret + "\n" + pad,
			pad + "password=" + secret + "\n" + wide("bare "+secret+" it is\n") + pad,
			pad + wide("password="+secret+"\n") + pad + "x " + secret + "\n" + pad,
			pad + wide("Kennwort für Zürich – password="+secret+"\n") + pad,
			pad + wide("password="+somePseudonyms[0]+secret+"\n") + pad,
		} {
			s := session(t)
			st := s.Stream("x.log", strings.NewReader(text))
			once, err := readAll(st)
			if err != nil {
				t.Errorf("%s: %v", e, err)
				continue
			}
			if bytes.Contains(once, []byte(hidden[1:len(hidden)-1])) || bytes.Contains(once, []byte(secret)) {
				t.Errorf("%s: %q is left in %q", e, secret, strings.ReplaceAll(string(once), pad, "..."))
			}
			if !bytes.Contains(once, []byte("redacted-")) && !bytes.Contains(once, []byte("r\x00e\x00d\x00a\x00c\x00t\x00e\x00d\x00-\x00p\x00a\x00s\x00s")) {
				t.Errorf("%s: no pseudonym in %q", e, strings.ReplaceAll(string(once), pad, "..."))
			}
			again, err := readAll(session(t).Stream("x.log", bytes.NewReader(once)))
			if err != nil || !bytes.Equal(again, once) {
				t.Errorf("%s: redacting again changes %s (%v)", e, firstDiff(once, again), err)
			}
			if want := s.Pseudonym(Password, secret); !strings.Contains(text, somePseudonyms[0]) && !bytes.Contains(once, []byte(want)) && !bytes.Contains(once, widened(nil, []byte(want))) {
				t.Errorf("%s: another pseudonym than %s in %q", e, want, strings.ReplaceAll(string(once), pad, "..."))
			}
		}
		// A sweep finds it, too.
		s := session(t)
		old := []byte(pad + wide("bare "+secret+" it is\n") + pad)
		redactAll(t, s, "x.conf", []byte("password="+secret+"\n"))
		if swept, c := s.Sweep(0, "utf-8", old); bytes.Contains(swept, []byte(hidden[1:len(hidden)-1])) || c[Password] != 1 {
			t.Errorf("%s: swept: %q %v", e, swept, c)
		}
	}
	// Runs over block ends and in lines longer than a block.
	line := string(utf16LE.encode(nil, []byte("INFO user logged in password="+secret+" ok\n")))
	for _, filler := range []string{pad, strings.ReplaceAll(pad, "\n", " ")} {
		var text bytes.Buffer
		for text.Len() < 3*blockSize {
			text.WriteString(filler + line)
			filler += "x "
		}
		plain := text.Bytes()
		if strings.Contains(filler, " ms 2026") {
			plain = bytes.ReplaceAll(plain, []byte{'\n', 0}, []byte{' ', 0})
		}
		out, err := readAll(session(t).Stream("x.log", bytes.NewReader(plain)))
		if err == nil && bytes.Contains(out, utf16LE.encode(nil, []byte(secret))[1:20]) {
			t.Errorf("a secret is left among %d bytes", text.Len())
		}
		if err != nil {
			t.Error(err)
		}
	}
	// NULs alone make no text of two bytes a character.
	for _, text := range []string{"A=b\x00PATH=/bin\x00C=d\x00", "a\x00b\x00c\x00\n", "x\x00\x00\x00y\n", strings.Repeat("\x00", 64) + "tail\n"} {
		if out := redactAll(t, session(t), "x", []byte(text)); string(out) != text {
			t.Errorf("%q became %q", text, out)
		}
	}
}

// A file that one program writes in UTF-16 and another in eight bits holds
// no secret of either afterwards, and is not lost.
func TestBothWidths(t *testing.T) {
	line := func(n int) string {
		return fmt.Sprintf("2026-01-02 INFO user=app password=Heron%dmossQx9 mode=rw\r\n", n)
	}
	for _, e := range []encoding{utf16LE, utf16BE} {
		wide := func(from, to int) (b []byte) {
			for n := from; n < to; n++ {
				b = e.encode(b, []byte(line(n)))
			}
			return b
		}
		thin := func(from, to int) (b []byte) {
			for n := from; n < to; n++ {
				b = append(b, line(n)...)
			}
			return b
		}
		mark := e.encode(nil, []byte("\ufeff"))
		for name, text := range map[string][]byte{
			"appended":      bytes.Join([][]byte{mark, wide(0, 50), thin(50, 60)}, nil),
			"odd":           bytes.Join([][]byte{mark, wide(0, 50), []byte("x"), thin(50, 60), wide(60, 70)}, nil),
			"one line":      bytes.Join([][]byte{mark, wide(0, 50), []byte("password=Heron55mossQx9")}, nil),
			"begun thin":    bytes.Join([][]byte{thin(0, 50), wide(50, 60)}, nil),
			"many wide":     bytes.Join([][]byte{thin(0, 5), wide(5, 500), thin(500, 505)}, nil),
			"only the mark": bytes.Join([][]byte{mark, thin(0, 50)}, nil),
		} {
			out, err := io.ReadAll(session(t).Stream("x", bytes.NewReader(text)))
			if err != nil {
				t.Errorf("%s, %s: %v", e, name, err)
			}
			if left := bytes.ReplaceAll(out, []byte{0}, nil); bytes.Contains(left, []byte("mossQx9")) || bytes.Count(left, []byte("\r\n")) != bytes.Count(bytes.ReplaceAll(text, []byte{0}, nil), []byte("\r\n")) {
				t.Errorf("%s, %s: %q", e, name, out)
			}
		}
		// Too late to read the text anew, it is not given out.
		out, err := io.ReadAll(session(t).Stream("x", bytes.NewReader(bytes.Join([][]byte{mark, wide(0, 5000), thin(5000, 5010)}, nil))))
		if !errors.Is(err, ErrUnreadable) || bytes.Contains(out, []byte("mossQx9")) {
			t.Errorf("%s, late: %v", e, err)
		}
	}
	asia := strings.Repeat("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光果珍李柰菜重芥姜\n", 2000)
	if out := redactAll(t, session(t), "x", utf16LE.encode([]byte("\xff\xfe"), []byte(asia))); len(out) != len(utf16LE.encode([]byte("\xff\xfe"), []byte(asia))) {
		t.Error("a text in Chinese was changed")
	}
}

// What is found in such a run does not hang on what the scanner read before.
func TestWideTextAfterAnother(t *testing.T) {
	text := []byte(strings.Repeat("# nothing at all is here\n", 40) + string(utf16LE.encode(nil, []byte("\nkestrel:heron moss\n"))))
	out := func(before string) string {
		sc := newScanner(keyed(t))
		sc.begin("x.log")
		sc.line([]byte(before))
		sc.begin("etc/rsyncd.secrets")
		sc.line(text)
		return string(sc.render(text))
	}
	fresh := out("")
	if used := out(`{"m":"{\"password\":\"Kestrel41mossQx9\"}"}`); used != fresh || strings.Contains(fresh, "k\x00e\x00s\x00") {
		t.Errorf("by a new scanner %q, by a used one %q", fresh, used)
	}
}

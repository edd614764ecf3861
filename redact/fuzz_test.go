package redact

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func seeds(f *testing.F) {
	for _, r := range builtins {
		for _, hit := range r.hits {
			f.Add([]byte(strings.NewReplacer("«", "", "»", "", "‹", "", "›", "", "¶", "\n").Replace(hit)))
		}
		for _, miss := range r.misses {
			f.Add([]byte(strings.ReplaceAll(miss, "¶", "\n")))
		}
	}
	f.Add([]byte("password=\"\\\"\\\\\"\n\x1b[1mtoken\x1b[0m: \x1b[35mx1y2z3w4v5\x1b[0m"))
	f.Add([]byte("\xff\xfep\x00a\x00s\x00s\x00=\x00x\x001\x00y\x002\x00z\x003\x00"))
}

// scanned redacts a text without the net that turns a fault of the scanner
// into an error.
func scanned(t *testing.T, text []byte) []byte {
	sc := newScanner(session(t))
	sc.begin("")
	var r resolver
	sc.scan(text)
	r.start(sc)
	r.resolve(sc)
	sc.settle()
	sc.learn()
	sc.seek(period{0, sc.s.dict.mark()})
	pos := 0
	for _, sp := range sc.spans {
		if sp.start < pos || sp.end <= sp.start || sp.end > len(text) {
			t.Fatalf("span %d:%d after %d in %q", sp.start, sp.end, pos, text)
		}
		pos = sp.end
	}
	return sc.render(text)
}

func FuzzScan(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		out := scanned(t, text)
		if bytes.Count(out, []byte{'\n'}) != bytes.Count(text, []byte{'\n'}) {
			t.Fatalf("lines were lost: %q became %q", text, out)
		}
	})
}

// Redacting again changes nothing, whatever the values are that stand where
// rules find them.
func FuzzAgain(f *testing.F) {
	var hits []string
	for _, r := range builtins {
		hits = append(hits, r.hits...)
	}
	for n := range hits {
		f.Add(uint16(n), "Xq7Tz9Lm4Kp2", "")
	}
	f.Fuzz(func(t *testing.T, n uint16, value, after string) {
		for _, c := range value {
			if c < 0x21 || c > 0x7e || strings.ContainsRune("\"'`\\<>&{}()[]", c) {
				return
			}
		}
		for _, c := range after {
			if c < 0x20 || c > 0x7e {
				return
			}
		}
		hit := hits[int(n)%len(hits)]
		var text strings.Builder
		for {
			a, b, found := strings.Cut(hit, "«")
			text.WriteString(strings.NewReplacer("‹", "", "›", "", "¶", "\n").Replace(a))
			if !found {
				break
			}
			text.WriteString(value)
			_, hit, _ = strings.Cut(b, "»")
		}
		text.WriteString("\n" + after)
		once, err := readAll(session(t).Stream("x", strings.NewReader(text.String())))
		if err != nil {
			return
		}
		twice, err := readAll(session(t).Stream("x", bytes.NewReader(once)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once, twice) {
			t.Fatalf("%q\nonce  %q\ntwice %q", text.String(), once, twice)
		}
	})
}

func readAll(st *Stream) ([]byte, error) {
	var b bytes.Buffer
	_, err := st.WriteTo(&b)
	return b.Bytes(), err
}

func FuzzReads(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		read := func(r interface{ Read([]byte) (int, error) }) (string, bool) {
			s, err := NewSession(Options{CaseKey: bytes.Repeat([]byte{7}, 32), Rand: &zeros{}})
			if err != nil {
				t.Fatal(err)
			}
			out, err := readAll(s.Stream("x", r))
			return string(out), err == nil
		}
		whole, ok := read(bytes.NewReader(text))
		parts, ok2 := read(&pieces{text, rand.New(rand.NewPCG(1, 2)), 3})
		if whole != parts || ok != ok2 {
			t.Fatalf("%q\nwhole    %q\nin parts %q", text, whole, parts)
		}
	})
}

// A secret under a plain key is gone whatever surrounds it.
func FuzzPlanted(f *testing.F) {
	f.Add("2026-01-02 INFO ", " next=1")
	f.Add("{\"a\":\"", "\"}")
	f.Add("user \"x\" ", "\x00")
	f.Add("<a b='", "'>")
	f.Add("-----BEGIN RSA PRIVATE KEY-----", "")
	f.Add("Cookie: a=b; ", "; c")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "Xq7Tz9Lm4Kp2"
		text := before + "\npassword=" + secret + "\n" + after
		if strings.Contains(before, secret) || strings.Contains(after, secret) {
			return
		}
		out, err := readAll(session(t).Stream("x", strings.NewReader(text)))
		noFault(t, err)
		if bytes.Contains(out, []byte(secret)) {
			t.Fatalf("%q became %q", text, out)
		}
	})
}

// noFault tells a text that is refused, for what it is, from one that the
// scanner could not bear.
func noFault(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "fault of the scanner") {
		t.Fatal(err)
	}
}

// Nor does one survive where a block ends, in it or beside it, in lines or in
// a line without end; and what came out is not changed a second time.
func FuzzBorder(f *testing.F) {
	f.Add("user \"x\" ", " next=1", uint16(30), false)
	f.Add("{\"a\":\"", "\"}", uint16(9), false)
	f.Add("", "", uint16(1040), true)
	f.Add("-----BEGIN RSA PRIVATE KEY-----\n", "\n-----END RSA PRIVATE KEY-----\n", uint16(20), false)
	f.Add("a: |\n  ", "", uint16(1024+20), true)
	const size = 16 << 10 // of a block, so that a round is quick
	var lines, words bytes.Buffer
	for n := 0; lines.Len() < size; n++ {
		fmt.Fprintf(&lines, "2026-01-02 03:04:05 INFO request %d done\n", n)
		fmt.Fprintf(&words, "request %d is done, ", n*7919)
	}
	f.Fuzz(func(t *testing.T, before, after string, back uint16, long bool) {
		const secret = "Xq7Tz9Lm4Kp2"
		if strings.Contains(before+after, secret) || len(before)+len(after) > 2000 {
			return
		}
		filler, plant := lines.Bytes(), before+"\npassword="+secret+"\n"+after
		if long {
			one := strings.NewReplacer("\n", " ", "\"", "_", "'", "_", "`", "_")
			filler, plant = words.Bytes(), one.Replace(before)+" password="+secret+" "+one.Replace(after)
		}
		text := append(bytes.Clone(filler[:size-min(int(back), size)]), plant...)
		text = append(text, filler[:2000]...)
		read := func(r io.Reader) ([]byte, error) {
			st := keyed(t).Stream("x", r)
			st.size = size
			return readAll(st)
		}
		out, err := read(bytes.NewReader(text))
		noFault(t, err)
		if bytes.Contains(out, []byte(secret)) {
			t.Fatalf("%q, %q, %d, %v: it stands", before, after, back, long)
		}
		parts, err2 := read(&pieces{text, rand.New(rand.NewPCG(1, 2)), 9000})
		if (err == nil) != (err2 == nil) || !bytes.Equal(parts, out) {
			t.Fatalf("%q, %q, %d, %v: %d bytes, in parts %d", before, after, back, long, len(out), len(parts))
		}
	})
}

// A text in UTF-16 or UTF-32 is redacted as the same text in UTF-8 is, and
// bytes that are no such text are refused or kept.
func FuzzEncodings(f *testing.F) {
	for e := utf16LE; e <= utf32BE; e++ {
		f.Add([]byte("a p\u00e4ss: \u00fc\r\npassword=Xq7Tz9Lm4Kp2\r\nuser \"jsmith\" failed \U0001f600"), uint8(e))
		f.Add([]byte("\xed\xa0\x80 half \xff"), uint8(e))
	}
	f.Add([]byte("p\x00a\x00s\x00s\x00=\x00X\x00q\x007\x00T\x00z\x009\x00"), uint8(utf8Enc))
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		e := encoding(kind % 5)
		// Bytes as they are.
		for _, mark := range []string{"", "\xff\xfe", "\xfe\xff", "\xff\xfe\x00\x00", "\x00\x00\xfe\xff"} {
			raw := append([]byte(mark), text...)
			out, err := readAll(keyed(t).Stream("x", bytes.NewReader(raw)))
			noFault(t, err)
			parts, err2 := readAll(keyed(t).Stream("x", &pieces{raw, rand.New(rand.NewPCG(1, 2)), 3}))
			if !bytes.Equal(out, parts) || (err == nil) != (err2 == nil) {
				t.Fatalf("%q\nwhole    %q %v\nin parts %q %v", raw, out, err, parts, err2)
			}
		}
		if e == utf8Enc || !utf8.Valid(text) {
			return
		}
		text = append([]byte("\ufeff"), text...)
		thin, err := readAll(keyed(t).Stream("x", bytes.NewReader(text)))
		if err != nil {
			return
		}
		raw := e.encode(nil, text)
		wide, err := readAll(keyed(t).Stream("x", bytes.NewReader(raw)))
		if err != nil || e.unit() == 2 && new(narrow).in(raw, true) {
			return // it would have been both
		}
		if bytes.IndexByte(text, 0) < 0 && !bytes.Equal(wide, e.encode(nil, thin)) {
			back, _ := e.decode(nil, wide)
			t.Fatalf("%s: %q\nbecame %q\nnot    %q", e, text, back, thin)
		}
	})
}

// Texts that once were too much for the scanner, as files are when a machine
// dies or two programs write to one.
func TestOnceTooMuch(t *testing.T) {
	for _, text := range []string{
		"kind: Secret\ndata:\n   a line without a key\n   b2s=\n",
		"apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  password: SGVyb240MW1vc3NReDk=\n    SGVyb240MW1vc3NReDk=\n",
	} {
		out := scanned(t, []byte(text))
		if bytes.Contains(out, []byte("SGVyb24")) {
			t.Errorf("%q became %q", text, out)
		}
	}
}

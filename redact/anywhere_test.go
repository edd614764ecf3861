package redact

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// What is learned is gone wherever it stands bare, whatever stands beside it.
func TestLearnedStandsAnywhere(t *testing.T) {
	long, short, shortest := "Kestrel41mossQx9", "Fj7kQ2wz", "aB3$xY"
	beside := []string{
		`{"msg":"first\n%s\nthird"}`, `"a\t%s\tb"`, `"a\r\n%s\r\n"`, `\\n%s\\n`, `\u000a%s\u000a`, `\x0a%s\x0a`,
		"\x1b[31m%s\x1b[0m", `\u001b[31m%s\u001b[0m`, `\x1b[1;31m%s\x1b[0m`, "%%20%s%%20", "a%%3D%s%%26", `a\u003d%s\u0026`,
		"x_%s_y", "“%s”", "é%sé", "日%s本", "[%s]", " %s.", "/nonexistent/%s/x", "%s", "a\x00%s\x00",
	}
	inside := []string{"abc%sdef", "0%s0", "ab%s", "%sx", "[31m%s[0m", "A%sZ_%[1]s", "xxxxx%[1]s%[1]sx"}
	for _, v := range []string{long, short, shortest} {
		shapes := beside
		if v == long {
			shapes = append(shapes, inside...)
		}
		for _, shape := range shapes {
			for pad := range 5 { // whatever place it begins in
				bare := strings.Repeat(".", pad) + fmt.Sprintf(shape, v) + "\n"
				for _, text := range []string{bare + "password=" + v + "\n", "password=" + v + "\n" + bare} {
					if out := redactAll(t, session(t), "x.log", []byte(text)); bytes.Contains(out, []byte(v)) {
						t.Errorf("%q became %q", text, out)
					}
				}
				s := session(t)
				mark := s.Mark()
				redactAll(t, s, "x.conf", []byte("password="+v+"\n"))
				if out := redactAll(t, s, "y.log", []byte(bare)); bytes.Contains(out, []byte(v)) {
					t.Errorf("known before: %q became %q", bare, out)
				}
				if got := s.Text(bare); strings.Contains(got, v) {
					t.Errorf("text %q became %q", bare, got)
				}
				for e := utf8Enc; e <= utf32BE; e++ {
					out, _ := s.Sweep(mark, e.String(), e.encode(nil, []byte(bare)))
					if e == utf8Enc {
						out, _ = s.Sweep(mark, "utf-8", []byte(bare))
					} else if out, _ = e.decode(nil, out); strings.Contains(shape, "日") && !bytes.Contains(out, []byte("日")) {
						t.Errorf("%s: %q became %q", e, bare, out)
					}
					if bytes.Contains(out, []byte(v)) {
						t.Errorf("%s: sweep left %q", e, out)
					}
				}
			}
		}
	}
	// A short value is no part of another word.
	for _, text := range []string{"ab" + short + "\n", short + "c\n", "x1" + shortest + "9\n"} {
		s := session(t)
		redactAll(t, s, "x.conf", []byte("password="+short+"\npassword="+shortest+"\n"))
		if out := redactAll(t, s, "y.log", []byte(text)); string(out) != text {
			t.Errorf("%q became %q", text, out)
		}
	}
}

// The gate grows with what is learned and forgets nothing.
func TestManyLearned(t *testing.T) {
	s := session(t)
	var text bytes.Buffer
	for n := range 20_000 {
		fmt.Fprintf(&text, "password=Heron%dQz%d\n", n*7919, n)
	}
	redactAll(t, s, "x.conf", text.Bytes())
	for n := 0; n < 20_000; n += 371 {
		v := fmt.Sprintf("Heron%dQz%d", n*7919, n)
		if out := s.Text("x_" + v + "_y"); strings.Contains(out, v) {
			t.Fatalf("%s is left", v)
		}
	}
}

package redact

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// What a writer's escapes, the quotes of typography or another script put
// beside a value belong to no word: the value begins behind them.
func TestGlued(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	type planted struct{ name, text, secret string }
	var values []planted
	for _, kind := range []string{"card", "iban", "ssn", "email", "phone", "ipv4", "ipv6", "mac"} {
		v := plant(t, rng, kind)
		values = append(values, planted{kind, v, v})
	}
	for _, r := range tokenRules {
		if r.check != nil { // the form alone does not say it
			continue
		}
		text, marked := expand(rng, r.forms[0])
		if marked == nil {
			marked = [][2]int{{0, len(text)}}
		}
		if is(text[0], chWord) {
			values = append(values, planted{r.id, text, text[marked[0][0]:marked[0][1]]})
		}
	}
	seen := 0
	for _, glue := range []string{`{"log":"x\n%V\n"}`, `\t%V\r\n`, "next=%%3D%V%%26", `{"a":"\u0022%V\u0022"}`, `b'\x22%V\x22'`, "a “%V” b", "码%V码"} {
		for _, v := range values {
			seen++
			text := "first line\n" + strings.NewReplacer("%%", "%", "%V", v.text).Replace(glue) + "\nlast line\n"
			if got := redactAll(t, session(t), "x.log", []byte(text)); bytes.Contains(got, []byte(v.secret)) {
				t.Errorf("%s: %q stands in\n%s", v.name, v.secret, got)
			}
		}
	}
	if seen < 7*150 {
		t.Errorf("only %d values", seen)
	}
}

// What stands beside a value stays, whatever script or format it is of.
func TestBorders(t *testing.T) {
	for _, line := range []string{
		"from “«bob@mail.example.net»”, «jörg@example.org» and 「«bob@mail.example.net»」…",
		"x &lt;«bob&#64;example.org»&gt; y «bob%2540example.org» z",
		".example.org\tTRUE\t/\tFALSE\t1799999999\tsid\t«39f709a965fb7e5fdd2d14»",
		"#HttpOnly_.example.org\tTRUE\t/\tTRUE\t0\tsid\t«39f709a965fb7e5fdd2d14»",
		"host\tTRUE\t/\tFALSE\tlater\tsid\t39f709a965fb7e5fdd2d14",
		".ASPXAUTH=«mUFvOmnaCTxtY0MdCdZBRYeoCukQLuIg»",
		"connect «scott»/«dragon#1530»@//db:1521/x",
		"see path/to/file@//x and user@//host",
	} {
		checkLine(t, line)
	}
}

package redact

import (
	"bytes"
	"encoding/json"
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

// A value in a string within strings goes, and what quotes it stays: the text
// is JSON as before.
func TestStringsStayStrings(t *testing.T) {
	for _, text := range []string{
		`{"a":"::set-output name=password::Xq7-plum-Zz91"}`,
		`{"a":"{\"b\":\"::set-output name=password::Xq7-plum-Zz91\"}"}`,
		`{"a":"{\"b\":\"{\\\"c\\\":\\\"::set-output name=password::Xq7-plum-Zz91\\\"}\"}"}`,
		`{"msg":"password: |\u000a  Xq7-plum-Zz91"}`,
		`{"log":"a\u000apassword: |\u000a  Xq7-plum-Zz91\n","stream":"stdout"}`,
		`{"password":"\"Xq7-plum-Zz91\"","cookies":"\"Xq7-plum-Zz91\"","x":"Xq7-plum-Zz91"}`,
		`{"log":"{\"password\":[\"Xq7-plum-Zz91\",553314298]}\n","stream":"stdout"}`,
		`{"cookies":".example.org\tTRUE\t/\tFALSE\t0\tsid\tXq7-plum-Zz91","b":1}`,
	} {
		got := redactAll(t, session(t), "x.json", []byte(text+"\n"))
		if bytes.Contains(got, []byte("Xq7-plum")) {
			t.Errorf("%s\nkeeps it: %s", text, got)
		}
		for v := any(string(got)); ; {
			s, ok := v.(string)
			if !ok || len(s) == 0 || s[0] != '{' {
				break
			}
			var m map[string]any
			if err := json.Unmarshal([]byte(s), &m); err != nil {
				t.Errorf("%s\nbecame %s: %v in %s", text, got, err, s)
				break
			}
			for _, v = range m {
				if inner, ok := v.(string); ok && len(inner) > 0 && inner[0] == '{' {
					break
				}
			}
		}
	}
}

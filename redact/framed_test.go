package redact

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// frames put something before each line of a text, as what carries output does.
var frames = map[string]func(line string) string{
	"kubectl": func(s string) string { return "2026-03-03T10:11:12.123456789Z " + s },
	"zone":    func(s string) string { return "2026-03-03T10:11:12.123456789+01:00 stderr F " + s },
	"CRI":     func(s string) string { return "2026-03-03T10:11:12.123456789Z stdout F " + s },
	"Compose": func(s string) string { return "web_1  | " + s },
	"Docker": func(s string) string {
		b, _ := json.Marshal(s + "\n")
		return `{"log":` + string(b) + `,"stream":"stdout","time":"2026-03-03T10:11:12Z"}`
	},
	"numbers": func(s string) string { return "   42: " + s },
	"cat -n":  func(s string) string { return "     7\t" + s },
	"syslog":  func(s string) string { return "Mar  3 10:11:12 web1 app[123]: " + s },
	"square":  func(s string) string { return "[2026-03-03 10:11:12] " + s },
	"logger":  func(s string) string { return "2026-03-03 10:11:12,345 INFO  [main] c.e.App - " + s },
	"comment": func(s string) string { return "# " + s },
	"strings": func(s string) string { b, _ := json.Marshal(s); return "  " + string(b) + "," },
}

// A value that stands below its name is found whatever carries the lines.
func TestFramed(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for name, frame := range frames {
		for _, way := range []string{
			"  - name: %K\n    value: %V", "  - name: %K\n    value: \"%V\"", "%K: |\n  %V\nnext: 1", "%K: >-\n  %V\nnext: 1", "%K:\n  %V", "<property>\n  <name>%K</name>\n  <value>%V</value>\n</property>",
			"  {\n    \"name\": \"%K\",\n    \"value\": \"%V\"\n  },", "<key>%K</key>\n<string>%V</string>", "{\n  \"%K\":\n    \"%V\"\n}", "variable \"%K\" {\n  default = \"%V\"\n}", "  - ParameterKey: %K\n    ParameterValue: %V",
			"+----+------+\n| id | %K |\n+----+------+\n|  1 | %V |\n+----+------+", "    Value: \"%V\"\n    Property: app.%K", "%K = <<EOF\n%V\nEOF",
		} {
			for _, key := range []string{"password", "dbPassword"} {
				value := plant(t, rng, "password")
				lines := strings.Split(strings.NewReplacer("%K", key, "%V", value).Replace(way), "\n")
				for k := range lines {
					lines[k] = frame(lines[k])
				}
				text := frame("first line") + "\n" + strings.Join(lines, "\n") + "\n" + frame("last line") + "\n"
				got := redactAll(t, session(t), "x.log", []byte(text))
				if bytes.Contains(got, []byte(value)) {
					t.Errorf("%s: %q stands in\n%s", name, value, got)
				}
				if n := bytes.Count(got, []byte("\n")); n != strings.Count(text, "\n") {
					t.Errorf("%s: %d lines of\n%s", name, n, text)
				}
				if again := redactAll(t, session(t), "x.log", got); !bytes.Equal(again, got) {
					t.Errorf("%s: once more\n%s\nis\n%s", name, got, again)
				}
			}
		}
	}
}

package collect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const wholeRecipe = `recipe: 1
name: linux-base
description: Logs and state of a Linux host
since: 24h
limits: {file: 200MiB, total: 2GiB, timeout: 60s, keep: tail}
collect:
  - {id: syslog,  type: event,         files: [/var/log/syslog*, /var/log/messages*]}
  - {id: sshd,    type: event,         journal: {units: [ssh, sshd]}}
  - {id: dmesg,   type: event,         command: [dmesg, --time-format=iso], optional: true}
  - {id: sshconf, type: configuration, files: [/etc/ssh/sshd_config], priority: 90}
  - {id: host,    type: state,         facts: [os, cpu, memory, disks, network, processes]}
  - {id: health,  type: state,         http: {url: "http://127.0.0.1:8080/healthz"}}
  - id: app
    type: event
    files: [/srv/app/**]
    exclude: ["**/*.tmp"]
    since: 1w2d
    limits: {file: 1MB, keep: head, timeout: 5m, depth: 2}
    binary: keep
  - {id: boxes, type: state, containers: {engine: podman, names: [web-*], max: 3}}
  - {id: tail, type: state, command: [tail, -n, 100, /etc/motd], since: all}
redact:
  keep: [ipv4]
  rules:
    - {id: ticket, class: token, pattern: 'TCK-(?P<mask>\d{6})', match: ["TCK-123456"], pass: ["TCK-12"]}
`

func TestParseRecipe(t *testing.T) {
	r, err := ParseRecipe("x.yaml", []byte(strings.Replace(wholeRecipe, `["**/*.tmp"]`, `["/**/*.tmp"]`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]source{}
	for _, s := range r.sources {
		by[s.id] = s
	}
	if got := by["app"]; got.limits.file != 1_000_000 || got.limits.keep != keepHead || got.limits.timeout != 5*time.Minute ||
		got.limits.depth != 2 || got.limits.members != 10_000 || got.limits.total != 2<<30 || got.since != 9*24*time.Hour || !got.binary {
		t.Errorf("app: %+v", got)
	}
	if got := by["syslog"]; got.limits.file != 200<<20 || got.since != 24*time.Hour || got.kind != kindFiles {
		t.Errorf("syslog: %+v", got)
	}
	if d := cmp.Diff([]string{"tail", "-n", "100", "/etc/motd"}, by["tail"].command); d != "" || by["tail"].since != 0 {
		t.Errorf("tail: %s %v", d, by["tail"].since)
	}
	if len(r.keep) != 1 || len(r.rules) != 1 || r.rules[0].Pattern != `TCK-(?P<mask>\d{6})` {
		t.Errorf("redact: %+v %+v", r.keep, r.rules)
	}
	if by["boxes"].containers.max != 3 || by["boxes"].containers.engine != "podman" || !by["dmesg"].optional || by["sshconf"].priority != 90 {
		t.Error("a field was lost")
	}
}

// Every fault, and its place, in one go.
func TestRecipeFaults(t *testing.T) {
	tests := []struct{ name, recipe, want string }{
		{"empty", "", "1:1: the file is empty"},
		{"only a comment", "# hello\n", "1:1: the file is empty"},
		{"not UTF-8", "recipe: 1\nname: \xff\n", "2:7: not UTF-8: byte 0xff"},
		{"not YAML", "recipe: 1\nname: [a\n", "2:1: not YAML: did not find expected ',' or ']'"},
		{"a list", "- a\n", "1:1: a recipe is written as keys and values, not as a list"},
		{"two documents", "recipe: 1\n---\nrecipe: 1\n", "2:1: a second document: a file is one"},
		{"newer", "recipe: 2\nwhat: ever\n", "1:9: recipe version 2 is newer than this tool understands (1): use a newer diagcollect"},
		{"missing", "name: x\n", "1:1: recipe is missing|1:1: collect is missing"},
		{"alias", "recipe: 1\nname: &a x\ndescription: *a\ncollect: []\n", "2:7: anchors (&a) have no place here|3:14: aliases (*a) have no place here"},
		{"tag", "recipe: 1\nname: !!binary aGk=\n", "2:7: tags (!!binary) have no place here"},
		{"twice", "recipe: 1\nname: x\nname: y\ncollect: [{id: a, type: event, facts: [os]}]\n", `3:1: "name" stands here twice`},
		{"empty list", "recipe: 1\nname: x\ncollect: []\n", "3:10: collect is a list of sources and needs at least one"},
		{"several", `recipe: 1
name: Has Spaces
limit: {file: 1MiB}
limits: {file: lots, timeout: 5, keep: middle, depth: 99}
collect:
  - {id: UPPER, type: event, facts: [os]}
  - {id: a, type: evnt, facts: [os]}
  - {id: a, type: event, facts: [ram]}
  - {id: b, type: event}
  - {id: c, type: event, facts: [os], command: [ls]}
  - {id: d, type: event, command: "ls -l"}
  - {id: e, type: event, command: [../x]}
  - {id: f, type: event, files: [var/log, "~/x", "/a/[", "/a/{b,c/d}", /a//b]}
  - {id: g, type: event, http: {url: "ftp://x/"}}
  - {id: h, type: event, http: {url: "http://me:pw@x/"}}
  - {id: i, type: event, journal: {units: ["--file=x"]}}
  - {id: j, type: event, facts: [os], optional: 1}
  - {id: k, type: event, facts: [os], limits: {total: 1GiB}}
  - {id: l, type: event, facts: [os], exclude: [/x]}
  - {type: event, comand: [ls]}
  - [x]
redact: {keep: [email, password, ipv9]}
`, `2:7: name "Has Spaces": write lower-case letters, digits and -, at most 64|` +
			`3:1: unknown key "limit" in a recipe; did you mean "limits"?|` +
			`4:16: "lots" is not a size such as 200MiB or 2GB|` +
			`4:31: "5" is not a duration such as 90s, 24h, 2d or 1w|` +
			`4:40: "middle" is not a keep (tail, head)|` +
			`4:55: "99": a whole number from 1 to 16 is wanted here|` +
			`6:10: id "UPPER": write lower-case letters, digits and -, at most 64|` +
			`7:19: "evnt" is not a type; did you mean "event"? (alert, configuration, event, metadata, performance, state)|` +
			`8:5: the id "a" is taken by the source in line 7|` +
			`8:34: "ram" is not a fact (os, cpu, memory, disks, network, processes)|` +
			`9:5: nothing to collect: one of files, command, journal, http, facts, containers is missing|` +
			`10:48: a source collects one thing: facts or command, not both|` +
			`11:35: a command is a list, [program, argument, ...], not a shell line|` +
			`12:36: "../x": write a bare name or an absolute path|` +
			`13:34: "var/log": a path must be absolute|` +
			`13:43: "~/x": ~ is not expanded; write the absolute path, such as /home/*/...|` +
			`13:50: "/a/[": the wildcards do not fit together|` +
			`13:58: "/a/{b,c/d}": a / inside of {} is not understood; write two paths|` +
			`13:72: "/a//b": write it without //, /./ and /../|` +
			`14:38: the url must begin with http:// or https://|` +
			`15:38: the url holds credentials: a recipe is no place for a secret|` +
			`16:44: "--file=x" is not the name of a unit|` +
			`17:49: true or false is wanted here|` +
			`18:55: total is a limit of the whole recipe, not of a source|` +
			`19:5: exclude goes with files|` +
			`20:5: id is missing|` +
			`20:5: nothing to collect: one of files, command, journal, http, facts, containers is missing|` +
			`20:19: unknown key "comand" in a source; did you mean "command"?|` +
			`21:5: a source is written as keys and values, not as a list|` +
			`22:17: email can never be kept|` +
			`22:24: password can never be kept|` +
			`22:34: "ipv9" is not a class; did you mean "ipv4"? (password, token, private-key, cookie, card, iban, ssn, email, username, ipv4, ipv6, mac, hostname, phone)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseRecipe("x.yaml", []byte(tt.recipe))
			var re *RecipeError
			if !errors.As(err, &re) {
				t.Fatalf("error %v", err)
			}
			var got []string
			for _, f := range re.Faults {
				got = append(got, fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Message))
			}
			if d := cmp.Diff(strings.Split(tt.want, "|"), got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRecipeRuleFaults(t *testing.T) {
	for name, rule := range map[string]string{
		"matches nothing": `{id: r, class: token, pattern: "x*", match: ["x"], pass: ["y"]}`,
		"does not match":  `{id: r, class: token, pattern: "x+", match: ["y"], pass: ["z"]}`,
		"does not pass":   `{id: r, class: token, pattern: "x+", match: ["x"], pass: ["xx"]}`,
		"no expression":   `{id: r, class: token, pattern: "(", match: ["x"], pass: ["y"]}`,
		"no match":        `{id: r, class: token, pattern: "x+", match: [], pass: ["y"]}`,
		"no pass":         `{id: r, class: token, pattern: "x+", match: ["x"]}`,
		"two of one id":   `{id: r, class: token, pattern: "x+", match: ["x"], pass: ["y"]}, {id: r, class: token, pattern: "z+", match: ["z"], pass: ["y"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRecipe("x.yaml", []byte("recipe: 1\nname: x\ncollect: [{id: a, type: event, facts: [os]}]\nredact:\n  rules: ["+rule+"]\n"))
			var re *RecipeError
			if !errors.As(err, &re) || len(re.Faults) != 1 || re.Faults[0].Line != 5 {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestRecipeTooLarge(t *testing.T) {
	_, err := ParseRecipe("x.yaml", []byte(strings.Repeat("#", maxRecipe+1)))
	if err == nil || !strings.Contains(err.Error(), "at most 1 MiB") {
		t.Fatal(err)
	}
	deep := "recipe: 1\nname: " + strings.Repeat("[", 200_000)
	if _, err := ParseRecipe("x.yaml", []byte(deep)); err == nil {
		t.Fatal("200,000 brackets taken")
	}
}

func TestDurationsAndSizes(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "24h": 24 * time.Hour, "2d": 48 * time.Hour, "1w": 168 * time.Hour,
		"1w1d1h": 193 * time.Hour, "1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "100ms": 100 * time.Millisecond,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "5", "d", "-5s", "1y", "1d2w", "999999w", "1 d", "99999999999999999999s"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("%q taken as %v", in, got)
		}
	}
	for in, want := range map[string]int64{"0": 0, "17": 17, "200MiB": 200 << 20, "2GiB": 2 << 30, "1MB": 1_000_000, "3 KiB": 3 << 10, "5B": 5} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "-1", "MiB", "1Mib", "1.5GiB", "999999999999TiB", "1 PiB"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("%q taken as %v", in, got)
		}
	}
	for in, want := range map[int64]string{0: "0 bytes", 1023: "1023 bytes", 200 << 20: "200 MiB", 3 << 29: "1.5 GiB", 1<<20 - 1: "1 MiB"} {
		if got := sizeText(in); got != want {
			t.Errorf("%d: %q", in, got)
		}
	}
}

func TestExamplesParse(t *testing.T) {
	for _, file := range exampleFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ParseRecipe(filepath.Base(file), data)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if want := strings.TrimSuffix(filepath.Base(file), ".yaml"); r.Name != want {
			t.Errorf("%s is called %s", file, r.Name)
		}
	}
}

func exampleFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 8 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	return files
}

func FuzzParseRecipe(f *testing.F) {
	f.Add([]byte(wholeRecipe))
	f.Add([]byte("recipe: 1\nname: x\ncollect: [{id: a, type: event, files: [/a/**/b{c,d}]}]\n"))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Add([]byte("recipe: 0x1\nname: ~\ncollect: {<<: {}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseRecipe("x", data)
		var re *RecipeError
		switch {
		case err == nil:
			if r.Name == "" || len(r.sources) == 0 || len(r.SHA256) != 64 {
				t.Fatalf("taken with nothing in it: %q", data)
			}
			for _, s := range r.sources {
				if s.kind == "" || !idForm.MatchString(s.id) || s.limits.timeout <= 0 || s.limits.file <= 0 {
					t.Fatalf("%+v", s)
				}
			}
		case !errors.As(err, &re) || len(re.Faults) == 0 || len(re.Faults) > maxFaults:
			t.Fatalf("%v", err)
		default:
			for _, f := range re.Faults {
				if f.Line < 1 || f.Column < 1 || f.Message == "" {
					t.Fatalf("%+v", f)
				}
			}
		}
	})
}

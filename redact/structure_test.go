package redact

import (
	"bytes"
	table "encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"gopkg.in/yaml.v3"
)

// Documents of JSON, YAML, TOML, XML and CSV are made at random, with secrets
// and identities of all classes in them. What parsed before parses after, with
// the same keys and lists of the same lengths; nothing that was planted is
// left; the sizes of reads do not matter, and redacting again changes nothing.

// grower makes documents.
type grower struct {
	t       *testing.T
	rng     *rand.Rand
	planted []string
}

func (g *grower) pick(words ...string) string { return words[g.rng.IntN(len(words))] }

// secret makes a value of a kind that carriers know, and remembers it.
func (g *grower) secret(what string) string {
	v := plant(g.t, g.rng, what)
	if kind, _, _ := strings.Cut(what, ":"); kind != "hash" { // the name of a scheme may stay
		g.planted = append(g.planted, v)
	}
	return v
}

var (
	plainKeys  = []string{"name", "level", "message", "port", "retries", "region", "enabled", "count", "path", "mode", "version", "labels", "spec", "meta"}
	secretKeys = []string{"password", "db_password", "adminPassword", "passphrase", "api_token", "secret", "clientSecret", "apiKey", "access_token", "DB_PASSWD", "private_token", "contraseña", "пароль", "mot_de_passe"}
	pluralKeys = []string{"passwords", "tokens", "secrets", "api_keys"}
)

// under makes the value of a sensitive key.
func (g *grower) under() string {
	return g.secret(g.pick("password", "password", "token:<A32>", "token:<L40>", "token:<h64>", "password!"))
}

// anywhere makes a value that is known by its own form.
func (g *grower) anywhere() string {
	return g.secret(g.pick("email", "ipv4", "mac", "card", "iban", "token:ghp_<A36>", "token:glpat-<A20>", "jwt"))
}

func (g *grower) word() string {
	return g.pick("info", "plain", "eu-west-1", "running", "true story", "2026-02-03T10:11:12Z", "v1.2.3", "a, b: c", "it's", "", "line\nline", "tab\tand \\ \"quotes\"", "ünïcode ✓", "# no comment", "- no list", "100%", "{x}")
}

// sentence makes a text in which something is planted.
func (g *grower) sentence() string {
	switch g.rng.IntN(6) {
	case 0:
		return "login of " + g.secret("email") + " failed"
	case 1:
		return "connect postgres://app:" + g.secret("password") + "@db/x failed"
	case 2:
		return "password=" + g.secret("password") + " port=5432"
	case 3:
		return `{"password":"` + g.secret("password") + `","port":1}`
	case 4:
		return "Authorization: Bearer " + g.secret("token:<A40>")
	}
	return g.word() + " " + g.anywhere()
}

// value makes a value of some depth.
func (g *grower) value(depth int) any {
	switch n := g.rng.IntN(12); {
	case n < 2 && depth > 0:
		return g.object(depth - 1)
	case n < 4 && depth > 0:
		list := make([]any, g.rng.IntN(4))
		for k := range list {
			list[k] = g.value(0)
		}
		return list
	case n < 5:
		return g.rng.IntN(10000)
	case n < 6:
		return g.rng.IntN(2) == 0
	case n < 7:
		return g.anywhere()
	case n < 9:
		return g.sentence()
	}
	return g.word()
}

func (g *grower) object(depth int) map[string]any {
	m := map[string]any{}
	for range 1 + g.rng.IntN(5) {
		switch n := g.rng.IntN(10); {
		case n < 3:
			m[g.pick(secretKeys...)] = g.under()
		case n < 4:
			m[g.pick("password", "pin_password")] = 10000000 + g.rng.IntN(89999999)
		case n < 5 && depth > 0:
			var list []any
			for range 1 + g.rng.IntN(3) {
				list = append(list, g.secret("token:<A32>"))
			}
			m[g.pick(pluralKeys...)] = list
		case n < 6 && depth > 0:
			m[g.pick("secrets", "credentials", "tokens")] = map[string]any{"alpha": g.secret("token:<A32>"), "beta": g.secret("token:<A32>")}
		case n < 7:
			m["env"] = []any{map[string]any{"name": "DB_PASSWORD", "value": g.secret("password")}, map[string]any{"name": "LOG_LEVEL", "value": "info"}}
		default:
			m[g.pick(plainKeys...)] = g.value(depth)
		}
	}
	for k, v := range m {
		if n, ok := v.(int); ok && n >= 10000000 {
			g.planted = append(g.planted, fmt.Sprint(n))
		}
		if strings.HasPrefix(k, "line") {
			delete(m, k)
		}
	}
	return m
}

// shape is a value without its scalars.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, e := range v {
			m[k] = shape(e)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for k, e := range v {
			l[k] = shape(e)
		}
		return l
	case []map[string]any:
		l := make([]any, len(v))
		for k, e := range v {
			l[k] = shape(e)
		}
		return l
	}
	return nil
}

// format writes documents and reads their shape.
type format struct {
	name  string
	write func(g *grower) (string, error)
	read  func(text []byte) (any, error)
}

func documentFormats() []format {
	readJSON := func(text []byte) (v any, err error) {
		dec := json.NewDecoder(bytes.NewReader(text))
		if err = dec.Decode(&v); err == nil {
			if _, err2 := dec.Token(); !errors.Is(err2, io.EOF) {
				err = fmt.Errorf("more follows: %v", err2)
			}
		}
		return shape(v), err
	}
	readYAML := func(text []byte) (any, error) {
		var v any
		err := yaml.Unmarshal(text, &v)
		return shape(v), err
	}
	readTOML := func(text []byte) (any, error) {
		var v map[string]any
		_, err := toml.Decode(string(text), &v)
		return shape(v), err
	}
	return []format{
		{"compact.json", func(g *grower) (string, error) { b, err := json.Marshal(g.object(3)); return string(b), err }, readJSON},
		{"indented.json", func(g *grower) (string, error) {
			b, err := json.MarshalIndent(g.object(3), "", g.pick("  ", "    ", "\t"))
			return string(b) + "\n", err
		}, readJSON},
		{"nested.json", func(g *grower) (string, error) {
			b, err := json.Marshal(g.object(2))
			if err != nil {
				return "", err
			}
			for range 1 + g.rng.IntN(3) {
				if b, err = json.Marshal(map[string]any{"log": string(b), "stream": "stdout"}); err != nil {
					return "", err
				}
			}
			return string(b), nil
		}, readJSON},
		{"doc.yaml", func(g *grower) (string, error) { b, err := yaml.Marshal(g.object(3)); return string(b), err }, readYAML},
		{"flow.yaml", func(g *grower) (string, error) {
			var n yaml.Node
			if err := n.Encode(g.object(3)); err != nil {
				return "", err
			}
			for _, c := range n.Content {
				if c.Kind != yaml.ScalarNode && g.rng.IntN(2) == 0 {
					c.Style = yaml.FlowStyle
				}
			}
			b, err := yaml.Marshal(&n)
			return string(b), err
		}, readYAML},
		{"hand.yaml", func(g *grower) (string, error) { return g.handYAML(), nil }, readYAML},
		{"hand.toml", func(g *grower) (string, error) { return g.handTOML(), nil }, readTOML},
		{"hand.xml", func(g *grower) (string, error) { return g.handXML(), nil }, readXML},
		{"doc.toml", func(g *grower) (string, error) {
			var b bytes.Buffer
			err := toml.NewEncoder(&b).Encode(withoutNil(g.object(3)))
			return b.String(), err
		}, readTOML},
		{"doc.xml", func(g *grower) (string, error) {
			var b strings.Builder
			b.WriteString("<?xml version=\"1.0\"?>\n")
			writeXML(&b, "root", g.object(3), "", g.pick("", "  "))
			return b.String(), nil
		}, readXML},
		{"table.csv", func(g *grower) (string, error) { return writeCSV(g) }, readCSV},
	}
}

func withoutNil(m map[string]any) map[string]any {
	for k, v := range m {
		switch v := v.(type) {
		case map[string]any:
			withoutNil(v)
		case []any:
			if len(v) == 0 {
				delete(m, k)
			}
		}
	}
	return m
}

func writeXML(b *strings.Builder, name string, v any, indent, step string) {
	nl := ""
	if step != "" {
		nl = "\n"
	}
	b.WriteString(indent + "<" + name + ">")
	switch v := v.(type) {
	case map[string]any:
		b.WriteString(nl)
		for _, k := range slices.Sorted(func(yield func(string) bool) {
			for k := range v {
				if !yield(k) {
					return
				}
			}
		}) {
			writeXML(b, k, v[k], indent+step, step)
		}
		b.WriteString(indent)
	case []any:
		b.WriteString(nl)
		for _, e := range v {
			writeXML(b, "item", e, indent+step, step)
		}
		b.WriteString(indent)
	case string:
		_ = xml.EscapeText(b, []byte(v)) // to a strings.Builder, it cannot fail
	default:
		fmt.Fprint(b, v)
	}
	b.WriteString("</" + name + ">" + nl)
}

// readXML is the tags of a document in their order.
func readXML(text []byte) (any, error) {
	dec := xml.NewDecoder(bytes.NewReader(text))
	var tags []any
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return tags, nil
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			tags = append(tags, tok.Name.Local, len(tok.Attr))
		case xml.EndElement:
			tags = append(tags, "/"+tok.Name.Local)
		}
	}
}

func writeCSV(g *grower) (string, error) {
	columns := []string{"id", "name", g.pick("password", "Password", "user_password"), "email", "note", g.pick("api_token", "secret")}
	var b strings.Builder
	w := table.NewWriter(&b)
	w.UseCRLF = g.rng.IntN(2) == 0
	if err := w.Write(columns); err != nil {
		return "", err
	}
	for n := range 1 + g.rng.IntN(6) {
		row := []string{fmt.Sprint(n), g.pick("web", "db", "mail"), g.secret(g.pick("password", "password!")), g.secret("email"), g.word(), g.secret("token:<A32>")}
		if err := w.Write(row); err != nil {
			return "", err
		}
	}
	w.Flush()
	return b.String(), w.Error()
}

// readCSV is the number of cells of each row.
func readCSV(text []byte) (any, error) {
	r := table.NewReader(bytes.NewReader(text))
	rows, err := r.ReadAll()
	var lens []any
	for _, row := range rows {
		lens = append(lens, len(row))
	}
	return lens, err
}

func TestStructureStays(t *testing.T) {
	for _, f := range documentFormats() {
		t.Run(f.name, func(t *testing.T) {
			for seed := range uint64(400) {
				checkStructure(t, f, seed)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func checkStructure(t *testing.T, f format, seed uint64) {
	t.Helper()
	g := &grower{t: t, rng: rand.New(rand.NewPCG(seed, 11))}
	text, err := f.write(g)
	if err != nil {
		t.Fatal(err)
	}
	if g.rng.IntN(3) == 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	before, err := f.read([]byte(text))
	if err != nil {
		t.Fatalf("%d: made %v:\n%s", seed, err, text)
	}
	redacted := func(r io.Reader) []byte { return redactNamed(t, f.name, r) }
	once := redacted(strings.NewReader(text))
	after, err := f.read(once)
	switch {
	case err != nil:
		t.Errorf("%d: %v:\n%s\nbecame\n%s", seed, err, text, once)
	case fmt.Sprint(before) != fmt.Sprint(after):
		t.Errorf("%d: %v became %v:\n%s\nbecame\n%s", seed, before, after, text, once)
	}
	for _, v := range g.planted {
		if bytes.Contains(once, []byte(v)) {
			t.Errorf("%d: %q is left in\n%s", seed, v, firstWith(once, v))
		}
	}
	if again := redacted(bytes.NewReader(once)); !bytes.Equal(once, again) {
		t.Errorf("%d: redacting again changes %s", seed, firstDiff(once, again))
	}
	for _, size := range []int{1, 13} {
		if parts := redacted(&pieces{[]byte(text), rand.New(rand.NewPCG(seed, uint64(size))), size}); !bytes.Equal(once, parts) {
			t.Errorf("%d: read in pieces: %s", seed, firstDiff(once, parts))
		}
	}
}

// handYAML writes YAML in the styles that people use and encoders do not.
func (g *grower) handYAML() string {
	var b strings.Builder
	token := func() string { return g.secret("token:<A32>") }
	fmt.Fprintf(&b, "# a comment\n---\ndb:   # the database\n")
	for n := range 2 + g.rng.IntN(6) {
		key := fmt.Sprintf("%s_%s", g.pick("db", "app", "mail", "ünit"), g.pick("password", "secret", "api_token", "passphrase"))
		fmt.Fprintf(&b, "  k%d:\n    ", n)
		switch g.rng.IntN(11) {
		case 0:
			fmt.Fprintf(&b, "%s: |%s\n      %s\n", key, g.pick("", "-", "+"), token())
		case 1:
			fmt.Fprintf(&b, "%s: >%s\n      %s\n      %s\n", key, g.pick("", "-", "+"), token(), token())
		case 2:
			fmt.Fprintf(&b, "%s:\n      %s\n", key, token())
		case 3:
			fmt.Fprintf(&b, "%s: \"%s\n      %s\"\n", key, token(), token())
		case 4:
			fmt.Fprintf(&b, "%s: '%s\n\n      %s'\n", key, token(), token())
		case 5:
			fmt.Fprintf(&b, "%s: %s # set by hand\n", key, token())
		case 6:
			fmt.Fprintf(&b, "%ss:\n    - %s\n    - \"%s\"\n    - |\n      %s\n", key, token(), token(), token())
		case 7:
			fmt.Fprintf(&b, "%ss: [%s, \"%s\",\n      '%s']\n", key, token(), token(), token())
		case 8:
			fmt.Fprintf(&b, "%ss: {alpha: %s, beta: \"%s\"}\n", key, token(), token())
		case 9:
			fmt.Fprintf(&b, "env:\n      - name: %s\n        value: %s\n      - {name: LEVEL, value: info}\n", strings.ToUpper(strings.ReplaceAll(key, "ünit", "unit")), token())
		case 10:
			fmt.Fprintf(&b, "%s: !!str &a%d %s\n    other%d: *a%d\n", key, n, token(), n, n)
		}
		fmt.Fprintf(&b, "    port: %d\n    note: %q\n", g.rng.IntN(9999), g.word())
	}
	return b.String()
}

// handTOML writes TOML likewise.
func (g *grower) handTOML() string {
	var b strings.Builder
	token := func() string { return g.secret("token:<A32>") }
	for n := range 2 + g.rng.IntN(6) {
		key := g.pick("password", "secret", "api_token", "passphrase")
		fmt.Fprintf(&b, "# a comment\n[t%d.%s]\n", n, g.pick("db", "app", "secrets"))
		switch g.rng.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "%s = \"\"\"\n%s\"\"\"\n", key, token())
		case 1:
			fmt.Fprintf(&b, "%s = '''\n%s\n'''\n", key, token())
		case 2:
			fmt.Fprintf(&b, "%s = \"\"\"%s \\\n   %s \\\n   \"\"\"\n", key, token(), token())
		case 3:
			fmt.Fprintf(&b, "%ss = [\n  \"%s\", # first\n  '%s',\n]\n", key, token(), token())
		case 4:
			fmt.Fprintf(&b, "%s = { value = \"%s\", ttl = 60 }\n", key, token())
		case 5:
			fmt.Fprintf(&b, "%s = '%s' # by hand\n", key, token())
		case 6:
			fmt.Fprintf(&b, "\"%s\" = \"%s\"\n", key, token())
		case 7:
			fmt.Fprintf(&b, "db.%s = \"%s\"\n", key, token())
		}
		fmt.Fprintf(&b, "port = %d\n\n", g.rng.IntN(9999))
	}
	return b.String()
}

// handXML writes attributes, CDATA, comments and namespaces.
func (g *grower) handXML() string {
	var b strings.Builder
	token := func() string { return g.secret("token:<A32>") }
	b.WriteString("<?xml version=\"1.0\"?>\n<!-- a comment -->\n<c:root xmlns:c=\"urn:x\">\n")
	for range 2 + g.rng.IntN(6) {
		key := g.pick("password", "secret", "apiToken", "Passphrase")
		switch g.rng.IntN(9) {
		case 0:
			fmt.Fprintf(&b, "  <c:%s>%s</c:%s>\n", key, token(), key)
		case 1:
			fmt.Fprintf(&b, "  <%s>\n    %s\n  </%s>\n", key, token(), key)
		case 2:
			fmt.Fprintf(&b, "  <%s><![CDATA[%s]]></%s>\n", key, token(), key)
		case 3:
			fmt.Fprintf(&b, "  <db user=\"x\" %s=\"%s\" port='1'/>\n", key, token())
		case 4:
			fmt.Fprintf(&b, "  <add key=\"%s\"\n       value=\"%s\" />\n", key, token())
		case 5:
			fmt.Fprintf(&b, "  <add value=\"%s\" key=\"%s\"/>\n", token(), key)
		case 6:
			fmt.Fprintf(&b, "  <%ss><item>%s</item><item>%s</item></%ss>\n", key, token(), token(), key)
		case 7:
			fmt.Fprintf(&b, "  <property name=\"%s\">%s</property>\n", key, token())
		case 8:
			fmt.Fprintf(&b, "  <%s\n    type=\"text\">%s</%s>\n", key, token(), key)
		}
		fmt.Fprintf(&b, "  <port>%d</port>\n", g.rng.IntN(9999))
	}
	b.WriteString("</c:root>\n")
	return b.String()
}

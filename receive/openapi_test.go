package receive

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The registered routes and openapi.yaml say the same, and each reference in
// the file leads somewhere.
func TestRoutesAndContractAgree(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var written, open []string
	for path, operations := range doc.Paths {
		for method, node := range operations {
			if method == "parameters" {
				continue
			}
			name := strings.ToUpper(method) + " " + path
			written = append(written, name)
			var op struct {
				Summary   string
				Security  *[]any
				Responses map[string]any
			}
			if err := node.Decode(&op); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if op.Summary == "" || op.Responses["default"] == nil || len(op.Responses) < 2 {
				t.Errorf("%s: summary, success and default belong to each operation", name)
			}
			if op.Security != nil {
				open = append(open, name)
			}
		}
	}
	var registered, anybody []string
	for _, r := range new(Server).routeTable() {
		name := r.method + " " + strings.ReplaceAll(r.path, "...}", "}")
		registered = append(registered, name)
		if len(r.roles) == 0 {
			anybody = append(anybody, name)
		}
	}
	for _, l := range [][]string{written, registered, open, anybody} {
		slices.Sort(l)
	}
	if len(registered) == 0 || !slices.Equal(written, registered) {
		t.Errorf("the file has\n%s\nthe server\n%s", strings.Join(written, "\n"), strings.Join(registered, "\n"))
	}
	if !slices.Equal(open, anybody) {
		t.Errorf("without a certificate: the file has %v, the server %v", open, anybody)
	}

	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"#/([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		var at any = tree
		for part := range strings.SplitSeq(m[1], "/") {
			node, _ := at.(map[string]any)
			if at = node[part]; at == nil {
				t.Errorf("#/%s leads nowhere", m[1])
				break
			}
		}
	}
}

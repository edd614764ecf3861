package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsPointOneWay holds the layers of the house: who may import whom.
func TestImportsPointOneWay(t *testing.T) {
	const module = "github.com/diagcollect/diagcollect"
	allowed := map[string][]string{
		"":         {"cli"},
		"cli":      {"collect", "manifest", "receive", "redact", "trust", "upload"},
		"receive":  {"manifest", "redact", "trust", "upload"},
		"upload":   {"manifest", "trust"},
		"collect":  {"manifest", "redact", "trust"},
		"manifest": {"trust"},
		"redact":   {},
		"trust":    {},
	}
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room, wing := layer(pkg.ImportPath, module)
		may, ok := allowed[room]
		if !ok {
			t.Errorf("package %s has no place in the house", pkg.ImportPath)
			continue
		}
		seen++
		for _, i := range pkg.Imports {
			if i != module && !strings.HasPrefix(i, module+"/") {
				continue
			}
			other, _ := layer(i, module)
			// A room may use its own wings; a wing uses what its room may.
			if other == room && i != module+"/"+room || other == room && wing == "" {
				continue
			}
			if !slices.Contains(may, other) {
				t.Errorf("%s must not import %s", pkg.ImportPath, i)
			}
		}
	}
	if seen < len(allowed) {
		t.Errorf("only %d packages looked at, want at least %d", seen, len(allowed))
	}
}

// layer splits an import path into the top-level folder and what is below it.
func layer(path, module string) (room, wing string) {
	room, wing, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, module), "/"), "/")
	return room, wing
}

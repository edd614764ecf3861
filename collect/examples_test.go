package collect

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

// The examples of a rule pack and a policy have no faults.
func TestExamplesOfRules(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("..", "examples", "rules", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	k, err := ParseRulePack("acme.yaml", read("acme.yaml"))
	if err != nil || len(k.Rules) != 3 {
		t.Fatalf("%v, %v", k, err)
	}
	y, err := ParsePolicy("policy.yaml", read("policy.yaml"))
	if err != nil || len(y.Rules()) != 1 {
		t.Fatalf("%v, %v", y, err)
	}
	for _, r := range append(k.Rules, y.Rules()...) {
		if r.Slow() {
			t.Errorf("%s is slow", r.ID)
		}
	}
}

// Each example runs here, whatever is installed: what is not there is
// skipped. linux-base, which is built in, ends well as root on a stock system.
func TestExamplesRun(t *testing.T) {
	for _, file := range exampleFiles(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := ParseRecipe(name, data)
			if err != nil {
				t.Fatal(err)
			}
			j := jobOf(t, TrustedRecipe{Recipe: r, Trust: "built-in"})
			steps, err := Plan(t.Context(), j)
			if err != nil || len(steps) != len(r.sources) {
				t.Fatalf("%d steps, %v", len(steps), err)
			}
			start := time.Now()
			b := runJob(t, j)
			t.Logf("%v, %d entries", time.Since(start), len(b.text))
			for _, o := range b.Head().Outcomes {
				good := o.Outcome == manifest.OK || o.Outcome == manifest.Empty || o.Outcome == manifest.Skipped
				if o.Reason != "" {
					t.Logf("%-20s %-8s %s", o.Source, o.Outcome, o.Reason)
				}
				if name == "linux-base" && runtime.GOOS == "linux" && os.Geteuid() == 0 && !good {
					t.Errorf("%+v", o)
				}
			}
			if name == "linux-base" && runtime.GOOS == "linux" && len(b.text) < 10 {
				t.Errorf("%d entries", len(b.text))
			}
		})
	}
}

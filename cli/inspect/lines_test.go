package inspect

import (
	"fmt"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func same(s string) string { return s }

// lcs is the length of the longest common subsequence, by the book.
func lcs(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

func TestCompareLinesIsShortestAndRight(t *testing.T) {
	rng := mrand.New(mrand.NewPCG(5, 5))
	patch, lookErr := exec.LookPath("patch")
	for round := range 300 {
		var a, b []string
		for range rng.IntN(30) {
			a = append(a, fmt.Sprint(rng.IntN(8)))
		}
		for _, line := range a {
			switch rng.IntN(5) {
			case 0:
			case 1:
				b = append(b, fmt.Sprint(rng.IntN(8)), line)
			default:
				b = append(b, line)
			}
		}
		if round%10 == 0 {
			b = nil
		}
		edits, ok := compareLines(a, b, same)
		if !ok {
			t.Fatal("gave up")
		}
		var olds, news []string
		common := 0
		for _, e := range edits {
			if e.op != '+' {
				olds = append(olds, e.text)
			}
			if e.op != '-' {
				news = append(news, e.text)
			}
			if e.op == ' ' {
				common++
			}
		}
		if strings.Join(olds, "\n") != strings.Join(a, "\n") || strings.Join(news, "\n") != strings.Join(b, "\n") || common != lcs(a, b) {
			t.Fatalf("%q to %q: %v, %d in common, want %d", a, b, edits, common, lcs(a, b))
		}
		if lookErr != nil || round%15 != 1 || common == len(edits) || len(a) == 0 || len(b) == 0 {
			continue
		}
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "f"), []byte(strings.Join(a, "\n")+"\n"), 0o600)
		cmd := exec.Command(patch, "-s", "f")
		cmd.Dir = dir
		cmd.Stdin = strings.NewReader("--- f\n+++ f\n" + strings.Join(unified(edits, rng.IntN(4)), "\n") + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("patch: %v\n%s", err, out)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, "f")); string(got) != strings.Join(b, "\n")+"\n" {
			t.Fatalf("patched to %q, want %q", got, b)
		}
	}
}

func TestCompareLinesIsBounded(t *testing.T) {
	var a, b []string
	for i := range 20_000 {
		a, b = append(a, fmt.Sprint("a", i)), append(b, fmt.Sprint("b", i))
	}
	if _, ok := compareLines(a, b, same); ok {
		t.Error("40,000 edits were not given up")
	}
	if edits, ok := compareLines(a, append(a[:10_000:10_000], a[10_001:]...), same); !ok || len(edits) != len(a) {
		t.Errorf("one line of 20,000: %d, %v", len(edits), ok)
	}
}

package manifest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func plainSeeds() []string {
	sum := strings.Repeat("0a", 32)
	seeds := []string{
		`{"path":"data/a/b.log","source":"a","type":"event","offset":512,"size":7,"sha256":"` + sum + `","mtime":"2026-01-02T15:04:05Z"}`,
		`{"path":"data/a/é\"","source":"a","type":"event","offset":0,"size":7,"sha256":"","mtime":"2026-01-02T15:04:05+01:00"}`,
		`{"path":"a` + "\xff" + `","source":"a","type":"event","offset":0,"size":7,"sha256":"","mtime":"2026-01-02T15:04:05Z"}`,
	}
	first := strings.TrimSuffix(seeds[0], "}")
	for _, more := range []string{
		`,"redactions":{"ipv4":12,"e-mail":0},"truncated":{"cut":99,"kept":"tail"},"encoding":"utf-16le"`,
		`,"redactions":{}`, `,"redactions":{"a":1,"a":2}`, `,"redactions":{"A":1}`, `,"redactions":{"a":1,}`, `,"redactions":null`,
		`,"encoding":"utf-16le","truncated":{"cut":1,"kept":"head"}`, `,"encoding":"é"`, `,"new":1`, `,"path":"again"`, ` `,
		`,"truncated":{"cut":01,"kept":"x"}`, `,"truncated":{"cut":1e3,"kept":"x"}`, `,"truncated":{"cut":-1,"kept":"x"}`,
		`,"truncated":{"cut":123456789012345678,"kept":"x"}`, `,"truncated":{"cut":12345678901234567890,"kept":"x"}`,
	} {
		seeds = append(seeds, first+more+"}")
	}
	for _, at := range []string{"2026-01-02T15:04:05+00:00", "2026-01-02T15:04:05.0Z", "2026-01-02T15:04:05,0Z", "2026-01-02T5:04:05Z", "1969-12-31T23:59:59Z"} {
		seeds = append(seeds, strings.Replace(seeds[0], "2026-01-02T15:04:05Z", at, 1))
	}
	return append(seeds, first, seeds[0]+"x", strings.Replace(seeds[0], ":05Z", ":65Z", 1), strings.Replace(seeds[0], "512", "512.0", 1))
}

// samePlain fails when the quick way takes what the strict one refuses, or for
// something else.
func samePlain(t *testing.T, raw string) (quick bool) {
	t.Helper()
	got := Entry{Source: "a", Type: Event}
	if !plainEntry([]byte(raw), &got) {
		return false
	}
	var want Entry
	if !json.Valid([]byte(raw)) {
		t.Fatalf("%q is not JSON", raw)
	}
	if err := strictEntry([]byte(raw), &want); err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q: %+v, want %+v", raw, got, want)
	}
	return true
}

func TestPlainEntry(t *testing.T) {
	quick := 0
	for _, raw := range plainSeeds() {
		if samePlain(t, raw) {
			quick++
		}
	}
	if quick != 4 {
		t.Errorf("%d were read quickly", quick)
	}
	// What a writer writes is read so.
	for _, e := range []Entry{
		{Path: "data/a/b", Source: "a", Type: Event, ModTime: time.Unix(1e9, 0).UTC()},
		{Path: "data/é/b", Source: "é", Type: State, Size: 1 << 40, Offset: 1 << 41, SHA256: strings.Repeat("f", 64), ModTime: time.Unix(0, 0).UTC(),
			Redactions: map[string]int64{"ipv4": 1, "token": 1 << 50}, Truncated: &Truncation{Cut: 3, Kept: "tail"}, Encoding: "utf-32be"},
	} {
		raw, err := json.Marshal(e)
		if err != nil || !samePlain(t, string(raw)) {
			t.Errorf("%s was not read quickly: %v", raw, err)
		}
	}
}

func FuzzPlainEntry(f *testing.F) {
	for _, raw := range plainSeeds() {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) { samePlain(t, raw) })
}

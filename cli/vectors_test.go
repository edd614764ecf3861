package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/manifest"
)

// TestVectors runs the format's test vectors through the commands: each ends
// with 0, or with 4 and nothing on standard output.
func TestVectors(t *testing.T) {
	dir, err := filepath.Abs("../manifest/testdata/vectors")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"} {
		t.Setenv(v, "")
	}
	t.Setenv("HOME", t.TempDir())
	files, err := filepath.Glob(filepath.Join(dir, "*.vector.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".vector.json")
		t.Run(name, func(t *testing.T) {
			var v struct {
				Verdict    string
				Opens      bool
				Unreadable []string
				Receipt    string
			}
			text, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(text, &v)
			}
			if err != nil {
				t.Fatal(err)
			}
			trust := []string{"--allowed-signers", filepath.Join(dir, "allowed_signers"), "--revoked-keys", filepath.Join(dir, "revoked_keys")}
			if v.Receipt != "" {
				trust = append(trust, "--receipt", filepath.Join(dir, v.Receipt))
			}
			bundle := vectorFile(t, filepath.Join(dir, name+".tar.zst"))
			do := func(code int, args ...string) string {
				t.Helper()
				var out, errs bytes.Buffer
				got := run(context.Background(), new(interrupts), fstest.MapFS{}, append(args, trust...), strings.NewReader(""), &out, &errs)
				if got != code {
					t.Errorf("%s: exit %d, want %d: %s", args[0], got, code, errs.String())
				}
				return out.String()
			}
			whole := exitNotAuthentic
			if v.Verdict == "good" {
				whole = exitDone
			}
			into := t.TempDir()
			printed := do(whole, "verify", bundle) + do(whole, "extract", bundle, into)
			left, err := os.ReadDir(into)
			if err != nil || (len(left) > 0) != (whole == exitDone) || (printed != "") != (whole == exitDone) {
				t.Errorf("%d things extracted, printed %q, %v", len(left), printed, err)
			}
			if !v.Opens {
				if printed := do(exitNotAuthentic, "show", bundle) + do(exitNotAuthentic, "show", bundle, "app") +
					do(exitNotAuthentic, "grep", ".", bundle) + do(exitNotAuthentic, "timeline", bundle) + do(exitNotAuthentic, "diff", bundle, bundle); printed != "" {
					t.Errorf("shown: %q", printed)
				}
				return
			}
			var list struct{ Entries []manifest.Entry }
			code := exitDone
			if name == "flip-report" || strings.HasPrefix(name, "report-") { // the summary tells what the report says
				code = exitNotAuthentic
			}
			if err := json.Unmarshal([]byte(do(code, "show", bundle, "--json")), &list); err != nil {
				t.Fatal(err)
			}
			for _, e := range list.Entries {
				if slices.Contains(v.Unreadable, e.Path) {
					do(exitNotAuthentic, "show", bundle, e.Path)
				} else if got := do(exitDone, "show", bundle, e.Path); int64(len(got)) != e.Size {
					t.Errorf("%s: %d bytes shown", e.Path, len(got))
				}
			}
		})
	}
}

func vectorFile(t *testing.T, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return path
	}
	packed, err := os.ReadFile(path + ".zst")
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	data, err := dec.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "bundle.tar.zst")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

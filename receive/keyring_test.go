package receive

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/diagcollect/diagcollect/trust"
)

func TestMasterKeyOutside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master")
	r := newRig(t, func(o *Options) { o.MasterKey = path })
	if len(r.Warnings()) != 0 {
		t.Errorf("warnings: %q", r.Warnings())
	}
	if _, err := os.Stat(filepath.Join(r.dir, fileMaster)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a master key inside: %v", err)
	}
	id, err := r.newBundleKey(t.Context(), "default", "C-1", "b")
	if err != nil {
		t.Fatal(err)
	}
	// What lies in the directory opens nothing without it.
	for _, secret := range []string{id.String(), string(r.master), "AGE-SECRET-KEY", "PRIVATE KEY"} {
		if files := found(t, r.dir, secret); len(files) > 0 {
			t.Errorf("%q stands in %v", secret[:11], files)
		}
	}
	r.stop()
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		spoil func() error
		want  string
	}{
		"gone":    {func() error { return os.Remove(path) }, "no such file"},
		"another": {func() error { _, err := makeMaster(path); return err }, "another master key"},
		"empty":   {func() error { return os.WriteFile(path, nil, 0o600) }, "not a master key"},
		"open":    {func() error { return errors.Join(os.WriteFile(path, key, 0o600), os.Chmod(path, 0o644)) }, trust.ErrUnsafe.Error()},
	} {
		if runtime.GOOS == "windows" && name == "open" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if name == "gone" {
				if err := os.WriteFile(path, key, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := tc.spoil(); err != nil {
				t.Fatal(err)
			}
			if s, err := Open(r.opts); err == nil {
				s.Close()
				t.Error("opened")
			} else if runtime.GOOS != "windows" && !strings.Contains(err.Error(), tc.want) {
				t.Error(err)
			}
		})
	}
	if err := errors.Join(os.WriteFile(path, key, 0o600), os.Chmod(path, 0o600)); err != nil {
		t.Fatal(err)
	}
	r.start()
}

// A wrapped key that stands in another's row does not open.
func TestWrappedKeysAreBound(t *testing.T) {
	r := newRig(t)
	r.makeOrganisation("globex")
	ctx := t.Context()
	for _, org := range []string{"default", "globex"} {
		for _, object := range []string{"a", "b"} {
			if _, err := r.newBundleKey(ctx, org, "C-1", object); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, move := range []string{
		`UPDATE bundle_keys SET wrapped = (SELECT wrapped FROM bundle_keys WHERE organisation = 'default' AND object = 'b') WHERE organisation = 'default' AND object = 'a'`,
		`UPDATE bundle_keys SET wrapped = (SELECT wrapped FROM bundle_keys WHERE organisation = 'globex' AND object = 'b') WHERE organisation = 'default' AND object = 'b'`,
	} {
		if _, err := r.keys.Exec(move); err != nil {
			t.Fatal(err)
		}
	}
	for _, object := range []string{"a", "b"} {
		if _, err := r.bundleKey(ctx, "default", "C-1", object); err == nil {
			t.Errorf("moved key %s opens", object)
		}
		if _, err := r.bundleKey(ctx, "globex", "C-1", object); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.keys.Exec(`UPDATE organisation_keys SET wrapped = (SELECT wrapped FROM organisation_keys WHERE organisation = 'default')`); err != nil {
		t.Fatal(err)
	}
	if _, err := r.bundleKey(ctx, "globex", "C-1", "a"); err == nil {
		t.Error("another organisation's key opens")
	}
}

// A destroyed key is gone from the files, not only from the tables.
func TestDestroyedKeyLeavesNoTrace(t *testing.T) {
	r := newRig(t)
	if _, err := r.newBundleKey(t.Context(), "default", "C-1", "b"); err != nil {
		t.Fatal(err)
	}
	var wrapped []byte
	if err := r.keys.QueryRow(`SELECT wrapped FROM bundle_keys`).Scan(&wrapped); err != nil {
		t.Fatal(err)
	}
	if len(found(t, filepath.Join(r.dir, dirKeys), string(wrapped))) == 0 {
		t.Fatal("the key stands in no file: the test looks at nothing")
	}
	if err := r.destroyBundleKey(t.Context(), "default", "C-1", "b"); err != nil {
		t.Fatal(err)
	}
	if files := found(t, r.dir, string(wrapped)); len(files) != 0 {
		t.Errorf("it still stands in %v", files)
	}
	if _, err := r.bundleKey(t.Context(), "default", "C-1", "b"); !errors.Is(err, errKeyGone) {
		t.Error(err)
	}
}

func TestAuditIsAppendOnly(t *testing.T) {
	r := newRig(t)
	if n := r.query(`SELECT count(*) FROM audit`); n[0] == "0" {
		t.Fatal("nothing is on record")
	}
	for _, q := range []string{
		`DELETE FROM audit`, `UPDATE audit SET who = 'nobody'`,
		`INSERT INTO audit SELECT organisation, seq + 5, at, who, role, action, case_id, object, purpose, result, detail FROM audit`,
	} {
		if _, err := r.db.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestUnsafeOrNewerDirectoryIsRefused(t *testing.T) {
	r := newRig(t)
	r.stop()
	defer r.start()
	if runtime.GOOS != "windows" {
		if err := os.Chmod(r.dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(r.opts); !errors.Is(err, trust.ErrUnsafe) {
			t.Error(err)
		}
		if err := os.Chmod(r.dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	st, err := openStore(t.Context(), r.dir, false, r.opts.clock, r.opts.Log)
	if err != nil {
		t.Fatal(err)
	}
	_, err = st.db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	if err := errors.Join(err, st.close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(r.opts); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Error(err)
	}
	undo, err := sql.Open("sqlite", filepath.Join(r.dir, fileDB))
	if err != nil {
		t.Fatal(err)
	}
	_, err = undo.Exec(`DELETE FROM goose_db_version WHERE version_id = 99`)
	if err := errors.Join(err, undo.Close()); err != nil {
		t.Fatal(err)
	}
}

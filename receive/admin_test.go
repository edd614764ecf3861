package receive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// exercise does everything that an administrator can, however it gets there.
func exercise(t *testing.T, a *Admin, suffix string) {
	t.Helper()
	ctx := t.Context()
	org := "org" + suffix
	if err := a.CreateOrganisation(ctx, org); err != nil {
		t.Fatal(err)
	}
	c, err := a.CreateCase(ctx, org, "C-1", "printer on fire")
	if err != nil {
		t.Fatal(err)
	}
	if c.Case != "C-1" || c.Organisation != org || c.State != "open" || c.Title != "printer on fire" || c.Created.IsZero() {
		t.Errorf("%+v", c)
	}
	if err := a.Assign(ctx, org, "C-1", "ada"); err != nil {
		t.Fatal(err)
	}
	if c, err = a.Case(ctx, org, "C-1"); err != nil || len(c.Assigned) != 1 || c.Assigned[0] != "ada" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = a.SetCaseState(ctx, org, "C-1", "closed"); err != nil || c.State != "closed" || c.Closed.IsZero() {
		t.Errorf("%+v, %v", c, err)
	}
	if cs, err := a.Cases(ctx, org); err != nil || len(cs) != 1 {
		t.Errorf("%+v, %v", cs, err)
	}
	if bs, err := a.Bundles(ctx, org, "C-1"); err != nil || len(bs) != 0 {
		t.Errorf("%+v, %v", bs, err)
	}
	for _, role := range []string{"agent", "engineer"} {
		key, err := a.NewKey(ctx, org, role, map[string]string{"engineer": "ada"}[role])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := upload.ParseEnrollmentKey(key); err != nil {
			t.Error(err)
		}
	}
	if as, err := a.Agents(ctx, org); err != nil || len(as) != 0 {
		t.Errorf("%+v, %v", as, err)
	}

	for name, tc := range map[string]struct {
		err  error
		code string
	}{
		"organisation twice": {a.CreateOrganisation(ctx, org), upload.CodeBadRequest},
		"organisation name":  {a.CreateOrganisation(ctx, "../x"), upload.CodeBadRequest},
		"case twice":         {second(a.CreateCase(ctx, org, "C-1", "")), upload.CodeBadRequest},
		"case name":          {second(a.CreateCase(ctx, org, "a/b", "")), upload.CodeBadRequest},
		"case of nobody":     {second(a.CreateCase(ctx, "nobody", "C-1", "")), upload.CodeUnknown},
		"unknown case":       {second(a.Case(ctx, org, "C-2")), upload.CodeUnknownCase},
		"foreign case":       {second(a.Case(ctx, "", "C-1")), upload.CodeUnknownCase},
		"state":              {second(a.SetCaseState(ctx, org, "C-1", "ajar")), upload.CodeBadRequest},
		"closed assigned":    {a.Assign(ctx, org, "C-1", "ada"), upload.CodeClosedCase},
		"engineer name":      {a.Assign(ctx, org, "C-1", "a b"), upload.CodeBadRequest},
		"role":               {second(a.NewKey(ctx, org, "king", "")), upload.CodeBadRequest},
		"agent with a name":  {second(a.NewKey(ctx, org, "agent", "x")), upload.CodeBadRequest},
		"nameless engineer":  {second(a.NewKey(ctx, org, "engineer", "")), upload.CodeBadRequest},
		"nobody's agent":     {a.Revoke(ctx, "agent-x"), upload.CodeUnknown},
	} {
		var no *upload.RefusedError
		if !errors.As(tc.err, &no) || no.Problem.Code != tc.code {
			t.Errorf("%s: %v", name, tc.err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAdminInProcess(t *testing.T) {
	r := newRig(t)
	exercise(t, r.Admin(), "1")
	if n := r.query(`SELECT action FROM audit WHERE organisation = 'org1' ORDER BY seq`); strings.Join(n, " ") !=
		"create-organisation create-case assign case set-case-state cases bundles new-key new-key agents" {
		t.Errorf("audit: %v", n)
	}
}

func TestAdminOfAFreeDirectory(t *testing.T) {
	r := newRig(t)
	r.stop()
	defer r.start()
	a, err := OpenAdmin(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	exercise(t, a, "2")
	if _, err := openStore(expired(t), r.dir, false, time.Now, r.store.log); !errors.Is(err, ErrLocked) {
		t.Errorf("the directory is not held: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func expired(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestAdminThroughTheSocket(t *testing.T) {
	for name, dir := range map[string]string{
		"short": t.TempDir(),
		"long":  filepath.Join(t.TempDir(), strings.Repeat("long-", 30)),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRigIn(t, dir)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- r.ServeAdmin(ctx) }()
			a, err := OpenAdmin(dir) // waits for the socket
			if err != nil {
				t.Fatal(err)
			}
			path, err := adminSocket(dir)
			if err != nil {
				t.Fatal(err)
			}
			if fi, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != 0o600 {
				t.Errorf("socket: %v, %v", fi.Mode(), err)
			}
			exercise(t, a, "3")
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			cancel()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the socket is left behind: %v", err)
			}
		})
	}
}

func TestOpenAdminOfSomethingElse(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenAdmin(dir); err == nil || !strings.Contains(err.Error(), "is not a receiver's data directory") {
		t.Error(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("it left %v, %v", files, err)
	}
}

func TestOneProcessHoldsADirectory(t *testing.T) {
	r := newRig(t)
	if _, err := Open(r.opts); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
}

// A folder that is used for something else is left as it is.
func TestNoDataDirectoryAmongOtherFiles(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Error(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if fi, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

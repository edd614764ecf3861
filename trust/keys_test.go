package trust

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// stock asks ssh-keygen what it says of a manifest's signature at a time.
func stock(t *testing.T, h *Home, principal string, sig []byte, at time.Time) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sig")
	if err := os.WriteFile(path, sig, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-Y", "verify", "-f", h.AllowedSignersPath(), "-I", principal, "-n", NamespaceManifest, "-s", path}
	if _, err := os.Stat(h.path(revokedKeysName)); err == nil {
		args = append(args, "-r", h.path(revokedKeysName))
	}
	if !at.IsZero() {
		args = append(args, "-O", "verify-time="+at.UTC().Format("20060102150405")+"Z")
	}
	_, err := run(t, []byte("m"), "ssh-keygen", args...)
	return err
}

// both wants the same answer of this package and of ssh-keygen.
func both(t *testing.T, h *Home, principal string, sig []byte, at time.Time, ok bool) error {
	t.Helper()
	a, err := h.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.At(at).Verify(NamespaceManifest, sig, strings.NewReader("m"))
	if (err == nil) != ok || err != nil && !errors.Is(err, ErrNotAuthentic) {
		t.Errorf("at %v: %v, want %v", at, err, ok)
	}
	if stock := stock(t, h, principal, sig, at); (stock == nil) != ok {
		t.Errorf("at %v: ssh-keygen says %v, want %v", at, stock, ok)
	}
	return err
}

func manifestSignature(t *testing.T, h *Home) (s *Signer, sig []byte) {
	t.Helper()
	s, err := h.Signer("")
	if err != nil {
		t.Fatal(err)
	}
	if sig, err = s.Sign(NamespaceManifest, strings.NewReader("m")); err != nil {
		t.Fatal(err)
	}
	return s, sig
}

func TestRotate(t *testing.T) {
	tool(t, "ssh-keygen")
	h := openHome(t)
	old, oldSig := manifestSignature(t, h)
	before := time.Now().Add(-time.Hour)
	both(t, h, old.Principal(), oldSig, time.Time{}, true)

	retired, fresh, err := h.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	now, sig := manifestSignature(t, h)
	if !sameKey(retired, old.PublicKey()) || !sameKey(fresh, now.PublicKey()) || sameKey(fresh, retired) {
		t.Error("old and new key mixed up")
	}
	both(t, h, now.Principal(), sig, time.Time{}, true)
	// ssh-keygen counts whole seconds: in the one in which a key ends it lives.
	if err := both(t, h, old.Principal(), oldSig, time.Now().Add(2*time.Second), false); !errors.Is(err, ErrRetired) {
		t.Errorf("not said to be retired: %v", err)
	}
	both(t, h, old.Principal(), oldSig, before, true)
	// Nothing gives it its time back.
	if err := h.Allow(old.Principal(), old.PublicKey(), NamespaceManifest); !errors.Is(err, ErrRetired) {
		t.Errorf("allowed again: %v", err)
	}
	if pub, err := os.ReadFile(h.path(signingKeyName + ".pub")); err != nil || string(pub) != string(ssh.MarshalAuthorizedKey(fresh)) {
		t.Errorf("public half: %q, %v", pub, err)
	}
	if _, err := OpenHome(h.Dir()); err != nil {
		t.Error(err)
	}
	keys, err := h.Keys()
	if err != nil || len(keys) != 2 || keys[0].Own || keys[0].ValidBefore.IsZero() || !keys[1].Own || !keys[1].ValidBefore.IsZero() {
		t.Errorf("%+v, %v", keys, err)
	}

	// A key that turns out to have been known to others.
	if _, err := h.Revoke(old.PublicKey()); err != nil {
		t.Fatal(err)
	}
	if err := both(t, h, old.Principal(), oldSig, before, false); errors.Is(err, ErrRetired) {
		t.Errorf("revoked, and said to be retired: %v", err)
	}
	both(t, h, now.Principal(), sig, time.Time{}, true)
}

func TestRevokeOwnKey(t *testing.T) {
	tool(t, "ssh-keygen")
	h := openHome(t)
	old, oldSig := manifestSignature(t, h)
	fresh, err := h.Revoke(old.PublicKey())
	if err != nil || fresh == nil {
		t.Fatalf("%v, %v", fresh, err)
	}
	both(t, h, old.Principal(), oldSig, time.Time{}, false)
	now, sig := manifestSignature(t, h)
	if !sameKey(now.PublicKey(), fresh) {
		t.Error("another key signs")
	}
	both(t, h, now.Principal(), sig, time.Time{}, true)
	if err := h.Allow("x", old.PublicKey(), NamespaceManifest); !errors.Is(err, ErrNotAuthentic) {
		t.Errorf("revoked key allowed again: %v", err)
	}
	if again, err := h.Revoke(old.PublicKey()); err != nil || again != nil {
		t.Errorf("again: %v, %v", again, err)
	}
	if data, _ := os.ReadFile(h.path(revokedKeysName)); strings.Count(string(data), "ssh-ed25519") != 1 {
		t.Errorf("%q", data)
	}
	// One that never stood in allowed_signers.
	stranger := ed25519Signer(t)
	if _, err := h.Revoke(stranger.PublicKey()); err != nil {
		t.Fatal(err)
	}
	keys, err := h.Keys()
	if err != nil || len(keys) != 3 || !keys[0].Revoked || keys[1].Revoked || !keys[2].Revoked || keys[2].Fingerprint != stranger.Fingerprint() {
		t.Errorf("%+v, %v", keys, err)
	}
}

func TestRetire(t *testing.T) {
	tool(t, "ssh-keygen")
	h := openHome(t)
	own, _ := h.Signer("")
	if err := h.Retire(own.PublicKey()); !errors.Is(err, ErrOwnKey) {
		t.Errorf("own key: %v", err)
	}
	other := ed25519Signer(t)
	if err := h.Retire(other.PublicKey()); err == nil {
		t.Error("unknown key retired")
	}
	sig, err := other.Sign(NamespaceManifest, strings.NewReader("m"))
	if err != nil {
		t.Fatal(err)
	}
	kept := "# a comment\r\n\n" + line(own, `namespaces="manifest@diagcollect"`)
	for name, options := range map[string]string{
		"none":             ``,
		"one":              `namespaces="manifest@diagcollect"`,
		"more":             `namespaces="manifest@diagcollect,recipe@diagcollect",valid-after="20250101Z"`,
		"an end":           `valid-before="29990101",namespaces="manifest@diagcollect"`,
		"an end, the last": `namespaces="manifest@diagcollect",Valid-Before="29990101Z"`,
	} {
		t.Run(name, func(t *testing.T) {
			text := kept + "  " + line(other, options) + line(other, `namespaces="x@y"`) + "# last, without line end"
			if err := os.WriteFile(h.AllowedSignersPath(), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := h.Retire(other.PublicKey()); err != nil {
					t.Fatal(err)
				}
			}
			data, _ := os.ReadFile(h.AllowedSignersPath())
			if !strings.HasPrefix(string(data), kept) || !strings.HasSuffix(string(data), "# last, without line end") {
				t.Errorf("other lines changed: %q", data)
			}
			if n := strings.Count(strings.ToLower(string(data)), "valid-before"); n != 2 {
				t.Errorf("%d ends: %q", n, data)
			}
			a, err := h.AllowedSigners()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Verify(NamespaceManifest, sig, strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) {
				t.Errorf("retired key proves: %v", err)
			}
			if options != "" {
				both(t, h, "who", sig, time.Now().Add(-time.Hour), true)
			}
		})
	}
	// One whose time has not begun has none to end, and the file stays readable.
	early := line(other, `namespaces="manifest@diagcollect",valid-after="29990101Z"`)
	if err := os.WriteFile(h.AllowedSignersPath(), []byte(early), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.Retire(other.PublicKey()); err == nil || !strings.Contains(err.Error(), "revoke it") {
		t.Errorf("not valid yet: %v", err)
	}
	if _, err := h.AllowedSigners(); err != nil {
		t.Error(err)
	}
	// An end that was earlier stays.
	text := line(other, `namespaces="manifest@diagcollect",valid-before="20200101Z"`)
	os.WriteFile(h.AllowedSignersPath(), []byte(text), 0o600)
	if err := h.Retire(other.PublicKey()); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(h.AllowedSignersPath()); string(data) != text {
		t.Errorf("%q", data)
	}
}

func TestFindKey(t *testing.T) {
	h := openHome(t)
	a, b := ed25519Signer(t), ed25519Signer(t)
	for _, s := range []*Signer{a, b} {
		if err := h.Allow("twice", s.PublicKey(), NamespaceRecipe); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Allow("once", a.PublicKey(), NamespaceReceipt); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pub")
	os.WriteFile(file, ssh.MarshalAuthorizedKey(b.PublicKey()), 0o600)
	for which, want := range map[string]*Signer{"once": a, a.Fingerprint(): a, file: b, b.Fingerprint(): b, "twice": nil, "nobody": nil, "": nil} {
		got, err := h.FindKey(which)
		if want == nil && err == nil || want != nil && (err != nil || !sameKey(got, want.PublicKey())) {
			t.Errorf("%q: %v, %v", which, got, err)
		}
	}
}

// An agent that holds a hardware key answers with flags and counter behind the
// signature.
func TestAgentWithHardwareKey(t *testing.T) {
	tool(t, "ssh-keygen")
	key := newHardwareKey(t)
	sock := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", sock)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				agent.ServeAgent(&hardwareAgent{key: key}, c)
			}()
		}
	}()
	t.Setenv("SSH_AUTH_SOCK", sock)
	h := openHome(t)
	s, err := h.Signer(ssh.FingerprintSHA256(key.public))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Allow(s.Principal(), s.PublicKey(), NamespaceManifest); err != nil {
		t.Fatal(err)
	}
	sig, err := s.Sign(NamespaceManifest, strings.NewReader("m"))
	if err != nil {
		t.Fatal(err)
	}
	both(t, h, s.Principal(), sig, time.Time{}, true)
	if canonical, err := CanonicalSignature(sig); err != nil || string(canonical) != string(sig) {
		t.Errorf("not in canonical form: %v", err)
	}
}

type hardwareAgent struct {
	agent.ExtendedAgent // what is not asked for
	key                 *hardwareKey
}

func (a *hardwareAgent) List() ([]*agent.Key, error) {
	return []*agent.Key{{Format: a.key.public.Type(), Blob: a.key.public.Marshal()}}, nil
}

func (a *hardwareAgent) SignWithFlags(_ ssh.PublicKey, data []byte, _ agent.SignatureFlags) (*ssh.Signature, error) {
	return a.key.Sign(nil, data)
}

func (a *hardwareAgent) Extension(string, []byte) ([]byte, error) {
	return nil, agent.ErrExtensionUnsupported
}

func FuzzRevokedKeys(f *testing.F) {
	key := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	for _, seed := range []string{"", "# none\n", key, key + " a comment\r\n" + key, "SSHKRL\n\x00", "ssh-ed25519 AAAA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAllowedSigners("f", strings.NewReader(`who namespaces="n" `+key+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		less, err := a.Without("revoked", io.LimitReader(strings.NewReader(text), 1<<16))
		if err != nil {
			return
		}
		_, err = less.find("n", a.lines[0].key, time.Now())
		if named := strings.Contains(text, strings.Fields(key)[1]); err == nil && named && !strings.Contains(text, "#") {
			t.Error("a key that stands there is not revoked")
		}
		if _, err := a.find("n", a.lines[0].key, time.Now()); err != nil {
			t.Error("the list it came from changed")
		}
	})
}

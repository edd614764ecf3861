package trust

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base32"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"
)

func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not here", name)
	}
}

func run(t *testing.T, stdin []byte, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func mustRun(t *testing.T, stdin []byte, name string, args ...string) string {
	t.Helper()
	out, err := run(t, stdin, name, args...)
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return out
}

func openHome(t *testing.T) *Home {
	t.Helper()
	h, err := OpenHome(filepath.Join(t.TempDir(), "home"))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newSigner(t *testing.T, key any) *Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return NewSigner(s)
}

func ed25519Signer(t *testing.T) *Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newSigner(t, key)
}

func parse(t *testing.T, text string) *AllowedSigners {
	t.Helper()
	a, err := ParseAllowedSigners("signers", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func line(s *Signer, options string) string {
	return "who " + options + " " + string(ssh.MarshalAuthorizedKey(s.PublicKey()))
}

func TestHomeIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var wg sync.WaitGroup
	signers := make([]string, 8)
	identities := make([]string, 8)
	secrets := make([]string, 8)
	for i := range signers {
		wg.Go(func() {
			h, err := OpenHome(dir)
			if err != nil {
				t.Error(err)
				return
			}
			s, err := h.Signer("")
			if err != nil {
				t.Error(err)
				return
			}
			id, err := h.Identity()
			if err != nil {
				t.Error(err)
				return
			}
			secret, err := h.OrganisationSecret("acme")
			if err != nil {
				t.Error(err)
				return
			}
			signers[i], identities[i], secrets[i] = s.Fingerprint(), id.String(), string(secret)
		})
	}
	wg.Wait()
	for i := range signers {
		if signers[i] == "" || signers[i] != signers[0] || identities[i] != identities[0] || secrets[i] != secrets[0] {
			t.Fatalf("opener %d has other keys than opener 0", i)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"id_ed25519": true, "id_ed25519.pub": true, "age.key": true, "allowed_signers": true, ".lock": true, "organisation-acme.key": true}
	for _, f := range files {
		if !want[f.Name()] {
			t.Errorf("left over: %s", f.Name())
		}
		delete(want, f.Name())
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestHomeFilesAreStockForms(t *testing.T) {
	tool(t, "ssh-keygen")
	h := openHome(t)
	s, err := h.Signer("")
	if err != nil {
		t.Fatal(err)
	}
	out := mustRun(t, nil, "ssh-keygen", "-l", "-f", h.path("id_ed25519"))
	if !strings.Contains(out, s.Fingerprint()) {
		t.Errorf("ssh-keygen -l says %q", out)
	}
	if pub, _ := os.ReadFile(h.path("id_ed25519.pub")); string(pub) != mustRun(t, nil, "ssh-keygen", "-y", "-f", h.path("id_ed25519")) {
		t.Errorf("id_ed25519.pub is not what ssh-keygen -y prints: %q", pub)
	}
	principals := mustRun(t, []byte{}, "ssh-keygen", "-Y", "match-principals", "-I", s.Principal(), "-f", h.AllowedSignersPath())
	if strings.TrimSpace(principals) != s.Principal() {
		t.Errorf("ssh-keygen finds %q, want %q", principals, s.Principal())
	}
	text, err := os.ReadFile(h.path("age.key"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := h.Identity()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "# created: ") || lines[1] != "# public key: "+id.Recipient().String() || lines[2] != id.String() || lines[3] != "" {
		t.Errorf("age.key is not in age-keygen's form")
	}
	if _, err := exec.LookPath("age"); err == nil {
		var sealed bytes.Buffer
		w, _ := age.Encrypt(&sealed, id.Recipient())
		w.Write([]byte("text"))
		w.Close()
		if out := mustRun(t, sealed.Bytes(), "age", "-d", "-i", h.path("age.key")); out != "text" {
			t.Errorf("age -d printed %q", out)
		}
	}
}

func TestOwnKeyProvesOnlyItsPurposes(t *testing.T) {
	h := openHome(t)
	s, err := h.Signer("")
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{NamespaceManifest, NamespaceReceipt, NamespaceRecipe, NamespaceEnroll, NamespaceConsent, NamespaceDeletion, NamespaceTombstone} {
		sig, err := s.Sign(n, strings.NewReader("message"))
		if err != nil {
			t.Fatal(err)
		}
		proof, err := a.Verify(n, sig, strings.NewReader("message"))
		if n == NamespaceManifest || n == NamespaceTombstone {
			if err != nil || proof.Principal != s.Principal() || proof.Fingerprint != s.Fingerprint() {
				t.Errorf("%s: %+v, %v", n, proof, err)
			}
		} else if !errors.Is(err, ErrNotAuthentic) {
			t.Errorf("%s: %v", n, err)
		}
	}
}

func TestAllow(t *testing.T) {
	h, other := openHome(t), ed25519Signer(t)
	for range 2 {
		if err := h.Allow("receiver.example", other.PublicKey(), NamespaceReceipt, NamespaceDeletion); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(h.AllowedSignersPath())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "receiver.example"); n != 1 {
		t.Errorf("%d lines for one key", n)
	}
	for _, bad := range []string{"", "a b", "a,b", "a\nb", "a*", "#a", `a"b`} {
		if err := h.Allow(bad, other.PublicKey(), NamespaceReceipt); err == nil {
			t.Errorf("principal %q accepted", bad)
		}
	}
	if err := h.Allow("x", other.PublicKey()); err == nil {
		t.Error("no namespace accepted")
	}
	if err := h.Allow("x", other.PublicKey(), `a" b`); err == nil {
		t.Error("namespace with quotes accepted")
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := h.Allow(fmt.Sprintf("at-once-%d", i), other.PublicKey(), NamespaceRecipe); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	data, _ = os.ReadFile(h.AllowedSignersPath())
	if n := strings.Count(string(data), "at-once-"); n != 8 {
		t.Errorf("%d of 8 lines added at once are there", n)
	}
}

func TestALineTakenOutStaysOut(t *testing.T) {
	h := openHome(t)
	if err := os.WriteFile(h.AllowedSignersPath(), []byte("# none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(h.path("id_ed25519.pub")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenHome(h.Dir()); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(h.AllowedSignersPath()); string(data) != "# none\n" {
		t.Errorf("allowed_signers changed to %q", data)
	}
	if _, err := os.Stat(h.path("id_ed25519.pub")); err != nil {
		t.Error(err)
	}
}

func TestRevokedKey(t *testing.T) {
	tool(t, "ssh-keygen")
	h := openHome(t)
	s, _ := h.Signer("")
	sig, err := s.Sign(NamespaceManifest, strings.NewReader("m"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.path("revoked_keys"), append([]byte("# lost\n"), ssh.MarshalAuthorizedKey(s.PublicKey())...), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := h.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Verify(NamespaceManifest, sig, strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("%v", err)
	}
	os.WriteFile(h.path("sig"), sig, 0o600)
	if out, err := run(t, []byte("m"), "ssh-keygen", "-Y", "verify", "-f", h.AllowedSignersPath(), "-r", h.path("revoked_keys"), "-I", s.Principal(), "-n", NamespaceManifest, "-s", h.path("sig")); err == nil {
		t.Errorf("ssh-keygen accepts: %s", out)
	}
	os.WriteFile(h.path("revoked_keys"), []byte("ssh-ed25519 nonsense\n"), 0o600)
	if _, err := h.AllowedSigners(); err == nil {
		t.Error("malformed revoked_keys accepted")
	}
}

func TestReadSecret(t *testing.T) {
	h := openHome(t)
	if _, err := h.StoredOrganisationSecret("acme"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a secret that was never made: %v", err)
	}
	secret, err := h.OrganisationSecret("acme")
	if err != nil {
		t.Fatal(err)
	}
	if stored, err := h.StoredOrganisationSecret("acme"); err != nil || !bytes.Equal(stored, secret) {
		t.Errorf("stored secret: %v", err)
	}
	text := base32.StdEncoding.EncodeToString(secret)
	file := filepath.Join(t.TempDir(), "key")
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{text, true},
		{strings.ToLower(text) + "\n", true},
		{" " + strings.TrimRight(text, "=") + "\r\n", true},
		{text[1:], false},
		{text + text, false},
		{"", false},
		{strings.Repeat("1", len(text)), false},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadSecret(file)
		if c.ok && (err != nil || !bytes.Equal(got, secret)) || !c.ok && err == nil {
			t.Errorf("%q: %x, %v", c.text, got, err)
		}
		if err != nil && (!strings.Contains(err.Error(), file) || len(c.text) > 20 && strings.Contains(err.Error(), c.text[:20])) {
			t.Errorf("error %v does not name the file, or tells what it holds", err)
		}
	}
}

func TestOrganisationSecret(t *testing.T) {
	h := openHome(t)
	a, err := h.OrganisationSecret("Acme")
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.OrganisationSecret("acme")
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != 32 || bytes.Equal(a, b) {
		t.Error("two organisations share a secret")
	}
	if again, err := h.OrganisationSecret("Acme"); err != nil || !bytes.Equal(a, again) {
		t.Errorf("secret changed: %v", err)
	}
	if err := h.SetOrganisationSecret("Acme", a); err != nil {
		t.Error(err)
	}
	if err := h.SetOrganisationSecret("Acme", b); err == nil {
		t.Error("another secret replaced the first")
	}
	if err := h.SetOrganisationSecret("../../x y/Ä", a); err != nil {
		t.Error(err)
	}
	if err := h.SetOrganisationSecret("short", a[:31]); err == nil {
		t.Error("short secret accepted")
	}
	for _, bad := range []string{"", strings.Repeat("x", 65)} {
		if _, err := h.OrganisationSecret(bad); err == nil {
			t.Errorf("organisation %q accepted", bad)
		}
	}
	if err := os.WriteFile(h.path("organisation-acme.key"), []byte("aaaa\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.OrganisationSecret("acme"); err == nil {
		t.Error("damaged secret accepted (or replaced)")
	}
}

func TestCaseKey(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, 32)
	key := CaseKey(secret, "acme", "4711")
	// Made with: openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt
	// hexkey:0707... -kdfopt 'info:diagcollect case key 1,4:acme,4:4711,' HKDF
	if got, want := fmt.Sprintf("%x", key), "c196c0bfc997ca2b21250fc9e895ed6d89c6abd87f9faf5ac991a79a849ee293"; got != want {
		t.Errorf("case key %s, want %s", got, want)
	}
	if bytes.Equal(CaseKey(secret, "a", "bc"), CaseKey(secret, "ab", "c")) {
		t.Error("organisation and case run together")
	}
	if id := KeyID(key); len(id) != 8 || id == KeyID(secret) {
		t.Errorf("key id %q", id)
	}
}

func TestSignersAgainstSSHKeygen(t *testing.T) {
	tool(t, "ssh-keygen")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	for name, key := range map[string]any{"ed25519": ed, "rsa": rsaKey, "p256": p256, "p521": p521} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := newSigner(t, key)
			signers := filepath.Join(dir, "signers")
			text := line(s, `namespaces="n@test"`)
			os.WriteFile(signers, []byte(text), 0o600)
			a := parse(t, text)
			message := bytes.Repeat([]byte("a message\n"), 1000)

			ours, err := s.Sign("n@test", bytes.NewReader(message))
			if err != nil {
				t.Fatal(err)
			}
			sigFile := filepath.Join(dir, "sig")
			os.WriteFile(sigFile, ours, 0o600)
			mustRun(t, message, "ssh-keygen", "-Y", "verify", "-f", signers, "-I", "who", "-n", "n@test", "-s", sigFile)

			block, err := ssh.MarshalPrivateKey(key, "")
			if err != nil {
				t.Fatal(err)
			}
			keyFile := filepath.Join(dir, "key")
			os.WriteFile(keyFile, pem.EncodeToMemory(block), 0o600)
			messageFile := filepath.Join(dir, "message")
			os.WriteFile(messageFile, message, 0o600)
			mustRun(t, nil, "ssh-keygen", "-q", "-Y", "sign", "-f", keyFile, "-n", "n@test", messageFile)
			theirs, err := os.ReadFile(messageFile + ".sig")
			if err != nil {
				t.Fatal(err)
			}
			for _, sig := range [][]byte{ours, theirs, bytes.ReplaceAll(theirs, []byte("\n"), []byte("\r\n"))} {
				proof, err := a.Verify("n@test", sig, bytes.NewReader(message))
				if err != nil || proof.Principal != "who" {
					t.Fatalf("%+v, %v", proof, err)
				}
				if canonical, err := CanonicalSignature(sig); err != nil || bytes.Equal(canonical, sig) == bytes.Contains(sig, []byte("\r")) {
					t.Errorf("canonical form: %q, %v", canonical, err)
				}
				if err := VerifyKey(s.PublicKey(), "n@test", sig, bytes.NewReader(message)); err != nil {
					t.Error(err)
				}
				if err := VerifyKey(ed25519Signer(t).PublicKey(), "n@test", sig, bytes.NewReader(message)); !errors.Is(err, ErrNotAuthentic) {
					t.Errorf("another key: %v", err)
				}
				if _, err := a.Verify("n@test", sig, bytes.NewReader(message[1:])); !errors.Is(err, ErrNotAuthentic) {
					t.Errorf("other message: %v", err)
				}
				if _, err := a.Verify("m@test", sig, bytes.NewReader(message)); !errors.Is(err, ErrNotAuthentic) {
					t.Errorf("other namespace: %v", err)
				}
				if parsed, err := parseSignature(sig); err != nil || ssh.FingerprintSHA256(parsed.key) != s.Fingerprint() {
					t.Errorf("key in signature: %v", err)
				}
			}
			h := openHome(t)
			fromFile, err := h.Signer(keyFile)
			if err != nil || fromFile.Fingerprint() != s.Fingerprint() {
				t.Errorf("signer from file: %v", err)
			}
		})
	}
}

// A hardware key, played by software: what its firmware signs is public
// (PROTOCOL.u2f).
func TestHardwareKeySignature(t *testing.T) {
	tool(t, "ssh-keygen")
	key := newHardwareKey(t)
	for _, touched := range []bool{true, false} {
		flags := byte(0)
		if touched {
			flags = 1
		}
		s := NewSigner(&hardwareKey{key.public, key.private, flags})
		sig, err := s.Sign("n@test", strings.NewReader("m"))
		if err != nil {
			t.Fatal(err)
		}
		text := line(s, `namespaces="n@test"`)
		_, err = parse(t, text).Verify("n@test", sig, strings.NewReader("m"))
		if touched && err != nil || !touched && !errors.Is(err, ErrNotAuthentic) {
			t.Errorf("touched %v: %v", touched, err)
		}
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "s"), []byte(text), 0o600)
		os.WriteFile(filepath.Join(dir, "sig"), sig, 0o600)
		out, err := run(t, []byte("m"), "ssh-keygen", "-Y", "verify", "-f", filepath.Join(dir, "s"), "-I", "who", "-n", "n@test", "-s", filepath.Join(dir, "sig"))
		if touched && err != nil {
			t.Errorf("ssh-keygen: %v: %s", err, out)
		}
	}
}

type hardwareKey struct {
	public  ssh.PublicKey
	private ed25519.PrivateKey
	flags   byte
}

func newHardwareKey(t *testing.T) *hardwareKey {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, public, "ssh:"}))
	if err != nil {
		t.Fatal(err)
	}
	return &hardwareKey{key, private, 1}
}

func (k *hardwareKey) PublicKey() ssh.PublicKey { return k.public }

func (k *hardwareKey) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	app, msg := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	rest := []byte{k.flags, 0, 0, 0, 9}
	signed := append(append(app[:], rest...), msg[:]...)
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(k.private, signed), Rest: rest}, nil
}

func TestEveryChangeOfASignatureIsRefused(t *testing.T) {
	s := ed25519Signer(t)
	a := parse(t, line(s, `namespaces="n@test"`))
	sig, err := s.Sign("n@test", strings.NewReader("m"))
	if err != nil {
		t.Fatal(err)
	}
	blob, err := dearmor(sig)
	if err != nil {
		t.Fatal(err)
	}
	for i := range blob {
		for bit := range 8 {
			changed := bytes.Clone(blob)
			changed[i] ^= 1 << bit
			if _, err := a.Verify("n@test", armor(changed), strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) {
				t.Fatalf("byte %d bit %d: %v", i, bit, err)
			}
		}
	}
	for n := range sig[:len(sig)-1] { // the last line end may go
		if _, err := a.Verify("n@test", sig[:n], strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if _, err := a.Verify("n@test", armor(append(blob, 0)), strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) {
		t.Errorf("byte appended: %v", err)
	}
	if _, err := a.Verify("n@test", bytes.Repeat([]byte("x"), maxSig+1), strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) {
		t.Errorf("huge: %v", err)
	}
	broken := errors.New("disk gone")
	if _, err := a.Verify("n@test", sig, errReader{broken}); !errors.Is(err, broken) || errors.Is(err, ErrNotAuthentic) {
		t.Errorf("reading fails: %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestWeakKeysAreRefused(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newSigner(t, weak).Sign("n@test", strings.NewReader("m")); err == nil {
		t.Error("RSA 1024 signs")
	}
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	s := newSigner(t, key)
	signed, _ := signedData("n@test", "sha512", strings.NewReader("m"))
	sha1, err := s.Signer.Sign(rand.Reader, signed)
	if err != nil {
		t.Fatal(err)
	}
	blob := sshsig{Version: 1, PublicKey: s.PublicKey().Marshal(), Namespace: "n@test", Hash: "sha512", Signature: ssh.Marshal(sha1)}
	copy(blob.Magic[:], magic)
	if sha1.Format != ssh.KeyAlgoRSA {
		t.Fatalf("format %s", sha1.Format)
	}
	if err := VerifyKey(s.PublicKey(), "n@test", armor(ssh.Marshal(blob)), strings.NewReader("m")); !errors.Is(err, ErrNotAuthentic) {
		t.Errorf("SHA-1 signature: %v", err)
	}
}

func TestKeyUnderPassphrase(t *testing.T) {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	os.WriteFile(path, pem.EncodeToMemory(block), 0o600)
	_, err = openHome(t).Signer(path)
	var locked *ssh.PassphraseMissingError
	if !errors.As(err, &locked) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("%v", err)
	}
}

func TestAgent(t *testing.T) {
	tool(t, "ssh-agent")
	tool(t, "ssh-add")
	dir := t.TempDir()
	sock := filepath.Join(dir, "agent")
	agent := exec.Command("ssh-agent", "-D", "-a", sock)
	out, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { agent.Process.Kill(); agent.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil { // it speaks once it listens
		t.Fatal(err)
	}
	t.Setenv("SSH_AUTH_SOCK", sock)
	h := openHome(t)
	for _, kind := range []string{"ed25519", "rsa", "ecdsa"} {
		path := filepath.Join(dir, kind)
		mustRun(t, nil, "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path)
		mustRun(t, nil, "ssh-add", "-q", path)
		file, err := h.Signer(path)
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(path)
		for _, with := range []string{file.Fingerprint(), path + ".pub"} {
			s, err := h.Signer(with)
			if err != nil {
				t.Fatal(err)
			}
			sig, err := s.Sign("n@test", strings.NewReader("m"))
			if err != nil {
				t.Fatal(err)
			}
			if err := VerifyKey(file.PublicKey(), "n@test", sig, strings.NewReader("m")); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := h.Signer("SHA256:unknown"); err == nil || !strings.Contains(err.Error(), "SHA256:unknown") {
		t.Errorf("unknown key: %v", err)
	}
	t.Setenv("SSH_AUTH_SOCK", "")
	if _, err := h.Signer("SHA256:unknown"); err == nil {
		t.Error("no agent, but a signer")
	}
}

func TestValidity(t *testing.T) {
	s := ed25519Signer(t)
	sig, err := s.Sign("n@test", strings.NewReader("m"))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		options string
		ok      bool
	}{
		{`namespaces="n@test"`, true},
		{`namespaces="x@test,n@test"`, true},
		{`namespaces="*@test"`, true},
		{`namespaces="n@*,!n@test"`, false},
		{`namespaces="x@test"`, false},
		{``, false},
		{`cert-authority,namespaces="n@test"`, false},
		{`namespaces="n@test",valid-after="20260615Z"`, true},
		{`namespaces="n@test",valid-after="20260616Z"`, false},
		{`namespaces="n@test",valid-before="20260615Z"`, false},
		{`namespaces="n@test",valid-before="202606151200Z"`, true},
		{`namespaces="n@test",valid-before="20260615115959Z"`, false},
		{`namespaces="n@test",valid-after="20260101",valid-before="20270101"`, true},
		{`NAMESPACES="n@test"`, true},
	} {
		_, err := parse(t, line(s, c.options)).At(at).Verify("n@test", sig, strings.NewReader("m"))
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, ErrNotAuthentic) {
			t.Errorf("%s: %v", c.options, err)
		}
	}
	two := line(s, `namespaces="x@test"`) + line(s, `namespaces="n@test"`)
	if _, err := parse(t, two).At(at).Verify("n@test", sig, strings.NewReader("m")); err != nil {
		t.Errorf("second line: %v", err)
	}
}

func TestParseAllowedSigners(t *testing.T) {
	key := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(ed25519Signer(t).PublicKey())))
	for _, text := range []string{
		"", "# comment only\n\n \t\r\n",
		"a " + key,
		"a,b@c.example,*@d " + key + " a comment of words\r\n# x\r\n",
		`"a b,c" namespaces="x" ` + key,
		"a\t" + `namespaces="x",valid-before="20300101"` + "\t" + key,
		"a cert-authority " + key,
	} {
		if _, err := ParseAllowedSigners("f", strings.NewReader(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"a", "a ssh-ed25519", "a ssh-ed25519 AAAA", "a ssh-rsa " + strings.Fields(key)[1],
		key, // a principal is missing
		`a namespaces=x ` + key, `a namespaces="" ` + key, `a namespaces ` + key, `a namespaces="x ` + key,
		`a namespaces="x",namespaces="y" ` + key, `a namespaces="x"valid-before="20300101" ` + key, `a namespaces="x", ` + key,
		`a unknown="x" ` + key, `a valid-before="2030" ` + key, `a valid-before="20301301" ` + key,
		`a valid-after="20300101",valid-before="20290101" ` + key, `a cert-authority="x" ` + key,
		"a " + strings.Repeat("x", maxLine),
	} {
		_, err := ParseAllowedSigners("f", strings.NewReader("# one\n"+text+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "f:2: ") {
			t.Errorf("%.80q: %v", text, err)
		}
	}
}

func TestMatchPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"a", "b", false}, {"?", "a", true}, {"?", "", false},
		{"*", "", true}, {"*", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abb", false}, {"*a*b*", "xxaxxbxx", true},
		{"a**", "a", true}, {"*?", "", false}, {strings.Repeat("*a", 50), strings.Repeat("a", 49), false},
	} {
		if got := matchPattern(c.pattern, c.text); got != c.want {
			t.Errorf("%q against %q: %v", c.pattern, c.text, got)
		}
	}
}

func FuzzParseAllowedSigners(f *testing.F) {
	key := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
	for _, seed := range []string{
		"a " + key + "\n", `a,b namespaces="x,!y",valid-after="20260101Z" ` + key + " comment\r\n",
		`"a b" cert-authority ` + key, "# x\n\na b c", `a namespaces="\"" ` + key,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseAllowedSigners("f", bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, l := range a.lines {
			if l.principals == "" || usableOrKnown(l.key) != nil {
				t.Errorf("line %d: %+v", l.number, l)
			}
			if got, err := a.find("x", l.key, time.Now()); err == nil && (got.certAuthority || got.namespaces == "") {
				t.Errorf("line %d allows without a namespace", got.number)
			}
		}
	})
}

func usableOrKnown(k ssh.PublicKey) error {
	_, err := ssh.ParsePublicKey(k.Marshal())
	return err
}

func FuzzSignature(f *testing.F) {
	_, key, _ := ed25519.GenerateKey(bytes.NewReader(make([]byte, 64)))
	s, _ := ssh.NewSignerFromKey(key)
	sig, _ := NewSigner(s).Sign("n@test", strings.NewReader("m"))
	f.Add(sig)
	f.Add([]byte(armorHead + armorTail))
	f.Fuzz(func(t *testing.T, data []byte) {
		canonical, err := CanonicalSignature(data)
		if err != nil {
			return
		}
		if again, err := CanonicalSignature(canonical); err != nil || !bytes.Equal(again, canonical) {
			t.Errorf("canonical form is not stable: %v", err)
		}
		if err := VerifyKey(s.PublicKey(), "n@test", data, strings.NewReader("m")); err == nil && !bytes.Equal(canonical, sig) {
			t.Error("another signature holds")
		}
	})
}

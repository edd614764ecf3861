package manifest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
)

const vectorDir = "testdata/vectors"

var updateVectors = flag.Bool("update", false, "make the vectors in "+vectorDir+" anew")

// vector is the statement beside a bundle; vectors/README.md says what each
// field means.
type vector struct {
	About      string   `json:"about"`
	Verdict    string   `json:"verdict"`
	Opens      bool     `json:"opens"`
	Unreadable []string `json:"unreadable"`
	Reason     string   `json:"reason,omitempty"`
	Receipt    string   `json:"receipt,omitempty"`
}

// vectorKey is the key of a name: made from it, so that nobody takes one for
// a secret.
func vectorKey(t testing.TB, name string) *trust.Signer {
	t.Helper()
	return trust.NewSigner(vectorSigner(t, name))
}

func vectorSigner(t testing.TB, name string) ssh.Signer {
	t.Helper()
	var touched byte = 1
	if name == "untouched" { // is the same key
		name, touched = "hardware", 0
	}
	seed := sha256.Sum256([]byte("diagcollect test vector key: " + name))
	var private crypto.Signer = ed25519.NewKeyFromSeed(seed[:])
	switch name {
	case "hardware":
		return newSoftHardwareKey(t, ed25519.NewKeyFromSeed(seed[:]), touched)
	case "short":
		private = shortKey(t, name)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// softHardwareKey signs as the firmware of a hardware key does
// (PROTOCOL.u2f).
type softHardwareKey struct {
	public  ssh.PublicKey
	private ed25519.PrivateKey
	flags   byte // 1: touched
}

func newSoftHardwareKey(t testing.TB, private ed25519.PrivateKey, flags byte) *softHardwareKey {
	t.Helper()
	public, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, private.Public().(ed25519.PublicKey), "ssh:"}))
	if err != nil {
		t.Fatal(err)
	}
	return &softHardwareKey{public, private, flags}
}

func (k *softHardwareKey) PublicKey() ssh.PublicKey { return k.public }

func (k *softHardwareKey) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	application, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	touchedAndCounter := []byte{k.flags, 0, 0, 0, 9}
	signed := slices.Concat(application[:], touchedAndCounter, message[:])
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(k.private, signed), Rest: touchedAndCounter}, nil
}

// vectorSigners are the two files that say whom the vectors' reader trusts.
func vectorSigners(t testing.TB) (allowed, revoked string) {
	t.Helper()
	line := func(name, options string) string {
		return strings.Join(strings.Fields(name+" "+options+" "+string(ssh.MarshalAuthorizedKey(vectorKey(t, name).PublicKey()))), " ") + "\n"
	}
	manifests := `namespaces="manifest@diagcollect"`
	allowed = "# Made by TestVectors. Nobody holds these keys: they are made from their names.\n" +
		line("signer", manifests) + line("hardware", manifests) +
		line("retired", manifests+`,valid-before="20260201000000Z"`) +
		line("revoked", manifests) +
		line("early", manifests+`,valid-after="29990101000000Z"`) +
		line("recipes", `namespaces="recipe@diagcollect"`) +
		line("unlimited", "") +
		strings.Replace(line("twice", `namespaces="file"`), "twice", "archivist", 1) + line("twice", manifests) +
		line("short", manifests) +
		line("receiver", `namespaces="receipt@diagcollect,deletion@diagcollect"`)
	return allowed, line("revoked", "")[len("revoked "):]
}

func parseVectorSigners(t testing.TB, allowed, revoked string) *trust.AllowedSigners {
	t.Helper()
	a, err := trust.ParseAllowedSigners("allowed_signers", strings.NewReader(allowed))
	if err == nil {
		a, err = a.Without("revoked_keys", strings.NewReader(revoked))
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestVectors runs every committed vector through every way a bundle is read
// here. With -update it makes them first.
func TestVectors(t *testing.T) {
	allowed, revoked := vectorSigners(t)
	if *updateVectors {
		writeVectors(t, allowed, revoked)
	}
	for name, want := range map[string]string{"allowed_signers": allowed, "revoked_keys": revoked} {
		if got, err := os.ReadFile(filepath.Join(vectorDir, name)); err != nil || string(got) != want {
			t.Errorf("%s is not what the generator makes: %v", name, err)
		}
	}
	signers := parseVectorSigners(t, allowed, revoked)
	files, err := filepath.Glob(filepath.Join(vectorDir, "*.vector.json"))
	if err != nil {
		t.Fatal(err)
	}
	made := makeVectors(t)
	if len(files) != len(made) || len(files) < 100 {
		t.Fatalf("%d vectors are there, the generator makes %d", len(files), len(made))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".vector.json")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			dec := json.NewDecoder(bytes.NewReader(text))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&v); err != nil {
				t.Fatal(err)
			}
			if v.About == "" || v.Verdict != "good" && v.Verdict != "refused" || (v.Verdict == "good") != (v.Reason == "") || v.Verdict == "good" && (!v.Opens || len(v.Unreadable) > 0) {
				t.Fatalf("states nonsense: %+v", v)
			}
			runVector(t, v, readVector(t, name), signers)
		})
	}
}

// readVector reads a bundle; one that is large and says little is compressed
// once more.
func readVector(t testing.TB, name string) []byte {
	t.Helper()
	path := filepath.Join(vectorDir, name+".tar.zst")
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if data, err = os.ReadFile(path + ".zst"); err == nil {
			data = decodeWhole(t, data)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func runVector(t *testing.T, v vector, data []byte, signers *trust.AllowedSigners) {
	if v.Receipt != "" {
		if dated := dating(t, v, data, signers); dated != nil {
			signers = dated
		} else if v.Verdict == "good" {
			t.Fatal("its receipt does not date it")
		}
	}
	ways := map[string]func() (*Bundle, error){
		"memory": func() (*Bundle, error) {
			return Open(bytes.NewReader(data), int64(len(data)), signers, Limits{})
		},
		"file": func() (*Bundle, error) { return openVectorFile(t, data, signers, nil) },
		"age":  func() (*Bundle, error) { return openVectorFile(t, data, signers, vectorIdentity(t)) },
	}
	for how, open := range ways {
		b, err := open()
		if (err == nil) != v.Opens {
			t.Errorf("%s: open: %v", how, err)
		}
		if err != nil {
			if !isRefused(err) || !strings.Contains(err.Error(), v.Reason) {
				t.Errorf("%s: refused with %q, want %q", how, err, v.Reason)
			}
			continue
		}
		readOpened(t, how, v, b)
		b.Close()
	}
}

func readOpened(t *testing.T, how string, v vector, b *Bundle) {
	// One entry at a time, by seeking: what comes out is what was signed, and
	// only what cannot be had is refused.
	refused := []string{}
	for e, err := range b.Entries() {
		if err != nil {
			t.Errorf("%s: entries: %v", how, err)
			break
		}
		r, err := b.Content(e)
		if err != nil {
			t.Errorf("%s: %s: %v", how, e.Path, err)
			continue
		}
		h := sha256.New()
		n, err := io.Copy(h, r)
		r.Close()
		switch {
		case err != nil && !isRefused(err):
			t.Errorf("%s: %s: %v", how, e.Path, err)
		case err != nil:
			refused = append(refused, e.Path)
		case n != e.Size || hex.EncodeToString(h.Sum(nil)) != e.SHA256:
			t.Errorf("%s: %s: content is not what the list says", how, e.Path)
		}
	}
	if !slices.Equal(refused, v.Unreadable) {
		t.Errorf("%s: refused to read %q, want %q", how, refused, v.Unreadable)
	}
	dir := t.TempDir()
	for what, err := range map[string]error{"verify": b.Verify(context.Background()), "extract": b.Extract(context.Background(), dir)} {
		if (err == nil) != (v.Verdict == "good") {
			t.Errorf("%s: %s: %v, want %s", how, what, err, v.Verdict)
		}
		if err != nil && (!isRefused(err) || !strings.Contains(err.Error(), v.Reason)) {
			t.Errorf("%s: %s: refused with %q, want %q", how, what, err, v.Reason)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || (len(left) == 1) != (v.Verdict == "good") {
		t.Errorf("%s: %d things in the folder extracted to, %v", how, len(left), err)
	}
	if err := b.CheckFrames(context.Background()); v.Verdict == "good" && err != nil {
		t.Errorf("%s: frames: %v", how, err)
	}
}

// dating does what a reader with a receipt does; nil: it dates nothing.
func dating(t *testing.T, v vector, data []byte, signers *trust.AllowedSigners) *trust.AllowedSigners {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectorDir, v.Receipt))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := os.ReadFile(filepath.Join(vectorDir, v.Receipt+".sig"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signers.Verify(trust.NamespaceReceipt, sig, bytes.NewReader(text)); err != nil {
		return nil
	}
	var r struct {
		SHA256   string    `json:"sha256"`
		Received time.Time `json:"received"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(data); r.SHA256 != hex.EncodeToString(sum[:]) {
		return nil
	}
	return signers.At(r.Received)
}

func vectorIdentity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func openVectorFile(t *testing.T, data []byte, signers *trust.AllowedSigners, id *age.X25519Identity) (*Bundle, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle")
	if id == nil {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return OpenFile(path, signers, Limits{})
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := age.Encrypt(f, id.Recipient())
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = errors.Join(w.Close(), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return OpenFile(path, signers, Limits{}, id)
}

// writeVectors makes the files and looks at nothing: TestVectors then finds
// out whether they are what they claim.
func writeVectors(t *testing.T, allowed, revoked string) {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(vectorDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old {
		if filepath.Base(f) != "README.md" {
			os.Remove(f)
		}
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(vectorDir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("allowed_signers", []byte(allowed))
	write("revoked_keys", []byte(revoked))
	for name, m := range makeVectors(t) {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(m.vector); err != nil {
			t.Fatal(err)
		}
		write(name+".vector.json", text.Bytes())
		if m.Receipt != "" {
			write(m.Receipt, m.receipt)
			write(m.Receipt+".sig", m.receiptSig)
		}
		if len(m.data) < 256<<10 {
			write(name+".tar.zst", m.data)
			continue
		}
		enc2, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBestCompression))
		if err != nil {
			t.Fatal(err)
		}
		write(name+".tar.zst.zst", enc2.EncodeAll(m.data, nil))
	}
}

// The generator has no clock and no dice.
func TestVectorsAreReproducible(t *testing.T) {
	one, two := makeVectors(t), makeVectors(t)
	for name, m := range one {
		if !bytes.Equal(m.data, two[name].data) || fmt.Sprint(m.vector) != fmt.Sprint(two[name].vector) {
			t.Errorf("%s: made twice, differs", name)
		}
	}
}

// FuzzVectors begins with all vectors. Whatever becomes of them: what is
// accepted decodes to the content of one that a key signed.
func FuzzVectors(f *testing.F) {
	allowed, revoked := vectorSigners(f)
	signers := parseVectorSigners(f, allowed, revoked)
	good := map[[sha256.Size]byte]bool{}
	for _, m := range makeVectors(f) {
		if m.Verdict == "good" && m.Receipt == "" {
			good[sha256.Sum256(decodeWhole(f, m.data))] = true
		}
		if len(m.data) < 64<<10 {
			f.Add(m.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := prove(data, signers)
		if err != nil && !isRefused(err) {
			t.Errorf("%v", err)
		}
		if err == nil && !good[sha256.Sum256(decodeWhole(t, data))] {
			t.Error("accepted, and nobody signed it")
		}
	})
}

package receive

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// vectorSigner is the key that manifest/testdata/vectors/README.md describes.
func vectorSigner(t *testing.T, name string) *trust.Signer {
	t.Helper()
	seed := sha256.Sum256([]byte("diagcollect test vector key: " + name))
	private := ed25519.NewKeyFromSeed(seed[:])
	if name != "hardware" {
		s, err := ssh.NewSignerFromSigner(private)
		if err != nil {
			t.Fatal(err)
		}
		return trust.NewSigner(s)
	}
	public, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, private.Public().(ed25519.PublicKey), "ssh:"}))
	if err != nil {
		t.Fatal(err)
	}
	return trust.NewSigner(&hardwareKey{public, private})
}

// hardwareKey signs as the firmware of one does (PROTOCOL.u2f), touched.
type hardwareKey struct {
	public  ssh.PublicKey
	private ed25519.PrivateKey
}

func (k *hardwareKey) PublicKey() ssh.PublicKey { return k.public }

func (k *hardwareKey) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	application, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	rest := []byte{1, 0, 0, 0, 7}
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(k.private, slices.Concat(application[:], rest, message[:])), Rest: rest}, nil
}

// The intake takes the good bundles of the format's test vectors and refuses
// the others. It knows no retired keys: an agent is in standing or revoked. And
// it asks for more than a reader does: a bundle says to whom it goes.
func TestVectorsAtIntake(t *testing.T) {
	const dir = "../manifest/testdata/vectors"
	r := newRig(t)
	r.makeCase("", "4711")
	p := r.enrolSigner(vectorSigner(t, "signer"), "", "agent", "")
	r.enrolSigner(vectorSigner(t, "hardware"), "", "agent", "")
	r.enrolSigner(vectorSigner(t, "twice"), "", "agent", "")
	revoked := r.enrolSigner(vectorSigner(t, "revoked"), "", "agent", "")
	if err := r.Admin().Revoke(t.Context(), revoked.me.Agent); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.vector.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	stored := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".vector.json")
		t.Run(name, func(t *testing.T) {
			var v struct{ Verdict, Receipt string }
			text, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(text, &v)
			}
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, name+".tar.zst"))
			if os.IsNotExist(err) {
				if data, err = os.ReadFile(filepath.Join(dir, name+".tar.zst.zst")); err == nil {
					data, err = dec.DecodeAll(data, nil)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			want, why := upload.StateRefused, "not authentic"
			if name == "good-left-out" {
				why = `signed for organisation ""`
			} else if v.Verdict == "good" && v.Receipt == "" {
				want = upload.StateStored
				stored++
			}
			st := p.deliver("4711", r.wrapFor(data))
			if st.State != want || (st.Receipt != nil) != (want == upload.StateStored) {
				t.Errorf("%s, want %s: %s", st.State, want, st.Reason)
			}
			if want == upload.StateRefused && !strings.Contains(st.Reason, why) {
				t.Errorf("refused for %q", st.Reason)
			}
		})
	}
	if n := len(r.query(`SELECT id FROM bundles`)); n != stored {
		t.Errorf("%d bundles are stored, want %d", n, stored)
	}
}

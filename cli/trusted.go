package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// Whose signatures count, for the commands that look into bundles.

func trustFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("allowed-signers", "trust the keys in this `FILE` (ssh-keygen's format) instead of one's own"),
		stringFlag("revoked-keys", "the public keys in this `FILE` prove nothing, nor do one's own revoked ones"),
		askFlag("receipt", "the receipt.json in `FILE` says when the bundle was there: for one signed with a key that is retired by now"),
	}
}

// signers reads the keys to trust. What is revoked here proves nothing in
// another's file either.
func (p *program) signers(c *cli.Context, home *trust.Home) (signers *trust.AllowedSigners, err error) {
	if name := c.String("allowed-signers"); name == "" {
		signers, err = home.AllowedSigners()
	} else if err = withFile("allowed-signers", name, func(f io.Reader) (err error) {
		signers, err = trust.ParseAllowedSigners(name, f)
		return err
	}); err == nil {
		signers, err = home.WithoutRevoked(signers)
	}
	if name := c.String("revoked-keys"); name != "" && err == nil {
		err = withFile("revoked-keys", name, func(f io.Reader) (err error) {
			signers, err = signers.Without(name, f)
			return err
		})
	}
	return signers, err
}

func withFile(flag, name string, read func(io.Reader) error) error {
	if err := checkFile("--"+flag, name); err != nil {
		return err
	}
	f, err := os.Open(name)
	if err == nil {
		err = errors.Join(read(f), f.Close())
	}
	if err != nil {
		return fileProblem("--"+flag, name, err)
	}
	return nil
}

// openDated opens a bundle whose signing key is retired by now, if a receipt
// says that exactly these bytes were there before the key's end.
func (p *program) openDated(c *cli.Context, path string, open func(*trust.AllowedSigners) (*manifest.Bundle, error), signers *trust.AllowedSigners, why error) (*manifest.Bundle, error) {
	name := c.String("receipt")
	if name == "" {
		var err error
		if name, err = p.receiptOf(path); err != nil {
			return nil, err
		}
	}
	if name == "" {
		return nil, (&problem{exit: exitNotAuthentic, code: "not-authentic", err: why}).
			withHint("what it signed before that is proven by the receiver's receipt: --receipt FILE")
	}
	r, _, err := readReceipt(name, signers)
	if err != nil {
		return nil, err
	}
	b, err := open(signers.At(r.Received))
	if err != nil {
		return nil, err
	}
	sum, err := b.SHA256(p.ctx)
	if err == nil && (sum != r.SHA256 || r.BundleID != b.Head().BundleID) {
		err = fmt.Errorf("%s: %w: %s is for another bundle (%s, sha256 %s); and %w", visible(path), trust.ErrNotAuthentic, visible(name), visible(r.BundleID), visible(r.SHA256), why)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	p.say("the signing key is retired; the receipt of %s dates the bundle before its end", r.Received.UTC().Format(time.RFC3339))
	return b, nil
}

// receiptOf finds the receipt of a bundle that was sent from here: by the place
// of its copy, else by its name. Whether it is the right one shows later.
func (p *program) receiptOf(path string) (string, error) {
	spool, err := upload.OpenSpool(p.state)
	if err != nil {
		return "", err
	}
	records, err := spool.History()
	if err != nil {
		return "", err
	}
	byName := ""
	for _, r := range records {
		switch {
		case r.Receipt == "":
		case r.Kept == path:
			return r.Receipt, nil
		case r.Name == filepath.Base(path):
			byName = r.Receipt
		}
	}
	return byName, nil
}

// provenReceipt reads a receipt that an operator names.
func (p *program) provenReceipt(c *cli.Context, name string) (*upload.Receipt, *trust.Proof, error) {
	home, err := p.openHome()
	if err != nil {
		return nil, nil, err
	}
	signers, err := p.signers(c, home)
	if err != nil {
		return nil, nil, err
	}
	return readReceipt(name, signers)
}

// readReceipt reads a receipt and proves it.
func readReceipt(name string, signers *trust.AllowedSigners) (*upload.Receipt, *trust.Proof, error) {
	text, err := readSmall(name)
	if err != nil {
		return nil, nil, fileProblem("receipt", name, err)
	}
	sig, err := readSmall(name + ".sig")
	if err != nil {
		return nil, nil, (&problem{exit: exitNotAuthentic, code: "not-authentic", err: fmt.Errorf("%s: a receipt without its signature: %w", name, about(name+".sig", err))}).
			withHint("the signature lies beside it as receipt.json.sig")
	}
	proof, err := signers.Verify(trust.NamespaceReceipt, sig, bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", visible(name), err)
	}
	r, err := upload.ParseReceipt(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", visible(name), err)
	}
	return r, proof, nil
}

func readSmall(name string) ([]byte, error) {
	if fi, err := os.Stat(name); err == nil && fi.IsDir() {
		return nil, fmt.Errorf("%s is a folder, where a file is wanted", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 20
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s: larger than %s", name, size(most))
	}
	return b, err
}

package upload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/diagcollect/diagcollect/trust"
)

// prove checks that the receipt is the receiver's and is for this item.
func (c *Client) prove(home *trust.Home, i *Item, receipt *SignedText) error {
	signers, err := home.AllowedSigners()
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	proof, err := signers.Verify(trust.NamespaceReceipt, []byte(receipt.Signature), strings.NewReader(receipt.Text))
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	// Another receiver's key may stand there too; consent was for this one's.
	if proof.Fingerprint != c.ReceiptKey() {
		return fmt.Errorf("receipt: %w: signed by %s (%s), which is not the key of %s", ErrNotAuthentic, proof.Fingerprint, proof.Principal, c.URL())
	}
	r, err := ParseReceipt([]byte(receipt.Text))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotAuthentic, err)
	}
	// Wire digest and agent are not among them: the same bundle, sent again,
	// is answered with its first receipt. What is held is what sha256 says.
	for _, f := range []struct {
		name      string
		got, want any
	}{
		{"organisation", r.Organisation, i.Organisation},
		{"case", r.Case, i.Case},
		{"bundle_id", r.BundleID, i.BundleID},
		{"sha256", r.SHA256, i.SHA256},
		{"size", r.Size, i.Size},
		{"entries", r.Entries, i.Entries},
		{"verdict", r.Verdict, string(StateStored)},
	} {
		if f.got != f.want {
			return fmt.Errorf("receipt: %w: %s is %s, and must be %v", ErrNotAuthentic, f.name, foreign(fmt.Sprint(f.got)), f.want)
		}
	}
	return nil
}

// ReceiptVersion is the version of receipts written and read here.
const ReceiptVersion = 1

// ParseReceipt reads a receipt without proving it. Keys that stand twice are
// refused: two readers could take it for two statements.
func ParseReceipt(text []byte) (*Receipt, error) {
	if err := uniqueKeys(text); err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	r := new(Receipt)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	if r.Version != ReceiptVersion {
		return nil, fmt.Errorf("receipt: version %d is not known here", r.Version)
	}
	return r, nil
}

// uniqueKeys refuses an object that has one key twice, in whatever case: the
// decoder would take either.
func uniqueKeys(text []byte) error {
	type level struct {
		keys  map[string]bool // nil in an array
		value bool            // in an object: a key was read, its value comes
	}
	var open []level
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if tok == json.Delim('}') || tok == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 {
			if in := &open[len(open)-1]; in.keys != nil && !in.value {
				name := strings.ToLower(strings.ToUpper(tok.(string))) // folds as the decoder does
				if in.keys[name] {
					return fmt.Errorf("key %q stands twice", foreign(name))
				}
				in.keys[name], in.value = true, true
				continue
			}
			open[len(open)-1].value = false
		}
		switch tok {
		case json.Delim('{'):
			open = append(open, level{keys: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		}
	}
}

package receive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// Bundle is a stored bundle as listed.
type Bundle struct {
	BundleID string             `json:"bundle_id"`
	Case     string             `json:"case"`
	Agent    string             `json:"agent"`
	State    upload.UploadState `json:"state"`
	Reason   string             `json:"reason,omitempty"` // why it is sealed
	SHA256   string             `json:"sha256"`
	Size     int64              `json:"size"`
	Entries  int                `json:"entries"`
	Host     string             `json:"host"`
	Name     string             `json:"name"`
	Received time.Time          `json:"received"`
}

// bundle is a bundle as the database has it.
type bundle struct {
	organisation, caseID, id string
	agent, signer            string
	state                    upload.UploadState
	reason                   string
	object                   string // names blob and key
	sha256                   string // of the .tar.zst
	size                     int64
	wireSHA256               string
	wireSize, blobSize       int64
	entries                  int
	host, name               string
	received                 time.Time
	receipt                  upload.SignedText
}

func (b *bundle) listed() Bundle {
	return Bundle{
		BundleID: b.id, Case: b.caseID, Agent: b.agent, State: b.state, Reason: b.reason, SHA256: b.sha256, Size: b.size,
		Entries: b.entries, Host: b.host, Name: b.name, Received: b.received,
	}
}

func (s *store) addBundle(ctx context.Context, q querier, b *bundle) error {
	_, err := q.ExecContext(ctx, `INSERT INTO bundles (organisation, case_id, id, agent, signer, state, reason, object, sha256, size,
		wire_sha256, wire_size, blob_size, entries, host, name, received, receipt, receipt_sig)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.organisation, b.caseID, b.id, b.agent, b.signer, b.state, b.reason, b.object, b.sha256, b.size,
		b.wireSHA256, b.wireSize, b.blobSize, b.entries, b.host, b.name, stamp(b.received), b.receipt.Text, b.receipt.Signature)
	return err
}

// findBundle returns a bundle of an organisation, or nil.
func (s *store) findBundle(ctx context.Context, q querier, organisation, id string) (*bundle, error) {
	bs, err := s.queryBundles(ctx, q, `organisation = ? AND id = ?`, organisation, id)
	if err != nil || len(bs) == 0 {
		return nil, err
	}
	return bs[0], nil
}

// queryBundles returns bundles, newest first. where is a constant of this
// package.
func (s *store) queryBundles(ctx context.Context, q querier, where string, args ...any) ([]*bundle, error) {
	var bs []*bundle
	err := query(ctx, q, func(rows *sql.Rows) error {
		b := new(bundle)
		var received int64
		err := rows.Scan(&b.organisation, &b.caseID, &b.id, &b.agent, &b.signer, &b.state, &b.reason, &b.object, &b.sha256, &b.size,
			&b.wireSHA256, &b.wireSize, &b.blobSize, &b.entries, &b.host, &b.name, &received, &b.receipt.Text, &b.receipt.Signature)
		b.received = unstamp(received)
		bs = append(bs, b)
		return err
	}, `SELECT organisation, case_id, id, agent, signer, state, reason, object, sha256, size,
		wire_sha256, wire_size, blob_size, entries, host, name, received, receipt, receipt_sig
		FROM bundles WHERE `+where+` ORDER BY received DESC, id`, args...)
	return bs, err
}

// opened is a stored bundle that can be read. Every read decrypts and
// authenticates; nothing in clear touches the disk.
type opened struct {
	*manifest.Bundle
	clear *io.SectionReader // the .tar.zst
	file  *os.File          // to be closed
}

func (k *keyring) openBundle(ctx context.Context, b *bundle) (_ *opened, err error) {
	id, err := k.bundleKey(ctx, b.organisation, b.caseID, b.object)
	if err != nil {
		return nil, err
	}
	f, err := k.root.Open(blobName(b.organisation, b.caseID, b.object))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != b.blobSize {
		return nil, fmt.Errorf("blob has %d bytes, and had %d", info.Size(), b.blobSize)
	}
	r, size, err := age.DecryptReaderAt(f, b.blobSize, id)
	if err != nil {
		return nil, err
	}
	// The key that signed it was in standing when the receipt was given, and
	// the receipt dates it; it may have been revoked since.
	var line strings.Builder
	writeSigner(&line, b.agent, b.signer)
	signers, err := trust.ParseAllowedSigners("signer", strings.NewReader(line.String()))
	if err != nil {
		return nil, err
	}
	m, err := manifest.Open(r, size, signers, manifest.Limits{})
	if err != nil {
		return nil, err
	}
	return &opened{Bundle: m, clear: io.NewSectionReader(r, 0, size), file: f}, nil
}

// markDeleted leaves of a bundle what says that it was here.
func (s *store) markDeleted(ctx context.Context, tx *sql.Tx, b *bundle) error {
	_, err := tx.ExecContext(ctx, `UPDATE bundles SET state = 'deleted' WHERE organisation = ? AND id = ?`, b.organisation, b.id)
	return err
}

package upload

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// UploadID is the id under which a receiver knows an upload. It derives from
// who sends what to which case, so creating the same upload again finds the
// one that is there, and nobody names another's: lower-case hex of SHA-256
// over "diagcollect upload 1" and then each of the four, every one of the
// five behind its length in bytes (64 bits, big-endian). agent is the id
// given at enrolment; sha256 is the lower-case hex digest of the wire bytes.
//
//nolint:revive // the protocol calls it so
func UploadID(organisation, caseID, agent, sha256Hex string) string {
	h := sha256.New()
	for _, s := range []string{"diagcollect upload 1", organisation, caseID, agent, sha256Hex} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

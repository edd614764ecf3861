package receive

import (
	"context"
	"fmt"
)

// What a line of the audit log says happened, and how it ended.
const (
	allowed = "allowed"
	denied  = "denied"
)

// auditLine says who did what to which object of which case, by which stated
// purpose, and what came of it. Organisation "" is the receiver's own log.
type auditLine struct {
	organisation, who, role string
	action                  string
	caseID, object          string
	purpose                 string
	result, detail          string
}

// record appends a line. It is on disk when record (or the transaction that q
// is) returns, so callers record first and serve afterwards. Every line of
// the receiver is written here and nowhere else: lines are numbered without a
// gap per organisation, as the leaves of a Merkle log are.
func (s *store) record(ctx context.Context, q querier, l auditLine) error {
	_, err := q.ExecContext(ctx, `INSERT INTO audit (organisation, seq, at, who, role, action, case_id, object, purpose, result, detail)
		SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM audit WHERE organisation = ?1`,
		l.organisation, stamp(s.now()), l.who, l.role, l.action, l.caseID, l.object, l.purpose, l.result, clip(l.detail))
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// clip bounds text that came from elsewhere.
func clip(text string) string {
	const most = 600
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && text[end]&0xc0 == 0x80 { // not inside a character
		end--
	}
	return text[:end] + "..."
}

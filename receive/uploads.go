package receive

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/diagcollect/diagcollect/upload"
)

func uploadPath(caseID, id string) string {
	return strings.Replace(upload.PathUploads, "{case}", url.PathEscape(caseID), 1) + "/" + id
}

// discoverTus answers which parts of tus are spoken.
func (s *Server) discoverTus(w http.ResponseWriter, r *http.Request, c *caller) error {
	if _, err := s.callerCase(r, c); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Tus-Resumable", "1.0.0")
	h.Set("Tus-Version", "1.0.0")
	h.Set("Tus-Extension", "creation,termination")
	h.Set("Tus-Max-Size", strconv.FormatInt(s.opts.MaxUpload, 10))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// createUpload finds or makes the upload that organisation, case, agent and
// digest name. Creating one again answers where it stands.
func (s *Server) createUpload(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	in, err := s.callerCase(r, c)
	if err != nil {
		return err
	}
	if r.Header.Get("Tus-Resumable") != "1.0.0" {
		w.Header().Set("Tus-Version", "1.0.0")
		return refuse(http.StatusPreconditionFailed, upload.CodeBadRequest, "Another version of tus", "Tus-Resumable must be 1.0.0")
	}
	if r.Header.Get("Upload-Concat") != "" || r.Header.Get("Upload-Defer-Length") != "" {
		return badRequest("concatenation and deferred lengths are not supported")
	}
	meta := handler.ParseMetadataHeader(r.Header.Get("Upload-Metadata"))
	sum := meta[upload.MetaSHA256]
	if b, err := hex.DecodeString(sum); err != nil || len(b) != 32 || strings.ToLower(sum) != sum {
		return badRequest("Upload-Metadata: %s must be a SHA-256 in lower-case hex", upload.MetaSHA256)
	}
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil || size <= 0 {
		return badRequest("Upload-Length must be a positive number")
	}
	u := &sent{
		organisation: c.organisation, caseID: in.Case, id: upload.UploadID(c.organisation, in.Case, c.agent, sum),
		agent: c.agent, wireSHA256: sum, wireSize: size, state: upload.StateUploading, progress: s.now(),
	}
	// One at a time: each counts those before it.
	unlock, err := s.locks.lock(ctx, "create")
	if err != nil {
		return err
	}
	defer unlock()
	old, err := s.findUpload(ctx, s.db, u.organisation, u.caseID, u.id)
	if err != nil {
		return err
	}
	if old != nil {
		return s.answerStanding(w, r, in, old, size)
	}
	if err := s.admit(ctx, in, u, meta[upload.MetaBundleID]); err != nil {
		return err
	}
	// A body sent with the creation is not read: PATCH is the one way in, and
	// the lock held here is never held for long.
	r = r.Clone(ctx)
	r.Header.Del("Content-Type")
	return s.serveTus(w, r, u, "/", uploadPath(u.caseID, u.id))
}

// addUpload puts a new upload on record.
func (s *Server) addUpload(ctx context.Context, u *sent) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		now := s.now()
		_, err := tx.ExecContext(ctx, `INSERT INTO uploads (organisation, case_id, id, agent, wire_sha256, wire_size, state, created, changed, progress)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, u.organisation, u.caseID, u.id, u.agent, u.wireSHA256, u.wireSize, u.state, stamp(now), stamp(now), stamp(u.progress))
		if err != nil {
			return err
		}
		if err := s.touchCase(ctx, tx, u.organisation, u.caseID, now); err != nil {
			return err
		}
		l := u.line(u.agent, "begin-upload")
		l.role = roleAgent
		return s.record(ctx, tx, l)
	})
}

// admit refuses a new upload before its bytes, where that can be known.
func (s *Server) admit(ctx context.Context, in *Case, u *sent, told string) error {
	if in.State != caseOpen {
		return closedCase(in.Case)
	}
	if told != "" {
		id, err := uuid.Parse(told)
		if err != nil || id.String() != told {
			return badRequest("Upload-Metadata: %s is no UUID", upload.MetaBundleID)
		}
		b, err := s.findBundle(ctx, s.db, u.organisation, told)
		if err != nil {
			return err
		}
		if b != nil && b.state == upload.StateDeleted {
			return refuse(http.StatusConflict, upload.CodeBundleRefused, "The bundle is refused", "bundle %s was deleted here", told)
		}
	}
	if u.wireSize > s.opts.MaxUpload {
		return refuse(http.StatusRequestEntityTooLarge, upload.CodeTooLarge, "Too large", "%d bytes; at most %d are taken", u.wireSize, s.opts.MaxUpload)
	}
	room, err := s.room(ctx, u.organisation, u.agent)
	if err != nil {
		return err
	}
	if room.open >= maxOpen {
		return tooManyOpen()
	}
	if u.wireSize > room.fits {
		return noSpace("there is no room for %d bytes now", u.wireSize)
	}
	return nil
}

// answerStanding answers a creation for an upload that is known.
func (s *Server) answerStanding(w http.ResponseWriter, r *http.Request, in *Case, u *sent, size int64) error {
	if size != u.wireSize {
		return badRequest("Upload-Length %d: this upload was begun with %d", size, u.wireSize)
	}
	offset, err := s.standing(r.Context(), in, u)
	if err != nil {
		return err
	}
	s.tusHeaders(w, u, offset)
	w.Header().Set("Location", uploadPath(u.caseID, u.id))
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Server) tusHeaders(w http.ResponseWriter, u *sent, offset int64) {
	h := w.Header()
	h.Set("Tus-Resumable", "1.0.0")
	h.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	h.Set("Upload-Length", strconv.FormatInt(u.wireSize, 10))
}

// standing is how many bytes of an upload are taken, or why it will not go on.
func (s *Server) standing(ctx context.Context, in *Case, u *sent) (int64, error) {
	switch u.state {
	case upload.StateUploading:
		if in.State != caseOpen {
			return 0, closedCase(in.Case)
		}
		offset, err := s.stagedSize(u)
		if err == nil && offset == u.wireSize {
			// All bytes are here, but the process ended before it said so.
			err = s.received(ctx, u)
		}
		return offset, err
	case upload.StateRefused, upload.StateDeleted:
		return 0, refuse(http.StatusConflict, upload.CodeBundleRefused, "The bundle is refused", "%s", u.reason)
	}
	return u.wireSize, nil
}

// callerUpload returns the caller's own upload of a request.
func (s *Server) callerUpload(r *http.Request, c *caller) (*Case, *sent, error) {
	in, err := s.callerCase(r, c)
	if err != nil {
		return nil, nil, err
	}
	u, err := s.findUpload(r.Context(), s.db, c.organisation, in.Case, r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if u == nil || u.agent != c.agent {
		return nil, nil, unknown("no such upload")
	}
	return in, u, nil
}

// headUpload asks tusd while an upload is unfinished: it takes the lock from a
// PATCH whose line is dead, so that the offset told is the one to go on from.
func (s *Server) headUpload(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, u, err := s.callerUpload(r, c)
	if err != nil {
		return err
	}
	offset, err := s.standing(r.Context(), in, u)
	if err != nil {
		return err
	}
	if u.state == upload.StateUploading {
		return s.serveTus(w, r, u, "/"+u.id, "")
	}
	s.tusHeaders(w, u, offset)
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *Server) patchUpload(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, u, err := s.callerUpload(r, c)
	if err != nil {
		return err
	}
	offset, err := s.standing(r.Context(), in, u)
	if err != nil {
		return err
	}
	if u.state != upload.StateUploading {
		if r.Header.Get("Upload-Offset") != strconv.FormatInt(offset, 10) {
			return refuse(http.StatusConflict, upload.CodeBadRequest, "The upload does not go on like this", "it is complete")
		}
		s.tusHeaders(w, u, offset)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := s.reserveAgain(r.Context(), u); err != nil {
		return err
	}
	return s.serveTus(w, r, u, "/"+u.id, "")
}

func (s *Server) deleteUpload(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, u, err := s.callerUpload(r, c)
	if err != nil {
		return err
	}
	if u.state != upload.StateUploading {
		return refuse(http.StatusConflict, upload.CodeBadRequest, "The upload is complete", "only an unfinished upload can be given up")
	}
	l := u.line(c.agent, "give-up-upload")
	l.role = c.role
	if err := s.record(r.Context(), s.db, l); err != nil {
		return err
	}
	return s.serveTus(w, r, u, "/"+u.id, "")
}

// received hands an upload whose bytes are all here to intake. They are on
// disk before the sender hears of it. Whoever comes second finds it done.
func (s *Server) received(ctx context.Context, u *sent) error {
	// The sender may hang up now; its bytes count all the same.
	ctx = context.WithoutCancel(ctx)
	unlock, err := s.locks.lock(ctx, "finish "+u.id)
	if err != nil {
		return err
	}
	defer unlock()
	now, err := s.findUpload(ctx, s.db, u.organisation, u.caseID, u.id)
	if err != nil {
		return err
	}
	if now == nil {
		return unknown("no such upload")
	}
	if *u = *now; u.state != upload.StateUploading {
		return nil
	}
	f, err := s.root.OpenFile(u.staged(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := s.move(ctx, s.db, u, upload.StateReceived); err != nil {
		return err
	}
	s.rouse()
	return nil
}

// uploadStatus tells an agent what became of what it sent.
func (s *Server) uploadStatus(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, u, err := s.callerUpload(r, c)
	if err != nil {
		return err
	}
	st := upload.Status{ID: u.id, State: u.state, Offset: u.wireSize, Size: u.wireSize, BundleID: u.bundleID, Reason: u.reason}
	switch u.state {
	case upload.StateUploading:
		if st.Offset, err = s.stagedSize(u); err != nil {
			return err
		}
		if st.Offset == u.wireSize {
			if err := s.received(r.Context(), u); err != nil {
				return err
			}
			st.State = u.state
		}
	case upload.StateStored:
		b, err := s.findBundle(r.Context(), s.db, u.organisation, u.bundleID)
		if err != nil {
			return err
		}
		if b != nil {
			st.Receipt = &b.receipt
		}
	}
	return reply(w, http.StatusOK, st)
}

package receive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// problem is an error that is answered: an RFC 9457 document. Every other
// error is internal: logged, and answered without a word of it.
type problem struct {
	upload.Problem
	after time.Duration // Retry-After
}

func (p *problem) Error() string { return p.Code + ": " + p.Title + ": " + p.Detail }

func refuse(status int, code, title, format string, args ...any) *problem {
	return &problem{Problem: upload.Problem{
		Type:   "urn:diagcollect:problem:" + code,
		Title:  title,
		Status: status,
		Code:   code,
		Detail: clip(fmt.Sprintf(format, args...)),
	}}
}

func badRequest(format string, args ...any) *problem {
	return refuse(http.StatusBadRequest, upload.CodeBadRequest, "The request is malformed", format, args...)
}

func unauthorised(why string) *problem {
	return refuse(http.StatusUnauthorized, upload.CodeUnauthorised, "Not enrolled", "%s", why)
}

func forbidden(format string, args ...any) *problem {
	return refuse(http.StatusForbidden, upload.CodeForbidden, "Not allowed", format, args...)
}

// unknownCase answers for a case that is not there, that is another
// organisation's, and that is not assigned: the same to the byte.
func unknownCase(id string) *problem {
	return refuse(http.StatusNotFound, upload.CodeUnknownCase, "No such case", "case %q is not known here", clip(id))
}

func closedCase(id string) *problem {
	return refuse(http.StatusConflict, upload.CodeClosedCase, "The case is closed", "case %q is closed", id)
}

func unknown(what string) *problem {
	return refuse(http.StatusNotFound, upload.CodeUnknown, "Not found", "%s", what)
}

func keyRefused(why string) *problem {
	return refuse(http.StatusForbidden, upload.CodeKeyRefused, "The enrolment key is refused", "%s", why)
}

func tooMany(after time.Duration) *problem {
	p := refuse(http.StatusTooManyRequests, upload.CodeTooManyRequests, "Too many requests", "try again later")
	p.after = after
	return p
}

func tooSlow() *problem {
	p := refuse(http.StatusTooManyRequests, upload.CodeTooManyRequests, "Too slow", "less than %d bytes in a minute; those that arrived are kept", paceBytes)
	p.after = 10 * time.Second
	return p
}

func unavailable(why string) *problem {
	p := refuse(http.StatusServiceUnavailable, upload.CodeInternal, "Not available", "%s", why)
	p.after = 5 * time.Second
	return p
}

// internal is answered for an error whose text stays here; id stands beside
// it in the log.
func internal(id string) *problem {
	return refuse(http.StatusInternalServerError, upload.CodeInternal, "Internal error", "noted as %s", id)
}

func (p *problem) write(w http.ResponseWriter) {
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Disposition")
	h.Del("Etag")
	h.Set("Content-Type", "application/problem+json")
	if p.after > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.after.Seconds())))
	}
	w.WriteHeader(p.Status)
	// A client that went away misses its answer; nothing is lost by that.
	_ = json.NewEncoder(w).Encode(p.Problem)
}

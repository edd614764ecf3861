package upload

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// RefusedError is the receiver's no: asking again will not help before
// somebody changes something.
type RefusedError struct{ Problem Problem }

func (e *RefusedError) Error() string { return "refused: " + e.Problem.text() }

// text is the problem for people.
func (p Problem) text() string {
	s := p.Title
	if s == "" {
		s = strings.ToLower(http.StatusText(p.Status))
	}
	if s == "" {
		s = "status " + strconv.Itoa(p.Status)
	}
	if p.Detail != "" && p.Detail != s {
		s += ": " + p.Detail
	}
	return s
}

const (
	maxProblem     = 64 << 10 // bytes read of a problem document
	maxProblemText = 500      // runes kept of each of its texts
)

var problemCode = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// readProblem makes a problem of an answer that is no success, whatever its
// body is. Status is the answer's own, not the body's; texts have no control
// characters.
func readProblem(status int, contentType string, body io.Reader) Problem {
	p := Problem{Type: "about:blank"}
	b, _ := io.ReadAll(io.LimitReader(body, maxProblem)) // half a body still says something
	switch media, _, _ := mime.ParseMediaType(contentType); media {
	case "application/problem+json":
		if json.Unmarshal(b, &p) != nil {
			p = Problem{Type: "about:blank"}
		}
	case "text/plain":
		p.Detail = string(b)
	}
	p.Status = status
	p.Title, p.Detail = foreign(p.Title), foreign(p.Detail)
	if !problemCode.MatchString(p.Code) {
		p.Code = ""
	}
	if p.Title == "" {
		p.Title = strings.ToLower(http.StatusText(status))
	}
	if p.Title == "" {
		p.Title = fmt.Sprintf("status %d", status)
	}
	return p
}

// foreign makes text from the other side safe to show: bounded, and with
// everything that does not print made visible.
func foreign(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	n := 0
	for i, r := range s {
		if n++; n > maxProblemText {
			b.WriteString("...")
			break
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			_, size := utf8.DecodeRuneInString(s[i:])
			q := strconv.QuoteToASCII(s[i : i+size])
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/cli/inspect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
)

// Bundles that lie on a web server: https://... in place of a path, or @FILE
// for an address that holds credentials, which have no place in argv.

// remoteURL says whether a bundle's name is a URL; a file of that name, and
// what has no scheme, is none.
func remoteURL(name string) (*url.URL, error) {
	if _, err := os.Stat(name); err == nil {
		return nil, nil
	}
	file, inFile := strings.CutPrefix(name, "@")
	if inFile {
		text, err := readSmall(file)
		if err != nil {
			return nil, fileProblem("", file, err)
		}
		if name = strings.TrimSpace(string(text)); !isURL(name) {
			return nil, usageError("%s holds no https address", visible(file))
		}
	} else if !isURL(name) {
		return nil, nil
	}
	u, err := inspect.CheckURL(name)
	if err != nil {
		return nil, usageError("%w", err)
	}
	if !inFile && holdsCredentials(u) {
		return nil, usageError("the address of %s holds credentials, which others on this machine could see", visible(inspect.PlainURL(u))).
			withHint("put it into a file, and name that: @FILE")
	}
	return u, nil
}

func isURL(s string) bool {
	return regexp.MustCompile(`^(?i)[a-z][a-z0-9+.-]*://`).MatchString(s)
}

// holdsCredentials recognises addresses that are signed beforehand (S3, Google,
// Azure, CloudFront) or carry a token.
func holdsCredentials(u *url.URL) bool {
	for key := range u.Query() {
		switch key = strings.ToLower(key); {
		case key == "sig", key == "signature", key == "auth", key == "key", key == "password",
			strings.HasSuffix(key, "-signature"), strings.HasSuffix(key, "-security-token"),
			strings.Contains(key, "token"), strings.Contains(key, "secret"), strings.Contains(key, "apikey"), strings.Contains(key, "api_key"):
			return true
		}
	}
	return false
}

// openRemote opens a bundle on a web server, of which it reads what is needed.
func (p *program) openRemote(u *url.URL, signers *trust.AllowedSigners, identity age.Identity) (*manifest.Bundle, error) {
	r, err := inspect.OpenRemote(p.ctx, u)
	if err != nil {
		return nil, err
	}
	b, err := manifest.OpenReaderAt(&counted{r, p}, r.Size(), signers, manifest.Limits{}, identity)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return b, nil
}

// counted tells at its end, to who asked for more, how much was transferred.
type counted struct {
	*inspect.Remote
	p *program
}

func (c *counted) Close() error {
	requests, n := c.Traffic()
	share := ""
	if c.Size() > 0 {
		share = fmt.Sprintf(" (%.2f %%)", 100*float64(n)/float64(c.Size()))
	}
	c.p.detail("read %s of %s%s in %s", size(n), size(c.Size()), share, plural(int64(requests), "request", "requests"))
	return c.Remote.Close()
}

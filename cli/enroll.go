package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/upload"
)

func (p *program) enrollCommand() *cli.Command {
	return &cli.Command{
		Name:      "enroll",
		UsageText: "diagcollect enroll --endpoint URL [flags]",
		Usage:     "join an organisation's receiver",
		Description: "The enrolment key (dce1-...) comes from whoever runs the receiver; it works once and\n" +
			"for 24 hours. What stands after a # in it is the organisation's own secret: it is kept\n" +
			"here and never sent. From then on diagcollect --case ID delivers to that receiver.\n\nEXAMPLES:\n" +
			"   diagcollect enroll --endpoint https://logs.example.com        asks for the key\n" +
			"   diagcollect enroll --endpoint https://logs.example.com --key-file key.txt\n" +
			"   get-key | diagcollect enroll --endpoint https://logs.example.com --key -",
		Flags: p.common(
			stringFlag("endpoint", "the receiver's `URL`"),
			&cli.StringFlag{Name: "key", Usage: "the enrolment `KEY`, or - to read it from standard input"},
			stringFlag("key-file", "read the enrolment key from this `FILE`"),
			stringFlag("sign-with", "enrol this `KEY` for signing: a private key file or the SHA256: fingerprint of an agent's key"),
		),
		Action: p.do(p.enroll),
	}
}

type enrollAnswer struct {
	basicAnswer
	Endpoint     string `json:"endpoint"`
	Organisation string `json:"organisation"`
	Agent        string `json:"agent"`
}

func (p *program) enroll(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	a := &enrollAnswer{Endpoint: c.String("endpoint")}
	p.answer = a
	if a.Endpoint == "" {
		return usageError("which receiver? --endpoint is missing").withHint("diagcollect enroll --endpoint https://HOST")
	}
	if err := checkEndpoint(a.Endpoint); err != nil {
		return err
	}
	key, err := p.enrolmentKey(c)
	if err != nil {
		return err
	}
	if _, err := upload.ParseEnrollmentKey(key); err != nil {
		return usageError("%w", err)
	}
	home, err := p.openHome()
	if err != nil {
		return err
	}
	signer, err := p.signer(home, c.String("sign-with"))
	if err != nil {
		return err
	}
	endpoints, err := upload.OpenEndpoints(filepath.Join(p.config, "endpoints"))
	if err != nil {
		return err
	}
	client, err := endpoints.Enroll(p.ctx, home, signer, a.Endpoint, a.Endpoint, key)
	if err != nil {
		if errors.Is(err, upload.ErrNotDelivered) {
			// Nothing waits in a spool here: this is a plain failure.
			return &problem{exit: exitFailed, code: "unreachable", err: err, hint: "check the address, the route and the proxy, then try again: the key was not used"}
		}
		return err
	}
	a.Endpoint, a.Organisation, a.Agent = client.Name(), client.Organisation(), client.Agent()
	if p.asJSON || p.quiet {
		return nil
	}
	use := "from now on diagcollect --case ID delivers there"
	if client.Role() != "agent" {
		use = "it may read the cases assigned to it there"
	}
	_, err = fmt.Fprintf(p.out, "enrolled with %s as %s %s of organisation %s\n%s\n",
		visible(a.Endpoint), visible(client.Role()), visible(a.Agent), visible(a.Organisation), use)
	return err
}

func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return usageError("--endpoint %q: a URL such as https://logs.example.com is wanted", visible(redactURL(endpoint)))
	}
	return nil
}

// redactURL shows a mistyped URL without the credentials that may be in it.
func redactURL(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if j := strings.Index(s, "://"); j >= 0 && j < i {
			s = s[:j+3] + "..." + s[i:]
		}
	}
	s, _, _ = strings.Cut(s, "?")
	return s
}

func (p *program) enrolmentKey(c *cli.Context) (string, error) {
	key, file := c.String("key"), c.String("key-file")
	switch {
	case key != "" && file != "":
		return "", usageError("--key and --key-file are both given")
	case file != "":
		b, err := readSmall(file)
		if err != nil {
			return "", fileProblem("--key-file", file, err)
		}
		return strings.TrimSpace(string(b)), nil
	case key == "-" || key == "" && !p.inTerminal && p.in != nil && !isNull(p.in):
		line, err := readLine(p.in)
		if line = strings.TrimSpace(line); line == "" {
			return "", usageError("no enrolment key on standard input: %w", orEmpty(err))
		}
		return line, nil
	case key != "":
		return key, nil
	case p.interactive():
		return p.secret(p.ctx, "enrolment key")
	}
	return "", usageError("the enrolment key is missing").withHint("give it with --key-file FILE, on standard input with --key -, or at a prompt on a terminal")
}

func orEmpty(err error) error {
	if err == nil {
		return errors.New("empty line")
	}
	return err
}

func isNull(r any) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	fi, err := f.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(fi, null)
}

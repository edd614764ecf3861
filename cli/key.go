package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

func (p *program) keyCommand() *cli.Command {
	return &cli.Command{
		Name:  "key",
		Usage: "the keys that sign, and those that are trusted",
		Description: "KEY is a SHA256: fingerprint, a principal of allowed_signers, or the file of a public key.\n" +
			"A retired key still proves what a receipt dates before its end; a revoked one proves\n" +
			"nothing: revoke what somebody else may have known.\n\nEXAMPLES:\n" +
			"   diagcollect key list\n" +
			"   diagcollect key rotate              a new signing key; the old one is retired\n" +
			"   diagcollect key revoke machine-7k2mq4xd",
		Flags:  p.common(),
		Action: p.do(p.keyList),
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "who may sign what, and until when", Flags: p.common(), Action: p.do(p.keyList),
				Description: "One line of each key in ~/.config/diagcollect/allowed_signers: its fingerprint, whether it\n" +
					"signs here, is trusted, has ended or is revoked, its name (principal), and what it may sign\n" +
					"(namespaces). The file is one of ssh-keygen: to trust another machine's bundles, add its line.\n\n" + examplesMark +
					"   diagcollect key list\n" +
					"   diagcollect key list --json | jq -r '.[].fingerprint'",
			},
			{
				Name: "rotate", Usage: "make a new signing key and retire the old one", Flags: p.withState(), Action: p.do(p.keyRotate),
				Description: "What the old key signed stays proven where a receipt dates it before now. Receivers do not\n" +
					"know the new key: enrol with them again. While bundles wait in the spool no key is retired.\n\n" + examplesMark +
					"   diagcollect key rotate",
			},
			{
				Name: "retire", Usage: "end a key's time now", ArgsUsage: "KEY", Flags: p.withState(), Action: p.do(p.keyRetire),
				Description: "For the key of another machine or receiver, once it is not used any more. What it signed\n" +
					"stays proven where a receipt dates it before now. One's own is retired by key rotate.\n\n" + examplesMark +
					"   diagcollect key retire machine-7k2mq4xd",
			},
			{
				Name: "revoke", Usage: "a key proves nothing any more, not even what it signed before", ArgsUsage: "KEY", Flags: p.common(), Action: p.do(p.keyRevoke),
				Description: "For a key that somebody else may have known. One's own is replaced by a new one at once.\n\n" + examplesMark +
					"   diagcollect key revoke machine-7k2mq4xd\n" +
					"   diagcollect key revoke stolen.pub",
			},
		},
	}
}

func (p *program) keyList(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	home, err := p.openHome()
	if err != nil {
		return err
	}
	keys, err := home.Keys()
	if err != nil {
		return err
	}
	p.answer = keys
	if p.asJSON {
		return nil
	}
	for _, k := range keys {
		if _, err := fmt.Fprintf(p.out, "%s  %-16s %-22s %s\n", k.Fingerprint, keyState(k, time.Now()), visible(k.Principal), visible(strings.ReplaceAll(k.Namespaces, ",", " "))); err != nil {
			return err
		}
	}
	return nil
}

func keyState(k trust.Key, now time.Time) string {
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	switch {
	case k.Revoked:
		return "revoked"
	case !k.ValidBefore.IsZero() && now.After(k.ValidBefore):
		return "ended " + day(k.ValidBefore)
	case !k.ValidAfter.IsZero() && now.Before(k.ValidAfter):
		return "from " + day(k.ValidAfter)
	case k.Own:
		return "signs here"
	case !k.ValidBefore.IsZero():
		return "until " + day(k.ValidBefore)
	}
	return "trusted"
}

type keyChange struct {
	basicAnswer
	Retired string `json:"retired,omitempty"` // fingerprints
	Revoked string `json:"revoked,omitempty"`
	New     string `json:"new,omitempty"`
}

func (p *program) keyRotate(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	home, err := p.openHome()
	if err != nil {
		return err
	}
	if err := p.nothingWaits(); err != nil {
		return err
	}
	old, fresh, err := home.Rotate()
	if err != nil {
		return err
	}
	p.answer = &keyChange{Retired: ssh.FingerprintSHA256(old), New: ssh.FingerprintSHA256(fresh)}
	p.say("%s is retired: it proves what a receipt dates before now", ssh.FingerprintSHA256(old))
	return p.newKey(fresh)
}

func (p *program) keyRetire(c *cli.Context) error {
	home, key, err := p.keyNamed(c)
	if err != nil {
		return err
	}
	if err := p.nothingWaits(); err != nil {
		return err
	}
	if err := home.Retire(key); errors.Is(err, trust.ErrOwnKey) {
		return usageError("%w", err).withHint("diagcollect key rotate makes a new one and retires it")
	} else if err != nil {
		return err
	}
	p.answer = &keyChange{Retired: ssh.FingerprintSHA256(key)}
	p.say("%s is retired: it proves what a receipt dates before now", ssh.FingerprintSHA256(key))
	return nil
}

func (p *program) keyRevoke(c *cli.Context) error {
	home, key, err := p.keyNamed(c)
	if err != nil {
		return err
	}
	fresh, err := home.Revoke(key)
	if err != nil {
		return err
	}
	a := &keyChange{Revoked: ssh.FingerprintSHA256(key)}
	p.answer = a
	p.say("%s is revoked: it proves nothing any more", ssh.FingerprintSHA256(key))
	if fresh == nil {
		return nil
	}
	a.New = ssh.FingerprintSHA256(fresh)
	return p.newKey(fresh)
}

// newKey says what follows from a new signing key: receivers do not know it.
func (p *program) newKey(fresh ssh.PublicKey) error {
	p.say("%s signs here from now on", ssh.FingerprintSHA256(fresh))
	endpoints, err := upload.OpenEndpoints(filepath.Join(p.config, "endpoints"))
	if err != nil {
		return err
	}
	names, err := endpoints.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != upload.Embedded { // which is told by itself
			p.say("%s does not know it: ask for an enrolment key, then diagcollect enroll --endpoint %s", visible(name), visible(name))
		}
	}
	return nil
}

func (p *program) keyNamed(c *cli.Context) (*trust.Home, ssh.PublicKey, error) {
	if err := operands(c, 1, 1, "the key"); err != nil {
		return nil, nil, err
	}
	home, err := p.openHome()
	if err != nil {
		return nil, nil, err
	}
	key, err := home.FindKey(c.Args().First())
	if err != nil {
		return nil, nil, hinted(fileProblem("", c.Args().First(), err), "diagcollect key list shows the keys known here")
	}
	return home, key, nil
}

// nothingWaits refuses to retire a key while bundles wait: without a receipt
// nothing would prove them.
func (p *program) nothingWaits() error {
	spool, err := upload.OpenSpool(p.state)
	if err != nil {
		return err
	}
	items, err := spool.List()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return nil
	}
	return (&problem{exit: exitFailed, code: "spool", err: fmt.Errorf("%s in the spool: what a key signed and no receipt dates is proven no more once it is retired", plural(int64(len(items)), "bundle waits", "bundles wait"))}).
		withHint("deliver them first (diagcollect spool retry; those nobody agreed to: diagcollect upload ID) or drop them (diagcollect spool drop ID); a key that others may know is revoked instead")
}

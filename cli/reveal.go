package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

func (p *program) revealCommand() *cli.Command {
	return &cli.Command{
		Name:      "reveal",
		Usage:     "say what a pseudonym stands for, or put the originals back into a text",
		ArgsUsage: "[PSEUDONYM] --case ID",
		UsageText: "diagcollect reveal PSEUDONYM --case ID [flags]\n" +
			"diagcollect reveal --case ID [flags] < TEXT\n" +
			"diagcollect reveal --case ID --forget",
		Description: "Prints the original of one pseudonym; without PSEUDONYM it copies standard input to\n" +
			"standard output with every pseudonym that is known replaced. It works where the bundle\n" +
			"was made: each job keeps a map of the identities that it hid (never of secrets), which\n" +
			"only this machine's age.key opens, for a year or until --forget.\n\n" +
			"Addresses (ip4-..., ip6-...) that are in no map can be computed: name the organisation\n" +
			"secret under which they were made with --pseudonym-key-file. Under another key they\n" +
			"come out wrong: the bundle names its key (diagcollect show BUNDLE).\n\nEXAMPLES:\n" +
			"   diagcollect reveal redacted-email-7k2mq4xd9wpa --case 4711\n" +
			"   diagcollect reveal --case 4711 < answer-from-support.txt\n" +
			"   diagcollect show 0193f2c1 syslog | diagcollect reveal --case 4711 | less\n" +
			"   diagcollect reveal ip4-a3.7f.02.c9 --case 4711 --pseudonym-key-file shared.key\n" +
			"   diagcollect reveal --case 4711 --forget       delete the case's maps",
		Flags: p.withState(
			stringFlag("case", "the support case, `ID`"),
			stringFlag("pseudonym-key-file", "compute addresses with the organisation secret in this `FILE`"),
			actFlag("forget", "delete the case's maps of identities"),
		),
		Action: p.do(p.reveal),
	}
}

type revealAnswer struct {
	basicAnswer
	Case         string `json:"case"`
	PseudonymKey string `json:"pseudonym_key,omitempty"` // of the file that was given

	*revealedOne
	*revealedText
	Forgotten *int `json:"forgotten,omitempty"` // maps, with --forget
}

type revealedOne struct {
	Pseudonym string `json:"pseudonym"`
	Class     string `json:"class"`
	Original  string `json:"original"`
	Computed  bool   `json:"computed"` // from the key: in no map
}

type revealedText struct {
	Revealed   int64             `json:"revealed"`           // places
	Computed   int64             `json:"addresses_computed"` // of them, that are in no map
	Unknown    int64             `json:"unknown"`
	Secrets    int64             `json:"secrets"` // pseudonyms of secrets, which nobody can reveal
	Identities map[string]string `json:"identities"`
}

// identities opens the operator's maps of identities.
func (p *program) identities(home *trust.Home) (*collect.Identities, error) {
	id, err := home.Identity()
	if err != nil {
		return nil, err
	}
	return collect.OpenIdentities(filepath.Join(p.state, "identities"), id), nil
}

// keepIdentities writes the map of what a session hid, and says when it could
// not take all.
func (p *program) keepIdentities(home *trust.Home, head collect.IdentityMap, s *redact.Session) (collect.IdentityMap, error) {
	maps, err := p.identities(home)
	if err == nil {
		head, err = maps.Keep(head, s)
	}
	if err != nil {
		return head, fmt.Errorf("map of identities: %w", err)
	}
	if head.LeftOut > 0 {
		p.warn("the map of identities is full: reveal will not know up to %s of them", count(head.LeftOut))
	}
	return head, nil
}

func (p *program) reveal(c *cli.Context) error {
	if err := operands(c, 0, 1, ""); err != nil {
		return err
	}
	a := &revealAnswer{Case: c.String("case")}
	p.answer = a
	if a.Case == "" {
		return usageError("which case? --case is missing").withHint("%s", usageLine(c))
	}
	if err := checkCase(a.Case); err != nil {
		return err
	}
	home, err := p.openHome()
	if err != nil {
		return err
	}
	maps, err := p.identities(home)
	if err != nil {
		return err
	}
	if c.Bool("forget") {
		if c.NArg() > 0 {
			return usageError("--forget deletes the maps of a whole case, not of one pseudonym").withHint("diagcollect reveal --case %s --forget", a.Case)
		}
		if _, ok := p.typed("pseudonym-key-file"); ok {
			return usageError("--forget deletes the maps of a case under every key: leave --pseudonym-key-file out")
		}
		n, err := maps.Forget(a.Case)
		a.Forgotten = &n
		if err == nil {
			p.say("forgot %s of case %s", plural(int64(n), "map of identities", "maps of identities"), a.Case)
		}
		return err
	}
	pseudonym := c.Args().First()
	class, ok := redact.PseudonymClass(pseudonym)
	switch {
	case c.NArg() == 1 && !ok:
		return usageError("%q is no pseudonym", visible(pseudonym)).
			withHint("one looks like redacted-email-7k2mq4xd9wpa or ip4-a3.7f.02.c9; a text is read from standard input")
	case c.NArg() == 0 && p.inTerminal:
		return usageError("nothing to reveal").withHint("name a PSEUDONYM, or pipe a text in: diagcollect reveal --case %s < FILE", a.Case)
	}
	if class.Secret() && ok {
		return &problem{exit: exitFailed, code: "secret", err: fmt.Errorf("%s stood for a %s: secrets are never kept, so nobody can reveal it", pseudonym, class), hint: "look where it was collected from"}
	}
	r, err := p.revealer(c, home, maps, a)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		return p.revealText(r, a)
	}
	return p.revealOne(r, a, pseudonym, class)
}

// revealer reads the maps of the case: with --pseudonym-key-file those under
// that key, which also computes addresses.
func (p *program) revealer(c *cli.Context, home *trust.Home, maps *collect.Identities, a *revealAnswer) (*redact.Revealer, error) {
	secret, err := pseudonymSecret(c)
	if err != nil {
		return nil, err
	}
	r := redact.NewRevealer()
	read, told := maps.Tell(a.Case, func(m collect.IdentityMap) bool {
		return secret == nil || m.PseudonymKey == trust.KeyID(trust.CaseKey(secret, m.Organisation, m.Case))
	}, r)
	if secret != nil {
		// The case was that of whoever its maps say, which need not be the
		// organisation of today.
		var org string
		if len(read) > 0 {
			org = read[0].Organisation
		} else if org, err = p.ownOrganisation(home); err != nil {
			return nil, err
		}
		key := trust.CaseKey(secret, org, a.Case)
		r.Compute(key)
		a.PseudonymKey = trust.KeyID(key)
		p.detail("addresses are computed under key %s (organisation %s, case %s)", a.PseudonymKey, visible(org), a.Case)
	}
	switch {
	case told != nil && len(read) == 0:
		return nil, told
	case told != nil:
		p.warn("%s", visible(told.Error()))
	case len(read) == 0 && secret == nil:
		return nil, (&problem{exit: exitFailed, code: "no-map", err: fmt.Errorf("no map of identities of case %s is on this machine", a.Case)}).
			withHint("reveal works where the case's bundles were made, as the user who made them; diagcollect history shows cases")
	case len(read) == 0:
		p.warn("no map of case %s under key %s is on this machine: only addresses are revealed", a.Case, a.PseudonymKey)
	}
	for _, m := range read {
		if m.LeftOut > 0 {
			p.warn("a map of %s was full: up to %s of its identities are not known", m.Created.Local().Format("2006-01-02 15:04"), count(m.LeftOut))
		}
	}
	return r, nil
}

func (p *program) revealOne(r *redact.Revealer, a *revealAnswer, pseudonym string, class redact.Class) error {
	original, computed, ok := r.Original(pseudonym)
	if !ok {
		pr := &problem{exit: exitFailed, code: "unknown-pseudonym", err: fmt.Errorf("%s is in no map of case %s", pseudonym, a.Case)}
		if class == redact.IPv4 || class == redact.IPv6 {
			return pr.withHint("if it was made under a key that you have, --pseudonym-key-file computes it (your own: %s)",
				p.short(filepath.Join(p.config, "organisation-NAME.key")))
		}
		return pr.withHint("is it that case's? diagcollect show BUNDLE tells; else ask where the bundle was made")
	}
	a.revealedOne = &revealedOne{pseudonym, string(class), original, computed}
	if computed {
		p.say("computed under key %s: right if the bundle names that key", a.PseudonymKey)
	}
	if p.asJSON {
		return nil
	}
	if p.outTerminal {
		original = visible(original)
	}
	_, err := fmt.Fprintln(p.out, original)
	return err
}

func (p *program) revealText(r *redact.Revealer, a *revealAnswer) error {
	t := &revealedText{Identities: map[string]string{}}
	a.revealedText = t
	text := r.Stream(p.in)
	text.Seen = func(pseudonym, original string, computed, known bool) {
		class, _ := redact.PseudonymClass(pseudonym)
		switch {
		case class.Secret():
			t.Secrets++
			return
		case !known:
			t.Unknown++
			return
		case computed:
			t.Computed++
		}
		t.Revealed++
		if p.asJSON {
			t.Identities[pseudonym] = original
		}
	}
	var err error
	switch {
	case p.asJSON: // which stand for what, without the text
		_, err = io.Copy(io.Discard, text)
	case p.outTerminal:
		err = copyVisible(p.out, text)
	default:
		_, err = io.Copy(p.out, text)
	}
	if errors.Is(err, redact.ErrUnreadable) {
		err = &problem{exit: exitFailed, code: "unreadable", err: fmt.Errorf("standard input: %w", err)}
	}
	if err != nil {
		return err
	}
	line := "revealed " + plural(t.Revealed, "pseudonym", "pseudonyms")
	if t.Computed > 0 {
		line += fmt.Sprintf(" (%s computed under key %s)", plural(t.Computed, "address", "addresses"), a.PseudonymKey)
	}
	if t.Unknown > 0 {
		line += fmt.Sprintf("; %s not known, left as they are", count(t.Unknown))
	}
	if t.Secrets > 0 {
		line += fmt.Sprintf("; %s of secrets, which nobody can reveal", count(t.Secrets))
	}
	p.say("%s", line)
	return nil
}

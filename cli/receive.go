package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/receive"
)

func dataFlag() cli.Flag {
	return stringFlag("data", "the receiver's data `DIR`; default: the embedded receiver's")
}

func (p *program) receiveCommand() *cli.Command {
	return &cli.Command{
		Name:      "receive",
		Usage:     "run the receiver",
		UsageText: "diagcollect receive --data DIR --listen ADDRESS [flags]\ndiagcollect receive COMMAND",
		Description: "Stores encrypted what arrives for its cases, and answers each bundle with a signed receipt.\n" +
			"Makes its data folder on first start and prints, one to a line, the fingerprint of its CA,\n" +
			"the organisation, and an enrolment key that works once and for 24 hours. Ctrl-C ends it.\n\nEXAMPLES:\n" +
			"   diagcollect receive --data /srv/diagcollect --listen :8443 --name logs.example.com\n" +
			"   diagcollect receive key new --data /srv/diagcollect\n" +
			"   diagcollect receive key new --data /srv/diagcollect --role engineer --name ada\n" +
			"   diagcollect case create 4711 --data /srv/diagcollect",
		Flags: p.common(
			stringFlag("data", "the folder of the receiver, `DIR`; made at the first start"),
			stringFlag("listen", "`ADDRESS` to listen on, such as :8443"),
			listFlag("name", "host `NAME` or address for the server certificate (repeatable)"),
			stringFlag("master-key", "`FILE` with the master key, better kept outside the data folder"),
		),
		Action: p.do(p.receive),
		Subcommands: []*cli.Command{
			{
				Name: "key", Usage: "enrolment keys", Flags: p.common(),
				Description: "A machine, or an engineer, joins the receiver with a key that works once.\n\n" + examplesMark +
					"   diagcollect receive key new --data /srv/diagcollect",
				Action: p.do(func(*cli.Context) error { return usageError("receive key wants a command: new") }),
				Subcommands: []*cli.Command{{
					Name: "new", Usage: "make an enrolment key that works once and for 24 hours",
					Description: "Prints it. Whoever gets it enrols: diagcollect enroll --endpoint URL. An agent uploads to the\n" +
						"cases of its organisation; an engineer reads the cases assigned to them.\n\n" + examplesMark +
						"   diagcollect receive key new --data /srv/diagcollect\n" +
						"   diagcollect receive key new --data /srv/diagcollect --role engineer --name ada",
					Flags: p.common(dataFlag(),
						stringFlag("organisation", "whose, a `NAME`; default: default"),
						stringFlag("role", "what the holder may do, a `ROLE`: agent (default) or engineer"),
						stringFlag("name", "the engineer's `NAME`")),
					Action: p.do(p.receiveKeyNew),
				}},
			},
			{
				Name: "agents", Usage: "who is enrolled", Flags: p.common(dataFlag(), stringFlag("organisation", "whose, a `NAME`; default: all")),
				Action: p.do(p.receiveAgents),
				Description: "One line of each: its id, role, organisation, signing key, until when its certificate is good or\n" +
					"when it was revoked, and the name of an engineer.\n\n" + examplesMark +
					"   diagcollect receive agents --data /srv/diagcollect",
			},
			{
				Name: "revoke", Usage: "end an agent's standing at once", ArgsUsage: "AGENT", Flags: p.common(dataFlag()),
				Action: p.do(p.receiveRevoke),
				Description: "From then on it can neither upload nor read, and its key cannot enrol again. What it sent\n" +
					"stays. AGENT is an id of receive agents.\n\n" + examplesMark +
					"   diagcollect receive revoke agent-675oqaolyypji5yr --data /srv/diagcollect",
			},
		},
	}
}

// receive serves until a signal ends it.
func (p *program) receive(c *cli.Context) (err error) {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	if c.String("data") == "" || c.String("listen") == "" {
		return usageError("receive wants --data DIR and --listen ADDRESS").withHint("diagcollect receive --data /srv/diagcollect --listen :8443 --name HOST")
	}
	level := slog.LevelInfo
	switch {
	case p.quiet:
		level = slog.LevelError
	case p.verbose:
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(p.err, &slog.HandlerOptions{Level: level}))
	// Listening comes first: a data folder whose enrolment key nobody saw
	// would be made for nothing.
	if _, _, err := net.SplitHostPort(c.String("listen")); err != nil {
		return usageError("--listen: %w", err).withHint("an address such as :8443 or 10.0.0.5:8443 is wanted")
	}
	l, err := net.Listen("tcp", c.String("listen"))
	if err != nil {
		return err
	}
	defer func() {
		// Serving closes it too, and then there is nothing left to close.
		if cerr := l.Close(); cerr != nil && !errors.Is(cerr, net.ErrClosed) {
			err = errors.Join(err, cerr)
		}
	}()
	server, err := receive.Open(receive.Options{
		Dir: c.String("data"), Names: c.StringSlice("name"), MasterKey: c.String("master-key"), Log: log,
	})
	if errors.Is(err, receive.ErrLocked) {
		return (&problem{exit: exitFailed, code: "in-use", err: err}).
			withHint("another receiver runs on it")
	}
	if err != nil {
		return err
	}
	defer closeInto(&err, server)
	for _, w := range server.Warnings() {
		p.warn("%s", w)
	}
	if server.FirstStart() {
		key, err := server.Admin().NewKey(p.ctx, "", "agent", "")
		if err == nil {
			err = p.firstStart(server.CAFingerprint(), key)
		}
		if err != nil {
			return err
		}
	} else if p.asJSON {
		if err := p.json(&startAnswer{basicAnswer: basicAnswer{Schema: 1}, Fingerprint: server.CAFingerprint()}); err != nil {
			return err
		}
	} else {
		p.say("ca fingerprint %s; for enrolment keys: diagcollect receive key new --data %s", server.CAFingerprint(), visible(c.String("data")))
	}
	p.asJSON = false // what it answers was said
	p.say("listening on %s", l.Addr())

	admin, endAdmin := context.WithCancel(context.WithoutCancel(p.ctx))
	defer endAdmin()
	adminDone := make(chan error, 1)
	go func() { adminDone <- server.ServeAdmin(admin) }()
	srv := server.HTTPServer()
	served := make(chan error, 1)
	go func() { served <- srv.ServeTLS(l, "", "") }()
	select {
	case err = <-served:
	case err = <-adminDone:
		adminDone <- nil
	case <-p.ctx.Done():
		// A stop is what was asked for: it ends well.
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 30*time.Second)
	defer cancel()
	if shutErr := srv.Shutdown(stopping); shutErr != nil {
		// Connections that outlast the grace are cut; uploads resume.
		err = errors.Join(err, srv.Close())
	}
	endAdmin()
	err = errors.Join(err, <-adminDone)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

type startAnswer struct {
	basicAnswer
	Fingerprint  string `json:"ca_fingerprint"`
	Organisation string `json:"organisation,omitempty"`  // at the first start
	Key          string `json:"enrolment_key,omitempty"` // at the first start
}

// firstStart tells what joins machines to a new receiver.
func (p *program) firstStart(fingerprint, key string) error {
	if p.asJSON {
		return p.json(&startAnswer{basicAnswer{Schema: 1}, fingerprint, defaultOrganisation, key})
	}
	_, err := fmt.Fprintf(p.out, "ca fingerprint: %s\norganisation: %s\nenrolment key: %s\n", fingerprint, defaultOrganisation, key)
	return err
}

func (p *program) admin(c *cli.Context) (*receive.Admin, error) {
	dir := c.String("data")
	if dir == "" {
		dir = filepath.Join(p.data, "receiver")
		if _, err := os.Stat(dir); isMissing(err) {
			return nil, (&problem{exit: exitUsage, code: "not-found", err: errors.New("which receiver? --data is missing, and none is embedded here yet")}).
				withHint("--data DIR is the folder that it was started with: diagcollect receive --data DIR ...")
		}
	} else if _, err := os.Stat(dir); err != nil {
		return nil, fileProblem("--data", dir, err)
	} else if err := checkFolder("--data ", dir); err != nil {
		return nil, err
	}
	a, err := receive.OpenAdmin(dir)
	if err != nil {
		return nil, fmt.Errorf("receiver: %w", err)
	}
	return a, nil
}

type keyAnswer struct {
	basicAnswer
	Key  string `json:"key"`
	Role string `json:"role"`
}

func (p *program) receiveKeyNew(c *cli.Context) (err error) {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	role := c.String("role")
	switch role {
	case "":
		role = "agent"
	case "agent", "engineer":
	default:
		return usageError("--role %q is no role: agent or engineer", visible(role))
	}
	if (role == "engineer") != (c.String("name") != "") {
		return usageError("--name names an engineer: it goes with --role engineer, and only with it")
	}
	a, err := p.admin(c)
	if err != nil {
		return err
	}
	defer closeInto(&err, a)
	key, err := a.NewKey(p.ctx, c.String("organisation"), role, c.String("name"))
	if err != nil {
		return err
	}
	p.answer = &keyAnswer{Key: key, Role: role}
	if p.asJSON {
		return nil
	}
	_, err = fmt.Fprintln(p.out, key)
	return err
}

func (p *program) receiveAgents(c *cli.Context) (err error) {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	a, err := p.admin(c)
	if err != nil {
		return err
	}
	defer closeInto(&err, a)
	agents, err := a.Agents(p.ctx, c.String("organisation"))
	if err != nil {
		return err
	}
	if agents == nil {
		agents = []receive.Agent{}
	}
	p.answer = agents
	if p.asJSON {
		return nil
	}
	for _, g := range agents {
		state := "until " + g.Expires.UTC().Format(time.DateOnly)
		if !g.Revoked.IsZero() {
			state = "revoked " + g.Revoked.UTC().Format(time.DateOnly)
		}
		if _, err := fmt.Fprintf(p.out, "%s  %-8s %s  %s  %s  %s\n", visible(g.ID), visible(g.Role), visible(g.Organisation), g.Fingerprint, state, visible(g.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) receiveRevoke(c *cli.Context) (err error) {
	if err := operands(c, 1, 1, "the agent's id"); err != nil {
		return err
	}
	a, err := p.admin(c)
	if err != nil {
		return err
	}
	defer closeInto(&err, a)
	if err := a.Revoke(p.ctx, c.Args().First()); err != nil {
		return err
	}
	p.say("revoked %s", visible(c.Args().First()))
	return nil
}

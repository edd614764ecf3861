package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// The main job: preflight, collect, redact, pack, sign, ask, upload, receipt.

// defaultOrganisation is whose data it is until an enrolment says otherwise.
const defaultOrganisation = "default"

// envPrefix begins the variables of the environment that set flags.
const envPrefix = "DIAGCOLLECT_"

func env(name string) []string {
	return []string{envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))}
}

// envOf lists the variables that set a flag; none, if only a command line does.
func envOf(f cli.Flag) []string {
	if f, ok := f.(interface{ GetEnvVars() []string }); ok {
		return f.GetEnvVars()
	}
	return nil
}

func stringFlag(name, usage string) *cli.StringFlag {
	return &cli.StringFlag{Name: name, Usage: usage, EnvVars: env(name)}
}

func listFlag(name, usage string) *cli.StringSliceFlag {
	return &cli.StringSliceFlag{Name: name, Usage: usage, EnvVars: env(name)}
}

// actFlag is a switch that only a command line may set.
func actFlag(name, usage string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Usage: usage, DisableDefaultText: true}
}

func selectFlags() []cli.Flag {
	return append([]cli.Flag{
		stringFlag("case", "the support case, `ID`"),
		listFlag("recipe", "what to collect: a `FILE` or the name of a built-in recipe (repeatable)"),
		listFlag("only", "only these sources, `ID[,ID]` (repeatable)"),
		listFlag("skip", "not these sources, `ID[,ID]` (repeatable)"),
		stringFlag("since", "nothing older than `TIME` (of files: not changed since): 24h, 2d, 2026-01-31, RFC 3339, @unix"),
		stringFlag("until", "nothing newer than `TIME`"),
		stringFlag("label", "call this machine `NAME` in the bundle"),
		listFlag("keep-class", "leave a `CLASS` of identities in clear: ipv4, ipv6, mac, hostname, username, phone (repeatable)"),
		actFlag("trust-recipe", "run recipes from files in full, without being asked"),
	}, ruleFlags()...)
}

func packFlags() []cli.Flag {
	return append(selectFlags(),
		stringFlag("output", "write the plain bundle to `PATH`, into a folder, or to standard output (-)"),
		stringFlag("sign-with", "sign with this `KEY`: a private key file or the SHA256: fingerprint of an agent's key"),
		pseudonymKeyFlag(),
	)
}

func sendFlags() []cli.Flag {
	return []cli.Flag{
		stringFlag("endpoint", "deliver to this receiver, a `URL` enrolled with, or \"embedded\""),
		&cli.BoolFlag{Name: "require-remote", Usage: "refuse to keep the bundle on this machine only", EnvVars: env("require-remote"), DisableDefaultText: true},
		stringFlag("limit-rate", "upload at most `RATE` bytes per second, such as 2MiB"),
		actFlag("yes", "consent to sending, without being asked"),
	}
}

func jobFlags() []cli.Flag {
	return append(append(packFlags(), sendFlags()...),
		actFlag("dry-run", "show what would be read and run, do nothing"),
		&cli.BoolFlag{Name: "no-upload", Usage: "make the bundle, send nothing", EnvVars: env("no-upload"), DisableDefaultText: true},
	)
}

func (p *program) planCommand() *cli.Command {
	return &cli.Command{
		Name:  "plan",
		Usage: "show what would be read and run, with estimates; reads nothing else",
		Description: "Each source of the recipe, with the files that match now, or the command that would run.\n" +
			"It takes the flags that say what to collect, so that a job can be planned word for word;\n" +
			"those that say what is hidden are checked only. diagcollect --dry-run is the same.\n\n" + examplesMark +
			"   diagcollect plan\n" +
			"   diagcollect plan --recipe nginx --since 2d\n" +
			"   diagcollect plan --json | jq '.[].source'",
		Flags:  p.withState(selectFlags()...),
		Action: p.do(p.plan),
	}
}

func (p *program) collectCommand() *cli.Command {
	return &cli.Command{
		Name:      "collect",
		Usage:     "make the bundle, send nothing",
		UsageText: "diagcollect collect --case ID [flags]",
		Description: "Gathers, redacts, packs and signs as diagcollect --case ID does, and stops there:\n" +
			"--no-upload is the same. diagcollect upload BUNDLE sends it later. Ctrl-C packs what is there.\n\n" + examplesMark +
			"   diagcollect collect --case 4711                       into the current folder\n" +
			"   diagcollect collect --case 4711 --output /tmp/b.tar.zst\n" +
			"   diagcollect collect --case 4711 --only syslog,dmesg --since 2d\n" +
			"   diagcollect collect --case 4711 --recipe mine.yaml --trust-recipe --json",
		Flags:  p.withState(packFlags()...),
		Action: p.do(func(c *cli.Context) error { return p.runJob(c, false) }),
	}
}

func (p *program) mainJob(c *cli.Context) error {
	if c.Bool("dry-run") {
		return p.plan(c)
	}
	if c.Bool("no-upload") {
		if flag, ok := p.typed("endpoint", "require-remote", "limit-rate"); ok {
			return usageError("--%s is for sending, and --no-upload sends nothing", flag)
		}
	}
	return p.runJob(c, !c.Bool("no-upload"))
}

// jobAnswer is the --json object of the main job. Within a schema fields are
// only added.
type jobAnswer struct {
	basicAnswer
	Case         string            `json:"case"`
	Organisation string            `json:"organisation"`
	Window       manifest.Window   `json:"window"`
	Endpoint     string            `json:"endpoint"`
	Remote       bool              `json:"remote"`
	Bundle       *string           `json:"bundle"`
	BundleID     string            `json:"bundle_id"`
	SHA256       string            `json:"sha256"`
	Size         int64             `json:"size"`
	WireSHA256   string            `json:"wire_sha256"`
	WireSize     int64             `json:"wire_size"`
	Entries      int               `json:"entries"`
	Outcomes     map[string]string `json:"outcomes"`
	Reasons      map[string]string `json:"reasons"`
	Redactions   map[string]int64  `json:"redactions"`
	Receipt      *string           `json:"receipt"`
	Delivered    bool              `json:"delivered"`
	Spooled      bool              `json:"spooled"`

	Identities        int   `json:"identities"`          // that reveal knows
	IdentitiesLeftOut int64 `json:"identities_left_out"` // at most so many more found no place in the map
}

func (a *jobAnswer) fill(h *manifest.Head) {
	a.BundleID, a.Window, a.Organisation, a.Case = h.BundleID, h.Window, h.Organisation, h.Case
	a.Outcomes, a.Reasons, a.Redactions = map[string]string{}, map[string]string{}, map[string]int64{}
	for _, o := range h.Outcomes {
		a.Outcomes[o.Source] = string(o.Outcome)
		if o.Reason != "" {
			a.Reasons[o.Source] = o.Reason
		}
	}
	for class, n := range h.Redactions {
		a.Redactions[class] = n
	}
}

func (a *jobAnswer) fillItem(m upload.Meta) {
	a.SHA256, a.Size, a.WireSHA256, a.WireSize, a.Entries = m.SHA256, m.Size, m.WireSHA256, m.WireSize, m.Entries
	a.BundleID, a.Case, a.Organisation = m.BundleID, m.Case, m.Organisation
}

var caseID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$`)

func checkCase(id string) error {
	switch {
	case id == "":
		return usageError("which case? --case is missing").withHint("diagcollect --case ID; diagcollect --help has examples")
	case !caseID.MatchString(id):
		return usageError("case %q: letters, digits, \".\" and \"-\" are allowed, at most 64, beginning with a letter or digit", visible(id))
	}
	return nil
}

var labelGrammar = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$`)

// selection reads what a plan and a collection have in common.
func (p *program) selection(c *cli.Context) (collect.Job, error) {
	j := collect.Job{
		Case:         c.String("case"),
		Organisation: defaultOrganisation,
		Only:         splitList(c.StringSlice("only")),
		Skip:         splitList(c.StringSlice("skip")),
		Label:        c.String("label"),
		Avoid:        []string{p.config, p.state, p.data},
		Scratch:      p.state,
		Version:      version,
	}
	if f := c.String("pseudonym-key-file"); f != "" {
		j.Avoid = append(j.Avoid, f)
	}
	if j.Case != "" {
		if err := checkCase(j.Case); err != nil {
			return j, err
		}
	}
	if j.Label != "" && !labelGrammar.MatchString(j.Label) {
		return j, usageError("--label %q: letters, digits, \".\" and \"-\" are allowed, at most 63", visible(j.Label))
	}
	for _, k := range splitList(c.StringSlice("keep-class")) {
		class := redact.Class(k)
		if !slices.Contains(redact.Classes(), class) {
			return j, usageError("--keep-class %q is no class", visible(k)).withHint("classes that can be kept: %s", keepable())
		}
		if !class.Keepable() {
			return j, usageError("--keep-class %s: secrets and e-mails are always hidden", k).withHint("classes that can be kept: %s", keepable())
		}
		j.Keep = append(j.Keep, class)
	}
	now := time.Now()
	for _, m := range []struct {
		flag string
		to   *time.Time
	}{{"since", &j.Window.Since}, {"until", &j.Window.Until}} {
		if s := c.String(m.flag); s != "" {
			t, err := parseMoment(s, now)
			if err != nil {
				return j, usageError("--%s: %w", m.flag, err)
			}
			*m.to = t
		}
	}
	if w := j.Window; !w.Since.IsZero() && !w.Until.IsZero() && !w.Since.Before(w.Until) {
		return j, usageError("--since %s is not before --until %s", w.Since.Format(time.RFC3339), w.Until.Format(time.RFC3339))
	}
	var err error
	if j.Recipes, err = p.loadRecipes(c.StringSlice("recipe"), c.Bool("trust-recipe")); err != nil {
		return j, err
	}
	return j, p.addRules(c, &j)
}

func keepable() string {
	var names []string
	for _, c := range redact.Classes() {
		if c.Keepable() {
			names = append(names, string(c))
		}
	}
	return strings.Join(names, ", ")
}

// splitList splits values of flags whose grammar has no comma.
func splitList(values []string) []string {
	var out []string
	for _, v := range values {
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// loadRecipes reads the named recipes; without a name the built-in one of
// this system. A recipe from a file has no Trust until someone gives it.
func (p *program) loadRecipes(names []string, trusted bool) ([]collect.TrustedRecipe, error) {
	if len(names) == 0 {
		names = []string{map[string]string{"windows": "windows-base", "darwin": "macos-base"}[runtime.GOOS]}
		if names[0] == "" {
			names[0] = "linux-base"
		}
	}
	var out []collect.TrustedRecipe
	for _, n := range names {
		r, builtIn, err := p.findRecipe(n)
		if err != nil {
			return nil, err
		}
		t := collect.TrustedRecipe{Recipe: r}
		switch {
		case builtIn:
			t.Trust = "built-in"
		case trusted:
			t.Trust = "flag"
		}
		out = append(out, t)
	}
	return out, nil
}

func (p *program) plan(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	job, err := p.selection(c)
	if err != nil {
		return err
	}
	steps, err := collect.Plan(p.ctx, job)
	if err != nil {
		return err
	}
	p.answer = steps
	if !p.asJSON {
		_, err = io.WriteString(p.out, planText(steps))
	}
	return err
}

func planText(steps []collect.Step) string {
	var b strings.Builder
	var total int64
	for _, s := range steps {
		amount := "size unknown"
		switch {
		case s.Missing != "":
			amount = "not here: " + visible(s.Missing)
		case s.Kind == "files":
			amount = fmt.Sprintf("%s, %s", plural(int64(s.Files), "file", "files"), size(max(s.Bytes, 0)))
		case s.Bytes >= 0:
			amount = "about " + size(s.Bytes)
		}
		total += max(s.Bytes, 0)
		fmt.Fprintf(&b, "%-16s %-14s %-10s %s\n", visible(s.Source), s.Type, s.Kind, amount)
		const most = 8
		for i, w := range s.What {
			if i == most && len(s.What) > most+1 {
				fmt.Fprintf(&b, "    and %d more\n", len(s.What)-most)
				break
			}
			fmt.Fprintf(&b, "    %s\n", visible(w))
		}
	}
	fmt.Fprintf(&b, "%s, at least %s to read\n", plural(int64(len(steps)), "source", "sources"), size(total))
	return b.String()
}

// agree makes sure that somebody answers for every recipe from a file: a
// flag, or the operator who was shown its plan.
func (p *program) agree(job *collect.Job) error {
	for i, r := range job.Recipes {
		if r.Trust != "" {
			continue
		}
		no := refusal("recipe-not-trusted", "recipe %q comes from a file: it may name any file or program of this machine", visible(r.Name)).
			withHint("look at it with --dry-run, then run it with --trust-recipe")
		if !p.interactive() {
			return no
		}
		one := *job
		one.Recipes, one.Only, one.Skip = []collect.TrustedRecipe{r}, nil, nil
		steps, err := collect.Plan(p.ctx, one)
		if err != nil {
			return err
		}
		p.line(fmt.Sprintf("Recipe %q would read and run:\n%s", visible(r.Name), planText(steps)))
		ok, err := p.confirm(p.ctx, "Run this recipe?")
		if err != nil {
			return err
		}
		if !ok {
			return no
		}
		job.Recipes[i].Trust = "agreed"
	}
	return nil
}

// runJob is the main job; without send it stops at the bundle.
func (p *program) runJob(c *cli.Context, send bool) (err error) {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	answer := &jobAnswer{Case: c.String("case")}
	p.answer = answer
	if err := checkCase(answer.Case); err != nil {
		return err
	}
	job, err := p.selection(c)
	if err != nil {
		return err
	}
	pseudonymKey, err := pseudonymSecret(c)
	if err != nil {
		return err
	}
	out, err := p.openOutput(c.String("output"), send)
	if err != nil {
		return err
	}
	if out.taken && !(send && p.waits(job.Case)) {
		return out.alreadyThere()
	}
	rate, err := rateFlag(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.state, 0o700); err != nil {
		return err
	}
	home, err := p.openHome()
	if err != nil {
		return err
	}
	signer, err := p.signer(home, c.String("sign-with"))
	if err != nil {
		return err
	}

	d := &delivery{program: p, home: home, signer: signer, rate: rate, yes: c.Bool("yes"), answer: answer, output: out}
	if send {
		if err := d.open(c.String("endpoint"), c.Bool("require-remote")); err != nil {
			return err
		}
		defer d.close()
		job.Organisation = d.client.Organisation()
		d.job = asked(c, &job)
		if item, err := d.unfinished(job.Case); err != nil {
			return err
		} else if item != nil {
			p.say("going on with bundle %s of %s, which was not delivered yet", shortID(item.BundleID), item.Created.Local().Format(time.DateTime))
			if err := d.plainCopy(item); err != nil {
				return err
			}
			answer.Bundle = out.path()
			return d.deliver(item, nil)
		}
		if out.taken {
			return out.alreadyThere()
		}
	} else if job.Organisation, err = p.ownOrganisation(home); err != nil {
		return err
	}
	answer.Organisation = job.Organisation
	if err := p.agree(&job); err != nil {
		return err
	}
	if send {
		if err := d.joined(); err != nil {
			return err
		}
		if err := d.preflight(job.Case); err != nil {
			return err
		}
	}
	if job.CaseKey, err = caseKey(home, pseudonymKey, job.Organisation, job.Case); err != nil {
		return err
	}

	col, err := p.gather(job)
	if err != nil {
		return err
	}
	defer closeInto(&err, col)
	item, view, err := p.pack(col, d, out, send)
	if err != nil {
		return err
	}
	answer.fill(&view.Head)
	if view.incomplete() {
		p.code = exitIncomplete
	}
	answer.Bundle = out.path()
	if !send {
		answer.SHA256, answer.Size, answer.Entries = view.sha256, view.size, view.entries
		p.text(p.summary(view, nil, out))
		return nil
	}
	answer.fillItem(item.Meta)
	answer.Spooled = true
	return d.deliver(item, view)
}

// asked names what a command line asks to collect, so that the same command
// is known again after it was cut off.
func asked(c *cli.Context, job *collect.Job) string {
	h := sha256.New()
	for _, r := range job.Recipes {
		fmt.Fprintf(h, "recipe %q %s\n", r.Name, r.SHA256)
	}
	for _, k := range job.RulePacks {
		fmt.Fprintf(h, "rules %q %s\n", k.Name, k.SHA256)
	}
	for _, y := range job.Policies {
		fmt.Fprintf(h, "policy %q %s\n", y.Name, y.SHA256)
	}
	for _, flag := range []string{"since", "until", "label", "pseudonym-key-file"} {
		fmt.Fprintf(h, "%s %q\n", flag, c.String(flag))
	}
	for _, flag := range []string{"only", "skip", "keep-class"} {
		fmt.Fprintf(h, "%s %q\n", flag, splitList(c.StringSlice(flag)))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func closeInto(err *error, c io.Closer) {
	if cerr := c.Close(); cerr != nil && *err == nil {
		*err = cerr
	}
}

func rateFlag(c *cli.Context) (int64, error) {
	s := c.String("limit-rate")
	if s == "" {
		return 0, nil
	}
	n, err := collect.ParseSize(s)
	if err == nil && n <= 0 {
		err = errors.New("a rate above zero is wanted")
	}
	if err != nil {
		return 0, usageError("--limit-rate: %w", err)
	}
	return n, nil
}

// signer opens the key to sign with and makes sure that its own signatures
// can be verified on this machine.
func (p *program) signer(home *trust.Home, with string) (*trust.Signer, error) {
	if with != "" && !strings.HasPrefix(with, "SHA256:") {
		if err := checkFile("--sign-with", with); err != nil {
			return nil, err
		}
	}
	s, err := home.Signer(with)
	if err != nil {
		if with != "" {
			return nil, fileProblem("--sign-with", with, err)
		}
		return nil, err
	}
	if with != "" {
		err = home.Allow(s.Principal(), s.PublicKey(), trust.NamespaceManifest)
	}
	return s, err
}

// gather runs the sources, showing progress; Ctrl-C ends them early.
func (p *program) gather(job collect.Job) (*collect.Collection, error) {
	stop := make(chan struct{})
	job.Stop = stop
	end := p.interrupts.soften(func() {
		p.line("diagcollect: stopping: what is there will be packed; Ctrl-C again to give up")
		close(stop)
	})
	defer end()
	meter, done := newMeter(nil), func() {}
	defer func() { done() }()
	job.Surveyed = func(total int64) { meter.set, done = p.startBar("collecting", total) }
	job.Progress = func(g collect.Progress) {
		meter.update(g)
		if g.Done {
			p.sourceDone(g)
		}
	}
	sparingJob()
	return collect.Run(p.ctx, job)
}

func (p *program) sourceDone(g collect.Progress) {
	reason := ""
	if g.Reason != "" {
		reason = ": " + visible(g.Reason)
	}
	line := fmt.Sprintf("%s: %s, %s%s", visible(g.Source), g.Outcome, size(g.Bytes), reason)
	switch {
	case p.errTerminal && !worthTelling(g.Outcome):
		p.detail("%s", line)
	default:
		p.say("%s", line)
	}
}

func worthTelling(o manifest.Outcome) bool {
	return o != manifest.OK && o != manifest.Empty && o != manifest.Skipped
}

// meter adds the progress of all sources up for one bar.
type meter struct {
	set   func(int64)
	mu    sync.Mutex
	bytes map[string]int64
}

func newMeter(set func(int64)) *meter {
	return &meter{set: set, bytes: map[string]int64{}}
}

func (m *meter) update(g collect.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bytes[g.Source] = g.Bytes
	var sum int64
	for _, n := range m.bytes {
		sum += n
	}
	m.set(sum)
}

// shortID is how a bundle is called on a screen: the 48 bits of time with
// which a UUIDv7 begins. Any unique beginning of an id is understood.
func shortID(id string) string {
	const milliseconds = len("0193f2c1-7a3b")
	return id[:min(len(id), milliseconds)]
}

// enrolledOrganisation is the organisation of the default endpoint, if any.
func (p *program) enrolledOrganisation(home *trust.Home) (string, error) {
	e, err := upload.OpenEndpoints(filepath.Join(p.config, "endpoints"))
	if err != nil {
		return "", err
	}
	names, err := e.List()
	if err != nil || len(names) == 0 || names[0] == upload.Embedded {
		return "", err
	}
	c, err := e.Client(home, names[0], "")
	if err != nil {
		return "", err
	}
	return c.Organisation(), nil
}

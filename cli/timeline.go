package cli

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/cli/inspect"
	"github.com/diagcollect/diagcollect/manifest"
)

func (p *program) timelineCommand() *cli.Command {
	return &cli.Command{
		Name:      "timeline",
		Usage:     "merge the entries of bundles by time",
		ArgsUsage: "BUNDLE|ID|URL...",
		Description: "Prints TIME HOST/SOURCE/PATH:LINE:TEXT of each line, in UTC. A line without a time (as\n" +
			"of a stack trace) belongs to the one before. Without --source and --type: events and alerts.\n" +
			"Times without a zone are those of the host, if the bundle tells its zone (facts: [os]), else\n" +
			"UTC; a year that is missing follows from the entry's own time. What a host's time service\n" +
			"said of its clock is told, and not applied. Within an entry the order stays as it is.\n\n" +
			"--level goes by a word in the line: error, err, fatal, panic, critical, crit, emerg, severe,\n" +
			"exception or failed; for warning also warning and warn. What belongs to such a line comes with it.\n\n" +
			"Known forms of times: go doc ./cli/inspect Clock.\n\nEXAMPLES:\n" +
			"   diagcollect timeline 0193f2c1 --since '2026-01-02 14:00' --until '2026-01-02 14:10'\n" +
			"   diagcollect timeline web-1.tar.zst web-2.tar.zst db-1.tar.zst --level error | less\n" +
			"   diagcollect timeline bundle.tar.zst --source auth --source dmesg",
		Flags: p.withState(append(append([]cli.Flag{
			askFlag("since", "nothing before `TIME`: 24h, 2d, 2026-01-31, RFC 3339, @unix"),
			askFlag("until", "nothing after `TIME`"),
			askFlag("level", "only lines of this `LEVEL`: error, or warning, which is errors, too"),
		}, entryFlags()...), trustFlags()...)...),
		Action: p.do(p.timeline),
	}
}

// timelineLine is one line of timeline --json.
type timelineLine struct {
	Time   string `json:"time"`
	Host   string `json:"host"`
	Bundle string `json:"bundle_id"`
	Entry  string `json:"entry"`
	Source string `json:"source"`
	Line   int64  `json:"line"`
	Text   string `json:"text"`
	Goes   bool   `json:"continues,omitempty"` // it has no time of its own
}

// hostClock is what timeline tells of a host.
type hostClock struct {
	Host      string   `json:"host"`
	Bundle    string   `json:"bundle_id"`
	UTCOffset *int     `json:"utc_offset"` // seconds; null: not known
	Ahead     *float64 `json:"ahead"`      // seconds; null: nothing in the bundle tells
	AheadBy   string   `json:"ahead_by,omitempty"`
}

func (p *program) timeline(c *cli.Context) error {
	if err := operands(c, 1, -1, "the bundle"); err != nil {
		return err
	}
	var t inspect.Timeline
	var err error
	if t.Since, err = moment(c, "since"); err != nil {
		return err
	}
	if t.Until, err = moment(c, "until"); err != nil {
		return err
	}
	if !t.Since.IsZero() && !t.Until.IsZero() && t.Until.Before(t.Since) {
		return usageError("--until is before --since")
	}
	if s := c.String("level"); s != "" {
		if t.Level, err = inspect.ParseLevel(s); err != nil {
			return usageError("--level %w", err)
		}
	}
	opened, closeAll, err := p.openBundles(c, 0)
	if err != nil {
		return err
	}
	defer closeAll()
	if t.Want, err = wanted(c, opened, manifest.Event, manifest.Alert); err != nil {
		return err
	}
	var bundles []*manifest.Bundle
	var hosts []*inspect.Host
	clocks := []hostClock{}
	for _, o := range opened {
		h, err := inspect.HostOf(o.Bundle)
		if err != nil {
			return bundleProblem(o.path, err)
		}
		bundles, hosts = append(bundles, o.Bundle), append(hosts, h)
		clocks = append(clocks, p.tellClock(o, h))
	}
	out := p.newResults("lines")
	out.rest["hosts"] = clocks
	var line []byte
	merged, err := t.Run(p.ctx, bundles, hosts, func(m *inspect.Moment) error {
		o := opened[m.Bundle]
		at := m.Time.UTC().Format("2006-01-02T15:04:05.000000Z")
		text := bytes.TrimSuffix(m.Text, []byte("\r"))
		if p.asJSON {
			return out.add(timelineLine{at, o.Head().Host, o.Head().BundleID, m.Entry.Path, m.Entry.Source, m.Number, string(text), !m.Match})
		}
		line = append(line[:0], p.paintOut("36", at)...)
		line = append(line, ' ')
		line = append(line, p.paintOut("35", p.shown(o.place(m.Entry)))...)
		line = fmt.Appendf(line, ":%d:", m.Number)
		if p.outTerminal {
			line = append(line, visibleTabs(text)...)
		} else {
			line = append(line, m.Text...)
		}
		line = append(line, '\n')
		out.count++
		_, err := out.out.Write(line)
		return err
	})
	if !p.asJSON {
		err = errors.Join(err, out.out.Flush())
	}
	if errors.Is(err, inspect.ErrOverlap) {
		return (&problem{exit: exitFailed, code: "too-many", err: err}).withHint("ask for fewer: --since, --until, --source, --type")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", visible(opened[0].path), err)
	}
	out.rest["entries"], out.rest["without_time"] = merged.Entries, append([]string{}, merged.Timeless...)
	if merged.Left > 0 {
		p.say("%s left out, for no line in the beginning has a time: %s", plural(int64(merged.Left), "entry was", "entries were"), visible(joinFirst(merged.Timeless, 5)))
	}
	if merged.Backwards > 0 {
		p.say("in %s time goes back within an entry: there the order is the entry's own", plural(merged.Backwards, "place", "places"))
	}
	return nil
}

func joinFirst(list []string, n int) string {
	text := ""
	for i, s := range firstOnes(list, n) {
		if i > 0 {
			text += ", "
		}
		text += s
	}
	return text
}

// tellClock says what is known of a host's clock.
func (p *program) tellClock(o *opened, h *inspect.Host) hostClock {
	c := hostClock{Host: o.Head().Host, Bundle: o.Head().BundleID, AheadBy: h.AheadBy}
	zone := "its zone is not known, times without one are taken as UTC"
	if h.Zone != nil {
		at := o.Head().Created.In(h.Zone)
		_, offset := at.Zone()
		c.UTCOffset = &offset
		zone = "zone UTC" + at.Format("-07:00")
		if h.ZoneName != "" && h.ZoneName != "UTC" {
			zone += " (" + visible(h.ZoneName) + ")"
		}
	}
	clock := "nothing compares its clock with others"
	if h.AheadBy != "" {
		s := h.Ahead.Seconds()
		c.Ahead = &s
		way := "ahead of"
		d := h.Ahead
		if d < 0 {
			way, d = "behind", -d
		}
		clock = fmt.Sprintf("clock %s %s true time (%s)", d.Round(time.Microsecond), way, visible(h.AheadBy))
	}
	p.say("%s: %s; %s", visible(o.label), zone, clock)
	return c
}

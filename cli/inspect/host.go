package inspect

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

// Host is what a bundle tells of the clock of the machine that it is from.
type Host struct {
	Zone     *time.Location // nil: not known
	ZoneName string
	Boot     time.Time // zero: not known
	// By how much its clock was ahead of true time, as a time service on it
	// said, and which entry tells.
	Ahead   time.Duration
	AheadBy string // "": nothing does
}

// HostOf reads what facts and the output of time services in a bundle tell.
func HostOf(b *manifest.Bundle) (*Host, error) {
	h := &Host{}
	for e, err := range b.Entries() {
		if err != nil {
			return nil, err
		}
		name := path.Base(e.Path)
		switch {
		case e.Type != manifest.State && e.Type != manifest.Metadata && e.Type != manifest.Performance || e.Size > 1<<20:
		case name == "os.jsonl" && h.Zone == nil:
			err = withEntry(b, e, h.fact)
		case h.AheadBy == "" && timeService(e.Path):
			err = withEntry(b, e, func(r io.Reader) error { return h.service(e.Path, r) })
		}
		if err != nil {
			return nil, err
		}
	}
	return h, nil
}

func withEntry(b *manifest.Bundle, e manifest.Entry, f func(io.Reader) error) error {
	r, err := b.Content(e)
	if err != nil {
		return err
	}
	defer r.Close()
	return f(r)
}

// fact reads the fact "os". Somebody else's os.jsonl tells nothing.
func (h *Host) fact(r io.Reader) error {
	var f struct {
		BootTime  int64  `json:"bootTime"`
		Zone      string `json:"zone"`
		UTCOffset *int   `json:"utcOffset"`
	}
	if err := json.NewDecoder(r).Decode(&f); err != nil {
		if errors.Is(err, manifest.ErrNotAuthentic) {
			return err
		}
		return nil
	}
	if f.UTCOffset != nil && *f.UTCOffset > -86400 && *f.UTCOffset < 86400 {
		h.ZoneName = f.Zone
		h.Zone = time.FixedZone(f.Zone, *f.UTCOffset)
	}
	if f.BootTime > 0 {
		h.Boot = time.Unix(f.BootTime, 0)
	}
	return nil
}

func timeService(entry string) bool {
	for _, s := range []string{"chrony", "timesync", "timedatectl", "ntp", "w32tm"} {
		if strings.Contains(strings.ToLower(entry), s) {
			return true
		}
	}
	return false
}

// service reads the output of chronyc tracking, timedatectl timesync-status and
// ntpq -c rv.
func (h *Host) service(entry string, r io.Reader) error {
	chrony := regexp.MustCompile(`^System time\s*:\s*([0-9.]+) seconds (fast|slow) of NTP time`)
	timesync := regexp.MustCompile(`^\s*Offset: ([+-]?)(.+)$`)
	ntpq := regexp.MustCompile(`\boffset=([+-]?[0-9.]+)`)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		ahead, err := time.Duration(0), errors.New("no offset")
		if m := chrony.FindStringSubmatch(line); m != nil {
			ahead, err = seconds(m[1])
			if m[2] == "slow" {
				ahead = -ahead
			}
		} else if m := timesync.FindStringSubmatch(line); m != nil {
			// systemd says how far the server is ahead of us.
			ahead, err = time.ParseDuration(strings.NewReplacer("min", "m", " ", "").Replace(m[2]))
			if m[1] != "-" {
				ahead = -ahead
			}
		} else if m := ntpq.FindStringSubmatch(line); m != nil {
			ahead, err = seconds(m[1])
			ahead /= -1000 // in milliseconds, and likewise of the server
		}
		if err == nil {
			h.Ahead, h.AheadBy = ahead, entry
			return nil
		}
	}
	if err := lines.Err(); errors.Is(err, manifest.ErrNotAuthentic) {
		return err
	}
	return nil
}

func seconds(s string) (time.Duration, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err == nil && (f > 1e9 || f < -1e9) {
		err = fmt.Errorf("%s seconds", s)
	}
	return time.Duration(f * float64(time.Second)), err
}

// Clock reads the times of the lines of an entry.
func (h *Host) Clock(e *manifest.Entry) *Clock {
	return &Clock{Zone: h.Zone, Near: e.ModTime, Boot: h.Boot}
}

// Since accepts matches that were written at a time or later, by the time of
// their line or of the nearest one before that has one; and those of which that
// is not known.
func (h *Host) Since(t time.Time) func(*Line, Before) bool {
	return func(l *Line, before Before) bool {
		clock := h.Clock(l.Entry)
		if at, ok := clock.Time(l.Text, nil); ok {
			return !at.Before(t)
		}
		looked := 0
		for line := range before {
			if at, ok := clock.Time(line, nil); ok {
				return !at.Before(t)
			}
			if looked++; looked == 500 {
				break
			}
		}
		return true
	}
}

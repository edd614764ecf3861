package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/collect"
)

// parseMoment reads a point in time: a span before now (90m, 24h, 2d, 1w), an
// RFC 3339 time, a local date or date and time, or @ and Unix seconds.
func parseMoment(s string, now time.Time) (time.Time, error) {
	if unix, ok := strings.CutPrefix(s, "@"); ok {
		sec, err := strconv.ParseInt(unix, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is not @ and Unix seconds", s)
		}
		return time.Unix(sec, 0), nil
	}
	if d, err := collect.ParseDuration(s); err == nil {
		return now.Add(-d), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: give a span (24h, 2d, 1w), 2026-01-31, \"2026-01-31 14:00\", an RFC 3339 time or @ and Unix seconds", s)
}

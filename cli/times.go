package cli

import (
	"fmt"
	"math"
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

// parseSize reads bytes with SI or binary units: 500k, 2MiB, 1.5GB.
func parseSize(s string) (int64, error) {
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i < 0 {
		i = len(s)
	}
	n, err := strconv.ParseFloat(s[:i], 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no size: give bytes such as 500k, 2MiB, 1.5GB", s)
	}
	unit := strings.ToLower(strings.TrimSpace(s[i:]))
	factor, ok := map[string]float64{
		"": 1, "b": 1,
		"k": 1e3, "kb": 1e3, "kib": 1 << 10,
		"m": 1e6, "mb": 1e6, "mib": 1 << 20,
		"g": 1e9, "gb": 1e9, "gib": 1 << 30,
		"t": 1e12, "tb": 1e12, "tib": 1 << 40,
	}[unit]
	if !ok || n*factor > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is no size: give bytes such as 500k, 2MiB, 1.5GB", s)
	}
	return int64(n * factor), nil
}

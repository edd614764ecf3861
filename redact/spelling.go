package redact

import (
	"net/netip"
	"strings"
)

// spelling is one way to write an identity.
type spelling struct {
	class classID
	text  string
	fold  bool // in any case
}

// spellings lists the ways in which texts write an identity: a hardware
// address with other signs between its digits or none, an address of IPv6 in
// full, a host's name with its dots replaced as metrics and the names of
// files have it, or cut off as NetBIOS does, the account without its domain.
func spellings(c classID, value string) []spelling {
	switch c {
	case cHostname:
		value = strings.TrimSuffix(value, ".")
		out := []spelling{{c, value, true}}
		if strings.Contains(value, ".") {
			out = append(out, spelling{c, strings.ReplaceAll(value, ".", "_"), true}, spelling{c, strings.ReplaceAll(value, ".", "-"), true})
		} else if len(value) > netBIOS {
			out = append(out, spelling{c, value[:netBIOS], true})
		}
		return out
	case cUsername:
		if _, name, ok := strings.Cut(value, `\`); ok {
			value = name
		}
		// A name of letters alone may be a word as well: Mark and mark.
		return []spelling{{c, value, strings.ContainsAny(value, "0123456789._-")}}
	case cMAC:
		digits := strings.Map(func(r rune) rune {
			if r == ':' || r == '-' || r == '.' {
				return -1
			}
			return r
		}, value)
		if len(digits) != 12 {
			return []spelling{{c, value, true}}
		}
		pairs := make([]string, 0, 6)
		for k := 0; k < 12; k += 2 {
			pairs = append(pairs, digits[k:k+2])
		}
		return []spelling{{c, strings.Join(pairs, ":"), true}, {c, strings.Join(pairs, "-"), true}, {c, digits, true},
			{c, digits[:4] + "." + digits[4:8] + "." + digits[8:], true}, {c, digits[:6] + "-" + digits[6:], true}}
	case cIPv4:
		// What is made of it is the name of a host.
		return []spelling{{c, value, false}, {cHostname, "ip-" + strings.ReplaceAll(value, ".", "-"), true}}
	case cIPv6:
		out := []spelling{{c, value, true}}
		if a, err := netip.ParseAddr(value); err == nil && a.Is6() {
			out = append(out, spelling{c, a.StringExpanded(), true})
		}
		return out
	}
	return []spelling{{c, value, false}}
}

// netBIOS is the length to which NetBIOS cuts names.
const netBIOS = 15

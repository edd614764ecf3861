package trust

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// AllowedSigners is a parsed allowed_signers file (ssh-keygen(1), ALLOWED
// SIGNERS). It is read-only and safe for concurrent use.
type AllowedSigners struct {
	name    string
	lines   []allowedLine
	revoked map[string]bool // by marshalled key
	at      time.Time       // zero: now
}

type allowedLine struct {
	number                  int
	principals              string
	namespaces              string // a pattern list; "": none given
	certAuthority           bool
	validAfter, validBefore time.Time // zero: open
	key                     ssh.PublicKey
}

// Proof says whose signature held.
type Proof struct {
	Principal   string // as it stands in allowed_signers
	Fingerprint string
	Key         ssh.PublicKey
}

const maxLine = 64 << 10

// ParseAllowedSigners reads the format; errors carry the line.
func ParseAllowedSigners(name string, r io.Reader) (*AllowedSigners, error) {
	a := &AllowedSigners{name: name}
	limited := &io.LimitedReader{R: r, N: maxFile + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := strings.Trim(lines.Text(), " \t\r")
		if text == "" || text[0] == '#' {
			continue
		}
		l, err := parseAllowedLine(text)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		l.number = n
		a.lines = append(a.lines, *l)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	if limited.N <= 0 {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	return a, nil
}

// parseAllowedLine reads: principals [options] type base64 [comment]
func parseAllowedLine(text string) (*allowedLine, error) {
	l := new(allowedLine)
	var err error
	if l.principals, text, err = field(text); err != nil {
		return nil, err
	}
	if l.principals == "" {
		return nil, errors.New("no principal")
	}
	if l.key, err = lineKey(text); err != nil {
		options, rest, optErr := field(text)
		if optErr != nil {
			return nil, optErr
		}
		if optErr := l.options(options); optErr != nil {
			return nil, optErr
		}
		if l.key, err = lineKey(rest); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// field cuts the first field off; double quotes keep blanks inside it. Where
// a field is one quoted word, its quotes go.
func field(text string) (first, rest string, err error) {
	quoted := false
	end := len(text)
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && text[i+1] == '"' {
			i++
		} else if text[i] == '"' {
			quoted = !quoted
		} else if !quoted && (text[i] == ' ' || text[i] == '\t') {
			end = i
			break
		}
	}
	if quoted {
		return "", "", errors.New("quotes without an end")
	}
	first, rest = text[:end], strings.TrimLeft(text[end:], " \t")
	if len(first) >= 2 && first[0] == '"' && strings.IndexByte(first[1:], '"') == len(first)-2 {
		first = first[1 : len(first)-1]
	}
	return first, rest, nil
}

// lineKey reads: type base64 [comment]
func lineKey(text string) (ssh.PublicKey, error) {
	f := strings.Fields(text)
	if len(f) < 2 {
		return nil, errors.New("no public key")
	}
	// Only key and type are given on: ParseAuthorizedKey would take leading
	// words for options of authorized_keys.
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(f[0] + " " + f[1]))
	if err != nil || len(options) > 0 {
		return nil, errors.New("no valid public key")
	}
	if key.Type() != f[0] {
		return nil, fmt.Errorf("key type %s does not fit the key", f[0])
	}
	return key, nil
}

func (l *allowedLine) options(text string) error {
	for text != "" {
		var name, value string
		end := strings.IndexAny(text, "=,")
		if end < 0 {
			end = len(text)
		}
		name, text = strings.ToLower(text[:end]), text[end:]
		if strings.HasPrefix(text, "=") {
			if !strings.HasPrefix(text, `="`) {
				return fmt.Errorf("option %s: value without quotes", name)
			}
			text = text[2:]
			end := strings.IndexByte(text, '"')
			if end < 0 {
				return fmt.Errorf("option %s: quotes without an end", name)
			}
			value, text = text[:end], text[end+1:]
			if value == "" {
				return fmt.Errorf("option %s: empty", name)
			}
		}
		if err := l.option(name, value); err != nil {
			return fmt.Errorf("option %s: %w", name, err)
		}
		if text != "" {
			if text[0] != ',' || len(text) == 1 {
				return fmt.Errorf("option %s: followed by %q", name, text)
			}
			text = text[1:]
		}
	}
	if !l.validAfter.IsZero() && !l.validBefore.IsZero() && !l.validAfter.Before(l.validBefore) {
		return errors.New("valid-after is not before valid-before")
	}
	return nil
}

func (l *allowedLine) option(name, value string) (err error) {
	var set bool
	switch name {
	case "cert-authority":
		set = l.certAuthority
		l.certAuthority = true
		if value != "" {
			return errors.New("takes no value")
		}
	case "namespaces":
		set = l.namespaces != ""
		l.namespaces = value
		if value == "" {
			return errors.New("needs a value")
		}
	case "valid-after":
		set = !l.validAfter.IsZero()
		l.validAfter, err = parseTime(value)
	case "valid-before":
		set = !l.validBefore.IsZero()
		l.validBefore, err = parseTime(value)
	default:
		return errors.New("unknown")
	}
	if set {
		return errors.New("given twice")
	}
	return err
}

// parseTime reads YYYYMMDD[HHMM[SS]][Z], local time without Z.
func parseTime(text string) (time.Time, error) {
	zone := time.Local
	digits, utc := strings.CutSuffix(text, "Z")
	if utc {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(layout) != len(digits) {
			continue
		}
		if t, err := time.ParseInLocation(layout, digits, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time (YYYYMMDD[HHMM[SS]][Z])", text)
}

// At returns the same signers as they stood at a time: what Verify then asks
// of valid-after and valid-before (ssh-keygen -O verify-time). Only a
// statement of somebody else, a receipt, may give that time. A revoked key
// proves nothing at any time.
func (a *AllowedSigners) At(t time.Time) *AllowedSigners {
	then := *a
	then.at = t
	return &then
}

// Without returns the same signers without the keys that a list of public
// keys, one to a line, revokes (ssh-keygen -Y verify -r).
func (a *AllowedSigners) Without(name string, list io.Reader) (*AllowedSigners, error) {
	data, err := io.ReadAll(io.LimitReader(list, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	revoked, err := parseRevoked(name, data)
	if err != nil {
		return nil, err
	}
	maps.Copy(revoked, a.revoked)
	less := *a
	less.revoked = revoked
	return &less, nil
}

// Verify checks an armoured SSHSIG over message in a namespace and says who
// signed. Errors wrap ErrNotAuthentic unless reading message failed, and
// ErrRetired when all that is wrong so far is that the key's time is over.
func (a *AllowedSigners) Verify(namespace string, sig []byte, message io.Reader) (*Proof, error) {
	s, err := parseSignature(sig)
	if err != nil {
		return nil, err
	}
	at := a.at
	if at.IsZero() {
		at = time.Now()
	}
	line, err := a.find(namespace, s.key, at)
	if err != nil {
		return nil, err
	}
	if err := s.verify(namespace, message); err != nil {
		return nil, err
	}
	return &Proof{Principal: line.principals, Fingerprint: ssh.FingerprintSHA256(s.key), Key: s.key}, nil
}

// find returns the first line that allows the key, or why none does.
func (a *AllowedSigners) find(namespace string, key ssh.PublicKey, at time.Time) (*allowedLine, error) {
	name, blob := ssh.FingerprintSHA256(key), key.Marshal()
	if a.revoked[string(blob)] {
		return nil, notAuthentic("key %s is revoked", name)
	}
	var why, retired error
	for i := range a.lines {
		l := &a.lines[i]
		if !bytes.Equal(l.key.Marshal(), blob) {
			continue
		}
		switch place := fmt.Sprintf("%s:%d", a.name, l.number); {
		case l.certAuthority:
			why = notAuthentic("key %s stands only in a cert-authority line (%s)", name, place)
		case l.namespaces == "":
			why = notAuthentic("key %s is allowed for no namespace by name (%s)", name, place)
		case !matchList(l.namespaces, namespace):
			why = notAuthentic("key %s is not allowed for %s (%s)", name, namespace, place)
		case !l.validAfter.IsZero() && at.Before(l.validAfter):
			why = notAuthentic("key %s is valid after %s only (%s)", name, l.validAfter.Format(time.RFC3339), place)
		case !l.validBefore.IsZero() && at.After(l.validBefore):
			retired = fmt.Errorf("%w: %w: key %s, valid before %s only (%s)", ErrNotAuthentic, ErrRetired, name, l.validBefore.Format(time.RFC3339), place)
		default:
			return l, nil
		}
	}
	if retired != nil { // tells most: the key was right once
		return nil, retired
	}
	if why == nil {
		why = fmt.Errorf("%w: key %s is %w (not in %s)", ErrNotAuthentic, name, ErrUnknownKey, a.name)
	}
	return nil, why
}

// matchList matches an OpenSSH pattern list (ssh_config(5), PATTERNS): a
// negated pattern that matches decides against.
func matchList(list, s string) bool {
	match := false
	for p := range strings.SplitSeq(list, ",") {
		p, negated := strings.CutPrefix(p, "!")
		if !matchPattern(p, s) {
			continue
		}
		if negated {
			return false
		}
		match = true
	}
	return match
}

// matchPattern matches * and ?, in time proportional to the product of the
// lengths.
func matchPattern(p, s string) bool {
	pi, si, star, mark := 0, 0, -1, 0
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == '*':
			star, mark = pi, si
			pi++
		case pi < len(p) && (p[pi] == '?' || p[pi] == s[si]):
			pi++
			si++
		case star >= 0:
			mark++
			pi, si = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(p[pi:], "*") == ""
}

// parseRevoked reads public keys, one to a line.
func parseRevoked(name string, data []byte) (map[string]bool, error) {
	revoked := make(map[string]bool)
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.Trim(line, " \t\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		key, err := lineKey(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		revoked[string(key.Marshal())] = true
	}
	return revoked, nil
}

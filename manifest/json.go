package manifest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	version      = 1
	maxJSONValue = 16 << 20 // bytes of one value that is held in memory, and of the whole head
	maxJSONDepth = 16
	maxKey       = 64
	maxManifest  = 4 << 30
	maxReport    = 64 << 20
)

type totals struct {
	Entries int64 `json:"entries"`
	Bytes   int64 `json:"bytes"`
}

type reportRef struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

type frameRef struct {
	Size    int64  `json:"size"`
	Content int64  `json:"content"`
	SHA256  string `json:"sha256"`
}

// stamp is a time in the one form that created and mtime have.
type stamp time.Time

func (s *stamp) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	return s.parse(text)
}

func (s *stamp) parse(text string) error {
	t, err := time.Parse(time.RFC3339, text)
	t = t.UTC()
	var form [len(time.RFC3339)]byte
	if err != nil || !t.Equal(tarTime(t)) || string(t.AppendFormat(form[:0], time.RFC3339)) != text { // Parse takes other forms, too
		return fmt.Errorf("%.40q is not a whole second since 1970 as in 2006-01-02T15:04:05Z", text)
	}
	*s = stamp(t)
	return nil
}

// The two with a time, as they are read.
type (
	readEntry struct {
		Entry
		ModTime stamp `json:"mtime"`
	}
	readHead struct {
		Head
		Created stamp `json:"created"`
	}
)

// manifestReader reads manifest.json strictly, without holding more than one
// entry in memory. What is in doubt (a key twice, in another case, a value
// after the end) is refused, for two readers might take it for two things.
type manifestReader struct {
	entry func(*Entry) error
	frame func(*frameRef) error

	head        Head
	totals      totals
	report      reportRef
	framesTotal string
}

func (m *manifestReader) read(r io.Reader) error {
	bounded := &boundedReader{r: r}
	dec := json.NewDecoder(bounded)
	bounded.used = dec.InputOffset
	if err := expect(dec, json.Delim('{')); err != nil {
		return err
	}
	head, held := map[string]json.RawMessage{}, 0
	seen := map[string]bool{}
	for dec.More() {
		key, err := readKey(dec, seen)
		if err != nil {
			return err
		}
		switch key {
		case "entries":
			err = readArray(dec, takeEntry, m.entry)
		case "frames":
			err = readArray(dec, takeFrame, m.frame)
		case "totals":
			err = readValue(dec, &m.totals, "entries", "bytes")
		case "report":
			err = readValue(dec, &m.report, "size", "sha256")
		case "frames_sha256":
			err = readValue(dec, &m.framesTotal)
		default:
			var raw json.RawMessage
			err = readValue(dec, &raw)
			head[key] = raw
			if held += len(raw); err == nil && held > maxJSONValue {
				err = fmt.Errorf("with all before it more than %d bytes", maxJSONValue)
			}
			if err == nil && key == "version" { // before what it may have changed
				err = checkVersion(raw)
			}
		}
		var stop *stopped
		if errors.As(err, &stop) {
			return stop.error
		}
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
	}
	if err := expect(dec, json.Delim('}')); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("bytes after its end")
	}
	for _, key := range []string{"totals", "entries", "report", "frames", "frames_sha256", "version", "bundle_id", "name", "created"} {
		if !seen[key] {
			return fmt.Errorf("%q is missing", key)
		}
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	var h readHead
	if err := json.Unmarshal(text, &h); err != nil {
		return err
	}
	m.head = h.Head
	m.head.Created = time.Time(h.Created)
	return checkHead(&m.head)
}

func checkVersion(raw []byte) error {
	if string(raw) != strconv.Itoa(version) {
		return fmt.Errorf("version %.20s of the bundle format is not known", raw)
	}
	return nil
}

func checkHead(h *Head) error {
	if h.Version != version {
		return fmt.Errorf("version %d of the bundle format is not known", h.Version)
	}
	if h.BundleID == "" {
		return errors.New("bundle id is missing")
	}
	if err := checkName(h.Name); err != nil {
		return err
	}
	if p := h.Parent; p != nil && (p.BundleID == "" || p.BundleID == h.BundleID || !isDigest(p.ManifestSHA256)) {
		return errors.New("parent: no bundle id but its own, or a malformed digest")
	}
	return checkKeys(h.Redactions)
}

// checkKeys holds the keys of a map to what checkRaw accepts.
func checkKeys[V any](m map[string]V) error {
	for key := range m {
		if err := checkKey(key); err != nil {
			return err
		}
	}
	return nil
}

// checkKey allows lower-case keys only: so no two can differ in case alone,
// and none can be taken for a field by a reader that ignores case.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	}) {
		return fmt.Errorf("key %.80q: not 1 to %d of a-z, 0-9, '_', '-', '.'", key, maxKey)
	}
	return nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	t, err := dec.Token()
	if err != nil {
		return noEOF(err)
	}
	if t != want {
		return fmt.Errorf("%q expected at byte %d", want, dec.InputOffset())
	}
	return nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func readKey(dec *json.Decoder, seen map[string]bool) (string, error) {
	t, err := dec.Token()
	if err != nil {
		return "", noEOF(err)
	}
	key, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("key expected at byte %d", dec.InputOffset())
	}
	if err := checkKey(key); err != nil {
		return "", err
	}
	if _, twice := seen[key]; twice {
		return "", fmt.Errorf("key %q stands there twice", key)
	}
	seen[key] = true
	return key, nil
}

// readArray calls each with the values of an array, as take makes them of the
// JSON and of the value before.
func readArray[T any](dec *json.Decoder, take func(raw []byte, v *T) error, each func(*T) error) error {
	if err := expect(dec, json.Delim('[')); err != nil {
		return err
	}
	var raw json.RawMessage
	var last T
	for i := 0; dec.More(); i++ {
		v := new(T)
		*v = last
		err := noEOF(dec.Decode(&raw))
		if err == nil {
			err = take(raw, v)
		}
		if err != nil {
			return fmt.Errorf("number %d: %w", i, err)
		}
		last = *v
		if each == nil {
			continue
		}
		if err := each(v); err != nil {
			return &stopped{err}
		}
	}
	return expect(dec, json.Delim(']'))
}

// stopped carries the error of whom the values are given to, untouched.
type stopped struct{ error }

func takeEntry(raw []byte, e *Entry) error {
	if plainEntry(raw, e) {
		return nil
	}
	return strictEntry(raw, e)
}

func strictEntry(raw []byte, e *Entry) error {
	var v readEntry
	if err := takeValue(raw, &v, "path", "source", "type", "offset", "size", "sha256", "mtime"); err != nil {
		return err
	}
	*e = v.Entry
	e.ModTime = time.Time(v.ModTime)
	return nil
}

func takeFrame(raw []byte, f *frameRef) error {
	*f = frameRef{}
	return takeValue(raw, f, "size", "content", "sha256")
}

// readValue decodes the next value after looking at all of its keys, of which
// these must be there, and not null.
func readValue(dec *json.Decoder, v any, keys ...string) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return noEOF(err)
	}
	return takeValue(raw, v, keys...)
}

func takeValue(raw json.RawMessage, v any, keys ...string) error {
	there, err := checkRaw(raw)
	if err != nil {
		return err
	}
	if into, ok := v.(*json.RawMessage); ok {
		*into = raw
		return nil
	}
	if string(raw) == "null" {
		return errors.New("null")
	}
	for _, key := range keys {
		if !there[key] {
			return fmt.Errorf("%q is missing", key)
		}
	}
	return json.Unmarshal(raw, v)
}

// checkRaw answers the keys of an object whose values are not null.
func checkRaw(raw []byte) (there map[string]bool, err error) {
	// The decoder would put U+FFFD in the place of what is no character, and
	// another reader something else.
	if !utf8.Valid(raw) || halfSurrogate(raw) {
		return nil, errors.New("not UTF-8")
	}
	if !bytes.ContainsAny(raw, "{[") {
		return nil, nil
	}
	there, _, err = checkBelow(json.NewDecoder(bytes.NewReader(raw)), 0)
	return there, err
}

// halfSurrogate looks for \uD800 to \uDFFF that are not a pair.
func halfSurrogate(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return false
		}
		high := surrogate(raw[i:])
		raw = raw[i+2:] // valid JSON: something is escaped
		if high == 0 {
			continue
		}
		if high >= 0xdc00 || len(raw) < 4 || surrogate(raw[4:]) < 0xdc00 {
			return true
		}
		raw = raw[4+6:]
	}
}

// surrogate is the half pair that an escape stands for, or 0.
func surrogate(b []byte) uint64 {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0
	}
	r, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil || r < 0xd800 || r > 0xdfff {
		return 0
	}
	return r
}

// checkBelow looks at the next value: how deep it is nested, and all of its
// keys, of which the outermost are answered with whether a value stands there.
func checkBelow(dec *json.Decoder, depth int) (seen map[string]bool, null bool, err error) {
	if depth > maxJSONDepth {
		return nil, false, errors.New("nested too deeply")
	}
	t, err := dec.Token()
	if err != nil {
		return nil, false, err
	}
	d, ok := t.(json.Delim)
	if !ok {
		return nil, t == nil, nil
	}
	seen = map[string]bool{}
	for dec.More() {
		key := ""
		if d == '{' {
			if key, err = readKey(dec, seen); err != nil {
				return nil, false, err
			}
		}
		_, null, err := checkBelow(dec, depth+1)
		if err != nil {
			return nil, false, err
		}
		if d == '{' {
			seen[key] = !null
		}
	}
	_, err = dec.Token()
	return seen, false, err
}

// boundedReader ends when one value alone would fill the memory.
type boundedReader struct {
	r    io.Reader
	read int64
	used func() int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.read-b.used() > maxJSONValue {
		return 0, fmt.Errorf("a value has more than %d bytes", maxJSONValue)
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	return n, err
}

func isDigest(s string) bool {
	if len(s) != 64 || strings.ToLower(s) != s {
		return false
	}
	_, err := hex.DecodeString(s)
	return err == nil
}

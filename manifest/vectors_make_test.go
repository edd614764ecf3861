package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/trust"
)

// made is a vector as the generator makes it.
type made struct {
	vector
	data                []byte
	receipt, receiptSig []byte
}

// How far a reader may get with a bundle that is refused as a whole.
const (
	atOpen   = "at open" // nothing is listed or shown
	atEntry  = "at entry"
	atVerify = "at verify" // each listed entry alone is what was signed
)

// maker collects vectors.
type maker struct {
	t   testing.TB
	all map[string]made
}

func makeVectors(t testing.TB) map[string]made {
	t.Helper()
	m := &maker{t: t, all: map[string]made{}}
	m.goods()
	m.keys()
	m.regions()
	m.tails()
	m.tables()
	m.frames()
	m.jsons()
	m.names()
	m.members()
	return m.all
}

func (m *maker) add(name string, v made) {
	m.t.Helper()
	if _, twice := m.all[name]; twice {
		m.t.Fatalf("two vectors %s", name)
	}
	if v.Unreadable == nil {
		v.Unreadable = []string{}
	}
	m.all[name] = v
}

func (m *maker) good(name, about string, data []byte) {
	m.add(name, made{vector: vector{About: about, Verdict: "good", Opens: true}, data: data})
}

// bad adds a refused one. reason stands in the error; unreadable are the
// entries that seeking refuses, where it gets that far.
func (m *maker) bad(name, about, seen, reason string, data []byte, unreadable ...string) {
	m.t.Helper()
	if (seen == atEntry) != (len(unreadable) > 0) {
		m.t.Fatalf("%s: %s with %q", name, seen, unreadable)
	}
	m.add(name, made{vector: vector{About: about, Verdict: "refused", Opens: seen != atOpen, Unreadable: unreadable, Reason: reason}, data: data})
}

// vectorID is a version 7 UUID made from a name.
func vectorID(name string) string {
	b := sha256.Sum256([]byte(name))
	copy(b[:6], []byte{0x01, 0x9b, 0x7f, 0x5a, 0x14, 0xc8}) // about testTime
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// forge builds a forgery with an id of its own, signed by a named key.
func (m *maker) forge(id, key string, f forged) []byte {
	m.t.Helper()
	change := f.head
	f.head = func(h *Head) {
		h.BundleID = vectorID(id)
		if change != nil {
			change(h)
		}
	}
	if f.frames == nil {
		f.frames = [][]Entry{{small(Event, "app", "a.log")}}
	}
	return f.build(m.t, vectorKey(m.t, key))
}

// honest is what the writer makes: path below data/ to content.
func (m *maker) honest(id, key string, sources map[Type]map[string]string) []byte {
	m.t.Helper()
	w, err := NewWriter(WriterOptions{Name: testName, Scratch: m.t.TempDir()})
	if err != nil {
		m.t.Fatal(err)
	}
	defer w.Close()
	head := testHead()
	head.BundleID = vectorID(id)
	for kind, entries := range sources {
		s := source(m.t, w, "src-"+string(kind), kind)
		for _, path := range slices.Sorted(maps.Keys(entries)) { // who comes first gets the name
			add(m.t, s, path, []byte(entries[path]))
		}
	}
	var out bytes.Buffer
	if _, err := w.Finish(m.t.Context(), &out, head, []byte("{\"version\": 1}\n"), vectorKey(m.t, key)); err != nil {
		m.t.Fatal(err)
	}
	return out.Bytes()
}

const (
	confEntry = "data/src-configuration/b.conf"
	logEntry  = "data/src-event/a.log"
	forgedLog = "data/app/a.log"
)

func logText() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "2026-01-02T15:04:%02d app[%d]: request %x took %d ms\n", i%60, 100+i, i*7919, i*i%97)
	}
	return b.String()
}

func (m *maker) base(id string) []byte {
	return m.honest(id, "signer", map[Type]map[string]string{Configuration: {"b.conf": "x = 1\n"}, Event: {"a.log": logText()}})
}

func (m *maker) goods() {
	m.good("good", "two entries of two data types", m.base("good"))
	m.good("good-empty", "no entries", m.honest("good-empty", "signer", nil))
	types := map[Type]map[string]string{}
	for _, kind := range Types() {
		types[kind] = map[string]string{"one": string(kind) + "\n", "two": "", "three": strings.Repeat("x", 512)}
	}
	m.good("good-all-types", "three entries of each data type, one of them empty, one that fills a block", m.honest("good-all-types", "signer", types))
	m.good("good-large-entry", "an entry of 9 MiB, cut at line ends into frames of its own, between two small ones", m.honest("good-large-entry", "signer", map[Type]map[string]string{
		Event: {"a.log": "first\n", "b.log": strings.Repeat("the same line again and again\n", 9<<20/30), "c.log": "last\n"},
	}))
	m.good("good-names", "names that need a prefix, a PAX record or an escape", m.honest("good-names", "signer", map[Type]map[string]string{Event: {
		strings.Repeat("d/", 60) + "deep.log": "1\n", strings.Repeat("long", 45) + ".log": "2\n", "naïve/ünïcode.log": "3\n",
		"con.txt": "4\n", "a:b?c": "5\n", "new\nline": "6\n", "trailing.": "7\n", "100%": "8\n", "%41": "9\n", "bytes\xff\xfe": "10\n", "App": "11\n", "app": "12\n",
	}}))
	m.good("good-unknown-keys", "keys that a later minor version might add", m.forge("good-unknown-keys", "signer", forged{
		text: swap(`"version": 1,`, `"version": 1, "news": {"a": [1, {"b": 2}]},`)}))
	m.good("good-manifest-in-frames", "manifest.json is larger than a frame", m.forge("good-manifest-in-frames", "signer", forged{
		text: swap(`"version": 1,`, `"version": 1, "news": "`+strings.Repeat("news ", 1<<20)+`",`)}))
	m.good("good-two-sources", "two sources share a frame, for they have one data type", m.forge("good-two-sources", "signer", forged{
		frames: [][]Entry{{small(Event, "a", "x"), small(Event, "b", "x")}}}))
	parent := Parent{BundleID: vectorID("good"), ManifestSHA256: strings.Repeat("0123456789abcdef", 4), PseudonymKey: "abcdefgh"}
	m.good("good-parent", "made from another bundle", m.forge("good-parent", "signer", forged{head: func(h *Head) { h.Parent = &parent }}))
	m.good("good-nested", "values nested just 16 deep, under keys that readers pass over", m.forge("good-nested", "signer", forged{text: func(s string) string {
		return strings.Replace(strings.Replace(s, `"version": 1,`, `"version": 1, "x": `+lists(17)+`,`, 1), `"size":8`, `"size":8,"x":`+lists(16), 1)
	}}))
	m.good("good-left-out", "what only people read is left out or null", m.forge("good-left-out", "signer", forged{text: func(s string) string {
		for _, cut := range []string{`"organisation": "default",`, `"window": {},`, `"pseudonym_key": "",`} {
			s = strings.Replace(s, cut, "", 1)
		}
		s = strings.Replace(s, `"case": "4711"`, `"case": null`, 1)
		return strings.Replace(strings.Replace(s, `"recipes": []`, `"recipes": null`, 1), `"size":8`, `"size":8,"truncated":null`, 1)
	}}))
	var near []Entry
	for _, name := range []string{"COM10", "CONSOLE", "com\u2074", "con\u0131n$", "lpt"} {
		near = append(near, small(Event, "app", name))
	}
	m.good("good-no-devices", "names that are nearly those of devices", m.forge("good-no-devices", "signer", forged{frames: [][]Entry{near}}))
	m.good("good-key-twice", "signed with a key that is allowed for another namespace first", m.forge("good-key-twice", "twice", forged{}))
	m.good("good-hardware-key", "signed with an sk-ssh-ed25519@openssh.com key, touched", m.honest("good-hardware-key", "hardware", map[Type]map[string]string{Event: {"a.log": "x\n"}}))
}

func (m *maker) keys() {
	one := func(id, key string) []byte { return m.forge(id, key, forged{}) }
	m.bad("key-unknown", "signed with a key that stands nowhere", atOpen, "is unknown", one("key-unknown", "stranger"))
	m.bad("key-revoked", "signed with an allowed key that stands in revoked_keys", atOpen, "is revoked", one("key-revoked", "revoked"))
	m.bad("key-early", "signed with a key that is valid after 2999 only", atOpen, "is valid after", one("key-early", "early"))
	m.bad("key-for-recipes", "signed with a key that is allowed for recipes only", atOpen, "is not allowed for manifest@diagcollect", one("key-for-recipes", "recipes"))
	m.bad("key-unlimited", "signed with a key that is allowed without namespaces: a purpose must be named", atOpen, "for no namespace by name", one("key-unlimited", "unlimited"))
	m.bad("key-retired", "signed with a key that is valid before 2026-02-01 only, and nothing dates it", atOpen, "key is retired", one("key-retired", "retired"))
	m.bad("namespace-wrong", "a valid signature of an allowed key, made for recipe@diagcollect", atOpen, `signature is for "recipe@diagcollect"`,
		m.forge("namespace-wrong", "signer", forged{namespace: trust.NamespaceRecipe}))
	other, err := vectorKey(m.t, "signer").Sign(trust.NamespaceManifest, strings.NewReader("{}"))
	if err != nil {
		m.t.Fatal(err)
	}
	m.bad("signature-of-another", "a valid signature of an allowed key, over another text", atOpen, "does not fit",
		m.forge("signature-of-another", "signer", forged{sig: func([]byte) []byte { return other }}))
	m.bad("signature-not-touched", "of a hardware key that nobody touched: the flag is cleared in the signature", atOpen, "does not fit",
		m.forge("signature-not-touched", "hardware", forged{sig: func(sig []byte) []byte { return untouched(m.t, sig) }}))
	by := func(id, key, reserved string) []byte {
		return m.forge(id, "signer", forged{sign: func(text string) []byte { return anySSHSIG(m.t, vectorSigner(m.t, key), reserved, text) }})
	}
	m.bad("signature-untouched", "a valid signature of a hardware key that nobody touched: ssh-keygen -Y verify takes it", atOpen, "does not fit", by("signature-untouched", "untouched", ""))
	m.bad("signature-short-key", "a valid signature of an RSA key of 1,024 bits: ssh-keygen -Y verify takes it", atOpen, "below 2048 bits", by("signature-short-key", "short", ""))
	m.bad("signature-reserved", "a valid signature with something in its reserved field", atOpen, "reserved field", by("signature-reserved", "signer", "x"))
	m.bad("signature-empty", "manifest.json.sig has no bytes", atOpen, "malformed signature", m.forge("signature-empty", "signer", forged{sig: func([]byte) []byte { return nil }}))
	m.bad("signature-other-lines", "the signature in lines of another length", atOpen, "not in canonical form", m.forge("signature-other-lines", "signer", forged{sig: func(sig []byte) []byte {
		return bytes.Replace(sig, []byte("\n"), []byte("\r\n"), 1)
	}}))
	m.bad("unsigned", "no manifest.json.sig: only the end of the archive stands in its frame", atOpen, "holds no manifest.json.sig",
		m.forge("unsigned", "signer", forged{last: func([]byte) []byte { return make([]byte, endOfArchive) }}))
	m.bad("unsigned-no-manifest", "a plain tar.zst in frames with a seek table", atOpen, "no manifest.json",
		m.forge("unsigned-no-manifest", "signer", forged{member: func([]byte) []byte { return tarHeader(nil, testName+"/x", 0, testTime) }}))

	for _, r := range []struct{ name, about, reason, by, date, of string }{
		{"receipt", "signed with a retired key; the receipt dates it before the key's end", "", "receiver", "2026-01-05T00:00:00Z", "receipt"},
		{"receipt-late", "the receipt dates it after the key's end", "key is retired", "receiver", "2026-02-03T00:00:00Z", "receipt-late"},
		{"receipt-of-another", "the receipt is for another bundle", "key is retired", "receiver", "2026-01-05T00:00:00Z", "good"},
		{"receipt-untrusted", "the receipt is signed with a key that is allowed for manifests, not for receipts", "key is retired", "signer", "2026-01-05T00:00:00Z", "receipt-untrusted"},
		{"receipt-revoked", "a receipt helps no revoked key", "is revoked", "receiver", "2026-01-05T00:00:00Z", "receipt-revoked"},
	} {
		key, verdict := "retired", "refused"
		if r.name == "receipt-revoked" {
			key = "revoked"
		}
		if r.reason == "" {
			verdict = "good"
		}
		v := made{vector: vector{About: r.about, Verdict: verdict, Opens: r.reason == "", Reason: r.reason, Receipt: r.name + ".receipt.json"}, data: one(r.name, key)}
		of := v.data
		if r.of != r.name {
			of = m.all[r.of].data
		}
		v.receipt = fmt.Appendf(nil, "{\n  \"version\": 1,\n  \"receiver\": \"receiver\",\n  \"organisation\": \"default\",\n  \"case\": \"4711\",\n  \"bundle_id\": %q,\n  \"agent\": \"agent-test\",\n  \"sha256\": %q,\n  \"size\": %d,\n  \"wire_sha256\": \"\",\n  \"wire_size\": 0,\n  \"entries\": 1,\n  \"received\": %q,\n  \"verdict\": \"stored\",\n  \"retention\": {}\n}\n",
			vectorID(r.of), sha256Hex(of), len(of), r.date)
		if v.receiptSig, err = vectorKey(m.t, r.by).Sign(trust.NamespaceReceipt, bytes.NewReader(v.receipt)); err != nil {
			m.t.Fatal(err)
		}
		m.add(r.name, v)
	}
}

func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// untouched clears the flag that says a hardware key was touched: the first of
// the last five bytes.
func untouched(t testing.TB, armoured []byte) []byte {
	t.Helper()
	return rearmour(t, armoured, func(blob []byte) { blob[len(blob)-5] = 0 })
}

// span is where a frame lies in the file.
func (m *maker) spans(data []byte) []tableEntry {
	m.t.Helper()
	n, err := parseSeekFooter(data)
	if err != nil {
		m.t.Fatal(err)
	}
	frames, err := parseSeekTable(data[int64(len(data))-seekTableSize(int(n)):], n, int64(len(data)))
	if err != nil {
		m.t.Fatal(err)
	}
	return frames
}

// regions flips a bit in each region, and cuts at each boundary.
func (m *maker) regions() {
	base := m.base("regions")
	f := m.spans(base)
	if len(f) != 5 {
		m.t.Fatalf("%d frames", len(f))
	}
	table := f[4].start + f[4].size
	flip := func(name, about, seen, reason string, at int64, unreadable ...string) {
		data := bytes.Clone(base)
		data[at] ^= 0x04
		m.bad("flip-"+name, "one bit differs: "+about, seen, reason, data, unreadable...)
	}
	digest := "digest differs from the signed one"
	flip("frame-magic", "in the magic number of the first frame", atEntry, digest, 0, confEntry)
	flip("frame-header", "in the descriptor of the first frame", atEntry, digest, 4, confEntry)
	flip("frame-size", "in the content size of the first frame", atEntry, digest, 5, confEntry)
	flip("frame-content", "in the blocks of the first frame", atEntry, digest, f[0].size/2, confEntry)
	flip("frame-checksum", "in the checksum of the first frame", atEntry, digest, f[0].size-1, confEntry)
	flip("second-frame", "in the blocks of the second frame", atEntry, digest, f[1].start+f[1].size/2, logEntry)
	flip("report", "in the frame of report.json", atVerify, digest, f[2].start+f[2].size/2)
	flip("manifest-magic", "in the magic number of manifest.json's frame", atOpen, "malformed frame", f[3].start)
	flip("manifest", "in the blocks of manifest.json's frame", atOpen, "malformed frame", f[3].start+f[3].size/2)
	flip("manifest-checksum", "in the checksum of manifest.json's frame", atOpen, "malformed frame", f[3].start+f[3].size-1)
	flip("signature", "in the blocks of manifest.json.sig's frame", atOpen, "malformed frame", f[4].start+f[4].size/2)
	flip("signature-checksum", "in the checksum of the last frame", atOpen, "malformed frame", table-1)
	flip("table-magic", "in the seek table's magic number", atOpen, "seek table", table)
	flip("table-length", "in the seek table's length", atOpen, "seek table", table+4)
	flip("table-size", "in the seek table's size of the first frame", atOpen, "seek table", table+8)
	flip("table-content", "in the seek table's content size of the second frame", atOpen, "is cut by the end", table+8+8+5)
	flip("table-count", "in the seek table's number of frames", atOpen, "seek table", int64(len(base))-9)
	flip("table-descriptor", "in the seek table's descriptor: it announces checksums", atOpen, "seek table", int64(len(base))-5)
	flip("table-end", "in the seek table's last number", atOpen, "no seek table", int64(len(base))-1)

	cut := func(name, about string, n int64) {
		m.bad("cut-"+name, "truncated: "+about, atOpen, "truncated", base[:n])
	}
	cut("nothing-left", "not a byte is left", 0)
	cut("in-first-frame", "in the first frame", f[0].size/2)
	for i, what := range []string{"first-entry", "second-entry", "report", "manifest", "signature"} {
		cut("after-"+what, fmt.Sprintf("after frame %d of 5", i+1), f[i].start+f[i].size)
	}
	cut("in-table", "in the seek table", (table+int64(len(base)))/2)
	cut("before-footer", "before the seek table's last 9 bytes", int64(len(base))-9)
	cut("last-byte", "the last byte is missing", int64(len(base))-1)
	m.bad("cut-first-byte", "the first byte is missing", atOpen, "seek table", base[1:])
	m.bad("cut-first-frame", "the first frame is missing, and the seek table agrees", atOpen, "shares frame 0 with configuration",
		appendSeekTable(bytes.Clone(base[f[0].size:table]), f[1:]))
}

// tails appends.
func (m *maker) tails() {
	base := m.base("tails")
	frames := m.spans(base)
	last := frames[len(frames)-1]
	table := last.start + last.size
	body := base[:table]
	more := encodeFrame(mustEncoder(m.t), nil, make([]byte, 1024))
	payload := []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00evil")
	with := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	listed := func(z []byte, content int64) []byte {
		return appendSeekTable(with(body, z), append(slices.Clone(frames), tableEntry{size: int64(len(z)), content: content}))
	}
	merged := slices.Clone(frames)
	merged[4].size += int64(len(payload))
	for _, v := range []struct {
		name, about, reason string
		data                []byte
	}{
		{"trailing-byte", "a byte after the end", "no seek table", with(base, []byte{0})},
		{"trailing-block", "a block of NULs after the end", "no seek table", with(base, make([]byte, blockSize))},
		{"trailing-bundle", "the same bundle again after the end", "seek table", with(base, base)},
		{"trailing-frame", "a second frame after the end", "no seek table", with(base, more)},
		{"trailing-table", "the same seek table again after the end", "seek table", with(base, base[table:])},
		{"trailing-skippable", "a skippable frame with a payload after the end", "no seek table", with(base, payload)},
		{"frame-added", "another frame before the seek table, which does not list it", "seek table", with(body, more, base[table:])},
		{"frame-added-listed", "another frame before the seek table, which lists it", "last frame", listed(more, 1024)},
		{"skippable-in-front", "a skippable frame with a payload in front of the first", "seek table", with(payload, base)},
		{"skippable-within", "a skippable frame with a payload between two frames, not in the seek table", "seek table", with(base[:frames[1].start], payload, base[frames[1].start:])},
		{"skippable-unlisted", "a skippable frame with a payload before the seek table, which does not list it", "seek table", with(body, payload, base[table:])},
		{"skippable-listed", "a skippable frame with a payload before the seek table, which lists it", "malformed frame", listed(payload, 1)},
		{"skippable-in-last", "a skippable frame with a payload, counted to the last frame", "malformed frame", appendSeekTable(with(body, payload), merged)},
		{"skippable-in-table", "a payload within the seek table's own frame", "seek table", func() []byte {
			b := with(body, base[table:table+8], []byte("evil"), base[table+8:])
			binary.LittleEndian.PutUint32(b[table+4:], uint32(int64(len(base))-table-8+4))
			return b
		}()},
	} {
		m.bad(v.name, v.about, atOpen, v.reason, v.data)
	}
}

// tables are wrong seek tables around good frames.
func (m *maker) tables() {
	base := m.base("tables")
	frames := m.spans(base)
	table := frames[4].start + frames[4].size
	for _, v := range []struct {
		name, about, reason string
		change              func(f []tableEntry) []tableEntry
	}{
		{"sizes", "the first two frames' sizes differ from the walk, their sum does not", "seek table and manifest differ", func(f []tableEntry) []tableEntry { f[0].size--; f[1].size++; return f }},
		{"contents", "the first two frames' content sizes differ from the walk, their sum does not", "shares frame 1 with what follows", func(f []tableEntry) []tableEntry {
			f[0].content -= blockSize
			f[1].content += blockSize
			return f
		}},
		{"tail-sizes", "the sizes of the last two frames differ from the walk, their sum does not", "malformed frame", func(f []tableEntry) []tableEntry { f[3].size--; f[4].size++; return f }},
		{"tail-contents", "the content size of the last frame differs from the walk", "malformed frame", func(f []tableEntry) []tableEntry { f[4].content += blockSize; return f }},
		{"joined", "the first two frames are listed as one", "shares frame 0 with configuration", func(f []tableEntry) []tableEntry {
			f[1].size += f[0].size
			f[1].content += f[0].content
			return f[1:]
		}},
		{"split", "the first frame is listed as two", "seek table and manifest differ", func(f []tableEntry) []tableEntry {
			first := f[0]
			f[0].size, f[0].content = f[0].size/2, blockSize
			return slices.Insert(f, 1, tableEntry{size: first.size - f[0].size, content: first.content - blockSize})
		}},
		{"ratio", "a content size of 4 MiB in few bytes", "above the ratio", func(f []tableEntry) []tableEntry { f[0].content = maxFrame; return f }},
		{"over-limit", "a content size above 4 MiB", "seek table", func(f []tableEntry) []tableEntry { f[0].content = maxFrame + 1; return f }},
		{"nothing", "a frame without content", "seek table", func(f []tableEntry) []tableEntry { f[0].content = 0; return f }},
		{"empty", "lists no frames", "seek table", func([]tableEntry) []tableEntry { return nil }},
	} {
		m.bad("table-"+v.name, "seek table: "+v.about, atOpen, v.reason, appendSeekTable(bytes.Clone(base[:table]), v.change(slices.Clone(frames))))
	}
	huge := bytes.Clone(base)
	binary.LittleEndian.PutUint32(huge[len(huge)-9:], 0xffffffff)
	m.bad("table-huge", "seek table: claims 4,294,967,295 frames", atOpen, "seek table", huge)
	m.bad("table-missing", "no seek table: a plain tar.zst", atOpen, "no seek table", base[:table])
}

// frames are signed ones in a form that the format does not have.
func (m *maker) frames() {
	bare := func(name, about, reason string, change func(z, content []byte) []byte) {
		m.bad(name, about, atEntry, reason, m.forge(name, "signer", forged{bare: func(_ int, z []byte) []byte {
			return change(z, decodeWhole(m.t, z))
		}}), forgedLog)
	}
	encode := func(content []byte, o ...zstd.EOption) []byte {
		enc, err := zstd.NewWriter(nil, append([]zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithSingleSegment(true)}, o...)...)
		if err != nil {
			m.t.Fatal(err)
		}
		return enc.EncodeAll(content, nil)
	}
	bare("frame-no-checksum", "a signed frame without checksum", "not in the only form", func(_, content []byte) []byte { return encode(content, zstd.WithEncoderCRC(false)) })
	bare("frame-window", "a signed frame that names a window instead of being a single segment", "not in the only form", func(_, content []byte) []byte { return encode(content, zstd.WithSingleSegment(false)) })
	bare("frame-dictionary", "a signed frame that names a dictionary", "not in the only form", func(z, _ []byte) []byte {
		return slices.Concat(z[:4], []byte{z[4] | 1, 7}, z[5:])
	})
	bare("frame-reserved-bit", "a signed frame with a reserved bit set", "not in the only form", func(z, _ []byte) []byte { z[4] |= 0x08; return z })
	bare("frame-long-size", "a signed frame with its content size in eight bytes", "not in the only form", func(z, content []byte) []byte {
		return slices.Concat(z[:4], []byte{0xe4}, binary.LittleEndian.AppendUint64(nil, uint64(len(content))), z[headerLen(len(content)):])
	})
	bare("frame-wrong-checksum", "a signed frame with a wrong checksum", "malformed frame", func(z, _ []byte) []byte { z[len(z)-1] ^= 1; return z })
	bare("frame-holds-skippable", "a signed frame that ends in a skippable one with a payload", "bytes after the last block", func(z, _ []byte) []byte {
		return append(z, "\x50\x2a\x4d\x18\x04\x00\x00\x00evil"...)
	})
	bare("frame-is-two", "two signed frames that are listed as one", "malformed frame", func(_, content []byte) []byte {
		enc := mustEncoder(m.t)
		return encodeFrame(enc, encodeFrame(enc, nil, content[:blockSize]), content[blockSize:])
	})
	m.bad("frame-ratio-bomb", "a signed frame of 3 MiB of NULs in fewer bytes than a thousandth", atOpen, "above the ratio", m.forge("frame-ratio-bomb", "signer", forged{
		body: strings.Repeat("\x00", 3<<20), bare: func(_ int, z []byte) []byte {
			return encode(decodeWhole(m.t, z), zstd.WithEncoderCRC(true), zstd.WithWindowSize(maxFrame))
		}}))
	m.bad("frame-too-large", "a signed frame with more than 4 MiB of content", atOpen, "seek table", m.forge("frame-too-large", "signer", forged{body: strings.Repeat("too large\n", maxFrame/10)}))
	m.bad("frame-across-types", "an alert and an event in one frame", atOpen, "shares frame 0 with alert", m.forge("frame-across-types", "signer", forged{
		frames: [][]Entry{{small(Alert, "a", "x"), small(Event, "b", "x")}}}))
	m.bad("frame-with-report", "report.json in one frame with an entry", atOpen, "shares frame 0 with event", m.forge("frame-with-report", "signer", forged{
		joined: true}))
	m.bad("frame-cuts-entry", "a small entry whose content is cut by the end of a frame", atOpen, "is cut by the end", m.forge("frame-cuts-entry", "signer", forged{
		body: strings.Repeat("y", 1000), cut: 2 * blockSize}))
	m.bad("frame-hidden", "a signed frame of NULs that no entry lies in", atOpen, "shares frame 2 with what follows", m.forge("frame-hidden", "signer", forged{
		frames: [][]Entry{{small(Event, "app", "a.log")}, nil}, tar: func(i int, b []byte) []byte { return append(b, make([]byte, i*blockSize)...) }}))
	m.bad("frame-cut-short", "a signed frame that lacks the padding of its last entry", atOpen, "shares frame 1 with what follows", m.forge("frame-cut-short", "signer", forged{
		tar: func(_ int, b []byte) []byte { return b[:len(b)-blockSize] }}))

	// Repeated frames make it: the file says little, and says it often.
	var many []Entry
	many = append(many, small(Event, "app", "a.log"))
	for range (maxFrame - 2*blockSize) / blockSize {
		many = append(many, Entry{Path: "data/app/b", Source: "app", Type: Event, ModTime: testTime})
	}
	m.bad("ten-million-members", "ten million members in the tar stream, one in the manifest", atOpen, "do not meet", m.forge("ten-million-members", "signer", forged{
		frames: [][]Entry{many[:1], many[1:]}, unlisted: len(many) - 1, repeat: 10_000_000/(len(many)-1) + 1,
		tar: func(i int, b []byte) []byte {
			if i == 0 {
				return b
			}
			return bytes.Repeat(tarHeader(nil, testName+"/data/app/b", 0, testTime), len(many)-1)
		}}))
}

package manifest

import (
	"bytes"
	"fmt"
	"maps"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

func tools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not here", name)
		}
	}
}

func sh(t *testing.T, dir, script string, args ...string) string {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-ec", script, "sh"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func TestStockToolsProveABundle(t *testing.T) {
	tools(t, "tar", "zstd", "ssh-keygen", "jq", "sha256sum")
	key, signers := testKey(t)
	rng := mrand.New(mrand.NewPCG(1, 1))
	w := newWriter(t, WriterOptions{Name: testName})
	want := map[string][]byte{}
	s := source(t, w, "syslog", Event)
	for _, path := range []string{
		"a/plain.log", "ünïcode/naïve file.log", strings.Repeat("d/", 60) + "deep.log", strings.Repeat("long", 40) + ".log",
		strings.Repeat("ä", 90) + "/x", "con.txt", "a:b?c", "new\nline", "trailing.", "100%", "%41", "bidi\u202etxt.exe", "bytes\xff\xfe",
	} {
		content := text(rng, 3000)
		want[add(t, s, path, content).Path] = content
	}
	large := text(rng, 9<<20+17)
	want[add(t, s, "large.log", large).Path] = large
	conf := source(t, w, "config", Configuration)
	want[add(t, conf, "etc/empty", nil).Path] = nil
	data := finish(t, w, key, []byte(`{"report":1}`))

	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "b.tar.zst"), data, 0o600)
	os.WriteFile(filepath.Join(dir, "signers"), []byte(allowedLine(key)), 0o600)
	if out := sh(t, dir, "tar --zstd -xf b.tar.zst 2>&1"); out != "" {
		t.Errorf("tar says %q", out)
	}
	top := filepath.Join(dir, testName)
	sh(t, top, `ssh-keygen -Y verify -f ../signers -I "$1" -n manifest@diagcollect -s manifest.json.sig < manifest.json`, key.Principal())
	out := sh(t, top, `jq -r '.entries[]|"\(.sha256)  \(.path)"' manifest.json | sha256sum -c`)
	if n := strings.Count(out, ": OK\n"); n != len(want) {
		t.Errorf("sha256sum found %d of %d entries:\n%s", n, len(want), out)
	}
	if got := sh(t, top, `jq -r '.report.sha256 + "  report.json"' manifest.json | sha256sum -c; grep -c '^{"path"' manifest.json`); got != fmt.Sprintf("report.json: OK\n%d\n", len(want)) {
		t.Errorf("report and lines: %q", got)
	}
	for path, content := range want {
		if got, err := os.ReadFile(filepath.Join(top, path)); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %v", path, err)
		}
	}
	// Frames one by one, with nothing but their sizes.
	sh(t, dir, `jq -r '.frames[]|"\(.size) \(.sha256)"' "$1"/manifest.json | (
		at=0
		while read -r size sum; do
			tail -c +$((at+1)) b.tar.zst | head -c $size >f
			echo "$sum  f" | sha256sum -c --quiet && zstd -tq <f
			at=$((at+size))
		done
		test "$(head -c $at b.tar.zst | sha256sum | cut -d' ' -f1)" = "$(jq -r .frames_sha256 "$1"/manifest.json)"
	) 2>&1`, testName)
	if got := contents(t, open(t, data, signers)); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Error("entries differ")
	}
}

func TestAge(t *testing.T) {
	tools(t, "age", "tar", "zstd")
	key, signers := testKey(t)
	w := newWriter(t, WriterOptions{Name: testName})
	content := text(mrand.New(mrand.NewPCG(2, 2)), 6<<20)
	add(t, source(t, w, "syslog", Event), "a.log", content)
	data := finish(t, w, key, nil)
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "b.tar.zst.age")
	var sealed bytes.Buffer
	wc, err := age.Encrypt(&sealed, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	wc.Write(data)
	wc.Close()
	os.WriteFile(path, sealed.Bytes(), 0o600)
	os.WriteFile(filepath.Join(dir, "id"), []byte(id.String()+"\n"), 0o600)
	sh(t, dir, "age -d -i id b.tar.zst.age | tar --zstd -t >/dev/null")

	b, err := OpenFile(path, signers, Limits{}, id)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if got := contents(t, b); !bytes.Equal(got["data/syslog/a.log"], content) {
		t.Error("content differs")
	}
	other, _ := age.GenerateX25519Identity()
	if _, err := OpenFile(path, signers, Limits{}, other); err == nil || isRefused(err) {
		t.Errorf("wrong identity: %v", err)
	}
	if _, err := OpenFile(path, signers, Limits{}); err == nil || isRefused(err) {
		t.Errorf("no identity: %v", err)
	}
	for _, at := range []int{len(ageMagic) + 300, sealed.Len() / 2, sealed.Len() - 1} {
		changed := bytes.Clone(sealed.Bytes())
		changed[at] ^= 1
		os.WriteFile(path, changed, 0o600)
		b, err := OpenFile(path, signers, Limits{}, id)
		if err == nil {
			err = b.Verify(t.Context())
			b.Close()
		}
		if !isRefused(err) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	os.WriteFile(path, sealed.Bytes()[:sealed.Len()-100], 0o600)
	if _, err := OpenFile(path, signers, Limits{}, id); !isRefused(err) {
		t.Errorf("truncated: %v", err)
	}
}

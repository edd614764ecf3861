package receive

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

const why = "ticket 4711: why does it restart"

func TestEngineerReads(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	r.makeCase("", "C-2")
	p, ada := r.enrol("", "agent", ""), r.enrol("", "engineer", "ada")
	id := newBundleID(t)
	log := strings.Repeat("2026-11-01T10:00:00Z INFO service started\n", 10_000)
	clear := r.pack(p.signer, packing{caseID: "C-1", id: id, entries: map[string]string{"var/log/app.log": log, "b.log": "b\n"}})
	st := p.deliver("C-1", r.wrapFor(clear))
	base := casePath("C-1") + "/bundles"
	one := base + "/" + id

	// Not assigned: as if there were no such case.
	unassigned := ada.refused(404, upload.CodeUnknownCase, "GET", base, nil)
	unknown := ada.refused(404, upload.CodeUnknownCase, "GET", casePath("X-9")+"/bundles", nil)
	if strings.ReplaceAll(unassigned, "C-1", "X-9") != unknown {
		t.Errorf("told apart: %s, %s", unassigned, unknown)
	}
	if err := r.Admin().Assign(t.Context(), "", "C-1", "ada"); err != nil {
		t.Fatal(err)
	}
	var cases []upload.CaseInfo
	ada.json("GET", upload.PathCases, nil, &cases)
	if len(cases) != 1 || cases[0].Case != "C-1" || cases[0].Bundles != 1 {
		t.Errorf("%+v", cases)
	}
	var list []Bundle
	ada.json("GET", base, nil, &list)
	if len(list) != 1 || list[0].BundleID != id || list[0].SHA256 != hexSum(clear) || list[0].Entries != 2 {
		t.Errorf("%+v", list)
	}
	var b Bundle
	ada.json("GET", one, nil, &b)
	if b != list[0] {
		t.Errorf("%+v", b)
	}

	reads := []string{one + "/manifest", one + "/files/data/app/b.log", one + "/content"}
	for _, path := range reads {
		ada.refused(400, upload.CodeBadRequest, "GET", path, nil)
		ada.refused(400, upload.CodeBadRequest, "GET", path, nil, HeaderPurpose, strings.Repeat("x", 201))
		p.refused(403, upload.CodeForbidden, "GET", path, nil, HeaderPurpose, why)
	}
	p.refused(403, upload.CodeForbidden, "GET", base, nil)

	get := func(path string, header ...string) ([]byte, int, string) {
		t.Helper()
		answer, body := ada.do("GET", path, nil, append(header, HeaderPurpose, why)...)
		return body, answer.StatusCode, answer.Header.Get("Content-Range")
	}
	text, status, _ := get(one + "/manifest")
	sig, _, _ := get(one + "/files/manifest.json.sig")
	if status != 200 || trust.VerifyKey(p.signer.PublicKey(), trust.NamespaceManifest, sig, bytes.NewReader(text)) != nil {
		t.Errorf("manifest and signature do not fit: %d", status)
	}
	if same, _, _ := get(one + "/files/manifest.json"); !bytes.Equal(same, text) {
		t.Error("two manifests")
	}
	if report, _, _ := get(one + "/files/report.json"); !bytes.Contains(report, []byte("redactions")) {
		t.Errorf("report: %s", report)
	}
	if got, status, _ := get(one + "/files/data/app/var/log/app.log"); status != 200 || string(got) != log {
		t.Errorf("entry: %d, %d bytes", status, len(got))
	}
	ada.refused(404, upload.CodeUnknown, "GET", one+"/files/data/app/none.log", nil, HeaderPurpose, why)
	ada.refused(404, upload.CodeUnknown, "GET", base+"/"+newBundleID(t), nil)
	if got, status, _ := get(one + "/content"); status != 200 || !bytes.Equal(got, clear) {
		t.Errorf("content: %d, %d bytes", status, len(got))
	}
	if got, status, cr := get(one+"/content", "Range", "bytes=100-299"); status != 206 || !bytes.Equal(got, clear[100:300]) || cr != fmt.Sprintf("bytes 100-299/%d", len(clear)) {
		t.Errorf("range: %d, %s", status, cr)
	}
	var receipt upload.SignedText
	for _, who := range []*peer{ada, p} {
		who.json("GET", one+"/receipt", nil, &receipt)
		if receipt != *st.Receipt {
			t.Error("another receipt")
		}
	}
	r.enrol("", "agent", "").refused(404, upload.CodeUnknown, "GET", one+"/receipt", nil)

	// Who read what and why is on record; so is who was refused.
	for action, want := range map[string]string{
		"read-content":  id,
		"read-manifest": id,
		"read-file":     id + " data/app/var/log/app.log",
	} {
		if n := r.query(`SELECT count(*) FROM audit WHERE organisation = 'default' AND who = ? AND role = 'engineer' AND action = ? AND case_id = 'C-1' AND object = ? AND purpose = ? AND result = 'allowed'`,
			ada.me.Agent, action, want, why); n[0] == "0" {
			t.Errorf("%s of %s is not on record", action, want)
		}
	}
	if n := r.query(`SELECT count(*) FROM audit WHERE who = ? AND result = 'denied' AND detail = 'forbidden'`, p.me.Agent); n[0] != "4" {
		t.Errorf("%s denials on record, want 4", n[0])
	}

	// Its signer's revocation does not take the stored bundle away.
	if err := r.Admin().Revoke(t.Context(), p.me.Agent); err != nil {
		t.Fatal(err)
	}
	if _, status, _ := get(one + "/manifest"); status != 200 {
		t.Errorf("after revocation: %d", status)
	}
	if _, err := r.Admin().SetCaseState(t.Context(), "", "C-1", "closed"); err != nil {
		t.Fatal(err)
	}
	ada.refused(409, upload.CodeClosedCase, "GET", one+"/content", nil, HeaderPurpose, why)
}

// Every alteration of a stored blob is found before a false byte is read.
func TestAlteredBlobIsNotServed(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	if err := r.Admin().Assign(t.Context(), "", "C-1", "ada"); err != nil {
		t.Fatal(err)
	}
	p, ada := r.enrol("", "agent", ""), r.enrol("", "engineer", "ada")
	log := noise(100_000) // the blob has many chunks
	var ids [2]string
	var clear [2][]byte
	for i := range ids {
		ids[i] = newBundleID(t)
		clear[i] = r.pack(p.signer, packing{caseID: "C-1", id: ids[i], entries: map[string]string{"a.log": log}})
		p.checkReceipt(p.deliver("C-1", r.wrapFor(clear[i])))
	}
	path := func(i int) string { return filepath.Join(r.dir, "org/default/case-C-1", ids[i]+".blob") }
	read := func(i int) []byte {
		b, err := os.ReadFile(path(i))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	good, other := read(0), read(1)
	if len(good) < 4<<16 {
		t.Fatalf("the blob has only %d bytes", len(good))
	}
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	url := casePath("C-1") + "/bundles/" + ids[0] + "/content"
	for name, bad := range map[string][]byte{
		"header": flip(50), "first chunk": flip(1000), "middle": flip(len(good) / 2), "end": flip(len(good) - 1),
		"cut": good[:len(good)-1], "another's": other, "longer": append(bytes.Clone(good), 0), "empty": {},
	} {
		if err := os.WriteFile(path(0), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+url, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set(HeaderPurpose, why)
		answer, err := ada.client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		switch {
		case answer.StatusCode == http.StatusInternalServerError: // found before the first byte
		case answer.StatusCode == http.StatusOK && err != nil && bytes.HasPrefix(clear[0], got): // the line was cut there
		default:
			t.Errorf("%s: %s, %d bytes, %v", name, answer.Status, len(got), err)
		}
	}
	if err := os.WriteFile(path(0), good, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, b := ada.do("GET", url, nil, HeaderPurpose, why); !bytes.Equal(b, clear[0]) {
		t.Error("the good one is not served")
	}
	if !strings.Contains(r.log.String(), ids[0]) {
		t.Error("the damage is not logged")
	}
}

// What cannot be put on record is not served.
func TestNoRecordNoAccess(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	if err := r.Admin().Assign(t.Context(), "", "C-1", "ada"); err != nil {
		t.Fatal(err)
	}
	p, ada := r.enrol("", "agent", ""), r.enrol("", "engineer", "ada")
	id := newBundleID(t)
	p.checkReceipt(p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", id: id}))))
	if _, err := r.db.Exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room for the record'); END`); err != nil {
		t.Fatal(err)
	}
	one := casePath("C-1") + "/bundles/" + id
	for _, path := range []string{upload.PathCases, casePath("C-1"), casePath("C-1") + "/bundles", one, one + "/receipt",
		one + "/manifest", one + "/content", one + "/files/data/app/app.log", one + "/files/report.json"} {
		body := ada.refused(http.StatusInternalServerError, upload.CodeInternal, "GET", path, nil, HeaderPurpose, why)
		if strings.Contains(body, "no room") {
			t.Errorf("%s tells of our insides: %s", path, body)
		}
	}
	if _, err := r.Admin().NewKey(t.Context(), "", "agent", ""); err == nil {
		t.Error("a key was made without a record")
	}
	if n := r.query(`SELECT count(*) FROM enrolment_keys`); n[0] != "2" {
		t.Errorf("%s enrolment keys", n[0])
	}
}

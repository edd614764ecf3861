package receive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// checkReceipt proves a status' receipt with the receiver's key.
func (p *peer) checkReceipt(st upload.Status) upload.Receipt {
	p.t.Helper()
	if st.State != upload.StateStored || st.Receipt == nil {
		p.t.Fatalf("no receipt: %+v", st)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(p.me.ReceiptKey))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := trust.VerifyKey(key, trust.NamespaceReceipt, []byte(st.Receipt.Signature), strings.NewReader(st.Receipt.Text)); err != nil {
		p.t.Fatal(err)
	}
	var r upload.Receipt
	if err := json.Unmarshal([]byte(st.Receipt.Text), &r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

// The receiver's clock goes back: each receipt is proven and dates what the clock
// said, the same bundle keeps the receipt it got, and the log goes on in order.
func TestReceiptsWhenTheClockGoesBack(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", id: newBundleID(t)}))
	first := p.deliver("C-1", wire)
	before := p.checkReceipt(first).Received
	r.advance(-2 * time.Minute) // as far as certificates of a minute ago bear
	second := p.checkReceipt(p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", id: newBundleID(t)}))))
	if !second.Received.Before(before) {
		t.Errorf("received %v, then %v", before, second.Received)
	}
	if again := p.deliver("C-1", wire); *again.Receipt != *first.Receipt {
		t.Error("the same upload has another receipt")
	}
	if err := r.tidy(t.Context()); err != nil {
		t.Error(err)
	}
	bs, err := r.Admin().Bundles(t.Context(), "", "C-1")
	if err != nil || len(bs) != 2 {
		t.Errorf("%+v, %v", bs, err)
	}
}

func TestStoreAndReceipt(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	id := newBundleID(t)
	clear := r.pack(p.signer, packing{caseID: "C-1", id: id})
	wire := r.wrapFor(clear)
	st := p.deliver("C-1", wire)
	rc := p.checkReceipt(st)
	want := upload.Receipt{
		Version: 1, Receiver: p.me.Principal, Organisation: "default", Case: "C-1", BundleID: id, Agent: p.me.Agent,
		SHA256: hexSum(clear), Size: int64(len(clear)), WireSHA256: hexSum(wire), WireSize: int64(len(wire)),
		Entries: 1, Received: rc.Received, Verdict: "stored", Retention: upload.Retention{DaysAfterClose: 90, IdleCloseDays: 180},
	}
	if rc != want {
		t.Errorf("receipt %+v\nwant %+v", rc, want)
	}
	if d := time.Since(rc.Received); d < 0 || d > time.Minute {
		t.Errorf("received %v", rc.Received)
	}

	// Sent again: the same upload, and a new wrapping of the same bundle.
	if again := p.deliver("C-1", wire); *again.Receipt != *st.Receipt {
		t.Error("the same upload has another receipt")
	}
	if again := p.deliver("C-1", r.wrapFor(clear)); again.Receipt == nil || *again.Receipt != *st.Receipt {
		t.Errorf("the same bundle has another receipt: %+v", again)
	}
	// Another agent of the organisation, whose key did not sign it.
	other := r.enrol("", "agent", "")
	if again := other.deliver("C-1", r.wrapFor(clear)); again.Receipt == nil || *again.Receipt != *st.Receipt {
		t.Errorf("sent by another: %+v", again)
	}
	bs, err := r.Admin().Bundles(t.Context(), "", "C-1")
	if err != nil || len(bs) != 1 || bs[0].BundleID != id || bs[0].State != upload.StateStored || bs[0].Entries != 1 || bs[0].Host != "testhost" {
		t.Errorf("%+v, %v", bs, err)
	}
	r.wantFiles("default", "case-C-1", id+".blob")
	r.eventuallyStaged()

	// Sending once more after the case was closed still tells where it stands.
	if _, err := r.Admin().SetCaseState(t.Context(), "", "C-1", "closed"); err != nil {
		t.Fatal(err)
	}
	if again := p.deliver("C-1", wire); *again.Receipt != *st.Receipt {
		t.Error("a closed case forgets a receipt")
	}
	for _, mark := range []string{"default", "C-1", id, p.me.Agent} {
		if n := r.query(`SELECT count(*) FROM audit WHERE action = 'intake' AND result = 'stored' AND ? IN (organisation, case_id, object, who) `, mark); n[0] == "0" && mark != p.me.Agent {
			t.Errorf("intake is not on record for %s", mark)
		}
	}
}

// wantFiles checks what lies in a folder of an organisation.
func (r *rig) wantFiles(organisation, folder string, want ...string) {
	r.t.Helper()
	files, err := os.ReadDir(filepath.Join(r.dir, dirOrg, organisation, folder))
	if err != nil && (!errors.Is(err, os.ErrNotExist) || len(want) > 0) {
		r.t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("%s holds %v, want %v", folder, got, want)
	}
}

func TestIntakeRefuses(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	r.makeCase("", "C-2")
	r.makeOrganisation("globex")
	r.makeCase("globex", "C-1")
	p := r.enrol("", "agent", "")
	engineer := r.enrol("", "engineer", "ada")
	foreign := r.enrol("globex", "agent", "")
	retired := r.enrol("", "agent", "")
	if err := r.Admin().Revoke(t.Context(), retired.me.Agent); err != nil {
		t.Fatal(err)
	}
	stranger, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good := r.pack(p.signer, packing{caseID: "C-1"})
	flipped := bytes.Clone(good)
	flipped[len(flipped)/3] ^= 1
	cutShort := r.wrapFor(good)
	for name, tc := range map[string]struct {
		wire []byte
		want string
	}{
		"signed by a stranger":        {r.wrapFor(r.pack(newSigner(t), packing{caseID: "C-1"})), "not authentic"},
		"signed by an engineer":       {r.wrapFor(r.pack(engineer.signer, packing{caseID: "C-1"})), "not authentic"},
		"signed by another customer":  {r.wrapFor(r.pack(foreign.signer, packing{caseID: "C-1"})), "not authentic"},
		"signed by a revoked agent":   {r.wrapFor(r.pack(retired.signer, packing{caseID: "C-1"})), "not authentic"},
		"signed for another case":     {r.wrapFor(r.pack(p.signer, packing{caseID: "C-2"})), `signed for case "C-2"`},
		"signed for another customer": {r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", organisation: "globex"})), `signed for organisation "globex"`},
		"a flipped bit":               {r.wrapFor(flipped), ""},
		"a truncated bundle":          {r.wrapFor(good[:len(good)-1]), ""},
		"something appended":          {r.wrapFor(append(bytes.Clone(good), 0)), ""},
		"a second bundle appended":    {r.wrapFor(append(bytes.Clone(good), good...)), ""},
		"encryption cut short":        {cutShort[:len(cutShort)-1], "not encrypted to this receiver"},
		"encrypted to another":        {wrapTo(t, stranger.Recipient(), good), "not encrypted to this receiver"},
		"not encrypted":               {good, "not encrypted to this receiver"},
		"nothing":                     {r.wrapFor(nil), ""},
	} {
		t.Run(name, func(t *testing.T) {
			st := p.deliver("C-1", tc.wire)
			if st.State != upload.StateRefused || st.Reason == "" || st.Receipt != nil {
				t.Fatalf("%+v", st)
			}
			wantContains(t, st.Reason, tc.want)
			if strings.Contains(st.Reason, r.dir) {
				t.Errorf("the reason tells of our insides: %s", st.Reason)
			}
		})
	}
	r.eventuallyStaged()
	r.wantFiles("default", "case-C-1")
	if n := r.query(`SELECT count(*) FROM bundles`); n[0] != "0" {
		t.Errorf("%s bundles are stored", n[0])
	}
	if st := p.deliver("C-1", r.wrapFor(good)); st.State != upload.StateStored {
		t.Errorf("the good one: %+v", st)
	}
}

func wrapTo(t testing.TB, to age.Recipient, clear []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(clear); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAnotherBundleUnderTheSameIDIsSealed(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	r.makeCase("", "C-2")
	p := r.enrol("", "agent", "")
	id := newBundleID(t)
	first := p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", id: id})))
	p.checkReceipt(first)
	for _, impostor := range []packing{
		{caseID: "C-1", id: id, entries: map[string]string{"app.log": "something else\n"}},
		{caseID: "C-2", id: id},
	} {
		st := p.deliver(impostor.caseID, r.wrapFor(r.pack(p.signer, impostor)))
		if st.State != upload.StateQuarantined || !strings.Contains(st.Reason, "another bundle") || st.Receipt != nil {
			t.Errorf("%+v", st)
		}
	}
	var again upload.Status
	path := casePath("C-1") + "/uploads/" + first.ID + "/status"
	p.json("GET", path, nil, &again)
	if *again.Receipt != *first.Receipt {
		t.Error("the first one's receipt changed")
	}
}

func TestSecretsAreSealedForAWeek(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	if err := r.Admin().Assign(t.Context(), "", "C-1", "ada"); err != nil {
		t.Fatal(err)
	}
	p, ada := r.enrol("", "agent", ""), r.enrol("", "engineer", "ada")
	secret := "Zr7-" + "plover!ferry"
	id := newBundleID(t)
	clear := r.pack(p.signer, packing{caseID: "C-1", id: id, entries: map[string]string{
		"app.log": "2026-11-01T10:00:00Z INFO fine\n2026-11-01T10:00:01Z DEBUG db: connecting with user=app password=" + secret + " sslmode=require\n",
	}})
	st := p.deliver("C-1", r.wrapFor(clear))
	if st.State != upload.StateQuarantined || st.Receipt != nil {
		t.Fatalf("%+v", st)
	}
	wantContains(t, st.Reason, "password in data/app/app.log line 2")
	if strings.Contains(st.Reason, secret) {
		t.Error("the reason tells the secret")
	}
	if again := p.deliver("C-1", r.wrapFor(clear)); again.State != upload.StateQuarantined || again.Reason != st.Reason {
		t.Errorf("sent again: %+v", again)
	}
	base := casePath("C-1") + "/bundles/" + id
	for _, below := range []string{"/content", "/manifest", "/files/data/app/app.log", "/files/report.json"} {
		ada.refused(403, upload.CodeForbidden, "GET", base+below, nil, HeaderPurpose, "looking")
	}
	ada.refused(404, upload.CodeUnknown, "GET", base+"/receipt", nil)
	p.refused(404, upload.CodeUnknown, "GET", base+"/receipt", nil)
	if files := found(t, r.dir, secret); len(files) != 0 {
		t.Errorf("the secret stands in %v", files)
	}
	r.wantFiles("default", "case-C-1", "sealed-"+st.ID+".blob")

	r.advance(sealedLife + time.Hour)
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantFiles("default", "case-C-1")
	var keys int
	if err := r.keys.QueryRow(`SELECT count(*) FROM bundle_keys`).Scan(&keys); err != nil || keys != 0 {
		t.Errorf("%d keys are left, %v", keys, err)
	}
	var after upload.Status
	p.json("GET", casePath("C-1")+"/uploads/"+st.ID+"/status", nil, &after)
	if after.State != upload.StateDeleted {
		t.Errorf("%+v", after)
	}
	// A deleted one stays refused: at once when the id is told, and at intake.
	wire := r.wrapFor(clear)
	p.refused(409, upload.CodeBundleRefused, "POST", casePath("C-1")+"/uploads", nil, "Tus-Resumable", "1.0.0",
		"Upload-Length", fmt.Sprint(len(wire)), "Upload-Metadata", metadata("sha256", hexSum(wire), "bundle_id", id))
	if again := p.deliver("C-1", wire); again.State != upload.StateRefused || !strings.Contains(again.Reason, "deleted") {
		t.Errorf("sent after deletion: %+v", again)
	}
	ada.refused(404, upload.CodeUnknown, "GET", base, nil)
}

func TestSecretsInNamesAndReasonsAreFound(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	token := "AKIA" + "Q3EGRTZV5XK7LMNO"
	for name, tc := range map[string]struct {
		packing
		want string
	}{
		"name":   {packing{entries: map[string]string{"good.log": "fine\n", "key-" + token + ".log": "fine\n"}}, "token in the name of data/app/key-"},
		"reason": {packing{reason: "exit status 1: password=Zr7-" + "plover!ferry refused"}, "password in manifest.json"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.caseID = "C-1"
			st := p.deliver("C-1", r.wrapFor(r.pack(p.signer, tc.packing)))
			if st.State != upload.StateQuarantined {
				t.Fatalf("%+v", st)
			}
			wantContains(t, st.Reason, tc.want)
		})
	}
}

// What a bundle says stands nowhere in the data directory, at any moment.
func TestNoPlaintextOnDisk(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	mark := "the-quick-brown-fox-42"
	clear := r.pack(p.signer, packing{caseID: "C-1", entries: map[string]string{"a.log": strings.Repeat(mark+"\n", 10), mark + ".log": "x\n"}})
	wire := r.wrapFor(clear)
	path, _ := p.create("C-1", wire)
	if answer, b := p.patch(path, 0, wire[:len(wire)-1]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	look := func(when string) {
		for _, text := range []string{mark, string(clear[:64]), string(clear[len(clear)-64:])} {
			if files := found(t, r.dir, text); len(files) != 0 {
				t.Errorf("%s, %q stands in %v", when, text, files)
			}
		}
	}
	look("while uploading")
	if answer, b := p.patch(path, len(wire)-1, wire[len(wire)-1:]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	p.checkReceipt(p.await(path))
	look("stored")
}

// A receiver that ends at any point goes on where it was: each state is
// copied as a crash would leave it, and opened again.
func TestIntakeResumesAfterACrash(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	id := newBundleID(t)
	clear := r.pack(p.signer, packing{caseID: "C-1", id: id})
	wire := r.wrapFor(clear)
	path, _ := p.create("C-1", wire)
	if answer, b := p.patch(path, 0, wire[:len(wire)/2]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	upid := filepath.Base(path)
	staged := filepath.Join("org/default/staging", upid)
	blob := filepath.Join("org/default/case-C-1", id+".blob")
	r.stop()
	defer r.start()

	all := func(dir string) error { return os.WriteFile(filepath.Join(dir, staged), wire, 0o600) }
	state := func(dir string, state upload.UploadState) error {
		st, err := openStore(t.Context(), dir, false, time.Now, r.opts.Log)
		if err != nil {
			return err
		}
		_, err = st.db.Exec(`UPDATE uploads SET state = ?`, state)
		return errors.Join(err, st.close())
	}
	for name, tc := range map[string]struct {
		leave  func(dir string) error
		before upload.UploadState // what the sender finds and goes on from
	}{
		"half uploaded":            {func(string) error { return nil }, upload.StateUploading},
		"file lost":                {func(dir string) error { return os.Remove(filepath.Join(dir, staged)) }, upload.StateUploading},
		"all bytes, nobody told":   {all, ""},
		"received":                 {func(dir string) error { return errors.Join(all(dir), state(dir, upload.StateReceived)) }, ""},
		"verifying":                {func(dir string) error { return errors.Join(all(dir), state(dir, upload.StateVerifying)) }, ""},
		"received, but bytes lost": {func(dir string) error { return state(dir, upload.StateReceived) }, upload.StateUploading},
		"half a blob written": {func(dir string) error {
			return errors.Join(all(dir), state(dir, upload.StateVerifying), os.MkdirAll(filepath.Dir(filepath.Join(dir, blob)), 0o700), os.WriteFile(filepath.Join(dir, blob+".part"), wire[:99], 0o600))
		}, ""},
		"blob written, no row": {func(dir string) error {
			return errors.Join(all(dir), state(dir, upload.StateVerifying), os.MkdirAll(filepath.Dir(filepath.Join(dir, blob)), 0o700), os.WriteFile(filepath.Join(dir, blob), wire, 0o600))
		}, ""},
		"staging of a decided upload": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "org/default/staging", strings.Repeat("0", 64)), wire, 0o600)
		}, upload.StateUploading},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyTree(t, r.dir)
			if err := tc.leave(dir); err != nil {
				t.Fatal(err)
			}
			r2 := newRigIn(t, dir)
			p2 := &peer{rig: r2, signer: p.signer, me: p.me, client: r2.httpClient(p.me.Certificate, p.tlsKey)}
			st := p2.await(path)
			if tc.before != "" {
				if st.State != tc.before {
					t.Fatalf("it stands at %+v", st)
				}
				st = p2.deliver("C-1", wire)
			}
			rc := p2.checkReceipt(st)
			if rc.SHA256 != hexSum(clear) || rc.BundleID != id {
				t.Errorf("%+v", rc)
			}
			if n := r2.query(`SELECT count(*) FROM bundles`); n[0] != "1" {
				t.Errorf("%s bundles", n[0])
			}
			r2.wantFiles("default", "case-C-1", id+".blob")
			r2.eventuallyStaged()
			b, err := r2.findBundle(t.Context(), r2.db, "default", id)
			if err != nil {
				t.Fatal(err)
			}
			o, err := r2.openBundle(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			defer o.file.Close()
			if got, err := io.ReadAll(o.clear); err != nil || !bytes.Equal(got, clear) {
				t.Errorf("what is stored is not what was sent: %v", err)
			}
		})
	}
}

// eventuallyStaged waits until staging is empty: it is cleared after the
// verdict is told.
func (r *rig) eventuallyStaged() {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		files, err := os.ReadDir(filepath.Join(r.dir, "org/default/staging"))
		if err != nil {
			r.t.Fatal(err)
		}
		if len(files) == 0 {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("staging holds %v", files)
		}
	}
}

// A blob that an interrupted run left goes when the next run refuses.
func TestRefusalAfterACrashLeavesNothing(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	id := newBundleID(t)
	wire := r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", id: id}))
	path, _ := p.create("C-1", wire)
	r.stop()
	st, err := openStore(t.Context(), r.dir, false, time.Now, r.opts.Log)
	if err != nil {
		t.Fatal(err)
	}
	_, err = st.db.Exec(`UPDATE uploads SET state = 'verifying', bundle_id = ?`, id)
	_, err2 := st.db.Exec(`UPDATE agents SET revoked = 1`)
	if err := errors.Join(err, err2, st.close(),
		os.WriteFile(filepath.Join(r.dir, "org/default/staging", filepath.Base(path)), wire, 0o600),
		os.MkdirAll(filepath.Join(r.dir, "org/default/case-C-1"), 0o700),
		os.WriteFile(filepath.Join(r.dir, "org/default/case-C-1", id+".blob"), []byte("left"), 0o600)); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.eventuallyStaged()
	if got := r.query(`SELECT state, reason FROM uploads`); !strings.HasPrefix(got[0], "refused|the agent that sent it was revoked") {
		t.Errorf("%v", got)
	}
	r.wantFiles("default", "case-C-1")
}

func TestManyAgentsAtOnce(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	const agents, each = 4, 3
	var peers []*peer
	for range agents {
		peers = append(peers, r.enrol("", "agent", ""))
	}
	shared := r.pack(peers[0].signer, packing{caseID: "C-1"})
	statuses := make([][]upload.Status, agents)
	var wg sync.WaitGroup
	for i, p := range peers {
		wg.Go(func() {
			for range each {
				statuses[i] = append(statuses[i], p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"}))))
			}
			statuses[i] = append(statuses[i], p.deliver("C-1", r.wrapFor(shared)))
		})
	}
	wg.Wait()
	for i, list := range statuses {
		for _, st := range list {
			peers[i].checkReceipt(st)
		}
		if got := *list[each].Receipt; got != *statuses[0][each].Receipt {
			t.Error("one bundle sent by many has several receipts")
		}
	}
	if n := r.query(`SELECT count(*) FROM bundles`); n[0] != fmt.Sprint(agents*each+1) {
		t.Errorf("%s bundles", n[0])
	}
	var last int
	for _, seq := range r.query(`SELECT seq FROM audit WHERE organisation = 'default' ORDER BY seq`) {
		if last++; seq != fmt.Sprint(last) {
			t.Fatalf("audit line %s where %d should be", seq, last)
		}
	}
}

func TestOldIntakeKeyStillOpens(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"}))
	if _, err := r.keys.Exec(`UPDATE intake_keys SET expires = 1`); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if len(r.intake.Load().ids) != 2 {
		t.Fatal("no new intake key")
	}
	p.client = r.httpClient(p.me.Certificate, p.tlsKey)
	p.checkReceipt(p.deliver("C-1", wire))
}

// An error of our own is no verdict: the upload stays in the queue.
func TestFaultOfOursIsNoVerdict(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	id := newBundleID(t)
	wire := r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", id: id}))
	// A folder where the blob should go cannot be replaced by a file.
	blob := filepath.Join(r.dir, "org/default/case-C-1", id+".blob")
	if err := os.MkdirAll(filepath.Join(blob, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	path, _ := p.create("C-1", wire)
	if answer, b := p.patch(path, 0, wire); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	for end := time.Now().Add(10 * time.Second); !strings.Contains(r.log.String(), "rename"); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the fault is not logged")
		}
	}
	if err := os.RemoveAll(blob); err != nil {
		t.Fatal(err)
	}
	r.rouse()
	p.checkReceipt(p.await(path))
}

// textsOf reads the strings of a JSON text.
func textsOf(text string) (string, error) {
	b, err := io.ReadAll(newJSONTexts("report.json", strings.NewReader(text)))
	return string(b), err
}

func TestReportIsReadWithinLimits(t *testing.T) {
	nest := func(depth int) string { return strings.Repeat("[", depth) + `"bottom"` + strings.Repeat("]", depth) }
	long := func(n int) string { return `["a","` + strings.Repeat("x", n) + `","b"]` }
	for _, c := range []struct{ text, want string }{
		{`{"password":3,"a":["x",{"key":"y"},null,true,[]],"b":{},"c":"z"}`, "x\ny\nz\n"},
		{nest(maxJSONDepth), "bottom\n"},
		{long(maxJSONString / 2), "a\n" + strings.Repeat("x", maxJSONString/2) + "\nb\n"},
		{``, ""},
	} {
		if got, err := textsOf(c.text); err != nil || got != c.want {
			t.Errorf("%.40q: %v, %.40q", c.text, err, got)
		}
	}
	for _, bad := range []string{`{`, `{"a"`, `[1,`, nest(maxJSONDepth + 1), nest(1_000_000), long(2 * maxJSONString)} {
		var v *verdict
		if _, err := textsOf(bad); !errors.As(err, &v) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
	// A disk that fails is no verdict.
	fault := errors.New("disk")
	var v *verdict
	if _, err := io.ReadAll(newJSONTexts("report.json", io.MultiReader(strings.NewReader(`["a","b`), iotest.ErrReader(fault)))); !errors.Is(err, fault) || errors.As(err, &v) {
		t.Errorf("%v", err)
	}
}

func TestHostileReportsAreRefused(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	for name, c := range map[string]struct{ report, want string }{
		"no JSON":     {`{"version":`, "report.json"},
		"long string": {`["` + strings.Repeat("x", 3<<20) + `"]`, "report.json: a string has more than"},
		"deep":        {strings.Repeat("[", 8<<20), "report.json: nested deeper than"},
	} {
		st := p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", report: c.report})))
		if st.State != upload.StateRefused || !strings.Contains(st.Reason, c.want) {
			t.Errorf("%s: %+v", name, st)
		}
	}
	st := p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1", report: `{"x":[` + strings.Repeat(`"abcdefgh",`, 200_000) + `"password=Zr7-` + `plover!ferry"]}`})))
	if st.State != upload.StateQuarantined || !strings.Contains(st.Reason, "password in report.json") {
		t.Errorf("%+v", st)
	}
}

// What is scanned of a JSON text is what a decoder finds as strings in it.
func FuzzJSONTexts(f *testing.F) {
	for _, seed := range []string{`{"a":"b"}`, `[1,"x",{"k":["y",{}]}]`, `"\u0061"`, `{"a":{"b":{"c":"d"}},"e":"f"}`, `{`, `nul`, `"a" "b"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		out, err := textsOf(string(text))
		var v any
		if json.Unmarshal(text, &v) != nil {
			return // refused or not, there is nothing to compare with
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case string:
				if !strings.Contains(out, v+"\n") {
					t.Fatalf("%q: %q is not read", text, v)
				}
			case []any:
				for _, x := range v {
					walk(x)
				}
			case map[string]any:
				for _, x := range v {
					walk(x)
				}
			}
		}
		walk(v)
	})
}

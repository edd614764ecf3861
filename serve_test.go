package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve serves the files below DIR over HTTPS for the rest of the script. $URL
// is its address and server.pem its certificate, which SSL_CERT_FILE makes
// trusted. Below /away/ it redirects to plain http elsewhere: serve DIR.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve DIR")
	}
	sent := new(atomic.Int64)
	files := http.FileServer(http.Dir(ts.MkAbs(args[0])))
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { files.ServeHTTP(countedWriter{w, sent}, r) })
	mux.Handle("/away/", http.RedirectHandler("http://203.0.113.7/", http.StatusFound))
	srv := httptest.NewTLSServer(mux)
	ts.Defer(srv.Close)
	ts.Setenv("URL", srv.URL)
	ts.Value(servedKey{}).(map[string]*atomic.Int64)["sent"] = sent
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs("."), "server.pem"),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
}

type servedKey struct{}

type countedWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c countedWriter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p))) // before, for whoever has read them asks
	return c.ResponseWriter.Write(p)
}

// served fails unless the server sent at most so many thousandths of FILE
// since the last time, and something: served THOUSANDTHS FILE.
func served(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: served THOUSANDTHS FILE")
	}
	most, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	fi, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	n := ts.Value(servedKey{}).(map[string]*atomic.Int64)["sent"].Swap(0)
	ts.Logf("%d of %d bytes were sent", n, fi.Size())
	if n == 0 || n*1000 > most*fi.Size() {
		ts.Fatalf("%d of %d bytes were sent, want at most %d thousandths", n, fi.Size(), most)
	}
}

package collect

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

func TestHTTP(t *testing.T) {
	pw := secret(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "other host") }))
	defer other.Close()
	hang := make(chan struct{})
	defer close(hang)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "ok\npassword=%s\n", pw) })
	mux.HandleFunc("GET /bad", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(503)
		fmt.Fprintln(w, "database is down")
	})
	mux.HandleFunc("GET /here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/healthz", http.StatusFound) })
	mux.HandleFunc("GET /away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	mux.HandleFunc("GET /metadata", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
	})
	mux.HandleFunc("GET /endless", func(w http.ResponseWriter, r *http.Request) {
		line := []byte(strings.Repeat("an endless answer\n", 1000))
		for {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "begun")
		w.(http.Flusher).Flush()
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /mute", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /dump.gz", func(w http.ResponseWriter, r *http.Request) {
		z := gzip.NewWriter(w)
		fmt.Fprintln(z, "compressed answer")
		_ = z.Close()
	})
	srv := httptest.NewServer(mux)
	defer srv.Close()
	refused := httptest.NewServer(mux)
	refused.Close()
	for _, tt := range []struct {
		url     string
		outcome manifest.Outcome
		reason  string
		entry   string
		want    string
	}{
		{srv.URL + "/healthz", manifest.OK, "", "healthz", "ok\n"},
		{srv.URL + "/here", manifest.OK, "", "here", "ok\n"},
		{srv.URL + "/bad", manifest.Partial, "answered 503 Service Unavailable", "bad", "database is down\n"},
		{srv.URL + "/away", manifest.Failed, "a redirect to another host is not followed", "", ""},
		{srv.URL + "/metadata", manifest.Failed, "a redirect to another host is not followed", "", ""},
		{srv.URL + "/endless", manifest.Partial, "first 64 KiB", "endless", "an endless answer\n"},
		{srv.URL + "/slow", manifest.Timeout, "timed out", "slow", "begun\n"},
		{srv.URL + "/mute", manifest.Timeout, "no answer after 500ms", "", ""},
		{srv.URL + "/dump.gz", manifest.OK, "", "dump", "compressed answer\n"},
		{refused.URL, manifest.Failed, "connection refused", "", ""},
		{"http://169.254.169.254/latest/meta-data/", manifest.Failed, "this address is never asked", "", ""},
		{"http://[fd00:ec2::254]/", manifest.Failed, "this address is never asked", "", ""},
		{"http://metadata.google.internal/", manifest.Failed, "this address is never asked", "", ""},
		{"http://[::ffff:169.254.169.254]/", manifest.Failed, "this address is never asked", "", ""},
		{"http://[2002:a9fe:a9fe::]/latest/", manifest.Failed, "this address is never asked", "", ""},
		{"http://0.0.0.0:1/", manifest.Failed, "this address is never asked", "", ""},
	} {
		t.Run(tt.url[strings.LastIndex(tt.url, "/")+1:]+string(tt.outcome), func(t *testing.T) {
			g, k := newGatherer(t, func(g *gatherer) {
				g.limits.file, g.limits.keep, g.limits.timeout = 64<<10, keepHead, 500*time.Millisecond
			})
			if err := g.get(tt.url, nil); err != nil {
				t.Fatal(err)
			}
			o, reason := g.final()
			if o != tt.outcome || !strings.Contains(reason, tt.reason) || tt.reason == "" && reason != "" {
				t.Errorf("%s %q", o, reason)
			}
			if tt.entry == "" && len(k.text) > 0 || tt.entry != "" && !strings.HasPrefix(k.text[tt.entry], tt.want) {
				t.Errorf("%q", k.text)
			}
			if strings.Contains(k.text[tt.entry], pw) {
				t.Error("the password stands")
			}
		})
	}
}

// A certificate that does not verify is not accepted.
func TestHTTPS(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") }))
	defer srv.Close()
	srv.Config.ErrorLog = nil
	g, k := newGatherer(t, nil)
	if err := g.get(srv.URL, nil); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Failed || !strings.Contains(reason, "certificate") || len(k.text) != 0 {
		t.Error(o, reason)
	}
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	g, k = newGatherer(t, nil)
	if err := g.get(srv.URL, &tls.Config{RootCAs: roots}); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.OK || k.text["body"] != "hello\n" {
		t.Error(o, reason, k.text)
	}
}

func TestAddresses(t *testing.T) {
	for _, a := range []string{"127.0.0.1:80", "10.1.2.3:80", "[::1]:80", "[2001:db8::1]:443", "192.168.0.1:1",
		"[64:ff9b::10.1.2.3]:80", "[64:ff9b:1::10.1.2.3]:80", "[2002:a01:203::1]:80", "[2001:db8::5efe:10.1.2.3]:80", "[2001:db8::169.254.169.254]:80",
		"[2001:0:a01:203::f5fe:fdfc]:80"} {
		if err := CheckAddress(a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, a := range []string{"169.254.169.254:80", "169.254.0.1:80", "[fe80::1%eth0]:80", "[fe80::1]:80", "[fd00:ec2::254]:80", "100.100.100.200:80", "0.0.0.0:80", "[::]:80", "[::ffff:169.254.169.254]:80", "224.0.0.1:80",
		"[::169.254.169.254]:80", "[::ffff:0:169.254.169.254]:80", "[64:ff9b::a9fe:a9fe]:80", "[64:ff9b::168.63.129.16]:80",
		"[64:ff9b:1::a9fe:a9fe]:80", "[64:ff9b:1:a9fe:a9:fe00::]:80", "[64:ff9b:1:12a9:fe:a9fe::]:80", "[64:ff9b:1:1234:a9:fea9:fe00:0]:80",
		"[2002:a9fe:a9fe::]:80", "[2002:a9fe:a9fe::1]:80", "[2002:6464:64c8:1::1]:80", "[2001:0:a9fe:a9fe::1]:80", "[2001::5601:5601]:80",
		"[2001:db8::5efe:a9fe:a9fe]:80", "[2001:db8::200:5efe:169.254.169.254]:80", "[fd00:ec2:0:1::254]:80"} {
		if err := CheckAddress(a); !errors.Is(err, errAddress) {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func TestNoProxyForLoopback(t *testing.T) {
	for _, u := range []string{"http://127.0.0.1:8080/", "http://localhost/", "http://[::1]:1/", "http://127.9.9.9/"} {
		t.Setenv("HTTP_PROXY", "http://proxy.invalid:3128")
		parsed, err := url.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := ProxyOf(&http.Request{URL: parsed}); p != nil || err != nil {
			t.Errorf("%s: %v %v", u, p, err)
		}
	}
}

func TestFacts(t *testing.T) {
	g, k := newGatherer(t, nil)
	if err := g.facts(factNames()); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.OK && o != manifest.Partial {
		t.Error(o, reason)
	}
	for _, name := range factNames() {
		s := k.text[name+".jsonl"]
		if s == "" {
			t.Errorf("%s says nothing", name)
		}
		for line := range strings.Lines(s) {
			if !jsonLine(line) {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	for _, name := range []string{"os", "cpu", "memory"} {
		if line, err := FactLine("data/host/"+name+".jsonl", strings.NewReader(k.text[name+".jsonl"])); err != nil || line == "" {
			t.Errorf("%s: %q %v", name, line, err)
		}
	}
	if bytes.Contains([]byte(k.text["os.jsonl"]), []byte("hostId")) {
		t.Error("the machine's id is told")
	}
}

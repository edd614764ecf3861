package inspect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/manifest"
)

// meter counts the bytes that a server sends as bodies.
type meter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (m meter) Write(p []byte) (int, error) {
	m.n.Add(int64(len(p))) // before, for whoever has read them asks
	return m.ResponseWriter.Write(p)
}

// TestShareOfALargeBundle: a small entry of a large bundle costs less than one
// percent of its bytes and few requests, plain and encrypted.
func TestShareOfALargeBundle(t *testing.T) {
	large := int64(200 << 20)
	if testing.Short() {
		large = 40 << 20
	}
	noise := io.LimitReader(mrand.NewChaCha8([32]byte{1}), large) // does not compress
	p := pack(t, manifest.Head{},
		file{source: "app", kind: manifest.Event, path: "app.log", r: noise},
		text("conf", manifest.Configuration, "my.ini", "port = 8080\n"),
		text("facts", manifest.State, "os.jsonl", "{}\n"))
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	encrypted := filepath.Join(t.TempDir(), "b.age")
	encrypt(t, p.path, encrypted, id.Recipient())
	for name, path := range map[string]string{"plain": p.path, "encrypted": encrypted} {
		t.Run(name, func(t *testing.T) {
			var sent, requests atomic.Int64
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				http.ServeFile(meter{w, &sent}, r, path)
			}))
			defer srv.Close()
			r := openRemote(t, srv.URL+"/b")
			b, err := manifest.OpenReaderAt(r, r.Size(), p.signers, manifest.Limits{}, id)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			var found []byte
			for e, err := range b.Entries() {
				if err != nil {
					t.Fatal(err)
				}
				if e.Source == "conf" {
					c, err := b.Content(e)
					if err != nil {
						t.Fatal(err)
					}
					if found, err = io.ReadAll(c); err != nil {
						t.Fatal(err)
					}
				}
			}
			if string(found) != "port = 8080\n" {
				t.Errorf("read %q", found)
			}
			share := 100 * float64(sent.Load()) / float64(r.Size())
			t.Logf("%d of %d bytes (%.2f %%) in %d requests", sent.Load(), r.Size(), share, requests.Load())
			if share >= 1 || requests.Load() > 6 {
				t.Errorf("%.2f %% of the bytes in %d requests", share, requests.Load())
			}
			if n, got := r.Traffic(); got != sent.Load() || int64(n) != requests.Load() {
				t.Errorf("it says %d bytes in %d requests", got, n)
			}
		})
	}
}

func encrypt(t *testing.T, from, to string, recipient age.Recipient) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	w, err := age.Encrypt(out, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, in); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
}

func openRemote(t *testing.T, rawURL string) *Remote {
	t.Helper()
	r, err := tryRemote(t.Context(), rawURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func tryRemote(ctx context.Context, rawURL string) (*Remote, error) {
	u, err := CheckURL(rawURL)
	if err != nil {
		return nil, err
	}
	return OpenRemote(ctx, u)
}

// TestRemoteIsTheFile: any reading by several at once gives the file's bytes.
func TestRemoteIsTheFile(t *testing.T) {
	data := make([]byte, 9<<20+13)
	mrand.NewChaCha8([32]byte{2}).Read(data)
	for name, wrap := range map[string]func(http.Handler) http.Handler{
		"plain": func(h http.Handler) http.Handler { return h },
		"no ranges from the end": func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.Header.Get("Range"), "bytes=-") {
					r.Header.Del("Range")
				}
				h.ServeHTTP(w, r)
			})
		},
		"every third answer is cut": func(h http.Handler) http.Handler {
			var n atomic.Int64
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1)%3 == 0 {
					w = &cut{w, 10_000}
				}
				h.ServeHTTP(w, r)
			})
		},
		"busy at first": func(h http.Handler) http.Handler {
			var n atomic.Int64
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) == 1 {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				h.ServeHTTP(w, r)
			})
		},
		"behind a redirect": func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/there" {
					http.Redirect(w, r, "/there", http.StatusFound)
					return
				}
				h.ServeHTTP(w, r)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"one"`)
				http.ServeContent(w, r, "b", testTime, bytes.NewReader(data))
			})))
			defer srv.Close()
			r := openRemote(t, srv.URL+"/b")
			if r.Size() != int64(len(data)) {
				t.Fatalf("size %d, want %d", r.Size(), len(data))
			}
			var wg sync.WaitGroup
			for seed := range uint64(3) {
				wg.Go(func() {
					rng := mrand.New(mrand.NewPCG(seed, 7))
					at := 0
					for range 20 {
						if rng.IntN(3) == 0 {
							at = rng.IntN(len(data) + 10)
						}
						p := make([]byte, rng.IntN(1<<uint(rng.IntN(20))+1)+1)
						n, err := r.ReadAt(p, int64(at))
						want := data[min(at, len(data)):min(at+len(p), len(data))]
						if !bytes.Equal(p[:n], want) || err != nil && (err != io.EOF || n == len(p)) || err == nil && n < len(p) {
							t.Errorf("ReadAt(%d bytes, %d) = %d, %v", len(p), at, n, err)
							return
						}
						at += n
					}
				})
			}
			wg.Wait()
		})
	}
}

// cut breaks the line after some bytes.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	if len(p) > c.left {
		c.ResponseWriter.Write(p[:c.left])
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

// TestRemoteRefuses what is no honest answer, in words that name it.
func TestRemoteRefuses(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 100_000)
	serve := func(w http.ResponseWriter, r *http.Request, etag string, data []byte) {
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "b", time.Time{}, bytes.NewReader(data))
	}
	partial := func(w http.ResponseWriter, contentRange string) {
		w.Header().Set("Content-Range", contentRange)
		w.WriteHeader(http.StatusPartialContent)
		w.Write(make([]byte, 10))
	}
	for name, c := range map[string]struct {
		answer func(n int64, w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"no ranges": {func(_ int64, w http.ResponseWriter, _ *http.Request) { w.Write(data) }, "does not serve parts"},
		"ranges that it says it has not": {func(_ int64, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Accept-Ranges", "none")
			partial(w, "bytes 0-9/10")
		}, "does not serve parts"},
		"not there":        {func(_ int64, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, "404 Not Found"},
		"forbidden":        {func(_ int64, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, "403 Forbidden"},
		"no content range": {func(_ int64, w http.ResponseWriter, _ *http.Request) { partial(w, "") }, "no proper Content-Range"},
		"length unknown":   {func(_ int64, w http.ResponseWriter, _ *http.Request) { partial(w, "bytes 0-9/*") }, "no proper Content-Range"},
		"signs":            {func(_ int64, w http.ResponseWriter, _ *http.Request) { partial(w, "bytes 0-+9/10") }, "no proper Content-Range"},
		"beyond its end":   {func(_ int64, w http.ResponseWriter, _ *http.Request) { partial(w, "bytes 0-9/9") }, "no proper Content-Range"},
		"not the end":      {func(_ int64, w http.ResponseWriter, _ *http.Request) { partial(w, "bytes 0-9/1000") }, "nobody asked for"},
		"encoded": {func(_ int64, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			partial(w, "bytes 0-9/10")
		}, "encoded"},
		"another file by its validator": {func(n int64, w http.ResponseWriter, r *http.Request) {
			serve(w, r, fmt.Sprintf(`"%d"`, min(n, 2)), data)
		}, "changed at the server"},
		"another file by its weak validator": {func(n int64, w http.ResponseWriter, r *http.Request) {
			serve(w, r, fmt.Sprintf(`W/"%d"`, min(n, 2)), data)
		}, "changed at the server"},
		"another length": {func(n int64, w http.ResponseWriter, r *http.Request) {
			serve(w, r, "", data[:len(data)-int(min(n, 2))])
		}, "changed at the server"},
		"another range": {func(n int64, w http.ResponseWriter, r *http.Request) {
			if n > 1 {
				r.Header.Set("Range", "bytes=1-10")
			}
			serve(w, r, "", data)
		}, "asked for 0 to"},
		"redirect to metadata": {func(_ int64, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		}, "a redirect is not followed"},
		"redirect to another scheme": {func(_ int64, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusFound)
		}, "a redirect is not followed: from http to https"},
		"redirect with credentials": {func(_ int64, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://a:b@"+r.Host+"/", http.StatusFound)
		}, "a redirect is not followed"},
		"redirects without end": {func(_ int64, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusFound) }, "more than five"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.answer(n.Add(1), w, r) }))
			defer srv.Close()
			r, err := tryRemote(t.Context(), srv.URL+"/b?sig=plainly-fake")
			if err == nil {
				defer r.Close()
				_, err = r.ReadAt(make([]byte, 100), 0)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "plainly-fake") {
				t.Errorf("error %v, want one with %q and without the query", err, c.want)
			}
		})
	}
}

// drip gives a byte every twenty seconds until its context ends.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	select {
	case <-time.After(20 * time.Second):
		return copy(p, "x"), nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

// TestRemoteEndsADrip: a server that always sends a little holds nobody for ever.
func TestRemoteEndsADrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		begin := time.Now()
		r := &Remote{ctx: t.Context()}
		err := r.body(cancel, &http.Response{Body: io.NopCloser(drip{ctx})}, make([]byte, 64<<10))
		var again *transientError
		if took := time.Since(begin); !errors.As(err, &again) || !strings.Contains(err.Error(), "after 4 of 65536 bytes: no more in 1m34s") || took > 2*time.Minute {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

func TestRemoteTrustsNoUnknownCertificate(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	defer srv.Close()
	if _, err := tryRemote(t.Context(), srv.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v", err)
	}
}

func TestRemoteEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan bool, 9)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- true
		<-r.Context().Done()
	}))
	defer srv.Close()
	go func() { <-asked; cancel() }()
	if _, err := tryRemote(ctx, srv.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestCheckURL(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"https://files.example.com/b.tar.zst", ""},
		{"http://127.0.0.1:8080/b", ""},
		{"http://localhost/b", ""},
		{"http://[::1]:80/b", ""},
		{"http://files.example.com/b", "without TLS"},
		{"http://127.0.0.1.example.com/b", "without TLS"},
		{"ftp://files.example.com/b", "neither"},
		{"https://ada:plainly-fake@example.com/b", "user name or password"},
		{"https://169.254.169.254/latest/meta-data", "never asked"},
		{"https://[::ffff:169.254.169.254]/", "never asked"},
		{"https://metadata.google.internal/", "never asked"},
		{"https://", "not well formed"},
		{"https://exa mple/", "not well formed"},
	} {
		_, err := CheckURL(c.url)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "plainly-fake")) {
			t.Errorf("%s: %v, want %q", c.url, err, c.want)
		}
	}
	u, _ := url.Parse("https://a.example/x%2Fy?sig=plainly-fake#f")
	if got := PlainURL(u); got != "https://a.example/x%2Fy" {
		t.Errorf("shown as %s", got)
	}
}

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-9/10", "bytes 5-9/*", "bytes 9-5/10", "bytes=0-9/10", "bytes 0-9/99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, end, total, err := contentRange(s)
		if err == nil && (at < 0 || at >= end || end > total) {
			t.Errorf("%q: %d to %d of %d", s, at, end, total)
		}
	})
}

package collect

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/redact"
)

// hostName is this machine's own name, short and full.
func hostName(ctx context.Context) (short, full string) {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "unknown", ""
	}
	short, domain, _ := strings.Cut(name, ".")
	if domain != "" {
		return short, name
	}
	// A resolver that does not answer must not hold up a collection.
	full, err = within(ctx, 2*time.Second, func() (string, error) {
		return net.DefaultResolver.LookupCNAME(ctx, name)
	}, nil)
	full = strings.TrimSuffix(full, ".")
	if err != nil || !strings.HasPrefix(full, short+".") {
		return short, ""
	}
	return short, full
}

// ownIdentity is what this machine is known by: hidden wherever it stands.
func ownIdentity(ctx context.Context) []redact.Known {
	var out []redact.Known
	add := func(c redact.Class, v string) {
		if v != "" {
			out = append(out, redact.Known{Class: c, Value: v})
		}
	}
	short, full := hostName(ctx)
	if !everyday(short) {
		add(redact.Hostname, short)
	}
	add(redact.Hostname, full)
	ifs, _ := net.Interfaces() // a machine without any has no addresses
	for _, i := range ifs {
		if i.Flags&net.FlagLoopback != 0 {
			continue
		}
		add(redact.MAC, i.HardwareAddr.String())
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			n, ok := a.(*net.IPNet)
			switch {
			case !ok || n.IP.IsLoopback():
			case n.IP.To4() != nil:
				add(redact.IPv4, n.IP.String())
			default:
				add(redact.IPv6, n.IP.String())
			}
		}
	}
	for _, name := range accounts() {
		if !everyday(name) {
			add(redact.Username, name)
		}
	}
	return out
}

// everyday names say nothing of anybody, and stand everywhere.
func everyday(name string) bool {
	switch strings.ToLower(name) {
	case "", "root", "localhost", "unknown", "vm", "host", "server", "linux", "debian", "ubuntu", "user", "admin", "administrator", "nobody", "guest", "test", "default":
		return true
	}
	return len(name) < 2
}

// accounts lists the people who have an account here, and who runs us.
func accounts() []string {
	var out []string
	if u, err := user.Current(); err == nil {
		name := u.Username
		if _, short, ok := strings.Cut(name, `\`); ok {
			name = short
		}
		out = append(out, name)
	}
	if name := os.Getenv("SUDO_USER"); name != "" {
		out = append(out, name)
	}
	if runtime.GOOS == "windows" {
		return out
	}
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return out
	}
	defer f.Close()
	return append(out, people(f)...)
}

// people reads the accounts of people from a passwd(5): those that may log in
// and have no system's number.
func people(r io.Reader) []string {
	var out []string
	s := bufio.NewScanner(io.LimitReader(r, 16<<20))
	for s.Scan() && len(out) < 10_000 {
		f := strings.Split(s.Text(), ":")
		if len(f) != 7 {
			continue
		}
		uid, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil || uid < 1000 || uid >= 65534 && uid <= 65535 {
			continue
		}
		if strings.HasSuffix(f[6], "nologin") || strings.HasSuffix(f[6], "/false") {
			continue
		}
		out = append(out, f[0])
	}
	return out
}

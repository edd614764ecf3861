package collect

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/user"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/diagcollect/diagcollect/redact"
)

// hostName is this machine's own name: the short one, and the domain when the
// system knows it.
func hostName() (short, domain string) {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "unknown", ""
	}
	short, domain, _ = strings.Cut(name, ".")
	return short, domain
}

// ownDomains lists the domains this machine says it is in. The files of the
// system are asked, never a server: before consent nobody needs to learn that
// a collection begins.
func ownDomains(short string, hosts, resolv io.Reader) []string {
	var out []string
	s := bufio.NewScanner(io.LimitReader(hosts, 1<<20))
	for s.Scan() {
		line, _, _ := strings.Cut(s.Text(), "#")
		for _, name := range strings.Fields(line) {
			if host, domain, ok := strings.Cut(name, "."); ok && host == short && domain != "" {
				out = append(out, domain)
			}
		}
	}
	s = bufio.NewScanner(io.LimitReader(resolv, 1<<20))
	for s.Scan() {
		if f := strings.Fields(s.Text()); len(f) > 1 && (f[0] == "search" || f[0] == "domain") {
			out = append(out, f[1:]...)
		}
	}
	return out
}

// ownIdentity is what this machine is known by: hidden wherever it stands.
func ownIdentity() []redact.Known {
	var out []redact.Known
	add := func(c redact.Class, v string) {
		if v != "" {
			out = append(out, redact.Known{Class: c, Value: v})
		}
	}
	short, domain := hostName()
	if !everyday(short) {
		add(redact.Hostname, short)
	}
	domains := []string{domain}
	for _, d := range ownDomains(short, fileOrNothing("/etc/hosts"), fileOrNothing("/etc/resolv.conf")) {
		domains = append(domains, strings.Trim(d, "."))
	}
	slices.Sort(domains)
	for _, d := range slices.Compact(domains) {
		if d == "" || strings.Contains(d, "localdomain") {
			continue
		}
		add(redact.Hostname, short+"."+d)
		if strings.Contains(d, ".") { // a bare "local" or "lan" is nobody's
			add(redact.Hostname, d)
		}
	}
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

// fileOrNothing reads a small file of the system, where it is.
func fileOrNothing(name string) io.Reader {
	f, err := os.Open(name)
	if err != nil {
		return strings.NewReader("")
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return strings.NewReader("")
	}
	return bytes.NewReader(b)
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

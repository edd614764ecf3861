package redact

import (
	"net/netip"
	"strings"
	"testing"
)

// The tables of scanners write what is to be found between marks: «10.1.2.3».
// Each place of the text is asked, and nothing but the marked is found.
func checkScanner(t *testing.T, scan func(b []byte, i int) (int, bool), lines []string) {
	t.Helper()
	for _, line := range lines {
		b := []byte(strings.NewReplacer("«", "", "»", "").Replace(line))
		var got strings.Builder
		for i := 0; i < len(b); {
			end, ok := scan(b, i)
			if !ok {
				got.WriteByte(b[i])
				i++
				continue
			}
			if end <= i || end > len(b) {
				t.Fatalf("%q: from %d to %d of %d", b, i, end, len(b))
			}
			got.WriteString("«" + string(b[i:end]) + "»")
			i = end
		}
		if got.String() != line {
			t.Errorf("found %s\n want %s", got.String(), line)
		}
	}
}

func TestScanIPv4(t *testing.T) {
	checkScanner(t, scanIPv4, []string{
		"«10.1.2.3»",
		"from «203.0.113.9» port 22",
		"«10.1.2.3»:8080 «10.1.2.0»/24 [«10.1.2.3»]:25 («10.1.2.3») <«10.1.2.3»> \"«10.1.2.3»\",'«10.1.2.3»';",
		"src=«10.1.2.3» dst=«10.1.2.4»,x:«10.1.2.5»|«10.1.2.6»",
		"end of sentence «10.1.2.3».",
		"https://«10.1.2.3»/x https://u:p@«10.1.2.3»:443/",
		"«10.1.2.3»-«10.1.2.9» «192.168.1.1»-254",
		"node1.example.org/«10.1.2.3»:9042 /«10.1.2.3»:51234 GET /hosts/«10.1.2.3» HTTP/1.1",
		"mysql -h«10.1.2.3» -u x",
		`{"a":"x\n«10.1.2.3»\n"} a%3D«10.1.2.3»%26`,
		"\x1b[32m«10.1.2.3»\x1b[0m",
		"IP «10.1.2.3».443 > «10.1.2.4».51234: Flags [S]",
		"IP «10.1.2.3».ssh > «10.1.2.4».51234: Flags [S]",
		"«192.168.001.010» and «192.030.0.6» are padded",
		"«4.3.2.1».in-addr.arpa «10.0.0.1».nip.io",
		"ip_«192.168.10.20»_8080 10.1.2.3_8080",
		"hosts/«10.1.2.3».log",
		"«0.0.0.0» «255.255.255.0» «127.0.0.1»",
		"Proxy/«192.168.1.77» IPv4/«10.20.30.40»",
		"lease «10.1.2.3» {",
		"«10.1.2.3»,«10.1.2.4»",

		"5.15.0.91.2 5.15.0.91-2 5.15.0.91-generic linux-5.15.0.91 v1.2.3.4 V1.2.3.4 1.2.3.4.5",
		"1.2.3 1.2.3.256 1.2.3.4a a1.2.3.4 1.2.3.1000 01.2.3.4 1..2.3.4 .1.2.3.4",
		"'version' => '28.0.1.1', version 1.2.3.4 version=1.2.3.4 \"Version\": \"1.2.3.4\" <Version>1.2.3.4</Version> FileVersion: 10.0.0.1 build 1.2.3.4 section 3.1.2.4",
		"System.Web, Version=4.0.0.0, Culture=neutral oldVersion=\"0.0.0.0-4.0.0.0\"",
		"Chrome/120.0.0.0 Safari/537.36 OpenSSL/1.2.3.4 Edg/120.0.0.0",
		"foo_1.2.3.4_amd64.deb app-1.2.3.4.jar 1.2.3.4.tar.gz libx.so.1.2.3.4",
		"1.3.6.1.4.1.311.20 iso.3.6.1.2.1",
		"ip4-99.88.77.66 ip4-10.20.30.40",
		"1.2.3.4-SNAPSHOT 1.2.3.4+build5 1.2.3.4~rc1 1.2.3.4_5",
	})
}

func TestScanIPv6(t *testing.T) {
	checkScanner(t, scanIPv6, []string{
		"«2001:db8::1» «2001:DB8:0:0:8:800:200C:417A» «2001:0db8:0000:0000:0008:0800:200c:417a»",
		"«fe80::1»%eth0 «fe80::5054:ff:fe12:3456»/64 «2001:db8::»/32 «::1» «::»",
		"[«2001:db8::1»]:443 \"«2001:db8::1»\"",
		"«::ffff:192.0.2.1» «64:ff9b::192.0.2.33» «2001:db8::192.0.2.33» «0:0:0:0:0:ffff:192.0.2.1»",
		"v6(en0+:«2001:db8:1:2:3:4:5:6») client:«2001:db8::1» addr=«2001:db8::1», «fd00::1».",
		"«2001:db8::1»: connection refused",
		"IP6 «fe80::1».546 > «ff02::1:2».547: dhcp6",
		"«2001:db8:1:2:3:4:5:6»:443 full with a port",
		`\n«2001:db8::1»\n`,
		"«2001:db8:a:b:c:d:e:f»",
		"inet6 «fe80::a00:27ff:fe4e:66a1» prefixlen 64 scopeid 0x20<link>",

		"10:11:12 2026-01-02T10:11:12 00:11:22:33:44:55 00:11:22:33:44:55:66:77",
		"a::b std::dec Foo::bar ns::abc::def abc::def::abc bad::cafe ::abc ace::fee",
		"aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99 SHA256:ab:cd",
		"00000000: 4500 0034 0000:00:1f.2 1:2:3:4",
		"2001:db8:::1 2001:db8::1::2 12345::1 2001:db8::g 2001:db8::1x x2001:db8::1",
		"1:2:3:4:5:6:7:8:9 level=a:b:c",
		"key::value dead::beef::face",
		"bob:x:1001:1001::/home/bob:/bin/sh bob:1001:1001::: 1001:1001::/home",
	})
}

func TestScanMAC(t *testing.T) {
	checkScanner(t, scanMAC, []string{
		"«00:1b:2c:aa:bb:cc» «00-1B-2C-AA-BB-CC» «001b.2caa.bbcc» «001b-2caa-bbcc» «aabb.ccdd.eeff»",
		"ether «52:54:00:12:34:56» brd «ff:ff:ff:ff:ff:ff», lladdr=«52:54:00:12:34:56».",
		"«a4:5e:60:c2:1:9f» on en0",
		"MAC=«52:54:00:12:34:56»:«52:54:00:65:43:21»:08:00 SRC=10.0.0.1",
		`\n«52:54:00:12:34:56»\n`,
		"[«52-54-00-12-34-56»]",

		"00:11:22:33:44:55:66 00:11:22:33:44:55:66:77 aa:bb:cc:dd:ee",
		"MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
		"10:11:12 1:2:3:4:5:6 26-01-02-15-04-05",
		"x00:1b:2c:aa:bb:cc 00:1b:2c:aa:bb:ccx 00:1b:2c:aa:bb:c 00:1b-2c:aa:bb:cc",
		"1234-5678-9012 1234-5678-9012-3456 aabb-ccdd-eeff-0011 1234.5678.9012 aabb.ccdd.eeff.0011",
		"7d9f2c1e-3b4a-4c5d-8e6f-0a1b2c3d4e5f",
	})
}

func TestAddressStays(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1": true, "127.1.2.3": true, "0.0.0.0": true, "255.255.255.255": true, "255.255.255.0": true, "255.255.254.0": true, "255.0.0.0": true,
		"0.0.0.255": true, "0.0.3.255": true, "::1": true, "::": true, "0:0:0:0:0:0:0:1": true, "::ffff:127.0.0.1": true, "::ffff:0.0.0.0": true,
		"ffff:ffff:ffff:ffff::": true, "00:00:00:00:00:00": true, "FF-FF-FF-FF-FF-FF": true, "ffff.ffff.ffff": true,
		"10.0.0.1": false, "10.255.255.255": false, "255.255.0.255": false, "255.254.255.0": false, "8.8.8.8": false, "169.254.169.254": false, "0.1.2.3": false,
		"fe80::1": false, "ff02::1": false, "2001:db8::": false, "::2": false, "::ffff:10.0.0.1": false, "00:00:00:00:00:01": false, "52:54:00:12:34:56": false,
	} {
		if got := addressStays([]byte(text)); got != want {
			t.Errorf("addressStays(%q) = %v", text, got)
		}
	}
}

// What the scanners find, the standard library reads as the same address.
func FuzzScanAddress(f *testing.F) {
	for _, s := range []string{"10.1.2.3", "1.2.3.4.5", "192.168.001.010", "2001:db8::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7", "fe80::1%eth0", "a::b", "00:1b:2c:aa:bb:cc", "aabb.ccdd.eeff",
		"MAC=52:54:00:12:34:56:52:54:00:65:43:21:08:00 x", "IP 1.2.3.4.5 > 1.2.3.4.6: F", "\\n10.1.2.3", "\\u003c::1", "\x1b[1m::1", "%3d::1", "::", ":", "1::", "0:0:0:0:0:0:0:0", "1::2:3:4:5:6:7:8:9", "::1.2.3.4.5"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for i := 0; i <= len(b); i++ {
			for k, scan := range [...]func([]byte, int) (int, bool){scanIPv4, scanIPv6, scanMAC} {
				name := [...]string{"v4", "v6", "mac"}[k]
				end, ok := scan(b, i)
				if !ok {
					continue
				}
				if end <= i || end > len(b) {
					t.Fatalf("%s: from %d to %d of %d", name, i, end, len(b))
				}
				text := b[i:end]
				addressStays(text)
				if name == "mac" {
					continue
				}
				got, ok := parseAddress(text)
				want, err := netip.ParseAddr(string(text))
				if name == "v4" && err != nil {
					continue // padded
				}
				if !ok || err != nil || got != want.Unmap() {
					t.Fatalf("%s: %q is %v to us and %v, %v to the library", name, text, got, want, err)
				}
			}
		}
		// And the other way: what the library reads, we read as well.
		if want, err := netip.ParseAddr(string(b)); err == nil && want.Zone() == "" {
			if got, ok := parseAddress(b); !ok || got != want.Unmap() {
				t.Fatalf("%q is %v, %v to us and %v to the library", b, got, ok, want)
			}
		}
	})
}

func BenchmarkScanIPv4(b *testing.B) {
	text := []byte(strings.Join(ordinaryLines, " ") + " 10.1.2.3 1.2.3.4.5")
	var starts []int
	for i := range text {
		if has(text, i, setDigit) && !has(text, i-1, setDigit) {
			starts = append(starts, i)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, i := range starts {
			scanIPv4(text, i)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(starts)), "ns/candidate")
}

func BenchmarkScanIPv6(b *testing.B) {
	text := []byte("at 10:11:12 from 2001:db8::8:800:200c:417a to std::dec")
	b.ReportAllocs()
	for b.Loop() {
		for i := range text {
			scanIPv6(text, i)
		}
	}
}

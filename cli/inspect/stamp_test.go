package inspect

import (
	"strings"
	"testing"
	"time"
)

func TestTimesOfLines(t *testing.T) {
	cet := time.FixedZone("CET", 3600)
	clock := Clock{Zone: cet, Near: time.Date(2026, 1, 3, 0, 0, 0, 0, cet), Boot: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, c := range []struct{ line, want string }{
		{"2026-01-02T15:04:05Z app started", "2026-01-02T15:04:05Z"},
		{"2026-01-02T15:04:05.123456+01:00 web sshd[1]: x", "2026-01-02T14:04:05.123456Z"},
		{"2026-01-02T15:04:05.123456-0530 web sshd[1]: x", "2026-01-02T20:34:05.123456Z"},
		{"<34>1 2026-01-02T15:04:05.003Z web su - ID47 - failed", "2026-01-02T15:04:05.003Z"},
		{"<6>[   12.500000] usb 1-1: new device", "2026-01-01T00:00:12.5Z"},
		{"[   12.500000] usb 1-1: new device", "2026-01-01T00:00:12.5Z"},
		{"2026-01-02 15:04:05,123 INFO  [main] c.a.o.Service - up", "2026-01-02T14:04:05.123Z"},
		{"2026-01-02T15:04:05,123456+00:00 kernel: x", "2026-01-02T15:04:05.123456Z"},
		{"2026-01-02 15:04:05.123 UTC [411] LOG:  checkpoint", "2026-01-02T15:04:05.123Z"},
		{"2026-01-02 15:04:05 - 12 items", "2026-01-02T14:04:05Z"},
		{"2026/01/02 15:04:05 [error] 12#12: *1 open() failed", "2026-01-02T14:04:05Z"},
		{"20260102T150405Z done", "2026-01-02T15:04:05Z"},
		{"20260102 15:04:05.5 done", "2026-01-02T14:04:05.5Z"},
		{"Jan  2 15:04:05 web sshd[1]: x", "2026-01-02T14:04:05Z"},
		{"<13>Jan  2 15:04:05 web sshd[1]: x", "2026-01-02T14:04:05Z"},
		{"Dec 31 23:59:59 web sshd[1]: last year", "2025-12-31T22:59:59Z"},
		{"Jan 02 2026 15:04:05: %ASA-6-302013: Built", "2026-01-02T14:04:05Z"},
		{"2025 Dec  2 15:04:05 switch %X", "2025-12-02T14:04:05Z"},
		{"Fri Jan  2 15:04:05 2026 daemon", "2026-01-02T14:04:05Z"},
		{"[Fri Jan 02 15:04:05.123456 2026] [core:error] [pid 1] x", "2026-01-02T14:04:05.123456Z"},
		{"[Fri Jan  2 15:04:05 2026] usb 1-1", "2026-01-02T14:04:05Z"},
		{"Jan 2, 2026 3:04:05 PM com.example.Main main", "2026-01-02T14:04:05Z"},
		{"Jan 2, 2026 12:04:05 AM com.example.Main main", "2026-01-01T23:04:05Z"},
		{"411:M 02 Jan 2026 15:04:05.123 * Ready", "2026-01-02T14:04:05.123Z"},
		{"02-Jan-2026 15:04:05.123 INFO [main] org.apache.catalina", "2026-01-02T14:04:05.123Z"},
		{`ip4-a3.7f.02.c9 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 200 5`, "2026-01-02T15:04:05Z"},
		{"I0102 15:04:05.123456       1 main.go:5] up", "2026-01-02T14:04:05.123456Z"},
		{"1767366245 up", "2026-01-02T15:04:05Z"},
		{"1767366245.123    400 10.0.0.1 TCP_MISS/200", "2026-01-02T15:04:05.123Z"},
		{"1767366245123 up", "2026-01-02T15:04:05.123Z"},
		{"1767366245123456789 up", "2026-01-02T15:04:05.123456789Z"},
		{"type=SYSCALL msg=audit(1767366245.123:42): arch=c", "2026-01-02T15:04:05.123Z"},
		{`{"__CURSOR":"s","__REALTIME_TIMESTAMP":"1767366245123456","MESSAGE":"x"}`, "2026-01-02T15:04:05.123456Z"},
		{`{"level":"info","ts":1767366245.5,"msg":"up"}`, "2026-01-02T15:04:05.5Z"},
		{`{"level":"info", "time" : "2026-01-02T15:04:05+01:00"}`, "2026-01-02T14:04:05Z"},
		{`{"t":{"$date":"2026-01-02T15:04:05.123+00:00"},"s":"I"}`, "2026-01-02T15:04:05.123Z"},
		{`time="2026-01-02T15:04:05Z" level=info msg=up`, "2026-01-02T15:04:05Z"},
		{`ts=1767366245.123 level=info msg=up`, "2026-01-02T15:04:05.123Z"},
		{"INFO  2026-01-02 15:04:05,123 up", "2026-01-02T14:04:05.123Z"},
		{"[INFO] [2026-01-02T15:04:05Z] up", "2026-01-02T15:04:05Z"},
		{"\ufeff2026-01-02T15:04:05Z first line", "2026-01-02T15:04:05Z"},
		{"Event[0]:\n  Log Name: System\n  Source: x\n  Date: 2026-01-02T15:04:05.1230000Z\n  Event ID: 1", "2026-01-02T15:04:05.123Z"},

		{"\tat com.example.Main.main(Main.java:2026)", ""},
		{"  started at 2026-01-02 15:04:05", ""},
		{"Caused by: java.io.IOException: no", ""},
		{"12:04:05 no date", ""},
		{"2026-13-02 15:04:05 no month", ""},
		{"2026-01-02 25:04:05 no hour", ""},
		{"Jan 32 15:04:05 no day", ""},
		{"total 1767366245", ""},
		{"17673662451 eleven digits", ""},
		{"10.0.0.1 is an address", ""},
		{"4111111111111111 no time", ""},
		{"{}", ""},
		{`{"time":"soon"}`, ""},
		{"", ""},
	} {
		line, rest, _ := strings.Cut(c.line, "\n")
		got, ok := clock.Time([]byte(line), []byte(rest))
		text := ""
		if ok {
			text = got.UTC().Format(time.RFC3339Nano)
		}
		if text != c.want {
			t.Errorf("%q: %q, want %q", c.line, text, c.want)
		}
	}
	unknown := Clock{}
	for _, line := range []string{"[   12.500000] usb 1-1: new device", "Jan  2 15:04:05 web sshd[1]: x"} {
		if got, ok := unknown.Time([]byte(line), nil); ok {
			t.Errorf("%q: %v, without knowing when the host was started, or the year", line, got)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-01-02T15:04:05Z", "Jan  2 15:04:05 x", "[ 1.000000]", `{"ts":1767366245}`, "Event[0]:\n Date: 2026", "I0102 15:04:05.1"} {
		f.Add(s)
	}
	clock := Clock{Near: testTime, Boot: testTime}
	f.Fuzz(func(t *testing.T, s string) {
		line, rest, _ := strings.Cut(s, "\n")
		if got, ok := clock.Time([]byte(line), []byte(rest)); ok && (got.Year() < 1969 || got.Year() > 2201) && s[0] != '[' && s[0] != '<' {
			t.Errorf("%q is %v", s, got)
		}
	})
}

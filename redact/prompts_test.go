package redact

import "testing"

// Names of machines before what is typed at them, and before what devices log.
func TestPrompts(t *testing.T) {
	for _, line := range []string{
		"«jkeller»@«fra-web-2» ~ % ls",
		"«jkeller»@«fra-web-2» src % make",
		"(venv) «jkeller»@«fra-web-2»:/srv$ python x",
		"root@«7f3a2b1c9d0e»:/app# env",
		"«sw-fra-3»# show run",
		"«sw-fra-3»(config-if)# no shutdown",
		"«jkeller»@«edge-rtr-1»> show version",
		"<«HUAWEI-CORE-1»>display version",
		"Mar  4 2026 09:56:30 «asa-edge» : %ASA-6-302013: Built outbound",
		"Mar  4 09:56:30 «10.1.1.1» 12: «sw-core-1»: Mar  4 09:56:29.123: %SYS-5-CONFIG_I: Configured",
		"  client-hostname \"«WKS-4863»\";",
		"10,03/04/26,01:45:39,Assign,«10.1.1.1»,«WKS-2157»,«917FC33DDE2C»,,0",
		"Machine: «LT-GALLO5» (Microsoft Windows NT 10.0.19045.0)",

		"step-3# is a heading, item-2> is quoted, a-1(config) is not",
		"<tag-1>show</tag-1>",
		"10,03/04/26,01:45:39,Renew,,,,,",
		"Machine: learning (of things)",
	} {
		checkLine(t, line)
	}
}

package redact

import "bytes"

// grade is how much a word looks like the name of an account.
type grade uint8

const (
	noName      grade = iota
	maybeName         // letters, of which a name may be made, and a word as well
	certainName       // parts and digits as names have them
)

// gradeOf says how much v looks like an account's name: jo.smith, jsmith2 and
// jo_smith do, platform-team and v1.2 do not.
func gradeOf(v []byte) grade {
	if !account(v) || len(v) > 40 || statusWord(v) || notUser(v) || notNames.has(v) || standIn.has(v) || roleAccounts.has(v) || isUUID(v) || dealtWith(v) || fileName(v) {
		return noName
	}
	if n := run(v, 0, chLower); n == 3 && run(v, n, chDigit) == len(v) && (string(v[:n]) == "vty" || string(v[:n]) == "tty" || string(v[:n]) == "pts" || string(v[:n]) == "con" || string(v[:n]) == "eth") {
		return noName
	}
	letters, digits, parts := 0, 0, 1
	start := 0
	for i := 0; i <= len(v); i++ {
		if i < len(v) && (is(v[i], chAlnum) || v[i] >= 0x80) {
			if is(v[i], chDigit) {
				digits++
			} else {
				letters++
			}
			continue
		}
		if i == start && !(i == 0 && len(v) > 3 && v[0] == '_') { // two signs in a row, one at the end
			return noName
		}
		part := v[start:i]
		if d := run(part, run(part, 0, chAlpha), chDigit); d < len(part) && len(part) > 7 && hasDigit(part) { // of a hash
			return noName
		}
		if notNames.has(part) || len(part) > 3 && (notUser(part) || statusWord(part)) {
			return noName
		}
		if i < len(v) {
			parts++
			if v[i] == '\\' || v[i] == '%' || v[i] == '@' || v[i] == '+' {
				return noName
			}
		}
		start = i + 1
	}
	if odd, upper := caseOf(v); odd || upper && len(v) < 5 {
		return noName
	}
	switch {
	case parts > 3 || letters < 2 && digits < 4 || digits > letters+6 || len(v) >= 16 && run(v, 0, chHex) == len(v):
		return noName
	case digits > 0 && parts == 1:
		if is(v[0], chDigit) || is(v[len(v)-1], chAlpha) && digits > 2 { // a hash
			return noName
		}
		if k := run(v, 0, chAlpha); k == 1 && (v[0]|0x20 == 'v' || digits < 4) || run(v, k, chDigit) < len(v) && digits > 3 { // v1, x86
			return noName
		}
		return certainName
	case bytes.IndexByte(v, '.') > 0 && (is(v[0], chDigit) || hasTopLevel(v)): // a version; a host
		return noName
	case parts == 2 && (bytes.IndexByte(v, '.') > 0 || bytes.IndexByte(v, '_') > 0):
		return certainName
	case parts <= 2:
		return maybeName
	case digits > 0 && bytes.IndexByte(v, '-') > 0: // a pod
		return noName
	}
	return maybeName
}

// hasTopLevel reports whether v ends as a host's name does.
func hasTopLevel(v []byte) bool {
	k := bytes.LastIndexByte(v, '.')
	if k < 0 {
		return false
	}
	switch last := v[k+1:]; string(last) {
	case "corp", "lan", "app", "cloud", "svc", "info", "biz", "intra", "home", "site", "online", "localdomain", "intranet", "arpa", "cluster", "default":
		return true
	default:
		return len(last) < 3 || commonTop(last) || unitOrFile(last)
	}
}

// notNames are words that stand where names do and are none: what programs and
// teams are called, and what is said of who does something.
var notNames = setOf("team", "teams", "platform", "infra", "infrastructure", "ops", "devops", "sre", "dev", "developer", "developers", "engineering", "engineer", "engineers", "security", "frontend", "backend", "data", "finance", "marketing", "sales", "core", "payments", "payment", "billing", "identity", "network", "networking", "support", "qa", "it", "hr", "legal", "release", "releases", "research", "analytics", "science", "mobile", "web", "api", "cloud", "product", "design", "squad", "guild", "tribe", "crew", "department", "org", "organization", "company", "group", "community", "maintainers", "contributors", "authors", "author", "committee", "foundation", "project", "projects", "inc", "ltd", "gmbh", "corp", "llc",
	"scheduler", "timer", "trigger", "upstream", "kubelet", "kubernetes", "controller", "operator", "operators", "cluster", "node", "pod", "daemon", "agent", "bot", "robot", "automation", "automatic", "auto", "ci", "cd", "jenkins", "github", "gitlab", "gitea", "bitbucket", "terraform", "ansible", "puppet", "chef", "salt", "argocd", "argo", "flux", "fluxcd", "renovate", "dependabot", "helm", "cron", "cronjob", "batch", "script", "program", "process", "signal", "kernel", "systemd", "init", "supervisor", "manager", "master", "worker", "slave", "primary", "replica", "leader", "follower", "broker", "proxy", "gateway", "firewall", "router", "switch", "console", "terminal", "remote", "local", "localhost", "peer", "client", "server", "host", "device", "hardware", "software", "driver", "module", "plugin", "library", "application", "app", "service", "services", "package", "packages", "installer", "setup", "upgrade", "update", "migration", "import", "export", "sync", "backup", "restore", "monitor", "monitoring", "alert", "alertmanager", "probe", "health", "watchdog", "oom", "oom-killer", "policy", "rule", "rules", "filter", "acl", "quota", "limit", "timeout", "error", "exception", "parent", "child", "owner", "creator", "user", "users", "admin", "admins", "administrator", "administrators", "root", "superuser", "member", "members", "customer", "customers", "vendor", "provider", "partner", "guest", "guests", "anonymous", "unknown", "nobody", "none", "other", "others", "both", "either", "any", "all", "everyone", "someone", "anyone", "itself", "himself", "themselves", "myself", "yourself", "hand", "mistake", "accident", "design", "default", "request", "command", "mail", "email", "phone", "post", "name", "id", "index", "key", "type", "date", "time", "size", "value", "number", "step", "steps", "unable", "world", "again", "back", "there", "already", "still", "never", "just", "currently", "been", "being", "once", "when", "while", "must", "is", "was", "has", "not", "atjobs", "atspool", "percent", "dedupe", "deduplication", "way", "means", "reason", "us", "them", "him", "her", "me", "you", "we", "they", "he", "she", "it", "one", "two", "three", "which", "whom", "who", "now", "then", "today", "yesterday", "tomorrow", "noon", "midnight", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
	"equal", "equals", "exists", "notin", "notequal", "doesnotexist", "contains", "matches", "matchany", "greaterthan", "lessthan", "and", "or", "not", "xor", "eq", "ne", "lt", "gt", "le", "ge", "like", "between", "within", "regex", "glob", "prefix", "suffix", "add", "sub", "mul", "div", "sum", "avg", "min", "max", "count", "true", "false",
	"read", "write", "execute", "full", "control", "modify", "public", "private", "shared", "internal", "external", "production", "staging", "prod", "stage", "test", "testing", "demo", "example", "sample", "dummy", "placeholder", "todo", "tbd", "x", "y", "xyz", "abc", "root@localhost", "another", "an", "various", "multiple", "several", "different", "same", "new", "old", "existing", "current", "previous", "next", "last", "first", "third", "party", "third-party", "google", "microsoft", "amazon", "aws", "azure", "gcp", "oracle", "apple", "redhat", "ubuntu", "debian", "fedora", "canonical", "cisco", "vmware", "ibm", "sap", "linux", "windows", "macos", "android", "ios", "java", "python", "golang", "node.js", "nodejs", "ruby", "php", "perl", "rust", "docker", "containerd", "dockerd", "nginx", "apache", "httpd", "mysql", "mariadb", "postgres", "postgresql", "redis", "mongodb", "kafka", "zookeeper", "elasticsearch", "logstash", "kibana", "grafana", "prometheus", "loki", "rabbitmq", "cassandra", "hadoop", "hdfs", "hive", "hbase", "spark", "yarn", "flink", "airflow", "vault", "consul", "nomad", "etcd", "istio", "envoy", "traefik", "haproxy", "tomcat", "jetty", "wildfly", "jboss", "websphere", "weblogic", "iis", "chrome", "firefox", "safari", "curl", "wget", "checkpoint", "fortinet", "paloalto", "juniper", "sophos", "crowdstrike", "sentry", "wazuh", "splunk")

// caseOf reports whether v has capitals within its parts, as identifiers of
// programs have them, and whether it has nothing but capitals.
func caseOf(v []byte) (odd, upper bool) {
	inner, lowers := 0, 0
	for i, c := range v {
		switch {
		case is(c, chLower):
			lowers++
		case is(c, chUpper) && i > 1 && is(v[i-1], chAlnum): // JKeller may be one
			inner++
		}
	}
	return inner > 0 && lowers > 0, lowers == 0
}

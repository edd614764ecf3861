package redact

import (
	"bytes"
	"strings"
)

// Names of accounts in command lines: mysql -u x, su - x, chown x:x file.

// accountArguments tells which arguments of programs name an account: of an
// option the next one (with + also what is glued to it, with * also behind
// other letters), = of an option that its argument is something else, 1 and 2
// of those that are no options the first and the second, $ the last, % all of
// them, : the part of the first that stands before a colon or a dot. Words that
// have other uses begin with !: they must stand where a command does. Options
// behind ~ are taken in any case.
var accountArguments = func() map[string]string {
	table := map[string]string{
		"sudo": "-u* -U --user", "doas": "-u", "dzdo": "-u*", "su": "! =-c =-s =-g =-G =-w =-T 1", "runuser": "=-c =-s =-g =-G -u 1", "gosu": "!! 1", "su-exec": "!! 1", "systemd-run": "--uid", "machinectl": "--uid",
		"ssh": "-l+", "slogin": "-l+", "autossh": "-l+", "rlogin": "-l+", "rsh": "-l+", "telnet": "-l+", "pssh": "-l", "pscp": "-l", "plink": "-l", "psftp": "-l", "parallel-ssh": "-l", "clush": "-l", "ssh-copy-id": "-l",
		"chown": ":", "setfacl": "-m -x", "crontab": "-u", "pkill": "-u -U", "killall": "-u", "pgrep": "-u -U", "ps": "! -u -U", "lsof": "-u", "top": "!! -u", "htop": "-u", "ipcs": "-u", "edquota": "-u -p $", "setquota": "-u", "quota": "!! -u",
		"chage": "=-d =-E =-I =-m =-M =-W $", "chsh": "=-s $", "chfn": "=-f =-o =-r =-h =-w $", "gpasswd": "-a -d -A -M", "lastlog": "-u", "faillock": "--user", "pam_tally2": "-u", "passwd": "!! =-n =-x =-w =-i $", "id": "!! %", "finger": "!! %",
		"useradd": "=-b =-c =-d =-e =-f =-g =-G =-k =-K =-p =-s =-u =-Z =-R $", "usermod": "=-c =-d =-e =-f =-g =-G =-l =-p =-s =-u =-Z =-R $ -l", "userdel": "$", "deluser": "1", "adduser": "!! 1", "luseradd": "$", "lusermod": "$", "createuser": "! $", "dropuser": "! $", "smbpasswd": "=-r =-U -U $", "pdbedit": "-u $",
		"kinit": "! =-l =-r =-c =-k =-t =-S =-T =-X =-n $", "kpasswd": "$", "addprinc": "$", "delprinc": "$", "getprinc": "$", "modprinc": "$", "cpw": "!! $", "kadmin": "-p", "wbinfo": "-i -n -r --user-info", "mosquitto_passwd": "2",
		"rdesktop": "-u", "xfreerdp": "~/u:", "wlfreerdp": "~/u:", "icacls": "~/grant ~/deny ~/remove ~/setowner", "psexec": "-u", "winexe": "-U", "evil-winrm": "-u", "crackmapexec": "-u", "netexec": "-u", "nxc": "-u", "hydra": "-l",
		"docker": "-u", "podman": "-u", "nerdctl": "-u", "helm": "-u", "oc": "-u --as", "cf": "-u", "skopeo": "-u", "buildah": "-u", "kubectl": "--as", "az": "-u", "p4": "-u", "knife": "-x", "fab": "-u",
		"ansible": "-u", "ansible-playbook": "-u", "ansible-console": "-u", "ipmitool": "-U", "racadm": "-u", "openfortivpn": "-u", "mosquitto_pub": "-u", "mosquitto_sub": "-u",
		"mongo": "-u", "mongosh": "-u", "mongodump": "-u", "mongorestore": "-u", "mongoexport": "-u", "mongoimport": "-u", "mongostat": "-u", "cqlsh": "-u", "sqlcmd": "-U+", "osql": "-U+", "isql": "-U+", "bcp": "-U+", "tsql": "-U+", "beeline": "-n", "impala-shell": "-u", "cypher-shell": "-u", "hdbsql": "-u", "nodetool": "-u", "influx": "-username", "rabbitmqadmin": "-u", "cbq": "-u", "couchbase-cli": "-u", "lftp": "-u", "ncftp": "-u", "ncftpput": "-u", "ncftpget": "-u",
		"ldapsearch": "-D", "ldapadd": "-D", "ldapmodify": "-D", "ldapwhoami": "-D", "ldapdelete": "-D", "ldappasswd": "-D $", "ldapcompare": "-D", "ldapmodrdn": "-D", "ldapexop": "-D",
		"sysadminctl": "-addUser -deleteUser -resetPasswordFor", "dseditgroup": "-a -d", "fdesetup": "-user", "createhomedir": "-u",
	}
	for _, w := range [...]string{"mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mysqlimport", "mysqlcheck", "mysqlshow", "mysqlslap", "mysqlpump", "xtrabackup", "innobackupex", "mydumper", "myloader"} {
		table[w] = "-u+"
	}
	for _, w := range [...]string{"psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "pg_isready", "pgbench", "createdb", "dropdb", "vacuumdb", "reindexdb", "clusterdb", "pg_receivewal"} {
		table[w] = "-U+"
	}
	for _, w := range [...]string{"get-aduser", "set-aduser", "remove-aduser", "enable-adaccount", "disable-adaccount", "unlock-adaccount", "set-adaccountpassword", "get-adprincipalgroupmembership", "get-mailbox", "set-mailbox", "get-mailboxstatistics", "get-aduserresultantpasswordpolicy"} {
		table[w] = "~-identity 1"
	}
	for _, w := range [...]string{"new-aduser", "new-localuser", "set-localuser", "get-localuser", "remove-localuser", "disable-localuser", "enable-localuser"} {
		table[w] = "~-name 1"
	}
	for _, w := range [...]string{"add-adgroupmember", "remove-adgroupmember", "add-localgroupmember", "remove-localgroupmember"} {
		table[w] = "~-members ~-member"
	}
	return table
}()

// ownerOption looks in a command line, of whatever program, of which an option
// tells the secret at s, for the option that tells whose it is.
func (sc *scanner) ownerOption(s int) {
	b := sc.b
	end := min(sc.eol(s), s+256)
	for k := max(sc.ls, s-256); k < end; k++ {
		if b[k] != '-' || k > sc.ls && !is(b[k-1], chSpace) {
			continue
		}
		n := run(b, k, chKey)
		switch string(b[k:n]) {
		case "-u", "-U", "-user", "-id", "-samid", "--principal", "--ciuser":
			if at(b, n) != ' ' && at(b, n) != '=' || n-k == 2 && at(b, n) == '=' {
				continue
			}
			vs, ve, _ := sc.argument(n + 1)
			if v := b[vs:ve]; gradeOf(v[bytes.LastIndexAny(v, `\\/`)+1:]) > noName {
				sc.userName(vs+bytes.LastIndexAny(v, `\\/`)+1, ve, ruleFlag)
			}
		}
		k = n
	}
}

// accountsIn looks at the arguments of the command b[i:e] for names of
// accounts.
func (sc *scanner) accountsIn(i, e int) {
	b := sc.b
	if c := at(b, e); !is(c, chSpace|chQuote) && c != '\\' || i > sc.ls && (is(b[i-1], chWord|chKey) || b[i-1] == ':' || b[i-1] == '@') { // most words that are no commands
		return
	}
	if i > sc.ls && b[i-1] == '=' && at(b, run(b, e+1, chKey)) == '=' { // tty=ssh ruser=x
		return
	}
	spec := accountArguments[string(lowerOf(b[i:e], sc.lower[:]))]
	if spec != "" && (is(at(b, e), chQuote) || at(b, e) == '\\') && programs[string(lowerOf(b[i:e], sc.lower[:]))] == nil {
		sc.vector(i, e)
		return
	}
	if spec == "" || !is(at(b, e), chSpace) || is(b[i], chUpper) && bytes.IndexByte(b[i:e], '-') < 0 {
		return
	}
	told, ok := sc.commandAt(i)
	sure := told
	if spec[0] == '!' {
		if !ok {
			return
		}
		spec = spec[1:]
	}
	if spec[0] == '!' {
		spec = spec[1:]
	} else {
		sure = true
	}
	end := min(sc.eol(e), e+1024)
	var words [8][2]int
	n, named, options := 0, 0, false
args:
	for p, k := e, 0; p < end && k < 48; k++ {
		if p = run(b, p, chSpace); p >= end {
			break
		}
		p = audited(b, p)
		s, t, next := sc.argument(p)
		if c := b[p]; next <= p || c == '|' || c == '>' || c == '&' || c == ';' || c == '#' || c == '<' || c == ')' {
			break
		}
		p = next
		if t > s && s < end && (b[s] == '-' || b[s] == '/' || b[s] == '+') {
			options = true
			for opt := range strings.FieldsSeq(spec) {
				vs, ve, takes, names := sc.accountOption(opt, s, t)
				if !takes {
					continue
				}
				if vs == ve {
					vs, ve, p = sc.argument(audited(b, run(b, next, chSpace)))
					if ve <= vs || ve > end {
						break args
					}
				}
				if names {
					sc.accountArgument(vs, ve, true)
					if named++; named == 16 { // no command names so many
						break args
					}
				}
				break
			}
			continue
		}
		if t <= s || n == len(words) || b[s] == '=' || b[s] == '(' { // no command
			return
		}
		words[n] = [2]int{s, t}
		n++
	}
	for opt := range strings.FieldsSeq(spec) {
		if !ok {
			break
		}
		k, all := 0, false
		switch opt {
		case "1", ":":
		case "2":
			k = 1
		case "$":
			k = n - 1
		case "%":
			all = true
		default:
			continue
		}
		if k < 0 || k >= n {
			continue
		}
		if opt == "$" && n > 1 && !told && !options { // a sentence
			continue
		}
		if v := b[words[k][0]:words[k][1]]; opt == "$" && k > 0 && !account(v) && !hasPseudonym(v) { // useradd x -s /bin/sh
			k = 0
		}
		switch s, t := words[k][0], words[k][1]; {
		case opt == ":":
			u := run(b[:t], s, chAlnum|chUnder|chKey)
			if d := bytes.IndexByte(b[s:u], '.'); d > 0 && u == t && n > 1 && bytes.Equal(b[s:s+d], b[s+d+1:u]) { // x.x of old
				u = s + d
			}
			if u == t || b[u] == ':' {
				sc.accountArgument(s, u, true)
				if u < t && bytes.Equal(b[s:u], b[u+1:t]) { // a group of its own
					sc.accountArgument(u+1, t, true)
				}
			}
		case all:
			for _, w := range words[:n] {
				sc.accountArgument(w[0], w[1], sure)
			}
		default:
			sc.accountArgument(s, t, sure)
		}
	}
}

// accountOption reports whether the argument b[s:t] is what opt says of an
// option, whether what it takes names an account, and where that stands if it
// is no argument of its own.
func (sc *scanner) accountOption(opt string, s, t int) (vs, ve int, takes, names bool) {
	b := sc.b
	arg := b[s:t]
	flag, other := strings.CutPrefix(opt, "=")
	if fold, ok := strings.CutPrefix(flag, "~"); ok {
		if equalFold(arg, fold) || fold[len(fold)-1] == ':' && hasPrefixFold(arg, fold) && len(arg) > len(fold) {
			return s + len(fold), t, true, true
		}
		return 0, 0, false, false
	}
	if flag[0] != '-' {
		return 0, 0, false, false
	}
	glued, behind := strings.HasSuffix(flag, "+"), strings.HasSuffix(flag, "*")
	flag = strings.TrimRight(flag, "+*")
	switch {
	case string(arg) == flag:
		return t, t, true, !other
	case !bytes.HasPrefix(arg, []byte(flag)):
		takes = behind && len(arg) > 2 && len(arg) < 6 && arg[len(arg)-1] == flag[1] && allLetters(arg[1:]) // sudo -iu x
		return t, t, takes, true
	case flag[1] == '-' && arg[len(flag)] == '=':
		return s + len(flag) + 1, t, true, !other
	case glued && arg[1] != '-' && len(flag) == 2:
		return s + len(flag), t, true, true
	}
	return 0, 0, false, false
}

// accountArgument hides the name of an account that is an argument. Where it is
// not sure to be one, it has to look like one.
func (sc *scanner) accountArgument(s, t int, sure bool) {
	b := sc.b
	if rest := b[s:t]; len(rest) > 2 && rest[1] == ':' && rest[0] == 'u' || hasPrefixFold(rest, "user:") { // setfacl -m u:x:rwx
		s += bytes.IndexByte(rest, ':') + 1
		t = run(b[:t], s, chKey)
	}
	if hasPrefixFold(b[s:t], "cn=") || hasPrefixFold(b[s:t], "uid=") {
		sc.accountOfDN(s, t)
		return
	}
	if k := bytes.LastIndexByte(b[s:t], '\\'); k > 0 {
		s += k + 1
	}
	for t > s && !is(b[t-1], chAlnum|chUnder) {
		t--
	}
	if c := bytes.IndexByte(b[s:t], ':'); c > 1 { // icacls x /grant x:F
		t = s + c
	}
	v := b[s:t]
	if len(v) == 0 || v[0] == '-' || statusWord(v) || notUser(v) || standIn.has(v) || roleAccounts.has(v) || !sure && gradeOf(v) < certainName {
		return
	}
	sc.userValue(value{start: s, end: t})
}

// standIn are words that examples have in the place of a name.
var standIn = setOf("user", "username", "name", "login", "you", "your", "me", "youruser", "myuser", "someuser", "your_user", "my_user", "your-user", "your_username", "foo", "bar", "baz", "self", "this", "owner", "account")

// roleAccounts are accounts that programs and teams run as, beside those that
// every system has: they name nobody.
var roleAccounts = setOf("dbadmin", "sysdba", "hacluster", "scott", "deploy", "deployer", "deployment", "gitlab-ci-token", "gitlab-runner", "neo4j", "dokku", "vagrant", "ubuntu", "debian", "centos", "fedora", "rocky", "almalinux", "ec2-user", "opc", "core", "pi", "admin", "app", "apps", "appuser", "jenkins", "ansible", "puppet", "oracle", "grid", "hadoop", "hdfs", "yarn", "hive", "spark", "airflow", "tomcat", "minio", "minioadmin", "vault", "consul", "nomad", "zabbix", "nagios", "icinga", "oauth2accesstoken", "aws", "kubeadmin", "cassandra", "druid", "solr", "jboss", "wildfly", "weblogic", "db2inst1", "sybase", "informix", "telegraf", "influxdb", "node_exporter", "splunk", "wazuh", "nextcloud", "gitea", "gogs", "sonarqube", "nexus", "artifactory", "web", "nfs", "rstudio", "jupyter", "jovyan", "openvpn", "squid", "haproxy", "varnish", "memcached", "_postgres", "pgbouncer", "replicator", "repl", "readonly", "ci", "builder", "build", "runner", "test", "tester", "developer", "dev", "devops", "support")

// accountOfDN hides what the first part of a distinguished name at s says, where
// that is one of an account's own.
func (sc *scanner) accountOfDN(s, t int) {
	b := sc.b
	p := s + bytes.IndexByte(b[s:t], '=') + 1
	n := p
	for n < t && b[n] != ',' && b[n] != '"' {
		n++
	}
	if v := b[p:n]; !dnRoles.has(v) && firstBlank(v) == len(v) {
		sc.userName(p, n, ruleUserField)
	}
}

// dnRoles are what directories call the accounts that programs bind as.
var dnRoles = setOf("admin", "manager", "readonly", "reader", "bind", "binduser", "ldapbind", "ldap", "ldapuser", "proxy", "proxyuser", "replicator", "replication", "sync", "search", "nssproxy", "config", "monitor", "root", "administrator", "keycloak", "directory manager")

// commandAt reports whether the word at i stands where a command does, and
// whether more than the beginning of a line says so.
func (sc *scanner) commandAt(i int) (sure, ok bool) {
	b := sc.b
	k := i
	for k > sc.ls && i-k < 64 && (is(b[k-1], chAlnum|chUnder) || b[k-1] == '/' || b[k-1] == '-' || b[k-1] == '.') { // its path
		k--
	}
	if k < i && !bytes.HasSuffix(b[k:i], []byte("bin/")) && !bytes.HasPrefix(b[k:i], []byte("./")) {
		return false, false
	}
	path := k < i
	q := k
	for q > sc.ls && b[q-1] == ' ' {
		q--
	}
	if q == sc.ls {
		return path || strings.HasSuffix(sc.name, "history") || strings.HasSuffix(sc.name, ".sh"), true
	}
	switch c := b[q-1]; {
	case c == '=':
		return true, q == k
	case is(c, chQuote):
		return q == k, q == k
	case c == '(':
		return true, q == k && q > sc.ls+1 && (b[q-2] == '$' || b[q-2] == ' ' && q > sc.ls+4 && string(b[q-5:q-1]) == "CMD ")
	case q == k:
		return false, false
	case c == '$' || c == '#' || c == '%' || c == '>' || c == '+' || c == '|' || c == ';' || c == '&':
		return true, true
	}
	if path {
		return true, true
	}
	w := runBack(b, q, max(sc.ls, q-12), chWord)
	switch string(lowerOf(b[w:q], sc.lower[:])) {
	case "sudo", "exec", "run", "doas", "nohup", "time", "command":
		return true, true
	}
	if b[q-1] == ':' {
		w = runBack(b, q-1, max(sc.ls, q-12), chWord)
		switch string(lowerOf(b[w:q-1], sc.lower[:])) {
		case "run", "cmd", "command", "exec", "script", "shell", "sh", "bash", "cmdline", "args":
			return true, true
		}
	}
	return false, false
}

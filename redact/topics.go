package redact

// topic is what a word may begin.
type topic uint8

const (
	aboutSecret  topic = iota + 1 // password X, secret X: a directive or a sentence
	aboutScheme                   // Bearer X
	aboutSQL                      // IDENTIFIED BY 'x'
	aboutDialog                   // AUTH, PASS, LOGIN of protocols
	aboutUser                     // user X
	aboutFor                      // for X from
	aboutBy                       // by X(uid=0)
	aboutTTY                      // sudo: X : TTY=
	aboutCMD                      // (X) CMD
	aboutAs                       // logged on as X
	aboutHome                     // /home/X
	aboutSuffix                   // .internal
	aboutPEM                      // BEGIN
	aboutCrypt                    // $2y$
	aboutProgram                  // mysql -pX
	aboutBase64                   // LS0tLS1CRUdJTi
	aboutPseudonym
	aboutFrom // from X: of SMTP and SSH
	aboutMachine
	aboutCall     // define('X', 'v')
	aboutHostname // hostname to X
	aboutSNMP
	aboutInsert
	aboutRole
	aboutTo
	aboutOracle
	aboutHeader
	aboutUsing
	aboutEAP
	aboutConnect  // connect("dsn", "user", "password")
	aboutCipher   // password cipher X
	aboutResult   // random_password
	aboutNoEcho   // NoEcho: true, then Default: X
	aboutIdentify // IDENTIFY X
	aboutLogon    // .LOGON host/user,password
	aboutDashed   // dhcp-192-168-0-66
	aboutCode     // Your code is 493021
	aboutLines    // Private-Lines: 8
	aboutJAAS     // PlainLoginModule required user_x="y"
	aboutVendor   // algolia: x
	aboutDirected // mgmt-user admin root x
	aboutModem    // AT+CPIN="1234"
	aboutBundler  // BUNDLE_GEMS__EXAMPLE__COM: "user:password"
	aboutSent     // send "x\r"
	aboutEcho     // --password-command "echo x"
	aboutDovecot  // sql(user):
	aboutEnv      // Env:NAME "x"
	aboutVault    // $ANSIBLE_VAULT;1.1;AES256
	aboutENC      // ENC[PKCS7,
	aboutFTP      // [user] FTP command:
	aboutOption   // option key 'x'
	aboutUnseal   // vault operator unseal x
	aboutOwner    // owner CORP\name
	aboutCN       // CN=Jo Smith,OU=x
	aboutTaking   // setPassword("x")
	aboutTitle    // proctitle=6D7973716C
	aboutPlain    // {PLAIN}x
	aboutClock    // 10 SHA1 HEX:5EC2E7
	aboutResp     // resp=AHVzZXIAcGFzcw==
	aboutACL      // SETUSER x on >y
	aboutPwned    // (Pwn3d!)
	aboutFIX      // 8=FIX.4.4|553=x|554=y
	aboutDomain   // .de
	aboutKernel   // Linux x 6.1.0
	aboutPhone    // Tel. 040 123456
)

// topics are the words that begin something without a separator.
var topics = func() map[string]topic {
	for _, c := range "0123456789" { // ip-10-0-0-1: the gate knows no dash alone
		words["ip-"+string(c)] = aboutDashed
	}
	for c := 'a'; c <= 'z'; c++ { // CN=x, CN=*.x
		words["cn="+string(c)] = aboutCN
	}
	for w := range directives {
		words[w] = aboutDirected
	}
	for w, about := range wordsOfKinds {
		words[w] = about
	}
	for _, v := range vendorKeys {
		words[v.vendor] = aboutVendor
	}
	for w := range secretCalls {
		words[w] = aboutTaking
	}
	for w := range commands {
		if words[w] == 0 {
			words[w] = aboutProgram
		}
	}
	for w := range programs {
		if words[w] == 0 {
			words[w] = aboutProgram
		}
	}
	for _, w := range suffixes {
		if words[w] == 0 {
			words[w] = aboutDomain
		}
	}
	for w, about := range wordsOfNames {
		words[w] = about
	}
	for w := range accountArguments {
		if words[w] == 0 {
			words[w] = aboutArguments
		}
	}
	return words
}()

var words = map[string]topic{
	"input_value": aboutPlace, "client_random": aboutPlace, "client_early_traffic_secret": aboutPlace, "client_handshake_traffic_secret": aboutPlace, "server_handshake_traffic_secret": aboutPlace, "early_exporter_secret": aboutPlace, "exporter_secret": aboutPlace,
	"client_traffic_secret_0": aboutPlace, "server_traffic_secret_0": aboutPlace, "client_traffic_secret_1": aboutPlace, "server_traffic_secret_1": aboutPlace,
	"prv": aboutPlace, "extracted": aboutPlace, "pserver": aboutPlace, "ugfzc3dvcmq6": aboutPlace, "vxnlcm5hbwu6": aboutPlace, "tls": aboutPlace, "express-session": aboutPlace, "shibboleth": aboutPlace,
	"proctitle": aboutTitle, "ntlmv2-ssp": aboutPwned, "ntlmv1-ssp": aboutPwned, "ntlmv2": aboutPwned, "krb5tgs": aboutPwned, "krb5asrep": aboutPwned, "remote_password": aboutSecret, "execve": aboutTitle, "pwn3d": aboutPwned, "smb": aboutPwned, "winrm": aboutPwned, "mssql": aboutPwned, "rdp": aboutPwned, "plain": aboutPlain, "cleartext": aboutPlain, "des": aboutPlain, "sha1": aboutClock, "aes128": aboutClock, "aes256": aboutClock, "resp": aboutResp, "setuser": aboutACL, "fix": aboutFIX, "fixt": aboutFIX,
	"mosquitto_passwd": aboutProgram, "rcon_password": aboutSecret, "sv_password": aboutSecret, "postgresql": aboutConnect, "changepassword": aboutTaking, "conn": aboutConnect,
	"ip": aboutDashed, "dhcp": aboutDashed, "host": aboutDashed, "pool": aboutDashed, "static": aboutDashed, "dynamic": aboutDashed, "client": aboutDashed, "node": aboutDashed, "desktop": aboutDashed, "laptop": aboutDashed, "ec2amaz": aboutDashed, "win": aboutDashed, "win-": aboutDashed,
	"cn":   aboutCN,
	"cpin": aboutModem, "cpwd": aboutModem, "clck": aboutModem, "cgauth": aboutModem, "uauthreq": aboutModem, "qmtconn": aboutModem, "cwjap": aboutModem, "cwsap": aboutModem,
	"bundle_": aboutBundler, "send": aboutSent, "echo": aboutEcho, "sql": aboutDovecot, "pam": aboutDovecot, "passwd-file": aboutDovecot, "env": aboutEnv, "ansible_vault": aboutVault, "enc": aboutENC, "ftp": aboutFTP,
	"snmp-community-string": aboutSecret, "password1": aboutSecret, "password2": aboutSecret, "webpassword": aboutSecret, "mqttpassword": aboutSecret, "private-key": aboutSecret,
	"refresh_token": aboutSecret, "id_token": aboutSecret, "session_token": aboutSecret, "bearer_token": aboutSecret, "option": aboutOption, "unseal": aboutUnseal,
	"code": aboutCode, "codes": aboutCode, "otp": aboutCode, "pin": aboutCode, "totp": aboutCode,
	"private-lines": aboutLines, "default_pass": aboutSecret, "default_user": aboutUser,
	"plainloginmodule": aboutJAAS, "digestloginmodule": aboutJAAS, "scramloginmodule": aboutJAAS, "pw": aboutSecret, "cryptsetup": aboutProgram, "zfs": aboutProgram,
	"smbpasswd": aboutProgram, "dscl": aboutProgram, "networksetup": aboutProgram, "sqlconnectinfo": aboutProgram, "sqlnamedconnectinfo": aboutProgram,
	"password": aboutSecret, "passwd": aboutSecret, "passphrase": aboutSecret, "secret": aboutSecret, "token": aboutSecret, "pwd": aboutSecret,
	"community": aboutSecret, "rocommunity": aboutSecret, "rwcommunity": aboutSecret, "requirepass": aboutSecret, "masterauth": aboutSecret,
	"bindpw": aboutSecret, "ldappwd": aboutSecret, "sslkeyp": aboutSecret, "rootpw": aboutSecret, "apikey": aboutSecret, "api_key": aboutSecret, "passcode": aboutSecret,
	"key-string": aboutSecret, "server-key": aboutSecret, "pre-shared-key": aboutSecret, "authentication-key": aboutSecret, "encrypted-password": aboutSecret,
	"plain-text-password": aboutSecret, "plain-text-password-value": aboutSecret, "secrets": aboutTaking, "add-mask": aboutTaking, "simple-password": aboutSecret, "auth-password": aboutSecret, "priv-password": aboutSecret, "ascii-text": aboutSecret,
	"wpa-psk": aboutSecret, "wpa-passphrase": aboutSecret, "credential": aboutSecret, "credentials": aboutSecret, "passwords": aboutSecret,
	"key": aboutSecret, "psk": aboutSecret, "secretkey": aboutSecret, "access_key": aboutSecret, "secret_key": aboutSecret,
	"auth_pass": aboutSecret, "authpass": aboutSecret, "md5": aboutSecret,
	"bearer": aboutScheme, "basic": aboutScheme,
	"identified": aboutSQL,
	"auth":       aboutDialog, "pass": aboutDialog, "login": aboutDialog,
	"user": aboutUser, "username": aboutUser, "users": aboutHome, "account": aboutUser,
	"for": aboutFor, "by": aboutBy, "owner": aboutOwner, "tty": aboutTTY, "cmd": aboutCMD, "as": aboutAs, "home": aboutHome, "from": aboutFrom,
	"internal": aboutSuffix, "local": aboutSuffix, "lan": aboutSuffix, "corp": aboutSuffix, "intranet": aboutSuffix, "localdomain": aboutSuffix,
	"private": aboutSuffix, "intern": aboutSuffix, "ad": aboutSuffix, "priv": aboutSuffix,
	"linux": aboutKernel, "tel": aboutPhone, "fax": aboutPhone, "tél": aboutPhone,
	"setq": aboutCall, "setf": aboutCall, "defvar": aboutCall, "defconst": aboutCall, "defcustom": aboutCall, "defparameter": aboutCall, "def": aboutCall, "user_pref": aboutCall, "pref": aboutCall, "lockpref": aboutCall, "defaultpref": aboutCall,
	"define": aboutCall, "put": aboutCall, "set": aboutCall, "setproperty": aboutCall, "setenv": aboutCall, "putenv": aboutCall, "add": aboutCall, "append": aboutCall, "modparam": aboutCall,
	"header": aboutCall, "setheader": aboutCall, "addheader": aboutCall, "setrequestheader": aboutCall, "setrequestproperty": aboutCall, "withenv": aboutCall, "setparameter": aboutCall, "setitem": aboutCall,
	"addproperty": aboutCall, "setattribute": aboutCall, "param": aboutCall, "property": aboutCall, "setx": aboutCall, "getenv": aboutCall, "getenvordefault": aboutCall, "getproperty": aboutCall, "getordefault": aboutCall, "query": aboutQuery, "rest": aboutQuery, "write": aboutQuery, "getrequest": aboutQuery, "getnextrequest": aboutQuery, "getbulk": aboutQuery, "setrequest": aboutQuery, "getresponse": aboutQuery, "v2trap": aboutQuery, "getstring": aboutCall, "getoption": aboutCall, "env_or": aboutCall,
	"hostname": aboutHostname, "client-hostname": aboutHostname, "sysname": aboutHostname, "host-name": aboutHostname, "maps": aboutHostname, "snmp-server": aboutSNMP, "com2sec": aboutSNMP, "com2sec6": aboutSNMP, "trapsink": aboutSNMP, "trap2sink": aboutSNMP, "informsink": aboutSNMP, "authcommunity": aboutSNMP, "createuser": aboutSNMP,
	"variable": aboutCall, "convertto-securestring": aboutCall, "insert": aboutInsert, "role": aboutRole, "to": aboutTo, "oracle": aboutOracle,
	"proxy_set_header": aboutHeader, "fastcgi_param": aboutHeader, "uwsgi_param": aboutHeader, "grpc_set_header": aboutHeader, "set-header": aboutHeader, "add-header": aboutHeader, "add_header": aboutHeader, "requestheader": aboutHeader,
	"connect": aboutConnect, "pdo": aboutConnect, "getconnection": aboutConnect, "mysqli": aboutConnect, "mysqli_connect": aboutConnect, "mysql_connect": aboutConnect,
	"createconnection": aboutConnect, "plainauth": aboutConnect, "basicauth": aboutConnect, "setbasicauth": aboutConnect, "httpbasicauth": aboutConnect, "httpbasicauthhandler": aboutConnect,
	"networkcredential": aboutConnect, "passwordauthentication": aboutConnect, "usernamepasswordcredentials": aboutConnect, "usernamepasswordcredential": aboutConnect,
	"passwordcredentials": aboutConnect, "simple_bind_s": aboutConnect, "simple_bind": aboutConnect, "bind_s": aboutConnect, "ldap_bind": aboutConnect, "ldap_simple_bind": aboutConnect, "ldap_simple_bind_s": aboutConnect, "ldap_bind_s": aboutConnect, "ftp_login": aboutConnect,
	"basic_auth": aboutConnect, "authenticate": aboutDialog, "pscredential": aboutConnect, "proxyauth": aboutConnect, "set_auth": aboutConnect, "withbasicauth": aboutConnect, "plaincredentials": aboutConnect, "sqlcredential": aboutConnect, "directoryentry": aboutConnect, "__construct": aboutConnect, "remote": aboutConnect, "remotesecure": aboutConnect,
	"cipher": aboutCipher, "irreversible-cipher": aboutCipher, "random_password": aboutResult, "noecho": aboutNoEcho, "identify": aboutIdentify, "logon": aboutLogon,
	"consul": aboutProgram, "hdbuserstore": aboutProgram, "exp": aboutProgram, "imp": aboutProgram,
	"using": aboutUsing, "eap": aboutEAP, "xauth": aboutEAP, "ntlm": aboutEAP, "mschapv2": aboutEAP, "insecure-password": aboutSecret,
	"secret_access_key": aboutSecret, "aws_secret_access_key": aboutSecret, "client_secret": aboutSecret, "access_token": aboutSecret, "auth_token": aboutSecret, "api_token": aboutSecret, "access_key_id": aboutSecret,
	"ssh-keygen": aboutProgram,
	"begin":      aboutPEM, "machine": aboutMachine,
	"mysql": aboutProgram, "mysqldump": aboutProgram, "mysqladmin": aboutProgram, "mariadb": aboutProgram, "mariadb-dump": aboutProgram, "mysqlimport": aboutProgram, "mysqlcheck": aboutProgram,
	"mysqlshow": aboutProgram, "mysqlslap": aboutProgram, "mysqlpump": aboutProgram, "xtrabackup": aboutProgram, "innobackupex": aboutProgram, "mydumper": aboutProgram,
	"sshpass": aboutProgram, "curl": aboutProgram, "wget": aboutProgram, "htpasswd": aboutProgram, "openssl": aboutProgram, "plink": aboutProgram, "pscp": aboutProgram, "psftp": aboutProgram,
	"redis-cli": aboutProgram, "mongo": aboutProgram, "mongosh": aboutProgram, "mongodump": aboutProgram, "mongorestore": aboutProgram, "mongoexport": aboutProgram, "mongoimport": aboutProgram, "mongostat": aboutProgram,
	"ldapsearch": aboutProgram, "ldapadd": aboutProgram, "ldapmodify": aboutProgram, "ldapwhoami": aboutProgram, "ldapdelete": aboutProgram, "ldappasswd": aboutProgram,
	"sqlcmd": aboutProgram, "bcp": aboutProgram, "osql": aboutProgram, "isql": aboutProgram, "tsql": aboutProgram, "sqlplus": aboutProgram, "expdp": aboutProgram, "impdp": aboutProgram, "rman": aboutProgram, "sqlldr": aboutProgram, "smbclient": aboutProgram, "rpcclient": aboutProgram, "net": aboutProgram,
	"docker": aboutProgram, "podman": aboutProgram, "helm": aboutProgram, "az": aboutProgram, "zip": aboutProgram, "7z": aboutProgram, "7za": aboutProgram, "unzip": aboutProgram, "rar": aboutProgram, "unrar": aboutProgram,
	"sudo": aboutProgram, "chpasswd": aboutProgram, "wpa_passphrase": aboutProgram, "xfreerdp": aboutProgram, "rdesktop": aboutProgram, "ipmitool": aboutProgram, "snmpwalk": aboutProgram, "snmpget": aboutProgram,
	"snmpbulkwalk": aboutProgram, "http": aboutProgram, "https": aboutProgram, "psexec": aboutProgram, "cadaver": aboutProgram, "lftp": aboutProgram, "ncftp": aboutProgram, "impala-shell": aboutProgram, "beeline": aboutProgram,
	"cqlsh": aboutProgram, "nodetool": aboutProgram, "influx": aboutProgram, "clickhouse-client": aboutProgram, "vault": aboutProgram, "expect": aboutProgram, "useradd": aboutProgram, "usermod": aboutProgram, "winexe": aboutProgram, "evil-winrm": aboutProgram,
	"crackmapexec": aboutProgram, "hydra": aboutProgram, "skopeo": aboutProgram, "buildah": aboutProgram, "oc": aboutProgram, "cf": aboutProgram, "svn": aboutProgram, "schtasks": aboutProgram, "wmic": aboutProgram, "cmdkey": aboutProgram, "runas": aboutProgram,
	"rsync": aboutProgram, "ansible": aboutProgram, "restic": aboutProgram, "borg": aboutProgram, "mosquitto_pub": aboutProgram, "mosquitto_sub": aboutProgram, "ipa": aboutProgram, "kinit": aboutProgram, "aws": aboutProgram, "rabbitmqctl": aboutProgram, "rabbitmqadmin": aboutProgram, "passwd.exe": aboutProgram,
	"net.exe": aboutProgram, "schtasks.exe": aboutProgram, "sqlcmd.exe": aboutProgram, "curl.exe": aboutProgram, "plink.exe": aboutProgram, "pscp.exe": aboutProgram,
	"ls0tls1crudjti": aboutBase64, "redacted": aboutPseudonym, "ip4": aboutPseudonym, "ip6": aboutPseudonym,
}

// shortWord reports whether the two-letter word that v begins with is one of
// the topics; gates are for longer ones.
func shortWord(v uint32) bool {
	if is(byte(v>>16), chWord) {
		return false
	}
	switch uint16(v) | 0x2020 {
	case '7' | 'z'<<8, 'a' | 'z'<<8, 'o' | 'c'<<8, 'c' | 'f'<<8, 'b' | 'y'<<8, 'a' | 's'<<8, 't' | 'o'<<8, 'a' | 'd'<<8, 'c' | 'n'<<8, 'g' | 'h'<<8, 'm' | 'c'<<8, 'b' | 'w'<<8, 's' | 'u'<<8, 'i' | 'd'<<8, 'p' | 's'<<8, 'p' | '4'<<8:
		return true
	}
	return false
}

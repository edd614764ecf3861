package redact

// Many programs take their secrets by the same options, as those of one family
// do: they are listed by the options.

// windowsAccount are the options of programs of Windows that reach other
// machines: /u x /p y, and with colons.
var windowsAccount = []option{{flag: "/p", apart: true}, {flag: "/u", apart: true, user: true}, {flag: "/p:", glued: true}, {flag: "/u:", glued: true, user: true},
	{flag: "-p:", glued: true}, {flag: "-u:", glued: true, user: true}, {flag: "/pw:", glued: true}, {flag: "/un:", glued: true, user: true}, {flag: "-password:", glued: true}, {flag: "-username:", glued: true, user: true}}

// Of the plugins that Nagios and its heirs check with.
var (
	pluginAccount   = []option{{flag: "-p", apart: true, glued: true}, {flag: "-u", apart: true, user: true}}
	pluginLogin     = []option{{flag: "-p", apart: true}, {flag: "-l", apart: true, user: true}}
	pluginPassword  = []option{{flag: "-P", apart: true}, {flag: "-U", apart: true, user: true}}
	pluginCommunity = []option{{flag: "-C", apart: true}, {flag: "-A", apart: true}, {flag: "-X", apart: true}, {flag: "-x", apart: true, like: true}, {flag: "-U", apart: true, user: true}}
	pluginBoth      = []option{{flag: "-P", apart: true, like: true}, {flag: "-p", apart: true, like: true}, {flag: "-u", apart: true, user: true}}
	pluginWeb       = []option{{flag: "-a", apart: true, pair: ':'}, {flag: "-b", apart: true, pair: ':'}}
)

// alikes are the programs that share their options.
var alikes = []struct {
	opts  []option
	names []string
}{
	{windowsAccount, []string{"wevtutil", "winrs", "tasklist", "taskkill", "systeminfo", "driverquery", "getmac", "openfiles", "gpresult", "eventcreate", "eventquery", "mstsc", "wfreerdp", "sdl-freerdp", "xfreerdp3", "wlfreerdp", "xfreerdp"}},
	{[]option{{flag: "/cup:", glued: true}, {flag: "/cun:", glued: true, user: true}, {flag: "/up:", glued: true}, {flag: "/un:", glued: true, user: true}}, []string{"wecutil"}},
	{[]option{{flag: "/passwordd:", glued: true}, {flag: "/passwordo:", glued: true}, {flag: "/passwordf:", glued: true}, {flag: "/pd:", glued: true}, {flag: "/po:", glued: true}, {flag: "/userd:", glued: true, user: true}, {flag: "/usero:", glued: true, user: true}, {flag: "/ud:", glued: true, user: true}, {flag: "/uo:", glued: true, user: true}}, []string{"netdom"}},
	{pluginAccount, []string{"dsquery", "dsadd", "dsmod", "dsget", "dsrm", "dsmove", "psexec64", "pskill", "pslist", "psinfo", "psloglist", "psservice", "psshutdown", "pspasswd", "psgetsid", "psloggedon", "certutil"}},
	{pluginAccount, []string{"check_mysql", "check_mysql_query", "check_mysql_slavestatus", "check_mysql_perf", "check_disk_smb", "check_radius", "check_mongodb", "check_wmi", "check_wmi_plus", "check_vmware_esx", "check_vmware_api", "check_vmware", "check_esx", "check_esx3", "check_rabbitmq", "check_rabbitmq_server", "check_rabbitmq_queue", "check_rabbitmq_aliveness", "check_rabbitmq_overview", "check_couchdb", "check_elasticsearch", "check_ilo2_health", "check_netapp", "check_netapp_ontap", "check_oracle_health", "check_cassandra", "check_jenkins", "check_graylog", "check_nextcloud", "check_unifi", "check_proxmox", "check_pve"}},
	{pluginLogin, []string{"check_pgsql", "check_ftp_login", "check_ssh_login"}},
	{pluginPassword, []string{"check_ldap", "check_ldaps", "check_smtp", "check_smtp_send", "check_imap_receive", "check_esxi_hardware", "check_mssql", "check_mssql_database", "check_mssql_server", "check_ipmi_sensor", "check_sybase", "check_email_delivery"}},
	{pluginCommunity, []string{"check_snmp", "check_ifoperstatus", "check_ifstatus", "check_hpjd", "check_breeze", "check_wave", "check_interface_table", "check_interface_table_v3t", "check_openmanage", "check_hpasm", "check_snmp_storage", "check_snmp_load", "check_snmp_int", "check_snmp_mem", "check_snmp_process", "check_snmp_env", "check_snmp_vrrp", "check_snmp_win", "check_snmp_disk", "check_snmp_synology", "check_snmp_printer", "check_nwc_health", "check_printer", "check_ups_snmp", "check_synology", "check_qnap"}},
	{pluginBoth, []string{"check_ups", "check_jmx", "check_jmx4perl", "check_dbi", "check_redis", "check_asterisk", "check_hyperv", "check_xenserver"}},
	{pluginWeb, []string{"check_http", "check_curl", "check_https", "check_http_json"}},
	{[]option{{flag: "-s", apart: true}}, []string{"check_nt"}},
	{[]option{{flag: "-t", apart: true}}, []string{"check_ncpa"}},
}

// withAlikes adds the alikes to a table of programs.
func withAlikes(table map[string][]option) map[string][]option {
	for _, a := range alikes {
		for _, w := range a.names {
			table[w] = a.opts
		}
	}
	return table
}

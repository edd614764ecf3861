package redact

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// ways are notations of a name and its value, as different software has them.
var ways = []string{
	"%K=%V", "%K = %V", "%K: %V", "%K %V", "    %K: \"%V\"", "    %K: '%V'", "export %K='%V'", "set %K=%V", "setx %K \"%V\"", "$env:%K = '%V'",
	`  "%K": "%V",`, `{"id":7,"%K":"%V","ok":true}`, `msg="{\"id\":7,\"%K\":\"%V\",\"ok\":true}"`, "config = {'host': 'db', '%K': '%V', 'port': 5432}", "Config(host='db', %K='%V', port=5432)",
	`{:host=>"db", :%K=>"%V", :port=>1}`, `"%K"=>"%V"`, "DbConfig{host=db, %K=%V, port=5432}", "DbConfig[host=db, %K=%V, port=5432]", "DbConfig(host=db, %K='%V')",
	"define('%K', '%V');", "    '%K' => '%V',", "$cfg['%K'] = '%V';", "    [%K] => %V", "const %K = '%V';", "  %K: '%V',", `config.%K = "%V";`, `string %K = "%V";`,
	`  %K   = "%V"`, "<%K>%V</%K>", `<ds host="db" %K="%V" port="1"/>`, `<property name="%K" value="%V"/>`, `<property name="%K">%V</property>`, `<add key="%K" value="%V" />`,
	"<property>\n  <name>%K</name>\n  <value>%V</value>\n</property>", "<%K><![CDATA[%V]]></%K>", "  - name: %K\n    value: %V", "  - name: %K\n    value: \"%V\"", "environment:\n  - %K=%V",
	`{"name": "%K", "value": "%V"}`, `{"Key": "%K", "Value": "%V"}`, "  {\n    \"name\": \"%K\",\n    \"value\": \"%V\"\n  },", "%K: |\n  %V\nnext: 1", "%K: >-\n  %V\nnext: 1",
	"/usr/bin/app --host db --%K %V --port 1", "/usr/bin/app --host db --%K=%V --port 1", "/usr/bin/app --host db --%K '%V' --port 1", "java -D%K=%V -jar a.jar", "setup.exe /host:db /%K:%V /quiet", "docker run -d -e %K=%V nginx", "helm upgrade app ./c --set app.%K=%V,replicas=2",
	`["/usr/bin/app","--%K","%V","--port","1"]`, "GET /api/v1/x?user=7&%K=%V&z=1 HTTP/1.1", "body: user=7&%K=%V&z=1", "level=info msg=\"loaded\" %K=%V took=3ms", "level=info msg=\"loaded\" %K=\"%V\" took=3ms",
	"2026-03-01 10:00:00 INFO  Config - %K set to %V", "2026-03-01 10:00:00 INFO the %K has been changed to %V", "2026-03-01 10:00:00 DEBUG the %K is %V", "2026-03-01 10:00:00 DEBUG using %K '%V' for login", "2026-03-01 10:00:00 DEBUG connecting with %K=%V", "2026-03-01 10:00:00 DEBUG %K=[%V] user=[bob]",
	"id,name,%K,active\n1,bob,%V,true\n", "id,name,%K,active\n1,bob,\"%V\",true\n", "id\tname\t%K\tactive\n1\tbob\t%V\ttrue\n", "| setting | value |\n|---|---|\n| %K | %V |", "+----+------+\n| id | %K |\n+----+------+\n|  1 | %V |\n+----+------+", " id | %K | on \n----+------+----\n  1 | %V | t",
	"Host            : db\n%K : %V\nPort            : 1", "%K ........ %V", "%K -> %V", "%K \u2192 %V", "%K => %V", `%K := "%V"`, "-  %K: %V\n+  %K: other", `  + %K = "%V"`, `"%K"="%V"`, "    %K    REG_SZ    %V", "%K ?= %V",
	"UPDATE settings SET %K = '%V' WHERE id = 1;", "INSERT INTO t (id, %K, n) VALUES (1, '%V', 'x');", "INSERT INTO options (option_name, option_value) VALUES ('%K', '%V');", `Parameters: {"id"=>"7", "%K"=>"%V"}`, "CEF:0|vendor|P|1|100|login|5|src=10.0.0.1 %K=%V dst=10.0.0.2",
	`setProperty("%K", "%V")`, `os.environ["%K"] = "%V"`, `os.getenv("%K", "%V")`, `(%K . "%V")`, "<key>%K</key>\n<string>%V</string>", "Enter %K: %V", `<input type="hidden" name="%K" value="%V">`, "ENV %K %V", "ARG %K=%V", `server { host db; %K "%V"; }`,
	"##vso[task.setvariable variable=%K]%V", "##vso[task.setvariable variable=%K;issecret=true]%V", "::set-output name=%K::%V", "echo \"::set-output name=%K::%V\"", "docker run \\\n  --%K \\\n  %V \\\n  nginx", "curl -X POST \\\n  --%K \\\n  %V \\\n  x",
	"GET /users?$filter=%K eq '%V'", "if ($%K -eq '%V') {", "failed to set property [%K] to [%V]", "Bean property '%K' value '%V' rejected", "Setting property '%K' to '%V'", "    Property: app.%K\n    Value: %V", "    Value: \"%V\"\n    Property: app.%K", "Executing with args [--%K, %V, --x]",
	"args:\n  - --%K\n  - %V\n  - --port", "Config{user=Optional[a], %K=Optional[%V]}", `Config { user: Some("a"), %K: Some("%V"), port: 1 }`, "('%K', '%V')", "OrderedDict([('user', 'a'), ('%K', '%V')])", `{%K,<<"%V">>}`, `[{username,"a"},{%K,"%V"}]`, "Map(user -> a, %K -> %V)", "    fastcgi_param %K \"%V\";", "set -gx %K %V", "%K: !!str %V",
	`{"level":"info","msg":"setenv %K %V"}`, `{"log":"setenv %K %V\n","stream":"stdout"}`, `level=info msg="setenv %K %V"`, `{"msg":"docker run \\\n  --%K \\\n  %V \\\n  nginx"}`, `{"msg":"id,name,%K,active\n1,bob,%V,true\n"}`, "  \"setenv %K %V\",", `{"msg":"%K: |\n  %V\nnext: 1"}`, "\tid,name,%K,active\n\t1,bob,%V,true\n",
	"-- **%K**: %V", "set env(%K) %V", "DECLARE @%K NVARCHAR(50) = N'%V'", "    [%K:protected] => %V", "  [\"%K\":protected]=>\n  string(20) \"%V\"", "%K <- \"%V\"", "read -r %K <<< '%V'", "$%K\n[1] \"%V\"", "> %K\n[1] \"%V\"", "#{<<\"user\">> => <<\"a\">>,<<\"%K\">> => <<\"%V\">>}", "application:set_env(app, %K, \"%V\").",
	"Ini.WriteString('db', '%K', '%V');", "[Environment]::SetEnvironmentVariable(\"%K\", \"%V\", \"Machine\")", "flag.String(\"%K\", \"%V\", \"the x\")", "Set-OctopusVariable -name \"%K\" -value \"%V\"", "dotnet user-secrets set \"Db:%K\" \"%V\"", "pulumi config set aws:%K %V", "Notice: /Stage[main]/User[x]/%K: %K changed 'x1' to '%V'", "01 WS-%K PIC X(20) VALUE \"%V\".", "|| %K || %V ||", "\"user\";\"a\"\n\"%K\";\"%V\"", "user|a\n%K|%V", "x: error: argument --%K: invalid choice: '%V' (choose from a, b)", "- %K :: %V", " $ %K: chr \"%V\"",
	"Content-Disposition: form-data; name=\"%K\"\n\n%V\n--b", "%K:\n  %V", "%K\tV", "url=https%3A%2F%2Fh%2F%3FK%3DV%26a%3D1",
}

// secretNames are names of secrets, single words and composed as people do it.
var secretNames = strings.Fields(`password passwd passphrase secret client_secret clientSecret api_key apiKey access_token accessToken refresh_token authToken secret_key SECRET_KEY_BASE encryption_key
	signingSecret shared_secret db_password dbPassword DB_PASS MYSQL_ROOT_PASSWORD smtp_password keyStorePassword proxyPass adminPassword ansible_become_pass account_key webhook_secret jwt_secret SSLKeyPassword
	consumer_secret bot_token deploy_token registry_password rabbitmq_password masterPassword AccountKey totp_seed API-Key auth-token`)

// A value stands under each name in each notation: wherever a reader would know
// it for a secret, it goes.
func TestWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, way := range ways {
		for _, name := range secretNames {
			if strings.Contains(way, "(id, ") && strings.Contains(name, "-") { // no name of a column
				continue
			}
			value := plant(t, rng, "password")
			if rng.IntN(2) == 0 {
				value, _ = expand(rng, "<A20>")
			}
			text := "first line\n" + strings.NewReplacer("%K", name, "%V", value).Replace(way) + "\nlast line\n"
			if got := redactAll(t, session(t), "x.txt", []byte(text)); bytes.Contains(got, []byte(value)) {
				t.Errorf("%s: %q stands in\n%s", name, value, got)
			}
		}
	}
}

// unstated are lines of the forms of ways that state no secret.
var unstated = strings.Split(strings.TrimSpace(`
##vso[task.setvariable variable=password]$(mypass)
##vso[task.setvariable variable=token;issecret=true]
##vso[task.setvariable variable=secretName]prod
::set-output name=token::
::set-output name=token::${{ steps.x.outputs.token }}
failed to set property [password] to [null]
Setting property [token] to [expired]
Bean property 'password' is not writable or has an invalid setter
Bean property 'token' value 'null' rejected
Field 'password' value 'must not be empty'
Setting property 'password' to 'passwordEncoder'
column "password" of relation "users" does not exist
The 'token' parameter is required
Property 'secret' of 'vault-12' not found
$filter=token eq 'expired'
$filter=token ne null
if ($token -eq 'none') {
args [--password, --port, 80]
args [--password-file, /run/secrets/db, --x]
Options [--token, <token>, --secret, SECRET]
args [--token, stdin, --secret, db-credentials]
('password', 'required')
("token", "expired")
["password", "password_confirmation"]
fields = ('token', 'created_at')
('secret', 'optional-field')
Map(token -> expired, password -> required)
{password, undefined}
{password,"required"}
echo "hello" | docker secret create greeting -
cat file | docker secret create token -
docker secret ls | grep token
Optional[empty]
Config{password=Optional.empty, token=Optional[none]}
Config { password: None, token: Some(Expired) }
set -gx TOKEN_FILE /run/secrets/token
fastcgi_param PASSWORD $http_password;
{"msg":"password: the field is required"}
{"msg":"token expired at 2024-01-02"}
{"level":"info","msg":"secret volume mounted from app-config-12"}
{"log":"AUTH failed for user\n","stream":"stdout"}
{"msg":"PASS tests/foo_test.go 12.5s"}
{"msg":"LOGIN page rendered in 120ms"}
{"msg":"docker run \\\n  --password-stdin \\\n  nginx"}
  "enable password policy checks",
| token | COVID-19 |
::add-mask::${{ steps.x.outputs.token }}
##vso[task.setsecret]$(token)
dotnet user-secrets set "Db:Password"
password <- readline()
token <- NULL
read -r password <<< "$input"
- **Password**: required, at least 12 characters
- **token:** the token of the session
set env(PASSWORD) $pw
[password:protected] => required
DECLARE @password NVARCHAR(50) = NULL
User[x]/password: password changed [old password redacted] to [new]
password changed 'never' to 'expires'
in_array('a', 'token', 'other')
WriteString('db', 'password', '')
setOption('token', 'header', 'x-csrf')
flag.String("token", "", "the token")
"token";"expired"
token|expired
token,type
|| password || required ||
argument --password: invalid choice: 'none' (choose from 'ask', 'file')
x: error: argument --token: expected one argument
kubectl create secret generic x --from-file=token
the password was set as the default
`), "\n")

func TestUnstated(t *testing.T) {
	for _, line := range unstated {
		text := "first line\n" + line + "\nlast line\n"
		if got := redactAll(t, session(t), "x.txt", []byte(text)); string(got) != text {
			t.Errorf("%s became\n%s", line, got)
		}
	}
}

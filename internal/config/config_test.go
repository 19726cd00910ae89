package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/google/go-cmp/cmp"
)

func TestLaterSourcesWin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte("listen: 127.0.0.1:1\ndata: /file\nsweep:\n  interval: 1m\negress:\n  allow: [10.0.0.0/8, 192.168.1.1]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path, []string{"CROWSNEST_DATA=/env", "CROWSNEST_SWEEP__INTERVAL=2m", "CROWSNEST_TOKEN=secret", "CROWSNEST_TRUSTED_PROXIES=10.1.0.0/16,::1", "CROWSNEST_SECRETS__KEEPER=base64key://", "OTHER=x"}, map[string]any{"sweep.interval": 3 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Listen, want.Data, want.Sweep.Interval = "127.0.0.1:1", "/env", 3*time.Minute
	want.Database, want.KeyFile = "/env/crowsnest.db", "/env/key"
	want.Egress.Allow, want.TrustedProxies, want.Secrets.Keeper = []string{"10.0.0.0/8", "192.168.1.1"}, []string{"10.1.0.0/16", "::1"}, "base64key://"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err = Load("", []string{"CROWSNEST_EGRESS__ALLOW=10.0.0.0/8, ::1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8", "::1"}, got.Egress.Allow); diff != "" {
		t.Errorf("list from a variable (-want +got):\n%s", diff)
	}
}

func TestBadConfigurationNamesTheSetting(t *testing.T) {
	for name, c := range map[string]struct {
		flags map[string]any
		want  string
	}{
		"listen":   {map[string]any{"listen": "8080"}, "listen"},
		"base":     {map[string]any{"base_path": "crowsnest"}, "base_path"},
		"dots":     {map[string]any{"base_path": "/a/../b"}, "base_path"},
		"markup":   {map[string]any{"base_path": `/a"b`}, "base_path"},
		"network":  {map[string]any{"egress.allow": []string{"ten"}}, "egress.allow"},
		"proxies":  {map[string]any{"trusted_proxies": []string{"ten"}}, "trusted_proxies"},
		"public":   {map[string]any{"public_url": "crowsnest.example.com"}, "public_url"},
		"path":     {map[string]any{"public_url": "https://example.com/crowsnest"}, "public_url"},
		"token":    {map[string]any{"first_token": "secret-x"}, "first_token"},
		"keeper":   {map[string]any{"secrets.keeper": "secret-x"}, "secrets.keeper"},
		"previous": {map[string]any{"secrets.previous": []string{"secret-x"}}, "secrets.keeper"},
		"workers":  {map[string]any{"analysis.workers": 0}, "analysis.workers"},
		"interval": {map[string]any{"sweep.interval": time.Second}, "sweep.interval"},
		"timeout":  {map[string]any{"analysis.timeout": "0s"}, "analysis.timeout"},
		"limit":    {map[string]any{"analysis.limits.entries": -1}, "analysis.limits.entries"},
		"level":    {map[string]any{"log.level": "loud"}, "log.level"},
		"format":   {map[string]any{"log.format": "xml"}, "log.format"},
		"grant":    {oidc("oidc.grants", []string{"boss::devs"}), "oidc.grants"},
		"group":    {oidc("oidc.grants", []string{"owner:default:"}), "oidc.grants"},
		"issuer":   {oidc("oidc.issuer", "idp.example.com"), "oidc.issuer"},
		"query":    {oidc("oidc.issuer", "https://secret-x@idp.example.com"), "oidc.issuer"},
		"client":   {oidc("oidc.client_id", ""), "oidc.client_id"},
		"back":     {oidc("public_url", ""), "public_url"},
		"button":   {oidc("oidc.name", " "), "oidc.name"},
		"verified": {oidc("oidc.verified_claim", ""), "oidc.verified_claim"},
		"domain":   {oidc("oidc.email_domains", []string{"@"}), "oidc.email_domains"},
		"role":     {oidc("oidc.default_role", "boss"), "oidc.default_role"},
		"file":     {oidc("oidc.client_secret_file", "/nowhere/at/all"), "oidc.client_secret_file"},
		"both":     {map[string]any{"oidc.client_secret": "secret-x", "oidc.client_secret_file": "/nowhere"}, "oidc.client_secret_file"},
		"jobs":     {map[string]any{"exchange.issuers": []string{"gitlab.example.com"}}, "exchange.issuers"},
		"nobody":   {map[string]any{"password_sign_in": false}, "password_sign_in"},
		"type":     {map[string]any{"sweep.workers": "many"}, "configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load("", nil, c.flags)
			if crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to name %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret-x") {
				t.Errorf("the error repeats what may be a secret: %v", err)
			}
		})
	}
	if c, err := Load("", nil, map[string]any{"base_path": "/tools/crowsnest/"}); err != nil || c.BasePath != "/tools/crowsnest" {
		t.Errorf("base path %q, %v", c.BasePath, err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"typo.yaml": "lissten: x\n", "broken.yaml": ":\n\t-"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path, nil, nil); crowsnest.KindOf(err) != crowsnest.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Load(filepath.Join(dir, "missing.yaml"), nil, nil); err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("missing file: %v", err)
	}
}

// oidc is a provider with one setting changed.
func oidc(name string, value any) map[string]any {
	m := map[string]any{"oidc.issuer": "https://idp.example.com", "oidc.client_id": "crowsnest", "public_url": "https://crowsnest.example.com"}
	m[name] = value
	return m
}

func TestProviderFromFileAndVariables(t *testing.T) {
	dir := t.TempDir()
	secret, path := filepath.Join(dir, "secret"), filepath.Join(dir, "c.yaml")
	for name, content := range map[string]string{
		secret: "s3cret\n",
		path:   "public_url: https://crowsnest.example.com\noidc:\n  issuer: https://idp.example.com\n  client_id: crowsnest\n  client_secret_file: " + secret + "\n  grants: ['member:shop:cn=a,ou=b:c']\n  email_domains: ['@Example.COM']\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	grants, err := c.OIDC.ParsedGrants()
	if err != nil || c.OIDC.ClientSecret != "s3cret" || c.OIDC.EmailDomains[0] != "example.com" {
		t.Errorf("%+v, %v", c.OIDC, err)
	}
	if diff := cmp.Diff([]Grant{{Role: crowsnest.Member, Organisation: "shop", Group: "cn=a,ou=b:c"}}, grants); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c, err = Load(path, []string{"CROWSNEST_OIDC__GRANTS=owner::Platform team, editor:my shop:devs", "CROWSNEST_OIDC__SCOPES=email groups", "CROWSNEST_OIDC__DEFAULT_ROLE=member", "CROWSNEST_PASSWORD_SIGN_IN=false"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	grants, err = c.OIDC.ParsedGrants()
	if err != nil || c.PasswordSignIn {
		t.Errorf("%+v, %v", c, err)
	}
	if diff := cmp.Diff([]Grant{{Role: crowsnest.Owner, Group: "Platform team"}, {Role: crowsnest.Editor, Organisation: "my shop", Group: "devs"}}, grants); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"email", "groups"}, c.OIDC.Scopes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLintWarnsWithThePath(t *testing.T) {
	c := Default()
	if w := c.Lint(); len(w) != 0 {
		t.Errorf("the defaults warn: %v", w)
	}
	c.Listen, c.Egress.Allow, c.Sweep.Interval = ":8080", []string{"0.0.0.0/0"}, 30*time.Second
	c.TrustedProxies = []string{"10.0.0.1"}
	c.OIDC.Issuer, c.OIDC.DefaultRole = "https://idp.example.com", "member"
	warnings := strings.Join(c.Lint(), "\n")
	for _, path := range []string{"public_url:", "listen:", "egress.allow:", "oidc.default_role:", "sweep.interval:"} {
		if !strings.Contains(warnings, path) {
			t.Errorf("no warning about %s in:\n%s", path, warnings)
		}
	}
}

func TestLimitsComeFromTheirVariablesAlone(t *testing.T) {
	got, err := LoadLimits([]string{"CROWSNEST_LISTEN=nonsense", "CROWSNEST_ANALYSIS__LIMITS__FILE_BYTES=2048", "CROWSNEST_ANALYSIS__LIMITS__TIME=90s"})
	if want := (Limits{FileBytes: 2048, Time: 90 * time.Second}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := LoadLimits([]string{"CROWSNEST_ANALYSIS__LIMITS__RATIO=-1"}); crowsnest.KindOf(err) != crowsnest.Invalid {
		t.Errorf("a negative limit: %v", err)
	}
}

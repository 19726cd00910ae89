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
		"level":    {map[string]any{"log.level": "loud"}, "log.level"},
		"format":   {map[string]any{"log.format": "xml"}, "log.format"},
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

func TestLintWarnsWithThePath(t *testing.T) {
	c := Default()
	if w := c.Lint(); len(w) != 0 {
		t.Errorf("the defaults warn: %v", w)
	}
	c.Listen, c.Egress.Allow, c.Sweep.Interval = ":8080", []string{"0.0.0.0/0"}, 30*time.Second
	c.TrustedProxies = []string{"10.0.0.1"}
	warnings := strings.Join(c.Lint(), "\n")
	for _, path := range []string{"public_url:", "listen:", "egress.allow:", "sweep.interval:"} {
		if !strings.Contains(warnings, path) {
			t.Errorf("no warning about %s in:\n%s", path, warnings)
		}
	}
}

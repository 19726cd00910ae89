package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
)

func TestReadParameters(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "token.txt")
	if err := os.WriteFile(file, []byte("  from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := []string{"region=us1", "cluster=c", "environment=e"}
	want := func(token string, more ...string) map[string]string {
		m := map[string]string{"region": "us1", "cluster": "c", "environment": "e", "token": token}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		given []string
		want  map[string]string
		says  []string
	}{
		"plain":               {append(base, "token=secret-x"), want("secret-x"), nil},
		"token from a file":   {append(base, "token=@"+file), want("from-a-file"), nil},
		"token from stdin":    {append(base, "token=-"), want("from-stdin"), nil},
		"token with an equal": {append(base, "token=secret==x"), want("secret==x"), nil},
		"all of them":         {append(base, "token=t", "url=https://x", "interval=5m"), want("t", "url", "https://x", "interval", "5m"), nil},
		"last one counts":     {append(base, "token=t", "region=eu1"), want("t", "region", "eu1"), nil},
		"missing token":       {base, nil, []string{"token is missing", "--parameter token="}},
		"empty token":         {append(base, "token="), nil, []string{"token is missing"}},
		"missing region":      {[]string{"token=secret-x"}, nil, []string{"region is missing"}},
		"missing file":        {append(base, "token=@"+filepath.Join(dir, "none")), nil, []string{"none", "check the path", "no such file"}},
		"a folder":            {append(base, "token=@"+dir), nil, []string{dir}},
		"unknown name":        {append(base, "tokn=secret-x"), nil, []string{"tokn", "region, url, token"}},
		"no equal sign":       {append(base, "secret-x"), nil, []string{"NAME=VALUE"}},
		"no name":             {append(base, "=secret-x"), nil, []string{"NAME=VALUE"}},
		"case of the name":    {append(base, "Token=secret-x"), nil, []string{"Token"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := input.NewParameters(c.given, strings.NewReader("from-stdin\n"))
			if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.says == nil) {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
			if err != nil && strings.Contains(err.Error(), "secret-x") {
				t.Errorf("the error repeats what may be a token: %v", err)
			}
		})
	}
}

// A file that is too large is no token; reading it ends at a bound.
func TestSecretsAreBounded(t *testing.T) {
	got, err := input.Secret("-", strings.NewReader(strings.Repeat("x", 3*input.MaxSecret)))
	if crowsnest.KindOf(err) != crowsnest.TooLarge || got != "" {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestLoginAndLogout(t *testing.T) {
	address, token := realServer(t)
	file := func(p *person) string { return filepath.Join(p.home, "config", "crowsnest", "login.json") }
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args  []string
		stdin string
	}{
		"token asked for":       {nil, token + "\n"},
		"without a line's end":  {nil, token},
		"token from stdin":      {[]string{"--token", "-"}, token + "\n"},
		"token from a file":     {[]string{"--token", "@" + secret}, ""},
		"token on command line": {[]string{"--token", token}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t)
			p.stdin = c.stdin
			stdout, stderr, err := p.run(append([]string{"login", address}, c.args...)...)
			if err != nil || stdout != "" || !strings.Contains(stderr, "logged in to "+address+" (Crowsnest 1.2.3)") || !strings.Contains(stderr, file(p)) || strings.Contains(stderr, token) {
				t.Fatalf("%v, printed %q, said %q", err, stdout, stderr)
			}
			if info, err := os.Stat(file(p)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("stored as %v, %v", info.Mode(), err)
			}
			if got := p.ok("environment", "--format", "json"); got != "[]\n" {
				t.Errorf("environments: %q", got)
			}
			// The token is this server's, and no other gets it.
			p.refused([]string{"environment", "--server", "http://127.0.0.1:1"}, "crowsnest login http://127.0.0.1:1")
			p.ok("logout")
			if _, err := os.Stat(file(p)); !os.IsNotExist(err) {
				t.Errorf("after logout: %v", err)
			}
			p.refused([]string{"environment"}, "a server is needed")
			p.ok("logout")
		})
	}

	t.Run("refused", func(t *testing.T) {
		p := newPerson(t)
		p.refused([]string{"login", address, "--token", "crowsnest_wrong"}, "the token is not known here")
		p.refused([]string{"login", address, "--token", ""}, "no token was given", "--token @FILE")
		p.refused([]string{"login", "http://127.0.0.1:1", "--token", token}, "refused")
		p.refused([]string{"login", "ftp://example.com", "--token", token}, "https://")
		p.refused([]string{"login", address, "--token", "@" + filepath.Join(p.home, "none")}, "none")
		if _, err := os.Stat(file(p)); !os.IsNotExist(err) {
			t.Errorf("a refused login is stored: %v", err)
		}
	})
	t.Run("keeps the login before", func(t *testing.T) {
		p := newPerson(t)
		p.ok("login", address, "--token", token)
		p.refused([]string{"login", "http://127.0.0.1:1", "--token", token}, "refused")
		if got := p.ok("environment", "--format", "json"); got != "[]\n" {
			t.Errorf("environments: %q", got)
		}
	})
}

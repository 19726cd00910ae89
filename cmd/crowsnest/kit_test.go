package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// person is somebody with a home of their own at a terminal that takes no colour.
type person struct {
	t       *testing.T
	home    string
	environ []string
	stdin   string
}

func newPerson(t *testing.T) *person {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	return &person{t: t, home: home}
}

// run runs a command line and returns what it wrote.
func (p *person) run(args ...string) (stdout, stderr string, err error) {
	p.t.Helper()
	var out, errw bytes.Buffer
	root := newRoot(&out, &errw, p.environ)
	root.SetArgs(args)
	root.SetIn(strings.NewReader(p.stdin))
	err = root.ExecuteContext(p.t.Context())
	return out.String(), errw.String(), err
}

// ok runs a command line that must succeed and returns its standard output.
func (p *person) ok(args ...string) string {
	p.t.Helper()
	stdout, stderr, err := p.run(args...)
	if err != nil {
		p.t.Fatalf("crowsnest %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return stdout
}

// refused runs a command line that must fail in one sentence that says all of these,
// and print nothing.
func (p *person) refused(args []string, says ...string) {
	p.t.Helper()
	stdout, _, err := p.run(args...)
	if err == nil || stdout != "" {
		p.t.Errorf("crowsnest %s: error %v, printed %q", strings.Join(args, " "), err, stdout)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			p.t.Errorf("crowsnest %s: %q does not say %q", strings.Join(args, " "), err, s)
		}
	}
	if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "%!") {
		p.t.Errorf("crowsnest %s: not one sentence: %q", strings.Join(args, " "), err)
	}
}

// realServer runs the whole server on SQLite and returns its address and token.
func realServer(t *testing.T) (address, token string) {
	t.Helper()
	cfg := config.Default()
	cfg.Advisories.Update = false
	cfg.Data, cfg.Egress.Allow = t.TempDir(), []string{"127.0.0.0/8"}
	cfg.Database, cfg.KeyFile = filepath.Join(cfg.Data, "crowsnest.db"), filepath.Join(cfg.Data, "key")
	litekit.At(t, cfg.Database)
	a, err := app.New(t.Context(), cfg, "1.2.3", slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	s := httptest.NewServer(a.Handler())
	t.Cleanup(s.Close)
	token, err = a.OwnerToken(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return s.URL, token
}

// commands lists every command, also those below others.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

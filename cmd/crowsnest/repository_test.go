package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

func TestRegistriesAndTheirRepositories(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	host := imagekit.Registry(t)
	for _, ref := range []string{"/shop/web:1", "/shop/web:2", "/shop/api:1", "/dev/tool:1"} {
		imagekit.Push(t, host+ref, imagekit.Build(t, imagekit.Image{}))
	}
	if out := p.ok("repo", "list"); strings.Contains(out, "shop") {
		t.Errorf("before a registry is connected: %s", out)
	}
	p.refused([]string{"repo", "enable", "shop/web"}, "it is not clear of which registry", "integration configure registry")
	p.refused([]string{"integration", "configure", "registry", "--name", "hub", "--parameter", "host=127.0.0.1:1"}, "refuses connections")
	p.refused([]string{"integration", "configure", "registry", "--name", "hub", "--parameter", "host=" + host, "--parameter", "username=x"}, "give a user and a password, or neither")

	out, stderr, err := p.run("integration", "configure", "registry", "--name", "hub", "--parameter", "host="+host, "--parameter", "exclude=dev/*")
	if err != nil || !strings.Contains(out, "hub") || !strings.Contains(stderr, "crowsnest repo enable") {
		t.Fatalf("connected: %q, %q, %v", out, stderr, err)
	}
	if out := p.ok("integration", "list", "registry", "--name", "hub"); !strings.Contains(out, host) || !strings.Contains(out, "no: polled every 5m0s") {
		t.Errorf("listed: %s", out)
	}
	if _, stderr, err := p.run("repo", "enable", host+"/shop/web"); err != nil || !strings.Contains(stderr, "enabled 1 repository of hub") {
		t.Errorf("by its whole name: %q, %v", stderr, err)
	}
	if _, stderr, err := p.run("repo", "enable", "--pattern", "shop/*", "shop/api"); err != nil || !strings.Contains(stderr, "enabled 1 repository of hub") {
		t.Errorf("by pattern and name: %q, %v", stderr, err)
	}
	if out := p.ok("repo", "list", "--only-enabled", "--filter", "api"); !strings.Contains(out, host+"/shop/api") || strings.Contains(out, "shop/web") || strings.Contains(out, "dev/tool") {
		t.Errorf("enabled: %s", out)
	}
	if out := p.ok("repo", "backfill", "--all", "--preview", "--format", "json"); !strings.Contains(out, `"images"`) {
		t.Errorf("preview: %s", out)
	}
	if out := p.ok("repo", "backfill", "--all"); !strings.Contains(out, "will be analysed") {
		t.Errorf("backfill: %s", out)
	}
	if out := p.ok("repo", "queue"); !strings.Contains(out, "people") || !strings.Contains(out, "backfill") {
		t.Errorf("queue: %s", out)
	}
	if _, stderr, err := p.run("repo", "disable", "--all"); err != nil || !strings.Contains(stderr, "disabled 2 repositories of hub") {
		t.Errorf("all: %q, %v", stderr, err)
	}
	hook := p.ok("integration", "hook", "registry", "--name", "hub")
	if !strings.Contains(hook, "/api/v1/hooks/registries/") {
		t.Errorf("hook: %s", hook)
	}
	p.ok("integration", "hook", "registry", "--name", "hub", "--end")

	secret := filepath.Join(p.home, "token.txt")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out = p.ok("integration", "update", "registry", "--name", "hub", "--parameter", "username=robot", "--parameter", "secret=@"+secret, "--parameter", "enable=shop/*", "--parameter", "exclude=", "--format", "json")
	for _, part := range []string{`"credentials": true`, `"username": "robot"`, `"exclude": []`, `"shop/*"`} {
		if !strings.Contains(out, part) {
			t.Errorf("changed, without %s: %s", part, out)
		}
	}
	if strings.Contains(out, "s3cret") {
		t.Error("the secret came back")
	}
	if out := p.ok("integration", "pause", "registry", "--name", "hub"); !strings.Contains(out, "paused") {
		t.Errorf("paused: %s", out)
	}
	if out := p.ok("integration", "resume", "registry", "--name", "hub"); strings.Contains(out, "paused") {
		t.Errorf("resumed: %s", out)
	}
	if out := p.ok("integration", "delete", "registry", "--name", "hub", "--preview"); !strings.Contains(out, " repositories would be forgotten") || !strings.Contains(out, "would stay") {
		t.Errorf("preview: %s", out)
	}
	p.refused([]string{"integration", "delete", "sysdig", "--name", "hub", "--preview"}, "hub")
	p.ok("integration", "delete", "registry", "--name", "hub")
	p.refused([]string{"integration", "delete", "registry", "--name", "hub"}, "hub")
}

package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTokensOnTheCommandLine(t *testing.T) {
	address, token := realServer(t)
	p := newPerson(t)
	p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	var made struct {
		ID, Secret string
		Scopes     []string
	}
	if err := json.Unmarshal([]byte(p.ok("token", "create", "ci", "--scope", "upload,read", "--expires", "24h", "--format", "json")), &made); err != nil {
		t.Fatal(err)
	}
	if strings.Join(made.Scopes, " ") != "read upload" {
		t.Errorf("made %+v", made)
	}
	list := p.ok("token", "list")
	if !strings.Contains(list, made.ID) || !strings.Contains(list, "read,upload") || strings.Contains(list, made.Secret) {
		t.Errorf("list:\n%s", list)
	}
	ci := newPerson(t)
	ci.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + made.Secret}
	ci.ok("environment")
	ci.refused([]string{"token", "create", "more", "--scope", "read"}, "scope owner")
	p.refused([]string{"token", "create", "mine", "--scope", "read", "--personal"}, "kind organisation")
	p.refused([]string{"token", "revoke", "nothing"}, "nothing")
	p.ok("token", "revoke", made.ID)
	ci.refused([]string{"environment"}, "revoked")
	if shown := p.ok("token", "create", "shown", "--scope", "read"); !regexp.MustCompile(`\n    crowsnest_[a-z2-7]{52}\n$`).MatchString(shown) {
		t.Errorf("shown as %q", shown)
	}
}

// The machine repairs access, also of an installation that nobody ever started.
func TestAdmin(t *testing.T) {
	p := newPerson(t)
	data := "--data=" + filepath.Join(p.home, "data")
	var link struct{ URL string }
	if err := json.Unmarshal([]byte(p.ok("admin", "link", "--owner", data, "--listen", "0.0.0.0:1234", "--format", "json")), &link); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(link.URL, "http://127.0.0.1:1234/link#crowsnestlink_") {
		t.Errorf("link %q", link.URL)
	}
	p.environ = []string{"CROWSNEST_PUBLIC_URL=https://crowsnest.example.com"}
	if text := p.ok("admin", "link", "--owner", data); !strings.Contains(text, "\n    https://crowsnest.example.com/link#crowsnestlink_") || !strings.Contains(text, "owner") {
		t.Errorf("shown as %q", text)
	}
	p.refused([]string{"admin", "reset-password", "nobody@example.com", data}, "nobody@example.com", "not found")
	p.refused([]string{"admin", "reset-password", "nobody", data}, "somebody@example.com")
	p.refused([]string{"admin", "unlink", "nobody@example.com", data}, "nobody@example.com", "not found")
	p.refused([]string{"admin", "unlink", "nobody", data}, "somebody@example.com")
	p.refused([]string{"admin", "people", data, "--organisation", "none"}, "none", "not found")
	if text := p.ok("admin", "retention", "--dry-run", "--images", "30", data); !strings.Contains(text, "30 days") || !strings.Contains(text, "would be removed") {
		t.Errorf("a dry run of retention says:\n%s", text)
	}
	p.refused([]string{"admin", "retention", "--images", "30", data}, "--dry-run")
	p.refused([]string{"admin", "retention", "--dry-run", "--images", "-1", data}, "0 to keep for ever")
	if text := p.ok("admin", "retention", data, "--format", "json"); !strings.Contains(text, `"finished"`) {
		t.Errorf("retention says:\n%s", text)
	}
	if text := p.ok("admin", "people", data); !strings.HasPrefix(text, "EMAIL") {
		t.Errorf("people:\n%s", text)
	}
	if _, stderr, err := p.run("admin", "rotate-key", data); err != nil || !strings.Contains(stderr, "0 secrets sealed anew") {
		t.Errorf("rotate-key: %v, %s", err, stderr)
	}
}

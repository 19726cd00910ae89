package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// home gives a test a home of its own and returns the file that login writes there.
func home(t *testing.T) (file string) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	file, err := loginFile()
	if err != nil || !strings.HasPrefix(file, dir) {
		t.Fatalf("login is stored in %s, %v", file, err)
	}
	return file
}

func TestClientSources(t *testing.T) {
	file := home(t)
	cache := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(file))), "cache", "crowsnest")
	for name, c := range map[string]struct {
		environ []string
		server  string // --server
		want    Client
	}{
		"stored":                      {nil, "", Client{Server: "https://a", Token: "stored"}},
		"same server on the line":     {nil, "https://a", Client{Server: "https://a", Token: "stored"}},
		"other server on the line":    {nil, "https://b", Client{Server: "https://b"}},
		"other server in variables":   {[]string{"CROWSNEST_SERVER=https://b"}, "", Client{Server: "https://b"}},
		"same server in variables":    {[]string{"CROWSNEST_SERVER=https://a"}, "", Client{Server: "https://a", Token: "stored"}},
		"back to the stored server":   {[]string{"CROWSNEST_SERVER=https://b"}, "https://a", Client{Server: "https://a", Token: "stored"}},
		"token in variables":          {[]string{"CROWSNEST_TOKEN=given"}, "", Client{Server: "https://a", Token: "given"}},
		"both in variables":           {[]string{"CROWSNEST_SERVER=https://b", "CROWSNEST_TOKEN=given"}, "", Client{Server: "https://b", Token: "given"}},
		"given token, other server":   {[]string{"CROWSNEST_TOKEN=given"}, "https://b", Client{Server: "https://b", Token: "given"}},
		"given token for that one":    {[]string{"CROWSNEST_SERVER=https://b", "CROWSNEST_TOKEN=given"}, "https://c", Client{Server: "https://c", Token: "given"}},
		"stored token said again":     {[]string{"CROWSNEST_TOKEN=stored"}, "https://a", Client{Server: "https://a", Token: "stored"}},
		"a server that only looks so": {nil, "https://a.example.com", Client{Server: "https://a.example.com"}},
		"other programs' variables":   {[]string{"SERVER=https://b", "CROWSNEST_=x", "TOKEN=t", "NOTCROWSNEST_SERVER=x"}, "", Client{Server: "https://a", Token: "stored"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := SaveLogin("https://a", "stored"); err != nil {
				t.Fatal(err)
			}
			got, err := LoadClient(c.environ)
			if err != nil {
				t.Fatal(err)
			}
			if got, err = got.At(c.server); err != nil {
				t.Fatal(err)
			}
			c.want.Cache = cache
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCacheFolder(t *testing.T) {
	home(t)
	got, err := LoadClient([]string{"CROWSNEST_CACHE=/elsewhere"})
	if err != nil || got.Cache != "/elsewhere" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLoginIsTheUsersAlone(t *testing.T) {
	file := home(t)
	path, err := SaveLogin("https://a", "secret")
	if err != nil || path != file {
		t.Fatalf("stored in %s, %v", path, err)
	}
	for path, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want mode %o", path, info.Mode(), err, want)
		}
	}
	// Whatever mode a file there had, the new one is private.
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := SaveLogin("https://b", "secret"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("after a second login: %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if got, err := LoadClient(nil); err != nil || got.Server != "https://b" || got.Token != "secret" {
		t.Errorf("read back as %+v, %v", got, err)
	}
}

func TestLogout(t *testing.T) {
	file := home(t)
	if err := RemoveLogin(); err != nil {
		t.Errorf("logout without login: %v", err)
	}
	if _, err := SaveLogin("https://a", "secret"); err != nil {
		t.Fatal(err)
	}
	if err := RemoveLogin(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
	if got, err := LoadClient(nil); err != nil || got.Server != "" || got.Token != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestBrokenLoginFile(t *testing.T) {
	file := home(t)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"cut": `{"server":"https://a","token":"sec`, "another type": `["secret"]`, "empty": ""} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := LoadClient(nil)
		if crowsnest.KindOf(err) != crowsnest.Invalid || err == nil || !strings.Contains(err.Error(), "crowsnest login") || strings.Contains(err.Error(), "sec") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A new login repairs it.
	if _, err := SaveLogin("https://a", "secret"); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadClient(nil); err != nil {
		t.Error(err)
	}
}

func TestLoginThatCannotBeStored(t *testing.T) {
	file := home(t)
	if err := os.WriteFile(filepath.Dir(filepath.Dir(file)), nil, 0o600); err != nil { // a file in the folder's place
		t.Fatal(err)
	}
	if _, err := SaveLogin("https://a", "secret"); crowsnest.KindOf(err) != crowsnest.Unavailable || err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// A service may have no home; then there is no login, and what is needed is said.
func TestNoHome(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, "")
	}
	if _, err := LoadClient(nil); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil || !strings.Contains(err.Error(), "CROWSNEST_CACHE") {
		t.Errorf("got %v", err)
	}
	got, err := LoadClient([]string{"CROWSNEST_CACHE=/c", "CROWSNEST_SERVER=https://a", "CROWSNEST_TOKEN=t"})
	if err != nil || got != (Client{Server: "https://a", Token: "t", Cache: "/c"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := SaveLogin("https://a", "t"); err == nil || !strings.Contains(err.Error(), "CROWSNEST_TOKEN") {
		t.Errorf("login without a home: %v", err)
	}
}

// The file holds what login was given, and nothing that variables said meanwhile.
func TestLoginFile(t *testing.T) {
	file := home(t)
	if _, err := SaveLogin("https://a", "t"); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil || string(raw) != `{"server":"https://a","token":"t"}`+"\n" {
		t.Errorf("the file is %s, %v", raw, err)
	}
}

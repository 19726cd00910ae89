package crowsnest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/google/go-cmp/cmp"
)

func TestParseKnownRegistries(t *testing.T) {
	got, err := crowsnest.ParseKnownRegistries([]string{
		" Registry.Example.com ", "registry.example.com/", "nginx", "docker.io/nginx", "index.docker.io/acme/*", "docker.io/*", "localhost:5000/a/b", "*.dkr.ecr.*.amazonaws.com", "ghcr.io/acme/web-*",
	})
	want := crowsnest.KnownRegistries{"*.dkr.ecr.*.amazonaws.com", "docker.io", "docker.io/acme/*", "docker.io/library/nginx", "ghcr.io/acme/web-*", "localhost:5000/a/b", "registry.example.com"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if again, err := crowsnest.ParseKnownRegistries(got); err != nil || !cmp.Equal(got, again) {
		t.Errorf("read again it is %v, %v", again, err)
	}
	many := make([]string, crowsnest.MaxKnownRegistries+1)
	for i := range many {
		many[i] = "r" + strconv.Itoa(i) + ".example.com"
	}
	if _, err := crowsnest.ParseKnownRegistries(many[1:]); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	for name, list := range map[string][]string{
		"none": {" "}, "all": {"*"}, "all with dots": {"*.*"}, "all of all": {"*/*"}, "scheme": {"https://ghcr.io"}, "tag": {"ghcr.io/acme/web:1"}, "digest": {"ghcr.io/a@sha256:1"},
		"upper case": {"ghcr.io/Acme"}, "space": {"ghcr.io/a b"}, "no part": {"ghcr.io//a"}, "control": {"ghcr.io/\x00"}, "port": {"ghcr.io:port"}, "class": {"ghcr.io/[a]"},
		"long": {strings.Repeat("é", crowsnest.MaxKnownRegistry)}, "many": many,
	} {
		if out, err := crowsnest.ParseKnownRegistries(list); err == nil || crowsnest.KindOf(err) != crowsnest.Invalid {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
}

func TestKnownRegistries(t *testing.T) {
	known, err := crowsnest.ParseKnownRegistries([]string{"registry.example.com", "ghcr.io/acme/*", "nginx", "docker.io/bitnami/*", "*.corp.example.com:5000", "quay.io/team-*/api"})
	if err != nil {
		t.Fatal(err)
	}
	digest := "@sha256:" + strings.Repeat("a", 64)
	for name, want := range map[string]bool{
		"registry.example.com/web:1":                true,
		"registry.example.com/a/b/c" + digest:       true,
		"REGISTRY.example.com/web":                  true,
		"registry.example.com:5000/web:1":           false, // another registry
		"registry.example.com.evil.example/web":     false,
		"evil.example/registry.example.com/web:1":   false,
		"ghcr.io/acme/a/b:1":                        true,
		"ghcr.io/acme:1":                            false,
		"ghcr.io/acme-evil/a:1":                     false,
		"nginx":                                     true,
		"nginx:1.27" + digest:                       true,
		"docker.io/nginx:1":                         true,
		"index.docker.io/library/nginx:1":           true,
		"someone/nginx:1":                           false,
		"redis:7":                                   false,
		"bitnami/redis":                             true,
		"docker.io/bitnami/redis:7":                 true,
		"bitnami":                                   false,
		"a.b.corp.example.com:5000/x":               true,
		"corp.example.com:5000/x":                   false,
		"evil.example/x.corp.example.com/x":         false,
		"quay.io/team-a/api":                        true,
		"quay.io/team-a/api/evil":                   false,
		"quay.io/team-a/b/api:1":                    true, // a * stands for slashes as well
		"localhost/registry.example.com/web:latest": false,
	} {
		repository := crowsnest.Repository(name)
		if got := known.Know(repository); got != want || repository == "" {
			t.Errorf("%s, which is %q: %t, want %t", name, repository, got, want)
		}
	}
	if (crowsnest.KnownRegistries{}).Know("docker.io/library/nginx") {
		t.Error("an empty list knows something")
	}
}

func TestNoRepository(t *testing.T) {
	for _, name := range []string{"", "sha256:" + strings.Repeat("a", 64), "@sha256:1", "a b", "dir/Upper", "ghcr.io/", "/abs/path.tar", "ghcr.io/*", "./x"} {
		if got := crowsnest.Repository(name); got != "" {
			t.Errorf("%q is of %q", name, got)
		}
	}
}

// A hostile name must not take a pattern long.
func BenchmarkKnownRegistries(b *testing.B) {
	known := crowsnest.KnownRegistries{"a.example/" + strings.Repeat("*a", 100) + "b"}
	name := "a.example/" + strings.Repeat("a", 1000)
	for b.Loop() {
		if known.Know(name) {
			b.Fatal("it fits")
		}
	}
}

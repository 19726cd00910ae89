package outpost

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
)

// read reads a secret from no file.
func read(v string) (string, error) {
	if v == "@none" {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read secret", Err: errors.New("no such file")}
	}
	return strings.ToUpper(v), nil
}

func TestParsePlace(t *testing.T) {
	for text, want := range map[string]Place{
		"registry.example.com:5000": {Config: registry.Config{Kind: "oci", Host: "registry.example.com:5000", Repositories: []string{}}},
		"type=harbor, registry=Harbor.example.com ,include=shop/*,include=base/*,exclude=shop/tmp-*,username=robot,password=s": {
			Config:  registry.Config{Kind: "harbor", Host: "harbor.example.com", Username: "robot", Secret: "S", Repositories: []string{}},
			Include: crowsnest.Globs{"base/*", "shop/*"}, Exclude: crowsnest.Globs{"shop/tmp-*"},
		},
		"type=artifactory,registry=acme.jfrog.io,repository=shop/web,repository=acme.jfrog.io/shop/api,port=8090,hook-secret=h": {
			Config: registry.Config{Kind: "artifactory", Host: "acme.jfrog.io", Repositories: []string{"shop/api", "shop/web"}}, Port: 8090, Hook: "H",
		},
		"type=acr,registry=acme.azurecr.io,identity=true": {Config: registry.Config{Kind: "acr", Host: "acme.azurecr.io", Identity: true, Repositories: []string{}}},
	} {
		got, err := ParsePlace(text, read)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for text, says := range map[string]string{
		"":                                      "without a value",
		"registry=":                             "without a value",
		"registry=a.example,registry=b.example": "twice",
		"registry=a.example,colour=red":         "colour",
		"type=tape,registry=a.example":          "no such kind",
		"registry=a.example,port=99999":         "port",
		"registry=a.example,port=80":            "secret",
		"registry=a.example,hook-secret=x":      "port",
		"registry=a.example,identity=maybe":     "identity",
		"registry=a.example,identity=true":      "identity",
		"registry=a.example,password=@none":     "no such file",
		"registry=a.example,include=https://x":  "",
		"http://a.example":                      "scheme",
	} {
		if _, err := ParsePlace(text, read); err == nil || crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseRepositories(t *testing.T) {
	got, err := ParseRepositories([]string{"registry.example.com/shop/web", "nginx", "registry.example.com/shop/api", "ghcr.io/acme/web"})
	want := []Place{
		{Config: registry.Config{Kind: "oci", Host: "registry.example.com", Repositories: []string{"shop/web", "shop/api"}}},
		{Config: registry.Config{Kind: "docker-hub", Host: "docker.io", Repositories: []string{"library/nginx"}}},
		{Config: registry.Config{Kind: "ghcr", Host: "ghcr.io", Repositories: []string{"acme/web"}}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"", "registry.example.com/shop/web:1", "registry.example.com/shop/web@sha256:aa", "registry.example.com/Shop"} {
		if _, err := ParseRepositories([]string{bad}); err == nil || crowsnest.KindOf(err) != crowsnest.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestParseTag(t *testing.T) {
	re, err := ParseTag(`v[0-9]+|latest`)
	if err != nil || !re.MatchString("v12") || !re.MatchString("latest") || re.MatchString("v12-rc1") || re.MatchString("not-latest") {
		t.Errorf("%v, %v", re, err)
	}
	if re, err := ParseTag(""); re != nil || err != nil {
		t.Errorf("none: %v, %v", re, err)
	}
	if _, err := ParseTag("("); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil {
		t.Errorf("no expression: %v", err)
	}
}

package sysdig

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// Answers as Sysdig writes them go through the client byte by byte as they are.
func TestPayloads(t *testing.T) {
	var asked []string
	s := newSiteOf(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, q := "last.json", r.URL.Query()
		switch {
		case q.Get("clusterName") == "prod" && q.Get("cursor") == "":
			name = "page1.json"
		case q.Get("cursor") == "c2Vjb25kLXBhZ2U_-":
			name = "page2.json"
		}
		asked = append(asked, name)
		b, err := os.ReadFile(filepath.Join("testdata", "payload", name))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Write(b)
	}))
	got, stats, err := s.sweep("prod")
	if err != nil || stats.Pages != 2 || stats.RejectedItems+stats.RejectedPackages != 0 || stats.Packages != 9 {
		t.Errorf("%+v, %v", stats, err)
	}
	image := func(digit string) crowsnest.Digest {
		return crowsnest.Digest(crowsnest.DigestPrefix + strings.Repeat(digit, 64))
	}
	loaded := func(kind, name, version, source, purl string) crowsnest.LoadedPackage {
		return crowsnest.LoadedPackage{Type: kind, Name: name, Version: version, Source: source, PURL: purl}
	}
	want := []crowsnest.Observation{
		{Namespace: "shop", Kind: "deployment", Name: "front", Container: "web", ImageID: image("1"), Loaded: []crowsnest.LoadedPackage{
			loaded("apk", "musl", "1.2.2-r3", "musl", "pkg:apk/alpine/musl@1.2.2-r3?distro=alpine-3.14.3"),
			loaded("apk", "libcrypto1.1", "1.1.1l-r0", "openssl", "pkg:apk/alpine/libcrypto1.1@1.1.1l-r0?distro=alpine-3.14.3"),
			loaded("npm", "left-pad", "1.3.0", "", "pkg:npm/left-pad@1.3.0"),
			loaded("npm", "left-pad", "1.1.0", "", "pkg:npm/left-pad@1.1.0"),
			loaded("npm", "@scope/name", "2.0.0", "", "pkg:npm/@scope/name@2.0.0"),
		}},
		{Namespace: "shop", Kind: "statefulset", Name: "ledger", Container: "db", ImageID: image("2"), Loaded: []crowsnest.LoadedPackage{
			loaded("deb", "zlib1g", "1:1.2.11.dfsg-1+deb10u2", "zlib", "pkg:deb/debian/zlib1g@1:1.2.11.dfsg-1+deb10u2?distro=debian-10.13"),
			loaded("deb", "libssl1.1", "1.1.1n-0+deb10u3~test", "openssl", "pkg:deb/debian/libssl1.1@1.1.1n-0+deb10u3~test?distro=debian-10.13"),
			loaded("golang", "github.com/acme/ledger", "v1.2.0", "", "pkg:golang/github.com/acme/ledger@v1.2.0"),
			loaded("maven", "org.acme:json", "2.1", "", "pkg:maven/org.acme/json@2.1"),
		}},
		{Namespace: "kube-system", Kind: "rollout", Name: "agent", Container: "main", ImageID: image("3")},
	}
	if diff := cmp.Diff(profiled(want), got); diff != "" {
		t.Error(diff)
	}
	if got, _, err := s.sweep("elsewhere"); err != nil || len(got) != 0 {
		t.Errorf("without data: %v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"page1.json", "page2.json", "last.json"}, asked); diff != "" {
		t.Error(diff)
	}
}

package export

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/openvex/go-vex/pkg/vex"

	"github.com/crowsnest-sec/crowsnest"
)

func TestNotLoadedVEX(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	web, api := crowsnest.DigestOf([]byte("web")), crowsnest.DigestOf([]byte("api"))
	const libc = "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12"
	list := []NotLoaded{
		{"registry.example.com:5000/shop/web:1.0", web, "CVE-2099-0002", []string{"GHSA-x"}, "pkg:npm/a@1"},
		{"registry.example.com:5000/shop/web:1.0", web, "CVE-2099-0001", nil, libc},
		{"registry.example.com:5000/shop/web:1.0", web, "CVE-2099-0001", nil, libc},
		{"docker.io/library/API@" + string(api), api, "CVE-2099-0001", nil, libc},
	}
	doc := NotLoadedVEX("acme", "production", at, list)
	slices.Reverse(list)
	var a, b bytes.Buffer
	again := NotLoadedVEX("acme", "production", at, list)
	if err := doc.ToJSON(&a); err != nil {
		t.Fatal(err)
	}
	if err := again.ToJSON(&b); err != nil || a.String() != b.String() {
		t.Errorf("the same facts in another order make another document: %v\n%s\n%s", err, &a, &b)
	}

	read, err := vex.Parse(a.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Statements) != 2 || read.Author != "acme" || read.Timestamp == nil || !read.Timestamp.Equal(at) {
		t.Fatalf("%s", &a)
	}
	for _, s := range read.Statements {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		vulnerability, product, package_ string
		want                             bool
	}{
		{"CVE-2099-0001", imagePURL("registry.example.com:5000/shop/web:1.0", web), libc, true},
		{"CVE-2099-0001", imagePURL("docker.io/library/API@"+string(api), api), libc, true},
		{"CVE-2099-0002", imagePURL("registry.example.com:5000/shop/web:1.0", web), libc, false},
		{"GHSA-x", imagePURL("registry.example.com:5000/shop/web:1.0", web), "pkg:npm/a@1", true},
		{"CVE-2099-0003", imagePURL("registry.example.com:5000/shop/web:1.0", web), libc, false},
	} {
		if got := len(read.Matches(c.vulnerability, c.product, []string{c.package_})) > 0; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if want := "pkg:oci/web@sha256%3A" + string(web)[7:] + "?repository_url=registry.example.com%3A5000%2Fshop%2Fweb&tag=1.0"; imagePURL("registry.example.com:5000/shop/web:1.0", web) != want {
		t.Errorf("%s, want %s", imagePURL("registry.example.com:5000/shop/web:1.0", web), want)
	}
	if other := NotLoadedVEX("somebody", "production", at, list); other.Author != "somebody" || other.ID == doc.ID {
		t.Errorf("by another author: %+v", other)
	}
}

package export

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openvex/go-vex/pkg/vex"

	"github.com/crowsnest-sec/crowsnest"
)

func TestNotLoadedVEX(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	web, api := crowsnest.DigestOf([]byte("web")), crowsnest.DigestOf([]byte("api"))
	const libc = "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12"
	const eu, us = "Sysdig, cluster eu (integration prod-eu)", "Sysdig, cluster us (integration prod-us)"
	before := at.Add(-72 * time.Hour)
	list := []NotLoaded{
		{"registry.example.com:5000/shop/web:1.0", web, "CVE-2099-0002", []string{"GHSA-x"}, "pkg:npm/a@1", eu, at},
		{"registry.example.com:5000/shop/web:1.0", web, "CVE-2099-0001", nil, libc, eu, at},
		{"registry.example.com:5000/shop/web:1.0", web, "CVE-2099-0001", nil, libc, eu, at},
		{"docker.io/library/API@" + string(api), api, "CVE-2099-0001", nil, libc, us, before},
	}
	by := Statement{"1", "acme", "production", 7}
	doc := NotLoadedVEX(by, list)
	slices.Reverse(list)
	var a, b bytes.Buffer
	again := NotLoadedVEX(by, list)
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
	if len(read.Statements) != 3 || read.Author != "acme" || read.Timestamp == nil || !read.Timestamp.Equal(at) || read.Version != 7 {
		t.Fatalf("%s", &a)
	}
	// Each statement is as old as what it rests on, and names it.
	for i, want := range []struct {
		vulnerability, source string
		at                    time.Time
	}{{"CVE-2099-0001", us, before}, {"CVE-2099-0001", eu, at}, {"CVE-2099-0002", eu, at}} {
		s := read.Statements[i]
		if string(s.Vulnerability.Name) != want.vulnerability || s.Timestamp == nil || !s.Timestamp.Equal(want.at) || len(s.Products) != 1 ||
			!strings.HasPrefix(s.StatusNotes, want.source) || !strings.Contains(s.StatusNotes, want.at.UTC().Format(time.RFC3339)) || !strings.Contains(s.StatusNotes, `"production"`) {
			t.Errorf("statement %d: %+v, want %+v", i, s, want)
		}
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
	// One that follows is known by the identifier, and one of somebody else or of another place is not the same.
	for name, c := range map[string]struct {
		by   Statement
		same bool
	}{
		"later": {Statement{"1", "acme", "production", 8}, true}, "another author": {Statement{"1", "somebody", "production", 7}, false},
		"another environment": {Statement{"1", "acme", "staging", 7}, false}, "another publisher": {Statement{"2", "acme", "production", 7}, false},
	} {
		if got := NotLoadedVEX(c.by, list[:1]); (got.ID == doc.ID) != c.same || got.Author != c.by.Author {
			t.Errorf("%s: %s after %s", name, got.ID, doc.ID)
		}
	}
}

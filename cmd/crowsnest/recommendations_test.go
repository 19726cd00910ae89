package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/recommend"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// dpkg is a layer with a package database, of packages written as "name source version".
func dpkg(packages ...string) imagekit.Layer {
	var status strings.Builder
	for _, p := range packages {
		words := strings.Fields(p)
		fmt.Fprintf(&status, "Package: %s\nStatus: install ok installed\nSource: %s\nVersion: %s\nArchitecture: amd64\n\n", words[0], words[1], words[2])
	}
	return imagekit.Layer{Files: []imagekit.File{imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n"), imagekit.Text("var/lib/dpkg/status", status.String())}}
}

// What to build on and what to upgrade is told alike with a server and without one.
func TestRecommendationsCommand(t *testing.T) {
	host := imagekit.Registry(t)
	records := filepath.Join(t.TempDir(), "Debian.zip")
	file, err := os.Create(records)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	for _, r := range [][3]string{{"CVE-2099-0001", "openssl", `,{"fixed":"3.0.11-1"}`}, {"CVE-2099-0002", "zlib", ""}, {"CVE-2099-0003", "curl", `,{"fixed":"7.88.1-10"}`}, {"CVE-2099-0004", "curl", `,{"fixed":"8.0-1"}`}} {
		severity := "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
		if r[0] == "CVE-2099-0004" {
			severity = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
		}
		f, err := w.Create("DEBIAN-" + r[0] + ".json")
		if err == nil {
			_, err = fmt.Fprintf(f, `{"id":"DEBIAN-%s","modified":"2026-01-01T00:00:00Z","upstream":[%q],"severity":[{"type":"CVSS_V3","score":%q}],"affected":[{"package":{"ecosystem":"Debian:12","name":%q},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}%s]}]}]}`, r[0], r[0], severity, r[1], r[2])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	old, newer := dpkg("libssl3 openssl 3.0.9-1", "zlib1g zlib 1.2.13-1"), dpkg("libssl3 openssl 3.0.11-1", "zlib1g zlib 1.2.13-1")
	build := func(layers ...imagekit.Layer) v1.Image { return imagekit.Build(t, imagekit.Image{Layers: layers}) }
	web := build(old, dpkg("libssl3 openssl 3.0.9-1", "zlib1g zlib 1.2.13-1", "curl curl 7.88.1-5"))

	for _, with := range []string{"a cache", "a server"} {
		t.Run("with "+with, func(t *testing.T) {
			p := newPerson(t)
			if with == "a server" {
				address, token := realServer(t)
				p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
			}
			p.ok("advisory", "import", records, "--ecosystem", "Debian")
			base := host + "/" + strings.ReplaceAll(with, " ", "-") + "/debian"
			source := host + "/shop/web:1"
			imagekit.Push(t, source, web)
			read := func(args ...string) (r advice.Recommendations) {
				t.Helper()
				out := p.ok(append([]string{"recommendations", source, "--format", "json"}, args...)...)
				if err := json.Unmarshal([]byte(out), &r); err != nil {
					t.Fatal(err)
				}
				return r
			}
			if r := read(); r.Base != nil || r.Refresh.State != advice.NoBase || len(r.Changes) != 0 || r.Upgrades.Steps != 2 || r.Upgrades.Packages[0].InBase {
				t.Errorf("of what nobody knows the base of: %+v", r)
			}
			pinned := imagekit.Push(t, base+":12", build(old))
			p.ok("sbom", base+":12")
			if r := read(); r.Refresh.State != advice.UpToDate || r.Base == nil || r.Base.Known == nil || r.Base.Known.Digest != pinned || r.Base.Reference != base+":12" || r.Upgrades.Base != nil {
				t.Errorf("of what is up to date: %+v", r)
			}

			names := imagekit.Push(t, base+":12", build(newer))
			imagekit.Push(t, base+":12-slim", build(dpkg("libssl3 openssl 3.0.11-1")))
			p.ok("sbom", base+":12")
			p.ok("sbom", base+":12-slim")
			r := read()
			if x := r.Refresh; x.State != advice.Newer || x.Names != names || x.To == nil || x.To.Summary != (crowsnest.Summary{Critical: 1}) || x.To.Cleared != (crowsnest.Summary{Critical: 1}) || x.To.Brought.Total() != 0 {
				t.Errorf("refresh: %+v", x)
			}
			if len(r.Changes) != 1 || r.Changes[0].Reference != base+":12-slim" || r.Changes[0].Summary.Total() != 0 {
				t.Fatalf("changes: %+v", r.Changes)
			}
			for _, want := range []recommend.BaseReason{{Name: recommend.FewerCritical, For: true, Count: 2}, {Name: recommend.SameRelease, For: true, To: "debian 12"}, {Name: recommend.Lacks, Count: 1, To: "zlib1g"}} {
				if !slices.Contains(r.Changes[0].Reasons, want) {
					t.Errorf("reasons lack %+v: %+v", want, r.Changes[0].Reasons)
				}
			}
			u := r.Upgrades
			if u.Total != (crowsnest.Summary{Critical: 3}) || u.Cleared != (crowsnest.Summary{Critical: 2}) || u.Steps != 2 || u.Base == nil || u.Base.Reference != base+":12" || u.Base.Pin != names || u.Base.Clears.Critical != 1 || !slices.Equal(u.Base.Packages, []string{"libssl3"}) {
				t.Errorf("upgrades: %+v, base %+v", u, u.Base)
			}
			// The lowest version that clears what is critical, although a higher one would clear what is low as well.
			if len(u.Packages) != 1 || u.Packages[0].Name != "curl" || u.Packages[0].To != "7.88.1-10" || u.Packages[0].Leaves != 1 || u.Packages[0].InBase {
				t.Errorf("packages: %+v", u.Packages)
			}
			if len(u.Remaining) != 1 || u.Remaining[0].ID != "CVE-2099-0002" || u.Remaining[0].Why != recommend.NoFix || !u.Remaining[0].InBase {
				t.Errorf("remaining: %+v", u.Remaining)
			}

			text := p.ok("recommendations", source)
			for _, says := range []string{"names another image since", "+ 1 fewer critical", "- lacks 1 package of the base of now: zlib1g", "2 upgrades clear 2 critical and 0 high of 3 critical and 0 high", "1. build anew on " + base + ":12@" + string(names), "2. curl 7.88.1-5 → 7.88.1-10", "CVE-2099-0002  zlib1g 1.2.13-1  no fix known"} {
				if !strings.Contains(text, says) {
					t.Errorf("text lacks %q:\n%s", says, text)
				}
			}
			if got := p.ok("recommendations", source, "--only-refresh"); strings.Contains(got, "Change the base") || strings.Contains(got, "curl") || !strings.Contains(got, "Refresh") {
				t.Errorf("only the refresh:\n%s", got)
			}
			if got := p.ok("recommendations", source, "--only-update", "--format", "json"); strings.Contains(got, `"upgrades"`) || strings.Contains(got, `"refresh"`) || !strings.Contains(got, `"changes"`) {
				t.Errorf("only other bases:\n%s", got)
			}
			if got := p.ok("recommendations", source, "--format", "markdown"); !strings.Contains(got, "## Recommendations for ") || !strings.Contains(got, "| curl 7.88.1-5 → 7.88.1-10 | 1 critical and 0 high |") {
				t.Errorf("as Markdown:\n%s", got)
			}
			quick := p.ok("quickview", source)
			for _, says := range []string{"base image          2C   0H   0M   0L   0?  " + base + ":12, as it was: " + pinned.Short(), "  refreshed         1C   0H   0M   0L   0?  " + base + ":12, as it is now\n", "  updated           0C   0H   0M   0L   0?  " + base + ":12-slim\n"} {
				if !strings.Contains(quick, says) {
					t.Errorf("a quick view lacks %q:\n%s", says, quick)
				}
			}
			if r := read("--tag", "12-slim"); r.Base.Reference != base+":12-slim" || r.Refresh.State != advice.Newer || r.Refresh.To == nil || r.Refresh.To.Summary.Total() != 0 {
				t.Errorf("of another tag: %+v", r.Refresh)
			}
			if r := read("--tag", "99"); r.Refresh.State != advice.UnknownTag {
				t.Errorf("of a tag that nobody saw: %+v", r.Refresh)
			}
			layout := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("web:1", web))
			if got := p.ok("recommendations", layout); !strings.Contains(got, base+":12 (by its layers") {
				t.Errorf("of a layout:\n%s", got)
			}
			// A file has no name and no tag here; all else is as of the image that is known.
			var ofFile advice.Recommendations
			if err := json.Unmarshal([]byte(p.ok("recommendations", layout, "--format", "json")), &ofFile); err != nil {
				t.Fatal(err)
			}
			r.Image, ofFile.Image = wire.Target{}, wire.Target{}
			if diff := cmp.Diff(r, ofFile); diff != "" {
				t.Errorf("of a layout it differs (-known +file):\n%s", diff)
			}
			folder := t.TempDir()
			if err := errors.Join(os.MkdirAll(filepath.Join(folder, "var/lib/dpkg"), 0o700), os.MkdirAll(filepath.Join(folder, "etc"), 0o700)); err != nil {
				t.Fatal(err)
			}
			for _, f := range dpkg("curl curl 7.88.1-5").Files {
				if err := os.WriteFile(filepath.Join(folder, f.Path), f.Content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var ofFolder advice.Recommendations
			if err := json.Unmarshal([]byte(p.ok("recommendations", "fs://"+folder, "--format", "json")), &ofFolder); err != nil || ofFolder.Refresh.State != advice.NoBase || ofFolder.Upgrades.Steps != 1 || ofFolder.Upgrades.Packages[0].To != "7.88.1-10" {
				t.Errorf("of a folder: %+v, %v", ofFolder, err)
			}
			p.refused([]string{"recommendations", layout, "--tag", "a b"}, "tag")
			p.refused([]string{"recommendations", "sbom://x"}, "name the image")
			p.refused([]string{"recommendations", source, "--tag", "a b"}, "tag")
		})
	}
}

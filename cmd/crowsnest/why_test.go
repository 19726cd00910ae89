package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Why something was found, or was not, is told alike with a server and without one, of an image and of a bill of materials.
func TestWhyCommand(t *testing.T) {
	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
		imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
		imagekit.Text("var/lib/dpkg/status", "Package: libssl3\nStatus: install ok installed\nSource: openssl\nVersion: 3.0.9-1\nArchitecture: amd64\n\nPackage: zlib1g\nStatus: install ok installed\nSource: zlib\nVersion: 1:1.2.13-1\nArchitecture: amd64\n\n"),
	}}}})
	source := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("web:1", img))
	records := t.TempDir()
	for ecosystem, set := range map[string]map[string]string{
		"Debian": {
			"DEBIAN-CVE-2099-0001": `"upstream":["CVE-2099-0001"],"affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.11-1"}]}]},
				{"package":{"ecosystem":"Debian:12","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:1.2.12-1"}]}]}]`,
			"DEBIAN-CVE-2099-0002": `"upstream":["CVE-2099-0002"],"affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"ecosystem_specific":{"urgency":"unimportant"}}]`,
		},
		"npm": {"GHSA-3333-3333-3333": `"aliases":["CVE-2099-0003"],"affected":[{"package":{"ecosystem":"npm","name":"left-pad"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]`},
	} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for id, text := range set {
			f, err := w.Create(id + ".json")
			if err == nil {
				_, err = f.Write([]byte(`{"id":"` + id + `","modified":"2026-01-01T00:00:00Z",` + text + `}`))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), os.Mkdir(filepath.Join(records, ecosystem), 0o700), os.WriteFile(filepath.Join(records, ecosystem, "all.zip"), b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, with := range []string{"a cache", "a server"} {
		t.Run("with "+with, func(t *testing.T) {
			p := newPerson(t)
			if with == "a server" {
				address, token := realServer(t)
				p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
			}
			p.ok("advisory", "import", records)
			bill := filepath.Join(p.home, "bill.json")
			p.ok("sbom", source, "--format", "cyclonedx", "-o", bill)
			for _, image := range []string{source, "sbom://" + bill} {
				says := func(want []string, args ...string) {
					t.Helper()
					got := p.ok(append([]string{"why", args[0], image}, args[1:]...)...)
					for _, s := range want {
						if !strings.Contains(got, s) {
							t.Errorf("why %s of %s does not say %q:\n%s", strings.Join(args, " "), image, s, got)
						}
					}
				}
				says([]string{"CVE-2099-0001 was found in the image", "DEBIAN-CVE-2099-0001 decides", "introduced 0 < 3.0.9-1 < fixed 3.0.11-1", "zlib 1:1.2.13-1 lies in none of the ranges", "introduced 0 < fixed 1:1.2.12-1 < 1:1.2.13-1"}, "cve-2099-0001")
				says([]string{"was not found: the advisories about it do not affect", "zlib1g"}, "CVE-2099-0001", "--package", "zlib1g")
				says([]string{"was not found: curl is not installed"}, "CVE-2099-0001", "--package", "curl")
				says([]string{"the advisories held about it are of npm"}, "CVE-2099-0003")
				says([]string{"no advisory of that name is held"}, "CVE-2099-9999")
				var answer why.Why
				if err := json.Unmarshal([]byte(p.ok("why", "CVE-2099-0001", image, "--format", "json")), &answer); err != nil || answer.Answer != why.Found || len(answer.Packages) != 2 {
					t.Errorf("as JSON: %v, %+v", err, answer)
				}

				if got := p.ok("cves", image, "--explain"); !strings.Contains(got, "introduced 0 < 3.0.9-1 < fixed 3.0.11-1") || !strings.Contains(got, "3.0.11-1 clears all that have a fix, and leaves 1 vulnerability") || !strings.Contains(got, "unimportant") {
					t.Errorf("explained:\n%s", got)
				}
				if got := p.ok("cves", image, "--ignore-minor"); !strings.Contains(got, "1 more hidden, which the distribution takes as minor") || strings.Contains(got, "CVE-2099-0002") || strings.Contains(got, "introduced") {
					t.Errorf("without what is minor:\n%s", got)
				}
				if got := p.ok("quickview", image, "--ignore-minor"); !strings.Contains(got, "1, which the distribution does not mend here, not counted") {
					t.Errorf("counted without what is minor:\n%s", got)
				}
				if got := p.ok("compare", image, "--to", image, "--ignore-minor"); !strings.Contains(got, "1 of this and 1 of what it is compared with hidden, which the distribution takes as minor") || strings.Contains(got, "CVE-2099-0002") || !strings.Contains(got, "CVE-2099-0001") {
					t.Errorf("compared without what is minor:\n%s", got)
				}
				var counted wire.Image
				if err := json.Unmarshal([]byte(p.ok("quickview", image, "--ignore-minor", "--format", "json")), &counted); err != nil || counted.MinorHidden != 1 || counted.Summary.Total() != 1 {
					t.Errorf("counted as JSON: %v, %d hidden, %v", err, counted.MinorHidden, counted.Summary)
				}
			}
			p.refused([]string{"why", "CVE-2099-0001"}, "a vulnerability and an image")
			p.refused([]string{"why", " ", source}, "explain vulnerability")
		})
	}
}

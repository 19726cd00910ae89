package bundle

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gobinary"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagejson"
	"github.com/google/osv-scalibr/extractor/filesystem/os/dpkg"
	dpkgmeta "github.com/google/osv-scalibr/extractor/filesystem/os/dpkg/metadata"
	"github.com/google/osv-scalibr/semantic"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"

	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"

	"github.com/crowsnest-sec/crowsnest"
)

// found is one package that a scanner finds in an image.
type found struct {
	ecosystem, name, version string // as packages are shown
	source                   string // the name advisories use
}

// packagesIn reads an image as a scanner must: layers merged, and npm packages
// that a Debian package owns left to Debian.
func packagesIn(t *testing.T, image v1.Image) []found {
	t.Helper()
	content := merged(t, image)
	tree := fstest.MapFS{}
	owned := map[string]bool{}
	for p, b := range content {
		tree[p] = &fstest.MapFile{Data: b, Mode: 0o755}
		if strings.HasPrefix(p, "var/lib/dpkg/info/") {
			for line := range strings.Lines(string(b)) {
				owned[strings.TrimPrefix(strings.TrimSpace(line), "/")] = true
			}
		}
	}
	if b, ok := content["usr/lib/os-release"]; ok {
		tree["etc/os-release"] = &fstest.MapFile{Data: b, Mode: 0o644} // Debian has a link there
	}
	extract := func(e filesystem.Extractor, err error, p string) []found {
		if err != nil {
			t.Fatal(err)
		}
		info, err := fs.Stat(tree, p)
		if err != nil {
			t.Fatal(err)
		}
		inventory, err := e.Extract(context.Background(), &filesystem.ScanInput{FS: tree, Path: p, Reader: bytes.NewReader(content[p]), Info: info})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		var list []found
		for _, pkg := range inventory.Packages {
			f := found{ecosystem: pkg.Ecosystem().String(), name: pkg.Name, version: pkg.Version, source: pkg.Name}
			if m, ok := pkg.Metadata.(*dpkgmeta.Metadata); ok {
				f.ecosystem = "Debian:" + m.OSVersionID
				if m.SourceName != "" {
					f.source = m.SourceName
				}
			}
			list = append(list, f)
		}
		return list
	}
	var list []found
	for p := range content {
		switch {
		case p == "var/lib/dpkg/status":
			e, err := dpkg.New(&cpb.PluginConfig{})
			list = append(list, extract(e, err, p)...)
		case path.Base(p) == "package.json" && !owned[p]:
			e, err := packagejson.New(&cpb.PluginConfig{})
			list = append(list, extract(e, err, p)...)
		case p == "worker" || p == "usr/local/bin/web":
			e, err := gobinary.New(&cpb.PluginConfig{})
			list = append(list, extract(e, err, p)...)
		}
	}
	return list
}

// affects says whether a record is about the version of a package.
func affects(t *testing.T, r record, p found) bool {
	t.Helper()
	atLeast := func(bound string) bool {
		if bound == "0" {
			return true
		}
		v, err := semantic.Parse(p.version, p.ecosystem)
		if err != nil {
			t.Fatal(err)
		}
		order, err := v.CompareStr(bound)
		if err != nil {
			t.Fatal(err)
		}
		return order >= 0
	}
	for _, a := range r.Affected {
		if a.Package.Ecosystem != p.ecosystem || a.Package.Name != p.source {
			continue
		}
		for _, span := range a.Ranges {
			in := false
			for _, e := range span.Events {
				if e.Introduced != "" && atLeast(e.Introduced) {
					in = true
				}
				if e.Fixed != "" && atLeast(e.Fixed) {
					in = false
				}
			}
			if in {
				return true
			}
		}
	}
	return false
}

// vulnerability is the CVE of a record, or its own ID where it has none.
func vulnerability(r record) string {
	for _, name := range slices.Concat(r.Aliases, r.Upstream) {
		if strings.HasPrefix(name, "CVE-") {
			return name
		}
	}
	return r.ID
}

// TestWhatMustMatch is what a right scanner finds, and all that it finds: the
// end-to-end tests build on it.
func TestWhatMustMatch(t *testing.T) {
	openssl := []string{"CVE-2025-15467", "CVE-2025-68160", "CVE-2025-69419", "CVE-2025-9230", "CVE-2026-28388", "CVE-2026-31789", "CVE-2026-45447"}
	glibc := []string{"CVE-2025-4802", "CVE-2026-0861", "CVE-2026-4437", "CVE-2026-4438"}
	curl := []string{"CVE-2024-2398", "CVE-2025-0167"}
	older := map[string][]string{
		"apt 2.6.1":                 {"CVE-2011-3374"},
		"coreutils 9.1-1":           {"CVE-2016-2781"},
		"gpgv 2.2.40-1.1+deb12u2":   {"CVE-2022-3219"},
		"libc6 2.36-9+deb12u7":      glibc,
		"libssl3 3.0.17-1~deb12u2":  openssl,
		"tar 1.34+dfsg-1.2+deb12u1": {"CVE-2005-2541"},
		"zlib1g 1:1.2.13.dfsg-1":    {"CVE-2023-45853"},
	}
	newer := map[string][]string{
		"apt 2.6.2":                 {"CVE-2011-3374"},
		"coreutils 9.1-1":           {"CVE-2016-2781"},
		"gpgv 2.2.40-1.1+deb12u2":   {"CVE-2022-3219"},
		"tar 1.34+dfsg-1.2+deb12u1": {"CVE-2005-2541"},
		"zlib1g 1:1.2.13.dfsg-1":    {"CVE-2023-45853"},
	}
	with := func(base, more map[string][]string) map[string][]string {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	want := map[string]map[string][]string{
		"shop/admin:1.0": with(older, map[string][]string{
			"marked 0.3.12": {"CVE-2018-25110", "CVE-2022-21680"},
		}),
		"shop/frontend:1.0": with(newer, map[string][]string{
			"lodash 4.17.15":   {"CVE-2020-28500", "CVE-2020-8203", "CVE-2021-23337"},
			"marked 0.6.3":     {"CVE-2022-21680", "GHSA-ch52-vgq2-943f"},
			"minimist 1.2.0":   {"CVE-2020-7598", "CVE-2021-44906"},
			"node-fetch 2.6.0": {"CVE-2020-15168", "CVE-2022-0235"},
			"qs 6.5.2":         {"CVE-2022-24999"},
		}),
		"shop/web:1.0": with(older, map[string][]string{
			"openssl 3.0.17-1~deb12u2":          openssl,
			"golang.org/x/text 0.3.5":           {"CVE-2021-38561", "CVE-2022-32149"},
			"github.com/buger/jsonparser 1.0.0": {"CVE-2020-35381", "CVE-2026-32285"},
		}),
		"shop/web:2.0": newer,
		"shop/worker:1.0": {
			"github.com/tidwall/gjson 1.6.3": {"CVE-2020-35380", "CVE-2020-36066", "CVE-2020-36067"},
		},
		"tools/debug:1.0": with(older, map[string][]string{
			"curl 7.88.1-10+deb12u5":     curl,
			"libcurl4 7.88.1-10+deb12u5": curl,
		}),
	}

	records := slices.Concat(loadAdvisories(t, "Debian"), loadAdvisories(t, "Go"), loadAdvisories(t, "npm"))
	matched := map[string]bool{}
	got := map[string]map[string][]string{}
	for _, image := range loadImages(t) {
		got[image.Name()] = map[string][]string{}
		for _, p := range packagesIn(t, platformImage(t, image, "amd64")) {
			key := p.name + " " + p.version
			for _, r := range records {
				if affects(t, r, p) {
					matched[r.ID] = true
					got[image.Name()][key] = append(got[image.Name()][key], vulnerability(r))
				}
			}
			if ids := got[image.Name()][key]; ids != nil {
				slices.Sort(ids)
				got[image.Name()][key] = slices.Compact(ids)
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("vulnerabilities by image and package (-want +got):\n%s", d)
	}

	var unmatched []string
	for _, r := range records {
		if !matched[r.ID] {
			unmatched = append(unmatched, r.ID)
		}
	}
	slices.Sort(unmatched)
	wantUnmatched := []string{
		"DEBIAN-CVE-2024-2961", "DEBIAN-CVE-2024-8176", // fixed in the older base already
		"GHSA-9c47-m6qq-7p4h",                 // json5 is in a folder that is replaced
		"GHSA-c2qf-rxjj-qqgw",                 // semver is removed, or Debian's
		"GHSA-jf85-cpcp-j695", "GO-2020-0015", // fixed before the version in use
	}
	if d := cmp.Diff(wantUnmatched, unmatched); d != "" {
		t.Errorf("records that match nothing (-want +got):\n%s", d)
	}
}

// What the layers hide is really there: else the test above could not fail for it.
func TestHiddenPackagesAreInTheLayers(t *testing.T) {
	got := map[string][]string{}
	for _, image := range loadImages(t) {
		img := platformImage(t, image, "amd64")
		left := merged(t, img)
		for p := range everyFile(t, img) {
			if _, ok := left[p]; !ok && path.Base(p) == "package.json" {
				got[image.Name()] = append(got[image.Name()], p)
			}
		}
		slices.Sort(got[image.Name()])
	}
	want := map[string][]string{
		"shop/frontend:1.0": {"srv/frontend/cache/node_modules/json5/package.json", "srv/frontend/node_modules/semver/package.json"},
		"shop/web:1.0":      {"opt/setup/node_modules/minimist/package.json"},
		"shop/web:2.0":      {"opt/setup/node_modules/minimist/package.json"},
	}
	maps.DeleteFunc(got, func(_ string, paths []string) bool { return len(paths) == 0 })
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("hidden package descriptions (-want +got):\n%s", d)
	}
}

// Everything that is said to be loaded is in the image, by the same name and version.
func TestLoadedPackagesAreInTheImages(t *testing.T) {
	inImage := map[crowsnest.Digest]map[string]bool{}
	for _, image := range loadImages(t) {
		names := map[string]bool{}
		for _, p := range packagesIn(t, platformImage(t, image, "amd64")) {
			names[p.name+" "+p.version] = true
		}
		inImage[imageID(t, image)] = names
	}
	clusters, err := Clusters()
	if err != nil {
		t.Fatal(err)
	}
	var without []string
	for _, c := range clusters {
		for _, o := range c.Items {
			if len(o.Loaded) == 0 {
				without = append(without, c.Name+" "+o.Namespace+"/"+o.Name)
			}
			for _, p := range o.Loaded {
				version := p.Version
				if p.Type == "golang" {
					version = strings.TrimPrefix(version, "v")
				}
				if !inImage[o.ImageID][p.Name+" "+version] {
					t.Errorf("%s/%s loads %s %s, which its image does not have", o.Namespace, o.Name, p.Name, p.Version)
				}
				if !strings.HasPrefix(p.PURL, "pkg:"+p.Type+"/") {
					t.Errorf("%s is not of type %s", p.PURL, p.Type)
				}
			}
		}
	}
	if d := cmp.Diff([]string{"prod-eu batch/report"}, without); d != "" {
		t.Errorf("workloads without a profile (-want +got):\n%s", d)
	}
}

// The advisories show every severity and every way to come by one.
func TestAdvisoriesShowEverySeverity(t *testing.T) {
	score := func(vector string) float64 {
		switch {
		case strings.HasPrefix(vector, "CVSS:4.0/"):
			v, err := gocvss40.ParseVector(vector)
			if err != nil {
				t.Fatal(err)
			}
			return v.Score()
		case strings.HasPrefix(vector, "CVSS:3.1/"):
			v, err := gocvss31.ParseVector(vector)
			if err != nil {
				t.Fatal(err)
			}
			return v.BaseScore()
		}
		v, err := gocvss30.ParseVector(vector)
		if err != nil {
			t.Fatal(err)
		}
		return v.BaseScore()
	}
	got := map[string]int{}
	for _, r := range slices.Concat(loadAdvisories(t, "Debian"), loadAdvisories(t, "Go"), loadAdvisories(t, "npm")) {
		word := r.DatabaseSpecific.Severity + r.Affected[0].EcosystemSpecific.Urgency
		switch severity, known := crowsnest.ParseSeverity(word); {
		case len(r.Severity) == 1:
			got[fmt.Sprint(r.Severity[0].Type, " ", crowsnest.SeverityOfScore(score(r.Severity[0].Score)))]++
		case known:
			got["word "+severity.String()]++
		default:
			got["nothing"]++
		}
	}
	want := map[string]int{
		"CVSS_V3 critical": 4, "CVSS_V3 high": 18, "CVSS_V3 medium": 4, "CVSS_V3 low": 4,
		"CVSS_V4 medium": 1, "word low": 2, "nothing": 12,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("severities of the records (-want +got):\n%s", d)
	}
}

package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// leftPad writes an image with one npm package, and advisories on it in the bucket's layout.
func leftPad(t *testing.T) (source, advisories string) {
	t.Helper()
	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
		imagekit.Text("app/node_modules/left-pad/package.json", `{"name":"left-pad","version":"1.0.0"}`),
	}}}})
	dir := t.TempDir()
	for _, ecosystem := range []string{"npm", "npm:release"} { // the bucket has a release's set beside the whole
		if err := os.Mkdir(filepath.Join(dir, ecosystem), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, ecosystem, "all.zip"))
		if err != nil {
			t.Fatal(err)
		}
		w := zip.NewWriter(f)
		record, err := w.Create("GHSA-2222-2222-2222.json")
		if err == nil {
			_, err = record.Write([]byte(`{"id":"GHSA-2222-2222-2222","modified":"2026-01-01T00:00:00Z","aliases":["CVE-2099-0001"],
				"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
				"affected":[{"package":{"ecosystem":"npm","name":"left-pad"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.1"}]}]}]}`))
		}
		if err := errors.Join(err, w.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return "oci-dir://" + imagekit.Layout(t, imagekit.Tag("left-pad:1", img)), dir
}

// testReports writes what is found in every format at once.
func testReports(t *testing.T, p *person, source string) {
	dir := t.TempDir()
	args := []string{"cves", source, "--exit-code", "--report-url", "https://example.com/report"}
	for _, format := range []string{"json", "sarif", "gitlab", "junit", "markdown", "text"} {
		args = append(args, "--report", format+"="+filepath.Join(dir, format))
	}
	printed := p.ends(cli.FoundVulnerabilities, args...)
	for format, says := range map[string][]string{
		"text":     {printed},
		"json":     {`"id": "CVE-2099-0001"`},
		"sarif":    {`"ruleId": "CVE-2099-0001"`, `"security-severity": "9.8"`, `"uri": "app/node_modules/left-pad/package.json"`},
		"gitlab":   {`"severity": "Critical"`, `"solution": "Upgrade left-pad to 1.0.1 or later."`},
		"junit":    {`failures="1"`, `<testcase name="CVE-2099-0001 in left-pad 1.0.0" classname="vulnerability.critical">`},
		"markdown": {"| CRITICAL | CVE-2099-0001 | left-pad 1.0.0 | fixed in 1.0.1 |", "[full report](<https://example.com/report>)"},
	} {
		got, err := os.ReadFile(filepath.Join(dir, format))
		for _, s := range says {
			if err != nil || !strings.Contains(string(got), s) {
				t.Errorf("the report as %s does not say %q: %v\n%s", format, s, err, got)
			}
		}
		if format == "text" || format == "gitlab" { // the latter has the time in it
			continue
		}
		if again := p.ok("cves", source, "--format", format, "--report-url", "https://example.com/report"); again != string(got) {
			t.Errorf("as %s it is at first\n%s\nand then\n%s", format, got, again)
		}
	}
}

// The same commands do the same with a server and without one.
func TestImageCommands(t *testing.T) {
	source, advisories := leftPad(t)
	for _, with := range []string{"a cache", "a server"} {
		t.Run("with "+with, func(t *testing.T) {
			p := newPerson(t)
			if with == "a server" {
				address, token := realServer(t)
				p.environ = []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
			}
			var code cli.ExitCode
			stdout, stderr, err := p.run("cves", source)
			if err != nil || !strings.Contains(stdout, "not all of the image could be judged") || !strings.Contains(stdout, "packages, 1 of npm") {
				t.Errorf("without advisories: %v, %q, said %q", err, stdout, stderr)
			}
			var report wire.CVEs
			stdout, _, err = p.run("cves", source, "--exit-code", "--format", "json")
			if !errors.As(err, &code) || code != cli.FoundIncomplete || json.Unmarshal([]byte(stdout), &report) != nil ||
				!slices.Equal(report.MissingAdvisories, []wire.MissingAdvisories{{Ecosystem: "npm", Type: "npm", Packages: 1}}) {
				t.Errorf("without advisories, with --exit-code: %v, %s", err, stdout)
			}
			p.ok("cves", source, "--exit-code", "--only-package-type", "deb")
			if got := p.ok("quickview", source, "--format", "json"); !strings.Contains(got, `"missingAdvisories"`) {
				t.Errorf("quickview without advisories: %s", got)
			}
			if got := p.ok("advisory", "import", advisories); !strings.Contains(got, "npm        1        1") || strings.Contains(got, "release") {
				t.Errorf("import:\n%s", got)
			}
			if got := p.ok("advisory", "import", advisories, "--ecosystem", "npm"); !strings.Contains(got, "unchanged") {
				t.Errorf("import again:\n%s", got)
			}
			p.refused([]string{"advisory", "import", advisories, "--ecosystem", "Hackage"}, "Hackage")
			if got := p.ok("advisory", "status"); !strings.Contains(got, "npm        1        2026-01-01") {
				t.Errorf("status:\n%s", got)
			}

			stdout, stderr, err = p.run("cves", source, "--format", "json")
			if err != nil || stderr != "" || json.Unmarshal([]byte(stdout), &report) != nil {
				t.Fatalf("%v, said %q, printed %s", err, stderr, stdout)
			}
			if len(report.Findings) != 1 || report.Findings[0].ID != "CVE-2099-0001" || *report.Findings[0].FixedVersion != "1.0.1" || report.Summary.Critical != 1 || report.Image.ImageID == "" {
				t.Errorf("report %+v", report)
			}
			testReports(t, p, source)
			if got := p.ok("sbom", source); !strings.Contains(got, "left-pad  1.0.0    npm") {
				t.Errorf("sbom:\n%s", got)
			}
			if got, list := p.ok("sbom", source), p.ok("sbom", source, "--format", "list"); got != list {
				t.Errorf("--format list:\n%s", list)
			}
			for format, want := range map[string]string{"spdx": `"spdxVersion": "SPDX-2.3"`, "cyclonedx": `"specVersion": "1.6"`} {
				if got := p.ok("sbom", source, "--format", format); !strings.Contains(got, want) || !strings.Contains(got, `"pkg:npm/left-pad@1.0.0"`) || !json.Valid([]byte(got)) {
					t.Errorf("--format %s:\n%s", format, got)
				}
			}
			for _, format := range []string{"spdx", "cyclonedx", "json"} {
				file := filepath.Join(t.TempDir(), "bom."+format)
				p.ok("sbom", source, "--format", format, "-o", file)
				if got, want := p.ok("sbom", "sbom://"+file), p.ok("sbom", source); strings.Fields(got)[6] != strings.Fields(want)[6] || !strings.Contains(got, "left-pad  1.0.0    npm") {
					t.Errorf("packages of %s:\n%s", file, got)
				}
				if got := p.ok("cves", "sbom://"+file); !strings.Contains(got, "CVE-2099-0001") || !strings.Contains(got, "1.0.1") {
					t.Errorf("vulnerabilities of %s:\n%s", file, got)
				}
				if got := p.ok("quickview", "sbom://"+file); !strings.Contains(got, "vulnerabilities     1C") {
					t.Errorf("quickview of %s:\n%s", file, got)
				}
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				p.stdin = string(raw)
				if got := p.ok("cves", "sbom://-"); !strings.Contains(got, "CVE-2099-0001") {
					t.Errorf("vulnerabilities of %s through a pipe:\n%s", file, got)
				}
				p.stdin = ""
			}
			p.refused([]string{"cves", "sbom://missing.json"}, "missing.json", "no such file")
			p.refused([]string{"cves", "sbom://-"}, "empty")
			p.refused([]string{"cves", "sbom://bom.spdx", "--platform", "linux/arm64"}, "bom.spdx", "--platform")
			p.refused([]string{"sbom", source, "--format", "swid"}, "swid", "use text, json, list, spdx or cyclonedx")
			p.refused([]string{"cves", source, "--format", "spdx"}, "spdx", "use text, json, sarif, gitlab, junit or markdown")
			if got := p.ok("quickview", source); !strings.Contains(got, "vulnerabilities     1C") || !strings.Contains(got, "not observed") {
				t.Errorf("quickview:\n%s", got)
			}

			stdout, _, err = p.run("cves", source, "--exit-code")
			if !errors.As(err, &code) || code != cli.FoundVulnerabilities || !strings.Contains(stdout, "CVE-2099-0001") {
				t.Errorf("--exit-code: %v\n%s", err, stdout)
			}
			for _, filter := range []string{"--only-severity=low,medium", "--only-package-type=deb"} {
				if got := p.ok("cves", source, "--exit-code", filter); strings.Contains(got, "CVE-") || !strings.Contains(got, "1 more hidden") {
					t.Errorf("%s:\n%s", filter, got)
				}
			}
			// Nothing watched the image: what is not observed may be in use, and must not pass.
			got, _, err := p.run("cves", source, "--exit-code", "--only-in-use")
			if !errors.As(err, &code) || code != cli.FoundIncomplete || strings.Contains(got, "CVE-") || !strings.Contains(got, "1 of what is hidden may be in use") {
				t.Errorf("--only-in-use of what nothing watched: %v\n%s", err, got)
			}
			if got, _, err := p.run("cves", source, "-e", "--only-fixed", "--only-severity", "CRITICAL", "--only-package-type", "npm"); !errors.As(err, &code) || !strings.Contains(got, "CVE-") {
				t.Errorf("filters that let it through: %v\n%s", err, got)
			}
		})
	}
}

// What could not be read is named wherever the image is reported: a damaged package database
// must not look like an image without packages.
func TestProblemsOfAnImageAreShown(t *testing.T) {
	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
		imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=12\n"), imagekit.Text("var/lib/dpkg/status", "Package: li\x00bc6\nStatus: install ok installed\nVersion: 2.36\n\n"),
		imagekit.Text("app/package.json", `{"name":"left-pad","version":"1.0.0"}`),
	}}}})
	source := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("web:1", img))
	ref := imagekit.Registry(t) + "/shop/web:1"
	imagekit.Push(t, ref, img)
	address, token := realServer(t)
	server := []string{"CROWSNEST_SERVER=" + address, "CROWSNEST_TOKEN=" + token}
	for name, c := range map[string]struct {
		source  string
		environ []string
	}{
		"here":               {source, nil},
		"here, judged there": {source, server},
		"at the server":      {ref, server},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t)
			p.environ = c.environ
			for _, command := range []string{"sbom", "cves", "quickview"} {
				stdout, _, err := p.run(command, c.source)
				if err != nil || strings.Count(stdout, "\n! incomplete: var/lib/dpkg/status: os/dpkg: ") != 1 {
					t.Errorf("%s: %v\n%s", command, err, stdout)
				}
				stdout, _, err = p.run(command, c.source, "--format", "json")
				var report struct{ Problems []crowsnest.Problem }
				if err != nil || json.Unmarshal([]byte(stdout), &report) != nil || len(report.Problems) != 1 || report.Problems[0].Path != "var/lib/dpkg/status" || report.Problems[0].Reason == "" {
					t.Errorf("%s as JSON: %v\n%s", command, err, stdout)
				}
			}
		})
	}
}

// A person's own networks are theirs to read from; what clouds keep their credentials at is no
// place for advisories, and no server's setting helps here.
func TestImportWithoutAServerIsGuarded(t *testing.T) {
	_, advisories := leftPad(t)
	files := httptest.NewServer(http.FileServer(http.Dir(advisories)))
	defer files.Close()
	p := newPerson(t)
	if got := p.ok("advisory", "import", files.URL, "--ecosystem", "npm"); !strings.Contains(got, "npm        1        1") {
		t.Errorf("import from loopback:\n%s", got)
	}
	for _, away := range []string{"http://169.254.169.254", "http://[fe80::1]"} {
		to := httptest.NewServer(http.RedirectHandler(away+"/", http.StatusFound))
		defer to.Close()
		for _, location := range []string{away, to.URL} {
			_, _, err := p.run("advisory", "import", location, "--ecosystem", "npm")
			if err == nil || strings.Count(err.Error(), "(") != 1 || !strings.Contains(err.Error(), "a link-local address are not permitted (use https") || strings.Contains(err.Error(), "egress") {
				t.Errorf("%s: %v", location, err)
			}
		}
	}
}

func TestImageThatIsNotThere(t *testing.T) {
	source, _ := leftPad(t)
	p := newPerson(t)
	p.refused([]string{"sbom", source, "--ref", "other"}, "other", "left-pad:1")
	p.refused([]string{"sbom", strings.TrimPrefix(source, "oci-dir://")}, "oci-dir://")
}

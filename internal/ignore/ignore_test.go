package ignore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// written writes a file into a folder of its own and returns its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const good = `# what we know
exceptions:
  - vulnerability: cve-2099-1
    type: accepted-risk
    text: no untrusted input
    expires: 2026-06-15
  - vulnerability: CVE-2099-2
    type: false-positive
    justification: component_not_present
    text: not built in
    scope:
      image: registry.example.com/shop/web:1.0
      packages: [pkg:deb/debian/openssl]
  - vulnerability: GHSA-aaaa
    type: accepted-risk
    text: only in tests
    scope:
      repositories: ["shop/*"]
      environments: [staging]
`

func found() wire.CVEs {
	finding := func(id, purl string, severity crowsnest.Severity, aliases ...string) wire.Finding {
		return wire.Finding{ID: id, Aliases: aliases, Severity: severity, Package: wire.FindingPackage{PURL: purl, Name: purl}}
	}
	r := wire.CVEs{Image: wire.Target{Name: "registry.example.com/shop/web:1.0", Digest: crowsnest.DigestOf([]byte("x"))}, Findings: []wire.Finding{
		finding("CVE-2099-1", "pkg:deb/debian/zlib@1", crowsnest.Critical), finding("CVE-2099-2", "pkg:deb/debian/openssl@3", crowsnest.High),
		finding("CVE-2099-2", "pkg:deb/debian/libssl3@3", crowsnest.High), finding("CVE-2099-3", "pkg:npm/a@1", crowsnest.Low, "GHSA-aaaa"),
	}}
	for _, f := range r.Findings {
		r.Summary.Add(f.Severity, 1)
		r.Updates = append(r.Updates, wire.PackageUpdate{Package: f.Package})
	}
	return r
}

func TestFindings(t *testing.T) {
	path := written(t, FileName, good)
	for name, c := range map[string]struct {
		at                     time.Time
		reference, environment string
		want                   []string // suppressed, with where that is decided
	}{
		"by the name of the image":  {now, "", "", []string{"CVE-2099-1 line 3", "CVE-2099-2 line 7"}},
		"under another reference":   {now, "registry.example.com/shop/web:2.0", "", []string{"CVE-2099-1 line 3"}},
		"in an environment":         {now, "", "staging", []string{"CVE-2099-1 line 3", "CVE-2099-2 line 7", "CVE-2099-3 line 14"}},
		"at the end of the day":     {time.Date(2026, 6, 15, 23, 59, 59, 0, time.UTC), "", "", []string{"CVE-2099-1 line 3", "CVE-2099-2 line 7"}},
		"when the day is over":      {time.Date(2026, 6, 16, 0, 0, 0, 0, time.UTC), "", "", []string{"CVE-2099-2 line 7"}},
		"what is no registry's":     {now, "web.tar", "", []string{"CVE-2099-1 line 3"}},
		"of an image read by a tag": {now, "registry.example.com/shop/web:1.0", "", []string{"CVE-2099-1 line 3", "CVE-2099-2 line 7"}},
	} {
		set, err := Read(Options{File: path, Now: c.at})
		if err != nil {
			t.Fatal(err)
		}
		if expired := c.at.Day() > 15; expired != (len(set.Notes) == 1 && strings.Contains(set.Notes[0], "CVE-2099-1 expired on 2026-06-16")) {
			t.Errorf("%s: told is %q", name, set.Notes)
		}
		r := set.Findings(found(), c.reference, c.environment)
		var got []string
		for _, f := range r.Suppressed {
			got = append(got, f.ID+strings.TrimPrefix(f.Suppressed.ID, FileName+","))
			if f.Suppressed.By != crowsnest.ByFile || f.Suppressed.Text == "" {
				t.Errorf("%s: told is %+v", name, f.Suppressed)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(r.Findings)+len(r.Suppressed) != 4 || r.Summary.Total() != len(r.Findings) || len(r.Updates) != len(r.Findings) {
			t.Errorf("%s: %d findings, counted %v, with %d updates", name, len(r.Findings), r.Summary, len(r.Updates))
		}
	}
	if before := found(); len(before.Findings) != 4 {
		t.Error("what was given is changed")
	}
}

func TestPolicies(t *testing.T) {
	set, err := Read(Options{File: written(t, "x.yaml", good), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	violation := func(id, purl string) crowsnest.Violation {
		return crowsnest.Violation{Vulnerability: id, Package: purl}
	}
	in := compliance.ImagePolicies{Image: found().Image, NotMet: 3, NoData: 1, Score: &compliance.PolicyScore{}, Policies: []compliance.ImagePolicy{
		{Name: "all suppressed", Weight: 20, Status: crowsnest.NonCompliant, ViolationCount: 1, Violations: []crowsnest.Violation{violation("CVE-2099-1", "pkg:deb/debian/zlib@1")}},
		{Name: "some left", Weight: 10, Status: crowsnest.NonCompliant, ViolationCount: 2, Violations: []crowsnest.Violation{violation("CVE-2099-1", "pkg:deb/debian/zlib@1"), violation("CVE-2099-4", "pkg:deb/debian/zlib@1")}},
		{Name: "not of a vulnerability", Weight: 10, Status: crowsnest.NonCompliant, ViolationCount: 1, Violations: []crowsnest.Violation{{Message: "runs as root"}}},
		{Name: "no data", Status: crowsnest.NoData},
	}}
	got := set.Policies(in, "")
	if got.Met != 1 || got.NotMet != 2 || got.NoData != 1 || got.Policies[0].Status != crowsnest.Compliant || got.Policies[0].ViolationCount != 0 || got.Policies[1].ViolationCount != 1 || got.Policies[2].Status != crowsnest.NonCompliant {
		t.Errorf("policies are %+v", got)
	}
	if got.Score.Got != 20 || got.Score.Of != 40 || got.Score.Grade != "D" {
		t.Errorf("the score is %+v", got.Score)
	}
	if in.Policies[0].Status != crowsnest.NonCompliant {
		t.Error("what was given is changed")
	}
}

func TestBadFiles(t *testing.T) {
	entry := func(lines ...string) string { return "exceptions:\n  - " + strings.Join(lines, "\n    ") + "\n" }
	v, ty, tx := "vulnerability: CVE-2099-1", "type: accepted-risk", "text: why"
	for name, c := range map[string]struct{ text, says string }{
		"no YAML":                {"exceptions: [", "yaml"},
		"another list":           {"ignore: []\n", "there is no field ignore"},
		"a list":                 {"- CVE-2099-1\n", "something else is expected"},
		"two documents":          {entry(v, ty, tx) + "---\n" + entry(v, ty, tx), "more than one document"},
		"a word":                 {"exceptions:\n  - CVE-2099-1\n", "line 2"},
		"an unknown field":       {entry(v, ty, tx, "reason: x"), "there is no field reason"},
		"an unknown scope":       {entry(v, ty, tx, "scope: {clusters: [x]}"), "there is no field clusters"},
		"a scope that is a word": {entry(v, ty, tx, "scope: everything"), "something else is expected"},
		"no vulnerability":       {entry(ty, tx), "name one"},
		"no text":                {entry(v, ty), "say why"},
		"no type":                {entry(v, tx), "accepted-risk or false-positive"},
		"no justification":       {entry(v, "type: false-positive", tx), "component_not_present"},
		"a bad day":              {entry(v, ty, tx, "expires: soon"), "write the last day"},
		"a digest alone":         {entry(v, ty, tx, "scope: {image: 'sha256:12'}"), "registry/repository"},
		"a field twice":          {entry(v, ty, tx, tx), "already defined"},
		"the second is bad":      {entry(v, ty, tx) + "  - " + v + "\n", "line 5"},
		"too many":               {"exceptions:\n" + strings.Repeat("  - {}\n", maxEntries+1), "more than 2000"},
		"too large":              {"# " + strings.Repeat("x", maxFile), "more than 1 MB"},
		"a bomb":                 {"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nexceptions: *c\n", ""},
	} {
		path := written(t, "bad.yaml", c.text)
		_, err := Read(Options{File: path, Now: now})
		if crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "ignore.entry") || strings.Contains(err.Error(), "crowsnest.Decision") {
			t.Errorf("%s: %v, want one about %q", name, err, c.says)
		}
	}
	for name, text := range map[string]string{"empty": "", "a comment": "# nothing\n", "no exceptions": "exceptions: []\n", "null": "exceptions:\n"} {
		if set, err := Read(Options{File: written(t, "x.yaml", text), Now: now}); err != nil || !set.Empty() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(Options{File: filepath.Join(t.TempDir(), "missing.yaml"), Now: now}); crowsnest.KindOf(err) != crowsnest.Invalid {
		t.Errorf("a file that there is not: %v", err)
	}
	t.Chdir(t.TempDir())
	if set, err := Read(Options{Now: now}); err != nil || !set.Empty() {
		t.Errorf("where nobody wrote one: %v", err)
	}
	if err := os.WriteFile(FileName, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	if set, err := Read(Options{Now: now}); err != nil || set.Empty() {
		t.Errorf("in the working directory: %v", err)
	}
	if set, err := Read(Options{Now: now, None: true}); err != nil || !set.Empty() {
		t.Errorf("where none is wanted: %v", err)
	}
}

func TestDocuments(t *testing.T) {
	folder := t.TempDir()
	write := func(name, author, status string) {
		t.Helper()
		text := `{"@context":"https://openvex.dev/ns/v0.2.0","author":"` + author + `","timestamp":"2026-01-02T03:04:05Z","statements":[{"vulnerability":{"name":"CVE-2099-1"},"products":[{"@id":"pkg:deb/debian/zlib"}],"status":"` + status + `"}]}`
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", "a@example.com", "not_affected")
	if err := os.WriteFile(filepath.Join(folder, "readme.txt"), []byte("no document"), 0o600); err != nil {
		t.Fatal(err)
	}
	suppressed := func(o Options) (int, []string) {
		t.Helper()
		o.None, o.Now = true, now
		set, err := Read(o)
		if err != nil {
			t.Fatal(err)
		}
		return len(set.Findings(found(), "", "").Suppressed), set.Notes
	}
	if n, _ := suppressed(Options{Documents: []string{folder}}); n != 1 {
		t.Errorf("of a folder suppressed are %d", n)
	}
	if n, _ := suppressed(Options{Documents: []string{filepath.Join(folder, "a.json")}, Authors: []string{`@other\.com$`, `@example\.com$`}}); n != 1 {
		t.Errorf("of a file suppressed are %d", n)
	}
	if n, notes := suppressed(Options{Documents: []string{folder}, Authors: []string{`@other\.com$`}}); n != 0 || len(notes) != 1 || !strings.Contains(notes[0], "a@example.com") {
		t.Errorf("by another author suppressed are %d, told is %q", n, notes)
	}
	write("b.json", "b@example.com", "affected") // of the same time
	if n, _ := suppressed(Options{Documents: []string{folder}}); n != 0 {
		t.Errorf("where two disagree suppressed are %d", n)
	}
	for name, o := range map[string]Options{
		"a bad pattern":       {Documents: []string{folder}, Authors: []string{"("}},
		"no such place":       {Documents: []string{filepath.Join(folder, "missing")}},
		"an empty folder":     {Documents: []string{t.TempDir()}},
		"what is no document": {Documents: []string{filepath.Join(folder, "readme.txt")}},
	} {
		o.None, o.Now = true, now
		if _, err := Read(o); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("exceptions:\n  - {vulnerability: CVE-1, type: accepted-risk, text: x, expires: 2026-01-01}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		set, err := Read(Options{File: written(t, "x.yaml", string(raw)), Now: now})
		if err != nil {
			if crowsnest.KindOf(err) != crowsnest.Invalid {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if r := set.Findings(found(), "", ""); len(r.Findings)+len(r.Suppressed) != 4 {
			t.Fatalf("of four findings there are %d and %d", len(r.Findings), len(r.Suppressed))
		}
	})
}

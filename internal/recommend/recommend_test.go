package recommend

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/google/go-cmp/cmp"
)

var day = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

const repository = "registry.example.com/base/node"

// image makes one with a tag. The packages are deb, findings are written as "CVE-1 critical libc6".
func image(tag, release string, node string, findings ...string) Image {
	i := Image{
		Digest: crowsnest.DigestOf([]byte(tag + release)), Tags: []Tag{{repository, tag, crowsnest.DigestOf([]byte(tag))}}, Size: 100_000_000, Built: day,
		Release: crowsnest.Distribution{ID: "debian", VersionID: release}, Packages: []crowsnest.PackageVersion{{Type: "deb", Name: "libc6", Version: "1"}, {Type: "deb", Name: "perl-base", Version: "1"}},
	}
	if node != "" {
		i.Software = []Software{{"node", node}, {"openssl", "3.0.1"}}
	}
	for _, f := range findings {
		words := strings.Fields(f)
		severity, ok := crowsnest.ParseSeverity(words[1])
		if !ok {
			panic(f)
		}
		i.Findings = append(i.Findings, Finding{words[0], severity, crowsnest.PackageVersion{Type: "deb", Name: words[2]}})
	}
	return i
}

func question(current *Image) Question {
	return Question{Repository: repository, Tag: "20", Current: current, Now: day}
}

func names(list []RankedBase) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, strings.TrimPrefix(c.Reference, repository+":"))
	}
	return out
}

// The order, rule by rule: each image comes before the next for one reason.
func TestChangesAreRanked(t *testing.T) {
	now := image("20", "12", "20.1.0", "CVE-1 critical libc6", "CVE-2 high libc6", "CVE-3 low libc6")
	small := image("20-small", "12", "20.2.0", "CVE-3 low libc6")
	small.Size = 50_000_000
	young := image("20-young", "12", "20.2.0", "CVE-3 low libc6")
	young.Built = day.AddDate(0, 0, 1)
	broken := image("20-broken", "12", "20.2.0")
	broken.Incomplete = true
	want := []Image{
		image("20-clean", "12", "20.2.0"),
		small,
		young,
		image("20-b", "12", "20.2.0", "CVE-3 low libc6"),
		image("20-trixie", "13", "20.2.0"), // another release
		image("22", "12", "22.0.0"),        // another major version
		image("18", "12", "18.0.0"),        // an older one
		image("20-high", "12", "20.2.0", "CVE-2 high libc6"),
		image("20-critical", "12", "20.2.0", "CVE-1 critical libc6"), // nothing but the high one is cleared
		broken,
		image("20-old", "8", "20.2.0", "CVE-2 high libc6"), // Debian 8 gets no fixes any more
	}
	for seed := range len(want) {
		mixed := slices.Concat(want[seed:], want[:seed])
		if seed%2 == 1 {
			slices.Reverse(mixed)
		}
		got := question(&now).Changes(mixed)
		var order []string
		for _, i := range want {
			order = append(order, i.Tags[0].Name)
		}
		if diff := cmp.Diff(order, names(got)); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
	}
}

func TestChangesAreBetterAndOfTheSameKind(t *testing.T) {
	now := image("20", "12", "20.1.0", "CVE-1 high libc6", "CVE-2 low libc6")
	elsewhere := func(i Image, repository string) Image {
		i.Tags[0].Repository = "registry.example.com/" + repository
		return i
	}
	for _, tt := range []struct {
		name  string
		image Image
		want  bool
	}{
		{"as many", image("a", "12", "20.1.0", "CVE-8 high libc6", "CVE-9 low libc6"), false},
		{"one high less", image("a", "12", "20.1.0", "CVE-2 low libc6", "CVE-3 low libc6"), true},
		{"one low less", image("a", "12", "20.1.0", "CVE-1 high libc6"), true},
		{"a critical in place of all", image("a", "12", "20.1.0", "CVE-7 critical libc6"), false},
		{"the same program of another repository", elsewhere(image("a", "12", "20.1.0"), "hardened/node"), true},
		{"another program", elsewhere(func() Image { i := image("a", "12", "20.1.0"); i.Software[0].Name = "python"; return i }(), "base/python"), false},
		{"no program", elsewhere(image("a", "12", ""), "base/debian"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := question(&now).Changes([]Image{tt.image}); (len(got) == 1) != tt.want {
				t.Errorf("named %v, want %t", names(got), tt.want)
			}
		})
	}

	plain := image("20", "12", "", "CVE-1 high libc6")
	for i := range 18 {
		plain.Packages = append(plain.Packages, crowsnest.PackageVersion{Type: "deb", Name: fmt.Sprint("lib", i)})
	}
	fewer := elsewhere(image("a", "13", ""), "hardened/debian")
	fewer.Packages = plain.Packages[2:] // a tenth is missing
	if got := question(&plain).Changes([]Image{fewer}); len(got) != 1 {
		t.Error("another release of the same distribution, with nearly all packages, is not named")
	}
	fewer.Packages = plain.Packages[3:]
	if got := question(&plain).Changes([]Image{fewer}); len(got) != 0 {
		t.Error("what lacks more than a tenth of the packages is named")
	}
	alpine := elsewhere(image("a", "3.20", ""), "base/alpine")
	alpine.Release.ID, alpine.Packages = "alpine", plain.Packages
	if got := question(&plain).Changes([]Image{alpine}); len(got) != 0 {
		t.Error("another distribution of another repository is named")
	}
	// A base of which nothing is found, as nobody looks any more, is worth leaving.
	dead := image("20", "8", "")
	if got := question(&dead).Changes([]Image{image("a", "12", "")}); len(got) != 1 {
		t.Error("a release that is fixed is not named in the place of one that is not")
	}
	// Without the base nobody knows what is better.
	if got := question(nil).Changes([]Image{image("b", "12", "", "CVE-1 high libc6"), image("a", "12", "")}); len(got) != 2 || got[0].Summary.High != 0 || len(got[0].Reasons) != 0 {
		t.Errorf("without the base: %+v", got)
	}
}

func TestReasons(t *testing.T) {
	now := image("20-slim", "12", "20.1.0", "CVE-1 critical libc6", "CVE-2 high libc6", "CVE-3 low perl-base")
	then := image("22-slim", "13", "22.0.0", "CVE-2 high libc6", "CVE-4 high libc6")
	then.Size, then.Packages, then.Built = 40_000_000, then.Packages[:1], day.AddDate(0, 0, 2)
	then.Tags = append(then.Tags, Tag{repository, "lts-slim", then.Tags[0].Target})
	q := question(&now)
	q.Tag = "20-slim"
	got := q.Refresh(then)
	want := []BaseReason{
		{FewerCritical, true, 1, "", ""},
		{FewerOthers, true, 1, "", ""},
		{SupportedLonger, true, 0, "2028-06-30", "2030-06-30"},
		{Smaller, true, 60_000_000, "", ""},
		{FewerPackages, true, 1, "", ""},
		{NewerBuild, true, 0, "2026-06-01", "2026-06-03"},
		{SameVariant, true, 0, "", "slim"},
		{MoreHigh, false, 1, "", ""},
		{Brings, false, 1, "", ""},
		{SoftwareStep, false, 0, "node 20.1.0", "node 22.0.0"},
		{AnotherRelease, false, 0, "debian 12", "debian 13"},
		{Lacks, false, 1, "", "perl-base"},
	}
	if diff := cmp.Diff(want, got.Reasons); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Cleared != (crowsnest.Summary{Critical: 1, Low: 1}) || got.Brought != (crowsnest.Summary{High: 1}) || got.Reference != repository+":22-slim" || !slices.Equal(got.Also, []string{repository + ":lts-slim"}) || got.Pin != then.Tags[0].Target {
		t.Errorf("%+v", got)
	}
	back := Question{Repository: repository, Tag: "22-slim", Current: &then, Now: day}.Refresh(now)
	for _, name := range []Name{MoreCritical, FewerHigh, OlderSoftware, Larger, OlderBuild, SupportedShorter} {
		if !slices.ContainsFunc(back.Reasons, func(r BaseReason) bool { return r.Name == name && r.For == (name == FewerHigh) }) {
			t.Errorf("the other way round lacks %s: %+v", name, back.Reasons)
		}
	}
}

func TestVersionsOfPrograms(t *testing.T) {
	ordered := []string{"1.9", "1.10", "1.10.1", "2", "v2.0.1", "10.0", "20.11.1"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := compareVersions(a, b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("compare %s and %s: %d", a, b, got)
			}
		}
	}
	for tag, want := range map[string]string{"20": "", "20.1-slim": "slim", "3.12-slim-bookworm": "slim-bookworm", "latest": "", "alpine3.20": "alpine3.20", "slim": "slim"} {
		if got := variant(tag); got != want {
			t.Errorf("variant of %s: %q, want %q", tag, got, want)
		}
	}
	for want, d := range map[string]crowsnest.Distribution{"rhel 9": {ID: "rhel", VersionID: "9.4"}, "alpine 3.20": {ID: "alpine", VersionID: "3.20.1"}, "ubuntu 24.04": {ID: "ubuntu", VersionID: "24.04"}, "": {}} {
		if got := release(d); got != want {
			t.Errorf("release %q, want %q", got, want)
		}
	}
}

// deb is an installed package of a source, with findings written as "CVE-1 critical", those with a fix with a + behind.
func deb(name, source string, inBase bool, to string, left []string, findings ...string) Installed {
	p := Installed{Package: crowsnest.PackageVersion{PURL: "pkg:deb/debian/" + name + "@1-1", Type: "deb", Name: name, Version: "1-1", Ecosystem: "Debian:12", Source: source}, InBase: inBase, To: to, Left: left}
	for _, f := range findings {
		words := strings.Fields(strings.TrimSuffix(f, "+"))
		severity, _ := crowsnest.ParseSeverity(words[1])
		p.Findings = append(p.Findings, Found{words[0], severity, strings.HasSuffix(f, "+")})
	}
	return p
}

func TestPlan(t *testing.T) {
	installed := []Installed{
		deb("libssl3", "openssl", true, "1-5", []string{"CVE-9"}, "CVE-1 critical+", "CVE-2 high+", "CVE-9 low"),
		deb("openssl", "openssl", false, "1-5", nil, "CVE-1 critical+"),
		deb("libc6", "glibc", true, "1-3", nil, "CVE-3 high+"),
		deb("perl-base", "perl", true, "", nil, "CVE-4 critical"),
		deb("curl", "", false, "1-2", []string{"CVE-6"}, "CVE-5 high+", "CVE-6 high+"),
		deb("zlib1g", "zlib", false, "1-2", nil, "CVE-7 medium+"),
	}
	installed[1].InUse = crowsnest.Loaded
	base := image("20", "12", "", "CVE-3 high libc6")
	anew := image("20", "12", "", "CVE-2 high libssl3", "CVE-8 critical libc6")
	q := question(&base)

	got := Plan(installed, &base, &anew, q.Describe)
	if got.Total != (crowsnest.Summary{Critical: 3, High: 4}) || got.Cleared != (crowsnest.Summary{Critical: 3, High: 3}) || got.Steps != 3 {
		t.Errorf("total %v, cleared %v in %d steps", got.Total, got.Cleared, got.Steps)
	}
	if b := got.Base; b == nil || b.Clears != (crowsnest.Summary{Critical: 2, High: 1}) || b.Brings != (crowsnest.Summary{Critical: 1, High: 1}) || !slices.Equal(b.Packages, []string{"libc6", "libssl3", "perl-base"}) || b.Reference != repository+":20" {
		t.Errorf("base %+v", b)
	}
	want := []PackageUpgrade{
		{Type: "deb", Name: "openssl", From: "1-1", To: "1-5", Step: "package", Installed: []string{"pkg:deb/debian/libssl3@1-1", "pkg:deb/debian/openssl@1-1"}, Clears: crowsnest.Summary{Critical: 1, High: 1}, Cleared: []ClearedVulnerability{{"CVE-1", crowsnest.Critical}, {"CVE-2", crowsnest.High}}, Leaves: 1, InUse: crowsnest.Loaded},
		{Type: "deb", Name: "curl", From: "1-1", To: "1-2", Step: "package", Installed: []string{"pkg:deb/debian/curl@1-1"}, Clears: crowsnest.Summary{High: 1}, Cleared: []ClearedVulnerability{{"CVE-5", crowsnest.High}}, Leaves: 1},
	}
	if diff := cmp.Diff(want, got.Packages); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if len(got.Remaining) != 1 || got.Remaining[0].ID != "CVE-6" || got.Remaining[0].Why != NotCleared {
		t.Errorf("remaining %+v", got.Remaining)
	}

	// Without a newer base each package is upgraded by itself, and what has no fix stays.
	got = Plan(installed, &base, nil, q.Describe)
	if got.Base != nil || got.Steps != 3 || got.Cleared != (crowsnest.Summary{Critical: 2, High: 3}) || len(got.Remaining) != 2 || got.Remaining[0].ID != "CVE-4" || got.Remaining[0].Why != NoFix {
		t.Errorf("without a newer base: %+v", got)
	}
	if got = Plan(nil, nil, nil, q.Describe); got.Steps != 0 || got.Packages == nil || got.Remaining == nil {
		t.Errorf("of nothing: %+v", got)
	}
}

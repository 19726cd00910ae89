package inventory

import (
	"archive/tar"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func TestMergeHonoursTheLayersAbove(t *testing.T) {
	lower := []item{
		dir("app"), npm("app/package.json", "app", "1.0.0"),
		dir("app/node_modules"), dir("app/node_modules/a"), npm("app/node_modules/a/package.json", "a", "1.0.0"),
		npm("app/node_modules/b/package.json", "b", "1.0.0"),
	}
	tests := []struct {
		name  string
		upper []item
		want  []string
	}{
		{"nothing above", nil, []string{"npm a 1.0.0", "npm app 1.0.0", "npm b 1.0.0"}},
		{"whiteout of the file", []item{file("app/node_modules/a/.wh.package.json", "")}, []string{"npm app 1.0.0", "npm b 1.0.0"}},
		{"whiteout of a directory above", []item{file("app/.wh.node_modules", "")}, []string{"npm app 1.0.0"}},
		{"whiteout of the top directory", []item{file("./.wh.app", "")}, []string{}},
		{"whiteout of a name that is only a prefix", []item{file("app/.wh.node", ""), file(".wh.ap", "")}, []string{"npm a 1.0.0", "npm app 1.0.0", "npm b 1.0.0"}},
		{"opaque directory", []item{dir("app/node_modules"), file("app/node_modules/.wh..wh..opq", "")}, []string{"npm app 1.0.0"}},
		{"opaque directory with new content", []item{file("app/node_modules/.wh..wh..opq", ""), npm("app/node_modules/c/package.json", "c", "2.0.0")}, []string{"npm app 1.0.0", "npm c 2.0.0"}},
		{"opaque root", []item{file(".wh..wh..opq", "")}, []string{}},
		{"overwritten with another version", []item{npm("app/node_modules/a/package.json", "a", "2.0.0")}, []string{"npm a 2.0.0", "npm app 1.0.0", "npm b 1.0.0"}},
		{"overwritten with something that is no package", []item{file("app/node_modules/a/package.json", "{}")}, []string{"npm app 1.0.0", "npm b 1.0.0"}},
		{"directory replaced by a file", []item{file("app/node_modules", "gone")}, []string{"npm app 1.0.0"}},
		{"directory replaced by a link", []item{symlink("app/node_modules", "/elsewhere")}, []string{"npm app 1.0.0"}},
		{"file replaced by a directory", []item{dir("app/package.json")}, []string{"npm a 1.0.0", "npm b 1.0.0"}},
		{"file replaced by a link", []item{symlink("app/package.json", "x")}, []string{"npm a 1.0.0", "npm b 1.0.0"}},
		{"file replaced by a device", []item{{path: "app/package.json", kind: tar.TypeChar}}, []string{"npm a 1.0.0", "npm b 1.0.0"}},
		{"directory written again", []item{dir("app"), dir("app/node_modules/a")}, []string{"npm a 1.0.0", "npm app 1.0.0", "npm b 1.0.0"}},
		{"whiteout beside new content of the same path", []item{file(".wh.app", ""), npm("app/package.json", "app", "3.0.0")}, []string{"npm app 3.0.0"}},
		{"bookkeeping of AUFS", []item{file(".wh..wh.plnk", ""), file(".wh..wh.aufs", ""), file(".wh.", ""), file("app/.wh..", ""), file("app/.wh...", "")}, []string{"npm a 1.0.0", "npm app 1.0.0", "npm b 1.0.0"}},
		{"unclean paths", []item{file("/../app/./node_modules//.wh.a", "")}, []string{"npm app 1.0.0", "npm b 1.0.0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := image(t, lower, tt.upper)
			if diff := cmp.Diff(tt.want, names(got)); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
			if len(got.Problems) != 0 {
				t.Errorf("problems: %v", got.Problems)
			}
		})
	}
}

func TestMergeHidesOnlyBelow(t *testing.T) {
	got := image(t,
		[]item{file(".wh.app", ""), file("lib/.wh..wh..opq", "")},
		[]item{npm("app/package.json", "app", "1.0.0"), npm("lib/package.json", "lib", "1.0.0")},
	)
	if diff := cmp.Diff([]string{"npm app 1.0.0", "npm lib 1.0.0"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestMergeSupersedesPackageDatabase(t *testing.T) {
	lower := []item{file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status", deb("bash", "5.2.15-2")+deb("wget", "1.21"))}
	upper := []item{file("var/lib/dpkg/status", deb("bash", "5.2.15-2")+deb("curl", "7.88.1"))}
	a, b := analyse(t, lower...), analyse(t, upper...)
	got := Merge(crowsnest.Image{}, []*Layer{a, b})
	if diff := cmp.Diff([]string{"deb bash 5.2.15-2", "deb curl 7.88.1"}, names(got)); diff != "" {
		t.Fatalf("packages (-want +got):\n%s", diff)
	}
	want := []crowsnest.Location{{Path: "var/lib/dpkg/status", Layer: a.DiffID()}}
	if diff := cmp.Diff(want, got.Packages[0].Locations); diff != "" {
		t.Errorf("bash comes from the layer that brought it first (-want +got):\n%s", diff)
	}
	want[0].Layer = b.DiffID()
	if diff := cmp.Diff(want, got.Packages[1].Locations); diff != "" {
		t.Errorf("curl comes from the upper layer (-want +got):\n%s", diff)
	}
}

func TestMergeReplacesStatusFilesOneByOne(t *testing.T) {
	stanza := func(n, v string) string {
		return "Package: " + n + "\nVersion: " + v + "\nArchitecture: all\n"
	}
	got := image(t,
		[]item{file("var/lib/dpkg/status.d/tzdata", stanza("tzdata", "1")), file("var/lib/dpkg/status.d/netbase", stanza("netbase", "6.4")), file("var/lib/dpkg/status.d/netbase.md5sums", "x  y\n")},
		[]item{file("var/lib/dpkg/status.d/tzdata", stanza("tzdata", "2"))},
	)
	if diff := cmp.Diff([]string{"deb netbase 6.4", "deb tzdata 2"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestMergeGathersLocations(t *testing.T) {
	a := analyse(t, npm("x/package.json", "same", "1.0.0"), npm("y/package.json", "same", "1.0.0"))
	b := analyse(t, npm("z/package.json", "same", "1.0.0"), npm("z/other/package.json", "same", "1.0.1"))
	got := Merge(crowsnest.Image{}, []*Layer{a, b})
	want := []crowsnest.Location{{Path: "x/package.json", Layer: a.DiffID()}, {Path: "y/package.json", Layer: a.DiffID()}, {Path: "z/package.json", Layer: b.DiffID()}}
	if len(got.Packages) != 2 {
		t.Fatalf("packages: %v", names(got))
	}
	if diff := cmp.Diff(want, got.Packages[0].Locations); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}

func TestMergeDropsProblemsOfHiddenFiles(t *testing.T) {
	bad := []item{file("app/package.json", "{")}
	if got := image(t, bad); len(got.Problems) != 1 || got.Problems[0].Path != "app/package.json" || !strings.Contains(got.Problems[0].Reason, "packagejson") {
		t.Errorf("problems: %+v", got.Problems)
	}
	if got := image(t, bad, []item{npm("app/package.json", "app", "1.0.0")}); len(got.Problems) != 0 {
		t.Errorf("problems of a replaced file: %+v", got.Problems)
	}
}

// TestMergeTellsOfPackagesWithoutAdvisories: an image whose distribution is not known must not look
// free of vulnerabilities.
func TestMergeTellsOfPackagesWithoutAdvisories(t *testing.T) {
	status := file("var/lib/dpkg/status", deb("bash", "5.2.15-2")+deb("wget", "1.21"))
	for _, c := range []struct {
		name  string
		items []item
		want  []string
	}{
		{"known", []item{status, file("etc/os-release", osReleaseOf("debian", "12"))}, nil},
		{"without a release", []item{status, file("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux sid\"\n")},
			[]string{`no advisories are known for distribution "Debian GNU/Linux sid", so 2 deb packages were compared with none`}},
		{"another distribution", []item{file("var/lib/dpkg/status", deb("bash", "5")), file("etc/os-release", "ID=kali\n")},
			[]string{`no advisories are known for distribution "kali", so 1 deb package was compared with none`}},
		{"without os-release", []item{status}, []string{"no os-release names the distribution, so 2 deb packages were compared with none"}},
		{"owned packages and projects do not count", []item{npm("a/package.json", "a", "1.0.0")}, nil},
	} {
		var got []string
		for _, p := range image(t, c.items).Problems {
			got = append(got, p.Reason)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestProblemsOfAnImageAreCapped(t *testing.T) {
	var layers []*Layer
	for i := range 3 {
		l := &Layer{}
		for j := range maxProblems {
			l.problems = append(l.problems, crowsnest.Problem{Path: fmt.Sprintf("%d/%d", i, j), Reason: "damaged"})
		}
		layers = append(layers, l)
	}
	got := Merge(crowsnest.Image{}, layers).Problems
	if last := got[len(got)-1]; len(got) != maxProblems+1 || last.Reason != fmt.Sprintf("%d more problems are not listed", 2*maxProblems) {
		t.Errorf("%d problems, the last %+v", len(got), last)
	}
}

func TestMergeIsPureAndOrdered(t *testing.T) {
	l := []*Layer{
		analyse(t, file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status", deb("b", "1")+deb("a", "1"))),
		analyse(t, npm("b/package.json", "b", "1.0.0"), npm("a/package.json", "a", "1.0.0")),
	}
	first := Merge(crowsnest.Image{}, l)
	if !slices.IsSortedFunc(first.Packages, comparePackages) {
		t.Errorf("out of order: %v", names(first))
	}
	if diff := cmp.Diff(first, Merge(crowsnest.Image{}, l)); diff != "" {
		t.Errorf("a second merge differs (-first +second):\n%s", diff)
	}
	// The same layer in an image of another distribution.
	other := Merge(crowsnest.Image{}, []*Layer{l[0], analyse(t, file("etc/os-release", osReleaseOf("ubuntu", "24.10")))})
	if got := other.Packages[0].Ecosystem; got != "Ubuntu:24.10" {
		t.Errorf("ecosystem under another release: %q", got)
	}
}

func TestMergeNixPackagesHangOnTheirDirectory(t *testing.T) {
	const d = "nix/store/1ddf3x30m0z6kknmrmapsc7liz8npi1w-perl-5.38.2"
	lower := []item{file(d+"/bin/ptar", "x"), file(d+"/bin/perl", "x")}
	for _, tt := range []struct {
		name  string
		upper []item
		want  []string
	}{
		{"kept when a file in it goes", []item{file(d+"/bin/.wh.ptar", "")}, []string{d}},
		{"kept when its directory is written", []item{dir(d), file(d+"/bin/ptar", "y")}, []string{d}},
		{"gone with its directory", []item{file("nix/store/.wh.1ddf3x30m0z6kknmrmapsc7liz8npi1w-perl-5.38.2", "")}, nil},
		{"gone when its directory is opaque", []item{file(d+"/.wh..wh..opq", "")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, paths(image(t, lower, tt.upper), "perl")); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}

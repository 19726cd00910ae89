package inventory

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/rpmkit"
)

// versions drops what other tests cover.
func versions(a crowsnest.Analysis) []crowsnest.PackageVersion {
	var out []crowsnest.PackageVersion
	for _, p := range a.Packages {
		out = append(out, p.PackageVersion)
	}
	return out
}

func TestPackageDatabases(t *testing.T) {
	apk := func(s ...string) item { return file("lib/apk/db/installed", strings.Join(s, "\n")+"\n\n") }
	tests := []struct {
		name  string
		items []item
		want  []crowsnest.PackageVersion
	}{
		{
			"dpkg",
			[]item{file("etc/os-release", osReleaseOf("debian", "12")), file("var/lib/dpkg/status",
				deb("libc6", "2.36-9+deb12u4", "Source: glibc")+
					deb("bash", "5.2.15-2+b7", "Source: bash (5.2.15-2)")+
					deb("libstdc++6", "12.2.0-14", "Source: gcc-12 (12.2.0-14)", "Description: C++", " more words", " ."))},
			[]crowsnest.PackageVersion{
				{PURL: "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12", Type: "deb", Name: "bash", Version: "5.2.15-2+b7", Ecosystem: "Debian:12", SourceVersion: "5.2.15-2"},
				{PURL: "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12", Type: "deb", Name: "libc6", Version: "2.36-9+deb12u4", Ecosystem: "Debian:12", Source: "glibc"},
				{PURL: "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12", Type: "deb", Name: "libstdc++6", Version: "12.2.0-14", Ecosystem: "Debian:12", Source: "gcc-12"},
			},
		},
		{
			"apk",
			[]item{file("etc/os-release", osReleaseOf("alpine", "3.19.1")), apk("P:ssl_client", "V:1.36.1-r15", "A:x86_64", "L:GPL-2.0-only", "o:busybox", "", "P:musl", "V:1.2.4-r2", "A:x86_64", "o:musl")},
			[]crowsnest.PackageVersion{
				{PURL: "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1", Type: "apk", Name: "musl", Version: "1.2.4-r2", Ecosystem: "Alpine:v3.19"},
				{PURL: "pkg:apk/alpine/ssl_client@1.36.1-r15?arch=x86_64&distro=alpine-3.19.1", Type: "apk", Name: "ssl_client", Version: "1.36.1-r15", Ecosystem: "Alpine:v3.19", Source: "busybox"},
			},
		},
		{
			"rpm",
			[]item{file("etc/os-release", osReleaseOf("rocky", "9.3")), file("var/lib/rpm/rpmdb.sqlite", string(rpmDB(t,
				rpmkit.Package{Name: "openssl-libs", Version: "3.0.7", Release: "24.el9", Arch: "x86_64", Source: "openssl-3.0.7-24.el9.src.rpm", Epoch: 1, Licence: "ASL 2.0"},
				rpmkit.Package{Name: "bash", Version: "5.1.8", Release: "6.el9", Arch: "x86_64", Source: "bash-5.1.8-6.el9.src.rpm", Licence: "GPLv3+"},
				rpmkit.Package{Name: "gpg-pubkey", Version: "350d275d", Release: "6279464b", Arch: "(none)"},
			)))},
			[]crowsnest.PackageVersion{
				{PURL: "pkg:rpm/rocky/bash@5.1.8-6.el9?arch=x86_64&distro=rocky-9.3", Type: "rpm", Name: "bash", Version: "5.1.8-6.el9", Ecosystem: "Rocky Linux:9"},
				{PURL: "pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=rocky-9.3&epoch=1", Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9", Ecosystem: "Rocky Linux:9", Source: "openssl"},
			},
		},
		{
			"rpm of a distribution that names binaries",
			[]item{file("etc/os-release", osReleaseOf("almalinux", "9.3")), file("usr/lib/sysimage/rpm/rpmdb.sqlite", string(rpmDB(t,
				rpmkit.Package{Name: "openssl-libs", Version: "3.0.7", Release: "24.el9", Arch: "x86_64", Source: "openssl-3.0.7-24.el9.src.rpm", Epoch: 1})))},
			[]crowsnest.PackageVersion{
				{PURL: "pkg:rpm/almalinux/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=almalinux-9.3&epoch=1", Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9", Ecosystem: "AlmaLinux:9"},
			},
		},
		{
			"languages",
			[]item{
				npm("node_modules/@scope/name/package.json", "@scope/name", "1.2.3"),
				file("usr/lib/python3/dist-packages/Flask-1.1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: Flask\nVersion: 1.1.2\n"),
				file("usr/share/rubygems/specifications/rack-2.1.4.gemspec", "Gem::Specification.new do |s|\n  s.name = \"rack\"\n  s.version = \"2.1.4\"\nend\n"),
				file("usr/lib/gems/rack-2.1.4/rack.gemspec", "Gem::Specification.new do |s|\n  s.name = \"rack\"\n  s.version = Rack::RELEASE\nend\n"),
				file("app/web.deps.json", `{"libraries":{"web/1.0.0":{"type":"project"},"Newtonsoft.Json/9.0.1":{"type":"package"}}}`),
				file("app/a.jar", string(jarOf(t, pom("org.example", "lib", "1.0")))),
			},
			[]crowsnest.PackageVersion{
				{PURL: "pkg:gem/rack@2.1.4", Type: "gem", Name: "rack", Version: "2.1.4", Ecosystem: "RubyGems"},
				{PURL: "pkg:maven/org.example/lib@1.0", Type: "maven", Name: "org.example:lib", Version: "1.0", Ecosystem: "Maven"},
				{PURL: "pkg:npm/%40scope/name@1.2.3", Type: "npm", Name: "@scope/name", Version: "1.2.3", Ecosystem: "npm"},
				{PURL: "pkg:nuget/Newtonsoft.Json@9.0.1", Type: "nuget", Name: "Newtonsoft.Json", Version: "9.0.1", Ecosystem: "NuGet"},
				{PURL: "pkg:nuget/web@1.0.0", Type: "nuget", Name: "web", Version: "1.0.0"},
				{PURL: "pkg:pypi/flask@1.1.2", Type: "pypi", Name: "Flask", Version: "1.1.2", Ecosystem: "PyPI"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := image(t, tt.items)
			if len(got.Problems) != 0 {
				t.Errorf("problems: %+v", got.Problems)
			}
			if diff := cmp.Diff(tt.want, versions(got)); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLicences(t *testing.T) {
	wheel := func(licence string) item {
		return file("usr/lib/python3/dist-packages/a-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1\n"+licence)
	}
	for name, tt := range map[string]struct {
		item item
		want []string
	}{
		"apk":         {file("lib/apk/db/installed", "P:a\nV:1\nL:MIT AND Zlib\n\n"), []string{"MIT AND Zlib"}},
		"rpm":         {file("var/lib/rpm/rpmdb.sqlite", string(rpmDB(t, rpmkit.Package{Name: "a", Version: "1", Release: "1", Licence: "GPLv2+ and (ASL 2.0 or MIT)"}))), []string{"GPL-2.0-or-later AND (Apache-2.0 OR MIT)"}},
		"npm":         {file("a/package.json", `{"name":"a","version":"1.0.0","license":"mit"}`), []string{"MIT"}},
		"npm without": {npm("a/package.json", "a", "1.0.0"), nil},
		"python":      {wheel("License: BSD 3-Clause\n"), []string{"BSD-3-Clause"}},
		"gem":         {file("x/specifications/a-1.gemspec", "Gem::Specification.new do |s|\n  s.name = \"a\"\n  s.version = \"1\"\n  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\nend\n"), []string{"MIT", "Ruby"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := image(t, []item{tt.item})
			if len(got.Packages) != 1 {
				t.Fatalf("packages %v, problems %v", names(got), got.Problems)
			}
			if diff := cmp.Diff(tt.want, got.Packages[0].Licences); diff != "" {
				t.Errorf("licences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLicencesOfDebianPackages(t *testing.T) {
	copyright := func(name, licence string) item {
		return file("usr/share/doc/"+name+"/copyright", "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: "+licence+"\n")
	}
	status := file("var/lib/dpkg/status", deb("a", "1"))
	for name, tt := range map[string]struct {
		layers [][]item
		want   []string
	}{
		"its file":                        {[][]item{{status, copyright("a", "GPL-2+")}}, []string{"GPL-2.0-or-later"}},
		"in a layer below":                {[][]item{{copyright("a", "GPL-2+")}, {status}}, []string{"GPL-2.0-or-later"}},
		"replaced":                        {[][]item{{status, copyright("a", "GPL-2+")}, {copyright("a", "Expat")}}, []string{"MIT"}},
		"twice in a layer":                {[][]item{{status, copyright("a", "GPL-2+"), copyright("a", "Expat")}}, []string{"MIT"}},
		"deleted":                         {[][]item{{status, copyright("a", "GPL-2+")}, {file("usr/share/.wh.doc", "")}}, nil},
		"a folder that is a link":         {[][]item{{status, symlink("usr/share/doc/a", "b"), copyright("b", "Expat")}}, []string{"MIT"}},
		"a file that is a link":           {[][]item{{status, symlink("usr/share/doc/a/copyright", "../b/copyright")}, {copyright("b", "Expat")}}, []string{"MIT"}},
		"an absolute link":                {[][]item{{status, symlink("usr/share/doc/a/copyright", "/usr/share/doc/b/copyright"), copyright("b", "Expat")}}, []string{"MIT"}},
		"a circle of links":               {[][]item{{status, symlink("usr/share/doc/a", "b"), symlink("usr/share/doc/b", "a")}}, nil},
		"a link to elsewhere":             {[][]item{{status, symlink("usr/share/doc/a", "/etc/passwd")}}, nil},
		"none":                            {[][]item{{status, copyright("b", "Expat")}}, nil},
		"a file that is not recognised":   {[][]item{{status, file("usr/share/doc/a/copyright", "All rights reserved.")}}, nil},
		"another file beside a copyright": {[][]item{{status, copyright("a", "Expat"), file("usr/share/doc/a/README", "x")}}, []string{"MIT"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := image(t, tt.layers...)
			if diff := cmp.Diff(tt.want, got.Packages[0].Licences); diff != "" {
				t.Errorf("licences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDpkgStates(t *testing.T) {
	for status, want := range map[string]bool{
		"install ok installed": true, "hold ok installed": true, "deinstall ok installed": true,
		"install ok triggers-pending": true, "install ok triggers-awaited": true, "install ok half-configured": true, "install reinstreq unpacked": true,
		"deinstall ok config-files": false, "purge ok not-installed": false, "install reinstreq half-installed": false, "installed": false,
	} {
		got := image(t, []item{file("var/lib/dpkg/status", "Package: a\nStatus: "+status+"\nVersion: 1\n\n"+deb("b", "1"))})
		if present := slices.Contains(names(got), "deb a 1"); present != want || !slices.Contains(names(got), "deb b 1") {
			t.Errorf("status %q: present %v, want %v; all: %v", status, present, want, names(got))
		}
	}
	if got := image(t, []item{file("var/lib/dpkg/status", "Package: a\nVersion: 1\n\n")}); len(got.Packages) != 0 {
		t.Errorf("a package without a state counts: %v", names(got))
	}
}

func TestNestedArchives(t *testing.T) {
	inner := jarOf(t, pom("org.example", "inner", "1.0"))
	middle := jarOf(t, map[string]string{"lib/inner.jar": string(inner)})
	outer := pom("org.example", "outer", "2.0")
	outer["BOOT-INF/lib/middle.jar"] = string(middle)
	items := []item{file("app/outer.jar", string(jarOf(t, outer))), hardlink("app/again.jar", "app/outer.jar")}
	got := image(t, items)
	if diff := cmp.Diff([]string{"app/again.jar/BOOT-INF/lib/middle.jar/lib/inner.jar", "app/outer.jar/BOOT-INF/lib/middle.jar/lib/inner.jar"}, paths(got, "org.example:inner")); diff != "" {
		t.Errorf("inner (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"app/again.jar", "app/outer.jar"}, paths(got, "org.example:outer")); diff != "" {
		t.Errorf("outer (-want +got):\n%s", diff)
	}
	gone := image(t, items, []item{file("app/.wh.outer.jar", ""), file("app/.wh.again.jar", "")})
	if len(gone.Packages) != 0 {
		t.Errorf("packages of a deleted archive: %v", names(gone))
	}
}

// The running test is a real Go program.
func TestGoProgram(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	got := image(t, []item{program("usr/bin/server", b), file("usr/share/server.txt", string(b))})
	if diff := cmp.Diff([]string{"usr/bin/server"}, paths(got, "stdlib")); diff != "" {
		t.Errorf("stdlib (-want +got):\n%s", diff)
	}
	all := map[string]crowsnest.Package{}
	for _, p := range got.Packages {
		all[p.Name] = p
	}
	version := strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")
	want := crowsnest.PackageVersion{PURL: fmt.Sprintf("pkg:golang/stdlib@%s", version), Type: "golang", Name: "stdlib", Version: version, Ecosystem: "Go"}
	if diff := cmp.Diff(want, all["stdlib"].PackageVersion); diff != "" {
		t.Errorf("stdlib (-want +got):\n%s", diff)
	}
	for _, d := range info.Deps {
		if got := all[d.Path]; got.Version != strings.TrimPrefix(d.Version, "v") || got.Ecosystem != "Go" {
			t.Errorf("module %s %s: %+v", d.Path, d.Version, got)
		}
	}
	if main := all[info.Main.Path]; info.Main.Version == "(devel)" && (main.Name == "" || main.Version != "" || main.Ecosystem != "") {
		t.Errorf("main module of an unknown version: %+v", main)
	}
}

func TestSplitSourceRPM(t *testing.T) {
	for in, want := range map[string][2]string{
		"bash-5.1.8-6.el9.src.rpm":      {"bash", "5.1.8-6.el9"},
		"java-17-openjdk-1-2.nosrc.rpm": {"java-17-openjdk", "1-2"},
		"(none)":                        {},
		"":                              {},
		"x.src.rpm":                     {},
		"x-1.src.rpm":                   {},
		"-1-2.src.rpm":                  {},
	} {
		n, v := splitSourceRPM(in)
		if got := [2]string{n, v}; got != want {
			t.Errorf("splitSourceRPM(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTextsOfAPackageAreCapped(t *testing.T) {
	long := strings.Repeat("n", 5*maxText)
	got := image(t, []item{npm("a/package.json", long, "1.0.0"), npm("b/package.json", "b", "1.0.0")})
	if diff := cmp.Diff([]string{"npm b 1.0.0"}, names(got)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if len(got.Problems) != 1 {
		t.Errorf("problems: %+v", got.Problems)
	}
}

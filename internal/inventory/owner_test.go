package inventory

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/rpmkit"
)

// ownedBy lists the packages no distribution brought, each with the ecosystem it is
// matched in and its owners.
func ownedBy(a crowsnest.Analysis) []string {
	out := []string{}
	for _, p := range a.Packages {
		switch p.Type {
		case "deb", "apk", "rpm", "pacman":
			continue
		}
		line := fmt.Sprintf("%s %s in %q", p.Name, p.Version, p.Ecosystem)
		for _, o := range p.Owners() {
			line += " of " + o.PURL
		}
		out = append(out, line)
	}
	return out
}

const sixPath = "usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA"

func six(version string) item {
	return file(sixPath, "Metadata-Version: 2.1\nName: six\nVersion: "+version+"\n")
}

func apkDB(packages ...string) item {
	return file("lib/apk/db/installed", strings.Join(packages, "\n\n")+"\n\n")
}

func TestWhoOwnsAFile(t *testing.T) {
	debian, alpine, rocky, arch := file("etc/os-release", osReleaseOf("debian", "12")), file("etc/os-release", osReleaseOf("alpine", "3.19.1")),
		file("etc/os-release", osReleaseOf("rocky", "9.3")), file("etc/os-release", osReleaseOf("arch", ""))
	status := file("var/lib/dpkg/status", deb("python3-six", "1.16.0-4"))
	list := file("var/lib/dpkg/info/python3-six.list", "/.\n/usr\n/usr/lib\n/"+strings.TrimSuffix(sixPath, "/METADATA")+"\n/"+sixPath+"\n")
	const (
		ofDebian = " of pkg:deb/debian/python3-six@1.16.0-4?arch=amd64&distro=debian-12"
		ofAlpine = " of pkg:apk/alpine/py3-six@1.16.0-r8?arch=x86_64&distro=alpine-3.19.1"
	)
	apkSix := "P:py3-six\nV:1.16.0-r8\nA:x86_64\nF:usr\nF:" + strings.TrimSuffix(sixPath, "/METADATA") + "\nR:METADATA\na:0:0:644\nZ:Q1abc="
	apkMusl := "P:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1"
	rpmSix := rpmkit.Package{Name: "python3-six", Version: "1.15.0", Release: "9.el9", Arch: "noarch", Epoch: 1, Files: []string{"/" + sixPath, "/usr/share/licenses/python3-six"}}
	jar := file("usr/share/java/a.jar", string(jarOf(t, pom("org.example", "lib", "1.0"))))
	libStatus := file("var/lib/dpkg/status", deb("a", "1"))
	tests := []struct {
		name   string
		layers [][]item
		want   []string
	}{
		{"dpkg", [][]item{{debian, status, list, six("1.16.0")}}, []string{"six 1.16.0 in \"\"" + ofDebian}},
		{"dpkg, the file before its list and the list in another layer", [][]item{{debian, six("1.16.0")}, {status, list}}, []string{"six 1.16.0 in \"\"" + ofDebian}},
		{"dpkg with the architecture in the name", [][]item{{debian, status, file("var/lib/dpkg/info/python3-six:amd64.list", "/"+sixPath+"\n"), six("1.16.0")}}, []string{"six 1.16.0 in \"\"" + ofDebian}},
		{"dpkg of another architecture", [][]item{{debian, status, file("var/lib/dpkg/info/python3-six:arm64.list", "/"+sixPath+"\n"), six("1.16.0")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"dpkg without a list", [][]item{{debian, status, six("1.16.0")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"a list that names another file", [][]item{{debian, status, file("var/lib/dpkg/info/python3-six.list", "/"+sixPath+"X\n/usr/lib\n"), six("1.16.0")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"a package that is not installed any more", [][]item{{debian, file("var/lib/dpkg/status", "Package: python3-six\nStatus: deinstall ok config-files\nVersion: 1.16.0-4\n\n"), list, six("1.16.0")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"distroless", [][]item{{debian, file("var/lib/dpkg/status.d/python3-six", "Package: python3-six\nVersion: 1.16.0-4\nArchitecture: amd64\n"),
			file("var/lib/dpkg/status.d/python3-six.md5sums", "d41d8cd98f00b204e9800998ecf8427e  "+sixPath+"\n"), six("1.16.0")}}, []string{"six 1.16.0 in \"\"" + ofDebian}},
		{"a merged /usr", [][]item{{debian, libStatus, symlink("lib", "usr/lib"), file("var/lib/dpkg/info/a.list", "/lib/a-1.dist-info/METADATA\n"), file("usr/lib/a-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1\n")}}, []string{"a 1 in \"\" of pkg:deb/debian/a@1?arch=amd64&distro=debian-12"}},
		{"/usr that is not merged", [][]item{{debian, libStatus, file("var/lib/dpkg/info/a.list", "/lib/a-1.dist-info/METADATA\n"), file("usr/lib/a-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: a\nVersion: 1\n")}}, []string{`a 1 in "PyPI"`}},
		{"archives within an archive", [][]item{{debian, libStatus, jar, file("var/lib/dpkg/info/a.list", "/usr/share/java/a.jar\n")}}, []string{"org.example:lib 1.0 in \"\" of pkg:deb/debian/a@1?arch=amd64&distro=debian-12"}},
		{"the same package twice, owned once", [][]item{{debian, status, list, six("1.16.0"), file("srv/venv/six-1.16.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n")}},
			[]string{"six 1.16.0 in \"\"" + ofDebian, `six 1.16.0 in "PyPI"`}},
		{"apk", [][]item{{alpine, apkDB(apkMusl, apkSix), six("1.16.0")}}, []string{"six 1.16.0 in \"\"" + ofAlpine}},
		{"rpm", [][]item{{rocky, file("var/lib/rpm/rpmdb.sqlite", string(rpmDB(t, rpmSix))), six("1.15.0")}},
			[]string{"six 1.15.0 in \"\" of pkg:rpm/rocky/python3-six@1.15.0-9.el9?arch=noarch&distro=rocky-9.3&epoch=1"}},
		{"pacman", [][]item{{arch, file("var/lib/pacman/local/python-six-1.16.0-9/desc", "%NAME%\npython-six\n\n%VERSION%\n1.16.0-9\n\n%ARCH%\nany\n"),
			file("var/lib/pacman/local/python-six-1.16.0-9/files", "%FILES%\nusr/\nusr/lib/\n"+sixPath+"\n\n%BACKUP%\nsrv/x\n"), six("1.16.0")}}, []string{"six 1.16.0 in \"\" of pkg:pacman/arch/python-six@1.16.0-9?distro=arch"}},

		// What upper layers do.
		{"deleted", [][]item{{debian, status, list, six("1.16.0")}, {file("usr/lib/python3/.wh.dist-packages", "")}}, []string{}},
		{"the list deleted", [][]item{{debian, status, list, six("1.16.0")}, {file("var/lib/dpkg/.wh.info", "")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"the database deleted", [][]item{{debian, status, list, six("1.16.0")}, {file("var/lib/dpkg/.wh.status", "")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"the owner removed, the file left", [][]item{{debian, status, list, six("1.16.0")}, {file("var/lib/dpkg/status", deb("bash", "5"))}}, []string{`six 1.16.0 in "PyPI"`}},
		{"only its attributes changed", [][]item{{debian, status, list, six("1.16.0")}, {six("1.16.0")}}, []string{"six 1.16.0 in \"\"" + ofDebian}},
		{"overwritten with another version", [][]item{{debian, status, list, six("1.16.0")}, {six("1.17.0")}}, []string{`six 1.17.0 in "PyPI"`}},
		{"overwritten with another file of the same version", [][]item{{debian, status, list, six("1.16.0")}, {file(sixPath, "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\nSummary: from the index\n")}}, []string{`six 1.16.0 in "PyPI"`}},
		{"overwritten, then its owner upgraded", [][]item{{debian, status, list, six("1.16.0")}, {six("1.17.0")},
			{file("var/lib/dpkg/status", deb("python3-six", "1.18.0-1")), list, six("1.18.0")}}, []string{"six 1.18.0 in \"\" of pkg:deb/debian/python3-six@1.18.0-1?arch=amd64&distro=debian-12"}},
		{"apk writes its whole database for another package", [][]item{{alpine, apkDB(apkMusl, apkSix), six("1.16.0")}, {apkDB(apkMusl, apkSix, "P:zlib\nV:1\nA:x86_64")}}, []string{"six 1.16.0 in \"\"" + ofAlpine}},
		{"pip writes over what apk installed, in the layer in which apk installs another", [][]item{{alpine, apkDB(apkMusl, apkSix), six("1.16.0")}, {apkDB(apkMusl, apkSix, "P:zlib\nV:1\nA:x86_64"), six("1.17.0")}}, []string{`six 1.17.0 in "PyPI"`}},
		{"apk upgrades it", [][]item{{alpine, apkDB(apkMusl, strings.ReplaceAll(apkSix, "1.16.0-r8", "1.15.0-r0")), six("1.15.0")}, {apkDB(apkMusl, apkSix), six("1.16.0")}}, []string{"six 1.16.0 in \"\"" + ofAlpine}},
		{"a copy by pip elsewhere", [][]item{{alpine, apkDB(apkMusl, apkSix), six("1.16.0")}, {file("usr/local/lib/python3.11/site-packages/six-1.17.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\n")}},
			[]string{"six 1.16.0 in \"\"" + ofAlpine, `six 1.17.0 in "PyPI"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := image(t, tt.layers...)
			if diff := cmp.Diff(tt.want, ownedBy(got)); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
			if unplaced := got.Distribution.ID == "arch"; len(got.Problems) != 0 != unplaced { // of Arch no advisories are known
				t.Errorf("problems: %v", got.Problems)
			}
		})
	}
}

// What can name a package of a language is kept apart from what cannot; folders are not kept.
func TestClaims(t *testing.T) {
	l := analyse(t, file("var/lib/dpkg/info/a.list", "/.\n/usr\n/usr/bin\n/usr/bin/a\n/usr/share\n/usr/share/doc\n/usr/share/doc/a\n/usr/share/doc/a/copyright\n/usr/share/man/man1/a.1.gz\n/usr/lib/a/x.py\n/usr/lib/a/package.json\n"),
		file("var/lib/dpkg/info/b.list", "/.\n/usr\n/usr/share\n/usr/share/doc\n/usr/share/doc/b\n/usr/share/doc/b/copyright\n"))
	shortened := func(paths ...string) (out pathset.Shorts) {
		for _, p := range paths {
			out = append(out, pathset.Short(pathset.Hash(p)))
		}
		slices.Sort(out)
		return out
	}
	want := []claims{
		{Path: "var/lib/dpkg/info/a.list", Owners: []claim{{Type: "deb", Name: "a", Files: sorted(pathset.Hashes{pathset.Hash("usr/bin/a"), pathset.Hash("usr/lib/a/package.json")}),
			Others: shortened("usr/share/doc/a/copyright", "usr/share/man/man1/a.1.gz", "usr/lib/a/x.py")}}},
		{Path: "var/lib/dpkg/info/b.list", Owners: []claim{{Type: "deb", Name: "b", Others: shortened("usr/share/doc/b/copyright")}}},
	}
	if diff := cmp.Diff(want, l.claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

// Every path at which an extractor of languages finds something must be kept of records.
func TestNameablePaths(t *testing.T) {
	d := newDispatcher()
	for path, want := range map[string]bool{
		"usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO": true, "usr/lib/python3/dist-packages/six-1.16.0.egg-info": true,
		"usr/share/nodejs/semver/package.json": true, "usr/share/java/a.jar": true, "usr/share/rubygems-integration/all/specifications/rack.gemspec": true,
		"usr/bin/docker": true, "usr/lib/x86_64-linux-gnu/libgoplugin.so.1": true, "usr/libexec/docker/cli-plugins/docker-buildx": true, "usr/bin/tool-1.2": true,
		"usr/share/doc/a/copyright": false, "usr/share/man/man1/a.1.gz": false, "usr/lib/python3/dist-packages/six.py": false, "usr/share/locale/de/LC_MESSAGES/a.mo": false, "usr/include/a": false,
	} {
		if got := d.nameable(path); got != want {
			t.Errorf("%s: nameable %v, want %v", path, got, want)
		}
	}
}

func TestChangesOfLayers(t *testing.T) {
	got := image(t,
		[]item{file("var/lib/dpkg/status", deb("bash", "5")+deb("wget", "1")), npm("app/package.json", "app", "1.0.0")},
		[]item{file("var/lib/dpkg/status", deb("bash", "6")+deb("wget", "1"))},
		[]item{file("srv/x", "")},
		[]item{file(".wh.app", ""), npm("srv/package.json", "app", "1.0.0"), npm("srv/a/package.json", "a", "1.0.0")},
		[]item{file("srv/.wh.a", "")},
	)
	type change struct{ Added, Removed int }
	var counts []change
	for i, c := range got.Changes {
		if c.Layer == "" {
			t.Errorf("layer %d has no diff ID", i)
		}
		counts = append(counts, change{c.Added, c.Removed})
	}
	want := []change{{3, 0}, {1, 1}, {0, 0}, {1, 0}, {0, 1}}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/rpmkit"
)

func TestFileOwners(t *testing.T) {
	debian := []item{
		file("etc/os-release", osReleaseOf("debian", "12")), symlink("lib", "usr/lib"),
		file("var/lib/dpkg/status", deb("bash", "5.2")+deb("libc6", "2.36")),
		file("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n/usr/share/doc/bash/README\n/etc/bash.bashrc\n"), file("bin/bash", "x"), file("usr/share/doc/bash/README", "x"), file("etc/bash.bashrc", "x"),
		file("var/lib/dpkg/info/libc6:amd64.list", "/lib/x86_64/libc.so.6\n/usr/lib/x86_64/libm.so.6\n"), file("usr/lib/x86_64/libc.so.6", "x"), file("usr/lib/x86_64/libm.so.6", "x"),
	}
	app := []item{
		file("etc/bash.bashrc", "other"), file("usr/share/doc/bash/.wh.README", ""),
		npm("srv/package.json", "shop", "1.0.0"), file("srv/index.js", "x"), npm("srv/node_modules/a/package.json", "a", "1.0.0"), file("srv/node_modules/a/lib/a.js", "x"),
		npm("srv/node_modules/a/node_modules/b/package.json", "b", "2.0.0"), file("srv/node_modules/a/node_modules/b/b.js", "x"),
		file("opt/py/PyYAML-6.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\n"), file("opt/py/yaml/loader.py", "x"), file("opt/py/yaml/_yaml.so", "x"), file("opt/bin/tool, one", "x"), file("opt/py/other.py", "x"),
		file("opt/py/PyYAML-6.0.dist-info/RECORD", "yaml/loader.py,sha256=x,1\nyaml/_yaml.so,sha256=x,1\n\"../bin/tool, one\",sha256=x,1\nPyYAML-6.0.dist-info/RECORD,,\n"),
		file("usr/lib/gems/specifications/rack-3.0.gemspec", "Gem::Specification.new do |s|\n  s.name = \"rack\"\n  s.version = \"3.0\"\nend\n"), file("usr/lib/gems/gems/rack-3.0/lib/rack.rb", "x"),
		file("srv/lib.jar", string(jarOf(t, pom("org.example", "lib", "1.0")))),
	}
	layers := []*Layer{analyse(t, debian...), analyse(t, app...)}
	const bash, libc = "pkg:deb/debian/bash@5.2?arch=amd64&distro=debian-12", "pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12"
	type owner struct {
		Layer  int // 0 for none, else one more than its place
		Owners []string
		Later  bool
	}
	want := map[string]owner{
		"/bin/bash":                    {1, []string{bash}, false},
		"bin/bash":                     {1, []string{bash}, false},
		"/usr/share/doc/bash/README":   {0, nil, false},
		"/etc/bash.bashrc":             {2, []string{bash}, true},
		"/lib/x86_64/libc.so.6":        {1, []string{libc}, false},
		"/usr/lib/x86_64/libc.so.6":    {1, []string{libc}, false},
		"/lib/x86_64/libm.so.6":        {1, []string{libc}, false},
		"/lib":                         {1, nil, false},
		"/nowhere":                     {0, nil, false},
		"/":                            {0, nil, false},
		"/srv/index.js":                {2, []string{"pkg:npm/shop@1.0.0"}, false},
		"/srv/node_modules/a/lib/a.js": {2, []string{"pkg:npm/a@1.0.0"}, false},
		"/srv/node_modules/a/node_modules/b/b.js": {2, []string{"pkg:npm/b@2.0.0"}, false},
		"/opt/py/yaml/loader.py":                  {2, []string{"pkg:pypi/pyyaml@6.0"}, false},
		"/opt/py/yaml/_yaml.so":                   {2, []string{"pkg:pypi/pyyaml@6.0"}, false},
		"/opt/bin/tool, one":                      {2, []string{"pkg:pypi/pyyaml@6.0"}, false},
		"/opt/py/other.py":                        {2, nil, false},
		"/usr/lib/gems/gems/rack-3.0/lib/rack.rb": {2, []string{"pkg:gem/rack@3.0"}, false},
		"/srv/lib.jar":                            {2, []string{"pkg:maven/org.example/lib@1.0"}, false},
		"/opt/../srv//lib.jar":                    {2, []string{"pkg:maven/org.example/lib@1.0"}, false},
		"/var/lib/dpkg/status":                    {1, nil, false},
	}
	var paths []string
	for p := range want {
		paths = append(paths, p)
	}
	got := make(map[string]owner)
	for _, o := range FileOwners(layers, paths) {
		at := owner{Later: o.Later}
		for i, l := range layers {
			if o.Layer == l.diffID {
				at.Layer = i + 1
			}
		}
		for _, one := range o.Owners {
			at.Owners = append(at.Owners, one.PURL)
		}
		got[o.Path] = at
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Databases of all packages are written anew with each change; they say nothing of when a package came.
func TestFileOwnersByDatabases(t *testing.T) {
	musl, zlib := "P:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld-musl.so.1", "P:zlib\nV:1\nA:x86_64\nF:lib\nR:libz.so.1"
	alpine := []*Layer{
		analyse(t, file("etc/os-release", osReleaseOf("alpine", "3.19.1")), apkDB(musl), file("lib/ld-musl.so.1", "x")),
		analyse(t, apkDB(musl, zlib), file("lib/libz.so.1", "x")),
		analyse(t, file("lib/ld-musl.so.1", "y")),
	}
	rocky := []*Layer{analyse(t, file("etc/os-release", osReleaseOf("rocky", "9.3")),
		file("var/lib/rpm/rpmdb.sqlite", string(rpmDB(t, rpmkit.Package{Name: "bash", Version: "5", Release: "1.el9", Arch: "x86_64", Files: []string{"/usr/bin/bash"}}))), file("usr/bin/bash", "x"))}
	for _, c := range []struct {
		layers []*Layer
		path   string
		want   string
		later  bool
	}{
		{alpine, "/lib/libz.so.1", "pkg:apk/alpine/zlib@1?arch=x86_64&distro=alpine-3.19.1", false},
		{alpine[:2], "/lib/ld-musl.so.1", "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1", false},
		{alpine, "/lib/ld-musl.so.1", "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1", true},
		{rocky, "/usr/bin/bash", "pkg:rpm/rocky/bash@5-1.el9?arch=x86_64&distro=rocky-9.3", false},
	} {
		got := FileOwners(c.layers, []string{c.path})[0]
		if len(got.Owners) != 1 || got.Owners[0].PURL != c.want || got.Later != c.later {
			t.Errorf("%s: %+v, want %s, later %t", c.path, got, c.want, c.later)
		}
	}
}

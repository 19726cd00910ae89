package crowsnest

import (
	"fmt"
	"slices"
	"testing"
)

func TestUseKeysThatMeet(t *testing.T) {
	// Left as a runtime reports it, right as it is in the image.
	for name, c := range map[string][2]LoadedPackage{
		"deb with an epoch": {
			{Type: "deb", Name: "zlib1g", Version: "1:1.2.11.dfsg-1+deb10u2", Source: "zlib", PURL: "pkg:deb/debian/zlib1g@1:1.2.11.dfsg-1+deb10u2?distro=debian-10.13"},
			{Type: "deb", Name: "zlib1g", Version: "1:1.2.11.dfsg-1+deb10u2"},
		},
		"apk":                      {{Type: "apk", Name: "musl", Version: "1.2.2-r3"}, {Type: "apk", Name: "musl", Version: "1.2.2-r3"}},
		"npm with a scope":         {{Type: "npm", Name: "@babel/core", Version: "7.0.0"}, {Type: "npm", Name: "@babel/core", Version: "7.0.0"}},
		"maven with a slash":       {{Type: "maven", Name: "org.slf4j/slf4j-api", Version: "2.0.9"}, {Type: "maven", Name: "org.slf4j:slf4j-api", Version: "2.0.9"}},
		"maven with a colon":       {{Type: "maven", Name: "org.slf4j:slf4j-api", Version: "2.0.9"}, {Type: "maven", Name: "org.slf4j:slf4j-api", Version: "2.0.9"}},
		"golang":                   {{Type: "golang", Name: "golang.org/x/text", Version: "v0.3.5"}, {Type: "golang", Name: "golang.org/x/text", Version: "0.3.5"}},
		"golang without a tag":     {{Type: "golang", Name: "example.com/m", Version: "v0.0.0-20210101000000-abcdefabcdef"}, {Type: "golang", Name: "example.com/m", Version: "0.0.0-20210101000000-abcdefabcdef"}},
		"pypi":                     {{Type: "pypi", Name: "Flask_SQLAlchemy", Version: "3.0"}, {Type: "pypi", Name: "flask-sqlalchemy", Version: "3.0"}},
		"pypi with a dot":          {{Type: "pypi", Name: "zope.interface", Version: "5"}, {Type: "pypi", Name: "zope-interface", Version: "5"}},
		"pypi with two in a row":   {{Type: "pypi", Name: "a--b", Version: "5"}, {Type: "pypi", Name: "a-b", Version: "5"}},
		"pypi with a mixed row":    {{Type: "pypi", Name: "A._b", Version: "5"}, {Type: "pypi", Name: "a-b", Version: "5"}},
		"rpm with the zero epoch":  {{Type: "rpm", Name: "openssl-libs", Version: "0:3.0.7-24.el9"}, {Type: "rpm", Name: "openssl-libs", Version: "3.0.7-24.el9"}},
		"rpm with an epoch":        {{Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9"}, {Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9"}},
		"type in upper case":       {{Type: "NPM", Name: "lodash", Version: "4.17.21"}, {Type: "npm", Name: "lodash", Version: "4.17.21"}},
		"nuget ignores case":       {{Type: "nuget", Name: "Newtonsoft.Json", Version: "13.0.1"}, {Type: "nuget", Name: "newtonsoft.json", Version: "13.0.1"}},
		"source package no matter": {{Type: "deb", Name: "libc6", Version: "2.36-9", Source: "glibc"}, {Type: "deb", Name: "libc6", Version: "2.36-9"}},
	} {
		if a, b := c[0].Keys()[0], UseKey(c[1].Type, c[1].Name, c[1].Version); a != b {
			t.Errorf("%s: %q and %q do not meet", name, a, b)
		}
	}
}

func TestUseKeysThatMayNotMeet(t *testing.T) {
	for name, c := range map[string][2]string{
		"other version":              {UseKey("deb", "libc6", "2.36-9"), UseKey("deb", "libc6", "2.36-10")},
		"other epoch":                {UseKey("rpm", "openssl", "1:3.0.7"), UseKey("rpm", "openssl", "3.0.7")},
		"epoch zero of deb is said":  {UseKey("deb", "x", "1:1"), UseKey("deb", "x", "1")},
		"other type":                 {UseKey("npm", "debug", "1"), UseKey("pypi", "debug", "1")},
		"npm's case":                 {UseKey("npm", "JSONStream", "1"), UseKey("npm", "jsonstream", "1")},
		"npm with and without scope": {UseKey("npm", "@types/node", "1"), UseKey("npm", "node", "1")},
		"gem's underscore":           {UseKey("gem", "a_b", "1"), UseKey("gem", "a-b", "1")},
		"v of another ecosystem":     {UseKey("npm", "x", "v1"), UseKey("npm", "x", "1")},
	} {
		if c[0] == c[1] {
			t.Errorf("%s: both are %q", name, c[0])
		}
	}
}

func TestCanonicalNames(t *testing.T) {
	for _, c := range []struct{ ecosystem, name, want string }{
		{"PyPI", "Zope.Interface", "zope-interface"},
		{"PyPI", "a__b..c-_d", "a-b-c-d"},
		{"PyPI", "_a_", "-a-"},
		{"NuGet", "Newtonsoft.Json", "newtonsoft.json"},
		{"Packagist", "Symfony/Http-Kernel", "symfony/http-kernel"},
		{"crates.io", "Serde_Json", "serde-json"},
		{"SwiftURL", "https://GitHub.com/Apple/Swift-NIO.git", "github.com/apple/swift-nio"},
		{"SwiftURL", "github.com/apple/swift-nio/", "github.com/apple/swift-nio"},
		{"Go", "std", "stdlib"},
		{"Go", "go", "stdlib"},
		{"Go", "stdlib", "stdlib"},
		{"Go", "github.com/BurntSushi/toml", "github.com/BurntSushi/toml"},
		{"npm", "JSONStream", "JSONStream"},
		{"Maven", "org.slf4j:slf4j-api", "org.slf4j:slf4j-api"},
		{"Debian:12", " glibc ", "glibc"},
		{"Ubuntu:Pro:18.04:LTS", "OpenSSL", "OpenSSL"},
	} {
		got := CanonicalName(c.ecosystem, c.name)
		if got != c.want {
			t.Errorf("CanonicalName(%q, %q) is %q, want %q", c.ecosystem, c.name, got, c.want)
		}
	}
}

func FuzzCanonicalNameIsStable(f *testing.F) {
	for _, e := range []string{"PyPI", "NuGet", "crates.io", "Go", "npm", "Debian:12", ""} {
		f.Add(e, "A__b.c-")
	}
	f.Fuzz(func(t *testing.T, ecosystem, name string) {
		once := CanonicalName(ecosystem, name)
		if ecosystem == "SwiftURL" {
			return // a name may be wrapped in any number of schemes and suffixes; one of each is taken off
		}
		if twice := CanonicalName(ecosystem, once); twice != once {
			t.Errorf("%q of %s becomes %q and then %q", name, ecosystem, once, twice)
		}
	})
}

func TestMatchNames(t *testing.T) {
	for name, c := range map[string]struct {
		p    PackageVersion
		want []string
	}{
		"no ecosystem":               {PackageVersion{Name: "x"}, nil},
		"no name":                    {PackageVersion{Ecosystem: "npm"}, nil},
		"language":                   {PackageVersion{Ecosystem: "PyPI", Name: "Flask_X"}, []string{"flask-x"}},
		"source of a distribution":   {PackageVersion{Ecosystem: "Debian:12", Name: "libc6", Source: "glibc"}, []string{"glibc"}},
		"distribution without":       {PackageVersion{Ecosystem: "Alpine:v3.19", Name: "musl"}, []string{"musl"}},
		"rpm has two":                {PackageVersion{Ecosystem: "AlmaLinux:9", Name: "openssl-libs", Source: "openssl"}, []string{"openssl", "openssl-libs"}},
		"rpm with one name":          {PackageVersion{Ecosystem: "Rocky Linux:9", Name: "openssl", Source: "openssl"}, []string{"openssl"}},
		"rpm of a release with dots": {PackageVersion{Ecosystem: "Red Hat:enterprise_linux:9::baseos", Name: "bash"}, []string{"bash"}},
	} {
		if got := c.p.MatchNames(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	p := PackageVersion{Version: "2.36-9+deb12u4", SourceVersion: "2.36-9"}
	if p.MatchVersion() != "2.36-9" || (PackageVersion{Version: "1"}).MatchVersion() != "1" {
		t.Error("advisories speak of the source's version where there is one")
	}
}

func TestEcosystemBase(t *testing.T) {
	for e, want := range map[string]string{
		"": "", "Go": "Go", "Debian:12": "Debian", "Ubuntu:Pro:18.04:LTS": "Ubuntu", "Rocky Linux:9": "Rocky Linux", "SUSE : x": "SUSE",
	} {
		if got := EcosystemBase(e); got != want {
			t.Errorf("the base of %q is %q, want %q", e, got, want)
		}
	}
}

// What a runtime cannot report must never look as if it had not been loaded.
func TestProfilableTypes(t *testing.T) {
	for _, typ := range []string{"deb", "apk", "rpm", "maven", "golang", "pypi", "npm", "gem", "nuget", "cargo", "composer"} {
		if !Profilable(typ) {
			t.Errorf("%s is not profilable", typ)
		}
	}
	for _, typ := range []string{"", "generic", "conan", "swift", "hex", "github", "DEB"} {
		if Profilable(typ) {
			t.Errorf("%q is profilable", typ)
		}
	}
}

func TestInUseWords(t *testing.T) {
	for u, word := range map[InUse]string{NotObserved: "not-observed", NotSeen: "not-seen", Loaded: "in-use", InUse(7): "not-observed"} {
		if u.String() != word {
			t.Errorf("%d is %q, want %q", uint8(u), u, word)
		}
		var back InUse
		if err := back.UnmarshalText([]byte(word)); u <= Loaded && (err != nil || back != u) {
			t.Errorf("%q is read as %s, %v", word, back, err)
		}
	}
	u := Loaded
	if err := u.UnmarshalText([]byte("safe")); KindOf(err) != Invalid || u != Loaded {
		t.Errorf("an unknown word gives %v and leaves %s", err, u)
	}
}

func TestCoverageAddsUp(t *testing.T) {
	a, b := Coverage{Running: 15, Analysed: 1, NotAnalysed: 2, Failed: 4, Unresolved: 8}, Coverage{10, 4, 3, 2, 1}
	got := a.Add(b)
	if want := (Coverage{Running: 25, Analysed: 5, NotAnalysed: 5, Failed: 6, Unresolved: 9}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Running != got.Analysed+got.NotAnalysed+got.Failed+got.Unresolved {
		t.Errorf("the parts of %s are not the whole", fmt.Sprint(got))
	}
}

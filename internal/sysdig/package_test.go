package sysdig

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func TestLoaded(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   wirePackage
		want crowsnest.LoadedPackage // without PURL, which is kept as it is
	}{
		{
			"epoch, plus and tilde unescaped",
			wirePackage{PURL: "pkg:deb/debian/zlib1g@1:1.2.11.dfsg-1+deb10u2~x?distro=debian-10.13", Name: "zlib1g", Version: "1:1.2.11.dfsg-1+deb10u2~x", SrcName: "zlib", OSFamily: "debian"},
			crowsnest.LoadedPackage{Type: "deb", Name: "zlib1g", Version: "1:1.2.11.dfsg-1+deb10u2~x", Source: "zlib"},
		},
		{
			"only a purl",
			wirePackage{PURL: "pkg:deb/debian/zlib1g@1:1.2.11.dfsg-1+deb10u2~x?distro=debian-10.13"},
			crowsnest.LoadedPackage{Type: "deb", Name: "zlib1g", Version: "1:1.2.11.dfsg-1+deb10u2~x"},
		},
		{
			"fields come before the purl",
			wirePackage{PURL: "pkg:npm/a@1", Name: "b", Version: "2", Type: "npm"},
			crowsnest.LoadedPackage{Type: "npm", Name: "b", Version: "2"},
		},
		{
			"only fields of a distribution",
			wirePackage{Name: "musl", Version: "1.2.2-r3", SrcName: "musl", OSFamily: "Alpine"},
			crowsnest.LoadedPackage{Type: "apk", Name: "musl", Version: "1.2.2-r3", Source: "musl"},
		},
		{
			"rpm by family",
			wirePackage{Name: "bash", Version: "0:5.1.8-6.el9", OSFamily: "rhel", Type: "os"},
			crowsnest.LoadedPackage{Type: "rpm", Name: "bash", Version: "0:5.1.8-6.el9"},
		},
		{"no type at all", wirePackage{Name: "x", Version: "1", OSFamily: "plan9"}, crowsnest.LoadedPackage{Name: "x", Version: "1"}},
		{"word of another interface", wirePackage{Name: "x", Version: "1", Type: "JavaScript"}, crowsnest.LoadedPackage{Type: "npm", Name: "x", Version: "1"}},
		{"type not known", wirePackage{Name: "x", Version: "1", Type: "Hex"}, crowsnest.LoadedPackage{Type: "hex", Name: "x", Version: "1"}},
		{"scope in the name", wirePackage{PURL: "pkg:npm/%40s/n@1", Name: "@s/n", Version: "1", Type: "npm"}, crowsnest.LoadedPackage{Type: "npm", Name: "@s/n", Version: "1"}},
		{"scope only in the purl", wirePackage{PURL: "pkg:npm/%40s/n@1", Name: "n", Version: "1", Type: "npm"}, crowsnest.LoadedPackage{Type: "npm", Name: "@s/n", Version: "1"}},
		{"scope unescaped", wirePackage{PURL: "pkg:npm/@s/n@1", Type: "npm"}, crowsnest.LoadedPackage{Type: "npm", Name: "@s/n", Version: "1"}},
		{"scope unescaped without version", wirePackage{PURL: "pkg:npm/@s/n"}, crowsnest.LoadedPackage{Type: "npm", Name: "@s/n"}},
		{"scope as the last segment", wirePackage{PURL: "pkg:npm/@n"}, crowsnest.LoadedPackage{Type: "npm", Name: "@n"}},
		{"group only in the purl", wirePackage{PURL: "pkg:maven/org.a/b@1", Name: "b", Version: "1", Type: "java"}, crowsnest.LoadedPackage{Type: "maven", Name: "org.a:b", Version: "1"}},
		{"group in the name", wirePackage{PURL: "pkg:maven/org.a/b@1", Name: "org.a:b", Version: "1", Type: "maven"}, crowsnest.LoadedPackage{Type: "maven", Name: "org.a:b", Version: "1"}},
		{"module", wirePackage{PURL: "pkg:golang/golang.org/x/net@v0.1.0"}, crowsnest.LoadedPackage{Type: "golang", Name: "golang.org/x/net", Version: "v0.1.0"}},
		{"module with subpath", wirePackage{PURL: "pkg:golang/golang.org/x/net@v0.1.0?type=module#html"}, crowsnest.LoadedPackage{Type: "golang", Name: "golang.org/x/net", Version: "v0.1.0"}},
		{"epoch only in the purl's qualifier", wirePackage{PURL: "pkg:deb/debian/zlib1g@1.2.13.dfsg-1?arch=amd64&epoch=1", Name: "zlib1g", Version: "1.2.13.dfsg-1", SrcName: "zlib"}, crowsnest.LoadedPackage{Type: "deb", Name: "zlib1g", Version: "1:1.2.13.dfsg-1", Source: "zlib"}},
		{"epoch only in the purl's qualifier, no fields", wirePackage{PURL: "pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?epoch=1#x"}, crowsnest.LoadedPackage{Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9"}},
		{"epoch in both", wirePackage{PURL: "pkg:rpm/rocky/a@1?epoch=2", Version: "2:1"}, crowsnest.LoadedPackage{Type: "rpm", Name: "a", Version: "2:1"}},
		{"epoch zero", wirePackage{PURL: "pkg:rpm/rocky/a@1?epoch=0"}, crowsnest.LoadedPackage{Type: "rpm", Name: "a", Version: "1"}},
		{"epoch that is none", wirePackage{PURL: "pkg:rpm/rocky/a@1?epoch=x"}, crowsnest.LoadedPackage{Type: "rpm", Name: "a", Version: "1"}},
		{"no purl", wirePackage{PURL: "garbage", Name: "x", Version: "1"}, crowsnest.LoadedPackage{Name: "x", Version: "1"}},
		{"broken escape", wirePackage{PURL: "pkg:npm/a%zz@1"}, crowsnest.LoadedPackage{Type: "npm", Name: "a%zz", Version: "1"}},
		{"slashes after the scheme", wirePackage{PURL: "pkg://npm/a@1"}, crowsnest.LoadedPackage{Type: "npm", Name: "a", Version: "1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, why := tc.in.loaded()
			if why != "" {
				t.Fatal(why)
			}
			tc.want.PURL = tc.in.PURL
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadedUnusable(t *testing.T) {
	for name, in := range map[string]wirePackage{
		"nothing":            {},
		"only a type":        {PURL: "pkg:npm/", Type: "npm"},
		"long name":          {Name: strings.Repeat("a", maxField+1)},
		"long purl":          {Name: "a", PURL: strings.Repeat("a", maxPURL+1)},
		"control in version": {Name: "a", Version: "1\n"},
		"control by escape":  {PURL: "pkg:npm/a%00b@1"},
	} {
		t.Run(name, func(t *testing.T) {
			if p, why := in.loaded(); why == "" {
				t.Errorf("accepted as %+v", p)
			}
		})
	}
}

func FuzzParsePURL(f *testing.F) {
	for _, s := range []string{"pkg:npm/@s/n@1", "pkg:deb/debian/a@1:2+b~c?distro=debian-12#x", "pkg:", "pkg:a", "pkg:a/@", "pkg://a//b@", "pkg:a/%2f@%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u := parsePURL(s)
		if !strings.HasPrefix(s, "pkg:") && u != (purl{}) {
			t.Errorf("%q gave %+v", s, u)
		}
		if len(u.kind)+len(u.namespace)+len(u.name)+len(u.version)+len(u.epoch) > 3*len(s) { // lower case may be longer
			t.Errorf("%q grew to %+v", s, u)
		}
	})
}

package crowsnest

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func watched(list ...LoadedPackage) Watch {
	w := Watch{Loaded: make(map[string]bool)}
	for _, p := range list {
		for _, key := range p.Keys() {
			AddLoaded(w.Loaded, key)
		}
	}
	return w
}

// libc and the others are as they are in images.
var (
	libc  = PackageVersion{Type: "deb", Name: "libc6", Version: "2.36-9+deb12u4", Source: "glibc"}
	zlib  = PackageVersion{Type: "deb", Name: "zlib1g", Version: "1:1.2.13.dfsg-1", Source: "zlib"}
	ssl   = PackageVersion{Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-24.el9", Source: "openssl", SourceVersion: "3.0.7-24.el9"}
	log4j = PackageVersion{Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.17.0"}
	types = PackageVersion{Type: "npm", Name: "@types/node", Version: "18.0.0"}
	node  = PackageVersion{Type: "npm", Name: "node", Version: "18.0.0"}
	text  = PackageVersion{Type: "golang", Name: "golang.org/x/text/v2", Version: "2.3.5"}
	numpy = PackageVersion{Type: "pypi", Name: "zope.interface", Version: "5.0"}
)

func TestSpellings(t *testing.T) {
	for name, c := range map[string]struct {
		pkg      PackageVersion
		reported LoadedPackage
		want     InUse
	}{
		"as it is":                          {libc, LoadedPackage{Type: "deb", Name: "libc6", Version: "2.36-9+deb12u4", Source: "glibc"}, Loaded},
		"deb without its epoch":             {zlib, LoadedPackage{Type: "deb", Name: "zlib1g", Version: "1.2.13.dfsg-1", Source: "zlib"}, Loaded},
		"rpm without its epoch":             {ssl, LoadedPackage{Type: "rpm", Name: "openssl-libs", Version: "3.0.7-24.el9", Source: "openssl"}, Loaded},
		"rpm with the architecture":         {ssl, LoadedPackage{Type: "rpm", Name: "openssl-libs.x86_64", Version: "3.0.7-24.el9", Source: "openssl"}, Loaded},
		"deb with the architecture":         {libc, LoadedPackage{Type: "deb", Name: "libc6:amd64", Version: "2.36-9+deb12u4", Source: "glibc"}, Loaded},
		"its source, told of no other":      {libc, LoadedPackage{Type: "deb", Name: "glibc", Version: "2.36-9+deb12u4"}, Loaded},
		"its source, by the source version": {ssl, LoadedPackage{Type: "rpm", Name: "openssl", Version: "3.0.7-24.el9"}, Loaded},
		"its source or one built from it":   {ssl, LoadedPackage{Type: "rpm", Name: "openssl", Version: "1:3.0.7-24.el9", Source: "openssl"}, NotObserved},
		"its source of another version":     {libc, LoadedPackage{Type: "deb", Name: "glibc", Version: "2.36"}, NotObserved},
		"another one of its source":         {libc, LoadedPackage{Type: "deb", Name: "libc-bin", Version: "2.36-9+deb12u4", Source: "glibc"}, NotSeen},
		"deb of another version":            {libc, LoadedPackage{Type: "deb", Name: "libc6", Version: "2.36", Source: "glibc"}, NotObserved},
		"maven without its group":           {log4j, LoadedPackage{Type: "maven", Name: "log4j-core", Version: "2.17.0"}, Loaded},
		"maven of another group":            {log4j, LoadedPackage{Type: "maven", Name: "log4j-core:log4j-core", Version: "2.17.0"}, Loaded},
		"maven with dots":                   {log4j, LoadedPackage{Type: "maven", Name: "org.apache.logging.log4j.log4j-core", Version: "2.17"}, Loaded},
		"maven of another version":          {log4j, LoadedPackage{Type: "maven", Name: "log4j-core", Version: "2.16.0"}, NotSeen},
		"maven without a version":           {log4j, LoadedPackage{Type: "maven", Name: "org.apache.logging.log4j:log4j-core"}, NotObserved},
		"maven by a word of its own":        {log4j, LoadedPackage{Type: "jar", Name: "log4j-core", Version: "2.17.0"}, NotObserved},
		"group only where it runs":          {PackageVersion{Type: "maven", Name: "log4j-core", Version: "2.17.0"}, LoadedPackage{Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.17.0"}, Loaded},
		"npm without its scope":             {types, LoadedPackage{Type: "npm", Name: "node", Version: "18.0.0"}, NotObserved},
		"npm of a scope":                    {node, LoadedPackage{Type: "npm", Name: "@types/node", Version: "18.0.0"}, NotObserved},
		"npm in another case":               {types, LoadedPackage{Type: "npm", Name: "@Types/Node", Version: "v18.0.0"}, Loaded},
		"npm of another version":            {types, LoadedPackage{Type: "npm", Name: "@types/node", Version: "17.0.0"}, NotSeen},
		"golang without its path":           {text, LoadedPackage{Type: "golang", Name: "text", Version: "v2.3.5"}, Loaded},
		"golang of another path":            {text, LoadedPackage{Type: "golang", Name: "example.com/text", Version: "v2.3.5"}, NotSeen},
		"golang, incompatible":              {text, LoadedPackage{Type: "golang", Name: "golang.org/x/text/v2", Version: "v2.3.5+incompatible"}, Loaded},
		"pypi":                              {numpy, LoadedPackage{Type: "python-pkg", Name: "zope_interface", Version: "5"}, Loaded},
		"gem with its platform":             {PackageVersion{Type: "gem", Name: "nokogiri", Version: "1.15.4"}, LoadedPackage{Type: "gem", Name: "nokogiri", Version: "1.15.4-x86_64-linux"}, Loaded},
		"of no version in the image":        {PackageVersion{Type: "maven", Name: "a:b"}, LoadedPackage{Type: "maven", Name: "a:b", Version: "1"}, NotObserved},
		"something else":                    {libc, LoadedPackage{Type: "deb", Name: "bash", Version: "5", Source: "bash"}, NotSeen},
		"what could not be read":            {libc, LoadedPackage{}, NotObserved},
	} {
		if got := watched(c.reported).InUse(c.pkg); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// misspelt is a package as a reporter may write it that leaves something out or writes it otherwise.
func misspelt(p PackageVersion, rng *rand.Rand) LoadedPackage {
	out := LoadedPackage{Type: p.Type, Name: p.Name, Version: p.Version, Source: p.Source}
	if rng.IntN(2) == 0 {
		if _, rest, ok := strings.Cut(out.Version, ":"); ok {
			out.Version = rest
		}
	}
	if rng.IntN(3) == 0 && !distributed(p.Type) {
		if cut := strings.LastIndexAny(strings.TrimSuffix(out.Name, "/v2"), ":/"); cut >= 0 {
			out.Name = out.Name[cut+1:]
		}
	}
	if rng.IntN(3) == 0 {
		out.Name = strings.ToUpper(out.Name)
	}
	if rng.IntN(3) == 0 && p.Type != "npm" {
		out.Name = strings.NewReplacer("-", "_", ".", "_").Replace(out.Name)
	}
	if rng.IntN(4) == 0 && p.Source != "" {
		out.Name, out.Version = p.Source, p.MatchVersion()
		out.Source = []string{"", p.Source}[rng.IntN(2)]
	}
	if rng.IntN(5) == 0 && distributed(p.Type) {
		out.Version, _, _ = strings.Cut(out.Version, "-")
	}
	if rng.IntN(5) == 0 && !distributed(p.Type) {
		out.Type = "something"
	}
	return out
}

func TestWhatIsMisspeltIsNeverNotSeen(t *testing.T) {
	for seed := range uint64(5000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		all := []PackageVersion{libc, zlib, ssl, log4j, types, node, text, numpy}
		p := all[rng.IntN(len(all))]
		loaded := []LoadedPackage{misspelt(p, rng)}
		for range rng.IntN(3) { // whatever else is loaded
			loaded = append(loaded, misspelt(all[rng.IntN(len(all))], rng))
		}
		w := watched(loaded...)
		w.Stale = rng.IntN(4) == 0
		if got := w.InUse(p); got == NotSeen {
			t.Fatalf("seed %d: %s %s is %s with %+v", seed, p.Name, p.Version, got, loaded)
		}
	}
}

func FuzzSpelling(f *testing.F) {
	f.Add("maven", "org.a:b", "1:v1.0+x")
	f.Add("golang", "a/v2", "v")
	f.Fuzz(func(t *testing.T, typ, name, version string) {
		typ = strings.ToLower(typ)
		if strings.Contains(typ+version, "|") || typ+name+version == "" || UseKey(typ, name, version) == UnreadKey {
			return
		}
		p := PackageVersion{Type: typ, Name: name, Version: version}
		if got := watched(LoadedPackage{Type: typ, Name: name, Version: version}).InUse(p); got != Loaded {
			t.Errorf("a package as it is was %s", got)
		}
	})
}

package why

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
)

// subject is what advisories held say a question is about.
type subject struct {
	asked    string
	names    map[string]bool  // of the vulnerability
	ids      []string         // of the advisories, sorted
	packages map[pkg][]string // that they speak of, to the advisories
}

// pkg names a package in an ecosystem as advisories and packages meet.
type pkg struct{ base, name string }

// subject looks up what a name is about. Of another name than a CVE the CVEs that its advisories give are followed, since other sources
// know the vulnerability by those alone.
func (r Reader) subject(ctx context.Context, name string) (subject, error) {
	s := subject{asked: name, names: map[string]bool{name: true}, packages: make(map[pkg][]string)}
	found, err := r.about(ctx, name)
	if upper := strings.ToUpper(name); err == nil && len(found) == 0 && upper != name {
		if found, err = r.about(ctx, upper); len(found) > 0 {
			s.asked, s.names = upper, map[string]bool{upper: true}
		}
	}
	if err != nil {
		return s, err
	}
	var follow []string
	for _, a := range found {
		s.add(a)
		if _, isCVE := match.CVE(s.asked); isCVE || match.IsNotice(a.ID) {
			continue // a notice is about all that it mends, and what else is known of each is not asked
		}
		for _, n := range match.CVEsOf(a) {
			if !slices.Contains(follow, n) && len(follow) < maxFollowed {
				follow = append(follow, n)
			}
		}
	}
	for _, n := range follow {
		s.names[n] = true
		more, err := r.about(ctx, n)
		if err != nil {
			return s, err
		}
		for _, a := range more {
			s.add(a)
		}
	}
	slices.Sort(s.ids)
	s.ids = slices.Compact(s.ids)
	return s, nil
}

// about returns the advisories that are about a name: that bear it, or are notices of what mends it.
func (r Reader) about(ctx context.Context, name string) ([]*crowsnest.Advisory, error) {
	list, err := r.Store.AdvisoriesAbout(ctx, name)
	return slices.DeleteFunc(list, func(a *crowsnest.Advisory) bool {
		return a.ID != name && !slices.Contains(a.Aliases, name) && !slices.Contains(a.Upstream, name) && !match.IsNotice(a.ID)
	}), err
}

func (s *subject) add(a *crowsnest.Advisory) {
	s.ids = append(s.ids, a.ID)
	for _, f := range a.Affected {
		p := pkg{crowsnest.EcosystemBase(f.Ecosystem), crowsnest.CanonicalName(f.Ecosystem, f.Name)}
		if ids := s.packages[p]; !slices.Contains(ids, a.ID) {
			s.packages[p] = append(ids, a.ID)
		}
	}
}

// isAbout reports that an advisory, or what it is about, is what was asked for.
func (s subject) isAbout(advisory string, vulnerabilities ...string) bool {
	return advisory == s.asked || slices.ContainsFunc(vulnerabilities, func(v string) bool { return s.names[v] })
}

// bases are the ecosystems that a package may be of, where it does not say: by its type, those of every distribution that has
// such packages.
var bases = map[string][]string{
	"deb": {"Debian", "Ubuntu", "Echo"},
	"apk": {"Alpine", "Wolfi", "Chainguard", "MinimOS", "Alpaquita", "BellSoft Hardened Containers", "CleanStart"},
	"rpm": {"AlmaLinux", "Azure Linux", "Mageia", "openEuler", "openSUSE", "Photon OS", "Red Hat", "Rocky Linux", "SUSE"},
	"npm": {"npm"}, "pypi": {"PyPI"}, "golang": {"Go"}, "maven": {"Maven"}, "gem": {"RubyGems"}, "cargo": {"crates.io"}, "nuget": {"NuGet"}, "composer": {"Packagist"},
	"hex": {"Hex"}, "pub": {"Pub"}, "cran": {"CRAN"}, "hackage": {"Hackage"}, "generic": {crowsnest.EcosystemGit}, "bitnami": {"Bitnami"},
}

// keys are the names under which advisories would speak of a package.
func keys(p crowsnest.PackageVersion) []pkg {
	var out []pkg
	if base := crowsnest.EcosystemBase(p.Ecosystem); base != "" {
		for _, name := range p.MatchNames() {
			out = append(out, pkg{base, name})
		}
		return out
	}
	for _, base := range bases[p.Type] {
		out = append(out, pkg{base, crowsnest.CanonicalName(base, p.MatchName())})
	}
	return out
}

// choose returns the packages that were asked about, or that advisories speak of if none was.
func (s subject) choose(packages []crowsnest.Package, name string) []crowsnest.Package {
	var out []crowsnest.Package
	for _, p := range packages {
		if name != "" {
			if called(p.PackageVersion, name) {
				out = append(out, p)
			}
			continue
		}
		if slices.ContainsFunc(keys(p.PackageVersion), func(k pkg) bool { return len(s.packages[k]) > 0 }) {
			out = append(out, p)
		}
	}
	return out
}

// called reports that a package, or the one it is built from, has a name.
func called(p crowsnest.PackageVersion, name string) bool {
	if strings.EqualFold(p.Name, name) || strings.EqualFold(p.Source, name) {
		return true
	}
	return slices.ContainsFunc(keys(p), func(k pkg) bool { return k.name == crowsnest.CanonicalName(k.base, name) })
}

// notInstalled lists what advisories speak of in ecosystems that the image has packages of, and the image has not.
func (w *Why) notInstalled(about subject, packages []crowsnest.Package, name string) {
	has, installed := make(map[string]bool), make(map[pkg]bool)
	for _, p := range packages {
		for _, k := range keys(p.PackageVersion) {
			has[k.base], installed[k] = true, true
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(about.packages), func(a, b pkg) int {
		return cmp.Or(strings.Compare(a.base, b.base), strings.Compare(a.name, b.name))
	}) {
		switch {
		case !has[k.base] || installed[k] || name != "" && k.name != crowsnest.CanonicalName(k.base, name):
		case len(w.NotInstalled) == maxNotInstalled:
			w.MoreRecorded++
		default:
			ids := about.packages[k]
			w.NotInstalled = append(w.NotInstalled, RecordedPackage{k.base, k.name, ids[:min(len(ids), 5)]})
		}
	}
}

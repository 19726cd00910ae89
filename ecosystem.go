package crowsnest

import "strings"

// EcosystemGit is OSV's ecosystem of what is known by its source repository. Its packages are
// named by the repository's address, and its advisories list the tags of affected versions.
const EcosystemGit = "GIT"

// EcosystemBase returns an OSV ecosystem without its release or repository:
// "Debian" for "Debian:12", "Ubuntu" for "Ubuntu:Pro:18.04:LTS".
func EcosystemBase(ecosystem string) string {
	base, _, _ := strings.Cut(ecosystem, ":")
	return strings.TrimSpace(base)
}

// CanonicalName returns the form of a package name under which advisories and
// packages of an ecosystem meet, so that every spelling the ecosystem treats as
// the same package becomes one. Together with EcosystemBase it is the key of
// advisories in the store. The ecosystem may carry a release.
func CanonicalName(ecosystem, name string) string {
	name = strings.TrimSpace(name)
	switch EcosystemBase(ecosystem) {
	case "PyPI":
		return pep503(name)
	case "NuGet", "Packagist", "Hex", "Pub", "Bitnami", "GitHub Actions":
		// Registries that compare names without case.
		return strings.ToLower(name)
	case "crates.io":
		// The registry refuses a crate whose name differs from an existing one only in case or in "-" and "_".
		return strings.ReplaceAll(strings.ToLower(name), "_", "-")
	case "SwiftURL":
		name = strings.ToLower(name)
		name = strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
		return strings.TrimSuffix(strings.TrimSuffix(name, "/"), ".git")
	case EcosystemGit:
		name = strings.ToLower(name)
		if _, rest, ok := strings.Cut(name, "://"); ok {
			name = rest
		}
		return strings.TrimSuffix(strings.TrimSuffix(name, "/"), ".git")
	case "Go":
		// Build information calls the standard library "go" or "std"; the Go vulnerability database "stdlib".
		if name == "go" || name == "std" {
			return "stdlib"
		}
	}
	return name
}

// pep503 normalises a Python project name: lower case, every run of "-", "_" and "." one "-".
func pep503(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	separator := false
	for _, r := range strings.ToLower(name) {
		if r == '-' || r == '_' || r == '.' {
			separator = true
			continue
		}
		if separator {
			b.WriteByte('-')
			separator = false
		}
		b.WriteRune(r)
	}
	if separator {
		b.WriteByte('-')
	}
	return b.String()
}

// IsRPM reports whether the packages of an ecosystem are RPMs.
func IsRPM(ecosystem string) bool {
	switch EcosystemBase(ecosystem) {
	case "AlmaLinux", "Azure Linux", "Mageia", "openEuler", "openSUSE", "Photon OS", "Red Hat", "Rocky Linux", "SUSE":
		return true
	}
	return false
}

// MatchNames returns the canonical names under which advisories may speak of p:
// none without an ecosystem, one for most packages. RPM distributions differ:
// Rocky Linux, SUSE and Mageia name the source package, AlmaLinux and Red Hat each
// binary package, so there are two.
func (p PackageVersion) MatchNames() []string {
	name := CanonicalName(p.Ecosystem, p.MatchName())
	if p.Ecosystem == "" || name == "" {
		return nil
	}
	if binary := CanonicalName(p.Ecosystem, p.Name); IsRPM(p.Ecosystem) && binary != name && binary != "" {
		return []string{name, binary}
	}
	return []string{name}
}

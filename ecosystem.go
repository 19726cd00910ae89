package crowsnest

import "strings"

// EcosystemBase returns an OSV ecosystem without its release: "Debian:12" → "Debian".
func EcosystemBase(ecosystem string) string {
	base, _, _ := strings.Cut(ecosystem, ":")
	return base
}

// CanonicalName folds a package name as its ecosystem does, so that the name an advisory
// uses and the name a package database uses meet: PyPI as PEP 503 says, NuGet and Packagist
// without regard to case. Other ecosystems tell names apart byte by byte.
func CanonicalName(ecosystem, name string) string {
	switch EcosystemBase(ecosystem) {
	case "PyPI":
		var b strings.Builder
		dash := false
		for _, r := range strings.ToLower(name) {
			if r == '-' || r == '_' || r == '.' {
				dash = true
				continue
			}
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		}
		return b.String()
	case "NuGet", "Packagist":
		return strings.ToLower(name)
	}
	return name
}

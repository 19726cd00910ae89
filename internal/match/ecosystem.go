package match

import (
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// subject is a name and version advisories may speak of.
type subject struct {
	name    string // normalised
	version placed
}

// subjectsOf gives each name that advisories may use for pv its version. The first
// is that of the source package, where there is one.
func subjectsOf(pv crowsnest.PackageVersion) []subject {
	version := pv.MatchVersion()
	if crowsnest.IsRPM(pv.Ecosystem) {
		version = withEpoch(version, pv.Version)
	}
	var out []subject
	for _, name := range pv.MatchNames() {
		out = append(out, subject{name, place(pv.Ecosystem, version)})
		version = pv.Version // the second name is the binary package's
	}
	return out
}

// withEpoch gives a source package's version the epoch of the binary package if
// it has none: the name of a source RPM, which is where the version is read
// from, leaves the epoch out, and without it every release would look older
// than any fix.
func withEpoch(source, binary string) string {
	if strings.Contains(source, ":") {
		return source
	}
	if epoch, _, ok := strings.Cut(strings.TrimSpace(binary), ":"); ok && isDigits(epoch) {
		return epoch + ":" + source
	}
	return source
}

// fit says how well an advisory's ecosystem covers a package's. The best fit
// that an advisory has for a package counts, the others do not.
type fit uint8

const (
	fitsNot    fit = iota
	fitsBelow      // what the package's channel is built on: a standard release below Ubuntu Pro
	fitsWholly     // the same release, or any release
)

// fits compares the ecosystem of an advisory with that of a package. An advisory
// without a release speaks of all releases; a package whose release is not known
// is only met by those.
func fits(advisory, pkg string) fit {
	base := crowsnest.EcosystemBase(pkg)
	if base == "" || crowsnest.EcosystemBase(advisory) != base {
		return fitsNot
	}
	_, a, _ := strings.Cut(advisory, ":")
	_, p, _ := strings.Cut(pkg, ":")
	a, p = strings.TrimSpace(a), strings.TrimSpace(p)
	if a == "" || a == p {
		return fitsWholly
	}
	if p == "" {
		// Suffixes that name a repository, as "Packagist:https://packages.drupal.org/8" and
		// "Maven:https://…" do, narrow nothing: package files do not say which repository was used,
		// and the name is the same package in all of them.
		return when(strings.Contains(a, "://"))
	}
	switch base {
	case "Ubuntu":
		return fitsUbuntu(a, p)
	case "Alpine":
		return when(sameDotted(strings.TrimPrefix(a, "v"), strings.TrimPrefix(p, "v"), 2))
	case "Red Hat":
		return when(redHatMajor(a) != "" && redHatMajor(a) == redHatMajor(p))
	case "SUSE":
		return when(fitsSUSE(a, p))
	case "openSUSE":
		return when(strings.EqualFold(strings.TrimPrefix(a, "Leap "), strings.TrimPrefix(p, "Leap ")))
	case "Debian", "AlmaLinux", "Rocky Linux", "Mageia", "Azure Linux":
		// Advisories name the major release; some systems report the point release as well.
		return when(sameDotted(a, p, 1))
	}
	return fitsNot
}

func when(ok bool) fit {
	if ok {
		return fitsWholly
	}
	return fitsNot
}

// sameDotted reports that the advisory's release a and the package's release p are the
// same in a's parts, of which there are at least n: "9" covers "9.3", "3.1" does not cover "3".
func sameDotted(a, p string, n int) bool {
	as, ps := strings.Split(a, "."), strings.Split(p, ".")
	if len(as) < n || len(ps) < len(as) || !isDigits(as[0]) {
		return false
	}
	for i := range as {
		if as[i] != ps[i] {
			return false
		}
	}
	return true
}

// fitsUbuntu knows the standard release ("22.04:LTS", "25.10") and the Pro channels
// ("Pro:18.04:LTS", "Pro:FIPS:18.04:LTS"). A standard system gets nothing from Pro, whose
// fixes it cannot install and whose versions it does not have. A Pro system is built on the
// standard release, whose advisories hold where Pro has none.
func fitsUbuntu(a, p string) fit {
	a, p = strings.TrimSuffix(a, ":LTS"), strings.TrimSuffix(p, ":LTS")
	if a == p {
		return fitsWholly
	}
	channel, release := cutLast(p)
	if strings.HasPrefix(channel, "Pro") && release == a {
		return fitsBelow
	}
	return fitsNot
}

func cutLast(s string) (before, after string) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return "", s
}

// redHatMajor returns the major release from a suffix in the form of a CPE
// ("enterprise_linux:9::baseos") or a plain release ("9.4"); empty for other
// products and for extended support streams, whose fixes other systems do not get.
func redHatMajor(suffix string) string {
	if product, rest, ok := strings.Cut(suffix, ":"); ok {
		if product != "enterprise_linux" {
			return ""
		}
		suffix, _, _ = strings.Cut(rest, ":")
	}
	major, _, _ := strings.Cut(suffix, ".")
	if !isDigits(major) {
		return ""
	}
	return major
}

// fitsSUSE compares products and releases: "Linux Enterprise Server 15 SP4" or, as
// os-release has it, "15.4". The packages of a server come from its modules
// ("Linux Enterprise Module for Basesystem 15 SP4"), so these fit too.
func fitsSUSE(a, p string) bool {
	aProduct, aRelease := suseRelease(a)
	pProduct, pRelease := suseRelease(p)
	if aRelease == "" || aRelease != pRelease {
		return false
	}
	const server = "Linux Enterprise Server"
	if pProduct == "" {
		pProduct = server
	}
	return aProduct == pProduct || strings.HasPrefix(aProduct, "Linux Enterprise Module for ")
}

// suseRelease splits "Linux Enterprise Server 15 SP4-LTSS" into the product and "15.4".
func suseRelease(suffix string) (product, release string) {
	words := strings.Fields(strings.TrimSuffix(suffix, "-LTSS"))
	for i, w := range words {
		major, minor, dotted := strings.Cut(w, ".")
		if !isDigits(major) || (dotted && !isDigits(minor)) {
			continue
		}
		switch {
		case dotted:
		case i+1 < len(words) && strings.HasPrefix(words[i+1], "SP") && isDigits(words[i+1][2:]):
			minor = words[i+1][2:]
		default:
			minor = "0"
		}
		return strings.Join(words[:i], " "), major + "." + minor
	}
	return "", ""
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

package match

import (
	"regexp"
	"strings"

	"github.com/google/osv-scalibr/semantic"

	"github.com/crowsnest-sec/crowsnest"
)

// maxVersion is the length beyond which a version is not read; the longest in use are below 150 bytes.
const maxVersion = 256

// order reads the versions of one ecosystem. The parsers underneath take any
// text and give it a place, "latest" mostly below every release, which would make
// it vulnerable to everything; so what the ecosystem could not have written is
// refused first.
type order struct {
	valid func(string) bool
	// as names the ecosystem for the parser.
	as string
	// clean brings an installed version into the form advisories use; nil if they are the same.
	clean func(string) string
}

// orders lists the ecosystems whose order of versions is known.
var orders = map[string]order{
	"Debian": {debianVersion, "Debian", nil},
	"Ubuntu": {debianVersion, "Ubuntu", nil},
	"Echo":   {debianVersion, "Debian", nil},
	"opam":   {debianVersion, "Debian", nil}, // opam took over Debian's rules

	"Alpine":                       {alpineVersion.MatchString, "Alpine", nil},
	"Alpaquita":                    {alpineVersion.MatchString, "Alpine", nil},
	"BellSoft Hardened Containers": {alpineVersion.MatchString, "Alpine", nil},
	"Chainguard":                   {alpineVersion.MatchString, "Alpine", nil},
	"CleanStart":                   {alpineVersion.MatchString, "Alpine", nil},
	"MinimOS":                      {alpineVersion.MatchString, "Alpine", nil},
	"Wolfi":                        {alpineVersion.MatchString, "Alpine", nil},

	"AlmaLinux":   {rpmVersion, "Red Hat", nil},
	"Azure Linux": {rpmVersion, "Red Hat", nil},
	"Mageia":      {rpmVersion, "Red Hat", nil},
	"openEuler":   {rpmVersion, "Red Hat", nil},
	"openSUSE":    {rpmVersion, "Red Hat", nil},
	"Photon OS":   {rpmVersion, "Red Hat", nil},
	"Red Hat":     {rpmVersion, "Red Hat", nil},
	"Rocky Linux": {rpmVersion, "Red Hat", nil},
	"SUSE":        {rpmVersion, "Red Hat", nil},

	"Bitnami":        {semverVersion, "npm", bitnamiUpstream},
	"Bioconductor":   {semverVersion, "npm", nil},
	"ConanCenter":    {semverVersion, "npm", nil},
	"crates.io":      {semverVersion, "npm", nil},
	"GHC":            {semverVersion, "npm", nil},
	"GitHub Actions": {semverVersion, "npm", nil},
	"Go":             {semverVersion, "npm", goRelease},
	"Hex":            {semverVersion, "npm", nil},
	"Julia":          {semverVersion, "npm", nil},
	"Kubernetes":     {semverVersion, "npm", nil},
	"Linux":          {semverVersion, "npm", nil},
	"npm":            {semverVersion, "npm", nil},
	"SwiftURL":       {semverVersion, "npm", nil},

	"CRAN":      {cranVersion.MatchString, "CRAN", nil},
	"Hackage":   {hackageVersion.MatchString, "Hackage", nil},
	"Maven":     {mavenVersion, "Maven", nil},
	"NuGet":     {semverVersion, "NuGet", nil},
	"Packagist": {packagistVersion, "Packagist", nil},
	"Pub":       {semverVersion, "Pub", nil},
	"PyPI":      {pypiVersion.MatchString, "PyPI", nil},
	"RubyGems":  {rubyVersion.MatchString, "RubyGems", nil},
}

// orderOf returns the order of an ecosystem's versions; false if it is not known.
func orderOf(ecosystem string) (order, bool) {
	o, ok := orders[crowsnest.EcosystemBase(ecosystem)]
	return o, ok
}

// semverOrder reads ranges of type SEMVER in ecosystems whose own order is not known.
// Where it is known it goes before: installed versions are written in it.
var semverOrder = order{semverVersion, "npm", nil}

// placed is an installed version on its ecosystem's line.
type placed struct {
	text    string
	version semantic.Version // nil if it cannot be placed: then it can only be listed
}

func place(ecosystem, version string) placed {
	o, ok := orderOf(ecosystem)
	if !ok {
		o = semverOrder
	}
	p := placed{text: strings.TrimSpace(version)}
	if v, ok := o.installed(version); ok {
		p.version = v
	}
	return p
}

// installed reads the version of a package; false if it cannot be placed.
func (o order) installed(v string) (semantic.Version, bool) {
	v = strings.TrimSpace(v)
	if o.clean != nil && len(v) <= maxVersion {
		v = o.clean(v)
	}
	return o.read(v)
}

// read reads a version as advisories write it; false if it cannot be placed.
func (o order) read(v string) (semantic.Version, bool) {
	v = strings.TrimSpace(v)
	if v == "" || len(v) > maxVersion {
		return nil, false
	}
	if o.as == "PyPI" {
		v = strings.ToLower(v) // PEP 440 compares without case, the parser does not
	}
	if !o.valid(v) {
		return nil, false
	}
	parsed, err := semantic.Parse(v, o.as)
	return parsed, err == nil
}

// compare orders two versions of one order; false if the parser refuses.
func compare(a, b semantic.Version) (int, bool) {
	c, err := a.Compare(b)
	return c, err == nil
}

// Compare orders two versions as an ecosystem does: negative if a is older than
// b, zero if they are the same, positive if a is newer. It is false if either is
// not a version of that ecosystem or the ecosystem's order is not known. The
// ecosystem may carry a release.
func Compare(ecosystem, a, b string) (int, bool) {
	o, ok := orderOf(ecosystem)
	if !ok {
		return 0, false
	}
	av, aok := o.installed(a)
	bv, bok := o.installed(b)
	if !aok || !bok {
		return 0, false
	}
	return compare(av, bv)
}

// InRange reports whether a version of an ecosystem lies in an OSV range. It is
// false as well when the version or one of the range's events cannot be placed,
// and for every range of type GIT.
func InRange(ecosystem, v string, r crowsnest.Range) bool {
	parsed, ok := readRange(ecosystem, r)
	if !ok {
		return false
	}
	p := place(ecosystem, v)
	return p.version != nil && parsed.contains(p.version)
}

// The grammars, each from its ecosystem's own documents.
var (
	// apk-package(5): number{.number}…{letter}{_suffix{number}}…{~hash}{-r#}; apk bears a dot at the end of the numbers.
	alpineVersion = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*\.?[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(~[0-9a-f]+)?(-r[0-9]+)?$`)
	// PEP 440, appendix B, in lower case.
	pypiVersion = regexp.MustCompile(`^v?([0-9]+!)?[0-9]+(\.[0-9]+)*` +
		`([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?` +
		`(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?` +
		`([-_.]?dev[-_.]?[0-9]*)?` +
		`(\+[a-z0-9]+([-_.][a-z0-9]+)*)?$`)
	// Gem::Version::VERSION_PATTERN.
	rubyVersion = regexp.MustCompile(`^[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	// Writing R Extensions: numbers separated by single "." or "-".
	cranVersion = regexp.MustCompile(`^[0-9]+([.-][0-9]+)*$`)
	// The Cabal user guide: numbers separated by dots.
	hackageVersion = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*$`)
)

// debianVersion checks against deb-version(7): [epoch:]upstream[-revision], upstream beginning with a digit.
func debianVersion(v string) bool {
	if epoch, rest, ok := strings.Cut(v, ":"); ok {
		if !isDigits(epoch) {
			return false
		}
		v = rest
	}
	if v == "" || !isDigit(v[0]) {
		return false
	}
	for i := range len(v) {
		if !isAlphanumeric(v[i]) && !strings.ContainsRune(".+-~:_", rune(v[i])) {
			return false
		}
	}
	return true
}

// rpmVersion asks for [epoch:]version[-release] without spaces and with a digit.
func rpmVersion(v string) bool {
	digit := false
	for i := range len(v) {
		switch c := v[i]; {
		case isDigit(c):
			digit = true
		case !isAlphanumeric(c) && !strings.ContainsRune(".+-~^:_", rune(c)):
			return false
		}
	}
	return digit
}

// semverVersion asks for a leading number, more of them after dots, and nothing else but
// a pre-release after "-" and build metadata after "+". Any number of parts will do:
// advisories write "1.2", NuGet and some others have four.
func semverVersion(v string) bool {
	rest := numbers(strings.TrimPrefix(v, "v"))
	if rest == "" {
		return true
	}
	if rest[0] != '-' && rest[0] != '+' {
		return false
	}
	for i := range len(rest) {
		if !isAlphanumeric(rest[i]) && !strings.ContainsRune(".+-_~", rune(rest[i])) {
			return false
		}
	}
	return true
}

// numbers cuts a leading dotted series of numbers off v. What does not begin with one is
// returned with a mark that no grammar accepts.
func numbers(v string) string {
	const refused = "\x00"
	i := 0
	for {
		start := i
		for i < len(v) && isDigit(v[i]) {
			i++
		}
		if i == start {
			return refused
		}
		if i == len(v) || v[i] != '.' || i+1 == len(v) || !isDigit(v[i+1]) {
			return v[i:]
		}
		i++
	}
}

// packagistVersion refuses branches ("dev-main", "1.x-dev"), which have no place among releases.
func packagistVersion(v string) bool {
	rest := numbers(strings.TrimPrefix(v, "v"))
	for i := range len(rest) {
		if !isAlphanumeric(rest[i]) && !strings.ContainsRune(".+-_", rune(rest[i])) {
			return false
		}
	}
	lower := strings.ToLower(rest)
	return !strings.HasPrefix(lower, ".x") && !strings.HasPrefix(lower, "x")
}

// mavenVersion takes what a repository can hold: Maven orders any text, but a
// version without a digit ("RELEASE") or with a property in it ("${revision}") is none.
func mavenVersion(v string) bool {
	digit := false
	for i := range len(v) {
		switch c := v[i]; {
		case isDigit(c):
			digit = true
		case !isAlphanumeric(c) && !strings.ContainsRune(".+-_", rune(c)):
			return false
		}
	}
	return digit
}

// goRelease turns the version of a Go toolchain, "go1.22rc1" or "go1.21.0 X:boringcrypto",
// into the semantic version that the Go vulnerability database uses, "1.22.0-rc.1". Module
// versions are not changed.
func goRelease(v string) string {
	release, ok := strings.CutPrefix(v, "go")
	if !ok {
		return v
	}
	release, _, _ = strings.Cut(release, " ")
	rest := numbers(release)
	core := release[:max(0, len(release)-len(rest))]
	for _, kind := range []string{"rc", "beta"} {
		if n, ok := strings.CutPrefix(rest, kind); ok && isDigits(n) {
			for strings.Count(core, ".") < 2 {
				core += ".0"
			}
			return core + "-" + kind + "." + n
		}
	}
	return release
}

// bitnamiUpstream cuts Bitnami's package revision off: "1.2.3-4" is the fourth build of
// 1.2.3, not a pre-release of it, and advisories speak of 1.2.3.
func bitnamiUpstream(v string) string {
	if i := strings.LastIndexByte(v, '-'); i > 0 {
		if isDigits(strings.TrimPrefix(v[i+1:], "r")) {
			return v[:i]
		}
	}
	return v
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlphanumeric(c byte) bool {
	return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}

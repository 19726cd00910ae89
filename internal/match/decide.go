package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// source is a finding with what puts it before or after others of its vulnerability.
type source struct {
	finding crowsnest.Finding
	names   []string
	own     bool
	grade   grade
}

// grade says how well a severity is founded.
type grade uint8

const (
	ungraded grade = iota
	byWord
	byCVSS2
	byCVSS3
	byCVSS4
)

func gradeOf(s crowsnest.Severity, c *crowsnest.CVSS) grade {
	switch {
	case c == nil && s == crowsnest.Unspecified:
		return ungraded
	case c == nil:
		return byWord
	case strings.HasPrefix(c.Version, "4"):
		return byCVSS4
	case strings.HasPrefix(c.Version, "3"):
		return byCVSS3
	}
	return byCVSS2
}

// compare puts the source that decides first; the order is explained in the package's comment.
func (s source) compare(t source) int {
	if s.own != t.own {
		if s.own {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(t.grade, s.grade),
		strings.Compare(s.finding.Advisory, t.finding.Advisory),
	)
}

// shippers lists, for an ecosystem, the prefixes of the identifiers given out by whoever
// ships its packages or keeps its database. Ecosystems without a database of their own
// are missing. The prefixes are those the OSV schema registers.
var shippers = map[string][]string{
	"AlmaLinux":                    {"ALSA-", "ALBA-", "ALEA-"},
	"Alpaquita":                    {"BELL-"},
	"Alpine":                       {"ALPINE-"},
	"Azure Linux":                  {"AZL-"},
	"BellSoft Hardened Containers": {"BELL-"},
	"Bitnami":                      {"BIT-"},
	"Chainguard":                   {"CGA-"},
	"CRAN":                         {"RSEC-"},
	"crates.io":                    {"RUSTSEC-"},
	"Debian":                       {"DSA-", "DLA-", "DTSA-", "DEBIAN-"},
	"Echo":                         {"ECHO-"},
	"GHC":                          {"HSEC-"},
	"GIT":                          {"CURL-", "PSF-"},
	"GitHub Actions":               {"GHSA-"},
	"Go":                           {"GO-"},
	"Hackage":                      {"HSEC-"},
	"Julia":                        {"JLSEC-"},
	"Mageia":                       {"MGASA-"},
	"MinimOS":                      {"MINI-"},
	"npm":                          {"GHSA-", "MAL-"},
	"opam":                         {"OSEC-"},
	"openEuler":                    {"OESA-"},
	"openSUSE":                     {"openSUSE-", "SUSE-"},
	"Photon OS":                    {"PHSA-"},
	"PyPI":                         {"PYSEC-"},
	"Red Hat":                      {"RHSA-", "RHBA-", "RHEA-"},
	"Rocky Linux":                  {"RLSA-", "RXSA-", "RLBA-", "RLEA-"},
	"SUSE":                         {"SUSE-"},
	"Ubuntu":                       {"USN-", "LSN-", "UBUNTU-"},
	"Wolfi":                        {"CGA-"},
}

// ships reports that an advisory comes from whoever ships the packages of an ecosystem.
func ships(base, id string) bool {
	return slices.ContainsFunc(shippers[base], func(p string) bool { return strings.HasPrefix(id, p) })
}

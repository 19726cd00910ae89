package match

import "github.com/crowsnest-sec/crowsnest"

// The reasons why a source decides.
const (
	OnlySource = "only-source"       // no other speaks of the package version
	Shipper    = "ships-the-package" // it is the database of whoever ships the package
	Founded    = "best-founded"      // its severity is founded better than that of others
	FirstID    = "first-by-id"       // nothing else tells the sources apart
)

// Why says why one finding of a package version decides over the others of the same
// vulnerability; the package's comment has the order.
func Why(p crowsnest.PackageVersion, decides crowsnest.Finding, others []crowsnest.Finding) string {
	if len(others) == 0 {
		return OnlySource
	}
	base := crowsnest.EcosystemBase(p.Ecosystem)
	best, allShip := ungraded, true
	for _, f := range others {
		best = max(best, gradeOf(f.Severity, f.CVSS))
		allShip = allShip && ships(base, f.Advisory)
	}
	switch {
	case ships(base, decides.Advisory) && !allShip:
		return Shipper
	case gradeOf(decides.Severity, decides.CVSS) > best:
		return Founded
	}
	return FirstID
}

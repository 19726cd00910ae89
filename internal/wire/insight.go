package wire

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// VulnerabilityDetail is a vulnerability with what every source says of it.
type VulnerabilityDetail struct {
	Vulnerability
	Aliases  []string              `json:"aliases" doc:"Its other names, those of the advisories among them"`
	Sources  []VulnerabilitySource `json:"sources" doc:"The advisories held that speak of it, by ID"`
	Affected []AffectedVersion     `json:"affected" doc:"Package versions that have it; 500 at most, packages counts all"`
}

// VulnerabilitySource is what one advisory says.
type VulnerabilitySource struct {
	ID        string                     `json:"id"`
	Summary   string                     `json:"summary"`
	Severity  []crowsnest.SeverityVector `json:"severity" doc:"CVSS vectors as published"`
	Word      string                     `json:"word,omitempty" doc:"The source's own word for the severity"`
	Published time.Time                  `json:"published,omitzero"`
	Modified  time.Time                  `json:"modified"`
	Withdrawn *time.Time                 `json:"withdrawn" nullable:"true" doc:"Null unless withdrawn; then it matches nothing"`
	Affected  []AffectedRange            `json:"affected" doc:"Only of packages that the organisation has"`
	Decides   int                        `json:"decides" doc:"Package versions listed for which it decides"`
}

// AffectedRange says which versions of a package one advisory speaks of.
type AffectedRange struct {
	Ecosystem string                     `json:"ecosystem"`
	Name      string                     `json:"name"`
	Ranges    []crowsnest.Range          `json:"ranges"`
	Versions  []string                   `json:"versions" doc:"Listed one by one; a hundred at most"`
	More      int                        `json:"moreVersions,omitempty" doc:"How many are not listed here"`
	Severity  []crowsnest.SeverityVector `json:"severity" doc:"Overrides the advisory's"`
	Word      string                     `json:"word,omitempty"`
}

// AffectedVersion is a package version that has the vulnerability.
type AffectedVersion struct {
	Package      FindingPackage     `json:"package"`
	Ecosystem    string             `json:"ecosystem"`
	Severity     crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	CVSS         *crowsnest.CVSS    `json:"cvss"`
	FixedVersion *string            `json:"fixedVersion" nullable:"true" doc:"Lowest version that clears it; null if none is known"`
	Since        time.Time          `json:"since"`
	Cause        string             `json:"cause" doc:"Why it was found then, such as \"advisory published\""`
	DecidedBy    string             `json:"decidedBy" doc:"The advisory whose severity and fix are shown"`
	DecidedWhy   string             `json:"decidedWhy" enum:"only-source,ships-the-package,best-founded,first-by-id"`
	Others       []string           `json:"others" doc:"The other advisories that say so"`
	Images       int                `json:"images"`
	Suppressed   int                `json:"suppressed,omitempty" doc:"In how many images decisions suppress it; these are not counted in images"`

	ScoreFrom string                `json:"scoreFrom,omitempty" doc:"The advisory that the score is borrowed from, and the severity where the own source gives none"`
	State     crowsnest.VendorState `json:"state,omitempty" enum:"unimportant,no-dsa,postponed,ignored,end-of-life" doc:"Why the distribution does not mend it in this release, in Debian's words"`
}

// maxListedVersions bounds the versions an advisory names one by one; some name thousands.
const maxListedVersions = 100

// NewVulnerabilityDetail converts a detail; why tells why the first of the findings of a package version decides.
func NewVulnerabilityDetail(d store.VulnerabilityDetail, why func(store.AffectedVersion) string) VulnerabilityDetail {
	out := VulnerabilityDetail{Vulnerability: NewVulnerability(d.VulnerabilityRow), Aliases: List(d.Aliases)}
	decides := make(map[string]int)
	out.Affected = Each(d.Affected, func(a store.AffectedVersion) AffectedVersion {
		f := a.Findings[0]
		decides[f.Advisory]++
		v := AffectedVersion{
			Package: NewFindingPackage(a.Package), Ecosystem: a.Package.Ecosystem, Severity: f.Severity, CVSS: f.CVSS, FixedVersion: known(f.FixedVersion),
			Since: a.Since, Cause: a.Cause, DecidedBy: f.Advisory, DecidedWhy: why(a), Others: []string{}, Images: a.Images,
			ScoreFrom: f.ScoreFrom, State: f.State,
		}
		for _, other := range a.Findings[1:] {
			v.Others = append(v.Others, other.Advisory)
		}
		return v
	})
	out.Sources = Each(d.Sources, func(s store.VulnerabilitySource) VulnerabilitySource {
		src := VulnerabilitySource{
			ID: s.ID, Summary: s.Summary, Severity: List(s.Severity), Word: s.Word, Published: s.Published, Modified: s.Modified,
			Affected: Each(s.Affected, newAffectedRange), Decides: decides[s.ID],
		}
		if !s.Withdrawn.IsZero() {
			src.Withdrawn = &s.Withdrawn
		}
		return src
	})
	return out
}

func newAffectedRange(a crowsnest.Affected) AffectedRange {
	n := min(len(a.Versions), maxListedVersions)
	return AffectedRange{Ecosystem: a.Ecosystem, Name: a.Name, Ranges: List(a.Ranges), Versions: List(a.Versions[:n]), More: len(a.Versions) - n, Severity: List(a.Severity), Word: a.Word}
}

// NewFindingPackage names the package of a finding.
func NewFindingPackage(p crowsnest.PackageVersion) FindingPackage {
	return FindingPackage{PURL: p.PURL, Name: p.Name, Version: p.Version, Type: p.Type, Source: p.Source}
}

// known makes empty text null.
func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Holder is an image with those of its packages that were asked for.
type Holder struct {
	Image
	Holds []HeldPackage `json:"holds" doc:"The packages asked for, in this image"`
}

// HeldPackage is a package of an image.
type HeldPackage struct {
	Package      FindingPackage             `json:"package"`
	Locations    []crowsnest.Location       `json:"locations"`
	Licences     []string                   `json:"licences" doc:"As the files of this image say; empty where they say nothing"`
	Severity     *crowsnest.Severity        `json:"severity,omitempty" enum:"critical,high,medium,low,unspecified" doc:"Of the vulnerability asked for"`
	FixedVersion *string                    `json:"fixedVersion,omitempty" doc:"Lowest version that clears the vulnerability asked for"`
	InUse        map[string]crowsnest.InUse `json:"inUse" doc:"By environment in which the image runs: in-use, not-seen or not-observed"`
	Suppressed   *crowsnest.Suppression     `json:"suppressed,omitempty" doc:"The decision that suppresses the vulnerability asked for"`
}

// NewHolder converts a row.
func NewHolder(h store.Holder) Holder {
	return Holder{Image: NewImage(h.ImageRow), Holds: Each(h.Packages, func(p store.HeldPackage) HeldPackage {
		out := HeldPackage{Package: NewFindingPackage(p.Package), Locations: List(p.Locations), Licences: List(p.Licences), InUse: p.InUse, Suppressed: p.Suppressed}
		if out.InUse == nil {
			out.InUse = map[string]crowsnest.InUse{}
		}
		if p.Finding != nil {
			out.Severity, out.FixedVersion = &p.Finding.Severity, known(p.Finding.FixedVersion)
		}
		return out
	})}
}

// PackageSummary is a package, whatever its version, over many images.
type PackageSummary struct {
	Type         string            `json:"type"`
	Name         string            `json:"name"`
	Versions     int               `json:"versions"`
	Images       int               `json:"images"`
	Environments []string          `json:"environments"`
	Summary      crowsnest.Summary `json:"summary" doc:"Vulnerabilities of its versions, each counted once for each version"`
	Suppressed   crowsnest.Summary `json:"suppressed" doc:"What decisions leave out of the summary: suppressed in all images that have it"`
	NotSeen      crowsnest.Summary `json:"notSeen" doc:"What else is left out of it in an environment that takes as not affected what is not seen loaded"`

	InUse *crowsnest.Summary `json:"inUse,omitempty" doc:"In lists of one environment, and of what is in use, the part of the summary in versions seen loaded; missing where run time watches none of them"`
}

// PackagePage is part of a list of packages.
type PackagePage struct {
	Page[PackageSummary]
	SuppressedHidden int `json:"suppressedHidden,omitempty" doc:"How many packages the whole list leaves out because decisions suppress all that is found of them"`
	NotSeenHidden    int `json:"notSeenHidden,omitempty" doc:"How many other packages the whole list leaves out as not seen: nothing of them counts in the environment, which takes as not affected what is not seen loaded"`
}

// NewPackageSummary converts a row.
func NewPackageSummary(r store.PackageRow) PackageSummary {
	return PackageSummary{Type: r.Type, Name: r.Name, Versions: r.Versions, Images: r.Images, Environments: List(r.Environments), Summary: r.Summary, Suppressed: r.Suppressed, NotSeen: r.NotSeen, InUse: r.InUse}
}

// PackageDetail is a package with its versions.
type PackageDetail struct {
	PackageSummary
	List []ListedVersion `json:"list" doc:"Its versions, in the order of their text; 500 at most, versions counts all"`
}

// ListedVersion is a version of a package over many images.
type ListedVersion struct {
	PURL            string                 `json:"purl"`
	Version         string                 `json:"version"`
	Ecosystem       string                 `json:"ecosystem"`
	Source          string                 `json:"source" doc:"Source package; empty where it is the same"`
	Images          int                    `json:"images"`
	Environments    []string               `json:"environments"`
	Vulnerabilities []PackageVulnerability `json:"vulnerabilities" doc:"Worst first"`
}

// PackageVulnerability is a vulnerability of one package version.
type PackageVulnerability struct {
	ID           string             `json:"id"`
	Severity     crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	Score        float64            `json:"score" doc:"CVSS score, 0 without one"`
	FixedVersion *string            `json:"fixedVersion" nullable:"true" doc:"Lowest version that clears it; null if none is known"`
}

// NewPackageDetail converts a detail.
func NewPackageDetail(d store.PackageDetail) PackageDetail {
	return PackageDetail{PackageSummary: NewPackageSummary(d.PackageRow), List: Each(d.List, func(v store.PackageVersionRow) ListedVersion {
		return ListedVersion{
			PURL: v.Package.PURL, Version: v.Package.Version, Ecosystem: v.Package.Ecosystem, Source: v.Package.Source, Images: v.Images, Environments: List(v.Environments),
			Vulnerabilities: Each(v.Findings, func(f crowsnest.Finding) PackageVulnerability {
				out := PackageVulnerability{ID: f.Vulnerability, Severity: f.Severity, FixedVersion: known(f.FixedVersion)}
				if f.CVSS != nil {
					out.Score = f.CVSS.Score
				}
				return out
			}),
		}
	})}
}

// SearchResult holds the first hits of each kind.
type SearchResult struct {
	Images          []ImageHit         `json:"images"`
	Packages        []PackageHit       `json:"packages"`
	Vulnerabilities []VulnerabilityHit `json:"vulnerabilities"`
	Workloads       []WorkloadHit      `json:"workloads" doc:"What runs now"`
	Environments    []string           `json:"environments"`
}

// ImageHit is an image that a search found.
type ImageHit struct {
	Name   string           `json:"name"`
	Digest crowsnest.Digest `json:"digest"`
	State  string           `json:"state" enum:"found,analysed,failed"`
}

// PackageHit is a package that a search found.
type PackageHit struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// VulnerabilityHit is a vulnerability that a search found.
type VulnerabilityHit struct {
	ID       string             `json:"id"`
	Name     string             `json:"name" doc:"The name that matched: the ID or an alias"`
	Severity crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
}

// WorkloadHit is a workload that a search found.
type WorkloadHit struct {
	Environment string `json:"environment"`
	Cluster     string `json:"cluster"`
	Namespace   string `json:"namespace"`
	Kind        string `json:"kind"`
	Name        string `json:"name"`
}

// NewSearchResult converts what was found.
func NewSearchResult(r store.SearchResult) SearchResult {
	return SearchResult{
		Images:          Each(r.Images, func(h store.ImageHit) ImageHit { return ImageHit{h.Name, h.Digest, string(h.State)} }),
		Packages:        Each(r.Packages, func(h store.PackageHit) PackageHit { return PackageHit(h) }),
		Vulnerabilities: Each(r.Vulnerabilities, func(h store.VulnerabilityHit) VulnerabilityHit { return VulnerabilityHit(h) }),
		Workloads:       Each(r.Workloads, func(h store.WorkloadHit) WorkloadHit { return WorkloadHit(h) }),
		Environments:    List(r.Environments),
	}
}

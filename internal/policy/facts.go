package policy

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Facts are what is known of one image in one place.
type Facts struct {
	Now time.Time

	User         string // that the image runs as by itself
	Distribution crowsnest.Distribution
	Findings     []*Finding // the deciding ones; facts of other images share them, and nobody changes them
	Licences     []Licensed
	Unlicensed   int      // packages of which no licence is known
	Missing      []string // ecosystems of its packages of which no advisories are held

	KnownExploited bool // CISA's catalogue is held

	Attestations *Attestations   // nil if they were never looked for
	Base         *crowsnest.Base // nil if it is not known
	// BaseTags are the tag that the base is named by or, where it is named by a digest alone, the tags that it ever had. Those of which
	// nothing is known are not in it.
	BaseTags []BaseTag

	Runs  bool            // it runs in the place that is asked about
	Watch crowsnest.Watch // what run time saw of it there
	// Due is by when vulnerabilities that the place is exposed to should be remediated; those without a target are not in it.
	Due map[string]time.Time

	Document *Document `json:"-"` // nil where no policy that somebody wrote is asked

	// Count asks for how many violations there are. Then no more than one of them is told, which for most images spares the most.
	Count bool `json:"-"`
}

// Finding is a vulnerability in a package of an image.
type Finding struct {
	Vulnerability string
	Advisory      string // that says so
	Aliases       []string
	Severity      crowsnest.Severity
	FixedVersion  string
	Package       *crowsnest.PackageVersion
	Sought        crowsnest.Sought // the package, as run time may name it
	Published     time.Time        // zero if that is not known
	Exploited     bool             // it is in CISA's catalogue
	Score         float64          // CVSS, 0 if nobody gives one
	Vector        string           // of the score
}

// Licensed is a package with its licences as SPDX expressions, all of which hold.
type Licensed struct {
	PURL     string
	Licences []string
}

// Attestations are what was attested of an image.
type Attestations struct {
	SBOM       bool
	Provenance bool
	Full       bool // some provenance tells all of the build
	Unclear    bool // of some it is not known whether it does
	Unread     int  // that could not be read or are not about the image
}

// BaseTag is a tag of a base image.
type BaseTag struct {
	Reference string
	Current   bool             // it still names the base
	Names     crowsnest.Digest // what it names now
}

// Counts reports whether a finding counts in the place that is asked about.
func (f *Facts) Counts(v *Finding) bool {
	return !f.Watch.DiscountNotSeen || f.Watch.Affects(f.InUse(v))
}

// InUse says whether the package of a finding was seen loaded in the place that is asked about.
func (f *Facts) InUse(v *Finding) crowsnest.InUse {
	return f.Watch.InUseOf(v.Sought)
}

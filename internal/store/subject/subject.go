// Package subject is what policies go by of images, and how many of them they are met by, as the store hands it out. It is a part of the store's contract.
package subject

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Finding is a deciding finding, as far as policies go by it.
type Finding struct {
	Vulnerability string
	Advisory      string // that says so
	Aliases       []string
	Severity      crowsnest.Severity
	FixedVersion  string
	Package       *crowsnest.PackageVersion
	Sought        crowsnest.Sought
	Published     time.Time // of the advisory
	Exploited     bool
	Score         float64 // CVSS, 0 if nobody gives one
	Vector        string
}

// Set is what policies go by of a set of packages.
type Set struct {
	Findings   []*Finding // other sets share them, and nobody changes them
	Licences   []Licences
	Unlicensed int      // packages without any
	Missing    []string // ecosystems of which no advisories are held
}

// Licences are the licences of a package.
type Licences struct {
	PURL     string
	Licences []string
}

// Image is what policies go by of an image, beside what is in it.
type Image struct {
	Number       int64
	Content      int64 // 0 while it is not analysed, and after its content was removed
	Repository   string
	User         string
	Distribution crowsnest.Distribution
	Sets         []int64
	Attestations *Attestations // nil if they were never looked for
	Base         *crowsnest.Base
	BaseTags     []Tag
	Places       []Place
	Suppressed   map[Suppressed]bool // findings that decisions suppress in the image by itself
	Again        time.Time           // when the first of what is decided about it expires; zero if nothing does
}

// Suppressed names a finding that a decision suppresses.
type Suppressed struct{ PURL, Vulnerability string }

// Attestations are what was attested of an image.
type Attestations struct {
	SBOM       bool
	Provenance bool
	Full       bool // some provenance tells all of the build
	Unclear    bool // of some it is not known whether it does
	Unread     int
}

// Tag is a tag that a base image is named by, or that it had, and what it names now.
type Tag struct {
	Reference string
	Current   bool
	Names     crowsnest.Digest
}

// Place is an environment in which an image runs.
type Place struct {
	ID    int64
	Name  string
	Watch crowsnest.Watch
	// Suppressed are the findings that decisions suppress there; nil if they are those of the image by itself.
	Suppressed map[Suppressed]bool
}

// Facts is what policies go by of some images.
type Facts struct {
	Images         []Image
	Sets           map[int64]Set
	KnownExploited bool // CISA's catalogue is held
}

// Count counts images by what a policy says of them.
type Count struct {
	Compliant, NonCompliant, NoData int
	Violations                      int
}

// Images is how many there are.
func (c Count) Images() int { return c.Compliant + c.NonCompliant + c.NoData }

// Rate is what a policy says of images now and said at a time.
type Rate struct{ Now, Then Count }

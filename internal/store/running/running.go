// Package running is the vocabulary of the store for what runs: occurrences, how a list of them is narrowed, and how findings are
// split by what run time sees.
package running

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Split counts findings (package version and vulnerability, each once) by what run time saw of the package.
type Split struct{ Loaded, NotSeen, NotObserved crowsnest.Summary }

// Add counts findings in packages of which run time saw that.
func (s *Split) Add(state crowsnest.InUse, n crowsnest.Summary) {
	switch state {
	case crowsnest.Loaded:
		s.Loaded = s.Loaded.Plus(n)
	case crowsnest.NotSeen:
		s.NotSeen = s.NotSeen.Plus(n)
	default:
		s.NotObserved = s.NotObserved.Plus(n)
	}
}

// Plus returns the sum of both.
func (s Split) Plus(o Split) Split {
	return Split{s.Loaded.Plus(o.Loaded), s.NotSeen.Plus(o.NotSeen), s.NotObserved.Plus(o.NotObserved)}
}

// Minus returns what is left of it without a part.
func (s Split) Minus(part Split) Split {
	return Split{s.Loaded.Minus(part.Loaded), s.NotSeen.Minus(part.NotSeen), s.NotObserved.Minus(part.NotObserved)}
}

// MaxWords is how many words of a text occurrences are looked for by; more are left out.
const MaxWords = 8

// Filter narrows a list of occurrences. What is empty narrows nothing.
type Filter struct {
	Image       crowsnest.Digest // any digest of the image
	Environment string           // also one that was deleted
	Cluster     string
	Namespace   string
	Now         bool // only what runs now

	// Query are words, all of which must be in the name, the kind, the container, the namespace or the cluster of the workload, or in
	// the name of its image.
	Query string
}

// Occurrence is an occurrence with what is known of the image that ran.
type Occurrence struct {
	crowsnest.Occurrence
	Image  string           // its name, or what a source calls it while nothing else is known; may be empty
	Digest crowsnest.Digest // of the image; empty while nothing is known of what was reported

	// InUse splits the findings of the image by what run time sees of this one container: what another one loads does not count
	// here. Nil of what runs no more, and of an image that is not analysed.
	InUse *Split
	// ProfiledAt is when the profile of the container was last reported; zero without one, and of what runs no more.
	ProfiledAt   time.Time
	ProfileStale bool // whether that is too long ago to tell what was not seen
}

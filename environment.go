package crowsnest

import (
	"strings"
	"time"
)

// Workload names a container of something that runs in a cluster.
type Workload struct {
	Integration string `json:"integration"` // name of the integration that saw it
	Cluster     string `json:"cluster"`
	Namespace   string `json:"namespace"`
	Kind        string `json:"kind"` // lower case as reported: "deployment"; unknown kinds are kept
	Name        string `json:"name"`
	Container   string `json:"container"`
}

// LoadedPackage is a package that a runtime saw being loaded.
type LoadedPackage struct {
	PURL    string `json:"purl,omitempty"` // as reported; not necessarily canonical
	Type    string `json:"type"`           // purl type
	Name    string `json:"name"`
	Version string `json:"version"`
	Source  string `json:"source,omitempty"` // source package where reported
}

// Key returns the name under which a loaded package and an inventoried one meet;
// see UseKey.
func (p LoadedPackage) Key() string { return UseKey(p.Type, p.Name, p.Version) }

// UseKey joins purl type, name and version so that a package a runtime reports and
// the same package in an image compare equal: the type in lower case, names as the
// ecosystem folds them, and the zero epoch of rpm, which reporters write or leave out, dropped.
func UseKey(typ, name, version string) string {
	typ = strings.ToLower(typ)
	switch typ {
	case "pypi":
		name = pep503(name)
	case "nuget", "composer", "deb", "apk", "rpm":
		name = strings.ToLower(name)
	case "maven":
		name = strings.ReplaceAll(name, "/", ":")
	case "golang":
		version = strings.TrimPrefix(version, "v")
	}
	if typ == "rpm" {
		version = strings.TrimPrefix(version, "0:")
	}
	return typ + "|" + name + "|" + version
}

// Profilable reports whether runtimes that report loaded packages cover packages of
// this purl type; the list is Sysdig's of supported formats. A package of another
// type is never "not seen".
func Profilable(typ string) bool {
	switch typ {
	case "deb", "apk", "rpm", "maven", "golang", "pypi", "npm", "gem", "nuget", "cargo", "composer":
		return true
	}
	return false
}

// Observation is one container a source saw running, in one sweep.
type Observation struct {
	Namespace string
	Kind      string
	Name      string
	Container string
	ImageID   Digest // as reported: mostly the configuration digest; may name a manifest or an index

	// Loaded lists the packages seen loaded. It is empty both when the source
	// has no profile yet and when nothing was loaded; the two cannot be told
	// apart, so an empty list means "not observed".
	Loaded []LoadedPackage
}

// Occurrence is an Observation over time.
type Occurrence struct {
	Workload
	Environment string    `json:"environment"`
	ImageID     Digest    `json:"imageId"`
	Opened      time.Time `json:"opened"`
	Closed      time.Time `json:"closed,omitzero"` // zero while it runs
}

// InUse says whether a package was seen loaded at run time.
type InUse uint8

// The three values. NotObserved says nothing about safety.
const (
	NotObserved InUse = iota // no profile covers the package, or none that is recent enough
	NotSeen                  // profiled, and not seen loaded
	Loaded                   // seen loaded
)

// UnreadKey is the key of a loaded package of which neither type, name nor version could be read. It
// stands among the keys of what was seen loaded when something else was: any package may be that.
const UnreadKey = "||"

// Watch is what run time saw of an image where it runs: all of its profiles there together. The
// zero value is an image that was not watched.
type Watch struct {
	// Loaded holds the keys of everything that was seen loaded. That there are none says that
	// nothing was watched, not that nothing was loaded.
	Loaded map[string]bool
	// Stale says that each of the profiles is too old to tell what is not loaded. What they saw
	// loaded is still that.
	Stale bool
	// AsOf is when the source last reported the newest of the profiles; zero without one.
	AsOf time.Time
	// DiscountNotSeen says that, where the image runs, what is not seen loaded is taken as not affected.
	DiscountNotSeen bool
}

// Affects says whether findings in a package of which run time saw that count where the image runs.
func (w Watch) Affects(state InUse) bool { return !w.DiscountNotSeen || state != NotSeen }

// InUse says what run time saw of a package.
func (w Watch) InUse(p PackageVersion) InUse {
	return w.InUseOfKey(p.Type, UseKey(p.Type, p.Name, p.Version))
}

// InUseOfKey is InUse for a package whose UseKey is known. It is the one place that decides: with
// UnreadKey among what was loaded, nothing is known of what is not.
func (w Watch) InUseOfKey(typ, key string) InUse {
	switch {
	case w.Loaded[key]:
		return Loaded
	case w.Stale || w.Loaded[UnreadKey]:
		return NotObserved
	case len(w.Loaded) > 0 && Profilable(typ):
		return NotSeen
	}
	return NotObserved
}

var inUseNames = [...]string{"not-observed", "not-seen", "in-use"}

// String returns "in-use", "not-seen" or "not-observed".
func (u InUse) String() string {
	if int(u) < len(inUseNames) {
		return inUseNames[u]
	}
	return inUseNames[NotObserved]
}

// MarshalText writes the name.
func (u InUse) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads the name.
func (u *InUse) UnmarshalText(b []byte) error {
	for i, n := range inUseNames {
		if string(b) == n {
			*u = InUse(i)
			return nil
		}
	}
	return &Error{Kind: Invalid, Op: "read in-use state", Subject: string(b), Hint: "use in-use, not-seen or not-observed"}
}

// Coverage counts distinct running images by what is known of them.
// Running = Analysed + NotAnalysed + Failed + Unresolved.
type Coverage struct {
	Running     int `json:"running"`
	Analysed    int `json:"analysed"`
	NotAnalysed int `json:"notAnalysed"` // known to the organisation, waiting for or without analysis
	Failed      int `json:"failed"`      // analysis was tried and failed, with a reason
	Unresolved  int `json:"unresolved"`  // the reported digest names no image the organisation knows
}

// Add returns the sum of both.
func (c Coverage) Add(d Coverage) Coverage {
	return Coverage{c.Running + d.Running, c.Analysed + d.Analysed, c.NotAnalysed + d.NotAnalysed, c.Failed + d.Failed, c.Unresolved + d.Unresolved}
}

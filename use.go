package crowsnest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// LoadedPackage is a package that a runtime saw being loaded.
type LoadedPackage struct {
	PURL    string `json:"purl,omitempty"` // as reported; not necessarily canonical
	Type    string `json:"type"`           // purl type
	Name    string `json:"name"`
	Version string `json:"version"`
	Source  string `json:"source,omitempty"` // source package where reported
}

// Keys returns what is kept of a loaded package: the name under which it and an inventoried one meet, see
// UseKey, and, where that may be the name of a source package, that as well. A reporter that tells of another
// source has named a package built from it.
func (p LoadedPackage) Keys() []string {
	key := UseKey(p.Type, p.Name, p.Version)
	switch {
	case !distributed(strings.ToLower(p.Type)) || p.Name == "":
	case p.Source == "":
		return []string{key, sourceKey + key}
	case strings.EqualFold(p.Source, p.Name):
		return []string{key, eitherKey + key}
	}
	return []string{key}
}

// ProfileOf names a set of loaded packages: the same name for all that say the same, whatever their order.
func ProfileOf(loaded []LoadedPackage) string {
	keys := make([]string, 0, len(loaded))
	for _, p := range loaded {
		keys = append(keys, p.Keys()...)
	}
	slices.Sort(keys)
	h := sha256.New()
	for _, k := range slices.Compact(keys) {
		h.Write([]byte(k))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

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

// InUse says whether a package was seen loaded at run time.
type InUse uint8

// The three values. NotObserved says nothing about safety.
const (
	NotObserved InUse = iota // no profile covers the package, or none that is recent enough
	NotSeen                  // profiled wherever the image runs, and not seen loaded
	Loaded                   // seen loaded
)

// UnreadKey is the key of a loaded package of which neither type, name nor version could be read. It
// stands among the keys of what was seen loaded when something else was: any package may be that.
const UnreadKey = "||"

// Watch is what run time saw of an image where it runs: all of its profiles there together. The
// zero value is an image that was not watched.
type Watch struct {
	// Loaded holds everything that was seen loaded, as AddLoaded puts it in. That there is nothing
	// says that nothing was watched, not that nothing was loaded.
	Loaded map[string]bool
	// Stale says that some of what runs the image has no profile, or one too old to tell what is not loaded: it may load what
	// the others do not. What was seen loaded is still that.
	Stale bool
	// AsOf is when the source last reported the newest of the profiles; zero without one.
	AsOf time.Time
	// DiscountNotSeen says that, where the image runs, what is not seen loaded is taken as not affected.
	DiscountNotSeen bool
}

// Affects says whether findings in a package of which run time saw that count where the image runs.
func (w Watch) Affects(state InUse) bool { return !w.DiscountNotSeen || state != NotSeen }

// InUse says what run time saw of a package.
func (w Watch) InUse(p PackageVersion) InUse { return w.InUseOf(p.Sought()) }

// InUseOf is InUse for a package of which is known what to look for. It is the one place that decides. With
// UnreadKey among what was loaded, nothing is known of what is not; what may be spelled otherwise is never
// said not to be seen.
func (w Watch) InUseOf(s Sought) InUse {
	if w.Loaded[s.key] {
		return Loaded
	}
	sure, maybe := s.near(w.Loaded)
	switch {
	case sure:
		return Loaded
	case maybe || w.Stale || w.Loaded[UnreadKey]:
		return NotObserved
	case len(w.Loaded) > 0 && Profilable(s.typ):
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

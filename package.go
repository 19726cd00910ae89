package crowsnest

import "slices"

// PackageVersion is one version of one package as it can be matched: whatever
// image it is found in, it is the same row and is matched once.
type PackageVersion struct {
	PURL    string `json:"purl"` // canonical package URL; the identity together with Ecosystem and Source
	Type    string `json:"type"` // purl type: "deb", "golang", "npm" …
	Name    string `json:"name"` // as the ecosystem writes it, with namespace: "@scope/name", "group:artifact"
	Version string `json:"version"`

	// Ecosystem is the OSV ecosystem with its release, "Debian:12", "Go"; empty
	// when no ecosystem is known, or when the package is not its business because
	// a package of the operating system owns it. Then nothing is matched.
	Ecosystem string `json:"ecosystem,omitempty"`

	// Source is the package a distribution builds this one from ("glibc" for
	// "libc6"), or the repository of software that no package manager brought; advisories
	// name it. Empty where it is the same or there is none.
	Source        string `json:"source,omitempty"`
	SourceVersion string `json:"sourceVersion,omitempty"`
}

// MatchName is the name advisories use for this package: the source package if there is one.
func (p PackageVersion) MatchName() string {
	if p.Source != "" {
		return p.Source
	}
	return p.Name
}

// MatchVersion is the version advisories speak about: the source's if it differs.
func (p PackageVersion) MatchVersion() string {
	if p.SourceVersion != "" {
		return p.SourceVersion
	}
	return p.Version
}

// Location is where in an image a package was found.
type Location struct {
	Path  string `json:"path"`            // slash-separated, without a leading slash
	Layer Digest `json:"layer,omitempty"` // diff ID of the layer that brought it

	// OwnedBy is the package of the operating system that installed the file, nil if
	// none did. Who owns a file decides who fixes it.
	OwnedBy *PackageOwner `json:"ownedBy,omitempty"`
}

// PackageOwner names the package of an operating system that a file belongs to.
type PackageOwner struct {
	PURL    string `json:"purl"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Package is a package version in an image.
type Package struct {
	PackageVersion
	Locations []Location `json:"locations,omitempty"`
	Licences  []string   `json:"licences,omitempty"`
}

// Owners returns the packages of the operating system that own the package, each once.
func (p Package) Owners() []PackageOwner {
	var out []PackageOwner
	for _, l := range p.Locations {
		if l.OwnedBy != nil && !slices.Contains(out, *l.OwnedBy) {
			out = append(out, *l.OwnedBy)
		}
	}
	return out
}

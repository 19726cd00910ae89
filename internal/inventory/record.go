package inventory

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/extractor"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/depsjson"
	javaarchive "github.com/google/osv-scalibr/extractor/filesystem/language/java/archive"
	apkmeta "github.com/google/osv-scalibr/extractor/filesystem/os/apk/metadata"
	cosmeta "github.com/google/osv-scalibr/extractor/filesystem/os/cos/metadata"
	dpkgmeta "github.com/google/osv-scalibr/extractor/filesystem/os/dpkg/metadata"
	flatpakmeta "github.com/google/osv-scalibr/extractor/filesystem/os/flatpak/metadata"
	nixmeta "github.com/google/osv-scalibr/extractor/filesystem/os/nix/metadata"
	pacmanmeta "github.com/google/osv-scalibr/extractor/filesystem/os/pacman/metadata"
	portagemeta "github.com/google/osv-scalibr/extractor/filesystem/os/portage/metadata"
	rpmmeta "github.com/google/osv-scalibr/extractor/filesystem/os/rpm/metadata"
	snapmeta "github.com/google/osv-scalibr/extractor/filesystem/os/snap/metadata"
	"github.com/google/osv-scalibr/purl"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/licence"
)

// maxText caps a name, a version or any other single text of a package, in bytes.
const maxText = 1024

// maxLicences caps the licences kept of one package.
const maxLicences = 64

// toRecord makes a record of what an extractor found in the file at p. It reports
// false for what is not an installed package.
func toRecord(x *extractor.Package, p string) (record, bool, error) {
	r := record{Type: x.PURLType, Name: x.Name, Version: x.Version}
	switch m := x.Metadata.(type) {
	case *dpkgmeta.Metadata:
		if !dpkgPresent(m.Status, p) {
			return record{}, false, nil
		}
		r.Distributed, r.Architecture = true, m.Architecture
		r.Source, r.SourceVersion = m.SourceName, m.SourceVersion
	case *apkmeta.Metadata:
		r.Distributed, r.Architecture, r.Source = true, m.Architecture, m.OriginName
	case *rpmmeta.Metadata:
		// The database also lists the keys packages are signed with, under this name.
		if x.Name == "gpg-pubkey" {
			return record{}, false, nil
		}
		r.Distributed, r.Architecture, r.Epoch = true, m.Architecture, m.Epoch
		r.Source, r.SourceVersion = splitSourceRPM(m.SourceRPM)
		if r.SourceVersion == r.Version {
			r.SourceVersion = ""
		}
		if m.Epoch > 0 {
			r.Version = fmt.Sprintf("%d:%s", m.Epoch, r.Version)
		}
	case *portagemeta.Metadata:
		r.Distributed, r.Name, r.Version = true, m.PackageName, m.PackageVersion
	case *pacmanmeta.Metadata, *snapmeta.Metadata, *flatpakmeta.Metadata, *nixmeta.Metadata, *cosmeta.Metadata:
		r.Distributed = true
	case *depsjson.Metadata:
		language(&r, x)
		// A project is the application itself, which no registry serves under that name.
		if m.Type == "project" {
			r.Ecosystem = ""
		}
	default:
		language(&r, x)
	}
	if r.Source == r.Name {
		r.Source = ""
	}
	if r.SourceVersion == r.Version {
		r.SourceVersion = ""
	}
	for _, l := range x.Licenses {
		if l = licence.Expression(crowsnest.Text(l)); l != "" && len(l) <= maxText && len(r.Licences) < maxLicences && !slices.Contains(r.Licences, l) {
			r.Licences = append(r.Licences, l)
		}
	}
	for _, l := range x.Location.Related {
		if l.File != nil && javaarchive.IsArchive(l.File.Path) {
			r.Within = l.File.Path // the innermost comes last
		}
	}
	if r.Within == p || len(r.Within) > 4*maxText {
		r.Within = ""
	}
	return r, true, r.check()
}

// check refuses what cannot be a package's name and version, and makes the rest fit to be stored.
func (r *record) check() error {
	if r.Name == "" {
		return fmt.Errorf("a package without a name")
	}
	for _, s := range []*string{&r.Type, &r.Name, &r.Version, &r.PURL, &r.Ecosystem, &r.Architecture, &r.Source, &r.SourceVersion, &r.Within} {
		// A purl escapes a byte as three.
		if len(*s) > 4*maxText {
			return fmt.Errorf("a package with a text of %d bytes", len(*s))
		}
		*s = crowsnest.Text(*s)
	}
	return nil
}

// language fills what is final for a package that no distribution brought.
func language(r *record, x *extractor.Package) {
	if r.Type == "" {
		r.Type, x.PURLType = purl.TypeGeneric, purl.TypeGeneric
	}
	// Packages that only a repository is known of have the ecosystem GIT, in which
	// versions are commits; nothing here could be matched by them.
	if e := x.Ecosystem().String(); e != "GIT" {
		r.Ecosystem = e
	}
	if r.Type == purl.TypeGolang {
		goModule(r, x)
	}
	if u := x.PURL(); u != nil {
		if r.Type == purl.TypeNPM {
			// It says how sure the extractor is of the package's registry, which would
			// make several packages of one.
			u.Qualifiers = nil
		}
		r.PURL = u.String()
	}
}

// goModule adapts what the build information of a Go program says. The toolchain
// stands for the standard library, which advisories call stdlib. The version of a
// main module built from a working copy is not known, so no advisory can be matched.
func goModule(r *record, x *extractor.Package) {
	if x.Name == "go" {
		r.Name, x.Name = "stdlib", "stdlib"
	}
	if x.Version == "(devel)" || x.Version == "" {
		r.Version, x.Version, r.Ecosystem = "", "", ""
	}
}

// dpkgPresent judges the Status field of a package in the database file at p: three
// words, of which the last is the state. In the states listed the package's files
// are on disk (dpkg(1), "Package states"). Distroless images keep one file per
// package without that field, and a Chisel manifest has none.
func dpkgPresent(status, p string) bool {
	if status == "" {
		return path.Base(p) != "status"
	}
	words := strings.Fields(status)
	return len(words) == 3 && slices.Contains([]string{
		"installed", "triggers-pending", "triggers-awaited", "half-configured", "unpacked",
	}, words[2])
}

// splitSourceRPM reads the name of a source package file, "bash-5.1.8-6.el9.src.rpm".
func splitSourceRPM(file string) (name, version string) {
	s, ok := strings.CutSuffix(file, ".src.rpm")
	if !ok {
		if s, ok = strings.CutSuffix(file, ".nosrc.rpm"); !ok {
			return "", ""
		}
	}
	release := strings.LastIndexByte(s, '-')
	if release <= 0 {
		return "", ""
	}
	at := strings.LastIndexByte(s[:release], '-')
	if at <= 0 {
		return "", ""
	}
	return s[:at], s[at+1:]
}

// Package sbom writes what is in an image as a software bill of materials in the formats other
// programs read: SPDX 2.3 and CycloneDX 1.6, both as JSON.
//
// The same image written by the same version gives the same bytes: nothing in a document is of the
// moment it was written. Its time is that of the image.
package sbom

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/osv-scalibr/purl"
	"github.com/google/uuid"

	"github.com/crowsnest-sec/crowsnest"
)

// Format is a format of bills of materials.
type Format string

// The formats.
const (
	SPDX      Format = "spdx"      // SPDX 2.3
	CycloneDX Format = "cyclonedx" // CycloneDX 1.6
)

// Formats are all of them.
var Formats = []Format{SPDX, CycloneDX}

// ContentType is the media type of a document in the format.
func (f Format) ContentType() string {
	if f == CycloneDX {
		return "application/vnd.cyclonedx+json"
	}
	return "application/spdx+json"
}

// Document is what is known of an image.
type Document struct {
	Tool string // version of Crowsnest that writes

	Name     string // reference, as registry.example.com/shop/web:1.0
	Digest   crowsnest.Digest
	Platform string    // os/architecture[/variant]
	Created  time.Time // zero if the image does not say

	Distribution string            // its name and release, "debian 12"; empty if there is none
	Layers       []crowsnest.Layer // lowest first
	BaseLayers   int               // how many of the lowest are the base image's; 0 if it is not known
	Packages     []crowsnest.Package
	Problems     []crowsnest.Problem // parts that could not be read
}

// Write writes the document.
func Write(w io.Writer, f Format, d Document) error {
	switch f {
	case SPDX:
		return d.writeSPDX(w)
	case CycloneDX:
		return d.writeCycloneDX(w)
	}
	return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "write a bill of materials as", Subject: string(f), Hint: "use spdx or cyclonedx"}
}

// created is the time of the document. Both standards want one, and an image need not have it.
func (d Document) created() time.Time {
	if d.Created.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return d.Created.UTC().Truncate(time.Second)
}

// namespace is that of the identifiers of documents.
var namespace = uuid.MustParse("c4e8a1d6-6b0f-4a53-9d0e-2f6c1b7a9e35")

// id identifies the document by all that is in it.
func (d Document) id(f Format) uuid.UUID {
	d.Packages, d.Created = d.ordered(), d.created()
	content, _ := json.Marshal(d) // of texts, numbers and times alone
	return uuid.NewSHA1(namespace, append(content, f...))
}

// ordered are the packages in an order that says nothing of how they were found.
func (d Document) ordered() []crowsnest.Package {
	return slices.SortedStableFunc(slices.Values(d.Packages), func(a, b crowsnest.Package) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(identity(a), identity(b)))
	})
}

// identity is what makes a package version itself.
func identity(p crowsnest.Package) string {
	return strings.Join([]string{p.PURL, p.Ecosystem, p.Source, p.SourceVersion}, "\x00")
}

// ref names a package inside a document by what it is, and so by the same name in every document.
func ref(p crowsnest.Package) string {
	sum := sha256.Sum256([]byte(identity(p)))
	return hex.EncodeToString(sum[:8])
}

// purl is the package URL of the image (purl specification, type oci): the digest is the version,
// and where it is kept a qualifier.
func (d Document) purl() string {
	if d.Digest == "" {
		return ""
	}
	repository := d.Name
	if at := strings.IndexByte(repository, '@'); at >= 0 {
		repository = repository[:at]
	}
	query := url.Values{}
	if _, arch, ok := strings.Cut(d.Platform, "/"); ok {
		query.Set("arch", arch)
	}
	if colon := strings.LastIndexByte(repository, ':'); colon > strings.LastIndexByte(repository, '/') {
		query.Set("tag", repository[colon+1:])
		repository = repository[:colon]
	}
	name := strings.ToLower(repository[strings.LastIndexByte(repository, '/')+1:])
	if name == "" {
		return ""
	}
	query.Set("repository_url", repository)
	return "pkg:oci/" + url.PathEscape(name) + "@" + url.QueryEscape(string(d.Digest)) + "?" + query.Encode()
}

// licence joins the licences a package declares to one expression: all of them hold.
func licence(p crowsnest.Package) string {
	if len(p.Licences) == 1 {
		return p.Licences[0]
	}
	parts := make([]string, len(p.Licences))
	for i, l := range p.Licences {
		parts[i] = l
		if strings.Contains(l, " ") {
			parts[i] = "(" + l + ")"
		}
	}
	return strings.Join(parts, " AND ")
}

// locator is the package URL of a package with the qualifier by which other programs learn of what source
// package it was built: without it they find none of a distribution's advisories for it.
func locator(p crowsnest.Package) string {
	if p.Source == "" {
		return p.PURL
	}
	upstream := p.Source
	switch {
	case p.Type == purl.TypeRPM && p.SourceVersion != "":
		upstream += "-" + p.SourceVersion + ".src.rpm"
	case p.SourceVersion != "":
		upstream += "@" + p.SourceVersion
	}
	u, err := purl.FromString(p.PURL)
	if err != nil {
		return p.PURL
	}
	qualifiers := map[string]string{qualifierUpstream: upstream}
	for _, q := range u.Qualifiers {
		qualifiers[q.Key] = q.Value
	}
	u.Qualifiers = purl.QualifiersFromMap(qualifiers)
	return u.String()
}

// qualifierUpstream is not in the purl specification; Syft introduced it, and Grype and others read it.
const qualifierUpstream = "upstream"

// origin says of what source a distribution built the package, empty if it is its own.
func origin(p crowsnest.Package) string {
	if p.Source == "" {
		return ""
	}
	return strings.TrimSpace(p.Source + " " + cmp.Or(p.SourceVersion, p.Version))
}

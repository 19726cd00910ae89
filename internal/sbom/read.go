package sbom

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/crowsnest-sec/crowsnest"
)

// Limits on what is read.
const (
	MaxBytes    = 256 << 20 // of a document
	MaxPackages = 200_000
	maxWrapped  = 4 // statements and envelopes around a document
)

// errUnknown is a document of no known kind.
var errUnknown = errors.New("it is no SPDX, CycloneDX, Syft or in-toto document in JSON")

// Read reads a bill of materials: SPDX 2.2 or 2.3, CycloneDX, Syft's own format or what "sbom --format json"
// writes, as JSON, also as the predicate of an in-toto statement and inside a DSSE envelope, of which no
// signature is checked. Only packages count that have a package URL: it says what kind of package it is
// and, for packages of an operating system, of which release. What cannot be taken is a problem of the document.
//
// The error is crowsnest.TooLarge, Corrupt for what is no JSON and Unsupported for another kind of document,
// or that of r.
func Read(r io.Reader) (Document, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Document{}, err
	}
	if len(raw) > MaxBytes {
		return Document{}, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read bill of materials", Err: fmt.Errorf("it has more than %d bytes", MaxBytes)}
	}
	return ReadBytes(raw)
}

// ReadBytes is Read of a document that is in memory, whose size is bounded.
func ReadBytes(raw []byte) (Document, error) {
	d, err := read(raw, 0)
	var known *crowsnest.Error
	if err != nil && !errors.As(err, &known) {
		kind, hint := crowsnest.Corrupt, "write it again"
		if errors.Is(err, errUnknown) {
			kind, hint = crowsnest.Unsupported, "convert it, for instance with crowsnest sbom --format spdx or cyclonedx"
		}
		err = &crowsnest.Error{Kind: kind, Op: "read bill of materials", Hint: hint, Err: err}
	}
	return d, err
}

// outline are the fields that tell one kind of document from another.
type outline struct {
	SPDXVersion   string          `json:"spdxVersion"`
	BOMFormat     string          `json:"bomFormat"`
	Artifacts     json.RawMessage `json:"artifacts"` // Syft
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
	PayloadType   string          `json:"payloadType"`
	Payload       string          `json:"payload"`
	Image         json.RawMessage `json:"image"`    // ours
	Packages      json.RawMessage `json:"packages"` // ours, and SPDX
}

func read(raw []byte, depth int) (Document, error) {
	var o outline
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(raw)) == 0 {
		return Document{}, errors.New("it is empty")
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		if first := bytes.TrimSpace(raw)[0]; first != '{' {
			return Document{}, errUnknown
		}
		return Document{}, fmt.Errorf("its JSON is damaged: %w", err)
	}
	switch {
	case depth > maxWrapped:
		return Document{}, errors.New("it is wrapped too often")
	case o.Payload != "":
		inner, err := base64.StdEncoding.DecodeString(o.Payload)
		if err != nil {
			return Document{}, fmt.Errorf("the payload of its envelope is damaged: %w", err)
		}
		return read(inner, depth+1)
	case o.PredicateType != "":
		if len(o.Predicate) == 0 {
			return Document{}, errors.New("its statement has no predicate")
		}
		return read(o.Predicate, depth+1)
	case o.SPDXVersion != "":
		return readSPDX(raw)
	case o.BOMFormat == "CycloneDX":
		return readCycloneDX(raw)
	case o.Artifacts != nil:
		return readSyft(raw)
	case o.Image != nil && o.Packages != nil:
		return readOwn(raw)
	}
	return Document{}, errUnknown
}

func readSPDX(raw []byte) (Document, error) {
	doc, err := spdxjson.Read(bytes.NewReader(raw))
	if err != nil {
		return Document{}, fmt.Errorf("it is no valid SPDX: %w", err)
	}
	d := Document{Name: doc.DocumentName}
	c := collector{document: &d}
	described, owned := described(doc), owned(doc)
	for _, p := range doc.Packages {
		if p == nil {
			continue
		}
		if described[p.PackageSPDXIdentifier] && p.PrimaryPackagePurpose == "CONTAINER" {
			d.Name = p.PackageName
			d.Digest, _ = crowsnest.ParseDigest(p.PackageVersion)
			continue
		}
		if p.PrimaryPackagePurpose == "OPERATING_SYSTEM" || p.PrimaryPackagePurpose == "OPERATING-SYSTEM" {
			c.system(p.PackageName, p.PackageVersion)
			continue
		}
		at := ""
		for _, r := range p.PackageExternalReferences {
			if r != nil && r.RefType == common.TypePackageManagerPURL {
				at = r.Locator
			}
		}
		if at == "" && (p.PrimaryPackagePurpose == "ARCHIVE" || p.PrimaryPackagePurpose == "CONTAINER" || described[p.PackageSPDXIdentifier]) {
			continue // a layer, or the whole
		}
		c.add(pending{purl: at, name: p.PackageName, version: p.PackageVersion, licences: licences(p.PackageLicenseDeclared), owned: owned[p.PackageSPDXIdentifier]})
	}
	return d, c.finish()
}

// described are the packages that the document is about.
func described(doc *spdx.Document) map[common.ElementID]bool {
	out := make(map[common.ElementID]bool)
	for _, r := range doc.Relationships {
		if r == nil {
			continue
		}
		switch r.Relationship {
		case common.TypeRelationshipDescribe:
			out[r.RefB.ElementRefID] = true
		case common.TypeRelationshipDescribeBy:
			out[r.RefA.ElementRefID] = true
		}
	}
	return out
}

// syftOwns is how Syft relates a distribution's package to one that its files make up.
const syftOwns = "ownership-by-file-overlap"

// owned are the packages that are files of a distribution's package: the distribution's advisories decide
// about them.
func owned(doc *spdx.Document) map[common.ElementID]bool {
	of := make(map[common.ElementID]bool)
	for _, p := range doc.Packages {
		if p == nil {
			continue
		}
		for _, r := range p.PackageExternalReferences {
			if r != nil && ofSystem(r.Locator) {
				of[p.PackageSPDXIdentifier] = true
			}
		}
	}
	out := make(map[common.ElementID]bool)
	for _, r := range doc.Relationships {
		if r == nil || !of[r.RefA.ElementRefID] || of[r.RefB.ElementRefID] {
			continue
		}
		if r.Relationship == common.TypeRelationshipContains || strings.HasPrefix(r.RelationshipComment, syftOwns) {
			out[r.RefB.ElementRefID] = true
		}
	}
	return out
}

// ofSystem tells whether a package URL is of a package of an operating system.
func ofSystem(locator string) bool {
	return strings.HasPrefix(locator, "pkg:deb/") || strings.HasPrefix(locator, "pkg:apk/") || strings.HasPrefix(locator, "pkg:rpm/")
}

func licences(declared string) []string {
	if declared == "" || declared == noAssertion || declared == "NONE" {
		return nil
	}
	return []string{declared}
}

// Properties in which others name the source package, as ours do.
var sourceProperties = map[string]bool{propertySource: true, "aquasecurity:trivy:SrcName": true, "syft:metadata:source": true}

const trivySourceVersion = "aquasecurity:trivy:SrcVersion"

func readCycloneDX(raw []byte) (Document, error) {
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(raw), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		return Document{}, fmt.Errorf("it is no valid CycloneDX: %w", err)
	}
	var d Document
	c := collector{document: &d}
	if bom.Metadata != nil && bom.Metadata.Component != nil {
		d.Name = bom.Metadata.Component.Name
		d.Digest, _ = crowsnest.ParseDigest(bom.Metadata.Component.Version)
	}
	var walk func(list *[]cdx.Component, depth int)
	walk = func(list *[]cdx.Component, depth int) {
		if list == nil || depth > 16 {
			return
		}
		for _, x := range *list {
			walk(x.Components, depth+1)
			switch x.Type {
			case cdx.ComponentTypeOS:
				c.system(x.Name, x.Version)
				continue
			case cdx.ComponentTypeFile, cdx.ComponentTypeContainer, cdx.ComponentTypeDevice, cdx.ComponentTypeData:
				if x.PackageURL == "" {
					continue
				}
			case cdx.ComponentTypeApplication:
				if x.PackageURL == "" {
					continue // a lock file or the like, around its packages
				}
			}
			source, sourceVersion, owned := "", "", false
			if x.Properties != nil {
				for _, p := range *x.Properties {
					switch {
					case p.Name == propertyOwner:
						owned = true
					case p.Name == trivySourceVersion:
						sourceVersion = p.Value
					case sourceProperties[p.Name]:
						name, version, _ := strings.Cut(p.Value, " ")
						source = name
						if version != "" {
							sourceVersion = version
						}
					}
				}
			}
			var declared []string
			if x.Licenses != nil {
				for _, l := range *x.Licenses {
					switch {
					case l.Expression != "":
						declared = append(declared, l.Expression)
					case l.License != nil && l.License.ID != "":
						declared = append(declared, l.License.ID)
					}
				}
			}
			name := x.Name
			if x.Group != "" {
				name = x.Group + "/" + x.Name
			}
			c.add(pending{x.PackageURL, name, x.Version, source, sourceVersion, declared, owned})
		}
	}
	walk(bom.Components, 0)
	return d, c.finish()
}

func readSyft(raw []byte) (Document, error) {
	var doc struct {
		Artifacts []struct {
			ID, Name, Version, PURL string
			Metadata                struct{ Source, SourceVersion, OriginPackage string }
		}
		Source struct {
			Name, Version string
			Metadata      struct{ UserInput, ManifestDigest, ImageID string }
		}
		Distro                struct{ ID, VersionID string }
		ArtifactRelationships []struct{ Parent, Child, Type string }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Document{}, fmt.Errorf("it is no valid document of Syft: %w", err)
	}
	d := Document{Name: doc.Source.Metadata.UserInput}
	if d.Name == "" {
		d.Name = doc.Source.Name
	}
	d.Digest, _ = crowsnest.ParseDigest(doc.Source.Metadata.ManifestDigest)
	c := collector{document: &d}
	if doc.Distro.ID != "" {
		c.system(doc.Distro.ID, doc.Distro.VersionID)
	}
	system, owned := make(map[string]bool), make(map[string]bool)
	for _, a := range doc.Artifacts {
		system[a.ID] = ofSystem(a.PURL)
	}
	for _, r := range doc.ArtifactRelationships {
		if r.Type == syftOwns && system[r.Parent] && !system[r.Child] {
			owned[r.Child] = true
		}
	}
	for _, a := range doc.Artifacts {
		source := a.Metadata.Source
		if source == "" {
			source = a.Metadata.OriginPackage
		}
		c.add(pending{a.PURL, a.Name, a.Version, source, a.Metadata.SourceVersion, nil, owned[a.ID]})
	}
	return d, c.finish()
}

// readOwn reads what "sbom --format json" writes, in which everything is known already.
func readOwn(raw []byte) (Document, error) {
	var doc struct {
		Image struct {
			Name, Platform string
			Digest         crowsnest.Digest
		}
		Distribution string
		Packages     []crowsnest.Package
		Problems     []crowsnest.Problem
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Document{}, fmt.Errorf("it is no valid list of packages: %w", err)
	}
	if len(doc.Packages) > MaxPackages {
		return Document{}, tooMany()
	}
	d := Document{Name: doc.Image.Name, Platform: doc.Image.Platform, Distribution: doc.Distribution, Packages: doc.Packages, Problems: doc.Problems}
	d.Digest, _ = crowsnest.ParseDigest(string(doc.Image.Digest))
	return d, nil
}

func tooMany() error {
	return &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "read bill of materials", Err: fmt.Errorf("it has more than %d packages", MaxPackages)}
}

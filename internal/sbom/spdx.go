package sbom

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/crowsnest-sec/crowsnest"
)

const noAssertion = "NOASSERTION"

// The packages of the document that are none of the image's own.
const (
	spdxDocument = "DOCUMENT"
	spdxImage    = "Image"
	spdxSystem   = "OperatingSystem"
)

// writeSPDX writes SPDX 2.3. The document describes the image, a package of the purpose CONTAINER;
// that contains the layers; and each layer contains the packages it brought.
func (d Document) writeSPDX(w io.Writer) error {
	doc := spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: spdxDocument, DocumentName: d.Name,
		DocumentNamespace: "https://github.com/crowsnest-sec/crowsnest/spdx/" + d.id(SPDX).String(),
		CreationInfo:      &spdx.CreationInfo{Created: d.created().Format(time.RFC3339), Creators: []common.Creator{{CreatorType: "Tool", Creator: "crowsnest-" + d.Tool}}},
		DocumentComment:   problems(d.Problems),
	}
	img := spdxPackage(spdxImage, d.Name, string(d.Digest), "CONTAINER")
	img.PackageSourceInfo = strings.TrimSpace("platform " + d.Platform)
	if !d.Created.IsZero() {
		img.BuiltDate = d.created().Format(time.RFC3339)
	}
	img.PackageChecksums = spdxChecksum(d.Digest)
	if at := d.purl(); at != "" {
		img.PackageExternalReferences = []*spdx.PackageExternalReference{spdxPURL(at)}
	}
	doc.Packages = append(doc.Packages, img)
	relate := func(a, kind, b string) {
		doc.Relationships = append(doc.Relationships, &spdx.Relationship{RefA: common.MakeDocElementID("", a), Relationship: kind, RefB: common.MakeDocElementID("", b)})
	}
	relate(spdxDocument, common.TypeRelationshipDescribe, spdxImage)
	if d.Distribution != "" {
		name, release, _ := strings.Cut(d.Distribution, " ")
		doc.Packages = append(doc.Packages, spdxPackage(spdxSystem, name, release, "OPERATING_SYSTEM"))
		relate(spdxImage, common.TypeRelationshipContains, spdxSystem)
	}
	layers := make(map[crowsnest.Digest]string, len(d.Layers))
	for i, l := range d.Layers {
		id := fmt.Sprintf("Layer-%d", i)
		p := spdxPackage(id, "layer "+fmt.Sprint(i), string(l.DiffID), "ARCHIVE")
		p.PackageChecksums, p.PackageComment = spdxChecksum(l.DiffID), l.CreatedBy
		if i < d.BaseLayers {
			p.PackageSourceInfo = "of the base image"
		}
		doc.Packages = append(doc.Packages, p)
		relate(spdxImage, common.TypeRelationshipContains, id)
		if _, known := layers[l.DiffID]; !known { // empty layers can be there twice
			layers[l.DiffID] = id
		}
	}
	custom := make(map[string]bool)
	ids := make(map[string]string) // by package URL
	ordered := d.ordered()
	for _, p := range ordered {
		ids[p.PURL] = "Package-" + ref(p)
	}
	for _, p := range ordered {
		id := "Package-" + ref(p)
		doc.Packages = append(doc.Packages, d.spdxOf(p, id, custom))
		in := make(map[string]bool)
		for _, l := range p.Locations {
			if layer, ok := layers[l.Layer]; ok {
				in[layer] = true
			}
		}
		for _, layer := range slices.Sorted(maps.Keys(in)) {
			relate(layer, common.TypeRelationshipContains, id)
		}
		if len(in) == 0 {
			relate(spdxImage, common.TypeRelationshipContains, id)
		}
		for _, owner := range p.Owners() {
			if of, ok := ids[owner.PURL]; ok {
				relate(of, common.TypeRelationshipContains, id)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		doc.OtherLicenses = append(doc.OtherLicenses, &spdx.OtherLicense{
			LicenseIdentifier: name, LicenseName: strings.ReplaceAll(strings.TrimPrefix(name, "LicenseRef-"), "-", " "),
			ExtractedText: "The package names this licence; it is none of the SPDX list and its text is not recorded.",
		})
	}
	return json.Write(doc, w, json.Indent("  "), json.EscapeHTML(false))
}

// licenceRef is a licence that is not on the list (SPDX 2.3, annex D.3).
var licenceRef = regexp.MustCompile(`LicenseRef-[A-Za-z0-9.\-]+`)

func (d Document) spdxOf(p crowsnest.Package, id string, custom map[string]bool) *spdx.Package {
	out := spdxPackage(id, p.Name, p.Version, "")
	if expression := licence(p); expression != "" {
		out.PackageLicenseDeclared = expression
		for _, name := range licenceRef.FindAllString(expression, -1) {
			custom[name] = true
		}
	}
	if p.PURL != "" {
		out.PackageExternalReferences = []*spdx.PackageExternalReference{spdxPURL(locator(p))}
	}
	var info []string
	if source := origin(p); source != "" {
		info = append(info, "built from "+source)
	}
	for _, l := range p.Locations {
		at := "found at /" + l.Path
		if l.Layer != "" {
			at += " in layer " + string(l.Layer)
		}
		info = append(info, at)
	}
	out.PackageSourceInfo = strings.Join(info, "\n")
	return out
}

func spdxPackage(id, name, version, purpose string) *spdx.Package {
	return &spdx.Package{
		PackageName: name, PackageSPDXIdentifier: common.ElementID(id), PackageVersion: version, PrimaryPackagePurpose: purpose,
		PackageDownloadLocation: noAssertion, PackageLicenseConcluded: noAssertion, PackageLicenseDeclared: noAssertion, PackageCopyrightText: noAssertion,
		PackageSupplier: &common.Supplier{Supplier: noAssertion},
	}
}

func spdxPURL(purl string) *spdx.PackageExternalReference {
	return &spdx.PackageExternalReference{Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL, Locator: purl}
}

// spdxChecksum is a digest as a checksum; none if it is of another kind.
func spdxChecksum(d crowsnest.Digest) []common.Checksum {
	value, ok := strings.CutPrefix(string(d), crowsnest.DigestPrefix)
	if !ok {
		return nil
	}
	return []common.Checksum{{Algorithm: common.SHA256, Value: value}}
}

// problems says what a document lacks.
func problems(list []crowsnest.Problem) string {
	if len(list) == 0 {
		return ""
	}
	lines := []string{"Incomplete: parts of the image could not be read, and packages in them are missing."}
	for _, p := range list {
		lines = append(lines, strings.TrimPrefix(p.Path+": "+p.Reason, ": "))
	}
	return strings.Join(lines, "\n")
}

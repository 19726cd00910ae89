package sbom

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/crowsnest-sec/crowsnest"
)

// Names of properties, for what CycloneDX has no field.
const (
	propertyPlatform = "crowsnest:image:platform"
	propertyLayer    = "crowsnest:layer"         // diff ID of a layer that brought the package
	propertyCommand  = "crowsnest:layer:command" // the history line of a layer
	propertyBase     = "crowsnest:layer:base"    // the layer is the base image's
	propertySource   = "crowsnest:package:source"
	propertyOwner    = "crowsnest:package:ownedBy" // package URL of the distribution's package whose file it is
	propertyProblem  = "crowsnest:problem"
)

// The components that are no package.
const (
	cdxImage  = "image"
	cdxSystem = "operating-system"
)

// writeCycloneDX writes CycloneDX 1.6. The image is the component the document is about, with its
// layers inside; packages say in which layer and at which path they were found. Where a
// distribution's package owns another one, it depends on it.
func (d Document) writeCycloneDX(w io.Writer) error {
	bom := cdx.NewBOM()
	bom.SerialNumber = d.id(CycloneDX).URN()
	img := &cdx.Component{BOMRef: cdxImage, Type: cdx.ComponentTypeContainer, Name: d.Name, Version: string(d.Digest), PackageURL: d.purl(), Hashes: cdxHash(d.Digest)}
	if d.Platform != "" {
		img.Properties = &[]cdx.Property{{Name: propertyPlatform, Value: d.Platform}}
	}
	if len(d.Layers) > 0 {
		layers := make([]cdx.Component, len(d.Layers))
		for i, l := range d.Layers {
			layers[i] = cdx.Component{BOMRef: fmt.Sprintf("layer-%d", i), Type: cdx.ComponentTypeFile, Name: string(l.DiffID), Hashes: cdxHash(l.DiffID)}
			var properties []cdx.Property
			if l.CreatedBy != "" {
				properties = append(properties, cdx.Property{Name: propertyCommand, Value: l.CreatedBy})
			}
			if i < d.BaseLayers {
				properties = append(properties, cdx.Property{Name: propertyBase, Value: "true"})
			}
			layers[i].Properties = some(properties)
		}
		img.Components = &layers
	}
	bom.Metadata = &cdx.Metadata{
		Timestamp: d.created().Format(time.RFC3339), Component: img,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "crowsnest", Version: d.Tool}}},
	}
	var components []cdx.Component
	var contained []string
	if d.Distribution != "" {
		name, release, _ := strings.Cut(d.Distribution, " ")
		components = append(components, cdx.Component{BOMRef: cdxSystem, Type: cdx.ComponentTypeOS, Name: name, Version: release})
		contained = append(contained, cdxSystem)
	}
	refs := make(map[string]string) // by package URL
	owned := make(map[string]map[string]bool)
	ordered := d.ordered()
	for _, p := range ordered {
		refs[p.PURL] = "package-" + ref(p)
	}
	for _, p := range ordered {
		c := cdxOf(p)
		components = append(components, c)
		contained = append(contained, c.BOMRef)
		for _, owner := range p.Owners() {
			if of, ok := refs[owner.PURL]; ok && of != c.BOMRef {
				if owned[of] == nil {
					owned[of] = make(map[string]bool)
				}
				owned[of][c.BOMRef] = true
			}
		}
	}
	bom.Components = some(components)
	dependencies := []cdx.Dependency{{Ref: cdxImage, Dependencies: some(contained)}}
	for _, of := range slices.Sorted(maps.Keys(owned)) {
		on := slices.Sorted(maps.Keys(owned[of]))
		dependencies = append(dependencies, cdx.Dependency{Ref: of, Dependencies: &on})
	}
	bom.Dependencies = &dependencies
	complete := cdx.CompositionAggregateComplete
	if len(d.Problems) > 0 {
		complete = cdx.CompositionAggregateIncomplete
		properties := make([]cdx.Property, len(d.Problems))
		for i, p := range d.Problems {
			properties[i] = cdx.Property{Name: propertyProblem, Value: strings.TrimPrefix(p.Path+": "+p.Reason, ": ")}
		}
		bom.Properties = &properties
	}
	bom.Compositions = &[]cdx.Composition{{Aggregate: complete, Assemblies: &[]cdx.BOMReference{cdxImage}}}
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
}

func cdxOf(p crowsnest.Package) cdx.Component {
	c := cdx.Component{BOMRef: "package-" + ref(p), Type: cdx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: locator(p)}
	if expression := licence(p); expression != "" {
		c.Licenses = &cdx.Licenses{{Expression: expression}}
	}
	var properties []cdx.Property
	if source := origin(p); source != "" {
		properties = append(properties, cdx.Property{Name: propertySource, Value: source})
	}
	for _, owner := range p.Owners() {
		properties = append(properties, cdx.Property{Name: propertyOwner, Value: owner.PURL})
	}
	var layers []crowsnest.Digest
	var found []cdx.EvidenceOccurrence
	for _, l := range p.Locations {
		found = append(found, cdx.EvidenceOccurrence{Location: "/" + l.Path, AdditionalContext: string(l.Layer)})
		if l.Layer != "" && !slices.Contains(layers, l.Layer) {
			layers = append(layers, l.Layer)
			properties = append(properties, cdx.Property{Name: propertyLayer, Value: string(l.Layer)})
		}
	}
	c.Properties = some(properties)
	if found != nil {
		c.Evidence = &cdx.Evidence{Occurrences: &found}
	}
	return c
}

func cdxHash(d crowsnest.Digest) *[]cdx.Hash {
	value, ok := strings.CutPrefix(string(d), crowsnest.DigestPrefix)
	if !ok {
		return nil
	}
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: value}}
}

// some is how the library leaves out an empty list.
func some[T any](list []T) *[]T {
	if len(list) == 0 {
		return nil
	}
	return &list
}

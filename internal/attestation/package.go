package attestation

import (
	"slices"

	"github.com/crowsnest-sec/crowsnest"
)

// Packages makes the packages of an attested bill of materials fit to be kept: where they lie, and in which layer, is
// for an analysis to say.
func Packages(attested []crowsnest.Package) []crowsnest.Package {
	out := make([]crowsnest.Package, len(attested))
	for i, p := range attested {
		p.Locations = nil
		p.PackageVersion = text(p.PackageVersion)
		p.Licences = slices.Clone(p.Licences)
		for j := range p.Licences {
			p.Licences[j] = crowsnest.Text(p.Licences[j])
		}
		out[i] = p
	}
	return out
}

func text(v crowsnest.PackageVersion) crowsnest.PackageVersion {
	for _, s := range []*string{&v.PURL, &v.Type, &v.Name, &v.Version, &v.Ecosystem, &v.Source, &v.SourceVersion} {
		*s = crowsnest.Text(*s)
	}
	return v
}

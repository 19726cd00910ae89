package wire

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Attestations is what was attested of an image, as "crowsnest attestation list" prints it.
type Attestations struct {
	Image Target                  `json:"image"`
	Read  time.Time               `json:"read,omitzero" doc:"When they were last looked for; absent if never, which is not the same as none"`
	Items []crowsnest.Attestation `json:"items" doc:"In the order in which they were found, with what could not be read. No signature is verified"`
}

// NewAttestations makes the list.
func NewAttestations(image Target, list store.AttestationList) Attestations {
	items := list.Items
	if items == nil {
		items = []crowsnest.Attestation{}
	}
	return Attestations{Image: image, Read: list.Read, Items: items}
}

// Attested is one attestation with what it says, as "crowsnest attestation get --format json" prints it.
type Attested struct {
	crowsnest.Attestation
	Statement json.RawMessage `json:"statement"`
}

// AttestationDifferences is how an attested bill of materials differs from an analysis, as "crowsnest attestation diff" prints it.
type AttestationDifferences struct {
	Image    Target                     `json:"image"`
	Attested crowsnest.Digest           `json:"attested" doc:"The attestation"`
	Same     int                        `json:"same" doc:"Packages that both name, by type, name and version"`
	Analysis []crowsnest.PackageVersion `json:"onlyInAnalysis"`
	Document []crowsnest.PackageVersion `json:"onlyInAttestation"`
	Problems []crowsnest.Problem        `json:"problems" doc:"What either side could not read"`
}

// NewAttestationDifferences compares the packages of an analysis with those of an attested bill of materials.
func NewAttestationDifferences(analysis, attested SBOM) AttestationDifferences {
	d := AttestationDifferences{Image: analysis.Image, Attested: attested.Image.Attested, Problems: append(List(analysis.Problems), attested.Problems...)}
	type key struct{ kind, name, version string }
	of := func(p crowsnest.Package) key { return key{p.Type, p.Name, p.Version} }
	set := func(s SBOM) map[key]crowsnest.PackageVersion {
		out := make(map[key]crowsnest.PackageVersion, len(s.Packages))
		for _, p := range s.Packages {
			out[of(p)] = p.PackageVersion
		}
		return out
	}
	only := func(a, b map[key]crowsnest.PackageVersion) []crowsnest.PackageVersion {
		out := []crowsnest.PackageVersion{}
		for k, v := range a {
			if _, ok := b[k]; !ok {
				out = append(out, v)
			}
		}
		slices.SortFunc(out, func(a, b crowsnest.PackageVersion) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
		})
		return out
	}
	ours, theirs := set(analysis), set(attested)
	d.Analysis, d.Document = only(ours, theirs), only(theirs, ours)
	d.Same = len(ours) - len(d.Analysis)
	return d
}

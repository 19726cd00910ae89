package export

import (
	"cmp"
	"io"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/sbom"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// ReadSBOM reads a bill of materials that somebody wrote, called name if it does not say of what.
func ReadSBOM(r io.Reader, name string) (wire.SBOM, error) {
	d, err := sbom.Read(r)
	if err != nil {
		return wire.SBOM{}, err
	}
	return fromDocument(d, name), nil
}

// AttestedSBOM reads the bill of materials in a statement that was attested of an image.
func AttestedSBOM(statement []byte, image wire.Target, attested crowsnest.Digest) (wire.SBOM, error) {
	d, err := sbom.ReadBytes(statement)
	if err != nil {
		return wire.SBOM{}, err
	}
	out := fromDocument(d, image.Name)
	out.Image, out.Packages = image, attestation.Packages(d.Packages)
	out.Image.Attested = attested
	return out, nil
}

func fromDocument(d sbom.Document, name string) wire.SBOM {
	return wire.SBOM{
		Image:        wire.Target{Name: cmp.Or(crowsnest.Text(d.Name), name), Digest: d.Digest, Platform: crowsnest.Text(d.Platform)},
		Distribution: d.Distribution, Packages: append([]crowsnest.Package{}, d.Packages...), Layers: []wire.Layer{}, Problems: append([]crowsnest.Problem{}, d.Problems...),
	}
}

// SBOM writes what is in an image as a bill of materials, as the version of Crowsnest that runs.
func SBOM(w io.Writer, format sbom.Format, s wire.SBOM, version string) error {
	d := sbom.Document{
		Tool: version, Name: s.Image.Name, Digest: s.Image.Digest, Platform: s.Image.Platform, Created: s.Created,
		Distribution: s.Distribution, Packages: s.Packages, Problems: s.Problems,
		Layers: wire.Each(s.Layers, func(l wire.Layer) crowsnest.Layer {
			return crowsnest.Layer{DiffID: l.DiffID, Size: l.Size, CreatedBy: l.Command}
		}),
	}
	if s.Base != nil {
		d.BaseLayers = s.Base.Layers
	}
	return sbom.Write(w, format, d)
}

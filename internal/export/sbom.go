package export

import (
	"io"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/sbom"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

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

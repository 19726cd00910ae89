package api

import (
	"bytes"
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/sbom"
	"github.com/danielgtaylor/huma/v2"
)

func (s *server) sbom(api huma.API, tag string) {
	op := operation(http.MethodGet, "/images/{digest}/sbom", tag, "export-image-sbom", "Export what is in an image as a bill of materials, SPDX 2.3 or CycloneDX 1.6")
	object := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The document", Content: map[string]*huma.MediaType{sbom.SPDX.ContentType(): object, sbom.CycloneDX.ContentType(): object},
	}}
	huma.Register(api, op, func(ctx context.Context, in *struct {
		ImageKey
		Format string `query:"format" enum:"spdx,cyclonedx" default:"spdx"`
	}) (*base.Document, error) {
		contents, err := s.contents(ctx, in.Digest)
		if err != nil {
			return nil, s.fail(err)
		}
		format := sbom.Format(in.Format)
		var body bytes.Buffer
		if err := exporting.SBOM(&body, format, contents, s.Version.Version); err != nil {
			return nil, s.fail(err)
		}
		return &base.Document{ContentType: format.ContentType(), Disposition: `attachment; filename="` + contents.Image.Digest.Short() + "." + in.Format + `.json"`, Body: body.Bytes()}, nil
	})
}

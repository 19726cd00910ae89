package runtime

import (
	"bytes"
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
)

// maxStatements bounds the findings in one document.
const maxStatements = 200_000

// vexPage is for how many images findings are read at once: some thousands each.
const vexPage = 100

func (s *routes) vex(api huma.API) {
	op := base.Operation(http.MethodGet, "/environments/{name}/vex", "Exposure", "export-environment-vex",
		"Export as OpenVEX what run time never saw loaded in an environment: not affected, since the vulnerable code is not in the execute path")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "An OpenVEX document", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}},
	}}
	huma.Register(api, op, func(ctx context.Context, in *base.EnvironmentName) (*base.Document, error) {
		doc, err := s.notLoaded(ctx, in.Name)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		return &base.Document{ContentType: "application/json", Disposition: `attachment; filename="crowsnest.openvex.json"`, Body: doc}, nil
	})
}

// notLoaded writes the document of an environment.
func (s *routes) notLoaded(ctx context.Context, environment string) ([]byte, error) {
	org := base.OrgOf(ctx)
	row, err := s.Store.Environment(ctx, org, environment)
	if err != nil {
		return nil, err
	}
	organisation, err := s.Store.OrganisationName(ctx, org)
	if err != nil {
		return nil, err
	}
	var list []export.NotLoaded
	for page := (store.Page{Limit: vexPage}); ; {
		images, err := s.Store.RunningImages(ctx, org, store.ImageFilter{Environment: environment}, page)
		if err != nil {
			return nil, err
		}
		digests := make([]crowsnest.Digest, len(images.Items))
		for i, img := range images.Items {
			digests[i] = img.Digest
		}
		findings, err := s.Store.NotSeen(ctx, org, environment, digests)
		if err != nil {
			return nil, err
		}
		for _, img := range images.Items {
			for _, f := range findings[img.Digest] {
				list = append(list, export.NotLoaded{Image: img.Name, Digest: img.Digest, Vulnerability: f.Vulnerability, Aliases: f.Aliases, PURL: f.PURL})
			}
			if len(list) > maxStatements {
				return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "export VEX of", Subject: environment, Hint: "it has more statements than one document may; split the environment"}
			}
		}
		if page.Cursor = images.Next; page.Cursor == "" {
			break
		}
	}
	asOf := row.AsOf
	if asOf.IsZero() { // no sweep says how old it is: nothing was watched, and nothing is stated
		asOf = s.book.Now()
	}
	doc := export.NotLoadedVEX(organisation, environment, asOf, list)
	var out bytes.Buffer
	err = doc.ToJSON(&out)
	return out.Bytes(), err
}

package runtime

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	op.Responses = map[string]*huma.Response{"204": {Description: "There is nothing to state: a document without statements is none"}, "200": {
		Description: "An OpenVEX document", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}},
	}}
	huma.Register(api, op, func(ctx context.Context, in *struct {
		base.EnvironmentName
		Author string `query:"author" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Who states it, as name or address; default the organisation's name or, where nobody named it, the server's address"`
	}) (*vexDocument, error) {
		doc, err := s.notLoaded(ctx, in.Name, in.Author)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		if doc == nil {
			return &vexDocument{Status: http.StatusNoContent}, nil
		}
		return &vexDocument{Status: http.StatusOK, ContentType: "application/json", Disposition: `attachment; filename="crowsnest.openvex.json"`, Body: doc}, nil
	})
}

// vexDocument is a document, or none.
type vexDocument struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// notLoaded writes the document of an environment, or nothing if there is nothing to state.
func (s *routes) notLoaded(ctx context.Context, environment, author string) ([]byte, error) {
	org := base.OrgOf(ctx)
	// Before anything is read of what they count: a change meanwhile makes the next document a later one.
	revisions, err := s.Store.Revisions(ctx, org)
	if err != nil {
		return nil, err
	}
	if _, err := s.Store.Environment(ctx, org, environment); err != nil {
		return nil, err
	}
	by := export.Statement{Publisher: string(org), Author: author, Environment: environment}
	for _, r := range []store.Resource{store.ImagesResource, store.EnvironmentsResource, store.IntegrationsResource} {
		by.Version += int(revisions[r])
	}
	if author == "" {
		if by.Author, err = s.Store.OrganisationName(ctx, org); err != nil {
			return nil, err
		}
		if by.Author == base.Unnamed { // which tells others nothing
			by.Author = s.Address(ctx)
		}
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
			name, source := productName(img), sources(img.Workloads)
			for _, f := range findings[img.Digest] {
				list = append(list, export.NotLoaded{Image: name, Digest: img.Digest, Vulnerability: f.Vulnerability, Aliases: f.Aliases, PURL: f.PURL, Source: source, Reported: img.ProfiledSince})
			}
			if len(list) > maxStatements {
				return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "export VEX of", Subject: environment, Hint: "it has more statements than one document may; split the environment"}
			}
		}
		if page.Cursor = images.Next; page.Cursor == "" {
			break
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	doc := export.NotLoadedVEX(by, list)
	var out bytes.Buffer
	err = doc.ToJSON(&out)
	return out.Bytes(), err
}

// namedSources is how many sources a statement names; the rest are counted.
const namedSources = 3

// sources names what reports what an image loads where it runs. What people recorded reports nothing.
func sources(workloads []crowsnest.Workload) string {
	var names []string
	for _, w := range workloads {
		if name := fmt.Sprintf("cluster %s (integration %s)", w.Cluster, w.Integration); w.Kind != store.AssignedKind && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if more := len(names) - namedSources; more > 0 {
		names = append(names[:namedSources], fmt.Sprintf("%d more", more))
	}
	return "Sysdig, " + strings.Join(names, ", ")
}

// productName names an image without its tag where that names another image now: who has the tag would take the
// statement for theirs.
func productName(img store.RunningImage) string {
	for _, w := range img.Warnings {
		if w.Kind == store.TagMoved && w.Reference == img.Name {
			return img.Name[:strings.LastIndexByte(img.Name, ':')] + "@" + string(img.Digest)
		}
	}
	return img.Name
}

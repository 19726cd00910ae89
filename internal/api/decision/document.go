package decision

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/vex"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

// documents registers what is about documents in the sense of VEX.
func (s Deps) documents(api huma.API) {
	huma.Register(api, base.Operation(http.MethodGet, "/vex-documents", tag, "list-vex-documents", "List VEX documents, imported and attested, the newest first"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[[]verdict.VEXDocument], error) {
			list, err := s.Store.VEXDocuments(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, wire.Each(list, verdict.NewVEXDocument), err)
		})
	put := base.Operation(http.MethodPost, "/vex-documents", tag, "import-vex-document", "Import a VEX document: OpenVEX, CycloneDX with analyses, or CSAF; it takes the place of one of the same author and identifier")
	put.DefaultStatus, put.MaxBodyBytes, put.SkipValidateBody = http.StatusCreated, vex.MaxSize, true
	// Each format has a description of its own, and documents of many versions are taken.
	put.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: "object", AdditionalProperties: true}}}}
	huma.Register(api, put, func(ctx context.Context, in *struct {
		Name    string `query:"name" maxLength:"255" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Of the file"`
		RawBody []byte
	}) (*base.Answer[verdict.VEXDocument], error) {
		doc, err := vex.Read(in.RawBody, vex.Options{Name: in.Name})
		if err == nil {
			doc, err = s.Store.PutVEX(ctx, base.OrgOf(ctx), doc)
		}
		return base.Reply(s.Log, verdict.NewVEXDocument(doc), err)
	})
	huma.Register(api, base.Operation(http.MethodGet, "/vex-documents/{id}", tag, "get-vex-document", "Get a VEX document, without its statements"),
		func(ctx context.Context, in *Identifier) (*base.Answer[verdict.VEXDocument], error) {
			doc, err := s.Store.VEXDocument(ctx, base.OrgOf(ctx), in.ID)
			return base.Reply(s.Log, verdict.NewVEXDocument(doc), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/vex-documents/{id}/statements", tag, "list-vex-statements", "List the statements of a VEX document, with what became of each and, if nothing did, why"),
		func(ctx context.Context, in *struct {
			Identifier
			base.Paging
		}) (*base.Answer[wire.Page[verdict.VEXStatement]], error) {
			list, err := s.statements(ctx, in.ID, in.Page())
			return base.Reply(s.Log, wire.PageOf(list, verdict.NewVEXStatement), err)
		})
	huma.Register(api, base.Operation(http.MethodDelete, "/vex-documents/{id}", tag, "delete-vex-document", "Delete a VEX document; one that was attested comes back when the image is analysed again"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, base.Fail(s.Log, s.Store.DeleteVEX(ctx, base.OrgOf(ctx), in.ID))
		})
}

// statements reads a page of the statements of a document, by their positions.
func (s Deps) statements(ctx context.Context, id string, page store.Page) (store.List[decided.StatementFate], error) {
	var out store.List[decided.StatementFate]
	from := 0
	if page.Cursor != "" {
		n, err := strconv.Atoi(page.Cursor)
		if err != nil || n < 0 {
			return out, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read cursor", Hint: "pass the cursor exactly as the page before gave it, or none for the first page"}
		}
		from = n
	}
	list, err := s.Store.VEXStatements(ctx, base.OrgOf(ctx), id, from, page.Limit+1)
	if len(list) > page.Limit {
		out.Next = strconv.Itoa(list[page.Limit].Position)
		list = list[:page.Limit]
	}
	out.Items = list
	return out, err
}

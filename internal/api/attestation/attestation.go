// Package attestation is the room of the API about what was attested of images.
package attestation

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store Store
	Log   *slog.Logger
}

// Store is what is read.
type Store interface {
	store.Images
	store.Attestations
}

// Key names an attestation of an image in a path.
type Key struct {
	base.ImageKey
	Attestation string `path:"attestation" maxLength:"256" doc:"Digest of the blob of the attestation, as the list has it"`
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	const tag = "Images"
	huma.Register(api, base.Operation(http.MethodGet, "/images/{digest}/attestations", tag, "list-image-attestations", "List what was attested of an image: bills of materials, provenance, VEX. No signature is verified"),
		func(ctx context.Context, in *base.ImageKey) (*base.Answer[wire.Attestations], error) {
			row, err := s.Store.Image(ctx, base.OrgOf(ctx), in.Digest)
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			list, err := s.Store.Attestations(ctx, base.OrgOf(ctx), row.Digest)
			return base.Reply(s.Log, wire.NewAttestations(wire.NewTarget(row), list), err)
		})
	op := base.Operation(http.MethodGet, "/images/{digest}/attestations/{attestation}", tag, "get-image-attestation", "Get the statement of an attestation as it was read: in-toto, or the bare document where there is no statement around it")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The statement", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}},
	}}
	huma.Register(api, op, func(ctx context.Context, in *Key) (*base.Document, error) {
		digest, err := crowsnest.ParseDigest(in.Attestation)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		row, err := s.Store.Image(ctx, base.OrgOf(ctx), in.Digest)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		a, err := s.Store.Attestation(ctx, base.OrgOf(ctx), row.Digest, digest)
		if err != nil {
			return nil, base.Fail(s.Log, err)
		}
		return &base.Document{ContentType: "application/json", Disposition: `attachment; filename="` + string(a.Kind) + "-" + digest.Short() + `.json"`, Body: a.Statement}, nil
	})
}

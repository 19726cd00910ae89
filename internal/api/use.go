package api

import (
	"context"
	"net/http"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// imageUse registers what run time sees of each package of an image, place by place.
func (s *server) imageUse(api huma.API, tag string) {
	huma.Register(api, operation(http.MethodGet, "/images/{digest}/in-use", tag, "get-image-in-use", "What run time sees of the packages of an image, in each environment where it runs"),
		func(ctx context.Context, in *struct {
			ImageKey
			InEnvironment
		}) (*answer[wire.ImageUse], error) {
			row, err := s.Store.Image(ctx, orgOf(ctx), in.Digest)
			if err != nil {
				return nil, s.fail(err)
			}
			packages, err := s.Store.ImagePackages(ctx, orgOf(ctx), row.Digest)
			if err != nil {
				return nil, s.fail(err)
			}
			out := wire.ImageUse{Places: []wire.PlaceUse{}}
			for _, place := range row.Environments {
				if in.Environment != "" && in.Environment != place {
					continue
				}
				watch, err := s.Store.Watch(ctx, orgOf(ctx), row.Digest, place)
				if err != nil {
					return nil, s.fail(err)
				}
				out.Places = append(out.Places, wire.PlaceUse{Environment: place, Packages: wire.UseByURL(packages, watch)})
			}
			watch, err := s.Store.Watch(ctx, orgOf(ctx), row.Digest, in.Environment)
			if err != nil {
				return nil, s.fail(err)
			}
			out.Packages = wire.UseByURL(packages, watch)
			return reply(s, out, nil)
		})
}

// packageUse returns the packages of an image with what run time sees of each, over all environments or in one.
func (s *server) packageUse(ctx context.Context, org store.OrgID, digest crowsnest.Digest, environment string) ([]wire.UsedPackage, error) {
	packages, err := s.Store.ImagePackages(ctx, org, digest)
	if err != nil {
		return nil, err
	}
	watch, err := s.Store.Watch(ctx, org, digest, environment)
	return wire.Each(packages, func(p crowsnest.Package) wire.UsedPackage {
		return wire.UsedPackage{Package: p, InUse: watch.InUse(p.PackageVersion)}
	}), err
}

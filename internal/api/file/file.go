// Package file is the room of the API about the files of images: which packages brought them.
package file

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Log *slog.Logger
	// Owners says of paths in an image which packages brought the files there.
	Owners func(ctx context.Context, org store.OrgID, image string, paths []string) ([]wire.FileOwner, error)
}

// Request names files of an image.
type Request struct {
	Digest string `path:"digest" maxLength:"1024" doc:"Any digest of the image, twelve digits of one or more, or its name"`
	Body   wire.FileOwnersRequest
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	huma.Register(api, base.Operation(http.MethodPost, "/images/{digest}/file-owners", "Images", "find-file-owners", "Say which packages brought files of an image"),
		func(ctx context.Context, in *Request) (*base.Answer[[]wire.FileOwner], error) {
			list, err := s.Owners(ctx, base.OrgOf(ctx), in.Digest, in.Body.Paths)
			return base.Reply(s.Log, list, err)
		})
}

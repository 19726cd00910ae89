package runtime

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// maxAssignment bounds the images sent at once: 10,000 with name and digest are some 3 MB.
const maxAssignment = 4 << 20

// NewEnvironmentName names an environment in a path that may have to be made.
type NewEnvironmentName struct {
	Name string `path:"name" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9]([A-Za-z0-9._ -]*[A-Za-z0-9._-])?$" patternDescription:"letters, digits, dots, dashes, underscores and blanks, a letter or digit first and no blank last"`
}

func (s *routes) assignments(api huma.API) {
	const tag = "Environments"
	images := func(method, id, summary string) huma.Operation {
		op := base.Operation(method, "/environments/{name}/images", tag, id, summary)
		op.MaxBodyBytes = maxAssignment
		return op
	}
	huma.Register(api, images(http.MethodPost, "assign-environment-images", "Say that images run in an environment; an owner's call makes it if missing"),
		func(ctx context.Context, in *struct {
			NewEnvironmentName
			Body wire.AssignRequest
		}) (*base.Answer[wire.Assigned], error) {
			return s.assign(ctx, in.Name, in.Body.Images, false)
		})
	huma.Register(api, images(http.MethodPut, "replace-environment-images", "Say which images run in an environment, in the place of all that was said before; an owner's call makes it if missing"),
		func(ctx context.Context, in *struct {
			NewEnvironmentName
			Body wire.ReplaceRequest
		}) (*base.Answer[wire.Assigned], error) {
			if len(in.Body.Images) == 0 && !in.Body.AllowEmpty {
				return nil, base.Fail(s.Log, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "replace the images of environment", Subject: in.Name, Hint: "the list is empty, which would take out everything that was recorded there; say allowEmpty if that is meant"})
			}
			return s.assign(ctx, in.Name, in.Body.Images, true)
		})
	huma.Register(api, images(http.MethodDelete, "unassign-environment-images", "Take images out of an environment that were said to run there; what a cluster runs stays"),
		func(ctx context.Context, in *struct {
			base.EnvironmentName
			Body wire.AssignRequest
		}) (*base.Answer[wire.Unassigned], error) {
			keys, err := s.imageKeys(in.Body.Images)
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			n, err := s.Store.UnassignImages(ctx, base.OrgOf(ctx), in.Name, keys)
			return base.Reply(s.Log, wire.Unassigned{Environment: in.Name, Closed: n}, err)
		})
	huma.Register(api, base.Operation(http.MethodPatch, "/environments/{name}", tag, "update-environment", "Rename or describe an environment, or set for how long its profiles count and whether what is not seen does"),
		func(ctx context.Context, in *struct {
			base.EnvironmentName
			Body wire.EnvironmentChange
		}) (*base.Answer[wire.EnvironmentSummary], error) {
			if in.Body == (wire.EnvironmentChange{}) {
				return nil, base.Fail(s.Log, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change environment", Subject: in.Name, Hint: "say what is to change"})
			}
			if err := s.Store.ChangeEnvironment(ctx, base.OrgOf(ctx), in.Name, store.EnvironmentChange(in.Body)); err != nil {
				return nil, base.Fail(s.Log, err)
			}
			name := in.Name
			if in.Body.Name != nil {
				name = *in.Body.Name
			}
			row, err := s.Store.Environment(ctx, base.OrgOf(ctx), name)
			return base.Reply(s.Log, wire.NewEnvironmentSummary(row), err)
		})
	huma.Register(api, base.Operation(http.MethodDelete, "/environments/{name}", tag, "delete-environment", "Delete an environment that no integration feeds; what ran there stays in the history"),
		func(ctx context.Context, in *base.EnvironmentName) (*struct{}, error) {
			return nil, base.Fail(s.Log, s.Store.DeleteEnvironment(ctx, base.OrgOf(ctx), in.Name))
		})
	huma.Register(api, base.Operation(http.MethodGet, "/deleted-environments", tag, "list-deleted-environments", "List the environments that were deleted, whose history can still be read by their names; the last one first"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[[]wire.DeletedEnvironment], error) {
			caller := base.CallerOf(ctx)
			list, err := s.Store.DeletedEnvironments(ctx, caller.Org)
			who := caller.Permissions.Has(auth.ReadAudit)
			return base.Reply(s.Log, wire.Each(list, func(e store.DeletedEnvironment) wire.DeletedEnvironment { return wire.NewDeletedEnvironment(e, who) }), err)
		})
}

func (s *routes) assign(ctx context.Context, environment string, images []wire.ImageKey, replace bool) (*base.Answer[wire.Assigned], error) {
	keys, err := s.imageKeys(images)
	if err != nil {
		return nil, base.Fail(s.Log, err)
	}
	caller := base.CallerOf(ctx)
	create := caller.Permissions.Has(auth.Connect)
	done, err := s.Store.AssignImages(ctx, caller.Org, environment, store.Assignment{Images: keys, Replace: replace, Create: create})
	if err != nil && !create && crowsnest.KindOf(err) == crowsnest.NotFound {
		if _, missing := s.Store.Environment(ctx, caller.Org, environment); crowsnest.KindOf(missing) == crowsnest.NotFound && missing != nil {
			return nil, huma.Error403Forbidden("there is no environment " + environment + ", and to make one " + caller.Lacks(auth.Connect))
		}
	}
	var unknown interface{ UnknownImages() []int }
	if errors.As(err, &unknown) {
		return nil, unknownImages(err, unknown.UnknownImages())
	}
	return base.Reply(s.Log, wire.NewAssigned(environment, done), err)
}

// unknownImages tells which images of a request are not known, in places of which the reason is the detail of the whole.
func unknownImages(err error, at []int) error {
	places := make([]error, len(at))
	for i, n := range at {
		places[i] = &huma.ErrorDetail{Location: wire.UnknownImage(n)}
	}
	return huma.Error404NotFound(crowsnest.Reason(err), places...)
}

// imageKeys reads what names images, with references in full.
func (s *routes) imageKeys(images []wire.ImageKey) ([]store.ImageKey, error) {
	keys := make([]store.ImageKey, len(images))
	for i, img := range images {
		var err error
		if keys[i], err = s.imageKey(img); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (s *routes) imageKey(img wire.ImageKey) (store.ImageKey, error) {
	invalid := func(hint string) (store.ImageKey, error) {
		return store.ImageKey{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read image", Subject: img.Reference, Hint: hint}
	}
	key := store.ImageKey{Digest: img.Digest}
	if img.Platform != "" {
		platform, err := crowsnest.ParsePlatform(img.Platform)
		if err != nil {
			return key, err
		}
		key.Platform = platform.String()
	}
	reference := strings.TrimPrefix(img.Reference, "registry://")
	if digest, err := crowsnest.ParseDigest(reference); err == nil {
		if key.Digest != "" && key.Digest != digest {
			return invalid("reference and digest are two digests; give one")
		}
		key.Digest = digest
		return key, nil
	}
	if reference == "" {
		if key.Digest == "" {
			return invalid("give a reference or a digest")
		}
		return key, nil
	}
	if strings.Contains(reference, "://") {
		return invalid("only images of registries run in environments")
	}
	name, err := s.FullName(reference)
	if err != nil {
		return key, err
	}
	if named, digest, ok := strings.Cut(reference, "@"); ok {
		if key.Digest != "" && string(key.Digest) != digest {
			return invalid("the reference has another digest than the one given beside it")
		}
		key.Digest = crowsnest.Digest(digest)
		// With a tag as well, that is the name, which a digest only makes certain.
		if strings.Contains(named[strings.LastIndexByte(named, '/')+1:], ":") {
			if name, err = s.FullName(named); err != nil {
				return key, err
			}
		}
	}
	key.Reference = name
	return key, nil
}

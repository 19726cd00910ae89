package running

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/progress"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// resolving is how many tags a registry is asked for at a time.
const resolving = 8

// record has images recorded. Of those that the server does not know their registries are asked, with the credentials that
// this machine has, so that it cannot matter whether an image is recorded or analysed first.
func record(ctx context.Context, p *progress.Progress, images []wire.ImageKey, call func([]wire.ImageKey) (wire.Assigned, error)) (wire.Assigned, error) {
	done, err := call(images)
	at := client.UnknownImages(err)
	at = slices.DeleteFunc(at, func(i int) bool {
		return i < 0 || i >= len(images) || images[i].Digest != "" || images[i].Reference == ""
	})
	if len(at) == 0 {
		return done, err
	}
	resolved := slices.Clone(images)
	failed := make([]error, len(at))
	var group errgroup.Group
	group.SetLimit(resolving)
	for n, i := range at {
		p.Say("asking registries for images the server does not know (%d of %d)", n+1, len(at))
		group.Go(func() error {
			resolved[i].Digest, failed[n] = image.Resolve(ctx, images[i].Reference, image.Options{})
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return wire.Assigned{}, err
	}
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) == 0 {
		return call(resolved)
	}
	return wire.Assigned{}, unresolved(failed)
}

// spelled writes out the digests among images of which at least twelve digits are given, as lists show them: no repository is meant by
// them. Of one that is not whole the server is asked.
func spelled(ctx context.Context, remote *client.Client, images []wire.ImageKey) ([]wire.ImageKey, error) {
	out := slices.Clone(images)
	for i, key := range images {
		digits := strings.TrimPrefix(key.Reference, crowsnest.DigestPrefix)
		switch {
		case !cli.DigestLike.MatchString(key.Reference):
		case len(digits) == wholeDigest:
			out[i].Reference = crowsnest.DigestPrefix + digits
		default:
			img, err := remote.Image(ctx, digits)
			if crowsnest.KindOf(err) == crowsnest.NotFound {
				err = &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find image", Subject: key.Reference, Hint: "no image that the server knows has a digest that begins so; give all of it, or a name"}
			}
			if err != nil {
				return nil, err
			}
			out[i].Reference = string(img.Digest)
		}
	}
	return out, nil
}

// wholeDigest is how many digits a digest has.
const wholeDigest = 64

// named is how many images an error names; the rest are counted.
const named = 5

// unresolved is the error of images that neither the server nor their registries know.
func unresolved(failed []error) error {
	kind := crowsnest.KindOf(failed[0])
	var reasons []string
	for _, err := range failed[:min(named, len(failed))] {
		reasons = append(reasons, crowsnest.Reason(err))
	}
	if more := len(failed) - named; more > 0 {
		reasons = append(reasons, fmt.Sprintf("and %d more", more))
	}
	subject := "1 image"
	if len(failed) > 1 {
		subject = fmt.Sprintf("%d images", len(failed))
	}
	hint := "nothing was changed"
	if kind != crowsnest.NotFound { // one that does not exist has no digest, and cannot be analysed
		hint = "give a digest as well, or have it analysed first with crowsnest cves IMAGE; nothing was changed"
	}
	return &crowsnest.Error{Kind: kind, Op: "record", Subject: subject + " that the server does not know", Hint: hint, Err: errors.New(strings.Join(reasons, "; "))}
}

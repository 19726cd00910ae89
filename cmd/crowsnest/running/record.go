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

// failure is why one of several images cannot be recorded.
type failure struct {
	at  int // in the list
	err error
}

// unusable is the error of a list with images that cannot be recorded: nothing was changed.
type unusable struct {
	failures []failure
	whole    *crowsnest.Error // what to do about them all
}

func (u *unusable) Error() string { return u.failures[0].err.Error() }

func (u *unusable) Unwrap() error { return u.whole }

// cannot returns the error of failures, of which there is one at least.
func cannot(failures []failure) error {
	hint := "nothing was changed"
	for _, f := range failures {
		// One that does not exist has no digest, and cannot be analysed.
		if kind := crowsnest.KindOf(f.err); kind != crowsnest.NotFound && kind != crowsnest.Invalid {
			hint = "give a digest as well, or have it analysed first with crowsnest cves IMAGE; nothing was changed"
		}
	}
	return &unusable{failures: failures, whole: &crowsnest.Error{Kind: crowsnest.KindOf(failures[0].err), Hint: hint}}
}

// only is the error of what was no list: of the one image alone.
func only(err error) error {
	var u *unusable
	if !errors.As(err, &u) {
		return err
	}
	var e *crowsnest.Error
	if first := u.failures[0].err; !errors.As(first, &e) || e.Kind == crowsnest.Invalid || e.Op == findImage {
		return first
	}
	out := *u.whole
	out.Op, out.Subject, out.Err = "record", "1 image that the server does not know", errors.New(crowsnest.Reason(e))
	return &out
}

// findImage is what is done with an image that the server is asked for.
const findImage = "find image"

// record has images recorded. Of those that the server does not know their registries are asked, with the credentials that
// this machine has, so that it cannot matter whether an image is recorded or analysed first.
func record(ctx context.Context, p *progress.Progress, images []wire.ImageKey, call func([]wire.ImageKey) (wire.Assigned, error)) (wire.Assigned, error) {
	done, err := call(images)
	at := client.UnknownImages(err)
	at = slices.DeleteFunc(at, func(i int) bool { return i < 0 || i >= len(images) })
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
			resolved[i].Digest, failed[n] = resolve(ctx, images[i])
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return wire.Assigned{}, err
	}
	var failures []failure
	for n, i := range at {
		if failed[n] != nil {
			failures = append(failures, failure{i, failed[n]})
		}
	}
	if len(failures) == 0 {
		return call(resolved)
	}
	return wire.Assigned{}, cannot(failures)
}

// resolve asks the registry of an image for its digest. Of a platform it is the digest of the image itself, as that of an index would
// stand for all of its platforms.
func resolve(ctx context.Context, key wire.ImageKey) (crowsnest.Digest, error) {
	if _, _, pinned := strings.Cut(key.Reference, "@"); pinned || strings.HasPrefix(key.Reference, crowsnest.DigestPrefix) {
		return "", &crowsnest.Error{Kind: crowsnest.NotFound, Op: findImage, Subject: key.Reference, Err: fmt.Errorf("what the server knows by this digest is not for %s", key.Platform)}
	}
	if key.Platform == "" {
		return image.Resolve(ctx, key.Reference, image.Options{})
	}
	platform, err := crowsnest.ParsePlatform(key.Platform)
	if err != nil {
		return "", err
	}
	img, err := image.Open(ctx, "registry://"+strings.TrimPrefix(key.Reference, "registry://"), image.Options{Platform: platform})
	if err != nil {
		return "", err
	}
	defer img.Close()
	return img.Digest, nil
}

// spelled checks how images are named, and writes out the digests among them of which at least twelve digits are given, as lists show
// them: no repository is meant by them. Of one that is not whole the server is asked.
func spelled(ctx context.Context, remote *client.Client, images []wire.ImageKey) ([]wire.ImageKey, error) {
	out := slices.Clone(images)
	var failures []failure
	for i, key := range images {
		digits := strings.TrimPrefix(key.Reference, crowsnest.DigestPrefix)
		switch {
		case !cli.DigestLike.MatchString(key.Reference):
			if err := legible(key.Reference); err != nil {
				failures = append(failures, failure{i, err})
			}
		case len(digits) == wholeDigest:
			out[i].Reference = crowsnest.DigestPrefix + digits
		default:
			img, err := remote.Image(ctx, digits)
			switch kind := crowsnest.KindOf(err); {
			case err == nil:
				out[i].Reference = string(img.Digest)
			case kind == crowsnest.NotFound:
				failures = append(failures, failure{i, &crowsnest.Error{Kind: kind, Op: findImage, Subject: key.Reference, Hint: "no image that the server knows has a digest that begins so; give all of it, or a name"}})
			case kind == crowsnest.Invalid, kind == crowsnest.Conflict: // several begin so
				failures = append(failures, failure{i, err})
			default:
				return nil, err
			}
		}
	}
	if len(failures) > 0 {
		return nil, cannot(failures)
	}
	return out, nil
}

// maxReference bounds a reference, in bytes: repository, tag and digest at their longest, with room for the host.
const maxReference = 1_024

// legible is an error unless a text is the reference of an image in a registry, as the server reads it.
func legible(reference string) error {
	bad := func(subject, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read image", Subject: subject, Hint: hint}
	}
	name := strings.TrimPrefix(reference, "registry://")
	switch {
	case len(reference) > maxReference:
		return bad(reference[:30]+"…", "it is longer than any reference; write one a line")
	case strings.ContainsAny(reference, " \t"):
		return bad(reference, "it is more than one word; write one reference a line")
	case strings.Contains(name, "://"):
		return bad(reference, "only images of registries run in environments")
	}
	if _, err := crowsnest.ParseDigest(name); err == nil {
		return nil
	}
	_, err := image.FullName(name)
	return err
}

// wholeDigest is how many digits a digest has.
const wholeDigest = 64

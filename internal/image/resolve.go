package image

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/crowsnest-sec/crowsnest"
)

// Resolve asks a registry what a reference names now: the digest of a manifest or of an index. Registries
// that count pulls do not count this. The errors are those of Open.
func Resolve(ctx context.Context, reference string, opt Options) (crowsnest.Digest, error) {
	digest, err := resolveTag(ctx, reference, opt)
	if err != nil {
		return "", describe(ctx, err, "resolve image", displayName(reference))
	}
	return digest, nil
}

func resolveTag(ctx context.Context, reference string, opt Options) (crowsnest.Digest, error) {
	ref, err := parseReference(reference)
	if err != nil {
		return "", err
	}
	if d, ok := ref.(name.Digest); ok {
		return crowsnest.Digest(d.DigestStr()), nil
	}
	p := opt.patient()
	ctx, cancel := context.WithTimeout(ctx, p.open)
	defer cancel()
	r, err := connect(ctx, ref.Context(), opt, p)
	if err != nil {
		return "", err
	}
	res, err := r.ask(ctx, http.MethodHead, "manifests", ref.Identifier())
	if err != nil {
		return "", err
	}
	res.Body.Close()
	if d, err := crowsnest.ParseDigest(res.Header.Get("Docker-Content-Digest")); err == nil && res.StatusCode == http.StatusOK {
		return d, nil
	}
	// A registry that does not say it, or says why not only with a body, is asked for the manifest itself.
	_, digest, _, err := r.root(ctx, ref)
	if errors.Is(err, errMissing) {
		err = refuse(crowsnest.NotFound, "check the name and the tag", "%s has no such image", r.host)
	}
	return digest, err
}

package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
)

// Accepted are the manifests asked for. Schema 1 is among them so that it can be
// refused by name; a registry that may not send it says "not found".
var Accepted = strings.Join([]string{
	typeOCIIndex, typeOCIManifest, typeDockerList, typeDockerManifest, typeSchema1Signed, typeSchema1,
}, ",")

// defaultTransport is http.DefaultTransport with a limit on the wait for an answer.
var defaultTransport = func() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = time.Minute
	return t
}()

// repository reads one repository of a registry. go-containerregistry signs in and
// retries; the requests are made here, because its own reader takes manifests of 100 MiB and
// hashes every layer that is hashed again on the way to its reader.
type repository struct {
	name     name.Repository
	host     string // as people know it
	client   *http.Client
	patience patience
}

func openRegistry(ctx context.Context, reference string, opt Options) (*Image, error) {
	ref, err := parseReference(reference)
	if err != nil {
		return nil, err
	}
	p := opt.patient()
	ctx, cancel := context.WithTimeout(ctx, p.open)
	defer cancel()

	r, err := connect(ctx, ref.Context(), opt, p)
	if err != nil {
		return nil, err
	}
	raw, digest, mediaType, err := r.root(ctx, ref)
	if err != nil {
		if errors.Is(err, errMissing) {
			err = refuse(crowsnest.NotFound, "check the name and the tag", "%s has no such image", r.host)
		}
		return nil, err
	}
	img, layers, err := resolve(ctx, r, opt.Platform, digest, raw, mediaType)
	if err != nil {
		if errors.Is(err, errMissing) {
			err = refuse(crowsnest.Corrupt, "push the image again", "the registry has only a part of it")
		}
		return nil, err
	}
	img.Name = fullName(ref)
	img.referrers, img.read = r.referrers, r.read
	img.open = func(ctx context.Context, i int) (io.ReadCloser, error) {
		rc, err := r.layer(ctx, layers[i])
		if errors.Is(err, errMissing) {
			return nil, refuse(crowsnest.Corrupt, "push the image again", "the registry has its manifest, but not this layer")
		}
		return rc, err
	}
	return img, nil
}

// hostName is the registry as people name it, and as docker login takes it.
func hostName(repo name.Repository) string {
	if host := repo.RegistryStr(); host != name.DefaultRegistry {
		return host
	}
	return "docker.io"
}

// connect signs in for pulling from a repository.
func connect(ctx context.Context, repo name.Repository, opt Options, p patience) (*repository, error) {
	keychain := opt.Keychain
	if keychain == nil {
		keychain = authn.DefaultKeychain
	}
	auth, err := authn.Resolve(ctx, keychain, repo)
	if err != nil {
		return nil, refuse(crowsnest.Unauthorized, "check the Docker configuration and its credential helpers", "no credentials can be found for %s: %s", hostName(repo), network.Masked(err.Error()))
	}
	base := opt.Transport
	if base == nil {
		base = defaultTransport
	}
	// go-containerregistry's own settings: three tries, 1 and 3 seconds apart.
	retrying := transport.NewRetry(network.TLSOnly{Next: base},
		transport.WithRetryBackoff(transport.Backoff{Duration: p.retry, Factor: 3, Jitter: 0.1, Steps: 3}),
		transport.WithRetryPredicate(network.Temporary),
		transport.WithRetryStatusCodes(http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout),
	)
	signed, err := transport.NewWithContext(ctx, repo.Registry, auth, transport.NewUserAgent(retrying, "crowsnest"), []string{repo.Scope(transport.PullScope)})
	if err != nil {
		return nil, network.Explain(err, hostName(repo))
	}
	return &repository{name: repo, host: hostName(repo), client: &http.Client{Transport: signed, CheckRedirect: network.CheckRedirect}, patience: p}, nil
}

// root fetches what a reference names: the only request by tag.
func (r *repository) root(ctx context.Context, ref name.Reference) (raw []byte, digest crowsnest.Digest, mediaType string, err error) {
	if d, ok := ref.(name.Digest); ok {
		digest = crowsnest.Digest(d.DigestStr())
	}
	raw, mediaType, err = r.small(ctx, "manifests", ref.Identifier(), digest, -1, "manifest")
	if err != nil {
		return nil, "", "", err
	}
	return raw, crowsnest.DigestOf(raw), mediaType, nil
}

func (r *repository) manifest(ctx context.Context, d descriptor) ([]byte, error) {
	raw, _, err := r.small(ctx, "manifests", string(d.Digest), d.Digest, d.Size, "manifest")
	return raw, err
}

func (r *repository) config(ctx context.Context, d descriptor) ([]byte, error) {
	raw, _, err := r.small(ctx, "blobs", string(d.Digest), d.Digest, d.Size, "configuration")
	return raw, err
}

func (r *repository) small(ctx context.Context, kind, identifier string, digest crowsnest.Digest, size int64, what string) ([]byte, string, error) {
	if size > maxManifest {
		return nil, "", tooLarge(what)
	}
	resp, err := r.get(ctx, kind, identifier)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	raw, err := readSmall(resp.Body, digest, size, what)
	if err != nil {
		return nil, "", network.Explain(err, r.host)
	}
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return raw, mediaType, nil
}

func (r *repository) layer(ctx context.Context, d descriptor) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stalled := time.AfterFunc(r.patience.stall, func() { cancel(errStalled) })
	body := &layerBody{cancel: cancel, timer: stalled, stall: r.patience.stall, ctx: ctx, host: r.host}
	resp, err := r.get(ctx, "blobs", string(d.Digest))
	if err != nil {
		body.stop()
		return nil, body.explain(err)
	}
	if resp.ContentLength >= 0 && resp.ContentLength != d.Size {
		resp.Body.Close()
		body.stop()
		return nil, refuse(crowsnest.Corrupt, "push the image again", "the registry has %d bytes where the manifest announces %d", resp.ContentLength, d.Size)
	}
	stalled.Stop() // until the first Read
	body.rc = resp.Body
	return body, nil
}

// get asks for a manifest or blob. Where the registry has none the error wraps errMissing.
func (r *repository) get(ctx context.Context, kind, identifier string) (*http.Response, error) {
	resp, err := r.ask(ctx, http.MethodGet, kind, identifier)
	if err != nil || resp.StatusCode == http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return nil, errMissing
	}
	return nil, network.Explain(transport.CheckError(resp, http.StatusOK), r.host)
}

// ask makes a request and leaves its answer to the caller.
func (r *repository) ask(ctx context.Context, method, kind, identifier string) (*http.Response, error) {
	url := fmt.Sprintf("%s://%s/v2/%s/%s/%s", r.name.Scheme(), r.name.RegistryStr(), r.name.RepositoryStr(), kind, identifier)
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, refuse(crowsnest.Invalid, "check the name and the tag", "this is not an image reference")
	}
	if kind != "blobs" {
		req.Header.Set("Accept", Accepted)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, network.Explain(err, r.host)
	}
	return resp, nil
}

var errStalled = errors.New("the registry stopped sending")

// layerBody cancels its request when nothing has come for a while. A large layer
// may take as long as it needs, a dead connection may not.
type layerBody struct {
	rc     io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	stall  time.Duration
	host   string
}

func (b *layerBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.stall)
	n, err := b.rc.Read(p)
	// The reader's own work between two reads is not the registry's delay.
	b.timer.Stop()
	if err != nil && err != io.EOF {
		err = b.explain(err)
	}
	return n, err
}

func (b *layerBody) explain(err error) error {
	if errors.Is(context.Cause(b.ctx), errStalled) {
		return refuse(crowsnest.Unavailable, "try again later", "%w", errStalled)
	}
	if errors.Is(err, errMissing) {
		return err
	}
	return network.Explain(err, b.host)
}

func (b *layerBody) stop() {
	b.timer.Stop()
	b.cancel(nil)
}

func (b *layerBody) Close() error {
	defer b.stop()
	return b.rc.Close()
}

package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
	"github.com/crowsnest-sec/crowsnest/internal/image/network"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
)

// The types of a bundle, as the OCI image specification has them.
const (
	ArtifactType = "application/vnd.crowsnest.policies.v1"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeEmpty    = "application/vnd.oci.empty.v1+json"
	typeRego     = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego" // as OPA's and Conftest's bundles have it
	typeBuiltIn  = "application/vnd.crowsnest.policies.builtin.v1+json"

	titleAnnotation = "org.opencontainers.image.title"
)

// Bounds of a bundle.
const (
	maxManifest = 1 << 20 // bytes
	maxLayers   = 200
	maxLayer    = 8 << 20 // bytes as stored
	maxTime     = 2 * time.Minute
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      crowsnest.Digest  `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int                      `json:"schemaVersion"`
	MediaType     string                   `json:"mediaType"`
	ArtifactType  string                   `json:"artifactType,omitempty"`
	Config        *descriptor              `json:"config,omitempty"`
	Layers        bounded.List[descriptor] `json:"layers"`
	Manifests     bounded.List[descriptor] `json:"manifests,omitempty"`
}

// Registry reads and writes bundles. The zero value uses the credentials of the Docker configuration and keeps nothing.
type Registry struct {
	Cache     string // folder in which blobs are kept by their digest; empty for none
	Keychain  authn.Keychain
	Transport http.RoundTripper
}

// capped bounds each answer of a registry.
type capped struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (c capped) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxLayer+1), resp.Body}
	}
	return resp, err
}

func (r Registry) options(ctx context.Context) []remote.Option {
	keychain, transport := r.Keychain, r.Transport
	if keychain == nil {
		keychain = authn.DefaultKeychain
	}
	if transport == nil {
		transport = http.DefaultTransport
	}
	return []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(keychain), remote.WithTransport(capped{network.TLSOnly{Next: transport}}), remote.WithUserAgent("crowsnest")}
}

// failed puts what went wrong with a registry into words.
func failed(ctx context.Context, op string, ref name.Reference, err error) error {
	host := ref.Context().RegistryStr()
	if host == name.DefaultRegistry {
		host = "docker.io"
	}
	if cause := ctx.Err(); cause != nil {
		err = cause
	}
	var e *crowsnest.Error
	if explained := network.Explain(err, host); errors.As(explained, &e) {
		whole := *e
		whole.Op, whole.Subject = op, ref.String()
		return &whole
	}
	return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: op, Subject: ref.String(), Err: err}
}

// Pull reads a bundle. What was read before is not read again: only its tag is asked for.
func (r Registry) Pull(ctx context.Context, reference string) (Source, crowsnest.Digest, error) {
	const op = "read bundle of policies"
	ref, err := name.ParseReference(reference)
	if err != nil {
		return Source{}, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Subject: crowsnest.Text(reference), Hint: "write it as registry/repository:tag or registry/repository@sha256:…", Err: errors.New("it is no reference")}
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	bad := func(err error) (Source, crowsnest.Digest, error) {
		return Source{}, "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Subject: reference, Hint: "push it with crowsnest policy publish", Err: err}
	}
	digest, raw, err := r.manifest(ctx, ref)
	if err != nil {
		return Source{}, "", failed(ctx, op, ref, err)
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return bad(errors.New("its manifest is not the JSON it should be"))
	}
	if len(m.Manifests) > 0 {
		return bad(errors.New("it is an index of several, and no bundle"))
	}
	if len(m.Layers) > maxLayers {
		return bad(fmt.Errorf("it has %d layers, and the most are %d", len(m.Layers), maxLayers))
	}
	out := Source{Name: reference}
	total := 0
	for i, l := range m.Layers {
		if l.Size > maxLayer {
			return bad(fmt.Errorf("a layer has %d bytes, and the most are %d", l.Size, maxLayer))
		}
		blob, err := r.blob(ctx, ref.Context(), l.Digest)
		if err != nil {
			return Source{}, "", failed(ctx, op, ref, err)
		}
		if err := out.add(l, i, blob); err != nil {
			return bad(err)
		}
		total = 0
		for _, f := range out.Files {
			total += len(f.Text)
		}
		if len(out.Files) > maxFiles || total > maxTotal {
			return bad(fmt.Errorf("it holds more than %d files or %d MiB of them", maxFiles, maxTotal>>20))
		}
	}
	if len(out.Files) == 0 && len(out.BuiltIn) == 0 {
		return bad(errors.New("it holds no text in Rego"))
	}
	return out, digest, nil
}

// manifest returns what a reference names.
func (r Registry) manifest(ctx context.Context, ref name.Reference) (crowsnest.Digest, []byte, error) {
	digest := crowsnest.Digest(ref.Identifier())
	if _, fixed := ref.(name.Digest); !fixed {
		head, err := remote.Head(ref, r.options(ctx)...)
		if err != nil {
			return "", nil, err
		}
		digest = crowsnest.Digest(head.Digest.String())
	}
	if raw, ok := r.kept(digest); ok {
		return digest, raw, nil
	}
	got, err := remote.Get(ref.Context().Digest(string(digest)), r.options(ctx)...)
	if err != nil {
		return "", nil, err
	}
	if len(got.Manifest) > maxManifest || crowsnest.DigestOf(got.Manifest) != digest {
		return "", nil, errors.New("the manifest is too long or does not match its digest")
	}
	r.keep(digest, got.Manifest)
	return digest, got.Manifest, nil
}

func (r Registry) blob(ctx context.Context, repository name.Repository, digest crowsnest.Digest) ([]byte, error) {
	if _, err := crowsnest.ParseDigest(string(digest)); err != nil {
		return nil, err
	}
	if b, ok := r.kept(digest); ok {
		return b, nil
	}
	layer, err := remote.Layer(repository.Digest(string(digest)), r.options(ctx)...)
	if err != nil {
		return nil, err
	}
	rc, err := layer.Compressed()
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	b, err := io.ReadAll(io.LimitReader(rc, maxLayer+1))
	if err == nil && (len(b) > maxLayer || crowsnest.DigestOf(b) != digest) {
		err = errors.New("a layer is too long or does not match its digest")
	}
	if err == nil {
		r.keep(digest, b)
	}
	return b, err
}

func (r Registry) place(digest crowsnest.Digest) string {
	return filepath.Join(r.Cache, strings.Replace(string(digest), ":", "-", 1))
}

// kept returns a blob that was read before, if it is still what it was.
func (r Registry) kept(digest crowsnest.Digest) ([]byte, bool) {
	if _, err := crowsnest.ParseDigest(string(digest)); err != nil || r.Cache == "" {
		return nil, false
	}
	b, err := os.ReadFile(r.place(digest))
	return b, err == nil && crowsnest.DigestOf(b) == digest
}

// keep keeps a blob. That it cannot is no failure: it is read again the next time.
func (r Registry) keep(digest crowsnest.Digest, b []byte) {
	if r.Cache == "" || os.MkdirAll(r.Cache, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(r.Cache, ".new-*")
	if err != nil {
		return
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), r.place(digest))
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

// add takes what a layer holds.
func (s *Source) add(d descriptor, i int, b []byte) error {
	if d.MediaType == typeBuiltIn {
		var list bounded.List[BuiltIn]
		if err := json.Unmarshal(b, &list); err != nil || len(list) > maxFiles {
			return errors.New("its list of policies that are built in is not the JSON it should be")
		}
		s.BuiltIn = append(s.BuiltIn, list...)
		return nil
	}
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return errors.New("a layer is damaged")
		}
		if b, err = io.ReadAll(io.LimitReader(z, 2*maxTotal+1)); err != nil || len(b) > 2*maxTotal {
			return errors.New("a layer is damaged or unpacks to too much")
		}
	}
	if len(b) > 262 && string(b[257:262]) == "ustar" {
		return s.untar(b)
	}
	title := path.Clean("/" + d.Annotations[titleAnnotation])[1:]
	if !strings.HasSuffix(title, ".rego") && !strings.Contains(d.MediaType, "rego") {
		return nil // something else
	}
	if !strings.HasSuffix(title, ".rego") {
		title = fmt.Sprintf("%d.rego", i+1)
	}
	return s.put(title, b)
}

func (s *Source) put(title string, b []byte) error {
	if len(b) > policy.MaxSource || !utf8.Valid(b) {
		return fmt.Errorf("%s is no text or has more than %d bytes", crowsnest.Text(title), policy.MaxSource)
	}
	for n := 2; slices.ContainsFunc(s.Files, func(f policy.File) bool { return f.Name == title }); n++ {
		title = fmt.Sprintf("%d/%s", n, path.Base(title))
	}
	s.Files = append(s.Files, policy.File{Name: title, Text: string(b)})
	return nil
}

func (s *Source) untar(b []byte) error {
	r := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.New("a layer is damaged")
		}
		inside := path.Clean("/" + h.Name)[1:]
		if h.Typeflag != tar.TypeReg || !strings.HasSuffix(inside, ".rego") || strings.HasPrefix(path.Base(inside), ".") {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(r, policy.MaxSource+1))
		if err != nil {
			return errors.New("a layer is damaged")
		}
		if err := s.put(inside, text); err != nil {
			return err
		}
		if len(s.Files) > maxFiles {
			return nil // which the caller refuses
		}
	}
}

// raw is a manifest as remote pushes it.
type raw []byte

// RawManifest implements remote.Taggable.
func (m raw) RawManifest() ([]byte, error) { return m, nil }

// MediaType says what is pushed.
func (m raw) MediaType() (types.MediaType, error) { return typeManifest, nil }

// Push writes policies as a bundle and returns its digest.
func (r Registry) Push(ctx context.Context, reference string, sources []Source) (crowsnest.Digest, error) {
	const op = "publish policies as"
	tag, err := name.NewTag(reference)
	if err != nil {
		return "", &crowsnest.Error{Kind: crowsnest.Invalid, Op: op, Subject: crowsnest.Text(reference), Hint: "write it as registry/repository:tag", Err: errors.New("it is no reference with a tag")}
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	m := manifest{SchemaVersion: 2, MediaType: typeManifest, ArtifactType: ArtifactType}
	upload := func(b []byte, mediaType string, title string) (descriptor, error) {
		d := descriptor{MediaType: mediaType, Digest: crowsnest.DigestOf(b), Size: int64(len(b))}
		if title != "" {
			d.Annotations = map[string]string{titleAnnotation: title}
		}
		return d, remote.WriteLayer(tag.Context(), static.NewLayer(b, types.MediaType(mediaType)), r.options(ctx)...)
	}
	config, err := upload([]byte(`{}`), typeEmpty, "")
	if err != nil {
		return "", failed(ctx, op, tag, err)
	}
	m.Config = &config
	var all Source
	for _, s := range sources {
		all.BuiltIn = append(all.BuiltIn, s.BuiltIn...)
		for _, f := range s.Files {
			if err := all.put(f.Name, []byte(f.Text)); err != nil {
				return "", err
			}
		}
	}
	if len(all.BuiltIn) > 0 {
		b, err := json.Marshal(all.BuiltIn)
		if err != nil {
			return "", err
		}
		d, err := upload(b, typeBuiltIn, "built-in.json")
		if err != nil {
			return "", failed(ctx, op, tag, err)
		}
		m.Layers = append(m.Layers, d)
	}
	for _, f := range all.Files {
		d, err := upload([]byte(f.Text), typeRego, f.Name)
		if err != nil {
			return "", failed(ctx, op, tag, err)
		}
		m.Layers = append(m.Layers, d)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	if err := remote.Put(tag, raw(b), r.options(ctx)...); err != nil {
		return "", failed(ctx, op, tag, err)
	}
	return crowsnest.DigestOf(b), nil
}

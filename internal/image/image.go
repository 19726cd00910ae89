package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/crowsnest-sec/crowsnest"
)

// The schemes ParseSource knows.
const (
	SchemeRegistry = "registry"
	SchemeOCIDir   = "oci-dir"
	SchemeArchive  = "archive"
	SchemeLocal    = "local" // of Docker's or Podman's engine
	SchemeFolder   = "fs"
)

// Options say how an image is found. The zero value suits most.
type Options struct {
	// Platform is what is chosen from an index. Zero is crowsnest.DefaultPlatform, and
	// then an image that is not in an index is opened whatever its platform is; one
	// that was asked for must be the image's.
	Platform crowsnest.Platform

	// Reference says which image of a layout or archive that holds several is meant: a name the
	// source gives it ("repository:tag", or the ref.name annotation) or a digest.
	Reference string

	// Keychain finds credentials for registries; nil is authn.DefaultKeychain, the
	// Docker configuration and its credential helpers.
	Keychain authn.Keychain

	// Transport carries the requests to registries; nil is one of this package
	// with the settings of http.DefaultTransport and a limit on the wait for an answer.
	Transport http.RoundTripper

	// MaxUnpacked limits the bytes a gzipped archive may unpack to on disk; zero is 32 GiB.
	MaxUnpacked int64

	patience patience // zero = the usual one; tests shorten it
}

// Image is an open image. It is safe for concurrent use; close it after use.
type Image struct {
	crowsnest.Image

	// References are the names the source itself gives the image: the tags of a
	// docker-save archive, the annotations of a layout. Empty for registries.
	References []string

	// Problems are parts of the source that could not be read; the layers are without them.
	Problems []crowsnest.Problem

	beside    []Descriptor // attestations in the indexes, of this image or another
	referrers func(ctx context.Context, subject crowsnest.Digest) ([]Descriptor, error)
	read      func(ctx context.Context, d Descriptor, most int64, what string) ([]byte, error) // nil where there can be nothing beside the image

	open   func(ctx context.Context, i int) (io.ReadCloser, error)
	closer io.Closer
	once   sync.Once
	closed error
}

// ParseSource splits a source into scheme and place. Without a scheme it is a registry reference.
func ParseSource(source string) (scheme, rest string) {
	if scheme, rest, ok := strings.Cut(source, "://"); ok {
		return scheme, rest
	}
	return SchemeRegistry, source
}

// Open finds an image, verifies its manifest and configuration and reads what they say.
// Of layers it reads nothing, but for the first bytes of those of docker-save archives,
// which no manifest describes. The errors are *crowsnest.Error:
//
//   - Invalid: the source, its name or Options.Reference cannot be used, or the file is no image
//   - NotFound: no such file, repository, tag, reference or platform
//   - Unauthorized, Forbidden, RateLimited, Unavailable: as the registry or the network answered
//   - Corrupt: something is missing, cut off or does not match its digest
//   - TooLarge: a limit was reached
//   - Unsupported: Windows images, encrypted or foreign layers, schema 1, artifacts that are no image
//   - Canceled: ctx ended
func Open(ctx context.Context, source string, opt Options) (*Image, error) {
	asked := opt.Platform
	if asked == (crowsnest.Platform{}) {
		opt.Platform = crowsnest.DefaultPlatform
	}
	scheme, rest := ParseSource(source)
	var (
		img *Image
		err error
	)
	switch scheme {
	case SchemeRegistry:
		img, err = openRegistry(ctx, rest, opt)
	case SchemeOCIDir:
		img, err = openDir(ctx, rest, opt)
	case SchemeArchive:
		img, err = openArchive(ctx, rest, opt)
	case SchemeLocal:
		img, err = openLocal(ctx, rest, opt, asked)
	case SchemeFolder:
		img, err = openFolder(ctx, rest)
	default:
		err = refuse(crowsnest.Invalid, "use registry://, local://, oci-dir://, archive://, fs:// or sbom://; a registry reference needs no scheme and no https://", "unknown kind of source")
	}
	if err == nil && asked != (crowsnest.Platform{}) {
		if err = img.checkPlatform(asked); err != nil {
			img.Close()
		}
	}
	if err != nil {
		return nil, describe(ctx, err, "open image", displayName(source))
	}
	return img, nil
}

// checkPlatform refuses an image that was not chosen from an index, where another platform
// than the one asked for would be passed over in silence. One that does not say is taken.
func (m *Image) checkPlatform(asked crowsnest.Platform) error {
	have := platform(m.Platform)
	if m.Index != "" || have.unknown() || have.fit(platform(asked)) > 0 {
		return nil
	}
	return refuse(crowsnest.NotFound, "ask for this one, or for none", "there is no image for %s, only for %s", asked, have)
}

// OpenLayer opens layer i, counted from 0 as in Layers, as it is stored: its compression is for the caller to
// undo and its DiffID for the caller to check. The last byte is given only together with
// the outcome of the check against Layer.Digest: when that or the size does not match, Read returns an error
// of kind Corrupt in its place. Close the reader before the image.
func (m *Image) OpenLayer(ctx context.Context, i int) (io.ReadCloser, error) {
	if i < 0 || i >= len(m.Layers) {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read layer", Subject: fmt.Sprintf("%d of %s", i+1, m.Name), Err: fmt.Errorf("the image has %d layers", len(m.Layers))}
	}
	l := m.Layers[i]
	subject := fmt.Sprintf("%d of %d of %s", i+1, len(m.Layers), m.Name)
	if l.Digest != "" {
		subject = fmt.Sprintf("%d of %d (%s) of %s", i+1, len(m.Layers), l.Digest.Short(), m.Name)
	}
	rc, err := m.open(ctx, i)
	if err != nil {
		return nil, describe(ctx, err, "read layer", subject)
	}
	return verifyBlob(ctx, rc, l.Digest, l.Size, subject), nil
}

// Close releases the file or connection behind the image and deletes what was unpacked. It may be called more than once.
func (m *Image) Close() error {
	m.once.Do(func() {
		if m.closer != nil {
			m.closed = m.closer.Close()
		}
	})
	return m.closed
}

// refuse is a failure whose operation and subject are filled in where it leaves the package.
func refuse(kind crowsnest.Kind, hint, format string, args ...any) error {
	return &crowsnest.Error{Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// describe completes err for the caller. That the caller gave up outranks whatever came of it.
func describe(ctx context.Context, err error, op, subject string) error {
	if cause := ctx.Err(); cause != nil {
		kind, hint := crowsnest.Canceled, ""
		if errors.Is(cause, context.DeadlineExceeded) {
			kind, hint = crowsnest.Unavailable, "try again, or allow more time"
		}
		return &crowsnest.Error{Kind: kind, Op: op, Subject: subject, Hint: hint, Err: cause}
	}
	var e *crowsnest.Error
	if !errors.As(err, &e) {
		return &crowsnest.Error{Kind: crowsnest.Internal, Op: op, Subject: subject, Err: err}
	}
	whole := *e
	whole.Op, whole.Subject = op, subject
	return &whole
}

// Limits on what is read before anything is believed.
const (
	maxManifest = 4 << 20 // bytes of a manifest, index or configuration; registries take no larger ones
	maxLayers   = 1000    // Docker's storage drivers stop at 127
	maxLayer    = 1 << 40 // bytes a descriptor may claim for one layer
	maxDepth    = 4       // indexes in indexes
	maxFetched  = 64      // manifests read while choosing a platform
)

// patience bounds how long the network may keep us waiting.
type patience struct {
	open  time.Duration // for everything Open asks a registry
	stall time.Duration // between two reads of a layer
	retry time.Duration // before the second try; three times as long before the third
}

// patient returns the patience that was asked for, or the usual one.
func (o Options) patient() patience {
	if o.patience == (patience{}) {
		return usualPatience
	}
	return o.patience
}

var usualPatience = patience{open: 2 * time.Minute, stall: time.Minute, retry: time.Second}

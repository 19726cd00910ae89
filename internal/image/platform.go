package image

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// platform is crowsnest.Platform as indexes and configurations write it.
type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
}

func (p platform) String() string { return crowsnest.Platform(p).String() }

// words returns p with the word for what is not known in the place of what cannot be a
// platform's: some builders leave os and architecture out, and a slash or a control
// character would make a platform that cannot be read back from its written form.
func (p platform) words() platform {
	const most = 64
	odd := func(s string) bool {
		return len(s) > most || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '/' || r > '~' })
	}
	if p.OS == "" || odd(p.OS) {
		p.OS = "unknown"
	}
	if p.Architecture == "" || odd(p.Architecture) {
		p.Architecture = "unknown"
	}
	if odd(p.Variant) {
		p.Variant = ""
	}
	return p
}

// unknown is the platform of what builders put beside images: attestations.
func (p platform) unknown() bool { return p.OS == "unknown" || p.Architecture == "unknown" }

// normal replaces the names that mean the same by one of them, as containerd does.
func (p platform) normal() platform {
	p.OS, p.Architecture, p.Variant = strings.ToLower(p.OS), strings.ToLower(p.Architecture), strings.ToLower(p.Variant)
	switch p.Architecture {
	case "x86_64", "x86-64":
		p.Architecture = "amd64"
	case "aarch64":
		p.Architecture = "arm64"
	}
	defaults := map[string]string{"arm64": "v8", "arm": "v7", "amd64": "v1"}
	if p.Variant == "" {
		p.Variant = defaults[p.Architecture]
	} else if p.Variant[0] >= '0' && p.Variant[0] <= '9' {
		p.Variant = "v" + p.Variant
	}
	return p
}

// fit says how well an image for p serves someone who wants w: 2 exactly, 1 in
// all but a variant that was not asked for, 0 not.
func (p platform) fit(w platform) int {
	a, b := p.normal(), w.normal()
	switch {
	case a == b:
		return 2
	case a.OS == b.OS && a.Architecture == b.Architecture && w.Variant == "":
		return 1
	}
	return 0
}

// blobs are what a source offers to the choice of a platform.
type blobs interface {
	// manifest returns a manifest or index, verified. Where the source does not
	// have it the error wraps errMissing.
	manifest(ctx context.Context, d descriptor) ([]byte, error)
	// config returns a configuration, verified.
	config(ctx context.Context, d descriptor) ([]byte, error)
}

// errMissing marks a blob that something points at and that is not there.
var errMissing = errors.New("not there")

// chooser looks for one platform in an index and remembers what it saw.
type chooser struct {
	blobs   blobs
	want    platform
	fetched int
	seen    []string     // platforms there are
	absent  int          // manifests and indexes that could have been it but are not there
	beside  []Descriptor // attestations of any image
}

// choose returns the manifest for the wanted platform among entries and below them.
func (c *chooser) choose(ctx context.Context, entries []descriptor) (descriptor, []byte, error) {
	d, raw, err := c.level(ctx, entries, 1)
	if err != nil || raw != nil {
		return d, raw, err
	}
	slices.Sort(c.seen)
	c.seen = slices.Compact(c.seen)
	const most = 20
	switch {
	case c.absent > 0 && len(c.seen) == 0:
		return d, nil, refuse(crowsnest.Corrupt, "copy or save the image with all of its parts", "the manifests its index names are missing")
	case len(c.seen) == 0:
		return d, nil, refuse(crowsnest.NotFound, "check what was pushed", "its index names no image")
	case len(c.seen) > most:
		c.seen = append(c.seen[:most], "…")
	}
	return d, nil, refuse(crowsnest.NotFound, "choose one of these", "there is no image for %s, only for %s", c.want, strings.Join(c.seen, ", "))
}

// level looks among the entries of one index: first by what they say, then in the indexes
// among them, last by the configurations of those that do not say.
func (c *chooser) level(ctx context.Context, entries []descriptor, depth int) (descriptor, []byte, error) {
	var (
		best     descriptor
		bestFit  int
		nested   []descriptor
		unstated []descriptor
	)
	for _, d := range entries {
		switch {
		case d.isAttestation():
			c.beside = append(c.beside, d.outside())
		case isIndexType(d.MediaType):
			if d.Platform == nil || d.Platform.fit(c.want) > 0 {
				nested = append(nested, d)
			} else {
				c.seen = append(c.seen, clip(d.Platform.String()))
			}
		case d.MediaType != typeOCIManifest && d.MediaType != typeDockerManifest && d.MediaType != "":
		case d.Platform == nil || d.Platform.OS == "" || d.Platform.Architecture == "":
			unstated = append(unstated, d)
		default:
			c.seen = append(c.seen, clip(d.Platform.String()))
			if fit := d.Platform.fit(c.want); fit > bestFit {
				best, bestFit = d, fit
			}
		}
	}
	if bestFit > 0 {
		raw, err := c.fetch(ctx, best)
		if errors.Is(err, errMissing) {
			err = refuse(crowsnest.Corrupt, "copy or save the image for this platform, or choose another", "its index names an image for %s, which is missing", c.want)
		}
		return best, raw, err
	}
	for _, d := range nested {
		if depth == maxDepth {
			return d, nil, refuse(crowsnest.TooLarge, "push the image with one index", "its indexes are nested more than %d deep", maxDepth)
		}
		raw, err := c.fetch(ctx, d)
		if errors.Is(err, errMissing) {
			c.absent++
			continue
		}
		if err != nil {
			return d, nil, err
		}
		doc, err := parseDocument(raw, d.MediaType)
		if err != nil {
			return d, nil, err
		}
		if found, raw, err := c.level(ctx, doc.Manifests, depth+1); err != nil || raw != nil {
			return found, raw, err
		}
	}
	for _, d := range unstated {
		raw, fit, err := c.look(ctx, d)
		if errors.Is(err, errMissing) {
			c.absent++
			continue
		}
		if err != nil || fit {
			return d, raw, err
		}
	}
	return descriptor{}, nil, nil
}

// look reads the platform of a manifest from its configuration.
func (c *chooser) look(ctx context.Context, d descriptor) (raw []byte, fit bool, err error) {
	if raw, err = c.fetch(ctx, d); err != nil {
		return nil, false, err
	}
	doc, err := parseDocument(raw, d.MediaType)
	if err != nil {
		return nil, false, err
	}
	if doc.isIndex() || doc.checkImage() != nil {
		return nil, false, nil // something else than an image beside the images
	}
	b, err := c.blobs.config(ctx, *doc.Config)
	if err != nil {
		return nil, false, err
	}
	var p platform
	if err := unmarshal(b, &p, "configuration"); err != nil {
		return nil, false, err
	}
	if p.unknown() {
		return nil, false, nil
	}
	c.seen = append(c.seen, clip(p.String()))
	return raw, p.fit(c.want) > 0, nil
}

func (c *chooser) fetch(ctx context.Context, d descriptor) ([]byte, error) {
	if c.fetched++; c.fetched > maxFetched {
		return nil, refuse(crowsnest.TooLarge, "push the image with one index that states platforms", "the platform cannot be found in %d manifests", maxFetched)
	}
	if err := d.check("a manifest in its index"); err != nil {
		return nil, err
	}
	return c.blobs.manifest(ctx, d)
}

func (d descriptor) isAttestation() bool {
	return d.Platform != nil && d.Platform.unknown() || d.Annotations["vnd.docker.reference.type"] != ""
}

// resolve follows a manifest or index to the image for the wanted platform. It fills
// in everything but the name.
func resolve(ctx context.Context, b blobs, want crowsnest.Platform, digest crowsnest.Digest, raw []byte, mediaType string) (*Image, []descriptor, error) {
	doc, err := parseDocument(raw, mediaType)
	if err != nil {
		return nil, nil, err
	}
	m := &Image{}
	m.Digest = digest
	if doc.isIndex() {
		c := &chooser{blobs: b, want: platform(want)}
		d, chosen, err := c.choose(ctx, doc.Manifests)
		if err != nil {
			return nil, nil, err
		}
		if doc, err = parseDocument(chosen, d.MediaType); err != nil {
			return nil, nil, err
		}
		m.Index, m.Digest, m.beside = digest, d.Digest, c.beside
	}
	if err := doc.checkImage(); err != nil {
		return nil, nil, err
	}
	rawConfig, err := b.config(ctx, *doc.Config)
	if err != nil {
		return nil, nil, err
	}
	config, err := parseConfiguration(rawConfig, len(doc.Layers))
	if err != nil {
		return nil, nil, err
	}
	m.ImageID = doc.Config.Digest
	for _, l := range doc.Layers {
		m.Layers = append(m.Layers, crowsnest.Layer{Digest: l.Digest, MediaType: l.MediaType, Size: l.Size})
	}
	config.fill(&m.Image)
	return m, doc.Layers, nil
}

package image

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/bounded"
)

var errNoImage = errors.New("the archive holds no image: it has neither an index.json nor a manifest.json")

// dockerEntry is one image in the manifest.json of a docker-save archive.
type dockerEntry struct {
	Config   string               `json:"Config"`
	RepoTags bounded.List[string] `json:"RepoTags"`
	Layers   bounded.List[string] `json:"Layers"`
}

// openDocker opens one image of a docker-save archive and takes t over if it succeeds.
func openDocker(ctx context.Context, t tree, file string, opt Options) (*Image, error) {
	raw, err := readFile(ctx, t, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		if rc, _, err := t.open("repositories"); err == nil {
			rc.Close()
			return nil, refuse(crowsnest.Unsupported, "save it again with a current Docker", "it is an archive as Docker wrote them before 1.10")
		}
		return nil, refuse(crowsnest.Invalid, hintArchive, "%w", errNoImage)
	}
	if err != nil {
		return nil, err
	}
	var entries bounded.List[dockerEntry]
	if err := unmarshal(raw, &entries, "manifest.json"); err != nil {
		return nil, err
	}
	entry, several, err := chooseDocker(entries, opt.Reference)
	if err != nil {
		return nil, err
	}
	if len(entry.Layers) > maxLayers {
		return nil, refuse(crowsnest.TooLarge, "rebuild it with fewer layers", "it has %d layers, more than %d", len(entry.Layers), maxLayers)
	}
	rawConfig, err := readFile(ctx, t, entry.Config)
	if err != nil {
		return nil, part(err, "its configuration", entry.Config)
	}
	config, err := parseConfiguration(rawConfig, len(entry.Layers))
	if err != nil {
		return nil, err
	}

	img := &Image{References: entry.RepoTags, closer: t}
	img.Name = file
	if several {
		img.Name = nameIn(file, opt.Reference, entry.RepoTags)
	}
	img.ImageID = crowsnest.DigestOf(rawConfig)
	img.Digest = img.ImageID
	for i, name := range entry.Layers {
		mediaType, size, err := sniff(t, name)
		if err != nil {
			return nil, part(err, "a layer", name)
		}
		img.Layers = append(img.Layers, crowsnest.Layer{DiffID: config.RootFS.DiffIDs[i], MediaType: mediaType, Size: size})
	}
	config.fill(&img.Image)
	img.open = func(_ context.Context, i int) (io.ReadCloser, error) {
		rc, _, err := t.open(entry.Layers[i])
		return rc, part(err, "a layer", entry.Layers[i])
	}
	return img, nil
}

// chooseDocker returns the entry that is meant and whether there are others.
func chooseDocker(entries []dockerEntry, reference string) (dockerEntry, bool, error) {
	var (
		distinct   []dockerEntry
		candidates []candidate
	)
	for _, e := range entries {
		// The same image under several tags may be written as several entries.
		i := slices.IndexFunc(distinct, func(d dockerEntry) bool { return d.Config == e.Config && slices.Equal(d.Layers, e.Layers) })
		if i >= 0 {
			distinct[i].RepoTags = append(distinct[i].RepoTags, e.RepoTags...)
			candidates[i].names = distinct[i].RepoTags
			continue
		}
		distinct = append(distinct, e)
		candidates = append(candidates, candidate{names: e.RepoTags, digests: configDigest(e.Config)})
	}
	if len(distinct) == 0 {
		return dockerEntry{}, false, refuse(crowsnest.Invalid, "save the image again", "its manifest.json names no image")
	}
	found := []int{0}
	if reference != "" {
		if found = find(candidates, reference); found == nil {
			return dockerEntry{}, false, noSuchReference(candidates, reference)
		}
	} else if len(distinct) > 1 {
		return dockerEntry{}, false, severalReferences(candidates)
	}
	if len(found) > 1 {
		return dockerEntry{}, false, refuse(crowsnest.Invalid, "give the image ID as the reference", "it holds several images of the name %q", clip(reference))
	}
	return distinct[found[0]], len(distinct) > 1, nil
}

// configDigest reads the image ID from the name of a configuration, "HEX.json", "sha256:HEX" or "blobs/sha256/HEX". It
// only serves to choose; what the image ID is comes from the content.
func configDigest(name string) []crowsnest.Digest {
	hexed := strings.TrimPrefix(strings.TrimSuffix(path.Base(name), ".json"), crowsnest.DigestPrefix)
	if d, err := crowsnest.ParseDigest(crowsnest.DigestPrefix + hexed); err == nil {
		return []crowsnest.Digest{d}
	}
	return nil
}

// sniff tells how a layer is stored, which docker-save archives do not say: Docker
// writes plain tar files, other tools compressed ones.
func sniff(t tree, name string) (mediaType string, size int64, err error) {
	rc, size, err := t.open(name)
	if err != nil {
		return "", 0, err
	}
	defer rc.Close()
	magic := make([]byte, 4)
	n, err := io.ReadFull(rc, magic)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", 0, err
	}
	switch compressionOf(magic[:n]) {
	case "gzip":
		return typeDockerLayerGzip, size, nil
	case "zstd":
		return typeDockerLayerZstd, size, nil
	}
	return typeDockerLayer, size, nil
}

// part names the part of an archive that cannot be read; nil stays nil.
func part(err error, what, name string) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return refuse(crowsnest.Corrupt, "copy or save it again", "the archive is incomplete: %s, %s, is %w", what, cmp.Or(clip(name), "without a name"), errMissing)
}

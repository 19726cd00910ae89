package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// tree is a set of files by slash-separated names: a directory or a tar file.
type tree interface {
	// open opens a regular file. The error wraps fs.ErrNotExist where there is none.
	open(name string) (io.ReadCloser, int64, error)
	io.Closer
}

// dirTree is a directory that no name and no link leads out of.
type dirTree struct{ root *os.Root }

func (d dirTree) open(name string) (io.ReadCloser, int64, error) {
	// Looked at first: opening a named pipe would wait for its other end.
	info, err := d.root.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, refuse(crowsnest.Invalid, hintDamaged, "%s is not a regular file", name)
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func (d dirTree) Close() error { return d.root.Close() }

func openDir(ctx context.Context, path string, opt Options) (*Image, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileError(err, "directory")
	}
	if !info.IsDir() {
		return nil, refuse(crowsnest.Invalid, "write archive:// for an archive", "it is a file, not a directory")
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fileError(err, "directory")
	}
	img, err := openLayout(ctx, dirTree{root}, path, opt)
	if errors.Is(err, errNoLayout) {
		err = refuse(crowsnest.Invalid, "name the directory of an OCI image layout", "there is no index.json in it")
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return img, nil
}

// fileError puts a failure to open a path given by a person into words. The path is the subject already.
func fileError(err error, what string) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refuse(crowsnest.NotFound, "check the path", "there is no such %s", what)
	case errors.Is(err, fs.ErrPermission):
		return refuse(crowsnest.Forbidden, "check its permissions", "the %s may not be read", what)
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return refuse(crowsnest.Unavailable, "check the "+what, "%w", err)
}

var errNoLayout = errors.New("no index.json")

// openLayout opens one image of the OCI layout in t and takes t over if it succeeds.
// Without an index.json the error is errNoLayout.
func openLayout(ctx context.Context, t tree, path string, opt Options) (*Image, error) {
	raw, err := readFile(ctx, t, "index.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoLayout
	}
	if err != nil {
		return nil, err
	}
	contents, err := parseDocument(raw, typeOCIIndex)
	if err != nil {
		return nil, err
	}
	if !contents.isIndex() {
		return nil, refuse(crowsnest.Corrupt, hintDamaged, "its index.json is not an index")
	}
	entries, names, err := chooseEntries(contents.Manifests, opt.Reference)
	if err != nil {
		return nil, err
	}

	b := layoutBlobs{t}
	root := entries[0]
	if len(entries) == 1 {
		if err := root.check("an image in its index.json"); err != nil {
			return nil, err
		}
		raw, err = b.manifest(ctx, root)
	} else {
		c := &chooser{blobs: b, want: platform(opt.Platform)}
		root, raw, err = c.choose(ctx, entries)
	}
	if err != nil {
		return nil, whole(err)
	}
	img, layers, err := resolve(ctx, b, opt.Platform, root.Digest, raw, root.MediaType)
	if err != nil {
		return nil, whole(err)
	}
	img.Name, img.closer = path, t
	img.attach(b, contents.Manifests)
	for _, e := range contents.Manifests {
		if e.Digest == root.Digest {
			img.References = append(img.References, e.names()...)
		}
	}
	slices.Sort(img.References)
	img.References = slices.Compact(img.References)
	if names > 1 {
		img.Name = nameIn(path, opt.Reference, img.References)
	}
	img.open = func(ctx context.Context, i int) (io.ReadCloser, error) {
		rc, err := b.open(layers[i])
		return rc, whole(err)
	}
	return img, nil
}

// nameIn tells apart the images of one file: path and reference, as other tools write it.
func nameIn(path, reference string, names []string) string {
	if reference == "" && len(names) > 0 {
		reference = names[0]
	}
	if reference == "" {
		return path
	}
	return path + ":" + reference
}

// names are what an index.json calls an entry. The short name comes first, the one that
// containerd adds, with its registry, last.
func (d descriptor) names() []string {
	var out []string
	for _, key := range []string{"org.opencontainers.image.ref.name", "io.containerd.image.name"} {
		if n := d.Annotations[key]; n != "" {
			out = append(out, n)
		}
	}
	return out
}

// chooseEntries returns the entries of an index.json that are meant: one, or several that
// are the same image for different platforms. It also counts the different images there are to choose from.
func chooseEntries(all []descriptor, reference string) (entries []descriptor, images int, err error) {
	var candidates []candidate
	for _, d := range all {
		if d.isAttestation() || d.isArtifact() {
			continue
		}
		if i := slices.IndexFunc(entries, func(e descriptor) bool { return e.Digest == d.Digest }); i >= 0 {
			candidates[i].names = append(candidates[i].names, d.names()...)
			continue
		}
		entries = append(entries, d)
		candidates = append(candidates, candidate{names: d.names(), digests: []crowsnest.Digest{d.Digest}})
	}
	if len(entries) == 0 {
		return nil, 0, refuse(crowsnest.Invalid, "save the image again", "its index.json names no image")
	}
	images = len(entries)
	if onePerPlatform(entries, candidates) {
		images = 1
	}
	if reference == "" {
		if images > 1 {
			return nil, 0, severalReferences(candidates)
		}
		return entries, images, nil
	}
	found := find(candidates, reference)
	if found == nil {
		return nil, 0, noSuchReference(candidates, reference)
	}
	var chosen []descriptor
	for _, i := range found {
		chosen = append(chosen, entries[i])
	}
	return chosen, images, nil
}

// onePerPlatform tells whether the entries are one image for several platforms: under one
// name or none, each with a platform of its own.
func onePerPlatform(entries []descriptor, candidates []candidate) bool {
	platforms, names := map[platform]bool{}, map[string]bool{}
	for i, d := range entries {
		if d.Platform == nil || platforms[d.Platform.normal()] {
			return len(entries) == 1
		}
		platforms[d.Platform.normal()] = true
		names[strings.Join(candidates[i].names, "\n")] = true
	}
	return len(names) == 1
}

// whole turns what is missing from a layout into a sentence.
func whole(err error) error {
	if errors.Is(err, errMissing) {
		return refuse(crowsnest.Corrupt, "copy or save the image again", "it is incomplete: %w", err)
	}
	return err
}

// layoutBlobs reads blobs of an OCI layout.
type layoutBlobs struct{ tree tree }

// open opens a blob whose digest has been checked to be one.
func (b layoutBlobs) open(d descriptor) (io.ReadCloser, error) {
	rc, size, err := b.tree.open("blobs/sha256/" + strings.TrimPrefix(string(d.Digest), crowsnest.DigestPrefix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is %w", d.Digest, errMissing)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	if size != d.Size {
		rc.Close()
		return nil, refuse(crowsnest.Corrupt, hintDamaged, "%s has %d bytes where %d are announced", d.Digest, size, d.Size)
	}
	return rc, nil
}

func (b layoutBlobs) small(ctx context.Context, d descriptor, what string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rc, err := b.open(d)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return readSmall(rc, d.Digest, d.Size, what)
}

func (b layoutBlobs) manifest(ctx context.Context, d descriptor) ([]byte, error) {
	return b.small(ctx, d, "manifest")
}

func (b layoutBlobs) config(ctx context.Context, d descriptor) ([]byte, error) {
	return b.small(ctx, d, "configuration")
}

// readFile reads a small file that no digest vouches for.
func readFile(ctx context.Context, t tree, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rc, size, err := t.open(name)
	if err != nil {
		return nil, unreadable(err)
	}
	defer rc.Close()
	return readSmall(rc, "", size, clip(name))
}

// unreadable keeps what callers look at and puts the rest into words.
func unreadable(err error) error {
	var e *crowsnest.Error
	switch {
	case errors.As(err, &e), errors.Is(err, fs.ErrNotExist):
		return err
	case errors.Is(err, fs.ErrClosed):
		return refuse(crowsnest.Invalid, "", "the image has been closed")
	case errors.Is(err, fs.ErrPermission):
		return refuse(crowsnest.Forbidden, "check the permissions of its files", "a part of it may not be read")
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return refuse(crowsnest.Corrupt, "links must stay within the layout", "%s cannot be read: %w", clip(p.Path), p.Err)
	}
	return err
}

package imagekit

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Epoch is the time every file and image carries unless told otherwise.
var Epoch = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)

// File is one entry of a layer. The zero Type is a regular file.
type File struct {
	Path    string // slash-separated, relative to the root of the image
	Type    byte   // tar type flag; zero = regular file
	Mode    int64  // permission bits; zero = 0644, 0755 for directories, 0777 for links
	Content []byte
	Link    string // target of a symbolic or hard link
	UID     int
	GID     int
}

// Text is a regular file with mode 0644.
func Text(path, content string) File { return File{Path: path, Content: []byte(content)} }

// Executable is a regular file with mode 0755.
func Executable(path string, content []byte) File {
	return File{Path: path, Mode: 0o755, Content: content}
}

// Dir is a directory.
func Dir(path string) File { return File{Path: path + "/", Type: tar.TypeDir} }

// Symlink is a symbolic link.
func Symlink(path, target string) File {
	return File{Path: path, Type: tar.TypeSymlink, Link: target}
}

// Hardlink is a hard link to a file of the same layer.
func Hardlink(path, target string) File {
	return File{Path: path, Type: tar.TypeLink, Link: target}
}

// Whiteout deletes what lower layers have at name.
func Whiteout(name string) File {
	dir, base := path.Split(name)
	return File{Path: dir + ".wh." + base}
}

// Opaque hides everything lower layers have in dir.
func Opaque(dir string) File { return File{Path: path.Join(dir, ".wh..wh..opq")} }

// Compression says how a layer is stored.
type Compression uint8

// The compressions of the OCI image specification; gzip is the usual one.
const (
	Gzip Compression = iota
	Zstd
	Plain
)

// Layer is a layer to build.
type Layer struct {
	Files       []File
	Compression Compression
	CreatedBy   string          // the history line; empty = a line with the layer's number
	MediaType   types.MediaType // empty = what the compression and the image's format call for
}

// Tar returns the layer uncompressed.
func (l Layer) Tar() ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range l.Files {
		h := &tar.Header{
			Name: f.Path, Typeflag: f.Type, Linkname: f.Link, Mode: f.Mode, Uid: f.UID, Gid: f.GID,
			Size: int64(len(f.Content)), ModTime: Epoch, Format: tar.FormatPAX,
		}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = defaultMode(h.Typeflag)
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.Path, err)
		}
		if _, err := w.Write(f.Content); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func defaultMode(typeflag byte) int64 {
	switch typeflag {
	case tar.TypeDir:
		return 0o755
	case tar.TypeSymlink:
		return 0o777
	}
	return 0o644
}

// build turns the description into a layer that go-containerregistry can write anywhere.
func (l Layer) build(docker bool) (*builtLayer, error) {
	plain, err := l.Tar()
	if err != nil {
		return nil, err
	}
	stored, err := l.Compression.compress(plain)
	if err != nil {
		return nil, err
	}
	b := &builtLayer{plain: plain, stored: stored, mediaType: l.MediaType}
	if b.mediaType == "" {
		b.mediaType = l.Compression.mediaType(docker)
	}
	return b, nil
}

func (c Compression) compress(b []byte) ([]byte, error) {
	var buf bytes.Buffer
	switch c {
	case Gzip:
		w := gzip.NewWriter(&buf)
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		return buf.Bytes(), nil
	case Zstd:
		// One goroutine, so that the frame does not depend on the number of cores.
		w, err := zstd.NewWriter(&buf, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		return buf.Bytes(), nil
	}
	return b, nil
}

func (c Compression) mediaType(docker bool) types.MediaType {
	switch {
	case c == Gzip && docker:
		return types.DockerLayer
	case c == Gzip:
		return types.OCILayer
	case c == Zstd:
		return types.OCILayerZStd
	case docker:
		return types.DockerUncompressedLayer
	}
	return types.OCIUncompressedLayer
}

// builtLayer is a v1.Layer held in memory.
type builtLayer struct {
	plain, stored []byte
	mediaType     types.MediaType
}

var _ v1.Layer = (*builtLayer)(nil)

func (b *builtLayer) Digest() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(b.stored))
	return h, err
}

func (b *builtLayer) DiffID() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(b.plain))
	return h, err
}

func (b *builtLayer) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(b.stored)), nil
}

func (b *builtLayer) Uncompressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(b.plain)), nil
}

func (b *builtLayer) Size() (int64, error)                { return int64(len(b.stored)), nil }
func (b *builtLayer) MediaType() (types.MediaType, error) { return b.mediaType, nil }

// Package guard refuses compressed files that would grow without bound in the memory of an
// extractor, which reads some of their parts whole.
package guard

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	javaarchive "github.com/google/osv-scalibr/extractor/filesystem/language/java/archive"
	"github.com/klauspost/compress/zstd"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/stream"
)

// Caps are those on an archive together with what is nested in it.
type Caps struct {
	Bytes int64 // what nested archives inflate to; they are held in memory while they are read
	Depth int   // levels that are read; what is nested deeper is not
}

// MaxMetadata caps a manifest or the like within an archive, and MaxManifest a decompressed
// Chisel manifest, in bytes.
const (
	MaxMetadata = 8 << 20
	MaxManifest = 64 << 20
)

// maxArchiveFiles caps the files in an archive and those nested in it.
const maxArchiveFiles = 1_000_000

// Archive checks a ZIP archive and those nested in it. What is no archive, or a
// damaged one, is left to the extractor to complain about.
func Archive(r io.ReaderAt, size int64, caps Caps) error {
	g := archive{caps: caps, bytes: caps.Bytes, files: maxArchiveFiles}
	return g.check(r, size, 1)
}

// archive is what is left of the caps.
type archive struct {
	caps  Caps
	bytes int64
	files int
}

func (g *archive) check(r io.ReaderAt, size int64, depth int) error {
	z, err := zip.NewReader(r, size)
	if err != nil || depth > g.caps.Depth {
		return nil // the extractor says so itself, or does not go deeper
	}
	if g.files -= len(z.File); g.files < 0 {
		return fmt.Errorf("the archive has more than the cap of %d files", maxArchiveFiles)
	}
	for _, f := range z.File {
		switch {
		case metadataName(f.Name) && f.UncompressedSize64 > MaxMetadata:
			return fmt.Errorf("%s in the archive is larger than the cap of %d bytes", path.Base(f.Name), MaxMetadata)
		case javaarchive.IsArchive(f.Name):
			if err := g.nested(r, f, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *archive) nested(r io.ReaderAt, f *zip.File, depth int) error {
	if f.UncompressedSize64 > uint64(g.bytes) {
		return fmt.Errorf("the archives in the archive are larger than the cap of %d bytes", g.caps.Bytes)
	}
	size := int64(f.UncompressedSize64)
	g.bytes -= size
	if at, err := f.DataOffset(); f.Method == zip.Store && err == nil {
		// Nested archives are mostly stored as they are, and can be read in place.
		return g.check(io.NewSectionReader(r, at, size), size, depth+1)
	}
	in, err := f.Open()
	if err != nil {
		return nil // the extractor says so itself
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, size)) // the reader ends at the size anyway
	if err != nil {
		return nil // as above
	}
	return g.check(bytes.NewReader(b), int64(len(b)), depth+1)
}

// metadataName reports whether an extractor reads a file of that name in an archive whole.
func metadataName(name string) bool {
	base := strings.ToLower(path.Base(name))
	return base == "manifest.mf" || base == "pom.properties" || base == "pkg-info" || base == "metadata" || strings.HasSuffix(base, ".egg-info")
}

// Zstd checks what a Zstandard stream decompresses to.
func Zstd(r io.ReaderAt, size int64) error {
	z, err := zstd.NewReader(io.NewSectionReader(r, 0, size), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(stream.MaxZstdFrame))
	if err != nil {
		return err
	}
	defer z.Close()
	n, err := io.Copy(io.Discard, io.LimitReader(z, MaxManifest+1))
	if err != nil {
		return err
	}
	if n > MaxManifest {
		return fmt.Errorf("it decompresses to more than the cap of %d bytes", MaxManifest)
	}
	return nil
}

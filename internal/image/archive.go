package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/crowsnest-sec/crowsnest"
)

const (
	maxEntries  = 100_000  // of a tar file; an archive of a hundred images has some thousands
	maxName     = 512      // bytes of an entry's name; longer ones cannot belong to an image
	maxLinks    = 8        // links followed from one name
	maxUnpacked = 32 << 30 // Options.MaxUnpacked where it is zero
	tempPattern = "crowsnest-archive-*"
)

const hintArchive = `name a file written by "docker save", or an OCI layout in a tar file`

func openArchive(ctx context.Context, file string, opt Options) (*Image, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fileError(err, "file")
	}
	switch {
	case info.IsDir():
		return nil, refuse(crowsnest.Invalid, "write oci-dir:// for an OCI layout", "it is a directory, not a file")
	case !info.Mode().IsRegular():
		return nil, refuse(crowsnest.Invalid, hintArchive, "it is not a regular file")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fileError(err, "file")
	}
	img, err := openFile(ctx, &archiveFile{File: f}, file, opt)
	if err != nil {
		f.Close()
		return nil, err
	}
	return img, nil
}

// openFile opens the archive in f and takes f over if it succeeds.
func openFile(ctx context.Context, f *archiveFile, name string, opt Options) (*Image, error) {
	magic := make([]byte, 6)
	n, err := f.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return nil, fileError(err, "file")
	}
	magic = magic[:n]
	if n == 0 {
		return nil, refuse(crowsnest.Invalid, hintArchive, "the file is empty")
	}
	switch compression := compressionOf(magic); compression {
	case "":
	case "gzip":
		spooled, err := unpack(ctx, f, opt.MaxUnpacked)
		if err != nil {
			return nil, err
		}
		img, err := openPlain(ctx, spooled, name, opt)
		if err != nil {
			spooled.Close()
			return nil, err
		}
		f.Close() // its content is in the other one now
		return img, nil
	default:
		return nil, refuse(crowsnest.Unsupported, "unpack it first; gzip is read directly", "the archive is packed with %s", compression)
	}
	return openPlain(ctx, f, name, opt)
}

func compressionOf(magic []byte) string {
	for _, known := range []struct{ name, magic string }{
		{"gzip", "\x1f\x8b"}, {"zstd", "\x28\xb5\x2f\xfd"}, {"bzip2", "BZh"}, {"xz", "\xfd7zXZ\x00"}, {"zip", "PK\x03\x04"},
	} {
		if bytes.HasPrefix(magic, []byte(known.magic)) {
			return known.name
		}
	}
	return ""
}

func openPlain(ctx context.Context, f *archiveFile, name string, opt Options) (*Image, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fileError(err, "file")
	}
	t, err := readTar(ctx, f, info.Size())
	if err != nil {
		return nil, err
	}
	t.closer = f
	img, err := openTree(ctx, t, name, opt)
	if (errors.Is(err, errNoImage) || errors.Is(err, errMissing)) && !t.ended {
		err = cutOff()
	}
	return img, err
}

// openTree opens an image of an unpacked or listed archive, an OCI layout before a docker-save
// archive: where a file is both, the layout tells more.
func openTree(ctx context.Context, t tree, name string, opt Options) (*Image, error) {
	img, err := openLayout(ctx, t, name, opt)
	if errors.Is(err, errNoLayout) {
		img, err = openDocker(ctx, t, name, opt)
	}
	return img, err
}

// archiveFile is an open archive; temporary ones are deleted when they are closed.
type archiveFile struct {
	*os.File
	temporary string // path still to delete
}

func (f *archiveFile) Close() error {
	err := f.File.Close()
	if f.temporary != "" {
		err = errors.Join(err, os.Remove(f.temporary))
	}
	return err
}

// unpack writes a gzipped archive into a temporary file, since nothing can be
// read out of the middle of gzip and layers may be larger than memory.
func unpack(ctx context.Context, f *archiveFile, limit int64) (*archiveFile, error) {
	if limit == 0 {
		limit = maxUnpacked
	}
	z, err := gzip.NewReader(contextReader{ctx, f})
	if err != nil {
		return nil, gzipError(err)
	}
	spooled, err := temporaryFile()
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(spooled, io.LimitReader(z, limit+1))
	switch {
	case err != nil:
		err = gzipError(err)
	case n > limit:
		err = refuse(crowsnest.TooLarge, "unpack it yourself if you trust it", "it unpacks to more than %d bytes", limit)
	default:
		return spooled, nil
	}
	spooled.Close()
	return nil, err
}

func temporaryFile() (*archiveFile, error) {
	temp, err := os.CreateTemp("", tempPattern)
	if err != nil {
		return nil, refuse(crowsnest.Unavailable, "check the directory for temporary files, TMPDIR", "no temporary file can be made: %w", err)
	}
	f := &archiveFile{File: temp}
	// Where the system allows it the name goes at once, so that not even a crash leaves the file behind.
	if err := os.Remove(temp.Name()); err != nil {
		f.temporary = temp.Name()
	}
	return f, nil
}

func gzipError(err error) error {
	var p *fs.PathError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refuse(crowsnest.Corrupt, "copy or save it again", "the gzipped archive is cut off")
	case errors.As(err, &p):
		return refuse(crowsnest.Unavailable, "check the space for temporary files, TMPDIR, or unpack it yourself", "it cannot be unpacked: %w", p.Err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return refuse(crowsnest.Corrupt, "copy or save it again", "the gzipped archive is damaged: %w", err)
}

// contextReader ends when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// tarTree is an uncompressed tar file of which only the headers have been read.
type tarTree struct {
	r       io.ReaderAt
	entries map[string]tarEntry
	ended   bool // the mark of the end is there
	closer  io.Closer
}

type tarEntry struct {
	offset, size int64
	link         string // the name to look at instead
}

// readTar lists the files and links of a tar file. Of entries with the same name the last counts, as
// it does for who unpacks.
func readTar(ctx context.Context, r io.ReaderAt, size int64) (*tarTree, error) {
	t := &tarTree{r: r, entries: map[string]tarEntry{}}
	section := io.NewSectionReader(r, 0, size)
	headers := tar.NewReader(section)
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := headers.Next()
		switch {
		case err == io.EOF && n == 0:
			return nil, refuse(crowsnest.Invalid, hintArchive, "the archive is empty")
		case err == io.EOF:
			t.ended, err = endsInZeros(section)
			return t, err
		case errors.Is(err, tar.ErrHeader) && n == 0:
			return nil, refuse(crowsnest.Invalid, hintArchive, "it is not an image archive")
		case errors.Is(err, io.ErrUnexpectedEOF) && n == 0:
			return nil, refuse(crowsnest.Invalid, hintArchive, "it is not an image archive, or one cut off at its start")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, cutOff()
		case errors.Is(err, tar.ErrHeader), errors.Is(err, tar.ErrFieldTooLong):
			return nil, refuse(crowsnest.Corrupt, "copy or save it again", "the archive is damaged after its entry %d", n)
		case err != nil:
			return nil, fmt.Errorf("read archive: %w", err)
		case n == maxEntries:
			return nil, refuse(crowsnest.TooLarge, hintArchive, "it has more than %d entries", maxEntries)
		}
		// The tar reader takes exactly the headers, so this is where the content starts.
		offset, err := section.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, fmt.Errorf("read archive: %w", err)
		}
		if h.Typeflag == tar.TypeReg && !sparse(h) && h.Size > size-offset {
			return nil, cutOff()
		}
		name := clean(h.Name)
		if name == "" || len(name) > maxName || len(h.Linkname) > maxName {
			continue
		}
		switch {
		case h.Typeflag == tar.TypeReg && !sparse(h):
			t.entries[name] = tarEntry{offset: offset, size: h.Size}
		case h.Typeflag == tar.TypeSymlink && !path.IsAbs(h.Linkname):
			t.entries[name] = tarEntry{link: clean(path.Join(path.Dir(name), h.Linkname))}
		case h.Typeflag == tar.TypeLink:
			t.entries[name] = tarEntry{link: clean(h.Linkname)}
		}
	}
}

// endsInZeros tells whether the block before the current position is the mark with which tar
// files end. Without it the tar reader sees no difference between a file that is complete
// and one that was cut between two entries.
func endsInZeros(section *io.SectionReader) (bool, error) {
	var block [512]byte
	at, err := section.Seek(0, io.SeekCurrent)
	if err != nil || at < int64(len(block)) {
		return false, err
	}
	if _, err := section.ReadAt(block[:], at-int64(len(block))); err != nil && err != io.EOF {
		return false, err
	}
	return block == [512]byte{}, nil
}

func cutOff() error {
	return refuse(crowsnest.Corrupt, "copy or save it again", "the archive is cut off")
}

// sparse tells whether an entry's content is not in one piece. No tool writes image
// archives so, and a piece taken for the whole would be read wrongly.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// clean makes names comparable. One that would leave the archive comes out as a name that is not in it.
func clean(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

func (t *tarTree) open(name string) (io.ReadCloser, int64, error) {
	at := clean(name)
	for range maxLinks {
		e, ok := t.entries[at]
		if !ok {
			return nil, 0, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		if e.link == "" {
			return io.NopCloser(io.NewSectionReader(t.r, e.offset, e.size)), e.size, nil
		}
		at = e.link
	}
	return nil, 0, refuse(crowsnest.Corrupt, hintDamaged, "the links of %s lead nowhere", clip(name))
}

func (t *tarTree) Close() error {
	if t.closer == nil {
		return nil
	}
	return t.closer.Close()
}

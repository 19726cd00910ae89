package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/image/daemon"
	"github.com/crowsnest-sec/crowsnest/internal/image/folder"
)

// openLocal opens an image of this machine's engine. It has to be written out whole: the engine
// gives no access to a single layer.
func openLocal(ctx context.Context, reference string, opt Options, asked crowsnest.Platform) (*Image, error) {
	if reference == "" {
		return nil, refuse(crowsnest.Invalid, "write local://NAME, as docker images lists it", "no image is named")
	}
	f, err := temporaryFile()
	if err != nil {
		return nil, err
	}
	if err := daemon.Save(ctx, &capped{f, maxUnpacked}, reference, asked); err != nil {
		f.Close()
		if errors.Is(err, syscall.ENOSPC) {
			err = refuse(crowsnest.Unavailable, "make room for temporary files, or choose another folder for them with TMPDIR", "the image does not fit on the disk")
		}
		return nil, err
	}
	opt.Reference = "" // only this image was saved
	img, err := openFile(ctx, f, reference, opt)
	if err != nil {
		f.Close()
	}
	return img, err
}

// capped fails when more than its limit is written.
type capped struct {
	io.Writer
	left int64
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		return 0, refuse(crowsnest.TooLarge, "push it and analyse it from its registry", "it is larger than %d bytes", int64(maxUnpacked))
	}
	return c.Writer.Write(p)
}

// openFolder opens a folder as an image of one layer, whose digests are of the folder's content. It is read
// twice, since a layer is known by its digest before it is analysed.
func openFolder(ctx context.Context, dir string) (*Image, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fileError(err, "folder")
	}
	if !info.IsDir() {
		return nil, refuse(crowsnest.Invalid, "name the folder it is in, or write archive:// for the archive of an image", "it is a file, not a folder")
	}
	sum := sha256.New()
	size := &counter{Writer: sum}
	skipped, err := folder.WriteTar(ctx, size, dir)
	if err != nil {
		return nil, fileError(err, "folder")
	}
	id := crowsnest.Digest(crowsnest.DigestPrefix + hex.EncodeToString(sum.Sum(nil)))
	img := &Image{Problems: skipped.Problems}
	if skipped.More > 0 {
		img.Problems = append(img.Problems, crowsnest.Problem{Reason: fmt.Sprintf("%d more files cannot be read", skipped.More)})
	}
	img.Name, img.Digest, img.ImageID, img.Size = dir, id, id, size.n
	img.Layers = []crowsnest.Layer{{DiffID: id, Size: size.n}}
	img.open = func(ctx context.Context, _ int) (io.ReadCloser, error) {
		r, w := io.Pipe()
		go func() {
			_, err := folder.WriteTar(ctx, w, dir)
			w.CloseWithError(err)
		}()
		return steady{verifyBlob(ctx, r, id, size.n, dir)}, nil
	}
	return img, nil
}

// steady says what it means that a folder is not what it was a moment ago.
type steady struct{ io.ReadCloser }

func (s steady) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && crowsnest.KindOf(err) == crowsnest.Corrupt {
		err = refuse(crowsnest.Unavailable, "try again, or analyse a copy that nothing writes to", "the folder changed while it was read")
	}
	return n, err
}

type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

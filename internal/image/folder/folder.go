// Package folder reads a folder as if it were a layer of an image: an unpacked image, a build
// context, the root of a machine.
package folder

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// MaxSkipped is how many entries that could not be read are named; the others are counted.
const MaxSkipped = 100

// Skipped are what could not be read of a folder.
type Skipped struct {
	Problems []crowsnest.Problem
	More     int // not in Problems
}

func (s *Skipped) add(name string, err error) {
	if len(s.Problems) == MaxSkipped {
		s.More++
		return
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	s.Problems = append(s.Problems, crowsnest.Problem{Path: name, Reason: fmt.Sprintf("it cannot be read: %v", err)})
}

// WriteTar writes the folder as a tar file. Links are kept as links and not followed, so that nothing
// outside the folder is read; devices and sockets are left out, and so is what another file system is
// mounted on, such as /proc. The same content gives the same bytes: times and owners are not
// in them. What cannot be read is left out and returned.
//
// An error is what writing w returned, that of ctx, or that of the folder itself.
func WriteTar(ctx context.Context, w io.Writer, root string) (Skipped, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return Skipped{}, err
	}
	defer dir.Close()
	t := &tarWriter{ctx: ctx, dir: dir, out: tar.NewWriter(w)}
	if info, err := dir.Stat("."); err == nil {
		t.device = deviceOf(info)
	}
	err = fs.WalkDir(dir.FS(), ".", t.entry)
	if err == nil {
		err = t.out.Close()
	}
	return t.skipped, err
}

type tarWriter struct {
	ctx     context.Context
	dir     *os.Root
	device  uint64 // of the folder
	out     *tar.Writer
	skipped Skipped
}

func (t *tarWriter) entry(name string, entry fs.DirEntry, err error) error {
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	if err != nil {
		if name == "." {
			return err
		}
		t.skipped.add(name, err) // WalkDir passes over a folder it cannot list
		return nil
	}
	if name == "." {
		return nil
	}
	info, err := entry.Info()
	if err != nil {
		t.skipped.add(name, err)
		return nil
	}
	h := &tar.Header{Name: name, Mode: int64(info.Mode().Perm()), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	switch {
	case info.IsDir():
		if deviceOf(info) != t.device {
			return fs.SkipDir
		}
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
		return t.out.WriteHeader(h)
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := t.dir.Readlink(filepath.FromSlash(name))
		if err != nil {
			t.skipped.add(name, err)
			return nil
		}
		h.Typeflag, h.Linkname = tar.TypeSymlink, target
		return t.out.WriteHeader(h)
	case info.Mode().IsRegular():
		return t.file(h, name)
	}
	return nil
}

// file writes a file as long as it is when it is opened: one that grows meanwhile is cut there,
// as a copy of it would be.
func (t *tarWriter) file(h *tar.Header, name string) error {
	f, err := t.dir.Open(filepath.FromSlash(name))
	if err != nil {
		t.skipped.add(name, err)
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil // something else stands there now
	}
	h.Typeflag, h.Size = tar.TypeReg, info.Size()
	if err := t.out.WriteHeader(h); err != nil {
		return err
	}
	n, err := io.Copy(t.out, io.LimitReader(reader{t.ctx, f}, h.Size))
	var broken readError
	switch {
	case errors.As(err, &broken):
		t.skipped.add(name, broken.error)
	case err != nil:
		return err
	case n < h.Size:
		t.skipped.add(name, errors.New("it became shorter while it was read"))
	}
	_, err = io.CopyN(t.out, zeros{}, h.Size-n) // what the header announced
	return err
}

// readError tells an error of the file from one of the writer.
type readError struct{ error }

// reader ends when its context does.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = readError{err}
	}
	return n, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

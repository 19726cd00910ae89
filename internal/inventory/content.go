package inventory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/filekind"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/guard"
	"github.com/google/osv-scalibr/extractor"
	"github.com/google/osv-scalibr/extractor/filesystem"
)

// content is the file at hand: in memory, or in a temporary file when it is large
// or must have a name. One buffer serves all files of a layer in turn, so what an
// extractor returns must not refer to it; extractors copy what they keep.
type content struct {
	caps guard.Caps
	info *filekind.File
	size int64
	mem  []byte // the file, when it is in memory
	buf  *[]byte
	file *os.File // the file, when it is not
	dir  string   // holds a named file
}

// bufferPool keeps the buffers of finished layers.
var bufferPool = sync.Pool{New: func() any { return new([]byte) }}

// errSpool is a fault of the machine that kept a file from being read.
type errSpool struct{ err error }

func (e *errSpool) Error() string { return "write a temporary file: " + e.err.Error() }
func (e *errSpool) Unwrap() error { return e.err }

// spooledName is what a named temporary file is called where its own name does not matter.
const spooledName = "file"

// load takes in the file of size bytes that starts with head and goes on in r.
func (c *content) load(info *filekind.File, size int64, head []byte, r io.Reader, memory int64, named bool) error {
	c.info, c.size = info, size
	if size <= memory && !named {
		if c.buf == nil {
			c.buf = bufferPool.Get().(*[]byte)
		}
		if int64(cap(*c.buf)) < size {
			*c.buf = make([]byte, max(size, min(2*int64(cap(*c.buf)), memory)))
		}
		c.mem = (*c.buf)[:size]
		_, err := io.ReadFull(r, c.mem[copy(c.mem, head):])
		return unexpected(err)
	}
	file, err := c.create(named)
	if err != nil {
		return &errSpool{err}
	}
	c.file = file
	if _, err := file.Write(head); err != nil {
		c.drop()
		return &errSpool{err}
	}
	out := &spoolWriter{w: file}
	if _, err := io.CopyN(out, r, size-int64(len(head))); err != nil {
		c.drop()
		if out.err != nil {
			return &errSpool{out.err}
		}
		return unexpected(err)
	}
	return nil
}

// unexpected turns the end of the stream within a file into a truncation.
func unexpected(err error) error {
	if err == io.EOF { // readers return it bare
		return io.ErrUnexpectedEOF
	}
	return err
}

// spoolWriter keeps the error of writing apart from that of reading.
type spoolWriter struct {
	w   io.Writer
	err error
}

func (s *spoolWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// create opens a temporary file. One without a name is removed at once, so that
// nothing remains however the process ends.
func (c *content) create(named bool) (*os.File, error) {
	dir, err := os.MkdirTemp("", "crowsnest-layer-")
	if err != nil {
		return nil, err
	}
	file, err := os.Create(filepath.Join(dir, spooledName))
	if err != nil || !named {
		if gone := os.RemoveAll(dir); err == nil && gone != nil {
			file.Close()
			err = gone
		}
		return file, err
	}
	c.dir = dir
	return file, nil
}

// drop forgets the file and removes what was written of it.
func (c *content) drop() {
	c.mem = nil
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
	if c.dir != "" {
		os.RemoveAll(c.dir)
		c.dir = ""
	}
}

// free gives the buffer back.
func (c *content) free() {
	c.drop()
	if c.buf != nil {
		bufferPool.Put(c.buf)
		c.buf = nil
	}
}

// opened is the file as an extractor reads it. Extractors look for io.ReaderAt and
// io.Seeker in it, and some for an fs.File.
type opened struct {
	io.ReadSeeker
	io.ReaderAt
	info *filekind.File
}

// Stat implements fs.File.
func (o opened) Stat() (fs.FileInfo, error) { return o.info, nil }

// Close implements fs.File; the content outlives its readers.
func (o opened) Close() error { return nil }

func (c *content) open() opened {
	if c.file != nil {
		r := io.NewSectionReader(c.file, 0, c.size)
		return opened{r, r, c.info}
	}
	r := bytes.NewReader(c.mem)
	return opened{r, r, c.info}
}

// run hands the file to an extractor. A panic is an error like any other: the
// parsers behind extractors are many, and the files are hostile.
func (c *content) run(ctx context.Context, x filesystem.Extractor, e entry) (packages []*extractor.Package, err error) {
	defer func() {
		if p := recover(); p != nil {
			packages, err = nil, fmt.Errorf("the extractor panicked: %v", p)
		}
	}()
	if e.guard != nil {
		if err := e.guard(c.open(), c.size, c.caps); err != nil {
			return nil, err
		}
	}
	in := &filesystem.ScanInput{FS: view{c}, Path: c.info.Path(), Info: c.info, Reader: c.open()}
	if e.realPath {
		in.Root, in.Path = c.dir, spooledName
	}
	found, err := x.Extract(ctx, in)
	return found.Packages, err
}

// view is the file system an extractor sees: the file at hand and nothing else,
// least of all the os-release file, whose layer must not matter.
type view struct{ c *content }

// Open implements fs.FS.
func (v view) Open(name string) (fs.File, error) {
	if name != v.c.info.Path() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return v.c.open(), nil
}

// Stat implements fs.StatFS.
func (v view) Stat(name string) (fs.FileInfo, error) {
	if name != v.c.info.Path() {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return v.c.info, nil
}

// ReadDir implements fs.ReadDirFS.
func (v view) ReadDir(name string) ([]fs.DirEntry, error) {
	return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
}

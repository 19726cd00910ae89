// Package statement keeps the files of an image that are documents in the sense of VEX by their name. What they state is read elsewhere.
package statement

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// File is such a file of a layer.
type File struct {
	Path    string `json:"p"`
	Content []byte `json:"c"`
}

// The suffix is the one that Docker Scout reads. An image has a handful of such files at most; whoever brings more wants something else.
const (
	suffix   = ".vex.json"
	MaxFile  = 4 << 20  // bytes of one
	MaxBytes = 16 << 20 // of those of a layer, and of those of an image
	MaxFiles = 32       // the same
)

// Is reports whether a clean path names such a document.
func Is(p string) bool { return strings.HasSuffix(p, suffix) && path.Base(p) != suffix }

// Compare orders files by their path.
func Compare(a, b File) int { return strings.Compare(a.Path, b.Path) }

// Held are the documents of a layer while it is read, by path.
type Held map[string][]byte

// Put reads a document. One that is not kept is refused with the reason, as nobody would know of it; err is of the reader.
func (h Held) Put(p string, size int64, r io.Reader) (refused, err error) {
	held := int64(0)
	for _, b := range h {
		held += int64(len(b))
	}
	switch {
	case size > MaxFile:
		return fmt.Errorf("the VEX document has %d bytes, more than the cap of %d", size, MaxFile), nil
	case len(h) == MaxFiles || held+size > MaxBytes:
		return fmt.Errorf("the layer has more VEX documents than the caps of %d files and %d bytes", MaxFiles, MaxBytes), nil
	}
	h[p], err = io.ReadAll(r)
	return nil, err
}

// Sorted returns the documents by path.
func (h Held) Sorted() []File {
	var out []File
	for p, b := range h {
		out = append(out, File{p, b})
	}
	slices.SortFunc(out, Compare)
	return out
}

// Add adds what an image has of a layer, of which hidden tells by the path what layers above hide, to what it has of those above. What is beyond the caps is a problem.
func Add(to []crowsnest.VEXFile, layer crowsnest.Digest, files []File, hidden func(p string) bool) (all []crowsnest.VEXFile, problems []crowsnest.Problem) {
	held := 0
	for _, f := range to {
		held += len(f.Content)
	}
	for _, f := range files {
		switch {
		case hidden(f.Path):
		case len(to) == MaxFiles || held+len(f.Content) > MaxBytes:
			problems = append(problems, crowsnest.Problem{Layer: layer, Path: f.Path, Reason: "the image has more VEX documents than are read"})
		default:
			held += len(f.Content)
			to = append(to, crowsnest.VEXFile{Path: crowsnest.Text(f.Path), Layer: layer, Content: f.Content})
		}
	}
	slices.SortFunc(to, func(a, b crowsnest.VEXFile) int { return strings.Compare(a.Path, b.Path) })
	return to, problems
}

package inventory

import (
	"io"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/licence"
)

// doc is what a package's folder in usr/share/doc says of its licences. Debian's
// database has no licences, but its policy wants a copyright file of every package,
// or a link to that of another package of the same source.
type doc struct {
	Name     string   `json:"n"`           // of the folder, which is the package's
	Link     string   `json:"t,omitempty"` // the folder that a link leads to; then there are no licences here
	Licences []string `json:"l,omitempty"`
}

const (
	maxCopyright = 4 << 20 // bytes that are read of a copyright file
	maxDocs      = 100_000 // of a layer
	maxDocLinks  = 8       // followed to a package's licences
)

// copyright reads a copyright file from the stream.
func (w *walk) copyright(name string, size int64, r io.Reader) error {
	if size > maxCopyright || len(w.docs) == maxDocs {
		return nil
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if licences := licence.Copyright(crowsnest.Text(string(b))); len(licences) > 0 {
		w.docs[name] = doc{Name: name, Licences: licences[:min(len(licences), maxLicences)]}
	}
	return nil
}

func sortedDocs(docs map[string]doc) []doc {
	var out []doc
	for _, d := range docs {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b doc) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// docLicences returns the licences that the copyright file of a Debian package names.
func (s *stack) docLicences(name string) []string {
	for range maxDocLinks {
		d := s.doc(name)
		if d.Link == "" {
			return d.Licences
		}
		name = d.Link
	}
	return nil
}

// doc finds a folder in the topmost layer that has it, unless a layer above it took
// its copyright file away.
func (s *stack) doc(name string) doc {
	for i := len(s.layers) - 1; i >= 0; i-- {
		docs := s.layers[i].docs
		n, ok := slices.BinarySearchFunc(docs, name, func(d doc, name string) int { return strings.Compare(d.Name, name) })
		if ok && !s.hidden(i, licence.DocFolder+name+licence.CopyrightFile, false) {
			return docs[n]
		}
		if ok {
			break
		}
	}
	return doc{}
}

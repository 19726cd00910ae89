package inventory

import (
	"io"
	"path"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/licence"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
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
	docFolder     = "usr/share/doc/"
	copyrightFile = "/copyright"
	maxCopyright  = 4 << 20 // bytes that are read of a copyright file
	maxDocs       = 100_000 // of a layer
	maxDocLinks   = 8       // followed to a package's licences
)

// docOf returns the folder's name if p is a copyright file, or the folder itself, which
// may be a link.
func docOf(p string) (string, bool) {
	name, ok := strings.CutPrefix(p, docFolder)
	if !ok {
		return "", false
	}
	name = strings.TrimSuffix(name, copyrightFile)
	return name, name != "" && strings.IndexByte(name, '/') < 0
}

// docTarget returns the folder that a link at p leads to, or nothing.
func docTarget(p, link string) string {
	if !strings.HasPrefix(link, "/") {
		link = path.Join("/", path.Dir(p), link)
	}
	name, _ := docOf(pathset.Clean(link))
	return name
}

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
		if ok && !s.hidden(i, docFolder+name+copyrightFile, false) {
			return docs[n]
		}
		if ok {
			break
		}
	}
	return doc{}
}

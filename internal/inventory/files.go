package inventory

import (
	"path"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/purl"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
)

// FileOwner says which packages brought a file of an image.
type FileOwner struct {
	Path  string
	Layer crowsnest.Digest // the layer whose content it is; empty if the image has no such file
	// Owners are the packages that have it, in the order of their purls; none if nobody is known.
	Owners []crowsnest.PackageOwner
	// Later says that its content came in a layer above that of its owner, so that it may be another file.
	Later bool
}

// FileOwners says of paths, with or without the leading slash, who owns them in an image of these layers, lowest first: the
// package of the distribution whose record has the path; else the packages that the file itself names, as an archive or a
// program does; else the package of a language in whose folder, or in whose own record, it is.
func FileOwners(layers []*Layer, paths []string) []FileOwner {
	m, visible, _ := prepare(layers)
	folders := foldersOf(visible)
	named := make(map[string]*visibleFile, len(visible))
	for i := range visible {
		named[visible[i].Path] = &visible[i]
	}
	wheels := m.wheels(visible)
	out := make([]FileOwner, len(paths))
	for i, p := range paths {
		o := &out[i]
		o.Path = p
		p = m.owners.real(pathset.Clean(p))
		at := m.stack.layerOf(p)
		if at < 0 {
			continue
		}
		o.Layer = layers[at].diffID
		if owner, since := m.owners.recorded(p); owner != nil {
			o.Owners, o.Later = []crowsnest.PackageOwner{*owner}, at > since
			continue
		}
		f := named[p]
		if f == nil {
			f = wheels[pathset.Short(pathset.Hash(p))]
		}
		if f == nil {
			f = folders.over(p)
		}
		if f == nil {
			continue
		}
		for _, k := range f.Packages {
			if !k.Distributed {
				v := k.version(m.release)
				o.Owners = append(o.Owners, crowsnest.PackageOwner{PURL: v.PURL, Name: v.Name, Version: v.Version})
			}
		}
		slices.SortFunc(o.Owners, func(a, b crowsnest.PackageOwner) int { return strings.Compare(a.PURL, b.PURL) })
		o.Owners = slices.Compact(o.Owners)
		o.Later = len(o.Owners) > 0 && at > f.layer
	}
	return out
}

// layerOf returns the layer whose content a path has in the image, or -1 if there is none.
func (s *stack) layerOf(p string) int {
	hashes := pathset.WithParents(nil, p)
	for j := len(s.layers) - 1; j >= 0; j-- {
		if _, ok := slices.BinarySearch(s.layers[j].written, hashes[len(hashes)-1]); ok {
			return j
		}
		if s.covers(j, hashes, false) {
			return -1
		}
	}
	return -1
}

// real returns the path of a file that is reached through a top folder that is a link into usr.
func (o *owners) real(p string) string {
	if top, _, below := strings.Cut(p, "/"); below && o.merged[top] {
		return "usr/" + p
	}
	return p
}

// recorded returns the package of the distribution that has a path in its record, and the layer it came in.
func (o *owners) recorded(p string) (*crowsnest.PackageOwner, int) {
	names := []string{p}
	if rest, ok := strings.CutPrefix(p, "usr/"); ok {
		if top, _, _ := strings.Cut(rest, "/"); o.merged[top] {
			names = append(names, rest)
		}
	}
	for _, name := range names {
		h := pathset.Hash(name)
		for i := len(o.stack.layers) - 1; i >= 0; i-- {
			for n := range o.stack.layers[i].claims {
				c := &o.stack.layers[i].claims[n]
				if o.stack.hidden(i, c.Path, false) {
					continue
				}
				for j := range c.Owners {
					if !c.Owners[j].has(h) {
						continue
					}
					claim := ownerClaim{claim: &c.Owners[j], layer: i}
					if c.Whole {
						claim.record = c.Path
					}
					if owner, since := o.holds(claim); owner != nil {
						return owner, since
					}
				}
			}
		}
	}
	return nil, 0
}

func (c claim) has(h uint64) bool {
	if _, ok := slices.BinarySearch(c.Files, h); ok {
		return true
	}
	_, ok := slices.BinarySearch(c.Others, pathset.Short(h))
	return ok
}

// wheels finds the files of Python's packages by their own records, by short hash.
func (m *merger) wheels(visible []visibleFile) map[uint64]*visibleFile {
	byRecord := make(map[string]*visibleFile)
	for i, f := range visible {
		if info := path.Dir(f.Path); strings.HasSuffix(info, ".dist-info") {
			byRecord[info+"/RECORD"] = &visible[i]
		}
	}
	out := make(map[uint64]*visibleFile)
	for i, l := range m.stack.layers {
		for _, c := range l.claims {
			f := byRecord[c.Path]
			if f == nil || m.stack.hidden(i, c.Path, false) {
				continue
			}
			for _, o := range c.Owners {
				for _, h := range o.Files {
					out[pathset.Short(h)] = f
				}
				for _, h := range o.Others {
					out[h] = f
				}
			}
		}
	}
	return out
}

// folders are the folders that belong to a package of a language as a whole.
type folders map[string]*visibleFile

func foldersOf(visible []visibleFile) folders {
	out := make(folders)
	for i := range visible {
		f := &visible[i]
		dir, base := path.Split(f.Path)
		dir = strings.TrimSuffix(dir, "/")
		if len(f.Packages) != 1 || dir == "" {
			continue
		}
		switch k := f.Packages[0]; {
		case k.Type == purl.TypeNPM && base == "package.json":
			out[dir] = f
		case k.Type == purl.TypePyPi && (strings.HasSuffix(dir, ".dist-info") || strings.HasSuffix(dir, ".egg-info")):
			out[dir] = f
		case k.Type == purl.TypeGem && strings.HasSuffix(base, ".gemspec"):
			out[path.Join(path.Dir(dir), "gems", strings.TrimSuffix(base, ".gemspec"))] = f
		}
	}
	return out
}

// over returns what the innermost folder around a path belongs to.
func (f folders) over(p string) *visibleFile {
	for at := strings.LastIndexByte(p, '/'); at > 0; at = strings.LastIndexByte(p[:at], '/') {
		if owner := f[p[:at]]; owner != nil {
			return owner
		}
	}
	return nil
}

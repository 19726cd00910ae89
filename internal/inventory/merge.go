package inventory

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/google/osv-scalibr/purl"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/distribution"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/statement"
)

// Merge puts the layers of an image together, lowest first, as a runtime stacks
// them: what an upper layer deletes, overwrites or hides is gone. It depends on
// nothing but its arguments, and the result is in a fixed order. The layers are not
// changed and may be shared.
//
// A package is located in the lowest layer from which on its file has named it
// without a break, so that a package of the base image stays the base image's when
// an upper layer rewrites the package database.
func Merge(img crowsnest.Image, layers []*Layer) crowsnest.Analysis {
	m, visible, os := prepare(layers)
	m.out = crowsnest.Analysis{Image: img, Distribution: os.Distribution(), Packages: []crowsnest.Package{}}
	for _, v := range visible {
		m.add(v)
	}
	for i := range m.out.Packages {
		p := &m.out.Packages[i]
		slices.SortFunc(p.Locations, compareLocations)
		p.Locations = slices.Compact(p.Locations)
		slices.Sort(p.Licences)
	}
	slices.SortFunc(m.out.Packages, comparePackages)
	m.out.Changes = m.changes()
	m.out.Problems = m.unplaced(os.Distribution())
	for i := len(layers) - 1; i >= 0; i-- {
		var beyond []crowsnest.Problem
		m.out.VEX, beyond = statement.Add(m.out.VEX, layers[i].diffID, layers[i].vex, func(p string) bool { return m.stack.hidden(i, p, false) })
		m.out.Problems = append(m.out.Problems, beyond...)
	}
	for i, l := range layers {
		for _, p := range l.problems {
			if p.Path == "" || !m.stack.hidden(i, p.Path, false) {
				m.out.Problems = append(m.out.Problems, p)
			}
		}
	}
	if more := len(m.out.Problems) - maxProblems; more > 1 { // a layer's own remainder may be the one
		m.out.Problems = append(m.out.Problems[:maxProblems], crowsnest.Problem{Reason: fmt.Sprintf("%d more problems are not listed", more)})
	}
	return m.out
}

// prepare finds the files with packages that a stack of layers has, and its distribution.
func prepare(layers []*Layer) (*merger, []visibleFile, distribution.OSRelease) {
	m := &merger{stack: newStack(layers), byVersion: map[crowsnest.PackageVersion]int{}, lives: map[ownerKey][]life{}, distributed: map[crowsnest.PackageVersion]bool{}}
	os := distribution.Parse(m.stack.osRelease())
	m.release = os.Release()

	// Who owns a file can be said only once all packages of the distribution are known.
	m.owners = newOwners(m.stack, m.release)
	var visible []visibleFile
	for i := len(layers) - 1; i >= 0; i-- {
		for n := range layers[i].files {
			f := &layers[i].files[n]
			until := m.stack.hiddenBy(i, f.Path, f.Dir)
			for _, k := range f.Packages {
				key := ownerKey{k.Type, k.Name, k.Version, k.Architecture}
				m.lives[key] = append(m.lives[key], life{i, until})
				if k.Distributed && until == len(layers) {
					m.owners.add(k, f.Path, i)
				}
			}
			if until == len(layers) {
				visible = append(visible, visibleFile{f, i})
			}
		}
	}
	return m, visible, os
}

// merger is a merge under way.
type merger struct {
	stack     *stack
	release   distribution.Release
	owners    *owners
	byVersion map[crowsnest.PackageVersion]int // where in out
	lives     map[ownerKey][]life

	distributed map[crowsnest.PackageVersion]bool // in a package database of the distribution
	out         crowsnest.Analysis
}

// visibleFile is a file with packages that the image has, and its layer.
type visibleFile struct {
	*found
	layer int
}

// life is from which layer on a file names a package, and the layer that hides the file.
type life struct{ from, until int }

func (m *merger) add(f visibleFile) {
	origin := m.stack.origins(f.layer, f.Path, 0)
	claimed := m.owners.claims(f.Path)
	var written func(record) int
	if len(claimed) > 0 {
		written = m.stack.origins(f.layer, f.Path, f.Size)
	}
	for _, k := range f.Packages {
		v := k.version(m.release)
		l := crowsnest.Location{Path: f.Path, Layer: m.stack.layers[origin(k)].diffID}
		if k.Within != "" {
			l.Path = k.Within
		}
		if !k.Distributed && len(claimed) > 0 {
			if l.OwnedBy = m.owners.of(claimed, written(k)); l.OwnedBy != nil {
				v.Ecosystem = "" // its owner's advisories decide
			}
		}
		at, ok := m.byVersion[v]
		if !ok {
			at = len(m.out.Packages)
			m.byVersion[v] = at
			m.out.Packages = append(m.out.Packages, crowsnest.Package{PackageVersion: v})
			m.distributed[v] = k.Distributed
		}
		p := &m.out.Packages[at]
		p.Locations = append(p.Locations, l)
		licences := k.Licences
		if k.Type == purl.TypeDebian && k.Distributed && len(licences) == 0 && len(p.Licences) == 0 {
			licences = m.stack.docLicences(k.Name)
		}
		for _, licence := range licences {
			if !slices.Contains(p.Licences, licence) {
				p.Licences = append(p.Licences, licence)
			}
		}
	}
}

// unplaced says which packages of an operating system no advisories can be compared with,
// since none are published for the distribution or it is not known: an image of them must not
// look free of vulnerabilities.
func (m *merger) unplaced(d crowsnest.Distribution) []crowsnest.Problem {
	counts := make(map[string]int)
	for v := range m.byVersion {
		if m.distributed[v] && !m.release.Covered(v.Type) {
			counts[v.Type]++
		}
	}
	var out []crowsnest.Problem
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		reason := fmt.Sprintf("no advisories are known for distribution %q", cmp.Or(d.Name, d.ID))
		if d == (crowsnest.Distribution{}) {
			reason = "no os-release names the distribution"
		}
		noun := "packages were"
		if counts[kind] == 1 {
			noun = "package was"
		}
		out = append(out, crowsnest.Problem{Reason: fmt.Sprintf("%s, so %d %s %s compared with none", reason, counts[kind], kind, noun)})
	}
	return out
}

// changes counts for each layer the packages that the stack has with it and not
// without it, and those it takes away.
func (m *merger) changes() []crowsnest.Change {
	layers := m.stack.layers
	out := make([]crowsnest.Change, len(layers))
	for i, l := range layers {
		out[i].Layer = l.diffID
	}
	for _, lives := range m.lives {
		slices.SortFunc(lives, func(a, b life) int { return a.from - b.from })
		until := -1 // no layer
		for _, l := range lives {
			if l.from > until {
				if until >= 0 {
					out[until].Removed++
				}
				out[l.from].Added++
			}
			until = max(until, l.until)
		}
		if until < len(layers) {
			out[until].Removed++
		}
	}
	return out
}

func compareLocations(a, b crowsnest.Location) int {
	if c := strings.Compare(a.Path, b.Path); c != 0 {
		return c
	}
	return strings.Compare(string(a.Layer), string(b.Layer))
}

func comparePackages(a, b crowsnest.Package) int {
	for _, c := range [...]int{
		strings.Compare(a.Type, b.Type), strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version),
		strings.Compare(a.PURL, b.PURL), strings.Compare(a.Ecosystem, b.Ecosystem),
		strings.Compare(a.Source, b.Source), strings.Compare(a.SourceVersion, b.SourceVersion),
	} {
		if c != 0 {
			return c
		}
	}
	return 0
}

// version makes the package version of a record in an image of this release.
func (r record) version(rel distribution.Release) crowsnest.PackageVersion {
	v := crowsnest.PackageVersion{PURL: r.PURL, Type: r.Type, Name: r.Name, Version: r.Version, Ecosystem: r.Ecosystem, Source: r.Source}
	if r.Distributed {
		v.Source = ""
		v.PURL, v.Ecosystem = rel.PURL(distribution.Package{Type: r.Type, Name: r.Name, Version: r.Version, Epoch: r.Epoch, Architecture: r.Architecture}), rel.Ecosystem(r.Type)
		// AlmaLinux and Red Hat name the packages that are installed in their
		// advisories, not the source package.
		if !rel.ByBinary() {
			v.Source, v.SourceVersion = r.Source, r.SourceVersion
		}
	}
	return v
}

// stack answers questions about layers lying on each other.
type stack struct {
	layers  []*Layer
	deleted []map[uint64]struct{}
	opaque  []map[uint64]struct{}
	scratch []uint64
}

func newStack(layers []*Layer) *stack {
	s := &stack{layers: layers, deleted: make([]map[uint64]struct{}, len(layers)), opaque: make([]map[uint64]struct{}, len(layers))}
	for i, l := range layers {
		s.deleted[i], s.opaque[i] = hashSet(l.deleted), hashSet(l.opaque)
	}
	return s
}

func hashSet(paths []string) map[uint64]struct{} {
	if len(paths) == 0 {
		return nil
	}
	m := make(map[uint64]struct{}, len(paths))
	for _, p := range paths {
		m[pathset.Hash(p)] = struct{}{}
	}
	return m
}

// hidden reports whether a layer above i takes away what layer i has at p, which is
// a directory if dir is set and a file otherwise.
func (s *stack) hidden(i int, p string, dir bool) bool { return s.hiddenBy(i, p, dir) < len(s.layers) }

// hiddenBy returns the lowest such layer, and one beyond the last if there is none.
func (s *stack) hiddenBy(i int, p string, dir bool) int {
	s.scratch = pathset.WithParents(s.scratch[:0], p)
	for j := i + 1; j < len(s.layers); j++ {
		if s.covers(j, s.scratch, dir) {
			return j
		}
	}
	return len(s.layers)
}

// covers reports whether layer j replaces or hides the path whose hashes, from the
// root down, are given.
func (s *stack) covers(j int, hashes []uint64, dir bool) bool {
	l, last := s.layers[j], len(hashes)-1
	for n, h := range hashes {
		if n < last || dir {
			if _, ok := s.opaque[j][h]; ok {
				return true
			}
		}
		if n == 0 {
			continue // the root is neither deleted nor replaced
		}
		if _, ok := s.deleted[j][h]; ok {
			return true
		}
		if _, ok := slices.BinarySearch(l.written, h); ok {
			return true
		}
	}
	if dir {
		return false
	}
	_, ok := slices.BinarySearch(l.dirs, hashes[last])
	return ok
}

// origins returns a function that finds the layer which brought a package named by
// the file at p of layer i. With a size, a file of another size in a layer below is
// another file, though it names the same package.
func (s *stack) origins(i int, p string, size int64) func(record) int {
	type below struct {
		layer int
		names map[string]struct{}
	}
	var chain []below
	for j := i - 1; j >= 0; j-- {
		n, ok := slices.BinarySearchFunc(s.layers[j].files, p, func(f found, p string) int { return strings.Compare(f.Path, p) })
		if !ok {
			continue
		}
		if size > 0 && s.layers[j].files[n].Size != size {
			break
		}
		b := below{j, make(map[string]struct{}, len(s.layers[j].files[n].Packages))}
		for _, k := range s.layers[j].files[n].Packages {
			b.names[k.key()] = struct{}{}
		}
		chain = append(chain, b)
	}
	return func(k record) int {
		at, key := i, k.key()
		for _, b := range chain {
			if _, ok := b.names[key]; !ok {
				break
			}
			at = b.layer
		}
		return at
	}
}

// key tells the packages of one file apart.
func (r record) key() string {
	return r.Type + "\x00" + r.Name + "\x00" + r.Version + "\x00" + r.Architecture + "\x00" + r.Within
}

// maxLinks caps the symbolic links followed on the way to one file, as the kernel does.
const maxLinks = 40

// osRelease returns the content of the image's os-release file, or nothing.
func (s *stack) osRelease() string {
	for _, p := range distribution.Paths {
		if content := s.read(p); content != "" {
			return content
		}
	}
	return ""
}

// read returns the content of a file that lies on the way to os-release, following
// links within the image.
func (s *stack) read(p string) string {
	for range maxLinks {
		target, linked := s.follow(p)
		if !linked {
			f, _ := s.lookup(p)
			return f.Content
		}
		p = target
	}
	return ""
}

// follow replaces the first link on the path by its target.
func (s *stack) follow(p string) (string, bool) {
	for n := 0; n <= len(p); n++ {
		if n < len(p) && p[n] != '/' {
			continue
		}
		f, ok := s.lookup(p[:n])
		if !ok || f.Link == "" {
			continue
		}
		if !strings.HasPrefix(f.Link, "/") {
			return pathset.Clean(path.Join("/", path.Dir(p[:n]), f.Link) + p[n:]), true
		}
		return pathset.Clean(f.Link + p[n:]), true
	}
	return p, false
}

// lookup finds a path in the topmost layer that has it, unless a layer above it took it away.
func (s *stack) lookup(p string) (releaseFile, bool) {
	hashes := pathset.WithParents(nil, p)
	for j := len(s.layers) - 1; j >= 0; j-- {
		files := s.layers[j].released
		if n, ok := slices.BinarySearchFunc(files, p, func(f releaseFile, p string) int { return strings.Compare(f.Path, p) }); ok {
			return files[n], true
		}
		if s.covers(j, hashes, false) {
			return releaseFile{}, false
		}
	}
	return releaseFile{}, false
}

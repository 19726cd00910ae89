package inventory

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/distribution"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/ownership"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
)

// claims is what one record of a package manager says of the files it installed.
type claims struct {
	Path   string  `json:"p"`           // of the record
	Whole  bool    `json:"w,omitempty"` // of all packages; see ownership.Record.Whole
	Owners []claim `json:"o"`           // in the order of the record
}

// claim is the files of one package.
type claim struct {
	Type         string         `json:"t"`
	Name         string         `json:"n"`
	Version      string         `json:"v,omitempty"`
	Architecture string         `json:"a,omitempty"`
	Files        pathset.Hashes `json:"f"` // of paths that can name a package of a language; sorted
	Others       pathset.Shorts `json:"x"` // of all other paths; sorted
}

// maxClaims caps the paths kept of the records of a layer: eight bytes each.
const maxClaims = 4_000_000

// claimReader collects the claims of a layer.
type claimReader struct {
	nameable func(path string) bool
	byPath   map[string]*claims
	kept     int
	full     bool // maxClaims was reached
}

// read takes in the record at p, which read hands over owner by owner.
func (c *claimReader) read(p string, record ownership.Record, read func(func(ownership.Owner, string)) error) error {
	into := &claims{Path: p, Whole: record.Whole()}
	var current ownership.Owner
	var pending string // the last path, which is a folder if the next is in it
	keep := func() {
		if pending == "" {
			return
		}
		if c.kept == maxClaims {
			c.full = true
			return
		}
		c.kept++
		last := len(into.Owners) - 1
		if last < 0 || into.Owners[last].owner() != current {
			into.Owners = append(into.Owners, claim{Type: current.Type, Name: current.Name, Version: current.Version, Architecture: current.Architecture})
			last++
		}
		h := pathset.Hash(pathset.Clean(pending))
		if o := &into.Owners[last]; c.nameable(pending) {
			o.Files = append(o.Files, h)
		} else {
			o.Others = append(o.Others, pathset.Short(h))
		}
	}
	err := read(func(owner ownership.Owner, p string) {
		folder := len(p) > len(pending) && p[len(pending)] == '/' && strings.HasPrefix(p, pending)
		if !folder || owner != current {
			keep()
		}
		current, pending = owner, p
	})
	keep()
	if err != nil {
		return err
	}
	for i := range into.Owners {
		o := &into.Owners[i]
		for _, s := range []*string{&o.Name, &o.Version, &o.Architecture} {
			*s = crowsnest.Text((*s)[:min(len(*s), maxText)])
		}
		o.Files = sorted(o.Files)
		slices.Sort(o.Others)
		o.Others = slices.Compact(o.Others)
	}
	if len(into.Owners) > 0 {
		c.byPath[p] = into
	}
	return nil
}

func (c claim) owner() ownership.Owner {
	return ownership.Owner{Type: c.Type, Name: c.Name, Version: c.Version, Architecture: c.Architecture}
}

// sorted returns the claims in the order of their records' paths.
func (c *claimReader) sorted() []claims {
	var out []claims
	for _, one := range c.byPath {
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b claims) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// readClaims reads a record from the stream.
func (w *walk) readClaims(p string, record ownership.Record, r io.Reader) error {
	return w.claims.read(p, record, func(claim func(ownership.Owner, string)) error { return record.Read(r, claim) })
}

// claimsOfContent reads a record from the file at hand. What is wrong with it is a
// problem of the file.
func (w *walk) claimsOfContent(p string, record ownership.Record) {
	err := w.claims.read(p, record, func(claim func(ownership.Owner, string)) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("the reader panicked: %v", v)
			}
		}()
		if !record.NeedsName() {
			return record.Read(w.content.open(), claim)
		}
		ctx, cancel := context.WithTimeout(w.ctx, maxRecordTime)
		defer cancel()
		return record.ReadFile(ctx, path.Join(w.content.dir, spooledName), claim)
	})
	if err != nil && w.ctx.Err() == nil {
		w.problem(p, fmt.Errorf("read who owns which file: %w", err))
	}
}

// owners answers who owns a file in a stack of layers.
type owners struct {
	stack   *stack
	merged  map[string]bool // top folders that are links to those of the same name in usr
	byFile  map[uint64][]ownerClaim
	present map[ownerName][]presence
	made    map[ownerKey]*crowsnest.PackageOwner
	release distribution.Release
}

// ownerClaim is a claim with the layer from which on it holds.
type ownerClaim struct {
	claim  *claim
	layer  int
	record string // path of the record if it is of all packages
}

type ownerName struct{ packageType, name string }

// ownerKey is one package of a distribution in one image.
type ownerKey struct {
	packageType, name, version, architecture string
}

// presence is a package of a distribution that the image has.
type presence struct {
	record record
	file   string // that names it
	layer  int    // that the file of is the one that counts
}

func newOwners(s *stack, release distribution.Release) *owners {
	o := &owners{
		stack: s, release: release, merged: map[string]bool{}, byFile: map[uint64][]ownerClaim{},
		present: map[ownerName][]presence{}, made: map[ownerKey]*crowsnest.PackageOwner{},
	}
	for _, top := range distribution.Merged {
		if f, ok := s.lookup(top); ok && strings.Trim(f.Link, "/.") == "usr/"+top {
			o.merged[top] = true
		}
	}
	for i := len(s.layers) - 1; i >= 0; i-- {
		for n := range s.layers[i].claims {
			c := &s.layers[i].claims[n]
			if s.hidden(i, c.Path, false) {
				continue
			}
			record := ""
			if c.Whole {
				record = c.Path
			}
			for m := range c.Owners {
				for _, h := range c.Owners[m].Files {
					o.byFile[h] = append(o.byFile[h], ownerClaim{&c.Owners[m], i, record})
				}
			}
		}
	}
	return o
}

// add notes a package of the distribution.
func (o *owners) add(k record, file string, layer int) {
	at := ownerName{k.Type, k.Name}
	o.present[at] = append(o.present[at], presence{k, file, layer})
}

// claims returns who claims the file at p.
func (o *owners) claims(p string) []ownerClaim {
	if c := o.byFile[pathset.Hash(p)]; len(c) > 0 {
		return c
	}
	if short, ok := strings.CutPrefix(p, "usr/"); ok {
		if top, _, _ := strings.Cut(short, "/"); o.merged[top] {
			return o.byFile[pathset.Hash(short)]
		}
	}
	return nil
}

// of returns the package that owns a file, by who claims it and the layer since which
// its content is there; nil if none does. A file that came after its package is not
// that package's: pip, for one, writes over what apt installed. An owner must be in
// the image.
func (o *owners) of(claims []ownerClaim, since int) *crowsnest.PackageOwner {
	for _, c := range claims {
		for k, from := range o.holders(c) {
			if since <= from {
				return o.make(k)
			}
		}
	}
	return nil
}

// holds returns the first package that a claim is of, and the layer it came in.
func (o *owners) holds(c ownerClaim) (*crowsnest.PackageOwner, int) {
	for k, from := range o.holders(c) {
		return o.make(k), from
	}
	return nil, 0
}

// holders yields the packages of the image that a claim is of, and the layer each came in.
func (o *owners) holders(c ownerClaim) iter.Seq2[record, int] {
	return func(yield func(record, int) bool) {
		for _, have := range o.present[ownerName{c.claim.Type, c.claim.Name}] {
			k := have.record
			if c.claim.Version != "" && c.claim.Version != k.Version || c.claim.Architecture != "" && c.claim.Architecture != k.Architecture {
				continue
			}
			from := c.layer
			if c.record != "" {
				// All packages are in it, so it says nothing about when this one came.
				if have.file != c.record || have.layer != c.layer {
					continue
				}
				from = o.stack.origins(have.layer, have.file, 0)(k)
			}
			if !yield(k, from) {
				return
			}
		}
	}
}

func (o *owners) make(k record) *crowsnest.PackageOwner {
	key := ownerKey{k.Type, k.Name, k.Version, k.Architecture}
	if o.made[key] == nil {
		v := k.version(o.release)
		o.made[key] = &crowsnest.PackageOwner{PURL: v.PURL, Name: v.Name, Version: v.Version}
	}
	return o.made[key]
}

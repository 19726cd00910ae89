package inventory

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/google/osv-scalibr/extractor/filesystem"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/classify"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/distribution"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/filekind"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/guard"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/licence"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/ownership"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/statement"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/stream"
)

// Analyser finds packages in layers. It is safe for concurrent use; every layer
// being analysed takes up to Limits.MemoryBytes and a few MiB more.
type Analyser struct {
	limits   Limits
	shared   []filesystem.Extractor // by index in the list; nil for those made per layer
	dispatch *dispatcher
}

// New makes an Analyser with the extractors of the list. It sets the logger of the
// extractor library, which is one per process, to silence.
func New(limits Limits) (*Analyser, error) {
	silenceOnce()
	a := &Analyser{limits: limits, shared: make([]filesystem.Extractor, len(extractors)), dispatch: newDispatcher()}
	if err := build(config(limits), a.shared, func(e entry) bool { return !e.perLayer }); err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Internal, Op: "set up package analysis", Err: err}
	}
	return a, nil
}

// AnalyseLayer reads a layer as it is stored, gzip, zstd or plain tar by its first
// bytes, and returns what it contains. r is not used after it returns.
//
// Errors: crowsnest.Corrupt when the stream is damaged or does not have
// layer.DiffID (an empty one is not checked), crowsnest.TooLarge when a cap of
// Limits is reached, crowsnest.Canceled when ctx ends, and the error of r, as it is
// or as crowsnest.Unavailable, when reading fails. A file that cannot be read is
// not an error but a problem of the layer.
func (a *Analyser) AnalyseLayer(ctx context.Context, layer crowsnest.Layer, r io.Reader) (*Layer, error) {
	limited, cancel := context.WithTimeoutCause(ctx, a.limits.Time, &stream.CapError{Name: "for its analysis", Value: a.limits.Time})
	defer cancel()
	w := &walk{
		ctx: limited, limits: a.limits, dispatch: a.dispatch, extractors: a.shared,
		layer: &Layer{}, found: map[string]*result{}, released: map[string]releaseFile{},
		content: content{caps: guard.Caps{Bytes: a.limits.ArchiveBytes, Depth: a.limits.ArchiveDepth}},
		docs:    map[string]doc{}, statements: statement.Held{}, claims: claimReader{nameable: a.dispatch.nameable, byPath: map[string]*claims{}},
	}
	perLayer := func(e entry) bool { return e.perLayer }
	if slices.ContainsFunc(extractors, perLayer) {
		w.extractors = slices.Clone(a.shared)
		if err := build(config(a.limits), w.extractors, perLayer); err != nil {
			return nil, &crowsnest.Error{Kind: crowsnest.Internal, Op: "set up package analysis", Err: err}
		}
	}
	s := stream.Open(limited, r, stream.Limits{Stored: a.limits.StoredBytes, Bytes: a.limits.UncompressedBytes, Ratio: a.limits.Ratio, RatioFloor: a.limits.RatioFloor})
	err := w.walk(s)
	if err == nil {
		err = s.Drain()
	}
	s.Close()
	if err == nil && layer.DiffID != "" && s.Sum() != layer.DiffID {
		err = fmt.Errorf("its uncompressed bytes have the digest %s", s.Sum())
	}
	if err != nil {
		return nil, layerError(ctx, limited, layer, err)
	}
	w.finish(s.Sum())
	return w.layer, nil
}

// Refuse returns the error of AnalyseLayer for a layer that is too large by what is said of it alone.
func (a *Analyser) Refuse(layer crowsnest.Layer) error {
	if layer.Size <= a.limits.StoredBytes {
		return nil
	}
	return layerError(context.Background(), context.Background(), layer, &stream.CapError{Name: "stored bytes", Value: a.limits.StoredBytes})
}

// layerError says which of the kinds of AnalyseLayer err is.
func layerError(ctx, limited context.Context, layer crowsnest.Layer, err error) error {
	subject := string(layer.DiffID)
	if subject == "" {
		subject = string(layer.Digest)
	}
	e := &crowsnest.Error{Op: "analyse layer", Subject: subject, Err: err}
	var reached *stream.CapError
	var from *stream.SourceError
	var known *crowsnest.Error
	switch {
	case ctx.Err() != nil:
		e.Kind, e.Err = crowsnest.Canceled, context.Cause(ctx)
	case errors.As(context.Cause(limited), &reached), errors.As(err, &reached):
		e.Kind, e.Err = crowsnest.TooLarge, reached
		e.Hint = "it may be an attack on the analysis; if it is not, raise the cap in analysis.limits"
	case errors.As(err, &from):
		e.Kind, e.Err = crowsnest.Unavailable, from.Err
		if errors.As(from.Err, &known) {
			e.Kind = known.Kind
		}
		e.Hint = "try again"
	default:
		e.Kind = crowsnest.Corrupt
		if errors.Is(err, io.ErrUnexpectedEOF) {
			e.Err = errors.New("it is truncated")
		}
		e.Hint = "get the image again; if it stays so, build and push it anew"
	}
	if errors.As(e.Err, &known) && known.Hint != "" {
		e.Hint = "" // the cause's own says more
	}
	return e
}

// walk is one pass over the entries of a layer.
type walk struct {
	ctx        context.Context
	limits     Limits
	dispatch   *dispatcher
	extractors []filesystem.Extractor

	layer    *Layer
	found    map[string]*result // by the path that the packages hang on
	released map[string]releaseFile
	claims   claimReader
	docs     map[string]doc

	statements statement.Held

	packages int64
	skipped  int // problems beyond the cap

	info    filekind.File
	wanted  []int
	content content
}

// result is what a file gave, with the extractor each package came from: a hard
// link to the file gets those that want the link's path too.
type result struct {
	packages []record
	by       []int // or classified
	dir      bool
	size     int64
}

func (w *walk) walk(s *stream.Stream) error {
	defer w.content.free()
	t := tar.NewReader(s)
	for entries := int64(1); ; entries++ {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		// A path that leaves the root is brought back into it by cleanPath.
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		if entries > w.limits.Entries {
			return &stream.CapError{Name: "entries", Value: w.limits.Entries}
		}
		if len(h.Name) > w.limits.PathLength {
			return &stream.CapError{Name: "bytes in a path", Value: w.limits.PathLength}
		}
		if err := w.entry(h, t); err != nil {
			return err
		}
	}
}

func (w *walk) entry(h *tar.Header, t *tar.Reader) error {
	p := pathset.Clean(h.Name)
	if p == "" || h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	if deleted, opaque, isOpaque, marker := pathset.Whiteout(p); marker {
		switch {
		case isOpaque:
			w.layer.opaque = append(w.layer.opaque, opaque)
		case deleted != "":
			w.layer.deleted = append(w.layer.deleted, deleted)
		}
		return nil
	}
	if h.Typeflag == tar.TypeDir {
		w.layer.dirs = append(w.layer.dirs, pathset.Hash(p))
		return nil
	}
	w.layer.written = append(w.layer.written, pathset.Hash(p))
	// The last entry of a path is the one that stays.
	if old := w.found[p]; old != nil && !old.dir {
		delete(w.found, p)
	}
	delete(w.released, p)
	delete(w.claims.byPath, p)
	delete(w.statements, p)
	if name, ok := licence.DocOf(p); ok {
		delete(w.docs, name)
	}
	switch h.Typeflag {
	case tar.TypeReg:
		if !sparse(h) {
			return w.file(p, h, t)
		}
	case tar.TypeSymlink:
		if name, ok := licence.DocOf(p); ok {
			w.docs[name] = doc{Name: name, Link: licence.DocTarget(p, h.Linkname)}
			return nil
		}
		if distribution.IsLink(p) && len(h.Linkname) <= w.limits.PathLength {
			w.release(releaseFile{Path: p, Link: crowsnest.Text(h.Linkname)})
		}
	case tar.TypeLink:
		return w.hardLink(p, pathset.Clean(h.Linkname), h)
	}
	return nil
}

// sparse reports whether an entry stores a file with holes. Its size says nothing
// about the bytes it stores, and no package manager keeps its records so.
func sparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return false
}

func (w *walk) file(p string, h *tar.Header, t *tar.Reader) error {
	if distribution.IsName(p) && h.Size <= maxRelease {
		b, err := io.ReadAll(t)
		if err != nil {
			return err
		}
		w.release(releaseFile{Path: p, Content: crowsnest.Text(string(b))})
		return nil
	}
	if name, ok := licence.DocOf(p); ok && strings.HasSuffix(p, licence.CopyrightFile) {
		return w.copyright(name, h.Size, t)
	}
	if statement.Is(p) {
		refused, err := w.statements.Put(p, h.Size, t)
		if refused != nil {
			w.problem(p, refused)
		}
		return err
	}
	// Extractors are asked about the size up to the cap, so that a larger file they
	// want is noticed instead of being passed over.
	w.info = filekind.NewFile(p, min(h.Size, w.limits.FileBytes), fs.FileMode(h.Mode).Perm(), h.ModTime)
	var binaryOnly bool
	w.wanted, binaryOnly = w.dispatch.wanted(w.wanted[:0], w.extractors, &w.info)
	candidates := classify.Of(p)
	record, owned := ownership.Of(p)
	if len(w.wanted) == 0 && owned && !record.NeedsName() && h.Size <= w.limits.FileBytes {
		return w.readClaims(p, record, t)
	}
	if h.Size == 0 || len(w.wanted) == 0 && candidates == nil {
		return nil
	}
	if len(w.wanted) == 0 {
		return w.classify(p, candidates, h.Size, t)
	}
	var head []byte
	if binaryOnly {
		var buf [filekind.MagicLength]byte
		n, err := io.ReadFull(t, buf[:min(h.Size, filekind.MagicLength)])
		if err != nil {
			return err
		}
		if !filekind.IsBinary(buf[:n]) {
			return w.classify(p, candidates, h.Size, io.MultiReader(bytes.NewReader(buf[:n]), t))
		}
		head = buf[:n]
	}
	if h.Size > w.limits.FileBytes {
		w.problem(p, fmt.Errorf("the file has %d bytes, more than the cap of %d bytes per file", h.Size, w.limits.FileBytes))
		return nil
	}
	return w.extract(p, h.Size, head, t, candidates)
}

// classified stands in result.by for software that no extractor found.
const classified = -1

// classify finds software in a file that its path is a candidate of.
func (w *walk) classify(p string, candidates classify.Candidates, size int64, r io.Reader) error {
	if candidates == nil {
		return nil
	}
	found, err := candidates.Read(r)
	if errors.Is(err, classify.ErrTooLarge) {
		w.problem(p, err)
	} else if err != nil {
		return err
	}
	for _, s := range found {
		k := record{Type: s.Type, Name: s.Name, Version: s.Version, PURL: s.PURL, Ecosystem: s.Ecosystem, Source: s.Repository}
		if err := w.add(p, k, classified, size); err != nil {
			return err
		}
	}
	return nil
}

// extract reads a file and hands it to the extractors that want it.
func (w *walk) extract(p string, size int64, head []byte, t *tar.Reader, candidates classify.Candidates) error {
	realPath := slices.ContainsFunc(w.wanted, func(i int) bool { return extractors[i].realPath })
	if err := w.content.load(&w.info, size, head, t, w.limits.MemoryBytes, realPath); err != nil {
		var spool *errSpool
		if errors.As(err, &spool) {
			w.problem(p, spool)
			return nil
		}
		return err
	}
	defer w.content.drop()
	failed := false
	for _, i := range w.wanted {
		packages, err := w.content.run(w.ctx, w.extractors[i], extractors[i])
		if w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		if err != nil {
			failed = true
			w.problem(p, fmt.Errorf("%s: %w", extractors[i].name, err))
		}
		var stated []string
		if read := extractors[i].licences; read != nil && len(packages) == 1 && w.content.mem != nil {
			stated = read(w.content.mem)
		}
		for _, x := range packages {
			if x == nil {
				continue
			}
			if len(x.Licenses) == 0 {
				x.Licenses = stated
			}
			r, ok, err := toRecord(x, p)
			if err != nil {
				w.problem(p, fmt.Errorf("%s: %w", extractors[i].name, err))
				continue
			}
			if !ok {
				continue
			}
			if err := w.add(p, r, i, size); err != nil {
				return err
			}
		}
	}
	if record, ok := ownership.Of(p); ok && !failed {
		w.claimsOfContent(p, record)
	}
	return w.classify(p, candidates, size, w.content.open())
}

func (w *walk) add(p string, r record, by int, size int64) error {
	if w.packages++; w.packages > w.limits.Packages {
		return &stream.CapError{Name: "packages", Value: w.limits.Packages}
	}
	dir := false
	if rest, ok := strings.CutPrefix(p, nixStore); ok {
		// A Nix package is its directory, whichever file in it came first.
		name, _, below := strings.Cut(rest, "/")
		if below && r.Type == "nix" {
			p, dir = nixStore+name, true
		}
	}
	f := w.found[p]
	if f == nil {
		if dir {
			size = 0
		}
		f = &result{dir: dir, size: size}
		w.found[p] = f
	}
	f.packages, f.by = append(f.packages, r), append(f.by, by)
	return nil
}

const nixStore = "nix/store/"

// hardLink gives the link what the same extractor found in the target, which comes
// earlier in the stream.
func (w *walk) hardLink(p, target string, h *tar.Header) error {
	if f, ok := w.released[target]; ok && distribution.IsName(p) {
		w.release(releaseFile{Path: p, Content: f.Content, Link: f.Link})
		return nil
	}
	f := w.found[target]
	if f == nil || f.dir || target == p {
		return nil
	}
	w.info = filekind.NewFile(p, f.size, fs.FileMode(h.Mode).Perm(), h.ModTime)
	w.wanted, _ = w.dispatch.wanted(w.wanted[:0], w.extractors, &w.info)
	candidates := classify.Of(p)
	for n, r := range f.packages {
		if f.by[n] == classified && !candidates.Has(r.Name) || f.by[n] != classified && !slices.Contains(w.wanted, f.by[n]) {
			continue
		}
		if rest, ok := strings.CutPrefix(r.Within, target+"/"); ok {
			r.Within = p + "/" + rest
		}
		if err := w.add(p, r, f.by[n], f.size); err != nil {
			return err
		}
	}
	return nil
}

const (
	maxRelease  = 64 << 10 // bytes of an os-release file
	maxReleased = 64       // such files and links of a layer
	maxProblems = 1000     // problems kept of a layer, and of an image

	maxRecordTime = 5 * time.Minute // for reading who owns what from a database, which may be damaged
)

func (w *walk) release(f releaseFile) {
	if len(w.released) < maxReleased {
		w.released[f.Path] = f
	}
}

func (w *walk) problem(p string, err error) {
	if len(w.layer.problems) == maxProblems {
		w.skipped++
		return
	}
	w.layer.problems = append(w.layer.problems, crowsnest.Problem{Path: p, Reason: crowsnest.Reason(err)})
}

// finish brings the layer into its final order.
func (w *walk) finish(sum crowsnest.Digest) {
	l := w.layer
	l.diffID = sum
	if w.claims.full {
		l.problems = append(l.problems, crowsnest.Problem{Reason: fmt.Sprintf("package managers own more than the cap of %d files; who owns the others is not known", maxClaims)})
	}
	if w.skipped > 0 {
		l.problems = append(l.problems, crowsnest.Problem{Reason: fmt.Sprintf("%d more files could not be read", w.skipped)})
	}
	for i := range l.problems {
		l.problems[i].Layer = sum
	}
	for p, f := range w.found {
		// Some extractors walk over maps, and the stored form should not vary.
		slices.SortStableFunc(f.packages, func(a, b record) int { return strings.Compare(a.key(), b.key()) })
		l.files = append(l.files, found{Path: p, Dir: f.dir, Size: f.size, Packages: f.packages})
	}
	slices.SortFunc(l.files, func(a, b found) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range w.released {
		l.released = append(l.released, f)
	}
	slices.SortFunc(l.released, func(a, b releaseFile) int { return strings.Compare(a.Path, b.Path) })
	l.claims, l.docs, l.vex = w.claims.sorted(), sortedDocs(w.docs), w.statements.Sorted()
	l.deleted, l.opaque = sorted(l.deleted), sorted(l.opaque)
	l.written, l.dirs = sorted(l.written), sorted(l.dirs)
}

func sorted[S ~[]T, T string | uint64](s S) S {
	slices.Sort(s)
	return slices.Compact(s)
}

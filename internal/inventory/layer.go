package inventory

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/statement"
)

// Version is the version of the analyser. A stored layer is only good for the
// version that made it: bump it whenever a layer's result can change, be it by the
// list of extractors, by their library, or by the fields of Layer.
const Version = "8"

// Layer is what a layer says by itself, whatever image it is part of. It is made by
// [Analyser.AnalyseLayer] or [Decode] and is never changed afterwards, so that it
// can be shared.
type Layer struct {
	diffID   crowsnest.Digest
	files    []found             // sorted by path
	released []releaseFile       // os-release files and links to them, sorted by path
	deleted  []string            // paths that whiteouts delete below, sorted
	opaque   []string            // directories whose content below is hidden, sorted
	written  pathset.Hashes      // hashes of all paths written other than directories, sorted
	dirs     pathset.Hashes      // hashes of all directories written, sorted
	claims   []claims            // which package owns which file, sorted by path
	docs     []doc               // licences of Debian's packages, sorted by name
	vex      []statement.File    // documents in the sense of VEX, sorted by path
	problems []crowsnest.Problem // with the path they are about
}

// found is the packages that hang on one path.
type found struct {
	Path string `json:"p"`

	// Dir says that Path is a directory, which upper layers may write into without
	// taking the packages away.
	Dir bool `json:"d,omitempty"`

	// Size of the file in bytes; 0 for a directory.
	Size int64 `json:"s,omitempty"`

	Packages []record `json:"k"`
}

// record is a package as a layer knows it.
type record struct {
	Type      string   `json:"t"`           // purl type
	Name      string   `json:"n"`           // as in crowsnest.PackageVersion
	Version   string   `json:"v,omitempty"` // as in crowsnest.PackageVersion
	PURL      string   `json:"u,omitempty"` // complete; empty for a package of a distribution
	Ecosystem string   `json:"e,omitempty"` // empty for a package of a distribution
	Licences  []string `json:"l,omitempty"`
	Within    string   `json:"w,omitempty"` // path of the nested archive it was found in, if any

	Source string `json:"s,omitempty"` // as in crowsnest.PackageVersion

	// The rest is of packages of a distribution, whose release only the merge knows.
	Distributed   bool   `json:"o,omitempty"`
	Architecture  string `json:"a,omitempty"`
	Epoch         int    `json:"x,omitempty"`
	SourceVersion string `json:"r,omitempty"`
}

// releaseFile is a file or link that can say what distribution the image is.
type releaseFile struct {
	Path    string `json:"p"`
	Content string `json:"c,omitempty"`
	Link    string `json:"l,omitempty"` // target of a symbolic link, as written
}

// DiffID returns the digest of the layer's uncompressed bytes.
func (l *Layer) DiffID() crowsnest.Digest { return l.diffID }

// Problems returns what could not be read, in the order of the layer. The caller
// must not change it.
func (l *Layer) Problems() []crowsnest.Problem { return l.problems }

// stored is the JSON form of a Layer.
type stored struct {
	DiffID   crowsnest.Digest    `json:"diffId"`
	Files    []found             `json:"files,omitempty"`
	Released []releaseFile       `json:"released,omitempty"`
	Deleted  []string            `json:"deleted,omitempty"`
	Opaque   []string            `json:"opaque,omitempty"`
	Written  pathset.Hashes      `json:"written,omitempty"`
	Dirs     pathset.Hashes      `json:"dirs,omitempty"`
	Claims   []claims            `json:"claims,omitempty"`
	Docs     []doc               `json:"docs,omitempty"`
	VEX      []statement.File    `json:"vex,omitempty"`
	Problems []crowsnest.Problem `json:"problems,omitempty"`
}

// formatMagic opens every encoded layer; its last byte is the version of the format.
const formatMagic = "CNL\x02"

// maxDecoded caps the memory a stored layer may take when it is read back.
const maxDecoded = 512 << 20

// Encode writes the layer in a compact form: four bytes of magic and format
// version, then JSON compressed with Zstandard.
func (l *Layer) Encode() ([]byte, error) {
	plain, err := json.Marshal(stored{
		DiffID: l.diffID, Files: l.files, Released: l.released, Deleted: l.deleted, Opaque: l.opaque,
		Written: l.written, Dirs: l.dirs, Claims: l.claims, Docs: l.docs, VEX: l.vex, Problems: l.problems,
	})
	var w *zstd.Encoder
	if err == nil {
		w, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	}
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Internal, Op: "encode analysis of layer", Subject: string(l.diffID), Err: err}
	}
	defer w.Close()
	return w.EncodeAll(plain, []byte(formatMagic)), nil
}

// Decode reads what Encode wrote. It returns crowsnest.Corrupt for anything else.
func Decode(b []byte) (*Layer, error) {
	l, err := decode(b)
	if err != nil {
		return nil, &crowsnest.Error{
			Kind: crowsnest.Corrupt, Op: "read stored analysis of layer", Err: err,
			Hint: "delete the stored result; the layer is then analysed anew",
		}
	}
	return l, nil
}

func decode(b []byte) (*Layer, error) {
	if len(b) < len(formatMagic) || string(b[:len(formatMagic)]) != formatMagic {
		return nil, errors.New("unknown format")
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDecoded))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	plain, err := r.DecodeAll(b[len(formatMagic):], nil)
	if err != nil {
		return nil, err
	}
	var s stored
	if err := json.Unmarshal(plain, &s); err != nil {
		return nil, err
	}
	if _, err := crowsnest.ParseDigest(string(s.DiffID)); err != nil {
		return nil, err
	}
	l := &Layer{
		diffID: s.DiffID, files: s.Files, released: s.Released, deleted: s.Deleted, opaque: s.Opaque,
		written: s.Written, dirs: s.Dirs, claims: s.Claims, docs: s.Docs, vex: s.VEX, problems: s.Problems,
	}
	byPath := func(a, b found) int { return strings.Compare(a.Path, b.Path) }
	releasedByPath := func(a, b releaseFile) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(l.files, byPath) || !slices.IsSortedFunc(l.released, releasedByPath) ||
		!slices.IsSortedFunc(l.claims, func(a, b claims) int { return strings.Compare(a.Path, b.Path) }) ||
		!slices.IsSortedFunc(l.vex, statement.Compare) ||
		!slices.IsSortedFunc(l.docs, func(a, b doc) int { return strings.Compare(a.Name, b.Name) }) || !slices.IsSorted(l.deleted) || !slices.IsSorted(l.opaque) {
		return nil, errors.New("paths are out of order")
	}
	return l, nil
}

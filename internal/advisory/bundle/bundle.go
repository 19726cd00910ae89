// Package bundle writes and reads everything that is held of advisories as one file, which can be carried
// to where there is no way out: OSV's sets, CISA's catalogue and EPSS, with checksums, and with a signature if
// one is wanted.
//
// It is a zip. Its first entry, manifest.json, names all others with sizes and SHA-256; a signature, manifest.json.minisig
// in minisign's format, is of that. Below osv/ is OSV's layout, so that it can be unpacked and used by other programs:
// osv/Debian/all.zip. What is of no ecosystem is in osv/[EMPTY]/all.zip, as in OSV's bucket.
package bundle

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/epss"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/kev"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

const (
	manifestName  = "manifest.json"
	signatureName = manifestName + ".minisig"
	// Kind is what a manifest calls itself, and Version the newest form that is read.
	kind    = "crowsnest-advisories"
	version = 1
	// Empty is the folder of records that are of no ecosystem.
	Empty = "[EMPTY]"

	// MaxBytes bounds a bundle; OSV's sets together have some 2 GB.
	MaxBytes     = 16 << 30
	maxManifest  = 4 << 20
	maxSignature = 64 << 10
	maxFiles     = 1000
)

// Manifest says what is in a bundle.
type Manifest struct {
	Kind    string    `json:"kind"`
	Version int       `json:"version"`
	Created time.Time `json:"created"`
	By      string    `json:"by"`
	Files   []File    `json:"files"`
}

// File is one feed in a bundle.
type File struct {
	Path      string    `json:"path"`
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256"`
	Feed      string    `json:"feed"`                // osv, kev or epss
	Ecosystem string    `json:"ecosystem,omitempty"` // of osv; empty for what is of none
	Records   int       `json:"records"`
	AsOf      time.Time `json:"asOf,omitzero"` // of kev and epss
	// Checked is when whoever wrote the bundle last knew it to be current: carried on, it does not become younger.
	Checked time.Time `json:"checked,omitzero"`
}

// Store is what is written from.
type Store interface {
	store.Advisories
	store.AdvisoryHistory
	store.Feeds
	store.Threats
}

// Options of Write.
type Options struct {
	By       string            // which program writes it
	Created  time.Time         // when; what is written is otherwise the same for the same contents
	Progress func(what string) // may be nil
}

// Write writes everything that is held. What changes meanwhile is in it or not.
func Write(ctx context.Context, w io.Writer, s Store, opts Options) (Manifest, error) {
	m := Manifest{Kind: kind, Version: version, Created: opts.Created.UTC(), By: opts.By, Files: []File{}}
	dir, err := os.MkdirTemp("", "crowsnest-bundle-*")
	if err != nil {
		return m, local("make room for the bundle", err)
	}
	defer os.RemoveAll(dir)
	var spooled []string
	add := func(f File, write func(io.Writer) (int, error)) error {
		if opts.Progress != nil {
			opts.Progress(f.Path)
		}
		name := filepath.Join(dir, fmt.Sprint(len(spooled)))
		out, err := os.Create(name)
		if err != nil {
			return local("write the bundle", err)
		}
		sum := &counted{Writer: out, hash: sha256.New()}
		f.Records, err = write(sum)
		if err = errors.Join(err, out.Close()); err != nil || f.Records == 0 {
			return err
		}
		f.Size, f.SHA256 = sum.n, hex.EncodeToString(sum.hash.Sum(nil))
		m.Files, spooled = append(m.Files, f), append(spooled, name)
		return nil
	}
	if err := feeds(ctx, s, add); err != nil {
		return m, err
	}
	return m, pack(w, m, spooled)
}

// feeds adds a file for each feed that is held.
func feeds(ctx context.Context, s Store, add func(File, func(io.Writer) (int, error)) error) error {
	statuses, err := s.AdvisoryStatuses(ctx)
	if err != nil {
		return err
	}
	whole := make(map[string]bool)
	for _, status := range statuses {
		whole[status.Ecosystem] = true
	}
	for _, status := range append([]store.AdvisoryStatus{{}}, statuses...) {
		base, folder := crowsnest.EcosystemBase(status.Ecosystem), status.Ecosystem
		if base == "" {
			folder = Empty
		}
		if base != status.Ecosystem && whole[base] {
			continue // what is held of a release is in the set of the ecosystem
		}
		if err := add(File{Path: "osv/" + folder + "/all.zip", Feed: "osv", Ecosystem: status.Ecosystem, Checked: status.Checked}, func(w io.Writer) (int, error) {
			return writeSet(ctx, w, s, base)
		}); err != nil {
			return err
		}
	}
	held, err := s.Feeds(ctx)
	if err != nil {
		return err
	}
	for _, f := range held {
		if f.Imported.IsZero() {
			continue
		}
		switch f.Name {
		case store.KEVFeed:
			err = add(File{Path: "kev.json", Feed: f.Name, AsOf: f.AsOf, Checked: f.Checked}, func(w io.Writer) (int, error) {
				var list []crowsnest.Exploited
				err := s.EachExploited(ctx, func(e crowsnest.Exploited) error {
					list = append(list, e)
					return nil
				})
				if err == nil && len(list) > 0 {
					err = kev.Write(w, list, f.AsOf)
				}
				return len(list), err
			})
		case store.EPSSFeed:
			err = add(File{Path: "epss.csv.gz", Feed: f.Name, AsOf: f.AsOf, Checked: f.Checked}, func(w io.Writer) (int, error) {
				out, n := epss.NewWriter(w, f.AsOf), 0
				err := s.EachEPSS(ctx, func(e crowsnest.EPSS) error {
					n++
					return out.Write(e)
				})
				return n, errors.Join(err, out.Close())
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeSet writes the records of an ecosystem as an archive without times: the same records make the same file.
func writeSet(ctx context.Context, w io.Writer, s Store, ecosystem string) (int, error) {
	z, n := zip.NewWriter(w), 0
	err := s.EachAdvisory(ctx, ecosystem, func(a *crowsnest.Advisory) error {
		b, err := osv.Encode(a)
		if err != nil {
			return local("write advisory "+a.ID, err)
		}
		n++
		f, err := z.Create(strings.NewReplacer("/", "_", `\`, "_").Replace(a.ID) + ".json")
		if err == nil {
			_, err = f.Write(b)
		}
		if err != nil {
			return local("write the bundle", err)
		}
		return nil
	})
	return n, errors.Join(err, z.Close())
}

// put adds an entry that is not packed: what matters is packed already.
func put(z *zip.Writer, name string, from io.Reader) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = io.Copy(f, from)
	}
	if err != nil {
		return local("write the bundle", err)
	}
	return nil
}

// pack puts the manifest and the files together.
func pack(w io.Writer, m Manifest, spooled []string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return local("write the bundle", err)
	}
	z := zip.NewWriter(w)
	if err := put(z, manifestName, bytes.NewReader(text)); err != nil {
		return err
	}
	for i, f := range m.Files {
		in, err := os.Open(spooled[i])
		if err != nil {
			return local("write the bundle", err)
		}
		err = put(z, f.Path, in)
		in.Close()
		if err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return local("write the bundle", err)
	}
	return nil
}

// Sign copies a bundle with a signature of its manifest, in the place of one that it has.
func Sign(w io.Writer, name string, key *minisign.PrivateKey) error {
	in, err := zip.OpenReader(name)
	if err != nil {
		return local("sign the bundle", err)
	}
	defer in.Close()
	z := zip.NewWriter(w)
	for i, f := range in.File {
		if f.Name == signatureName {
			continue
		}
		if err := z.Copy(f); err != nil {
			return local("sign the bundle", err)
		}
		if i > 0 {
			continue
		}
		text, err := small(f, maxManifest)
		if err != nil {
			return local("sign the bundle", err)
		}
		if err := put(z, signatureName, bytes.NewReader(minisign.Sign(*key, text))); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return local("sign the bundle", err)
	}
	return nil
}

// counted counts and hashes what is written.
type counted struct {
	io.Writer
	hash hash.Hash
	n    int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.hash.Write(p[:n])
	c.n += int64(n)
	return n, err
}

// Is reports whether a file begins as a bundle does: a zip whose first entry is a manifest. It goes by the beginning, since
// a bundle that was cut off ends with a set of advisories that looks whole.
func Is(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	const header = 30 // bytes of an entry before its name
	head := make([]byte, header+len(manifestName))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head[:4]) == "PK\x03\x04" && string(head[header:]) == manifestName
}

// Bundle is a bundle that was checked and unpacked. Close must follow.
type Bundle struct {
	Manifest
	Signed bool // whether it has a signature, checked or not
	dir    string
}

// folder is a path as Write makes them.
var folder = regexp.MustCompile(`^osv/(\[EMPTY\]|[A-Za-z0-9][A-Za-z0-9 :._-]{0,99})/all\.zip$`)

// Open checks every byte of a bundle against its manifest, and the manifest against its signature if a key is given, and
// unpacks it to a temporary folder. With a key, a bundle without a signature is refused. Errors are of kind Corrupt, TooLarge,
// Forbidden (the signature) or Unsupported (a newer form).
func Open(ctx context.Context, name, shown string, key *minisign.PublicKey) (*Bundle, error) {
	bad := func(kind crowsnest.Kind, hint string, err error) error {
		return &crowsnest.Error{Kind: kind, Op: "read bundle of advisories", Subject: shown, Hint: hint, Err: err}
	}
	const again = "get the bundle again"
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, bad(crowsnest.Corrupt, again, errors.New("it is not a complete bundle"))
	}
	defer z.Close()
	if len(z.File) == 0 || len(z.File) > maxFiles+2 || z.File[0].Name != manifestName {
		return nil, bad(crowsnest.Corrupt, again, errors.New("it has no manifest"))
	}
	text, err := small(z.File[0], maxManifest)
	if err != nil {
		return nil, bad(crowsnest.Corrupt, again, errors.New("its manifest cannot be read"))
	}
	entries := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		if entries[f.Name] != nil {
			return nil, bad(crowsnest.Corrupt, again, errors.New("it has two files of one name"))
		}
		entries[f.Name] = f
	}
	b := &Bundle{Signed: entries[signatureName] != nil}
	if key != nil {
		switch {
		case !b.Signed:
			return nil, bad(crowsnest.Forbidden, "have it exported with --sign-key", errors.New("it has no signature"))
		default:
			signature, err := small(entries[signatureName], maxSignature)
			if err != nil || !minisign.Verify(*key, text, signature) {
				return nil, bad(crowsnest.Forbidden, "check where it comes from, and the key", errors.New("its signature is not of this key"))
			}
		}
	}
	if err := json.Unmarshal(text, &b.Manifest); err != nil || b.Kind != kind {
		return nil, bad(crowsnest.Corrupt, again, errors.New("its manifest is not that of a bundle"))
	}
	if b.Version != version {
		return nil, bad(crowsnest.Unsupported, "update Crowsnest", fmt.Errorf("it has form %d, and form %d is read", b.Version, version))
	}
	if err := b.check(); err != nil {
		return nil, bad(crowsnest.Corrupt, again, err)
	}
	if b.dir, err = os.MkdirTemp("", "crowsnest-bundle-*"); err != nil {
		return nil, local("make room for the bundle", err)
	}
	for _, f := range b.Files {
		err := ctx.Err()
		if err == nil {
			err = b.unpack(f, entries[f.Path])
		}
		if err != nil {
			b.Close()
			if ctx.Err() != nil {
				return nil, bad(crowsnest.Canceled, "", ctx.Err())
			}
			if crowsnest.KindOf(err) != crowsnest.Internal {
				return nil, err
			}
			return nil, bad(crowsnest.Corrupt, again, err)
		}
	}
	return b, nil
}

// check refuses a manifest that names what a bundle does not have. No path of it leaves the folder it is unpacked to.
func (b *Bundle) check() error {
	if len(b.Files) > maxFiles {
		return fmt.Errorf("it names more than %d files", maxFiles)
	}
	var size int64
	seen := make(map[string]bool)
	for _, f := range b.Files {
		want := map[string]string{"kev": "kev.json", "epss": "epss.csv.gz"}[f.Feed]
		if f.Feed == "osv" {
			want = "osv/" + f.Ecosystem + "/all.zip"
			if f.Ecosystem == "" {
				want = "osv/" + Empty + "/all.zip"
			}
			if !folder.MatchString(f.Path) || strings.Contains(f.Path, "..") {
				want = ""
			}
		}
		if f.Path != want || want == "" || seen[f.Path] {
			return errors.New("its manifest names a file that has no place in a bundle")
		}
		seen[f.Path] = true
		if size += f.Size; f.Size < 0 || f.Size > MaxBytes || size > MaxBytes {
			return fmt.Errorf("it has more than %d bytes", int64(MaxBytes))
		}
	}
	return nil
}

func (b *Bundle) unpack(f File, entry *zip.File) error {
	if entry == nil || entry.UncompressedSize64 != uint64(f.Size) {
		return fmt.Errorf("%s is missing or of another size than the manifest says", f.Path)
	}
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s cannot be read", f.Path)
	}
	defer in.Close()
	name := b.Place(f)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return local("unpack the bundle", err)
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return local("unpack the bundle", err)
	}
	sum := &counted{Writer: out, hash: sha256.New()}
	_, err = io.Copy(sum, io.LimitReader(in, f.Size+1))
	if cerr := out.Close(); cerr != nil {
		return local("unpack the bundle", cerr)
	}
	if err != nil || sum.n != f.Size || hex.EncodeToString(sum.hash.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s is not what the manifest says: its checksum is another", f.Path)
	}
	return nil
}

// Place is where a file of the bundle was unpacked.
func (b *Bundle) Place(f File) string { return filepath.Join(b.dir, filepath.FromSlash(f.Path)) }

// Close removes what was unpacked.
func (b *Bundle) Close() error { return os.RemoveAll(b.dir) }

// small reads an entry of bounded size.
func small(f *zip.File, most int64) ([]byte, error) {
	if f.UncompressedSize64 > uint64(most) {
		return nil, errors.New("too large")
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most))
}

func local(what string, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: what, Err: err}
}

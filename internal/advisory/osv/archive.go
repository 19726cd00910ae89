package osv

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"

	"github.com/crowsnest-sec/crowsnest"
)

// The caps on one archive. OSV's largest has some 300,000 records.
const (
	maxEntries  = 2_000_000
	maxUnpacked = 64 << 30 // bytes of all entries
	// maxRatio is of unpacked to packed bytes of a whole archive. Flate cannot do better than
	// 1,032; JSON of advisories is at 5 to 40.
	maxRatio = 200
)

// archives are zip files by ecosystem. A single one has the empty name, and is the set of any
// ecosystem that whoever gives it says it is.
type archives struct{ files map[string]string }

func (a archives) ecosystems(context.Context) ([]string, error) {
	return slices.Collect(maps.Keys(a.files)), nil
}

func (a archives) file(ecosystem string) (string, error) {
	f, ok := a.files[ecosystem]
	if !ok {
		f, ok = a.files[""]
	}
	if !ok {
		return "", setError(crowsnest.NotFound, ecosystem, "there are "+strings.Join(slices.Sorted(maps.Keys(a.files)), ", "), errors.New("there is no archive for this ecosystem"))
	}
	return f, nil
}

func (a archives) fingerprint(ctx context.Context, ecosystem string) (string, error) {
	f, err := a.file(ecosystem)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	if err := hashFile(ctx, sum, f); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

func (a archives) each(ctx context.Context, ecosystem string, accept func(records int) error, fn func(*crowsnest.Advisory) error) (Stats, error) {
	f, err := a.file(ecosystem)
	if err != nil {
		return Stats{}, err
	}
	return eachInArchive(ctx, f, f, accept, fn)
}

func hashFile(ctx context.Context, sum io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return readError(kindOfFile(err), name, "", cause(err))
	}
	defer f.Close()
	if _, err := io.Copy(sum, reader{ctx, f}); err != nil {
		if ctx.Err() != nil {
			return canceled(name, ctx.Err())
		}
		return readError(crowsnest.Unavailable, name, "", cause(err))
	}
	return nil
}

func kindOfFile(err error) crowsnest.Kind {
	if errors.Is(err, fs.ErrNotExist) {
		return crowsnest.NotFound
	}
	return crowsnest.Unavailable
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// isZip reports that a file begins as a zip archive does.
func isZip(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var head [4]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return false, nil //nolint:nilerr // shorter than any archive
	}
	return string(head[:2]) == "PK", nil
}

// archive is an open zip file that has passed every check.
type archive struct {
	file    *os.File
	entries []*zip.File
}

// openArchive opens a zip file and reads all of it once: every entry unpacks to
// the size and checksum it declares. shown names it in errors.
func openArchive(ctx context.Context, file, shown string) (*archive, error) {
	const again = "get the archive again"
	f, err := os.Open(file)
	if err != nil {
		return nil, readError(kindOfFile(err), shown, "", cause(err))
	}
	a := &archive{file: f}
	ok := false
	defer func() {
		if !ok {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, readError(crowsnest.Unavailable, shown, "", cause(err))
	}
	zr, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, readError(crowsnest.Corrupt, shown, again, errors.New("it is not a complete zip archive"))
	}
	if len(zr.File) > maxEntries {
		return nil, readError(crowsnest.TooLarge, shown, "", fmt.Errorf("it has more than %d entries", maxEntries))
	}
	zr.RegisterDecompressor(zip.Deflate, inflate)
	var unpacked, packed uint64
	for _, e := range zr.File {
		if !isRecord(e) {
			continue
		}
		unpacked += e.UncompressedSize64
		packed += e.CompressedSize64
		// Sums of two uint64 could wrap; a single entry beyond the cap is refused by itself.
		if e.UncompressedSize64 > maxUnpacked || unpacked > maxUnpacked {
			return nil, readError(crowsnest.TooLarge, shown, "", fmt.Errorf("it unpacks to more than %d bytes", int64(maxUnpacked)))
		}
		a.entries = append(a.entries, e)
	}
	if packed > uint64(info.Size()) || unpacked/maxRatio > uint64(info.Size()) {
		return nil, readError(crowsnest.TooLarge, shown, again, errors.New("it unpacks to far more than an archive of advisories can"))
	}
	if err := a.verify(ctx, shown); err != nil {
		return nil, err
	}
	ok = true
	return a, nil
}

func (a *archive) close() { a.file.Close() }

// isRecord tells records from folders and other files. Names are never used as paths.
func isRecord(e *zip.File) bool {
	return !e.FileInfo().IsDir() && strings.EqualFold(path.Ext(e.Name), ".json")
}

var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// inflate is the decompressor of entries: twice as fast as the standard library's.
func inflate(r io.Reader) io.ReadCloser {
	fr := inflaters.Get().(io.ReadCloser)
	if err := fr.(flate.Resetter).Reset(r, nil); err != nil {
		return io.NopCloser(failing{err})
	}
	return &pooled{fr}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type pooled struct{ io.ReadCloser }

func (p *pooled) Close() error {
	if p.ReadCloser == nil {
		return nil
	}
	err := p.ReadCloser.Close()
	inflaters.Put(p.ReadCloser)
	p.ReadCloser = nil
	return err
}

func (p *pooled) Read(b []byte) (int, error) {
	if p.ReadCloser == nil {
		return 0, fs.ErrClosed
	}
	return p.ReadCloser.Read(b)
}

// verify unpacks every entry and throws it away. The zip reader compares size and checksum
// at an entry's end, and never reads past the size that the directory declares.
func (a *archive) verify(ctx context.Context, shown string) error {
	work := make(chan *zip.File)
	failed := make(chan error, workers)
	ctx2, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for e := range work {
				if err := check(e); err != nil {
					failed <- fmt.Errorf("entry %s is damaged: %w", printable(e.Name), err)
					stop()
					return
				}
			}
		})
	}
feed:
	for _, e := range a.entries {
		select {
		case work <- e:
		case <-ctx2.Done():
			break feed
		}
	}
	close(work)
	wg.Wait()
	select {
	case err := <-failed:
		return readError(crowsnest.Corrupt, shown, "get the archive again", err)
	default:
	}
	if err := ctx.Err(); err != nil {
		return canceled(shown, err)
	}
	return nil
}

func check(e *zip.File) error {
	r, err := e.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// eachInArchive decodes the entries of a zip file and hands the records out in their order, unless accept, which may be
// nil, refuses it for how many there are.
func eachInArchive(ctx context.Context, file, shown string, accept func(records int) error, fn func(*crowsnest.Advisory) error) (Stats, error) {
	a, err := openArchive(ctx, file, shown)
	if err != nil {
		return Stats{}, err
	}
	defer a.close()
	if accept != nil {
		if err := accept(len(a.entries)); err != nil {
			return Stats{}, err
		}
	}
	feed := func(ctx context.Context, put func(item) bool) error {
		for _, e := range a.entries {
			if !put(item{name: e.Name, size: e.UncompressedSize64, read: func() ([]byte, error) { return readEntry(e) }}) {
				break
			}
		}
		return nil
	}
	return decodeAll(ctx, shown, feed, fn)
}

func readEntry(e *zip.File) ([]byte, error) {
	if e.UncompressedSize64 > MaxRecord {
		return nil, bad(crowsnest.TooLarge, "", fmt.Errorf("the record has more than %d bytes", MaxRecord))
	}
	r, err := e.Open()
	if err != nil {
		return nil, bad(crowsnest.Corrupt, "", err)
	}
	defer r.Close()
	b := make([]byte, e.UncompressedSize64)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, bad(crowsnest.Corrupt, "", err)
	}
	return b, nil
}

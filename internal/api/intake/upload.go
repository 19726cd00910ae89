package intake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/danielgtaylor/huma/v2"
)

// maxUpload bounds an uploaded all.zip; the largest of the public bucket has about 300 MB.
const maxUpload = 2 << 30

// uploadPrefix begins the name of every folder an upload is spooled into.
const uploadPrefix = "crowsnest-upload-"

// spoolPrefixes begin the names of what else is spooled: downloads of feeds and bundles of advisories.
var spoolPrefixes = []string{"crowsnest-feed-", "crowsnest-bundle-"}

// uploadAge is how long after the last change such a folder is taken for one that a server
// left behind when it was cut off. No upload and no import takes as long.
const uploadAge = 24 * time.Hour

// RemoveOld removes what uploads that were cut off have left among the temporary
// files. Other servers on this machine may be receiving uploads into the same place, so
// only what is of our naming and nothing was written to for a day goes.
func RemoveOld(now time.Time) error {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range entries {
		if !spooled(e) {
			continue
		}
		dir := filepath.Join(os.TempDir(), e.Name())
		newest, err := newestIn(dir)
		if err == nil && now.Sub(newest) > uploadAge {
			err = os.RemoveAll(dir)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) { // gone meanwhile, or another user's
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// spooled reports whether a temporary file or folder is of our naming. A link is neither here.
func spooled(e fs.DirEntry) bool {
	numbered := func(prefix string) bool {
		number, ours := strings.CutPrefix(e.Name(), prefix)
		return ours && number != "" && strings.Trim(number, "0123456789") == ""
	}
	return e.IsDir() && numbered(uploadPrefix) || (e.IsDir() || e.Type().IsRegular()) && slices.ContainsFunc(spoolPrefixes, numbered)
}

// newestIn returns when anything in a folder, or the folder, was last written to.
func newestIn(dir string) (newest time.Time, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
		return err
	})
	return newest, err
}

// upload takes the body of a request as a stream; huma would read it into memory.
type upload struct {
	Ecosystem string `query:"ecosystem" maxLength:"100" pattern:"^[A-Za-z0-9][A-Za-z0-9 :._-]*$" doc:"OSV ecosystem the file is the whole of, such as npm or Debian:12; absent for a file of any records"`
	body      io.Reader
}

// Resolve implements huma.Resolver.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.body = ctx.BodyReader()
	return nil
}

// importUpload spools the upload, since a zip is read from its end, into a folder of the bucket's layout.
func (s Deps) importUpload(ctx context.Context, in *upload) ([]advisory.Result, error) {
	dir, err := os.MkdirTemp("", uploadPrefix+"*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	location, only := filepath.Join(dir, "upload.zip"), []string(nil)
	path := location
	if in.Ecosystem != "" {
		location, path, only = dir, filepath.Join(dir, in.Ecosystem, "all.zip"), []string{in.Ecosystem}
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(f, io.LimitReader(in.body, maxUpload+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "receive upload", Hint: "the connection broke off or the disk is full; nothing was imported", Err: err}
	}
	if n > maxUpload {
		return nil, &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "receive upload", Hint: "an upload has 2 GiB at most"}
	}
	results, err := s.Import(ctx, location, only)
	// The spooled file is the server's own business.
	for _, r := range results {
		for i, p := range r.Problems {
			r.Problems[i] = withoutPath(p, dir, path)
		}
	}
	var known *crowsnest.Error
	if errors.As(err, &known) {
		clean := *known
		clean.Subject = withoutPath(clean.Subject, dir, path)
		if clean.Err != nil {
			clean.Err = errors.New(withoutPath(clean.Err.Error(), dir, path))
		}
		err = &clean
	}
	return results, err
}

// withoutPath puts words in the place of the spooled file's path, of its folder, and of
// what is left of the path where a message was cut to a length.
func withoutPath(s, dir, path string) string {
	const instead = "the upload"
	s = strings.ReplaceAll(s, path, instead)
	for n := len(path) - 1; n > 4; n-- { // what is shorter tells nothing, and could be something else
		s = strings.ReplaceAll(s, path[:n]+"…", instead)
	}
	return strings.ReplaceAll(s, dir, instead)
}

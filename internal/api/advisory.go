package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// maxUpload bounds an uploaded all.zip; the largest of the public bucket has about 300 MB.
const maxUpload = 2 << 30

// upload takes the body of a request as a stream; huma would read it into memory.
type upload struct {
	Ecosystem string `query:"ecosystem" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9 ._-]*$" doc:"OSV ecosystem the file is the whole of; absent for a file of any records"`
	body      io.Reader
}

// Resolve implements huma.Resolver.
func (u *upload) Resolve(ctx huma.Context) []error {
	u.body = ctx.BodyReader()
	return nil
}

func (s *server) advisories(api huma.API) {
	const tag = "Advisories"
	huma.Register(api, operation(http.MethodGet, "/advisories", tag, "get-advisory-status", "List the ecosystems held and the age of each"),
		func(ctx context.Context, _ *struct{}) (*answer[[]wire.AdvisoryStatus], error) {
			list, err := s.Store.AdvisoryStatuses(ctx)
			return reply(s, wire.Each(list, wire.NewAdvisoryStatus), err)
		})
	huma.Register(api, operation(http.MethodPost, "/advisories/import", tag, "import-advisories", "Import advisories from a URL in the layout of OSV's bucket"),
		func(ctx context.Context, in *struct {
			Body struct {
				URL        string   `json:"url" minLength:"1" maxLength:"2048" format:"uri"`
				Ecosystems []string `json:"ecosystems,omitempty" maxItems:"200" doc:"Only these; all if absent"`
			}
		}) (*answer[[]advisory.Result], error) {
			if !strings.HasPrefix(in.Body.URL, "https://") && !strings.HasPrefix(in.Body.URL, "http://") {
				return nil, s.fail(&crowsnest.Error{Kind: crowsnest.Invalid, Op: "import advisories from", Subject: in.Body.URL, Hint: "give a URL, or upload the file"})
			}
			results, err := s.Import(ctx, in.Body.URL, in.Body.Ecosystems)
			return reply(s, wire.Each(results, func(r advisory.Result) advisory.Result { return r }), err)
		})
	put := operation(http.MethodPut, "/advisories", tag, "upload-advisories", "Import advisories from an uploaded zip of OSV records")
	put.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
	huma.Register(api, put, func(ctx context.Context, in *upload) (*answer[[]advisory.Result], error) {
		results, err := s.importUpload(ctx, in)
		return reply(s, wire.Each(results, func(r advisory.Result) advisory.Result { return r }), err)
	})
}

// importUpload spools the upload, since a zip is read from its end, into a folder of the bucket's layout.
func (s *server) importUpload(ctx context.Context, in *upload) ([]advisory.Result, error) {
	dir, err := os.MkdirTemp("", "crowsnest-upload-*")
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

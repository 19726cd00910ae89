// Package intake is the room of the API that takes advisories in: from an address or as an upload.
package intake

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store store.Audit
	Log   *slog.Logger
	// Import takes advisories from a URL or from a file of the server's own making.
	Import func(ctx context.Context, location string, ecosystems []string) ([]advisory.Result, error)
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	const tag = "Advisories"
	huma.Register(api, base.Operation(http.MethodPost, "/advisories/import", tag, "import-advisories", "Import advisories from a URL in the layout of OSV's bucket, CISA's catalogue from one that ends in .json, or EPSS from one that ends in .csv.gz"),
		func(ctx context.Context, in *struct {
			Body struct {
				URL        string   `json:"url" minLength:"1" maxLength:"2048" format:"uri"`
				Ecosystems []string `json:"ecosystems,omitempty" maxItems:"200" doc:"Only these; all if absent"`
			}
		}) (*base.Answer[[]advisory.Result], error) {
			if !strings.HasPrefix(in.Body.URL, "https://") && !strings.HasPrefix(in.Body.URL, "http://") {
				return nil, base.Fail(s.Log, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "import advisories from", Subject: in.Body.URL, Hint: "give a URL, or upload the file"})
			}
			results, err := s.Import(ctx, in.Body.URL, in.Body.Ecosystems)
			if err == nil {
				err = s.recordImport(ctx, results, in.Body.URL)
			}
			return base.Reply(s.Log, wire.Each(results, func(r advisory.Result) advisory.Result { return r }), err)
		})
	put := base.Operation(http.MethodPut, "/advisories", tag, "upload-advisories", "Import an uploaded zip of OSV records, CISA's catalogue, or the CSV of EPSS")
	put.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
	huma.Register(api, put, func(ctx context.Context, in *upload) (*base.Answer[[]advisory.Result], error) {
		results, err := s.importUpload(ctx, in)
		if err == nil {
			err = s.recordImport(ctx, results, "upload")
		}
		return base.Reply(s.Log, wire.Each(results, func(r advisory.Result) advisory.Result { return r }), err)
	})
}

// recordImport notes in the audit log whence advisories came: all organisations share them.
func (s Deps) recordImport(ctx context.Context, results []advisory.Result, from string) error {
	if u, err := url.Parse(from); err == nil { // a URL may carry a secret
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		from = u.String()
	}
	for _, r := range results {
		if err := s.Store.RecordAudit(ctx, base.OrgOf(ctx), "advisory.import", cmp.Or(r.Ecosystem, r.Feed), map[string]string{"from": from}); err != nil {
			return err
		}
	}
	return nil
}

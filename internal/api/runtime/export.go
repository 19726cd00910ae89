package runtime

import (
	"context"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// exposureColumns are those of a CSV file: of the episodes of an exposure the newest.
var exposureColumns = []export.Column[wire.Exposure]{
	{Name: "vulnerability", Value: func(x wire.Exposure) any { return x.Vulnerability }}, {Name: "severity", Value: func(x wire.Exposure) any { return x.Severity.String() }},
	{Name: "open", Value: func(x wire.Exposure) any { return x.Open }}, {Name: "overdue", Value: func(x wire.Exposure) any { return x.Overdue }},
	{Name: "knownSince", Value: func(x wire.Exposure) any { return x.KnownSince }}, {Name: "due", Value: func(x wire.Exposure) any { return timeCell(x.Due) }},
	{Name: "since", Value: func(x wire.Exposure) any { return newest(x).Since }}, {Name: "until", Value: func(x wire.Exposure) any { return timeCell(newest(x).Until) }},
	{Name: "came", Value: func(x wire.Exposure) any { return causeCell(newest(x).Came) }},
	{Name: "went", Value: func(x wire.Exposure) any {
		if went := newest(x).Went; went != nil {
			return causeCell(*went)
		}
		return ""
	}},
	{Name: "episodes", Value: func(x wire.Exposure) any { return x.EpisodeCount }},
}

// newest returns the last episode of an exposure; every exposure has one.
func newest(x wire.Exposure) wire.ExposureEpisode { return x.Episodes[0] }

func timeCell(at *time.Time) any {
	if at == nil {
		return ""
	}
	return *at
}

// causeCell names the image that was the cause, by its digest where it has no name, or says that
// what is known of one was.
func causeCell(c wire.ExposureCause) string {
	switch {
	case c.Image != "":
		return c.Image
	case c.Digest != "":
		return string(c.Digest)
	}
	return c.Kind
}

func (s *routes) exports(api huma.API) {
	huma.Register(api, base.ExportOperation("/environments/{name}/exposures", "export-environment-exposures", "Export what an environment is and was exposed to within a year"),
		func(ctx context.Context, in *struct {
			base.ExportFormat
			base.EnvironmentName
			ExposureQuery
		}) (*huma.StreamResponse, error) {
			return base.Export[wire.Exposure]{
				List: "exposures", Of: in.Name, Columns: exposureColumns,
				Filter: map[string]string{"environment": in.Name, "state": in.State, "severity": strings.Join(in.Severity, " ")},
				Rows: func(ctx context.Context, page store.Page) ([]wire.Exposure, string, error) {
					part, err := s.page(ctx, in.Name, in.ExposureQuery, page)
					return part.Items, part.Next, err
				},
			}.Serve(ctx, s.Store, s.Log, in.Format)
		})
}

package push

import (
	"context"
	"net/http"
	"strconv"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/danielgtaylor/huma/v2"
)

// RepositoryQuery filters repositories.
type RepositoryQuery struct {
	Registry string `query:"registry" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only of this connected registry"`
	State    string `query:"state" enum:"enabled,disabled" doc:"Only those in this state"`
	Query    string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name"`
}

func (q RepositoryQuery) filter() store.RepositoryFilter {
	return store.RepositoryFilter{Registry: q.Registry, State: q.State, Query: q.Query}
}

var repositoryColumns = []export.Column[connected.Repository]{
	{Name: "registry", Value: func(r connected.Repository) any { return r.Registry }}, {Name: "name", Value: func(r connected.Repository) any { return r.Name }}, {Name: "reference", Value: func(r connected.Repository) any { return r.Reference }},
	{Name: "state", Value: func(r connected.Repository) any { return r.State }}, {Name: "tags", Value: func(r connected.Repository) any { return r.Tags }}, {Name: "filling", Value: func(r connected.Repository) any { return r.Filling }},
	{Name: "found", Value: func(r connected.Repository) any { return r.Found }}, {Name: "enabled", Value: func(r connected.Repository) any { return r.Enabled }}, {Name: "gone", Value: func(r connected.Repository) any { return r.Gone }},
	{Name: "read", Value: func(r connected.Repository) any { return r.Read }}, {Name: "pushed", Value: func(r connected.Repository) any { return r.Pushed }}, {Name: "reason", Value: func(r connected.Repository) any { return r.Reason }},
}

// RepositoryName names a repository, whose name has slashes.
type RepositoryName struct {
	Name string `query:"name" required:"true" minLength:"1" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"As images are named, without a tag, such as registry.example.com/shop/web"`
}

// TagQuery asks for the tags of a repository.
type TagQuery struct {
	RepositoryName
	Past bool `query:"past" doc:"Also what they named before"`
}

var tagColumns = []export.Column[connected.TagInterval]{
	{Name: "tag", Value: func(i connected.TagInterval) any { return i.Tag }}, {Name: "target", Value: func(i connected.TagInterval) any { return string(i.Target) }},
	{Name: "since", Value: func(i connected.TagInterval) any { return i.Since }}, {Name: "until", Value: func(i connected.TagInterval) any { return i.Until }},
	{Name: "image", Value: func(i connected.TagInterval) any { return string(i.Image) }}, {Name: "state", Value: func(i connected.TagInterval) any { return i.State }},
}

func (s Deps) repositories(api huma.API) {
	huma.Register(api, base.Operation(http.MethodGet, "/repositories", tag, "list-repositories", "List the repositories of connected registries"), func(ctx context.Context, in *struct {
		RepositoryQuery
		base.Paging
	}) (*base.Answer[wire.Page[connected.Repository]], error) {
		list, err := s.Store.Repositories(ctx, base.OrgOf(ctx), in.filter(), in.Page())
		return base.Reply(s.Log, wire.PageOf(list, connected.NewRepository), err)
	})
	huma.Register(api, base.ExportOperation("/repositories", "export-repositories", "Export the repositories of connected registries"), func(ctx context.Context, in *struct {
		base.ExportFormat
		RepositoryQuery
	}) (*huma.StreamResponse, error) {
		return base.Export[connected.Repository]{List: "repositories", Of: in.Registry, Filter: map[string]string{"registry": in.Registry, "state": in.State, "q": in.Query}, Columns: repositoryColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.Repository], error) {
				return s.Store.Repositories(ctx, base.OrgOf(ctx), in.filter(), page)
			}, connected.NewRepository),
		}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.Operation(http.MethodGet, "/repository", tag, "get-repository", "Get what is known of a repository, whether its registry is connected or not"),
		func(ctx context.Context, in *RepositoryName) (*base.Answer[connected.KnownRepository], error) {
			known, err := s.Store.KnownRepository(ctx, base.OrgOf(ctx), in.Name)
			return base.Reply(s.Log, connected.NewKnownRepository(known), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/repository/tags", tag, "list-repository-tags", "List what the tags of a repository name, and named; what was tagged last first"), func(ctx context.Context, in *struct {
		TagQuery
		base.Paging
	}) (*base.Answer[wire.Page[connected.TagInterval]], error) {
		list, err := s.Store.TagIntervals(ctx, base.OrgOf(ctx), in.Name, in.Past, in.Page())
		return base.Reply(s.Log, wire.PageOf(list, connected.NewTagInterval), err)
	})
	huma.Register(api, base.ExportOperation("/repository/tags", "export-repository-tags", "Export what the tags of a repository name, and named"), func(ctx context.Context, in *struct {
		base.ExportFormat
		TagQuery
	}) (*huma.StreamResponse, error) {
		if _, err := s.Store.KnownRepository(ctx, base.OrgOf(ctx), in.Name); err != nil {
			return nil, base.Fail(s.Log, err)
		}
		return base.Export[connected.TagInterval]{List: "tags", Of: in.Name, Filter: map[string]string{"name": in.Name, "past": strconv.FormatBool(in.Past)}, Columns: tagColumns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[store.TagInterval], error) {
				return s.Store.TagIntervals(ctx, base.OrgOf(ctx), in.Name, in.Past, page)
			}, connected.NewTagInterval),
		}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	for _, way := range []struct {
		path, id, summary string
		enable            bool
	}{
		{"/repositories/enable", "enable-repositories", "Enable repositories: their newest image is analysed, and what is pushed from now on", true},
		{"/repositories/disable", "disable-repositories", "Disable repositories; what was analysed stays", false},
	} {
		huma.Register(api, base.Operation(http.MethodPost, way.path, tag, way.id, way.summary),
			func(ctx context.Context, in *struct{ Body connected.RepositoryScope }) (*base.Answer[connected.RepositoryChange], error) {
				scope, err := readScope(in.Body)
				if err != nil {
					return nil, base.Fail(s.Log, err)
				}
				n, err := s.Store.EnableRepositories(ctx, base.OrgOf(ctx), scope, way.enable)
				return base.Reply(s.Log, connected.RepositoryChange{Changed: n}, err)
			})
	}
	for _, way := range []struct {
		path, id, summary string
		do                func(ctx context.Context, org store.OrgID, scope store.RepositoryScope) (store.Backfill, error)
	}{
		{"/repositories/backfill/preview", "preview-repository-backfill", "Count the images that filling up enabled repositories would analyse", func(ctx context.Context, org store.OrgID, scope store.RepositoryScope) (store.Backfill, error) {
			return s.Store.PreviewBackfill(ctx, org, scope)
		}},
		{"/repositories/backfill", "start-repository-backfill", "Have everything in enabled repositories analysed, after everything else", func(ctx context.Context, org store.OrgID, scope store.RepositoryScope) (store.Backfill, error) {
			return s.Store.Fill(ctx, org, scope)
		}},
	} {
		huma.Register(api, base.Operation(http.MethodPost, way.path, tag, way.id, way.summary),
			func(ctx context.Context, in *struct{ Body connected.RepositoryScope }) (*base.Answer[connected.Backfill], error) {
				scope, err := readScope(in.Body)
				if err != nil {
					return nil, base.Fail(s.Log, err)
				}
				out, err := way.do(ctx, base.OrgOf(ctx), scope)
				return base.Reply(s.Log, connected.Backfill(out), err)
			})
	}
	huma.Register(api, base.Operation(http.MethodGet, "/analysis-lanes", "Analyses", "list-analysis-lanes", "Count what waits for its analysis and what is analysed, by who waits for it"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[[]connected.Lane], error) {
			counts, err := s.Store.LaneCounts(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, wire.Each(counts, connected.NewLane), err)
		})
}

// readScope reads which repositories are meant. All of them must be said, not left out.
func readScope(body connected.RepositoryScope) (store.RepositoryScope, error) {
	refuse := func(field, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose repositories", Field: field, Hint: hint}
	}
	some := len(body.Names)+len(body.Patterns) > 0
	switch {
	case some && body.All:
		return store.RepositoryScope{}, refuse("all", "give names or patterns, or all")
	case !some && !body.All:
		return store.RepositoryScope{}, refuse("names", "give names or patterns, or all")
	}
	patterns, err := crowsnest.ParseGlobs(body.Patterns)
	if err != nil {
		return store.RepositoryScope{}, crowsnest.InField("patterns", err)
	}
	for _, n := range body.Names {
		if !registry.IsRepository(n) {
			return store.RepositoryScope{}, refuse("names", "write repositories without the registry and without a tag, as team/web")
		}
	}
	return store.RepositoryScope{Registry: body.Registry, Names: body.Names, Patterns: patterns}, nil
}

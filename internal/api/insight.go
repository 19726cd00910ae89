package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// VulnerabilityName names a vulnerability in a path.
type VulnerabilityName struct {
	ID string `path:"id" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"The CVE or any alias, such as GHSA-… or DSA-…"`
}

// InEnvironment narrows a list to what runs somewhere.
type InEnvironment struct {
	Environment string `query:"environment" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only of images that run there"`
}

// PackageName names a package. The name is in the query, since it may hold slashes and more.
type PackageName struct {
	Type string `path:"type" maxLength:"64" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"purl type: deb, npm, golang …"`
	Name string `query:"name" required:"true" minLength:"1" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"As lists write it: @scope/name, group:artifact"`
}

// HeldPackageQuery asks for the images that have a package.
type HeldPackageQuery struct {
	PackageName
	InEnvironment
	Version string `query:"version" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only this version"`
}

func (q HeldPackageQuery) filter() store.HolderFilter {
	return store.HolderFilter{Type: q.Type, Name: q.Name, Version: q.Version, Environment: q.Environment}
}

// PackageQuery filters packages.
type PackageQuery struct {
	InEnvironment
	Type       string `query:"type" maxLength:"64" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only of this purl type"`
	Q          string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name; ASCII letters in either case"`
	Vulnerable bool   `query:"vulnerable" doc:"Only with vulnerabilities"`
	Suppressed bool   `query:"suppressed" doc:"With vulnerable, or by the worst: those as well of which decisions suppress all that is found; without it suppressedHidden counts them"`
	NotSeen    bool   `query:"notSeen" doc:"With vulnerable, or by the worst: those as well of which nothing counts in the environment, as it takes as not affected what is not seen loaded; without it notSeenHidden counts them"`
	InUse      bool   `query:"inUse" doc:"Only those of which run time saw a version loaded, in what runs or in what runs in the environment; with vulnerable, a version that has vulnerabilities"`
	Sort       string `query:"sort" enum:"name,worst" default:"name" doc:"worst lists only packages with vulnerabilities"`
}

func (q PackageQuery) filter() store.PackageFilter {
	return store.PackageFilter{Environment: q.Environment, Type: q.Type, Query: q.Q, Vulnerable: q.Vulnerable, Suppressed: q.Suppressed, NotSeen: q.NotSeen, InUse: q.InUse, Sort: store.PackageSort(q.Sort)}
}

func (s *server) insights(api huma.API) {
	const vulnerabilities, packages = "Vulnerabilities", "Packages"
	huma.Register(api, operation(http.MethodGet, "/vulnerabilities/{id}", vulnerabilities, "get-vulnerability", "Get what every source says of a vulnerability, and what has it"),
		func(ctx context.Context, in *VulnerabilityName) (*answer[wire.VulnerabilityDetail], error) {
			d, err := s.Store.Vulnerability(ctx, orgOf(ctx), in.ID)
			return reply(s, wire.NewVulnerabilityDetail(d, whyDecides), err)
		})
	huma.Register(api, operation(http.MethodGet, "/vulnerabilities/{id}/images", vulnerabilities, "list-vulnerability-images", "List the images that have a vulnerability, with where and whether in use"),
		func(ctx context.Context, in *struct {
			VulnerabilityName
			InEnvironment
			Paging
		}) (*answer[wire.Page[wire.Holder]], error) {
			list, err := s.Store.Holders(ctx, orgOf(ctx), store.HolderFilter{Vulnerability: in.ID, Environment: in.Environment}, in.Page())
			return reply(s, wire.PageOf(list, wire.NewHolder), err)
		})
	huma.Register(api, operation(http.MethodGet, "/packages", packages, "list-packages", "List packages over all images"),
		func(ctx context.Context, in *struct {
			PackageQuery
			Paging
		}) (*answer[wire.PackagePage], error) {
			list, err := s.Store.Packages(ctx, orgOf(ctx), in.filter(), in.Page())
			if err != nil {
				return nil, s.fail(err)
			}
			left, err := s.Store.LeftOutPackages(ctx, orgOf(ctx), in.filter())
			return reply(s, wire.PackagePage{Page: wire.PageOf(list, wire.NewPackageSummary), SuppressedHidden: left.Suppressed, NotSeenHidden: left.NotSeen}, err)
		})
	huma.Register(api, operation(http.MethodGet, "/packages/{type}", packages, "get-package", "Get a package with its versions"),
		func(ctx context.Context, in *PackageName) (*answer[wire.PackageDetail], error) {
			d, err := s.Store.Package(ctx, orgOf(ctx), in.Type, in.Name)
			return reply(s, wire.NewPackageDetail(d), err)
		})
	huma.Register(api, operation(http.MethodGet, "/packages/{type}/images", packages, "list-package-images", "List the images that have a package, with where and whether in use"),
		func(ctx context.Context, in *struct {
			HeldPackageQuery
			Paging
		}) (*answer[wire.Page[wire.Holder]], error) {
			list, err := s.Store.Holders(ctx, orgOf(ctx), in.filter(), in.Page())
			return reply(s, wire.PageOf(list, wire.NewHolder), err)
		})
	huma.Register(api, operation(http.MethodGet, "/search", "Search", "search", "Find images, packages, vulnerabilities, workloads and environments"),
		func(ctx context.Context, in *struct {
			Q    string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name of an image, a package or an environment; beginning of a digest, of a vulnerability's name, of a workload or a namespace"`
			Each int    `query:"each" minimum:"1" maximum:"20" default:"5" doc:"Hits of each kind"`
		}) (*answer[wire.SearchResult], error) {
			found, err := s.Store.Search(ctx, orgOf(ctx), in.Q, in.Each)
			return reply(s, wire.NewSearchResult(found), err)
		})
	huma.Register(api, operation(http.MethodGet, "/overview", "Overview", "get-overview", "Sum up everything, or one environment"),
		func(ctx context.Context, in *struct {
			Environment string    `query:"environment" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only what runs there"`
			Since       time.Time `query:"since" doc:"Count as new what happened since; default a day ago"`
		}) (*answer[wire.Overview], error) {
			overview, err := s.overview(ctx, in.Environment, in.Since)
			return reply(s, overview, err)
		})
}

// whyDecides tells why the first finding of a package version decides.
func whyDecides(a store.AffectedVersion) string {
	return match.Why(a.Package, a.Findings[0], a.Findings[1:])
}

func (s *server) overview(ctx context.Context, environment string, since time.Time) (wire.Overview, error) {
	now := time.Now().UTC()
	if since.IsZero() {
		since = now.Add(-24 * time.Hour)
	}
	if since.After(now) {
		return wire.Overview{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "count since", Subject: since.Format(time.RFC3339), Hint: "give a time that is past"}
	}
	overview, err := s.Store.Overview(ctx, orgOf(ctx), environment, since)
	if err != nil {
		return wire.Overview{}, err
	}
	integrations, err := s.Store.Integrations(ctx, orgOf(ctx))
	if err != nil {
		return wire.Overview{}, err
	}
	advisories, err := s.Store.AdvisoryStatuses(ctx)
	return wire.NewOverview(environment, now, overview, integrations, advisories), err
}

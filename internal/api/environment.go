package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/runtime"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// RunningQuery filters what runs in an environment.
type RunningQuery struct {
	ImageText
	At time.Time `query:"at" doc:"What ran at that time, with what is known today"`
}

func (q RunningQuery) filter(environment string) store.ImageFilter {
	return store.ImageFilter{Environment: environment, At: q.At, Query: q.Q}
}

// OccurrenceQuery narrows what runs and ran in an environment.
type OccurrenceQuery struct {
	Q         string `query:"q" maxLength:"200" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Words, each part of the name, kind, container, namespace or cluster of the workload or of the name of the image"`
	Namespace string `query:"namespace" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only in this namespace"`
	Cluster   string `query:"cluster" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only in this cluster"`
	Running   bool   `query:"running" doc:"Only what runs now"`
}

func (q OccurrenceQuery) filter(environment string) running.Filter {
	return running.Filter{Environment: environment, Query: q.Q, Namespace: q.Namespace, Cluster: q.Cluster, Now: q.Running}
}

func (s *server) environments(api huma.API) {
	const tag = "Environments"
	huma.Register(api, operation(http.MethodGet, "/environments", tag, "list-environments", "List the environments in which an analysed image runs"),
		func(ctx context.Context, in *runtime.EnvironmentQuery) (*answer[[]wire.EnvironmentSummary], error) {
			rows, err := s.Store.Environments(ctx, orgOf(ctx), in.Empty)
			return reply(s, wire.Each(rows, wire.NewEnvironmentSummary), err)
		})
	huma.Register(api, operation(http.MethodGet, "/environments/{name}", tag, "get-environment", "Get an environment"),
		func(ctx context.Context, in *struct {
			EnvironmentName
			At       time.Time `query:"at" doc:"What it was at that time, with what is known today"`
			Counting string    `query:"counting" enum:"images,packages,vulnerabilities" default:"images" doc:"What the summary counts: the findings of each image, summed up; those of each package version once; or each vulnerability once, by its worst severity. Of a past time it counts images"`
		}) (*answer[wire.EnvironmentSummary], error) {
			counting := store.Counting(in.Counting)
			if !in.At.IsZero() {
				if counting != store.CountImages {
					return nil, s.fail(&crowsnest.Error{Kind: crowsnest.Invalid, Op: "count by", Subject: in.Counting, Hint: "of a past time, only images can be counted"})
				}
				row, err := s.Store.EnvironmentAt(ctx, orgOf(ctx), in.Name, in.At)
				return reply(s, wire.NewEnvironmentSummary(row), err)
			}
			row, err := s.Store.Environment(ctx, orgOf(ctx), in.Name)
			out := wire.NewEnvironmentSummary(row)
			if err == nil && counting != store.CountImages {
				var n store.Counted
				n, err = s.Store.EnvironmentSummary(ctx, orgOf(ctx), in.Name, counting)
				out.Counting, out.Summary, out.InUse, out.NotAffected, out.Suppressed = counting, n.Summary, n.InUse, n.NotAffected, n.Suppressed
			}
			return reply(s, out, err)
		})
	huma.Register(api, operation(http.MethodGet, "/environments/{name}/images", tag, "list-environment-images", "List the analysed images that run in an environment, with their workloads"),
		func(ctx context.Context, in *struct {
			EnvironmentName
			RunningQuery
			Paging
		}) (*answer[wire.Page[wire.RunningImage]], error) {
			list, err := s.Store.RunningImages(ctx, orgOf(ctx), in.filter(in.Name), in.Page())
			return reply(s, wire.PageOf(list, wire.NewRunningImage), err)
		})
	huma.Register(api, operation(http.MethodGet, "/environments/{name}/occurrences", tag, "list-environment-occurrences", "List what runs and ran in an environment, also one that was deleted, newest first"),
		func(ctx context.Context, in *struct {
			EnvironmentName
			OccurrenceQuery
			Paging
		}) (*answer[wire.Page[wire.Occurrence]], error) {
			list, err := s.Store.Occurrences(ctx, orgOf(ctx), in.filter(in.Name), in.Page())
			return reply(s, wire.PageOf(list, wire.NewOccurrence), err)
		})
	huma.Register(api, operation(http.MethodGet, "/coverage", tag, "get-coverage", "Count the running images by what is known of them"),
		func(ctx context.Context, _ *struct{}) (*answer[wire.CoverageReport], error) {
			coverage, err := s.Store.Coverage(ctx, orgOf(ctx))
			if err != nil {
				return nil, s.fail(err)
			}
			rows, err := s.Store.Environments(ctx, orgOf(ctx), true)
			return reply(s, wire.CoverageReport{Coverage: coverage, Environments: wire.Each(rows, wire.NewEnvironmentSummary)}, err)
		})
	huma.Register(api, operation(http.MethodGet, "/coverage/gaps", tag, "list-gaps", "List running images that are not analysed, with the reason"),
		func(ctx context.Context, in *struct {
			Paging
			Environment string    `query:"environment" maxLength:"128"`
			At          time.Time `query:"at" doc:"With environment: what ran there at that time, with what is known today, but for warnings"`
		}) (*answer[wire.Page[wire.Gap]], error) {
			if !in.At.IsZero() {
				list, err := s.Store.GapsAt(ctx, orgOf(ctx), in.Environment, in.At, in.Page())
				return reply(s, wire.PageOf(list, wire.NewGap), err)
			}
			list, err := s.Store.Gaps(ctx, orgOf(ctx), in.Environment, in.Page())
			return reply(s, wire.PageOf(list, wire.NewGap), err)
		})
}

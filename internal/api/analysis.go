package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// maxEvaluation bounds the packages sent for evaluation, and evaluationTime the time a slow
// line may take to send them: 200,000 packages are some 40 MB.
const (
	maxEvaluation  = 64 << 20
	evaluationTime = 2 * time.Minute
)

// AnalysisQuery filters requests for analyses.
type AnalysisQuery struct {
	State string `query:"state" enum:"queued,running,done,failed" doc:"Only those in this state"`
}

func (s *server) analyses(api huma.API) {
	const tag = "Analyses"
	request := operation(http.MethodPost, "/analyses", tag, "request-analysis", "Have an image of a registry analysed")
	request.DefaultStatus = http.StatusAccepted
	huma.Register(api, request, func(ctx context.Context, in *struct{ Body wire.AnalysisRequest }) (*answer[wire.Analysis], error) {
		reference := strings.TrimPrefix(in.Body.Reference, "registry://")
		// Every other source is a path, and a path would be one of the server's own.
		if strings.Contains(reference, "://") {
			return nil, s.fail(&crowsnest.Error{Kind: crowsnest.Invalid, Op: "request analysis of", Subject: in.Body.Reference, Hint: "the server analyses images of registries only"})
		}
		if _, err := s.FullName(reference); err != nil {
			return nil, s.fail(err)
		}
		platform := in.Body.Platform
		if platform != "" {
			parsed, err := crowsnest.ParsePlatform(platform)
			if err != nil {
				return nil, s.fail(err)
			}
			platform = parsed.String()
		}
		req, err := s.Store.RequestAnalysis(ctx, orgOf(ctx), reference, platform)
		return reply(s, wire.NewAnalysis(req), err)
	})
	huma.Register(api, operation(http.MethodGet, "/analyses", tag, "list-analyses", "List requests for analyses, newest first"), func(ctx context.Context, in *struct {
		AnalysisQuery
		Paging
	}) (*answer[wire.Page[wire.Analysis]], error) {
		list, err := s.Store.Requests(ctx, orgOf(ctx), store.State(in.State), in.Page())
		return reply(s, wire.PageOf(list, wire.NewAnalysis), err)
	})
	retry := operation(http.MethodPost, "/analyses/{id}/retry", tag, "retry-analysis", "Try an analysis that is over again")
	retry.DefaultStatus = http.StatusAccepted
	huma.Register(api, retry, func(ctx context.Context, in *struct {
		ID string `path:"id" maxLength:"64"`
	}) (*answer[wire.Analysis], error) {
		req, err := s.Store.RetryAnalysis(ctx, orgOf(ctx), in.ID)
		return reply(s, wire.NewAnalysis(req), err)
	})
	huma.Register(api, operation(http.MethodGet, "/analyses/{id}", tag, "get-analysis", "See how an analysis stands"), func(ctx context.Context, in *struct {
		ID string `path:"id" maxLength:"64"`
	}) (*answer[wire.Analysis], error) {
		req, err := s.Store.Request(ctx, orgOf(ctx), in.ID)
		return reply(s, wire.NewAnalysis(req), err)
	})
	evaluate := operation(http.MethodPost, "/evaluations", tag, "evaluate-packages", "Match packages that are not kept")
	evaluate.MaxBodyBytes, evaluate.BodyReadTimeout = maxEvaluation, evaluationTime
	huma.Register(api, evaluate, func(ctx context.Context, in *struct{ Body wire.EvaluationRequest }) (*answer[wire.CVEs], error) {
		report, err := s.Evaluate(ctx, orgOf(ctx), in.Body)
		return reply(s, report, err)
	})
}

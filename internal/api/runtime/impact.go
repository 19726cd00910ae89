package runtime

import (
	"cmp"
	"context"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// ImpactQuery says what would become of an integration: as in a change of it, what is absent stays. With nothing it is deleted.
type ImpactQuery struct {
	Environment string `query:"environment" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Where it would be moved to; with no change at all, it would be deleted"`
	Cluster     string `query:"cluster" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Which cluster it would be pointed at"`
	Region      string `query:"region" maxLength:"64" doc:"The region of that cluster"`
	URL         string `query:"url" maxLength:"2048" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"The address of that cluster"`
}

// Of tells what that does to environments. What ran in a cluster that is left is closed, and nothing is known of another
// one before it is swept.
func (q ImpactQuery) Of(ctx context.Context, s interface {
	store.Integrations
	store.IntegrationChanges
}, org store.OrgID, name string) (source.Impact, error) {
	was, err := s.Integration(ctx, org, name)
	if err != nil {
		return source.Impact{}, err
	}
	to := q.Environment
	other := func(is, was string) bool { return is != "" && is != was }
	another := other(q.Cluster, was.Cluster) || other(q.Region, was.Region) || other(q.URL, was.URL)
	switch {
	case another:
		to = ""
	case q != ImpactQuery{}:
		to = cmp.Or(to, was.Environment)
	}
	impact, err := s.IntegrationImpact(ctx, org, name, to)
	out := source.NewImpact(impact)
	if another {
		out.Fed = cmp.Or(q.Environment, was.Environment)
	}
	return out, err
}

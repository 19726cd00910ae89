package runtime

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// ExposureQuery filters exposures.
type ExposureQuery struct {
	State    string   `query:"state" enum:"open,overdue,suppressed,not-seen,closed" doc:"Only those that last and count, those that last too long, those that last and are suppressed by decisions, those that last and are left out as not seen, or those that are over"`
	Severity []string `query:"severity" maxItems:"5" enum:"critical,high,medium,low,unspecified" doc:"Only these severities, separated by commas"`
}

// ExposureDays is for how long to sum up.
type ExposureDays struct {
	Days int `query:"days" minimum:"1" maximum:"365" default:"30" doc:"How many days to look at, today included"`
}

func (s *routes) exposures(api huma.API) {
	const tag = "Exposure"
	huma.Register(api, base.Operation(http.MethodGet, "/exposure", tag, "get-exposure", "Sum up what all environments together are and were exposed to: a vulnerability lasts while it runs in any of them"),
		func(ctx context.Context, in *struct{ ExposureDays }) (*base.Answer[wire.ExposureReport], error) {
			report, err := s.report(ctx, "", in.Days)
			return base.Reply(s.Log, report, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/environments/{name}/exposure", tag, "get-environment-exposure", "Sum up what an environment is and was exposed to"),
		func(ctx context.Context, in *struct {
			base.EnvironmentName
			ExposureDays
		}) (*base.Answer[wire.ExposureReport], error) {
			report, err := s.report(ctx, in.Name, in.Days)
			return base.Reply(s.Log, report, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/environments/{name}/exposures", tag, "list-environment-exposures", "List what an environment is and was exposed to within a year: the worst severity first, the oldest first"),
		func(ctx context.Context, in *struct {
			base.EnvironmentName
			ExposureQuery
			base.Paging
		}) (*base.Answer[wire.Page[wire.Exposure]], error) {
			page, err := s.page(ctx, in.Name, in.ExposureQuery, in.Page())
			return base.Reply(s.Log, page, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/vulnerabilities/{id}/exposure", tag, "get-vulnerability-exposure", "Tell when which environment was exposed to a vulnerability, within a year"),
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"256"`
		}) (*base.Answer[[]wire.EnvironmentExposure], error) {
			list, err := s.everywhere(ctx, in.ID)
			return base.Reply(s.Log, list, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/settings/remediation", tag, "get-remediation-targets", "Get the days within which vulnerabilities should be remediated"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[wire.Targets], error) {
			targets, err := s.Store.Targets(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, wire.NewTargets(targets), err)
		})
	huma.Register(api, base.Operation(http.MethodPut, "/settings/remediation", tag, "set-remediation-targets", "Set the days within which vulnerabilities should be remediated"),
		func(ctx context.Context, in *struct{ Body wire.Targets }) (*base.Answer[wire.Targets], error) {
			return base.Reply(s.Log, in.Body, s.Store.SetTargets(ctx, base.OrgOf(ctx), in.Body.Store()))
		})
}

// report sums up what an environment or, without one, all together were exposed to.
func (s *routes) report(ctx context.Context, environment string, days int) (wire.ExposureReport, error) {
	list, targets, err := s.exposed(ctx, environment)
	if err != nil {
		return wire.ExposureReport{}, err
	}
	uncounted, err := s.uncounted(ctx, environment)
	if err != nil {
		return wire.ExposureReport{}, err
	}
	now := s.book.Now()
	return wire.NewExposureReport(environment, now, exposure.Summarise(list, targets, now, days, uncounted.Of)), nil
}

// uncounted returns what of what is open does not count. Of all environments together nothing is left out as not seen: that is for one to say of itself.
func (s *routes) uncounted(ctx context.Context, environment string) (out wire.Uncounted, err error) {
	if out.Suppressed, err = s.suppressed(ctx, environment); err == nil && environment != "" {
		out.NotSeen, err = s.Store.NotSeenIn(ctx, base.OrgOf(ctx), environment)
	}
	return out, err
}

// suppressed returns the vulnerabilities that decisions take out of counts wherever they are found in what runs in an environment or,
// without one, in each of those that are exposed to them.
func (s *routes) suppressed(ctx context.Context, environment string) (map[string]crowsnest.Suppression, error) {
	org := base.OrgOf(ctx)
	if environment != "" {
		return s.Store.SuppressedIn(ctx, org, environment)
	}
	held, err := s.Store.DecisionsInForce(ctx, org)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	names, err := s.Store.EnvironmentNames(ctx, org)
	if err != nil {
		return nil, err
	}
	out, counts := make(map[string]crowsnest.Suppression), make(map[string]bool)
	for _, name := range names {
		hidden, err := s.Store.SuppressedIn(ctx, org, name)
		if err != nil {
			return nil, err
		}
		list, err := s.book.Exposures(ctx, org, name)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if !x.Open() {
				continue
			}
			by, ok := hidden[x.Vulnerability]
			if !ok {
				counts[x.Vulnerability] = true
				continue
			}
			if known, told := out[x.Vulnerability]; !told || !by.Until.IsZero() && (known.Until.IsZero() || by.Until.Before(known.Until)) {
				out[x.Vulnerability] = by
			}
		}
	}
	maps.DeleteFunc(out, func(v string, _ crowsnest.Suppression) bool { return counts[v] })
	return out, nil
}

// exposed returns what an environment or, without one, all together were exposed to, with the targets to measure it by.
func (s *routes) exposed(ctx context.Context, environment string) ([]exposure.Exposure, store.Targets, error) {
	org := base.OrgOf(ctx)
	list, err := s.book.Exposures(ctx, org, environment)
	if err != nil {
		return nil, nil, err
	}
	targets, err := s.Store.Targets(ctx, org)
	return list, targets, err
}

// page cuts a page out of the exposures of an environment; its cursor is the last row of the
// page before, wherever that stands by now.
func (s *routes) page(ctx context.Context, environment string, query ExposureQuery, page store.Page) (wire.Page[wire.Exposure], error) {
	out := wire.Page[wire.Exposure]{Items: []wire.Exposure{}}
	list, targets, err := s.exposed(ctx, environment)
	if err != nil {
		return out, err
	}
	after, err := readCursor(page.Cursor)
	if err != nil {
		return out, err
	}
	from, found := 0, false
	if after != nil {
		if from, found = slices.BinarySearchFunc(list, *after, exposure.Compare); found {
			from++
		}
	}
	uncounted, err := s.uncounted(ctx, environment)
	if err != nil {
		return out, err
	}
	now := s.book.Now()
	var rows []exposure.Exposure
	for _, x := range list[from:] {
		if !query.fits(x, targets, now.UnixMicro(), uncounted.Of(x.Vulnerability)) {
			continue
		}
		if len(rows) == page.Limit {
			out.Next = cursor(rows[len(rows)-1])
			break
		}
		rows = append(rows, x)
	}
	names, err := s.names(ctx, rows)
	for _, x := range rows {
		out.Items = append(out.Items, wire.NewExposure(x, targets, now, names, uncounted))
	}
	return out, err
}

func (q ExposureQuery) fits(x exposure.Exposure, targets store.Targets, now int64, standing exposure.Standing) bool {
	if len(q.Severity) > 0 && !slices.Contains(q.Severity, x.Severity.String()) {
		return false
	}
	switch q.State {
	case "open":
		return x.Open() && standing == exposure.Counts
	case "overdue":
		return exposure.Overdue(x, targets, now) && standing == exposure.Counts
	case "suppressed":
		return x.Open() && standing == exposure.Suppressed
	case "not-seen":
		return x.Open() && standing == exposure.NotSeen
	case "closed":
		return !x.Open()
	}
	return true
}

// names reads the names of the images that began and ended exposures.
func (s *routes) names(ctx context.Context, list []exposure.Exposure) (map[int64]store.ContentName, error) {
	contents := make(map[int64]bool)
	for _, x := range list {
		for _, e := range x.Episodes {
			contents[e.Came], contents[e.Went] = true, true
		}
	}
	delete(contents, 0)
	return s.Store.ContentNames(ctx, base.OrgOf(ctx), slices.Sorted(maps.Keys(contents)))
}

// everywhere finds the exposure of each environment to a vulnerability. One that no image has any
// more may still have a history.
func (s *routes) everywhere(ctx context.Context, id string) ([]wire.EnvironmentExposure, error) {
	org := base.OrgOf(ctx)
	known, unknown := s.Store.Vulnerability(ctx, org, id)
	switch {
	case unknown == nil:
		id = known.ID
	case crowsnest.KindOf(unknown) != crowsnest.NotFound:
		return nil, unknown
	}
	found, err := s.book.Everywhere(ctx, org, id)
	if err != nil {
		return nil, err
	}
	targets, err := s.Store.Targets(ctx, org)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx, slices.Collect(maps.Values(found)))
	if err != nil {
		return nil, err
	}
	out := []wire.EnvironmentExposure{}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		uncounted, err := s.uncounted(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, wire.EnvironmentExposure{Environment: name, Exposure: wire.NewExposure(found[name], targets, s.book.Now(), names, uncounted)})
	}
	if len(out) == 0 {
		return out, unknown
	}
	return out, nil
}

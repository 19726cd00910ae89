// Package feed is the room of the API about what is held of advisories: how old it is, what updates
// changed, and what single records say. All organisations share it.
package feed

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
)

// Store is what is read.
type Store interface {
	store.Advisories
	store.AdvisoryHistory
	store.Feeds
	store.Threats
}

// Reader answers from what is held, on a server as on one machine.
type Reader struct{ Store Store }

// Deps is what the routes need.
type Deps struct {
	Store Store
	Log   *slog.Logger
	By    string // what bundles say made them

	Organisations store.Overviews // names those that take a list with them
}

// UpdateQuery narrows the list of updates.
type UpdateQuery struct {
	Feed      string    `query:"feed" enum:"osv,kev,epss,bundle" doc:"Only of this feed; osv needs an ecosystem"`
	Ecosystem string    `query:"ecosystem" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only of this ecosystem of OSV"`
	Since     time.Time `query:"since" doc:"Only from then on"`
	Until     time.Time `query:"until" doc:"Only until then"`
}

// Filter is the query in the words of the store.
func (q UpdateQuery) Filter() (store.UpdateFilter, error) {
	filter := store.UpdateFilter{Since: q.Since, Until: q.Until}
	switch {
	case q.Ecosystem != "" && q.Feed != "" && q.Feed != wire.FeedOSV:
		return filter, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "list updates of", Subject: q.Feed, Hint: "only osv has ecosystems"}
	case q.Ecosystem != "":
		filter.Feed = store.OSVFeed(q.Ecosystem)
	case q.Feed == wire.FeedOSV:
		return filter, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "list updates of", Subject: q.Feed, Hint: "name an ecosystem"}
	default:
		filter.Feed = q.Feed
	}
	return filter, nil
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, deps Deps) {
	r := Reader{deps.Store}
	const tag = "Advisories"
	(&bundler{store: deps.Store, by: deps.By}).serve(api, deps.Log)
	huma.Register(api, base.Operation(http.MethodGet, "/advisories", tag, "get-advisory-status", "List what is held of advisories, of CISA's catalogue and of EPSS, with the age of each and how its updates go"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[[]wire.AdvisoryStatus], error) {
			list, err := r.Statuses(ctx)
			return base.Reply(deps.Log, list, err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/advisories/updates", tag, "list-advisory-updates", "List what updates changed, newest first"),
		func(ctx context.Context, in *struct {
			base.Paging
			UpdateQuery
		}) (*base.Answer[wire.Page[wire.AdvisoryUpdate]], error) {
			filter, err := in.Filter()
			if err != nil {
				return nil, base.Fail(deps.Log, err)
			}
			list, err := deps.Store.AdvisoryUpdates(ctx, filter, in.Page())
			return base.Reply(deps.Log, wire.PageOf(list, wire.NewAdvisoryUpdate), err)
		})
	exports(api, deps)
	retry := base.Operation(http.MethodPost, "/advisories/retry", tag, "retry-advisory-update", "Have the update of a feed tried now, and not when it is due")
	retry.DefaultStatus = http.StatusAccepted
	huma.Register(api, retry, func(ctx context.Context, in *struct{ Body wire.FeedName }) (*struct{}, error) {
		name := in.Body.Feed
		switch {
		case name == wire.FeedOSV && in.Body.Ecosystem == "":
			return nil, base.Fail(deps.Log, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "try again update of", Subject: name, Field: "ecosystem", Hint: "name an ecosystem"})
		case name == wire.FeedOSV:
			name = store.OSVFeed(in.Body.Ecosystem)
		}
		err := deps.Store.RetryFeed(ctx, name)
		if err != nil && crowsnest.KindOf(err) == crowsnest.NotFound && deps.Store.RetryFeed(ctx, store.BundleFeed) == nil {
			err = nil // the bundle of another server brings it
		}
		return nil, base.Fail(deps.Log, err)
	})
	huma.Register(api, base.Operation(http.MethodGet, "/advisories/records/{id}", tag, "get-advisory", "Get everything held of the advisories with a name, whether any image has it or not"),
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"ID of an advisory, or a name that advisories speak of, such as a CVE"`
		}) (*base.Answer[wire.NamedAdvisories], error) {
			found, err := r.Named(ctx, in.ID)
			return base.Reply(deps.Log, found, err)
		})
}

// Statuses tells of everything that is held.
func (r Reader) Statuses(ctx context.Context) ([]wire.AdvisoryStatus, error) {
	held, err := r.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return nil, err
	}
	feeds, err := r.Store.Feeds(ctx)
	return wire.NewAdvisoryStatuses(held, feeds), err
}

// shownRecords is how many records one answer holds in full; some have megabytes.
const shownRecords = 20

// Named returns the records that bear a name. A name that none bears is not found.
func (r Reader) Named(ctx context.Context, name string) (wire.NamedAdvisories, error) {
	out := wire.NamedAdvisories{Name: name, Advisories: []wire.Advisory{}, Others: []string{}}
	ids, err := r.Store.AdvisoriesNamed(ctx, name)
	if upper := strings.ToUpper(name); err == nil && len(ids) == 0 && upper != name {
		out.Name = upper
		ids, err = r.Store.AdvisoriesNamed(ctx, upper)
	}
	if err != nil {
		return out, err
	}
	if i := slices.Index(ids, out.Name); i > 0 { // the one that was asked for comes first
		ids = slices.Insert(slices.Delete(ids, i, i+1), 0, out.Name)
	}
	names := []string{out.Name}
	for i, id := range ids {
		if i >= shownRecords {
			out.Others = append(out.Others, id)
			continue
		}
		a, err := r.Store.Advisory(ctx, id)
		if err != nil {
			return out, err
		}
		names = append(names, a.Aliases...)
		out.Advisories = append(out.Advisories, wire.NewAdvisory(a))
	}
	threats, err := r.Store.Threats(ctx, names)
	if err != nil {
		return out, err
	}
	// An alias that is a CVE is the same vulnerability by the name that threats go by.
	for _, n := range names {
		if t, ok := threats[n]; ok {
			out.Threat = wire.NewThreat(t)
			break
		}
	}
	if len(ids) == 0 && out.KEV == nil && out.EPSS == nil {
		return out, &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find advisory", Subject: name, Hint: "only advisories of the ecosystems that images have are held; see crowsnest advisory status"}
	}
	return out, nil
}

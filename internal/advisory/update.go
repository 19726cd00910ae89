package advisory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Updater keeps feeds up to date.
type Updater struct {
	Store Store
	HTTP  *http.Client // guarded
	// OSV, KEV and EPSS are the URLs of the feeds: of OSV's bucket, of CISA's catalogue and of FIRST's scores. One that is
	// empty is not kept up to date.
	OSV, KEV, EPSS string
	// From is where another server or anybody else has a bundle, with a token for it and the key that must have signed it. If it
	// is given, the bundle is all that is kept up to date.
	From     string
	Token    string
	Key      *minisign.PublicKey
	Interval time.Duration
	// Wait pauses between attempts of a request; nil is to sleep.
	Wait func(context.Context, time.Duration) error
}

const (
	// firstRetry is how soon an update that failed is tried again; it doubles each time, up to the interval.
	firstRetry = 5 * time.Minute
	// absentRetry is how soon a feed that does not exist is looked for again. Not every ecosystem of packages has advisories.
	absentRetry = 24 * time.Hour
	// maxSingle is from how many changed records on the whole set is fetched: a request takes about as long as some hundred records of it.
	maxSingle = 500
	// leastGuarded is from how many records on a set may not lose many at once.
	leastGuarded = 20
	// maxUnread is the part of records that may be unreadable, as one in so many.
	maxUnread = 10
)

// Names lists the feeds to be kept up to date if there are packages of these ecosystems.
func (u Updater) Names(ecosystems []string) []string {
	if u.From != "" {
		return []string{store.BundleFeed}
	}
	var out []string
	if u.OSV != "" {
		for _, e := range ecosystems {
			out = append(out, store.OSVFeed(e))
		}
	}
	if u.KEV != "" {
		out = append(out, store.KEVFeed)
	}
	if u.EPSS != "" {
		out = append(out, store.EPSSFeed)
	}
	return out
}

// Update brings one feed up to date and notes what came of it and when the next update is due. It returns why it
// was not possible; what was held before stands then.
func (u Updater) Update(ctx context.Context, name string) error {
	held, err := u.Store.StartFeed(ctx, name)
	if err != nil {
		return err
	}
	outcome, failed := u.take(ctx, held)
	outcome.Next = jittered(u.Interval)
	if failed != nil {
		if errors.Is(context.Cause(ctx), context.Canceled) {
			return failed // the server stops, which is no fault of the feed; it is due again soon
		}
		outcome = store.FeedOutcome{Reason: crowsnest.Reason(failed), Next: jittered(min(u.Interval, firstRetry<<min(held.Failures, 16)))}
		if crowsnest.KindOf(failed) == crowsnest.NotFound {
			outcome.Next = jittered(max(u.Interval, absentRetry))
		}
	}
	return errors.Join(failed, u.Store.FinishFeed(context.WithoutCancel(ctx), name, outcome))
}

// jittered spreads what is due at once over a fifth of the time.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

func (u Updater) take(ctx context.Context, held store.Feed) (store.FeedOutcome, error) {
	switch ecosystem, ok := store.FeedEcosystem(held.Name); {
	case ok:
		return u.ecosystem(ctx, held, ecosystem)
	case held.Name == store.BundleFeed:
		return u.bundle(ctx, held)
	case held.Name == store.KEVFeed:
		return u.threats(ctx, held, u.KEV)
	default:
		return u.threats(ctx, held, u.EPSS)
	}
}

// shrunk refuses a set that lost more than a tenth of its records: sources take records back one by one, and mark them as withdrawn.
func shrunk(now, before int) error {
	if before < leastGuarded || now >= before-before/10 {
		return nil
	}
	return &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "take a set of advisories", Hint: "if that is right, take it with crowsnest advisory import",
		Err: fmt.Errorf("it has %d records, and what is held has %d, which stays", now, before)}
}

// bundle takes the bundle of another server, with the same care for each set in it.
func (u Updater) bundle(ctx context.Context, held store.Feed) (store.FeedOutcome, error) {
	records := make(map[string]int)
	statuses, err := u.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return store.FeedOutcome{}, err
	}
	for _, s := range statuses {
		records[s.Ecosystem] = s.Records
	}
	feeds, err := u.Store.Feeds(ctx)
	if err != nil {
		return store.FeedOutcome{}, err
	}
	for _, f := range feeds {
		if f.Name == store.KEVFeed || f.Name == store.EPSSFeed {
			records[f.Name] = f.Records
		}
	}
	im := Importer{Store: u.Store, Accept: func(name string, n int) error { return shrunk(n, records[name]) }}
	results, validator, err := im.FetchBundle(ctx, fetch.Client{HTTP: u.HTTP, Wait: u.Wait}, Place{Location: u.From, Token: u.Token, Key: u.Key, Validator: held.Validator}, nil)
	if errors.Is(err, fetch.ErrUnchanged) {
		return store.FeedOutcome{Validator: held.Validator}, nil
	}
	n := 0
	for _, r := range results {
		n += r.Records
	}
	return store.FeedOutcome{Changed: true, Validator: validator, Records: n}, err
}

func (u Updater) threats(ctx context.Context, held store.Feed, location string) (store.FeedOutcome, error) {
	request, err := fetch.Get(location)
	if err != nil {
		return store.FeedOutcome{}, err
	}
	if !held.Imported.IsZero() {
		request.Validator = held.Validator
	}
	f, validator, remove, err := fetch.Client{HTTP: u.HTTP, Wait: u.Wait}.Temporary(ctx, request, maxThreats(held.Name))
	if errors.Is(err, fetch.ErrUnchanged) {
		return store.FeedOutcome{Validator: held.Validator}, nil
	}
	if err != nil {
		return store.FeedOutcome{}, err
	}
	defer remove()
	im := Importer{Store: u.Store, Accept: func(_ string, records int) error { return shrunk(records, held.Records) }}
	got, err := im.take(ctx, held, f)
	return store.FeedOutcome{Changed: !got.older, Validator: validator, Records: got.records, AsOf: got.asOf}, err
}

// ecosystem takes what changed of an ecosystem since its cursor, or all of it where that is not known or too much.
func (u Updater) ecosystem(ctx context.Context, feed store.Feed, ecosystem string) (store.FeedOutcome, error) {
	src, err := osv.Open(ctx, u.OSV, u.HTTP)
	if err != nil {
		return store.FeedOutcome{}, err
	}
	if u.Wait != nil {
		src.SetWait(u.Wait)
	}
	statuses, err := u.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return store.FeedOutcome{}, err
	}
	var held store.AdvisoryStatus
	for _, s := range statuses {
		if s.Ecosystem == ecosystem {
			held = s
		}
	}
	validator := feed.Validator
	if held.Imported.IsZero() || feed.Cursor.IsZero() {
		validator = ""
	}
	listing, err := src.Listing(ctx, ecosystem, validator, feed.Cursor, maxSingle)
	switch {
	case errors.Is(err, fetch.ErrUnchanged):
		return store.FeedOutcome{Validator: feed.Validator}, u.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: ecosystem})
	case err != nil && crowsnest.KindOf(err) == crowsnest.NotFound:
		// A simple mirror has none; then there is no telling the changes apart.
		return u.whole(ctx, src, held, ecosystem)
	case err != nil:
		return store.FeedOutcome{}, err
	}
	if err := shrunk(listing.Records, held.Records); err != nil {
		return store.FeedOutcome{}, err
	}
	// The listing was read before the records, so what changes in between is in the next one.
	outcome := store.FeedOutcome{Changed: true, Validator: listing.Validator, Cursor: listing.Newest}
	if held.Imported.IsZero() || feed.Cursor.IsZero() || listing.More {
		_, err := u.whole(ctx, src, held, ecosystem)
		return outcome, err
	}
	return outcome, u.changed(ctx, src, held, ecosystem, listing)
}

// whole takes the set of an ecosystem from its archive.
func (u Updater) whole(ctx context.Context, src *osv.Source, held store.AdvisoryStatus, ecosystem string) (store.FeedOutcome, error) {
	im := Importer{
		Store:  u.Store,
		Accept: func(_ string, records int) error { return shrunk(records, held.Records) },
		Finish: func(r Result) error {
			if r.Skipped > r.Records/maxUnread {
				return tooManyUnread(r.Skipped, r.Records, r.Problems)
			}
			return nil
		},
	}
	_, err := im.Import(ctx, src, []string{ecosystem}, nil)
	return store.FeedOutcome{Changed: true}, err
}

func tooManyUnread(skipped, records int, problems []string) error {
	reason := ""
	if len(problems) > 0 {
		reason = ": " + problems[0]
	}
	return &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "take a set of advisories", Err: fmt.Errorf("%d of its records cannot be used, and %d can%s", skipped, records, reason)}
}

// changed takes the records that a listing names.
func (u Updater) changed(ctx context.Context, src *osv.Source, held store.AdvisoryStatus, ecosystem string, listing osv.Listing) error {
	result := Result{Ecosystem: ecosystem}
	in := Importer{Store: u.Store}.batch(&result, nil)
	stats, err := src.Records(ctx, ecosystem, listing.Changed, func(a *crowsnest.Advisory) error { return in.put(ctx, a) })
	if err == nil {
		err = in.flush(ctx)
	}
	if _, failed := (Matcher{u.Store}).Run(ctx); err == nil {
		err = failed
	}
	if err == nil && stats.Skipped > stats.Records {
		err = tooManyUnread(stats.Skipped, stats.Records, stats.Problems)
	}
	if err != nil {
		return err
	}
	return u.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{
		Ecosystem: ecosystem, Fingerprint: held.Fingerprint, Records: listing.Records, Imported: time.Now(), Newest: later(held.Newest, listing.Newest),
	})
}

func later(a, b time.Time) time.Time {
	if cmp.Compare(a.UnixMicro(), b.UnixMicro()) > 0 {
		return a
	}
	return b
}

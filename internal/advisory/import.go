package advisory

import (
	"context"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/osv"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// importBatch is how many advisories are stored in one transaction.
const importBatch = 500

// Importer brings advisories into the store.
type Importer struct {
	Store Store
	// Accept may refuse a verified set of an ecosystem for how many records it has; nil takes any.
	Accept func(ecosystem string, records int) error
	// Finish may refuse to take for whole what was read of an ecosystem, for the records that could not be used; nil takes
	// any. What could be used is held all the same.
	Finish func(Result) error
	// Checked is when what is imported was known to be current; zero is now.
	Checked time.Time
}

// Store is what imports need of the store.
type Store interface {
	store.Advisories
	store.AdvisoryHistory
	store.Feeds
	store.Matching
	store.Threats
}

// Result tells what an import did with one ecosystem, or with CISA's catalogue or FIRST's scores.
type Result struct {
	Ecosystem string   `json:"ecosystem"`
	Feed      string   `json:"feed,omitempty" enum:"kev,epss" doc:"CISA's catalogue or FIRST's scores, which are of no ecosystem"`
	Records   int      `json:"records"`
	Changed   int      `json:"changed"`
	Unchanged bool     `json:"unchanged,omitempty"` // the whole data is the same as last time
	Skipped   int      `json:"skipped"`
	Problems  []string `json:"problems,omitempty"` // a few of the reasons for skipping
}

// Import reads every ecosystem of a source, or those named, and matches what the
// changes touch. An ecosystem that cannot be read as a whole hands out nothing
// and ends the import; what was imported before stands and is matched. progress, if
// not nil, is told of each batch.
func (im Importer) Import(ctx context.Context, src *osv.Source, only []string, progress func(ecosystem string, records int)) ([]Result, error) {
	ecosystems := only
	if len(ecosystems) == 0 {
		var err error
		if ecosystems, err = src.Ecosystems(ctx); err != nil {
			return nil, err
		}
	}
	statuses, err := im.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return nil, err
	}
	fingerprints := make(map[string]string)
	for _, s := range statuses {
		fingerprints[s.Ecosystem] = s.Fingerprint
	}

	var results []Result
	var failed error
	for _, ecosystem := range ecosystems {
		result, err := im.ecosystem(ctx, src, ecosystem, fingerprints[ecosystem], progress)
		if err != nil {
			failed = err
			break
		}
		results = append(results, result)
	}
	_, err = Matcher{im.Store}.Run(ctx)
	if failed != nil {
		return results, failed
	}
	return results, err
}

func (im Importer) ecosystem(ctx context.Context, src *osv.Source, ecosystem, known string, progress func(string, int)) (Result, error) {
	result := Result{Ecosystem: ecosystem}
	fingerprint, err := src.Fingerprint(ctx, ecosystem)
	if err != nil {
		return result, err
	}
	if fingerprint != "" && fingerprint == known && ecosystem != "" {
		result.Unchanged = true
		return result, im.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: ecosystem, Checked: im.Checked})
	}

	var newest time.Time
	named := false
	in := im.batch(&result, progress)
	accept := func(records int) error {
		if im.Accept == nil {
			return nil
		}
		return im.Accept(ecosystem, records)
	}
	stats, err := src.EachAccepted(ctx, ecosystem, accept, func(a *crowsnest.Advisory) error {
		named = named || slices.ContainsFunc(a.Affected, func(aff crowsnest.Affected) bool {
			return crowsnest.EcosystemBase(aff.Ecosystem) == crowsnest.EcosystemBase(ecosystem)
		})
		if a.Modified.After(newest) {
			newest = a.Modified
		}
		return in.put(ctx, a)
	})
	if err == nil {
		err = in.flush(ctx)
	}
	if err != nil {
		return result, err
	}
	result.Skipped, result.Problems = stats.Skipped, stats.Problems
	if ecosystem == "" { // a single file: it says nothing about an ecosystem as a whole
		return result, nil
	}
	if !named && src.Single() {
		result.Problems = append(result.Problems, "no record is about "+ecosystem+", so this is not taken for the whole set of it")
		return result, nil
	}
	if im.Finish != nil {
		if err := im.Finish(result); err != nil {
			return result, err
		}
	}
	// A set counts as held once its packages are matched: findings that are still to come would look like none.
	if _, err := (Matcher{im.Store}).Run(ctx); err != nil {
		return result, err
	}
	return result, im.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{
		Ecosystem: ecosystem, Fingerprint: fingerprint, Records: result.Records, Imported: time.Now(), Checked: im.Checked, Newest: newest,
	})
}

// batch stores records as they come, some at a time, as one update.
type batch struct {
	Importer
	result   *Result
	progress func(string, int)
	waiting  []*crowsnest.Advisory
	update   store.Update
}

func (im Importer) batch(result *Result, progress func(string, int)) *batch {
	return &batch{Importer: im, result: result, progress: progress, waiting: make([]*crowsnest.Advisory, 0, importBatch), update: im.Store.NewUpdate(store.OSVFeed(result.Ecosystem))}
}

func (b *batch) put(ctx context.Context, a *crowsnest.Advisory) error {
	if b.waiting = append(b.waiting, a); len(b.waiting) < importBatch {
		return nil
	}
	return b.flush(ctx)
}

func (b *batch) flush(ctx context.Context) error {
	if len(b.waiting) == 0 {
		return nil
	}
	stats, err := b.Store.PutAdvisories(ctx, b.update, b.waiting)
	if err != nil {
		return err
	}
	b.result.Records += stats.Records
	b.result.Changed += stats.Changed
	b.waiting = b.waiting[:0]
	if b.progress != nil {
		b.progress(b.result.Ecosystem, b.result.Records)
	}
	return nil
}

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
	Store interface {
		store.Advisories
		store.Matching
	}
}

// Result tells what an import did with one ecosystem.
type Result struct {
	Ecosystem string   `json:"ecosystem"`
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
		return result, im.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{Ecosystem: ecosystem})
	}

	var newest time.Time
	batch := make([]*crowsnest.Advisory, 0, importBatch)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		stats, err := im.Store.PutAdvisories(ctx, batch)
		if err != nil {
			return err
		}
		result.Records += stats.Records
		result.Changed += stats.Changed
		batch = batch[:0]
		if progress != nil {
			progress(ecosystem, result.Records)
		}
		return nil
	}
	named := false
	stats, err := src.Each(ctx, ecosystem, func(a *crowsnest.Advisory) error {
		named = named || slices.ContainsFunc(a.Affected, func(aff crowsnest.Affected) bool {
			return crowsnest.EcosystemBase(aff.Ecosystem) == crowsnest.EcosystemBase(ecosystem)
		})
		if a.Modified.After(newest) {
			newest = a.Modified
		}
		if batch = append(batch, a); len(batch) < importBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
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
	return result, im.Store.PutAdvisoryStatus(ctx, store.AdvisoryStatus{
		Ecosystem: ecosystem, Fingerprint: fingerprint, Records: result.Records, Imported: time.Now(), Newest: newest,
	})
}

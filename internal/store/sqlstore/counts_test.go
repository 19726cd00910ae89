package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/retentiontest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// Each kept count, and the same from the tables it sums up, in one order.
const (
	keptFindings = `select digest, packages, critical, high, medium, low, unspecified from content where removed_at is null order by digest`

	freshFindings = `select c.digest, count(distinct p.package_version_id),
			count(f.id) filter (where f.severity = 4), count(f.id) filter (where f.severity = 3), count(f.id) filter (where f.severity = 2),
			count(f.id) filter (where f.severity = 1), count(f.id) filter (where f.severity = 0)
		from content as c
		left join content_set as cs on cs.content_id = c.id
		left join package_set_package as p on p.set_id = cs.set_id
		left join finding as f on f.package_version_id = p.package_version_id and f.closed_at is null and f.decides
		where c.removed_at is null group by c.id, c.digest order by c.digest`

	keptVersions = `select purl, coalesce(worst_first, 1), critical, high, medium, low, unspecified from package_version order by purl, source`

	freshVersions = `select v.purl, coalesce(-max(f.weight), 1),
			count(f.id) filter (where f.severity = 4), count(f.id) filter (where f.severity = 3), count(f.id) filter (where f.severity = 2),
			count(f.id) filter (where f.severity = 1), count(f.id) filter (where f.severity = 0)
		from package_version as v
		left join finding as f on f.package_version_id = v.id and f.closed_at is null and f.decides
		group by v.id, v.purl, v.source order by v.purl, v.source`

	keptRunning = `select g.name, g.created_at, e.name, d.digest, r.occurrences from running as r
		join integration as g on g.number = r.integration_number join environment as e on e.id = r.environment_id join digest as d on d.id = r.digest_id order by 1, 2, 4`

	freshRunning = `select g.name, g.created_at, e.name, d.digest, count(*) from occurrence as o
		join integration as g on g.number = o.integration_number join environment as e on e.id = o.environment_id join digest as d on d.id = o.digest_id
		where o.closed_at is null group by g.name, g.created_at, e.name, d.digest order by 1, 2, 4`
)

func TestKeptCountsSQLite(t *testing.T) {
	testKeptCounts(t, litekit.Database(t))
}

func TestKeptCountsPostgres(t *testing.T) { testKeptCounts(t, postgres.Database(t)) }

// testKeptCounts lives through histories made up at random and compares every kept
// count with a fresh one on the way.
func testKeptCounts(t *testing.T, location string) {
	s, f := openStore(t, location)
	db, _ := s.DB()
	h := history{Fixture: f, t: t, rng: rand.New(rand.NewPCG(1, 1)), org: f.Organisation(t, "acme")}
	steps := []func(){h.analyse, h.analyse, h.advise, h.advise, h.match, h.match, h.sweep, h.sweep, h.connect, h.disconnect, h.assign, h.unassign, h.end, h.retain}
	findings, running := 0, 0
	for range 400 {
		f.Advance(time.Second)
		steps[h.rng.IntN(len(steps))]()
		got, want := read(t, db, keptFindings), read(t, db, freshFindings)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("packages and findings of contents (-fresh +kept):\n%s", diff)
		}
		findings += len(got)
		got, want = read(t, db, keptVersions), read(t, db, freshVersions)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("findings of package versions (-fresh +kept):\n%s", diff)
		}
		got, want = read(t, db, keptRunning), read(t, db, freshRunning)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("open occurrences of digests (-fresh +kept):\n%s", diff)
		}
		running += len(got)
	}
	if findings == 0 || running == 0 {
		t.Errorf("compared %d contents and %d digests, want some of each", findings, running)
	}
}

// read returns the rows of a query as text.
func read(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(string)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for _, v := range values {
			line += *v.(*string) + " "
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// history does at random what happens to an installation.
type history struct {
	storetest.Fixture
	t            *testing.T
	rng          *rand.Rand
	org          store.OrgID
	images       []crowsnest.Image
	integrations []store.Integration
	made         int // images, advisories and integrations
}

// packages and advisories come from so few names that they meet.
func (h *history) name() string { return fmt.Sprintf("lib%d", h.rng.IntN(12)) }

// analyse brings an image whose packages come from up to three layers, known or not.
func (h *history) analyse() {
	h.made++
	var packages []crowsnest.Package
	for range h.rng.IntN(8) {
		p := storetest.Package(h.name(), fmt.Sprint(1+h.rng.IntN(3)), "")
		p.Locations[0].Layer = storetest.Digest(fmt.Sprintf("layer %d", h.rng.IntN(3)))
		packages = append(packages, p)
	}
	h.images = append(h.images, h.Analysed(h.t, h.org, fmt.Sprintf("image %d", h.made), packages...))
}

func (h *history) advise() {
	h.made++
	a := storetest.Advisory(fmt.Sprint(h.rng.IntN(20)), h.name(), "9", time.Unix(int64(h.made), 0))
	if h.rng.IntN(5) == 0 {
		a.Withdrawn = a.Modified
	}
	if _, err := h.Store.PutAdvisories(context.Background(), store.Update{}, []*crowsnest.Advisory{a}); err != nil {
		h.t.Fatal(err)
	}
}

// match stores what is pending with findings of any severity, some of which do not decide.
func (h *history) match() {
	h.Match(h.t, func(p crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
		out := storetest.AllAffected(p, candidates)
		for i := range out {
			out[i].Severity, out[i].Decides = crowsnest.Severity(h.rng.IntN(5)), h.rng.IntN(3) > 0
		}
		return out
	})
}

func (h *history) connect() {
	h.made++
	h.integrations = append(h.integrations, h.Connect(h.t, h.org, fmt.Sprintf("cluster %d", h.made), fmt.Sprintf("environment %d", h.rng.IntN(3))))
}

func (h *history) disconnect() {
	if len(h.integrations) < 3 {
		return
	}
	i := h.rng.IntN(len(h.integrations))
	if err := h.Store.DeleteIntegration(context.Background(), h.org, h.integrations[i].Name); err != nil {
		h.t.Fatal(err)
	}
	h.integrations = append(h.integrations[:i:i], h.integrations[i+1:]...)
}

func (h *history) environment() string { return fmt.Sprintf("environment %d", h.rng.IntN(3)) }

// keys names a few images by any of their digests.
func (h *history) keys() (keys []store.ImageKey) {
	if len(h.images) == 0 {
		return nil
	}
	for range h.rng.IntN(5) {
		img := h.images[h.rng.IntN(len(h.images))]
		keys = append(keys, store.ImageKey{Reference: fmt.Sprint(h.rng.IntN(3)), Digest: []crowsnest.Digest{img.ImageID, img.Digest, img.Index}[h.rng.IntN(3)]})
	}
	return keys
}

func (h *history) assign() {
	if _, err := h.Store.AssignImages(context.Background(), h.org, h.environment(), store.Assignment{Images: h.keys(), Replace: h.rng.IntN(2) == 0, Create: true}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) unassign() {
	if _, err := h.Store.UnassignImages(context.Background(), h.org, h.environment(), h.keys()); err != nil && crowsnest.KindOf(err) != crowsnest.NotFound {
		h.t.Fatal(err)
	}
}

// retain removes what is older than a day, some days later.
func (h *history) retain() {
	ctx := context.Background()
	h.Advance(time.Duration(h.rng.IntN(3)) * 24 * time.Hour)
	if err := h.Store.SetRetention(ctx, h.org, store.Retention{Images: 1}); err != nil {
		h.t.Fatal(err)
	}
	retentiontest.Run(h.t, h.Store, h.org)
}

// end deletes an environment, if nothing feeds it.
func (h *history) end() {
	if err := h.Store.DeleteEnvironment(context.Background(), h.org, h.environment()); err != nil && crowsnest.KindOf(err) != crowsnest.NotFound && crowsnest.KindOf(err) != crowsnest.Conflict {
		h.t.Fatal(err)
	}
}

func (h *history) sweep() {
	if len(h.integrations) == 0 || len(h.images) == 0 {
		return
	}
	var snap store.Snapshot
	if h.rng.IntN(4) == 0 {
		snap.Partial = "a page is missing"
	}
	for i := range h.rng.IntN(6) {
		img := h.images[h.rng.IntN(len(h.images))]
		snap.Runs = append(snap.Runs, storetest.Run(fmt.Sprint(i), []crowsnest.Digest{img.ImageID, img.Digest, img.Index}[h.rng.IntN(3)], ""))
	}
	h.Sweep(h.t, h.integrations[h.rng.IntN(len(h.integrations))], snap)
}

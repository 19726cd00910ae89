package insighttest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// testMinorFindings keeps what a distribution does about a vulnerability from the record to the image, with the
// source of a borrowed score and the update that clears all, and follows each when it becomes another.
func testMinorFindings(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "registry.example/shop/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	record := storetest.Advisory("1", "openssl", "3.0.9", time.Unix(10, 0))
	record.Affected[0].State = crowsnest.StateIgnored
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{record})
	must(t, err)
	save := func(scoreFrom string, update crowsnest.Update) {
		t.Helper()
		pending, err := f.Store.PendingPackages(ctx, storetest.Rules, 10)
		must(t, err)
		candidates, err := f.Store.Candidates(ctx, pending)
		must(t, err)
		var matched []store.Matched
		for _, p := range pending {
			m := store.Matched{Pending: p, Update: update}
			for _, a := range candidates[p.ID] {
				one := storetest.Finding(a, crowsnest.Low)
				one.State, one.ScoreFrom = a.Affected[0].State, scoreFrom
				m.Findings = append(m.Findings, one)
			}
			matched = append(matched, m)
		}
		must(t, f.Store.SaveFindings(ctx, storetest.Rules, matched))
	}
	type kept struct {
		State     crowsnest.VendorState
		ScoreFrom string
		Update    crowsnest.Update
	}
	want := func(want kept) {
		t.Helper()
		rows, err := f.Store.ImageFindings(ctx, org, img.Digest, "")
		must(t, err)
		var got []kept
		for _, r := range rows {
			got = append(got, kept{r.State, r.ScoreFrom, r.Update})
		}
		if diff := cmp.Diff([]kept{want}, got); diff != "" {
			t.Errorf("findings of the image (-want +got):\n%s", diff)
		}
		d, err := f.Store.Vulnerability(ctx, org, "1")
		must(t, err)
		if len(d.Affected) != 1 || d.Affected[0].Findings[0].State != want.State || d.Affected[0].Findings[0].ScoreFrom != want.ScoreFrom {
			t.Errorf("vulnerability %+v, want it with %+v", d.Affected, want)
		}
	}
	save("GHSA-1", crowsnest.Update{Version: "3.0.9", Leaves: 2})
	want(kept{crowsnest.StateIgnored, "GHSA-1", crowsnest.Update{Version: "3.0.9", Leaves: 2}})

	changed := *record
	changed.Affected = []crowsnest.Affected{record.Affected[0]}
	changed.Affected[0].State, changed.Modified = "", time.Unix(11, 0)
	stats, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{&changed})
	must(t, err)
	if stats.Changed != 1 || stats.Pending != 1 {
		t.Errorf("a record that lost its state: %+v, want it changed and its package pending", stats)
	}
	save("", crowsnest.Update{})
	want(kept{})
}

// Package historytest is the part of the store's suite about what was: what ran at a time, and the
// intervals that exposure is derived from.
package historytest

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"FactsOfExposure":      testFacts,
		"FactsBeforeAnalysis":  testAnalysedLater,
		"WhatRanAtATime":       testPast,
		"WhatIsNotWatched":     testUnwatched,
		"TargetsOfRemediation": testTargets,
		"BookFollowsChanges":   testBook,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// harbour is an environment that a cluster feeds. Times are hours since it was connected.
type harbour struct {
	storetest.Fixture
	org   store.OrgID
	in    store.Integration
	start time.Time
}

func newHarbour(t *testing.T, f storetest.Fixture) harbour {
	org := f.Organisation(t, "ours")
	in := f.Connect(t, org, "prod", "production")
	return harbour{f, org, in, in.Created}
}

func (h harbour) sweep(t *testing.T, images ...crowsnest.Image) {
	t.Helper()
	var snap store.Snapshot
	for _, img := range images {
		snap.Runs = append(snap.Runs, storetest.Run(img.Name, img.ImageID, ""))
	}
	h.Sweep(t, h.in, snap)
}

func (h harbour) advise(t *testing.T, a ...*crowsnest.Advisory) {
	t.Helper()
	_, err := h.Store.PutAdvisories(ctx, store.Update{}, a)
	must(t, err)
	h.Match(t, storetest.AllAffected)
}

// hour rounds to the hour: every call moves the clock a little.
func (h harbour) hour(micros int64) int64 {
	if micros == store.Forever {
		return micros
	}
	return int64(time.UnixMicro(micros).Sub(h.start) / time.Hour)
}

// facts reads what exposure is derived from, in hours, with contents and sets by the names of images.
func (h harbour) facts(t *testing.T, sinceHour int) (runs map[string][]store.Span, known map[string][]store.Span) {
	t.Helper()
	since := h.start.Add(time.Duration(sinceHour) * time.Hour)
	ran, err := h.Store.Ran(ctx, h.org, "production", since)
	must(t, err)
	runs, known = map[string][]store.Span{}, map[string][]store.Span{}
	var contents, all []int64
	for content, sets := range ran.Sets {
		contents, all = append(contents, content), append(all, sets...)
	}
	found, err := h.Store.Known(ctx, h.org, all, since)
	must(t, err)
	names, err := h.Store.ContentNames(ctx, h.org, contents)
	must(t, err)
	for _, r := range ran.Spans {
		runs[names[r.Content].Name] = append(runs[names[r.Content].Name], store.Span{From: h.hour(r.From), To: h.hour(r.To)})
	}
	for content, sets := range ran.Sets {
		for _, set := range sets {
			for _, k := range found[set] {
				key := names[content].Name + " " + k.Vulnerability + " " + k.Severity.String()
				known[key] = append(known[key], store.Span{From: h.hour(k.From), To: h.hour(k.To)})
			}
		}
	}
	return runs, known
}

func testFacts(t *testing.T, f storetest.Fixture) {
	h := newHarbour(t, f)
	libc, zlib := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib")
	old, next := f.Analysed(t, h.org, "web:1", libc, zlib), f.Analysed(t, h.org, "web:2", zlib)
	f.Analysed(t, h.org, "never:1", libc)
	glibc := storetest.Advisory("1", "glibc", "2.36-10", time.Unix(1, 0))
	h.advise(t, glibc)
	h.sweep(t, old, storetest.Image("lost"))
	f.Advance(2 * time.Hour)
	h.sweep(t, next, storetest.Image("lost"))
	f.Advance(2 * time.Hour)
	h.advise(t, storetest.Advisory("2", "zlib", "1.3", time.Unix(1, 0)))
	f.Advance(2 * time.Hour)
	withdrawn := *glibc
	withdrawn.Modified = time.Unix(2, 0)
	withdrawn.Withdrawn = time.Unix(2, 0)
	h.advise(t, &withdrawn)
	h.sweep(t, old)

	runs, known := h.facts(t, -1)
	if diff := cmp.Diff(map[string][]store.Span{"web:1": {{From: 6, To: store.Forever}, {From: 0, To: 2}}, "web:2": {{From: 2, To: 6}}}, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]store.Span{
		"web:1 CVE-2099-1 critical": {{From: 0, To: 6}},
		"web:1 CVE-2099-2 critical": {{From: 4, To: store.Forever}},
		"web:2 CVE-2099-2 critical": {{From: 4, To: store.Forever}},
	}, known); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
	runs, known = h.facts(t, 7)
	if diff := cmp.Diff(map[string][]store.Span{"web:1": {{From: 6, To: store.Forever}}}, runs); diff != "" {
		t.Errorf("runs of late (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]store.Span{"web:1 CVE-2099-2 critical": {{From: 4, To: store.Forever}}}, known); diff != "" {
		t.Errorf("known of late (-want +got):\n%s", diff)
	}

	theirs := f.Organisation(t, "theirs")
	_, err := f.Store.Ran(ctx, theirs, "production", h.start)
	wantKind(t, err, crowsnest.NotFound)
	ran, err := f.Store.Ran(ctx, h.org, "production", h.start)
	must(t, err)
	if found, err := f.Store.Known(ctx, theirs, slices.Concat(slices.Collect(maps.Values(ran.Sets))...), h.start); err != nil || len(found) != 0 {
		t.Errorf("theirs reads what was found in ours: %v, %v", found, err)
	}
	names, err := f.Store.ContentNames(ctx, theirs, []int64{ran.Spans[0].Content})
	if err != nil || len(names) != 0 {
		t.Errorf("theirs names contents of ours: %v, %v", names, err)
	}
}

// testAnalysedLater: the order of "seen running" and "analysed" does not matter (law 3), not even for the past.
func testAnalysedLater(t *testing.T, f storetest.Fixture) {
	h := newHarbour(t, f)
	h.advise(t, storetest.Advisory("1", "glibc", "2.36-10", time.Unix(1, 0)))
	web := storetest.Image("web:1")
	h.sweep(t, web)
	f.Advance(2 * time.Hour)
	h.sweep(t)
	if runs, _ := h.facts(t, -1); len(runs) != 0 {
		t.Errorf("runs before the analysis: %v", runs)
	}
	f.Advance(2 * time.Hour)
	f.Analysed(t, h.org, "web:1", storetest.Package("libc6", "2.36-9", "glibc"))
	h.Match(t, storetest.AllAffected)
	runs, known := h.facts(t, -1)
	if diff := cmp.Diff(map[string][]store.Span{"web:1": {{From: 0, To: 2}}}, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]store.Span{"web:1 CVE-2099-1 critical": {{From: 4, To: store.Forever}}}, known); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
}

// testUnwatched: what ends because nobody watches it any more says so, however that came about; what stops does not.
func testUnwatched(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "ours")
	web := f.Analysed(t, org, "registry.example.com/shop/web:1", storetest.Package("libc6", "2.36-9", "glibc"))
	key := []store.ImageKey{{Reference: web.Name}}
	staging, another := "staging", "another"
	for name, end := range map[string]func(in store.Integration) error{
		"stopped": func(in store.Integration) error { f.Sweep(t, in, store.Snapshot{}); return nil },
		"deleted": func(in store.Integration) error { return f.Store.DeleteIntegration(ctx, org, in.Name) },
		"cluster": func(in store.Integration) error {
			return f.Store.UpdateIntegration(ctx, org, in.Name, store.IntegrationChange{Cluster: &another})
		},
		"moved": func(in store.Integration) error {
			return f.Store.UpdateIntegration(ctx, org, in.Name, store.IntegrationChange{Environment: &staging})
		},
		"removed": func(store.Integration) error { _, err := f.Store.UnassignImages(ctx, org, "removed", key); return err },
		"replaced": func(store.Integration) error {
			_, err := f.Store.AssignImages(ctx, org, "replaced", store.Assignment{Replace: true})
			return err
		},
	} {
		var in store.Integration
		if name == "removed" || name == "replaced" {
			_, err := f.Store.AssignImages(ctx, org, name, store.Assignment{Images: key, Create: true})
			must(t, err)
		} else {
			in = f.Connect(t, org, name, name)
			f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("a", web.ImageID, "")}})
		}
		f.Advance(time.Hour)
		must(t, end(in))
		run, err := f.Store.Ran(ctx, org, name, time.Time{})
		must(t, err)
		if want := name != "stopped" && name != "replaced"; len(run.Spans) != 1 || run.Spans[0].To == store.Forever || run.Spans[0].Unwatched != want {
			t.Errorf("%s: %+v", name, run.Spans)
		}
	}
}

func testPast(t *testing.T, f storetest.Fixture) {
	h := newHarbour(t, f)
	old, next := f.Analysed(t, h.org, "web:1", storetest.Package("libc6", "2.36-9", "glibc")), f.Analysed(t, h.org, "web:2", storetest.Package("zlib1g", "1.2", "zlib"))
	h.advise(t, storetest.Advisory("1", "glibc", "2.36-10", time.Unix(1, 0)))
	h.sweep(t, old, storetest.Image("lost"))
	f.Advance(2 * time.Hour)
	h.sweep(t, old, next)
	f.Advance(2 * time.Hour)
	h.sweep(t, next)
	f.Advance(2 * time.Hour)

	for _, c := range []struct {
		hour     time.Duration
		images   []string
		coverage crowsnest.Coverage
		summary  crowsnest.Summary
	}{
		{-1, nil, crowsnest.Coverage{}, crowsnest.Summary{}},
		{1, []string{"web:1"}, crowsnest.Coverage{Running: 2, Analysed: 1, Unresolved: 1}, crowsnest.Summary{Critical: 1}},
		{3, []string{"web:1", "web:2"}, crowsnest.Coverage{Running: 2, Analysed: 2}, crowsnest.Summary{Critical: 1}},
		{5, []string{"web:2"}, crowsnest.Coverage{Running: 1, Analysed: 1}, crowsnest.Summary{}},
	} {
		at := h.start.Add(c.hour * time.Hour)
		var got []string
		var summary crowsnest.Summary
		page := store.Page{Limit: 1}
		for {
			list, err := f.Store.RunningImages(ctx, h.org, store.ImageFilter{Environment: "production", At: at}, page)
			must(t, err)
			for _, img := range list.Items {
				got, summary = append(got, img.Name), summary.Plus(img.Summary)
				if len(img.Workloads) != 1 || img.Workloads[0].Name != img.Name {
					t.Errorf("hour %d: workloads of %s: %+v", c.hour, img.Name, img.Workloads)
				}
			}
			if page.Cursor = list.Next; page.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, c.images) || summary != c.summary {
			t.Errorf("hour %d: %v with %v, want %v with %v", c.hour, got, summary, c.images, c.summary)
		}
		env, err := f.Store.EnvironmentAt(ctx, h.org, "production", at)
		if err != nil || env.Coverage != c.coverage || env.Summary != c.summary || env.Images != len(c.images) || env.KnownSince.After(h.start.Add(time.Hour)) || env.KnownSince.IsZero() {
			t.Errorf("hour %d: environment %+v, %v, want %+v", c.hour, env, err, c.coverage)
		}
		gaps, err := f.Store.GapsAt(ctx, h.org, "production", at, store.Page{})
		if missing := c.coverage.Running - c.coverage.Analysed; err != nil || len(gaps.Items) != missing {
			t.Errorf("hour %d: %d gaps, %v, want %d", c.hour, len(gaps.Items), err, missing)
		}
		for _, g := range gaps.Items {
			if len(g.Workloads) == 0 {
				t.Errorf("hour %d: nothing ran %s", c.hour, g.ImageID)
			}
		}
	}
	// Nobody knows what is to come; clocks may differ a little.
	for ahead, kind := range map[time.Duration]crowsnest.Kind{30 * time.Second: 0, 2 * time.Minute: crowsnest.Invalid} {
		at := h.start.Add(6*time.Hour + ahead)
		_, environment := f.Store.EnvironmentAt(ctx, h.org, "production", at)
		_, gaps := f.Store.GapsAt(ctx, h.org, "production", at, store.Page{})
		_, images := f.Store.RunningImages(ctx, h.org, store.ImageFilter{Environment: "production", At: at}, store.Page{})
		_, contents := f.Store.RunningContents(ctx, h.org, "production", at)
		for what, err := range map[string]error{"environment": environment, "gaps": gaps, "images": images, "contents": contents} {
			if (err != nil) != (kind != 0) || err != nil && crowsnest.KindOf(err) != kind {
				t.Errorf("%s in %s: %v", what, ahead, err)
			}
		}
	}
	now, err := f.Store.RunningImages(ctx, h.org, store.ImageFilter{Environment: "production"}, store.Page{})
	must(t, err)
	then, err := f.Store.RunningImages(ctx, h.org, store.ImageFilter{Environment: "production", At: h.start.Add(5 * time.Hour)}, store.Page{})
	must(t, err)
	if diff := cmp.Diff(now, then); diff != "" {
		t.Errorf("what ran last is not what runs (-now +then):\n%s", diff)
	}
	_, err = f.Store.RunningImages(ctx, f.Organisation(t, "theirs"), store.ImageFilter{Environment: "production", At: h.start}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
}

func testTargets(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	want := store.Targets{crowsnest.Critical: 3, crowsnest.Low: 0}
	must(t, f.Store.SetTargets(ctx, ours, want))
	for org, want := range map[store.OrgID]store.Targets{ours: want, theirs: store.DefaultTargets()} {
		got, err := f.Store.Targets(ctx, org)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("targets (-want +got):\n%s", diff)
		}
	}
	wantKind(t, f.Store.SetTargets(ctx, "nobody", want), crowsnest.NotFound)
}

// testBook wants what is kept to be what is derived anew, after every kind of change.
func testBook(t *testing.T, f storetest.Fixture) {
	h := newHarbour(t, f)
	now := h.start
	clock := func() time.Time { return now }
	book := exposure.NewBook(f.Store, clock)
	libc, zlib := storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("zlib1g", "1.2", "zlib")
	web, api := storetest.Image("web:1"), storetest.Image("api:1")
	glibc := storetest.Advisory("1", "glibc", "2.36-10", time.Unix(1, 0))
	withdrawn := *glibc
	withdrawn.Modified, withdrawn.Withdrawn = time.Unix(2, 0), time.Unix(2, 0)
	seen := 0
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"runs before its analysis", func() { h.sweep(t, web) }},
		{"analysed", func() { f.Analysed(t, h.org, "web:1", libc, zlib) }},
		{"advised", func() { h.advise(t, glibc) }},
		{"advised again", func() { h.advise(t, storetest.Advisory("2", "zlib", "1.3", time.Unix(1, 0))) }},
		{"another image, with a set that is known", func() { f.Analysed(t, h.org, "api:1", libc); h.Match(t, storetest.AllAffected) }},
		{"it runs too", func() { h.sweep(t, web, api) }},
		{"the first goes", func() { h.sweep(t, api) }},
		{"withdrawn", func() { h.advise(t, &withdrawn) }},
		{"a year passes", func() { now = now.Add(366 * 24 * time.Hour) }},
	} {
		f.Advance(time.Hour)
		now = now.Add(time.Hour)
		step.do()
		kept, err := book.Exposures(ctx, h.org, "production")
		must(t, err)
		again, err := book.Exposures(ctx, h.org, "production")
		must(t, err)
		anew, err := exposure.NewBook(f.Store, clock).Exposures(ctx, h.org, "production")
		must(t, err)
		if diff := cmp.Diff(anew, kept); diff != "" {
			t.Errorf("%s (-anew +kept):\n%s", step.name, diff)
		}
		if diff := cmp.Diff(anew, again); diff != "" {
			t.Errorf("%s (-anew +kept, asked again):\n%s", step.name, diff)
		}
		seen += len(anew)
	}
	if seen < 8 {
		t.Errorf("only %d exposures were seen in all", seen)
	}
}

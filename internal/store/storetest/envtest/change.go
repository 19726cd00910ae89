package envtest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

func testRename(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	web := f.Analysed(t, org, "r/web:1")
	assign(t, f, org, references(web.Name)...)
	f.Connect(t, org, "eu", "staging")
	f.Connect(t, other, "eu", "elsewhere")
	name, description, taken, free := "live", "what customers see", "staging", "elsewhere"

	wantKind(t, f.Store.ChangeEnvironment(ctx, org, "nowhere", store.EnvironmentChange{Name: &name}), crowsnest.NotFound)
	wantKind(t, f.Store.ChangeEnvironment(ctx, other, "production", store.EnvironmentChange{Name: &name}), crowsnest.NotFound)
	err := f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{Name: &taken, Description: &description})
	wantKind(t, err, crowsnest.Conflict)
	if row, err := f.Store.Environment(ctx, org, "production"); err != nil || row.Description != "" {
		t.Errorf("a refused change changed something: %+v, %v", row, err)
	}
	must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{Name: &name, Description: &description}))
	must(t, f.Store.ChangeEnvironment(ctx, org, name, store.EnvironmentChange{}))
	row, err := f.Store.Environment(ctx, org, name)
	must(t, err)
	if row.Description != description || row.Images != 1 {
		t.Errorf("renamed: %+v", row)
	}
	_, err = f.Store.Environment(ctx, org, "production")
	wantKind(t, err, crowsnest.NotFound)
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: name}, store.Page{})
	must(t, err)
	if len(history.Items) != 1 || history.Items[0].Environment != name {
		t.Errorf("history %+v goes on under the new name", history.Items)
	}
	must(t, f.Store.ChangeEnvironment(ctx, org, "staging", store.EnvironmentChange{Name: &free}))
	if in, err := f.Store.Integration(ctx, org, "eu"); err != nil || in.Environment != free {
		t.Errorf("the integration feeds %q, %v", in.Environment, err)
	}
	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "environment.update"}, store.Page{})
	must(t, err)
	if len(log.Items) != 2 {
		t.Errorf("%d changes are recorded, want 2", len(log.Items))
	}
}

func testDelete(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	in := f.Connect(t, org, "eu", "production")
	f.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", web.ImageID, "")}})
	assign(t, f, org, references(web.Name)...)
	description, days := "gone with it", 3
	must(t, f.Store.ChangeEnvironment(ctx, org, "production", store.EnvironmentChange{Description: &description, ProfileDays: &days}))

	wantKind(t, f.Store.DeleteEnvironment(ctx, org, "nowhere"), crowsnest.NotFound)
	err := f.Store.DeleteEnvironment(ctx, org, "production")
	wantKind(t, err, crowsnest.Conflict)
	if !strings.Contains(err.Error(), "eu") {
		t.Errorf("%v does not say what feeds it", err)
	}
	if n := len(runs(t, f, org, "production")); n != 1 {
		t.Errorf("a refused deletion left %d images", n)
	}
	f.Advance(time.Minute)
	must(t, f.Store.DeleteIntegration(ctx, org, "eu"))
	f.Advance(time.Minute)
	must(t, f.Store.DeleteEnvironment(ctx, org, "production"))
	wantKind(t, f.Store.DeleteEnvironment(ctx, org, "production"), crowsnest.NotFound)

	_, err = f.Store.Environment(ctx, org, "production")
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production"}, store.Page{})
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.AssignImages(ctx, org, "production", store.Assignment{Images: references(web.Name)})
	wantKind(t, err, crowsnest.NotFound)
	all, err := f.Store.Environments(ctx, org, true)
	must(t, err)
	found, err := f.Store.Search(ctx, org, "prod", 5)
	must(t, err)
	coverage, err := f.Store.Coverage(ctx, org)
	must(t, err)
	row, err := f.Store.Image(ctx, org, web.Name)
	must(t, err)
	if len(all)+len(found.Environments)+len(found.Workloads)+coverage.Running+len(row.Environments) != 0 {
		t.Errorf("of the deleted environment is seen: %v, %v, %+v, %v", all, found, coverage, row.Environments)
	}
	history, err := f.Store.Occurrences(ctx, org, running.Filter{Environment: "production"}, store.Page{})
	must(t, err)
	open := 0
	for _, o := range history.Items {
		if o.Closed.IsZero() || o.Environment != "production" {
			open++
		}
	}
	if len(history.Items) != 2 || open != 0 {
		t.Errorf("history %+v, want two closed intervals", history.Items)
	}

	past := history.Items[1].Opened
	at, err := f.Store.EnvironmentAt(ctx, org, "production", past)
	must(t, err)
	ran, err := f.Store.RunningImages(ctx, org, store.ImageFilter{Environment: "production", At: past}, store.Page{})
	must(t, err)
	if at.Images != 1 || len(at.Clusters) != 1 || len(ran.Items) != 1 || len(ran.Items[0].Workloads) != 2 {
		t.Errorf("at a past time it was %+v with %+v", at, ran.Items)
	}
	if run, err := f.Store.Ran(ctx, org, "production", time.Unix(0, 0)); err != nil || len(run.Spans) == 0 {
		t.Errorf("exposure reads %+v, %v", run, err)
	}

	// The name of its history is not for another one, but for its own return.
	name := "production"
	assignTo(t, f, org, "staging", web.Name)
	wantKind(t, f.Store.ChangeEnvironment(ctx, org, "staging", store.EnvironmentChange{Name: &name}), crowsnest.Conflict)
	assign(t, f, org, references(web.Name)...)
	again, err := f.Store.Environment(ctx, org, "production")
	must(t, err)
	want := store.EnvironmentRow{Name: "production", Images: 1, Sources: []string{"assigned"}, Coverage: crowsnest.Coverage{Running: 1, Analysed: 1}, ProfileDays: store.DefaultProfileDays}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("made again (-want +got):\n%s", diff)
	}
}

func assignTo(t *testing.T, f storetest.Fixture, org store.OrgID, environment, reference string) {
	t.Helper()
	_, err := f.Store.AssignImages(ctx, org, environment, store.Assignment{Images: references(reference), Create: true})
	must(t, err)
}

// An integration that is connected while its environment is deleted has one.
func testDeleted(t *testing.T, f storetest.Fixture) {
	org, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	web := f.Analysed(t, org, "r/web:1")
	make := func(name string) {
		t.Helper()
		_, err := f.Store.AssignImages(ctx, org, name, store.Assignment{Images: references(web.Name), Create: true})
		must(t, err)
	}
	remove := func(name string, by store.Actor) {
		t.Helper()
		f.Advance(time.Minute)
		must(t, f.Store.DeleteEnvironment(store.WithActor(ctx, by), org, name))
	}
	deleted := func(org store.OrgID) (out []string) {
		t.Helper()
		list, err := f.Store.DeletedEnvironments(ctx, org)
		must(t, err)
		for _, e := range list {
			out = append(out, e.Name+" by "+e.By.Name)
			if e.By.Address != "" || e.Deleted.Before(list[len(list)-1].Deleted) {
				t.Errorf("%+v", e)
			}
		}
		return out
	}
	ada, ci := store.Actor{Kind: store.ActorPerson, ID: "1", Name: "ada@example.com", Address: "192.0.2.1"}, store.Actor{Kind: store.ActorToken, ID: "2", Name: "ci"}
	for _, name := range []string{"one", "two", "three", "kept"} {
		make(name)
	}
	if got := deleted(org); len(got) != 0 {
		t.Errorf("before anything was deleted: %v", got)
	}
	remove("two", ada)
	remove("one", ci)
	remove("three", ada)
	make("one")
	if diff := cmp.Diff([]string{"three by ada@example.com", "two by ada@example.com"}, deleted(org)); diff != "" {
		t.Errorf("with one made again (-want +got):\n%s", diff)
	}
	remove("one", ada) // by somebody else than the first time
	if diff := cmp.Diff([]string{"one by ada@example.com", "three by ada@example.com", "two by ada@example.com"}, deleted(org)); diff != "" {
		t.Errorf("deleted again (-want +got):\n%s", diff)
	}
	if got := deleted(other); len(got) != 0 {
		t.Errorf("another organisation reads %v", got)
	}
	f.Advance(48 * time.Hour)
	must(t, f.Store.SetRetention(ctx, org, store.Retention{Audit: 1}))
	for run := (store.RetentionRun{}); run.Finished.IsZero(); {
		var err error
		run, err = f.Store.Retain(ctx, org)
		must(t, err)
	}
	if diff := cmp.Diff([]string{"one by ", "three by ", "two by "}, deleted(org)); diff != "" {
		t.Errorf("after the audit log was cut (-want +got):\n%s", diff)
	}
}

func testDeleteRace(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	web := f.Analysed(t, org, "r/web:1")
	for range 10 {
		assign(t, f, org, references(web.Name)...)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := f.Store.DeleteEnvironment(ctx, org, "production"); err != nil && crowsnest.KindOf(err) != crowsnest.Conflict {
				t.Error(err)
			}
		})
		wg.Go(func() { f.Connect(t, org, "eu", "production") })
		wg.Wait()
		if _, err := f.Store.Environment(ctx, org, "production"); err != nil {
			t.Errorf("the environment of an integration: %v", err)
		}
		must(t, f.Store.DeleteIntegration(ctx, org, "eu"))
	}
}

// Package publishtest is the part of the store's suite about what organisations show to people outside:
// what advisories say of one vulnerability, and nothing else.
package publishtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"SharedFacts":             testFacts,
		"SharesOfOneOrganisation": testScope,
		"SharesEnd":               testEnd,
		"SharedOutputIsBounded":   testBounds,
		"SharesAreCounted":        testCount,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

const day = 24 * time.Hour

// vulnerable gives an organisation an image with CVE-2099-1 and CVE-2099-2.
func vulnerable(t *testing.T, f storetest.Fixture, name string) store.OrgID {
	t.Helper()
	org := f.Organisation(t, name)
	img := f.Analysed(t, org, name+"/web:1", storetest.Package("libssl3", "3.0.1", "openssl"), storetest.Package("zlib1g", "1.2", "zlib"))
	f.Sweep(t, f.Connect(t, org, name+"-cluster", name+"-production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "")}})
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{
		storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0)), storetest.Advisory("2", "zlib", "1.3", time.Unix(1, 0)),
	})
	must(t, err)
	f.Match(t, storetest.AllAffected)
	return org
}

func share(t *testing.T, f storetest.Fixture, org store.OrgID, vulnerability, hash string) store.Share {
	t.Helper()
	s, err := f.Store.CreateShare(store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: "editor@example.com"}), org,
		store.ShareRequest{Vulnerability: vulnerability, Life: 30 * day, Hash: []byte(hash)})
	must(t, err)
	return s
}

// A share shows what every advisory says that names the vulnerability, whatever the organisation has, in the
// words of today, and nothing that the organisation could be known by.
func testFacts(t *testing.T, f storetest.Fixture) {
	npm := func(id string, change func(*crowsnest.Advisory)) *crowsnest.Advisory {
		a := storetest.Advisory(id, "left-pad", "2.0.0", time.Unix(2, 0))
		a.Upstream, a.Affected[0].Ecosystem = nil, "npm"
		change(a)
		return a
	}
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{
		npm("CVE-2099-1", func(a *crowsnest.Advisory) { a.Affected = nil }),
		npm("GHSA-aaaa", func(a *crowsnest.Advisory) { a.Aliases = []string{"CVE-2099-1", "PYSEC-2099-9"} }),
		npm("PYSEC-2099-9", func(a *crowsnest.Advisory) { a.Aliases = []string{"GHSA-aaaa"} }),
		npm("USN-7-1", func(a *crowsnest.Advisory) { a.Upstream = []string{"CVE-2099-1", "CVE-2099-2"} }),
		npm("GHSA-other", func(a *crowsnest.Advisory) { a.Aliases = []string{"CVE-2099-11"} }),
		npm("GHSA-related", func(a *crowsnest.Advisory) { a.Related = []string{"CVE-2099-1"} }),
	})
	must(t, err)
	org := vulnerable(t, f, "zzacme")
	made := share(t, f, org, "1", "secret") // by the ID of Debian's advisory, which is another name of it
	if made.Vulnerability != "CVE-2099-1" || made.CreatedBy != "editor@example.com" || !made.Expires.Equal(made.Created.Add(30*day)) {
		t.Errorf("made %+v", made)
	}
	got, err := f.Store.Shared(ctx, []byte("secret"))
	must(t, err)
	var ids []string
	for _, s := range got.Sources {
		ids = append(ids, s.ID)
	}
	if diff := cmp.Diff([]string{"CVE-2099-1", "GHSA-aaaa", "1", "USN-7-1", "PYSEC-2099-9"}, ids); diff != "" || got.ID != "CVE-2099-1" || got.More != 0 {
		t.Errorf("%s, %d more, sources (-want +got):\n%s", got.ID, got.More, diff)
	}
	if diff := cmp.Diff([]string{"1", "GHSA-aaaa", "PYSEC-2099-9", "USN-7-1"}, got.Aliases); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	want := storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))
	if diff := cmp.Diff(store.SharedSource{VulnerabilitySource: store.VulnerabilitySource{ID: "1", Summary: want.Summary, Severity: want.Severity, Modified: time.Unix(1, 0).UTC(), Affected: want.Affected}}, got.Sources[2]); diff != "" {
		t.Errorf("Debian says (-want +got):\n%s", diff)
	}
	all, err := json.Marshal(got)
	must(t, err)
	for _, secret := range []string{"zz", "editor", string(org), made.ID, "libssl3", "3.0.1"} {
		if strings.Contains(string(all), secret) {
			t.Errorf("%q is shown to everybody: %s", secret, all)
		}
	}

	// The advisories are those of when it was made; what they say is what they say now.
	changed := storetest.Advisory("1", "openssl", "3.0.9", time.Unix(9, 0))
	changed.Withdrawn = time.Unix(9, 0).UTC()
	_, err = f.Store.PutAdvisories(ctx, store.Update{}, []*crowsnest.Advisory{changed, npm("GHSA-late", func(a *crowsnest.Advisory) { a.Aliases = []string{"CVE-2099-1"} })})
	must(t, err)
	f.Match(t, storetest.AllAffected) // and the organisation has the vulnerability no more
	got, err = f.Store.Shared(ctx, []byte("secret"))
	must(t, err)
	if len(got.Sources) != 5 || !got.Sources[2].Withdrawn.Equal(changed.Withdrawn) || got.Sources[2].Affected[0].Ranges[0].Events[1].Fixed != "3.0.9" {
		t.Errorf("after a change: %+v", got.Sources)
	}
	list, err := f.Store.Shares(ctx, org, "CVE-2099-1")
	must(t, err)
	if diff := cmp.Diff([]store.Share{made}, list); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
}

// An organisation shares what its own images have, and sees and revokes its own shares.
func testScope(t *testing.T, f storetest.Fixture) {
	ours, theirs := vulnerable(t, f, "ours"), f.Organisation(t, "theirs")
	first, second := share(t, f, ours, "CVE-2099-1", "first"), share(t, f, ours, "CVE-2099-2", "second")
	_, err := f.Store.CreateShare(ctx, theirs, store.ShareRequest{Vulnerability: "CVE-2099-1", Life: day, Hash: []byte("third")})
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.CreateShare(ctx, ours, store.ShareRequest{Vulnerability: "CVE-2099-1", Life: day, Hash: []byte("first")})
	wantKind(t, err, crowsnest.Conflict)
	for hash, want := range map[string]string{"first": "CVE-2099-1", "second": "CVE-2099-2"} {
		got, err := f.Store.Shared(ctx, []byte(hash))
		must(t, err)
		if got.ID != want || len(got.Sources) != 1 {
			t.Errorf("%s shows %+v", hash, got)
		}
	}
	for _, hash := range []string{"", "third", first.ID, "FIRST"} {
		_, err := f.Store.Shared(ctx, []byte(hash))
		wantKind(t, err, crowsnest.NotFound)
	}
	wantKind(t, f.Store.RevokeShare(ctx, theirs, first.ID), crowsnest.NotFound)
	for org, want := range map[store.OrgID][]store.Share{ours: {second, first}, theirs: nil} {
		list, err := f.Store.Shares(ctx, org, "")
		must(t, err)
		if diff := cmp.Diff(want, list); diff != "" {
			t.Errorf("shares of %s (-want +got):\n%s", org, diff)
		}
	}
	list, err := f.Store.Shares(ctx, ours, "CVE-2099-1")
	must(t, err)
	if diff := cmp.Diff([]store.Share{first}, list); diff != "" {
		t.Errorf("shares of one vulnerability (-want +got):\n%s", diff)
	}
}

// A share that has expired or was revoked is as one that never was, and the audit log tells who did what.
func testEnd(t *testing.T, f storetest.Fixture) {
	org := vulnerable(t, f, "acme")
	revoked, expired := share(t, f, org, "CVE-2099-1", "revoked"), share(t, f, org, "CVE-2099-1", "expired")
	must(t, f.Store.RevokeShare(store.WithActor(ctx, store.Actor{Kind: store.ActorPerson, Name: "owner@example.com"}), org, revoked.ID))
	wantKind(t, f.Store.RevokeShare(ctx, org, revoked.ID), crowsnest.NotFound)
	_, never := f.Store.Shared(ctx, []byte("never"))
	says := func(hash string) {
		t.Helper()
		_, err := f.Store.Shared(ctx, []byte(hash))
		wantKind(t, err, crowsnest.NotFound)
		if err.Error() != never.Error() {
			t.Errorf("%s says %q, but what never was %q", hash, err, never)
		}
	}
	says("revoked")
	f.Advance(30*day - time.Second)
	_, err := f.Store.Shared(ctx, []byte("expired"))
	must(t, err)
	f.Advance(time.Second)
	says("expired")
	wantKind(t, f.Store.RevokeShare(ctx, org, expired.ID), crowsnest.NotFound)
	list, err := f.Store.Shares(ctx, org, "")
	must(t, err)
	if len(list) != 0 {
		t.Errorf("live are %+v", list)
	}
	again := store.ShareRequest{Vulnerability: "CVE-2099-1", Life: day, Hash: []byte("expired")}
	_, err = f.Store.CreateShare(ctx, org, again)
	wantKind(t, err, crowsnest.Conflict)
	must(t, f.Store.ForgetExpired(ctx))
	_, err = f.Store.CreateShare(ctx, org, again)
	must(t, err) // nothing is left of it

	log, err := f.Store.AuditLog(ctx, org, store.AuditFilter{Action: "share.", Until: revoked.Created.Add(day)}, store.Page{})
	must(t, err)
	var got []string
	for _, e := range log.Items {
		got = append(got, fmt.Sprint(e.Actor.Name, " ", e.Action, " ", e.Subject, " ", e.Detail["id"] == revoked.ID))
	}
	if diff := cmp.Diff([]string{"owner@example.com share.revoke CVE-2099-1 true", "editor@example.com share.create CVE-2099-1 false", "editor@example.com share.create CVE-2099-1 true"}, got); diff != "" {
		t.Errorf("audit log (-want +got):\n%s", diff)
	}
}

// However much advisories say, a share shows a bounded part and counts the rest.
func testBounds(t *testing.T, f storetest.Fixture) {
	const many, packages = store.MaxSharedSources + 7, store.MaxSharedAffected + 5
	var batch []*crowsnest.Advisory
	for i := range many {
		a := storetest.Advisory(fmt.Sprintf("GHSA-%03d", i), "left-pad", "2", time.Unix(1, 0))
		a.Upstream = []string{"CVE-2099-1"}
		for len(a.Affected) < packages {
			a.Affected = append(a.Affected, a.Affected[0])
		}
		if i == 0 {
			a.Affected[0].Versions = []string{strings.Repeat("1", 3<<20)}
		}
		batch = append(batch, a)
	}
	_, err := f.Store.PutAdvisories(ctx, store.Update{}, batch)
	must(t, err)
	org := vulnerable(t, f, "acme")
	share(t, f, org, "CVE-2099-1", "secret")
	got, err := f.Store.Shared(ctx, []byte("secret"))
	must(t, err)
	if len(got.Sources) != store.MaxSharedSources || got.More != many+1-store.MaxSharedSources {
		t.Errorf("%d sources and %d more", len(got.Sources), got.More)
	}
	shown := 0
	for _, s := range got.Sources {
		if s.ID != "1" && len(s.Affected)+s.More != packages || len(s.Affected) > store.MaxSharedAffected {
			t.Errorf("%s has %d packages and %d more", s.ID, len(s.Affected), s.More)
		}
		shown += len(s.Affected)
	}
	if all, err := json.Marshal(got); err != nil || len(all) > 3<<20 {
		t.Errorf("%d bytes are shown, %v", len(all), err)
	}
	if want := 1 + (store.MaxSharedSources-1)*store.MaxSharedAffected - 1; shown != want {
		t.Errorf("%d packages are shown, want %d: all but the one that is too large", shown, want)
	}
}

// Those who share at the same time make no more than there may be.
func testCount(t *testing.T, f storetest.Fixture) {
	org := vulnerable(t, f, "acme")
	var wg sync.WaitGroup
	errs := make([]error, store.MaxShares+5)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = f.Store.CreateShare(ctx, org, store.ShareRequest{Vulnerability: "CVE-2099-1", Life: day, Hash: fmt.Append(nil, i)})
		})
	}
	wg.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			wantKind(t, err, crowsnest.Conflict)
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d were refused, want 5", refused)
	}
	share(t, f, org, "CVE-2099-2", "another vulnerability")
	f.Advance(day)
	share(t, f, org, "CVE-2099-1", "after they expired")
}

package identitytest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

var upload = []crowsnest.Scope{crowsnest.ScopeUpload}

func testTrusts(t *testing.T, f fixture) {
	acme, other := f.Organisation(t, "acme"), f.Organisation(t, "other")
	shop := store.Trust{Organisation: acme, Name: "shop", Issuer: "https://ci.example.com", Repository: "acme/shop", Ref: "refs/heads/*", Environment: "production", Scopes: upload, Life: 20 * time.Minute}
	made, err := f.Store.CreateTrust(ctx, shop)
	must(t, err)
	_, err = f.Store.CreateTrust(ctx, shop)
	wantKind(t, err, crowsnest.Conflict)
	theirs := shop
	theirs.Organisation = other
	f.Advance(time.Second)
	second, err := f.Store.CreateTrust(ctx, theirs)
	must(t, err)
	got, err := f.Store.Trusts(ctx, acme)
	must(t, err)
	if diff := cmp.Diff([]store.Trust{made}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err = f.Store.TrustsOf(ctx, shop.Issuer, shop.Repository); err != nil || len(got) != 2 || got[0].ID != made.ID || got[1].ID != second.ID {
		t.Errorf("of the repository: %+v, %v", got, err)
	}
	for _, elsewhere := range [][2]string{{"https://other.example.com", shop.Repository}, {shop.Issuer, "acme/shopping"}, {shop.Issuer, "ACME/shop"}, {shop.Issuer, "acme/%"}} {
		if got, err := f.Store.TrustsOf(ctx, elsewhere[0], elsewhere[1]); err != nil || len(got) != 0 {
			t.Errorf("of %v: %+v, %v", elsewhere, got, err)
		}
	}
	wantKind(t, f.Store.DeleteTrust(ctx, acme, second.ID), crowsnest.NotFound)

	job := store.Job{Issuer: shop.Issuer, Repository: "acme/shop", RepositoryID: "42", Ref: "refs/heads/main", Environment: "production", By: "ada", Run: "7", Commit: "abc"}
	begin := f.now(t, acme)
	token, err := f.Store.ExchangeToken(ctx, made.ID, job, upload, []byte("first"))
	must(t, err)
	if token.Organisation != acme || token.Name != "acme/shop@refs/heads/main" || !token.Expires.Equal(begin.Add(20*time.Minute)) || token.Person != "" {
		t.Errorf("token %+v", token)
	}
	used, err := f.Store.UseToken(ctx, []byte("first"))
	must(t, err)
	if used.ID != token.ID || !slices.Equal(used.Scopes, upload) {
		t.Errorf("used %+v", used)
	}
	log, err := f.Store.AuditLog(ctx, acme, store.AuditFilter{Action: "token.exchange"}, store.Page{})
	must(t, err)
	if len(log.Items) != 1 || log.Items[0].Actor.Name != token.Name || log.Items[0].Detail["run"] != "7" || log.Items[0].Detail["trust"] != "shop" {
		t.Errorf("audit log %+v", log.Items)
	}
	// Another repository that took over the name is not the one that was trusted.
	taken := job
	taken.RepositoryID = "43"
	_, err = f.Store.ExchangeToken(ctx, made.ID, taken, upload, []byte("taken over"))
	wantKind(t, err, crowsnest.Forbidden)
	_, err = f.Store.UseToken(ctx, []byte("taken over"))
	wantKind(t, err, crowsnest.NotFound)

	// What expired is in no list, and goes.
	if list, err := f.Store.Tokens(ctx, acme, ""); err != nil || len(list) != 1 {
		t.Errorf("tokens %+v, %v", list, err)
	}
	f.Advance(20 * time.Minute)
	_, err = f.Store.UseToken(ctx, []byte("first"))
	wantKind(t, err, crowsnest.NotFound)
	if list, err := f.Store.Tokens(ctx, acme, ""); err != nil || len(list) != 0 {
		t.Errorf("tokens %+v, %v", list, err)
	}
	must(t, f.Store.ForgetExpired(ctx))
	_, err = f.Store.ExchangeToken(ctx, made.ID, job, upload, []byte("first")) // its row is gone: the hash is free
	must(t, err)

	// Without the trust its tokens end at once.
	must(t, f.Store.DeleteTrust(ctx, acme, made.ID))
	_, err = f.Store.UseToken(ctx, []byte("first"))
	wantKind(t, err, crowsnest.NotFound)
	_, err = f.Store.ExchangeToken(ctx, made.ID, job, upload, []byte("late"))
	wantKind(t, err, crowsnest.NotFound)
	if got, err := f.Store.Trusts(ctx, other); err != nil || len(got) != 1 {
		t.Errorf("the other organisation's: %+v, %v", got, err)
	}
}

// Of two repositories whose jobs come first at the same moment one is trusted from then on.
func testTrustAtOnce(t *testing.T, f fixture) {
	org := f.Organisation(t, "acme")
	made, err := f.Store.CreateTrust(ctx, store.Trust{Organisation: org, Name: "shop", Issuer: "https://ci.example.com", Repository: "acme/shop", Scopes: upload, Life: time.Hour})
	must(t, err)
	ids := []string{"1", "2", "1", "2"}
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			_, errs[i] = f.Store.ExchangeToken(ctx, made.ID, store.Job{Issuer: made.Issuer, Repository: made.Repository, RepositoryID: id, Ref: "refs/heads/main"}, upload, []byte{byte(i)})
		})
	}
	wg.Wait()
	list, err := f.Store.Trusts(ctx, org)
	must(t, err)
	for i, id := range ids {
		if (errs[i] == nil) != (id == list[0].RepositoryID) {
			t.Errorf("%s: %v, trusted is %s", id, errs[i], list[0].RepositoryID)
		}
	}
}

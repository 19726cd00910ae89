package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
)

// plainly keeps secrets as they are, so that a test sees what was kept.
func plainly(deps *Deps) {
	deps.Seal = func(_ context.Context, secret string) ([]byte, error) { return []byte("sealed " + secret), nil }
	deps.Unseal = func(_ context.Context, sealed []byte) (string, error) {
		return strings.TrimPrefix(string(sealed), "sealed "), nil
	}
}

func TestConnectingARegistry(t *testing.T) {
	d := newDesk(t, plainly)
	const body = `{"name":"hub","kind":"oci","host":"Registry.example.com","username":"robot","secret":"s3cret","repositories":["shop/web","tmp/x"],"exclude":["tmp/*"],"enable":["shop/*"],"interval":"1m"}`
	d.tryRegistry = func(cfg registry.Config) error {
		return &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "ask", Subject: cfg.Host, Field: "secret", Hint: "replace the credentials"}
	}
	for path, want := range map[string]int{"/api/v1/registries/test": http.StatusBadGateway, "/api/v1/registries": http.StatusBadGateway} {
		text := body
		if strings.HasSuffix(path, "test") {
			text = strings.NewReplacer(`"name":"hub",`, "", `,"enable":["shop/*"],"interval":"1m"`, "").Replace(body)
		}
		if w := d.post(path, text); w.Code != want || !strings.Contains(w.Body.String(), "replace the credentials") || !strings.Contains(w.Body.String(), "body.secret") || strings.Contains(w.Body.String(), "s3cret") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if got := answered[[]connected.RegistryIntegration](t, d, "/registries"); len(got) != 0 {
		t.Fatalf("it did not answer, and was saved: %+v", got)
	}
	var tried registry.Config
	d.tryRegistry = func(cfg registry.Config) error { tried = cfg; return nil }
	for _, bad := range []string{
		`{"name":"hub","kind":"tape","host":"a.example"}`, `{"name":"hub","kind":"oci","host":"a.example","interval":"1s"}`, `{"name":"hub","kind":"oci","host":"a.example","include":["https://x"]}`,
		`{"name":"hub","kind":"oci","host":"a.example","username":"u"}`, `{"name":"hub","kind":"oci"}`, `{"kind":"oci","host":"a.example"}`,
	} {
		if w := d.post("/api/v1/registries", bad); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	w := d.post("/api/v1/registries", body)
	if w.Code != http.StatusCreated || strings.Contains(w.Body.String(), "s3cret") {
		t.Fatalf("connected: %d %s", w.Code, w.Body)
	}
	got := read[connected.RegistryIntegration](t, w)
	if tried.Host != "registry.example.com" || tried.Secret != "s3cret" || got.Host != tried.Host || !got.Credentials || got.State != "pending" || got.Interval != "1m0s" || !cmp.Equal(got.Enable, []string{"shop/*"}) {
		t.Errorf("tried %+v, got %+v", tried, got)
	}
	kept, err := d.store.ConnectedRegistry(t.Context(), d.org, "hub")
	if err != nil || string(kept.Secret) != "sealed s3cret" {
		t.Errorf("kept %q, %v", kept.Secret, err)
	}
	if w := d.post("/api/v1/registries", body); w.Code != http.StatusConflict {
		t.Errorf("twice: %d %s", w.Code, w.Body)
	}

	// A secret goes to no other place than it was given for, but is tried with what else changes.
	if code, said := d.patch("/registries/hub", `{"api":"https://evil.example"}`); code != http.StatusUnprocessableEntity || !strings.Contains(said, "body.secret") {
		t.Errorf("another address: %d %s", code, said)
	}
	if code, said := d.patch("/registries/hub", `{}`); code != http.StatusUnprocessableEntity {
		t.Errorf("nothing: %d %s", code, said)
	}
	if code, said := d.patch("/registries/hub", `{"include":["shop/*"],"enable":[],"interval":"2m"}`); code != http.StatusOK {
		t.Errorf("changed: %d %s", code, said)
	}
	got = answered[connected.RegistryIntegration](t, d, "/registries/hub")
	if tried.Secret != "s3cret" || got.Interval != "2m0s" || len(got.Enable) != 0 || !cmp.Equal(got.Include, []string{"shop/*"}) || !got.Credentials {
		t.Errorf("changed: tried %+v, got %+v", tried, got)
	}
	d.patch("/registries/hub", `{"username":"other","secret":"n3w"}`)
	if kept, err = d.store.ConnectedRegistry(t.Context(), d.org, "hub"); err != nil || string(kept.Secret) != "sealed n3w" || kept.Username != "other" {
		t.Errorf("replaced: %q of %s, %v", kept.Secret, kept.Username, err)
	}
	// The server's own identity takes the place of a password, and a password that of the identity; it is for its cloud alone.
	if code, said := d.patch("/registries/hub", `{"identity":true}`); code != http.StatusUnprocessableEntity || !strings.Contains(said, "body.identity") {
		t.Errorf("identity of a registry in no cloud: %d %s", code, said)
	}
	if code, said := d.patch("/registries/hub", `{"ca":"-----BEGIN PRIVATE KEY-----","secret":"n3w"}`); code != http.StatusUnprocessableEntity || !strings.Contains(said, "body.ca") {
		t.Errorf("no certificate: %d %s", code, said)
	}
	if code, said := d.patch("/registries/hub", `{"ca":`+jsonText(authority)+`}`); code != http.StatusUnprocessableEntity || !strings.Contains(said, "body.secret") {
		t.Errorf("another authority, and no secret: %d %s", code, said)
	}
	if w := d.post("/api/v1/registries", `{"name":"cloud","kind":"gar","host":"europe-west3-docker.pkg.dev","username":"_json_key","secret":"key","ca":`+jsonText(authority)+`}`); w.Code != http.StatusCreated || tried.CA == "" {
		t.Errorf("in a cloud: %d %s", w.Code, w.Body)
	}
	for _, step := range []struct{ change, secret, username string }{{`{"identity":true}`, "", ""}, {`{"username":"_json_key","secret":"other"}`, "sealed other", "_json_key"}, {`{"identity":true,"ca":""}`, "", ""}} {
		code, said := d.patch("/registries/cloud", step.change)
		kept, err := d.store.ConnectedRegistry(t.Context(), d.org, "cloud")
		if own := step.secret == ""; code != http.StatusOK || err != nil || string(kept.Secret) != step.secret || kept.Username != step.username || kept.Identity != own || tried.Identity != own {
			t.Errorf("%s: %d %s; kept %+v, tried %+v, %v", step.change, code, said, kept, tried, err)
		}
	}
	if got := answered[connected.RegistryIntegration](t, d, "/registries/cloud"); !got.Identity || got.Credentials || got.CA != nil {
		t.Errorf("in a cloud: %+v", got)
	}
	// To be paused it need not answer, and nothing of it becomes another.
	d.tryRegistry = func(registry.Config) error { return errors.New("it was asked") }
	if code, said := d.patch("/registries/hub", `{"paused":true}`); code != http.StatusOK || !strings.Contains(said, `"state":"paused"`) || strings.Contains(said, "nextLook") {
		t.Errorf("paused: %d %s", code, said)
	}
	if code, said := d.patch("/registries/hub", `{"paused":false}`); code != http.StatusOK || !strings.Contains(said, `"state":"pending"`) || !strings.Contains(said, "nextLook") || !strings.Contains(said, "nextListing") {
		t.Errorf("resumed: %d %s", code, said)
	}
	if got := answered[connected.RegistryImpact](t, d, "/registries/hub/impact"); got != (connected.RegistryImpact{}) {
		t.Errorf("impact %+v", got)
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1/registries/hub", nil); w.Code != http.StatusNotFound {
		t.Errorf("others see it: %d %s", w.Code, w.Body)
	}
	if w := d.do(d.token, http.MethodDelete, "/api/v1/registries/hub", nil); w.Code != http.StatusNoContent {
		t.Errorf("disconnected: %d %s", w.Code, w.Body)
	}
	if kinds := answered[[]connected.RegistryKind](t, d, "/registry-kinds"); len(kinds) != 11 || kinds[0].Name != "oci" || kinds[0].Secret == "" {
		t.Errorf("kinds %+v", kinds)
	}
}

// authority is a certificate that vouches for nothing here.
var authority = func() string {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
}()

func jsonText(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}

func TestRepositoriesOfRegistries(t *testing.T) {
	d := newDesk(t)
	in := d.fixture.ConnectRegistry(t, d.org, "hub", "registry.example.com", "shop/web")
	if err := d.store.SaveListing(t.Context(), in.ID, []string{"shop/web", "shop/api", "dev/tool"}); err != nil {
		t.Fatal(err)
	}
	change := func(path, body string) int {
		t.Helper()
		return read[connected.RepositoryChange](t, d.post("/api/v1/repositories/"+path, body)).Changed
	}
	if n := change("enable", `{"registry":"hub","patterns":["shop/*"]}`); n != 1 {
		t.Errorf("%d changed by a pattern", n)
	}
	if n := change("disable", `{"registry":"hub","all":true}`); n != 2 {
		t.Errorf("%d changed of all", n)
	}
	if n := change("enable", `{"registry":"hub","names":["shop/web","hidden/one"]}`); n != 2 {
		t.Errorf("%d changed by name", n)
	}
	for _, bad := range []string{`{"registry":"hub"}`, `{"registry":"hub","all":true,"names":["a"]}`, `{"registry":"hub","names":["shop/web:1"]}`, `{"registry":"hub","names":["shop/*"]}`, `{"registry":"hub","patterns":["Shop"]}`, `{"all":true}`} {
		if w := d.post("/api/v1/repositories/enable", bad); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	if w := d.post("/api/v1/repositories/enable", `{"registry":"nobody","all":true}`); w.Code != http.StatusNotFound {
		t.Errorf("of no registry: %d %s", w.Code, w.Body)
	}
	page := answered[wire.Page[connected.Repository]](t, d, "/repositories?limit=2&state=enabled")
	if len(page.Items) != 2 || page.Items[0].Reference != "registry.example.com/hidden/one" || page.Items[0].State != "enabled" || page.Next != "" {
		t.Errorf("enabled: %+v", page)
	}
	work, err := d.store.NextRepository(t.Context(), in.ID)
	for err == nil {
		if err = d.store.SaveTags(t.Context(), work.ID, []string{"1", "2"}, "2"); err == nil {
			err = d.store.SaveTarget(t.Context(), work.ID, store.TagWork{Name: "2"}, storetest.Digest(work.Name))
		}
		if err == nil {
			work, err = d.store.NextRepository(t.Context(), in.ID)
		}
	}
	if want := (connected.Backfill{Repositories: 2, Images: 2}); read[connected.Backfill](t, d.post("/api/v1/repositories/backfill/preview", `{"registry":"hub","all":true}`)) != want {
		t.Errorf("the preview is not %+v", want)
	}
	read[connected.Backfill](t, d.post("/api/v1/repositories/backfill", `{"registry":"hub","all":true}`))
	lanes := answered[[]connected.Lane](t, d, "/analysis-lanes")
	if diff := cmp.Diff([]connected.Lane{{Lane: "people"}, {Lane: "push", Queued: 2}, {Lane: "backfill", Coming: 2}}, lanes); diff != "" {
		t.Errorf("lanes (-want +got):\n%s", diff)
	}
	if got := answered[wire.Page[wire.Analysis]](t, d, "/analyses").Items[0]; got.Lane != "push" || got.Tag != "2" {
		t.Errorf("analysis %+v", got)
	}
}

func TestHookTellsOfPushes(t *testing.T) {
	d := newDesk(t, plainly)
	in := d.fixture.ConnectRegistry(t, d.org, "hub", "registry.example.com", "shop/web")
	hook := read[wire.Hook](t, d.post("/api/v1/registries/hub/hook", ""))
	if !strings.HasSuffix(hook.URL, "/api/v1/hooks/registries/"+in.ID) || hook.Secret == "" {
		t.Fatalf("made %+v", hook)
	}
	const event = `{"events":[{"action":"push","target":{"repository":"shop/web","tag":"2"}}]}`
	tags := func() int {
		t.Helper()
		w, err := d.store.NextRepository(t.Context(), in.ID)
		if crowsnest.KindOf(err) == crowsnest.NotFound && err != nil {
			return 0
		}
		if err != nil {
			t.Fatal(err)
		}
		list, err := d.store.TagsToCheck(t.Context(), w.ID, true, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	other := d.call("registries/nothing", "Authorization", "Bearer "+hook.Secret, event)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"no secret":      d.call("registries/"+in.ID, "X-Other", "", event),
		"another secret": d.call("registries/"+in.ID, "Authorization", "Bearer "+hook.Secret+"x", event),
		"another body":   d.call("registries/"+in.ID, "X-Hub-Signature-256", signature(hook.Secret, event+" "), event),
		"another query":  d.call("registries/"+in.ID+"?secret=x", "X-Other", "", event),
		"unknown":        other,
	} {
		if w.Code != http.StatusNotFound || w.Body.String() != other.Body.String() {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if n := tags(); n != 0 {
		t.Fatalf("%d tags are looked at without a secret", n)
	}
	if w := d.call("registries/"+in.ID, "Authorization", "Bearer "+hook.Secret, `{"hello":"world"}`); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no event: %d %s", w.Code, w.Body)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"bearer":    d.call("registries/"+in.ID, "Authorization", "Bearer "+hook.Secret, event),
		"plain":     d.call("registries/"+in.ID, "Authorization", hook.Secret, event),
		"query":     d.call("registries/"+in.ID+"?secret="+hook.Secret, "X-Other", "", event),
		"signature": d.call("registries/"+in.ID, "X-Hub-Signature-256", signature(hook.Secret, event), event),
		"a ping":    d.call("registries/"+in.ID, "X-Crowsnest-Hook", hook.Secret, `{"id":"1","action":"ping"}`),
	} {
		if w.Code >= 300 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if n := tags(); n != 1 {
		t.Errorf("%d tags are looked at, want the one that was told of", n)
	}
	if log := d.log.String(); strings.Contains(log, hook.Secret) {
		t.Error("the log has the secret")
	}
	if w := d.do(d.token, http.MethodDelete, "/api/v1/registries/hub/hook", nil); w.Code != http.StatusNoContent {
		t.Errorf("ended: %d %s", w.Code, w.Body)
	}
	if w := d.call("registries/"+in.ID, "Authorization", "Bearer "+hook.Secret, event); w.Code != http.StatusNotFound {
		t.Errorf("after its end: %d", w.Code)
	}
	if got := d.queue.work[len(d.queue.work)-1]; got.Kind != store.WatchWork {
		t.Errorf("the last work is %+v", got)
	}
}

func signature(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestOneRepository(t *testing.T) {
	d := newDesk(t)
	in := d.fixture.ConnectRegistry(t, d.org, "hub", "registry.example.com", "shop/web")
	const web = "registry.example.com/shop/web"
	img := storetest.Image(web + ":1")
	if _, err := d.store.RecordImage(t.Context(), d.org, img, &store.Tag{Repository: web, Name: "1", Target: img.Index}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	got := answered[connected.KnownRepository](t, d, "/repository?name="+web)
	if got.Watched == nil || got.Watched.Registry != in.Name || got.Watched.State != "enabled" || got.Tags == 0 || got.Images != 1 {
		t.Errorf("known: %+v", got)
	}
	tags := answered[wire.Page[connected.TagInterval]](t, d, "/repository/tags?name="+web+"&limit=1")
	if len(tags.Items) != 1 || tags.Items[0].Tag != "1" || tags.Items[0].Image != img.Digest || tags.Items[0].State != "found" || !tags.Items[0].Until.IsZero() {
		t.Errorf("tags: %+v", tags)
	}
	moved := storetest.Image(web + ":1 again")
	if _, err := d.store.RecordImage(t.Context(), d.org, moved, &store.Tag{Repository: web, Name: "1", Target: moved.Index}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	if past := answered[wire.Page[connected.TagInterval]](t, d, "/repository/tags?name="+web+"&past=true"); len(past.Items) < 2 || past.Items[0].Image != moved.Digest {
		t.Errorf("with the past: %+v", past)
	}
	if file := d.get("/api/v1/export/repository/tags?name=" + web).Body.String(); strings.Count(file, "\n1,") != 1 || !strings.Contains(file, string(moved.Digest)) || strings.Contains(file, string(img.Digest)) {
		t.Errorf("exported: %s", file)
	}
	if file := d.get("/api/v1/export/repository/tags?past=true&name=" + web).Body.String(); !strings.Contains(file, string(img.Digest)) {
		t.Errorf("exported with the past: %s", file)
	}
	if images := answered[wire.Page[wire.Image]](t, d, "/images?sort=newest&repository="+web); len(images.Items) != 2 || images.Items[1].Digest != img.Digest {
		t.Errorf("images: %+v", images)
	}
	for path, want := range map[string]int{"/repository?name=registry.example.com/shop": http.StatusNotFound, "/repository": http.StatusUnprocessableEntity, "/repository/tags": http.StatusUnprocessableEntity} {
		if w := d.do(d.token, http.MethodGet, "/api/v1"+path, nil); w.Code != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1/repository?name="+web, nil); w.Code != http.StatusNotFound {
		t.Errorf("others see it: %d %s", w.Code, w.Body)
	}
}

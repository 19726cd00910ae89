package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

const shopWeb = "registry.example.com/shop/web:1" // what fill analyses and names by its tag

func (d *desk) send(token, method, path, body string) (code int, said string) {
	d.t.Helper()
	w := d.do(token, method, "/api/v1"+path, strings.NewReader(body))
	if w.Code >= 300 {
		return w.Code, detail(d.t, w)
	}
	return w.Code, w.Body.String()
}

func TestImagesAreAssigned(t *testing.T) {
	d := newDesk(t)
	d.fill()
	web := storetest.Image(shopWeb)
	want := wire.Assigned{Environment: "test", Opened: 1, Images: []wire.AssignedImage{{Reference: shopWeb, Digest: web.Digest, State: "analysed"}}}
	if diff := cmp.Diff(want, read[wire.Assigned](t, d.post("/api/v1/environments/test/images", `{"images":[{"reference":"`+shopWeb+`"}]}`))); diff != "" {
		t.Errorf("assigned (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct {
		image string
		want  wire.AssignedImage
	}{
		"a source":            {`{"reference":"registry://` + shopWeb + `"}`, wire.AssignedImage{Reference: shopWeb, Digest: web.Digest, State: "analysed"}},
		"digest":              {`{"digest":"` + string(web.ImageID) + `"}`, wire.AssignedImage{Reference: string(web.ImageID), Digest: web.Digest, State: "analysed"}},
		"reference is one":    {`{"reference":"` + string(web.Index) + `"}`, wire.AssignedImage{Reference: string(web.Index), Digest: web.Digest, State: "analysed"}},
		"tag and digest":      {`{"reference":"nginx:1@` + string(web.Digest) + `"}`, wire.AssignedImage{Reference: "docker.io/library/nginx:1", Digest: web.Digest, State: "analysed"}},
		"digest of a name":    {`{"reference":"localhost:5000/nginx@` + string(web.Digest) + `"}`, wire.AssignedImage{Reference: "localhost:5000/nginx@" + string(web.Digest), Digest: web.Digest, State: "analysed"}},
		"unknown digest":      {`{"reference":"nginx","digest":"` + string(storetest.Digest("new")) + `"}`, wire.AssignedImage{Reference: "docker.io/library/nginx:latest", Digest: storetest.Digest("new"), State: "unresolved"}},
		"with its platform":   {`{"reference":"` + shopWeb + `","platform":"linux/amd64"}`, wire.AssignedImage{Reference: shopWeb, Digest: web.Digest, State: "analysed"}},
		"both are one digest": {`{"reference":"` + string(web.Digest) + `","digest":"` + string(web.Digest) + `"}`, wire.AssignedImage{Reference: string(web.Digest), Digest: web.Digest, State: "analysed"}},
	} {
		got := read[wire.Assigned](t, d.do(d.token, http.MethodPut, "/api/v1/environments/test/images", strings.NewReader(`{"images":[`+c.image+`]}`)))
		if diff := cmp.Diff([]wire.AssignedImage{c.want}, got.Images); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// An error says which of many it is about.
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		w := d.do(d.token, method, "/api/v1/environments/test/images", strings.NewReader(`{"images":[{"reference":"nginx:2"},{"reference":"`+shopWeb+`"},{"reference":"nginx:3"}]}`))
		for _, place := range []string{wire.UnknownImage(0), wire.UnknownImage(2)} {
			if w.Code != 404 || !strings.Contains(w.Body.String(), `"`+place+`"`) || strings.Contains(w.Body.String(), wire.UnknownImage(1)) {
				t.Errorf("%s of images that are not known: %d %s", method, w.Code, w.Body)
			}
		}
	}
	for name, c := range map[string]struct {
		body string
		code int
		says string
	}{
		"nothing":            {`{"images":[]}`, 422, "images"},
		"empty":              {`{"images":[{}]}`, 422, "give a reference or a digest"},
		"unknown":            {`{"images":[{"reference":"nginx:2"}]}`, 404, "docker.io/library/nginx:2: not found (give its digest as well, or have it analysed first with crowsnest cves IMAGE or POST /api/v1/analyses"},
		"another platform":   {`{"images":[{"reference":"` + shopWeb + `","platform":"linux/arm64"}]}`, 404, "for linux/arm64"},
		"no platform":        {`{"images":[{"reference":"` + shopWeb + `","platform":"arm64"}]}`, 422, "os/architecture"},
		"path":               {`{"images":[{"reference":"/etc/passwd"}]}`, 422, "path"},
		"another source":     {`{"images":[{"reference":"oci-dir://x"}]}`, 422, "registries"},
		"two digests":        {`{"images":[{"reference":"` + string(web.Digest) + `","digest":"` + string(web.Index) + `"}]}`, 422, "two digests"},
		"digest of another":  {`{"images":[{"reference":"nginx@` + string(web.Digest) + `","digest":"` + string(web.Index) + `"}]}`, 422, "another digest"},
		"no digest":          {`{"images":[{"digest":"sha256:abc"}]}`, 422, "digest"},
		"control characters": {`{"images":[{"reference":"a\u0007"}]}`, 422, "control characters"},
		"too many":           {`{"images":[` + strings.Repeat(`{"reference":"a"},`, 10_000) + `{"reference":"a"}]}`, 422, "10000"},
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			if method == http.MethodDelete && c.code == 404 {
				continue
			}
			if code, said := d.send(d.token, method, "/environments/test/images", c.body); code != c.code || !strings.Contains(said, c.says) {
				t.Errorf("%s %s: %d %.300s, want %d and %q", method, name, code, said, c.code, c.says)
			}
		}
	}
	if code, said := d.send(d.token, http.MethodPost, "/environments/a%2Fb/images", `{"images":[{"reference":"`+shopWeb+`"}]}`); code != 422 {
		t.Errorf("a name with a slash: %d %s", code, said)
	}

	summary := read[wire.EnvironmentSummary](t, d.get("/api/v1/environments/test"))
	if diff := cmp.Diff([]string{"assigned"}, summary.Sources); diff != "" || summary.Images+summary.Coverage.Unresolved != 1 {
		t.Errorf("environment %+v", summary)
	}
	read[wire.Assigned](t, d.do(d.token, http.MethodPut, "/api/v1/environments/test/images", strings.NewReader(`{"images":[{"reference":"`+shopWeb+`"}]}`)))
	for i, want := range []int{1, 0} {
		got := read[wire.Unassigned](t, d.do(d.token, http.MethodDelete, "/api/v1/environments/test/images", strings.NewReader(`{"images":[{"reference":"`+shopWeb+`"}]}`)))
		if got.Closed != want {
			t.Errorf("taken out, call %d: %d, want %d", i+1, got.Closed, want)
		}
	}
	if list := read[[]wire.Integration](t, d.get("/api/v1/integrations")); len(list) != 1 {
		t.Errorf("integrations %+v", list)
	}
}

// A pipeline may say what runs in an environment, but only an owner makes one.
func TestWhoMakesAnEnvironment(t *testing.T) {
	d := newDesk(t)
	d.fill()
	body := `{"images":[{"reference":"` + shopWeb + `"}]}`
	ci := d.newToken(d.org, "", crowsnest.ScopeWrite)
	d.person(d.org, "editor@example.com", crowsnest.Editor)
	editor := d.signIn("editor@example.com")
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		if code, said := d.send(ci, method, "/environments/new/images", body); code != 403 || !strings.Contains(said, "there is no environment new") || !strings.Contains(said, "scope owner") {
			t.Errorf("%s makes one: %d %s", method, code, said)
		}
		if code, said := d.send(ci, method, "/environments/production/images", body); code != 200 {
			t.Errorf("%s in an existing one: %d %s", method, code, said)
		}
		if code, said := d.send(ci, method, "/environments/production/images", `{"images":[{"reference":"nginx:2"}]}`); code != 404 || !strings.Contains(said, "nginx") {
			t.Errorf("%s of an unknown image: %d %s", method, code, said)
		}
		if w := editor.do(method, "/api/v1/environments/new/images", body); w.Code != 403 || !strings.Contains(w.Body.String(), "role owner; yours is editor") {
			t.Errorf("%s by an editor: %d %s", method, w.Code, w.Body)
		}
	}
	if code, said := d.send(d.token, http.MethodPost, "/environments/new/images", body); code != 200 {
		t.Errorf("an owner makes one: %d %s", code, said)
	}
	if code, said := d.send(d.other, http.MethodPut, "/environments/production/images", body); code != 404 {
		t.Errorf("another organisation names our image: %d %s", code, said)
	}
}

func TestEnvironmentIsChangedAndDeleted(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if code, said := d.send(d.token, http.MethodPatch, "/environments/production", `{}`); code != 422 || !strings.Contains(said, "what is to change") {
		t.Errorf("nothing: %d %s", code, said)
	}
	for _, body := range []string{`{"name":""}`, `{"name":"a/b"}`, `{"name":"a\nb"}`, `{"description":"a\u0000"}`, `{"profileDays":-1}`, `{"profileDays":3651}`, `{"profileDays":1.5}`, `{"description":"` + strings.Repeat("x", 501) + `"}`} {
		if code, said := d.send(d.token, http.MethodPatch, "/environments/production", body); code != 422 {
			t.Errorf("%.40s: %d %s", body, code, said)
		}
	}
	w := d.do(d.token, http.MethodPatch, "/api/v1/environments/production", strings.NewReader(`{"name":"live","description":"what customers see"}`))
	if got := read[wire.EnvironmentSummary](t, w); got.Name != "live" || got.Description != "what customers see" || got.Images != 1 {
		t.Errorf("changed: %+v", got)
	}
	if code, said := d.send(d.token, http.MethodDelete, "/environments/live", ``); code != 409 || !strings.Contains(said, "fed by eu") {
		t.Errorf("deleted while it is fed: %d %s", code, said)
	}
	for _, path := range []string{"/integrations/eu", "/environments/live"} {
		if w := d.do(d.token, http.MethodDelete, "/api/v1"+path, nil); w.Code != http.StatusNoContent {
			t.Errorf("delete %s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := d.get("/api/v1/environments/live"); w.Code != 404 {
		t.Errorf("the deleted one: %d %s", w.Code, w.Body)
	}
	if got := read[wire.Page[wire.Occurrence]](t, d.get("/api/v1/environments/live/occurrences")); len(got.Items) != 2 || got.Items[0].Closed == nil {
		t.Errorf("its history: %+v", got)
	}
	deleted := func(token string) []wire.DeletedEnvironment {
		return read[[]wire.DeletedEnvironment](t, d.do(token, http.MethodGet, "/api/v1/deleted-environments", nil))
	}
	if got := deleted(d.token); len(got) != 1 || got[0].Name != "live" || got[0].By == "" || got[0].Deleted.IsZero() {
		t.Errorf("deleted environments: %+v", got)
	}
	if got := deleted(d.newToken(d.org, "", crowsnest.ScopeRead)); len(got) != 1 || got[0].By != "" {
		t.Errorf("who did it is told to those who may not read the audit log: %+v", got)
	}
	for query, want := range map[string]int{"q=shop+web": 1, "q=nothing": 0, "cluster=eu": 2, "cluster=us": 0, "namespace=none": 0, "running=true": 0} {
		if got := read[wire.Page[wire.Occurrence]](t, d.get("/api/v1/environments/live/occurrences?"+query)); len(got.Items) != want {
			t.Errorf("%s: %+v, want %d", query, got, want)
		}
	}
	for _, query := range []string{"q=" + strings.Repeat("x", 201), "q=a%00", "running=perhaps"} {
		if w := d.get("/api/v1/environments/live/occurrences?" + query); w.Code != 422 {
			t.Errorf("%.20s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := d.get("/api/v1/environments/nowhere/occurrences"); w.Code != 404 {
		t.Errorf("the history of one that never was: %d %s", w.Code, w.Body)
	}
}

func TestWaysOfCounting(t *testing.T) {
	d := newDesk(t)
	d.fill()
	d.fixture.Analysed(t, d.org, "registry.example.com/shop/api:1", storetest.Package("libc6", "2.36-9", "glibc"), storetest.Package("libc-bin", "2.36-9", "glibc"))
	d.fixture.Match(t, storetest.AllAffected)
	read[wire.Assigned](t, d.post("/api/v1/environments/production/images", `{"images":[{"reference":"registry.example.com/shop/api:1"}]}`))
	for query, want := range map[string]struct {
		counting store.Counting
		n        int
	}{"": {"images", 3}, "?counting=images": {"images", 3}, "?counting=packages": {"packages", 2}, "?counting=vulnerabilities": {"vulnerabilities", 1}} {
		got := read[wire.EnvironmentSummary](t, d.get("/api/v1/environments/production"+query))
		if got.Counting != want.counting || got.Summary != (crowsnest.Summary{Critical: want.n}) {
			t.Errorf("%q: %s %+v, want %v", query, got.Counting, got.Summary, want)
		}
		if w := d.get("/api/v1/environments/nowhere" + query); w.Code != 404 {
			t.Errorf("%q of none: %d", query, w.Code)
		}
	}
	if list := read[[]wire.EnvironmentSummary](t, d.get("/api/v1/environments")); len(list) != 1 || list[0].Counting != "images" {
		t.Errorf("list: %+v", list)
	}
	if w := d.get("/api/v1/environments/production?counting=layers"); w.Code != 422 {
		t.Errorf("by layers: %d", w.Code)
	}
}

func TestWarningsOfWhatRuns(t *testing.T) {
	d := newDesk(t)
	d.fill()
	web, next := storetest.Image(shopWeb), storetest.Image("next")
	next.Name = shopWeb
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	d.frozen.Store(&at)
	if _, err := d.store.RecordImage(t.Context(), d.org, next, &store.Tag{Repository: "registry.example.com/shop/web", Name: "1", Target: next.Index}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	list := read[wire.Page[wire.RunningImage]](t, d.get("/api/v1/environments/production/images"))
	want := []wire.Warning{{Kind: "tag-moved", Reference: shopWeb, Running: web.Digest, Digest: next.Index, Since: at}}
	if len(list.Items) != 1 {
		t.Fatalf("running %+v", list)
	}
	if diff := cmp.Diff(want, list.Items[0].Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if body := d.get("/api/v1/environments/production/images").Body.String(); !strings.Contains(body, fmt.Sprintf(`"running":%q,"digest":%q,"since":"2026-02-03T04:05:06Z"`, web.Digest, next.Index)) {
		t.Errorf("JSON %s", body)
	}
}

// The environment that is built in is read as any other, and nobody writes into it.
func TestLatestIndexed(t *testing.T) {
	d := newDesk(t)
	d.fill()
	img := storetest.Image(shopWeb)
	if _, err := d.store.RecordImage(t.Context(), d.org, img, &store.Tag{Repository: "registry.example.com/shop/web", Name: "1", Target: img.Index}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	if got := read[wire.EnvironmentSummary](t, d.get("/api/v1/environments/latest-indexed")); got.Images != 1 || got.Summary.Critical != 1 {
		t.Errorf("environment %+v", got)
	}
	for _, path := range []string{"/environments/latest-indexed/images", "/images?environment=latest-indexed", "/vulnerabilities?environment=latest-indexed", "/packages?environment=latest-indexed"} {
		if got := read[wire.Page[map[string]any]](t, d.get("/api/v1"+path)); len(got.Items) != 1 {
			t.Errorf("%s: %+v", path, got)
		}
		if got := read[wire.Page[map[string]any]](t, d.do(d.other, http.MethodGet, "/api/v1"+path, nil)); len(got.Items) != 0 {
			t.Errorf("%s for another: %+v", path, got)
		}
	}
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPost, "/environments/latest-indexed/images", `{"images":[{"reference":"` + shopWeb + `"}]}`},
		{http.MethodPut, "/environments/latest-indexed/images", `{"images":[],"allowEmpty":true}`},
		{http.MethodPatch, "/environments/production", `{"name":"latest-indexed"}`},
		{http.MethodPatch, "/environments/latest-indexed", `{"description":"x"}`},
		{http.MethodPatch, "/environments/latest-indexed", `{"profileDays":3}`},
		{http.MethodDelete, "/environments/latest-indexed", ``},
		{http.MethodPatch, "/integrations/eu", `{"environment":"latest-indexed"}`},
	} {
		if code, said := d.send(d.token, c.method, c.path, c.body); code != 422 || !strings.Contains(said, "built in") {
			t.Errorf("%s %s: %d %s", c.method, c.path, code, said)
		}
	}
}

// TestProfilesGrowOld: once a profile is too old, every answer and every file says of what was not seen that it is not observed.
func TestProfilesGrowOld(t *testing.T) {
	d := newDesk(t)
	reported := time.Now().Add(-20 * 24 * time.Hour)
	d.frozen.Store(&reported)
	digest := d.fill()["/images/{digest}"]
	in, err := d.store.Integration(t.Context(), d.org, "eu")
	if err != nil {
		t.Fatal(err)
	}
	// What fill made runs; another package was loaded.
	d.fixture.Sweep(t, in, store.Snapshot{
		Runs:     []crowsnest.Observation{storetest.Run("web", storetest.Image("registry.example.com/shop/web:1").ImageID, "bash")},
		Profiles: map[string][]crowsnest.LoadedPackage{"bash": {{Type: "deb", Name: "bash", Version: "5"}}},
	})
	d.frozen.Store(nil)
	// What a later sweep does not report again gets no younger by it.
	d.fixture.Sweep(t, in, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", storetest.Image("registry.example.com/shop/web:1").ImageID, "")}})
	for _, c := range []struct {
		days  string
		state string
	}{{"", "not-observed"}, {"30", "not-seen"}, {"0", "not-seen"}, {"19", "not-observed"}} {
		if c.days != "" {
			w := d.do(d.token, http.MethodPatch, "/api/v1/environments/production", strings.NewReader(`{"profileDays":`+c.days+`}`))
			if got := read[wire.EnvironmentSummary](t, w); strconv.Itoa(got.ProfileDays) != c.days || !got.ProfilesAsOf.Equal(reported.Truncate(time.Microsecond)) {
				t.Errorf("set to %s days: %+v", c.days, got)
			}
		}
		one, unknown := crowsnest.Summary{Critical: 1}, c.state == "not-observed"
		want := wire.UseSummary{NotSeen: one}
		if unknown {
			want = wire.UseSummary{NotObserved: one}
		}
		images := answered[wire.Page[wire.RunningImage]](t, d, "/environments/production/images").Items
		if len(images) != 1 || images[0].InUse != want || images[0].ProfileStale != unknown || !images[0].ProfiledAt.Equal(reported.Truncate(time.Microsecond)) {
			t.Errorf("for %s days: %+v", c.days, images)
		}
		for _, path := range []string{"/overview", "/overview?environment=production"} {
			if got := answered[wire.Overview](t, d, path); got.InUse != want {
				t.Errorf("for %s days %s: %+v", c.days, path, got.InUse)
			}
		}
		for _, path := range []string{"/images/" + digest + "/findings", "/images/" + digest + "/findings?environment=production", "/export/images/" + digest + "/findings?format=csv"} {
			if w := d.get("/api/v1" + path); w.Code != 200 || !strings.Contains(w.Body.String(), c.state) {
				t.Errorf("for %s days %s: %d %s, want %s", c.days, path, w.Code, w.Body, c.state)
			}
		}
		if w := d.get("/api/v1/environments/production/vex?author=sec%40example.com"); unknown && (w.Code != http.StatusNoContent || w.Body.Len() > 0) ||
			!unknown && (w.Code != 200 || !strings.Contains(w.Body.String(), "vulnerable_code_not_in_execute_path") || !strings.Contains(w.Body.String(), `"author": "sec@example.com"`) ||
				!strings.Contains(w.Body.String(), reported.UTC().Format(time.RFC3339)) || !strings.Contains(w.Body.String(), "Sysdig, cluster eu (integration eu), environment")) {
			t.Errorf("for %s days: %d %s", c.days, w.Code, w.Body)
		}
	}
}

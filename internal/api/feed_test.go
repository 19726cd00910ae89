package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func (d *desk) bundle(have string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodGet, "/api/v1/advisories/bundle", nil)
	r.Header.Set("Authorization", "Bearer "+d.token)
	if have != "" {
		r.Header.Set("If-None-Match", have)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

func TestBundleIsServedOnce(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if err := d.store.PutAdvisoryStatus(t.Context(), store.AdvisoryStatus{Ecosystem: "Debian", Records: 1, Imported: time.Now()}); err != nil {
		t.Fatal(err)
	}
	first := d.bundle("")
	if first.Code != http.StatusOK || first.Header().Get("ETag") == "" || first.Header().Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, first.Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(t.Context(), path, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if len(b.Files) != 1 || b.Files[0].Ecosystem != "Debian" || b.Files[0].Records != 1 {
		t.Errorf("files %+v", b.Files)
	}
	tag := first.Header().Get("ETag")
	if w := d.bundle(tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 || w.Header().Get("ETag") != tag {
		t.Errorf("the same again: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := d.bundle(`"other"`); w.Code != http.StatusOK || w.Body.String() != first.Body.String() {
		t.Errorf("to who has another: %d", w.Code)
	}
	if err := d.store.FinishFeed(t.Context(), store.OSVFeed("Debian"), store.FeedOutcome{Reason: "no way out"}); err != nil {
		t.Fatal(err)
	}
	if w := d.bundle(tag); w.Code != http.StatusNotModified {
		t.Errorf("after an update that failed: %d", w.Code)
	}
	if _, err := d.store.PutAdvisories(t.Context(), d.store.NewUpdate(store.OSVFeed("Debian")), []*crowsnest.Advisory{storetest.Advisory("9", "glibc", "9", time.Unix(9, 0))}); err != nil {
		t.Fatal(err)
	}
	if w := d.bundle(tag); w.Code != http.StatusOK || w.Header().Get("ETag") == tag {
		t.Errorf("after an update: %d %s", w.Code, w.Header().Get("ETag"))
	}
}

func TestUpdatesAreListed(t *testing.T) {
	d := newDesk(t)
	for _, ecosystem := range []string{"npm", "Debian"} {
		if _, err := d.store.PutAdvisories(t.Context(), d.store.NewUpdate(store.OSVFeed(ecosystem)), []*crowsnest.Advisory{
			storetest.Advisory("X-"+ecosystem, "glibc", "9", time.Unix(9, 0)), storetest.Advisory("Y-"+ecosystem, "glibc", "9", time.Unix(9, 0)),
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.store.PutExploited(t.Context(), []crowsnest.Exploited{{CVE: "CVE-2099-1"}}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.store.FinishFeed(t.Context(), store.BundleFeed, store.FeedOutcome{Reason: "no way out"}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int{"": 4, "?feed=kev": 1, "?feed=bundle": 1, "?ecosystem=npm": 1, "?feed=osv&ecosystem=Debian": 1, "?since=2999-01-01T00:00:00Z": 0, "?until=2000-01-01T00:00:00Z": 0, "?limit=2": 2} {
		w := d.get("/api/v1/advisories/updates" + query)
		var page wire.Page[wire.AdvisoryUpdate]
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK || len(page.Items) != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
			continue
		}
		if strings.Contains(query, "npm") && (page.Items[0].Ecosystem != "npm" || page.Items[0].Feed != "osv" || page.Items[0].Added.Count != 2 || page.Items[0].Added.IDs[0] != "X-npm") {
			t.Errorf("%+v", page.Items[0])
		}
		if strings.Contains(query, "bundle") && (page.Items[0].Feed != "bundle" || page.Items[0].Reason != "no way out" || page.Items[0].Tries != 2) {
			t.Errorf("%+v", page.Items[0])
		}
	}
	for _, query := range []string{"?feed=osv", "?feed=kev&ecosystem=npm", "?feed=x"} {
		if w := d.get("/api/v1/advisories/updates" + query); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// A list can be narrowed to what is exploited or likely, and says so of each.
func TestVulnerabilitiesByThreat(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if _, err := d.store.PutExploited(t.Context(), []crowsnest.Exploited{{CVE: "CVE-2099-1", Added: time.Unix(0, 0).UTC()}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.PutEPSS(t.Context(), []crowsnest.EPSS{{CVE: "CVE-2099-1", Score: 0.5, Percentile: 0.9}}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]bool{"kev=true": true, "minEpss=0.5": true, "minEpss=0.6": false, "sort=urgency&kev=true&minEpss=0.1": true} {
		w := d.get("/api/v1/vulnerabilities?" + query)
		if found := strings.Contains(w.Body.String(), `"kev":{"added":"1970-01-01"`) && strings.Contains(w.Body.String(), `"epss":{"score":0.5,"percentile":0.9}`); w.Code != http.StatusOK || found != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
		if file := d.get("/api/v1/export/vulnerabilities?" + query).Body.String(); strings.Contains(file, ",1970-01-01,,false,0.5,0.9") != want {
			t.Errorf("%s: %s", query, file)
		}
	}
	for _, query := range []string{"minEpss=2", "minEpss=-1", "sort=x", "kev=perhaps"} {
		if w := d.get("/api/v1/vulnerabilities?" + query); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

func TestRetryingAnUpdate(t *testing.T) {
	d := newDesk(t)
	if _, err := d.store.EnqueueDueFeeds(t.Context(), []string{store.KEVFeed, store.OSVFeed("npm")}, time.Hour); err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{
		`{"feed":"kev"}`: http.StatusAccepted, `{"feed":"osv","ecosystem":"npm"}`: http.StatusAccepted,
		`{"feed":"epss"}`: http.StatusNotFound, `{"feed":"osv","ecosystem":"Go"}`: http.StatusNotFound,
		`{"feed":"osv"}`: http.StatusUnprocessableEntity, `{"feed":"other"}`: http.StatusUnprocessableEntity, `{}`: http.StatusUnprocessableEntity,
	} {
		if w := d.post("/api/v1/advisories/retry", body); w.Code != want {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	n, err := d.store.EnqueueDueFeeds(t.Context(), []string{store.KEVFeed, store.OSVFeed("npm")}, time.Hour)
	if err != nil || n != 2 {
		t.Errorf("%d are due, %v", n, err)
	}
	// Where everything comes in one bundle, to try any of it again is to try that.
	if _, err := d.store.EnqueueDueFeeds(t.Context(), []string{store.BundleFeed}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if w := d.post("/api/v1/advisories/retry", `{"feed":"osv","ecosystem":"npm"}`); w.Code != http.StatusAccepted {
		t.Errorf("of what a bundle brings: %d %s", w.Code, w.Body)
	}
	if n, err := d.store.EnqueueDueFeeds(t.Context(), []string{store.BundleFeed}, time.Hour); err != nil || n != 1 {
		t.Errorf("%d bundles are due, %v", n, err)
	}
}

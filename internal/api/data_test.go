package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/retention"
)

func TestRetentionIsForetoldAndShown(t *testing.T) {
	d := newDesk(t)
	then := time.Now().Add(-200 * 24 * time.Hour)
	d.frozen.Store(&then)
	img := d.fixture.Analysed(t, d.org, "web:1", storetest.Package("libc6", "2.36-9", "glibc"))
	d.frozen.Store(nil)

	if got := answered[retention.Retention](t, d, "/settings/retention"); got != (retention.Retention{}) {
		t.Errorf("at first %+v is removed, want nothing", got)
	}
	if got := answered[retention.RetentionPreview](t, d, "/settings/retention/preview?images=100"); got.Retention.Images != 100 || got.Removal.Images != 1 || got.Removal.Bytes == 0 {
		t.Errorf("preview %+v, want one image", got)
	}
	if code, said := d.patch("/settings/retention", `{"images":100}`); code != http.StatusOK {
		t.Fatalf("change: %d %s", code, said)
	}
	if code, said := d.patch("/settings/retention", `{"audit":400}`); code != http.StatusOK {
		t.Fatalf("change: %d %s", code, said)
	}
	want := retention.Retention{Images: 100, Audit: 400}
	if got := answered[retention.Retention](t, d, "/settings/retention"); got != want {
		t.Errorf("set is %+v, want %+v", got, want)
	}
	if got := answered[retention.RetentionPreview](t, d, "/settings/retention/preview"); got.Retention != want {
		t.Errorf("a preview of what is set is of %+v", got.Retention)
	}
	for _, bad := range []string{`{}`, `{"images":-1}`, `{"images":4000}`, `{"events":1}`} {
		if code, said := d.patch("/settings/retention", bad); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, code, said)
		}
	}

	for {
		run, err := d.store.Retain(t.Context(), d.org)
		if err != nil {
			t.Fatal(err)
		}
		if !run.Finished.IsZero() {
			break
		}
	}
	runs := answered[[]retention.RetentionRun](t, d, "/settings/retention/runs")
	if len(runs) != 1 || runs[0].Removed.Images != 1 || runs[0].Finished.IsZero() {
		t.Errorf("runs %+v", runs)
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1/settings/retention/runs", nil); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("another organisation sees %s", w.Body)
	}
	row := answered[wire.Image](t, d, "/images/"+string(img.Digest))
	if row.State != "removed" || row.Removed.IsZero() {
		t.Errorf("the image is %+v", row)
	}
	if w := d.get("/api/v1/images/" + string(img.Digest) + "/findings"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "retention") {
		t.Errorf("its findings: %d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/export/images?format=csv", "/export/packages?format=csv", "/export/vulnerabilities?format=csv"} {
		if w := d.get("/api/v1" + path); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	log, err := d.store.AuditLog(t.Context(), d.org, store.AuditFilter{}, store.Page{})
	if err != nil || !slices.ContainsFunc(log.Items, func(e store.AuditEntry) bool { return e.Action == "retention.run" && e.Detail["images"] == "1" }) {
		t.Errorf("audit: %+v, %v", log, err)
	}

	member := d.newToken(d.org, "", crowsnest.ScopeRead)
	if w := d.get("/api/v1/storage"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"kind":"history"`) {
		t.Errorf("storage: %d %s", w.Code, w.Body)
	}
	for name, token := range map[string]string{"a reader": member, "another organisation's owner": d.other} {
		if w := d.do(token, http.MethodGet, "/api/v1/storage", nil); w.Code != http.StatusForbidden {
			t.Errorf("storage for %s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := d.do(member, http.MethodGet, "/api/v1/settings/retention/preview", nil); w.Code != http.StatusForbidden {
		t.Errorf("a reader's preview: %d", w.Code)
	}
}

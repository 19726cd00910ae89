package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func TestFindingChanges(t *testing.T) {
	d, _ := explained(t)
	future := url.QueryEscape(time.Now().Add(time.Hour).Format(time.RFC3339))
	for query, want := range map[string]int{"": 2, "?change=found": 2, "?change=gone": 0, "?cause=package+new": 2, "?cause=package+new,rule+changed&limit=1": 1, "?cause=rule+changed": 0, "?severity=critical": 0, "?since=" + future: 0, "?until=2000-01-01T00:00:00Z": 0} {
		w := d.get("/api/v1/findings/changes" + query)
		var page wire.Page[wire.FindingEvent]
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK || len(page.Items) != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
			continue
		}
		if query == "" {
			if e := page.Items[0]; e.Change != "found" || e.Cause != "package new" || !strings.HasPrefix(e.ID, "CVE-2099-000") || e.Package.Name != "libssl3" || e.Images != 1 || e.FixedVersion == nil {
				t.Errorf("%+v", e)
			}
		}
	}
	for _, query := range []string{"?change=new", "?cause=none", "?severity=bad", "?cursor=x", "?since=yesterday"} {
		if w := d.get("/api/v1/findings/changes" + query); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := d.get("/api/v1/findings/changes?environment=nowhere"); w.Code != http.StatusNotFound {
		t.Errorf("of an environment that is none: %d", w.Code)
	}
	if w := d.get("/api/v1/export/findings/changes?cause=package+new"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "found,package new,CVE-2099-0001") {
		t.Errorf("as a file: %d %s", w.Code, w.Body)
	}
}

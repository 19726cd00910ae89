package api

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// scraped returns what Prometheus reads with a token, by name and labels.
func scraped(t *testing.T, d *desk, token string) map[string]string {
	t.Helper()
	w := d.do(token, http.MethodGet, "/metrics", nil)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	out := make(map[string]string)
	for line := range strings.Lines(w.Body.String()) {
		if !strings.HasPrefix(line, "#") {
			i := strings.LastIndexByte(line, ' ')
			out[line[:i]] = strings.TrimSpace(line[i:])
		}
	}
	return out
}

func TestMetricsAreOfTheOrganisation(t *testing.T) {
	d := newDesk(t)
	d.fill()
	token := d.newToken(d.org, "", crowsnest.ScopeMetrics)
	got := scraped(t, d, token)
	for name, want := range map[string]string{
		`crowsnest_build_info{go="go",version="1.2.3"}`:                                               "1",
		`crowsnest_environment_running_images{environment="production",state="analysed"}`:             "1",
		`crowsnest_environment_running_images{environment="production",state="unresolved"}`:           "1",
		`crowsnest_running_images{state="unresolved"}`:                                                "1",
		`crowsnest_integration_state{environment="production",integration="eu",state="connected"}`:    "1",
		`crowsnest_integration_state{environment="production",integration="eu",state="failing"}`:      "0",
		`crowsnest_integration_failing_since_timestamp_seconds{integration="eu"}`:                     "0",
		`crowsnest_integration_running_containers{integration="eu"}`:                                  "2",
		`crowsnest_environment_vulnerabilities_not_affected{environment="production",severity="low"}`: "0",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %s", name, got[name], want)
		}
	}
	row, err := d.store.Environment(t.Context(), d.org, "production")
	if err != nil {
		t.Fatal(err)
	}
	if n := got[`crowsnest_environment_vulnerabilities{environment="production",severity="critical"}`]; n != strconv.Itoa(row.Summary.Critical) {
		t.Errorf("%s critical, the environment has %v", n, row.Summary)
	}

	// Another organisation's tell nothing of this one, nor of the process, whose requests are everybody's.
	for name, value := range scraped(t, d, d.newToken(d.otherOrg, "", crowsnest.ScopeMetrics)) {
		if strings.Contains(name, "production") || strings.Contains(name, `"eu"`) || strings.HasPrefix(name, "go_") || strings.Contains(name, "http") {
			t.Errorf("another organisation reads %s %s", name, value)
		}
	}
	again := scraped(t, d, token)
	if n := again[`crowsnest_http_request_duration_seconds_count{code="200",operation="get-metrics"}`]; n != "2" {
		t.Errorf("%s requests were measured, want the two before", n)
	}
	if _, ok := again["go_goroutines"]; !ok {
		t.Error("nothing of the process is told to the first organisation")
	}

	// What changes is told at once.
	in, err := d.store.Integration(t.Context(), d.org, "eu")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.CompleteSweep(t.Context(), in.ID, store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", storetest.Image(shopWeb).ImageID, "")}, Requests: 7}); err != nil {
		t.Fatal(err)
	}
	after := scraped(t, d, token)
	if n := after[`crowsnest_integration_running_containers{integration="eu"}`]; n != "1" {
		t.Errorf("%s containers run after a sweep, want 1", n)
	}
	if n := after[`crowsnest_integration_sweep_requests{integration="eu"}`]; n != "7" {
		t.Errorf("%s requests of the sweep, want 7", n)
	}
}

func TestMetricsNeedTheirScope(t *testing.T) {
	d := newDesk(t)
	for token, code := range map[string]int{"": 401, d.newToken(d.org, "", crowsnest.ScopeRead): 403, d.newToken(d.org, "", crowsnest.ScopeOwner): 200} {
		if w := d.do(token, http.MethodGet, "/metrics", nil); w.Code != code {
			t.Errorf("%d, want %d", w.Code, code)
		}
	}
	if w := d.do(d.newToken(d.org, "", crowsnest.ScopeMetrics), http.MethodGet, "/api/v1/images", nil); w.Code != 403 {
		t.Errorf("a token for metrics reads images: %d", w.Code)
	}
}

// The page for operators says what each number is.
func TestMetricsAreDescribed(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	d.fill()
	told := make(map[string]bool)
	for name := range scraped(t, d, d.token) {
		name, _, _ = strings.Cut(name, "{")
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, part)
		}
		if strings.HasPrefix(name, "crowsnest_") {
			told[name] = true
		}
	}
	if len(told) < 15 {
		t.Errorf("only %v", told)
	}
	described := make(map[string]bool)
	for _, name := range regexp.MustCompile("`(crowsnest_[a-z_]+)").FindAllSubmatch(page, -1) {
		described[string(name[1])] = true
	}
	for name := range told {
		if !described[name] {
			t.Errorf("docs/operations.md does not describe %s", name)
		}
	}
}

package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/auth"
)

func TestEveryRouteNeedsAToken(t *testing.T) {
	d := newDesk(t)
	values := d.fill()
	headers := map[string]string{
		"no token":                "",
		"wrong token":             "Bearer crowsnest_wrong",
		"empty token":             "Bearer ",
		"other scheme":            "Basic " + d.token,
		"no scheme":               d.token,
		"token with a tail":       "Bearer " + d.token + "x",
		"token in upper case":     "Bearer " + strings.ToUpper(d.token),
		"hash instead of a token": "Bearer \x00",
	}
	for _, r := range routes(t) {
		if access[r.id] == auth.Public {
			continue
		}
		for name, header := range headers {
			req := httptest.NewRequestWithContext(t.Context(), r.method, r.at(values), nil)
			if header != "" {
				req.Header.Set("Authorization", header)
			}
			w := httptest.NewRecorder()
			d.handler.ServeHTTP(w, req)
			if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s %s with %s: %d %s", r.method, r.path, name, w.Code, w.Body)
			}
			if said := detail(t, w); !strings.Contains(said, "token") || strings.Contains(said, "crowsnest_") {
				t.Errorf("%s %s with %s says %q", r.method, r.path, name, said)
			}
		}
	}
	if got := d.get("/api/v1/integrations/eu"); got.Code != http.StatusOK {
		t.Errorf("the integration did not outlive the calls without a token: %d", got.Code)
	}
}

// A token in the query would end up in the logs of every proxy.
func TestTokenCountsOnlyInTheHeader(t *testing.T) {
	d := newDesk(t)
	if w := d.do("", http.MethodGet, "/api/v1/images?token="+d.token+"&access_token="+d.token, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("got %d", w.Code)
	}
}

func TestOpenRoutes(t *testing.T) {
	d := newDesk(t)
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/api/openapi.json": `"openapi":"3.1.0"`} {
		if w := d.do("", http.MethodGet, path, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %.100s", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/api/v1", "/api/v1/secrets", "/api", "/debug/pprof/", "/api/docs", "/docs", "/.git/config"} {
		if w := d.do("", http.MethodGet, path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// What one organisation has does not exist for another, on every route.
func TestOrganisationsDoNotSeeEachOther(t *testing.T) {
	d := newDesk(t)
	values := d.fill()
	for _, r := range routes(t) {
		if r.method != http.MethodGet || access[r.id] == auth.Account {
			continue
		}
		path := r.at(values)
		nothing := r.id == "export-environment-vex" // there is nothing to state
		if w := d.get(path); w.Code != http.StatusOK && !(nothing && w.Code == http.StatusNoContent) {
			t.Errorf("%s for its owner: %d %s", path, w.Code, w.Body)
		}
		w := d.do(d.other, http.MethodGet, path, nil)
		if path != r.path && r.id != "get-advisory" { // what advisories say is everybody's
			isEmpty := strings.Contains(w.Body.String(), `"items":[]`) || strings.HasSuffix(w.Body.String(), "\n# end: 0 rows\n")
			if w.Code == http.StatusOK && !isEmpty || w.Code != http.StatusOK && w.Code != http.StatusNotFound {
				t.Errorf("%s for another: %d %s", path, w.Code, w.Body)
			}
		}
		for _, secret := range []string{"shop", "production", `"eu"`} {
			if w.Code == http.StatusOK && r.path != "/api/v1/sysdig/regions" && strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s tells another of %s: %s", path, secret, w.Body)
			}
		}
	}
	for _, r := range []route{{http.MethodDelete, "/api/v1/integrations/eu", ""}, {http.MethodPost, "/api/v1/integrations/eu/sync", ""}} {
		if w := d.do(d.other, r.method, r.path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s %s for another: %d %s", r.method, r.path, w.Code, w.Body)
		}
	}
	if w := d.get("/api/v1/integrations/eu"); w.Code != http.StatusOK {
		t.Errorf("another deleted the integration: %d", w.Code)
	}
}

func TestSecurityHeadersOnEveryAnswer(t *testing.T) {
	d := newDesk(t)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"health":       d.do("", http.MethodGet, "/healthz", nil),
		"document":     d.do("", http.MethodGet, "/api/openapi.json", nil),
		"list":         d.get("/api/v1/images"),
		"unauthorized": d.do("", http.MethodGet, "/api/v1/images", nil),
		"not found":    d.get("/api/v1/images/" + strings.Repeat("a", 64)),
		"no route":     d.get("/nowhere"),
		"bad method":   d.do(d.token, http.MethodPatch, "/api/v1/images", nil),
		"bad input":    d.post("/api/v1/analyses", "{"),
	} {
		h := w.Header()
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got := h.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", name, csp)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: other origins may read it", name)
		}
	}
}

// Programs that walk a list need no case for one that is missing.
func TestEmptyListsAreLists(t *testing.T) {
	d := newDesk(t)
	for _, r := range routes(t) {
		if r.method != http.MethodGet || strings.Contains(r.path, "{") || r.at(nil) != r.path || access[r.id] == auth.Account {
			continue
		}
		// No time to remediate is known of an empty list.
		if w := d.get(r.path); w.Code != http.StatusOK || strings.Contains(strings.NewReplacer(`"medianDays":null`, "", `"percentile90Days":null`, "").Replace(w.Body.String()), "null") {
			t.Errorf("%s: %d %s", r.path, w.Code, w.Body)
		}
	}
}

// A store that is gone is said to be gone, and not taken for an unknown token.
func TestDatabaseAway(t *testing.T) {
	d := newDesk(t)
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	w := d.get("/api/v1/images")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(detail(t, w), "database does not answer") {
		t.Errorf("list: %d %s", w.Code, w.Body)
	}
	if w := d.do("", http.MethodGet, "/readyz", nil); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "sql") {
		t.Errorf("readiness: %d %s", w.Code, w.Body)
	}
	if w := d.do("", http.MethodGet, "/healthz", nil); w.Code != http.StatusOK {
		t.Errorf("the process is healthy all the same: %d", w.Code)
	}
}

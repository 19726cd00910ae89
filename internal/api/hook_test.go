package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// call sends a body to a hook with a header, as an event forwarder does.
func (d *desk) call(name, header, value, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/api/v1/hooks/"+name, strings.NewReader(body))
	r.Header.Set(header, value)
	r.Header.Set("Content-Type", "application/x-ndjson")
	// What a browser would be refused for: no cookie counts here, so nothing is to be guarded.
	r.Header.Set("Origin", "https://elsewhere.example.com")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.AddCookie(&http.Cookie{Name: "crowsnest_session", Value: "whatever"})
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

func TestHookAsksForASweep(t *testing.T) {
	d := newDesk(t)
	d.fill()
	in, err := d.store.Integration(t.Context(), d.org, "eu")
	if err != nil {
		t.Fatal(err)
	}
	first := read[wire.Hook](t, d.post("/api/v1/integrations/eu/hook", ""))
	hook := read[wire.Hook](t, d.post("/api/v1/integrations/eu/hook", ""))
	if !strings.HasSuffix(hook.URL, "/api/v1/hooks/eu") || hook.Secret == first.Secret || !strings.HasPrefix(hook.Secret, "crowsnesthook_") {
		t.Fatalf("made %+v after %+v", hook, first)
	}
	if got := d.get("/api/v1/integrations/eu").Body.String(); !strings.Contains(got, `"hook":true`) || strings.Contains(got, hook.Secret) {
		t.Errorf("the integration says %s", got)
	}
	due := func() int {
		d.queue.work = nil
		if _, err := d.store.EnqueueDueSweeps(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, w := range d.queue.work {
			if w == (store.Work{Kind: store.SweepWork, ID: in.ID}) {
				n++
			}
		}
		return n
	}
	if err := d.store.StartSweep(t.Context(), in.ID); err != nil {
		t.Fatal(err)
	}
	due()
	unknown := d.call("nothing", "Authorization", "Bearer "+hook.Secret, "")
	for name, w := range map[string]*httptest.ResponseRecorder{
		"an unknown name":       unknown,
		"the secret before":     d.call("eu", "Authorization", "Bearer "+first.Secret, "{}"),
		"no secret":             d.call("eu", "X-Crowsnest-Hook", "", "{}"),
		"a token of the owner":  d.call("eu", "Authorization", "Bearer "+d.token, "{}"),
		"a secret as user name": d.call("eu", "Authorization", "Basic "+hook.Secret, "{}"),
	} {
		if w.Code != http.StatusNotFound || detail(t, w) != detail(t, unknown) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if n := due(); n != 0 {
		t.Errorf("%d sweeps without a secret", n)
	}
	for range 20 {
		if w := d.call("eu", "Authorization", "Bearer "+hook.Secret, `{"id":"17f0","type":"policy"}`); w.Code != http.StatusAccepted || w.Body.Len() != 0 {
			t.Fatalf("with the secret: %d %s", w.Code, w.Body)
		}
	}
	if w := d.call("eu", "X-Crowsnest-Hook", hook.Secret, strings.Repeat("not JSON", 1<<20)); w.Code != http.StatusAccepted {
		t.Errorf("with the other header and a long body: %d %s", w.Code, w.Body)
	}
	log, err := d.store.AuditLog(t.Context(), d.org, store.AuditFilter{}, store.Page{})
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, e := range log.Items {
		if strings.HasPrefix(e.Action, "integration.hook") {
			made++
		}
	}
	if made != 2 {
		t.Errorf("%d lines of audit about hooks, want one for each that was made: %+v", made, log.Items)
	}
	if w := d.do(d.token, http.MethodDelete, "/api/v1/integrations/eu/hook", nil); w.Code != http.StatusNoContent {
		t.Errorf("end: %d %s", w.Code, w.Body)
	}
	if w := d.call("eu", "Authorization", "Bearer "+hook.Secret, ""); w.Code != http.StatusNotFound {
		t.Errorf("after its end: %d", w.Code)
	}
}

package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire/shared"
	"github.com/google/go-cmp/cmp"
)

// shared reads a link's secret without an account, from an address.
func (d *desk) shared(address, secret string) *httptest.ResponseRecorder {
	b := d.browser()
	b.address = address
	return b.do(http.MethodPost, "/api/v1/shared", body("secret", secret))
}

// secretOf is the part of a link that no server's log sees.
func secretOf(t *testing.T, s shared.Share, page string) string {
	t.Helper()
	at, secret, ok := strings.Cut(s.URL, "#")
	if !ok || at != page || len(secret) < 60 {
		t.Fatalf("made %+v, want a link to %s", s, page)
	}
	return secret
}

func TestSharedVulnerability(t *testing.T) {
	d := newDesk(t, func(deps *Deps) { deps.PublicURL, deps.BasePath = "https://crowsnest.example.com", "/nest" })
	values := d.fill()
	d.person(d.org, "zzeditor@example.com", crowsnest.Editor)
	b := d.signIn("zzeditor@example.com")
	wantCode(t, b.do(http.MethodPost, "/api/v1/shares", `{"vulnerability":"CVE-2099-1","days":8}`), http.StatusUnprocessableEntity, "days")
	wantCode(t, b.do(http.MethodPost, "/api/v1/shares", `{"vulnerability":"CVE-2099-9"}`), http.StatusNotFound, "no image")
	made := read[shared.Share](t, b.do(http.MethodPost, "/api/v1/shares", `{"vulnerability":"CVE-2099-1"}`))
	if life := made.Expires.Sub(made.Created); life != 30*24*time.Hour || made.CreatedBy != "zzeditor@example.com" {
		t.Errorf("it lives %s: %+v", life, made)
	}
	secret := secretOf(t, made, "https://crowsnest.example.com/nest/shared")

	w := d.shared("192.0.2.7:1", secret)
	got := read[shared.SharedVulnerability](t, w)
	adv := storetest.Advisory("1", "glibc", "3", time.Unix(1, 0))
	if diff := cmp.Diff(shared.SharedVulnerability{
		ID: "CVE-2099-1", Aliases: []string{"1"}, Summary: "a flaw in glibc", Severity: crowsnest.Critical, Expires: made.Expires,
		CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: adv.Severity[0].Vector},
		Sources: []shared.SharedSource{{
			ID: "1", Summary: "a flaw in glibc", Severity: adv.Severity, Modified: time.Unix(1, 0).UTC(),
			Affected: []shared.SharedPackage{{Ecosystem: "Debian:12", Name: "glibc", Ranges: adv.Affected[0].Ranges, Versions: []string{}}},
		}},
	}, got); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	for header, want := range map[string]string{"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Set-Cookie": ""} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	for what, secret := range map[string]string{"person": "zz", "organisation": string(d.org), "image": "shop/web", "digest": values["/images/{digest}"], "environment": "production", "package of an image": "libc6", "share": made.ID} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("the %s is shown to everybody: %s", what, w.Body)
		}
	}

	list := read[[]shared.Share](t, b.do(http.MethodGet, "/api/v1/shares?vulnerability=CVE-2099-1", ""))
	made.URL = ""
	if diff := cmp.Diff([]shared.Share{made}, list); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1/shares", nil); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("another organisation sees %s", w.Body)
	}
	wantCode(t, d.do(d.other, http.MethodDelete, "/api/v1/shares/"+made.ID, nil), http.StatusNotFound, "")
	wantCode(t, b.do(http.MethodDelete, "/api/v1/shares/"+made.ID, ""), http.StatusNoContent, "")
	log, err := d.store.AuditLog(t.Context(), d.org, store.AuditFilter{Action: "share."}, store.Page{})
	if err != nil || len(log.Items) != 2 || log.Items[0].Action != "share.revoke" || log.Items[0].Actor.Name != "zzeditor@example.com" || log.Items[1].Subject != "CVE-2099-1" {
		t.Errorf("audit log %+v, %v", log.Items, err)
	}
}

// A link that is wrong, has expired or was revoked gets one and the same answer.
func TestDeadSharesAreAlike(t *testing.T) {
	d := newDesk(t)
	d.fill()
	now := time.Now()
	d.frozen.Store(&now)
	link := func(days string) (shared.Share, string) {
		made := read[shared.Share](t, d.post("/api/v1/shares", `{"vulnerability":"CVE-2099-1","days":`+days+`}`))
		return made, secretOf(t, made, "http://example.com/shared")
	}
	_, expired := link("7")
	revoked, second := link("90")
	_, live := link("90")
	wantCode(t, d.do(d.token, http.MethodDelete, "/api/v1/shares/"+revoked.ID, nil), http.StatusNoContent, "")
	later := now.Add(7 * 24 * time.Hour)
	d.frozen.Store(&later)
	read[shared.SharedVulnerability](t, d.shared("192.0.2.1:1", live))
	wrong := d.shared("192.0.2.1:1", "nothing")
	wantCode(t, wrong, http.StatusNotFound, "ask whoever sent it")
	for name, secret := range map[string]string{"expired": expired, "revoked": second, "cut": live[:len(live)-1], "ID": revoked.ID, "token": d.token, "in capitals": strings.ToUpper(live)} {
		w := d.shared("192.0.2.1:1", secret)
		if diff := cmp.Diff(wrong.Body.String(), w.Body.String()); diff != "" || w.Code != wrong.Code {
			t.Errorf("%s gets %d (-wrong +got):\n%s", name, w.Code, diff)
		}
		if diff := cmp.Diff(wrong.Header(), w.Header()); diff != "" {
			t.Errorf("%s has other headers (-wrong +got):\n%s", name, diff)
		}
	}
}

// One address that reads without end is slowed down, and others are not.
func TestReadersAreSlowedDown(t *testing.T) {
	d := newDesk(t)
	d.fill()
	now := time.Now()
	d.frozen.Store(&now)
	secret := secretOf(t, read[shared.Share](t, d.post("/api/v1/shares", `{"vulnerability":"CVE-2099-1"}`)), "http://example.com/shared")
	passed := 0
	for range 70 {
		w := d.shared("192.0.2.1:1", secret)
		if w.Code == http.StatusOK {
			passed++
			continue
		}
		wantCode(t, w, http.StatusTooManyRequests, "too many")
		if w.Header().Get("Retry-After") == "" {
			t.Error("it does not say when to come back")
		}
	}
	if passed != 60 {
		t.Errorf("%d reads passed, want 60", passed)
	}
	read[shared.SharedVulnerability](t, d.shared("192.0.2.2:1", secret))
	later := now.Add(2 * time.Minute)
	d.frozen.Store(&later)
	read[shared.SharedVulnerability](t, d.shared("192.0.2.1:1", secret))
}

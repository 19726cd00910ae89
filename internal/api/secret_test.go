package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/shared"
)

// recorder keeps the body of every answer.
type recorder struct {
	http.Handler
	said strings.Builder
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	rec := httptest.NewRecorder()
	r.Handler.ServeHTTP(rec, q)
	r.said.WriteString(rec.Body.String())
	for k, v := range rec.Header() {
		w.Header()[k] = v
		if k != "Set-Cookie" {
			r.said.WriteString(strings.Join(v, " "))
		}
	}
	w.WriteHeader(rec.Code)
	w.Write(rec.Body.Bytes())
}

// Whatever is secret is in no line of the log, in no answer but the one that makes it,
// and not in the database.
func TestSecretsStaySecret(t *testing.T) {
	d := newDesk(t)
	rec := &recorder{Handler: d.handler}
	d.handler = rec
	secrets := map[string]string{"password": password, "new password": "zz new secret password zz", "wrong password": "zz wrong secret zz", "Sysdig's token": "zz-sysdig-secret-zz"}
	once := map[string]bool{} // those that one answer shows
	d.person(d.org, "owner@example.com", crowsnest.Owner)
	b := d.signIn("owner@example.com")
	secrets["cookie"] = b.cookie.Value
	d.browser().do(http.MethodPost, "/api/v1/session", body("email", "owner@example.com", "password", secrets["wrong password"]))
	d.browser().do(http.MethodPost, "/api/v1/session", body("email", secrets["wrong password"], "password", "x")) // typed into the wrong field
	token := read[wire.Token](t, b.do(http.MethodPost, "/api/v1/tokens", `{"name":"ci","kind":"organisation","scopes":["owner"]}`))
	secrets["token"], once["token"] = token.Secret, true
	d.do(token.Secret, http.MethodGet, "/api/v1/session", nil)
	d.do(token.Secret+"x", http.MethodGet, "/api/v1/session", nil)
	in := read[wire.Invitation](t, b.do(http.MethodPost, "/api/v1/invitations", body("email", "new@example.com", "role", "owner")))
	_, secrets["link"], _ = strings.Cut(in.URL, "#")
	once["link"] = true
	joined := d.browser()
	joined.do(http.MethodPost, "/api/v1/links/inspect", body("secret", secrets["link"]))
	joined.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secrets["link"], "name", "N", "password", "short"))
	read[wire.Session](t, joined.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secrets["link"], "name", "N", "password", secrets["new password"])))
	joined.do(http.MethodPost, "/api/v1/links/redeem", body("secret", secrets["link"]))
	secrets["second cookie"] = joined.cookie.Value
	b.do(http.MethodPost, "/api/v1/integrations", `{"name":"n","kind":"sysdig","region":"us1","token":"`+secrets["Sysdig's token"]+`","cluster":"eu","environment":"e"}`)
	hook := read[wire.Hook](t, b.do(http.MethodPost, "/api/v1/integrations/n/hook", ""))
	secrets["hook"], once["hook"] = hook.Secret, true
	d.do(hook.Secret, http.MethodPost, "/api/v1/hooks/n", nil)
	d.do(hook.Secret, http.MethodPost, "/api/v1/hooks/another", nil)
	d.fill()
	share := read[shared.Share](t, b.do(http.MethodPost, "/api/v1/shares", body("vulnerability", "CVE-2099-1")))
	_, secrets["share"], _ = strings.Cut(share.URL, "#")
	once["share"] = true
	read[shared.SharedVulnerability](t, d.browser().do(http.MethodPost, "/api/v1/shared", body("secret", secrets["share"])))
	wantCode(t, d.browser().do(http.MethodPost, "/api/v1/shared", body("secret", secrets["share"]+"x")), http.StatusNotFound, "ask whoever sent it")
	b.do(http.MethodDelete, "/api/v1/shares/"+share.ID, "")
	d.browser().do(http.MethodPost, "/api/v1/shared", body("secret", secrets["share"]))
	b.do(http.MethodPost, "/api/v1/sysdig/clusters", `{"region":"us1","token":"`+secrets["Sysdig's token"]+`","apiToken":"`+secrets["Sysdig's token"]+`"}`)
	// What is no request is not repeated either: an unknown field, one that is missing, one of another type, and half a body.
	for path, secret := range map[string]string{"/api/v1/sysdig/clusters": secrets["Sysdig's token"], "/api/v1/integrations": secrets["Sysdig's token"], "/api/v1/registries": secrets["Sysdig's token"], "/api/v1/session": secrets["wrong password"]} {
		name := map[bool]string{true: "password", false: "token"}[path == "/api/v1/session"]
		for _, bad := range []string{`{"` + name + `":"` + secret + `","bogus":1}`, `{"` + name + `":["` + secret + `"]}`, `{"` + name + `":"` + secret + `"`, `"` + secret + `"`} {
			if res := b.do(http.MethodPost, path, bad); res.Code < 400 {
				t.Errorf("POST %s with %s is answered %d", path, bad, res.Code)
			}
		}
	}
	for _, r := range routes(t) {
		if r.method == http.MethodGet {
			b.do(r.method, strings.NewReplacer("{name}", "n", "{id}", "x", "{digest}", "x").Replace(r.path), "")
		}
	}
	c, err := d.store.CredentialsByEmail(t.Context(), "owner@example.com")
	if err != nil {
		t.Fatal(err)
	}
	secrets["password hash"] = c.Password

	log, err := d.store.AuditLog(t.Context(), d.org, store.AuditFilter{}, store.Page{Limit: 1000})
	if err != nil || len(log.Items) < 8 {
		t.Fatalf("audit log %+v, %v", log, err)
	}
	for name, secret := range secrets {
		if len(secret) < 8 {
			t.Errorf("%s is %q", name, secret)
		}
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("%s is in the log", name)
		}
		allowed := 0
		if once[name] {
			allowed = 1
		}
		if n := strings.Count(rec.said.String(), secret); n != allowed {
			t.Errorf("%s is in %d answers, want %d", name, n, allowed)
		}
		for _, e := range log.Items {
			if strings.Contains(e.Subject, secret) {
				t.Errorf("%s is in the audit log: %+v", name, e)
			}
		}
		if name == "password hash" {
			continue
		}
		for _, file := range d.databaseFiles() {
			if strings.Contains(file, secret) {
				t.Errorf("%s is in the database", name)
			}
		}
	}
	if d.log.Len() == 0 {
		t.Error("nothing was logged, so nothing was tested")
	}
}

// A caller may send anything as cookie and as token; only what was handed out lets in.
func FuzzCredentials(f *testing.F) {
	d := newDesk(f)
	d.person(d.org, "a@example.com", crowsnest.Owner)
	good := d.signIn("a@example.com").cookie.Value
	f.Add("crowsnest_session="+good+"x", "")
	f.Add("crowsnest_session=", "Bearer ")
	f.Add("crowsnest_session=a; crowsnest_session=b", "Bearer\tx")
	f.Add("__Host-crowsnest_session="+good, "bearer x y")
	f.Add("=;;=\x00", "Basic YTpi")
	f.Fuzz(func(t *testing.T, cookie, authorization string) {
		if strings.Contains(cookie, good) && !strings.Contains(cookie, "__Host-") && !strings.Contains(cookie, good+"x") || strings.Contains(authorization, d.token) {
			t.Skip("that is the right one")
		}
		r := httptest.NewRequest(http.MethodGet, "/api/v1/session", nil)
		r.Header["Cookie"], r.Header["Authorization"] = []string{cookie}, []string{authorization}
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("cookie %q and authorization %q give %d %s", cookie, authorization, w.Code, w.Body)
		}
	})
}

package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

// read decodes an answer with the wanted code.
func readAs[T any](t *testing.T, code int, want int, body []byte) (v T) {
	t.Helper()
	if code != want {
		t.Fatalf("got %d %s, want %d", code, body, want)
	}
	storetest.Must(t, json.Unmarshal(body, &v))
	return v
}

func TestExceptions(t *testing.T) {
	d := newDesk(t)
	digest := d.fill()["/images/{digest}"]
	editor := d.newToken(d.org, "", crowsnest.ScopeWrite)
	as := func(token, method, path, body string, want int) []byte {
		t.Helper()
		w := d.do(token, method, "/api/v1"+path, strings.NewReader(body))
		if w.Code != want {
			t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, want)
		}
		return w.Body.Bytes()
	}
	findings := func(query string) wire.CVEs {
		t.Helper()
		return readAs[wire.CVEs](t, 200, 200, as(d.token, "GET", "/images/"+digest+"/findings"+query, "", 200))
	}
	request := `{"vulnerability":"cve-2099-1","type":"accepted-risk","text":"no way in","scope":{"image":"registry.example.com/shop/web:1"}}`
	preview := readAs[verdict.ExceptionPreview](t, 200, 200, as(editor, "POST", "/exceptions/preview", request, 200))
	if preview.Findings != 1 || preview.Images != 1 || preview.Waits || preview.Examples[0].Image != "registry.example.com/shop/web:1" || preview.Environments[0] != "production" {
		t.Errorf("the preview is %+v", preview)
	}
	if r := findings(""); len(r.Findings) != 1 || len(r.Suppressed) != 0 {
		t.Errorf("the preview changed something: %+v", r)
	}
	as(editor, "PATCH", "/decision-settings", `{"approval":true}`, 403)
	as(d.token, "PATCH", "/decision-settings", `{}`, 422)
	as(d.token, "PATCH", "/decision-settings", `{"approval":true}`, 200)
	if p := readAs[verdict.ExceptionPreview](t, 200, 200, as(editor, "POST", "/exceptions/preview", request, 200)); !p.Waits {
		t.Error("the preview does not tell that it will wait")
	}
	x := readAs[verdict.Exception](t, 201, 201, as(editor, "POST", "/exceptions", request, 201))
	if x.State != "waiting" || x.Vulnerability != "CVE-2099-1" || x.Author == "" {
		t.Errorf("made is %+v", x)
	}
	if r := findings(""); len(r.Findings) != 1 {
		t.Errorf("what waits suppresses: %+v", r)
	}
	as(editor, "POST", "/exceptions/"+x.ID+"/approve", "", 403)
	if x = readAs[verdict.Exception](t, 200, 200, as(d.token, "POST", "/exceptions/"+x.ID+"/approve", "", 200)); x.State != "active" || x.ApprovedBy == "" {
		t.Errorf("approved is %+v", x)
	}
	as(d.token, "POST", "/exceptions/"+x.ID+"/approve", "", 409)
	r := findings("")
	if len(r.Findings) != 0 || r.Summary.Total() != 0 || len(r.Suppressed) != 1 || r.Suppressed[0].Suppressed.ID != x.ID || len(r.Updates) != 0 {
		t.Errorf("findings are %+v", r)
	}
	if own := readAs[verdict.Exception](t, 201, 201, as(d.token, "POST", "/exceptions", strings.Replace(request, "2099-1", "2099-9", 1), 201)); own.State != "active" {
		t.Errorf("what an owner decides is %s", own.State)
	}

	// Under another name of the same digest it counts, and so it does for whoever asks by digest.
	storetest.Must(t, d.store.KeepTags(t.Context(), d.org, []store.Tag{{Repository: "registry.example.com/shop/web", Name: "latest", Target: crowsnest.Digest(digest)}}))
	for query, want := range map[string]int{"": 0, "?reference=registry.example.com/shop/web:1": 1, "?reference=registry.example.com/shop/web:latest": 0} {
		if r := findings(query); len(r.Suppressed) != want || len(r.Findings) != 1-want {
			t.Errorf("asked with %q suppressed are %d", query, len(r.Suppressed))
		}
	}
	as(d.token, "GET", "/images/"+digest+"/findings?reference="+url.QueryEscape("registry.example.com/other:1"), "", 404)
	storetest.Must(t, d.store.KeepTags(t.Context(), d.org, []store.Tag{{Repository: "registry.example.com/shop/web", Name: "next", Target: storetest.Digest("another")}}))
	d.fixture.Analysed(t, d.org, "registry.example.com/shop/third:1")
	as(d.token, "GET", "/images/"+digest+"/findings?reference=registry.example.com/shop/third:1", "", 422)
	about := readAs[[]verdict.ImageDecision](t, 200, 200, as(d.token, "GET", "/images/"+digest+"/decisions", "", 200))
	if len(about) != 1 || about[0].Suppressed != 0 || len(about[0].Undecided) != 1 || about[0].Undecided[0] != "registry.example.com/shop/web:latest" {
		t.Errorf("about the image is decided %+v", about)
	}
	if x = readAs[verdict.Exception](t, 200, 200, as(editor, "POST", "/exceptions/"+x.ID+"/revoke", "", 200)); x.State != "revoked" {
		t.Errorf("revoked is %+v", x)
	}
	if list := readAs[wire.Page[verdict.Exception]](t, 200, 200, as(d.token, "GET", "/exceptions?state=revoked,expired&q=2099-1", "", 200)); len(list.Items) != 1 {
		t.Errorf("listed are %+v", list)
	}
}

func TestExceptionsRefused(t *testing.T) {
	d := newDesk(t)
	d.fill()
	with := func(field, value string) string {
		fields := map[string]string{"vulnerability": `"CVE-2099-1"`, "type": `"accepted-risk"`, "text": `"why"`, "scope": `{}`}
		fields[field] = value
		var parts []string
		for k, v := range fields {
			if v != "" {
				parts = append(parts, fmt.Sprintf("%q:%s", k, v))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	for name, c := range map[string]struct{ body, field, says string }{
		"no vulnerability":        {with("vulnerability", ""), "body", "vulnerability"},
		"odd vulnerability":       {with("vulnerability", `"CVE 1"`), "body.vulnerability", "identifier"},
		"another type":            {with("type", `"wontfix"`), "body.type", "accepted-risk"},
		"no justification":        {with("type", `"false-positive"`), "body.justification", "component_not_present"},
		"justified risk":          {with("justification", `"component_not_present"`), "body.justification", "say why in the text"},
		"no text":                 {with("text", `" "`), "body.text", "say in the text why"},
		"past":                    {with("expires", `"2020-01-01"`), "body.expires", "to come"},
		"no day":                  {with("expires", `"soon"`), "body.expires", "2026-12-31"},
		"digest alone":            {with("scope", `{"image":"sha256:12"}`), "body.scope.image", "registry/repository"},
		"odd repository":          {with("scope", `{"repositories":["shop/web:1"]}`), "body.scope.repositories", "lower case"},
		"unknown environment":     {with("scope", `{"environments":["nowhere"]}`), "body.scope.environments", "name one that there is"},
		"no package URL":          {with("scope", `{"packages":["openssl"]}`), "body.scope.packages", "package URL"},
		"unknown part of a scope": {with("scope", `{"clusters":["x"]}`), "body.scope", "unexpected"},
		"many":                    {with("scope", `{"packages":[`+strings.TrimSuffix(strings.Repeat(`"pkg:npm/a",`, 101), ",")+`]}`), "body.scope.packages", "100"},
	} {
		for _, path := range []string{"/api/v1/exceptions", "/api/v1/exceptions/preview"} {
			if strings.HasSuffix(path, "preview") && (name == "no text" || name == "past") {
				continue // it tells what would be, and keeps nothing
			}
			w := d.post(path, c.body)
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"location":"`+c.field) || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%s at %s: %d %s, want one about %s: %s", name, path, w.Code, w.Body, c.field, c.says)
			}
		}
	}
	for _, id := range []string{"nothing", strings.Repeat("x", 64)} {
		if w := d.post("/api/v1/exceptions/"+id+"/revoke", ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", id, w.Code, w.Body)
		}
	}
	if w := d.do(d.token, http.MethodPatch, "/api/v1/decision-settings", strings.NewReader(`{"vexAuthors":[" "]}`)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty author: %d %s", w.Code, w.Body)
	}
}

func TestVEXDocuments(t *testing.T) {
	d := newDesk(t)
	digest := d.fill()["/images/{digest}"]
	vex := `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"one","author":"security@example.com","timestamp":"2026-01-02T03:04:05Z","version":1,"statements":[
		{"vulnerability":{"name":"CVE-2099-1"},"products":[{"@id":"pkg:oci/web?repository_url=registry.example.com/shop/web&tag=1"}],"status":"not_affected","justification":"component_not_present"},
		{"vulnerability":{"name":"CVE-2099-1"},"products":[{"@id":"pkg:oci/api?repository_url=registry.example.com/shop/api&tag=1"}],"status":"not_affected","justification":"component_not_present"},
		{"vulnerability":{"name":"CVE-2099-404"},"status":"affected"}]}`
	w := d.post("/api/v1/vex-documents?name=one.json", vex)
	doc := readAs[verdict.VEXDocument](t, w.Code, http.StatusCreated, w.Body.Bytes())
	if doc.Trusted || doc.Statements != 3 || doc.Name != "one.json" || doc.Format != "openvex" {
		t.Errorf("imported is %+v", doc)
	}
	fates := func(query string) (out []string, next string) {
		t.Helper()
		page := readAs[wire.Page[verdict.VEXStatement]](t, 200, 200, d.get("/api/v1/vex-documents/"+doc.ID+"/statements"+query).Body.Bytes())
		for _, s := range page.Items {
			out = append(out, s.Fate)
		}
		return out, page.Next
	}
	if got, _ := fates(""); strings.Join(got, " ") != "author-untrusted author-untrusted not-suppressing" {
		t.Errorf("fates are %q", got)
	}
	if w := d.do(d.token, http.MethodPatch, "/api/v1/decision-settings", strings.NewReader(`{"vexAuthors":["*@example.com"]}`)); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	first, next := fates("?limit=2")
	rest, end := fates("?limit=2&cursor=" + next)
	if strings.Join(append(first, rest...), " ") != "applies other-image not-suppressing" || next == "" || end != "" {
		t.Errorf("fates are %q and %q, with the cursors %q and %q", first, rest, next, end)
	}
	if w := d.get("/api/v1/vex-documents/" + doc.ID + "/statements?cursor=x"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a cursor that is none: %d", w.Code)
	}
	r := readAs[wire.CVEs](t, 200, 200, d.get("/api/v1/images/"+digest+"/findings").Body.Bytes())
	if len(r.Suppressed) != 1 || r.Suppressed[0].Suppressed.By != crowsnest.ByVEX || r.Suppressed[0].Suppressed.Author != "security@example.com" {
		t.Errorf("findings are %+v", r)
	}
	list := readAs[[]verdict.VEXDocument](t, 200, 200, d.get("/api/v1/vex-documents").Body.Bytes())
	if len(list) != 2 || list[0].ID != doc.ID || !list[0].Trusted {
		t.Errorf("documents are %+v", list)
	}
	for name, body := range map[string]string{"no JSON": "x", "another JSON": "{}", "a bad status": strings.Replace(vex, "not_affected", "fine", 1)} {
		if w := d.post("/api/v1/vex-documents", body); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := d.do(d.token, http.MethodDelete, "/api/v1/vex-documents/"+doc.ID, nil); w.Code != http.StatusNoContent {
		t.Errorf("delete: %d %s", w.Code, w.Body)
	}
	if r := readAs[wire.CVEs](t, 200, 200, d.get("/api/v1/images/"+digest+"/findings").Body.Bytes()); len(r.Findings) != 1 {
		t.Errorf("findings are %+v", r)
	}
}

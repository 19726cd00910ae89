package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

func (d *desk) patch(path, body string) (int, string) {
	d.t.Helper()
	w := d.do(d.token, http.MethodPatch, "/api/v1"+path, strings.NewReader(body))
	return w.Code, w.Body.String()
}

func TestIntegrationIsChanged(t *testing.T) {
	d := newDesk(t)
	d.fill()
	for _, c := range []struct{ body, says string }{
		{`{"environment":"staging"}`, `"environment":"staging"`},
		{`{"interval":"10m"}`, `"interval":"10m0s"`},
		{`{"cluster":"us"}`, `"state":"pending"`},
		{`{"token":"another"}`, `"cluster":"us"`},
		{`{"region":"eu1","token":"another"}`, `"region":"eu1"`},
		{`{"paused":true}`, `"state":"paused"`},
		{`{"paused":false}`, `"state":"pending"`},
	} {
		if code, body := d.patch("/integrations/eu", c.body); code != http.StatusOK || !strings.Contains(body, c.says) || strings.Contains(body, "another") {
			t.Errorf("%s: %d %s", c.body, code, body)
		}
	}
}

// What a change would move is told before, and nothing is done by it.
func TestImpactOfChange(t *testing.T) {
	d := newDesk(t)
	image := source.ImpactImage{Name: "registry.example.com/shop/web:1", Digest: crowsnest.Digest(d.fill()["/images/{digest}"])}
	before := d.get("/api/v1/integrations/eu").Body.String()
	on := func(environment string, moves, remaining int) source.ImpactOn {
		out := source.ImpactOn{Environment: environment, Remaining: remaining, Listed: []source.ImpactImage{}}
		if moves > 0 {
			out.Occurrences, out.Images, out.Unresolved, out.Listed = 2, 1, 1, []source.ImpactImage{image}
		}
		return out
	}
	to := func(i source.ImpactOn) *source.ImpactOn { return &i }
	for query, want := range map[string]source.Impact{
		"":                                   {Leaves: on("production", 1, 0)}, // a deletion
		"?environment=staging":               {Leaves: on("production", 1, 0), Enters: to(on("staging", 1, 1))},
		"?environment=staging&cluster=eu":    {Leaves: on("production", 1, 0), Enters: to(on("staging", 1, 1))},
		"?environment=production&cluster=eu": {Leaves: on("production", 0, 1), Enters: to(on("production", 0, 1))},
		"?cluster=eu":                        {Leaves: on("production", 0, 1), Enters: to(on("production", 0, 1))},
		// What runs in another cluster is not known, and what ran in this one leaves.
		"?cluster=us":                     {Leaves: on("production", 1, 0), Fed: "production"},
		"?cluster=us&environment=staging": {Leaves: on("production", 1, 0), Fed: "staging"},
		"?region=jp1":                     {Leaves: on("production", 1, 0), Fed: "production"},
		"?url=https://sysdig.example.com": {Leaves: on("production", 1, 0), Fed: "production"},
	} {
		if diff := cmp.Diff(want, answered[source.Impact](t, d, "/integrations/eu/impact"+query)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	if after := d.get("/api/v1/integrations/eu").Body.String(); after != before {
		t.Errorf("asking changed it:\n%s\n%s", before, after)
	}
	if w := d.get("/api/v1/integrations/none/impact?cluster=us"); w.Code != http.StatusNotFound {
		t.Errorf("of none: %d %s", w.Code, w.Body)
	}
}

// Of what is refused nothing is saved, and Sysdig is asked before.
func TestRefusedChangeSavesNothing(t *testing.T) {
	d := newDesk(t)
	d.fill()
	before := d.get("/api/v1/integrations/eu").Body.String()
	asked := 0
	d.clusters = func() ([]string, error) {
		asked++
		return nil, &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "ask Sysdig", Err: errors.New("token is wrong")}
	}
	for _, c := range []struct {
		body  string
		code  int
		says  string
		asked int
	}{
		{`{}`, 422, "say what is to change", 0},
		{`{"colour":"red"}`, 422, "colour", 0},
		{`{"interval":"1s"}`, 422, "10s", 0},
		{`{"interval":"24h1s"}`, 422, "24h at most", 0},
		{`{"environment":"a/b"}`, 422, "environment", 0},
		{`{"region":"eu1"}`, 422, "give the token too", 0},
		{`{"region":"custom","url":"https://evil.example"}`, 422, "give the token too", 0},
		{`{"url":"https://evil.example"}`, 422, "give the token too", 0},
		{`{"ca":"-----BEGIN CERTIFICATE-----"}`, 422, "give the token too", 0},
		{`{"apiToken":"wrong"}`, 502, "token is wrong", 1},
		{`{"token":"wrong","environment":"staging"}`, 502, "token is wrong", 1},
		{`{"cluster":"us","paused":true}`, 502, "token is wrong", 1},
	} {
		asked = 0
		if code, body := d.patch("/integrations/eu", c.body); code != c.code || !strings.Contains(body, c.says) || asked != c.asked {
			t.Errorf("%s: %d %s, asked %d times", c.body, code, body, asked)
		}
	}
	d.clusters = func() ([]string, error) { return []string{"eu"}, nil }
	if code, _ := d.patch("/integrations/none", `{"paused":true}`); code != http.StatusNotFound {
		t.Errorf("unknown integration: %d", code)
	}
	if w := d.do(d.other, http.MethodPatch, "/api/v1/integrations/eu", strings.NewReader(`{"paused":true}`)); w.Code != http.StatusNotFound {
		t.Errorf("integration of another organisation: %d", w.Code)
	}
	if after := d.get("/api/v1/integrations/eu").Body.String(); after != before {
		t.Errorf("changed all the same:\n%s\n%s", before, after)
	}
	// A name that is not listed may be right all the same.
	if code, body := d.patch("/integrations/eu", `{"cluster":"moon"}`); code != 200 || !strings.Contains(body, `"hint":"Sysdig does not list the cluster moon; it reports eu"`) {
		t.Errorf("unlisted cluster: %d %s", code, body)
	}
}

func TestAnalysesAreListedAndRetried(t *testing.T) {
	d := newDesk(t)
	id := d.fill()["/analyses/{id}"]
	if w := d.post("/api/v1/analyses/"+id+"/retry", ""); w.Code != http.StatusConflict || !strings.Contains(detail(t, w), "queued already") {
		t.Errorf("retry of one that waits: %d %s", w.Code, w.Body)
	}
	if err := d.store.FinishRequest(t.Context(), id, "", "no such tag"); err != nil {
		t.Fatal(err)
	}
	var page wire.Page[wire.Analysis]
	w := d.get("/api/v1/analyses?state=failed")
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Items) != 1 || page.Items[0].Reason != "no such tag" {
		t.Errorf("failed ones: %v %s", err, w.Body)
	}
	d.queue.work = nil
	if w := d.post("/api/v1/analyses/"+id+"/retry", ""); w.Code != http.StatusAccepted || !strings.Contains(w.Body.String(), `"state":"queued"`) {
		t.Errorf("retry: %d %s", w.Code, w.Body)
	}
	if len(d.queue.work) != 1 || d.queue.work[0] != (store.Work{Kind: store.AnalyseWork, ID: id, Lane: store.PeopleLane}) {
		t.Errorf("enqueued %v", d.queue.work)
	}
	if w := d.do(d.other, http.MethodPost, "/api/v1/analyses/"+id+"/retry", nil); w.Code != http.StatusNotFound {
		t.Errorf("retry by another: %d", w.Code)
	}
}

// The second token is kept beside the first, and not taken along to another place.
func TestSecondTokenStaysWhereItWasGivenFor(t *testing.T) {
	d := newDesk(t)
	d.fill()
	has := func() bool {
		t.Helper()
		in, err := d.store.Integration(t.Context(), d.org, "eu")
		if err != nil {
			t.Fatal(err)
		}
		return len(in.APISecret) > 0
	}
	for _, c := range []struct {
		body string
		has  bool
	}{
		{`{"apiToken":"second-secret"}`, true},
		{`{"interval":"10m"}`, true},
		{`{"token":"another"}`, true},
		{`{"region":"eu1","token":"another"}`, false},
		{`{"region":"custom","url":"https://sysdig.example.com","token":"another","apiToken":"second-secret"}`, true},
		{`{"apiToken":""}`, false},
	} {
		code, body := d.patch("/integrations/eu", c.body)
		if code != http.StatusOK || strings.Contains(body, "second-secret") || strings.Contains(body, `"apiAccess":true`) != c.has || has() != c.has {
			t.Errorf("%s: %d %s", c.body, code, body)
		}
	}
}

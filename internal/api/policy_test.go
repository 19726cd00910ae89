package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy/evaluation"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// asked has everything asked that is due, as the job does.
func (d *desk) asked() {
	d.t.Helper()
	_, err := evaluation.New(d.store, nil, rego.New(rego.Limits{})).Run(d.t.Context())
	storetest.Must(d.t, err)
}

// answers reads the answer to a request.
func answers[T any](t *testing.T, d *desk, method, path, body string, code int) (out T) {
	t.Helper()
	var w = d.do(d.token, method, "/api/v1"+path, nil)
	if body != "" {
		w = d.do(d.token, method, "/api/v1"+path, strings.NewReader(body))
	}
	if w.Code != code {
		t.Fatalf("%s %s gives %d %s, want %d", method, path, w.Code, w.Body, code)
	}
	if code != http.StatusNoContent {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return out
}

func TestPolicies(t *testing.T) {
	d := newDesk(t)
	img := d.fixture.Analysed(t, d.org, "registry.example.com/shop/web:1", storetest.Package("libssl3", "3.0.1", "openssl"))
	clean := d.fixture.Analysed(t, d.org, "registry.example.com/shop/api:1")
	_, err := d.store.PutAdvisories(t.Context(), store.Update{}, []*crowsnest.Advisory{storetest.Advisory("1", "openssl", "3.0.2", time.Unix(1, 0))})
	storetest.Must(t, err)
	d.fixture.Match(t, storetest.AllAffected)
	storetest.Must(t, d.store.PutAdvisoryStatus(t.Context(), store.AdvisoryStatus{Ecosystem: "Debian", Imported: time.Unix(1, 0)}))
	d.fixture.Sweep(t, d.fixture.Connect(t, d.org, "eu", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "")}})

	types := answers[[]compliance.PolicyType](t, d, http.MethodGet, "/policy-types", "", http.StatusOK)
	list := answers[compliance.PolicyList](t, d, http.MethodGet, "/policies", "", http.StatusOK)
	if len(types) != 10 || len(list.Items) != len(types)-1 || list.Due != 2 || list.Items[0].Before != nil {
		t.Errorf("there are %d types, and the list is %+v", len(types), list)
	}
	for i, p := range list.Items {
		if p.Name != types[i].Name || p.Type != types[i].ID || p.Weight != types[i].Weight || string(p.Parameters) != string(types[i].Parameters) || !p.Enabled || p.Count.Images != 0 {
			t.Errorf("the first policies have %+v", p)
		}
	}
	d.asked()
	before := time.Now().UTC().Format(time.RFC3339Nano)
	const name = "No fixable critical or high vulnerabilities"
	path := "/policies/" + url.PathEscape(name)
	rate := func(query string) compliance.PolicyRow {
		t.Helper()
		list := answers[compliance.PolicyList](t, d, http.MethodGet, "/policies"+query, "", http.StatusOK)
		if list.Due != 0 {
			t.Errorf("due are %d", list.Due)
		}
		for _, p := range list.Items {
			if p.Name == name {
				return p
			}
		}
		t.Fatalf("no such policy in %+v", list)
		return compliance.PolicyRow{}
	}
	if got, want := rate("").Count, (compliance.PolicyCount{Images: 2, Compliant: 1, NonCompliant: 1, Violations: 1}); got != want {
		t.Errorf("of all images it is %+v, want %+v", got, want)
	}
	if got, want := rate("?environment=production&since="+url.QueryEscape(before)), (compliance.PolicyCount{Images: 1, NonCompliant: 1, Violations: 1}); got.Count != want || got.Before == nil || *got.Before != want {
		t.Errorf("in production it is %+v, want %+v", got, want)
	}

	images := answers[wire.Page[compliance.PolicyImage]](t, d, http.MethodGet, path+"/images?status=non-compliant,no-data", "", http.StatusOK)
	if len(images.Items) != 1 || images.Items[0].Digest != img.Digest || images.Items[0].ViolationCount != 1 || len(images.Items[0].Violations) != 1 || images.Items[0].Violations[0].Remedy != "upgrade libssl3 to 3.0.2 or later" || images.Items[0].Cause != "image" {
		t.Errorf("what does not meet it is %+v", images)
	}
	first := answers[wire.Page[compliance.PolicyImage]](t, d, http.MethodGet, path+"/images?limit=1", "", http.StatusOK)
	if len(first.Items) != 1 || first.Items[0].Digest != clean.Digest || first.Next == "" || len(first.Items[0].Violations) != 0 {
		t.Errorf("the first page is %+v", first)
	}
	days := answers[[]compliance.PolicyDay](t, d, http.MethodGet, path+"/trend?days=2&environment=production", "", http.StatusOK)
	if len(days) != 2 || days[1].NonCompliant != 1 || days[0].Images != 0 {
		t.Errorf("the trend is %+v", days)
	}

	one := answers[compliance.ImagePolicies](t, d, http.MethodGet, "/images/"+string(img.ImageID)+"/policies?environment=production", "", http.StatusOK)
	if one.Image.Digest != img.Digest || len(one.Policies) != 9 || one.Met+one.NotMet+one.NoData != 9 || one.Score == nil || one.Score.Of != 90 || one.Policies[0].Name != name || one.Policies[0].ViolationCount != 1 || one.Policies[0].Since.IsZero() {
		t.Errorf("of the image they say %+v", one)
	}
	if got := answers[compliance.ImagePolicies](t, d, http.MethodGet, "/images/"+string(clean.Digest)+"/policies", "", http.StatusOK); len(got.Policies) != 7 {
		t.Errorf("of one that runs nowhere %d say something", len(got.Policies))
	}

	for export, want := range map[string][2]string{
		"/policies?environment=production":                {"# end: 9 rows", name + ",fixable-vulnerabilities,true,20,1,0,1,0,1,"},
		path + "/images?status=non-compliant":             {"# end: 1 rows", ",non-compliant,"},
		"/policy-changes?policy=" + url.QueryEscape(name): {"# end: ", ",image,,,compliant,0"},
		"/images/" + string(img.Digest) + "/policies":     {"# end: ", ",upgrade libssl3 to 3.0.2 or later\n"},
	} {
		if w := d.get("/api/v1/export" + export); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want[0]) || !strings.Contains(w.Body.String(), want[1]) {
			t.Errorf("%s gives %d %s, want %q in it", export, w.Code, w.Body, want)
		}
	}

	changed := answers[compliance.Policy](t, d, http.MethodPatch, path, `{"parameters":{"severities":["low"]},"environments":["production"],"repositories":["shop/*"],"weight":3}`, http.StatusOK)
	if !strings.Contains(string(changed.Parameters), `"severities":["low"],"fixableOnly":true`) || changed.Weight != 3 || changed.Environments[0] != "production" || changed.Repositories[0] != "shop/*" {
		t.Errorf("changed it is %+v", changed)
	}
	d.asked()
	if got, want := rate("?since="+url.QueryEscape(before)), (compliance.PolicyCount{}); got.Count != want {
		t.Errorf("where it does not hold it is %+v", got.Count)
	}
	answers[compliance.Policy](t, d, http.MethodPatch, path, `{"repositories":[],"environments":[]}`, http.StatusOK)
	d.asked()
	changes := answers[wire.Page[compliance.PolicyChanged]](t, d, http.MethodGet, "/policy-changes?environment=production&policy="+url.QueryEscape(name)+"&since="+url.QueryEscape(before), "", http.StatusOK)
	if len(changes.Items) != 1 || changes.Items[0].Cause != "outside" || changes.Items[0].After.Status != crowsnest.Compliant || changes.Items[0].Image != img.Name {
		t.Errorf("changed since then is %+v", changes)
	}

	made := answers[compliance.Policy](t, d, http.MethodPost, "/policies", `{"name":"Ours","type":"default-non-root-user","enabled":false}`, http.StatusCreated)
	if made.Enabled || made.Weight != 5 || made.Description == "" || string(made.Parameters) != "{}" {
		t.Errorf("made is %+v", made)
	}
	if got := answers[compliance.Policy](t, d, http.MethodGet, "/policies/Ours", "", http.StatusOK); got.Name != "Ours" {
		t.Errorf("it is %+v", got)
	}
	answers[struct{}](t, d, http.MethodDelete, "/policies/Ours", "", http.StatusNoContent)

	for name, c := range map[string]struct {
		method, path, body string
		code               int
		says               string
	}{
		"no such type":        {http.MethodPost, "/policies", `{"name":"x","type":"y"}`, 422, "policy-types"},
		"no such parameter":   {http.MethodPost, "/policies", `{"name":"x","type":"licences","parameters":{"n":1}}`, 422, "allowedPackages"},
		"wrong pattern":       {http.MethodPost, "/policies", `{"name":"x","type":"licences","repositories":["A B"]}`, 422, "team/web"},
		"no such environment": {http.MethodPost, "/policies", `{"name":"x","type":"licences","environments":["nowhere"]}`, 404, "nowhere"},
		"name in use":         {http.MethodPost, "/policies", `{"name":"` + name + `","type":"licences"}`, 409, "exists"},
		"name with a slash":   {http.MethodPost, "/policies", `{"name":"a/b","type":"licences"}`, 422, "name"},
		"weight too high":     {http.MethodPost, "/policies", `{"name":"x","type":"licences","weight":1001}`, 422, "weight"},
		"nothing to change":   {http.MethodPatch, path, `{}`, 422, "say what"},
		"wrong parameters":    {http.MethodPatch, path, `{"parameters":{"ageDays":-1}}`, 422, "ageDays"},
		"no such policy":      {http.MethodPatch, "/policies/none", `{"enabled":true}`, 404, "none"},
		"deleted before":      {http.MethodDelete, "/policies/Ours", ``, 404, "Ours"},
		"images of none":      {http.MethodGet, "/policies/none/images", ``, 404, "none"},
		"trend of none":       {http.MethodGet, "/policies/none/trend", ``, 404, "none"},
		"rate of nowhere":     {http.MethodGet, "/policies?environment=nowhere", ``, 404, "nowhere"},
		"an image of nowhere": {http.MethodGet, "/images/" + string(img.Digest) + "/policies?environment=nowhere", ``, 404, "nowhere"},
		"a wrong status":      {http.MethodGet, path + "/images?status=fine", ``, 422, "status"},
	} {
		var w = d.do(d.token, c.method, "/api/v1"+c.path, nil)
		if c.body != "" {
			w = d.do(d.token, c.method, "/api/v1"+c.path, strings.NewReader(c.body))
		}
		if field := map[string]string{"wrong parameters": "parameters.ageDays", "wrong pattern": "repositories", "no such environment": "environments", "name in use": "name", "no such type": "type"}[name]; field != "" && !strings.Contains(w.Body.String(), `"location":"body.`+field+`"`) {
			t.Errorf("%s: the field %s is not named: %s", name, field, w.Body)
		}
		if said := detail(t, w); w.Code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %q, want %d and %q", name, w.Code, said, c.code, c.says)
		}
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1/policies", nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"shop/*"`) {
		t.Errorf("they see %d %s", w.Code, w.Body)
	}
}

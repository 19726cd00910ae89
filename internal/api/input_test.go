package api

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

func TestBadInputIsRefusedInWords(t *testing.T) {
	const integration = `{"name":%q,"kind":%q,"region":"us1","token":"t","cluster":"eu","environment":%q,"interval":%q}`
	d := newDesk(t)
	for name, c := range map[string]struct {
		path, body string
		code       int
		says       string
	}{
		"no JSON":                       {"/analyses", `{`, 400, ""},
		"no body":                       {"/analyses", ``, 400, "body"},
		"another type":                  {"/analyses", `[]`, 422, "object"},
		"unknown field":                 {"/analyses", `{"reference":"x","referense":"y"}`, 422, "referense"},
		"missing field":                 {"/analyses", `{"platform":"linux/amd64"}`, 422, "reference"},
		"empty field":                   {"/analyses", `{"reference":""}`, 422, "reference"},
		"long field":                    {"/analyses", `{"reference":"` + strings.Repeat("x", 1025) + `"}`, 422, "reference"},
		"number for text":               {"/analyses", `{"reference":7}`, 422, "reference"},
		"platform without architecture": {"/analyses", `{"reference":"x","platform":"linux"}`, 422, "os/architecture"},
		"kind that is none":             {"/integrations", fmt.Sprintf(integration, "a", "prometheus", "p", ""), 422, "kind"},
		"name with a slash":             {"/integrations", fmt.Sprintf(integration, "../a", "sysdig", "p", ""), 422, "name"},
		"environment with a slash":      {"/integrations", fmt.Sprintf(integration, "a", "sysdig", "p/q", ""), 422, "environment"},
		"environment with a line break": {"/integrations", fmt.Sprintf(integration, "a", "sysdig", "p\nq", ""), 422, "environment"},
		"interval that is none":         {"/integrations", fmt.Sprintf(integration, "a", "sysdig", "p", "often"), 422, "5m"},
		"interval too short":            {"/integrations", fmt.Sprintf(integration, "a", "sysdig", "p", "1s"), 422, "10s"},
		"negative interval":             {"/integrations", fmt.Sprintf(integration, "a", "sysdig", "p", "-5m"), 422, "10s"},
		"import from a file":            {"/advisories/import", `{"url":"file:///etc/passwd"}`, 422, "give a URL"},
		"import from a path":            {"/advisories/import", `{"url":"/etc"}`, 422, "give a URL"},
		"import from another scheme":    {"/advisories/import", `{"url":"ftp://example.com/x"}`, 422, "give a URL"},
		"reference with NUL":            {"/analyses", `{"reference":"x\u0000"}`, 422, "reference expected string to be text without control characters"},
		"platform with NUL":             {"/analyses", `{"reference":"x","platform":"linux/\u0000"}`, 422, "platform"},
		"cluster with NUL":              {"/integrations", `{"name":"a","kind":"sysdig","region":"us1","token":"t","cluster":"eu\u0000","environment":"p"}`, 422, "cluster"},
		"environment with NUL":          {"/evaluations", `{"image":{"name":"","digest":"","imageId":"","platform":""},"packages":[],"environment":"p\u0000"}`, 422, "environment"},
		"name with NUL":                 {"/images?name=a%00b", "", 422, `"name"`},
		"name that is not UTF-8":        {"/images?name=a%ffb", "", 422, `"name"`},
		"parameter that is none":        {"/vulnerabilities?severty=critical", "", 422, "severty"},
		"time in words":                 {"/environments/production?at=yesterday", "", 422, "such as 2026-03-01T12:00:00Z"},
		"environment with a blank last": {"/integrations", fmt.Sprintf(integration, "a", "sysdig", "production ", "5m"), 422, "no blank last"},
		"limit zero":                    {"/images?limit=0", "", 422, "limit"},
		"limit too high":                {"/images?limit=1001", "", 422, "limit"},
		"limit in words":                {"/images?limit=many", "", 422, "limit"},
		"sort that is none":             {"/images?sort=size", "", 422, "sort"},
		"severity that is none":         {"/vulnerabilities?severity=critical,awful", "", 422, "severity"},
		"cursor that is none":           {"/images?cursor=garbage!", "", 422, "cursor"},
		"cursor of another list":        {"/images?cursor=W10", "", 422, "cursor"},
		"cursor too long":               {"/images?cursor=" + strings.Repeat("x", 3000), "", 422, "cursor"},
		"cursor with a NUL":             {"/images?cursor=WyJhXHUwMDAwYiIsImMiXQ", "", 422, "cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			method := http.MethodPost
			var body io.Reader = strings.NewReader(c.body)
			if strings.Contains(c.path, "?") {
				method, body = http.MethodGet, nil
			}
			w := d.do(d.token, method, "/api/v1"+c.path, body)
			if said := detail(t, w); w.Code != c.code || !strings.Contains(said, c.says) {
				t.Errorf("%d %q, want %d and %q", w.Code, said, c.code, c.says)
			}
		})
	}
	if len(d.queue.work) != 0 {
		t.Errorf("work was enqueued: %v", d.queue.work)
	}
}

func TestBodyTooLarge(t *testing.T) {
	d := newDesk(t)
	// Sent in chunks, without a length to look at first.
	body := io.MultiReader(strings.NewReader(`{"reference":"`), io.LimitReader(letters{}, base.MaxBody), strings.NewReader(`"}`))
	w := d.do(d.token, http.MethodPost, "/api/v1/analyses", body)
	if said := detail(t, w); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %q, want 413", w.Code, said)
	}
	// The packages of a large image are more than that.
	packages := strings.Repeat(`{"purl":"pkg:npm/a@1","type":"npm","name":"a","version":"1"},`, 20_000)
	w = d.post("/api/v1/evaluations", `{"image":{"name":"","digest":"","imageId":"","platform":""},"packages":[`+strings.TrimSuffix(packages, ",")+`]}`)
	if w.Code != http.StatusOK {
		t.Errorf("evaluation of %d bytes of packages: %d %.300s", len(packages), w.Code, w.Body)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Every source but a registry is a path, and would be one of the server's.
func TestServerAnalysesRegistriesOnly(t *testing.T) {
	d := newDesk(t)
	for _, reference := range []string{"oci-dir:///srv/image", "OCI-DIR:///srv/image", "archive:///srv/image.tar", "file:///srv", "docker://x", "registry://oci-dir:///srv", "registry://archive://x", " oci-dir://x", "://x"} {
		w := d.post("/api/v1/analyses", fmt.Sprintf(`{"reference":%q}`, reference))
		if said := detail(t, w); w.Code != http.StatusUnprocessableEntity || !strings.Contains(said, "registries only") {
			t.Errorf("%s: %d %q", reference, w.Code, said)
		}
	}
	if len(d.queue.work) != 0 {
		t.Fatalf("work was enqueued: %v", d.queue.work)
	}
	for _, reference := range []string{"registry://example.com/a:1", "example.com/a:1", "a"} {
		if w := d.post("/api/v1/analyses", fmt.Sprintf(`{"reference":%q}`, reference)); w.Code != http.StatusAccepted || strings.Contains(w.Body.String(), "://") {
			t.Errorf("%s: %d %s", reference, w.Code, w.Body)
		}
	}
	if len(d.queue.work) != 3 {
		t.Errorf("%d jobs, want 3", len(d.queue.work))
	}
}

func TestEveryKindOfErrorHasItsStatus(t *testing.T) {
	d := newDesk(t)
	for kind, want := range map[crowsnest.Kind]int{
		crowsnest.Internal: 500, crowsnest.Invalid: 422, crowsnest.NotFound: 404, crowsnest.Conflict: 409,
		// The caller's own token is good: these are about Sysdig's.
		crowsnest.Unauthorized: 502, crowsnest.Forbidden: 502,
		crowsnest.RateLimited: 503, crowsnest.Unavailable: 503, crowsnest.TooLarge: 413, crowsnest.Corrupt: 422, crowsnest.Unsupported: 422, crowsnest.Canceled: 503,
	} {
		d.clusters = func() ([]string, error) {
			return nil, fmt.Errorf("wrapped: %w", &crowsnest.Error{Kind: kind, Op: "list clusters at Sysdig", Hint: "look again"})
		}
		w := d.post("/api/v1/sysdig/clusters", `{"region":"us1","token":"t"}`)
		if said := detail(t, w); w.Code != want || strings.Contains(said, "look again") != (kind != crowsnest.Internal) {
			t.Errorf("%s: %d %q, want %d", kind, w.Code, said, want)
		}
	}
	for k := crowsnest.Internal + 1; k <= crowsnest.Canceled; k++ {
		if base.Status[k] == 0 {
			t.Errorf("kind %s has no status", k)
		}
	}
}

func TestFaultsOfOthersAreNamed(t *testing.T) {
	d := newDesk(t)
	for want, cause := range map[string]error{
		`"type":"urn:crowsnest:problem:token-refused"`: fault.With(fault.TokenRefused, errors.New("the token is not accepted")),
		`{"title":`: errors.New("it is something else"), // huma leaves out what is about:blank
	} {
		d.clusters = func() ([]string, error) {
			return nil, fmt.Errorf("wrapped: %w", &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "list clusters at Sysdig", Err: cause})
		}
		if w := d.post("/api/v1/sysdig/clusters", `{"region":"us1","token":"t"}`); w.Code != 502 || !strings.Contains(w.Body.String(), want) || !strings.Contains(detail(t, w), cause.Error()) {
			t.Errorf("%v: %d %s, want %s", cause, w.Code, w.Body, want)
		}
	}
}

func TestInternalErrorsAreLoggedAndNotTold(t *testing.T) {
	d := newDesk(t)
	for _, err := range []error{
		errors.New("open key: permission denied"),
		&crowsnest.Error{Kind: crowsnest.Internal, Op: "open key", Subject: "key of host7", Err: errors.New("permission denied")},
	} {
		d.log.Reset()
		d.clusters = func() ([]string, error) { return nil, err }
		w := d.post("/api/v1/sysdig/clusters", `{"region":"us1","token":"t"}`)
		if said := detail(t, w); w.Code != 500 || strings.Contains(w.Body.String(), "key") || strings.Contains(w.Body.String(), "permission") || !strings.Contains(said, "log") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
		if !strings.Contains(d.log.String(), "permission denied") {
			t.Errorf("the log does not say why: %s", d.log.String())
		}
	}
}

func TestIntegrationIsSavedOnlyIfSysdigAnswers(t *testing.T) {
	d := newDesk(t)
	const body = `{"name":"eu","kind":"sysdig","region":"us1","token":"secret-token","cluster":"%s","environment":"production"}`
	d.probe = func() error { return &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "ask Sysdig", Hint: "ask for it"} }
	w := d.post("/api/v1/integrations", fmt.Sprintf(body, "asia"))
	if said := detail(t, w); w.Code != 502 || !strings.Contains(said, "ask for it") {
		t.Errorf("cluster that may not be read: %d %q", w.Code, said)
	}
	d.probe = func() error { return nil }
	d.clusters = func() ([]string, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "list clusters at Sysdig", Hint: "make a new token"}
	}
	w = d.post("/api/v1/integrations", fmt.Sprintf(body, "eu"))
	if said := detail(t, w); w.Code != 502 || !strings.Contains(said, "make a new token") {
		t.Errorf("wrong token: %d %q", w.Code, said)
	}
	if w := d.get("/api/v1/integrations"); strings.TrimSpace(w.Body.String()) != "[]" || len(d.queue.work) != 0 {
		t.Errorf("after two refusals there are %s and work %v", w.Body, d.queue.work)
	}
	d.clusters = func() ([]string, error) { return nil, nil }     // the account may hide its clusters
	w = d.post("/api/v1/integrations", fmt.Sprintf(body, " eu ")) // as pasted
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"cluster":"eu"`) || strings.Contains(w.Body.String(), "secret-token") || strings.Contains(w.Body.String(), "sealed") {
		t.Errorf("created: %d %s", w.Code, w.Body)
	}
	w = d.post("/api/v1/integrations", fmt.Sprintf(body, "eu"))
	if said := detail(t, w); w.Code != 409 {
		t.Errorf("again: %d %q", w.Code, said)
	}
	if w := d.do(d.token, http.MethodDelete, "/api/v1/integrations/eu", nil); w.Code != http.StatusNoContent {
		t.Errorf("deleted: %d %s", w.Code, w.Body)
	}
	if strings.Contains(d.log.String(), "secret-token") {
		t.Errorf("the token is in the log: %s", d.log.String())
	}
}

// A cluster that is not listed is connected with a word on it, and one in which nothing runs only if that is said to be meant.
func TestDoubtfulClustersAreConnectedWithAHint(t *testing.T) {
	d := newDesk(t)
	const body = `{"name":"%s","kind":"sysdig","region":"us1","token":"secret-token","cluster":"%s","environment":"production"}`
	for cluster, want := range map[string][]string{
		"eu": nil, "asia": {"Sysdig does not list the cluster asia; it reports eu, us"}, "empty": {"does not list", "integration_enabled", "eveIntegrationEnabled"},
	} {
		request := fmt.Sprintf(body, cluster, cluster)
		if cluster == "empty" {
			w := d.post("/api/v1/integrations", request)
			if said := detail(t, w); w.Code != 422 || !strings.Contains(said, "integration_enabled") || !strings.Contains(said, "nothing is saved") || !strings.Contains(w.Body.String(), `"body.allowEmpty"`) {
				t.Errorf("an empty cluster: %d %s", w.Code, w.Body)
			}
			if w := d.get("/api/v1/integrations/empty"); w.Code != http.StatusNotFound {
				t.Errorf("an empty cluster was saved: %s", w.Body)
			}
			request = strings.Replace(request, `{`, `{"allowEmpty":true,`, 1)
		}
		w := d.post("/api/v1/integrations", request)
		var in wire.Integration
		if err := json.Unmarshal(w.Body.Bytes(), &in); err != nil || w.Code != http.StatusCreated || (in.Hint == "") != (want == nil) {
			t.Errorf("%s: %d %s, %v", cluster, w.Code, w.Body, err)
		}
		for _, words := range want {
			if !strings.Contains(in.Hint, words) {
				t.Errorf("%q does not say %q", in.Hint, words)
			}
		}
	}
	for change, code := range map[string]int{`{"cluster":"empty"}`: 422, `{"cluster":"empty","allowEmpty":true}`: 200, `{"token":"another"}`: 200} {
		if w := d.do(d.token, http.MethodPatch, "/api/v1/integrations/eu", strings.NewReader(change)); w.Code != code {
			t.Errorf("%s: %d %s", change, w.Code, w.Body)
		}
		if w := d.do(d.token, http.MethodPatch, "/api/v1/integrations/eu", strings.NewReader(`{"cluster":"eu"}`)); w.Code != 200 {
			t.Errorf("back to a cluster in which something runs: %d %s", w.Code, w.Body)
		}
	}
	for _, names := range [][]string{{"eu"}, nil} {
		d.clusters = func() ([]string, error) { return names, nil }
		w := d.post("/api/v1/sysdig/clusters", `{"region":"us1","token":"t"}`)
		if hint := strings.Contains(w.Body.String(), "sharing may be off"); w.Code != http.StatusOK || hint != (names == nil) || !strings.Contains(w.Body.String(), `"clusters":[`) {
			t.Errorf("of %q: %d %s", names, w.Code, w.Body)
		}
	}
}

// Whose list of clusters it is, and which of them are connected, is told with it.
func TestListOfClustersIsExplained(t *testing.T) {
	d := newDesk(t)
	const connect = `{"name":"%s","kind":"sysdig","region":"%s","token":"t","cluster":"eu","environment":"%s"}`
	for name, region := range map[string]string{"first": "us1", "elsewhere": "eu1"} {
		if w := d.post("/api/v1/integrations", fmt.Sprintf(connect, name, region, "in-"+name)); w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	list := func() (got source.Clusters) {
		t.Helper()
		w := d.post("/api/v1/sysdig/clusters", `{"region":"us1","token":"t"}`)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return got
	}
	if got := list(); got.ListedBy != sysdig.RiskSpotlight || got.Refused != "" || got.Hint != "" || !slices.Equal(got.Connected, []source.Feeding{{Cluster: "eu", Integration: "first", Environment: "in-first"}}) {
		t.Errorf("%+v", got)
	}
	d.refused = &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "list clusters at Sysdig", Hint: "ask for it"}
	if got := list(); got.ListedBy != sysdig.DataSources || !strings.Contains(got.Refused, "forbidden (ask for it)") || !strings.Contains(got.Hint, "those of Sysdig's data sources") || len(got.Connected) != 1 {
		t.Errorf("of another list: %+v", got)
	}
	w := d.post("/api/v1/integrations", strings.Replace(fmt.Sprintf(connect, "moon", "us1", "moon"), `"cluster":"eu"`, `"cluster":"moon"`, 1))
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), "the one of its data sources does not have the cluster moon; it has eu, us") {
		t.Errorf("a cluster that another list does not have: %d %s", w.Code, w.Body)
	}
	d.clusters = func() ([]string, error) { return nil, nil }
	if got := list(); got.ListedBy != "" || got.Refused == "" || !strings.Contains(got.Hint, "Type the name") || strings.Contains(got.Hint, "sharing may be off") || len(got.Connected) != 0 {
		t.Errorf("without any list: %+v", got)
	}
	w = d.post("/api/v1/integrations", strings.Replace(fmt.Sprintf(connect, "empty", "us1", "empty"), `"cluster":"eu"`, `"cluster":"empty"`, 1))
	if said := detail(t, w); w.Code != 422 || !strings.Contains(said, "no list of clusters that the name empty could be checked with") {
		t.Errorf("an empty cluster without any list: %d %s", w.Code, w.Body)
	}
}

const goodRecord = `{"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}`

func zipOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUploads(t *testing.T) {
	good := zipOf(t, map[string]string{"X-1.json": goodRecord})
	d := newDesk(t)
	spool := t.TempDir()
	t.Setenv("TMPDIR", spool)
	for name, c := range map[string]struct {
		query, body string
		code        int
		says        string
	}{
		"whole ecosystem":          {"?ecosystem=npm", good, 200, `"ecosystem":"npm","records":1`},
		"ecosystem with a space":   {"?ecosystem=Rocky+Linux", good, 200, `"ecosystem":"Rocky Linux"`},
		"release of an ecosystem":  {"?ecosystem=Debian%3A12", good, 200, `"ecosystem":"Debian:12"`},
		"release with a space":     {"?ecosystem=" + url.QueryEscape("Rocky Linux:9"), good, 200, `"ecosystem":"Rocky Linux:9"`},
		"release in two parts":     {"?ecosystem=" + url.QueryEscape("Ubuntu:22.04:LTS"), good, 200, `"ecosystem":"Ubuntu:22.04:LTS"`},
		"release up a folder":      {"?ecosystem=" + url.QueryEscape("Debian:/../../etc"), good, 422, "ecosystem"},
		"release of nothing":       {"?ecosystem=" + url.QueryEscape(":12"), good, 422, "ecosystem"},
		"records of any ecosystem": {"", good, 200, `"records":1`},
		"one broken record":        {"", zipOf(t, map[string]string{"X-1.json": goodRecord, "X-2.json": "{"}), 200, "X-2.json"},
		"loose records":            {"", goodRecord + goodRecord, 200, `"records":2`},
		"loose with a broken one":  {"", goodRecord + `{"id":"X-2"}`, 200, "X-2"},
		"empty":                    {"", "", 422, ""},
		"empty of an ecosystem":    {"?ecosystem=npm", "", 422, "zip"},
		"no zip":                   {"?ecosystem=npm", "<html>", 422, "read advisories from the upload: it is not a complete zip archive"},
		"neither zip nor JSON":     {"", "<html>", 422, ""},
		"truncated zip":            {"", good[:len(good)-30], 422, "zip"},
		"no records":               {"", zipOf(t, map[string]string{"readme.txt": "x"}), 422, ""},
		"only broken records":      {"", zipOf(t, map[string]string{"X.json": "{"}), 422, "X.json"},
		"broken array":             {"", "[" + goodRecord, 422, ""},
		"ecosystem up a folder":    {"?ecosystem=..", good, 422, "ecosystem"},
		"ecosystem in a folder":    {"?ecosystem=a/b", good, 422, "ecosystem"},
		"ecosystem escaped":        {"?ecosystem=" + url.QueryEscape("../../etc"), good, 422, "ecosystem"},
		"ecosystem with backslash": {"?ecosystem=" + url.QueryEscape(`a\b`), good, 422, "ecosystem"},
		"ecosystem with NUL":       {"?ecosystem=a%00b", good, 422, "ecosystem"},
		"ecosystem with a break":   {"?ecosystem=" + url.QueryEscape("npm\n"), good, 422, "ecosystem"},
		"hidden ecosystem":         {"?ecosystem=.ssh", good, 422, "ecosystem"},
		"long ecosystem":           {"?ecosystem=" + strings.Repeat("a", 101), good, 422, "ecosystem"},
	} {
		t.Run(name, func(t *testing.T) {
			w := d.do(d.token, http.MethodPut, "/api/v1/advisories"+c.query, strings.NewReader(c.body))
			if w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s, want %d and %q", w.Code, w.Body, c.code, c.says)
			}
			if c.code != 200 {
				detail(t, w)
			}
			for _, private := range []string{spool[:min(len(spool), 8)], "crowsnest-upload", "upload.zip", "all.zip"} {
				if strings.Contains(w.Body.String(), private) {
					t.Errorf("the answer tells of the server's files: %s", w.Body)
				}
			}
			if left, err := os.ReadDir(spool); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestUploadThatBreaksOffImportsNothing(t *testing.T) {
	d := newDesk(t)
	body := io.MultiReader(strings.NewReader(zipOf(t, map[string]string{"X-1.json": goodRecord})), broken{})
	w := d.do(d.token, http.MethodPut, "/api/v1/advisories?ecosystem=npm", body)
	if said := detail(t, w); w.Code != 503 || !strings.Contains(said, "nothing was imported") {
		t.Errorf("%d %q", w.Code, said)
	}
	if w := d.get("/api/v1/advisories"); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("held: %s", w.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestNowhereToSpoolIsTheServersBusiness(t *testing.T) {
	d := newDesk(t)
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	w := d.do(d.token, http.MethodPut, "/api/v1/advisories", strings.NewReader(goodRecord))
	if said := detail(t, w); w.Code != 500 || strings.Contains(said, "missing") {
		t.Errorf("%d %q", w.Code, said)
	}
}

func TestImagesByName(t *testing.T) {
	d := newDesk(t)
	d.fill()
	if w := d.get("/api/v1/images?name=" + url.QueryEscape("registry.example.com/shop/web:1")); !strings.Contains(w.Body.String(), `"state":"analysed"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.get("/api/v1/images?name=other"); w.Code != 200 || !strings.Contains(w.Body.String(), `"items":[]`) {
		t.Errorf("a name that is not there: %d %s", w.Code, w.Body)
	}
}

// What a name holds is escaped in a path, and comes apart again.
func TestNamesInPathsMayHoldAnything(t *testing.T) {
	d := newDesk(t)
	d.fixture.Connect(t, d.org, "a/b c%2F?", "pro/duc tion")
	for _, path := range []string{"/integrations/" + url.PathEscape("a/b c%2F?"), "/environments/" + url.PathEscape("pro/duc tion")} {
		if w := d.get("/api/v1" + path); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := d.get("/api/v1/environments/pro/duc%20tion"); w.Code != http.StatusNotFound {
		t.Errorf("a slash that is not escaped: %d", w.Code)
	}
}

// Programs read every refusal below /api in the same way.
func TestRoutesThatAreNone(t *testing.T) {
	d := newDesk(t)
	for request, want := range map[string]struct {
		code  int
		allow string
	}{
		"GET /api/v1/nope": {404, ""}, "POST /api/v1": {404, ""}, "GET /api": {404, ""}, "GET /api/v2/images": {404, ""}, "GET /api/v1/images/a/b/c": {404, ""},
		"POST /api/v1/images": {405, "GET, HEAD"}, "GET /api/v1/evaluations": {405, "POST"}, "DELETE /api/v1/integrations": {405, "GET, HEAD, POST"},
		"GET /api/v1/images/%00": {422, ""}, "GET /api/v1/environments/a%ffb/images": {422, ""},
	} {
		method, path, _ := strings.Cut(request, " ")
		for _, token := range []string{d.token, ""} {
			w := d.do(token, method, path, nil)
			if said := detail(t, w); w.Code != want.code || w.Header().Get("Allow") != want.allow {
				t.Errorf("%s: %d %q, allowed %q", request, w.Code, said, w.Header().Get("Allow"))
			}
		}
	}
	if w := d.get("/nope"); w.Code != 404 || strings.Contains(w.Header().Get("Content-Type"), "json") {
		t.Errorf("outside the API: %d as %s", w.Code, w.Header().Get("Content-Type"))
	}
}

// What could not be read of an image is told with it, and counted in every list it is in.
func TestProblemsOfAnImage(t *testing.T) {
	d := newDesk(t)
	img := storetest.Image("registry.example.com/shop/web:1")
	if _, err := d.store.RecordImage(t.Context(), d.org, img, nil, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/images/" + string(img.Digest)
	if w := d.get(path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"problemCount":0`) {
		t.Errorf("before its analysis: %d %s", w.Code, w.Body)
	}
	problem := crowsnest.Problem{Layer: storetest.Digest("layer"), Path: "var/lib/dpkg/status", Reason: "it is damaged"}
	if err := d.store.SaveAnalysis(t.Context(), d.org, crowsnest.Analysis{Image: img, Problems: []crowsnest.Problem{problem}}, storetest.Analyser); err != nil {
		t.Fatal(err)
	}
	d.fixture.Sweep(t, d.fixture.Connect(t, d.org, "eu", "production"), store.Snapshot{Runs: []crowsnest.Observation{storetest.Run("web", img.ImageID, "")}})
	listed := `"problems":[{"layer":"` + string(problem.Layer) + `","path":"var/lib/dpkg/status","reason":"it is damaged"}]`
	for path, says := range map[string]string{
		path: listed, path + "/packages": listed, path + "/findings": listed,
		"/api/v1/images": `"problemCount":1`, "/api/v1/environments/production/images": `"problemCount":1`,
	} {
		if w := d.get(path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

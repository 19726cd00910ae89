package sysdigkit

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"
)

const token = "t0ken"

type page struct {
	Page struct {
		Returned *int    `json:"returned"`
		Next     *string `json:"next"`
	} `json:"page"`
	Data []json.RawMessage `json:"data"`
}

// ask sends a GET the way a client that escapes nothing does, with change applied to the request.
func ask(t *testing.T, url string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if change != nil {
		change(req)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func serve(t *testing.T) (*Server, string) {
	t.Helper()
	s := New(token)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, srv.URL + Prefix
}

func readPage(t *testing.T, body string) (p page) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return p
}

func some(n int) []Item {
	out := make([]Item, n)
	for i := range out {
		out[i] = Item{Namespace: "n", WorkloadKind: "deployment", WorkloadName: fmt.Sprint("w", i), Container: "c", ImageID: "sha256:x"}
	}
	return out
}

func TestWireForm(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("prod", Item{
		Namespace: "shop", WorkloadKind: "deployment", WorkloadName: "front", Container: "web", ImageID: "sha256:11",
		Packages: []Package{OSPackage("debian", "12.5", "libssl3", "1:3.0~deb+u2", "openssl"), AppPackage("npm", "left-pad", "1.3.0")},
	}, Item{Namespace: "shop", WorkloadKind: "pod", WorkloadName: "lone", Container: "c", ImageID: "sha256:22"})
	res, got := ask(t, url+"runtimeimages?clusterName=prod&limit=10", nil)
	want := `{"page":{"returned":2},"data":[` +
		`{"namespace":"shop","workloadKind":"deployment","workloadName":"front","container":"web","imageID":"sha256:11","packages":[` +
		`{"purl":"pkg:deb/debian/libssl3@1:3.0~deb+u2?distro=debian-12.5","name":"libssl3","version":"1:3.0~deb+u2","installedViaPackageManager":true,"srcName":"openssl","osFamily":"debian","osVersion":"12.5","arch":""},` +
		`{"purl":"pkg:npm/left-pad@1.3.0","name":"left-pad","version":"1.3.0","installedViaPackageManager":false,"type":"npm"}]},` +
		`{"namespace":"shop","workloadKind":"pod","workloadName":"lone","container":"c","imageID":"sha256:22","packages":[]}]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if ct := res.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("Content-Type = %q", ct)
	}
}

func TestWordsAreNotEscapedForHTML(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("prod", Item{WorkloadName: "a<b>&c"})
	if _, got := ask(t, url+"runtimeimages?clusterName=prod", nil); !strings.Contains(got, "a<b>&c") {
		t.Errorf("got %q", got)
	}
}

// Known clients send an empty JSON object with their GET.
func TestGetWithBody(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("prod", some(1)...)
	res, body := ask(t, url+"runtimeimages?clusterName=prod&limit=1", func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	})
	if res.StatusCode != 200 || len(readPage(t, body).Data) != 1 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestTokens(t *testing.T) {
	s, url := serve(t)
	for name, tc := range map[string]struct {
		header string
		want   int
	}{
		"right": {"Bearer " + token, 200}, "other case": {"bearer " + token, 200}, "wrong": {"Bearer other", 401}, "none": {"", 401}, "basic": {"Basic " + token, 401}, "empty": {"Bearer ", 401},
	} {
		t.Run(name, func(t *testing.T) {
			res, body := ask(t, url+"runtimeclusters", func(r *http.Request) { r.Header.Set("Authorization", tc.header) })
			if res.StatusCode != tc.want {
				t.Errorf("status = %d", res.StatusCode)
			}
			if tc.want != 401 {
				return
			}
			if ct := res.Header.Get("Content-Type"); ct != "text/plain; charset=utf-8" {
				t.Errorf("Content-Type = %q", ct)
			}
			var e struct{ Message, ReferenceID string }
			if err := json.Unmarshal([]byte(body), &e); err != nil || e.Message != "cannot verify credentials" || e.ReferenceID == "" || res.Header.Get("X-Request-Id") == "" {
				t.Errorf("body = %q, %v", body, err)
			}
		})
	}
	s.SetTokens()
	if res, _ := ask(t, url+"runtimeclusters", nil); res.StatusCode != 401 {
		t.Errorf("a withdrawn token gets %d", res.StatusCode)
	}
}

func TestLimitsAndCursors(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("prod", some(1200)...)
	for query, want := range map[string]int{"": 250, "&limit=1": 1, "&limit=500": 500, "&cursor=": 250, "&limit=500&cursor=": 500} {
		if _, body := ask(t, url+"runtimeimages?clusterName=prod"+query, nil); len(readPage(t, body).Data) != want {
			t.Errorf("%q: %d items", query, len(readPage(t, body).Data))
		}
	}
	for _, query := range []string{"&limit=0", "&limit=501", "&limit=x", "&limit=-1", "&cursor=zzz"} {
		res, body := ask(t, url+"runtimeimages?clusterName=prod"+query, nil)
		if res.StatusCode != 400 || !strings.Contains(body, `"errors":[{`) {
			t.Errorf("%q: %d %s", query, res.StatusCode, body)
		}
	}
	safe := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	seen := map[string]bool{}
	var names []string
	cursor := ""
	for {
		_, body := ask(t, url+"runtimeimages?clusterName=prod&limit=500&cursor="+cursor, nil)
		p := readPage(t, body)
		if p.Page.Returned == nil || *p.Page.Returned != len(p.Data) {
			t.Errorf("returned = %v of %d", p.Page.Returned, len(p.Data))
		}
		for _, raw := range p.Data {
			var it struct{ WorkloadName string }
			if err := json.Unmarshal(raw, &it); err != nil {
				t.Fatal(err)
			}
			names = append(names, it.WorkloadName)
		}
		if p.Page.Next == nil {
			break
		}
		cursor = *p.Page.Next
		if seen[cursor] || !safe.MatchString(cursor) {
			t.Errorf("cursor %q", cursor)
		}
		seen[cursor] = true
		// What changes in between shows in the next sweep only.
		s.SetCluster("prod", some(3)...)
	}
	if len(names) != 1200 || names[1199] != "w1199" {
		t.Errorf("%d names", len(names))
	}
	// A page can be asked for again, but not for another cluster.
	if res, _ := ask(t, url+"runtimeimages?clusterName=prod&limit=500&cursor="+cursor, nil); res.StatusCode != 200 {
		t.Errorf("again: %d", res.StatusCode)
	}
	if res, _ := ask(t, url+"runtimeimages?clusterName=other&cursor="+cursor, nil); res.StatusCode != 400 {
		t.Errorf("another cluster: %d", res.StatusCode)
	}
}

// Where lists are not kept for who reads them, what goes meanwhile makes the next page leave something out.
func TestShiftingList(t *testing.T) {
	s, url := serve(t)
	s.SetShifting(true)
	s.SetCluster("prod", some(6)...)
	_, body := ask(t, url+"runtimeimages?clusterName=prod&limit=3", nil)
	cursor := *readPage(t, body).Page.Next
	s.SetCluster("prod", some(6)[1:]...)
	_, body = ask(t, url+"runtimeimages?clusterName=prod&limit=3&cursor="+cursor, nil)
	if p := readPage(t, body); len(p.Data) != 2 || !strings.Contains(string(p.Data[0]), `"w4"`) || p.Page.Next != nil {
		t.Errorf("page two: %s", body)
	}
	s.SetCluster("prod")
	if _, body = ask(t, url+"runtimeimages?clusterName=prod&limit=3&cursor="+cursor, nil); len(readPage(t, body).Data) != 0 {
		t.Errorf("of nothing: %s", body)
	}
}

func TestClusterNames(t *testing.T) {
	s, url := serve(t)
	for _, name := range []string{"a b", "a+b", "a%b", "prod"} {
		s.SetCluster(name, some(1)...)
	}
	for sent, want := range map[string]int{"prod": 1, "a%20b": 1, "a+b": 1, "a%2Bb": 1, "a%25b": 1, "nowhere": 0} {
		res, body := ask(t, url+"runtimeimages?clusterName="+sent, nil)
		if res.StatusCode != 200 || len(readPage(t, body).Data) != want || !strings.Contains(body, `"data":[`) {
			t.Errorf("%q: %d %s", sent, res.StatusCode, body)
		}
	}
	if res, _ := ask(t, url+"runtimeimages", nil); res.StatusCode != 400 {
		t.Errorf("without a name: %d", res.StatusCode)
	}
	s.RemoveCluster("prod")
	if _, body := ask(t, url+"runtimeimages?clusterName=prod", nil); len(readPage(t, body).Data) != 0 {
		t.Error("the cluster is still there")
	}
}

func TestShapes(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("b")
	s.SetCluster("a")
	for shape, want := range map[Shape]string{
		ShapeClusterName: `{"page":{"returned":2},"data":[{"clusterName":"a"},{"clusterName":"b"}]}`,
		ShapeName:        `{"page":{"returned":2},"data":[{"name":"a"},{"name":"b"}]}`,
		ShapeStrings:     `{"page":{"returned":2},"data":["a","b"]}`,
		ShapeClusters:    `{"clusters":["a","b"]}`,
		ShapeArray:       `["a","b"]`,
		ShapeObjects:     `[{"name":"a"},{"name":"b"}]`,
	} {
		s.SetClusterShape(shape)
		_, got := ask(t, url+"runtimeclusters", nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("shape %d: %s", shape, diff)
		}
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	_, url := serve(t)
	if res, _ := ask(t, url+"other", nil); res.StatusCode != 404 {
		t.Errorf("other path: %d", res.StatusCode)
	}
	if res, _ := ask(t, url+"runtimeclusters", func(r *http.Request) { r.Method = "POST" }); res.StatusCode != 405 || res.Header.Get("Allow") != "GET" {
		t.Errorf("POST: %d", res.StatusCode)
	}
}

func TestGzipOnlyWhenAskedFor(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("prod", some(2)...)
	res, plain := ask(t, url+"runtimeclusters", func(r *http.Request) { r.Header.Set("Accept-Encoding", "identity") })
	if e := res.Header.Get("Content-Encoding"); e != "" {
		t.Errorf("Content-Encoding = %q", e)
	}
	res, packed := ask(t, url+"runtimeclusters", func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, deflate, br") })
	if e := res.Header.Get("Content-Encoding"); e != "gzip" {
		t.Fatalf("Content-Encoding = %q", e)
	}
	z, err := gzip.NewReader(bytes.NewReader([]byte(packed)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || string(got) != plain {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFaultsMatch(t *testing.T) {
	s, url := serve(t)
	s.SetCluster("prod", some(2)...)
	status := func(query string) int {
		res, _ := ask(t, url+query, nil)
		return res.StatusCode
	}
	images, clusters := "runtimeimages?clusterName=prod", "runtimeclusters"
	s.Inject(Fault{Match: Match{Call: Images}, Status: 500})
	s.Inject(Fault{Match: Match{Cluster: "other"}, Status: 501, Times: -1})
	s.Inject(Fault{Match: Match{Request: 3}, Status: 502})
	s.Inject(Fault{Match: Match{Limit: 7}, Status: 503, Times: 2})
	var got []int
	for _, q := range []string{clusters, images, clusters, images, "runtimeimages?clusterName=other", "runtimeimages?clusterName=other", images + "&limit=7", images + "&limit=7", images + "&limit=7"} {
		got = append(got, status(q))
	}
	if diff := cmp.Diff([]int{200, 500, 502, 200, 501, 501, 503, 503, 200}, got); diff != "" {
		t.Error(diff)
	}
	remove := s.Inject(Fault{Status: 500, Times: -1})
	if status(clusters) != 500 {
		t.Error("a fault without a match does not apply")
	}
	remove()
	if status(clusters) != 200 {
		t.Error("a removed fault applies")
	}
	requests := s.Requests()
	if s.Count() != 11 || len(requests) != 11 {
		t.Errorf("%d requests, %d kept", s.Count(), len(requests))
	}
	if diff := cmp.Diff(Request{Number: 7, Call: Images, Cluster: "prod", Page: 1, Limit: 7, Authorized: true}, requests[6]); diff != "" {
		t.Error(diff)
	}
}

// The demo serves this package: nothing of testing may come into its binary.
func TestImportsNothingOfTesting(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps, Dir: dir}, ".")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		seen++
		if p.PkgPath == "testing" || p.PkgPath == "net/http/httptest" {
			t.Errorf("%s is imported", p.PkgPath)
		}
	})
	if seen < 10 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

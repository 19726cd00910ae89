package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

const page = `<!doctype html><head><base href="/" /></head>`

func small() fstest.MapFS {
	return fstest.MapFS{
		"index.html":              {Data: []byte(page)},
		"boot.js":                 {Data: []byte("boot()")},
		"assets/app-AbC123.js":    {Data: []byte(strings.Repeat("app();", 100))},
		"assets/app-AbC123.js.gz": {Data: pack([]byte(strings.Repeat("app();", 100)))},
		".vite/manifest.json":     {Data: []byte("{}")},
	}
}

func serve(t *testing.T, base, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	h, err := newHandler(small(), base)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhatIsServed(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	for name, tt := range map[string]struct {
		method, path, accept string
		code                 int
		body                 string
	}{
		"root":                {"GET", "/", "*/*", 200, "<base"},
		"route":               {"GET", "/images/sha256:abc", browser, 200, "<base"},
		"route with a dot":    {"GET", "/environments/a.b", browser, 200, "<base"},
		"route not as a page": {"GET", "/images/sha256:abc", "application/json", 404, "not found"},
		"asset":               {"GET", "/assets/app-AbC123.js", "*/*", 200, "app();"},
		"missing asset":       {"GET", "/assets/app-Old456.js", browser, 404, "not found"},
		"packed file by name": {"GET", "/assets/app-AbC123.js.gz", "*/*", 404, "not found"},
		"the build's notes":   {"GET", "/.vite/manifest.json", "*/*", 404, "not found"},
		"nothing under api":   {"GET", "/api/v1/imges", browser, 404, "not found"},
		"nothing at api":      {"GET", "/api", browser, 404, "not found"},
		"up and out":          {"GET", "/assets/../../etc/passwd", "*/*", 404, "not found"},
		"another method":      {"POST", "/", browser, 405, "not allowed"},
		"head of a page":      {"HEAD", "/images", browser, 200, ""},
		"head of what is not": {"HEAD", "/assets/none.js", browser, 404, "not found"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t, "", tt.method, tt.path, "Accept", tt.accept)
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.body) || tt.body == "" && w.Body.Len() > 0 {
				t.Errorf("%d %q, want %d with %q", w.Code, w.Body, tt.code, tt.body)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	for path, cache := range map[string]string{"/": "no-cache", "/boot.js": "no-cache", "/assets/app-AbC123.js": "public, max-age=31536000, immutable"} {
		for _, method := range []string{"GET", "HEAD"} {
			h := serve(t, "", method, path).Header()
			for name, want := range map[string]string{"Cache-Control": cache, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"} {
				if got := h.Get(name); got != want {
					t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, want)
				}
			}
			csp := h.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s: policy %q lacks %s", path, csp, want)
				}
			}
			if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
				t.Errorf("%s: policy %q", path, csp)
			}
			if h.Get("Content-Length") == "" || h.Get("ETag") == "" {
				t.Errorf("%s %s: length %q, tag %q", method, path, h.Get("Content-Length"), h.Get("ETag"))
			}
		}
	}
	if got := serve(t, "", "GET", "/assets/none.js").Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a file that is not there may be kept: %q", got)
	}
}

func TestEncodingAndTags(t *testing.T) {
	const path = "/assets/app-AbC123.js"
	plain := serve(t, "", "GET", path)
	packed := serve(t, "", "GET", path, "Accept-Encoding", "br, gzip")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("encodings %q and %q", plain.Header().Get("Content-Encoding"), packed.Header().Get("Content-Encoding"))
	}
	r, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != plain.Body.String() {
		t.Errorf("unpacked %q, %v", got, err)
	}
	if refused := serve(t, "", "GET", path, "Accept-Encoding", "gzip;q=0, identity"); refused.Header().Get("Content-Encoding") != "" {
		t.Error("gzip was refused and sent")
	}
	tag, packedTag := plain.Header().Get("ETag"), packed.Header().Get("ETag")
	if tag == packedTag {
		t.Errorf("one tag %s for two different bodies", tag)
	}
	for name, match := range map[string]string{"same": tag, "weakened": "W/" + tag, "one of": `"x", ` + tag, "any": "*"} {
		if w := serve(t, "", "GET", path, "If-None-Match", match); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s: %d with %d bytes", name, w.Code, w.Body.Len())
		}
	}
	if w := serve(t, "", "GET", path, "If-None-Match", packedTag); w.Code != http.StatusOK {
		t.Errorf("the tag of the other encoding: %d", w.Code)
	}
}

func TestBasePath(t *testing.T) {
	root, below := serve(t, "", "GET", "/"), serve(t, "/tools/crowsnest", "GET", "/")
	if !strings.Contains(root.Body.String(), `<base href="/" />`) || !strings.Contains(below.Body.String(), `<base href="/tools/crowsnest/" />`) {
		t.Errorf("pages %q and %q", root.Body, below.Body)
	}
	if root.Header().Get("ETag") == below.Header().Get("ETag") {
		t.Error("pages that differ have one tag")
	}
}

func TestBrokenBuildIsRefused(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"empty":   {},
		"no base": {"index.html": {Data: []byte("<!doctype html>")}},
	} {
		if _, err := newHandler(files, ""); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestWithoutTheDashboard(t *testing.T) {
	for path, want := range map[string]int{"/": http.StatusOK, "/images": http.StatusNotFound} {
		w := httptest.NewRecorder()
		notBuilt().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
		if want == http.StatusOK && !strings.Contains(w.Body.String(), "make web") {
			t.Errorf("the page does not say how to build: %s", w.Body)
		}
	}
}

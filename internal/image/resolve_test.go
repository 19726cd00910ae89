package image

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func TestResolve(t *testing.T) {
	f := newFront(t, app(crowsnest.DefaultPlatform))
	resolved := func(reference string) {
		t.Helper()
		if got, err := Resolve(t.Context(), reference, Options{patience: quick}); err != nil || got != f.digest {
			t.Errorf("%s names %s, %v; want %s", reference, got, err, f.digest)
		}
	}
	f.set(nil)
	resolved(f.host + "/team/app:1")
	f.mu.Lock()
	for _, r := range f.requests {
		if strings.HasPrefix(r, "GET") && strings.Contains(r, "/manifests/") {
			t.Errorf("a pull was counted: %v", f.requests)
		}
	}
	f.mu.Unlock()
	// A registry that keeps the digest to itself gives the manifest.
	f.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		silent := httptest.NewRecorder()
		next.ServeHTTP(silent, r)
		silent.Header().Del("Docker-Content-Digest")
		for k, v := range silent.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(silent.Code)
		w.Write(silent.Body.Bytes())
	})
	resolved(f.host + "/team/app:1")
	f.answer("/", http.StatusTeapot, "")
	resolved(f.host + "/team/app@" + string(f.digest)) // which nobody needs to be asked for

	f.answer("/manifests/", http.StatusNotFound, "")
	_, err := Resolve(t.Context(), f.host+"/team/app:2", Options{patience: quick})
	fails(t, err, crowsnest.NotFound, "resolve image "+f.host+"/team/app:2", "has no such image", "check the name and the tag")
	f.answer("/manifests/", http.StatusForbidden, `{"errors":[{"code":"DENIED"}]}`)
	_, err = Resolve(t.Context(), f.host+"/team/app:1", Options{patience: quick})
	fails(t, err, crowsnest.Forbidden, "docker login", "DENIED")
	_, err = Resolve(t.Context(), "team/APP:1", Options{})
	fails(t, err, crowsnest.Invalid)
}

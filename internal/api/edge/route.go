// Package edge is what requests meet before any route of the API: whose they are, and
// what no route can make sense of.
package edge

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/danielgtaylor/huma/v2"
)

// Guard answers below /api in the way of the API what mux would answer in its own, a
// path or a method that does not exist, and refuses what no route can make sense of: NUL
// and bytes that are not UTF-8, which would come as far as the database.
func Guard(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/") {
			mux.ServeHTTP(w, r)
			return
		}
		if where := unusable(r.URL); where != "" {
			Problem(w, http.StatusUnprocessableEntity, where+" holds NUL or bytes that are not UTF-8, which no name has")
			return
		}
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r) // it also takes the path apart
			return
		}
		probe := &probe{header: http.Header{}}
		handler.ServeHTTP(probe, r)
		if allow := probe.header.Get("Allow"); probe.status == http.StatusMethodNotAllowed && allow != "" {
			w.Header().Set("Allow", allow)
			Problem(w, probe.status, "this path does not take that method, but "+allow)
			return
		}
		Problem(w, http.StatusNotFound, "there is nothing at this path; /api/openapi.json lists what there is")
	})
}

// unusable names the part of an address that cannot be used, if there is one.
func unusable(u *url.URL) string {
	if crowsnest.Text(u.Path) != u.Path {
		return "the path"
	}
	for name, values := range u.Query() {
		for _, v := range values {
			if crowsnest.Text(v) != v || crowsnest.Text(name) != name {
				return fmt.Sprintf("the parameter %.40q", crowsnest.Text(name))
			}
		}
	}
	return ""
}

// probe keeps the head of an answer that is given in other words.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

// Problem answers as huma does, where no route of huma's is concerned.
func Problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(huma.NewError(status, detail)) // an error here is a caller that has left
}

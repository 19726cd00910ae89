package base

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	exporting "github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// A database that goes away in the middle must not make part of a list look like all of it.
func TestBrokenExportIsCutOff(t *testing.T) {
	calls := 0
	e := Export[crowsnest.Workload]{List: "x", Columns: []exporting.Column[crowsnest.Workload]{{Name: "name", Value: func(w crowsnest.Workload) any { return w.Name }}},
		Rows: Paged(func(_ context.Context, page store.Page) (store.List[crowsnest.Workload], error) {
			calls++
			if calls == 2 {
				return store.List[crowsnest.Workload]{}, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "list"}
			}
			return store.List[crowsnest.Workload]{Items: []crowsnest.Workload{{Name: "one"}}, Next: "more"}, nil
		}, func(w crowsnest.Workload) crowsnest.Workload { return w })}
	w := httptest.NewRecorder()
	err := e.write(t.Context(), http.NewResponseController(w), exporting.NewCSV(w, e.Columns), exporting.About{Time: time.Now()}, nil, "start")
	if err == nil || strings.Contains(w.Body.String(), "# end") || !strings.Contains(w.Body.String(), "one") {
		t.Errorf("error %v after %q", err, w.Body)
	}
}

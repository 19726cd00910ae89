package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// feeds is OSV's bucket of what advisories has, CISA's catalogue and FIRST's scores.
type feeds struct {
	mu     sync.Mutex
	files  map[string][]byte
	asked  []string
	broken bool
}

func newFeeds(t *testing.T) (*feeds, string) {
	t.Helper()
	f := &feeds{files: map[string][]byte{
		"/kev.json":    []byte(`{"dateReleased": "2026-03-04T17:04:19Z", "count": 1, "vulnerabilities": [{"cveID": "CVE-2099-0002", "dateAdded": "2026-03-01", "dueDate": "2026-03-22"}]}`),
		"/epss.csv.gz": []byte("#model_version:v1,score_date:2026-03-04T00:00:00+0000\ncve,epss,percentile\nCVE-2099-0002,0.25,0.95\n"),
	}}
	byEcosystem := map[string][]obj{}
	for _, a := range advisories() {
		name := a["affected"].([]any)[0].(obj)["package"].(obj)["ecosystem"].(string)
		base, _, _ := strings.Cut(name, ":")
		byEcosystem[base] = append(byEcosystem[base], a)
	}
	for name, list := range byEcosystem {
		f.files["/osv/"+name+"/all.zip"] = zipped(t, list...)
		listing := ""
		for _, a := range list {
			f.files["/osv/"+name+"/"+a["id"].(string)+".json"] = got(json.Marshal(a))(t)
			listing += fmt.Sprintf("%s,%s\n", a["modified"], a["id"])
		}
		f.files["/osv/"+name+"/modified_id.csv"] = []byte(listing)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

func (f *feeds) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.URL.Path)
	body, ok := f.files[r.URL.Path]
	if !ok || f.broken {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// of returns whether anything of an ecosystem was asked for.
func (f *feeds) of(ecosystem string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.asked, func(path string) bool { return strings.HasPrefix(path, "/osv/"+ecosystem+"/") })
}

// held waits until all of these feeds are held.
func (s *server) held(t *testing.T, names ...string) []wire.AdvisoryStatus {
	t.Helper()
	for {
		list := got(s.AdvisoryStatuses(ctx(t)))(t)
		missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			return slices.ContainsFunc(list, func(a wire.AdvisoryStatus) bool {
				return a.Name() == name && !a.Imported.IsZero() && !a.NextUpdate.IsZero()
			})
		})
		if len(missing) == 0 {
			return list
		}
		select {
		case <-ctx(t).Done():
			t.Fatalf("%v are not held, but %+v", missing, list)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// TestFeedsKeepThemselvesUpToDate starts with nothing: no ecosystem is fetched before something of it is there, and then
// it is at once. Another server takes its bundle, and one that finds nobody says so and goes on.
func TestFeedsKeepThemselvesUpToDate(t *testing.T) {
	t.Parallel()
	for name, database := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, url := newFeeds(t)
			with := func(database string, more map[string]any) *server {
				settings := map[string]any{
					"database": database, "egress.allow": []string{"127.0.0.1"}, "advisories.update": true,
					"advisories.osv": url + "/osv", "advisories.kev": url + "/kev.json", "advisories.epss": url + "/epss.csv.gz",
				}
				for k, v := range more {
					settings[k] = v
				}
				return startWith(t, settings)
			}
			s := with(database(t), nil)
			s.held(t, "KEV", "EPSS")
			if source.of("Debian") || source.of("npm") || source.of("Go") {
				t.Errorf("an ecosystem was fetched of which there is nothing: %v", source.asked)
			}
			host, img := imagekit.Registry(t), shop(t)
			imagekit.Push(t, host+"/shop/web:1.0", img)
			id := string(s.analyse(t, host+"/shop/web:1.0"))
			s.held(t, "Debian", "npm", "Go")
			report := got(s.CVEs(ctx(t), id, ""))(t)
			if report.Summary != shopSummary || len(report.MissingAdvisories) > 0 || report.KEVAsOf.IsZero() {
				t.Errorf("%+v %+v", report.Summary, report.MissingAdvisories)
			}
			for _, f := range report.Findings {
				if (f.ID == "CVE-2099-0002") != (f.KEV != nil && f.EPSS != nil) {
					t.Errorf("%s: %+v", f.ID, f.Threat)
				}
			}

			// What was begun before the server ended is due again, and what is held stands.
			s.restart()
			if again := got(s.CVEs(ctx(t), id, ""))(t); again.Summary != shopSummary {
				t.Errorf("after a restart: %+v", again.Summary)
			}

			other := with("", map[string]any{"advisories.from": s.url + "/api/v1/advisories/bundle", "advisories.token": s.token})
			for {
				list := got(other.AdvisoryStatuses(ctx(t)))(t)
				if len(list) == 5 {
					break
				}
				select {
				case <-ctx(t).Done():
					t.Fatalf("the other server holds %+v", list)
				case <-time.After(100 * time.Millisecond):
				}
			}
			other.analyse(t, host+"/shop/web:1.0")
			if report := got(other.CVEs(ctx(t), id, ""))(t); report.Summary != shopSummary {
				t.Errorf("at the other server: %+v", report)
			}
		})
	}
}

// TestFeedsWithoutAWayOut is a server that reaches nobody: it works, says what it lacks, and why.
func TestFeedsWithoutAWayOut(t *testing.T) {
	t.Parallel()
	source, url := newFeeds(t)
	source.broken = true
	s := startWith(t, map[string]any{"egress.allow": []string{"127.0.0.1"}, "advisories.update": true, "advisories.osv": url + "/osv", "advisories.kev": url + "/kev.json", "advisories.epss": ""})
	host, img := imagekit.Registry(t), shop(t)
	imagekit.Push(t, host+"/shop/web:1.0", img)
	id := string(s.analyse(t, host+"/shop/web:1.0"))
	for {
		list := got(s.AdvisoryStatuses(ctx(t)))(t)
		failing := slices.ContainsFunc(list, func(a wire.AdvisoryStatus) bool {
			return a.Name() == "npm" && strings.Contains(a.Reason, "404") && a.Imported.IsZero()
		})
		if failing && slices.ContainsFunc(list, func(a wire.AdvisoryStatus) bool { return a.Name() == "KEV" && a.Failures == 1 }) {
			break
		}
		select {
		case <-ctx(t).Done():
			t.Fatalf("statuses %+v", list)
		case <-time.After(100 * time.Millisecond):
		}
	}
	report := got(s.CVEs(ctx(t), id, ""))(t)
	if len(report.MissingAdvisories) == 0 || report.Complete() || !report.KEVAsOf.IsZero() {
		t.Errorf("it looks complete: %+v", report)
	}
}

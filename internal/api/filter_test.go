package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// named decodes what rows of every kind are called by.
type named struct{ Name, ID, Vulnerability string }

func (n named) String() string { return n.Name + n.ID + n.Vulnerability }

// A filter gives the same rows in a list, in both files, and is written into them.
func TestFilters(t *testing.T) {
	d := harbour(t)
	load := []crowsnest.Observation{storetest.Run("web", storetest.Image("web:2").ImageID, "p")}
	in, err := d.store.Integration(t.Context(), d.org, "eu")
	if err != nil {
		t.Fatal(err)
	}
	d.fixture.Sweep(t, in, store.Snapshot{Runs: load, Profiles: map[string][]crowsnest.LoadedPackage{"p": {{Type: "deb", Name: "libc6", Version: "2.36-9"}}}})
	past := time.Now().UTC().AddDate(0, 0, -20).Truncate(time.Second).Format(time.RFC3339)

	for _, c := range []struct {
		path, query string
		want        []string
		written     string // of the filter, in a CSV file
	}{
		{"/images", "q=WEB:1", []string{"web:1"}, "q=WEB:1, sort=name"},
		{"/images", "q=web&sort=newest&environment=production", []string{"web:2"}, "environment=production, q=web, sort=newest"},
		{"/vulnerabilities", "q=zlib", []string{"CVE-2099-1"}, "q=zlib"},
		{"/vulnerabilities", "q=2099&fixable=true&severity=critical", []string{"CVE-2099-2", "CVE-2099-1"}, "fixable=true, q=2099, severity=critical"},
		{"/packages", "inUse=true", []string{"libc6"}, "inUse=true, sort=name"},
		{"/packages", "inUse=true&vulnerable=true&environment=production&q=LIB", []string{"libc6"}, "environment=production, inUse=true, q=LIB, sort=name, vulnerable=true"},
		{"/environments/production/images", "q=web", []string{"web:2"}, "environment=production, q=web"},
		{"/environments/production/images", "q=nothing", nil, "environment=production, q=nothing"},
		{"/environments/production/images", "at=" + past, []string{"web:1"}, "at=" + past + ", environment=production"},
		{"/environments/production/images", "q=web:2&at=" + past, nil, "at=" + past + ", environment=production, q=web:2"},
		{"/environments/latest-indexed/images", "q=web", nil, "environment=latest-indexed, q=web"}, // of no repository
		{"/environments/production/exposures", "", []string{"CVE-2099-1", "CVE-2099-2"}, "environment=production"},
		{"/environments/production/exposures", "state=closed&severity=critical", []string{"CVE-2099-1"}, "environment=production, severity=critical, state=closed"},
		{"/environments/production/exposures", "severity=low", nil, "environment=production, severity=low"},
	} {
		t.Run(c.path+"?"+c.query, func(t *testing.T) {
			var got []string
			for _, row := range answered[wire.Page[named]](t, d, c.path+"?"+c.query).Items {
				got = append(got, row.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Fatalf("list (-want +got):\n%s", diff)
			}

			w := d.get("/api/v1/export" + c.path + "?format=ndjson&" + c.query)
			lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
			if w.Code != http.StatusOK || len(lines) != len(c.want)+2 {
				t.Fatalf("%d, want %d rows between two lines: %s", w.Code, len(c.want), w.Body)
			}
			for i, name := range c.want {
				var row named
				if err := json.Unmarshal([]byte(lines[i+1]), &row); err != nil || row.String() != name {
					t.Errorf("row %d is %s, want %s (%v)", i, lines[i+1], name, err)
				}
			}
			var about struct{ Filter map[string]string }
			if err := json.Unmarshal([]byte(lines[0]), &about); err != nil {
				t.Fatal(err)
			}
			asked, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			for key, values := range asked {
				if about.Filter[key] != values[0] {
					t.Errorf("the file says %v, and not %s=%s", about.Filter, key, values[0])
				}
			}
			if body := d.get("/api/v1/export" + c.path + "?" + c.query).Body.String(); !strings.Contains(body, "\n# filter: "+c.written+"\n") {
				t.Errorf("the filter %s is not in the file: %s", c.written, body)
			}
		})
	}
	for _, path := range []string{"/images?q=a%00b", "/vulnerabilities?q=" + strings.Repeat("a", 257), "/environments/production/images?q=a%0ab", "/export/environments/production/exposures?state=over"} {
		if w := d.get("/api/v1" + path); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := d.do(d.other, http.MethodGet, "/api/v1/export/environments/production/exposures", nil); w.Code != http.StatusNotFound {
		t.Errorf("the other organisation is answered %d", w.Code)
	}
}

// In a table an exposure is told by the last time that it lasted.
func TestExposureCells(t *testing.T) {
	d := harbour(t)
	lines := strings.Split(d.get("/api/v1/export/environments/production/exposures").Body.String(), "\n")
	for i, want := range []string{"vulnerability,severity,open,overdue,knownSince,due,since,until,came,went,episodes", "CVE-2099-1,critical,false,false,20", "CVE-2099-2,critical,true,true,20"} {
		if !strings.HasPrefix(lines[4+i], want) {
			t.Errorf("line %d: %s, want %s…", i, lines[4+i], want)
		}
	}
	if over, lasting := lines[5], lines[6]; !strings.HasSuffix(lasting, "Z,,finding,,1,false") || !strings.HasSuffix(over, "Z,web:1,web:1,1,false") {
		t.Errorf("what began and ended them: %s and %s", lasting, over)
	}
}

func TestBuiltInEnvironment(t *testing.T) {
	d := harbour(t)
	for name, want := range map[string]bool{"production": false, store.LatestIndexed: true} {
		if e := answered[wire.EnvironmentSummary](t, d, "/environments/"+name); e.Name != name || e.BuiltIn != want {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

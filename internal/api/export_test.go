package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
)

// Every list that has an export has the same rows there, in both formats, under the same filters.
func TestExportsHoldTheList(t *testing.T) {
	d := newDesk(t)
	values := d.fill()
	d.person(d.org, "mia@example.com", crowsnest.Member)
	d.asked()
	exports := 0
	for _, r := range routes(t) {
		path, ok := strings.CutPrefix(r.at(values), "/api/v1/export")
		if !ok {
			continue
		}
		exports++
		want := d.listed(path)
		if strings.HasPrefix(path, "/compare/packages") {
			path += "&unchanged=true" // the list has them always
		}
		and := "?"
		if strings.Contains(path, "?") {
			and = "&"
		}

		w := d.get("/api/v1/export" + path + and + "format=ndjson")
		lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
		if w.Code != http.StatusOK || len(lines) != len(want)+2 || len(want) == 0 && !strings.HasPrefix(path, "/compare/environments") { // of repositories there are none here
			t.Fatalf("%s: %d, want %d rows between two lines: %s", path, w.Code, len(want), w.Body)
		}
		for i, row := range want {
			if strings.HasPrefix(path, "/images/") && strings.HasSuffix(path, "/packages") { // the list leaves what is in use to a question of its own
				row = append(row[:len(row)-1], `,"inUse":"not-observed"}`...)
			}
			if lines[i+1] != string(row) {
				t.Errorf("%s row %d: %s, want %s", path, i, lines[i+1], row)
			}
		}
		if !strings.HasPrefix(lines[0], `{"export":"`) || !strings.Contains(lines[0], `"organisation":"one","time":"20`) || lines[len(lines)-1] != fmt.Sprintf(`{"end":true,"rows":%d}`, len(want)) {
			t.Errorf("%s begins with %s and ends with %s", path, lines[0], lines[len(lines)-1])
		}

		w = d.get("/api/v1/export" + path)
		reader := csv.NewReader(strings.NewReader(w.Body.String()))
		reader.Comment = '#'
		rows, err := reader.ReadAll()
		if err != nil || len(rows) != len(want)+1 {
			t.Errorf("%s: %v, %d lines, want a head and %d", path, err, len(rows), len(want))
		}
		if body := w.Body.String(); !strings.HasPrefix(body, "# Crowsnest ") || !strings.Contains(body, "\n# organisation: one\n# time: 20") || !strings.HasSuffix(body, fmt.Sprintf("\n# end: %d rows\n", len(want))) {
			t.Errorf("%s: %s", path, body)
		}
		name := regexp.MustCompile(`^attachment; filename="crowsnest-[A-Za-z0-9.-]+-\d{8}T\d{6}Z\.csv"$`)
		if got := w.Header().Get("Content-Disposition"); !name.MatchString(got) || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Errorf("%s comes as %q, %q", path, got, w.Header().Get("Content-Type"))
		}
	}
	if exports < 10 {
		t.Errorf("%d exports, want one for each list", exports)
	}
	w := d.get("/api/v1/export/images?environment=production&sort=newest")
	if !strings.Contains(w.Body.String(), "# filter: environment=production, sort=newest\n") {
		t.Errorf("the filter is not in the file: %s", w.Body)
	}
}

// listed reads the rows of the list an export is of.
func (d *desk) listed(path string) []json.RawMessage {
	d.t.Helper()
	of, isComparison := strings.CutPrefix(path, "/compare/packages")
	if isComparison {
		path = "/compare" + of
	}
	body := d.get("/api/v1" + path).Body.Bytes()
	var rows []json.RawMessage
	var list struct {
		Items, Findings, Packages []json.RawMessage
		Policies                  json.RawMessage // a list, but of a comparison
	}
	if json.Unmarshal(body, &rows) == nil {
		return rows
	}
	if err := json.Unmarshal(body, &list); err != nil {
		d.t.Fatalf("%s: %v", path, err)
	}
	switch {
	case isComparison:
		return list.Packages
	case strings.HasPrefix(path, "/compare?"):
		return list.Findings
	}
	var policies []json.RawMessage
	if list.Policies != nil {
		storetest.Must(d.t, json.Unmarshal(list.Policies, &policies))
	}
	return slices.Concat(list.Items, list.Findings, list.Packages, policies)
}

// What cannot be listed is refused in words, and not an empty file.
func TestRefusedExports(t *testing.T) {
	d := newDesk(t)
	d.fill()
	for path, code := range map[string]int{"/images?environment=nowhere": 404, "/environments/nowhere/images": 404, "/environments/nowhere/occurrences": 404, "/images?format=xlsx": 422, "/images/" + strings.Repeat("a", 64) + "/findings": 404} {
		if w := d.get("/api/v1/export" + path); w.Code != code || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// Names are chosen by whoever builds an image or starts a container; a spreadsheet must not run them.
func TestCellsAreNoFormulas(t *testing.T) {
	d := newDesk(t)
	for i, name := range []string{"=cmd", "+1", "-1", "@sum", "\tx", "\rx", `"=x`, "plain"} {
		p := storetest.Package(name, fmt.Sprint(i), "")
		d.fixture.Analysed(t, d.org, fmt.Sprint("image ", i), p)
	}
	reader := csv.NewReader(strings.NewReader(d.get("/api/v1/export/packages").Body.String()))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows[1:] {
		got = append(got, row[1])
	}
	if diff := cmp.Diff([]string{"'\tx", "'\rx", `"=x`, "'+1", "'-1", "'=cmd", "'@sum", "plain"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// More than one page of rows, each once, and in the order of the list.
func TestExportOfManyPages(t *testing.T) {
	d := newDesk(t)
	in := d.fixture.Connect(t, d.org, "eu", "production")
	var snap store.Snapshot
	const rows = 2*base.ExportPage + 7
	for i := range rows {
		snap.Runs = append(snap.Runs, storetest.Run(fmt.Sprintf("w%05d", i), storetest.Digest("x"), ""))
	}
	d.fixture.Sweep(t, in, snap)
	seen := make(map[string]bool)
	w := d.get("/api/v1/export/environments/production/occurrences?format=ndjson")
	for line := range strings.Lines(w.Body.String()) {
		var o struct{ Name string }
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		if o.Name != "" {
			seen[o.Name] = true
		}
	}
	if len(seen) != rows || !strings.HasSuffix(w.Body.String(), fmt.Sprintf("{\"end\":true,\"rows\":%d}\n", rows)) {
		t.Errorf("%d rows, want %d", len(seen), rows)
	}
}

// What narrows a list narrows its file as well.
func TestFiltersOfExports(t *testing.T) {
	d := newDesk(t)
	d.fill()
	d.fixture.Connect(t, d.org, "us", "staging") // nothing runs there
	rows := func(path string) (n int) {
		return strings.Count(d.get(path).Body.String(), "\n") - 2
	}
	for path, want := range map[string]int{
		"/environments?": 1, "/environments?empty=true&": 2, "/integrations?": 2, "/integrations?environment=production&": 1,
		"/advisories/updates?": 1, "/advisories/updates?ecosystem=npm&": 0, "/advisories/updates?since=2999-01-01T00:00:00Z&": 0,
	} {
		if got := rows("/api/v1/export" + path + "format=ndjson"); got != want {
			t.Errorf("%s has %d rows, want %d", path, got, want)
		}
	}
	for path, want := range map[string]int{"/environments": 1, "/environments?empty=true": 2, "/integrations?environment=staging": 1} {
		if list := read[[]json.RawMessage](t, d.get("/api/v1"+path)); len(list) != want {
			t.Errorf("%s lists %d, want %d", path, len(list), want)
		}
	}
}

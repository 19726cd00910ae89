package osv

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

const minimal = `"id":"A-1","modified":"2024-01-02T03:04:05Z"`

func TestDecode(t *testing.T) {
	modified := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	base := func(change func(*crowsnest.Advisory)) *crowsnest.Advisory {
		a := &crowsnest.Advisory{ID: "A-1", Modified: modified}
		change(a)
		return a
	}
	with := func(affected string) string { return `{` + minimal + `,"affected":[` + affected + `]}` }
	one := func(aff crowsnest.Affected) *crowsnest.Advisory {
		return base(func(a *crowsnest.Advisory) { a.Affected = []crowsnest.Affected{aff} })
	}
	const npm = `"package":{"ecosystem":"npm","name":"p","purl":"pkg:npm/p"}`
	tests := []struct {
		name string
		in   string
		want *crowsnest.Advisory
	}{
		{"least", `{` + minimal + `}`, base(func(*crowsnest.Advisory) {})},
		{"unknown fields", `{` + minimal + `,"schema_version":"9.9","credits":[{"name":"x"}],"new":{"deep":[1,2,{}]}}`, base(func(*crowsnest.Advisory) {})},
		{"nulls", `{` + minimal + `,"aliases":null,"affected":null,"severity":null,"database_specific":null,"withdrawn":null}`, base(func(*crowsnest.Advisory) {})},
		{"times in another zone", `{"id":"A-1","modified":"2024-01-02T05:04:05+02:00","published":"2024-01-01T00:00:00Z","withdrawn":"2024-01-03T00:00:00.5Z"}`,
			base(func(a *crowsnest.Advisory) {
				a.Published = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
				a.Withdrawn = time.Date(2024, 1, 3, 0, 0, 0, 500_000_000, time.UTC)
			})},
		{"names", `{` + minimal + `,"aliases":["CVE-2024-0001"," GHSA-1 ",""],"upstream":["CVE-2024-0002"],"related":["X-1","not an id"]}`,
			base(func(a *crowsnest.Advisory) {
				a.Aliases, a.Upstream, a.Related = []string{"CVE-2024-0001", "GHSA-1"}, []string{"CVE-2024-0002"}, []string{"X-1"}
			})},
		{"summary in one line", `{` + minimal + `,"summary":" a\n b\u0000c ","details":"d"}`, base(func(a *crowsnest.Advisory) { a.Summary = "a b c" })},
		{"summary from details", `{` + minimal + `,"details":"\n### Impact\n\nReads  memory.\nMore."}`, base(func(a *crowsnest.Advisory) { a.Summary = "Reads memory." })},
		{"long summary", `{` + minimal + `,"summary":"` + strings.Repeat("é", 500) + `"}`, base(func(a *crowsnest.Advisory) { a.Summary = strings.Repeat("é", maxSummary-1) + "…" })},
		{"vectors", `{` + minimal + `,"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/x"},{"type":"CVSS_V4","score":"CVSS:4.0/y"}]}`,
			base(func(a *crowsnest.Advisory) {
				a.Severity = []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: "CVSS:3.1/x"}, {Type: "CVSS_V4", Vector: "CVSS:4.0/y"}}
			})},
		{"github's word", `{` + minimal + `,"database_specific":{"severity":"MODERATE","cwe_ids":["CWE-79"]}}`, base(func(a *crowsnest.Advisory) { a.Word = "MODERATE" })},
		{"ubuntu's word", `{` + minimal + `,"severity":[{"type":"Ubuntu","score":"negligible"}]}`, base(func(a *crowsnest.Advisory) { a.Word = "negligible" })},
		{"word of another shape", `{` + minimal + `,"database_specific":{"severity":["CVSS:3.1/x"]}}`, base(func(*crowsnest.Advisory) {})},
		{"word that is none", `{` + minimal + `,"database_specific":{"severity":"very bad"}}`, base(func(*crowsnest.Advisory) {})},
		{"free-form object of another shape", `{` + minimal + `,"database_specific":"text"}`, base(func(*crowsnest.Advisory) {})},
		{"range", with(`{` + npm + `,"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"},{"introduced":"2.0.0"},{"last_affected":"2.1.0"},{"limit":"3.0.0"}],"database_specific":{"x":1}}],"versions":["0.1.0"]}`),
			one(crowsnest.Affected{Ecosystem: "npm", Name: "p", Versions: []string{"0.1.0"}, Ranges: []crowsnest.Range{{Type: crowsnest.RangeSemver, Events: []crowsnest.Event{
				{Introduced: "0"}, {Fixed: "1.0.0"}, {Introduced: "2.0.0"}, {LastAffected: "2.1.0"}, {Limit: "3.0.0"}}}}})},
		{"two fields in one event", with(`{` + npm + `,"ranges":[{"type":"ECOSYSTEM","events":[{"fixed":"1","introduced":"0"}]}]}`),
			one(crowsnest.Affected{Ecosystem: "npm", Name: "p", Ranges: []crowsnest.Range{{Type: crowsnest.RangeEcosystem, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: "1"}}}}})},
		{"affected without a package", with(`{"ranges":[{"type":"GIT","repo":"https://example.com/x","events":[{"introduced":"0"}]}]}`),
			one(crowsnest.Affected{Ecosystem: "GIT", Name: "https://example.com/x", Ranges: []crowsnest.Range{{Type: crowsnest.RangeGit, Events: []crowsnest.Event{{Introduced: "0"}}}}})},
		{"affected without a package, in two repositories", with(`{"ranges":[{"type":"GIT","repo":"https://example.com/x","events":[]},{"type":"GIT","repo":"https://example.com/y","events":[]},{"type":"GIT","repo":"https://example.com/x","events":[]}],"versions":["v1.0"],"database_specific":{"severity":"HIGH"}}`),
			base(func(a *crowsnest.Advisory) {
				for _, repo := range []string{"https://example.com/x", "https://example.com/y"} {
					commits := crowsnest.Range{Type: crowsnest.RangeGit, Events: []crowsnest.Event{}}
					a.Affected = append(a.Affected, crowsnest.Affected{Ecosystem: "GIT", Name: repo, Versions: []string{"v1.0"}, Word: "HIGH", Ranges: []crowsnest.Range{commits, commits, commits}})
				}
			})},
		{"affected with neither a package nor a repository", with(`{"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}],"versions":["1"]}`), base(func(*crowsnest.Advisory) {})},
		{"a repository beside a package", with(`{` + npm + `,"ranges":[{"type":"GIT","repo":"https://example.com/x","events":[]}]}`), one(crowsnest.Affected{Ecosystem: "npm", Name: "p", Ranges: []crowsnest.Range{{Type: crowsnest.RangeGit, Events: []crowsnest.Event{}}}})},
		{"debian's urgency", with(`{"package":{"ecosystem":"Debian:12","name":"p"},"ecosystem_specific":{"urgency":"unimportant"}}`), one(crowsnest.Affected{Ecosystem: "Debian:12", Name: "p", Word: "unimportant", State: crowsnest.StateUnimportant})},
		{"debian's support has ended", with(`{"package":{"ecosystem":"Debian:10","name":"p"},"ecosystem_specific":{"urgency":"end-of-life"}}`), one(crowsnest.Affected{Ecosystem: "Debian:10", Name: "p", State: crowsnest.StateEndOfLife})},
		{"debian publishes no advisory", with(`{"package":{"ecosystem":"Debian:12","name":"p"},"ecosystem_specific":{"urgency":"low**","nodsa":"Minor issue","nodsa_reason":""}}`), one(crowsnest.Affected{Ecosystem: "Debian:12", Name: "p", Word: "low", State: crowsnest.StateNoDSA})},
		{"debian ignores it", with(`{"package":{"ecosystem":"Debian:12","name":"p"},"ecosystem_specific":{"urgency":"not yet assigned","nodsa":"Minor issue","nodsa_reason":"ignored"}}`), one(crowsnest.Affected{Ecosystem: "Debian:12", Name: "p", State: crowsnest.StateIgnored})},
		{"debian postpones it", with(`{"package":{"ecosystem":"Debian:12","name":"p"},"ecosystem_specific":{"nodsa":"Minor issue","nodsa_reason":"postponed"}}`), one(crowsnest.Affected{Ecosystem: "Debian:12", Name: "p", State: crowsnest.StatePostponed})},
		{"debian's words elsewhere", with(`{` + npm + `,"ecosystem_specific":{"urgency":"end-of-life","nodsa":"x"}}`), one(crowsnest.Affected{Ecosystem: "npm", Name: "p"})},
		{"urgency that says nothing", with(`{"package":{"ecosystem":"Debian:12","name":"p"},"ecosystem_specific":{"urgency":"not yet assigned"}}`), one(crowsnest.Affected{Ecosystem: "Debian:12", Name: "p"})},
		{"ubuntu's priority", with(`{"package":{"ecosystem":"Ubuntu:22.04:LTS","name":"p"},"ecosystem_specific":{"ubuntu_priority":"low"}}`), one(crowsnest.Affected{Ecosystem: "Ubuntu:22.04:LTS", Name: "p", Word: "low"})},
		{"severity of an entry", with(`{` + npm + `,"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/x"}],"database_specific":{"severity":"HIGH"}}`),
			one(crowsnest.Affected{Ecosystem: "npm", Name: "p", Word: "HIGH", Severity: []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: "CVSS:3.1/x"}}})},
		// PostgreSQL refuses NUL; the text that holds it is of no use, the rest of the record is.
		{"NUL in every text", with(`{"package":{"ecosystem":"npm\u0000","name":"p\u0000q"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0\u0000"},{"fixed":"1\u0000"},{"last_affected":"2\u0000"},{"limit":"3\u0000"}]}],"versions":["4\u0000"],"severity":[{"type":"CVSS_\u0000","score":"x\u0000"}]}`),
			one(crowsnest.Affected{Ecosystem: "npm\uFFFD", Name: "p\uFFFDq", Versions: []string{"4\uFFFD"}, Severity: []crowsnest.SeverityVector{{Type: "CVSS_\uFFFD", Vector: "x\uFFFD"}},
				Ranges: []crowsnest.Range{{Type: crowsnest.RangeSemver, Events: []crowsnest.Event{{Introduced: "0\uFFFD"}, {Fixed: "1\uFFFD"}, {LastAffected: "2\uFFFD"}, {Limit: "3\uFFFD"}}}}})},
		{"null severity of an entry", with(`{` + npm + `,"ecosystem_specific":{"severity":null}}`), one(crowsnest.Affected{Ecosystem: "npm", Name: "p"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Decode([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("advisory (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	with := func(affected string) string { return `{` + minimal + `,"affected":[` + affected + `]}` }
	tests := []struct {
		name string
		in   string
		kind crowsnest.Kind
		want string // part of the message
	}{
		{"nothing", ``, crowsnest.Corrupt, "not JSON"},
		{"cut off", `{"id":"A-1","modified":"2024`, crowsnest.Corrupt, "not JSON"},
		{"something after it", `{` + minimal + `}{}`, crowsnest.Corrupt, "not JSON"},
		{"null", `null`, crowsnest.Corrupt, "its id is missing"},
		{"list", `[]`, crowsnest.Corrupt, "JSON array"},
		{"no id", `{"modified":"2024-01-02T03:04:05Z"}`, crowsnest.Corrupt, "its id is missing"},
		{"id with a line break", `{"id":"A\n1","modified":"2024-01-02T03:04:05Z"}`, crowsnest.Corrupt, "printable"},
		{"id as long as a page", `{"id":"` + strings.Repeat("A", 300) + `","modified":"2024-01-02T03:04:05Z"}`, crowsnest.Corrupt, "bytes"},
		{"id of another type", `{"id":7,"modified":"2024-01-02T03:04:05Z"}`, crowsnest.Corrupt, "id is a JSON number"},
		{"no time", `{"id":"A-1"}`, crowsnest.Corrupt, "A-1: it has no modified time"},
		{"time that is none", `{"id":"A-1","modified":"yesterday"}`, crowsnest.Corrupt, "A-1"},
		{"package without a name", with(`{"package":{"ecosystem":"npm"}}`), crowsnest.Corrupt, "affected entry 1"},
		{"package without an ecosystem", with(`{"package":{"name":"x"}}`), crowsnest.Corrupt, "affected entry 1"},
		{"range of an unknown type", with(`{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"MAGIC","events":[]}]}`), crowsnest.Corrupt, `unknown type "MAGIC"`},
		{"event of an unknown kind", with(`{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"mended":"1"}]}]}`), crowsnest.Corrupt, "unknown kind"},
		{"events of another shape", with(`{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"SEMVER","events":{"introduced":"0"}}]}`), crowsnest.Corrupt, "events is a JSON object"},
		{"too deep", strings.Repeat("[", 20000), crowsnest.Corrupt, "not JSON"},
		{"too many aliases", `{` + minimal + `,"aliases":["x"` + strings.Repeat(`,"x"`, maxIdentifiers) + `]}`, crowsnest.TooLarge, "aliases"},
		{"too many severities", `{` + minimal + `,"severity":[{}` + strings.Repeat(`,{}`, maxSeverities) + `]}`, crowsnest.TooLarge, "severities"},
		{"too many packages", with(`{}` + strings.Repeat(`,{}`, maxAffected)), crowsnest.TooLarge, "affected packages"},
		{"too many ranges", with(`{"package":{"ecosystem":"npm","name":"x"},"ranges":[{"type":"GIT"}` + strings.Repeat(`,{"type":"GIT"}`, maxRanges) + `]}`), crowsnest.TooLarge, "ranges"},
		{"too many versions", with(`{"package":{"ecosystem":"npm","name":"x"},"versions":["1"` + strings.Repeat(`,"1"`, maxVersions) + `]}`), crowsnest.TooLarge, "versions"},
		{"too large", `{` + minimal + `,"details":"` + strings.Repeat("x", MaxRecord) + `"}`, crowsnest.TooLarge, "bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := Decode([]byte(tt.in))
			if a != nil || err == nil {
				t.Fatalf("Decode = %v, %v; want an error", a, err)
			}
			if crowsnest.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error of kind %s: %v; want %s with %q", crowsnest.KindOf(err), err, tt.kind, tt.want)
			}
			if strings.Contains(err.Error(), "osv.") || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 {
				t.Errorf("the message is not for people: %v", err)
			}
		})
	}
}

// FuzzDecode looks for panics, and holds what comes out to what its users rely on.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{` + minimal + `}`))
	f.Add([]byte(`{` + minimal + `,"affected":[{"package":{"ecosystem":"npm","name":"p"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1"}]}],"versions":["1"],"ecosystem_specific":{"severity":"HIGH"}}],"severity":[{"type":"Ubuntu","score":"low"}],"details":"#\nx","database_specific":{"severity":1}}`))
	f.Add([]byte(`{"id":"\ud800","modified":"0001-01-01T00:00:00Z","withdrawn":"9999-12-31T23:59:59+23:59"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Decode(b)
		if err != nil {
			if a != nil {
				t.Error("an advisory beside an error")
			}
			return
		}
		if identifier(a.ID) != nil {
			t.Errorf("identifier %q", a.ID)
		}
		if strings.ContainsAny(a.Summary, "\n\r\x00") {
			t.Errorf("summary %q", a.Summary)
		}
		for _, aff := range a.Affected {
			if aff.Ecosystem == "" || aff.Name == "" {
				t.Error("an affected entry without a package")
			}
			for _, r := range aff.Ranges {
				for _, e := range r.Events {
					n := 0
					for _, s := range []string{e.Introduced, e.Fixed, e.LastAffected, e.Limit} {
						if s != "" {
							n++
						}
					}
					if n != 1 {
						t.Errorf("event %+v", e)
					}
				}
			}
		}
		raw, err := json.Marshal(a)
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(strings.ReplaceAll(string(raw), `\\`, ""), `\u0000`) {
			t.Errorf("NUL goes on to the store: %s", raw)
		}
	})
}

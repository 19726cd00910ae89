package match

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// named gives an advisory that affects the package "p" of an ecosystem, with other names.
func named(ecosystem, id string, aliases ...string) *crowsnest.Advisory {
	a := advisory(id, affects(ecosystem, "p", eco("0", "<9")))
	a.Aliases = aliases
	return a
}

func notice(ecosystem, id string, upstream, related []string) *crowsnest.Advisory {
	a := named(ecosystem, id)
	a.Upstream, a.Related = upstream, related
	return a
}

func TestMatchIdentity(t *testing.T) {
	elsewhere := func(a *crowsnest.Advisory) *crowsnest.Advisory {
		a.Affected = []crowsnest.Affected{affects("PyPI", "p", eco("0", "<0.5"))}
		return a
	}
	type row struct {
		Vulnerability, Advisory string
		Aliases                 []string
	}
	tests := []struct {
		name       string
		ecosystem  string
		candidates []*crowsnest.Advisory
		want       []row
	}{
		{"own id is the cve", "PyPI", []*crowsnest.Advisory{named("PyPI", "CVE-2024-0001", "GHSA-1", "CVE-2024-0002")},
			[]row{{"CVE-2024-0001", "CVE-2024-0001", []string{"CVE-2024-0002", "GHSA-1"}}}},
		{"cve by alias", "PyPI", []*crowsnest.Advisory{named("PyPI", "GHSA-1", "CVE-2024-0001")},
			[]row{{"CVE-2024-0001", "GHSA-1", []string{"GHSA-1"}}}},
		{"cve in lower case", "PyPI", []*crowsnest.Advisory{named("PyPI", "GHSA-1", "cve-2024-0001")},
			[]row{{"CVE-2024-0001", "GHSA-1", []string{"GHSA-1"}}}},
		{"cve by upstream", "CRAN", []*crowsnest.Advisory{notice("CRAN", "RSEC-2023-1", []string{"CVE-2023-0001"}, nil)},
			[]row{{"CVE-2023-0001", "RSEC-2023-1", []string{"RSEC-2023-1"}}}},
		{"cve by related is another vulnerability", "PyPI", []*crowsnest.Advisory{notice("PyPI", "PYSEC-1", nil, []string{"CVE-2023-0001"})},
			[]row{{"PYSEC-1", "PYSEC-1", nil}}},
		{"distribution record carries its cve", "Alpine:v3.19", []*crowsnest.Advisory{notice("Alpine:v3.19", "ALPINE-CVE-2024-0001", []string{"CVE-2024-0001"}, nil)},
			[]row{{"CVE-2024-0001", "ALPINE-CVE-2024-0001", []string{"ALPINE-CVE-2024-0001"}}}},
		{"distribution record without upstream", "Debian:12", []*crowsnest.Advisory{named("Debian:12", "DEBIAN-CVE-2024-0001")},
			[]row{{"CVE-2024-0001", "DEBIAN-CVE-2024-0001", []string{"DEBIAN-CVE-2024-0001"}}}},
		{"distribution record of one cve names more", "Ubuntu:22.04", []*crowsnest.Advisory{notice("Ubuntu:22.04", "UBUNTU-CVE-2024-0001", []string{"CVE-2024-0009", "CVE-2024-0001"}, nil)},
			[]row{{"CVE-2024-0001", "UBUNTU-CVE-2024-0001", []string{"CVE-2024-0009", "UBUNTU-CVE-2024-0001"}}}},
		{"debian notice bundles", "Debian:12", []*crowsnest.Advisory{notice("Debian:12", "DSA-5000-1", []string{"CVE-2024-0002", "CVE-2024-0001"}, nil)},
			[]row{{"CVE-2024-0001", "DSA-5000-1", []string{"DSA-5000-1"}}, {"CVE-2024-0002", "DSA-5000-1", []string{"DSA-5000-1"}}}},
		{"almalinux notice names its cves as related", "AlmaLinux:9", []*crowsnest.Advisory{notice("AlmaLinux:9", "ALSA-2024:1", nil, []string{"CVE-2024-0001", "CVE-2024-0002"})},
			[]row{{"CVE-2024-0001", "ALSA-2024:1", []string{"ALSA-2024:1"}}, {"CVE-2024-0002", "ALSA-2024:1", []string{"ALSA-2024:1"}}}},
		{"notice without a cve", "Debian:12", []*crowsnest.Advisory{named("Debian:12", "DLA-1-1")}, []row{{"DLA-1-1", "DLA-1-1", nil}}},
		{"notice and record of one cve meet", "Debian:12",
			[]*crowsnest.Advisory{notice("Debian:12", "DSA-5000-1", []string{"CVE-2024-0001"}, nil), notice("Debian:12", "DEBIAN-CVE-2024-0001", []string{"CVE-2024-0001"}, nil)},
			[]row{{"CVE-2024-0001", "DEBIAN-CVE-2024-0001", []string{"DEBIAN-CVE-2024-0001", "DSA-5000-1"}}, {"CVE-2024-0001", "DSA-5000-1", []string{"DEBIAN-CVE-2024-0001", "DSA-5000-1"}}}},
		{"record of several cves, each alias where it belongs", "Go",
			[]*crowsnest.Advisory{named("Go", "GO-1", "CVE-2024-0001", "CVE-2024-0002", "GHSA-1", "GHSA-2"), named("Go", "GHSA-1", "CVE-2024-0001"), named("Go", "GHSA-2", "CVE-2024-0002")},
			[]row{
				{"CVE-2024-0001", "GO-1", []string{"GHSA-1", "GO-1"}}, {"CVE-2024-0001", "GHSA-1", []string{"GHSA-1", "GO-1"}},
				{"CVE-2024-0002", "GO-1", []string{"GHSA-2", "GO-1"}}, {"CVE-2024-0002", "GHSA-2", []string{"GHSA-2", "GO-1"}},
			}},
		{"no cve anywhere: one vulnerability under the ghsa", "PyPI",
			[]*crowsnest.Advisory{named("PyPI", "PYSEC-1", "GHSA-9"), named("PyPI", "GHSA-9", "PYSEC-1")},
			[]row{{"GHSA-9", "PYSEC-1", []string{"PYSEC-1"}}, {"GHSA-9", "GHSA-9", []string{"PYSEC-1"}}}},
		{"no cve, alias only", "PyPI", []*crowsnest.Advisory{named("PyPI", "PYSEC-1", "GHSA-9")}, []row{{"GHSA-9", "PYSEC-1", []string{"PYSEC-1"}}}},
		{"no cve and no ghsa: the smallest name", "npm", []*crowsnest.Advisory{named("npm", "Z-1", "Y-1"), named("npm", "X-1", "Y-1")},
			[]row{{"X-1", "X-1", []string{"Y-1", "Z-1"}}, {"X-1", "Z-1", []string{"Y-1", "Z-1"}}}},
		{"cve through another record", "PyPI", []*crowsnest.Advisory{named("PyPI", "PYSEC-1", "GHSA-9"), named("PyPI", "GHSA-9", "CVE-2024-0001")},
			[]row{{"CVE-2024-0001", "PYSEC-1", []string{"GHSA-9", "PYSEC-1"}}, {"CVE-2024-0001", "GHSA-9", []string{"GHSA-9", "PYSEC-1"}}}},
		{"cve through a record that does not affect the version", "PyPI",
			[]*crowsnest.Advisory{named("PyPI", "PYSEC-1", "GHSA-9"), elsewhere(named("PyPI", "GHSA-9", "CVE-2024-0001"))},
			[]row{{"CVE-2024-0001", "PYSEC-1", []string{"GHSA-9", "PYSEC-1"}}}},
		{"cve through the record named rather than one that lists its name", "PyPI",
			[]*crowsnest.Advisory{named("PyPI", "PYSEC-1", "GHSA-9"), elsewhere(named("PyPI", "GHSA-9", "CVE-2024-0001")), elsewhere(named("PyPI", "B-1", "CVE-2024-0001", "CVE-2024-0002", "GHSA-9"))},
			[]row{{"CVE-2024-0001", "PYSEC-1", []string{"GHSA-9", "PYSEC-1"}}}},
		{"cve through a record of another release", "Debian:12",
			[]*crowsnest.Advisory{named("Debian:12", "A-1", "B-1"), named("Debian:11", "B-1", "CVE-2024-0001")},
			[]row{{"CVE-2024-0001", "A-1", []string{"A-1", "B-1"}}}},
		{"records of other packages do not matter", "Debian:12",
			[]*crowsnest.Advisory{named("Debian:12", "A-1", "B-1"), {ID: "B-1", Aliases: []string{"CVE-2024-0001"}, Affected: []crowsnest.Affected{affects("Debian:12", "q", eco("0"))}}},
			[]row{{"A-1", "A-1", []string{"B-1"}}}},
		{"cve through two records", "PyPI",
			[]*crowsnest.Advisory{named("PyPI", "A-1", "B-1"), elsewhere(named("PyPI", "B-1", "C-1")), elsewhere(named("PyPI", "C-1", "CVE-2024-0001"))},
			[]row{{"CVE-2024-0001", "A-1", []string{"A-1", "B-1"}}}},
		{"two vulnerabilities stay two", "PyPI", []*crowsnest.Advisory{named("PyPI", "PYSEC-1"), named("PyPI", "PYSEC-2")},
			[]row{{"PYSEC-1", "PYSEC-1", nil}, {"PYSEC-2", "PYSEC-2", nil}}},
		{"conversion with a cve in its id and more by alias", "npm", []*crowsnest.Advisory{named("npm", "CONV-x-CVE-2021-0001", "CVE-2021-0001", "CVE-2021-0002")},
			[]row{{"CVE-2021-0001", "CONV-x-CVE-2021-0001", []string{"CONV-x-CVE-2021-0001"}}, {"CVE-2021-0002", "CONV-x-CVE-2021-0001", []string{"CONV-x-CVE-2021-0001"}}}},
		{"not quite a cve", "npm", []*crowsnest.Advisory{named("npm", "A-1", "CVE-2021-1", "CVE-21-0001", "CVE-2021-000x")},
			[]row{{"A-1", "A-1", []string{"CVE-2021-000x", "CVE-2021-1", "CVE-21-0001"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []row
			deciding := map[string]int{}
			for _, f := range Match(pkg(tt.ecosystem, "p", "1"), tt.candidates).Findings {
				got = append(got, row{f.Vulnerability, f.Advisory, f.Aliases})
				if f.Decides {
					deciding[f.Vulnerability]++
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, r := range tt.want {
				if deciding[r.Vulnerability] != 1 {
					t.Errorf("%d findings decide %s, want 1", deciding[r.Vulnerability], r.Vulnerability)
				}
			}
		})
	}
}

const (
	v4High   = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
	v31Crit  = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	v30Med   = "CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N"
	v2Medium = "AV:N/AC:L/Au:N/C:N/I:N/A:P"
)

func TestSeverity(t *testing.T) {
	vec := func(pairs ...string) (out []crowsnest.SeverityVector) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, crowsnest.SeverityVector{Type: pairs[i], Vector: pairs[i+1]})
		}
		return out
	}
	tests := []struct {
		name    string
		vectors []crowsnest.SeverityVector
		word    string
		want    crowsnest.Severity
		cvss    *crowsnest.CVSS
	}{
		{"v4 before v3", vec("CVSS_V3", v31Crit, "CVSS_V4", v4High), "", crowsnest.High, &crowsnest.CVSS{Version: "4.0", Score: 8.7, Vector: v4High}},
		{"v3.1 before v3.0", vec("CVSS_V3", v30Med, "CVSS_V3", v31Crit), "", crowsnest.Critical, &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: v31Crit}},
		{"v3.0 before v2", vec("CVSS_V2", v2Medium, "CVSS_V3", v30Med), "", crowsnest.Medium, &crowsnest.CVSS{Version: "3.0", Score: 5.9, Vector: v30Med}},
		{"v2", vec("CVSS_V2", v2Medium), "critical", crowsnest.Medium, &crowsnest.CVSS{Version: "2.0", Score: 5, Vector: v2Medium}},
		{"broken v4 falls back to v3", vec("CVSS_V4", "CVSS:4.0/AV:N", "CVSS_V3", v31Crit), "", crowsnest.Critical, &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: v31Crit}},
		{"broken vectors fall back to the word", vec("CVSS_V3", "9.8", "CVSS_V3", "CVSS:3.1/AV:X", "CVSS_V2", "nonsense", "CVSS_V9", v2Medium, "CVSS_V3", ""), "MODERATE", crowsnest.Medium, nil},
		{"word alone", nil, "Important", crowsnest.High, nil},
		{"unknown word", nil, "not yet assigned", crowsnest.Unspecified, nil},
		{"nothing", nil, "", crowsnest.Unspecified, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, cvss := Severity(tt.vectors, tt.word)
			if got != tt.want {
				t.Errorf("severity %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.cvss, cvss); diff != "" {
				t.Errorf("cvss (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMatchDecides(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	type option func(*crowsnest.Advisory)
	with := func(ecosystem, id, fix string, opts ...option) *crowsnest.Advisory {
		a := advisory(id, affects(ecosystem, "p", eco("0", "<"+fix)))
		if fix == "" {
			a = advisory(id, affects(ecosystem, "p", eco("0")))
		}
		a.Aliases = []string{"CVE-2024-0001"}
		for _, o := range opts {
			o(a)
		}
		return a
	}
	vector := func(kind, v string) option {
		return func(a *crowsnest.Advisory) {
			a.Severity = append(a.Severity, crowsnest.SeverityVector{Type: kind, Vector: v})
		}
	}
	word := func(w string) option { return func(a *crowsnest.Advisory) { a.Word = w } }
	entryWord := func(w string) option { return func(a *crowsnest.Advisory) { a.Affected[0].Word = w } }
	entryVector := func(v string) option {
		return func(a *crowsnest.Advisory) {
			a.Affected[0].Severity = []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: v}}
		}
	}
	modified := func(n int) option { return func(a *crowsnest.Advisory) { a.Modified = day(n) } }
	summary := func(s string) option { return func(a *crowsnest.Advisory) { a.Summary = s } }

	tests := []struct {
		name      string
		ecosystem string
		adv       []*crowsnest.Advisory
		want      crowsnest.Finding
	}{
		{"own source before a better score", "Go",
			[]*crowsnest.Advisory{with("Go", "GHSA-1", "2.0.0", vector("CVSS_V4", v4High)), with("Go", "GO-1", "1.9.0", word("low"))},
			crowsnest.Finding{Advisory: "GO-1", Severity: crowsnest.Low, CVSS: &crowsnest.CVSS{Version: "4.0", Score: 8.7, Vector: v4High}, ScoreFrom: "GHSA-1", FixedVersion: "1.9.0"}},
		{"own source borrows what it leaves open", "Go",
			[]*crowsnest.Advisory{with("Go", "GHSA-1", "2.0.0", vector("CVSS_V4", v4High), summary("told")), with("Go", "GO-1", "")},
			crowsnest.Finding{Advisory: "GO-1", Severity: crowsnest.High, CVSS: &crowsnest.CVSS{Version: "4.0", Score: 8.7, Vector: v4High}, ScoreFrom: "GHSA-1", FixedVersion: "2.0.0", Summary: "told"}},
		{"v4 before v3", "Maven",
			[]*crowsnest.Advisory{with("Maven", "A-1", "2", vector("CVSS_V3", v31Crit)), with("Maven", "B-1", "3", vector("CVSS_V4", v4High))},
			crowsnest.Finding{Advisory: "B-1", Severity: crowsnest.High, CVSS: &crowsnest.CVSS{Version: "4.0", Score: 8.7, Vector: v4High}, FixedVersion: "3"}},
		{"v2 before a word", "Maven",
			[]*crowsnest.Advisory{with("Maven", "A-1", "2", word("critical")), with("Maven", "B-1", "3", vector("CVSS_V2", v2Medium))},
			crowsnest.Finding{Advisory: "B-1", Severity: crowsnest.Medium, CVSS: &crowsnest.CVSS{Version: "2.0", Score: 5, Vector: v2Medium}, FixedVersion: "3"}},
		{"word before nothing", "Maven",
			[]*crowsnest.Advisory{with("Maven", "A-1", "2", modified(9)), with("Maven", "B-1", "3", word("high"), modified(1))},
			crowsnest.Finding{Advisory: "B-1", Severity: crowsnest.High, FixedVersion: "3"}},
		{"not by time", "Maven", []*crowsnest.Advisory{with("Maven", "A-1", "2", modified(1)), with("Maven", "B-1", "3", modified(2))}, crowsnest.Finding{Advisory: "A-1", FixedVersion: "2"}},
		{"smallest id at last", "Maven", []*crowsnest.Advisory{with("Maven", "B-1", "3"), with("Maven", "A-1", "2")}, crowsnest.Finding{Advisory: "A-1", FixedVersion: "2"}},
		{"word that says nothing borrows", "Maven",
			[]*crowsnest.Advisory{with("Maven", "A-1", "2", word("unknown"), modified(9)), with("Maven", "B-1", "", vector("CVSS_V3", v31Crit))},
			crowsnest.Finding{Advisory: "B-1", Severity: crowsnest.Critical, CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: v31Crit}, FixedVersion: "2"}},
		{"entry's word before the advisory's", "Debian:12", []*crowsnest.Advisory{with("Debian:12", "DEBIAN-CVE-2024-0001", "2", word("high"), entryWord("unimportant"))},
			crowsnest.Finding{Advisory: "DEBIAN-CVE-2024-0001", Severity: crowsnest.Low, State: crowsnest.StateUnimportant, FixedVersion: "2"}},
		{"distribution's word before the vector of the CVE", "Debian:12", []*crowsnest.Advisory{with("Debian:12", "DEBIAN-CVE-2024-0001", "2", vector("CVSS_V3", v31Crit), entryWord("low"))},
			crowsnest.Finding{Advisory: "DEBIAN-CVE-2024-0001", Severity: crowsnest.Low, CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: v31Crit}, FixedVersion: "2"}},
		{"word in the title of a notice", "AlmaLinux:9", []*crowsnest.Advisory{with("AlmaLinux:9", "ALSA-2024:1", "2-1", summary("Important: p security update"))},
			crowsnest.Finding{Advisory: "ALSA-2024:1", Severity: crowsnest.High, FixedVersion: "2-1", Summary: "Important: p security update"}},
		{"word in the title of a record that is no notice", "npm", []*crowsnest.Advisory{with("npm", "GHSA-1", "2", summary("Critical: all is lost"))},
			crowsnest.Finding{Advisory: "GHSA-1", FixedVersion: "2", Summary: "Critical: all is lost"}},
		{"vector before the word of others", "npm", []*crowsnest.Advisory{with("npm", "GHSA-1", "2", vector("CVSS_V3", v31Crit), word("low"))},
			crowsnest.Finding{Advisory: "GHSA-1", Severity: crowsnest.Critical, CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: v31Crit}, FixedVersion: "2"}},
		{"word borrowed where there is no score", "Go", []*crowsnest.Advisory{with("Go", "GO-1", "2"), with("Go", "GHSA-1", "2", word("high"))},
			crowsnest.Finding{Advisory: "GO-1", Severity: crowsnest.High, ScoreFrom: "GHSA-1", FixedVersion: "2"}},
		{"entry's word that says nothing", "Debian:12", []*crowsnest.Advisory{with("Debian:12", "DEBIAN-CVE-2024-0001", "2", word("high"), entryWord("not yet assigned"))},
			crowsnest.Finding{Advisory: "DEBIAN-CVE-2024-0001", Severity: crowsnest.High, FixedVersion: "2"}},
		{"entry's vector before the advisory's", "Bitnami", []*crowsnest.Advisory{with("Bitnami", "BIT-1", "2", vector("CVSS_V4", v4High), entryVector(v31Crit))},
			crowsnest.Finding{Advisory: "BIT-1", Severity: crowsnest.Critical, CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: v31Crit}, FixedVersion: "2"}},
		{"entry's broken vector", "Bitnami", []*crowsnest.Advisory{with("Bitnami", "BIT-1", "2", vector("CVSS_V4", v4High), entryVector("x"))},
			crowsnest.Finding{Advisory: "BIT-1", Severity: crowsnest.High, CVSS: &crowsnest.CVSS{Version: "4.0", Score: 8.7, Vector: v4High}, FixedVersion: "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []crowsnest.Finding
			for _, f := range Match(pkg(tt.ecosystem, "p", "1"), tt.adv).Findings {
				if f.Decides {
					f.Aliases = nil
					got = append(got, f)
				}
			}
			tt.want.Vulnerability, tt.want.Decides = "CVE-2024-0001", true
			if diff := cmp.Diff([]crowsnest.Finding{tt.want}, got); diff != "" {
				t.Errorf("deciding finding (-want +got):\n%s", diff)
			}
		})
	}
}

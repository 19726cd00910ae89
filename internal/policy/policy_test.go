package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// found is a finding in libssl3.
func found(name string, severity crowsnest.Severity, change ...func(*policy.Finding)) policy.Finding {
	p := &crowsnest.PackageVersion{PURL: "pkg:deb/debian/libssl3@3.0.1", Type: "deb", Name: "libssl3", Version: "3.0.1"}
	f := policy.Finding{Vulnerability: name, Severity: severity, FixedVersion: "3.0.2", Package: p, Sought: p.Sought(), Published: now.Add(-100 * day)}
	for _, c := range change {
		c(&f)
	}
	return f
}

func unfixed(f *policy.Finding)   { f.FixedVersion = "" }
func exploited(f *policy.Finding) { f.Exploited = true }

func published(ago time.Duration) func(*policy.Finding) {
	return func(f *policy.Finding) { f.Published = now.Add(-ago) }
}

func of(typ string) func(*policy.Finding) {
	return func(f *policy.Finding) {
		p := *f.Package
		p.Type = typ
		f.Package, f.Sought = &p, p.Sought()
	}
}

func facts(findings ...policy.Finding) policy.Facts {
	f := policy.Facts{Now: now, KnownExploited: true}
	for _, one := range findings {
		f.Findings = append(f.Findings, &one)
	}
	return f
}

// loaded is a place that saw something loaded: libssl3 or another package.
func loaded(names ...string) crowsnest.Watch {
	w := crowsnest.Watch{Loaded: map[string]bool{}, AsOf: now}
	for _, n := range names {
		w.Loaded[crowsnest.UseKey("deb", n, "3.0.1")] = true
	}
	return w
}

func with(f policy.Facts, change func(*policy.Facts)) policy.Facts {
	change(&f)
	return f
}

type test struct {
	name       string
	parameters string
	facts      policy.Facts
	want       string   // the status
	of         []string // what violations are about, in order
	reason     string   // part of it
	again      time.Time
}

func run(t *testing.T, typ string, tests []test) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule, err := policy.Parse(typ, []byte(tt.parameters))
			if err != nil {
				t.Fatal(err)
			}
			f := tt.facts
			if f.Now.IsZero() {
				f.Now = now
			}
			got := rule.Evaluate(&f)
			f.Count = true
			if n := rule.Evaluate(&f); n.Status != got.Status || n.Reason != got.Reason || !n.Again.Equal(got.Again) || n.Count() != got.Count() || len(n.Violations) > 2 {
				t.Errorf("asked for the number alone it says %+v, and else %+v", n, got)
			}
			var about []string
			for _, v := range got.Violations {
				switch {
				case v.Vulnerability != "":
					about = append(about, v.Vulnerability)
				case v.Package != "":
					about = append(about, v.Package)
				default:
					about = append(about, v.Message)
				}
				if v.Message == "" || v.Remedy == "" || len(v.Says) == 0 || v.Mends == nil {
					t.Errorf("a violation without message or remedy, or their codes: %+v", v)
				}
				if strings.Contains(v.Message+v.Remedy, "{{") || strings.Contains(v.Message+v.Remedy, "  ") {
					t.Errorf("a value is missing in %q or %q", v.Message, v.Remedy)
				}
			}
			if got.Status.String() != tt.want || !cmp.Equal(about, tt.of) {
				t.Errorf("it is %s for %q (%s), want %s for %q", got.Status, about, got.Reason, tt.want, tt.of)
			}
			if len(got.Says) == 0 || strings.Count(got.Reason, "; ")+1 < len(got.Says) {
				t.Errorf("the sentences of %q are %+v", got.Reason, got.Says)
			}
			if got.Reason == "" || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("the reason is %q, want %q in it", got.Reason, tt.reason)
			}
			if !got.Again.Equal(tt.again) {
				t.Errorf("it is to be asked again at %s, want %s", got.Again, tt.again)
			}
		})
	}
}

func TestFixable(t *testing.T) {
	critical, high, medium := found("CVE-1-1", crowsnest.Critical), found("CVE-1-2", crowsnest.High), found("CVE-1-3", crowsnest.Medium)
	run(t, policy.Fixable, []test{
		{name: "nothing found", facts: facts(), want: "compliant"},
		{name: "nothing found, nothing held", facts: with(facts(), func(f *policy.Facts) { f.Missing = []string{"Debian"} }), want: "no-data", reason: "Debian"},
		{name: "found though not all is held", facts: with(facts(high), func(f *policy.Facts) { f.Missing = []string{"Debian"} }), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "the worst first", facts: facts(high, critical), want: "non-compliant", of: []string{"CVE-1-1", "CVE-1-2"}, reason: "2 violations"},
		{name: "below the severities", facts: facts(medium), want: "compliant"},
		{name: "a severity that is given", parameters: `{"severities":["medium"]}`, facts: facts(medium, high), want: "non-compliant", of: []string{"CVE-1-3"}},
		{name: "no fix", facts: facts(found("CVE-1-4", crowsnest.Critical, unfixed)), want: "compliant"},
		{name: "no fix, which does not matter", parameters: `{"fixableOnly":false}`, facts: facts(found("CVE-1-4", crowsnest.Critical, unfixed)), want: "non-compliant", of: []string{"CVE-1-4"}},
		{name: "another type of package", parameters: `{"packageTypes":["npm"]}`, facts: facts(high), want: "compliant"},
		{name: "one of the types of packages", parameters: `{"packageTypes":["npm","deb"]}`, facts: facts(high, found("CVE-1-5", crowsnest.High, of("gem"))), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "a moment younger than the age", parameters: `{"ageDays":30}`, facts: facts(found("CVE-1-6", crowsnest.High, published(30*day-1))), want: "compliant", reason: "younger", again: now.Add(1)},
		{name: "as old as the age", parameters: `{"ageDays":30}`, facts: facts(found("CVE-1-6", crowsnest.High, published(30*day))), want: "non-compliant", of: []string{"CVE-1-6"}},
		{name: "of unknown age", parameters: `{"ageDays":30}`, facts: facts(found("CVE-1-6", crowsnest.High, func(f *policy.Finding) { f.Published = time.Time{} })), want: "non-compliant", of: []string{"CVE-1-6"}},
		{name: "without an age, published today", facts: facts(found("CVE-1-6", crowsnest.High, published(0))), want: "non-compliant", of: []string{"CVE-1-6"}},
		{name: "not seen where that does not count", facts: with(facts(high), func(f *policy.Facts) { f.Watch = loaded("zlib1g"); f.Watch.DiscountNotSeen = true }), want: "compliant"},
		{name: "seen where what is not does not count", facts: with(facts(high), func(f *policy.Facts) { f.Watch = loaded("libssl3"); f.Watch.DiscountNotSeen = true }), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "not seen where that counts", facts: with(facts(high), func(f *policy.Facts) { f.Watch = loaded("zlib1g") }), want: "non-compliant", of: []string{"CVE-1-2"}},
	})
}

func TestHighProfile(t *testing.T) {
	log4j := found("CVE-2021-44228", crowsnest.Unspecified, unfixed)
	used := found("CVE-1-1", crowsnest.Low, exploited)
	run(t, policy.HighProfile, []test{
		{name: "nothing known", facts: facts(found("CVE-1-2", crowsnest.Critical)), want: "compliant"},
		{name: "on the list, whatever its severity and fix", facts: facts(log4j), want: "non-compliant", of: []string{"CVE-2021-44228"}},
		{name: "on the list by another name", facts: facts(found("GHSA-jfh8-c2jp-5v3q", crowsnest.Critical, func(f *policy.Finding) { f.Aliases = []string{"CVE-2021-44228"} })), want: "non-compliant", of: []string{"GHSA-jfh8-c2jp-5v3q"}},
		{name: "not on a list that is given", parameters: `{"cves":["CVE-1-9"]}`, facts: facts(log4j), want: "compliant"},
		{name: "on a list that is given", parameters: `{"cves":["CVE-1-2"]}`, facts: facts(found("CVE-1-2", crowsnest.Low)), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "exploited", facts: facts(used), want: "non-compliant", of: []string{"CVE-1-1"}},
		{name: "exploited, which does not matter", parameters: `{"knownExploited":false}`, facts: facts(used), want: "compliant"},
		{name: "exploited and excluded", parameters: `{"excludedCves":["CVE-1-1"]}`, facts: facts(used), want: "compliant"},
		{name: "listed and excluded", parameters: `{"excludedCves":["CVE-2021-44228"]}`, facts: facts(log4j), want: "compliant"},
		{name: "no catalogue", facts: with(facts(), func(f *policy.Facts) { f.KnownExploited = false }), want: "no-data", reason: "CISA"},
		{name: "no catalogue, which does not matter", parameters: `{"knownExploited":false}`, facts: with(facts(), func(f *policy.Facts) { f.KnownExploited = false }), want: "compliant"},
	})
}

func TestLicences(t *testing.T) {
	under := func(expressions ...string) policy.Facts {
		return policy.Facts{Licences: []policy.Licensed{{PURL: "pkg:npm/left-pad@1.3.0", Licences: expressions}}}
	}
	bad := []string{"pkg:npm/left-pad@1.3.0"}
	run(t, policy.Licences, []test{
		{name: "another licence", facts: under("MIT"), want: "compliant"},
		{name: "none known", facts: policy.Facts{Unlicensed: 2}, want: "compliant", reason: "of 2 no licence is known"},
		{name: "advisories do not matter", facts: policy.Facts{Missing: []string{"npm"}}, want: "compliant"},
		{name: "a listed one", facts: under("AGPL-3.0-only"), want: "non-compliant", of: bad},
		{name: "in another spelling", facts: under("agpl-3.0-ONLY"), want: "non-compliant", of: bad},
		{name: "or later", facts: under("AGPL-3.0+"), want: "non-compliant", of: bad},
		{name: "a name that begins with it", facts: under("AGPL-3.0-only-like"), want: "compliant"},
		{name: "a choice", facts: under("MIT OR AGPL-3.0-only"), want: "compliant"},
		{name: "no choice", facts: under("MIT AND AGPL-3.0-only"), want: "non-compliant", of: bad},
		{name: "no choice among choices", facts: under("(MIT OR Apache-2.0) AND (AGPL-3.0-only OR AGPL-3.0-or-later)"), want: "non-compliant", of: bad},
		{name: "one of several that all hold", facts: under("MIT", "AGPL-3.0-only"), want: "non-compliant", of: bad},
		{name: "with an exception", facts: under("AGPL-3.0-only WITH Font-exception-2.0"), want: "non-compliant", of: bad},
		{name: "a list that is given", parameters: `{"licences":["MIT"]}`, facts: under("MIT"), want: "non-compliant", of: bad},
		{name: "an empty list", parameters: `{"licences":[]}`, facts: under("AGPL-3.0-only"), want: "compliant"},
		{name: "allowed in any version", parameters: `{"allowedPackages":["pkg:npm/left-pad"]}`, facts: under("AGPL-3.0-only"), want: "compliant"},
		{name: "allowed in this version", parameters: `{"allowedPackages":["pkg:npm/left-pad@1.3.0"]}`, facts: under("AGPL-3.0-only"), want: "compliant"},
		{name: "allowed in another version", parameters: `{"allowedPackages":["pkg:npm/left-pad@1.3"]}`, facts: under("AGPL-3.0-only"), want: "non-compliant", of: bad},
		{name: "allowed with a longer name", parameters: `{"allowedPackages":["pkg:npm/left"]}`, facts: under("AGPL-3.0-only"), want: "non-compliant", of: bad},
		{name: "nested without end", facts: under(strings.Repeat("(", 1000) + "MIT"), want: "non-compliant", of: bad},
	})
}

func TestOutdated(t *testing.T) {
	base := func(tags ...policy.BaseTag) policy.Facts {
		return policy.Facts{Base: &crowsnest.Base{Name: "docker.io/library/debian:12", Digest: crowsnest.DigestOf([]byte("old"))}, BaseTags: tags}
	}
	same := policy.BaseTag{Reference: "docker.io/library/debian:12", Current: true, Names: crowsnest.DigestOf([]byte("old"))}
	moved := policy.BaseTag{Reference: "docker.io/library/debian:bookworm", Names: crowsnest.DigestOf([]byte("new"))}
	run(t, policy.Outdated, []test{
		{name: "no base known", want: "no-data", reason: "provenance", again: now.Add(day)},
		{name: "a base without a digest", facts: policy.Facts{Base: &crowsnest.Base{Name: "docker.io/library/debian:12"}}, want: "no-data", reason: "debian:12"},
		{name: "a tag nobody knows", facts: base(), want: "no-data", reason: "registry"},
		{name: "the tag names it", facts: base(same), want: "compliant"},
		{name: "the tag names another", facts: base(moved), want: "non-compliant", of: []string{"it is built on " + crowsnest.DigestOf([]byte("old")).Short() + " of docker.io/library/debian:12, which is another image now"}},
		{name: "all of several tags name another", facts: base(moved, moved), want: "non-compliant", of: []string{"it is built on " + crowsnest.DigestOf([]byte("old")).Short() + " of docker.io/library/debian:12, which is another image now"}},
		{name: "one of several tags names another", facts: base(same, moved), want: "no-data", reason: "several tags"},
	})
}

func TestApproved(t *testing.T) {
	on := func(name, id, version string) policy.Facts {
		f := policy.Facts{Distribution: crowsnest.Distribution{ID: id, VersionID: version}}
		if name != "" {
			f.Base = &crowsnest.Base{Name: name}
		}
		return f
	}
	debian := "docker.io/library/debian:12"
	last := time.Date(2028, 6, 30, 0, 0, 0, 0, time.UTC) // of Debian 12
	at := func(f policy.Facts, at time.Time) policy.Facts { f.Now = at; return f }
	run(t, policy.Approved, []test{
		{name: "any base", facts: on(debian, "debian", "12"), want: "compliant", again: last.Add(day)},
		{name: "no base known", facts: on("", "debian", "12"), want: "no-data", reason: "provenance", again: now.Add(day)},
		{name: "fits", parameters: `{"patterns":["docker.io/library/*:12"]}`, facts: on(debian, "debian", "12"), want: "compliant", again: last.Add(day)},
		{name: "a * ends at the next literal", parameters: `{"patterns":["docker.io/library/*:12"]}`, facts: on("docker.io/library/debian:12-slim", "debian", "12"), want: "non-compliant", of: []string{"its base image docker.io/library/debian:12-slim fits none of the patterns"}, again: last.Add(day)},
		{name: "a * at the end", parameters: `{"patterns":["docker.io/library/*"]}`, facts: on("docker.io/library/debian:12-slim", "debian", "12"), want: "compliant", again: last.Add(day)},
		{name: "fits another one", parameters: `{"patterns":["ghcr.io/*","docker.io/library/debian:12"]}`, facts: on(debian, "debian", "12"), want: "compliant", again: last.Add(day)},
		{name: "without the registry", parameters: `{"patterns":["debian:*"]}`, facts: on(debian, "debian", "12"), want: "non-compliant", of: []string{"its base image docker.io/library/debian:12 fits none of the patterns"}, again: last.Add(day)},
		{name: "the last day of the release", facts: at(on(debian, "debian", "12"), last.Add(day-1)), want: "compliant", again: last.Add(day)},
		{name: "the day after", facts: at(on(debian, "debian", "12"), last.Add(day)), want: "non-compliant", of: []string{"debian 12 is not fixed any more since 2028-06-30"}},
		{name: "the day after, which does not matter", parameters: `{"supportedDistributions":false}`, facts: at(on(debian, "debian", "12"), last.Add(day)), want: "compliant"},
		{name: "an old release on an unknown base", facts: on("", "debian", "9"), want: "non-compliant", of: []string{"debian 9 is not fixed any more since 2022-06-30"}, again: now.Add(day)},
		{name: "a release that is not known", facts: on(debian, "debian", "99"), want: "no-data", reason: "debian 99"},
		{name: "no distribution", facts: on(debian, "", ""), want: "no-data", reason: "distribution"},
		{name: "no distribution, which does not matter", parameters: `{"supportedDistributions":false}`, facts: on(debian, "", ""), want: "compliant"},
	})
}

func TestAttested(t *testing.T) {
	has := func(a policy.Attestations) policy.Facts { return policy.Facts{Attestations: &a} }
	const noSBOM, none, part = "it has no SBOM attested", "it has no provenance attested", "its provenance tells only a part of the build"
	run(t, policy.Attested, []test{
		{name: "never looked for", want: "no-data", reason: "never looked for"},
		{name: "both", facts: has(policy.Attestations{SBOM: true, Provenance: true, Full: true}), want: "compliant"},
		{name: "neither", facts: has(policy.Attestations{}), want: "non-compliant", of: []string{noSBOM, none}},
		{name: "no SBOM", facts: has(policy.Attestations{Provenance: true, Full: true}), want: "non-compliant", of: []string{noSBOM}, reason: noSBOM},
		{name: "no provenance", facts: has(policy.Attestations{SBOM: true}), want: "non-compliant", of: []string{none}},
		{name: "provenance of mode min", facts: has(policy.Attestations{SBOM: true, Provenance: true}), want: "non-compliant", of: []string{part}},
		{name: "provenance of a mode that was not asked for", facts: has(policy.Attestations{SBOM: true, Provenance: true, Unclear: true}), want: "no-data", reason: "analysed again"},
		{name: "one that could not be read", facts: has(policy.Attestations{SBOM: true, Unread: 1}), want: "non-compliant", of: []string{none + "; one attestation could not be read"}},
	})
}

func TestNonRoot(t *testing.T) {
	as := func(user string) policy.Facts { return policy.Facts{User: user} }
	const implicit = "it names no user, and so runs as root"
	explicit := func(user string) []string { return []string{"it says that it runs as root: " + user} }
	run(t, policy.NonRoot, []test{
		{name: "none", facts: as(""), want: "non-compliant", of: []string{implicit}, reason: implicit},
		{name: "only a group", facts: as(":1000"), want: "non-compliant", of: []string{implicit}},
		{name: "root", facts: as("root"), want: "non-compliant", of: explicit("root")},
		{name: "root with a group", facts: as("root:app"), want: "non-compliant", of: explicit("root:app")},
		{name: "zero", facts: as("0"), want: "non-compliant", of: explicit("0")},
		{name: "zero with a group", facts: as("0:1000"), want: "non-compliant", of: explicit("0:1000")},
		{name: "zeros", facts: as("000"), want: "non-compliant", of: explicit("000")},
		{name: "a number", facts: as("1"), want: "compliant", reason: "1"},
		{name: "in the group of root", facts: as("1000:0"), want: "compliant"},
		{name: "a name", facts: as("rooty"), want: "compliant", reason: "rooty"},
	})
}

func TestInUse(t *testing.T) {
	high, medium := found("CVE-1-2", crowsnest.High), found("CVE-1-3", crowsnest.Medium)
	place := func(w crowsnest.Watch, findings ...policy.Finding) policy.Facts {
		return with(facts(findings...), func(f *policy.Facts) { f.Watch, f.Runs = w, true })
	}
	stale := loaded("zlib1g")
	stale.Stale = true
	tomorrow := now.Add(day)
	run(t, policy.InUse, []test{
		{name: "loaded", facts: place(loaded("libssl3"), high), want: "non-compliant", of: []string{"CVE-1-2"}, again: tomorrow},
		{name: "not seen", facts: place(loaded("zlib1g"), high), want: "compliant", again: tomorrow},
		{name: "not observed", facts: place(crowsnest.Watch{}, high), want: "no-data", reason: "nothing observes"},
		{name: "of a type that cannot be observed", facts: place(loaded("zlib1g"), found("CVE-1-2", crowsnest.High, of("generic"))), want: "no-data", reason: "nothing observes", again: tomorrow},
		{name: "seen too long ago", facts: place(stale, high), want: "no-data", reason: "nothing observes"},
		{name: "runs nowhere", facts: facts(high), want: "no-data", reason: "runs nowhere"},
		{name: "below the severities", facts: place(loaded("libssl3"), medium), want: "compliant", again: tomorrow},
		{name: "a severity that is given", parameters: `{"severities":["medium"]}`, facts: place(loaded("libssl3"), medium, high), want: "non-compliant", of: []string{"CVE-1-3"}, again: tomorrow},
		{name: "no fix", facts: place(loaded("libssl3"), found("CVE-1-4", crowsnest.High, unfixed)), want: "non-compliant", of: []string{"CVE-1-4"}, again: tomorrow},
		{name: "no fix, which does not count", parameters: `{"fixableOnly":true}`, facts: place(loaded("libssl3"), found("CVE-1-4", crowsnest.High, unfixed)), want: "compliant", again: tomorrow},
		{name: "nothing found, not observed", facts: place(crowsnest.Watch{}), want: "compliant"},
		{name: "nothing found, nothing held", facts: with(place(crowsnest.Watch{}), func(f *policy.Facts) { f.Missing = []string{"Debian"} }), want: "no-data", reason: "Debian"},
	})
}

func TestOverdue(t *testing.T) {
	place := func(due time.Time, findings ...policy.Finding) policy.Facts {
		return with(facts(findings...), func(f *policy.Facts) { f.Runs, f.Due = true, map[string]time.Time{"CVE-1-2": due} })
	}
	high := found("CVE-1-2", crowsnest.High)
	run(t, policy.Overdue, []test{
		{name: "at its time", facts: place(now, high), want: "compliant", again: now.Add(time.Microsecond)},
		{name: "a moment later", facts: place(now.Add(-time.Microsecond), high), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "within the days of grace", parameters: `{"graceDays":2}`, facts: place(now.Add(-2*day), high), want: "compliant", again: now.Add(time.Microsecond)},
		{name: "after the days of grace", parameters: `{"graceDays":2}`, facts: place(now.Add(-2*day-time.Microsecond), high), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "without a target", facts: place(now.Add(-day), found("CVE-1-9", crowsnest.High)), want: "compliant"},
		{name: "not one of the severities", facts: place(now.Add(-day), found("CVE-1-2", crowsnest.Unspecified)), want: "compliant"},
		{name: "a severity that is given", parameters: `{"severities":["unspecified"]}`, facts: place(now.Add(-day), found("CVE-1-2", crowsnest.Unspecified)), want: "non-compliant", of: []string{"CVE-1-2"}},
		{name: "runs nowhere", facts: facts(high), want: "no-data", reason: "runs nowhere"},
	})
}

// builtIn are the types that need no text.
func builtIn() []policy.Type {
	return slices.DeleteFunc(policy.Types(), func(t policy.Type) bool { return t.ID == policy.Custom })
}

func TestParameters(t *testing.T) {
	for _, typ := range builtIn() {
		rule, err := policy.Parse(typ.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := policy.Parse(typ.ID, rule.Parameters())
		if err != nil || string(again.Parameters()) != string(rule.Parameters()) || string(typ.Default().Parameters()) != string(rule.Parameters()) {
			t.Errorf("%s: its defaults %s are read as %s, %v", typ.ID, rule.Parameters(), again.Parameters(), err)
		}
		if _, err := policy.Parse(typ.ID, []byte(`{"severitys":["high"]}`)); crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(fmt.Sprint(err), "severitys") {
			t.Errorf("%s: a parameter it does not have: %v", typ.ID, err)
		}
	}
	for _, typ := range builtIn() {
		var held map[string]json.RawMessage
		if err := json.Unmarshal(typ.Default().Parameters(), &held); err != nil {
			t.Fatal(err)
		}
		described := typ.Describe()
		if len(described) != len(held) {
			t.Errorf("%s has the parameters %s, and described are %+v", typ.ID, typ.Default().Parameters(), described)
		}
		for _, p := range described {
			good, bad := map[string]string{
				policy.SeveritiesKind: `["low"]`, policy.FlagKind: `true`, policy.DaysKind: fmt.Sprint(p.Most), policy.TextsKind: `["` + p.Example + `"]`,
			}[p.Kind], `{}`
			switch {
			case p.Kind == policy.DaysKind:
				bad = fmt.Sprint(p.Most + 1)
			case p.Kind == policy.TextsKind:
				bad = `["` + strings.Repeat("a", p.Longest+1) + `"]`
			case p.Least > 0:
				bad = `[]`
			}
			if _, ok := held[p.Name]; !ok || p.Description == "" {
				t.Errorf("%s: described is %+v", typ.ID, p)
			}
			if _, err := policy.Parse(typ.ID, []byte(`{"`+p.Name+`":`+good+`}`)); err != nil {
				t.Errorf("%s: %s cannot be %s: %v", typ.ID, p.Name, good, err)
			}
			_, err := policy.Parse(typ.ID, []byte(`{"`+p.Name+`":`+bad+`}`))
			if own, ok := err.(*crowsnest.Error); !ok || own.Field != "parameters."+p.Name {
				t.Errorf("%s: %s can be %.40s, or the error does not name it: %+v", typ.ID, p.Name, bad, err)
			}
		}
	}
	long := `["` + strings.Repeat(`deb","`, 501) + `x"]`
	for name, tt := range map[string]struct{ typ, parameters, want string }{
		"no type":             {"no-such", ``, "policy-types"},
		"no object":           {policy.Fixable, `[]`, "object"},
		"no JSON":             {policy.Fixable, `{`, "object"},
		"more than one":       {policy.Fixable, `{}{}`, "follows"},
		"no severity":         {policy.Fixable, `{"severities":[]}`, "at least one"},
		"a wrong severity":    {policy.Fixable, `{"severities":["bad"]}`, "critical"},
		"negative age":        {policy.Fixable, `{"ageDays":-1}`, "ageDays"},
		"an age too high":     {policy.Fixable, `{"ageDays":3651}`, "3650"},
		"a text for a number": {policy.Fixable, `{"ageDays":"1"}`, "ageDays"},
		"many types":          {policy.Fixable, `{"packageTypes":` + long + `}`, "at most 500"},
		"no type of package":  {policy.Fixable, `{"packageTypes":["De b"]}`, "deb or npm"},
		"no name of a CVE":    {policy.HighProfile, `{"cves":["heartbleed"]}`, "CVE-2021-44228"},
		"no licence":          {policy.Licences, `{"licences":["MIT OR GPL"]}`, "SPDX"},
		"no package URL":      {policy.Licences, `{"allowedPackages":["left-pad"]}`, "pkg:npm"},
		"no pattern":          {policy.Approved, `{"patterns":[]}`, "at least one"},
		"a wrong pattern":     {policy.Approved, `{"patterns":["https://x y"]}`, "docker.io/library"},
		"negative grace":      {policy.Overdue, `{"graceDays":-1}`, "graceDays"},
		"too long":            {policy.HighProfile, `{"cves":["` + strings.Repeat("a", policy.MaxParameters) + `"]}`, "too long"},
	} {
		if _, err := policy.Parse(tt.typ, []byte(tt.parameters)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q in it", name, err, tt.want)
		}
	}
	if _, err := policy.Parse(policy.Fixable, []byte(`{"ageDays":3650}`)); err != nil {
		t.Error(err)
	}
}

func TestScore(t *testing.T) {
	answers := func(got, of int) []policy.Weighed {
		return []policy.Weighed{{Weight: got, Status: crowsnest.Compliant}, {Weight: of - got, Status: crowsnest.NonCompliant}, {Weight: 0, Status: crowsnest.NonCompliant}}
	}
	for _, tt := range []struct {
		got, of int
		grade   string
		percent int
	}{
		{100, 100, "A", 100}, {91, 100, "A", 91}, {901, 1000, "A", 90}, {90, 100, "B", 90}, {71, 100, "B", 71}, {70, 100, "C", 70}, {51, 100, "C", 51}, {50, 100, "D", 50},
		{31, 100, "D", 31}, {30, 100, "E", 30}, {11, 100, "E", 11}, {10, 100, "F", 10}, {0, 100, "F", 0},
		{65, 90, "B", 72}, {45, 90, "D", 50}, {25, 90, "E", 28},
	} {
		s, ok := policy.Rate(answers(tt.got, tt.of))
		if !ok || s.Grade != tt.grade || s.Percent() != tt.percent {
			t.Errorf("%d of %d is %s with %d%%, want %s with %d%%", tt.got, tt.of, s.Grade, s.Percent(), tt.grade, tt.percent)
		}
	}
	if s, _ := policy.Rate([]policy.Weighed{{Weight: 20, Status: crowsnest.Compliant}, {Weight: 20, Status: crowsnest.NoData}}); s.Percent() != 50 || s.Counts != 2 {
		t.Errorf("what is not known counts as if it were met: %+v", s)
	}
	if s, ok := policy.Rate([]policy.Weighed{{Weight: 0, Status: crowsnest.Compliant}}); ok {
		t.Errorf("nothing counts, and yet the grade is %s", s.Grade)
	}
	total := 0
	for _, typ := range builtIn() {
		total += typ.Weight
	}
	if total != 90 {
		t.Errorf("the weights of all types are %d", total)
	}
}

// Whatever an expression looks like, reading it ends.
func FuzzLicences(f *testing.F) {
	f.Add("MIT OR (AGPL-3.0-only AND BSD-3-Clause WITH x)")
	f.Add(")) OR AND WITH ((")
	rule, err := policy.Parse(policy.Licences, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		got := rule.Evaluate(&policy.Facts{Licences: []policy.Licensed{{PURL: "pkg:npm/a@1", Licences: []string{expression}}}})
		if got.Status != crowsnest.Compliant && !strings.Contains(strings.ToUpper(expression), "AGPL-3.0") && strings.Count(expression, "(") <= 32 {
			t.Errorf("%q is said to have a listed licence", expression)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(policy.Fixable, []byte(`{"severities":["high"],"ageDays":3}`))
	f.Add(policy.Licences, []byte(`{"licences":["MIT"],"allowedPackages":["pkg:npm/a"]}`))
	f.Fuzz(func(t *testing.T, typ string, parameters []byte) {
		rule, err := policy.Parse(typ, parameters)
		if err != nil {
			return
		}
		again, err := policy.Parse(typ, rule.Parameters())
		if err != nil || string(again.Parameters()) != string(rule.Parameters()) {
			t.Errorf("%s is read again as %s, %v", rule.Parameters(), again.Parameters(), err)
		}
	})
}

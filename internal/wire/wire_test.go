package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
)

func pretty(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Programs read these two reports; a field that is renamed or left out breaks them.
func TestReportOfCVEsIsAContract(t *testing.T) {
	rows := []store.FindingRow{
		{
			Finding: crowsnest.Finding{
				Vulnerability: "CVE-2099-0001", Advisory: "DEBIAN-CVE-2099-0001", Aliases: []string{"DEBIAN-CVE-2099-0001"}, Severity: crowsnest.Critical,
				CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: "CVSS:3.1/AV:N"}, FixedVersion: "2.36-10", Decides: true,
				ScoreFrom: "CVE-2099-0001", State: crowsnest.StateIgnored,
			},
			Update:  crowsnest.Update{Version: "2.36-11", Leaves: 3},
			Package: crowsnest.PackageVersion{PURL: "pkg:deb/debian/libc6@2.36-9", Type: "deb", Name: "libc6", Version: "2.36-9", Source: "glibc", SourceVersion: "2.36", Ecosystem: "Debian:12"},
			InUse:   crowsnest.Loaded,
			Threat: crowsnest.Threat{
				Exploited: &crowsnest.Exploited{
					CVE: "CVE-2099-0001", Vendor: "GNU", Product: "glibc", Name: "A flaw", Action: "Update", Ransomware: true,
					Added: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), Due: time.Date(2026, 3, 25, 0, 0, 0, 0, time.UTC),
				},
				EPSS: &crowsnest.EPSS{CVE: "CVE-2099-0001", Score: 0.94358, Percentile: 0.9996},
			},
		},
		{Finding: crowsnest.Finding{Vulnerability: "GHSA-x"}, Package: crowsnest.PackageVersion{PURL: "pkg:npm/a@1", Type: "npm", Name: "a", Version: "1"}, InUse: crowsnest.NotSeen},
	}
	target := NewTarget(store.ImageRow{Name: "web:1", Digest: "sha256:d", ImageID: "sha256:c", Platform: crowsnest.DefaultPlatform})
	const want = `{
 "image": {
  "name": "web:1",
  "digest": "sha256:d",
  "imageId": "sha256:c",
  "platform": "linux/amd64"
 },
 "summary": {
  "critical": 1,
  "high": 0,
  "medium": 0,
  "low": 0,
  "unspecified": 1
 },
 "findings": [
  {
   "id": "CVE-2099-0001",
   "aliases": [
    "DEBIAN-CVE-2099-0001"
   ],
   "package": {
    "purl": "pkg:deb/debian/libc6@2.36-9",
    "name": "libc6",
    "version": "2.36-9",
    "type": "deb",
    "source": "glibc"
   },
   "severity": "critical",
   "cvss": {
    "version": "3.1",
    "score": 9.8,
    "vector": "CVSS:3.1/AV:N"
   },
   "fixedVersion": "2.36-10",
   "inUse": "in-use",
   "kev": {
    "added": "2026-03-04",
    "due": "2026-03-25",
    "ransomware": true,
    "vendor": "GNU",
    "product": "glibc",
    "name": "A flaw",
    "action": "Update"
   },
   "epss": {
    "score": 0.94358,
    "percentile": 0.9996
   },
   "fixStep": "package",
   "scoreFrom": "CVE-2099-0001",
   "state": "ignored"
  },
  {
   "id": "GHSA-x",
   "aliases": [],
   "package": {
    "purl": "pkg:npm/a@1",
    "name": "a",
    "version": "1",
    "type": "npm",
    "source": ""
   },
   "severity": "unspecified",
   "cvss": null,
   "fixedVersion": null,
   "inUse": "not-seen",
   "kev": null,
   "epss": null
  }
 ],
 "notAffected": [],
 "suppressed": [],
 "problems": [
  {
   "layer": "sha256:l",
   "path": "var/lib/dpkg/status",
   "reason": "it is damaged"
  }
 ],
 "missingAdvisories": [
  {
   "ecosystem": "npm",
   "type": "npm",
   "packages": 3
  }
 ],
 "staleAdvisories": [
  {
   "ecosystem": "Debian",
   "checked": "2026-03-01T00:00:00Z",
   "stale": true
  }
 ],
 "kevAsOf": "2026-03-04T00:00:00Z",
 "epssAsOf": "2026-03-05T00:00:00Z",
 "updates": [
  {
   "package": {
    "purl": "pkg:deb/debian/libc6@2.36-9",
    "name": "libc6",
    "version": "2.36-9",
    "type": "deb",
    "source": "glibc"
   },
   "version": "2.36-11",
   "step": "package",
   "leaves": 3
  }
 ]
}`
	report := NewCVEs(target, rows, store.Omissions{
		Problems:          []crowsnest.Problem{{Layer: "sha256:l", Path: "var/lib/dpkg/status", Reason: "it is damaged"}},
		Advisories:        []store.AdvisoryAge{{Ecosystem: "Debian", Checked: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, {Ecosystem: "Go", Checked: time.Now()}},
		ThreatData:        store.ThreatData{KEV: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), EPSS: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
		MissingAdvisories: []store.MissingAdvisories{{Ecosystem: "npm", Type: "npm", Packages: 3}},
	})
	if diff := cmp.Diff(want, pretty(t, report)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var back CVEs
	if err := json.Unmarshal([]byte(want), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if got := pretty(t, NewCVEs(target, nil, store.Omissions{})); !strings.Contains(got, `"findings": []`) || !strings.Contains(got, `"problems": []`) {
		t.Errorf("no findings are %s", got)
	}
}

func TestEnvironmentIsAContract(t *testing.T) {
	e := Environment{
		Name: "production", Coverage: crowsnest.Coverage{Running: 4, Analysed: 1, NotAnalysed: 1, Failed: 1, Unresolved: 1},
		Images: Each([]store.RunningImage{{
			ImageRow:  store.ImageRow{Name: "web:1", Digest: "sha256:d", ImageID: "sha256:c", Summary: crowsnest.Summary{High: 2}, Problems: 3},
			Workloads: []crowsnest.Workload{{Integration: "eu", Cluster: "eu", Namespace: "shop", Kind: "deployment", Name: "web", Container: "main"}},
			InUse:     running.Split{Loaded: crowsnest.Summary{High: 1}, NotSeen: crowsnest.Summary{High: 1}},
		}}, NewRunningImage),
	}
	const want = `{
 "name": "production",
 "images": [
  {
   "name": "web:1",
   "digest": "sha256:d",
   "imageId": "sha256:c",
   "workloads": [
    {
     "integration": "eu",
     "cluster": "eu",
     "namespace": "shop",
     "kind": "deployment",
     "name": "web",
     "container": "main"
    }
   ],
   "summary": {
    "critical": 0,
    "high": 2,
    "medium": 0,
    "low": 0,
    "unspecified": 0
   },
   "suppressed": {
    "critical": 0,
    "high": 0,
    "medium": 0,
    "low": 0,
    "unspecified": 0
   },
   "problemCount": 3,
   "warnings": [],
   "inUse": {
    "in-use": {
     "critical": 0,
     "high": 1,
     "medium": 0,
     "low": 0,
     "unspecified": 0
    },
    "not-seen": {
     "critical": 0,
     "high": 1,
     "medium": 0,
     "low": 0,
     "unspecified": 0
    },
    "not-observed": {
     "critical": 0,
     "high": 0,
     "medium": 0,
     "low": 0,
     "unspecified": 0
    }
   }
  }
 ],
 "coverage": {
  "running": 4,
  "analysed": 1,
  "notAnalysed": 1,
  "failed": 1,
  "unresolved": 1
 }
}`
	if diff := cmp.Diff(want, pretty(t, e)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Programs that walk a list need no case for one that is missing.
func TestListsAreNeverNull(t *testing.T) {
	threat := crowsnest.Threat{Exploited: &crowsnest.Exploited{}, EPSS: &crowsnest.EPSS{}} // which may be null
	for name, v := range map[string]any{
		"image":               NewImage(store.ImageRow{}),
		"page":                PageOf(store.List[store.ImageRow]{}, NewImage),
		"sbom":                NewSBOM(store.ImageRow{}, nil, nil),
		"finding":             NewFinding(store.FindingRow{}).Aliases,
		"running image":       NewRunningImage(store.RunningImage{}),
		"environment summary": NewEnvironmentSummary(store.EnvironmentRow{}),
		"gap":                 NewGap(store.Gap{}),
		"vulnerability":       NewVulnerability(store.VulnerabilityRow{Threat: threat}),
	} {
		if got := pretty(t, v); strings.Contains(got, "null") || !strings.Contains(got, "[]") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestCursorsAreHandedOn(t *testing.T) {
	page := PageOf(store.List[store.ImageRow]{Items: []store.ImageRow{{Name: "a"}, {Name: "b"}}, Next: "x"}, NewImage)
	if page.Next != "x" || len(page.Items) != 2 || page.Items[1].Name != "b" {
		t.Errorf("got %+v", page)
	}
	if got := pretty(t, Page[Gap]{Items: []Gap{}}); strings.Contains(got, "next") {
		t.Errorf("the last page has a next one: %s", got)
	}
}

func TestStatesOfIntegrations(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		status store.IntegrationStatus
		state  string
		ended  bool
	}{
		"new":                      {store.IntegrationStatus{}, "pending", false},
		"first sweep under way":    {store.IntegrationStatus{LastAttempt: at(1)}, "pending", false},
		"complete":                 {store.IntegrationStatus{LastAttempt: at(1), LastEnd: at(2), LastComplete: at(2)}, "connected", true},
		"ended when it began":      {store.IntegrationStatus{LastAttempt: at(1), LastEnd: at(1), LastComplete: at(1)}, "connected", true},
		"next sweep under way":     {store.IntegrationStatus{LastAttempt: at(3), LastEnd: at(2), LastComplete: at(2)}, "connected", false},
		"failed after a complete":  {store.IntegrationStatus{LastAttempt: at(3), LastEnd: at(4), LastComplete: at(2), FailingSince: at(4)}, "degraded", true},
		"never complete":           {store.IntegrationStatus{LastAttempt: at(3), LastEnd: at(4), FailingSince: at(4)}, "failing", true},
		"tried again, not through": {store.IntegrationStatus{LastAttempt: at(5), LastEnd: at(4), FailingSince: at(4)}, "failing", false},
	} {
		got := NewIntegration(store.Integration{Status: c.status})
		if got.State != c.state || got.Ended() != c.ended {
			t.Errorf("%s: %s, ended %t, want %s, %t", name, got.State, got.Ended(), c.state, c.ended)
		}
	}
}

// Whatever fields an integration gets, its secret is in none that leaves the server.
func TestSecretsStayIn(t *testing.T) {
	in := store.Integration{Name: "eu", Secret: []byte("sealed-secret"), APISecret: []byte("sealed-second"), Interval: 90 * time.Second}
	got := pretty(t, NewIntegration(in))
	if strings.Contains(got, "c2VhbGVk") || strings.Contains(got, "sealed") || !strings.Contains(got, `"interval": "1m30s"`) {
		t.Errorf("got %s", got)
	}
	for f := range fields(reflect.TypeFor[Integration]()) {
		if strings.Contains(strings.ToLower(f), "token") || strings.Contains(strings.ToLower(f), "secret") {
			t.Errorf("an integration has the field %s", f)
		}
	}
}

func fields(t reflect.Type) map[string]bool {
	out := map[string]bool{}
	for i := range t.NumField() {
		out[t.Field(i).Name] = true
	}
	return out
}

func TestOccurrencesAreOpenOrClosed(t *testing.T) {
	opened, closed := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	open := NewOccurrence(running.Occurrence{Occurrence: crowsnest.Occurrence{Opened: opened}})
	if open.Closed != nil || !strings.Contains(pretty(t, open), `"closed": null`) {
		t.Errorf("open: %s", pretty(t, open))
	}
	gone := NewOccurrence(running.Occurrence{Occurrence: crowsnest.Occurrence{Opened: opened, Closed: closed, Workload: crowsnest.Workload{Name: "web"}}})
	if gone.Closed == nil || !gone.Closed.Equal(closed) || !strings.Contains(pretty(t, gone), `"name": "web"`) {
		t.Errorf("closed: %s", pretty(t, gone))
	}
}

// Times that are not known are left out; the year 1 would look like a date.
func TestUnknownTimesAreLeftOut(t *testing.T) {
	for name, v := range map[string]any{
		"environment": NewEnvironmentSummary(store.EnvironmentRow{}),
		"analysis":    Analysis{Created: time.Unix(1, 0)},
		"integration": Integration{NextSweep: time.Unix(1, 0)},
		"advisories":  AdvisoryStatus{Imported: time.Unix(1, 0), Checked: time.Unix(1, 0)},
	} {
		if got := pretty(t, v); strings.Contains(got, "0001-01-01") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The end of a release is told by the day that its makers name, and not told where none is known.
func TestEndOfLife(t *testing.T) {
	debian := crowsnest.Distribution{ID: "debian", VersionID: "10", Name: "Debian 10"}
	for at, past := range map[time.Time]bool{
		time.Date(2024, 6, 30, 12, 0, 0, 0, time.UTC): false,
		time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC):   true,
	} {
		want := &EndOfLife{Day: "2024-06-30", Past: past, Source: "https://wiki.debian.org/LTS"}
		if diff := cmp.Diff(want, newEndOfLife(debian, at)); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", at, diff)
		}
	}
	if img := NewImage(store.ImageRow{Release: debian}); img.EndOfLife == nil || !img.EndOfLife.Past {
		t.Errorf("an image of Debian 10 has the end %+v", img.EndOfLife)
	}
	if img := NewImage(store.ImageRow{Release: crowsnest.Distribution{ID: "wolfi", VersionID: "20230201"}}); img.EndOfLife != nil {
		t.Errorf("an image of what has no releases has the end %+v", img.EndOfLife)
	}
}

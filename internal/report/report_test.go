package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/report/narrow"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/reason"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return now.Add(-d) }

func text(s string) *string { return &s }

// Samples of everything that is printed.
var (
	webDigest    = crowsnest.DigestOf([]byte("web"))
	workerDigest = crowsnest.DigestOf([]byte("worker"))
	lostDigest   = crowsnest.DigestOf([]byte("lost"))

	web = wire.Image{
		Name: "registry.example.com/shop/web:1.0", Digest: webDigest, Platform: "linux/amd64", Distribution: "Debian GNU/Linux 12 (bookworm)", Size: 41_234_567,
		Packages: 97, State: "analysed", Summary: crowsnest.Summary{Critical: 1, High: 12, Low: 3, Unspecified: 1}, Environments: []string{"production", "staging"},
	}
	images = []wire.Image{
		web,
		{Name: "registry.example.com/shop/worker:1.0", Digest: workerDigest, Platform: "linux/arm64", State: "found"},
		{Name: "registry.example.com/shop/broken:1.0", Digest: lostDigest, State: "failed", Reason: "read layer 2 of 3: corrupt (push the image again)"},
	}

	target = wire.Target{Name: web.Name, Digest: web.Digest, Platform: web.Platform}
	libc   = wire.FindingPackage{PURL: "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12", Name: "libc6", Version: "2.36-9", Type: "deb", Source: "glibc"}
	pad    = wire.FindingPackage{PURL: "pkg:npm/left-pad@1.0.0", Name: "left-pad", Version: "1.0.0", Type: "npm"}
	cves   = wire.CVEs{
		Image:   target,
		Summary: crowsnest.Summary{Critical: 1, Medium: 1, Unspecified: 1},
		Findings: []wire.Finding{
			{ID: "CVE-2099-0001", Package: libc, Severity: crowsnest.Critical, CVSS: &crowsnest.CVSS{Version: "3.1", Score: 9.8}, FixedVersion: text("2.36-10"), InUse: crowsnest.Loaded, Threat: wire.Threat{
				KEV: &wire.KEV{Added: "2026-02-01", Due: "2026-02-22", Ransomware: true}, EPSS: &wire.EPSS{Score: 0.94358, Percentile: 0.9996},
			}},
			{ID: "GHSA-2222-2222-2222", Package: pad, Severity: crowsnest.Medium, CVSS: &crowsnest.CVSS{Version: "4.0", Score: 5}, FixedVersion: text("1.0.1"), InUse: crowsnest.NotSeen, Threat: wire.Threat{EPSS: &wire.EPSS{Score: 0.00043}}},
			{ID: "CVE-2099-0002", Package: libc, InUse: crowsnest.NotObserved},
		},
	}
	damaged = []crowsnest.Problem{
		{Layer: lostDigest, Path: "var/lib/dpkg/status", Reason: "os/dpkg: it is damaged"}, {Reason: "2 more files could not be read"},
		{Path: "a/package.json", Reason: "cut off"}, {Path: "b/package.json", Reason: "cut off"}, {Path: "c/package.json", Reason: "cut off"}, {Path: "d/package.json", Reason: "cut off"},
		{Path: "e/package.json", Reason: "cut off"},
	}

	unobserved = wire.CVEs{Image: target, Summary: crowsnest.Summary{Low: 1}, Findings: []wire.Finding{{ID: "CVE-2099-0003", Package: pad, Severity: crowsnest.Low}}}
	clean0     = wire.CVEs{Image: target, Findings: []wire.Finding{}}

	sbom = wire.SBOM{Image: target, Distribution: "debian 12", Packages: []crowsnest.Package{
		{PackageVersion: crowsnest.PackageVersion{Name: "libc6", Version: "2.36-9", Type: "deb"}, Licences: []string{"LGPL-2.1-or-later", "GPL-2.0-only"}},
		{PackageVersion: crowsnest.PackageVersion{Name: "@scope/left-pad", Version: "1.0.0", Type: "npm"}},
		{PackageVersion: crowsnest.PackageVersion{Name: "semver", Version: "7.3.5", Type: "npm"}, Licences: []string{"ISC"}, Locations: []crowsnest.Location{
			{Path: "usr/share/nodejs/semver/package.json", OwnedBy: &crowsnest.PackageOwner{Name: "node-semver", Version: "7.3.5+~7.3.9-2"}},
			{Path: "usr/share/nodejs/npm/node_modules/semver/package.json", OwnedBy: &crowsnest.PackageOwner{Name: "npm", Version: "9.2.0"}},
			{Path: "usr/share/nodejs/semver/index.json", OwnedBy: &crowsnest.PackageOwner{Name: "node-semver", Version: "7.3.5+~7.3.9-2"}},
		}},
	}}

	workloads = []crowsnest.Workload{
		{Cluster: "eu", Namespace: "shop", Kind: "deployment", Name: "web", Container: "main"},
		{Cluster: "eu", Namespace: "shop", Kind: "deployment", Name: "web", Container: "sidecar"},
		{Cluster: "us", Namespace: "shop", Kind: "statefulset", Name: "web", Container: "main"},
		{Cluster: "us", Namespace: "test", Kind: "job", Name: "web", Container: "main"},
		{Cluster: "us", Namespace: "test", Kind: "cronjob", Name: "web", Container: "main"},
		{Cluster: "us", Namespace: "test", Kind: "daemonset", Name: "web", Container: "main"},
		{Cluster: "us", Namespace: "test", Kind: "daemonset", Name: "web", Container: "sidecar"},
	}
	summaries = []wire.EnvironmentSummary{
		{Name: "production", Images: 1, Clusters: []string{"eu", "us"}, Sources: []string{"assigned", "sysdig"}, Summary: web.Summary, Coverage: crowsnest.Coverage{Running: 4, Analysed: 1, NotAnalysed: 1, Failed: 1, Unresolved: 1}, AsOf: at(3 * time.Minute)},
		{Name: "staging", Images: 2, Clusters: []string{"test"}, Sources: []string{"sysdig"}, Summary: crowsnest.Summary{Critical: 1234, High: 56789}, InUse: crowsnest.Summary{Critical: 12}, NotAffected: crowsnest.Summary{High: 7}, ProfilesAsOf: at(5 * time.Minute), Coverage: crowsnest.Coverage{Running: 2, Analysed: 2}},
	}
	environment = wire.Environment{Name: "production", Coverage: summaries[0].Coverage, Images: []wire.RunningImage{
		{Name: web.Name, Digest: web.Digest, Workloads: workloads, Summary: web.Summary, InUse: wire.UseSummary{Loaded: crowsnest.Summary{High: 2, Low: 1}, NotSeen: crowsnest.Summary{Critical: 1, High: 10}}},
		{Name: "registry.example.com/shop/worker:1.0", Digest: workerDigest, Workloads: workloads[:1]},
	}}
	assigned = wire.Environment{Name: "production", Images: []wire.RunningImage{{
		Name: web.Name, Digest: web.Digest, Summary: web.Summary,
		Workloads: []crowsnest.Workload{{Integration: "assigned", Kind: "assigned", Name: web.Name}, {Integration: "assigned", Kind: "assigned", Name: "registry.example.com/shop/web:latest"}},
		Warnings: []wire.Warning{
			{Kind: "tag-moved", Reference: "registry.example.com/shop/web:latest", Running: web.Digest, Digest: workerDigest, Since: at(50 * time.Hour)},
			{Kind: "newer-version", Reference: "registry.example.com/shop/web:2", Running: web.Digest, Digest: workerDigest, Since: at(0)},
			{Kind: "unknown-registry", Reference: "docker.io/someone/web:1", Running: web.Digest},
		},
	}}}
	recorded = wire.Assigned{Environment: "production", Opened: 1, Images: []wire.AssignedImage{{Reference: web.Name, Digest: web.Digest, State: "analysed"}}}
	replaced = wire.Assigned{Environment: "production", Opened: 3, Continued: 2, Closed: 1, Images: []wire.AssignedImage{
		{State: "analysed"}, {Reference: "shop/worker:1", State: "found"}, {Reference: "shop/broken:1", State: "failed"}, {Reference: "shop/lost:1", State: "unresolved"}, {Reference: "shop/lost:2", State: "unresolved"},
	}}
	gaps = []wire.Gap{
		{ImageID: lostDigest, State: "unresolved", Reason: "no image of this digest is known here", Workloads: workloads[2:3]},
		{ImageID: workerDigest, Name: "registry.example.com/shop/broken:1.0", State: "failed", Reason: "read layer 2 of 3: corrupt (push the image again)", Workloads: workloads[:2]},
	}

	integrations = []wire.Integration{
		{Name: "eu", Kind: "sysdig", Region: "eu1", Cluster: "eu", Environment: "production", State: "connected", LastSweep: at(3 * time.Minute), Occurrences: 12, Coverage: summaries[0].Coverage},
		{Name: "us", Kind: "sysdig", Region: "us1", Cluster: "us", Environment: "production", State: "degraded", LastSweep: at(26 * time.Hour), Since: at(25 * time.Hour), Reason: "list containers at Sysdig: rate limited", Occurrences: 1},
		{Name: "test", Kind: "sysdig", Region: "custom", Cluster: "test", Environment: "staging", State: "failing", Since: at(time.Minute), Reason: "list containers at Sysdig: unauthorized (make a new token)"},
		{Name: "new", Kind: "sysdig", Region: "us1", Cluster: "new", Environment: "staging", State: "pending"},
	}

	statuses = []wire.AdvisoryStatus{
		{Ecosystem: "Debian", Records: 54321, Newest: at(5 * time.Hour), Imported: at(4 * time.Hour), Checked: at(10 * time.Second)},
		{Ecosystem: "npm", Imported: at(80 * time.Hour), Checked: at(80 * time.Hour), Stale: true, NextUpdate: at(-5 * time.Minute), FailingSince: at(79 * time.Hour), Failures: 9, Reason: "read advisories from https://osv.example/npm/modified_id.csv: unavailable: no route to host"},
		{Ecosystem: "Go", NextUpdate: at(0)},
		{Feed: wire.FeedKEV, Records: 1404, Newest: at(30 * time.Hour), Imported: at(20 * time.Hour), Checked: at(20 * time.Minute), NextUpdate: at(-40 * time.Minute)},
	}
	imports = []advisory.Result{
		{Ecosystem: "Debian", Records: 54321, Changed: 17, Skipped: 2, Problems: []string{"X-1.json: read advisory: corrupt"}},
		{Ecosystem: "npm", Unchanged: true},
		{Records: 3, Changed: 3},
	}
)

// discounted is a report of which a part does not count.
var discounted = func() wire.CVEs {
	r := cves
	r.NotAffected, r.Findings = cves.Findings[1:2], slices.Delete(slices.Clone(cves.Findings), 1, 2)
	r.Summary = r.Summary.Minus(r.Discounted())
	return r
}()

// explained has a finding of each kind with its reasons, and an update for each package.
var explained = func() wire.CVEs {
	pv := crowsnest.PackageVersion{PURL: "pkg:deb/debian/libssl3@3.0.9-1", Type: "deb", Name: "libssl3", Version: "3.0.9-1", Ecosystem: "Debian:12", Source: "openssl"}
	below := func(id, fixed string) *crowsnest.Advisory {
		return &crowsnest.Advisory{ID: id, Aliases: []string{"CVE-2099-0001"}, Affected: []crowsnest.Affected{{Ecosystem: "Debian:12", Name: "openssl", Ranges: []crowsnest.Range{{Type: crowsnest.RangeEcosystem, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: fixed}}}}}}}
	}
	set := []*crowsnest.Advisory{below("DSA-5000-1", "3.0.11-1"), below("X-1", "3.0.8-1"), below("X-2", "3.0.10-1")}
	set[2].Severity = []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}}
	result := match.Match(pv, set)
	e := reason.New(pv, match.Judge(pv, set), result.Findings, func(match.Judgement) bool { return true })
	row := func(f crowsnest.Finding, p crowsnest.PackageVersion) store.FindingRow {
		return store.FindingRow{Finding: f, Package: p, Update: crowsnest.Update{Version: f.FixedVersion, Leaves: 2}}
	}
	minor, far := result.Findings[0], result.Findings[0]
	minor.Vulnerability, minor.State, minor.FixedVersion, minor.Severity = "CVE-2099-0002", crowsnest.StateUnimportant, "", crowsnest.Low
	far.Vulnerability, far.FixedVersion, far.ScoreFrom = "CVE-2099-0003", "2.0.0", ""
	npm := row(far, crowsnest.PackageVersion{PURL: "pkg:npm/a@1.2.3", Type: "npm", Name: "a", Version: "1.2.3", Ecosystem: "npm"})
	npm.Update.Leaves = 0
	report := wire.NewCVEs(cves.Image, []store.FindingRow{row(result.Findings[0], pv), row(minor, pv), npm}, store.Omissions{})
	report.Findings[0].Explanation = &e
	return report
}()

// reasons answers a question with a package for each way in which something is not found.
func reasons(answer why.Answer) why.Why {
	f := explained.Findings[0]
	outside := *f.Explanation
	outside.DecidedBy, outside.DecidedWhy, outside.Sources = "", "", f.Explanation.Sources[2:]
	w := why.Why{Image: cves.Image, Name: "CVE-2099-0001", Vulnerabilities: []string{"CVE-2099-0001", "CVE-2099-0009"}, Answer: answer, NotInstalled: []why.RecordedPackage{{Ecosystem: "Debian", Name: "absent", Advisories: []string{"DSA-1-1"}}}}
	if answer == why.Found {
		w.Packages = append(w.Packages, why.PackageReason{Package: f.Package, Answer: why.Found, Findings: []wire.Finding{f}, Explanation: f.Explanation})
	}
	other := func(rule string) *reason.Explanation {
		return &reason.Explanation{Ecosystem: "Debian:12", Sources: []reason.ExplainedSource{{Advisory: "DSA-2-1", Rule: rule, Ecosystem: "Debian:12", Name: "p", Version: "1-1", Releases: []string{"Debian:10", "Debian:11"}}}}
	}
	named := func(name string) wire.FindingPackage {
		return wire.FindingPackage{PURL: "pkg:deb/debian/" + name + "@1-1", Name: name, Version: "1-1", Type: "deb"}
	}
	w.Packages = append(w.Packages,
		why.PackageReason{Package: f.Package, Answer: why.NotAffected, Explanation: &outside},
		why.PackageReason{Package: named("elsewhere"), Answer: why.NotAffected, Explanation: other("other-release")},
		why.PackageReason{Package: named("withdrawn"), Answer: why.NotAffected, Explanation: other("withdrawn")},
		why.PackageReason{Package: named("stream"), Answer: why.NotAffected, Explanation: other("other-stream")},
		why.PackageReason{Package: named("owned"), Answer: why.NotMatched, OwnedBy: []crowsnest.PackageOwner{{Name: "node-owned", Version: "1-2"}}},
		why.PackageReason{Package: named("orphan"), Answer: why.NotMatched},
		why.PackageReason{Package: named("unnamed"), Answer: why.NotNamed},
	)
	return w
}

// reports prints each report with its sample, by the name of its golden file.
var reports = map[string]func(Printer){
	"quickview":            func(p Printer) { p.Quickview(web, cves) },
	"quickview-unobserved": func(p Printer) { p.Quickview(wire.Image{Size: 999}, unobserved) },
	"quickview-problems":   func(p Printer) { p.Quickview(web, withProblems(clean0)) },
	"cves-problems":        func(p Printer) { p.CVEs(withProblems(clean0), 0, Shown{}) },
	"sbom-problems": func(p Printer) {
		partly := sbom
		partly.Problems = damaged
		p.SBOM(partly)
	},
	"images-problems": func(p Printer) {
		partly := web
		partly.ProblemCount = 1
		p.Images([]wire.Image{partly, images[1]})
	},
	"environment-problems": func(p Printer) {
		partly := environment
		partly.Images = slices.Clone(environment.Images)
		partly.Images[0].ProblemCount = 7
		p.Environment(partly, nil, 0)
	},
	"quickview-ended": func(p Printer) {
		old := web
		old.EndOfLife = &wire.EndOfLife{Day: "2024-06-30", Past: true, Source: "https://wiki.debian.org/LTS"}
		old.Base = &crowsnest.Base{By: crowsnest.BaseByLayers, Name: "registry.example.com/base:1", Digest: workerDigest, Layers: 3}
		p.Quickview(old, clean0)
	},
	"quickview-base": func(p Printer) {
		labelled := web
		labelled.EndOfLife = &wire.EndOfLife{Day: "2028-06-30", Source: "https://wiki.debian.org/LTS"}
		labelled.Base = &crowsnest.Base{By: crowsnest.BaseByLabel, Digest: workerDigest}
		p.Quickview(labelled, clean0)
	},
	"quickview-clean":          func(p Printer) { p.Quickview(web, clean0) },
	"cves":                     func(p Printer) { p.CVEs(cves, 0, Shown{}) },
	"cves-filtered":            func(p Printer) { p.CVEs(unobserved, 2, Shown{}) },
	"cves-clean":               func(p Printer) { p.CVEs(clean0, 0, Shown{}) },
	"cves-not-affected":        func(p Printer) { p.CVEs(discounted, 0, Shown{}) },
	"cves-not-affected-listed": func(p Printer) { p.CVEs(discounted, 0, Shown{NotAffected: true}) },
	"cves-nothing-counts": func(p Printer) {
		none := discounted
		none.Findings, none.Summary = nil, crowsnest.Summary{}
		p.CVEs(none, 0, Shown{})
	},
	"quickview-not-affected": func(p Printer) { p.Quickview(web, discounted) },
	"environment-not-affected": func(p Printer) {
		e := environment
		e.DiscountNotSeen = true
		p.Environment(e, nil, 0)
	},
	"cves-explained":  func(p Printer) { p.CVEs(explained, 0, Shown{}) },
	"cves-minor":      func(p Printer) { p.CVEs(explained.WithoutMinor(), 0, Shown{}) },
	"quickview-minor": func(p Printer) { p.Quickview(web, explained.WithoutMinor()) },
	"why-found":       func(p Printer) { p.Why(reasons(why.Found)) },
	"why-not":         func(p Printer) { p.Why(reasons(why.NotAffected)) },
	"why-no-record": func(p Printer) {
		p.Why(why.Why{Image: cves.Image, Name: "CVE-2099-9999", Answer: why.NoRecord, MissingAdvisories: []wire.MissingAdvisories{{Ecosystem: "Go", Type: "golang", Packages: 12}}})
	},
	"cves-all-hidden": func(p Printer) { p.CVEs(clean0, 3, Shown{}) },
	"sbom":            func(p Printer) { p.SBOM(sbom) },
	"environments":    func(p Printer) { p.Environments(summaries) },
	"environments-unseen": func(p Printer) {
		p.Unseen(append(slices.Clone(summaries), wire.EnvironmentSummary{Name: "edge", Coverage: crowsnest.Coverage{Running: 3, Unresolved: 3}},
			wire.EnvironmentSummary{Name: "idle"}))
	},
	"environment": func(p Printer) { p.Environment(environment, gaps, 0) },
	"environment-past": func(p Printer) {
		past := environment
		past.At = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		p.Environment(past, gaps[:1], 0)
	},
	"environments-described": func(p Printer) {
		described := slices.Clone(summaries)
		described[0].Description = "what customers see, in all regions, with the shop and everything that it needs"
		described[1].Clusters, described[1].Sources = nil, []string{"assigned"}
		p.Environments(described)
	},
	"environment-old-profiles": func(p Printer) {
		old := environment
		old.Images, old.ProfileDays = slices.Clone(environment.Images), 7
		old.Images[0].ProfiledAt, old.Images[0].ProfileStale = now.Add(-12*24*time.Hour), true
		p.Environment(old, nil, 0)
	},
	"environment-latest": func(p Printer) {
		p.Environment(wire.Environment{Name: "latest-indexed", Images: []wire.RunningImage{{Name: web.Name, Digest: web.Digest, Summary: web.Summary}}}, nil, 0)
	},
	"environment-warnings": func(p Printer) {
		p.Environment(assigned, []wire.Gap{{ImageID: lostDigest, Name: "docker.io/someone/lost:1", Reported: true, State: "unresolved", Reason: "no image of this digest is known here", Workloads: workloads[2:3],
			Warnings: []wire.Warning{{Kind: "unknown-registry", Reference: "docker.io/someone/lost:1", Running: lostDigest}}}}, 0)
		p.RegistryCheck(wire.RegistryCheck{Known: 2, Running: 4, Unknown: 2, Unnamed: 1})
		p.RegistryCheck(wire.RegistryCheck{Known: 2, Running: 4})
	},
	"environments-deleted": func(p Printer) {
		p.DeletedEnvironments([]wire.DeletedEnvironment{{Name: "staging", Deleted: at(3 * time.Hour), By: "ada@example.com"}, {Name: "test", Deleted: at(500 * time.Hour)}})
	},
	"known-registries": func(p Printer) {
		p.KnownRegistries(wire.KnownRegistries{Registries: []string{"docker.io/library/nginx", "registry.example.com"}})
		p.KnownRegistries(wire.KnownRegistries{})
	},
	"recorded": func(p Printer) { p.Recorded(recorded, assigned) },
	"recorded-unanalysed": func(p Printer) {
		for _, state := range []string{"found", "failed", "unresolved"} {
			p.Recorded(wire.Assigned{Environment: "production", Continued: 1, Images: []wire.AssignedImage{{Reference: web.Name, Digest: lostDigest, State: state}}}, wire.Environment{})
		}
	},
	"replaced": func(p Printer) {
		p.Replaced(replaced, func(image int) string { return fmt.Sprintf("images.txt:%d", image+1) })
	},
	"replaced-many": func(p Printer) {
		many := wire.Assigned{Environment: "production", Opened: 12, Images: slices.Repeat([]wire.AssignedImage{{Reference: "shop/lost:1", State: "unresolved"}}, 12)}
		p.Replaced(many, func(image int) string { return fmt.Sprintf("standard input:%d", image+1) })
	},
	"clusters": func(p Printer) {
		p.Clusters(source.Clusters{Clusters: []string{"eu", "prod-us"}, ListedBy: "risk-spotlight", Connected: []source.Feeding{{Cluster: "eu", Integration: "prod-eu", Environment: "production"}, {Cluster: "eu", Integration: "again", Environment: "staging"}}})
	},
	"clusters-refused": func(p Printer) {
		p.Clusters(source.Clusters{Clusters: []string{"eu"}, ListedBy: "data-sources", Hint: "these are those of its data sources", Refused: "list clusters at Sysdig: forbidden"})
	},
	"removed": func(p Printer) {
		p.Removed(wire.Unassigned{Environment: "production", Closed: 1}, web.Name)
		p.Removed(wire.Unassigned{Environment: "production"}, web.Name)
	},
	"environment-no-gaps": func(p Printer) { p.Environment(environment, nil, 0) },
	"environment-limited": func(p Printer) { p.Environment(wire.Environment{Name: "production"}, gaps, 1) },
	"exposure": func(p Printer) {
		late, due, until := 40.25, at(-36*time.Hour), at(5*24*time.Hour)
		p.Exposure(wire.ExposureReport{
			Environment: "production", AsOf: now, Days: make([]wire.ExposureDay, 30),
			BySeverity: []wire.ExposureFigures{
				{Severity: crowsnest.Critical, Open: 3, Suppressed: 1, NotSeen: 2, Overdue: 1, TargetDays: 15, Opened: 2, Remediated: 4, MedianDays: &late, Percentile90Days: &late},
				{Severity: crowsnest.Low, Open: 1},
			},
		}, []wire.Exposure{
			{Vulnerability: "CVE-2099-0001", Severity: crowsnest.Critical, KnownSince: at(400 * 24 * time.Hour), Open: true, Overdue: true, Due: new(at(30 * time.Hour)),
				Episodes: []wire.ExposureEpisode{{Since: at(17 * 24 * time.Hour), Came: wire.ExposureCause{Kind: "image", Image: "registry.example.com/shop/web:1.0"}}}},
			{Vulnerability: "CVE-2099-0002", Severity: crowsnest.Critical, KnownSince: at(9 * time.Hour), Open: true, Due: &due,
				Episodes: []wire.ExposureEpisode{{Since: at(3 * time.Hour), Came: wire.ExposureCause{Kind: "finding"}}}},
			{Vulnerability: "CVE-2099-0005", Severity: crowsnest.High, KnownSince: at(3 * time.Hour), Open: true, NotSeen: true,
				Episodes: []wire.ExposureEpisode{{Since: at(3 * time.Hour), Came: wire.ExposureCause{Kind: "finding"}}}},
			{Vulnerability: "CVE-2099-0003", Severity: crowsnest.Low, KnownSince: at(12 * 24 * time.Hour),
				Episodes: []wire.ExposureEpisode{{Since: at(9 * 24 * time.Hour), Until: &until, Came: wire.ExposureCause{Kind: "image"}, Went: &wire.ExposureCause{Kind: "finding"}}}},
			{Vulnerability: "CVE-2099-0004"},
		}, 4)
	},
	"exposure-over": func(p Printer) {
		until := at(5 * 24 * time.Hour)
		p.Exposure(wire.ExposureReport{Environment: "production", AsOf: now, Days: make([]wire.ExposureDay, 30)}, []wire.Exposure{
			{Vulnerability: "CVE-2099-0003", Severity: crowsnest.Low, KnownSince: at(12 * 24 * time.Hour), Episodes: []wire.ExposureEpisode{{Since: at(9 * 24 * time.Hour), Until: &until, Unwatched: true,
				Came: wire.ExposureCause{Kind: "image", Image: "registry.example.com/shop/web:1.0"}, Went: &wire.ExposureCause{Kind: "image", Image: "registry.example.com/shop/web:1.0"}}}},
		}, 4)
	},
	"integrations":      func(p Printer) { p.Integrations(integrations) },
	"advisory-statuses": func(p Printer) { p.AdvisoryStatuses(statuses) },
	"imports":           func(p Printer) { p.Imports(imports) },
	"images":            func(p Printer) { p.Images(images) },
	"demo": func(p Printer) {
		p.Demo(summaries, images, crowsnest.Summary{Critical: 1, High: 12, Low: 3, Unspecified: 1}, crowsnest.Coverage{Running: 4, Analysed: 2, Unresolved: 2}, gaps)
	},
}

func withProblems(r wire.CVEs) wire.CVEs {
	r.Problems = damaged
	r.MissingAdvisories = []wire.MissingAdvisories{{Ecosystem: "Go", Type: "golang", Packages: 12}, {Ecosystem: "npm", Type: "npm", Packages: 1}}
	return r
}

func printed(color bool, report func(Printer)) string {
	var b bytes.Buffer
	report(Printer{W: &b, Color: color, Now: func() time.Time { return now }})
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, report := range reports {
		t.Run(name, func(t *testing.T) {
			got := printed(false, report)
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("run with -update if this is meant (-want +got):\n%s", diff)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(files) != len(reports) {
		t.Errorf("%d golden files for %d reports: %v", len(files), len(reports), err)
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colour changes nothing but colour: the same text in the same columns.
func TestColorTakesNoRoom(t *testing.T) {
	for name, report := range reports {
		plain, colored := printed(false, report), printed(true, report)
		if strings.Contains(plain, "\x1b") {
			t.Errorf("%s has escape sequences without colour", name)
		}
		if diff := cmp.Diff(plain, escapes.ReplaceAllString(colored, "")); diff != "" {
			t.Errorf("%s differs with colour (-plain +colored):\n%s", name, diff)
		}
		if name != "cves-all-hidden" && !strings.Contains(colored, "\x1b[") {
			t.Errorf("%s has no colour", name)
		}
		for _, line := range strings.Split(colored, "\n") {
			// What is switched on is switched off within the line, also where a line is cut by a pager.
			if on := strings.Count(line, "\x1b[") - strings.Count(line, reset); on != strings.Count(line, reset) {
				t.Errorf("%s leaves colour on: %q", name, line)
			}
			if strings.HasSuffix(escapes.ReplaceAllString(line, ""), " ") {
				t.Errorf("%s ends a line with blanks: %q", name, line)
			}
		}
	}
}

// hostile holds what a terminal would obey, and what it would show in another order or not at all.
const hostile = "\x1b[2J\x1b]0;title\x07\r\n\tx\b\x7f\u0085\u009b31m\u202e\u2066\u200b\u2028\ufeff\xff\xc0"

// fill sets everything of v that can be set: strings to s, lists to two elements, numbers to one.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), s)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(now))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), s)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	}
}

func filled[T any](s string) (v T) {
	fill(reflect.ValueOf(&v).Elem(), s)
	return v
}

// TestNothingHostileReachesTheTerminal puts hostile text into every field there is,
// also those that only a hostile server could fill so.
func TestNothingHostileReachesTheTerminal(t *testing.T) {
	for name, report := range map[string]func(p Printer, s string){
		"quickview":    func(p Printer, s string) { p.Quickview(filled[wire.Image](s), filled[wire.CVEs](s)) },
		"cves":         func(p Printer, s string) { p.CVEs(filled[wire.CVEs](s), 1, Shown{NotAffected: true}) },
		"why":          func(p Printer, s string) { p.Why(filled[why.Why](s)) },
		"sbom":         func(p Printer, s string) { p.SBOM(filled[wire.SBOM](s)) },
		"environments": func(p Printer, s string) { p.Environments(filled[[]wire.EnvironmentSummary](s)) },
		"recorded":     func(p Printer, s string) { p.Recorded(filled[wire.Assigned](s), filled[wire.Environment](s)) },
		"replaced":     func(p Printer, s string) { p.Replaced(filled[wire.Assigned](s), func(int) string { return s }) },
		"removed": func(p Printer, s string) {
			p.Removed(filled[wire.Unassigned](s), s)
			p.Removed(wire.Unassigned{Environment: s}, s)
		},
		"warnings": func(p Printer, s string) {
			img := filled[wire.RunningImage](s)
			for _, kind := range []store.WarningKind{store.TagMoved, store.NewerVersion, store.UnknownRegistry} {
				img.Warnings = append(img.Warnings, wire.Warning{Kind: kind, Reference: s, Running: crowsnest.Digest(s), Digest: crowsnest.Digest(s)})
			}
			img.Workloads = []crowsnest.Workload{{Kind: "assigned", Name: s + "x"}}
			p.Environment(wire.Environment{Images: []wire.RunningImage{img}}, nil, 0)
		},
		"deleted":          func(p Printer, s string) { p.DeletedEnvironments(filled[[]wire.DeletedEnvironment](s)) },
		"known registries": func(p Printer, s string) { p.KnownRegistries(filled[wire.KnownRegistries](s)) },
		"environment":      func(p Printer, s string) { p.Environment(filled[wire.Environment](s), filled[[]wire.Gap](s), 0) },
		"unnamed gap": func(p Printer, s string) {
			gaps := filled[[]wire.Gap](s)
			gaps[0].Name = ""
			p.gaps("Running and not analysed", gaps, 0)
		},
		"integrations":      func(p Printer, s string) { p.Integrations(filled[[]wire.Integration](s)) },
		"advisory statuses": func(p Printer, s string) { p.AdvisoryStatuses(filled[[]wire.AdvisoryStatus](s)) },
		"clusters":          func(p Printer, s string) { p.Clusters(filled[source.Clusters](s)) },
		"imports":           func(p Printer, s string) { p.Imports(filled[[]advisory.Result](s)) },
		"images":            func(p Printer, s string) { p.Images(filled[[]wire.Image](s)) },
		"demo": func(p Printer, s string) {
			p.Demo(filled[[]wire.EnvironmentSummary](s), filled[[]wire.Image](s), crowsnest.Summary{}, crowsnest.Coverage{}, filled[[]wire.Gap](s))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := printed(false, func(p Printer) { report(p, hostile) })
			if !utf8.ValidString(got) {
				t.Errorf("not UTF-8: %q", got)
			}
			for _, r := range got {
				if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
					t.Errorf("%U is printed: %q", r, got)
					break
				}
			}
			harmless := printed(false, func(p Printer) { report(p, "x") })
			if a, b := strings.Count(got, "\n"), strings.Count(harmless, "\n"); a != b {
				t.Errorf("%d lines instead of %d: %q", a, b, got)
			}
			if !strings.Contains(got, "\uFFFD") {
				t.Errorf("what was taken out leaves no mark: %q", got)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add(hostile)
	f.Add("libc6 2.36-9+deb12u4 (ä, 漢字)")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q becomes %q", s, got)
		}
		if Clean(got) != got {
			t.Errorf("%q is cleaned twice", s)
		}
		if n := width(got); n != utf8.RuneCountInString(got) {
			t.Errorf("%q has width %d", got, n)
		}
	})
}

func TestHarmlessTextStaysAsItIs(t *testing.T) {
	for _, s := range []string{"", "libc6 2.36-9+deb12u4", "pkg:deb/debian/libc6@2.36-9?arch=amd64", "ä ß 漢字 🚢", "e\u0301"} {
		if got := Clean(s); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

func TestColumnsStandBelowEachOther(t *testing.T) {
	for _, color := range []bool{false, true} {
		got := escapes.ReplaceAllString(printed(color, func(p Printer) {
			p.Table([][]string{{"NAME", "N", "LAST"}, {p.paint(red, "ä"), "1", "x"}, {"longer than the heading", p.paint(dim, "1234"), ""}, {"", "", "x"}})
		}), "")
		want := "NAME                     N     LAST\n" +
			"ä                        1     x\n" +
			"longer than the heading  1234\n" +
			"                               x\n"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("colour %t (-want +got):\n%s", color, diff)
		}
	}
}

func TestCountsOfAnySizeStayApart(t *testing.T) {
	got := printed(false, func(p Printer) {
		fmt.Fprint(p.W, p.Counts(crowsnest.Summary{Critical: 1, High: 1234567, Medium: 100, Low: 1000, Unspecified: 0}))
	})
	if fields := strings.Fields(got); !cmp.Equal(fields, []string{"1C", "1234567H", "100M", "1000L", "0?"}) {
		t.Errorf("got %q", got)
	}
}

func TestFilters(t *testing.T) {
	ids := func(r wire.CVEs) (out []string) {
		for _, f := range r.Findings {
			out = append(out, f.ID)
		}
		return out
	}
	const c1, g2, c2 = "CVE-2099-0001", "GHSA-2222-2222-2222", "CVE-2099-0002"
	for name, c := range map[string]struct {
		filter  narrow.Filter
		want    []string
		summary crowsnest.Summary
	}{
		"none":            {narrow.Filter{}, []string{c1, g2, c2}, cves.Summary},
		"severity":        {narrow.Filter{Severities: []crowsnest.Severity{crowsnest.Critical, crowsnest.High}}, []string{c1}, crowsnest.Summary{Critical: 1}},
		"unspecified":     {narrow.Filter{Severities: []crowsnest.Severity{crowsnest.Unspecified}}, []string{c2}, crowsnest.Summary{Unspecified: 1}},
		"fixed":           {narrow.Filter{OnlyFixed: true}, []string{c1, g2}, crowsnest.Summary{Critical: 1, Medium: 1}},
		"in use":          {narrow.Filter{OnlyInUse: true}, []string{c1}, crowsnest.Summary{Critical: 1}},
		"type":            {narrow.Filter{PackageTypes: []string{"npm", "pypi"}}, []string{g2}, crowsnest.Summary{Medium: 1}},
		"several at once": {narrow.Filter{OnlyFixed: true, PackageTypes: []string{"deb"}}, []string{c1}, crowsnest.Summary{Critical: 1}},
		"nothing is left": {narrow.Filter{PackageTypes: []string{"rpm"}}, nil, crowsnest.Summary{}},
	} {
		got, hidden := c.filter.Apply(cves)
		if !cmp.Equal(c.want, ids(got)) || got.Summary != c.summary || hidden != len(cves.Findings)-len(c.want) || got.Findings == nil {
			t.Errorf("%s: %v, %s, %d hidden", name, ids(got), got.Summary, hidden)
		}
	}
	if len(cves.Findings) != 3 {
		t.Error("a filter changes the report it is given")
	}
}

func TestTimesAndSizes(t *testing.T) {
	p := Printer{Now: func() time.Time { return now }}
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 0: "just now", 999 * time.Millisecond: "just now", time.Second: "1 s ago", 59 * time.Second: "59 s ago",
		time.Minute: "1 min ago", 59 * time.Minute: "59 min ago", time.Hour: "1 h ago", 47 * time.Hour: "47 h ago", 48 * time.Hour: "2 days ago", 1000 * time.Hour: "41 days ago",
	} {
		if got := p.ago(at(d)); got != want {
			t.Errorf("%s ago is %q, want %q", d, got, want)
		}
	}
	if got := p.ago(time.Time{}); got != "never" {
		t.Errorf("no time is %q", got)
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 41_234_567: "41.2 MB", 999_999_999: "1000.0 MB", 2_500_000_000: "2.5 GB", 7_000_000_000_000_000: "7000.0 TB"} {
		if got := Size(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	for _, c := range []struct {
		n          int
		word, want string
	}{{1, "package", "1 package"}, {0, "package", "0 packages"}, {1, "vulnerability", "1 vulnerability"}, {2, "vulnerability", "2 vulnerabilities"}} {
		if got := plural(c.n, c.word); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

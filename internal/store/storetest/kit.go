// Package storetest is the suite that every implementation of the store
// contract must pass.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Analyser is the analyser version the suite stores results under.
const Analyser = "suite-1"

// Rules numbers the rules that the suite matches by.
const Rules = 7

// Fixture is a fresh store and what the suite needs to steer and observe it.
type Fixture struct {
	Store store.Store
	// Advance moves the store's clock.
	Advance func(time.Duration)
	// Work returns what was enqueued since the last call.
	Work func() []store.Work
}

// Digest makes a digest out of a word, so that tests can be read.
func Digest(word string) crowsnest.Digest { return crowsnest.DigestOf([]byte(word)) }

// Image makes an image called name; its digests follow from the name.
func Image(name string) crowsnest.Image {
	return crowsnest.Image{
		Name: name, Digest: Digest("manifest " + name), ImageID: Digest("config " + name), Index: Digest("index " + name),
		Platform: crowsnest.DefaultPlatform, Size: 1000,
	}
}

// Package makes a Debian package with a source.
func Package(name, version, source string) crowsnest.Package {
	return crowsnest.Package{
		PackageVersion: crowsnest.PackageVersion{
			PURL: fmt.Sprintf("pkg:deb/debian/%s@%s?distro=debian-12", name, version), Type: "deb", Name: name, Version: version,
			Ecosystem: "Debian:12", Source: source,
		},
		Locations: []crowsnest.Location{{Path: "var/lib/dpkg/status", Layer: Digest("layer")}},
		Licences:  []string{"MIT"},
	}
}

// Advisory makes an advisory on a Debian source package.
func Advisory(id, name, fixed string, modified time.Time) *crowsnest.Advisory {
	return &crowsnest.Advisory{
		ID: id, Upstream: []string{"CVE-2099-" + id}, Summary: "a flaw in " + name, Modified: modified,
		Severity: []crowsnest.SeverityVector{{Type: "CVSS_V3", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}},
		Affected: []crowsnest.Affected{{Ecosystem: "Debian:12", Name: name, Ranges: []crowsnest.Range{{
			Type: crowsnest.RangeEcosystem, Events: []crowsnest.Event{{Introduced: "0"}, {Fixed: fixed}},
		}}}},
	}
}

// Finding is what a match of an advisory made by Advisory yields.
func Finding(a *crowsnest.Advisory, severity crowsnest.Severity) crowsnest.Finding {
	return crowsnest.Finding{
		Vulnerability: a.Upstream[0], Advisory: a.ID, Aliases: []string{a.ID}, Summary: a.Summary, Severity: severity,
		CVSS:         &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: a.Severity[0].Vector},
		FixedVersion: a.Affected[0].Ranges[0].Events[1].Fixed, Decides: true,
	}
}

// Organisation makes an organisation.
func (f Fixture) Organisation(t testing.TB, name string) store.OrgID {
	t.Helper()
	org, err := f.Store.EnsureOrganisation(context.Background(), name)
	must(t, err)
	return org.ID
}

// Analysed records and analyses an image in one go.
func (f Fixture) Analysed(t testing.TB, org store.OrgID, name string, packages ...crowsnest.Package) crowsnest.Image {
	t.Helper()
	img := Image(name)
	_, err := f.Store.RecordImage(context.Background(), org, img, nil, Analyser)
	must(t, err)
	must(t, f.Store.SaveAnalysis(context.Background(), org, crowsnest.Analysis{Image: img, Packages: packages}, Analyser))
	return img
}

// Match runs fn over everything pending and stores what it returns.
func (f Fixture) Match(t testing.TB, fn func(crowsnest.PackageVersion, []*crowsnest.Advisory) []crowsnest.Finding) int {
	t.Helper()
	ctx := context.Background()
	pending, err := f.Store.PendingPackages(ctx, Rules, 1000)
	must(t, err)
	candidates, err := f.Store.Candidates(ctx, pending)
	must(t, err)
	matched := make([]store.Matched, len(pending))
	for i, p := range pending {
		matched[i] = store.Matched{Pending: p, Findings: fn(p.Package, candidates[p.ID])}
	}
	must(t, f.Store.SaveFindings(ctx, Rules, matched))
	return len(pending)
}

// AllAffected finds every candidate that is not withdrawn.
func AllAffected(_ crowsnest.PackageVersion, candidates []*crowsnest.Advisory) []crowsnest.Finding {
	var out []crowsnest.Finding
	for _, a := range candidates {
		if a.Withdrawn.IsZero() {
			out = append(out, Finding(a, crowsnest.Critical))
		}
	}
	return out
}

// Connect makes an integration of a cluster called like it.
func (f Fixture) Connect(t testing.TB, org store.OrgID, name, environment string) store.Integration {
	t.Helper()
	in, err := f.Store.CreateIntegration(context.Background(), store.Integration{
		Org: org, Name: name, Kind: "sysdig", Region: "us1", Cluster: name, Environment: environment,
		Secret: []byte("sealed"), Interval: 5 * time.Minute,
	})
	must(t, err)
	return in
}

// ConnectRegistry makes a connected registry with an enabled repository that has one tag.
func (f Fixture) ConnectRegistry(t testing.TB, org store.OrgID, name, host, repository string) store.RegistryIntegration {
	t.Helper()
	ctx := context.Background()
	in, err := f.Store.ConnectRegistry(ctx, org, store.RegistryIntegration{Name: name, Kind: "oci", Host: host, Secret: []byte("sealed"), Interval: 5 * time.Minute})
	must(t, err)
	must(t, f.Store.SetRegistryHook(ctx, org, name, []byte("sealed")))
	_, err = f.Store.EnableRepositories(ctx, org, store.RepositoryScope{Registry: name, Names: []string{repository}}, true)
	must(t, err)
	work, err := f.Store.NextRepository(ctx, in.ID)
	must(t, err)
	must(t, f.Store.SaveTags(ctx, work.ID, []string{"1"}, ""))
	must(t, f.Store.SaveTarget(ctx, work.ID, store.TagWork{Name: "1"}, Digest(repository)))
	return in
}

// Run makes one observation of a deployment.
func Run(name string, image crowsnest.Digest, profile string) crowsnest.Observation {
	return crowsnest.Observation{Namespace: "shop", Kind: "deployment", Name: name, Container: "main", ImageID: image, Profile: profile}
}

// Sweep applies a complete snapshot.
func (f Fixture) Sweep(t testing.TB, in store.Integration, snap store.Snapshot) store.SweepResult {
	t.Helper()
	result, err := f.Store.CompleteSweep(context.Background(), in.ID, snap)
	must(t, err)
	return result
}

// Status is how the sweeps of an integration go.
func (f Fixture) Status(t testing.TB, org store.OrgID, name string) store.IntegrationStatus {
	t.Helper()
	in, err := f.Store.Integration(context.Background(), org, name)
	must(t, err)
	return in.Status
}

// Must ends a test that an error is in the way of.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// WantKind ends a test that did not get an error of a kind.
func WantKind(t testing.TB, err error, want crowsnest.Kind) {
	t.Helper()
	if err == nil || crowsnest.KindOf(err) != want {
		t.Fatalf("got error %v, want one of kind %q", err, want)
	}
}

// Each runs every test against fresh stores that open makes.
func Each(t *testing.T, open func(t *testing.T) Fixture, tests map[string]func(*testing.T, Fixture)) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

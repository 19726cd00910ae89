package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

var registries = map[string]func(testing.TB) string{
	"in-process":      imagekit.Registry,
	"docker-registry": imagekit.DockerRegistry,
}

// TestMainJob pushes an image, has it analysed, connects a cluster and looks at the
// environment, in both orders of running and analysed, on each engine with each registry.
func TestMainJob(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for kind, registry := range registries {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				host := registry(t)
				for name, order := range map[string]func(*testing.T, *server, *sysdig, string, string){"running first": runningFirst, "analysed first": analysedFirst} {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						img, reference, production := shop(t), host+"/shop/web:"+strings.ReplaceAll(name, " ", "-"), names(t, "production")
						imagekit.Push(t, reference, img)
						id := imagekit.ImageID(t, img)
						sysdig := newSysdig(t)
						sysdig.SetCluster(production, runs("web", id, shopLoaded()))
						order(t, s, sysdig, production, reference)
						checkShop(t, s, production, reference, imagekit.Digest(t, img), id)
					})
				}
			})
		}
	})
}

func environmentName(e wire.EnvironmentSummary) string { return e.Name }

func runningFirst(t *testing.T, s *server, sysdig *sysdig, production, reference string) {
	in := s.connect(t, sysdig, production, production)
	if in.State != "connected" || in.Occurrences != 1 || in.Coverage != (crowsnest.Coverage{Running: 1, Unresolved: 1}) {
		t.Errorf("integration %+v, want it connected with one unresolved container", in)
	}
	if e, ok := named(got(s.Environments(ctx(t)))(t), environmentName, production); ok {
		t.Errorf("environment %+v is listed before an image of it is analysed", e)
	}
	gaps := got(s.Gaps(ctx(t), production))(t)
	if len(gaps) != 1 || gaps[0].State != "unresolved" || gaps[0].Code != "unnamed-image" || gaps[0].Reason == "" || len(gaps[0].Workloads) != 1 {
		t.Errorf("gaps %+v, want the unresolved image with its reason and its workload", gaps)
	}
	asked := sysdig.Count()
	s.analyse(t, reference)
	if n := sysdig.Count(); n != asked {
		t.Errorf("the environment needed another sweep: %d requests more", n-asked)
	}
}

func analysedFirst(t *testing.T, s *server, sysdig *sysdig, production, reference string) {
	s.analyse(t, reference)
	if e, ok := named(got(s.Environments(ctx(t)))(t), environmentName, production); ok {
		t.Errorf("environment %+v is listed before anything runs in it", e)
	}
	if in := s.connect(t, sysdig, production, production); in.State != "connected" || in.Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
		t.Errorf("integration %+v, want it connected with one analysed image", in)
	}
}

// checkShop wants exactly shop in the environment production, with what the advisories say of it, from
// the command as from the API.
func checkShop(t *testing.T, s *server, production, reference string, digest, id crowsnest.Digest) {
	t.Helper()
	m := at(t, s)

	var raw any
	var cves wire.CVEs
	m.jsons(t, []any{&raw, &cves}, "cves", reference, "--env", production)
	check(t, "cves", cvesContract, raw)
	stdlib := cves.Findings[len(cves.Findings)-1].Package // its version is that of the Go that runs the tests
	if stdlib.Name != "stdlib" || stdlib.Version == "" || stdlib.PURL != "pkg:golang/stdlib@"+stdlib.Version {
		t.Errorf("the Go program's package is %+v", stdlib)
	}
	want := wire.CVEs{
		Image:       wire.Target{Name: reference, Digest: digest, ImageID: id, Platform: "linux/amd64"},
		NotAffected: []wire.Finding{}, Suppressed: []wire.Finding{},
		Problems: []crowsnest.Problem{},
		// They came in one zip, of which nobody said that it is the whole set of anything.
		MissingAdvisories: []wire.MissingAdvisories{{Ecosystem: "Debian", Type: "deb", Packages: 2}, {Ecosystem: "Go", Type: "golang", Packages: 1}, {Ecosystem: "npm", Type: "npm", Packages: 1}},
		Summary:           shopSummary,
		Findings: []wire.Finding{
			{
				ID: "CVE-2099-0001", Aliases: []string{"DEBIAN-CVE-2099-0001"}, Severity: crowsnest.Critical,
				Package:      wire.FindingPackage{PURL: "pkg:deb/debian/libssl3@3.0.17-1~deb12u2?arch=amd64&distro=debian-12", Name: "libssl3", Version: "3.0.17-1~deb12u2", Type: "deb", Source: "openssl"},
				CVSS:         &crowsnest.CVSS{Version: "3.1", Score: 9.8, Vector: vector98},
				FixedVersion: ptr("3.0.17-1~deb12u3"), FixStep: match.StepPackage, InUse: crowsnest.Loaded,
			},
			{
				ID: "CVE-2099-0002", Aliases: []string{"GHSA-aaaa-bbbb-cccc"}, Severity: crowsnest.High,
				Package:      wire.FindingPackage{PURL: "pkg:npm/lodash@4.17.15", Name: "lodash", Version: "4.17.15", Type: "npm"},
				FixedVersion: ptr("4.17.21"), FixStep: match.StepPatch, InUse: crowsnest.NotSeen,
			},
			{
				ID: "CVE-2099-0003", Aliases: []string{"DEBIAN-CVE-2099-0003"}, Severity: crowsnest.Low,
				Package: wire.FindingPackage{PURL: "pkg:deb/debian/libc6@2.36-9%2Bdeb12u7?arch=amd64&distro=debian-12", Name: "libc6", Version: "2.36-9+deb12u7", Type: "deb", Source: "glibc"},
				InUse:   crowsnest.NotSeen,
			},
			{
				ID: "GO-2099-0004", Aliases: []string{}, Severity: crowsnest.Unspecified,
				Package:      stdlib,
				FixedVersion: ptr("99.0.0"), FixStep: match.StepMajor, InUse: crowsnest.NotSeen,
			},
		},
	}
	for _, f := range want.Findings {
		if f.FixedVersion != nil {
			want.Updates = append(want.Updates, wire.PackageUpdate{Package: f.Package, Version: *f.FixedVersion, Step: f.FixStep})
		}
	}
	if diff := cmp.Diff(want, cves); diff != "" {
		t.Errorf("cves (-want +got):\n%s", diff)
	}

	var environments []wire.Environment
	m.jsons(t, []any{&raw, &environments}, "environment")
	check(t, "environment", environmentContract, raw)
	wantEnvironment := wire.Environment{
		Name: production, Coverage: crowsnest.Coverage{Running: 1, Analysed: 1},
		Images: []wire.RunningImage{{
			Name: reference, Digest: digest, ImageID: id, Summary: shopSummary,
			Workloads: []crowsnest.Workload{{Integration: production, Cluster: production, Namespace: "shop", Kind: "deployment", Name: "web", Container: "main"}},
			Warnings:  []wire.Warning{},
			InUse: wire.UseSummary{
				Loaded: crowsnest.Summary{Critical: 1}, NotSeen: crowsnest.Summary{High: 1, Low: 1, Unspecified: 1},
			},
		}},
		Sources: []string{"sysdig"}, Clusters: []string{production},
		ProfileDays: store.DefaultProfileDays,
	}
	// That of the newest sweep, which another one may follow at any time.
	whenever := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ProfiledAt" || p.Last().String() == ".AsOf" }, cmp.Ignore())
	listed, _ := named(environments, func(e wire.Environment) string { return e.Name }, production)
	if diff := cmp.Diff(wantEnvironment, listed, whenever); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	for _, args := range [][]string{{production}, {production, "--image", reference}, {production, "--image", string(id)}, {production, "--image", digest.Short()}} {
		var one []wire.Environment
		m.json(t, &one, append([]string{"environment"}, args...)...)
		if diff := cmp.Diff([]wire.Environment{wantEnvironment}, one, whenever); diff != "" {
			t.Errorf("environment %v (-want +got):\n%s", args, diff)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// TestRestart wants everything still there after a restart on the same database
// and data folder, the sealed token included.
func TestRestart(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		img := shop(t)
		digest, id := imagekit.Push(t, host+"/shop/web:1.0", img), imagekit.ImageID(t, img)
		sysdig := newSysdig(t)
		sysdig.SetCluster("production", runs("web", id, shopLoaded()))
		s.upload(t, advisories()...)
		analysedFirst(t, s, sysdig, "production", host+"/shop/web:1.0")
		before := got(s.Integration(ctx(t), "production"))(t)

		s.restart()
		gate.reset()
		after := got(s.Integration(ctx(t), "production"))(t)
		before.Requests = after.Requests // names may have been asked for since
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("integration after the restart (-before +after):\n%s", diff)
		}
		checkShop(t, s, "production", host+"/shop/web:1.0", digest, id)
		for i := range 3 {
			if n := gate.count(layerPath(t, img, i)); n != 0 {
				t.Errorf("layer %d was read %d times again after the restart", i, n)
			}
		}

		sysdig.SetCluster("production", runs("web", id, shopLoaded()), runs("web-2", id, shopLoaded()))
		if in := s.sync(t, "production"); in.State != "connected" || in.Occurrences != 2 || !in.LastSweep.After(before.LastSweep) {
			t.Errorf("sweep after the restart: %+v", in)
		}
	})
}

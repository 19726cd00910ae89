package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// pageSize makes a few containers fill several pages; the client asks for more and is refused.
const pageSize = 100

// breaks are the ways in which a sweep can break off, with what its reason must say:
// what happened and what to do.
var breaks = map[string]struct {
	fault sysdigkit.Fault
	words []string
}{
	"page-2-fails":  {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, Status: http.StatusInternalServerError}, []string{"page 2", "500", "try again later, as sweeps do by themselves"}},
	"garbage":       {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, Body: `{"page":{"returned":1},"data":[{"namespace":"sh`}, []string{"JSON", "check the region or the address"}},
	"other-json":    {sysdigkit.Fault{Match: sysdigkit.Match{Page: 1}, Times: -1, Body: `{"hello":"world"}`}, []string{"no page", "check the region or the address"}},
	"sign-in-page":  {withMatch(sysdigkit.LoginPage(), sysdigkit.Match{Page: 1}), []string{"HTML page", "check the region or the address"}},
	"wrong-token":   {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, Status: http.StatusUnauthorized}, []string{"the token is not accepted", "renew the token"}},
	"no-rights":     {sysdigkit.Fault{Match: sysdigkit.Match{Page: 1}, Times: -1, Status: http.StatusForbidden}, []string{"may not read this", "enable Risk Spotlight"}},
	"cut":           {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, CutAfter: 40}, []string{"the connection was cut", "try again"}},
	"slow-down":     {withMatch(sysdigkit.TooManyRequests("1", time.Time{}), sysdigkit.Match{Page: 2}), []string{"too many requests", "ask less often"}},
	"come-tomorrow": {withMatch(sysdigkit.TooManyRequests("86400", time.Time{}), sysdigkit.Match{Page: 2}), []string{"too many requests", "asks to wait", "ask less often"}},
	"half-a-page":   {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, HalfData: true}, []string{"announces", "check the region or the address"}},
	"page-without":  {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, OmitPage: true}, []string{"no page"}},
	"going-round":   {sysdigkit.Fault{Match: sysdigkit.Match{Page: 2}, Times: -1, RepeatCursor: true}, []string{"nothing was concluded"}},
}

func withMatch(f sysdigkit.Fault, m sysdigkit.Match) sysdigkit.Fault {
	f.Match, f.Times = m, -1
	return f
}

// TestLaw04BrokenSweepClosesNothing breaks a sweep in every way: what the last complete one
// saw stands with its age, the integration says why and what to do, and the next
// good sweep heals it.
func TestLaw04BrokenSweepClosesNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := small(t, "broken sweeps")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		s.analyse(t, host+"/shop/web:1.0")
		sysdig := newSysdig(t)
		sysdig.SetMaxLimit(pageSize)
		before := many(pageSize+2, imagekit.ImageID(t, img))
		for name, b := range breaks {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				name := names(t, "cluster")
				sysdig.SetCluster(name, before...)
				good := s.connect(t, sysdig, name, name)
				if good.State != "connected" || good.Occurrences != len(before) || good.Reason != "" {
					t.Fatalf("first sweep: %+v", good)
				}

				// One workload is gone and another is new, but nobody may believe it yet.
				after := append([]sysdigkit.Item{runs("new", imagekit.ImageID(t, img))}, before[1:]...)
				sysdig.SetCluster(name, after...)
				b.fault.Match.Cluster = name
				if b.fault.Page == 1 {
					b.fault.Limit = pageSize // the larger ones are refused as before
				}
				heal := sysdig.Inject(b.fault)
				broken := s.sync(t, name)
				if broken.State != "degraded" || broken.Since.IsZero() {
					t.Errorf("after a broken sweep the state is %q since %v, want degraded", broken.State, broken.Since)
				}
				oneSentence(t, "reason", broken.Reason, b.words...)
				if !broken.LastSweep.Equal(good.LastSweep) {
					t.Errorf("the age of what is shown changed from %v to %v", good.LastSweep, broken.LastSweep)
				}
				if broken.Occurrences != len(before) || broken.Coverage != good.Coverage {
					t.Errorf("%d containers run and coverage is %+v, want %d and %+v as before", broken.Occurrences, broken.Coverage, len(before), good.Coverage)
				}
				if names := workloads(t, s, name); len(names) != len(before) || !names["w-0"] || names["new"] {
					t.Errorf("%d workloads, w-0 %t, new %t; want those of the last complete sweep", len(names), names["w-0"], names["new"])
				}

				heal()
				healed := s.heal(t, name, broken)
				if healed.State != "connected" || healed.Reason != "" || !healed.Since.IsZero() || !healed.LastSweep.After(good.LastSweep) {
					t.Errorf("the next good sweep does not heal: %+v", healed)
				}
				if names := workloads(t, s, name); len(names) != len(after) || names["w-0"] || !names["new"] {
					t.Errorf("%d workloads, w-0 %t, new %t; want those of the new sweep", len(names), names["w-0"], names["new"])
				}
			})
		}
	})
}

// heal has a sweep made now: by asking for it or, where Sysdig asked to be left alone, with the token given anew.
func (s *server) heal(t *testing.T, name string, broken wire.Integration) wire.Integration {
	t.Helper()
	if time.Until(broken.WaitsUntil) < time.Minute {
		return s.sync(t, name)
	}
	_, err := s.SyncIntegration(ctx(t), name)
	if crowsnest.KindOf(err) != crowsnest.Conflict {
		t.Errorf("a sweep that is asked for in the meantime: %v", err)
	} else {
		oneSentence(t, "refusal", err.Error(), "asked to be left alone until", "with another token")
	}
	got(s.UpdateIntegration(ctx(t), name, wire.IntegrationChange{Token: ptr(sysdigToken)}))(t)
	return until(t, "the sweep with the token given anew", func() (wire.Integration, error) { return s.Integration(ctx(t), name) },
		func(in wire.Integration) bool { return in.LastSweep.After(broken.LastSweep) && in.Ended() })
}

// workloads returns the names of the workloads in an environment.
func workloads(t *testing.T, s *server, environment string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, img := range got(s.Environment(ctx(t), environment))(t).Images {
		for _, w := range img.Workloads {
			names[w.Name] = true
		}
	}
	return names
}

// TestLaw04FirstSweepThatBreaksIsFailing wants an integration whose first sweep broke off to
// claim nothing.
func TestLaw04FirstSweepThatBreaksIsFailing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig, name := newSysdig(t), names(t, "cluster")
		sysdig.SetMaxLimit(pageSize)
		sysdig.SetCluster(name, many(pageSize+1, crowsnest.DigestOf([]byte("image")))...)
		heal := sysdig.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Images, Page: 2}, Times: -1, HalfData: true, OmitData: true})
		in := s.connect(t, sysdig, name, name)
		heal()
		if in.State != "failing" || !in.LastSweep.IsZero() || in.Occurrences != 0 || in.Coverage != (crowsnest.Coverage{}) {
			t.Errorf("integration %+v, want it failing and nothing of the half sweep kept", in)
		}
		if in := s.sync(t, name); in.State != "connected" || in.Occurrences != pageSize+1 {
			t.Errorf("integration %+v, want it connected", in)
		}
	})
}

// TestShortFaultsAreRetriedWithinASweep wants a dropped connection and a request to slow down
// to cost a sweep a moment, not its result.
func TestShortFaultsAreRetriedWithinASweep(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	sysdig := newSysdig(t)
	slow := sysdigkit.TooManyRequests("1", time.Time{})
	for name, fault := range map[string]sysdigkit.Fault{"dropped": {Drop: true}, "slowed": slow, "gateway": {Status: http.StatusBadGateway}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			name := names(t, "cluster")
			sysdig.SetCluster(name, runs("web", crowsnest.DigestOf([]byte("image"))))
			asked := func() (n int) {
				for _, r := range sysdig.Requests() {
					if r.Call == sysdigkit.Images && r.Cluster == name {
						n++
					}
				}
				return n
			}
			s.connect(t, sysdig, name, name)
			before := asked()
			fault.Match = sysdigkit.Match{Call: sysdigkit.Images, Cluster: name}
			sysdig.Inject(fault)
			if in := s.sync(t, name); in.State != "connected" || in.Occurrences != 1 {
				t.Errorf("integration %+v, want it connected", in)
			}
			if n := asked() - before; n != 2 {
				t.Errorf("%d requests, want the one that failed and another", n)
			}
		})
	}
}

// TestLaw08GoneWorkloadIsAClosedInterval takes a workload away: its occurrence is
// closed, its history stays, the image leaves the environment, and an environment
// without images is no longer listed.
func TestLaw08GoneWorkloadIsAClosedInterval(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		web, api := small(t, "web"), small(t, "api")
		digest := imagekit.Push(t, host+"/shop/web:1.0", web)
		imagekit.Push(t, host+"/shop/api:1.0", api)
		s.analyse(t, host+"/shop/web:1.0")
		s.analyse(t, host+"/shop/api:1.0")
		sysdig, production := newSysdig(t), names(t, "production")
		webRuns, apiRuns := runs("web", imagekit.ImageID(t, web)), runs("api", imagekit.ImageID(t, api))
		sysdig.SetCluster(production, webRuns, apiRuns)
		s.connect(t, sysdig, production, production)

		sysdig.SetCluster(production, apiRuns)
		in := s.sync(t, production)
		if in.Occurrences != 1 || in.Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
			t.Errorf("integration %+v, want one container left", in)
		}
		left := got(s.Environment(ctx(t), production))(t)
		if len(left.Images) != 1 || left.Images[0].Name != host+"/shop/api:1.0" {
			t.Errorf("images %+v in the environment, want api alone", left.Images)
		}
		if img := got(s.Image(ctx(t), string(digest)))(t); len(img.Environments) != 0 {
			t.Errorf("the image that is gone is still said to run in %v", img.Environments)
		}
		history := get[wire.Page[wire.Occurrence]](t, s, "/images/"+string(digest)+"/occurrences").Items
		if len(history) != 1 || history[0].Closed == nil || !history[0].Closed.After(history[0].Opened) {
			t.Fatalf("history %+v, want one closed interval", history)
		}
		want := wire.Occurrence{
			Workload:    crowsnest.Workload{Integration: production, Cluster: production, Namespace: "shop", Kind: "deployment", Name: "web", Container: "main"},
			Environment: production, ImageID: imagekit.ImageID(t, web), Image: host + "/shop/web:1.0", Digest: digest, Opened: history[0].Opened, Closed: history[0].Closed,
		}
		if diff := cmp.Diff(want, history[0]); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}

		sysdig.SetCluster(production, runs("unknown", crowsnest.DigestOf([]byte(t.Name()))))
		s.sync(t, production)
		if e, ok := named(got(s.Environments(ctx(t)))(t), environmentName, production); ok {
			t.Errorf("environment %+v is listed although nothing that is analysed runs", e)
		}
		if out := at(t, s).ok(t, "environment", "--format", "json"); strings.Contains(out, production) {
			t.Errorf("the command lists %s", out)
		}
		if all := get[wire.Page[wire.Occurrence]](t, s, "/environments/"+production+"/occurrences").Items; len(all) != 3 || all[0].Closed != nil || all[1].Closed == nil || all[2].Closed == nil {
			t.Errorf("history of the environment %+v, want two closed intervals", all)
		}

		// Back again is a new interval, not the old one.
		sysdig.SetCluster(production, webRuns)
		s.sync(t, production)
		history = get[wire.Page[wire.Occurrence]](t, s, "/images/"+string(digest)+"/occurrences").Items
		if len(history) != 2 || history[0].Closed != nil || history[1].Closed == nil {
			t.Errorf("history %+v, want an open interval before the closed one", history)
		}
	})
}

// TestLaw04EmptyClusterIsDoubted switches off what a cluster shares: the source answers well, with nothing.
func TestLaw04EmptyClusterIsDoubted(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig, name := newSysdig(t), names(t, "cluster")
		sysdig.SetCluster(name, runs("web", crowsnest.DigestOf([]byte("image"))))
		good := s.connect(t, sysdig, name, name)
		sysdig.SetCluster(name)
		for range 2 {
			in := s.sync(t, name)
			if in.State != "degraded" || in.Occurrences != 1 || !in.LastSweep.Equal(good.LastSweep) {
				t.Errorf("integration %+v, want what ran before and a doubt", in)
			}
			oneSentence(t, "reason", in.Reason, "the cluster answered empty", "sharing may be switched off, or it was renamed", "15 minutes")
		}
		sysdig.SetCluster(name, runs("new", crowsnest.DigestOf([]byte("image"))))
		if in := s.sync(t, name); in.State != "connected" || in.Occurrences != 1 || in.Reason != "" {
			t.Errorf("integration %+v, want it healed", in)
		}
	})
}

// A cluster in which nothing runs is connected only if that is meant, and never without a word on what may be switched off.
func TestEmptyClusterIsToldOf(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	sysdig, name := newSysdig(t), names(t, "cluster")
	sysdig.SetCluster("another", runs("web", crowsnest.DigestOf([]byte("image"))))
	m := at(t, s)
	configure := []string{"integration", "configure", "sysdig", "--name", name, "--parameter", "region=custom", "--parameter", "url=" + sysdig.url, "--parameter", "token=" + sysdigToken,
		"--parameter", "cluster=typed", "--parameter", "environment=" + name}
	m.fails(t, []string{"typed", "does not list", "integration_enabled", "nothing is saved", "--allow-empty"}, configure...)
	if out := m.ok(t, "integration", "list"); strings.Contains(out, name) {
		t.Errorf("what was refused is there:\n%s", out)
	}
	out := m.ok(t, append(configure, "--allow-empty")...)
	for _, words := range []string{"connected", "does not list the cluster typed; it reports another", "sharing may be off", "integration_enabled", "eveIntegrationEnabled"} {
		if !strings.Contains(out, words) {
			t.Errorf("configure does not say %q:\n%s", words, out)
		}
	}
	if out := m.ok(t, "integration", "list", "--name", name); !strings.Contains(out, "sharing may be off") {
		t.Errorf("list says\n%s", out)
	}
	sysdig.SetCluster("typed", runs("web", crowsnest.DigestOf([]byte("image"))))
	if out := m.ok(t, "integration", "sync", "--name", name); strings.Contains(out, "sharing") {
		t.Errorf("sync says\n%s", out)
	}
	// What goes wrong is said of the integration, not of its cluster.
	sysdig.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Cluster: "typed"}, Status: http.StatusForbidden})
	if o := m.run(t, "integration", "sync", "--name", name); o.code != 1 || !strings.Contains(o.stderr, "sweep "+name+": not complete") {
		t.Errorf("sync: code %d, %s", o.code, o.stderr)
	}
}

// TestLaw04OddContainerKeepsItsPlace has one container that cannot be used for ever.
func TestLaw04OddContainerKeepsItsPlace(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig, name := newSysdig(t), names(t, "cluster")
		image := crowsnest.DigestOf([]byte("image"))
		sysdig.SetCluster(name, runs("odd", image), runs("web", image), runs("gone", image))
		good := s.connect(t, sysdig, name, name)
		odd := runs("odd", "")
		sysdig.SetCluster(name, odd, runs("web", image))
		for range 2 {
			in := s.sync(t, name)
			if in.State != "degraded" || in.Occurrences != 2 || !in.LastSweep.After(good.LastSweep) {
				t.Errorf("integration %+v, want the odd one's place kept, the gone one closed, and a complete sweep", in)
			}
			oneSentence(t, "reason", in.Reason, "1 of the reported containers", "shop/odd main", "no digest")
		}
	})
}

// What a deletion takes out of an environment is shown before, and nothing goes unless somebody says yes.
func TestDeletionIsShownBefore(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	host := imagekit.Registry(t)
	img := small(t, "deletion")
	imagekit.Push(t, host+"/shop/deleted:1.0", img)
	s.analyse(t, host+"/shop/deleted:1.0")
	sysdig, name := newSysdig(t), names(t, "cluster")
	sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, img)), runs("lost", crowsnest.DigestOf([]byte("lost"))))
	s.connect(t, sysdig, name, name)
	m := at(t, s)
	preview := []string{"ends 2 running containers in " + name, "1 analysed image and 1 not analysed leave it", host + "/shop/deleted:1.0"}
	o := m.run(t, "integration", "delete", "sysdig", "--name", name, "--preview")
	for _, words := range preview {
		if o.code != 0 || !strings.Contains(o.stdout, words) {
			t.Errorf("the preview: code %d, %q does not say %q", o.code, o.stdout, words)
		}
	}
	o = m.run(t, "integration", "delete", "sysdig", "--name", name)
	for _, words := range append(slices.Clone(preview), "nobody can be asked", "--yes") {
		if o.code == 0 || !strings.Contains(o.stderr, words) {
			t.Errorf("code %d, %q does not say %q", o.code, o.stderr, words)
		}
	}
	if in := got(s.Integration(ctx(t), name))(t); in.Occurrences != 2 {
		t.Errorf("integration %+v, want it as it was", in)
	}
	o = m.run(t, "integration", "delete", "sysdig", "--name", name, "--yes")
	for _, words := range append(preview, "deleted integration "+name) {
		if o.code != 0 || !strings.Contains(o.stderr, words) {
			t.Errorf("code %d, %q does not say %q", o.code, o.stderr, words)
		}
	}
	if _, err := s.Integration(ctx(t), name); crowsnest.KindOf(err) != crowsnest.NotFound {
		t.Errorf("still there: %v", err)
	}
}

// TestEachSyncSweeps asks for a sweep as soon as the last one has ended, again and again: each
// request must lead to a sweep of its own, or the caller waits for ever.
func TestEachSyncSweeps(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig, production := newSysdig(t), names(t, "production")
		sysdig.SetCluster(production, runs("web", crowsnest.DigestOf([]byte("image"))))
		last := s.connect(t, sysdig, production, production)
		for n := range 8 {
			in, err := s.SyncIntegration(ctx(t), production)
			if err != nil {
				t.Fatalf("sync %d: %v", n+1, err)
			}
			if !in.LastSweep.After(last.LastSweep) {
				t.Fatalf("sync %d: no sweep after %v", n+1, last.LastSweep)
			}
			last = in
		}
	})
}

// What runs and is not known is named by what Sysdig calls it, for who it tells that; who may not ask has a whole sweep all the same.
func TestGapsAreNamedBySysdig(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig := newSysdig(t)
		sysdig.SetAPITokens("api-token")
		name, other := names(t, "cluster"), names(t, "refused")
		image := crowsnest.DigestOf([]byte(t.Name()))
		sysdig.SetCluster(name, runs("web", image))
		sysdig.SetCluster(other, runs("web", image))
		sysdig.SetNames(map[string]string{string(image): "registry.example.com/shop/web:1.4.2"})
		named := func(cluster string) wire.Gap {
			t.Helper()
			gaps, err := s.Client.Gaps(t.Context(), cluster)
			if err != nil || len(gaps) != 1 {
				t.Fatalf("gaps %+v, %v", gaps, err)
			}
			return gaps[0]
		}
		s.connect(t, sysdig, other, other)
		if in := s.sync(t, other); in.State != "connected" || named(other).Name != "" {
			t.Errorf("without a second token: %s, %s, %+v", in.State, in.Reason, named(other))
		}
		request := sysdig.request(name, name)
		request.APIToken = "api-token"
		if _, err := s.Client.CreateIntegration(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		s.sync(t, name)
		got := named(name)
		for patience := 500; got.Name == "" && patience > 0; patience-- { // names are asked for once the sweep is over
			time.Sleep(20 * time.Millisecond)
			got = named(name)
		}
		if got.Name != "registry.example.com/shop/web:1.4.2" || !got.Reported || got.State != "unresolved" {
			t.Errorf("with one: %+v", got)
		}
	})
}

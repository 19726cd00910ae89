package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Unless somebody switches it on nothing is analysed because it runs. Then it is, behind everything else, from a registry that is
// connected and whose repositories nobody enabled; where that is not possible the reason stands.
func TestWhatRunsIsAnalysedWhereThatIsSwitchedOn(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		elsewhere := imagekit.Registry(t)
		image, hidden, moved := imagekit.Build(t, flat(t, t.Name())), imagekit.Build(t, flat(t, t.Name()+" elsewhere")), imagekit.Build(t, flat(t, t.Name()+" moved"))
		digest := imagekit.Push(t, host+"/shop/web:1", image)
		imagekit.Push(t, elsewhere+"/shop/web:1", hidden)
		imagekit.Push(t, host+"/shop/api:latest", imagekit.Build(t, flat(t, t.Name()+" newer")))

		sysdig := newSysdig(t)
		sysdig.SetAPITokens("api-token")
		cluster := names(t, "eu")
		ids := map[string]string{string(imagekit.ImageID(t, image)): host + "/shop/web:1", string(imagekit.ImageID(t, hidden)): elsewhere + "/shop/web:1", string(imagekit.ImageID(t, moved)): host + "/shop/api:latest"}
		sysdig.SetNames(ids)
		sysdig.SetCluster(cluster, runs("web", imagekit.ImageID(t, image)), runs("hidden", imagekit.ImageID(t, hidden)), runs("moved", imagekit.ImageID(t, moved)))
		request := sysdig.request(cluster, cluster)
		request.APIToken = "api-token"
		got(s.CreateIntegration(ctx(t), request))(t)
		s.connectRegistry(t, names(t, "hub"), host)
		gaps := func() ([]wire.Gap, error) { return s.Client.Gaps(ctx(t), cluster) }
		until(t, "the names", gaps, func(list []wire.Gap) bool {
			n := 0
			for _, gap := range list {
				if gap.Name != "" {
					n++
				}
			}
			return n == 3
		})
		g.reset()
		s.sync(t, cluster)
		time.Sleep(time.Second) // longer than a job takes to begin
		if n := len(s.requests(t, host)) + g.count("/manifests/"); n != 0 {
			t.Errorf("%d questions and requests although nobody switched it on", n)
		}

		on := true
		if in := got(s.UpdateIntegration(ctx(t), cluster, wire.IntegrationChange{Analyse: &on}))(t); !in.Analyse {
			t.Errorf("switched on it is %+v", in)
		}
		until(t, "the image in its environment", func() (wire.Environment, error) { return s.Environment(ctx(t), cluster) }, func(e wire.Environment) bool {
			return len(e.Images) == 1 && e.Images[0].Digest == digest
		})
		for _, r := range s.done(t, host, 2) {
			if r.Lane != "backfill" {
				t.Errorf("request %+v", r)
			}
		}
		reasons := map[crowsnest.Digest]wire.Gap{}
		for _, gap := range got(gaps())(t) {
			reasons[gap.ImageID] = gap
		}
		if gap := reasons[imagekit.ImageID(t, moved)]; !strings.Contains(gap.Reason, "another image now") || gap.Code != "name-moved" || gap.Reference == "" || gap.Remedy != nil {
			t.Errorf("of a name that moved: %+v", gap)
		}
		if gap := reasons[imagekit.ImageID(t, hidden)]; gap.Remedy == nil || gap.Remedy.Action != "connect-registry" {
			t.Errorf("of a registry that is not connected: %+v", gap)
		}
		for range 2 {
			s.sync(t, cluster)
		}
		if n := len(s.requests(t, host)); n != 2 {
			t.Errorf("%d requests after more sweeps, want one for each digest", n)
		}
		if n := len(s.requests(t, elsewhere)); n != 0 {
			t.Errorf("%d requests of a registry that is not connected", n)
		}
	})
}

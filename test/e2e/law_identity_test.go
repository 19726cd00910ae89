package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

func TestLaw01TwoReferencesOfOneDigestAreOneContent(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		img := small(t, "one content")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		imagekit.Push(t, host+"/other/name:stable", img)
		first := s.analyse(t, host+"/shop/web:1.0")
		gate.reset()
		if second := s.analyse(t, host+"/other/name:stable"); second != first {
			t.Errorf("two references of one digest are %s and %s", first, second)
		}
		if layer := layerPath(t, img, 0); gate.count(layer) != 0 {
			t.Error("the content was analysed again for its second reference")
		}
		n := 0
		for _, i := range got(s.Images(ctx(t)))(t) {
			if strings.HasPrefix(i.Name, host+"/") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d images, want one", n)
		}
	})
}

// TestLaw01MovedTagLeavesRunningImageAlone moves a tag forth and back: what runs keeps
// its own content and findings, and the name always leads to what it names now.
func TestLaw01MovedTagLeavesRunningImageAlone(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		reference := host + "/shop/web:latest"
		old := small(t, "old")
		fixed := layered(t, "fixed", base(strings.Replace(libssl, "3.0.17-1~deb12u2", "3.0.17-1~deb12u3", 1)))
		oldDigest := imagekit.Push(t, reference, old)
		s.analyse(t, reference)
		sysdig := newSysdig(t)
		name := names(t, "production")
		sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, old)))
		s.connect(t, sysdig, name, name)

		fixedDigest := imagekit.Push(t, reference, fixed)
		if d := s.analyse(t, reference); d != fixedDigest {
			t.Errorf("the moved tag leads to %s, want %s", d, fixedDigest)
		}
		called := func() crowsnest.Digest {
			t.Helper()
			page := get[wire.Page[wire.Image]](t, s, "/images?name="+url.QueryEscape(reference))
			if len(page.Items) != 1 {
				t.Fatalf("%d images of that name, want the one asked for last", len(page.Items))
			}
			return page.Items[0].Digest
		}
		if d := called(); d != fixedDigest {
			t.Errorf("the name leads to %s, want %s", d, fixedDigest)
		}
		if n := got(s.CVEs(ctx(t), string(fixedDigest), ""))(t).Summary.Total(); n != 0 {
			t.Errorf("%d findings in the fixed image", n)
		}
		production := got(s.Environment(ctx(t), name))(t)
		if len(production.Images) != 1 || production.Images[0].Digest != oldDigest || production.Images[0].Summary.Critical != 1 {
			t.Errorf("production %+v, want the old image with its critical finding", production)
		}

		// Rolled back: the old content goes by the name again.
		imagekit.Push(t, reference, old)
		if d := s.analyse(t, reference); d != oldDigest {
			t.Errorf("the tag that was moved back leads to %s, want %s", d, oldDigest)
		}
		if d := called(); d != oldDigest {
			t.Errorf("after the tag was moved back the name leads to %s, want %s", d, oldDigest)
		}
	})
}

// TestLaw02AnyDigestFindsTheImage lets Sysdig report each of the three digests: they are
// one image of the environment, and what was seen in use counts whatever it was reported under.
func TestLaw02AnyDigestFindsTheImage(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := small(t, "amd64")
		arm := imagekit.Build(t, imagekit.Image{Platform: crowsnest.Platform{OS: "linux", Architecture: "arm64"}, Layers: []imagekit.Layer{base(libc)}, Labels: map[string]string{"test": t.Name()}})
		index := imagekit.Push(t, host+"/shop/web:1.0", imagekit.Index(t, img, arm))
		digest := s.analyse(t, host+"/shop/web:1.0")
		if want := imagekit.Digest(t, img); digest != want {
			t.Fatalf("analysed %s, want the manifest of linux/amd64, %s", digest, want)
		}
		digests := map[string]crowsnest.Digest{"config": imagekit.ImageID(t, img), "manifest": digest, "index": index}
		sysdig := newSysdig(t)
		var all []sysdigkit.Item
		for kind, d := range digests {
			name := names(t, kind)
			sysdig.SetCluster(name, runs(kind, d, shopLoaded()))
			all = append(all, runs(kind, d))
			in := s.connect(t, sysdig, name, name)
			if in.Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
				t.Errorf("%s: coverage %+v, want it analysed", name, in.Coverage)
			}
			cves := got(s.CVEs(ctx(t), string(d), name))(t)
			if cves.Image.Digest != digest || len(cves.Findings) != 1 || cves.Findings[0].InUse != crowsnest.Loaded {
				t.Errorf("%s: findings %+v, want one in use", name, cves)
			}
		}
		name := names(t, "together")
		sysdig.SetCluster(name, all...)
		if in := s.connect(t, sysdig, name, name); in.Occurrences != 3 || in.Coverage != (crowsnest.Coverage{Running: 1, Analysed: 1}) {
			t.Errorf("%+v: three workloads of one image are not counted as one", in)
		}
		together := got(s.Environment(ctx(t), name))(t)
		if len(together.Images) != 1 || len(together.Images[0].Workloads) != 3 {
			t.Errorf("environment %+v, want one image with three workloads", together)
		}
	})
}

func TestLaw02UnresolvedStaysVisible(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		unknown := crowsnest.DigestOf([]byte(t.Name()))
		sysdig, name := newSysdig(t), names(t, "production")
		sysdig.SetCluster(name, runs("debug", unknown))
		s.connect(t, sysdig, name, name)
		want := wire.Gap{
			ImageID: unknown, State: "unresolved", Code: "unnamed-image", Detail: name,
			Workloads: []crowsnest.Workload{{Integration: name, Cluster: name, Namespace: "shop", Kind: "deployment", Name: "debug", Container: "main"}}, Warnings: []wire.Warning{},
		}
		for _, environment := range []string{name, ""} {
			gap, _ := named(got(s.Gaps(ctx(t), environment))(t), func(g wire.Gap) string { return string(g.ImageID) }, string(unknown))
			oneSentence(t, "reason", gap.Reason, "its name is not known here")
			gap.Reason = ""
			if diff := cmp.Diff(want, gap); diff != "" {
				t.Errorf("gaps of %q (-want +got):\n%s", environment, diff)
			}
		}
		out := at(t, s).ok(t, "environment", name)
		for _, word := range []string{"0 of 1", "1 unresolved", unknown.Short(), "deployment/debug"} {
			if !strings.Contains(out, word) {
				t.Errorf("the command does not say %q of the environment:\n%s", word, out)
			}
		}
	})
}

// TestLaw03BothOrdersGiveTheSameAnswer compares an environment that was seen running before its image
// was analysed with one that was seen afterwards.
func TestLaw03BothOrdersGiveTheSameAnswer(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		img := small(t, "both orders")
		imagekit.Push(t, host+"/shop/web:1.0", img)
		sysdig := newSysdig(t)
		first, second := names(t, "before"), names(t, "after")
		for _, name := range []string{first, second} {
			sysdig.SetCluster(name, runs("web", imagekit.ImageID(t, img), shopLoaded()))
		}
		s.connect(t, sysdig, first, first)
		s.analyse(t, host+"/shop/web:1.0")
		s.connect(t, sysdig, second, second)

		type answer struct {
			Environment wire.Environment
			CVEs        wire.CVEs
		}
		read := func(name string) answer {
			a := answer{got(s.Environment(ctx(t), name))(t), got(s.CVEs(ctx(t), string(imagekit.ImageID(t, img)), name))(t)}
			a.Environment.Name, a.Environment.Clusters, a.Environment.AsOf = "", nil, time.Time{}
			for i := range a.Environment.Images {
				a.Environment.Images[i].ProfiledAt = time.Time{} // one was swept later
				for j := range a.Environment.Images[i].Workloads {
					a.Environment.Images[i].Workloads[j].Cluster, a.Environment.Images[i].Workloads[j].Integration = "", ""
				}
			}
			return a
		}
		before := read(first)
		if len(before.Environment.Images) != 1 || before.CVEs.Summary.Critical != 1 {
			t.Errorf("running first: %+v", before)
		}
		if diff := cmp.Diff(before, read(second)); diff != "" {
			t.Errorf("the order matters (-running first +analysed first):\n%s", diff)
		}
	})
}

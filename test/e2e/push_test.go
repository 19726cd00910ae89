package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/pgkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
)

// until asks until an answer is as wanted. As long as answers change, something is on its way: what waits behind the
// work of all other tests, as filling up does, may take several times the patience of one answer.
func until[T any](t testing.TB, what string, ask func() (T, error), good func(T) bool) T {
	t.Helper()
	start := time.Now()
	var before []byte
	changed := start
	for {
		v, err := ask()
		if err == nil && good(v) {
			return v
		}
		if now := got(json.Marshal(v))(t); !bytes.Equal(now, before) {
			before, changed = now, time.Now()
		}
		if time.Since(changed) > patience || time.Since(start) > 4*patience {
			t.Fatalf("%s does not come: %+v, %v", what, v, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// connectRegistry connects a registry whose tags are read once a day, so that whatever is seen sooner was told of.
func (s *server) connectRegistry(t testing.TB, name, host string, change ...func(*connected.RegistryIntegrationRequest)) connected.RegistryIntegration {
	t.Helper()
	request := connected.RegistryIntegrationRequest{Name: name, Interval: "24h", RegistryConnection: connected.RegistryConnection{Kind: "oci", Host: host}}
	for _, c := range change {
		c(&request)
	}
	return got(s.ConnectRegistry(ctx(t), request))(t)
}

func (s *server) enable(t testing.TB, registry string, names ...string) {
	t.Helper()
	got(s.EnableRepositories(ctx(t), connected.RepositoryScope{Registry: registry, Names: names}, true))(t)
}

// analysed waits until a name leads to an analysed image of a digest.
func (s *server) analysed(t testing.TB, name string, digest crowsnest.Digest) {
	t.Helper()
	repository := name[:strings.LastIndexByte(name, ':')+1]
	until(t, "the analysis of "+name+" "+string(digest), func() ([]wire.Image, error) {
		list, err := s.Images(ctx(t))
		return slices.DeleteFunc(list, func(i wire.Image) bool { return !strings.HasPrefix(i.Name, repository) }), err
	}, func(list []wire.Image) bool {
		return slices.ContainsFunc(list, func(i wire.Image) bool { return i.Name == name && i.Digest == digest && i.State == "analysed" })
	})
}

// requests returns the analyses that were asked for of images of a registry.
func (s *server) requests(t testing.TB, host string) []wire.Analysis {
	t.Helper()
	all := get[wire.Page[wire.Analysis]](t, s, "/analyses?limit=1000")
	return slices.DeleteFunc(all.Items, func(a wire.Analysis) bool { return !strings.HasPrefix(a.Reference, host+"/") })
}

// tell tells of a push to shop/web, with a digest that need not be true, and returns the status.
func tell(t testing.TB, url, secret, tag string) int {
	t.Helper()
	body := fmt.Sprintf(`{"events":[{"action":"push","target":{"repository":"shop/web","tag":%q,"digest":"sha256:%064d"}}]}`, tag, 1)
	req := got(http.NewRequestWithContext(ctx(t), http.MethodPost, url, strings.NewReader(body)))(t)
	req.Header.Set("Authorization", "Bearer "+secret)
	res := got(http.DefaultClient.Do(req))(t)
	res.Body.Close()
	return res.StatusCode
}

// done waits until so many analyses that were asked for of images of a registry have ended: an image is analysed a moment
// before its request is.
func (s *server) done(t testing.TB, host string, n int) []wire.Analysis {
	t.Helper()
	return until(t, "the end of the requests", func() ([]wire.Analysis, error) { return s.requests(t, host), nil }, func(list []wire.Analysis) bool {
		return len(list) == n && !slices.ContainsFunc(list, func(a wire.Analysis) bool { return a.State != "done" })
	})
}

func flat(t testing.TB, content string) imagekit.Image {
	t.Helper()
	return imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("etc/content", content)}}}}
}

// A registry as people run it: what is pushed there is told of, analysed, and in the environment where it runs already.
func TestPushIsToldOfAndAnalysed(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		distribution := imagekit.Distributed(t)
		host := distribution.Host
		name := names(t, "hub")
		s.connectRegistry(t, name, host)
		hook := got(s.CreateRegistryHook(ctx(t), name))(t)
		distribution.Notify(hook.URL, "Bearer "+hook.Secret)
		s.enable(t, name, "shop/web")

		built := imagekit.Build(t, flat(t, t.Name()))
		digest := imagekit.Digest(t, built)
		environment := names(t, "production")
		sysdig := newSysdig(t)
		sysdig.SetCluster(names(t, "eu"), runs("web", imagekit.ImageID(t, built)))
		s.connect(t, sysdig, names(t, "eu"), environment)

		if pushed := imagekit.Push(t, host+"/shop/web:1", built); pushed != digest {
			t.Fatalf("pushed %s, want %s", pushed, digest)
		}
		s.analysed(t, host+"/shop/web:1", digest)
		until(t, "the image in its environment", func() (wire.Environment, error) { return s.Environment(ctx(t), environment) }, func(e wire.Environment) bool {
			return len(e.Images) == 1 && e.Images[0].Digest == digest
		})
		if request := s.done(t, host, 1)[0]; request.Lane != "push" || request.Tag != "1" {
			t.Errorf("request %+v", request)
		}
		if in := got(s.ConnectedRegistry(ctx(t), name))(t); in.State != "connected" || !in.Hook {
			t.Errorf("the registry is %+v", in)
		}

		// The same tag anew, and the old image under another name.
		second := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name()+" 2")))
		s.analysed(t, host+"/shop/web:1", second)
		if img := got(s.Image(ctx(t), host+"/shop/web:1"))(t); img.Digest != second {
			t.Errorf("the tag leads to %s, want %s", img.Digest, second)
		}
		if known := got(s.KnownRepository(ctx(t), host+"/shop/web"))(t); known.Watched == nil || known.Watched.Registry != name || known.Watched.Pushed.IsZero() || known.Images != 2 || known.Running != 1 {
			t.Errorf("the repository is %+v", known)
		}
		past := got(s.TagIntervals(ctx(t), host+"/shop/web", true))(t)
		if len(past) != 2 || past[0].Image != second || past[1].Image != digest || !past[1].Until.Equal(past[0].Since) {
			t.Errorf("the tag named %+v", past)
		}
		imagekit.Push(t, host+"/shop/web:old", built)
		until(t, "the third push", func() ([]connected.Repository, error) { return s.Repositories(ctx(t), name, "", "") }, func(list []connected.Repository) bool { return len(list) == 1 && list[0].Tags == 2 })
		if requests := s.requests(t, host); len(requests) != 2 {
			t.Errorf("%d requests, want one for each digest", len(requests))
		}
	})
}

// A webhook that is lost costs time and nothing else.
func TestLostWebhookIsFoundByPolling(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		name := names(t, "hub")
		imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name()+" 1")))
		s.connectRegistry(t, name, host, func(r *connected.RegistryIntegrationRequest) { r.Interval, r.Enable = "10s", []string{"shop/*"} })
		s.analysed(t, host+"/shop/web:1", imagekit.Digest(t, imagekit.Build(t, flat(t, t.Name()+" 1")))) // found, enabled by its pattern, and the newest
		digest := imagekit.Push(t, host+"/shop/web:2", imagekit.Build(t, flat(t, t.Name()+" 2")))
		s.analysed(t, host+"/shop/web:2", digest)
	})
}

// Of a paused registry nothing is asked, whatever its webhook tells; resumed, it goes on with what was pushed meanwhile.
func TestPausedRegistryIsNotAsked(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		name := names(t, "hub")
		first := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name()+" 1")))
		s.connectRegistry(t, name, host, func(r *connected.RegistryIntegrationRequest) { r.Interval = "10s" })
		hook := got(s.CreateRegistryHook(ctx(t), name))(t)
		s.enable(t, name, "shop/web")
		s.analysed(t, host+"/shop/web:1", first)

		pause := true
		if in := got(s.ChangeRegistry(ctx(t), name, connected.RegistryIntegrationChange{Paused: &pause}))(t); in.State != "paused" || !in.NextLook.IsZero() || in.LastLook.IsZero() {
			t.Errorf("paused it is %+v", in)
		}
		second := imagekit.Push(t, host+"/shop/web:2", imagekit.Build(t, flat(t, t.Name()+" 2")))
		g.reset()
		if code := tell(t, hook.URL, hook.Secret, "2"); code != http.StatusAccepted {
			t.Errorf("told of a push: %d", code)
		}
		until(t, "what was told", func() ([]connected.Repository, error) { return s.Repositories(ctx(t), name, "", "") }, func(list []connected.Repository) bool {
			return len(list) == 1 && !list[0].Pushed.IsZero()
		})
		time.Sleep(3 * time.Second) // longer than the schedule takes to see what is due
		if n := g.count("/shop/web/"); n != 0 {
			t.Errorf("it was asked %d times", n)
		}
		if impact := got(s.RegistryImpact(ctx(t), name))(t); impact != (connected.RegistryImpact{Repositories: 1, Enabled: 1, Waiting: 1, Images: 1}) {
			t.Errorf("impact %+v", impact)
		}
		pause = false
		if in := got(s.ChangeRegistry(ctx(t), name, connected.RegistryIntegrationChange{Paused: &pause}))(t); in.State != "connected" || in.NextLook.IsZero() || in.NextListing.IsZero() {
			t.Errorf("resumed it is %+v", in)
		}
		s.analysed(t, host+"/shop/web:2", second)
	})
}

// Only the newest image is analysed of what was there before; the rest is a choice, and none of it twice.
func TestBackfillAnalysesTheRestOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		name := names(t, "hub")
		digests := map[string]crowsnest.Digest{}
		for i := range 25 { // more than are looked at in one go
			tag := fmt.Sprintf("1.%d", i)
			digests[tag] = imagekit.Push(t, host+"/shop/web:"+tag, imagekit.Build(t, flat(t, t.Name()+tag)))
		}
		imagekit.Push(t, host+"/shop/web:again", imagekit.Build(t, flat(t, t.Name()+"1.3")))
		s.connectRegistry(t, name, host)
		s.enable(t, name, "shop/web")
		s.analysed(t, host+"/shop/web:1.24", digests["1.24"])
		scope := connected.RepositoryScope{Registry: name, All: true}
		until(t, "the preview", func() (connected.Backfill, error) { return s.PreviewBackfill(ctx(t), scope) }, func(b connected.Backfill) bool {
			return b == connected.Backfill{Repositories: 1, Images: 25} // and the name that is a second one
		})
		if n := len(s.requests(t, host)); n != 1 {
			t.Errorf("%d requests before anybody chose", n)
		}
		g.reset()
		got(s.Backfill(ctx(t), scope))(t)
		s.done(t, host, 25)
		for tag, digest := range digests {
			if n := g.count("/manifests/" + string(digest)); n != 1 && tag != "1.24" {
				t.Errorf("%s was fetched %d times", tag, n)
			}
		}
		if b := got(s.PreviewBackfill(ctx(t), scope))(t); b.Images != 0 {
			t.Errorf("left to fill up: %+v", b)
		}
	})
}

// The account of the registry pulls its images, a wrong one is not saved, and one that is withdrawn can be replaced.
func TestCredentialsOfARegistry(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		name := names(t, "hub")
		digest := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name())))
		second := imagekit.Push(t, host+"/shop/api:1", imagekit.Build(t, flat(t, t.Name()+" api")))
		var password atomic.Value
		password.Store("first-s3cret")
		g.set(func(w http.ResponseWriter, r *http.Request) bool {
			if user, given, _ := r.BasicAuth(); user == "robot" && given == password.Load() {
				return false
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		})
		as := func(secret string) func(*connected.RegistryIntegrationRequest) {
			return func(r *connected.RegistryIntegrationRequest) { r.Username, r.Secret = "robot", secret }
		}
		wrong := connected.RegistryIntegrationRequest{Name: name, RegistryConnection: connected.RegistryConnection{Kind: "oci", Host: host}}
		as("wrong-s3cret")(&wrong)
		if _, err := s.ConnectRegistry(ctx(t), wrong); err == nil || !strings.Contains(err.Error(), "replace the credentials") {
			t.Errorf("wrong credentials: %v", err)
		}
		if _, err := s.ConnectedRegistry(ctx(t), name); crowsnest.KindOf(err) != crowsnest.NotFound {
			t.Errorf("it was saved: %v", err)
		}
		s.connectRegistry(t, name, host, as("first-s3cret"))
		s.enable(t, name, "shop/web")
		s.analysed(t, host+"/shop/web:1", digest)

		password.Store("second-s3cret")
		s.enable(t, name, "shop/api")
		until(t, "the reason", func() ([]connected.Repository, error) { return s.Repositories(ctx(t), name, "", "api") }, func(list []connected.Repository) bool {
			return len(list) == 1 && strings.Contains(list[0].Reason, "other credentials")
		})
		secret := "second-s3cret"
		got(s.ChangeRegistry(ctx(t), name, connected.RegistryIntegrationChange{Secret: &secret}))(t)
		s.analysed(t, host+"/shop/api:1", second)
		for what, text := range map[string]string{"answers": s.said.String(), "log": s.log.String()} {
			if strings.Contains(text, "-s3cret") {
				t.Errorf("a password is in the %s", what)
			}
		}
	})
}

// A registry that asks to slow down while an image is pulled gets what it asks for, and the image its analysis.
func TestRegistryThatAsksToSlowDown(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		name := names(t, "hub")
		digest := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name())))
		var slow atomic.Bool
		slow.Store(true)
		g.set(func(w http.ResponseWriter, r *http.Request) bool {
			if !slow.Load() || r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/manifests/") {
				return false
			}
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		})
		s.connectRegistry(t, name, host)
		s.enable(t, name, "shop/web")
		until(t, "the wait", func() ([]wire.Analysis, error) { return s.requests(t, host), nil }, func(list []wire.Analysis) bool {
			return len(list) == 1 && list[0].State == "queued" && strings.Contains(list[0].Reason, "slow down")
		})
		slow.Store(false)
		s.analysed(t, host+"/shop/web:1", digest)
		if request := s.done(t, host, 1)[0]; request.Reason != "" {
			t.Errorf("afterwards %+v", request)
		}
	})
}

// holdBlobs lets no content through until held is closed; reached tells of each request for some.
func (g *gate) holdBlobs() (reached chan bool, held chan struct{}) {
	reached, held = make(chan bool, 100), make(chan struct{})
	g.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			reached <- true
			select {
			case <-held:
			case <-r.Context().Done():
			}
		}
		return false
	})
	return reached, held
}

// What was being analysed when the server stopped is analysed by the next one, and what was told of is not forgotten.
func TestPushOutlivesTheServer(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		digest := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name())))
		reached, held := g.holdBlobs()
		s.connectRegistry(t, "hub", host)
		s.enable(t, "hub", "shop/web")
		<-reached
		s.restart()
		close(held)
		s.analysed(t, host+"/shop/web:1", digest)
	})
}

// A server that is killed in the middle of an analysis makes it to its end at the next start, and nothing twice.
func TestPushOutlivesAKill(t *testing.T) {
	t.Parallel()
	g, host := newGate(t)
	digest := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name())))
	reached, held := g.holdBlobs()
	m := newMachine(t)
	first := serve(t, m)
	got(first.ConnectRegistry(ctx(t), connected.RegistryIntegrationRequest{Name: "hub", Enable: []string{"shop/*"}, RegistryConnection: connected.RegistryConnection{Kind: "oci", Host: host}}))(t)
	<-reached
	first.kill()
	close(held)
	second := serve(t, m, first.token)
	img := until(t, "the analysis", func() (wire.Image, error) { return second.Image(ctx(t), string(digest)) }, func(i wire.Image) bool { return i.State == "analysed" })
	if all := got(second.Images(ctx(t)))(t); len(all) != 1 || img.Name != host+"/shop/web:1" {
		t.Errorf("images %+v", all)
	}
	lanes := until(t, "the end of the queue", func() ([]connected.Lane, error) { return second.Lanes(ctx(t)) }, func(list []connected.Lane) bool {
		return !slices.ContainsFunc(list, func(l connected.Lane) bool { return l.Queued+l.Running+l.Coming > 0 })
	})
	if tags := got(second.TagIntervals(ctx(t), host+"/shop/web", true))(t); len(tags) != 1 || tags[0].Image != digest {
		t.Errorf("tags %+v, lanes %+v", tags, lanes)
	}
}

// A replica that is killed in the middle of an analysis leaves it to another one, which takes it up within a minute and not when the time
// limit of an analysis is over.
func TestAnalysisOutlivesItsReplica(t *testing.T) {
	t.Parallel()
	g, host := newGate(t)
	digest := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name())))
	reached, held := g.holdBlobs()
	m := newMachine(t, "CROWSNEST_DATABASE="+pgkit.Database(t))
	first := serve(t, m)
	got(first.ConnectRegistry(ctx(t), connected.RegistryIntegrationRequest{Name: "hub", Enable: []string{"shop/*"}, RegistryConnection: connected.RegistryConnection{Kind: "oci", Host: host}}))(t)
	<-reached
	second := serve(t, m, first.token)
	first.kill()
	close(held)
	until(t, "the analysis", func() (wire.Image, error) { return second.Image(ctx(t), string(digest)) }, func(i wire.Image) bool { return i.State == "analysed" })
	if list := get[wire.Page[wire.Analysis]](t, &server{url: second.url, token: second.token}, "/analyses"); len(list.Items) != 1 {
		t.Errorf("%d analyses were asked for", len(list.Items))
	}
}

// A registry that is away for a while, and one whose tokens end in the middle of a pull, cost time and nothing else; and a push
// that is told of twice, or after the next one, is analysed once.
func TestPushWhileTheRegistryComesAndGoes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		name := names(t, "hub")
		first := imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name()+" 1")))
		s.connectRegistry(t, name, host)
		hook := got(s.CreateRegistryHook(ctx(t), name))(t)
		s.enable(t, name, "shop/web")
		s.analysed(t, host+"/shop/web:1", first)

		second := imagekit.Push(t, host+"/shop/web:2", imagekit.Build(t, flat(t, t.Name()+" 2")))
		third := imagekit.Push(t, host+"/shop/web:3", imagekit.Build(t, flat(t, t.Name()+" 3")))

		// It is being restarted first, and then each token is good for three requests.
		var away, given atomic.Int64
		var used sync.Map // by token: several pulls have one each at the same time
		away.Store(2)
		g.set(func(w http.ResponseWriter, r *http.Request) bool {
			if away.Add(-1) >= 0 {
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			if r.URL.Path == "/token" {
				token := fmt.Sprint("token-", given.Add(1))
				used.Store("Bearer "+token, new(atomic.Int64))
				fmt.Fprintf(w, `{"token":%q}`, token)
				return true
			}
			if n, ok := used.Load(r.Header.Get("Authorization")); ok && n.(*atomic.Int64).Add(1) <= 3 {
				return false
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+host+`/token",service="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
			return true
		})
		for _, tag := range []string{"3", "2", "2", "3"} {
			if code := tell(t, hook.URL, hook.Secret, tag); code != http.StatusAccepted {
				t.Fatalf("told of %s: %d", tag, code)
			}
		}
		s.analysed(t, host+"/shop/web:2", second)
		s.analysed(t, host+"/shop/web:3", third)
		s.done(t, host, 3)
		if n := given.Load(); n < 3 || away.Load() >= 0 {
			t.Errorf("%d tokens were given: none of them ended; or it was not away", n)
		}
	})
}

// A registry that is killed and started again while it is pushed to and asked costs time: what was pushed before, what it could tell
// nobody of, and what comes afterwards is analysed, each once.
func TestRegistryIsRestartedWhilePushedTo(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		d := imagekit.Distributed(t)
		name := names(t, "hub")
		s.connectRegistry(t, name, d.Host, func(r *connected.RegistryIntegrationRequest) { r.Interval = "10s" })
		hook := got(s.CreateRegistryHook(ctx(t), name))(t)
		d.Notify(hook.URL, "Bearer "+hook.Secret)
		s.enable(t, name, "shop/web")
		push := func(tag string) crowsnest.Digest {
			t.Helper()
			return imagekit.Push(t, d.Host+"/shop/web:"+tag, imagekit.Build(t, flat(t, t.Name()+" "+tag)))
		}
		pushed := map[string]crowsnest.Digest{"1": push("1")}
		s.analysed(t, d.Host+"/shop/web:1", pushed["1"])
		// What is there when the tags are read for the first time is not of a push, and only the newest of it is analysed.
		until(t, "the first reading of the tags", func() ([]connected.Repository, error) { return s.Repositories(ctx(t), name, "", "") },
			func(list []connected.Repository) bool { return len(list) == 1 && !list[0].Read.IsZero() })

		for round, tags := range [][]string{{"2", "3"}, {"4", "5"}} {
			for _, tag := range tags {
				pushed[tag] = push(tag)
			}
			d.Stop() // what it has not told yet it never will
			if round == 0 {
				// Somebody told of a push while it is away: the registry is asked in vain, and again when it is there.
				if code := tell(t, hook.URL, hook.Secret, "3"); code != http.StatusAccepted {
					t.Errorf("told of a push: %d", code)
				}
				until(t, "the failure", func() (connected.RegistryIntegration, error) { return s.ConnectedRegistry(ctx(t), name) }, func(in connected.RegistryIntegration) bool { return in.State == "failed" })
			}
			d.Start()
		}
		for tag, digest := range pushed {
			s.analysed(t, d.Host+"/shop/web:"+tag, digest)
		}
		s.done(t, d.Host, len(pushed))
		until(t, "the registry to be well", func() (connected.RegistryIntegration, error) { return s.ConnectedRegistry(ctx(t), name) }, func(in connected.RegistryIntegration) bool { return in.State == "connected" })
		if past := got(s.TagIntervals(ctx(t), d.Host+"/shop/web", true))(t); len(past) != len(pushed) {
			t.Errorf("of %d tags %+v is kept", len(pushed), past)
		}
	})
}

// Who knows no secret makes nobody look at anything, and who knows it only makes the registry be asked.
func TestForgedPushes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		g, host := newGate(t)
		name := names(t, "hub")
		imagekit.Push(t, host+"/shop/web:1", imagekit.Build(t, flat(t, t.Name())))
		s.connectRegistry(t, name, host)
		s.enable(t, name, "shop/web")
		until(t, "the first reading", func() ([]connected.Repository, error) { return s.Repositories(ctx(t), name, "", "") }, func(list []connected.Repository) bool { return !list[0].Read.IsZero() })
		hook := got(s.CreateRegistryHook(ctx(t), name))(t)
		var count atomic.Int64
		g.set(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, "/manifests/never-pushed") {
				count.Add(1)
			}
			return false
		})
		if code := tell(t, hook.URL, "wrong", "never-pushed"); code != http.StatusNotFound {
			t.Errorf("another secret: %d", code)
		}
		if code := tell(t, hook.URL, hook.Secret, "never-pushed"); code != http.StatusAccepted {
			t.Errorf("the secret: %d", code)
		}
		until(t, "the question", func() (int64, error) { return count.Load(), nil }, func(n int64) bool { return n == 1 })
		until(t, "the end of it", func() ([]connected.Repository, error) { return s.Repositories(ctx(t), name, "", "") }, func(list []connected.Repository) bool { return list[0].Tags == 1 })
		if requests := s.requests(t, host); len(requests) != 1 {
			t.Errorf("%d requests", len(requests))
		}
	})
}

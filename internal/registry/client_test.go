package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

func everything(string) bool { return true }

// connector reaches servers on this machine as the product would with egress.allow.
func connector(t *testing.T) *Connector {
	t.Helper()
	policy := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	rt, err := egress.NewTransport(policy)
	if err != nil {
		t.Fatal(err)
	}
	hc, err := egress.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	return &Connector{Transport: rt, API: hc}
}

func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	c, err := connector(t).New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalogueTagsAndTargets(t *testing.T) {
	for name, start := range map[string]func(testing.TB) string{"in memory": imagekit.Registry, "distribution": imagekit.DockerRegistry} {
		t.Run(name, func(t *testing.T) {
			host := start(t)
			img := imagekit.Build(t, imagekit.Image{})
			digest := imagekit.Push(t, host+"/shop/web:1.0", img)
			for _, ref := range []string{"/shop/web:2.0", "/shop/api:1", "/shop/web:sha256-" + strings.Repeat("a", 64) + ".sig"} {
				imagekit.Push(t, host+ref, img)
			}
			c := client(t, Config{Kind: "oci", Host: host})
			repositories, err := c.Repositories(t.Context())
			slices.Sort(repositories)
			if diff := cmp.Diff([]string{"shop/api", "shop/web"}, repositories); diff != "" || err != nil {
				t.Errorf("repositories: %v (-want +got):\n%s", err, diff)
			}
			tags, err := c.Tags(t.Context(), "shop/web")
			if slices.Sort(tags); !slices.Equal(tags, []string{"1.0", "2.0"}) || err != nil {
				t.Errorf("tags %q, %v", tags, err)
			}
			if target, err := c.Target(t.Context(), "shop/web", "1.0"); target != digest || err != nil {
				t.Errorf("target %s, %v; want %s", target, err, digest)
			}
			if target, err := c.Target(t.Context(), "shop/web", "none"); target != "" || err != nil {
				t.Errorf("no such tag: %s, %v", target, err)
			}
			if _, err := c.Tags(t.Context(), "shop/none"); crowsnest.KindOf(err) != crowsnest.NotFound || err == nil {
				t.Errorf("no such repository: %v", err)
			}
			trial, err := c.Test(t.Context(), func(n string) bool { return n != "shop/api" })
			if diff := cmp.Diff(Trial{Repositories: []string{"shop/web"}}, trial); diff != "" || err != nil {
				t.Errorf("test: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// A registry with tokens that end, as most have them.
func TestTokensThatEnd(t *testing.T) {
	var host string
	var tokens atomic.Int64
	host = imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		good := fmt.Sprint("Bearer token-", tokens.Load())
		switch {
		case r.URL.Path == "/token":
			if user, password, _ := r.BasicAuth(); user != "robot" || password != "right" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"token":"token-%d"}`, tokens.Load())
		case r.Header.Get("Authorization") != good:
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+host+`/token",service="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/v2/shop/web/tags/list":
			w.Write([]byte(`{"tags":["1"]}`))
		default:
			w.Write([]byte(`{}`))
		}
	}))
	c := client(t, Config{Kind: "oci", Host: host, Username: "robot", Secret: "right"})
	for range 3 {
		if tags, err := c.Tags(t.Context(), "shop/web"); err != nil || len(tags) != 1 {
			t.Fatalf("tags %q, %v", tags, err)
		}
		tokens.Add(1)
	}
	wrong := client(t, Config{Kind: "oci", Host: host, Username: "robot", Secret: "wrong password"})
	_, err := wrong.Test(t.Context(), everything)
	var e *crowsnest.Error
	if !errors.As(err, &e) || e.Kind != crowsnest.Unauthorized || e.Field != "secret" || !strings.Contains(e.Hint, "credentials") || strings.Contains(err.Error(), "wrong password") {
		t.Errorf("wrong credentials: %#v", err)
	}
}

func TestFaultsOfRegistries(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		kind   crowsnest.Kind
		wait   time.Duration
	}{
		"slow down":       {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "77"); w.WriteHeader(429) }, crowsnest.RateLimited, 77 * time.Second},
		"failure":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, crowsnest.Unavailable, 0},
		"not JSON":        {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }, crowsnest.Unavailable, 0},
		"no catalogue":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, crowsnest.Invalid, 0},
		"no rights":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, crowsnest.Forbidden, 0},
		"an endless page": {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, maxAnswer+1)) }, crowsnest.TooLarge, 0},
		"an endless list": {func(w http.ResponseWriter, r *http.Request) { endless(w, r) }, crowsnest.TooLarge, 0},
		"a list that circles": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", `<`+r.URL.RequestURI()+`>; rel="next"`)
			w.Write([]byte(`{"repositories":[]}`))
		}, crowsnest.Internal, 0},
		"a page elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", `<http://evil.example/v2/_catalog?last=x>; rel="next"`)
			w.Write([]byte(`{"repositories":["a"]}`))
		}, crowsnest.Internal, 0},
	} {
		t.Run(name, func(t *testing.T) {
			host := imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v2/" {
					return
				}
				test.answer(w, r)
			}))
			c := client(t, Config{Kind: "oci", Host: host})
			_, err := c.Repositories(t.Context())
			if test.kind == crowsnest.Internal { // it is no fault: the list ends there
				if err != nil {
					t.Error(err)
				}
				return
			}
			if crowsnest.KindOf(err) != test.kind || err == nil {
				t.Errorf("%v is %s, want %s", err, crowsnest.KindOf(err), test.kind)
			}
			if c.Wait() != test.wait {
				t.Errorf("it waits %s, want %s", c.Wait(), test.wait)
			}
		})
	}
	_, err := client(t, Config{Kind: "oci", Host: "127.0.0.1:1"}).Test(t.Context(), everything)
	if crowsnest.KindOf(err) != crowsnest.Unavailable || !strings.Contains(err.Error(), "refuses connections") {
		t.Errorf("nobody listens: %v", err)
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	page := struct {
		Repositories []string `json:"repositories"`
	}{}
	last := r.URL.Query().Get("last")
	for i := range 10_000 {
		page.Repositories = append(page.Repositories, fmt.Sprintf("r%s%d", last, i))
	}
	w.Header().Set("Link", `</v2/_catalog?last=`+last+`x>; rel="next"`)
	json.NewEncoder(w).Encode(page)
}

// The registries with lists of their own: what is asked of them, and with which credentials.
func TestOwnLists(t *testing.T) {
	asked := func(t *testing.T, answers map[string]string) (address string, seen func() []string) {
		var got []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			key := r.Method + " " + r.URL.RequestURI()
			got = append(got, key+" "+r.Header.Get("Authorization")+r.Header.Get("PRIVATE-TOKEN"))
			body, ok := answers[key]
			if !ok {
				w.WriteHeader(http.StatusNotFound)
			}
			w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL, func() []string { return got }
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:token"))
	for _, test := range []struct {
		cfg     Config
		answers map[string]string
		want    []string
		sign    string // of the last call
	}{
		{Config{Kind: "docker-hub", Host: "docker.io", Namespace: "acme"}, map[string]string{
			"POST /v2/auth/token": `{"access_token":"jwt"}`,
			"GET /v2/namespaces/acme/repositories?page_size=100&page=1": `{"next":"https://evil.example/","results":[{"name":"web"}]}`,
			"GET /v2/namespaces/acme/repositories?page_size=100&page=2": `{"next":null,"results":[{"name":"api"},{"name":"../x"}]}`,
		}, []string{"acme/web", "acme/api"}, "Bearer jwt"},
		{Config{Kind: "ghcr", Host: "ghcr.io", Namespace: "Acme"}, map[string]string{
			"GET /users/Acme/packages?package_type=container&per_page=100&page=1": `[{"name":"Web"},{"name":"tools/cli"}]`,
			"GET /users/Acme/packages?package_type=container&per_page=100&page=2": `[]`,
		}, []string{"acme/web", "acme/tools/cli"}, "Bearer token"},
		{Config{Kind: "gitlab", Host: "registry.gitlab.com", Namespace: "group/sub"}, map[string]string{
			"GET /api/v4/groups/group%2Fsub/registry/repositories?per_page=100&page=1": `[{"id":1,"path":"group/sub/web"}]`,
			"GET /api/v4/groups/group%2Fsub/registry/repositories?per_page=100&page=2": `[]`,
		}, []string{"group/sub/web"}, "token"},
		{Config{Kind: "harbor", Host: "harbor.example.com"}, map[string]string{
			"GET /api/v2.0/repositories?page_size=100&page=1": `[{"name":"shop/web"},{"name":7}]`,
			"GET /api/v2.0/repositories?page_size=100&page=2": `[]`,
		}, []string{"shop/web"}, basic},
		{Config{Kind: "quay", Host: "quay.io", Namespace: "acme"}, map[string]string{
			"GET /api/v1/repository?namespace=acme":               `{"repositories":[{"namespace":"acme","name":"web"}],"next_page":"abc"}`,
			"GET /api/v1/repository?namespace=acme&next_page=abc": `{"repositories":[{"namespace":"acme","name":"api"}]}`,
		}, []string{"acme/web", "acme/api"}, "Bearer token"},
	} {
		t.Run(test.cfg.Kind, func(t *testing.T) {
			cfg := test.cfg
			cfg.Username, cfg.Secret = "me", "token"
			var seen func() []string
			cfg.API, seen = asked(t, test.answers)
			got, err := client(t, cfg).Repositories(t.Context())
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if calls := seen(); !strings.HasSuffix(calls[len(calls)-1], " "+test.sign) {
				t.Errorf("calls %q, the last signed with %q", calls, test.sign)
			}
			cfg.API, _ = asked(t, nil)
			if _, err := client(t, cfg).Repositories(t.Context()); err == nil || crowsnest.KindOf(err) != crowsnest.Invalid {
				t.Errorf("no such list: %v", err)
			}
		})
	}
}

func TestPasswordsOfECR(t *testing.T) {
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if a := r.Header.Get("Authorization"); !strings.HasPrefix(a, "AWS4-HMAC-SHA256 Credential=AKIA/") || !strings.Contains(a, "/eu-west-1/ecr/aws4_request") || strings.Contains(a, "key of the key") {
			t.Errorf("signed with %q", a)
		}
		if r.Header.Get("X-Amz-Target") != "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"authorizationData":[{"authorizationToken":%q,"expiresAt":%d}]}`, base64.StdEncoding.EncodeToString([]byte("AWS:pass:word")), time.Now().Add(12*time.Hour).Unix())
	}))
	defer s.Close()
	cfg := Config{Kind: "ecr", Host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", Username: "AKIA", Secret: "key of the key", API: s.URL}
	c := connector(t)
	for range 2 {
		auth, err := c.Authenticator(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := auth.Authorization(); err != nil || got.Username != "AWS" || got.Password != "pass:word" {
			t.Errorf("signs in as %s with %q, %v", got.Username, got.Password, err)
		}
	}
	if calls != 1 {
		t.Errorf("asked %d times for what is good for hours", calls)
	}
	refused := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer refused.Close()
	cfg.API = refused.URL
	if _, err := c.New(t.Context(), cfg); crowsnest.KindOf(err) != crowsnest.Unauthorized || strings.Contains(err.Error(), "key of the key") {
		t.Errorf("refused: %v", err)
	}
}

func TestComplete(t *testing.T) {
	for _, test := range []struct{ in, want Config }{
		{Config{Kind: "oci", Host: " https://Registry.Example.com/ "}, Config{Kind: "oci", Host: "registry.example.com"}},
		{Config{Kind: "docker-hub", Namespace: "/acme/"}, Config{Kind: "docker-hub", Host: "docker.io", Namespace: "acme"}},
		{Config{Kind: "docker-hub", Host: "index.docker.io", Repositories: []string{"library/nginx", "docker.io/acme/web"}}, Config{Kind: "docker-hub", Host: "docker.io", Repositories: []string{"acme/web", "library/nginx"}}},
		{Config{Kind: "oci", Host: "localhost:5000", Username: " u ", Secret: " s\n"}, Config{Kind: "oci", Host: "localhost:5000", Username: "u", Secret: "s"}},
		{Config{Kind: "gitlab", Host: "registry.example.com", API: "https://gitlab.example.com/", Namespace: "g"}, Config{Kind: "gitlab", Host: "registry.example.com", API: "https://gitlab.example.com", Namespace: "g"}},
	} {
		test.want.Repositories = append([]string{}, test.want.Repositories...)
		got, err := Complete(test.in)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %v (-want +got):\n%s", test.in, err, diff)
		}
	}
	for field, list := range map[string][]Config{
		"kind":         {{Kind: "tape"}},
		"host":         {{Kind: "oci"}, {Kind: "oci", Host: "http://registry.example.com"}, {Kind: "oci", Host: "registry.example.com/path"}, {Kind: "oci", Host: "user:pass@registry.example.com"}, {Kind: "ghcr", Host: "docker.io", Namespace: "x"}, {Kind: "ecr", Host: "registry.example.com", Username: "u", Secret: "s"}, {Kind: "acr", Host: "acme.azurecr.io.evil.example"}},
		"username":     {{Kind: "oci", Host: "a.example", Secret: "s"}, {Kind: "ecr", Host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com"}},
		"secret":       {{Kind: "oci", Host: "a.example", Username: "u"}},
		"namespace":    {{Kind: "ghcr"}, {Kind: "docker-hub"}},
		"api":          {{Kind: "gitlab", Host: "registry.example.com", Namespace: "g"}, {Kind: "oci", Host: "a.example", API: "file:///etc"}},
		"repositories": {{Kind: "oci", Host: "a.example", Repositories: []string{"Web"}}, {Kind: "oci", Host: "a.example", Repositories: []string{"web:1"}}},
	} {
		for _, cfg := range list {
			_, err := Complete(cfg)
			var e *crowsnest.Error
			if !errors.As(err, &e) || e.Field != field || e.Hint == "" {
				t.Errorf("%+v: %v, want a refusal of %s with a hint", cfg, err, field)
			}
		}
	}
}

func TestNewest(t *testing.T) {
	for want, tags := range map[string][]string{
		"":        nil,
		"latest":  {"3", "latest", "1"},
		"1.10.0":  {"1.9.0", "1.10.0", "1.2.0", "1.10.0-rc1", "main"},
		"v2.0":    {"v1.99", "v2.0", "edge"},
		"main":    {"dev", "main"},
		"2026.12": {"2026.2", "2026.12", "2026.03"},
		"1.2.1":   {"1.2", "1.2.1"},
	} {
		for range 3 {
			if got := Newest(tags); got != want {
				t.Errorf("the newest of %q is %q, want %q", tags, got, want)
			}
			slices.Reverse(tags)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "-5": 0, "soon": 0, "999999999": 24 * time.Hour, "99999999999999999999999": 0,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
}

var _ Source = (*Client)(nil)

func TestKeychainSignsInNowhereElse(t *testing.T) {
	chain, err := connector(t).Keychain(context.Background(), Config{Kind: "docker-hub", Host: "docker.io", Username: "u", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{"index.docker.io": "u", "ghcr.io": ""} {
		auth, err := chain.Resolve(resource(host))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := auth.Authorization(); err != nil || got.Username != want {
			t.Errorf("%s: %q, %v", host, got.Username, err)
		}
	}
}

type resource string

func (r resource) String() string      { return string(r) }
func (r resource) RegistryStr() string { return string(r) }

package app

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
)

// Certificates given for one address open that one, and no other that the same server talks to.
func TestCertificatesOfOneIntegration(t *testing.T) {
	kit := sysdigkit.New("token")
	kit.SetCluster("eu")
	serve := func() (url, ca string) {
		srv := httptest.NewTLSServer(kit)
		t.Cleanup(srv.Close)
		return srv.URL, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	}
	url, ca := serve()
	policy := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	hc, err := egress.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{policy: policy, client: hc}
	cfg := sysdig.Config{Region: sysdig.Custom, URL: url, Token: "token", CA: ca}
	for range 2 {
		if _, err := a.tryCluster(t.Context(), cfg, "eu"); err != nil {
			t.Errorf("with its certificate: %v", err)
		}
	}
	if n := len(a.trusting.clients); n != 1 {
		t.Errorf("%d clients for one list of authorities", n)
	}
	cfg.CA = ""
	if _, err := a.tryCluster(t.Context(), cfg, "eu"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another integration without it: %v", err)
	}
	cfg.CA = "no certificate"
	if _, err := a.tryCluster(t.Context(), cfg, "eu"); crowsnest.KindOf(err) != crowsnest.Invalid {
		t.Errorf("with what is none: %v", err)
	}
}

// How long Sysdig asks to wait comes as far as whoever plans the next sweep.
func TestObserverReportsTheWait(t *testing.T) {
	kit := sysdigkit.New("token")
	srv := httptest.NewServer(kit)
	t.Cleanup(srv.Close)
	kit.SetCluster("eu")
	kit.Inject(sysdigkit.TooManyRequests("3600", time.Time{}))
	hc, err := egress.New(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := sysdig.New(sysdig.Config{Region: sysdig.Custom, URL: srv.URL, Token: "token"}, hc)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Observe(client)(t.Context(), "eu", func([]crowsnest.Observation) error { return nil })
	if crowsnest.KindOf(err) != crowsnest.RateLimited || report.Wait != time.Hour {
		t.Errorf("wait %s, %v", report.Wait, err)
	}
}

// However many packages of a cluster cannot be used, its containers can.
func TestUnusablePackagesAreNoContainers(t *testing.T) {
	kit := sysdigkit.New("token")
	srv := httptest.NewServer(kit)
	t.Cleanup(srv.Close)
	var items []json.RawMessage
	for i := range 250 {
		items = append(items, json.RawMessage(fmt.Sprintf(`{"namespace":"shop","workloadKind":"deployment","workloadName":"w%d","container":"main","imageID":"%s","packages":[{"purl":"?"}]}`,
			i, crowsnest.DigestOf([]byte{byte(i)}))))
	}
	kit.SetClusterJSON("packages", items...)
	kit.SetClusterJSON("both", append(items, json.RawMessage(`{"namespace":"shop","workloadKind":"Deployment","workloadName":"odd","container":"main","imageID":"","packages":[]}`))...)
	hc, err := egress.New(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := sysdig.New(sysdig.Config{Region: sysdig.Custom, URL: srv.URL, Token: "token"}, hc)
	if err != nil {
		t.Fatal(err)
	}
	for cluster, want := range map[string]environment.Report{
		"packages": {Requests: 1},
		"both": {Requests: 1, Unusable: 1, Places: []crowsnest.Observation{{Namespace: "shop", Kind: "deployment", Name: "odd", Container: "main"}},
			Reasons: []string{`shop/odd main: its image ID "" is no digest`}},
	} {
		seen := 0
		report, err := Observe(client)(t.Context(), cluster, func(page []crowsnest.Observation) error { seen += len(page); return nil })
		if diff := cmp.Diff(want, report); diff != "" || err != nil || seen != len(items) {
			t.Errorf("%s: %d containers, %v (-want +got):\n%s", cluster, seen, err, diff)
		}
	}
}

// A name typed by hand is tried whatever becomes of the list.
func TestTypedNameIsTried(t *testing.T) {
	kit := sysdigkit.New("token")
	srv := httptest.NewServer(kit)
	t.Cleanup(srv.Close)
	kit.SetCluster("eu", sysdigkit.Item{WorkloadName: "web", ImageID: string(crowsnest.DigestOf(nil))})
	kit.SetCluster("us")
	policy := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	hc, err := egress.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{policy: policy, client: hc}
	cfg := sysdig.Config{Region: sysdig.Custom, URL: srv.URL, Token: "token"}
	list := sysdigkit.Match{Call: sysdigkit.Clusters}
	for _, c := range []struct {
		name, cluster string
		fault         *sysdigkit.Fault
		want          sysdig.Trial
		kind          crowsnest.Kind
	}{
		{"listed", "eu", nil, sysdig.Trial{By: sysdig.RiskSpotlight}, 0},
		{"listed and empty", "us", nil, sysdig.Trial{By: sysdig.RiskSpotlight, Empty: true}, 0},
		{"not listed", "asia", nil, sysdig.Trial{Others: []string{"eu", "us"}, By: sysdig.RiskSpotlight, Empty: true}, 0},
		{"list of an unknown form", "eu", &sysdigkit.Fault{Match: list, Body: `{"items":{}}`}, sysdig.Trial{}, 0},
		{"no list", "eu", &sysdigkit.Fault{Match: list, Status: 404}, sysdig.Trial{}, 0},
		{"list not permitted", "eu", &sysdigkit.Fault{Match: list, Status: 403}, sysdig.Trial{}, 0},
		{"token refused", "eu", &sysdigkit.Fault{Status: 401}, sysdig.Trial{}, crowsnest.Unauthorized},
		{"no API there", "eu", &sysdigkit.Fault{Status: 404, Times: -1}, sysdig.Trial{}, crowsnest.NotFound},
	} {
		remove := func() {}
		if c.fault != nil {
			remove = kit.Inject(*c.fault)
		}
		list, err := a.clusters(t.Context(), cfg)
		unlisted := c.fault != nil && c.kind == 0 // and a name must be typed
		if (err != nil) != (c.kind != 0) || (len(list.Names) > 0) != (c.fault == nil) || err == nil && (list.Refused != nil) != unlisted || (list.By == "") != (c.fault != nil) {
			t.Errorf("%s: clusters %+v, %v", c.name, list, err)
		}
		if c.fault != nil && c.fault.Times == 0 {
			kit.Inject(*c.fault)
		}
		got, err := a.tryCluster(t.Context(), cfg, c.cluster)
		if c.kind == 0 && (got.Refused != nil) != unlisted {
			t.Errorf("%s: the list was refused: %v", c.name, got.Refused)
		}
		got.Refused = nil
		if diff := cmp.Diff(c.want, got); c.kind == 0 && (diff != "" || err != nil) || c.kind != 0 && crowsnest.KindOf(err) != c.kind {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
		remove()
	}
}

// Both tokens are tried before anything is saved, and what is wrong with both is said at once.
func TestBothTokensAreTried(t *testing.T) {
	kit := sysdigkit.New("token")
	srv := httptest.NewServer(kit)
	t.Cleanup(srv.Close)
	kit.SetCluster("eu", sysdigkit.Item{WorkloadName: "web", ImageID: string(crowsnest.DigestOf(nil))})
	kit.SetAPITokens("second")
	policy := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	hc, err := egress.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{policy: policy, client: hc}
	for _, c := range []struct {
		token, second, field string
		says                 []string
	}{
		{"token", "second", "", nil},
		{"token", "", "", nil},
		{"token", "wrong", "apiToken", []string{"settings of Sysdig's user"}},
		{"wrong", "second", "token", []string{"Risk Spotlight"}},
		{"wrong", "worse", "token", []string{"Risk Spotlight", "and of the API token", "settings of Sysdig's user"}},
	} {
		cfg := sysdig.Config{Region: sysdig.Custom, URL: srv.URL, Token: c.token, APIToken: c.second}
		_, listed := a.clusters(t.Context(), cfg)
		_, tried := a.tryCluster(t.Context(), cfg, "eu")
		for call, err := range map[string]error{"clusters": listed, "tryCluster": tried} {
			if (err != nil) != (c.field != "") {
				t.Errorf("%s with %q and %q: %v", call, c.token, c.second, err)
				continue
			}
			if err == nil {
				continue
			}
			var e *crowsnest.Error
			if !errors.As(err, &e) || e.Kind != crowsnest.Unauthorized || e.Field != c.field {
				t.Errorf("%s with %q and %q: %v in field %q, want %q", call, c.token, c.second, err, e.Field, c.field)
			}
			for _, says := range c.says {
				if !strings.Contains(crowsnest.Reason(err), says) {
					t.Errorf("%s with %q and %q: %v does not say %q", call, c.token, c.second, err, says)
				}
			}
			for _, secret := range []string{"worse", "wrong "} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s tells a token: %v", call, err)
				}
			}
		}
	}
}

// A host that takes the connection and says nothing is given up while somebody still looks on.
func TestTestsOfAnAccountAreBounded(t *testing.T) {
	var until []time.Duration
	a := &App{client: &http.Client{Transport: transport(func(req *http.Request) (*http.Response, error) {
		at, ok := req.Context().Deadline()
		if !ok {
			t.Error("it waits for ever")
		}
		until = append(until, time.Until(at))
		return nil, &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "connect"}
	})}}
	cfg := sysdig.Config{Region: "us1", Token: "token"}
	if _, err := a.clusters(t.Context(), cfg); err == nil {
		t.Error("no error")
	}
	if _, err := a.tryCluster(t.Context(), cfg, "eu"); err == nil {
		t.Error("no error")
	}
	for _, d := range until {
		if d > 15*time.Second {
			t.Errorf("it waits %s", d)
		}
	}
	if len(until) != 2 {
		t.Errorf("%d requests", len(until))
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

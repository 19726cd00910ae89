package app

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
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
		if err := a.probe(t.Context(), cfg, "eu"); err != nil {
			t.Errorf("with its certificate: %v", err)
		}
	}
	if n := len(a.trusting.clients); n != 1 {
		t.Errorf("%d clients for one list of authorities", n)
	}
	cfg.CA = ""
	if err := a.probe(t.Context(), cfg, "eu"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another integration without it: %v", err)
	}
	cfg.CA = "no certificate"
	if err := a.probe(t.Context(), cfg, "eu"); crowsnest.KindOf(err) != crowsnest.Invalid {
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

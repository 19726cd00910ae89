package registry

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

// somebody is an identity whose tokens are good for a time, each another one.
type somebody struct {
	life time.Duration
	made atomic.Int64
}

func (s *somebody) AWS(_ context.Context, region string) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "ASIA-" + region, SecretAccessKey: "key", SessionToken: "session"}, nil
}

func (s *somebody) Google(context.Context) (string, time.Time, error) {
	return fmt.Sprint("token-", s.made.Add(1)), time.Now().Add(s.life), nil
}

func (s *somebody) Azure(_ context.Context, resource string) (string, time.Time, error) {
	return "for " + resource, time.Now().Add(s.life), nil
}

// The keys of a role are good only together with their session.
func TestIdentityAtECR(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Authorization"); r.Header.Get("X-Amz-Security-Token") != "session" || !strings.Contains(a, "Credential=ASIA-eu-west-1/") || !strings.Contains(a, "x-amz-security-token") {
			t.Errorf("signed with %q", a)
		}
		fmt.Fprintf(w, `{"authorizationData":[{"authorizationToken":%q,"expiresAt":%d}]}`, base64.StdEncoding.EncodeToString([]byte("AWS:of the role")), time.Now().Add(12*time.Hour).Unix())
	}))
	defer s.Close()
	c := connector(t)
	cfg := Config{Kind: "ecr", Host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", Identity: true, API: s.URL}
	if _, err := c.Authenticator(t.Context(), cfg); crowsnest.KindOf(err) != crowsnest.Forbidden || !strings.Contains(err.Error(), "registry.identity") {
		t.Errorf("not allowed: %v", err)
	}
	c.Identity = &somebody{life: time.Hour}
	auth, err := c.Authenticator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := auth.Authorization(); err != nil || got.Password != "of the role" {
		t.Errorf("signs in with %+v, %v", got, err)
	}
}

func TestIdentityAtACR(t *testing.T) {
	answer := `{"refresh_token":"refresh"}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/oauth2/exchange" || r.PostFormValue("grant_type") != "access_token" || r.PostFormValue("service") != "acme.azurecr.io" || r.PostFormValue("access_token") != "for https://management.azure.com" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Write([]byte(answer))
	}))
	defer s.Close()
	c := connector(t)
	c.Identity = &somebody{life: time.Hour}
	cfg := Config{Kind: "acr", Host: "acme.azurecr.io", Identity: true, API: s.URL}
	auth, err := c.Authenticator(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := auth.Authorization(); err != nil || got.Password != "refresh" || got.Username != "00000000-0000-0000-0000-000000000000" {
		t.Errorf("signs in with %+v, %v", got, err)
	}
	for name, change := range map[string]func(*Config){
		"another service": func(cfg *Config) { cfg.Host = "other.azurecr.io" },
		"another cloud":   func(cfg *Config) { cfg.Host = "acme.azurecr.cn" },
		"no token":        func(cfg *Config) { answer = `{"error":"x"}`; cfg.Username = "not cached" },
	} {
		other := cfg
		change(&other)
		if _, err := c.Authenticator(t.Context(), other); err == nil || strings.Contains(err.Error(), "for https") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A token that ends while a repository is read is made anew; one of which half the time is left is used again.
func TestIdentityIsRenewed(t *testing.T) {
	me := &somebody{life: time.Hour}
	var ended atomic.Bool // what the registry gave for the first token
	var host string
	host = imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			user, password, _ := r.BasicAuth()
			if user != "oauth2accesstoken" || ended.Load() && password == "token-1" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"token":"bearer of %s"}`, password)
		case r.Header.Get("Authorization") == "" || ended.Load() && strings.HasSuffix(r.Header.Get("Authorization"), "token-1"):
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+host+`/token",service="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/v2/shop/web/tags/list":
			w.Write([]byte(`{"tags":["1"]}`))
		default:
			w.Write([]byte(`{}`))
		}
	}))
	c := connector(t)
	c.Identity = me
	client, err := c.New(t.Context(), Config{Kind: "gar", Host: host, Identity: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if tags, err := client.Tags(t.Context(), "shop/web"); err != nil || len(tags) != 1 {
			t.Fatalf("tags %q, %v", tags, err)
		}
	}
	if n := me.made.Load(); n != 1 {
		t.Errorf("%d tokens were asked for", n)
	}
	c.passwords.Lock()
	for k, p := range c.passwords.made { // half of its hour is over
		p.ends = time.Now()
		c.passwords.made[k] = p
	}
	c.passwords.Unlock()
	ended.Store(true)
	if tags, err := client.Tags(t.Context(), "shop/web"); err != nil || len(tags) != 1 {
		t.Errorf("after the token ended: %q, %v", tags, err)
	}
	if n := me.made.Load(); n != 2 {
		t.Errorf("%d tokens were asked for", n)
	}
}

func TestIdentityIsShownToTheCloudAlone(t *testing.T) {
	for name, cfg := range map[string]Config{
		"gar elsewhere":    {Kind: "gar", Host: "registry.example.com", Identity: true},
		"gar in disguise":  {Kind: "gar", Host: "europe-docker.pkg.dev.evil.example", Identity: true},
		"another API":      {Kind: "ecr", Host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", Identity: true, API: "https://evil.example"},
		"acr elsewhere":    {Kind: "acr", Host: "azurecr.io.evil.example", Identity: true},
		"a kind without":   {Kind: "oci", Host: "registry.example.com", Identity: true},
		"a password, too":  {Kind: "gar", Host: "europe-docker.pkg.dev", Identity: true, Username: "u", Secret: "s"},
		"no certificate":   {Kind: "oci", Host: "registry.example.com", CA: "-----BEGIN PRIVATE KEY-----"},
		"ecr with nothing": {Kind: "ecr", Host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com"},
	} {
		if _, err := Complete(cfg); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, cfg := range []Config{{Kind: "gar", Host: "europe-west3-docker.pkg.dev", Identity: true}, {Kind: "gar", Host: "eu.gcr.io", Identity: true}, {Kind: "acr", Host: "acme.azurecr.io", Identity: true}, {Kind: "ecr", Host: "123456789012.dkr.ecr.eu-west-1.amazonaws.com", Identity: true}} {
		if _, err := Complete(cfg); err != nil {
			t.Errorf("%s: %v", cfg.Host, err)
		}
	}
}

// A registry with certificates of its own authority is reached with that, and only then.
func TestAuthorityOfARegistry(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v2/_catalog":
			w.Write([]byte(`{"repositories":["shop/web"]}`))
		case "/v2/shop/web/tags/list":
			w.Write([]byte(`{"tags":["1"]}`))
		default:
			w.Write([]byte(`{}`))
		}
	}))
	defer s.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	c := connector(t)
	c.Trusting = func(ca string) (http.RoundTripper, *http.Client, error) {
		roots, err := egress.ParseCertificates(ca)
		if err != nil {
			return nil, nil, err
		}
		hc, err := egress.New(egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: roots})
		if err != nil {
			return nil, nil, err
		}
		return hc.Transport, hc, nil
	}
	for _, authority := range []string{ca, ""} {
		cfg, err := Complete(Config{Kind: "oci", Host: strings.TrimPrefix(s.URL, "https://"), CA: authority})
		if err != nil {
			t.Fatal(err)
		}
		client, err := c.New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		trial, err := client.Test(t.Context(), everything)
		if good := err == nil && len(trial.Repositories) == 1; good != (authority != "") {
			t.Errorf("with its authority %t: %+v, %v", authority != "", trial, err)
		}
	}
}

// What Docker Hub says of its limit with each manifest is noted; what is no such text is no limit.
func TestLimitOnPulls(t *testing.T) {
	header := map[string]string{"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "76;w=21600"}
	host := imagekit.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.Header().Set("Docker-Content-Digest", "sha256:"+strings.Repeat("a", 64))
		w.Write([]byte(`{}`))
	}))
	c := client(t, Config{Kind: "oci", Host: host})
	if c.Pulls() != (store.Pulls{}) {
		t.Errorf("before it was asked: %+v", c.Pulls())
	}
	if _, err := c.Target(t.Context(), "shop/web", "1"); err != nil {
		t.Fatal(err)
	}
	if p := c.Pulls(); p.Limit != 100 || p.Left != 76 || p.Window != 6*time.Hour || time.Since(p.At) > time.Minute {
		t.Errorf("limit %+v", p)
	}
	for _, strange := range []map[string]string{
		{"RateLimit-Limit": "100"}, {"RateLimit-Limit": "100;w=0", "RateLimit-Remaining": "1;w=0"}, {"RateLimit-Limit": "-1;w=1", "RateLimit-Remaining": "1;w=1"},
		{"RateLimit-Limit": "0;w=60", "RateLimit-Remaining": "0;w=60"}, {"RateLimit-Limit": "many", "RateLimit-Remaining": ";"},
	} {
		header = strange
		if _, err := c.Target(t.Context(), "shop/web", "1"); err != nil || c.Pulls() != (store.Pulls{}) {
			t.Errorf("%v: %+v, %v", strange, c.Pulls(), err)
		}
	}
}

package sysdig

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

func TestRegions(t *testing.T) {
	hosts := map[string]string{}
	for _, r := range Regions() {
		if _, twice := hosts[r.Name]; twice {
			t.Errorf("%s is listed twice", r.Name)
		}
		if r.Place == "" {
			t.Errorf("%s has no place", r.Name)
		}
		hosts[r.Name] = r.Host
		if r.Name == Custom {
			continue
		}
		// Each host must stand the test that a custom address has to stand.
		if u, err := parseAddress(r.Host); err != nil || u.Host != r.Host {
			t.Errorf("%s: host %q: %v", r.Name, r.Host, err)
		}
		if strings.HasPrefix(r.Host, "api.") {
			t.Errorf("%s: %s does not serve the older API", r.Name, r.Host)
		}
	}
	if len(hosts) != 10+2*12+1 {
		t.Errorf("%d regions", len(hosts))
	}
	for name, want := range map[string]string{
		"us1": "secure.sysdig.com", "us2": "us2.app.sysdig.com", "us4": "app.us4.sysdig.com", "eu1": "eu1.app.sysdig.com", "me2": "app.me2.sysdig.com",
		"eu-de-secure": "eu-de.security-compliance-secure.cloud.ibm.com", "us-south-private-secure": "private.us-south.security-compliance-secure.cloud.ibm.com", Custom: "",
	} {
		if got, ok := hosts[name]; !ok || got != want {
			t.Errorf("host of %s = %q, want %q", name, got, want)
		}
	}
}

func TestLookupRegion(t *testing.T) {
	for name, want := range map[string]string{
		"us2": "us2", " US2\n": "us2", "us4-alt": "us4", "us1-alt": "us1", "jp-tok-monitor": "jp-tok-secure", "jp-tok-private-monitor": "jp-tok-private-secure", "US-South": "us-south-secure", "eu-de-private": "eu-de-private-secure", "custom": Custom,
	} {
		r, err := LookupRegion(name)
		if err != nil || r.Name != want {
			t.Errorf("LookupRegion(%q) = %q, %v, want %q", name, r.Name, err, want)
		}
	}
	for _, name := range []string{"", "ca1", "us", "custom-alt", "-alt", "eu-de-alt", "eu-de-secure-alt", "-monitor"} {
		_, err := LookupRegion(name)
		wantError(t, err, crowsnest.Invalid, "no such region", "us2", "custom")
	}
}

func TestConfigAddress(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"region", Config{Region: "eu1"}, "https://eu1.app.sysdig.com"},
		{"region with another collector", Config{Region: "us2-alt"}, "https://us2.app.sysdig.com"},
		{"host", Config{Region: "custom", URL: "sysdig.example.com"}, "https://sysdig.example.com"},
		{"host and port", Config{Region: "custom", URL: "sysdig.example.com:8443"}, "https://sysdig.example.com:8443"},
		{"URL with a slash", Config{Region: "custom", URL: " https://sysdig.example.com/ "}, "https://sysdig.example.com"},
		{"address of the user interface", Config{Region: "custom", URL: "https://sysdig.example.com/secure/#/integrations"}, "https://sysdig.example.com"},
		{"address of the API", Config{Region: "custom", URL: "https://sysdig.example.com/api/scanning"}, "https://sysdig.example.com"},
		{"behind a path", Config{Region: "custom", URL: "https://example.com/sysdig/"}, "https://example.com/sysdig"},
		{"http", Config{Region: "custom", URL: "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"},
		{"without a region", Config{URL: "sysdig.example.com"}, "https://sysdig.example.com"},
		{"IPv6", Config{URL: "https://[fd00::1]:6443"}, "https://[fd00::1]:6443"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u, _, err := tc.cfg.base()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, u.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConfigRefused(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"nothing", Config{Token: token}, "region is missing"},
		{"unknown region", Config{Region: "mars", Token: token}, "no such region"},
		{"custom without address", Config{Region: "custom", Token: token}, "needs an address"},
		{"region and address", Config{Region: "us1", URL: "sysdig.example.com", Token: token}, "leave the address out"},
		{"scheme", Config{URL: "ftp://sysdig.example.com", Token: token}, "scheme"},
		{"no host", Config{URL: "https:///x", Token: token}, "no URL with a host"},
		{"no URL", Config{URL: "https://[::1", Token: token}, "no URL with a host"},
		{"password", Config{URL: "https://user:hidden@sysdig.example.com", Token: token}, "password"},
		{"query", Config{URL: "https://sysdig.example.com/?key=hidden", Token: token}, "query"},
		{"no token", Config{Region: "us1", Token: " \n"}, "token is missing"},
		{"token with a line break", Config{Region: "us1", Token: "hidden\nhidden"}, "characters that no token has"},
		{"token with a letter of another script", Config{Region: "us1", Token: "hiddén"}, "characters that no token has"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(tc.cfg, http.DefaultClient)
			wantError(t, err, crowsnest.Invalid, tc.want)
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"sysdig.example.com", "https://h:1/secure/", "http://[::1]:80", "://", "a b", "https://u@h", "h?x=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := parseAddress(s)
		if err != nil {
			wantError(t, err, crowsnest.Invalid)
			return
		}
		// What is accepted must stay the same when it is read again.
		again, err := url.Parse(u.String())
		if err != nil || again.Host != u.Host || again.User != nil || again.RawQuery != "" {
			t.Errorf("%q became %q: %v", s, u, err)
		}
	})
}

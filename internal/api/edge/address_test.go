package edge

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	for name, c := range map[string]struct {
		peer string
		hops []string
		want string
	}{
		"peer":                      {"192.0.2.1:5", nil, "192.0.2.1"},
		"peer that claims":          {"192.0.2.1:5", []string{"203.0.113.9"}, "192.0.2.1"},
		"proxy":                     {"10.0.0.1:5", []string{"203.0.113.9"}, "203.0.113.9"},
		"proxy without a word":      {"10.0.0.1:5", nil, "10.0.0.1"},
		"two proxies":               {"10.0.0.1:5", []string{"203.0.113.9, 10.1.1.1"}, "203.0.113.9"},
		"forged in front":           {"10.0.0.1:5", []string{"1.1.1.1, 203.0.113.9, 10.1.1.1"}, "203.0.113.9"},
		"in two headers":            {"10.0.0.1:5", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		"nonsense":                  {"10.0.0.1:5", []string{"nonsense"}, "10.0.0.1"},
		"nonsense behind a proxy":   {"10.0.0.1:5", []string{"x, 10.1.1.1"}, "10.1.1.1"},
		"all proxies":               {"10.0.0.1:5", []string{"10.2.2.2, 10.1.1.1"}, "10.2.2.2"},
		"IPv4 in IPv6":              {"[::ffff:10.0.0.1]:5", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		"IPv6":                      {"[2001:db8:ffff::1]:5", []string{"2001:db8::9"}, "2001:db8::9"},
		"with a port, as some send": {"10.0.0.1:5", []string{"203.0.113.9:443"}, "10.0.0.1"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		for _, h := range c.hops {
			r.Header.Add("X-Forwarded-For", h)
		}
		if got := ClientAddress(r, trusted); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestOrigin(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		peer   string
		tls    bool
		protos []string
		want   string
	}{
		"plain":                     {"192.0.2.1:5", false, nil, "http://crow.example.com"},
		"its own TLS":               {"192.0.2.1:5", true, nil, "https://crow.example.com"},
		"its own TLS, denied":       {"10.0.0.1:5", true, []string{"http"}, "https://crow.example.com"},
		"client that claims":        {"192.0.2.1:5", false, []string{"https"}, "http://crow.example.com"},
		"proxy with TLS":            {"10.0.0.1:5", false, []string{"https"}, "https://crow.example.com"},
		"proxy with TLS, in IPv6":   {"[::ffff:10.0.0.1]:5", false, []string{"HTTPS"}, "https://crow.example.com"},
		"proxy without TLS":         {"10.0.0.1:5", false, []string{"http"}, "http://crow.example.com"},
		"proxy without a word":      {"10.0.0.1:5", false, nil, "http://crow.example.com"},
		"forged in front":           {"10.0.0.1:5", false, []string{"https, http"}, "http://crow.example.com"},
		"forged in a header before": {"10.0.0.1:5", false, []string{"https", "http"}, "http://crow.example.com"},
		"the nearest proxy has TLS": {"10.0.0.1:5", false, []string{"http, https"}, "https://crow.example.com"},
		"a scheme that is none":     {"10.0.0.1:5", false, []string{"javascript"}, "http://crow.example.com"},
		"peer without an address":   {"@", false, []string{"https"}, "http://crow.example.com"},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://crow.example.com/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-Host", "elsewhere.example.com")
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		for _, p := range c.protos {
			r.Header.Add("X-Forwarded-Proto", p)
		}
		if got := Origin(r, trusted); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

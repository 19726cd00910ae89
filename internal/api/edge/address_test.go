package edge

import (
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

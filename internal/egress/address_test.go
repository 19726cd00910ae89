package egress

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func TestCheck(t *testing.T) {
	private := []string{"10.1.0.0/16", "fd00:1::/32", "::ffff:192.168.7.0/120", "127.0.0.1/32"}
	for _, tc := range []struct {
		name        string
		addr        string
		allow       []string
		unencrypted bool
		want        string // part of the refusal; empty if permitted
	}{
		{name: "public IPv4", addr: "8.8.8.8"},
		{name: "public IPv6", addr: "2606:4700::1111"},
		{name: "public NAT64", addr: "64:ff9b::808:808"},
		{name: "public mapped", addr: "::ffff:8.8.8.8"},
		{name: "loopback", addr: "127.0.0.1", want: "loopback"},
		{name: "loopback high", addr: "127.255.1.2", want: "loopback"},
		{name: "loopback IPv6", addr: "::1", want: "loopback"},
		{name: "loopback mapped", addr: "::ffff:127.0.0.1", want: "loopback"},
		{name: "loopback NAT64", addr: "64:ff9b::7f00:1", want: "loopback"},
		{name: "loopback compatible", addr: "::127.0.0.1", want: "reserved"},
		{name: "private 10", addr: "10.0.0.1", want: "private"},
		{name: "private 172 first", addr: "172.16.0.0", want: "private"},
		{name: "private 172 last", addr: "172.31.255.255", want: "private"},
		{name: "public beside 172", addr: "172.32.0.1"},
		{name: "private 192", addr: "192.168.1.1", want: "private"},
		{name: "private mapped", addr: "::ffff:10.0.0.1", want: "private"},
		{name: "private NAT64", addr: "64:ff9b::10.0.0.1", want: "private"},
		{name: "local-use NAT64", addr: "64:ff9b:1::808:808", want: "reserved"},
		{name: "private 6to4", addr: "2002:a00:1::", want: "6to4"},
		{name: "teredo", addr: "2001:0:808:808::1", want: "reserved"},
		{name: "unique local", addr: "fd12::1", want: "private"},
		{name: "site local", addr: "fec0::1", want: "private"},
		{name: "metadata", addr: "169.254.169.254", want: "link-local"},
		{name: "metadata of Azure", addr: "168.63.129.16", want: "metadata"},
		{name: "link-local IPv6", addr: "fe80::1", want: "link-local"},
		{name: "link-local with zone", addr: "fe80::1%eth0", want: "link-local"},
		{name: "carrier NAT", addr: "100.64.0.1", want: "shared"},
		{name: "public beside carrier NAT", addr: "100.128.0.1"},
		{name: "unspecified", addr: "0.0.0.0", want: "unspecified"},
		{name: "unspecified IPv6", addr: "::", want: "unspecified"},
		{name: "multicast", addr: "224.0.0.251", want: "multicast"},
		{name: "multicast IPv6", addr: "ff02::1", want: "multicast"},
		{name: "broadcast", addr: "255.255.255.255", want: "reserved"},
		{name: "documentation", addr: "192.0.2.7", want: "documentation"},
		{name: "benchmarking", addr: "198.19.0.1", want: "benchmarking"},
		{name: "outside global unicast", addr: "4000::1", want: "reserved"},

		{name: "allowed", addr: "10.1.2.3", allow: private},
		{name: "allowed mapped", addr: "::ffff:10.1.2.3", allow: private},
		{name: "allowed NAT64", addr: "64:ff9b::10.1.2.3", allow: private},
		{name: "allowed by mapped prefix", addr: "192.168.7.9", allow: private},
		{name: "allowed IPv6", addr: "fd00:1::9", allow: private},
		{name: "beside the allowed", addr: "10.2.0.1", allow: private, want: "private"},
		{name: "beside the allowed loopback", addr: "127.0.0.2", allow: private, want: "loopback"},

		{name: "http to public", addr: "8.8.8.8", unencrypted: true, want: "unencrypted http is not permitted"},
		{name: "http to allowed", addr: "10.1.2.3", allow: private, unencrypted: true},
		{name: "http to allowed public", addr: "8.8.8.8", allow: []string{"8.8.8.8/32"}, unencrypted: true},
		{name: "http to private", addr: "10.2.0.1", allow: private, unencrypted: true, want: "private"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := newAllowList(prefixes(t, tc.allow...)).check(netip.MustParseAddr(tc.addr), tc.unencrypted)
			if tc.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("permitted")
			}
			if kind := crowsnest.KindOf(err); kind != crowsnest.Forbidden {
				t.Errorf("kind = %v", kind)
			}
			for _, part := range []string{tc.want, AllowSetting, "/"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

// The prefix that an error proposes must be the one that permits the address.
func TestProposedPrefixPermits(t *testing.T) {
	for _, s := range []string{"10.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "fe80::1%eth0", "2002:a00:1::"} {
		a := netip.MustParseAddr(s)
		proposed := netip.MustParsePrefix(single(plain(a)))
		if err := newAllowList([]netip.Prefix{proposed}).check(a, true); err != nil {
			t.Errorf("%s with %s: %v", s, proposed, err)
		}
	}
}

func TestInvalidPrefixAllowsNothing(t *testing.T) {
	if err := newAllowList([]netip.Prefix{{}}).check(netip.MustParseAddr("127.0.0.1"), false); err == nil {
		t.Fatal("permitted")
	}
}

// However an IPv4 address is dressed, the verdict is the same.
func FuzzForms(f *testing.F) {
	f.Add(uint32(0x7f000001))
	f.Add(uint32(0x08080808))
	f.Add(uint32(0xa9fea9fe))
	f.Fuzz(func(t *testing.T, n uint32) {
		v4 := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		b := nat64.Addr().As16()
		copy(b[12:], v4.AsSlice())
		var none allowList
		want := none.check(v4, false) == nil
		for _, form := range []netip.Addr{netip.AddrFrom16(v4.As16()), netip.AddrFrom16(b)} {
			if got := none.check(form, false) == nil; got != want {
				t.Errorf("%s permitted = %t, but %s = %t", form, got, v4, want)
			}
		}
		if want && (v4.IsPrivate() || v4.IsLoopback() || v4.IsMulticast() || v4.IsLinkLocalUnicast() || v4.IsUnspecified()) {
			t.Errorf("%s permitted", v4)
		}
	})
}

func prefixes(t *testing.T, ss ...string) []netip.Prefix {
	t.Helper()
	var out []netip.Prefix
	for _, s := range ss {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

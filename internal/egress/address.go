package egress

import (
	"errors"
	"net/netip"

	"github.com/crowsnest-sec/crowsnest"
)

// AllowSetting is the configuration setting that errors tell people to change.
const AllowSetting = "egress.allow"

// special lists addresses that are not public unicast, after the IANA registries
// of special-purpose addresses (https://www.iana.org/assignments/iana-ipv4-special-registry
// and iana-ipv6-special-registry), and one public address that a cloud answers
// its machines on. IPv6 outside 2000::/3 needs no entry; the ones here only have a better word.
var special = []struct {
	prefix netip.Prefix
	word   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "a shared (carrier NAT)"},
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback"},
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud metadata"}, // Azure's host service
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "a reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation"},
	{netip.MustParsePrefix("192.31.196.0/24"), "a reserved"},
	{netip.MustParsePrefix("192.52.193.0/24"), "a reserved"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a reserved"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private"},
	{netip.MustParsePrefix("192.175.48.0/24"), "a reserved"},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking"},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved"},

	{netip.MustParsePrefix("::/128"), "an unspecified"},
	{netip.MustParsePrefix("::1/128"), "a loopback"},
	{netip.MustParsePrefix("2001::/23"), "a reserved"}, // with Teredo, which carries IPv4 addresses
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation"},
	{netip.MustParsePrefix("2002::/16"), "a 6to4"}, // carries IPv4 addresses
	{netip.MustParsePrefix("2620:4f:8000::/48"), "a reserved"},
	{netip.MustParsePrefix("3fff::/20"), "a documentation"},
	{netip.MustParsePrefix("fc00::/7"), "a private"},
	{netip.MustParsePrefix("fe80::/10"), "a link-local"},
	{netip.MustParsePrefix("fec0::/10"), "a private"},
	{netip.MustParsePrefix("ff00::/8"), "a multicast"},
}

var (
	globalUnicast6 = netip.MustParsePrefix("2000::/3")
	nat64          = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052, the well-known prefix
)

// plain reduces an address to the one that packets end up at: without a zone,
// IPv4 out of its mapped form and out of the well-known NAT64 prefix.
func plain(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// notPublic returns the word for what a, already plain, is instead of public; "" if it is public.
func notPublic(a netip.Addr) string {
	for _, s := range special {
		if s.prefix.Contains(a) {
			return s.word
		}
	}
	if a.Is6() && !globalUnicast6.Contains(a) {
		return "a reserved"
	}
	return ""
}

// allowList is Policy.Allow in the form that plain addresses compare with.
type allowList []netip.Prefix

func newAllowList(prefixes []netip.Prefix) allowList {
	out := make(allowList, 0, len(prefixes))
	for _, p := range prefixes {
		if !p.IsValid() {
			continue
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		out = append(out, p.Masked())
	}
	return out
}

func (l allowList) contains(a netip.Addr) bool {
	for _, p := range l {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// check says whether a connection to addr may be made. unencrypted is true for plain http.
func (l allowList) check(addr netip.Addr, unencrypted bool) error {
	a := plain(addr)
	if l.contains(a) || l.contains(addr.WithZone("")) {
		return nil
	}
	if word := notPublic(a); word != "" {
		return &crowsnest.Error{
			Kind: crowsnest.Forbidden, Op: "connect to", Subject: addr.String(),
			Hint: "if this network is meant to be reached, add " + single(a) + " or its network to the setting " + AllowSetting,
			Err:  errors.New("connections to " + word + " address are not permitted"),
		}
	}
	if unencrypted {
		return &crowsnest.Error{
			Kind: crowsnest.Forbidden, Op: "connect to", Subject: addr.String(),
			Hint: "use https, or add " + single(a) + " to the setting " + AllowSetting + " if the way there is trusted",
			Err:  errors.New("unencrypted http is not permitted"),
		}
	}
	return nil
}

// single writes the prefix that holds a alone, as it would stand in the setting.
func single(a netip.Addr) string { return netip.PrefixFrom(a, a.BitLen()).String() }

package edge

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientAddress returns the address of the client: that of the peer, or, while that is a
// trusted proxy, the one it says it forwards for.
func ClientAddress(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && contains(trusted, address); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = next.Unmap().WithZone("")
	}
	return address.String()
}

// Origin returns how the client reached the server, as https://host: over TLS if the server itself speaks it, or if
// a trusted proxy says so. Of several words that of the nearest proxy counts, which no client can write. The host is the
// request's own: X-Forwarded-Host is not read, as many proxies pass on what a client wrote there.
func Origin(r *http.Request, trusted []netip.Prefix) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	} else if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && contains(trusted, peer.Addr().Unmap()) {
		words := strings.Split(strings.Join(r.Header.Values("X-Forwarded-Proto"), ","), ",")
		if strings.EqualFold(strings.TrimSpace(words[len(words)-1]), "https") {
			scheme = "https"
		}
	}
	return scheme + "://" + r.Host
}

func contains(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

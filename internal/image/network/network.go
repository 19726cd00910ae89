// Package network bounds how a registry is spoken with: over TLS, along redirects that lead where they may, with another try
// for what may pass; and puts into words what went wrong.
package network

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// TLSOnly lets plain HTTP reach loopback only. go-containerregistry would also try it
// on private addresses when TLS fails, and so would give credentials to whoever breaks TLS.
type TLSOnly struct{ Next http.RoundTripper }

// ErrPlainHTTP is the refusal of TLSOnly.
var ErrPlainHTTP = errors.New("plain HTTP is spoken to loopback only")

// RoundTrip implements http.RoundTripper.
func (t TLSOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && !isLoopback(req.URL.Hostname()) {
		return nil, ErrPlainHTTP
	}
	return t.Next.RoundTrip(req)
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// ErrRedirect is the refusal of CheckRedirect.
var ErrRedirect = errors.New("it redirects where it should not")

// CheckRedirect bounds where a registry may send us for its blobs: a few hops, and
// not from outside into the network we stand in.
func CheckRedirect(req *http.Request, via []*http.Request) error {
	const most = 5
	if len(via) >= most {
		return fmt.Errorf("%w: more than %d times", ErrRedirect, most)
	}
	if from, to := via[0].URL, req.URL; from.Host != to.Host && !isInside(from.Hostname()) && isInside(to.Hostname()) {
		return fmt.Errorf("%w: to the private address %s", ErrRedirect, to.Hostname())
	}
	return nil
}

// isInside tells whether host is written as an address that is not on the public internet.
func isInside(host string) bool {
	if isLoopback(host) {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}

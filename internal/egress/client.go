package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/crowsnest-sec/crowsnest"
)

// Limits of every client.
const (
	MaxRedirects   = 5
	DefaultTimeout = 2 * time.Minute // of a whole request, its body included
	NoTimeout      = -1              // for Policy.Timeout: the caller's context alone decides

	dialTimeout           = 10 * time.Second
	handshakeTimeout      = 10 * time.Second
	responseHeaderTimeout = 90 * time.Second // gateways give up at 60 s and then answer 504, which says more than a timeout
	maxResponseHeader     = 64 << 10
	readBuffer            = 64 << 10 // answers of many megabytes come here, and 4 KiB a call to the system costs as much as to read them
	maxCAFile             = 1 << 20
)

// Policy says what a client may reach and how. The zero Policy reaches public
// addresses over https, trusts the system's certificates and uses no proxy.
type Policy struct {
	// Allow names addresses that are reachable although they are not public, and
	// over plain http too.
	Allow []netip.Prefix

	// CAFile is a PEM file of certificates trusted in addition to the system's. Empty for none.
	CAFile string

	// Roots are trusted like those of CAFile; see ParseCertificates.
	Roots []*x509.Certificate

	// ProxyFromEnvironment takes HTTPS_PROXY and NO_PROXY, as they are when the
	// client is made. Off, they are ignored.
	ProxyFromEnvironment bool

	// Timeout bounds one request with its body. Zero is DefaultTimeout, NoTimeout is none.
	Timeout time.Duration

	resolver *net.Resolver // nil is the system's
}

// New returns a client held to p. Share it: it keeps connections alive and is
// safe for concurrent use. An unusable CAFile is Invalid or NotFound.
func New(p Policy) (*http.Client, error) {
	t, err := NewTransport(p)
	if err != nil {
		return nil, err
	}
	timeout := p.Timeout
	switch {
	case timeout == 0:
		timeout = DefaultTimeout
	case timeout < 0:
		timeout = 0
	}
	return &http.Client{Transport: t, CheckRedirect: checkRedirect, Timeout: timeout}, nil
}

// NewTransport returns only the transport of New, for libraries that bring their
// own client. Addresses, schemes and certificates are checked for each request it
// carries, redirected ones included; how many redirects are followed and with
// which headers is then up to that library.
func NewTransport(p Policy) (http.RoundTripper, error) {
	roots, err := certificates(p.CAFile, p.Roots)
	if err != nil {
		return nil, err
	}
	allow := newAllowList(p.Allow)
	g := &guard{allow: allow}

	base := func(unencrypted bool) *http.Transport {
		dialer := &net.Dialer{Timeout: dialTimeout, Resolver: p.resolver, ControlContext: allow.control(unencrypted)}
		return &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout:    handshakeTimeout,
			ResponseHeaderTimeout:  responseHeaderTimeout,
			MaxResponseHeaderBytes: maxResponseHeader,
			ReadBufferSize:         readBuffer,
			MaxIdleConns:           64,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        90 * time.Second,
			ForceAttemptHTTP2:      true,
		}
	}
	// Two transports, so that the check at dial time knows the scheme without
	// relying on what the transport hands down.
	g.http, g.https = base(true), base(false)
	if p.ProxyFromEnvironment {
		if err := g.useProxy(httpproxy.FromEnvironment(), p.resolver); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func certificates(caFile string, more []*x509.Certificate) (*x509.CertPool, error) {
	pool, err := fromFile(caFile)
	if err != nil || len(more) == 0 {
		return pool, err
	}
	if pool == nil {
		pool = systemPool()
	}
	for _, c := range more {
		pool.AddCert(c)
	}
	return pool, nil
}

func systemPool() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return x509.NewCertPool() // a machine without certificates of its own still has the given ones
	}
	return pool
}

// fromFile returns nil, which is the system's certificates, without a file.
func fromFile(caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil
	}
	f, err := os.Open(caFile)
	if err != nil {
		kind := crowsnest.Invalid
		if errors.Is(err, os.ErrNotExist) {
			kind = crowsnest.NotFound
		}
		return nil, &crowsnest.Error{Kind: kind, Op: "read CA file", Subject: caFile, Hint: "name a PEM file that the server can read", Err: bare(err)}
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxCAFile))
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read CA file", Subject: caFile, Hint: "name a PEM file that the server can read", Err: bare(err)}
	}
	pool := systemPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &crowsnest.Error{
			Kind: crowsnest.Invalid, Op: "read CA file", Subject: caFile,
			Hint: "give the certificate of the authority in PEM form, beginning with -----BEGIN CERTIFICATE-----",
			Err:  errors.New("it holds no certificate"),
		}
	}
	return pool, nil
}

// bare drops the path that the standard library repeats in its own words.
func bare(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// control judges the address of a connection between its socket being made and connected.
func (l allowList) control(unencrypted bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "connect to", Subject: address, Err: fmt.Errorf("%s connections are not permitted", network)}
		}
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return &crowsnest.Error{Kind: crowsnest.Internal, Op: "read address", Subject: address, Err: err}
		}
		return l.check(ap.Addr(), unencrypted)
	}
}

// guard is the transport: it picks by scheme and refuses what the dialers cannot see.
type guard struct {
	allow       allowList
	http, https *http.Transport
	proxied     func(*url.URL) (*url.URL, error) // nil without a proxy
}

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	err := g.checkURL(req.URL)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	if req.URL.Scheme == "http" {
		return g.http.RoundTrip(req)
	}
	return g.https.RoundTrip(req)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections work.
func (g *guard) CloseIdleConnections() {
	g.http.CloseIdleConnections()
	g.https.CloseIdleConnections()
}

func (g *guard) checkURL(u *url.URL) error {
	if u.Scheme != "https" && u.Scheme != "http" {
		return &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "connect to", Subject: u.Hostname(), Hint: "use an address that begins with https://", Err: fmt.Errorf("scheme %q is not supported", u.Scheme)}
	}
	if g.proxied == nil || u.Scheme == "http" {
		return nil
	}
	proxy, err := g.proxied(u)
	if err != nil || proxy == nil {
		return err
	}
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		return g.allow.check(a, false)
	}
	if looksNumeric(host) {
		// Resolvers disagree on "127.1" or "0x7f000001", so the proxy may read an address that cannot be judged here.
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "connect to", Subject: host, Hint: "write an address as four decimal numbers, or use a name", Err: errors.New("this form of an address is not accepted")}
	}
	return nil
}

// looksNumeric tells whether the last label is a number, which makes the whole an
// address for some readers (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func looksNumeric(host string) bool {
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	if last == "" {
		return false
	}
	if hexed, ok := strings.CutPrefix(strings.ToLower(last), "0x"); ok {
		return strings.Trim(hexed, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

func (g *guard) useProxy(env *httpproxy.Config, resolver *net.Resolver) error {
	if env.HTTPSProxy == "" {
		return nil
	}
	proxyFunc := env.ProxyFunc()
	value := env.HTTPSProxy
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	proxy, err := url.Parse(value)
	if err != nil || proxy.Hostname() == "" || defaultPorts[proxy.Scheme] == "" {
		// ProxyFunc would ignore it or misread it. The value is left out of the error: it may hold a password.
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read HTTPS_PROXY", Hint: "write it as http://host:port", Err: errors.New("it is no address of a proxy")}
	}
	address := hostPort(proxy)
	guarded := g.https.DialContext
	direct := &net.Dialer{Timeout: dialTimeout, Resolver: resolver}
	g.proxied = proxyFunc
	g.https.Proxy = func(r *http.Request) (*url.URL, error) { return proxyFunc(r.URL) }
	g.https.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if addr == address {
			return direct.DialContext(ctx, network, addr)
		}
		return guarded(ctx, network, addr)
	}
	g.https.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
		if res.StatusCode == http.StatusOK {
			return nil
		}
		e := &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "connect through proxy", Subject: address, Err: fmt.Errorf("the proxy answers %s", res.Status)}
		switch res.StatusCode {
		case http.StatusProxyAuthRequired:
			e.Hint = "put the proxy's user and password into HTTPS_PROXY"
		case http.StatusForbidden:
			e.Hint = "let the proxy permit this host, or name the host in NO_PROXY"
		default:
			e.Hint = "check the proxy named by HTTPS_PROXY, or name the host in NO_PROXY"
		}
		return e
	}
	return nil
}

var defaultPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// hostPort writes the address of u with its port, the default one if none is named.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// harmless lists the headers that may follow a redirect to another host. A list
// of what may pass, not of what may not: APIs invent names for their credentials.
var harmless = []string{"Accept", "Accept-Language", "Content-Type", "If-Modified-Since", "If-None-Match", "Range", "User-Agent"}

func checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	refuse := func(reason, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Forbidden, Op: "follow redirect to", Subject: req.URL.Host, Hint: hint, Err: errors.New(reason)}
	}
	if len(via) > MaxRedirects {
		return refuse(fmt.Sprintf("there are more than %d redirects", MaxRedirects), "use the final address")
	}
	if from.Scheme == "https" && req.URL.Scheme != "https" {
		return refuse("it leaves https", "use an address that answers over https")
	}
	for _, v := range via {
		if hostPort(v.URL) != hostPort(req.URL) {
			if req.Body != nil && req.Body != http.NoBody {
				return refuse("what was sent would go on to another host", "use the final address")
			}
			kept := http.Header{}
			for _, name := range harmless {
				if values, ok := req.Header[name]; ok {
					kept[name] = values
				}
			}
			req.Header = kept
			break
		}
	}
	return nil
}

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
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

func TestClassifyNil(t *testing.T) {
	if err := Classify("fetch", "page", nil); err != nil {
		t.Error(err)
	}
}

func TestClassifyDNS(t *testing.T) {
	var dns names
	p := loopback(t)
	p.resolver = dns.resolver()
	_, err := get(client(t, p), "https://nowhere.test/?token=hidden")
	wantError(t, err, crowsnest.Unavailable, "fetch page: the name nowhere.test is not known to DNS", "spelling")
	var inner *net.DNSError
	if !errors.As(err, &inner) {
		t.Error("the cause is lost")
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("the query is shown: %v", err)
	}
	for name, tc := range map[string]struct {
		err  net.DNSError
		want string
	}{
		"timeout": {net.DNSError{Name: "h.test", IsTimeout: true}, "DNS does not answer for h.test"},
		"other":   {net.DNSError{Name: "h.test", Err: "server misbehaving"}, "cannot resolve h.test: server misbehaving"},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, Classify("fetch", "page", &tc.err), crowsnest.Unavailable, tc.want)
		})
	}
}

func TestClassifyRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, err = get(client(t, loopback(t)), "https://"+address)
	wantError(t, err, crowsnest.Unavailable, "the connection is refused", "port")
}

func TestClassifyTimeout(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	p := loopback(t)
	p.Timeout = time.Millisecond // the server never answers, so any value does
	_, err := get(client(t, p), srv.URL)
	wantError(t, err, crowsnest.Unavailable, "no answer in time", "firewall")
}

func TestClassifyCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://127.0.0.1:1", nil)
	_, err := client(t, loopback(t)).Do(req)
	wantError(t, Classify("fetch", "page", err), crowsnest.Canceled, "stopped")
}

func TestClassifyCut(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"before the answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"within the body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(h)
			defer srv.Close()
			_, err := get(client(t, loopback(t)), srv.URL)
			wantError(t, err, crowsnest.Unavailable, "the connection was cut")
			if !IsReset(err) {
				t.Errorf("%v is no reset", err)
			}
		})
		t.Run(name+" on HTTP/2", func(t *testing.T) {
			ca := newAuthority(t)
			srv := httptest.NewUnstartedServer(h)
			srv.EnableHTTP2 = true
			srv.TLS = &tls.Config{Certificates: []tls.Certificate{ca.sign(t, nil)}}
			srv.Config.ErrorLog = quiet()
			srv.StartTLS()
			defer srv.Close()
			p := loopback(t)
			p.CAFile = ca.file
			_, err := get(client(t, p), srv.URL)
			wantError(t, err, crowsnest.Unavailable, "the connection was cut")
			if !IsReset(err) {
				t.Errorf("%v is no reset", err)
			}
		})
	}
}

func TestClassifyCertificate(t *testing.T) {
	ca := newAuthority(t)
	for name, tc := range map[string]struct {
		change func(*x509.Certificate)
		tls    func(*tls.Config)
		want   []string
	}{
		"expired": {
			change: func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2021, 3, 4, 0, 0, 0, 0, time.UTC)
			},
			want: []string{"valid only from 2020-01-02 to 2021-03-04", "clock"},
		},
		"wrong host": {
			change: func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"one.test", "two.test"} },
			want:   []string{"not for 127.0.0.1 but for one.test, two.test"},
		},
		"many hosts": {
			change: func(c *x509.Certificate) {
				c.IPAddresses = nil
				for i := range 50 {
					c.DNSNames = append(c.DNSNames, fmt.Sprintf("h%d.test", i))
				}
			},
			want: []string{"…"},
		},
		"not for servers": {
			change: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} },
			want:   []string{"the certificate is not valid", "key usage"},
		},
		"old TLS": {
			tls:  func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
			want: []string{"the TLS connection cannot be agreed on: protocol version not supported", "TLS 1.2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{Certificates: []tls.Certificate{ca.sign(t, tc.change)}}
			if tc.tls != nil {
				tc.tls(config)
			}
			srv := serveTLS(t, hello, config)
			p := loopback(t)
			p.CAFile = ca.file
			_, err := get(client(t, p), srv.URL)
			wantError(t, err, crowsnest.Unavailable, tc.want...)
			if strings.Contains(err.Error(), "x509:") || strings.Contains(err.Error(), "tls:") {
				t.Errorf("%q speaks like a library", err)
			}
		})
	}
}

func TestClassifyNoTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(hello)
	srv.Config.ErrorLog = quiet()
	srv.Start()
	defer srv.Close()
	_, err := get(client(t, loopback(t)), strings.Replace(srv.URL, "http:", "https:", 1))
	wantError(t, err, crowsnest.Unavailable, "does not speak TLS", "port")
}

func TestClassifyByErrno(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{
		syscall.EHOSTUNREACH: "no network route", syscall.ENETUNREACH: "no network route", syscall.ECONNRESET: "was cut", syscall.EPIPE: "was cut",
	} {
		err := Classify("fetch", "page", &net.OpError{Op: "dial", Net: "tcp", Err: errno})
		wantError(t, err, crowsnest.Unavailable, want)
	}
}

func TestClassifyUnreachableProxy(t *testing.T) {
	err := Classify("fetch", "page", &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}})
	wantError(t, err, crowsnest.Unavailable, "the proxy cannot be reached: the connection is refused", "HTTPS_PROXY")
}

func TestClassifyUnknown(t *testing.T) {
	err := Classify("fetch", "page", errors.New("something new"))
	wantError(t, err, crowsnest.Unavailable, "fetch page: something new")
	if IsReset(err) {
		t.Error("taken for a reset")
	}
}

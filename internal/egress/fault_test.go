package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
)

func TestClassifyNamesTheFault(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want fault.Code
	}{
		{&net.DNSError{Name: "h.test", IsNotFound: true}, fault.UnknownHost},
		{&net.DNSError{Name: "h.test", IsTimeout: true}, fault.NoDNS},
		{&net.DNSError{Name: "h.test", Err: "server misbehaving"}, fault.NoDNS},
		{context.DeadlineExceeded, fault.Timeout},
		{syscall.ECONNREFUSED, fault.Refused},
		{syscall.ENETUNREACH, fault.NoRoute},
		{syscall.ECONNRESET, fault.Cut},
		{&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, fault.NoProxy},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h.test"}, fault.WrongName},
		{x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}, fault.WrongDates},
		{x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.IncompatibleUsage}, fault.Certificate},
		{x509.UnknownAuthorityError{}, fault.NoAuthority},
		{x509.SystemRootsError{}, fault.NoAuthority},
		{tls.RecordHeaderError{}, fault.NoTLS},
		{http.ErrSchemeMismatch, fault.NoTLS},
		{errors.New("tls: no common version"), fault.TLS},
		{&crowsnest.Error{Kind: crowsnest.Forbidden, Op: "connect to", Subject: "10.0.0.1"}, fault.NotPermitted},
		{&crowsnest.Error{Kind: crowsnest.NotFound, Op: "read CA file"}, ""},
		{context.Canceled, ""},
		{errors.New("something new"), ""},
	} {
		err := Classify("fetch", "page", fmt.Errorf("wrapped: %w", tc.err))
		if got := fault.Of(err); got != tc.want || !errors.Is(err, tc.err) && crowsnest.KindOf(tc.err) == crowsnest.Internal {
			t.Errorf("%v is %q, want %q", err, got, tc.want)
		}
	}
}

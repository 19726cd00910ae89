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
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
)

// Classify turns the error of a request into one sentence that says what to do.
// op and subject are those of the *crowsnest.Error it returns: "list clusters at
// Sysdig", "us2.app.sysdig.com". The URL of the request, whose query may hold
// secrets, does not come through. The cause stays reachable for errors.Is and
// errors.As. A nil err gives nil.
//
// Kinds: Canceled when the caller gave up, the kind of the inner error when it is
// one of Crowsnest's own (a refused address is Forbidden), else Unavailable.
func Classify(op, subject string, err error) error {
	if err == nil {
		return nil
	}
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err
	}
	e := &crowsnest.Error{Kind: crowsnest.Unavailable, Op: op, Subject: subject}

	var own *crowsnest.Error
	if errors.As(err, &own) {
		inner := *own
		inner.Hint = ""
		e.Kind, e.Hint, e.Err = own.Kind, own.Hint, &inner
		if own.Kind == crowsnest.Forbidden && fault.Of(own) == "" {
			e.Err = fault.With(fault.NotPermitted, &inner)
		}
		return e
	}
	if errors.Is(err, context.Canceled) {
		e.Kind, e.Err = crowsnest.Canceled, &reason{"it was stopped", err}
		return e
	}
	code, text, hint := explain(err)
	var oe *net.OpError
	if errors.As(err, &oe) && oe.Op == "proxyconnect" {
		code, text, hint = fault.NoProxy, "the proxy cannot be reached: "+text, "check the proxy named by HTTPS_PROXY, or name the host in NO_PROXY"
	}
	e.Hint, e.Err = hint, fault.With(code, &reason{text, err})
	return e
}

// reason says in words for people what err is.
type reason struct {
	text string
	err  error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.err }

func explain(err error) (code fault.Code, text, hint string) {
	if code, text, hint := explainTLS(err); text != "" {
		return code, text, hint
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fault.UnknownHost, fmt.Sprintf("the name %s is not known to DNS", dns.Name), "check the spelling of the host and the DNS of this machine"
	case errors.As(err, &dns) && dns.IsTimeout:
		return fault.NoDNS, fmt.Sprintf("DNS does not answer for %s", dns.Name), "check the DNS of this machine"
	case errors.As(err, &dns):
		return fault.NoDNS, fmt.Sprintf("DNS cannot resolve %s: %s", dns.Name, dns.Err), "check the DNS of this machine"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return fault.Timeout, "there is no answer in time", "check that a firewall or a missing proxy setting does not swallow the connection, and try again"
	case errors.Is(err, syscall.ECONNREFUSED):
		return fault.Refused, "the connection is refused", "check host and port, and that the service runs"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fault.NoRoute, "there is no network route", "check the network of this machine"
	case IsReset(err):
		return fault.Cut, "the connection was cut", "try again; if it stays, look for a proxy or firewall on the way"
	}
	return "", err.Error(), ""
}

func explainTLS(err error) (code fault.Code, text, hint string) {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		hostname  x509.HostnameError
		roots     x509.SystemRootsError
		record    tls.RecordHeaderError
		op        *net.OpError
		verify    *tls.CertificateVerificationError
	)
	const askAdmin = "have the certificate of the server replaced"
	switch {
	case errors.As(err, &hostname):
		names := hostname.Certificate.DNSNames
		for _, ip := range hostname.Certificate.IPAddresses {
			names = append(names[:len(names):len(names)], ip.String())
		}
		if len(names) > 5 {
			names = append(names[:5:5], "…")
		}
		text = fmt.Sprintf("the certificate is not for %s", hostname.Host)
		if len(names) > 0 {
			text += " but for " + strings.Join(names, ", ")
		}
		return fault.WrongName, text, "use a name that the certificate holds"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fault.WrongDates, fmt.Sprintf("the certificate is valid only from %s to %s", invalid.Cert.NotBefore.UTC().Format("2006-01-02"), invalid.Cert.NotAfter.UTC().Format("2006-01-02")),
			"check the clock of this machine, or " + askAdmin
	case errors.As(err, &authority):
		return fault.NoAuthority, "the certificate is not signed by a trusted authority", "if the server or a proxy uses a private authority, give its certificate as CA file"
	case errors.As(err, &roots):
		return fault.NoAuthority, "this machine has no trusted certificates", "install its ca-certificates, or give a CA file"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return fault.Certificate, "the certificate is not valid: " + strings.TrimPrefix(innermost(err).Error(), "x509: "), askAdmin
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return fault.NoTLS, "the server does not speak TLS on this port", "check the port; an address that begins with http:// is used only if the setting " + AllowSetting + " holds it"
	case errors.As(err, &op) && op.Op == "remote error", strings.HasPrefix(innermost(err).Error(), "tls: "):
		// crypto/tls has no exported type for alerts and for handshakes that find no common version.
		return fault.TLS, "the TLS connection cannot be agreed on: " + strings.TrimPrefix(innermost(err).Error(), "tls: "), "check that the server supports TLS 1.2 or newer and wants no client certificate"
	}
	return "", "", ""
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// IsReset tells whether err says that the other side, or something on the way,
// ended a connection before the answer was complete. Trying again is sensible
// where the request changes nothing.
func IsReset(err error) bool {
	var stream http2StreamError
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &stream)
}

// http2StreamError has the fields of the unexported type in net/http, whose As
// method fills any struct that has them.
type http2StreamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e http2StreamError) Error() string {
	return fmt.Sprintf("stream %d ended with code %d", e.StreamID, e.Code)
}

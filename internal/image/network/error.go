package network

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
	"regexp"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/crowsnest-sec/crowsnest"
)

// refuse is a failure whose operation and subject are filled in by who knows them.
func refuse(kind crowsnest.Kind, hint, format string, args ...any) error {
	return &crowsnest.Error{Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// Temporary tells which failures are worth another try; the conditions are go-containerregistry's.
func Temporary(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary() ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}

// Explain puts what went wrong between us and a registry into one sentence. It never quotes a URL,
// a header or a body: they may hold tokens, and a body may hold anything.
func Explain(err error, host string) error {
	var known *crowsnest.Error
	if err == nil || errors.As(err, &known) {
		return err // also what a guarded transport says of a forbidden address
	}
	if e := tlsError(err, host); e != nil {
		return e
	}
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode != 0 {
		return answerError(answer, host)
	}
	unavailable := func(hint, format string, args ...any) error {
		return refuse(crowsnest.Unavailable, hint, format, args...)
	}
	var (
		dns     *net.DNSError
		netErr  net.Error
		wrapped *url.Error
	)
	switch {
	case errors.Is(err, ErrRedirect):
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return refuse(crowsnest.Forbidden, "check the registry's storage settings", "%s cannot be followed: %w", host, err)
	case errors.Is(err, context.Canceled):
		return refuse(crowsnest.Canceled, "", "%w", context.Canceled)
	case errors.As(err, &dns) && dns.IsNotFound:
		return unavailable("check the name of the registry", "there is no host %s", host)
	case errors.As(err, &dns):
		return unavailable("check the network and its name servers", "the address of %s cannot be found", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return unavailable("check that the registry runs and the port is right", "%s refuses connections", host)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return unavailable("check the network, and the proxy if one is needed", "%s cannot be reached", host)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return unavailable("check the network and try again", "%s does not answer in time", host)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return unavailable("try again", "%s broke the connection off", host)
	case errors.Is(err, ErrPlainHTTP):
		return unavailable("serve the registry over HTTPS", "%s does not speak HTTPS, and %w", host, ErrPlainHTTP)
	}
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return unavailable("check the registry and the network", "the exchange with %s went wrong: %s", host, Masked(err.Error()))
}

// tlsError recognises failures of the handshake and of certificates; nil for others.
func tlsError(err error, host string) error {
	const hint = "install the authority of its certificate on this machine, or correct the certificate"
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
		record       tls.RecordHeaderError
		alert        tls.AlertError
	)
	switch {
	case errors.As(err, &authority):
		return refuse(crowsnest.Unavailable, hint, "the certificate of %s is signed by an authority that is not trusted", host)
	case errors.As(err, &hostname):
		return refuse(crowsnest.Unavailable, hint, "the certificate of %s is for another name", host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return refuse(crowsnest.Unavailable, "renew the certificate, or correct the clock", "the certificate of %s has expired or is not valid yet", host)
	case errors.As(err, &invalid), errors.As(err, &verification):
		return refuse(crowsnest.Unavailable, hint, "the certificate of %s is not valid", host)
	// On loopback plain HTTP is tried as well, and what became of that says more.
	case errors.Is(err, http.ErrSchemeMismatch) && !isLoopbackHost(host), errors.As(err, &record) && !isLoopbackHost(host):
		return refuse(crowsnest.Unavailable, "serve the registry over HTTPS", "%s does not speak HTTPS, and %w", host, ErrPlainHTTP)
	case errors.As(err, &alert):
		return refuse(crowsnest.Unavailable, "check the TLS settings of the registry", "%s refuses the TLS connection", host)
	}
	return nil
}

func isLoopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return isLoopback(host)
}

// answerError puts a registry's refusal into words.
func answerError(e *transport.Error, host string) error {
	code := codeOf(e)
	switch status := e.StatusCode; {
	case status == http.StatusUnauthorized:
		return refuse(crowsnest.Unauthorized, "check the name; if the image is private, sign in with docker login "+host, "%s asks for other credentials%s", host, code)
	case status == http.StatusForbidden:
		return refuse(crowsnest.Forbidden, "check the name and the rights of the account, or sign in with docker login "+host, "%s does not allow it%s", host, code)
	case status == http.StatusTooManyRequests:
		return refuse(crowsnest.RateLimited, "try again later, or sign in with docker login "+host, "%s asks to slow down%s", host, code)
	case status == http.StatusNotFound:
		return refuse(crowsnest.Unavailable, "check the name of the registry", "%s answers, but not as a registry", host)
	case status == http.StatusBadRequest:
		return refuse(crowsnest.Invalid, "check the name and the tag", "%s does not accept the request%s", host, code)
	case status >= http.StatusInternalServerError:
		return refuse(crowsnest.Unavailable, "try again later", "%s has a failure of its own: status %d%s", host, status, code)
	default:
		return refuse(crowsnest.Unavailable, "check that this is a registry", "%s answers with status %d%s", host, status, code)
	}
}

var errorCode = regexp.MustCompile(`^[A-Z_]{1,40}$`)

// codeOf gives the registry's own code for the failure, if it is one by its looks.
func codeOf(e *transport.Error) string {
	for _, d := range e.Errors {
		if errorCode.MatchString(string(d.Code)) {
			return fmt.Sprintf(" (%s)", d.Code)
		}
	}
	return ""
}

var (
	userinfo = regexp.MustCompile(`://[^/\s@"]*@`)
	query    = regexp.MustCompile(`\?[^\s"']*`)
)

// Masked takes credentials and queries out of whatever looks like a URL in s and cuts it to one line.
func Masked(s string) string {
	s = userinfo.ReplaceAllString(s, "://…@")
	s = query.ReplaceAllString(s, "?…")
	s = strings.Join(strings.Fields(s), " ")
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

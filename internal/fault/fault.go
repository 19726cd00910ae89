// Package fault names what goes wrong with others that are asked over the network, for programs: a client that has sentences of its own
// says by it what to correct, in the language of who reads it. A name is beside the words of an error and never instead of them.
package fault

import "errors"

// Code is the name of a fault. None changes its meaning.
type Code string

// The faults on the way to a host.
const (
	NotPermitted Code = "not-permitted" // by the settings of this server
	UnknownHost  Code = "unknown-host"  // to DNS
	NoDNS        Code = "no-dns"        // it does not answer, or cannot resolve the name
	Timeout      Code = "timeout"       // no answer in time
	Refused      Code = "connection-refused"
	NoRoute      Code = "no-route"
	Cut          Code = "connection-cut"
	NoProxy      Code = "no-proxy"              // the proxy cannot be reached
	ProxySignIn  Code = "proxy-sign-in"         // it wants a password
	WrongName    Code = "certificate-name"      // the certificate is for other hosts
	WrongDates   Code = "certificate-dates"     // it is valid at other times
	NoAuthority  Code = "certificate-authority" // nobody who is trusted signed it
	Certificate  Code = "certificate-invalid"   // for another reason
	NoTLS        Code = "no-tls"                // the port speaks something else
	TLS          Code = "tls"                   // no connection can be agreed on
)

// The faults that a host answers with.
const (
	TokenRefused   Code = "token-refused"
	TokenForbidden Code = "token-forbidden" // it is right, and may not do this
	NoSuchAPI      Code = "no-such-api"     // the host is another one, or its answer is no answer of the API
	Redirected     Code = "redirected"
	TooMany        Code = "too-many-requests"
	TheirFault     Code = "their-fault" // the host says that it failed
	NotAccepted    Code = "request-not-accepted"
	EmptyCluster   Code = "empty-cluster" // nothing runs there as far as is told
)

// Codes lists all faults.
func Codes() []Code {
	return []Code{NotPermitted, UnknownHost, NoDNS, Timeout, Refused, NoRoute, Cut, NoProxy, ProxySignIn, WrongName, WrongDates, NoAuthority, Certificate, NoTLS, TLS,
		TokenRefused, TokenForbidden, NoSuchAPI, Redirected, TooMany, TheirFault, NotAccepted, EmptyCluster}
}

// With names the fault that err is. Its words stay as they are.
func With(code Code, err error) error {
	if code == "" || err == nil {
		return err
	}
	return &named{code, err}
}

type named struct {
	code Code
	err  error
}

func (n *named) Error() string { return n.err.Error() }
func (n *named) Unwrap() error { return n.err }
func (n *named) Fault() Code   { return n.code }

// Of returns the fault that err is, by the outermost name in its chain; empty if none is named.
func Of(err error) Code {
	var n interface{ Fault() Code }
	if errors.As(err, &n) {
		return n.Fault()
	}
	return ""
}

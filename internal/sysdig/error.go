package sysdig

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
)

const (
	maxErrorBody = 64 << 10
	maxMessage   = 200 // runes of the other side's own words in an error
)

// place is the field that says where the API is.
func (c *Client) place() string {
	if c.region == Custom {
		return "url"
	}
	return "region"
}

// unreached is the field to correct where no answer came.
func (c *Client) unreached(err error) string {
	var authority x509.UnknownAuthorityError
	if c.region == Custom && errors.As(err, &authority) {
		return "ca"
	}
	return c.place()
}

// refusal says what a status other than 2xx means and what to correct.
func (c *Client) refusal(r request, res *http.Response, body io.Reader) error {
	e := &crowsnest.Error{Op: r.op, Subject: r.subject}
	text, said := fmt.Sprintf("the answer is %d %s", res.StatusCode, http.StatusText(res.StatusCode)), ""
	raw, _ := io.ReadAll(io.LimitReader(body, maxErrorBody)) // an error body that breaks off still says something
	if isHTML(raw) {
		said = "an HTML page"
	} else {
		said = c.redact(clip(c.redact(message(raw)), maxMessage)) // before it is cut, and when what is invisible is out
	}
	secret, called, renew := "token", "the token", "Sysdig under Integrations > Risk Spotlight Integrations"
	if r.api {
		secret, called, renew = "apiToken", "the API token", "the settings of Sysdig's user"
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized:
		e.Kind, text = crowsnest.Unauthorized, called+" is not accepted"
		other := "another region than " + c.region + ": check the region"
		if c.region == Custom {
			other = "another account or installation: check the address"
		}
		e.Field, e.Hint = secret, fmt.Sprintf("it is wrong, has expired, or belongs to %s, or renew the token in %s", other, renew)
	case status == http.StatusForbidden:
		e.Kind, text = crowsnest.Forbidden, called+" may not read this"
		e.Field, e.Hint = secret, "have Sysdig enable Risk Spotlight integrations for the account, and use a token made under Integrations > Risk Spotlight Integrations"
		if r.api {
			e.Hint = "use the API token of a user who may read the results of Vulnerability Management"
		}
	case status == http.StatusNotFound:
		e.Kind, text = crowsnest.NotFound, "the host does not have this API"
		e.Field, e.Hint = c.place(), "check the region or the address: it must be the host of the user interface, not one that begins with api."
	case status == http.StatusTooManyRequests:
		e.Kind, text = crowsnest.RateLimited, "too many requests were sent"
		e.Hint = "ask less often, or find what else uses the account's allowance"
	case status == http.StatusProxyAuthRequired:
		e.Kind = crowsnest.Unavailable
		e.Hint = "a proxy on the way wants a password"
	case status/100 == 3:
		e.Kind, text, said = crowsnest.NotFound, "the answer is a redirect", ""
		if to, err := res.Location(); err == nil {
			text += " to " + c.redact((&url.URL{Scheme: to.Scheme, Host: to.Host}).String())
		}
		e.Field, e.Hint = c.place(), "if that is the right host, give it as the address with region "+Custom+"; if it is a page to sign in, a proxy stands between"
	case status >= 500:
		e.Kind = crowsnest.Unavailable
		e.Hint = "it is a fault on Sysdig's side or on the way; try again later, as sweeps do by themselves"
	case r.query.Get("cursor") != "": // the first page was accepted, with the same name
		e.Kind, e.Hint = crowsnest.Invalid, "Sysdig does not go on with its list; the next sweep reads it anew"
	case r.query.Get("clusterName") == "" && r.query.Get("filter") == "":
		e.Kind, e.Hint = crowsnest.Invalid, "Sysdig does not accept the request"
	default:
		e.Kind = crowsnest.Invalid
		e.Field, e.Hint = "cluster", "Sysdig does not accept the request: check the name of the cluster"
	}
	if said != "" {
		text += ", with the words: " + said
		if said == "an HTML page" {
			text = strings.Replace(text, "with the words: an", "with an", 1)
		}
	}
	e.Err = &refused{status: res.StatusCode, text: text}
	return e
}

// refused is the cause of an error that came as a status.
type refused struct {
	status int
	text   string
}

func (r *refused) Error() string { return r.text }

// Fault names what the status means.
func (r *refused) Fault() fault.Code {
	switch {
	case r.status == http.StatusUnauthorized:
		return fault.TokenRefused
	case r.status == http.StatusForbidden:
		return fault.TokenForbidden
	case r.status == http.StatusNotFound:
		return fault.NoSuchAPI
	case r.status == http.StatusTooManyRequests:
		return fault.TooMany
	case r.status == http.StatusProxyAuthRequired:
		return fault.ProxySignIn
	case r.status/100 == 3:
		return fault.Redirected
	case r.status >= 500:
		return fault.TheirFault
	}
	return fault.NotAccepted
}

// statusOf returns the status that err came as, 0 if it came otherwise.
func statusOf(err error) int {
	var r *refused
	if errors.As(err, &r) {
		return r.status
	}
	return 0
}

// errHTML is what the readers return for a page where JSON should be.
var errHTML = errors.New("the answer is an HTML page and not JSON")

// unreadable says that a 2xx came with a body that is no answer.
func (c *Client) unreadable(r request, err error) error {
	e := &crowsnest.Error{Kind: crowsnest.Corrupt, Op: r.op, Subject: r.subject, Err: err}
	var own *crowsnest.Error
	switch {
	case errors.As(err, &own):
		e.Kind, e.Field, e.Hint, e.Err = own.Kind, own.Field, own.Hint, own.Err
	case errors.Is(err, errHTML):
		e.Err = fault.With(fault.NoSuchAPI, err)
		e.Field, e.Hint = c.place(), "this is another host than the API's, or a proxy that wants a sign-in: check the region or the address"
	default:
		e.Err = fault.With(fault.NoSuchAPI, err)
		e.Field, e.Hint = c.place(), "the answer is not in the form that Sysdig uses: check the region or the address, and what stands between"
	}
	return e
}

// classify says what err means that came instead of an answer. What the other side said of itself in it, as in a line that is no
// HTTP, is theirs to hold the token; what is ours stays as it is, whatever word the token may be.
func (c *Client) classify(r request, err error) error {
	out := egress.Classify(r.op, r.subject, err)
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err
	}
	var e *crowsnest.Error
	if c.redact(err.Error()) == err.Error() || !errors.As(out, &e) || e.Err == nil {
		return out
	}
	redacted := *e
	redacted.Err = fault.With(fault.Of(e.Err), errors.New(c.redact(e.Err.Error())))
	return &redacted
}

func isHTML(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(b) > 0 && b[0] == '<'
}

// message takes out what an error body says: a message with or without its type, or a
// list of reasons; and the text itself where it is no JSON.
func message(raw []byte) string {
	var body struct {
		Message any `json:"message"`
		Error   any `json:"error"`
		Errors  []struct {
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) > 0 && trimmed[0] != '{' {
		return string(trimmed)
	}
	// Fields of other types are left out, the rest still counts.
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &body); err != nil && !errors.As(err, &wrong) {
		return ""
	}
	if s, ok := body.Message.(string); ok && s != "" {
		return s
	}
	var parts []string
	for _, e := range body.Errors {
		switch {
		case e.Message != "":
			parts = append(parts, e.Message)
		case e.Reason != "":
			parts = append(parts, e.Reason)
		}
	}
	if s, ok := body.Error.(string); ok && len(parts) == 0 {
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

// clip makes one line of s with at most n runes that can be printed.
func clip(s string, n int) string {
	var b strings.Builder
	count := 0
	for _, word := range strings.Fields(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
				continue
			}
			if count++; count > n {
				return b.String() + "…"
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

package oidc

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/crowsnest-sec/crowsnest"
)

// Limits of what is asked of an issuer.
const (
	timeout   = 10 * time.Second // of one call
	maxAnswer = 1 << 20          // bytes of one answer
	fresh     = time.Minute      // how long what an issuer says of itself counts
	retry     = 5 * time.Second  // how long an issuer that does not answer is left alone
)

// issuer is one issuer of identity tokens. It is asked when it is needed, so that a
// server starts without it.
type issuer struct {
	url    string
	client *http.Client

	mu       sync.Mutex // held while the issuer is asked: others wait for the same answer
	provider *oidc.Provider
	err      error
	asked    time.Time
}

func newIssuer(url string, client *http.Client) *issuer {
	bounded := *client
	bounded.Timeout = timeout
	next := bounded.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	bounded.Transport = capped{next}
	return &issuer{url: url, client: &bounded}
}

// discover returns what the issuer says of itself. One that does not answer, or not in
// its own name, is Unavailable.
func (i *issuer) discover(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	life := fresh
	if i.err != nil {
		life = retry
	}
	if !i.asked.IsZero() && time.Since(i.asked) < life {
		return i.provider, i.err
	}
	// Others wait for this answer, so that it does not end with the one who asks.
	p, err := oidc.NewProvider(i.context(context.WithoutCancel(ctx)), i.url)
	i.asked, i.provider, i.err = time.Now(), p, nil
	if err != nil {
		i.err = unavailable("ask identity provider", i.url, err)
	}
	return i.provider, i.err
}

// context makes the libraries use the guarded client.
func (i *issuer) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, i.client)
}

// verify checks signature, issuer, audience and time of an identity token.
func (i *issuer) verify(ctx context.Context, audience, raw string) (*oidc.IDToken, error) {
	p, err := i.discover(ctx)
	if err != nil {
		return nil, err
	}
	token, err := p.VerifierContext(i.context(ctx), &oidc.Config{ClientID: audience}).Verify(ctx, raw)
	if err != nil {
		return nil, refuse("check identity token", err)
	}
	return token, nil
}

// refuse is the error of whatever the issuer's word does not hold for.
func refuse(op string, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: op, Err: err}
}

// away is the error of an issuer that does not answer: not of the database, which the
// same kind would be.
type away struct{ error }

// Unwrap gives the kind to crowsnest.KindOf.
func (e *away) Unwrap() error { return e.error }

func unavailable(op, issuer string, err error) error {
	return &away{&crowsnest.Error{Kind: crowsnest.Unavailable, Op: op, Subject: issuer, Hint: "check its address and egress.allow", Err: err}}
}

// capped bounds the bodies of answers: the libraries read them whole.
type capped struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	w, err := c.next.RoundTrip(r)
	if err == nil {
		w.Body = &body{w.Body, maxAnswer}
	}
	return w, err
}

type body struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	return n, err
}

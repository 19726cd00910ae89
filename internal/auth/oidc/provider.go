package oidc

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"golang.org/x/oauth2"
)

// Config says which provider people sign in with, and how.
type Config struct {
	Issuer       string
	ClientID     string
	ClientSecret string   // empty for a client that has none
	Scopes       []string // beside openid
	// GroupsClaim names the claim with a person's groups; empty asks for none.
	GroupsClaim string
	// VerifiedClaim names the claim that says whether the e-mail address is verified.
	VerifiedClaim string
	// EmailDomains lists whose addresses may come in, in lower case; empty is everybody.
	EmailDomains []string
	// RedirectURL is where the provider sends browsers back to, SignedOutURL where it
	// sends them after signing out.
	RedirectURL, SignedOutURL string
}

// Provider is a provider of identities. It is safe for concurrent use.
type Provider struct {
	cfg    Config
	issuer *issuer
}

// New returns a provider that is asked through the client when it is first needed.
func New(cfg Config, client *http.Client) *Provider {
	return &Provider{cfg, newIssuer(cfg.Issuer, client)}
}

// Issuer names the provider.
func (p *Provider) Issuer() string { return p.cfg.Issuer }

// Available tells why nobody can sign in with the provider now, nil if somebody can.
func (p *Provider) Available(ctx context.Context) error {
	_, err := p.issuer.discover(ctx)
	return err
}

// secret is what a browser keeps of a sign-in it began.
type secret string

func newSecret() secret {
	var b [32]byte
	rand.Read(b[:])
	return secret(base64.RawURLEncoding.EncodeToString(b[:]))
}

// derive returns a value for one purpose that says nothing of the secret nor of the others.
func (s secret) derive(purpose string) string {
	mac := hmac.New(sha256.New, []byte(s))
	mac.Write([]byte(purpose))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s secret) state() string    { return s.derive("state") }
func (s secret) nonce() string    { return s.derive("nonce") }
func (s secret) verifier() string { return s.derive("verifier") }

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// metadata is what an issuer says of itself beside what the library reads.
type metadata struct {
	TokenAuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	EndSession       string   `json:"end_session_endpoint"`
	NamesItself      bool     `json:"authorization_response_iss_parameter_supported"`
}

func (p *Provider) discover(ctx context.Context) (*oidc.Provider, *oauth2.Config, metadata, error) {
	found, err := p.issuer.discover(ctx)
	if err != nil {
		return nil, nil, metadata{}, err
	}
	var m metadata
	if err := found.Claims(&m); err != nil {
		return nil, nil, m, unavailable("ask identity provider", p.cfg.Issuer, err)
	}
	endpoint := found.Endpoint()
	// Trying one way after the other, as the library would, could use up the code.
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(m.TokenAuthMethods) > 0 && !slices.Contains(m.TokenAuthMethods, "client_secret_basic") || p.cfg.ClientSecret == "" {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	scopes := append([]string{oidc.ScopeOpenID}, slices.DeleteFunc(slices.Clone(p.cfg.Scopes), func(s string) bool { return s == oidc.ScopeOpenID })...)
	return found, &oauth2.Config{ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: endpoint, RedirectURL: p.cfg.RedirectURL, Scopes: scopes}, m, nil
}

// begin returns where to send the browser that keeps the secret.
func (p *Provider) begin(ctx context.Context, s secret) (string, error) {
	_, cfg, _, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return cfg.AuthCodeURL(s.state(), oidc.Nonce(s.nonce()), oauth2.S256ChallengeOption(s.verifier())), nil
}

// answer is what a browser brings back from the provider.
type answer struct{ code, state, issuer, failure string }

// finish returns whom the provider vouches for to the browser that keeps the secret.
func (p *Provider) finish(ctx context.Context, s secret, a answer) (auth.External, error) {
	const op = "sign in with identity provider"
	if !same(a.state, s.state()) {
		return auth.External{}, refuse(op, errors.New("the state is not the one of this browser"))
	}
	found, cfg, m, err := p.discover(ctx)
	if err != nil {
		return auth.External{}, err
	}
	switch {
	case (a.issuer != "" || m.NamesItself) && a.issuer != p.cfg.Issuer:
		return auth.External{}, refuse(op, errors.New("another issuer answered"))
	case a.failure != "":
		return auth.External{}, &denied{crowsnest.Text(a.failure)}
	}
	ctx = p.issuer.context(ctx)
	token, err := cfg.Exchange(ctx, a.code, oauth2.VerifierOption(s.verifier()))
	if err != nil {
		var said *oauth2.RetrieveError
		if errors.As(err, &said) {
			return auth.External{}, refuse(op, fmt.Errorf("it refused the code: %s", crowsnest.Text(said.ErrorCode)))
		}
		return auth.External{}, unavailable(op, p.cfg.Issuer, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.issuer.verify(ctx, p.cfg.ClientID, raw)
	if err != nil {
		return auth.External{}, err
	}
	if !same(id.Nonce, s.nonce()) {
		return auth.External{}, refuse(op, errors.New("the nonce is not the one of this browser"))
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return auth.External{}, refuse(op, err)
		}
	}
	var claims map[string]json.RawMessage
	if err := id.Claims(&claims); err != nil {
		return auth.External{}, refuse(op, err)
	}
	if authorised := text(claims["azp"]); len(id.Audience) > 1 && authorised == "" || authorised != "" && authorised != p.cfg.ClientID {
		return auth.External{}, refuse(op, errors.New("the token was made for another client"))
	}
	if err := p.complete(ctx, found, token, id.Subject, claims); err != nil {
		return auth.External{}, err
	}
	return p.person(id.Subject, claims)
}

// complete asks the provider for what the token leaves out: some keep tokens small.
func (p *Provider) complete(ctx context.Context, found *oidc.Provider, token *oauth2.Token, subject string, claims map[string]json.RawMessage) error {
	want := []string{"email", p.cfg.VerifiedClaim}
	if p.cfg.GroupsClaim != "" {
		want = append(want, p.cfg.GroupsClaim)
	}
	missing := slices.ContainsFunc(want, func(name string) bool { return len(claims[name]) == 0 })
	if !missing || found.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return unavailable("ask identity provider about person", p.cfg.Issuer, err)
	}
	if info.Subject != subject {
		return refuse("ask identity provider about person", errors.New("it answered about another one"))
	}
	var more map[string]json.RawMessage
	if err := info.Claims(&more); err != nil {
		return refuse("ask identity provider about person", err)
	}
	// Address and verification belong together: one is not taken from here without the other.
	if len(claims["email"]) == 0 || len(claims[p.cfg.VerifiedClaim]) == 0 {
		claims["email"], claims[p.cfg.VerifiedClaim] = more["email"], more[p.cfg.VerifiedClaim]
	}
	for _, name := range []string{"name", p.cfg.GroupsClaim} {
		if len(claims[name]) == 0 {
			claims[name] = more[name]
		}
	}
	return nil
}

// person reads the claims of somebody.
func (p *Provider) person(subject string, claims map[string]json.RawMessage) (auth.External, error) {
	e := auth.External{Provider: p.cfg.Issuer, Subject: subject, Name: text(claims["name"])}
	if subject == "" || len(subject) > 255 || crowsnest.Text(subject) != subject {
		return e, refuse("read identity", errors.New("the token names nobody"))
	}
	email, err := auth.Email(text(claims["email"]))
	if err != nil {
		return e, &unverified{"the provider gives no e-mail address"}
	}
	if verified := strings.Trim(string(claims[p.cfg.VerifiedClaim]), `"`); verified != "true" && verified != "1" {
		return e, &unverified{"the e-mail address is not verified"}
	}
	_, domain, _ := strings.Cut(email, "@")
	if len(p.cfg.EmailDomains) > 0 && !slices.Contains(p.cfg.EmailDomains, domain) {
		return e, &foreign{domain}
	}
	e.Email = email
	if p.cfg.GroupsClaim == "" {
		return e, nil
	}
	// A provider may leave out the groups of somebody who has many, and say so: taken for
	// none they would cost the person every role.
	var elsewhere map[string]json.RawMessage
	if json.Unmarshal(claims["_claim_names"], &elsewhere) == nil && len(elsewhere[p.cfg.GroupsClaim]) > 0 {
		return e, refuse("read identity", errors.New("the provider leaves out the groups, since there are too many; let it give only those of this application"))
	}
	e.Groups, err = groups(claims[p.cfg.GroupsClaim])
	return e, err
}

// text reads a claim that is a text; anything else is none.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return crowsnest.Text(s)
}

// groups reads a claim that is a list of texts, or one text. None at all is no group;
// anything else is an error, since it could not be told from none.
func groups(raw json.RawMessage) ([]string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list, nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	return nil, refuse("read identity", errors.New("the claim of groups is no list of names"))
}

// signOut returns where a browser signs out of the provider, or "" if that knows no such place.
func (p *Provider) signOut(ctx context.Context) string {
	_, _, m, err := p.discover(ctx)
	if err != nil || m.EndSession == "" {
		return ""
	}
	u, err := url.Parse(m.EndSession)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	q.Set("post_logout_redirect_uri", p.cfg.SignedOutURL)
	u.RawQuery = q.Encode()
	return u.String()
}

// SignOut returns where the browser of a person signs out of the provider too, or "".
// provider is the one that vouched for the person.
func (p *Provider) SignOut(ctx context.Context, provider string) string {
	if p == nil || provider != p.cfg.Issuer {
		return ""
	}
	return p.signOut(ctx)
}

// denied says that the provider, or the person there, does not want to.
type denied struct{ code string }

// Error implements error.
func (e *denied) Error() string { return "the identity provider says " + e.code }

// unverified says that the person has no e-mail address one can rely on.
type unverified struct{ why string }

// Error implements error.
func (e *unverified) Error() string { return e.why }

// foreign says that the address is of a domain that is not allowed.
type foreign struct{ domain string }

// Error implements error.
func (e *foreign) Error() string { return "addresses of " + e.domain + " are not allowed" }

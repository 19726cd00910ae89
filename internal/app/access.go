package app

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/auth/oidc"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

func openKeeper(ctx context.Context, cfg config.Config) (*auth.Keeper, error) {
	return auth.OpenKeeper(ctx, auth.KeeperOptions{File: cfg.KeyFile, URL: cfg.Secrets.Keeper, Previous: cfg.Secrets.Previous})
}

func (a *App) door() *auth.Door { return &auth.Door{Store: a.store, Log: a.log} }

// signIn says how people come in. A provider of identities is asked when it is needed, so
// that the server starts without it.
func (a *App) signIn() (api.SignIn, error) {
	base := a.cfg.PublicURL
	if base != "" {
		base += a.cfg.BasePath
	}
	audience := a.cfg.Exchange.Audience
	if audience == "" {
		audience = base
	}
	out := api.SignIn{NoPasswords: !a.cfg.PasswordSignIn, Jobs: oidc.NewJobs(a.cfg.Exchange.Issuers, audience, a.client)}
	cfg := a.cfg.OIDC
	if cfg.Issuer == "" {
		return out, nil
	}
	given, err := cfg.ParsedGrants()
	if err != nil {
		return out, err
	}
	role, err := cfg.Role()
	if err != nil {
		return out, err
	}
	out.Name = cfg.Name
	out.Provider = oidc.New(oidc.Config{
		Issuer: cfg.Issuer, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Scopes: cfg.Scopes, GroupsClaim: cfg.GroupsClaim, VerifiedClaim: cfg.VerifiedClaim,
		EmailDomains: cfg.EmailDomains, RedirectURL: base + oidc.CallbackPath, SignedOutURL: base + oidc.SignInPath,
	}, a.client)
	out.Grants = func(ctx context.Context) ([]auth.Grant, error) {
		var grants []auth.Grant
		if role != crowsnest.NoRole {
			grants = append(grants, auth.Grant{Organisation: a.org.ID, Role: role})
		}
		for _, g := range given {
			org := a.org
			if g.Organisation != "" {
				var err error
				// One that was renamed must not cost its people their roles: nobody comes in.
				if org, err = a.store.OrganisationByName(ctx, g.Organisation); err != nil {
					return nil, fmt.Errorf("oidc.grants: %w", err)
				}
			}
			grants = append(grants, auth.Grant{Group: g.Group, Organisation: org.ID, Role: g.Role})
		}
		return grants, nil
	}
	return out, nil
}

// forgetEvery is how often what has expired is removed.
const forgetEvery = time.Hour

// forgetExpired removes what has expired, now and then. Each replica does it; doing it
// twice costs nothing.
func (a *App) forgetExpired(ctx context.Context) error {
	last, now := a.forgot.Load(), time.Now().Unix()
	if now-last < int64(forgetEvery/time.Second) || !a.forgot.CompareAndSwap(last, now) {
		return nil
	}
	return a.store.ForgetExpired(ctx)
}

// keepFirstToken makes the token of the configuration one of the installation. Once it was
// revoked it stays so.
func (a *App) keepFirstToken(ctx context.Context) error {
	_, err := a.store.CreateToken(ctx, store.Token{Organisation: a.org.ID, Name: "first_token", Scopes: []crowsnest.Scope{crowsnest.ScopeOwner}}, auth.HashToken(a.cfg.FirstToken))
	if err != nil && crowsnest.KindOf(err) == crowsnest.Conflict {
		return nil // it was made at an earlier start
	}
	return err
}

// OwnerToken makes a token of the first organisation that may do what an owner may.
func (a *App) OwnerToken(ctx context.Context, name string) (string, error) {
	token, hash := auth.NewToken()
	_, err := a.store.CreateToken(ctx, store.Token{Organisation: a.org.ID, Name: name, Scopes: []crowsnest.Scope{crowsnest.ScopeOwner}}, hash)
	return token, err
}

// FirstLink returns the one-time link with which the first owner comes in, to be shown
// once. addr is where the server listens. It is empty where there are people already.
func (a *App) FirstLink(addr net.Addr) string {
	if a.link == "" {
		return ""
	}
	return linkURL(a.cfg, addr.String(), a.link)
}

// SignInLink makes the first owner, unless there is one with this address, and returns a
// one-time link that signs in as that person. It is for the demo.
func (a *App) SignInLink(ctx context.Context, addr net.Addr, email, name, password string) (string, error) {
	door := a.door()
	if a.link != "" {
		if _, err := door.Redeem(ctx, a.link, auth.Answer{Email: email, Name: name, Password: password}); err != nil {
			return "", err
		}
		a.link = ""
	}
	person, err := a.store.CredentialsByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	secret, _, err := door.MakeLink(ctx, store.Link{Kind: store.SignInLink, Organisation: a.org, Person: person.ID}, auth.SignInLife)
	return linkURL(a.cfg, addr.String(), secret), err
}

// linkURL writes a one-time link. Without a public address it leads to where the server
// listens, as seen from the machine it runs on.
func linkURL(cfg config.Config, listen, secret string) string {
	base := cfg.PublicURL
	if base == "" {
		if host, port, err := net.SplitHostPort(listen); err == nil {
			if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
				listen = net.JoinHostPort("127.0.0.1", port)
			}
		}
		base = "http://" + listen
	}
	return strings.TrimRight(base, "/") + cfg.BasePath + api.LinkPath + "#" + secret
}

package oidc

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Paths below the server's own.
const (
	Prefix       = "/auth/"
	LoginPath    = "/auth/oidc/login"
	CallbackPath = "/auth/oidc/callback"
	SignInPath   = "/sign-in" // the dashboard's page, which puts problems into words
)

// Handler sends browsers to the provider and takes them back.
type Handler struct {
	Provider *Provider
	Door     *auth.Door
	Sessions *auth.Sessions // loaded for each request
	// Grants returns what follows from groups, as it is now.
	Grants   func(context.Context) ([]auth.Grant, error)
	Log      *slog.Logger
	BasePath string // the path the server lives under
	Secure   bool   // browsers reach it over TLS
	// Address returns the address of the client.
	Address func(context.Context) string
}

// Register adds the routes. They answer only with redirects.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+LoginPath, h.login)
	mux.HandleFunc("GET "+CallbackPath, h.callback)
}

// Problems are the words the sign-in page is given for what went wrong.
const (
	problemDenied      = "denied"       // the provider or the person says no
	problemExpired     = "expired"      // not begun in this browser, or too long ago
	problemUnverified  = "unverified"   // no verified e-mail address
	problemDomain      = "domain"       // an address that is not allowed
	problemTaken       = "taken"        // the address belongs to another account
	problemNobody      = "no-place"     // belongs to no organisation
	problemUnavailable = "unavailable"  // the provider does not answer
	problemRefused     = "refused"      // what the provider said does not hold
	problemTooMany     = "too-many"     // attempts
	problemServer      = "server-error" // ours
)

func problemOf(err error) string {
	var (
		no      *denied
		mail    *unverified
		domain  *foreign
		tooMany *auth.TooManyError
		silent  *away
	)
	switch {
	case errors.As(err, &no):
		return problemDenied
	case errors.As(err, &mail):
		return problemUnverified
	case errors.As(err, &domain):
		return problemDomain
	case errors.As(err, &tooMany):
		return problemTooMany
	case errors.As(err, &silent):
		return problemUnavailable
	}
	switch crowsnest.KindOf(err) {
	case crowsnest.Conflict:
		return problemTaken
	case crowsnest.Forbidden:
		return problemNobody
	case crowsnest.Unauthorized:
		return problemRefused
	}
	return problemServer
}

// actor says whom attempts are counted under until it is known who comes.
func (h *Handler) actor(r *http.Request) context.Context {
	return store.WithActor(r.Context(), store.Actor{Kind: store.ActorPerson, Name: "unknown", Address: h.Address(r.Context())})
}

// login begins a sign-in. That another site may lead a browser here is as intended: a
// portal does, and the answer counts only in this browser.
func (h *Handler) login(w http.ResponseWriter, r *http.Request) {
	ctx := h.actor(r)
	next, ok := local(r.URL.Query().Get("next"))
	if !ok {
		next = "/"
	}
	s := newSecret()
	to, err := h.Provider.begin(ctx, s)
	if err == nil {
		err = h.Door.BeginExternal(ctx, string(s), next)
	}
	if err != nil {
		h.fail(w, r, next, err)
		return
	}
	http.SetCookie(w, h.cookie(string(s), int(auth.ExternalLife.Seconds())))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// callback ends a sign-in.
func (h *Handler) callback(w http.ResponseWriter, r *http.Request) {
	ctx := h.actor(r)
	cookie, err := r.Cookie(h.cookieName())
	if err != nil || cookie.Value == "" {
		h.problem(w, r, "/", problemExpired)
		return
	}
	s, q := secret(cookie.Value), r.URL.Query()
	// Whoever sends a browser here with an answer of their own must not end what it began.
	if !same(q.Get("state"), s.state()) {
		h.Log.Warn("sign-in with an unknown state refused", "address", h.Address(ctx))
		h.problem(w, r, "/", problemExpired)
		return
	}
	http.SetCookie(w, h.cookie("", -1))
	next, err := h.Door.TakeExternal(ctx, string(s))
	if err != nil && crowsnest.KindOf(err) == crowsnest.NotFound {
		h.problem(w, r, "/", problemExpired)
		return
	}
	if err != nil {
		h.fail(w, r, "/", err)
		return
	}
	e, err := h.Provider.finish(ctx, s, answer{q.Get("code"), q.Get("state"), q.Get("iss"), q.Get("error")})
	if err != nil {
		h.fail(w, r, next, err)
		return
	}
	m, err := h.admit(ctx, e)
	if err == nil {
		err = h.Sessions.Start(ctx, store.Session{Person: m.Person.ID, Organisation: m.Organisation.ID, Address: h.Address(ctx), Agent: r.UserAgent(), Provider: e.Provider})
	}
	if err != nil {
		h.fail(w, r, next, err)
		return
	}
	http.Redirect(w, r, h.BasePath+next, http.StatusSeeOther)
}

func (h *Handler) admit(ctx context.Context, e auth.External) (store.Membership, error) {
	grants, err := h.Grants(ctx)
	if err != nil {
		return store.Membership{}, err
	}
	return h.Door.SignInExternal(ctx, e, grants)
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, next string, err error) {
	h.Log.Warn("sign-in with identity provider refused", "address", h.Address(r.Context()), "reason", crowsnest.Reason(err))
	h.problem(w, r, next, problemOf(err))
}

func (h *Handler) problem(w http.ResponseWriter, r *http.Request, next, code string) {
	q := url.Values{"problem": {code}}
	if next != "/" {
		q.Set("next", next)
	}
	http.Redirect(w, r, h.BasePath+SignInPath+"?"+q.Encode(), http.StatusSeeOther)
}

func (h *Handler) cookieName() string {
	if h.Secure {
		return "__Host-crowsnest_sign_in"
	}
	return "crowsnest_sign_in"
}

// cookie is SameSite=Lax: it must come along when the provider sends the browser back.
func (h *Handler) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: h.cookieName(), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: h.Secure, SameSite: http.SameSiteLaxMode}
}

// maxNext bounds an address to return to.
const maxNext = 2048

// local returns the part of an address that can only lead to a page of this server, and
// whether it is one. Browsers take a backslash for a slash and pass over control
// characters, and two slashes begin the name of a host.
func local(next string) (string, bool) {
	if len(next) > maxNext || strings.ContainsFunc(next, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) || crowsnest.Text(next) != next {
		return "", false
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, "\\") || !strings.HasPrefix(u.EscapedPath(), "/") {
		return "", false
	}
	out := u.EscapedPath()
	if u.RawQuery != "" {
		out += "?" + u.RawQuery
	}
	return out, true
}

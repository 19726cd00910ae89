package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// How long a session lasts: SessionIdle after its last use, and SessionLife in all.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// Sessions ties browsers to sessions in the store.
type Sessions struct {
	manager *scs.SessionManager
	store   store.Sessions
}

// NewSessions returns the sessions of a server. secure says that browsers reach it
// over TLS: only then is the cookie bound to TLS and to the host, by its name.
func NewSessions(s store.Sessions, secure bool, fail func(http.ResponseWriter, *http.Request, error)) *Sessions {
	m := scs.New()
	m.IdleTimeout, m.Lifetime = SessionIdle, SessionLife
	m.Store, m.Codec = sessionStore{s}, sessionCodec{}
	m.HashTokenInStore = true
	m.Cookie.Name, m.Cookie.Path, m.Cookie.HttpOnly, m.Cookie.SameSite = "crowsnest_session", "/", true, http.SameSiteLaxMode
	if secure {
		m.Cookie.Name, m.Cookie.Secure = "__Host-crowsnest_session", true
	}
	m.ErrorFunc = fail
	return &Sessions{m, s}
}

// Cookie is the name of the cookie.
func (s *Sessions) Cookie() string { return s.manager.Cookie.Name }

// Handler loads the session of each request and writes its cookie.
func (s *Sessions) Handler(next http.Handler) http.Handler { return s.manager.LoadAndSave(next) }

// sessionKey is the one value a session holds.
const sessionKey = "session"

// Current returns the session of the request, if it has one.
func (s *Sessions) Current(ctx context.Context) (store.Session, bool) {
	v, ok := s.manager.Get(ctx, sessionKey).(store.Session)
	return v, ok
}

// Start makes the request's session that of a person in an organisation. Whatever
// session the browser had ends, so that nobody can have laid one there before.
func (s *Sessions) Start(ctx context.Context, v store.Session) error {
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	// Without an ID it is stored as a new one.
	s.manager.SetDeadline(ctx, time.Now().Add(SessionLife))
	s.manager.Put(ctx, sessionKey, store.Session{Person: v.Person, Organisation: v.Organisation, Address: v.Address, Agent: cut(v.Agent, 256), Provider: v.Provider})
	return nil
}

// End ends the request's session.
func (s *Sessions) End(ctx context.Context) error { return s.manager.Destroy(ctx) }

func cut(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}

// sessionCodec puts the one value of a session into JSON, for sessionStore alone.
type sessionCodec struct{}

// Encode implements scs.Codec.
func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	v, _ := values[sessionKey].(store.Session)
	v.Deadline = deadline
	return json.Marshal(v)
}

// Decode implements scs.Codec.
func (sessionCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var v store.Session
	if err := json.Unmarshal(b, &v); err != nil {
		return time.Time{}, nil, err
	}
	return v.Deadline, map[string]any{sessionKey: v}, nil
}

// sessionStore keeps sessions as rows, so that a person can see and end them.
type sessionStore struct{ store store.Sessions }

var _ scs.CtxStore = sessionStore{}

// FindCtx implements scs.CtxStore.
func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	v, err := s.store.Session(ctx, token)
	switch {
	case err != nil && crowsnest.KindOf(err) == crowsnest.NotFound:
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	b, err := json.Marshal(v)
	return b, err == nil, err
}

// CommitCtx implements scs.CtxStore. A session that has an ID was stored before and is
// only used; if it was ended meanwhile, it stays ended.
func (s sessionStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	var v store.Session
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v.ID != "" {
		return s.store.TouchSession(ctx, token, expiry)
	}
	if v.Person == "" {
		return nil // nobody signed in
	}
	v.Expires = expiry
	_, err := s.store.StartSession(ctx, token, v)
	return err
}

// DeleteCtx implements scs.CtxStore.
func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.EndSession(ctx, token)
}

// errNoContext is what the calls without a context return; scs makes none of them where
// there are those with one.
var errNoContext = errors.New("auth: sessions need a context")

// Find implements scs.Store.
func (sessionStore) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit implements scs.Store.
func (sessionStore) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete implements scs.Store.
func (sessionStore) Delete(string) error { return errNoContext }

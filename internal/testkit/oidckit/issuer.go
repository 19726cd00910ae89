package oidckit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that the issuer knows.
const (
	ClientID     = "crowsnest"
	ClientSecret = "the client's secret"
)

// Claims are those of a token.
type Claims = map[string]any

// Issuer is a provider of identities.
type Issuer struct {
	URL string

	t   testing.TB
	key *ecdsa.PrivateKey

	mu      sync.Mutex
	person  Claims                // who signs in
	change  func(Claims)          // changes the claims of an identity token before it is signed
	sign    func(Claims) string   // signs it in another way
	refuse  string                // error instead of a code
	down    bool                  // answers nothing but 503
	small   bool                  // leaves all but the subject to the userinfo endpoint
	codes   map[string]url.Values // by code: what was asked for; used once
	access  map[string]Claims     // by access token
	visited []*url.URL
}

// Start starts an issuer. It ends with the test.
func Start(t testing.TB) *Issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &Issuer{t: t, key: key, codes: map[string]url.Values{}, access: map[string]Claims{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("GET /userinfo", i.userinfo)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		down := i.down
		i.visited = append(i.visited, r.URL)
		i.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	i.URL = s.URL
	return i
}

// set changes how the issuer behaves, and returns what takes that back.
func set[T any](i *Issuer, at *T, value T) (undo func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	before := *at
	*at = value
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		*at = before
	}
}

// SignIn makes everybody who comes a person with these claims.
func (i *Issuer) SignIn(person Claims) { set(i, &i.person, person) }

// Change changes the claims of identity tokens before they are signed.
func (i *Issuer) Change(f func(Claims)) (undo func()) { return set(i, &i.change, f) }

// SignWith signs identity tokens in another way.
func (i *Issuer) SignWith(f func(Claims) string) (undo func()) { return set(i, &i.sign, f) }

// Refuse sends browsers back with an error.
func (i *Issuer) Refuse(code string) (undo func()) { return set(i, &i.refuse, code) }

// Down makes it answer 503 to everything.
func (i *Issuer) Down() (undo func()) { return set(i, &i.down, true) }

// Small makes it put nothing but the subject into identity tokens.
func (i *Issuer) Small() (undo func()) { return set(i, &i.small, true) }

// Visits returns how many requests came to a path.
func (i *Issuer) Visits(path string) (n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, u := range i.visited {
		if u.Path == path {
			n++
		}
	}
	return n
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	reply(w, Claims{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"userinfo_endpoint": i.URL + "/userinfo", "end_session_endpoint": i.URL + "/end?tenant=1",
		// What a careless provider lists: none of the last three may count.
		"id_token_signing_alg_values_supported": []string{"ES256", "RS256", "HS256", "none"},
	})
}

const keyID = "key 1"

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: keyID, Algorithm: "ES256", Use: "sig"}}})
}

// PublicKey is the key that verifies its tokens, in the form servers publish.
func (i *Issuer) PublicKey() []byte {
	b, err := jose.JSONWebKey{Key: i.key.Public(), KeyID: keyID}.MarshalJSON()
	if err != nil {
		i.t.Error(err)
	}
	return b
}

func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("nonce") == "" {
		http.Error(w, "not a request of the client this issuer knows, with PKCE and a nonce", http.StatusBadRequest)
		return
	}
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		http.Error(w, "no address to return to", http.StatusBadRequest)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	out := url.Values{"state": {q.Get("state")}}
	if i.refuse != "" {
		out.Set("error", i.refuse)
	} else {
		code := rand.Text()
		i.codes[code] = q
		out.Set("code", code)
	}
	back.RawQuery = out.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	i.mu.Lock()
	code := r.PostFormValue("code")
	asked, known := i.codes[code]
	delete(i.codes, code)
	person, change, sign, small := maps.Clone(i.person), i.change, i.sign, i.small
	i.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	// OAuth encodes both before they become basic credentials.
	if want := url.QueryEscape(ClientSecret); id != ClientID || secret != want || !known || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") ||
		base64.RawURLEncoding.EncodeToString(challenge[:]) != asked.Get("code_challenge") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		reply(w, Claims{"error": "invalid_grant"})
		return
	}
	access := rand.Text()
	i.mu.Lock()
	i.access[access] = person
	i.mu.Unlock()
	claims := i.Standard(ClientID, person)
	claims["nonce"] = asked.Get("nonce")
	if small {
		for name := range person {
			if name != "sub" {
				delete(claims, name)
			}
		}
	}
	if change != nil {
		change(claims)
	}
	if sign == nil {
		sign = i.Sign
	}
	reply(w, Claims{"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": sign(claims)})
}

func (i *Issuer) userinfo(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	person, ok := i.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	reply(w, person)
}

// Standard returns the claims of a token for an audience that counts now, with others added.
func (i *Issuer) Standard(audience string, more Claims) Claims {
	now := time.Now()
	out := Claims{"iss": i.URL, "aud": audience, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
	maps.Copy(out, more)
	return out
}

// Sign signs claims with the issuer's key.
func (i *Issuer) Sign(claims Claims) string { return i.SignBy(jose.ES256, i.key, keyID, claims) }

// SignStrange signs claims with a key the issuer does not publish, under the name of the one it does.
func (i *Issuer) SignStrange(claims Claims) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Error(err)
	}
	return i.SignBy(jose.ES256, key, keyID, claims)
}

// SignConfused signs claims with the published key as a shared secret: verifiers that
// let the token choose the algorithm take it.
func (i *Issuer) SignConfused(claims Claims) string {
	return i.SignBy(jose.HS256, i.PublicKey(), keyID, claims)
}

// SignNot writes claims as a token without a signature.
func (i *Issuer) SignNot(claims Claims) string {
	b, err := json.Marshal(claims)
	if err != nil {
		i.t.Error(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
}

// SignBy signs claims with any key.
func (i *Issuer) SignBy(alg jose.SignatureAlgorithm, key any, id string, claims Claims) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", id))
	if err != nil {
		i.t.Error(err)
		return ""
	}
	b, err := json.Marshal(claims)
	if err != nil {
		i.t.Error(err)
	}
	signed, err := signer.Sign(b)
	if err != nil {
		i.t.Error(err)
		return ""
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		i.t.Error(err)
	}
	return token
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // an error here is a caller that has left
}

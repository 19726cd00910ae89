package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// The prefixes make secrets recognisable to people and to secret scanners.
const (
	tokenPrefix = "crowsnest_"
	linkPrefix  = "crowsnestlink_"
	hookPrefix  = "crowsnesthook_"
	sharePrefix = "crowsnestshare_"
)

// NewToken makes a bearer token of 256 random bits and the hash to keep of it.
// The token itself is shown once and never stored.
func NewToken() (token string, hash []byte) { return newSecret(tokenPrefix) }

// NewLink makes the secret of a one-time link, in the same way.
func NewLink() (secret string, hash []byte) { return newSecret(linkPrefix) }

// NewHook makes the secret that asks for a sweep, in the same way.
func NewHook() (secret string, hash []byte) { return newSecret(hookPrefix) }

// NewShare makes the secret with which anybody reads of one vulnerability, in the same way.
func NewShare() (secret string, hash []byte) { return newSecret(sharePrefix) }

func newSecret(prefix string) (secret string, hash []byte) {
	var b [32]byte
	rand.Read(b[:])
	secret = prefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	return secret, HashToken(secret)
}

// IsToken reports whether a text looks like a token made here.
func IsToken(s string) bool {
	body, ok := strings.CutPrefix(s, tokenPrefix)
	return ok && len(body) == 52 && strings.Trim(body, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// HashToken returns what is stored of a token. A plain hash is enough: the token
// has too many bits to be guessed, unlike a password.
func HashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Bearer returns the token of an Authorization header, or "".
func Bearer(header string) string {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

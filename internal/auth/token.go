// Package auth guards the door: bearer tokens and the sealing of secrets.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// tokenPrefix makes a token recognisable to people and to secret scanners.
const tokenPrefix = "crowsnest_"

// NewToken makes a bearer token of 256 random bits and the hash to keep of it.
// The token itself is shown once and never stored.
func NewToken() (token string, hash []byte) {
	var b [32]byte
	rand.Read(b[:])
	token = tokenPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	return token, HashToken(token)
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

package registry

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
)

// Proof is what came with an event to show that its sender knows the secret. Each registry can do one of them.
type Proof struct {
	Authorization string // Bearer SECRET, Basic with the secret as password, or the secret alone, as Harbor sends it
	Header        string // X-Crowsnest-Hook
	Query         string // ?secret=, where nothing else can be set
	GitHub        string // X-Hub-Signature-256: sha256=HMAC
	Artifactory   string // X-JFrog-Event-Auth: an HMAC, or the secret
	Nexus         string // X-Nexus-Webhook-Signature: an HMAC with SHA-1, which is all that Nexus can do
}

// Holds tells whether one of the proofs is right. Secrets and signatures are compared in constant time.
func (p Proof) Holds(secret string, body []byte) bool {
	if secret == "" {
		return false
	}
	given := []string{p.Header, p.Query, p.Artifactory, p.Authorization}
	scheme, rest, _ := strings.Cut(p.Authorization, " ")
	switch {
	case strings.EqualFold(scheme, "bearer"):
		given = append(given, strings.TrimSpace(rest))
	case strings.EqualFold(scheme, "basic"):
		if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest)); err == nil {
			_, password, _ := strings.Cut(string(plain), ":")
			given = append(given, password)
		}
	}
	ok := 0
	for _, g := range given {
		ok |= same(g, secret)
	}
	signature, _ := strings.CutPrefix(p.GitHub, "sha256=")
	for _, s := range []struct {
		given string
		hash  func() hash.Hash
	}{{signature, sha256.New}, {p.Artifactory, sha256.New}, {p.Nexus, sha1.New}} {
		if s.given == "" {
			continue
		}
		mac := hmac.New(s.hash, []byte(secret))
		mac.Write(body)
		ok |= same(strings.ToLower(s.given), hex.EncodeToString(mac.Sum(nil)))
	}
	return ok == 1
}

// same compares two texts in a time that tells nothing of either, their lengths included.
func same(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}

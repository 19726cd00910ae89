package crowsnest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest identifies bytes by algorithm and hash, "sha256:" and 64 lower-case
// hexadecimal digits. The empty Digest means "not known".
type Digest string

// DigestPrefix is the only algorithm Crowsnest accepts; registries and runtimes
// use no other one for manifests and configurations.
const DigestPrefix = "sha256:"

// ParseDigest checks that s is a complete SHA-256 digest.
func ParseDigest(s string) (Digest, error) {
	hexed, ok := strings.CutPrefix(s, DigestPrefix)
	if !ok || len(hexed) != sha256.Size*2 || strings.ToLower(hexed) != hexed {
		return "", &Error{Kind: Invalid, Op: "read digest", Subject: s, Hint: `a digest is "sha256:" and 64 hexadecimal digits`}
	}
	if _, err := hex.DecodeString(hexed); err != nil {
		return "", &Error{Kind: Invalid, Op: "read digest", Subject: s, Hint: `a digest is "sha256:" and 64 hexadecimal digits`, Err: err}
	}
	return Digest(s), nil
}

// DigestOf returns the digest of b.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest(DigestPrefix + hex.EncodeToString(sum[:]))
}

// Short returns the first twelve digits of the hash, the form people compare by eye.
func (d Digest) Short() string {
	h := strings.TrimPrefix(string(d), DigestPrefix)
	if len(h) > 12 {
		return h[:12]
	}
	return h
}

// HasPrefix reports whether key, with or without the algorithm, begins d.
func (d Digest) HasPrefix(key string) bool {
	return strings.HasPrefix(string(d), DigestPrefix+strings.TrimPrefix(key, DigestPrefix))
}

// Platform names what an image runs on.
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
}

// DefaultPlatform is chosen from an index when nothing else is asked for.
var DefaultPlatform = Platform{OS: "linux", Architecture: "amd64"}

// ParsePlatform reads os/architecture[/variant]. The empty string is DefaultPlatform.
func ParsePlatform(s string) (Platform, error) {
	if s == "" {
		return DefaultPlatform, nil
	}
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" {
		return Platform{}, &Error{Kind: Invalid, Op: "read platform", Subject: s, Hint: "write it as os/architecture[/variant], for example linux/arm64"}
	}
	p := Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, nil
}

// String writes the platform as os/architecture[/variant]. That of content that is for none, such as
// a folder, is empty.
func (p Platform) String() string {
	if p == (Platform{}) {
		return ""
	}
	if p.Variant == "" {
		return fmt.Sprintf("%s/%s", p.OS, p.Architecture)
	}
	return fmt.Sprintf("%s/%s/%s", p.OS, p.Architecture, p.Variant)
}

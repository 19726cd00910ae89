package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/crowsnest-sec/crowsnest"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// argonParameters are the cost of a hash. They stand in each hash, so that they may be
// raised for new ones.
type argonParameters struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

// current is what new hashes cost; docs/design/0003-access.md has the measurement.
var current = argonParameters{memory: 19 << 10, time: 2, threads: 1}

// Bounds of a stored hash's parameters: a damaged row must not take all memory.
const (
	maxMemory = 256 << 10
	maxTime   = 16
)

// Lengths of a password, in characters. NIST SP 800-63B asks for at least 8 beside a
// second factor and 15 without; attempts are limited here, which is why 12 will do. The
// upper bound only keeps the work bounded.
const (
	MinPassword = 12
	MaxPassword = 256
)

// hashing bounds how many hashes are computed at once: each takes memory, and many
// callers must not be able to take it all. Four take 76 MiB and serve some sixty
// sign-ins a second.
var hashing = make(chan struct{}, 4)

// CheckPassword refuses a password that is too short, too long, or one that anybody
// would try first. There are no rules about kinds of characters.
func CheckPassword(password string, email string) error {
	refuse := func(hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose password", Hint: hint}
	}
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		return refuse("use characters that can be typed")
	}
	n := utf8.RuneCountInString(norm.NFC.String(password))
	switch low := strings.ToLower(password); {
	case n < MinPassword:
		return refuse(fmt.Sprintf("use at least %d characters; several words are easy to remember", MinPassword))
	case n > MaxPassword:
		return refuse(fmt.Sprintf("use at most %d characters", MaxPassword))
	case strings.Trim(low, low[:1]) == "", email != "" && low == strings.ToLower(email), strings.Contains("01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjkl passwordpassword password1234 crowsnestcrowsnest", low):
		return refuse("it is too easy to guess")
	}
	return nil
}

// HashPassword returns the encoded argon2id hash of a password, as other programs write it.
func HashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	key, err := derive(ctx, password, salt, current, 32)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, current.memory, current.time, current.threads, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

func derive(ctx context.Context, password string, salt []byte, p argonParameters, length uint32) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, &crowsnest.Error{Kind: crowsnest.Canceled, Op: "check password", Err: ctx.Err()}
	}
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.time, p.memory, p.threads, length), nil
}

// nobody is the hash that is checked for an account that does not exist or has no
// password, so that the time of an answer does not tell which accounts there are.
var nobody = sync.OnceValue(func() string {
	h, err := HashPassword(context.Background(), rand.Text())
	if err != nil {
		panic("auth: hash without a deadline: " + err.Error())
	}
	return h
})

// VerifyPassword reports whether a password matches an encoded hash. An empty hash matches
// nothing, in the same time.
func VerifyPassword(ctx context.Context, password, encoded string) (bool, error) {
	known := encoded != ""
	if !known {
		encoded = nobody()
	}
	p, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false, err
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		password = "" // cannot match, and costs the same
	}
	got, err := derive(ctx, password, salt, p, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

var errHash = errors.New("the stored password hash cannot be read")

func decodeHash(encoded string) (p argonParameters, salt, key []byte, err error) {
	fail := func() (argonParameters, []byte, []byte, error) {
		return p, nil, nil, &crowsnest.Error{Kind: crowsnest.Corrupt, Op: "check password", Hint: "reset the password", Err: errHash}
	}
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return fail()
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil || n != 3 {
		return fail()
	}
	if p.memory == 0 || p.memory > maxMemory || p.time == 0 || p.time > maxTime || p.threads == 0 {
		return fail()
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return fail()
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 || len(key) > 64 {
		return fail()
	}
	return p, salt, key, nil
}

package bundle

import (
	"errors"
	"os"
	"strings"

	"aead.dev/minisign"

	"github.com/crowsnest-sec/crowsnest"
)

// PrivateKey reads a secret key as minisign writes it. The password may be empty for one without.
func PrivateKey(path, password string) (*minisign.PrivateKey, error) {
	bad := func(hint string, err error) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read secret key", Subject: path, Hint: hint, Err: err}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, bad("give the file that minisign -G made", errors.Unwrap(err))
	}
	if minisign.IsEncrypted(text) {
		if password == "" {
			return nil, bad("set its password in CROWSNEST_SIGN_PASSWORD", errors.New("it has a password"))
		}
		key, err := minisign.DecryptKey(password, text)
		if err != nil {
			return nil, bad("check the password", errors.New("the password does not open it"))
		}
		return &key, nil
	}
	var key minisign.PrivateKey
	if err := key.UnmarshalText(text); err != nil {
		return nil, bad("give the file that minisign -G made", errors.New("it is no secret key"))
	}
	return &key, nil
}

// keyLength is that of a public key as text.
const keyLength = 56

// PublicKey reads a public key: the file that minisign writes, or the key itself, one line that begins with RW. An empty
// text is none.
func PublicKey(text string) (*minisign.PublicKey, error) {
	if text == "" {
		return nil, nil
	}
	bad := func(err error) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read public key", Subject: text, Hint: "give the file that minisign -G made, or the key in its last line", Err: err}
	}
	written := []byte(text)
	if len(text) != keyLength || !strings.HasPrefix(text, "RW") {
		var err error
		if written, err = os.ReadFile(text); err != nil {
			return nil, bad(errors.Unwrap(err))
		}
	}
	var key minisign.PublicKey
	if err := key.UnmarshalText(written); err != nil {
		return nil, bad(errors.New("it is no public key"))
	}
	return &key, nil
}

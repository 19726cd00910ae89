package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/crowsnest-sec/crowsnest"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/localsecrets"
)

// Keeper seals secrets before they are stored and opens them for use.
type Keeper struct{ keeper *secrets.Keeper }

// OpenKeyFile returns a Keeper with the key in the file at path; the file is made,
// readable by its owner alone, if there is none. Replicas that share a database
// must share the key.
func OpenKeyFile(path string) (*Keeper, error) {
	bad := func(err error, hint string) (*Keeper, error) {
		return nil, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "open key file", Subject: path, Hint: hint, Err: err}
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = createKeyFile(path)
	}
	if err != nil {
		return bad(err, "the user Crowsnest runs as must be able to read it")
	}
	key, err := localsecrets.Base64Key(string(raw))
	if err != nil {
		return bad(errors.New("not a key of 32 bytes in base64"), "restore the file from a backup; without it stored tokens cannot be opened and must be entered again")
	}
	return &Keeper{localsecrets.NewKeeper(key)}, nil
}

// createKeyFile writes a new key. Of two that start at once one wins, and both use its key.
func createKeyFile(path string) ([]byte, error) {
	key, err := localsecrets.NewRandomKey()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // made with mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(base64.URLEncoding.EncodeToString(key[:]))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Seal encrypts a secret.
func (k *Keeper) Seal(ctx context.Context, secret string) ([]byte, error) {
	b, err := k.keeper.Encrypt(ctx, []byte(secret))
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Internal, Op: "seal secret", Err: err}
	}
	return b, nil
}

// Open decrypts what Seal made.
func (k *Keeper) Open(ctx context.Context, sealed []byte) (string, error) {
	b, err := k.keeper.Decrypt(ctx, sealed)
	if err != nil {
		return "", &crowsnest.Error{Kind: crowsnest.Internal, Op: "open secret", Hint: "it was sealed with another key; restore the key file or enter the secret again", Err: err}
	}
	return string(b), nil
}

// Close releases the key.
func (k *Keeper) Close() error { return k.keeper.Close() }

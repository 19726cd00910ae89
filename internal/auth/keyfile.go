package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/gofrs/flock"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/localsecrets"
)

// keyID names the key a secret was sealed with, without telling anything of it.
type keyID [8]byte

func newKeyID(of []byte) (id keyID) {
	sum := sha256.Sum256(of)
	copy(id[:], sum[:])
	return id
}

// key is a key that opens what was sealed with it.
type key struct {
	id     keyID
	keeper *secrets.Keeper
}

// keyFile holds keys, one to a line in base64. The first one seals; those after it only
// open what was sealed before the last rotation.
type keyFile struct{ path string }

func (f keyFile) fail(err error, hint string) error {
	return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "open key file", Subject: f.path, Hint: hint, Err: err}
}

// lines reads the keys as they are written; a file that is missing is made, or, without
// create, has none.
func (f keyFile) lines(create bool) ([]string, error) {
	raw, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, nil
		}
		raw, err = f.create()
	}
	if err != nil {
		return nil, f.fail(err, "the user Crowsnest runs as must be able to read it")
	}
	lines := strings.Fields(string(raw))
	if len(lines) == 0 {
		lines = []string{""} // a file that was emptied is damaged, not new
	}
	return lines, nil
}

// keys reads the keys.
func (f keyFile) keys(create bool) ([]key, error) {
	lines, err := f.lines(create)
	keys := make([]key, len(lines))
	for i, line := range lines {
		k, err := localsecrets.Base64Key(line)
		if err != nil {
			return nil, f.fail(errors.New("not keys of 32 bytes in base64"), "restore the file from a backup; without it stored tokens cannot be opened and must be entered again")
		}
		keys[i] = key{newKeyID(k[:]), localsecrets.NewKeeper(k)}
	}
	return keys, err
}

func newKeyLine() (string, error) {
	key, err := localsecrets.NewRandomKey()
	return base64.URLEncoding.EncodeToString(key[:]), err
}

// create writes a new key. Of two that start at once one wins, and both use its key.
func (f keyFile) create() ([]byte, error) {
	line, err := newKeyLine()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return nil, err
	}
	tmp, err := f.temporary([]string{line})
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, f.path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(f.path)
}

// temporary writes lines to a file beside the key file that only its owner can read.
func (f keyFile) temporary(lines []string) (string, error) {
	tmp, err := os.CreateTemp(filepath.Dir(f.path), ".key-*") // made with mode 0600
	if err != nil {
		return "", err
	}
	_, err = tmp.WriteString(strings.Join(lines, "\n") + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		os.Remove(tmp.Name())
		return "", err
	}
	return tmp.Name(), nil
}

// change replaces the lines of the file in one step; of several that change it at once
// one comes after the other.
func (f keyFile) change(ctx context.Context, fn func(lines []string) ([]string, error)) error {
	lock := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if locked, err := lock.TryLockContext(ctx, 50*time.Millisecond); !locked {
		return f.fail(err, "another process changes it; try again")
	}
	defer lock.Unlock()
	before, err := f.lines(true)
	if err != nil {
		return err
	}
	after, err := fn(before)
	if err != nil {
		return err
	}
	tmp, err := f.temporary(after)
	if err != nil {
		return f.fail(err, "its folder must be writable")
	}
	defer os.Remove(tmp) // gone after the renaming
	if err := os.Rename(tmp, f.path); err != nil {
		return f.fail(err, "its folder must be writable")
	}
	return nil
}

// stamp tells one state of the file from another.
func (f keyFile) stamp() string {
	info, err := os.Stat(f.path)
	if err != nil {
		return ""
	}
	return info.ModTime().String()
}

// sealedForm is the first byte of a sealed secret; the key's ID and the ciphertext follow.
const sealedForm = 1

func pack(id keyID, ciphertext []byte) []byte {
	return bytes.Join([][]byte{{sealedForm}, id[:], ciphertext}, nil)
}

func unpack(sealed []byte) (id keyID, ciphertext []byte, ok bool) {
	if len(sealed) < 1+len(id) || sealed[0] != sealedForm {
		return id, nil, false
	}
	copy(id[:], sealed[1:])
	return id, sealed[1+len(id):], true
}

package auth

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"gocloud.dev/secrets"
)

// Keeper seals secrets before they are stored and opens them for use. It is safe for
// concurrent use.
type Keeper struct {
	file   keyFile
	create bool  // the key file is made if it is missing: it seals
	remote []key // those with a URL; the first seals, if there is one

	mu    sync.Mutex
	stamp string
	local []key // of the file; the first seals, if there is none with a URL
}

// KeeperOptions say where the keys are.
type KeeperOptions struct {
	File     string   // seals, unless there is a URL; made if missing then
	URL      string   // of a key in a service, as gocloud.dev/secrets writes it; seals
	Previous []string // such URLs that open what was sealed before
}

// OpenKeeper returns a Keeper. Replicas that share a database must share its keys.
func OpenKeeper(ctx context.Context, opts KeeperOptions) (*Keeper, error) {
	k := &Keeper{file: keyFile{opts.File}, create: opts.URL == ""}
	urls := opts.Previous
	if opts.URL != "" {
		urls = append([]string{opts.URL}, urls...)
	}
	for _, u := range urls {
		keeper, err := secrets.OpenKeeper(ctx, u)
		if err != nil {
			k.Close()
			// The URL may hold a key, and so may the cause.
			return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "open the key of secrets.keeper", Hint: "see docs/operations.md for the URLs this build takes", Err: errors.New("the URL cannot be used")}
		}
		k.remote = append(k.remote, key{newKeyID([]byte(u)), keeper})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.reload(); err != nil {
		for _, r := range k.remote {
			r.keeper.Close()
		}
		return nil, err
	}
	return k, nil
}

// OpenKeyFile returns a Keeper with the keys in a file, made if there is none.
func OpenKeyFile(path string) (*Keeper, error) {
	return OpenKeeper(context.Background(), KeeperOptions{File: path})
}

// reload reads the key file if it changed: it may have been rotated meanwhile.
func (k *Keeper) reload() error {
	if s := k.file.stamp(); s != "" && s == k.stamp {
		return nil
	}
	keys, err := k.file.keys(k.create)
	if err != nil {
		return err
	}
	k.local, k.stamp = keys, k.file.stamp()
	return nil
}

// sealing returns the key that seals now.
func (k *Keeper) sealing() (key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.create {
		return k.remote[0], nil
	}
	if err := k.reload(); err != nil {
		return key{}, err
	}
	return k.local[0], nil
}

// opening returns the key of an ID.
func (k *Keeper) opening(id keyID) (key, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	find := func(keys []key) (key, bool) {
		i := slices.IndexFunc(keys, func(v key) bool { return v.id == id })
		if i < 0 {
			return key{}, false
		}
		return keys[i], true
	}
	if v, ok := find(k.remote); ok {
		return v, true, nil
	}
	if v, ok := find(k.local); ok {
		return v, true, nil
	}
	if err := k.reload(); err != nil {
		return key{}, false, err
	}
	v, ok := find(k.local)
	return v, ok, nil
}

// Seal encrypts a secret.
func (k *Keeper) Seal(ctx context.Context, secret string) ([]byte, error) {
	with, err := k.sealing()
	if err != nil {
		return nil, err
	}
	b, err := with.keeper.Encrypt(ctx, []byte(secret))
	if err != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "seal secret", Hint: "the service of the key must answer", Err: err}
	}
	return pack(with.id, b), nil
}

// Open decrypts what Seal made.
func (k *Keeper) Open(ctx context.Context, sealed []byte) (string, error) {
	fail := func(err error) (string, error) {
		return "", &crowsnest.Error{Kind: crowsnest.Internal, Op: "open secret", Hint: "it was sealed with another key; restore the key file or enter the secret again", Err: err}
	}
	id, ciphertext, ok := unpack(sealed)
	if !ok {
		return fail(errors.New("it is damaged"))
	}
	with, ok, err := k.opening(id)
	if err != nil {
		return "", err
	}
	if !ok {
		return fail(errors.New("its key is not here"))
	}
	b, err := with.keeper.Decrypt(ctx, ciphertext)
	if err != nil {
		return fail(err)
	}
	return string(b), nil
}

// Rotate seals all stored secrets anew and returns how many: with a new key where they
// are sealed by the key file, else with the key of the URL. What breaks off is taken up
// by running it again. The key before stays in the file, since a running server may seal
// with it until it looks at the file again; it goes with the next rotation.
func (k *Keeper) Rotate(ctx context.Context, s store.Secrets) (int, error) {
	if k.create {
		line, err := newKeyLine()
		if err != nil {
			return 0, err
		}
		if err := k.file.change(ctx, func(lines []string) ([]string, error) { return append([]string{line}, lines...), nil }); err != nil {
			return 0, err
		}
	}
	done, err := k.resealAll(ctx, s)
	if err != nil || !k.create {
		return done, err
	}
	return done, k.dropUnused(ctx, s)
}

func (k *Keeper) resealAll(ctx context.Context, s store.Secrets) (int, error) {
	all, err := s.SealedSecrets(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, v := range all {
		plain, err := k.Open(ctx, v.Sealed)
		if err != nil {
			return done, err
		}
		sealed, err := k.Seal(ctx, plain)
		if err != nil {
			return done, err
		}
		// One that changed meanwhile was sealed by somebody else, with this key or the one before.
		changed, err := s.Reseal(ctx, v, sealed)
		if err != nil {
			return done, err
		}
		if changed {
			done++
		}
	}
	return done, nil
}

// dropUnused removes from the key file what no secret is sealed with, but for the current
// key and the one before.
func (k *Keeper) dropUnused(ctx context.Context, s store.Secrets) error {
	return k.file.change(ctx, func(lines []string) ([]string, error) {
		all, err := s.SealedSecrets(ctx)
		if err != nil {
			return nil, err
		}
		used := map[keyID]bool{}
		for _, v := range all {
			if id, _, ok := unpack(v.Sealed); ok {
				used[id] = true
			}
		}
		keys, err := k.file.keys(true)
		if err != nil {
			return nil, err
		}
		kept := []string{}
		for i, line := range lines {
			if i < 2 || used[keys[i].id] {
				kept = append(kept, line)
			}
		}
		return kept, nil
	})
}

// Close releases the keys.
func (k *Keeper) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var errs []error
	for _, v := range append(slices.Clone(k.remote), k.local...) {
		errs = append(errs, v.keeper.Close())
	}
	return errors.Join(errs...)
}

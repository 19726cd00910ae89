package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// sealed is stored secrets in memory; fail ends the work after some of them.
type sealed struct {
	mu   sync.Mutex
	all  map[string][]byte
	fail int
}

func (s *sealed) SealedSecrets(context.Context) ([]store.SealedSecret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []store.SealedSecret
	for id, b := range s.all {
		out = append(out, store.SealedSecret{Kind: "integration", ID: id, Sealed: b})
	}
	return out, nil
}

var errBroken = errors.New("the power went out")

func (s *sealed) Reseal(_ context.Context, v store.SealedSecret, b []byte) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		if s.fail--; s.fail == 0 {
			return false, errBroken
		}
	}
	if !bytes.Equal(s.all[v.ID], v.Sealed) {
		return false, nil
	}
	s.all[v.ID] = b
	return true, nil
}

func open(t *testing.T, opts KeeperOptions) *Keeper {
	t.Helper()
	k, err := OpenKeeper(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func keyLines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b))
}

func TestRotationBesideARunningServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	server, admin := open(t, KeeperOptions{File: path}), open(t, KeeperOptions{File: path})
	s := &sealed{all: map[string][]byte{}}
	seal := func(k *Keeper, id string) {
		t.Helper()
		b, err := k.Seal(t.Context(), "secret of "+id)
		if err != nil {
			t.Fatal(err)
		}
		s.all[id] = b
	}
	check := func(k *Keeper) {
		t.Helper()
		for id, b := range s.all {
			if got, err := k.Open(t.Context(), b); err != nil || got != "secret of "+id {
				t.Errorf("%s opened as %q, %v", id, got, err)
			}
		}
	}
	for i := range 5 {
		seal(server, fmt.Sprint(i))
	}
	first := keyLines(t, path)

	// It breaks off in the middle; everything can be opened all the same, and it is taken up again.
	s.fail = 3
	if n, err := admin.Rotate(t.Context(), s); !errors.Is(err, errBroken) || n != 2 {
		t.Errorf("sealed %d anew, %v", n, err)
	}
	check(server)
	check(admin)
	if n, err := admin.Rotate(t.Context(), s); err != nil || n != 5 {
		t.Errorf("sealed %d anew, %v", n, err)
	}
	check(server)
	lines := keyLines(t, path)
	if len(lines) != 2 || lines[0] == first[0] {
		t.Errorf("the key file holds %d keys", len(lines))
	}
	if len(lines) == 2 && lines[1] == first[0] {
		t.Error("the key before the rotation that broke off is kept, and no secret is sealed with it")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	// What the server seals from now on is sealed with the new key.
	seal(server, "late")
	if id, _, ok := unpack(s.all["late"]); !ok || id != mustKeys(t, path)[0].id {
		t.Error("the server seals with a key that is out of use")
	}
	check(open(t, KeeperOptions{File: path}))
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func mustKeys(t *testing.T, path string) []key {
	t.Helper()
	keys, err := keyFile{path}.keys(false)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// From the key file to a URL, and on to another URL.
func TestRotationToAURL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	url := func(c string) string {
		return "base64key://" + base64.URLEncoding.EncodeToString([]byte(strings.Repeat(c, 32)))
	}
	s := &sealed{all: map[string][]byte{}}
	b, err := open(t, KeeperOptions{File: path}).Seal(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	s.all["a"] = b
	for _, step := range []struct {
		opts  KeeperOptions
		alone KeeperOptions // what opens it afterwards
	}{
		{KeeperOptions{File: path, URL: url("a")}, KeeperOptions{URL: url("a"), File: path + "none"}},
		{KeeperOptions{File: path + "none", URL: url("b"), Previous: []string{url("a")}}, KeeperOptions{URL: url("b"), File: path + "none"}},
		{KeeperOptions{File: path + "new", Previous: []string{url("b")}}, KeeperOptions{File: path + "new"}},
	} {
		if n, err := open(t, step.opts).Rotate(t.Context(), s); err != nil || n != 1 {
			t.Fatalf("sealed %d anew, %v", n, err)
		}
		if got, err := open(t, step.alone).Open(t.Context(), s.all["a"]); err != nil || got != "secret" {
			t.Errorf("opened %q, %v", got, err)
		}
	}
	if _, err := os.Stat(path + "none"); err == nil {
		t.Error("a key file was made that seals nothing")
	}
	if _, err := OpenKeeper(t.Context(), KeeperOptions{File: path, URL: "nonsense://topsecret"}); crowsnest.KindOf(err) != crowsnest.Invalid || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("a URL of no service: %v", err)
	}
}

// Vault's transit engine, as far as its client asks it: the URL must reach it.
func TestVaultKeys(t *testing.T) {
	vault := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in map[string]string
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Vault-Token") != "vault-token" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		out := map[string]string{"ciphertext": "vault:v1:" + in["plaintext"]}
		if strings.HasPrefix(r.URL.Path, "/v1/transit/decrypt/crowsnest") {
			out = map[string]string{"plaintext": strings.TrimPrefix(in["ciphertext"], "vault:v1:")}
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"data": out}); err != nil {
			t.Error(err)
		}
	}))
	defer vault.Close()
	t.Setenv("VAULT_SERVER_URL", vault.URL)
	t.Setenv("VAULT_SERVER_TOKEN", "vault-token")
	k := open(t, KeeperOptions{File: filepath.Join(t.TempDir(), "none"), URL: "hashivault://crowsnest"})
	b, err := k.Seal(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(t.Context(), b); err != nil || got != "secret" {
		t.Errorf("opened %q, %v", got, err)
	}
}

func TestDamagedSecrets(t *testing.T) {
	k := open(t, KeeperOptions{File: filepath.Join(t.TempDir(), "key")})
	b, err := k.Seal(t.Context(), "secret")
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"empty": nil, "short": b[:5], "cut": b[:len(b)-1], "another form": append([]byte{9}, b[1:]...), "another key": append([]byte{1, 0, 0}, b[3:]...)} {
		if got, err := k.Open(t.Context(), bad); err == nil || got != "" {
			t.Errorf("%s opened as %q", name, got)
		}
	}
}

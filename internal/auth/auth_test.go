package auth

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func TestTokensDifferAndHashAlike(t *testing.T) {
	a, hashA := NewToken()
	b, hashB := NewToken()
	if a == b || bytes.Equal(hashA, hashB) {
		t.Error("two tokens are the same")
	}
	if !bytes.Equal(HashToken(a), hashA) {
		t.Error("the hash of a token depends on more than the token")
	}
	if !strings.HasPrefix(a, tokenPrefix) || len(a) < 60 {
		t.Errorf("token %q is not recognisable or too short", a)
	}
}

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer  abc ": "abc", "Basic abc": "", "abc": "", "": "", "Bearer": "",
	} {
		if got := Bearer(header); got != want {
			t.Errorf("Bearer(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestKeeperSealsWithTheKeyOfItsFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "sub", "key")
	keepers := make([]*Keeper, 8)
	var wg sync.WaitGroup
	for i := range keepers {
		wg.Go(func() {
			k, err := OpenKeyFile(path)
			if err != nil {
				t.Error(err)
			}
			keepers[i] = k
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v; want mode 0600", info.Mode(), err)
	}
	sealed, err := keepers[0].Seal(ctx, "token of Sysdig")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("Sysdig")) {
		t.Error("the secret can be read in its sealed form")
	}
	for i, k := range keepers {
		if got, err := k.Open(ctx, sealed); err != nil || got != "token of Sysdig" {
			t.Errorf("keeper %d opened %q, %v", i, got, err)
		}
	}
	other, err := OpenKeyFile(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(ctx, sealed); crowsnest.KindOf(err) != crowsnest.Internal || err == nil {
		t.Errorf("another key opened the secret: %v", err)
	}
}

func TestDamagedKeyFileIsNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyFile(path); crowsnest.KindOf(err) != crowsnest.Unavailable {
		t.Errorf("got %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "damaged" {
		t.Error("the damaged key file was overwritten")
	}
}

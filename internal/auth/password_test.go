package auth

import (
	"context"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
)

func TestPasswordsMatchTheirHash(t *testing.T) {
	ctx := t.Context()
	const password = "a boat with nine masts, é"
	hash, err := HashPassword(ctx, password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password) {
		t.Errorf("hash %q", hash)
	}
	if again, err := HashPassword(ctx, password); err != nil || again == hash {
		t.Errorf("the same password has the same hash, %v", err)
	}
	for given, want := range map[string]bool{
		password: true, "a boat with nine masts, e\u0301": true, // the same letter, typed on another system
		"": false, "a boat with nine masts": false, password + " ": false, strings.ToUpper(password): false,
		strings.Repeat("x", MaxPassword+1): false, "\xff": false,
	} {
		if ok, err := VerifyPassword(ctx, given, hash); err != nil || ok != want {
			t.Errorf("VerifyPassword(%.40q) = %v, %v; want %v", given, ok, err, want)
		}
	}
	// Nobody's password is no password, also the empty one.
	for _, given := range []string{"", password} {
		if ok, err := VerifyPassword(ctx, given, ""); ok || err != nil {
			t.Errorf("an account without a password takes %q: %v, %v", given, ok, err)
		}
	}
}

func TestDamagedHashes(t *testing.T) {
	good, err := HashPassword(t.Context(), "a boat with nine masts")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"plain", strings.TrimPrefix(good, "$"), good + "$", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=19456", "m=99999999", 1), strings.Replace(good, "m=19456", "m=0", 1), strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "t=2", "t=9999", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "p=1", "p=x", 1), good[:len(good)-30], good[:len(good)-2] + "!!",
	} {
		if ok, err := VerifyPassword(t.Context(), "a boat with nine masts", bad); ok || crowsnest.KindOf(err) != crowsnest.Corrupt {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

func TestRulesOfPasswords(t *testing.T) {
	for password, says := range map[string]string{
		"a boat with": "at least 12", "aaaaaaaaaaaa": "guess", "somebody@example.com": "guess", "Somebody@Example.com": "guess", "123456789012": "guess",
		"abcdefghijkl": "guess", strings.Repeat("ab", 129): "at most 256", "a boat\x00with nine": "typed", "a boat \xff with": "typed", "": "at least",
		"a boat with nine masts": "", "éééééééééééa": "", "            x": "", strings.Repeat("ab", 128): "",
	} {
		err := CheckPassword(password, "somebody@example.com")
		if says == "" && err != nil || says != "" && (crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), says)) {
			t.Errorf("CheckPassword(%.30q) = %v, want %q", password, err, says)
		}
		if err != nil && len(password) > 0 && strings.Contains(err.Error(), password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

// A caller who gives up does not wait for a free place among the hashes.
func TestHashingGivesUp(t *testing.T) {
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	defer func() {
		for range cap(hashing) {
			<-hashing
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := HashPassword(ctx, "a boat with nine masts"); crowsnest.KindOf(err) != crowsnest.Canceled {
		t.Errorf("got %v", err)
	}
}

func FuzzDecodeHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZWtleXNvbWVrZXlzb21la2V5c29tZWtleQ")
	f.Add("$argon2id$v=19$m=1,t=1,p=255$$")
	f.Fuzz(func(t *testing.T, encoded string) {
		p, salt, key, err := decodeHash(encoded)
		if err == nil && (p.memory > maxMemory || p.time > maxTime || p.threads == 0 || len(salt) > 64 || len(key) > 64) {
			t.Errorf("%q costs %+v", encoded, p)
		}
	})
}

func BenchmarkPassword(b *testing.B) {
	for b.Loop() {
		if _, err := HashPassword(b.Context(), "a boat with nine masts"); err != nil {
			b.Fatal(err)
		}
	}
}

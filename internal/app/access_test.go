package app

import (
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// The token of the configuration is there from the first start, and once revoked it stays
// so, however often the server starts.
func TestFirstToken(t *testing.T) {
	cfg := config.Default()
	cfg.Data = t.TempDir()
	cfg.Database, cfg.KeyFile = filepath.Join(cfg.Data, "crowsnest.db"), filepath.Join(cfg.Data, "key")
	cfg.FirstToken = "crowsnest_" + strings.Repeat("a", 52)
	start := func(use func(a *App)) {
		t.Helper()
		a, err := New(t.Context(), cfg, "test", slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err != nil {
			t.Fatal(err)
		}
		use(a)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	known := func(a *App) (store.Token, bool) {
		token, err := a.store.UseToken(t.Context(), auth.HashToken(cfg.FirstToken))
		return token, err == nil
	}
	start(func(a *App) {
		if token, ok := known(a); !ok || token.Organisation != a.org.ID {
			t.Errorf("token %+v, %v", token, ok)
		}
		if link := a.FirstLink(address("[::]:8080")); !strings.HasPrefix(link, "http://127.0.0.1:8080/link#crowsnestlink_") {
			t.Errorf("link %q", link)
		}
	})
	start(func(a *App) {
		token, ok := known(a)
		if !ok {
			t.Fatal("the second start forgot the token")
		}
		if err := a.store.RevokeToken(t.Context(), a.org.ID, "", token.ID); err != nil {
			t.Fatal(err)
		}
	})
	start(func(a *App) {
		if token, ok := known(a); ok {
			t.Errorf("a start brought the revoked token back: %+v", token)
		}
	})
}

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

package auth

import (
	"context"
	"log/slog"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// perReader bounds what one address reads of shared vulnerabilities. Reads that succeed count as well:
// nobody guesses a secret, but each read asks the database.
var perReader = store.AttemptLimit{Free: 60, Delay: time.Second, Most: time.Minute, Forget: time.Minute}

// ShareStore is what OpenShare asks.
type ShareStore interface {
	store.Attempts
	store.Shares
}

// OpenShare returns what the secret of a share shows. The address that reads are counted under is that of
// the context's actor.
func OpenShare(ctx context.Context, s ShareStore, log *slog.Logger, secret string) (store.SharedVulnerability, error) {
	from := network(store.ActorOf(ctx).Address)
	wait, err := s.Attempt(ctx, under(perReader, "share", from))
	if err != nil {
		return store.SharedVulnerability{}, err
	}
	if wait > 0 {
		log.Warn("too many reads of shared vulnerabilities", "address", from, "wait", wait)
		return store.SharedVulnerability{}, &TooManyError{"open shared vulnerability", wait}
	}
	return s.Shared(ctx, HashToken(secret))
}

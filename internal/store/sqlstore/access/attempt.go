package access

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// readAttempt makes a row if there is none and locks it, so that replicas count one after the other.
const readAttempt = `insert into attempt (key, count, blocked_until, forget_at) values ($1, 0, 0, $2)
	on conflict (key) do update set count = attempt.count returning count, blocked_until, forget_at`

// Attempt implements store.Attempts.
func (s *Store) Attempt(ctx context.Context, limits ...store.AttemptLimit) (wait time.Duration, err error) {
	// One order for all, so that none waits for another in a circle.
	limits = slices.SortedFunc(slices.Values(limits), func(a, b store.AttemptLimit) int { return cmp.Compare(a.Key, b.Key) })
	err = s.db.Write(ctx, "count attempt", "", func(tx *sql.Tx, now int64) error {
		wait = 0
		counts := make([]int, len(limits))
		for i, l := range limits {
			var blocked, forget int64
			if err := tx.QueryRowContext(ctx, readAttempt, l.Key, now+l.Forget.Microseconds()).Scan(&counts[i], &blocked, &forget); err != nil {
				return err
			}
			if forget <= now {
				counts[i], blocked = 0, 0
			}
			wait = max(wait, time.Duration(blocked-now)*time.Microsecond)
		}
		if wait > 0 {
			return nil
		}
		for i, l := range limits {
			if _, err := tx.ExecContext(ctx, `update attempt set count = $2, blocked_until = $3, forget_at = $4 where key = $1`,
				l.Key, counts[i]+1, now+delay(l, counts[i]+1).Microseconds(), now+l.Forget.Microseconds()); err != nil {
				return err
			}
		}
		return nil
	})
	return wait, err
}

// delay returns how long the attempt after the n-th has to wait.
func delay(l store.AttemptLimit, n int) time.Duration {
	beyond := n - l.Free
	if beyond < 0 {
		return 0
	}
	if beyond > 30 { // a shift further could overflow; no delay is that long
		return l.Most
	}
	return min(l.Most, l.Delay<<beyond)
}

// TakeBackAttempt implements store.Attempts.
func (s *Store) TakeBackAttempt(ctx context.Context, keys ...string) error {
	return s.eachKey(ctx, `update attempt set count = count - 1, blocked_until = 0 where key = $1 and count > 0`, keys)
}

// ForgetAttempts implements store.Attempts.
func (s *Store) ForgetAttempts(ctx context.Context, keys ...string) error {
	return s.eachKey(ctx, `delete from attempt where key = $1`, keys)
}

// eachKey runs a statement for each key, in the order of Attempt.
func (s *Store) eachKey(ctx context.Context, stmt string, keys []string) error {
	return s.db.Write(ctx, "forget attempts", "", func(tx *sql.Tx, _ int64) error {
		for _, key := range slices.Sorted(slices.Values(keys)) {
			if _, err := tx.ExecContext(ctx, stmt, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Trust implements store.Attempts.
func (s *Store) Trust(ctx context.Context, key string, d time.Duration) error {
	return s.db.Write(ctx, "remember", "", func(tx *sql.Tx, now int64) error {
		_, err := tx.ExecContext(ctx, `insert into attempt (key, count, blocked_until, forget_at) values ($1, 0, 0, $2) on conflict (key) do update set forget_at = excluded.forget_at`, key, now+d.Microseconds())
		return err
	})
}

// Trusted implements store.Attempts.
func (s *Store) Trusted(ctx context.Context, key string) (bool, error) {
	var n int
	err := s.db.Reader.QueryRowContext(ctx, `select count(*) from attempt where key = $1 and forget_at > $2`, key, s.db.Now()).Scan(&n)
	return n > 0, s.db.Error("read attempts", "", err)
}

// keepSpent is how long links stay that can be used no more, in microseconds: a week.
const keepSpent = 7 * 24 * 60 * minute

// ForgetExpired implements store.Attempts. Revoked tokens stay: one that the configuration
// names would be made again at the next start. Those that a trust gave were never known before.
func (s *Store) ForgetExpired(ctx context.Context) error {
	return s.db.Write(ctx, "remove what has expired", "", func(tx *sql.Tx, now int64) error {
		for _, d := range []struct {
			stmt   string
			before int64
		}{
			{`delete from session where expires_at <= $1`, now},
			{`delete from attempt where forget_at <= $1`, now},
			{`delete from token where trust_id is not null and expires_at <= $1`, now},
			{`delete from sign_in where expires_at <= $1`, now},
			{`delete from share where expires_at <= $1`, now},
			{`delete from link where expires_at <= $1`, now - keepSpent},
		} {
			if _, err := tx.ExecContext(ctx, d.stmt, d.before); err != nil {
				return err
			}
		}
		return nil
	})
}

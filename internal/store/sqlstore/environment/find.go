package environment

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// foundImage is what a key names, and the digest it is assigned by.
type foundImage struct {
	store.AssignedImage
	assigned crowsnest.Digest
}

// find returns what each key names, or the error of those that name nothing.
func (s *Store) find(ctx context.Context, tx *sql.Tx, org store.OrgID, keys []store.ImageKey) ([]foundImage, error) {
	candidates, err := s.candidates(ctx, tx, org, keys)
	if err != nil {
		return nil, err
	}
	out := make([]foundImage, len(keys))
	var missing []string
	var at []int
	for i, k := range keys {
		f := &out[i]
		f.Reference = cmp.Or(k.Reference, string(k.Digest))
		known := candidates[k]
		if slices.ContainsFunc(known, func(c candidate) bool { return c.rank == byTag }) { // what it named before is no answer
			known = slices.DeleteFunc(slices.Clone(known), func(c candidate) bool { return c.rank == byName })
		}
		fitting := slices.DeleteFunc(slices.Clone(known), func(c candidate) bool { return k.Platform != "" && c.platform != k.Platform })
		switch {
		case len(fitting) > 0:
			best := slices.MinFunc(fitting, candidate.compare)
			f.Digest, f.State, f.assigned = best.digest, best.state, best.digest
			// A digest stands for whatever it is an alias of, now and later: so it cannot
			// matter whether an image is assigned or analysed first.
			if k.Digest != "" && k.Platform == "" {
				f.assigned = k.Digest
			}
		case k.Digest != "" && len(known) == 0:
			f.Digest, f.assigned = k.Digest, k.Digest
		default:
			name := f.Reference
			if k.Platform != "" {
				name += " for " + k.Platform
			}
			missing, at = append(missing, name), append(at, i)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	subject := missing[0]
	if more := len(missing) - 1; more > 0 {
		subject += fmt.Sprintf(" and %d more", more)
	}
	return nil, &unknown{at: at, err: &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find image", Subject: subject, Hint: "give its digest as well, or have it analysed first with crowsnest cves IMAGE or POST /api/v1/analyses; nothing was changed"}}
}

// unknown says which keys name nothing, so that the caller can say more of them.
type unknown struct {
	err *crowsnest.Error
	at  []int
}

func (u *unknown) Error() string { return u.err.Error() }

func (u *unknown) Unwrap() error { return u.err }

// UnknownImages returns the positions of the keys that name nothing.
func (u *unknown) UnknownImages() []int { return u.at }

// candidate is an image that a key may mean.
type candidate struct {
	digest   crowsnest.Digest
	state    store.State
	platform string
	rank     int   // lower means the key names it more exactly
	recorded int64 // what was asked for last comes first
}

// compare puts the image first that a key means: what membership would take among several,
// and of those one of the platform that images are asked for by default.
func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.rank, d.rank), cmp.Compare(stateOrder(c.state), stateOrder(d.state)), cmp.Compare(c.foreign(), d.foreign()),
		cmp.Compare(d.recorded, c.recorded), cmp.Compare(c.digest, d.digest))
}

func (c candidate) foreign() int {
	if c.platform == crowsnest.DefaultPlatform.String() {
		return 0
	}
	return 1
}

// stateOrder is member.StateOrder of what can be looked at now.
func stateOrder(s store.State) int {
	switch s {
	case store.Analysed:
		return 0
	case store.Failed:
		return 1
	}
	return 2
}

// Ranks of candidates.
const (
	byManifest = iota // the key's digest is the image's own
	byTag             // or another digest of it, or the key's tag names it now
	byName            // it was last asked for under the key's reference
)

// candidates finds the images that keys may mean, by key.
func (s *Store) candidates(ctx context.Context, tx *sql.Tx, org store.OrgID, keys []store.ImageKey) (map[store.ImageKey][]candidate, error) {
	digests := make(map[string][]store.ImageKey)
	references := make(map[string][]store.ImageKey)
	for _, k := range keys {
		if k.Digest != "" {
			digests[string(k.Digest)] = append(digests[string(k.Digest)], k)
		} else {
			references[k.Reference] = append(references[k.Reference], k)
		}
	}
	out := make(map[store.ImageKey][]candidate)
	note := func(of map[string][]store.ImageKey, rank int) func(*sql.Rows) error {
		return func(rows *sql.Rows) error {
			var key string
			c := candidate{rank: rank}
			if err := rows.Scan(&key, &c.digest, &c.state, &c.platform, &c.recorded); err != nil {
				return err
			}
			if key == string(c.digest) {
				c.rank = byManifest
			}
			for _, k := range of[key] {
				if !slices.Contains(out[k], c) { // one key may be given twice
					out[k] = append(out[k], c)
				}
			}
			return nil
		}
	}
	if err := sqldb.CollectIn(ctx, s.db, tx, sortedKeys(digests), []any{org}, func(in string) string {
		return `select d.digest, i.digest, i.state, i.platform, 0 from digest as d cross join alias as a cross join image as i
			where d.organisation_id = $1 and d.digest in ` + in + ` and a.digest_id = d.id and i.id = a.image_id`
	}, note(digests, byTag)); err != nil {
		return nil, err
	}
	if err := member.EachTag(ctx, s.db, tx, org, sortedKeys(references), `t.repository || ':' || t.name, i.digest, i.state, i.platform, 0`,
		`cross join digest as d cross join alias as a cross join image as i`,
		`and d.organisation_id = t.organisation_id and d.digest = t.target and a.digest_id = d.id and i.id = a.image_id`, note(references, byTag)); err != nil {
		return nil, err
	}
	err := sqldb.CollectIn(ctx, s.db, tx, sortedKeys(references), []any{org}, func(in string) string {
		return `select i.name, i.digest, i.state, i.platform, i.recorded_at from image as i where i.organisation_id = $1 and i.name in ` + in
	}, note(references, byName))
	return out, err
}

func sortedKeys(m map[string][]store.ImageKey) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}

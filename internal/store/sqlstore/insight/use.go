package insight

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/use"
)

// usedKey names what run time saw of package versions, and when.
type usedKey struct {
	summed
	kind use.Kind
}

// usage is what run time saw of package versions in what is within a scope, if that was read.
type usage struct {
	read   bool
	states map[int64]crowsnest.InUse // see use.Memory
	loaded string                    // the numbers of those in use
}

// maxUsages bounds how many of these are kept; one of a large organisation is a few megabytes.
const maxUsages = 32

// usage reads what run time saw of package versions, which is kept until something changes.
func (s *Store) usage(ctx context.Context, org store.OrgID, v scope, kind use.Kind) (usage, error) {
	revisions, err := revision.Read(ctx, s.db.Reader, org, s.db.Now())
	if err != nil {
		return usage{}, err
	}
	key := usedKey{summed{org: org, environment: strconv.FormatInt(v.environment, 10), images: revisions[store.ImagesResource], environments: revisions[store.EnvironmentsResource], hour: use.Now(s.db)}, kind}
	s.mu.Lock()
	out, ok := s.usages[key]
	s.mu.Unlock()
	if ok {
		return out, nil
	}
	if out.states, err = s.unseen.Memory.Versions(ctx, s.db, s.db.Reader, org, v.environment, kind); err != nil {
		return out, err
	}
	var loaded []string
	for _, id := range slices.Sorted(maps.Keys(out.states)) {
		if out.states[id] == crowsnest.Loaded {
			loaded = append(loaded, strconv.FormatInt(id, 10))
		}
	}
	out.read, out.loaded = true, strings.Join(loaded, ",")
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.usages) >= maxUsages {
		clear(s.usages)
	}
	s.usages[key] = out
	return out, nil
}

// VersionsUsed says of vulnerable package versions, by number, what run time saw of them in what runs in an organisation, or in one
// environment unless that is 0; see use.Memory. It is kept until something changes, and must not be changed.
func (s *Store) VersionsUsed(ctx context.Context, org store.OrgID, environment int64) (map[int64]crowsnest.InUse, error) {
	seen, err := s.usage(ctx, org, scope{environment: environment}, use.Vulnerable)
	return seen.states, err
}

// isUsed tells of a package version v that it is among those in use, which a parameter gives as usage does. The
// plus keeps SQLite from starting with them.
func (s *Store) isUsed(parameter string) string {
	return `+v.id in (` + s.db.Numbers(`cast(`+parameter+` as text)`, `id`) + `)`
}

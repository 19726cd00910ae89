package insight

import (
	"context"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/decision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// SuppressedIn implements decided.Settled.
func (s *Store) SuppressedIn(ctx context.Context, org store.OrgID, environment string) (map[string]crowsnest.Suppression, error) {
	out := make(map[string]crowsnest.Suppression)
	id, err := member.EnvironmentID(ctx, s.db, org, environment)
	if crowsnest.KindOf(err) == crowsnest.NotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	standing, err := s.decisions.Standing(ctx, s.db.Reader, org, id)
	if err != nil || standing.Whole == "" {
		return out, s.db.Error("read what is suppressed in", environment, err)
	}
	v, err := s.scope(ctx, org, environment)
	if err != nil {
		return nil, err
	}
	whole := `(` + s.db.Numbers(`cast(`+sqldb.Dollar(len(v.args)+1)+` as text)`, `id`) + `)`
	names, err := sqldb.Collect(ctx, s.db.Reader, sqldb.ScanOne[string], v.with+`select distinct f.vulnerability from finding as f where f.id in `+whole+`
		and not exists (select 1 from finding as g where g.vulnerability = f.vulnerability and g.closed_at is null and g.decides and g.id not in `+whole+` and `+v.has(`g.package_version_id`)+`)`,
		append(slices.Clip(v.args), standing.Whole)...)
	if err != nil {
		return nil, s.db.Error("read what is suppressed in", environment, err)
	}
	settled := make(map[string]bool, len(names))
	for _, name := range names {
		settled[name] = true
	}
	for pair, f := range standing.Found {
		if !settled[pair.Vulnerability] {
			continue
		}
		for _, image := range f.Images {
			d := f.By[image]
			known, told := out[pair.Vulnerability]
			if d != nil && (!told || decision.EndsBefore(*d, known)) {
				out[pair.Vulnerability] = *d.Suppression()
			}
		}
	}
	return out, nil
}

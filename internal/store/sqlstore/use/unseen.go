package use

import (
	"context"
	"fmt"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/revision"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
)

// Image is an image where it runs, with what saw it there: nothing did if it has no profiles.
type Image struct {
	ID       int64
	Content  int64
	Profiles []int64
	Stale    bool // see Set
}

// Unseen tells what is not seen loaded in some images. It is read only.
type Unseen struct {
	// NotSeen are the package versions that are not seen loaded in each of the images that have them. One that is in use in an image, or
	// not observed in one, is among Rest.
	NotSeen, Rest []int64

	kept *kept
	of   map[int64][]asked // by image, what was asked of its sets
}

// Unseen says what is not seen loaded in images of an organisation, each by itself.
func (m *Memory) Unseen(ctx context.Context, db *sqldb.DB, q sqldb.Querier, org store.OrgID, images []Image) (*Unseen, error) {
	revisions, err := revision.Read(ctx, q, org, db.Now())
	if err != nil {
		return nil, err
	}
	k := m.current(revisions[store.PackageSetsResource])
	contents := make(map[int64]bool, len(images))
	for _, i := range images {
		contents[i.Content] = true
	}
	sets, err := k.setsOf(ctx, db, q, contents)
	if err != nil {
		return nil, err
	}
	out := &Unseen{kept: k, of: make(map[int64][]asked, len(images))}
	questions := make(map[asked][]int64)
	for _, i := range images {
		profiles := fmt.Sprint(i.Profiles)
		of := make([]asked, len(sets[i.Content]))
		for n, set := range sets[i.Content] {
			of[n] = asked{set, profiles, i.Stale}
			questions[of[n]] = i.Profiles
		}
		out.of[i.ID] = of
	}
	if err := k.ask(ctx, db, q, questions); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	const absent, unseen, counts = 0, 1, 2
	states := make([]uint8, len(k.versions))
	for a := range questions {
		said := k.said[a]
		for _, at := range said.notSeen {
			states[at] = max(states[at], unseen)
		}
		for _, list := range [][]int32{said.loaded, said.notObserved} {
			for _, at := range list {
				states[at] = counts
			}
		}
	}
	for at, state := range states {
		switch state {
		case absent:
		case unseen:
			out.NotSeen = append(out.NotSeen, k.versions[at])
		default:
			out.Rest = append(out.Rest, k.versions[at])
		}
	}
	return out, nil
}

// Images returns the images that do not see package versions loaded, by version.
func (u *Unseen) Images(versions []int64) map[int64]map[int64]bool {
	out := make(map[int64]map[int64]bool)
	k := u.kept
	k.mu.Lock()
	defer k.mu.Unlock()
	wanted := make([]bool, len(k.versions))
	for _, id := range versions {
		if at, ok := k.index[id]; ok {
			wanted[at] = true
		}
	}
	for image, sets := range u.of {
		for _, a := range sets {
			for _, at := range k.said[a].notSeen {
				if !wanted[at] {
					continue
				}
				id := k.versions[at]
				if out[id] == nil {
					out[id] = make(map[int64]bool)
				}
				out[id][image] = true
			}
		}
	}
	return out
}

package bench_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

var environmentNames = [...]string{"production", "staging", "qa", "development", "preview", "training", "load", "research", "partners", "recovery"}

// cluster is what one integration reports, sweep by sweep the same.
type cluster struct {
	name, environment string
	snapshot          store.Snapshot
}

// clusters makes what runs: each cluster its own mix of newer images, most of them
// reported by their configuration digest and some by another one, and some images
// that nobody brought.
func clusters(s size, all, unanalysed []*generated, rng *rand.Rand) []cluster {
	var out []cluster
	for i := range s.integrations {
		c := cluster{name: fmt.Sprintf("cluster-%02d", i), environment: environmentNames[i%s.environments]}
		c.snapshot = snapshot(s.occurrences/s.integrations, runningImages(s, s.runningPerSource, all, unanalysed, rng), rng)
		out = append(out, c)
	}
	return out
}

// reported is an image as a runtime names it, with the packages seen loaded, if any.
type reported struct {
	digest  crowsnest.Digest
	profile string
	loaded  []crowsnest.LoadedPackage
}

// runningImages chooses n distinct images.
func runningImages(s size, n int, all, unanalysed []*generated, rng *rand.Rand) []reported {
	var out []reported
	seen := make(map[crowsnest.Digest]bool)
	for len(out) < min(n, len(all)/2) {
		var r reported
		switch k := rng.IntN(100); {
		case k < 4:
			r.digest = crowsnest.DigestOf(fmt.Appendf(nil, "unknown %d", rng.IntN(s.repositories)))
		case k < 7 && len(unanalysed) > 0:
			r.digest = unanalysed[rng.IntN(len(unanalysed))].ImageID
		default:
			// The last tags of a repository run far more often than old ones.
			g := all[rng.IntN(s.repositories)*s.tags+s.tags-1-min(s.tags-1, int(rng.ExpFloat64()))]
			r.digest = g.ImageID
			if k < 12 {
				r.digest = g.Index
			} else if k < 16 {
				r.digest = g.Digest
			}
			if k >= 40 {
				r.profile, r.loaded = "profile of "+g.Name, loadedOf(g)
			}
		}
		if !seen[r.digest] {
			seen[r.digest] = true
			out = append(out, r)
		}
	}
	return out
}

// loadedOf returns the part of an image's packages that is seen loaded: every fifth.
func loadedOf(g *generated) []crowsnest.LoadedPackage {
	var out []crowsnest.LoadedPackage
	for i, p := range g.analysis().Packages {
		if i%5 == 0 {
			out = append(out, crowsnest.LoadedPackage{PURL: p.PURL, Type: p.Type, Name: p.Name, Version: p.Version})
		}
	}
	return out
}

// snapshot spreads n containers over the images.
func snapshot(n int, images []reported, rng *rand.Rand) store.Snapshot {
	snap := store.Snapshot{Profiles: make(map[string][]crowsnest.LoadedPackage), Requests: 1 + n/100}
	for i := range n {
		r := images[i%len(images)]
		if i >= len(images) {
			r = images[rng.IntN(len(images))]
		}
		kind := [...]string{"deployment", "deployment", "statefulset", "daemonset", "cronjob"}[i%5]
		snap.Runs = append(snap.Runs, crowsnest.Observation{
			Namespace: fmt.Sprintf("team-%03d", i%300), Kind: kind, Name: fmt.Sprintf("%s-%05d", word(i), i), Container: "main", ImageID: r.digest,
			Profile: r.profile,
		})
		if r.profile != "" {
			snap.Profiles[r.profile] = r.loaded
		}
	}
	return snap
}

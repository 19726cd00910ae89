package compare

import (
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// Version is an image of a repository that runs somewhere.
type Version struct {
	Digest crowsnest.Digest
	Built  time.Time
}

// State says what would become of a repository if what runs after took the place of what runs before.
type State string

// The states of a repository.
const (
	Same       State = "same"        // the same images run on both sides
	Newer      State = "newer"       // the newest image after is newer
	Older      State = "older"       // the newest image after is older
	Different  State = "different"   // other images, of which the newest is no newer and no older
	OnlyBefore State = "only-before" // nothing of it runs after, so that nothing would become of it
	OnlyAfter  State = "only-after"
)

// StateOf compares the images of a repository, of which one side may have none.
func StateOf(before, after []Version) State {
	switch {
	case len(after) == 0:
		return OnlyBefore
	case len(before) == 0:
		return OnlyAfter
	}
	digests := func(list []Version) []crowsnest.Digest {
		out := make([]crowsnest.Digest, len(list))
		for i, v := range list {
			out[i] = v.Digest
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	if slices.Equal(digests(before), digests(after)) {
		return Same
	}
	byAge := func(a, b Version) int { return a.Built.Compare(b.Built) }
	switch c := slices.MaxFunc(after, byAge).Built.Compare(slices.MaxFunc(before, byAge).Built); {
	case c > 0:
		return Newer
	case c < 0:
		return Older
	}
	return Different
}

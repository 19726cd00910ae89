package policy

import (
	"context"
	"maps"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/subject"
)

// suppressed reads which findings do not count, since it is decided so.
func (r *reader) suppressed(ctx context.Context, images []int64) error {
	decisions, err := r.decisions.InForce(ctx, r.db.Reader, r.org)
	if err != nil || decisions.Empty() {
		return err
	}
	// Few findings of the many in a set are decided about.
	type found struct {
		subject.Suppressed
		about crowsnest.Decisions
	}
	of := make(map[int64][]found, len(r.out.Sets))
	for id, set := range r.out.Sets {
		for _, f := range set.Findings {
			if about := decisions.Of(f.Package.PURL, append([]string{f.Vulnerability, f.Advisory}, f.Aliases...)...); !about.Empty() {
				of[id] = append(of[id], found{subject.Suppressed{PURL: f.Package.PURL, Vulnerability: f.Vulnerability}, about})
			}
		}
	}
	if len(of) == 0 {
		return nil
	}
	names, err := r.decisions.References(ctx, r.db.Reader, r.org, images)
	if err != nil {
		return err
	}
	for id, p := range r.index {
		in := func(environment string) map[subject.Suppressed]bool {
			out := make(map[subject.Suppressed]bool)
			for _, set := range p.Sets {
				for _, f := range of[set] {
					if f.about.Suppress(names[id], environment) != nil {
						out[f.Suppressed] = true
					}
				}
			}
			return out
		}
		p.Suppressed = in("")
		for i := range p.Places {
			if there := in(p.Places[i].Name); !maps.Equal(there, p.Suppressed) {
				p.Places[i].Suppressed = there
			}
		}
		for _, set := range p.Sets {
			for _, f := range of[set] {
				if next := f.about.NextExpiry(); p.Again.IsZero() || !next.IsZero() && next.Before(p.Again) {
					p.Again = next
				}
			}
		}
	}
	return nil
}

package sqlstore

import (
	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/member"
)

// place is where something runs, whatever its image.
type place struct{ namespace, kind, name, container string }

// places are those that a sweep knows of without what runs there.
type places struct {
	whole map[place]bool
	vague []place // in which what is empty stands for anything
}

func newPlaces(list []crowsnest.Observation) places {
	p := places{whole: make(map[place]bool, len(list))}
	for _, o := range list {
		at := place{o.Namespace, o.Kind, o.Name, o.Container}
		// Asked for each open occurrence, so each once.
		if known := p.whole[at]; !known && (at.namespace == "" || at.kind == "" || at.name == "" || at.container == "") {
			p.vague = append(p.vague, at)
		}
		p.whole[at] = true
	}
	return p
}

// have reports whether a run may be one of them.
func (p places) have(run member.Run) bool {
	if p.whole[place{run.Namespace, run.Kind, run.Name, run.Container}] {
		return true
	}
	fits := func(known, is string) bool { return known == "" || known == is }
	for _, v := range p.vague {
		if fits(v.namespace, run.Namespace) && fits(v.kind, run.Kind) && fits(v.name, run.Name) && fits(v.container, run.Container) {
			return true
		}
	}
	return false
}

package match

import (
	"slices"
	"strings"

	"github.com/google/osv-scalibr/semantic"

	"github.com/crowsnest-sec/crowsnest"
)

// bound is one event of a range on the line of versions.
type bound struct {
	version semantic.Version // nil is below every version
	text    string
	kind    boundKind
}

type boundKind uint8

const (
	introduced boundKind = iota
	fixed
	lastAffected
	limited // only where a range is explained
)

// interval is a range whose events are read and in order.
type interval struct {
	bounds []bound
	limits []placed // empty: no limit
}

// readRange reads a range; false if it is of type GIT, its order is not known, or one
// of its events cannot be placed.
func readRange(ecosystem string, r crowsnest.Range) (interval, bool) {
	o, known := orderOf(ecosystem)
	switch {
	case r.Type == crowsnest.RangeSemver && !known:
		o = semverOrder
	case r.Type != crowsnest.RangeSemver && r.Type != crowsnest.RangeEcosystem, !known:
		return interval{}, false
	}
	in := interval{bounds: make([]bound, 0, len(r.Events))}
	endless := false
	for _, e := range r.Events {
		b := bound{}
		switch {
		case e.Introduced != "":
			b.kind, b.text = introduced, e.Introduced
		case e.Fixed != "":
			b.kind, b.text = fixed, e.Fixed
		case e.LastAffected != "":
			b.kind, b.text = lastAffected, e.LastAffected
		case e.Limit == "*":
			endless = true
			continue
		case e.Limit != "":
			v, ok := o.read(e.Limit)
			if !ok {
				return interval{}, false
			}
			in.limits = append(in.limits, placed{e.Limit, v})
			continue
		default:
			return interval{}, false
		}
		if b.kind != introduced || strings.TrimSpace(b.text) != "0" {
			v, ok := o.read(b.text)
			if !ok {
				return interval{}, false
			}
			b.version = v
		}
		in.bounds = append(in.bounds, b)
	}
	if endless {
		in.limits = nil
	}
	refused := false
	slices.SortStableFunc(in.bounds, func(a, b bound) int {
		c, ok := compareBounds(a, b)
		refused = refused || !ok
		return c
	})
	return in, !refused
}

func compareBounds(a, b bound) (int, bool) {
	switch {
	case a.version == nil && b.version == nil:
		return 0, true
	case a.version == nil:
		return -1, true
	case b.version == nil:
		return 1, true
	}
	return compare(a.version, b.version)
}

// contains walks the events up to v. Where a series both begins and ends at one
// version, the order of the file must not matter: an open series goes on there (it
// is fixed on one line and introduced on the next), a closed one stays closed.
func (in interval) contains(v semantic.Version) bool {
	if !in.withinLimits(v) {
		return false
	}
	affected := false
	for i := 0; i < len(in.bounds); {
		at := in.bounds[i]
		position := 1 // of v against the events at this point
		if at.version != nil {
			c, ok := compare(v, at.version)
			if !ok {
				return false
			}
			position = c
		}
		if position < 0 {
			break
		}
		begins, ends := false, false
		for ; i < len(in.bounds); i++ {
			if c, ok := compareBounds(in.bounds[i], at); !ok || c != 0 {
				break
			}
			switch in.bounds[i].kind {
			case introduced:
				begins = true
			case fixed:
				ends = true
			case lastAffected:
				ends = ends || position > 0
			}
		}
		if begins != ends {
			affected = begins
		}
	}
	return affected
}

func (in interval) withinLimits(v semantic.Version) bool {
	if len(in.limits) == 0 {
		return true
	}
	for _, limit := range in.limits {
		if c, ok := compare(v, limit.version); ok && c < 0 {
			return true
		}
	}
	return false
}

// fixes returns the fixed versions after v, oldest first.
func (in interval) fixes(v semantic.Version) []bound {
	var out []bound
	for _, b := range in.bounds {
		if b.kind != fixed || b.version == nil {
			continue
		}
		if c, ok := compare(b.version, v); ok && c > 0 {
			out = append(out, b)
		}
	}
	return out
}

// fixedAt reports that v is one of the fixed versions.
func (in interval) fixedAt(v semantic.Version) bool {
	for _, b := range in.bounds {
		if b.kind == fixed && b.version != nil {
			if c, ok := compare(b.version, v); ok && c == 0 {
				return true
			}
		}
	}
	return false
}

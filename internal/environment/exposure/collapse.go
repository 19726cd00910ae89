package exposure

import (
	"cmp"
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// collapse makes one span of those of a set that overlap or touch and speak of one vulnerability: a
// set has several packages of one source, and several advisories speak of each. The times that Derive
// makes of them stay the same.
func collapse(list []store.KnownSpan) []store.KnownSpan {
	slices.SortFunc(list, func(a, b store.KnownSpan) int {
		return cmp.Or(cmp.Compare(a.Vulnerability, b.Vulnerability), cmp.Compare(a.From, b.From))
	})
	out := make([]store.KnownSpan, 0, len(list)/2)
	for _, k := range list {
		last := len(out) - 1
		if last < 0 || out[last].Vulnerability != k.Vulnerability || out[last].To < k.From {
			out = append(out, k)
			continue
		}
		o := &out[last]
		o.To = max(o.To, k.To)
		o.Severity, o.Decides = worse(o.Severity, o.Decides, k)
	}
	return slices.Clip(out)
}

// worse returns the severity of the worst finding that decides, or decided.
func worse(severity crowsnest.Severity, decides bool, k store.KnownSpan) (crowsnest.Severity, bool) {
	if k.Decides && !decides || k.Decides == decides && k.Severity > severity {
		return k.Severity, k.Decides
	}
	return severity, decides
}

package glance

import (
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/recommend"
	"github.com/crowsnest-sec/crowsnest/internal/report"
)

// Bases is what an image is built on, and what it could be. Its fields are a contract.
type Bases struct {
	Reference string                `json:"reference,omitempty"` // that it is taken to be built from; absent if no tag is known
	Now       *recommend.BaseOption `json:"now,omitempty"`       // absent if it is not analysed here
	Refreshed *recommend.RankedBase `json:"refreshed,omitempty"` // what the tag of the base names now, where that is another image
	Updated   *recommend.RankedBase `json:"updated,omitempty"`   // the best of the other bases with fewer vulnerabilities
}

// BasesOf takes from all recommendations those of a quick view; nil if nothing is known of any base.
func BasesOf(r advice.Recommendations) *Bases {
	var b Bases
	if r.Base != nil {
		b.Reference, b.Now = r.Base.Reference, r.Base.Known
	}
	b.Refreshed = r.Refresh.To
	if len(r.Changes) > 0 && b.Now != nil { // else nobody knows whether it is better
		b.Updated = &r.Changes[0]
	}
	if b.Now == nil && b.Refreshed == nil {
		return nil
	}
	return &b
}

// WriteBases writes a line of counts for each base, below those of the image.
func WriteBases(p report.Printer, b *Bases) {
	if b == nil {
		return
	}
	line := func(what string, s crowsnest.Summary, name string) {
		fmt.Fprintf(p.W, "  %-16s %s  %s\n", what, p.Counts(s), report.Clean(name))
	}
	named := func(o recommend.BaseOption) string {
		if o.Reference == "" {
			return o.Digest.Short()
		}
		return o.Reference
	}
	fmt.Fprintln(p.W)
	if n := b.Now; n != nil {
		name := named(*n)
		if b.Refreshed != nil { // then its tag names that one
			name = fmt.Sprintf("%s, as it was: %s", b.Reference, n.Digest.Short())
		}
		line("base image", n.Summary, name)
	}
	if r := b.Refreshed; r != nil {
		line("  refreshed", r.Summary, named(r.BaseOption)+", as it is now")
	}
	if u := b.Updated; u != nil {
		line("  updated", u.Summary, named(u.BaseOption))
	}
	if b.Refreshed != nil || b.Updated != nil {
		fmt.Fprintf(p.W, "  what speaks for and against them tells crowsnest recommendations\n")
	}
}

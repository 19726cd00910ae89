// Package narrow is the room of the API for the filters of what is in one image, whose list is read whole
// and narrowed where it is shown or written into a file.
package narrow

import (
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// FindingQuery filters the findings of one image.
type FindingQuery struct {
	Severity   []string `query:"severity" maxItems:"5" enum:"critical,high,medium,low,unspecified" doc:"Only these severities, separated by commas"`
	Use        string   `query:"use" enum:"in-use,not-seen,not-observed" doc:"Only those of packages of which run time says this"`
	Q          string   `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the identifier, of another of its names, of the package or of its source; letters in either case"`
	Fixable    bool     `query:"fixable" doc:"Only those of which a fix is known"`
	KEV        bool     `query:"kev" doc:"Only those in CISA's catalogue of known exploited vulnerabilities"`
	Discounted bool     `query:"discounted" doc:"Those that do not count in the environment, in place of those that do"`
	Suppressed bool     `query:"suppressed" doc:"Those that decisions suppress, in place of those that count"`
	InLayer
}

// InLayer narrows what is in an image to one of its layers.
type InLayer struct {
	Layer string `query:"layer" maxLength:"256" doc:"Only what lies in the layer with this diff ID"`
}

// holds reports whether something that lies there is in the layer asked for.
func (q InLayer) holds(locations []crowsnest.Location) bool {
	return q.Layer == "" || slices.ContainsFunc(locations, func(l crowsnest.Location) bool { return string(l.Layer) == q.Layer })
}

// Passes reports whether a finding is asked for.
func (q FindingQuery) Passes(f store.FindingRow) bool {
	return q.Suppressed == (f.Suppressed != nil) && (q.Suppressed || q.Discounted == f.NotAffected) &&
		(len(q.Severity) == 0 || slices.Contains(q.Severity, f.Severity.String())) &&
		(q.Use == "" || q.Use == f.InUse.String()) &&
		(!q.Fixable || f.FixedVersion != "") &&
		(!q.KEV || f.Threat.Exploited != nil) &&
		q.holds(f.Locations) &&
		base.Mentions(q.Q, append([]string{f.Vulnerability, f.Package.Name, f.Package.Source}, f.Aliases...)...)
}

// Describe adds what is asked for to the filter that a file names.
func (q FindingQuery) Describe(filter map[string]string) {
	filter["severity"], filter["use"], filter["q"], filter["layer"] = strings.Join(q.Severity, " "), q.Use, q.Q, q.Layer
	for name, only := range map[string]bool{"fixable": q.Fixable, "kev": q.KEV, "discounted": q.Discounted, "suppressed": q.Suppressed} {
		if only {
			filter[name] = "true"
		}
	}
}

// PackageQuery filters the packages of one image.
type PackageQuery struct {
	Type string `query:"type" maxLength:"64" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only packages of this purl type"`
	Use  string `query:"use" enum:"in-use,not-seen,not-observed" doc:"Only packages of which run time says this"`
	Q    string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name, of the source, of the purl or of a licence; letters in either case"`
	InLayer
}

// Passes reports whether a package is asked for.
func (q PackageQuery) Passes(p wire.UsedPackage) bool {
	return (q.Type == "" || q.Type == p.Type) && (q.Use == "" || q.Use == p.InUse.String()) && q.holds(p.Locations) && base.Mentions(q.Q, append([]string{p.Name, p.Source, p.PURL}, p.Licences...)...)
}

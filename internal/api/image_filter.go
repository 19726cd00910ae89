package api

import (
	"slices"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// FindingQuery filters the findings of one image.
type FindingQuery struct {
	Severity   []string `query:"severity" maxItems:"5" enum:"critical,high,medium,low,unspecified" doc:"Only these severities, separated by commas"`
	Use        string   `query:"use" enum:"in-use,not-seen,not-observed" doc:"Only those of packages of which run time says this"`
	Q          string   `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the identifier, of another of its names, of the package or of its source; letters in either case"`
	Fixable    bool     `query:"fixable" doc:"Only those of which a fix is known"`
	KEV        bool     `query:"kev" doc:"Only those in CISA's catalogue of known exploited vulnerabilities"`
	Discounted bool     `query:"discounted" doc:"Those that do not count in the environment, in place of those that do"`
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

func (q FindingQuery) passes(f store.FindingRow) bool {
	return q.Discounted == f.NotAffected &&
		(len(q.Severity) == 0 || slices.Contains(q.Severity, f.Severity.String())) &&
		(q.Use == "" || q.Use == f.InUse.String()) &&
		(!q.Fixable || f.FixedVersion != "") &&
		(!q.KEV || f.Threat.Exploited != nil) &&
		q.holds(f.Locations) &&
		base.Mentions(q.Q, append([]string{f.Vulnerability, f.Package.Name, f.Package.Source}, f.Aliases...)...)
}

// filter writes what is asked for into a file.
func (q FindingQuery) filter(out map[string]string) map[string]string {
	out["severity"], out["use"], out["q"], out["layer"] = joined(q.Severity), q.Use, q.Q, q.Layer
	out["fixable"], out["kev"], out["discounted"] = chosen(q.Fixable), chosen(q.KEV), chosen(q.Discounted)
	return out
}

// ImagePackageQuery filters the packages of one image.
type ImagePackageQuery struct {
	Type string `query:"type" maxLength:"64" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only packages of this purl type"`
	Q    string `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the name, of the source, of the purl or of a licence; letters in either case"`
	InLayer
}

func (q ImagePackageQuery) passes(p crowsnest.Package) bool {
	return (q.Type == "" || q.Type == p.Type) && q.holds(p.Locations) && base.Mentions(q.Q, append([]string{p.Name, p.Source, p.PURL}, p.Licences...)...)
}

package wire

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store/finding"
)

// FindingEvent is that a vulnerability of a package version was found, or no longer, whichever sources say so.
type FindingEvent struct {
	At           time.Time             `json:"at"`
	Change       string                `json:"change" enum:"found,gone"`
	Cause        string                `json:"cause" enum:"package new,advisory published,advisory changed,advisory withdrawn,rule changed" doc:"rule changed: another version of the program matches otherwise"`
	ID           string                `json:"id" doc:"The CVE where known"`
	Severity     crowsnest.Severity    `json:"severity" enum:"critical,high,medium,low,unspecified" doc:"As it was last"`
	Advisory     string                `json:"advisory" doc:"The source that decided"`
	Summary      string                `json:"summary"`
	FixedVersion *string               `json:"fixedVersion" nullable:"true" doc:"Lowest version that clears it; null if none is known"`
	State        crowsnest.VendorState `json:"state,omitempty" enum:"unimportant,no-dsa,postponed,ignored,end-of-life" doc:"Why the distribution does not mend it in this release, in Debian's words"`
	Package      FindingPackage        `json:"package"`
	Images       int                   `json:"images" doc:"That have this version of the package now"`
	Environments []string              `json:"environments" doc:"In which one of them runs now"`
}

// NewFindingEvent converts a row.
func NewFindingEvent(c finding.Change) FindingEvent {
	return FindingEvent{
		At: c.At, Change: c.Change, Cause: c.Cause, ID: c.Vulnerability, Severity: c.Severity, Advisory: c.Advisory, Summary: c.Summary, FixedVersion: known(c.FixedVersion), State: c.State,
		Package: NewFindingPackage(c.Package), Images: c.Images, Environments: List(c.Environments),
	}
}

package wire

import (
	"math"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Targets are the days within which vulnerabilities of a severity should be remediated.
type Targets struct {
	Critical    int `json:"critical" minimum:"0" maximum:"3650" doc:"0 for no target"`
	High        int `json:"high" minimum:"0" maximum:"3650"`
	Medium      int `json:"medium" minimum:"0" maximum:"3650"`
	Low         int `json:"low" minimum:"0" maximum:"3650"`
	Unspecified int `json:"unspecified" minimum:"0" maximum:"3650"`
}

// NewTargets converts what the store keeps.
func NewTargets(t store.Targets) Targets {
	return Targets{t[crowsnest.Critical], t[crowsnest.High], t[crowsnest.Medium], t[crowsnest.Low], t[crowsnest.Unspecified]}
}

// Store is its reverse.
func (t Targets) Store() store.Targets {
	return store.Targets{crowsnest.Critical: t.Critical, crowsnest.High: t.High, crowsnest.Medium: t.Medium, crowsnest.Low: t.Low, crowsnest.Unspecified: t.Unspecified}
}

// ExposureReport sums up what an environment was exposed to.
type ExposureReport struct {
	Environment string            `json:"environment"`
	AsOf        time.Time         `json:"asOf"`
	BySeverity  []ExposureFigures `json:"bySeverity" doc:"The worst severity first"`
	Days        []ExposureDay     `json:"days" doc:"The oldest first, in UTC; the last is that of asOf"`
}

// ExposureFigures are those of one severity.
type ExposureFigures struct {
	Severity         crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	Open             int                `json:"open" doc:"Vulnerabilities exposed now, without those that decisions suppress, or that are not seen loaded where that is taken as not affected"`
	Suppressed       int                `json:"suppressed" doc:"Vulnerabilities exposed now that decisions suppress wherever they are found in what runs there"`
	NotSeen          int                `json:"notSeen" doc:"Other vulnerabilities exposed now that are left out as not seen: of an environment that takes as not affected what is not seen loaded, those of which nothing counts there"`
	Overdue          int                `json:"overdue" doc:"Of open, those open for longer than the target"`
	TargetDays       int                `json:"targetDays" doc:"0 for no target"`
	Opened           int                `json:"opened" doc:"Exposures that began within the days"`
	Remediated       int                `json:"remediated" doc:"Exposures that ended within the days"`
	Unwatched        int                `json:"unwatched" doc:"Exposures that ended within the days because nobody watches any more what ran: an integration was deleted or came to mean something else, or an image was taken out. They are not among the remediated"`
	MedianDays       *float64           `json:"medianDays" nullable:"true" doc:"How long the remediated ones had lasted; null without any"`
	Percentile90Days *float64           `json:"percentile90Days" nullable:"true"`
}

// ExposureDay counts a day.
type ExposureDay struct {
	Date       string            `json:"date" format:"date"`
	Open       crowsnest.Summary `json:"open" doc:"At its end, or at asOf; whatever is decided or seen loaded, as decisions and profiles are of now and the past is shown as it was"`
	Opened     crowsnest.Summary `json:"opened"`
	Remediated crowsnest.Summary `json:"remediated"`
	Unwatched  crowsnest.Summary `json:"unwatched" doc:"Ended because nobody watches any more what ran, and not among the remediated"`
}

// NewExposureReport converts a summary.
func NewExposureReport(environment string, now time.Time, s exposure.Summary) ExposureReport {
	r := ExposureReport{Environment: environment, AsOf: now.UTC()}
	for _, f := range s.BySeverity {
		figures := ExposureFigures{Severity: f.Severity, Open: f.Open, Suppressed: f.Suppressed, NotSeen: f.NotSeen, Overdue: f.Overdue, TargetDays: f.Target, Opened: f.Opened, Remediated: f.Remediated, Unwatched: f.Unwatched}
		if f.Remediated > 0 {
			figures.MedianDays, figures.Percentile90Days = days(f.Median), days(f.Percentile90)
		}
		r.BySeverity = append(r.BySeverity, figures)
	}
	for _, d := range s.Days {
		r.Days = append(r.Days, ExposureDay{Date: d.Date.Format(time.DateOnly), Open: d.Open, Opened: d.Opened, Remediated: d.Remediated, Unwatched: d.Unwatched})
	}
	return r
}

// days rounds to a hundredth of a day, which is a quarter of an hour.
func days(d time.Duration) *float64 {
	v := math.Round(d.Hours()/24*100) / 100
	return &v
}

// Exposure is a vulnerability that an environment is or was exposed to.
type Exposure struct {
	Vulnerability string             `json:"vulnerability"`
	Severity      crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	KnownSince    time.Time          `json:"knownSince" doc:"When it was first found in something that ran there"`
	Open          bool               `json:"open"`
	Overdue       bool               `json:"overdue" doc:"Open for longer than its target, and not suppressed nor left out as not seen"`
	Due           *time.Time         `json:"due" nullable:"true" doc:"When it should be remediated; null if it is over, suppressed, left out as not seen, or without a target"`
	Episodes      []ExposureEpisode  `json:"episodes" doc:"Times of uninterrupted exposure, the newest first; 20 at most"`
	EpisodeCount  int                `json:"episodeCount"`

	Suppressed *crowsnest.Suppression `json:"suppressed,omitempty" doc:"Of one that is open: the decision by which it does not count now, of several the one that ends first; absent if it counts"`

	NotSeen bool `json:"notSeen,omitempty" doc:"Of one that is open: it does not count now, as nothing of it is seen loaded and the environment takes that as not affected"`
}

// Uncounted is what does not count of what is open, by vulnerability: what decisions suppress, and what is not seen loaded where that is taken
// as not affected.
type Uncounted struct {
	Suppressed map[string]crowsnest.Suppression
	NotSeen    map[string]bool
}

// Of says whether an exposure that lasts counts.
func (u Uncounted) Of(vulnerability string) exposure.Standing {
	if _, ok := u.Suppressed[vulnerability]; ok {
		return exposure.Suppressed
	}
	if u.NotSeen[vulnerability] {
		return exposure.NotSeen
	}
	return exposure.Counts
}

// ExposureEpisode is a time of uninterrupted exposure.
type ExposureEpisode struct {
	Since time.Time      `json:"since"`
	Until *time.Time     `json:"until" nullable:"true" doc:"Null while it lasts"`
	Came  ExposureCause  `json:"came" doc:"What began it"`
	Went  *ExposureCause `json:"went" doc:"What ended it; null while it lasts"`

	Unwatched bool `json:"unwatched,omitempty" doc:"It ended because nobody watches any more what ran: whether the image still does is not known, and nothing was remediated"`
}

// ExposureCause is what began or ended an exposure.
type ExposureCause struct {
	Kind   string           `json:"kind" enum:"image,finding" doc:"image: it started, or ended, to run; finding: what ran became known to be vulnerable, or no longer was"`
	Image  string           `json:"image,omitempty"`
	Digest crowsnest.Digest `json:"digest,omitempty"`
}

// maxEpisodes bounds what is shown of one exposure.
const maxEpisodes = 20

// NewExposure converts an exposure; names are those of contents.
func NewExposure(x exposure.Exposure, targets store.Targets, now time.Time, names map[int64]store.ContentName, uncounted Uncounted) Exposure {
	out := Exposure{
		Vulnerability: x.Vulnerability, Severity: x.Severity, KnownSince: at(x.KnownSince), Open: x.Open(),
		Overdue: exposure.Overdue(x, targets, now.UnixMicro()), EpisodeCount: len(x.Episodes), Episodes: []ExposureEpisode{},
	}
	standing := exposure.Counts
	if x.Open() {
		standing = uncounted.Of(x.Vulnerability)
	}
	switch standing {
	case exposure.Suppressed:
		out.Suppressed, out.Overdue = new(uncounted.Suppressed[x.Vulnerability]), false
	case exposure.NotSeen:
		out.NotSeen, out.Overdue = true, false
	default:
		if due, ok := exposure.Due(x, targets); ok {
			out.Due = new(at(due))
		}
	}
	for i := len(x.Episodes) - 1; i >= max(0, len(x.Episodes)-maxEpisodes); i-- {
		e := x.Episodes[i]
		row := ExposureEpisode{Since: at(e.From), Came: newCause(e.Came, names), Unwatched: e.Unwatched}
		if e.To != store.Forever {
			row.Until, row.Went = new(at(e.To)), new(newCause(e.Went, names))
		}
		out.Episodes = append(out.Episodes, row)
	}
	return out
}

func at(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func newCause(content int64, names map[int64]store.ContentName) ExposureCause {
	if content == 0 {
		return ExposureCause{Kind: "finding"}
	}
	n := names[content]
	return ExposureCause{Kind: "image", Image: n.Name, Digest: n.Digest}
}

// EnvironmentExposure is the exposure of one environment to a vulnerability.
type EnvironmentExposure struct {
	Environment string `json:"environment"`
	Exposure
}

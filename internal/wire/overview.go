package wire

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// StaleAdvisories is the age from which on advisories count as stale.
const StaleAdvisories = 48 * time.Hour

func stale(checked, now time.Time) bool { return now.Sub(checked) > StaleAdvisories }

// Overview is what the first page shows.
type Overview struct {
	Environment  string               `json:"environment,omitempty"`
	Now          time.Time            `json:"now" doc:"When it was summed up"`
	Coverage     crowsnest.Coverage   `json:"coverage" doc:"Distinct running images by what is known of them"`
	Missing      []Missing            `json:"missing" doc:"Running images that are not analysed, by the class of the reason"`
	InUse        UseSummary           `json:"inUse" doc:"Findings (package version and vulnerability, each once) by what run time saw of the package in any image"`
	Images       int                  `json:"images" doc:"All images; of an environment those that run there and are known"`
	Environments int                  `json:"environments" doc:"Environments in which an analysed image runs"`
	News         News                 `json:"news"`
	OldestSweep  time.Time            `json:"oldestSweep,omitzero" doc:"Oldest last complete sweep; absent while one is missing or there is no integration"`
	Failing      []FailingIntegration `json:"failing" doc:"Integrations whose newest sweep was not complete"`
	Paused       int                  `json:"paused" doc:"Integrations that are paused"`
	Advisories   []AdvisoryAge        `json:"advisories"`
	TopImages    []TopImage           `json:"topImages" doc:"Ten of the fifty with the most critical and high findings, those with most in use first"`
	TopFindings  []TopVulnerability   `json:"topVulnerabilities" doc:"The ten worst; of high severity and in use before all others"`
}

// Missing counts running images that are not analysed.
type Missing struct {
	Class  string `json:"class" doc:"unresolved, waiting, or the sort of failure: too large, unauthorized, corrupt, unavailable, unsupported …"`
	Images int    `json:"images"`
}

// UseSummary splits findings by what run time saw.
type UseSummary struct {
	Loaded      crowsnest.Summary `json:"in-use"`
	NotSeen     crowsnest.Summary `json:"not-seen"`
	NotObserved crowsnest.Summary `json:"not-observed"`
}

// News counts what happened since a time.
type News struct {
	Since             time.Time      `json:"since"`
	Limit             int            `json:"limit" doc:"A count that reaches it means this many or more"`
	FindingsOpened    map[string]int `json:"findingsOpened" doc:"By cause; the limit holds for their sum"`
	ImagesRecorded    int            `json:"imagesRecorded"`
	OccurrencesOpened int            `json:"occurrencesOpened"`
	OccurrencesClosed int            `json:"occurrencesClosed"`
}

// FailingIntegration is an integration that needs somebody to look.
type FailingIntegration struct {
	Name        string    `json:"name"`
	Environment string    `json:"environment"`
	State       string    `json:"state" enum:"degraded,failing"`
	Since       time.Time `json:"since"`
	Reason      string    `json:"reason"`
}

// AdvisoryAge says how old what is held of an ecosystem is.
type AdvisoryAge struct {
	Ecosystem string    `json:"ecosystem"`
	Checked   time.Time `json:"checked"`
	Stale     bool      `json:"stale" doc:"Not checked for 48 hours"`
}

// TopImage is an image among the worst.
type TopImage struct {
	Name    string            `json:"name"`
	Digest  crowsnest.Digest  `json:"digest"`
	Summary crowsnest.Summary `json:"summary"`
	InUse   crowsnest.Summary `json:"inUse" doc:"The part of the summary in packages seen loaded"`
}

// TopVulnerability is a vulnerability among the worst.
type TopVulnerability struct {
	Vulnerability
	InUse bool `json:"inUse" doc:"In a package seen loaded"`
}

// NewOverview puts the parts of an overview together.
func NewOverview(environment string, now time.Time, o store.Overview, integrations []store.Integration, advisories []store.AdvisoryStatus) Overview {
	out := Overview{
		Environment: environment, Now: now, Coverage: o.Coverage, InUse: UseSummary(o.InUse), Images: o.Images, Environments: o.Environments, OldestSweep: o.OldestSweep,
		Missing: Each(o.Missing, func(m store.Missing) Missing { return Missing(m) }),
		News: News{Since: o.News.Since, Limit: store.NewsLimit, FindingsOpened: o.News.FindingsOpened, ImagesRecorded: o.News.ImagesRecorded,
			OccurrencesOpened: o.News.OccurrencesOpened, OccurrencesClosed: o.News.OccurrencesClosed},
		Failing: []FailingIntegration{},
		Advisories: Each(advisories, func(a store.AdvisoryStatus) AdvisoryAge {
			return AdvisoryAge{Ecosystem: a.Ecosystem, Checked: a.Checked, Stale: stale(a.Checked, now)}
		}),
		TopImages: Each(o.TopImages, func(t store.TopImage) TopImage { return TopImage(t) }),
		TopFindings: Each(o.TopFindings, func(t store.TopVulnerability) TopVulnerability {
			return TopVulnerability{NewVulnerability(t.VulnerabilityRow), t.InUse}
		}),
	}
	for _, row := range integrations {
		if environment != "" && row.Environment != environment {
			continue
		}
		switch in := NewIntegration(row); in.State {
		case "degraded", "failing":
			out.Failing = append(out.Failing, FailingIntegration{Name: in.Name, Environment: in.Environment, State: in.State, Since: in.Since, Reason: in.Reason})
		case "paused":
			out.Paused++
		}
	}
	return out
}

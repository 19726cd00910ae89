// Package wire is the JSON that API and command line speak. What the command
// line prints with --format json and what the API answers are the same types, made
// from the same rows.
package wire

import (
	"slices"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/lifetime"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/running"
	"github.com/crowsnest-sec/crowsnest/internal/wire/authority"
	"github.com/crowsnest-sec/crowsnest/internal/wire/connected"
	"github.com/crowsnest-sec/crowsnest/internal/wire/reason"
)

// Page is part of a list.
type Page[T any] struct {
	Items []T    `json:"items" doc:"Part of the list"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next part; absent on the last"`
}

// PageOf makes a page from a list of rows.
func PageOf[R, T any](list store.List[R], convert func(R) T) Page[T] {
	return Page[T]{Items: Each(list.Items, convert), Next: list.Next}
}

// Each converts every row; the result is never nil, so that JSON has a list.
func Each[R, T any](rows []R, convert func(R) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = convert(r)
	}
	return out
}

// Image is an image in a list.
type Image struct {
	Name         string            `json:"name"`
	Digest       crowsnest.Digest  `json:"digest" doc:"Digest of the platform manifest"`
	ImageID      crowsnest.Digest  `json:"imageId" doc:"Digest of the configuration"`
	Platform     string            `json:"platform"`
	Distribution string            `json:"distribution"`
	EndOfLife    *EndOfLife        `json:"endOfLife,omitempty" doc:"Until when its distribution's release is fixed; absent if that is not known"`
	Size         int64             `json:"size" doc:"Compressed bytes of all layers"`
	Packages     int               `json:"packages"`
	ProblemCount int               `json:"problemCount" doc:"Parts of the image that could not be analysed: what is in them is not among the packages"`
	State        string            `json:"state" enum:"found,analysed,failed,removed" doc:"Removed is what retention took the content of, until it is analysed again"`
	Reason       string            `json:"reason,omitempty" doc:"Why the analysis failed"`
	Recorded     time.Time         `json:"recorded"`
	Removed      time.Time         `json:"removed,omitzero" doc:"When retention removed the content"`
	Summary      crowsnest.Summary `json:"summary"`
	Suppressed   crowsnest.Summary `json:"suppressed" doc:"What decisions leave out of the summary"`
	Environments []string          `json:"environments"`

	InUse *crowsnest.Summary `json:"inUse,omitempty" doc:"In lists of one environment, the part of the summary in packages seen loaded there; missing where run time watches none of them"`

	Warnings []Warning `json:"warnings,omitempty" doc:"What is to know of it because it runs; absent in lists, and if there is nothing"`

	Problems []crowsnest.Problem `json:"problems,omitempty" doc:"Which parts, and why; absent in lists"`

	MissingAdvisories []MissingAdvisories `json:"missingAdvisories,omitempty" doc:"Packages for which no whole set of advisories is held; absent in lists"`

	MinorHidden int `json:"minorHidden,omitempty" doc:"How many findings the command line left out of the summary because the distribution takes them as minor; never there from a server"`

	Attested crowsnest.Digest `json:"attested,omitempty" doc:"The attested bill of materials that the packages are from, if the command line was asked to let it stand in for an analysis; never there from a server"`

	Config *ImageConfig    `json:"config,omitempty" doc:"How it wants to run; absent in lists"`
	Base   *crowsnest.Base `json:"base,omitempty" doc:"The image it is built on; absent in lists and where it is not known"`
	Layers []Layer         `json:"layers,omitempty" doc:"Lowest first; absent in lists"`
}

// NewImage converts a row.
func NewImage(r store.ImageRow) Image {
	img := Image{
		Name: r.Name, Digest: r.Digest, ImageID: r.ImageID, Platform: r.Platform.String(), Distribution: r.Distribution, Size: r.Size,
		EndOfLife: newEndOfLife(r.Release, time.Now()), Packages: r.Packages, ProblemCount: r.Problems, State: string(r.State), Reason: r.Reason, Recorded: r.Recorded, Removed: r.Removed, Summary: r.Summary, Suppressed: r.Suppressed, Environments: List(r.Environments), InUse: r.InUse,
		Layers: newLayers(r.Detail),
	}
	if d := r.Detail; d != nil {
		img.Base = d.Base
		img.Config = &ImageConfig{
			Created: d.Created, User: d.User, Labels: d.Labels, Ports: d.Config.Ports, Entrypoint: d.Config.Entrypoint,
			Command: d.Config.Command, WorkingDir: d.Config.WorkingDir, Env: d.Config.Env,
		}
	}
	return img
}

// EndOfLife is until when a release of a distribution gets fixes from its makers.
type EndOfLife struct {
	Day    string `json:"day" format:"date" doc:"The last day, UTC"`
	Past   bool   `json:"past" doc:"It is over: vulnerabilities found since are mostly not fixed, and may not be known for the release"`
	Source string `json:"source" doc:"Where the makers say so"`
}

func newEndOfLife(d crowsnest.Distribution, now time.Time) *EndOfLife {
	end, ok := lifetime.Of(d)
	if !ok {
		return nil
	}
	return &EndOfLife{Day: end.Day.Format(time.DateOnly), Past: end.Past(now), Source: end.Source}
}

// Omit adds to an image what its findings leave out.
func (img *Image) Omit(o store.Omissions) {
	img.Problems, img.MissingAdvisories = o.Problems, nil
	if len(o.MissingAdvisories) > 0 {
		img.MissingAdvisories = Each(o.MissingAdvisories, NewMissingAdvisories)
	}
}

// List makes nil an empty list.
func List[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Target names the image a report is about.
type Target struct {
	Name     string           `json:"name"`
	Digest   crowsnest.Digest `json:"digest"`
	ImageID  crowsnest.Digest `json:"imageId"`
	Platform string           `json:"platform"`
	Attested crowsnest.Digest `json:"attested,omitempty" doc:"The attested bill of materials that the packages are from, if it was asked to stand in for an analysis"`
}

// NewTarget names an image.
func NewTarget(r store.ImageRow) Target {
	return Target{Name: r.Name, Digest: r.Digest, ImageID: r.ImageID, Platform: r.Platform.String()}
}

// CVEs is the report of "crowsnest cves". Its fields are a contract.
type CVEs struct {
	Image    Target            `json:"image"`
	Summary  crowsnest.Summary `json:"summary" doc:"Findings by severity"`
	Findings []Finding         `json:"findings"`

	NotAffected []Finding `json:"notAffected" doc:"What does not count in the environment asked about, since it takes what was not seen loaded as not affected: in neither summary nor findings"`

	Suppressed []Finding `json:"suppressed" doc:"What decisions suppress, with who decided, why and until when: in neither summary nor findings"`

	Problems          []crowsnest.Problem `json:"problems" doc:"Parts of the image that could not be analysed: findings in them are not listed"`
	MissingAdvisories []MissingAdvisories `json:"missingAdvisories" doc:"Packages for which no whole set of advisories is held: findings of them are missing"`
	StaleAdvisories   []AdvisoryAge       `json:"staleAdvisories,omitempty" doc:"Ecosystems of its packages of which the advisories were not checked for 48 hours: newer findings are missing"`

	KEVAsOf  time.Time `json:"kevAsOf,omitzero" doc:"Of when CISA's catalogue is; absent if it is not held, and then no finding is known to be in it"`
	EPSSAsOf time.Time `json:"epssAsOf,omitzero" doc:"Of when FIRST's estimates are; absent if none are held"`

	Updates     []PackageUpdate `json:"updates" doc:"Of each package listed, the lowest version that clears all findings of which a fix is known; packages without one are left out"`
	MinorHidden int             `json:"minorHidden,omitempty" doc:"How many findings were left out because the distribution takes them as minor, as was asked for"`
}

// Discounted counts what is not affected.
func (r CVEs) Discounted() (n crowsnest.Summary) {
	for _, f := range r.NotAffected {
		n.Add(f.Severity, 1)
	}
	return n
}

// Complete reports whether a list without findings means that there are none.
func (r CVEs) Complete() bool { return len(r.Problems) == 0 && len(r.MissingAdvisories) == 0 }

// MissingAdvisories counts packages of an ecosystem of which no whole set of advisories is held.
type MissingAdvisories struct {
	Ecosystem string `json:"ecosystem" doc:"As OSV names it, without a release"`
	Type      string `json:"type" doc:"Type in the packages' purls"`
	Packages  int    `json:"packages"`
}

// NewMissingAdvisories converts a row.
func NewMissingAdvisories(r store.MissingAdvisories) MissingAdvisories { return MissingAdvisories(r) }

// Finding is a vulnerability of one package of an image.
type Finding struct {
	ID           string             `json:"id" doc:"The CVE where one is known, else the advisory's ID"`
	Aliases      []string           `json:"aliases"`
	Package      FindingPackage     `json:"package"`
	Severity     crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	CVSS         *crowsnest.CVSS    `json:"cvss"`
	FixedVersion *string            `json:"fixedVersion" nullable:"true" doc:"Lowest version that clears it; null if none is known"`
	InUse        crowsnest.InUse    `json:"inUse" enum:"in-use,not-seen,not-observed"`
	Threat

	FixStep     match.Step            `json:"fixStep,omitempty" enum:"package,patch,minor,major" doc:"How far it is to the fixed version: another build in the same release of a distribution, on the installed release train, or to another minor or major version"`
	ScoreFrom   string                `json:"scoreFrom,omitempty" doc:"The advisory that the score is borrowed from, and the severity where the own source gives none"`
	State       crowsnest.VendorState `json:"state,omitempty" enum:"unimportant,no-dsa,postponed,ignored,end-of-life" doc:"Why the distribution does not mend it in this release, in Debian's words"`
	Explanation *reason.Explanation   `json:"explanation,omitempty" doc:"Why it was found; only if that was asked for"`

	Suppressed *crowsnest.Suppression `json:"suppressed,omitempty" doc:"The decision that suppresses it; absent if it counts"`
}

// FindingPackage names the package of a finding.
type FindingPackage struct {
	PURL    string `json:"purl"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Type    string `json:"type"`
	Source  string `json:"source" doc:"Source package; empty where it is the same"`
}

// NewCVEs makes the report.
func NewCVEs(target Target, rows []store.FindingRow, omissions store.Omissions) CVEs {
	report := CVEs{
		Image: target, Findings: make([]Finding, 0, len(rows)), NotAffected: []Finding{}, Suppressed: []Finding{},
		Problems: List(omissions.Problems), MissingAdvisories: Each(omissions.MissingAdvisories, NewMissingAdvisories),
		KEVAsOf: omissions.ThreatData.KEV, EPSSAsOf: omissions.ThreatData.EPSS,
	}
	for _, a := range omissions.Advisories {
		if stale(a.Checked, time.Now()) {
			report.StaleAdvisories = append(report.StaleAdvisories, AdvisoryAge{Ecosystem: a.Ecosystem, Checked: a.Checked, Stale: true})
		}
	}
	for _, r := range rows {
		if r.Suppressed != nil {
			report.Suppressed = append(report.Suppressed, NewFinding(r))
			continue
		}
		if r.NotAffected {
			report.NotAffected = append(report.NotAffected, NewFinding(r))
			continue
		}
		report.Findings = append(report.Findings, NewFinding(r))
		report.Summary.Add(r.Severity, 1)
	}
	report.Updates = newUpdates(slices.DeleteFunc(slices.Clone(rows), func(r store.FindingRow) bool { return r.Suppressed != nil }))
	return report
}

// NewFinding converts a row.
func NewFinding(r store.FindingRow) Finding {
	return Finding{
		ID: r.Vulnerability, Aliases: List(r.Aliases), Severity: r.Severity, CVSS: r.CVSS, InUse: r.InUse,
		Package: NewFindingPackage(r.Package), FixedVersion: known(r.FixedVersion), Threat: NewThreat(r.Threat),
		FixStep: match.StepOf(r.Package, r.FixedVersion), ScoreFrom: r.ScoreFrom, State: r.State, Suppressed: r.Suppressed,
	}
}

// SBOM is the report of "crowsnest sbom".
type SBOM struct {
	Image        Target              `json:"image"`
	Created      time.Time           `json:"created,omitzero" doc:"When the image was built, if it says"`
	Distribution string              `json:"distribution"`
	Packages     []crowsnest.Package `json:"packages"`
	Base         *crowsnest.Base     `json:"base,omitempty" doc:"The image it is built on; absent where it is not known"`
	Layers       []Layer             `json:"layers" doc:"Lowest first"`
	Problems     []crowsnest.Problem `json:"problems" doc:"Parts of the image that could not be analysed: packages in them are not listed"`
}

// NewSBOM makes the report.
func NewSBOM(row store.ImageRow, packages []crowsnest.Package, problems []crowsnest.Problem) SBOM {
	s := SBOM{Image: NewTarget(row), Distribution: row.Distribution, Packages: List(packages), Problems: List(problems), Layers: List(newLayers(row.Detail))}
	if row.Detail != nil {
		s.Base, s.Created = row.Detail.Base, row.Detail.Created
	}
	return s
}

// Environment is one environment with its images, as "crowsnest environment" prints it. Its fields are a contract.
type Environment struct {
	Name     string             `json:"name"`
	Images   []RunningImage     `json:"images"`
	Coverage crowsnest.Coverage `json:"coverage"`
	At       time.Time          `json:"at,omitzero" doc:"When it was so; absent of now"`
	Known    time.Time          `json:"knownSince,omitzero" doc:"Of a past time: when something was first seen there"`
	Sources  []string           `json:"sources,omitempty"`
	Clusters []string           `json:"clusters,omitempty"`
	AsOf     time.Time          `json:"asOf,omitzero" doc:"Oldest last complete sweep of its integrations"`

	ProfileDays     int  `json:"profileDays,omitempty"`
	DiscountNotSeen bool `json:"discountNotSeen,omitempty" doc:"Whether what was not seen loaded does not count"`

	Counts *Counts `json:"counts,omitempty" doc:"Of all of it, if that was asked for"`
}

// Counts are the vulnerabilities of an environment, counted in one way.
type Counts struct {
	Counting    store.Counting    `json:"counting" enum:"images,packages,vulnerabilities"`
	Summary     crowsnest.Summary `json:"summary"`
	InUse       crowsnest.Summary `json:"inUse"`
	NotAffected crowsnest.Summary `json:"notAffected"`
	Suppressed  crowsnest.Summary `json:"suppressed"`
}

// Gap is a running image that is not analysed, and why.
type Gap struct {
	ImageID   crowsnest.Digest     `json:"imageId"`
	Name      string               `json:"name,omitempty"`
	Reported  bool                 `json:"reported,omitempty" doc:"The name is what Sysdig reports; no image of the organisation's own has it"`
	State     string               `json:"state" enum:"not-analysed,failed,unresolved"`
	Reason    string               `json:"reason" doc:"In a sentence; code and what follows say the same to programs"`
	Code      running.CauseCode    `json:"code" enum:"unknown-image,unnamed-image,asked,asked-in-vain,name-moved,waits,analysis-fails,removed"`
	Reference string               `json:"reference,omitempty" doc:"That was asked for because the image runs"`
	Detail    string               `json:"detail,omitempty" doc:"Why that waits, or what failed, in the words of whoever could not go on; of an image without a name, the integration that may lack an API token"`
	Removed   time.Time            `json:"removed,omitzero" doc:"When its content was removed by retention"`
	Workloads []crowsnest.Workload `json:"workloads"`
	Warnings  []Warning            `json:"warnings" doc:"Of unknown registries"`
	Remedy    *connected.Remedy    `json:"remedy,omitempty" doc:"What makes it be analysed; absent where its name is not known"`
}

// NewGap converts a row.
func NewGap(r store.Gap) Gap {
	return Gap{Remedy: connected.NewRemedy(r.Name, r.Remedy), ImageID: r.ImageID, Name: r.Name, Reported: r.Reported, State: r.State, Workloads: List(r.Workloads), Warnings: NewWarnings(r.Warnings),
		Reason: r.Cause.String(), Code: r.Cause.Code, Reference: r.Cause.Reference, Detail: r.Cause.Detail, Removed: r.Cause.Removed}
}

// Occurrence is one container of a workload that ran an image over an interval.
type Occurrence struct {
	crowsnest.Workload
	Environment string           `json:"environment"`
	ImageID     crowsnest.Digest `json:"imageId" doc:"As reported"`
	Image       string           `json:"image,omitempty" doc:"What the image is called, or what Sysdig calls it while nothing else is known of it"`
	Digest      crowsnest.Digest `json:"digest,omitempty" doc:"Of the image; absent while nothing is known of what was reported"`
	Opened      time.Time        `json:"opened"`
	Closed      *time.Time       `json:"closed" nullable:"true" doc:"Null while it runs"`

	InUse        *UseSummary `json:"inUse,omitempty" doc:"The vulnerabilities of the image by what run time sees of the packages in this one container; what another container loads does not count here. Absent of what runs no more, and of an image that is not analysed"`
	ProfiledAt   time.Time   `json:"profiledAt,omitzero" doc:"When a profile of what it loads was last reported; absent if none was, and of what runs no more"`
	ProfileStale bool        `json:"profileStale,omitempty" doc:"Whether that is longer ago than the environment's profileDays: what was not seen is then not observed"`
}

// NewOccurrence converts a row.
func NewOccurrence(o running.Occurrence) Occurrence {
	out := Occurrence{
		Workload: o.Workload, Environment: o.Environment, ImageID: o.ImageID, Image: o.Image, Digest: o.Digest, Opened: o.Opened,
		InUse: (*UseSummary)(o.InUse), ProfiledAt: o.ProfiledAt, ProfileStale: o.ProfileStale,
	}
	if !o.Closed.IsZero() {
		out.Closed = &o.Closed
	}
	return out
}

// Vulnerability is one vulnerability over many images.
type Vulnerability struct {
	ID           string             `json:"id"`
	Severity     crowsnest.Severity `json:"severity" enum:"critical,high,medium,low,unspecified"`
	Score        float64            `json:"score" doc:"Highest CVSS score, 0 without one"`
	Summary      string             `json:"summary"`
	Fixable      bool               `json:"fixable" doc:"A fix is known for at least one package"`
	Images       int                `json:"images"`
	Packages     int                `json:"packages" doc:"Distinct package versions"`
	InUse        *int               `json:"inUse,omitempty" doc:"In lists of one environment, and of what is in use, how many of the packages were seen loaded; missing where run time watches none of them"`
	Environments []string           `json:"environments"`
	Since        time.Time          `json:"since"`
	Threat
}

// NewVulnerability converts a row.
func NewVulnerability(r store.VulnerabilityRow) Vulnerability {
	return Vulnerability{
		ID: r.ID, Severity: r.Severity, Score: r.Score, Summary: r.Summary, Fixable: r.FixedIn, Images: r.Images, Packages: r.Packages, InUse: r.InUse,
		Environments: List(r.Environments), Since: r.Since, Threat: NewThreat(r.Threat),
	}
}

// Analysis is a request to analyse an image and what came of it.
type Analysis struct {
	ID        string           `json:"id"`
	Reference string           `json:"reference"`
	Platform  string           `json:"platform"`
	State     string           `json:"state" enum:"queued,running,done,failed"`
	Reason    string           `json:"reason,omitempty"`
	Digest    crowsnest.Digest `json:"digest,omitempty"`
	Created   time.Time        `json:"created"`
	Finished  time.Time        `json:"finished,omitzero"`
	Lane      string           `json:"lane" enum:"people,push,backfill" doc:"Who waits for it: a person or a pipeline, a push, or nobody in particular"`
	Tag       string           `json:"tag,omitempty" doc:"That it had when it was pushed"`
}

// NewAnalysis converts a row.
func NewAnalysis(r store.AnalysisRequest) Analysis {
	platform := r.Platform
	if platform == "" {
		platform = crowsnest.DefaultPlatform.String()
	}
	return Analysis{ID: r.ID, Reference: r.Reference, Platform: platform, State: string(r.State), Reason: r.Reason, Digest: r.Digest, Created: r.Created, Finished: r.Finished, Lane: store.Lanes[r.Lane], Tag: r.Tag}
}

// AnalysisRequest asks for an image to be analysed.
type AnalysisRequest struct {
	Reference string `json:"reference" minLength:"1" maxLength:"1024" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"registry/repository:tag or @digest"`
	Platform  string `json:"platform,omitempty" maxLength:"64" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"os/architecture[/variant]; an image of another platform is then no answer. Default linux/amd64 of an index, and a single image whatever it is for"`
}

// Integration is a connection of a cluster to an environment. Its token is never part of it.
type Integration struct {
	Name        string                  `json:"name"`
	Kind        string                  `json:"kind"`
	Region      string                  `json:"region"`
	URL         string                  `json:"url,omitempty"`
	Cluster     string                  `json:"cluster"`
	Environment string                  `json:"environment"`
	Interval    string                  `json:"interval" doc:"Between sweeps, such as 5m0s"`
	State       string                  `json:"state" enum:"pending,connected,degraded,failing,paused"`
	StateSince  time.Time               `json:"since,omitzero" doc:"Since when it is in this state"`
	Reason      string                  `json:"reason,omitempty" doc:"Why the newest sweep was not complete"`
	Hint        string                  `json:"hint,omitempty" doc:"What may be wrong although nothing failed"`
	Since       time.Time               `json:"failingSince,omitzero"`
	LastAttempt time.Time               `json:"lastAttempt,omitzero"`
	LastEnd     time.Time               `json:"lastEnd,omitzero" doc:"End of the newest sweep that ended, complete or not"`
	LastSweep   time.Time               `json:"lastCompleteSweep,omitzero" doc:"The age of what is shown"`
	NextSweep   time.Time               `json:"nextSweep"`
	WaitsUntil  time.Time               `json:"waitsUntil,omitzero" doc:"Until when Sysdig asked for the last time not to be asked; it may be over"`
	Requests    int                     `json:"requests" doc:"Of the newest sweep"`
	Occurrences int                     `json:"occurrences" doc:"Containers that run now"`
	CA          []authority.Certificate `json:"ca,omitempty" doc:"Authorities that are trusted for this integration beside the system's"`
	APIAccess   bool                    `json:"apiAccess" doc:"Whether it has a second token, for the names of images"`
	Hook        bool                    `json:"hook" doc:"Whether its webhook has a secret"`
	Analyse     bool                    `json:"analyse" doc:"Whether what runs there and is not analysed is analysed by itself, where a connected registry has it"`
	Coverage    crowsnest.Coverage      `json:"coverage"`
}

// NewIntegration converts an integration. It is degraded while the newest sweep
// failed but a complete one stands, failing when there never was one, and pending before
// the first ended. One that is paused is that, however its last sweep went.
func NewIntegration(in store.Integration) Integration {
	s := in.Status
	state, since := "connected", s.Connected
	switch {
	case !s.Paused.IsZero():
		state, since = "paused", s.Paused
	case !s.FailingSince.IsZero() && s.LastComplete.IsZero():
		state, since = "failing", s.FailingSince
	case !s.FailingSince.IsZero():
		state, since = "degraded", s.FailingSince
	case s.LastComplete.IsZero():
		state, since = "pending", in.Created
		if !in.Changed.IsZero() {
			since = in.Changed
		}
	}
	hint := ""
	switch {
	case state == "connected" && s.Occurrences == 0:
		hint = NoContainers
	case len(in.APISecret) > 0 && in.Unnamed != "": // of the first token alone many do not open it
		hint = "the API token did not tell how images are called: " + in.Unnamed
	}
	return Integration{
		Hint: hint, Name: in.Name, Kind: in.Kind, Region: in.Region, URL: in.URL, Cluster: in.Cluster, Environment: in.Environment, Interval: in.Interval.String(),
		State: state, StateSince: since, Reason: s.Reason, Since: s.FailingSince, LastAttempt: s.LastAttempt, LastEnd: s.LastEnd, LastSweep: s.LastComplete, NextSweep: s.Next, WaitsUntil: s.Waits,
		Requests: s.Requests, Occurrences: s.Occurrences, Hook: in.Hook, Analyse: in.Analyse, CA: authority.Certificates(in.CA), APIAccess: len(in.APISecret) > 0, Coverage: s.Coverage,
	}
}

// Ended reports whether the newest sweep is over.
func (in Integration) Ended() bool { return !in.LastEnd.IsZero() && !in.LastEnd.Before(in.LastAttempt) }

// IntegrationRequest configures an integration.
type IntegrationRequest struct {
	Name        string `json:"name" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" patternDescription:"letters, digits, dots, dashes and underscores, a letter or digit first" doc:"Display name, unique in the organisation"`
	Kind        string `json:"kind" enum:"sysdig"`
	Region      string `json:"region" minLength:"1" maxLength:"64"`
	URL         string `json:"url,omitempty" maxLength:"2048" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only with region custom"`
	Token       string `json:"token" minLength:"1" maxLength:"4096" doc:"Risk Spotlight token; stored encrypted, never returned"`
	APIToken    string `json:"apiToken,omitempty" maxLength:"4096" doc:"Token of an API user, for the names of images where the Risk Spotlight token does not open them; stored encrypted, never returned"`
	CA          string `json:"ca,omitempty" maxLength:"65536" doc:"Certificates of authorities in PEM form, trusted for this integration beside the system's; only with region custom"`
	Cluster     string `json:"cluster" minLength:"1" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters"`
	Environment string `json:"environment" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9]([A-Za-z0-9._ -]*[A-Za-z0-9._-])?$" patternDescription:"letters, digits, dots, dashes, underscores and blanks, a letter or digit first and no blank last"`
	Interval    string `json:"interval,omitempty" maxLength:"32" doc:"Between sweeps; default as the server is configured"`
	Analyse     bool   `json:"analyse,omitempty" doc:"Analyse what runs there and is not analysed by itself, where a connected registry has it"`
	AllowEmpty  bool   `json:"allowEmpty,omitempty" doc:"Connect it although Sysdig tells of no container there; without, that is refused"`
}

// ClustersRequest asks Sysdig for the names of its clusters.
type ClustersRequest struct {
	Region string `json:"region" minLength:"1" maxLength:"64"`
	URL    string `json:"url,omitempty" maxLength:"2048"`
	CA     string `json:"ca,omitempty" maxLength:"65536" doc:"Certificates of authorities in PEM form, trusted for this integration beside the system's; only with region custom"`
	Token  string `json:"token" minLength:"1" maxLength:"4096"`

	APIToken string `json:"apiToken,omitempty" maxLength:"4096" doc:"Token of an API user, for the names of images where the Risk Spotlight token does not open them; both are tried at the same time"`
}

// EvaluationRequest asks for the findings of packages that the server does not
// keep: those of an image that was analysed elsewhere.
type EvaluationRequest struct {
	Image    Target                     `json:"image"`
	Packages []crowsnest.PackageVersion `json:"packages" maxItems:"200000"`

	Environment string `json:"environment,omitempty" maxLength:"128" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Take in-use data from this environment only"`
	Explain     bool   `json:"explain,omitempty" doc:"Say of each finding why it was found"`
}

// CoverageReport counts the running images of the whole organisation.
type CoverageReport struct {
	crowsnest.Coverage
	Environments []EnvironmentSummary `json:"environments" doc:"Also those of which no image is analysed yet"`
}

// Version says what answers.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
}

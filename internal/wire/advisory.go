package wire

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// The kinds of feeds.
const (
	FeedOSV  = "osv"
	FeedKEV  = store.KEVFeed
	FeedEPSS = store.EPSSFeed
	// FeedBundle is everything, from another server; what it brings is of the others.
	FeedBundle = store.BundleFeed
)

// AdvisoryStatus describes what is held of a feed and how its updates go.
type AdvisoryStatus struct {
	Feed      string    `json:"feed" enum:"osv,kev,epss" doc:"Advisories of an ecosystem, CISA's catalogue of exploited vulnerabilities, or FIRST's estimates"`
	Ecosystem string    `json:"ecosystem" doc:"Of feed osv; empty otherwise"`
	Records   int       `json:"records"`
	Imported  time.Time `json:"imported,omitzero" doc:"When something new was last taken; absent if nothing is held"`
	Checked   time.Time `json:"checked,omitzero" doc:"When it was last taken or found unchanged"`
	Newest    time.Time `json:"newest,omitzero" doc:"Newest modification time within; of kev and epss, when it was published"`
	Stale     bool      `json:"stale" doc:"Not checked for 48 hours"`

	NextUpdate   time.Time `json:"nextUpdate,omitzero" doc:"When the server fetches it next; absent where it does not by itself"`
	FailingSince time.Time `json:"failingSince,omitzero" doc:"Since when updates fail"`
	Failures     int       `json:"failures,omitempty" doc:"Updates that failed since then"`
	Reason       string    `json:"reason,omitempty" doc:"Why the last update failed; what was held before stands"`
}

// NewAdvisoryStatus converts a row.
func NewAdvisoryStatus(s store.AdvisoryStatus) AdvisoryStatus {
	return AdvisoryStatus{Feed: FeedOSV, Ecosystem: s.Ecosystem, Records: s.Records, Imported: s.Imported, Checked: s.Checked, Newest: s.Newest, Stale: stale(s.Checked, time.Now())}
}

// NewAdvisoryStatuses puts together what is held and how it is kept up to date: ecosystems by name, then the others.
func NewAdvisoryStatuses(held []store.AdvisoryStatus, feeds []store.Feed) []AdvisoryStatus {
	out := Each(held, NewAdvisoryStatus)
	for _, f := range feeds {
		if f.Name == FeedBundle && !f.Next.IsZero() { // brings all of them
			defer func() {
				for i := range out {
					out[i].NextUpdate, out[i].FailingSince, out[i].Failures, out[i].Reason = f.Next, f.FailingSince, f.Failures, f.Reason
				}
			}()
		}
		ecosystem, of := store.FeedEcosystem(f.Name)
		i := slices.IndexFunc(out, func(s AdvisoryStatus) bool { return of && s.Feed == FeedOSV && s.Ecosystem == ecosystem })
		switch {
		case i >= 0:
		case of:
			if f.Next.IsZero() {
				continue // no longer asked for, and never held
			}
			out = append(out, AdvisoryStatus{Feed: FeedOSV, Ecosystem: ecosystem})
		case f.Name == FeedKEV || f.Name == FeedEPSS:
			if f.Next.IsZero() && f.Imported.IsZero() {
				continue
			}
			out = append(out, AdvisoryStatus{
				Feed: f.Name, Records: f.Records, Imported: f.Imported, Checked: f.Checked, Newest: f.AsOf, Stale: !f.Imported.IsZero() && stale(f.Checked, time.Now()),
			})
		default:
			continue
		}
		if i < 0 {
			i = len(out) - 1
		}
		if out[i].NextUpdate = f.Next; !f.Next.IsZero() {
			out[i].FailingSince, out[i].Failures, out[i].Reason = f.FailingSince, f.Failures, f.Reason
		}
	}
	slices.SortStableFunc(out, func(a, b AdvisoryStatus) int {
		return cmp.Or(order(a.Feed)-order(b.Feed), strings.Compare(a.Ecosystem, b.Ecosystem))
	})
	return out
}

func order(feed string) int { return slices.Index([]string{FeedOSV, FeedKEV, FeedEPSS}, feed) }

// Name is how people call what the status is of.
func (s AdvisoryStatus) Name() string {
	if s.Feed == FeedKEV || s.Feed == FeedEPSS {
		return strings.ToUpper(s.Feed)
	}
	return s.Ecosystem
}

// FeedName names a feed that is kept up to date.
type FeedName struct {
	Feed      string `json:"feed" enum:"osv,kev,epss"`
	Ecosystem string `json:"ecosystem,omitempty" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Of OSV, which needs one"`
}

// AdvisoryUpdate is what one update changed, or why it failed.
type AdvisoryUpdate struct {
	ID        string    `json:"id"`
	Feed      string    `json:"feed" enum:"osv,kev,epss,bundle" doc:"bundle is everything from another server; of it there is only that it failed, as what it brings is listed of the others"`
	Ecosystem string    `json:"ecosystem"`
	At        time.Time `json:"at" doc:"When it last changed something, or failed"`
	Added     Named     `json:"added"`
	Changed   Named     `json:"changed"`
	Withdrawn Named     `json:"withdrawn" doc:"Taken back by its source"`
	Opened    int       `json:"opened" doc:"Vulnerabilities of package versions, over the whole installation, that were found for what it changed, as far as they are matched"`
	Closed    int       `json:"closed" doc:"The same of those that are found no longer"`
	Reason    string    `json:"reason,omitempty" doc:"Why it failed; what was held before stands"`
	Tries     int       `json:"tries,omitempty" doc:"How often in a row it failed for that"`
}

// Named counts records and names the first of them.
type Named struct {
	Count int      `json:"count"`
	IDs   []string `json:"ids" doc:"The first thousand"`
}

// NewAdvisoryUpdate converts a row.
func NewAdvisoryUpdate(u store.AdvisoryUpdate) AdvisoryUpdate {
	out := AdvisoryUpdate{
		ID: u.ID, Feed: u.Feed, At: u.At, Added: Named{u.Added, List(u.AddedIDs)}, Changed: Named{u.Changed, List(u.ChangedIDs)}, Withdrawn: Named{u.Withdrawn, List(u.WithdrawnIDs)},
		Opened: u.Opened, Closed: u.Closed, Reason: u.Reason, Tries: u.Tries,
	}
	if ecosystem, ok := store.FeedEcosystem(u.Feed); ok {
		out.Feed, out.Ecosystem = FeedOSV, ecosystem
	}
	return out
}

// Advisory is one record with everything that is held of it.
type Advisory struct {
	ID        string                     `json:"id"`
	Aliases   []string                   `json:"aliases"`
	Upstream  []string                   `json:"upstream" doc:"Vulnerabilities that it carries over to its packages"`
	Related   []string                   `json:"related"`
	Summary   string                     `json:"summary"`
	Severity  []crowsnest.SeverityVector `json:"severity" doc:"CVSS vectors as published"`
	Word      string                     `json:"word,omitempty" doc:"The source's own word for the severity"`
	Published time.Time                  `json:"published,omitzero"`
	Modified  time.Time                  `json:"modified"`
	Withdrawn *time.Time                 `json:"withdrawn" nullable:"true" doc:"Null unless withdrawn; then it matches nothing"`
	FirstHeld time.Time                  `json:"firstHeld" doc:"When it was first taken here"`
	Imported  time.Time                  `json:"imported" doc:"When its present state was taken"`
	Affected  []AffectedRange            `json:"affected"`
}

// NewAdvisory converts a record.
func NewAdvisory(a store.HeldAdvisory) Advisory {
	out := Advisory{
		ID: a.ID, Aliases: List(a.Aliases), Upstream: List(a.Upstream), Related: List(a.Related), Summary: a.Summary, Severity: List(a.Severity), Word: a.Word,
		Published: a.Published, Modified: a.Modified, FirstHeld: a.FirstHeld, Imported: a.Imported, Affected: Each(a.Affected, newAffectedRange),
	}
	if !a.Withdrawn.IsZero() {
		out.Withdrawn = &a.Withdrawn
	}
	return out
}

// NamedAdvisories are the records that bear one name, with what is known of attacks on it.
type NamedAdvisories struct {
	Name string `json:"name"`
	Threat
	Advisories []Advisory `json:"advisories" doc:"By ID; those whose ID it is, and those that have it among their aliases or carry it over. Twenty at most"`
	Others     []string   `json:"others" doc:"IDs of more"`
}

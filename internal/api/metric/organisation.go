package metric

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// gauges makes a registry of numbers that are set once.
type gauges struct{ *prometheus.Registry }

// gauge returns a number of a name with labels.
func (g gauges) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "crowsnest_" + name, Help: help}, labels)
	g.MustRegister(v)
	return v
}

// seconds is a time as Prometheus tells it, 0 for none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}

// integrationStates are those that wire.NewIntegration finds.
var integrationStates = []string{"pending", "connected", "degraded", "failing", "paused"}

// read reads the numbers of an organisation.
func (m *Meter) read(ctx context.Context, org store.OrgID) ([]byte, error) {
	g := gauges{prometheus.NewRegistry()}
	g.gauge("build_info", "The program that answers; always 1.", "version", "go").WithLabelValues(m.Version.Version, m.Version.Go).Set(1)
	for _, part := range []func(context.Context, store.OrgID, gauges) error{m.images, m.environments, m.integrations, m.advisories, m.analyses} {
		if err := part(ctx, org, g); err != nil {
			return nil, err
		}
	}
	return written(g)
}

func (m *Meter) images(ctx context.Context, org store.OrgID, g gauges) error {
	// What is new since a time is not told, so that its time is the one that costs the least.
	o, err := m.Store.Overview(ctx, org, "", time.Now())
	if err != nil {
		return err
	}
	g.gauge("images", "Images that are known.").WithLabelValues().Set(float64(o.Images))
	byUse := g.gauge("vulnerabilities_by_use", "Vulnerabilities of all images, each package version and vulnerability once, by what run time saw of the package.", "use", "severity")
	for use, counts := range map[string]crowsnest.Summary{"in-use": o.InUse.Loaded, "not-seen": o.InUse.NotSeen, "not-observed": o.InUse.NotObserved} {
		bySeverity(counts, func(severity string, n float64) { byUse.WithLabelValues(use, severity).Set(n) })
	}
	setCoverage(g.gauge("running_images", "Distinct running images by what is known of them.", "state"), o.Coverage)
	return nil
}

func bySeverity(s crowsnest.Summary, set func(severity string, n float64)) {
	for severity, n := range map[crowsnest.Severity]int{crowsnest.Critical: s.Critical, crowsnest.High: s.High, crowsnest.Medium: s.Medium, crowsnest.Low: s.Low, crowsnest.Unspecified: s.Unspecified} {
		set(severity.String(), float64(n))
	}
}

func setCoverage(v *prometheus.GaugeVec, c crowsnest.Coverage, labels ...string) {
	for state, n := range map[string]int{"analysed": c.Analysed, "not-analysed": c.NotAnalysed, "failed": c.Failed, "unresolved": c.Unresolved} {
		v.WithLabelValues(append(labels, state)...).Set(float64(n))
	}
}

func (m *Meter) environments(ctx context.Context, org store.OrgID, g gauges) error {
	rows, err := m.Store.Environments(ctx, org, true)
	running := g.gauge("environment_running_images", "Distinct running images of an environment by what is known of them.", "environment", "state")
	all := g.gauge("environment_vulnerabilities", "Vulnerabilities of an environment that count, summed over its images.", "environment", "severity")
	used := g.gauge("environment_vulnerabilities_in_use", "The part of crowsnest_environment_vulnerabilities in packages seen loaded.", "environment", "severity")
	left := g.gauge("environment_vulnerabilities_not_affected", "What crowsnest_environment_vulnerabilities leaves out, since it was not seen loaded.", "environment", "severity")
	asOf := g.gauge("environment_as_of_timestamp_seconds", "The oldest last complete sweep of what feeds an environment; 0 without one.", "environment")
	for _, e := range rows {
		setCoverage(running, e.Coverage, e.Name)
		for vec, counts := range map[*prometheus.GaugeVec]crowsnest.Summary{all: e.Summary, used: e.InUse, left: e.NotAffected} {
			bySeverity(counts, func(severity string, n float64) { vec.WithLabelValues(e.Name, severity).Set(n) })
		}
		asOf.WithLabelValues(e.Name).Set(seconds(e.AsOf))
	}
	return err
}

func (m *Meter) integrations(ctx context.Context, org store.OrgID, g gauges) error {
	rows, err := m.Store.Integrations(ctx, org)
	state := g.gauge("integration_state", "1 for the state that an integration is in.", "integration", "environment", "state")
	complete := g.gauge("integration_last_complete_sweep_timestamp_seconds", "The end of the newest complete sweep; 0 before the first.", "integration")
	failing := g.gauge("integration_failing_since_timestamp_seconds", "Since when sweeps are not complete; 0 while the newest was.", "integration")
	next := g.gauge("integration_next_sweep_timestamp_seconds", "When the next sweep is planned.", "integration")
	requests := g.gauge("integration_sweep_requests", "Requests of the newest sweep.", "integration")
	occurrences := g.gauge("integration_running_containers", "What an integration sees running.", "integration")
	for _, row := range rows {
		in := wire.NewIntegration(row)
		for _, name := range integrationStates {
			is := 0.0
			if in.State == name {
				is = 1
			}
			state.WithLabelValues(in.Name, in.Environment, name).Set(is)
		}
		complete.WithLabelValues(in.Name).Set(seconds(in.LastSweep))
		failing.WithLabelValues(in.Name).Set(seconds(in.Since))
		next.WithLabelValues(in.Name).Set(seconds(in.NextSweep))
		requests.WithLabelValues(in.Name).Set(float64(in.Requests))
		occurrences.WithLabelValues(in.Name).Set(float64(in.Occurrences))
	}
	return err
}

func (m *Meter) advisories(ctx context.Context, _ store.OrgID, g gauges) error {
	held, err := m.Store.AdvisoryStatuses(ctx)
	if err != nil {
		return err
	}
	records := g.gauge("advisories", "Advisories held.", "ecosystem")
	checked := g.gauge("advisories_checked_timestamp_seconds", "When advisories were last known to be current.", "ecosystem")
	for _, a := range held {
		records.WithLabelValues(a.Ecosystem).Set(float64(a.Records))
		checked.WithLabelValues(a.Ecosystem).Set(seconds(a.Checked))
	}
	feeds, err := m.Store.Feeds(ctx)
	failures := g.gauge("feed_failures", "Updates of a feed of advisories that failed since the last good one.", "feed")
	fetched := g.gauge("feed_checked_timestamp_seconds", "When a feed was last taken or found unchanged; 0 if never.", "feed")
	for _, f := range feeds {
		failures.WithLabelValues(f.Name).Set(float64(f.Failures))
		fetched.WithLabelValues(f.Name).Set(seconds(f.Checked))
	}
	return err
}

func (m *Meter) analyses(ctx context.Context, org store.OrgID, g gauges) error {
	counts, err := m.Store.LaneCounts(ctx, org)
	v := g.gauge("analyses", "Analyses that wait, run, or will wait once a registry has said what its tags name, by who waits for them.", "lane", "state")
	for _, c := range counts {
		name := store.Lanes[c.Lane]
		v.WithLabelValues(name, "waiting").Set(float64(c.Queued))
		v.WithLabelValues(name, "running").Set(float64(c.Running))
		v.WithLabelValues(name, "coming").Set(float64(c.Coming))
	}
	return err
}

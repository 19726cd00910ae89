// Package environment keeps track of what runs where. A sweep asks a source for
// everything that runs in a cluster and turns the answer into occurrences;
// which images belong to an environment follows from them.
package environment

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Report is what a source says of its own work.
type Report struct {
	Requests int

	// Unusable counts reported containers that could not be used, with a few of
	// the reasons. They run all the same: what ran in their Places, of which what is empty is not
	// known, may not be closed, and nothing at all where Unplaced ones are not among these.
	Unusable int
	Unplaced int
	Places   []crowsnest.Observation
	Reasons  []string

	// Wait is how long the source asked to be left alone; zero if it did not.
	Wait time.Duration
}

// Observer hands everything that runs in a cluster to page, part by part. It
// returns nil only if nothing was left out: absence is believed from it.
type Observer func(ctx context.Context, cluster string, page func([]crowsnest.Observation) error) (Report, error)

// Sweeper runs sweeps.
type Sweeper struct {
	Store interface {
		store.Integrations
		store.Sweeps
		store.ReportedNames
	}
	// Connect makes the observer of an integration, with its secret opened.
	Connect func(ctx context.Context, in store.Integration) (Observer, error)
	// Names asks the source what it calls the images it sees, and counts the requests; nil if nothing can.
	Names func(ctx context.Context, in store.Integration) (names map[crowsnest.Digest]string, requests int, err error)
	Log   *slog.Logger
	Clock func() time.Time // nil is the system's
}

// maxRuns bounds what one sweep holds in memory; it is ten times the containers
// of a large cluster.
const maxRuns = 1_000_000

// Sweep runs one sweep of an integration. A sweep that breaks off closes nothing:
// it is recorded with its reason and the last complete one stands. The returned
// error is that reason.
func (s *Sweeper) Sweep(ctx context.Context, integrationID string) (store.SweepResult, error) {
	in, err := s.Store.IntegrationByID(ctx, integrationID)
	if err != nil {
		return store.SweepResult{}, err
	}
	if !in.Status.Paused.IsZero() {
		return store.SweepResult{}, nil // since it was enqueued
	}
	if err := s.Store.StartSweep(ctx, in.ID); err != nil {
		return store.SweepResult{}, err
	}
	clock := s.Clock
	if clock == nil {
		clock = time.Now
	}
	seen := newSnapper(clock(), in.Changed, func(sets map[string][]crowsnest.LoadedPackage) error { return s.Store.KeepProfiles(ctx, in.ID, sets) })
	snap := &seen.snap
	var wait time.Duration
	observe, err := s.Connect(ctx, in)
	if err == nil {
		var report Report
		report, err = observe(ctx, in.Cluster, seen.add)
		snap.Requests, wait = report.Requests, report.Wait
		// The source words the reasons, so they are cut like any other.
		switch reasons := strings.Join(report.Reasons, "; "); {
		case report.Unplaced > 0:
			snap.Partial = crowsnest.Reason(fmt.Errorf("%d of the reported containers could not be used, so nothing is taken as gone: %s", report.Unusable, reasons))
		case report.Unusable > 0:
			snap.Spared = report.Places
			snap.Remark = crowsnest.Reason(fmt.Errorf("%d of the reported containers could not be used, so what ran in their place is not taken as gone: %s", report.Unusable, reasons))
		case len(snap.Runs) == 0:
			snap.Doubt = fmt.Sprintf("the cluster answered empty: sharing may be switched off, or it was renamed; what ran stands until it has answered so for %d minutes", store.DoubtFor/time.Minute)
		}
	}
	var result store.SweepResult
	if err == nil {
		result, err = s.Store.CompleteSweep(ctx, in.ID, *snap)
	}
	if err != nil && crowsnest.KindOf(err) == crowsnest.Conflict {
		return store.SweepResult{}, err // what this one saw is no news
	}
	if err != nil {
		// Until when to wait is known by the time the sweep has ended, and both are noted even when the caller has given up waiting.
		if wait > 0 {
			if perr := s.Store.PostponeSweeps(context.WithoutCancel(ctx), in.ID, wait); perr != nil {
				s.Log.Error("postpone sweeps", "integration", in.Name, "error", perr)
			}
		}
		if ferr := s.Store.FailSweep(context.WithoutCancel(ctx), in.ID, crowsnest.Reason(err), snap.Requests); ferr != nil {
			s.Log.Error("record failed sweep", "integration", in.Name, "error", ferr)
		}
		return store.SweepResult{}, err
	}
	s.Log.Info("sweep applied", "integration", in.Name, "cluster", in.Cluster, "complete", snap.Partial == "" && snap.Remark == "" && !result.Doubted, "running", len(snap.Runs),
		"opened", result.Opened, "continued", result.Continued, "closed", result.Closed, "requests", snap.Requests)
	if s.Names != nil && clock().Sub(in.Named) >= NamesInterval {
		s.name(ctx, in)
	}
	return result, nil
}

// NamesInterval is the least time between two questions for names. They change with what is deployed, and are
// only a hint for people.
const NamesInterval = time.Hour

// namesTimeout keeps the question from holding up the sweeps of others.
const namesTimeout = 2 * time.Minute

// name asks for the names of images, if the source tells them to this token. The sweep stands whatever
// comes of it.
func (s *Sweeper) name(ctx context.Context, in store.Integration) {
	asking, cancel := context.WithTimeout(ctx, namesTimeout)
	defer cancel()
	names, requests, err := s.Names(asking, in)
	refused := ""
	if err != nil {
		refused = crowsnest.Reason(err)
		s.Log.Info("names of images not read", "integration", in.Name, "reason", refused)
	}
	// Noted also when it was refused, so that it is not asked with each sweep.
	if err := s.Store.SaveReportedNames(ctx, in.ID, names, requests, refused); err != nil && ctx.Err() == nil {
		s.Log.Warn("names of images not kept", "integration", in.Name, "reason", crowsnest.Reason(err))
	}
}

// snapper makes a snapshot of pages. Thousands of containers share a few sets of loaded packages, so each set is
// held once; when there are many, they are handed on before the end.
type snapper struct {
	snap   store.Snapshot
	keep   func(sets map[string][]crowsnest.LoadedPackage) error
	kept   map[string]bool   // sets that were handed on
	loaded int               // packages of those that were not
	texts  map[string]string // what many containers have the same, held once
}

// maxLoaded is how many loaded packages are held, a few megabytes. Most clusters have fewer.
const maxLoaded = 20_000

func newSnapper(started, changed time.Time, keep func(map[string][]crowsnest.LoadedPackage) error) *snapper {
	return &snapper{
		snap: store.Snapshot{Started: started, Changed: changed, Profiles: make(map[string][]crowsnest.LoadedPackage)},
		keep: keep, kept: make(map[string]bool), texts: make(map[string]string),
	}
}

func (s *snapper) add(page []crowsnest.Observation) error {
	if len(s.snap.Runs)+len(page) > maxRuns {
		return &crowsnest.Error{Kind: crowsnest.TooLarge, Op: "sweep cluster", Hint: fmt.Sprintf("more than %d containers were reported; connect parts of it", maxRuns)}
	}
	for _, o := range page {
		if _, held := s.snap.Profiles[o.Profile]; len(o.Loaded) > 0 && !held && !s.kept[o.Profile] {
			s.snap.Profiles[o.Profile] = o.Loaded
			s.loaded += len(o.Loaded)
		}
		o.Loaded = nil
		o.Namespace, o.Kind, o.Container, o.ImageID, o.Profile = s.once(o.Namespace), s.once(o.Kind), s.once(o.Container), crowsnest.Digest(s.once(string(o.ImageID))), s.once(o.Profile)
		s.snap.Runs = append(s.snap.Runs, o)
	}
	if s.loaded <= maxLoaded {
		return nil
	}
	if err := s.keep(s.snap.Profiles); err != nil {
		return err
	}
	for name := range s.snap.Profiles {
		s.kept[name] = true
	}
	clear(s.snap.Profiles)
	s.loaded = 0
	return nil
}

// once returns the text that is held of all that are equal.
func (s *snapper) once(text string) string {
	held, ok := s.texts[text]
	if !ok {
		s.texts[text], held = text, text
	}
	return held
}

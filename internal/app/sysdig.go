package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/environment"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
)

// connect makes the observer of a Sysdig integration.
func (a *App) connect(ctx context.Context, in store.Integration) (environment.Observer, error) {
	// A sweep that waits holds on to what it read; meanwhile the integration says until when.
	client, err := a.integrationClient(ctx, in, sysdig.WithWaiting(func(ctx context.Context, d time.Duration) {
		if err := a.store.PostponeSweeps(ctx, in.ID, d); err != nil {
			a.log.Warn("wait of a sweep not kept", "integration", in.Name, "reason", crowsnest.Reason(err))
		}
	}))
	if err != nil {
		return nil, err
	}
	return Observe(client), nil
}

// names asks the source of a Sysdig integration for the names of its images.
func (a *App) names(ctx context.Context, in store.Integration) (names map[crowsnest.Digest]string, requests int, err error) {
	client, err := a.integrationClient(ctx, in)
	if err != nil {
		return nil, 0, err
	}
	return client.Names(ctx, in.Cluster)
}

// integrationClient makes the client of an integration, with its secrets opened.
func (a *App) integrationClient(ctx context.Context, in store.Integration, opts ...sysdig.Option) (*sysdig.Client, error) {
	cfg := sysdig.Config{Region: in.Region, URL: in.URL, CA: in.CA}
	var err error
	if cfg.Token, err = a.keeper.Open(ctx, in.Secret); err != nil {
		return nil, err
	}
	if len(in.APISecret) > 0 {
		if cfg.APIToken, err = a.keeper.Open(ctx, in.APISecret); err != nil {
			return nil, err
		}
	}
	return a.sysdigClient(cfg, opts...)
}

// sysdigClient makes a client of an account. Accounts share connections, but for those with
// certificates of their own: what these authorities vouch for is trusted for no other.
func (a *App) sysdigClient(cfg sysdig.Config, opts ...sysdig.Option) (*sysdig.Client, error) {
	hc := a.client
	if cfg.CA != "" {
		if _, err := sysdig.New(cfg, hc, opts...); err != nil {
			return nil, err // where there may be none, what is in it does not matter
		}
		var err error
		if hc, err = a.trusting.client(cfg.CA, a.policy); err != nil {
			return nil, err
		}
	}
	return sysdig.New(cfg, hc, opts...)
}

// trusting keeps a client for each list of authorities, so that its connections are used again.
type trusting struct {
	sync.Mutex
	clients map[string]*http.Client
}

// maxTrusting is more than an installation has accounts on premises; past it all are made anew.
const maxTrusting = 64

// client returns a client that is held to a policy and trusts certificates in PEM form as well.
func (t *trusting) client(ca string, policy egress.Policy) (*http.Client, error) {
	t.Lock()
	defer t.Unlock()
	if c := t.clients[ca]; c != nil {
		return c, nil
	}
	var err error
	if policy.Roots, err = egress.ParseCertificates(ca); err != nil {
		return nil, crowsnest.InField("ca", err)
	}
	c, err := egress.New(policy)
	if err != nil {
		return nil, err
	}
	if len(t.clients) >= maxTrusting {
		for _, old := range t.clients {
			old.CloseIdleConnections()
		}
		clear(t.clients)
	}
	if t.clients == nil {
		t.clients = map[string]*http.Client{}
	}
	t.clients[ca] = c
	return c, nil
}

// Observe makes an observer of a client. What the client rejects runs all the same, so it is reported.
func Observe(client *sysdig.Client) environment.Observer {
	return func(ctx context.Context, cluster string, page func([]crowsnest.Observation) error) (environment.Report, error) {
		stats, err := client.RuntimeImages(ctx, cluster, page)
		report := environment.Report{Requests: stats.Requests, Unusable: stats.RejectedItems, Unplaced: stats.Unkept, Places: stats.Unusable}
		for _, r := range stats.Rejections {
			// A package that cannot be used makes its container's profile say less, and leaves the container.
			if !r.Package && len(report.Reasons) < 3 {
				report.Reasons = append(report.Reasons, fmt.Sprintf("%s/%s %s: %s", r.Namespace, r.Name, r.Container, r.Reason))
			}
		}
		report.Wait, _ = sysdig.RetryAfter(err)
		return report, err
	}
}

// onlooking is how long a call waits for Sysdig while somebody looks on: over a hiccup, and no rate limit.
// testTimeout is how long a whole test takes at most, of a host that does not answer.
const (
	onlooking   = 3 * time.Second
	testTimeout = 12 * time.Second
)

// clusters lists the clusters of an account. To one that is right no list may be had all the same: then it says why. A second
// token is tried meanwhile.
func (a *App) clusters(ctx context.Context, cfg sysdig.Config) (sysdig.Listing, error) {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	client, err := a.sysdigClient(cfg, sysdig.WithPatience(onlooking))
	if err != nil {
		return sysdig.Listing{}, err
	}
	second := trySecond(ctx, client, cfg, "")
	list, err := client.Clusters(ctx)
	if sysdig.Unlisted(err) {
		// Whether it is only the list that is not to be had shows in the question that counts, of whatever cluster: one that is not
		// known is answered as one where nothing runs.
		if _, probed := client.Probe(ctx, "crowsnest"); probed == nil {
			err = nil
		}
	}
	return list, both(err, second())
}

// tryCluster asks Sysdig whether it tells what runs in a cluster. What counts is that; the list of clusters may not be to be
// had, may hide some, and a token may be good for one question and not for the other. A second token is tried meanwhile.
func (a *App) tryCluster(ctx context.Context, cfg sysdig.Config, cluster string) (trial sysdig.Trial, err error) {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	client, err := a.sysdigClient(cfg, sysdig.WithPatience(onlooking))
	if err != nil {
		return trial, err
	}
	second := trySecond(ctx, client, cfg, cluster)
	listed, err := client.Clusters(ctx)
	if err != nil && !sysdig.Unlisted(err) {
		return trial, both(err, second())
	}
	trial.By, trial.Refused = listed.By, listed.Refused
	if len(listed.Names) > 0 && !slices.Contains(listed.Names, cluster) {
		trial.Others = listed.Names
	}
	trial.Empty, err = client.Probe(ctx, cluster)
	return trial, both(err, second())
}

// trySecond begins to try the second token of an account, if it has one, and returns what waits for the end.
func trySecond(ctx context.Context, client *sysdig.Client, cfg sysdig.Config, cluster string) func() error {
	if cfg.APIToken == "" {
		return func() error { return nil }
	}
	done := make(chan error, 1)
	go func() { done <- client.ProbeNames(ctx, cluster) }()
	return func() error { return <-done }
}

// both returns what is wrong with an account by what became of its two tokens, in one go: who corrects the one is not to
// find out about the other afterwards.
func both(first, second error) error {
	var e *crowsnest.Error
	switch {
	case first == nil:
		return second
	case second == nil, crowsnest.KindOf(first) == crowsnest.KindOf(second) && !refusal(first), !errors.As(first, &e):
		return first // the host that does not answer need not be said twice
	}
	out := *e
	out.Err = fmt.Errorf("%w; and of the API token: %s", e.Err, crowsnest.Reason(second))
	return &out
}

// refusal reports whether an error is about a token.
func refusal(err error) bool {
	kind := crowsnest.KindOf(err)
	return kind == crowsnest.Unauthorized || kind == crowsnest.Forbidden
}

// Package client calls a Crowsnest server.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/fetch"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/source"
)

// Client calls one server with one token. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	token    string
	http     *http.Client
	patience patience
}

// New returns a client of the server at address, a URL or a host.
func New(address, token string) (*Client, error) {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read server address", Hint: "write it as https://crowsnest.example.com"}
	}
	if token == "" {
		return nil, &crowsnest.Error{Kind: crowsnest.Unauthorized, Op: "call server", Subject: u.Host, Hint: "run crowsnest login " + address + ", or set CROWSNEST_TOKEN"}
	}
	// The path stays escaped as it was given: a proxy may tell "a%2Fb" from "a/b".
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/")
	u.Path, u.RawQuery, u.Fragment = strings.TrimRight(u.Path, "/"), "", ""
	return &Client{base: u, token: token, patience: usual, http: &http.Client{
		Transport: transport(),
		// The token goes to the server named and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Exposed reports whether the token would travel unencrypted: over plain http to another
// machine.
func (c *Client) Exposed() bool {
	host := c.base.Hostname()
	ip := net.ParseIP(host)
	return c.base.Scheme == "http" && host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// Host returns the host that is called, with a port if one was given.
func (c *Client) Host() string { return c.base.Host }

// kinds maps the server's answers back; it is the reverse of the server's table as far as a caller can act on it.
var kinds = map[int]crowsnest.Kind{
	http.StatusUnauthorized: crowsnest.Unauthorized, http.StatusForbidden: crowsnest.Forbidden, http.StatusNotFound: crowsnest.NotFound,
	http.StatusConflict: crowsnest.Conflict, http.StatusUnprocessableEntity: crowsnest.Invalid, http.StatusBadRequest: crowsnest.Invalid,
	http.StatusRequestEntityTooLarge: crowsnest.TooLarge, http.StatusServiceUnavailable: crowsnest.Unavailable, http.StatusBadGateway: crowsnest.Unavailable,
	http.StatusTooManyRequests: crowsnest.RateLimited, http.StatusGatewayTimeout: crowsnest.Unavailable, // of a proxy in between
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 30

// request is one call. Its answer may begin after wait, the client's usual one if zero.
type request struct {
	method, path string
	query        url.Values
	contentType  string
	body         io.Reader
	wait         time.Duration
}

// call sends a request and decodes the answer into a value, unless that is nil.
func (c *Client) call(ctx context.Context, r request, into any) error {
	for segment := range strings.SplitSeq(strings.TrimPrefix(r.path, "/"), "/") {
		// On the way such a name would become another path.
		if segment == "" || segment == "." || segment == ".." {
			return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find", Subject: strconv.Quote(segment), Hint: "list what there is, and check the name", Err: errors.New("nothing is called so")}
		}
	}
	wait := cmp.Or(r.wait, c.patience.answer)
	ctx, watch := newWatch(ctx, wait)
	defer watch.close()
	body := r.body
	if _, small := body.(*bytes.Reader); body != nil && !small {
		// A long one may be sent for as long as it takes, but for a server that takes none of it.
		body = &heard{body, func(err error) {
			if err == nil {
				watch.expect(c.patience.idle, false)
			} else {
				watch.expect(wait, false)
			}
		}}
	}
	u := *c.base
	raw := u.EscapedPath() + "/api/v1" + r.path
	var err error
	if u.Path, err = url.PathUnescape(raw); err != nil {
		return err
	}
	u.RawPath = raw
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.describe(ctx, "call server", err)
	}
	defer res.Body.Close()
	watch.expect(c.patience.idle, true)
	answer := &transfer{r: io.LimitReader(&heard{res.Body, func(error) { watch.expect(c.patience.idle, true) }}, maxAnswer)}
	if res.StatusCode >= 300 {
		return c.refusal(res, answer)
	}
	if into == nil || res.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(answer).Decode(into); err != nil {
		if answer.err != nil {
			return c.describe(ctx, "read answer of", answer.err)
		}
		return &crowsnest.Error{Kind: crowsnest.Unavailable, Op: "read answer of", Subject: c.base.Host, Hint: "it is not Crowsnest's JSON; check the address", Err: err}
	}
	return nil
}

// transfer remembers why an answer could not be read, which tells a cut connection
// from an answer that is not JSON.
type transfer struct {
	r   io.Reader
	err error
}

func (t *transfer) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	return c.call(ctx, request{method: http.MethodGet, path: path, query: query}, into)
}

func (c *Client) post(ctx context.Context, path string, wait time.Duration, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.call(ctx, request{method: http.MethodPost, path: path, contentType: "application/json", body: bytes.NewReader(b), wait: wait}, into)
}

// pages follows a list to its end.
func pages[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	return pagesUpTo[T](ctx, c, path, query, 0)
}

// pagesUpTo follows a list until it has most rows; 0 is to its end.
func pagesUpTo[T any](ctx context.Context, c *Client, path string, query url.Values, most int) ([]T, error) {
	all := []T{}
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", strconv.Itoa(500))
	for {
		var page wire.Page[T]
		if err := c.get(ctx, path, query, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if most > 0 && len(all) >= most {
			return all[:most], nil
		}
		if page.Next == "" {
			return all, nil
		}
		if page.Next == query.Get("cursor") {
			return nil, &crowsnest.Error{Kind: crowsnest.Internal, Op: "read list of", Subject: c.base.Host, Hint: "the server gave the same page twice; update it"}
		}
		query.Set("cursor", page.Next)
	}
}

// Version asks what answers; it is also the test of address and token.
func (c *Client) Version(ctx context.Context) (v wire.Version, err error) {
	return v, c.get(ctx, "/version", nil, &v)
}

// RequestAnalysis has an image of a registry analysed.
func (c *Client) RequestAnalysis(ctx context.Context, reference, platform string) (a wire.Analysis, err error) {
	return a, c.post(ctx, "/analyses", 0, wire.AnalysisRequest{Reference: reference, Platform: platform}, &a)
}

// pollInterval is short at first, so that a known image answers at once, and grows to a second.
func pollInterval(attempt int) time.Duration {
	return min(time.Second, 50*time.Millisecond<<min(attempt, 6))
}

// WaitAnalysis waits until an analysis is done or failed. state is told what it is doing.
func (c *Client) WaitAnalysis(ctx context.Context, id string, state func(string)) (wire.Analysis, error) {
	for attempt := 0; ; attempt++ {
		var a wire.Analysis
		if err := c.get(ctx, "/analyses/"+url.PathEscape(id), nil, &a); err != nil {
			return a, err
		}
		switch a.State {
		case "done":
			return a, nil
		case "failed":
			return a, &answered{kind: crowsnest.Invalid, detail: a.Reason}
		}
		state(a.State)
		select {
		case <-ctx.Done():
			return a, &crowsnest.Error{Kind: crowsnest.Canceled, Op: "wait for analysis of", Subject: a.Reference, Hint: "it goes on at the server"}
		case <-time.After(pollInterval(attempt)):
		}
	}
}

// Image finds an image by one of its digests.
func (c *Client) Image(ctx context.Context, digest string) (i wire.Image, err error) {
	return i, c.get(ctx, "/images/"+url.PathEscape(digest), nil, &i)
}

// BaseImages lists what images are built on, all of them or those that run in an environment.
func (c *Client) BaseImages(ctx context.Context, environment string) ([]wire.BaseImage, error) {
	query := url.Values{}
	if environment != "" {
		query.Set("environment", environment)
	}
	return pages[wire.BaseImage](ctx, c, "/base-images", query)
}

// SBOM lists what is in an image.
func (c *Client) SBOM(ctx context.Context, digest string) (s wire.SBOM, err error) {
	return s, c.get(ctx, "/images/"+url.PathEscape(digest)+"/packages", nil, &s)
}

// FileOwners says which packages brought files of an image.
func (c *Client) FileOwners(ctx context.Context, digest string, paths []string) (list []wire.FileOwner, err error) {
	return list, c.post(ctx, "/images/"+url.PathEscape(digest)+"/file-owners", 0, wire.FileOwnersRequest{Paths: paths}, &list)
}

// FindingsOf says how the findings of an image are asked for.
type FindingsOf struct {
	Environment string // whose in-use data are taken; empty for all
	Reference   string // the name that decisions must hold for; empty for all names of the image
	Explain     bool   // with reasons
}

// CVEs lists the findings of an image.
func (c *Client) CVEs(ctx context.Context, digest, environment string) (wire.CVEs, error) {
	return c.CVEsOf(ctx, digest, FindingsOf{Environment: environment})
}

// CVEsOf lists the findings of an image as they are asked for.
func (c *Client) CVEsOf(ctx context.Context, digest string, of FindingsOf) (r wire.CVEs, err error) {
	query := given(map[string]string{"environment": of.Environment, "reference": of.Reference})
	if of.Explain {
		query.Set("explain", "true")
	}
	return r, c.get(ctx, "/images/"+url.PathEscape(digest)+"/findings", query, &r)
}

// Why says why an image has a vulnerability, or has not.
func (c *Client) Why(ctx context.Context, digest string, q why.Question) (r why.Why, err error) {
	query := url.Values{"vulnerability": {q.Vulnerability}}
	for name, value := range map[string]string{"package": q.Package, "environment": q.Environment, "reference": q.Reference} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return r, c.get(ctx, "/images/"+url.PathEscape(digest)+"/why", query, &r)
}

// WhyPackages answers the same of packages that the server does not keep.
func (c *Client) WhyPackages(ctx context.Context, request why.WhyRequest) (r why.Why, err error) {
	if request.Packages == nil {
		request.Packages = []crowsnest.Package{}
	}
	return r, c.post(ctx, "/evaluations/why", c.patience.work, request, &r)
}

// Attestations lists what was attested of an image.
func (c *Client) Attestations(ctx context.Context, digest string) (a wire.Attestations, err error) {
	return a, c.get(ctx, "/images/"+url.PathEscape(digest)+"/attestations", nil, &a)
}

// Attestation returns the statement of an attestation, as JSON.
func (c *Client) Attestation(ctx context.Context, image, digest crowsnest.Digest) (statement json.RawMessage, err error) {
	return statement, c.get(ctx, "/images/"+url.PathEscape(string(image))+"/attestations/"+url.PathEscape(string(digest)), nil, &statement)
}

// Evaluate matches packages that the server does not keep.
func (c *Client) Evaluate(ctx context.Context, request wire.EvaluationRequest) (r wire.CVEs, err error) {
	if request.Packages == nil {
		request.Packages = []crowsnest.PackageVersion{} // the API takes no null for a list
	}
	return r, c.post(ctx, "/evaluations", c.patience.work, request, &r)
}

// Images lists all images.
func (c *Client) Images(ctx context.Context) ([]wire.Image, error) {
	return pages[wire.Image](ctx, c, "/images", nil)
}

// Environments lists the environments in which an analysed image runs.
func (c *Client) Environments(ctx context.Context) (list []wire.EnvironmentSummary, err error) {
	return list, c.get(ctx, "/environments", nil, &list)
}

// Environment returns one environment with all of its images.
func (c *Client) Environment(ctx context.Context, name string) (wire.Environment, error) {
	return c.EnvironmentAt(ctx, name, time.Time{})
}

// EnvironmentAt returns an environment as it was at a time; zero is now.
func (c *Client) EnvironmentAt(ctx context.Context, name string, at time.Time) (wire.Environment, error) {
	var summary wire.EnvironmentSummary
	path, query := "/environments/"+url.PathEscape(name), url.Values{}
	if !at.IsZero() {
		query.Set("at", at.UTC().Format(time.RFC3339Nano))
	}
	if err := c.get(ctx, path, query, &summary); err != nil {
		return wire.Environment{}, err
	}
	images, err := pages[wire.RunningImage](ctx, c, path+"/images", query)
	return wire.Environment{Name: summary.Name, At: at, Known: summary.KnownSince, Sources: summary.Sources, Clusters: summary.Clusters, AsOf: summary.AsOf, Images: images, Coverage: summary.Coverage, ProfileDays: summary.ProfileDays, DiscountNotSeen: summary.DiscountNotSeen}, err
}

// EnvironmentCounts counts the vulnerabilities of an environment in one way.
func (c *Client) EnvironmentCounts(ctx context.Context, name string, counting store.Counting) (wire.Counts, error) {
	var s wire.EnvironmentSummary
	err := c.get(ctx, "/environments/"+url.PathEscape(name), url.Values{"counting": {string(counting)}}, &s)
	return wire.Counts{Counting: s.Counting, Summary: s.Summary, InUse: s.InUse, NotAffected: s.NotAffected, Suppressed: s.Suppressed}, err
}

// Coverage counts what runs by what is known of it.
func (c *Client) Coverage(ctx context.Context) (v wire.CoverageReport, err error) {
	return v, c.get(ctx, "/coverage", nil, &v)
}

// Gaps lists running images that are not analysed.
func (c *Client) Gaps(ctx context.Context, environment string) ([]wire.Gap, error) {
	return c.GapsAt(ctx, environment, time.Time{})
}

// GapsAt is Gaps of an environment at a time; zero is now.
func (c *Client) GapsAt(ctx context.Context, environment string, at time.Time) ([]wire.Gap, error) {
	query := url.Values{}
	if environment != "" {
		query.Set("environment", environment)
	}
	if !at.IsZero() {
		query.Set("at", at.UTC().Format(time.RFC3339Nano))
	}
	return pages[wire.Gap](ctx, c, "/coverage/gaps", query)
}

// Exposure sums up what an environment is and was exposed to over some days.
func (c *Client) Exposure(ctx context.Context, environment string, days int) (r wire.ExposureReport, err error) {
	return r, c.get(ctx, "/environments/"+url.PathEscape(environment)+"/exposure", url.Values{"days": {strconv.Itoa(days)}}, &r)
}

// Exposures lists what an environment is or was exposed to; state may be open, overdue, suppressed, not-seen or closed,
// or all.
func (c *Client) Exposures(ctx context.Context, environment, state string, severities []crowsnest.Severity) ([]wire.Exposure, error) {
	query := url.Values{}
	if state != "all" {
		query.Set("state", state)
	}
	if len(severities) > 0 {
		words := make([]string, len(severities))
		for i, s := range severities {
			words[i] = s.String()
		}
		query.Set("severity", strings.Join(words, ","))
	}
	return pages[wire.Exposure](ctx, c, "/environments/"+url.PathEscape(environment)+"/exposures", query)
}

// VEX returns the OpenVEX document of what was never seen loaded in an environment.
func (c *Client) VEX(ctx context.Context, environment, author string) (doc json.RawMessage, err error) {
	query := url.Values{}
	if author != "" {
		query.Set("author", author)
	}
	return doc, c.get(ctx, "/environments/"+url.PathEscape(environment)+"/vex", query, &doc)
}

// Integrations lists integrations.
func (c *Client) Integrations(ctx context.Context) (list []wire.Integration, err error) {
	return list, c.get(ctx, "/integrations", nil, &list)
}

// Integration returns one integration.
func (c *Client) Integration(ctx context.Context, name string) (in wire.Integration, err error) {
	return in, c.get(ctx, "/integrations/"+url.PathEscape(name), nil, &in)
}

// SysdigClusters tries an account of Sysdig and lists its clusters; nothing is saved.
func (c *Client) SysdigClusters(ctx context.Context, request wire.ClustersRequest) (list source.Clusters, err error) {
	return list, c.post(ctx, "/sysdig/clusters", c.patience.work, request, &list)
}

// CreateIntegration connects a cluster to an environment.
func (c *Client) CreateIntegration(ctx context.Context, request wire.IntegrationRequest) (in wire.Integration, err error) {
	return in, c.post(ctx, "/integrations", c.patience.work, request, &in)
}

// UpdateIntegration changes an integration, pauses or resumes it.
func (c *Client) UpdateIntegration(ctx context.Context, name string, change wire.IntegrationChange) (in wire.Integration, err error) {
	body, err := json.Marshal(change)
	if err != nil {
		return in, err
	}
	return in, c.call(ctx, request{method: http.MethodPatch, path: "/integrations/" + url.PathEscape(name), contentType: "application/json", body: bytes.NewReader(body)}, &in)
}

// IntegrationImpact tells what leaves which environment if an integration were changed: moved to another environment or pointed
// at another cluster. Without a change of that kind it tells of its deletion.
func (c *Client) IntegrationImpact(ctx context.Context, name string, change wire.IntegrationChange) (impact source.Impact, err error) {
	query := url.Values{}
	for key, value := range map[string]*string{"environment": change.Environment, "cluster": change.Cluster, "region": change.Region, "url": change.URL} {
		if value != nil && *value != "" {
			query.Set(key, *value)
		}
	}
	return impact, c.get(ctx, "/integrations/"+url.PathEscape(name)+"/impact", query, &impact)
}

// DeleteIntegration removes an integration.
func (c *Client) DeleteIntegration(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: "/integrations/" + url.PathEscape(name)}, nil)
}

// CreateHook makes the secret of the webhook of an integration, in place of the one before.
func (c *Client) CreateHook(ctx context.Context, name string) (hook wire.Hook, err error) {
	err = c.post(ctx, "/integrations/"+url.PathEscape(name)+"/hook", 0, struct{}{}, &hook)
	if strings.HasPrefix(hook.URL, "/") { // the server does not know its address, but this client reaches it
		hook.URL = c.base.Scheme + "://" + c.base.Host + hook.URL
	}
	return hook, err
}

// DeleteHook ends the webhook of an integration.
func (c *Client) DeleteHook(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: "/integrations/" + url.PathEscape(name) + "/hook"}, nil)
}

// SyncIntegration asks for a sweep and waits for its end.
func (c *Client) SyncIntegration(ctx context.Context, name string) (wire.Integration, error) {
	before, err := c.Integration(ctx, name)
	if err != nil {
		return before, err
	}
	if err := c.post(ctx, "/integrations/"+url.PathEscape(name)+"/sync", 0, struct{}{}, nil); err != nil {
		return before, err
	}
	if !before.Ended() {
		return c.waitSweep(ctx, name, time.Time{}) // one is under way already, and no second one joins it
	}
	return c.waitSweep(ctx, name, before.LastAttempt)
}

// WaitFirstSweep waits for the end of the sweep that a new integration starts with.
func (c *Client) WaitFirstSweep(ctx context.Context, name string) (wire.Integration, error) {
	return c.waitSweep(ctx, name, time.Time{})
}

// waitSweep waits until a sweep that began after the given one has ended.
func (c *Client) waitSweep(ctx context.Context, name string, after time.Time) (wire.Integration, error) {
	for attempt := 0; ; attempt++ {
		in, err := c.Integration(ctx, name)
		if err != nil {
			return in, err
		}
		if in.LastAttempt.After(after) && in.Ended() {
			return in, nil
		}
		select {
		case <-ctx.Done():
			return in, &crowsnest.Error{Kind: crowsnest.Canceled, Op: "wait for sweep of", Subject: name, Hint: "it goes on at the server; see crowsnest integration list"}
		case <-time.After(pollInterval(attempt)):
		}
	}
}

// AdvisoryStatuses lists what the server holds of advisories.
func (c *Client) AdvisoryStatuses(ctx context.Context) (list []wire.AdvisoryStatus, err error) {
	return list, c.get(ctx, "/advisories", nil, &list)
}

// ImportAdvisories has the server fetch advisories.
func (c *Client) ImportAdvisories(ctx context.Context, location string, ecosystems []string) (list []advisory.Result, err error) {
	request := map[string]any{"url": location}
	if len(ecosystems) > 0 { // the API takes no null for a list
		request["ecosystems"] = ecosystems
	}
	return list, c.post(ctx, "/advisories/import", c.patience.work, request, &list)
}

// UploadAdvisories sends a zip of OSV records; ecosystem is empty if the file is not the whole of one.
func (c *Client) UploadAdvisories(ctx context.Context, ecosystem string, zip io.Reader) (list []advisory.Result, err error) {
	query := url.Values{}
	if ecosystem != "" {
		query.Set("ecosystem", ecosystem)
	}
	return list, c.call(ctx, request{method: http.MethodPut, path: "/advisories", query: query, contentType: "application/zip", body: zip, wait: c.patience.work}, &list)
}

// FindingChanges lists what was found and what no longer, newest first.
func (c *Client) FindingChanges(ctx context.Context, query url.Values) ([]wire.FindingEvent, error) {
	return pages[wire.FindingEvent](ctx, c, "/findings/changes", query)
}

// AdvisoryUpdates lists what updates changed, newest first; up to most of them.
func (c *Client) AdvisoryUpdates(ctx context.Context, query url.Values, most int) ([]wire.AdvisoryUpdate, error) {
	query.Set("limit", strconv.Itoa(most))
	var page wire.Page[wire.AdvisoryUpdate]
	err := c.get(ctx, "/advisories/updates", query, &page)
	return page.Items, err
}

// Advisory returns the advisories with a name.
func (c *Client) Advisory(ctx context.Context, name string) (found wire.NamedAdvisories, err error) {
	return found, c.get(ctx, "/advisories/records/"+url.PathEscape(name), nil, &found)
}

// Bundle downloads the server's bundle of advisories to a temporary file, which the function that is returned removes.
func (c *Client) Bundle(ctx context.Context) (path string, remove func(), err error) {
	u := c.base.JoinPath("/api/v1" + advisory.BundlePath)
	f, _, remove, err := fetch.Client{HTTP: c.http}.Temporary(ctx, fetch.Request{URL: u.String(), Shown: fetch.Show(*u), Token: c.token}, bundle.MaxBytes)
	if err != nil {
		return "", nil, err
	}
	return f.Name(), remove, nil
}

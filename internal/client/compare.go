package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

// Target is what something is compared to: one of an image, an environment and the newest image.
type Target struct {
	Image       string
	Environment string
	At          time.Time // with an environment; zero is now
	Latest      bool
	IgnoreMinor bool // leave out what distributions take as minor
}

// Compare compares an image that the server knows.
func (c *Client) Compare(ctx context.Context, image string, to Target) (r wire.Comparison, err error) {
	query := url.Values{"image": {image}}
	switch {
	case to.Environment != "":
		query.Set("toEnvironment", to.Environment)
		at(query, to.At)
	case to.Latest:
		query.Set("toLatest", "true")
	default:
		query.Set("to", to.Image)
	}
	to.minor(query)
	return r, c.get(ctx, "/compare", query, &r)
}

// CompareEnvironments tells what would change if what runs in one environment took the place of what
// runs in another or, unless its time is zero, ran there then: of all repositories.
func (c *Client) CompareEnvironments(ctx context.Context, environment string, to Target) (wire.EnvironmentComparison, error) {
	query := url.Values{"environment": {environment}, "toEnvironment": {to.Environment}, "limit": {strconv.Itoa(1000)}}
	at(query, to.At)
	to.minor(query)
	var all wire.EnvironmentComparison
	for items := []wire.RepositoryComparison{}; ; {
		var page wire.EnvironmentComparison
		if err := c.get(ctx, "/compare/environments", query, &page); err != nil {
			return all, err
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			page.Items = items
			return page, nil
		}
		if page.Next == query.Get("cursor") {
			return all, &crowsnest.Error{Kind: crowsnest.Internal, Op: "read list of", Subject: c.base.Host, Hint: "the server gave the same page twice; update it"}
		}
		query.Set("cursor", page.Next)
	}
}

// CompareStandings tells what policies would say of that.
func (c *Client) CompareStandings(ctx context.Context, environment string, to Target) (r compliance.ComparedStandings, err error) {
	query := url.Values{"environment": {environment}, "toEnvironment": {to.Environment}}
	at(query, to.At)
	return r, c.get(ctx, "/compare/environments/policies", query, &r)
}

func (t Target) minor(query url.Values) {
	if t.IgnoreMinor {
		query.Set("ignoreMinor", "true")
	}
}

func at(query url.Values, then time.Time) {
	if !then.IsZero() {
		query.Set("at", then.UTC().Format(time.RFC3339Nano))
	}
}

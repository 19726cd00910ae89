package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
)

func policyPath(name string) string { return "/policies/" + url.PathEscape(name) }

// given makes a query of what is not empty.
func given(values map[string]string) url.Values {
	query := url.Values{}
	for name, value := range values {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// moment writes a time for a query; the zero time is empty.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// PolicyTypes lists the sorts of policies.
func (c *Client) PolicyTypes(ctx context.Context) (list []compliance.PolicyType, err error) {
	return list, c.get(ctx, "/policy-types", nil, &list)
}

// Policies lists policies with their rates: of an environment unless it is empty, and at a time unless that is zero.
func (c *Client) Policies(ctx context.Context, environment string, since time.Time) (list compliance.PolicyList, err error) {
	return list, c.get(ctx, "/policies", given(map[string]string{"environment": environment, "since": moment(since)}), &list)
}

// Policy returns one of them.
func (c *Client) Policy(ctx context.Context, name string) (p compliance.Policy, err error) {
	return p, c.get(ctx, policyPath(name), nil, &p)
}

// CreatePolicy makes a policy.
func (c *Client) CreatePolicy(ctx context.Context, request compliance.PolicyRequest) (p compliance.Policy, err error) {
	return p, c.send(ctx, http.MethodPost, "/policies", request, &p)
}

// ChangePolicy changes a policy.
func (c *Client) ChangePolicy(ctx context.Context, name string, change compliance.PolicyChange) (p compliance.Policy, err error) {
	return p, c.send(ctx, http.MethodPatch, policyPath(name), change, &p)
}

// DeletePolicy removes a policy with its history.
func (c *Client) DeletePolicy(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: policyPath(name)}, nil)
}

// PolicyImages lists the images that a policy says something of: in an environment and with a status, with commas between, unless
// these are empty.
func (c *Client) PolicyImages(ctx context.Context, name, environment, statuses string) ([]compliance.PolicyImage, error) {
	return pages[compliance.PolicyImage](ctx, c, policyPath(name)+"/images", given(map[string]string{"environment": environment, "status": statuses}))
}

// PolicyChanges lists what policies came to say otherwise since a time.
func (c *Client) PolicyChanges(ctx context.Context, environment string, since time.Time) ([]compliance.PolicyChanged, error) {
	return pages[compliance.PolicyChanged](ctx, c, "/policy-changes", given(map[string]string{"environment": environment, "since": moment(since)}))
}

// TryPolicies asks policies about an image that nothing keeps.
func (c *Client) TryPolicies(ctx context.Context, digest string, request compliance.TrialRequest) (t compliance.Trial, err error) {
	return t, c.send(ctx, http.MethodPost, "/images/"+url.PathEscape(digest)+"/policy-trials", request, &t)
}

// ImagePolicies returns what policies say of an image, in an environment unless it is empty.
func (c *Client) ImagePolicies(ctx context.Context, digest, environment string) (p compliance.ImagePolicies, err error) {
	return p, c.get(ctx, "/images/"+url.PathEscape(digest)+"/policies", given(map[string]string{"environment": environment}), &p)
}

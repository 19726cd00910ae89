package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
)

// list finds repositories, a page at a time.
func (c *Client) list(ctx context.Context, each func([]string) error) error {
	if len(c.cfg.Repositories) > 0 {
		return each(c.cfg.Repositories)
	}
	fitting := func(names []string) error {
		return each(slices.DeleteFunc(names, func(n string) bool { return !IsRepository(n) }))
	}
	var err error
	switch c.kind.Name {
	case "docker-hub":
		err = c.listHub(ctx, fitting)
	case "ghcr":
		err = c.listGitHub(ctx, fitting)
	case "gitlab":
		err = c.listGitLab(ctx, fitting)
	case "harbor":
		err = c.numbered(ctx, c.address()+"/api/v2.0/repositories?page_size=100&page=", func(r *http.Request) { c.basic(r) }, names("name"), fitting)
	case "quay":
		err = c.listQuay(ctx, fitting)
	default:
		err = c.catalogue(ctx, fitting)
	}
	if errors.Is(err, errMissing) {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "list repositories of", Subject: c.cfg.Host, Field: "repositories", Hint: "give the repositories", Err: errors.New("it has no such list")}
	}
	if err == nil || errors.Is(err, errEnough) {
		return err
	}
	return describe(err, "list repositories of", c.cfg.Host)
}

func (c *Client) catalogue(ctx context.Context, each func([]string) error) error {
	return c.pages(ctx, "registry:catalog:*", "/v2/_catalog?n=1000", func(body []byte) error {
		var page struct {
			Repositories []string `json:"repositories"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return c.strange("repositories")
		}
		return each(page.Repositories)
	})
}

// address is where the registry's own API is.
func (c *Client) address() string {
	switch {
	case c.cfg.API != "":
		return c.cfg.API
	case c.kind.API != "":
		return c.kind.API
	}
	return c.registry.Scheme() + "://" + c.cfg.Host
}

func (c *Client) basic(r *http.Request) {
	if c.cfg.Secret != "" {
		r.SetBasicAuth(c.cfg.Username, c.cfg.Secret)
	}
}

func (c *Client) bearer(r *http.Request) {
	if c.cfg.Secret != "" {
		r.Header.Set("Authorization", "Bearer "+c.cfg.Secret)
	}
}

// ask calls the registry's own API.
func (c *Client) ask(req *http.Request, sign func(*http.Request)) ([]byte, error) {
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "crowsnest")
	if sign != nil {
		sign(req)
	}
	res, err := c.api.Do(req)
	if err != nil {
		return nil, c.fail(err)
	}
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusForbidden && res.Header.Get("Retry-After") != "" {
		c.patience.mu.Lock()
		c.patience.asked = max(c.patience.asked, retryAfter(res.Header.Get("Retry-After"), time.Now()))
		c.patience.mu.Unlock()
	}
	body, err := readAnswer(res)
	if err != nil {
		return nil, c.fail(err)
	}
	return body, nil
}

// names reads the repositories out of a page that is a list of objects.
func names(field string) func(body []byte) ([]string, error) {
	return func(body []byte) ([]string, error) {
		var page []map[string]any
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, err
		}
		out := make([]string, 0, len(page))
		for _, row := range page {
			text, _ := row[field].(string)
			out = append(out, strings.ToLower(text))
		}
		return out, nil
	}
}

// numbered reads pages by number, until one is empty.
func (c *Client) numbered(ctx context.Context, address string, sign func(*http.Request), read func([]byte) ([]string, error), each func([]string) error) error {
	for page := 1; page <= MaxRepositories/100; page++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+strconv.Itoa(page), nil)
		if err != nil {
			return err
		}
		body, err := c.ask(req, sign)
		if err != nil {
			return err
		}
		list, err := read(body)
		if err != nil {
			return c.strange("repositories")
		}
		if len(list) == 0 {
			return nil
		}
		if err := each(list); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) listHub(ctx context.Context, each func([]string) error) error {
	var token struct {
		Token string `json:"access_token"`
	}
	if c.cfg.Secret != "" {
		req, err := post(ctx, c.address()+"/v2/auth/token", map[string]string{"identifier": c.cfg.Username, "secret": c.cfg.Secret})
		if err != nil {
			return err
		}
		body, err := c.ask(req, nil)
		if err != nil {
			return err
		}
		if json.Unmarshal(body, &token) != nil || token.Token == "" {
			return c.strange("repositories")
		}
	}
	sign := func(r *http.Request) {
		if token.Token != "" {
			r.Header.Set("Authorization", "Bearer "+token.Token)
		}
	}
	for page := 1; page <= MaxRepositories/100; page++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address()+"/v2/namespaces/"+url.PathEscape(c.cfg.Namespace)+"/repositories?page_size=100&page="+strconv.Itoa(page), nil)
		if err != nil {
			return err
		}
		body, err := c.ask(req, sign)
		if err != nil {
			return err
		}
		var list struct {
			Next    string `json:"next"`
			Results []struct {
				Name string `json:"name"`
			} `json:"results"`
		}
		if json.Unmarshal(body, &list) != nil {
			return c.strange("repositories")
		}
		found := make([]string, len(list.Results))
		for i, r := range list.Results {
			found[i] = c.cfg.Namespace + "/" + r.Name
		}
		if err := each(found); err != nil || list.Next == "" {
			return err
		}
	}
	return nil
}

func (c *Client) listGitHub(ctx context.Context, each func([]string) error) error {
	owner := strings.ToLower(c.cfg.Namespace)
	within := func(list []string) error {
		for i, n := range list {
			list[i] = owner + "/" + n
		}
		return each(list)
	}
	of := func(kind string) error {
		return c.numbered(ctx, c.address()+"/"+kind+"/"+url.PathEscape(c.cfg.Namespace)+"/packages?package_type=container&per_page=100&page=", c.bearer, names("name"), within)
	}
	err := of("orgs")
	if errors.Is(err, errMissing) {
		err = of("users")
	}
	return err
}

func (c *Client) listGitLab(ctx context.Context, each func([]string) error) error {
	sign := func(r *http.Request) {
		if c.cfg.Secret != "" {
			r.Header.Set("PRIVATE-TOKEN", c.cfg.Secret)
		}
	}
	of := func(kind string) error {
		return c.numbered(ctx, c.address()+"/api/v4/"+kind+"/"+url.PathEscape(c.cfg.Namespace)+"/registry/repositories?per_page=100&page=", sign, names("path"), each)
	}
	err := of("groups")
	if errors.Is(err, errMissing) {
		err = of("projects")
	}
	return err
}

func (c *Client) listQuay(ctx context.Context, each func([]string) error) error {
	next := ""
	for range MaxRepositories / 100 {
		query := url.Values{"namespace": {c.cfg.Namespace}}
		if next != "" {
			query.Set("next_page", next)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address()+"/api/v1/repository?"+query.Encode(), nil)
		if err != nil {
			return err
		}
		body, err := c.ask(req, c.bearer)
		if err != nil {
			return err
		}
		var list struct {
			Next         string `json:"next_page"`
			Repositories []struct {
				Namespace string `json:"namespace"`
				Name      string `json:"name"`
			} `json:"repositories"`
		}
		if json.Unmarshal(body, &list) != nil {
			return c.strange("repositories")
		}
		found := make([]string, len(list.Repositories))
		for i, r := range list.Repositories {
			found[i] = r.Namespace + "/" + r.Name
		}
		if err := each(found); err != nil || list.Next == "" || list.Next == next {
			return err
		}
		next = list.Next
	}
	return nil
}

package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Jobs reads the identity tokens that issuers give to the jobs of CI. It is safe for
// concurrent use.
type Jobs struct {
	audience string
	issuers  map[string]*issuer
}

// NewJobs returns a reader of the tokens of these issuers for an audience. The issuers are
// asked through the client when they are first needed.
func NewJobs(issuers []string, audience string, client *http.Client) *Jobs {
	j := &Jobs{audience, map[string]*issuer{}}
	for _, url := range issuers {
		j.issuers[url] = newIssuer(url, client)
	}
	return j
}

// Knows reports whether tokens of an issuer are read.
func (j *Jobs) Knows(issuer string) bool { return j.issuers[issuer] != nil }

const opJob = "read identity token"

// maxToken bounds a token, in bytes; those of today have some two thousand.
const maxToken = 16 << 10

// Read returns the job that a token was given to. One that does not hold, or is for
// somebody else, is Unauthorized; an issuer that does not answer is Unavailable.
func (j *Jobs) Read(ctx context.Context, raw string) (store.Job, error) {
	if j.audience == "" {
		return store.Job{}, &crowsnest.Error{Kind: crowsnest.Unsupported, Op: opJob, Hint: "set public_url or exchange.audience", Err: errors.New("the server does not know what tokens made for it name")}
	}
	name := issuerOf(raw)
	i := j.issuers[name]
	if i == nil {
		return store.Job{}, refuse(opJob, fmt.Errorf("tokens of %.100q are not taken here; exchange.issuers lists whose are", name))
	}
	token, err := i.verify(ctx, j.audience, raw)
	if err != nil {
		return store.Job{}, err
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return store.Job{}, refuse(opJob, err)
	}
	job := c.job()
	job.Issuer = name
	if job.Repository == "" || job.Ref == "" {
		return job, refuse(opJob, errors.New("it names no repository or no ref"))
	}
	return job, nil
}

// issuerOf returns the issuer a token names, before anything of it is believed.
func issuerOf(raw string) string {
	parts := strings.Split(raw, ".")
	if len(raw) > maxToken || len(parts) != 3 {
		return ""
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var c struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(b, &c) != nil {
		return ""
	}
	return c.Issuer
}

// claims are those of GitHub and of GitLab.
type claims struct {
	Environment string `json:"environment"`
	Ref         string `json:"ref"`

	Repository   string `json:"repository"` // GitHub
	RepositoryID string `json:"repository_id"`
	Actor        string `json:"actor"`
	Run          string `json:"run_id"`
	Commit       string `json:"sha"`

	Project   string `json:"project_path"` // GitLab
	ProjectID string `json:"project_id"`
	RefType   string `json:"ref_type"` // GitHub has it too, but full refs
	User      string `json:"user_login"`
	Job       string `json:"job_id"`
}

func (c claims) job() store.Job {
	if c.Repository != "" {
		return store.Job{Repository: c.Repository, RepositoryID: c.RepositoryID, Ref: c.Ref, Environment: c.Environment, By: c.Actor, Run: c.Run, Commit: c.Commit}
	}
	job := store.Job{Repository: c.Project, RepositoryID: c.ProjectID, Environment: c.Environment, By: c.User, Run: c.Job, Commit: c.Commit}
	// GitLab writes short names. A branch may be called like a whole ref, so that the kind
	// alone says which it is.
	switch c.RefType {
	case "branch":
		job.Ref = "refs/heads/" + c.Ref
	case "tag":
		job.Ref = "refs/tags/" + c.Ref
	}
	if c.Ref == "" {
		job.Ref = ""
	}
	return job
}

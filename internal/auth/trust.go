package auth

import (
	"context"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// How long a token of a trust may last.
const (
	MinTrustLife = 5 * time.Minute
	MaxTrustLife = time.Hour
)

// TrustScopes are those a trust may give: a job looks after no people and no tokens.
func TrustScopes() []crowsnest.Scope {
	return []crowsnest.Scope{crowsnest.ScopeRead, crowsnest.ScopeUpload, crowsnest.ScopeWrite}
}

// repository is an owner, or groups, and a name, without any sign of a pattern: one that
// matched the repositories of others would let everybody in.
var repository = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_.-]+)+$`)

// CheckTrust refuses a trust that would let in nobody, or more than anybody can mean.
func CheckTrust(t store.Trust) error {
	refuse := func(subject, hint string) error {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "make trust", Subject: subject, Hint: hint}
	}
	if !repository.MatchString(t.Repository) {
		return refuse(t.Repository, "name one repository as owner/name, without wildcards")
	}
	if t.Ref != "" {
		if _, err := path.Match(t.Ref, ""); err != nil || !strings.HasPrefix(t.Ref, "refs/") {
			return refuse(t.Ref, "write a full ref as refs/heads/main or refs/tags/v*; a * stands for anything but a slash")
		}
	}
	for _, scope := range t.Scopes {
		if !slices.Contains(TrustScopes(), scope) {
			return refuse(string(scope), "a trust gives read, upload and write")
		}
	}
	switch {
	case len(t.Scopes) == 0:
		return refuse("", "give at least one scope")
	case t.Life < MinTrustLife || t.Life > MaxTrustLife:
		return refuse(t.Life.String(), "let tokens last 5 to 60 minutes")
	}
	return nil
}

// covers reports whether a trust in the job's repository is one for this job.
func covers(t store.Trust, job store.Job) bool {
	ref, err := path.Match(t.Ref, job.Ref)
	return (t.Ref == "" || err == nil && ref) && (t.Environment == "" || t.Environment == job.Environment)
}

// perExchange bounds the exchanges that one address tries in vain.
var perExchange = store.AttemptLimit{Free: 60, Delay: time.Second, Most: 5 * time.Minute, Forget: time.Hour}

// Exchange is what a job asks for.
type Exchange struct {
	Organisation string            // its name; empty where one organisation alone trusts the repository
	Scopes       []crowsnest.Scope // empty for all that the trust gives
}

// Exchange gives a job a token. read verifies the job's own; it is asked after the attempt
// was counted, under the address of the context's actor.
func (d *Door) Exchange(ctx context.Context, e Exchange, read func(context.Context) (store.Job, error)) (secret string, token store.Token, err error) {
	from := network(store.ActorOf(ctx).Address)
	wait, err := d.Store.Attempt(ctx, under(perExchange, "exchange", from))
	if err != nil {
		return "", token, err
	}
	if wait > 0 {
		d.Log.Warn("too many attempts to exchange a token", "address", from, "wait", wait)
		return "", token, &TooManyError{"exchange token", wait}
	}
	job, err := read(ctx)
	if err != nil {
		d.Log.Warn("exchange of a token refused", "address", from, "reason", crowsnest.Reason(err))
		return "", token, err
	}
	t, err := d.choose(ctx, e, job)
	if err != nil {
		d.Log.Warn("exchange of a token refused", "address", from, "repository", job.Repository, "ref", job.Ref, "reason", crowsnest.Reason(err))
		return "", token, err
	}
	scopes := e.Scopes
	if len(scopes) == 0 {
		scopes = t.Scopes
	}
	secret, hash := NewToken()
	if token, err = d.Store.ExchangeToken(ctx, t.ID, job, scopes, hash); err != nil {
		return "", token, err
	}
	return secret, token, d.Store.TakeBackAttempt(ctx, attemptKey("exchange", from))
}

// choose finds the trust that a job's token is given for: the oldest that gives all it
// asks for.
func (d *Door) choose(ctx context.Context, e Exchange, job store.Job) (store.Trust, error) {
	refuse := func(kind crowsnest.Kind, reason, hint string) (store.Trust, error) {
		return store.Trust{}, &crowsnest.Error{Kind: kind, Op: "exchange token of", Subject: job.Repository + "@" + job.Ref, Hint: hint, Err: errors.New(reason)}
	}
	all, err := d.Store.TrustsOf(ctx, job.Issuer, job.Repository)
	if err != nil {
		return store.Trust{}, err
	}
	var org store.OrgID
	if e.Organisation != "" {
		o, err := d.Store.OrganisationByName(ctx, e.Organisation)
		if err != nil && crowsnest.KindOf(err) != crowsnest.NotFound {
			return store.Trust{}, err
		}
		org = o.ID // empty where there is none: nothing matches then
	}
	all = slices.DeleteFunc(all, func(t store.Trust) bool {
		return !covers(t, job) || e.Organisation != "" && t.Organisation != org
	})
	if len(all) == 0 {
		return refuse(crowsnest.Forbidden, "no trust covers this job", "an owner makes one for the repository, the ref and the environment "+quoted(job.Environment))
	}
	if slices.ContainsFunc(all, func(t store.Trust) bool { return t.Organisation != all[0].Organisation }) {
		return refuse(crowsnest.Invalid, "several organisations trust this repository", "name one of them")
	}
	for _, t := range all {
		if !slices.ContainsFunc(e.Scopes, func(s crowsnest.Scope) bool { return !slices.Contains(t.Scopes, s) }) {
			return t, nil
		}
	}
	return refuse(crowsnest.Forbidden, "no trust that covers this job gives these scopes", "ask for fewer")
}

func quoted(environment string) string {
	if environment == "" {
		return "(none)"
	}
	return environment
}

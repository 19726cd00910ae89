// Package share is the room of the API about links with which anybody reads what advisories say of
// one vulnerability: those who may write make, list and revoke them; who has one needs no account.
package share

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/match"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/shared"
	"github.com/danielgtaylor/huma/v2"
)

// Path is the dashboard's page that shows a shared vulnerability. The secret follows after a "#", and from
// there goes into the body of a request, so that it is in no server's log.
const Path = "/shared"

// Deps is what the routes need.
type Deps struct {
	Store store.Store
	Log   *slog.Logger
	// Address is how browsers reach the server, with its base path but without a slash at the end.
	Address func(context.Context) string
}

// Identifier names a share in a path.
type Identifier struct {
	ID string `path:"id" maxLength:"64"`
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	const tag = "Shares"
	huma.Register(api, base.Operation(http.MethodGet, "/shares", tag, "list-shares", "List the live links that show a vulnerability to anybody who has them"),
		func(ctx context.Context, in *struct {
			Vulnerability string `query:"vulnerability" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Only of this one, by its ID"`
		}) (*base.Answer[[]shared.Share], error) {
			list, err := s.Store.Shares(ctx, base.OrgOf(ctx), in.Vulnerability)
			return base.Reply(s.Log, wire.Each(list, shared.NewShare), err)
		})
	create := base.Operation(http.MethodPost, "/shares", tag, "create-share", "Make a link with which anybody reads what the advisories say of a vulnerability")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body shared.ShareRequest }) (*base.Answer[shared.Share], error) {
		secret, hash := auth.NewShare()
		made, err := s.Store.CreateShare(ctx, base.OrgOf(ctx), store.ShareRequest{Vulnerability: in.Body.Vulnerability, Life: time.Duration(in.Body.Days) * 24 * time.Hour, Hash: hash})
		body := shared.NewShare(made)
		body.URL = s.Address(ctx) + Path + "#" + secret
		return base.Reply(s.Log, body, err)
	})
	huma.Register(api, base.Operation(http.MethodDelete, "/shares/{id}", tag, "revoke-share", "End a link at once"),
		func(ctx context.Context, in *Identifier) (*struct{}, error) {
			return nil, base.Fail(s.Log, s.Store.RevokeShare(ctx, base.OrgOf(ctx), in.ID))
		})
	huma.Register(api, base.Operation(http.MethodPost, "/shared", tag, "read-share", "Read what a link shows, with the part of it after the #"),
		func(ctx context.Context, in *struct{ Body shared.ShareSecret }) (*base.Answer[shared.SharedVulnerability], error) {
			found, err := auth.OpenShare(ctx, s.Store, s.Log, in.Body.Secret)
			if err != nil {
				return nil, s.refuse(err)
			}
			severity, cvss := worst(found.Sources)
			return &base.Answer[shared.SharedVulnerability]{Body: shared.NewSharedVulnerability(found, severity, cvss)}, nil
		})
}

// refuse answers who may not read. Whether a link ever was, has expired or was revoked is not told.
func (s Deps) refuse(err error) error {
	var many *auth.TooManyError
	switch {
	case errors.As(err, &many):
		after := http.Header{"Retry-After": {strconv.Itoa(int(many.Wait.Seconds()) + 1)}}
		return huma.ErrorWithHeaders(huma.NewError(http.StatusTooManyRequests, err.Error()), after)
	case crowsnest.KindOf(err) == crowsnest.NotFound:
		return huma.Error404NotFound("this link shows nothing: it has expired, was revoked or is not whole; ask whoever sent it for a new one")
	}
	return base.Fail(s.Log, err)
}

// worst is how bad the advisories that are not withdrawn say a vulnerability is, at most.
func worst(sources []store.SharedSource) (severity crowsnest.Severity, cvss *crowsnest.CVSS) {
	say := func(vectors []crowsnest.SeverityVector, word string) {
		s, c := match.Severity(vectors, word)
		severity = max(severity, s)
		if c != nil && (cvss == nil || c.Score > cvss.Score) {
			cvss = c
		}
	}
	for _, source := range sources {
		if !source.Withdrawn.IsZero() {
			continue
		}
		say(source.Severity, source.Word)
		for _, a := range source.Affected {
			say(a.Severity, a.Word)
		}
	}
	return severity, cvss
}

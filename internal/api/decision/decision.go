// Package decision is the room of the API about decisions: exceptions that people make, with what they would suppress, and documents in
// the sense of VEX, with what became of each statement.
package decision

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

// Store is what is read and written.
type Store interface {
	decided.Decisions[store.OrgID]
	store.Images
	store.Overviews
}

// Deps is what the routes need.
type Deps struct {
	Store Store
	Log   *slog.Logger
}

// Identifier names an exception or a document in a path.
type Identifier struct {
	ID string `path:"id" maxLength:"64"`
}

// Query narrows the list of exceptions.
type Query struct {
	State []string `query:"state" maxItems:"4" enum:"waiting,active,expired,revoked" doc:"Only these, separated by commas"`
	Type  string   `query:"type" enum:"accepted-risk,false-positive"`
	Q     string   `query:"q" maxLength:"256" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Part of the vulnerability, of the text or of the author; ASCII letters in either case"`
}

func (q Query) filter(page store.Page) decided.Filter {
	f := decided.Filter{Query: q.Q, Kind: crowsnest.DecisionKind(q.Type), Limit: page.Limit, Cursor: page.Cursor}
	for _, s := range q.State {
		f.States = append(f.States, decided.State(s))
	}
	return f
}

const tag = "Decisions"

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, s Deps) {
	huma.Register(api, base.Operation(http.MethodGet, "/exceptions", tag, "list-exceptions", "List exceptions, the newest first"),
		func(ctx context.Context, in *struct {
			Query
			base.Paging
		}) (*base.Answer[wire.Page[verdict.Exception]], error) {
			list, next, err := s.Store.Exceptions(ctx, base.OrgOf(ctx), in.filter(in.Page()))
			return base.Reply(s.Log, wire.PageOf(store.List[decided.Exception]{Items: list, Next: next}, verdict.NewException), err)
		})
	create := base.Operation(http.MethodPost, "/exceptions", tag, "create-exception", "Decide that a vulnerability does not count; where the organisation asks for it, what an editor decides waits for an owner")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body verdict.ExceptionRequest }) (*base.Answer[verdict.Exception], error) {
		x, err := s.create(ctx, in.Body)
		return base.Reply(s.Log, verdict.NewException(x), err)
	})
	huma.Register(api, base.Operation(http.MethodPost, "/exceptions/preview", tag, "preview-exception", "Tell what an exception would suppress, and keep nothing"),
		func(ctx context.Context, in *struct{ Body verdict.ExceptionRequest }) (*base.Answer[verdict.ExceptionPreview], error) {
			p, waits, err := s.preview(ctx, in.Body)
			return base.Reply(s.Log, verdict.NewExceptionPreview(p, waits), err)
		})
	one := func(method, path, id, summary string, do func(context.Context, store.OrgID, string) (decided.Exception, error)) {
		huma.Register(api, base.Operation(method, "/exceptions/{id}"+path, tag, id, summary), func(ctx context.Context, in *Identifier) (*base.Answer[verdict.Exception], error) {
			x, err := do(ctx, base.OrgOf(ctx), in.ID)
			return base.Reply(s.Log, verdict.NewException(x), err)
		})
	}
	one(http.MethodGet, "", "get-exception", "Get an exception", func(ctx context.Context, org store.OrgID, id string) (decided.Exception, error) {
		return s.Store.Exception(ctx, org, id)
	})
	one(http.MethodPost, "/approve", "approve-exception", "Let an exception that waits hold", func(ctx context.Context, org store.OrgID, id string) (decided.Exception, error) {
		return s.Store.ApproveException(ctx, org, id)
	})
	one(http.MethodPost, "/revoke", "revoke-exception", "End an exception at once, or refuse one that waits; it stays in the list", func(ctx context.Context, org store.OrgID, id string) (decided.Exception, error) {
		return s.Store.RevokeException(ctx, org, id)
	})
	huma.Register(api, base.ExportOperation("/exceptions", "export-exceptions", "Export exceptions"), func(ctx context.Context, in *struct {
		base.ExportFormat
		Query
	}) (*huma.StreamResponse, error) {
		org := base.OrgOf(ctx)
		return base.Export[verdict.Exception]{List: "exceptions", Filter: map[string]string{"state": strings.Join(in.State, " "), "type": in.Type, "q": in.Q}, Columns: columns,
			Rows: base.Paged(func(ctx context.Context, page store.Page) (store.List[decided.Exception], error) {
				list, next, err := s.Store.Exceptions(ctx, org, in.filter(page))
				return store.List[decided.Exception]{Items: list, Next: next}, err
			}, verdict.NewException)}.Serve(ctx, s.Store, s.Log, in.Format)
	})
	huma.Register(api, base.Operation(http.MethodGet, "/decision-settings", tag, "get-decision-settings", "Tell whether decisions wait for an owner, and which authors of VEX documents are trusted"),
		func(ctx context.Context, _ *struct{}) (*base.Answer[verdict.DecisionSettings], error) {
			how, err := s.Store.DecisionSettings(ctx, base.OrgOf(ctx))
			return base.Reply(s.Log, verdict.NewDecisionSettings(how), err)
		})
	huma.Register(api, base.Operation(http.MethodPatch, "/decision-settings", tag, "change-decision-settings", "Change how the organisation decides"),
		func(ctx context.Context, in *struct {
			Body verdict.DecisionSettingsChange
		}) (*base.Answer[verdict.DecisionSettings], error) {
			how, err := s.settings(ctx, in.Body)
			return base.Reply(s.Log, verdict.NewDecisionSettings(how), err)
		})
	huma.Register(api, base.Operation(http.MethodGet, "/images/{digest}/decisions", "Images", "get-image-decisions", "List the decisions that hold and are about findings of an image, and under which of its names"),
		func(ctx context.Context, in *base.ImageKey) (*base.Answer[[]verdict.ImageDecision], error) {
			row, err := s.Store.Image(ctx, base.OrgOf(ctx), in.Digest)
			if err != nil {
				return nil, base.Fail(s.Log, err)
			}
			list, err := s.Store.ImageDecisions(ctx, base.OrgOf(ctx), row.Digest)
			return base.Reply(s.Log, wire.Each(list, verdict.NewImageDecision), err)
		})
	s.documents(api)
}

var columns = []export.Column[verdict.Exception]{
	{Name: "id", Value: func(x verdict.Exception) any { return x.ID }}, {Name: "vulnerability", Value: func(x verdict.Exception) any { return x.Vulnerability }}, {Name: "type", Value: func(x verdict.Exception) any { return string(x.Type) }},
	{Name: "justification", Value: func(x verdict.Exception) any { return string(x.Justification) }}, {Name: "state", Value: func(x verdict.Exception) any { return x.State }}, {Name: "image", Value: func(x verdict.Exception) any { return x.Scope.Image }},
	{Name: "repositories", Value: func(x verdict.Exception) any { return strings.Join(x.Scope.Repositories, " ") }}, {Name: "environments", Value: func(x verdict.Exception) any { return strings.Join(x.Scope.Environments, " ") }},
	{Name: "packages", Value: func(x verdict.Exception) any { return strings.Join(x.Scope.Packages, " ") }}, {Name: "text", Value: func(x verdict.Exception) any { return x.Text }}, {Name: "author", Value: func(x verdict.Exception) any { return x.Author }},
	{Name: "created", Value: func(x verdict.Exception) any { return x.Created }}, {Name: "expires", Value: func(x verdict.Exception) any { return x.Expires }}, {Name: "approvedBy", Value: func(x verdict.Exception) any { return x.ApprovedBy }},
	{Name: "revokedBy", Value: func(x verdict.Exception) any { return x.RevokedBy }}, {Name: "revoked", Value: func(x verdict.Exception) any { return x.Revoked }},
}

// holds reports whether what the caller decides holds without anybody's approval.
func (s Deps) holds(ctx context.Context) (bool, error) {
	if base.CallerOf(ctx).Permissions.Has(auth.Approve) {
		return true, nil
	}
	how, err := s.Store.DecisionSettings(ctx, base.OrgOf(ctx))
	return !how.Approval, err
}

func (s Deps) create(ctx context.Context, in verdict.ExceptionRequest) (decided.Exception, error) {
	draft, err := in.Draft()
	if err != nil {
		return decided.Exception{}, err
	}
	if strings.TrimSpace(draft.Text) == "" {
		return decided.Exception{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "make exception for", Subject: draft.Vulnerability, Hint: "say in the text why; whoever sees the decision later needs it", Field: "text"}
	}
	holds, err := s.holds(ctx)
	if err != nil {
		return decided.Exception{}, err
	}
	x, err := s.Store.CreateException(ctx, base.OrgOf(ctx), draft, holds)
	return x, missing(err)
}

func (s Deps) preview(ctx context.Context, in verdict.ExceptionRequest) (decided.Preview, bool, error) {
	draft, err := in.Draft()
	if err != nil {
		return decided.Preview{}, false, err
	}
	holds, err := s.holds(ctx)
	if err != nil {
		return decided.Preview{}, false, err
	}
	p, err := s.Store.PreviewException(ctx, base.OrgOf(ctx), draft)
	return p, !holds, missing(err)
}

// missing says of an environment that there is not that the request is wrong: nothing of its path is missing.
func missing(err error) error {
	own, ok := err.(*crowsnest.Error)
	if !ok || own.Kind != crowsnest.NotFound || own.Field == "" {
		return err
	}
	wrong := *own
	wrong.Kind, wrong.Field = crowsnest.Invalid, "scope."+own.Field
	return &wrong
}

// maxAuthor bounds the pattern of an author.
const maxAuthor = 255

func (s Deps) settings(ctx context.Context, in verdict.DecisionSettingsChange) (decided.Settings, error) {
	change := decided.SettingsChange{Approval: in.Approval}
	if in.VEXAuthors != nil {
		authors := []string{}
		for _, a := range *in.VEXAuthors {
			a = strings.TrimSpace(a)
			if a == "" || len(a) > maxAuthor || crowsnest.Text(a) != a {
				return decided.Settings{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "trust author", Subject: a[:min(len(a), 40)], Hint: "write authors as documents name them, in at most 255 bytes; a * stands for any characters", Field: "vexAuthors"}
			}
			authors = append(authors, a)
		}
		change.Authors = &authors
	}
	if change.Approval == nil && change.Authors == nil {
		return decided.Settings{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "change how is decided", Hint: "say what is to change: approval or vexAuthors"}
	}
	return s.Store.ChangeDecisionSettings(ctx, base.OrgOf(ctx), change)
}

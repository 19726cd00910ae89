// Package base is what the rooms of the API share: who calls, how errors become answers, and how
// routes are described.
package base

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
)

// MaxBody bounds a request body, but for those that name their own bound.
const MaxBody = 1 << 20

// BodyTimeout bounds how long a request body may take; huma's own five seconds
// are short for a long package list over a slow line.
const BodyTimeout = time.Minute

// Caller is who a request comes from.
type Caller struct {
	Org         store.OrgID
	Role        crowsnest.Role // of the person; none for a token of the organisation
	Permissions auth.Permissions
	Person      store.PersonID // empty for a token of the organisation
	Email       string
	Token       *store.Token // nil in a session
	Session     string       // ID of the session; empty with a token
	Address     string
}

// Actor is the caller in the words of the audit log.
func (c Caller) Actor() store.Actor {
	a := store.Actor{Kind: store.ActorPerson, ID: string(c.Person), Name: c.Email, Address: c.Address}
	if c.Person == "" && c.Token != nil {
		a.Kind, a.ID, a.Name = store.ActorToken, c.Token.ID, c.Token.Name
	}
	return a
}

// Lacks says that the caller has not the permission that something needs.
func (c Caller) Lacks(need auth.Permission) string {
	detail := need.Need(c.Token != nil)
	if c.Role != crowsnest.NoRole {
		detail += "; yours is " + c.Role.String()
	}
	return detail
}

type (
	callerKey  struct{}
	addressKey struct{}
	originKey  struct{}
)

// WithCaller says who a request comes from.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return store.WithActor(context.WithValue(ctx, callerKey{}, c), c.Actor())
}

// CallerOf returns who a request comes from. It panics outside of a route.
func CallerOf(ctx context.Context) Caller { return ctx.Value(callerKey{}).(Caller) }

// Unnamed is what an organisation is called that nobody named: the first one of an installation.
const Unnamed = "default"

// OrgOf returns the organisation a request speaks for.
func OrgOf(ctx context.Context) store.OrgID { return CallerOf(ctx).Org }

// WithAddress says from which address a request comes.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// AddressOf returns the address of the client; empty if none is known.
func AddressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// WithOrigin says how the client reached the server, as edge.Origin does.
func WithOrigin(ctx context.Context, origin string) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// OriginOf returns how the client reached the server, as https://host; empty outside of a request.
func OriginOf(ctx context.Context) string {
	origin, _ := ctx.Value(originKey{}).(string)
	return origin
}

// Status maps kinds of errors to HTTP, in one place.
var Status = map[crowsnest.Kind]int{
	crowsnest.Invalid:      http.StatusUnprocessableEntity,
	crowsnest.NotFound:     http.StatusNotFound,
	crowsnest.Conflict:     http.StatusConflict,
	crowsnest.Unauthorized: http.StatusBadGateway, // somebody else's credentials; the caller's own are checked before
	crowsnest.Forbidden:    http.StatusBadGateway,
	crowsnest.RateLimited:  http.StatusServiceUnavailable,
	crowsnest.Unavailable:  http.StatusServiceUnavailable,
	crowsnest.TooLarge:     http.StatusRequestEntityTooLarge,
	crowsnest.Corrupt:      http.StatusUnprocessableEntity,
	crowsnest.Unsupported:  http.StatusUnprocessableEntity,
	crowsnest.Canceled:     http.StatusServiceUnavailable,
}

// ProblemType is what the type of an answer begins with whose fault has a name.
const ProblemType = "urn:crowsnest:problem:"

// Fail makes an error an answer, which names its fault and the field to correct, and tells when to ask again, as far as
// that is known. What went wrong inside the server is logged and not told.
func Fail(log *slog.Logger, err error) error {
	if err == nil {
		return nil
	}
	code, ok := Status[crowsnest.KindOf(err)]
	if !ok {
		log.Error("request failed", "error", err)
		return huma.Error500InternalServerError("something went wrong inside the server; its log says what")
	}
	var details []error
	var own *crowsnest.Error
	if errors.As(err, &own) && own.Field != "" {
		details = append(details, &huma.ErrorDetail{Location: "body." + own.Field}) // the reason is the detail of the whole
	}
	answer := huma.NewError(code, crowsnest.Reason(err), details...)
	if model, ok := answer.(*huma.ErrorModel); ok && fault.Of(err) != "" {
		model.Type = ProblemType + string(fault.Of(err))
	}
	var later interface{ RetryAfter() time.Duration }
	if errors.As(err, &later) {
		return huma.ErrorWithHeaders(answer, http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(later.RetryAfter().Seconds())))}})
	}
	return answer
}

// Answer wraps a body for huma.
type Answer[T any] struct{ Body T }

// Reply answers with a body, or with what Fail makes of an error.
func Reply[T any](log *slog.Logger, body T, err error) (*Answer[T], error) {
	if err != nil {
		return nil, Fail(log, err)
	}
	return &Answer[T]{body}, nil
}

// Paging is the query of every list. Like every type that inputs embed it is
// exported: huma passes over the fields of others.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Rows per page"`
	Cursor string `query:"cursor" maxLength:"2048" doc:"The next of the page before"`
}

// ImageKey names an image in a path.
type ImageKey struct {
	Digest string `path:"digest" maxLength:"256" doc:"Any digest of the image (manifest, configuration or index), or at least twelve digits of one"`
}

// EnvironmentName names an environment in a path.
type EnvironmentName struct {
	Name string `path:"name" maxLength:"128"`
}

// IntegrationName names an integration in a path.
type IntegrationName struct {
	Name string `path:"name" maxLength:"128"`
}

// Document is a file in the format of somebody else.
type Document struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// Page is the query in the words of the store.
func (p Paging) Page() store.Page { return store.Page{Limit: p.Limit, Cursor: p.Cursor} }

// Operation describes a route; tag and path make up its identifier. A query parameter that it does not know is refused: a filter whose name
// is misspelt would otherwise show everything.
func Operation(method, path, tag, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: "/api/v1" + path, Tags: []string{tag}, OperationID: id, Summary: summary, MaxBodyBytes: MaxBody, BodyReadTimeout: BodyTimeout, RejectUnknownQueryParameters: true}
}

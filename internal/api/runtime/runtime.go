// Package runtime is the room of the API about what runs: what people say of environments, exposure
// over time and the targets it is measured by, the registries that images may come from, the hooks through which others say that something changed, and
// how much of all that is kept for how long.
package runtime

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/environment/exposure"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/danielgtaylor/huma/v2"
)

// Deps is what the routes need.
type Deps struct {
	Store store.Store
	Log   *slog.Logger
	// Address is how other programs reach the server, with its base path but without a slash at the
	// end. Without a public address it is how the request of ctx came.
	Address func(ctx context.Context) string
	Now     func() time.Time // nil is the system's clock

	// FullName returns the name of an image in a registry as images are named, or what is
	// wrong with its reference.
	FullName func(reference string) (string, error)
}

type routes struct {
	Deps
	book *exposure.Book
}

// Register adds the routes to the API, which checks who may call them.
func Register(api huma.API, deps Deps) {
	s := &routes{deps, exposure.NewBook(deps.Store, deps.Now)}
	s.exposures(api)
	s.exports(api)
	s.vex(api)
	s.assignments(api)
	s.hooks(api)
	s.data(api)
	s.registries(api)
}

// cursor names the last row of a page.
func cursor(x exposure.Exposure) string {
	b, err := json.Marshal([]any{x.Severity, x.Last().From, x.Vulnerability})
	if err != nil {
		panic("runtime: a cursor that JSON cannot write: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor returns an exposure that stands where the row of a cursor does, or nil without one.
func readCursor(text string) (*exposure.Exposure, error) {
	if text == "" {
		return nil, nil
	}
	var x exposure.Exposure
	var from int64
	parts := []any{&x.Severity, &from, &x.Vulnerability}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &parts)
	}
	if err != nil || len(parts) != 3 {
		return nil, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read cursor", Hint: "pass the cursor exactly as the page before gave it, or none for the first page"}
	}
	x.Episodes = []exposure.Episode{{Span: store.Span{From: from}}}
	return &x, nil
}

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/api/event"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// everything is told to whoever may have missed something.
var everything = []store.Resource{store.AdvisoriesResource, store.AnalysesResource, store.DecisionsResource, store.EnvironmentsResource, store.ImagesResource, store.IntegrationsResource, store.PoliciesResource, store.RepositoriesResource}

func (s *server) events(api huma.API) {
	op := operation(http.MethodGet, "/events", "Events", "listen-events", "Be told which resources change, as server-sent events")
	op.Description = `An event "ready" comes first, then "changed" for whatever changed since; data is {"resources":[…]} in both. ` +
		`The resources of "ready" are those that may have changed since Last-Event-ID, and all without one. ` +
		`A comment comes every 15 seconds. The stream ends when the credentials do or the server stops; connect again then.`
	op.Responses = map[string]*huma.Response{"200": {Description: "A stream of events", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}}}}
	huma.Register(api, op, func(ctx context.Context, in *struct {
		Last string `header:"Last-Event-ID" maxLength:"64" doc:"The id of the last event received"`
	}) (*huma.StreamResponse, error) {
		org := orgOf(ctx)
		l, state, err := s.hub.Listen(ctx, org)
		if err != nil {
			return nil, s.fail(err)
		}
		first := wire.Event{Resources: everything}
		if in.Last == state {
			first.Resources = []store.Resource{}
		}
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			defer s.hub.Leave(org, l)
			r, w := humago.Unwrap(hctx)
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("X-Accel-Buffering", "no") // proxies that gather would keep events back
			w.WriteHeader(http.StatusOK)
			s.stream(r, w, l, first, state)
		}}, nil
	})
}

// stream writes events until the listener is gone, its credentials end, or the server stops.
func (s *server) stream(r *http.Request, w http.ResponseWriter, l *event.Listener, first wire.Event, state string) {
	out := http.NewResponseController(w)
	write := func(text string) bool {
		out.SetWriteDeadline(time.Now().Add(base.WriteTimeout)) // not every connection has one; its end is noticed then
		_, err := w.Write([]byte(text))
		return err == nil && out.Flush() == nil
	}
	send := func(kind, id string, e wire.Event) bool {
		data, err := json.Marshal(e)
		return err == nil && write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", id, kind, data))
	}
	heartbeat := time.NewTicker(s.hub.Heartbeat)
	defer heartbeat.Stop()
	for ok := send("ready", state, first); ok; {
		select {
		case <-r.Context().Done():
			return
		case <-s.Stopping:
			return
		case <-l.Wake:
			changed, id := l.Take()
			ok = send("changed", id, wire.Event{Resources: changed})
		case <-heartbeat.C:
			ok = s.stillKnown(r) && write(": still here\n\n")
		}
	}
}

// codeWriter keeps only the status of an answer.
type codeWriter struct {
	header http.Header
	code   int
}

func (w *codeWriter) Header() http.Header { return w.header }

func (w *codeWriter) WriteHeader(code int) { w.code = code }

func (w *codeWriter) Write(b []byte) (int, error) { return len(b), nil }

// stillKnown reports whether the credentials of a request are as good as when it came: it
// asks what every caller may ask, with the same headers, so that whatever credentials there
// are, they are checked in one place. A database that does not answer ends nothing.
func (s *server) stillKnown(r *http.Request) bool {
	// The context of the request holds its session as it was when it came.
	ctx, cancel := context.WithTimeout(context.Background(), base.WriteTimeout)
	defer cancel()
	probe := r.Clone(ctx)
	probe.Method, probe.Body, probe.ContentLength = http.MethodGet, http.NoBody, 0
	probe.URL.Path, probe.URL.RawPath, probe.URL.RawQuery, probe.RequestURI = "/api/v1/version", "", "", "/api/v1/version"
	w := &codeWriter{header: make(http.Header), code: http.StatusOK}
	s.routes.ServeHTTP(w, probe)
	return w.code != http.StatusUnauthorized && w.code != http.StatusForbidden
}

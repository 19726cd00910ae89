// Package metric is the room of the API for what Prometheus reads: numbers of one organisation and, for those who look after
// the installation, of this process.
package metric

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/crowsnest-sec/crowsnest/internal/api/base"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Store is what is read.
type Store interface {
	store.Revisions
	store.Environments
	store.Integrations
	store.Overviews
	store.Advisories
	store.Feeds
	LaneCounts(ctx context.Context, org store.OrgID) ([]store.LaneCount, error)
}

// Deps is what the route needs.
type Deps struct {
	Store   Store
	Log     *slog.Logger
	Version wire.Version
	Home    store.OrgID // whose tokens also read what is told of the process, and so of all organisations
}

// Meter measures requests and answers with all numbers.
type Meter struct {
	Deps
	process   *prometheus.Registry
	durations *prometheus.HistogramVec

	mu   sync.Mutex
	kept map[store.OrgID]numbers
}

// numbers are those of an organisation in one state, as they are written.
type numbers struct {
	revisions map[store.Resource]int64
	hour      int64 // by which profiles grow old
	text      []byte
}

// maxKept bounds of how many organisations numbers are kept; some kilobytes each.
const maxKept = 100

// New returns a meter.
func New(deps Deps) *Meter {
	m := &Meter{Deps: deps, process: prometheus.NewRegistry(), kept: make(map[store.OrgID]numbers)}
	m.durations = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "crowsnest_http_request_duration_seconds", Help: "Requests to the API by operation and status, and how long they took.",
		Buckets: []float64{.005, .025, .1, .5, 2.5, 10},
	}, []string{"operation", "code"})
	m.process.MustRegister(m.durations, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Measure is the middleware that measures requests, refused ones included. Streams, which last as long as somebody listens,
// are left out.
func (m *Meter) Measure(ctx huma.Context, next func(huma.Context)) {
	began := time.Now()
	next(ctx)
	if id := ctx.Operation().OperationID; id != "listen-events" {
		m.durations.WithLabelValues(id, strconv.Itoa(ctx.Status())).Observe(time.Since(began).Seconds())
	}
}

// Path is where Prometheus looks by itself.
const Path = "/metrics"

// answer is a text as Prometheus reads it.
type answer struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// Register adds the route to the API, which checks who may call it.
func (m *Meter) Register(api huma.API) {
	op := base.Operation(http.MethodGet, "", "System", "get-metrics", "Get numbers of the organisation for Prometheus; for a token of the first organisation also those of this process")
	op.Path = Path
	op.Responses = map[string]*huma.Response{"200": {Description: "In Prometheus's text format", Content: map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(api, op, func(ctx context.Context, _ *struct{}) (*answer, error) {
		org := base.OrgOf(ctx)
		text, err := m.ofOrganisation(ctx, org)
		if err != nil {
			return nil, base.Fail(m.Log, err)
		}
		if org == m.Home {
			process, err := written(m.process)
			if err != nil {
				return nil, base.Fail(m.Log, err)
			}
			text = append(bytes.Clone(text), process...)
		}
		return &answer{ContentType: string(expfmt.NewFormat(expfmt.TypeTextPlain)), Body: text}, nil
	})
}

// written writes what a registry gathers, in the text format.
func written(from prometheus.Gatherer) ([]byte, error) {
	families, err := from.Gather()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&out, family); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// ofOrganisation returns the numbers of an organisation, which are read again only when something of it changed: times are told
// as such, and not as ages.
func (m *Meter) ofOrganisation(ctx context.Context, org store.OrgID) ([]byte, error) {
	revisions, err := m.Store.Revisions(ctx, org)
	if err != nil {
		return nil, err
	}
	hour := time.Now().Unix() / 3600
	m.mu.Lock()
	kept, ok := m.kept[org]
	m.mu.Unlock()
	if ok && kept.hour == hour && maps.Equal(kept.revisions, revisions) {
		return kept.text, nil
	}
	text, err := m.read(ctx, org)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) >= maxKept {
		clear(m.kept)
	}
	m.kept[org] = numbers{revisions, hour, text}
	return text, nil
}

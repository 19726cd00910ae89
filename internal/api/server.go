// Package api serves HTTP: JSON under /api/v1, described by /api/openapi.json.
// Without a token or a session only the health probes answer, the dashboard's files and the
// document, which say nothing of what is kept, what signs people in, and what shows a holder of a link
// what advisories say of one vulnerability; everything else
// is asked of the store on behalf of the caller's organisation. The table in access.go
// says what each operation needs.
package api

//go:generate go run ./generate

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/api/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/api/audit"
	"github.com/crowsnest-sec/crowsnest/internal/api/comparison"
	"github.com/crowsnest-sec/crowsnest/internal/api/decision"
	"github.com/crowsnest-sec/crowsnest/internal/api/delivery"
	"github.com/crowsnest-sec/crowsnest/internal/api/edge"
	"github.com/crowsnest-sec/crowsnest/internal/api/event"
	"github.com/crowsnest-sec/crowsnest/internal/api/feed"
	"github.com/crowsnest-sec/crowsnest/internal/api/file"
	"github.com/crowsnest-sec/crowsnest/internal/api/finding"
	"github.com/crowsnest-sec/crowsnest/internal/api/intake"
	"github.com/crowsnest-sec/crowsnest/internal/api/lineage"
	"github.com/crowsnest-sec/crowsnest/internal/api/metric"
	"github.com/crowsnest-sec/crowsnest/internal/api/policy"
	"github.com/crowsnest-sec/crowsnest/internal/api/push"
	"github.com/crowsnest-sec/crowsnest/internal/api/runtime"
	"github.com/crowsnest-sec/crowsnest/internal/api/share"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/auth"
	"github.com/crowsnest-sec/crowsnest/internal/auth/oidc"
	rules "github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	delivered "github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Deps is what the API works with.
type Deps struct {
	Store   store.Store
	Version wire.Version
	Log     *slog.Logger

	// Home is the installation's first organisation; its owners may change what all share.
	Home store.OrgID
	// PublicURL is how browsers reach the server, without a path; empty if nobody said.
	PublicURL string
	// BasePath is the path the server lives under: empty or "/some/path".
	BasePath string
	// TrustedProxies are believed about the address of the client they forward for.
	TrustedProxies []netip.Prefix

	SignIn SignIn

	// Clusters asks Sysdig for its cluster names, through the guarded client.
	Clusters func(ctx context.Context, cfg sysdig.Config) (sysdig.Listing, error)
	// TryCluster asks Sysdig whether it tells what runs in a cluster.
	TryCluster func(ctx context.Context, cfg sysdig.Config, cluster string) (sysdig.Trial, error)
	// TryRegistry asks a registry for its repositories, through the guarded client.
	TryRegistry func(ctx context.Context, cfg registry.Config, admits func(string) bool) (registry.Trial, error)
	// Seal encrypts a secret.
	Seal func(ctx context.Context, secret string) ([]byte, error)
	// Unseal is its reverse.
	Unseal func(ctx context.Context, sealed []byte) (string, error)
	// FullName returns the name of an image in a registry as images are named, or what is
	// wrong with its reference.
	FullName func(reference string) (string, error)
	// Import takes advisories from a URL or from a file of the server's own making.
	Import func(ctx context.Context, location string, ecosystems []string) ([]advisory.Result, error)
	// DefaultInterval between the sweeps of a new integration.
	DefaultInterval time.Duration
	// FileOwners says of paths in an image which packages brought the files there.
	FileOwners func(ctx context.Context, org store.OrgID, image string, paths []string) ([]wire.FileOwner, error)
	// Evaluate matches packages without keeping them.
	Evaluate func(ctx context.Context, org store.OrgID, request wire.EvaluationRequest) (wire.CVEs, error)
	// Deliver keeps what was found in an image elsewhere; reads says that the caller may read.
	Deliver func(ctx context.Context, org store.OrgID, d delivered.Delivery, reads bool) (delivered.Receipt, error)
	// Language compiles policies that somebody wrote.
	Language rules.Language
	// TryPolicies asks policies about an image, by its digest, although nothing keeps them.
	TryPolicies func(ctx context.Context, org store.OrgID, image string, request compliance.TrialRequest) (compliance.Trial, error)
	// Dashboard answers what is not the API's, without a token; nil for none.
	Dashboard http.Handler
	// Stopping is closed when the server stops: streams end then, which would keep it from
	// doing so. Nil is never.
	Stopping <-chan struct{}
	Events   event.Limits
}

// SignIn says how people come in.
type SignIn struct {
	NoPasswords bool
	Provider    *oidc.Provider // of identities; nil for none
	Name        string         // of the provider, for people
	// Grants returns what follows from the provider's groups.
	Grants func(context.Context) ([]auth.Grant, error)
	// Jobs reads the identity tokens of jobs of CI.
	Jobs *oidc.Jobs
}

type server struct {
	Deps
	door     *auth.Door
	sessions *auth.Sessions
	hub      *event.Hub
	meter    *metric.Meter
	routes   http.Handler
}

// New returns the handler of the whole server.
func New(deps Deps) http.Handler {
	mux := http.NewServeMux()
	s := &server{Deps: deps, hub: event.NewHub(deps.Events, deps.Store.Revisions), door: &auth.Door{Store: deps.Store, Log: deps.Log, NoPasswords: deps.SignIn.NoPasswords}}
	tls := strings.HasPrefix(deps.PublicURL, "https://")
	s.sessions = auth.NewSessions(deps.Store, tls, func(w http.ResponseWriter, _ *http.Request, err error) {
		deps.Log.Error("load or store session", "error", err)
		edge.Problem(w, http.StatusServiceUnavailable, "the database does not answer; try again later")
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := deps.Store.Ping(r.Context()); err != nil {
			deps.Log.Warn("not ready", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ok\n"))
	})
	if deps.SignIn.Provider != nil {
		(&oidc.Handler{
			Provider: deps.SignIn.Provider, Grants: deps.SignIn.Grants, Door: s.door, Sessions: s.sessions, Log: deps.Log,
			BasePath: deps.BasePath, Secure: tls, Address: addressOf,
		}).Register(mux)
	}

	api := humago.New(mux, Specification(deps.Version.Version))
	s.meter = metric.New(metric.Deps{Store: s.Store, Log: s.Log, Version: s.Version, Home: s.Home})
	api.UseMiddleware(s.meter.Measure, s.authenticate(api))
	s.register(api)
	s.routes = s.withSessions(edge.Guard(mux))
	return secure(s.logRequests(s.beside(s.routes)))
}

// beside puts the dashboard beside the API, on a mux of its own: on the API's it would
// answer for every path and method that no route takes.
func (s *server) beside(api http.Handler) http.Handler {
	if s.Dashboard == nil {
		return api
	}
	mux := http.NewServeMux()
	for _, pattern := range []string{"/api", "/api/", oidc.Prefix, "/healthz", "/readyz", metric.Path} {
		mux.Handle(pattern, api)
	}
	mux.Handle("/", s.Dashboard)
	return mux
}

// An empty list is [], never null; huma knows this only as a setting of the whole process.
func init() { huma.DefaultArrayNullable = false }

// Specification is the frame of the OpenAPI document.
func Specification(version string) huma.Config {
	cfg := huma.DefaultConfig("Crowsnest", version)
	cfg.OpenAPIPath = "/api/openapi"
	cfg.DocsPath = "" // its page would load scripts from another host
	cfg.SchemasPath = ""
	cfg.CreateHooks = nil // no $schema member in answers
	cfg.Transformers = append(cfg.Transformers, withoutValues)
	cfg.Info.Description = "What every image contains, and what really runs where."
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer"},
		"session": {Type: "apiKey", In: "cookie", Name: "crowsnest_session", Description: "Made by sign-in and redeem-link; __Host-crowsnest_session over TLS"},
	}
	cfg.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	return cfg
}

// withoutValues leaves out of an answer what was wrong in a request, which huma repeats: that may be a whole body with a secret in it.
// Where it was and what is expected there is said in words.
func withoutValues(_ huma.Context, _ string, v any) (any, error) {
	if e, ok := v.(*huma.ErrorModel); ok {
		for _, d := range e.Errors {
			d.Value = nil
			if strings.HasPrefix(d.Message, "invalid date/time for format") { // in Go's own way to write a form
				d.Message = "expected a time such as 2026-03-01T12:00:00Z"
			}
		}
	}
	return v, nil
}

// OpenAPI returns the document that describes the API, in JSON.
func OpenAPI(version string) ([]byte, error) {
	api := humago.New(http.NewServeMux(), Specification(version))
	(&server{meter: &metric.Meter{}}).register(api)
	return api.OpenAPI().MarshalJSON()
}

func (s *server) register(api huma.API) {
	s.images(api)
	s.insights(api)
	s.analyses(api)
	s.environments(api)
	address := func(ctx context.Context) string { return s.address(ctx) + s.BasePath }
	runtime.Register(api, runtime.Deps{Store: s.Store, Log: s.Log, FullName: s.FullName, Address: address})
	lineage.Register(api, lineage.Deps{Store: s.Store, Log: s.Log})
	attestation.Register(api, attestation.Deps{Store: s.Store, Log: s.Log})
	push.Register(api, push.Deps{Store: s.Store, Log: s.Log, Address: address, Try: s.TryRegistry, Seal: s.Seal, Unseal: s.Unseal})
	delivery.Register(api, delivery.Deps{Store: s.Store, Log: s.Log, Deliver: s.Deliver})
	comparison.Register(api, comparison.Deps{Store: s.Store, Log: s.Log, Language: s.Language})
	finding.Register(api, s.Store, s.Log)
	policy.Register(api, policy.Deps{Store: s.Store, Log: s.Log, Language: s.Language, Try: s.TryPolicies})
	file.Register(api, file.Deps{Log: s.Log, Owners: s.FileOwners})
	why.Register(api, s.Store, s.Log)
	advice.Register(api, s.Store, s.Log)
	decision.Register(api, decision.Deps{Store: s.Store, Log: s.Log})
	share.Register(api, share.Deps{Store: s.Store, Log: s.Log, Address: address})
	s.integrations(api)
	s.integrationChanges(api)
	intake.Register(api, intake.Deps{Store: s.Store, Log: s.Log, Import: s.Import})
	feed.Register(api, feed.Deps{Store: s.Store, Log: s.Log, By: "crowsnest " + s.Version.Version, Organisations: s.Store})
	s.exports(api)
	s.events(api)
	s.system(api)
	s.meter.Register(api)
	s.session(api)
	s.account(api)
	s.people(api)
	s.tokens(api)
	s.trusts(api)
	audit.Register(api, audit.Deps{Store: s.Store, Log: s.Log})
	s.organisations(api)
	describeAccess(api)

	// The names of permissions come from the table, not from a tag that would repeat it.
	names := api.OpenAPI().Components.Schemas.Map()["Session"].Properties["permissions"].Items
	for _, r := range auth.Rules() {
		if r.Permission != auth.Public {
			names.Enum = append(names.Enum, r.Name)
		}
	}
	// huma's tags can make a scalar nullable, not an object.
	threat := []string{"kev", "epss"}
	for name, nullable := range map[string][]string{
		"Finding": {"cvss", "kev", "epss"}, "AffectedVersion": {"cvss"}, "ExposureEpisode": {"went"}, "SharedVulnerability": {"cvss"},
		"Vulnerability": threat, "VulnerabilityDetail": threat, "TopVulnerability": threat, "NamedAdvisories": threat,
	} {
		properties := api.OpenAPI().Components.Schemas.Map()[name].Properties
		for _, property := range nullable {
			properties[property] = &huma.Schema{OneOf: []*huma.Schema{{Ref: properties[property].Ref}, {Type: "null"}}}
		}
	}
}

// secure sets the headers that hold for every answer.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	w.status = code
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// logRequests notes each request without its query, which may hold what a person searched for.
func (s *server) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		sw := &statusWriter{w, http.StatusOK}
		next.ServeHTTP(sw, r)
		s.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", sw.status, "duration", time.Since(start))
	})
}

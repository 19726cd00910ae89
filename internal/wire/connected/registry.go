// Package connected is the form of connected registries in answers: how they are reached, their repositories, and what
// waits for its analysis.
package connected

import (
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire/authority"
)

// RegistryIntegration is a connected registry.
type RegistryIntegration struct {
	Name         string                  `json:"name"`
	Kind         string                  `json:"kind"`
	Host         string                  `json:"host" doc:"As images are named"`
	Namespace    string                  `json:"namespace,omitempty" doc:"Whose repositories are listed"`
	API          string                  `json:"api,omitempty" doc:"Address of its own API, where that is another"`
	Username     string                  `json:"username,omitempty"`
	Credentials  bool                    `json:"credentials" doc:"Whether it has a password or token"`
	Identity     bool                    `json:"identity" doc:"Whether the server signs in as who it is in its cloud"`
	CA           []authority.Certificate `json:"ca,omitempty" doc:"Authorities that are trusted for it beside the system's"`
	Repositories []string                `json:"repositories" doc:"Those that are given; empty where they are listed"`
	Include      []string                `json:"include" doc:"Only those of a list that fit one of these; empty for all"`
	Exclude      []string                `json:"exclude"`
	Enable       []string                `json:"enable" doc:"Repositories that fit one of these are enabled as they appear"`
	Interval     string                  `json:"interval" doc:"Between two readings of the tags of a repository, such as 5m0s"`
	State        string                  `json:"state" enum:"pending,connected,failed,paused" doc:"Pending until its repositories were listed for the first time; of a paused one nothing is asked"`
	StateSince   time.Time               `json:"since,omitzero" doc:"Since when it is in this state"`
	Reason       string                  `json:"reason,omitempty" doc:"Why it failed"`
	Listed       time.Time               `json:"listed,omitzero" doc:"When its repositories were last listed to the end"`
	WaitsUntil   time.Time               `json:"waitsUntil,omitzero" doc:"Nothing is asked of it before; it may be over"`
	LastLook     time.Time               `json:"lastLook,omitzero" doc:"When the last look at it began"`
	NextLook     time.Time               `json:"nextLook,omitzero" doc:"When the next look is due, for new tags for example; absent while it is paused"`
	NextListing  time.Time               `json:"nextListing,omitzero" doc:"When its repositories are to be listed again; absent while it is paused"`
	Found        int                     `json:"found" doc:"Repositories that are there"`
	Enabled      int                     `json:"enabled" doc:"Of which enabled"`
	Hook         bool                    `json:"hook" doc:"Whether its webhook has a secret"`
	Pulls        *Pulls                  `json:"pulls,omitempty" doc:"Absent where it says nothing of a limit"`
}

// Pulls is how much of a registry's limit on pulls is left, as Docker Hub says with each image.
type Pulls struct {
	Limit  int       `json:"limit"`
	Left   int       `json:"left"`
	Window string    `json:"window" doc:"In which the limit counts, such as 6h0m0s"`
	AsOf   time.Time `json:"asOf"`
}

// NewRegistryIntegration converts a connected registry.
func NewRegistryIntegration(in store.RegistryIntegration) RegistryIntegration {
	s := in.Status
	state, since := "connected", s.Connected
	switch {
	case !s.Paused.IsZero():
		state, since = "paused", s.Paused
	case !s.FailingSince.IsZero():
		state, since = "failed", s.FailingSince
	case s.Listed.IsZero():
		state, since = "pending", in.Created
	}
	var pulls *Pulls
	if p := s.Pulls; p.Limit > 0 {
		pulls = &Pulls{Limit: p.Limit, Left: p.Left, Window: p.Window.String(), AsOf: p.At}
	}
	return RegistryIntegration{
		Name: in.Name, Kind: in.Kind, Host: in.Host, Namespace: in.Namespace, API: in.API, Username: in.Username, Credentials: len(in.Secret) > 0, Identity: in.Identity, CA: authority.Certificates(in.CA),
		Repositories: texts(in.Repositories), Include: texts(in.Include), Exclude: texts(in.Exclude), Enable: texts(in.Enabling), Interval: in.Interval.String(),
		State: state, StateSince: since, Reason: s.Reason, Listed: s.Listed, WaitsUntil: s.Waits,
		LastLook: s.Looked, NextLook: s.Next, NextListing: s.NextListing, Found: s.Found, Enabled: s.Enabled, Hook: len(in.Hook) > 0, Pulls: pulls,
	}
}

// texts is a list that is never null.
func texts[T ~[]string](list T) []string { return append([]string{}, list...) }

// RegistryKind is a kind of registry that can be connected, with what people are told of it.
type RegistryKind struct {
	Name      string `json:"name"`
	Title     string `json:"title"`
	Host      string `json:"host,omitempty" doc:"Its address, where all have the same"`
	Example   string `json:"example,omitempty" doc:"Of an address, where each has its own"`
	Listing   string `json:"listing" enum:"catalog,api" doc:"How its repositories are listed"`
	Namespace string `json:"namespace,omitempty" doc:"What the namespace is whose repositories are listed; absent where none is needed"`
	API       string `json:"api,omitempty" doc:"Address of its own API, unless another one is given"`
	Username  string `json:"username" doc:"What to give as the user"`
	Secret    string `json:"secret" doc:"What to give as the password, and which rights it needs"`
	Identity  bool   `json:"identity" doc:"Whether the server can sign in as who it is in its cloud, if its operator lets it"`
	Hook      string `json:"hook" doc:"Where to enter the address of the webhook, and its secret"`
}

// RegistryConnection is how a registry is reached.
type RegistryConnection struct {
	Kind         string   `json:"kind" minLength:"1" maxLength:"32" doc:"One of the kinds of GET /registry-kinds"`
	Host         string   `json:"host,omitempty" maxLength:"255" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Address, such as registry.example.com:5000; absent where all of the kind have the same"`
	Namespace    string   `json:"namespace,omitempty" maxLength:"255" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Whose repositories are listed, where the kind asks for it"`
	API          string   `json:"api,omitempty" maxLength:"2048" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Address of its own API, where that is not the usual one"`
	Username     string   `json:"username,omitempty" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters"`
	Secret       string   `json:"secret,omitempty" maxLength:"16384" doc:"Password or token; stored encrypted, never returned"`
	Identity     bool     `json:"identity,omitempty" doc:"In place of a user and a password, where the kind can: as who the server is in its cloud"`
	CA           string   `json:"ca,omitempty" maxLength:"65536" doc:"Certificates in PEM form that are trusted for this registry alone"`
	Repositories []string `json:"repositories,omitempty" maxItems:"1000" doc:"Given ones, without the registry; absent to have them listed"`
	Include      []string `json:"include,omitempty" maxItems:"200" doc:"Only those of a list that fit one of these, such as team/*; * stands for any characters"`
	Exclude      []string `json:"exclude,omitempty" maxItems:"200"`
}

// RegistryIntegrationRequest connects a registry.
type RegistryIntegrationRequest struct {
	Name string `json:"name" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" patternDescription:"letters, digits, dots, dashes and underscores, a letter or digit first" doc:"Display name, unique in the organisation"`
	RegistryConnection
	Enable   []string `json:"enable,omitempty" maxItems:"200" doc:"Repositories that fit one of these are enabled as they appear"`
	Interval string   `json:"interval,omitempty" maxLength:"32" doc:"Between two readings of the tags of a repository; default 5m"`
}

// RegistryIntegrationChange says what of a connected registry becomes another; what is absent stays.
type RegistryIntegrationChange struct {
	Namespace    *string   `json:"namespace,omitempty" maxLength:"255" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters"`
	API          *string   `json:"api,omitempty" maxLength:"2048" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Needs the secret too: one is never sent to a place it was not given for"`
	Username     *string   `json:"username,omitempty" maxLength:"512" pattern:"^[^\\x00-\\x1f\\x7f]*$" patternDescription:"text without control characters" doc:"Empty, with an empty secret, for no sign-in"`
	Secret       *string   `json:"secret,omitempty" maxLength:"16384" doc:"Password or token; stored encrypted, never returned"`
	Identity     *bool     `json:"identity,omitempty" doc:"True takes the place of a user and a password"`
	CA           *string   `json:"ca,omitempty" maxLength:"65536" doc:"Needs the secret too; empty removes them"`
	Repositories *[]string `json:"repositories,omitempty" maxItems:"1000" doc:"Empty to have them listed"`
	Include      *[]string `json:"include,omitempty" maxItems:"200"`
	Exclude      *[]string `json:"exclude,omitempty" maxItems:"200"`
	Enable       *[]string `json:"enable,omitempty" maxItems:"200"`
	Interval     *string   `json:"interval,omitempty" minLength:"1" maxLength:"32"`
	Paused       *bool     `json:"paused,omitempty" doc:"Of a paused one nothing is asked; what waits stays. With nothing else it is not asked before"`
}

// RegistryImpact is what goes if a registry is disconnected, and what stays.
type RegistryImpact struct {
	Repositories int `json:"repositories" doc:"Known ones, which are forgotten"`
	Enabled      int `json:"enabled" doc:"Of which enabled"`
	Waiting      int `json:"waiting" doc:"Analyses that wait for their turn, and are taken back"`
	Images       int `json:"images" doc:"Analysed ones that its repositories have or had; they stay"`
}

// NewRegistryImpact converts what goes and stays.
func NewRegistryImpact(i store.RegistryImpact) RegistryImpact { return RegistryImpact(i) }

// RegistryTrial is what a test of a connection saw.
type RegistryTrial struct {
	Host         string   `json:"host" doc:"As images are named"`
	Repositories []string `json:"repositories" doc:"The first of those that are found"`
	More         bool     `json:"more" doc:"Whether there are others"`
}

// Lane counts what waits and runs in one lane of the queue.
type Lane struct {
	Lane    string `json:"lane" enum:"people,push,backfill" doc:"In the order in which they go"`
	Queued  int    `json:"queued"`
	Running int    `json:"running"`
	Coming  int    `json:"coming" doc:"Tags that will be queued when the registry has said what they name"`
}

// NewLane converts a count.
func NewLane(c store.LaneCount) Lane {
	return Lane{Lane: store.Lanes[c.Lane], Queued: c.Queued, Running: c.Running, Coming: c.Coming}
}

// Remedy is the one thing to do about a running image that is not analysed.
type Remedy struct {
	Action     string `json:"action" enum:"connect-registry,enable-repository,replace-credentials,resume-registry,wait,request-analysis"`
	Registry   string `json:"registry,omitempty" doc:"Name of the connected registry"`
	Host       string `json:"host" doc:"Of the registry, as images are named"`
	Repository string `json:"repository" doc:"Within the registry"`
	Reason     string `json:"reason,omitempty" doc:"Why the registry or the repository cannot be read"`
	Command    string `json:"command,omitempty" doc:"That does it; absent where there is nothing to do but wait"`
}

// NewRemedy converts a remedy for an image of that name.
func NewRemedy(name string, r store.Remedy) *Remedy {
	if r.Action == "" {
		return nil
	}
	out := &Remedy{Action: string(r.Action), Registry: r.Registry, Host: r.Host, Repository: r.Repository, Reason: r.Reason}
	switch r.Action {
	case store.ConnectRemedy:
		switch host := r.Host; host {
		case "docker.io", "ghcr.io":
			kind := map[string]string{"docker.io": "docker-hub", "ghcr.io": "ghcr"}[host]
			out.Command = "crowsnest integration configure registry --name " + kind + " --parameter kind=" + kind + " --parameter repositories=" + r.Repository
		default:
			out.Command = "crowsnest integration configure registry --name NAME --parameter host=" + host
		}
	case store.EnableRemedy:
		out.Command = "crowsnest repo enable --registry " + r.Registry + " " + r.Repository
	case store.CredentialRemedy:
		out.Command = "crowsnest integration update registry --name " + r.Registry + " --parameter username=USER --parameter secret=@FILE"
	case store.ResumeRemedy:
		out.Command = "crowsnest integration resume registry --name " + r.Registry
	case store.AnalyseRemedy:
		out.Command = "crowsnest cves " + name
	}
	return out
}

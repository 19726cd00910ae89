package connected

import (
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// Repository is one of a connected registry.
type Repository struct {
	Registry  string    `json:"registry" doc:"Name of the connected registry"`
	Name      string    `json:"name" doc:"Within the registry"`
	Reference string    `json:"reference" doc:"As images are named, without a tag"`
	State     string    `json:"state" enum:"enabled,disabled,gone" doc:"Gone is one that a complete list has no more"`
	Found     time.Time `json:"found"`
	Enabled   time.Time `json:"enabled,omitzero"`
	Gone      time.Time `json:"gone,omitzero"`
	Read      time.Time `json:"read,omitzero" doc:"When its tags were last read to the end"`
	Pushed    time.Time `json:"pushed,omitzero" doc:"The newest push that was seen or told of"`
	Tags      int       `json:"tags" doc:"Known ones, while it is enabled"`
	Filling   int       `json:"filling" doc:"Of which wait to be filled up"`
	Reason    string    `json:"reason,omitempty" doc:"Why its tags could not be read"`
}

// NewRepository converts a row.
func NewRepository(r store.Repository) Repository {
	state := "disabled"
	switch {
	case !r.Gone.IsZero():
		state = "gone"
	case !r.Enabled.IsZero():
		state = "enabled"
	}
	return Repository{Registry: r.Registry, Name: r.Name, Reference: r.Host + "/" + r.Name, State: state, Found: r.Found, Enabled: r.Enabled, Gone: r.Gone, Read: r.Read, Pushed: r.Pushed, Tags: r.Tags, Filling: r.Filling, Reason: r.Reason}
}

// RepositoryScope names repositories of one connected registry.
type RepositoryScope struct {
	Registry string   `json:"registry" minLength:"1" maxLength:"128" doc:"Name of the connected registry"`
	Names    []string `json:"names,omitempty" maxItems:"1000" doc:"Within the registry"`
	Patterns []string `json:"patterns,omitempty" maxItems:"200" doc:"Such as team/*; * stands for any characters"`
	All      bool     `json:"all,omitempty" doc:"All of them, in place of names and patterns"`
}

// RepositoryChange counts what changed.
type RepositoryChange struct {
	Changed int `json:"changed"`
}

// Backfill is what filling up would analyse, or what it was told to.
type Backfill struct {
	Repositories int `json:"repositories" doc:"With something to fill up"`
	Images       int `json:"images" doc:"Tags whose image is not analysed, or of which that is not known yet"`
	Unread       int `json:"unread" doc:"Enabled repositories whose tags were not read yet, so that they are not counted"`
}

package connected

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
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

// KnownRepository is what is known of one repository, whether its registry is connected or not.
type KnownRepository struct {
	Name    string      `json:"name" doc:"As images are named, without a tag"`
	Watched *Repository `json:"watched,omitempty" doc:"As a connected registry has it; absent if none does"`
	Tags    int         `json:"tags" doc:"That name something now"`
	Images  int         `json:"images" doc:"That a tag of it names or named, or that were asked for by it"`
	Running int         `json:"running" doc:"Of these, run somewhere now"`
}

// NewKnownRepository converts what is known of a repository.
func NewKnownRepository(r store.KnownRepository) KnownRepository {
	out := KnownRepository{Name: r.Name, Tags: r.Tags, Images: r.Images, Running: r.Running}
	if r.Watched != nil {
		watched := NewRepository(*r.Watched)
		out.Watched = &watched
	}
	return out
}

// TagInterval is what a tag named from then until then.
type TagInterval struct {
	Tag    string           `json:"tag"`
	Target crowsnest.Digest `json:"target" doc:"Of an index or a manifest"`
	Since  time.Time        `json:"since"`
	Until  time.Time        `json:"until,omitzero" doc:"Absent while it still does"`
	Image  crowsnest.Digest `json:"image,omitempty" doc:"Of the target, the image that is furthest with its analysis; absent if none is known"`
	State  store.State      `json:"state,omitempty" enum:"found,analysed,failed,removed" doc:"Of that image"`
	Reason string           `json:"reason,omitempty" doc:"Why its analysis failed"`
}

// NewTagInterval converts a row.
func NewTagInterval(i store.TagInterval) TagInterval { return TagInterval(i) }

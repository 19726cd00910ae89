// Package retention is the form of what goes when it is old, in answers.
package retention

import (
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/volume"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Retention says after how many days what is old is removed.
type Retention struct {
	Images   int `json:"images" minimum:"0" maximum:"3650" doc:"Days after which the content of an image is removed that did not run, was not recorded, analysed or looked up in that time, and is not the newest of its repository; 0 for never"`
	Analyses int `json:"analyses" minimum:"0" maximum:"3650" doc:"Days after which requests for analyses are removed that are done or failed; 0 for never"`
	Audit    int `json:"audit" minimum:"0" maximum:"3650" doc:"Days after which entries of the audit log are removed; 0 for never"`
}

// RetentionChange says which ages become others; what is left out stays.
type RetentionChange struct {
	Images   *int `json:"images,omitempty" minimum:"0" maximum:"3650"`
	Analyses *int `json:"analyses,omitempty" minimum:"0" maximum:"3650"`
	Audit    *int `json:"audit,omitempty" minimum:"0" maximum:"3650"`
}

// Apply returns the ages after the change.
func (c RetentionChange) Apply(r store.Retention) store.Retention {
	for to, from := range map[*int]*int{&r.Images: c.Images, &r.Analyses: c.Analyses, &r.Audit: c.Audit} {
		if from != nil {
			*to = *from
		}
	}
	return r
}

// Removal counts what retention removes.
type Removal struct {
	Images   int64 `json:"images" doc:"Images whose content is removed; that there were these images, and when they ran, stays"`
	Packages int64 `json:"packages" doc:"Packages in layers, with where they lie; a layer that images share counts once"`
	Versions int64 `json:"versions" doc:"Package versions that nothing has any more, with their findings; 0 in a preview"`
	Layers   int64 `json:"layers" doc:"Results of layers that no organisation needs"`
	Profiles int64 `json:"profiles" doc:"Sets of packages that were seen loaded, in nothing that runs any more"`
	Analyses int64 `json:"analyses"`
	Audit    int64 `json:"audit"`
	Bytes    int64 `json:"bytes" doc:"Of what is counted, as it is stored; indexes come on top"`
}

// RetentionPreview tells what would be removed now.
type RetentionPreview struct {
	Retention Retention `json:"retention" doc:"The ages it would be removed by"`
	Removal   Removal   `json:"removal"`
}

// RetentionRun is one time that retention went over the organisation.
type RetentionRun struct {
	ID       string    `json:"id"`
	Started  time.Time `json:"started"`
	Updated  time.Time `json:"updated" doc:"When it last did something"`
	Finished time.Time `json:"finished,omitzero" doc:"Absent while it is under way, or waits to go on"`
	Removed  Removal   `json:"removed" doc:"So far"`
}

// NewRetentionRun converts a run.
func NewRetentionRun(r store.RetentionRun) RetentionRun {
	return RetentionRun{ID: r.ID, Started: r.Started, Updated: r.Updated, Finished: r.Finished, Removed: Removal(r.Removed)}
}

// Storage is how much is kept.
type Storage struct {
	Engine   string       `json:"engine" enum:"sqlite,postgres"`
	Bytes    int64        `json:"bytes" doc:"Of the database of the whole installation"`
	Free     int64        `json:"free" doc:"Bytes in it that are for use again; 0 on PostgreSQL, which does not say"`
	Measured time.Time    `json:"measured" doc:"At most a few minutes ago"`
	Kinds    []StorageUse `json:"kinds"`
}

// StorageUse is how much there is of one sort.
type StorageUse struct {
	Kind  string `json:"kind" enum:"images,layers,packages,findings,advisories,history,jobs,audit,other"`
	Rows  int64  `json:"rows" doc:"Of the main table of the sort; an estimate on PostgreSQL"`
	Bytes int64  `json:"bytes" doc:"With indexes"`
}

// NewStorage converts what was measured.
func NewStorage(s volume.Storage) Storage {
	return Storage{Engine: s.Engine, Bytes: s.Bytes, Free: s.Free, Measured: s.Measured,
		Kinds: wire.Each(s.Kinds, func(u volume.Use) StorageUse { return StorageUse{string(u.Kind), u.Rows, u.Bytes} })}
}

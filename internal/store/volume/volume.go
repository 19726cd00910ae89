// Package volume says how much is kept, as the store hands it out. It is a part of the store's contract.
package volume

import "time"

// Kind is a sort of what is kept.
type Kind string

// The sorts of what is kept, in the order in which they are shown.
const (
	Images     Kind = "images"
	Layers     Kind = "layers"
	Packages   Kind = "packages"
	Findings   Kind = "findings"
	Advisories Kind = "advisories"
	History    Kind = "history"
	Jobs       Kind = "jobs"
	Audit      Kind = "audit"
	Other      Kind = "other"
)

// Storage is how much is kept. Bytes and rows are the whole installation's, which shares most of it.
type Storage struct {
	Engine   string // "sqlite" or "postgres"
	Bytes    int64  // of the database, with what is free in it
	Free     int64  // bytes for use again; 0 on PostgreSQL, which does not say
	Measured time.Time
	Kinds    []Use
}

// Use is how much there is of one sort, its indexes included. Rows are those of its main table;
// on PostgreSQL they are the planner's estimate.
type Use struct {
	Kind  Kind
	Rows  int64
	Bytes int64
}

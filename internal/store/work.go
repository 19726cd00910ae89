package store

// Work is a job to be done, named by kind and the row or the feed it is about. A store hands
// it to the job system inside the transaction that causes it.
type Work struct {
	Kind WorkKind
	ID   string // request or integration ID, or name of a feed
}

// WorkKind is a sort of job.
type WorkKind string

// The kinds of work a store causes.
const (
	AnalyseWork WorkKind = "analyse"
	SweepWork   WorkKind = "sweep"
	FeedWork    WorkKind = "feed"
)

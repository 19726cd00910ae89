package store

// Work is a job to be done, named by kind and the row or the feed it is about. A store hands
// it to the job system inside the transaction that causes it.
type Work struct {
	Kind WorkKind
	ID   string // of a request, an integration or a connected registry, or the name of a feed
	Lane Lane   // of a request; zero for others
}

// WorkKind is a sort of job.
type WorkKind string

// The kinds of work a store causes.
const (
	AnalyseWork WorkKind = "analyse"
	SweepWork   WorkKind = "sweep"
	FeedWork    WorkKind = "feed"
	WatchWork   WorkKind = "watch"  // of a connected registry
	PolicyWork  WorkKind = "policy" // of whatever is due
)

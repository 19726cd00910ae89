package store

// Work is a job to be done, named by kind and the row it is about. A store hands
// it to the job system inside the transaction that causes it.
type Work struct {
	Kind WorkKind
	ID   string // of a request, an integration or a connected registry
	Lane Lane   // of a request; zero for others
}

// WorkKind is a sort of job.
type WorkKind string

// The kinds of work a store causes.
const (
	AnalyseWork WorkKind = "analyse"
	SweepWork   WorkKind = "sweep"
	WatchWork   WorkKind = "watch" // of a connected registry
)

package crowsnest

import "time"

// Workload names a container of something that runs in a cluster.
type Workload struct {
	Integration string `json:"integration"` // name of the integration that saw it
	Cluster     string `json:"cluster"`
	Namespace   string `json:"namespace"`
	Kind        string `json:"kind"` // lower case as reported: "deployment"; unknown kinds are kept
	Name        string `json:"name"`
	Container   string `json:"container"`
}

// Observation is one container a source saw running, in one sweep.
type Observation struct {
	Namespace string
	Kind      string
	Name      string
	Container string
	ImageID   Digest // as reported: mostly the configuration digest; may name a manifest or an index

	// Profile names the set of packages seen loaded, see ProfileOf. It is empty both when the source
	// has no profile yet and when nothing was loaded; the two cannot be told
	// apart, so an empty name means "not observed".
	Profile string `json:"-"`
	// Loaded is that set. Of several containers with one profile a source that hands on many may give it with some of
	// the first only.
	Loaded []LoadedPackage
}

// Occurrence is an Observation over time.
type Occurrence struct {
	Workload
	Environment string    `json:"environment"`
	ImageID     Digest    `json:"imageId"`
	Opened      time.Time `json:"opened"`
	Closed      time.Time `json:"closed,omitzero"` // zero while it runs
}

// Coverage counts distinct running images by what is known of them.
// Running = Analysed + NotAnalysed + Failed + Unresolved.
type Coverage struct {
	Running     int `json:"running"`
	Analysed    int `json:"analysed"`
	NotAnalysed int `json:"notAnalysed"` // known to the organisation, waiting for or without analysis
	Failed      int `json:"failed"`      // analysis was tried and failed, with a reason
	Unresolved  int `json:"unresolved"`  // the reported digest names no image the organisation knows
}

// Add returns the sum of both.
func (c Coverage) Add(d Coverage) Coverage {
	return Coverage{c.Running + d.Running, c.Analysed + d.Analysed, c.NotAnalysed + d.NotAnalysed, c.Failed + d.Failed, c.Unresolved + d.Unresolved}
}

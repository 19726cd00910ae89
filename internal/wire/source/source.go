// Package source is the form, in answers, of what is asked about integrations beside how they are.
package source

import (
	"errors"
	"slices"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Clusters is what an account has.
type Clusters struct {
	Clusters  []string    `json:"clusters"`
	ListedBy  sysdig.List `json:"listedBy,omitempty" enum:"risk-spotlight,data-sources,inventory" doc:"Which list of Sysdig that is: the one that belongs to the token, of clusters that share what runs there, or one that is asked where that is not to be had; absent if none is, and then a name must be typed"`
	Refused   string      `json:"refused,omitempty" doc:"Why the list that belongs to the token is not to be had"`
	Hint      string      `json:"hint,omitempty" doc:"What may be wrong although nothing failed"`
	Connected []Feeding   `json:"connected" doc:"Those of the clusters that integrations connect already"`
}

// Feeding is how a cluster is connected already.
type Feeding struct {
	Cluster     string `json:"cluster"`
	Integration string `json:"integration"`
	Environment string `json:"environment"`
}

// NewClusters converts the list of clusters of an account; connected are the integrations that there are.
func NewClusters(list sysdig.Listing, account sysdig.Config, connected []store.Integration) Clusters {
	out := Clusters{Clusters: append([]string{}, list.Names...), ListedBy: list.By, Refused: crowsnest.Reason(list.Refused), Connected: []Feeding{}}
	switch {
	case list.Refused != nil && len(list.Names) == 0:
		out.Hint = "Sysdig accepts the token and does not give it the list of its clusters, nor is there another list. Type the name, as the agent's cluster_config.name says"
	case list.Refused != nil:
		out.Hint = "Sysdig does not give the token its own list of clusters, so these are those of Sysdig's " + listNames[list.By] + ". One that is missing can be typed, and one that is listed may share nothing"
	case len(list.Names) == 0:
		out.Hint = "Sysdig accepts the token and names no cluster; a name can be given all the same. It may be that " + wire.Unshared
	}
	for _, in := range connected {
		if slices.Contains(list.Names, in.Cluster) && account.SamePlace(sysdig.Config{Region: in.Region, URL: in.URL}) {
			out.Connected = append(out.Connected, Feeding{Cluster: in.Cluster, Integration: in.Name, Environment: in.Environment})
		}
	}
	return out
}

// listNames is how people call lists of Sysdig.
var listNames = map[sysdig.List]string{sysdig.DataSources: "data sources", sysdig.Inventory: "inventory"}

// Hint says what a test of a cluster found although nothing was refused.
func Hint(cluster string, t sysdig.Trial) string {
	var parts []string
	switch {
	case len(t.Others) > 0 && t.Refused != nil:
		parts = append(parts, "Sysdig does not give the token its own list of clusters, and the one of its "+listNames[t.By]+" does not have the cluster "+cluster+"; it has "+some(t.Others))
	case len(t.Others) > 0:
		parts = append(parts, "Sysdig does not list the cluster "+cluster+"; it reports "+some(t.Others))
	case t.Refused != nil && t.By == "" && t.Empty:
		parts = append(parts, "Sysdig gives the token no list of clusters that the name "+cluster+" could be checked with")
	}
	if t.Empty {
		parts = append(parts, wire.NoContainers)
	}
	return strings.Join(parts, ". ")
}

// Refused is the error of a test that found an empty cluster, which nobody said is meant.
func Refused(cluster string, t sysdig.Trial) error {
	return &crowsnest.Error{
		Kind: crowsnest.Invalid, Op: "connect cluster", Subject: cluster, Field: "allowEmpty",
		Hint: "nothing is saved; say allowEmpty, in the command --allow-empty, to connect it all the same", Err: fault.With(fault.EmptyCluster, errors.New(Hint(cluster, t))),
	}
}

// some names a few of many.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and more"
}

// Impact is what happens to environments when an integration is deleted, moved or pointed at another cluster.
type Impact struct {
	Leaves ImpactOn  `json:"leaves"`
	Enters *ImpactOn `json:"enters,omitempty" doc:"Absent for a deletion, and for another cluster"`
	Fed    string    `json:"fed,omitempty" doc:"Of another cluster, the environment that what runs there will enter with its first sweep; before that it is not known"`
}

// ImpactOn is what happens to one environment.
type ImpactOn struct {
	Environment string `json:"environment"`
	Occurrences int    `json:"occurrences" doc:"Running containers that leave or enter"`
	Images      int    `json:"images" doc:"Analysed images that leave or enter: those that no other integration runs there"`
	Unresolved  int    `json:"notAnalysed" doc:"The same of what is not analysed"`
	Remaining   int    `json:"remaining" doc:"Analysed images that run there afterwards; an environment without any is left out of lists"`

	Listed []ImpactImage `json:"listed" doc:"The first 100 of the images, by name"`
}

// ImpactImage is an image that leaves or enters.
type ImpactImage struct {
	Name   string           `json:"name"`
	Digest crowsnest.Digest `json:"digest"`
}

// NewImpact converts an impact.
func NewImpact(i store.Impact) Impact {
	out := Impact{Leaves: newImpactOn(i.Leaves)}
	if i.Enters != nil {
		enters := newImpactOn(*i.Enters)
		out.Enters = &enters
	}
	return out
}

func newImpactOn(i store.ImpactOn) ImpactOn {
	return ImpactOn{
		Environment: i.Environment, Occurrences: i.Occurrences, Images: i.Images, Unresolved: i.Unresolved, Remaining: i.Remaining,
		Listed: wire.Each(i.Listed, func(image store.ImpactImage) ImpactImage { return ImpactImage(image) }),
	}
}

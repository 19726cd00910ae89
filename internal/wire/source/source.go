// Package source is the form, in answers, of what is asked about integrations beside how they are.
package source

import (
	"errors"
	"strings"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/fault"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/sysdig"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Clusters is what an account has.
type Clusters struct {
	Clusters []string `json:"clusters"`
	Hint     string   `json:"hint,omitempty" doc:"What may be wrong although nothing failed"`
}

// NewClusters converts the list of clusters of an account.
func NewClusters(names []string) Clusters {
	out := Clusters{Clusters: append([]string{}, names...)}
	if len(names) == 0 {
		out.Hint = "Sysdig accepts the token and names no cluster; a name can be given all the same. It may be that " + wire.Unshared
	}
	return out
}

// Hint says what a test of a cluster found although nothing was refused.
func Hint(cluster string, t sysdig.Trial) string {
	var parts []string
	if len(t.Others) > 0 {
		parts = append(parts, "Sysdig does not list the cluster "+cluster+"; it reports "+some(t.Others))
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

// Impact is what happens to environments when an integration is deleted or moved.
type Impact struct {
	Leaves ImpactOn  `json:"leaves"`
	Enters *ImpactOn `json:"enters,omitempty" doc:"Absent for a deletion"`
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

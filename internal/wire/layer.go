package wire

import (
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
)

// ImageConfig is how an image says it wants to run.
type ImageConfig struct {
	Created    time.Time            `json:"created,omitzero"`
	User       string               `json:"user" doc:"Empty is root"`
	Labels     map[string]string    `json:"labels,omitempty"`
	Ports      []string             `json:"ports,omitempty" doc:"Such as 80/tcp"`
	Entrypoint []string             `json:"entrypoint,omitempty"`
	Command    []string             `json:"command,omitempty"`
	WorkingDir string               `json:"workingDir,omitempty"`
	Env        []crowsnest.Variable `json:"env,omitempty" doc:"A value that may be a secret is hidden; it is not kept anywhere"`
}

// Layer is a layer of an image with what it does to the packages.
type Layer struct {
	DiffID  crowsnest.Digest `json:"diffId" doc:"Digest of the uncompressed layer, which locations of packages refer to"`
	Command string           `json:"command,omitempty" doc:"The history line, without what may be a secret"`
	Size    int64            `json:"size" doc:"Compressed bytes"`
	Base    bool             `json:"base" doc:"It is one of the base image's, as far as that is known"`
	Added   *int             `json:"added,omitempty" doc:"Packages that are there with it and not without; absent if not counted"`
	Removed *int             `json:"removed,omitempty" doc:"Packages that it takes away; absent if not counted"`
}

func newLayers(d *store.ImageDetail) []Layer {
	if d == nil {
		return nil
	}
	out := make([]Layer, len(d.Layers))
	for i, l := range d.Layers {
		out[i] = Layer{DiffID: l.DiffID, Command: l.CreatedBy, Size: l.Size, Base: d.Base != nil && i < d.Base.Layers}
		if i < len(d.Changes) {
			out[i].Added, out[i].Removed = &d.Changes[i].Added, &d.Changes[i].Removed
		}
	}
	return out
}

package wire

import (
	"strings"

	"github.com/crowsnest-sec/crowsnest"
)

// FileOwnersRequest names files of an image.
type FileOwnersRequest struct {
	Paths []string `json:"paths" minItems:"1" maxItems:"1000" doc:"Paths in the image; symbolic links are not followed, but for top folders that are links into usr"`
}

// FileOwner says which packages brought a file of an image. Its fields are a contract.
type FileOwner struct {
	Path   string                   `json:"path" doc:"As asked for"`
	Exists bool                     `json:"exists" doc:"Whether the image has a file there, or a link"`
	Layer  crowsnest.Digest         `json:"layer,omitempty" doc:"Diff ID of the layer whose content it is"`
	Owners []crowsnest.PackageOwner `json:"owners" doc:"The packages it is of: one of the distribution, or those of languages that it names or lies in; empty if none is known"`
	Later  bool                     `json:"later" doc:"Whether its content came in a layer above that of its owner, so that it may be another file"`
}

// String writes the names and versions of the owners.
func (f FileOwner) String() string {
	names := make([]string, len(f.Owners))
	for i, o := range f.Owners {
		names[i] = o.Name + " " + o.Version
	}
	return strings.Join(names, ", ")
}

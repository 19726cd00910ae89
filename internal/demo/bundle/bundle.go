package bundle

import (
	"embed"
	"encoding/json"
	"io/fs"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
)

//go:embed layout advisories clusters.json
var files embed.FS

// Image is one image of the bundle. Exactly one of Image and Index is set.
type Image struct {
	Repository string // "shop/web", without a registry
	Tag        string
	Pushed     bool // false: it runs in a cluster but no registry has it

	Image v1.Image      // of one platform
	Index v1.ImageIndex // of several platforms
}

// Name returns repository:tag.
func (i Image) Name() string { return i.Repository + ":" + i.Tag }

// Cluster is one cluster of the demo and what is seen running in it.
type Cluster struct {
	Name        string
	Environment string // the environment it is mapped to
	Items       []crowsnest.Observation
}

// Images returns the images in the order of their names. Blobs are read when
// they are asked for and are safe to share.
func Images() ([]Image, error) {
	l, err := openLayout(files, "layout")
	if err != nil {
		return nil, broken("open bundled images", err)
	}
	images, err := l.images()
	if err != nil {
		return nil, broken("open bundled images", err)
	}
	return images, nil
}

// Advisories returns the bundled advisories in the layout of OSV's bucket:
// ecosystems.txt, and for each ecosystem <Ecosystem>/all.zip with one JSON
// document per record and <Ecosystem>/modified_id.csv, newest first.
func Advisories() (fs.FS, error) {
	dir, err := fs.Sub(files, "advisories")
	if err != nil {
		return nil, broken("open bundled advisories", err)
	}
	return dir, nil
}

// Clusters returns what runs in each cluster. Every ImageID is the
// configuration digest of an image of the bundle.
func Clusters() ([]Cluster, error) {
	b, err := files.ReadFile("clusters.json")
	if err != nil {
		return nil, broken("open bundled clusters", err)
	}
	var clusters []Cluster
	if err := json.Unmarshal(b, &clusters); err != nil {
		return nil, broken("open bundled clusters", err)
	}
	return clusters, nil
}

func broken(op string, err error) error {
	return &crowsnest.Error{Kind: crowsnest.Internal, Op: op, Hint: "this build of crowsnest is broken; install another one", Err: err}
}

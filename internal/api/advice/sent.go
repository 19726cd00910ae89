package advice

import (
	"context"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory/unkept"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// Sent is an image that is not kept, and what is asked of it.
type Sent struct {
	Image    wire.Target         `json:"image"`
	Layers   []crowsnest.Digest  `json:"layers" maxItems:"4096" doc:"Their diff IDs, lowest first, by which its base is known"`
	Labels   map[string]string   `json:"labels,omitempty" doc:"Of its configuration: some name the base"`
	Packages []crowsnest.Package `json:"packages" maxItems:"200000" doc:"With the layer of each place, to tell what the base brought"`
	Question
}

// OfSent answers a question about an image that is not kept: by its layers and labels the bases are found that the organisation knows, and by its packages
// what to upgrade. The answer depends on nothing that is known of an image of that name or digest but decisions and what is in use.
func (r Reader) OfSent(ctx context.Context, org store.OrgID, in Sent) (Recommendations, error) {
	clean(&in)
	image := crowsnest.Image{Name: in.Image.Name, Digest: in.Image.Digest, ImageID: in.Image.ImageID}
	findings, omissions, err := unkept.Find(ctx, r.Store, org, image, in.Packages, in.Environment)
	if err != nil {
		return Recommendations{}, err
	}
	layers := wire.Each(in.Layers, func(d crowsnest.Digest) crowsnest.Layer { return crowsnest.Layer{DiffID: d} })
	about := asked{target: in.Image, layers: layers, platform: in.Image.Platform}
	if about.base, err = r.Store.BaseOf(ctx, org, in.Labels, layers); err != nil {
		return Recommendations{}, err
	}
	return r.answer(ctx, org, about, findings, omissions, in.Tag)
}

// clean makes texts fit to be asked for and told.
func clean(in *Sent) {
	for _, s := range []*string{&in.Image.Name, &in.Image.Platform, (*string)(&in.Image.Digest), (*string)(&in.Image.ImageID)} {
		*s = crowsnest.Text(*s)
	}
	for i := range in.Layers {
		in.Layers[i] = crowsnest.Digest(crowsnest.Text(string(in.Layers[i])))
	}
	labels := make(map[string]string, len(in.Labels))
	for name, value := range in.Labels {
		labels[crowsnest.Text(name)] = crowsnest.Text(value)
	}
	in.Labels = labels
}

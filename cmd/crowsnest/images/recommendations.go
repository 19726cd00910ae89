package images

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/api/advice"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/report/recommended"
	"github.com/spf13/cobra"
)

func (c commands) recommendations() *cobra.Command {
	var t target
	var q advice.Question
	var only recommended.Parts
	cmd := &cobra.Command{
		Use:   "recommendations IMAGE",
		Short: "Say what to build an image on, and which packages to upgrade",
		Long: `Say what to change so that an image has fewer vulnerabilities: whether the tag of its base image names a newer
image, which other bases have fewer critical and high ones, with what speaks for and against each, and the smallest set of
upgrades that clears all critical and high vulnerabilities of which a fix is known.

Nobody is asked for base images: those are compared that were analysed, by the server, or without one on this machine.

` + cli.KnownSources,
		Example: `  crowsnest recommendations registry.example.com/shop/web:1.3
  crowsnest recommendations registry.example.com/shop/web:1.3 --only-update --tag 12-slim`,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error {
			parts := only
			if parts == (recommended.Parts{}) {
				parts = recommended.All
			}
			r, err := c.recommend(cmd.Context(), args[0], t, q)
			if err != nil {
				return err
			}
			value, err := partsOf(r, parts)
			if err != nil {
				return err
			}
			return c.Publish(value, func(p report.Printer) { recommended.Write(p, r, parts) }, map[string]func(io.Writer) error{formatMarkdown: c.markdown(recommended.Markdown(r, parts))})
		},
	}
	t.flags(cmd)
	t.environmentFlag(cmd)
	c.AdvisoriesFlags(cmd)
	c.Formats(cmd, formatMarkdown)
	c.Reports(cmd)
	cmd.Flags().BoolVar(&only.Refresh, "only-refresh", false, "only whether the tag of the base image names a newer image")
	cmd.Flags().BoolVar(&only.Change, "only-update", false, "only other base images")
	cmd.Flags().BoolVar(&only.Packages, "only-packages", false, "only the upgrades that clear what is critical and high")
	cmd.Flags().StringVar(&q.Tag, "tag", "", "tag of the base image, where it is another one than is known")
	return cmd
}

// recommend asks about an image. What cannot be asked is refused before the image is read.
func (c commands) recommend(ctx context.Context, source string, t target, q advice.Question) (advice.Recommendations, error) {
	var none advice.Recommendations
	if scheme, _ := image.ParseSource(source); scheme == input.SchemeSBOM {
		return none, &crowsnest.Error{Kind: crowsnest.Unsupported, Op: "recommend something for", Subject: source, Hint: "name the image", Err: errors.New("a bill of materials has no layers, by which a base image is known")}
	}
	a, err := c.analyse(ctx, source, t)
	if err != nil {
		return none, err
	}
	defer a.close()
	return a.recommend(ctx, q)
}

// recommended has a server say what to change in an image that was read here. It is told the layers and labels, by which the base is known, and the
// packages; and keeps none of that.
func (c commands) recommended(remote *client.Client, environment string, a analysed) func(context.Context, advice.Question) (advice.Recommendations, error) {
	return func(ctx context.Context, q advice.Question) (advice.Recommendations, error) {
		img, err := a.image(ctx)
		if err != nil {
			return advice.Recommendations{}, err
		}
		sbom, err := a.sbom(ctx)
		if err != nil {
			return advice.Recommendations{}, err
		}
		q.Environment = environment
		sent := advice.Sent{Image: sbom.Image, Packages: make([]crowsnest.Package, len(sbom.Packages)), Layers: []crowsnest.Digest{}, Question: q}
		if img.Config != nil {
			sent.Labels = img.Config.Labels
		}
		for _, l := range img.Layers {
			sent.Layers = append(sent.Layers, l.DiffID)
		}
		for i, p := range sbom.Packages {
			sent.Packages[i].PackageVersion = p.PackageVersion
			for _, l := range p.Locations {
				sent.Packages[i].Locations = append(sent.Packages[i].Locations, crowsnest.Location{Layer: l.Layer})
			}
		}
		r, err := cli.Asking(c, "asking "+remote.Host()+" for recommendations", func() (advice.Recommendations, error) { return remote.RecommendSent(ctx, sent) })
		r.Problems = sbom.Problems // the image was read here
		return r, err
	}
}

// partsOf leaves out of the JSON what was not asked for.
func partsOf(r advice.Recommendations, parts recommended.Parts) (any, error) {
	if parts == recommended.All {
		return r, nil
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var out map[string]json.RawMessage
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		wanted bool
		names  []string
	}{{parts.Refresh, []string{"refresh"}}, {parts.Change, []string{"changes", "moreChanges"}}, {parts.Packages, []string{"upgrades"}}} {
		for _, name := range part.names {
			if !part.wanted {
				delete(out, name)
			}
		}
	}
	return out, nil
}

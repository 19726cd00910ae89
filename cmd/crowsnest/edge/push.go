package edge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/inventory"
	"github.com/crowsnest-sec/crowsnest/internal/report"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
	"github.com/spf13/cobra"
)

// pushed is what is asked for on the command line.
type pushed struct {
	platform, ref, name string
	dry, exit           bool
}

func (c commands) push() *cobra.Command {
	var p pushed
	cmd := &cobra.Command{
		Use:   "push IMAGE",
		Short: "Look into an image here, and deliver what is in it to the server",
		Long: `Look into an image on this machine, and deliver what is in it to the server: packages, where they are, and what the
image says of itself. Its files stay here. The answer are the vulnerabilities that the server finds. A token with the scope
upload is enough; the organisation is that of the token.

It is for images that the server cannot pull. Of what the server has analysed itself, only the tag is noted.

` + cli.Sources,
		Args: cli.ExactArgs(1, "an image"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.deliver(cmd.Context(), args[0], p) },
	}
	flags := cmd.Flags()
	flags.StringVar(&p.platform, "platform", "", "platform the image must be for, as os/architecture[/variant] (default linux/amd64 of several)")
	flags.StringVar(&p.ref, "ref", "", "which image of a layout or archive that holds several")
	flags.StringVar(&p.name, "name", "", "what the server calls the image, such as registry.example.com/shop/web:1.0 (default its own name)")
	flags.BoolVar(&p.dry, "dry-run", false, "look into the image and send nothing; --format json prints what would be sent")
	flags.BoolVarP(&p.exit, "exit-code", "e", false, "end with code 2 if there are vulnerabilities, with 3 if there are none but not all of the image could be judged")
	c.Formats(cmd)
	return cmd
}

func (c commands) deliver(ctx context.Context, source string, p pushed) error {
	remote, err := c.NeedServer("push " + source)
	if err != nil {
		return err
	}
	d, err := c.find(ctx, source, p)
	if err != nil {
		return err
	}
	if p.dry {
		return c.Print(d, func(out report.Printer) {
			fmt.Fprintf(out.W, "would deliver %d packages of %s (%s) to %s\n", len(d.Content.Packages), report.Clean(d.Image.Name), d.Image.Digest, report.Clean(remote.Host()))
		})
	}
	receipt, err := cli.Asking(c, "delivering "+d.Image.Name+" to "+remote.Host(), func() (delivery.Receipt, error) { return remote.Deliver(ctx, d) })
	if err != nil {
		return err
	}
	if d.Failure != nil {
		return &crowsnest.Error{Kind: crowsnest.Invalid, Op: "analyse", Subject: source, Hint: "the server was told", Err: errors.New(d.Failure.Reason)}
	}
	said := fmt.Sprintf("delivered %d packages", len(d.Content.Packages))
	if receipt.Known {
		said = "known already; the tag was noted"
	}
	fmt.Fprintf(c.Err, "%s: %s\n", report.Clean(d.Image.Name), said)
	cves := *receipt.Findings
	if err := c.Print(cves, func(out report.Printer) { out.CVEs(cves, 0, report.Shown{}) }); err != nil {
		return err
	}
	switch {
	case p.exit && len(cves.Findings) > 0:
		return cli.FoundVulnerabilities
	case p.exit && !cves.Complete():
		return cli.FoundIncomplete
	}
	return nil
}

// find looks into an image.
func (c commands) find(ctx context.Context, source string, p pushed) (delivery.Delivery, error) {
	scheme, rest := image.ParseSource(source)
	if scheme == input.SchemeSBOM {
		return c.fromSBOM(rest, p)
	}
	if scheme == image.SchemeRegistry && p.ref != "" {
		return delivery.Delivery{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read --ref", Subject: p.ref, Hint: "it chooses from an oci-dir:// or an archive://; write a tag behind a reference instead"}
	}
	opts := image.Options{Reference: p.ref}
	if p.platform != "" {
		var err error
		if opts.Platform, err = crowsnest.ParsePlatform(p.platform); err != nil {
			return delivery.Delivery{}, err
		}
	}
	local, err := c.Local(ctx)
	if err != nil {
		return delivery.Delivery{}, err
	}
	defer local.Close()
	progress := c.Progress()
	defer progress.End()
	progress.Say("opening %s", source)
	found, err := local.Find(ctx, source, p.name, opts)
	if err != nil {
		return delivery.Delivery{}, err
	}
	defer found.Close()
	d, err := found.Look(ctx, func(stage string, done, total int) {
		if total > 0 {
			progress.Say("%s of %s (%d of %d)", stage, source, done, total)
		} else {
			progress.Say("%s of %s", stage, source)
		}
	})
	if err == nil && d.Failure != nil && p.dry {
		err = &crowsnest.Error{Kind: crowsnest.Invalid, Op: "analyse", Subject: source, Err: errors.New(d.Failure.Reason)}
	}
	return d, err
}

// fromSBOM takes a list of packages for what is in the image that it names. One that names none is called by what is in it.
func (c commands) fromSBOM(file string, p pushed) (delivery.Delivery, error) {
	if p.platform != "" || p.ref != "" {
		return delivery.Delivery{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose from", Subject: file, Hint: "leave out --platform and --ref", Err: errors.New("a bill of materials is of one image")}
	}
	sbom, err := input.SBOM(file, c.In)
	if err != nil {
		return delivery.Delivery{}, err
	}
	d := delivery.Delivery{
		Analyser: inventory.Version, Image: delivery.Told(crowsnest.Image{Name: sbom.Image.Name, Digest: sbom.Image.Digest, ImageID: sbom.Image.ImageID}),
		Content: &delivery.Content{
			Distribution: crowsnest.Distribution{Name: sbom.Distribution}, Packages: wire.List(sbom.Packages),
			Problems: append(sbom.Problems, crowsnest.Problem{Reason: "the image was not analysed: its packages are from a bill of materials that was delivered"}),
		},
	}
	if p.name != "" {
		d.Image.Name = p.name
	}
	if sbom.Image.Platform != "" {
		if d.Image.Platform, err = crowsnest.ParsePlatform(sbom.Image.Platform); err != nil {
			d.Image.Platform = crowsnest.Platform{}
		}
	}
	if d.Image.Digest == "" {
		raw, err := json.Marshal(sbom.Packages)
		if err != nil {
			return d, err
		}
		d.Image.Digest = crowsnest.DigestOf(raw)
	}
	if d.Image.ImageID == "" {
		d.Image.ImageID = d.Image.Digest
	}
	return d, nil
}

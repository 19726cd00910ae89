package app

import (
	"context"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/advisory"
	"github.com/crowsnest-sec/crowsnest/internal/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/egress"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/inventory"
	"github.com/crowsnest-sec/crowsnest/internal/registry"
	"github.com/crowsnest-sec/crowsnest/internal/registry/identity"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/delivery"
)

// deliver keeps what was found in an image elsewhere, unless it is known, and returns the findings in the packages that
// were delivered. What runs is told only to a caller who may read: the image a delivery names may be any.
func (e *engine) deliver(ctx context.Context, org store.OrgID, d delivery.Delivery, reads bool) (delivery.Receipt, error) {
	receipt := delivery.Receipt{Digest: d.Image.Digest}
	analysis, statements, tag, err := d.Read()
	if err != nil {
		return receipt, err
	}
	held, err := e.store.Analyser(ctx, org, d.Image.Digest)
	if err != nil {
		return receipt, err
	}
	analyser := held
	if receipt.Known = delivery.Covers(held, d.Analyser); !receipt.Known || d.Renews(held) {
		if analyser, err = d.By(org); err != nil {
			return receipt, err
		}
	}
	known, err := e.store.RecordImage(ctx, org, analysis.Image, tag, analyser)
	if err != nil {
		return receipt, err
	}
	switch {
	case d.Failure != nil && !receipt.Known:
		kind, err := d.Failure.KindOf()
		if err == nil {
			err = e.store.FailImage(ctx, org, d.Image.Digest, kind, crowsnest.Text(d.Failure.Reason))
		}
		return receipt, err
	case d.Content == nil:
		return receipt, nil
	case !receipt.Known || d.Renews(held):
		if err := e.keepDelivered(ctx, org, &analysis, delivery.Delivered(held), len(statements) > 0); err != nil {
			return receipt, err
		}
		if receipt.Known = known; !known {
			if err := e.store.SaveAnalysis(ctx, org, analysis, analyser); err != nil {
				return receipt, err
			}
		}
		if err := e.keepAttestations(ctx, org, analysis.Image, statements); err != nil {
			return receipt, err
		}
	}
	if _, err := (advisory.Matcher{Store: e.store}).Run(ctx); err != nil {
		return receipt, err
	}
	target := wire.Target{Name: analysis.Image.Name, Digest: analysis.Image.Digest, Platform: analysis.Image.Platform.String()}
	if reads {
		target.ImageID = analysis.Image.ImageID
	}
	cves, err := e.evaluate(ctx, org, wire.EvaluationRequest{Image: target, Packages: versionsOf(analysis.Packages)})
	cves.Image.ImageID, cves.Problems = analysis.Image.ImageID, wire.List(analysis.Problems)
	receipt.Findings = &cves
	return receipt, err
}

// keepDelivered stores the VEX documents that were delivered with an image in the place of those that were delivered before. Where something
// is attested of it, that counts alone, as of what is analysed here.
func (e *engine) keepDelivered(ctx context.Context, org store.OrgID, a *crowsnest.Analysis, before, attested bool) error {
	if before {
		if err := e.forgetStated(ctx, org, a.Image.Digest); err != nil {
			return err
		}
	}
	if attested {
		return nil
	}
	return e.keepStated(ctx, org, a)
}

func versionsOf(packages []crowsnest.Package) []crowsnest.PackageVersion {
	return wire.Each(packages, func(p crowsnest.Package) crowsnest.PackageVersion { return p.PackageVersion })
}

// Found is an image that was opened on this machine to be delivered to a server.
type Found struct {
	*image.Image
	local *Local
	tag   *delivery.Tag
}

// Find opens an image to be delivered, which goes by name unless that is empty. Nothing is kept of it here but the
// results of its layers. The caller closes it.
func (l *Local) Find(ctx context.Context, source, name string, opts image.Options) (*Found, error) {
	img, err := image.Open(ctx, source, opts)
	if err != nil {
		return nil, err
	}
	if name != "" {
		img.Name = name
	}
	f := &Found{Image: img, local: l}
	if tag := tagOf(source, img.Image); tag != nil {
		f.tag = &delivery.Tag{Repository: tag.Repository, Name: tag.Name, Target: tag.Target}
	}
	return f, nil
}

// Offer names the image, to ask a server whether it needs the rest.
func (f *Found) Offer() delivery.Delivery {
	return delivery.Delivery{Analyser: inventory.Version, Image: delivery.Told(f.Image.Image), Tag: f.tag}
}

// Close closes the image.
func (f *Found) Close() error { return f.Image.Close() }

// Look looks into the image. What cannot be analysed is delivered as well, with the reason; an error says that it is to be
// tried again.
func (f *Found) Look(ctx context.Context, stage func(stage string, done, total int)) (delivery.Delivery, error) {
	d := f.Offer()
	stage("reading attestations", 0, 0)
	list := attestation.Read(ctx, f.Image.Image, f.Image)
	analysis, err := f.local.engine.inspector.Inspect(ctx, f.local.org, f.Image.Image, f.OpenLayer, func(done, total int) { stage("analysing layers", done, total) })
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	if err != nil {
		switch kind := crowsnest.KindOf(err); kind {
		case crowsnest.TooLarge, crowsnest.Corrupt, crowsnest.Unsupported, crowsnest.Invalid:
			d.Failure = &delivery.Failure{Kind: kind.String(), Reason: crowsnest.Reason(err)}
			return d, nil
		}
		return d, err
	}
	d.Content = &delivery.Content{
		Distribution: analysis.Distribution, Packages: wire.List(analysis.Packages), Changes: analysis.Changes,
		Problems: append(analysis.Problems, f.Problems...), Statements: delivery.Statements(list),
	}
	if len(list) == 0 { // else they do not count
		d.Content.Documents = delivery.Documents(analysis.VEX)
	}
	return d, nil
}

// localAge is for how many days the results of layers stay in the cache of a machine that delivers day after day.
const localAge = 30

// Tidy removes from the cache of this machine what was not used for a month.
func (l *Local) Tidy(ctx context.Context) error {
	ages, err := l.store.Retention(ctx, l.org)
	if err == nil && ages.Images == 0 {
		ages.Images = localAge
		err = l.store.SetRetention(ctx, l.org, ages)
	}
	if err == nil {
		_, err = retainAll(ctx, l.store, l.org, nil)
	}
	return err
}

// Outpost returns what reaches registries from this machine, with the accounts that docker login and credential helpers keep where
// no others are given.
func Outpost() (*registry.Connector, error) {
	policy := egress.Policy{Allow: private, ProxyFromEnvironment: true}
	api, err := egress.New(policy)
	if err != nil {
		return nil, err
	}
	c := connector(api.Transport, api, policy, &trusting{})
	c.Identity = &identity.Source{API: api, Variable: config.Variable}
	c.Otherwise = authn.DefaultKeychain
	return c, nil
}

// Opening returns with what images of a registry are opened, and how to ask for how long it wants to be left alone.
func Opening(ctx context.Context, c *registry.Connector, cfg registry.Config) (image.Options, func() time.Duration, error) {
	rt, err := c.Transporting(cfg)
	if err != nil {
		return image.Options{}, nil, err
	}
	said := registry.Patient(rt)
	opts := image.Options{Transport: said}
	opts.Keychain, err = c.Keychain(ctx, cfg)
	return opts, said.Wait, err
}

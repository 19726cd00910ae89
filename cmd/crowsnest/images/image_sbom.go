package images

import (
	"context"
	"errors"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/api/why"
	"github.com/crowsnest-sec/crowsnest/internal/app"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// readSBOM takes a bill of materials for an image that was analysed elsewhere.
func (c commands) readSBOM(ctx context.Context, file string, t target, remote *client.Client) (analysed, error) {
	if t.platform != "" || t.ref != "" {
		return analysed{}, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "choose from", Subject: file, Hint: "leave out --platform and --ref", Err: errors.New("a bill of materials is of one image")}
	}
	sbom, err := input.SBOM(file, c.In)
	if err != nil {
		return analysed{}, err
	}
	return c.fromSBOM(ctx, sbom, t.env, remote)
}

// fromSBOM takes a list of packages for an analysis.
func (c commands) fromSBOM(ctx context.Context, sbom wire.SBOM, environment string, remote *client.Client) (_ analysed, err error) {
	a := analysed{
		image: func(context.Context) (wire.Image, error) {
			return wire.Image{
				Name: sbom.Image.Name, Digest: sbom.Image.Digest, ImageID: sbom.Image.ImageID, Attested: sbom.Image.Attested, Platform: sbom.Image.Platform, Distribution: sbom.Distribution,
				Packages: len(sbom.Packages), State: string(store.Analysed), Environments: []string{}, Problems: sbom.Problems, ProblemCount: len(sbom.Problems),
			}, nil
		},
		sbom:  func(context.Context) (wire.SBOM, error) { return sbom, nil },
		close: func() error { return nil },
	}
	var local *app.Local
	if remote == nil {
		if local, err = c.Local(ctx); err != nil {
			return analysed{}, err
		}
		a.close = local.Close
	}
	if local == nil {
		listed := func(context.Context) (wire.SBOM, error) { return sbom, nil }
		a.cves, a.why = c.evaluated(remote, environment, listed), c.explained(remote, environment, listed)
		return a, nil
	}
	a.cves = func(ctx context.Context, explain bool) (wire.CVEs, error) {
		cves, err := local.Evaluate(ctx, wire.EvaluationRequest{Image: sbom.Image, Packages: versionsOf(sbom), Explain: explain})
		cves.Problems = sbom.Problems
		return cves, err
	}
	a.why = func(ctx context.Context, q why.Question) (why.Why, error) {
		answer, err := local.WhyPackages(ctx, why.WhyRequest{Image: sbom.Image, Packages: ownedOf(sbom), Question: q})
		answer.Problems = sbom.Problems
		return answer, err
	}
	return a, nil
}

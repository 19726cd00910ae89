package images

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/cli"
	"github.com/crowsnest-sec/crowsnest/cmd/crowsnest/input"
	"github.com/crowsnest-sec/crowsnest/internal/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/client"
	"github.com/crowsnest-sec/crowsnest/internal/export"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// attestations are what was attested of an image, wherever that was read.
type attestations struct {
	wire.Attestations
	remote    *client.Client // nil without a server
	statement func(context.Context, crowsnest.Attestation) ([]byte, error)
}

// readAttestations reads what was attested of an image. The image of a registry is the server's to ask if there is a
// server; files are read here.
func (c commands) readAttestations(ctx context.Context, source string, t target) (attestations, error) {
	var none attestations
	platform, err := t.parsePlatform()
	if err != nil {
		return none, err
	}
	remote, err := c.Remote()
	if err != nil {
		return none, err
	}
	scheme, rest := image.ParseSource(source)
	if scheme == input.SchemeSBOM {
		return none, &crowsnest.Error{Kind: crowsnest.Invalid, Op: "read attestations of", Subject: source, Hint: "name the image", Err: errors.New("a bill of materials has none")}
	}
	if err := c.check(source, t, remote); err != nil {
		return none, err
	}
	if remote != nil && scheme == image.SchemeRegistry {
		digest, err := c.analyseThere(ctx, rest, t, remote)
		if digest == "" { // what was attested is known even if the analysis failed
			return none, err
		}
		list, err := cli.Asking(c, "asking for the attestations of "+digest, func() (wire.Attestations, error) { return remote.Attestations(ctx, digest) })
		return attestations{list, remote, func(ctx context.Context, a crowsnest.Attestation) ([]byte, error) {
			return cli.Asking(c, "asking for attestation "+string(a.Digest), func() ([]byte, error) { return remote.Attestation(ctx, list.Image.Digest, a.Digest) })
		}}, err
	}
	p := c.Progress()
	defer p.End()
	p.Say("reading attestations of %s", source)
	img, err := image.Open(ctx, source, image.Options{Platform: platform, Reference: t.ref})
	if err != nil {
		return none, err
	}
	defer img.Close()
	list := attestation.Read(ctx, img.Image, img)
	if ctx.Err() != nil {
		return none, ctx.Err()
	}
	target := wire.Target{Name: img.Name, Digest: img.Digest, ImageID: img.ImageID, Platform: img.Platform.String()}
	return attestations{wire.Attestations{Image: target, Read: time.Now().UTC(), Items: append([]crowsnest.Attestation{}, list...)}, remote, func(_ context.Context, a crowsnest.Attestation) ([]byte, error) {
		return a.Statement, nil
	}}, nil
}

// choose returns the attestations that count and have a predicate type: in full, its beginning, or the name of a kind. Without one all do.
func (a attestations) choose(predicateType string) []crowsnest.Attestation {
	return slices.DeleteFunc(slices.Clone(a.Items), func(x crowsnest.Attestation) bool {
		return !x.Counts() || string(x.Kind) != predicateType && !strings.HasPrefix(x.PredicateType, predicateType)
	})
}

// missing says that there is none of a type, and what there is.
func (a attestations) missing(what string) error {
	hint := "build it with docker buildx build --attest type=sbom --attest type=provenance,mode=max, and push it"
	var problems []string
	for _, x := range a.Items {
		if !x.Counts() {
			problems = append(problems, x.Problem)
		}
	}
	reason := errors.New("the image has none")
	if len(problems) > 0 {
		reason = fmt.Errorf("none that can be read and counts (%s)", strings.Join(problems[:min(len(problems), 3)], "; "))
		hint = "see crowsnest attestation list"
	}
	return &crowsnest.Error{Kind: crowsnest.NotFound, Op: "find " + what + " of", Subject: a.Image.Name, Hint: hint, Err: reason}
}

// sbom reads the first attested bill of materials.
func (a attestations) sbom(ctx context.Context) (wire.SBOM, error) {
	found := a.choose(string(crowsnest.AttestedSBOM))
	if len(found) == 0 {
		return wire.SBOM{}, a.missing("an attested bill of materials")
	}
	statement, err := a.statement(ctx, found[0])
	if err != nil {
		return wire.SBOM{}, err
	}
	return export.AttestedSBOM(statement, a.Image, found[0].Digest)
}

// analyseAttested takes the packages of an attested bill of materials for an analysis.
func (c commands) analyseAttested(ctx context.Context, source string, t target) (analysed, error) {
	list, err := c.readAttestations(ctx, source, t)
	if err != nil {
		return analysed{}, err
	}
	if list.remote == nil && t.env != "" {
		_, err := c.NeedServer("take in-use data from environment " + t.env)
		return analysed{}, err
	}
	sbom, err := list.sbom(ctx)
	if err != nil {
		return analysed{}, err
	}
	return c.fromSBOM(ctx, sbom, t.env, list.remote)
}

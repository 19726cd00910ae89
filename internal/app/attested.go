package app

import (
	"context"
	"fmt"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/attestation"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/inventory"
	"github.com/crowsnest-sec/crowsnest/internal/sbom"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/decided"
	"github.com/crowsnest-sec/crowsnest/internal/vex"
)

// attestations reads what was attested of an image and stores it.
func (e *engine) attestations(ctx context.Context, org store.OrgID, img *image.Image) ([]crowsnest.Attestation, error) {
	list := attestation.Read(ctx, img.Image, img)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read attestations of %s: %w", img.Name, ctx.Err())
	}
	if err := e.keepAttestations(ctx, org, img.Image, list); err != nil {
		return nil, storeFailure{err}
	}
	return list, nil
}

// keepAttestations stores what was attested of an image, and what of it is VEX as documents bound to the image. A statement that is attested and cannot
// be read as VEX is a problem of that attestation.
func (e *engine) keepAttestations(ctx context.Context, org store.OrgID, img crowsnest.Image, list []crowsnest.Attestation) error {
	var documents []decided.Document
	for i := range list {
		a := &list[i]
		if a.Kind != crowsnest.AttestedVEX || !a.Counts() || a.Statement == nil {
			continue
		}
		doc, err := vex.Read(a.Statement, vex.Options{Name: img.Name, Attested: true})
		if err != nil {
			a.Problem = crowsnest.Text("it states nothing: " + crowsnest.Reason(err))
			continue
		}
		doc.Image = img.Digest
		documents = append(documents, doc)
	}
	if err := e.store.SaveAttestations(ctx, org, img.Digest, list); err != nil {
		return err
	}
	for _, doc := range documents {
		if _, err := e.store.PutVEX(ctx, org, doc); err != nil {
			return err
		}
	}
	return nil
}

// keepStated stores the VEX documents in the file system of an image, which are bound to it as attested ones are. One that cannot be read or
// kept is a problem of the image.
func (e *engine) keepStated(ctx context.Context, org store.OrgID, a *crowsnest.Analysis) error {
	for _, f := range a.VEX {
		doc, err := vex.Read(f.Content, vex.Options{Name: f.Path, Attested: true})
		if err == nil {
			doc.Image, doc.Path = a.Image.Digest, f.Path
			_, err = e.store.PutVEX(ctx, org, doc)
		}
		switch kind := crowsnest.KindOf(err); {
		case err == nil:
		case kind == crowsnest.Invalid || kind == crowsnest.TooLarge || kind == crowsnest.Conflict:
			a.Problems = append(a.Problems, crowsnest.Problem{Layer: f.Layer, Path: f.Path, Reason: crowsnest.Text("it states nothing: " + crowsnest.Reason(err))})
		default:
			return err
		}
	}
	return nil
}

// forgetStated removes the VEX documents in the file system of an image, for those that are read now to take their place: what was delivered
// says of an image what whoever sent it says.
func (e *engine) forgetStated(ctx context.Context, org store.OrgID, image crowsnest.Digest) error {
	list, err := e.store.VEXDocuments(ctx, org)
	for _, doc := range list {
		if err == nil && doc.Image == image && doc.Path != "" {
			err = e.store.DeleteVEX(ctx, org, doc.ID)
		}
	}
	return err
}

// attested makes an analysis of what an attested bill of materials says is in an image, for one that was
// refused, and names the analyser it is by. It returns false where there is no bill that can be read.
//
// What one organisation's repository attests must not be taken for the content of the image in another's, so
// analyses of this kind are by an analyser of their own for each organisation and each bill.
func attested(org store.OrgID, img crowsnest.Image, list []crowsnest.Attestation, refused error) (a crowsnest.Analysis, analyser string, ok bool) {
	for _, x := range list {
		if x.Kind != crowsnest.AttestedSBOM || !x.Counts() {
			continue
		}
		d, err := sbom.ReadBytes(x.Statement)
		if err != nil {
			continue
		}
		a = crowsnest.Analysis{Image: img, Distribution: crowsnest.Distribution{Name: crowsnest.Text(d.Distribution)}, Packages: attestation.Packages(d.Packages)}
		a.Problems = append(a.Problems, crowsnest.Problem{Reason: fmt.Sprintf("the image was not analysed: %s; its packages are from an attested bill of materials, whose signature is not verified (%s)", crowsnest.Reason(refused), x.Digest)})
		for _, p := range d.Problems {
			a.Problems = append(a.Problems, crowsnest.Problem{Reason: crowsnest.Text(p.Reason), Path: crowsnest.Text(p.Path)})
		}
		return a, inventory.Version + " attested " + string(org) + " " + string(x.Digest), true
	}
	return a, "", false
}

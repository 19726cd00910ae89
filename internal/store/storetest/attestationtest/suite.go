// Package attestationtest is the part of the store's suite about what was attested of images.
package attestationtest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/store"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/lineagetest"
	"github.com/crowsnest-sec/crowsnest/internal/store/storetest/retentiontest"
)

// Suite runs every test against fresh stores that open makes.
func Suite(t *testing.T, open func(t *testing.T) storetest.Fixture) {
	storetest.Each(t, open, map[string]func(*testing.T, storetest.Fixture){
		"Attestations":           testKept,
		"AttestationsOfOneImage": testScope,
		"BaseByProvenance":       testBase,
		"AttestationsAreRemoved": testRemoved,
	})
}

var ctx = context.Background()

var must, wantKind = storetest.Must, storetest.WantKind

// record lets an organisation bring an image.
func record(t *testing.T, f storetest.Fixture, org store.OrgID, name string, layers ...string) crowsnest.Image {
	t.Helper()
	img := storetest.Image(name)
	img.Layers = nil
	for _, l := range layers {
		img.Layers = append(img.Layers, crowsnest.Layer{DiffID: storetest.Digest(l), Size: 10})
	}
	_, err := f.Store.RecordImage(ctx, org, img, nil, storetest.Analyser)
	must(t, err)
	return img
}

func testKept(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := record(t, f, org, "web")
	never, err := f.Store.Attestations(ctx, org, img.Digest)
	must(t, err)
	if !never.Read.IsZero() || len(never.Items) > 0 {
		t.Errorf("before anybody looked: %+v", never)
	}

	statement := []byte(`{"_type":"x","predicate":"` + strings.Repeat("a", 100_000) + `"}`)
	list := []crowsnest.Attestation{
		{Digest: storetest.Digest("1"), Manifest: storetest.Digest("m"), Source: crowsnest.AttestationInIndex, Kind: crowsnest.AttestedProvenance, MediaType: "application/vnd.in-toto+json", PredicateType: "https://slsa.dev/provenance/v1", Size: 7,
			Provenance: &crowsnest.Provenance{Builder: "b", Repository: "r", Revision: "f00", Bases: []crowsnest.ImageName{{Name: "base", Digest: storetest.Digest("base")}}}, Statement: statement},
		{Source: crowsnest.AttestationReferrer, Kind: crowsnest.AttestedOther, Problem: "it does not answer\x00"},
		{Digest: storetest.Digest("2"), Source: crowsnest.AttestationReferrer, Kind: crowsnest.AttestedOther, Problem: "damaged"},
	}
	must(t, f.Store.SaveAttestations(ctx, org, img.Digest, list))
	got, err := f.Store.Attestations(ctx, org, img.Digest)
	must(t, err)
	want := append([]crowsnest.Attestation(nil), list...)
	want[0].Statement, want[1].Problem = nil, "it does not answer\uFFFD"
	if diff := cmp.Diff(want, got.Items); diff != "" || got.Read.IsZero() {
		t.Errorf("read %s (-want +got):\n%s", got.Read, diff)
	}
	one, err := f.Store.Attestation(ctx, org, img.Digest, storetest.Digest("1"))
	must(t, err)
	if !bytes.Equal(one.Statement, statement) || one.Provenance.Builder != "b" {
		t.Errorf("one has %d bytes and provenance %+v", len(one.Statement), one.Provenance)
	}
	for _, digest := range []crowsnest.Digest{storetest.Digest("2"), storetest.Digest("3"), ""} {
		_, err = f.Store.Attestation(ctx, org, img.Digest, digest)
		wantKind(t, err, crowsnest.NotFound)
	}

	f.Advance(time.Hour)
	must(t, f.Store.SaveAttestations(ctx, org, img.Digest, nil))
	none, err := f.Store.Attestations(ctx, org, img.Digest)
	must(t, err)
	if len(none.Items) > 0 || none.Read.Sub(got.Read) != time.Hour {
		t.Errorf("after they are gone: %+v, read at first %s", none, got.Read)
	}
}

func testScope(t *testing.T, f storetest.Fixture) {
	ours, theirs := f.Organisation(t, "ours"), f.Organisation(t, "theirs")
	img := record(t, f, ours, "web")
	wantKind(t, f.Store.SaveAttestations(ctx, theirs, img.Digest, nil), crowsnest.NotFound)
	record(t, f, theirs, "web") // the same content
	must(t, f.Store.SaveAttestations(ctx, ours, img.Digest, []crowsnest.Attestation{{Digest: storetest.Digest("1"), Statement: []byte("{}")}}))
	list, err := f.Store.Attestations(ctx, theirs, img.Digest)
	must(t, err)
	if len(list.Items) > 0 || !list.Read.IsZero() {
		t.Errorf("they see %+v", list)
	}
	_, err = f.Store.Attestation(ctx, theirs, img.Digest, storetest.Digest("1"))
	wantKind(t, err, crowsnest.NotFound)
}

func testBase(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	child := record(t, f, org, "child", "1", "2", "3")
	attest := func(bases ...[]crowsnest.ImageName) {
		t.Helper()
		var list []crowsnest.Attestation
		for i, b := range bases {
			list = append(list, crowsnest.Attestation{Digest: storetest.Digest(string(rune('a' + i))), Kind: crowsnest.AttestedProvenance, Provenance: &crowsnest.Provenance{Bases: b}})
		}
		must(t, f.Store.SaveAttestations(ctx, org, child.Digest, list))
	}
	check := func(what string, want *crowsnest.Base) {
		t.Helper()
		row, err := f.Store.Image(ctx, org, string(child.Digest))
		must(t, err)
		if diff := cmp.Diff(want, row.Detail.Base); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		lineagetest.WantBases(t, f, org, "")
	}
	golang, debian := storetest.Image("golang"), storetest.Image("debian")
	named := func(img crowsnest.Image) crowsnest.ImageName {
		return crowsnest.ImageName{Name: img.Name, Digest: img.Index}
	}
	by := func(img crowsnest.Image, layers int) *crowsnest.Base {
		return &crowsnest.Base{By: crowsnest.BaseByProvenance, Name: img.Name, Digest: img.Index, Layers: layers}
	}
	check("nothing attested", nil)
	attest([]crowsnest.ImageName{named(debian)})
	check("one that is not known here", by(debian, 0))
	attest([]crowsnest.ImageName{named(golang), named(debian)})
	check("two that are not known here", nil)
	record(t, f, org, "debian", "1", "2")
	check("of two, one is known", by(debian, 2))
	attest([]crowsnest.ImageName{named(debian)})
	check("one that is known", by(debian, 2))
	record(t, f, org, "golang", "7")
	attest([]crowsnest.ImageName{named(golang)})
	check("one whose layers are others", nil)
	attest([]crowsnest.ImageName{named(golang)}, []crowsnest.ImageName{named(debian)})
	check("the next statement", by(debian, 2))

	child.Labels = map[string]string{crowsnest.LabelBaseName: "elsewhere/base:1"}
	_, err := f.Store.RecordImage(ctx, org, child, nil, storetest.Analyser)
	must(t, err)
	check("before a label", by(debian, 2))
	must(t, f.Store.SaveAttestations(ctx, org, child.Digest, []crowsnest.Attestation{
		{Digest: storetest.Digest("a"), Kind: crowsnest.AttestedProvenance, Problem: "it is about another image", Provenance: &crowsnest.Provenance{Bases: []crowsnest.ImageName{named(debian)}}},
	}))
	check("what does not count", &crowsnest.Base{By: crowsnest.BaseByLabel, Name: "elsewhere/base:1"})
}

func testRemoved(t *testing.T, f storetest.Fixture) {
	org := f.Organisation(t, "acme")
	img := f.Analysed(t, org, "web", storetest.Package("libssl3", "3.0.1", "openssl"))
	must(t, f.Store.SaveAttestations(ctx, org, img.Digest, []crowsnest.Attestation{{Digest: storetest.Digest("1"), Statement: []byte("{}")}}))
	f.Advance(100 * 24 * time.Hour)
	must(t, f.Store.SetRetention(ctx, org, store.Retention{Images: 1}))
	if run := retentiontest.Run(t, f.Store, org); run.Removed.Images != 1 {
		t.Fatalf("removed %+v", run.Removed)
	}
	list, err := f.Store.Attestations(ctx, org, img.Digest)
	must(t, err)
	if len(list.Items) > 0 || !list.Read.IsZero() {
		t.Errorf("after retention: %+v", list)
	}
}

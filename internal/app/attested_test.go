package app

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/config"
	"github.com/crowsnest-sec/crowsnest/internal/image"
	"github.com/crowsnest-sec/crowsnest/internal/inventory"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore"
	"github.com/crowsnest-sec/crowsnest/internal/store/sqlstore/sqldb"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/litekit"
)

// An image that is too large for an analysis is known by what is attested of it, in the organisation whose repository
// attests it and in no other.
func TestRefusedForSizeButAttested(t *testing.T) {
	s, err := sqlstore.Open(t.Context(), litekit.Database(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e, err := newEngine(s, 1, config.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	limits := inventory.DefaultLimits()
	limits.UncompressedBytes = 100
	if e.inspector.Analyser, err = inventory.New(limits); err != nil {
		t.Fatal(err)
	}
	img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("large", strings.Repeat("a", 1000))}}}})
	digest := imagekit.Digest(t, img)
	attested := func(of ...string) v1.ImageIndex {
		var components []any
		for _, name := range of {
			components = append(components, map[string]any{"type": "library", "name": name, "version": "1.0.0", "purl": "pkg:npm/" + name + "@1.0.0"})
		}
		return imagekit.Attest(t, imagekit.Index(t, img), digest,
			imagekit.Statement(t, digest, "https://spdx.dev/Document", map[string]any{"no": "document"}), // what cannot be read stands in nobody's way
			imagekit.Statement(t, digest, "https://cyclonedx.org/bom", map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}))
	}
	analyse := func(org string, ref imagekit.Ref) (names []string, problems []crowsnest.Problem, err error) {
		t.Helper()
		o, err := s.EnsureOrganisation(t.Context(), org)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.analyse(t.Context(), o.ID, "oci-dir://"+imagekit.Layout(t, ref), "", image.Options{}, nil); err != nil {
			return nil, nil, err
		}
		packages, err := s.ImagePackages(t.Context(), o.ID, digest)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packages {
			names = append(names, p.Name)
		}
		omissions, err := s.ImageOmissions(t.Context(), o.ID, digest)
		if err != nil {
			t.Fatal(err)
		}
		return names, omissions.Problems, nil
	}

	names, problems, err := analyse("ours", imagekit.Tag("1", attested("left-pad")))
	if err != nil || strings.Join(names, " ") != "left-pad" {
		t.Fatalf("packages %v: %v", names, err)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Reason, "100 uncompressed bytes") || !strings.Contains(problems[0].Reason, "attested bill of materials, whose signature is not verified") {
		t.Errorf("problems %+v", problems)
	}
	if _, _, err := analyse("theirs", imagekit.Tag("1", img)); crowsnest.KindOf(err) != crowsnest.TooLarge {
		t.Errorf("another organisation without an attestation: %v", err)
	}
	if names, _, err := analyse("theirs", imagekit.Tag("1", attested("evil"))); err != nil || strings.Join(names, " ") != "evil" {
		t.Errorf("another organisation with another attestation: %v, %v", names, err)
	}
	if names, _, err := analyse("ours", imagekit.Tag("1", attested("left-pad", "right-pad"))); err != nil || strings.Join(names, " ") != "left-pad right-pad" {
		t.Errorf("another attestation later: %v, %v", names, err)
	}
}

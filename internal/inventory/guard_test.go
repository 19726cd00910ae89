package inventory

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/guard"
)

func TestArchivesThatGrowAreRefused(t *testing.T) {
	big := strings.Repeat("A: b\n", guard.MaxMetadata/5+1)
	inner := jarOf(t, map[string]string{"META-INF/MANIFEST.MF": big})
	// An archive nested without compression is read in place.
	var stored bytes.Buffer
	w := zip.NewWriter(&stored)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "lib/inner.jar", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(inner); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		body       []byte
		says       string
	}{
		{"manifest", "app/a.jar", inner, "MANIFEST.MF"},
		{"nested, compressed", "app/a.jar", jarOf(t, map[string]string{"lib/inner.jar": string(inner)}), "MANIFEST.MF"},
		{"nested, stored", "app/a.jar", stored.Bytes(), "MANIFEST.MF"},
		{"wheel", "app/a.whl", jarOf(t, map[string]string{"a.dist-info/METADATA": big}), "METADATA"},
		{"Chisel manifest", "var/lib/chisel/manifest.wall", zstdOf(t, bytes.Repeat([]byte("{}\n"), guard.MaxManifest/3+1)), "decompresses"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := image(t, []item{file(tt.path, string(tt.body)), npm("b/package.json", "b", "1.0.0")})
			if diff := cmp.Diff([]string{"npm b 1.0.0"}, names(got)); diff != "" {
				t.Errorf("packages (-want +got):\n%s", diff)
			}
			if len(got.Problems) != 1 || got.Problems[0].Path != tt.path || !strings.Contains(got.Problems[0].Reason, tt.says) {
				t.Errorf("problems: %+v", got.Problems)
			}
		})
	}
}

// What nested archives inflate to is capped by what is set.
func TestCapsOfArchivesAreSet(t *testing.T) {
	inner := jarOf(t, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"})
	outer := jarOf(t, map[string]string{"lib/inner.jar": string(inner)})
	for _, c := range []struct {
		caps guard.Caps
		says string
	}{
		{guard.Caps{Bytes: 1 << 20, Depth: 2}, ""},
		{guard.Caps{Bytes: 10, Depth: 2}, "cap of 10 bytes"},
	} {
		err := guard.Archive(bytes.NewReader(outer), int64(len(outer)), c.caps)
		switch {
		case (err != nil) != (c.says != ""):
			t.Errorf("%+v: %v, want %q", c.caps, err, c.says)
		case err != nil && !strings.Contains(err.Error(), c.says):
			t.Errorf("%+v: %v", c.caps, err)
		}
	}
}

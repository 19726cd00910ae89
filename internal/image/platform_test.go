package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

func TestPlatformFit(t *testing.T) {
	for _, tt := range []struct {
		have, want string
		fit        int
	}{
		{"linux/amd64", "linux/amd64", 2},
		{"linux/arm64/v8", "linux/arm64", 2},
		{"linux/arm64", "linux/arm64/v8", 2},
		{"linux/arm/v7", "linux/arm", 2},
		{"linux/arm/7", "linux/arm/v7", 2},
		{"linux/x86_64", "linux/amd64", 2},
		{"linux/aarch64", "linux/arm64", 2},
		{"linux/arm/v6", "linux/arm", 1},
		{"linux/amd64/v3", "linux/amd64", 1},
		{"linux/amd64/v3", "linux/amd64/v2", 0},
		{"linux/arm64", "linux/amd64", 0},
		{"windows/amd64", "linux/amd64", 0},
	} {
		have, err := crowsnest.ParsePlatform(tt.have)
		if err != nil {
			t.Fatal(err)
		}
		want, err := crowsnest.ParsePlatform(tt.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := platform(have).fit(platform(want)); got != tt.fit {
			t.Errorf("%s for %s: got %d, want %d", tt.have, tt.want, got, tt.fit)
		}
	}
}

func TestPlatformChoice(t *testing.T) {
	build := func(s string) v1.Image {
		p, err := crowsnest.ParsePlatform(s)
		if err != nil {
			t.Fatal(err)
		}
		return imagekit.Build(t, app(p))
	}
	amd, arm6, arm7, arm, s390 := build("linux/amd64"), build("linux/arm/v6"), build("linux/arm/v7"), build("linux/arm64"), build("linux/s390x")
	flat := imagekit.WithAttestation(t, imagekit.Index(t, arm6, arm7, amd, arm))
	nested := imagekit.Index(t, imagekit.Index(t, imagekit.Index(t, s390)), flat)
	unstated := mutate.AppendManifests(imagekit.Index(t), mutate.IndexAddendum{Add: arm}, mutate.IndexAddendum{Add: amd})
	host := imagekit.Registry(t)

	for _, tt := range []struct {
		name, platform string
		index          v1.ImageIndex
		want           v1.Image
	}{
		{"default", "", flat, amd},
		{"other architecture", "linux/arm64", flat, arm},
		{"default variant", "linux/arm", flat, arm7},
		{"variant", "linux/arm/v6", flat, arm6},
		{"nested", "linux/arm64", nested, arm},
		{"deeply nested", "linux/s390x", nested, s390},
		{"not stated in the index", "linux/amd64", unstated, amd},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := crowsnest.ParsePlatform(tt.platform)
			if err != nil {
				t.Fatal(err)
			}
			pushed := imagekit.Push(t, host+"/app:multi", tt.index)
			for _, source := range []string{host + "/app:multi", "oci-dir://" + imagekit.Layout(t, imagekit.Tag("multi", tt.index))} {
				got := mustOpen(t, source, Options{Platform: p})
				if got.Digest != imagekit.Digest(t, tt.want) || got.Index != pushed || got.ImageID != imagekit.ImageID(t, tt.want) {
					t.Errorf("%s: got %s %s of index %s", source, got.Platform, got.Digest, got.Index)
				}
			}
			if tt.platform == "" {
				if got := mustOpen(t, host+"/app:multi", Options{}); got.Digest != imagekit.Digest(t, tt.want) {
					t.Errorf("without a platform: got %s", got.Platform)
				}
			}
		})
	}
}

func TestPlatformMissing(t *testing.T) {
	index := imagekit.WithAttestation(t, imagekit.Index(t, imagekit.Build(t, app(crowsnest.DefaultPlatform)), imagekit.Build(t, app(arm64))))
	_, err := Open(t.Context(), "oci-dir://"+imagekit.Layout(t, imagekit.Tag("", index)), Options{Platform: crowsnest.Platform{OS: "linux", Architecture: "riscv64"}})
	fails(t, err, crowsnest.NotFound, "linux/riscv64", "only for linux/amd64, linux/arm64/v8 (choose one of these)")
}

// An image that is in no index is opened whatever it runs on, since there is nothing to
// choose, unless a platform was asked for: another one is not what was meant.
func TestPlatformOfSingleImage(t *testing.T) {
	single := imagekit.Tag("example.org/app:1", imagekit.Build(t, app(arm64)))
	host := imagekit.Registry(t)
	imagekit.Push(t, host+"/team/app:arm", single.Content)
	for _, source := range []string{
		"archive://" + imagekit.OCIArchive(t, single), "archive://" + imagekit.DockerArchive(t, single), "oci-dir://" + imagekit.Layout(t, single), host + "/team/app:arm",
	} {
		for _, asked := range []crowsnest.Platform{{}, arm64, {OS: "linux", Architecture: "arm64"}, {OS: "linux", Architecture: "aarch64"}} {
			img := mustOpen(t, source, Options{Platform: asked})
			if img.Platform != arm64 || img.Index != "" {
				t.Errorf("%s: got %s of index %q", source, img.Platform, img.Index)
			}
		}
		for _, asked := range []crowsnest.Platform{crowsnest.DefaultPlatform, {OS: "linux", Architecture: "arm64", Variant: "v9"}} {
			_, err := Open(t.Context(), source, Options{Platform: asked})
			fails(t, err, crowsnest.NotFound, asked.String(), "only for linux/arm64/v8", "ask for this one, or for none")
		}
	}
}

// What a configuration says of its platform is written out and read back by others.
func TestPlatformsThatAreNone(t *testing.T) {
	for config, want := range map[string]string{
		`"os":"linux","architecture":"arm","variant":"v7",`: "linux/arm/v7",
		`"os":"linux",`:                        "linux/unknown",
		``:                                     "unknown/unknown",
		`"os":"a/b/c","architecture":"amd64",`: "unknown/amd64",
		`"os":"linux","architecture":"am\u0000d64","variant":"v8/9",`: "linux/unknown",
		`"os":"` + strings.Repeat("l", 65) + `","architecture":"é",`:  "unknown/unknown",
		`"os":"linux","architecture":"amd64","variant":"two words",`:  "linux/amd64",
	} {
		img, err := of(t, `{"schemaVersion":2,"config":CONFIG,"layers":[LAYER]}`, `{`+config+`"rootfs":{"diff_ids":[`+someDigest+`]}}`)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := crowsnest.ParsePlatform(img.Platform.String()); err != nil || back != img.Platform || img.Platform.String() != want {
			t.Errorf("{%s}: %s, which reads back as %s, %v; want %s", config, img.Platform, back, err, want)
		}
	}
}

// remove deletes the blobs an image has for itself from a layout.
func remove(t *testing.T, dir string, img v1.Image, manifest bool) {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	blobs := []v1.Hash{m.Config.Digest}
	for _, l := range m.Layers[:1] { // the first layer holds the platform, the others are shared
		blobs = append(blobs, l.Digest)
	}
	if manifest {
		d, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, d)
	}
	for _, d := range blobs {
		if err := os.Remove(filepath.Join(dir, "blobs", "sha256", d.Hex)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnlyTheChosenPlatformIsThere(t *testing.T) {
	amd, arm := imagekit.Build(t, app(crowsnest.DefaultPlatform)), imagekit.Build(t, app(arm64))
	dir := imagekit.Layout(t, imagekit.Tag("multi", imagekit.Index(t, arm, amd)))
	remove(t, dir, arm, true)

	img := mustOpen(t, "oci-dir://"+dir, Options{})
	for i := range img.Layers {
		if _, err := readLayer(t, img, i); err != nil {
			t.Error(err)
		}
	}
	_, err := Open(t.Context(), "oci-dir://"+dir, Options{Platform: arm64})
	fails(t, err, crowsnest.Corrupt, "linux/arm64/v8", "missing")
}

func TestIndexesAreNotFollowedForever(t *testing.T) {
	index := imagekit.Index(t, imagekit.Build(t, app(crowsnest.DefaultPlatform)))
	for range maxDepth {
		index = imagekit.Index(t, index)
	}
	_, err := Open(t.Context(), "oci-dir://"+imagekit.Layout(t, imagekit.Tag("", index)), Options{})
	fails(t, err, crowsnest.TooLarge, "nested")
}

func TestPlatformsInTheTableOfContents(t *testing.T) {
	amd, arm := imagekit.Build(t, app(crowsnest.DefaultPlatform)), imagekit.Build(t, app(arm64))
	files := imagekit.Tree(t, imagekit.Layout(t, imagekit.Tag("1.0", amd), imagekit.Tag("1.0", arm)))
	for i, f := range files {
		if f.Path == "index.json" {
			raw, err := imagekit.Index(t, amd, arm).RawManifest()
			if err != nil {
				t.Fatal(err)
			}
			files[i].Content = raw
		}
	}
	img := mustOpen(t, "archive://"+imagekit.Archive(t, files), Options{Platform: arm64})
	if img.Digest != imagekit.Digest(t, arm) || img.Index != "" {
		t.Errorf("got %s of index %q", img.Platform, img.Index)
	}
}

func TestReferences(t *testing.T) {
	one, two := imagekit.Build(t, app(crowsnest.DefaultPlatform)), imagekit.Build(t, imagekit.Image{User: "2"})
	refs := []imagekit.Ref{
		imagekit.Tag("docker.io/team/app:1.0", one), imagekit.Tag("docker.io/team/app:latest", one), imagekit.Tag("docker.io/team/other:2.0", two),
	}
	dir, oci, docker := imagekit.Layout(t, refs...), imagekit.OCIArchive(t, refs...), imagekit.DockerArchive(t, refs...)
	for _, source := range []string{"oci-dir://" + dir, "archive://" + oci, "archive://" + docker} {
		scheme, path := ParseSource(source)
		t.Run(scheme+" "+filepath.Base(path), func(t *testing.T) {
			for _, tt := range []struct {
				reference string
				want      v1.Image
			}{
				{"docker.io/team/app:1.0", one}, {"team/app:1.0", one}, {"team/app", one}, {"team/other:2.0", two},
				{string(imagekit.ImageID(t, two)), two}, {string(imagekit.Digest(t, two)), two},
			} {
				if strings.HasPrefix(tt.reference, "sha256:") && (path == docker) != (tt.reference == string(imagekit.ImageID(t, two))) {
					continue // layouts go by manifest digests, docker-save archives by image IDs
				}
				img := mustOpen(t, source, Options{Reference: tt.reference})
				if img.ImageID != imagekit.ImageID(t, tt.want) || img.Name != path+":"+tt.reference {
					t.Errorf("%s: got %s, %s", tt.reference, img.Name, img.ImageID)
				}
			}
			img := mustOpen(t, source, Options{Reference: "team/app"})
			if d := cmp.Diff([]string{"docker.io/team/app:1.0", "docker.io/team/app:latest"}, img.References); d != "" {
				t.Errorf("references (-want +got):\n%s", d)
			}
			_, err := Open(t.Context(), source, Options{})
			fails(t, err, crowsnest.Invalid, "docker.io/team/app:1.0, docker.io/team/other:2.0", "--ref")
			_, err = Open(t.Context(), source, Options{Reference: "team/none"})
			fails(t, err, crowsnest.NotFound, `"team/none"`, "docker.io/team/app:1.0, docker.io/team/other:2.0")
		})
	}
}

func TestUnnamedImagesAreListedByDigest(t *testing.T) {
	one, two := imagekit.Build(t, app(crowsnest.DefaultPlatform)), imagekit.Build(t, imagekit.Image{User: "2"})
	_, err := Open(t.Context(), "archive://"+imagekit.OCIArchive(t, imagekit.Tag("", one), imagekit.Tag("", two)), Options{})
	fails(t, err, crowsnest.Invalid, string(imagekit.Digest(t, one)), string(imagekit.Digest(t, two)))
	_, err = Open(t.Context(), "archive://"+imagekit.DockerArchive(t, imagekit.Tag("", one), imagekit.Tag("", two)), Options{})
	fails(t, err, crowsnest.Invalid, string(imagekit.ImageID(t, one)), string(imagekit.ImageID(t, two)))
}

func TestFullName(t *testing.T) {
	digest := string(crowsnest.DigestOf([]byte("x")))
	for reference, want := range map[string]string{
		"nginx": "docker.io/library/nginx:latest", "team/app:1": "docker.io/team/app:1", "localhost:5000/app": "localhost:5000/app:latest",
		"nginx@" + digest: "docker.io/library/nginx@" + digest, "docker.io/nginx:1": "docker.io/library/nginx:1",
	} {
		if got, err := FullName(reference); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", reference, got, err, want)
		}
		// Known registries are compared without this package, and must read names as it does.
		repository := crowsnest.Repository(reference)
		if rest, ok := strings.CutPrefix(want, repository); !ok || repository == "" || rest[0] != ':' && rest[0] != '@' {
			t.Errorf("%s: its repository is %q, want that of %q", reference, repository, want)
		}
	}
	for _, reference := range []string{"", "/etc/passwd", "Upper/Case", "a@sha256:b", "user:secret@host/x:1"} {
		if _, err := FullName(reference); crowsnest.KindOf(err) != crowsnest.Invalid || err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", reference, err)
		}
	}
}

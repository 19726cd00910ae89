package imagekit_test

import (
	"os"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

func sample(platform crowsnest.Platform, docker bool) imagekit.Image {
	return imagekit.Image{
		Platform: platform, User: "65532", Labels: map[string]string{"a": "b"}, Docker: docker,
		Layers: []imagekit.Layer{
			{Files: []imagekit.File{imagekit.Dir("etc"), imagekit.Text("etc/os-release", "ID=debian\n"), imagekit.Symlink("etc/link", "os-release")}},
			{Files: []imagekit.File{imagekit.Whiteout("etc/link"), imagekit.Opaque("var/cache")}, Compression: imagekit.Zstd, CreatedBy: "RUN rm"},
			{Files: []imagekit.File{imagekit.Executable("app", []byte("#!")), imagekit.Hardlink("app2", "app")}, Compression: imagekit.Plain},
		},
	}
}

func TestTar(t *testing.T) {
	var got []string
	for _, l := range sample(crowsnest.Platform{}, false).Layers {
		b, err := l.Tar()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, imagekit.Untar(t, b)...)
	}
	want := []string{"5 etc/", "0 etc/os-release", "2 etc/link", "0 etc/.wh.link", "0 var/cache/.wh..wh..opq", "0 app", "1 app2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("entries (-want +got):\n%s", d)
	}
}

func TestBuildIsValidAndDeterministic(t *testing.T) {
	for _, docker := range []bool{false, true} {
		one, two := imagekit.Build(t, sample(crowsnest.Platform{}, docker)), imagekit.Build(t, sample(crowsnest.Platform{}, docker))
		if a, b := imagekit.Digest(t, one), imagekit.Digest(t, two); a != b {
			t.Errorf("docker %t: two builds gave %s and %s", docker, a, b)
		}
		// validate.Image decompresses by gzip only, so the zstd layer is left to the reader's tests.
		gzipOnly := sample(crowsnest.Platform{}, docker)
		gzipOnly.Layers = gzipOnly.Layers[:1]
		if err := validate.Image(imagekit.Build(t, gzipOnly)); err != nil {
			t.Errorf("docker %t: %v", docker, err)
		}
		config, err := one.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.User != "65532" || len(config.History) != 3 || config.History[1].CreatedBy != "RUN rm" || config.OS != "linux" {
			t.Errorf("docker %t: config is %+v", docker, config)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for _, tt := range []struct {
		docker bool
		want   []types.MediaType
	}{
		{false, []types.MediaType{types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer, types.OCILayerZStd, types.OCIUncompressedLayer}},
		{true, []types.MediaType{types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer, types.OCILayerZStd, types.DockerUncompressedLayer}},
	} {
		m, err := imagekit.Build(t, sample(crowsnest.Platform{}, tt.docker)).Manifest()
		if err != nil {
			t.Fatal(err)
		}
		got := []types.MediaType{m.MediaType, m.Config.MediaType}
		for _, l := range m.Layers {
			got = append(got, l.MediaType)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("docker %t (-want +got):\n%s", tt.docker, d)
		}
	}
}

func TestLayoutHoldsNamesAndPlatforms(t *testing.T) {
	arm := crowsnest.Platform{OS: "linux", Architecture: "arm64"}
	amd64 := imagekit.Build(t, sample(crowsnest.Platform{}, false))
	index := imagekit.WithAttestation(t, imagekit.Index(t, amd64, imagekit.Build(t, sample(arm, false))))
	dir := imagekit.Layout(t, imagekit.Tag("1.0", amd64), imagekit.Tag("multi", index))

	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := root.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range m.Manifests {
		names = append(names, d.Annotations["org.opencontainers.image.ref.name"])
	}
	if d := cmp.Diff([]string{"1.0", "multi"}, names); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
	inner, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, d := range inner.Manifests {
		platforms = append(platforms, d.Platform.String())
	}
	if d := cmp.Diff([]string{"linux/amd64", "linux/arm64", "unknown/unknown"}, platforms); d != "" {
		t.Errorf("platforms (-want +got):\n%s", d)
	}
}

func TestDockerArchiveIsReadByOthers(t *testing.T) {
	img := imagekit.Build(t, sample(crowsnest.Platform{}, true))
	path := imagekit.DockerArchive(t, imagekit.Tag("example.org/app:1", img), imagekit.Tag("example.org/app:latest", img))
	tag, err := name.NewTag("example.org/app:latest")
	if err != nil {
		t.Fatal(err)
	}
	read, err := tarball.ImageFromPath(path, &tag)
	if err != nil {
		t.Fatal(err)
	}
	id, err := read.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if want := imagekit.ImageID(t, img); id.String() != string(want) {
		t.Errorf("image ID is %s, want %s", id, want)
	}
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(imagekit.Gzipped(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) >= len(plain) || packed[0] != 0x1f || packed[1] != 0x8b {
		t.Errorf("%d bytes gzipped to %d starting with % x", len(plain), len(packed), packed[:2])
	}
}

func TestOCIArchiveHoldsTheLayout(t *testing.T) {
	b, err := os.ReadFile(imagekit.OCIArchive(t, imagekit.Tag("1.0", imagekit.Build(t, sample(crowsnest.Platform{}, false)))))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, entry := range imagekit.Untar(t, b) {
		got[path.Dir(entry)]++
	}
	// The manifest, the configuration and three layers; oci-layout and index.json.
	if d := cmp.Diff(map[string]int{"0 blobs/sha256": 5, ".": 2}, got); d != "" {
		t.Errorf("entries by directory (-want +got):\n%s", d)
	}
}

func TestRegistries(t *testing.T) {
	for name, start := range map[string]func(testing.TB) string{"in-process": imagekit.Registry, "docker-registry": imagekit.DockerRegistry} {
		t.Run(name, func(t *testing.T) {
			host := start(t)
			var img v1.Image = imagekit.Build(t, sample(crowsnest.Platform{}, false))
			digest := imagekit.Push(t, host+"/team/app:1", img)
			if got := head(t, host+"/team/app:1"); got != string(digest) {
				t.Errorf("the registry holds %s, pushed %s", got, digest)
			}
			indexDigest := imagekit.Push(t, host+"/team/app:multi", imagekit.Index(t, img))
			if got := head(t, host+"/team/app:multi"); got != string(indexDigest) {
				t.Errorf("the registry holds %s, pushed %s", got, indexDigest)
			}
		})
	}
}

func head(t *testing.T, ref string) string {
	t.Helper()
	parsed, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	d, err := remote.Head(parsed)
	if err != nil {
		t.Fatal(err)
	}
	return d.Digest.String()
}

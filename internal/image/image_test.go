package image

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

var arm64 = crowsnest.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}

// app describes an image with a layer of each compression.
func app(platform crowsnest.Platform) imagekit.Image {
	return imagekit.Image{
		Platform: platform, User: "65532", Labels: map[string]string{"org.opencontainers.image.source": "https://git.example.org/app"},
		Layers: []imagekit.Layer{
			{Files: []imagekit.File{imagekit.Text("etc/os-release", "ID=debian\n"), imagekit.Text("arch", platform.String())}, CreatedBy: "ADD rootfs /"},
			{Files: []imagekit.File{imagekit.Executable("app", bytes.Repeat([]byte("binary"), 5000))}, Compression: imagekit.Zstd, CreatedBy: "COPY app /"},
			{Files: []imagekit.File{imagekit.Whiteout("etc/motd")}, Compression: imagekit.Plain, CreatedBy: "RUN rm /etc/motd"},
		},
	}
}

// described is what Open should say of an image built from app.
func described(t *testing.T, img v1.Image, name string) crowsnest.Image {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := crowsnest.Image{
		Name: name, Digest: imagekit.Digest(t, img), ImageID: imagekit.ImageID(t, img),
		Platform: crowsnest.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant},
		Created:  imagekit.Epoch, User: config.Config.User, Labels: config.Config.Labels,
	}
	for i, l := range m.Layers {
		want.Size += l.Size
		want.Layers = append(want.Layers, crowsnest.Layer{
			DiffID: crowsnest.Digest(config.RootFS.DiffIDs[i].String()), Digest: crowsnest.Digest(l.Digest.String()),
			MediaType: string(l.MediaType), Size: l.Size, CreatedBy: config.History[i].CreatedBy,
		})
	}
	return want
}

// inDockerArchive is the same as docker-save archives tell it: plain layers, no manifest.
func inDockerArchive(t *testing.T, img v1.Image, name string) crowsnest.Image {
	t.Helper()
	want := described(t, img, name)
	want.Digest, want.Size = want.ImageID, 0
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range layers {
		r, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		want.Layers[i].Digest, want.Layers[i].MediaType, want.Layers[i].Size = "", typeDockerLayer, int64(len(b))
		want.Size += int64(len(b))
	}
	return want
}

// mustOpen opens an image that the test closes.
func mustOpen(t *testing.T, source string, opt Options) *Image {
	t.Helper()
	img, err := Open(t.Context(), source, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := img.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return img
}

// readLayer reads a layer as stored.
func readLayer(t *testing.T, img *Image, i int) ([]byte, error) {
	t.Helper()
	rc, err := img.OpenLayer(t.Context(), i)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(rc)
	if closeErr := rc.Close(); closeErr != nil {
		t.Errorf("close layer: %v", closeErr)
	}
	return b, err
}

// fails checks that err is one sentence of the kind, about the subject, that holds the words and has a hint.
func fails(t *testing.T, err error, kind crowsnest.Kind, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	var e *crowsnest.Error
	if !errors.As(err, &e) || e != err {
		t.Fatalf("%T is not a *crowsnest.Error: %v", err, err)
	}
	if e.Kind != kind {
		t.Errorf("kind is %s, want %s: %v", e.Kind, kind, err)
	}
	if e.Op == "" || e.Subject == "" || e.Hint == "" && kind != crowsnest.Canceled {
		t.Errorf("op %q, subject %q or hint %q is missing", e.Op, e.Subject, e.Hint)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not in: %v", w, err)
		}
	}
	if text := err.Error(); strings.Contains(text, "\n") || len(text) > 600 {
		t.Errorf("not one sentence: %q", text)
	}
}

func TestOpenEverySource(t *testing.T) {
	img := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	host := imagekit.Registry(t)
	digest := imagekit.Push(t, host+"/team/app:1.0", img)
	dir := imagekit.Layout(t, imagekit.Tag("1.0", img))
	oci := imagekit.OCIArchive(t, imagekit.Tag("1.0", img))
	docker := imagekit.DockerArchive(t, imagekit.Tag("example.org/app:1.0", img))
	ociGzip, dockerGzip := imagekit.Gzipped(t, oci), imagekit.Gzipped(t, docker)

	for _, tt := range []struct {
		name, source string
		want         crowsnest.Image
		references   []string
	}{
		{"registry by tag", "registry://" + host + "/team/app:1.0", described(t, img, host+"/team/app:1.0"), nil},
		{"registry by digest", host + "/team/app@" + string(digest), described(t, img, host+"/team/app@"+string(digest)), nil},
		{"layout", "oci-dir://" + dir, described(t, img, dir), []string{"1.0"}},
		{"OCI archive", "archive://" + oci, described(t, img, oci), []string{"1.0"}},
		{"OCI archive gzipped", "archive://" + ociGzip, described(t, img, ociGzip), []string{"1.0"}},
		{"docker archive", "archive://" + docker, inDockerArchive(t, img, docker), []string{"example.org/app:1.0"}},
		{"docker archive gzipped", "archive://" + dockerGzip, inDockerArchive(t, img, dockerGzip), []string{"example.org/app:1.0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustOpen(t, tt.source, Options{})
			if d := cmp.Diff(tt.want, got.Image); d != "" {
				t.Errorf("image (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.references, got.References); d != "" {
				t.Errorf("references (-want +got):\n%s", d)
			}
			for i, l := range got.Layers {
				b, err := readLayer(t, got, i)
				if err != nil {
					t.Fatal(err)
				}
				want := l.Digest
				if want == "" {
					want = l.DiffID // docker-save layers are plain
				}
				if crowsnest.DigestOf(b) != want || int64(len(b)) != l.Size {
					t.Errorf("layer %d: %d bytes with digest %s, want %d with %s", i, len(b), crowsnest.DigestOf(b), l.Size, want)
				}
			}
		})
	}
}

func TestOpenDockerRegistry(t *testing.T) {
	host := imagekit.DockerRegistry(t)
	amd, arm := imagekit.Build(t, app(crowsnest.DefaultPlatform)), imagekit.Build(t, app(arm64))
	index := imagekit.Push(t, host+"/team/app:multi", imagekit.WithAttestation(t, imagekit.Index(t, amd, arm)))

	got := mustOpen(t, host+"/team/app:multi", Options{Platform: crowsnest.Platform{OS: "linux", Architecture: "arm64"}})
	want := described(t, arm, host+"/team/app:multi")
	want.Index = index
	if d := cmp.Diff(want, got.Image); d != "" {
		t.Errorf("image (-want +got):\n%s", d)
	}
	for i := range got.Layers {
		if _, err := readLayer(t, got, i); err != nil {
			t.Error(err)
		}
	}
	_, err := Open(t.Context(), host+"/team/app:none", Options{})
	fails(t, err, crowsnest.NotFound, host+"/team/app:none", "check the name and the tag")
}

func TestParseSource(t *testing.T) {
	for source, want := range map[string][2]string{
		"alpine:3.10":                  {"registry", "alpine:3.10"},
		"registry://example.org/a/b:1": {"registry", "example.org/a/b:1"},
		"oci-dir:///tmp/x":             {"oci-dir", "/tmp/x"},
		"archive://x.tar":              {"archive", "x.tar"},
		"localhost:5000/app":           {"registry", "localhost:5000/app"},
		"https://example.org/app":      {"https", "example.org/app"},
	} {
		scheme, rest := ParseSource(source)
		if got := [2]string{scheme, rest}; got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

func TestNameIsWrittenInFull(t *testing.T) {
	for reference, want := range map[string]string{
		"alpine":                 "docker.io/library/alpine:latest",
		"docker.io/team/app:2":   "docker.io/team/app:2",
		"ghcr.io/team/app:2":     "ghcr.io/team/app:2",
		"registry.local:5000/a":  "registry.local:5000/a:latest",
		"index.docker.io/a/b:v1": "docker.io/a/b:v1",
	} {
		ref, err := parseReference(reference)
		if err != nil {
			t.Fatal(err)
		}
		if got := fullName(ref); got != want {
			t.Errorf("%s: got %s, want %s", reference, got, want)
		}
	}
}

func TestBadSources(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.txt")
	write(t, text, "not an archive, but long enough to be one if it were"+strings.Repeat(".", 600))
	for _, tt := range []struct {
		name, source string
		kind         crowsnest.Kind
		words        []string
	}{
		{"bad reference", "Not/A Reference", crowsnest.Invalid, []string{"Not/A Reference", "lower case"}},
		{"empty", "", crowsnest.Invalid, []string{"not an image reference"}},
		{"bad digest", "example.org/app@sha256:12", crowsnest.Invalid, nil},
		{"a path", "./image.tar", crowsnest.Invalid, []string{"archive://"}},
		{"unknown scheme", "https://example.org/app", crowsnest.Invalid, []string{"oci-dir://", "https://example.org/app"}},
		{"no such file", "archive://" + dir + "/none.tar", crowsnest.NotFound, []string{"none.tar", "no such file", "check the path"}},
		{"no such directory", "oci-dir://" + dir + "/none", crowsnest.NotFound, []string{"no such directory"}},
		{"directory as archive", "archive://" + dir, crowsnest.Invalid, []string{"oci-dir://"}},
		{"file as directory", "oci-dir://" + text, crowsnest.Invalid, []string{"archive://"}},
		{"directory without layout", "oci-dir://" + dir, crowsnest.Invalid, []string{"index.json"}},
		{"text as archive", "archive://" + text, crowsnest.Invalid, []string{"not an image archive", "docker save"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(t.Context(), tt.source, Options{})
			if tt.source == "" {
				// Nothing was named, so there is no subject either.
				if crowsnest.KindOf(err) != crowsnest.Invalid {
					t.Errorf("got %v", err)
				}
				return
			}
			fails(t, err, tt.kind, tt.words...)
		})
	}
}

func TestCredentialsInTheSourceAreNotRepeated(t *testing.T) {
	for _, source := range []string{
		"https://user:hunter2@example.org/app:1", "user:hunter2@example.org/app:1", "registry://user:hunter2@example.org/app",
		"https://example.org/app?token=hunter2", "https://user:p@hunter2@example.org/app",
	} {
		_, err := Open(t.Context(), source, Options{})
		fails(t, err, crowsnest.Invalid, "example.org/app")
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is in: %v", err)
		}
	}
}

func TestOpenLayerOutOfRange(t *testing.T) {
	img := mustOpen(t, "oci-dir://"+imagekit.Layout(t, imagekit.Tag("", imagekit.Build(t, app(crowsnest.DefaultPlatform)))), Options{})
	for _, i := range []int{-1, 3} {
		if _, err := img.OpenLayer(t.Context(), i); crowsnest.KindOf(err) != crowsnest.Invalid {
			t.Errorf("layer %d: got %v", i, err)
		}
	}
}

func TestOpenAfterClose(t *testing.T) {
	built := imagekit.Build(t, app(crowsnest.DefaultPlatform))
	for _, source := range []string{
		"oci-dir://" + imagekit.Layout(t, imagekit.Tag("", built)),
		"archive://" + imagekit.OCIArchive(t, imagekit.Tag("", built)),
	} {
		img, err := Open(t.Context(), source, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := img.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if _, err := readLayer(t, img, 0); err == nil {
			t.Errorf("%s: a closed image gave a layer", source)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	img, err := Open(t.Context(), "fs://"+dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if img.Name != dir || img.Digest == "" || img.Digest != img.Layers[0].DiffID || img.Platform != (crowsnest.Platform{}) || len(img.Layers) != 1 {
		t.Errorf("%+v", img.Image)
	}
	layer := func() ([]byte, error) {
		r, err := img.OpenLayer(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	b, err := layer()
	if err != nil || crowsnest.DigestOf(b) != img.Digest || int64(len(b)) != img.Size {
		t.Errorf("%d bytes of the digest %s, %v", len(b), crowsnest.DigestOf(b), err)
	}
	for _, content := range []string{"CONTENT", "longer content" + strings.Repeat("!", 4096), ""} {
		if err := os.WriteFile(filepath.Join(dir, "a"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := layer(); crowsnest.KindOf(err) != crowsnest.Unavailable || !strings.Contains(err.Error(), "changed while it was read") {
			t.Errorf("with %d bytes in it: %v", len(content), err)
		}
	}
	file := filepath.Join(dir, "a")
	for source, want := range map[string]crowsnest.Kind{"fs://" + file: crowsnest.Invalid, "fs://" + dir + "/missing": crowsnest.NotFound, "fs://": crowsnest.NotFound, "local://": crowsnest.Invalid} {
		if _, err := Open(t.Context(), source, Options{}); crowsnest.KindOf(err) != want {
			t.Errorf("%s: %v, want kind %v", source, err, want)
		}
	}
}

// TestLocal takes an image out of an engine, here one that only has what docker save writes.
func TestLocal(t *testing.T) {
	built := imagekit.Build(t, imagekit.Image{Platform: crowsnest.DefaultPlatform, Layers: []imagekit.Layer{{Files: []imagekit.File{imagekit.Text("a", "content")}}}})
	archive, err := os.ReadFile(imagekit.DockerArchive(t, imagekit.Tag("shop/web:1", built)))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.41") })
	mux.HandleFunc("GET /v1.41/images/{name...}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("name") == "get" {
			w.Write(archive)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"Id":"`+string(imagekit.ImageID(t, built))+`"}`)
	})
	engine := httptest.NewServer(mux)
	defer engine.Close()
	t.Setenv("DOCKER_HOST", "tcp://"+strings.TrimPrefix(engine.URL, "http://"))
	img, err := Open(t.Context(), "local://shop/web:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if img.Name != "shop/web:1" || img.ImageID != imagekit.ImageID(t, built) {
		t.Errorf("%+v", img.Image)
	}
	if err := img.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(t.Context(), "local://shop/web:1", Options{Platform: crowsnest.Platform{OS: "linux", Architecture: "s390x"}}); crowsnest.KindOf(err) != crowsnest.NotFound {
		t.Errorf("another platform: %v", err)
	}
	archive = archive[:len(archive)/2]
	if _, err := Open(t.Context(), "local://shop/web:1", Options{}); crowsnest.KindOf(err) != crowsnest.Corrupt {
		t.Errorf("half an archive: %v", err)
	}
}

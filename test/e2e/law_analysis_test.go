package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// TestLaw05ChangedAdvisoryNeedsNoRegistry changes what an advisory says: the findings follow, and
// neither the registry nor Sysdig is asked anything.
func TestLaw05ChangedAdvisoryNeedsNoRegistry(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		// A package of this test alone, as advisories belong to all.
		imagekit.Push(t, host+"/shop/web:1.0", layered(t, "", base(strings.NewReplacer("libssl3", "law05", "openssl", "law05").Replace(libssl))))
		law05 := func(modified, fixed string) obj {
			record := openssl(modified, fixed)
			record["id"], record["upstream"], record["affected"] = "DEBIAN-CVE-2099-0005", []any{"CVE-2099-0005"}, affects("Debian:12", "law05", fixed)
			return record
		}
		digest := s.analyse(t, host+"/shop/web:1.0")
		gate.reset()
		withdrawn := law05("2024-05-04T00:00:00Z", "3.0.17-1~deb12u4")
		withdrawn["withdrawn"] = "2024-05-04T00:00:00Z"
		lower := law05("2024-05-05T00:00:00Z", "3.0.17-1~deb12u4")
		lower["severity"] = []any{obj{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}}
		older := law05("2024-05-01T00:00:00Z", "3.0.17-1~deb12u9")
		for _, step := range []struct {
			name   string
			record obj
			want   []string // severity and fix of each finding
		}{
			{"published", law05("2024-05-01T00:00:00Z", "3.0.17-1~deb12u3"), []string{"critical 3.0.17-1~deb12u3"}},
			{"another fix", law05("2024-05-02T00:00:00Z", "3.0.17-1~deb12u4"), []string{"critical 3.0.17-1~deb12u4"}},
			{"no longer affected", law05("2024-05-03T00:00:00Z", "3.0.1"), nil},
			{"withdrawn", withdrawn, nil},
			{"published again, lower", lower, []string{"low 3.0.17-1~deb12u4"}},
			{"an older record", older, []string{"low 3.0.17-1~deb12u4"}},
		} {
			s.upload(t, step.record)
			var found []string
			for _, f := range got(s.CVEs(ctx(t), string(digest), ""))(t).Findings {
				found = append(found, f.Severity.String()+" "+*f.FixedVersion)
			}
			if diff := cmp.Diff(step.want, found); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		}
		if n := gate.count("/"); n != 0 {
			t.Errorf("the registry was asked %d times", n)
		}
	})
}

// layerPath is the path under which a registry serves a layer.
func layerPath(t testing.TB, img v1.Image, i int) string {
	t.Helper()
	layers := got(img.Layers())(t)
	return "/blobs/" + got(layers[i].Digest())(t).String()
}

// TestLaw06SharedLayerIsReadOnce has two images share a layer, restarts, and has both analysed
// again: no layer is read a second time.
func TestLaw06SharedLayerIsReadOnce(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		gate, host := newGate(t)
		web := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{base(libc + libssl), npm("lodash", "4.17.15")}})
		api := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{base(libc + libssl), npm("ms", "2.1.3")}})
		imagekit.Push(t, host+"/shop/web:1.0", web)
		imagekit.Push(t, host+"/shop/api:1.0", api)
		gate.reset()
		s.analyse(t, host+"/shop/web:1.0")
		digest := s.analyse(t, host+"/shop/api:1.0")
		for path, want := range map[string]int{layerPath(t, web, 0): 1, layerPath(t, web, 1): 1, layerPath(t, api, 1): 1} {
			if n := gate.count(path); n != want {
				t.Errorf("layer %s was read %d times, want %d", path, n, want)
			}
		}
		names := packages(t, s, digest)
		if diff := cmp.Diff([]string{"libc6", "libssl3", "ms"}, names); diff != "" {
			t.Errorf("packages of the second image (-want +got):\n%s", diff)
		}

		s.restart()
		gate.reset()
		s.analyse(t, host+"/shop/web:1.0")
		s.analyse(t, host+"/shop/api:1.0")
		for _, path := range []string{layerPath(t, web, 0), layerPath(t, web, 1), layerPath(t, api, 1)} {
			if n := gate.count(path); n != 0 {
				t.Errorf("after the restart layer %s was read %d times", path, n)
			}
		}
	})
}

// packages returns the names of the packages in an image, sorted.
func packages(t testing.TB, s *server, digest crowsnest.Digest) []string {
	t.Helper()
	var names []string
	for _, p := range got(s.SBOM(ctx(t), string(digest)))(t).Packages {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

func TestLaw06WhiteoutsAreHonoured(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		lower := []imagekit.Layer{base(libc + libssl), npm("lodash", "4.17.15"), npm("ms", "2.1.3")}
		with := func(files ...imagekit.File) []string {
			img := layered(t, "", append(slices.Clip(lower), imagekit.Layer{Files: files})...)
			imagekit.Push(t, host+"/shop/web:1.0", img)
			return packages(t, s, s.analyse(t, host+"/shop/web:1.0"))
		}
		for _, c := range []struct {
			name  string
			files []imagekit.File
			want  []string
		}{
			{"a file", []imagekit.File{imagekit.Whiteout("app/node_modules/ms/package.json")}, []string{"libc6", "libssl3", "lodash"}},
			{"a folder", []imagekit.File{imagekit.Whiteout("app/node_modules/lodash")}, []string{"libc6", "libssl3", "ms"}},
			{"all within", []imagekit.File{imagekit.Dir("app"), imagekit.Opaque("app"), npmFile("app/node_modules/left", "left", "1.0.0")}, []string{"left", "libc6", "libssl3"}},
			{"replaced", []imagekit.File{imagekit.Text("var/lib/dpkg/status", libc)}, []string{"libc6", "lodash", "ms"}},
		} {
			if diff := cmp.Diff(c.want, with(c.files...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	})
}

// TestLaw12FileOfAnOSPackageIsItsBusiness wants an npm package that a Debian package owns to be listed
// with its owner and not matched against npm's advisories, while one that nobody owns is.
func TestLaw12FileOfAnOSPackageIsItsBusiness(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		owner := strings.NewReplacer("libssl3", "node-lodash", "openssl", "node-lodash", "3.0.17-1~deb12u2", "4.17.15+dfsg-1").Replace(libssl)
		owned := layered(t, "", base(libc+owner), imagekit.Layer{Files: []imagekit.File{
			npmFile("usr/share/nodejs/lodash", "lodash", "4.17.15"),
			imagekit.Text("var/lib/dpkg/info/node-lodash.list", "/.\n/usr\n/usr/share\n/usr/share/nodejs\n/usr/share/nodejs/lodash\n/usr/share/nodejs/lodash/package.json\n"),
		}})
		imagekit.Push(t, host+"/shop/owned:1.0", owned)
		imagekit.Push(t, host+"/shop/free:1.0", layered(t, "", base(libc), npm("lodash", "4.17.15")))
		s.upload(t, advisories()...)
		for name, want := range map[string]struct {
			findings int
			owners   []string
		}{"owned": {0, []string{"node-lodash"}}, "free": {1, nil}} {
			digest := s.analyse(t, host+"/shop/"+name+":1.0")
			listed := got(s.SBOM(ctx(t), string(digest)))(t).Packages
			lodash, ok := named(listed, func(p crowsnest.Package) string { return p.Name }, "lodash")
			var owners []string
			for _, o := range lodash.Owners() {
				owners = append(owners, o.Name)
			}
			if !ok || !slices.Equal(owners, want.owners) {
				t.Errorf("%s: lodash is owned by %v, want %v; listed are %v", name, owners, want.owners, listed)
			}
			n := 0
			for _, f := range got(s.CVEs(ctx(t), string(digest), ""))(t).Findings {
				if f.Package.Type == "npm" {
					n++
				}
			}
			if n != want.findings {
				t.Errorf("%s: %d findings of npm packages, want %d", name, n, want.findings)
			}
		}
	})
}

// TestLayersSayWhoPutItThere wants every layer with its command, without secrets, and
// with what it adds and removes, the same from the server and from this machine alone.
func TestLayersSayWhoPutItThere(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	host := imagekit.Registry(t)
	first, second, third := base(libc), npm("lodash", "4.17.15"), imagekit.Layer{Files: []imagekit.File{imagekit.Whiteout("app/node_modules/lodash"), npmFile("app/node_modules/ms", "ms", "2.1.3")}}
	first.CreatedBy, second.CreatedBy, third.CreatedBy = "ADD rootfs.tar /", "RUN NPM_TOKEN=hunter2 npm ci", "RUN npm prune"
	below := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{first}})
	imagekit.Push(t, host+"/shop/base:1.0", below)
	imagekit.Push(t, host+"/shop/web:1.0", imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{first, second, third}, User: "app",
		Labels: map[string]string{crowsnest.LabelBaseName: "base:1.0", crowsnest.LabelBaseDigest: string(imagekit.Digest(t, below)), "deploy-token": "hunter2"}}))
	type row struct {
		Command        string
		Base           bool
		Added, Removed int
	}
	want := []row{{"ADD rootfs.tar /", true, 1, 0}, {"RUN NPM_TOKEN=[hidden] npm ci", false, 1, 0}, {"RUN npm prune", false, 1, 1}}
	check := func(where string, img wire.Image, sbom wire.SBOM) {
		t.Helper()
		var rows []row
		commands := map[crowsnest.Digest]string{}
		for _, l := range sbom.Layers {
			if l.Added == nil || l.Removed == nil {
				t.Fatalf("%s: layer %s is not counted", where, l.DiffID)
			}
			rows = append(rows, row{l.Command, l.Base, *l.Added, *l.Removed})
			commands[l.DiffID] = l.Command
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("%s: layers (-want +got):\n%s", where, diff)
		}
		ms, _ := named(sbom.Packages, func(p crowsnest.Package) string { return p.Name }, "ms")
		if len(ms.Locations) != 1 || commands[ms.Locations[0].Layer] != "RUN npm prune" {
			t.Errorf("%s: ms was brought to %+v", where, ms.Locations)
		}
		if diff := cmp.Diff(sbom.Layers, img.Layers); diff != "" {
			t.Errorf("%s: the image has other layers than its packages (-packages +image):\n%s", where, diff)
		}
		if img.Base == nil || img.Base.Name != "base:1.0" || img.Base.Layers != 1 || img.Config == nil || img.Config.User != "app" || img.Config.Labels["deploy-token"] != "[hidden]" {
			t.Errorf("%s: base %+v, configuration %+v", where, img.Base, img.Config)
		}
	}
	s.analyse(t, host+"/shop/base:1.0")
	digest := string(s.analyse(t, host+"/shop/web:1.0"))
	check("server", got(s.Image(ctx(t), digest))(t), got(s.SBOM(ctx(t), digest))(t))

	m := newMachine(t)
	m.ok(t, "quickview", host+"/shop/base:1.0")
	var img wire.Image
	var sbom wire.SBOM
	m.json(t, &img, "quickview", host+"/shop/web:1.0")
	m.json(t, &sbom, "sbom", host+"/shop/web:1.0")
	check("machine", img, sbom)
}

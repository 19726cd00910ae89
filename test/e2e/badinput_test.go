package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/sysdigkit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// closedPort returns an address of loopback that refuses connections.
func closedPort(t testing.TB) string {
	t.Helper()
	l := got(net.Listen("tcp", "127.0.0.1:0"))(t)
	must(t, l.Close())
	return l.Addr().String()
}

// damages are what a registry can do to a layer on its way, with what must be said of it.
var damages = map[string]struct {
	harm  func(w http.ResponseWriter, blob []byte)
	words []string
}{
	"cut off on the way": {func(w http.ResponseWriter, blob []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(blob)))
		_, _ = w.Write(blob[:len(blob)/2])
		panic(http.ErrAbortHandler)
	}, []string{"read layer 1 of 1", "broke the connection off", "try again"}},
	"shorter than announced": {func(w http.ResponseWriter, blob []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(blob)/2))
		_, _ = w.Write(blob[:len(blob)/2])
	}, []string{"read layer 1 of 1", "bytes where the manifest announces", "push the image again"}},
	"other bytes": {func(w http.ResponseWriter, blob []byte) {
		other := bytes.Replace(blob, []byte("3.0.17"), []byte("3.0.99"), 1)
		w.Header().Set("Content-Length", strconv.Itoa(len(other)))
		_, _ = w.Write(other)
	}, []string{"read layer 1 of 1", "digest does not match"}},
	"no longer there": {func(w http.ResponseWriter, _ []byte) {
		http.Error(w, "gone", http.StatusNotFound)
	}, []string{"read layer 1 of 1", "but not this layer", "push the image again"}},
}

// TestDamagedLayerStoresNothing damages a layer on its way, for the command alone and for a server:
// each says so in one sentence, keeps nothing of the layer, and reads it whole the next time.
func TestDamagedLayerStoresNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		for name, d := range damages {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				gate, host := newGate(t)
				// A plain tar, so that other bytes are still a layer and only the digest tells.
				layer := base(libssl)
				layer.Compression = imagekit.Plain
				layer.Files = append(layer.Files, imagekit.Text("etc/issue", t.Name())) // a layer of this case alone: others are known already
				img := imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{layer}})
				reference := host + "/shop/web:1.0"
				digest := imagekit.Push(t, reference, img)
				blob := got(layer.Tar())(t)
				harm := func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, layerPath(t, img, 0)) {
						d.harm(w, blob)
						return true
					}
					return false
				}
				alone := newMachine(t)
				alone.importAdvisories(t)
				for who, m := range map[string]machine{"server": at(t, s), "alone": alone} {
					gate.set(harm)
					m.fails(t, d.words, "cves", reference)
					if who == "server" {
						row := got(s.Image(ctx(t), string(digest)))(t)
						if row.State != "failed" || row.Packages != 0 || row.Summary.Total() != 0 {
							t.Errorf("the image is kept as %+v, want it failed and empty", row)
						}
						oneSentence(t, "reason", row.Reason, d.words...)
					}
					m.fails(t, d.words, "sbom", "registry://"+reference)

					gate.set(nil)
					gate.reset()
					var cves wire.CVEs
					m.json(t, &cves, "cves", reference)
					if cves.Summary != (crowsnest.Summary{Critical: 1}) {
						t.Errorf("%s: summary %v of the whole layer, want one critical", who, cves.Summary)
					}
					if n := gate.count(layerPath(t, img, 0)); n != 1 {
						t.Errorf("%s: the layer was read %d times after it was whole again, want once", who, n)
					}
				}
			})
		}
	})
}

func TestBadReferencesStoreNothing(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	gate, host := newGate(t)
	imagekit.Push(t, host+"/shop/web:1.0", small(t, "references"))
	other := imagekit.Push(t, host+"/shop/other:1.0", small(t, "other"))
	arm := imagekit.Build(t, imagekit.Image{Platform: crowsnest.Platform{OS: "linux", Architecture: "arm64"}})
	imagekit.Push(t, host+"/shop/arm:1.0", imagekit.Index(t, arm))
	// A registry that has another manifest under a digest.
	gate.set(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/manifests/"+string(other)) {
			r.URL.Path = "/v2/shop/web/manifests/1.0"
		}
		return false
	})
	closed := closedPort(t)
	none := crowsnest.DigestOf([]byte("none"))
	for _, c := range []struct {
		name   string
		source string
		words  []string
	}{
		{"unknown tag", host + "/shop/web:2.0", []string{"has no such image", "check the name and the tag"}},
		{"unknown repository", host + "/shop/nothing:1.0", []string{"has no such image", "check the name and the tag"}},
		{"unknown digest", host + "/shop/web@" + string(none), []string{"has no such image", "check the name and the tag"}},
		{"another manifest under the digest", host + "/shop/other@" + string(other), []string{"digest of its manifest does not match"}},
		{"no such platform", host + "/shop/arm:1.0", []string{"linux/amd64", "linux/arm64"}},
		{"unreachable registry", closed + "/shop/web:1.0", []string{closed, "refuses connections", "check that the registry runs"}},
		{"no reference", "UPPER/Case:tag", []string{"not an image reference", "lower case"}},
		{"unknown scheme", "docker://shop/web", []string{"registry://", "oci-dir://", "archive://"}},
		{"missing archive", "archive://missing.tar", []string{"open image", "missing.tar"}},
		{"missing layout", "oci-dir://missing", []string{"open image", "missing"}},
		{"a path without a scheme", "./image.tar", []string{"archive://FILE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, m := range []machine{newMachine(t), at(t, s)} {
				for _, command := range []string{"cves", "quickview"} {
					m.fails(t, c.words, command, c.source)
				}
			}
		})
	}
	t.Cleanup(func() {
		for _, i := range got(s.Images(context.Background()))(t) {
			if strings.HasPrefix(i.Name, host+"/") {
				t.Errorf("the server keeps %+v", i)
			}
		}
	})
}

// rawLayer is a layer whose bytes are as given and whose diff ID is a claim.
type rawLayer struct {
	blob   []byte
	diffID v1.Hash
}

func (l rawLayer) Digest() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(l.blob))
	return h, err
}
func (l rawLayer) DiffID() (v1.Hash, error) { return l.diffID, nil }
func (l rawLayer) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(l.blob)), nil
}
func (l rawLayer) Uncompressed() (io.ReadCloser, error) { return nil, fmt.Errorf("not kept") }
func (l rawLayer) Size() (int64, error)                 { return int64(len(l.blob)), nil }
func (l rawLayer) MediaType() (types.MediaType, error)  { return types.OCILayer, nil }

// bomb is an image whose only layer is small and unpacks to more than a gigabyte: one
// compressed piece of zeros again and again, which gzip allows.
func bomb(t testing.TB) v1.Image {
	t.Helper()
	const piece, pieces = 16 << 20, 80
	var header bytes.Buffer
	must(t, tar.NewWriter(&header).WriteHeader(&tar.Header{Name: "zeros", Mode: 0o644, Size: piece * pieces, Typeflag: tar.TypeReg}))
	packed := func(b []byte) []byte {
		var out bytes.Buffer
		w := got(gzip.NewWriterLevel(&out, gzip.BestCompression))(t)
		got(w.Write(b))(t)
		must(t, w.Close())
		return out.Bytes()
	}
	blob := append(packed(header.Bytes()), bytes.Repeat(packed(make([]byte, piece)), pieces)...)
	return withLayer(t, rawLayer{blob, got(v1.NewHash(string(crowsnest.DigestOf(nil))))(t)})
}

func withLayer(t testing.TB, l v1.Layer) v1.Image {
	t.Helper()
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img = got(mutate.ConfigFile(img, &v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers", DiffIDs: []v1.Hash{}}}))(t)
	return got(mutate.Append(img, mutate.Addendum{Layer: l, MediaType: types.OCILayer}))(t)
}

// TestHostileLayersAreRefused gives the real server and the command alone layers that are made to hurt.
func TestHostileLayersAreRefused(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := serve(t, m)
	host := imagekit.Registry(t)
	gzipped := func(b []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		got(w.Write(b))(t)
		must(t, w.Close())
		return out.Bytes()
	}
	tarred := got(base(libssl).Tar())(t)
	right := got(v1.NewHash(string(crowsnest.DigestOf(tarred))))(t)
	wrong := got(v1.NewHash(string(crowsnest.DigestOf([]byte("other")))))(t)
	for name, c := range map[string]struct {
		img   v1.Image
		words []string
	}{
		"bomb":      {bomb(t), []string{"more than the cap of 200 uncompressed bytes per stored byte"}},
		"truncated": {withLayer(t, rawLayer{gzipped(tarred)[:200], right}), []string{"truncated", "build and push it anew"}},
		"cut-tar":   {withLayer(t, rawLayer{gzipped(tarred[:1300]), right}), []string{"build and push it anew"}},
		"other":     {withLayer(t, rawLayer{gzipped(tarred), wrong}), []string{"its uncompressed bytes have the digest", "build and push it anew"}},
		"no-tar":    {withLayer(t, rawLayer{gzipped(bytes.Repeat([]byte("no tar "), 1000)), right}), []string{"build and push it anew"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reference := host + "/hostile/" + name + ":1.0"
			digest := imagekit.Push(t, reference, c.img)
			newMachine(t).fails(t, c.words, "sbom", reference)
			s.machine.fails(t, c.words, "cves", reference)
			row := got(s.Image(ctx(t), string(digest)))(t)
			if row.State != "failed" || row.Packages != 0 {
				t.Errorf("the image is kept as %+v, want it failed and empty", row)
			}
			oneSentence(t, "reason", row.Reason, c.words...)
		})
	}
}

func TestBadSysdigStoresNothing(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *server) {
		sysdig, name := newSysdig(t), names(t, "production")
		sysdig.SetCluster(name)
		m := at(t, s)
		closed := closedPort(t)
		fault := func(f sysdigkit.Fault) func() {
			f.Times = -1
			return sysdig.Inject(f)
		}
		images := func(f sysdigkit.Fault) func() {
			f.Match, f.Times = sysdigkit.Match{Call: sysdigkit.Images}, -1
			return sysdig.Inject(f)
		}
		nothing := func() func() { return func() {} }
		for _, c := range []struct {
			name   string
			inject func() func()
			change map[string]string
			words  []string
		}{
			{"garbage", func() func() { return fault(sysdigkit.Fault{Body: "garbage"}) }, nil, []string{"running images at Sysdig", "check the region or the address"}},
			{"broken JSON", func() func() { return fault(sysdigkit.Fault{Body: `{"data":[{"clusterName":`}) }, nil, []string{"JSON", "check the region or the address"}},
			{"sign-in page", func() func() { return fault(sysdigkit.LoginPage()) }, nil, []string{"HTML page", "check the region or the address"}},
			{"its own failure", func() func() { return fault(sysdigkit.Fault{Status: 500}) }, nil, []string{"500", "Sysdig's side"}},
			{"garbage for images", func() func() { return images(sysdigkit.Fault{Body: "garbage"}) }, nil, []string{"read running images at Sysdig", name, "check the region or the address"}},
			{"broken JSON for images", func() func() { return images(sysdigkit.Fault{Body: `{"data":[{"imageID":`}) }, nil, []string{"read running images at Sysdig", name}},
			{"not for images", func() func() { return images(sysdigkit.Fault{Status: 403}) }, nil, []string{"read running images at Sysdig", name}},
			{"wrong token", nothing, map[string]string{"token": "another-token"}, []string{"the token is not accepted", "renew the token"}},
			{"unreachable", nothing, map[string]string{"url": "http://" + closed}, []string{closed, "refused", "check host and port"}},
			{"private address", nothing, map[string]string{"url": "https://10.0.0.1"}, []string{"private address", "egress.allow"}},
			{"unknown region", nothing, map[string]string{"region": "mars1", "url": ""}, []string{"mars1", "region"}},
			{"interval", nothing, map[string]string{"interval": "1s"}, []string{"interval", "at least 10s"}},
			{"long interval", nothing, map[string]string{"interval": "100000h"}, []string{"interval", "24h at most"}},
			{"no token", nothing, map[string]string{"token": ""}, []string{"token is missing", "--parameter token="}},
			{"unknown parameter", nothing, map[string]string{"colour": "red"}, []string{"colour", "NAME=VALUE"}},
		} {
			parameters := map[string]string{"region": "custom", "url": sysdig.url, "token": sysdigToken, "cluster": name, "environment": name}
			for k, v := range c.change {
				parameters[k] = v
			}
			args := []string{"integration", "configure", "sysdig", "--name", name}
			for k, v := range parameters {
				if v != "" {
					args = append(args, "--parameter", k+"="+v)
				}
			}
			heal := c.inject()
			m.fails(t, c.words, args...)
			heal()
			if in, err := s.Integration(ctx(t), name); crowsnest.KindOf(err) != crowsnest.NotFound {
				t.Fatalf("%s: the integration was stored: %+v, %v", c.name, in, err)
			}
			if e, ok := named(got(s.Coverage(ctx(t)))(t).Environments, environmentName, name); ok {
				t.Fatalf("%s: the environment was stored: %+v", c.name, e)
			}
		}

		// A sync that breaks off shows how the integration stands, says why, and fails.
		sysdig.SetCluster(name, runs("web", crowsnest.DigestOf([]byte("image"))))
		s.connect(t, sysdig, name, name)
		heal := sysdig.Inject(sysdigkit.Fault{Match: sysdigkit.Match{Call: sysdigkit.Images}, Times: -1, Body: "garbage"})
		defer heal()
		o := m.run(t, "integration", "sync", "--name", name)
		if o.code != 1 || !strings.Contains(o.stdout, "degraded") {
			t.Errorf("sync: code %d, want 1, with the state:\n%s", o.code, o.stdout)
		}
		oneSentence(t, "sync", spoken(o.stderr), "crowsnest: sweep "+name+": not complete, so the last complete sweep stands: ")
		if n := strings.Count(spoken(o.stderr), " ("); n > 1 {
			t.Errorf("sync: %d hints: %s", n, o.stderr)
		}
	})
}

// TestBadServerIsNamed lets the command talk to no server, to a wrong one, and with a wrong token.
func TestBadServerIsNamed(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	closed := closedPort(t)
	host := imagekit.Registry(t)
	for name, c := range map[string]struct {
		vars  []string
		words []string
	}{
		"wrong token":          {[]string{"CROWSNEST_SERVER=" + s.url, "CROWSNEST_TOKEN=crowsnest_wrong"}, []string{"not known here", "crowsnest login"}},
		"no token":             {[]string{"CROWSNEST_SERVER=" + s.url}, []string{"crowsnest login"}},
		"unreachable":          {[]string{"CROWSNEST_SERVER=http://" + closed, "CROWSNEST_TOKEN=x"}, []string{closed, "refused", "check host and port"}},
		"no Crowsnest":         {[]string{"CROWSNEST_SERVER=http://" + host, "CROWSNEST_TOKEN=x"}, []string{host, "check the address"}},
		"TLS where there's no": {[]string{"CROWSNEST_SERVER=https://" + host, "CROWSNEST_TOKEN=x"}, []string{host, "does not speak TLS"}},
		"no address":           {[]string{"CROWSNEST_SERVER=ftp://example.com", "CROWSNEST_TOKEN=x"}, []string{"server address", "https://"}},
		"none":                 {nil, []string{"a server is needed", "--server", "crowsnest login"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newMachine(t, c.vars...).fails(t, c.words, "environment")
		})
	}
	t.Run("nothing is open without a token", func(t *testing.T) {
		for _, path := range []string{"version", "images", "environments", "coverage", "integrations", "advisories", "vulnerabilities", "sysdig/regions"} {
			res := got(http.Get(s.url + "/api/v1/" + path))(t)
			b := got(io.ReadAll(res.Body))(t)
			res.Body.Close()
			if res.StatusCode != http.StatusUnauthorized || !strings.Contains(string(b), "a token is needed") {
				t.Errorf("GET %s without a token: %d %s", path, res.StatusCode, b)
			}
		}
	})
	served := at(t, s)
	served.fails(t, []string{"find environment nowhere"}, "environment", "nowhere")
	served.fails(t, []string{"find image", "0123456789ab"}, "cves", "0123456789ab")
	served.fails(t, []string{"choose format", "use text or json"}, "environment", "--format", "xml")
	served.fails(t, []string{"find integration nowhere"}, "integration", "sync", "--name", "nowhere")
}

// TestEgressIsRefused wants a server to connect to nothing private unless allowed, whoever asks.
func TestEgressIsRefused(t *testing.T) {
	t.Parallel()
	allowed := shared(t, "sqlite")
	m := at(t, allowed)
	for _, address := range []string{"10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]"} {
		m.fails(t, []string{"not permitted", "egress.allow"}, "cves", address+":5000/shop/web:1.0")
		m.fails(t, []string{"not permitted", "egress.allow"}, "advisory", "import", "http://"+address+"/all.zip")
	}
	closed := startWith(t, map[string]any{}) // may reach public addresses only
	gate, host := newGate(t)
	imagekit.Push(t, host+"/shop/web:1.0", small(t, "egress"))
	gate.reset()
	at(t, closed).fails(t, []string{"loopback address", "egress.allow"}, "cves", host+"/shop/web:1.0")
	if n := gate.count("/"); n != 0 {
		t.Errorf("the registry got %d requests", n)
	}
	if images := got(closed.Images(ctx(t)))(t); len(images) != 0 {
		t.Errorf("images %+v were stored", images)
	}
}

func TestBadAdvisoriesStoreNothing(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		host := imagekit.Registry(t)
		imagekit.Push(t, host+"/shop/web:1.0", small(t, "bad advisories"))
		digest := s.analyse(t, host+"/shop/web:1.0")
		dir := t.TempDir()
		write := func(name string, b []byte) string {
			t.Helper()
			path := filepath.Join(dir, name)
			must(t, os.MkdirAll(filepath.Dir(path), 0o700))
			must(t, os.WriteFile(path, b, 0o600))
			return path
		}
		whole := zipped(t, advisories()...)
		m := at(t, s)
		m.fails(t, []string{"import advisories from", "missing"}, "advisory", "import", filepath.Join(dir, "missing"))
		m.fails(t, []string{"none of its records can be used", "give OSV records"}, "advisory", "import", write("text.zip", []byte("no archive")))
		m.fails(t, []string{"zip"}, "advisory", "import", write("cut.zip", whole[:len(whole)/2]))
		empty := filepath.Join(dir, "empty")
		must(t, os.Mkdir(empty, 0o700))
		m.fails(t, []string{"no ECOSYSTEM/all.zip", "OSV's bucket"}, "advisory", "import", empty)
		write("bucket/Debian/all.zip", whole)
		write("bucket/npm/all.zip", whole[:len(whole)/2])
		m.fails(t, []string{"PyPI"}, "advisory", "import", filepath.Join(dir, "bucket"), "--ecosystem", "PyPI")
		if n := got(s.CVEs(ctx(t), string(digest), ""))(t).Summary.Total(); n != 0 {
			t.Errorf("%d findings from advisories that were refused", n)
		}
		if list := got(s.AdvisoryStatuses(ctx(t)))(t); len(list) != 0 {
			t.Errorf("ecosystems %+v from files that were refused", list)
		}

		// One bad record does not lose the others, and is counted.
		bad := obj{"id": "BAD-1", "modified": "never"}
		var results []struct{ Records, Skipped int }
		m.json(t, &results, "advisory", "import", write("some.zip", zipped(t, append(advisories(), bad)...)))
		if diff := cmp.Diff([]struct{ Records, Skipped int }{{4, 1}}, results); diff != "" {
			t.Errorf("import with a bad record (-want +got):\n%s", diff)
		}
		if n := got(s.CVEs(ctx(t), string(digest), ""))(t).Summary.Critical; n != 1 {
			t.Errorf("%d critical findings, want one", n)
		}
	})
}

// TestServeRefusesToStart gives the server what it cannot start with.
func TestServeRefusesToStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noDatabase := filepath.Join(dir, "text.db")
	must(t, os.WriteFile(noDatabase, bytes.Repeat([]byte("this is no database\n"), 1000), 0o600))
	badConfig := filepath.Join(dir, "config.yaml")
	must(t, os.WriteFile(badConfig, []byte("lissten: 127.0.0.1:0\n"), 0o600))
	taken := got(net.Listen("tcp", "127.0.0.1:0"))(t)
	t.Cleanup(func() { taken.Close() })
	closed := closedPort(t)
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"database is down":  {[]string{"--database", "postgres://crow:hunter2@" + closed + "/x"}, []string{"open database postgres://crow@" + closed + "/x", "refused", "check that PostgreSQL runs there"}},
		"no database":       {[]string{"--database", noDatabase}, []string{"open database", "check that the file is a SQLite database"}},
		"address is taken":  {[]string{"--listen", taken.Addr().String()}, []string{"listen on " + taken.Addr().String(), "choose one with --listen"}},
		"no address":        {[]string{"--listen", "8080"}, []string{"listen", "host:port"}},
		"no network":        {[]string{"--egress-allow", "ten"}, []string{"egress.allow", "10.0.0.0/8"}},
		"unknown setting":   {[]string{"--config", badConfig}, []string{"lissten", "no such setting"}},
		"missing file":      {[]string{"--config", filepath.Join(dir, "none.yaml")}, []string{"none.yaml", "--config"}},
		"unknown log level": {[]string{"--log-level", "loud"}, []string{"log.level", "debug, info, warn or error"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			o := m.run(t, append([]string{"serve", "--data", filepath.Join(m.home, "data"), "--log-level", "error"}, c.args...)...)
			if o.code != 1 || o.stdout != "" {
				t.Errorf("code %d, want 1 and nothing on standard output: %s", o.code, o.stdout)
			}
			// The token of an installation is shown before it listens.
			_, sentence, found := strings.Cut(o.stderr, "crowsnest: ")
			if !found {
				t.Fatalf("standard error: %s", o.stderr)
			}
			oneSentence(t, name, strings.TrimSuffix(sentence, "\n"), c.words...)
			if strings.Contains(o.stderr, "hunter2") {
				t.Errorf("the password is shown: %s", o.stderr)
			}
		})
	}
}

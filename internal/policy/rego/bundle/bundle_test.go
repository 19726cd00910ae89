package bundle_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/policy"
	"github.com/crowsnest-sec/crowsnest/internal/policy/rego/bundle"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
)

const pass = "package docker.scout\npass := true\nviolation := set()\n"

func called(name string) string {
	return "# METADATA\n# title: Title of " + name + "\n# custom:\n#   name: " + name + "\n" + pass
}

// names lists the policies of a source.
func names(t *testing.T, s bundle.Source) []string {
	t.Helper()
	list, err := s.Policies()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range list {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

func archive(t *testing.T, files map[string]string, zipped bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !zipped {
		return b.Bytes()
	}
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	if _, err := g.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

// What others push is read, whichever layers they put texts into.
func TestPullWhatOthersPush(t *testing.T) {
	registry := imagekit.Registry(t)
	titled := func(name, mediaType, text string) imagekit.Blob {
		return imagekit.Blob{MediaType: mediaType, Content: []byte(text), Annotations: map[string]string{"org.opencontainers.image.title": name}}
	}
	for name, blobs := range map[string][]imagekit.Blob{
		"a tar":         {{MediaType: "application/vnd.oci.image.layer.v1.tar", Content: archive(t, map[string]string{"a.rego": called("a"), "in/b.rego": called("b"), ".manifest": "{}", "data.json": "{}"}, false)}},
		"a gzipped tar": {{MediaType: "application/vnd.oci.image.layer.v1.tar+gzip", Content: archive(t, map[string]string{"../../a.rego": called("a"), "/b.rego": called("b")}, true)}},
		"titles":        {titled("a.rego", "text/plain", called("a")), titled("x/b.rego", "application/octet-stream", called("b")), titled("README.md", "text/markdown", "no rego")},
		"same titles":   {titled("a.rego", "text/plain", called("a")), titled("a.rego", "text/plain", called("b"))},
		"media types":   {{MediaType: "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego", Content: []byte(called("a"))}, {MediaType: "application/x-rego", Content: []byte(called("b"))}},
	} {
		t.Run(name, func(t *testing.T) {
			ref := registry + "/policies:" + strings.ReplaceAll(name, " ", "-")
			digest := imagekit.Push(t, ref, imagekit.Artifact(t, "application/vnd.example.policies", blobs...))
			got, read, err := bundle.Registry{}.Pull(t.Context(), ref)
			if err != nil {
				t.Fatal(err)
			}
			if read != digest || !slices.Equal(names(t, got), []string{"a", "b"}) {
				t.Errorf("read is %s with %q, want %s", read, names(t, got), digest)
			}
		})
	}
	for name, c := range map[string]struct {
		blobs []imagekit.Blob
		says  string
	}{
		"nothing":         {[]imagekit.Blob{titled("README.md", "text/markdown", "x")}, "no text in Rego"},
		"too long":        {[]imagekit.Blob{titled("a.rego", "text/plain", strings.Repeat("#", policy.MaxSource+1))}, "more than 65536 bytes"},
		"damaged":         {[]imagekit.Blob{{MediaType: "x", Content: []byte{0x1f, 0x8b, 1, 2, 3}}}, "damaged"},
		"a bomb":          {[]imagekit.Blob{{MediaType: "x", Content: archive(t, map[string]string{"x": strings.Repeat("\x00", 20<<20)}, true)}}, "unpacks to too much"},
		"wrong built-ins": {[]imagekit.Blob{{MediaType: "application/vnd.crowsnest.policies.builtin.v1+json", Content: []byte(`{}`)}}, "built in"},
		"a tar cut off":   {[]imagekit.Blob{{MediaType: "x", Content: archive(t, map[string]string{"a.rego": called("a")}, false)[:600]}}, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			ref := registry + "/bad:" + strings.ReplaceAll(name, " ", "-")
			imagekit.Push(t, ref, imagekit.Artifact(t, "application/vnd.example.policies", c.blobs...))
			if _, _, err := (bundle.Registry{}).Pull(t.Context(), ref); crowsnest.KindOf(err) != crowsnest.Invalid || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it gives %v, want %q", err, c.says)
			}
		})
	}
	if _, _, err := (bundle.Registry{}).Pull(t.Context(), registry+"/policies:none"); err == nil {
		t.Error("a tag that there is not is read")
	}
	if _, _, err := (bundle.Registry{}).Pull(t.Context(), "NOT A REFERENCE"); crowsnest.KindOf(err) != crowsnest.Invalid {
		t.Errorf("no reference gives %v", err)
	}
}

// What was read is not read again, a tag that moved is, and what was changed in the cache is not believed.
func TestCache(t *testing.T) {
	var asked atomic.Int64
	next := imagekit.RegistryHandler()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path != "/v2/" {
			asked.Add(1)
		}
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	ref := strings.TrimPrefix(s.URL, "http://") + "/policies:1"
	reg := bundle.Registry{Cache: filepath.Join(t.TempDir(), "policies")}
	pull := func() ([]string, int64) {
		t.Helper()
		before := asked.Load()
		source, _, err := reg.Pull(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		return names(t, source), asked.Load() - before
	}
	push := func(name string) crowsnest.Digest {
		t.Helper()
		d, err := reg.Push(t.Context(), ref, []bundle.Source{{Name: "x", Files: []policy.File{{Name: "a.rego", Text: called(name)}}}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := push("one")
	for i, want := range []int64{2, 0, 0} {
		if got, n := pull(); got[0] != "one" || n != want {
			t.Errorf("time %d: %q is read with %d requests, want %d", i+1, got, n, want)
		}
	}
	if second := push("two"); second == first {
		t.Error("other policies have the same digest")
	}
	if got, n := pull(); got[0] != "two" || n != 2 {
		t.Errorf("after the tag moved %q is read with %d requests", got, n)
	}
	entries, err := os.ReadDir(reg.Cache)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.WriteFile(filepath.Join(reg.Cache, e.Name()), []byte(called("evil")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, n := pull(); got[0] != "two" || n != 2 {
		t.Errorf("with a changed cache %q is read with %d requests", got, n)
	}
}

func TestApply(t *testing.T) {
	file := func(text string) string {
		t.Helper()
		name := filepath.Join(t.TempDir(), "config.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	builtIn, err := bundle.Source{Name: "built-in", BuiltIn: bundle.BuiltIns()}.Policies()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, typ, want string }{
		"severities":    {`{"policies":[{"name":"fixable-vulnerabilities","config":{"severities":["LOW"],"fixable_only":false,"package_types":["deb"],"grace_period_days":14}}]}`, policy.Fixable, `{"severities":["low"],"fixableOnly":false,"packageTypes":["deb"],"ageDays":14}`},
		"high profile":  {`{"policies":[{"name":"high-profile-vulnerabilities","config":{"cves":["CVE-2021-44228"],"ignored_cves":["CVE-2023-44487"],"include_cisa_kev":false}}]}`, policy.HighProfile, `{"cves":["CVE-2021-44228"],"excludedCves":["CVE-2023-44487"],"knownExploited":false}`},
		"licences":      {`{"policies":[{"name":"no-copyleft-licenses","config":{"licenses":["GPL-3.0-only"],"ignored_packages":["pkg:npm/a"]}}]}`, policy.Licences, `{"licences":["GPL-3.0-only"],"allowedPackages":["pkg:npm/a"]}`},
		"base images":   {`{"policies":[{"name":"approved-base-images","config":{"allowed_base_images":["docker.io/library/*"],"allowed_distros_only":false}}]}`, policy.Approved, `{"patterns":["docker.io/library/*"],"supportedDistributions":false}`},
		"own names":     {`{"policies":[{"name":"in-use-vulnerabilities","config":{"fixableOnly":true}}]}`, policy.InUse, `{"severities":["critical","high"],"fixableOnly":true}`},
		"by their name": {`{"policies":[{"name":"No AGPL v3 licences","config":{"licences":["MIT"]}}]}`, policy.Licences, `{"licences":["MIT"],"allowedPackages":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := bundle.ReadConfig(file(c.text))
			if err != nil {
				t.Fatal(err)
			}
			got, unknown, err := config.Apply(builtIn)
			if err != nil || len(unknown) > 0 || len(got) != len(builtIn) {
				t.Fatalf("%d policies, unknown are %q, %v", len(got), unknown, err)
			}
			for _, p := range got {
				if p.Type == c.typ && string(p.Parameters) != c.want {
					t.Errorf("its parameters are %s, want %s", p.Parameters, c.want)
				}
			}
		})
	}
	for name, c := range map[string]struct{ text, says string }{
		"distributions":  {`{"policies":[{"name":"approved-base-images","config":{"allowed_distros":[]}}]}`, "allowed_distros"},
		"attestations":   {`{"policies":[{"name":"supply-chain-attestations","config":{"required_attestations":[]}}]}`, "in Rego"},
		"no parameter":   {`{"policies":[{"name":"fixable-vulnerabilities","config":{"colour":1}}]}`, "colour"},
		"no object":      {`{"policies":[{"name":"fixable-vulnerabilities","config":[]}]}`, "JSON object"},
		"no name":        {`{"policies":[{"weight":1}]}`, "no name"},
		"a weight":       {`{"policies":[{"name":"a","weight":1001}]}`, "0 to 1000"},
		"a field":        {`{"policies":[{"name":"a","enable":true}]}`, "enable"},
		"no JSON":        {`policies:`, "not the JSON"},
		"something else": {`[]`, "not the JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := bundle.ReadConfig(file(c.text))
			if err == nil {
				_, _, err = config.Apply(builtIn)
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it gives %v, want %q", err, c.says)
			}
		})
	}
	config, err := bundle.ReadConfig(file(`{"debug":true,"policies":[{"name":"no-stale-base-images","enabled":false},{"name":"default-non-root-user","weight":77},{"name":"none"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got, unknown, err := config.Apply(builtIn)
	if err != nil || !config.Debug || len(got) != len(builtIn)-1 || !slices.Equal(unknown, []string{"none"}) {
		t.Errorf("%d policies, unknown are %q, %v", len(got), unknown, err)
	}
	for _, p := range got {
		if p.Type == policy.NonRoot && p.Weight != 77 {
			t.Errorf("its weight is %d", p.Weight)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.rego", called("a"))
	write("in/deep/b.rego", called("b"))
	write(".git/c.rego", "no rego")
	write("lib.rego", "package lib\n")
	write("a_test.rego", "package docker.scout_test\n")
	outside := filepath.Join(t.TempDir(), "c.rego")
	if err := os.WriteFile(outside, []byte(called("c")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "c.rego")); err != nil {
		t.Fatal(err)
	}
	source, err := bundle.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, source); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("its policies are %q", got)
	}
	if n := len(source.WithoutTests().Files); n != 3 {
		t.Errorf("without tests %d files are left", n)
	}
	list, err := source.Policies()
	if err != nil {
		t.Fatal(err)
	}
	var parameters struct{ Source string }
	if err := json.Unmarshal(list[0].Parameters, &parameters); err != nil || parameters.Source != called("a") || len(list[0].Libraries) != 1 {
		t.Errorf("a policy is %+v, %v", list[0], err)
	}
	write("long.rego", strings.Repeat("#", policy.MaxSource+1))
	if _, err := bundle.Folder(dir); err == nil || !strings.Contains(err.Error(), "long.rego") {
		t.Errorf("a file that is too long gives %v", err)
	}
	if _, err := bundle.Folder(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no file that ends with .rego") {
		t.Errorf("an empty folder gives %v", err)
	}
	if _, err := bundle.Test(context.Background(), []string{filepath.Join(dir, "a.rego")}); err == nil || !strings.Contains(err.Error(), "there are none") {
		t.Errorf("a file without tests gives %v", err)
	}
}

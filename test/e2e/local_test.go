package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
)

// importAdvisories brings advisories into the machine's own cache, or to its server.
func (m machine) importAdvisories(t testing.TB) {
	t.Helper()
	path := filepath.Join(m.home, "advisories.zip")
	must(t, os.WriteFile(path, zipped(t, advisories()...), 0o600))
	m.ok(t, "advisory", "import", path)
}

// TestLocalSources reads one image from everything it can come in, without a server: what is in it
// and what is wrong with it is the same.
func TestLocalSources(t *testing.T) {
	t.Parallel()
	img := shop(t)
	host := imagekit.Registry(t)
	imagekit.Push(t, host+"/shop/web:1.0", img)
	layout := imagekit.Layout(t, imagekit.Tag("web:1.0", img))
	save := imagekit.DockerArchive(t, imagekit.Tag("shop/web:1.0", img))
	oci := imagekit.OCIArchive(t, imagekit.Tag("web:1.0", img))
	m := newMachine(t)
	m.importAdvisories(t)
	var want *wire.CVEs
	for _, c := range []struct{ name, source string }{
		{"registry", host + "/shop/web:1.0"},
		{"registry with scheme", "registry://" + host + "/shop/web:1.0"},
		{"by digest", host + "/shop/web@" + string(imagekit.Digest(t, img))},
		{"layout", "oci-dir://" + layout},
		{"docker save", "archive://" + save},
		{"docker save, gzipped", "archive://" + imagekit.Gzipped(t, save)},
		{"OCI archive", "archive://" + oci},
		{"OCI archive, gzipped", "archive://" + imagekit.Gzipped(t, oci)},
	} {
		var raw any
		var cves wire.CVEs
		m.jsons(t, []any{&raw, &cves}, "cves", c.source)
		check(t, c.name, cvesContract, raw)
		if cves.Image.ImageID != imagekit.ImageID(t, img) || cves.Image.Platform != "linux/amd64" || cves.Summary != shopSummary {
			t.Errorf("%s: %+v %v", c.name, cves.Image, cves.Summary)
		}
		if want == nil {
			want = &cves
		}
		if diff := cmp.Diff(want.Findings, cves.Findings); diff != "" {
			t.Errorf("%s: findings differ from those of the registry (-registry +%s):\n%s", c.name, c.name, diff)
		}
		var quick wire.Image
		m.json(t, &quick, "quickview", c.source)
		var sbom wire.SBOM
		m.json(t, &sbom, "sbom", c.source)
		if quick.Summary != shopSummary || quick.Packages != len(sbom.Packages) || len(sbom.Packages) < 4 || quick.Distribution != "Debian GNU/Linux 12 (bookworm)" {
			t.Errorf("%s: quickview %+v and %d packages in sbom", c.name, quick, len(sbom.Packages))
		}
	}
}

// TestFilesThatShareAConfiguration reads an image from a layout and from the file of docker save,
// which goes by the digest of the configuration that both have: each answers for itself.
func TestFilesThatShareAConfiguration(t *testing.T) {
	t.Parallel()
	var img v1.Image
	for i := 0; img == nil || imagekit.Digest(t, img) > imagekit.ImageID(t, img); i++ { // of several, the first digest was taken
		layer := base(libc)
		layer.Files = append(layer.Files, imagekit.Text("etc/issue", strconv.Itoa(i)))
		img = imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{layer}})
	}
	layout, save := "oci-dir://"+imagekit.Layout(t, imagekit.Tag("web:1.0", img)), "archive://"+imagekit.DockerArchive(t, imagekit.Tag("shop/web:1.0", img))
	for _, order := range [][]string{{layout, save}, {save, layout}} {
		m := newMachine(t)
		for _, source := range append(order, order...) {
			var cves wire.CVEs
			m.json(t, &cves, "cves", source)
			if want := source[strings.Index(source, "://")+3:]; !strings.HasPrefix(cves.Image.Name, want) {
				t.Errorf("%s: it calls itself %s", source, cves.Image.Name)
			}
			if is := cves.Image.Digest == imagekit.Digest(t, img); is != (source == layout) {
				t.Errorf("%s: digest %s", source, cves.Image.Digest)
			}
		}
	}
}

func TestLocalPlatformFromAnIndex(t *testing.T) {
	t.Parallel()
	arm := imagekit.Build(t, imagekit.Image{Platform: crowsnest.Platform{OS: "linux", Architecture: "arm64"}, Layers: []imagekit.Layer{base(libc)}})
	index := imagekit.WithAttestation(t, imagekit.Index(t, small(t, "amd64"), arm))
	host := imagekit.Registry(t)
	imagekit.Push(t, host+"/shop/web:1.0", index)
	s := shared(t, "sqlite")
	for who, m := range map[string]machine{"alone": newMachine(t), "server": at(t, s)} {
		m.importAdvisories(t)
		for platform, want := range map[string]string{"": "libssl3", "linux/amd64": "libssl3", "linux/arm64": "libc6"} {
			var sbom wire.SBOM
			m.json(t, &sbom, "sbom", host+"/shop/web:1.0", "--platform", platform)
			if len(sbom.Packages) != 1 || sbom.Packages[0].Name != want || platform != "" && sbom.Image.Platform != platform {
				t.Errorf("%s, platform %q: %+v, want %s", who, platform, sbom, want)
			}
		}
		m.fails(t, []string{"linux/s390x", "linux/amd64", "linux/arm64"}, "sbom", host+"/shop/web:1.0", "--platform", "linux/s390x")
		m.fails(t, []string{"read platform", "os/architecture"}, "sbom", host+"/shop/web:1.0", "--platform", "arm")
	}
}

func TestExitCodeAndOutputFile(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	source := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("web:1.0", shop(t)))
	o := m.run(t, "cves", source, "--exit-code")
	if o.code != 3 || !strings.Contains(o.stdout, "not all of the image could be judged") || !strings.Contains(o.stdout, "advisory import") {
		t.Errorf("without advisories: code %d, want 3 and a warning that nothing can be found\n%s%s", o.code, o.stdout, o.stderr)
	}
	m.importAdvisories(t)
	if o := m.run(t, "cves", source, "--exit-code", "--only-severity", "medium"); o.code != 3 {
		t.Errorf("with a zip that is not said to be the whole set of anything: code %d, want 3\n%s", o.code, o.stdout)
	}
	m.ok(t, "advisory", "import", filepath.Join(m.home, "advisories.zip"), "--ecosystem", "Debian,Go,npm")
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"cves", source}, 0},
		{[]string{"cves", source, "--exit-code"}, 2},
		{[]string{"cves", source, "-e", "--format", "json"}, 2},
		{[]string{"cves", source, "--exit-code", "--only-severity", "critical,high"}, 2},
		{[]string{"cves", source, "--exit-code", "--only-severity", "medium"}, 0},
		{[]string{"cves", source, "--exit-code", "--only-in-use"}, 3}, // nothing watched it
		{[]string{"cves", source, "--exit-code", "--only-package-type", "gem"}, 0},
	} {
		if o := m.run(t, c.args...); o.code != c.want || strings.Contains(o.stderr, "crowsnest: ") {
			t.Errorf("%v: code %d, want %d\n%s", c.args, o.code, c.want, o.stderr)
		}
	}

	file := filepath.Join(m.home, "cves.json")
	for _, flag := range []string{"--output", "-o"} {
		o := m.run(t, "cves", source, "--exit-code", "--format", "json", flag, file)
		if o.code != 2 || o.stdout != "" {
			t.Errorf("%s: code %d and %q on standard output, want 2 and nothing", flag, o.code, o.stdout)
		}
		if plain := m.run(t, "cves", source, "--format", "json").stdout; plain != string(readFile(t, file)) {
			t.Errorf("%s: the file holds something else than is printed", flag)
		}
		must(t, os.Remove(file))
	}
	m.fails(t, []string{"write", "folder does not exist"}, "cves", source, "--output", filepath.Join(m.home, "missing", "cves.json"))
	m.fails(t, []string{"only-severity", "deadly"}, "cves", source, "--only-severity", "deadly")
	m.fails(t, []string{"a server is needed"}, "cves", source, "--env", "production")
}

// TestCommandsShareACache starts several commands at once on a machine that has no cache
// yet, as a build with parallel steps does.
func TestCommandsShareACache(t *testing.T) {
	t.Parallel()
	source := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("web:1.0", small(t, "shared cache")))
	m := newMachine(t)
	outcomes := make([]outcome, 6)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() { outcomes[i] = m.run(t, "sbom", source, "--format", "json") })
	}
	all.Wait()
	for _, o := range outcomes {
		var sbom wire.SBOM
		if err := json.Unmarshal([]byte(o.stdout), &sbom); o.code != 0 || err != nil || len(sbom.Packages) != 1 {
			t.Errorf("code %d and %d packages, want 0 and one: %s", o.code, len(sbom.Packages), o.stderr)
		}
	}
}

// hostile holds what moves a terminal's cursor, changes colours, sets its title, or hides text.
const hostile = "evil\x1b[2J\x1b]0;title\x07\u009b31m\u202ename"

// TestTextIsHarmlessToTerminals puts escape sequences wherever an image can carry text: nothing of it
// reaches a terminal, and JSON stays JSON.
func TestTextIsHarmlessToTerminals(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	record := openssl("2024-05-01T00:00:00Z", "")
	record["summary"] = hostile
	lodash := obj{"id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-05-01T00:00:00Z", "summary": hostile, "affected": affects("npm", hostile, "9"+hostile)}
	path := filepath.Join(m.home, "advisories.zip")
	must(t, os.WriteFile(path, zipped(t, record, lodash), 0o600))
	m.ok(t, "advisory", "import", path)
	img := imagekit.Build(t, imagekit.Image{
		Layers: []imagekit.Layer{
			{Files: []imagekit.File{imagekit.Text("etc/os-release", "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\""+hostile+"\"\n"),
				imagekit.Text("var/lib/dpkg/status", libssl+strings.Replace(libc, "libc6", hostile, 1))}},
			npm(hostile, "1.0.0"+hostile),
			{Files: []imagekit.File{npmFile("app/node_modules/evil", hostile, "1.0.0")}},
		},
		User: hostile, Labels: map[string]string{hostile: hostile},
	})
	source := "oci-dir://" + imagekit.Layout(t, imagekit.Tag("web:1.0", img))
	found := false
	for _, command := range []string{"sbom", "cves", "quickview"} {
		o := m.run(t, command, source)
		if o.code != 0 {
			t.Errorf("%s: code %d: %s", command, o.code, o.stderr)
		}
		for stream, text := range map[string]string{"standard output": o.stdout, "standard error": o.stderr} {
			if strings.ContainsAny(text, "\x1b\x07\u009b\u202e") {
				t.Errorf("%s: %s can steer a terminal: %q", command, stream, text)
			}
		}
		found = found || strings.Contains(o.stdout, "evil")
		o = m.run(t, command, source, "--format", "json")
		if !json.Valid([]byte(o.stdout)) || strings.ContainsAny(o.stdout, "\x1b\x07") {
			t.Errorf("%s: the JSON is not valid or holds control characters: %q", command, o.stdout)
		}
	}
	if !found {
		t.Error("the hostile packages were not found at all, so nothing was tested")
	}
	// Also in errors.
	for _, args := range [][]string{{"cves", hostile}, {"cves", "archive://" + hostile}, {"sbom", source, "--ref", hostile}, {"cves", source, "--only-severity", hostile}, {"sbom", source, "--platform", hostile}} {
		if o := m.run(t, args...); o.code != 1 || strings.ContainsAny(o.stderr, "\x1b\x07\u009b\u202e") {
			t.Errorf("%q: code %d, standard error %q", args, o.code, o.stderr)
		}
	}
}

// TestTextForPeople looks at the reports as a pipe gets them: without escape sequences.
func TestTextForPeople(t *testing.T) {
	t.Parallel()
	s := shared(t, "sqlite")
	host := imagekit.Registry(t)
	img, production := shop(t), names(t, "production")
	imagekit.Push(t, host+"/shop/web:1.0", img)
	sysdig := newSysdig(t)
	sysdig.SetCluster(production, runs("web", imagekit.ImageID(t, img), shopLoaded()))
	m := at(t, s)
	s.connect(t, sysdig, production, production)
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"cves", host + "/shop/web:1.0"}, []string{"CVE-2099-0001", "CRITICAL", "9.8", "fixed in 3.0.17-1~deb12u3", "in use", "not fixed", "built from openssl", "4 vulnerabilities in 4 packages"}},
		{[]string{"quickview", host + "/shop/web:1.0"}, []string{"Debian GNU/Linux 12 (bookworm)", "1C", "fixable", "in use"}},
		{[]string{"sbom", host + "/shop/web:1.0"}, []string{"libssl3", "lodash", "stdlib", "golang"}},
		{[]string{"environment"}, []string{production, "1 of 1"}},
		{[]string{"env", production}, []string{"1 of 1 running images analysed", host + "/shop/web:1.0", production + "/shop/deployment/web"}},
		{[]string{"integration", "list"}, []string{production, "sysdig", "connected"}},
		{[]string{"advisory", "status"}, []string{"ECOSYSTEM"}},
		{[]string{"version"}, []string{"crowsnest", "go1."}},
		{[]string{"--help"}, []string{"cves", "environment", "serve"}},
	} {
		out := m.ok(t, c.args...)
		if strings.Contains(out, "\x1b") {
			t.Errorf("%v writes escape sequences into a pipe: %q", c.args, out)
		}
		for _, w := range c.words {
			if !strings.Contains(out, w) {
				t.Errorf("%v does not say %q:\n%s", c.args, w, out)
			}
		}
	}
}

// TestCompletion makes the script of each shell and lets those that are installed read it.
func TestCompletion(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for shell, check := range map[string][]string{"bash": {"-n"}, "zsh": {"-n"}, "fish": {"--no-execute"}} {
		script := m.ok(t, "completion", shell)
		if !strings.Contains(script, "crowsnest") || strings.Count(script, "\n") < 50 {
			t.Errorf("%s: this is no completion script:\n%s", shell, script)
		}
		if program, err := exec.LookPath(shell); err == nil {
			path := filepath.Join(m.home, "completion."+shell)
			must(t, os.WriteFile(path, []byte(script), 0o600))
			if out, err := exec.CommandContext(ctx(t), program, append(check, path)...).CombinedOutput(); err != nil {
				t.Errorf("%s does not read its script: %v\n%s", shell, err, out)
			}
		}
	}
	out := m.ok(t, "__complete", "cves", "image", "--format", "")
	if !strings.HasPrefix(out, "text\njson\n") {
		t.Errorf("--format is completed by %q", out)
	}
	if out := m.ok(t, "__complete", "integration", ""); !strings.Contains(out, "configure") || !strings.Contains(out, "sync") {
		t.Errorf("integration is completed by %q", out)
	}
}

// TestDemo runs the demo to its end and wants the numbers of its bundle.
func TestDemo(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	var demo struct {
		Environments []wire.EnvironmentSummary
		Images       []wire.Image
		Coverage     crowsnest.Coverage
		Gaps         []wire.Gap
	}
	m.json(t, &demo, "demo", "--once")
	type environment struct {
		Images   int
		Coverage crowsnest.Coverage
	}
	environments := map[string]environment{}
	for _, e := range demo.Environments {
		environments[e.Name] = environment{e.Images, e.Coverage}
		if e.Summary.Critical == 0 || e.Summary.Low == 0 {
			t.Errorf("%s has the findings %v, want some critical and some low", e.Name, e.Summary)
		}
	}
	want := map[string]environment{
		"production": {3, crowsnest.Coverage{Running: 4, Analysed: 3, Unresolved: 1}},
		"staging":    {2, crowsnest.Coverage{Running: 2, Analysed: 2}},
	}
	if diff := cmp.Diff(want, environments); diff != "" {
		t.Errorf("environments (-want +got):\n%s", diff)
	}
	names := map[string][]string{}
	for _, i := range demo.Images {
		_, name, _ := strings.Cut(i.Name, "/")
		names[name] = i.Environments
		if i.State != "analysed" || i.Packages == 0 {
			t.Errorf("%s is %s with %d packages", i.Name, i.State, i.Packages)
		}
		// The bundle has an advisory of high severity on semver, which Debian's node-semver owns.
		if want := (crowsnest.Summary{Critical: 2, High: 8, Medium: 2, Low: 4, Unspecified: 2}); name == "shop/admin:1.0" && i.Summary != want {
			t.Errorf("%s has the findings %v, want %v", i.Name, i.Summary, want)
		}
	}
	wantNames := map[string][]string{
		"shop/admin:1.0": {}, "shop/frontend:1.0": {"production", "staging"}, "shop/web:1.0": {"production"}, "shop/web:2.0": {"staging"}, "shop/worker:1.0": {"production"},
	}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Errorf("images and where they run (-want +got):\n%s", diff)
	}
	// shop/frontend runs in both environments and is counted once.
	if want := (crowsnest.Coverage{Running: 5, Analysed: 4, Unresolved: 1}); demo.Coverage != want || len(demo.Gaps) != 1 || demo.Gaps[0].State != "unresolved" {
		t.Errorf("coverage %+v and gaps %+v, want %+v", demo.Coverage, demo.Gaps, want)
	}

	o := m.run(t, "demo", "--once", "--quiet")
	if o.code != 0 || o.stderr != "" || strings.Contains(o.stdout, "\x1b") {
		t.Errorf("code %d, standard error %q", o.code, o.stderr)
	}
	for name := range maps.Keys(want) {
		if !strings.Contains(o.stdout, name) {
			t.Errorf("the summary does not name %s:\n%s", name, o.stdout)
		}
	}
}

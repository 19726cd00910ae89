package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/testkit/imagekit"
	"github.com/crowsnest-sec/crowsnest/internal/wire"
	"github.com/crowsnest-sec/crowsnest/internal/wire/compliance"
	"github.com/crowsnest-sec/crowsnest/internal/wire/verdict"
)

// TestDecisions decides about a finding with the command line, and looks for it everywhere: in the image under each of its names, in
// environments, in lists, in a comparison and in what policies say. Two names share a digest; what is decided for the one holds for it alone.
func TestDecisions(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		s.upload(t, advisories()...)
		host := imagekit.Registry(t)
		img := shop(t)
		ours, theirs := host+"/shop/web:1.0", host+"/other/web:1.0"
		imagekit.Push(t, ours, img)
		imagekit.Push(t, theirs, img)
		digest := string(s.analyse(t, ours))
		s.analyse(t, theirs)
		sysdig := newSysdig(t)
		sysdig.SetCluster("production", runs("web", imagekit.ImageID(t, img), shopLoaded()))
		s.connect(t, sysdig, "production", "production")
		m := at(t, s)
		all := got(s.CVEs(ctx(t), digest, ""))(t)
		worst := all.Findings[0]
		cves := func(reference string, more ...string) (r wire.CVEs) {
			t.Helper()
			m.json(t, &r, append([]string{"cves", reference}, more...)...)
			return r
		}
		// numbers are what counts of the image by digest: in the list, in the environment, and over everything.
		numbers := func() [4]int {
			t.Helper()
			image := got(s.Image(ctx(t), digest))(t)
			env := got(s.Environments(ctx(t)))(t)
			compared := wire.Comparison{}
			m.json(t, &compared, "compare", digest, "--to", theirs)
			return [4]int{image.Summary.Total(), env[0].Summary.Total(), got(s.CVEs(ctx(t), digest, "production"))(t).Summary.Total(), compared.Before.Summary.Total()}
		}
		n := len(all.Findings)
		same := func(when string, want [4]int) {
			t.Helper()
			if got := numbers(); got != want {
				t.Errorf("%s: %v, want %v", when, got, want)
			}
		}
		same("before", [4]int{n, n, n, n})

		var preview verdict.ExceptionPreview
		scope := []string{"--repository", "shop/*", "--package", strings.SplitN(worst.Package.PURL, "@", 2)[0], "--text", "no way in", "--expires", time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}
		m.json(t, &preview, append([]string{"exception", "preview", worst.ID}, scope...)...)
		if preview.Findings != 0 || preview.Spared != 1 || !strings.HasSuffix(preview.SparedImages[0].Names[0], "/other/web:1.0") {
			t.Errorf("the preview is %+v", preview)
		}
		var x verdict.Exception
		m.json(t, &x, append([]string{"exception", "add", worst.ID}, scope...)...)
		if r := cves(ours); len(r.Findings) != n-1 || len(r.Suppressed) != 1 || r.Suppressed[0].Suppressed.ID != x.ID {
			t.Errorf("under its name there are %d findings and suppressed %+v", len(r.Findings), r.Suppressed)
		}
		if r := cves(theirs); len(r.Findings) != n || len(r.Suppressed) != 0 {
			t.Errorf("it leaks to another name: %d findings, suppressed %+v", len(r.Findings), r.Suppressed)
		}
		same("while another name is not decided about", [4]int{n, n, n, n})
		if out := m.ok(t, "cves", ours, "--show-suppressed"); !strings.Contains(out, "Suppressed by decisions") || !strings.Contains(out, "no way in") || !strings.Contains(out, "until ") {
			t.Errorf("what is suppressed is shown as:\n%s", out)
		}
		if out := m.ok(t, "cves", ours); !strings.Contains(out, "1 more suppressed by decisions") || strings.Contains(out, "no way in") {
			t.Errorf("what is suppressed is counted as:\n%s", out)
		}

		var whole verdict.Exception
		m.json(t, &whole, "exception", "add", worst.ID, "--type", "false-positive", "--justification", "component_not_present", "--text", "not built in")
		same("decided for everything", [4]int{n - 1, n - 1, n - 1, n - 1})
		var list []verdict.Exception
		m.json(t, &list, "exception", "list")
		if len(list) != 2 || list[0].ID != whole.ID || list[0].State != "active" {
			t.Errorf("exceptions are %+v", list)
		}
		m.ok(t, "exception", "revoke", whole.ID)
		same("revoked", [4]int{n, n, n, n})
		m.ok(t, "exception", "revoke", x.ID)
		m.fails(t, []string{"revoked"}, "exception", "revoke", x.ID)
		m.fails(t, []string{"registry/repository"}, "exception", "add", worst.ID, "--text", "x", "--image", digest)

		// What documents state counts once their author is trusted.
		doc := obj{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "one", "author": "security@example.com", "timestamp": "2026-01-02T03:04:05Z", "version": 1, "statements": []any{obj{
			"vulnerability": obj{"name": worst.ID}, "products": []any{obj{"@id": worst.Package.PURL}}, "status": "not_affected", "justification": "component_not_present",
		}}}
		path := filepath.Join(m.home, "one.json")
		must(t, os.WriteFile(path, got(json.Marshal(doc))(t), 0o600))
		var imported []verdict.VEXDocument
		m.json(t, &imported, "vex", "import", path)
		same("by a stranger", [4]int{n, n, n, n})
		m.ok(t, "exception", "settings", "--vex-author", "security@*", "--approval")
		same("by a trusted author", [4]int{n - 1, n - 1, n - 1, n - 1})
		if out := m.ok(t, "vex", "show", imported[0].ID); !strings.Contains(out, "applies") {
			t.Errorf("its statements are\n%s", out)
		}
		m.ok(t, "vex", "delete", imported[0].ID)
		same("without the document", [4]int{n, n, n, n})

		// The same on this machine, whatever the server decides: a document and a file beside the source.
		if r := cves(ours, "--vex-location", path, "--vex-author", "@example.com$"); len(r.Suppressed) != 1 || r.Suppressed[0].Suppressed.By != crowsnest.ByVEX {
			t.Errorf("suppressed by a document here are %+v", r.Suppressed)
		}
		must(t, os.WriteFile(filepath.Join(m.home, ".crowsnest.yaml"), []byte("exceptions:\n  - vulnerability: "+worst.ID+"\n    type: accepted-risk\n    text: for now\n    scope: {repositories: [shop/web]}\n  - vulnerability: CVE-2020-1\n    type: accepted-risk\n    text: long ago\n    expires: 2020-01-01\n"), 0o600))
		if r := cves(ours); len(r.Suppressed) != 1 || r.Suppressed[0].Suppressed.By != crowsnest.ByFile {
			t.Errorf("suppressed by the file are %+v", r.Suppressed)
		}
		if r := cves(theirs); len(r.Suppressed) != 0 {
			t.Errorf("the file leaks to another name: %+v", r.Suppressed)
		}
		if o := m.run(t, "cves", ours); !strings.Contains(o.stderr, "CVE-2020-1 expired") {
			t.Errorf("nothing is told of what expired: %s", o.stderr)
		}
		if r := cves(ours, "--no-ignore-file"); len(r.Suppressed) != 0 {
			t.Errorf("without the file suppressed are %+v", r.Suppressed)
		}
		var compared wire.Comparison
		m.json(t, &compared, "compare", ours, "--to", theirs)
		if compared.Fixed.Total() != 1 || compared.New.Total() != 0 {
			t.Errorf("compared with another name: new %v, fixed %v", compared.New, compared.Fixed)
		}
		m.json(t, &compared, "compare", ours, "--to-env", "production")
		if compared.After.Summary.Total() != n-1 || compared.New.Total() != 0 {
			t.Errorf("compared with what runs: %v after, new %v", compared.After.Summary, compared.New)
		}
		violations := func(more ...string) (out int) {
			t.Helper()
			var p compliance.ImagePolicies
			m.json(t, &p, append([]string{"policy", ours}, more...)...)
			for _, of := range p.Policies {
				for _, v := range of.Violations {
					if v.Vulnerability == worst.ID {
						out++
					}
				}
			}
			return out
		}
		if with, without := violations(), violations("--no-ignore-file"); with != 0 || without == 0 {
			t.Errorf("violations of policies: %d with the file, %d without", with, without)
		}
		must(t, os.WriteFile(filepath.Join(m.home, ".crowsnest.yaml"), []byte("exceptions:\n  - vulnerability: x\n    cvss: 3\n"), 0o600))
		m.fails(t, []string{".crowsnest.yaml, line 2", "no field cvss"}, "cves", ours)
	})
}

// TestAttestedVEX reads a document that is attested of an image: it holds for the image where it was attested, once its author is trusted.
func TestAttestedVEX(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		s.upload(t, advisories()...)
		img := shop(t)
		about := imagekit.Digest(t, img)
		index := imagekit.Attest(t, imagekit.Index(t, img), about, imagekit.Statement(t, about, "https://openvex.dev/ns/v0.2.0", obj{
			"@context": "https://openvex.dev/ns/v0.2.0", "@id": "attested", "author": "builder@example.com", "timestamp": "2026-01-02T03:04:05Z", "version": 1,
			"statements": []any{obj{"vulnerability": obj{"name": "CVE-2099-0001"}, "status": "under_investigation"}, obj{"vulnerability": obj{"name": "CVE-2099-404"}, "status": "not_affected", "justification": "component_not_present"}},
		}))
		host := imagekit.Registry(t)
		imagekit.Push(t, host+"/shop/attested:1.0", index)
		s.analyse(t, host+"/shop/attested:1.0")
		list := got(s.VEXDocuments(ctx(t)))(t)
		if len(list) != 1 || list[0].Author != "builder@example.com" || list[0].Image != about || list[0].Trusted || list[0].Statements != 2 {
			t.Fatalf("documents are %+v", list)
		}
		authors := []string{"builder@example.com"}
		got(s.ChangeDecisionSettings(ctx(t), verdict.DecisionSettingsChange{VEXAuthors: &authors}))(t)
		statements := got(s.VEXStatements(ctx(t), list[0].ID))(t)
		if len(statements) != 2 || statements[0].Fate != "not-suppressing" || statements[1].Fate != "no-finding" || statements[0].Products[0] != "the image" {
			t.Errorf("statements are %+v", statements)
		}
		s.analyse(t, host+"/shop/attested:1.0")
		if again := got(s.VEXDocuments(ctx(t)))(t); len(again) != 1 {
			t.Errorf("read again, documents are %+v", again)
		}
	})
}

// TestVEXInImage reads a document in the file system of an image: it holds for the image, once its author is trusted, and not any more when something is
// attested of the image.
func TestVEXInImage(t *testing.T) {
	onNewServers(t, func(t *testing.T, s *server) {
		s.upload(t, advisories()...)
		host := imagekit.Registry(t)
		plain := shop(t)
		imagekit.Push(t, host+"/shop/plain:1.0", plain)
		all := got(s.CVEs(ctx(t), string(s.analyse(t, host+"/shop/plain:1.0")), ""))(t)
		text := got(json.Marshal(obj{
			"@context": "https://openvex.dev/ns/v0.2.0", "@id": "found", "author": "builder@example.com", "timestamp": "2026-01-02T03:04:05Z", "version": 1,
			"statements": []any{obj{"vulnerability": obj{"name": all.Findings[0].ID}, "status": "not_affected", "justification": "component_not_present"}},
		}))(t)
		layers := got(imagekit.Build(t, imagekit.Image{Layers: []imagekit.Layer{{Files: []imagekit.File{
			imagekit.Text("usr/share/vex/shop.vex.json", string(text)), imagekit.Text("usr/share/vex/broken.vex.json", "{"),
		}}}}).Layers())(t)
		img := got(mutate.AppendLayers(plain, layers...))(t)
		name := host + "/shop/stated:1.0"
		imagekit.Push(t, name, img)
		digest := string(s.analyse(t, name))
		list := got(s.VEXDocuments(ctx(t)))(t)
		if len(list) != 1 || list[0].Author != "builder@example.com" || string(list[0].Image) != digest || list[0].Path != "usr/share/vex/shop.vex.json" || list[0].Trusted || list[0].Ignored {
			t.Fatalf("documents are %+v", list)
		}
		suppressed := func(image string) int { return len(got(s.CVEs(ctx(t), image, ""))(t).Suppressed) }
		if n := suppressed(digest); n != 0 {
			t.Errorf("an author whom nobody trusts suppresses %d", n)
		}
		if problems := got(s.Image(ctx(t), digest))(t).Problems; len(problems) != 1 || problems[0].Path != "usr/share/vex/broken.vex.json" {
			t.Errorf("problems are %+v", problems)
		}
		authors := []string{"builder@example.com"}
		got(s.ChangeDecisionSettings(ctx(t), verdict.DecisionSettingsChange{VEXAuthors: &authors}))(t)
		s.analyse(t, name)
		if n, other := suppressed(digest), suppressed(string(all.Image.Digest)); n == 0 || other != 0 || len(got(s.VEXDocuments(ctx(t)))(t)) != 1 {
			t.Errorf("suppressed are %d, and %d in another image", n, other)
		}
		about := imagekit.Digest(t, img)
		imagekit.Push(t, name, imagekit.Attest(t, imagekit.Index(t, img), about, imagekit.Statement(t, about, "https://example.com/tested/v1", obj{})))
		s.analyse(t, name)
		if n := suppressed(digest); n != 0 {
			t.Errorf("of an image of which something is attested %d are suppressed", n)
		}
		if list := got(s.VEXDocuments(ctx(t)))(t); len(list) != 1 || !list[0].Ignored {
			t.Errorf("documents are %+v", list)
		}
	})
}

package delivery

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crowsnest-sec/crowsnest"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/statement"
)

func digest(s string) crowsnest.Digest { return crowsnest.DigestOf([]byte(s)) }

func delivered() Delivery {
	return Delivery{
		Analyser: "6",
		Image: Told(crowsnest.Image{
			Name: "registry.example.com/shop/web:1", Digest: digest("manifest"), ImageID: digest("config"), Index: digest("index"),
			Platform: crowsnest.DefaultPlatform, Layers: []crowsnest.Layer{{DiffID: digest("layer"), CreatedBy: "RUN login --password hunter2"}},
			Labels: map[string]string{"api-token": "s3cret"}, Config: crowsnest.Config{Env: []crowsnest.Variable{{Name: "DB_PASSWORD", Value: "hunter2"}, {Name: "HOME", Value: "/", Hidden: true}, {Name: "LANG", Value: "C"}}},
		}),
		Tag: &Tag{Repository: "registry.example.com/shop/web", Name: "1", Target: digest("index")},
		Content: &Content{Packages: []crowsnest.Package{{
			PackageVersion: crowsnest.PackageVersion{PURL: "pkg:deb/debian/bash@5", Type: "deb", Name: "bash", Version: "5\x00", Ecosystem: "Debian:12"},
			Locations:      []crowsnest.Location{{Path: "bin/\xff", Layer: digest("layer"), OwnedBy: &crowsnest.PackageOwner{Name: "\x00"}}},
		}}, Statements: []Statement{
			{crowsnest.Attestation{Digest: digest("s"), Provenance: &crowsnest.Provenance{Builder: "me"}}, []byte(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":{"runDetails":{"builder":{"id":"https://builder.example.com"}}},"subject":[]}`)},
			{crowsnest.Attestation{Digest: "nonsense", Source: "elsewhere", Provenance: &crowsnest.Provenance{Builder: "me"}}, nil},
		}, Documents: []Document{{Path: "usr/share/\x00web.vex.json", Layer: digest("layer"), Content: []byte("{}")}}},
	}
}

// What another program than ours may have sent is made harmless: secrets go, texts can be stored, and of attestations
// only what their statements say is believed.
func TestReadCleans(t *testing.T) {
	a, statements, tag, err := delivered().Read()
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(a)
	if strings.Contains(string(raw), "hunter2") || strings.Contains(string(raw), "s3cret") || strings.Contains(string(raw), `\u0000`) {
		t.Errorf("read %s", raw)
	}
	if env := a.Image.Config.Env; !env[0].Hidden || !env[1].Hidden || env[1].Value != "" || env[2].Value != "C" {
		t.Errorf("variables %+v", env)
	}
	if tag.Name != "1" || tag.Target != a.Image.Index {
		t.Errorf("tag %+v", tag)
	}
	if p := statements[0]; p.Provenance == nil || p.Provenance.Builder != "https://builder.example.com" || !p.Counts() || p.Kind != crowsnest.AttestedProvenance {
		t.Errorf("statement %+v", p)
	}
	if p := statements[1]; p.Provenance != nil || p.Counts() || p.Digest != "" || p.Source != crowsnest.AttestationReferrer {
		t.Errorf("statement %+v", p)
	}
}

func TestReadDocuments(t *testing.T) {
	d := delivered()
	a, _, _, err := d.Read()
	if err != nil || len(a.VEX) != 1 || strings.Contains(a.VEX[0].Path, "\x00") || !strings.HasSuffix(a.VEX[0].Path, "web.vex.json") || a.VEX[0].Layer != digest("layer") || string(a.VEX[0].Content) != "{}" {
		t.Errorf("read %+v: %v", a.VEX, err)
	}
	if got := Documents(a.VEX); len(got) != 1 || string(got[0].Content) != "{}" {
		t.Errorf("told %+v", got)
	}
	before, _ := d.By("acme")
	d.Content.Documents[0].Content = []byte("[]")
	if after, _ := d.By("acme"); after == before {
		t.Error("another document makes no other content")
	}
}

func TestReadRefuses(t *testing.T) {
	for name, change := range map[string]func(d *Delivery){
		"digest":                   func(d *Delivery) { d.Image.Digest = "sha256:1" },
		"image ID":                 func(d *Delivery) { d.Image.ImageID = "" },
		"index":                    func(d *Delivery) { d.Image.Index = "x" },
		"diff ID":                  func(d *Delivery) { d.Image.Layers[0].DiffID = "" },
		"name":                     func(d *Delivery) { d.Image.Name = " " },
		"size":                     func(d *Delivery) { d.Image.Size = -1 },
		"tag of another":           func(d *Delivery) { d.Tag.Target = digest("other") },
		"tag":                      func(d *Delivery) { d.Tag.Name = "a/b" },
		"repository":               func(d *Delivery) { d.Tag.Repository = "web" },
		"both":                     func(d *Delivery) { d.Failure = &Failure{Kind: "corrupt", Reason: "x"} },
		"long text":                func(d *Delivery) { d.Content.Packages[0].Version = strings.Repeat("1", maxText+1) },
		"package with no name":     func(d *Delivery) { d.Content.Packages[0].Name = "" },
		"too many statements":      func(d *Delivery) { d.Content.Statements = make([]Statement, maxStatements+1) },
		"document of another name": func(d *Delivery) { d.Content.Documents[0].Path = "etc/passwd" },
		"document of no layer":     func(d *Delivery) { d.Content.Documents[0].Layer = "" },
		"large document":           func(d *Delivery) { d.Content.Documents[0].Content = make([]byte, statement.MaxFile+1) },
		"large documents": func(d *Delivery) {
			for range statement.MaxBytes / statement.MaxFile {
				d.Content.Documents = append(d.Content.Documents, Document{Path: "a.vex.json", Layer: digest("layer"), Content: make([]byte, statement.MaxFile)})
			}
		},
		"many documents": func(d *Delivery) {
			for range statement.MaxFiles {
				d.Content.Documents = append(d.Content.Documents, d.Content.Documents[0])
			}
		},
		"more changes than layers": func(d *Delivery) { d.Content.Changes = make([]crowsnest.Change, 2) },
	} {
		d := delivered()
		change(&d)
		if _, _, _, err := d.Read(); err == nil || crowsnest.KindOf(err) != crowsnest.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCovers(t *testing.T) {
	by, err := delivered().By("acme")
	if err != nil {
		t.Fatal(err)
	}
	for analyser, want := range map[string]bool{"6": true, "7": true, "5": false, "": false, by: true, "5" + by[1:]: false, "6 attested acme sha256:1": false, "x": false} {
		if got := Covers(analyser, "6"); got != want {
			t.Errorf("%q covers: %v", analyser, got)
		}
	}
	d := delivered()
	d.Content.Packages[0].Version = "6"
	if !d.Renews(by) || d.Renews("6") || d.Renews("7"+by[1:]) {
		t.Error("what was delivered again")
	}
	if other, _ := d.By("acme"); other == by {
		t.Error("another content has the same name")
	}
	if other, _ := delivered().By("others"); other == by {
		t.Error("another organisation has the same name")
	}
}

// FuzzRead looks for a delivery that ends the program.
func FuzzRead(f *testing.F) {
	raw, err := json.Marshal(delivered())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"image":{"layers":null},"content":{"packages":[{}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d Delivery
		if json.Unmarshal(raw, &d) != nil {
			return
		}
		if _, _, tag, err := d.Read(); err == nil && tag != nil && strings.ContainsAny(tag.Repository+tag.Name, "\x00 ") {
			t.Errorf("tag %+v", tag)
		}
	})
}

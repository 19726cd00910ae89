package sbom

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/crowsnest-sec/crowsnest"
)

var update = flag.Bool("update", false, "write the golden files again")

const (
	layer0 = crowsnest.Digest("sha256:1111111111111111111111111111111111111111111111111111111111111111")
	layer1 = crowsnest.Digest("sha256:2222222222222222222222222222222222222222222222222222222222222222")
)

// example has one of each thing a document can say.
func example() Document {
	django := crowsnest.Package{
		PackageVersion: crowsnest.PackageVersion{PURL: "pkg:pypi/django@3.2.19", Type: "pypi", Name: "django", Version: "3.2.19"},
		Locations: []crowsnest.Location{{Path: "usr/lib/python3/dist-packages/Django-3.2.19.egg-info", Layer: layer0,
			OwnedBy: &crowsnest.PackageOwner{PURL: "pkg:deb/debian/python3-django@3.2.19-1%2Bdeb12u1?arch=all&distro=debian-12", Name: "python3-django", Version: "3.2.19-1+deb12u1"}}},
		Licences: []string{"BSD-3-Clause"},
	}
	return Document{
		Tool: "1.2.3", Name: "registry.example.com:5000/shop/web:1.0", Digest: "sha256:" + crowsnest.Digest(strings.Repeat("a", 64)), Platform: "linux/arm64",
		Created: time.Date(2026, 5, 4, 3, 2, 1, 987, time.FixedZone("", 3600)), Distribution: "debian 12", BaseLayers: 1,
		Layers: []crowsnest.Layer{{DiffID: layer0, CreatedBy: "ADD rootfs.tar / # <base>"}, {DiffID: layer1, CreatedBy: "COPY app /app"}},
		Packages: []crowsnest.Package{
			django,
			{
				PackageVersion: crowsnest.PackageVersion{PURL: "pkg:deb/debian/python3-django@3.2.19-1%2Bdeb12u1?arch=all&distro=debian-12", Type: "deb", Name: "python3-django", Version: "3.2.19-1+deb12u1", Ecosystem: "Debian:12", Source: "python-django", SourceVersion: "3:3.2.19-1"},
				Locations:      []crowsnest.Location{{Path: "var/lib/dpkg/status", Layer: layer0}, {Path: "var/lib/dpkg/status", Layer: layer1}},
				Licences:       []string{"BSD-3-Clause", "GPL-2.0-only OR MIT", "LicenseRef-shop-internal-1"},
			},
			{PackageVersion: crowsnest.PackageVersion{PURL: "pkg:npm/%40shop/cart@1.0.0", Type: "npm", Name: "@shop/cart", Version: "1.0.0", Ecosystem: "npm"}, Locations: []crowsnest.Location{{Path: "app/node_modules/@shop/cart/package.json", Layer: layer1}}},
			{PackageVersion: crowsnest.PackageVersion{Type: "generic", Name: "nowhere & <unknown>"}},
		},
	}
}

func write(t *testing.T, f Format, d Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, f, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// variants are documents with little or unusual in them.
func variants() map[string]Document {
	incomplete := example()
	incomplete.Problems = []crowsnest.Problem{{Path: "app/lib.jar", Reason: "not a zip file"}, {Reason: "layer 2 is damaged"}}
	bare := Document{Tool: "dev", Name: "scratch.tar"}
	twice := example()
	twice.Layers = append(twice.Layers, twice.Layers[0])
	named := example()
	named.Name, named.Created, named.BaseLayers = "alpine@sha256:"+strings.Repeat("b", 64), time.Time{}, 0
	return map[string]Document{"example": example(), "incomplete": incomplete, "bare": bare, "same layer twice": twice, "named by digest": named}
}

func TestGolden(t *testing.T) {
	for _, f := range Formats {
		got := write(t, f, example())
		golden := filepath.Join("testdata", "example."+string(f)+".json")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got; go test -update writes it):\n%s", f, diff)
		}
	}
}

func TestOrderOfFindingSaysNothing(t *testing.T) {
	for _, f := range Formats {
		d := example()
		want := write(t, f, d)
		for i := range d.Packages {
			d.Packages = append(d.Packages[1:], d.Packages[0])
			if got := write(t, f, d); !bytes.Equal(want, got) {
				t.Errorf("%s: another document when turned by %d", f, i+1)
			}
		}
		d.Packages[0].Version += "1"
		if got := write(t, f, d); bytes.Equal(want, got) {
			t.Errorf("%s: the same document of another package", f)
		}
	}
}

// TestCycloneDXSchema validates by the schema of the standard, which the library brings along.
func TestCycloneDXSchema(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatalf("find the library: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "schema")
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, url := range map[string]string{
		"bom-1.6.schema.json": "http://cyclonedx.org/schema/bom-1.6.schema.json", "spdx.schema.json": "http://cyclonedx.org/schema/spdx.schema.json",
		"jsf-0.82.schemax.json": "http://cyclonedx.org/schema/jsf-0.82.schema.json",
	} {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		schema, err := jsonschema.UnmarshalJSON(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(url, schema); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range variants() {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(write(t, CycloneDX, d)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := bytes.Replace(write(t, CycloneDX, example()), []byte(`"type": "library"`), []byte(`"type": "book"`), 1)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(bad))
	if err != nil || schema.Validate(value) == nil {
		t.Errorf("a component of no known type passes: %v", err)
	}
}

func TestCycloneDXRefs(t *testing.T) {
	for name, d := range variants() {
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(bytes.NewReader(write(t, CycloneDX, d)), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Fatal(err)
		}
		refs := map[string]bool{bom.Metadata.Component.BOMRef: true}
		for _, list := range []*[]cdx.Component{bom.Components, bom.Metadata.Component.Components} {
			if list == nil {
				continue
			}
			for _, c := range *list {
				if refs[c.BOMRef] {
					t.Errorf("%s: %s is there twice", name, c.BOMRef)
				}
				refs[c.BOMRef] = true
			}
		}
		for _, dependency := range *bom.Dependencies {
			if !refs[dependency.Ref] {
				t.Errorf("%s: dependency of %s, which is not there", name, dependency.Ref)
			}
			if dependency.Dependencies == nil {
				continue
			}
			for _, on := range *dependency.Dependencies {
				if !refs[on] {
					t.Errorf("%s: dependency on %s, which is not there", name, on)
				}
			}
		}
	}
}

// TestSPDXRules holds documents to the rules of SPDX 2.3 that a schema would hold them to, and to
// those it could not: identifiers, relationships and licences.
func TestSPDXRules(t *testing.T) {
	element := regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.\-]+$`) // SPDX 2.3, 3.2 and 7.2
	seconds := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	for name, d := range variants() {
		raw := write(t, SPDX, d)
		doc, err := spdxjson.Read(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := spdxlib.ValidateDocument(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !seconds.MatchString(doc.CreationInfo.Created) {
			t.Errorf("%s: created %q", name, doc.CreationInfo.Created)
		}
		// The standard's text writes OPERATING-SYSTEM, its schema does not.
		purposes := []string{"", "APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "OPERATING_SYSTEM", "DEVICE", "FIRMWARE", "SOURCE", "ARCHIVE", "FILE", "INSTALL", "OTHER"}
		var plain struct {
			Packages []map[string]any `json:"packages"`
		}
		if err := json.Unmarshal(raw, &plain); err != nil {
			t.Fatal(err)
		}
		known := make(map[common.ElementID]bool)
		for i, p := range doc.Packages {
			if known[p.PackageSPDXIdentifier] {
				t.Errorf("%s: %s is there twice", name, p.PackageSPDXIdentifier)
			}
			known[p.PackageSPDXIdentifier] = true
			if id := plain.Packages[i]["SPDXID"].(string); !element.MatchString(id) {
				t.Errorf("%s: identifier %q", name, id)
			}
			if p.PackageName == "" || p.FilesAnalyzed || !slices.Contains(purposes, p.PrimaryPackagePurpose) {
				t.Errorf("%s: package %+v", name, p)
			}
			if p.PackageLicenseDeclared != noAssertion {
				if ok, invalid := spdxexp.ValidateLicenses([]string{p.PackageLicenseDeclared}); !ok {
					t.Errorf("%s: %s: no licence expression: %q", name, p.PackageName, invalid)
				}
			}
		}
		contained := make(map[common.ElementID]bool)
		for _, r := range doc.Relationships {
			if r.RefA.ElementRefID != spdxDocument && !known[r.RefA.ElementRefID] || !known[r.RefB.ElementRefID] {
				t.Errorf("%s: relationship of what is not there: %+v", name, r)
			}
			contained[r.RefB.ElementRefID] = true
		}
		for id := range known {
			if !contained[id] {
				t.Errorf("%s: %s belongs to nothing", name, id)
			}
		}
		for _, ref := range regexp.MustCompile(`LicenseRef-[\w.\-]+`).FindAllString(string(raw), -1) {
			found := false
			for _, l := range doc.OtherLicenses {
				found = found || l.LicenseIdentifier == ref
			}
			if !found {
				t.Errorf("%s: %s is explained nowhere", name, ref)
			}
		}
	}
}

func TestPURLOfImage(t *testing.T) {
	digest := crowsnest.Digest("sha256:" + strings.Repeat("a", 64))
	at := "@sha256%3A" + strings.Repeat("a", 64)
	for _, tt := range []struct {
		name, platform, want string
		digest               crowsnest.Digest
	}{
		{"registry.example.com:5000/shop/Web:1.0", "linux/arm64", "pkg:oci/web" + at + "?arch=arm64&repository_url=registry.example.com%3A5000%2Fshop%2FWeb&tag=1.0", digest},
		{"registry.example.com:5000/web", "", "pkg:oci/web" + at + "?repository_url=registry.example.com%3A5000%2Fweb", digest},
		{"docker.io/library/alpine@sha256:" + strings.Repeat("b", 64), "linux/arm/v7", "pkg:oci/alpine" + at + "?arch=arm%2Fv7&repository_url=docker.io%2Flibrary%2Falpine", digest},
		{"folder", "", "", ""},
		{"", "", "", digest},
	} {
		if got := (Document{Name: tt.name, Platform: tt.platform, Digest: tt.digest}).purl(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	var out bytes.Buffer
	if err := Write(&out, "swid", example()); crowsnest.KindOf(err) != crowsnest.Invalid || out.Len() > 0 {
		t.Errorf("%v, %q", err, out.String())
	}
}

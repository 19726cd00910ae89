package sbom

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsnest-sec/crowsnest"
)

// versions are the package versions of a document, without what only our own analysis knows.
func versions(d Document) []crowsnest.PackageVersion {
	var out []crowsnest.PackageVersion
	for _, p := range d.ordered() {
		out = append(out, p.PackageVersion)
	}
	return out
}

func mustRead(t *testing.T, document string) Document {
	t.Helper()
	d, err := Read(strings.NewReader(document))
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return d
}

// everyKind is an image with a package of each kind, as the analysis names it.
func everyKind(distribution string, os ...crowsnest.PackageVersion) Document {
	d := Document{Tool: "1", Name: "registry.example.com/web:1", Digest: "sha256:" + crowsnest.Digest(strings.Repeat("a", 64)), Distribution: distribution}
	for _, v := range append(os,
		crowsnest.PackageVersion{PURL: "pkg:npm/%40shop/cart@1.0.0", Type: "npm", Name: "@shop/cart", Version: "1.0.0", Ecosystem: "npm"},
		crowsnest.PackageVersion{PURL: "pkg:golang/golang.org/x/net@0.17.0", Type: "golang", Name: "golang.org/x/net", Version: "0.17.0", Ecosystem: "Go"},
		crowsnest.PackageVersion{PURL: "pkg:golang/stdlib@1.21.5", Type: "golang", Name: "stdlib", Version: "1.21.5", Ecosystem: "Go"},
		crowsnest.PackageVersion{PURL: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1", Ecosystem: "Maven"},
		crowsnest.PackageVersion{PURL: "pkg:pypi/django@3.2.19", Type: "pypi", Name: "django", Version: "3.2.19", Ecosystem: "PyPI"},
		crowsnest.PackageVersion{PURL: "pkg:gem/rails@7.0.0", Type: "gem", Name: "rails", Version: "7.0.0", Ecosystem: "RubyGems"},
		crowsnest.PackageVersion{PURL: "pkg:cargo/serde@1.0.0", Type: "cargo", Name: "serde", Version: "1.0.0", Ecosystem: "crates.io"},
		crowsnest.PackageVersion{PURL: "pkg:composer/symfony/http-kernel@5.0.0", Type: "composer", Name: "symfony/http-kernel", Version: "5.0.0", Ecosystem: "Packagist"},
		crowsnest.PackageVersion{PURL: "pkg:nuget/Newtonsoft.Json@12.0.1", Type: "nuget", Name: "Newtonsoft.Json", Version: "12.0.1", Ecosystem: "NuGet"},
	) {
		d.Packages = append(d.Packages, crowsnest.Package{PackageVersion: v})
	}
	return d
}

var (
	ofDebian = crowsnest.PackageVersion{PURL: "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12", Type: "deb", Name: "libc6", Version: "2.36-9+deb12u4", Ecosystem: "Debian:12", Source: "glibc"}
	ofUbuntu = crowsnest.PackageVersion{PURL: "pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1?arch=amd64&distro=ubuntu-22.04", Type: "deb", Name: "libssl3", Version: "3.0.2-0ubuntu1", Ecosystem: "Ubuntu:22.04:LTS", Source: "openssl"}
	ofAlpine = crowsnest.PackageVersion{PURL: "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1", Type: "apk", Name: "libcrypto3", Version: "3.1.4-r5", Ecosystem: "Alpine:v3.19", Source: "openssl"}
	ofRocky  = crowsnest.PackageVersion{PURL: "pkg:rpm/rocky/openssl-libs@3.0.7-1.el9?arch=x86_64&distro=rocky-9.3&epoch=1", Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-1.el9", Ecosystem: "Rocky Linux:9", Source: "openssl", SourceVersion: "3.0.7-1.el9"}
)

// Packages that are files of a distribution's package are not the language's to fix, whoever wrote the document.
func TestOwnedPackages(t *testing.T) {
	want := map[string]string{"django": "", "python3-django": "Debian:12", "@shop/cart": "npm"}
	documents := map[string]string{
		"Syft": `{"artifacts":[{"id":"1","purl":"pkg:deb/debian/python3-django@3?distro=debian-12"},{"id":"2","purl":"pkg:pypi/django@3"},{"id":"3","purl":"pkg:npm/%40shop/cart@1"}],
			"artifactRelationships":[{"parent":"1","child":"2","type":"ownership-by-file-overlap"},{"parent":"3","child":"3","type":"ownership-by-file-overlap"},{"parent":"1","child":"3","type":"dependency-of"}]}`,
		"Syft as SPDX": `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[
			{"name":"a","SPDXID":"SPDXRef-1","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/python3-django@3?distro=debian-12"}]},
			{"name":"b","SPDXID":"SPDXRef-2","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:pypi/django@3"}]},
			{"name":"c","SPDXID":"SPDXRef-3","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/%40shop/cart@1"}]}],
			"relationships":[{"spdxElementId":"SPDXRef-1","relatedSpdxElement":"SPDXRef-2","relationshipType":"OTHER","comment":"ownership-by-file-overlap: indicates that"},
			{"spdxElementId":"SPDXRef-1","relatedSpdxElement":"SPDXRef-3","relationshipType":"OTHER","comment":"another"}]}`,
	}
	for _, f := range Formats {
		documents["ours as "+string(f)] = string(write(t, f, example()))
	}
	for name, document := range documents {
		got := make(map[string]string)
		for _, v := range versions(mustRead(t, document)) {
			got[v.Name] = v.Ecosystem
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is written and read again are the same package versions, so that the findings are the same.
func TestWrittenAndRead(t *testing.T) {
	for name, d := range map[string]Document{
		"debian": everyKind("debian 12", ofDebian), "ubuntu": everyKind("ubuntu 22.04", ofUbuntu), "alpine": everyKind("alpine 3.19.1", ofAlpine), "rocky": everyKind("rocky 9.3", ofRocky), "none": everyKind(""),
	} {
		for _, f := range Formats {
			raw := write(t, f, d)
			statement, err := json.Marshal(map[string]any{"_type": "https://in-toto.io/Statement/v1", "predicateType": "x", "predicate": json.RawMessage(raw)})
			if err != nil {
				t.Fatal(err)
			}
			envelope, err := json.Marshal(map[string]any{"payloadType": "application/vnd.in-toto+json", "payload": base64.StdEncoding.EncodeToString(statement), "signatures": []any{}})
			if err != nil {
				t.Fatal(err)
			}
			for form, document := range map[string][]byte{"plain": raw, "statement": statement, "envelope": envelope, "with a byte order mark": append([]byte("\xef\xbb\xbf"), raw...)} {
				got := mustRead(t, string(document))
				if diff := cmp.Diff(versions(d), versions(got)); diff != "" {
					t.Errorf("%s, %s, %s (-want +got):\n%s", name, f, form, diff)
				}
				if got.Digest != d.Digest || got.Name != d.Name || len(got.Problems) != 0 {
					t.Errorf("%s, %s, %s: of %s %s, problems %+v", name, f, form, got.Name, got.Digest, got.Problems)
				}
			}
		}
	}
}

// The forms in which others write what we need: the fields are from Syft's and Trivy's own output.
func TestDocumentsOfOthers(t *testing.T) {
	debian := func(source, sourceVersion string) []crowsnest.PackageVersion {
		v := ofDebian
		v.Source, v.SourceVersion = source, sourceVersion
		return []crowsnest.PackageVersion{v}
	}
	tests := map[string]struct {
		document string
		want     []crowsnest.PackageVersion
	}{
		"Syft": {`{"artifacts":[{"name":"libc6","version":"2.36-9+deb12u4","type":"deb","purl":"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc","metadata":{"source":"glibc"}}],
			"source":{"name":"web","metadata":{"userInput":"web:1"}},"distro":{"id":"debian","versionID":"12"},"descriptor":{"name":"syft"}}`, debian("glibc", "")},
		"Syft as SPDX": {`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"web","dataLicense":"CC0-1.0","documentNamespace":"https://x","creationInfo":{"created":"2024-01-01T00:00:00Z","creators":["Tool: syft"]},
			"packages":[{"name":"libc6","SPDXID":"SPDXRef-1","versionInfo":"2.36-9+deb12u4","downloadLocation":"NONE","externalRefs":[
				{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:libc6:libc6:2.36:*:*:*:*:*:*:*"},
				{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12&upstream=glibc%402.36-9"}]}]}`, debian("glibc", "2.36-9")},
		"Trivy as CycloneDX": {`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[{"type":"operating-system","name":"debian","version":"12.4"},
			{"type":"library","name":"libc6","version":"2.36-9+deb12u4","purl":"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12",
			"properties":[{"name":"aquasecurity:trivy:SrcName","value":"glibc"},{"name":"aquasecurity:trivy:SrcVersion","value":"2.36"}]}]}`, debian("glibc", "2.36")},
		"a distribution only of the document": {`{"bomFormat":"CycloneDX","specVersion":"1.4","version":1,"components":[
			{"type":"library","name":"libc6","version":"2.36-9+deb12u4","purl":"pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64"},{"type":"operating-system","name":"debian","version":"12"}]}`, debian("", "")},
		"components in components": {`{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[{"type":"application","name":"package-lock.json","components":[
			{"type":"library","group":"@shop","name":"cart","version":"1.0.0","purl":"pkg:npm/%40shop/cart@1.0.0"}]}]}`,
			[]crowsnest.PackageVersion{{PURL: "pkg:npm/%40shop/cart@1.0.0", Type: "npm", Name: "@shop/cart", Version: "1.0.0", Ecosystem: "npm"}}},
		"a version of Go with its v": {`{"artifacts":[{"name":"golang.org/x/net","version":"v0.17.0","purl":"pkg:golang/golang.org/x/net@v0.17.0"},{"name":"main","version":"(devel)","purl":"pkg:golang/example.com/main@(devel)"}]}`,
			[]crowsnest.PackageVersion{{PURL: "pkg:golang/example.com/main@%28devel%29", Type: "golang", Name: "example.com/main", Version: "(devel)"}, {PURL: "pkg:golang/golang.org/x/net@0.17.0", Type: "golang", Name: "golang.org/x/net", Version: "0.17.0", Ecosystem: "Go"}}},
		"the same package twice": {`{"artifacts":[{"purl":"pkg:npm/a@1"},{"purl":"pkg:npm/a@1"}]}`, []crowsnest.PackageVersion{{PURL: "pkg:npm/a@1", Type: "npm", Name: "a", Version: "1", Ecosystem: "npm"}}},
		"an RPM of Syft":         {`{"artifacts":[{"purl":"pkg:rpm/rocky/openssl-libs@3.0.7-1.el9?arch=x86_64&distro=rocky-9.3&epoch=1&upstream=openssl-3.0.7-1.el9.src.rpm"}]}`, []crowsnest.PackageVersion{ofRocky}},
	}
	for name, tt := range tests {
		d := mustRead(t, tt.document)
		if diff := cmp.Diff(tt.want, versions(d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(d.Problems) > 0 {
			t.Errorf("%s: problems %+v", name, d.Problems)
		}
	}
}

// What cannot be compared with advisories is said, so that the rest does not look like everything.
func TestGapsAreProblems(t *testing.T) {
	for document, want := range map[string]string{
		`{"artifacts":[{"name":"mystery","version":"1"},{"name":"b","purl":"not a purl"}]}`:           "2 packages of the document have no valid package URL",
		`{"artifacts":[{"purl":"pkg:deb/debian/a@1"}]}`:                                               "1 deb packages were compared with none",
		`{"artifacts":[{"purl":"pkg:deb/kali/a@1?distro=kali-2024"}]}`:                                "1 deb packages were compared with none",
		`{"artifacts":[{"purl":"pkg:apk/nowhere/a@1"},{"purl":"pkg:apk/nowhere/b@1"}],"distro":null}`: "2 apk packages were compared with none",
	} {
		d := mustRead(t, document)
		if len(d.Problems) != 1 || !strings.Contains(d.Problems[0].Reason, want) {
			t.Errorf("%s: problems %+v, want %q", document, d.Problems, want)
		}
	}
}

func TestUnreadableDocuments(t *testing.T) {
	deep := `{"artifacts":[]}`
	for range maxWrapped + 2 {
		deep = fmt.Sprintf(`{"predicateType":"x","predicate":%s}`, deep)
	}
	for document, want := range map[string]struct {
		kind crowsnest.Kind
		says string
	}{
		"": {crowsnest.Corrupt, "empty"}, "  \n": {crowsnest.Corrupt, "empty"}, "<bom/>": {crowsnest.Unsupported, "JSON"}, "SPDXVersion: SPDX-2.3": {crowsnest.Unsupported, "JSON"},
		`{"a":`: {crowsnest.Corrupt, "damaged"}, `{}`: {crowsnest.Unsupported, "no SPDX"}, `[]`: {crowsnest.Unsupported, "no SPDX"}, `{"spdxVersion":"SPDX-3.0"}`: {crowsnest.Corrupt, "SPDX"},
		`{"payload":"%%%"}`: {crowsnest.Corrupt, "envelope"}, `{"predicateType":"x"}`: {crowsnest.Corrupt, "predicate"}, deep: {crowsnest.Corrupt, "too often"},
		`{"bomFormat":"CycloneDX","components":7}`: {crowsnest.Corrupt, "CycloneDX"}, `{"artifacts":{}}`: {crowsnest.Corrupt, "Syft"}, `{"image":1,"packages":[]}`: {crowsnest.Corrupt, "packages"},
	} {
		_, err := Read(strings.NewReader(document))
		if crowsnest.KindOf(err) != want.kind || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%.60s: %v, want kind %v and %q", document, err, want.kind, want.says)
		}
	}
	broken := errors.New("broken")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
	var many bytes.Buffer
	many.WriteString(`{"artifacts":[{}`)
	for range MaxPackages {
		many.WriteString(`,{}`)
	}
	many.WriteString(`]}`)
	if _, err := Read(&many); crowsnest.KindOf(err) != crowsnest.TooLarge {
		t.Errorf("too many packages: %v", err)
	}
}

// Whatever is read gives no panic, and nothing that could not be stored or shown.
func FuzzRead(f *testing.F) {
	for _, d := range variants() {
		for _, format := range Formats {
			var out bytes.Buffer
			if err := Write(&out, format, d); err != nil {
				f.Fatal(err)
			}
			f.Add(out.Bytes())
		}
	}
	f.Add([]byte(`{"artifacts":[{"name":"a","version":"1","purl":"pkg:deb/debian/a@1?distro=debian-12&upstream=b%402&epoch=-1"}],"distro":{"id":"debian","versionID":"12"}}`))
	f.Add([]byte(`{"packages":[{"purl":"pkg:npm/a@1"}],"image":{"digest":"x"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		for _, format := range Formats {
			if err := Write(&bytes.Buffer{}, format, d); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
	})
}

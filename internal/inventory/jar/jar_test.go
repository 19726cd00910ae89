package jar

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor/filesystem"
)

// pack makes an archive of files.
func pack(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// manifest is an archive with these lines in its manifest, and one more file, since very small ones are passed over.
func manifest(t testing.TB, lines ...string) string {
	t.Helper()
	return pack(t, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n", "org/example/A.class": strings.Repeat("x", 100)})
}

func extract(t testing.TB, name, content string) ([]string, error) {
	t.Helper()
	x, err := New(&cpb.PluginConfig{PluginSpecific: []*cpb.PluginSpecificConfig{{Config: &cpb.PluginSpecificConfig_JavaArchive{JavaArchive: &cpb.JavaArchiveConfig{HashJars: new(bool)}}}}})
	if err != nil {
		t.Fatal(err)
	}
	info, err := fs.Stat(fstest.MapFS{"file": {Data: []byte(content)}}, "file")
	if err != nil {
		t.Fatal(err)
	}
	inv, err := x.Extract(t.Context(), &filesystem.ScanInput{Path: name, Info: info, Reader: strings.NewReader(content)})
	var out []string
	for _, p := range inv.Packages {
		within, _ := place(p)
		out = append(out, strings.TrimSuffix(p.PURL().String()+" "+path.Base("/"+within), " /"))
	}
	slices.Sort(out)
	return out, err
}

func TestArchivesWithoutRecords(t *testing.T) {
	spring := []string{"Implementation-Title: spring-core", "Implementation-Version: 4.3.30.RELEASE"}
	collections := []string{"Bundle-SymbolicName: org.apache.commons.collections", "Extension-Name: commons-collections", "Implementation-Title: Commons Collections", "Implementation-Version: 3.2.2"}
	for name, c := range map[string]struct{ file, content, want string }{
		"a series in place of a version":                    {"spring3-core-3.x.jar", manifest(t, spring...), "pkg:maven/org.springframework/spring-core@4.3.30.RELEASE"},
		"the same library with another name":                {"commons-collections3-3.2.2.jar", manifest(t, collections...), "pkg:maven/commons-collections/commons-collections@3.2.2"},
		"no version in the name":                            {"spring-core.jar", manifest(t, spring...), "pkg:maven/org.springframework/spring-core@4.3.30.RELEASE"},
		"of Gradle, as Lucene: a title that is a group":     {"lucene-core-8.11.1.jar", manifest(t, "Extension-Name: org.apache.lucene", "Implementation-Title: org.apache.lucene", "Implementation-Version: 8.11.1 0b002b1"), "pkg:maven/org.apache.lucene/lucene-core@8.11.1"},
		"of Gradle, as Kotlin: a version of the build":      {"kotlin-stdlib-1.5.21.jar", manifest(t, "Implementation-Title: kotlin-stdlib", "Implementation-Version: 1.5.21-release-314", "Implementation-Vendor-Id: org.jetbrains.kotlin"), "pkg:maven/org.jetbrains.kotlin/kotlin-stdlib@1.5.21"},
		"of Gradle, as Elasticsearch: all in one":           {"elasticsearch-8.14.3.jar", manifest(t, "Implementation-Title: org.elasticsearch#server;8.14.3", "Implementation-Version: 8.14.3"), "pkg:maven/org.elasticsearch/elasticsearch@8.14.3"},
		"a manifest that says nothing of it":                {"spring-web-5.3.9.jar", manifest(t, "Created-By: 11.0.8 (Oracle Corporation)"), "pkg:maven/org.springframework/spring-web@5.3.9"},
		"neither a version in the name nor in the manifest": {"snyk.jar", manifest(t, "Created-By: 11.0.8 (Oracle Corporation)"), ""},
		"a placeholder that nobody filled":                  {"tool-3.x.jar", manifest(t, "Implementation-Title: tool", "Implementation-Version: ${project.version}", "Implementation-Vendor-Id: org.example"), "pkg:maven/org.example/tool@3.x"},
	} {
		got, err := extract(t, c.file, c.content)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, %v, want %s", name, got, err, c.want)
		}
	}
}

func TestNestedArchives(t *testing.T) {
	record := "META-INF/maven/org.example/web/pom.properties"
	war := pack(t, map[string]string{
		record:                              "groupId=org.example\nartifactId=web\nversion=1.0\n",
		"WEB-INF/lib/spring3-core-3.x.jar":  manifest(t, "Implementation-Title: spring-core", "Implementation-Version: 4.3.30.RELEASE"),
		"WEB-INF/lib/spring3-web-3.x.jar":   manifest(t, "Implementation-Title: spring-web", "Implementation-Version: 4.3.30.RELEASE"),
		"WEB-INF/lib/commons-io-2.11.0.jar": manifest(t, "Implementation-Title: Apache Commons IO", "Implementation-Version: 2.11.0"),
		"WEB-INF/lib/inner.jar":             pack(t, map[string]string{"lib/commons-collections3-3.2.2.jar": manifest(t, "Extension-Name: commons-collections", "Implementation-Version: 3.2.2", "Implementation-Vendor-Id: org.apache")}),
	})
	got, err := extract(t, "opt/web.war", war)
	if err != nil {
		t.Error(err)
	}
	want := []string{
		"pkg:maven/commons-collections/commons-collections@3.2.2 commons-collections3-3.2.2.jar",
		"pkg:maven/commons-io/commons-io@2.11.0 commons-io-2.11.0.jar",
		"pkg:maven/org.example/web@1.0",
		"pkg:maven/org.springframework/spring-core@4.3.30.RELEASE spring3-core-3.x.jar",
		"pkg:maven/org.springframework/spring-web@4.3.30.RELEASE spring3-web-3.x.jar",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("spring3-core-3.x.jar", "Implementation-Title: spring-core\r\nImplementation-Version: 4.3.30.RELEASE")
	f.Add("a-1.0.jar", "Implementation-Version: 1.0\r\n x: y\r\n\r\nName: a/b")
	f.Fuzz(func(t *testing.T, name, lines string) {
		content := manifest(t, lines)
		got, err := extract(t, "opt/"+path.Base(name)+".jar", content)
		if err == nil && len(got) > 1 {
			t.Errorf("one archive without records is %q", got)
		}
	})
}

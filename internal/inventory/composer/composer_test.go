package composer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/osv-scalibr/extractor/filesystem"
)

const record = `{"name":"monolog/monolog","version":"3.5.0","version_normalized":"3.5.0.0","type":"library","license":["MIT"],"autoload":{"psr-4":{"Monolog\\":"src/Monolog"}}},
	{"name":"acme/all","version":"1.0","type":"metapackage"},{"name":"psr/log","version":"v3.0.0"},{"version":"1"},{"name":"own/dev","version":"dev-main"}`

func extract(t testing.TB, content string) ([]string, error) {
	inv, err := Extractor{}.Extract(t.Context(), &filesystem.ScanInput{Path: "app/vendor/composer/installed.json", Reader: strings.NewReader(content)})
	var out []string
	for _, p := range inv.Packages {
		out = append(out, fmt.Sprint(p.PURL(), " ", p.Licenses))
	}
	return out, err
}

func TestInstalled(t *testing.T) {
	want := []string{"pkg:composer/monolog/monolog@3.5.0 [MIT]", "pkg:composer/psr/log@v3.0.0 []", "pkg:composer/own/dev@dev-main []"}
	for name, content := range map[string]string{
		"Composer 2": `{"packages":[` + record + `],"dev":false,"dev-package-names":[]}`,
		"Composer 1": "\n [" + record + "]",
	} {
		got, err := extract(t, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, content := range []string{"", "null", "{}", `{"packages":null}`, "[]"} {
		if got, err := extract(t, content); got != nil || (err != nil) != (content == "") {
			t.Errorf("%q: %v, %v", content, got, err)
		}
	}
	if _, err := extract(t, `[`+strings.TrimSuffix(strings.Repeat("{},", 5000), ",")+`]`); err == nil {
		t.Error("a list of any length is read")
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(`{"packages":[` + record + `]}`)
	f.Add("[" + record + "]")
	f.Fuzz(func(t *testing.T, content string) {
		got, err := extract(t, content)
		if err != nil && got != nil {
			t.Errorf("an error and %q", got)
		}
	})
}

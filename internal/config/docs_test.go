package config

import (
	"os"
	"strings"
	"testing"

	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

func TestEverySettingIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		t.Fatal(err)
	}
	for _, key := range k.Keys() {
		if !strings.Contains(string(page), "| `"+key+"` |") {
			t.Errorf("docs/operations.md has no row for %s", key)
		}
	}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			if !strings.Contains(name, " ") && !strings.HasPrefix(name, "GET") && !strings.HasPrefix(name, "crowsnest_") && !k.Exists(name) { // nor an address or a metric
				t.Errorf("docs/operations.md describes %s, which is no setting", name)
			}
		}
	}
}

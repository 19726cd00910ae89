// Package composer reads vendor/composer/installed.json, in which Composer records what it installed for a PHP application.
// A composer.lock beside it says what was to be installed, and is not read.
package composer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/inventory"
	"github.com/google/osv-scalibr/plugin"
	"github.com/google/osv-scalibr/purl"

	"github.com/crowsnest-sec/crowsnest/internal/bounded"
)

// Name of the extractor.
const Name = "php/composerinstalled"

// Base is the name of the file, in a folder called composer.
const Base = "installed.json"

// Extractor implements filesystem.Extractor.
type Extractor struct{}

// New returns the extractor; it has no settings.
func New(*cpb.PluginConfig) (filesystem.Extractor, error) { return Extractor{}, nil }

// Name implements plugin.Plugin.
func (Extractor) Name() string { return Name }

// Version implements plugin.Plugin.
func (Extractor) Version() int { return 0 }

// Requirements implements plugin.Plugin.
func (Extractor) Requirements() *plugin.Capabilities { return &plugin.Capabilities{} }

// FileRequired implements filesystem.Extractor.
func (Extractor) FileRequired(api filesystem.FileAPI) bool {
	p := api.Path()
	return p == "composer/"+Base || strings.HasSuffix(p, "/composer/"+Base)
}

type installed struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Type    string   `json:"type"`
	Licence []string `json:"license"`
}

// Extract implements filesystem.Extractor. Composer 1 wrote a list, and later ones an object with the list in it.
func (Extractor) Extract(_ context.Context, input *filesystem.ScanInput) (inventory.Inventory, error) {
	content, err := io.ReadAll(input.Reader)
	if err != nil {
		return inventory.Inventory{}, err
	}
	var list bounded.List[installed]
	if strings.HasPrefix(strings.TrimSpace(string(content[:min(len(content), 16)])), "[") {
		err = json.Unmarshal(content, &list)
	} else {
		var object struct {
			Packages bounded.List[installed] `json:"packages"`
		}
		err = json.Unmarshal(content, &object)
		list = object.Packages
	}
	if err != nil {
		return inventory.Inventory{}, fmt.Errorf("read what Composer installed: %w", err)
	}
	var out inventory.Inventory
	for _, p := range list {
		// A metapackage has no files of its own: it only names others.
		if p.Name == "" || p.Version == "" || p.Type == "metapackage" {
			continue
		}
		out.Packages = append(out.Packages, &extractor.Package{
			Name: p.Name, Version: p.Version, PURLType: purl.TypeComposer, Licenses: p.Licence, Location: extractor.LocationFromPath(input.Path),
		})
	}
	return out, nil
}

package inventory

import (
	"fmt"
	"io"
	"strings"
	"sync"

	cpb "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/depsjson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/golang/gobinary"
	javaarchive "github.com/google/osv-scalibr/extractor/filesystem/language/java/archive"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/denojson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/electronasar"
	"github.com/google/osv-scalibr/extractor/filesystem/language/javascript/packagejson"
	"github.com/google/osv-scalibr/extractor/filesystem/language/julia/manifesttoml"
	"github.com/google/osv-scalibr/extractor/filesystem/language/lua/luarocks"
	"github.com/google/osv-scalibr/extractor/filesystem/language/nim/nimble"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ocaml/opam"
	"github.com/google/osv-scalibr/extractor/filesystem/language/python/wheelegg"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ruby/gem"
	"github.com/google/osv-scalibr/extractor/filesystem/language/ruby/gemspec"
	"github.com/google/osv-scalibr/extractor/filesystem/language/rust/cargoauditable"
	chromeextensions "github.com/google/osv-scalibr/extractor/filesystem/misc/chrome/extensions"
	"github.com/google/osv-scalibr/extractor/filesystem/misc/vscodeextensions"
	wordpressplugins "github.com/google/osv-scalibr/extractor/filesystem/misc/wordpress/plugins"
	"github.com/google/osv-scalibr/extractor/filesystem/os/apk"
	"github.com/google/osv-scalibr/extractor/filesystem/os/chisel"
	"github.com/google/osv-scalibr/extractor/filesystem/os/cos"
	"github.com/google/osv-scalibr/extractor/filesystem/os/dpkg"
	"github.com/google/osv-scalibr/extractor/filesystem/os/flatpak"
	"github.com/google/osv-scalibr/extractor/filesystem/os/homebrew"
	"github.com/google/osv-scalibr/extractor/filesystem/os/kernel/module"
	"github.com/google/osv-scalibr/extractor/filesystem/os/kernel/vmlinuz"
	"github.com/google/osv-scalibr/extractor/filesystem/os/nix"
	"github.com/google/osv-scalibr/extractor/filesystem/os/pacman"
	"github.com/google/osv-scalibr/extractor/filesystem/os/portage"
	"github.com/google/osv-scalibr/extractor/filesystem/os/rpm"
	"github.com/google/osv-scalibr/extractor/filesystem/os/snap"
	"github.com/google/osv-scalibr/extractor/filesystem/os/spack"
	scalibrlog "github.com/google/osv-scalibr/log"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/composer"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/guard"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/jar"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/licence"
)

// entry is one extractor of the list, with what the dispatcher must know of it.
type entry struct {
	name string
	new  func(*cpb.PluginConfig) (filesystem.Extractor, error)

	// wants bounds the paths the extractor can require. It may be wider than the
	// extractor, which is still asked, never narrower: a test holds this.
	wants rule

	system   bool                   // finds packages of a distribution, which owns files and is owned by none
	licences func([]byte) []string  // reads licences from the same file, where the extractor does not; nil is none
	only     func(path string) bool // a further condition of ours; nil is none
	realPath bool                   // reads a file by its name in the host's file system
	perLayer bool                   // keeps state between files, so each layer needs its own

	// guard refuses a file that the extractor could not read in bounded memory.
	guard func(r io.ReaderAt, size int64, caps guard.Caps) error
}

// extractors is every extractor that is used: all of scalibr's artifact set that
// find installed packages, and from its source set those that read what a package
// manager records on installation.
var extractors = []entry{
	// Operating systems.
	{name: apk.Name, system: true, new: apk.New, wants: rule{bases: []string{"installed"}}},
	{name: chisel.Name, system: true, new: chisel.New, wants: rule{bases: []string{"manifest.wall"}}, guard: func(r io.ReaderAt, size int64, _ guard.Caps) error { return guard.Zstd(r, size) }},
	{name: cos.Name, system: true, new: cos.New, wants: rule{bases: []string{"cos-package-info.json"}}},
	{name: dpkg.Name, system: true, new: dpkg.New, wants: rule{bases: []string{"status"}, prefixes: []string{"var/lib/dpkg/status.d/"}}},
	{name: flatpak.Name, system: true, new: flatpak.New, wants: rule{exts: []string{".xml"}}},
	{name: homebrew.Name, new: homebrew.New, wants: rule{exts: []string{".json", ".sh", ".properties", ".app"}}},
	{name: module.Name, new: module.New, wants: rule{exts: []string{".ko"}}},
	{name: vmlinuz.Name, new: vmlinuz.New, wants: rule{prefixes: []string{"boot/"}}},
	{name: nix.Name, system: true, new: nix.New, wants: rule{prefixes: []string{"nix/store/"}}, perLayer: true},
	{name: pacman.Name, system: true, new: pacman.New, wants: rule{prefixes: []string{"var/lib/pacman/local/"}}},
	{name: portage.Name, system: true, new: portage.New, wants: rule{prefixes: []string{"var/db/pkg/"}}},
	{name: rpm.Name, system: true, new: rpm.New, wants: rule{bases: []string{"Packages", "Packages.db", "rpmdb.sqlite"}}, realPath: true},
	{name: snap.Name, system: true, new: snap.New, wants: rule{exts: []string{".yaml"}}},
	{name: spack.Name, new: spack.New, wants: rule{bases: []string{"spec.json"}}},

	// Languages.
	{name: cargoauditable.Name, new: cargoauditable.New, wants: rule{executable: true}},
	{name: denojson.Name, new: denojson.New, wants: rule{bases: []string{"deno.json"}}},
	{name: electronasar.Name, new: electronasar.New, wants: rule{bases: []string{"app.asar"}}},
	{name: gem.Name, new: gem.New, wants: rule{exts: []string{".gem"}}},
	{name: gobinary.Name, new: gobinary.New, wants: rule{executable: true}},
	{name: javaarchive.Name, new: jar.New, wants: rule{exts: []string{
		".jar", ".war", ".ear", ".jmod", ".par", ".sar", ".jpi", ".hpi", ".lpkg", ".nar",
	}}, guard: guard.Archive},
	{name: manifesttoml.Name, new: manifesttoml.New, wants: rule{bases: []string{"Manifest.toml"}}},
	{name: packagejson.Name, new: packagejson.New, licences: licence.PackageJSON, wants: rule{bases: []string{"package.json"}}},
	{name: wheelegg.Name, new: wheelegg.New, licences: licence.PythonMetadata, wants: rule{
		bases: []string{"PKG-INFO", "METADATA"}, exts: []string{".egg-info", ".egg", ".whl"},
	}, guard: guard.Archive},

	// Languages, from the source set: records that an installation leaves behind.
	{name: depsjson.Name, new: depsjson.New, wants: rule{exts: []string{".json"}}},
	// Only specifications/ holds what is installed. The specification a gem carries
	// among its own files mostly computes its version and cannot be read.
	{name: gemspec.Name, new: gemspec.New, licences: licence.Gemspec, wants: rule{exts: []string{".gemspec"}}, only: installedGem},
	{name: luarocks.Name, new: luarocks.New, wants: rule{exts: []string{".rockspec"}}},
	{name: composer.Name, new: composer.New, wants: rule{bases: []string{composer.Base}}},
	{name: nimble.Name, new: nimble.New, wants: rule{exts: []string{".nimble"}}},
	{name: opam.Name, new: opam.New, wants: rule{bases: []string{"install"}}},

	// Applications.
	{name: chromeextensions.Name, new: chromeextensions.New, wants: rule{exts: []string{".json"}}},
	{name: vscodeextensions.Name, new: vscodeextensions.New, wants: rule{bases: []string{"extensions.json"}}},
	{name: wordpressplugins.Name, new: wordpressplugins.New, wants: rule{exts: []string{".php"}}},
}

// excluded names the extractors of scalibr's artifact set that are not used, with
// the reason. Those that are not for packages at all are named by prefix, ending in
// a slash.
var excluded = map[string]string{
	"secrets/":              "finds credentials, not packages",
	"sensitiveinformation/": "finds personal data, not packages",
	"embeddedfs/":           "looks for file systems within files; an image's own file system is its layers",
	"containers/":           "names images that files or a container runtime mention, not what this image contains",

	// A document found lying in an image says what its author described, often a
	// build or another system, and nothing ties it to the files beside it.
	"sbom/cdx":  "describes other things than the image it lies in",
	"sbom/spdx": "describes other things than the image it lies in",

	"dotnet/pe":       "is for Windows hosts; it names assemblies, not NuGet packages, so no advisory could match",
	"javascript/vsix": "files editor extensions under npm, where other packages have their names",
	"misc/netscaler":  "finds an appliance's version for a detector and gives it no package type",
	"os/chocolatey":   "is for Windows hosts",
	"os/winget":       "is for Windows hosts",
	"os/macapps":      "is for macOS hosts",
	"os/macports":     "is for macOS hosts",
	"ffa/":            "collects hashes of unknown binaries for a look-up service",
	"runtime/asdf":    "names tools that are to be installed, not installed ones",
	"os/bazelmaven":   "names what a build fetches, not what is installed",
}

func installedGem(path string) bool {
	return strings.HasPrefix(path, "specifications/") || strings.Contains(path, "/specifications/")
}

// config sets scalibr's own caps: one size for all extractors, so that no default
// of one of them skips a file without a word.
func config(limits Limits) *cpb.PluginConfig {
	noHash := false
	return &cpb.PluginConfig{
		MaxFileSizeBytes: limits.FileBytes,
		PluginSpecific: []*cpb.PluginSpecificConfig{
			{Config: &cpb.PluginSpecificConfig_JavaArchive{JavaArchive: &cpb.JavaArchiveConfig{
				MaxFileSizeBytes: limits.FileBytes,
				MaxOpenedBytes:   limits.ArchiveBytes,
				MaxZipDepth:      int32(limits.ArchiveDepth),
				HashJars:         &noHash,
			}}},
			// The state of a package is judged here (see dpkgPresent).
			{Config: &cpb.PluginSpecificConfig_Dpkg{Dpkg: &cpb.DpkgConfig{
				MaxFileSizeBytes: limits.FileBytes, IncludeNotInstalled: true,
			}}},
		},
	}
}

// silence is scalibr's logger. What matters of an extraction comes back as an
// error; the rest, such as a missing os-release, is expected here.
type silence struct{}

func (silence) Errorf(string, ...any) {}
func (silence) Error(...any)          {}
func (silence) Warnf(string, ...any)  {}
func (silence) Warn(...any)           {}
func (silence) Infof(string, ...any)  {}
func (silence) Info(...any)           {}
func (silence) Debugf(string, ...any) {}
func (silence) Debug(...any)          {}

var silenceOnce = sync.OnceFunc(func() { scalibrlog.SetLogger(silence{}) })

// build makes the extractors of entries for which keep is true; the others are nil.
func build(cfg *cpb.PluginConfig, into []filesystem.Extractor, keep func(entry) bool) error {
	for i, e := range extractors {
		if !keep(e) {
			continue
		}
		x, err := e.new(cfg)
		if err != nil {
			return fmt.Errorf("make extractor %s: %w", e.name, err)
		}
		into[i] = x
	}
	return nil
}

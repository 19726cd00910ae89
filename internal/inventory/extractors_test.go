package inventory

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsnest-sec/crowsnest/internal/inventory/filekind"
	"github.com/crowsnest-sec/crowsnest/internal/inventory/pathset"
	"github.com/google/go-cmp/cmp"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/list"
)

// The list must say something of every artifact extractor, so that a new version of
// the library cannot bring one that is silently not used.
func TestEveryArtifactExtractorIsDecidedOn(t *testing.T) {
	used := map[string]bool{}
	for _, e := range extractors {
		if used[e.name] {
			t.Errorf("%s is in the list twice", e.name)
		}
		used[e.name] = true
		if reason(e.name) != "" {
			t.Errorf("%s is both used and excluded", e.name)
		}
	}
	for name := range list.Artifact {
		if !used[name] && reason(name) == "" {
			t.Errorf("%s is neither used nor excluded", name)
		}
	}
	for name := range excluded {
		if !slices.ContainsFunc(artifactNames(), func(a string) bool {
			return a == name || strings.HasSuffix(name, "/") && strings.HasPrefix(a, name)
		}) {
			t.Errorf("%s is excluded but not there", name)
		}
	}
}

func artifactNames() []string {
	var out []string
	for name := range list.Artifact {
		out = append(out, name)
	}
	return out
}

func reason(name string) string {
	if r := excluded[name]; r != "" {
		return r
	}
	return excluded[name[:strings.IndexByte(name, '/')+1]]
}

// The name of each entry must be that of the extractor it makes, since problems name it.
func TestExtractorNames(t *testing.T) {
	all := allExtractors(t)
	for i, e := range extractors {
		if got := all[i].Name(); got != e.name {
			t.Errorf("entry %s makes extractor %s", e.name, got)
		}
	}
}

func allExtractors(t testing.TB) []filesystem.Extractor {
	t.Helper()
	silenceOnce()
	all := make([]filesystem.Extractor, len(extractors))
	if err := build(config(DefaultLimits()), all, func(entry) bool { return true }); err != nil {
		t.Fatal(err)
	}
	return all
}

// askAll is what the dispatcher must equal: every extractor asked.
func askAll(all []filesystem.Extractor, f *filekind.File) []int {
	out := []int{}
	for i, x := range all {
		if only := extractors[i].only; (only == nil || only(f.Path())) && x.FileRequired(f) {
			out = append(out, i)
		}
	}
	return out
}

// dispatched asks the dispatcher. Extractors with a memory are made anew, so that
// both sides see a path for the first time.
func dispatched(t testing.TB, d *dispatcher, f *filekind.File) (got, want []int) {
	got, _ = d.wanted([]int{}, forgetful(t), f)
	slices.Sort(got)
	return got, askAll(forgetful(t), f)
}

var sharedExtractors []filesystem.Extractor

// forgetful returns all extractors, those that keep state made anew.
func forgetful(t testing.TB) []filesystem.Extractor {
	if sharedExtractors == nil {
		sharedExtractors = allExtractors(t)
	}
	all := slices.Clone(sharedExtractors)
	if err := build(config(DefaultLimits()), all, func(e entry) bool { return e.perLayer }); err != nil {
		t.Fatal(err)
	}
	return all
}

// wantedPaths has at least one path for every extractor of the list.
var wantedPaths = map[string][]string{
	"os/apk":              {"lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/apk/db/installed"},
	"os/chisel":           {"var/lib/chisel/manifest.wall"},
	"os/cos":              {"etc/cos-package-info.json"},
	"os/dpkg":             {"var/lib/dpkg/status", "usr/lib/opkg/status", "var/lib/dpkg/status.d/tzdata"},
	"os/flatpak":          {"var/lib/flatpak/app/org.x/current/active/export/share/metainfo/org.x.metainfo.xml"},
	"os/homebrew":         {"home/linuxbrew/.linuxbrew/Cellar/jq/1.7/INSTALL_RECEIPT.json"},
	"os/kernel/module":    {"lib/modules/6.1/kernel/a.ko"},
	"os/kernel/vmlinuz":   {"boot/vmlinuz-6.1.0-18-amd64"},
	"os/nix":              {"nix/store/1ddf3x30m0z6kknmrmapsc7liz8npi1w-perl-5.38.2/bin/ptar"},
	"os/pacman":           {"var/lib/pacman/local/bash-5.2-1/desc"},
	"os/portage":          {"var/db/pkg/app-shells/bash-5.2/PF"},
	"os/rpm":              {"var/lib/rpm/Packages", "usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/Packages.db"},
	"os/snap":             {"snap/core/123/meta/snap.yaml"},
	"os/spack":            {"opt/spack/linux/zlib-1/.spack/spec.json"},
	"rust/cargoauditable": {"usr/bin/rg", "usr/lib/libx.so.1"},
	"go/binary":           {"usr/bin/kubectl", "app/server.exe"},
	"javascript/denojson": {"app/deno.json"},

	"javascript/electronasar": {"opt/app/resources/app.asar"},
	"ruby/gem":                {"usr/share/cache/rack-2.gem"},
	"java/archive":            {"app/a.jar", "app/B.WAR"},
	"julia/manifesttoml":      {"app/Manifest.toml"},
	"javascript/packagejson":  {"app/node_modules/@a/b/package.json"},
	"python/wheelegg":         {"usr/lib/python3/a-1.dist-info/METADATA", "x/a.egg-info", "x/EGG-INFO/PKG-INFO", "x/a.whl"},
	"dotnet/depsjson":         {"app/web.deps.json"},
	"ruby/gemspec":            {"usr/lib/ruby/gems/3/specifications/rack-2.gemspec"},
	"lua/luarocks":            {"usr/local/lib/luarocks/rocks-5.3/a/1-1/a-1-1.rockspec"},
	"php/composerinstalled":   {"app/vendor/composer/installed.json"},
	"nim/nimble":              {"root/.nimble/pkgs2/a-1/a.nimble"},
	"ocaml/opam":              {"root/.opam/default/.opam-switch/install"},
	"chrome/extensions":       {"root/google-chrome/Default/Extensions/" + strings.Repeat("a", 32) + "/1/manifest.json"},
	"vscode/extensions":       {"root/.vscode/extensions/extensions.json"},
	"wordpress/plugins":       {"var/www/wp-content/plugins/a/a.php"},
}

func TestEveryExtractorIsReached(t *testing.T) {
	d := newDispatcher()
	for i, e := range extractors {
		if len(wantedPaths[e.name]) == 0 {
			t.Errorf("no path for %s in the table of this test", e.name)
		}
		for _, p := range wantedPaths[e.name] {
			got, want := dispatched(t, d, described(p, 0o755))
			if !slices.Contains(want, i) {
				t.Errorf("%s does not want %s, contrary to the table of this test", e.name, p)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: dispatched differently (-all asked +dispatched):\n%s", p, diff)
			}
		}
	}
}

// The dispatcher must choose as asking all does, also for paths made of the parts
// that extractors look at.
func TestDispatchEqualsAskingAll(t *testing.T) {
	d := newDispatcher()
	parts := map[string]bool{"": true, "a": true, ".": true, "x.y": true, "UPPER": true, "ns.conf": true}
	for _, all := range wantedPaths {
		for _, p := range all {
			for _, part := range strings.Split(p, "/") {
				parts[part] = true
				if at := strings.LastIndexByte(part, '.'); at >= 0 {
					parts[part[at:]], parts["q"+part[at:]], parts[strings.ToUpper(part)] = true, true, true
				}
			}
		}
	}
	var dirs []string
	for _, all := range wantedPaths {
		for _, p := range all {
			for p != "" {
				p = strings.TrimSuffix(p[:max(strings.LastIndexByte(p, '/'), 0)], "/")
				dirs = append(dirs, p)
			}
		}
	}
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	n := 0
	for _, dir := range dirs {
		for base := range parts {
			for _, mode := range []fs.FileMode{0o644, 0o755} {
				p := strings.TrimPrefix(dir+"/"+base, "/")
				n++
				got, want := dispatched(t, d, described(p, mode))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%q: dispatched differently (-all asked +dispatched):\n%s", p, diff)
				}
			}
		}
	}
	if n < 10_000 {
		t.Errorf("only %d paths were compared", n)
	}
}

func FuzzDispatch(f *testing.F) {
	for _, all := range wantedPaths {
		for _, p := range all {
			f.Add(p, false)
			f.Add(p, true)
		}
	}
	d := newDispatcher()
	f.Fuzz(func(t *testing.T, name string, executable bool) {
		p := pathset.Clean(name)
		if p == "" {
			return
		}
		mode := fs.FileMode(0o644)
		if executable {
			mode = 0o755
		}
		got, want := dispatched(t, d, described(p, mode))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: dispatched differently (-all asked +dispatched):\n%s", p, diff)
		}
	})
}

func described(p string, mode fs.FileMode) *filekind.File {
	f := filekind.NewFile(p, 100, mode, time.Time{})
	return &f
}
